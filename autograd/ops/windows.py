"""Sliding windows: convolutions, and pooling by the largest element or the mean.

The derivatives are ops of this file again, so that there are derivatives of any order: a convolution, what spreads its
result back over the input, and what adds it up for the kernels are one sum of products, seen from three sides.
"""

import numpy as np

from autograd.ops._helpers import named

__all__ = ["avg_pool", "conv", "conv_transpose", "max_pool"]

_CONV = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}

conv = named(
    "conv", "The sums of products of each window of `x`, (..., channels, *lengths), with each kernel of `weight`.",
    "conv", "x weight", _CONV, keywords=True,
)  # fmt: skip
conv_transpose = named(
    "conv_transpose", "Each element of `z` times each kernel, added up where the windows of an array as `like` lie.",
    "convᵀ", "z weight like", _CONV, keywords=True, shape_only=("like",),
)  # fmt: skip
conv_weight = named(
    "conv_weight", "The sums of products of `z` with what of `x` each element of the kernels `like` meets.",
    "conv", "z x like", _CONV, keywords=True, shape_only=("like",),
)  # fmt: skip
conv.defvjps(
    x=lambda xp, g, y, x, weight, **how: xp.conv_transpose(g, weight, x, **how),
    weight=lambda xp, g, y, x, weight, **how: xp.conv_weight(g, x, weight, **how),
)
conv_transpose.defvjps(
    z=lambda xp, g, y, z, weight, like, **how: xp.conv(g, weight, **how),
    weight=lambda xp, g, y, z, weight, like, **how: xp.conv_weight(z, g, weight, **how),
    like=None,
)
conv_weight.defvjps(
    z=lambda xp, g, y, z, x, like, **how: xp.conv(x, g, **how),
    x=lambda xp, g, y, z, x, like, **how: xp.conv_transpose(z, g, x, **how),
    like=None,
)
_HOW = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
conv.samples = (
    ((2, 3, 5), (2, 3, 2), dict(_CONV)),
    ((3, 5), (2, 3, 2), _CONV | {"padding": 1}),
    ((2, 2, 3, 4), (2, 1, 2, 2), _HOW),
)
conv_transpose.samples = (
    ((2, 2, 4), (2, 3, 2), (2, 3, 5), dict(_CONV)),
    ((2, 2, 2, 2), (2, 1, 2, 2), (2, 2, 3, 4), _HOW),
)
conv_weight.samples = (
    ((2, 2, 4), (2, 3, 5), (2, 3, 2), dict(_CONV)),
    ((2, 2, 2, 2), (2, 2, 3, 4), (2, 1, 2, 2), _HOW),
)

_MAX = {"kernel": ..., "stride": 1, "padding": 0, "dilation": 1, "ceil_mode": False}

max_pool = named(
    "max_pool", "The largest element of each window; a border lies below all.", "max pool", "x", _MAX, keywords=True
)
winners = named(
    "winners", "The place in each window of its largest element, the first of several (of nans the last).",
    "argmax pool", "x", _MAX, keywords=True, differentiable=False,
)  # fmt: skip
pick = named("pick", "The element of each window at its place.", "pick", "x places", _MAX, keywords=True)
unpool = named(
    "unpool", "Zeros in the shape of `like`, with each element of `z` added at the place in its window.",
    "unpool", "z places like", _MAX, keywords=True, shape_only=("like",),
)  # fmt: skip
max_pool.defvjps(x=lambda xp, g, y, x, **how: xp.unpool(g, xp.winners(x, **how), x, **how))
pick.defvjps(x=lambda xp, g, y, x, places, **how: xp.unpool(g, places, x, **how), places=None)
unpool.defvjps(z=lambda xp, g, y, z, places, like, **how: xp.pick(g, places, **how), places=None, like=None)

_AVG = {
    "kernel": ..., "stride": 1, "padding": 0, "ceil_mode": False, "count_include_pad": True, "divisor_override": None,
}  # fmt: skip

avg_pool = named("avg_pool", "The mean of each window.", "avg pool", "x", _AVG, keywords=True)
spread_pool = named(
    "spread_pool", "Each element of `z` spread evenly over its window in an array as `like`, and added up.",
    "spread", "z like", _AVG, keywords=True, shape_only=("like",),
)  # fmt: skip
avg_pool.defvjps(x=lambda xp, g, y, x, **how: xp.spread_pool(g, x, **how))
spread_pool.defvjps(z=lambda xp, g, y, z, like, **how: xp.avg_pool(g, **how), like=None)

_WAYS = _MAX | {"kernel": (2,)}, _MAX | {"kernel": (2, 3), "stride": 2, "padding": (0, 1), "ceil_mode": True}
max_pool.samples = winners.samples = ((2, 5), _WAYS[0]), ((2, 5, 4), _WAYS[1])
_PLACES = np.array([[0, 1, 1, 0], [1, 0, 1, 1]])
pick.samples = (((2, 5), _PLACES, _WAYS[0]),)
unpool.samples = (((2, 4), _PLACES, (2, 5), _WAYS[0]),)
_WAYS = _AVG | {"kernel": (2,)}, _AVG | {"kernel": (2, 3), "stride": 2, "padding": (0, 1), "count_include_pad": False}
avg_pool.samples = ((2, 5), _WAYS[0]), ((2, 5, 4), _WAYS[1])
spread_pool.samples = ((2, 4), (2, 5), _WAYS[0]), ((2, 2, 2), (2, 5, 4), _WAYS[1])
