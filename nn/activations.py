"""Activations as modules, so that they stand in a :class:`nn.Sequential`; each applies its function to any input."""

from __future__ import annotations

from typing import Any

from nn import functional as F  # noqa: N812  as in PyTorch
from nn.function_module import FunctionModule
from nn.module import Module

__all__ = [
    "ELU", "GELU", "Heaviside", "Identity", "LeakyReLU", "LogSoftmax", "ReLU", "SiLU", "Sigmoid", "Softmax",
    "Softplus", "Tanh", "activation",
]  # fmt: skip


class Identity(Module):
    """Its input, unchanged."""

    def forward(self, x: Any) -> Any:
        """`x` itself."""
        return x


class Sigmoid(FunctionModule, function=F.sigmoid):
    """The logistic function σ(x) = 1/(1 + e⁻ˣ), element by element.

    Examples
    --------
    >>> import nn
    >>> nn.Sigmoid()(0.0)
    0.5
    """


class Tanh(FunctionModule, function=F.tanh):
    """The hyperbolic tangent, element by element."""


class ReLU(FunctionModule, function=F.relu, inplace=True):
    """The larger of x and 0, element by element; its derivative at 0 is 0."""


class LeakyReLU(FunctionModule, function=F.leaky_relu, inplace=True):
    """x where it is positive, else ``negative_slope * x``.

    Examples
    --------
    >>> import nn
    >>> nn.LeakyReLU(0.5)(-2.0)
    -1.0
    """


class ELU(FunctionModule, function=F.elu, inplace=True):
    """x where it is positive, else ``alpha * (exp(x) - 1)``."""


class GELU(FunctionModule, function=F.gelu):
    """x·Φ(x), with the normal distribution function Φ, exact or (``approximate="tanh"``) approximate."""


class SiLU(FunctionModule, function=F.silu, inplace=True):
    """x·σ(x), also called swish."""


class Softplus(FunctionModule, function=F.softplus):
    """A smooth ReLU, ``log(1 + exp(beta * x)) / beta``; as in PyTorch, x itself beyond the threshold."""


class Softmax(FunctionModule, function=F.softmax):
    """exp(x) divided by its sum along `dim`: positive numbers whose sum is 1.

    Examples
    --------
    >>> import nn
    >>> nn.Softmax()([1000.0, 1000.0])
    array([0.5, 0.5])
    """


class LogSoftmax(FunctionModule, function=F.log_softmax):
    """The logarithm of the softmax along `dim`."""


def _step(x: Any, at_zero: float = 1.0) -> Any:
    return F.heaviside(x, at_zero)


class Heaviside(FunctionModule, function=_step):
    """The step function: 0 below 0, 1 above, `at_zero` at 0. Its gradient is 0, so nothing learns through it.

    Examples
    --------
    >>> import nn
    >>> from autograd import Value
    >>> x = Value(0.3)
    >>> y = nn.Heaviside()(x)
    >>> y.backward()
    >>> y.data, x.grad
    (1.0, 0.0)
    """


_KINDS = (Identity, Sigmoid, Tanh, ReLU, LeakyReLU, ELU, GELU, SiLU, Softplus, Softmax, LogSoftmax, Heaviside)
_BY_NAME: dict[str, type[Module]] = {kind.__name__.lower(): kind for kind in _KINDS}


def activation(name: str) -> Module:
    """An activation by its name in lower case, with its default arguments.

    Raises
    ------
    ValueError
        If there is none of that name; those there are are listed.
    """
    if not isinstance(name, str) or name.lower() not in _BY_NAME:
        raise ValueError(f"no activation {name!r}; there are {', '.join(sorted(_BY_NAME))}")
    return _BY_NAME[name.lower()]()
