"""Nodes that a user makes of their operands, as micrograd's scripts do: ``Value(3.0, (a, b), "+")``."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import NoReturn

from autograd.engine.contributions import OneOf
from autograd.engine.fast import plainly
from autograd.engine.node import Node
from autograd.engine.op import Op
from autograd.messages import describe
from autograd.namespaces.marks import Mark
from autograd.namespaces.names import Name
from autograd.namespaces.notations import is_word
from autograd.typing import XP, Params, X

__all__ = ["Closure"]

_PRIMITIVE = "write it as a primitive: @autograd.primitive() above its formula, and f.defvjps(x=...)"


class Closure(Op[...]):
    """The op of one such node, whose derivative is what the user's function ``out._backward`` adds to the operands'.

    The function reads and writes gradients. A pass gives it gradients to write to, takes what it added, and puts back
    what was there; so a pass that writes nothing stays one, and an error changes no leaf.
    """

    opaque = True

    def __init__(self, node: Node, children: tuple[Node, ...], text: str) -> None:
        vars(self).update(_FIELDS)
        self.name = self.symbol = text or "made"
        self.text = text  # micrograd's `_op`
        self.node = weakref.ref(node)  # the graph has no cycle, unless the user's function is one
        self.children = children
        self.backward: Callable[[], object] | None = None

    def vjp(self, position: int) -> OneOf:
        """The derivative by an operand, one of the list for all."""
        return OneOf(self._added, position)

    def _added(self, xp: XP, g: X, y: X, *operands: X) -> list[float]:
        """What the user's function adds to the gradient of each operand, for the gradient `g` of the node."""
        node = self.node()
        if type(g) is Mark:
            raise TypeError  # `contributions` then asks without the mark
        if self.backward is None:
            text = f"{self._who()} has no derivative: set its _backward to a function, or {_PRIMITIVE}"
            raise TypeError(text) from None
        if isinstance(g, Node):
            raise TypeError(f"{self._who()} has a _backward that calculates with numbers, not with nodes; {_PRIMITIVE}")
        nodes = [*self.children, *([node] if node is not None else [])]
        before = {n: n._grad for n in nodes}
        try:
            for n in before:
                n._grad = None if n is not node else float(g)
            self.backward()
            added = {n: n._grad or 0.0 for n in self.children}
            return [added.pop(n, 0.0) for n in self.children]  # an operand that is there twice gets it once
        finally:
            for n, gradient in before.items():
                n._grad = gradient

    def _who(self) -> str:
        node = self.node()
        return f"{f'Value from {self.name!r}' if node is None else describe(node)}, made of its _children,"

    def uses_with(self, params: Params) -> tuple[frozenset[int], ...]:
        """Return that each derivative is assumed to read every value."""
        return (frozenset((-1, 0)),)

    def on_names(self, formula: X, g: X = None, args: X = None, params: Params | None = None) -> X:
        """The op as a function of the operands; its derivative is a function that is the user's."""
        args = [Name(a) for a in self.argument_names(2)] if args is None else args
        word = self.text if is_word(self.text) else "made"
        return Name(word, *args) if formula is None else Name(f"vjp_{word}", g, Name("y"), *args)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self._who()} holds a function, which pickle cannot write; {_PRIMITIVE}")


def made(xp: XP, *children: X) -> NoReturn:
    """Refuse to calculate: the user gave a number, and no formula for it."""
    raise TypeError(f"a node that was made of its _children has no formula to calculate it again; {_PRIMITIVE}")


# What the ops of all such nodes share; making each of a signature would take a hundred times as long.
_FIELDS = vars(Op(made, "made")) | {
    "formulas": (made,), "vjps": (made,), "backward_on_floats": plainly, "backward_on_arrays": plainly,
}  # fmt: skip
