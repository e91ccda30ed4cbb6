"""Trigonometric and hyperbolic functions, their inverses, and angles."""

from math import pi

from autograd.ops._helpers import INF, X, binary, pole, unary
from autograd.ops.arithmetic import mul

__all__ = [
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh", "deg2rad", "degrees",
    "hypot", "rad2deg", "radians", "sin", "sinh", "tan", "tanh",
]  # fmt: skip

sin = unary("sin", "The sine of `x` in radians.")
sin.defvjps(x=lambda xp, g, y, x: g * xp.cos(x))

cos = unary("cos", "The cosine of `x` in radians.")
cos.defvjps(x=lambda xp, g, y, x: -g * xp.sin(x))

tan = unary("tan", "The tangent of `x` in radians.")
tan.defvjps(x=lambda xp, g, y, x: g * (1 + y * y))

arctan = unary("arctan", "The angle in (−π/2, π/2) whose tangent is `x`.")
arctan.defvjps(x=lambda xp, g, y, x: g / (1 + x * x))

arctan2 = binary("arctan2", "The angle in [−π, π] of the point with ordinate `a` and abscissa `b`.", "∠")
# The coordinates are divided twice, because the square of the distance may overflow.
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

hypot = binary("hypot", "The hypotenuse √(a² + b²), without overflow.", commutative=True)
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

sinh = unary("sinh", "The hyperbolic sine.")
sinh.defvjps(x=lambda xp, g, y, x: g * xp.cosh(x))

cosh = unary("cosh", "The hyperbolic cosine.")
cosh.defvjps(x=lambda xp, g, y, x: g * xp.sinh(x))

tanh = unary("tanh", "The hyperbolic tangent.")
tanh.defvjps(x=lambda xp, g, y, x: g * (1 - y * y))
tanh.caveat(
    "x", "1 − y² cancels from |x| = 2 on and is 0 from 19 (float32: 9) on; it reads the result only, as PyTorch's"
)

arcsin = unary("arcsin", "The angle in [−π/2, π/2] whose sine is `x`; nan outside [−1, 1].")
# The two factors keep the digits of 1 − x near 1, which 1 − x² loses.
arcsin.defvjps(x=lambda xp, g, y, x: g / xp.sqrt((1 - x) * (1 + x)))
pole(arcsin, -1, 1)

arccos = unary("arccos", "The angle in [0, π] whose cosine is `x`; nan outside [−1, 1].")
arccos.defvjps(x=lambda xp, g, y, x: -g / xp.sqrt((1 - x) * (1 + x)))
pole(arccos, -1, 1, slope=-INF)

arcsinh = unary("arcsinh", "The number whose hyperbolic sine is `x`.")
arcsinh.defvjps(x=lambda xp, g, y, x: g / xp.hypot(1.0, x))  # hypot is √(1 + x²), whose square may overflow

arccosh = unary("arccosh", "The number, not negative, whose hyperbolic cosine is `x`; nan below 1.")
arccosh.defvjps(x=lambda xp, g, y, x: g / (xp.sqrt(x - 1) * xp.sqrt(x + 1)))
pole(arccosh, 1)

arctanh = unary("arctanh", "The number whose hyperbolic tangent is `x`; nan outside [−1, 1].")
arctanh.defvjps(x=lambda xp, g, y, x: g / ((1 - x) * (1 + x)))
pole(arctanh, -1, 1)


def deg2rad(x: X) -> X:
    """An angle in degrees as radians."""
    return mul(x, pi / 180)


def rad2deg(x: X) -> X:
    """An angle in radians as degrees."""
    return mul(x, 180 / pi)


radians, degrees = deg2rad, rad2deg
