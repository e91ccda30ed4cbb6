"""``scipy.special``, accepting nodes: on nodes the functions of the op table, and those that are written in them here.

>>> from autograd import grad
>>> from autograd.scipy.special import gammaln, logsumexp
>>> import autograd.numpy as np
>>> float(grad(gammaln)(4.0))  # ψ(4) = 1 + 1/2 + 1/3 − γ
1.2561176684318003
>>> grad(logsumexp)(np.array([0.0, 1000.0]))
array([0., 1.])
"""

from functools import cache
from math import log, pi
from typing import Any

import scipy.special as _scipy

import autograd.numpy as np
from autograd.engine.modes import current_mode
from autograd.engine.node import Node, functions
from autograd.engine.primitive import primitive
from autograd.numpy.dispatch import accepting_nodes
from autograd.ops import neural
from autograd.ops import special as table
from autograd.scipy._beside import beside
from autograd.surface import publish
from autograd.typing import XP, Axis, Formula, X

SHADOWING = ["round"]
__all__ = sorted({*_scipy.__all__} - {*SHADOWING})

publish(globals())

# What the op table has by another name, and by the same one.
_TABLE = {"expit": "sigmoid", "softplus": "softplus", "jn": "jv", "psi": "digamma", "yn": "yv"} | {
    name: name
    for name in (
        "betaln", "cbrt", "digamma", "erf", "erfc", "erfcinv", "erfcx", "erfinv", "exp2", "expm1", "gamma", "gammaln",
        "i0", "iv", "ive", "jv", "kv", "log1p", "polygamma", "yv",
    )
}  # fmt: skip


def __getattr__(name: str) -> Any:
    return _member(name)


# The functions are no variables of the module, so that their examples, which are SciPy's, are not tested as ours.
@cache
def _member(name: str) -> Any:
    theirs = getattr(_scipy, name)
    if not callable(theirs) or isinstance(theirs, type):
        return theirs
    function: Any = accepting_nodes(theirs, functions()[_TABLE[name]] if name in _TABLE else None)
    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    return function


_on_nodes = beside(_scipy)


def _of_lists(*args: X) -> list[X]:
    """The arrays of lists."""
    return [np.array(a) if isinstance(a, (list, tuple)) else a for a in args]


@_on_nodes
def j0(x: X) -> X:
    """The Bessel function of the first kind, of order 0."""
    return table.jv(0, x)


@_on_nodes
def j1(x: X) -> X:
    """The Bessel function of the first kind, of order 1."""
    return table.jv(1, x)


@_on_nodes
def y0(x: X) -> X:
    """The Bessel function of the second kind, of order 0."""
    return table.yv(0, x)


@_on_nodes
def y1(x: X) -> X:
    """The Bessel function of the second kind, of order 1."""
    return table.yv(1, x)


@_on_nodes
def i1(x: X) -> X:
    """The modified Bessel function of the first kind, of order 1."""
    return table.iv(1, x)


@_on_nodes
def i0e(x: X) -> X:
    """The modified Bessel function of the first kind, of order 0, divided by ``exp |x|``."""
    return table.ive(0, x)


@_on_nodes
def i1e(x: X) -> X:
    """The modified Bessel function of the first kind, of order 1, divided by ``exp |x|``."""
    return table.ive(1, x)


@_on_nodes
def gammasgn(x: X) -> X:
    """The sign of the gamma function."""
    turns = np.floor(np.minimum(x, 0.0))  # the sign changes at each negative integer
    return np.where(np.logical_and(x < 0, x == turns), np.nan, 1 - 2 * np.mod(turns, 2.0))


@_on_nodes
def rgamma(x: X) -> X:
    """1/Γ(x), which is 0 at 0, −1, −2, … and smooth there."""
    # Left of ½, by the reflection Γ(x)·Γ(1 − x) = π/sin πx, of which nothing is a pole; far right, where Γ² would
    # overflow in the derivative, by the logarithm.
    infinite = np.isinf(x)
    x = np.where(infinite, 1.0, x)
    n = np.rint(x)
    left = np.sin(pi * (x - n)) * (1 - 2 * np.mod(n, 2.0)) / pi * table.gamma(np.where(x < 0.5, 1 - x, 1.0))
    right = 1 / table.gamma(np.where(np.logical_or(x < 0.5, x > 15), 1.0, x))
    right = np.where(x > 15, np.exp(-table.gammaln(np.where(x > 15, x, 16.0))), right)
    return np.where(infinite, 0.0, np.where(x < 0.5, left, right))


