"""Reductions that are no sums: products, the norm, variance and standard deviation."""

from typing import Any

from autograd.engine.op import primitive
from autograd.ops.arithmetic import XP, X
from autograd.ops.shape import Axis, kept, shape

__all__ = ["prod", "std", "var"]


@primitive("Π")
def prod(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The product of all elements, or along `axis`."""
    return xp.prod(x, axis=axis, keepdims=keepdims)


prod.defvjps(x=lambda xp, g, y, x, axis, keepdims: kept(xp, g, axis, keepdims) * xp.others(x, axis=axis))


# A quotient y / x would fail at zeros, at two of them also in the second derivative. So here nothing is divided.
@primitive("Π others")
def others(xp: XP, x: X, /, axis: Axis = None) -> X:
    """For each element the product of the others, all or those along `axis`: the derivative of their product."""
    return xp.others(x, axis)


def _others(xp: XP, g: X, y: X, x: X, axis: Axis) -> X:
    """The same once more, with each element left out in turn: along a new first axis."""
    left_out = xp.units(x, axis=axis)
    along = _shifted(axis, x.ndim)
    products = xp.others(xp.where(left_out, 1.0, x), axis=along)
    totals = xp.sum(xp.where(left_out, 0.0, g) * products, axis=along, keepdims=True)
    return xp.sum(xp.where(left_out, totals, 0.0), axis=0)


def _shifted(axis: Axis, ndim: int) -> Axis:
    """The axes where they are after a new first one."""
    axes: Any = range(ndim) if axis is None or ndim == 0 else (axis,) if isinstance(axis, int) else axis
    return tuple(k % ndim + 1 for k in axes)


others.defvjps(x=_others)


@primitive("units", differentiable=False)
def units(xp: XP, x: X, /, axis: Axis = None) -> X:
    """Along a new first axis, a mask for each element of `x`, or each along `axis`; reads the shape only."""
    return xp.units(x, axis)


@primitive("‖·‖")
def length(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The Euclidean length √Σx² of all elements, or along `axis`; users call :func:`norm`."""
    return xp.norm(x, axis=axis, keepdims=keepdims)


length.defvjps(x=lambda xp, g, y, x, axis, keepdims: kept(xp, g, axis, keepdims) * (x / kept(xp, y, axis, keepdims)))
length.convention(
    "x",
    lambda xp, x, axis, keepdims: xp.norm(x, axis=axis, keepdims=True) == 0,
    0.0,
    "0 at x = 0, the tip of a cone",
    {((0.0, 0.0),): (0.0, 0.0), (((3.0, 0.0), (4.0, 0.0)), 0): ((0.6, 0.0), (0.8, 0.0))},
)


def _centred(xp: XP, x: X, axis: Axis) -> X:
    return x - xp.sum(x, axis=axis, keepdims=True) / xp.count(x, axis)


@primitive("var")
def var(xp: XP, x: X, /, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
    """The variance: the sum of the squared distances from the mean, over their number less `ddof`."""
    return xp.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


_CENTRED = "the distance from the mean has no digits in which the data agree, and their sum may overflow"


var.defvjps(
    x=lambda xp, g, y, x, axis, ddof, keepdims: (
        kept(xp, g, axis, keepdims) * (2 * _centred(xp, x, axis) / (xp.count(x, axis) - ddof))
    )
)

var.caveat("x", _CENTRED)


@primitive("std")
def std(xp: XP, x: X, /, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
    """The standard deviation, the root of the variance."""
    return xp.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


std.defvjps(
    x=lambda xp, g, y, x, axis, ddof, keepdims: (
        kept(xp, g, axis, keepdims) * (_centred(xp, x, axis) / kept(xp, y, axis, keepdims) / (xp.count(x, axis) - ddof))
    )
)
std.convention(
    "x",
    lambda xp, x, axis, ddof, keepdims: (  # rounding leaves y above 0
        0 not in shape(x) and xp.max(x, axis=axis, keepdims=True) == xp.min(x, axis=axis, keepdims=True)
    ),
    0.0,
    "0 for constant data, the tip of a cone",
    {((0.1, 0.1, 0.1),): (0.0, 0.0, 0.0), (((1.0, 2.0), (1.0, 4.0)), 0): ((0.0, -0.5), (0.0, 0.5))},
)
std.caveat("x", _CENTRED)
