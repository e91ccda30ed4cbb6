"""The beta distribution: its functions, accepting nodes; `a`, `b` have no gradient of `cdf`."""

import autograd.numpy as np
from autograd.scipy.special import betainc, betaln, xlog1py, xlogy
from autograd.scipy.stats._univariate import Distribution, by_powers, others, power
from autograd.surface import publish
from autograd.typing import X

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

publish(globals())

__getattr__ = others("beta")


def _logdensity(x: X, a: X, b: X) -> X:
    return xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b)


def _powers(x: X, a: X, b: X) -> X:
    return power(x, a - 1) * power(1 - x, b - 1) * np.exp(np.minimum(-betaln(a, b), 700.0))


pdf, logpdf, cdf, logcdf, sf, logsf = Distribution(
    "beta",
    _logdensity,
    cdf=lambda x, a, b: betainc(a, b, x),
    sf=lambda x, a, b: betainc(b, a, 1 - x),
    density=by_powers(_logdensity, _powers),
    shapes="a b",
    low=0.0,
    high=1.0,
).continuous()
