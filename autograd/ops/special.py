"""Special functions, whose values are SciPy's: the gamma function and its kin, inverse error functions, Bessel's."""

from math import nan, pi

from autograd.engine.primitive import primitive
from autograd.ops._helpers import INF, XP, X, as_integer, binary, pole, unary
from autograd.ops.shaping import ndim

__all__ = [
    "betaln", "digamma", "erfcinv", "erfcx", "erfinv", "gamma", "gammaln", "i0", "iv", "ive", "jv", "kv", "polygamma",
    "yv",
]  # fmt: skip

_BY_SCIPY = ("javascript", "machine")  # the targets that have none of these functions


def _is_pole(xp: XP, x: X) -> X:
    return xp.logical_and(x <= 0, x == xp.floor(x))


gammaln = unary("gammaln", """log |Γ(x)|, of the gamma function, without overflow.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import gammaln
    >>> [round(v, 6) for v in value_and_grad(gammaln)(5.0)]  # the value is log 4!
    [3.178054, 1.506118]
    """, lacks=_BY_SCIPY)  # fmt: skip
gammaln.defvjps(x=lambda xp, g, y, x: g * xp.digamma(x))
gammaln.convention(
    "x", _is_pole, None, "−∞ at 0, as right of it, and nan at −1, −2, …: poles", {(0.0,): -INF, (-1.0,): nan}
)
gammaln.caveat("y", "SciPy's, which cancels near the roots at 1, 2 and between negative integers")
gammaln.caveat("x", "SciPy's digamma, which cancels near its roots")

gamma = unary("gamma", """The gamma function Γ(x), which is (x − 1)! at integers.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import gamma
    >>> [round(v, 6) for v in value_and_grad(gamma)(5.0)]  # the value is 4!
    [24.0, 36.146824]
    """, "Γ", lacks=_BY_SCIPY)  # fmt: skip
gamma.defvjps(x=lambda xp, g, y, x: g * (y * xp.digamma(x)))
gamma.convention("x", _is_pole, None, "−∞ at 0, and nan at −1, −2, …: poles", {(0.0,): -INF, (-1.0,): nan})
gamma.caveat("y", "SciPy's, of which large arguments have a few ulp more")
gamma.caveat("x", "Γ may overflow where its derivative does not, and SciPy's digamma cancels near its roots")


@primitive("polygamma", elementwise=True, name="polygamma", lacks=_BY_SCIPY)
def polygamma_of_order(xp: XP, x: X, /, n: int = 0) -> X:
    """The derivative of order n of the digamma function Γ′/Γ, with signature (x, n)."""
    return xp.polygamma(n, x)


polygamma_of_order.defvjps(x=lambda xp, g, y, x, n: g * xp.polygamma(n + 1, x))
polygamma_of_order.convention(
    "x", lambda xp, x, n: _is_pole(xp, x), None, "±∞ at 0, −1, −2, …: poles", {(0.0,): INF, (-1.0, 1): -INF}
)
for _of in ("y", "x"):
    polygamma_of_order.caveat(_of, "SciPy's, which cancels near roots")


def polygamma(n: int, x: X) -> X:
    """The derivative of order `n`, an integer, of the digamma function.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import polygamma
    >>> [round(v, 6) for v in value_and_grad(polygamma, 1)(1, 1.0)]  # the value is π²/6
    [1.644934, -2.404114]
    """
    n = as_integer("polygamma", "n", n)
    if n < 0:
        raise ValueError(f"polygamma: n is 0 or more, not {n}")
    return polygamma_of_order(x, n)


def digamma(x: X) -> X:
    """The digamma function Γ′(x)/Γ(x), the derivative of log Γ.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import digamma
    >>> [round(v, 6) for v in value_and_grad(digamma)(1.0)]  # the value is minus Euler's constant
    [-0.577216, 1.644934]
    """
    return polygamma_of_order(x, 0)


betaln = binary("betaln", """log |B(a, b)|, of the beta function B(a, b) = Γ(a)·Γ(b)/Γ(a + b), without overflow.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import betaln
    >>> [round(v, 6) for v in value_and_grad(betaln)(2.0, 3.0)]  # the value is -log 12
    [-2.484907, -1.083333]
    """, commutative=True, lacks=_BY_SCIPY)  # fmt: skip
betaln.defvjps(
    a=lambda xp, g, y, a, b: g * (xp.digamma(a) - xp.digamma(a + b)),
    b=lambda xp, g, y, a, b: g * (xp.digamma(b) - xp.digamma(a + b)),
)
betaln.caveat("y", "SciPy's, which cancels where it is near 0")
for _arg, _at in (("a", (0.0, 1.0)), ("b", (1.0, 0.0))):
    betaln.convention(
        _arg, lambda xp, a, b, _arg=_arg: _is_pole(xp, a if _arg == "a" else b), None,
        "−∞ at 0, as right of it, and nan at −1, −2, …: poles", {_at: -INF},
    )  # fmt: skip
    betaln.caveat(_arg, "the two terms cancel where the other argument is much smaller")


_ROOT_PI = pi**0.5
_SQUARED = "y·y is rounded before the exponential, which makes y² ulp of it"
erfinv = unary("erfinv", """The number whose error function is `x`; nan outside [−1, 1].

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import erfinv
    >>> [round(v, 6) for v in value_and_grad(erfinv)(0.5)]
    [0.476936, 1.112585]
    """, "erf⁻¹", lacks=_BY_SCIPY)  # fmt: skip
