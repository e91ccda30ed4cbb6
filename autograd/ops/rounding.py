"""Rounding, which is constant wherever it is differentiable."""

from functools import partial

from autograd.ops._helpers import X, constant_result, unary
from autograd.ops.arithmetic import mul

__all__ = ["around", "ceil", "fix", "floor", "rint", "round", "trunc"]

_rounding = partial(unary, differentiable=False)

floor = _rounding("floor", """The largest integer not above `x`; constant wherever it is differentiable.

    >>> from autograd import floor, grad
    >>> floor(-2.5), grad(floor)(-2.5), grad(lambda x: floor(x) * x)(2.5)  # the factor floor(x) is 2
    (-3.0, 0.0, 2.0)
    """, "⌊·⌋")  # fmt: skip
ceil = _rounding("ceil", """The smallest integer not below `x`; constant wherever it is differentiable.

    >>> from autograd import ceil, grad
    >>> ceil(-2.5), ceil(2.5), grad(ceil)(2.5)
    (-2.0, 3.0, 0.0)
    """, "⌈·⌉")  # fmt: skip
trunc = _rounding("trunc", """`x` rounded towards 0; constant wherever it is differentiable.

    >>> from autograd import grad, trunc
    >>> trunc(-2.5), trunc(2.5), grad(trunc)(2.5)
    (-2.0, 2.0, 0.0)
    """)  # fmt: skip
rint = _rounding("rint", """`x` rounded to the nearest integer, halves to even; constant where differentiable.

    >>> from autograd import grad, rint
    >>> [rint(x) for x in (0.5, 1.5, 2.5)], grad(rint)(2.6)
    ([0.0, 2.0, 2.0], 0.0)
    """)  # fmt: skip


@constant_result
def fix(x: X) -> X:
    """`x` rounded towards 0.

    >>> from autograd import fix, grad
    >>> fix(-2.5), fix(2.5), grad(fix)(2.5)
    (-2.0, 2.0, 0.0)
    """
    return trunc(x)


@constant_result
def round(x: X, decimals: int = 0) -> X:
    """`x` rounded to a number of decimals; constant wherever it is differentiable.

    >>> import autograd
    >>> from autograd import grad
    >>> autograd.round(2.567, 2), autograd.round(1234.0, -2), grad(autograd.round)(2.567)
    (2.57, 1200.0, 0.0)
    """
    return rint(mul(x, 10**decimals)) / 10**decimals if decimals else rint(x)


around = round
