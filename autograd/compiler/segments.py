"""Leaves in one array: an update of all of them is then a few calls, whatever their number."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np

from autograd.compiler.identity import IdentityTest
from autograd.engine.modes import current_mode, usual
from autograd.engine.node import Node, versions
from autograd.typing import Array, X

__all__ = ["Segment", "is_usual_mode"]


class Segment:
    """Leaves of one dtype whose data are parts of one array, and whose gradients are parts of another.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    leaves : sequence of node
        The leaves, of one dtype, whose data are copied into the segment.

    Attributes
    ----------
    leaves : list of node
        The leaves, in order.
    data, gradient : array
        All their numbers, and all their gradients, in one row each.
    parts, gradient_parts : list of array
        The views that belong to each leaf, of its shape.
    shares : bool
        Whether a leaf's gradient is that part itself, or a copy, as it is once a user has held one over a step.
    renewals : int
        Counts the arrays that the gradients have had.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.compiler import Segment
    >>> w, b = Tensor([1.0, 2.0], "w"), Tensor(0.5, "b")
    >>> segment = Segment([w, b])
    >>> segment.data *= 2
    >>> w.data, b.data
    (array([2., 4.]), array(1.))
    """

    def __init__(self, leaves: Sequence[Node]) -> None:
        self.leaves: list[X] = list(leaves)
        self._shapes = [leaf._data.shape for leaf in self.leaves]
        self._ends = list(accumulate((leaf._data.size for leaf in self.leaves), initial=0))
        self.data = self.joined([leaf._data for leaf in self.leaves])
        self.parts = self.split(self.data)
        self.shares = True
        self.renewals = 0
        self.gather()
        self._renew_gradient()

    def split(self, row: Array) -> list[Array]:
        """The parts of an array of as many numbers, by leaf."""
        cuts = zip(self._shapes, pairwise(self._ends), strict=True)
        return [row[a:b].reshape(shape) for shape, (a, b) in cuts]

    def joined(self, arrays: Sequence[Array]) -> Array:
        """Arrays of the leaves' shapes in one row, a copy."""
        return np.concatenate([np.ravel(a) for a in arrays])

    def gather(self) -> None:
        """Take over the data of leaves that have others now, as after ``p.data = ...``."""
        for leaf, part in self.pairs(self.parts):
            if leaf._data is not part:
                part[...] = leaf._data
                leaf._data = part

    def pairs(self, parts: list[Array]) -> Iterator[tuple[X, Array]]:
        """Each leaf with its part."""
        return zip(self.leaves, parts, strict=True)

    def data_are_parts(self, test: IdentityTest) -> None:
        """Let a test ask whether the leaves' data are their parts."""
        for leaf, part in self.pairs(self.parts):
            test.attribute(leaf, "_data", part)

    def gradients_are_parts(self, test: IdentityTest) -> None:
        """Let a test ask whether the leaves' gradients are those that were handed out, or take them back."""
        if not self.shares:
            test.holds(self.take_back)
            return
        for leaf, part in self.pairs(self._handed):
            test.attribute(leaf, "_grad", part)

    def gradient_is_free(self, test: IdentityTest) -> None:
        """Let a test ask whether the gradients are still its own, and nobody holds any."""
        test.attribute(self, "renewals", self.renewals).attribute(self, "is_held", False)

    def stamp(self) -> None:
        """Note that the data of the leaves have changed, so that the backward pass of an older graph refuses them."""
        versions.latest = latest = versions.latest + 1
        for leaf in self.leaves:
            leaf._version = latest

    def _renew_gradient(self) -> None:
        self.gradient = np.empty_like(self.data)
        self.gradient_parts = self.split(self.gradient)
        self.renewals += 1
        # What a user makes of the leaves' gradients refers to this array, to which nothing else refers: NumPy takes for
        # the base of a view the array behind other views, but does not look behind a memoryview.
        buffer: X = self.gradient
        self._window = np.asarray(memoryview(buffer))
        self._handed = self.split(self._window)
        self._references = sys.getrefcount(self._window)

    def leave_gradient(self) -> None:
        """Leave the array of the gradients to who holds parts of it; from now on nobody gets any."""
        self.shares = False
        self._renew_gradient()

    @property
    def is_held(self) -> bool:
        """Whether a user still holds gradients that were handed out."""
        return self.shares and sys.getrefcount(self._window) > self._references

    def hand_out(self) -> None:
        """Set the leaves' gradients to what the array holds."""
        if self.shares:
            for leaf, part in self.pairs(self._handed):
                leaf._grad = part
        else:
            for leaf, part in self.pairs(self.gradient_parts):
                leaf._grad = part.copy()

    def take_back(self) -> bool:
        """Take the leaves' gradients, as whoever has changed them left them; False if one has none."""
        for leaf, part, handed in zip(self.leaves, self.gradient_parts, self._handed, strict=True):
            g = leaf._grad
            if g is None:
                return False
            if g is not handed:
                part[...] = g
                if self.shares:
                    leaf._grad = handed
        return True


def is_usual_mode() -> bool:
    """Whether operations are recorded as usual: no transform is at work, no block of `no_grad` or of anomalies.

    It serves packages built on autograd, as nn is.
    """
    return usual() is None or current_mode() is None
