"""``predict``: a model's outputs for many samples, as a plain array."""

from __future__ import annotations

from contextlib import closing

import numpy as np

from autograd import no_grad
from nn._types import Array, Input
from nn.calls import call_in_mode
from nn.data.passes import as_data, passed
from nn.data.stored import Stored, refuse_path
from nn.kinds import to_numpy
from nn.module import Module
from nn.moving import placed
from nn.options import checked_count

__all__ = ["predict"]


def predict(model: Module, X: Input | Stored, batch_size: int = 1024) -> Array:
    """A model's outputs for many samples, as a plain array: in evaluation mode, without recording.

    `X` has a row for each sample, of which `batch_size` are computed at once; what :func:`nn.data.stored` gave is read
    chunk by chunk. The mode of the model is what it was.

    Examples
    --------
    >>> import nn
    >>> nn.predict(nn.ReLU(), [[1.0, -1.0]])
    array([[1., 0.]])
    """
    refuse_path("predict: X", X)
    size, samples = checked_count("predict", "batch_size", batch_size), as_data(X)
    if samples.ndim == 0:
        raise TypeError(f"predict: X is a {type(X).__name__}, and it takes an array with a row for each sample")

    @no_grad()
    def outputs() -> list[object]:
        with closing(passed([samples], size)) as minibatches:
            each = [model(*placed(model, *make())) for _, make in minibatches]
        return each or [model(*placed(model, samples[:0]))]

    each = call_in_mode(model, False, outputs)
    if isinstance(each[0], tuple):
        raise TypeError("predict: the model gives a tuple; pass a module around it, whose forward returns one part")
    return np.concatenate([to_numpy(output) for output in each])
