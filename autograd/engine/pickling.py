"""Nodes for pickle and copy: a graph as one flat list in topological order, without recursion."""

from __future__ import annotations

from copy import copy, deepcopy
from operator import getitem
from types import MappingProxyType
from weakref import WeakValueDictionary

import numpy as np

from autograd.engine.libraries import library_of
from autograd.engine.node import NO_PARAMS, NODE_CLASSES, Node, depth_of, toposort, versions
from autograd.typing import X

__all__ = ["copied", "deep_copied", "rebuilt", "reduced"]


def reduced(node: Node) -> X:
    """What pickle writes for a node."""
    if node.op is None:
        return rebuilt, (_fields(node), ()), getattr(node, "__dict__", None)  # a subclass's own attributes
    graph = _graphs.get(node) or _Graph(node)
    return getitem, (graph, graph.place[node])


def deep_copied(output: Node, memo: dict[int, X]) -> Node:
    """A copy of a node and of all it depends on."""
    for node in toposort(output):
        if id(node) not in memo:
            memo[id(node)] = twin = copied(node, tuple(memo[id(p)] for p in node.parents))
            if hasattr(twin, "__dict__"):
                vars(twin).update(deepcopy(vars(twin), memo))
    deep: Node = memo[id(output)]
    return deep


def copied(node: Node, parents: tuple[Node, ...]) -> Node:
    """A copy of a node that has other parents."""
    twin = rebuilt(list(map(_copied, _fields(node))), parents)
    if hasattr(node, "__dict__"):  # of a subclass
        vars(twin).update(vars(node))
    return twin


def _copied(field: X) -> X:
    library = library_of(field)
    return library.copy(field) if library is not None else copy(field) if isinstance(field, np.ndarray) else field


class _Graph:
    """Inner nodes for pickle: a flat list in topological order, without recursion.

    Each of its nodes is pickled as its place in it, so that nodes pickled together stay in one graph, as pickle sees
    the same object. Leaves, and inner nodes that are in another such list, go into it as themselves.
    """

    def __init__(self, output: Node) -> None:
        reached: dict[Node, bool] = {}  # whether a node is of this list
        stack = [output]
        while stack:
            node = stack.pop()
            if node not in reached:
                reached[node] = own = node.op is not None and node not in _graphs
                if own:
                    stack.extend(node.parents)
        self.own = reached
        self.place = {n: i for i, n in enumerate(sorted(reached, key=depth_of))}
        _graphs.update((n, self) for n, own in reached.items() if own)

    def __reduce__(self) -> tuple[X, ...]:
        place, own = self.place, self.own
        flat = [(_fields(n), [place[p] for p in n.parents]) if own[n] else n for n in place]
        attributes = {i: vars(n) for n, i in place.items() if own[n] and hasattr(n, "__dict__")}
        return _unpacked, (flat,), attributes, None, None, _set_attributes


# The list that an inner node is in, for as long as a pickler remembers it.
_graphs: WeakValueDictionary[Node, _Graph] = WeakValueDictionary()


def _fields(node: Node) -> tuple[X, ...]:
    return (
        getattr(type(node), "_plain", type(node)),
        node._data,
        node._grad,
        node.op,
        dict(node.params),
        node._label,
        node.requires_grad,
        node._version,
    )


def _unpacked(flat: list[X]) -> list[Node]:
    nodes: list[Node] = []
    for entry in flat:
        nodes.append(entry if isinstance(entry, Node) else rebuilt(entry[0], tuple(nodes[i] for i in entry[1])))
    return nodes


def _set_attributes(nodes: list[Node], attributes: dict[int, dict[str, X]]) -> None:
    """Give nodes of subclasses their own attributes, when all nodes are there: they may hold some of them."""
    for i, own in attributes.items():
        vars(nodes[i]).update(own)


def rebuilt(fields: X, parents: tuple[Node, ...]) -> Node:
    """A node of its fields."""
    kind, data, grad, op, params, label, requires_grad, version = fields
    library = library_of(data)
    node: Node = object.__new__(kind if library is None else NODE_CLASSES.on_library(kind, library))
    node._fill(data, label, requires_grad, op, parents, MappingProxyType(params) if params else NO_PARAMS)
    node._grad, node._version = grad, version
    versions.latest = max(versions.latest, int(version))  # of another process, perhaps
    return node
