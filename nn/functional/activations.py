"""Activations as functions, under PyTorch's names; `nn.functional` has them beside autograd's own.

Each takes a Tensor, a Value, an array, a number, or an object array of Values, of any shape, and gives the same kind,
element by element. PyTorch's argument `inplace`, whether to reuse memory, changes no result and has no effect. Where a
function has a kink, its derivative there is PyTorch's. Along an axis work those of :mod:`nn.functional.softmaxes`.
"""

from __future__ import annotations

import math

import numpy as np

import autograd
from autograd import Tensor, Value
from autograd.tracebacks import entrances
from nn._types import Data, Input, Output, X
from nn.kinds import as_input, as_node, as_numbers, is_value_array
from nn.options import ShapeError, check_options

__all__ = [
    "celu", "elu", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "logsigmoid", "mish",
    "prelu", "relu", "relu6", "selu", "silu", "softplus", "softshrink", "softsign", "tanhshrink", "threshold",
]  # fmt: skip


def relu(input: Data, inplace: bool = False) -> Data:
    """The larger of the input and 0; its derivative at 0 is 0.

    Parameters
    ----------
    input : node, array_like or number
        Of any shape.
    inplace : bool
        PyTorch's, whether to reuse memory, which changes no result; here it has no effect.

    Returns
    -------
    node, array or float
        Of the kind, the shape and the dtype of `input`: a node for a node, an array for an array or a list; floats for
        integers.

    Examples
    --------
    >>> from autograd import Tensor, Value
    >>> import nn.functional as F
    >>> F.relu(Tensor([-2.0, 3.0])).data
    array([0., 3.])
    """
    y: Data = autograd.relu(input)
    return y


def relu6(input: Data, inplace: bool = False) -> Data:
    """The input limited to [0, 6]; its derivative at both ends is 0.

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.relu6(8.0)
    6.0
    """
    return hardtanh(input, 0.0, 6.0)


