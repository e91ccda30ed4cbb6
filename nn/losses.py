"""Losses: how far a prediction is from its target."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import Tensor, Value
from nn.module import Module, as_node

__all__ = ["MSELoss"]

_REDUCTIONS = ("mean", "sum", "none")


class MSELoss(Module):
    """The squared error ``(prediction - target)**2``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Its mean over all elements, its sum, or itself element by element.

    Raises
    ------
    ValueError
        If there is no such reduction; when called, if the two shapes differ.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> prediction = Tensor([1.0, 2.0])
    >>> loss = nn.MSELoss()(prediction, [0.0, 4.0])
    >>> loss.item()
    2.5
    >>> loss.backward()
    >>> prediction.grad
    array([ 1., -2.])
    """

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in _REDUCTIONS:
            raise ValueError(f"MSELoss: reduction must be one of {', '.join(_REDUCTIONS)}, not {reduction!r}")
        self.reduction = reduction

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss of `prediction`, a node, for `target`, of the same shape; an array as target is a constant.

        A scalar, or with ``reduction="none"`` of that shape too.
        """
        prediction = as_node(prediction, None)
        if not isinstance(target, (Tensor, Value)):
            scalar = isinstance(prediction, Value) and np.ndim(target) == 0
            target = Value(target, requires_grad=False) if scalar else as_node(target, np.result_type(prediction.data))
        if prediction.shape != target.shape:
            raise ValueError(
                f"MSELoss: the prediction has shape {prediction.shape}, the target {target.shape}; "
                f"they must be equal{_advice(prediction.shape, target.shape)}"
            )
        error = prediction - target
        squares = error * error
        if self.reduction == "none":
            return squares
        return autograd.mean(squares) if self.reduction == "mean" else autograd.sum(squares)


def _advice(prediction: tuple[int, ...], target: tuple[int, ...]) -> str:
    if prediction == (*target, 1):
        return ": target[:, None] makes a column of it"
    if (*prediction, 1) == target:
        return ": prediction[:, 0] takes its only column"
    return ""
