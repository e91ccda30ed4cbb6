"""Padding: borders of constants, of an array's own elements, of ramps, or of means and extremes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.engine.coercion import has_node
from autograd.engine.libraries import fetched, numpy_dtype
from autograd.engine.node import Node
from autograd.messages import describe, short
from autograd.ops._helpers import X, as_integer, axis_slice
from autograd.ops.creation import zeros_like
from autograd.ops.joining import as_node_or_array, concatenate
from autograd.ops.logic import logical_not
from autograd.ops.rearranging import flip, pad_array, repeat
from autograd.ops.reductions import amax, amin, mean
from autograd.ops.selection import where
from autograd.typing import Params

__all__ = ["pad"]
# Each mode has one argument beside the width, or none; its default stands here.
_MODES: Mapping[str, Params] = {
    "constant": {"constant_values": 0}, "edge": {}, "reflect": {"reflect_type": "even"},
    "symmetric": {"reflect_type": "even"}, "wrap": {}, "linear_ramp": {"end_values": 0},
    "maximum": {"stat_length": None}, "mean": {"stat_length": None}, "minimum": {"stat_length": None},
}  # fmt: skip
_STATISTICS: Mapping[str, Callable[..., X]] = {"maximum": amax, "mean": mean, "minimum": amin}


def pad(x: X, pad_width: Any, mode: str = "constant", **how: X) -> X:
    """`x` with a border `pad_width` wide of constants, of its own elements or of means of them, as `mode` says.

    As in NumPy, some modes take one more argument: ``constant_values``, ``end_values`` or ``stat_length``.

    A width is a number, a pair for both ends, or a pair for each axis. What is repeated of `x` adds to its gradient.

    >>> from autograd import Tensor, pad
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> y = pad(x, (2, 1), mode="edge")
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist(), pad(x, 1, constant_values=9.0).tolist()
    ([1.0, 1.0, 1.0, 2.0, 3.0, 3.0], [3.0, 1.0, 2.0], [9.0, 1.0, 2.0, 3.0, 9.0])
    """
    if mode not in _MODES:
        raise TypeError(f"pad: mode={mode!r} is not supported; take {', '.join(_MODES)}")
    options = {**_MODES[mode], **how}
    if options.keys() != _MODES[mode].keys() or options.get("reflect_type", "even") != "even":
        known = " and ".join(f"{k}={v!r}" if k == "reflect_type" else f"{k}=" for k, v in _MODES[mode].items())
        raise TypeError(f"pad: {', '.join(how)} not supported here; mode={mode!r} takes {known or 'nothing more'}")
    if has_node(options.values()):
        raise TypeError(f"pad: {', '.join(options)} must be plain numbers; join a node to x with concatenate")
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        return pad_array(x, pad_width, mode)
    if mode == "constant":
        return _constant(as_node_or_array(x), pad_width, options["constant_values"])
    x = as_node_or_array(x)
    if numpy_dtype(x).kind != "f" and mode in ("linear_ramp", "mean"):
        operand = describe(x) if isinstance(x, Node) else short(x)
        raise TypeError(f"pad: mode={mode!r} would round, since {operand} is not of floats; pad x * 1.0")
    ((name, value),) = options.items()
    widths, ends = _pairs("pad_width", pad_width, x.ndim), _pairs(name, value, x.ndim)
    for axis, (width, end) in enumerate(zip(widths, ends, strict=True)):
        before, after = (as_integer("pad", "pad_width", k) for k in width)
        if before < 0 or after < 0 or (x.shape[axis] == 0 and before + after):
            raise ValueError(f"pad: {width} elements along axis {axis}, of length {x.shape[axis]}; mode={mode!r}")
        if name == "stat_length" and any(k is not None and k < 1 for k in end):
            raise ValueError(f"pad: stat_length={value!r}; a {mode} is of one element or more")
        if not before and not after:
            continue
        if mode == "linear_ramp":
            left = _ramp(end[0], x[axis_slice(axis, 0, 1)], before, axis)
            right = flip(_ramp(end[1], x[axis_slice(axis, -1, None)], after, axis), axis)
        else:
            left = repeat(_STATISTICS[mode](x[axis_slice(axis, 0, end[0])], axis, True), before, axis)
            right = repeat(_STATISTICS[mode](x[axis_slice(axis, -(end[1] or 0), None)], axis, True), after, axis)
        x = concatenate([left, x, right], axis)
    return x


def _constant(x: X, pad_width: Any, values: X) -> X:
    """An array in a border of constants. No length is read: in a replay a condition may select more elements."""
    if np.size(values) == 1:
        y = pad_array(x, pad_width, "constant")
        c = np.asarray(fetched(values)).astype(numpy_dtype(x)).item()
        return where(pad_array(logical_not(zeros_like(x)), pad_width, "constant"), y, c) if c else y
    widths, constants = _pairs("pad_width", pad_width, x.ndim), _pairs("constant_values", values, x.ndim)
    for axis, (width, pair) in enumerate(zip(widths, constants, strict=True)):
        for side in (0, 1):
            alone = [[0, 0] for _ in widths]
            alone[axis][side] = width[side]
            x = _constant(x, alone, pair[side])
    return x


def _pairs(name: str, value: X, rank: int) -> list[list[X]]:
    """An argument of `pad` as a pair for each axis, for the elements before and behind."""
    try:
        pairs: list[list[X]] = np.broadcast_to(np.asarray(fetched(value)), (rank, 2)).tolist()
    except ValueError:
        raise ValueError(f"pad: {name}={value!r}; give a number, a pair, or a pair for each of {rank} axes") from None
    return pairs


def _ramp(end: float, edge: X, n: int, axis: int) -> X:
    """`n` evenly spaced numbers from `end` up to the edge of an array, without the edge."""
    t = (np.arange(n) / max(n, 1)).astype(numpy_dtype(edge)).reshape(-1, *(1,) * (edge.ndim - axis - 1))
    return end + (edge - end) * t
