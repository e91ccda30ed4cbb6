"""Activations as modules, so that they stand in a :class:`nn.Sequential`."""

from typing import Any

import autograd
from nn.module import Module

__all__ = ["ReLU", "Sigmoid", "Tanh"]


class Sigmoid(Module):
    """The logistic function σ(x) = 1/(1 + e⁻ˣ), element by element.

    Examples
    --------
    >>> import nn
    >>> nn.Sigmoid()(0.0)
    0.5
    """

    def forward(self, x: Any) -> Any:
        """σ of a node, array or number of any shape."""
        return autograd.sigmoid(x)


class Tanh(Module):
    """The hyperbolic tangent, element by element.

    Examples
    --------
    >>> import nn
    >>> nn.Tanh()(0.0)
    0.0
    """

    def forward(self, x: Any) -> Any:
        """Tanh of a node, array or number of any shape."""
        return autograd.tanh(x)


class ReLU(Module):
    """The larger of x and 0, element by element; its derivative at 0 is 0.

    Examples
    --------
    >>> import nn
    >>> nn.ReLU()(-2.0)
    0.0
    """

    def forward(self, x: Any) -> Any:
        """The larger of 0 and a node, array or number of any shape."""
        return autograd.relu(x)
