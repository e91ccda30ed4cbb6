"""Losses as modules: how far a prediction is from its target; the functions are in :mod:`nn.functional`."""

from __future__ import annotations

from typing import Any

from nn import functional as F  # noqa: N812  as in PyTorch
from nn.function_module import FunctionModule
from nn.module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HingeLoss", "HuberLoss", "L1Loss", "Loss", "MSELoss",
    "NLLLoss", "loss_function",
]  # fmt: skip


class Loss(FunctionModule):
    """What the losses share: each is a function of a prediction, which is a node, and a target, which is a constant.

    By `reduction` the result is the mean over all elements, their sum, or with "none" each element's loss.
    """

    inputs = 2


class MSELoss(Loss, function=F.mse_loss):
    """The squared error ``(prediction - target)**2``; both have one shape.

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


class L1Loss(Loss, function=F.l1_loss):
    """The absolute error ``|prediction - target|``; its derivative at 0 is 0."""


class HuberLoss(Loss, function=F.huber_loss):
    """Half the squared error up to `delta`, beyond it ``delta * (|error| - delta/2)``: large errors pull less."""


class HingeLoss(Loss, function=F.hinge_loss):
    """``max(0, margin - target * prediction)`` for targets −1 and 1: no loss for a clear score of the right sign."""


class BCELoss(Loss, function=F.binary_cross_entropy):
    """The cross-entropy ``-t log p - (1 - t) log(1 - p)`` of probabilities p, as a sigmoid gives them.

    Logarithms are at least −100, as in PyTorch. For scores instead of probabilities there is
    :class:`BCEWithLogitsLoss`.

    Examples
    --------
    >>> import nn
    >>> nn.BCELoss()([0.5, 0.5], [1.0, 0.0]).item()
    0.6931471805599453
    """


class BCEWithLogitsLoss(Loss, function=F.binary_cross_entropy_with_logits):
    """The cross-entropy of σ(prediction): a sigmoid and :class:`BCELoss` in one, stable for scores of any size.

    `weight` scales each element's loss, `pos_weight` the part of positive targets only.
    """


class CrossEntropyLoss(Loss, function=F.cross_entropy):
    """The cross-entropy of softmax(prediction), for scores of any size, shape (classes,) or (samples, classes, ...).

    The target holds class indices, integers of that shape without the classes, or probabilities of that shape; of
    probabilities that require a gradient (another net's, in distillation) the loss has one too.

    Parameters
    ----------
    weight : array_like, optional
        A weight for each class.
    reduction : {"mean", "sum", "none"}
        The mean over samples (with a weight and class indices: the weighted mean), the sum, or each sample's loss.
    label_smoothing : float
        The share of each target that is spread evenly over all classes, in [0, 1].

    Examples
    --------
    >>> import nn
    >>> loss = nn.CrossEntropyLoss()
    >>> loss([[0.0, 0.0]], [1]).item()                 # class indices
    0.6931471805599453
    >>> loss([[0.0, 0.0]], [[0.5, 0.5]]).item()        # probabilities
    0.6931471805599453
    """


class NLLLoss(Loss, function=F.nll_loss):
    """Minus the logarithmic probability of the right class, after a :class:`nn.LogSoftmax`.

    Shapes are those of :class:`CrossEntropyLoss` with class indices; `weight` has a number for each class.
    """


_BY_NAME: dict[str, type[Loss]] = {
    "mse": MSELoss, "l1": L1Loss, "huber": HuberLoss, "hinge": HingeLoss, "bce": BCELoss,
    "bce_with_logits": BCEWithLogitsLoss, "cross_entropy": CrossEntropyLoss, "nll": NLLLoss,
}  # fmt: skip


def loss_function(loss: Any) -> Any:
    """A loss by its name (``"mse"``, ``"cross_entropy"``, ...), or a function of prediction and target as it is.

    Raises
    ------
    ValueError
        If there is none of that name; those there are are listed.
    """
    if isinstance(loss, str) and loss in _BY_NAME:
        return _BY_NAME[loss]()
    if isinstance(loss, type) and issubclass(loss, Module):
        raise TypeError(f"the loss is a class: write {loss.__name__}(), which makes a module of it")
    if isinstance(loss, str) or not callable(loss):
        raise ValueError(f"no loss {loss!r}; there are {', '.join(sorted(_BY_NAME))}, and any function of (output, y)")
    return loss
