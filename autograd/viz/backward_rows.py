"""The two passes in two rows: the forward graph, and below it the backward graph with a node for each derivative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from autograd.engine.contributions import positions_read
from autograd.engine.libraries import fetched
from autograd.engine.node import Node
from autograd.graph import Step, explaining, formatting
from autograd.namespaces import arrays
from autograd.viz import style
from autograd.viz.backward_arrows import COLUMNS, Arrow, Pass, name_and_numbers
from autograd.viz.folding import Item
from autograd.viz.node_html import OFF, Cards, chip, disc, html, table

__all__ = ["RowPicture", "row_guards"]


class RowPicture:
    """Writes DOT text: two rows of columns, each value above its gradient, each op above its derivative."""

    def __init__(
        self, items: Sequence[Item], walked: Pass, cards: Cards, inputs: set[Node], outputs: set[Node]
    ) -> None:
        self.items, self.walked, self.cards, self.inputs, self.outputs = items, walked, cards, inputs, outputs
        self.texts = walked.texts
        self.titles: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        """Write every node of both rows, and every arrow."""
        for item in self.items:
            yield from self.forward(item)
        for item, several in self.walked.steps.items():
            yield from self.backward(item, several)

    def forward(self, item: Item) -> Iterator[str]:
        """Write the card and the disc of an item, and the arrows to them."""
        i, node = item.id, item.members[0]
        role = style.role(node, self.inputs)
        lines = self.cards.value_lines(node)
        if len(item.members) > 1:
            lines = self.cards.group_lines(item.counted(item.members), item.members)
        elif node.op is not None:
            call = formatting.elide(f"{self.cards.names[node]} = {self.texts.call(node)}", COLUMNS)
            numbers = formatting.numbers(fetched(node.data), self.cards.precision)
            lines = [f"<B>{html(call)}</B>", *map(html, numbers or [formatting.shape(fetched(node.data))])]
            lines += self.cards.badge_lines(node)
        look = {**role.look, **style.OUTPUT} if node in self.outputs else role.look
        yield f'\tn{i} [label={table(lines)} id="n{i}" {style.attributes(look)}]\n'
        self.titles[f"n{i}"] = item.description(self.cards.tooltip(node, role))
        if node.op is None:
            return
        yield f'\top{i} [{disc(*item.op_text())} id="op{i}"]\n'
        for place, operand in enumerate(item.operands):
            yield f"\tn{operand.id} -> op{i} [weight={2 if place else 8}]\n"
        yield f"\top{i} -> n{i} [weight=8]\n"

    def backward(self, item: Item, several: Sequence[Step]) -> Iterator[str]:
        """Write the gradient and the derivative of an item, and the arrows to and from them."""
        i, node = item.id, several[0].node
        single, seed = len(item.members) == 1, node in self.outputs
        if single:
            lines = self.cards.labelled_value(self.cards.derivative(node), several[0].gradient)
        else:
            lines = [item.counted(several), self.cards.gradient_norm([step.gradient for step in several])]
        html_lines = [f"<B>{self.cards.gradient_line(lines[0])}</B>", *map(self.cards.gradient_line, lines[1:])]
        if seed:
            html_lines[-1] += f"&#160; {self.cards.gradient_line('seed')}"
        yield f'\tg{i} [label={table(html_lines)} id="g{i}" {style.attributes(style.GRADIENT)}]\n'
        self.titles[f"g{i}"] = ("seed: " if seed else "") + " ".join(lines)
        # The card and its gradient stand below one another, in this order.
        yield f"\t{{rank=same; n{i}; g{i}}}\n\tn{i} -> g{i} [style=invis]\n"
        arrows = self.walked.arrows(item)
        if not arrows:
            return
        sign, params = item.op_text()
        yield f'\td{i} [{_derivative_sign(sign)} id="d{i}"]\n'
        self.titles[f"d{i}"] = item.description(f"derivative of {sign} {params}".strip())
        yield f"\t{{rank=same; op{i}; d{i}}}\n\top{i} -> d{i} [style=invis]\n"
        # The arrows are written forwards and drawn backwards, so that both rows have the same columns.
        look = style.attributes(style.BACK)
        yield f"\td{i} -> g{i} [dir=back weight=8 {look}]\n"
        for place, arrow in enumerate(arrows):
            texts = self.label(arrow) if single else [_bold(self.walked.formula(arrow))]
            # The text gets a card of its own, because a dashed arrow may run behind it.
            label = table([chip([*texts], style.LABEL), OFF])
            yield f"\tg{arrow.operand.id} -> d{i} [dir=back weight={2 if place else 8} label={label} {look}]\n"
        for operand in dict.fromkeys(self.walked.of[n] for step in several for n in _reads(step.node)):
            yield f"\tn{operand.id} -> d{i} [{style.attributes(style.READ)}]\n"

    def label(self, arrow: Arrow) -> Iterator[str]:
        """Write an arrow's text: the formula, and the value of the local derivative, or of what the formula reads."""
        node, slot = arrow.step.node, arrow.slot
        formula = self.texts.derivative(node, slot)
        yield _bold(formula)
        if formula == "g":
            return
        factor = arrays.quietly(explaining.factor, node, slot, spread=False)
        if factor is not None:
            local = formatting.elide(self.texts.derivative(node, slot, local=True), COLUMNS)
            lines = formatting.numbers(factor, self.cards.precision)
            if lines and lines != [local]:
                yield from map(html, name_and_numbers(local, lines))
            return
        # A derivative that is no factor, such as a matrix product, shows the one value that it reads.
        op: Any = node.op
        positions = op.uses_with(node.params)[min(slot, len(op.argnames) - 1)]
        if len(positions) == 1 and not op.variadic:
            (j,) = positions
            read = node if j < 0 else node.parents[j]
            lines = formatting.numbers(fetched(read.data), self.cards.precision)
            name = self.cards.names[read]
            if lines:
                yield from map(html, name_and_numbers(name, lines) if name else lines)


def row_guards(items: Sequence[Item], places: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    """Keep the order of the upper row in a first layout, in both rows, by invisible lines between neighbours."""
    for above, below in (("n", "g"), ("op", "d")):
        columns: dict[float, list[tuple[float, str]]] = {}
        for item in items:
            if f"{above}{item.id}" in places:
                x, y = places[f"{above}{item.id}"]
                columns.setdefault(round(x, 1), []).append((-y, item.id))
        for column in columns.values():
            ids = [i for _, i in sorted(column)]
            for row in (above, below):
                for a, b in pairwise(f"{row}{i}" for i in ids if f"{row}{i}" in places):
                    yield f"\t{{rank=same; {a} -> {b} [style=invis]}}\n"


def _bold(formula: str) -> str:
    return f"<B>{html(formatting.elide('g · 1' if formula == 'g' else formula, COLUMNS))}</B>"


def _reads(node: Node) -> list[Node]:
    """The values that the derivatives of an op read according to the op table; among them maybe the result."""
    if node.op is None:
        return []
    return [node if j < 0 else node.parents[j] for j in sorted(positions_read(node), reverse=True)]


def _derivative_sign(sign: str) -> str:
    """The attributes of a derivative's hexagon: σ′ for a letter, ∂@ for a sign."""
    text = f"{sign}′" if sign.isalpha() else f"∂{sign}"
    size = style.disc(text, "")
    width = max(0.66, float(size["width"]) + 0.16)
    look = {**style.DERIVATIVE, "width": f"{width:.2f}", "fontsize": size["fontsize"]}
    return f"label=<{html(text)}> {style.attributes(look)}"
