"""Layers that normalise: ``BatchNorm1d``, ``LayerNorm``."""

from __future__ import annotations

from functools import partial

import numpy as np

import autograd
from nn import kinds
from nn._types import Array, DType, Input, Output
from nn.kinds import as_input, as_node
from nn.module import Module
from nn.options import check_options
from nn.parameter import Parameter

__all__ = ["BatchNorm1d", "LayerNorm"]


class BatchNorm1d(Module):
    """Each feature with mean 0 and variance 1 over the minibatch, then scaled by `weight` and moved by `bias`.

    In evaluation the running mean and variance replace the minibatch's; they are saved with the state.

    Parameters
    ----------
    num_features : int
        Features in a sample; the second axis of inputs of shape (samples, features) or (samples, features, length).
    eps : float
        Added to the variance.
    momentum : float or None
        The share of each minibatch in the running statistics; None takes the mean over all minibatches.
    affine, track_running_stats : bool
        Whether there are weight and bias, and running statistics.
    dtype : dtype
        The parameters' dtype.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.BatchNorm1d(1, eps=0.0)(np.array([[1.0], [3.0]])).data
    array([[-1.],
           [ 1.]])
    """

    buffer_names = ("running_mean", "running_var", "num_batches_tracked")

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: DType = np.float64,
    ) -> None:
        check_options("BatchNorm1d", num_features=num_features, eps=eps, momentum=momentum)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = Parameter(np.ones(num_features), "weight", dtype=dtype) if affine else None
        self.bias = Parameter(np.zeros(num_features), "bias", dtype=dtype) if affine else None
        self.running_mean = np.zeros(num_features, dtype) if track_running_stats else None
        self.running_var = np.ones(num_features, dtype) if track_running_stats else None
        self.num_batches_tracked = np.array(0) if track_running_stats else None

    def forward(self, x: Input) -> Output:
        """The normalised input, of the shape of `x`."""
        x = as_node(x) if self.weight is None else as_input(x, self.weight)
        if len(x.shape) not in (2, 3) or x.shape[1] != self.num_features:
            raise ValueError(
                f"BatchNorm1d({self.num_features}) takes an input of shape (samples, {self.num_features}), with a "
                f"third axis or without, but got {x.shape}"
            )
        axes = (0, *range(2, len(x.shape)))
        shape = (1, -1, *[1] * (len(x.shape) - 2))
        if self.training or self.running_mean is None or self.running_var is None:
            if self.training and x.shape[0] * int(np.prod(x.shape[2:])) < 2:
                raise ValueError(
                    "BatchNorm1d: a minibatch of one sample has no variance; take a larger one, or .eval()"
                )
            mean = kinds.mean(x, axes, keepdims=True)
            centred = x - mean
            variance = kinds.mean(centred * centred, axes, keepdims=True)
            if self.training:
                kinds.observe(partial(self._track, x.shape[0] * int(np.prod(x.shape[2:]))), mean, variance)
        else:
            centred = x - self.running_mean.reshape(shape)
            variance = self.running_var.reshape(shape)
        y = centred / autograd.sqrt(variance + self.eps)
        if self.weight is None or self.bias is None:
            return y
        return y * self.weight.reshape(shape) + self.bias.reshape(shape)

    def _track(self, n: int, mean: Array, variance: Array) -> None:
        """Take the statistics of a minibatch of `n` numbers a feature into the running ones."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean[...] = (1 - share) * self.running_mean + share * mean.ravel()
        self.running_var[...] = (1 - share) * self.running_var + share * variance.ravel() * (n / (n - 1))


class LayerNorm(Module):
    """Each sample with mean 0 and variance 1 over its last axes, then scaled by `weight` and moved by `bias`.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The lengths of those last axes.
    eps : float
        Added to the variance.
    elementwise_affine, bias : bool
        Whether there is a weight, and whether there is a bias beside it.
    dtype : dtype
        The parameters' dtype.

    Examples
    --------
    >>> import nn
    >>> nn.LayerNorm(2, eps=0.0)([[1.0, 3.0]]).data
    array([[-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DType = np.float64,
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, (int, np.integer)) else tuple(normalized_shape)
        check_options("LayerNorm", eps=eps)
        if not shape or not all(isinstance(n, (int, np.integer)) and n > 0 for n in shape):
            raise ValueError(f"LayerNorm: normalized_shape must be lengths of axes, positive integers, not {shape}")
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        self.weight = Parameter(np.ones(shape), "weight", dtype=dtype) if elementwise_affine else None
        self.bias = Parameter(np.zeros(shape), "bias", dtype=dtype) if elementwise_affine and bias else None

    def forward(self, x: Input) -> Output:
        """The normalised input, of the shape of `x`."""
        x = as_node(x) if self.weight is None else as_input(x, self.weight)
        n = len(self.normalized_shape)
        if x.shape[-n:] != self.normalized_shape:
            raise ValueError(f"LayerNorm{self.normalized_shape} takes these as last lengths, but got {x.shape}")
        axes = tuple(range(-n, 0))
        centred = x - kinds.mean(x, axes, keepdims=True)
        y = centred / autograd.sqrt(kinds.mean(centred * centred, axes, keepdims=True) + self.eps)
        if self.weight is not None:
            y = y * self.weight
        return y if self.bias is None else y + self.bias
