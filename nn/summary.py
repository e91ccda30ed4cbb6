"""The table of a module's submodules: their names, their results' shapes, their parameters, and how these fare."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from autograd import elementwise_grad
from nn._types import Array, X
from nn.kinds import to_numpy
from nn.members import Weight, is_parameter, members

__all__ = ["Call", "Text", "idle_units", "summary"]

FLAT = 0.01  # A unit whose slope is below this for every sample is saturated.

Row = tuple[str, ...]
T = TypeVar("T", bound=Hashable)


class Text(str):
    """A text that a prompt and a notebook show as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Call(NamedTuple):
    """What a table says of one call of a module: the shape of its result, and which units do nothing."""

    shape: tuple[int, ...]
    units: str = ""


class _Activation(Protocol):
    def forward(self, x: X, /) -> X: ...


def idle_units(activation: _Activation, x: object) -> str:
    """How many units of an elementwise activation learn nothing, or next to nothing, from the samples `x`.

    A unit is an element of a sample. It is dead where its slope is 0 for every sample, and saturated where that is at
    most 0.01 in size.
    """
    slopes = np.abs(elementwise_grad(activation.forward)(to_numpy(x).astype(float)))
    largest: Array = slopes.reshape(len(slopes), -1).max(axis=0) if slopes.ndim > 1 and slopes.size else slopes.ravel()
    dead, saturated = int(np.sum(largest == 0)), int(np.sum((largest > 0) & (largest <= FLAT)))
    counts = [f"{n} {word}" for n, word in ((dead, "dead"), (saturated, "saturated")) if n]
    return f"{', '.join(counts)} of {largest.size}" if counts else ""


def summary(modules: Sequence[tuple[str, T]], calls: Mapping[T, Sequence[Call]]) -> Text:
    """The table as text, with a row for each place of a module, except where that only has submodules.

    The norms of gradients, and units that do nothing, have a column where there are such.

    Parameters
    ----------
    modules : sequence of (str, module)
        Every place of every module: a module that is shared comes several times, each time with another path.
    calls : mapping of modules to sequences of Call
        Each module's calls, in their order.
    """
    paths: dict[T, list[str]] = {}
    for path, module in modules:
        paths.setdefault(module, []).append(path)
    own = {module: [p for _, p in members(vars(module)) if is_parameter(p)] for module in paths}
    rows: list[Row] = [("name", "module", "output", "parameters", "count", "gradient", "units")]
    for path, module in modules:
        prefix = f"{path}." if path else ""
        has_submodules = any(other != path and other.startswith(prefix) for other, _ in modules)
        if not own[module] and (has_submodules or not path):
            continue
        places, own_calls = paths[module], calls.get(module)
        # A shared module's last calls are those of its places, in their order.
        call = own_calls[max(places.index(path) - len(places), -len(own_calls))] if own_calls else None
        count = str(sum(map(_size, own[module])))
        parameters = " + ".join(str(p.shape) for p in own[module])
        if path != places[0]:
            parameters, count = f"those of {places[0]}" if own[module] else "", ""
        gradient = _gradient_norm(own[module]) if path == places[0] else ""
        output, units = (str(call.shape), call.units) if call else ("", "")
        rows.append((path or "-", type(module).__name__, output, parameters, count, gradient, units))
    each = {id(p): p for parameters in own.values() for p in parameters}.values()
    total, frozen = sum(map(_size, each)), sum(map(_frozen_size, each))
    norm = _gradient_norm(list(each)) if own else ""
    rows.append(("total", f"({frozen} frozen)" if frozen else "", "", "", str(total), norm, ""))
    columns = [c for c in zip(*rows, strict=True) if any(c[1:]) or c[0] not in ("gradient", "units")]
    return _aligned(list(zip(*columns, strict=True)))


def _gradient_norm(parameters: Sequence[Weight]) -> str:
    """The Euclidean norm of the gradients that parameters have; empty if none has one."""
    nodes = [v for p in parameters for v in (p.ravel().tolist() if isinstance(p, np.ndarray) else [p])]
    flat = [np.ravel(to_numpy(v.grad)) for v in nodes if v.has_grad]
    return f"{float(np.linalg.norm(np.concatenate(flat))):.2g}" if flat else ""


def _size(p: Weight) -> int:
    return int(np.size(to_numpy(p)))


def _frozen_size(p: Weight) -> int:
    """How many of a parameter's numbers are frozen."""
    if isinstance(p, np.ndarray):
        return sum(not v.requires_grad for v in p.ravel().tolist())
    return 0 if p.requires_grad else _size(p)


def _aligned(rows: list[Row]) -> Text:
    """Rows with their columns padded to one width, and numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [name in ("count", "gradient") for name in rows[0]]
    lines = (
        "  ".join(x.rjust(n) if r else x.ljust(n) for x, n, r in zip(row, widths, right, strict=True)).rstrip()
        for row in rows
    )
    return Text("\n".join(lines))
