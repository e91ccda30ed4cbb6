"""Optimisers, how parameters follow their gradients, and schedules of their learning rates; PyTorch's rules."""

from nn.optim import lr_scheduler
from nn.optim.optimizer import Optimizer, optimizer_by_name
from nn.optim.rules import SGD, Adagrad, Adam, AdamW, RMSprop

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler", "optimizer_by_name"]
