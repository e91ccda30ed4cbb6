"""Both passes of a graph in time: a row for each step, or one for all, with the way back below each operand's name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from autograd.engine.node import Node
from autograd.viz import placing, style
from autograd.viz.backward_arrows import Pass
from autograd.viz.backward_cards import NARROWER
from autograd.viz.folding import Item
from autograd.viz.node_html import Cards, html
from autograd.viz.options import Settings
from autograd.viz.rows import RowsPicture, row_height

__all__ = ["StepsPicture"]

SMALL = 10  # the font size of texts about gradients
SUMMANDS = 2  # of more contributions, a card says how many they are
SIGN = style.line_height(SMALL) + 4  # points from top to bottom of a chip
LINE = style.line_height(SMALL) + 1  # and of each line below it, whose names may hold emoji


class StepsPicture(RowsPicture):
    """Writes DOT text: cards in rows, on which each operand has its name, and below it what goes back to it."""

    high = 500.0
    sign_margin = 3.0
    formula_widths = 160.0, 175.0, 190.0, 215.0, 240.0, 265.0, 300.0

    def __init__(
        self, items: Sequence[Item], walked: Pass, cards: Cards, inputs: set[Node], y: Node, settings: Settings
    ) -> None:
        self.walked = walked
        self.factors: dict[tuple[Item, int], list[str]] = {}  # what was written once
        no_modules: Mapping[str, str] = {}
        super().__init__(items, cards, inputs, {y}, replace(settings, direction="LR"), no_modules)

    @property
    def way(self) -> str:
        """What the legend says about the ways back."""
        return "below an operand or its sign stands what g becomes there"

    def named(self, item: Item, place: int) -> bool:
        """Whether an operand is named by a chip: each is, because what goes back to it stands below the name."""
        return True

    def can_be_inlined(self, item: Item) -> bool:
        """Whether an item can be part of a formula, in which only one gradient can come back to it."""
        uses = [o for user in self.users.get(item, []) for o in user.operands if o is item]
        return len(uses) == 1 and super().can_be_inlined(item)

    def factor(self, item: Item, place: int) -> list[str]:
        """Write what becomes of a gradient on its way back to an operand; nothing if none goes there."""
        if (item, place) not in self.factors:
            self.factors[item, place] = self._factor(item, place)
        return self.factors[item, place]

    def _factor(self, item: Item, place: int) -> list[str]:
        operand = item.operands[place]
        arrows = self.walked.arrows(item)
        back = [a for a in arrows if (a.slot == place if item.ordered else a.operand is operand)]
        lines = [line for arrow in back[:1] for line in self.walked.factor(arrow)]
        # The elements of an array would be wider than the card.
        return lines[:1] if any(np.ndim(arrow.step.gradient) for arrow in back) else lines

    def reference(self, item: Item, place: int) -> str:
        """Write the chip that stands for an operand, and below it what becomes of the gradient on its way there."""
        return _stacked(super().reference(item, place), self.factor(item, place))

    def sign(self, item: Item) -> list[str]:
        """Write an op's sign with its chips, all on one line."""
        if self.inlined:
            return []
        *parts, last = (part.removesuffix("&#160;") for part in super().sign(item))
        return [*(part if part.startswith("<TABLE") else _stacked(part) for part in parts), last or "&#160;"]

    def formula_lines(self, item: Item) -> list[list[str]]:
        """Break a formula into lines, and give each sign in it as much room below as the chips have."""
        lines = super().formula_lines(item)
        return [[piece if piece.startswith("<TABLE") else _stacked(piece) for piece in line] for line in lines]

    def sign_in_formula(self, item: Item, sign: str) -> str:
        """Write the sign of an op, and below it what becomes of the gradient on its way to its result."""
        if item not in self.inlined:
            return sign
        (user,) = self.users[item]
        return _stacked(sign, self.factor(user, user.operands.index(item)))

    def value_lines(self, item: Item) -> list[str]:
        """Write the lines of a card without its formula, with its gradient at the end."""
        brief = replace(self.cards, brief=True) if self.made(item) else self.writer(item)
        lines = self.walked.gradient_lines(item, brief, SUMMANDS if item.step is not None else None)
        return [*super().value_lines(item), *map(_small, lines)]

    def card_height(self, item: Item) -> float:
        """About how many points a card takes from top to bottom."""
        formulas = self.formula_lines(item) if self.inlined and self.made(item) else []
        return super().card_height(item) + sum(row_height(line) - 16 for line in formulas)

    def width(self, item: Item) -> float:
        """Points that a card takes across."""
        formula = self.inlined and self.made(item)  # of a fixed width
        return (1 if formula else NARROWER) * super().width(item)

    def nodes(self, item: Item) -> Iterator[str]:
        """Write a card, and for its tooltip the chain rule at each operand."""
        yield from super().nodes(item)
        gradient = " ".join(self.walked.gradient_lines(item, self.cards))
        seed = "seed" if not self.outputs.isdisjoint(item.members) else ""
        name = f"n{item.id}"
        sentence = ", ".join(filter(None, [self.titles[name], gradient, seed]))
        rules = (self.walked.sentence(arrow) for part in self.parts(item) for arrow in self.walked.arrows(part))
        self.titles[name] = "\n".join([sentence, *rules])

    def parts(self, item: Item) -> Iterator[Item]:
        """Yield an item, and all that its formula has inside."""
        yield item
        for o in dict.fromkeys(item.operands):
            if o in self.inlined:
                yield from self.parts(o)

    def arrows(self, item: Item) -> Iterator[str]:
        """Write an arrow for each operand in the same line, of two lanes if a gradient goes back."""
        back = {arrow.operand for part in self.parts(item) for arrow in self.walked.arrows(part)}
        for o in self.feeds(item):
            if self.line_of[o] is self.line_of[item]:
                look = {"dir": "both", **style.LANES} if o in back else style.FORTH
                yield f"\tn{o.id} -> n{item.id} [{style.attributes(look)}]\n"


def _stacked(sign: str, lines: Sequence[str] = ()) -> str:
    """Write a sign or a chip with lines about a gradient below it, or with room for one."""
    below = [_small(line) for line in lines or [" "]]
    if sign.startswith("<TABLE"):
        own = placing.text_width(sign) / placing.CLOSE + 11
    else:
        own = placing.text_width(sign, fixed=True) + 4
    texts = (max(placing.text_width(line) + 6, placing.text_width(line, fixed=True) + 3) for line in below)
    width = math.ceil(max(own, *texts))
    above = max(SIGN, placing.text_height(sign))
    height = above + LINE * len(below)
    rows = "".join(f'<TR><TD HEIGHT="{LINE}">{line}</TD></TR>' for line in below)
    # A table in a table would grow to the height of the card.
    look = f'FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}" BORDER="0" CELLBORDER="0" CELLSPACING="0"'
    return f'<TABLE {look} CELLPADDING="0"><TR><TD HEIGHT="{above}">{sign}</TD></TR>{rows}</TABLE>'


def _small(text: str) -> str:
    """Write a text about a gradient in Graphviz's HTML."""
    return f'<FONT POINT-SIZE="{SMALL}" COLOR="{style.GRADIENT_INK}">{html(text)}</FONT>'
