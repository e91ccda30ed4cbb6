"""Checks of losses' arguments: a prediction and a target become operands of each other, or are refused."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from autograd import Tensor, Value
from nn import kinds
from nn._types import Array, ArrayLike, Input, Operand
from nn.functional.class_indices import check_indices
from nn.kinds import as_node, is_value_array

__all__ = ["check_signs", "check_unit_interval", "class_axis", "class_shares", "matched"]


def matched(name: str, prediction: Input, target: Input) -> tuple[Operand, Operand]:
    """A prediction and its target as operands of one shape; a target that is no node becomes a constant."""
    x = as_node(prediction)
    if isinstance(x, Tensor) and isinstance(target, Tensor) and target.dtype.kind != "f":
        t: Operand = kinds.astype(target, x.dtype)
    elif isinstance(target, (Tensor, Value)) or is_value_array(target):
        t = target
    elif isinstance(x, Value) and np.ndim(cast(ArrayLike, target)) == 0:
        t = Value(target, requires_grad=False)
    else:
        t = as_node(target, x.dtype) if isinstance(x, Tensor) else np.asarray(target, float)
    if x.shape != t.shape:
        raise ValueError(
            f"{name}: the prediction has shape {x.shape}, the target {t.shape}; "
            f"they must be equal{_shape_advice(x.shape, t.shape)}"
        )
    return x, t


def _shape_advice(prediction: tuple[int, ...], target: tuple[int, ...]) -> str:
    if prediction == (*target, 1):
        return ": target[:, None] makes a column of it"
    if prediction and (*prediction, 1) == target:
        return ": target[:, 0] takes its only column"
    return ""


def check_unit_interval(name: str, what: str, x: Operand, advice: str = "") -> None:
    """Raise ValueError unless all numbers are in [0, 1]; a nan passes, and shows in the loss."""

    def check(data: Array) -> None:
        if np.minimum.reduce(data * (1 - data), axis=None, initial=0.0) < 0:
            raise ValueError(
                f"{name}: {what} must be in [0, 1]; they run from {data.min():.4g} to {data.max():.4g}{advice}"
            )

    kinds.observe(check, x)


def check_signs(target: Array) -> None:
    """Raise ValueError unless the targets of the hinge loss are −1 and 1."""
    if not (np.abs(target) == 1).all():
        raise ValueError("hinge_loss: targets must be -1 or 1; 2 * y - 1 makes them of 0 and 1")


def class_axis(x: Operand) -> int:
    """The axis of the classes, which is PyTorch's: the second, or the only one."""
    return 0 if len(x.shape) == 1 else 1


def class_shares(name: str, x: Operand, target: Input, probabilities: bool) -> tuple[Operand, bool]:
    """The share of each class in the target, in the prediction's shape; and whether the target holds class indices.

    Shares are an array; probabilities that require a gradient stay what they are, a node or an object array of Values.
    """
    if x.shape == ():
        raise ValueError(f"{name}: the prediction is a single number; it needs a score for each class")
    if isinstance(target, (list, tuple)) and any(isinstance(t, Value) for t in target):
        target = np.array(target, object)
    if kinds.requires_grad(target):
        shares = as_node(target)
        if probabilities and shares.shape == x.shape:
            return shares, False
        raise TypeError(f"{name}: class indices are constants; pass target.detach()")
    y: Any = target if isinstance(target, Tensor) else kinds.to_numpy(target)
    axis = class_axis(x)
    if y.dtype.kind == "f" and (why := kinds.dtype_refusal(y)):
        raise TypeError(f"{name}: the target: {why}")
    dtype = x.dtype if isinstance(x, Tensor) else np.dtype(float)
    shape_of_indices = x.shape[:axis] + x.shape[axis + 1 :]
    if y.shape == shape_of_indices:
        if y.dtype.kind not in "iu":
            raise TypeError(f"{name}: class indices must be integers, not {y.dtype}; y.astype(int) if they are whole")
        n = x.shape[axis]
        kinds.observe(lambda indices: check_indices(name, indices, n), y)
        classes = np.arange(n).reshape(-1, *[1] * (len(x.shape) - axis - 1))
        return kinds.astype(y.reshape((*y.shape[:axis], 1, *y.shape[axis:])) == classes, dtype), True
    if y.shape == x.shape and probabilities:
        return kinds.astype(y, dtype), False
    allowed = f"{shape_of_indices} (class indices)" + (f" or {x.shape} (probabilities)" if probabilities else "")
    raise ValueError(f"{name}: for a prediction of shape {x.shape} the target has shape {allowed}, not {y.shape}")
