"""The arrows of a backward pass, and what is written on them, for the pictures of both passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.node import Node
from autograd.graph import Contribution, Step, explaining, formatting, formulas, wording
from autograd.namespaces import arrays
from autograd.typing import Data
from autograd.viz.folding import Item, alike
from autograd.viz.node_html import Cards

__all__ = ["COLUMNS", "Arrow", "Pass", "name_and_numbers", "signed"]

COLUMNS = 40  # a longer formula is cut off
SUMMANDS = 4  # of more contributions, a card says how many they are


class Arrow(NamedTuple):
    """A contribution to the gradient of an operand; of a folded item, the first of many."""

    operand: Item
    slot: int
    step: Step
    contribution: Contribution
    alike: bool = True  # whether one formula is that of all


class Pass:
    """A backward pass by the items of a picture, and the texts of its arrows."""

    def __init__(
        self, items: Sequence[Item], walked: Sequence[Step], names: Mapping[Node, str], precision: int
    ) -> None:
        self.names, self.precision = names, precision
        self.of = {node: item for item in items for node in item.members}
        self.steps: dict[Item, list[Step]] = {}
        self.received: dict[Node, list[Contribution]] = {}  # in the order in which they are added
        for step in walked:
            self.steps.setdefault(self.of[step.node], []).append(step)
            for c in step.contributions:
                self.received.setdefault(c.parent, []).append(c)
        self.texts = formulas.Texts(names, precision, wording.text)

    def arrows(self, item: Item) -> list[Arrow]:
        """The arrows that leave an item backwards: one for each operand and slot."""
        parts: dict[Any, list[tuple[Step, Contribution]]] = {}
        for step in self.steps.get(item, ()):
            for c in step.contributions:
                parts.setdefault((self.of[c.parent], c.slot), []).append((step, c))
        return [
            Arrow(operand, slot, *several[0], alike=alike([step.node for step, _ in several]))
            for (operand, slot), several in parts.items()
        ]

    def formula(self, arrow: Arrow) -> str:
        """Write what becomes of a gradient on an arrow of a folded item; dots where that differs."""
        return self.texts.derivative_of_any(arrow.step.node, arrow.slot) if arrow.alike else "⋯"

    def factor(self, arrow: Arrow) -> Iterator[str]:
        """Write by what a gradient is multiplied, ``× w = 0.5``, or what becomes of it, ``Wᵀ @ g``."""
        node, slot = arrow.step.node, arrow.slot
        single = len(self.of[node].members) == 1
        if not arrow.alike or not formulas.is_factor(node, slot):
            formula = self.texts.derivative(node, slot) if single else self.formula(arrow)
            yield formatting.elide(formula, COLUMNS)
            return
        local = self.texts.derivative(node, slot, local=True, within=5)
        if not single:
            yield formatting.elide(f"× {self.texts.derivative_of_any(node, slot, local=True, within=5)}", COLUMNS)
            return
        value = arrays.quietly(explaining.factor, node, slot, spread=False)
        lines = formatting.numbers(value, self.precision)
        # The numbers of an array that has a name stand on its own card.
        named = np.ndim(value) > 0 and not getattr(formulas.derivative(node, slot, local=True), "args", True)
        if not lines or named or lines in ([local], [local[1:-1]]):
            yield formatting.elide(f"× {local}", COLUMNS)
        else:
            yield from name_and_numbers(f"× {local}", lines, SHORT)

    def gradient_lines(self, item: Item, cards: Cards, summands: int | None = SUMMANDS) -> list[str]:
        """Write the gradient of an item, with so many at most of those that it is the sum of, or alone."""
        steps = self.steps.get(item)
        if not steps:
            return []
        node, gradient = steps[0].node, steps[0].gradient
        if len(item.members) > 1:
            return [cards.gradient_norm([step.gradient for step in steps])]
        first, *others = cards.labelled_value(cards.derivative(node), gradient)
        parts = [c.value for c in self.received.get(node, ())]
        if len(parts) < 2 or summands is None:
            return [first, *others]
        if np.ndim(gradient) or len(parts) > summands:
            return [f"{first}, sum of {len(parts)}", *others]
        start = formatting.number(float(parts[0]), self.precision)
        return [first, " ".join(["=", start, *(signed(part, self.precision) for part in parts[1:])])]

    def sentence(self, arrow: Arrow) -> str:
        """Write the chain rule at an arrow, with numbers, for a tooltip."""
        c, step = arrow.contribution, arrow.step
        parts = dict.fromkeys([c.formula, c.numbers, formatting.value_text(c.value, self.precision)])
        note = f" ({c.note})" if c.note else ""
        rule = f"{formatting.partial(step.output, step.names[c.parent])} += {' = '.join(parts)}{note}"
        return self.of[step.node].description(rule)


def signed(part: Data, precision: int) -> str:
    """A summand: ``+ 3`` or ``− 3``."""
    text = formatting.number(float(part), precision)
    return f"− {text[1:]}" if text.startswith(formatting.MINUS) else f"+ {text}"


SHORT = 16  # so many columns of a label stay on one line


def name_and_numbers(name: str, lines: Sequence[str], columns: int = COLUMNS) -> Iterator[str]:
    """Write a name with its number or vector on one line, or with the rows of a matrix below it."""
    name = formatting.elide(name, COLUMNS)
    if len(lines) == 1 and formatting.columns(name + lines[0]) < columns:
        yield f"{name} = {lines[0]}"
    elif len(lines) == 1:
        yield from (name, f"= {lines[0]}")
    else:
        yield from (f"{name} =", *lines)
