"""``MLP``: a multilayer perceptron, of arrays, of scalars, or of neurons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import overload

import numpy as np

from nn._types import DType, Rng
from nn.activations import activation as activation_by_name
from nn.containers import Sequential
from nn.layers.linear import Linear
from nn.module import Module
from nn.neurons import Layer, Listed
from nn.randomness import as_generator

__all__ = ["MLP"]


class MLP(Sequential):
    """Linear layers with an activation between them: a :class:`nn.Sequential` of ``Linear, activation, Linear, ...``.

    ``MLP(2, [16, 16, 1])``, as micrograd writes it, is one of :class:`nn.Neuron`, which takes a list of numbers or
    Values: with relu, but for the last :class:`nn.Layer` in its ``layers``. Its ``parameters()`` are a list.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of features: of the input, of each hidden layer, of the output.
    activation : str
        The activation after each hidden layer, by name: "relu", "tanh", "sigmoid", ...
    output : str, optional
        The activation after the last layer; by default none.
    scalar : bool
        Whether every weight is a :class:`autograd.Value` of its own, in object arrays, so that the net's graph can be
        seen neuron by neuron. The same code runs it, and its `state_dict` goes into an array net and back.
    rng : Generator or int, optional
    dtype : dtype
        As of :class:`nn.Linear`.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or no activation of a name; the message lists the names.

    Examples
    --------
    >>> import nn
    >>> net = nn.MLP([3, 10, 5, 1], activation="sigmoid", rng=0)
    >>> net([[0.1, 0.2, 0.3]]).shape
    (1, 1)
    >>> small = nn.MLP([2, 2, 1], activation="tanh", scalar=True, rng=0)
    >>> type(small([0.5, -1.2])[0])
    <class 'autograd.value.Value'>
    >>> nn.MLP(2, [2, 1])
    MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]
    """

    @overload
    def __init__(self, nin: int, nouts: Sequence[int], /, *, rng: Rng = None) -> None: ...
    @overload
    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        output: str | None = None,
        *,
        scalar: bool = False,
        rng: Rng = None,
        dtype: DType = np.float64,
    ) -> None: ...
    def __init__(  # type: ignore[misc]  # a file's architecture is checked against these types
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        output: str | None = None,
        *,
        scalar: bool = False,
        rng: Rng = None,
        dtype: DType = np.float64,
    ) -> None:
        if type(self) is MLP and isinstance(sizes, (int, np.integer)) and isinstance(activation, (list, tuple)):
            self.__class__ = _OfNeurons
            _OfNeurons.__init__(self, sizes, activation, rng=rng)
            return
        if isinstance(sizes, (int, np.integer)) or len(sizes) < 2:
            raise ValueError(f"MLP: sizes are those of input, hidden layers and output, as in [2, 4, 1], not {sizes!r}")
        super().__init__()
        self.activation, self.output = activation, output
        self.sizes = tuple(n.item() if isinstance(n, np.integer) else n for n in sizes)  # Linear checks them.
        self.scalar = scalar
        generator = as_generator(rng)
        for i, (n, m) in enumerate(pairwise(self.sizes)):
            if i:
                self.append(activation_by_name(activation))
            self.append(Linear(n, m, rng=generator, dtype=dtype))
        if output is not None:
            self.append(activation_by_name(output))
        if scalar:
            self.to_scalars()


class _OfNeurons(Listed, MLP):
    """A perceptron of neurons, as micrograd's."""

    def __init__(self, nin: int, nouts: Sequence[int], *, rng: Rng = None) -> None:
        generator = None if rng is None else as_generator(rng)
        self.sizes = (nin, *nouts)
        for i, (n, m) in enumerate(pairwise(self.sizes), 1):
            self.append(Layer(n, m, i < len(nouts), rng=generator))

    @property
    def layers(self) -> list[Module]:
        """The layers, which are those of a Sequential."""
        return list(self)

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self))}]"
