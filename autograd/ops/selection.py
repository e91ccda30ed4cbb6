"""Selection of elements by a condition or by size: where, maximum, minimum, clip."""

from collections.abc import Sequence

from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, X, binary, named
from autograd.ops.arithmetic import abs
from autograd.ops.logic import isnan, signbit

__all__ = ["clip", "copysign", "fmax", "fmin", "heaviside", "maximum", "minimum", "select", "where"]


def copysign(a: X, b: X) -> X:
    """`a` with the sign of `b`; its derivative is 0 at ``a = 0``, as that of ``|a|``, and by `b` it is constant.

    >>> from autograd import copysign, grad
    >>> copysign(3.0, -1.0), grad(copysign, (0, 1))(3.0, -1.0)
    (-3.0, (-1.0, 0.0))
    """
    magnitude = abs(a)
    return where(signbit(b), -magnitude, magnitude)


# Where one is nan, both arguments of `maximum` are the other, so that their tie gives it the whole gradient.
def fmax(a: X, b: X) -> X:
    """The larger of `a` and `b`, elementwise; where one is nan, the other. A tie shares the gradient equally.

    >>> from autograd import fmax, grad
    >>> fmax(2.0, float("nan")), grad(fmax, (0, 1))(2.0, float("nan")), grad(fmax)(2.0, 2.0)
    (2.0, (1.0, 0.0), 0.5)
    """
    return maximum(where(isnan(a), b, a), where(isnan(b), a, b))


def fmin(a: X, b: X) -> X:
    """The smaller of `a` and `b`, elementwise; where one is nan, the other. A tie shares the gradient equally.

    >>> from autograd import fmin, grad
    >>> fmin(2.0, 5.0), fmin(float("nan"), 5.0), grad(fmin, (0, 1))(2.0, 5.0)
    (2.0, 5.0, (1.0, 0.0))
    """
    return minimum(where(isnan(a), b, a), where(isnan(b), a, b))


maximum = binary("maximum", """The larger of `a` and `b`, elementwise; nan where one is nan.

    >>> from autograd import grad, maximum
    >>> maximum(2.0, 5.0), grad(maximum, (0, 1))(2.0, 5.0), grad(maximum, (0, 1))(5.0, 5.0)
    (5.0, (0.0, 1.0), (0.5, 0.5))
    """, "max", commutative=True)  # fmt: skip
maximum.defvjps(
    a=lambda xp, g, y, a, b: xp.where(a < b, 0.0, xp.where(a == b, g / 2, g)),  # both receive g beside a nan
    b=lambda xp, g, y, a, b: xp.where(b < a, 0.0, xp.where(a == b, g / 2, g)),
)
for _arg in ("a", "b"):
    maximum.convention(_arg, lambda xp, a, b: a == b, None, "½: a tie shares the gradient equally", {(3.0, 3.0): 0.5})

minimum = binary("minimum", """The smaller of `a` and `b`, elementwise; nan where one is nan.

    >>> from autograd import grad, minimum
    >>> minimum(2.0, 5.0), grad(minimum, (0, 1))(2.0, 5.0), grad(minimum, (0, 1))(5.0, 5.0)
    (2.0, (1.0, 0.0), (0.5, 0.5))
    """, "min", commutative=True)  # fmt: skip
minimum.defvjps(
    a=lambda xp, g, y, a, b: xp.where(a > b, 0.0, xp.where(a == b, g / 2, g)),
    b=lambda xp, g, y, a, b: xp.where(b > a, 0.0, xp.where(a == b, g / 2, g)),
)
for _arg in ("a", "b"):
    minimum.convention(_arg, lambda xp, a, b: a == b, None, "½: a tie shares the gradient equally", {(3.0, 3.0): 0.5})


@primitive("where", elementwise=True)
def where(xp: XP, condition: X, a: X, b: X) -> X:
    """`a` where the condition holds, else `b`, elementwise.

    The gradient goes to the operand that was selected. Both are calculated: where the other one is inf or nan, give its
    function a harmless argument by a ``where`` inside, as the example does.

    >>> from autograd import grad, log, where
    >>> safe_log = lambda x: where(x > 0, log(where(x > 0, x, 1.0)), 0.0)
    >>> safe_log(0.0), grad(safe_log)(0.0), grad(safe_log)(2.0)
    (0.0, 0.0, 0.5)
    """
    return xp.where(condition, a, b)


where.defvjps(
    condition=None,
    a=lambda xp, g, y, condition, a, b: xp.where(condition, g, 0.0),
    b=lambda xp, g, y, condition, a, b: xp.where(condition, 0.0, g),
)


def clip(x: X, a_min: X = None, a_max: X = None, *, min: X = None, max: X = None) -> X:
    """`x` limited to [`a_min`, `a_max`]; None is no limit. At a limit the gradient is shared, as by :func:`maximum`.

    `min` and `max` are NumPy's other names for the limits.

    >>> import numpy as np
    >>> from autograd import clip, elementwise_grad
    >>> x = np.array([-2.0, 0.5, 1.0, 3.0])
    >>> clip(x, 0, 1).tolist(), elementwise_grad(lambda x: clip(x, 0, 1))(x).tolist()
    ([0.0, 0.5, 1.0, 1.0], [0.0, 1.0, 0.5, 0.0])
    """
    low, high = a_min if min is None else min, a_max if max is None else max
    x = x if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


heaviside = named("heaviside", """The step function, 0 below 0, 1 above, `h0` at 0.

    Its gradient is 0, so nothing learns through it.

    >>> from autograd import grad, heaviside
    >>> [heaviside(x, 0.5) for x in (-2.0, 0.0, 2.0)], grad(heaviside, (0, 1))(0.0, 0.5)
    ([0.0, 0.5, 1.0], (0.0, 1.0))
    """, "step", "x h0", elementwise=True)  # fmt: skip
heaviside.defvjps(
    x=lambda xp, g, y, x, h0: g * 0.0,
    h0=lambda xp, g, y, x, h0: xp.where(x == 0, g, 0.0),
)
heaviside.convention("x", lambda xp, x, h0: x == 0, None, "0, as on either side", {(0.0, 0.5): 0.0})


def select(condlist: Sequence[X], choicelist: Sequence[X], default: X = 0) -> X:
    """From the first of the choices whose condition holds, elementwise; where none does, the default.

    >>> from autograd import Tensor, select
    >>> x = Tensor([-3.0, 1.0, 5.0])
    >>> y = select([x < 0, x < 2], [-x, x * x])
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([3.0, 1.0, 0.0], [-1.0, 2.0, 0.0])
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(f"select: {len(condlist)} conditions and {len(choicelist)} choices; give as many of each")
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = where(condition, choice, default)
    return default
