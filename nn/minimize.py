"""``scipy_minimize``: SciPy's optimisers on a loss of nodes, with its exact gradient and Hessian."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

import autograd
from autograd import Tensor, Value, gradients
from nn._types import Array, Node
from nn.optional import require

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

__all__ = ["scipy_minimize"]

# These methods use Hessian-vector products.
_SECOND_ORDER = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}


def scipy_minimize(
    f: Callable[[], Node], params: Iterable[Node], method: str = "L-BFGS-B", **options: object
) -> OptimizeResult:
    """Minimise a loss over parameters with ``scipy.optimize.minimize``, and leave them at the minimum.

    Parameters
    ----------
    f : callable
        A function without arguments that gives the loss, a scalar node of the parameters:
        ``lambda: loss(model(X), y)``.
    params : iterable of Tensor or Value
        The leaves to vary, such as ``model.parameters()``.
    method : str
        SciPy's name of the method; those that use second derivatives get exact Hessian-vector products.
    **options : object
        Further arguments of SciPy's: ``tol``, ``bounds``, ``callback``, ``options``, ...

    Returns
    -------
    OptimizeResult
        SciPy's result, whose ``x`` holds all parameters, flat, one after the other.

    Raises
    ------
    ValueError, TypeError
        If there are no parameters, or `f` gives no scalar node of them.

    Examples
    --------
    >>> import nn
    >>> x = nn.Parameter([-1.2, 1.0])
    >>> def rosenbrock():
    ...     return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> result = nn.scipy_minimize(rosenbrock, [x], method="trust-ncg", tol=1e-9)
    >>> result.success, x.data.round(6)
    (True, array([1., 1.]))
    """
    minimize = require("scipy.optimize").minimize
    leaves = list(params)
    if not leaves or not all(isinstance(p, (Tensor, Value)) and p.op is None and p.requires_grad for p in leaves):
        raise ValueError("scipy_minimize: params must be leaves that require a gradient, at least one")
    sizes = np.cumsum([np.size(p.data) for p in leaves])[:-1]

    def set_parameters(x: Array) -> None:
        for p, part in zip(leaves, np.split(x, sizes), strict=True):
            p.data = part.reshape(p.shape)

    def flat(parts: Iterable[Array | float]) -> Array:
        return np.concatenate([np.ravel(part) for part in parts]).astype(float)

    def loss() -> Node:
        y = f()
        if not isinstance(y, (Tensor, Value)) or y.shape != ():
            raise TypeError("scipy_minimize: f must give a scalar node, made of the parameters")
        return y

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        set_parameters(x)
        y = loss()
        return y.item(), flat(gradients(y, leaves))

    def hessian_times(x: Array, v: Array) -> Array:
        set_parameters(x)
        loss_gradients = gradients(loss(), leaves, create_graph=True)
        parts = [part.reshape(p.shape) for p, part in zip(leaves, np.split(v, sizes), strict=True)]
        slope: Node | float = 0.0  # the loss's, along v
        for g, part in zip(loss_gradients, parts, strict=True):
            slope = slope + autograd.sum(g * (part if part.ndim else float(part)))
        if not (isinstance(slope, (Tensor, Value)) and slope.requires_grad):
            return np.zeros(len(x))  # The loss has no curvature.
        return flat(gradients(slope, leaves))

    start = flat(p.data for p in leaves)
    if method.lower() in _SECOND_ORDER:
        options = {"hessp": hessian_times, **options}
    result: OptimizeResult = minimize(value_and_gradient, start, method=method, jac=True, **options)
    set_parameters(result.x)
    return result
