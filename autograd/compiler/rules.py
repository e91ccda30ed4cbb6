"""What an instruction comes to without being one, to the last bit: by shapes, constants and what made its operands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd.compiler.variables import Variable, parts
from autograd.namespaces import arrays
from autograd.typing import Params, X

__all__ = ["simpler"]


def simpler(program: X, name: str, args: tuple[X, ...], params: Params, data: X) -> Variable | None:
    """The variable that an instruction of a function comes to; None if it has to be done."""
    if any(v.dynamic for v in parts(args)) or not args or not isinstance(args[0], Variable):
        return None
    rule = _RULES.get(name)
    return None if rule is None else rule(program, data, *args, **params)


def _is(x: X, number: float) -> bool:
    return isinstance(x, Variable) and x.is_constant and not x.ndim and bool(x.data == number)


def _all(x: Variable, truth: bool) -> bool:
    """Whether a condition is known, and the same everywhere."""
    return x.is_constant and bool(np.all(np.asarray(x.data, bool) == truth))


def _fits(x: Variable, data: X) -> bool:
    """Whether a variable has the kind, shape and dtype of a result."""
    if type(x.data) is not type(data):
        return False
    return not isinstance(data, np.ndarray) or (x.data.shape == data.shape and x.data.dtype == data.dtype)


def _itself(program: X, data: X, x: Variable, *args: X, **params: X) -> Variable | None:
    return x if _fits(x, data) else None


def _summed(program: X, data: X, x: Variable, like: Variable) -> Variable | None:
    if _fits(x, data):
        return x
    if isinstance(data, np.ndarray) and x.ndim == 2 and data.shape == x.shape[1:] and data.dtype == x.dtype:
        total: Variable = program.call("sum", (x,), {"axis": 0})
        return total
    return None


def _raised(program: X, data: X, x: Variable, exponent: Variable) -> Variable | None:
    """A power as NumPy's own operator calculates it."""
    if _is(exponent, 1) and _fits(x, data):
        return x
    if _is(exponent, 0):
        return program.constant(data)  # type: ignore[no-any-return]  # 1, also of nan
    if isinstance(data, np.ndarray) and x.dtype.kind == "f":
        for number, name in ((0.5, "sqrt"), (-1, "reciprocal"), (2, "multiply")):
            if _is(exponent, number):
                return program.call(name, (x, x) if number == 2 else (x,))  # type: ignore[no-any-return]
    return None


def _product(program: X, data: X, a: Variable, b: Variable) -> Variable | None:
    for x, other in ((a, b), (b, a)):
        if _is(other, 1) and _fits(x, data):
            return x
        # What is spread only to be multiplied with what has that shape needs no spreading.
        if other.name == "broadcast_like" and other.args[0].ndim == 0 and _fits(other, data) and _fits(x, data):
            return program.call("multiply", (other.args[0], x))  # type: ignore[no-any-return]
    return None


def _joined(program: X, data: X, a: Variable, b: Variable) -> Variable | None:
    """Arrays of zeros but for a slice each, as a loop over the slices of an array leaves them, added as one."""
    terms = [*_scattered(a), *_scattered(b)]
    if not _scattered(a) or not _scattered(b) or not _fits(a, data) or not _fits(b, data):
        return None
    if program.derivative and a.name == "pieces":  # A part of a sum in a backward pass: nobody else reads it.
        a.data = np.broadcast_to(np.zeros((), a.dtype), a.shape)
    params = {"keys": tuple(key for _, key in terms), "shape": data.shape}
    joined: Variable = program._append("pieces", arrays.pieces, tuple(g for g, _ in terms), params, data)
    return joined


def _scattered(x: X) -> list[tuple[Variable, X]]:
    """What stands at which index in an array of zeros; nothing if it is none, or indexed by arrays."""
    if not isinstance(x, Variable):
        return []
    if x.name == "pieces":
        return list(zip(x.args, x.params["keys"], strict=True))
    is_sliced = x.name == "scatter_like" and len(x.args) == 2 and x.ndim and x.args[0].dtype == x.dtype
    return [(x.args[0], x.params["key"])] if is_sliced else []


def _quotient(program: X, data: X, a: Variable, b: Variable) -> Variable | None:
    return a if _is(b, 1) and _fits(a, data) else None


def _negated(program: X, data: X, x: Variable) -> Variable | None:
    return x.args[0] if x.name == "negative" else None


def _chosen(program: X, data: X, condition: Variable, a: Variable, b: Variable) -> Variable | None:
    x = a if _all(condition, True) else b if _all(condition, False) else None
    return x if x is not None and _fits(x, data) else None


def _conjunction(program: X, data: X, a: Variable, b: Variable) -> Variable | None:
    return _known(program, data, a, b, False)


def _disjunction(program: X, data: X, a: Variable, b: Variable) -> Variable | None:
    return _known(program, data, a, b, True)


def _known(program: X, data: X, a: Variable, b: Variable, decisive: bool) -> Variable | None:
    """What two conditions come to, where one is known: that alone is `decisive` if it is everywhere so."""
    for x, other in ((a, b), (b, a)):
        if _all(other, decisive):
            return program.constant(data)  # type: ignore[no-any-return]
        if _all(other, not decisive) and _fits(x, data):
            return x
    return None


_RULES: dict[str, Callable[..., Variable | None]] = {
    "positive": _itself, "copy": _itself, "broadcast_like": _itself, "reshape_like": _itself, "reshape": _itself,
    "add": _joined, "sum_like": _summed, "power": _raised, "multiply": _product, "divide": _quotient,
    "negative": _negated, "where": _chosen, "logical_and": _conjunction, "logical_or": _disjunction,
}  # fmt: skip
