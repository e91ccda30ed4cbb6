"""Rounding, which is constant wherever it is differentiable."""

from functools import partial

from autograd.ops._helpers import X, constant_result, unary
from autograd.ops.arithmetic import mul

__all__ = ["around", "ceil", "fix", "floor", "rint", "round", "trunc"]

_rounding = partial(unary, differentiable=False)

floor = _rounding("floor", "The largest integer not above `x`; constant wherever it is differentiable.", "⌊·⌋")
ceil = _rounding("ceil", "The smallest integer not below `x`; constant wherever it is differentiable.", "⌈·⌉")
trunc = _rounding("trunc", "`x` rounded towards 0; constant wherever it is differentiable.")
rint = _rounding("rint", "`x` rounded to the nearest integer, halves to even; constant where differentiable.")


@constant_result
def fix(x: X) -> X:
    """`x` rounded towards 0."""
    return trunc(x)


@constant_result
def round(x: X, decimals: int = 0) -> X:
    """`x` rounded to a number of decimals; constant wherever it is differentiable."""
    return rint(mul(x, 10**decimals)) / 10**decimals if decimals else rint(x)


around = round
