"""What a user may pass for a number or an array, and the constants that nodes make of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.engine.libraries import LIBRARIES, apart, dtype_named, library_of
from autograd.engine.node import NODE_CLASSES, Node, leaf, registry
from autograd.messages import COMPLEX, MASKED, advice, describe, type_name, unsupported_dtype
from autograd.typing import Array, DTypeLike, X

__all__ = ["FLOATS", "BackwardError", "array", "carried", "constant", "gradient_for", "has_node", "plain_number"]


class BackwardError(ValueError, RuntimeError):
    """A backward pass that cannot start: PyTorch's users expect a RuntimeError."""


FLOATS = "fd"  # float32 and float64, by `dtype.char`: the floats that nodes carry


def constant(x: X) -> Node:
    """The constant leaf for a number or array that meets a node; an array is copied."""
    if type(x) is np.ndarray and x.dtype.char in FLOATS:
        return leaf(NODE_CLASSES[np.ndarray], x.copy())
    if isinstance(x, np.generic):
        x = plain_number(x)
    if isinstance(x, (int, float)):  # stays a Python number: float32 arrays then stay float32
        return leaf(NODE_CLASSES[float], x)
    if (library := library_of(x)) is not None:
        return leaf(NODE_CLASSES[type(x)], library.array(x))
    return leaf(NODE_CLASSES[np.ndarray], array(x))


def plain_number(x: np.generic) -> X:
    """A number of NumPy's as one of Python's; the item of a longdouble is itself."""
    return float(x) if isinstance(x, np.longdouble) else x.item()


def array(x: X, dtype: DTypeLike = None, copy: bool | None = True) -> Array:
    """An array of numbers of one's own, from what a user may pass for one; else an error that says what to pass."""
    # A copy is in C order, as gradients are: weights in another one take twice the time to update.
    order: Any = "C" if copy else "K"
    if type(x) is np.ndarray and x.dtype.char in FLOATS and dtype is None:  # a minibatch: what most often comes
        return np.array(x, copy=copy, order=order)
    if isinstance(x, (list, tuple)) and any(isinstance(a, Node) for a in x):
        raise TypeError("a list of nodes is no array: join them with autograd.stack([x, y]), which keeps the graph")
    if isinstance(x, (list, tuple)) and (library := _library_in(x)) is not None:
        raise TypeError(
            f"a list of arrays of {library.title} is no array, and would leave it for NumPy: join them with "
            "autograd.stack([a, b]), which stays there"
        )
    if isinstance(x, complex):
        raise TypeError(f"{x!r} is complex: {COMPLEX}")
    if not isinstance(x, (np.ndarray, np.generic, list, tuple, int, float)):
        raise TypeError(f"{type_name(x)} is not a number or an array of numbers{advice(x)}")
    if isinstance(x, np.ndarray) and x.dtype.kind == "O":
        raise TypeError("an object array holds nodes or other objects, not numbers; autograd.stack([x, y]) joins nodes")
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"a masked array would lose its mask: {MASKED}")
    if isinstance(x, np.matrix):
        raise TypeError("np.matrix has products of its own: pass np.asarray(x), and write @ for the matrix product")
    if isinstance(x, np.floating) and x.dtype.char not in FLOATS:
        x = float(x)
    try:
        result = np.array(x, dtype, copy=copy, order=order)
    except ValueError:
        raise ValueError("the rows of this list differ in length; an array's rows have one length") from None
    except TypeError:
        if has_node([x]):
            raise TypeError("a list that holds nodes is no array: autograd.numpy.array(...) keeps the graph") from None
        raise
    carried(result.dtype)
    return result


def _library_in(x: Sequence[X]) -> X:
    """The library of an array in a list, or in a list in it; None if there is none."""
    kinds = {*map(type, x)}
    for kind in kinds:
        if (library := LIBRARIES[kind]) is not None:
            return library
    inner = (_library_in(a) for a in x if isinstance(a, (list, tuple))) if kinds & {list, tuple} else ()
    return next((library for library in inner if library is not None), None)


def carried(dtype: DTypeLike) -> np.dtype[Any]:
    """A dtype as NumPy's; TypeError if nodes carry no such data: they carry float64, float32, integers and bools."""
    dtype = dtype_named(dtype)
    if dtype.char not in FLOATS and dtype.kind not in "iub":
        raise unsupported_dtype(dtype)
    return dtype


def has_node(args: Iterable[object]) -> bool:
    """Whether one of the arguments is a node, or a list or tuple that holds one."""
    for a in args:  # a loop: every call of autograd.numpy passes here
        if isinstance(a, Node):
            return True
        if isinstance(a, (list, tuple)) and has_node(a):
            return True
    return False


def gradient_for(node: Node, given: X, graph: bool, name: str) -> X:
    """A gradient that a user gives for a node, of its shape and dtype; a node for a gradient graph."""
    data = node._data
    given_data = given._data if isinstance(given, Node) else given
    if (library := library_of(data)) is not None:
        return _gradient_on(library, node, given, graph, name)
    try:
        values = array(given_data)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} given: {error}") from None
    if values.shape != np.shape(data):
        raise BackwardError(f"{name} has shape {values.shape}, but {describe(node)} has shape {np.shape(data)}")
    if graph and isinstance(given, Node):
        return registry.sum_like(given, node)
    g = values.astype(data.dtype) if isinstance(data, np.ndarray) else float(values)
    return constant(g) if graph else g


def _gradient_on(library: X, node: Node, given: X, graph: bool, name: str) -> X:
    """A gradient that a user gives for a node on another library's arrays."""
    data, values = node._data, given._data if isinstance(given, Node) else given
    other = library_of(values)
    if (isinstance(given, Node) and type(values) is np.ndarray) or (
        other is not None and (other is not library or library.device(values) != library.device(data))
    ):
        raise apart(f"{name} given", given, node)
    try:
        values = library.asarray_like(values if library_of(values) is library else array(values), data)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} given: {error}") from None
    if tuple(values.shape) != tuple(data.shape):
        raise BackwardError(
            f"{name} has shape {tuple(values.shape)}, but {describe(node)} has shape {tuple(data.shape)}"
        )
    if graph and isinstance(given, Node):
        return registry.sum_like(given, node)
    g = library.cast(values, data.dtype)
    return constant(g) if graph else g
