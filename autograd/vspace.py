"""``vspace``: the vector space of a container of numbers and arrays, as HIPS autograd has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy

import autograd.numpy as np
from autograd.engine.coercion import carried
from autograd.engine.node import Node
from autograd.messages import advice, type_name
from autograd.misc.flatten import flatten
from autograd.surface import publish
from autograd.transforms.containers import leaves, matched, rebuilt
from autograd.typing import Array, Function, Tree, X

__all__ = ["VSpace", "vspace"]

publish(globals())


class VSpace:
    """The space of all containers built like one, with arrays of the same shapes: :func:`vspace` makes it.

    Two spaces are equal if their containers, shapes and dtypes are. The functions of vectors take nodes too, and are
    differentiable.

    Attributes
    ----------
    size : int
        Its dimension: how many numbers a vector holds.
    shape : tuple of int or container of VSpace
        The shape of an array; of a container, such of the spaces of its leaves.
    ndim, dtype : int, numpy.dtype
        Those of an array; a container has none.
    iscomplex : bool
        False: complex numbers are outside this project.
    """

    iscomplex = False

    def __init__(self, value: Tree) -> None:
        self._zeros = rebuilt(value, map(_zero, leaves(value)))
        self.size = sum(map(numpy.size, leaves(self._zeros)))

    @property
    def shape(self) -> Tree:
        """The shape of an array, or the spaces of the leaves of a container."""
        if isinstance(self._zeros, (tuple, list, dict)):
            return rebuilt(self._zeros, map(VSpace, leaves(self._zeros)))
        return numpy.shape(self._zeros)

    @property
    def ndim(self) -> int:
        """The number of axes of an array."""
        return len(self._of_array("ndim").shape)

    @property
    def dtype(self) -> numpy.dtype[Any]:
        """The dtype of an array."""
        dtype: numpy.dtype[Any] = self._of_array("dtype").dtype
        return dtype

    def _of_array(self, what: str) -> Any:
        if isinstance(self._zeros, (tuple, list, dict)):
            raise AttributeError(f"the space of a container has no {what}; the spaces of its leaves, .shape, have")
        return self._zeros

    def zeros(self) -> Tree:
        """The zero vector."""
        return self._map(numpy.zeros_like)

    def ones(self) -> Tree:
        """A vector of ones."""
        return self._map(numpy.ones_like)

    def randn(self, rng: Any = numpy.random) -> Tree:
        """A vector of normal random numbers, by default from the generator that ``numpy.random.seed`` seeds."""
        return self._map(lambda zero: numpy.asarray(rng.standard_normal(zero.shape), zero.dtype)[()])

    def standard_basis(self) -> Iterator[Tree]:
        """The vectors that have a single one, in the order of :func:`autograd.misc.flatten`."""
        vector, unflatten = flatten(self._zeros)
        return map(unflatten, numpy.eye(self.size, dtype=vector.dtype))

    def flatten(self, x: Tree) -> X:
        """A vector as a flat array."""
        return flatten(self.add(x, self._zeros))[0]

    def unflatten(self, vector: X) -> Tree:
        """The vector of this space that a flat array holds."""
        return flatten(self._zeros)[1](vector)

    def add(self, x: Tree, y: Tree) -> Tree:
        """The sum of two vectors."""
        return self._map(lambda zero, a, b: a + b, x, y)

    def mut_add(self, x: Tree | None, y: Tree) -> Tree:
        """The sum of two vectors, of which None stands for the zero vector."""
        return self.add(self._zeros if x is None else x, y)

    def scalar_mul(self, x: Tree, a: X) -> Tree:
        """A vector times a number."""
        return self._map(lambda zero, b: b * a, x)

    def inner_prod(self, x: Tree, y: Tree) -> X:
        """The inner product of two vectors."""
        return sum(leaves(self._map(lambda zero, a, b: np.sum(a * b), x, y)), 0.0)

    def covector(self, x: Tree) -> Tree:
        """The vector itself, which of real numbers is its own covector."""
        return x

    def _map(self, function: Function, *vectors: Tree) -> Tree:
        columns = [[leaf for _, _, leaf in matched(self._zeros, x)] for x in vectors]
        return rebuilt(self._zeros, map(function, leaves(self._zeros), *columns))

    def _key(self) -> Tree:
        return rebuilt(self._zeros, ((zero.shape, zero.dtype) for zero in leaves(self._zeros)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VSpace) and bool(self._key() == other._key())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"VSpace({self._key()})"


def vspace(value: Tree) -> VSpace:
    """The vector space in which a number, an array or a container of such lies; of nodes, their values'.

    Raises
    ------
    TypeError
        If it holds anything but floats and arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.extend import vspace
    >>> space = vspace({"W": np.ones((2, 3)), "b": 0.5})
    >>> space.size, space == vspace({"W": np.zeros((2, 3)), "b": 1.0})
    (7, True)
    >>> float(space.inner_prod(space.ones(), space.ones()))
    7.0
    """
    return VSpace(value)


def _zero(leaf: X) -> Array | numpy.generic:
    data = leaf._data if isinstance(leaf, Node) else leaf
    if not isinstance(data, (float, complex, numpy.ndarray, numpy.generic)):
        instead = "; write 1.0 for 1" if isinstance(data, int) else advice(data)
        raise TypeError(f"vspace: {type_name(data)} is no float and no array of numbers{instead}")
    try:
        carried(numpy.asarray(data).dtype)
    except TypeError as error:
        raise TypeError(f"vspace: {error}") from None
    zeros: Array = numpy.zeros_like(data)
    return zeros[()]
