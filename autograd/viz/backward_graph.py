"""``draw_backward``: the forward and the backward pass of a graph in one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Unpack

import graphviz
import numpy as np

from autograd.engine.node import Node
from autograd.graph import formatting, steps, tidying, toposort
from autograd.graph.arguments import node_list
from autograd.graph.naming import Names, find_names, number_unnamed
from autograd.typing import Data, X
from autograd.viz import folding, style
from autograd.viz.backward_arrows import Pass
from autograd.viz.backward_cards import CardPicture
from autograd.viz.backward_rows import RowPicture, row_guards
from autograd.viz.backward_steps import StepsPicture
from autograd.viz.drawing import folding_rows, node_title
from autograd.viz.figure import Figure
from autograd.viz.folding import Item
from autograd.viz.node_html import Cards, caption, html
from autograd.viz.options import BackwardOptions, Nodes, check_options
from autograd.viz.render import RenderError, positions

__all__ = ["both_passes", "default_seed", "draw_backward", "seed_rows"]

LIMIT = 60  # values; less than draw's, because each has a gradient here, and the arrows have texts
_LEGENDS = {
    "cards": (
        (style.LINE, "→", "values"),
        (style.BACKWARD, "←", "gradients, from the seed {seed} on: {way}"),
    ),
    "rows": (
        (style.LINE, "→", "forward: values"),
        (style.BACKWARD, "←", "backward: gradient g from the right, by the local derivative (formula, value)"),
        (style.SAVED, "⇢", "value that the derivative reads"),
    ),
}


def draw_backward(
    y: Node, *, gradient: Data = None, inputs: Nodes = (), names: object = None, **options: Unpack[BackwardOptions]
) -> Figure:
    """Draw the forward and the backward pass of `y` in one layout.

    Each value is a card of two storeys: above the value with the sign of the op that made it, below its gradient. Each
    use of a value is an arrow of two lanes: grey forwards to the op, vermilion backwards to the gradient, labelled by
    what the gradient on the right becomes on its way: ``× w = 0.5`` for a product with the local derivative, a formula
    in the incoming gradient ``g``, such as ``Wᵀ @ g``, for what is no such product. Where several arrows come back, the
    gradient is their sum, and the card says of what. A tooltip has the whole line of the chain rule.

    What repeats in time, such as a recurrent net or an iteration, gets a row for each step where it would be wider than
    a page, or one for all steps, as in :func:`autograd.viz.draw`. Each operand then has its name on the card of the op,
    and below the name stands what the gradient becomes on its way back to it; where all steps are drawn once, a card
    may have a whole formula, in which this stands below the sign of each operand that is itself computed there.

    With ``style="rows"`` the backward graph has a row of its own below the forward graph. Each op has a derivative
    below it, with one result for each argument that requires a gradient; its arrows say by what the incoming gradient
    ``g`` is multiplied. Dashed arrows lead to a derivative from the values that it reads according to the op table, so
    that a sum has none.

    A large graph folds by itself, and says so: nodes computed in the same way are drawn once, with their number. The
    arrows then have the formula for the op's operands a, b, ..., and the gradients are summed up by their norm.

    Parameters
    ----------
    y : node
        The result to differentiate.
    gradient : number or array, optional
        The seed, of the shape of `y`; ones by default, which for an array gives the gradients of its sum.
    inputs : node or sequence of node
        Leaves to draw as inputs, as in :func:`autograd.viz.draw`.
    names : mapping or Module, optional
        Names for nodes without a label, as in :func:`autograd.viz.draw`.
    **options : object
        style : {"cards", "rows"}, optional
            One layout for both passes, or two rows. By default one layout, with a row for each step in time.
        precision : int, default 4
            Significant digits of numbers; arrays of up to six elements show at most three.
        direction : {"LR", "TB", "RL", "BT"}, optional
            The direction of the forward pass on cards, as in :func:`autograd.viz.draw`.
        limit : int or None, default 60
            The number of values above which the graph folds; None never folds.
        roll : bool, optional
            Whether what repeats in time is drawn once, as in :func:`autograd.viz.draw`; by default `limit` decides.
        tidy : bool, default True
            Whether the graph of a derivative is drawn as one would write it, as :func:`autograd.graph.tidied` makes it;
            False draws all that was recorded.

    Returns
    -------
    Figure
        The picture; no node's ``grad`` is read or written.

    Raises
    ------
    TypeError
        If `y` is no node, or there is no such option.
    ValueError
        If `y` requires no gradient, `gradient` has another shape, an option is out of range, or a direction is given
        for two rows.

    Examples
    --------
    >>> from autograd import Tensor, viz
    >>> W, x, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.5, 0.8], "x"), Tensor([0.1, -0.2], "b")
    >>> y = (W @ x + b).sigmoid()
    >>> y.label = "y"
    >>> viz.draw_backward(y, inputs=x)
    <Figure: forward and backward pass of y, 6 values and 3 operations>
    >>> viz.draw_backward(y, inputs=x, style="rows")
    <Figure: forward and backward graph of y, 3 operations and 3 derivatives>
    """
    return both_passes("draw_backward", y, gradient, inputs, names, options)[0]


def both_passes(
    function: str, y: Node, gradient: Data, inputs: Nodes, names: object, options: X
) -> tuple[Figure, CardPicture | RowPicture | StepsPicture]:
    """Draw both passes, and return what wrote the picture too; `function` is the name of who was asked, for errors."""
    if not isinstance(y, Node):
        raise TypeError(f"{function}: pass a Value or a Tensor, not {type(y).__name__}")
    input_nodes, settings = (
        set(node_list(function, inputs, "inputs")),
        check_options(function, {"limit": LIMIT, **options}, BackwardOptions),
    )
    if settings.style == "rows" and settings.direction is not None:
        raise ValueError("draw_backward: two rows run to the right; direction is an option of style='cards'")
    known = find_names(names)
    graph = tidying.tidy([y], input_nodes, known) if settings.tidy else tidying.untidied([y])
    (y,) = graph.outputs
    order = toposort(y)
    input_nodes = style.Inputs(input_nodes, order)
    walked = list(steps(y, default_seed(y) if gradient is None else gradient, known))
    name_of = number_unnamed(known, order)
    # Modules are not framed here, so their parts fold like everything else.
    items = folding.plan(order, [y], input_nodes, Names(), settings)
    cards = Cards(
        name_of, node_title(y, name_of), settings.precision, gradients=False, badges=graph.badges, folded=graph.notes()
    )
    passed = Pass(items, walked, name_of, settings.precision)
    notes = [*seed_rows(y, gradient, cards.output), *_folded_rows(order, items)]
    ops = sum(n.op is not None for n in order)
    if settings.style == "rows":
        rows = RowPicture(items, passed, cards, input_nodes, {y})
        source = _two_rows(rows, _legend("rows", notes))
        derivatives = sum(bool(step.contributions) for step in walked)
        counts = f"{_count(ops, 'operation')} and {_count(derivatives, 'derivative')}"
        return Figure(source, f"forward and backward graph of {cards.output}, {counts}", rows.titles), rows
    picture: CardPicture | StepsPicture = CardPicture(items, passed, cards, input_nodes, y, settings.direction)
    timed = any(item.step is not None for item in items) and settings.direction is settings.style is None
    if timed and not picture.is_narrow:
        picture = StepsPicture(items, passed, cards, input_nodes, y, settings)
    lines = [*picture.lines()]
    lines.append(_legend("cards", notes, seed=cards.derivative(y), way=picture.way))
    source = _source({**style.ONE_LAYOUT, "rankdir": picture.direction}, lines)
    counts = f"{_count(len(order), 'value')} and {_count(ops, 'operation')}"
    description = f"forward and backward pass of {cards.output}, {counts}"
    return Figure.of_graph(source, description, picture.titles, [y], names), picture


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _source(graph: dict[str, str], lines: Sequence[str]) -> str:
    dot = graphviz.Digraph(graph_attr={**style.GRAPH, **graph}, node_attr=style.NODE, edge_attr=style.EDGE)
    dot.body += lines
    source: str = dot.source
    return source


def _two_rows(picture: RowPicture, legend: str) -> str:
    """Lay a picture out twice: the order of the upper row, once it is known, is that of the lower row too."""
    lines = [*picture.lines(), legend]
    first = _source(style.TWO_ROWS, lines)
    if len(picture.items) > LIMIT:  # a layout takes seconds
        return first
    try:
        guards = list(row_guards(picture.items, positions(first)))
    except RenderError:  # without Graphviz there is no picture either, only its DOT text
        return first
    return _source(style.TWO_ROWS, [*lines, *guards])


def default_seed(y: Node) -> Data:
    """The seed of a call without one: ones, or None for a scalar."""
    return np.ones(y.shape) if y.ndim else None


def seed_rows(y: Node, gradient: Data, output: str) -> Iterator[str]:
    """Say of what the gradients are, where the seed is not 1."""
    if gradient is None and y.ndim:
        text = "the seed is all ones: these are the gradients of the sum of the elements"
    elif gradient is not None and np.any(np.asarray(gradient) != 1):
        seed = "v" if np.ndim(gradient) else formatting.number(float(gradient), 4)
        product = f"vᵀ∂{output}/∂x" if np.ndim(gradient) else f"{seed}·∂{output}/∂x"
        given = f" with v = {formatting.value_text(gradient)}" if np.ndim(gradient) else ""
        text = f"∂{output}/∂x stands for {product}{given}, the seed"
    else:
        return
    yield f'<TR><TD COLSPAN="9">{html(text)}</TD></TR>'


def _folded_rows(order: Sequence[Node], items: Sequence[Item]) -> Iterator[str]:
    if rows := folding_rows(order, items):
        yield from rows
        yield '<TR><TD COLSPAN="9">a formula there names the operands a, b, x, … and the result y of any</TD></TR>'


def _legend(kind: str, rows: list[str], **words: str) -> str:
    cells = "<TD>&#160; &#160;</TD>".join(
        f'<TD><FONT COLOR="{style.on_paper(color)}"><B>{sign}</B></FONT>&#160; {html(text.format(**words))}</TD>'
        for color, sign, text in _LEGENDS[kind]
    )
    return caption([f"<TR>{cells}</TR>", *rows])
