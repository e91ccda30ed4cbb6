"""Comparisons, logic, and what is true of a number: results are conditions, without a gradient."""

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.node import Node
from autograd.engine.op import primitive
from autograd.messages import describe
from autograd.ops._helpers import XP, Axis, X, constant_result
from autograd.ops.reductions import sum
from autograd.ops.shaping import ndim

__all__ = [
    "all", "any", "bitwise_and", "bitwise_or", "count_nonzero", "equal", "greater", "greater_equal", "invert",
    "isfinite", "isinf", "isnan", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor",
    "not_equal", "signbit",
]  # fmt: skip


@primitive("nan?", elementwise=True, differentiable=False)
def isnan(xp: XP, x: X) -> X:
    """Whether `x` is nan, elementwise."""
    return xp.isnan(x)


@primitive("inf?", elementwise=True, differentiable=False)
def isinf(xp: XP, x: X) -> X:
    """Whether `x` is inf or −inf, elementwise."""
    return xp.isinf(x)


@primitive("−?", elementwise=True, differentiable=False)
def signbit(xp: XP, x: X) -> X:
    """Whether the sign of `x` is negative, elementwise; that of −0.0 is."""
    return xp.signbit(x)


@constant_result
def logical_xor(a: X, b: X) -> X:
    """Whether exactly one of `a` and `b` holds, elementwise."""
    return not_equal(logical_not(a), logical_not(b))


@primitive("=", elementwise=True, differentiable=False, commutative=True)
def equal(xp: XP, a: X, b: X) -> X:
    """Whether `a` is equal to `b`, elementwise."""
    return xp.equal(a, b)


@primitive("≠", elementwise=True, differentiable=False, commutative=True)
def not_equal(xp: XP, a: X, b: X) -> X:
    """Whether `a` is different from `b`, elementwise."""
    return xp.not_equal(a, b)


@primitive("<", elementwise=True, differentiable=False)
def less(xp: XP, a: X, b: X) -> X:
    """Whether `a` is less than `b`, elementwise."""
    return xp.less(a, b)


@primitive("≤", elementwise=True, differentiable=False)
def less_equal(xp: XP, a: X, b: X) -> X:
    """Whether `a` is at most `b`, elementwise."""
    return xp.less_equal(a, b)


@primitive(">", elementwise=True, differentiable=False)
def greater(xp: XP, a: X, b: X) -> X:
    """Whether `a` is greater than `b`, elementwise."""
    return xp.greater(a, b)


@primitive("≥", elementwise=True, differentiable=False)
def greater_equal(xp: XP, a: X, b: X) -> X:
    """Whether `a` is at least `b`, elementwise."""
    return xp.greater_equal(a, b)


@primitive("∧", elementwise=True, differentiable=False, commutative=True)
def logical_and(xp: XP, a: X, b: X) -> X:
    """Whether `a` and `b` both hold, elementwise."""
    return xp.logical_and(a, b)


@primitive("∨", elementwise=True, differentiable=False, commutative=True)
def logical_or(xp: XP, a: X, b: X) -> X:
    """Whether `a` or `b` holds, elementwise."""
    return xp.logical_or(a, b)


@primitive("¬", elementwise=True, differentiable=False)
def logical_not(xp: XP, a: X) -> X:
    """Whether `a` does not hold, elementwise."""
    return xp.logical_not(a)


def _conditions(sign: str, *nodes: X) -> None:
    for x in nodes:
        data = x._data if isinstance(x, Node) else x
        if not isinstance(data, bool) and np.asarray(data).dtype.kind != "b":
            met = describe(x) if isinstance(x, Node) else repr(x)
            raise TypeError(
                f"{sign} is for conditions, and {met} is none; compare in brackets, (x > 0) & (x < 1), because {sign} "
                "binds tighter than >; for the truth of numbers take logical_and, logical_or or logical_not"
            )


def bitwise_and(a: X, b: X) -> X:
    """``a & b`` of conditions: whether both hold."""
    _conditions("&", a, b)
    return logical_and(a, b)


def bitwise_or(a: X, b: X) -> X:
    """``a | b`` of conditions: whether one of them holds."""
    _conditions("|", a, b)
    return logical_or(a, b)


def invert(x: X) -> X:
    """``~x`` of a condition: whether it does not hold."""
    _conditions("~", x)
    return logical_not(x)


bitwise_and.differentiable = bitwise_or.differentiable = invert.differentiable = False  # type: ignore[attr-defined]


@primitive("finite?", elementwise=True, differentiable=False)
def isfinite(xp: XP, x: X) -> X:
    """Whether `x` is neither inf nor nan, elementwise."""
    return xp.isfinite(x)


@constant_result
def count_nonzero(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The number of elements that are not 0, or of those along `axis`."""
    return _number_of("count_nonzero", not_equal(x, 0), axis, keepdims)


def _number_of(name: str, condition: X, axis: Axis, keepdims: bool) -> X:
    """How many hold, for a function whose name an error is to give."""
    if axis is not None:
        normalize_axis_tuple(axis, max(ndim(condition), 1), name)
    return sum(condition, axis, keepdims)


@constant_result
def any(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """Whether any element is not 0, or any along `axis`."""
    return _number_of("any", not_equal(x, 0), axis, keepdims) > 0


@constant_result
def all(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """Whether no element is 0, or none along `axis`."""
    return _number_of("all", equal(x, 0), axis, keepdims) == 0
