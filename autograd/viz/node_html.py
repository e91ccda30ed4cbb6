"""Cards of values and discs of ops as the attributes of DOT nodes, and the one place that quotes text for DOT."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape

import numpy as np

from autograd.engine.libraries import fetched
from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.typing import Data
from autograd.viz import style

__all__ = [
    "OFF", "Cards", "caption", "chip", "disc", "finite_counts", "html", "large_sign", "norm", "quoted", "reference",
    "storeys", "table",
]  # fmt: skip

BADGE_COLUMNS = 36
OFF = '<FONT POINT-SIZE="4">&#160;</FONT>'  # a last line that keeps the others off their arrow


def html(text: str) -> str:
    r"""Quote a text for an HTML-like label, so that every sign of it stands for itself.

    Every text of a user's goes through here or through :func:`quoted`. Besides XML's own signs, a backslash must be
    doubled (Graphviz puts the node's name for ``\N``, even where an entity says it) and a bracket hidden (``]`` may end
    a section of XML).
    """
    # A reader may fold two spaces of older Graphviz into one, so the first of them becomes one that stays.
    return escape(text).replace("\\", r"\\").replace("]", "&#93;").replace("  ", "&#160; ")


def quoted(text: str) -> str:
    """Quote a text for a quoted DOT string, so that every sign of it stands for itself."""
    return text.replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"')


def table(lines: Sequence[str], sign: Sequence[str] = (), look: str = "") -> str:
    """Make a label of lines of Graphviz's HTML, with the parts of an op's sign to their left; `look` is the table's."""
    if not lines and not sign:
        return '""'
    rows = [f"<TD>{line}</TD>" for line in lines or [" "]]
    rows[0] = "".join(f'<TD ROWSPAN="{len(rows)}">{part}</TD>' for part in sign) + rows[0]
    body = "".join(f"<TR>{row}</TR>" for row in rows)
    space = " " * bool(look)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"{space}{look}>{body}</TABLE>>'


def chip(lines: Sequence[str], look: Mapping[str, str] = style.CHIP) -> str:
    """Make a small card for words beside an arrow, or for a title: lines of Graphviz's HTML on paper."""
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" {style.attributes(look)}>{rows}</TABLE>'


def caption(rows: Sequence[str]) -> str:
    """Write what stands below a picture, as a line of DOT: rows of a table in Graphviz's HTML, on paper."""
    look = f'BORDER="0" CELLBORDER="0" CELLPADDING="0" {style.attributes(style.CHIP)}'
    return f"\tlabel=<<TABLE {look}>{''.join(rows)}</TABLE>> labelloc=b\n"


def large_sign(sign: str, detail: str = "") -> str:
    """An op's sign on a card, in Graphviz's HTML, with its static arguments below it."""
    colour = f'COLOR="{style.OP["fillcolor"]}"'
    below = f'<BR/><FONT POINT-SIZE="10" {colour}>{html(detail)}</FONT>&#160;' if detail else ""
    return f'<FONT POINT-SIZE="16" {colour}><B>{html(sign)}</B></FONT>&#160;{below}'


def reference(name: str, role: style.Role) -> str:
    """A small card inside a card, in Graphviz's HTML: the name of a value whose own card stands elsewhere."""
    size = int(style.REFERENCE["fontsize"])
    # A table in a table would grow to the height of the card.
    width, height = round(72 * style.inches(name, size)) + 10, style.line_height(size) + 4
    outer, inner = (f'FIXEDSIZE="TRUE" WIDTH="{width - n}" HEIGHT="{height - n}"' for n in (0, 2))
    colours = f'BGCOLOR="{role.look["fillcolor"]}" COLOR="{role.look["color"]}" STYLE="ROUNDED"'
    text = f'<FONT POINT-SIZE="{size}"><B>{html(name)}</B></FONT>'
    cell = f"<TR><TD {inner}>{text}</TD></TR>"
    return f'<TABLE {outer} {colours} BORDER="1" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0">{cell}</TABLE>'


