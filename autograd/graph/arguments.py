"""What a user passes for a graph."""

from __future__ import annotations

from typing import Any

from autograd.engine.node import Node

__all__ = ["check_node", "node_list"]


def check_node(function: str, y: Any) -> Node:
    """A node; else an error that says what to pass."""
    if not isinstance(y, Node):
        raise TypeError(f"{function}: pass a Value or a Tensor, not {type(y).__name__}")
    return y


def node_list(function: str, y: Any) -> list[Node]:
    """One node or several as a list; else an error that says what to pass."""
    nodes = [y] if isinstance(y, Node) else y
    if not isinstance(nodes, (list, tuple)) or not all(isinstance(node, Node) for node in nodes):
        raise TypeError(f"{function}: pass a Value or a Tensor, or a list of them, not {type(y).__name__}")
    return list(nodes)
