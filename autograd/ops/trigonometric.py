"""Trigonometric and hyperbolic functions, their inverses, and angles."""

from math import pi

from autograd.engine.op import primitive
from autograd.ops._helpers import INF, XP, X, pole
from autograd.ops.arithmetic import mul

__all__ = [
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh", "deg2rad", "degrees",
    "hypot", "rad2deg", "radians", "sin", "sinh", "tan", "tanh",
]  # fmt: skip


@primitive("sin", elementwise=True)
def sin(xp: XP, x: X) -> X:
    """The sine of `x` in radians."""
    return xp.sin(x)


sin.defvjps(x=lambda xp, g, y, x: g * xp.cos(x))


@primitive("cos", elementwise=True)
def cos(xp: XP, x: X) -> X:
    """The cosine of `x` in radians."""
    return xp.cos(x)


cos.defvjps(x=lambda xp, g, y, x: -g * xp.sin(x))


@primitive("tan", elementwise=True)
def tan(xp: XP, x: X) -> X:
    """The tangent of `x` in radians."""
    return xp.tan(x)


tan.defvjps(x=lambda xp, g, y, x: g * (1 + y * y))


@primitive("arctan", elementwise=True)
def arctan(xp: XP, x: X) -> X:
    """The angle in (−π/2, π/2) whose tangent is `x`."""
    return xp.arctan(x)


arctan.defvjps(x=lambda xp, g, y, x: g / (1 + x * x))


@primitive("∠", elementwise=True)
def arctan2(xp: XP, a: X, b: X) -> X:
    """The angle in [−π, π] of the point with ordinate `a` and abscissa `b`."""
    return xp.arctan2(a, b)


# Divided twice, because the square of the distance may overflow.
arctan2.defvjps(
    a=lambda xp, g, y, a, b: g * (b / xp.hypot(a, b) / xp.hypot(a, b)),
    b=lambda xp, g, y, a, b: -g * (a / xp.hypot(a, b) / xp.hypot(a, b)),
)
for _arg in ("a", "b"):
    arctan2.convention(
        _arg,
        lambda xp, a, b: xp.logical_and(a == 0, b == 0),
        0.0,
        "0 at the origin, which has no angle",
        {(0.0, 0.0): 0.0},
    )
arctan2.convention(
    "a",
    lambda xp, a, b: xp.logical_and(a == 0, b < 0),
    None,
    "1/b at a = 0 for b < 0, where it jumps by 2π",
    {(0.0, -2.0): -0.5},
)


@primitive("hypot", elementwise=True, commutative=True)
def hypot(xp: XP, a: X, b: X) -> X:
    """The hypotenuse √(a² + b²), without overflow."""
    return xp.hypot(a, b)


hypot.defvjps(
    a=lambda xp, g, y, a, b: g * (a / y),
    b=lambda xp, g, y, a, b: g * (b / y),
)
for _arg in ("a", "b"):
    hypot.convention(
        _arg,
        lambda xp, a, b: xp.logical_and(a == 0, b == 0),
        0.0,
        "0 at the origin, the tip of a cone",
        {(0.0, 0.0): 0.0},
    )


@primitive("sinh", elementwise=True)
def sinh(xp: XP, x: X) -> X:
    """The hyperbolic sine."""
    return xp.sinh(x)


sinh.defvjps(x=lambda xp, g, y, x: g * xp.cosh(x))


@primitive("cosh", elementwise=True)
def cosh(xp: XP, x: X) -> X:
    """The hyperbolic cosine."""
    return xp.cosh(x)


cosh.defvjps(x=lambda xp, g, y, x: g * xp.sinh(x))


@primitive("tanh", elementwise=True)
def tanh(xp: XP, x: X) -> X:
    """The hyperbolic tangent."""
    return xp.tanh(x)


tanh.defvjps(x=lambda xp, g, y, x: g * (1 - y * y))
tanh.caveat(
    "x", "1 − y² cancels from |x| = 2 on and is 0 from 19 (float32: 9) on; it reads the result only, as PyTorch's"
)


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


def deg2rad(x: X) -> X:
    """An angle in degrees as radians."""
    return mul(x, pi / 180)


def rad2deg(x: X) -> X:
    """An angle in radians as degrees."""
    return mul(x, 180 / pi)


radians, degrees = deg2rad, rad2deg
