"""Exponentials and logarithms."""

from math import inf
from math import log as ln

from autograd.engine.op import Op
from autograd.ops._helpers import binary, pole, unary

__all__ = ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2"]

LN2, LN10 = ln(2.0), ln(10.0)

exp = unary("exp", """The exponential eˣ.

    >>> from autograd import exp, grad
    >>> exp(0.0), grad(exp)(0.0), round(grad(grad(exp))(1.0), 6)
    (1.0, 1.0, 2.718282)
    """)  # fmt: skip
exp.defvjps(x=lambda xp, g, y, x: g * y)

expm1 = unary("expm1", """eˣ − 1, accurate near 0.

    >>> from autograd import expm1, grad
    >>> f"{expm1(1e-20):.3g}", grad(expm1)(0.0)  # exp(1e-20) - 1 is 0
    ('1e-20', 1.0)
    """)  # fmt: skip
expm1.defvjps(x=lambda xp, g, y, x: g * xp.exp(x))  # y + 1 is 0 long before eˣ is

log = unary("log", """The natural logarithm; −inf at 0, nan below.

    >>> from autograd import grad, log
    >>> log(1.0), grad(log)(4.0), log(0.0), grad(log)(0.0)
    (0.0, 0.25, -inf, inf)
    """)  # fmt: skip
log.defvjps(x=lambda xp, g, y, x: g / x)
pole(log, 0)

log1p = unary("log1p", """log(1 + x), accurate near 0.

    >>> from autograd import grad, log1p
    >>> f"{log1p(1e-20):.3g}", grad(log1p)(1.0)  # log(1 + 1e-20) is 0
    ('1e-20', 0.5)
    """)  # fmt: skip
log1p.defvjps(x=lambda xp, g, y, x: g / (1 + x))
pole(log1p, -1)
exp2 = unary("exp2", """The power 2ˣ.

    >>> from autograd import exp2, grad
    >>> exp2(3.0), round(grad(exp2)(3.0), 6)  # the slope is 8·log 2
    (8.0, 5.545177)
    """)  # fmt: skip
# The form y·log 2 would overflow with 2ˣ, where the slope does not.
exp2.defvjps(x=lambda xp, g, y, x: g * (xp.exp2(x - 1) * (2 * LN2)))

log2 = unary("log2", """The logarithm to base 2; −inf at 0, nan below.

    >>> from autograd import grad, log2
    >>> log2(8.0), round(grad(log2)(8.0), 6)
    (3.0, 0.180337)
    """)  # fmt: skip
log2.defvjps(x=lambda xp, g, y, x: g / (x * LN2))
pole(log2, 0)

log10 = unary("log10", """The logarithm to base 10; −inf at 0, nan below.

    >>> from autograd import grad, log10
    >>> round(log10(1000.0), 6), round(grad(log10)(10.0), 6)
    (3.0, 0.043429)
    """)  # fmt: skip
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


logaddexp = binary("logaddexp", """log(eᵃ + eᵇ), without overflow; its derivatives are σ(a − b) and σ(b − a).

    >>> from autograd import grad, logaddexp
    >>> round(logaddexp(1000.0, 1000.0), 6), grad(logaddexp, (0, 1))(1000.0, 1000.0)  # this is 1000 + log 2
    (1000.693147, (0.5, 0.5))
    """, commutative=True)  # fmt: skip
logaddexp.defvjps(
    a=lambda xp, g, y, a, b: g * xp.sigmoid(a - b),
    b=lambda xp, g, y, a, b: g * xp.sigmoid(b - a),
)
_of_a_difference(logaddexp)

logaddexp2 = binary("logaddexp2", """log2(2ᵃ + 2ᵇ), without overflow.

    >>> from autograd import grad, logaddexp2
    >>> round(logaddexp2(3.0, 3.0), 6), grad(logaddexp2)(3.0, 3.0)  # this is log2(8 + 8)
    (4.0, 0.5)
    """, commutative=True)  # fmt: skip
logaddexp2.defvjps(
    a=lambda xp, g, y, a, b: g * xp.sigmoid((a - b) * LN2),
    b=lambda xp, g, y, a, b: g * xp.sigmoid((b - a) * LN2),
)
_of_a_difference(logaddexp2)
