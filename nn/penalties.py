"""Penalties on weights, to be added to a loss: ``loss_fn(model(X), y) + 1e-4 * nn.penalties.l2(model)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import autograd
from nn._types import Node, Output, ValueArray
from nn.module import Module

__all__ = ["l1", "l2", "outside"]

Weights: TypeAlias = Module | Iterable[Node | ValueArray]


def l1(weights: Weights) -> Output:
    """The sum of the weights' absolute values.

    Parameters
    ----------
    weights : Module or iterable of node
        A module, whose parameters count, or nodes.

    Returns
    -------
    node
        The penalty, a scalar.

    Raises
    ------
    ValueError
        If there are no weights.

    Examples
    --------
    >>> import nn
    >>> nn.penalties.l1([nn.Parameter([1.0, -2.0])]).item()
    3.0
    """
    return _total_penalty(weights, autograd.abs)


def l2(weights: Weights) -> Output:
    """The sum of the weights' squares.

    Parameters
    ----------
    weights : Module or iterable of node
        A module, whose parameters count, or nodes.

    Returns
    -------
    node
        The penalty, a scalar.

    Raises
    ------
    ValueError
        If there are no weights.

    Examples
    --------
    >>> import nn
    >>> nn.penalties.l2([nn.Parameter([1.0, -2.0])]).item()
    5.0
    """
    return _total_penalty(weights, lambda w: w * w)


def outside(weights: Weights, bound: float = 1.0) -> Output:
    """The sum of the squares of the weights' distances from the interval [−bound, bound].

    Parameters
    ----------
    weights : Module or iterable of node
        A module, whose parameters count, or nodes.
    bound : float
        The end of the interval.

    Returns
    -------
    node
        The penalty, a scalar.

    Raises
    ------
    ValueError
        If there are no weights.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([0.5, -3.0])
    >>> penalty = nn.penalties.outside([w])
    >>> penalty.backward()
    >>> penalty.item(), w.grad
    (4.0, array([ 0., -4.]))
    """

    def squared_distance(w: Node | ValueArray) -> Output:
        e = autograd.relu(autograd.abs(w) - bound)
        return e * e

    return _total_penalty(weights, squared_distance)


def _total_penalty(weights: Weights, penalty: Callable[[Node | ValueArray], Output]) -> Output:
    each = list(weights.parameters() if isinstance(weights, Module) else weights)
    if not each:
        raise ValueError("there are no weights to penalise")
    total = autograd.sum(penalty(each[0]))
    for w in each[1:]:
        total = total + autograd.sum(penalty(w))
    return total
