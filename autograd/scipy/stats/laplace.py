"""Laplace's distribution: its functions, accepting nodes."""

from math import log

import autograd.numpy as np
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish
from autograd.typing import X

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("laplace")


def _tail(z: X) -> X:
    return 0.5 * np.exp(-np.abs(z))


def _cdf(z: X) -> X:
    return np.where(z < 0, _tail(z), 1 - _tail(z))


def _logcdf(z: X) -> X:
    return np.where(z < 0, z - log(2), np.log1p(-_tail(z)))


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "laplace",
    lambda z: -np.abs(z) - log(2),
    cdf=_cdf,
    sf=lambda z: _cdf(-z),
    logcdf=_logcdf,
    logsf=lambda z: _logcdf(-z),
).continuous()
