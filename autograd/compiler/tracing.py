"""Record a function for the compiler: run it on nodes in place of its numbers, twice, and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import NamedTuple

import numpy as np

from autograd.compiler.comparison import compared
from autograd.compiler.generators import Generators
from autograd.compiler.recorder import (
    Draw,
    Effect,
    Guard,
    Recorder,
    is_derivative,
    running,
)  # fmt: skip
from autograd.compiler.refusals import NotCompiledError
from autograd.compiler.requests import DifferentiatedError
from autograd.engine.anomaly import location_of
from autograd.engine.coercion import constant
from autograd.engine.modes import Mode, current_mode, run_in
from autograd.engine.node import Node
from autograd.namespaces import arrays
from autograd.tensor import Tensor
from autograd.transforms.containers import leaves
from autograd.typing import Array, Tree, X
from autograd.value import Value

__all__ = [
    "DRAWN", "LibraryTrace", "NotCompiledError", "Recording", "afterwards", "forbid", "fresh", "is_derivative",
    "keeps_effects", "location_of", "record",
]  # fmt: skip


#: The text of the error of a function that draws random numbers; it serves packages built on autograd, as nn is.
DRAWN = (
    "{name}: the function draws random numbers, which would be those of the first call for ever; pass them as "
    "arguments, or draw them with autograd.compiler.fresh"
)


class LibraryTrace:
    """One run of a function that a library traces: what it draws is an input of the trace, what it does comes later.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    drawn : sequence, optional
        What stands for what is drawn; without it, it is drawn, and left in `found`.

    Attributes
    ----------
    draws : list of callable
        Give what is drawn at each call.
    effects : list of pair
        What is called after each call, and on the data of which nodes.
    found : list of number or array
        What was drawn.
    """

    def __init__(self, drawn: Sequence[X] | None = None) -> None:
        self.draws: list[Draw] = []
        self.effects: list[tuple[Callable[..., object], list[X]]] = []
        self.found: list[X] = []
        self._drawn = None if drawn is None else iter(drawn)

    def draw(self, draw: Draw) -> X:
        """What a function gets that draws."""
        self.draws.append(draw)
        self.found.append(draw() if self._drawn is None else next(self._drawn))
        return self.found[-1]

    @contextmanager
    def running(self) -> Iterator[None]:
        """A block whose draws and effects are noted here."""
        token = _TRACE.set(self)
        try:
            yield
        finally:
            _TRACE.reset(token)


_TRACE: ContextVar[LibraryTrace | None] = ContextVar("library_trace", default=None)


class Recording(NamedTuple):
    """What a function did on nodes.

    It serves packages built on autograd, as nn is. :func:`record` makes it.

    Attributes
    ----------
    inputs : list of node
        What stands for the arguments, then for what is drawn at each call.
    draws : list of callable
        What is called at each call for the last of the inputs.
    result : container
        What the function returned.
    outputs : list of node
        The nodes in it, in the order of its leaves.
    guards : list of tuple
        A node, and what Python read of it: ``"bool"`` and whether it is true, or ``"shape"`` and its shape.
    effects : list of pair
        What is called after each call, and on the data of which nodes.
    captured : set of node
        The nodes that were made before, whose data are read anew at each call.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.compiler import record
    >>> recording = record(lambda x: x.sum() * 2, [np.ones(3)], ["x"], "double")
    >>> recording.inputs, recording.outputs
    ([Tensor([1., 1., 1.], label='x')], [Tensor(6., op='×')])
    """

    inputs: list[Node]
    draws: list[Draw]
    result: Tree
    outputs: list[Node]
    guards: list[Guard]
    effects: list[Effect]
    captured: set[Node]


def fresh(draw: Draw) -> X:
    """A number or an array that is drawn anew at each call of a compiled function: what `draw()` gives.

    Parameters
    ----------
    draw : callable
        Takes nothing, and returns a number or an array of the same shape and dtype each time.

    Returns
    -------
    number, array or node
        What `draw` returns; while a function is recorded, a node that stands for it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.compiler import fresh
    >>> rng = np.random.default_rng(0)
    >>> fresh(lambda: rng.random(3)).shape
    (3,)
    """
    recorder = running()
    if recorder is not None:
        return recorder.draw(draw)
    trace = _TRACE.get()
    return draw() if trace is None else trace.draw(draw)


def afterwards(write: Callable[..., object], *nodes: X) -> None:
    """Call `write` on the data of nodes: at once, or in a compiled function after each call.

    Parameters
    ----------
    write : callable
        Takes a number or an array for each node.
    *nodes : node, number or array
        Whose data it takes.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.compiler import afterwards
    >>> afterwards(print, Value(2.0) * 3, 1.0)
    6.0 1.0
    """
    recorder = running()
    if recorder is not None:
        recorder.effects.append((write, [n if isinstance(n, Node) else constant(n) for n in nodes]))
        return
    trace = _TRACE.get()
    if trace is not None:
        trace.effects.append((write, [n._data if isinstance(n, Node) else n for n in nodes]))
        return
    data = [n._data if isinstance(n, Node) else n for n in nodes]
    write(*[x.copy() if isinstance(x, np.ndarray) else x for x in data])


def keeps_effects() -> bool:
    """Whether a library traces a function, and what :func:`afterwards` gets is called after each run of the trace.

    It serves packages built on autograd, as nn is.

    Examples
    --------
    >>> from autograd.compiler import keeps_effects
    >>> keeps_effects()
    False
    """
    return _TRACE.get() is not None


def forbid(what: str) -> None:
    """Say that no program can do what comes next: a function that is being recorded then runs as it is instead.

    Parameters
    ----------
    what : str
        Who does what, for the warning.

    Examples
    --------
    >>> from autograd.compiler import forbid
    >>> forbid("logging needs numbers")  # where nothing is recorded, nothing happens
    """
    recorder = running()
    if recorder is not None:
        recorder.forbid(what)
    elif _TRACE.get() is not None:
        raise NotCompiledError(what)


def record(
    f: Callable[..., Tree],
    inputs: Sequence[float | Array],
    labels: Sequence[str | None],
    name: str,
    *,
    marked: bool = False,
    deferred: bool = True,
    recall: Callable[[int, Draw], X] = lambda place, draw: None,
) -> Recording:
    """Record a function of numbers and arrays: run it twice on nodes, and compare.

    Gradients are `deferred` to the program: a node stands for each; else they are recorded as graphs. `recall` gives
    what the call to be recorded has drawn already in a place, or None.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    f : callable
        The function, of as many arguments as there are inputs; it gives a node, or a container of nodes.
    inputs : sequence of float or array
        The numbers and arrays to run it on.
    labels : sequence of str or None
        The names of the inputs.
    name : str
        Who records, for messages.
    marked : bool
        Whether backward passes keep structural zeros with marks.
    deferred : bool
        Whether gradients are left to the program.
    recall : callable
        Takes the number of a draw and the function that draws.

    Raises
    ------
    TypeError
        If a value that depends on an input is taken out of the graph, or if the two runs differ: an error with the
        user's line.
    NotCompiledError
        If no program can do what it does.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.compiler import code_of, record
    >>> recording = record(lambda x: (x * x).sum(), [np.ones(3)], ["x"], "square")
    >>> run = code_of(recording, recording.outputs).make()
    >>> run(np.array([1.0, 2.0, 3.0]))
    (array(14.),)
    """

    def run(deferred_from: float, drawn: list[Node] | None = None) -> tuple[Recorder, Tree]:
        nodes = [_input(x, label) for x, label in zip(inputs, labels, strict=True)]
        recorder = Recorder(name, nodes, marked, deferred_from, drawn, generators, recall)
        try:
            mode = (current_mode() or Mode())._replace(trace=recorder, watch=recorder)
            result = arrays.quietly(run_in, mode, f, *nodes)
        except DifferentiatedError:
            # Those so far are recorded as graphs; a function that goes on so, like Newton's method, has all of them.
            return run(inf if deferred_from else recorder.requests, drawn)
        if recorder.failure is not None:
            raise recorder.failure
        return recorder, result

    with Generators() as generators:
        generators.note(f)
        first, result = run(0 if deferred else inf)
        outputs = _outputs(name, result)
        before = generators.states()
        try:
            second, other = run(first.deferred_from, first.inputs[len(inputs) :])
        except Exception as error:
            error.add_note(f"{name} ran the function once without this error, and then once more")
            raise
        captured = compared(name, first.summary(result), second.summary(other))
        if generators.states() != before:  # the second run draws nothing by `fresh`
            raise TypeError(DRAWN.format(name=name))
    return Recording(first.inputs, first.draws, result, outputs, first.guards, first.effects, captured)


def _input(x: float | Array, label: str | None) -> Node:
    if isinstance(x, float):
        return Value(float(x), label)
    return Tensor(x, label)


def _outputs(name: str, result: Tree) -> list[Node]:
    """The nodes in what a function returned."""
    outputs = []
    for y in leaves(result):
        if isinstance(y, Node):
            outputs.append(y)
        elif not isinstance(y, _PLAIN) or (isinstance(y, np.ndarray) and y.dtype.kind == "O"):
            raise NotCompiledError(f"{name}: the function returned {type(y).__name__}, which is no node")
    if not outputs:
        raise NotCompiledError(f"{name}: the function returned nothing that is made from its arguments")
    return outputs


# What a result may hold beside nodes: it is the same at each call.
_PLAIN = (int, float, np.generic, np.ndarray, str, type(None))
