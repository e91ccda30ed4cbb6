"""``text``: the graph as a tree for a terminal, with the result first and its operands below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from autograd.engine.libraries import fetched
from autograd.engine.node import Node, toposort
from autograd.graph import formatting, tidying
from autograd.graph.arguments import node_list
from autograd.graph.naming import find_names, number_unnamed
from autograd.typing import Data
from autograd.viz import style
from autograd.viz.node_html import norm
from autograd.viz.options import Nodes

__all__ = ["text"]

Row = tuple[str, str, str]  # the branch with its node, the value and the gradient

GAP, NARROWEST = 3, 7
ARRAY_COLUMNS = 16  # a small array is written out where that takes no more
TITLE_COLUMNS = 24  # so much room stays for a node at the deepest branch
LEAST_WIDTH, LEAST_ROOM = 60, 36


def text(
    y: Nodes, *, inputs: Nodes = (), names: object = None, precision: int = 4, limit: int | None = 200,
    width: int = 80, tidy: bool = True,
) -> str:  # fmt: skip
    """Write the graph by which `y` was computed as a tree of text with its values and gradients.

    A node that is used more than once is written out once; later ``↑ (above)`` refers to it, by its name, or the one
    that it has in pictures: v1, v2, ... Of an array that is not small the dtype, the shape, the least and the largest
    element are written, and the norm of its gradient. A branch that is too deep for the width begins at the left again,
    with ``⋯``.

    Parameters
    ----------
    y : node or sequence of node
        The results to show, with everything that they depend on.
    inputs : node or sequence of node
        Leaves to call inputs, as in :func:`autograd.viz.draw`.
    names : mapping or Module, optional
        Names for nodes without a label, as in :func:`autograd.viz.draw`.
    precision : int
        Significant digits of numbers; of arrays at most three.
    limit : int, optional
        The largest number of lines; None writes all.
    width : int
        The columns that a line may take, 60 or more.
    tidy : bool
        Whether the graph of a derivative is written as :func:`autograd.graph.tidied` makes it.

    Returns
    -------
    str
        The lines, without a line break at the end.

    Raises
    ------
    TypeError
        If `y` or `inputs` are no nodes.
    ValueError
        If the width is too small.

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
    if not isinstance(width, int) or width < LEAST_WIDTH:
        raise ValueError(f"text: width counts columns, a whole number from {LEAST_WIDTH} on, not {width!r}")
    outputs, input_nodes, known = node_list("text", y), set(node_list("text", inputs, "inputs")), find_names(names)
    graph = tidying.tidy(outputs, input_nodes, known) if tidy else tidying.untidied(outputs)
    outputs = graph.outputs
    order = toposort(outputs)
    input_nodes = style.Inputs(input_nodes, order)
    uses = Counter(p for node in order for p in node.parents)
    drawn = number_unnamed(known, order)
    named = {n: known.of(n) or (drawn[n] if uses[n] > 1 or graph.badges.get(n) else "") for n in order}
    tree = _Tree(named, input_nodes, precision, limit)
    rows = [*tree.rows(outputs, width)]
    if _room(rows, width) < LEAST_ROOM:
        tree.ranges = False
        rows = [*tree.rows(outputs, width)]
    room = _room(rows, width)
    if any(formatting.columns(title) > room for title, _, _ in rows):
        rows = [(formatting.elide(title, room), value, grad) for title, value, grad in tree.rows(outputs, room)]
    lines = _aligned(rows)
    if tree.left:
        lines.append(f"… {len(order) - tree.left} more nodes; limit=None writes them all")
    for node in order:
        lines += [formatting.elide(f"{named[node]}, stated: {why}", width) for why in graph.badges.get(node, ())]
    return "\n".join(lines)


class _Tree:
    """Writes the rows of a tree."""

    def __init__(self, names: Mapping[Node, str], inputs: set[Node], precision: int, limit: int | None) -> None:
        self.names, self.inputs, self.precision, self.limit = names, inputs, precision, limit
        self.ranges = True  # whether the least and the largest element of an array are written
        self.left = 0  # how many nodes were written, where some were not

    def rows(self, outputs: Sequence[Node], room: int) -> Iterator[Row]:
        """Write a row for each node at each of its places; a branch takes so many columns."""
        above: set[Node] = set()
        # An entry is a node with the line that leads to it and the one that its operands continue; the last is next.
        stack = [(node, "", "") for node in reversed(outputs)]
        count = 0
        while stack and (self.limit is None or count < self.limit):
            count += 1
            node, branch, trunk = stack.pop()
            if node in above:
                name = self.names[node] or self.described(node)
                yield f"{branch}{name}  ↑ (above)", self.value(fetched(node.data)), ""
                continue
            if node.op is not None or self.names[node]:  # an unnamed number is written again
                above.add(node)
            yield branch + self.described(node), self.value(fetched(node.data)), self.gradient(node)
            if len(trunk) > room - TITLE_COLUMNS:
                trunk = "⋯ "
            last = len(node.parents) - 1
            for place in range(last, -1, -1):
                corner, line = ("└─ ", "   ") if place == last else ("├─ ", "│  ")
                stack.append((node.parents[place], trunk + corner, trunk + line))
        self.left = len(above) if stack else 0

    def described(self, node: Node) -> str:
        """Write a leaf with its role, or the sign of an op with the name of its result."""
        name = formatting.elide(self.names[node], TITLE_COLUMNS)
        if node.op is None:
            return "  ".join(filter(None, (name, style.role(node, self.inputs).word)))
        sign = " ".join(filter(None, formatting.op_text(node)))
        return f"{sign} → {name}" if name else sign

    def value(self, data: Data) -> str:
        """Write a number, the elements of a small array, or dtype, shape and range of a larger one."""
        if not np.ndim(data):
            return formatting.numbers(data, self.precision)[0]
        short = formatting.value_text(data, self.precision)
        shape = formatting.shape(data)
        if short != shape and formatting.columns(short) <= ARRAY_COLUMNS:
            return short
        if not self.ranges or not np.size(data):
            return shape
        if data.dtype.kind == "b":
            return f"{shape} {int(data.sum())} true"
        ends = [formatting.number(float(end), min(self.precision, 2)) for end in (data.min(), data.max())]
        return f"{shape} {'…'.join(dict.fromkeys(ends))}"

    def gradient(self, node: Node) -> str:
        """Write a gradient: a number, the elements of a small array, or the norm."""
        if not node.has_grad:
            return ""
        text = self.value(fetched(node.grad))
        if not node.ndim or text.startswith("["):
            return text
        return f"‖·‖ {formatting.number(norm(fetched(node.grad)), min(self.precision, 3))}"


def _room(rows: Sequence[Row], width: int) -> int:
    """The columns that the numbers leave for the tree."""
    _, *columns = zip(("", "", ""), *rows, strict=True)
    return width - sum(GAP + max(NARROWEST, *map(formatting.columns, column)) for column in columns if any(column))


def _aligned(entries: Sequence[Row]) -> list[str]:
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
