"""The formulas of one recorded op: the expressions that the op table gives when it runs on names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np

from autograd.engine.conventions import conventions_at
from autograd.engine.libraries import fetched
from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.namespaces import arrays, names, notations
from autograd.typing import Data, Params, X

__all__ = [
    "Texts", "bind", "call", "derivative", "has_derivative", "is_factor", "is_whole", "note", "number_text",
    "operand_number", "read_operands", "symbols_of",
]  # fmt: skip


def has_derivative(node: Node, slot: int) -> bool:
    """Whether an op has a derivative by the argument in a slot; conditions, indices and mere shapes have none."""
    return node.op is not None and node.op.vjp(slot) is not None


def derivative(node: Node, slot: int, local: bool = False) -> X:
    """The formula of the gradient of the argument in a slot, in `g`, `x0`, `x1`, ... and `y`.

    Where the argument was broadcast, the formula ends in the sum that undoes it. With `local` it is the factor by which
    `g` is multiplied before that sum; only elementwise ops have one.
    """
    shapes, params = tuple(p.shape for p in node.parents), (*node.params.items(),)
    op: Any = node.op
    formula = _derivative(op, slot, local, (node.shape, *shapes), params)
    return formula if local else names.summed(formula, _shape(node, slot), shapes[slot])


def is_factor(node: Node, slot: int) -> bool:
    """Whether the gradient of an argument is a product with `g`: an elementwise op did not broadcast it."""
    return node.op is not None and node.op.elementwise and node.parents[slot].shape == node.shape


def is_whole(node: Node, slot: int) -> bool:
    """Whether the factor on `g` has the shape of the argument, so that it stands alone where `g` is 1."""
    if not node.ndim or not is_factor(node, slot):
        return not node.ndim
    factor = derivative(node, slot, local=True)
    shapes = {f"x{i}": p.shape for i, p in enumerate(node.parents)} | {"y": node.shape}
    return isinstance(factor, names.Name) and any(shapes.get(s) == node.shape for s in factor.reads())


def _shape(node: Node, slot: int) -> tuple[int, ...]:
    """The shape of what a vjp gives, before the sum that undoes a broadcast."""
    op: Any = node.op
    if op.elementwise:
        return node.shape
    y, *operands = (fetched(n.data) for n in (node, *node.parents))
    c = arrays.quietly(op.vjp(slot), arrays, np.ones_like(y), y, *operands, **node.params)
    return np.shape(c)


@lru_cache(maxsize=1024)
def _derivative(op: Any, slot: int, local: bool, shapes: Sequence[X], params: Params) -> X:
    last = len(op.formulas) - 1
    formula = op.formulas[min(slot, last)]
    if op.variadic and slot >= last:
        formula = partial(formula, position=slot - last)
    shape, *others = shapes
    args = [names.Shaped(f"x{i}", other) for i, other in enumerate(others)]
    return op.on_names(formula, names.Shaped("1" if local else "g", shape), args, dict(params))


def call(node: Node) -> X:
    """The formula of a result in `x0`, `x1`, ...: the op's own if it is one operation, else a call of the op.

    Static arguments are part of it unless they have their defaults.
    """
    op: Any = node.op
    args: list[X] = [names.Shaped(f"x{i}", p.shape) for i, p in enumerate(node.parents)]
    formula = op.on_names(None, args=args, params=node.params)
    if len(args) > 1 and formula is args[0]:  # a sum down to the shape that it already has
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
    """The operands whose values an op reads; of the others it reads the shape only."""
    if node.op is None:
        return []
    args = [names.Shaped(f"x{i}", p.shape) for i, p in enumerate(node.parents)]
    formula = node.op.on_names(None, args=args, params=node.params)
    read = formula.reads() if isinstance(formula, names.Name) else ()
    return [p for i, p in enumerate(node.parents) if f"x{i}" in read]


def operand_number(node: Node, slot: int) -> str:
    """Write which operand is meant, in brackets, where an op has the same node for several; else nothing."""
    several = sum(p is node.parents[slot] for p in node.parents) > 1
    return f" (operand {slot + 1})" if several else ""


def symbols_of(node: Node, write: Callable[[Node], tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Map the symbols of a node's formulas to texts, which `write` makes of each node."""
    return {f"x{i}": write(p) for i, p in enumerate(node.parents)} | {"y": write(node)}


class Texts:
    """Writes formulas of recorded ops, with the names of the nodes or with their numbers.

    For a picture, `write` may be :func:`autograd.graph.wording.text`.
    """

    def __init__(
        self, name_of: Mapping[Node, str], precision: int = 4, write: Callable[..., str] = notations.text
    ) -> None:
        self.name_of, self.precision, self.write = name_of, precision, write

    def call(self, node: Node) -> str:
        """Write how a result is computed: ``W @ x``."""
        return self.write(call(node), symbols_of(node, self._name))

    def derivative(self, node: Node, slot: int, local: bool = False, within: int = 0) -> str:
        """Write the gradient of an argument, ``g·cos(x)``, or the factor on `g`, ``cos(x)``."""
        return self.write(derivative(node, slot, local), symbols_of(node, self._name), within)

    def call_in_numbers(self, node: Node) -> str:
        """Write how a result is computed in numbers: ``3·2``."""
        return self.write(call(node), symbols_of(node, self._numbers))

    def derivative_in_numbers(self, node: Node, slot: int, g: Data) -> str:
        """Write the gradient of an argument in numbers: ``1·cos(3)``."""
        symbols = symbols_of(node, self._numbers) | {"g": number_text(g, self.precision)}
        return self.write(derivative(node, slot), symbols)

    def derivative_of_any(self, node: Node, slot: int, local: bool = False, within: int = 0) -> str:
        """Write the gradient of an argument for any node of the same op, in the names of its operands: ``g·b``."""
        op: Any = node.op
        symbols = {f"x{i}": (notations.ATOM, name) for i, name in enumerate(op.argument_names(len(node.parents)))}
        return self.write(derivative(node, slot, local), symbols, within)

    def _name(self, node: Node) -> tuple[int, str]:
        name = self.name_of[node]
        return bind(name) if name else self._numbers(node)

    def _numbers(self, node: Node) -> tuple[int, str]:
        return number_text(node.data, self.precision)


def bind(text: str) -> tuple[int, str]:
    """Add its binding strength to a text: one that reads like a sum or a product needs brackets within one."""
    return (4 if text.startswith(formatting.MINUS) else 0 if set(text) & _SIGNS else notations.ATOM), text


_SIGNS = frozenset(" +-*/·−@⊗")


def number_text(data: Data, precision: int = 4) -> tuple[int, str]:
    """Write data as numbers in a formula, with their binding strength."""
    text = formatting.value_text(data, precision)
    return (4 if text.startswith(formatting.MINUS) else notations.ATOM), text


def note(node: Node, slot: int, g: Data, alive: Data = None) -> str:
    """Why a contribution is not what the formula alone gives: a convention or a selection; empty if it is just that.

    `alive` says which elements of the gradient no selection dropped; None stands for all.
    """
    op: Any = node.op
    if alive is None and not op.conventions:
        return ""
    data = [fetched(p.data) for p in node.parents]
    reasons: list[str] = conventions_at(op, slot, data, node.params)
    if not np.all(True if alive is None else fetched(alive)):
        read = (np.float64(a) if type(a) is float else fetched(a) for a in (g, node.data, *data))  # which divide by 0
        c = arrays.quietly(op.vjp(slot), arrays, *read, **node.params)
        if not np.isfinite(c).all():
            reasons.append("what a selection dropped stays 0 where the derivative is not finite")
    return "; ".join(reasons)
