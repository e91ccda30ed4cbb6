"""Activations along an axis, under PyTorch's names: the softmax and its kin, and gated linear units.

Each takes a Tensor, a Value, an array, or an object array of Values, and gives the same kind.
"""

from __future__ import annotations

from typing import cast

import autograd
from autograd.tracebacks import entrances
from nn import kinds
from nn._types import Data, DType, X
from nn.kinds import as_numbers, is_value_array
from nn.options import ShapeError, check_options

__all__ = ["glu", "log_softmax", "softmax", "softmin"]


def glu(input: Data, dim: int = -1) -> Data:
    """a·σ(b) for the first half a and the second half b of the input along an axis.

    Source: Dauphin et al., "Language modeling with gated convolutional networks", 2016.

    Raises
    ------
    ValueError
        If the length of that axis is odd.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.glu(np.array([2.0, 3.0, 0.0, 0.0]))
    array([1. , 1.5])
    """
    input = as_numbers(input)
    check_options("glu", dim=dim)
    x: X = input
    shape = autograd.shape(x)
    if not -len(shape) <= dim < len(shape) or shape[dim] % 2:
        words = "Halving dimension must be even" if shape else "scalars have no halves, as halving size must be even"
        raise ShapeError(f"glu: {words}; axis {dim} must have an even length, but the input has shape {shape}")
    half = shape[dim] // 2
    axes: tuple[slice, ...] = (slice(None),) * (dim % len(shape))
    y: Data = x[(*axes, slice(half))] * autograd.sigmoid(x[(*axes, slice(half, None))])
    return y


def softmax(input: Data, dim: int = -1, *, dtype: DType | None = None) -> Data:
    """exp(x) divided by its sum along an axis: positive numbers whose sum is 1, for scores of any size.

    With `dtype`, scores are converted to it first.

    Parameters
    ----------
    input : node or array_like
        Scores, of any shape but ().
    dim : int
        The axis of the classes.
    dtype : dtype, optional
        Another dtype for the scores and the result.

    Returns
    -------
    node or array
        Of the kind and the shape of `input`.

    Examples
    --------
    >>> from autograd import Tensor, Value
    >>> import nn.functional as F
    >>> F.softmax(Tensor([[1000.0, 1000.0], [0.0, -1000.0]])).data
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    check_options("softmax", dim=dim)
    x = input if dtype is None else autograd.astype(input, dtype)
    return cast(Data, autograd.exp(kinds.log_softmax(x, dim)) if is_value_array(x) else autograd.softmax(x, axis=dim))


def softmin(input: Data, dim: int = -1, *, dtype: DType | None = None) -> Data:
    """The :func:`softmax` of −x.

    Its input and its result are those of :func:`softmax`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.softmin(np.array([0.0, 1000.0]))
    array([1., 0.])
    """
    input = as_numbers(input)
    return softmax(-input, dim, dtype=dtype)


def log_softmax(input: Data, dim: int = -1, *, dtype: DType | None = None) -> Data:
    """The logarithm of :func:`softmax`, exact also where that is 0.

    Its input and its result are those of :func:`softmax`.

    Examples
    --------
    >>> from autograd import Tensor, Value
    >>> import nn.functional as F
    >>> F.log_softmax(Tensor([0.0, -1000.0])).data
    array([    0., -1000.])
    """
    check_options("log_softmax", dim=dim)
    return cast(Data, kinds.log_softmax(input if dtype is None else autograd.astype(input, dtype), dim))


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
