"""The normal distribution of several variables: its functions, accepting nodes."""

from math import log, pi

import numpy
from scipy.stats import multivariate_normal as _scipys

import autograd.numpy as np
from autograd.engine.node import Node
from autograd.scipy._beside import beside
from autograd.scipy.stats._univariate import others
from autograd.surface import publish
from autograd.typing import X

__all__ = ["entropy", "logpdf", "pdf"]

publish(globals())

__getattr__ = others("multivariate_normal")
_on_nodes = beside(_scipys)


@_on_nodes
def logpdf(x: X, mean: X = None, cov: X = 1, allow_singular: bool = False) -> X:
    """The logarithm of the density at `x`, whose last axis is that of the variables."""
    x, mean, cov = (a if isinstance(a, Node) or a is None else np.array(a) for a in (x, mean, cov))
    count = _count(mean, cov)
    deviations = x - (0.0 if mean is None else mean)
    if count == 1:  # numbers are points then
        deviations = np.reshape(deviations, (*np.shape(deviations), 1)) if np.ndim(x) < 2 else deviations
    if isinstance(cov, Node):
        rank, inside = count, True
        try:
            logdet, scores = _of_covariance(cov, count, deviations)
        except numpy.linalg.LinAlgError:
            if not allow_singular:
                raise
            raise numpy.linalg.LinAlgError(
                "multivariate_normal: there is no derivative by a singular covariance: pass cov.detach()"
            ) from None
    else:
        rank, logdet, root, null, tolerance = _decomposed(cov, count, allow_singular)
        inside = numpy.shape(null)[1] == 0 or np.sqrt(np.sum((deviations @ null) ** 2, axis=-1)) < tolerance
        scores = deviations @ root
    y = -0.5 * (rank * log(2 * pi) + logdet + np.sum(scores * scores, axis=-1))
    return np.squeeze(y if inside is True else np.where(inside, y, -np.inf))


@_on_nodes
def pdf(x: X, mean: X = None, cov: X = 1, allow_singular: bool = False) -> X:
    """The density at `x`, whose last axis is that of the variables."""
    return np.exp(logpdf(x, mean, cov, allow_singular))


@_on_nodes
def entropy(mean: X = None, cov: X = 1) -> X:
    """The differential entropy."""
    cov = cov if isinstance(cov, Node) else np.array(cov)
    count = _count(mean, cov)
    logdet = _of_covariance(cov, count)[0] if isinstance(cov, Node) else _decomposed(cov, count, True)[1]
    return 0.5 * (count * (1 + log(2 * pi)) + logdet)


def _count(mean: X, cov: X) -> int:
    """The number of variables."""
    return max(1 if a is None else np.size(a, -1) if np.ndim(a) else 1 for a in (mean, cov))


def _of_covariance(cov: X, count: int, deviations: X = None) -> tuple[X, X]:
    """The logarithm of the determinant of a number, of variances or of a matrix; deviations in units of its root."""
    if np.ndim(cov) < 2:
        variances = cov * np.ones(count)
        return np.sum(np.log(variances)), None if deviations is None else deviations / np.sqrt(variances)
    root = np.linalg.cholesky(0.5 * (cov + np.transpose(cov)))  # so that the gradient is symmetric too
    scores = None if deviations is None else np.linalg.solve(root, deviations[..., None])[..., 0]
    return 2 * np.sum(np.log(np.diagonal(root))), scores


def _decomposed(cov: X, count: int, allow_singular: bool) -> X:
    """Of a plain covariance: its rank, log pseudo-determinant, root of its pseudo-inverse, null space; a tolerance."""
    matrix = cov if cov.ndim == 2 else numpy.diag(cov * numpy.ones(count))
    s, u = numpy.linalg.eigh(matrix)
    tolerance = 1e6 * numpy.finfo(s.dtype).eps * numpy.max(numpy.abs(s))
    kept = s > tolerance
    if s.min() < -tolerance or not (kept.all() or allow_singular):
        raise numpy.linalg.LinAlgError(
            "multivariate_normal: the covariance is " + ("singular; pass allow_singular=True" if s.min() >= -tolerance
            else "not positive semidefinite")
        )  # fmt: skip
    return kept.sum(), numpy.log(s[kept]).sum(), u[:, kept] / numpy.sqrt(s[kept]), u[:, ~kept], 1e3 * tolerance
