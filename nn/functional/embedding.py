"""``embedding``: rows of a table by their numbers."""

from __future__ import annotations

from functools import partial

import numpy as np

import autograd
from autograd.backends import numpy_dtype
from autograd.compiler import forbid
from autograd.tracebacks import entrances
from nn._types import Array, Input, Operand, Output, X
from nn.kinds import as_node, as_target, assign, check, constant, to_numpy
from nn.options import ArgumentError, ShapeError

__all__ = ["embedding", "padding_row"]


def embedding(
    input: Input, weight: Input, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Output:  # fmt: skip
    """The rows of `weight` with the numbers in `input`.

    Parameters
    ----------
    input : node or array_like of int
        Numbers of rows, of any shape.
    weight : node
        The table, of shape (rows, length).
    padding_idx : int, optional
        The number of a row whose gradient is zero.
    max_norm : float, optional
    norm_type : float
        Rows that are looked up and have a larger norm are first scaled down to it, in place, as in PyTorch.
    scale_grad_by_freq, sparse : bool
        PyTorch's; the first is refused with advice, the second, to store no zeros of gradients, has no effect here.

    Returns
    -------
    node
        Of shape ``(*input.shape, length)``.

    Raises
    ------
    IndexError
        If there is no row of a number in the input.
    ValueError
        If the input holds no integers, or an option is out of its range.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> table = Tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> F.embedding([[1, 2], [1, 0]], table, padding_idx=0).sum().backward()
    >>> table.grad
    array([[0., 0.],
           [2., 2.],
           [1., 1.]])
    """
    if scale_grad_by_freq:
        advice = "divide weight.grad[i] by np.count_nonzero(input == i) after the backward pass"
        raise ValueError(f"embedding: scale_grad_by_freq=True is not supported; {advice}")
    table: X = as_node(weight)
    if len(table.shape) != 2:
        raise ShapeError(f"embedding: 'weight' must be 2-D, a table of shape (rows, length), not {table.shape}")
    at = as_target(input, table)
    if numpy_dtype(at).kind not in "iu":
        raise ArgumentError(
            f"embedding: Expected tensor for argument 'indices' to have scalar type Long or Int, integers, not "
            f"{at.dtype}; x.astype(int) if they are whole"
        )
    check(partial(_check, table.shape[0]), at)
    if max_norm is not None:
        forbid("embedding with max_norm changes its table")
        _shrink(table, np.unique(to_numpy(at)), max_norm, norm_type)
    rows = table[at]
    if padding_idx is None:
        return rows
    is_padding = at == padding_row("embedding", padding_idx, table.shape[0])
    return autograd.where(is_padding[..., None], constant(rows), rows)


def padding_row(name: str, padding_idx: int, rows: int) -> int:
    """The number of the row for padding, counted from the first; a negative one counts from the last."""
    try:
        return range(rows)[padding_idx]
    except IndexError:
        words = f"Padding_idx must be within num_embeddings, {rows}"
        raise ArgumentError(f"{name}: {words}, but padding_idx={padding_idx}") from None


def _check(rows: int, numbers: Array) -> None:
    if numbers.size and (numbers.min() < 0 or numbers.max() >= rows):
        raise IndexError(
            f"embedding: index out of range in self: numbers of rows must be at least 0 and less than {rows}, the "
            f"length of the table; they run from {numbers.min()} to {numbers.max()}"
        )


def _shrink(table: Operand, numbers: Array, max_norm: float, norm_type: float) -> None:
    """Scale the rows with these numbers down to a norm, where theirs is larger."""
    data = to_numpy(table).copy()
    norms = np.linalg.norm(data[numbers], norm_type, axis=1, keepdims=True)
    data[numbers] *= np.where(norms > max_norm, max_norm / (norms + 1e-7), 1.0)
    if (norms > max_norm).any():
        assign(table, data)


# The function is wrapped in the file that defines it, so that everyone imports the wrapped one.
entrances(globals(), ["embedding"])
