"""The three kinds of data that a net computes on, behind one set of functions.

They are a Tensor, a Value, and an object array of Values, which is the matrix of a net whose every weight is a node of
its own. autograd's functions and operators work on the last element by element; NumPy reduces it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeGuard, cast, overload

import numpy as np

import autograd
from autograd import Tensor, Value
from autograd.backends import Destination, library_of, moved, numpy_dtype
from autograd.compiler import afterwards, keeps_effects
from nn._types import Array, ArrayLike, Axis, Input, Node, Operand, ValueArray, X
from nn.host import as_numpy
from nn.parameter import Parameter

__all__ = [
    "as_input",
    "as_node",
    "as_numbers",
    "as_target",
    "assign",
    "astype",
    "at_least",
    "check",
    "concatenate",
    "constant", "copied",
    "dtype_refusal",
    "is_value_array",
    "log_softmax",
    "mean",
    "observe", "on_library",
    "parts",
    "representable",
    "requires_grad",
    "result_dtype",
    "stack",
    "sum",
    "to_numpy",
    "to_python",
    "to_real_numpy",
    "to_value_array",
    "unchecked",
    "zero_gradient",
]  # fmt: skip


def is_value_array(x: object) -> TypeGuard[ValueArray]:
    """Whether `x` is an object array of Values."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "O"  # a comparison of dtypes takes three times as long


def to_value_array(p: Parameter, name: str) -> ValueArray:
    """The object array of Values that replaces a parameter; each is labelled with its index, ``weight[0,1]``."""
    cells = np.empty(p.shape, object)
    for index, x in np.ndenumerate(p.data):
        cells[index] = Value(x, f"{name}[{','.join(map(str, index))}]" if index else name, p.requires_grad)
    return cells


def as_node(x: Input, like: Tensor | None = None) -> Operand:
    """`x` itself if it is a node or an object array of Values, else a constant node: where `like` is, in its dtype."""
    if isinstance(x, (Tensor, Value)) or is_value_array(x):
        return x
    if like is not None:
        if (library := library_of(like)) is not None:
            return _on_library(library, x, like)
        x = as_numpy(x)
    if isinstance(x, tuple) and x and isinstance(x[0], Tensor):
        raise TypeError("a tuple of nodes comes in, as a recurrent layer's (output, state); pass its first part, x[0]")
    if hasattr(x, "to_numpy"):  # A table of pandas or polars.
        x = table = cast(Array, x.to_numpy())
        if table.dtype.kind not in "fiub":
            raise TypeError(f"the table holds {table.dtype}, not numbers only; leave out or encode columns of texts")
    node = Tensor(cast(ArrayLike, x), requires_grad=False)
    if like is None or like.dtype == node.dtype:
        return node
    return Tensor(node.data, requires_grad=False, dtype=like.dtype)


def _on_library(library: X, x: X, like: Tensor, floats_only: bool = False) -> Tensor:
    """A constant on the arrays of a library, on the device of a node and in its dtype."""
    if library_of(x) is library and x.dtype == like.dtype:
        return Tensor(x, requires_grad=False)
    to = Destination(library, library.device(like.data), numpy_dtype(like))
    if library_of(x) is None:
        x = np.asarray(x.to_numpy() if hasattr(x, "to_numpy") else as_numpy(x))
        x = moved(x if floats_only or x.dtype.kind not in "iub" else x.astype(to.dtype), to)
    node = Tensor(x, requires_grad=False)
    if numpy_dtype(node) == to.dtype or (floats_only and numpy_dtype(node).kind != "f"):
        return node
    return Tensor(node.data, requires_grad=False, dtype=like.dtype)


def as_target(x: Input, like: Operand) -> X:
    """A target as a node where a prediction is, or as an array of NumPy's; integers stay integers."""
    if isinstance(x, Tensor):
        return x
    library = None if is_value_array(like) else library_of(like)
    return to_numpy(x) if library is None else _on_library(library, x, cast(Tensor, like), floats_only=True)


