"""The normal distribution: its functions, accepting nodes, accurate far in the tails."""

from math import log, pi

from autograd.scipy.special import log_ndtr, ndtr
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("norm")


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "norm",
    lambda z: -0.5 * z * z - 0.5 * log(2 * pi),
    cdf=ndtr,
    sf=lambda z: ndtr(-z),
    logcdf=log_ndtr,
    logsf=lambda z: log_ndtr(-z),
).continuous()
