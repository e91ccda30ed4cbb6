"""Losses as modules: how far a prediction is from its target; the functions are in :mod:`nn.functional`."""

from __future__ import annotations

from collections.abc import Callable

from nn import functional as F  # noqa: N812  as in PyTorch
from nn._types import ArrayLike, Function, Input, LossLike, Output
from nn.function_module import FunctionModule
from nn.loss_names import resolve_loss

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CosineSimilarity", "CrossEntropyLoss", "GaussianNLLLoss",
    "HingeLoss", "HuberLoss", "KLDivLoss", "L1Loss", "Loss", "MSELoss", "MarginRankingLoss", "NLLLoss",
    "PairwiseDistance", "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss", "loss_function",
]  # fmt: skip


class Loss(FunctionModule):
    """The base of the losses: each is a function of a prediction, which is a node, and a target, which is a constant.

    By `reduction` the result is the mean over all elements, their sum, or with "none" each element's loss.
    """

    def forward(self, input: Input, target: Input) -> Output:
        """The loss, a scalar node unless there is no reduction."""
        return self._call_function(input, target)


class _Averaged(Loss):
    """A loss whose first options are those of its mean, in PyTorch's order."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class MSELoss(_Averaged, function=F.mse_loss):
    """The squared error ``(prediction - target)**2``; both have one shape."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class L1Loss(_Averaged, function=F.l1_loss):
    """The absolute error ``|prediction - target|``; its derivative at 0 is 0."""

    size_average: bool | None = None
    reduce: bool | None = None
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
    """The :func:`nn.functional.binary_cross_entropy` of probabilities, as a sigmoid gives them."""

    weight: ArrayLike | None = None
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class BCEWithLogitsLoss(Loss, function=F.binary_cross_entropy_with_logits):
    """A sigmoid and :class:`BCELoss` in one: :func:`nn.functional.binary_cross_entropy_with_logits`."""

    weight: ArrayLike | None = None
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"
    pos_weight: ArrayLike | None = None


class CrossEntropyLoss(Loss, function=F.cross_entropy):
    """The cross-entropy of softmax(prediction) with classes or probabilities: :func:`nn.functional.cross_entropy`."""

    weight: ArrayLike | None = None
    size_average: bool | None = None
    ignore_index: int = -100
    reduce: bool | None = None
    reduction: str = "mean"
    label_smoothing: float = 0.0


class NLLLoss(Loss, function=F.nll_loss):
    """Minus the logarithmic probability of the right class, after a :class:`nn.LogSoftmax`."""

    weight: ArrayLike | None = None
    size_average: bool | None = None
    ignore_index: int = -100
    reduce: bool | None = None
    reduction: str = "mean"


class SmoothL1Loss(_Averaged, function=F.smooth_l1_loss):
    """The Huber loss divided by `beta`: half the squared error over `beta`, then the absolute error less ``beta/2``."""

    beta: float = 1.0


class SoftMarginLoss(_Averaged, function=F.soft_margin_loss):
    """``log(1 + exp(-target * prediction))`` for targets −1 and 1."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class KLDivLoss(_Averaged, function=F.kl_div):
    """The divergence of logarithmic probabilities from the target's: :func:`nn.functional.kl_div`."""

    log_target: bool = False


class PoissonNLLLoss(Loss, function=F.poisson_nll_loss):
    """Minus the logarithmic probability of a count if its mean, or by default the logarithm of that, is predicted."""

    log_input: bool = True
    full: bool = False
    size_average: bool | None = None
    eps: float = 1e-8
    reduce: bool | None = None
    reduction: str = "mean"


class GaussianNLLLoss(FunctionModule, function=F.gaussian_nll_loss):
    """Minus the logarithmic density of the target in the normal distribution that is predicted, mean and variance."""

    full: bool = False
    eps: float = 1e-6
    reduction: str = "mean"

    def forward(self, input: Input, target: Input, var: Input) -> Output:
        """The loss of a mean `input`, a target and a variance."""
        return self._call_function(input, target, var)


class _OfPair(FunctionModule):
    margin: float = 0.0
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"

    def forward(self, input1: Input, input2: Input, target: Input) -> Output:
        """The loss of two scores, vectors or matrices of rows."""
        return self._call_function(input1, input2, target)


class MarginRankingLoss(_OfPair, function=F.margin_ranking_loss):
    """``max(0, margin - target * (input1 - input2))``: the first is to be ranked higher for 1, lower for −1."""


class CosineEmbeddingLoss(_OfPair, function=F.cosine_embedding_loss):
    """1 − cos of the angle between rows that belong together (target 1); ``max(0, cos - margin)`` of others (−1)."""


class TripletMarginLoss(FunctionModule, function=F.triplet_margin_loss):
    """``max(0, margin + d(anchor, positive) - d(anchor, negative))`` of the p-norm of differences, d."""

    margin: float = 1.0
    p: float = 2.0
    eps: float = 1e-6
    swap: bool = False
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"

    def forward(self, anchor: Input, positive: Input, negative: Input) -> Output:
        """The loss of three matrices of rows."""
        return self._call_function(anchor, positive, negative)


class CosineSimilarity(FunctionModule, function=F.cosine_similarity):
    """The cosine of the angle between vectors along `dim`."""

    dim: int = 1
    eps: float = 1e-8

    def forward(self, x1: Input, x2: Input) -> Output:
        """The cosines."""
        return self._call_function(x1, x2)


class PairwiseDistance(FunctionModule, function=F.pairwise_distance):
    """The p-norm of ``x1 - x2 + eps`` along the last axis."""

    p: float = 2.0
    eps: float = 1e-6
    keepdim: bool = False

    def forward(self, x1: Input, x2: Input) -> Output:
        """The distances."""
        return self._call_function(x1, x2)


_MODULES: dict[Callable[..., Output], type[Loss]] = {
    kind._function: kind for kind in (*Loss.__subclasses__(), *_Averaged.__subclasses__()) if kind is not _Averaged
}


def loss_function(loss: LossLike) -> Function:
    """The module of a loss that is named, as :func:`resolve_loss` gives its function; any other function as it is."""
    function = resolve_loss(loss)
    return _MODULES[function]() if isinstance(loss, str) else function
