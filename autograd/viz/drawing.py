"""``draw``: the forward graph. Each recorded value is a card, each op a disc, each use of a value an arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import graphviz
import numpy as np

from autograd.node import Node, toposort
from autograd.viz import cards, style, words
from autograd.viz.figure import Figure

__all__ = ["Nodes", "derivative_of", "draw", "listed"]

Nodes = Node | Sequence[Node]

DIRECTIONS = ("LR", "TB", "RL", "BT")
# Their operands may change places, so the arrows need no numbers.
_SYMMETRIC = frozenset(
    {"add", "mul", "maximum", "minimum", "equal", "not_equal", "logical_and", "logical_or", "logaddexp", "hypot"}
)
_NUMBER = style.attributes({"labeldistance": "1.3", "fontsize": "9"})


def draw(
    y: Nodes,
    *,
    inputs: Nodes = (),
    direction: str = "LR",
    precision: int = 4,
    values: bool = True,
    gradients: bool = True,
) -> Figure:
    """Draw the graph by which `y` was computed.

    Sheets with a folded corner are inputs, boxes with a thick border parameters, dashed boxes constants; round boxes
    are results, those with a double border outputs. Operands enter an op in order, the first on top; where the order
    matters, the arrows are numbered.

    Gradients are those of the last backward passes, as the nodes hold them. They are called ``∂y/∂x`` if `y` is one
    labelled scalar whose own gradient is 1, the start of a plain ``y.backward()``; else ``grad``.

    Parameters
    ----------
    y : node or sequence of nodes
        What to draw, with everything it depends on.
    inputs : node or sequence of nodes
        Leaves to draw as inputs. Others are told apart by themselves: a leaf that requires a gradient is a parameter,
        another array is an input, another number a constant.
    direction : {"LR", "TB", "RL", "BT"}
        Where the graph grows to: to the right, down, to the left or up.
    precision : int
        Significant digits of numbers; arrays of up to six elements show at most three.
    values, gradients : bool
        Whether to write the numbers.

    Returns
    -------
    Figure
        The picture: it shows itself in a notebook, and has ``.source``, ``.svg`` and ``.save(path)``.

    Raises
    ------
    TypeError
        If `y` or `inputs` are no nodes.
    ValueError
        If there is nothing to draw, or `direction` or `precision` is out of range.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    >>> y = m * x + b
    >>> y.label = "y"
    >>> y.backward()
    >>> figure = viz.draw(y, inputs=x)
    >>> figure
    <Figure: computational graph of y, 5 values and 2 operations>
    >>> "∂y/∂m = 2" in figure.source
    True
    """
    outputs, given = listed("draw", y), set(listed("draw", inputs))
    if not outputs:
        raise ValueError("draw: there is nothing to draw; pass a node, or a list of at least one")
    if direction not in DIRECTIONS:
        raise ValueError(f"draw: direction {direction!r} is none of {', '.join(DIRECTIONS)}")
    if not isinstance(precision, int) or not 1 <= precision <= 17:
        raise ValueError(f"draw: precision counts significant digits, 1 to 17, not {precision!r}")
    order = toposort(outputs)
    last = set(outputs)
    output = derivative_of(outputs)
    names = {node: f"n{i}" for i, node in enumerate(order)}
    titles = {}
    dot = graphviz.Digraph(graph_attr={**style.GRAPH, "rankdir": direction}, node_attr=style.NODE, edge_attr=style.EDGE)
    # Lines that repeat their looks are quoted once here, not again for each node: graphs may be large.
    plain = {role.word: style.attributes(role.look) for role in style.ROLES}
    ringed = {role.word: style.attributes({**role.look, **style.OUTPUT}) for role in style.ROLES}
    for i, node in enumerate(order):
        if node.op is not None:
            dot.body += _op_lines(f"op{i}", node, names)
            meaning = (node.op.__doc__ or "").strip().splitlines()[:1]
            titles[f"op{i}"] = ": ".join([node.op.name, *meaning]).replace("`", "")
        role = style.role(node, given)
        label = cards.card(node, role, output, precision, values, gradients)
        look = (ringed if node in last else plain)[role.word]
        dot.body.append(f'\tn{i} [label={label} id="n{i}" {look}]\n')
        titles[f"n{i}"] = cards.sentence(node, role, output, precision)
        if node.op is not None:
            dot.body.append(f"\top{i} -> n{i}\n")
    return Figure(dot.source, _description(outputs, order), titles)


def _op_lines(name: str, node: Node, names: dict[Node, str]) -> Iterator[str]:
    """The disc, and an arrow for each use of an operand."""
    yield f'\t{name} [{cards.disc(*words.call(node))} id="{name}"]\n'
    count = len(node.parents)
    numbered = count > 1 and node.op is not None and node.op.name not in _SYMMETRIC
    for place, parent in enumerate(node.parents):
        angle = "-40" if place < count / 2 else "40"  # beside the arrow, away from the middle
        look = f' [headlabel="{place + 1}" labelangle="{angle}" {_NUMBER}]' if numbered else ""
        yield f"\t{names[parent]} -> {name}{look}\n"


def derivative_of(outputs: Sequence[Node]) -> str:
    """The name for the upper half of ``∂y/∂x``; empty if the gradients may be those of something else."""
    if len(outputs) != 1 or outputs[0].grad is None or outputs[0].ndim or float(outputs[0].grad) != 1.0:
        return ""
    return words.name(outputs[0])


def listed(function: str, nodes: Any) -> list[Node]:
    """One node or several as a list; else an error that says what to pass."""
    if isinstance(nodes, Node):
        return [nodes]
    several = list(nodes.flat) if isinstance(nodes, np.ndarray) else nodes
    if isinstance(several, (list, tuple, set, frozenset)) and all(isinstance(n, Node) for n in several):
        return list(several)
    raise TypeError(f"{function}: pass a Value or a Tensor, or a list of them, not {type(nodes).__name__}")


def _description(outputs: Sequence[Node], order: Sequence[Node]) -> str:
    subject = ", ".join(map(_subject, outputs)) if len(outputs) <= 3 else f"{len(outputs)} outputs"
    ops = sum(n.op is not None for n in order)
    plural = ["" if n == 1 else "s" for n in (len(order), ops)]
    return f"computational graph of {subject}, {len(order)} value{plural[0]} and {ops} operation{plural[1]}"


def _subject(node: Node) -> str:
    if node.op is not None:
        return words.name(node) or words.call(node)[0]
    return words.name(node) or words.shape(node.data) or words.number(np.asarray(node.data).item(), 4)
