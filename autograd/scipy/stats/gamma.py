"""The gamma distribution: its functions, accepting nodes; `a` has no gradient of `cdf`."""

import autograd.numpy as np
from autograd.scipy.special import gammainc, gammaincc, gammaln, xlogy
from autograd.scipy.stats._univariate import Distribution, by_powers, others, power
from autograd.surface import publish
from autograd.typing import X

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("gamma")


def _logdensity(x: X, a: X) -> X:
    return xlogy(a - 1, x) - x - gammaln(a)


def _powers(x: X, a: X) -> X:
    return power(x, a - 1) * np.exp(-x - gammaln(a))


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "gamma",
    _logdensity,
    cdf=lambda x, a: gammainc(a, x),
    sf=lambda x, a: gammaincc(a, x),
    density=by_powers(_logdensity, _powers),
    shapes="a",
    low=0.0,
).continuous()
