"""Datasets under PyTorch's names: what has a length and gives a sample for an index."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, TypeAlias

import numpy as np

from autograd import Tensor
from autograd.compiler import warn
from nn._types import ArrayLike, Rng, Tree
from nn.host import as_numpy
from nn.randomness import as_generator

__all__ = ["ConcatDataset", "Dataset", "Subset", "TensorDataset", "random_split"]

Index: TypeAlias = Any  # an integer; of arrays also a slice or an array of integers


class Dataset:
    """The base of datasets: a subclass defines ``__getitem__``, a sample for an index, and ``__len__``.

    Examples
    --------
    >>> from nn import data
    >>> class Squares(data.Dataset):
    ...     def __len__(self):
    ...         return 5
    ...     def __getitem__(self, i):
    ...         return float(i), float(i * i)
    >>> [y.tolist() for x, y in data.DataLoader(Squares(), batch_size=3)]
    [[0.0, 1.0, 4.0], [9.0, 16.0]]
    """

    def __getitem__(self, index: Index) -> Tree:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__: define `def __getitem__(self, index)`")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class TensorDataset(Dataset):
    """Arrays of one length as a dataset; of Tensors it gives constants.

    Examples
    --------
    >>> from nn import data
    >>> dataset = data.TensorDataset([[0.0, 1.0], [2.0, 3.0]], [0, 1])
    >>> len(dataset), dataset[1]
    (2, (array([2., 3.]), np.int64(1)))
    """

    def __init__(self, *tensors: Tensor | ArrayLike) -> None:
        self.tensors = tuple(x if isinstance(x, Tensor) else np.asarray(as_numpy(x)) for x in tensors)
        if not tensors or any(x.ndim == 0 for x in self.tensors) or len({len(x) for x in self.tensors}) > 1:
            shapes = ", ".join(str(x.shape) for x in self.tensors) or "none"
            raise ValueError(f"TensorDataset: Size mismatch between tensors: the first axis must agree in {shapes}")

    def __getitem__(self, index: Index) -> tuple[Tree, ...]:
        """The sample of each array at an index, or those of a slice or an array of indices."""
        return tuple(
            Tensor(x.data[index], requires_grad=False) if isinstance(x, Tensor) else x[index] for x in self.tensors
        )

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset):
    """The samples of a dataset at some indices.

    Examples
    --------
    >>> from nn import data
    >>> list(data.Subset([5.0, 6.0, 7.0], [2, 0]))
    [7.0, 5.0]
    """

    def __init__(self, dataset: Tree, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Index) -> Tree:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset):
    """Datasets one after another; ``a + b`` makes one, too.

    Examples
    --------
    >>> from nn import data
    >>> both = data.ConcatDataset([[1.0, 2.0], [3.0]])
    >>> len(both), both[-1]
    (3, 3.0)
    """

    def __init__(self, datasets: Iterable[Tree]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: datasets should not be an empty iterable")
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __getitem__(self, index: int) -> Tree:
        n = len(self)
        if not -n <= index < n:
            raise IndexError(f"ConcatDataset: there is no sample {index}; there are {n}")
        index %= n
        k = bisect_right(self.cumulative_sizes, index)
        return self.datasets[k][index - (self.cumulative_sizes[k - 1] if k else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


def random_split(dataset: Tree, lengths: Sequence[float], generator: Rng = None, *, rng: Rng = None) -> list[Subset]:
    """A dataset in random parts of these numbers of samples, or shares whose sum is 1.

    Raises
    ------
    ValueError
        If they are not all samples.

    Examples
    --------
    >>> from nn import data
    >>> a, b = data.random_split(range(10), [0.7, 0.3], rng=0)
    >>> len(a), len(b)
    (7, 3)
    """
    n, sizes = len(dataset), list(lengths)
    if math.isclose(sum(sizes), 1) and sum(sizes) <= 1:
        for i, share in enumerate(sizes):
            if not 0 <= share <= 1:
                raise ValueError(f"random_split: Fraction at index {i} is not between 0 and 1: {share}")
        sizes = [math.floor(n * share) for share in sizes]
        for i in range(n - int(sum(sizes))):  # What is left goes round.
            sizes[i % len(sizes)] += 1
        for i, size in enumerate(sizes):
            if size == 0:
                warn(f"Length of split at index {i} is 0. This might result in an empty dataset.", UserWarning)
    if sum(sizes) != n:
        raise ValueError(
            f"random_split: Sum of input lengths does not equal the length of the input dataset! "
            f"{sum(sizes)} is not {n}"
        )
    order = as_generator(generator if rng is None else rng).permutation(n).tolist()
    ends = list(accumulate(map(int, sizes)))
    return [Subset(dataset, order[end - int(size) : end]) for end, size in zip(ends, sizes, strict=True)]
