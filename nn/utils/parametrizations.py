"""``weight_norm``: a weight as a length times a direction, which are trained apart."""

from __future__ import annotations

import autograd
from nn._types import Operand
from nn.kinds import sum as sum_
from nn.module import Module
from nn.parameter import Parameter
from nn.utils.parametrize import register_parametrization

__all__ = ["weight_norm"]


class WeightNorm(Module):
    """The weight g·v/‖v‖ of a length g and a direction v."""

    def __init__(self, dim: int | None = 0) -> None:
        self.dim = -1 if dim is None else dim

    def forward(self, g: Operand, v: Operand) -> Operand:
        """The weight."""
        return v * (g / self._norm(v))

    def right_inverse(self, weight: Parameter) -> tuple[Operand, Operand]:
        """The length and the direction of a weight."""
        if not -1 <= self.dim < weight.ndim:
            raise ValueError(f"weight_norm: dim must be an axis of a weight of shape {weight.shape}, or None")
        return self._norm(weight), weight

    def _norm(self, v: Operand) -> Operand:
        if self.dim == -1:
            return autograd.sqrt(sum_(v * v))
        axes = tuple(axis for axis in range(v.ndim) if axis != self.dim)
        return autograd.sqrt(sum_(v * v, axes, keepdims=True))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Let a parameter of a module be g·v/‖v‖, the norm apart for each index along `dim`, or of all; returns the module.

    The lengths g are ``parametrizations.weight.original0`` in the state, the directions v ``original1``.

    Source: Salimans and Kingma, "Weight normalization", 2016.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2, rng=0))
    >>> {name: p.shape for name, p in layer.named_parameters()}
    {'bias': (2,), 'parametrizations.weight.original0': (2, 1), 'parametrizations.weight.original1': (2, 3)}
    """
    return register_parametrization(module, name, WeightNorm(dim))
