"""The state of a thread or task: whether it records, and who watches."""

from __future__ import annotations

from _thread import allocate_lock
from contextvars import ContextVar
from typing import NamedTuple, NoReturn, Protocol

from autograd.typing import Function, X

__all__ = ["Block", "Mode", "current_mode", "is_grad_enabled", "mode", "run_in", "usual"]


class GraphNode(Protocol):
    """What a trace reads of a node."""

    @property
    def parents(self) -> tuple[GraphNode, ...]: ...
    @property
    def requires_grad(self) -> bool: ...
    def __hash__(self) -> int: ...


class RunningTrace(Protocol):
    """What a transform at work, an :class:`autograd.engine.trace.Trace`, is told: each way out of the graph.

    The compiler, which records a function, is told the same.
    """

    @property
    def outer(self) -> RunningTrace | None: ...
    def reaches(self, node: GraphNode, /) -> bool: ...
    def refuse(self, function: str, node: X, advice: str, /) -> NoReturn: ...
    def take(self, node: X, how: str, /) -> None: ...
    def branch(self, node: X, /) -> None: ...
    def store(self, node: X, how: str, /) -> None: ...
    def write(self, node: X, value: X, how: str, /) -> None: ...


class RunningWatch(Protocol):
    """What recording and the pass ask of anomaly detection, an :class:`autograd.engine.anomaly.Watch`.

    The compiler, which needs to know of each node too, stands in its place.
    """

    @property
    def checks(self) -> bool: ...
    @property
    def records_all(self) -> bool: ...  # under no_grad too
    @property
    def marked(self) -> bool: ...  # whether gradient graphs carry marks from the start
    def checking(self) -> RunningWatch: ...
    def objects(self, op: X, /) -> None: ...
    def refused(self, op: X, operands: X, /) -> None: ...
    def derive(self, node: X, /) -> X: ...
    def deferred(self, seeds: X, inputs: X, strict: bool, create_graph: bool, /) -> list[X] | None: ...
    def value(self, op: X, parents: X, result: X, /) -> None: ...
    def version(self, node: X, /) -> int: ...
    def seed(self, output: X, g: X, /) -> None: ...
    def gradient(self, node: X, g: X, position: int, contribution: X, total: X, /) -> None: ...


class Mode(NamedTuple):
    """The state of a thread or task."""

    recording: bool = True
    trace: RunningTrace | None = None  # the innermost transform's at work around it
    watch: RunningWatch | None = None  # what detect_anomaly asks about each value and gradient
    block: Block | None = None  # whose mode it is


class Block:
    """A ``with`` block that runs in a mode of its own, as long as its lock is held.

    So do the tasks that are started inside it.
    """

    __slots__ = ("handed", "lock", "outside")

    def __init__(self, outside: Mode | None) -> None:
        self.lock = allocate_lock()
        self.outside = outside
        self.handed = False  # whether somebody has the method that ends it


# None, the usual mode, stands for Mode(): comparing with None is all that recording then pays for it. The mode of a
# block that is over may stand here until somebody asks.
mode: ContextVar[Mode | None] = ContextVar("autograd.mode", default=None)
usual = mode.get


def current_mode() -> Mode | None:
    """The mode of this thread or task; None is the usual one."""
    state = mode.get()
    while state is not None and state.block is not None and not state.block.lock.locked():
        state = state.block.outside
        mode.set(state)
    return state


def run_in(new: Mode | None, call: Function, *args: object, **kwargs: object) -> X:
    """Call a function in a mode, and put back what was."""
    before = mode.get()
    try:
        try:
            mode.set(new)
            return call(*args, **kwargs)
        finally:
            mode.set(before)
    finally:  # where an interrupt comes at the first
        mode.set(before)


def is_grad_enabled() -> bool:
    """Whether ops are recorded here: not inside :class:`autograd.no_grad`.

    Examples
    --------
    >>> from autograd import is_grad_enabled
    >>> is_grad_enabled()
    True
    """
    state = current_mode()
    return state is None or state.recording
