"""SciPy's ``odeint``, which can be differentiated by the initial state, the times, and the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps

import scipy.integrate

import autograd.numpy as np
from autograd.differential_operators import make_vjp
from autograd.engine.node import Node
from autograd.extend import defvjp_argnums, primitive
from autograd.misc.flatten import flatten
from autograd.opaque import OpaquePrimitive
from autograd.scipy._beside import absent
from autograd.surface import publish
from autograd.tracebacks import entrance
from autograd.transforms.containers import leaves
from autograd.typing import Function, X

__all__ = ["odeint"]

publish(globals())

__getattr__ = absent(scipy.integrate)

# The options that hold for the adjoint system too.
_OF_ANY_SYSTEM = ("hmax", "hmin", "mxstep", "mxordn", "mxords")


@entrance
def odeint(func: Function, y0: X, t: X, args: X = (), *, tfirst: bool = False, **options: X) -> X:
    """The states at times `t` of the system ``dy/dt = func(y, t, *args)`` that starts in `y0`; see SciPy's.

    A backward pass integrates the adjoint system from each time to the one before.

    Parameters
    ----------
    func : callable
        The derivative of the state, written with `autograd.numpy`.
    y0 : array_like
        The state at the first time, one axis.
    t : array_like
        The times, in order.
    args : tuple
        More arguments of `func`: numbers, arrays, and containers of them.
    tfirst : bool
        Whether `func` takes the time first.
    **options
        SciPy's, as ``rtol``; the tolerances hold for the adjoint system too.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> from autograd.scipy.integrate import odeint
    >>> def last(rate):
    ...     return odeint(lambda y, t, rate: -rate * y, np.array([1.0]), np.array([0.0, 2.0]), (rate,))[-1, 0]
    >>> print(f"{grad(last)(0.5):.5f}")  # -2·exp(-1)
    -0.73576
    """
    field = (lambda y, t, *args: func(t, y, *args)) if tfirst else func
    return _odeint(field, y0, t, args if isinstance(args, tuple) else (args,), **options)


@wraps(scipy.integrate.odeint)
def _solution(func: Function, *args: X, **options: X) -> X:
    def field(*args: X) -> X:
        dy = func(*args)
        if any(isinstance(x, Node) and x.requires_grad for x in leaves(dy)):
            raise TypeError(
                "odeint: the function depends on a node that is not among its arguments, and that would get no "
                "gradient; pass it in args, odeint(func, y0, t, (node,))"
            )
        return dy

    return scipy.integrate.odeint(field, *args, **options)


_odeint: OpaquePrimitive = primitive(_solution)


def _adjoint(argnums: Sequence[int], y: X, args: tuple[X, ...], options: dict[str, X]) -> Function:
    """The pull from states: of the gradients of states `y` those of the initial state, the times, the arguments."""
    func, _, t, parameters = args
    flat, unflatten = flatten(parameters)
    n = y.shape[1]
    shared = {k: v for k, v in options.items() if k in _OF_ANY_SYSTEM}
    shared |= {k: float(np.min(options[k])) for k in ("rtol", "atol") if options.get(k) is not None}

    def field(y: X, t: X, flat: X) -> X:
        return np.asarray(func(y, t, *unflatten(flat)))

    def adjoint(state: X, t: X, flat: X) -> X:
        pull, dy = make_vjp(lambda y, flat: field(y, t, flat), argnum=(0, 1))(state[:n], flat)
        by_y, by_flat = pull(state[n : 2 * n])
        return np.concatenate([dy, -by_y, -by_flat])

    def pull(g: X) -> list[X]:
        by_y, by_flat, by_t = g[-1], np.zeros(np.size(flat)), []
        for i in range(len(y) - 1, 0, -1):
            by_t.append(np.dot(g[i], field(y[i], t[i], flat)))
            start = np.concatenate([y[i], by_y, by_flat])
            state = _odeint(adjoint, start, np.array([t[i], t[i - 1]]), (flat,), **shared)[1]
            by_y, by_flat = state[n : 2 * n], state[2 * n :]
            if i == 1:  # a later start leaves the state where it would have gone on
                by_t.append(-np.dot(by_y, field(y[0], t[0], flat)))
            by_y = by_y + g[i - 1]
        gradients = {1: by_y, 2: np.stack(by_t[::-1]) if by_t else np.zeros(1), 3: unflatten(by_flat)}
        return [gradients[i] for i in argnums]

    return pull


defvjp_argnums(_odeint, _adjoint)
