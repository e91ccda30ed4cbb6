"""The batch axis of an ONNX graph: one graph for any batch, of several for batches of different sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple, TypeAlias

import numpy as np

from autograd.engine.node import Node
from autograd.graph.onnx.indexing import ints
from autograd.graph.onnx.writer import Call, Graph, Placed, refusal
from autograd.namespaces import arrays
from autograd.typing import Array, X

__all__ = ["BATCH", "batched"]

BATCH = "N"  # the name of the axis
_WRITE_SO = "write it for any number of samples, without a loop over them"


class Length(NamedTuple):
    """A length that grows with the batch: ``each * N + more``."""

    each: int
    more: int

    def __str__(self) -> str:
        return f"{self.each}*" * (self.each != 1) + BATCH + (f"{self.more:+}" if self.more else "")


Dim: TypeAlias = int | str | Length


def batched(graphs: Sequence[Graph]) -> Graph:
    """The first of several graphs, with each length that grows with the batch calculated from the shape of an input.

    Raises
    ------
    ValueError
        If the graphs differ in anything but lengths that are a multiple of the batch, or it and a number, and in
        constants with a row for each sample, all alike or at equal steps. The error has the line that recorded the op.
    """
    graph: Graph = arrays.quietly(_Batched, graphs).graph
    return graph


class _Batched:
    """Graphs of a calculation, for batches of different sizes, side by side; `graph` is the one for any batch."""

    def __init__(self, graphs: Sequence[Graph]) -> None:
        self.first, *others = self.graphs = graphs
        ends = [([(k, len(shape)) for k, (_, shape) in g.inputs.items()], list(g.outputs)) for g in graphs]
        if any(end != ends[0] for end in ends):
            raise refusal("the calculation for another number of samples has other inputs or outputs")
        self.sizes: Sequence[X] = [0] * len(graphs)
        self.source = ("", 0)
        for name in self.first.inputs:
            for axis, sizes in enumerate(zip(*(g.inputs[name][1] for g in graphs), strict=True)):
                if sizes[0] != sizes[1] and not self.source[0]:
                    self.sizes, self.source = sizes, (name, axis)
        self.node: Node | None = None  # whose calls are compared
        self.taken = {
            *self.first.constants,
            *self.first.inputs,
            *(n for call in self.first.calls for n in call.outputs),
        }
        self.graph = Graph(self._free([g.inputs for g in graphs]), self._free([g.outputs for g in graphs]))
        self.graph.weights, self.graph.shapes = self.first.weights, self.first.shapes
        for name, a in self.first.constants.items():
            if all(_same(a, g.constants.get(name)) for g in others):
                self.graph.constants[name] = a
        for calls in zip_longest(*(g.calls for g in graphs)):
            self._take_over(*calls)

    def _take_over(self, *calls: Call | None) -> None:
        """Take over a call, if it is that of each graph; what calculates its constants that grow comes before."""
        a = next(call for call in calls if call is not None)
        for k, b in enumerate(calls):
            if b is None or (a.kind, a.inputs, a.outputs) != (b.kind, b.inputs, b.outputs):
                # That of the other batch first, in which something may come more often.
                self.node = next((call.node for call in (b, a) if call is not None and call.node is not None), None)
                raise self._refusal(f"there is {_text(calls[0])}, and then {_text(calls[k or 1])}", k or 1)
            self.node = a.node
            if a.attributes != b.attributes:
                raise self._refusal(f"{_text(a)} has {dict(a.attributes)}, and then {dict(b.attributes)}", k)
        inputs = list(a.inputs)
        for place, name in enumerate(inputs):
            if name in self.first.constants and name not in self.graph.constants:
                of = a.inputs[0] if (a.kind, place) == ("Reshape", 1) else ""
                inputs[place] = self._constant_of_all([g.constants[name] for g in self.graphs], of)
        self.graph.calls.append(a._replace(inputs=tuple(inputs)))

    def _refusal(self, text: str, which: int = -1) -> ValueError:
        n, m = self.sizes[0], self.sizes[which]
        return refusal(f"for {n} samples something else is calculated than for {m}: {text}; {_WRITE_SO}", self.node)

    # What a constant is for any batch.

    def _constant_of_all(self, each: Sequence[Array], reshaped: str) -> str:
        """What takes the place of a constant, of which `each` graph has its own; a shape for `reshaped`."""
        a = each[0]
        shape = self._dims([x.shape for x in each])
        if shape is not None and all(x.dtype == a.dtype for x in each):
            if all(x.shape == a.shape for x in each) and a.ndim < 2 and a.dtype.kind in "iuf":
                numbers = self._dims([x.ravel().tolist() for x in each])
                if numbers is not None:
                    numbers = self._as_reshape(numbers, reshaped) if reshaped else numbers
                    return self._cast(self._vector(numbers), a)
            axes = [k for k, n in enumerate(shape) if isinstance(n, Length)]
            row = a[tuple(slice(1) if k in axes else slice(None) for k in range(a.ndim))]
            if axes and all(_same(np.broadcast_to(row, x.shape), x) for x in each):
                return self._call("Expand", self._constant(row), self._vector(shape))
            if len(axes) == 1 and a.dtype.kind in "iuf" and min(a.shape) > 0:
                step = np.take(a, [1], axes[0]) - row
                if all(_same(row + _count(x, axes[0]) * step, x) for x in each):
                    return self._counting(row, step, shape, axes[0])
        texts = [f"a constant {x.dtype}{list(x.shape)}" if x.ndim else f"the constant {x}" for x in each]
        raise self._refusal(f"{texts[0]} becomes {texts[-1] if texts[0] != texts[-1] else 'another one'}")

    def _counting(self, row: Array, step: Array, shape: Sequence[Dim], axis: int) -> str:
        """A constant that counts along an axis: from a row, in steps."""
        n = self._call("Squeeze", self._vector([shape[axis]]), self._constant(ints(0)))
        count = self._call("Range", self._constant(ints(0)[0]), n, self._constant(ints(1)[0]))
        upright = [-1 if k == axis else 1 for k in range(row.ndim)]
        count = self._cast(self._call("Reshape", count, self._constant(ints(*upright))), row)
        return self._call("Add", self._constant(row), self._call("Mul", count, self._constant(step)))

    def _dims(self, each: Sequence[Sequence[X]]) -> list[Dim] | None:
        """Numbers of each graph as lengths; None if they have another rule, or are no integers."""
        alike = all(len(numbers) == len(each[0]) for numbers in each)
        found = [self._dim(numbers) for numbers in zip(*each, strict=True)] if alike else [None]
        return None if None in found else found  # type: ignore[return-value]

    def _dim(self, numbers: Sequence[X]) -> Dim | None:
        a, b, *_ = numbers
        if all(n == a for n in numbers):
            return a if isinstance(a, str) or a == a // 1 else None
        if not self.source[0] or any(n != n // 1 for n in numbers):
            return None
        n, m, *more_sizes = self.sizes
        each = int(b - a) // (m - n)
        more = int(a) - each * n
        # Two points lie on some line whatever the rule: of N·N and the like only these two kinds are told for certain.
        told = more_sizes or not more or each == 1
        return Length(each, more) if told and [each * k + more for k in self.sizes] == list(numbers) else None

    def _as_reshape(self, lengths: list[Dim], of: str) -> list[Dim]:
        """A shape as readers of graphs know it: 0 for a length of the input's, -1 for the only one that is left."""
        shapes = [graph.inputs[of][1] if of in graph.inputs else graph.shapes.get(of, ()) for graph in self.graphs]
        own = self._dims(shapes) or []
        if all(n != 0 for n in lengths):
            lengths = [
                0 if isinstance(n, Length) and n == m else n for n, m in zip_longest(lengths, own[: len(lengths)])
            ]
            grow = [k for k, n in enumerate(lengths) if isinstance(n, Length)]
            if len(grow) == 1 and -1 not in lengths:
                lengths[grow[0]] = -1
        return lengths

    # Calls that calculate it.

    def _call(self, kind: str, *inputs: str, **attributes: X) -> str:
        name = self._name("n")
        self.graph.calls.append(Call(kind, inputs, (name,), attributes, self.node))
        return name

    def _constant(self, data: Array) -> str:
        name = self._name("k")
        self.graph.constants[name] = data
        return name

    def _name(self, letter: str) -> str:
        i = 1
        while f"{letter}{i}" in self.taken:
            i += 1
        self.taken.add(f"{letter}{i}")
        return f"{letter}{i}"

    def _length(self, length: Length) -> str:
        """A vector of one length."""
        each, more = length
        name, axis = self.source
        if more:
            return self._call("Add", self._length(Length(each, 0)), self._constant(ints(more)))
        if each != 1:
            return self._call("Mul", self._length(Length(1, 0)), self._constant(ints(each)))
        return self._call("Shape", name, start=axis, end=axis + 1)

    def _vector(self, lengths: Sequence[Dim]) -> str:
        """A vector of lengths."""
        parts: list[str] = []
        for grows, group in groupby(lengths, lambda n: isinstance(n, Length)):
            run: list[X] = list(group)
            parts += map(self._length, run) if grows else [self._constant(ints(*run))]
        return parts[0] if len(parts) == 1 else self._call("Concat", *parts, axis=0)

    def _cast(self, name: str, like: Array) -> str:
        """A vector of integers in the dtype, and if it is a number in the rank, of a constant."""
        if like.dtype != np.int64:
            name = self._call("Cast", name, to=like.dtype)
        return name if like.ndim else self._call("Squeeze", name, self._constant(ints(0)))

    def _free(self, each: Sequence[Mapping[str, Placed]]) -> dict[str, Placed]:
        """Inputs or outputs, with names for the lengths that grow."""
        free = {}
        for name, (dtype, shape) in each[0].items():
            dims = self._dims([placed[name][1] for placed in each])
            if dims is None:
                raise self._refusal(f"{name} has shape {shape}, and then {each[-1][name][1]}")
            free[name] = dtype, tuple(str(n) if isinstance(n, Length) else n for n in dims)
        return free


def _count(x: Array, axis: int) -> Array:
    """0, 1, 2, ... along an axis of an array, in its dtype."""
    return np.arange(x.shape[axis], dtype=x.dtype).reshape([-1 if k == axis else 1 for k in range(x.ndim)])


def _same(a: Array, b: Array | None) -> bool:
    """Whether two constants are the same, bit for bit."""
    return b is not None and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


def _text(call: Call | None) -> str:
    """A call in words: its op if it was recorded."""
    if call is None:
        return "nothing more"
    return call.kind if call.node is None or call.node.op is None else call.node.op.name
