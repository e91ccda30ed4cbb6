"""``text``: the graph as a tree for a terminal, with the result first and its operands below it."""

from __future__ import annotations

import numpy as np

from autograd.engine.node import Node, toposort
from autograd.graph import formatting
from autograd.graph.arguments import node_list
from autograd.graph.naming import Names, find_names
from autograd.typing import Data
from autograd.viz import style
from autograd.viz.options import Nodes

__all__ = ["text"]

Row = tuple[str, str, str]  # the branch with its node, the value and the gradient

GAP, NARROWEST = 3, 7
DEEPEST = 120  # columns; a deeper branch begins at the left again, or a chain's text would grow with its length squared


def text(y: Nodes, *, inputs: Nodes = (), names: object = None, precision: int = 4, limit: int | None = 200) -> str:
    """Write the graph by which `y` was computed as a tree of text with its values and gradients.

    A node that is used more than once is written out once; later ``↑ (above)`` refers to it. A very deep branch begins
    at the left again, with ``⋯``.

    Parameters
    ----------
    y : node or sequence of nodes
        The results to show, with everything that they depend on.
    inputs : node or sequence of nodes
        Leaves to call inputs, as in :func:`autograd.viz.draw`.
    names : mapping or module, optional
        Names for nodes without a label, as in :func:`autograd.viz.draw`.
    precision : int
        Significant digits of numbers.
    limit : int, optional
        The largest number of lines; None writes all.

    Returns
    -------
    str
        The lines, without a line break at the end.

    Raises
    ------
    TypeError
        If `y` or `inputs` are no nodes.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> y = (x * w).tanh()
    >>> y.label = "y"
    >>> y.backward()
    >>> print(viz.text(y, inputs=x))
                       value        grad
    tanh → y               1           1
    └─ ×                   6   2.458e−05
       ├─ x  input         2   7.373e−05
       └─ w  param         3   4.915e−05
    """
    outputs, input_nodes, known = node_list("text", y), set(node_list("text", inputs, "inputs")), find_names(names)
    rows: list[Row] = []
    above: set[Node] = set()
    # An entry is a node with the line that leads to it and the one that its operands continue; the last one is next.
    stack = [(node, "", "") for node in reversed(outputs)]
    while stack and (limit is None or len(rows) < limit):
        node, branch, trunk = stack.pop()
        if node in above:
            title = f"{branch}{_title(node, known)}  ↑ (above)"
            rows.append((title, _value(node.data, precision), ""))
            continue
        above.add(node)
        grad = node.grad if node.has_grad else None
        rows.append(
            (branch + _described(node, input_nodes, known), _value(node.data, precision), _value(grad, precision))
        )
        if len(trunk) >= DEEPEST:
            trunk = "⋯ "
        last = len(node.parents) - 1
        for place in range(last, -1, -1):
            corner, line = ("└─ ", "   ") if place == last else ("├─ ", "│  ")
            stack.append((node.parents[place], trunk + corner, trunk + line))
    lines = _aligned(rows)
    if stack:
        more = len(toposort(outputs)) - len(above)
        lines.append(f"… {more} more nodes; limit=None writes them all")
    return "\n".join(lines)


def _title(node: Node, names: Names) -> str:
    name = names.of(node)
    return name or ("" if node.op is None else " ".join(filter(None, formatting.op_text(node))))


def _described(node: Node, inputs: set[Node], names: Names) -> str:
    name = names.of(node)
    if node.op is None:
        return "  ".join(filter(None, (name, style.role(node, inputs).word)))
    sign = " ".join(filter(None, formatting.op_text(node)))
    return f"{sign} → {name}" if name else sign


def _value(data: Data, precision: int) -> str:
    if data is None:
        return ""
    return formatting.shape(data) if np.ndim(data) else formatting.numbers(data, precision)[0]


def _aligned(entries: list[Row]) -> list[str]:
    """Align the rows under a header, numbers to the right; the last column is left out if it is empty."""
    heads = ("", "value", "grad") if any(row[2] for row in entries) else ("", "value")
    table = [heads, *(row[: len(heads)] for row in entries)]
    widths = [max(formatting.columns(row[i]) for row in table) for i in range(len(heads))]
    lines = []
    for first, *rest in table:
        line = first + " " * (widths[0] - formatting.columns(first))
        for text, width in zip(rest, widths[1:], strict=True):
            line += " " * (GAP + max(width, NARROWEST) - formatting.columns(text)) + text
        lines.append(line.rstrip())
    return lines
