"""Finding and taking elements: take, select, sort, unique; places (argmax, argsort, searchsorted) are constants."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.node import Node
from autograd.engine.op import primitive
from autograd.ops.arithmetic import XP, X, mod
from autograd.ops.moving import one_axis, plain_or_array, ravel
from autograd.ops.selection import clip, equal, not_equal, where
from autograd.ops.shape import Axis, constant_result, mean, ndim, reshape, sum
from autograd.ops.shape import max as amax
from autograd.ops.shape import min as amin

__all__ = [
    "all", "amax", "amin", "any", "argmax", "argmin", "argsort", "count_nonzero", "median", "searchsorted", "select",
    "sort", "take", "take_along_axis", "unique",
]  # fmt: skip


@primitive("argmax", differentiable=False)
def argmax(xp: XP, x: X, /, axis: int | None = None, keepdims: bool = False) -> X:
    """The place of the largest element, or of the largest along `axis`; the first, if there are several."""
    return xp.argmax(x, axis=axis, keepdims=keepdims)


@primitive("argmin", differentiable=False)
def argmin(xp: XP, x: X, /, axis: int | None = None, keepdims: bool = False) -> X:
    """The place of the smallest element, or of the smallest along `axis`; the first, if there are several."""
    return xp.argmin(x, axis=axis, keepdims=keepdims)


@primitive("argsort", differentiable=False)
def argsort(xp: XP, x: X, /, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
    """The places of the elements in ascending order, along `axis`."""
    return xp.argsort(x, axis, kind, stable=stable)


@primitive("searchsorted", differentiable=False)
def searchsorted(xp: XP, a: X, v: X, /, side: str = "left") -> X:
    """The places at which `v` goes into the sorted vector `a`."""
    return xp.searchsorted(a, v, side)


@primitive("unique", differentiable=False)
def unique_places(xp: XP, x: X, /, which: int = 1) -> X:
    """First places (1), inverse (2) or numbers (3) of the different elements; users call :func:`unique`."""
    return xp.unique(x, which == 1, which == 2, which == 3)[1]


@primitive("middle", differentiable=False)
def middle_places(xp: XP, x: X, /, axis: int = -1) -> X:
    """The places of the one or two middle elements along `axis`, or of a nan; users call :func:`median`."""
    return xp.middle(x, axis)


# What follows is written in other ops.
def take(x: X, indices: Any, axis: int | None = None, mode: str = "raise") -> X:
    """The elements of `x` at `indices`, along `axis`; without one, counted through all of `x`.

    Indices out of bounds are an error, or with ``mode="wrap"`` counted round, or with ``"clip"`` the nearest one.
    """
    x = ravel(x) if axis is None or ndim(x) == 0 else plain_or_array(x)
    k = one_axis("take", 0 if axis is None else axis, x.ndim)
    indices = indices if isinstance(indices, Node) else np.asarray(indices)
    if mode == "wrap":
        indices = mod(indices, x.shape[k])
    elif mode == "clip":
        indices = clip(indices, 0, x.shape[k] - 1)
    elif mode != "raise":
        raise ValueError(f"take: mode={mode!r}; it is raise, wrap or clip")
    return x[(slice(None),) * k + (indices,)]


def take_along_axis(x: X, indices: X, axis: int | None = -1) -> X:
    """The elements of `x` at `indices` along `axis`, which match it along the others: what argsort's result picks."""
    x = ravel(x) if axis is None else plain_or_array(x)
    k = one_axis("take_along_axis", -1 if axis is None else axis, x.ndim)
    indices = plain_or_array(indices)
    if indices.ndim != x.ndim:
        raise ValueError(f"take_along_axis: indices have {indices.ndim} axes, but x has {x.ndim}; they must be equal")
    n = x.ndim
    along = [indices if i == k else np.arange(m).reshape(-1, *(1,) * (n - i - 1)) for i, m in enumerate(x.shape)]
    return x[tuple(along)]


def sort(x: X, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
    """`x` in ascending order, along `axis`; without one, all elements in one row."""
    x = ravel(x) if axis is None else plain_or_array(x)
    axis = one_axis("sort", -1 if axis is None else axis, x.ndim)
    return take_along_axis(x, argsort(x, axis, kind, stable), axis)


def median(x: X, axis: int | None = None, keepdims: bool = False) -> X:
    """The middle element, of all or along `axis`; of an even number the mean of the two; nan where one is nan."""
    x = plain_or_array(x)
    row = ravel(x) if axis is None else x
    k = one_axis("median", 0 if axis is None else axis, row.ndim)
    if row.shape[k] == 0:
        raise ValueError(f"median: nothing has no middle; x has shape {x.shape}")
    y = mean(take_along_axis(row, middle_places(row, k), k), k, keepdims)
    return reshape(y, (1,) * x.ndim) if keepdims and axis is None else y


def select(condlist: Sequence[X], choicelist: Sequence[X], default: X = 0) -> X:
    """From the first of the choices whose condition holds, elementwise; where none does, the default."""
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(f"select: {len(condlist)} conditions and {len(choicelist)} choices; give as many of each")
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = where(condition, choice, default)
    return default


def unique(x: X, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False) -> Any:
    """The different elements in ascending order, the first of each; and, if asked for, their places as constants."""
    values = ravel(x)[unique_places(x, 1)]
    asked = (return_index, return_inverse, return_counts)
    places = [unique_places(x, which) for which, wanted in enumerate(asked, 1) if wanted]
    return (values, *places) if places else values


@constant_result
def count_nonzero(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The number of elements that are not 0, or of those along `axis`."""
    return _number_of("count_nonzero", not_equal(x, 0), axis, keepdims)


def _number_of(name: str, condition: X, axis: Axis, keepdims: bool) -> X:
    """How many hold, for a function whose name an error is to give."""
    if axis is not None:
        normalize_axis_tuple(axis, max(ndim(condition), 1), name)
    return sum(condition, axis, keepdims)


@constant_result
def any(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """Whether any element is not 0, or any along `axis`."""
    return _number_of("any", not_equal(x, 0), axis, keepdims) > 0


@constant_result
def all(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """Whether no element is 0, or none along `axis`."""
    return _number_of("all", equal(x, 0), axis, keepdims) == 0
