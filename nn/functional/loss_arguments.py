"""Arguments of losses: operands of each other, or refused; and what is made of the losses of elements."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, cast

import numpy as np

import autograd
from autograd import Tensor, Value
from autograd.backends import library_of, numpy_dtype
from nn import kinds
from nn._types import Array, ArrayLike, Input, Operand, Output, X
from nn.functional.class_indices import check_indices
from nn.host import as_numpy
from nn.kinds import as_node, is_value_array
from nn.options import ArgumentError, ShapeError, checked_reduction

__all__ = [
    "Average", "as_weights", "averaged", "averages", "beside", "check_broadcast", "check_signs",
    "check_unit_interval", "check_variances", "class_axis", "class_shares", "matched", "reduced", "weighted",
]  # fmt: skip


def reduced(
    name: str, losses: Operand, size_average: object, reduce: object, reduction: str, weight: ArrayLike | None = None,
) -> Output:  # fmt: skip
    """The mean or the sum of losses, or the losses themselves; with a weight for each, the weighted mean."""
    reduction = checked_reduction(name, size_average, reduce, reduction)
    losses = weighted(name, losses, weight)
    if reduction == "none":
        return losses
    if reduction == "sum":
        return _summed(losses)
    return averaged(losses, None if weight is None else as_weights(weight, losses).sum())


class Average(NamedTuple):
    """What a loss is: the result, the sum of losses, and what that was divided by, None if by nothing."""

    result: Output
    total: Output
    divisor: float | None


_AVERAGES: ContextVar[list[Average] | None] = ContextVar("averages", default=None)


@contextmanager
def averages() -> Iterator[list[Average]]:
    """A block that notes each mean and each sum that a loss is, so that means over parts can be put together."""
    noted: list[Average] = []
    token = _AVERAGES.set(noted)
    try:
        yield noted
    finally:
        _AVERAGES.reset(token)


def averaged(losses: Operand, divisor: X = None) -> Output:
    """The mean of losses: their sum over `divisor`, nan if nothing counts, by default over how many they are."""
    noted = _AVERAGES.get()
    if noted is None:
        return kinds.mean(losses) if divisor is None else kinds.sum(losses) / divisor
    if divisor is None:
        divisor = math.prod(losses.shape) or math.nan  # One part of several may have no losses at all.
    total = kinds.sum(losses)
    result: Output = total / divisor
    noted.append(Average(result, total, np.nan_to_num(kinds.to_numpy(divisor)).item()))
    return result


def _summed(losses: Operand) -> Output:
    total = kinds.sum(losses)
    if (noted := _AVERAGES.get()) is not None:
        noted.append(Average(total, total, None))
    return total


def weighted(name: str, losses: Operand, weight: ArrayLike | None) -> Operand:
    """Losses times a weight for each, of their shape."""
    if weight is None:
        return losses
    weights = as_weights(weight, losses)
    if weights.shape != losses.shape:
        raise ValueError(f"{name}: weights and input must have the same size, not {weights.shape} and {losses.shape}")
    product: Operand = losses * weights
    return product


def as_weights(weight: ArrayLike, losses: Operand) -> X:
    """A number or an array of weights in the dtype of the losses: float64 would make float64 of float32 losses."""
    if library_of(losses) is not None:
        return as_node(weight, cast(Tensor, losses))
    dtype = np.result_type(losses.dtype, np.float32) if isinstance(losses, Tensor) else float
    return kinds.to_numpy(weight).astype(dtype)[()]


def beside(x: Operand, other: Input) -> Operand:
    """An operand of `x`: a node as it is, apart from the dtype of integers; anything else as a constant."""
    if isinstance(x, Tensor) and isinstance(other, Tensor) and numpy_dtype(other).kind != "f":
        return kinds.astype(other, numpy_dtype(x))
    if isinstance(other, (Tensor, Value)) or is_value_array(other):
        return other
    if isinstance(x, Value) and np.ndim(cast(ArrayLike, other)) == 0:
        return Value(other, requires_grad=False)
    return as_node(other, x) if isinstance(x, Tensor) else np.asarray(as_numpy(other), float)


def matched(name: str, prediction: Input, target: Input) -> tuple[Operand, Operand]:
    """A prediction and its target as operands of one shape; a target that is no node becomes a constant."""
    x = as_node(prediction)
    t = beside(x, target)
    if x.shape != t.shape:
        raise ShapeError(
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


def check_unit_interval(name: str, **operands: Operand) -> None:
    """Raise ValueError unless all numbers are in [0, 1]; a nan passes, and shows in the loss."""

    def check(*data: Array) -> None:
        for what, x in zip(operands, data, strict=True):
            if np.minimum.reduce(x * (1 - x), axis=None, initial=0.0) < 0:
                advice = "; for scores use BCEWithLogitsLoss" if what == "predictions" else ""
                raise ValueError(
                    f"{name}: {what} must be in [0, 1]; they run from {x.min():.4g} to {x.max():.4g}{advice}"
                )

    kinds.check(check, *operands.values())


def check_signs(target: Array) -> None:
    """Raise ValueError unless the targets of the hinge loss are −1 and 1."""
    if not (np.abs(target) == 1).all():
        raise ValueError("hinge_loss: targets must be -1 or 1; 2 * y - 1 makes them of 0 and 1")


def check_variances(var: Array) -> None:
    """Raise ValueError unless the variances of the normal loss are at least 0."""
    if (var < 0).any():
        raise ValueError(f"gaussian_nll_loss: var has negative entries; the least is {var.min():.4g}")


def class_axis(x: Operand) -> int:
    """The axis of the classes, which is PyTorch's: the second, or the only one."""
    return 0 if len(x.shape) == 1 else 1


