"""A hypothesis strategy of small random nets with data, for tests of losses, optimisers and functions of modules.

It needs hypothesis: ``pip install 'graphgrad[testing]'``. Strategies of numbers, nodes and expressions are in
:mod:`autograd.testing.strategies`, which knows no modules.

>>> from hypothesis import given
>>> from autograd.testing import check_gradients
>>> from nn.testing import modules
>>> @given(modules())
... def test(case):
...     check_gradients(case, (case.model.state_dict(), case.X))
>>> test()  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from autograd.testing import strategies
from nn._types import Array, DType, Input, Output
from nn.losses import BCEWithLogitsLoss, Loss, MSELoss
from nn.members import join_path
from nn.mlp import MLP
from nn.module import Module
from nn.optional import missing_library
from nn.parameter import Parameter

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise missing_library(__name__, "hypothesis") from error

__all__ = ["Case", "modules"]

SMOOTH = ("tanh", "sigmoid", "softplus", "gelu", "silu")


class Case(NamedTuple):
    """A net with data: a function that gives its loss for parameters and inputs, with code that makes it for a repr.

    Attributes
    ----------
    model : MLP
        The net.
    X : array
        The minibatch, of shape (samples, inputs).
    target : array
        Its targets, of shape (samples, outputs).
    loss : Module
        The loss.
    seed : int
        The seed of the net's weights.

    Examples
    --------
    >>> from hypothesis import find
    >>> from nn.testing import modules
    >>> case = find(modules(), lambda case: case.model.sizes[-1] == 2)
    >>> case(case.model.state_dict(), case.X).item() == case.loss(case.model(case.X), case.target).item()
    True
    """

    model: MLP
    X: Array
    target: Array
    loss: Loss
    seed: int

    def __call__(self, parameters: Mapping[str, object], X: Input) -> Output:
        """The loss with other parameters, by their names in ``model.state_dict()``, and other inputs."""
        with _parameters(self.model, parameters):
            return self.loss(self.model(X), self.target)

    def __repr__(self) -> str:
        m = self.model
        model = f"nn.MLP({list(m.sizes)}, activation={m.activation!r}, rng={self.seed})"
        arrays = [f"np.array({a.tolist()}, np.{a.dtype})" for a in (self.X, self.target)]
        return f"Case({model}, X={arrays[0]}, target={arrays[1]}, loss=nn.{type(self.loss).__name__}())"


def modules(activations: Sequence[str] = SMOOTH, dtype: DType = float) -> st.SearchStrategy[Case]:
    """Small random multilayer perceptrons, each with a minibatch, targets and a loss.

    A net has at most 3 inputs, 2 hidden layers of 4 neurons, and 2 outputs, a minibatch 1 to 4 samples. The loss is the
    mean squared error or the binary cross-entropy of logits.

    Parameters
    ----------
    activations : sequence of str
        The names to draw the activation from; by default smooth ones, for which differences are sure.
    dtype : dtype
        The dtype of the parameters and the data.

    Returns
    -------
    strategy of Case
        Each has a ``model``, ``X`` of shape (samples, inputs), a ``target`` of shape (samples, outputs) and a ``loss``;
        called with parameters and inputs it gives the loss.

    Examples
    --------
    >>> from hypothesis import find
    >>> from nn.testing import modules
    >>> find(modules(), lambda case: case.model.sizes[-1] == 2)
    Case(nn.MLP([1, 2], activation='tanh', rng=0), X=np.array([[1.0]], np.float64), ...
    """
    return _modules(list(activations), np.dtype(dtype))


@st.composite
def _modules(draw: st.DrawFn, activations: list[str], dtype: np.dtype[np.generic]) -> Case:
    hidden = draw(st.lists(st.integers(1, 4), max_size=2))
    sizes = [draw(st.integers(1, 3)), *hidden, draw(st.integers(1, 2))]
    seed, samples = draw(st.integers(0, 1000)), draw(st.integers(1, 4))
    model = MLP(sizes, activation=draw(st.sampled_from(activations)), rng=seed, dtype=dtype)
    X = draw(strategies.arrays((samples, sizes[0]), dtype=dtype))
    shape = (samples, sizes[-1])
    if draw(st.booleans()):
        truth = draw(st.lists(st.booleans(), min_size=samples * sizes[-1], max_size=samples * sizes[-1]))
        return Case(model, X, np.reshape(truth, shape).astype(dtype), BCEWithLogitsLoss(), seed)
    return Case(model, X, draw(strategies.arrays(shape, dtype=dtype)), MSELoss(), seed)


@contextmanager
def _parameters(model: Module, new: Mapping[str, object]) -> Iterator[None]:
    """The model with other nodes or arrays in place of its parameters, until the block ends."""
    own = [
        (join_path(path, name), vars(module), name, p)
        for path, module in model.named_modules()
        for name, p in vars(module).items()
        if isinstance(p, Parameter)
    ]
    if new.keys() != {path for path, *_ in own}:
        raise ValueError(f"the parameters are {[path for path, *_ in own]}, not {list(new)}")
    try:
        for path, attributes, name, _ in own:
            attributes[name] = new[path]
        yield
    finally:
        for _, attributes, name, p in own:
            attributes[name] = p
