"""The random generators that a function may draw from, put back to their state when it was only recorded."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pickle import dumps
from types import BuiltinMethodType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple, Self

from autograd.callers import is_of_ours
from autograd.engine.node import Node
from autograd.engine.op import Op

__all__ = ["Generators"]

LIMIT = 10_000  # objects that are looked through, the nearest first; a model of a hundred layers has some 2,000
_PLAIN = (str, bytes, int, float, complex, type(None), ModuleType, Node, Op)
_OURS = {"autograd", "nn"}
# What is defined there holds no generator of a user's.
_OPAQUE = sys.stdlib_module_names | {"autograd", "numpy"}


class Generators:
    """A block at the end of which each generator has the state that it had when it was noted.

    Python's own and NumPy's global one are noted as soon as a function holds code that is not ours. Without it nobody
    draws from them but other threads, which are not to be disturbed.

    It serves packages built on autograd, as nn is.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.compiler import Generators
    >>> rng = np.random.default_rng(0)
    >>> with Generators() as generators:
    ...     generators.note(rng.random)
    ...     drawn = rng.random()
    >>> rng.random() == drawn
    True
    """

    def __init__(self) -> None:
        self._seen: dict[int, object] = {}
        self._noted: list[_Noted] = []
        self._has_globals = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for generator in self._noted:
            generator.write(generator.state)

    def states(self) -> list[bytes]:
        """The states that they have now, to see whether somebody draws."""
        return [dumps(generator.read()) for generator in self._noted]

    def note(self, function: object) -> None:
        """Note the state of each generator that a function holds: in what it captures, and in globals that it reads."""
        queue = deque([function])
        while queue:
            thing = queue.popleft()
            if len(self._seen) >= LIMIT:
                self._note_globals()
                return
            if isinstance(thing, _PLAIN) or id(thing) in self._seen:
                continue
            self._seen[id(thing)] = thing  # kept, so that no other has its id
            if callable(thing) and str(getattr(thing, "__module__", "")).partition(".")[0] not in _OURS:
                self._note_globals()
            generator = _generator(thing)
            if generator is not None:
                self._noted.append(generator)
            else:
                queue.extend(_parts(thing))

    def _note_globals(self) -> None:
        if self._has_globals:
            return
        self._has_globals = True
        for name, read, write in (("random", "getstate", "setstate"), ("numpy.random", "get_state", "set_state")):
            if name in sys.modules:  # else nobody can have drawn
                module: Any = sys.modules[name]
                self._noted.append(_noted(getattr(module, read), getattr(module, write)))


class _Noted(NamedTuple):
    """A generator's functions that read and write its state, and the state to put back."""

    read: Callable[[], object]
    write: Callable[[object], object]
    state: object


def _noted(read: Callable[[], object], write: Callable[[object], object]) -> _Noted:
    return _Noted(read, write, read())


def _generator(thing: Any) -> _Noted | None:
    """A generator with the state that it has now; None if it is none."""
    numpy_random: Any = sys.modules.get("numpy.random")
    if numpy_random is not None:
        if isinstance(thing, numpy_random.Generator):
            thing = thing.bit_generator
        if isinstance(thing, numpy_random.BitGenerator):
            return _noted(partial(getattr, thing, "state"), partial(setattr, thing, "state"))
        if isinstance(thing, numpy_random.RandomState):
            return _noted(thing.get_state, thing.set_state)
    python_random: Any = sys.modules.get("random")
    if python_random is not None and isinstance(thing, python_random.Random):
        return _noted(thing.getstate, thing.setstate)
    return None


def _is_opaque(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).partition(".")[0] in _OPAQUE


def _parts(thing: Any) -> Iterator[object]:
    """What an object holds, as far as a function that has it would reach."""
    if isinstance(thing, dict):
        yield from thing.values()
    elif isinstance(thing, (tuple, list, set, frozenset, deque)):
        yield from thing
    elif isinstance(thing, FunctionType):
        for cell in thing.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # not yet bound
                continue
        yield from (thing.__defaults__, thing.__kwdefaults__, getattr(thing, "__wrapped__", None))
        if not (_is_opaque(thing) or is_of_ours(thing.__module__)):
            yield from (thing.__globals__.get(name) for name in _names(thing.__code__))
    elif isinstance(thing, partial):
        yield from (thing.func, thing.args, thing.keywords)
    elif isinstance(thing, type):
        if not (_is_opaque(thing) or is_of_ours(thing.__module__)):
            yield from vars(thing).values()
    elif isinstance(thing, (MethodType, BuiltinMethodType)):  # of a generator's too
        yield thing.__self__
        yield getattr(thing, "__func__", None)
    elif not hasattr(type(thing), "__dlpack__"):  # no array, also of another library
        kind = type(thing)
        if not _is_opaque(kind) or kind.__module__.startswith("autograd."):  # whose transforms hold functions
            yield getattr(thing, "__dict__", None)
            yield from (getattr(thing, name, None) for k in kind.__mro__ for name in vars(k).get("__slots__", ()))
            yield kind


def _names(code: CodeType) -> Iterator[str]:
    """The names that code reads, and the functions defined in it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
