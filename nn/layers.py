"""Layers that reshape, drop and normalise: ``Flatten``, ``Dropout``, ``BatchNorm1d``, ``LayerNorm``."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np

import autograd
from autograd.compiler import fresh
from nn import kinds
from nn._types import Array, DType, Input, Output, Rng
from nn.kinds import as_input, as_node
from nn.module import Module
from nn.options import check_options
from nn.parameter import Parameter

__all__ = ["BatchNorm1d", "Dropout", "Flatten", "LayerNorm"]


class Flatten(Module):
    """The axes from `start_dim` to `end_dim` as one; by default all but the first, which counts samples.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Flatten()(np.ones((5, 28, 28))).shape
    (5, 784)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        check_options("Flatten", start_dim=start_dim, end_dim=end_dim)
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Input) -> Output:
        """`x` in its new shape; an array stays an array."""
        x = x if isinstance(x, np.ndarray) else as_node(x)
        try:
            start, end = (range(len(x.shape))[d] for d in (self.start_dim, self.end_dim))
        except IndexError:
            raise ValueError(f"{self!r} takes an input with those axes, but got {x.shape}") from None
        return x.reshape((*x.shape[:start], -1, *x.shape[end + 1 :]))


class Dropout(Module):
    """In training, each element is 0 with probability `p` and else divided by 1 − p; in evaluation, unchanged.

    Parameters
    ----------
    p : float
        The probability, in [0, 1].
    inplace : bool
        PyTorch's, whether to reuse memory, which changes no result; here it has no effect.
    rng : numpy.random.Generator or int, optional
        The source of the choice: a generator, or a seed for one; by default a fresh one.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> drop = nn.Dropout(0.5, rng=0)
    >>> drop(np.ones(6))
    Tensor([2., 0., 0., 0., 2., 2.], op='where')
    >>> drop.eval()(np.ones(6))
    array([1., 1., 1., 1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False, *, rng: Rng = None) -> None:
        check_options("Dropout", p=p)
        self.p = p
        self.rng = np.random.default_rng(rng)

    def forward(self, x: Input) -> Output:
        """`x`, of any shape; in training a node with some elements dropped, in evaluation `x` itself."""
        if not self.training or self.p == 0:
            return x
        x = as_node(x)
        rng, p, shape = self.rng, self.p, x.shape
        mask = fresh(lambda: rng.random(shape) >= p)
        scale = 1 / (1 - p) if p < 1 else 1.0
        return autograd.where(mask, x * scale, 0.0)  # an array of Values too


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

    buffer_names: ClassVar[tuple[str, ...]] = ("running_mean", "running_var", "num_batches_tracked")

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
