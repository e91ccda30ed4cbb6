"""The second derivatives of the elementwise ops, written by hand: counted, and compared with what the engine records.

Each is the first derivative that the op table states, as g/(2√x) for √x, differentiated by the rules of a textbook,
with what occurs twice calculated once. ``ab`` is the derivative by `b` of that by `a`; constant ones are left out.
"""

from math import log as ln
from math import pi

import autograd.numpy as np
from autograd import sigmoid
from autograd.ops.sampling import sinc
from autograd.scipy.special import digamma, erfcinv, erfinv, gamma, jv, polygamma

__all__ = ["BY_HAND", "TOO_LONG"]

LN2, LN10, ROOT_PI = ln(2.0), ln(10.0), pi**0.5


def div_by_b_twice(a, b):
    y = a / b
    return (1 / b * y) / b + y / b / b


def pow_by_a_twice(a, b):
    c = b - 1
    return b * (c * a ** (c - 1))


def pow_by_a_and_b(a, b):
    p = a ** (b - 1)
    return p + b * (p * np.log(a))


def pow_by_b_and_a(a, b):
    return a**b / a + np.log(a) * (b * a ** (b - 1))


def pow_by_b_twice(a, b):
    c = np.log(a)
    return a**b * c * c


def sqrt_twice(x):
    d = 2 * np.sqrt(x)
    return -1 / d / d * 2 / d


def cbrt_twice(x):
    y = np.cbrt(x)
    d = 3 * (y * y)
    return 2 * (-1 / d / d * 3 * y) / d


def sigmoid_slope(z):
    s = sigmoid(z)
    return s * (1 - s)


def tan_twice(x):
    y = np.tan(x)
    return 2 * y * (1 + y * y)


def tanh_twice(x):
    y = np.tanh(x)
    return -2 * y * (1 - y * y)


def arctan_twice(x):
    d = 1 + x * x
    return 2 * (-1 / d / d * x)


def arctan2_by_a_twice(a, b):
    h = np.hypot(a, b)
    t, u = b / h, a / h
    return -1 / h * t / h * u - t / h / h * u


def arctan2_by_a_and_b(a, b):
    h = np.hypot(a, b)
    t = b / h
    return 1 / h / h - t / h / h * t + -1 / h * t / h * t


def arctan2_by_b_and_a(a, b):
    h = np.hypot(a, b)
    t = a / h
    return t / h / h * t + 1 / h * t / h * t + -1 / h / h


def arctan2_by_b_twice(a, b):
    h = np.hypot(a, b)
    t, u = a / h, b / h
    return 1 / h * t / h * u + t / h / h * u


def hypot_twice(a, b):
    h = np.hypot(a, b)
    t = a / h
    return 1 / h - t / h * t


def hypot_mixed(a, b):
    h = np.hypot(a, b)
    return -(a / h / h * (b / h))


def arcsin_twice(x, sign=-1):
    p, q = 1 - x, 1 + x
    root = np.sqrt(p * q)
    c = sign / root / root / (2 * root)
    return c * p - c * q


def arcsinh_twice(x):
    h = np.hypot(1.0, x)
    return -1 / h / h * (x / h)


def arccosh_twice(x):
    p, q = np.sqrt(x - 1), np.sqrt(x + 1)
    d = p * q
    c = -1 / d / d
    return c * q / (2 * p) + c * p / (2 * q)


def arctanh_twice(x):
    p, q = 1 - x, 1 + x
    d = p * q
    c = -1 / d / d
    return c * p - c * q


def sigmoid_twice(x):
    s = sigmoid(x)
    return s * (1 - s) * (1 - 2 * s)


def elu_twice(x):
    e = np.exp(np.minimum(x, 0.0))
    return np.where(x > 0, 0.0, np.where(x == 0, e / 2, e))


def erf_twice(x, sign=-1):
    return 2 * (sign * 1.1283791670955126 * np.exp(-(x * x)) * x)


def erfinv_twice(x):
    y = erfinv(x)
    e = ROOT_PI / 2 * np.exp(y * y)
    return 2 * (e * y) * e


def erfcinv_twice(x):
    y = erfcinv(x)
    e = np.exp(y * y)
    return -2 * (-ROOT_PI / 2 * e * y) * (ROOT_PI / 2 * e)


def gamma_twice(x):
    y, d = gamma(x), digamma(x)
    return d * (y * d) + y * polygamma(1, x)


def bessel_twice(x):
    below, y, above = jv(-2, x), jv(0, x), jv(2, x)
    return 0.5 * ((below - y) / 2) - 0.5 * ((y - above) / 2)


def cross_entropy_twice(p, t):
    """The quotient rule on (p − t)/max(p·(1 − p), ε), with half of the slope where both are equal."""
    q = 1 - p
    d = p * q
    m = np.maximum(d, 1e-12)
    c = (p - t) / m / m
    slope = np.where(d < 1e-12, 0.0, np.where(d == 1e-12, c / -2, -c))
    return slope * q + 1 / m - slope * p


