"""Files of arrays: safetensors with JSON in the metadata, written atomically, read without running code.

The metadata hold the description as JSON under ``"graphgrad"``, and under ``"sha256"`` a checksum of it and of every
array's name, dtype, shape and bytes.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from operator import itemgetter
from pathlib import Path

import numpy as np

from nn._types import Array, ArrayLike, PathLike, State
from nn.optional import require

__all__ = ["layout", "read", "short", "write"]

_DESCRIPTION_KEY, _CHECKSUM_KEY = "graphgrad", "sha256"
_LONGEST_HEADER = 100_000_000  # The format allows so many bytes.
# The format's dtypes; bfloat16, which NumPy has not, is the upper half of a float32.
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_FILE_KINDS = {
    stat.S_IFDIR: "a directory", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}  # fmt: skip


def write(path: PathLike, arrays: Mapping[str, ArrayLike], description: Mapping[str, object]) -> None:
    """Write arrays and a description as one file, so that at any moment the whole old or the whole new file exists.

    Several writers may write to one path at a time: the file of the last to end remains. A file that is replaced passes
    on its mode, and a symbolic link still leads to its target, which is replaced.

    Parameters
    ----------
    path : path
        The file. Meanwhile a file with another name and ".part" stands beside it; an error removes that.
    arrays : mapping of str to array_like
        Stored contiguously: safetensors would save a transposed array wrongly, without an error.
    description : mapping
        Data that JSON can hold.

    Raises
    ------
    OSError
        If the path is a directory, a device or a pipe, or cannot be written to; nothing is changed then.

    Examples
    --------
    >>> import tempfile
    >>> from nn import safetensors
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     safetensors.write(f"{folder}/a.safetensors", {"a": [1.0, 2.0]}, {"note": "two numbers"})
    ...     safetensors.read(f"{folder}/a.safetensors")
    ({'a': array([1., 2.])}, {'note': 'two numbers'})
    """
    safetensors = require("safetensors.numpy")
    target = Path(os.path.realpath(_as_path(path)))  # Links lead there, also if it does not exist yet.
    data = {name: np.ascontiguousarray(a).reshape(np.shape(a)) for name, a in arrays.items()}
    text = json.dumps(description)
    content = safetensors.save(data)
    # The library writes metadata in no fixed order. They are written here, so that equal data give equal files.
    size = 8 + int.from_bytes(content[:8], "little")
    metadata = {"__metadata__": {_DESCRIPTION_KEY: text, _CHECKSUM_KEY: _checksum(data, text)}}
    header = json.dumps(metadata | json.loads(content[8:size]), separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    if len(header) > _LONGEST_HEADER:
        raise ValueError(f"{path}: the description takes {len(header)} bytes, and {_LONGEST_HEADER} are the most")
    _replace(path, target, len(header).to_bytes(8, "little") + header + content[size:])


def read(path: PathLike, verify: bool = True, advice: str = "") -> tuple[dict[str, Array], State | None]:
    """The arrays and the description in a file that :func:`write` wrote; a file of other origin has None for it.

    Parameters
    ----------
    path : path
        The file.
    verify : bool
        Whether a file with a description, but without its checksum or with a wrong one, is refused.
    advice : str
        The end of the error about a checksum.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If it is a directory, a device or a pipe.
    ValueError
        If it is truncated or damaged, or no safetensors file.

    Examples
    --------
    >>> import tempfile
    >>> from safetensors.numpy import save_file
    >>> from nn import safetensors
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_file({"a": np.array([1.0, 2.0])}, f"{folder}/a.safetensors")
    ...     safetensors.read(f"{folder}/a.safetensors")
    ({'a': array([1., 2.])}, None)
    """
    deserialize = require("safetensors").deserialize
    _check_regular(path, os.stat(_as_path(path)))
    content = Path(path).read_bytes()
    if content[:4] == b"PK\x03\x04":
        raise ValueError(
            f"{path} is a zip file, such as torch.save and np.savez write, and no safetensors file: there, "
            f"safetensors.torch.save_file(model.state_dict(), path) writes one"
        )
    try:
        metadata = _metadata(content)
        arrays = {name: _decode(**view) for name, view in sorted(deserialize(content), key=itemgetter(0))}
    except Exception as error:  # The library's error is a bare Exception; JSON and NumPy raise theirs.
        raise ValueError(f"{path} is truncated, damaged, or no safetensors file: {short(error)}") from None
    text, checksum = metadata.get(_DESCRIPTION_KEY), metadata.get(_CHECKSUM_KEY)
    if verify and not (text is checksum is None) and checksum != _checksum(arrays, text or ""):
        what = "has no checksum" if checksum is None else "does not agree with its checksum"
        raise ValueError(
            f"{path} {what}: it was damaged or changed after it was written, or comes from elsewhere{advice}"
        )
    if text is None:  # Nodes carry no float16.
        return {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in arrays.items()}, None
    try:
        description = json.loads(text, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: its description is no JSON ({short(error)})") from None
    if not isinstance(description, dict):
        raise ValueError(f"{path} is damaged: its description is {type(description).__name__}")
    return arrays, description


def layout(path: PathLike) -> dict[str, tuple[str | None, tuple[int, ...], int]]:
    """Where a file holds its arrays: of each the dtype, None if NumPy has it not, the shape, and its first byte.

    Raises
    ------
    ValueError
        If the file is truncated or damaged.
    """
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        whole = os.fstat(file.fileno()).st_size
        header = _header(file.read(min(size, whole)), size, whole)
    header.pop("__metadata__", None)
    arrays = {}
    for name, view in sorted(header.items()):
        dtype = None if view["dtype"] == "BF16" else _DTYPES.get(view["dtype"])
        shape, (first, last) = tuple(map(int, view["shape"])), map(int, view["data_offsets"])
        taken = last - first if dtype is None else math.prod(shape) * np.dtype(dtype).itemsize
        if last - first != taken or not 0 <= first <= last <= whole - 8 - size:
            raise ValueError(f"{short(name, 80)!r} has not as many bytes as its shape {shape} takes")
        arrays[name] = dtype, shape, 8 + size + first
    return arrays


def short(x: object, length: int = 300) -> str:
    """A text of a file as a message may show it: not longer than that, in one line, and without control characters."""
    text = x if isinstance(x, str) else str(x) if isinstance(x, BaseException) else type(x).__name__
    text = " ".join(text.split())
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:length])
    return printable if len(text) <= length else f"{printable}…"


def _as_path(path: object) -> PathLike:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"a file is named by its path, a str or pathlib.Path, not {type(path).__name__}")
    if os.fspath(path)[-1:] in (os.sep, os.altsep):  # realpath would drop the separator.
        raise IsADirectoryError(f"{str(path)!r} is a directory; name a file")
    return path


def _check_regular(path: PathLike, status: os.stat_result) -> None:
    """Raise unless a path leads to a regular file."""
    if not stat.S_ISREG(status.st_mode):
        kind = _FILE_KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
        error = IsADirectoryError if stat.S_ISDIR(status.st_mode) else OSError
        raise error(f"{str(path)!r} is {kind}; name a file")


def _replace(path: PathLike, target: Path, content: bytes) -> None:
    """Replace `target`, which the user calls `path`, by a file with that content."""
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(target.parent)!r} to write {target.name!r} into")
    try:
        old: os.stat_result | None = os.stat(target)
    except FileNotFoundError:
        old = None
    if old is not None:
        _check_regular(path, old)
        if not os.access(target, os.W_OK):
            raise PermissionError(f"{str(path)!r} is write-protected; name another file, or change its mode")
    part = target.with_name(f"{target.name[:50]}.{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "wb") as file:
            if old is not None and os.name == "posix":
                _copy_ownership(descriptor, old)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(part, target)
    except BaseException:  # An interrupt counts, too.
        part.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # The folder's entry must reach the disk, too.
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _copy_ownership(descriptor: int, old: os.stat_result) -> None:
    """Give a new file the mode of the one that it replaces, and the owner where that is allowed."""
    for owner, group in ((old.st_uid, -1), (-1, old.st_gid)):
        with suppress(OSError):
            os.fchown(descriptor, owner, group)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _checksum(arrays: Mapping[str, Array], text: str) -> str:
    """The sha256 of the arrays in the order of their names, and of the JSON; every part is preceded by its length."""
    digest = sha256()

    def add(part: bytes | memoryview, size: int) -> None:
        digest.update(size.to_bytes(8, "little"))
        digest.update(part)

    for name in sorted(arrays):
        a = np.ascontiguousarray(arrays[name], arrays[name].dtype.newbyteorder("<"))
        for word in (name, a.dtype.str, ",".join(map(str, arrays[name].shape))):
            add(word.encode(), len(word.encode()))
        add(a.reshape(-1).view(np.uint8).data, a.nbytes)
    add(text.encode(), len(text.encode()))
    return digest.hexdigest()


def _metadata(content: bytes) -> dict[str, str]:
    """The metadata in the header; a key that occurs twice is an error."""
    size = int.from_bytes(content[:8], "little")
    metadata = _header(content[8 : 8 + size], size, len(content)).get("__metadata__", {})
    return metadata if isinstance(metadata, dict) else {}  # The library refuses other metadata.


def _header(text: bytes, size: int, whole: int) -> State:
    """What stands in a header of `size` bytes, of a file of `whole` ones."""
    if whole < 8 or size > min(whole - 8, _LONGEST_HEADER):
        raise ValueError(f"its header has {size} bytes, the file {whole}")
    header: State = json.loads(text.decode(), object_pairs_hook=_unique_keys)
    return header


def _unique_keys(pairs: Iterable[tuple[str, object]]) -> State:
    """An object of JSON; a key that occurs twice is an error, because readers differ in which of the two they take."""
    unique: State = {}
    for key, x in pairs:
        if key in unique:
            raise ValueError(f"the key {short(key, 80)!r} stands there twice")
        unique[key] = x
    return unique


def _decode(dtype: str, shape: list[int], data: bytes) -> Array:
    if dtype not in _DTYPES:
        raise ValueError(f"it holds an array of {dtype}, which NumPy has not")
    a = np.frombuffer(data, _DTYPES[dtype]).reshape(shape)
    return (a.astype(np.uint32) << 16).view(np.float32) if dtype == "BF16" else a
