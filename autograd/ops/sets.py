"""Sets of numbers: the different elements of two arrays, joined, common, or of one alone."""

from autograd.ops._helpers import X
from autograd.ops.indexing import take
from autograd.ops.joining import as_node_or_array, concatenate, ravel
from autograd.ops.searching import flatnonzero, isin
from autograd.ops.sorting import sort, unique

__all__ = ["intersect1d", "setdiff1d", "setxor1d", "union1d"]


def union1d(a: X, b: X) -> X:
    """The different elements of `a` and `b` together, in ascending order.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.union1d(Tensor([1.0, 2.0]), [2.0, 3.0]).tolist()
    [1.0, 2.0, 3.0]
    """
    return unique(concatenate([ravel(as_node_or_array(a)), ravel(as_node_or_array(b))]))


def setdiff1d(a: X, b: X, assume_unique: bool = False) -> X:
    """The different elements of `a` that are not in `b`, in ascending order.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.setdiff1d(Tensor([1.0, 2.0]), [2.0, 3.0]).tolist()
    [1.0]
    """
    a = ravel(as_node_or_array(a)) if assume_unique else unique(a)
    return take(a, flatnonzero(isin(a, b, invert=True)))


def intersect1d(a: X, b: X, assume_unique: bool = False) -> X:
    """The different elements of `a` that are in `b` too, in ascending order.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.intersect1d(Tensor([1.0, 2.0]), [2.0, 3.0]).tolist()
    [2.0]
    """
    a = sort(ravel(as_node_or_array(a))) if assume_unique else unique(a)
    return take(a, flatnonzero(isin(a, b)))


def setxor1d(a: X, b: X, assume_unique: bool = False) -> X:
    """The different elements of `a` and `b` that are in one of them only, in ascending order.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.setxor1d(Tensor([1.0, 2.0]), [2.0, 3.0]).tolist()
    [1.0, 3.0]
    """
    return sort(concatenate([setdiff1d(a, b, assume_unique), setdiff1d(b, a, assume_unique)]))
