"""Sliding windows: convolutions, and pooling by the largest element or the mean.

The derivatives are ops of this file again, so that there are derivatives of any order: a convolution, what spreads its
result back over the input, and what adds it up for the kernels are one sum of products, seen from three sides. Arrays
have any axes in front, then, for convolutions, one of channels, then those along which the windows slide.
"""

import numpy as np

from autograd.engine.primitive import primitive
from autograd.namespaces.windows import pooled_shape
from autograd.ops._helpers import XP, X

__all__ = ["avg_pool", "conv", "conv_transpose", "max_pool", "max_pool_places", "max_unpool"]

Each = int | tuple[int, ...]  # a number for all those axes, or for each


@primitive("conv")
def conv(xp: XP, x: X, weight: X, /, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1) -> X:
    """The sums of products of each window of `x`, ``(..., channels, *lengths)``, with each kernel of `weight`.

    `weight` has the shape ``(kernels, channels // groups, *lengths)``, and the result ``(..., kernels, *places)``. No
    kernel is turned round, so that this is a correlation, as in PyTorch. Of several `groups` each takes its own
    channels.

    >>> from autograd import Tensor, conv
    >>> x, weight = Tensor([[1.0, 2.0, 4.0, 8.0]]), Tensor([[[1.0, -1.0]]])
    >>> y = conv(x, weight)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist(), weight.grad.tolist()
    ([[-1.0, -2.0, -4.0]], [[1.0, 0.0, 0.0, -1.0]], [[[7.0, 14.0]]])
    """
    return xp.conv(x, weight, stride=stride, padding=padding, dilation=dilation, groups=groups)


@primitive("convᵀ", shape_only=("like",))
def conv_transpose(
    xp: XP, z: X, weight: X, like: X, /, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1
) -> X:
    """Each element of `z` times each kernel, added up where the windows of an array as `like` lie.

    It is the derivative of :func:`conv` by `x`; of `like` only the shape is read.

    >>> import numpy as np
    >>> from autograd import Tensor, conv_transpose
    >>> z, weight = Tensor([[1.0, 10.0]]), Tensor([[[1.0, 2.0]]])
    >>> conv_transpose(z, weight, np.zeros((1, 4)), stride=2).tolist()
    [[1.0, 2.0, 10.0, 20.0]]
    """
    return xp.conv_transpose(z, weight, like, stride=stride, padding=padding, dilation=dilation, groups=groups)


@primitive("conv", shape_only=("like",))
def conv_weight(
    xp: XP, z: X, x: X, like: X, /, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1
) -> X:
    """The sums of products of `z` with what of `x` each element of the kernels `like` meets."""
    return xp.conv_weight(z, x, like, stride=stride, padding=padding, dilation=dilation, groups=groups)


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
_CONV = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
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


@primitive("max pool")
def max_pool(
    xp: XP, x: X, /, kernel: tuple[int, ...], stride: Each = 1, padding: Each = 0, dilation: Each = 1,
    ceil_mode: bool = False,
) -> X:  # fmt: skip
    """The largest element of each window; a border lies below all.

    `kernel` has a length for each of the last axes. By default windows begin at each element; with ``stride=kernel``
    they do not overlap. Of several largest elements the first has the gradient.

    >>> from autograd import Tensor, max_pool
    >>> x = Tensor([1.0, 5.0, 2.0, 3.0])
    >>> y = max_pool(x, kernel=(2,), stride=2)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist(), max_pool(x, kernel=(2,)).tolist()
    ([5.0, 3.0], [0.0, 1.0, 0.0, 1.0], [5.0, 5.0, 3.0])
    """
    return xp.max_pool(x, kernel=kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)


@primitive("argmax pool", differentiable=False)
def max_pool_places(
    xp: XP, x: X, /, kernel: tuple[int, ...], stride: Each = 1, padding: Each = 0, dilation: Each = 1,
    ceil_mode: bool = False,
) -> X:  # fmt: skip
    """Where each window's largest element lies, counted through the axes; the first of several.

    >>> from autograd import Tensor, max_pool_places
    >>> max_pool_places(Tensor([1.0, 5.0, 2.0, 3.0]), kernel=(2,), stride=2).tolist()
    [1, 3]
    """
    return xp.max_pool_places(x, kernel=kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)


@primitive("pick")
def pick(xp: XP, x: X, places: X, /, rank: int = 1) -> X:
    """The elements at places that are counted through the last `rank` axes."""
    return xp.pick(x, places, rank=rank)


