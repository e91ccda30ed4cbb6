"""Sampled functions: interpolation, slopes, running sums, phases, spaced numbers; and what makes numbers regular."""

from math import pi
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.libraries import beside, fetched, numpy_dtype
from autograd.engine.node import Node
from autograd.engine.primitive import primitive
from autograd.ops._helpers import NAN, XP, Axis, X, as_integer, axis_slice, normalise_axis
from autograd.ops.arithmetic import abs, add, div, floor_divide, fmod, mod, mul, pow, sub
from autograd.ops.creation import astype, linspace, zeros_like
from autograd.ops.cumulative import cumprod, cumsum, diff
from autograd.ops.indexing import scatter_like, take
from autograd.ops.joining import as_node_or_array, atleast_1d, concatenate, floats_of
from autograd.ops.logic import equal, greater, isinf, isnan, less, logical_and, logical_or, not_equal
from autograd.ops.products import matmul
from autograd.ops.rounding import trunc
from autograd.ops.selection import clip, copysign, where
from autograd.ops.shaping import expand_dims, ndim, reshape, shape, squeeze
from autograd.ops.sorting import argsort, searchsorted

__all__ = [
    "bincount", "cumulative_prod", "cumulative_sum", "float_power", "geomspace", "gradient", "interp",
    "ldexp", "logspace", "matvec", "modf", "nan_to_num", "unwrap", "vecmat",
]  # fmt: skip


@primitive("sinc", elementwise=True, lacks=("javascript", "machine"))
def sinc(xp: XP, x: X, /, order: int = 0) -> X:
    """sin(πx) / (πx), or its derivative of an order; smooth at 0, where it is 1."""
    return xp.sinc(x, order)


sinc.defvjps(x=lambda xp, g, y, x, order: g * xp.sinc(x, order + 1))
sinc.caveat("y", "the rounding of πx is all that is left of sin(πx) at whole numbers")
sinc.caveat("x", "as the function itself, and where two terms cancel")


def interp(x: X, xp: X, fp: X, left: X = None, right: X = None, period: X = None) -> X:
    """At `x` the straight lines between the points (`xp`, `fp`), whose `xp` ascend; `left` and `right` beside them.

    At a point its slope is that of the line on the right, at the last point of the one on the left.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x, height = Tensor([0.5, 1.0, 9.0]), Tensor([0.0, 2.0, 6.0])
    >>> y = np.interp(x, [0.0, 1.0, 2.0], height)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist(), height.grad.tolist()
    ([1.0, 2.0, 6.0], [2.0, 4.0, 0.0], [0.5, 1.5, 1.0])
    """
    x, xp, fp = floats_of(x, *map(as_node_or_array, (xp, fp)))
    if xp.ndim != 1 or xp.shape != fp.shape or 0 in xp.shape:
        raise ValueError(f"interp: xp and fp are vectors of one length, not of shape {xp.shape} and {fp.shape}")
    if period is not None:
        if period == 0:
            raise ValueError("interp: period=0; a period is not 0")
        left = right = None
        x, xp = mod(x, abs(period)), mod(xp, abs(period))
        order = argsort(xp)
        xp, fp = take(xp, order), take(fp, order)
        xp = concatenate([sub(xp[-1:], abs(period)), xp, add(xp[:1], abs(period))])
        fp = concatenate([fp[-1:], fp, fp[:1]])
    n = xp.shape[0]
    if n > 1:
        k = clip(sub(searchsorted(xp, x, "right"), 1), 0, n - 2)
        start, height = take(xp, k), take(fp, k)
        far, width = take(fp, add(k, 1)), sub(take(xp, add(k, 1)), start)
        infinite = logical_or(isinf(height), isinf(far))
        slope = div(sub(where(infinite, 0.0, far), where(infinite, 0.0, height)), width)
        inside = add(mul(slope, sub(x, start)), height)
        inside = where(isnan(x), NAN, or_infinite_end(inside, height, far, div(sub(x, start), width)))
    else:
        inside = where(isnan(x), NAN, fp[0])
    inside = where(less(x, xp[0]), fp[0] if left is None else left, inside)
    return where(greater(x, xp[-1]), fp[-1] if right is None else right, inside)


