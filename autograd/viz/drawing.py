"""``draw``: the forward graph. Each recorded value is a card, each op a disc, each use of a value an arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Unpack

import graphviz
import numpy as np

from autograd.engine.node import Node, toposort
from autograd.graph import formatting, tidying
from autograd.graph.arguments import node_list
from autograd.graph.naming import find_names, number_unnamed
from autograd.typing import Data, Keywords
from autograd.viz import colours, folding, placing, style
from autograd.viz.figure import Figure
from autograd.viz.folding import Item
from autograd.viz.node_html import OFF, Cards, caption, chip, disc, html, large_sign, reference, table
from autograd.viz.options import DrawOptions, Nodes, Settings, check_options, nonempty_list

__all__ = ["draw", "folding_rows", "gradient_output", "node_title", "to_dot"]

WIDE_OPS = 12  # a graph of scalars with more is drawn in the compact form
REFERENCE_COLUMNS = 16

_NUMBER = style.attributes({"labeldistance": "1.8", "fontsize": "9"})


def draw(y: Nodes, *, inputs: Nodes = (), names: object = None, **options: Unpack[DrawOptions]) -> Figure:
    """Draw the graph by which `y` was computed.

    Sheets with a folded corner are inputs, boxes with a thick border parameters, dashed boxes constants; round boxes
    are results, those with a double border outputs. Operands enter an op in order, the first on top; where the order
    matters, the arrows are numbered. A leaf that is used three times or more has one card, and a chip with its name at
    each use.

    The gradients are those that the nodes hold from the last backward passes. They are called ``∂y/∂x`` if `y` is one
    scalar whose own gradient is 1, as after a plain ``y.backward()``; else ``grad``.

    A large graph folds by itself, and says so: first modules become one box each, then nodes computed in the same way
    from the same kinds of leaves are drawn once, with their number.

    Parameters
    ----------
    y : node or sequence of nodes
        The results to draw, with everything that they depend on.
    inputs : node or sequence of nodes
        Leaves to draw as inputs. Of the others, a leaf that requires a gradient is a parameter, another array is an
        input, another number a constant.
    names : mapping or module, optional
        Names for nodes without a label: variables, such as ``locals()``, or a module, whose parameters are called by
        their paths (``0.weight``) and whose modules are framed. In a prompt its variables serve by default. Nodes
        without any name are called v1, v2, ... in order.
    **options
        direction : {"LR", "TB", "RL", "BT"}, optional
            The direction in which the graph grows: to the right, down, to the left or up. By default to the right, or
            down where that would be wider than a page.
        precision : int, default 4
            Significant digits of numbers; arrays of up to six elements show at most three.
        values, gradients : bool, default True
            Whether to write the numbers.
        compact : bool, optional
            Whether an op and its result share a card; by default in graphs of more than 12 ops on scalars.
        color : {"gradient", "sign", "finite"}, optional
            Colour cards by the size or the sign of their gradients, or by nan, inf and gradients of 0.
        depth : int, optional
            The number of ops before `y` to draw; ``⋯`` stands for what lies before them.
        limit : int or None, default 200
            The number of values above which the graph folds; None never folds.
        tidy : bool, default True
            Whether the graph of a derivative is drawn as one would write it, as :func:`autograd.graph.tidied` makes it;
            False draws all that was recorded.
        unfold : sequence of str, optional
            The modules to draw open, by name; ``()`` folds them all. By default those of small graphs are open.

    Returns
    -------
    Figure
        The picture: it shows itself in a notebook, and has ``.source``, ``.svg`` and ``.save(path)``.

    Raises
    ------
    TypeError
        If `y` or `inputs` are no nodes, `names` is no mapping or module, or there is no such option.
    ValueError
        If there is nothing to draw, an option is out of range, or `unfold` names no module.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    >>> y = m * x + b
    >>> y.backward()
    >>> figure = viz.draw(y, inputs=x, names={"y": y})
    >>> figure
    <Figure: computational graph of y, 5 values and 2 operations>
    >>> "∂y/∂m = 2" in figure.source
    True
    """
    outputs, input_nodes, settings = (
        nonempty_list("draw", y),
        set(node_list("draw", inputs, "inputs")),
        check_options("draw", options),
    )
    known = find_names(names)
    folding.check_names(settings.unfold or (), known)
    graph = tidying.tidy(outputs, input_nodes, known) if settings.tidy else tidying.untidied(outputs)
    outputs = graph.outputs
    order, cut = (
        (toposort(outputs), set[Node]()) if settings.depth is None else folding.within_depth(outputs, settings.depth)
    )
    input_nodes = style.Inputs(input_nodes, order)
    name_of = number_unnamed(known, order)
    ink = style.INK if settings.color else style.GRADIENT_INK
    cards = Cards(
        name_of,
        gradient_output(outputs, name_of),
        settings.precision,
        settings.values,
        settings.gradients,
        ink,
        graph.badges,
        graph.notes(),
    )
    items = folding.plan(order, outputs, input_nodes, known, settings)
    for item in items:
        if not cut.isdisjoint(item.members):
            item.cut, item.operands = True, []
    picture = _Picture(items, cards, input_nodes, set(outputs), settings, known.titles)
    dot = graphviz.Digraph(
        graph_attr={**style.GRAPH, "rankdir": picture.direction}, node_attr=style.NODE, edge_attr=style.EDGE
    )
    dot.body += picture.lines()
    dot.body += _caption(order, items, settings.color, bool(picture.fills))
    return Figure.of_graph(dot.source, _description(outputs, order, name_of), picture.titles, outputs, names)


def to_dot(y: Nodes, **options: Data) -> str:
    """The graph in Graphviz's language, as :func:`draw` draws it.

    Parameters
    ----------
    y : node or sequence of nodes
        The graph: everything that `y` depends on.
    **options
        Those of :func:`draw`; by default no graph folds, and no name is looked up in a prompt.

    Returns
    -------
    str
        The text; equal for equal graphs.

    Raises
    ------
    TypeError, ValueError
        If `y` is no node, or an option is out of range.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.viz import to_dot
    >>> x = Value(2.0, "x")
    >>> to_dot(x * x).splitlines()[0]
    'digraph {'
    """
    chosen: Keywords = {"limit": None, "names": {}} | options
    return draw(node_list("to_dot", y), **chosen).source


class _Picture:
    """Writes DOT text for items, and sentences for their tooltips."""

    def __init__(
        self, items: Sequence[Item], cards: Cards, inputs: set[Node], outputs: set[Node], settings: Settings,
        modules: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.items, self.cards, self.inputs, self.outputs, self.modules = items, cards, inputs, outputs, modules
        self.chips = placing.references(items)
        ops = sum(item.members[0].op is not None for item in items)
        scalars = not any(node.ndim for item in items for node in item.members)
        self.compact = ops > WIDE_OPS and scalars if settings.compact is None else settings.compact
        self.fills = colours.fills(items, settings.color) if settings.color else {}
        self.finite = settings.color == "finite"
        self.titles: dict[str, str] = {}
        self.frames = 0
        self.users: dict[Item, list[Item]] = {}
        for item in items:
            for operand in dict.fromkeys(item.operands):
                self.users.setdefault(operand, []).append(item)
        # A leaf of a module stands beside its op, not a rank before it, so that modules stand in a row.
        self.beside = {} if self.compact else {item: op for item in items if (op := self._only_op(item))}
        self.direction = settings.direction or placing.best_direction(items, self.chips, self.width, self.gap)
        # Looks are written once here and not for each node, because graphs may be large.
        self.plain = {role.word: style.attributes(role.look) for role in style.ROLES}
        self.ringed = {role.word: style.attributes({**role.look, **style.OUTPUT}) for role in style.ROLES}

    def _only_op(self, item: Item) -> Item | None:
        """The one op that uses a leaf, if both are in the same module."""
        users = self.users.get(item, [])
        if item.members[0].op is not None or not item.modules or len(users) != 1:
            return None
        return users[0] if users[0].modules == item.modules and not users[0].folded else None

    def lines(self) -> Iterator[str]:
        """Write every node, those of a module inside its frame, and every arrow."""
        framed: dict[tuple[str, ...], list[str]] = {}
        for item in self.items:
            framed.setdefault(item.modules, []).extend(self.nodes(item))
        opened: tuple[str, ...] = ()
        # In sorted order a module's parts follow it, so that frames open and close like brackets.
        for path in sorted(framed):
            shared = next((i for i, (a, b) in enumerate(zip(opened, path, strict=False)) if a != b), len(opened))
            yield from ["\t}\n"] * (len(opened) - shared)
            for module in path[shared:]:
                yield from self.frame(module)
            yield from framed[path]
            opened = path
        yield from ["\t}\n"] * len(opened)
        for item in self.items:
            yield from self.arrows(item)

    def frame(self, path: str) -> Iterator[str]:
        """Write the beginning of a cluster."""
        title = html(formatting.line(self.modules.get(path, path)))
        self.frames += 1
        yield f"\tsubgraph cluster_{self.frames} {{\n"
        yield f"\tlabel=<{chip([f'<B>{title}</B>'])}> {style.attributes(style.FRAME)}\n"

    def nodes(self, item: Item) -> Iterator[str]:
        """Write the disc and the card of an item."""
        name, node = f"n{item.id}", item.members[0]
        if not (self.compact and self.made(item)):
            for place, operand in enumerate(item.operands):
                if operand in self.chips:
                    yield self.reference_node(item, place, operand)
        if item.folded:
            yield from self.box(item)
            return
        role = style.role(node, self.inputs)
        look = (self.ringed if node in self.outputs else self.plain)[role.word]
        if self.compact and self.numbered(item):
            look += ' ordering="in"'
        if item in self.fills:
            look += " " + style.attributes(self.fills[item])
        if node.op is not None and not item.joined:
            disc_name = f"op{item.id}"
            if item.cut:
                yield f'\t{disc_name} [label="⋯" {style.attributes(style.CUT)}]\n'
            elif not self.compact:
                yield f'\t{disc_name} [{disc(*formatting.op_text(node))} id="{disc_name}"]\n'
                meaning = (node.op.__doc__ or "").strip().splitlines()[:1]
                self.titles[disc_name] = ": ".join([node.op.name, *meaning]).replace("`", "")
        yield f'\t{name} [label={self.card(item)} id="{name}" {look}]\n'
        sentence = self.cards.tooltip(node, role)
        self.titles[name] = item.description(sentence)
        if item in self.beside:
            yield f"\t{{rank=same; {name}; op{self.beside[item].id}}}\n"

    def made(self, item: Item) -> bool:
        """Whether an item's op is drawn with it: on its card in the compact form, else on a disc."""
        return item.members[0].op is not None and not item.joined and not item.cut and not item.folded

    def card(self, item: Item) -> str:
        """Write the label of a card: the lines, and in the compact form the op's sign with its chips."""
        node = item.members[0]
        role = style.role(node, self.inputs)
        single = len(item.members) == 1
        lines = self.cards.lines(node, role) if single else self.cards.group_lines(item.members)
        if self.finite and (text := colours.nonfinite_text(item)):
            lines.append(html(text))
        return table(lines, self.sign(item) if self.compact and self.made(item) else [])

    def sign(self, item: Item) -> list[str]:
        """Write an op's sign with its chips; an operator of two operands has them on its two sides."""
        sign = " ".join(formatting.op_text(item.members[0])).strip()
        parts = [self.reference(o) if o in self.chips else "" for o in item.operands]
        parts = [parts[0], large_sign(sign), parts[1]] if self.infix(item) else [large_sign(sign), *parts]
        shown = [part for part in parts if part]
        return shown if len(shown) == 1 else [*shown, "&#160;"]

    def infix(self, item: Item) -> bool:
        """Whether an item's op is a sign between two operands."""
        two = len(item.operands) == 2 and item.ordered
        return two and not formatting.op_text(item.members[0])[0][0].isalnum()

    def reference(self, operand: Item) -> str:
        """Write the chip that stands for a value."""
        node = operand.members[0]
        name = formatting.elide(self.cards.called(node), REFERENCE_COLUMNS)
        return reference(name, style.role(node, self.inputs))

    def reference_node(self, item: Item, place: int, operand: Item) -> str:
        """Write a chip that stands by itself before a disc or a box."""
        name, node = f"r{item.id}_{place}", operand.members[0]
        look = style.role(node, self.inputs).look
        look = {**style.REFERENCE, "shape": "box", "fillcolor": look["fillcolor"], "color": look["color"]}
        text = html(formatting.elide(self.cards.called(node), REFERENCE_COLUMNS))
        self.titles[name] = self.cards.tooltip(node, style.role(node, self.inputs))
        return f'\t{name} [label=<<B>{text}</B>> id="{name}" {style.attributes(look)}]\n'

    def width(self, item: Item) -> float:
        """Points that a card takes across."""
        return placing.text_width("".join(self.box(item)) if item.folded else self.card(item)) + placing.MARGIN

    @property
    def gap(self) -> float:
        """Points between the cards of two ranks."""
        return placing.GAP if self.compact else 3 * placing.GAP

    def box(self, item: Item) -> Iterator[str]:
        """Write the box of a folded module."""
        first, last = item.folded[0], item.folded[-1]
        title = formatting.line(self.modules.get(first, first))
        if first != last:
            title = title.replace(first, f"{first} … {last}", 1) + f" × {len(item.folded)}"
        parameters = [n for n in item.members if n.op is None and n.requires_grad]
        ops = sum(n.op is not None for n in item.members)
        count = sum(int(np.size(p.data)) for p in parameters)
        texts = [f"{count} parameter" + "s" * (count != 1) if parameters else f"{ops} op" + "s" * (ops != 1)]
        gradients = [p.grad for p in parameters if p.has_grad]
        if gradients and self.cards.gradients:
            texts.append(self.cards.gradient_norm(gradients))
        lines = [
            f"<B>{html(title)}</B>",
            f'<FONT POINT-SIZE="10">{texts[0]}</FONT>',
            *map(self.cards.gradient_line, texts[1:]),
        ]
        fill = self.fills.get(item, {})
        yield f'\tn{item.id} [label={table(lines)} id="n{item.id}" {style.attributes({**style.MODULE, **fill})}]\n'
        self.titles[f"n{item.id}"] = ", ".join(["folded module " + title, *texts])

    def arrows(self, item: Item) -> Iterator[str]:
        """Write an arrow for each use of an operand, and one from the disc to the card."""
        name, op = f"n{item.id}", item.members[0].op
        if op is None and not item.folded:
            return
        target = name if self.compact or item.folded or item.joined else f"op{item.id}"
        count, numbered = len(item.operands), self.numbered(item)
        for place, operand in enumerate(item.operands):
            if operand in self.chips and self.compact and self.made(item):
                continue  # the chip is on the card
            look = self.number(place, count) if numbered else ""
            if (item.folded or operand.folded) and operand is not item:
                there = set(operand.members)
                shape = next((formatting.shape(p.data) for n in item.members for p in n.parents if p in there), "")
                look = f"label={table([chip([shape]), OFF])} fontsize=10" if shape else ""
            if operand in self.beside and any(o in self.beside for o in item.operands[place + 1 :]):
                # All but the last of several leaves beside an op stand on its other side: no arrow goes round a card.
                look = look.replace("headlabel", "taillabel")
                yield f"\t{target} -> n{operand.id} [dir=back {look}]\n"
            else:
                source = f"r{item.id}_{place}" if operand in self.chips else f"n{operand.id}"
                yield f"\t{source} -> {target}{f' [{look}]' if look else ''}\n"
        if item.cut and self.compact:
            target = f"op{item.id}"
        if target != name:
            yield f"\t{target} -> {name}\n"

    def numbered(self, item: Item) -> bool:
        """Whether the arrows of an item's operands have numbers, because their order matters."""
        op = item.members[0].op
        several = op is not None and not op.commutative and item.ordered and len(item.operands) > 1
        if self.compact and self.made(item) and self.infix(item) and not self.chips.isdisjoint(item.operands):
            return False  # the chip stands on one side of the sign
        return several and not item.joined and not any(o.folded for o in (item, *item.operands))

    def number(self, place: int, count: int) -> str:
        """The attributes of an operand's number: beside the head of its arrow, away from the middle."""
        # Graphviz counts angles from the direction in which the arrow comes.
        angle = 40 if (place < count / 2) == (self.direction in ("TB", "BT")) else -40
        return f'headlabel=<{chip([str(place + 1)], style.NUMBER)}> labelangle="{angle}" {_NUMBER}'


