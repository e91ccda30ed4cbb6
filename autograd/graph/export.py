"""``to_mermaid`` and ``to_latex``: the graph as text for other programs to draw or typeset."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from autograd.engine.libraries import fetched
from autograd.engine.node import Node, toposort
from autograd.graph import formatting, formulas, tidying
from autograd.graph.arguments import check_node, node_list
from autograd.graph.naming import find_names, name_nodes
from autograd.graph.pathways import leading_to, nearest_on_a_path
from autograd.graph.roles import Inputs, role
from autograd.namespaces.notations import ATOM, LATEX, latex
from autograd.namespaces.notations import written as written_as
from autograd.namespaces.symbols import FRACTION, INDEXED, latex_bound, latex_text
from autograd.typing import Data

__all__ = ["to_latex", "to_mermaid"]

Bound = tuple[int, str]  # a text, after the strength with which it binds

LONGEST = 60  # an expression of more signs gets a name and a line of its own
DIRECTIONS = ("LR", "TB", "RL", "BT")
WIDE_OPS = 12  # a graph of scalars with more has no discs
NEWLINE = "\n        "  # in a label with ``<br/>`` Mermaid 11.0 to 11.9 decodes entities too early
_SIGNS = re.compile(r"[^\w\s=,().]|(?<![^\W_])_|_(?![^\W_])|\.(?!\d)|^\s*\d+\)")  # that may mean markup
INK, OP = "color:#1F2328", "op fill:#4A5563,stroke:#8B949E,color:#FFFFFF"


def to_mermaid(y: Node | Sequence[Node], direction: str = "LR", names: object = None, *, tidy: bool = True) -> str:
    """Write the graph in Mermaid's language, which GitHub draws in a Markdown file.

    Put it into a fenced block of the language ``mermaid``. Boxes are leaves that require a gradient, rounded ones
    other leaves, pills results, circles ops; the colours are those of :func:`autograd.viz.draw`. In a graph of scalars
    with more than 12 ops, an op's sign stands with its result: ``× → v1 = 6``. GitHub draws up to 500 edges.

    Parameters
    ----------
    y : node or sequence of node
        The graph: everything that `y` depends on.
    direction : {"LR", "TB", "RL", "BT"}
        The direction in which the graph grows.
    names : mapping or Module, optional
        Where nodes without a label find a name, as in :func:`autograd.graph.explain`.
    tidy : bool
        Whether the graph of a derivative is drawn as :func:`autograd.graph.tidied` makes it.

    Returns
    -------
    str
        The text; the same for the same graph.

    Raises
    ------
    TypeError
        If `y` is no node, or `names` no mapping or module.
    ValueError
        If there is no such direction.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import to_mermaid
    >>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    >>> y = m * x + b
    >>> y.backward()
    >>> print(to_mermaid(y, names=locals()))
    flowchart LR
        n0["m = 3
            grad = 2"]
        n1["x = 2
            grad = 3"]
        n2["b = 1
            grad = 1"]
        op3(("×"))
        n3(["v1 = 6
            grad = 1"])
        op4(("#43;"))
        n4(["y = 7
            grad = 1"])
        n0 --> op3
        n1 --> op3
        op3 --> n3
        n3 --> op4
        n2 --> op4
        op4 --> n4
        classDef param fill:#FFD98A,stroke:#9A6400,color:#1F2328
        class n0,n1,n2 param
        classDef result fill:#E6F4EC,stroke:#1B7F5C,color:#1F2328
        class n3,n4 result
        classDef op fill:#4A5563,stroke:#8B949E,color:#FFFFFF
        class op3,op4 op
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"to_mermaid: direction {direction!r} is none of {', '.join(DIRECTIONS)}")
    nodes, known = node_list("to_mermaid", y), find_names(names)
    graph = tidying.tidy(nodes, (), known) if tidy else tidying.untidied(nodes)
    order = toposort(graph.outputs)
    name_of = name_nodes(order, known)
    ids = {node: i for i, node in enumerate(order)}
    inputs = Inputs((), order)
    compact = sum(node.op is not None for node in order) > WIDE_OPS and not any(node.ndim for node in order)
    cards, arrows = [f"flowchart {direction}"], []
    classes: dict[str, list[str]] = {}
    for node, i in ids.items():
        value = formatting.value_text(node.data)
        lines = [f"{name_of[node]} = {value}" if name_of[node] != value else value]
        lines += [f"stated: {why}" for why in graph.badges.get(node, ())]
        lines += [f"grad = {formatting.value_text(node.grad)}"] if node.has_grad else []
        left, right = ("([", "])") if node.op else ("[", "]") if node.requires_grad else ("(", ")")
        look = role(node, inputs).look
        classes.setdefault(f"{look['class']} fill:{look['fillcolor']},stroke:{look['color']},{INK}", []).append(f"n{i}")
        if node.op is not None:
            sign = " ".join(formatting.op_text(node)).strip()
            target = f"n{i}" if compact else f"op{i}"
            # Operands are numbered where their order matters.
            ordered = len(node.parents) > 1 and not node.op.commutative
            for slot, parent in enumerate(node.parents):
                arrows.append(f"    n{ids[parent]} -->{f'|{slot + 1}|' if ordered else ''} {target}")
            if compact:
                lines[0] = f"{sign} → {lines[0]}"
            else:
                cards.append(f'    op{i}(("{_entities(sign)}"))')
                arrows.append(f"    op{i} --> n{i}")
                classes.setdefault(OP, []).append(f"op{i}")
        cards.append(f'    n{i}{left}"{NEWLINE.join(map(_entities, lines))}"{right}')
    for definition, members in sorted(classes.items(), key=lambda item: item[0] == OP):
        arrows += [f"    classDef {definition}", f"    class {','.join(members)} {definition.split()[0]}"]
    return "\n".join(cards + arrows)


def _entities(text: str) -> str:
    """Escape a text for Mermaid: its own signs, HTML's and Markdown's become numbered entities.

    Mermaid 11.0 to 11.9 reads every label as Markdown: a list in ``+``, ``1.`` and ``1)``, emphasis in ``_x_``.
    """
    return _SIGNS.sub(lambda found: "".join(map(_entity, found[0])), text)


def _entity(sign: str) -> str:
    return f"#{ord(sign)};" if sign.isascii() and not sign.isalnum() and not sign.isspace() else sign


def to_latex(y: Node, x: Node | None = None, names: object = None, *, tidy: bool = True) -> str:
    r"""Write the expression by which `y` was computed in LaTeX; with `x`, also its derivative by the chain rule.

    A node that has a label, is used more than once or is long gets a line of its own. The derivatives stand in the
    order of the backward pass: from `y` back to `x`, each made of those of the node's users. Where an operand was
    broadcast, the sum that undoes it is written with its index; ``:`` stands for a whole axis. The derivative of an
    array `y` is that of the sum of its elements: the pass starts from ones.

    Parameters
    ----------
    y : node
        The result.
    x : node, optional
        The leaf or inner node to differentiate by.
    names : mapping or Module, optional
        Where nodes without a label find a name, as in :func:`autograd.graph.explain`.
    tidy : bool
        Whether the graph of a derivative is written as :func:`autograd.graph.tidied` makes it.

    Returns
    -------
    str
        LaTeX for math mode.

    Raises
    ------
    TypeError
        If `y` or `x` is no node, or `names` no mapping or module.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import to_latex
    >>> a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    >>> y = (a + b) * (b * c)
    >>> print(to_latex(y, names={"y": y}))
    y = \left(a + b\right) \cdot b \cdot c
    >>> print(to_latex(y, b, names={"y": y}))
    \begin{aligned}
    v_{1} &= a + b \\
    v_{2} &= b \cdot c \\
    y &= v_{1} \cdot v_{2} \\
    \frac{\partial y}{\partial v_{2}} &= v_{1} \\
    \frac{\partial y}{\partial v_{1}} &= v_{2} \\
    \frac{\partial y}{\partial b} &= \frac{\partial y}{\partial v_{2}} \cdot c + \frac{\partial y}{\partial v_{1}}
    \end{aligned}
    """
    known = find_names(names)
    if tidy:
        kept = [] if x is None else [check_node("to_latex", x)]
        graph = tidying.tidy([check_node("to_latex", y)], kept, known)
        (y,) = graph.outputs
        x = x if x is None else graph.new.get(x, x)
    order = toposort(check_node("to_latex", y))
    name_of = _symbols(name_nodes(order, known))
    if x is None:
        lines = list(_expression(order, y, name_of))
    elif check_node("to_latex", x) in name_of:
        lines = [*_definitions(order, name_of), *_derivatives(y, x, order, name_of)]
    else:
        *_, name = map(latex_bound, name_nodes([*order, x], known).values())
        origin = nearest_on_a_path(y, x)  # `x` may be an element taken after the recording
        hint = "" if origin is None else rf" \quad \text{{(a new node; paths lead from }}{name_of[origin][1]}\text{{)}}"
        lines = [(_partial(name_of[y], name)[1], f"{_all(0, x)[1]}{hint}")]
    if len(lines) == 1:
        return " = ".join(lines[0])
    return "\\begin{aligned}\n" + " \\\\\n".join(" &= ".join(line) for line in lines) + "\n\\end{aligned}"


def _symbols(name_of: Mapping[Node, str]) -> dict[Node, Bound]:
    """Make symbols of names; where two would look the same, as ``v1`` and ``v_1``, the second stays a text."""
    taken: dict[str, str] = {}
    return {
        node: symbol if taken.setdefault((symbol := latex_bound(name))[1], name) == name else latex_text(name)
        for node, name in name_of.items()
    }


def _expression(order: Sequence[Node], y: Node, name_of: Mapping[Node, Bound]) -> Iterator[tuple[str, str]]:
    """Write how `y` is computed in lines; a short expression that is used once stands in its place."""
    uses = Counter(parent for node in order for parent in node.parents)
    written: dict[Node, Bound] = {}
    for node in order:
        if node.op is None:
            if node is y:
                yield name_of[node][1], _value(node)
            written[node] = _operand(node, name_of)
            continue
        insert = formulas.symbols_of(node, lambda n: written.get(n, (ATOM, "")))
        strength, inside = written_as(formulas.call(node), insert, LATEX)
        if node is y or node.label or uses[node] > 1 or len(inside) > LONGEST:
            yield name_of[node][1], inside
            written[node] = name_of[node]
        else:
            written[node] = strength, inside


def _definitions(order: Sequence[Node], name_of: Mapping[Node, Bound]) -> Iterator[tuple[str, str]]:
    """Write a line for each result."""
    for node in order:
        if node.op is not None:
            yield (
                name_of[node][1],
                latex(formulas.call(node), formulas.symbols_of(node, lambda n: _operand(n, name_of))),
            )


def _derivatives(y: Node, x: Node, order: Sequence[Node], name_of: Mapping[Node, Bound]) -> Iterator[tuple[str, str]]:
    """Write the derivative of `y` by each node on a path to `x`, the nearest first: a sum over the uses of the node."""
    on_a_path = leading_to(order, x)
    terms: dict[Node, list[tuple[Data, Data]]] = {y: []}
    if y not in on_a_path:
        yield _partial(name_of[y], name_of[x])[1], _all(0, x)[1]
        return
    for node in reversed(order):
        if node not in terms:
            continue
        partial = _partial(name_of[y], name_of[node])
        if node is not y or node is x:
            several = 5 if len(terms[node]) > 1 else 0
            yield partial[1], " + ".join(latex(*term, within=several) for term in terms[node]) or _all(1, y)[1]
        if node is x:
            return
        for slot, parent in enumerate(node.parents):
            if parent in on_a_path and formulas.has_derivative(node, slot):
                terms.setdefault(parent, []).append(_term(y, node, slot, partial, name_of))


def _term(y: Node, node: Node, slot: int, partial: Bound, name_of: Mapping[Node, Bound]) -> tuple[Data, Data]:
    """The formula of what a node contributes to the derivative by an operand, and what its symbols stand for."""
    insert = formulas.symbols_of(node, lambda n: _operand(n, name_of))
    if node is not y:
        return formulas.derivative(node, slot), insert | {"g": partial}
    # ∂y/∂y is 1, and is left out where the rest has the shape.
    if formulas.is_whole(node, slot):
        return formulas.derivative(node, slot, local=True), insert
    return formulas.derivative(node, slot), insert | {"g": _all(1, y)}


def _partial(y: Bound, x: Bound) -> Bound:
    return FRACTION, rf"\frac{{\partial {y[1]}}}{{\partial {x[1]}}}"


def _all(number: int, like: Node) -> Bound:
    """Write zeros or ones in the shape of a node: its derivative by itself is ones, and zeros where no path leads."""
    shape = r" \times ".join(map(str, like.shape))
    return (INDEXED, rf"\mathbf{{{number}}}_{{{shape}}}") if like.ndim else (ATOM, str(number))


def _operand(node: Node, name_of: Mapping[Node, Bound]) -> Bound:
    """Write a node by its name; a constant without one by its number."""
    if node.op is None and name_of[node] == latex_bound(formatting.value_text(node.data)):
        return written_as(np.asarray(fetched(node.data)).item(), {}, LATEX)
    return name_of[node]


def _value(node: Node) -> str:
    if node.ndim:
        return rf"\text{{{formatting.value_text(node.data).replace(formatting.MINUS, '-')}}}"
    return latex(np.asarray(fetched(node.data)).item())
