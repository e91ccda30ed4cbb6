"""The roles of values in a graph, and their looks. Shape, border and fill all tell a role, so none rests on colour."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from autograd.engine.node import Node

__all__ = ["CONSTANT", "INDEX", "INPUT", "PARAMETER", "RESULT", "ROLES", "Inputs", "Role", "role"]


class Role(NamedTuple):
    """The role of a value in its graph: a word for texts, and the look of its card in Graphviz's words."""

    word: str
    look: Mapping[str, str]


INPUT = Role("input", {
    "class": "input", "shape": "note", "style": "filled", "fillcolor": "#D3E7F8", "color": "#0072B2", "penwidth": "1.2",
})  # fmt: skip
PARAMETER = Role("param", {
    "class": "param", "shape": "box", "style": "filled", "fillcolor": "#FFD98A", "color": "#9A6400", "penwidth": "2.6",
})  # fmt: skip
CONSTANT = Role("const", {
    "class": "const", "shape": "box", "style": "filled,dashed", "fillcolor": "#DDE1E6", "color": "#8B949E",
    "penwidth": "1.2",
})  # fmt: skip
INDEX = Role("index", {
    "class": "index", "shape": "tab", "style": "filled", "fillcolor": "#E9EBEE", "color": "#737B85", "penwidth": "1.2",
})  # fmt: skip
RESULT = Role("", {
    "class": "result", "shape": "box", "style": "filled,rounded", "fillcolor": "#E6F4EC", "color": "#1B7F5C",
    "penwidth": "1.2",
})  # fmt: skip
ROLES = (INPUT, PARAMETER, CONSTANT, INDEX, RESULT)


class Inputs(set[Node]):
    """The leaves to draw as inputs.

    Attributes
    ----------
    indices : set of node
        Arrays by which a graph only selects: conditions and indices.
    """

    def __init__(self, nodes: Collection[Node], order: Sequence[Node] = ()) -> None:
        super().__init__(nodes)
        selecting = {p for node in order for p in _selecting(node)}
        others = {p for node in order for p in node.parents if p in selecting and p not in _selecting(node)}
        self.indices = selecting - others - self


def _selecting(node: Node) -> set[Node]:
    """The arrays by which an op chooses among the elements of others."""
    if node.op is None or not node.op.differentiable:
        return set()
    names = node.op.argument_names(len(node.parents))
    return {
        p for slot, (p, name) in enumerate(zip(node.parents, names, strict=True))
        if p.op is None and p.ndim and not p.requires_grad and not node.op.vjp(slot) and name not in node.op.shape_only
    }  # fmt: skip


def role(node: Node, inputs: set[Node]) -> Role:
    """The role of a node: data are inputs, trained leaves parameters, other leaves indices or constants."""
    if node.op is not None:
        return RESULT
    if node in inputs:
        return INPUT
    if node.requires_grad:
        return PARAMETER
    if isinstance(inputs, Inputs) and node in inputs.indices:
        return INDEX
    return INPUT if node.ndim else CONSTANT
