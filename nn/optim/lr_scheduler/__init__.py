"""Schedules of learning rates: call ``scheduler.step()`` after each epoch, or pass one to `nn.fit` as a callback.

As in PyTorch, a step changes the present rate: a rate set by hand stays, and several schedules of one optimiser
compose. In `nn.fit`, OneCycleLR and CyclicLR make a step after each minibatch, all others after each epoch;
``scheduler.per_minibatch = True`` lets any other follow the minibatches.
"""

from nn.optim.lr_scheduler.chains import ChainedScheduler, SequentialLR
from nn.optim.lr_scheduler.cycles import CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR
from nn.optim.lr_scheduler.factors import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nn.optim.lr_scheduler.scheduler import EPOCH_DEPRECATION_WARNING, LRScheduler

_LRScheduler = LRScheduler  # PyTorch's older name, of which many schedules are derived

__all__ = [
    "EPOCH_DEPRECATION_WARNING", "ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts",
    "CyclicLR", "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR", "MultiplicativeLR", "OneCycleLR",
    "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "StepLR",
]  # fmt: skip
