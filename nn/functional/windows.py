"""Sliding windows under PyTorch's names: convolutions, pooling, and borders for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd.tracebacks import entrances
from nn._types import Input, Operand, Output
from nn.kinds import as_input, as_node, is_value_array
from nn.options import ShapeError, Sizes, check_options, check_sizes, sizes

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "conv1d", "conv2d", "conv_transpose1d",
    "conv_transpose2d", "max_pool1d", "max_pool2d", "pad",
]  # fmt: skip
_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Input, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Output:
    """`input` in a border: `pad` has its widths before and behind the last axis, then those of the axis before, ...

    It is a "constant" (`value`, by default 0; widths below 0 cut off), "reflect", "replicate" or "circular".

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.pad(Tensor([[1.0, 2.0]]), (1, 2)).data
    array([[0., 1., 2., 0., 0.]])
    """
    check_options("pad", mode=mode)
    x: Any = as_node(input)
    widths = [int(w) for w in pad]
    if len(widths) % 2 or len(widths) > 2 * len(x.shape):
        raise ShapeError(
            f"pad: give a pair of widths for each axis from the last on, at most {len(x.shape)} pairs for an input of "
            f"shape {x.shape}, not {tuple(pad)}"
        )
    pairs = [(0, 0)] * (len(x.shape) - len(widths) // 2) + [*zip(widths[::2], widths[1::2], strict=True)][::-1]
    if mode != "constant":
        if value is not None:
            raise ValueError(f"pad: mode={mode!r} takes no value")
        limits = [
            n - (mode == "reflect") if mode != "replicate" else max(w) for n, w in zip(x.shape, pairs, strict=True)
        ]
        if any(min(w) < 0 or max(w) > most for w, most in zip(pairs, limits, strict=True)):
            raise ShapeError(f"pad: mode={mode!r} has no border {tuple(pad)} for an input of shape {x.shape}")
        return autograd.pad(x, pairs, _MODES[mode])
    if min(widths, default=0) < 0:
        x = x[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(pairs, x.shape, strict=True))]
    return autograd.pad(x, [(max(a, 0), max(b, 0)) for a, b in pairs], constant_values=value or 0.0)


def conv1d(
    input: Input, weight: Input, bias: Operand | None = None, stride: Sizes = 1, padding: Sizes | str = 0,
    dilation: Sizes = 1, groups: int = 1,
) -> Output:  # fmt: skip
    """The sums of products of each window of `input` with each kernel: the cross-correlation, as in PyTorch.

    The input is of shape (samples, channels, length), or has no samples; the weight of shape (kernels, channels /
    groups, length of a kernel). `padding` is of zeros, and "same" takes as many as keep the length.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.conv1d(Tensor([[1.0, 4.0, 9.0, 16.0]]), Tensor([[[-1.0, 1.0]]])).data
    array([[3., 5., 7.]])
    """
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Input, weight: Input, bias: Operand | None = None, stride: Sizes = 1, padding: Sizes | str = 0,
    dilation: Sizes = 1, groups: int = 1,
) -> Output:  # fmt: skip
    """As :func:`conv1d`, along two axes: `input` of shape (samples, channels, height, width).

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.conv2d(np.ones((1, 3, 3)), np.ones((1, 1, 2, 2)), padding=1).data
    array([[[1., 2., 2., 1.],
            [2., 4., 4., 2.],
            [2., 4., 4., 2.],
            [1., 2., 2., 1.]]])
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def _operands(name: str, n: int, input: Input, weight: Input, groups: int, transposed: bool) -> tuple[Any, Any]:
    """The input and the weight of a convolution along `n` axes, if they fit."""
    check_sizes(name, groups=groups)
    w: Any = weight if is_value_array(weight) else as_node(weight)
    x: Any = as_input(input, w)
    if len(w.shape) != n + 2 or len(x.shape) not in (n + 1, n + 2):
        lengths = ", length" if n == 1 else ", height, width"
        raise ShapeError(
            f"{name} takes an input of shape (samples, channels{lengths}), or without samples, and a weight of {n + 2} "
            f"axes, but got {x.shape} and {w.shape}"
        )
    channels = w.shape[0] if transposed else w.shape[1] * groups
    if w.shape[0] % groups or x.shape[-n - 1] != channels:
        raise ShapeError(
            f"{name}: a weight of shape {w.shape} with groups={groups} takes {channels} channels, along axis {-n - 1} "
            f"of the input, but that is of shape {x.shape}"
        )
    return x, w


def _briefly(**each: tuple[int, ...]) -> dict[str, Any]:
    """Lengths along axes as the ops take them and pictures show them: one number where they agree."""
    return {name: lengths[0] if len({*lengths}) == 1 else lengths for name, lengths in each.items()}


def _with_bias(name: str, n: int, y: Any, bias: Operand | None) -> Output:
    if bias is None:
        return y
    if bias.shape != y.shape[-n - 1 : -n]:
        raise ShapeError(f"{name}: the bias must be of shape {y.shape[-n - 1 : -n]}, not {bias.shape}")
    return y + bias.reshape(-1, *(1,) * n)


