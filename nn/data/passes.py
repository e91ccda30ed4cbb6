"""A pass over data, in memory or stored: which rows each minibatch takes, and what makes it of them.

Stored data are read chunk by chunk: in a new random order in each pass, and a thread reads the next chunk meanwhile. A
minibatch may take rows of several chunks, so that all but the last have as many.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

import numpy as np

from nn._types import Array, Input
from nn.data.stored import Stored
from nn.kinds import to_numpy

__all__ = ["Check", "Data", "Rows", "as_data", "chunk_bounds", "passed"]

T = TypeVar("T")
Data: TypeAlias = Array | Stored
Parts: TypeAlias = tuple[Array, ...]
# What looks at the rows of a chunk, in the thread that read them, and raises: it gets them and the number of the first.
Check: TypeAlias = Callable[[Parts, int], object]
# Rows of a chunk, and how many: all minibatches of a pass are made of these.
Piece: TypeAlias = tuple[T, slice | Array]
# What makes a minibatch, as often as it is called.
Make: TypeAlias = Callable[[], tuple[Any, ...]]


class Rows:
    """Some rows of data, which are not read before ``np.asarray`` asks for them; slices are Rows again.

    Attributes
    ----------
    data : array or Stored
        What they are rows of.
    indices : array of int
        Which rows, in this order.
    """

    def __init__(self, data: Data, indices: Array) -> None:
        self.data, self.indices = data, indices

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows, and the shape of each."""
        return (len(self.indices), *self.data.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the data."""
        return self.data.dtype

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, part: slice) -> Rows:
        return Rows(self.data, self.indices[part])

    def __array__(self, dtype: np.dtype[Any] | None = None, copy: bool | None = None) -> Array:
        rows: Array = self.data[self.indices]
        return rows if dtype is None else rows.astype(dtype, copy=False)


def as_data(x: Input | Stored) -> Data:
    """A source as it is, anything else as an array."""
    return x if isinstance(x, Stored) else to_numpy(x)


def chunk_bounds(*data: Data) -> tuple[int, ...]:
    """The rows at which the chunks begin and end: those of the first that is stored; of arrays one chunk."""
    return next((each.chunks for each in data if isinstance(each, Stored)), (0, len(data[0])))


def passed(
    data: Sequence[Data],
    size: int,
    rng: np.random.Generator | None = None,
    check: Check | None = None,
    *,
    lazy: bool = False,
) -> Generator[tuple[int, Make]]:
    """One pass over data of equally many rows: the number of rows in each minibatch, and what makes it.

    Parameters
    ----------
    data : sequence of array or Stored
        Of each a minibatch has the same rows.
    size : int
        Rows of a minibatch; the last may have fewer.
    rng : Generator, optional
        What draws the order, unless one minibatch takes all: that of the chunks, where there are several, before the
        first minibatch, and the order within a chunk when a minibatch first takes rows of it. By default rows stay in
        order.
    check : callable, optional
        It gets each chunk's rows and the number of the first when they are read.
    lazy : bool
        Whether nothing is read: the minibatches, of the same rows, are then :class:`Rows`.

    Examples
    --------
    >>> import numpy as np
    >>> from nn.data.passes import passed
    >>> [(count, make()[0].tolist()) for count, make in passed([np.arange(5)], 2)]
    [(2, [0, 1]), (2, [2, 3]), (1, [4])]
    """
    spans = list(pairwise(chunk_bounds(*data)))
    rng = rng if size < len(data[0]) else None
    if rng is not None and len(spans) > 1:
        spans = [spans[k] for k in rng.permutation(len(spans)).tolist()]
    if lazy:
        yield from _cut(((start, stop - start) for start, stop in spans), size, rng, partial(_lazy_rows, data))
        return
    with closing(_chunks(data, spans, check)) as chunks:
        yield from _cut(chunks, size, rng, partial(_rows, [each.dtype for each in data]))


def _cut(
    chunks: Iterable[tuple[T, int]],
    size: int,
    rng: np.random.Generator | None,
    make: Callable[[list[Piece[T]]], tuple[Any, ...]],
) -> Iterator[tuple[int, Make]]:
    """Minibatches of `size` rows: how many each has, and what makes it of the rows that it takes of each chunk.

    `chunks` holds each chunk, or what stands for it, with its number of rows.
    """
    pieces: list[Piece[T]] = []
    lacking = size
    for chunk, n in chunks:
        order = None if rng is None else rng.permutation(n)
        start = 0
        while start < n:
            stop = min(start + lacking, n)
            pieces.append((chunk, slice(start, stop) if order is None else order[start:stop]))
            lacking -= stop - start
            start = stop
            if not lacking:
                yield size, partial(make, pieces)
                pieces, lacking = [], size
    if pieces:
        yield size - lacking, partial(make, pieces)


def _chunks(data: Sequence[Data], spans: list[tuple[int, int]], check: Check | None) -> Generator[tuple[Parts, int]]:
    """The rows of each span with their number; a thread reads the next ones, and ends when this is closed."""
    if not any(isinstance(each, Stored) for each in data):
        yield tuple(each[:] for each in data), len(data[0])
        return

    def read(start: int, stop: int) -> Parts:
        parts = tuple(each.read_stored(start, stop) if isinstance(each, Stored) else each[start:stop] for each in data)
        if check is not None:
            check(parts, start)
        return parts

    with ThreadPoolExecutor(1, "nn.data.stored") as thread:
        ahead = thread.submit(read, *spans[0])
        for i, (start, stop) in enumerate(spans, 1):
            parts = ahead.result()
            if i < len(spans):
                ahead = thread.submit(read, *spans[i])
            yield parts, stop - start


def _rows(dtypes: Sequence[np.dtype[Any]], pieces: list[Piece[Parts]]) -> Parts:
    taken = [
        [a[rows] for a in parts] if isinstance(rows, slice) else [a.take(rows, axis=0) for a in parts]
        for parts, rows in pieces
    ]
    whole: Parts = tuple(taken[0] if len(taken) == 1 else map(np.concatenate, zip(*taken, strict=True)))
    return tuple(a.astype(dtype, copy=False) for a, dtype in zip(whole, dtypes, strict=True))


def _lazy_rows(data: Sequence[Data], pieces: list[Piece[int]]) -> tuple[Rows, ...]:
    each = [start + (np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows) for start, rows in pieces]
    indices = np.concatenate(each)
    return tuple(Rows(a, indices) for a in data)
