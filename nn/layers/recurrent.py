"""Recurrent layers and their cells, Elman's, long short-term memory and gated recurrent units, a step at a time."""

from __future__ import annotations

import math
import warnings
from typing import ClassVar, TypeAlias

import numpy as np

import autograd
from nn._types import DType, Input, Keywords, Output, Rng, X
from nn.functional.dropout import dropout
from nn.functional.linear import linear
from nn.kinds import as_input, concatenate, parts, stack
from nn.layers.resetting import Resettable
from nn.options import ShapeError, check_options, check_sizes
from nn.parameter import Parameter
from nn.randomness import as_generator

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]

State: TypeAlias = tuple[Output, ...]  # h, and of an LSTM c
_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Recurrent(Resettable):
    """What a step and a layer of steps share: weights for each gate, one below the other, and what a state holds."""

    _gates: ClassVar[int]
    _states: ClassVar[tuple[str, ...]] = ("h",)
    input_size: int
    hidden_size: int
    bias: bool

    def _step(self, x: Output, u: Output, *state: Output) -> State:
        """The next state, from ``x = weight_ih @ input + bias_ih`` and ``u = weight_hh @ h + bias_hh``."""
        raise NotImplementedError

    def _add_weights(self, input_size: int, suffix: str, generator: np.random.Generator, dtype: DType) -> None:
        rows, limit = self._gates * self.hidden_size, 1 / math.sqrt(self.hidden_size)
        shapes = (rows, input_size), (rows, self.hidden_size), (rows,), (rows,)
        for name, shape in zip(_WEIGHTS[: 4 if self.bias else 2], shapes, strict=False):
            weight = Parameter(generator.uniform(-limit, limit, shape), name + suffix, dtype=dtype)
            setattr(self, name + suffix, weight)

    def _weights(self, suffix: str = "") -> list[X]:
        return [getattr(self, name + suffix, None) for name in _WEIGHTS]

    def _input(self, x: Input, weight: X, axes: tuple[int, ...], of: str) -> X:
        x = as_input(x, weight)
        n = self.input_size
        if len(x.shape) in axes and x.shape[-1] == n:
            return x
        if len(x.shape) not in axes:
            words = f"Expected input to be {axes[0]}D or {axes[1]}D, got {len(x.shape)}D instead"
        elif 1 in axes:
            words = f"input has inconsistent input_size: got {x.shape[-1]} expected {n}"
        else:
            words = f"input.size(-1) must be equal to input_size. Expected {n}, got {x.shape[-1]}"
        name = f"{type(self).__name__}({n}, {self.hidden_size})"
        raise ShapeError(f"{name}: {words}; it takes an input of shape {of.format(n)}, but got {x.shape}")

    def _zeros(self, weight: X, shape: tuple[int, ...]) -> State:
        return tuple(as_input(np.zeros(shape), weight) for _ in self._states)

    def _checked(self, hx: X, weight: X, shape: tuple[int, ...]) -> State:
        """The first state that the user passes, if it has that shape."""
        pair = len(self._states) == 2
        if pair and not isinstance(hx, (tuple, list)):
            raise TypeError(f"{type(self).__name__}: hx is a pair of nodes or arrays, (h, c), not {type(hx).__name__}")
        state = tuple(as_input(h, weight) for h in (hx if pair else (hx,)))
        for place, h in enumerate(state):
            if h.shape != shape:
                met, words = " and ".join(str(h.shape) for h in state), self._misfit(place, h.shape, shape)
                names = " and ".join(self._states)
                raise ShapeError(f"{type(self).__name__}: {words}; {names} must be of shape {shape}, not {met}")
        return state

    def _misfit(self, place: int, met: tuple[int, ...], shape: tuple[int, ...]) -> str:
        """PyTorch's words for a state that does not have that shape."""
        return f"Expected hidden{f'[{place}]' * (len(self._states) - 1)} size {shape}, got {[*met]}"


class _Cell(_Recurrent):
    """One step of one layer; its input may lack the axis of samples."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, rng: Rng = None, device: object = None,
        dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        check_sizes(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        check_options(type(self).__name__, device=device)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self._add_weights(input_size, "", as_generator(rng), dtype)

    def forward(self, input: Input, hx: Input | State | None = None) -> Output:
        """The next state, of shape (samples, hidden_size), from `hx`, by default zeros; an LSTM's is a pair, (h, c)."""
        w_ih, w_hh, b_ih, b_hh = self._weights()
        x = self._input(input, w_ih, (1, 2), "(samples, {0}) or ({0},)")
        shape = (*x.shape[:-1], self.hidden_size)
        state = self._zeros(w_hh, shape) if hx is None else self._checked(hx, w_hh, shape)
        state = self._step(linear(x, w_ih, b_ih), linear(state[0], w_hh, b_hh), *state)
        return state if len(state) > 1 else state[0]

    def _misfit(self, place: int, met: tuple[int, ...], shape: tuple[int, ...]) -> str:
        if len(met) != len(shape):
            name = "hidden" if len(self._states) == 1 else f"hx[{place}]"
            return f"Expected {name} to be 1D or 2D, got {len(met)}D instead"
        if met[-1] != shape[-1]:
            return f"hidden{place} has inconsistent hidden_size: got {met[-1]}, expected {shape[-1]}"
        return f"Input batch size {shape[0]} doesn't match hidden{place} batch size {met[0]}"


