"""``Snapshot``: what a model's code may read of Python's objects, and whether it is still what it was."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import zip_longest
from typing import TypeAlias

import numpy as np

from autograd import Tensor, Value
from autograd.compiler import IdentityTest
from nn._types import Array, Tree
from nn.kinds import requires_grad
from nn.module import Module
from nn.optim import Optimizer

__all__ = ["Snapshot"]

Key: TypeAlias = tuple[str, object]
_OWN = ("nn", "autograd", "builtins")
# The functions of these keep to their arguments, and nobody changes their classes.
_LIBRARIES = {*sys.stdlib_module_names, *_OWN, "numpy"} - {"__main__"}
_OPAQUE = (type, types.ModuleType, types.BuiltinFunctionType, np.random.Generator)
_NUMBERS = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)


class Snapshot:
    """The attributes of modules and of other objects, and what functions capture, through lists, tuples and dicts.

    Objects are compared by identity, numbers and texts by type and value, arrays by content; the buffers of modules may
    change in place.

    Attributes
    ----------
    key : list of (str, tuple)
        What the objects held, by path: equal for two snapshots between which nothing changed.
    modules : list of Module
        The modules that were met.
    test : IdentityTest
        Whether all is the very same, but for the contents of arrays.
    arrays : list of (array, bytes)
        Arrays that are no buffers, with their contents.
    """

    def __init__(self, roots: Mapping[str, object]) -> None:
        self._roots = roots
        self.key: list[Key] = []
        self.modules: list[Module] = []
        self.test = IdentityTest()
        self._is_same: Callable[[], bool] | None = None
        self.arrays: list[tuple[Array, bytes]] = []
        self._contents: list[tuple[Tree, Tree]] = []  # mutable containers, with copies
        self._seen: dict[int, object] = {}
        for path, x in roots.items():
            self._look(path, x)

    def __contains__(self, x: object) -> bool:
        return self._seen.get(id(x)) is x

    def holds(self) -> bool:
        """Whether all is the very same; if not, an equal snapshot may still be taken."""
        if self._is_same is None:
            self._is_same = self.test.made()
        try:
            if not self._is_same():
                return False
        except LookupError:
            return False
        return not self.arrays or all(array.tobytes() == content for array, content in self.arrays)

    def restored(self) -> str:
        """Put back what the containers held, and the arrays' numbers; returns the path of what had changed, or ""."""
        now = Snapshot(self._roots)
        if now.key == self.key:
            return ""
        for container, content in self._contents:
            if isinstance(container, list):
                container[:] = content
            else:
                container.clear()
                container.update(content)
        for array, numbers in self.arrays:
            array[...] = np.frombuffer(numbers, array.dtype).reshape(array.shape)
        pairs = zip_longest(self.key, now.key)
        return next((a or b)[0] for a, b in pairs if a != b)

    def _look(self, path: str, x: object) -> None:
        if isinstance(x, _NUMBERS):
            self.key.append((path, (type(x), repr(x))))
            return
        if id(x) in self._seen:
            self.key.append((path, ("again", id(x))))
            return
        self._seen[id(x)] = x
        if isinstance(x, (list, tuple)):
            self.key.append((path, (type(x), len(x))))
            self._enter(path, x, enumerate(x))
        elif isinstance(x, dict):
            self.key.append((path, (type(x), tuple(map(_name, x)))))
            self._enter(path, x, list(x.items()))
        elif isinstance(x, np.ndarray):
            self.key.append((path, (x.dtype.str, x.shape, x.tobytes() if x.dtype != object else id(x))))
            if x.dtype != object:
                self.arrays.append((x, x.tobytes()))
        elif isinstance(x, partial):
            self._look(path, (x.func, x.args, x.keywords))
        elif isinstance(x, types.MethodType):
            self.key.append((path, ("method", id(x.__func__))))
            self._look(path.removesuffix(f".{x.__name__}"), x.__self__)
            self._look(path, x.__func__)
        elif _root(type(x)) == "autograd" and hasattr(x, "__wrapped__"):  # compiled, for example
            self.key.append((path, (type(x), id(x))))
            self._look(path, x.__wrapped__)
        elif isinstance(x, types.FunctionType):
            self.key.append((path, ("function", id(x))))
            if _root(x) not in _LIBRARIES:
                self._enter_function(path, x)
        else:
            self.key.append((path, (type(x), id(x))))
            if isinstance(x, (Tensor, Value)):
                self.test.attribute(x, "requires_grad", x.requires_grad)
                self.key.append((path, ("requires_grad", x.requires_grad)))
            elif isinstance(getattr(x, "__dict__", None), dict) and not _is_opaque(x):
                known: tuple[str, ...] = ()
                if isinstance(x, Module):
                    known = self._enter_module(path, x)
                elif isinstance(x, Optimizer):
                    known = self._enter_optimizer(path, x)
                self._enter_object(path, x, known)

    def _enter_module(self, path: str, x: Module) -> tuple[str, ...]:
        """Look at a module's mode, hooks and buffers; returns the names of its attributes that these are."""
        self.modules.append(x)
        self.key.append((path, ("mode", x.training, x._hooks)))
        names = [name for name in x.buffer_names if not requires_grad(vars(x).get(name))]
        for name in names:
            if isinstance(array := vars(x).get(name), (np.ndarray, Tensor)):
                self.key.append((f"{path}.{name}", ("buffer", str(array.dtype), array.shape)))
        return ("training", "_hooks", *names)

    def _enter_optimizer(self, path: str, x: Optimizer) -> tuple[str, ...]:
        """Look at the groups of an optimiser, but not at their options; returns the attributes to leave out."""
        groups = x.param_groups
        self.test.size(groups)
        for i, group in enumerate(groups):
            self.test.item(groups, i, group).item(group, "params", group["params"])
            self._look(f"{path}.param_groups[{i}]", group["params"])
        return ("param_groups", "state", "defaults", "_has_warned", "_moves", "_opt_called", "_is_scheduled_early")

    def _enter_function(self, path: str, x: types.FunctionType) -> None:
        """Look at what a user's function captures: its defaults, its closure, and the globals that it reads."""
        for name, each in (("__defaults__", x.__defaults__), ("__kwdefaults__", x.__kwdefaults__)):
            if each is not None:
                self.test.attribute(x, name, each)
                self._look(f"{path}.{name}", each)
        for name, cell in zip(x.__code__.co_freevars, x.__closure__ or (), strict=True):
            try:
                content = cell.cell_contents
            except ValueError:  # It is not yet bound.
                continue
            self.test.attribute(cell, "cell_contents", content)
            self._look(f"{path}.{name}", content)
        for name in _names(x.__code__):
            if name in x.__globals__:
                self.test.item(x.__globals__, name, x.__globals__[name])
                self._look(name, x.__globals__[name])

    def _enter_object(self, path: str, x: object, known: tuple[str, ...]) -> None:
        """Look at an object's attributes, and at its class's, if that is a user's."""
        own = vars(x)
        self.key.append((path, ("attributes", tuple(name for name in own if name not in known))))
        self._enter(path, own, list(own.items()), known)
        called = _called(type(x))
        for kind in type(x).__mro__:
            if _root(kind) not in _LIBRARIES and id(kind) not in self._seen:
                self._seen[id(kind)] = kind
                members = vars(kind)
                self.key.append((path, ("class", id(kind), tuple(members))))
                methods = {name for name, x in members.items() if isinstance(x, types.FunctionType)}
                self._enter(kind.__name__, members, members.items(), methods - called)

    def _enter(
        self, path: str, container: Tree, items: Iterable[tuple[object, object]], known: Iterable[object] = ()
    ) -> None:
        """Look at what a container holds; of `known` names the identity is noted, and nothing else."""
        if not isinstance(container, tuple):
            self.test.size(container)
        if isinstance(container, (list, dict)):
            self._contents.append((container, container.copy()))
        for key, x in items:
            if not isinstance(container, tuple):  # A tuple is what it is.
                self.test.item(container, key, x)
            if key not in known:
                self._look(f"{path}.{key}", x)


def _name(key: object) -> object:
    return key if isinstance(key, _NUMBERS) else id(key)


def _root(x: object) -> str:
    """The package to which a class or a function belongs."""
    return str(x.__module__).partition(".")[0]


def _is_opaque(x: object) -> bool:
    return isinstance(x, _OPAQUE) or _root(type(x)) == "autograd"


def _names(code: types.CodeType) -> Iterator[str]:
    """The names that code and the functions defined in it read: of globals and of attributes."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _called(kind: type) -> set[str]:
    """The methods that run when an object is called, through each other: what the others capture decides nothing."""
    called: set[str] = set()
    names = ["forward", "__call__"]
    while names:
        name = names.pop()
        if name in called:
            continue
        called.add(name)
        methods = [vars(k).get(name) for k in kind.__mro__ if _root(k) not in _LIBRARIES]
        names += [n for method in methods if isinstance(method, types.FunctionType) for n in _names(method.__code__)]
    return called
