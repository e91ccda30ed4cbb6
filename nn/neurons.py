"""``Neuron`` and ``Layer``: the parts of a perceptron whose every weight is a Value, as micrograd has them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

import autograd
from autograd import Value
from nn._types import Rng
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["Layer", "Listed", "Neuron"]

Numbers: TypeAlias = Sequence[Value | float]


def _start(rng: Rng) -> Callable[[float, float], float]:
    """What draws a weight: Python's generator, which ``random.seed`` seeds, unless another is given."""
    return random.uniform if rng is None else np.random.default_rng(rng).uniform


class Listed(Module):
    """A module whose parameters are a list, as micrograd's are."""

    def parameters(self) -> list[Parameter | Value]:  # type: ignore[override]  # a list is no iterator
        """Every weight and bias."""
        return list(super().parameters())


class Neuron(Listed):
    """A weighted sum of numbers and a bias, and unless it is linear relu of that, on Values.

    Weights start uniform in ±1, the bias at 0.

    Parameters
    ----------
    nin : int
        How many numbers it takes.
    nonlin : bool
        Whether relu follows.
    rng : Generator or int, optional
        The source of the start; by default Python's ``random``.

    Examples
    --------
    >>> import random
    >>> import nn
    >>> random.seed(1)
    >>> neuron = nn.Neuron(2)
    >>> neuron([1.0, -2.0]).data == max(neuron.w[0].data - 2 * neuron.w[1].data, 0.0)
    True
    >>> neuron, len(neuron.parameters())
    (ReLUNeuron(2), 3)
    """

    def __init__(self, nin: int, nonlin: bool = True, *, rng: Rng = None) -> None:
        draw = _start(rng)
        self.w = [Value(draw(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def forward(self, x: Numbers) -> Value:
        """The neuron's result for as many numbers or Values as it takes."""
        if len(x) != len(self.w):
            raise ValueError(f"{self!r} takes {len(self.w)} numbers, and not {len(x)}")
        total = sum((w * a for w, a in zip(self.w, x, strict=True)), self.b)
        return autograd.relu(total) if self.nonlin else total

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Listed):
    """Neurons side by side, each of which takes all numbers.

    Parameters
    ----------
    nin, nout : int
        How many numbers it takes, and how many neurons it has.
    nonlin : bool
        Whether they are relu's.
    rng : Generator or int, optional
        The source of the start; by default Python's ``random``.

    Examples
    --------
    >>> import nn
    >>> layer = nn.Layer(2, 3, rng=0)
    >>> len(layer([1.0, -2.0])), layer
    (3, Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)])
    """

    def __init__(self, nin: int, nout: int, nonlin: bool = True, *, rng: Rng = None) -> None:
        generator = None if rng is None else np.random.default_rng(rng)
        self.neurons = [Neuron(nin, nonlin, rng=generator) for _ in range(nout)]

    def forward(self, x: Numbers) -> Value | list[Value]:
        """The neurons' results, a list; of one neuron its result."""
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"