def as_input(x: Input, weight: Tensor | Array) -> Operand:
    """`x` as an operand of that weight: a node, or in a net of Values an array of numbers or of Values."""
    if not is_value_array(weight):
        if isinstance(x, Tensor):
            if x.requires_grad or x.op is None or library_of(x) is not None or (on := library_of(weight)) is None:
                return x
            return _on_library(on, x.numpy(), cast(Tensor, weight))  # a layer without weights made it of plain data
        if is_value_array(x):
            raise TypeError("an object array of Values meets array parameters; make a scalar net: model.to_scalars()")
        return as_node(x, cast(Tensor, weight))
    if isinstance(x, Tensor):
        raise TypeError("a scalar net computes with Values: pass it an array of numbers or of Values, not a Tensor")
    if isinstance(x, (list, tuple)) and any(isinstance(a, Value) for a in x):
        return np.array(x, object)
    return x if is_value_array(x) else np.asarray(as_numpy(x), float)


def as_numbers(x: X) -> X:
    """A list or tuple of numbers as an array; anything else as it is."""
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def to_numpy(x: object) -> Array:
    """The numbers in a node, an object array of Values, or an array, also of another library."""
    if is_value_array(x):
        return np.array([v.data if isinstance(v, Value) else v for v in x.flat]).reshape(x.shape)
    if isinstance(x, Tensor) and library_of(x) is not None:
        return x.numpy()
    return np.asarray(as_numpy(x.data if isinstance(x, (Tensor, Value)) else x))


def copied(x: object) -> Array:
    """A copy of the numbers in a node, an object array of Values, or an array: of NumPy's, or of the library's own."""
    if (library := library_of(x)) is None:
        return to_numpy(x).copy()
    numbers: Array = library.copy(x.data if isinstance(x, Tensor) else x)
    return numbers


def on_library(values: X, like: X) -> X:
    """Numbers as an array of a library, in the dtype and on the device of one of its arrays."""
    library = library_of(like)
    return moved(to_numpy(values).astype(numpy_dtype(like)), Destination(library, library.device(like)))


_UNCHECKED: ContextVar[bool] = ContextVar("unchecked", default=False)


@contextmanager
def unchecked() -> Iterator[None]:
    """A block in which no value is fetched from a library to be checked: the device need not be waited for."""
    token = _UNCHECKED.set(True)
    try:
        yield
    finally:
        _UNCHECKED.reset(token)


def check(call: Callable[..., object], *xs: object) -> None:
    """Call a function that raises an error with the numbers in each of `xs`, as :func:`observe` does.

    On a library it is not called where values cannot be read, or need not be.
    """
    libraries = [(library, x) for x in xs if (library := library_of(x)) is not None]
    if not libraries:
        observe(call, *xs)
    elif not _UNCHECKED.get() and (
        keeps_effects() or not any(library.traced(getattr(x, "data", x)) for library, x in libraries)
    ):
        afterwards(lambda *data: call(*map(to_numpy, data)), *xs)


def observe(call: Callable[..., object], *xs: object) -> None:
    """Call a function with the numbers in each of `xs`: at once, and where a step is compiled in each of its runs."""
    if all(isinstance(x, Tensor) for x in xs):
        afterwards(call, *xs)
    else:
        call(*map(to_numpy, xs))


def astype(x: Tensor | Array, dtype: np.dtype[np.generic]) -> Tensor | Array:
    """A node or an array in another dtype."""
    return x.astype(dtype) if isinstance(x, np.ndarray) else autograd.astype(x, dtype)


def result_dtype(x: Operand) -> X:
    """The dtype of what is calculated with `x`, under NumPy's name: of an object array of Values float64."""
    return numpy_dtype(x) if isinstance(x, Tensor) else np.dtype(float)


def concatenate(xs: Sequence[Operand], axis: int) -> Operand:
    """Nodes, or object arrays of Values, one after the other along `axis`."""
    joined: Operand = (np if is_value_array(xs[0]) else autograd).concatenate(xs, axis)
    return joined


def parts(x: X, n: int, axis: int = -1) -> list[X]:
    """The `n` equal parts of a node or array along the last axis, or the first."""
    k = x.shape[axis] // n
    slices = [slice(i * k, (i + 1) * k) for i in range(n)]
    return [x[(..., s) if axis else s] for s in slices]


def stack(xs: Sequence[Operand]) -> Operand:
    """Nodes, or object arrays of Values, side by side along a new first axis."""
    joined: Operand = (np if is_value_array(xs[0]) else autograd).stack(xs)
    return joined


def constant(x: Operand) -> Operand:
    """The numbers in a node, or in an object array of Values, as constants: no gradient goes through them."""
    if not is_value_array(x):
        return cast(Node, x).detach()
    cells = np.empty(x.shape, object)
    for index, v in np.ndenumerate(x):
        cells[index] = v.detach()
    return cells


