"""Activations as modules, so that they stand in a :class:`nn.Sequential`; each applies its function to any input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from nn import functional as F  # noqa: N812  as in PyTorch
from nn._types import ArrayLike, Data
from nn.function_module import FunctionModule
from nn.module import Module

__all__ = [
    "ELU", "GELU", "Heaviside", "Identity", "LeakyReLU", "LogSoftmax", "ReLU", "SiLU", "Sigmoid", "Softmax",
    "Softplus", "Tanh", "activation",
]  # fmt: skip

T = TypeVar("T")


class Identity(Module):
    """Its input, unchanged."""

    def forward(self, x: T) -> T:
        """`x` itself."""
        return x


class _Activation(FunctionModule):
    """The base of the activations: each takes a node, an array or a number and gives the same kind."""

    def __init_subclass__(cls, function: Callable[..., Any] | None = None) -> None:
        super().__init_subclass__(function)
        cls._is_elementwise = "dim" not in cls._options  # else its function is one of an axis

    @overload
    def forward(self, x: Data) -> Data: ...
    @overload
    def forward(self, x: ArrayLike) -> Any: ...
    def forward(self, x: object) -> object:
        """The function of `x`, in its shape."""
        return self._call_function(x)


class Sigmoid(_Activation, function=F.sigmoid):
    """The logistic function σ(x) = 1/(1 + e⁻ˣ), element by element.

    Examples
    --------
    >>> import nn
    >>> nn.Sigmoid()(0.0)
    0.5
    """


class Tanh(_Activation, function=F.tanh):
    """The hyperbolic tangent, element by element."""


class ReLU(_Activation, function=F.relu):
    """The larger of x and 0, element by element; its derivative at 0 is 0."""

    inplace: bool = False


class LeakyReLU(_Activation, function=F.leaky_relu):
    """x where it is positive, else ``negative_slope * x``, element by element.

    Examples
    --------
    >>> import nn
    >>> nn.LeakyReLU(0.5)(-2.0)
    -1.0
    """

    negative_slope: float = 0.01
    inplace: bool = False


class ELU(_Activation, function=F.elu):
    """x where it is positive, else ``alpha * (exp(x) - 1)``, element by element."""

    alpha: float = 1.0
    inplace: bool = False


class GELU(_Activation, function=F.gelu):
    """x·Φ(x), element by element, with the normal distribution function Φ or its approximation by tanh."""

    approximate: str = "none"


class SiLU(_Activation, function=F.silu):
    """x·σ(x), element by element; also called swish."""

    inplace: bool = False


class Softplus(_Activation, function=F.softplus):
    """A smooth ReLU, ``log(1 + exp(beta * x)) / beta``; as in PyTorch, x itself beyond the threshold."""

    beta: float = 1.0
    threshold: float = 20.0


class Softmax(_Activation, function=F.softmax):
    """exp(x) divided by its sum along `dim`: positive numbers whose sum is 1.

    Examples
    --------
    >>> import nn
    >>> nn.Softmax()([1000.0, 1000.0])
    array([0.5, 0.5])
    """

    dim: int = -1


class LogSoftmax(_Activation, function=F.log_softmax):
    """The logarithm of the softmax along `dim`."""

    dim: int = -1


def _step(x: Data, at_zero: float = 1.0) -> Data:
    y: Data = F.heaviside(x, at_zero)
    return y


class Heaviside(_Activation, function=_step):
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

    at_zero: float = 1.0


_ACTIVATIONS: dict[str, type[Module]] = {
    kind.__name__.lower(): kind
    for kind in (
        Identity, Sigmoid, Tanh, ReLU, LeakyReLU, ELU, GELU, SiLU, Softplus, Softmax, LogSoftmax, Heaviside,
    )
}  # fmt: skip


def activation(name: str) -> Module:
    """An activation by its name in lower case, with its default arguments.

    Raises
    ------
    ValueError
        If there is none of that name; the message lists the names.
    """
    if not isinstance(name, str) or name.lower() not in _ACTIVATIONS:
        raise ValueError(f"no activation {name!r}; there are {', '.join(sorted(_ACTIVATIONS))}")
    return _ACTIVATIONS[name.lower()]()
