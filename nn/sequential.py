"""``Sequential``: modules one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, overload

from nn.module import Module

__all__ = ["Sequential"]


class Sequential(Module):
    """Modules one after the other, each given the result of the one before.

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
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(f"Sequential: argument {i} is {_what(module)}")
            setattr(self, str(i), module)

    def forward(self, x: Any) -> Any:
        """The last module's result for `x`."""
        for module in self:
            x = module(x)
        return x

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @overload
    def __getitem__(self, key: int) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> Sequential: ...
    def __getitem__(self, key: int | slice) -> Any:
        modules = list(self)
        if isinstance(key, slice):
            return Sequential(*modules[key])
        try:
            return modules[key]
        except IndexError:
            raise IndexError(f"Sequential: there is no module {key}; it has {len(modules)}") from None


def _what(x: Any) -> str:
    if isinstance(x, type) and issubclass(x, Module):
        return f"a class: write {x.__name__}(...), which makes a module of it"
    if isinstance(x, (list, tuple)):
        return f"a {type(x).__name__}: write Sequential(*modules)"
    if callable(x):
        return "a function, not a module: use nn.Sigmoid() and the like, or a Module whose forward calls it"
    return f"{x!r}, not a module"
