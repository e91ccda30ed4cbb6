"""Small networks on autograd's nodes, with PyTorch's names: modules, losses and optimisers."""

from nn import optim
from nn.activations import ReLU, Sigmoid, Tanh
from nn.linear import Linear
from nn.losses import MSELoss
from nn.module import Module
from nn.parameter import Parameter
from nn.sequential import Sequential

__all__ = ["Linear", "MSELoss", "Module", "Parameter", "ReLU", "Sequential", "Sigmoid", "Tanh", "optim"]
