"""The functions that formulas of the op table call, written in ONNX's operators (opset 18).

A rule takes the writer, what the function gives in the recording, and the function's arguments. Where no operator is
just the function, the rule is a formula again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, log, pi

import numpy as np

from autograd.graph.onnx.indexing import INDEXING, added, over
from autograd.graph.onnx.windows import WINDOWS
from autograd.graph.onnx.writer import Variable, Writer
from autograd.namespaces import arrays
from autograd.typing import Array, Axis, Function, X

__all__ = ["FUNCTIONS"]

Rule = Callable[..., Variable]


def _elementwise(kind: str) -> Rule:
    return lambda w, y, *args: w.call(kind, *(w.cast(a, y.dtype) for a in args), like=y)


def _compared(kind: str) -> Rule:
    def rule(w: Writer, y: Array, *args: X) -> Variable:
        dtype = np.result_type(*(a.data if isinstance(a, Variable) else a for a in args))
        return w.call(kind, *(w.cast(a, dtype) for a in args), like=y)

    return rule


def _logical(kind: str) -> Rule:
    return lambda w, y, *args: w.call(kind, *(_truth(w, a) for a in args), like=y)


def _truth(w: Writer, x: X) -> X:
    return w.cast(x if isinstance(x, Variable) else np.asarray(x), bool)


def _where(w: Writer, y: Array, condition: X, a: X, b: X) -> X:
    truth = _truth(w, condition)
    if isinstance(truth, np.ndarray) or not truth.name:  # as whether a constant divisor is 0
        decided = np.asarray(getattr(truth, "data", truth))
        if decided.size and (decided.all() or not decided.any()):
            return w.broadcast_to(a if decided.all() else b, y.shape)
    return w.call("Where", truth, w.cast(a, y.dtype), w.cast(b, y.dtype), like=y)


def _formula(rule: Rule) -> Rule:
    """A formula of operands in the dtype of the result."""
    return lambda w, y, *args: rule(w, y, *(w.cast(a, y.dtype) for a in args))


# ---- elementwise ----


@_formula
def _power(w: Writer, y: Array, a: X, b: X) -> X:
    return w.sqrt(a) if type(b) is float and b == 0.5 else w.call("Pow", a, b, like=y)  # the root of −∞ is nan


@_formula
def _log1p(w: Writer, y: Array, x: X) -> X:
    """log(1 + x)·x/((1 + x) − 1), in which the rounding of 1 + x cancels (Kahan)."""
    u = x + 1
    even = w.logical_or(u == 1, u == inf)
    return w.where(even, x, w.log(u) * (x / w.where(even, 1.0, u - 1)))


@_formula
def _expm1(w: Writer, y: Array, x: X) -> X:
    """eˣ − 1; near 0 by t = tanh(x/2), of which it is 2t/(1 − t)."""
    t = w.tanh(x / 2)
    return w.where(w.abs(x) < 1, 2 * t / (1 - t), w.exp(x) - 1)


@_formula
def _logaddexp(w: Writer, y: Array, a: X, b: X) -> X:
    top, low = w.maximum(a, b), w.minimum(a, b)
    return top + w.log1p(w.exp(w.where(top == low, 0.0, low - top)))


@_formula
def _cbrt(w: Writer, y: Array, x: X) -> X:
    return w.sign(x) * w.abs(x) ** (1 / 3)


@_formula
def _fmod(w: Writer, y: Array, a: X, b: X) -> X:
    return w.call("Mod", a, b, like=y, fmod=1) if y.dtype.kind == "f" else _whole_rest(w, y, a, b, fmod=1)


def _whole_rest(w: Writer, y: Array, a: X, b: X, fmod: int) -> X:
    """The remainder of integers, by 0 too, which would end the process."""
    return w.where(b == 0, 0, w.call("Mod", a, w.where(b == 0, 1, b), like=y, fmod=fmod))


@_formula
def _mod(w: Writer, y: Array, a: X, b: X) -> X:
    if y.dtype.kind != "f":
        return _whole_rest(w, y, a, b, fmod=0)
    rest = w.fmod(a, b)
    return w.where(_turned(w, rest, b), rest + b, rest)


def _turned(w: Writer, rest: X, b: X) -> X:
    """Whether a remainder has not the sign of `b`."""
    return w.logical_and(rest != 0, w.not_equal(rest < 0, b < 0))


@_formula
def _floor_divide(w: Writer, y: Array, a: X, b: X) -> X:
    rest = w.fmod(a, b)
    if y.dtype.kind != "f":
        whole = w.call("Div", a - rest, w.where(b == 0, 1, b), like=y)
        return w.where(b == 0, 0, w.where(_turned(w, rest, b), whole - 1, whole))
    whole = (a - rest) / b
    return w.where(b == 0, a / b, w.rint(w.where(_turned(w, rest, b), whole - 1, whole)))


@_formula
def _hypot(w: Writer, y: Array, a: X, b: X) -> X:
    """The longer side times √(1 + (shorter/longer)²), which does not overflow."""
    a, b = w.abs(a), w.abs(b)
    long, short = w.maximum(a, b), w.minimum(a, b)
    infinite = w.logical_or(a == inf, b == inf)  # beside a nan too
    share = short / w.where(w.logical_or(long == 0, infinite), 1.0, long)
    return w.where(infinite, inf, long * w.sqrt(1 + share * share))


@_formula
def _arctan2(w: Writer, y: Array, a: X, b: X) -> X:
    """The angle of the shorter side over the longer, turned into the quadrant."""
    up, right = w.abs(a), w.abs(b)
    long = w.maximum(up, right)
    share = w.minimum(up, right) / w.where(w.logical_or(long == 0, up == right), 1.0, long)
    share = w.where(w.logical_and(up == right, long != 0), 1.0, share)
    angle = w.arctan(share)
    angle = w.where(up > right, pi / 2 - angle, angle)
    angle = w.where(w.signbit(b), pi - angle, angle)
    angle = w.where(w.signbit(a), -angle, angle)
    return w.where(w.logical_or(w.isnan(a), w.isnan(b)), long, angle)


def _signbit(w: Writer, y: Array, x: X) -> X:
    """Below 0, −0 included; a nan counts as positive."""
    return x < 0 if x.dtype.kind != "f" else w.logical_or(x < 0, w.logical_and(x == 0, 1 / x < 0))


@_formula
def _heaviside(w: Writer, y: Array, x: X, h0: X) -> X:
    return w.where(x == 0, h0, w.where(w.isnan(x), x, w.where(x < 0, np.zeros((), y.dtype), 1.0)))


def _sinc(w: Writer, y: Array, x: X, order: int = 0) -> X:
    if order:
        raise w.refusal("of its derivatives there is none in ONNX")
    u = x * pi
    return w.where(x == 0, 1.0, w.sin(u) / w.where(x == 0, 1.0, u))


# ---- reductions ----


def _reduced(kind: str) -> Rule:
    def rule(w: Writer, y: Array, x: Variable, axis: Axis = None, keepdims: bool = False) -> Variable:
        x = w.cast(x, y.dtype)
        return x if axis == () else w.call(kind, x, *over(x, axis), like=y, keepdims=int(keepdims))

    return rule


def _extreme(kind: str) -> Rule:
    """The extreme of a row with a nan is nan, which onnxruntime gives only of some rows."""
    reduced = _reduced(kind)

    def rule(w: Writer, y: Array, x: Variable, axis: Axis = None, keepdims: bool = False) -> X:
        extreme = w.known(reduced(w, y, x, axis, keepdims), y)
        return extreme if y.dtype.kind != "f" else extreme + w.sum(w.where(w.isnan(x), x, 0.0), axis, keepdims)

    return rule


def _place_of(kind: str) -> Rule:
    """The first place of an extreme, or of a nan."""

    def rule(w: Writer, y: Array, x: Variable, axis: int | None = None, keepdims: bool = False) -> X:
        axis = axis if x.ndim else None
        row = w.reshape(x, (-1,)) if axis is None else x
        at = {"axis": axis or 0, "keepdims": int(keepdims and axis is not None)}
        places = w.call(kind, row, like=y if axis is not None else np.asarray(y.item()), **at)
        if x.dtype.kind == "f":
            nan = w.cast(w.isnan(row), np.uint8)
            first = w.call("ArgMax", nan, like=places.data, **at)
            places = w.where(w.max(nan, at["axis"], bool(at["keepdims"])), first, places)
        return places if axis is not None or not keepdims else w.reshape(places, y.shape)

    return rule


def _norm(w: Writer, y: Array, x: Variable, axis: Axis = None, keepdims: bool = False) -> X:
    """The root of the sum of squares, which does not overflow."""
    x = w.cast(x, y.dtype)
    if axis == ():
        return w.abs(x)
    v, unit = _in_units(w, x, axis)
    length = w.call("ReduceL2", v, *over(x, axis), like=arrays.norm(v.data, axis, True), keepdims=1) * unit
    return length if keepdims else w.reshape(length, y.shape)


def _in_units(w: Writer, x: Variable, axis: Axis) -> tuple[X, X]:
    """Numbers in units of the largest of them, and that: of their squares none overflows, and not all vanish."""
    top = w.call(
        "ReduceMax", w.abs(x), *over(x, axis), like=np.abs(x.data).max(axis, keepdims=True, initial=0), keepdims=1
    )
    unit = w.where(w.logical_and(top > 0, top < inf), top, 1.0)
    return x / unit, unit


def _centred(w: Writer, x: Variable, axis: Axis) -> X:
    return x - w.sum(x, axis, True) / w.count(x, axis)


def _var(w: Writer, y: Array, x: Variable, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
    c = _centred(w, w.cast(x, y.dtype), axis)
    return w.sum(c * c, axis, keepdims) / max(w.count(x, axis) - ddof, 0)


def _std(w: Writer, y: Array, x: Variable, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
    v, unit = _in_units(w, _centred(w, w.cast(x, y.dtype), axis), axis)
    deviation = w.sqrt(w.sum(v * v, axis, True) / max(w.count(x, axis) - ddof, 0)) * unit
    return deviation if keepdims else w.reshape(deviation, y.shape)


def _cumsum(w: Writer, y: Array, x: Variable, axis: int | None = None) -> X:
    row = w.reshape(x, (-1,)) if axis is None or x.ndim == 0 else x
    return w.call("CumSum", w.cast(row, y.dtype), np.asarray(axis or 0, np.int64), like=y)


def _cumprod(w: Writer, y: Array, x: Variable, axis: int | None = None) -> X:
    """For each element the product of those up to it: of rows of which what follows is 1."""
    row = w.cast(w.reshape(x, (-1,)) if axis is None or x.ndim == 0 else x, y.dtype)
    k = (axis or 0) % row.ndim
    upto = np.tril(np.ones((row.shape[k],) * 2, bool))[(..., *(None,) * (row.ndim - k - 1))]
    return w.prod(w.where(upto, w.expand_dims(row, k), np.ones((), y.dtype)), k + 1)


# ---- sums of products ----


def _einsum(w: Writer, y: Array, subscripts: str, *operands: X) -> Variable:
    return w.call("Einsum", *(w.cast(x, y.dtype) for x in operands), like=y, equation=subscripts)


def _full_convolution(w: Writer, y: Array, a: X, b: X) -> X:
    products = w.expand_dims(w.cast(a, y.dtype), 1) * b
    return added(w, y, products, np.add.outer(*map(np.arange, products.shape)))


def _valid_correlation(w: Writer, y: Array, a: X, b: X) -> X:
    return w.take(w.cast(a, y.dtype), np.add.outer(np.arange(y.size), np.arange(b.shape[0])), 0) @ b


def _half_tril(w: Writer, y: Array, x: Variable) -> X:
    return w.tril(x) * (1 - np.eye(*x.shape[-2:], dtype=y.dtype) / 2)


FUNCTIONS: Mapping[str, Function] = {
    **{name: _elementwise(kind) for name, kind in {
        "abs": "Abs", "add": "Add", "arccos": "Acos", "arccosh": "Acosh", "arcsin": "Asin", "arcsinh": "Asinh",
        "arctan": "Atan", "arctanh": "Atanh", "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh", "divide": "Div",
        "erf": "Erf", "exp": "Exp", "floor": "Floor", "log": "Log", "matmul": "MatMul", "maximum": "Max",
        "minimum": "Min", "multiply": "Mul", "negative": "Neg", "rint": "Round", "sigmoid": "Sigmoid",
        "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "sqrt": "Sqrt", "subtract": "Sub", "tan": "Tan", "tanh": "Tanh",
    }.items()},
    **{name: _compared(kind) for name, kind in {
        "equal": "Equal", "greater": "Greater", "greater_equal": "GreaterOrEqual", "less": "Less",
        "less_equal": "LessOrEqual",
    }.items()},
    **{name: _logical(kind) for name, kind in {
        "logical_and": "And", "logical_not": "Not", "logical_or": "Or",
    }.items()},
    **{name: _reduced(kind) for name, kind in {"prod": "ReduceProd", "sum": "ReduceSum"}.items()},
    "argmax": _place_of("ArgMax"), "argmin": _place_of("ArgMin"), "max": _extreme("ReduceMax"),
    "min": _extreme("ReduceMin"), "norm": _norm, "std": _std, "var": _var,
    "isfinite": lambda w, y, x: w.logical_not(w.logical_or(w.isinf(x), w.isnan(x))),
    "isinf": lambda w, y, x: w.call("IsInf", x, like=y),
    "isnan": lambda w, y, x: w.call("IsNaN", x, like=y),
    "not_equal": lambda w, y, a, b: w.logical_not(a == b if isinstance(a, Variable) else b == a),
    "arctan2": _arctan2, "cbrt": _cbrt, "expm1": _expm1, "floor_divide": _floor_divide, "fmod": _fmod,
    "heaviside": _heaviside, "hypot": _hypot, "log1p": _log1p, "logaddexp": _logaddexp, "mod": _mod,
    "power": _power, "signbit": _signbit, "sinc": _sinc, "stated": _where, "where": _where,
    "erfc": lambda w, y, x: 1 - w.erf(x),  # to an ulp of 1, as everybody writes it
    "exp2": lambda w, y, x: w.power(np.asarray(2, y.dtype), x),
    "log2": lambda w, y, x: w.log(x) / log(2),
    "log10": lambda w, y, x: w.log(x) / log(10),
    "logaddexp2": lambda w, y, a, b: w.logaddexp(a * log(2), b * log(2)) / log(2),
    "trunc": lambda w, y, x: w.where(x < 0, w.ceil(x), w.floor(x)),
    "astype": lambda w, y, x, dtype: w.cast(x, y.dtype),
    "bounds": lambda w, y, *parts, axis: Variable(w, y),
    "det": lambda w, y, x: w.call("Det", w.cast(x, y.dtype), like=y),
    "copy": lambda w, y, x: x,
    "cumprod": _cumprod, "cumsum": _cumsum, "einsum": _einsum, "full_convolution": _full_convolution,
    "half_tril": _half_tril, "valid_correlation": _valid_correlation,
    **INDEXING, **WINDOWS,
}  # fmt: skip
