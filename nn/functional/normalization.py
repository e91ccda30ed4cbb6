"""Normalisation under PyTorch's names: over a minibatch, over the last axes, or of a vector's length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

import autograd
from autograd import Tensor
from autograd.backends import library_of
from autograd.tracebacks import entrances
from nn import kinds
from nn._types import Array, Input, Operand, Output, X
from nn.kinds import as_input, as_node
from nn.options import ShapeError, check_options

__all__ = ["batch_norm", "layer_norm", "normalize", "rms_norm"]


def batch_norm(
    input: Input, running_mean: Array | None, running_var: Array | None, weight: Operand | None = None,
    bias: Operand | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Output:  # fmt: skip
    """Each feature, along the second axis, with mean 0 and variance 1, then scaled and moved.

    In training these are the minibatch's own, and `momentum` is their share in the running ones, which are arrays that
    change; else these are taken.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training", 2015.

    Parameters
    ----------
    input : node or array_like
        Of shape (samples, features, ...).
    running_mean, running_var : array or None
        Of shape (features,); they change in training, and are needed in evaluation.
    weight, bias : node or array, optional
        Of shape (features,).
    training : bool
        Whether the minibatch's own mean and variance are taken.
    momentum : float
        The share of this minibatch in the running ones, in [0, 1].
    eps : float
        Added to the variance.

    Returns
    -------
    node
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If shapes do not fit, an option is out of its range, or in training a feature has one number only.

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.batch_norm(np.array([[1.0], [3.0]]), np.zeros(1), np.ones(1), eps=1e-9, training=True).data.round(6)
    array([[-1.],
           [ 1.]])
    """
    check_options("batch_norm", eps=eps, momentum=momentum)
    statistics: X = running_mean, running_var, weight, bias
    x: X = as_operand(input, weight)
    if len(x.shape) < 2:
        raise ShapeError(f"batch_norm takes an input of shape (samples, features, ...), not {x.shape}")
    for key, own in zip(("running_mean", "running_var", "weight", "bias"), statistics, strict=True):
        if own is not None and own.shape != x.shape[1:2]:
            raise ShapeError(f"batch_norm: {key} should contain {x.shape[1]} elements, not {own.shape}")
    if training:
        return normalized_batch(x, weight, bias, eps, partial(track, running_mean, running_var, momentum))
    if running_mean is None or running_var is None:
        raise ShapeError("batch_norm: with training=False it takes running_mean and running_var; pass both")
    shape = (-1, *(1,) * (len(x.shape) - 2))
    mean, variance = (_reshaped(each, shape) for each in (running_mean, running_var))
    return _scaled(x - mean, variance, weight, bias, eps)


def _reshaped(x: X, shape: tuple[int, ...]) -> X:
    """A statistic in another shape; not every library has methods."""
    if isinstance(x, Tensor) or (library := library_of(x)) is None:
        return x.reshape(shape)
    return library.reshape(x, shape)


def as_operand(x: Input, weight: X) -> X:
    """An input as an operand, in the dtype of the weight if there is one."""
    return as_node(x) if weight is None else as_input(x, weight)


def normalized_batch(
    x: X, weight: Operand | None, bias: Operand | None, eps: float, observe: Callable[..., object] | None = None
) -> Output:
    """A minibatch with mean 0 and variance 1 for each feature, scaled and moved; `observe` gets the statistics."""
    if not eps > 0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    n = x.size // max(x.shape[1], 1)
    if n == 1:
        raise ValueError(
            f"batch_norm: Expected more than 1 value per channel when training, got input size {[*x.shape]}: one "
            f"number has no variance; take a larger minibatch, or .eval()"
        )
    axes = (0, *range(2, len(x.shape)))
    if not n:
        return x
    mean = kinds.mean(x, axes, keepdims=True)
    centred = x - mean
    variance = autograd.mean_square(centred, axis=axes, keepdims=True)
    if observe is not None:
        kinds.observe(partial(observe, n), mean, variance)
    return _scaled(centred, variance, weight, bias, eps)


def track(mean: X, variance: X, share: float, n: int, new_mean: Array, new_variance: Array) -> None:
    """Take the statistics of a minibatch of `n` numbers a feature into running ones, of which they are that share."""
    for running, new in ((mean, new_mean), (variance, new_variance * (n / (n - 1)))):
        if running is not None:
            kinds.assign(running, moving_mean(running, share, new))


def moving_mean(running: X, share: float, new: X) -> X:
    """A running mean with a new array of that share in it: an array of NumPy's, or of the library that both are on."""
    if (library := library_of(new)) is None:
        return (1 - share) * kinds.to_numpy(running) + share * new.ravel()
    old = running.data if isinstance(running, Tensor) else running
    return (1 - share) * library.asarray_like(old, new) + share * library.reshape(new, (-1,))


