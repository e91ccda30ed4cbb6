"""``draw_backward``: beside the forward graph the backward one, from the seed to the leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import graphviz
import numpy as np

from autograd.graph import Contribution, Step, explaining, formulas, steps, toposort, words
from autograd.namespaces import arrays, names
from autograd.node import Node
from autograd.viz import style
from autograd.viz.cards import Cards, disc, html, table
from autograd.viz.drawing import titled
from autograd.viz.figure import Figure
from autograd.viz.naming import found, numbered
from autograd.viz.options import Nodes, checked, listed

__all__ = ["Texts", "draw_backward", "reads", "start"]

FORMULA_COLUMNS = 32
_LEGEND = (
    (style.LINE, "→", "forward: values"),
    (style.BACKWARD, "←", "backward: gradient g from the right, by the local derivative (formula, value)"),
    (style.SAVED, "⇢", "value that the derivative reads"),
)


def draw_backward(
    y: Node, *, gradient: Any = None, inputs: Nodes = (), names: Any = None, precision: int = 4
) -> Figure:
    """Draw the forward graph of `y` from left to right, and below it its backward graph from right to left.

    The backward graph starts from the seed ∂y/∂y. Each op has a derivative below it, with one result for each argument
    that requires a gradient; its arrows say by what the gradient ``g`` that comes in is multiplied. Dashed arrows lead
    to a derivative from the values that it reads: what the op table says, so that a sum has none.

    Parameters
    ----------
    y : node
        What to differentiate.
    gradient : number or array, optional
        The seed, of the shape of `y`; ones by default, which for an array gives the gradients of its sum.
    inputs : node or sequence of nodes
        Leaves to draw as inputs, as in :func:`autograd.viz.draw`.
    names : mapping or module, optional
        Where nodes without a label find a name, as in :func:`autograd.viz.draw`.
    precision : int
        Significant digits of numbers; arrays of up to six elements show at most three.

    Returns
    -------
    Figure
        The picture; no node's ``grad`` is read or written.

    Raises
    ------
    TypeError
        If `y` is no node.
    ValueError
        If `y` requires no gradient, or `gradient` has another shape.

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
    given = set(listed("draw_backward", inputs))
    checked("draw_backward", {"precision": precision})
    order = toposort(y)
    walked = list(steps(y, start(y) if gradient is None else gradient))
    called = numbered(found(names), order)
    picture = _Picture(order, walked, Cards(called, titled(y, called), precision, gradients=False), given)
    dot = graphviz.Digraph(graph_attr={**style.GRAPH, **style.TWO_ROWS}, node_attr=style.NODE, edge_attr=style.EDGE)
    dot.body += picture.lines()
    dot.body.append(_legend(y, gradient))
    ops, derivatives = sum(n.op is not None for n in order), sum(bool(s.contributions) for s in walked)
    plural = ["" if n == 1 else "s" for n in (ops, derivatives)]
    told = f"{ops} operation{plural[0]} and {derivatives} derivative{plural[1]}"
    return Figure(dot.source, f"forward and backward graph of {titled(y, called)}, {told}", picture.titles)


def start(y: Node) -> Any:
    """The seed where none is given: ones."""
    return np.ones(y.shape) if y.ndim else None


def reads(node: Node) -> list[Node]:
    """The values that the derivatives of an op read, as the op table has it; the result too."""
    op: Any = node.op
    uses = op.reads(node.params)
    found: dict[Node, None] = {}
    for i, p in enumerate(node.parents):
        if not p.requires_grad:
            continue
        for j in sorted(uses[min(i, len(uses) - 1)], reverse=True):
            rest = op.variadic and j == len(op.argnames) - 1
            several = (node,) if j < 0 else node.parents[j:] if rest else node.parents[j : j + 1]
            found |= dict.fromkeys(several)
    return list(found)


class Texts:
    """Formulas in the names of a picture, written by the op table."""

    def __init__(self, called: Mapping[Node, str]) -> None:
        self.called = called

    def _name(self, node: Node) -> tuple[int, str]:
        name = self.called[node]
        return formulas.bound(name) if name else formulas.described(node)

    def call(self, node: Node) -> str:
        """How a result is computed: ``W @ x``."""
        return names.text(formulas.call(node), formulas.inserted(node, self._name))

    def contribution(self, node: Node, slot: int) -> str:
        """What the gradient `g` of a result becomes for an argument: ``g·cos(x)``."""
        return self._derivative(node, slot, local=False)

    def local(self, node: Node, slot: int) -> str:
        """The factor on `g`, of an elementwise op only: ``cos(x)``."""
        return self._derivative(node, slot, local=True)

    def _derivative(self, node: Node, slot: int, local: bool) -> str:
        by_name = formulas.inserted(node, self._name, g="g")
        return names.text(formulas.derivative(node, slot, local), by_name)


