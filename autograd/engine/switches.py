"""What changes the mode of a thread or task: ``with`` blocks and decorators, `no_grad` among them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncGenerator, Generator
from functools import partial, wraps
from opcode import opmap
from threading import local
from types import FrameType
from typing import TypeAlias, cast

from autograd.engine.modes import Block, Mode, current_mode, mode, run_in
from autograd.typing import F, Function

__all__ = ["ModeSwitch", "enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]
Steps: TypeAlias = Generator[object, object, object]  # of a generator function, or of what awaits a coroutine
_switch_to = mode.set

# From Python 3.14 on, a `with` statement asks by this instruction, and for `__exit__` before `__enter__`.
_LOAD_SPECIAL = opmap.get("LOAD_SPECIAL")


class _Waiting(local):
    """The blocks of a thread whose ``with`` statement has their end, and not yet their beginning."""

    def __init__(self) -> None:
        self.blocks: list[tuple[int, Block | None, Mode | None]] = []  # with the statement's frame


_waiting = _Waiting()


def _is_with(frame: FrameType) -> bool:
    """Whether a ``with`` statement asks that asks for ``__exit__`` first."""
    return _LOAD_SPECIAL is not None and frame.f_code.co_code[frame.f_lasti] == _LOAD_SPECIAL


def _new_block(switch: ModeSwitch) -> tuple[Block | None, Mode | None]:
    """A block inside a switch, and its mode; none where nothing changes, so that recording pays nothing."""
    outside = switch.outside()
    inside = switch.inside(outside)
    if inside is outside is None:
        return None, None
    block = Block(outside)
    recording, trace, watch, _ = inside or Mode()
    return block, Mode(recording, trace, watch, block)  # `_replace` takes five times as long


def _waiting_block(frame: FrameType) -> tuple[Block | None, Mode | None]:
    """That of which the ``with`` statement in a frame has the end; those above it were interrupted."""
    while True:
        asked_in, block, inside = _waiting.blocks.pop()
        if asked_in == id(frame):
            return block, inside


class _Enter:
    """Finds the mode inside a ``with`` block, and the method of the block's lock that puts it in force.

    A ``with`` statement asks for both methods before it calls the first. What it then calls are a lock's own methods,
    in C, so that no interrupt comes between: neither inside them, nor before or after the block. That is why leaving
    only opens the lock, and why the mode is put back by who asks next.
    """

    def __get__(self, switch: ModeSwitch | None, kind: type) -> Function:
        if switch is None:  # contextlib.ExitStack asks the class
            return lambda switch: switch.__enter__()
        frame = sys._getframe(1)
        block, inside = _waiting_block(frame) if _is_with(frame) else _new_block(switch)
        if block is None:
            return _resume
        mode.set(inside)
        return block.lock.__enter__


class _Exit:
    """Finds the method that ends the innermost block of which nobody has it yet."""

    def __get__(self, switch: ModeSwitch | None, kind: type) -> Function:
        if switch is None:
            return lambda switch, *error: switch.__exit__(*error)
        frame = sys._getframe(1)
        if _is_with(frame):
            block, inside = _new_block(switch)
            _waiting.blocks.append((id(frame), block, inside))
            if block is None:
                return _resume
            block.handed = True
            return block.lock.__exit__
        state = mode.get()
        block = state and state.block
        while block and block.handed:
            block = block.outside and block.outside.block
        if not block and state is switch.inside(None) is None:
            return _resume
        if not block:
            return partial(_left_already, kind.__name__)
        block.handed = True
        return block.lock.__exit__


def _resume(*_: object) -> None:
    """Begin or end a block that changes nothing."""
    _switch_to(None)


def _left_already(name: str, *_: object) -> None:
    raise RuntimeError(f"{name}: there is no block to leave")


class ModeSwitch:
    """A context manager, and a decorator of functions, that changes the mode of the thread or task inside it.

    Threads and tasks may share one.
    """

    def __init__(self, *args: object) -> None:
        if args:
            name = type(self).__name__
            raise TypeError(f"{name} takes no arguments: write `with {name}():`, or `@{name}()` above a function")

    def outside(self) -> Mode | None:
        """The mode to return to."""
        return current_mode()

    def inside(self, state: Mode | None) -> Mode | None:
        """The mode inside, from that outside."""
        raise NotImplementedError

    __enter__, __exit__ = _Enter(), _Exit()

    def __call__(self, function: F) -> F:
        """The function, run inside; of a generator or a coroutine each step, and in between it is as its caller has it.

        What a generator function or a coroutine function makes is one too.
        """
        run: Function
        if inspect.isasyncgenfunction(function):

            async def run(*args: object, **kwargs: object) -> AsyncGenerator[object, object]:
                inner, steps = function(*args, **kwargs), _Steps(self)
                resume: Steps = inner.asend(None)
                try:
                    while True:
                        item = await _Stepwise(resume, steps)
                        try:
                            resume = inner.asend((yield item))
                        except GeneratorExit:
                            await _Stepwise(inner.aclose(), steps)
                            raise
                        except BaseException as error:
                            resume = inner.athrow(error)
                except StopAsyncIteration:
                    return

        elif inspect.isgeneratorfunction(function):

            def run(*args: object, **kwargs: object) -> Steps:
                return (yield from _stepwise(function(*args, **kwargs), _Steps(self)))

        elif inspect.iscoroutinefunction(function):

            async def run(*args: object, **kwargs: object) -> object:
                return await _Stepwise(function(*args, **kwargs), _Steps(self))

        else:

            def run(*args: object, **kwargs: object) -> object:
                return run_in(self.inside(current_mode()), function, *args, **kwargs)

        return cast(F, wraps(function)(run))


class _Steps:
    """Runs the steps of a generator inside a switch; blocks of its own that stay open from one to the next stay so."""

    def __init__(self, switch: ModeSwitch) -> None:
        self.switch = switch
        self.base: Mode | None = None  # that of the last step
        self.open: Mode | None = None  # that of the innermost block which it left open

    def run(self, step: Function, *args: object) -> object:
        """One step, from one yield to the next."""
        return run_in(self.switch.inside(current_mode()), self._step, step, *args)

    def _step(self, step: Function, *args: object) -> object:
        base = mode.get()
        outermost = self.open and self.open.block
        while outermost and outermost.outside is not self.base:
            outermost = outermost.outside and outermost.outside.block
        if outermost:
            outermost.outside = base
            mode.set(self.open)
        self.base = base
        try:
            return step(*args)
        finally:
            top = current_mode()
            self.open = None if top is base else top


def _stepwise(inner: Steps, steps: _Steps) -> Steps:
    """A generator (or what a coroutine is awaited by), each step of which runs inside a switch."""
    try:
        item = steps.run(inner.send, None)
        while True:
            try:
                sent = yield item
            except GeneratorExit:
                steps.run(inner.close)
                raise
            except BaseException as error:
                item = steps.run(inner.throw, error)
            else:
                item = steps.run(inner.send, sent)
    except StopIteration as stop:
        return stop.value


class _Stepwise:
    """An awaitable, each step of which runs inside a switch."""

    def __init__(self, inner: Steps, steps: _Steps) -> None:
        self.inner, self.steps = inner, steps

    def __await__(self) -> Steps:
        return _stepwise(self.inner, self.steps)


class no_grad(ModeSwitch):  # noqa: N801  PyTorch's name
    """Switch recording off: results are constants, and ``p -= lr * p.grad`` updates the leaf `p` itself.

    A context manager, or a decorator of a function, a generator function or a coroutine function. Threads and tasks may
    share one.

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

    recording = False

    def inside(self, state: Mode | None) -> Mode | None:
        """The mode inside."""
        new = Mode(self.recording) if state is None else Mode(self.recording, state.trace, state.watch, state.block)
        return None if new == Mode() else new


