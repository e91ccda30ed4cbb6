"""The beta distribution: its functions, accepting nodes; `a`, `b` have no gradient of `cdf`."""

from autograd.scipy.special import betainc, betaln, xlog1py, xlogy
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("beta")


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "beta",
    lambda x, a, b: xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b),
    cdf=lambda x, a, b: betainc(a, b, x),
    sf=lambda x, a, b: betainc(b, a, 1 - x),
    shapes="a b",
    low=0.0,
    high=1.0,
).continuous()
