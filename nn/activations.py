"""Activations as modules, so that they stand in a :class:`nn.Sequential`; each applies its function to any input."""

from __future__ import annotations

from typing import TypeVar, overload

import numpy as np

from nn import functional as F  # noqa: N812  as in PyTorch
from nn._types import ArrayLike, Data, DType, Function, Input, Output
from nn.function_module import FunctionModule
from nn.kinds import as_input, as_numbers
from nn.module import Module
from nn.options import check_options, checked_count
from nn.parameter import Parameter

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "SELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "Heaviside", "Identity",
    "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softmin",
    "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold", "activation",
]  # fmt: skip

T = TypeVar("T")


class Identity(Module):
    """Its input, unchanged; any arguments are taken, as by PyTorch's, and left alone.

    Examples
    --------
    >>> import nn
    >>> nn.Identity()([1.0, 2.0])
    [1.0, 2.0]
    """

    def __init__(self, *arguments: object, **options: object) -> None:
        pass

    def forward(self, input: T) -> T:
        """The input itself."""
        return input


class _Activation(FunctionModule):
    """The base of the activations: each takes a node, an array or a number and gives the same kind."""

    def __init_subclass__(cls, function: Function | None = None) -> None:
        super().__init_subclass__(function)
        cls._is_elementwise = "dim" not in cls._options  # else its function is one of an axis

    @overload
    def forward(self, input: Data) -> Data: ...
    @overload
    def forward(self, input: ArrayLike) -> Output: ...
    def forward(self, input: object) -> object:
        """The function of the input."""
        return self._call_function(as_numbers(input))


class _InPlace(_Activation):
    """An activation whose only option is PyTorch's `inplace`."""

    inplace: bool = False


class Sigmoid(_Activation, function=F.sigmoid):
    """The logistic function σ(x) = 1/(1 + e⁻ˣ), element by element.

    Examples
    --------
    >>> import nn
    >>> nn.Sigmoid()(0.0)
    0.5
    """


class Tanh(_Activation, function=F.tanh):
    """The hyperbolic tangent, element by element.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Tanh()(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.7616])
    """


class ReLU(_InPlace, function=F.relu):
    """The larger of x and 0, element by element; its derivative at 0 is 0."""


class ReLU6(_InPlace, function=F.relu6):
    """x limited to [0, 6], element by element; its derivative at both ends is 0."""


class Hardtanh(_Activation, function=F.hardtanh):
    """x limited to [`min_val`, `max_val`], element by element; its derivative at both ends is 0."""

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False


class Threshold(_Activation, function=F.threshold):
    """x where it exceeds the threshold, else `value`, element by element."""

    threshold: float
    value: float
    inplace: bool = False


class PReLU(Module):
    """x where it is positive, else times a weight that is learnt: one, or one for each channel (the second axis).

    Attributes
    ----------
    weight : Parameter
        Of shape (num_parameters,).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.PReLU()(np.array([-2.0, 3.0])).data
    array([-0.5,  3. ])
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, *, device: object = None, dtype: DType = np.float64
    ) -> None:
        check_options("PReLU", init=init, device=device)
        self.num_parameters = checked_count("PReLU", "num_parameters", num_parameters)
        self.init = init
        self.weight = Parameter(np.full(self.num_parameters, init, float), "weight", dtype=dtype)

    def forward(self, input: Input) -> Output:
        """The function of the input, of any shape or, with several weights, (samples, num_parameters, ...)."""
        return F.prelu(as_input(input, self.weight), self.weight)


class LeakyReLU(_Activation, function=F.leaky_relu):
    """x where it is positive, else ``negative_slope * x``, element by element."""

    negative_slope: float = 0.01
    inplace: bool = False


class ELU(_Activation, function=F.elu):
    """x where it is positive, else ``alpha * (exp(x) - 1)``, element by element."""

    alpha: float = 1.0
    inplace: bool = False


class SELU(_InPlace, function=F.selu):
    """The ELU with two constants such that a deep net of it keeps mean 0 and variance 1."""


class CELU(_Activation, function=F.celu):
    """x where it is positive, else ``alpha * (exp(x / alpha) - 1)``, element by element."""

    alpha: float = 1.0
    inplace: bool = False


class GELU(_Activation, function=F.gelu):
    """x·Φ(x), element by element, with the normal distribution function Φ or its approximation by tanh."""

    approximate: str = "none"


class SiLU(_InPlace, function=F.silu):
    """x·σ(x), element by element; also called swish."""


class Mish(_InPlace, function=F.mish):
    """x·tanh(softplus(x)), element by element."""


class Hardsigmoid(_InPlace, function=F.hardsigmoid):
    """(x + 3)/6 limited to [0, 1], element by element."""


class Hardswish(_InPlace, function=F.hardswish):
    """x times its :class:`Hardsigmoid`, element by element."""


class Softsign(_Activation, function=F.softsign):
    """``x/(1 + |x|)``, element by element."""


class Tanhshrink(_Activation, function=F.tanhshrink):
    """x − tanh(x), element by element."""


class Hardshrink(_Activation, function=F.hardshrink):
    """x outside of [−`lambd`, `lambd`], inside 0, element by element."""

    lambd: float = 0.5


class Softshrink(_Activation, function=F.softshrink):
    """x moved towards 0 by `lambd`, and 0 where that would pass it, element by element."""

    lambd: float = 0.5


class LogSigmoid(_Activation, function=F.logsigmoid):
    """log σ(x), element by element, exact also where σ(x) is 0."""


class GLU(_Activation, function=F.glu):
    """a·σ(b) for the first half a and the second half b of x along `dim`."""

    dim: int = -1


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


class Softmin(_Activation, function=F.softmin):
    """The softmax of −x along `dim`."""

    dim: int = -1


class LogSoftmax(_Activation, function=F.log_softmax):
    """The logarithm of the softmax along `dim`."""

    dim: int = -1


def _step(x: Data, at_zero: float = 1.0) -> Data:
    y: Data = F.heaviside(x, at_zero)
    return y


class Heaviside(_Activation, function=_step):
    """The step function, 0 below 0, 1 above, `at_zero` at 0. Its gradient is 0, so nothing learns through it.

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


# Those that have a name, for an MLP: all that need no argument, keep the shape, and learn nothing of their own.
NAMED: tuple[type[Module], ...] = (
    Identity, *({*_Activation.__subclasses__(), *_InPlace.__subclasses__()} - {GLU, Threshold, _InPlace}),
)  # fmt: skip
_ACTIVATIONS = {kind.__name__.lower(): kind for kind in NAMED}


def activation(name: str) -> Module:
    """An activation by the name of its class or function, in any case, with its default arguments.

    Raises
    ------
    ValueError
        If there is none of that name; the message lists the names.
    """
    kind = _ACTIVATIONS.get(name.lower().replace("_", "")) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f"no activation {name!r}; there are {', '.join(sorted(_ACTIVATIONS))}")
    return kind()
