"""``draw_backward``: the forward graph, and below it the backward graph from the seed to the leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Unpack

import graphviz
import numpy as np

from autograd.engine.contributions import positions_read
from autograd.engine.node import Node
from autograd.graph import Contribution, Step, explaining, formatting, formulas, steps, toposort
from autograd.graph.arguments import node_list
from autograd.graph.naming import Names, find_names, number_unnamed
from autograd.namespaces import arrays
from autograd.typing import Data
from autograd.viz import folding, style
from autograd.viz.drawing import folding_rows, node_title
from autograd.viz.figure import Figure
from autograd.viz.folding import Item
from autograd.viz.node_html import OFF, Cards, caption, chip, disc, html, table
from autograd.viz.options import FoldOptions, Nodes, check_options

__all__ = ["default_seed", "draw_backward"]

LIMIT = 60  # values; less than draw's, because each has two cards here, and its arrows have texts
FORMULA_COLUMNS = 40
_LEGEND = (
    (style.LINE, "→", "forward: values"),
    (style.BACKWARD, "←", "backward: gradient g from the right, by the local derivative (formula, value)"),
    (style.SAVED, "⇢", "value that the derivative reads"),
)


def draw_backward(
    y: Node, *, gradient: Data = None, inputs: Nodes = (), names: object = None, **options: Unpack[FoldOptions]
) -> Figure:
    """Draw the forward graph of `y` from left to right, and below it its backward graph from right to left.

    The backward graph starts from the seed ∂y/∂y. Each op has a derivative below it, with one result for each argument
    that requires a gradient; its arrows say by what the incoming gradient ``g`` is multiplied. Dashed arrows lead to a
    derivative from the values that it reads according to the op table, so that a sum has none.

    A large graph folds by itself, and says so: nodes computed in the same way are drawn once, with their number. The
    arrows then have the formula for the op's operands a, b, ..., and the gradients are summed up by their norm.

    Parameters
    ----------
    y : node
        The result to differentiate.
    gradient : number or array, optional
        The seed, of the shape of `y`; ones by default, which for an array gives the gradients of its sum.
    inputs : node or sequence of nodes
        Leaves to draw as inputs, as in :func:`autograd.viz.draw`.
    names : mapping or module, optional
        Names for nodes without a label, as in :func:`autograd.viz.draw`.
    **options
        precision : int, default 4
            Significant digits of numbers; arrays of up to six elements show at most three.
        limit : int or None, default 60
            The number of values above which the graph folds; None never folds.

    Returns
    -------
    Figure
        The picture; no node's ``grad`` is read or written.

    Raises
    ------
    TypeError
        If `y` is no node, or there is no such option.
    ValueError
        If `y` requires no gradient, `gradient` has another shape, or an option is out of range.

    Examples
    --------
    >>> from autograd import Tensor, viz
    >>> W, x, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.5, 0.8], "x"), Tensor([0.1, -0.2], "b")
    >>> y = (W @ x + b).sigmoid()
    >>> y.label = "y"
    >>> viz.draw_backward(y, inputs=x)
    <Figure: forward and backward graph of y, 3 operations and 3 derivatives>
    """
    if not isinstance(y, Node):
        raise TypeError(f"draw_backward: pass a Value or a Tensor, not {type(y).__name__}")
    input_nodes, settings = (
        set(node_list("draw_backward", inputs, "inputs")),
        check_options("draw_backward", {"limit": LIMIT, **options}, FoldOptions),
    )
    order = toposort(y)
    walked = list(steps(y, default_seed(y) if gradient is None else gradient))
    name_of = number_unnamed(find_names(names), order)
    # Modules are not framed here, so their parts fold like everything else.
    items = folding.plan(order, [y], input_nodes, Names(), settings)
    picture = _Picture(
        items, walked, Cards(name_of, node_title(y, name_of), settings.precision, gradients=False), input_nodes
    )
    dot = graphviz.Digraph(graph_attr={**style.GRAPH, **style.TWO_ROWS}, node_attr=style.NODE, edge_attr=style.EDGE)
    dot.body += picture.lines()
    dot.body.append(_legend([*_seed_rows(y, gradient), *_folded_rows(order, items)]))
    ops, derivatives = sum(n.op is not None for n in order), sum(bool(s.contributions) for s in walked)
    plural = ["" if n == 1 else "s" for n in (ops, derivatives)]
    counts = f"{ops} operation{plural[0]} and {derivatives} derivative{plural[1]}"
    return Figure(dot.source, f"forward and backward graph of {node_title(y, name_of)}, {counts}", picture.titles)


def default_seed(y: Node) -> Data:
    """The seed of a call without one: ones, or None for a scalar."""
    return np.ones(y.shape) if y.ndim else None


class _Picture:
    """Writes DOT text: two rows of columns, each value above its gradient, each op above its derivative."""

    def __init__(self, items: Sequence[Item], walked: Sequence[Step], cards: Cards, inputs: set[Node]) -> None:
        self.items, self.cards, self.inputs = items, cards, inputs
        self.y = walked[0].node
        self.of = {node: item for item in items for node in item.members}
        self.steps: dict[Item, list[Step]] = {}
        for step in walked:
            self.steps.setdefault(self.of[step.node], []).append(step)
        self.texts = formulas.Texts(cards.names, cards.precision)
        self.titles: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        for item in self.items:
            yield from self.forward(item)
        for item, walked in self.steps.items():
            yield from self.backward(item, walked)

    def forward(self, item: Item) -> Iterator[str]:
        i, node = item.id, item.members[0]
        role = style.role(node, self.inputs)
        lines = self.cards.value_lines(node)
        if len(item.members) > 1:
            lines = self.cards.group_lines(item.members)
        elif node.op is not None:
            call = formatting.elide(f"{self.cards.names[node]} = {self.texts.call(node)}", FORMULA_COLUMNS)
            numbers = formatting.numbers(node.data, self.cards.precision)
            lines = [f"<B>{html(call)}</B>", *map(html, numbers or [formatting.shape(node.data)])]
        look = {**role.look, **style.OUTPUT} if node is self.y else role.look
        yield f'\tn{i} [label={table(lines)} id="n{i}" {style.attributes(look)}]\n'
        self.titles[f"n{i}"] = item.description(self.cards.tooltip(node, role))
        if node.op is None:
            return
        yield f'\top{i} [{disc(*formatting.op_text(node))} id="op{i}"]\n'
        for place, operand in enumerate(item.operands):
            yield f"\tn{operand.id} -> op{i} [weight={2 if place else 8}]\n"
        yield f"\top{i} -> n{i} [weight=8]\n"

    def backward(self, item: Item, walked: list[Step]) -> Iterator[str]:
        i, node = item.id, walked[0].node
        single, seed = len(item.members) == 1, node is self.y
        if single:
            lines = self.cards.labelled_value(self.cards.derivative(node), walked[0].gradient)
        else:
            lines = [f"× {len(walked)}", self.cards.gradient_norm([step.gradient for step in walked])]
        html_lines = [f"<B>{self.cards.gradient_line(lines[0])}</B>", *map(self.cards.gradient_line, lines[1:])]
        if seed:
            html_lines[-1] += f"&#160; {self.cards.gradient_line('seed')}"
        yield f'\tg{i} [label={table(html_lines)} id="g{i}" {style.attributes(style.GRADIENT)}]\n'
        self.titles[f"g{i}"] = ("seed: " if seed else "") + " ".join(lines)
        # The card and its gradient stand below one another, in this order.
        yield f"\t{{rank=same; n{i}; g{i}}}\n\tn{i} -> g{i} [style=invis]\n"
        # Of several contributions by the same operand item and slot, the first stands for all.
        parts: dict[Any, tuple[Step, Contribution]] = {}
        for step in walked:
            for c in step.contributions:
                parts.setdefault((self.of[c.parent], c.slot), (step, c))
        if not parts:
            return
        sign, params = formatting.op_text(node)
        yield f'\td{i} [{_derivative_sign(sign)} id="d{i}"]\n'
        self.titles[f"d{i}"] = item.description(f"derivative of {node.op.name if node.op else ''} {params}".strip())
        yield f"\t{{rank=same; op{i}; d{i}}}\n\top{i} -> d{i} [style=invis]\n"
        # The arrows are written forwards and drawn backwards, so that both rows have the same columns.
        look = style.attributes(style.BACK)
        yield f"\td{i} -> g{i} [dir=back weight=8 {look}]\n"
        for place, ((operand, slot), (step, c)) in enumerate(parts.items()):
            texts = self.label(step, c) if single else [_bold(self.texts.derivative_of_any(node, slot))]
            # The text gets a card of its own, because a dashed arrow may run behind it.
            label = table([chip([*texts], style.LABEL), OFF])
            yield f"\tg{operand.id} -> d{i} [dir=back weight={2 if place else 8} label={label} {look}]\n"
        for operand in dict.fromkeys(self.of[n] for step in walked for n in _reads(step.node)):
            yield f"\tn{operand.id} -> d{i} [{style.attributes(style.READ)}]\n"

    def label(self, step: Step, c: Contribution) -> Iterator[str]:
        """Write an arrow's text: the formula, and the value of the local derivative, or of what the formula reads."""
        formula = self.texts.derivative(step.node, c.slot)
        yield _bold(formula)
        if formula == "g":
            return
        factor = arrays.quietly(explaining.factor, step.node, c.slot, spread=False)
        if factor is not None:
            local = formatting.elide(self.texts.derivative(step.node, c.slot, local=True), FORMULA_COLUMNS)
            lines = formatting.numbers(factor, self.cards.precision)
            if lines and lines != [local]:
                yield from _rows(local, lines)
            return
        # A derivative that is no factor, such as a matrix product, shows the one value that it reads.
        op: Any = step.node.op
        positions = op.uses_with(step.node.params)[min(c.slot, len(op.argnames) - 1)]
        if len(positions) == 1 and not op.variadic:
            (j,) = positions
            node = step.node if j < 0 else step.node.parents[j]
            lines = formatting.numbers(node.data, self.cards.precision)
            if lines:
                yield from _rows(self.cards.names[node], lines)