class _Layers(_Recurrent):
    """Steps through a sequence, in layers of which each reads the states of the one before, or in both directions."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0, *, rng: Rng = None,
        device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        name = type(self).__name__
        check_sizes(name, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        check_options(name, bias=bias, batch_first=batch_first, dropout=dropout, bidirectional=bidirectional)
        check_options(name, device=device)
        if proj_size:
            raise ValueError(f"{name}: proj_size is not supported; put an nn.Linear behind the layer")
        if dropout and num_layers == 1:
            text = "dropout acts between layers, so it has no effect with num_layers=1; put an nn.Dropout behind it"
            warnings.warn(f"{name}: {text}", stacklevel=4)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        generator = as_generator(rng)
        for place, suffix in enumerate(self._suffixes()):
            first = place < 1 + bidirectional
            self._add_weights(input_size if first else (1 + bidirectional) * hidden_size, suffix, generator, dtype)

    def _suffixes(self) -> list[str]:
        """What the names of weights end with, layer by layer and in a layer direction by direction."""
        directions = ("", "_reverse") if self.bidirectional else ("",)
        return [f"_l{layer}{direction}" for layer in range(self.num_layers) for direction in directions]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters in a list for each layer and direction."""
        return [[w for w in self._weights(suffix) if w is not None] for suffix in self._suffixes()]

    def flatten_parameters(self) -> None:
        """Do nothing: PyTorch's, for GPUs."""

    def forward(self, input: Input, hx: Input | State | None = None) -> tuple[Output, Output | State]:
        """All states of the last layer, and the last state of every layer and direction.

        Parameters
        ----------
        input : node or array_like
            Of shape (steps, samples, input_size), (samples, steps, input_size) with `batch_first`, or
            (steps, input_size).
        hx : node or array_like, optional
            The first states, of shape (num_layers · directions, samples, hidden_size), by default zeros; of an LSTM a
            pair, (h, c).

        Returns
        -------
        output : node
            Of shape (steps, samples, directions · hidden_size), with axes as in the input.
        state : node or pair of node
            Of the shape of `hx`; of an LSTM a pair.
        """
        axes = "(samples, steps, {0})" if self.batch_first else "(steps, samples, {0})"
        weight = self._weights("_l0")[0]
        x = self._input(input, weight, (2, 3), f"{axes} or (steps, {{0}})")
        swapped = self.batch_first and len(x.shape) == 3
        x = x.swapaxes(0, 1) if swapped else x
        if not x.shape[0]:
            raise ShapeError(f"{type(self).__name__}: a sequence without steps has no last state")
        suffixes, directions = self._suffixes(), 1 + self.bidirectional
        shape = (*x.shape[1:-1], self.hidden_size)
        if hx is None:
            starts = [self._zeros(weight, shape)] * len(suffixes)
        else:
            state = self._checked(hx, weight, (len(suffixes), *shape))
            starts = [tuple(s[place] for s in state) for place in range(len(suffixes))]
        ends: list[State] = []
        for place in range(0, len(suffixes), directions):
            if place and self.dropout:
                x = dropout(x, self.dropout, self.training)
            sequences = []
            for direction in range(directions):
                k, order = place + direction, slice(None, None, 1 - 2 * direction)
                outputs, last = self._run(x, starts[k], suffixes[k], order)
                sequences.append(outputs)
                ends.append(last)
            x = concatenate(sequences, -1) if self.bidirectional else sequences[0]
        state = tuple(map(stack, zip(*ends, strict=True)))
        return x.swapaxes(0, 1) if swapped else x, state if len(state) > 1 else state[0]

    def _run(self, x: X, state: State, suffix: str, order: slice) -> tuple[Output, State]:
        """The outputs of one layer in one direction, and its last state."""
        w_ih, w_hh, b_ih, b_hh = self._weights(suffix)
        x = linear(x, w_ih, b_ih)  # one product for all steps
        outputs = []
        for t in range(x.shape[0])[order]:
            state = self._step(x[t], linear(state[0], w_hh, b_hh), *state)
            outputs.append(state[0])
        return stack(outputs[order]), state


class _Elman(_Recurrent):
    _gates = 1
    nonlinearity: str

    def _step(self, x: Output, u: Output, *state: Output) -> State:
        return ((autograd.tanh if self.nonlinearity == "tanh" else autograd.relu)(x + u),)


class _LongShortTermMemory(_Recurrent):
    _gates, _states = 4, ("h", "c")

    def _step(self, x: Output, u: Output, *state: Output) -> State:
        _, c = state
        i, f, g, o = parts(x + u, 4)
        c = autograd.sigmoid(f) * c + autograd.sigmoid(i) * autograd.tanh(g)
        return autograd.sigmoid(o) * autograd.tanh(c), c