class enable_grad(no_grad):  # noqa: N801
    """Switch recording on inside :class:`no_grad`.

    Examples
    --------
    >>> from autograd import Value, enable_grad, no_grad
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     with enable_grad():
    ...         y = x * x
    >>> y.requires_grad
    True
    """

    recording = True


class inference_mode(no_grad):  # noqa: N801
    """Another name for :class:`no_grad`; with ``mode=False`` for :class:`enable_grad`.

    Examples
    --------
    >>> from autograd import Value, inference_mode
    >>> x = Value(2.0)
    >>> with inference_mode():
    ...     y = x * x
    >>> y.requires_grad
    False
    """

    def __init__(self, mode: bool = True) -> None:
        self.recording = not mode


class set_grad_enabled(no_grad):  # noqa: N801
    """Switch recording on or off: from the call on, or inside a ``with`` block or a function below it.

    Examples
    --------
    >>> from autograd import Value, is_grad_enabled, set_grad_enabled
    >>> with set_grad_enabled(False):
    ...     y = Value(2.0) * 3
    >>> y.requires_grad, is_grad_enabled()
    (False, True)
    """

    def __init__(self, mode: bool) -> None:
        self.recording = bool(mode)
        self._before = current_mode()
        _switch_to(self.inside(self._before))

    def outside(self) -> Mode | None:
        """The mode before the call."""
        return self._before

    def __call__(self, function: F) -> F:
        """The function, run inside; outside it is as before the call."""
        _switch_to(self._before)
        return super().__call__(function)
