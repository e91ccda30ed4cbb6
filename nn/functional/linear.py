"""``linear``: rows of inputs times rows of weights."""

from __future__ import annotations

import autograd
from autograd import Tensor
from autograd.tracebacks import entrances
from nn._types import Input, Operand, Output, X
from nn.kinds import as_input, as_node

__all__ = ["linear"]


def linear(input: Input, weight: Input, bias: Operand | None = None) -> Output:
    """``input @ weight.T + bias``, with a row of weights for each output, or one row alone for an output without axis.

    Parameters
    ----------
    input : node or array_like
        Of shape (..., in_features).
    weight : node or array_like
        Of shape (out_features, in_features), or (in_features,).
    bias : node or array_like, optional
        Of shape (out_features,), or ().

    Returns
    -------
    node
        Of shape (..., out_features), or (...).

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.linear(Tensor([1.0, 2.0]), Tensor([[3.0, 4.0], [5.0, 6.0]]), Tensor([0.5, 0.0])).data
    array([11.5, 17. ])
    """
    w: X = as_node(weight)
    x = as_input(input, w)
    if bias is not None and isinstance(x, Tensor) and w.ndim == 2:
        return autograd.linear(x, w, bias)
    y = x @ w.T
    return y if bias is None else y + bias


# The function is wrapped in the file that defines it, so that everyone imports the wrapped one.
entrances(globals(), __all__)
