"""Reductions of axes: sums, means, products, extremes, variances.

They take all elements, or those along `axis`, an integer or a tuple of several, counted from either end. The axes are
dropped; with ``keepdims=True`` they stay, of length 1, so that the result broadcasts against `x`. Sums, products and
extremes of integers are integers, and means, variances and deviations floats.
"""

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.libraries import values_of
from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, Axis, X, along_each_axis, named, unreduced
from autograd.ops.arithmetic import mul
from autograd.ops.shaping import broadcast_to, ndim, reshape, shape, transpose

__all__ = ["amax", "amin", "average", "max", "mean", "min", "prod", "std", "sum", "var"]


@primitive("Σ")
def sum(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The sum over all elements, or along `axis`.

    >>> import autograd
    >>> x = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> y = autograd.sum(x, axis=0)
    >>> y.backward([10.0, 20.0])
    >>> y.tolist(), x.grad.tolist(), autograd.sum(x, axis=1, keepdims=True).shape
    ([4.0, 6.0], [[10.0, 20.0], [10.0, 20.0]], (2, 1))
    """
    return xp.sum(x, axis=axis, keepdims=keepdims)


sum.defvjps(x=lambda xp, g, y, x, axis, keepdims: xp.broadcast_like(unreduced(xp, g, axis, keepdims), x))


@primitive("mean")
def mean(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The mean over all elements, or along `axis`.

    The mean of no elements is nan, with a warning.

    >>> from autograd import Tensor, mean
    >>> x = Tensor([[1.0, 2.0], [3.0, 6.0]])
    >>> y = mean(x)
    >>> y.backward()
    >>> y.item(), mean(x, axis=1).tolist(), x.grad.tolist()
    (3.0, [1.5, 4.5], [[0.25, 0.25], [0.25, 0.25]])
    """
    return xp.sum(x, axis=axis, keepdims=keepdims) / xp.count(x, axis)


mean.defvjps(
    x=lambda xp, g, y, x, axis, keepdims: xp.broadcast_like(unreduced(xp, g, axis, keepdims) / xp.count(x, axis), x)
)


def _extremes(xp: XP, g: X, y: X, x: X, axis: Axis, keepdims: bool) -> X:
    chosen = xp.logical_or(x == unreduced(xp, y, axis, keepdims), x != x)  # the extreme beside a nan is nan
    number = xp.sum(xp.broadcast_like(chosen, x), axis=axis, keepdims=True)
    return xp.where(chosen, unreduced(xp, g, axis, keepdims) / number, 0.0)


def _tied(xp: XP, x: X, extreme: X, axis: Axis) -> X:
    return xp.logical_and(x == extreme, xp.sum(x == extreme, axis=axis, keepdims=True) > 1)


@primitive("max")
def max(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The largest element, or the largest along `axis`.

    Several largest elements share the gradient. A nan makes the result nan; of no elements there is none, an error.

    >>> import autograd
    >>> x = autograd.Tensor([1.0, 3.0, 3.0])
    >>> y = autograd.max(x)
    >>> y.backward()
    >>> y.item(), x.grad.tolist()
    (3.0, [0.0, 0.5, 0.5])
    """
    return xp.max(x, axis=axis, keepdims=keepdims)


max.defvjps(x=_extremes)
max.convention(
    "x",
    lambda xp, x, axis, keepdims: _tied(xp, x, xp.max(x, axis=axis, keepdims=True), axis),
    None,
    "a tie shares the gradient equally",
    {((1.0, 3.0, 3.0),): (0.0, 0.5, 0.5), (((1.0, 2.0), (1.0, 0.0)), 0): ((0.5, 1.0), (0.5, 0.0))},
)


@primitive("min")
def min(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The smallest element, or the smallest along `axis`.

    Several smallest elements share the gradient. A nan makes the result nan; of no elements there is none, an error.

    >>> import autograd
    >>> x = autograd.Tensor([[1.0, 3.0], [2.0, 0.0]])
    >>> y = autograd.min(x, axis=1)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]])
    """
    return xp.min(x, axis=axis, keepdims=keepdims)


min.defvjps(x=_extremes)
min.convention(
    "x",
    lambda xp, x, axis, keepdims: _tied(xp, x, xp.min(x, axis=axis, keepdims=True), axis),
    None,
    "a tie shares the gradient equally",
    {((4.0, 3.0, 3.0),): (0.0, 0.5, 0.5), (((1.0, 2.0), (1.0, 3.0)), 0): ((0.5, 1.0), (0.5, 0.0))},
)

amax, amin = max, min

count = named(
    "count", "The number of elements, or of those along `axis`.",
    "#", static={"axis": None}, differentiable=False, shape_only=("x",),
)  # fmt: skip


@primitive("Π")
def prod(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The product of all elements, or along `axis`.

    The product of no elements is 1. Zeros do no harm to the gradient, for nothing is divided by the element itself.

    >>> from autograd import Tensor, prod
    >>> x = Tensor([2.0, 0.0, 5.0])
    >>> y = prod(x)
    >>> y.backward()
    >>> y.item(), x.grad.tolist()
    (0.0, [0.0, 10.0, 0.0])
    """
    return xp.prod(x, axis=axis, keepdims=keepdims)


prod.defvjps(x=lambda xp, g, y, x, axis, keepdims: unreduced(xp, g, axis, keepdims) * xp.prod_of_others(x, axis=axis))


# A quotient y / x would fail at a zero, and at two of them in the second derivative: nothing is divided here.
prod_of_others = named(
    "prod_of_others", "For each element the product of the others, or of those along `axis`: the derivative of `prod`.",
    "Π others", static={"axis": None},
)  # fmt: skip


def _others(xp: XP, g: X, y: X, x: X, axis: Axis) -> X:
    """The products of the others again, with each element left out in turn, along a new first axis."""
    left_out = xp.one_hot_masks(x, axis=axis)
    along = _shifted(axis, x.ndim)
    products = xp.prod_of_others(xp.where(left_out, 1.0, x), axis=along)
    totals = xp.sum(xp.where(left_out, 0.0, g) * products, axis=along, keepdims=True)
    return xp.sum(xp.where(left_out, totals, 0.0), axis=0)


def _shifted(axis: Axis, ndim: int) -> Axis:
    """The positions of the axes behind a new first one."""
    axes: X = range(ndim) if axis is None or ndim == 0 else (axis,) if isinstance(axis, int) else axis
    return tuple(k % ndim + 1 for k in axes)


prod_of_others.defvjps(x=_others)

one_hot_masks = named(
    "one_hot_masks", "A mask for each element of `x`, or each along `axis`, along a new first axis.",
    "units", static={"axis": None}, differentiable=False, shape_only=("x",),
)  # fmt: skip


def _centred(xp: XP, x: X, axis: Axis) -> X:
    return x - xp.sum(x, axis=axis, keepdims=True) / xp.count(x, axis)


@primitive("var")
def var(xp: XP, x: X, /, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
    """The variance, the sum of the squared distances from the mean, over their number less `ddof`.

    >>> from autograd import Tensor, var
    >>> x = Tensor([1.0, 3.0])
    >>> y = var(x)
    >>> y.backward()
    >>> y.item(), var(x, ddof=1).item(), x.grad.tolist()
    (1.0, 2.0, [-1.0, 1.0])
    """
    return xp.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


_CENTRED = "the distance from the mean has no digits in which the data agree, and their sum may overflow"
var.defvjps(
    x=lambda xp, g, y, x, axis, ddof, keepdims: (
        unreduced(xp, g, axis, keepdims) * (2 * _centred(xp, x, axis) / (xp.count(x, axis) - ddof))
    )
)
var.caveat("x", _CENTRED)
var.samples = along_each_axis(ddof=1, keepdims=True)


@primitive("std")
def std(xp: XP, x: X, /, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
    """The standard deviation, the root of the variance.

    The gradient for constant data is 0, not nan.

    >>> from autograd import Tensor, std
    >>> x, constant = Tensor([1.0, 3.0]), Tensor([2.0, 2.0])
    >>> (std(x) + std(constant)).backward()
    >>> std(x).item(), x.grad.tolist(), constant.grad.tolist()
    (1.0, [-0.5, 0.5], [0.0, 0.0])
    """
    return xp.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _alone(x: X, axis: Axis) -> bool:
    """Whether each element is the only one along `axis`: whatever it is, it has no distance from the mean."""
    axes = range(len(shape(x))) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return all(shape(x)[k] == 1 for k in axes)


def _std(xp: XP, g: X, y: X, x: X, axis: Axis, ddof: int, keepdims: bool) -> X:
    slope = _centred(xp, x, axis)  # 0, with derivatives 0, of elements that are alone
    if ddof or not _alone(x, axis):
        slope = slope / unreduced(xp, y, axis, keepdims) / (xp.count(x, axis) - ddof)
    return unreduced(xp, g, axis, keepdims) * slope


std.defvjps(x=_std)
std.convention(
    "x",
    lambda xp, x, axis, ddof, keepdims: (  # y may be above 0 by rounding
        0 not in shape(x)
        and not _alone(x, axis)
        and xp.max(x, axis=axis, keepdims=True) == xp.min(x, axis=axis, keepdims=True)
    ),
    0.0,
    "0 for constant data, the tip of a cone",
    {((0.1, 0.1, 0.1),): (0.0, 0.0, 0.0), (((1.0, 2.0), (1.0, 4.0)), 0): ((0.0, -0.5), (0.0, 0.5))},
    lift=lambda xp, g, axis, ddof, keepdims: unreduced(xp, g, axis, keepdims),
)
std.caveat("x", _CENTRED)
std.samples = along_each_axis(ddof=0, keepdims=False)


def average(x: X, axis: Axis = None, weights: X = None, keepdims: bool = False) -> X:
    """The mean over all elements, or along `axis`, each counted with its weight.

    The weights have the shape of `x`, or, with `axis`, the lengths of its axes. A sum of 0 is a ``ZeroDivisionError``.

    >>> from autograd import Tensor, average
    >>> x, weights = Tensor([1.0, 5.0]), Tensor([3.0, 1.0])
    >>> y = average(x, weights=weights)
    >>> y.backward()
    >>> y.item(), x.grad.tolist(), weights.grad.tolist()
    (2.0, [0.75, 0.25], [-0.25, 0.75])
    """
    if axis is not None:
        normalize_axis_tuple(axis, ndim(x), "average")
    if weights is None:
        return mean(x, axis, keepdims)
    if shape(weights) != shape(x):
        axes = () if axis is None else normalize_axis_tuple(axis, ndim(x))
        if not axes or shape(weights) != tuple(shape(x)[k] for k in axes):
            raise ValueError(
                f"average: weights of shape {shape(weights)} fit neither x of shape {shape(x)} nor its axis"
            )
        if len(axes) > 1:
            weights = transpose(weights, tuple(axes.index(k) for k in sorted(axes)))
        weights = reshape(weights, tuple(n if k in axes else 1 for k, n in enumerate(shape(x))))
        weights = broadcast_to(weights, shape(x))
    total = sum(weights, axis, keepdims)
    if (known := values_of(total)) is not None and not np.all(known):
        raise ZeroDivisionError("average: the sum of the weights is 0")
    return sum(mul(x, weights), axis, keepdims) / total