erfinv.defvjps(x=lambda xp, g, y, x: g * (_ROOT_PI / 2 * xp.exp(y * y)))
erfinv.caveat("x", _SQUARED)
pole(erfinv, -1, 1)

erfcinv = unary("erfcinv", """The number whose `erfc` is `x`; nan outside [0, 2].

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import erfcinv
    >>> [round(v, 6) for v in value_and_grad(erfcinv)(0.5)]
    [0.476936, -1.112585]
    """, "erfc⁻¹", lacks=_BY_SCIPY)  # fmt: skip
erfcinv.defvjps(x=lambda xp, g, y, x: -g * (_ROOT_PI / 2 * xp.exp(y * y)))
erfcinv.caveat("x", _SQUARED)
erfcinv.domain = ((0.2, 1.8),)
pole(erfcinv, 0, 2, slope=-INF)

erfcx = unary("erfcx", """exp(x²)·erfc(x), which neither overflows nor vanishes right of 0.

    Beyond 50 its derivative is that of the asymptotic series, which does not cancel.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import erfcx
    >>> [round(v, 6) for v in value_and_grad(erfcx)(100.0)]
    [0.005642, -5.6e-05]
    """, lacks=_BY_SCIPY)  # fmt: skip


def _erfcx_slope(xp: XP, y: X, x: X) -> X:
    """2x·y − 2/√π; far right by its asymptotic series, which does not cancel."""
    far = x > 50
    s = 1 / xp.where(far, x, 50.0) ** 2
    series = -s / _ROOT_PI * (1 - s * (1.5 - s * (3.75 - s * (13.125 - s * 59.0625))))
    return xp.where(far, series, 2 * xp.where(far, 0.0, x) * y - 2 / _ROOT_PI)


erfcx.defvjps(x=lambda xp, g, y, x: g * _erfcx_slope(xp, y, x))
erfcx.domain = ((-2.0, 0.3),)
erfcx.caveat("y", "SciPy's; x² is rounded before the exponential for negative x")
erfcx.caveat("x", "the two terms cancel for large x, up to 50")


@primitive("bessel", elementwise=True, lacks=_BY_SCIPY)
def bessel(xp: XP, x: X, /, family: str = "jv", order: float = 0) -> X:
    """A Bessel function: "jv" and "yv" of the first and second kind, "iv" and "kv" modified, "ive" scaled."""
    return getattr(xp, family)(order, x)


def _bessel_vjp(xp: XP, g: X, y: X, x: X, family: str, order: float) -> X:
    below, above = getattr(xp, family)(order - 1, x), getattr(xp, family)(order + 1, x)
    if family in ("jv", "yv"):
        return g * ((below - above) / 2)
    return g * ((below + above) / {"iv": 2, "kv": -2, "ive": 2}[family] - (xp.sign(x) * y if family == "ive" else 0))


bessel.defvjps(x=_bessel_vjp)
bessel.convention(
    "x", lambda xp, x, family, order: family == "ive" and x == 0, None,
    "the mean of both sides at the kink at 0 of what is divided by exp |x|", {(0.0, "ive", 0): 0.0},
)  # fmt: skip
bessel.convention(
    "x", lambda xp, x, family, order: family in ("kv", "yv") and x == 0, None,
    "±∞ at 0: a pole of the second kind", {(0.0, "yv", 0): INF, (0.0, "kv", 1): -INF},
)  # fmt: skip
for _of in ("y", "x"):
    bessel.caveat(_of, "SciPy's, which cancels near roots and at large arguments")


def jv(v: float, x: X) -> X:
    """The Bessel function of the first kind, of real order `v`.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import jv
    >>> [round(v, 6) for v in value_and_grad(jv, 1)(0, 1.0)]  # the slope is -jv(1, 1.0)
    [0.765198, -0.440051]
    """
    return _of_order("jv", v, x)


def yv(v: float, x: X) -> X:
    """The Bessel function of the second kind, of real order `v`.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import yv
    >>> [round(v, 6) for v in value_and_grad(yv, 1)(0, 1.0)]
    [0.088257, 0.781213]
    """
    return _of_order("yv", v, x)


def iv(v: float, x: X) -> X:
    """The modified Bessel function of the first kind, of real order `v`.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import iv
    >>> [round(v, 6) for v in value_and_grad(iv, 1)(0, 1.0)]
    [1.266066, 0.565159]
    """
    return _of_order("iv", v, x)


def kv(v: float, x: X) -> X:
    """The modified Bessel function of the second kind, of real order `v`.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import kv
    >>> [round(v, 6) for v in value_and_grad(kv, 1)(0, 1.0)]
    [0.421024, -0.601907]
    """
    return _of_order("kv", v, x)


def ive(v: float, x: X) -> X:
    """The modified Bessel function of the first kind, divided by ``exp |x|``.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import ive
    >>> [round(v, 6) for v in value_and_grad(ive, 1)(0, 1.0)]
    [0.46576, -0.257849]
    """
    return _of_order("ive", v, x)


def i0(x: X) -> X:
    """The modified Bessel function of the first kind, of order 0.

    >>> from autograd import value_and_grad
    >>> from autograd.scipy.special import i0
    >>> [round(v, 6) for v in value_and_grad(i0)(1.0)]  # the slope is iv(1, 1.0)
    [1.266066, 0.565159]
    """
    return _of_order("iv", 0, x)


def _of_order(family: str, order: float, x: X) -> X:
    if ndim(order):
        raise TypeError(
            f"{family}: the order is one number; for several write np.stack([{family}(v, x) for v in orders])"
        )
    return bessel(x, family, order)