def _conv(
    name: str, n: int, input: Input, weight: Input, bias: Operand | None, stride: Sizes, padding: Sizes | str,
    dilation: Sizes, groups: int,
) -> Output:  # fmt: skip
    x, w = _operands(name, n, input, weight, groups, False)
    steps, gaps = sizes(name, "stride", stride, n), sizes(name, "dilation", dilation, n)
    if padding == "same":
        if steps != (1,) * n:
            raise ShapeError(f"{name}: padding='same' is not supported with stride={stride}; it needs stride 1")
        around = [gap * (k - 1) for gap, k in zip(gaps, w.shape[2:], strict=True)]
        borders = tuple(total // 2 for total in around)
        x = pad(x, [width for total in around[::-1] for width in (0, total % 2)]) if any(t % 2 for t in around) else x
    elif isinstance(padding, str):
        check_options(name, padding=padding)
        borders = (0,) * n
    else:
        borders = sizes(name, "padding", padding, n, least=0)
    _check_room(name, x.shape[-n:], w.shape[2:], borders, gaps)
    y = autograd.conv(x, w, **_briefly(stride=steps, padding=borders, dilation=gaps), groups=groups)
    return _with_bias(name, n, y, bias)


def _check_room(
    name: str, lengths: tuple[int, ...], kernel: tuple[int, ...], borders: tuple[int, ...], gaps: tuple[int, ...]
) -> None:
    room = tuple(m + 2 * b for m, b in zip(lengths, borders, strict=True))
    window = tuple(gap * (k - 1) + 1 for k, gap in zip(kernel, gaps, strict=True))
    if any(w > r for w, r in zip(window, room, strict=True)):
        raise ShapeError(
            f"{name}: a window of {window} is larger than the input, {room} with its padding; take a smaller kernel "
            f"or more padding"
        )


def conv_transpose1d(
    input: Input, weight: Input, bias: Operand | None = None, stride: Sizes = 1, padding: Sizes = 0,
    output_padding: Sizes = 0, groups: int = 1, dilation: Sizes = 1,
) -> Output:  # fmt: skip
    """What the derivative of :func:`conv1d` does: each element of `input` times each kernel, added up in windows.

    The weight is of shape (channels, results / groups, length of a kernel); `output_padding` makes the result longer.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.conv_transpose1d(Tensor([[1.0, 2.0]]), Tensor([[[1.0, 1.0, 1.0]]]), stride=2).data
    array([[1., 1., 3., 2., 2.]])
    """
    return _conv_transpose(
        "conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    input: Input, weight: Input, bias: Operand | None = None, stride: Sizes = 1, padding: Sizes = 0,
    output_padding: Sizes = 0, groups: int = 1, dilation: Sizes = 1,
) -> Output:  # fmt: skip
    """As :func:`conv_transpose1d`, along two axes.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.conv_transpose2d(np.ones((2, 3, 3)), np.ones((2, 1, 2, 2)), stride=2).shape
    (1, 6, 6)
    """
    return _conv_transpose(
        "conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def _conv_transpose(
    name: str, n: int, input: Input, weight: Input, bias: Operand | None, stride: Sizes, padding: Sizes,
    output_padding: Sizes, groups: int, dilation: Sizes,
) -> Output:  # fmt: skip
    x, w = _operands(name, n, input, weight, groups, True)
    steps, gaps = sizes(name, "stride", stride, n), sizes(name, "dilation", dilation, n)
    borders = sizes(name, "padding", padding, n, least=0)
    more = sizes(name, "output_padding", output_padding, n, least=0)
    if any(m >= max(s, d) for m, s, d in zip(more, steps, gaps, strict=True)):
        raise ShapeError(f"{name}: output_padding={output_padding} must be smaller than the stride or the dilation")
    lengths = [
        (m - 1) * s - 2 * b + d * (k - 1) + o + 1
        for m, s, b, d, k, o in zip(x.shape[-n:], steps, borders, gaps, w.shape[2:], more, strict=True)
    ]
    if min(lengths) < 1:
        raise ShapeError(f"{name}: the result would be of lengths {lengths}; take less padding")
    like = np.zeros((*x.shape[: -n - 1], w.shape[1] * groups, *lengths), x.dtype)
    y = autograd.conv_transpose(x, w, like, **_briefly(stride=steps, padding=borders, dilation=gaps), groups=groups)
    return _with_bias(name, n, y, bias)


def max_pool1d(
    input: Input, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Output:  # fmt: skip
    """The largest element of each window; of equal ones the first gets the gradient, as in PyTorch.

    Windows are `stride` apart, by default their length. With `ceil_mode` the last one may end outside, and with
    `return_indices` there is an array of the places of those elements too.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.max_pool1d(Tensor([[1.0, 4.0, 2.0, 3.0]]), 2).data
    array([[4., 3.]])
    """
    return _max_pool("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Input, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Output:  # fmt: skip
    """As :func:`max_pool1d`, along two axes; places are counted through both.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> y, places = F.max_pool2d(np.arange(16.0).reshape(1, 4, 4), 2, return_indices=True)
    >>> places.tolist()
    [[[5, 7], [13, 15]]]
    """
    return _max_pool("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def avg_pool1d(
    input: Input, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Output:  # fmt: skip
    """The mean of each window, whose elements in the border count as zeros, or with ``count_include_pad=False`` not.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.avg_pool1d(Tensor([[1.0, 4.0, 2.0, 3.0]]), 2).data
    array([[2.5, 2.5]])
    """
    return _avg_pool("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Input, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Output:  # fmt: skip
    """As :func:`avg_pool1d`, along two axes; `divisor_override` stands for the number of elements.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2).data
    array([[[ 2.5,  4.5],
            [10.5, 12.5]]])
    """
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def adaptive_avg_pool1d(input: Input, output_size: Sizes) -> Output:
    """The means of `output_size` windows that cover the last axis as evenly as can be.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.adaptive_avg_pool1d(Tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]), 2).data
    array([[2., 4.]])
    """
    return _adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Input, output_size: Sizes | tuple[int | None, ...] | None) -> Output:
    """As :func:`adaptive_avg_pool1d`, along two axes; None in the place of a size keeps an axis as it is.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.adaptive_avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 1).data
    array([[[7.5]]])
    """
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def _input(name: str, n: int, input: Input) -> Any:
    x = as_node(input)
    if len(x.shape) not in (n + 1, n + 2):
        lengths = ", length" if n == 1 else ", height, width"
        raise ShapeError(
            f"{name} takes an input of shape (samples, channels{lengths}), or without samples, not {x.shape}"
        )
    return x


def _windows(
    name: str, n: int, x: Any, kernel_size: Sizes, stride: Sizes | None, padding: Sizes, dilation: Sizes = 1
) -> list[tuple[int, ...]]:
    """The lengths of the windows of pooling, how far they are apart, their borders and gaps."""
    kernel = sizes(name, "kernel_size", kernel_size, n)
    steps = kernel if stride is None or stride in ((), []) else sizes(name, "stride", stride, n)
    borders, gaps = sizes(name, "padding", padding, n, least=0), sizes(name, "dilation", dilation, n)
    if any(2 * b > d * (k - 1) + 1 for b, k, d in zip(borders, kernel, gaps, strict=True)):
        raise ShapeError(f"{name}: padding={padding} must be at most half of the window {kernel_size}")
    _check_room(name, x.shape[-n:], kernel, borders, gaps)
    return [kernel, steps, borders, gaps]


def _max_pool(
    name: str, n: int, input: Input, kernel_size: Sizes, stride: Sizes | None, padding: Sizes, dilation: Sizes,
    ceil_mode: bool, return_indices: bool,
) -> Output:  # fmt: skip
    check_options(name, ceil_mode=ceil_mode, return_indices=return_indices)
    x = _input(name, n, input)
    kernel, steps, borders, gaps = _windows(name, n, x, kernel_size, stride, padding, dilation)
    how = _briefly(stride=steps, padding=borders, dilation=gaps) | {"ceil_mode": ceil_mode}
    y = autograd.max_pool(x, kernel, **how)
    return (y, autograd.max_pool_places(x, kernel, **how).data) if return_indices else y


def _avg_pool(
    name: str, n: int, input: Input, kernel_size: Sizes, stride: Sizes | None, padding: Sizes, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None,
) -> Output:  # fmt: skip
    check_options(name, ceil_mode=ceil_mode, count_include_pad=count_include_pad)
    if divisor_override == 0:
        raise ShapeError(f"{name}: divisor_override must not be 0")
    x = _input(name, n, input)
    kernel, steps, borders, _ = _windows(name, n, x, kernel_size, stride, padding)
    where = _briefly(stride=steps, padding=borders)
    return autograd.avg_pool(
        x, kernel, **where, ceil_mode=ceil_mode, count_include_pad=count_include_pad, divisor_override=divisor_override
    )


def _adaptive_avg_pool(name: str, n: int, input: Input, output_size: Any) -> Output:
    x = _input(name, n, input)
    each = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * n
    out = sizes(name, "output_size", tuple(m if k is None else k for k, m in zip(each, x.shape[-n:], strict=False)), n)
    if all(m % k == 0 for m, k in zip(x.shape[-n:], out, strict=True)):
        kernel = tuple(m // k for m, k in zip(x.shape[-n:], out, strict=True))
        return autograd.avg_pool(x, kernel, **_briefly(stride=kernel))
    for axis, k in enumerate(out, -n):  # a row of shares for each window
        m = x.shape[axis]
        place, window = np.arange(m), np.arange(k)[:, None]
        inside = np.logical_and(place >= window * m // k, place < -(-(window + 1) * m // k))
        shares = (inside / inside.sum(1, keepdims=True)).astype(x.dtype)
        x = autograd.moveaxis(autograd.moveaxis(x, axis, -1) @ shares.T, -1, axis)
    return x


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
