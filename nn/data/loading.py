"""``DataLoader``: the minibatches of a dataset, as an iterable that begins anew each time."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from itertools import islice
from typing import Any, Self

import numpy as np

from autograd import Tensor, Value
from autograd.compiler import warn
from nn._types import Rng, Tree
from nn.data.datasets import Subset, TensorDataset
from nn.host import as_numpy, is_foreign
from nn.kinds import to_numpy
from nn.randomness import as_generator

__all__ = ["DataLoader", "default_collate"]


def default_collate(batch: list[Tree]) -> Tree:
    """Samples as a minibatch: numbers and arrays are stacked, in tuples, lists and dicts, too.

    Examples
    --------
    >>> from nn.data import default_collate
    >>> default_collate([(1.0, 0), (2.0, 1)])
    [array([1., 2.]), array([0, 1])]
    """
    first = batch[0]
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, (bool, int, float, Value)) or hasattr(first, "__array__"):  # PyTorch's has it, too.
        shapes = [np.shape(to_numpy(x)) for x in batch]
        if len(set(shapes)) > 1:
            i = next(i for i, shape in enumerate(shapes) if shape != shapes[0])
            raise RuntimeError(
                f"default_collate: stack expects each tensor to be equal size, but got {shapes[0]} at entry 0 and "
                f"{shapes[i]} at entry {i}; pass a collate_fn that pads them"
            )
        stacked = np.stack([to_numpy(x) for x in batch])
        return Tensor(stacked, requires_grad=False) if isinstance(first, Tensor) else stacked
    if isinstance(first, Mapping):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, (tuple, list)):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("default_collate: each element in list of batch should be of equal size")
        parts = [default_collate(list(each)) for each in zip(*batch, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    raise TypeError(
        f"default_collate: batch must contain arrays, numbers, dicts or lists; found {type(first)}; pass a collate_fn"
    )


def _alone(sample: Tree) -> Tree:
    """A sample that is no minibatch, as it is."""
    return sample


class DataLoader:
    """The minibatches of a dataset, in its order or a new random one each time; `nn.fit` takes one in place of X, y.

    A dataset is a :class:`TensorDataset` or the like, or any list, array or iterable of samples; `collate_fn` makes a
    minibatch of a list of them. Its order is that of `sampler`, an iterable of indices, if there is one, or of
    `batch_sampler`, one of lists of indices; a random order is drawn from `generator`, or `rng`. A `batch_size` of None
    gives samples one by one. `num_workers`, `pin_memory` and the like are PyTorch's and change nothing: data are in
    memory.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import data
    >>> dataset = data.TensorDataset(np.arange(5.0), np.arange(5))
    >>> [X.tolist() for X, y in data.DataLoader(dataset, batch_size=2)]
    [[0.0, 1.0], [2.0, 3.0], [4.0]]
    """

    def __init__(
        self, dataset: Tree, batch_size: int | None = 1, shuffle: bool | None = None,
        sampler: Iterable[int] | None = None, batch_sampler: Iterable[list[int]] | None = None, num_workers: int = 0,
        collate_fn: Callable[[Tree], Tree] | None = None, pin_memory: bool = False, drop_last: bool = False, *,
        generator: Rng = None, rng: Rng = None, **others: Any,
    ) -> None:  # fmt: skip
        others |= {"num_workers": num_workers, "pin_memory": pin_memory}
        if unknown := [name for name in others if name not in _IGNORED]:
            raise TypeError(f"DataLoader: no option {unknown[0]!r}")
        for name in ("num_workers", "timeout"):
            if others.get(name, 0) < 0:
                words = f"{name} option should be non-negative, not {others[name]}"
                raise ValueError(f"DataLoader: {words}; 0 is right here")
        if ignored := [name for name, x in others.items() if x and name != "in_order"]:
            text = f"DataLoader: {', '.join(ignored)} changes nothing here: samples are taken as they are asked for"
            warn(text, UserWarning)
        if batch_size is not None and (not isinstance(batch_size, (int, np.integer)) or batch_size < 1):
            raise ValueError(f"DataLoader: batch_size should be a positive integer value, not {batch_size!r}")
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError(
                "DataLoader: batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, drop_last"
            )
        if batch_size is None and drop_last:
            raise ValueError("DataLoader: batch_size=None gives samples, of which none is too small for drop_last")
        self._is_indexed = hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")
        if not self._is_indexed and (shuffle or sampler is not None or batch_sampler is not None):
            kind = type(dataset).__name__
            raise ValueError(f"DataLoader: a {kind} has no indices to shuffle or sample: it needs __getitem__, __len__")
        if not (self._is_indexed or hasattr(dataset, "__iter__")) or hasattr(dataset, "__next__"):
            raise TypeError(f"DataLoader: a dataset has __len__ and __getitem__, and {type(dataset).__name__} has not")
        self.dataset = as_numpy(dataset) if is_foreign(dataset) else dataset
        self.drop_last, self.shuffle = drop_last, bool(shuffle)
        self.batch_size = None if batch_sampler is not None or batch_size is None else int(batch_size)
        self.sampler, self.batch_sampler = sampler, batch_sampler
        default = _alone if batch_size is None and batch_sampler is None else default_collate
        self.collate_fn: Callable[[Tree], Tree] = collate_fn or default
        self.generator = None if generator is None and rng is None else as_generator(generator if rng is None else rng)

    def __iter__(self) -> Iterator[Tree]:
        if self.batch_sampler is not None:
            return (self._minibatch(list(indices)) for indices in self.batch_sampler)
        order = self._order() if self._is_indexed else iter(self.dataset)
        if self.batch_size is None:
            return (self.collate_fn(self.dataset[i] if self._is_indexed else i) for i in order)
        least = self.batch_size if self.drop_last else 1
        groups: Iterator[list[Tree]] = iter(lambda: list(islice(order, self.batch_size)), [])
        return (self._minibatch(group) for group in groups if len(group) >= least)

    def _order(self) -> Iterator[int]:
        if self.sampler is not None:
            return iter(self.sampler)
        n = len(self.dataset)
        return iter(as_generator(self.generator).permutation(n).tolist() if self.shuffle else range(n))

    def _minibatch(self, group: list[Tree]) -> Tree:
        """The minibatch of these indices, or of these samples of an iterable."""
        dataset = self.dataset
        if self._is_indexed and self.collate_fn is default_collate:
            while type(dataset) is Subset:
                dataset, group = dataset.dataset, [dataset.indices[i] for i in group]
            if type(dataset) is TensorDataset:  # All samples at once, not one by one.
                return list(dataset[np.array(group)])
        return self.collate_fn([dataset[i] for i in group] if self._is_indexed else group)

    def __len__(self) -> int:
        if isinstance(self.batch_sampler, Sized):
            return len(self.batch_sampler)
        n = len(self.sampler if isinstance(self.sampler, Sized) else self.dataset)
        size = self.batch_size or 1
        return n // size if self.drop_last else math.ceil(n / size)

    def unshuffled(self) -> Self:
        """The loader of the same samples in the dataset's order, none left out; of samplers, in theirs."""
        loader = copy.copy(self)
        loader.shuffle = loader.drop_last = False
        return loader


_IGNORED = (
    "num_workers", "pin_memory", "timeout", "worker_init_fn", "multiprocessing_context", "prefetch_factor",
    "persistent_workers", "pin_memory_device", "in_order",
)  # fmt: skip