@_on_nodes
def multigammaln(a: X, d: int) -> X:
    """The logarithm of the multivariate gamma function of dimension `d`."""
    if np.any(a <= (d - 1) / 2):
        raise ValueError(f"multigammaln: of dimension {d}, a is more than {(d - 1) / 2}")
    terms = [table.gammaln(a - j / 2) for j in range(d)]
    return sum(terms, d * (d - 1) / 4 * log(pi))


@_on_nodes
def beta(a: X, b: X) -> X:
    """The beta function Γ(a)·Γ(b)/Γ(a + b)."""
    return gammasgn(a) * gammasgn(b) * gammasgn(a + b) * np.exp(table.betaln(a, b))


@_on_nodes
def xlogy(x: X, y: X) -> X:
    """x·log y, and 0 where `x` is 0 and log y infinite: there it depends on neither, and its derivatives are 0."""
    x, y = _of_lists(x, y)
    infinite = np.logical_or(y <= 0, y == np.inf)
    return x * np.log(np.where(np.logical_and(x == 0, infinite), 1.0, y))


@_on_nodes
def xlog1py(x: X, y: X) -> X:
    """x·log(1 + y), and 0 where `x` is 0 and the logarithm infinite, as :func:`xlogy`."""
    x, y = _of_lists(x, y)
    infinite = np.logical_or(y <= -1, y == np.inf)
    return x * np.log1p(np.where(np.logical_and(x == 0, infinite), 0.0, y))


@_on_nodes
def entr(x: X) -> X:
    """−x·log x; 0 at 0, and −∞ below."""
    return np.where(x < 0, -np.inf, -xlogy(x, np.where(x < 0, 1.0, x)))


@_on_nodes
def rel_entr(x: X, y: X) -> X:
    """x·log(x/y), of which the sum over a distribution is the Kullback–Leibler divergence."""
    x, y = _of_lists(x, y)
    infinite = np.logical_or(np.logical_or(x < 0, y < 0), np.logical_and(x > 0, y == 0))
    chosen = np.logical_or(infinite, np.logical_and(x == 0, y >= 0))
    chosen = np.logical_and(chosen, np.logical_not(np.isnan(x + y)))
    x, y = np.where(chosen, 1.0, x), np.where(chosen, 1.0, y)
    return np.where(chosen, np.where(infinite, np.inf, 0.0), xlogy(x, x / y))


@_on_nodes
def logit(x: X) -> X:
    """log(x/(1 − x)), exact near ½ and near 0."""
    near = np.logical_and(x > 0.25, x < 0.75)
    return np.where(near, 2 * np.arctanh(2 * np.where(near, x, 0.5) - 1), np.log(x) - np.log1p(-x))


@_on_nodes
def log_expit(x: X) -> X:
    """The logarithm of the logistic function, exact for negative `x` too."""
    return -neural.softplus(-x)


@_on_nodes
def ndtr(x: X) -> X:
    """The distribution function of the standard normal distribution."""
    return 0.5 * neural.erfc(x * -(0.5**0.5))


@_on_nodes
def log_ndtr(x: X) -> X:
    """The logarithm of :func:`ndtr`, exact far in the lower tail too."""
    left, right = np.where(x < 0, x, 0.0), np.where(x < 0, 0.0, x)
    tail = np.log(0.5 * table.erfcx(left * -(0.5**0.5))) - 0.5 * left * left
    return np.where(x < 0, tail, np.log1p(-0.5 * neural.erfc(right * 0.5**0.5)))


@_on_nodes
def ndtri(p: X) -> X:
    """The number at which :func:`ndtr` is `p`."""
    return -(2**0.5) * table.erfcinv(2 * p)


@_on_nodes
def softmax(x: X, axis: Axis = None) -> X:
    """eˣ divided by its sum, over all elements or along `axis`."""
    return np.exp(log_softmax(x, axis))


@_on_nodes
def log_softmax(x: X, axis: Axis = None) -> X:
    """The logarithm of :func:`softmax`."""
    return x - neural.logsumexp(x, axis, True)


