"""Losses as functions, under PyTorch's names, and by name; `nn.functional` has them beside the activations.

Each takes a prediction and a target and gives a node: a Tensor, or a Value if the prediction is a Value or an object
array of them. A target is a constant unless it is a node.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

import autograd
from autograd import Tensor
from autograd.tracebacks import entrances
from nn import kinds
from nn._types import ArrayLike, Input, Operand, Output
from nn.functional.loss_arguments import check_signs, check_unit_interval, class_axis, class_shares, matched
from nn.kinds import as_node
from nn.options import check_options

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "hinge_loss", "huber_loss", "l1_loss",
    "mse_loss", "nll_loss",
]  # fmt: skip


def mse_loss(prediction: Input, target: Input, reduction: str = "mean") -> Output:
    """The squared error ``(prediction - target)**2``.

    Parameters
    ----------
    prediction, target : node or array_like
        Of one shape.
    reduction : {"mean", "sum", "none"}
        The mean over all elements, their sum, or each element's loss.

    Returns
    -------
    node
        The loss: a scalar, or of the prediction's shape if there is no reduction.

    Raises
    ------
    ValueError
        If the two shapes differ, or there is no such reduction.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> prediction = Tensor([1.0, 2.0])
    >>> loss = F.mse_loss(prediction, [0.0, 4.0])
    >>> loss.backward()
    >>> loss.item(), prediction.grad
    (2.5, array([ 1., -2.]))
    """
    prediction, target = matched("mse_loss", prediction, target)
    error = prediction - target
    return _reduce("mse_loss", error * error, reduction)


def l1_loss(prediction: Input, target: Input, reduction: str = "mean") -> Output:
    """The absolute error ``|prediction - target|``; its derivative at 0 is 0.

    Parameters
    ----------
    prediction, target : node or array_like
        Of one shape.
    reduction : {"mean", "sum", "none"}
        The mean over all elements, their sum, or each element's loss.

    Returns
    -------
    node
        The loss: a scalar, or of the prediction's shape if there is no reduction.

    Raises
    ------
    ValueError
        If the two shapes differ, or there is no such reduction.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.l1_loss(Tensor([1.0, 2.0]), [0.0, 4.0]).item()
    1.5
    """
    prediction, target = matched("l1_loss", prediction, target)
    return _reduce("l1_loss", autograd.abs(prediction - target), reduction)


def huber_loss(prediction: Input, target: Input, reduction: str = "mean", delta: float = 1.0) -> Output:
    """Half the squared error up to `delta`, beyond it ``delta * (|error| - delta/2)``.

    Parameters
    ----------
    prediction, target : node or array_like
        Of one shape.
    reduction : {"mean", "sum", "none"}
        The mean over all elements, their sum, or each element's loss.
    delta : float
        Where the loss becomes linear; positive.

    Returns
    -------
    node
        The loss: a scalar, or of the prediction's shape if there is no reduction.

    Raises
    ------
    ValueError
        If the two shapes differ, `delta` is not positive, or there is no such reduction.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.huber_loss(Tensor([0.5, 3.0]), [0.0, 0.0], reduction="none").data
    array([0.125, 2.5  ])
    """
    check_options("huber_loss", delta=delta)
    prediction, target = matched("huber_loss", prediction, target)
    error = prediction - target
    near = autograd.clip(error, -delta, delta)  # A large error is never squared, so that it cannot overflow.
    return _reduce("huber_loss", near * (error - near * 0.5), reduction)


def hinge_loss(prediction: Input, target: Input, reduction: str = "mean", margin: float = 1.0) -> Output:
    """``max(0, margin - target * prediction)`` for targets −1 and 1: no loss for a clear score of the right sign.

    Parameters
    ----------
    prediction : node or array_like
        Scores, of any shape.
    target : node or array_like
        −1 or 1 for each score.
    reduction : {"mean", "sum", "none"}
        The mean over all elements, their sum, or each element's loss.
    margin : float
        From which score on there is no loss.

    Returns
    -------
    node
        The loss: a scalar, or of the prediction's shape if there is no reduction.

    Raises
    ------
    ValueError
        If a target is neither −1 nor 1, the two shapes differ, or there is no such reduction.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.hinge_loss(Tensor([2.0, 0.5, 0.5]), [1, 1, -1], reduction="none").data
    array([0. , 0.5, 1.5])
    """
    prediction, target = matched("hinge_loss", prediction, target)
    kinds.observe(check_signs, target)
    return _reduce("hinge_loss", autograd.relu(margin - target * prediction), reduction)


def binary_cross_entropy(
    prediction: Input, target: Input, weight: ArrayLike | None = None, reduction: str = "mean"
) -> Output:
    """The cross-entropy ``-t log p - (1 - t) log(1 - p)`` of probabilities p and targets t.

    Logarithms are at least −100, as in PyTorch.

    Parameters
    ----------
    prediction, target : node or array_like
        Numbers in [0, 1], of one shape.
    weight : array_like, optional
        A factor for each element's loss, of a shape that broadcasts to theirs.
    reduction : {"mean", "sum", "none"}
        The mean over all elements, their sum, or each element's loss.

    Returns
    -------
    node
        The loss: a scalar, or of the prediction's shape if there is no reduction.

    Raises
    ------
    ValueError
        If a number is not in [0, 1], the two shapes differ, or there is no such reduction.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> round(F.binary_cross_entropy(Tensor([0.5, 0.9]), [1.0, 1.0]).item(), 4)
    0.3993
    """
    name = "binary_cross_entropy"
    prediction, target = matched(name, prediction, target)
    check_unit_interval(name, "predictions", prediction, "; for scores use BCEWithLogitsLoss")
    check_unit_interval(name, "targets", target)
    return _reduce(name, _weighted(autograd.binary_cross_entropy(prediction, target), weight), reduction)


def binary_cross_entropy_with_logits(
    prediction: Input,
    target: Input,
    weight: ArrayLike | None = None,
    reduction: str = "mean",
    pos_weight: ArrayLike | None = None,
) -> Output:
    """The cross-entropy of σ(prediction), stable for scores of any size.

    Parameters
    ----------
    prediction : node or array_like
        Scores, of any shape.
    target : node or array_like
        Numbers in [0, 1], of that shape.
    weight : array_like, optional
        A factor for each element's loss, of a shape that broadcasts to theirs.
    reduction : {"mean", "sum", "none"}
        The mean over all elements, their sum, or each element's loss.
    pos_weight : array_like, optional
        A factor for the part of positive targets only.

    Returns
    -------
    node
        The loss: a scalar, or of the prediction's shape if there is no reduction.

    Raises
    ------
    ValueError
        If a target is not in [0, 1], the two shapes differ, or there is no such reduction.

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
    x, t = matched(name, prediction, target)
    check_unit_interval(name, "targets", t)
    operands: tuple[Any, ...] = x, t, 1.0 if pos_weight is None else _as_weights(pos_weight, x)
    return _reduce(name, _weighted(autograd.binary_cross_entropy_with_logits(*operands), weight), reduction)


