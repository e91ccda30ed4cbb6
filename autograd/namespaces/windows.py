"""The functions of sliding windows that the op table asks for, of NumPy arrays: convolutions and pooling.

Arrays have any axes in front, then (for convolutions) one of channels, then the axes along which windows slide. A
number in the place of a tuple holds for each of those.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import inf, prod

import numpy as np

from autograd.typing import Array, X

__all__ = [
    "avg_pool", "conv", "conv_transpose", "conv_weight", "max_pool", "max_pool_places", "max_unpool", "pick",
    "pooled_shape", "spread_pool",
]  # fmt: skip

Each = int | tuple[int, ...]  # a number for each axis
Index = tuple[X, ...]
_BYTES = 1 << 20  # windows are laid out for so many bytes of samples at once, which stay in the processor's cache


def each(value: Each, n: int) -> tuple[int, ...]:
    """A number for each of `n` axes."""
    return value if isinstance(value, tuple) else (value,) * n


def lengths(sizes: tuple[int, ...], kernel: tuple[int, ...], how: tuple[Each, Each, Each], up: bool) -> tuple[int, ...]:
    """How many windows there are along each axis; with `up` also one that begins inside and ends outside."""
    found = []
    for n, k, stride, border, gap in zip(sizes, kernel, *(each(h, len(kernel)) for h in how), strict=True):
        room = n + 2 * border - gap * (k - 1) - 1
        m = room // stride + 1
        if up and room % stride and m * stride < n + border:
            m += 1
        if m < 1:
            raise ValueError(
                f"a window of {gap * (k - 1) + 1} elements is larger than the {n + 2 * border} along an axis, "
                f"borders included"
            )
        found.append(m)
    return tuple(found)


def conv(x: Array, weight: Array, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1) -> Array:
    """The sums of the products of each window with each kernel."""
    how = _Convolution(x, weight, (stride, padding, dilation), groups)
    y = np.empty((*how.grouped, len(weight) // groups, prod(how.out)), np.result_type(x, weight))
    kernels = weight.reshape(groups, *y.shape[2:3], -1)
    for batch in how.batches(y.itemsize):
        np.matmul(kernels, how.columns(how.samples(x)[batch]), out=y[batch])
    return y.reshape(*how.in_front, len(weight), *how.out)


def conv_transpose(
    z: Array, weight: Array, like: Array, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1
) -> Array:
    """Each element of `z` times each kernel, added up where the windows of an array like `like` lie."""
    how = _Convolution(like, weight, (stride, padding, dilation), groups)
    if z.shape != (*how.in_front, len(weight), *how.out):
        raise ValueError(f"an array of shape {like.shape} has windows of shape {how.out}, not {z.shape}")
    kernels = weight.reshape(groups, len(weight) // groups, -1).swapaxes(1, 2)
    by_group = z.reshape(*how.grouped, len(weight) // groups, prod(how.out))
    x = np.zeros(how.samples(like).shape, np.result_type(z, weight))
    overlaps = [*_overlaps(how.sizes, how.kernel, how.out, how.how)]
    for batch in how.batches(x.itemsize):
        target = x[batch]
        parts = (kernels @ by_group[batch]).reshape(*target.shape[:2], *how.kernel, *how.out)
        for place, outs, ins in overlaps:
            at: Index = (slice(None), slice(None), *place)
            target[ins] += parts[at][outs]
    return x.reshape(like.shape)


def conv_weight(
    z: Array, x: Array, like: Array, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1
) -> Array:
    """The sums of the products of `z` with the element of `x` that each element of a kernel like `like` meets."""
    how = _Convolution(x, like, (stride, padding, dilation), groups)
    total = np.zeros((groups, len(like) // groups, prod(like.shape[1:])), np.result_type(x, z))
    for batch in how.batches(total.itemsize):
        rows = how.samples(z)[batch].swapaxes(0, 1).reshape(*total.shape[:2], -1)
        total += rows @ how.columns(how.samples(x)[batch], samples_behind=True).swapaxes(1, 2)
    return total.reshape(like.shape)


class _Convolution:
    """The shapes of a convolution, and what lays out its windows as columns of one matrix for each group."""

    def __init__(self, x: Array, weight: Array, how: tuple[Each, Each, Each], groups: int) -> None:
        n = weight.ndim - 2
        if n < 1 or x.ndim <= n or len(weight) % groups or x.shape[-n - 1] != weight.shape[1] * groups:
            raise ValueError(
                f"conv takes x of shape (..., channels, *lengths) and weight of shape (kernels, channels / groups, "
                f"*kernel), not {x.shape} and {weight.shape} with groups={groups}"
            )
        self.in_front, self.sizes, self.kernel = x.shape[: -n - 1], x.shape[-n:], weight.shape[2:]
        self.how, self.groups, self.elements = how, groups, groups * prod(weight.shape[1:])
        self.stride, self.padding, self.dilation = (each(h, n) for h in how)
        self.out = lengths(self.sizes, self.kernel, how, False)
        self.grouped = prod(self.in_front), groups

    def samples(self, x: Array) -> Array:
        """An array with one axis in front."""
        return x.reshape(prod(self.in_front), *x.shape[len(self.in_front) :])

    def batches(self, itemsize: int) -> Iterator[slice]:
        """The samples in parts."""
        n = prod(self.in_front)
        step = max(1, _BYTES // max(1, itemsize * self.elements * prod(self.out)))
        return (slice(i, i + step) for i in range(0, n, step))

    def columns(self, x: Array, samples_behind: bool = False) -> Array:
        """The windows of samples as columns, in the order of the elements of a kernel, of a matrix for each group.

        These are for each sample, or one for all of them.
        """
        if any(self.padding):
            borders = [*zip(self.sizes, self.padding, strict=True)]
            whole = np.zeros((*x.shape[:2], *(m + 2 * b for m, b in borders)), x.dtype)
            inside: Index = (..., *(slice(b, b + m) for m, b in borders))
            whole[inside] = x
            x = whole
        steps = x.strides[2:]
        within = tuple(step * gap for step, gap in zip(steps, self.dilation, strict=True))
        between = tuple(step * stride for step, stride in zip(steps, self.stride, strict=True))
        front, own = ((), (len(x),)) if samples_behind else ((len(x),), ())
        first, last = ((), x.strides[:1]) if samples_behind else (x.strides[:1], ())
        windows = np.lib.stride_tricks.as_strided(
            x, (*front, x.shape[1], *self.kernel, *own, *self.out), (*first, x.strides[1], *within, *last, *between),
            writeable=False,
        )  # fmt: skip
        return windows.reshape(*front, self.groups, self.elements // self.groups, -1)


def _overlaps(
    sizes: tuple[int, ...], kernel: tuple[int, ...], out: tuple[int, ...], how: tuple[Each, Each, Each]
) -> Iterator[tuple[Index, Index, Index]]:
    """For each place in a window: the windows in which an element lies there, and these elements, as two indices."""
    axes = []
    for n, k, m, stride, border, gap in zip(sizes, kernel, out, *(each(h, len(kernel)) for h in how), strict=True):
        places = []
        for place in range(k):
            start = place * gap - border  # where it lies in the first window
            first, last = max(0, -(start // stride)), min(m, (n - 1 - start) // stride + 1)
            if first < last:
                begin = start + first * stride
                places.append(
                    (place, slice(first, last), slice(begin, begin + (last - first - 1) * stride + 1, stride))
                )
        axes.append(places)
    for each_place in product(*axes):
        place, outs, ins = zip(*each_place, strict=True)
        yield place, (..., *outs), (..., *ins)


def pooled_shape(
    x: tuple[int, ...], kernel: tuple[int, ...], stride: Each, padding: Each, dilation: Each = 1,
    ceil_mode: bool = False, **divisor: object,
) -> tuple[int, ...]:  # fmt: skip
    """The shape of what pooling makes of an array of shape `x`."""
    n = len(x) - len(kernel)
    if n < 0:
        raise ValueError(f"windows {kernel} slide along {len(kernel)} axes, but there are {len(x)}: {x}")
    return x[:n] + lengths(x[n:], kernel, (stride, padding, dilation), ceil_mode)


class _Pool:
    """The windows of an array that is pooled: their shape, and which elements each place in them holds."""

    def __init__(
        self, shape: tuple[int, ...], kernel: tuple[int, ...], stride: Each, padding: Each, dilation: Each, up: bool
    ) -> None:
        self.shape = pooled_shape(shape, kernel, stride, padding, dilation, up)
        n, how = len(shape) - len(kernel), (stride, padding, dilation)
        self.sizes = shape[n:]
        self.overlaps = [(outs, ins) for _, outs, ins in _overlaps(self.sizes, kernel, self.shape[n:], how)]


def lowest(x: Array) -> X:
    return np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -inf  # -inf beside Values, too


def max_pool(
    x: Array, kernel: tuple[int, ...], stride: Each = 1, padding: Each = 0, dilation: Each = 1, ceil_mode: bool = False
) -> Array:
    """The largest element of each window."""
    pool = _Pool(x.shape, kernel, stride, padding, dilation, ceil_mode)
    y = np.full(pool.shape, lowest(x), x.dtype)
    for outs, ins in pool.overlaps:
        np.maximum(y[outs], x[ins], out=y[outs])
    return y


def max_pool_places(
    x: Array, kernel: tuple[int, ...], stride: Each = 1, padding: Each = 0, dilation: Each = 1, ceil_mode: bool = False
) -> Array:
    """Where the largest element of each window lies, counted through the axes along which windows slide.

    It is the first of several; of nans, which are larger than numbers, the last; in a border alone, -1.
    """
    pool = _Pool(x.shape, kernel, stride, padding, dilation, ceil_mode)
    best = np.full(pool.shape, lowest(x), x.dtype)
    found = np.full(pool.shape, -1)
    numbers = np.arange(prod(pool.sizes)).reshape(pool.sizes)
    for outs, ins in pool.overlaps:
        challenger = x[ins]
        better = challenger > best[outs]
        better |= challenger != challenger  # a nan
        better |= found[outs] < 0  # among the lowest numbers that there are, too, one is the first
        np.copyto(best[outs], challenger, where=better)
        np.copyto(found[outs], numbers[ins], where=better)
    return found


def pick(x: Array, places: Array, rank: int = 1) -> Array:
    """The elements at places that are counted through the last `rank` axes; 0 at the place -1."""
    n = x.ndim - rank
    rows, at = x.reshape(*x.shape[:n], prod(x.shape[n:])), places.reshape(*x.shape[:n], prod(places.shape[n:]))
    found = np.take_along_axis(rows, at, -1)
    return np.where(at < 0, x.dtype.type(0), found).reshape(places.shape)


def max_unpool(z: Array, places: Array, like: Array, rank: int = 1) -> Array:
    """Zeros in the shape of `like`, with the elements of `z` added at places counted through the last `rank` axes.

    What has the place -1 is dropped.
    """
    n = like.ndim - rank
    rows, length = prod(like.shape[:n]), prod(like.shape[n:]) + 1
    bins = places.reshape(rows, prod(places.shape[n:])) + np.arange(1, rows * length + 1, length)[:, None]
    sums = np.bincount(bins.ravel(), z.ravel(), rows * length).reshape(rows, length)[:, 1:]
    return sums.astype(z.dtype).reshape(like.shape)


def avg_pool(
    x: Array, kernel: tuple[int, ...], stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Array:  # fmt: skip
    """The mean of each window."""
    pool = _Pool(x.shape, kernel, stride, padding, 1, ceil_mode)
    total = np.zeros(pool.shape, x.dtype)
    for outs, ins in pool.overlaps:
        total[outs] += x[ins]
    y: Array = total / divisor(x, kernel, stride, padding, count_include_pad, divisor_override, pool.shape)
    return y


def spread_pool(
    z: Array, like: Array, kernel: tuple[int, ...], stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Array:  # fmt: skip
    """Each element spread evenly over its window in an array like `like`, and added up."""
    pool = _Pool(like.shape, kernel, stride, padding, 1, ceil_mode)
    share = z / divisor(like, kernel, stride, padding, count_include_pad, divisor_override, pool.shape)
    x = np.zeros(like.shape, share.dtype)
    for outs, ins in pool.overlaps:
        x[ins] += share[outs]
    return x


def divisor(
    x: Array, kernel: tuple[int, ...], stride: Each, padding: Each, with_border: bool, override: int | None,
    out: tuple[int, ...],
) -> X:  # fmt: skip
    """By what the sum of each window is divided: its elements, with those of the border or without."""
    if override is not None:
        return override
    n = len(kernel)
    count = np.ones(())
    for size, m, k, step, border in zip(x.shape[-n:], out[-n:], kernel, each(stride, n), each(padding, n), strict=True):
        start = np.arange(m) * step - border
        stop = np.minimum(start + k, size + border)
        if not with_border:
            start, stop = np.maximum(start, 0), np.minimum(stop, size)
        count = count[..., None] * (stop - start)
    return prod(kernel) if (count == prod(kernel)).all() else count.astype(x.dtype)
