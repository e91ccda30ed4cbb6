"""The gamma distribution: its functions, accepting nodes; `a` has no gradient of `cdf`."""

from autograd.scipy.special import gammainc, gammaincc, gammaln, xlogy
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("gamma")


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "gamma",
    lambda x, a: xlogy(a - 1, x) - x - gammaln(a),
    cdf=lambda x, a: gammainc(a, x),
    sf=lambda x, a: gammaincc(a, x),
    shapes="a",
    low=0.0,
).continuous()
