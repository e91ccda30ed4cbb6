"""The χ² distribution, of `df` degrees of freedom: its functions, accepting nodes; `df` has no gradient of `cdf`."""

from math import log

import autograd.numpy as np
from autograd.scipy.special import gammainc, gammaincc, gammaln, xlogy
from autograd.scipy.stats._univariate import Distribution, by_powers, others, power
from autograd.surface import publish
from autograd.typing import X

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("chi2")


def _logdensity(x: X, df: X) -> X:
    return xlogy(0.5 * df - 1, x) - 0.5 * x - gammaln(0.5 * df) - 0.5 * log(2) * df


def _powers(x: X, df: X) -> X:
    return power(x, 0.5 * df - 1) * np.exp(-0.5 * x - gammaln(0.5 * df) - 0.5 * log(2) * df)


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "chi2",
    _logdensity,
    cdf=lambda x, df: gammainc(0.5 * df, 0.5 * x),
    sf=lambda x, df: gammaincc(0.5 * df, 0.5 * x),
    density=by_powers(_logdensity, _powers),
    shapes="df",
    low=0.0,
).continuous()
