"""Splitting: the parts of an array along an axis, as a list."""

from itertools import pairwise
from typing import Any

import numpy as np

from autograd.ops._helpers import X, as_integer, axis_slice, normalise_axis
from autograd.ops.joining import as_node_or_array
from autograd.ops.shaping import ndim, shape

__all__ = ["array_split", "dsplit", "hsplit", "split", "vsplit"]


def array_split(x: X, indices_or_sections: Any, axis: int = 0) -> list[X]:
    """The parts of `x` along `axis`: so many, as equal as may be, or those between the indices.

    >>> from autograd import Tensor, array_split
    >>> x = Tensor([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> [part.tolist() for part in array_split(x, 2)], [part.tolist() for part in array_split(x, [1, 4])]
    ([[1.0, 2.0, 3.0], [4.0, 5.0]], [[1.0], [2.0, 3.0, 4.0], [5.0]])
    """
    x = as_node_or_array(x)
    axis = normalise_axis("split", axis, x.ndim)
    n = x.shape[axis]
    if np.ndim(indices_or_sections):
        edges = [as_integer("split", "each index", i) for i in indices_or_sections]
    else:
        sections = as_integer("split", "indices_or_sections", indices_or_sections)
        if sections < 1:
            raise ValueError(f"split: {sections} parts; there must be at least one")
        each, longer = divmod(n, sections)
        edges = [i * each + min(i, longer) for i in range(1, sections)]
    return [x[axis_slice(axis, i, j)] for i, j in pairwise([0, *edges, n])]


def split(x: X, indices_or_sections: Any, axis: int = 0) -> list[X]:
    """The parts of `x` along `axis`: so many equal ones, or those between the indices.

    Parts that cannot be equal are a ``ValueError``; :func:`array_split` makes unequal ones.

    >>> from autograd import Tensor, split
    >>> x = Tensor([1.0, 2.0, 3.0, 4.0])
    >>> first, second = split(x, 2)
    >>> second.sum().backward()
    >>> first.tolist(), second.tolist(), x.grad.tolist()
    ([1.0, 2.0], [3.0, 4.0], [0.0, 0.0, 1.0, 1.0])
    """
    parts = array_split(x, indices_or_sections, axis)
    if not np.ndim(indices_or_sections) and len({p.shape for p in parts}) > 1:
        n = f"of length {shape(x)[axis]} in {indices_or_sections} parts"
        raise ValueError(f"split: an axis {n}, which cannot be equal; array_split makes unequal ones")
    return parts


def vsplit(x: X, indices_or_sections: Any) -> list[X]:
    """The parts of `x` along its first axis.

    >>> from autograd import Tensor, vsplit
    >>> [part.tolist() for part in vsplit(Tensor([[1.0, 2.0], [3.0, 4.0]]), 2)]
    [[[1.0, 2.0]], [[3.0, 4.0]]]
    """
    return split(x, indices_or_sections, 0)


def hsplit(x: X, indices_or_sections: Any) -> list[X]:
    """The parts of `x` along its second axis; of a vector along its only one.

    >>> from autograd import Tensor, hsplit
    >>> [part.tolist() for part in hsplit(Tensor([[1.0, 2.0], [3.0, 4.0]]), 2)]
    [[[1.0], [3.0]], [[2.0], [4.0]]]
    """
    return split(x, indices_or_sections, 0 if ndim(x) == 1 else 1)


def dsplit(x: X, indices_or_sections: Any) -> list[X]:
    """The parts of `x` along its third axis.

    >>> import numpy as np
    >>> from autograd import dsplit
    >>> [part.shape for part in dsplit(np.zeros((2, 3, 4)), [1])]
    [(2, 3, 1), (2, 3, 3)]
    """
    return split(x, indices_or_sections, 2)
