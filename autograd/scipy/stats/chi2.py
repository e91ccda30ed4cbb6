"""The χ² distribution, of `df` degrees of freedom: its functions, accepting nodes; `df` has no gradient of `cdf`."""

from math import log

from autograd.scipy.special import gammainc, gammaincc, gammaln, xlogy
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("chi2")


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "chi2",
    lambda x, df: xlogy(0.5 * df - 1, x) - 0.5 * x - gammaln(0.5 * df) - 0.5 * log(2) * df,
    cdf=lambda x, df: gammainc(0.5 * df, 0.5 * x),
    sf=lambda x, df: gammaincc(0.5 * df, 0.5 * x),
    shapes="df",
    low=0.0,
).continuous()