def _bold(formula: str) -> str:
    return f"<B>{html(formatting.elide('g · 1' if formula == 'g' else formula, FORMULA_COLUMNS))}</B>"


def _reads(node: Node) -> list[Node]:
    """The values that the derivatives of an op read according to the op table; among them maybe the result."""
    return [node if j < 0 else node.parents[j] for j in sorted(positions_read(node), reverse=True)]


def _rows(name: str, lines: list[str]) -> Iterator[str]:
    """Write a name with its number or vector on one line, or with the rows of a matrix below it."""
    if len(lines) == 1 and formatting.columns(name + lines[0]) < FORMULA_COLUMNS:
        yield html(f"{name} = {lines[0]}" if name else lines[0])
    else:
        yield html(f"{name} =")
        yield from map(html, lines)


def _derivative_sign(sign: str) -> str:
    """The attributes of a derivative's hexagon: σ′ for a letter, ∂@ for a sign."""
    text = f"{sign}′" if sign.isalpha() else f"∂{sign}"
    size = style.disc(text, "")
    width = max(0.66, float(size["width"]) + 0.16)
    look = {**style.DERIVATIVE, "width": f"{width:.2f}", "fontsize": size["fontsize"]}
    return f"label=<{html(text)}> {style.attributes(look)}"


def _seed_rows(y: Node, gradient: Data) -> Iterator[str]:
    if y.ndim and gradient is None:
        yield '<TR><TD COLSPAN="9">the seed is all ones: these are the gradients of the sum of the elements</TD></TR>'


def _folded_rows(order: Sequence[Node], items: Sequence[Item]) -> Iterator[str]:
    if rows := folding_rows(order, items):
        yield from rows
        yield '<TR><TD COLSPAN="9">a formula there names the operands a, b, x, … and the result y of any</TD></TR>'


def _legend(rows: list[str]) -> str:
    cells = "<TD>&#160; &#160;</TD>".join(
        f'<TD><FONT COLOR="{style.on_paper(color)}"><B>{sign}</B></FONT>&#160; {html(text)}</TD>'
        for color, sign, text in _LEGEND
    )
    return caption([f"<TR>{cells}</TR>", *rows])