def logits_twice(x, t, w):
    return (1 - t) * sigmoid_slope(x) + t * w * sigmoid_slope(-x)


def logits_by_t(x, t, w):
    return -(w * sigmoid(-x)) - sigmoid(x)


BY_HAND = {
    "div": {"ab": lambda a, b: -1 / b / b, "ba": lambda a, b: -1 / b / b, "bb": div_by_b_twice},
    "pow": {"aa": pow_by_a_twice, "ab": pow_by_a_and_b, "ba": pow_by_b_and_a, "bb": pow_by_b_twice},
    "pow_number": {"xx": lambda x: 6 * x},
    "sqrt": {"xx": sqrt_twice},
    "cbrt": {"xx": cbrt_twice},
    "exp": {"xx": lambda x: np.exp(x)},
    "expm1": {"xx": lambda x: np.exp(x)},
    "exp2": {"xx": lambda x: 2 * LN2 * (2 * LN2 * np.exp2(x - 1 - 1))},
    "log": {"xx": lambda x: -1 / x / x},
    "log1p": {"xx": lambda x: -1 / (d := 1 + x) / d},
    "log2": {"xx": lambda x: -1 / (d := LN2 * x) / d * LN2},
    "log10": {"xx": lambda x: -1 / (d := LN10 * x) / d * LN10},
    "logaddexp": {
        "aa": lambda a, b: sigmoid_slope(a - b), "ab": lambda a, b: -sigmoid_slope(a - b),
        "ba": lambda a, b: -sigmoid_slope(b - a), "bb": lambda a, b: sigmoid_slope(b - a),
    },
    "logaddexp2": {
        "aa": lambda a, b: sigmoid_slope(LN2 * (a - b)) * LN2, "ab": lambda a, b: sigmoid_slope(LN2 * (a - b)) * -LN2,
        "ba": lambda a, b: sigmoid_slope(LN2 * (b - a)) * -LN2, "bb": lambda a, b: sigmoid_slope(LN2 * (b - a)) * LN2,
    },
    "sin": {"xx": lambda x: -np.sin(x)},
    "cos": {"xx": lambda x: -np.cos(x)},
    "tan": {"xx": tan_twice},
    "arctan": {"xx": arctan_twice},
    "arctan2": {
        "aa": arctan2_by_a_twice, "ab": arctan2_by_a_and_b, "ba": arctan2_by_b_and_a, "bb": arctan2_by_b_twice,
    },
    "hypot": {
        "aa": hypot_twice, "ab": hypot_mixed,
        "ba": lambda a, b: hypot_mixed(b, a), "bb": lambda a, b: hypot_twice(b, a),
    },
    "sinh": {"xx": lambda x: np.sinh(x)},
    "cosh": {"xx": lambda x: np.cosh(x)},
    "tanh": {"xx": tanh_twice},
    "arcsin": {"xx": arcsin_twice},
    "arccos": {"xx": lambda x: arcsin_twice(x, 1)},
    "arcsinh": {"xx": arcsinh_twice},
    "arccosh": {"xx": arccosh_twice},
    "arctanh": {"xx": arctanh_twice},
    "sigmoid": {"xx": sigmoid_twice},
    "softplus": {"xx": sigmoid_slope},
    "elu": {"xx": elu_twice},
    "erf": {"xx": erf_twice},
    "erfc": {"xx": lambda x: erf_twice(x, 1)},
    "binary_cross_entropy": {"aa": cross_entropy_twice, "ab": lambda p, t: -1 / np.maximum(p * (1 - p), 1e-12)},
    "binary_cross_entropy_with_logits": {
        "aa": logits_twice, "ab": logits_by_t, "ba": logits_by_t,
        "ac": lambda x, t, w: -(t * sigmoid(-x)), "ca": lambda x, t, w: -(t * sigmoid(-x)),
        "bc": lambda x, t, w: np.logaddexp(-x, 0.0), "cb": lambda x, t, w: np.logaddexp(-x, 0.0),
    },
    "gammaln": {"xx": lambda x: polygamma(1, x)},
    "gamma": {"xx": gamma_twice},
    "polygamma_of_order": {"xx": lambda x: polygamma(2, x)},
    "betaln": {
        "aa": lambda a, b: polygamma(1, a) - polygamma(1, a + b), "ab": lambda a, b: -polygamma(1, a + b),
        "ba": lambda a, b: -polygamma(1, a + b), "bb": lambda a, b: polygamma(1, b) - polygamma(1, a + b),
    },
    "erfinv": {"xx": erfinv_twice},
    "erfcinv": {"xx": erfcinv_twice},
    "bessel": {"xx": bessel_twice},
    "sinc": {"xx": lambda x: sinc(x, 2)},
}  # fmt: skip
# Of these the formula is a page: of the first the logarithms are bounded, of the other a series serves far right.
TOO_LONG = {("binary_cross_entropy", "ba"), ("erfcx", "xx")}
