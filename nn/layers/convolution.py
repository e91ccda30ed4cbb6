"""Layers that slide kernels along one axis or two: convolutions, and transposed ones, which lead back."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from nn._types import DType, Input, Output, Rng
from nn.functional import windows
from nn.kinds import as_input
from nn.module import Module
from nn.options import Sizes, check_options, check_sizes, sizes
from nn.parameter import Parameter
from nn.randomness import as_generator

__all__ = ["Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"]


class _Kernels(Module):
    """Kernels and biases, uniform in ±1/√(numbers that a kernel meets) at first, and how the kernels slide."""

    _axes: ClassVar[int]
    in_channels: int
    out_channels: int
    groups: int

    def _set_up(self, bias: bool, rng: Rng, dtype: DType, transposed: bool, **options: Any) -> None:
        name = type(self).__name__
        check_sizes(name, **{key: options[key] for key in ("in_channels", "out_channels", "groups")})
        check_options(name, padding=options["padding"], padding_mode=options["padding_mode"])
        for key in ("kernel_size", "stride", "dilation", "padding", "output_padding"):
            if key in options and not isinstance(options[key], str):
                options[key] = sizes(name, key, options[key], self._axes, least=int("padding" not in key))
        vars(self).update(options)
        if options["padding"] == "same" and set(options["stride"]) != {1}:
            raise ValueError(f"{name}: padding='same' is not supported with stride={options['stride']}; it needs 1")
        for key in ("in_channels", "out_channels"):
            if options[key] % self.groups:
                raise ValueError(
                    f"{name}: {key} must be divisible by groups, but {options[key]} is not by {self.groups}"
                )
        first, second = self.out_channels, self.in_channels
        first, second = (second, first) if transposed else (first, second)
        shape = (first, second // self.groups, *options["kernel_size"])
        generator, limit = as_generator(rng), 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = Parameter(generator.uniform(-limit, limit, shape), "weight", dtype=dtype)
        biases = generator.uniform(-limit, limit, self.out_channels)
        self.bias = Parameter(biases, "bias", dtype=dtype) if bias else None


class _Convolution(_Kernels):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        rng: Rng = None,
        dtype: DType = np.float64,
    ) -> None:
        self.kernel_size: tuple[int, ...]
        self.stride: tuple[int, ...]
        self.dilation: tuple[int, ...]
        self.padding: tuple[int, ...] | str
        self.padding_mode: str
        self._set_up(
            bias, rng, dtype, False, in_channels=in_channels, out_channels=out_channels, kernel_size=kernel_size,
            stride=stride, padding=padding, dilation=dilation, groups=groups, padding_mode=padding_mode,
        )  # fmt: skip

    def forward(self, input: Input) -> Output:
        """The sums of products of each window with each kernel, of shape (samples, out_channels, ...)."""
        x = as_input(input, self.weight)
        padding: Sizes | str = self.padding
        if self.padding_mode != "zeros" and padding != "valid":
            x, padding = windows.pad(x, self._borders(), self.padding_mode), 0
        function = (windows.conv1d, windows.conv2d)[self._axes - 1]
        return function(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _borders(self) -> list[int]:
        """The widths of borders of all axes, the last one first."""
        if isinstance(self.padding, str):
            around = [gap * (k - 1) for gap, k in zip(self.dilation, self.kernel_size, strict=True)]
            return [width for total in around[::-1] for width in (total // 2, total - total // 2)]
        return [width for width in self.padding[::-1] for _ in range(2)]


class Conv1d(_Convolution):
    """The sums of products of each window of a sequence with each kernel (the cross-correlation), and a bias.

    `weight` is of shape (out_channels, in_channels / groups, kernel_size). `padding` is a width of both borders, "same"
    or "valid", and `padding_mode` what they hold: zeros, "reflect", "replicate" or "circular".

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

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Conv2d(1, 8, 3, stride=2, padding=1, rng=0)
    >>> layer(np.ones((5, 1, 28, 28))).shape
    (5, 8, 14, 14)
    >>> layer
    Conv2d(weight: (8, 1, 3, 3), bias: (8,))
    """

    _axes: ClassVar[int] = 2


class _ConvTranspose(_Kernels):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        *,
        rng: Rng = None,
        dtype: DType = np.float64,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f"{type(self).__name__}: only padding_mode='zeros' is supported, not {padding_mode!r}")
        self._set_up(
            bias, rng, dtype, True, in_channels=in_channels, out_channels=out_channels, kernel_size=kernel_size,
            stride=stride, padding=padding, output_padding=output_padding, groups=groups, dilation=dilation,
            padding_mode=padding_mode,
        )  # fmt: skip

    def forward(self, input: Input) -> Output:
        """Each element times each kernel, added up in windows, of shape (samples, out_channels, ...)."""
        own = vars(self)
        function = (windows.conv_transpose1d, windows.conv_transpose2d)[self._axes - 1]
        options = {key: own[key] for key in ("stride", "padding", "output_padding", "groups", "dilation")}
        return function(input, self.weight, self.bias, **options)


class ConvTranspose1d(_ConvTranspose):
    """What leads back from the shape of a convolution: each element times each kernel, added up where windows overlap.

    `weight` is of shape (in_channels, out_channels / groups, kernel_size).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose1d(8, 3, kernel_size=2, stride=2, rng=0)(np.ones((5, 8, 10))).shape
    (5, 3, 20)
    """

    _axes: ClassVar[int] = 1


class ConvTranspose2d(_ConvTranspose):
    """As :class:`ConvTranspose1d`, of pictures.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose2d(8, 1, kernel_size=2, stride=2, rng=0)(np.ones((5, 8, 7, 7))).shape
    (5, 1, 14, 14)
    """

    _axes: ClassVar[int] = 2
