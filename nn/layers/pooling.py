"""Layers that pool: the largest element, or the mean, of each window."""

from __future__ import annotations

from nn._types import Input, Output
from nn.function_module import FunctionModule
from nn.functional import windows
from nn.options import Sizes

__all__ = ["AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "MaxPool1d", "MaxPool2d"]


class _Pooling(FunctionModule):
    def forward(self, input: Input) -> Output:
        """What is pooled, of shape (samples, channels, ...), or without samples."""
        return self._call_function(input)


class MaxPool1d(_Pooling, function=windows.max_pool1d):
    """The largest element of each window of a sequence; windows are `stride` apart, by default their length.

    Examples
    --------
    >>> import nn
    >>> nn.MaxPool1d(2)([[1.0, 4.0, 2.0, 3.0]]).data
    array([[4., 3.]])
    """

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool2d(_Pooling, function=windows.max_pool2d):
    """The largest element of each window of a picture; windows are `stride` apart, by default their lengths.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool2d(2)(np.ones((5, 8, 28, 28))).shape
    (5, 8, 14, 14)
    """

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class AvgPool1d(_Pooling, function=windows.avg_pool1d):
    """The mean of each window of a sequence; windows are `stride` apart, by default their length.

    Examples
    --------
    >>> import nn
    >>> nn.AvgPool1d(2)([[1.0, 4.0, 2.0, 3.0]]).data
    array([[2.5, 2.5]])
    """

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    ceil_mode: bool = False
    count_include_pad: bool = True


class AvgPool2d(_Pooling, function=windows.avg_pool2d):
    """The mean of each window of a picture; windows are `stride` apart, by default their lengths.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AvgPool2d(2)(np.ones((5, 8, 28, 28))).shape
    (5, 8, 14, 14)
    """

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None


class AdaptiveAvgPool1d(_Pooling, function=windows.adaptive_avg_pool1d):
    """The means of `output_size` windows that cover a sequence as evenly as can be.

    Examples
    --------
    >>> import nn
    >>> nn.AdaptiveAvgPool1d(1)([[1.0, 4.0, 2.0, 3.0]]).data
    array([[2.5]])
    """

    output_size: Sizes


class AdaptiveAvgPool2d(_Pooling, function=windows.adaptive_avg_pool2d):
    """The means of `output_size` windows that cover a picture as evenly as can be; of 1, the mean of all.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveAvgPool2d(1)(np.ones((5, 8, 7, 7))).shape
    (5, 8, 1, 1)
    """

    output_size: Sizes | tuple[int | None, ...] | None
