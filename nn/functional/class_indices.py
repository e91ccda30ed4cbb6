"""Class indices: checked, and as rows with a one."""

from __future__ import annotations

import numpy as np

from autograd.tracebacks import entrances
from nn._types import Array, ArrayLike

__all__ = ["check_indices", "one_hot"]


def one_hot(target: ArrayLike, num_classes: int | None = None) -> Array:
    """Class indices as rows of zeros with a one at the index.

    Parameters
    ----------
    target : array_like of int
        Class indices, of any shape.
    num_classes : int, optional
        The length of a row; by default the largest index decides it.

    Returns
    -------
    ndarray
        Floats, of shape ``(*target.shape, num_classes)``.

    Raises
    ------
    ValueError, TypeError
        If an index is negative or no less than `num_classes`, or no integer.

    Examples
    --------
    >>> from nn.functional import one_hot
    >>> one_hot([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    """
    indices = np.asarray(target)
    if indices.dtype.kind not in "iu":
        raise TypeError(
            f"one_hot: class indices must be integers, not {indices.dtype}; y.astype(int) if they are whole"
        )
    n = int(indices.max(initial=-1)) + 1 if num_classes is None else num_classes
    check_indices("one_hot", indices, n)
    rows: Array = indices[..., None] == np.arange(n)
    return rows.astype(float)


def check_indices(name: str, indices: Array, n: int) -> None:
    """Raise ValueError unless all indices are those of `n` classes."""
    if indices.size and (indices.min() < 0 or indices.max() >= n):
        raise ValueError(
            f"{name}: class indices must be at least 0 and less than {n}, the number of classes; "
            f"they run from {indices.min()} to {indices.max()}"
        )


# The function is wrapped in the file that defines it, so that everyone imports the wrapped one.
entrances(globals(), ["one_hot"])
