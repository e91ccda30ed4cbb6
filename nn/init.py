"""The start of weights: each function sets a parameter, or its data, to numbers from a generator, and returns it.

The names are PyTorch's: ``xavier_*`` is Glorot's, ``kaiming_*`` He's. `generator`, or `rng`, is a generator or a seed
for one; by default they draw from the default generator. Layers start as PyTorch's do; ``for p in model.parameters():
nn.init.normal_(p, rng=rng)`` starts them anew.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TypeVar

import numpy as np

from autograd import Tensor, Value
from autograd.compiler import warn
from nn._types import Array, Node, Rng, ValueArray
from nn.host import as_numpy
from nn.kinds import assign, is_value_array
from nn.randomness import as_generator

__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_",
    "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_", "zeros_",
]  # fmt: skip

P = TypeVar("P", bound=Node | ValueArray)
_LINEAR = [f"{kind}{n}d" for kind in ("conv", "conv_transpose") for n in (1, 2, 3)]
_GAINS = dict.fromkeys(["linear", *_LINEAR, "sigmoid"], 1.0) | {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}


def uniform_(tensor: P, a: float = 0.0, b: float = 1.0, generator: Rng = None, *, rng: Rng = None) -> P:
    """Set a parameter to uniform numbers in [a, b).

    `generator`, or `rng`, is the source of the numbers: a generator, or a seed for one; by default the default one.

    Returns
    -------
    Parameter
        The parameter itself, which is changed in place; so do all functions here.

    Raises
    ------
    TypeError
        If it is no parameter.

    Examples
    --------
    >>> import nn
    >>> nn.init.uniform_(nn.Parameter([0.0, 0.0]), -0.5, 0.5, rng=0)
    Parameter([ 0.13696169, -0.23021329])
    """
    if not a <= b:
        raise ValueError(f"uniform_: a must be at most b, not {a} and {b}")
    return _set_values(tensor, _source(generator, rng).uniform(a, b, np.shape(tensor)))


def normal_(tensor: P, mean: float = 0.0, std: float = 1.0, generator: Rng = None, *, rng: Rng = None) -> P:
    """Set a parameter to normal numbers with that mean and standard deviation.

    Examples
    --------
    >>> import nn
    >>> nn.init.normal_(nn.Parameter([0.0, 0.0]), std=0.1, rng=0)
    Parameter([ 0.01257302, -0.01321049])
    """
    if not std >= 0:
        raise ValueError(f"normal_: std must be at least 0, not {std}")
    return _set_values(tensor, _source(generator, rng).normal(mean, std, np.shape(tensor)))


def trunc_normal_(
    tensor: P, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Rng = None, *,
    rng: Rng = None,
) -> P:  # fmt: skip
    """Set a parameter to normal numbers, of which those outside [a, b] are drawn again.

    Raises
    ------
    ValueError
        If `a` is not less than `b`, or `std` not positive.

    Examples
    --------
    >>> import nn
    >>> w = nn.init.trunc_normal_(nn.Parameter([0.0] * 100), std=2.0, a=-1.0, b=1.0, rng=0)
    >>> bool(abs(w.data).max() <= 1)
    True
    """
    if not (a < b and std > 0):
        raise ValueError(f"trunc_normal_: a must be less than b, and std positive; not {a}, {b} and {std}")
    numbers = _truncated(_source(generator, rng), math.prod(np.shape(tensor)), (a - mean) / std, (b - mean) / std)
    return _set_values(tensor, np.clip(mean + std * numbers, a, b).reshape(np.shape(tensor)))


def _truncated(generator: np.random.Generator, n: int, a: float, b: float) -> Array:
    """Standard normal numbers in [a, b]: those of uniform probabilities, on the side where these are exact."""
    side = -1.0 if a > 0 else 1.0
    low, high = sorted(math.erfc(-side * limit / math.sqrt(2)) / 2 for limit in (a, b))
    probabilities = np.clip(generator.uniform(low, high, n), 5e-324, 1 - 2**-53)
    return side * np.array([*map(NormalDist().inv_cdf, probabilities.tolist())])


def constant_(tensor: P, val: float) -> P:
    """Set every element of a parameter to one number.

    Examples
    --------
    >>> import nn
    >>> nn.init.constant_(nn.Parameter([0.0, 0.0]), 0.5)
    Parameter([0.5, 0.5])
    """
    return _set_values(tensor, np.full(np.shape(tensor), float(val)))


def zeros_(tensor: P) -> P:
    """Set a parameter to zeros.

    Examples
    --------
    >>> import nn
    >>> nn.init.zeros_(nn.Parameter([1.0, 2.0]))
    Parameter([0., 0.])
    """
    return constant_(tensor, 0.0)


def ones_(tensor: P) -> P:
    """Set a parameter to ones.

    Examples
    --------
    >>> import nn
    >>> nn.init.ones_(nn.Parameter([0.0, 0.0]))
    Parameter([1., 1.])
    """
    return constant_(tensor, 1.0)


def eye_(tensor: P) -> P:
    """Set a matrix to the identity, so that a layer hands on what it gets.

    Raises
    ------
    ValueError
        If the parameter is no matrix.

    Examples
    --------
    >>> import nn
    >>> nn.init.eye_(nn.Linear(3, 2).weight).data
    array([[1., 0., 0.],
           [0., 1., 0.]])
    """
    _check_dimensions("eye_", tensor, 2, 2)
    return _set_values(tensor, np.eye(*np.shape(tensor)))


def dirac_(tensor: P, groups: int = 1) -> P:
    """Set the weight of a convolution so that each channel is handed on, within its group.

    Raises
    ------
    ValueError
        If the parameter has not 3 to 5 axes, or `groups` does not divide the first.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.init.dirac_(nn.Parameter(np.zeros((2, 1, 3)))).data
    array([[[0., 1., 0.]],
    <BLANKLINE>
           [[0., 0., 0.]]])
    """
    _check_dimensions("dirac_", tensor, 3, 5)
    out, channels, *kernel = np.shape(tensor)
    if out % groups:
        raise ValueError(f"dirac_: dim 0 must be divisible by groups, and {out} is not by {groups}")
    values = np.zeros(np.shape(tensor))
    for start in range(0, out, out // groups):
        for i in range(min(out // groups, channels)):
            values[(start + i, i, *(n // 2 for n in kernel))] = 1.0
    return _set_values(tensor, values)


def orthogonal_(tensor: P, gain: float = 1.0, generator: Rng = None, *, rng: Rng = None) -> P:
    """Set a parameter, as a matrix of its first axis by all others, to orthonormal rows or columns times `gain`.

    Source: Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2013.

    Raises
    ------
    ValueError
        If the parameter has fewer than two axes.

    Examples
    --------
    >>> import nn
    >>> w = nn.init.orthogonal_(nn.Linear(3, 2).weight, rng=0).data
    >>> (w @ w.T).round(12) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    _check_dimensions("orthogonal_", tensor, 2, math.inf)
    n = np.shape(tensor)[0]
    matrix = _source(generator, rng).normal(size=(n, math.prod(np.shape(tensor)) // max(n, 1)))
    is_low = matrix.shape[0] < matrix.shape[1]
    q, r = np.linalg.qr(matrix.T if is_low else matrix)
    q = q * np.sign(np.diag(r))  # With these signs every such matrix is as likely as any other.
    return _set_values(tensor, gain * (q.T if is_low else q).reshape(np.shape(tensor)))


def sparse_(tensor: P, sparsity: float, std: float = 0.01, generator: Rng = None, *, rng: Rng = None) -> P:
    """Set a matrix to normal numbers, with that share of zeros in each column.

    Source: Martens, "Deep learning via Hessian-free optimization", 2010.

    Raises
    ------
    ValueError
        If the parameter is no matrix, or `sparsity` not in [0, 1].

    Examples
    --------
    >>> import nn
    >>> w = nn.init.sparse_(nn.Linear(2, 10).weight, sparsity=0.3, rng=0)
    >>> (w.data == 0).sum(axis=0)
    array([3, 3])
    """
    _check_dimensions("sparse_", tensor, 2, 2)
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparse_: sparsity must be in [0, 1], not {sparsity!r}")
    source, (rows, columns) = _source(generator, rng), np.shape(tensor)
    values = source.normal(0.0, std, (rows, columns))
    for j in range(columns):
        values[source.permutation(rows)[: math.ceil(sparsity * rows)], j] = 0.0
    return _set_values(tensor, values)


def xavier_uniform_(tensor: P, gain: float = 1.0, generator: Rng = None, *, rng: Rng = None) -> P:
    """Glorot's: uniform in ±gain·√(6/(fan_in + fan_out)), which keeps a signal's size through tanh and back.

    fan_in and fan_out are the numbers of inputs and outputs of a weight of shape (outputs, inputs), times the size of
    a kernel. Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.

    Raises
    ------
    ValueError
        If the parameter has fewer than two axes.

    Examples
    --------
    >>> import nn
    >>> w = nn.init.xavier_uniform_(nn.Linear(30, 20).weight, rng=0)
    >>> bool(abs(w.data).max() <= (6 / (30 + 20)) ** 0.5)
    True
    """
    limit = gain * math.sqrt(6 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -limit, limit, generator, rng=rng)


def xavier_normal_(tensor: P, gain: float = 1.0, generator: Rng = None, *, rng: Rng = None) -> P:
    """Glorot's: normal with deviation gain·√(2/(fan_in + fan_out)).

    Source and errors are those of :func:`xavier_uniform_`.

    Examples
    --------
    >>> import nn
    >>> w = nn.init.xavier_normal_(nn.Linear(300, 200).weight, rng=0)
    >>> round(float(w.data.std()), 3), round((2 / (300 + 200)) ** 0.5, 3)
    (0.063, 0.063)
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(_calculate_fan_in_and_fan_out(tensor))), generator, rng=rng)


def kaiming_uniform_(
    tensor: P, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Rng = None, *,
    rng: Rng = None,
) -> P:  # fmt: skip
    """He's: uniform, with the deviation gain/√fan; the gain is by default ReLU's, or a leaky one's of slope `a`.

    fan is fan_in, the number of inputs of a weight of shape (outputs, inputs) times the size of a kernel, or with
    ``mode="fan_out"`` that of outputs. Source: He et al., "Delving deep into rectifiers", 2015.

    Parameters
    ----------
    tensor : Parameter
        A weight of at least two axes.
    a : float
        The slope of a leaky ReLU below 0.
    mode : {"fan_in", "fan_out"}
        Whether the sizes of signals are kept on their way forward, or those of gradients on their way back.
    nonlinearity : str
        The activation that follows; see :func:`calculate_gain`.
    generator, rng : Generator or int, optional
        The source of numbers; by default the default generator.

    Raises
    ------
    ValueError
        If the parameter has fewer than two axes, or there is no such mode or activation.

    Examples
    --------
    >>> import nn
    >>> w = nn.init.kaiming_uniform_(nn.Linear(300, 200).weight, nonlinearity="relu", rng=0)
    >>> round(float(w.data.std()), 3), round((2 / 300) ** 0.5, 3)
    (0.082, 0.082)
    """
    limit = math.sqrt(3.0) * _he_deviation(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -limit, limit, generator, rng=rng)


def kaiming_normal_(
    tensor: P, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Rng = None, *,
    rng: Rng = None,
) -> P:  # fmt: skip
    """He's: normal, with the deviation gain/√fan; the gain is by default ReLU's, or a leaky one's of slope `a`.

    Parameters, source and errors are those of :func:`kaiming_uniform_`.

    Examples
    --------
    >>> import nn
    >>> w = nn.init.kaiming_normal_(nn.Linear(300, 200).weight, nonlinearity="relu", rng=0)
    >>> round(float(w.data.std()), 3), round((2 / 300) ** 0.5, 3)
    (0.082, 0.082)
    """
    return normal_(tensor, 0.0, _he_deviation(tensor, a, mode, nonlinearity), generator, rng=rng)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """PyTorch's factor for the deviation of weights before an activation; `param` is a leaky ReLU's slope, else 0.01.

    Raises
    ------
    ValueError
        If there is no gain for that activation; the message lists those that have one.

    Examples
    --------
    >>> import nn
    >>> round(nn.init.calculate_gain("relu") ** 2, 12)
    2.0
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"calculate_gain: negative_slope {param!r} not a valid number")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        names = ", ".join(["leaky_relu", *_GAINS])
        raise ValueError(f"Unsupported nonlinearity {nonlinearity!r}: init: no gain for it; there are those of {names}")
    return _GAINS[nonlinearity]


def _source(generator: Rng, rng: Rng) -> np.random.Generator:
    return as_generator(generator if rng is None else rng)


def _he_deviation(tensor: Node | ValueArray, a: float, mode: str, nonlinearity: str) -> float:
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode!r} not supported: init: mode must be fan_in or fan_out")
    if 0 in np.shape(tensor):
        warn("Initializing zero-element tensors is a no-op", UserWarning)
        return 0.0
    fan = _calculate_fan_in_and_fan_out(tensor)[mode.lower() == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _calculate_fan_in_and_fan_out(tensor: Node | ValueArray) -> tuple[int, int]:
    """How many numbers an output is made of, and how many outputs a number goes into; PyTorch's name."""
    shape = np.shape(tensor)
    if len(shape) < 2:
        raise ValueError(
            f"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions: init: this start is for "
            f"a weight matrix or the weight of a convolution; for shape {shape} use uniform_, normal_ or zeros_"
        )
    fan_out, fan_in, *kernel = shape
    return fan_in * math.prod(kernel), fan_out * math.prod(kernel)


def _check_dimensions(name: str, tensor: Node | ValueArray, least: int, most: float) -> None:
    shape = np.shape(tensor)
    if not least <= len(shape) <= most:
        there = f"{least}" if most == least else f"{least} or more" if most == math.inf else f"{least} to {most}"
        raise ValueError(f"{name}: Only tensors with {there} dimensions are supported, not shape {shape}")


def _set_values(tensor: P, values: Array) -> P:
    floats = isinstance(tensor, np.ndarray) and tensor.dtype.kind == "f"  # such as the data of a parameter, a view
    if not (floats or is_value_array(tensor) or isinstance(tensor, (Tensor, Value))):
        raise TypeError(f"init: a parameter is set, not {type(tensor).__name__}; pass layer.weight or the like")
    assign(tensor, np.asarray(as_numpy(values)))
    return tensor
