"""``r_`` and ``c_`` of nodes, and ``make_diagonal``: what is no function of NumPy's, but belongs to its names."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.coercion import has_node
from autograd.engine.libraries import numpy_dtype
from autograd.engine.node import registry
from autograd.ops._helpers import normalise_axis
from autograd.tracebacks import entrance
from autograd.typing import X

__all__ = ["c_", "make_diagonal", "r_"]


class _Joining:
    """NumPy's object that joins what it is indexed with: arrays, numbers, slices; and nodes."""

    def __init__(self, theirs: Any, axis: int) -> None:
        self._theirs, self._axis = theirs, axis

    @entrance
    def __getitem__(self, key: Any) -> X:
        items = key if isinstance(key, tuple) else (key,)
        if not has_node(items):
            return self._theirs[key]
        how = items[:1] if isinstance(items[0], str) else ()
        axis, *_ = how[0].split(",") if how else [self._axis]
        if axis in ("r", "c"):
            raise TypeError(f"{axis!r} asks for np.matrix, which nodes do not become; write np.atleast_2d(...)")
        parts = []
        for item in items[len(how) :]:
            of_node = has_node([item])
            # NumPy says in which shape it joins an array, by what it makes of one alone.
            part = self._theirs[(*how, np.zeros(registry.shape(registry.asarray(item))) if of_node else item)]
            parts.append(registry.reshape(registry.asarray(item), part.shape) if of_node else part)
        # A number of Python's has no dtype of its own beside arrays.
        numbers = [isinstance(item, (bool, int, float)) for item in items[len(how) :]]
        dtype = np.result_type(
            *(0.0 if number else numpy_dtype(part) for number, part in zip(numbers, parts, strict=True))
        )
        parts = [part.astype(dtype) if number else part for number, part in zip(numbers, parts, strict=True)]
        return registry.concatenate(parts, int(axis))

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"<{type(self._theirs).__name__} of NumPy's, also for nodes>"


r_, c_ = _Joining(np.r_, 0), _Joining(np.c_, -1)


@entrance
def make_diagonal(D: X, offset: int = 0, axis1: int = 0, axis2: int = 1) -> X:
    """Matrices with the last axis of `D` as their diagonals, in the axes `axis1` and `axis2`: what `diagonal` undoes.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> np.make_diagonal(np.array([1.0, 2.0]), axis1=-1, axis2=-2)
    array([[1., 0.],
           [0., 2.]])
    """
    D = registry.asarray(D)
    if offset:
        raise ValueError("make_diagonal: only offset=0, the main diagonal; np.diag takes k")
    n = D.ndim + 1
    axes = tuple(normalise_axis("make_diagonal", k, n) for k in (axis1, axis2))
    matrices = registry.where(np.eye(D.shape[-1]) == 1, registry.expand_dims(D, -1), 0.0)
    return registry.moveaxis(matrices, (-2, -1), axes)
