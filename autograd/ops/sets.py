"""Sets of numbers: the different elements of two arrays, joined, common, or of one alone."""

from autograd.ops._helpers import X
from autograd.ops.indexing import take
from autograd.ops.joining import as_node_or_array, concatenate, ravel
from autograd.ops.searching import flatnonzero, isin
from autograd.ops.sorting import sort, unique

__all__ = ["intersect1d", "setdiff1d", "setxor1d", "union1d"]


def union1d(a: X, b: X) -> X:
    """The different elements of `a` and `b` together, in ascending order."""
    return unique(concatenate([ravel(as_node_or_array(a)), ravel(as_node_or_array(b))]))


def setdiff1d(a: X, b: X, assume_unique: bool = False) -> X:
    """The different elements of `a` that are not in `b`, in ascending order."""
    a = ravel(as_node_or_array(a)) if assume_unique else unique(a)
    return take(a, flatnonzero(isin(a, b, invert=True)))


def intersect1d(a: X, b: X, assume_unique: bool = False) -> X:
    """The different elements of `a` that are in `b` too, in ascending order."""
    a = sort(ravel(as_node_or_array(a))) if assume_unique else unique(a)
    return take(a, flatnonzero(isin(a, b)))


def setxor1d(a: X, b: X, assume_unique: bool = False) -> X:
    """The different elements of `a` and `b` that are in one of them only, in ascending order."""
    return sort(concatenate([setdiff1d(a, b, assume_unique), setdiff1d(b, a, assume_unique)]))
