"""Gradients in pieces: a loop over the elements of an array adds them up once, not for each element."""

from __future__ import annotations

import numpy as np

from autograd.namespaces import arrays
from autograd.typing import XP, X

__all__ = ["Pieces", "scatter"]


def scatter(xp: XP, g: X, y: X, x: X, *indices: X, key: X) -> X:
    """The derivative of indexing; a pass on arrays leaves its contributions in pieces (:class:`Pieces`)."""
    return xp.scatter_like(g, x, *indices, key=key)


class Pieces:
    """A sum of arrays, and of what goes to an index of one; it is added up once, not for each of them."""

    __slots__ = ("terms",)
    __array_ufunc__ = None  # array + pieces is for __radd__

    def __init__(self, g: X, indices: tuple[X, ...], key: X) -> None:
        self.terms: list[tuple[X, tuple[X, ...], X]] = [(g, indices, key)]

    def __add__(self, other: X) -> Pieces:
        self.terms += other.terms if type(other) is Pieces else [(other, (), None)]
        return self

    def __radd__(self, other: X) -> Pieces:
        self.terms.insert(0, (other, (), None))
        return self

    def sum(self, like: X) -> X:
        """Their sum, in the order in which they came; an array of its own, in the shape and dtype of `like`."""
        if len(self.terms) == 1:
            ((g, indices, key),) = self.terms
            return arrays.scatter_like(g, like, *indices, key=key)
        total = np.zeros_like(like)
        for g, indices, key in self.terms:
            if key is None:
                total += g
            else:
                arrays.add_at(total, g, indices, key)
        return total
