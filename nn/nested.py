"""Nested dicts, lists and numbers with arrays in them, as a flat dict of arrays and a description for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn._types import Array
from nn.kinds import to_numpy, to_python

__all__ = ["packed", "unpacked"]


def packed(x: object, arrays: dict[str, Array], path: str = "") -> object:
    """The description of `x`, whose arrays are added to `arrays`, by their paths.

    A dict is described as ``{"dict": [[key, item], ...]}``, because keys may be integers, a tuple as
    ``{"tuple": [...]}`` and an array as ``{"array": path}``.

    Raises
    ------
    TypeError
        If it holds anything but dicts, lists, tuples, arrays, nodes, numbers, texts and None.
    """
    if isinstance(x, Mapping):
        if wrong := [key for key in x if type(key) not in (str, int)]:
            raise TypeError(f"save: the keys of a dict are texts and integers, not {wrong[0]!r}")
        return {"dict": [[key, packed(item, arrays, f"{path}.{key}" if path else str(key))] for key, item in x.items()]}
    if isinstance(x, (list, tuple)):
        items = [packed(item, arrays, f"{path}.{i}" if path else str(i)) for i, item in enumerate(x)]
        return items if isinstance(x, list) else {"tuple": items}
    data = to_numpy(x) if not isinstance(x, (type, str)) else np.array(None)
    if data.dtype.kind in "fiub" and (data.ndim or isinstance(x, np.ndarray) or hasattr(x, "requires_grad")):
        name = path or "array"
        while name in arrays:  # "a.b" is a key, and "b" one of "a".
            name += "_"
        arrays[name] = data
        return {"array": name}
    number = to_python(x)
    if number is None or isinstance(number, (bool, int, float, str)):
        return number
    advice = (
        "pass its state_dict()" if hasattr(x, "state_dict") else "a file holds dicts, lists, numbers, texts, arrays"
    )
    raise TypeError(f"save: {path} is {type(x).__name__}; {advice}")


def unpacked(x: Any, arrays: Mapping[str, Array]) -> object:
    """What :func:`packed` described; LookupError, TypeError or ValueError if nothing was described so."""
    if isinstance(x, list):
        return [unpacked(item, arrays) for item in x]
    if not isinstance(x, dict):
        return x
    ((kind, content),) = x.items()
    if kind == "array":
        return arrays[content].copy()
    if kind == "tuple":
        return tuple(unpacked(item, arrays) for item in content)
    if kind == "dict":
        return {key: unpacked(item, arrays) for key, item in content}
    raise ValueError(f"no such kind as {kind!r}")
