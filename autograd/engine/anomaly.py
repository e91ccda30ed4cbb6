"""Anomaly detection: the first value or gradient that is not finite becomes an error that names its cause.

The mode of a thread or task holds a `Watch`; recording and the backward pass ask it. What it has to remember of a node
(the user's line, checksums) is part of the node's version, so that nothing is kept longer than the graph, and nothing
is paid where nobody watches.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple, Self

import numpy as np

from autograd.callers import Location, location, location_text
from autograd.engine.contributions import positions_read
from autograd.engine.conventions import conventions_at
from autograd.engine.libraries import fetched
from autograd.engine.modes import Mode, RunningWatch
from autograd.engine.node import Node, versions
from autograd.engine.switches import ModeSwitch
from autograd.messages import describe, short
from autograd.namespaces.marks import raw
from autograd.typing import X

__all__ = ["LocatedVersion", "Watch", "WatchedVersion", "detect_anomaly", "location_of"]


class LocatedVersion(int):
    """The version of a node that is being recorded: also the line of the user's code that records it."""

    location: Location

    @classmethod
    def here(cls) -> Self:
        """The version of a node that is being recorded now."""
        version = cls(versions.latest)
        version.location = location()
        return version


class WatchedVersion(LocatedVersion):
    """The version of a node recorded under watch: also checksums of the arrays that its derivatives read."""

    checksums: Mapping[int, int]  # by the position of the operand; -1 for the result

    def check_unwritten(self, node: Node) -> None:
        """Raise if elements that the derivatives of the node read were written since it was recorded."""
        for j, checksum in self.checksums.items():
            if _checksum(_at(node, j)._data) != checksum:
                name = node.op.name if node.op else ""
                raise ValueError(
                    f"{name}: elements of the data of {describe(_at(node, j))} were written after {name} was recorded, "
                    "and its derivative reads them; write before recording, or run backward first\n"
                    f"  recorded at {_recorded(node)}"
                )


class Watch(NamedTuple):
    """What recording and backward passes ask about each value and each gradient."""

    checks: bool = True  # False: only places are noted

    @property
    def records_all(self) -> bool:
        """Whether results under no_grad are recorded too."""
        return False

    @property
    def marked(self) -> bool:
        """Whether gradient graphs carry marks from the start."""
        return False

    def checking(self) -> RunningWatch:
        """The watch inside another ``with detect_anomaly()``."""
        return Watch()

    def objects(self, op: X) -> None:
        """An op on an object array is as many ops on Values, each of which is seen."""

    def refused(self, op: X, operands: X) -> None:
        """An op that refuses its operands raises an error of its own."""

    def derive(self, node: X) -> None:
        """The ops of a derivative have the line that asks for them."""

    def deferred(self, seeds: X, inputs: X, strict: bool, create_graph: bool) -> None:
        """Gradients are calculated at once."""

    def value(self, op: X, parents: Sequence[Node], result: X) -> None:
        """Raise if the value that an op gives is not finite."""
        if _finite(result):
            return
        text = _blamed(op, parents) or f"{op.name} gave {_holds(result)}, from finite inputs"
        raise FloatingPointError("\n".join([text, *_inputs(op, parents), f"  at {location_text(location())}"]))

    def version(self, node: Node) -> WatchedVersion:
        """The version of a node that is being recorded."""
        version = WatchedVersion.here()
        version.checksums = {}
        if node.requires_grad:
            values = ((j, _at(node, j)._data) for j in positions_read(node))
            version.checksums = {j: _checksum(x) for j, x in values if not isinstance(x, (float, int))}
        return version

    def seed(self, output: Node, g: X) -> None:
        """Raise if a gradient to start from is not finite."""
        if not _finite(g):
            raise FloatingPointError(f"backward: the gradient given for {describe(output)} already holds {_holds(g)}")

    def gradient(self, node: Node, g: X, position: int, contribution: X, total: X) -> None:
        """Raise if the gradient of an operand, to which a contribution was just added, is not finite."""
        p = node.parents[position]
        if _finite(total):
            return
        op: Any = node.op
        arg = op.argument_names(len(node.parents))[position]
        if _finite(contribution):
            text = f"backward: the contributions to the gradient of {describe(p)} are finite, but not their sum"
        else:
            points = conventions_at(op, position, [q._data for q in node.parents], node.params)
            text = _blamed(op, node.parents, node) or "; a singular point: ".join([
                f"{op.name}: the gradient of its argument {arg} is {_holds(contribution)}, though what it is computed "
                "from is finite", *points,
            ])  # fmt: skip
        lines = [f"  the result: {_summary(node)}", f"  its gradient: {_statistics(_plain(g))}"]
        found = [text, *_inputs(op, node.parents), *lines, f"  recorded at {_recorded(node)}"]
        raise FloatingPointError("\n".join(found))


