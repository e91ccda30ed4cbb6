"""``draw``: the forward graph. Each recorded value is a card, each op a disc, each use of a value an arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Unpack

import graphviz
import numpy as np

from autograd.engine.libraries import fetched
from autograd.engine.node import Node, toposort
from autograd.graph import formatting, tidying
from autograd.graph.arguments import node_list
from autograd.graph.naming import find_names, number_unnamed
from autograd.typing import Data, Keywords
from autograd.viz import colours, folding, style
from autograd.viz.figure import Figure
from autograd.viz.folding import Item
from autograd.viz.forward import Picture
from autograd.viz.node_html import Cards, caption
from autograd.viz.options import DrawOptions, Nodes, Settings, check_options, nonempty_list
from autograd.viz.rows import RowsPicture

__all__ = ["draw", "folding_rows", "gradient_output", "node_title", "to_dot"]


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

    What repeats in time, such as a recurrent net or an iteration, gets a row for each step where it would be wider than
    a page; chips name what other rows computed. Above the limit all steps are drawn once, and ``↺ h`` is what the step
    before computed.

    Parameters
    ----------
    y : node or sequence of node
        The results to draw, with everything that they depend on.
    inputs : node or sequence of node
        Leaves to draw as inputs. Of the others, a leaf that requires a gradient is a parameter, another array is an
        input, another number a constant.
    names : mapping or Module, optional
        Names for nodes without a label: variables, such as ``locals()``, or a module, whose parameters are called by
        their paths (``0.weight``) and whose modules are framed, each with what its call recorded (of a copy, and of a
        call before ``autograd.viz`` was loaded, with what reads its parameters). In a prompt its variables serve by
        default. Nodes without any name are called v1, v2, ... in order.
    **options : object
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
            The number of values above which the graph folds, until at most so many cards are left (one for each of `y`
            and one for the rest are the fewest); None never folds.
        roll : bool, optional
            Whether what repeats, such as the steps of a recurrent net, is drawn once. By default `limit` decides; if
            False, each step in time keeps a row of its own.
        tidy : bool, default True
            Whether the graph of a derivative is drawn as one would write it, as :func:`autograd.graph.tidied` makes it;
            False draws all that was recorded.
        unfold : sequence of str, optional
            The modules to draw open, by name, with those around them; ``()`` folds all. By default those of small
            graphs are open.

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
    picture = _picture(items, cards, input_nodes, set(outputs), settings, known.titles)
    dot = graphviz.Digraph(
        graph_attr={**style.GRAPH, "rankdir": picture.direction}, node_attr=style.NODE, edge_attr=style.EDGE
    )
    dot.body += picture.lines()
    dot.body += _caption(order, items, settings.color, bool(picture.fills))
    return Figure.of_graph(dot.source, _description(outputs, order, name_of), picture.titles, outputs, names)


def _picture(
    items: Sequence[Item], cards: Cards, inputs: set[Node], outputs: set[Node], settings: Settings,
    modules: Mapping[str, str],
) -> Picture:  # fmt: skip
    """Choose how to draw: what repeats in time and is wider than a page stands in rows."""
    picture = Picture(items, cards, inputs, outputs, settings, modules)
    timed = any(item.step is not None for item in items)
    if not timed or settings.direction is not None or settings.compact is False or picture.is_narrow:
        return picture
    return RowsPicture(items, cards, inputs, outputs, settings, modules)


def to_dot(y: Nodes, **options: Data) -> str:
    """The graph in Graphviz's language, as :func:`autograd.viz.draw` draws it.

    Parameters
    ----------
    y : node or sequence of node
        The graph: everything that `y` depends on.
    **options : object
        Those of :func:`autograd.viz.draw`; by default no graph folds, and no name is looked up in a prompt.

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


def _caption(order: Sequence[Node], items: Sequence[Item], color: str | None, coloured: bool) -> Iterator[str]:
    """Write what the colours mean, and that a graph was folded."""
    rows = [*([colours.legend(color, coloured)] if color else []), *folding_rows(order, items)]
    if rows:
        yield caption(rows)


def folding_rows(order: Sequence[Node], items: Sequence[Item]) -> list[str]:
    """Write how far a graph was folded; nothing if it was not."""
    if all(len(item.members) == 1 or len(item.folded) == 1 for item in items):
        return []
    text = f"{len(order):,} values in {len(items)}: what is computed in the same way is drawn once"
    more = "roll=False draws each step" if any(item.before for item in items) else "limit=None draws all"
    return [f'<TR><TD COLSPAN="9">{text}; {more}</TD></TR>']


def node_title(node: Node, names: Mapping[Node, str]) -> str:
    """Call a node by a word or two."""
    if names.get(node):
        return names[node]
    if node.op is not None:
        return formatting.op_text(node)[0]
    return formatting.shape(fetched(node.data)) or formatting.number(np.asarray(fetched(node.data)).item(), 4)


def gradient_output(outputs: Sequence[Node], names: Mapping[Node, str]) -> str:
    """The name for the upper half of ``∂y/∂x``; empty if the gradients may belong to another result."""
    if len(outputs) != 1 or not outputs[0].has_grad or outputs[0].ndim or float(fetched(outputs[0].grad)) != 1.0:
        return ""
    return names.get(outputs[0], "")


def _description(outputs: Sequence[Node], order: Sequence[Node], names: Mapping[Node, str]) -> str:
    subject = ", ".join(node_title(y, names) for y in outputs) if len(outputs) <= 3 else f"{len(outputs)} outputs"
    ops = sum(n.op is not None for n in order)
    plural = ["" if n == 1 else "s" for n in (len(order), ops)]
    return f"computational graph of {subject}, {len(order)} value{plural[0]} and {ops} operation{plural[1]}"
