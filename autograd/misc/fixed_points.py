"""Fixed points of functions, which are differentiated by the implicit function theorem, without their iteration."""

from __future__ import annotations

from autograd.differential_operators import make_vjp
from autograd.extend import defvjp, primitive
from autograd.opaque import NoDerivativeError
from autograd.surface import publish
from autograd.typing import Function, X
from autograd.vspace import vspace

__all__ = ["fixed_point"]

publish(globals())


@primitive
def fixed_point(f: Function, a: X, x0: X, distance: Function, tol: float) -> X:
    """The fixed point of ``f(a)``, a function of one state: it is called from `x0` on, again and again.

    Parameters
    ----------
    f : callable
        Makes of the parameters a function from a state to the next, both written with `autograd.numpy`.
    a : number, array or container
        The parameters, by which the fixed point can be differentiated, any number of times.
    x0 : number, array or container
        The state to begin with, which has no influence on the fixed point.
    distance : callable
        How far two states lie apart; the iteration ends when this is not above `tol`.
    tol : float
        The distance of the last two states.

    Examples
    --------
    >>> from autograd import grad
    >>> from autograd.misc.fixed_points import fixed_point
    >>> def newton(a):
    ...     return lambda x: 0.5 * (x + a / x)
    >>> def root(a):
    ...     return fixed_point(newton, a, 1.0, lambda x, y: abs(x - y), 1e-12)
    >>> root(4.0), grad(root)(4.0), grad(grad(root))(4.0)
    (2.0, 0.25, -0.03125)
    """
    step = f(a)
    before, x = x0, step(x0)
    while distance(x, before) > tol:
        before, x = x, step(x)
    return x


def _implicit(x: X, f: Function, a: X, x0: X, distance: Function, tol: float) -> Function:
    """The pull to the parameters: of ``u = g + uᵀ∂f/∂x``, whose solution is a fixed point too, ``uᵀ∂f/∂a``."""
    space = vspace(x0)
    pull, _ = make_vjp(lambda a: f(a)(x))(a)

    def series(parameters: X) -> Function:
        a, x, g = parameters
        once, _ = make_vjp(f(a))(x)
        return lambda u: space.add(once(u), g)

    return lambda g: pull(fixed_point(series, (a, x, g), space.zeros(), distance, tol))


def _by_start(*_: X) -> Function:
    raise NoDerivativeError(
        "fixed_point: x0 has no derivative, for where the iteration begins does not matter; begin with plain numbers, "
        "x0.data"
    )


defvjp(fixed_point, _implicit, _by_start, argnums=[1, 2])