def class_shares(
    name: str, x: Operand, target: Input, ignore_index: int, probabilities: bool
) -> tuple[Operand, Operand | bool | None]:
    """The share of each class in the target, in the prediction's shape; and which samples count, if not all.

    The latter is None where the target holds probabilities. Shares are an array; probabilities that require a gradient
    stay what they are, a node or an object array of Values.
    """
    if x.shape == ():
        raise ValueError(f"{name}: the prediction is a single number; it needs a score for each class")
    if isinstance(target, (list, tuple)) and any(isinstance(t, Value) for t in target):
        target = np.array(target, object)
    if kinds.requires_grad(target):
        shares = as_node(target)
        if probabilities and shares.shape == x.shape:
            _check_ignored(name, ignore_index)
            return shares, None
        raise ArgumentError(f"{name}: class indices are constants; pass target.detach()")
    y: X = kinds.as_target(target, x)
    kind = numpy_dtype(y).kind
    axis = class_axis(x)
    if kind == "f" and isinstance(y, np.ndarray) and (why := kinds.dtype_refusal(y)):
        raise TypeError(f"{name}: the target: {why}")
    dtype = kinds.result_dtype(x)
    shape_of_indices = x.shape[:axis] + x.shape[axis + 1 :]
    if y.shape == shape_of_indices:
        if kind not in "iu":
            raise ArgumentError(
                f"{name}: expected target dtype to be Long or Byte: class indices must be integers, not {y.dtype}; "
                f"y.astype(int) if they are whole"
            )
        if kind == "u":  # Of most of these PyTorch compares none.
            y = kinds.astype(y, np.dtype(np.int64))
        n = x.shape[axis]
        counts: X = y != ignore_index
        kept: X = isinstance(y, np.ndarray) and bool(counts.all())
        kinds.check(
            lambda indices: check_indices(name, indices if kept is True else indices[indices != ignore_index], n), y
        )
        classes = np.arange(n).reshape(-1, *[1] * (len(x.shape) - axis - 1))
        column = (*y.shape[:axis], 1, *y.shape[axis:])
        right = y.reshape(column) == classes
        if kept is not True:
            kept = kinds.astype(counts.reshape(column), dtype)
            right = autograd.logical_and(right, kept) if 0 <= ignore_index < n else right
        return kinds.astype(right, dtype), kept
    if y.shape == x.shape and probabilities:
        _check_ignored(name, ignore_index)
        return kinds.astype(y, dtype), None
    allowed = f"{shape_of_indices} (class indices)" + (f" or {x.shape} (probabilities)" if probabilities else "")
    words = "Expected target size that fits the input"
    if len(y.shape) == 1 != len(x.shape):
        words = f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({len(y)})"
    raise ShapeError(
        f"{name}: {words}; for a prediction of shape {x.shape} the target has shape {allowed}, not {y.shape}"
    )


def _check_ignored(name: str, ignore_index: int) -> None:
    if ignore_index >= 0:
        raise ArgumentError(
            f"{name}: ignore_index is not supported for floating point target, probabilities; it is for class indices"
        )


def check_broadcast(name: str, *xs: Operand) -> None:
    """Raise an error unless the shapes broadcast."""
    shapes = [x.shape for x in xs]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(f"{name}: the shapes {', '.join(map(str, shapes))} do not broadcast") from None
