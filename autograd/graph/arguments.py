"""Checks of what a user passes for a graph."""

from __future__ import annotations

import numpy as np

from autograd.engine.node import Node
from autograd.typing import Data

__all__ = ["check_node", "node_list"]


def check_node(function: str, y: Data) -> Node:
    """Return `y` if it is a node; else raise an error that says what to pass."""
    if not isinstance(y, Node):
        raise TypeError(f"{function}: pass a Value or a Tensor, not {type(y).__name__}")
    return y


def node_list(function: str, nodes: object, argument: str = "") -> list[Node]:
    """Return one node, or several in a list, a set or an object array, as a list; else say what to pass."""
    if isinstance(nodes, Node):
        return [nodes]
    several = list(nodes.flat) if isinstance(nodes, np.ndarray) else nodes
    if isinstance(several, (list, tuple, set, frozenset)) and all(isinstance(n, Node) for n in several):
        return list(several)
    kind, odd = type(nodes).__name__, nodes
    if isinstance(nodes, (list, tuple, set, frozenset)):
        odd = next(n for n in nodes if not isinstance(n, Node))
        kind += f" with {type(odd).__name__} in it"
    takes = f"{argument} takes" if argument else "pass"
    plain = isinstance(odd, (np.ndarray, list, float, int))
    advice = "; of plain numbers, pass the node that was made of them, x = Tensor(numbers)" if plain else ""
    raise TypeError(f"{function}: {takes} a Value or a Tensor, or a list of them, not {kind}{advice}")
