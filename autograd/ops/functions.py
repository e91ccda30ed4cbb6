"""The elementary functions: exp, log, the trigonometric and hyperbolic ones, and the neurons' own."""

from functools import partial

from autograd.op import primitive
from autograd.ops.arithmetic import XP, X, pole
from autograd.ops.named import named

__all__ = [
    "arctan", "arctan2", "cos", "cosh", "exp", "expm1", "hypot", "log", "log1p", "relu", "sigmoid", "sin", "sinh",
    "softplus", "sqrt", "tan", "tanh",
]  # fmt: skip

op = partial(named, __name__)

exp = op("exp", "exp", "The exponential eˣ.")
exp.defvjps(x=lambda xp, g, y, x: g * y)

expm1 = op("expm1", "expm1", "eˣ − 1, accurate near 0.")
expm1.defvjps(x=lambda xp, g, y, x: g * (y + 1))

log = op("log", "log", "The natural logarithm; −inf at 0, nan below.")
log.defvjps(x=lambda xp, g, y, x: g / x)
pole(log, 0)

log1p = op("log1p", "log1p", "log(1 + x), accurate near 0.")
log1p.defvjps(x=lambda xp, g, y, x: g / (1 + x))
pole(log1p, -1)

sqrt = op("sqrt", "√", "The square root; nan below 0.")
sqrt.defvjps(x=lambda xp, g, y, x: g / (2 * y))
pole(sqrt, 0)

sin = op("sin", "sin", "The sine of `x` in radians.")
sin.defvjps(x=lambda xp, g, y, x: g * xp.cos(x))

cos = op("cos", "cos", "The cosine of `x` in radians.")
cos.defvjps(x=lambda xp, g, y, x: -g * xp.sin(x))

tan = op("tan", "tan", "The tangent of `x` in radians.")
tan.defvjps(x=lambda xp, g, y, x: g * (1 + y * y))

arctan = op("arctan", "arctan", "The angle in (−π/2, π/2) whose tangent is `x`.")
arctan.defvjps(x=lambda xp, g, y, x: g / (1 + x * x))

arctan2 = op("arctan2", "∠", "The angle in [−π, π] of the point with ordinate `a` and abscissa `b`.", ("a", "b"))
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

hypot = op("hypot", "hypot", "The hypotenuse √(a² + b²), without overflow.", ("a", "b"))
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

sinh = op("sinh", "sinh", "The hyperbolic sine.")
sinh.defvjps(x=lambda xp, g, y, x: g * xp.cosh(x))

cosh = op("cosh", "cosh", "The hyperbolic cosine.")
cosh.defvjps(x=lambda xp, g, y, x: g * xp.sinh(x))

tanh = op("tanh", "tanh", "The hyperbolic tangent.")
tanh.defvjps(x=lambda xp, g, y, x: g * (1 - y * y))

sigmoid = op("sigmoid", "σ", "The logistic function σ(x) = 1/(1 + e⁻ˣ).")
sigmoid.defvjps(x=lambda xp, g, y, x: g * (y * (1 - y)))


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
