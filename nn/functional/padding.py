"""Borders around arrays, as PyTorch counts their widths."""

from __future__ import annotations

from collections.abc import Sequence

import autograd
from autograd.tracebacks import entrances
from nn._types import Input, Output, X
from nn.kinds import as_node
from nn.options import ShapeError, check_options

__all__ = [
    "pad",
]
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
    x: X = as_node(input)
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
        if any(any(w) and (min(w) < 0 or max(w) > most) for w, most in zip(pairs, limits, strict=True)):
            raise ShapeError(f"pad: mode={mode!r} has no border {tuple(pad)} for an input of shape {x.shape}")
        return autograd.pad(x, pairs, _MODES[mode])
    if min(widths, default=0) < 0:
        x = x[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(pairs, x.shape, strict=True))]
    return autograd.pad(x, [(max(a, 0), max(b, 0)) for a, b in pairs], constant_values=value or 0.0)


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