def hardtanh(input: Data, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Data:
    """The input limited to [`min_val`, `max_val`]; its derivative at both ends is 0.

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.hardtanh(-3.0), F.hardtanh(0.5)
    (-1.0, 0.5)
    """
    if not min_val <= max_val:
        raise ValueError(f"hardtanh: min_val must be at most max_val, but they are {min_val} and {max_val}")
    below = autograd.where(autograd.greater_equal(input, max_val), max_val, input)
    y: Data = autograd.where(autograd.less_equal(input, min_val), min_val, below)
    return y


def threshold(input: Data, threshold: float, value: float, inplace: bool = False) -> Data:
    """The input where it exceeds the threshold, else `value`.

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.threshold(0.1, 0.2, 9.0), F.threshold(0.3, 0.2, 9.0)
    (9.0, 0.3)
    """
    y: Data = autograd.where(autograd.less_equal(input, threshold), value, input)
    return y


def leaky_relu(input: Data, negative_slope: float = 0.01, inplace: bool = False) -> Data:
    """The input where it is positive, else `negative_slope` times it, also at 0.

    Its input and its result are those of :func:`relu`.

    Source: Maas et al., "Rectifier nonlinearities improve neural network acoustic models", 2013.

    Examples
    --------
    >>> from autograd import Tensor, Value
    >>> import nn.functional as F
    >>> F.leaky_relu(Tensor([-2.0, 3.0]), 0.5).data
    array([-1.,  3.])
    """
    input = as_numbers(input)
    y: Data = autograd.where(autograd.greater(input, 0), input, input * negative_slope)
    return y


def prelu(input: Input, weight: Input) -> Output:
    """The input where it is positive, else times a weight that is learnt: one number, or one for each channel.

    Channels are the input's second axis.

    Source: He et al., "Delving deep into rectifiers", 2015.

    Parameters
    ----------
    input : node or array_like
        Of any shape, or of shape (samples, channels, ...) where there are several weights.
    weight : node or array_like
        Of shape (), (1,) or (channels,).

    Returns
    -------
    node
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If the weights are neither one nor as many as channels.

    Examples
    --------
    >>> from autograd import Tensor, Value
    >>> import nn.functional as F
    >>> F.prelu(Tensor([-2.0, 3.0]), Tensor([0.25])).data
    array([-0.5,  3. ])
    """
    x: X = as_input(input, weight) if is_value_array(weight) else as_node(input)
    slope: X = as_node(weight) if isinstance(weight, (Tensor, Value)) or is_value_array(weight) else np.asarray(weight)
    n, shape = math.prod(slope.shape), x.shape
    if len(slope.shape) > 1 or (n != 1 and (len(shape) < 2 or shape[1] != n)):
        words = "Mismatch of parameter numbers and input channel size"
        if len(slope.shape) > 1:
            words = f"Expected `weight` to be a scalar or 1D tensor, but got: ndim = {len(slope.shape)}"
        raise ShapeError(
            f"prelu: {words}. Weights of shape {slope.shape} do not suit an input of shape {shape}; they are one, or "
            "one for each channel, in a row; channels are the second axis"
        )
    if not isinstance(slope, Value):
        slope = slope.reshape((n, *[1] * (len(shape) - 2)) if n > 1 else (1,) * len(shape))
    y: Output = autograd.where(autograd.greater(x, 0), x, slope * x)
    return y


def elu(input: Data, alpha: float = 1.0, inplace: bool = False) -> Data:
    """The input where it is positive, else ``alpha * (exp(input) - 1)``.

    Its input and its result are those of :func:`relu`.

    Source: Clevert et al., "Fast and accurate deep network learning by exponential linear units", 2015.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.elu(2.0), round(F.elu(-1.0), 4)
    (2.0, -0.6321)
    """
    y: Data = autograd.elu(input, alpha=float(alpha))
    return y


def selu(input: Data, inplace: bool = False) -> Data:
    """The :func:`elu` with two constants such that a deep net of it keeps mean 0 and variance 1.

    Its input and its result are those of :func:`relu`.

    Source: Klambauer et al., "Self-normalizing neural networks", 2017.

    Examples
    --------
    >>> import nn.functional as F
    >>> round(F.selu(1.0), 4), round(F.selu(-1.0), 4)
    (1.0507, -1.1113)
    """
    y: Data = autograd.elu(input, alpha=1.6732632423543772848) * 1.0507009873554804934
    return y


def celu(input: Data, alpha: float = 1.0, inplace: bool = False) -> Data:
    """The input where it is positive, else ``alpha * (exp(input / alpha) - 1)``; its derivative is continuous.

    Its input and its result are those of :func:`relu`.

    Source: Barron, "Continuously differentiable exponential linear units", 2017.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.celu(2.0, 0.5), round(F.celu(-2.0, 0.5), 4)
    (2.0, -0.4908)
    """
    check_options("celu", alpha=alpha)
    positive = autograd.greater(input, 0)
    negative = autograd.where(positive, 0.0, input)
    y: Data = autograd.where(positive, input, autograd.expm1(negative / alpha) * alpha)
    return y


def gelu(input: Data, approximate: str = "none") -> Data:
    """x·Φ(x), where Φ is the normal distribution function, or with "tanh" PyTorch's approximation by it.

    The latter is several times as fast on arrays, because NumPy has no erf.

    Its input and its result are those of :func:`relu`.

    Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.

    Examples
    --------
    >>> import nn.functional as F
    >>> round(F.gelu(1.0), 6), round(F.gelu(1.0, "tanh"), 6)
    (0.841345, 0.841192)
    """
    input = as_numbers(input)
    check_options("gelu", approximate=approximate)
    x = input
    if approximate == "tanh":
        y: Data = x * 0.5 * (autograd.tanh((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)) + 1)
    else:
        y = x * 0.5 * autograd.erfc(x * -math.sqrt(0.5))
    return y


def silu(input: Data, inplace: bool = False) -> Data:
    """x·σ(x); also called swish.

    Its input and its result are those of :func:`relu`.

    Source: Elfwing et al., "Sigmoid-weighted linear units for neural network function approximation", 2017.

    Examples
    --------
    >>> from autograd import Value
    >>> import nn.functional as F
    >>> x = Value(0.0)
    >>> F.silu(x).backward()
    >>> x.grad
    0.5
    """
    y: Data = input * autograd.sigmoid(input)
    return y


def mish(input: Data, inplace: bool = False) -> Data:
    """x·tanh(softplus(x)).

    Its input and its result are those of :func:`relu`.

    Source: Misra, "Mish: a self regularized non-monotonic activation function", 2019.

    Examples
    --------
    >>> import nn.functional as F
    >>> round(F.mish(1.0), 4)
    0.8651
    """
    y: Data = input * autograd.tanh(autograd.softplus(input))
    return y


def softplus(input: Data, beta: float = 1.0, threshold: float = 20.0) -> Data:
    """A smooth ReLU, ``log(1 + exp(beta * x)) / beta``; where ``beta * x`` exceeds the threshold the input itself.

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.softplus(np.array([0.0, 100.0])).round(6)
    array([  0.693147, 100.      ])
    """
    input = as_numbers(input)
    z = input * beta
    y: Data = autograd.where(autograd.greater(z, threshold), input, autograd.softplus(z) / beta)
    return y


def logsigmoid(input: Data) -> Data:
    """log σ(x), exact also where σ(x) is 0.

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.logsigmoid(-1000.0)
    -1000.0
    """
    input = as_numbers(input)
    y: Data = -autograd.softplus(-input)
    return y


def softsign(input: Data) -> Data:
    """``x/(1 + |x|)``, element by element.

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.softsign(-3.0)
    -0.75
    """
    y: Data = input / (autograd.abs(input) + 1)
    return y


def tanhshrink(input: Data) -> Data:
    """x − tanh(x).

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> round(F.tanhshrink(1.0), 4)
    0.2384
    """
    y: Data = input - autograd.tanh(input)
    return y


def hardshrink(input: Data, lambd: float = 0.5) -> Data:
    """The input outside of [−`lambd`, `lambd`], inside 0.

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.hardshrink(-2.0), F.hardshrink(0.3)
    (-2.0, 0.0)
    """
    y: Data = autograd.where(autograd.less_equal(autograd.abs(input), lambd), 0.0, input)
    return y


def softshrink(input: Data, lambd: float = 0.5) -> Data:
    """The input moved towards 0 by `lambd`, and 0 where that would pass it.

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.softshrink(-2.0), F.softshrink(0.3)
    (-1.5, 0.0)
    """
    check_options("softshrink", lambd=lambd)
    y: Data = autograd.where(autograd.less_equal(autograd.abs(input), lambd), 0.0, input - autograd.sign(input) * lambd)
    return y


def hardsigmoid(input: Data, inplace: bool = False) -> Data:
    """(x + 3)/6 limited to [0, 1].

    Its input and its result are those of :func:`relu`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.hardsigmoid(0.0), F.hardsigmoid(4.0)
    (0.5, 1.0)
    """
    y: Data = (hardtanh(input, -3.0, 3.0) + 3) / 6
    return y


def hardswish(input: Data, inplace: bool = False) -> Data:
    """The input times its :func:`hardsigmoid`.

    Its input and its result are those of :func:`relu`. Source: Howard et al., "Searching for MobileNetV3", 2019.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.hardswish(0.0), F.hardswish(4.0)
    (0.0, 4.0)
    """
    y: Data = input * hardsigmoid(input)
    return y


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
