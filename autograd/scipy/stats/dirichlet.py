"""Dirichlet's distribution, of the shares of a whole: its functions, accepting nodes."""

from scipy.stats import dirichlet as _scipys

import autograd.numpy as np
from autograd.scipy._beside import beside
from autograd.scipy.special import gammaln, xlogy
from autograd.scipy.stats._univariate import others
from autograd.surface import publish
from autograd.typing import X

__all__ = ["logpdf", "pdf"]

publish(globals())

__getattr__ = others("dirichlet")
_on_nodes = beside(_scipys)


@_on_nodes
def logpdf(x: X, alpha: X) -> X:
    """The logarithm of the density at `x`, whose first axis is that of the shares; the last share may be left out."""
    x, alpha = (np.array(a) if isinstance(a, (list, tuple)) else a for a in (x, alpha))
    if len(x) == len(alpha) - 1:
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
    if np.any(alpha <= 0):
        raise ValueError("dirichlet: each of alpha is more than 0")
    if np.any(x < 0) or np.any(np.abs(np.sum(x, axis=0) - 1) > 1e-4):  # float32 and differences are near it
        raise ValueError("dirichlet: the shares x are 0 or more, and their sum is 1")
    powers = np.reshape(alpha - 1, (-1,) + (1,) * (np.ndim(x) - 1))
    return np.sum(xlogy(powers, x), axis=0) + gammaln(np.sum(alpha)) - np.sum(gammaln(alpha))


@_on_nodes
def pdf(x: X, alpha: X) -> X:
    """The density at `x`, whose first axis is that of the shares; the last share may be left out."""
    return np.exp(logpdf(x, alpha))
