"""The minibatches of an epoch: rows of the data in a new order, or what a loader gives."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeAlias

from nn._types import Array
from nn.data.passes import passed
from nn.run import Run

__all__ = ["Minibatch", "minibatches"]

# What makes a minibatch (X, y), as often as it is called: of arrays, or of `Rows` that nobody has read yet.
Minibatch: TypeAlias = Callable[[], tuple[Any, Any]]


def minibatches(run: Run, *, lazy: bool = False) -> Generator[tuple[int, Minibatch]]:
    """The minibatches of an epoch: the number of samples in each, and what makes it.

    Where they are `lazy`, nothing is read: they are pairs of :class:`nn.data.passes.Rows`, which hold the indices of
    the same rows; but a loader gives arrays. To close the iterator ends the thread that reads for it.
    """
    if run.loader is None:
        yield from passed((run.X, run.y), run.batch_size, run.rng if run.shuffle else None, run.check, lazy=lazy)
        return
    for X, y in run.loader:
        yield len(X), partial(_pair, X.astype(run.X.dtype, copy=False), y.astype(run.y.dtype, copy=False))


def _pair(X: Array, y: Array) -> tuple[Array, Array]:
    return X, y
