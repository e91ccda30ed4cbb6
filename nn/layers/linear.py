"""``Linear``: the fully connected layer."""

from __future__ import annotations

import math

import numpy as np

from nn._types import DType, Input, Output, Rng
from nn.functional.linear import linear
from nn.kinds import as_input
from nn.layers.resetting import Resettable
from nn.options import ShapeError, check_options, check_sizes
from nn.parameter import Parameter
from nn.randomness import as_generator

__all__ = ["Linear"]


class Linear(Resettable):
    """The layer ``x @ weight.T + bias``.

    Both parameters start uniform in ±1/√in_features, as in PyTorch.

    Parameters
    ----------
    in_features, out_features : int
        How many numbers a sample has before and after.
    bias : bool
        Whether a bias is added.
    rng : Generator or int, optional
        The source of the start: a generator, or a seed for one; by default the default one.
    dtype : dtype
        The dtype of the parameters, to which input arrays are converted too.

    Attributes
    ----------
    weight : Parameter
        Of shape (out_features, in_features).
    bias : Parameter or None
        Of shape (out_features,).

    Raises
    ------
    ValueError
        If a number of features is not positive; when called, if the input's last axis has not `in_features`.
    TypeError
        If a number of features is no integer, or `dtype` no float.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Linear(3, 2, rng=0)
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    >>> layer
    Linear(weight: (2, 3), bias: (2,))
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, rng: Rng = None, device: object = None,
        dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        check_sizes("Linear", in_features=in_features, out_features=out_features)
        check_options("Linear", device=device)
        generator = as_generator(rng)
        limit = 1 / np.sqrt(in_features)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(generator.uniform(-limit, limit, (out_features, in_features)), "weight", dtype=dtype)
        self.bias = Parameter(generator.uniform(-limit, limit, out_features), "bias", dtype=dtype) if bias else None

    def forward(self, input: Input) -> Output:
        """The layer's result, shape (..., out_features), for a node or array of shape (..., in_features)."""
        weight, bias = self.weight, self.bias
        x = as_input(input, weight)
        if x.shape[-1:] != (self.in_features,):
            rows, columns = math.prod(x.shape[:-1]), math.prod(x.shape[-1:])
            words = f"({rows}x{columns} and {self.in_features}x{self.out_features})"
            raise ShapeError(
                f"Linear({self.in_features} → {self.out_features}) takes {self.in_features} features along the last "
                f"axis, an input of shape (..., {self.in_features}), but got {x.shape}{self._advice(x.shape)}; "
                f"mat1 and mat2 shapes cannot be multiplied {words}"
            )
        return linear(x, weight, bias)

    def _advice(self, shape: tuple[int, ...]) -> str:
        if shape[:1] == (self.in_features,):
            return "; samples are rows, so pass x.T"
        if self.in_features == 1:
            return "; x[:, None] makes a column of it" if len(shape) == 1 else ""
        return ""
