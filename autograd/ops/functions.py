"""The elementary functions: exp, log, the trigonometric and hyperbolic ones, and the neurons' own."""

from autograd.engine.op import primitive
from autograd.ops.arithmetic import XP, X, pole

__all__ = [
    "arctan", "arctan2", "cos", "cosh", "exp", "expm1", "hypot", "log", "log1p", "relu", "sigmoid", "sin", "sinh",
    "softplus", "sqrt", "tan", "tanh",
]  # fmt: skip


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


@primitive("√", elementwise=True)
def sqrt(xp: XP, x: X) -> X:
    """The square root; nan below 0."""
    return xp.sqrt(x)


sqrt.defvjps(x=lambda xp, g, y, x: g / (2 * y))
pole(sqrt, 0)


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


@primitive("hypot", elementwise=True)
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


@primitive("σ", elementwise=True)
def sigmoid(xp: XP, x: X) -> X:
    """The logistic function σ(x) = 1/(1 + e⁻ˣ)."""
    return xp.sigmoid(x)


sigmoid.defvjps(x=lambda xp, g, y, x: g * (y * (1 - y)))
sigmoid.caveat(
    "x", "1 − y cancels from x = 2 on and is 0 from 37 (float32: 17) on; it reads the result only, as PyTorch's"
)


@primitive("softplus", elementwise=True)
def softplus(xp: XP, x: X) -> X:
    """log(1 + eˣ), without overflow; its derivative is σ(x)."""
    return xp.logaddexp(x, 0.0)


softplus.defvjps(x=lambda xp, g, y, x: g * xp.sigmoid(x))


@primitive("relu", elementwise=True)
def relu(xp: XP, x: X) -> X:
    """The larger of `x` and 0."""
    return xp.maximum(x, 0.0)


relu.defvjps(x=lambda xp, g, y, x: xp.where(x > 0, g, 0.0))
relu.convention("x", lambda xp, x: x == 0, None, "0, as for x < 0", {(0.0,): 0.0})
