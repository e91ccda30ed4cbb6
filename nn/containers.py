"""``Sequential`` and ``ModuleList``: modules in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self, overload

from nn._types import Output
from nn.module import Module

__all__ = ["ModuleList", "Sequential"]


class _ModuleSequence(Module):
    """Modules as the attributes ``"0"``, ``"1"``, ..., so that they are named by their positions."""

    def append(self, module: Module) -> Self:
        """Add a module at the end; returns the container."""
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: argument {len(self)} is {_describe(module)}")
        setattr(self, str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end; returns the container."""
        for module in modules:
            self.append(module)
        return self

    def __iter__(self) -> Iterator[Module]:
        # The attributes are read directly, without the search of named_children, because every forward pass iterates.
        return (x for x in vars(self).values() if isinstance(x, Module))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @overload
    def __getitem__(self, key: int) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> Self: ...
    def __getitem__(self, key: int | slice) -> object:
        modules = list(self)
        if isinstance(key, slice):
            return self._slice(modules[key])
        try:
            return modules[key]
        except IndexError:
            raise IndexError(f"{type(self).__name__}: there is no module {key}; it has {len(modules)}") from None

    def __setitem__(self, key: int, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: what is put at {key} is {_describe(module)}")
        setattr(self, str(range(len(self))[key]), module)

    def _slice(self, modules: list[Module]) -> Module:
        return type(self)().extend(modules)


class Sequential(_ModuleSequence):
    """Modules one after the other, each of which takes the result of the one before.

    Parameters
    ----------
    *modules : Module
        In order; they are named ``"0"``, ``"1"``, ...

    Raises
    ------
    TypeError
        If one is not a module.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Linear(3, 10), nn.Sigmoid(), nn.Linear(10, 1))
    >>> net
    Sequential(
      0: Linear(weight: (10, 3), bias: (10,))
      1: Sigmoid()
      2: Linear(weight: (1, 10), bias: (1,))
    )
    >>> len(net), net[-1].out_features, len(net[:2])
    (3, 1, 2)
    """

    def __init__(self, *modules: Module) -> None:
        self.extend(modules)

    def forward(self, x: Any) -> Output:
        """The last module's result for `x`, which the first module takes."""
        for module in vars(self).values():
            if isinstance(module, Module):
                x = module(x)
        return x

    def _slice(self, modules: list[Module]) -> Sequential:
        return Sequential(*modules)  # A part of an MLP is no MLP.


class ModuleList(_ModuleSequence):
    """A list of modules whose parameters belong to the module that has it as an attribute.

    Parameters
    ----------
    modules : iterable of Module
        In order.

    Raises
    ------
    TypeError
        If one is not a module.

    Examples
    --------
    >>> import nn
    >>> layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    >>> len(layers.append(nn.Tanh())), layers[-1]
    (4, Tanh())
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.extend(modules)


def _describe(x: object) -> str:
    if isinstance(x, type) and issubclass(x, Module):
        return f"a class: write {x.__name__}(...), which makes a module of it"
    if isinstance(x, dict):
        return "a dict: write Sequential(*modules.values()); modules are named by their places"
    if isinstance(x, (list, tuple)):
        return f"a {type(x).__name__}: write Sequential(*modules)"
    if callable(x):
        return "a function, not a module: use nn.Sigmoid() and the like, or a Module whose forward calls it"
    return f"{x!r}, not a module"
