"""What a user passes for a graph, and the names of its nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.graph import words
from autograd.node import Node

__all__ = ["listed", "named", "one"]


def one(function: str, y: Any) -> Node:
    """A node; else an error that says what to pass."""
    if not isinstance(y, Node):
        raise TypeError(f"{function}: pass a Value or a Tensor, not {type(y).__name__}")
    return y


def listed(function: str, y: Any) -> list[Node]:
    """One node or several as a list; else an error that says what to pass."""
    nodes = [y] if isinstance(y, Node) else y
    if not isinstance(nodes, (list, tuple)) or not all(isinstance(node, Node) for node in nodes):
        raise TypeError(f"{function}: pass a Value or a Tensor, or a list of them, not {type(y).__name__}")
    return list(nodes)


def named(order: Iterable[Node]) -> dict[Node, str]:
    """A name for each node: its label; for a constant number, the number; else v1, v2, ... in order.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import toposort
    >>> x = Value(2.0, "x")
    >>> list(named(toposort((x + 1) * x)).values())
    ['x', '1', 'v1', 'v2']
    """
    order = list(order)
    labels = {node: words.name(node) for node in order}
    taken = set(labels.values())
    count = 0
    for node, label in labels.items():
        if label:
            continue
        if node.op is None and not node.requires_grad and not node.ndim:
            labels[node] = words.shown(node.data)
            continue
        count += 1
        while f"v{count}" in taken:
            count += 1
        labels[node] = f"v{count}"
    return labels
