"""The gradients of a loss by its leaves as a program that writes them into the leaves' segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan
from typing import NamedTuple

import numpy as np

from autograd.compiler.lowering import Lowered, lower
from autograd.compiler.numpy_source import numpy_code
from autograd.compiler.requests import GRADIENT
from autograd.compiler.segments import Segment
from autograd.compiler.tracing import NotCompiledError, Recording, record
from autograd.compiler.variables import Variable
from autograd.engine.gradients import gradients
from autograd.engine.hooks import AFTER, BEFORE, has_hook
from autograd.engine.node import NODE_CLASSES, Node, toposort
from autograd.engine.node import leaf as made_leaf
from autograd.namespaces.arrays import ERROR_STATE, QUIET
from autograd.typing import Array, Function, X

__all__ = ["GradientProgram", "LossRecording", "record_loss", "share", "shared_leaf"]


class LossRecording(NamedTuple):
    """A loss, recorded with its gradients.

    Attributes
    ----------
    function : callable
        The loss of the inputs, a scalar node.
    data : list of array
        The inputs that it was recorded with.
    name : str
        Who records, for messages.
    recording : Recording
        Loss and gradients.
    leaves : list of node
        The leaves that a backward pass would reach.
    gradients : list of node
        The gradient by each of them.
    captured : list of node
        Every leaf that it reads and that was made before.
    """

    function: Function
    data: list[Array]
    name: str
    recording: Recording
    leaves: list[X]
    gradients: list[Node]
    captured: list[X]


def record_loss(function: Function, data: Sequence[Array], name: str, marked: bool = False) -> LossRecording:
    """Record a function of arrays that gives a loss, and the loss's gradients.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    function : callable
        The loss of the inputs, a scalar node.
    data : sequence of array
        Inputs, of the shapes and dtypes that it is recorded for.
    name : str
        Who records, for messages.
    marked : bool
        Whether backward passes keep structural zeros with marks.

    Returns
    -------
    tuple
        What :class:`GradientProgram` takes; ``recording`` is the :class:`Recording`, ``leaves`` are the leaves that a
        backward pass would reach.

    Raises
    ------
    NotCompiledError
        If no program can do what it does.
    TypeError
        As from a function that is compiled.
    """
    leaves: list[Node] = []

    def loss_and_gradients(*inputs: Node) -> list[Node]:
        for x in inputs:
            x.requires_grad = False
        loss = function(*inputs)
        if not isinstance(loss, Node) or loss.ndim or not loss.requires_grad:
            raise NotCompiledError(f"{name}: the loss is no scalar node that requires a gradient")
        leaves[:] = [x for x in toposort(loss) if x.op is None and x.requires_grad]
        if AFTER.on(leaves):
            raise NotCompiledError(f"{name}: a parameter has a hook, which a program does not call")
        return [loss, *gradients(loss, leaves)]

    recording = record(loss_and_gradients, list(data), [None] * len(data), name, marked=marked)
    if recording.draws and recording.guards:
        raise NotCompiledError(f"{name}: the model draws random numbers, and branches on values")
    reached = [(x, g) for x, g in zip(leaves, recording.outputs[1:], strict=True) if g.op is GRADIENT]
    captured = [x for x in toposort(recording.outputs) if x in recording.captured and x.op is None]
    by_leaf, gradients_by = [x for x, _ in reached], [g for _, g in reached]
    return LossRecording(function, list(data), name, recording, by_leaf, gradients_by, captured)


class GradientProgram:
    """A recorded loss as a program: it gives the loss, and writes the gradients into segments.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    traced : object
        The loss, as :func:`record_loss` gives it.
    segments : sequence of Segment
        Where leaves have their data and gradients; leaves that are in none are given gradients of their own.

    Attributes
    ----------
    others : list of node
        The leaves that are in no segment.
    renewals : list of int
        For each segment the count of arrays that its gradients have had, when the program was written last.
    """

    def __init__(self, traced: LossRecording, segments: Sequence[Segment]) -> None:
        self.traced, self.segments = traced, list(segments)
        inside = {leaf for segment in segments for leaf in segment.leaves}
        self.others = [leaf for leaf in traced.leaves if leaf not in inside]
        recording = traced.recording
        self._draws = recording.draws
        self._guards = [(kind, value) for _, kind, value in recording.guards]
        self._effects = [(write, len(nodes)) for write, nodes in recording.effects]
        self._marked: Lowered | None = None
        self._own: Sequence[X] = ()
        self._lowered = self._lower(traced, False)
        self._build()

    def _lower(self, traced: LossRecording, marked: bool) -> Lowered:
        """Loss, gradients, and what is looked at, as a program."""
        recording = traced.recording
        nodes = [node for node, _, _ in recording.guards]
        nodes += [node for _, each in recording.effects for node in each]
        return lower(recording, [recording.outputs[0], *traced.gradients, *nodes], marked)

    def _build(self) -> None:
        """Write the programs, for the segments' arrays as they are."""
        self.renewals = [segment.renewals for segment in self.segments]
        self._runnable = runnable = self._written(self._lowered)
        around = self.others or self._draws or self._guards or self._effects
        self._is_plain = not (around or runnable.captured or runnable.copies or runnable.stray)
        self._marked_runnable = None if self._marked is None else self._written(self._marked)

    @property
    def text(self) -> str:
        """The program, to be read."""
        return self._runnable.text

    def run(self, data: Sequence[X]) -> float | None:
        """The loss; the gradients are in the segments then. None if the function takes another way for these data."""
        if has_hook(self.traced.leaves):  # it was put there since, and only the function as it is calls it
            return None
        for i, segment in enumerate(self.segments):
            if segment.is_held:
                segment.leave_gradient()
            if segment.renewals != self.renewals[i]:
                self._build()
        token = ERROR_STATE.set(QUIET)
        try:
            if self._is_plain:
                results = self._runnable.run(*data)
                for segment in self.segments:
                    gradient = segment.gradient
                    if isnan(gradient.dot(gradient)):  # inf² is inf: a nan comes only of a nan
                        return float(self._marked_results(data)[0])
                return float(results[0])
            return self._run(data)
        finally:
            ERROR_STATE.reset(token)

    def quick(self, test: Callable[..., bool]) -> Callable[..., float | None] | None:
        """What :meth:`run` does of a plain program if a test of the data holds; else, and where a nan comes, None."""
        if not self._is_plain:
            return None
        run, gradients = self._runnable.run, [segment.gradient for segment in self.segments]

        def loss(*data: X) -> float | None:
            if BEFORE or AFTER or not test(*data):
                return None
            token = ERROR_STATE.set(QUIET)
            try:
                results = run(*data)
                for gradient in gradients:
                    if isnan(gradient.dot(gradient)):
                        return None
                return float(results[0])
            finally:
                ERROR_STATE.reset(token)

        return loss

    def _run(self, data: Sequence[X]) -> float | None:
        """The loss of a function that draws, branches, or has more to be done around it."""
        data = [*data, *(draw() for draw in self._draws)]
        results = self._runnable(data)
        own, n = len(self.others), len(self._guards)
        for (kind, value), x in zip(self._guards, results[1 + own :], strict=False):
            if (np.shape(x) if kind == "shape" else bool(x)) != value:
                return None
        gradients = [segment.gradient for segment in self.segments]
        if any(np.isnan(g).any() for g in (*gradients, *results[1 : 1 + own])):
            results = self._marked_results(data)
        self._own, rest = results[1 : 1 + own], results[1 + own + n :]
        for write, n in self._effects:
            write(*rest[:n])
            rest = rest[n:]
        return float(results[0])

    def _marked_results(self, data: Sequence[X]) -> tuple[X, ...]:
        """What comes out if structural zeros are kept: the numbers of a backward pass that meets a nan."""
        if self._marked_runnable is None:
            traced = self.traced
            given = data[: len(data) - len(self._draws)]
            self._marked = self._lower(record_loss(traced.function, given, traced.name, marked=True), True)
            self._build()
        return self._marked_runnable(data)  # type: ignore[misc]  # it was made just now

    def hand_out(self) -> None:
        """Set the gradients of all leaves; those of leaves that are in no segment add up, as in a backward pass."""
        for segment in self.segments:
            segment.hand_out()
        for leaf, g in zip(self.others, self._own, strict=True):
            leaf._grad = g if leaf._grad is None else leaf._grad + g

    def _written(self, low: Lowered) -> _Runnable:
        """A lowered program as code."""
        data = {leaf: part for s in self.segments for leaf, part in s.pairs(s.parts)}
        places = {leaf: part for s in self.segments for leaf, part in s.pairs(s.gradient_parts)}
        n = len(self.traced.leaves)
        by_leaf = dict(zip(self.traced.leaves, low.outputs[1 : n + 1], strict=True))
        outputs = [low.outputs[0], *(by_leaf[leaf] for leaf in self.others), *low.outputs[n + 1 :]]
        returned = set(outputs)
        into: dict[Variable, Array] = {}
        copies: list[tuple[Array, Array]] = []
        stray: list[tuple[Array, Variable]] = []
        for leaf, place in places.items():
            g = by_leaf[leaf]
            if g in into:
                copies.append((place, into[g]))
            elif g.function is None or g in returned:
                stray.append((place, g))
            else:
                into[g] = place
        fixed = {v: data[node] for node, v in low.captured if node in data}
        inputs = [*low.inputs, *(v for _, v in low.captured)]
        code = numpy_code([*outputs, *(g for _, g in stray), *into], inputs, name="gradients", fixed=fixed, into=into)
        captured = [node for node, _ in low.captured if node not in data]
        return _Runnable(code.make(), captured, copies, [place for place, _ in stray], code.text)