class _Picture:
    """The lines of DOT text: two rows of columns, each value above its gradient, each op above its derivative."""

    def __init__(self, order: list[Node], walked: list[Step], cards: Cards, inputs: set[Node]) -> None:
        self.order, self.walked, self.cards, self.inputs = order, walked, cards, inputs
        self.place = {node: i for i, node in enumerate(order)}
        self.texts = Texts(cards.names)
        self.titles: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        y = self.order[-1]
        for node in self.order:
            yield from self.forward(node, last=node is y)
        for step in self.walked:
            yield from self.backward(step, seed=step.node is y)

    def forward(self, node: Node, last: bool) -> Iterator[str]:
        i = self.place[node]
        role = style.role(node, self.inputs)
        lines = self.cards.value_lines(node)
        name = self.cards.names[node]
        if node.op is not None:
            call = words.elided(f"{name} = {self.texts.call(node)}", FORMULA_COLUMNS)
            shape = words.shape(node.data)
            numbers = words.numbers(node.data, self.cards.precision)
            lines = [f"<B>{html(call)}</B>", *map(html, numbers or [shape])]
        look = {**role.look, **style.OUTPUT} if last else role.look
        yield f'\tn{i} [label={table(lines)} id="n{i}" {style.attributes(look)}]\n'
        self.titles[f"n{i}"] = self.cards.sentence(node, role)
        if node.op is None:
            return
        yield f'\top{i} [{disc(*words.call(node))} id="op{i}"]\n'
        for place, p in enumerate(node.parents):
            yield f"\tn{self.place[p]} -> op{i} [weight={2 if place else 8}]\n"
        yield f"\top{i} -> n{i} [weight=8]\n"

    def backward(self, step: Step, seed: bool) -> Iterator[str]:
        i = self.place[step.node]
        told = self.cards.told(self.cards.derivative(step.node), step.gradient)
        lines = [f"<B>{html(told[0])}</B>", *map(html, told[1:])]
        if seed:
            lines[-1] += "&#160; seed"
        inked = [f'<FONT COLOR="{style.GRADIENT_INK}">{line}</FONT>' for line in lines]
        yield f'\tg{i} [label={table(inked)} id="g{i}" {style.attributes(style.GRADIENT)}]\n'
        self.titles[f"g{i}"] = ("seed: " if seed else "") + " ".join(told)
        # Below one another, in this order.
        yield f"\t{{rank=same; n{i}; g{i}}}\n\tn{i} -> g{i} [style=invis]\n"
        if not step.contributions:
            return
        sign, params = words.call(step.node)
        yield f'\td{i} [{_derivative_sign(sign)} id="d{i}"]\n'
        self.titles[f"d{i}"] = f"derivative of {step.node.op.name if step.node.op else ''} {params}".strip()
        yield f"\t{{rank=same; op{i}; d{i}}}\n\top{i} -> d{i} [style=invis]\n"
        # Written forwards and drawn backwards, so that both rows have the same columns.
        yield f"\td{i} -> g{i} [dir=back weight=8 {style.attributes(style.BACK)}]\n"
        for place, c in enumerate(step.contributions):
            label = table([f"&#160;{line}&#160;" for line in self.label(step, c)])
            weight = 2 if place else 8
            look = style.attributes(style.BACK)
            yield f"\tg{self.place[c.parent]} -> d{i} [dir=back weight={weight} label={label} {look}]\n"
        for node in reads(step.node):
            yield f"\tn{self.place[node]} -> d{i} [{style.attributes(style.READ)}]\n"

    def label(self, step: Step, c: Contribution) -> Iterator[str]:
        """What an arrow says: what becomes of g, and the value of the local derivative, or of what it reads."""
        formula = self.texts.contribution(step.node, c.slot)
        yield f"<B>{html(words.elided('g · 1' if formula == 'g' else formula, FORMULA_COLUMNS))}</B>"
        if formula == "g":
            return
        factor = arrays.quietly(explaining.factor, step.node, c.slot)
        if factor is not None:
            local = words.elided(self.texts.local(step.node, c.slot), FORMULA_COLUMNS)
            lines = words.numbers(factor, self.cards.precision)
            if lines and lines != [local]:
                yield from _rows(local, lines)
            return
        # Of what is no factor, such as a matrix product, the one value that it reads.
        op: Any = step.node.op
        positions = op.reads(step.node.params)[min(c.slot, len(op.argnames) - 1)]
        if len(positions) == 1 and not op.variadic:
            (j,) = positions
            node = step.node if j < 0 else step.node.parents[j]
            lines = words.numbers(node.data, self.cards.precision)
            if lines:
                yield from _rows(self.cards.names[node], lines)


def _rows(name: str, lines: list[str]) -> Iterator[str]:
    """A name with its number or vector on one line; the rows of a matrix below it."""
    if len(lines) == 1 and words.columns(name + lines[0]) < FORMULA_COLUMNS:
        yield html(f"{name} = {lines[0]}" if name else lines[0])
    else:
        yield html(f"{name} =")
        yield from map(html, lines)


def _derivative_sign(sign: str) -> str:
    """The hexagon of a derivative: σ′ for a letter, ∂@ for a sign."""
    text = f"{sign}′" if sign.isalpha() else f"∂{sign}"
    size = style.disc(text, "")
    width = max(0.66, float(size["width"]) + 0.16)
    look = {**style.DERIVATIVE, "width": f"{width:.2f}", "fontsize": size["fontsize"]}
    return f"label=<{html(text)}> {style.attributes(look)}"


def _legend(y: Node, gradient: Any) -> str:
    cells = "<TD>&#160; &#160;</TD>".join(
        f'<TD><FONT COLOR="{color}"><B>{sign}</B> {html(text)}</FONT></TD>' for color, sign, text in _LEGEND
    )
    rows = f"<TR>{cells}</TR>"
    if y.ndim and gradient is None:
        rows += '<TR><TD COLSPAN="5">the seed is all ones: these are the gradients of the sum of the elements</TD></TR>'
    body = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0">{rows}</TABLE>'
    return f"\tlabel=<{body}> labelloc=b fontsize=11\n"