# For the graph of a gradient, which may be infinite where a selection then drops it.
PLACES_ONLY = Watch(checks=False)


class detect_anomaly(ModeSwitch):  # noqa: N801  PyTorch's name
    """Turn the first value or gradient that is not finite into an error that names its cause.

    Everything that is recorded or differentiated inside is checked: a context manager, or a decorator of a function.
    The error names the op, describes its inputs (label, shape, dtype, range, number of nan and inf) and quotes the line
    of the user's code that recorded it. An argument that was not finite to begin with is named as such. What a
    selection drops in a backward pass is no anomaly; an inf or nan in the branch that ``where`` does not take is one
    (compute that branch from what does it no harm, as ``where(x != 0, x, 1)``).

    Also seen inside is an array element written behind the engine's back (``x.data[0] = 1``) between recording and the
    backward pass. Outside, nothing is paid for any of this.

    Raises
    ------
    FloatingPointError
        In the code inside, when a value or gradient is not finite.
    ValueError
        In a backward pass inside, if elements that it reads were written since their recording.

    Examples
    --------
    >>> from autograd import Value, detect_anomaly, log
    >>> x = Value(1.0, label="x")
    >>> with detect_anomaly():
    ...     y = log(x - 3) * 0.5
    Traceback (most recent call last):
        ...
    FloatingPointError: log gave nan, from finite inputs
      x: Value from 'sub', -2.0
      at ...
    """

    def inside(self, state: Mode | None) -> Mode:
        """The mode inside."""
        outside = None if state is None else state.watch
        return (state or Mode())._replace(watch=outside.checking() if outside else Watch())


def _finite(x: X) -> bool:
    x = _plain(x)
    if isinstance(x, np.ndarray):
        return x.dtype.kind != "f" or bool(np.isfinite(x).all())
    return isfinite(x)


def _plain(x: X) -> X:
    x = raw(x)
    return fetched(x._data if isinstance(x, Node) else x, "detect_anomaly")


def _at(node: Node, position: int) -> Node:
    return node if position < 0 else node.parents[position]


def _checksum(x: X) -> int:
    return zlib.crc32(np.ascontiguousarray(fetched(x)).data)


def _blamed(op: X, parents: Sequence[Node], result: Node | None = None) -> str:
    """A sentence on the first of the nodes that is not finite itself, or nothing."""
    for p in parents if result is None else (*parents, result):
        if not _finite(p._data):
            where = (
                "it is a leaf or constant, so the cause is where it was made or updated"
                if p.op is None
                else "it was computed outside detect_anomaly; compute it inside to find the cause"
            )
            met = "result" if p is result else "input"
            return f"{op.name}: its {met} {describe(p)} already holds {_holds(p._data)}; {where}"
    return ""


def _holds(x: X) -> str:
    """How many nan and inf: ``1 nan and 2 inf among 6 elements``."""
    x = _plain(x)
    if not np.ndim(x):
        return f"{float(x)}"
    counts = [f"{n} {name}" for n, name in ((np.isnan(x).sum(), "nan"), (np.isinf(x).sum(), "inf")) if n]
    return f"{' and '.join(counts)} among {x.size} elements"


def _statistics(x: X) -> str:
    if not np.ndim(x):
        return f"{np.asarray(x).item()}"
    finite = x[np.isfinite(x)] if x.dtype.kind == "f" else x
    texts = [short(x), f"min {float(finite.min()):.4g}, max {float(finite.max()):.4g}" if finite.size else ""]
    return ", ".join([t for t in texts if t] + ([] if _finite(x) else [_holds(x)]))


def _summary(node: Node) -> str:
    text = describe(node)
    data = node._data
    if not np.ndim(data):
        return text if text.endswith(repr(data)) else f"{text}, {_statistics(fetched(data))}"
    begin, shown, end = text.rpartition(short(data))
    return f"{begin}{shown}{end}{_statistics(fetched(data)).removeprefix(shown)}"


def _inputs(op: X, parents: Sequence[Node]) -> Iterator[str]:
    return (f"  {name}: {_summary(p)}" for name, p in zip(op.argument_names(len(parents)), parents, strict=True))


def location_of(node: Node) -> Location | None:
    """The line of the user's code that recorded a node, if it is known."""
    return getattr(node._version, "location", None)


def _recorded(node: Node) -> str:
    if (known := location_of(node)) is not None:
        return location_text(known)
    return "a line outside detect_anomaly; record it inside to learn which"
