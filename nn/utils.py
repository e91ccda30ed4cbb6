"""Gradient clipping, under PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor, Value
from nn.kinds import is_value_array
from nn.module import Module

__all__ = ["clip_grad_norm_", "clip_grad_value_", "list_parameters"]


def clip_grad_norm_(parameters: Any, max_norm: float, norm_type: float = 2.0) -> float:
    """Scale all gradients by one factor, so that the norm of them all together is at most `max_norm`.

    Parameters
    ----------
    parameters : iterable of nodes, or one
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
    given = _with_gradient("clip_grad_norm_", parameters)
    norms = [np.linalg.norm(np.ravel(p.grad), norm_type) for p in given]
    norm = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if not math.isfinite(norm):
        raise ValueError(f"clip_grad_norm_: the gradients' norm is {norm}; a lower learning rate may keep it finite")
    factor = max_norm / (norm + 1e-6)
    if factor < 1:
        for p in given:
            p.grad = p.grad * factor
    return norm


def clip_grad_value_(parameters: Any, clip_value: float) -> None:
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
    for p in _with_gradient("clip_grad_value_", parameters):
        p.grad = np.clip(p.grad, -clip_value, clip_value)


def list_parameters(name: str, params: Any) -> list[Any]:
    """Parameters as a list, those in object arrays of Values one by one; `name` is who asks, for errors.

    Raises
    ------
    TypeError
        If they are no iterable: a module itself, a method that was not called, ...
    """
    if isinstance(params, Module):
        raise TypeError(f"{name}: pass {type(params).__name__}'s parameters, model.parameters(), not the module")
    if not isinstance(params, Iterable) or isinstance(params, (dict, str)):
        advice = "; call it: model.parameters()" if callable(params) else ""
        raise TypeError(f"{name}: params must be a list of nodes, not {type(params).__name__}{advice}")
    return [p for x in params for p in (x.flat if is_value_array(x) else (x,))]


def _with_gradient(name: str, parameters: Any) -> list[Any]:
    single = isinstance(parameters, (Tensor, Value))
    return [p for p in list_parameters(name, [parameters] if single else parameters) if p.has_grad]
