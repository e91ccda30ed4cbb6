"""Optimisers: how parameters follow their gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from autograd import Tensor, Value, no_grad
from nn.module import Module

__all__ = ["SGD"]

_Node = Tensor | Value


class SGD:
    """Gradient descent, with momentum if asked for, by PyTorch's rule.

    For every parameter p that has a gradient and is not frozen, a step is ``v = momentum * v + grad; p -= lr * v``,
    where v starts at 0.

    Parameters
    ----------
    params : iterable of Tensor or Value
        Leaves to train, as ``model.parameters()`` gives them.
    lr : float
        The learning rate; at least 0. It may be changed between steps: ``optimizer.lr = 0.01``.
    momentum : float
        The share of the last step's direction that is kept; at least 0.

    Raises
    ------
    TypeError
        If `params` is no iterable of nodes, or a rate no number.
    ValueError
        If `params` is empty (a generator that was used up, perhaps), names a node twice or one that is no leaf, or a
        rate is negative or not finite.

    Examples
    --------
    >>> from autograd import Value
    >>> from nn import optim
    >>> w = Value(1.0)
    >>> optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).backward()
    ...     optimizer.step()
    >>> round(w.data, 12)
    0.46
    """

    def __init__(self, params: Iterable[_Node], lr: float = 1e-3, momentum: float = 0.0) -> None:
        self.params = _leaves(params)
        self.lr = _rate("lr", lr)
        self.momentum = _rate("momentum", momentum)
        self._velocities: list[Any] = [0.0] * len(self.params)

    def zero_grad(self) -> None:
        """Forget every parameter's gradient; else the next backward pass adds to it."""
        for p in self.params:
            p.zero_grad()

    def step(self) -> None:
        """Move every parameter that has a gradient.

        Raises
        ------
        ValueError
            If none has one.
        """
        if all(p.grad is None for p in self.params):
            raise ValueError("SGD.step: no parameter has a gradient; call loss.backward() first")
        with no_grad():
            for i, p in enumerate(self.params):
                v = p.grad
                if v is None or not p.requires_grad:
                    continue
                if self.momentum:
                    v = self._velocities[i] = self.momentum * self._velocities[i] + v
                p -= self.lr * v

    def __repr__(self) -> str:
        return f"SGD({len(self.params)} parameters, lr={self.lr}, momentum={self.momentum})"


def _leaves(params: Any) -> list[_Node]:
    """The parameters as a list, or an error that says what is wrong with them."""
    if isinstance(params, Module):
        raise TypeError(f"SGD: pass {type(params).__name__}'s parameters, model.parameters(), not the module")
    if isinstance(params, (Tensor, Value)):
        raise TypeError("SGD: pass a list of parameters, [p], not a single one")
    if not isinstance(params, Iterable):
        advice = "; call it: model.parameters()" if callable(params) else ""
        raise TypeError(f"SGD: params must be a list of nodes, not {type(params).__name__}{advice}")
    leaves = list(params)
    if not leaves:
        raise ValueError("SGD: there are no parameters; a used generator is empty, so call model.parameters() anew")
    seen: dict[int, int] = {}
    for i, p in enumerate(leaves):
        if not isinstance(p, (Tensor, Value)):
            raise TypeError(f"SGD: parameter {i} is {type(p).__name__}, not a Tensor or Value")
        if p.op is not None:
            raise ValueError(f"SGD: parameter {i} is the result of {p.op.name!r}; only leaves are trained")
        if id(p) in seen:
            raise ValueError(f"SGD: parameters {seen[id(p)]} and {i} are the same node; pass each once")
        seen[id(p)] = i
    return leaves


def _rate(name: str, x: Any) -> float:
    try:
        rate = float(x)
    except (TypeError, ValueError):
        raise TypeError(f"SGD: {name} must be a number, not {x!r}") from None
    if not (math.isfinite(rate) and rate >= 0):
        raise ValueError(f"SGD: {name} must be finite and at least 0, not {rate}")
    return rate
