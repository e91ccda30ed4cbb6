"""The looks of pictures: colours, lines and sizes; those of values by their roles are in `graph.roles`."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from autograd.graph import formatting
from autograd.graph.roles import CONSTANT, INPUT, PARAMETER, RESULT, ROLES, Inputs, Role, role

__all__ = [
    "CONSTANT", "INPUT", "PARAMETER", "RESULT", "ROLES", "Inputs", "Role", "attributes", "disc", "inches", "kind_of",
    "line", "line_height", "on_paper", "role",
]  # fmt: skip

FONT = "Helvetica,Arial,sans-serif"
INK, GRADIENT_INK, LINE = "#1F2328", "#9C3D00", "#737B85"  # cards are opaque, lines must live on light and dark pages
# No colour of words reads on white and on #0d1117 alike (4.35:1 at best), so every word stands on a card, or on paper.
PAPER = "#F6F7F8"
BACKWARD, SAVED = "#D55E00", "#0086C9"  # gradients, and the values that their derivatives read

GRAPH = {
    "bgcolor": "transparent", "nodesep": "0.28", "ranksep": "0.42", "pad": "0.12",
    "fontname": FONT, "fontsize": "12", "fontcolor": INK,
}  # fmt: skip
NODE = {
    "fontname": FONT, "fontsize": "12", "fontcolor": INK, "margin": "0.10,0.05", "height": "0.3", "width": "0.3",
}  # fmt: skip
EDGE = {
    "fontname": FONT, "fontsize": "11", "fontcolor": INK, "color": LINE,
    "penwidth": "1.3", "arrowsize": "0.75", "arrowhead": "normal",
}  # fmt: skip
# ordering=in keeps the operands in order, with the first on top.
OP = {
    "class": "op", "style": "filled", "fillcolor": "#4A5563", "color": "#8B949E", "penwidth": "1.4",
    "fontcolor": "white", "fixedsize": "true", "margin": "0", "ordering": "in",
}  # fmt: skip

MODULE = {
    "class": "module", "shape": "box3d", "style": "filled", "fillcolor": "#E9EBEE", "color": "#4A5563",
    "penwidth": "1.4", "margin": "0.14,0.08",
}  # fmt: skip
FRAME = {
    "labeljust": "l", "style": "rounded,filled", "fillcolor": "#737B8522", "color": LINE, "margin": "9",
}  # fmt: skip
DERIVATIVE = {
    "class": "derivative", "shape": "hexagon", "style": "filled", "fillcolor": "#C24E00", "color": "#FF9A5C",
    "penwidth": "1.4", "fontcolor": "white", "fixedsize": "true", "height": "0.48", "margin": "0",
}  # fmt: skip
GRADIENT = {
    "class": "gradient", "shape": "box", "style": "filled,rounded", "fillcolor": "#FFE9DC", "color": "#C24E00",
    "penwidth": "1.2",
}  # fmt: skip
BACK = {"class": "backward", "color": BACKWARD, "fontcolor": GRADIENT_INK, "penwidth": "1.8"}
# Words beside arrows, in titles and in captions; words about gradients; and the numbers of operands.
CHIP = {"STYLE": "ROUNDED", "BGCOLOR": PAPER, "CELLSPACING": "4"}
LABEL = {**CHIP, "BGCOLOR": "#FFF6F0"}
NUMBER = {**CHIP, "CELLSPACING": "3"}
# An arrow of two lanes: the first colour is that of its head, the second that of its tail.
LANES = {"class": "forward backward", "color": f"{LINE}:{BACKWARD}", "arrowsize": "0.65"}
FORTH = {"class": "forward"}
FACTOR = {
    "class": "factor", "shape": "box", "style": "filled,rounded", "fillcolor": "#FFF6F0", "color": BACKWARD,
    "penwidth": "0.8", "fontcolor": GRADIENT_INK, "margin": "0.04,0.03", "height": "0.1", "width": "0.1",
}  # fmt: skip
STOREYS = {"margin": "0.03,0.02"}
BESIDE_THE_FOLD = "0.1,0.02"  # the margin of a sheet, whose corner is folded
READ = {
    "class": "read", "style": "dashed", "color": SAVED, "penwidth": "1.2", "arrowhead": "vee", "constraint": "false",
}  # fmt: skip
NETWORK = {
    "layout": "neato", "bgcolor": "transparent", "splines": "line", "outputorder": "edgesfirst", "pad": "0.15",
    "fontname": FONT, "fontsize": "12", "fontcolor": INK,
}  # fmt: skip
NEURON = {"fontsize": "10", "fixedsize": "true", "margin": "0"}
WORDS = {"shape": "box", "style": "filled,rounded", "fillcolor": PAPER, "color": PAPER, "penwidth": "0"}
COLUMN = {**WORDS, "fixedsize": "false", "width": "0.2", "height": "0.2", "margin": "0.06,0.06", "fontsize": "11"}
SUMS = {**COLUMN, "class": "sums", "color": LINE, "penwidth": "1", "margin": "0.14,0.08"}
PALE = "26"  # the opacity of lines that matter less, behind their colour
WEIGHTS = {
    "positive": {"color": SAVED, "style": "solid"},
    "negative": {"color": "#B4488A", "style": "dashed"},
    "0": {"color": LINE, "style": "solid", "penwidth": "0.60"},
    "nan": {"color": LINE, "style": "dotted"},
}
STROKES = {"positive": "—", "negative": "- -", "0": "—", "nan": "· · ·"}  # in a legend
REFERENCE = {
    "class": "reference",
    "style": "filled,rounded",
    "penwidth": "0.8",
    "fontsize": "10",
    "margin": "0.06,0.02",
}
OUTPUT = {"peripheries": "2", "penwidth": "1.4", "class": "output"}
TWO_ROWS = {"rankdir": "LR", "nodesep": "0.35", "ranksep": "0.34"}
ONE_LAYOUT = {"nodesep": "0.16", "ranksep": "0.17", "pad": "0.08"}
CUT = {**WORDS, "fontsize": "14", "width": "0.3", "height": "0.34", "margin": "0.05,0.0"}


def line(weight: float, largest: float) -> dict[str, str]:
    """The look of a weight's line: it is as wide as the weight is large, and its kind also reads without colour."""
    look = {"class": "weight", **WEIGHTS[kind_of(weight)]}
    if weight:
        size = min(abs(weight) / largest, 1.0) if weight == weight else 0.6
        look["penwidth"] = f"{0.6 + 3.4 * size:.2f}"
    return look


