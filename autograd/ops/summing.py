"""Running sums and products, differences, averages; numbers evenly spaced, and arrays like another."""

from collections.abc import Callable

import numpy as np

from autograd.op import primitive
from autograd.ops.arithmetic import XP, X, add, mul
from autograd.ops.moving import diagonal, integer, one_axis, plain_or_array, ravel
from autograd.ops.shape import (
    Axis,
    broadcast_to,
    concatenate,
    constant_result,
    mean,
    ndim,
    reshape,
    shape,
    sum,
    zeros_like,
)

__all__ = ["average", "cumprod", "cumsum", "diff", "full_like", "linspace", "ones_like", "trace"]


@primitive("cumsum")
def cumsum(xp: XP, x: X, /, axis: int | None = None) -> X:
    """The sums of the first 1, 2, 3, ... elements, along `axis`."""
    return xp.cumsum(x, axis)


cumsum.defvjps(x=lambda xp, g, y, x, axis: xp.reshape_like(xp.flip(xp.cumsum(xp.flip(g, axis), axis), axis), x))


# What follows is written in other ops.
def trace(x: X, offset: int = 0, axis1: int = 0, axis2: int = 1) -> X:
    """The sum along a diagonal."""
    return sum(diagonal(x, offset, axis1, axis2), -1)


def _along(name: str, x: X, axis: int | None) -> tuple[X, Callable[[int | None, int | None], X]]:
    """An array, and its slices along an axis: of None the elements in one row."""
    x = ravel(x) if axis is None else plain_or_array(x)
    k = one_axis(name, 0 if axis is None else axis, x.ndim)
    return x, lambda start, stop: (slice(None),) * k + (slice(start, stop),)


def cumprod(x: X, axis: int | None = None) -> X:
    """The products of the first 1, 2, 3, ... elements, along `axis`."""
    y, between = _along("cumprod", x, axis)
    k = 0 if axis is None else axis
    step = 1
    # Products of 2, 4, 8, ... neighbours: no division, so that zeros among the factors do no harm.
    while step < y.shape[k]:
        y = concatenate([y[between(None, step)], y[between(step, None)] * y[between(None, -step)]], k)
        step *= 2
    return y


def diff(x: X, n: int = 1, axis: int = -1) -> X:
    """The differences of neighbours along `axis`, taken `n` times."""
    y, between = _along("diff", x, axis)
    if integer("diff", "n", n) < 0:
        raise ValueError(f"diff: n={n}, but differences are taken 0 or more times")
    for _ in range(n):
        y = y[between(1, None)] - y[between(None, -1)]
    return y


def average(x: X, axis: Axis = None, weights: X = None, keepdims: bool = False) -> X:
    """The mean over all elements, or along `axis`, each counted with its weight."""
    if weights is None:
        return mean(x, axis, keepdims)
    if shape(weights) != shape(x):
        if ndim(weights) != 1 or not isinstance(axis, int) or shape(weights) != (shape(x)[axis],):
            raise ValueError(
                f"average: weights of shape {shape(weights)} fit neither x of shape {shape(x)} nor its axis"
            )
        weights = reshape(weights, (-1,) + (1,) * (ndim(x) - 1 - axis % ndim(x)))
        weights = broadcast_to(weights, shape(x))
    return sum(mul(x, weights), axis, keepdims) / sum(weights, axis, keepdims)


@constant_result
def ones_like(x: X) -> X:
    """Ones in the shape of `x`."""
    return add(zeros_like(x), 1)


def full_like(x: X, fill_value: X) -> X:
    """An array in the shape of `x` filled with a number, which may be a node."""
    return add(zeros_like(x), fill_value)


def linspace(start: X, stop: X, num: int = 50, endpoint: bool = True) -> X:
    """`num` evenly spaced numbers from `start` to `stop`, along a new first axis."""
    rank = max(ndim(start), ndim(stop))
    t = np.linspace(0.0, 1.0, integer("linspace", "num", num), endpoint).reshape((num,) + (1,) * rank)
    t = t.astype(getattr(start - stop, "dtype", float))
    return start * (1 - t) + stop * t
