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
    """The index of the largest element, or of the largest along `axis`; the first, if there are several.

    Without an axis the index counts through all elements, row after row. Of no elements there is none, an error.

    >>> from autograd import Tensor, argmax
    >>> x = Tensor([[1.0, 5.0], [7.0, 7.0]])
    >>> argmax(x).item(), argmax(x, axis=1).tolist()
    (2, [1, 0])
    """
    return xp.argmax(x, axis=axis, keepdims=keepdims)


@primitive("argmin", differentiable=False)
def argmin(xp: XP, x: X, /, axis: int | None = None, keepdims: bool = False) -> X:
    """The index of the smallest element, or of the smallest along `axis`; the first, if there are several.

    Without an axis the index counts through all elements, row after row. Of no elements there is none, an error.

    >>> from autograd import Tensor, argmin
    >>> x = Tensor([[5.0, 1.0], [7.0, 7.0]])
    >>> argmin(x).item(), argmin(x, axis=1).tolist()
    (1, [1, 0])
    """
    return xp.argmin(x, axis=axis, keepdims=keepdims)


@primitive("argsort", differentiable=False)
def argsort(xp: XP, x: X, /, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
    """The indices of the elements in ascending order, along `axis`.

    >>> from autograd import Tensor, argsort
    >>> argsort(Tensor([3.0, 1.0, 2.0])).tolist()
    [1, 2, 0]
    """
    return xp.argsort(x, axis, kind, stable=stable)


@primitive("searchsorted", differentiable=False)
def searchsorted(xp: XP, a: X, v: X, /, side: str = "left") -> X:
    """The indices at which `v` goes into the sorted vector `a`.

    They stand before the elements that are equal to `v`; with ``side="right"`` behind them.

    >>> from autograd import searchsorted
    >>> a, v = [1.0, 2.0, 3.0], [0.5, 2.0]
    >>> searchsorted(a, v).tolist(), searchsorted(a, v, side="right").tolist()
    ([0, 1], [0, 2])
    """
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
    """`x` in ascending order, along `axis`; without one, all elements in one row.

    The gradient goes back to where each element was; nan comes last.

    >>> from autograd import Tensor, sort
    >>> x = Tensor([3.0, 1.0, 2.0])
    >>> y = sort(x)
    >>> y.backward([10.0, 20.0, 30.0])
    >>> y.tolist(), x.grad.tolist()
    ([1.0, 2.0, 3.0], [30.0, 10.0, 20.0])
    """
    x = ravel(x) if axis is None else as_node_or_array(x)
    axis = normalise_axis("sort", -1 if axis is None else axis, x.ndim)
    return take_along_axis(x, argsort(x, axis, kind, stable), axis)


def median(x: X, axis: int | None = None, keepdims: bool = False) -> X:
    """The middle element, of all or along `axis`; of an even number the mean of the two; nan where one is nan.

    >>> from autograd import Tensor, median
    >>> x = Tensor([3.0, 1.0, 2.0, 10.0])
    >>> y = median(x)
    >>> y.backward()
    >>> y.item(), x.grad.tolist()
    (2.5, [0.5, 0.0, 0.5, 0.0])
    """
    x = as_node_or_array(x)
    row = ravel(x) if axis is None else x
    k = normalise_axis("median", 0 if axis is None else axis, row.ndim)
    if row.shape[k] == 0:
        raise ValueError(f"median: nothing has no middle; x has shape {x.shape}")
    y = mean(take_along_axis(row, median_indices(row, k), k), k, keepdims)
    return reshape(y, (1,) * x.ndim) if keepdims and axis is None else y


def unique(x: X, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False) -> X:
    """The different elements in ascending order; and, if asked for, their indices and counts, which are constants.

    >>> from autograd import Tensor, unique
    >>> x = Tensor([2.0, 1.0, 2.0])
    >>> values, counts = unique(x, return_counts=True)
    >>> values.sum().backward()
    >>> values.tolist(), counts.tolist(), x.grad.tolist()  # the first of equal ones stands for them
    ([1.0, 2.0], [1, 2], [1.0, 1.0, 0.0])
    """
    values = ravel(x)[unique_indices(x, 1)]
    asked = (return_index, return_inverse, return_counts)
    places = [unique_indices(x, which) for which, wanted in enumerate(asked, 1) if wanted]
    return (values, *places) if places else values