class _GatedUnit(_Recurrent):
    _gates = 3

    def _step(self, x: Output, u: Output, *state: Output) -> State:
        (h,) = state
        (x_r, x_z, x_n), (u_r, u_z, u_n) = parts(x, 3), parts(u, 3)
        r, z = autograd.sigmoid(x_r + u_r), autograd.sigmoid(x_z + u_z)
        n = autograd.tanh(x_n + r * u_n)
        return (n + z * (h - n),)


class RNNCell(_Elman, _Cell):
    """A step of Elman's net: ``tanh(weight_ih @ x + bias_ih + weight_hh @ h + bias_hh)``, or relu of that.

    Weights and biases start uniform in ±1/√hidden_size. Inputs are of shape (samples, input_size), or (input_size,).

    Parameters
    ----------
    input_size, hidden_size : int
        How many numbers the input has, and how many the state.
    bias : bool
        Whether there are biases.
    nonlinearity : {"tanh", "relu"}
        The activation.
    rng : Generator or int, optional
    dtype : dtype
        As of :class:`nn.Linear`.

    Raises
    ------
    ValueError
        If a size is less than 1 or an option out of its range; when called, if shapes do not fit.

    Examples
    --------
    >>> import nn
    >>> nn.RNNCell(3, 2)([1.0, 2.0, 3.0]).shape
    (2,)
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", *, rng: Rng = None,
        device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        check_options("RNNCell", nonlinearity=nonlinearity)
        super().__init__(input_size, hidden_size, bias, rng=rng, device=device, dtype=dtype)
        self.nonlinearity = nonlinearity


class LSTMCell(_LongShortTermMemory, _Cell):
    """A step of long short-term memory, ``c = σ(f)·c + σ(i)·tanh(g)`` and ``h = σ(o)·tanh(c)``.

    Parameters, but for `nonlinearity`, start and errors are those of :class:`nn.RNNCell`.

    Examples
    --------
    >>> import nn
    >>> h, c = nn.LSTMCell(3, 2)([1.0, 2.0, 3.0])
    >>> h.shape, c.shape
    ((2,), (2,))
    """


class GRUCell(_GatedUnit, _Cell):
    """A step of gated recurrent units: ``h = (1 − z)·n + z·h``.

    Parameters, but for `nonlinearity`, start and errors are those of :class:`nn.RNNCell`.

    Examples
    --------
    >>> import nn
    >>> nn.GRUCell(3, 2)([1.0, 2.0, 3.0]).shape
    (2,)
    """


class RNN(_Elman, _Layers):
    """Elman's net: ``h = tanh(weight_ih @ x + bias_ih + weight_hh @ h + bias_hh)`` at each step, or relu of that.

    Source: Elman, "Finding structure in time", 1990.

    Weights and biases start uniform in ±1/√hidden_size. What it takes and gives is said at ``forward``.

    Parameters
    ----------
    input_size, hidden_size : int
        How many numbers a step of the input has, and how many the state.
    num_layers : int
        The number of layers, each of which takes the states of the one before.
    nonlinearity : {"tanh", "relu"}
        The activation.
    bias : bool
        Whether there are biases.
    batch_first : bool
        Whether the first axis of the input counts samples and the second steps; else it is the other way round.
    dropout : float
        The probability by which an element between two layers is left out in training.
    bidirectional : bool
        Whether each layer also runs from the last step to the first, with weights of its own.
    proj_size : int
        PyTorch's; only 0 is taken.
    rng : Generator or int, optional
    dtype : dtype
        As of :class:`nn.Linear`.

    Raises
    ------
    ValueError
        If a size is less than 1 or an option out of its range; when called, if shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> output, h = nn.RNN(3, 2, rng=0)(np.ones((7, 5, 3)))
    >>> output.shape, h.shape
    ((7, 5, 2), (1, 5, 2))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0, *,
        rng: Rng = None, device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        check_options("RNN", nonlinearity=nonlinearity)
        self.nonlinearity = nonlinearity
        options: Keywords = {"proj_size": proj_size, "rng": rng, "device": device, "dtype": dtype}
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, **options)


class LSTM(_LongShortTermMemory, _Layers):
    """Long short-term memory: ``c = σ(f)·c + σ(i)·tanh(g)`` and ``h = σ(o)·tanh(c)`` at each step.

    Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997.

    Parameters, but for `nonlinearity`, start and errors are those of :class:`nn.RNN`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> output, (h, c) = nn.LSTM(3, 2, num_layers=2, rng=0)(np.ones((7, 5, 3)))
    >>> output.shape, h.shape, c.shape
    ((7, 5, 2), (2, 5, 2), (2, 5, 2))
    """


class GRU(_GatedUnit, _Layers):
    """Gated recurrent units: ``h = (1 − z)·n + z·h`` at each step.

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    2014.

    Parameters, but for `nonlinearity`, start and errors are those of :class:`nn.RNN`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> output, h = nn.GRU(3, 2, bidirectional=True, rng=0)(np.ones((7, 5, 3)))
    >>> output.shape, h.shape
    ((7, 5, 4), (2, 5, 2))
    """
