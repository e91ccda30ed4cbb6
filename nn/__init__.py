"""Small networks on autograd's nodes, with PyTorch's names: modules, losses and optimisers."""

from nn import functional, init, optim, penalties, utils
from nn.activations import (
    ELU,
    GELU,
    Heaviside,
    Identity,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from nn.layers import BatchNorm1d, Dropout, Flatten, LayerNorm
from nn.linear import Linear
from nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HingeLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
)
from nn.mlp import MLP
from nn.module import Module
from nn.parameter import Parameter
from nn.sequential import ModuleList, Sequential

__all__ = [
    "ELU", "GELU", "MLP", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d", "CrossEntropyLoss", "Dropout", "Flatten",
    "Heaviside", "HingeLoss", "HuberLoss", "Identity", "L1Loss", "LayerNorm", "LeakyReLU", "Linear", "LogSoftmax",
    "MSELoss", "Module", "ModuleList", "NLLLoss", "Parameter", "ReLU", "Sequential", "SiLU", "Sigmoid", "Softmax",
    "Softplus", "Tanh", "functional", "init", "optim", "penalties",
    "utils",
]  # fmt: skip
