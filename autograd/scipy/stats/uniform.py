"""The uniform distribution between `loc` and `loc` + `scale`: its functions, accepting nodes."""

import autograd.numpy as np
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("uniform")


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "uniform",
    lambda z: 0.0 * z,
    cdf=lambda z: z,
    sf=lambda z: 1 - z,
    logcdf=np.log,
    logsf=lambda z: np.log1p(-z),
    low=0.0,
    high=1.0,
).continuous()
