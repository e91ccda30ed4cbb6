"""Files of arrays: safetensors with JSON in the metadata, written atomically, read without running anything."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nn.extras import needed

__all__ = ["read", "write"]

_KEY = "graphgrad"


def write(path: str | os.PathLike[str], arrays: Mapping[str, Any], description: Mapping[str, Any]) -> None:
    """Arrays and a description as one file: at any moment the whole old one, or the whole new one, is there.

    Parameters
    ----------
    path : path
        Where; beside it a file of the same name with ".part" is used on the way.
    arrays : mapping of str to array_like
        Stored contiguously: safetensors would save a transposed array wrongly, without an error.
    description : mapping
        What JSON can hold.
    """
    safetensors = needed("safetensors.numpy")
    data = {name: np.ascontiguousarray(a).reshape(np.shape(a)) for name, a in arrays.items()}
    content = safetensors.save(data, {_KEY: json.dumps(description)})
    target = Path(path)
    part = target.with_name(target.name + ".part")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, target)
    if os.name == "posix":  # the new name itself must reach the disk
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    """The arrays and the description in a file that :func:`write` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is truncated, damaged, or of another kind.
    """
    safetensors = needed("safetensors.numpy")
    content = Path(path).read_bytes()
    try:
        arrays = safetensors.load(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    except Exception as error:  # the library's own error, and what its NumPy half lets through
        raise ValueError(f"{path} is truncated, damaged, or no safetensors file: {error}") from error
    try:
        description = json.loads(header["__metadata__"][_KEY])
    except (KeyError, TypeError):
        raise ValueError(f"{path} is a safetensors file of other origin: it holds no description by nn.save") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: its description is no JSON ({error})") from error
    if not isinstance(description, dict):
        raise ValueError(f"{path} is damaged: its description is {type(description).__name__}")
    return arrays, description