def storeys(lines: Sequence[str], below: Sequence[str], sign: tuple[str, str], beside: bool) -> str:
    """Make a label of two storeys of lines of Graphviz's HTML, with an op's sign beside them or on top of them."""
    rows = [_plate(lines, "")] if lines else []
    rows += [_plate(below, f' STYLE="ROUNDED" BGCOLOR="{style.GRADIENT["fillcolor"]}"')] if below else []
    if sign[0]:
        second = f'<BR/><FONT POINT-SIZE="{style.SECOND_SIZE}">{html(sign[1])}</FONT>' if sign[1] else ""
        size = 16 if formatting.columns(sign[0]) <= 2 else 13
        text = f'<FONT COLOR="white" POINT-SIZE="{size}">{html(sign[0])}{second}</FONT>'
        tab = _plate([text], f' STYLE="ROUNDED" BGCOLOR="{style.OP["fillcolor"]}"', 3 if beside else 1)
        if beside:
            rows[0] = tab.replace("<TD>", f'<TD ROWSPAN="{len(rows)}">', 1) + rows[0]
        else:
            rows.insert(0, tab)
    body = "".join(f"<TR>{row}</TR>" for row in rows)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0">{body}</TABLE>>' if rows else '""'


def _plate(lines: Sequence[str], look: str, padding: int = 1) -> str:
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines)
    return f'<TD><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"{look}>{rows}</TABLE></TD>'


def norm(data: Data) -> float:
    """The square root of the sum of squares; it is inf or nan only if an element is."""
    sizes = np.abs(np.asarray(data, dtype=float))
    largest = float(sizes.max(initial=0.0))
    if not 0 < largest < math.inf:
        return largest
    # The elements are scaled first, because squares of numbers far from 1 are 0 or inf.
    return min(largest * float(np.sqrt(np.sum(np.square(sizes / largest)))), sys.float_info.max)


def finite_counts(arrays: Sequence[Data]) -> tuple[int, int]:
    """Count the elements that are nan, and those that are infinite."""
    flat = [np.asarray(a, dtype=float) for a in arrays if a is not None]
    return sum(int(np.isnan(a).sum()) for a in flat), sum(int(np.isinf(a).sum()) for a in flat)


