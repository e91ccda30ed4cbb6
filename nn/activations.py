"""Activations as modules, so that they stand in a :class:`nn.Sequential`; each calls its function on any input."""

from __future__ import annotations

from typing import Any

from nn import functional as F  # noqa: N812  as in PyTorch
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
        return F.sigmoid(x)


class Tanh(Module):
    """The hyperbolic tangent, element by element."""

    def forward(self, x: Any) -> Any:
        """Tanh of a node, array or number of any shape."""
        return F.tanh(x)


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
        return F.relu(x)


class LeakyReLU(Module):
    """x where it is positive, else ``negative_slope * x``."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        """The function, element by element."""
        return F.leaky_relu(x, self.negative_slope)


class ELU(Module):
    """x where it is positive, else ``alpha * (exp(x) - 1)``."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        """The function, element by element."""
        return F.elu(x, self.alpha)


class GELU(Module):
    """x·Φ(x), with the normal distribution function Φ; see :func:`nn.functional.gelu`."""

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate must be 'none' or 'tanh', not {approximate!r}")
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        """The function, element by element."""
        return F.gelu(x, self.approximate)


class SiLU(Module):
    """x·σ(x), also called swish."""

    def forward(self, x: Any) -> Any:
        """The function, element by element."""
        return F.silu(x)


class Softplus(Module):
    """A smooth ReLU, ``log(1 + exp(beta * x)) / beta``; as in PyTorch, x itself beyond the threshold."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Any) -> Any:
        """The function, element by element."""
        return F.softplus(x, self.beta, self.threshold)


class Softmax(Module):
    """exp(x) divided by its sum along `dim`: positive numbers whose sum is 1.

    Examples
    --------
    >>> import nn
    >>> nn.Softmax()([1000.0, 1000.0])
    array([0.5, 0.5])
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """The softmax along `dim`."""
        return F.softmax(x, self.dim)


class LogSoftmax(Module):
    """The logarithm of the softmax along `dim`."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """The logarithm of the softmax along `dim`."""
        return F.log_softmax(x, self.dim)


class Heaviside(Module):
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

    def __init__(self, at_zero: float = 1.0) -> None:
        self.at_zero = at_zero

    def forward(self, x: Any) -> Any:
        """The step, element by element."""
        return F.heaviside(x, self.at_zero)


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
