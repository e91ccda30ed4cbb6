"""Bernoulli's distribution, of which 1 has the probability `p`: its functions, accepting nodes."""

import autograd.numpy as np
from autograd.scipy.special import xlog1py, xlogy
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpmf", "logsf", "pmf", "sf"]

publish(globals())

__getattr__ = others("bernoulli")


pmf, logpmf, cdf, logcdf, sf, logsf = Distribution(
    "bernoulli",
    lambda k, p: xlogy(k, p) + xlog1py(1 - k, -p),
    cdf=lambda k, p: 1 - p * np.where(k < 1, 1.0, 0.0),
    sf=lambda k, p: p * np.where(k < 1, 1.0, 0.0),
    shapes="p",
    low=0.0,
    high=1.0,
    valid=lambda p: np.logical_and(p >= 0, p <= 1),
).discrete()
