"""Indexing: elements by integers, slices, arrays of integers and conditions."""

import operator
from typing import Any

import numpy as np

from autograd.engine.coercion import has_node
from autograd.engine.libraries import library_of, numpy_dtype
from autograd.engine.node import Node, registry
from autograd.engine.pieces import scatter
from autograd.engine.primitive import primitive
from autograd.engine.recording import apply
from autograd.ops._helpers import XP, X, normalise_axis
from autograd.ops.arithmetic import mod
from autograd.ops.joining import as_node_or_array, ravel
from autograd.ops.selection import clip
from autograd.ops.shaping import ndim

__all__ = ["take", "take_along_axis"]


@primitive("[·]")
def getitem(xp: XP, x: X, *indices: X, key: tuple[X, ...]) -> X:
    """``x[key]``, with the index arrays and conditions of the key as arguments."""
    return xp.getitem(x, *indices, key=key)


getitem.defvjps(x=scatter, indices=None)
# By a condition are chosen as many elements as there are where it holds.
getitem.sized_by = lambda x, *indices: (i for i, k in enumerate(indices, 1) if numpy_dtype(k).kind == "b")
getitem.samples = (
    ((3,), {"key": (1,)}),
    ((2, 3), np.array([1, 0, 1]), {"key": ("array",)}),
    ((2, 3), np.array([[True, False, True], [False, True, True]]), {"key": ("array",)}),
    ((4, 3), np.array([1, 0, 1]), {"key": (("slice", 1, None, 2), "array")}),
    ((4, 3), {"key": (-1, ("slice", None, None, 2))}),
)


@primitive("scatter", shape_only=("like",))
def scatter_like(xp: XP, x: X, like: X, *indices: X, key: tuple[X, ...]) -> X:
    """Zeros in the shape of `like` with `x` added at an index: the derivative of indexing."""
    return xp.scatter_like(x, like, *indices, key=key)


scatter_like.defvjps(
    x=lambda xp, g, y, x, like, *indices, key: xp.getitem(g, *indices, key=key), like=None, indices=None
)
scatter_like.samples = (
    ((3,), (4,), np.array([1, 0, 1]), {"key": ("array",)}),
    ((3, 3), (4, 3), np.array([1, 0, 1]), {"key": ("array",)}),
    ((3,), (2, 3), np.array([0, 1, 0]), np.array([2, 0, 2]), {"key": ("array", "array")}),
)


def index(x: X, key: X) -> X:
    """``x[key]`` for every kind of NumPy index; its arrays, sequences, conditions and nodes become parents."""
    indices, static = _parts(key)
    return apply(getitem, (x, *indices), {"key": static})


def _parts(key: X) -> tuple[list[X], tuple[X, ...]]:
    """The index arrays of a key, and what is static of it."""
    static: list[X] = []
    indices: list[X] = []
    for k in key if isinstance(key, tuple) else (key,):
        if isinstance(k, slice):
            static.append(("slice", *(None if s is None else _integer(s) for s in (k.start, k.stop, k.step))))
        elif k is None or k is ...:
            static.append(k and "...")
        elif type(k) is int:
            static.append(k)
        elif (
            isinstance(k, (bool, np.bool, np.ndarray, Node))
            or library_of(k) is not None  # PyTorch's arrays of one integer pass for it, whatever their shape
            or (place := _integer(k, None)) is None
        ):
            indices.append(_places(k))
            static.append("array")
        else:
            static.append(place)
    return indices, tuple(static)


def _integer(k: X, *default: None) -> X:
    try:
        return operator.index(k)
    except TypeError:
        if default:
            return None
        raise _no_index(k) from None


def _places(k: X) -> X:
    """An array of integers or a condition, from whatever NumPy takes for one: a list, a Series of pandas, ..."""
    if isinstance(k, Node):
        if numpy_dtype(k).kind not in "iub":
            raise _no_index(k)
        return k
    if library_of(k) is not None and numpy_dtype(k).kind in "iub":
        return k
    if isinstance(k, (list, tuple)) and has_node(k):
        return _places(registry.array(k))
    try:
        places = k if isinstance(k, np.ndarray) else np.asarray(k)
    except (TypeError, ValueError):  # rows that differ in length
        raise _no_index(k) from None
    if not places.size and not isinstance(k, np.ndarray):
        places = places.astype(int)
    if places.dtype.kind not in "iub":
        raise _no_index(k)
    return places


def _no_index(k: X) -> IndexError:
    hint = "; int(k.item()) is the number of a node, which then stays the same in replay" if isinstance(k, Node) else ""
    return IndexError(f"cannot index with {k!r}: use integers, slices, ..., None, integer arrays or conditions{hint}")


def take(x: X, indices: Any, axis: int | None = None, mode: str = "raise") -> X:
    """The elements of `x` at `indices`, along `axis`; without one, counted through all of `x`.

    Indices out of bounds are an error, or with ``mode="wrap"`` counted round, or with ``"clip"`` the nearest one.

    >>> from autograd import Tensor, take
    >>> x = Tensor([10.0, 20.0, 30.0])
    >>> y = take(x, [2, 0, 2])
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()  # the last element is taken twice
    ([30.0, 10.0, 30.0], [1.0, 0.0, 2.0])
    """
    x = ravel(x) if axis is None or ndim(x) == 0 else as_node_or_array(x)
    k = normalise_axis("take", 0 if axis is None else axis, x.ndim)
    indices = indices if isinstance(indices, Node) or library_of(indices) is not None else np.asarray(indices)
    if mode == "wrap":
        indices = mod(indices, x.shape[k])
    elif mode == "clip":
        indices = clip(indices, 0, x.shape[k] - 1)
    elif mode != "raise":
        raise ValueError(f"take: mode={mode!r}; it is raise, wrap or clip")
    return _at(x, (slice(None),) * k + (indices,))


def take_along_axis(x: X, indices: X, axis: int | None = -1) -> X:
    """The elements of `x` at `indices` along `axis`, which match it along the others: what argsort's result picks.

    >>> from autograd import Tensor, argsort, take_along_axis
    >>> x = Tensor([[3.0, 1.0, 2.0]])
    >>> order = argsort(x, axis=1)
    >>> y = take_along_axis(x, order, axis=1)
    >>> y.backward([[10.0, 20.0, 30.0]])
    >>> y.tolist(), x.grad.tolist()
    ([[1.0, 2.0, 3.0]], [[30.0, 10.0, 20.0]])
    """
    x = ravel(x) if axis is None else as_node_or_array(x)
    k = normalise_axis("take_along_axis", -1 if axis is None else axis, x.ndim)
    indices = as_node_or_array(indices)
    if indices.ndim != x.ndim:
        raise ValueError(f"take_along_axis: indices have {indices.ndim} axes, but x has {x.ndim}; they must be equal")
    n = x.ndim
    along = [indices if i == k else np.arange(m).reshape(-1, *(1,) * (n - i - 1)) for i, m in enumerate(x.shape)]
    return _at(x, tuple(along))


def _at(x: X, key: tuple[X, ...]) -> X:
    """``x[key]``, recorded also where only a part of the key is a node: an array would take its plain data."""
    if any(isinstance(k, Node) for k in key):
        return index(x, key)
    if isinstance(x, Node) or library_of(x) is None:
        return x[key]
    indices, static = _parts(key)
    return getitem(x, *indices, key=static)
