"""A test, written as code, of whether many things still are the very objects that they were."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd.compiler.code import compiled_text
from autograd.typing import Array, X

__all__ = ["IdentityTest"]


class IdentityTest:
    """Conditions that are put together and become one function; an error of it means that they do not hold.

    It serves packages built on autograd, as nn is.

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
        self._terms: list[tuple[str, tuple[X, ...]]] = []

    def item(self, container: X, key: X, x: X) -> IdentityTest:
        """``container[key] is x``."""
        return self._term("{}[{}] is {}", container, key, x)

    def same_item(self, container: X, key: X, other: X, other_key: X) -> IdentityTest:
        """``container[key] is other[other_key]``."""
        return self._term("{}[{}] is {}[{}]", container, key, other, other_key)

    def size(self, container: X) -> IdentityTest:
        """``len(container)`` is what it is now."""
        return self._term(f"len({{}}) == {len(container)}", container)

    def attribute(self, x: X, name: str, value: X) -> IdentityTest:
        """``x.name is value``; the name is none of a user's."""
        return self._term(f"{{}}.{name} is {{}}", x, value)

    def array(self, argument: str, x: Array) -> IdentityTest:
        """The argument of that name is an array of the shape and dtype of `x`."""
        self._term(f"type({argument}) is {{}}", np.ndarray)
        return self._term(f"{argument}.shape == {{}} and {argument}.dtype is {{}}", x.shape, x.dtype)

    def holds(self, condition: Callable[[], bool]) -> IdentityTest:
        """``condition()``."""
        return self._term("{}()", condition)

    def include(self, other: IdentityTest) -> IdentityTest:
        """All conditions of another test."""
        self._terms += other._terms
        return self

    def _term(self, text: str, *things: X) -> IdentityTest:
        self._terms.append((text, things))
        return self

    def made(self, *arguments: str) -> Callable[..., bool]:
        """The test as a function of arguments by these names."""
        names: dict[int, str] = {}
        scope: dict[str, X] = {}
        lines = []
        for text, things in self._terms:
            for x in things:
                scope[names.setdefault(id(x), f"x{len(names)}")] = x
            lines.append(text.format(*(names[id(x)] for x in things)))
        conditions = "\n        and ".join(lines or ["True"])
        text = f"def test({', '.join(arguments)}):\n    return (\n        {conditions}\n    )"
        made: Callable[..., bool] = compiled_text("test", text, scope)
        return made
