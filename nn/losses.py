"""Losses as modules: how far a prediction is from its target; the functions are in :mod:`nn.functional`."""

from __future__ import annotations

from typing import Any

from nn import functional as F  # noqa: N812  as in PyTorch
from nn.module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HingeLoss", "HuberLoss", "L1Loss", "Loss", "MSELoss",
    "NLLLoss", "loss_function",
]  # fmt: skip


class Loss(Module):
    """What the losses share: ``reduction``, the mean over all elements, their sum, or "none" for themselves."""

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = F.reduction_(type(self).__name__, reduction)


class MSELoss(Loss):
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

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss of `prediction`, a node, for `target`, of the same shape; an array as target is a constant.

        A scalar, or with ``reduction="none"`` of that shape too.
        """
        return F.mse_loss(prediction, target, self.reduction)


class L1Loss(Loss):
    """The absolute error ``|prediction - target|``; its derivative at 0 is 0."""

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss for a target of the same shape."""
        return F.l1_loss(prediction, target, self.reduction)


class HuberLoss(Loss):
    """Half the squared error up to `delta`, beyond it ``delta * (|error| - delta/2)``: large errors pull less."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        if not delta > 0:
            raise ValueError(f"HuberLoss: delta must be positive, not {delta!r}")
        self.delta = delta

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss for a target of the same shape."""
        return F.huber_loss(prediction, target, self.reduction, self.delta)


class HingeLoss(Loss):
    """``max(0, margin - target * prediction)`` for targets −1 and 1: no loss for a clear score of the right sign."""

    def __init__(self, reduction: str = "mean", margin: float = 1.0) -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss for targets −1 and 1 of the same shape."""
        return F.hinge_loss(prediction, target, self.reduction, self.margin)


class BCELoss(Loss):
    """The cross-entropy ``-t log p - (1 - t) log(1 - p)`` of probabilities p, as a sigmoid gives them.

    Logarithms are at least −100, as in PyTorch. For scores instead of probabilities there is
    :class:`BCEWithLogitsLoss`.

    Examples
    --------
    >>> import nn
    >>> nn.BCELoss()([0.5, 0.5], [1.0, 0.0]).item()
    0.6931471805599453
    """

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = weight

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss of probabilities for targets in [0, 1] of the same shape."""
        return F.binary_cross_entropy(prediction, target, self.weight, self.reduction)


class BCEWithLogitsLoss(Loss):
    """The cross-entropy of σ(prediction): a sigmoid and :class:`BCELoss` in one, stable for scores of any size.

    `weight` scales each element's loss, `pos_weight` the part of positive targets only.
    """

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self.weight, self.pos_weight = weight, pos_weight

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss of scores for targets in [0, 1] of the same shape."""
        return F.binary_cross_entropy_with_logits(
            prediction, target, self.weight, self.reduction, pos_weight=self.pos_weight
        )


class CrossEntropyLoss(Loss):
    """The cross-entropy of softmax(prediction), for scores of any size.

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

    def __init__(self, weight: Any = None, reduction: str = "mean", label_smoothing: float = 0.0) -> None:
        super().__init__(reduction)
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"CrossEntropyLoss: label_smoothing must be in [0, 1], not {label_smoothing!r}")
        self.weight, self.label_smoothing = weight, label_smoothing

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss of scores of shape (classes,) or (samples, classes, ...).

        The target holds class indices, integers of that shape without the classes, or probabilities of that shape.
        """
        return F.cross_entropy(
            prediction, target, self.weight, reduction=self.reduction, label_smoothing=self.label_smoothing
        )


class NLLLoss(Loss):
    """Minus the logarithmic probability of the right class, after a :class:`nn.LogSoftmax`."""

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = weight

    def forward(self, prediction: Any, target: Any) -> Any:
        """The loss of logarithmic probabilities, shape (samples, classes, ...), for class indices."""
        return F.nll_loss(prediction, target, self.weight, self.reduction)


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
