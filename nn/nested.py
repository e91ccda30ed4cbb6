"""Nested dicts, lists and numbers with arrays in them, as a flat dict of arrays and a description for JSON."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autograd import Value
from nn._types import Array
from nn.kinds import to_numpy, to_python

__all__ = ["packed", "unpacked"]

_TAGS = ("array", "tuple")


def packed(x: object, arrays: dict[str, Array], path: str = "") -> object:
    """The description of `x`, whose arrays are added to `arrays`, by their paths.

    Dicts and lists stay what they are, an array becomes ``{"array": path}``, a tuple ``{"tuple": [...]}``, a key that
    is an integer ``"#0"``.

    Raises
    ------
    TypeError
        If it holds anything but dicts, lists, tuples, arrays, nodes, numbers, texts and None.
    """
    inner = f"{path}/" if path else ""
    if isinstance(x, Mapping):
        return {_packed_key(key, len(x)): packed(item, arrays, f"{inner}{key}") for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [packed(item, arrays, f"{inner}{i}") for i, item in enumerate(x)]
        return items if isinstance(x, list) else {"tuple": items}
    data = to_numpy(x) if not isinstance(x, (type, str)) else np.array(None)
    if data.dtype.kind in "fiub" and not isinstance(x, (np.generic, Value, float, int)):
        while path in arrays:  # "a/b" is a key, and "b" one of "a".
            path += "_"
        arrays[path] = data
        return {"array": path}
    number = to_python(x)
    if number is None or isinstance(number, (bool, int, float, str)):
        return number
    advice = (
        "pass its state_dict()" if hasattr(x, "state_dict") else "a file holds dicts, lists, numbers, texts, arrays"
    )
    raise TypeError(f"save: {path} is {type(x).__name__}; {advice}")


def _packed_key(key: object, size: int) -> str:
    if type(key) is int:
        return f"#{key}"
    if not isinstance(key, str):
        raise TypeError(f"save: the keys of a dict are texts and integers, not {key!r}")
    return f"##{key}" if key.startswith("#") or (size == 1 and key in _TAGS) else key


def _unpacked_key(key: str) -> str | int:
    return key[2:] if key.startswith("##") else int(key[1:]) if key.startswith("#") else key


def unpacked(x: object, arrays: Mapping[str, Array]) -> object:
    """What :func:`packed` described; LookupError, TypeError or ValueError if nothing was described so."""
    if isinstance(x, list):
        return [unpacked(item, arrays) for item in x]
    if not isinstance(x, dict):
        return x
    if x.keys() == {"array"}:
        return arrays[x["array"]].copy()
    if x.keys() == {"tuple"}:
        return tuple(unpacked(item, arrays) for item in x["tuple"])
    return {_unpacked_key(key): unpacked(item, arrays) for key, item in x.items()}
