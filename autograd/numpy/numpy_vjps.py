"""``unbroadcast_f``, with which primitives in HIPS autograd's style state derivatives of functions that broadcast."""

from autograd.engine.node import registry
from autograd.surface import publish
from autograd.typing import Function, X

__all__ = ["unbroadcast_f"]

publish(globals())


def unbroadcast_f(target: X, f: Function) -> Function:
    """Make a function whose result is summed to the shape of an argument that was broadcast.

    Here every gradient is, by the engine, so that a derivative can do without.

    >>> import numpy as np
    >>> unbroadcast_f(np.ones((3, 1)), lambda g: 2.0 * g)(np.ones((3, 4))).tolist()
    [[8.0], [8.0], [8.0]]
    """
    return lambda g: registry.sum_like(f(g), target)
