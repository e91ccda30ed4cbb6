"""Layers that give their input another shape: ``Flatten``, ``Unflatten``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nn._types import Input, Output
from nn.kinds import as_node
from nn.module import Module
from nn.options import ShapeError, check_options

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """The axes from `start_dim` to `end_dim` as one; by default all but the first, which counts samples.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Flatten()(np.ones((5, 28, 28))).shape
    (5, 784)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        check_options("Flatten", start_dim=start_dim, end_dim=end_dim)
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Input) -> Output:
        """The input in its new shape; an array stays an array."""
        x = input if isinstance(input, np.ndarray) else as_node(input)
        try:
            start, end = (range(len(x.shape))[d] for d in (self.start_dim, self.end_dim))
        except IndexError:
            raise ValueError(f"{self!r} takes an input with those axes, but got {x.shape}") from None
        return x.reshape((*x.shape[:start], -1, *x.shape[end + 1 :]))


class Unflatten(Module):
    """The axis `dim` as several, of lengths `unflattened_size`, of which one may be -1.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Unflatten(1, (1, 28, 28))(np.ones((5, 784))).shape
    (5, 1, 28, 28)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        check_options("Unflatten", dim=dim)
        if not isinstance(unflattened_size, (tuple, list)) or not all(type(n) is int for n in unflattened_size):
            raise TypeError(f"Unflatten: unflattened_size must be a tuple of integers, not {unflattened_size!r}")
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Input) -> Output:
        """The input in its new shape; an array stays an array."""
        x = input if isinstance(input, np.ndarray) else as_node(input)
        if not -len(x.shape) <= self.dim < len(x.shape):
            raise IndexError(f"{self!r} takes an input with that axis, but got {x.shape}")
        k = self.dim % len(x.shape)
        known = math.prod(n for n in self.unflattened_size if n != -1)
        if self.unflattened_size.count(-1) > 1 or x.shape[k] != (
            known * (x.shape[k] // max(known, 1) if -1 in self.unflattened_size else 1)
        ):
            raise ShapeError(f"{self!r}: the lengths do not make up {x.shape[k]}, that of the axis in {x.shape}")
        return x.reshape((*x.shape[:k], *self.unflattened_size, *x.shape[k + 1 :]))
