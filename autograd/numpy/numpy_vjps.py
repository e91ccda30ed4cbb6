"""``unbroadcast`` and ``unbroadcast_f``, with which primitives in HIPS autograd's style sum derivatives to a shape."""

from collections.abc import Sequence

import numpy

from autograd.engine.node import registry
from autograd.surface import publish
from autograd.typing import Function, X

__all__ = ["unbroadcast", "unbroadcast_f"]

publish(globals())


def unbroadcast(x: X, target_meta: Sequence[X], broadcast_idx: int = 0) -> X:
    """Sum an array to a shape that was broadcast to its own; of `target_meta` the first element is this shape.

    >>> unbroadcast(numpy.ones((3, 4)), ((3, 1), 2)).tolist()
    [[4.0], [4.0], [4.0]]
    """
    shape = target_meta[0]
    new = numpy.ndim(x) - len(shape)  # axes, which lie where `broadcast_idx` says
    x = registry.sum(x, tuple(range(broadcast_idx, broadcast_idx + new))) if new > 0 else x
    return registry.sum_like(x, numpy.zeros(shape))


def unbroadcast_f(target: X, f: Function) -> Function:
    """Make a function whose result is summed to the shape of an argument that was broadcast.

    Here every gradient is, by the engine, so that a derivative can do without.

    >>> import numpy as np
    >>> unbroadcast_f(np.ones((3, 1)), lambda g: 2.0 * g)(np.ones((3, 4))).tolist()
    [[8.0], [8.0], [8.0]]
    """
    return lambda g: registry.sum_like(f(g), target)
