"""``levels``: the work of a library for arrays, found in a graph of single numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import graphviz

from autograd.compiler.flat import Flat, Group, flattened
from autograd.compiler.lowering import Recorded
from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.graph.arguments import check_node, node_list
from autograd.graph.naming import find_names
from autograd.viz import style
from autograd.viz.figure import Figure
from autograd.viz.node_html import caption, chip, html
from autograd.viz.options import Nodes

__all__ = ["levels"]

MOST = 100  # levels
ROW, ROWS = 16, 3  # of cells on a card
# Numbers by their size within a level; each step is darker than the one before.
POSITIVE = ("#DCEBF8", "#A9D0EF", "#5FA8DC", "#1F74B8")
NEGATIVE = ("#F5DFEC", "#E5B3D0", "#CE7FB0", "#A63D7F")
ZERO, NOT_FINITE, DARK = "#D3D7DC", "#F2E27A", 2
GRAPH = {**style.GRAPH, "rankdir": "TB", "nodesep": "0.22", "ranksep": "0.34"}


def levels(y: Node, *, inputs: Nodes = (), names: object = None) -> Figure:
    """Draw a graph of numbers by levels: what a library for arrays does with one's neurons.

    Nodes of the same op that wait for nothing but what is calculated already are calculated at once, by one call on an
    array. Each card is such a call: its cells are its numbers, blue where positive, violet with a minus where negative,
    darker the larger they are. A run of additions, ``a + b + c``, is one sum. Arrows tell how often each number is
    used. Time runs down.

    Parameters
    ----------
    y : Value
        The result to draw, with everything that it depends on: a graph of numbers only.
    inputs : node or sequence of node
        Leaves to draw as inputs, as in :func:`autograd.viz.draw`.
    names : mapping or Module, optional
        Names for nodes without a label, as in :func:`autograd.viz.draw`.

    Returns
    -------
    Figure
        The picture. :func:`autograd.compiler.program` runs the graph in these calls (``backend="levels"``).

    Raises
    ------
    TypeError
        If `y` is no node.
    ValueError
        If there are arrays in the graph, no op, or more levels than a picture can show.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> x, w = [Value(1.0), Value(2.0), Value(3.0)], [Value(0.5), Value(-1.0), Value(0.25)]
    >>> y = sum(a * b for a, b in zip(x, w)).tanh()
    >>> viz.levels(y, inputs=x)
    <Figure: 7 operations on numbers in 3 calls on arrays>
    """
    check_node("levels", y)
    data = set(node_list("levels", inputs, "inputs"))
    flat = flattened(Recorded([], set()), [y])
    if flat is None:
        raise ValueError("levels: this graph has ops on arrays, which calculate many numbers at once already; draw it")
    groups = [step for step in flat.steps if isinstance(step, Group)]
    if not groups:
        raise ValueError("levels: nothing was calculated here, this is a leaf")
    if len(groups) > MOST:
        raise ValueError(f"levels: {len(groups):,} levels are more than a picture can show; at most {MOST}")
    names_of = find_names(names)
    picture = _Picture(flat, groups, data, {y: names_of.of(y)})
    dot = graphviz.Digraph(graph_attr=GRAPH, node_attr=style.NODE, edge_attr=style.EDGE)
    dot.body += picture.lines()
    counts = f"{flat.calculated:,} operation{'s' * (flat.calculated > 1)} on numbers in {len(groups)}"
    text = f"{counts} call{'s' * (len(groups) > 1)} on arrays"
    dot.body.append(_legend(text))
    return Figure(dot.source, text, picture.titles)


class _Picture:
    """Writes cards for groups and leaves, and arrows that say how numbers are used."""

    def __init__(self, flat: Flat, groups: Sequence[Group], inputs: set[Node], names: dict[Node, str]) -> None:
        self.groups, self.inputs, self.names = groups, inputs, names
        self.titles: dict[str, str] = {}
        self.at = [*flat.places]  # the node at each place
        self.group_at = {place: k for k, group in enumerate(groups) for place in range(group.start, group.stop)}

    def lines(self) -> Iterator[str]:
        """Write every card, and the arrows to it."""
        for k, group in enumerate(self.groups):
            look = {**style.RESULT.look, **(style.OUTPUT if group is self.groups[-1] else {}), "margin": "0.06,0.05"}
            yield f"\tg{k} [label=<{self.card(group)}> {style.attributes(look)}]\n"
            self.titles[f"g{k}"] = f"{_at_once(group)}, {group.op.name}"
            yield from self.arrows(k, group)

    def card(self, group: Group) -> str:
        """Sign, cells and count of a group."""
        sign = "Σ" if group.additions else group.op.symbol
        size = 18 if formatting.columns(sign) <= 2 else 12
        op = (
            f'<TD ROWSPAN="2" BGCOLOR="{style.OP["fillcolor"]}" STYLE="ROUNDED" WIDTH="34" HEIGHT="34" CELLPADDING="4">'
            f'<FONT POINT-SIZE="{size}" COLOR="white"><B>{html(sign)}</B></FONT></TD>'
        )
        values = [float(n._data) for n in group.nodes]
        if len(values) == 1:
            name = self.names.get(group.nodes[0]) or ""
            value = f"{f'<B>{html(name)}</B> = ' * bool(name)}{formatting.number(values[0], 4)}"
            rows = f"{op}<TD>{value}</TD></TR><TR><TD>{_at_once(group)}</TD>"
        else:
            rows = f"{op}<TD>{_cells(values)}</TD></TR><TR><TD>{_at_once(group)}</TD>"
        return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="1"><TR>{rows}</TR></TABLE>'

    def arrows(self, k: int, group: Group) -> Iterator[str]:
        """Write what a group reads: arrows from other groups, and chips for leaves."""
        sources: dict[int, Counter[int]] = {}
        leaves: dict[str, dict[Node, None]] = {}
        for place in (p for column in group.operands for p in column):
            if place in self.group_at:
                sources.setdefault(self.group_at[place], Counter())[place] += 1
            else:
                node = self.at[place]
                leaves.setdefault(style.role(node, self.inputs).word, {})[node] = None
        for role in style.ROLES:
            if found := [*leaves.get(role.word, ())]:
                name = f"g{k}_{role.word}"
                yield f"\t{name} [label=<{_chip(role.word, found)}> {style.attributes({**role.look, **_CHIP})}]\n"
                yield f"\t{name} -> g{k} [{_WEIGHT[False]}]\n"
        for source, uses in sources.items():
            width = 1.3 + 0.5 * math.log10(sum(uses.values()))
            text = _uses(uses, group)
            label = f" label=<{_LABEL.format(chip([text]))}>" if text else ""
            yield f'\tg{source} -> g{k} [{_WEIGHT[True]} penwidth="{width:.2f}"{label}]\n'


_CHIP = {"fontsize": "11", "margin": "0.08,0.03"}
_WEIGHT = {True: 'weight="8"', False: 'weight="1"'}
# An arrow's text stands a little to its right.
_LABEL = (
    '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD WIDTH="7"></TD><TD>{}</TD></TR></TABLE>'
)
_PLURALS = {"input": "inputs", "param": "parameters", "const": "constants"}


def _at_once(group: Group) -> str:
    n = len(group.nodes)
    if group.additions:
        return f"{n:,} sum{'s' * (n > 1)} of {group.additions + 1:,}"
    return f"{n:,} at once" if n > 1 else "one alone"


def _chip(word: str, nodes: Sequence[Node]) -> str:
    """What a card says of leaves that a group reads."""
    if len(nodes) > 1:
        return f"{len(nodes):,} {_PLURALS[word]}"
    name, value = nodes[0].label, formatting.number(float(nodes[0]._data), 4)
    return f"<B>{html(formatting.name(nodes[0]))}</B> = {value}" if name else value


def _uses(uses: Counter[int], group: Group) -> str:
    """How a group uses the numbers of another: nothing where each is used once, for one."""
    times = {*uses.values()}
    if group.additions and times == {1}:
        each = len(uses) / len(group.nodes)
        return f"{each:,.0f} to each" if each.is_integer() and each > 1 and len(group.nodes) > 1 else ""
    if times == {1}:
        return ""
    return f"each {times.pop():,} times" if len(times) == 1 and len(uses) > 1 else f"{sum(uses.values()):,} times"


def _cells(values: Sequence[float]) -> str:
    """Numbers as coloured cells; of many the first."""
    many = len(values) > ROW * ROWS
    drawn = values[: ROW * ROWS - many]
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    cells = [_cell(v, largest) for v in drawn]
    if many:
        cells.append(f'<TD><FONT COLOR="{style.INK}">…</FONT></TD>')
    width = math.ceil(len(cells) / math.ceil(len(cells) / ROW))
    rows = "".join(f"<TR>{''.join(cells[i : i + width])}</TR>" for i in range(0, len(cells), width))
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="0">{rows}</TABLE>'


def _cell(value: float, largest: float) -> str:
    if not math.isfinite(value):
        return _square(NOT_FINITE, "?", style.INK)
    if value == 0:
        return _square(ZERO)
    shades = NEGATIVE if value < 0 else POSITIVE
    shade = min(int(len(shades) * abs(value) / largest), len(shades) - 1)
    return _square(shades[shade], "−" if value < 0 else "", "white" if shade > DARK else style.INK)


def _square(colour: str, sign: str = "", ink: str = style.INK) -> str:
    text = f'<FONT POINT-SIZE="8" COLOR="{ink}">{sign}</FONT>' if sign else ""
    return f'<TD FIXEDSIZE="TRUE" WIDTH="12" HEIGHT="12" BGCOLOR="{colour}">{text}</TD>'


def _legend(text: str) -> str:
    examples = (("positive", _cell(1.0, 1.0)), ("negative", _cell(-1.0, 1.0)), ("0", _cell(0.0, 1.0)))
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="'
    square = '<TABLE BORDER="0" CELLPADDING="0"><TR>'
    cells = "".join(f"<TD>{square}{cell}</TR></TABLE></TD><TD>{word} &#160;</TD>" for word, cell in examples)
    lines = f"<B>{html(text)}</B>", f'{table}0"><TR>{cells}</TR></TABLE>'
    return caption([f"<TR><TD>{line}</TD></TR>" for line in lines])
