"""``stored``: numbers in files, of which rows are read when they are needed, so that they may be larger than memory."""

from __future__ import annotations

import copy
import glob
import operator
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Self

import numpy as np

from nn._types import Array, ArrayLike, PathLike
from nn.data.formats import Columns, FileArray, opened, stamp
from nn.options import checked_count

__all__ = ["Stored", "refuse_path", "stored"]

_CHUNK_BYTES, _CACHED_BYTES = 16_000_000, 64_000_000
# Pieces of files that rows were picked from lately. Threads share them without a lock: each operation on them is one
# step of the interpreter.
_lately: dict[object, Array] = {}


def stored(
    path: PathLike | Iterable[PathLike], columns: str | Sequence[str] | None = None, chunk: int | None = None
) -> Stored:
    """Numbers in files, in the place of an array: :func:`nn.fit` and :func:`nn.predict` read them chunk by chunk.

    Parameters
    ----------
    path : path or iterable of path
        A file; or several, whose rows come one below the other: a list in its order, those that match a pattern such as
        ``"day*.npy"`` sorted by name, numbers in names by size. By its suffix a file is

        - ``.npy``, mapped into memory;
        - ``.zarr``, a folder, or zipped ``.zarr.zip``: an array, or a group of arrays;
        - ``.parquet``, read by row groups; or a folder of such files, whatever it is called;
        - ``.safetensors``, mapped into memory.
    columns : str or list of str, optional
        Of a table the columns: a name gives one number a row (or its list of numbers), a list of names a row of
        numbers; by default all columns of numbers, targets among them, without an index of pandas'. Of a group, or of
        safetensors, the name of the one array.
    chunk : int, optional
        The rows of a chunk at most; by default about 16 MB of them. It ends where a piece of its file does (a chunk of
        zarr, a row group), unless one piece has more rows than `chunk`; by default a larger piece is a chunk. None
        spans two files.

    Returns
    -------
    Stored
        The source. It holds paths, not rows, so that it is pickled by a few bytes; the files must stay as they are.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a file's format is none of these, it is damaged, `columns` names nothing in it, or files do not go together.
    TypeError
        If what it holds are no numbers.
    ImportError
        If the library for ``.zarr`` or ``.parquet`` is missing; the message names the extra that brings it.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(f"{folder}/X.npy", np.arange(12.0).reshape(6, 2))
    ...     X = nn.data.stored(f"{folder}/X.npy", chunk=4)
    ...     X, X[[5, 0]]
    (Stored(shape=(6, 2), dtype=float64, files=1, chunks=2), array([[10., 11.],
           [ 0.,  1.]]))
    """
    rows = None if chunk is None else checked_count("stored", "chunk", chunk)
    named = columns if columns is None or isinstance(columns, str) else tuple(columns)
    if isinstance(named, tuple) and not (named and all(isinstance(name, str) for name in named)):
        raise TypeError(f"stored: columns is a name or a list of names, not {columns!r:.60}")
    return Stored(_files(path), named, rows)


