"""``save`` and ``load``: a model as a file, with its architecture as JSON and its weights as safetensors."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, TypeAlias, TypeVar, get_args, get_origin, overload

import numpy as np

from autograd.backends import library_of, numpy_dtype
from nn import activations, layers, losses, safetensors
from nn._types import Array, PathLike, State, Tree
from nn.containers import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from nn.kinds import is_value_array, to_numpy
from nn.layers.linear import Linear
from nn.mlp import MLP
from nn.module import Module
from nn.nested import packed, unpacked
from nn.options import check_options
from nn.parameter import Parameter

__all__ = ["load", "save"]

M = TypeVar("M", bound=Module)
T = TypeVar("T")
Entry: TypeAlias = State  # An entry of the architecture describes a module.

# `load` builds these classes and looks up no other name, so that a file cannot make it run other code.
_CLASSES: dict[str, type[Module]] = {
    kind.__name__: kind
    for kind in (
        Linear,
        MLP,
        Sequential,
        ModuleList,
        ModuleDict,
        ParameterList,
        ParameterDict,
        *(vars(m)[n] for m in (activations, layers, losses) for n in m.__all__),
    )
    if isinstance(kind, type)
}


def _recurrent_count(gates: int) -> Callable[[State], int]:
    def count(a: State) -> int:
        h, layers, directions = a["hidden_size"], a.get("num_layers", 1), 1 + a.get("bidirectional", False)
        inputs = a["input_size"] + (layers - 1) * directions * h  # of all layers together
        return int(gates * h * directions * (inputs + layers * (h + 2 * a["bias"])))

    return count


def _kernel_count(axes: int, a: State) -> int:
    kernel = a["kernel_size"] if isinstance(a["kernel_size"], tuple) else (a["kernel_size"],) * axes
    return int(a["out_channels"] * (a["in_channels"] // max(a["groups"], 1) * math.prod(kernel) + a["bias"]))


# The number of parameters and buffers of a module with given arguments; the file must hold as many before it is built.
_PARAMETER_COUNTS: dict[str, Callable[[State], int]] = {
    "Linear": lambda a: a["out_features"] * (a["in_features"] + a["bias"]),
    "Embedding": lambda a: a["num_embeddings"] * a["embedding_dim"],
    **{name: _recurrent_count(1) for name in ("RNN", "RNNCell")},
    **{name: _recurrent_count(4) for name in ("LSTM", "LSTMCell")},
    **{name: _recurrent_count(3) for name in ("GRU", "GRUCell")},
    "MultiheadAttention": lambda a: (
        a["embed_dim"]
        * (2 * a["embed_dim"] + (a["kdim"] or a["embed_dim"]) + (a["vdim"] or a["embed_dim"]) + 4 * a["bias"])
        + 2 * a["embed_dim"] * a["add_bias_kv"]
    ),
    "MLP": lambda a: sum(n * m for n, m in pairwise(a["sizes"])),
    **dict.fromkeys(
        ("BatchNorm1d", "BatchNorm2d"),
        lambda a: a["num_features"] * (a["affine"] * (1 + a["bias"]) + 2 * a["track_running_stats"]),
    ),
    "Conv1d": partial(_kernel_count, 1),
    "Conv2d": partial(_kernel_count, 2),
    "PReLU": lambda a: a["num_parameters"],
    "RMSNorm": lambda a: math.prod(a["normalized_shape"]) * a["elementwise_affine"],
    "LayerNorm": lambda a: math.prod(a["normalized_shape"]) * a["elementwise_affine"] * (1 + a["bias"]),
}
_ARRAYS = ("weight", "pos_weight")  # They are a loss's.
_MAX_DEPTH = 100  # A file nests no more modules within each other.
_DTYPES = ("float32", "float64")


def save(model: Module | Mapping[Any, Any] | Sequence[Any], path: PathLike) -> None:
    """Write a model's architecture and state to a file, in place of what was there, or not at all.

    Parameters
    ----------
    model : Module, dict or list
        The model. :func:`load` rebuilds nn's own modules; for another class, also one derived from those, it takes a
        model to fill. Or a state as :meth:`Module.state_dict` and optimisers give it, and dicts, lists and tuples of
        them, of arrays, numbers, texts and None.
    path : path
        The file; it is safetensors, with the architecture as JSON in its metadata.

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
    if isinstance(model, Module):
        state = model.state_dict()
        for name, x in state.items():
            if library_of(x) is not None:
                state[name] = to_numpy(x)
            elif not isinstance(x, np.ndarray):
                raise TypeError(f"save: {name} is no array; nn.save(model.state_dict(), path) stores such a state")
        description = {"architecture": _architecture(model, {}), "training": model.training}
        safetensors.write(path, state, description)
    elif isinstance(model, (Mapping, list, tuple)):
        arrays: dict[str, Array] = {}
        tree = packed(model, arrays)
        safetensors.write(path, arrays, {"tree": tree})
    else:
        raise TypeError(f"save: pass a module, or a dict or list of arrays, not {type(model).__name__}")