def or_infinite_end(line: X, start: X, end: X, t: X) -> X:
    """What a line has at the share `t` of its way; of one with an infinite end, that, but at the other one."""
    infinite = logical_or(isinf(start), isinf(end))
    start = where(logical_and(infinite, not_equal(t, 1)), start, 0.0)
    end = where(logical_and(infinite, not_equal(t, 0)), end, 0.0)
    return where(infinite, add(start, end), line)


def gradient(x: X, *varargs: X, axis: Axis = None, edge_order: int = 1) -> X:
    """The slopes of sampled data along each axis: central differences, and at the ends one-sided ones.

    The samples are 1 apart, or as far as a number for all axes or for each says; or they lie at the places of a vector.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 4.0, 9.0, 16.0])
    >>> y = np.gradient(x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist(), np.gradient(x, 0.5).tolist()
    ([3.0, 4.0, 6.0, 7.0], [-1.5, 0.5, -0.5, 1.5], [6.0, 8.0, 12.0, 14.0])
    """
    x = as_node_or_array(x)
    x = x if numpy_dtype(x).kind == "f" else astype(x, float)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim, "gradient")
    if len(varargs) not in (0, 1, len(axes)) or (len(varargs) == 1 < len(axes) and ndim(varargs[0])):
        raise TypeError(f"gradient: {len(varargs)} distances for {len(axes)} axes; give one for each, or for all")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order={edge_order!r}; it is 1 or 2")
    distances = varargs * (len(axes) if len(varargs) == 1 else 1) or (1.0,) * len(axes)
    slopes = tuple(_slopes(x, k, h, edge_order) for k, h in zip(axes, distances, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _slopes(x: X, axis: int, places: X, edge_order: int) -> X:
    """The slopes along one axis, of samples so far apart or at such places: means of those of the lines beside."""
    n = x.shape[axis]
    if n <= edge_order:
        raise ValueError(f"gradient: {n} samples along axis {axis}; edge_order={edge_order} needs {edge_order + 1}")
    steps: X = places
    share: X = 0.5  # of the line before a sample: it counts the more, the longer the one behind
    if ndim(places):
        if shape(places) != (n,):
            raise ValueError(f"gradient: places of shape {shape(places)} for {n} samples along axis {axis}")
        steps = reshape(diff(as_node_or_array(places)), (1,) * axis + (-1,) + (1,) * (x.ndim - axis - 1))
        steps = astype(steps, x.dtype, copy=False)
        behind = _part(steps, axis, 1, None)
        share = div(behind, add(_part(steps, axis, None, -1), behind))
    lines = div(diff(x, axis=axis), steps)
    if ndim(places):
        middle = add(mul(_part(lines, axis, None, -1), share), mul(_part(lines, axis, 1, None), sub(1, share)))
    else:  # not by the lines, so that the sample between them has no part in it, be it nan
        middle = div(sub(_part(x, axis, 2, None), _part(x, axis, None, -2)), mul(2.0, steps))
    first, last = _part(lines, axis, None, 1), _part(lines, axis, -1, None)
    if edge_order == 2:
        start, end = (
            (share, share) if ndim(places) == 0 else (_part(share, axis, None, 1), _part(share, axis, -1, None))
        )
        first = add(first, mul(sub(first, _part(lines, axis, 1, 2)), sub(1, start)))
        last = add(last, mul(sub(last, _part(lines, axis, -2, -1)), end))
    return concatenate([first, middle, last], axis)


def _part(x: X, axis: int, start: int | None, stop: int | None) -> X:
    return x[axis_slice(axis, start, stop)]


def cumulative_sum(x: X, axis: int | None = None, include_initial: bool = False) -> X:
    """The sums of the first 1, 2, 3, ... elements along `axis`; with ``include_initial`` 0 before them.

    >>> from autograd import Tensor
    >>> from autograd.ops.sampling import cumulative_sum
    >>> cumulative_sum(Tensor([1.0, 2.0, 3.0]), include_initial=True).tolist()
    [0.0, 1.0, 3.0, 6.0]
    """
    return _cumulative(cumsum, 0, x, axis, include_initial)


def cumulative_prod(x: X, axis: int | None = None, include_initial: bool = False) -> X:
    """The products of the first 1, 2, 3, ... elements along `axis`; with ``include_initial`` 1 before them.

    >>> from autograd import Tensor
    >>> from autograd.ops.sampling import cumulative_prod
    >>> cumulative_prod(Tensor([1.0, 2.0, 3.0]), include_initial=True).tolist()
    [1.0, 1.0, 2.0, 6.0]
    """
    return _cumulative(cumprod, 1, x, axis, include_initial)


def _cumulative(running: Any, initial: int, x: X, axis: int | None, include_initial: bool) -> X:
    x = as_node_or_array(x)
    x = atleast_1d(x)
    if axis is None and x.ndim != 1:
        raise ValueError(f"cumulative_{running.name[3:]}: x has {x.ndim} axes; say along which, with axis=")
    k = normalise_axis("cumulative_sum", 0 if axis is None else axis, x.ndim)
    y = running(x, k)
    before = np.full((*x.shape[:k], 1, *x.shape[k + 1 :]), initial, numpy_dtype(x))
    return concatenate([before, y], k) if include_initial else y


def unwrap(p: X, discont: float | None = None, axis: int = -1, period: X = 2 * pi) -> X:
    """`p` with a multiple of `period` added where it jumps by more than half of that along `axis`: constant steps.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.unwrap(Tensor([0.0, 90.0, 350.0]), period=360).tolist()
    [0.0, 90.0, -10.0]
    """
    p = as_node_or_array(p)
    k = normalise_axis("unwrap", axis, p.ndim)
    half = period / 2
    jumps = diff(p, axis=k)
    turns = floor_divide(add(jumps, half), period)  # a constant
    # A jump of just half a period is left as it is, in both directions.
    turns = where(logical_and(equal(sub(jumps, mul(turns, period)), -half), greater(jumps, 0)), sub(turns, 1), turns)
    turns = where(less(abs(jumps), half if discont is None else discont), 0, turns)
    steps = cumsum(mul(turns, period), k)
    return concatenate([p[axis_slice(k, None, 1)], sub(p[axis_slice(k, 1, None)], steps)], k)


def logspace(start: X, stop: X, num: int = 50, endpoint: bool = True, base: X = 10.0) -> X:
    """`num` numbers from ``base**start`` to ``base**stop``, each the same multiple of the one before.

    >>> import autograd.numpy as np
    >>> from autograd import Value
    >>> stop = Value(2.0)
    >>> y = np.logspace(0.0, stop, 3)
    >>> y[2].backward()
    >>> y.data.round(6).tolist(), round(stop.grad, 6)  # the slope of 10ˣ is 10ˣ·log 10
    ([1.0, 10.0, 100.0], 230.258509)
    """
    return pow(base, linspace(start, stop, num, endpoint))


def geomspace(start: X, stop: X, num: int = 50, endpoint: bool = True) -> X:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    >>> import autograd.numpy as np
    >>> from autograd import Value
    >>> stop = Value(16.0)
    >>> y = np.geomspace(1.0, stop, 3)
    >>> y[1].backward()
    >>> y.data.round(6).tolist(), round(stop.grad, 6)  # the middle is the root of stop
    ([1.0, 4.0, 16.0], 0.125)
    """
    rank = max(ndim(start), ndim(stop))
    t = np.linspace(0.0, 1.0, as_integer("geomspace", "num", num), endpoint).reshape((-1,) + (1,) * rank)
    return mul(start, pow(div(stop, start), t))


def float_power(x: X, y: X) -> X:
    """`x` to the power `y`, elementwise, in float64.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.float_power(Tensor([2, 3]), 2).tolist()
    [4.0, 9.0]
    """
    return pow(_double(x), _double(y))


def _double(x: X) -> X:
    return x if isinstance(x, (int, float)) else astype(x, float, copy=False)


def ldexp(x: X, i: X) -> X:
    """`x` times two to the power `i`, an integer, elementwise.

    >>> import autograd.numpy as np
    >>> from autograd import value_and_grad
    >>> value_and_grad(np.ldexp)(3.0, 2)
    (12.0, 4.0)
    """
    return mul(x, astype(pow(2.0, i), getattr(x, "dtype", float), copy=False) if ndim(i) else pow(2.0, i))


def modf(x: X) -> tuple[X, X]:
    """The fraction and the whole part of `x`, both with its sign, elementwise; the whole part is constant.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> fraction, whole = np.modf(Tensor([-2.5, 3.25]))
    >>> fraction.tolist(), whole.tolist()
    ([-0.5, 0.25], [-2.0, 3.0])
    """
    return fmod(where(isinf(x), copysign(zeros_like(x), x), x), 1.0), trunc(x)


def nan_to_num(
    x: X, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> X:
    """`x` with numbers for nan, inf and −inf: 0, and the largest and the least float, if none are given.

    No gradient reaches what was replaced.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, np.nan, np.inf])
    >>> y = np.nan_to_num(x, posinf=9.0)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([1.0, 0.0, 9.0], [1.0, 0.0, 0.0])
    """
    x = as_node_or_array(x) if isinstance(x, (list, tuple)) else x
    dtype: Any = numpy_dtype(x) if hasattr(x, "dtype") else np.dtype(float)
    if dtype.kind != "f":
        return x
    largest = float(np.finfo(dtype).max)
    x = where(isnan(x), nan, x)
    x = where(equal(x, np.inf), largest if posinf is None else posinf, x)
    return where(equal(x, -np.inf), -largest if neginf is None else neginf, x)


def bincount(x: X, weights: X = None, minlength: int = 0) -> X:
    """How often each of 0, 1, 2, ... is in `x`; or the sums of the `weights` of those that are.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> weights = Tensor([0.5, 1.0, 2.0])
    >>> y = np.bincount([0, 2, 2], weights)
    >>> y[2].backward()
    >>> y.tolist(), weights.grad.tolist()
    ([0.5, 0.0, 3.0], [0.0, 1.0, 1.0])
    """
    places = fetched(x.data) if isinstance(x, Node) else np.asarray(fetched(x))
    if weights is None:
        return beside(np.bincount(places, minlength=minlength), x)
    counts = np.bincount(places, minlength=minlength)
    return scatter_like(*floats_of(weights), np.zeros(len(counts)), x, key=("array",))


# ---- products of vectors ----


def matvec(a: X, x: X) -> X:
    """The products of matrices and vectors, ``a @ x`` along the last axes.

    >>> from autograd import Tensor
    >>> from autograd.ops.sampling import matvec
    >>> matvec(Tensor([[1.0, 2.0], [3.0, 4.0]]), [10.0, 1.0]).tolist()
    [12.0, 34.0]
    """
    return squeeze(matmul(a, expand_dims(x, -1)), -1)


def vecmat(x: X, a: X) -> X:
    """The products of vectors and matrices, ``x @ a`` along the last axes.

    >>> from autograd import Tensor
    >>> from autograd.ops.sampling import vecmat
    >>> vecmat([10.0, 1.0], Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [13.0, 24.0]
    """
    return squeeze(matmul(expand_dims(x, -2), a), -2)
