"""Convolutions and pooling in ONNX's operators, which take arrays of the shape (samples, channels, *lengths)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from autograd.graph.onnx.writer import Variable, Writer
from autograd.namespaces import windows
from autograd.typing import Array, Function, X

__all__ = ["WINDOWS"]


def _conv(w: Writer, y: Array, x: X, weight: X, stride: X = 1, padding: X = 0, dilation: X = 1, groups: int = 1) -> X:
    n = weight.ndim - 2
    samples = _samples(w, w.cast(x, y.dtype), n + 1)
    how = _how(weight.shape[2:], stride, dilation, windows.each(padding, n), windows.each(padding, n))
    out = y.reshape(-1, *y.shape[y.ndim - n - 1 :])
    return w.reshape(w.call("Conv", samples, w.cast(weight, y.dtype), like=out, group=groups, **how), y.shape)


def _conv_transpose(
    w: Writer, y: Array, z: X, weight: X, like: X, stride: X = 1, padding: X = 0, dilation: X = 1, groups: int = 1
) -> X:
    n = weight.ndim - 2
    samples = _samples(w, w.cast(z, y.dtype), n + 1)
    sides = windows.each(padding, n)
    how = _how(weight.shape[2:], stride, dilation, sides, sides)
    reached = [
        (m - 1) * step + gap * (k - 1) + 1 - 2 * border
        for m, k, step, border, gap in zip(
            z.shape[-n:], weight.shape[2:], how["strides"], sides, how["dilations"], strict=True
        )
    ]
    more = [size - r for size, r in zip(y.shape[-n:], reached, strict=True)]
    out = y.reshape(-1, *y.shape[y.ndim - n - 1 :])
    kernels = w.cast(weight, y.dtype)
    found = w.call("ConvTranspose", samples, kernels, like=out, group=groups, output_padding=more, **how)
    return w.reshape(found, y.shape)


def _samples(w: Writer, x: Variable, n: int) -> Variable:
    """An array with one axis in front of its last `n`."""
    inner = x.shape[x.ndim - n :]
    return x if x.ndim == n + 1 else w.reshape(x, (prod(x.shape[: x.ndim - n]), *inner))


def _how(kernel: tuple[int, ...], stride: X, dilation: X, before: X, after: X) -> dict[str, X]:
    """The attributes of a call whose windows slide."""
    n = len(kernel)
    return {
        "kernel_shape": list(kernel), "strides": list(windows.each(stride, n)), "pads": [*before, *after],
        "dilations": list(windows.each(dilation, n)),
    }  # fmt: skip


def _ends(x: Variable, y: Array, kernel: tuple[int, ...], stride: X, padding: X, dilation: X) -> list[int]:
    """The width of the border behind, with which as many windows fit as there are in the recording."""
    n = len(kernel)
    steps, borders, gaps = (windows.each(v, n) for v in (stride, padding, dilation))
    return [
        max((m - 1) * step + gap * (k - 1) + 1 - size - border, 0)
        for size, m, k, step, border, gap in zip(x.shape[-n:], y.shape[-n:], kernel, steps, borders, gaps, strict=True)
    ]


def _pooled(
    w: Writer, y: Array, x: Variable, kernel: tuple[int, ...], stride: X, padding: X, dilation: X, output: int
) -> X:
    n = len(kernel)
    before, after = windows.each(padding, n), _ends(x, y, kernel, stride, padding, dilation)
    samples, out = _channels(w, x, n), y.reshape(*_channels_shape(y.shape, n))
    if not _is_narrow(before, after, kernel):
        if output:
            raise w.refusal("onnxruntime has no border as wide as the window")
        border = ((0, 0), (0, 0), *zip(before, after, strict=True))
        least = np.asarray(windows.lowest(x.data), x.dtype)
        wide = np.pad(samples.data, border, constant_values=least)
        samples = w.call("Pad", samples, np.array(border, np.int64).T.ravel(), least, like=wide, mode="constant")
        before, after = (0,) * n, [0] * n
    return w.call("MaxPool", samples, like=out, output=output, **_how(kernel, stride, dilation, before, after))


def _is_narrow(before: Sequence[int], after: Sequence[int], kernel: tuple[int, ...]) -> bool:
    """Whether a border is one that onnxruntime has: narrower than the window."""
    return all(max(pair) < k for *pair, k in zip(before, after, kernel, strict=True))


def _channels_shape(shape: tuple[int, ...], n: int) -> tuple[int, ...]:
    front = shape[: len(shape) - n]
    return shape if len(front) == 2 else (prod(front), 1, *shape[len(shape) - n :])


def _channels(w: Writer, x: Variable, n: int) -> Variable:
    """An array with two axes in front of the last `n`, samples and channels."""
    return x if x.ndim == n + 2 else w.reshape(x, _channels_shape(x.shape, n))


def _max_pool(
    w: Writer, y: Array, x: X, kernel: tuple[int, ...], stride: X = 1, padding: X = 0, dilation: X = 1,
    ceil_mode: bool = False,
) -> X:  # fmt: skip
    """The largest number of each window: beside others, a nan does not count as one in onnxruntime."""
    return w.reshape(_pooled(w, y, x, kernel, stride, padding, dilation, 0), y.shape)


def _max_pool_places(
    w: Writer, y: Array, x: X, kernel: tuple[int, ...], stride: X = 1, padding: X = 0, dilation: X = 1,
    ceil_mode: bool = False,
) -> X:  # fmt: skip
    """The places, which ONNX counts through all samples and channels too."""
    places = w.reshape(_pooled(w, y, x, kernel, stride, padding, dilation, 1), y.shape)
    return w.mod(places, prod(x.shape[x.ndim - len(kernel) :]))


def _avg_pool(
    w: Writer, y: Array, x: X, kernel: tuple[int, ...], stride: X = 1, padding: X = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> X:  # fmt: skip
    """The means of windows; where ONNX has another divisor, their sums divided by it."""
    n = len(kernel)
    before, after = windows.each(padding, n), _ends(x, y, kernel, stride, padding, 1)
    samples, out = _channels(w, x, n), y.reshape(*_channels_shape(y.shape, n))
    how: dict[str, X] = {"kernel_shape": list(kernel), "strides": list(windows.each(stride, n))}
    same = divisor_override is None and not (ceil_mode and after != list(before))
    if same and _is_narrow(before, after, kernel):
        how |= {"pads": [*before, *after], "count_include_pad": int(count_include_pad)}
        return w.reshape(w.call("AveragePool", samples, like=out, **how), y.shape)
    means = w.call(
        "AveragePool", w.pad_array(samples, ((0, 0), (0, 0), *zip(before, after, strict=True))), like=out, **how
    )
    number = windows.divisor(x.data, kernel, stride, padding, count_include_pad, divisor_override, y.shape)
    return w.reshape(means * np.asarray(prod(kernel) / number, y.dtype), y.shape)


def _pick(w: Writer, y: Array, x: Variable, places: X, rank: int = 1) -> X:
    front = x.shape[: x.ndim - rank]
    rows = w.reshape(x, (*front, prod(x.shape[x.ndim - rank :])))
    at = w.reshape(places, (*front, prod(places.shape[len(front) :])))
    found = w.where(at < 0, np.zeros((), y.dtype), w.take_along_axis(rows, at, -1))
    return w.reshape(found, y.shape)


def _max_unpool(w: Writer, y: Array, z: Variable, places: X, like: X, rank: int = 1) -> X:
    """The elements put behind a spare place, which takes what has the place -1."""
    front = y.shape[: y.ndim - rank]
    n = prod(y.shape[y.ndim - rank :])
    rows = w.reshape(z, (*front, prod(z.shape[len(front) :])))
    at = w.reshape(places + 1, rows.shape)
    zeros = np.zeros((*front, n + 1), y.dtype)
    total = np.concatenate([zeros[..., :1], y.reshape(*front, n)], -1)
    filled = w.call(
        "ScatterElements", Variable(w, zeros), w.cast(at, np.int64), rows, like=total, axis=-1, reduction="add"
    )
    return w.reshape(w.getitem(filled, key=("...", ("slice", 1, None, None))), y.shape)


WINDOWS: Mapping[str, Function] = {
    "avg_pool": _avg_pool, "conv": _conv, "conv_transpose": _conv_transpose, "max_pool": _max_pool,
    "max_pool_places": _max_pool_places, "max_unpool": _max_unpool, "pick": _pick,
}  # fmt: skip
