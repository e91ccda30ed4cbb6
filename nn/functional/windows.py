"""Sliding windows under PyTorch's names: convolutions, and pooling by the largest element or the mean."""

from __future__ import annotations

import autograd
from autograd.tracebacks import entrances
from nn._types import Input, Keywords, Operand, Output, X
from nn.functional.padding import pad
from nn.kinds import as_input, as_node
from nn.options import ShapeError, Sizes, check_options, sizes

__all__ = ["avg_pool1d", "avg_pool2d", "conv1d", "conv2d", "max_pool1d", "max_pool2d"]

Lengths = tuple[int, ...]
Where = tuple[Sizes, Sizes | None, Sizes, Sizes]  # a window's lengths, the strides, borders and gaps


def conv1d(
    input: Input, weight: Input, bias: Operand | None = None, stride: Sizes = 1, padding: Sizes | str = 0,
    dilation: Sizes = 1, groups: int = 1,
) -> Output:  # fmt: skip
    """The sums of products of each window of `input` with each kernel: the cross-correlation, as in PyTorch.

    Parameters
    ----------
    input : node or array_like
        Of shape (samples, channels, length), or (channels, length).
    weight : node or array_like
        Of shape (kernels, channels / groups, k).
    bias : node or array_like, optional
        Of shape (kernels,).
    stride, dilation : int or sequence of int
        How far apart windows are, and how far apart the elements of one.
    padding : int, sequence of int or str
        The width of a border of zeros on both sides; "same" takes as wide ones as keep the length, "valid" none.
    groups : int
        The number of groups of channels, each of which has kernels of its own.

    Returns
    -------
    node
        Of shape (samples, kernels, L) with L = ⌊(length + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1.

    Raises
    ------
    ValueError
        If shapes do not fit each other, a window has no room, or an option is out of its range.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.conv1d(Tensor([[1.0, 4.0, 9.0, 16.0]]), Tensor([[[-1.0, 1.0]]])).data
    array([[3., 5., 7.]])
    """
    return _conv("conv1d", 1, input, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)


def conv2d(
    input: Input, weight: Input, bias: Operand | None = None, stride: Sizes = 1, padding: Sizes | str = 0,
    dilation: Sizes = 1, groups: int = 1,
) -> Output:  # fmt: skip
    """As :func:`conv1d`, along two axes: `input` of shape (samples, channels, height, width).

    `weight` is of shape (kernels, channels / groups, k, l), and of other arguments a pair has a number for each axis.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.conv2d(np.ones((1, 3, 3)), np.ones((1, 1, 2, 2)), padding=1).data[0, 0]
    array([1., 2., 2., 1.])
    """
    return _conv("conv2d", 2, input, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)


def _conv(
    name: str, n: int, input: Input, weight: Input, bias: Operand | None, *, stride: Sizes, padding: Sizes | str,
    dilation: Sizes, groups: int,
) -> Output:  # fmt: skip
    (groups,) = sizes(name, "groups", groups, 1)
    steps, gaps = sizes(name, "stride", stride, n), sizes(name, "dilation", dilation, n)
    w: X = as_node(weight)
    x: X = as_input(input, w)
    _check_axes(name, n, x.shape)
    if len(w.shape) != n + 2:
        words = f"weight should have at least three dimensions, {n + 2} of them: (kernels, channels / groups, lengths)"
        raise ShapeError(f"{name}: {words}, not the shape {w.shape}")
    if w.shape[0] < groups or w.shape[0] % groups:
        words = f"expected weight to be at least {groups} at dimension 0, and divisible by {groups}"
        raise ShapeError(f"{name}: Given groups={groups}, {words}, but got weight of size {[*w.shape]} instead")
    if x.shape[-n - 1] != w.shape[1] * groups:
        raise ShapeError(
            f"{name}: Given groups={groups}, weight of size {[*w.shape]}, expected input{[*x.shape]} to have "
            f"{w.shape[1] * groups} channels, but got {x.shape[-n - 1]} channels instead; an input "
            f"has channels at axis {-n - 1}"
        )
    borders = same_padding(name, padding, w.shape[2:], steps, gaps)
    if any(a != b for a, b in borders):
        x = pad(x, [width for a, b in borders[::-1] for width in (0, b - a)])
    before = tuple(a for a, _ in borders)
    _check_room(name, x.shape[-n:], w.shape[2:], before, gaps)
    y = autograd.conv(x, w, **_briefly(stride=steps, padding=before, dilation=gaps), groups=groups)
    if bias is not None and bias.shape != w.shape[:1]:
        raise ShapeError(f"{name}: the bias must be of shape {w.shape[:1]}, not {bias.shape}")
    return y if bias is None else y + bias.reshape(-1, *(1,) * n)


