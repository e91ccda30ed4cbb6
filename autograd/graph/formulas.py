"""The formulas of one recorded op, as expressions that the op table writes when it is run on names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.namespaces import arrays, names, notations

__all__ = [
    "Texts", "bind", "call", "derivative", "has_derivative", "is_factor", "is_whole", "note", "number_text",
    "operand_number", "read_operands", "symbols_of",
]  # fmt: skip


def has_derivative(node: Node, slot: int) -> bool:
    """Whether an op has a derivative by the argument in a slot; conditions, indices and mere shapes have none."""
    return node.op is not None and node.op.vjp(slot) is not None


def derivative(node: Node, slot: int, local: bool = False) -> Any:
    """What the gradient `g` of a result becomes as the gradient of the argument in a slot; in `x0`, `x1`, ..., `y`.

    Where the argument was broadcast, the sum that undoes it is part of it. `local` asks for the factor by which `g` is
    multiplied before; only elementwise ops have one.
    """
    shapes, params = tuple(p.shape for p in node.parents), (*node.params.items(),)
    formula = _derivative(node.op, slot, local, (node.shape, *shapes), params)
    return formula if local else names.summed(formula, _shape(node, slot), shapes[slot])


def is_factor(node: Node, slot: int) -> bool:
    """Whether the gradient of an argument is `g` times something: at an elementwise op that did not broadcast it."""
    return node.op is not None and node.op.elementwise and node.parents[slot].shape == node.shape


def is_whole(node: Node, slot: int) -> bool:
    """Whether the factor on `g` by itself has the shape of the argument: where `g` is 1, it is all there is."""
    if not node.ndim or not is_factor(node, slot):
        return not node.ndim
    factor = derivative(node, slot, local=True)
    shapes = {f"x{i}": p.shape for i, p in enumerate(node.parents)} | {"y": node.shape}
    return isinstance(factor, names.Name) and any(shapes.get(s) == node.shape for s in factor.reads())


def _shape(node: Node, slot: int) -> tuple[int, ...]:
    """The shape of what a derivative gives, before it is summed down to that of the argument."""
    op: Any = node.op
    if op.elementwise:
        return node.shape
    y = node.data
    c = arrays.quietly(op.vjp(slot), arrays, np.ones_like(y), y, *(p.data for p in node.parents), **node.params)
    return np.shape(c)


@lru_cache(maxsize=1024)
def _derivative(op: Any, slot: int, local: bool, shapes: Any, params: Any) -> Any:
    last = len(op.formulas) - 1
    formula = op.formulas[min(slot, last)]
    if op.variadic and slot >= last:
        formula = partial(formula, position=slot - last)
    shape, *others = shapes
    args = [names.Shaped(f"x{i}", other) for i, other in enumerate(others)]
    return op.on_names(formula, names.Shaped("1" if local else "g", shape), args, dict(params))


def call(node: Node) -> Any:
    """How a result is computed from `x0`, `x1`, ...: the op's formula if it is one operation, else a call of the op.

    Static arguments that differ from their defaults are written too.
    """
    op: Any = node.op
    args: list[Any] = [names.Shaped(f"x{i}", p.shape) for i, p in enumerate(node.parents)]
    formula = op.on_names(None, args=args, params=node.params)
    if len(args) > 1 and formula is args[0]:  # summed down to a shape that it has
        return formula
    params = formatting.nondefault_params(node)
    head = op.symbol if op.symbol.isalpha() else op.name
    if isinstance(formula, names.Name) and formula.args:
        if formula.head in ("getitem", notations.SUM):
            return formula
        inside = [a for a in formula.args if not notations.is_static(a)]
        plain = [*map(id, args), *map(id, node.params.values())]
        if all(id(a) in plain for a in inside):
            head, args = formula.head, inside
            params = {k: v for k, v in params.items() if not any(v is a for a in inside)}
    return names.Name(head, *args, *(notations.static(k, v) for k, v in params.items()))


def read_operands(node: Node) -> list[Node]:
    """What an op calculates with: of an operand that is left out, it reads the shape only."""
    if node.op is None:
        return []
    args = [names.Shaped(f"x{i}", p.shape) for i, p in enumerate(node.parents)]
    formula = node.op.on_names(None, args=args, params=node.params)
    read = formula.reads() if isinstance(formula, names.Name) else ()
    return [p for i, p in enumerate(node.parents) if f"x{i}" in read]


def operand_number(node: Node, slot: int) -> str:
    """Which operand is meant, in brackets, where an op has the same node for several; else nothing."""
    several = sum(p is node.parents[slot] for p in node.parents) > 1
    return f" (operand {slot + 1})" if several else ""


def symbols_of(node: Node, write: Callable[[Node], tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """What to write for the symbols of a node's formulas, by what is to be written for a node."""
    return {f"x{i}": write(p) for i, p in enumerate(node.parents)} | {"y": write(node)}


