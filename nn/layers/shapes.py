"""Layers that give their input another shape: ``Flatten``."""

from __future__ import annotations

import numpy as np

from nn._types import Input, Output
from nn.kinds import as_node
from nn.module import Module
from nn.options import check_options

__all__ = ["Flatten"]


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

    def forward(self, x: Input) -> Output:
        """`x` in its new shape; an array stays an array."""
        x = x if isinstance(x, np.ndarray) else as_node(x)
        try:
            start, end = (range(len(x.shape))[d] for d in (self.start_dim, self.end_dim))
        except IndexError:
            raise ValueError(f"{self!r} takes an input with those axes, but got {x.shape}") from None
        return x.reshape((*x.shape[:start], -1, *x.shape[end + 1 :]))