@primitive("unpool", shape_only=("like",))
def max_unpool(xp: XP, z: X, places: X, like: X, /, rank: int = 1) -> X:
    """Zeros in the shape of `like`, with the elements of `z` added at places counted through the last `rank` axes.

    >>> from autograd import Tensor, max_pool, max_pool_places, max_unpool
    >>> x = Tensor([1.0, 5.0, 2.0, 3.0])
    >>> y, places = (pool(x, kernel=(2,), stride=2) for pool in (max_pool, max_pool_places))
    >>> max_unpool(y, places, x).tolist()
    [0.0, 5.0, 0.0, 3.0]
    """
    return xp.max_unpool(z, places, like, rank=rank)


def _rank(kernel: X) -> int:
    """Along how many axes windows slide; of a kernel that is but a name, one."""
    return len(kernel) if isinstance(kernel, tuple) else 1


max_pool.defvjps(
    x=lambda xp, g, y, x, kernel, **how: xp.max_unpool(
        g, xp.max_pool_places(x, kernel=kernel, **how), x, rank=_rank(kernel)
    )
)
pick.defvjps(x=lambda xp, g, y, x, places, rank: xp.max_unpool(g, places, x, rank=rank), places=None)
max_unpool.defvjps(z=lambda xp, g, y, z, places, like, rank: xp.pick(g, places, rank=rank), places=None, like=None)


@primitive("avg pool")
def avg_pool(
    xp: XP, x: X, /, kernel: tuple[int, ...], stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> X:  # fmt: skip
    """The mean of each window.

    `kernel` has a length for each of the last axes; by default windows begin at each element. The zeros of a border
    count in the mean but for ``count_include_pad=False``.

    >>> from autograd import Tensor, avg_pool
    >>> x = Tensor([1.0, 5.0, 2.0, 3.0])
    >>> y = avg_pool(x, kernel=(2,), stride=2)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist(), avg_pool(x, kernel=(2,)).tolist()
    ([3.0, 2.5], [0.5, 0.5, 0.5, 0.5], [3.0, 3.5, 2.5])
    """
    return xp.avg_pool(
        x, kernel=kernel, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )  # fmt: skip


@primitive("spread", shape_only=("like",))
def spread_pool(
    xp: XP, z: X, like: X, /, kernel: tuple[int, ...], stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> X:  # fmt: skip
    """Each element of `z` spread evenly over its window in an array as `like`, and added up."""
    return xp.spread_pool(
        z, like, kernel=kernel, stride=stride, padding=padding, ceil_mode=ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override,
    )  # fmt: skip


avg_pool.defvjps(x=lambda xp, g, y, x, **how: xp.spread_pool(g, x, **how))
spread_pool.defvjps(z=lambda xp, g, y, z, like, **how: xp.avg_pool(g, **how), like=None)

_MAX = {"kernel": (2,), "stride": 1, "padding": 0, "dilation": 1, "ceil_mode": False}
max_pool.shape_of = max_pool_places.shape_of = pooled_shape
_WAYS = _MAX, _MAX | {"kernel": (2, 3), "stride": 2, "padding": (0, 1), "ceil_mode": True}
max_pool.samples = max_pool_places.samples = ((2, 5), _WAYS[0]), ((2, 5, 4), _WAYS[1])
_PLACES = np.array([[0, 2, 2, 4], [3, 0, 1, 1]])
pick.samples = ((2, 5), _PLACES, {"rank": 1}), ((2, 2, 3), _PLACES.reshape(2, 2, 2), {"rank": 2})
max_unpool.samples = (
    ((2, 4), _PLACES, (2, 5), {"rank": 1}),
    ((2, 2, 2), _PLACES.reshape(2, 2, 2), (2, 2, 3), {"rank": 2}),
)
_AVG = {
    "kernel": (2,), "stride": 1, "padding": 0, "ceil_mode": False, "count_include_pad": True, "divisor_override": None,
}  # fmt: skip
avg_pool.shape_of = pooled_shape
_WAYS = _AVG, _AVG | {"kernel": (2, 3), "stride": 2, "padding": (0, 1), "count_include_pad": False}
avg_pool.samples = ((2, 5), _WAYS[0]), ((2, 5, 4), _WAYS[1])
spread_pool.samples = ((2, 4), (2, 5), _WAYS[0]), ((2, 2, 2), (2, 5, 4), _WAYS[1])
