"""Sorting and searching; indices (argmax, argsort, searchsorted) are constants."""

from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, X, normalise_axis
from autograd.ops.indexing import take_along_axis
from autograd.ops.joining import as_node_or_array, ravel
from autograd.ops.reductions import mean
from autograd.ops.shaping import reshape

__all__ = ["argmax", "argmin", "argsort", "median", "searchsorted", "sort", "unique"]


@primitive("argmax", differentiable=False)
def argmax(xp: XP, x: X, /, axis: int | None = None, keepdims: bool = False) -> X:
    """The index of the largest element, or of the largest along `axis`; the first, if there are several."""
    return xp.argmax(x, axis=axis, keepdims=keepdims)


@primitive("argmin", differentiable=False)
def argmin(xp: XP, x: X, /, axis: int | None = None, keepdims: bool = False) -> X:
    """The index of the smallest element, or of the smallest along `axis`; the first, if there are several."""
    return xp.argmin(x, axis=axis, keepdims=keepdims)


@primitive("argsort", differentiable=False)
def argsort(xp: XP, x: X, /, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
    """The indices of the elements in ascending order, along `axis`."""
    return xp.argsort(x, axis, kind, stable=stable)


@primitive("searchsorted", differentiable=False)
def searchsorted(xp: XP, a: X, v: X, /, side: str = "left") -> X:
    """The indices at which `v` goes into the sorted vector `a`."""
    return xp.searchsorted(a, v, side)


@primitive("unique", name="unique", differentiable=False)
def unique_indices(xp: XP, x: X, /, which: int = 1) -> X:
    """The first indices (1), the inverse (2) or the counts (3) of the different elements."""
    return xp.unique(x, which == 1, which == 2, which == 3)[1]


unique_indices.sized_by = lambda x: (0,)


@primitive("middle", name="median", differentiable=False)
def median_indices(xp: XP, x: X, /, axis: int = -1) -> X:
    """The indices of the one or two middle elements along `axis`, or of a nan."""
    return xp.middle(x, axis)


def sort(x: X, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
    """`x` in ascending order, along `axis`; without one, all elements in one row."""
    x = ravel(x) if axis is None else as_node_or_array(x)
    axis = normalise_axis("sort", -1 if axis is None else axis, x.ndim)
    return take_along_axis(x, argsort(x, axis, kind, stable), axis)


def median(x: X, axis: int | None = None, keepdims: bool = False) -> X:
    """The middle element, of all or along `axis`; of an even number the mean of the two; nan where one is nan."""
    x = as_node_or_array(x)
    row = ravel(x) if axis is None else x
    k = normalise_axis("median", 0 if axis is None else axis, row.ndim)
    if row.shape[k] == 0:
        raise ValueError(f"median: nothing has no middle; x has shape {x.shape}")
    y = mean(take_along_axis(row, median_indices(row, k), k), k, keepdims)
    return reshape(y, (1,) * x.ndim) if keepdims and axis is None else y


def unique(x: X, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False) -> X:
    """The different elements in ascending order; and, if asked for, their indices and counts, which are constants."""
    values = ravel(x)[unique_indices(x, 1)]
    asked = (return_index, return_inverse, return_counts)
    places = [unique_indices(x, which) for which, wanted in enumerate(asked, 1) if wanted]
    return (values, *places) if places else values
