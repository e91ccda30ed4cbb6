"""Convolutions and pooling over a module of the array API standard: windows are gathered at places known from shapes.

The arguments are those of :mod:`autograd.namespaces.windows`, which calculates the same with NumPy.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf, prod

import numpy as np

from autograd.namespaces import windows
from autograd.namespaces.standard_matrices import Matrices
from autograd.namespaces.standard_shapes import lengths_of
from autograd.namespaces.windows import Each
from autograd.typing import Shape, X

__all__ = ["Convolution", "Windows", "pooled", "window_places"]

How = tuple[Each, Each, Each]  # stride, padding, dilation


class Windows(Matrices):
    """Functions of sliding windows."""

    # ---- convolutions ----

    def conv(self, x: X, weight: X, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1) -> X:
        """The sums of the products of each window with each kernel."""
        c = Convolution(x, weight, (stride, padding, dilation), groups)
        y = self.reshape(weight, c.kernels) @ self._columns(x, c)
        return self.reshape(y, (*c.in_front, c.kernel_count, *c.out))

    def conv_transpose(
        self, z: X, weight: X, like: X, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1
    ) -> X:
        """Each element of `z` times each kernel, added up where the windows of an array like `like` lie."""
        c = Convolution(like, weight, (stride, padding, dilation), groups)
        c.check(z, like)
        parts = self.swapaxes(self.reshape(weight, c.kernels), -1, -2) @ self.reshape(z, c.by_group)
        n = prod(c.sizes) + 1
        parts = self.reshape(parts, (prod(c.in_front), c.channels, prod(c.kernel) * prod(c.out)))
        return self.reshape(self.added(parts, (c.places + 1).ravel(), n)[..., 1:], lengths_of(like))

    def conv_weight(
        self, z: X, x: X, like: X, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1
    ) -> X:
        """The sums of the products of `z` with the element of `x` that each element of a kernel like `like` meets."""
        c = Convolution(x, like, (stride, padding, dilation), groups)
        by_sample = self.reshape(z, c.by_group) @ self.swapaxes(self._columns(x, c), -1, -2)
        return self.reshape(self.sum(by_sample, 0), lengths_of(like))

    def _columns(self, x: X, c: Convolution) -> X:
        """The windows as columns of a matrix for each sample and group."""
        rows = self.reshape(x, (prod(c.in_front), c.channels, prod(c.sizes)))
        return self.reshape(
            self._in_windows(rows, c.places, 0), (prod(c.in_front), c.groups, c.kernels[-1], prod(c.out))
        )

    def _in_windows(self, rows: X, places: X, border: float) -> X:
        """The elements of rows in windows, along two new axes for the places in a window and for the windows."""
        front = lengths_of(rows)[:-1]
        extended = self.concatenate([self.filled((*front, 1), border, rows, rows.dtype), rows], -1)
        return self.reshape(self.taken(extended, (places + 1).ravel()), (*front, *places.shape))

    def full_convolution(self, a: X, b: X) -> X:
        """The sums Σᵢ aᵢ·bₖ₋ᵢ, for every k at which the vectors overlap; no border of zeros meets an inf."""
        a, b = self.matched(a, b)
        n = lengths_of(a)[0] + lengths_of(b)[0] - 1
        like = self.filled((1, n), 0, a, a.dtype)
        return self.conv_transpose(a[None, ...], b[None, None, ...], like)[0, ...]

    def valid_correlation(self, a: X, b: X) -> X:
        """The sums Σᵢ aᵢ₊ₖ·bᵢ, for every k at which all of `b` lies on `a`."""
        a, b = self.matched(a, b)
        return self.conv(a[None, ...], b[None, None, ...])[0, ...]

    # ---- pooling ----

    def max_pool(
        self, x: X, kernel: Shape, stride: Each = 1, padding: Each = 0, dilation: Each = 1, ceil_mode: bool = False
    ) -> X:
        """The largest element of each window."""
        shape, rows, places = pooled(lengths_of(x), kernel, (stride, padding, dilation), ceil_mode)
        return self.reshape(self.max(self._in_windows(self.reshape(x, rows), places, self.lowest(x)), -2), shape)

    def max_pool_places(
        self, x: X, kernel: Shape, stride: Each = 1, padding: Each = 0, dilation: Each = 1, ceil_mode: bool = False
    ) -> X:
        """Where the largest element of each window lies, counted through the axes along which windows slide.

        It is the first of several; of nans, which are larger than numbers, the last; in a border alone, -1.
        """
        shape, rows, places = pooled(lengths_of(x), kernel, (stride, padding, dilation), ceil_mode)
        values = self._in_windows(self.reshape(x, rows), places, self.lowest(x))
        inside = self.entered(places >= 0, x)
        number = self.entered(np.arange(1, len(places) + 1)[:, None], x)
        last_nan = self.max(self.where(self.isnan(values), number, 0), -2)
        largest = self.logical_and(values == self.max(values, -2, True), inside)
        nth = self.where(last_nan > 0, last_nan - 1, self.argmax(largest, -2))
        at = nth * places.shape[1] + self.entered(np.arange(places.shape[1]), x)
        # A window in the border alone has no place inside, so that its first one is taken, which is -1.
        return self.reshape(self.looked_up(places.ravel(), at), shape)

    def looked_up(self, table: X, places: X) -> X:
        """The numbers of a table of NumPy's at places."""
        found = self.module.take(self.entered(table, places), self.reshape(places, -1), axis=0)
        return self.reshape(found, lengths_of(places))

    def lowest(self, x: X) -> float:
        """A number below all others of the dtype of `x`, or the lowest of them."""
        return -inf if self.is_float(x) else int(self.module.iinfo(x.dtype).min)

    def pick(self, x: X, places: X, rank: int = 1) -> X:
        """The elements at places that are counted through the last `rank` axes; 0 at the place -1."""
        front, last = lengths_of(x)[: x.ndim - rank], lengths_of(places)[x.ndim - rank :]
        rows = self.reshape(x, (*front, prod(lengths_of(x)[x.ndim - rank :])))
        at = self.reshape(places, (*front, prod(last)))
        outside = at < 0
        found = self.take_along(rows, self.where(outside, 0, at), len(front))
        return self.reshape(self.where(outside, self.zeros_like(found), found), lengths_of(places))

    def max_unpool(self, z: X, places: X, like: X, rank: int = 1) -> X:
        """Zeros in the shape of `like`, with the elements of `z` added at places counted through the last `rank` axes.

        What has the place -1 is dropped.
        """
        shape = lengths_of(like)
        rows, length = prod(shape[: like.ndim - rank]), prod(shape[like.ndim - rank :]) + 1
        at = self.reshape(places, (rows, -1)) if rows else self.reshape(places, (0, 0))
        starts = self.entered(np.arange(1, rows * length + 1, length)[:, None], places)
        sums = self.added(self.reshape(z, -1), self.reshape(at + starts, -1), rows * length)
        return self.reshape(self.reshape(sums, (rows, length))[:, 1:], shape)

    def avg_pool(
        self, x: X, kernel: Shape, stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> X:  # fmt: skip
        """The mean of each window."""
        shape, rows, places = pooled(lengths_of(x), kernel, (stride, padding, 1), ceil_mode)
        total = self.reshape(self.sum(self._in_windows(self.reshape(x, rows), places, 0), -2), shape)
        return total / self.divisor(x, kernel, stride, padding, count_include_pad, divisor_override, shape)

    def spread_pool(
        self, z: X, like: X, kernel: Shape, stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> X:  # fmt: skip
        """Each element spread evenly over its window in an array like `like`, and added up."""
        shape, rows, places = pooled(lengths_of(like), kernel, (stride, padding, 1), ceil_mode)
        share = z / self.divisor(like, kernel, stride, padding, count_include_pad, divisor_override, shape)
        share = self.reshape(share, (rows[0], 1, places.shape[1]))
        spread = self.reshape(self.broadcast_to(share, (rows[0], *places.shape)), (rows[0], places.size))
        return self.reshape(self.added(spread, (places + 1).ravel(), rows[1] + 1)[:, 1:], lengths_of(like))

    def divisor(
        self, x: X, kernel: Shape, stride: Each, padding: Each, with_border: bool, override: int | None, out: Shape
    ) -> X:
        """By what the sums of windows are divided."""
        found = windows.divisor(_nothing(lengths_of(x)), kernel, stride, padding, with_border, override, out)
        return found if isinstance(found, int) else self.cast(self.asarray_like(found, x), x.dtype)


class Convolution:
    """The shapes of a convolution of two arrays of any library."""

    def __init__(self, x: X, weight: X, how: How, groups: int) -> None:
        known = windows._Convolution(_nothing(lengths_of(x)), _nothing(lengths_of(weight)), how, groups)
        self.in_front, self.sizes, self.kernel, self.out = known.in_front, known.sizes, known.kernel, known.out
        self.stride, self.padding, self.dilation = known.stride, known.padding, known.dilation
        self.groups, self.kernel_count = groups, lengths_of(weight)[0]
        self.channels = lengths_of(weight)[1] * groups
        self.kernels = groups, self.kernel_count // groups, prod(lengths_of(weight)[1:])
        self.by_group = prod(self.in_front), groups, self.kernel_count // groups, prod(self.out)

    @property
    def places(self) -> X:
        """Where the elements of each window lie."""
        return window_places(self.sizes, self.kernel, self.out, (self.stride, self.padding, self.dilation))

    def check(self, z: X, like: X) -> None:
        """Raise ValueError if an array has not the shape of the result."""
        if lengths_of(z) != (*self.in_front, self.kernel_count, *self.out):
            raise ValueError(
                f"an array of shape {lengths_of(like)} has windows of shape {self.out}, not {lengths_of(z)}"
            )


def _nothing(shape: Shape) -> X:
    """An array of NumPy's of a shape, which takes no memory."""
    return np.broadcast_to(np.zeros(()), shape)


def pooled(shape: Shape, kernel: Shape, how: How, up: bool) -> tuple[Shape, tuple[int, int], X]:
    """The shape of what pooling makes, that of the array as rows, and where the elements of each window lie there."""
    out = windows.pooled_shape(shape, kernel, *how, ceil_mode=up)
    n = len(shape) - len(kernel)
    each = [windows.each(h, len(kernel)) for h in how]
    return out, (prod(shape[:n]), prod(shape[n:])), window_places(shape[n:], kernel, out[n:], tuple(each))


@lru_cache(maxsize=64)
def window_places(sizes: Shape, kernel: Shape, out: Shape, how: tuple[Shape, ...]) -> X:
    """Where the elements of each window lie, counted through the axes; a row for each place in a window.

    In the border it is -1.
    """
    places, inside = np.zeros((1, 1), int), np.ones((1, 1), bool)
    for n, k, m, stride, border, gap in zip(sizes, kernel, out, *how, strict=True):
        along = np.arange(k)[:, None] * gap + np.arange(m) * stride - border
        shape = len(places) * k, places.shape[1] * m
        places = (places[:, None, :, None] * n + along[:, None]).reshape(shape)
        inside = (inside[:, None, :, None] & ((along >= 0) & (along < n))[:, None]).reshape(shape)
    found = np.where(inside, places, -1)
    found.flags.writeable = False
    return found
