"""HIPS autograd's stochastic optimizers: of flat or nested parameters, and themselves differentiable."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from autograd.engine.node import registry
from autograd.misc.flatten import flatten
from autograd.surface import publish
from autograd.typing import Function, Tree, X

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]

publish(globals())

Gradient = Callable[[Tree, int], Tree]
Callback = Callable[[Tree, int, Tree], object]


def unflatten_optimizer(optimize: Function) -> Function:
    """Make an optimizer of containers, ``(grad, x0, callback=None, ...)``, of one of vectors.

    Examples
    --------
    >>> @unflatten_optimizer
    ... def descend(grad, x, callback=None, num_iters=50):
    ...     for i in range(num_iters):
    ...         x = x - 0.5 * grad(x, i)
    ...     return x
    >>> descend(lambda p, i: {"x": p["x"] - 3.0}, {"x": 1.0})["x"].round(3)
    np.float64(3.0)
    """

    @wraps(optimize)
    def optimizer(grad: Gradient, x0: Tree, callback: Callback | None = None, *args: X, **kwargs: X) -> Tree:
        x, unflatten = flatten(x0)

        def tell(x: X, i: int, g: X) -> None:
            if callback:
                callback(unflatten(x), i, unflatten(g))

        return unflatten(optimize(lambda x, i: flatten(grad(unflatten(x), i))[0], x, tell, *args, **kwargs))

    return optimizer


def sgd(
    grad: Gradient,
    x0: Tree,
    callback: Callback | None = None,
    num_iters: int = 200,
    step_size: X = 0.1,
    mass: X = 0.9,
) -> Tree:
    """Take steps of gradient descent with momentum: v ← m·v − (1−m)·g, x ← x + η·v.

    Parameters
    ----------
    grad : callable
        Takes the parameters and the number of the step; returns the gradient, built as the parameters are.
    x0 : number, array or container
        The parameters to begin with; they stay as they are.
    callback : callable, optional
        Is called with the parameters, the number of the step and the gradient, before each step.
    num_iters : int
        The number of steps.
    step_size, mass : number or node
        η and m; a gradient by them flows through the steps.

    Returns
    -------
    number, array or container
        The parameters after the last step.

    Examples
    --------
    >>> from autograd import grad
    >>> loss = lambda p, i: (p["x"] - 3.0) ** 2
    >>> sgd(grad(loss), {"x": 0.0})["x"].round(3)
    np.float64(3.0)
    """

    def step(x: X, g: X, i: int, state: X) -> tuple[X, X]:
        velocity = mass * state - (1.0 - mass) * g
        return x + step_size * velocity, velocity

    return _run(grad, x0, callback, step, num_iters, 0.0)


def rmsprop(
    grad: Gradient,
    x0: Tree,
    callback: Callback | None = None,
    num_iters: int = 100,
    step_size: X = 0.1,
    gamma: X = 0.9,
    eps: float = 1e-8,
) -> Tree:
    """Take steps of RMSProp: s ← γ·s + (1−γ)·g², x ← x − η·g / (√s + ε), with s = 1 at first.

    Parameters and result are those of :func:`sgd`.

    Examples
    --------
    >>> rmsprop(lambda x, i: 2 * x, 1.0, num_iters=50).round(3)
    np.float64(0.0)
    """

    def step(x: X, g: X, i: int, state: X) -> tuple[X, X]:
        squares = state * gamma + g**2 * (1 - gamma)
        return x - step_size * g / (registry.sqrt(squares) + eps), squares

    return _run(grad, x0, callback, step, num_iters, 1.0)


def adam(
    grad: Gradient,
    x0: Tree,
    callback: Callback | None = None,
    num_iters: int = 100,
    step_size: X = 0.001,
    b1: X = 0.9,
    b2: X = 0.999,
    eps: float = 1e-8,
) -> Tree:
    """Take steps of Adam: the mean of g over the root of the mean of g², both corrected for their start at 0.

    Parameters and result are those of :func:`sgd`.

    Examples
    --------
    >>> adam(lambda x, i: 2 * x, 1.0, num_iters=300, step_size=0.1).round(3)
    np.float64(0.0)
    """

    def step(x: X, g: X, i: int, state: X) -> tuple[X, X]:
        mean, squares = state
        mean, squares = (1 - b1) * g + b1 * mean, (1 - b2) * g**2 + b2 * squares
        unbiased = mean / (1 - b1 ** (i + 1))
        return x - step_size * unbiased / (registry.sqrt(squares / (1 - b2 ** (i + 1))) + eps), (mean, squares)

    return _run(grad, x0, callback, step, num_iters, (0.0, 0.0))


@unflatten_optimizer
def _run(
    grad: Gradient,
    x: X,
    callback: Callback,
    step: Callable[[X, X, int, X], tuple[X, X]],
    num_iters: int,
    state: X,
) -> X:
    """Run the steps of a rule on the parameters as one vector."""
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        x, state = step(x, g, i, state)
    return x
