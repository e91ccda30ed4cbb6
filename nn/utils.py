"""Gradient clipping, under PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor, Value
from nn._types import Array, Node, ValueArray
from nn.kinds import is_value_array
from nn.module import Module

Parameters = Node | Iterable[Node | ValueArray]

__all__ = ["clip_grad_norm_", "clip_grad_value_", "list_parameters"]


def clip_grad_norm_(parameters: Parameters, max_norm: float, norm_type: float = 2.0) -> float:
    """Scale all gradients by one factor, so that the norm of them all together is at most `max_norm`.

    Parameters
    ----------
    parameters : iterable of nodes, or a node
        Nodes without a gradient are ignored.
    max_norm : float
        The largest norm allowed; at least 0.
    norm_type : float
        The order of the norm: 2, another p, or inf for the largest absolute value.

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
    gradients = _gradients("clip_grad_norm_", parameters)
    norms = [np.linalg.norm(np.ravel(g), norm_type) for _, g in gradients]
    norm = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if not math.isfinite(norm):
        raise ValueError(f"clip_grad_norm_: the gradients' norm is {norm}; a lower learning rate may keep it finite")
    factor = max_norm / (norm + 1e-6)
    if factor < 1:
        for p, g in gradients:
            p.grad = g * factor
    return norm


def clip_grad_value_(parameters: Parameters, clip_value: float) -> None:
    """Limit every element of every gradient to [−clip_value, clip_value].

    Parameters
    ----------
    parameters : iterable of nodes, or a node
        Nodes without a gradient are ignored.
    clip_value : float
        The largest absolute value; at least 0.

    Raises
    ------
    ValueError
        If `clip_value` is negative.

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
    for p, g in _gradients("clip_grad_value_", parameters):
        p.grad = np.clip(g, -clip_value, clip_value)


def list_parameters(name: str, params: object) -> list[Any]:
    """Parameters, or groups of them, as a list; the Values of an object array come one by one.

    Raises
    ------
    TypeError
        If they are no iterable: a module itself, a method that was not called, ... The message begins with `name`.
    """
    if isinstance(params, Module):
        raise TypeError(f"{name}: pass {type(params).__name__}'s parameters, model.parameters(), not the module")
    if not isinstance(params, Iterable) or isinstance(params, (dict, str)):
        advice = "; call it: model.parameters()" if callable(params) else ""
        raise TypeError(f"{name}: params must be a list of nodes, not {type(params).__name__}{advice}")
    return [p for x in params for p in (x.flat if is_value_array(x) else (x,))]


def _gradients(name: str, parameters: Parameters) -> list[tuple[Node, Array]]:
    """The parameters that have a gradient, each with it."""
    is_single = isinstance(parameters, (Tensor, Value))
    listed = list_parameters(name, [parameters] if is_single else parameters)
    return [(p, np.asarray(p.grad)) for p in listed if p.has_grad]
