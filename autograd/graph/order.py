"""What a user passes for a graph, and the names of its nodes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from autograd.graph import words
from autograd.node import Node

__all__ = ["Names", "listed", "named", "one", "prompted"]


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


Names = Mapping[Any, Any] | None


def prompted() -> Mapping[str, Any]:
    """The variables of a prompt or notebook: those are the user's own beyond doubt; a program's may be anyone's."""
    return vars(sys.modules["__main__"]) if hasattr(sys, "ps1") else {}


def named(order: Iterable[Node], names: Names = None) -> dict[Node, str]:
    """A name for each node: its label; else that in `names`; for a constant, its number; else v1, v2, ... in order.

    Parameters
    ----------
    order : iterable of Node
        The nodes.
    names : mapping, optional
        Of names to nodes, such as ``locals()``, in which other things are left out; or of nodes to names. By default,
        in a prompt or notebook only, its variables.

    Raises
    ------
    TypeError
        If `names` is no mapping.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import toposort
    >>> x = Value(2.0, "x")
    >>> list(named(toposort((x + 1) * x)).values())
    ['x', '1', 'v1', 'v2']
    """
    if names is not None and not isinstance(names, Mapping):
        raise TypeError(f"names: pass a mapping of names to nodes, such as locals(), not {type(names).__name__}")
    found: dict[Node, str] = {}
    for a, b in (prompted() if names is None else names).items():
        node, name = (a, b) if isinstance(a, Node) else (b, a)
        if isinstance(node, Node) and isinstance(name, str) and not name.startswith("_"):
            found.setdefault(node, name)
    labels = {node: words.name(node) or words.line(found.get(node)) for node in order}
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
