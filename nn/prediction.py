"""``predict``: a model's outputs for many samples, as a plain array."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import no_grad
from nn.kinds import to_numpy
from nn.module import Module, call_in_mode

__all__ = ["predict"]


def predict(model: Module, X: Any, batch_size: int = 1024) -> np.ndarray[Any, Any]:
    """A model's outputs for many samples, as a plain array: in evaluation mode, without recording.

    Parameters
    ----------
    model : Module
        Its mode is afterwards as it was.
    X : array_like or Tensor
        Samples, one in a row.
    batch_size : int
        How many are computed at once.

    Examples
    --------
    >>> import nn
    >>> nn.predict(nn.ReLU(), [[1.0, -1.0]])
    array([[1., 0.]])
    """
    if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
        raise ValueError(f"predict: batch_size must be an integer of at least 1, not {batch_size!r}")
    X = to_numpy(X)

    @no_grad()
    def outputs() -> list[Any]:
        return [to_numpy(model(X[i : i + batch_size])) for i in range(0, max(len(X), 1), batch_size)]

    return np.concatenate(call_in_mode(model, False, outputs))