@overload
def load(
    path: PathLike, model: M, *, verify: bool = ..., map_location: object = ..., weights_only: object = ...
) -> M: ...
@overload
def load(
    path: PathLike, model: None = ..., *, verify: bool = ..., map_location: object = ..., weights_only: object = ...
) -> Module | Tree: ...
def load(
    path: PathLike, model: Module | None = None, *, verify: bool = True, map_location: object = None,
    weights_only: object = None,
) -> Module | Tree:  # fmt: skip
    """The model in a file that :func:`save` wrote; nothing in the file is run as code.

    Parameters
    ----------
    path : path
        The file; with `model` also a safetensors file of other origin, such as PyTorch's.
    model : Module, optional
        A model to set to the saved state instead of building one, for classes that are not nn's own.
    verify : bool
        Whether to compare the file's checksum; False reads a file that was edited on purpose.
    map_location, weights_only : object
        PyTorch's; they change nothing, and the first can only be the CPU.

    Returns
    -------
    Module, dict or list
        `model` itself, or the model that was built, in the mode in which it was saved; or the state that was saved.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is truncated, damaged or changed (a single bit is enough) or of another kind, holds a class that is not
        nn's own (and no model is passed), or does not fit the model.

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
    del weights_only
    check_options("load", map_location=map_location)
    if model is not None and not isinstance(model, Module):
        raise TypeError(f"load: pass a module to fill, not {type(model).__name__}")
    state, description = safetensors.read(path, verify, "; nn.load(path, verify=False) takes it as it is")
    if description is not None and "tree" in description:
        state = _unpacked(path, state, description["tree"])
        if model is None:
            return state
    elif description is not None and "architecture" not in description:
        raise ValueError(f"{path} holds no model by nn.save; a checkpoint is read by nn.fit(..., resume=path)")
    if model is None:
        model = _build_model(path, state, description)
    try:
        model.load_state_dict(_with_tied_names(model, state) if isinstance(state, dict) else state)
    except ValueError as error:
        raise ValueError(f"{path} does not fit the model: {safetensors.short(error, 2000)}") from None
    return model


def _with_tied_names(model: Module, state: State) -> State:
    """A state in which each tied weight has all of its names, one of which is enough in a file."""
    own = model._state()
    there = {id(own[name]): x for name, x in state.items() if name in own}
    return {name: there[id(x)] for name, x in own.items() if id(x) in there} | state


def _unpacked(path: PathLike, arrays: Mapping[str, Array], tree: object) -> Tree:
    """What :func:`save` wrote of a dict or a list."""
    try:
        return unpacked(tree, arrays)
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: it holds no dict or list ({safetensors.short(error)})") from error


def _build_model(path: PathLike, state: Mapping[str, Array], description: State | None) -> Module:
    """A model of the architecture in a file; its numbers are not set yet."""
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
            f"{path} holds a {safetensors.short(error)}, which is not one of nn's own modules: make one and pass it, "
            f"nn.load(path, model)"
        ) from None
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: its architecture cannot be built ({safetensors.short(error)})") from error


class _UnknownClassError(Exception):
    pass


def _architecture(module: Module, numbers: dict[Module, int], depth: int = 0) -> Entry:
    """A module as its class's name, its constructor's arguments, and the modules that it contains by number.

    `numbers` holds the modules that are described already; one that occurs again is a reference to its number.
    """
    if module in numbers:
        return {"shared": numbers[module]}
    if depth > _MAX_DEPTH:
        raise ValueError(f"save: there are more than {_MAX_DEPTH} modules within each other")
    kind = type(module)
    if _CLASSES.get(kind.__name__) is not kind:  # A user's class may have the name of one of nn's.
        entry: Entry = {"class": f"{kind.__module__}.{kind.__qualname__}"}
    else:
        own = [x for x in vars(module).values() if isinstance(x, Parameter) or is_value_array(x)]
        entry = {"class": kind.__name__, "arguments": module.arguments(), "scalar": any(map(is_value_array, own))}
        arrays = [*own, *(x for _, x in module._own_buffers())]
        if arrays and numpy_dtype(arrays[0]) == np.float32 and "dtype" in _parameters(kind.__name__):
            entry["arguments"]["dtype"] = "float32"
        if isinstance(module, (Sequential, ModuleList, ModuleDict)):
            children = dict(module._submodules())
            entry["modules"] = [_architecture(child, numbers, depth + 1) for child in children.values()]
            if list(children) != [*map(str, range(len(children)))]:
                entry["names"] = list(children)
        elif isinstance(module, (ParameterList, ParameterDict)):
            entry["parameters"] = [[name, x.shape, str(numpy_dtype(x))] for name, x in module._own_weights()]
    numbers[module] = len(numbers)
    return entry


class _Builder:
    """The modules of an architecture that are built so far, and how many of the file's numbers are left for the rest.

    Every value is checked before it is used, because a file may hold anything.
    """

    def __init__(self, size: int) -> None:
        self.size = self.left = size
        self.modules: list[Module] = []

    def module(self, entry: object, depth: int = 0) -> Module:
        """The module of an entry that :func:`_architecture` made."""
        if not isinstance(entry, dict):
            raise TypeError(f"a module is {type(entry).__name__}")
        if depth > _MAX_DEPTH:
            raise ValueError(f"more than {_MAX_DEPTH} modules within each other")
        if "shared" in entry:
            number = entry["shared"]
            if type(number) is not int or not 0 <= number < len(self.modules):
                raise ValueError("a module is shared that is not there")
            return self.modules[number]
        name = entry["class"]
        if not isinstance(name, str) or name not in _CLASSES:
            raise _UnknownClassError(name[-80:] if isinstance(name, str) else type(name).__name__)
        module = self._construct(_CLASSES[name], _constructor_arguments(_CLASSES[name], entry["arguments"]))
        if isinstance(module, (Sequential, ModuleList, ModuleDict)):
            children = _expect(list, "modules", entry["modules"])
            names = _expect(list, "names", entry.get("names", [*map(str, range(len(children)))]))
            for child_name, child in zip(names, children, strict=True):
                module.add_module(child_name, self.module(child, depth + 1))
        elif isinstance(module, (ParameterList, ParameterDict)):
            items = {key: self._zeros(shape, dtype) for key, shape, dtype in entry["parameters"]}
            module.update(items) if isinstance(module, ParameterDict) else module.extend(items.values())
        if _expect(bool, "scalar", entry["scalar"]):
            module.to_scalars()
        self.modules.append(module)
        return module

    def _zeros(self, shape: list[int], dtype: str) -> Parameter:
        """A parameter of an entry, if the file has enough numbers left for it."""
        size = math.prod(shape)
        if size > self.left or min(shape, default=0) < 0:
            raise ValueError("a parameter larger than the weights in the file")
        self.left -= size
        return Parameter(np.zeros(shape), dtype="float32" if dtype == "float32" else "float64")

    def _construct(self, kind: type[Module], arguments: State) -> Module:
        """A module without those that it contains, if the file has enough numbers left for it."""
        size = _PARAMETER_COUNTS[kind.__name__](arguments) if kind.__name__ in _PARAMETER_COUNTS else 0
        if size > (self.size if kind is MLP else self.left):  # The class itself refuses a negative size.
            raise ValueError(
                f"a {kind.__name__} larger than the weights in the file; if it shares them with another module, make "
                f"the model and pass it, nn.load(path, model)"
            )
        if kind is MLP:
            return _empty_mlp(arguments)
        self.left -= size
        return kind(**arguments)


def _empty_mlp(arguments: State) -> MLP:
    """An MLP without layers, for those in the file: a user may have replaced layers since it was made."""
    if len(arguments["sizes"]) < 2:
        raise ValueError("an MLP of one size")
    for name in (arguments["activation"], arguments["output"] or "identity"):
        activations.activation(name)
    module = MLP.__new__(MLP)
    vars(module).update({key: arguments[key] for key in ("activation", "output", "sizes", "scalar")})
    return module


def _constructor_arguments(kind: type[Module], saved: object) -> State:
    """All arguments for a class: those of a file, if each has the type that the class takes, and its defaults."""
    parameters = _parameters(kind.__name__)
    defaults = {key: p.default for key, p in parameters.items() if p.default is not p.empty}
    arguments: State = {key: x for key, x in defaults.items() if key != "modules"}
    for key, x in _expect(dict, "arguments", saved).items():
        if key not in parameters or key == "rng" or not _is_acceptable(x, key, parameters[key].annotation):
            raise TypeError(f"{kind.__name__} takes no such {safetensors.short(key, 40)}")
        arguments[key] = tuple(x) if type(x) is list and key not in _ARRAYS else x
        if x is None and parameters[key].annotation is bool:  # A layer without a bias has None as its bias.
            arguments[key] = False
    return arguments


@cache
def _parameters(name: str) -> Mapping[str, inspect.Parameter]:
    """The constructor's parameters of a class; they are cached because a file may have very many modules."""
    return inspect.signature(_CLASSES[name], eval_str=True).parameters


def _is_acceptable(x: object, key: str, annotation: object) -> bool:
    """Whether an argument with that name and annotation can be a value of a file."""
    if key in _ARRAYS:
        return x is None or _is_nested_numbers(x)
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
    if get_origin(annotation) in (tuple, Sequence):
        if type(x) is not list or (key == "normalized_shape" and len(x) > 64):  # NumPy has 64 axes at most.
            return False
        least = -1 if key == "unflattened_size" else int("padding" not in key)
        return all(type(n) is int and n >= least for n in x)
    return annotation in (int, NoneType) and type(x) is annotation


def _is_nested_numbers(x: object) -> bool:
    if type(x) is list:
        return all(map(_is_nested_numbers, x))
    return (type(x) is int or type(x) is float) and math.isfinite(x)


def _expect(kind: type[T], name: str, x: object) -> T:
    if type(x) is not kind:
        raise TypeError(f"{name} is {type(x).__name__}")
    return x
