"""Penalties on weights, to be added to a loss: ``loss_fn(model(X), y) + 1e-4 * nn.penalties.l2(model)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import autograd
from nn.module import Module

__all__ = ["l1", "l2", "outside"]


def l1(weights: Module | Iterable[Any]) -> Any:
    """The sum of the weights' absolute values.

    Parameters
    ----------
    weights : Module or iterable of nodes
        A module's parameters, or those given.

    Examples
    --------
    >>> import nn
    >>> nn.penalties.l1([nn.Parameter([1.0, -2.0])]).item()
    3.0
    """
    return _total_penalty(weights, autograd.abs)


def l2(weights: Module | Iterable[Any]) -> Any:
    """The sum of the weights' squares.

    Examples
    --------
    >>> import nn
    >>> nn.penalties.l2([nn.Parameter([1.0, -2.0])]).item()
    5.0
    """
    return _total_penalty(weights, lambda w: w * w)


def outside(weights: Module | Iterable[Any], bound: float = 1.0) -> Any:
    """The sum of the squares of what the weights exceed [−bound, bound] by.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([0.5, -3.0])
    >>> penalty = nn.penalties.outside([w])
    >>> penalty.backward()
    >>> penalty.item(), w.grad
    (4.0, array([ 0., -4.]))
    """

    def excess(w: Any) -> Any:
        e = autograd.relu(autograd.abs(w) - bound)
        return e * e

    return _total_penalty(weights, excess)


def _total_penalty(weights: Module | Iterable[Any], penalty: Callable[[Any], Any]) -> Any:
    each = list(weights.parameters() if isinstance(weights, Module) else weights)
    if not each:
        raise ValueError("there are no weights to penalise")
    total = autograd.sum(penalty(each[0]))
    for w in each[1:]:
        total = total + autograd.sum(penalty(w))
    return total
