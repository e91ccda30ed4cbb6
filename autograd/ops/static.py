"""Checks of static arguments of ops: a graph from a file is checked before it is run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter

import numpy as np

from autograd.engine.op import Op
from autograd.namespaces.factorisations import MATRIX_FUNCTIONS
from autograd.ops.rearranging import MOVING
from autograd.typing import Params, X

__all__ = ["CHECKS", "misfit"]

_LARGEST = 2**31


def _whole(v: X, low: int = -_LARGEST, high: int = _LARGEST) -> bool:
    return type(v) is int and low <= v <= high


def _some(v: X, low: int = -_LARGEST, high: int = _LARGEST) -> bool:
    """Whether an argument is an integer in a range, or a tuple of such."""
    return _whole(v, low, high) or (isinstance(v, tuple) and len(v) <= 64 and all(_whole(n, low, high) for n in v))


def _axes(v: X) -> bool:
    return v is None or _some(v, -64, 63)


def _number(v: X) -> bool:
    return type(v) is float or (type(v) is int and abs(v) < 2**1023)


def _widths(v: X) -> bool:
    """Whether an argument is a width of a border, a pair of such, or a tuple of pairs."""
    return _some(v, 0) or (isinstance(v, tuple) and len(v) <= 64 and all(_some(pair, 0) for pair in v))


def _counts(v: X) -> bool:
    return _whole(v, 0) or (isinstance(v, tuple) and all(_whole(n, 0) for n in v))


def _key(v: X) -> bool:
    """Whether an argument is the static part of an index."""
    return isinstance(v, tuple) and len(v) <= 64 and all(map(_place, v))


def _place(k: X) -> bool:
    if isinstance(k, tuple):
        cut = len(k) == 2 and k[0] == "part" and _whole(k[1], 0)
        return cut or (len(k) == 4 and k[0] == "slice" and all(n is None or _whole(n) for n in k[1:]) and k[3] != 0)
    return k is None or k in ("array", "...") if not isinstance(k, int) else _whole(k)


def _one_of(*allowed: X) -> Callable[[X], bool]:
    return lambda v: any(v is a or (type(v) is type(a) and v == a) for a in allowed)


# An argument of one name has one check in every op of the table.
CHECKS: Mapping[str, Callable[[X], bool]] = {
    **dict.fromkeys(("axis", "axes", "source", "destination"), _axes),
    **dict.fromkeys(("axis1", "axis2"), lambda v: _whole(v, -64, 63)),
    **dict.fromkeys(("shift", "k", "offset"), _some),
    **dict.fromkeys(("alpha", "ddof", "eps", "exponent", "order"), _number),
    **dict.fromkeys(("reps", "repeats"), _counts),
    **dict.fromkeys(("complete", "full_matrices", "keepdims"), _one_of(True, False)),
    "UPLO": _one_of("L", "U"),
    "of": _one_of(*MATRIX_FUNCTIONS),
    "rcond": lambda v: v is None or _number(v),
    "sign": _one_of(-1, 1),
    "stable": _one_of(True, False, None),
    "kind": _one_of(None, "quicksort", "mergesort", "heapsort", "stable"),
    "n": lambda v: _whole(v, 0, 1000),
    "family": _one_of("iv", "ive", "jv", "kv", "yv"),
    "side": _one_of("left", "right"),
    "mode": _one_of("constant", "edge", "reflect", "symmetric", "wrap"),
    "which": _one_of(1, 2, 3),
    "kth": _some,
    "shape": lambda v: _some(v, -1),
    "pad_width": _widths,
    "key": _key,
    "how": lambda v: isinstance(v, str) and v in MOVING,
    "given": lambda v: isinstance(v, tuple),
    "dtype": _one_of("bool", "float32", "float64", *(f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64))),
    **dict.fromkeys(("stride", "dilation"), lambda v: _some(v, 1)),
    **dict.fromkeys(("ceil_mode", "centred", "count_include_pad"), _one_of(True, False)),
    "divisor_override": lambda v: v is None or (_whole(v) and v != 0),
    "groups": lambda v: _whole(v, 1),
    "kernel": lambda v: isinstance(v, tuple) and len(v) > 0 and _some(v, 1),
    "padding": lambda v: _some(v, 0),
    "rank": lambda v: _whole(v, 1, 64),
    "subscripts": lambda v: isinstance(v, str) and re.fullmatch(r"[a-zA-Z,]*->[a-zA-Z]*", v) is not None,
}


def misfit(op: Op[...], params: Params, shapes: Sequence[tuple[int, ...]], result: X) -> str:
    """The fault in the static arguments of a call of an op of the table; empty if there is none.

    Nothing is made to find out. `result` is the shape that the result is said to have.
    """
    for name, v in params.items():
        if name not in CHECKS or not CHECKS[name](v):
            return f"{op.name} takes no {name}={_short(v)}"
    if "how" in params:
        moving = MOVING[params["how"]]
        inner = dict(moving.params) | dict(zip(moving.params, params["given"], strict=False))
        if len(params["given"]) > len(inner) or Parameter.empty in inner.values():
            return f"{op.name}: {moving.name} takes {', '.join(moving.params)}, not {_short(params['given'])}"
        return misfit(moving, inner, shapes[1:], shapes[0])
    if "key" in params and sum(k == "array" or (isinstance(k, tuple) and k[0] == "part") for k in params["key"]) != len(
        shapes
    ) - (op.arity - 1):
        return f"{op.name}: the index {_short(params['key'])} is not for {len(shapes) - op.arity + 1} arrays"
    if "subscripts" in params:
        terms, _, rest = params["subscripts"].partition("->")
        ranks = [len(term) for term in terms.split(",")]
        if ranks != [len(s) for s in shapes] or len(set(rest)) < len(rest) or not set(rest) <= set(terms):
            return f"{op.name}: the subscripts {_short(params['subscripts'])} are not for these shapes"
    if op.shape_of is not None:
        try:
            made = op.shape_of(shapes[0], **params)
        except (ValueError, IndexError, np.exceptions.AxisError):
            made = None
        if made != result:
            return f"{op.name} of shape {shapes[0]} and {_short(dict(params))} has not the shape {result}"
    return ""


def _short(v: X) -> str:
    text = repr(v)
    return text if len(text) <= 60 else text[:59] + "…"