def same_padding(
    name: str, padding: Sizes | str, kernel: Lengths, steps: Lengths, gaps: Lengths
) -> list[tuple[int, int]]:
    """The widths of the borders before and behind each axis."""
    if not isinstance(padding, str):
        return [(width, width) for width in sizes(name, "padding", padding, len(kernel), least=0)]
    if padding not in ("same", "valid"):
        raise ShapeError(f"{name}: Invalid padding string {padding!r}, should be one of 'same', 'valid'")
    if padding == "same" and {*steps} != {1}:
        raise ShapeError(f"{name}: padding='same' is not supported for strided convolutions, but stride={steps}")
    around = [gap * (k - 1) * (padding == "same") for k, gap in zip(kernel, gaps, strict=True)]
    return [(width // 2, width - width // 2) for width in around]


def _check_axes(name: str, n: int, shape: Lengths) -> None:
    """Raise unless an axis of channels stands before `n` others, and perhaps one of samples, which may be empty."""
    if len(shape) not in (n + 1, n + 2) or 0 in shape[-n - 1 :]:
        words, lengths = f"{n + 1}D (unbatched) or {n + 2}D (batched) input", "length" if n == 1 else "height, width"
        if "pool" in name:
            words = f"{n + 1}D or {n + 2}D (batch mode) tensor with optional 0 dim batch size for input"
        raise ShapeError(
            f"{name}: Expected {words} to {name}, but got input of size: {[*shape]}; it takes "
            f"(samples, channels, {lengths}), or without samples"
        )


def _check_room(
    name: str, lengths: Lengths, kernel: Lengths, borders: Lengths, gaps: Lengths, outside: Lengths = (0, 0)
) -> None:
    """Raise unless a window fits in, of which so many elements may lie outside."""
    room = [m + 2 * b for m, b in zip(lengths, borders, strict=True)]
    window = [gap * (k - 1) + 1 for k, gap in zip(kernel, gaps, strict=True)]
    if any(w > r + o for w, r, o in zip(window, room, outside, strict=False)):
        words = (" x ".join(map(str, each)) for each in (room, window))
        raise ShapeError(
            "{}: Calculated padded input size per channel: ({}). Kernel size: ({}). Kernel size can't be greater than "
            "actual input size; take a smaller kernel or more padding".format(name, *words)
        )


def _briefly(**each: Lengths) -> Keywords:
    """Lengths along axes as the ops take them and pictures show them: one number where they agree."""
    return {name: lengths[0] if len({*lengths}) == 1 else lengths for name, lengths in each.items()}


def max_pool1d(
    input: Input, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Output:  # fmt: skip
    """The largest element of each window; of equal ones the first gets the gradient, as in PyTorch.

    Parameters
    ----------
    input : node or array_like
        Of shape (samples, channels, length), or (channels, length).
    kernel_size, padding, dilation : int or sequence of int
        The length of a window, the width of a border of −∞ on both sides, and how far apart a window's elements are.
    stride : int or sequence of int, optional
        How far apart windows are; by default their length.
    ceil_mode, return_indices : bool
        Whether the last window may end outside; whether there is an array of places, too.

    Returns
    -------
    node or pair
        Of shape (samples, channels, L) with L = (length + 2·padding − dilation·(kernel_size − 1) − 1) / stride + 1,
        rounded down, or up with `ceil_mode`.

    Raises
    ------
    ValueError
        If a window has no room, or an option is out of its range.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.max_pool1d(Tensor([[1.0, 4.0, 2.0, 3.0]]), 2).data
    array([[4., 3.]])
    """
    return _max_pool("max_pool1d", 1, input, (kernel_size, stride, padding, dilation), ceil_mode, return_indices)


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
    return _max_pool("max_pool2d", 2, input, (kernel_size, stride, padding, dilation), ceil_mode, return_indices)


def avg_pool1d(
    input: Input, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Output:  # fmt: skip
    """The mean of each window, whose elements in the border count as zeros, or with ``count_include_pad=False`` not.

    Shapes, options and errors are those of :func:`max_pool1d`; a border is of zeros.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.avg_pool1d(Tensor([[1.0, 4.0, 2.0, 3.0]]), 2).data
    array([[2.5, 2.5]])
    """
    where = (kernel_size, stride, padding, 1)
    return _avg_pool("avg_pool1d", 1, input, where, ceil_mode=ceil_mode, count_include_pad=count_include_pad)


def avg_pool2d(
    input: Input, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Output:  # fmt: skip
    """As :func:`avg_pool1d`, along two axes; `divisor_override` stands for the number of elements.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2).data.tolist()
    [[[2.5, 4.5], [10.5, 12.5]]]
    """
    where = (kernel_size, stride, padding, 1)
    flags = {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    return _avg_pool("avg_pool2d", 2, input, where, **flags, divisor_override=divisor_override)


def _windows(name: str, n: int, input: Input, where: Where, ceil_mode: bool) -> tuple[X, Lengths, Keywords]:
    """The input of pooling, the lengths of a window, and how far windows are apart, their borders and gaps."""
    kernel_size, stride, padding, dilation = where
    kernel = sizes(name, "kernel_size", kernel_size, n)
    steps = kernel if stride is None or stride in ((), []) else sizes(name, "stride", stride, n)
    borders, gaps = sizes(name, "padding", padding, n, least=0), sizes(name, "dilation", dilation, n)
    if any(2 * b > k for b, k in zip(borders, kernel, strict=True)):
        raise ShapeError(
            f"{name}: pad should be at most half of effective kernel size, not counting gaps, but "
            f"padding={padding} and kernel_size={kernel_size}"
        )
    x: X = as_node(input)
    _check_axes(name, n, x.shape)
    outside = tuple((step - 1) * ceil_mode for step in steps)
    _check_room(name, x.shape[-n:], kernel, borders, gaps, outside)
    return x, kernel, _briefly(stride=steps, padding=borders, dilation=gaps)


def _max_pool(name: str, n: int, input: Input, where: Where, ceil_mode: bool, return_indices: bool) -> Output:
    check_options(name, ceil_mode=ceil_mode, return_indices=return_indices)
    x, kernel, how = _windows(name, n, input, where, ceil_mode)
    y = autograd.max_pool(x, kernel, **how, ceil_mode=ceil_mode)
    return (y, autograd.max_pool_places(x, kernel, **how, ceil_mode=ceil_mode).data) if return_indices else y


def _avg_pool(
    name: str, n: int, input: Input, where: Where, *, ceil_mode: bool, count_include_pad: bool,
    divisor_override: int | None = None,
) -> Output:  # fmt: skip
    flags = {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    check_options(name, **flags)
    if divisor_override == 0:
        raise ShapeError(f"{name}: divisor must be not zero: divisor_override=0")
    x, kernel, how = _windows(name, n, input, where, ceil_mode)
    del how["dilation"]
    return autograd.avg_pool(x, kernel, **how, **flags, divisor_override=divisor_override)


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
