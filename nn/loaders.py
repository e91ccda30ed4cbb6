"""What `nn.fit` takes in the place of arrays: a dataset, or a loader, which gives its minibatches anew each time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import Any

import numpy as np

from nn._types import Array
from nn.data import DataLoader
from nn.kinds import to_numpy

__all__ = ["Loader"]


@contextmanager
def _undrawn(loader: object) -> Iterator[None]:
    """A block after which PyTorch's generators, from which a loader of PyTorch's draws, are as they were."""
    each: list[Any] = [getattr(sys.modules.get("torch"), "default_generator", None)]
    each += [getattr(holder, "generator", None) for holder in (loader, getattr(loader, "sampler", None))]
    generators = [g for g in each if hasattr(g, "get_state")]
    states = [g.get_state() for g in generators]
    try:
        yield
    finally:
        for g, state in zip(generators, states, strict=True):
            g.set_state(state)


class Loader:
    """A loader's minibatches, as pairs of arrays.

    Attributes
    ----------
    X, y : array
        Its samples and targets in one pass; of a `DataLoader` in the dataset's order, so that nothing is drawn.
    generator : Generator or None
        Its source of randomness, if it has one of its own.

    Raises
    ------
    TypeError
        If it can be used only once, or what it gives are no pairs.
    ValueError
        If it gives nothing, or minibatches that do not go together.
    """

    def __init__(self, loader: Iterable[object], name: str = "X") -> None:
        if not isinstance(loader, Iterable) or hasattr(loader, "__next__"):
            raise TypeError(
                f"fit: {name} is a {type(loader).__name__}, no arrays, nor what gives minibatches in each epoch anew; "
                f"pass a nn.data.DataLoader, a list of pairs, or an object whose __iter__ begins anew"
            )
        self._loader, self._name = loader, name
        with _undrawn(loader):
            pairs = [self._pair(batch) for batch in (loader.unshuffled() if isinstance(loader, DataLoader) else loader)]
        if not pairs:
            raise ValueError(f"fit: the loader {name} gives no minibatches")
        try:
            self.X, self.y = (np.concatenate(each) for each in zip(*pairs, strict=True))
        except ValueError:
            shapes = ", ".join(dict.fromkeys(f"{X.shape} and {y.shape}" for X, y in pairs))
            raise ValueError(
                f"fit: the minibatches of {name} have the shapes {shapes:.200}, and do not go together; a row is a "
                f"sample, and all samples have one shape"
            ) from None
        own = getattr(loader, "generator", None)
        self.generator = own if isinstance(own, np.random.Generator) else None
        self._count = len(pairs)

    def _pair(self, batch: object) -> tuple[Array, Array]:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            size = f" of {len(batch)}" if isinstance(batch, Sized) else ""
            raise TypeError(
                f"fit: {self._name} gives {type(batch).__name__}{size}, not pairs (X, y); of arrays pass both, "
                f"fit(model, X, y){'; a collate_fn of the loader makes pairs' * hasattr(self._loader, 'collate_fn')}"
            )
        X, y = to_numpy(batch[0]), to_numpy(batch[1])
        if np.shape(X)[:1] != np.shape(y)[:1]:
            raise ValueError(
                f"fit: {self._name} gives X of shape {X.shape} with y of shape {y.shape}, and a minibatch has a row in "
                f"both for each sample; of single samples DataLoader(dataset, batch_size=32) makes minibatches"
            )
        if getattr(self._loader, "num_workers", 0):  # Memory shared with a worker is scarce: each piece holds a file.
            X, y = X.copy(), y.copy()
        return X, y

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        return map(self._pair, self._loader)

    def __len__(self) -> int:
        return len(self._loader) if isinstance(self._loader, Sized) else self._count
