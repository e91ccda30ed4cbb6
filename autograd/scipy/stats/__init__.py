"""Distributions of ``scipy.stats``, a module each, whose functions accept nodes.

>>> from autograd import grad
>>> from autograd.scipy.stats import norm
>>> round(grad(norm.logcdf)(-1000.0), 6)  # log of 0 for whoever takes the logarithm later
1000.001
>>> grad(norm.logpdf, argnums=(1, 2))(3.0, 1.0, 2.0)
(0.5, 0.0)

Densities have derivatives by all their arguments; outside of the support they are 0, and so are their derivatives.
"""

import scipy.stats as _scipy

from autograd.scipy._beside import absent
from autograd.scipy.stats import (
    bernoulli,
    beta,
    chi2,
    dirichlet,
    expon,
    gamma,
    laplace,
    logistic,
    multivariate_normal,
    norm,
    poisson,
    t,
    uniform,
)
from autograd.surface import publish

__all__ = [
    "bernoulli", "beta", "chi2", "dirichlet", "expon", "gamma", "laplace", "logistic", "multivariate_normal", "norm",
    "poisson", "t", "uniform",
]  # fmt: skip

publish(globals())

__getattr__ = absent(_scipy)
