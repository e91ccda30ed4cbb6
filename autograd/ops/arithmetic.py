"""Arithmetic: + − × / **, remainders, roots, sign and absolute value.

How to read the table: an op is its formula and, on the next lines, for each argument the formula that turns the
gradient `g` of the result `y` into the gradient of that argument. The engine sums over what was broadcast. An op of one
line, as ``abs = unary("abs", ...)``, is the function of that name in every namespace.

Elementwise ops take numbers, arrays (or lists) and nodes, which broadcast as in NumPy. Python's numbers give a number,
a Value among them a Value, arrays an array, and with a Tensor, or an array beside a Value, a Tensor. A Python number
leaves float32 as it is.
"""

from autograd.engine.primitive import primitive
from autograd.ops._helpers import INF, NAN, XP, X, binary, pole, unary

__all__ = [
    "abs", "add", "cbrt", "div", "divmod", "fabs", "floor_divide", "fmod", "mod", "mul", "neg", "positive", "pow",
    "reciprocal", "sign", "sqrt", "square", "sub",
]  # fmt: skip


@primitive("+", elementwise=True, commutative=True)
def add(xp: XP, a: X, b: X) -> X:
    """The sum ``a + b``, elementwise.

    >>> from autograd import Tensor, add
    >>> x, bias = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([10.0, 20.0])
    >>> y = add(x, bias)
    >>> y.sum().backward()
    >>> y.tolist(), bias.grad.tolist()  # two rows read each bias
    ([[11.0, 22.0], [13.0, 24.0]], [2.0, 2.0])
    """
    return a + b


add.defvjps(
    a=lambda xp, g, y, a, b: g,
    b=lambda xp, g, y, a, b: g,
)


@primitive("−", elementwise=True)
def sub(xp: XP, a: X, b: X) -> X:
    """The difference ``a - b``, elementwise.

    >>> from autograd import grad, sub
    >>> sub(5.0, 3.0), grad(sub, (0, 1))(5.0, 3.0)
    (2.0, (1.0, -1.0))
    """
    return a - b


sub.defvjps(
    a=lambda xp, g, y, a, b: g,
    b=lambda xp, g, y, a, b: -g,
)


