"""The start of weights: each function sets a parameter to numbers drawn from a generator, and returns it.

The names are PyTorch's: ``xavier_*`` is Glorot's, ``kaiming_*`` He's. `rng` is a generator or a seed for one; by
default a fresh one. Layers start as PyTorch's do; ``for p in model.parameters(): nn.init.normal_(p, rng=rng)`` starts
them anew.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from autograd import Tensor, Value
from nn._types import Array, Node, Rng, ValueArray
from nn.kinds import assign, is_value_array
from nn.randomness import as_generator

__all__ = [
    "calculate_gain", "constant_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_", "uniform_",
    "xavier_normal_", "xavier_uniform_", "zeros_",
]  # fmt: skip

P = TypeVar("P", bound=Node | ValueArray)


def uniform_(p: P, a: float = 0.0, b: float = 1.0, rng: Rng = None) -> P:
    """Set a parameter to uniform numbers in [a, b).

    Examples
    --------
    >>> import nn
    >>> nn.init.uniform_(nn.Parameter([0.0, 0.0]), -0.5, 0.5, rng=0)
    Parameter([ 0.13696169, -0.23021329])
    """
    return _set_values(p, as_generator(rng).uniform(a, b, np.shape(p)))


def normal_(p: P, mean: float = 0.0, std: float = 1.0, rng: Rng = None) -> P:
    """Set a parameter to normal numbers with that mean and standard deviation."""
    return _set_values(p, as_generator(rng).normal(mean, std, np.shape(p)))


def constant_(p: P, val: float) -> P:
    """Set every element of a parameter to one number."""
    return _set_values(p, np.full(np.shape(p), float(val)))


def zeros_(p: P) -> P:
    """Set a parameter to zeros."""
    return constant_(p, 0.0)


def ones_(p: P) -> P:
    """Set a parameter to ones."""
    return constant_(p, 1.0)


def xavier_uniform_(p: P, gain: float = 1.0, rng: Rng = None) -> P:
    """Glorot's: uniform in ±gain·√(6/(fan_in + fan_out)), which keeps a signal's size through tanh and back."""
    limit = gain * math.sqrt(6 / sum(_fans(p)))
    return uniform_(p, -limit, limit, rng)


def xavier_normal_(p: P, gain: float = 1.0, rng: Rng = None) -> P:
    """Glorot's: normal with deviation gain·√(2/(fan_in + fan_out))."""
    return normal_(p, 0.0, gain * math.sqrt(2 / sum(_fans(p))), rng)


def kaiming_uniform_(
    p: P, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Rng = None
) -> P:
    """He's: uniform, with the deviation gain/√fan; the gain is by default ReLU's, or a leaky one's of slope `a`."""
    limit = math.sqrt(3.0) * _he_deviation(p, a, mode, nonlinearity)
    return uniform_(p, -limit, limit, rng)


def kaiming_normal_(p: P, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Rng = None) -> P:
    """He's: normal, with the deviation gain/√fan; the gain is by default ReLU's, or a leaky one's of slope `a`."""
    return normal_(p, 0.0, _he_deviation(p, a, mode, nonlinearity), rng)


def calculate_gain(nonlinearity: str, param: float = 0.01) -> float:
    """PyTorch's factor for the deviation of weights before an activation; `param` is the slope of a leaky ReLU.

    Examples
    --------
    >>> import nn
    >>> round(nn.init.calculate_gain("relu") ** 2, 12)
    2.0
    """
    gains = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2)}
    gains["leaky_relu"] = math.sqrt(2 / (1 + param**2))
    if nonlinearity not in gains:
        raise ValueError(f"init: no gain for {nonlinearity!r}; there are those of {', '.join(gains)}")
    return gains[nonlinearity]


def _he_deviation(p: Node | ValueArray, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"init: mode must be fan_in or fan_out, not {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(_fans(p)[mode == "fan_out"])


def _fans(p: Node | ValueArray) -> tuple[int, int]:
    """The numbers of inputs and of outputs of a weight's layer."""
    if len(np.shape(p)) != 2:
        raise ValueError(
            f"init: this start is for a weight matrix; for shape {np.shape(p)} use uniform_, normal_ or zeros_"
        )
    fan_out, fan_in = np.shape(p)
    return fan_in, fan_out


def _set_values(p: P, values: Array) -> P:
    if not (is_value_array(p) or isinstance(p, (Tensor, Value))):
        raise TypeError(f"init: a parameter is set, not {type(p).__name__}; pass layer.weight or the like")
    assign(p, np.asarray(values))
    return p
