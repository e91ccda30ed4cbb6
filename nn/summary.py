"""The table of a module's submodules: their names, their results' shapes, their parameters."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from nn.kinds import to_numpy
from nn.members import Weight, is_parameter, members

__all__ = ["Text", "summary"]

Row = tuple[str, ...]
T = TypeVar("T", bound=Hashable)


class Text(str):
    """A text that a prompt and a notebook show as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def summary(modules: Sequence[tuple[str, T]], shapes: Mapping[T, Sequence[tuple[int, ...]]]) -> Text:
    """The table as text, with a row for each place of a module, except where that only has submodules.

    Parameters
    ----------
    modules : sequence of (str, module)
        Every place of every module: a module that is shared comes several times, each time with another path.
    shapes : mapping of modules to sequences
        The shapes of each module's results, in the order of its calls.
    """
    paths: dict[T, list[str]] = {}
    for path, module in modules:
        paths.setdefault(module, []).append(path)
    own = {module: [p for _, p in members(vars(module)) if is_parameter(p)] for module in paths}
    rows: list[Row] = [("name", "module", "output", "parameters", "count")]
    for path, module in modules:
        prefix = f"{path}." if path else ""
        has_submodules = any(other != path and other.startswith(prefix) for other, _ in modules)
        if not own[module] and (has_submodules or not path):
            continue
        places, outputs = paths[module], shapes.get(module)
        # A shared module's last calls are those of its places, in their order.
        output = outputs[max(places.index(path) - len(places), -len(outputs))] if outputs else ""
        count = str(sum(map(_size, own[module])))
        parameters = " + ".join(str(p.shape) for p in own[module])
        if path != places[0]:
            parameters, count = f"those of {places[0]}" if own[module] else "", ""
        rows.append((path or "-", type(module).__name__, str(output), parameters, count))
    each = {id(p): p for parameters in own.values() for p in parameters}.values()
    total, frozen = sum(map(_size, each)), sum(map(_frozen_size, each))
    rows.append(("total", f"({frozen} frozen)" if frozen else "", "", "", str(total)))
    return _aligned(rows)


def _size(p: Weight) -> int:
    return int(np.size(to_numpy(p)))


def _frozen_size(p: Weight) -> int:
    """How many of a parameter's numbers are frozen."""
    if isinstance(p, np.ndarray):
        return sum(not v.requires_grad for v in p.ravel().tolist())
    return 0 if p.requires_grad else _size(p)


def _aligned(rows: list[Row]) -> Text:
    """Rows with their columns padded to one width, and the last column to the right."""
    *left, last = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join([*map(str.ljust, row, left), row[-1].rjust(last)]).rstrip() for row in rows)
    return Text("\n".join(lines))