@dataclass(frozen=True)
class Cards:
    """Writes the texts on the cards of a picture.

    Attributes
    ----------
    names : mapping of node to str
        The names of nodes.
    output : str
        The name of the result whose gradients these are; empty if they may belong to several.
    precision : int
        Significant digits.
    values, gradients : bool
        Whether numbers are written.
    ink : str
        The colour of texts about gradients.
    badges : mapping of node to list of str
        The conventions that a tidy graph leaves out of how a node is computed.
    folded : mapping of node to str
        What a node stands for in a tidy graph.
    brief : bool
        Whether arrays are written without their elements, however few.
    """

    names: Mapping[Node, str]
    output: str = ""
    precision: int = 4
    values: bool = True
    gradients: bool = True
    ink: str = style.GRADIENT_INK
    badges: Mapping[Node, Sequence[str]] = field(default_factory=dict)
    folded: Mapping[Node, str] = field(default_factory=dict)
    brief: bool = False

    def called(self, node: Node) -> str:
        """The name of a node, or its value if it has none."""
        return self.names.get(node) or formatting.value_text(fetched(node.data), self.precision)

    def derivative(self, node: Node) -> str:
        """The name of a node's gradient: ``∂y/∂m``, or ``grad`` where one of the two has no name."""
        own = self.names.get(node, "")
        return formatting.partial(self.output, own) if self.output and own else "grad"

    def value_lines(self, node: Node) -> list[str]:
        """Write a card's upper lines in Graphviz's HTML: name, value (of an array dtype and rows), what is stated."""
        return [*self._name_and_value(node), *self.badge_lines(node)]

    def _name_and_value(self, node: Node) -> list[str]:
        name, data = self.names.get(node, ""), fetched(node.data)
        bold = f"<B>{html(name)}</B>" if name else ""
        shape = formatting.shape(data)
        # A constant without a name has nothing but its value to be known by.
        lines = formatting.numbers(data, self.precision) if self.values or not (name or node.op) else []
        if shape:
            return [f"{bold}&#160; {shape}" if bold else shape, *map(html, [] if self.brief else lines)]
        if not lines:
            return [bold] if bold else []
        return [f"{bold}&#160;= {lines[0]}" if bold else lines[0]]

    def badge_lines(self, node: Node) -> list[str]:
        """Write the conventions that are no longer part of how a value is computed, in Graphviz's HTML."""
        texts = [formatting.elide(why, BADGE_COLUMNS) for why in self.badges.get(node, ())]
        return [f'<FONT POINT-SIZE="10"><I>stated: {html(text)}</I></FONT>' for text in texts]

    def gradient_lines(self, node: Node) -> list[str]:
        """Write a node's gradient in lines of plain text, a large one by its norm; no lines if it has none."""
        return self.labelled_value(self.derivative(node), fetched(node.grad)) if node.has_grad else []

    def labelled_value(self, name: str, data: Data) -> list[str]:
        """Write a name with a number, with the rows of a small array, or with the norm of a large one."""
        lines = formatting.numbers(data, self.precision)
        if not np.ndim(data):
            return [f"{name} = {lines[0]}"]
        if lines and not self.brief:
            return [name, *lines]
        return [f"‖{name}‖ = {formatting.number(norm(data), self.precision)}"]

    def lines(self, node: Node, role: style.Role) -> list[str]:
        """Write all lines of a card in Graphviz's HTML."""
        lines = self.value_lines(node)
        if self.gradients and role is not style.CONSTANT:
            lines += map(self.gradient_line, self.gradient_lines(node))
        return lines

    def group_lines(self, count: str, nodes: Sequence[Node]) -> list[str]:
        """Write a card for many nodes: their number, the range of their values, the norm of their gradients."""
        lines = [f"<B>{count}</B>"]
        shapes = {formatting.shape(fetched(node.data)) for node in nodes}
        if len(shapes) == 1 and any(shapes):
            lines[0] += f"&#160; {shapes.pop()}"
        with np.errstate(all="ignore"):
            extremes = [
                (float(np.min(fetched(n.data))), float(np.max(fetched(n.data))))
                for n in nodes
                if np.size(fetched(n.data))
            ]
        if self.values and extremes:
            low, high = min(a for a, _ in extremes), max(b for _, b in extremes)
            ends = [formatting.number(x, min(self.precision, 3)) for x in (low, high)]
            lines.append(ends[0] if ends[0] == ends[1] else " … ".join(ends))
        gradients = [fetched(n.grad) for n in nodes if n.has_grad]
        if self.gradients and gradients:
            lines.append(self.gradient_line(self.gradient_norm(gradients)))
        return lines

    def gradient_norm(self, gradients: Sequence[Data]) -> str:
        """Write the norm of many gradients together."""
        return f"‖grad‖ = {formatting.number(norm([norm(g) for g in gradients]), min(self.precision, 3))}"

    def gradient_line(self, line: str) -> str:
        """Colour a line about a gradient."""
        return f'<FONT COLOR="{self.ink}">{html(line)}</FONT>'

    def tooltip(self, node: Node, role: style.Role) -> str:
        """Describe a value in a line, for tooltips."""
        data: Data = fetched(node.data)
        value = formatting.shape(data) or formatting.numbers(data, self.precision)[0]
        name = self.names.get(node, "")
        parts = [f"{name} = {value}" if name else value, _SPOKEN[role.word]]
        if self.gradients and role is not style.CONSTANT:
            lines = self.gradient_lines(node)
            parts += [lines[0] + (" = " if len(lines) > 1 else "") + " ".join(lines[1:])] if lines else []
        for why in self.badges.get(node, ()):
            parts.append(f"stated: {why}")
        if self.folded.get(node):
            parts.append(f"in place of {self.folded[node]}")
        return ", ".join(parts)


@lru_cache(maxsize=1024)
def disc(sign: str, params: str, ordered: bool = True) -> str:
    """The attributes of an op's disc, with its sign and its static arguments; it keeps its operands in order or not."""
    second = f'<BR/><FONT POINT-SIZE="{style.SECOND_SIZE}">{html(params)}</FONT>' if params else ""
    look = {k: v for k, v in style.OP.items() if ordered or k != "ordering"} | style.disc(sign, params)
    return f"label=<{html(sign)}{second}> {style.attributes(look)}"


_SPOKEN = {"": "result", "input": "input", "param": "parameter", "const": "constant", "index": "index or condition"}