def cross_entropy(
    prediction: Input,
    target: Input,
    weight: ArrayLike | None = None,
    *,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Output:
    """The cross-entropy of softmax(prediction), for scores of any size.

    Parameters
    ----------
    prediction : node or array_like
        Scores, of shape (classes,) or (samples, classes, ...).
    target : node or array_like
        Class indices, integers of that shape without the classes; or probabilities of that shape. If probabilities
        require a gradient, the loss gives them one too.
    weight : array_like, shape (classes,), optional
        A weight for each class.
    reduction : {"mean", "sum", "none"}
        The mean over samples (with a weight and class indices: the weighted mean), the sum, or each sample's loss.
    label_smoothing : float
        The share of each target that is spread evenly over all classes, in [0, 1].

    Returns
    -------
    node
        The loss: a scalar, or one number for each sample if there is no reduction.

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
    x = as_node(prediction)
    shares, is_indices = class_shares(name, x, target, probabilities=True)
    smooth = shares
    if label_smoothing:
        smooth = shares * (1 - label_smoothing) + label_smoothing / shares.shape[class_axis(x)]
    one_hot = shares if is_indices else None
    return _class_loss(name, kinds.log_softmax(x, class_axis(x)), one_hot, smooth, weight, reduction)


def nll_loss(prediction: Input, target: Input, weight: ArrayLike | None = None, reduction: str = "mean") -> Output:
    """Minus the logarithmic probability of the right class, as :func:`log_softmax` gives it.

    Parameters
    ----------
    prediction : node or array_like
        Logarithmic probabilities, of shape (classes,) or (samples, classes, ...).
    target : array_like of int
        Class indices, of that shape without the classes.
    weight : array_like, shape (classes,), optional
        A weight for each class.
    reduction : {"mean", "sum", "none"}
        The mean over samples, with a weight the weighted mean; the sum; or each sample's loss.

    Returns
    -------
    node
        The loss: a scalar, or one number for each sample if there is no reduction.

    Raises
    ------
    ValueError
        If the target has another shape, an index is no class, or there is no such reduction.
    TypeError
        If class indices are no integers or require a gradient.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> scores = Tensor([[2.0, 0.0], [0.0, 0.0]])
    >>> round(F.nll_loss(F.log_softmax(scores), [0, 1]).item(), 4)
    0.41
    """
    x = as_node(prediction)
    shares, _ = class_shares("nll_loss", x, target, probabilities=False)
    return _class_loss("nll_loss", x, shares, shares, weight, reduction)


def _reduce(name: str, losses: Operand, reduction: str) -> Output:
    """The mean or the sum of losses, or the losses themselves."""
    if reduction == "mean":
        return kinds.mean(losses)
    check_options(name, reduction=reduction)
    return kinds.sum(losses) if reduction == "sum" else losses


def _weighted(losses: Operand, weight: ArrayLike | None) -> Operand:
    return losses if weight is None else losses * _as_weights(weight, losses)


def _as_weights(weight: ArrayLike, losses: Operand) -> Any:
    """A number or an array of weights in the dtype of the losses: float64 would make float64 of float32 losses."""
    dtype = np.result_type(losses.dtype, np.float32) if isinstance(losses, Tensor) else float
    return np.asarray(weight, dtype)[()]


def _class_loss(
    name: str, log_p: Operand, one_hot: Operand | None, shares: Operand, weight: ArrayLike | None, reduction: str
) -> Output:
    """−Σ shares·log p over the classes.

    The mean is over samples; with a weight and class indices (`one_hot`) each sample has the weight of its class.
    """
    axis = class_axis(log_p)
    total: Any = None
    if weight is not None:
        factors = np.asarray(weight, float)
        if factors.shape != (log_p.shape[axis],):
            raise ValueError(f"{name}: weight must hold {log_p.shape[axis]} numbers, one for each class")
        factors = factors.reshape(-1, *[1] * (len(log_p.shape) - axis - 1)).astype(shares.dtype)
        shares = shares * factors
        if one_hot is not None and reduction == "mean":
            total = kinds.sum(one_hot * factors)
    # 0·(−inf) would be nan, so `where` keeps the −inf of a class without a share out of the sum. If no class counts at
    # all, every class stays in, and the gradient is nan as the loss is. A share of 0 that requires a gradient gets one.
    counts: Any = (shares if total is None else np.where(total == 0, cast(Any, one_hot), cast(Any, shares))) != 0
    if kinds.requires_grad(shares):
        counts = autograd.logical_or(counts, autograd.isfinite(log_p))
    losses = -kinds.sum(autograd.where(counts, log_p, 0.0) * shares, axis=axis)
    if total is None:
        return _reduce(name, losses, reduction)
    return kinds.sum(losses) / np.where(total == 0, total * math.nan, total)[()]


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
