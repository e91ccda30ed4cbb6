"""Files of which rows can be read: what each format tells of the array in it, and how its rows come out."""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from nn import safetensors
from nn._types import Array
from nn.optional import require

__all__ = ["Columns", "FileArray", "opened"]

Columns: TypeAlias = str | tuple[str, ...] | None

# How much is read at a time, of that which is put together in memory; and what is large.
_COLUMNS, _STEP_BYTES = 8, 1_000_000


@dataclass(frozen=True)
class FileArray:
    """An array in a file.

    Attributes
    ----------
    shape, dtype
        Its shape and dtype.
    read : callable
        It gives the rows from one number to another, as an array of its own.
    pieces : tuple of int
        Where the pieces begin and end that the file is made of, each of which can be read as a whole only.
    pick : callable, optional
        It gives the rows of these numbers where a file is mapped, so that it has no pieces.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[int, int], Array]
    pieces: tuple[int, ...] = ()
    pick: Callable[[Array], Array] | None = None


def opened(path: str, columns: Columns) -> FileArray:
    """What a file holds under that name, or in these columns; after a change of the file, what it holds now.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        If it holds no numbers.
    ValueError
        If it is damaged or of a format that is not read by rows, or if `columns` names nothing in it.
    """
    return _opened(path, columns, stamp(path, columns))


def stamp(path: str, columns: Columns) -> tuple[int, int]:
    """What tells whether a file has changed; of a folder it is that of the file with the array's description."""
    folder = os.path.join(path, columns) if isinstance(columns, str) and os.path.isdir(path) else path
    described = (os.path.join(folder, name) for name in ("zarr.json", ".zarray", ".zgroup"))
    try:
        status = os.stat(next(filter(os.path.exists, described), path))
    except FileNotFoundError:
        raise FileNotFoundError(f"stored: there is no {path!r} on this machine") from None
    return status.st_mtime_ns, status.st_size


@lru_cache(16)  # What tells of a parquet file of many columns and row groups takes tens of megabytes.
def _opened(path: str, columns: Columns, _stamp: tuple[int, int]) -> FileArray:
    suffix = os.path.splitext(path.lower().removesuffix(".zip"))[1]
    if suffix not in _FORMATS:
        way = _WAYS.get(suffix, "write .npy, .zarr, .parquet or .safetensors")
        raise ValueError(f"stored: {path} is of no format that is read by rows: {way}")
    array = _FORMATS[suffix](path, columns)
    if not array.shape:
        raise ValueError(f"stored: {path} holds a single number, and no rows")
    return array


@contextmanager
def _opening(path: str) -> Iterator[None]:
    """Turn a library's error, each of which has its own, into one that names the file."""
    try:
        yield
    except (ImportError, MemoryError):
        raise
    except Exception as error:
        raise ValueError(f"stored: {path} is damaged, or not what its name says: {error}") from error


def _npy(path: str, columns: Columns) -> FileArray:
    with _opening(path):
        mapped: np.memmap[Any, np.dtype[Any]] = np.load(path, mmap_mode="r")
    _refuse_columns(path, columns)
    return _mapped(path, mapped.dtype, mapped.shape, mapped.offset, "C" if mapped.flags.c_contiguous else "F")


def _safetensors(path: str, columns: Columns) -> FileArray:
    with _opening(path):
        arrays = safetensors.layout(path)
    name = _one_name(path, columns, list(arrays))
    dtype, shape, offset = arrays[name]
    if dtype is None:
        raise TypeError(f"stored: {name!r} in {path} is of a dtype that NumPy has not, as bfloat16; save it as float32")
    return _mapped(path, np.dtype(dtype), shape, offset, "C")


def _mapped(path: str, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int, order: str) -> FileArray:
    own = _native(path, dtype)

    def pick(rows: slice | Array) -> Array:
        if 0 in shape:
            return np.empty(shape, own)[rows]
        # The file is mapped for one call only, so that pages that were read do not stay with the process.
        picked = np.memmap(path, dtype, "r", offset, shape, order)[rows]  # type: ignore[call-overload]
        copied = _empty(picked.shape, own)
        copied[...] = picked
        return copied

    return FileArray(shape, own, lambda start, stop: pick(slice(start, stop)), pick=pick)


