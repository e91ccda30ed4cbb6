"""The formulas of one recorded op, as expressions that the op table writes when it is run on names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from autograd.graph import words
from autograd.namespaces import arrays, names
from autograd.node import Node

__all__ = ["bound", "call", "derivative", "described", "inserted", "note", "operands", "passes"]


def passes(node: Node, slot: int) -> bool:
    """Whether an op has a derivative by the argument in a slot; conditions, indices and mere shapes have none."""
    return node.op is not None and node.op.vjp(slot) is not None


def derivative(node: Node, slot: int, local: bool = False) -> Any:
    """What the gradient `g` of a result becomes as the gradient of the argument in a slot; in `x0`, `x1`, ..., `y`.

    `local` asks for the factor by which it is multiplied; only elementwise ops have one.
    """
    return _derivative(node.op, slot, local, tuple(p.shape for p in node.parents), (*node.params.items(),))


@lru_cache(maxsize=1024)
def _derivative(op: Any, slot: int, local: bool, shapes: Any, params: Any) -> Any:
    last = len(op.formulas) - 1
    formula = op.formulas[min(slot, last)]
    if op.variadic and slot >= last:
        formula = partial(formula, position=slot - last)
    args = [names.Shaped(f"x{i}", shape) for i, shape in enumerate(shapes)]
    return op.on_names(formula, names.Name("1" if local else "g"), args, dict(params))


def call(node: Node) -> Any:
    """How a result is computed from `x0`, `x1`, ...: the op's formula if it is one operation, else a call of the op."""
    op: Any = node.op
    args = [names.Shaped(f"x{i}", p.shape) for i, p in enumerate(node.parents)]
    formula = op.on_names(None, args=args, params=node.params)
    plain = [*map(id, args), *map(id, node.params.values())]
    if isinstance(formula, names.Name) and formula.args and all(id(a) in plain for a in formula.args):
        return formula
    return names.Name(op.symbol if op.symbol.isalpha() else op.name, *args)


def inserted(node: Node, write: Callable[[Node], tuple[int, str]], **others: str) -> dict[str, tuple[int, str]]:
    """What to write for the symbols of a node's formulas: something for each node, and texts such as that of `g`."""
    symbols = {f"x{i}": write(p) for i, p in enumerate(node.parents)} | {"y": write(node)}
    return symbols | {symbol: bound(text) for symbol, text in others.items()}


def operands(node: Node) -> dict[str, tuple[int, str]]:
    """What to write for the symbols of a node's formulas to mean any node of its op: the names of its operands."""
    op: Any = node.op
    last = len(op.argnames) - 1
    rest = [f"{op.argnames[last]}{i}" if op.variadic else op.argnames[last] for i in range(len(node.parents) - last)]
    return {f"x{i}": (names.ATOM, name) for i, name in enumerate([*op.argnames[:last], *rest])}


def bound(text: str) -> tuple[int, str]:
    """A text with its binding strength: what reads like a sum or a product needs brackets within one."""
    return (4 if text.startswith(words.MINUS) else 0 if set(text) & _SIGNS else names.ATOM), text


_SIGNS = frozenset(" +-*/·−@⊗")


def described(node: Node) -> tuple[int, str]:
    """The numbers of a node, to be put into a formula."""
    text = words.shown(node.data)
    return (4 if text.startswith(words.MINUS) else names.ATOM), text


def note(node: Node, slot: int, g: Any, masked: bool) -> str:
    """Why a contribution is not what the formula alone gives: a convention, or a mask; empty if it is."""
    op: Any = node.op
    unmasked = not masked or not op.elementwise or (g != 0.0 if type(g) is float else np.all(g))
    if unmasked and not op.singular:
        return ""
    data = [p.data for p in node.parents]
    arg = op.argnames[min(slot, len(op.argnames) - 1)]
    found = [s.why for s in op.singular if s.arg == arg and np.any(s.where(arrays, *data, **node.params))]
    if not unmasked:
        raw = arrays.quietly(op.vjp(slot), arrays, *map(np.float64, (g, node.data, *data)), **node.params)
        if np.any(np.equal(g, 0.0) & ~np.isfinite(raw)):
            found.append("a gradient of 0 stays 0 where the derivative is not finite")
    return "; ".join(found)