def _caption(order: Sequence[Node], items: Sequence[Item], color: str | None, coloured: bool) -> Iterator[str]:
    """Write what the colours mean, and that a graph was folded."""
    rows = [*([colours.legend(color, coloured)] if color else []), *folding_rows(order, items)]
    if rows:
        yield caption(rows)


def folding_rows(order: Sequence[Node], items: Sequence[Item]) -> list[str]:
    """Write how far a graph was folded; nothing if it was not."""
    if all(len(item.members) == 1 or item.folded for item in items):
        return []
    text = f"{len(order):,} values in {len(items)}: what is computed in the same way is drawn once"
    return [f'<TR><TD COLSPAN="9">{text}; limit=None draws all</TD></TR>']


def node_title(node: Node, names: Mapping[Node, str]) -> str:
    """Call a node by a word or two."""
    if names.get(node):
        return names[node]
    if node.op is not None:
        return formatting.op_text(node)[0]
    return formatting.shape(node.data) or formatting.number(np.asarray(node.data).item(), 4)


def gradient_output(outputs: Sequence[Node], names: Mapping[Node, str]) -> str:
    """The name for the upper half of ``∂y/∂x``; empty if the gradients may belong to another result."""
    if len(outputs) != 1 or not outputs[0].has_grad or outputs[0].ndim or float(outputs[0].grad) != 1.0:
        return ""
    return names.get(outputs[0], "")


def _description(outputs: Sequence[Node], order: Sequence[Node], names: Mapping[Node, str]) -> str:
    subject = ", ".join(node_title(y, names) for y in outputs) if len(outputs) <= 3 else f"{len(outputs)} outputs"
    ops = sum(n.op is not None for n in order)
    plural = ["" if n == 1 else "s" for n in (len(order), ops)]
    return f"computational graph of {subject}, {len(order)} value{plural[0]} and {ops} operation{plural[1]}"
