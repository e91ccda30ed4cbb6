"""Exponentials and logarithms."""

from math import inf
from math import log as ln
from typing import Any

from autograd.engine.op import Op, primitive
from autograd.ops._helpers import XP, X, pole

__all__ = ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2"]


@primitive("exp", elementwise=True)
def exp(xp: XP, x: X) -> X:
    """The exponential eˣ."""
    return xp.exp(x)


exp.defvjps(x=lambda xp, g, y, x: g * y)


@primitive("expm1", elementwise=True)
def expm1(xp: XP, x: X) -> X:
    """eˣ − 1, accurate near 0."""
    return xp.expm1(x)


expm1.defvjps(x=lambda xp, g, y, x: g * xp.exp(x))  # y + 1 is 0 long before eˣ is


@primitive("log", elementwise=True)
def log(xp: XP, x: X) -> X:
    """The natural logarithm; −inf at 0, nan below."""
    return xp.log(x)


log.defvjps(x=lambda xp, g, y, x: g / x)
pole(log, 0)


@primitive("log1p", elementwise=True)
def log1p(xp: XP, x: X) -> X:
    """log(1 + x), accurate near 0."""
    return xp.log1p(x)


log1p.defvjps(x=lambda xp, g, y, x: g / (1 + x))
pole(log1p, -1)
LN2, LN10 = ln(2.0), ln(10.0)


@primitive("exp2", elementwise=True)
def exp2(xp: XP, x: X) -> X:
    """The power 2ˣ."""
    return xp.exp2(x)


# Not y·log 2, which is lost where 2ˣ overflows and its slope does not.
exp2.defvjps(x=lambda xp, g, y, x: g * (xp.exp2(x - 1) * (2 * LN2)))


@primitive("log2", elementwise=True)
def log2(xp: XP, x: X) -> X:
    """The logarithm to base 2; −inf at 0, nan below."""
    return xp.log2(x)


log2.defvjps(x=lambda xp, g, y, x: g / (x * LN2))
pole(log2, 0)


@primitive("log10", elementwise=True)
def log10(xp: XP, x: X) -> X:
    """The logarithm to base 10; −inf at 0, nan below."""
    return xp.log10(x)


log10.defvjps(x=lambda xp, g, y, x: g / (x * LN10))
pole(log10, 0)


def _of_a_difference(op: Op[Any]) -> None:
    """State the derivatives at infinities that are equal, of which the difference is nan; and what is rounded."""
    op.caveat("y", "the larger argument and the logarithm cancel where the sum is near 1, as NumPy's")
    for arg in ("a", "b"):
        op.caveat(arg, "a − b is rounded before the exponential, which makes up to |a − b| ulp of it")
        op.convention(
            arg,
            lambda xp, a, b: xp.logical_and(a == b, xp.logical_not(xp.isfinite(a))),
            0.5,
            "½ where both are the same infinity, as wherever a = b",
            {(-inf, -inf): 0.5},
            removable=True,
        )


@primitive("logaddexp", elementwise=True, commutative=True)
def logaddexp(xp: XP, a: X, b: X) -> X:
    """log(eᵃ + eᵇ), without overflow; its derivatives are σ(a − b) and σ(b − a)."""
    return xp.logaddexp(a, b)


logaddexp.defvjps(
    a=lambda xp, g, y, a, b: g * xp.sigmoid(a - b),
    b=lambda xp, g, y, a, b: g * xp.sigmoid(b - a),
)
_of_a_difference(logaddexp)


@primitive("logaddexp2", elementwise=True, commutative=True)
def logaddexp2(xp: XP, a: X, b: X) -> X:
    """log2(2ᵃ + 2ᵇ), without overflow."""
    return xp.logaddexp2(a, b)


logaddexp2.defvjps(
    a=lambda xp, g, y, a, b: g * xp.sigmoid((a - b) * LN2),
    b=lambda xp, g, y, a, b: g * xp.sigmoid((b - a) * LN2),
)
_of_a_difference(logaddexp2)
