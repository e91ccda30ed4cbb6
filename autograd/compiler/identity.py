"""A test, written as code, of whether many things still are the very objects that they were."""

from __future__ import annotations

from collections.abc import Callable

from autograd.compiler.code import compiled_text
from autograd.typing import X

__all__ = ["IdentityTest"]


class IdentityTest:
    """Conditions that are put together and become one function; an error of it means that they do not hold.

    Examples
    --------
    >>> from autograd.compiler import IdentityTest
    >>> rates = {"lr": 0.1}
    >>> test = IdentityTest().item(rates, "lr", rates["lr"]).size(rates).made()
    >>> test()
    True
    >>> rates["lr"] = 0.2
    >>> test()
    False
    """

    def __init__(self) -> None:
        self._terms: list[str] = []
        self._names: dict[int, str] = {}
        self._scope: dict[str, X] = {}

    def _name(self, x: X) -> str:
        name = self._names.setdefault(id(x), f"x{len(self._names)}")
        self._scope[name] = x
        return name

    def _term(self, text: str) -> IdentityTest:
        self._terms.append(text)
        return self

    def item(self, container: X, key: X, x: X) -> IdentityTest:
        """``container[key] is x``."""
        return self._term(f"{self._name(container)}[{self._name(key)}] is {self._name(x)}")

    def same_item(self, container: X, key: X, other: X, other_key: X) -> IdentityTest:
        """``container[key] is other[other_key]``."""
        own, place, there = self._name(container), self._name(key), self._name(other)
        return self._term(f"{own}[{place}] is {there}[{self._name(other_key)}]")

    def size(self, container: X) -> IdentityTest:
        """``len(container)`` is what it is now."""
        return self._term(f"len({self._name(container)}) == {len(container)}")

    def attribute(self, x: X, name: str, value: X) -> IdentityTest:
        """``x.name is value``; the name is none of a user's."""
        return self._term(f"{self._name(x)}.{name} is {self._name(value)}")

    def holds(self, condition: Callable[[], bool]) -> IdentityTest:
        """``condition()``."""
        return self._term(f"{self._name(condition)}()")

    def made(self) -> Callable[[], bool]:
        """The test as a function."""
        conditions = "\n        and ".join(self._terms or ["True"])
        text = f"def test():\n    return (\n        {conditions}\n    )"
        made: Callable[[], bool] = compiled_text("test", text, self._scope)
        return made
