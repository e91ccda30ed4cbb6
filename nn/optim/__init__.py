"""Optimisers, how parameters follow their gradients, and schedules of their learning rates; PyTorch's rules."""

from nn.optim import lr_scheduler
from nn.optim.adam import Adam, Adamax, AdamW, NAdam, RAdam
from nn.optim.lbfgs import LBFGS
from nn.optim.optimizer import Optimizer, optimizer_by_name
from nn.optim.rules import ASGD, SGD, Adadelta, Adagrad, RMSprop, Rprop

__all__ = [
    "ASGD", "LBFGS", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "Optimizer", "RAdam", "RMSprop",
    "Rprop", "lr_scheduler", "optimizer_by_name",
]  # fmt: skip