def on_paper(colour: str) -> str:
    """A line's colour, dark enough for a sign on paper."""
    return {LINE: "#59636E", BACKWARD: "#B34700", SAVED: "#0072B2"}.get(colour, colour)


def kind_of(weight: float) -> str:
    """The kind of a weight: its sign, 0, or nan."""
    return "nan" if weight != weight else "positive" if weight > 0 else "negative" if weight < 0 else "0"


HIGHEST = 1.45  # ems: a line in the highest of the fonts that stand in for signs like ᵀ, which the usual ones lack
SECOND_SIZE = 10  # the font size of an op's static arguments
_NARROW, _BROAD = frozenset("!'()*,.:;I[]fijlrt|1 /"), frozenset("%@MWmw")


def attributes(look: Mapping[str, str]) -> str:
    """Write a look in DOT; its values are this module's own, so nothing in them needs an escape."""
    return " ".join(f'{k}="{v}"' for k, v in look.items())


def disc(sign: str, second: str) -> dict[str, str]:
    """The size and shape of an op's disc, wide enough for its sign and for a second, small line."""
    columns = formatting.columns(sign)
    size = 18 if columns <= 1 else 15 if columns == 2 else 13
    height = 0.46 if columns <= 2 else 0.58
    width = height if columns <= 2 else inches(sign, size) + 0.18
    if second:
        # The corners of two lines lie nearer to the rim than those of one.
        width, height = max(width, inches(second, SECOND_SIZE) + 0.3), 0.62
    if width <= 1.2 * height:
        width = height = max(width, height)
    elif not second:
        height = 0.46
    shape = "circle" if width == height else "ellipse"
    return {"shape": shape, "width": f"{width:.2f}", "height": f"{height:.2f}", "fontsize": str(size)}


def inches(text: str, size: int) -> float:
    """The width of a text at a size, a little more than needed: the writer's and the reader's fonts may differ."""
    ems = sum(0.32 if c in _NARROW else 0.88 if c in _BROAD else 0.6 * formatting.columns(c) for c in text)
    return ems * size / 72


def line_height(size: int) -> int:
    """Points from top to bottom of a line of text at a size, enough whichever fonts its signs come from."""
    return ceil(HIGHEST * size)
