"""Convolutions and pooling by their definitions: every window is laid out, and what is linear has a matrix."""

from math import prod

import numpy as np


def each(value, n):
    return value if isinstance(value, tuple) else (value,) * n


def windows(x, kernel, stride=1, padding=0, dilation=1, ceil_mode=False, fill=0.0):
    """All windows: the axes of an array, with the windows along the last ones, then those of a window."""
    n = len(kernel)
    axes = [*zip(x.shape[-n:], kernel, *(each(h, n) for h in (stride, padding, dilation)), strict=True)]
    if ceil_mode:  # as far as a window begins inside
        counts = [len([s for s in range(-p, m, t) if s + d * (k - 1) < m + p + t - 1]) for m, k, t, p, d in axes]
    else:
        counts = [len([s for s in range(-p, m + p, t) if s + d * (k - 1) < m + p]) for m, k, t, p, d in axes]
    whole = np.pad(x, [*((0, 0) for _ in x.shape[:-n]), *((p, p + t + d * k) for _, k, t, p, d in axes)],
                   constant_values=fill)  # fmt: skip
    found = np.lib.stride_tricks.sliding_window_view(whole, [d * (k - 1) + 1 for _, k, _, _, d in axes], range(-n, 0))
    found = found[(..., *(slice(None, None, d) for *_, d in axes))]
    starts = [slice(0, t * (c - 1) + 1, t) for c, (_, _, t, _, _) in zip(counts, axes, strict=True)]
    return found[(..., *starts, *[slice(None)] * n)]


def conv(x, weight, stride=1, padding=0, dilation=1, groups=1):
    n = weight.ndim - 2
    parts = windows(x, weight.shape[2:], stride, padding, dilation)
    parts = np.split(parts, groups, -2 * n - 1)
    kernels = np.split(weight, groups)
    axes = range(-n, 0)
    sums = [np.tensordot(p, w, ((-2 * n - 1, *axes), (1, *axes))) for p, w in zip(parts, kernels, strict=True)]
    return np.moveaxis(np.concatenate(sums, -1), -1, -n - 1)


def adjoint(f, z, like):
    """What a linear function's derivative makes of a gradient: one element for each unit of its argument."""
    units = np.eye(prod(like.shape)).reshape(prod(like.shape), *like.shape)
    return np.array([(f(unit) * z).sum() for unit in units]).reshape(like.shape)


def conv_transpose(z, weight, like, **how):
    return adjoint(lambda x: conv(x, weight, **how), z, like)


def conv_weight(z, x, like, **how):
    return adjoint(lambda weight: conv(x, weight, **how), z, like)


def flat(parts, n):
    return parts.reshape(*parts.shape[:-n], -1)


def max_pool(x, kernel, **how):
    return flat(windows(x, kernel, **how, fill=-np.inf), len(kernel)).max(-1)


def max_pool_places(x, kernel, **how):
    n = len(kernel)
    numbers = np.arange(float(np.prod(x.shape[-n:]))).reshape(x.shape[-n:])
    best = flat(windows(x, kernel, **how, fill=-np.inf), n).argmax(-1)
    places = np.broadcast_to(flat(windows(numbers, kernel, **how), n), (*best.shape, prod(kernel)))
    return np.take_along_axis(places, best[..., None], -1)[..., 0].astype(int)


def pick(x, places, rank=1):
    n = x.ndim - rank
    found = np.empty(places.shape)
    for at in np.ndindex(places.shape):
        found[at] = x[at[:n]].ravel()[places[at]]
    return found


def max_unpool(z, places, like, rank=1):
    return adjoint(lambda x: pick(x, places, rank), z, like)


def avg_pool(x, kernel, stride=1, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    n = len(kernel)
    sums = flat(windows(x, kernel, stride, padding, 1, ceil_mode), n).sum(-1)
    ones = np.ones(x.shape)
    if count_include_pad:
        around = [(0, 0)] * (x.ndim - n) + [(p, p) for p in each(padding, n)]
        counted = flat(windows(np.pad(ones, around, constant_values=1.0), kernel, stride, 0, 1, ceil_mode), n).sum(-1)
        counted = counted[tuple(map(slice, sums.shape))]
    else:
        counted = flat(windows(ones, kernel, stride, padding, 1, ceil_mode), n).sum(-1)
    return sums / (divisor_override or counted)


def spread_pool(z, like, **how):
    return adjoint(lambda x: avg_pool(x, **how), z, like)


def torchs(name):
    """PyTorch's function of that name for so many axes as a kernel has, without an axis of samples too."""

    def function(t, *args, **how):
        kernel = how["kernel"] if "pool" in name else args[1].shape[2:]
        if "pool" in name:
            how = {"stride": 1} | {"kernel_size" if k == "kernel" else k: v for k, v in how.items()}
        if len(kernel) == 1:
            how.pop("divisor_override", None)
        return getattr(t.nn.functional, f"{name}{len(kernel)}d")(*args, **how)

    return function


def torchs_gradient(name):
    def function(t, z, *args, **how):
        x, weight = (args[1], args[0]) if name == "input" else args
        found = getattr(t.nn.grad, f"conv{weight.ndim - 2}d_{name}")
        x, z = x.reshape(-1, *x.shape[1 - weight.ndim :]), z.reshape(-1, *z.shape[1 - weight.ndim :])
        return found(x.shape, weight, z, **how) if name == "input" else found(x, weight.shape, z, **how)

    return function