def _scaled(centred: X, variance: X, weight: X, bias: X, eps: float) -> Output:
    """Features, along the second axis, in units of their deviations, times their weights, and with biases added."""
    shape = (-1, *(1,) * (len(centred.shape) - 2))
    y = centred * (variance + eps) ** -0.5  # a quotient would be read and written twice as often in the backward pass
    y = y if weight is None else y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


def layer_norm(
    input: Input, normalized_shape: Sequence[int], weight: Operand | None = None, bias: Operand | None = None,
    eps: float = 1e-5,
) -> Output:  # fmt: skip
    """Each sample with mean 0 and variance 1 over its last axes, of lengths `normalized_shape`, then scaled and moved.

    Source: Ba et al., "Layer normalization", 2016.

    Parameters
    ----------
    input : node or array_like
        Of shape ``(..., *normalized_shape)``.
    normalized_shape : sequence of int
        The lengths of those axes.
    weight, bias : node or array, optional
        Of shape `normalized_shape`.
    eps : float
        Added to the variance.

    Returns
    -------
    node
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.layer_norm([[1.0, 3.0]], (2,), eps=0.0).data
    array([[-1.,  1.]])
    """
    return _over_last_axes("layer_norm", input, normalized_shape, (weight, bias), eps)


def rms_norm(
    input: Input, normalized_shape: Sequence[int], weight: Operand | None = None, eps: float | None = None
) -> Output:
    """Each sample divided by the root of its mean square over its last axes, then scaled; `eps` is the dtype's.

    Shapes and errors are those of :func:`layer_norm`. Source: Zhang and Sennrich, "Root mean square layer
    normalization", 2019.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.rms_norm([3.0, -3.0], (2,)).data
    array([ 1., -1.])
    """
    return _over_last_axes("rms_norm", input, normalized_shape, (weight, None), eps)


def _over_last_axes(
    name: str, input: Input, normalized_shape: Sequence[int], scaled: tuple[Operand | None, Operand | None],
    eps: float | None,
) -> X:  # fmt: skip
    check_options(name, eps=0.0 if eps is None else eps)
    weight, bias = scaled
    x: X = as_operand(input, weight)
    lengths = tuple(normalized_shape)
    n = len(lengths)
    if not n:
        raise ShapeError(
            f"{name}: Expected normalized_shape to be at least 1-dimensional, the last lengths of the input"
        )
    if x.shape[-n:] != lengths:
        raise ShapeError(
            f"{name}: Given normalized_shape={[*lengths]}, expected input with shape [*, {str([*lengths])[1:]}, but "
            f"got input of size {[*x.shape]}; they are its last lengths"
        )
    for key, own in (("weight", weight), ("bias", bias)):
        if own is not None and own.shape != lengths:
            raise ShapeError(
                f"{name}: Expected {key} to be of same shape as normalized_shape, {lengths}, not {own.shape}"
            )
    eps = float(np.finfo(kinds.result_dtype(x)).eps) if eps is None else eps
    y = autograd.standardise(x, axis=tuple(range(-n, 0)), eps=eps, centred=name == "layer_norm")
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def normalize(input: Input, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Output:
    """`input` divided by its norm along `dim`, ``(Σ|x|ᵖ)^(1/p)``, where that is at least `eps`.

    Parameters
    ----------
    input : node or array_like
        Of any shape but ().
    p : float
        The order of the norm.
    dim : int
        The axis of the vectors.
    eps : float
        The least norm.

    Returns
    -------
    node
        Of the shape of `input`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.normalize([[3.0, 4.0]]).data
    array([[0.6, 0.8]])
    """
    check_options("normalize", dim=dim, eps=eps)
    x: X = as_node(input)
    if p == 2:
        norm = autograd.norm(x, axis=dim, keepdims=True)
    elif p == float("inf"):
        norm = autograd.max(autograd.abs(x), axis=dim, keepdims=True)
    elif p == 0:
        norm = autograd.astype(autograd.not_equal(x, 0), kinds.result_dtype(x)).sum(axis=dim, keepdims=True)
    else:
        norm = autograd.sum(autograd.abs(x) ** p, axis=dim, keepdims=True) ** (1 / p)
    return x / autograd.clip(norm, eps, None)


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