def to_real_numpy(x: object) -> Array | None:
    """The numbers in `x`; None if it holds anything but real numbers of a dtype that nodes carry."""
    try:
        array = to_numpy(x)
    except (TypeError, ValueError):  # Its rows differ in length, or a dtype of PyTorch's is none of NumPy's.
        return None
    return array if array.dtype.kind in "fiub" and not dtype_refusal(array) else None


def requires_grad(x: object) -> bool:
    """Whether `x` is a node that requires a gradient, or an object array that holds one."""
    if is_value_array(x):
        return any(isinstance(v, Value) and v.requires_grad for v in x.flat)
    return isinstance(x, (Tensor, Value)) and x.requires_grad


def dtype_refusal(x: Array) -> str:
    """Why nodes do not carry the dtype of an array of numbers, such as float16; empty if they do."""
    try:
        Tensor(np.empty(0, x.dtype))
    except TypeError as error:
        return str(error).removeprefix("Tensor: ")
    return ""


def representable(values: Array, dtype: np.dtype[np.generic]) -> bool:
    """Whether a dtype holds these numbers: floats may lose digits but not become infinite, integers lose nothing."""
    if np.can_cast(values.dtype, dtype):
        return True
    with np.errstate(all="ignore"):
        cast = values.astype(dtype)
        return bool(
            (np.isfinite(cast) | ~np.isfinite(values)).all() if cast.dtype.kind == "f" else (cast == values).all()
        )


def to_python(x: object) -> object:
    """NumPy's numbers and arrays, and nodes, as Python's numbers and lists, for a short repr and for JSON."""
    x = to_numpy(x) if library_of(x) is not None else x.data if isinstance(x, (Tensor, Value)) else x
    if isinstance(x, (np.generic, np.ndarray)):
        return x.tolist()
    if type(x) is tuple:
        return tuple(map(to_python, x))
    return list(map(to_python, x)) if type(x) is list else x


def assign(x: Operand | Array, values: Array) -> None:
    """Set the numbers in a node, an object array of Values, or an array."""
    if is_value_array(x):
        for v, number in zip(x.ravel().tolist(), values.flat, strict=True):
            v.data = number
    elif isinstance(x, np.ndarray):
        x[...] = values
    elif not isinstance(x, (Tensor, Value)):  # an array of a library, as a buffer is
        library = library_of(x)
        if library.name == "jax":
            raise TypeError("an array of JAX cannot change; pass a Tensor on it, or take the layer, which replaces it")
        x[...] = library.asarray_like(values, x) if library_of(values) is None else values
    else:
        x.data = values


def zero_gradient(p: Node) -> Array | float:
    """A gradient of zeros for a node: an array for a Tensor, a float for a Value."""
    if (library := library_of(p)) is not None:
        zeros: Array = library.zeros_like(p.data)
        return zeros
    return np.zeros_like(p.data) if isinstance(p, Tensor) else 0.0


def at_least(x: Operand, bound: float) -> Operand:
    """`x` raised to a bound where it is below; the gradient passes as if it were not, as by PyTorch's clamping."""
    fixed: Operand = np.frompyfunc(Value.detach, 1, 1)(x) if is_value_array(x) else cast(Node, x).detach()
    raised: Operand = x + autograd.maximum(bound - fixed, 0.0)
    return raised


def sum(x: Operand, axis: Axis = None, keepdims: bool = False) -> Operand:
    """The sum over all elements, or along `axis`."""
    total: Operand = autograd.sum(x, axis, keepdims) if isinstance(x, Value) else x.sum(axis=axis, keepdims=keepdims)
    return total


def mean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Operand:
    """The mean over all elements, or along `axis`."""
    m: Operand = autograd.mean(x, axis, keepdims) if isinstance(x, Value) else x.mean(axis=axis, keepdims=keepdims)
    return m


@overload
def log_softmax(x: Operand, axis: int) -> Operand: ...
@overload
def log_softmax(x: Array | float, axis: int) -> Array | float: ...
def log_softmax(x: Operand | Array | float, axis: int) -> Operand | Array | float:
    """The logarithm of the softmax along `axis`; for an object array of Values it is built of elementwise ops."""
    if is_value_array(x):
        z = x - to_numpy(x).max(axis=axis, keepdims=True)
        logarithms: Operand | Array | float = z - autograd.log(autograd.exp(z).sum(axis=axis, keepdims=True))
    else:
        logarithms = autograd.log_softmax(x, axis)
    return logarithms
