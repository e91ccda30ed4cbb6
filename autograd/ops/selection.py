"""Selection of elements by a condition or by size: where, maximum, minimum, clip."""

from collections.abc import Sequence

from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, X, binary, named
from autograd.ops.arithmetic import abs
from autograd.ops.logic import isnan, signbit

__all__ = ["clip", "copysign", "fmax", "fmin", "heaviside", "maximum", "minimum", "select", "where"]


def copysign(a: X, b: X) -> X:
    """`a` with the sign of `b`; its derivative is 0 at ``a = 0``, as |a|'s, and by `b` it is constant."""
    magnitude = abs(a)
    return where(signbit(b), -magnitude, magnitude)


# Where one is nan, both arguments of `maximum` are the other, so that their tie gives it the whole gradient.
def fmax(a: X, b: X) -> X:
    """The larger of `a` and `b`, elementwise; where one is nan, the other. A tie shares the gradient equally."""
    return maximum(where(isnan(a), b, a), where(isnan(b), a, b))


def fmin(a: X, b: X) -> X:
    """The smaller of `a` and `b`, elementwise; where one is nan, the other. A tie shares the gradient equally."""
    return minimum(where(isnan(a), b, a), where(isnan(b), a, b))


maximum = binary("maximum", "The larger of `a` and `b`, elementwise; nan where one is nan.", "max", commutative=True)
maximum.defvjps(
    a=lambda xp, g, y, a, b: xp.where(a < b, 0.0, xp.where(a == b, g / 2, g)),  # both receive g beside a nan
    b=lambda xp, g, y, a, b: xp.where(b < a, 0.0, xp.where(a == b, g / 2, g)),
)
for _arg in ("a", "b"):
    maximum.convention(_arg, lambda xp, a, b: a == b, None, "½: a tie shares the gradient equally", {(3.0, 3.0): 0.5})

minimum = binary("minimum", "The smaller of `a` and `b`, elementwise; nan where one is nan.", "min", commutative=True)
minimum.defvjps(
    a=lambda xp, g, y, a, b: xp.where(a > b, 0.0, xp.where(a == b, g / 2, g)),
    b=lambda xp, g, y, a, b: xp.where(b > a, 0.0, xp.where(a == b, g / 2, g)),
)
for _arg in ("a", "b"):
    minimum.convention(_arg, lambda xp, a, b: a == b, None, "½: a tie shares the gradient equally", {(3.0, 3.0): 0.5})


@primitive("where", elementwise=True)
def where(xp: XP, condition: X, a: X, b: X) -> X:
    """`a` where the condition holds, else `b`, elementwise."""
    return xp.where(condition, a, b)


where.defvjps(
    condition=None,
    a=lambda xp, g, y, condition, a, b: xp.where(condition, g, 0.0),
    b=lambda xp, g, y, condition, a, b: xp.where(condition, 0.0, g),
)


def clip(x: X, a_min: X = None, a_max: X = None, *, min: X = None, max: X = None) -> X:
    """`x` limited to [`a_min`, `a_max`]; None is no limit. At a limit the gradient is shared, as by `maximum`.

    `min` and `max` are NumPy's other names for the limits.
    """
    low, high = a_min if min is None else min, a_max if max is None else max
    x = x if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


heaviside = named(
    "heaviside", "The step function: 0 below 0, 1 above, `h0` at 0; its gradient is 0, so nothing learns through it.",
    "step", "x h0", elementwise=True,
)  # fmt: skip
heaviside.defvjps(
    x=lambda xp, g, y, x, h0: g * 0.0,
    h0=lambda xp, g, y, x, h0: xp.where(x == 0, g, 0.0),
)
heaviside.convention("x", lambda xp, x, h0: x == 0, None, "0, as on either side", {(0.0, 0.5): 0.0})


def select(condlist: Sequence[X], choicelist: Sequence[X], default: X = 0) -> X:
    """From the first of the choices whose condition holds, elementwise; where none does, the default."""
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(f"select: {len(condlist)} conditions and {len(choicelist)} choices; give as many of each")
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = where(condition, choice, default)
    return default
