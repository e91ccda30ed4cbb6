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
    """Return one node, or several in a list, a set or an object array, as a list; else say what to pass.

    What a recurrent layer gives, ``(output, (h, c))``, is flattened; a None in a tuple, as attention has it in the
    place of its weights, is left out.
    """
    if isinstance(nodes, Node):
        return [nodes]
    several = list(nodes.flat) if isinstance(nodes, np.ndarray) and nodes.dtype == object else nodes
    if isinstance(several, (list, tuple, set, frozenset)):
        parts = [n for n in several if n is not None or not isinstance(nodes, tuple)]
        if all(isinstance(n, (Node, tuple)) for n in parts):
            return [node for part in parts for node in node_list(function, part, argument)]
    kind, odd = type(nodes).__name__, nodes
    if isinstance(nodes, (list, tuple, set, frozenset)):
        odd = next(n for n in nodes if not isinstance(n, (Node, tuple)))
        kind += f" with {type(odd).__name__} in it"
    takes = f"{argument} takes" if argument else "pass"
    plain = isinstance(odd, (np.ndarray, list, float, int))
    advice = "; of plain numbers, pass the node that was made of them, x = Tensor(numbers)" if plain else ""
    raise TypeError(f"{function}: {takes} a Value or a Tensor, or a list of them, not {kind}{advice}")
