"""``Step``: one step of a training, in two parts, between which callbacks look at the gradients."""

from __future__ import annotations

from collections.abc import Callable

from nn._types import Function, Input
from nn.module import Module
from nn.optim import Optimizer

__all__ = ["Step"]


class Step:
    """The steps of a training: a minibatch's loss and gradients, then the optimiser's update.

    Attributes
    ----------
    model, loss, optimizer
        What is trained, the function of (output, y) that is minimised, and what minimises it.
    compiled : bool or str
        Whether the steps are compiled; a text says why they are not.
    """

    compiled: bool | str = False
    lazy = False  # whether minibatches come as rows that nobody has read

    def __init__(self, model: Module, loss: Function, optimizer: Optimizer) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer

    def backward(self, X: Input, y: Input, check: Callable[[float], object] | None = None) -> float:
        """Give the parameters their gradients; returns the loss, which `check` sees before the backward pass."""
        self.optimizer.zero_grad()
        # The graph has no name after its use: its memory serves again at once, from the processor's cache.
        loss = self.loss(self.model(X), y)
        number: float = loss.item()
        if check is not None:
            check(number)
        loss.backward()
        return number

    def update(self) -> None:
        """Move the parameters by their gradients."""
        self.optimizer.step()

    def close(self) -> None:
        """Let go of what steps have in common, after the last one."""
