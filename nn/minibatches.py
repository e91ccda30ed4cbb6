"""The minibatches of an epoch: rows of the data in a new order, or what a loader gives."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from autograd.backends import library_of
from nn._types import Array
from nn._types import X as Native
from nn.data.passes import passed
from nn.moving import first_array, placed
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
        if not lazy and isinstance(run.X, np.ndarray) and isinstance(run.y, np.ndarray):
            X, y = _there(run)
            if (library := library_of(X)) is not None:  # only the numbers of rows go there
                rows = passed((np.arange(len(run.X)),), run.batch_size, run.rng if run.shuffle else None)
                yield from ((n, partial(_taken, library, X, y, make)) for n, make in rows)
                return
        yield from passed((run.X, run.y), run.batch_size, run.rng if run.shuffle else None, run.check, lazy=lazy)
        return
    for X, y in run.loader:
        pair = X.astype(run.X.dtype, copy=False), y.astype(run.y.dtype, copy=False)
        yield len(X), partial(_pair, *placed(run.model, *pair))


def _there(run: Run) -> tuple[Native, ...]:
    """The data of a training where its model is, to which they are moved once, or again after it has moved."""
    at = first_array(run.model)
    if (library := library_of(at)) is None:
        return run.X, run.y
    place = library, library.device(at), at.dtype
    if run.there is None or run.there[0] != place:
        run.there = place, placed(run.model, run.X, run.y)
    found: tuple[Native, ...] = run.there[1]
    return found


def _taken(library: Native, X: Native, y: Native, make: Callable[[], tuple[Native, ...]]) -> tuple[Native, Native]:
    """The rows of a minibatch, on a library."""
    (places,) = make()
    return library.rows(X, places), library.rows(y, places)


def _pair(X: Array, y: Array) -> tuple[Array, Array]:
    return X, y
