"""Arithmetic: + − × / **, negation, absolute value, and the bridges between kinds and shapes.

How to read the table: each op is its formula and, on the next lines, for each argument the formula that turns the
gradient `g` of the result `y` into the gradient of that argument. Undoing a broadcast is not an op's business.
"""

from functools import reduce
from typing import Any

import numpy as np

from autograd.engine.node import Node, carried
from autograd.engine.op import Op, primitive

XP = Any  # a namespace: floats, arrays, graphs or names
X = Any  # what flows through a formula: a float, an array, a node or a name

INF, NAN = float("inf"), float("nan")

__all__ = ["abs", "add", "astype", "copy", "div", "floor_divide", "mod", "mul", "neg", "positive", "pow", "sub"]


def pole(f: Op[Any], *places: float, slope: float = INF) -> None:
    """State that the derivative of a function of one number `x` is infinite at some places, as its formula says."""
    at = " and ".join(f"x = {c:g}" for c in places).replace("-", "−")
    sign = "−" if slope < 0 else ""
    where = lambda xp, x: reduce(xp.logical_or, [x == c for c in places])
    f.convention("x", where, None, f"{sign}∞ at {at}: a pole", {(c,): slope for c in map(float, places)})


@primitive("+", elementwise=True)
def add(xp: XP, a: X, b: X) -> X:
    """The sum ``a + b``, elementwise."""
    return a + b


add.defvjps(
    a=lambda xp, g, y, a, b: g,
    b=lambda xp, g, y, a, b: g,
)


@primitive("−", elementwise=True)
def sub(xp: XP, a: X, b: X) -> X:
    """The difference ``a - b``, elementwise."""
    return a - b


sub.defvjps(
    a=lambda xp, g, y, a, b: g,
    b=lambda xp, g, y, a, b: -g,
)


@primitive("×", elementwise=True)
def mul(xp: XP, a: X, b: X) -> X:
    """The product ``a * b``, elementwise."""
    return a * b


mul.defvjps(
    a=lambda xp, g, y, a, b: g * b,
    b=lambda xp, g, y, a, b: g * a,
)


@primitive("÷", elementwise=True)
def div(xp: XP, a: X, b: X) -> X:
    """The quotient ``a / b``, elementwise."""
    return a / b


div.defvjps(
    a=lambda xp, g, y, a, b: g / b,
    b=lambda xp, g, y, a, b: -g * y / b,
)
div.convention("a", lambda xp, a, b: b == 0, None, "±∞ at b = 0: a pole", {(1.0, 0.0): INF, (-1.0, 0.0): INF})
div.convention(
    "b", lambda xp, a, b: b == 0, None, "±∞ at b = 0: a pole; nan for 0/0", {(1.0, 0.0): -INF, (0.0, 0.0): NAN}
)


@primitive("neg", elementwise=True)
def neg(xp: XP, x: X) -> X:
    """The negative ``-x``."""
    return -x


neg.defvjps(x=lambda xp, g, y, x: -g)


@primitive("pos", elementwise=True)
def positive(xp: XP, x: X) -> X:
    """The same value ``+x``, as a node of its own."""
    return x * 1


positive.defvjps(x=lambda xp, g, y, x: g)


@primitive("copy")
def copy(xp: XP, x: X) -> X:
    """The same value with memory of its own, as a node of its own."""
    return xp.copy(x)


copy.defvjps(x=lambda xp, g, y, x: g)


# The gradient returns in the operand's dtype, as every contribution does.
@primitive("astype")
def to_floats(xp: XP, x: X, /, dtype: str) -> X:
    """`x` in a dtype of floats; users call :func:`astype`."""
    return xp.astype(x, dtype)


to_floats.defvjps(x=lambda xp, g, y, x, dtype: g)


@primitive("astype", differentiable=False)
def to_integers(xp: XP, x: X, /, dtype: str) -> X:
    """`x` in a dtype of integers, or in bool; users call :func:`astype`."""
    return xp.astype(x, dtype)


def astype(x: X, dtype: Any, copy: bool = True) -> X:
    """`x` in another dtype; integers and bools have no gradient, as floor has none, and follow `x` in a replay.

    A Value is a float64; in another dtype it is a Tensor. With ``copy=False``, `x` itself if it has the dtype.
    """
    try:
        carried(dtype)
    except TypeError as error:
        raise TypeError(f"astype: {error}") from None
    dtype = np.dtype(dtype)
    if not copy and np.asarray(x._data if isinstance(x, Node) else x).dtype == dtype:
        return x
    return (to_floats if dtype.kind == "f" else to_integers)(x, dtype=dtype.name)