def _empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """An array to fill, whose memory, if it is large, the system has back with the array's end.

    What `malloc` gives, it keeps for later, and for each thread by itself, so that a training would hold chunks twice.
    """
    size = math.prod(shape) * dtype.itemsize
    if size < _STEP_BYTES or os.name == "nt":
        return np.empty(shape, dtype)
    memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(AttributeError, OSError):  # Not every system has large pages, which come three times as fast.
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype).reshape(shape)


def _native(path: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """A dtype of numbers, in this machine's order of bytes."""
    if dtype.kind not in "fiub":
        raise TypeError(f"stored: {path} holds {dtype}, not numbers")
    return dtype.newbyteorder("=")


def _zarr(path: str, columns: Columns) -> FileArray:
    zarr = require("zarr")
    with _opening(path):
        array = zarr.open(zarr.storage.ZipStore(path, mode="r") if os.path.isfile(path) else path, mode="r")
        names = sorted(array.array_keys()) if hasattr(array, "array_keys") else None
    if names is None:
        _refuse_columns(path, columns)
    else:
        array = array[_one_name(path, columns, names)]
    own = _native(path, array.dtype)
    n, length = (array.shape[0], max(array.chunks[0], 1)) if array.shape else (0, 1)
    # So many rows are read at a time: whole pieces, but few, since zarr holds each several times over.
    step = length * max(_STEP_BYTES * n // max(length * array.nbytes, 1), 1)

    def read(start: int, stop: int) -> Array:
        rows = _empty((stop - start, *array.shape[1:]), own)
        with _opening(path):
            for first, last in pairwise([start, *range(start - start % step + step, stop, step), stop]):
                rows[first - start : last - start] = array[first:last]
        return rows

    return FileArray(array.shape, own, read, (*range(0, n, length), n))


def _refuse_columns(path: str, columns: Columns) -> None:
    if columns is not None:
        raise ValueError(f"stored: {path} is one array without names; leave out columns={columns!r}")


def _one_name(path: str, columns: Columns, names: list[str]) -> str:
    """The name of the one array to read."""
    if columns is None and len(names) == 1:
        return names[0]
    if not isinstance(columns, str) or columns not in names:
        met = "" if columns is None else f", and no one array {columns!r}"
        raise ValueError(f"stored: {path} holds {_listed(names)}{met}; say which to read, as in columns='name'")
    return columns


def _listed(names: list[str]) -> str:
    return f"{', '.join(names):.200}" if names else "nothing"


def _parquet(path: str, columns: Columns) -> FileArray:
    parquet = require("pyarrow.parquet")
    with _opening(path):
        metadata = parquet.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
    kinds = {name: _number_type(schema.field(name).type) for name in schema.names if schema.names.count(name) == 1}
    names = _chosen(path, columns, schema, kinds)
    lengths = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    pieces = tuple(np.cumsum([0, *lengths]).tolist())

    def parts(start: int, stop: int) -> Iterator[tuple[int, int, Any]]:
        """The columns' rows from `start` to `stop` in each group: which column, the number of the first row, and they.

        They come some columns at a time, so that little memory is taken beside what becomes of them.
        """
        with _opening(path), parquet.ParquetFile(path, metadata=metadata, pre_buffer=False) as file:
            for i, (first, last) in enumerate(pairwise(pieces)):
                a, b = max(start, first), min(stop, last)
                for k in range(0, len(names) if a < b else 0, _COLUMNS):
                    some = file.read_row_group(i, names[k : k + _COLUMNS], use_threads=False).slice(a - first, b - a)
                    for j, name in enumerate(names[k : k + _COLUMNS], k):
                        yield j, a, some.column(name)

    heads = (
        {j: column for j, _, column in parts(0, 1)} if any(_is_list(schema.field(name).type) for name in names) else {}
    )
    widths = [_width(schema.field(name).type, heads.get(j)) for j, name in enumerate(names)]
    dtype = np.result_type(*(kinds[name] for name in names))
    ends = np.cumsum([1 if width is None else width for width in widths]).tolist()

    def read(start: int, stop: int) -> Array:
        rows = _empty((stop - start, ends[-1]), dtype)
        for j, first, column in parts(start, stop):
            values = _values(path, names[j], column, widths[j], first).reshape(len(column), -1)
            rows[first - start :, ends[j] - values.shape[1] : ends[j]][: len(column)] = values
        return rows.reshape(stop - start, *rest)

    rest = () if isinstance(columns, str) and widths == [None] else (ends[-1],)
    return FileArray((pieces[-1], *rest), dtype, read, pieces)


def _number_type(kind: Any) -> np.dtype[Any] | None:
    """The dtype of a column of numbers, or of lists of them; None of any other."""
    types = require("pyarrow").types
    kind = kind.value_type if _is_list(kind) else kind
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
    return np.dtype(kind.to_pandas_dtype()) if is_number else None


def _is_list(kind: Any) -> bool:
    types = require("pyarrow").types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _chosen(path: str, columns: Columns, schema: Any, kinds: dict[str, np.dtype[Any] | None]) -> list[str]:
    """The names of the columns to read: those that are asked for, or all of numbers, or else the only one of lists."""
    if columns is None:
        index = (schema.pandas_metadata or {}).get("index_columns", [])  # They are no data, and pandas reads them so.
        numeric = [name for name, kind in kinds.items() if kind is not None and name not in index]
        single = [name for name in numeric if not _is_list(schema.field(name).type)]
        if not single and len(numeric) != 1:
            raise ValueError(
                f"stored: {path} has no column of numbers, but {_listed(schema.names)}; columns= names some"
            )
        return single or numeric
    names = [columns] if isinstance(columns, str) else list(columns)
    for name in names:
        if name not in kinds:
            twice = "twice a column" if name in schema.names else "no column"
            raise ValueError(f"stored: {path} has {twice} {name!r}; there are {_listed(schema.names)}")
        if kinds[name] is None:
            raise TypeError(f"stored: column {name!r} of {path} holds {schema.field(name).type}, not numbers")
    return names


def _width(kind: Any, column: Any) -> int | None:
    """The length of a column's lists, of which each has that of the first; None of a column of single numbers."""
    if not _is_list(kind):
        return None
    fixed: int | None = getattr(kind, "list_size", None)
    return fixed if fixed is not None else 0 if column is None else len(column[0].values or ())


def _values(path: str, name: str, column: Any, width: int | None, first: int) -> Array:
    """The numbers of a column, of which the first row has that number; none may lack."""
    arrow, compute = require("pyarrow"), require("pyarrow.compute")

    def refuse(flaws: Any, what: str, each: int = 1) -> None:
        row = first + compute.index(flaws, True).as_py() // each
        raise ValueError(f"stored: {path} {what} in row {row} of column {name!r}; leave out such rows, or fill them in")

    if column.null_count:
        refuse(compute.is_null(column), "has no value")
    if width is not None:
        lengths = compute.not_equal(compute.list_value_length(column), width)
        if compute.any(lengths).as_py():
            refuse(lengths, f"has not {width} numbers, as in its first row,")
        column = compute.list_flatten(column)
        if column.null_count:
            refuse(compute.is_null(column), "has no value", width)
    # This way, unlike `to_numpy`, does not import pandas, which takes more memory than a chunk.
    whole = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return np.from_dlpack(whole.cast(arrow.uint8()) if whole.type == arrow.bool_() else whole)


_FORMATS = {".npy": _npy, ".parquet": _parquet, ".safetensors": _safetensors, ".zarr": _zarr}
_TEXT = "a text is parsed from its beginning; pandas.read_csv(path).to_parquet(...) makes it a file of rows"
_WAYS = {
    ".npz": "numpy.load ignores mmap_mode there, and any slice reads a whole array; numpy.save writes each as .npy",
    **dict.fromkeys((".csv", ".tsv", ".txt", ".json", ".jsonl"), _TEXT),
}
