"""Poisson's distribution, of mean `mu`: its functions, accepting nodes."""

from autograd.scipy.special import gammainc, gammaincc, gammaln, xlogy
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpmf", "logsf", "pmf", "sf"]

publish(globals())

__getattr__ = others("poisson")


pmf, logpmf, cdf, logcdf, sf, logsf = Distribution(
    "poisson",
    lambda k, mu: xlogy(k, mu) - gammaln(k + 1) - mu,
    cdf=lambda k, mu: gammaincc(k + 1, mu),
    sf=lambda k, mu: gammainc(k + 1, mu),
    shapes="mu",
    low=0.0,
    valid=lambda mu: mu >= 0,
).discrete()
