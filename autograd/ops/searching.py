"""Places and membership: where elements are, and which are in a set; and what picks elements by their places."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.engine.libraries import numpy_dtype
from autograd.engine.primitive import primitive
from autograd.ops._helpers import INF, XP, X, as_integer, constant_result, named, normalise_axis
from autograd.ops.arithmetic import floor_divide, mod, sub
from autograd.ops.creation import astype
from autograd.ops.indexing import take, take_along_axis
from autograd.ops.joining import as_node_or_array, broadcast_arrays, ravel, stack
from autograd.ops.logic import all, any, equal, isnan, less_equal, logical_not, not_equal
from autograd.ops.selection import clip, where
from autograd.ops.shaping import expand_dims, ndim, reshape
from autograd.ops.sorting import argmax, argmin, argsort, searchsorted, sort

__all__ = [
    "argwhere", "choose", "compress", "digitize", "extract", "isin", "ix_", "lexsort", "nanargmax", "nanargmin",
    "nonzero", "partition",
]  # fmt: skip

flatnonzero = named("flatnonzero", """The places of the elements that are not 0, counted through all of `x`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.flatnonzero(Tensor([[0.0, 2.0], [3.0, 0.0]])).tolist()
    [1, 2]
    """, "≠0?", differentiable=False)  # fmt: skip
flatnonzero.sized_by = lambda x: (0,)


@primitive("argpartition", differentiable=False)
def argpartition(xp: XP, x: X, /, kth: int | tuple[int, ...], axis: int | None = -1) -> X:
    """The indices that put the `kth` smallest elements in their places, the smaller before and the larger behind.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([3.0, 1.0, 2.0])
    >>> x[np.argpartition(x, 1)].tolist()[1]  # the second smallest is in its place
    2.0
    """
    return xp.argpartition(x, kth, axis)


argpartition.samples = (((3,), {"kth": 1}), ((2, 3), {"kth": 1, "axis": 0}))


@constant_result
def nonzero(x: X) -> tuple[X, ...]:
    """The places of the elements that are not 0, as an array of integers for each axis: ``x[nonzero(x)]`` has them.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[0.0, 2.0], [3.0, 0.0]])
    >>> rows, columns = np.nonzero(x)
    >>> rows.tolist(), columns.tolist(), x[rows, columns].tolist()
    ([0, 1], [1, 0], [2.0, 3.0])
    """
    x = as_node_or_array(x)
    if x.ndim == 0:
        raise ValueError("nonzero: a number has no axis in which to count places; make it atleast_1d")
    places = flatnonzero(x)
    behind = [prod(x.shape[k + 1 :]) for k in range(x.ndim)]
    return tuple(
        mod(floor_divide(places, m) if m > 1 else places, n) if k else floor_divide(places, m) if m > 1 else places
        for k, (n, m) in enumerate(zip(x.shape, behind, strict=True))
    )


@constant_result
def argwhere(x: X) -> X:
    """The places of the elements that are not 0, a row of indices for each.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.argwhere(Tensor([[0.0, 2.0], [3.0, 0.0]])).tolist()
    [[0, 1], [1, 0]]
    """
    if ndim(x) == 0:
        raise ValueError("argwhere: a number has no axis in which to count places; make it atleast_1d")
    return stack(nonzero(x), 1)


@constant_result
def isin(element: X, test_elements: X, assume_unique: bool = False, invert: bool = False) -> X:
    """Whether each element is one of `test_elements`; with ``invert=True``, whether it is none of them.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.isin(Tensor([1.0, 2.0, 3.0]), [3.0, 1.0]).tolist()
    [True, False, True]
    """
    element, known = as_node_or_array(element), sort(ravel(as_node_or_array(test_elements)))
    if 0 in known.shape:
        found = not_equal(element, element)
    else:
        found = equal(take(known, searchsorted(known, element), mode="clip"), element)
    return logical_not(found) if invert else found


@constant_result
def digitize(x: X, bins: X, right: bool = False) -> X:
    """The number of the bin that each element of `x` is in; `right` says that a bin has its right edge.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x, bins = Tensor([0.5, 1.0, 9.0]), [0.0, 1.0, 2.0]
    >>> np.digitize(x, bins).tolist(), np.digitize(x, bins, right=True).tolist()
    ([1, 2, 3], [1, 1, 3])
    """
    bins = as_node_or_array(bins)
    if bins.ndim != 1:
        raise ValueError(f"digitize: the bins are a vector of their edges, not an array of {bins.ndim} axes")
    if not (bool(all(less_equal(bins[:-1], bins[1:]))) or bool(all(less_equal(bins[1:], bins[:-1])))):
        raise ValueError("digitize: the bins neither ascend nor descend; sort them")
    side = "left" if right else "right"
    if len(bins) > 1 and bool(bins[0] > bins[-1]):
        return sub(len(bins), searchsorted(bins[::-1], x, side))
    return searchsorted(bins, x, side)


@constant_result
def lexsort(keys: Sequence[X], axis: int = -1) -> X:
    """The indices that sort by the last of the keys, and where its elements are equal by the one before it.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> first, second = Tensor([1.0, 1.0, 0.0]), Tensor([5.0, 4.0, 9.0])
    >>> np.lexsort([second, first]).tolist()
    [2, 1, 0]
    """
    first, *others = map(as_node_or_array, keys)
    order = argsort(first, axis, "stable")
    for key in others:
        order = take_along_axis(order, argsort(take_along_axis(key, order, axis), axis, "stable"), axis)
    return order


@constant_result
def nanargmax(x: X, axis: int | None = None, keepdims: bool = False) -> X:
    """The index of the largest element that is not nan, or of the largest along `axis`.

    All nan is a ``ValueError``.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanargmax(Tensor([1.0, np.nan, 3.0])).item()
    2
    """
    return argmax(_filled("nanargmax", x, axis, -INF), axis, keepdims)


@constant_result
def nanargmin(x: X, axis: int | None = None, keepdims: bool = False) -> X:
    """The index of the smallest element that is not nan, or of the smallest along `axis`.

    All nan is a ``ValueError``.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanargmin(Tensor([np.nan, 2.0, 1.0])).item()
    2
    """
    return argmin(_filled("nanargmin", x, axis, INF), axis, keepdims)


def _filled(name: str, x: X, axis: int | None, number: float) -> X:
    x = as_node_or_array(x)
    if any(all(isnan(x), axis)):
        raise ValueError(f"{name}: where all are nan, none is the largest or the smallest")
    return where(isnan(x), number, x)


@constant_result
def ix_(*indices: X) -> tuple[X, ...]:
    """The index that takes from a matrix (or an array of more axes) some rows and some columns; from conditions too.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> x[np.ix_([1, 0], [0, 2])].tolist()
    [[4.0, 6.0], [1.0, 3.0]]
    """
    places = []
    for k, i in enumerate(map(as_node_or_array, indices)):
        if i.ndim != 1:
            raise ValueError(f"ix_: give a vector of integers or conditions for each axis, not one of {i.ndim} axes")
        i = flatnonzero(i) if numpy_dtype(i).kind == "b" else astype(i, int) if not i.shape[0] else i
        places.append(reshape(i, (1,) * k + (-1,) + (1,) * (len(indices) - k - 1)))
    return tuple(places)


# What follows picks elements, and passes their gradients on.


def partition(x: X, kth: Any, axis: int | None = -1) -> X:
    """`x` with the `kth` smallest elements in their places along `axis`, the smaller before and the larger behind.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([3.0, 1.0, 2.0])
    >>> y = np.partition(x, 1)
    >>> y[1].backward()
    >>> y[1].item(), x.grad.tolist()
    (2.0, [0.0, 0.0, 1.0])
    """
    x = ravel(x) if axis is None else as_node_or_array(x)
    axis = normalise_axis("partition", -1 if axis is None else axis, x.ndim)
    kth = tuple(as_integer("partition", "kth", k) for k in kth) if np.ndim(kth) else as_integer("partition", "kth", kth)
    return take_along_axis(x, argpartition(x, kth, axis), axis)


def compress(condition: X, x: X, axis: int | None = None) -> X:
    """The elements of `x` along `axis` where the vector of conditions holds; without an axis, of all in one row.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> y = np.compress([True, False, True], x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([1.0, 3.0], [1.0, 0.0, 1.0])
    """
    return take(x, flatnonzero(as_node_or_array(condition)), axis)


def extract(condition: X, x: X) -> X:
    """The elements of `x` where the condition holds, in one row.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 5.0], [7.0, 2.0]])
    >>> np.extract(x > 2, x).tolist()
    [5.0, 7.0]
    """
    return take(ravel(x), flatnonzero(as_node_or_array(condition)))


def choose(a: X, choices: Sequence[X], mode: str = "raise") -> X:
    """For each element of `a`, an integer, the element in its place of that one of the choices.

    Integers out of bounds are an error, or with ``mode="wrap"`` counted round, or with ``"clip"`` the nearest one.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> y = np.choose([1, 0], [x, 10 * x])
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([10.0, 2.0], [10.0, 1.0])
    """
    dtype = np.result_type(*(numpy_dtype(c) if hasattr(c, "dtype") else c for c in choices))
    a, *options = broadcast_arrays(as_node_or_array(a), *map(as_node_or_array, choices))
    joined = stack([astype(c, dtype, copy=False) for c in options])
    if mode == "wrap":
        a = mod(a, len(options))
    elif mode == "clip":
        a = clip(a, 0, len(options) - 1)
    elif mode != "raise":
        raise ValueError(f"choose: mode={mode!r}; it is raise, wrap or clip")
    return take_along_axis(joined, expand_dims(a, 0), 0)[0]
