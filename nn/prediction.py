"""``predict``: a model's outputs for many samples, as a plain array."""

from __future__ import annotations

import numpy as np

from autograd import no_grad
from nn._types import Array, Input
from nn.calls import call_in_mode
from nn.kinds import to_numpy
from nn.module import Module

__all__ = ["predict"]


def predict(model: Module, X: Input, batch_size: int = 1024) -> Array:
    """A model's outputs for many samples, as a plain array: in evaluation mode, without recording.

    Parameters
    ----------
    model : Module
        Its mode is afterwards as it was.
    X : array_like or Tensor
        Samples, one in a row.
    batch_size : int
        How many samples are computed at once.

    Examples
    --------
    >>> import nn
    >>> nn.predict(nn.ReLU(), [[1.0, -1.0]])
    array([[1., 0.]])
    """
    if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
        raise ValueError(f"predict: batch_size must be an integer of at least 1, not {batch_size!r}")
    samples = to_numpy(X)

    @no_grad()
    def outputs() -> list[Array]:
        starts = range(0, max(len(samples), 1), batch_size)
        return [to_numpy(model(samples[i : i + batch_size])) for i in starts]

    return np.concatenate(call_in_mode(model, False, outputs))
