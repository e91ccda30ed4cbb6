"""NumPy's other elementwise functions: inverse functions, powers of 2 and 10, signs, nan, rounding."""

from math import inf, log, pi
from typing import Any

from autograd.engine.op import Op, primitive
from autograd.ops.arithmetic import INF, XP, X, abs, div, floor_divide, mod, mul, pole, pow_number
from autograd.ops.selection import logical_not, maximum, minimum, not_equal, where
from autograd.ops.shape import constant_result

__all__ = [
    "arccos", "arccosh", "arcsin", "arcsinh", "arctanh", "around", "cbrt", "ceil", "copysign", "deg2rad", "degrees",
    "divmod", "exp2", "fabs", "fix", "floor", "fmax", "fmin", "fmod", "isinf", "isnan", "log2", "log10", "logaddexp",
    "logaddexp2", "logical_xor", "rad2deg", "radians", "reciprocal", "rint", "round", "signbit", "square", "trunc",
]  # fmt: skip

LN2, LN10 = log(2.0), log(10.0)


@primitive("arcsin", elementwise=True)
def arcsin(xp: XP, x: X) -> X:
    """The angle in [−π/2, π/2] whose sine is `x`; nan outside [−1, 1]."""
    return xp.arcsin(x)


# In two factors, because 1 − x² loses the digits of 1 − x near 1.
arcsin.defvjps(x=lambda xp, g, y, x: g / xp.sqrt((1 - x) * (1 + x)))
pole(arcsin, -1, 1)


@primitive("arccos", elementwise=True)
def arccos(xp: XP, x: X) -> X:
    """The angle in [0, π] whose cosine is `x`; nan outside [−1, 1]."""
    return xp.arccos(x)


arccos.defvjps(x=lambda xp, g, y, x: -g / xp.sqrt((1 - x) * (1 + x)))
pole(arccos, -1, 1, slope=-INF)


@primitive("arcsinh", elementwise=True)
def arcsinh(xp: XP, x: X) -> X:
    """The number whose hyperbolic sine is `x`."""
    return xp.arcsinh(x)


arcsinh.defvjps(x=lambda xp, g, y, x: g / xp.hypot(1.0, x))  # √(1 + x²), of which the square may overflow


@primitive("arccosh", elementwise=True)
def arccosh(xp: XP, x: X) -> X:
    """The number, not negative, whose hyperbolic cosine is `x`; nan below 1."""
    return xp.arccosh(x)


arccosh.defvjps(x=lambda xp, g, y, x: g / (xp.sqrt(x - 1) * xp.sqrt(x + 1)))
pole(arccosh, 1)


@primitive("arctanh", elementwise=True)
def arctanh(xp: XP, x: X) -> X:
    """The number whose hyperbolic tangent is `x`; nan outside [−1, 1]."""
    return xp.arctanh(x)


arctanh.defvjps(x=lambda xp, g, y, x: g / ((1 - x) * (1 + x)))
pole(arctanh, -1, 1)


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


@primitive("∛", elementwise=True)
def cbrt(xp: XP, x: X) -> X:
    """The cube root, of negative numbers too."""
    return xp.cbrt(x)


cbrt.defvjps(x=lambda xp, g, y, x: g / (3 * (y * y)))
pole(cbrt, 0)


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


@primitive("logaddexp", elementwise=True)
def logaddexp(xp: XP, a: X, b: X) -> X:
    """log(eᵃ + eᵇ), without overflow; its derivatives are σ(a − b) and σ(b − a)."""
    return xp.logaddexp(a, b)


logaddexp.defvjps(
    a=lambda xp, g, y, a, b: g * xp.sigmoid(a - b),
    b=lambda xp, g, y, a, b: g * xp.sigmoid(b - a),
)
_of_a_difference(logaddexp)


@primitive("logaddexp2", elementwise=True)
def logaddexp2(xp: XP, a: X, b: X) -> X:
    """log2(2ᵃ + 2ᵇ), without overflow."""
    return xp.logaddexp2(a, b)


