"""Cards of values and discs of ops, as the attributes of DOT nodes, and the one place where text is quoted."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.viz import style, words

__all__ = ["card", "derivative", "disc", "gradient_lines", "html", "sentence"]


def html(text: str) -> str:
    r"""A text for an HTML-like label, every sign of it meant literally.

    Everything a user wrote goes through here. Besides XML's own signs, a backslash must be doubled (Graphviz puts the
    node's name for ``\N``, even where an entity says it) and a bracket hidden (``]`` may end a section of XML).
    """
    # Older Graphviz lets a reader fold spaces, so the first of two is one that cannot be folded.
    return escape(text).replace("\\", r"\\").replace("]", "&#93;").replace("  ", "&#160; ")


def derivative(node: Node, output: str) -> str:
    """The name of a node's gradient: ``∂y/∂m``, or ``grad`` where one of the two has no name."""
    own = words.name(node)
    return f"∂{output}/∂{own}" if output and own else "grad"


def value_lines(node: Node, precision: int, values: bool) -> list[str]:
    """The card's upper lines, in Graphviz's HTML: name and value; dtype, shape and rows for an array."""
    name, data = words.name(node), node.data
    bold = f"<B>{html(name)}</B>" if name else ""
    shape = words.shape(data)
    # A constant without a name has nothing but its value to be known by.
    lines = words.numbers(data, precision) if values or not (name or node.op) else []
    if shape:
        return [f"{bold}&#160; {shape}" if bold else shape, *map(html, lines)]
    if not lines:
        return [bold] if bold else []
    return [f"{bold}&#160;= {lines[0]}" if bold else lines[0]]


def gradient_lines(node: Node, output: str, precision: int) -> list[str]:
    """A node's gradient in lines of plain text; none if there is none. Of a large one, the norm is told."""
    if node.grad is None:
        return []
    name = derivative(node, output)
    lines = words.numbers(node.grad, precision)
    if not np.ndim(node.grad):
        return [f"{name} = {lines[0]}"]
    if lines:
        return [name, *lines]
    with np.errstate(all="ignore"):
        norm = float(np.sqrt(np.sum(np.square(node.grad, dtype=float))))
    return [f"‖{name}‖ = {words.number(norm, precision)}"]


def card(node: Node, role: style.Role, output: str, precision: int, values: bool, gradients: bool) -> str:
    """The label of a value's card, as DOT has it."""
    lines = value_lines(node, precision, values)
    if gradients and role is not style.CONSTANT:
        ink = style.GRADIENT_INK
        lines += [f'<FONT COLOR="{ink}">{html(line)}</FONT>' for line in gradient_lines(node, output, precision)]
    if not lines:
        return '""'
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>>'


@lru_cache(maxsize=1024)
def disc(sign: str, params: str) -> str:
    """The attributes of the disc of an op, for its sign and its static arguments."""
    second = f'<BR/><FONT POINT-SIZE="{style.SECOND_SIZE}">{html(params)}</FONT>' if params else ""
    return f"label=<{html(sign)}{second}> {style.attributes({**style.OP, **style.disc(sign, params)})}"


def sentence(node: Node, role: style.Role, output: str, precision: int) -> str:
    """What a value is, in a line, for tooltips."""
    data: Any = node.data
    value = words.shape(data) or words.numbers(data, precision)[0]
    name = words.name(node)
    parts = [f"{name} = {value}" if name else value, _SPOKEN[role.word]]
    if role is not style.CONSTANT:
        lines = gradient_lines(node, output, precision)
        parts += [lines[0] + (" = " if len(lines) > 1 else "") + " ".join(lines[1:])] if lines else []
    return ", ".join(parts)


_SPOKEN = {"": "result", "input": "input", "param": "parameter", "const": "constant"}
