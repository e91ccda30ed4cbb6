"""The random generators that a function may draw from, put back to their state when it was only recorded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Self

__all__ = ["Generators"]

LIMIT = 20_000  # objects that are looked through: parameters of a model are a few hundred
_OPAQUE = ("autograd", "builtins", "numpy")  # what is defined in these packages holds no generator of the user's


class Generators:
    """A block at the end of which each generator has the state that it had when it was noted.

    Python's own and NumPy's global one are noted at the beginning.
    """

    def __init__(self) -> None:
        self._seen: dict[int, object] = {}
        self._restore: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        for name, read, write in (("random", "getstate", "setstate"), ("numpy.random", "get_state", "set_state")):
            if name in sys.modules:  # else nobody can have drawn
                module: Any = sys.modules[name]
                self._restore.append(partial(getattr(module, write), getattr(module, read)()))
        return self

    def __exit__(self, *error: object) -> None:
        for restore in self._restore:
            restore()

    def note(self, function: object) -> None:
        """Note the state of each generator that a function holds: in what it captures, and in globals that it reads."""
        stack: list[Iterable[object]] = [[function]]
        while stack and len(self._seen) < LIMIT:
            for thing in stack.pop():
                if id(thing) in self._seen or isinstance(thing, (str, bytes, int, float, type(None), ModuleType)):
                    continue
                self._seen[id(thing)] = thing  # kept, so that no other has its id
                restore = _restore_of(thing)
                if restore is not None:
                    self._restore.append(restore)
                else:
                    stack.append(list(_parts(thing)))


def _restore_of(thing: Any) -> Callable[[], object] | None:
    """What puts a generator back to the state that it has now; None if it is none."""
    for module, kind in (("numpy.random", "Generator"), ("numpy.random", "RandomState"), ("random", "Random")):
        if module in sys.modules and isinstance(thing, getattr(sys.modules[module], kind)):
            if kind == "Generator":
                return partial(setattr, thing.bit_generator, "state", thing.bit_generator.state)
            if kind == "RandomState":
                return partial(thing.set_state, thing.get_state())
            return partial(thing.setstate, thing.getstate())
    return None


def _parts(thing: Any) -> Iterator[object]:
    """What an object holds, as far as a function that has it would reach."""
    if isinstance(thing, dict):
        yield from thing.values()
    elif isinstance(thing, (tuple, list, set, frozenset)):
        yield from thing
    elif isinstance(thing, FunctionType):
        for cell in thing.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # not yet bound
                continue
        yield thing.__defaults__
        yield thing.__kwdefaults__
        yield vars(thing)
        yield from (thing.__globals__.get(name) for name in _names(thing.__code__))
    elif isinstance(thing, MethodType):
        yield thing.__self__
        yield thing.__func__
    elif isinstance(thing, partial):
        yield from (thing.func, thing.args, thing.keywords)
    elif isinstance(thing, type):
        if thing.__module__.partition(".")[0] not in _OPAQUE:
            yield from list(vars(thing).values())
    else:
        yield getattr(thing, "__dict__", None)
        yield type(thing)
        if callable(thing) or not hasattr(thing, "__dict__"):
            yield getattr(thing, "__self__", None)  # of a method of a generator's, which is built in


def _names(code: CodeType) -> Iterator[str]:
    """The global names that code reads, and the functions defined in it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
