"""The exponential distribution: its functions, accepting nodes."""

import autograd.numpy as np
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish
from autograd.typing import X

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("expon")


def _logcdf(z: X) -> X:
    """log(1 − e⁻ᶻ), exact for small and for large z."""
    near = z < 0.7
    return np.where(near, np.log(-np.expm1(-np.where(near, z, 1.0))), np.log1p(-np.exp(-np.where(near, 1.0, z))))


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "expon",
    lambda z: -z,
    cdf=lambda z: -np.expm1(-z),
    sf=lambda z: np.exp(-z),
    logcdf=_logcdf,
    logsf=lambda z: -z,
    low=0.0,
).continuous()
