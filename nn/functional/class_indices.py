"""Class indices: checked, and as rows with a one."""

from __future__ import annotations

from typing import overload

import numpy as np

import autograd
from autograd import Tensor
from autograd.backends import numpy_dtype
from autograd.tracebacks import entrances
from nn._types import Array, ArrayLike
from nn.host import as_numpy
from nn.kinds import astype, check
from nn.options import ArgumentError, check_options

__all__ = ["check_indices", "one_hot"]


@overload
def one_hot(target: Tensor, num_classes: int | None = -1) -> Tensor: ...
@overload
def one_hot(target: ArrayLike, num_classes: int | None = -1) -> Array: ...
def one_hot(target: ArrayLike | Tensor, num_classes: int | None = -1) -> Array | Tensor:
    """Class indices, of any shape, as rows of zeros with a one at the index: integers, of a Tensor a Tensor.

    Parameters
    ----------
    num_classes : int
        The length of a row; by default the largest index decides it.

    Raises
    ------
    ValueError, TypeError
        If an index is negative or no less than `num_classes`, or no integer.

    Examples
    --------
    >>> from nn.functional import one_hot
    >>> one_hot([0, 2, 1])
    array([[1, 0, 0],
           [0, 0, 1],
           [0, 1, 0]])
    """
    y = target if isinstance(target, Tensor) else np.asarray(as_numpy(target))
    n = -1 if num_classes is None else num_classes
    if n == -1 and not y.size:
        raise ArgumentError("one_hot: Can not infer total number of classes from empty tensor; pass num_classes")
    if y.size and numpy_dtype(y).kind not in "iu":
        raise ArgumentError(f"one_hot: class indices must be integers, not {y.dtype}; y.astype(int) if they are whole")
    if numpy_dtype(y).kind == "u":  # Of most of these PyTorch compares none.
        y = astype(y, np.dtype(np.int64))
    if n == -1:
        n = max(int((y.data if isinstance(y, Tensor) else y).max()) + 1, 1)
    check_options("one_hot", num_classes=n)
    check(lambda indices: check_indices("one_hot", indices, n), y)
    rows = y.reshape((*y.shape, 1)) == np.arange(n)
    return autograd.astype(rows, np.int64)


class ClassIndexError(ValueError, IndexError, RuntimeError):
    """An index that is no class: PyTorch's users expect an IndexError of losses, a RuntimeError of `one_hot`."""


def check_indices(name: str, indices: Array, n: int) -> None:
    """Raise ValueError unless all indices are those of `n` classes."""
    if indices.size and (indices.min() < 0 or indices.max() >= n):
        words = "Class values must be " + ("non-negative" if indices.min() < 0 else "smaller than num_classes")
        if name != "one_hot":
            words = f"Target {indices.min() if indices.min() < 0 else indices.max()} is out of bounds"
        raise ClassIndexError(
            f"{name}: {words}. Class indices must be at least 0 and less than {n}, the number of classes; "
            f"they run from {indices.min()} to {indices.max()}"
        )


# The function is wrapped in the file that defines it, so that everyone imports the wrapped one.
entrances(globals(), ["one_hot"])
