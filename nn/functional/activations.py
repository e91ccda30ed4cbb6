"""Activations as functions, under PyTorch's names; `nn.functional` has them beside autograd's own.

Each takes a Tensor, a Value, an array, a number, or an object array of Values, of any shape, and gives the same kind.
"""

from __future__ import annotations

import math
from typing import cast

import autograd
from autograd.tracebacks import entrances
from nn import kinds
from nn._types import Data
from nn.kinds import is_value_array
from nn.options import check_options

__all__ = ["elu", "gelu", "leaky_relu", "log_softmax", "silu", "softmax", "softplus"]


def leaky_relu(x: Data, negative_slope: float = 0.01) -> Data:
    """`x` where it is positive, else ``negative_slope * x``, element by element.

    Parameters
    ----------
    x : node, array or number
        The input, of any shape.
    negative_slope : float
        The derivative below 0, and at 0.

    Returns
    -------
    node, array or number
        The result, of the kind and shape of `x`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.leaky_relu(Tensor([-2.0, 3.0]), 0.5).data
    array([-1.,  3.])
    """
    y: Data = autograd.where(autograd.greater(x, 0), x, x * negative_slope)
    return y


def elu(x: Data, alpha: float = 1.0) -> Data:
    """`x` where it is positive, else ``alpha * (exp(x) - 1)``, element by element.

    Parameters
    ----------
    x : node, array or number
        The input, of any shape.
    alpha : float
        The result tends to ``-alpha`` as x falls.

    Returns
    -------
    node, array or number
        The result, of the kind and shape of `x`.

    Examples
    --------
    >>> from autograd import Value
    >>> import nn.functional as F
    >>> x = Value(-1.0)
    >>> y = F.elu(x)
    >>> y.backward()
    >>> round(y.data, 4), round(x.grad, 4)
    (-0.6321, 0.3679)
    """
    y: Data = autograd.elu(x, alpha=float(alpha))
    return y


def gelu(x: Data, approximate: str = "none") -> Data:
    """x·Φ(x), element by element, where Φ is the normal distribution function.

    Parameters
    ----------
    x : node, array or number
        The input, of any shape.
    approximate : {"none", "tanh"}
        Whether to take PyTorch's approximation by tanh. It is several times as fast on arrays, because NumPy has no
        erf.

    Returns
    -------
    node, array or number
        The result, of the kind and shape of `x`.

    Raises
    ------
    ValueError
        If `approximate` is neither.

    Examples
    --------
    >>> from autograd import Value
    >>> import nn.functional as F
    >>> round(F.gelu(Value(1.0)).data, 6), round(F.gelu(Value(1.0), "tanh").data, 6)
    (0.841345, 0.841192)
    """
    check_options("gelu", approximate=approximate)
    if approximate == "tanh":
        y: Data = x * 0.5 * (autograd.tanh((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)) + 1)
    else:
        y = x * 0.5 * autograd.erfc(x * -math.sqrt(0.5))
    return y


def silu(x: Data) -> Data:
    """x·σ(x), element by element; also called swish.

    Parameters
    ----------
    x : node, array or number
        The input, of any shape.

    Returns
    -------
    node, array or number
        The result, of the kind and shape of `x`.

    Examples
    --------
    >>> from autograd import Value
    >>> import nn.functional as F
    >>> x = Value(0.0)
    >>> F.silu(x).backward()
    >>> x.grad
    0.5
    """
    y: Data = x * autograd.sigmoid(x)
    return y


def softplus(x: Data, beta: float = 1.0, threshold: float = 20.0) -> Data:
    """A smooth ReLU, ``log(1 + exp(beta * x)) / beta``, element by element.

    Parameters
    ----------
    x : node, array or number
        The input, of any shape.
    beta : float
        How sharp the bend at 0 is.
    threshold : float
        Where ``beta * x`` exceeds this the result is `x` itself, as in PyTorch.

    Returns
    -------
    node, array or number
        The result, of the kind and shape of `x`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.softplus(np.array([0.0, 100.0])).round(6)
    array([  0.693147, 100.      ])
    """
    y: Data = autograd.where(autograd.greater(x * beta, threshold), x, autograd.softplus(x * beta) / beta)
    return y


def softmax(x: Data, dim: int = -1) -> Data:
    """exp(x) divided by its sum along an axis: positive numbers whose sum is 1.

    Parameters
    ----------
    x : node or array
        Scores of any size, of any shape with that axis.
    dim : int
        The axis of the classes.

    Returns
    -------
    node or array
        Probabilities, of the kind and shape of `x`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.softmax(Tensor([[1000.0, 1000.0], [0.0, -1000.0]])).data
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    return cast(Data, autograd.exp(kinds.log_softmax(x, dim)) if is_value_array(x) else autograd.softmax(x, axis=dim))


def log_softmax(x: Data, dim: int = -1) -> Data:
    """The logarithm of :func:`softmax`, exact also where that is 0.

    Parameters
    ----------
    x : node or array
        Scores of any size, of any shape with that axis.
    dim : int
        The axis of the classes.

    Returns
    -------
    node or array
        Logarithmic probabilities, of the kind and shape of `x`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.log_softmax(Tensor([0.0, -1000.0])).data
    array([    0., -1000.])
    """
    return cast(Data, kinds.log_softmax(x, dim))


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
