"""Trigonometric and hyperbolic functions, their inverses, and angles."""

from math import pi

from autograd.ops._helpers import INF, X, binary, pole, unary
from autograd.ops.arithmetic import mul

__all__ = [
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh", "deg2rad", "degrees",
    "hypot", "rad2deg", "radians", "sin", "sinh", "tan", "tanh",
]  # fmt: skip

sin = unary("sin", """The sine of `x` in radians.

    >>> from autograd import grad, sin
    >>> sin(0.0), grad(sin)(0.0), round(grad(sin)(3.141593), 6)
    (0.0, 1.0, -1.0)
    """)  # fmt: skip
sin.defvjps(x=lambda xp, g, y, x: g * xp.cos(x))

cos = unary("cos", """The cosine of `x` in radians.

    >>> from autograd import cos, grad
    >>> cos(0.0), round(grad(cos)(0.5), 6)  # the slope is -sin(0.5)
    (1.0, -0.479426)
    """)  # fmt: skip
cos.defvjps(x=lambda xp, g, y, x: -g * xp.sin(x))

tan = unary("tan", """The tangent of `x` in radians.

    >>> from autograd import grad, tan
    >>> round(tan(1.0), 6), round(grad(tan)(1.0), 6)  # the slope is 1 + tan²
    (1.557408, 3.425519)
    """)  # fmt: skip
tan.defvjps(x=lambda xp, g, y, x: g * (1 + y * y))

arctan = unary("arctan", """The angle in (−π/2, π/2) whose tangent is `x`.

    >>> from autograd import arctan, grad
    >>> round(arctan(1.0), 6), grad(arctan)(1.0)
    (0.785398, 0.5)
    """)  # fmt: skip
arctan.defvjps(x=lambda xp, g, y, x: g / (1 + x * x))

arctan2 = binary("arctan2", """The angle in [−π, π] of the point with ordinate `a` and abscissa `b`.

    >>> from autograd import arctan2, grad
    >>> round(arctan2(1.0, -1.0), 6), [round(g, 6) for g in grad(arctan2, (0, 1))(1.0, -1.0)]  # the angle is 135°
    (2.356194, [-0.5, -0.5])
    """, "∠")  # fmt: skip
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

hypot = binary("hypot", """The hypotenuse √(a² + b²), without overflow.

    >>> from autograd import grad, hypot
    >>> hypot(3.0, 4.0), grad(hypot, (0, 1))(3.0, 4.0), grad(hypot)(0.0, 0.0)
    (5.0, (0.6, 0.8), 0.0)
    """, commutative=True)  # fmt: skip
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

sinh = unary("sinh", """The hyperbolic sine.

    >>> from autograd import grad, sinh
    >>> round(sinh(1.0), 6), round(grad(sinh)(1.0), 6)  # the slope is cosh(1)
    (1.175201, 1.543081)
    """)  # fmt: skip
sinh.defvjps(x=lambda xp, g, y, x: g * xp.cosh(x))

cosh = unary("cosh", """The hyperbolic cosine.

    >>> from autograd import cosh, grad
    >>> round(cosh(1.0), 6), round(grad(cosh)(1.0), 6)  # the slope is sinh(1)
    (1.543081, 1.175201)
    """)  # fmt: skip
cosh.defvjps(x=lambda xp, g, y, x: g * xp.sinh(x))

tanh = unary("tanh", """The hyperbolic tangent.

    >>> from autograd import grad, tanh
    >>> round(tanh(1.0), 6), round(grad(tanh)(1.0), 6), grad(tanh)(20.0)  # the last one vanishes
    (0.761594, 0.419974, 0.0)
    """)  # fmt: skip
tanh.defvjps(x=lambda xp, g, y, x: g * (1 - y * y))
tanh.caveat(
    "x", "1 − y² cancels from |x| = 2 on and is 0 from 19 (float32: 9) on; it reads the result only, as PyTorch's"
)

arcsin = unary("arcsin", """The angle in [−π/2, π/2] whose sine is `x`; nan outside [−1, 1].

    >>> from autograd import arcsin, grad
    >>> round(arcsin(0.6), 6), round(grad(arcsin)(0.6), 6), grad(arcsin)(1.0)
    (0.643501, 1.25, inf)
    """)  # fmt: skip
# The two factors keep the digits of 1 − x near 1, which 1 − x² loses.
arcsin.defvjps(x=lambda xp, g, y, x: g / xp.sqrt((1 - x) * (1 + x)))
pole(arcsin, -1, 1)

arccos = unary("arccos", """The angle in [0, π] whose cosine is `x`; nan outside [−1, 1].

    >>> from autograd import arccos, grad
    >>> round(arccos(0.6), 6), round(grad(arccos)(0.6), 6), grad(arccos)(1.0)
    (0.927295, -1.25, -inf)
    """)  # fmt: skip
arccos.defvjps(x=lambda xp, g, y, x: -g / xp.sqrt((1 - x) * (1 + x)))
pole(arccos, -1, 1, slope=-INF)

arcsinh = unary("arcsinh", """The number whose hyperbolic sine is `x`.

    >>> from autograd import arcsinh, grad
    >>> round(arcsinh(0.75), 6), round(grad(arcsinh)(0.75), 6)
    (0.693147, 0.8)
    """)  # fmt: skip
arcsinh.defvjps(x=lambda xp, g, y, x: g / xp.hypot(1.0, x))  # hypot is √(1 + x²), whose square may overflow

arccosh = unary("arccosh", """The number, not negative, whose hyperbolic cosine is `x`; nan below 1.

    >>> from autograd import arccosh, grad
    >>> round(arccosh(1.25), 6), round(grad(arccosh)(1.25), 6), grad(arccosh)(1.0)
    (0.693147, 1.333333, inf)
    """)  # fmt: skip
arccosh.defvjps(x=lambda xp, g, y, x: g / (xp.sqrt(x - 1) * xp.sqrt(x + 1)))
pole(arccosh, 1)

arctanh = unary("arctanh", """The number whose hyperbolic tangent is `x`; nan outside [−1, 1].

    >>> from autograd import arctanh, grad
    >>> round(arctanh(0.5), 6), round(grad(arctanh)(0.5), 6), arctanh(1.0)
    (0.549306, 1.333333, inf)
    """)  # fmt: skip
arctanh.defvjps(x=lambda xp, g, y, x: g / ((1 - x) * (1 + x)))
pole(arctanh, -1, 1)


def deg2rad(x: X) -> X:
    """An angle in degrees as radians.

    >>> from autograd import deg2rad, grad
    >>> round(deg2rad(180.0), 6), round(grad(deg2rad)(180.0), 6)  # the slope is π/180
    (3.141593, 0.017453)
    """
    return mul(x, pi / 180)


def rad2deg(x: X) -> X:
    """An angle in radians as degrees.

    >>> from autograd import grad, rad2deg
    >>> round(rad2deg(0.5), 6), round(grad(rad2deg)(0.5), 6)
    (28.64789, 57.29578)
    """
    return mul(x, 180 / pi)


radians, degrees = deg2rad, rad2deg