@_on_nodes
def logsumexp(a: X, axis: Axis = None, b: X = None, keepdims: bool = False, return_sign: bool = False) -> X:
    """The logarithm of the sum of eᵃ, or of b·eᵃ, over all elements or along `axis`, without overflow.

    With `return_sign`, that of the absolute value of the sum, and the sign of the sum.
    """
    if b is None:
        y = neural.logsumexp(a, axis, keepdims)
        return (y, np.ones_like(y)) if return_sign else y
    a, b = np.broadcast_arrays(a, b)
    top = neural.logsumexp(np.where(b == 0, -np.inf, a), axis, True)  # without what has no share, however large
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.sum(b * np.exp(np.where(np.logical_and(b == 0, a - top > 700), 0.0, a - top)), axis=axis, keepdims=True)
    y = np.log(np.abs(total) if return_sign else total) + top
    y, sign = (part if keepdims else np.sum(part, axis=axis) for part in (y, np.sign(total)))
    return (y, sign) if return_sign else y


# Distribution functions. They are no ops of the table, because they have a derivative, which is the density, by their
# last argument only.
_BY_SCIPY = ("javascript", "machine")


@primitive("gammainc", elementwise=True, lacks=_BY_SCIPY)
def lower_gamma(xp: XP, a: X, x: X) -> X:
    """The regularised incomplete gamma function."""
    return xp.gammainc(a, x)


@primitive("gammaincc", elementwise=True, lacks=_BY_SCIPY)
def upper_gamma(xp: XP, a: X, x: X) -> X:
    """The complement of the regularised incomplete gamma function."""
    return xp.gammaincc(a, x)


@primitive("betainc", elementwise=True, lacks=_BY_SCIPY)
def lower_beta(xp: XP, a: X, b: X, x: X) -> X:
    """The regularised incomplete beta function."""
    return xp.betainc(a, b, x)


@primitive("stdtr", elementwise=True, lacks=_BY_SCIPY)
def student_t(xp: XP, df: X, t: X) -> X:
    """Student's distribution function."""
    return xp.stdtr(df, t)


def _less_1_times(xp: XP, log: Formula, a: X, x: X) -> X:
    """(a − 1)·log x, which is 0 for a = 1 also where the logarithm is infinite."""
    return (a - 1) * log(xp.where(a == 1, 0.5, x))


def _gamma_density(xp: XP, a: X, x: X) -> X:
    return xp.exp(_less_1_times(xp, xp.log, a, x) - x - xp.gammaln(a))


def _beta_density(xp: XP, a: X, b: X, x: X) -> X:
    return xp.exp(_less_1_times(xp, xp.log, a, x) + _less_1_times(xp, xp.log1p, b, -x) - xp.betaln(a, b))


def _t_density(xp: XP, df: X, t: X) -> X:
    return xp.exp(-0.5 * xp.log(df) - xp.betaln(0.5, df / 2) - (df + 1) / 2 * xp.log1p(t * t / df))


lower_gamma.defvjps(a=None, x=lambda xp, g, y, a, x: g * _gamma_density(xp, a, x))
upper_gamma.defvjps(a=None, x=lambda xp, g, y, a, x: -g * _gamma_density(xp, a, x))
lower_beta.defvjps(a=None, b=None, x=lambda xp, g, y, a, b, x: g * _beta_density(xp, a, b, x))
student_t.defvjps(df=None, t=lambda xp, g, y, df, t: g * _t_density(xp, df, t))


@_on_nodes
def gammainc(a: X, x: X) -> X:
    """The regularised incomplete gamma function ∫₀ˣ tᵃ⁻¹e⁻ᵗ dt/Γ(a); it has a derivative by `x` only."""
    return lower_gamma(_constant("gammainc", "a", a), x)


@_on_nodes
def gammaincc(a: X, x: X) -> X:
    """1 − gammainc(a, x), exact also where that is small; it has a derivative by `x` only."""
    return upper_gamma(_constant("gammaincc", "a", a), x)


@_on_nodes
def betainc(a: X, b: X, x: X) -> X:
    """The regularised incomplete beta function ∫₀ˣ tᵃ⁻¹(1 − t)ᵇ⁻¹ dt/B(a, b); it has a derivative by `x` only."""
    return lower_beta(_constant("betainc", "a", a), _constant("betainc", "b", b), x)


@_on_nodes
def stdtr(df: X, t: X) -> X:
    """Student's distribution function, of `df` degrees of freedom; it has a derivative by `t` only."""
    return student_t(_constant("stdtr", "df", df), t)


def _constant(name: str, argument: str, a: X) -> X:
    """An argument by which there is no derivative."""
    mode = current_mode()
    if isinstance(a, Node) and a.requires_grad and (mode is None or mode.recording):
        raise TypeError(f"{name} has no derivative by {argument}: pass a plain number or array, as {argument}.detach()")
    return a
