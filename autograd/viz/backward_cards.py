"""Both passes in one layout: a value is a card of two storeys, and each use of it an arrow of two lanes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from autograd.engine.node import Node
from autograd.viz import placing, style
from autograd.viz.backward_arrows import Arrow, Pass, signed
from autograd.viz.folding import Item
from autograd.viz.node_html import Cards, html, quoted, storeys

__all__ = ["CardPicture"]

GAP = 26.0  # points between two columns of cards, beside the factors
NARROWER = 0.92  # texts are narrower than what is left for them where the reader's fonts are not known
WAY = 30  # the weight of the arrows of a long way: drawn straight, it is no wider than each of its steps


class CardPicture:
    """Writes DOT text: cards with a value above its gradient, and arrows that lead forwards and backwards at once."""

    def __init__(
        self, items: Sequence[Item], walked: Pass, cards: Cards, inputs: set[Node], y: Node, direction: str | None
    ) -> None:
        self.items, self.walked, self.cards, self.inputs, self.y = items, walked, cards, inputs, y
        self.chips = placing.references(items)
        self.uses = Counter(operand for item in items for operand in item.operands)
        self.direction = direction or placing.best_direction(items, self.chips, self.width, GAP)
        self.titles: dict[str, str] = {}

    @property
    def way(self) -> str:
        """What the legend says about what stands on the arrows."""
        factors = (self.walked.factor(arrow) for item in self.items for arrow in self.walked.arrows(item))
        # An arrow may say by what a gradient is multiplied, or what else becomes of it.
        only = all(next(iter(lines)).startswith("×") for lines in factors)
        return "times what stands on the way" if only else "g becomes what stands on the way"

    @property
    def is_narrow(self) -> bool:
        """Whether a page is wide enough for the picture from left to right."""
        return placing.across(self.items, self.chips, self.width, GAP) <= placing.ROOM

    def width(self, item: Item) -> float:
        """Points that a card takes across, with the factors before it."""
        factors = [line for arrow in self.walked.arrows(item) for line in self.walked.factor(arrow)]
        before = max((style.inches(line, 12) for line in factors), default=0.0)
        sign = style.inches(item.op_text()[0], 16) if item.members[0].op else 0.0
        return NARROWER * (placing.text_width(self.label(item, "")) + 72 * (sign + before)) + placing.MARGIN

    def lines(self) -> Iterator[str]:
        """Write every card and every arrow."""
        for item in self.items:
            yield self.card(item)
        for item in self.items:
            yield from self.arrows(item)
        yield from self.column()

    def column(self) -> Iterator[str]:
        """Write the cards of leaves that are named by chips one behind another, or they would lie across the page."""
        apart = [item for item in self.items if item in self.chips]
        ranks = max(placing.ranks(self.items, self.chips).values()) + 1
        for a, b in pairwise(apart):
            if (apart.index(a) + 1) % ranks:
                yield f"\tn{a.id} -> n{b.id} [style=invis]\n"

    def card(self, item: Item) -> str:
        """Write a value with its gradient."""
        name, node = f"n{item.id}", item.members[0]
        role = style.role(node, self.inputs)
        look = {**role.look, **(style.OUTPUT if node is self.y else {}), **style.STOREYS}
        if role is style.INPUT:
            look["margin"] = style.BESIDE_THE_FOLD
        if self.in_order(item):
            look["ordering"] = "in"
        gradient = " ".join(self.gradient_lines(item))
        seed = ["seed"] if node is self.y else []
        sentence = ", ".join(filter(None, [self.cards.tooltip(node, role), gradient, *seed]))
        self.titles[name] = item.description(sentence)
        return f'\t{name} [label={self.label(item, self.direction)} id="{name}" {style.attributes(look)}]\n'

    def in_order(self, item: Item) -> bool:
        """Whether the first operand is to be on top: where the order matters, or can be kept without a crossing."""
        op = item.members[0].op
        if op is None or not item.ordered or len(item.operands) < 2:
            return False
        return not op.commutative or all(self.uses[o] == 1 or o in self.chips for o in item.operands)

    def label(self, item: Item, direction: str) -> str:
        """Write the label of a card, with the sign of its op in front if a direction says where that is."""
        node = item.members[0]
        lines = self.writer(item).value_lines(node)
        if len(item.members) > 1:
            lines = self.cards.group_lines(item.counted(item.members), item.members)
        gradient = [self.cards.gradient_line(line) for line in self.gradient_lines(item)]
        sign = item.op_text() if node.op and direction else ("", "")
        return storeys(lines, gradient, sign, beside=direction in ("LR", "RL"))

    def gradient_lines(self, item: Item) -> list[str]:
        """Write the gradient of a card, with the contributions that it is the sum of."""
        return self.walked.gradient_lines(item, self.writer(item))

    def arrows(self, item: Item) -> Iterator[str]:
        """Write an arrow for each use of an operand; if a gradient flows back over it, what becomes of it there."""
        back: dict[Item, list[Arrow]] = {}
        for arrow in self.walked.arrows(item):
            back.setdefault(arrow.operand, []).append(arrow)
        for place, operand in enumerate(item.operands):
            several = back.get(operand, [])
            if item.ordered:
                several, back[operand] = several[:1], several[1:]
            source = f"n{operand.id}"
            if operand in self.chips:
                source = f"r{item.id}_{place}"
                yield self.reference(source, operand, several)
            if not several:
                yield f"\t{source} -> n{item.id} [{style.attributes(style.FORTH)}]\n"
                continue
            name = f"f{item.id}_{place}"
            lines = dict.fromkeys(line for arrow in several for line in self.walked.factor(arrow))
            yield f'\t{name} [label={_label(lines)} id="{name}" {style.attributes(style.FACTOR)}]\n'
            self.titles[name] = "\n".join(map(self.walked.sentence, several))
            straight = self.on_the_way(item, place)
            look = f"weight={WAY} " if straight else ""
            yield f"\t{source} -> {name} [dir=back {look}{style.attributes(style.LANES)}]\n"
            yield f"\t{name} -> n{item.id} [weight={WAY if straight else 2} {style.attributes(style.LANES)}]\n"

    def writer(self, item: Item) -> Cards:
        """What writes a card: of the steps in time, which are many, only named arrays show their elements."""
        node = item.members[0]
        brief = item.step is not None and node.op is not None and not node.label
        return replace(self.cards, brief=True) if brief else self.cards

    def on_the_way(self, item: Item, place: int) -> bool:
        """Whether an arrow lies on the longest way through the steps in time, which is drawn straight."""
        if item.step is None or item.before:
            return False
        depths = [o.members[0]._depth for o in item.operands]
        return place == depths.index(max(depths))

    def reference(self, name: str, operand: Item, several: Sequence[Arrow]) -> str:
        """Write a chip with the name of a leaf and what this use of it contributes to its gradient."""
        node = operand.members[0]
        role = style.role(node, self.inputs)
        look = {**style.REFERENCE, "shape": "box", "fillcolor": role.look["fillcolor"], "color": role.look["color"]}
        look["fontsize"] = style.NODE["fontsize"]  # there are numbers on it
        parts = [arrow.contribution.value for arrow in several if not np.ndim(arrow.contribution.value)]
        gradient = [self.cards.gradient_line(signed(part, self.cards.precision)) for part in parts]
        self.titles[name] = self.cards.tooltip(node, role)
        label = storeys([f"<B>{html(self.cards.called(node))}</B>"], gradient, ("", ""), beside=False)
        return f'\t{name} [label={label} id="{name}" {style.attributes(look)}]\n'


def _label(lines: Iterable[str]) -> str:
    return '"{}"'.format(r"\n".join(quoted(line) for line in lines))