class _Runnable(NamedTuple):
    """A program of loss and gradients, and what is done around it.

    Attributes
    ----------
    run : callable
        The program.
    captured : list of node
        Whose data it takes after the inputs.
    copies : list of (array, array)
        Gradients that are another leaf's too: from where they are copied.
    stray : list of array
        Gradients that no instruction gives, as an input is one: the program returns them last.
    text : str
        The program's text.
    """

    run: Function
    captured: list[Node]
    copies: list[tuple[Array, Array]]
    stray: list[Array]
    text: str

    def __call__(self, inputs: Sequence[X]) -> tuple[X, ...]:
        results: tuple[X, ...] = self.run(*inputs, *(node._data for node in self.captured))
        for place, g in self.copies:
            place[...] = g
        if self.stray:
            n = len(results) - len(self.stray)
            for place, g in zip(self.stray, results[n:], strict=True):
                place[...] = g
            return results[:n]
        return results


def shared_leaf(data: Array) -> X:
    """A leaf that requires no gradient and has this very array for its data.

    It serves packages built on autograd, as nn is.
    """
    return made_leaf(NODE_CLASSES[type(data)], data)


def share(leaf: Node, data: Array) -> None:
    """Let a leaf have this very array for its data.

    It serves packages built on autograd, as nn is.
    """
    leaf._data = data
