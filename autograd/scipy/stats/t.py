"""Student's distribution, of `df` degrees of freedom: its functions, accepting nodes; `df` has no gradient of `cdf`."""

from math import log, pi

import autograd.numpy as np
from autograd.scipy.special import betaln, stdtr
from autograd.scipy.stats._univariate import Distribution, either, others
from autograd.surface import publish
from autograd.typing import X

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("t")


def _logdensity(z: X, df: X) -> X:
    """The logarithm of the density, of which large `df` cancel in the terms: there by series in 1/df and z²/df."""
    large = df > 100
    u, v = z * z / df, 1 / either(large, df, 100.0)
    s = v * v
    series = -0.5 * log(2 * pi) - v * (1 / 4 - s * (1 / 24 - s * (1 / 20 - s * 17 / 112)))
    small = either(large, 100.0, df)
    factor = either(large, series, -0.5 * np.log(small) - betaln(0.5, 0.5 * small))
    near = np.logical_and(large, u < 1e-3)
    w = either(near, u, 0.0)
    ratio = 1 - w * (1 / 2 - w * (1 / 3 - w * (1 / 4 - w * (1 / 5 - w / 6))))  # log(1 + w)/w
    power = -0.5 * either(near, z * z * (1 + v) * ratio, either(near, 1.0, df + 1) * np.log1p(either(near, 0.0, u)))
    return factor + power


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "t",
    _logdensity,
    cdf=lambda z, df: stdtr(df, z),
    sf=lambda z, df: stdtr(df, -z),
    shapes="df",
).continuous()
