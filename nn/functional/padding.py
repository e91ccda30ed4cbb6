"""Borders around arrays, as PyTorch counts their widths."""

from __future__ import annotations

import math
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

    It is a "constant" (`value`, by default 0), "reflect", "replicate" or "circular"; widths below 0 cut off.

    Raises
    ------
    ValueError
        If there are widths for more axes than there are, no such mode, or more reflected than there is.

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
    if mode != "constant" and value is not None:
        raise ValueError(f"pad: mode={mode!r} takes no value")
    cuts = [(max(-a, 0), max(-b, 0)) for a, b in pairs]
    borders = [(max(a, 0), max(b, 0)) for a, b in pairs]
    first = mode in ("constant", "circular")  # What is cut off is not in these borders, as in PyTorch.
    if any(n - sum(cut) + sum(w) * (not first) < 0 for n, cut, w in zip(x.shape, cuts, borders, strict=True)):
        raise ShapeError(f"pad: widths {tuple(pad)} result in a negative output size, of an input of shape {x.shape}")
    x = _cut(x, cuts) if first else x
    limits = [n - (mode == "reflect") if mode in ("reflect", "circular") else math.inf for n in x.shape]
    if any(max(w) > max(most, 0) for w, most in zip(borders, limits, strict=True)):
        raise ShapeError(f"pad: mode={mode!r} has no border {tuple(pad)} for an input of shape {x.shape}")
    options = {"constant_values": value or 0.0} if mode == "constant" else {}
    y = autograd.pad(x, borders, _MODES[mode], **options)
    return y if first else _cut(y, cuts)


def _cut(x: X, widths: Sequence[tuple[int, int]]) -> X:
    """`x` without that many elements at both ends of each axis."""
    return x[tuple(slice(a, n - b) for (a, b), n in zip(widths, x.shape, strict=True))] if any(map(any, widths)) else x


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
