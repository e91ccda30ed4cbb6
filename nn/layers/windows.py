"""Layers of sliding windows: convolutions, and pooling by the largest element or the mean."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nn._types import DType, Input, Output, Rng
from nn.function_module import FunctionModule
from nn.functional import windows
from nn.functional.padding import pad
from nn.kinds import as_input
from nn.layers.resetting import Resettable
from nn.options import Sizes, check_options, check_sizes, sizes
from nn.parameter import Parameter
from nn.randomness import as_generator

__all__ = ["AvgPool1d", "AvgPool2d", "Conv1d", "Conv2d", "MaxPool1d", "MaxPool2d"]


class _Convolution(Resettable):
    _axes: ClassVar[int]

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes = 1, padding: Sizes | str = 0,
        dilation: Sizes = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", *, rng: Rng = None,
        device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        name, n = type(self).__name__, self._axes
        check_sizes(name, in_channels=in_channels, out_channels=out_channels)
        check_options(name, padding_mode=padding_mode, bias=bias, device=device)
        if not isinstance(groups, (int, np.integer)) or groups < 1:
            raise ValueError(f"{name}: groups must be a positive integer, not {groups!r}")
        for key, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name}: {key} must be divisible by groups, but {channels} is not by {groups}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = sizes(name, "kernel_size", kernel_size, n)
        self.stride, self.dilation = sizes(name, "stride", stride, n, None), sizes(name, "dilation", dilation, n, None)
        self.padding = padding if isinstance(padding, str) else sizes(name, "padding", padding, n, None)
        self.padding_mode = padding_mode
        if isinstance(padding, str):
            windows.same_padding(name, padding, self.kernel_size, self.stride, self.dilation)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        generator, limit = as_generator(rng), 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = Parameter(generator.uniform(-limit, limit, shape), "weight", dtype=dtype)
        self.bias = Parameter(generator.uniform(-limit, limit, out_channels), "bias", dtype=dtype) if bias else None

    def forward(self, input: Input) -> Output:
        """The sums of products of each window with each kernel, of shape (samples, out_channels, ...)."""
        x = as_input(input, self.weight)
        padding: Sizes | str = self.padding
        if self.padding_mode != "zeros":
            name = type(self).__name__
            borders = windows.same_padding(name, padding, self.kernel_size, self.stride, self.dilation)
            x, padding = pad(x, [width for pair in borders[::-1] for width in pair], self.padding_mode), 0
        function = (windows.conv1d, windows.conv2d)[self._axes - 1]
        return function(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(_Convolution):
    """The sums of products of each window of a sequence with each kernel (the cross-correlation), and a bias.

    Inputs are of shape (samples, in_channels, length), or without samples; for the result see
    :func:`nn.functional.conv1d`.

    Parameters
    ----------
    in_channels, out_channels : int
        The numbers of channels of the input, and of kernels.
    kernel_size : int or sequence of int
        The length of a kernel.
    stride, dilation : int or sequence of int
        How far apart windows are, and how far apart the elements of one.
    padding : int, sequence of int or str
        The width of both borders; "same" takes as wide ones as keep the length, "valid" none.
    groups : int
        The number of groups of channels, each of which has kernels of its own; it divides both numbers of channels.
    bias : bool
        Whether there is a bias for each kernel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What borders hold.
    rng : Generator or int, optional
    dtype : dtype
        As of :class:`nn.Linear`.

    Attributes
    ----------
    weight : Parameter
        Of shape (out_channels, in_channels / groups, kernel_size); it starts uniform in ±1/√(numbers that a kernel
        meets), and so does the bias.
    bias : Parameter or None
        Of shape (out_channels,).

    Raises
    ------
    ValueError
        If a size is less than 1 or an option out of its range; when called, if shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Conv1d(3, 8, kernel_size=5, padding="same", rng=0)
    >>> layer(np.ones((2, 3, 20))).shape
    (2, 8, 20)
    """

    _axes: ClassVar[int] = 1


class Conv2d(_Convolution):
    """As :class:`Conv1d`, of pictures: inputs of shape (samples, in_channels, height, width), or without samples.

    Of sizes, a pair has one for each axis; `weight` is of shape (out_channels, in_channels / groups, height, width).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Conv2d(1, 8, 3, stride=2, padding=1, rng=0)
    >>> layer(np.ones((5, 1, 28, 28))).shape
    (5, 8, 14, 14)
    """

    _axes: ClassVar[int] = 2


class _Pooling(FunctionModule):
    def forward(self, input: Input) -> Output:
        """What is pooled, of shape (samples, channels, ...), or without samples."""
        return self._call_function(input)


class _MaxPool(_Pooling):
    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool1d(_MaxPool, function=windows.max_pool1d):
    """The largest element of each window of a sequence; windows are `stride` apart, by default their length."""


class MaxPool2d(_MaxPool, function=windows.max_pool2d):
    """As :class:`MaxPool1d`, of pictures.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool2d(2)(np.ones((5, 8, 28, 28))).shape
    (5, 8, 14, 14)
    """


class _AvgPool(_Pooling):
    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    ceil_mode: bool = False
    count_include_pad: bool = True


class AvgPool1d(_AvgPool, function=windows.avg_pool1d):
    """The mean of each window of a sequence; windows are `stride` apart, by default their length."""


class AvgPool2d(_AvgPool, function=windows.avg_pool2d):
    """As :class:`AvgPool1d`, of pictures."""

    divisor_override: int | None = None
