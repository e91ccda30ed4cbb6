"""Files of arrays: safetensors with JSON in the metadata, written atomically, read without running anything.

The metadata hold the description as JSON under ``"graphgrad"``, and under ``"sha256"`` a checksum of it and of every
array's name, dtype, shape and bytes.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from nn.optional import require

__all__ = ["read", "short", "write"]

AnyPath = str | os.PathLike[str]
Array = np.ndarray[Any, Any]

_DESCRIPTION_KEY, _CHECKSUM_KEY = "graphgrad", "sha256"
_MAX_HEADER = 100_000_000  # in bytes, as the format has it
# The format's dtypes; bfloat16, which NumPy has not, is the upper half of a float32.
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_FILE_KINDS = {
    stat.S_IFDIR: "a directory", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}  # fmt: skip


def write(path: AnyPath, arrays: Mapping[str, Any], description: Mapping[str, Any]) -> None:
    """Arrays and a description as one file: at any moment the whole old one, or the whole new one, is there.

    Several may write to one path at a time: the last to end stays. The mode of a file that was there is kept, and a
    symbolic link goes on leading to its target, which is replaced.

    Parameters
    ----------
    path : path
        Where; on the way a file with a name of its own and ".part" stands beside it, which an error takes away.
    arrays : mapping of str to array_like
        Stored contiguously: safetensors would save a transposed array wrongly, without an error.
    description : mapping
        What JSON can hold.

    Raises
    ------
    OSError
        If the path is a directory, a device or a pipe, or cannot be written to; what was there is there still.
    """
    safetensors = require("safetensors.numpy")
    target = Path(os.path.realpath(_as_path(path)))  # behind links, also one whose target is yet to be made
    data = {name: np.ascontiguousarray(a).reshape(np.shape(a)) for name, a in arrays.items()}
    text = json.dumps(description)
    content = safetensors.save(data)
    # The library has no order for metadata, so they are put in here: what is equal gives equal files.
    size = 8 + int.from_bytes(content[:8], "little")
    metadata = {"__metadata__": {_DESCRIPTION_KEY: text, _CHECKSUM_KEY: _checksum(data, text)}}
    header = json.dumps(metadata | json.loads(content[8:size]), separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    if len(header) > _MAX_HEADER:
        raise ValueError(f"{path}: the description takes {len(header)} bytes, and {_MAX_HEADER} are the most")
    _replace(path, target, len(header).to_bytes(8, "little") + header + content[size:])


def read(path: AnyPath, verify: bool = True, advice: str = "") -> tuple[dict[str, Array], dict[str, Any] | None]:
    """The arrays and the description in a file that :func:`write` wrote; None describes a file of other origin.

    Parameters
    ----------
    path : path
        The file.
    verify : bool
        Whether a file with a description, but without its checksum or with a wrong one, is refused.
    advice : str
        What the error about a checksum says at its end.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If it is a directory, a device or a pipe.
    ValueError
        If it is truncated or damaged, or no safetensors file.
    """
    deserialize = require("safetensors").deserialize
    _check_regular(path, os.stat(_as_path(path)))
    content = Path(path).read_bytes()
    try:
        metadata = _metadata(content)
        arrays = {name: _decode(**view) for name, view in sorted(deserialize(content), key=itemgetter(0))}
    except Exception as error:  # the library's own error, which is of no kind, and those of JSON and NumPy
        raise ValueError(f"{path} is truncated, damaged, or no safetensors file: {short(error)}") from None
    text, checksum = metadata.get(_DESCRIPTION_KEY), metadata.get(_CHECKSUM_KEY)
    if verify and not (text is checksum is None) and checksum != _checksum(arrays, text or ""):
        what = "has no checksum" if checksum is None else "does not agree with its checksum"
        raise ValueError(
            f"{path} {what}: it was damaged or changed after it was written, or comes from elsewhere{advice}"
        )
    if text is None:  # nodes carry no float16
        return {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in arrays.items()}, None
    try:
        description = json.loads(text, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: its description is no JSON ({short(error)})") from None
    if not isinstance(description, dict):
        raise ValueError(f"{path} is damaged: its description is {type(description).__name__}")
    return arrays, description


def short(x: Any, length: int = 300) -> str:
    """A text out of a file as a message may show it: of that length at most, without control characters."""
    text = x if isinstance(x, str) else str(x) if isinstance(x, BaseException) else type(x).__name__
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:length])
    return shown if len(text) <= length else f"{shown}…"


def _as_path(path: Any) -> AnyPath:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"a file is named by its path, a str or pathlib.Path, not {type(path).__name__}")
    if os.fspath(path)[-1:] in (os.sep, os.altsep):  # or it would be dropped, and the folder's name taken for a file's
        raise IsADirectoryError(f"{str(path)!r} is a directory; name a file")
    return path


def _check_regular(path: AnyPath, status: os.stat_result) -> None:
    """Raise if there is anything but a regular file at a path."""
    if not stat.S_ISREG(status.st_mode):
        kind = _FILE_KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
        error = IsADirectoryError if stat.S_ISDIR(status.st_mode) else OSError
        raise error(f"{str(path)!r} is {kind}; name a file")


def _replace(path: AnyPath, target: Path, content: bytes) -> None:
    """Put a file with that content in the place of `target`, which the user calls `path`."""
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
    except BaseException:  # an interrupt too
        part.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the new name itself must reach the disk
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _copy_ownership(descriptor: int, old: os.stat_result) -> None:
    """Give a new file the owner, where that is allowed, and the mode of the one that it replaces."""
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
    """The metadata in the header, in which no key may stand twice."""
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > min(len(content) - 8, _MAX_HEADER):
        raise ValueError(f"its header has {size} bytes, the file {len(content)}")
    header = json.loads(content[8 : 8 + size].decode(), object_pairs_hook=_unique_keys)
    metadata = header.get("__metadata__", {})
    return metadata if isinstance(metadata, dict) else {}  # the library refuses what is none


def _unique_keys(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, in which no key may stand twice: readers differ in which of the two they take."""
    made: dict[str, Any] = {}
    for key, x in pairs:
        if key in made:
            raise ValueError(f"the key {short(key, 80)!r} stands there twice")
        made[key] = x
    return made


def _decode(dtype: str, shape: list[int], data: bytes) -> Array:
    if dtype not in _DTYPES:
        raise ValueError(f"it holds an array of {dtype}, which NumPy has not")
    a = np.frombuffer(data, _DTYPES[dtype]).reshape(shape)
    return (a.astype(np.uint32) << 16).view(np.float32) if dtype == "BF16" else a
