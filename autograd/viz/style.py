"""How each role looks. Every role is told three times, by shape, border and fill, so none rests on colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from autograd.node import Node

__all__ = ["Role", "role"]

FONT = "Helvetica,Arial,sans-serif"
INK, GRADIENT_INK, LINE = "#1F2328", "#9C3D00", "#737B85"  # cards are opaque, lines must live on light and dark pages

GRAPH = {
    "bgcolor": "transparent", "nodesep": "0.28", "ranksep": "0.42", "pad": "0.12",
    "fontname": FONT, "fontsize": "12", "fontcolor": LINE,
}  # fmt: skip
NODE = {
    "fontname": FONT, "fontsize": "12", "fontcolor": INK, "margin": "0.10,0.05", "height": "0.3", "width": "0.3",
}  # fmt: skip
EDGE = {
    "fontname": FONT, "fontsize": "11", "fontcolor": LINE, "color": LINE,
    "penwidth": "1.3", "arrowsize": "0.75", "arrowhead": "normal",
}  # fmt: skip
# ordering=in keeps the operands in order, the first on top.
OP = {
    "class": "op", "style": "filled", "fillcolor": "#4A5563", "color": "#8B949E", "penwidth": "1.4",
    "fontcolor": "white", "fixedsize": "true", "margin": "0", "ordering": "in",
}  # fmt: skip


class Role(NamedTuple):
    """What a value is in its graph, in a word for texts and in a card's looks for pictures."""

    word: str
    look: Mapping[str, str]


INPUT = Role("input", {
    "class": "input", "shape": "note", "style": "filled", "fillcolor": "#D3E7F8", "color": "#0072B2", "penwidth": "1.2",
})  # fmt: skip
PARAMETER = Role("param", {
    "class": "param", "shape": "box", "style": "filled", "fillcolor": "#FFD98A", "color": "#9A6400", "penwidth": "2.6",
})  # fmt: skip
CONSTANT = Role("const", {
    "class": "const", "shape": "box", "style": "filled,dashed", "fillcolor": "#DDE1E6", "color": "#30363D",
    "penwidth": "1.2",
})  # fmt: skip
RESULT = Role("", {
    "class": "result", "shape": "box", "style": "filled,rounded", "fillcolor": "#E6F4EC", "color": "#1B7F5C",
    "penwidth": "1.2",
})  # fmt: skip
OUTPUT = {"peripheries": "2", "penwidth": "1.4", "class": "output"}


def role(node: Node, inputs: set[Node]) -> Role:
    """The role of a node: data are inputs, what is trained is a parameter, other leaves are constants."""
    if node.op is not None:
        return RESULT
    if node in inputs:
        return INPUT
    if node.requires_grad:
        return PARAMETER
    return INPUT if node.ndim else CONSTANT


def disc(columns: int, second_columns: int) -> dict[str, str]:
    """Size and shape of an op's disc, wide enough for its sign and for a second, small line."""
    size = 18 if columns <= 1 else 15 if columns == 2 else 13
    em = 0.62  # a generous mean width of Helvetica's letters; wide signs count two columns
    text = em * size * columns / 72
    if second_columns:
        # In an ellipse the corners of two lines need more room than the middle of one.
        second = em * SECOND_SIZE * second_columns / 72
        width, height = max(0.62, second / 0.76 + 0.1, text / 0.76 + 0.1), 0.62
    elif columns <= 2:
        width = height = 0.46
    else:
        width, height = max(0.58, text / 0.93 + 0.12), 0.58
        height = 0.58 if width <= 0.66 else 0.46
    if width <= 0.66:
        width = height = max(width, height)
    shape = "circle" if width == height else "ellipse"
    return {"shape": shape, "width": f"{width:.2f}", "height": f"{height:.2f}", "fontsize": str(size)}


SECOND_SIZE = 10
