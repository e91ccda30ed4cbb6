"""Exponentials and logarithms."""

from math import inf
from math import log as ln

from autograd.engine.op import Op
from autograd.ops._helpers import binary, pole, unary

__all__ = ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2"]

LN2, LN10 = ln(2.0), ln(10.0)

exp = unary("exp", "The exponential eˣ.")
exp.defvjps(x=lambda xp, g, y, x: g * y)

expm1 = unary("expm1", "eˣ − 1, accurate near 0.")
expm1.defvjps(x=lambda xp, g, y, x: g * xp.exp(x))  # y + 1 is 0 long before eˣ is

log = unary("log", "The natural logarithm; −inf at 0, nan below.")
log.defvjps(x=lambda xp, g, y, x: g / x)
pole(log, 0)

log1p = unary("log1p", "log(1 + x), accurate near 0.")
log1p.defvjps(x=lambda xp, g, y, x: g / (1 + x))
pole(log1p, -1)
exp2 = unary("exp2", "The power 2ˣ.")
# The form y·log 2 would overflow with 2ˣ, where the slope does not.
exp2.defvjps(x=lambda xp, g, y, x: g * (xp.exp2(x - 1) * (2 * LN2)))

log2 = unary("log2", "The logarithm to base 2; −inf at 0, nan below.")
log2.defvjps(x=lambda xp, g, y, x: g / (x * LN2))
pole(log2, 0)

log10 = unary("log10", "The logarithm to base 10; −inf at 0, nan below.")
log10.defvjps(x=lambda xp, g, y, x: g / (x * LN10))
pole(log10, 0)


def _of_a_difference(op: Op[...]) -> None:
    """State the derivatives at equal infinities, whose difference is nan, and where rounding shows."""
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


logaddexp = binary(
    "logaddexp",
    "log(eᵃ + eᵇ), without overflow; its derivatives are σ(a − b) and σ(b − a).",
    commutative=True,
)
logaddexp.defvjps(
    a=lambda xp, g, y, a, b: g * xp.sigmoid(a - b),
    b=lambda xp, g, y, a, b: g * xp.sigmoid(b - a),
)
_of_a_difference(logaddexp)

logaddexp2 = binary("logaddexp2", "log2(2ᵃ + 2ᵇ), without overflow.", commutative=True)
logaddexp2.defvjps(
    a=lambda xp, g, y, a, b: g * xp.sigmoid((a - b) * LN2),
    b=lambda xp, g, y, a, b: g * xp.sigmoid((b - a) * LN2),
)
_of_a_difference(logaddexp2)