class Texts:
    """Formulas of recorded ops as texts, with the names of nodes put in, or their numbers."""

    def __init__(self, name_of: Mapping[Node, str], precision: int = 4) -> None:
        self.name_of, self.precision = name_of, precision

    def call(self, node: Node) -> str:
        """How a result is computed: ``W @ x``."""
        return notations.text(call(node), symbols_of(node, self._name))

    def derivative(self, node: Node, slot: int, local: bool = False, within: int = 0) -> str:
        """What the gradient `g` of a result becomes for an argument, ``g·cos(x)``; or the factor on it, ``cos(x)``."""
        return notations.text(derivative(node, slot, local), symbols_of(node, self._name), within)

    def call_in_numbers(self, node: Node) -> str:
        """How a result is computed: ``3·2``."""
        return notations.text(call(node), symbols_of(node, self._numbers))

    def derivative_in_numbers(self, node: Node, slot: int, g: Any) -> str:
        """What a gradient becomes for an argument: ``1·cos(3)``."""
        symbols = symbols_of(node, self._numbers) | {"g": number_text(g, self.precision)}
        return notations.text(derivative(node, slot), symbols)

    def derivative_of_any(self, node: Node, slot: int) -> str:
        """What the gradient becomes, for any node of the same op: in the names of the op's operands, ``g·b``."""
        op: Any = node.op
        symbols = {f"x{i}": (notations.ATOM, name) for i, name in enumerate(op.argument_names(len(node.parents)))}
        return notations.text(derivative(node, slot), symbols)

    def _name(self, node: Node) -> tuple[int, str]:
        name = self.name_of[node]
        return bind(name) if name else self._numbers(node)

    def _numbers(self, node: Node) -> tuple[int, str]:
        return number_text(node.data, self.precision)


def bind(text: str) -> tuple[int, str]:
    """A text with its binding strength: what reads like a sum or a product needs brackets within one."""
    return (4 if text.startswith(formatting.MINUS) else 0 if set(text) & _SIGNS else notations.ATOM), text


_SIGNS = frozenset(" +-*/·−@⊗")


def number_text(data: Any, precision: int = 4) -> tuple[int, str]:
    """Data as numbers, to be put into a formula, with how strongly they bind there."""
    text = formatting.value_text(data, precision)
    return (4 if text.startswith(formatting.MINUS) else notations.ATOM), text


def note(node: Node, slot: int, g: Any, masked: bool) -> str:
    """Why a contribution is not what the formula alone gives: a convention, or a mask; empty if it is."""
    op: Any = node.op
    unmasked = not masked or not op.elementwise or (g != 0.0 if type(g) is float else np.all(g))
    if unmasked and not op.conventions:
        return ""
    data = [p.data for p in node.parents]
    found: list[str] = op.conventions_at(slot, data, node.params)
    if not unmasked:
        raw = arrays.quietly(op.vjp(slot), arrays, *map(np.float64, (g, node.data, *data)), **node.params)
        if np.any(np.equal(g, 0.0) & ~np.isfinite(raw)):
            found.append("a gradient of 0 stays 0 where the derivative is not finite")
    return "; ".join(found)
