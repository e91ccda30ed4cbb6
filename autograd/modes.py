"""The state of a thread or task: whether it records, and who watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from autograd.anomaly import Watch

__all__ = ["Mode", "ModeSwitch", "current_mode", "entered", "no_grad"]


class Mode(NamedTuple):
    """The state of a thread or task."""

    recording: bool = True
    depth: int = 0  # the number of transforms at work around it
    watch: Watch | None = None  # what detect_anomaly asks about each value and gradient
    outside: Mode | None = None  # what a ModeSwitch found, and puts back


# None, the usual mode, stands for Mode(): comparing with None is all that recording then pays for it.
mode: ContextVar[Mode | None] = ContextVar("autograd.mode", default=None)
current_mode = mode.get
NOT_RECORDING = Mode(recording=False)


@contextmanager
def entered(new: Mode) -> Iterator[None]:
    """A mode, inside a block."""
    token = mode.set(new)
    try:
        yield
    finally:
        mode.reset(token)


class ModeSwitch(ContextDecorator):
    """A context manager, and a decorator of functions, that changes the mode of the thread or task inside it.

    The mode outside is kept in the mode inside, not in this object, which threads and tasks may share.
    """

    def __init__(self, *args: object) -> None:
        if args:
            name = type(self).__name__
            raise TypeError(f"{name} takes no arguments: write `with {name}():`, or `@{name}()` above a function")

    def changed(self, state: Mode | None) -> Mode:
        """The mode inside, from that outside."""
        raise NotImplementedError

    def __enter__(self) -> None:
        """Save the mode of this thread or task, and change it."""
        state = current_mode()
        new = self.changed(state)
        mode.set(new if state is None else new._replace(outside=state))

    def __exit__(self, *error: object) -> None:
        """Put the saved mode back."""
        state = current_mode()
        mode.set(state and state.outside)


class no_grad(ModeSwitch):  # noqa: N801  PyTorch's name
    """Switch recording off: results are constants, and ``p -= lr * p.grad`` updates the leaf `p` itself.

    A context manager, or a decorator of a function. Threads and tasks may share one.

    Examples
    --------
    >>> from autograd import Value, no_grad
    >>> p = Value(1.0)
    >>> (3 * p).backward()
    >>> with no_grad():
    ...     p -= 0.1 * p.grad
    >>> p
    Value(0.7, grad=3.0)
    """

    def changed(self, state: Mode | None) -> Mode:
        """The mode inside."""
        return NOT_RECORDING if state is None else state._replace(recording=False)
