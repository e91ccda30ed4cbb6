"""The logistic distribution: its functions, accepting nodes."""

from autograd.scipy.special import expit, log_expit
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("logistic")


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "logistic",
    lambda z: log_expit(z) + log_expit(-z),
    cdf=expit,
    sf=lambda z: expit(-z),
    logcdf=log_expit,
    logsf=lambda z: log_expit(-z),
).continuous()