@primitive("×", elementwise=True, commutative=True)
def mul(xp: XP, a: X, b: X) -> X:
    """The product ``a * b``, elementwise.

    >>> from autograd import grad, mul
    >>> mul(2.0, 3.0), grad(mul, (0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return a * b


mul.defvjps(
    a=lambda xp, g, y, a, b: g * b,
    b=lambda xp, g, y, a, b: g * a,
)


@primitive("÷", elementwise=True)
def div(xp: XP, a: X, b: X) -> X:
    """The quotient ``a / b``, elementwise.

    Integers are divided as floats. By 0 the quotient is inf or nan, of Python's numbers too: no error.

    >>> from autograd import div, grad
    >>> div(6.0, 2.0), grad(div, (0, 1))(6.0, 2.0)
    (3.0, (0.5, -1.5))
    >>> div(1.0, 0.0)
    inf
    """
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
    """The negative ``-x``.

    >>> from autograd import grad, neg
    >>> neg(2.0), grad(neg)(2.0)
    (-2.0, -1.0)
    """
    return -x


neg.defvjps(x=lambda xp, g, y, x: -g)


@primitive("pos", elementwise=True)
def positive(xp: XP, x: X) -> X:
    """The value of `x`, as a node of its own.

    >>> from autograd import Value, positive
    >>> x = Value(2.0)
    >>> y = positive(x)
    >>> y.data, y is x
    (2.0, False)
    """
    return x * 1


positive.defvjps(x=lambda xp, g, y, x: g)


@primitive("**", elementwise=True)
def pow(xp: XP, a: X, b: X) -> X:
    """The power ``a ** b``, elementwise; nan for a negative base with a fractional exponent.

    >>> import autograd
    >>> from autograd import grad
    >>> autograd.pow(3.0, 2.0), [round(g, 6) for g in grad(autograd.pow, (0, 1))(3.0, 2.0)]  # these are 2·3 and 9·log 3
    (9.0, [6.0, 9.887511])
    >>> grad(lambda b: autograd.pow(-3.0, b))(2.0)  # the power is 9 at b = 2, and no real number beside it
    nan
    """
    return xp.power(a, b)


pow.defvjps(
    a=lambda xp, g, y, a, b: g * (b * xp.power(a, b - 1)),
    b=lambda xp, g, y, a, b: g * (y * xp.log(a)),
)
pow.convention(
    "a",
    lambda xp, a, b: xp.logical_and(a == 0, b == 0),  # elsewhere on b = 0 the slope depends on b
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

floor_divide = binary("floor_divide", """The quotient rounded down; constant wherever it is differentiable.

    >>> from autograd import floor_divide, grad
    >>> floor_divide(7.0, 2.0), floor_divide(-7.0, 2.0), grad(floor_divide)(7.0, 2.0)
    (3.0, -4.0, 0.0)
    """, "//", differentiable=False)  # fmt: skip

mod = binary("mod", """The remainder of ``a // b``, with the sign of `b`.

    >>> from autograd import grad, mod
    >>> mod(7.0, 3.0), mod(-7.0, 3.0), grad(mod, (0, 1))(-7.0, 3.0)
    (1.0, 2.0, (1.0, 3.0))
    """, "%")  # fmt: skip
mod.defvjps(
    a=lambda xp, g, y, a, b: g,
    b=lambda xp, g, y, a, b: -g * xp.floor_divide(a, b),
)
mod.convention("a", lambda xp, a, b: xp.mod(a, b) == 0, None, "1, as on either side of the jump", {(4.0, 2.0): 1.0})
mod.convention("b", lambda xp, a, b: xp.mod(a, b) == 0, None, "−a/b, as on one side of the jump", {(4.0, 2.0): -2.0})

abs = unary("abs", """The absolute value ``|x|``.

    >>> import autograd
    >>> from autograd import grad
    >>> autograd.abs(-3.0), [grad(autograd.abs)(x) for x in (-3.0, 0.0, 3.0)]
    (3.0, [-1.0, 0.0, 1.0])
    """, "|·|")  # fmt: skip
abs.defvjps(x=lambda xp, g, y, x: g * xp.sign(x))
abs.convention("x", lambda xp, x: x == 0, None, "0, between the slopes −1 and 1", {(0.0,): 0.0})

sign = unary("sign", """−1, 0 or 1 by the sign of `x`; constant wherever it is differentiable.

    >>> from autograd import grad, sign
    >>> [sign(x) for x in (-3.0, 0.0, 3.0)], grad(sign)(3.0)
    ([-1.0, 0.0, 1.0], 0.0)
    """, differentiable=False)  # fmt: skip

sqrt = unary("sqrt", """The square root; nan below 0.

    >>> from autograd import grad, sqrt
    >>> sqrt(4.0), grad(sqrt)(4.0), grad(sqrt)(0.0)
    (2.0, 0.25, inf)
    """, "√")  # fmt: skip
sqrt.defvjps(x=lambda xp, g, y, x: g / (2 * y))
pole(sqrt, 0)

cbrt = unary("cbrt", """The cube root, of negative numbers too.

    >>> from autograd import cbrt, grad
    >>> round(cbrt(-8.0), 6), round(grad(cbrt)(-8.0), 6)
    (-2.0, 0.083333)
    """, "∛")  # fmt: skip
cbrt.defvjps(x=lambda xp, g, y, x: g / (3 * (y * y)))
pole(cbrt, 0)

fmod = binary("fmod", """The remainder of a / b rounded towards 0, with the sign of `a`, as in C.

    >>> from autograd import fmod, grad
    >>> fmod(-7.0, 3.0), grad(fmod, (0, 1))(-7.0, 3.0)  # mod(-7.0, 3.0) is 2.0
    (-1.0, (1.0, 2.0))
    """)  # fmt: skip
fmod.defvjps(
    a=lambda xp, g, y, a, b: g,
    b=lambda xp, g, y, a, b: -g * xp.rint((a - y) / b),
)
_jump = lambda xp, a, b: xp.logical_and(xp.fmod(a, b) == 0, a != 0)  # a = 0 is no jump
fmod.convention("a", _jump, None, "1, as on either side of the jump", {(4.0, 2.0): 1.0})
fmod.convention("b", _jump, None, "−a/b, as on one side of the jump", {(4.0, 2.0): -2.0, (-4.0, 2.0): 2.0})

fabs = abs


def square(x: X) -> X:
    """The square ``x ** 2``.

    >>> from autograd import grad, square
    >>> square(3.0), grad(square)(3.0), grad(grad(square))(3.0)
    (9.0, 6.0, 2.0)
    """
    return pow_number(x, 2)


def reciprocal(x: X) -> X:
    """The quotient ``1 / x``.

    >>> from autograd import grad, reciprocal
    >>> reciprocal(4.0), grad(reciprocal)(4.0)
    (0.25, -0.0625)
    """
    return div(1, x)


def divmod(a: X, b: X) -> tuple[X, X]:
    """The quotient rounded down (a constant), and the remainder.

    >>> import autograd
    >>> from autograd import grad
    >>> autograd.divmod(7.0, 3.0), grad(lambda x: autograd.divmod(x, 3.0)[1])(7.0)
    ((2.0, 1.0), 1.0)
    """
    return floor_divide(a, b), mod(a, b)