logaddexp2.defvjps(
    a=lambda xp, g, y, a, b: g * xp.sigmoid((a - b) * LN2),
    b=lambda xp, g, y, a, b: g * xp.sigmoid((b - a) * LN2),
)
_of_a_difference(logaddexp2)


@primitive("fmod", elementwise=True)
def fmod(xp: XP, a: X, b: X) -> X:
    """The remainder of a / b rounded towards 0, with the sign of `a`, as in C."""
    return xp.fmod(a, b)


fmod.defvjps(
    a=lambda xp, g, y, a, b: g,
    b=lambda xp, g, y, a, b: -g * xp.rint((a - y) / b),
)
_jump = lambda xp, a, b: xp.logical_and(xp.fmod(a, b) == 0, a != 0)  # at a = 0 it passes through 0 without one
fmod.convention("a", _jump, None, "1, as on either side of the jump", {(4.0, 2.0): 1.0})
fmod.convention("b", _jump, None, "−a/b, as on one side of the jump", {(4.0, 2.0): -2.0, (-4.0, 2.0): 2.0})


@primitive("⌊·⌋", elementwise=True, differentiable=False)
def floor(xp: XP, x: X) -> X:
    """The largest integer not above `x`; constant wherever it is differentiable."""
    return xp.floor(x)


@primitive("⌈·⌉", elementwise=True, differentiable=False)
def ceil(xp: XP, x: X) -> X:
    """The smallest integer not below `x`; constant wherever it is differentiable."""
    return xp.ceil(x)


@primitive("trunc", elementwise=True, differentiable=False)
def trunc(xp: XP, x: X) -> X:
    """`x` rounded towards 0; constant wherever it is differentiable."""
    return xp.trunc(x)


@primitive("rint", elementwise=True, differentiable=False)
def rint(xp: XP, x: X) -> X:
    """`x` rounded to the nearest integer, halves to even; constant where differentiable."""
    return xp.rint(x)


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


# What follows is written in other ops.
fabs = abs


def square(x: X) -> X:
    """The square ``x ** 2``."""
    return pow_number(x, 2)


def reciprocal(x: X) -> X:
    """The quotient ``1 / x``."""
    return div(1, x)


def deg2rad(x: X) -> X:
    """An angle in degrees as radians."""
    return mul(x, pi / 180)


def rad2deg(x: X) -> X:
    """An angle in radians as degrees."""
    return mul(x, 180 / pi)


radians, degrees = deg2rad, rad2deg


def copysign(a: X, b: X) -> X:
    """`a` with the sign of `b`; its derivative is 0 at ``a = 0``, as |a|'s, and by `b` it is constant."""
    magnitude = abs(a)
    return where(signbit(b), -magnitude, magnitude)


# Where one is nan, both arguments of the inner function are the other: their tie gives it the whole gradient.
def fmax(a: X, b: X) -> X:
    """The larger of `a` and `b`, elementwise; where one is nan, the other. A tie shares the gradient equally."""
    return maximum(where(isnan(a), b, a), where(isnan(b), a, b))


def fmin(a: X, b: X) -> X:
    """The smaller of `a` and `b`, elementwise; where one is nan, the other. A tie shares the gradient equally."""
    return minimum(where(isnan(a), b, a), where(isnan(b), a, b))


def divmod(a: X, b: X) -> tuple[X, X]:
    """The quotient rounded down (a constant), and the remainder."""
    return floor_divide(a, b), mod(a, b)


@constant_result
def fix(x: X) -> X:
    """`x` rounded towards 0."""
    return trunc(x)


@constant_result
def round(x: X, decimals: int = 0) -> X:
    """`x` rounded to a number of decimals; constant wherever it is differentiable."""
    return rint(mul(x, 10**decimals)) / 10**decimals if decimals else rint(x)


around = round


@constant_result
def logical_xor(a: X, b: X) -> X:
    """Whether exactly one of `a` and `b` holds, elementwise."""
    return not_equal(logical_not(a), logical_not(b))