class Stored:
    """Numbers in files, of which rows are read when they are asked for; :func:`stored` makes it.

    ``source[rows]``, with a number, a slice, an array of indices or of bools, reads these rows as an array, and
    ``np.asarray(source)`` all of them.

    Attributes
    ----------
    shape : tuple of int
    dtype : dtype
        Those of the array that it stands for.
    chunks : tuple of int
        The rows at which the chunks begin and end, from 0 to the number of rows.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(f"{folder}/y.npy", np.arange(5))
    ...     y = nn.data.stored(f"{folder}/y.npy", chunk=2)
    ...     len(y), y.chunks, y.read(1, 3)
    (5, (0, 2, 4, 5), array([1, 2]))
    """

    def __init__(self, paths: Sequence[str], columns: Columns, chunk: int | None) -> None:
        self._paths, self._columns, self._name = tuple(paths), columns, ""
        self._chunk = chunk
        self._token = secrets.token_hex(8)  # It tells this source's pieces of files from those of one made later.
        arrays = [opened(path, columns) for path in paths]
        first = arrays[0]
        for path, array in zip(paths, arrays, strict=True):
            if (array.shape[1:], array.dtype) != (first.shape[1:], first.dtype):
                raise ValueError(
                    f"stored: rows of {path} have shape {array.shape[1:]} and dtype {array.dtype}, those of {paths[0]} "
                    f"{first.shape[1:]} and {first.dtype}; they go together only if both are the same"
                )
        self._starts = (0, *accumulate(array.shape[0] for array in arrays))
        self.shape: tuple[int, ...] = (self._starts[-1], *first.shape[1:])
        self.dtype: np.dtype[Any] = first.dtype
        self._stored_dtype = first.dtype
        self._count = len(self.chunks) - 1

    @cached_property
    def chunks(self) -> tuple[int, ...]:
        """The rows at which the chunks begin and end."""
        starts = enumerate(self._starts[:-1])
        cuts = [start + cut for i, start in starts for cut in _cuts(self._file(i), self._chunk)]
        return (*(cuts or [0]), len(self))

    def __getstate__(self) -> dict[str, object]:
        return {name: x for name, x in self.__dict__.items() if name != "chunks"}  # They may be thousands.

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"Stored(shape={self.shape}, dtype={self.dtype}, files={len(self._paths)}, chunks={self._count})"

    def astype(self, dtype: np.dtype[Any], copy: bool = True) -> Self:
        """The source with another dtype, in which its rows come; `copy` is an array's, and nothing is read."""
        return self._with(dtype=np.dtype(dtype))

    def checked(self, name: str) -> Self:
        """The source, but one that raises where rows that it reads hold inf or nan; `name` begins the error."""
        return self._with(_name=name)

    def _with(self, **attributes: object) -> Self:
        other = copy.copy(self)
        other.__dict__.update(attributes)
        return other

    def read(self, start: int, stop: int) -> Array:
        """The rows from `start` to `stop`, which are counted from 0, as an array of its own."""
        if not 0 <= start <= stop <= len(self):
            raise IndexError(f"Stored: there are {len(self)} rows, and none from {start!r} to {stop!r}")
        return self.read_stored(start, stop).astype(self.dtype, copy=False)

    def read_stored(self, start: int, stop: int) -> Array:
        """The rows from `start` to `stop` in the dtype that the files have."""
        parts = [
            self._file(i).read(max(start, first) - first, min(stop, last) - first)
            for i, (first, last) in enumerate(pairwise(self._starts))
            if max(start, first) < min(stop, last)
        ]
        if not parts:
            return np.empty((0, *self.shape[1:]), self._stored_dtype)
        return self._check(parts[0] if len(parts) == 1 else np.concatenate(parts), start)

    def __getitem__(self, rows: int | slice | ArrayLike) -> Array:
        n = len(self)
        if isinstance(rows, slice):
            start, stop, step = rows.indices(n)
            return self.read(start, max(start, stop)) if step == 1 else self._pick(np.arange(start, stop, step))
        indices = np.asarray(rows)
        if indices.dtype == bool and indices.shape == (n,):
            return self._pick(np.flatnonzero(indices))
        if isinstance(rows, tuple) or indices.ndim > 1 or (indices.size and indices.dtype.kind not in "iu"):
            raise IndexError(
                f"Stored: of {n} rows, pick some by a number, a slice, or a list or array of indices or of {n} bools, "
                f"not by {rows!r:.60}; columns of them as in source[rows][:, 0], one of all as in source[:][:, None]"
            )
        wrong = indices[(indices < -n) | (indices >= n)]
        if wrong.size:
            raise IndexError(f"Stored: there is no row {wrong.flat[0]}, but {n}, which are numbered from 0")
        if indices.ndim == 0:
            row = operator.index(indices) % n
            only: Array = self.read(row, row + 1)[0]
            return only
        return self._pick(np.where(indices < 0, indices + n, indices).astype(int))

    def __array__(self, dtype: np.dtype[Any] | None = None, copy: bool | None = None) -> Array:
        rows = self.read(0, len(self))
        return rows if dtype is None else rows.astype(dtype, copy=False)

    def _pick(self, rows: Array) -> Array:
        """The rows of these numbers."""
        picked = np.empty((len(rows), *self.shape[1:]), self.dtype)
        files = np.searchsorted(self._starts, rows, "right") - 1
        for i in np.unique(files).tolist():
            is_here = files == i
            picked[is_here] = self._pick_of_file(i, rows[is_here] - self._starts[i])
        return self._check(picked, rows)

    def _pick_of_file(self, i: int, rows: Array) -> Array:
        array = self._file(i)
        if array.pick is not None:
            return array.pick(rows)
        picked = np.empty((len(rows), *self.shape[1:]), array.dtype)
        pieces = np.searchsorted(array.pieces, rows, "right") - 1
        for k in np.unique(pieces).tolist():
            is_here = pieces == k
            picked[is_here] = self._piece(i, array, k)[rows[is_here] - array.pieces[k]]
        return picked

    def _piece(self, i: int, array: FileArray, k: int) -> Array:
        """A piece of a file, from memory if it was read lately."""
        path = self._paths[i]
        key = (self._token, path, self._columns, stamp(path, self._columns), k)
        rows = _lately.pop(key, None)
        if rows is None:
            rows = array.read(*array.pieces[k : k + 2])
        _lately[key] = rows
        # The last two stay in any case, as those of samples and of targets.
        while len(_lately) > 2 and sum(each.nbytes for each in list(_lately.values())) > _CACHED_BYTES:
            oldest, *_ = list(_lately)
            _lately.pop(oldest, None)
        return rows

    def _file(self, i: int) -> FileArray:
        """What the file holds; it must be what it held when the source was made."""
        array = opened(self._paths[i], self._columns)
        own = (self._starts[i + 1] - self._starts[i], *self.shape[1:])
        if (array.shape, array.dtype) != (own, self._stored_dtype):
            raise ValueError(
                f"stored: {self._paths[i]} has changed: it held shape {own} and dtype {self._stored_dtype}, and holds "
                f"{array.shape} and {array.dtype} now; make a new source of it"
            )
        return array

    def _check(self, rows: Array, numbers: int | Array) -> Array:
        """The rows themselves, whose numbers begin with one or are these; an error if they should be finite."""
        if self._name and rows.dtype.kind == "f" and not np.isfinite(rows).all():
            where = tuple(np.argwhere(~np.isfinite(rows))[0].tolist())
            row = numbers + where[0] if isinstance(numbers, int) else int(numbers[where[0]])
            raise ValueError(
                f"{self._name} holds {rows[where]} at {(row, *where[1:])}; remove such rows, or fill them in"
            )
        return rows


