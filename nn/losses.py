"""Losses as modules: how far a prediction is from its target; the functions are in :mod:`nn.functional`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn import functional as F  # noqa: N812  as in PyTorch
from nn._types import ArrayLike, Input, LossLike, Output
from nn.function_module import FunctionModule
from nn.loss_names import resolve_loss

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HingeLoss", "HuberLoss", "L1Loss", "Loss", "MSELoss",
    "NLLLoss", "loss_function",
]  # fmt: skip


class Loss(FunctionModule):
    """The base of the losses: each is a function of a prediction, which is a node, and a target, which is a constant.

    By `reduction` the result is the mean over all elements, their sum, or with "none" each element's loss.
    """

    def forward(self, prediction: Input, target: Input) -> Output:
        """The loss, a scalar node unless there is no reduction."""
        loss: Output = self._call_function(prediction, target)
        return loss


class MSELoss(Loss, function=F.mse_loss):
    """The squared error ``(prediction - target)**2``; both have one shape.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        The mean over all elements, their sum, or each element's loss.

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

    reduction: str = "mean"


class L1Loss(Loss, function=F.l1_loss):
    """The absolute error ``|prediction - target|``; its derivative at 0 is 0."""

    reduction: str = "mean"


class HuberLoss(Loss, function=F.huber_loss):
    """Half the squared error up to `delta`, beyond it ``delta * (|error| - delta/2)``: large errors pull less."""

    reduction: str = "mean"
    delta: float = 1.0


class HingeLoss(Loss, function=F.hinge_loss):
    """``max(0, margin - target * prediction)`` for targets −1 and 1: no loss for a clear score of the right sign."""

    reduction: str = "mean"
    margin: float = 1.0


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

    weight: ArrayLike | None = None
    reduction: str = "mean"


class BCEWithLogitsLoss(Loss, function=F.binary_cross_entropy_with_logits):
    """The cross-entropy of σ(prediction): a sigmoid and :class:`BCELoss` in one, stable for scores of any size.

    `weight` scales each element's loss, `pos_weight` the part of positive targets only.
    """

    weight: ArrayLike | None = None
    reduction: str = "mean"
    pos_weight: ArrayLike | None = None


class CrossEntropyLoss(Loss, function=F.cross_entropy):
    """The cross-entropy of softmax(prediction), for scores of any size, shape (classes,) or (samples, classes, ...).

    The target holds class indices, integers of that shape without the classes, or probabilities of that shape. If
    probabilities require a gradient (another net's, in distillation), the loss gives them one too.

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

    weight: ArrayLike | None = None
    reduction: str = "mean"
    label_smoothing: float = 0.0


class NLLLoss(Loss, function=F.nll_loss):
    """Minus the logarithmic probability of the right class, after a :class:`nn.LogSoftmax`.

    Shapes are those of :class:`CrossEntropyLoss` with class indices; `weight` has a number for each class.
    """

    weight: ArrayLike | None = None
    reduction: str = "mean"


_MODULES: dict[Callable[..., Output], type[Loss]] = {
    kind._function: kind
    for kind in (MSELoss, L1Loss, HuberLoss, HingeLoss, BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, NLLLoss)
}


def loss_function(loss: LossLike) -> Callable[..., Any]:
    """The module of a loss that is named (``"mse"``, ``"cross_entropy"``, ...); any other function as it is.

    Raises
    ------
    ValueError
        If there is no loss of that name; the message lists the names.
    TypeError
        If a loss's class is passed instead of an instance.
    """
    function = resolve_loss(loss)
    return _MODULES[function]() if isinstance(loss, str) else function
