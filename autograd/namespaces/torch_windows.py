"""Convolutions and pooling by PyTorch's own functions, where those take the arguments; else by gathered windows."""

from __future__ import annotations

from math import prod

import torch
from torch.nn import functional

from autograd.namespaces.standard_shapes import lengths_of
from autograd.namespaces.standard_windows import Convolution
from autograd.namespaces.torch_shapes import TorchShapes
from autograd.namespaces.windows import Each, each, pooled_shape
from autograd.typing import Function, Shape, X

__all__ = ["TorchWindows"]

_CONV = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
_MAX_POOL = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}
_AVG_POOL: dict[int, Function] = {2: functional.avg_pool2d, 3: functional.avg_pool3d}
_SPREAD = {2: torch.ops.aten.avg_pool2d_backward, 3: torch.ops.aten.avg_pool3d_backward}


class TorchWindows(TorchShapes):
    """Functions of sliding windows on PyTorch's tensors; its own are for one, two or three axes and for floats."""

    # ---- convolutions ----

    def conv(self, x: X, weight: X, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1) -> X:
        """The sums of the products of each window with each kernel."""
        if not _has_own(weight.ndim - 2, x, weight):
            return super().conv(x, weight, stride, padding, dilation, groups)
        c = Convolution(x, weight, (stride, padding, dilation), groups)
        x, weight = self.of_one_dtype(x, weight)
        y = _CONV[len(c.sizes)](_samples(x, c), weight, None, c.stride, c.padding, c.dilation, groups)
        return y.reshape(*c.in_front, c.kernel_count, *c.out)

    def conv_transpose(
        self, z: X, weight: X, like: X, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1
    ) -> X:
        """Each element of `z` times each kernel, added up where the windows of an array like `like` lie."""
        if not _has_own(weight.ndim - 2, z, weight, like):
            return super().conv_transpose(z, weight, like, stride, padding, dilation, groups)
        c = Convolution(like, weight, (stride, padding, dilation), groups)
        c.check(z, like)
        z, weight = self.of_one_dtype(z, weight)
        x = z.new_empty((prod(c.in_front), c.channels, *c.sizes))  # of which the shape is read
        return self._backwards(z, x, weight, c, 0).reshape(like.shape)

    def conv_weight(
        self, z: X, x: X, like: X, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1
    ) -> X:
        """The sums of the products of `z` with the element of `x` that each element of a kernel like `like` meets."""
        if not _has_own(like.ndim - 2, z, x, like):
            return super().conv_weight(z, x, like, stride, padding, dilation, groups)
        c = Convolution(x, like, (stride, padding, dilation), groups)
        z, x = self.of_one_dtype(z, x)
        return self._backwards(z, _samples(x, c), z.new_empty(like.shape), c, 1)

    def _backwards(self, z: X, x: X, weight: X, c: Convolution, which: int) -> X:
        """What a convolution passes back to its input (0) or its kernels (1)."""
        z = z.reshape(prod(c.in_front), c.kernel_count, *c.out)
        how = c.stride, c.padding, c.dilation, False, [0] * len(c.sizes), c.groups
        mask = [which == 0, which == 1, False]
        return torch.ops.aten.convolution_backward(z, x, weight, None, *how, mask)[which]

    def of_one_dtype(self, a: X, b: X) -> tuple[X, X]:
        """Two tensors in the wider of their dtypes."""
        dtype = torch.promote_types(a.dtype, b.dtype)
        return a.to(dtype), b.to(dtype)

    # ---- pooling ----

    def max_pool(
        self, x: X, kernel: Shape, stride: Each = 1, padding: Each = 0, dilation: Each = 1, ceil_mode: bool = False
    ) -> X:
        """The largest element of each window."""
        if not _pools(x, kernel, padding):
            return super().max_pool(x, kernel, stride, padding, dilation, ceil_mode)
        return self._max_pool(x, kernel, stride, padding, dilation, ceil_mode)[0]

    def max_pool_places(
        self, x: X, kernel: Shape, stride: Each = 1, padding: Each = 0, dilation: Each = 1, ceil_mode: bool = False
    ) -> X:
        """Where the largest element of each window lies, counted through the axes along which windows slide."""
        if not _pools(x, kernel, padding):
            return super().max_pool_places(x, kernel, stride, padding, dilation, ceil_mode)
        return self._max_pool(x, kernel, stride, padding, dilation, ceil_mode)[1]

    def _max_pool(self, x: X, kernel: Shape, stride: Each, padding: Each, dilation: Each, ceil_mode: bool) -> list[X]:
        shape, n = pooled_shape(lengths_of(x), kernel, stride, padding, dilation, ceil_mode), len(kernel)
        how = each(stride, n), each(padding, n), each(dilation, n), ceil_mode
        found = _MAX_POOL[n](_rows(x, n), kernel, *how, return_indices=True)
        return [part.reshape(shape) for part in found]

    def avg_pool(
        self, x: X, kernel: Shape, stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> X:  # fmt: skip
        """The mean of each window."""
        if not _pools(x, kernel, padding):
            return super().avg_pool(x, kernel, stride, padding, ceil_mode, count_include_pad, divisor_override)
        shape = pooled_shape(lengths_of(x), kernel, stride, padding, ceil_mode=ceil_mode)
        rows, *how = _of_two_axes(_rows(x, len(kernel)), kernel, stride, padding)
        options = ceil_mode, count_include_pad, divisor_override
        y: X = _AVG_POOL[len(how[0])](rows, *how, *options)
        return y.reshape(shape)

    def spread_pool(
        self, z: X, like: X, kernel: Shape, stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> X:  # fmt: skip
        """Each element spread evenly over its window in an array like `like`, and added up."""
        if not _pools(z, kernel, padding) or 0 in lengths_of(like):
            return super().spread_pool(z, like, kernel, stride, padding, ceil_mode, count_include_pad, divisor_override)
        x = _rows(z.new_empty(like.shape), len(kernel))  # of which the shape is read
        x, *how = _of_two_axes(x, kernel, stride, padding)
        z, *_ = _of_two_axes(_rows(z, len(kernel)), kernel, stride, padding)
        spread = _SPREAD[len(how[0])](z.contiguous(), x, *how, ceil_mode, count_include_pad, divisor_override)
        return spread.reshape(like.shape)


def _has_own(axes: int, *tensors: X) -> bool:
    """Whether PyTorch has a convolution along so many axes, of such tensors."""
    return axes in _CONV and all(
        isinstance(x, torch.Tensor) and x.dtype.is_floating_point and 0 not in x.shape for x in tensors
    )


def _pools(x: X, kernel: Shape, padding: Each) -> bool:
    """Whether PyTorch pools such a tensor: with borders of at most half a window."""
    n = len(kernel)
    return x.ndim >= n and _has_own(n, x) and all(2 * b <= k for k, b in zip(kernel, each(padding, n), strict=True))


def _samples(x: X, c: Convolution) -> X:
    """A tensor with one axis in front of the channels."""
    return x.reshape(prod(c.in_front), c.channels, *c.sizes)


def _rows(x: X, n: int) -> X:
    """A tensor with one sample and one axis of channels in front of the axes along which windows slide."""
    return x.reshape(1, prod(x.shape[: x.ndim - n]), *x.shape[x.ndim - n :])


def _of_two_axes(x: X, kernel: Shape, stride: Each, padding: Each) -> tuple[X, Shape, Shape, Shape]:
    """What pools along one axis as what pools along two, for which PyTorch has all that is asked for."""
    stride, padding = each(stride, len(kernel)), each(padding, len(kernel))
    if len(kernel) > 1:
        return x, kernel, stride, padding
    return x[..., None, :], (1, *kernel), (1, *stride), (0, *padding)
