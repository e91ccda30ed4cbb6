"""``MLP``: a multilayer perceptron, of arrays or of scalars."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nn.activations import activation as named
from nn.linear import Linear
from nn.sequential import Sequential

__all__ = ["MLP"]


class MLP(Sequential):
    """Linear layers with an activation between them: a :class:`nn.Sequential` of ``Linear, activation, Linear, ...``.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of features: of the input, of each hidden layer, of the output.
    activation : str
        The activation after each hidden layer, by name: "relu", "tanh", "sigmoid", ...
    output : str, optional
        The one after the last layer; by default none.
    scalar : bool
        Whether every weight is a :class:`autograd.Value` of its own, in object arrays, so that the net's graph can be
        seen neuron by neuron. The same code runs it, and its `state_dict` goes into an array net and back.
    rng : numpy.random.Generator or int, optional
        Where the start comes from: a generator, or a seed for one; by default a fresh one.
    dtype : dtype
        The parameters' dtype.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or no activation of a name (those there are are listed).

    Examples
    --------
    >>> import nn
    >>> net = nn.MLP([3, 10, 5, 1], activation="sigmoid", rng=0)
    >>> net([[0.1, 0.2, 0.3]]).shape
    (1, 1)
    >>> small = nn.MLP([2, 2, 1], activation="tanh", scalar=True, rng=0)
    >>> type(small([0.5, -1.2])[0])
    <class 'autograd.value.Value'>
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        output: str | None = None,
        *,
        scalar: bool = False,
        rng: np.random.Generator | int | None = None,
        dtype: Any = np.float64,
    ) -> None:
        if isinstance(sizes, (int, np.integer)) or len(sizes) < 2:
            raise ValueError(f"MLP: sizes are those of input, hidden layers and output, as in [2, 4, 1], not {sizes!r}")
        super().__init__()
        self.activation, self.output = activation, output
        self.sizes = tuple(n.item() if isinstance(n, np.integer) else n for n in sizes)  # Linear says what is wrong
        self.scalar = scalar
        generator = np.random.default_rng(rng)
        for i, (n, m) in enumerate(pairwise(self.sizes)):
            if i:
                self.append(named(activation))
            self.append(Linear(n, m, rng=generator, dtype=dtype))
        if output is not None:
            self.append(named(output))
        if scalar:
            self.to_scalars()
