"""Student's distribution, of `df` degrees of freedom: its functions, accepting nodes; `df` has no gradient of `cdf`."""

import autograd.numpy as np
from autograd.scipy.special import betaln, stdtr
from autograd.scipy.stats._univariate import Distribution, others
from autograd.surface import publish

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("t")


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "t",
    lambda z, df: -0.5 * np.log(df) - betaln(0.5, 0.5 * df) - 0.5 * (df + 1) * np.log1p(z * z / df),
    cdf=lambda z, df: stdtr(df, z),
    sf=lambda z, df: stdtr(df, -z),
    shapes="df",
).continuous()
