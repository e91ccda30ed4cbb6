"""``save`` and ``load``: a model as a file, with its architecture as JSON and its weights as safetensors."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from nn import activations, files, layers, losses
from nn.linear import Linear
from nn.mlp import MLP
from nn.module import Module
from nn.nodes import is_scalars
from nn.parameter import Parameter
from nn.sequential import ModuleList, Sequential

__all__ = ["load", "save"]

# What `load` builds; a name outside this table is never looked up, so a file cannot make it run other code.
_BUILT: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        Linear,
        MLP,
        Sequential,
        ModuleList,
        *(vars(m)[n] for m in (activations, layers, losses) for n in m.__all__),
    )
    if isinstance(kind, type)
}
# How many numbers a module allocates, by its arguments: checked against the file before it is built.
_SIZES: dict[str, Callable[[Mapping[str, Any]], int]] = {
    "Linear": lambda a: a["in_features"] * a["out_features"],
    "MLP": lambda a: sum(n * m for n, m in pairwise(a["sizes"])),
    "BatchNorm1d": lambda a: a["num_features"],
    "LayerNorm": lambda a: math.prod(a["normalized_shape"]) if a.get("elementwise_affine", True) else 0,
}


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write a model's architecture and state to a file, in place of what was there, or not at all.

    Parameters
    ----------
    model : Module
        One of nn's own modules is rebuilt by :func:`load`; for another class, also one derived from those, `load` is
        given a model to fill.
    path : path
        Where; the file is safetensors, with the architecture as JSON in its metadata.

    Raises
    ------
    ImportError
        If safetensors is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import nn
    >>> net = nn.MLP([2, 3, 1], "tanh", rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.save(net, f"{folder}/net.safetensors")
    ...     twin = nn.load(f"{folder}/net.safetensors")
    >>> bool((twin([[0.5, 1.0]]).data == net([[0.5, 1.0]]).data).all()), twin.sizes
    (True, (2, 3, 1))
    """
    if not isinstance(model, Module):
        raise TypeError(f"save: pass a module, not {type(model).__name__}")
    description = {"architecture": _architecture(model, {}), "training": model.training}
    files.write(path, model.state_dict(), description)


def load(path: str | os.PathLike[str], model: Module | None = None) -> Any:
    """The model in a file that :func:`save` wrote; nothing in the file is run as code.

    Parameters
    ----------
    path : path
        The file.
    model : Module, optional
        A model to set to the saved state instead of building one; needed for classes that are not nn's own.

    Returns
    -------
    Module

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is truncated, damaged or of another kind, holds a class that is not nn's own (and no model is given), or
        does not fit the model.
    """
    state, description = files.read(path)
    if "architecture" not in description:
        raise ValueError(f"{path} holds no model by nn.save; a checkpoint is read by nn.fit(..., resume=path)")
    if model is None:
        numbers = sum(a.size for a in state.values())
        try:
            model = _built(description["architecture"], numbers, [])
            model.train(bool(description["training"]))
        except _UnknownClassError as error:
            raise ValueError(
                f"{path} holds a {error}, which is not one of nn's own modules: make one and pass it, "
                f"nn.load(path, model)"
            ) from None
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
            raise ValueError(f"{path} is damaged: its architecture cannot be built ({error})") from error
    try:
        model.load_state_dict(state)
    except ValueError as error:
        raise ValueError(f"{path} does not fit the model: {error}") from None
    return model


class _UnknownClassError(Exception):
    pass


def _architecture(module: Module, places: dict[Module, int]) -> dict[str, Any]:
    """A module as class name, constructor's arguments, and those modules that it contains by number.

    `places` numbers the modules that are described already: one that is met again is a reference to the first.
    """
    if module in places:
        return {"shared": places[module]}
    kind = type(module)
    if _BUILT.get(kind.__name__) is not kind:  # of one's own, perhaps with the name of one of nn's
        entry: dict[str, Any] = {"class": f"{kind.__module__}.{kind.__qualname__}"}
    else:
        own = [x for x in vars(module).values() if isinstance(x, Parameter) or is_scalars(x)]
        entry = {"class": kind.__name__, "arguments": module.arguments(), "scalar": any(is_scalars(x) for x in own)}
        if own and isinstance(own[0], Parameter) and own[0].dtype != np.float64:
            entry["arguments"]["dtype"] = str(own[0].dtype)
        if isinstance(module, (Sequential, ModuleList)):
            entry["modules"] = [_architecture(child, places) for child in module]
    places[module] = len(places)
    return entry


def _built(entry: Mapping[str, Any], numbers: int, made: list[Module]) -> Module:
    """The module of an entry of :func:`_architecture`; `made` has those that are built already, by number."""
    if "shared" in entry:
        return made[int(entry["shared"])]
    name = entry["class"]
    if not isinstance(name, str) or name not in _BUILT:
        raise _UnknownClassError(str(name)[-80:])
    arguments = dict(entry["arguments"])
    if name in _SIZES and not 0 <= _SIZES[name](arguments) <= numbers:
        raise ValueError(f"a {name} larger than the weights in the file")
    if "normalized_shape" in arguments:
        arguments["normalized_shape"] = tuple(arguments["normalized_shape"])
    module: Module = _BUILT[name](**arguments)
    for place, child in enumerate(entry.get("modules", ())):  # an MLP's too: its own may have been exchanged
        setattr(module, str(place), _built(child, numbers, made))
    module = module.to_scalars() if entry["scalar"] else module
    made.append(module)
    return module
