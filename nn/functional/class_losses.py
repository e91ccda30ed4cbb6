"""Losses of classes and of yes-or-no answers, under PyTorch's names; reductions are those of `nn.functional.losses`."""

from __future__ import annotations

import math
from typing import cast

import numpy as np

import autograd
from autograd.backends import numpy_dtype
from autograd.tracebacks import entrances
from nn import kinds
from nn._types import ArrayLike, Input, Operand, Output, X
from nn.functional.loss_arguments import (
    as_weights,
    averaged,
    check_unit_interval,
    class_axis,
    class_shares,
    matched,
    reduced,
)
from nn.kinds import as_node
from nn.options import ShapeError, check_options, checked_reduction

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "nll_loss"]


def binary_cross_entropy(
    input: Input, target: Input, weight: ArrayLike | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Output:  # fmt: skip
    """The cross-entropy ``-t log p - (1 - t) log(1 - p)`` of probabilities p and targets t.

    Logarithms are at least −100, as in PyTorch. `weight` has a factor for each element's loss, and broadcasts.

    Operands, reductions, the result and errors are those of :func:`mse_loss`; a probability or target
    outside of [0, 1] is a ValueError, too.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> round(F.binary_cross_entropy(Tensor([0.5, 0.9]), [1.0, 1.0]).item(), 4)
    0.3993
    """
    name = "binary_cross_entropy"
    p, t = matched(name, input, target)
    check_unit_interval(name, predictions=p, targets=t)
    losses = _weighted(autograd.binary_cross_entropy(p, t), weight)
    return reduced(name, losses, size_average, reduce, reduction)


def binary_cross_entropy_with_logits(
    input: Input, target: Input, weight: ArrayLike | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", pos_weight: ArrayLike | None = None,
) -> Output:  # fmt: skip
    """The :func:`binary_cross_entropy` of σ(input), for scores of any size.

    `weight` has a factor for each element's loss, `pos_weight` one for the part of positive targets; both broadcast.

    Operands, reductions, the result and errors are those of :func:`mse_loss`; a target outside of [0, 1]
    is a ValueError, too.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> scores = Tensor([0.0, 1000.0])
    >>> loss = F.binary_cross_entropy_with_logits(scores, [1.0, 1.0], reduction="sum")
    >>> loss.backward()
    >>> round(loss.item(), 4), scores.grad
    (0.6931, array([-0.5,  0. ]))
    """
    name = "binary_cross_entropy_with_logits"
    x, t = matched(name, input, target)
    check_unit_interval(name, targets=t)
    operands: tuple[X, ...] = x, t, 1.0 if pos_weight is None else as_weights(pos_weight, x)
    losses = _weighted(autograd.binary_cross_entropy_with_logits(*operands), weight)
    return reduced(name, losses, size_average, reduce, reduction)


def cross_entropy(
    input: Input, target: Input, weight: ArrayLike | None = None, size_average: bool | None = None,
    ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0,
) -> Output:  # fmt: skip
    """The cross-entropy of softmax(input), for scores of any size.

    Parameters
    ----------
    input : node or array_like
        Scores, of shape (classes,) or (samples, classes, ...).
    target : node or array_like
        Class indices, integers of that shape without the classes; or probabilities of that shape. If probabilities
        require a gradient, the loss gives them one too.
    weight : array_like, optional
        A weight for each class, of shape (classes,); with class indices, the mean is the weighted one.
    ignore_index : int
        The index of samples that count neither in the loss nor in its mean.
    reduction : {"mean", "sum", "none"}
        Whether the result is the mean over all samples, their sum, or each sample's loss.
    label_smoothing : float
        The share of each target that is spread evenly over all classes, in [0, 1].

    Returns
    -------
    node
        A scalar, or with "none" the losses, of the shape of `input` without the classes.

    Raises
    ------
    ValueError
        If the target has another shape, an index is no class, an option is out of its range, or the prediction is a
        single number.
    TypeError
        If class indices are no integers or require a gradient.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> scores = Tensor([[2.0, 0.0], [0.0, 0.0]])
    >>> F.cross_entropy(scores, [0, 1], reduction="none").data.round(4)
    array([0.1269, 0.6931])
    >>> F.cross_entropy(scores, [[1.0, 0.0], [0.5, 0.5]], reduction="none").data.round(4)
    array([0.1269, 0.6931])
    """
    name = "cross_entropy"
    check_options(name, label_smoothing=label_smoothing)
    reduction = checked_reduction(name, size_average, reduce, reduction)
    x = as_node(input)
    axis = class_axis(x)
    shares, kept = class_shares(name, x, target, ignore_index, probabilities=True)
    smooth: X = shares
    if label_smoothing:
        even: X = label_smoothing / shares.shape[axis]
        smooth = shares * (1 - label_smoothing) + (even if kept is None or kept is True else kept * even)
    return _class_loss(name, kinds.log_softmax(x, axis), shares, kept, smooth, weight=weight, reduction=reduction)


def nll_loss(
    input: Input, target: Input, weight: ArrayLike | None = None, size_average: bool | None = None,
    ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean",
) -> Output:  # fmt: skip
    """Minus the logarithmic probability of the right class, as :func:`log_softmax` gives it.

    Shapes and options are those of :func:`cross_entropy` with class indices.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> scores = Tensor([[2.0, 0.0], [0.0, 0.0]])
    >>> round(F.nll_loss(F.log_softmax(scores), [0, 1]).item(), 4)
    0.41
    """
    reduction = checked_reduction("nll_loss", size_average, reduce, reduction)
    x = as_node(input)
    shares, kept = class_shares("nll_loss", x, target, ignore_index, probabilities=False)
    return _class_loss("nll_loss", x, shares, kept, shares, weight=weight, reduction=reduction)


def _weighted(losses: Operand, weight: ArrayLike | None) -> Operand:
    return losses if weight is None else losses * as_weights(weight, losses)


def _class_loss(
    name: str, log_p: Operand, shares: Operand, kept: Operand | bool | None, smooth: Operand, *,
    weight: ArrayLike | None, reduction: str,
) -> Output:  # fmt: skip
    """−Σ smooth·log p over the classes.

    The mean is over samples, of class indices (where `kept` is not None) over those that are kept; with a weight, each
    of these has the weight of its class.
    """
    axis = class_axis(log_p)
    counted: X = kept
    if weight is not None:
        factors = kinds.to_numpy(weight).astype(numpy_dtype(shares))
        if factors.shape != (log_p.shape[axis],):
            raise ShapeError(f"{name}: weight must hold {log_p.shape[axis]} numbers, one for each class")
        factors = factors.reshape(-1, *[1] * (len(log_p.shape) - axis - 1))
        smooth, counted = smooth * factors, shares * factors
    total: X = None
    if reduction == "mean" and kept is not None and counted is not True:
        total = kinds.sum(counted)
    # 0·(−inf) would be nan, so `where` keeps the −inf of a class without a share out of the sum. If no class counts at
    # all, every class stays in, and the gradient is nan as the loss is. A share of 0 that requires a gradient gets one.
    counts: X = smooth
    if weight is not None and total is not None:
        counts = np.where(total == 0, cast(X, shares), counts)
    counts = counts != 0
    if kinds.requires_grad(smooth):
        counts = autograd.logical_or(counts, autograd.isfinite(log_p))
    losses = -kinds.sum(autograd.where(counts, log_p, 0.0) * smooth, axis=axis)
    if total is None:
        return reduced(name, losses, None, None, reduction)
    return averaged(losses, np.where(total == 0, total * math.nan, total)[()])


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
