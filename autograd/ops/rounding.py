"""Rounding: constant wherever it is differentiable."""

from autograd.engine.op import primitive
from autograd.ops._helpers import XP, X, constant_result
from autograd.ops.arithmetic import mul

__all__ = ["around", "ceil", "fix", "floor", "rint", "round", "trunc"]


@primitive("⌊·⌋", elementwise=True, differentiable=False)
def floor(xp: XP, x: X) -> X:
    """The largest integer not above `x`; constant wherever it is differentiable."""
    return xp.floor(x)


@primitive("⌈·⌉", elementwise=True, differentiable=False)
def ceil(xp: XP, x: X) -> X:
    """The smallest integer not below `x`; constant wherever it is differentiable."""
    return xp.ceil(x)


@primitive("trunc", elementwise=True, differentiable=False)
def trunc(xp: XP, x: X) -> X:
    """`x` rounded towards 0; constant wherever it is differentiable."""
    return xp.trunc(x)


@primitive("rint", elementwise=True, differentiable=False)
def rint(xp: XP, x: X) -> X:
    """`x` rounded to the nearest integer, halves to even; constant where differentiable."""
    return xp.rint(x)


@constant_result
def fix(x: X) -> X:
    """`x` rounded towards 0."""
    return trunc(x)


@constant_result
def round(x: X, decimals: int = 0) -> X:
    """`x` rounded to a number of decimals; constant wherever it is differentiable."""
    return rint(mul(x, 10**decimals)) / 10**decimals if decimals else rint(x)


around = round