@primitive("**", elementwise=True)
def pow(xp: XP, a: X, b: X) -> X:
    """The power ``a ** b``, elementwise; nan for a negative base with a fractional exponent."""
    return xp.power(a, b)


pow.defvjps(
    a=lambda xp, g, y, a, b: g * (b * xp.power(a, b - 1)),
    b=lambda xp, g, y, a, b: g * (y * xp.log(a)),
)
pow.convention(
    "a",
    lambda xp, a, b: xp.logical_and(a == 0, b == 0),  # not all of b = 0, where the slope depends on b
    0.0,
    "a⁰ is 1 everywhere, at a = 0 too",
    {(0.0, 0.0): 0.0},
    removable=True,
)
pow.convention(
    "a",
    lambda xp, a, b: xp.logical_and(a == 0, xp.logical_and(b < 1, b != 0)),
    None,
    "±∞ at a = 0 for b < 1: a pole",
    {(0.0, 0.5): INF, (0.0, -1.0): -INF},
)
pow.convention(
    "b",
    lambda xp, a, b: xp.logical_and(a == 0, b > 0),
    0.0,
    "0ᵇ is 0 for b > 0",
    {(0.0, 2.0): 0.0, (0.0, 0.5): 0.0},
    removable=True,
)
pow.convention(
    "b", lambda xp, a, b: xp.logical_and(a == 0, b == 0), 0.0, "0 at 0⁰, though 0ᵇ falls from 1 to 0", {(0.0, 0.0): 0.0}
)
pow.convention("b", lambda xp, a, b: a < 0, None, "nan for a < 0: aᵇ is real for whole b only", {(-2.0, 2.0): NAN})

pow.caveat("a", "aᵇ⁻¹ may overflow where b·aᵇ⁻¹ does not")
pow.caveat("b", "aᵇ may overflow where aᵇ·log a does not")


@primitive("**", elementwise=True)
def pow_number(xp: XP, x: X, /, exponent: float) -> X:
    """The power ``x ** exponent`` with a Python number: one argument, one derivative."""
    return xp.power(x, exponent)


pow_number.defvjps(x=lambda xp, g, y, x, exponent: g * (exponent * xp.power(x, exponent - 1)))
pow_number.convention(
    "x",
    lambda xp, x, exponent: exponent == 0,
    0.0,
    "x⁰ is 1 everywhere, at x = 0 too",
    {(0.0, 0): 0.0, (2.0, 0.0): 0.0},
    removable=True,
)
pow_number.convention(
    "x",
    lambda xp, x, exponent: xp.logical_and(x == 0, xp.logical_and(exponent < 1, exponent != 0)),
    None,
    "±∞ at x = 0 for exponents below 1: a pole",
    {(0.0, 0.5): INF, (0.0, -1): -INF},
)

pow_number.caveat("x", "the power may overflow where its product with the exponent does not")


@primitive("//", elementwise=True, differentiable=False)
def floor_divide(xp: XP, a: X, b: X) -> X:
    """The quotient rounded down; constant wherever it is differentiable."""
    return xp.floor_divide(a, b)


@primitive("%", elementwise=True)
def mod(xp: XP, a: X, b: X) -> X:
    """The remainder of ``a // b``, with the sign of `b`."""
    return xp.mod(a, b)


mod.defvjps(
    a=lambda xp, g, y, a, b: g,
    b=lambda xp, g, y, a, b: -g * xp.floor_divide(a, b),
)
mod.convention("a", lambda xp, a, b: xp.mod(a, b) == 0, None, "1, as on either side of the jump", {(4.0, 2.0): 1.0})
mod.convention("b", lambda xp, a, b: xp.mod(a, b) == 0, None, "−a/b, as on one side of the jump", {(4.0, 2.0): -2.0})


@primitive("|·|", elementwise=True)
def abs(xp: XP, x: X) -> X:
    """The absolute value ``|x|``."""
    return xp.abs(x)


abs.defvjps(x=lambda xp, g, y, x: g * xp.sign(x))
abs.convention("x", lambda xp, x: x == 0, None, "0, between the slopes −1 and 1", {(0.0,): 0.0})
