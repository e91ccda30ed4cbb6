"""Layers that normalise: over a minibatch, or over the last axes."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np

from autograd.backends import library_of
from nn._types import DType, Input, Output, X
from nn.functional.normalization import (
    as_operand,
    batch_norm,
    layer_norm,
    moving_mean,
    normalized_batch,
    rms_norm,
    track,
)
from nn.layers.resetting import Resettable
from nn.options import ShapeError, check_options
from nn.parameter import Parameter

__all__ = ["BatchNorm1d", "BatchNorm2d", "LayerNorm", "RMSNorm"]


class _BatchNorm(Resettable):
    buffer_names = ("running_mean", "running_var", "num_batches_tracked")
    _behind: ClassVar[dict[int, str]]  # what follows features in a shape, by the number of axes

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, *, bias: bool = True, device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        check_options(type(self).__name__, num_features=num_features, eps=eps, momentum=momentum, device=device)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = Parameter(np.ones(num_features), "weight", dtype=dtype) if affine else None
        self.bias = Parameter(np.zeros(num_features), "bias", dtype=dtype) if affine and bias else None
        self.running_mean = np.zeros(num_features, dtype) if track_running_stats else None
        self.running_var = np.ones(num_features, dtype) if track_running_stats else None
        self.num_batches_tracked = np.array(0) if track_running_stats else None

    def forward(self, input: Input) -> Output:
        """The normalised input, of its shape."""
        x = as_operand(input, self.weight)
        if len(x.shape) not in self._behind or x.shape[1] != self.num_features:
            allowed = " or ".join(f"(samples, {self.num_features}{rest})" for rest in self._behind.values())
            words = f"expected {'D or '.join(map(str, self._behind))}D input (got {len(x.shape)}D input)"
            raise ShapeError(
                f"{type(self).__name__}: {words}, running_mean should contain {self.num_features} elements: it takes "
                f"an input of shape {allowed}, but got {x.shape}"
            )
        if self.training or self.running_mean is None:
            observe = partial(_track, self) if self.training else None
            return normalized_batch(x, self.weight, self.bias, self.eps, observe)
        return batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)


def _track(layer: _BatchNorm, *statistics: X) -> None:
    """Take the statistics of a minibatch into the running ones."""
    if layer.num_batches_tracked is not None:
        if (library := library_of(statistics[-1])) is not None:
            _track_on(library, layer, *statistics)
            return
        layer.num_batches_tracked += 1
        share = 1 / int(layer.num_batches_tracked) if layer.momentum is None else layer.momentum
        track(layer.running_mean, layer.running_var, share, *statistics)


def _track_on(library: X, layer: X, n: int, mean: X, variance: X) -> None:
    """Take statistics that are on a library into the running ones, without waiting for them: new arrays replace old."""
    count = layer.num_batches_tracked + 1
    share = 1 / library.astype(count, mean.dtype) if layer.momentum is None else layer.momentum
    layer.num_batches_tracked = count
    layer.running_mean = moving_mean(layer.running_mean, share, mean)
    layer.running_var = moving_mean(layer.running_var, share, variance * (n / (n - 1)))


class BatchNorm1d(_BatchNorm):
    """Each feature with mean 0 and variance 1 over the minibatch, then scaled by `weight` and moved by `bias`.

    In evaluation the running mean and variance replace the minibatch's; they are saved with the state.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training", 2015.

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

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.BatchNorm1d(1, eps=1e-9)(np.array([[1.0], [3.0]])).data.round(6)
    array([[-1.],
           [ 1.]])
    """

    _behind: ClassVar[dict[int, str]] = {2: "", 3: ", length"}


class BatchNorm2d(_BatchNorm):
    """As :class:`BatchNorm1d`, of pictures: inputs of shape (samples, features, height, width).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> y = nn.BatchNorm2d(3)(np.arange(96.0).reshape(2, 3, 4, 4)).data
    >>> bool((abs(y.mean((0, 2, 3))) < 1e-12).all())
    True
    """

    _behind: ClassVar[dict[int, str]] = {4: ", height, width"}


class _OverLastAxes(Resettable):
    def _set(self, normalized_shape: int | tuple[int, ...], eps: float | None, affine: bool, dtype: DType) -> None:
        name = type(self).__name__
        shape = (normalized_shape,) if isinstance(normalized_shape, (int, np.integer)) else tuple(normalized_shape)
        check_options(name, eps=0.0 if eps is None else eps)
        if not shape or not all(isinstance(n, (int, np.integer)) and n > 0 for n in shape):
            raise ValueError(f"{name}: normalized_shape must be lengths of axes, positive integers, not {shape}")
        self.normalized_shape, self.elementwise_affine = shape, affine
        self.weight = Parameter(np.ones(shape), "weight", dtype=dtype) if affine else None


class LayerNorm(_OverLastAxes):
    """Each sample with mean 0 and variance 1 over its last axes, then scaled by `weight` and moved by `bias`.

    Source: Ba et al., "Layer normalization", 2016.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The lengths of those last axes.
    eps : float
        Added to the variance.
    elementwise_affine, bias : bool
        Whether there is a weight, and whether there is a bias beside it.

    Examples
    --------
    >>> import nn
    >>> nn.LayerNorm(2, eps=0.0)([[1.0, 3.0]]).data
    array([[-1.,  1.]])
    """

    def __init__(
        self, normalized_shape: int | tuple[int, ...], eps: float = 1e-5, elementwise_affine: bool = True,
        bias: bool = True, *, device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        check_options(type(self).__name__, device=device)
        self._set(normalized_shape, eps, elementwise_affine, dtype)
        self.eps = eps
        shape = self.normalized_shape
        self.bias = Parameter(np.zeros(shape), "bias", dtype=dtype) if elementwise_affine and bias else None

    def forward(self, input: Input) -> Output:
        """The normalised input, of its shape."""
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class RMSNorm(_OverLastAxes):
    """Each sample divided by the root of its mean square over its last axes, then scaled by `weight`.

    `eps` is added to the mean square, by default that of the dtype.

    Source: Zhang and Sennrich, "Root mean square layer normalization", 2019.

    Examples
    --------
    >>> import nn
    >>> nn.RMSNorm(2)([[3.0, -3.0]]).data
    array([[ 1., -1.]])
    """

    def __init__(
        self, normalized_shape: int | tuple[int, ...], eps: float | None = None, elementwise_affine: bool = True, *,
        device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        check_options(type(self).__name__, device=device)
        self._set(normalized_shape, eps, elementwise_affine, dtype)
        self.eps = eps

    def forward(self, input: Input) -> Output:
        """The normalised input, of its shape."""
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)
