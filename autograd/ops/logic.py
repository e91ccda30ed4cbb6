"""Logic: comparisons, conditions and their combinations, none of which has a gradient."""

from functools import partial

from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.libraries import numpy_dtype
from autograd.engine.node import Node
from autograd.messages import describe
from autograd.ops._helpers import Axis, X, binary, constant_result, unary
from autograd.ops.reductions import sum
from autograd.ops.shaping import ndim

__all__ = [
    "all", "any", "bitwise_and", "bitwise_or", "count_nonzero", "equal", "greater", "greater_equal", "invert",
    "isfinite", "isinf", "isnan", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor",
    "not_equal", "signbit",
]  # fmt: skip

_of_one, _of_two = partial(unary, differentiable=False), partial(binary, differentiable=False)

equal = _of_two("equal", "Whether `a` is equal to `b`, elementwise.", "=", commutative=True)
not_equal = _of_two("not_equal", "Whether `a` is different from `b`, elementwise.", "≠", commutative=True)
less = _of_two("less", "Whether `a` is less than `b`, elementwise.", "<")
less_equal = _of_two("less_equal", "Whether `a` is at most `b`, elementwise.", "≤")
greater = _of_two("greater", "Whether `a` is greater than `b`, elementwise.", ">")
greater_equal = _of_two("greater_equal", "Whether `a` is at least `b`, elementwise.", "≥")
logical_and = _of_two("logical_and", "Whether `a` and `b` both hold, elementwise.", "∧", commutative=True)
logical_or = _of_two("logical_or", "Whether `a` or `b` holds, elementwise.", "∨", commutative=True)
logical_not = _of_one("logical_not", "Whether `x` does not hold, elementwise.", "¬")
isfinite = _of_one("isfinite", "Whether `x` is neither inf nor nan, elementwise.", "finite?")
isnan = _of_one("isnan", "Whether `x` is nan, elementwise.", "nan?")
isinf = _of_one("isinf", "Whether `x` is inf or −inf, elementwise.", "inf?")
signbit = _of_one("signbit", "Whether the sign of `x` is negative, elementwise; that of −0.0 is.", "−?")


@constant_result
def logical_xor(a: X, b: X) -> X:
    """Whether exactly one of `a` and `b` holds, elementwise."""
    return not_equal(logical_not(a), logical_not(b))


def _conditions(sign: str, *nodes: X) -> None:
    for x in nodes:
        data = x._data if isinstance(x, Node) else x
        if not isinstance(data, bool) and numpy_dtype(data).kind != "b":
            met = describe(x) if isinstance(x, Node) else repr(x)
            raise TypeError(
                f"{sign} is for conditions, and {met} is none; compare in brackets, (x > 0) & (x < 1), because {sign} "
                "binds tighter than >; for the truth of numbers take logical_and, logical_or or logical_not"
            )


@constant_result
def bitwise_and(a: X, b: X) -> X:
    """``a & b`` of conditions: whether both hold."""
    _conditions("&", a, b)
    return logical_and(a, b)


@constant_result
def bitwise_or(a: X, b: X) -> X:
    """``a | b`` of conditions: whether one of them holds."""
    _conditions("|", a, b)
    return logical_or(a, b)


@constant_result
def invert(x: X) -> X:
    """``~x`` of a condition: whether it does not hold."""
    _conditions("~", x)
    return logical_not(x)


@constant_result
def count_nonzero(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The number of elements that are not 0, or of those along `axis`."""
    return _number_of("count_nonzero", not_equal(x, 0), axis, keepdims)


def _number_of(name: str, condition: X, axis: Axis, keepdims: bool) -> X:
    """The number of true elements; an error names the function."""
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
