"""The cards of ``draw_network``: what comes into a neuron, what it makes of it, and its derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import NamedTuple

import numpy as np

from autograd.typing import Array
from autograd.viz import style
from autograd.viz.node_html import html
from autograd.viz.weighted_sums import Layer

__all__ = ["SPACE", "Card", "Write", "card", "left_out", "subscripted"]

SIZE = 10  # the height of a text, in points
ROW = style.line_height(SIZE)
SPACE = 3  # points between the parts of a card, and around them

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
Write = Callable[[float], str]


class Block(NamedTuple):
    """Rows of text on one ground, each with the attributes of its cell."""

    rows: Sequence[tuple[str, str]]
    fill: str = ""
    ink: str = style.INK

    def html(self, width: int) -> str:
        """Write it as a table of Graphviz's HTML, as wide as its column."""
        rows = "".join(
            f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{ROW}" {look}>'
            f'<FONT COLOR="{self.ink}">{html(text)}</FONT></TD></TR>'
            for text, look in self.rows
        )
        ground = f'BGCOLOR="{self.fill}" STYLE="ROUNDED"' if self.fill else ""
        return _table(rows, look=ground)


class Card(NamedTuple):
    """The card of a neuron: what comes in at its left, what becomes of it at its right, and a line below both."""

    left: Sequence[Block]
    values: Block
    gradients: Block
    below: str = ""

    @property
    def widths(self) -> tuple[int, int]:
        """The widths of both sides, in points."""
        left = max((_width(text) for block in self.left for text, _ in block.rows), default=0)
        right = max(_width(text) for text, _ in [*self.values.rows, *self.gradients.rows])
        return left, max(right, _width(self.below) - left - 2 * SPACE) if self.below else right

    @property
    def height(self) -> int:
        """The height in points."""
        sides = [
            sum(ROW * len(block.rows) + SPACE for block in side if block.rows)
            for side in (self.left, (self.values, self.gradients))
        ]
        return max(sides) + SPACE + bool(self.below) * (ROW + 2 * SPACE)

    def label(self, widths: tuple[int, int], known: bool) -> str:
        """Write it in Graphviz's HTML, with its derivatives or without."""
        sides = [
            "".join(f"<TR><TD>{block.html(width)}</TD></TR>" for block in side if block.rows)
            for side, width in zip((self.left, (self.values, self.gradients)[: 1 + known]), widths, strict=True)
        ]
        tables = "".join(f"<TD>{_table(side, SPACE)}</TD>" for side in sides if side)
        below = ""
        if self.below:
            line = Block([(self.below, 'PORT="rest"')]).html(sum(widths) + 2 * SPACE)
            below = f'<TR><TD COLSPAN="2">{_table(f"<TR><TD>{line}</TD></TR>", SPACE)}</TD></TR>'
        return f"<{_table(f'<TR>{tables}</TR>{below}')}>"


def card(layer: Layer, before: Layer, j: int, ports: Sequence[int], write: Write) -> Card:
    """Write a neuron with the weights of some of its inputs; what the others add to z is one number."""
    assert layer.z is not None
    weights, count = layer.weights[j], len(layer.weights[j]) - len(ports)
    parameters = [(write(weights[i]), f'PORT="w{i}"') for i in ports]
    if layer.bias is not None:
        line = f'BORDER="1" SIDES="T" COLOR="{style.PARAMETER.look["color"]}"' if parameters else ""
        parameters.append((f"b {write(layer.bias[j])}", line))
    left = [Block(parameters, style.PARAMETER.look["fillcolor"])]
    below, rest = "", write(left_out(weights, before.output, ports))
    if count and ports:
        below = f"{count} more: {rest}"
    elif count:
        left.insert(0, Block([("Σ w·a", 'PORT="rest"'), (rest, "")], style.PAPER))
    values = Block([(f"z {write(layer.z[j])}", ""), (f"{subscripted('a', j)} {write(layer.output[j])}", "")])
    gradients = Block(_derivatives(layer, j, write), style.GRADIENT["fillcolor"], style.GRADIENT_INK)
    return Card(left, values, gradients, below)


def _derivatives(layer: Layer, j: int, write: Write) -> list[tuple[str, str]]:
    """Write what δ is made of, and δ itself."""
    if layer.error is None or layer.delta is None:
        return []
    across = [f"+ others {write(layer.across[j])}"] if j in layer.across else []
    texts = [f"∂L/∂a {write(layer.error[j])}", f"f′ {write(layer.slopes[j])}", *across, f"δ {write(layer.delta[j])}"]
    return [(text, "") for text in texts]


def subscripted(name: str, j: int) -> str:
    """Write the name of a neuron's number with the neuron's own, counted from 1."""
    return name + str(j + 1).translate(_SUBSCRIPTS)


def left_out(weights: Array, inputs: Array, ports: Sequence[int]) -> float:
    """The sum of w·a over the inputs whose weights are not written."""
    with np.errstate(all="ignore"):
        return float(np.delete(weights, ports) @ np.delete(inputs, ports))


def _table(rows: str, space: int = 0, look: str = "") -> str:
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="{space}" CELLPADDING="0" {look}>{rows}</TABLE>'


def _width(text: str) -> int:
    return ceil(72 * style.inches(text, SIZE)) + 6
