"""``predict``: a model's outputs for many samples, as a plain array."""

from __future__ import annotations

import numpy as np

from autograd import no_grad
from nn._types import Array, Input
from nn.calls import call_in_mode
from nn.kinds import to_numpy
from nn.module import Module
from nn.options import checked_count

__all__ = ["predict"]


def predict(model: Module, X: Input, batch_size: int = 1024) -> Array:
    """A model's outputs for many samples, as a plain array: in evaluation mode, without recording.

    `X` has a row for each sample, of which `batch_size` are computed at once. The mode of the model is what it was.

    Examples
    --------
    >>> import nn
    >>> nn.predict(nn.ReLU(), [[1.0, -1.0]])
    array([[1., 0.]])
    """
    size, samples = checked_count("predict", "batch_size", batch_size), to_numpy(X)

    @no_grad()
    def outputs() -> list[object]:
        return [model(samples[i : i + size]) for i in range(0, max(len(samples), 1), size)]

    each = call_in_mode(model, False, outputs)
    if isinstance(each[0], tuple):
        raise TypeError("predict: the model gives a tuple; pass a module around it, whose forward returns one part")
    return np.concatenate([to_numpy(output) for output in each])