def refuse_path(name: str, x: object) -> None:
    """Raise where a path stands in the place of data, with what to pass; `name` begins the error."""
    if isinstance(x, (str, os.PathLike)):
        raise TypeError(f"{name} is a path: pass nn.data.stored({os.fspath(x)!r:.200}), which reads its rows")


def _files(path: PathLike | Iterable[PathLike]) -> list[str]:
    """The absolute paths of the files that a path, a list or a pattern names."""
    if not isinstance(path, (str, os.PathLike)):
        if isinstance(path, (bytes, dict)) or not isinstance(path, Iterable):
            raise TypeError(f"stored: pass a path, a list of paths, or a pattern such as 'day*.npy', not {path!r:.60}")
        files = [file for each in path for file in _files(each)]
        if not files:
            raise ValueError("stored: the list of paths is empty")
        return files
    text = os.fspath(path)
    if not isinstance(text, str) or "://" in text:
        raise ValueError(f"stored: {text!r:.200} is no path of a file on this machine")
    if os.path.isdir(text) and not text.rstrip(os.sep).lower().endswith(".zarr"):
        folder, text = text, os.path.join(glob.escape(text), "*.parquet")
        if not glob.glob(text):
            raise ValueError(
                f"stored: the folder {folder!r} holds no .parquet files; a pattern names those to read, such as "
                f"{os.path.join(folder, '*.npy')!r}, or with '**' those in folders of it"
            )
    if os.path.exists(text):
        return [os.path.abspath(text)]
    found = sorted(glob.glob(text, recursive=True), key=_by_numbers)
    if not found:
        raise FileNotFoundError(f"stored: there is no {text!r}")
    return [os.path.abspath(each) for each in found]


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """A key by which "day2" comes before "day10"."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _cuts(array: FileArray, chunk: int | None) -> Iterator[int]:
    """The rows at which the chunks of a file begin."""
    n = array.shape[0]
    row = array.dtype.itemsize * int(np.prod(array.shape[1:]))
    rows = chunk or max(_CHUNK_BYTES // max(row, 1), 1)
    start = 0
    if n:
        yield 0
    for first, last in pairwise(array.pieces or (0, n)):
        if last - start > rows and first > start:
            start = first
            yield start
        while last - start > rows and (chunk is not None or not array.pieces):
            start += rows
            yield start
