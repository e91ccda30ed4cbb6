"""Gradient clipping, under PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["clip_grad_norm_", "clip_grad_value_"]


def clip_grad_norm_(parameters: Iterable[Any], max_norm: float, norm_type: float = 2.0) -> float:
    """Scale all gradients by one factor, so that the norm of them all together is at most `max_norm`.

    Parameters
    ----------
    parameters : iterable of nodes
        Those without a gradient are passed over.
    max_norm : float
        The largest norm allowed; at least 0.
    norm_type : float
        Which norm: 2, another p, or inf for the largest absolute value.

    Returns
    -------
    float
        The norm before.

    Raises
    ------
    ValueError
        If `max_norm` is negative, or the norm is not finite (nothing is changed then).

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([3.0, 4.0])
    >>> (w * w / 2).sum().backward()
    >>> nn.utils.clip_grad_norm_([w], 1.0)
    5.0
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    if not max_norm >= 0:
        raise ValueError(f"clip_grad_norm_: max_norm must be at least 0, not {max_norm!r}")
    given = [p for p in parameters if p.grad is not None]
    norms = [np.linalg.norm(np.ravel(p.grad), norm_type) for p in given]
    norm = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if not math.isfinite(norm):
        raise ValueError(f"clip_grad_norm_: the gradients' norm is {norm}; a lower learning rate may keep it finite")
    factor = max_norm / (norm + 1e-6)
    if factor < 1:
        for p in given:
            p.grad = _alike(p.grad * factor, p.grad)
    return norm


def clip_grad_value_(parameters: Iterable[Any], clip_value: float) -> None:
    """Limit every element of every gradient to [−clip_value, clip_value].

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([3.0, 0.5])
    >>> (w * w).sum().backward()
    >>> nn.utils.clip_grad_value_([w], 2.0)
    >>> w.grad
    array([2., 1.])
    """
    if not clip_value >= 0:
        raise ValueError(f"clip_grad_value_: clip_value must be at least 0, not {clip_value!r}")
    for p in parameters:
        if p.grad is not None:
            p.grad = _alike(np.clip(p.grad, -clip_value, clip_value), p.grad)


def _alike(g: Any, like: Any) -> Any:
    """A gradient as its node keeps it: an array, also a 0-d one, or a float."""
    return np.asarray(g) if isinstance(like, np.ndarray) else float(g)
