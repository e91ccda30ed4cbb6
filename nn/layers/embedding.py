"""``Embedding``: a vector for each of a number of things, such as characters or words."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from nn._types import ArrayLike, DType, Input, Output, Rng
from nn.functional.embedding import embedding, padding_row
from nn.kinds import to_numpy
from nn.layers.resetting import Resettable
from nn.options import ArgumentError, check_options, check_sizes
from nn.parameter import Parameter
from nn.randomness import as_generator

__all__ = ["Embedding"]


class Embedding(Resettable):
    """A trained table of vectors, of which the input numbers the rows.

    `weight`, of shape (num_embeddings, embedding_dim), starts with normal numbers, and zeros in the row `padding_idx`,
    which stays as it is in training.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        The number of rows, and their length.
    padding_idx : int, optional
        The number of a row that is not trained.
    max_norm : float, optional
    norm_type : float
    scale_grad_by_freq, sparse : bool
        As of :func:`nn.functional.embedding`.
    rng : Generator or int, optional
    dtype : dtype
        As of :class:`nn.Linear`.

    Raises
    ------
    ValueError
        If a number is less than 1, or there is no row `padding_idx`; when called, if the input holds no integers.
    TypeError
        If a number is no integer.
    IndexError
        When called, if there is no row of a number in the input.

    Examples
    --------
    >>> import nn
    >>> letters = nn.Embedding(26, 4, rng=0)
    >>> letters([[0, 1, 2], [23, 24, 25]]).shape
    (2, 3, 4)
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False, *, rng: Rng = None,
        device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        check_sizes("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        check_options("Embedding", device=device)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_row("Embedding", padding_idx, num_embeddings)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        table = as_generator(rng).normal(size=(num_embeddings, embedding_dim))
        if self.padding_idx is not None:
            table[self.padding_idx] = 0.0
        self.weight = Parameter(table, "weight", dtype=dtype)

    @classmethod
    def from_pretrained(
        cls, embeddings: ArrayLike, freeze: bool = True, padding_idx: int | None = None, **options: Any
    ) -> Self:
        """An embedding whose table is an array or node of shape (rows, length); a frozen one is not trained.

        Examples
        --------
        >>> import nn
        >>> nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])(1).data
        array([3., 4.])
        """
        table = to_numpy(embeddings)
        if table.ndim != 2:
            words = "Embeddings parameter is expected to be 2-dimensional, (rows, length)"
            raise ArgumentError(f"Embedding.from_pretrained: {words}, not {table.shape}")
        table = table if table.dtype.kind == "f" else table.astype(float)  # Integers have no gradients.
        rows, length = table.shape
        self = cls(rows, length, padding_idx, **options, dtype=table.dtype)
        self.weight = Parameter(table, "weight", not freeze)
        return self

    def forward(self, input: Input) -> Output:
        """The rows with the numbers in the input, of shape ``(*input.shape, embedding_dim)``."""
        return embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )
