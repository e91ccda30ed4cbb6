"""``scaled_dot_product_attention``: what queries take of values, by how well their keys fit."""

from __future__ import annotations

import math
from typing import cast

import numpy as np

import autograd
from autograd import Tensor
from autograd.backends import numpy_dtype
from autograd.tracebacks import entrances
from nn._types import Input, Output, X
from nn.functional.dropout import dropout
from nn.functional.softmaxes import softmax
from nn.kinds import as_input, as_node, as_target
from nn.options import check_options

__all__ = ["attention_weights", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Input, key: Input, value: Input, attn_mask: Input | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False,
) -> Output:  # fmt: skip
    """``softmax(query @ key.T * scale + mask) @ value``, over the last two axes.

    Source: Vaswani et al., "Attention is all you need", 2017.

    Parameters
    ----------
    query, key, value : node or array_like
        Of shapes (..., L, E), (..., S, E) and (..., S, V).
    attn_mask : node or array_like, optional
        To be broadcast to (..., L, S): conditions, True where a query may look, or floats, which are added to the
        scores. A query that may look nowhere gets zeros.
    dropout_p : float
        The probability by which a weight is left out; there is no evaluation mode here, as in PyTorch.
    is_causal : bool
        Whether query i looks at the keys up to i only, in place of a mask.
    scale : float, optional
        By default 1/√E.
    enable_gqa : bool
        Whether several heads of queries, on the third axis from the end, share one of keys and values.

    Returns
    -------
    node
        Of shape (..., L, V).

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> q, v = np.zeros((3, 2)), np.array([[1.0], [2.0], [6.0]])
    >>> F.scaled_dot_product_attention(q, q, v, is_causal=True).data
    array([[1. ],
           [1.5],
           [3. ]])
    """
    check_options("scaled_dot_product_attention", p=dropout_p)
    q = cast(X, as_node(query))
    k, v = (cast(X, as_input(x, q)) for x in (key, value))
    if min(len(x.shape) for x in (q, k, v)) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(
            f"scaled_dot_product_attention takes queries (..., L, E), keys (..., S, E) and values (..., S, V), but got "
            f"{q.shape}, {k.shape} and {v.shape}"
        )
    if enable_gqa:
        k, v = (autograd.repeat(x, q.shape[-3] // x.shape[-3], -3) for x in (k, v))
    return dropout(attention_weights(q, k, attn_mask, is_causal, scale), dropout_p) @ v


def attention_weights(q: X, k: X, mask: X = None, is_causal: bool = False, scale: float | None = None) -> X:
    """The weight that each query gives to each key, of shape (..., L, S); see :func:`scaled_dot_product_attention`."""
    scores = q * (1 / math.sqrt(q.shape[-1]) if scale is None else scale) @ k.swapaxes(-1, -2)
    if is_causal:
        if mask is not None:
            raise ValueError("scaled_dot_product_attention: take attn_mask or is_causal, which is a mask too, not both")
        mask = np.tri(q.shape[-2], k.shape[-2], dtype=bool)
    if mask is None:
        return softmax(scores)
    if not isinstance(mask, Tensor):
        mask = as_target(mask, q)
        mask = mask if numpy_dtype(mask).kind == "b" else as_input(mask, q)
    sees = mask if numpy_dtype(mask).kind == "b" else mask > -np.inf
    scores = autograd.where(sees, scores if sees is mask else scores + mask, -np.inf)
    # Where a query sees no key, no score is the largest; its weights, of any finite scores, are dropped after.
    blind = autograd.logical_not(autograd.any(sees, axis=-1, keepdims=True))
    return autograd.where(sees, softmax(autograd.where(blind, 0.0, scores)), 0.0)


# The function is wrapped in the file that defines it, so that everyone imports the wrapped one.
entrances(globals(), ["scaled_dot_product_attention"])
