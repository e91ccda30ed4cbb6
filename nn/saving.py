"""``save`` and ``load``: a model as a file, with its architecture as JSON and its weights as safetensors."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin

from nn import activations, files, layers, losses
from nn.kinds import is_value_array
from nn.linear import Linear
from nn.mlp import MLP
from nn.module import Module
from nn.parameter import Parameter
from nn.sequential import ModuleList, Sequential

__all__ = ["load", "save"]

T = TypeVar("T")

# What `load` builds; a name outside this table is never looked up, so a file cannot make it run other code.
_CLASSES: dict[str, Any] = {
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
_PARAMETER_COUNTS: dict[str, Callable[[Mapping[str, Any]], int]] = {
    "Linear": lambda a: a["out_features"] * (a["in_features"] + a["bias"]),
    "MLP": lambda a: sum(n * m for n, m in pairwise(a["sizes"])),
    "BatchNorm1d": lambda a: 2 * a["num_features"] * (a["affine"] + a["track_running_stats"]),
    "LayerNorm": lambda a: math.prod(a["normalized_shape"]) * a["elementwise_affine"] * (1 + a["bias"]),
}
_MAX_DEPTH = 100  # modules within modules
_DTYPES = ("float32", "float64")


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


def load(path: str | os.PathLike[str], model: Module | None = None, *, verify: bool = True) -> Any:
    """The model in a file that :func:`save` wrote; nothing in the file is run as code.

    Parameters
    ----------
    path : path
        The file; with `model` also a safetensors file of other origin, such as PyTorch's.
    model : Module, optional
        A model to set to the saved state instead of building one; needed for classes that are not nn's own.
    verify : bool
        Whether the file's checksum is compared: only a file that was edited on purpose is read without.

    Returns
    -------
    Module

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is truncated, damaged or changed (a single bit is enough) or of another kind, holds a class that is not
        nn's own (and no model is given), or does not fit the model.

    Examples
    --------
    >>> import tempfile
    >>> from safetensors.numpy import save_file
    >>> import nn
    >>> net = nn.Linear(2, 1, rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_file(net.state_dict(), f"{folder}/foreign.safetensors")
    ...     twin = nn.load(f"{folder}/foreign.safetensors", nn.Linear(2, 1))
    >>> bool((twin.weight.data == net.weight.data).all())
    True
    """
    if model is not None and not isinstance(model, Module):
        raise TypeError(f"load: pass a module to fill, not {type(model).__name__}")
    state, description = files.read(path, verify, "; nn.load(path, verify=False) takes it as it is")
    if description is not None and "architecture" not in description:
        raise ValueError(f"{path} holds no model by nn.save; a checkpoint is read by nn.fit(..., resume=path)")
    if model is None:
        model = _build_model(path, state, description)
    try:
        model.load_state_dict(state)
    except ValueError as error:
        raise ValueError(f"{path} does not fit the model: {files.short(error, 2000)}") from None
    return model


def _build_model(path: Any, state: Mapping[str, Any], description: Mapping[str, Any] | None) -> Module:
    """A model of the architecture in a file, its numbers still to be filled in."""
    if description is None:
        raise ValueError(
            f"{path} is a safetensors file of other origin, without an architecture: make the model and pass it, "
            f"nn.load(path, model)"
        )
    try:
        model = _Builder(sum(a.size for a in state.values())).module(description["architecture"])
        if type(description["training"]) is not bool:
            raise TypeError(f"training is {type(description['training']).__name__}")
        return model.train(description["training"])
    except _UnknownClassError as error:
        raise ValueError(
            f"{path} holds a {files.short(error)}, which is not one of nn's own modules: make one and pass it, "
            f"nn.load(path, model)"
        ) from None
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: its architecture cannot be built ({files.short(error)})") from error


class _UnknownClassError(Exception):
    pass


def _architecture(module: Module, places: dict[Module, int], depth: int = 0) -> dict[str, Any]:
    """A module as class name, constructor's arguments, and those modules that it contains by number.

    `places` numbers the modules that are described already: one that is met again is a reference to the first.
    """
    if module in places:
        return {"shared": places[module]}
    if depth > _MAX_DEPTH:
        raise ValueError(f"save: there are more than {_MAX_DEPTH} modules within each other")
    kind = type(module)
    if _CLASSES.get(kind.__name__) is not kind:  # of one's own, perhaps with the name of one of nn's
        entry: dict[str, Any] = {"class": f"{kind.__module__}.{kind.__qualname__}"}
    else:
        own = [x for x in vars(module).values() if isinstance(x, Parameter) or is_value_array(x)]
        entry = {"class": kind.__name__, "arguments": module.arguments(), "scalar": any(is_value_array(x) for x in own)}
        held = [*own, *(getattr(module, name) for name in module.buffer_names)]
        dtypes = [str(x.dtype) for x in held if x is not None]
        if "float32" in dtypes[:1]:
            entry["arguments"]["dtype"] = "float32"
        if isinstance(module, (Sequential, ModuleList)):
            entry["modules"] = [_architecture(child, places, depth + 1) for child in module]
    places[module] = len(places)
    return entry


class _Builder:
    """What was built so far of an architecture, and how many of the file's numbers are left for the rest.

    Every value is looked at before anything is made of it: a file may say what it likes.
    """

    def __init__(self, numbers: int) -> None:
        self.numbers = self.left = numbers
        self.made: list[Module] = []

    def module(self, entry: Any, depth: int = 0) -> Module:
        """The module of an entry of :func:`_architecture`."""
        if not isinstance(entry, dict):
            raise TypeError(f"a module is {type(entry).__name__}")
        if depth > _MAX_DEPTH:
            raise ValueError(f"more than {_MAX_DEPTH} modules within each other")
        if "shared" in entry:
            place = entry["shared"]
            if type(place) is not int or not 0 <= place < len(self.made):
                raise ValueError("a module is shared that is not there")
            return self.made[place]
        name = entry["class"]
        if not isinstance(name, str) or name not in _CLASSES:
            raise _UnknownClassError(name[-80:] if isinstance(name, str) else type(name).__name__)
        module = self._construct(_CLASSES[name], _constructor_arguments(_CLASSES[name], entry["arguments"]))
        if isinstance(module, (Sequential, ModuleList)):
            for place, child in enumerate(_expect(list, "modules", entry["modules"])):
                setattr(module, str(place), self.module(child, depth + 1))
        if _expect(bool, "scalar", entry["scalar"]):
            module.to_scalars()
        self.made.append(module)
        return module

    def _construct(self, kind: Any, arguments: dict[str, Any]) -> Module:
        """A module without those that it contains, not larger than what is left in the file."""
        size = _PARAMETER_COUNTS[kind.__name__](arguments) if kind.__name__ in _PARAMETER_COUNTS else 0
        if size > (self.numbers if kind is MLP else self.left):  # below 0 the class refuses it
            raise ValueError(
                f"a {kind.__name__} larger than the weights in the file; if it shares them with another module, make "
                f"the model and pass it, nn.load(path, model)"
            )
        if kind is MLP:
            return _empty_mlp(arguments)
        self.left -= size
        return kind(**arguments)  # type: ignore[no-any-return]


def _empty_mlp(arguments: Mapping[str, Any]) -> MLP:
    """An MLP without layers: those in the file are put into it, which may have been exchanged since it was made."""
    if len(arguments["sizes"]) < 2:
        raise ValueError("an MLP of one size")
    for name in (arguments["activation"], arguments["output"] or "identity"):
        activations.activation(name)
    module = MLP.__new__(MLP)
    vars(module).update({key: arguments[key] for key in ("activation", "output", "sizes", "scalar")})
    return module


def _constructor_arguments(kind: Any, given: Any) -> dict[str, Any]:
    """All arguments for a class, those of a file if each is of the type that the class takes, else its defaults."""
    parameters = _parameters(kind)
    arguments = {key: p.default for key, p in parameters.items() if p.default is not p.empty and key != "modules"}
    for key, x in _expect(dict, "arguments", given).items():
        if key not in parameters or key == "rng" or not _is_acceptable(x, key, parameters[key].annotation):
            raise TypeError(f"{kind.__name__} takes no such {files.short(key, 40)}")
        arguments[key] = tuple(x) if key in ("sizes", "normalized_shape") else x
        if x is None and parameters[key].annotation is bool:  # a bias that there is not
            arguments[key] = False
    return arguments


@cache
def _parameters(kind: Any) -> Mapping[str, inspect.Parameter]:
    """What a class of the table takes: looked up once, since a file may have very many modules."""
    return inspect.signature(kind, eval_str=True).parameters


def _is_acceptable(x: Any, key: str, annotation: Any) -> bool:
    """Whether a value of a file is what an argument with that annotation can be."""
    if get_origin(annotation) is UnionType:
        return any(_is_acceptable(x, key, each) for each in get_args(annotation))
    if key == "dtype":
        return x in _DTYPES
    if annotation is bool:
        return type(x) is bool or x is None
    if annotation is str:
        return type(x) is str and len(x) < 100
    if annotation is float:
        return type(x) in (int, float)
    if annotation is Any:  # the weights of a loss
        return x is None or _is_nested_numbers(x)
    if get_origin(annotation) in (tuple, Sequence):
        most = 64 if key == "normalized_shape" else len(x)  # NumPy's arrays have no more axes
        return type(x) is list and len(x) <= most and all(type(n) is int and n > 0 for n in x)
    return annotation in (int, NoneType) and type(x) is annotation


def _is_nested_numbers(x: Any) -> bool:
    return all(map(_is_nested_numbers, x)) if type(x) is list else type(x) in (int, float) and math.isfinite(x)


def _expect(kind: type[T], name: str, x: Any) -> T:
    if type(x) is not kind:
        raise TypeError(f"{name} is {type(x).__name__}")
    return x
