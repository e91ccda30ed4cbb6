"""``replay``: evaluate a recorded graph again."""

from __future__ import annotations

from collections.abc import Mapping

from autograd.engine.derived import mark_like
from autograd.engine.libraries import apart, namespace_of, place_of
from autograd.engine.node import Node, toposort
from autograd.engine.recording import run
from autograd.engine.trace import stored
from autograd.graph.arguments import node_list
from autograd.messages import describe
from autograd.namespaces import arrays
from autograd.typing import Data, Tree

__all__ = ["replay"]


def replay(outputs: Tree, values: Mapping[Node, Data]) -> Data:
    """Evaluate a recorded graph again, with other values in some of its leaves.

    Every recorded op runs again, conditions and indices too, so that the new values decide which branches are taken.
    Gradient graphs (``create_graph=True``) replay like any other.

    Parameters
    ----------
    outputs : node or sequence of node
        The nodes to evaluate.
    values : mapping of node to number, array or node
        The new values; the other leaves keep theirs.

    Returns
    -------
    float, array, node or list
        Plain data; or recorded nodes where the new values are nodes.

    Raises
    ------
    TypeError, ValueError
        If a key is not a leaf, or is not in the graph, or a value has another shape than its leaf.

    Examples
    --------
    >>> from autograd import Value, gradients
    >>> from autograd.graph import replay
    >>> x = Value(3.0)
    >>> y = x.relu() * x
    >>> replay(y, {x: 5.0})
    25.0
    >>> slope = gradients(y, x, create_graph=True)
    >>> replay(slope, {x: 5.0}), replay(slope, {x: -1.0})
    (10.0, 0.0)
    """
    nodes = node_list("replay", outputs)
    order = toposort(nodes)
    if not isinstance(values, Mapping):
        raise TypeError(f"replay: give the new values as {{leaf: value}}, not as {type(values).__name__}")
    results: dict[Node, Data] = {}
    for leaf, value in values.items():
        if not isinstance(leaf, Node) or leaf.op is not None:
            raise TypeError("replay: give new values for leaves only, as {leaf: value}")
        if not isinstance(value, Node):
            try:
                value = leaf._coerced(value)
            except (TypeError, ValueError) as error:
                raise type(error)(f"replay: {error}") from None
        elif place_of(value._data) != place_of(leaf._data):
            raise apart("replay", value, leaf)
        elif value.shape != leaf.shape:
            raise ValueError(f"replay: {describe(leaf)} keeps its shape; the new value has shape {value.shape}")
        results[leaf] = value
    reached = set(order)
    for leaf in values:
        if leaf not in reached:
            raise ValueError(f"replay: {describe(leaf)} is not in this graph")
    for node in order:
        if node.op is None and node not in results:
            stored(node, "replay")
    arrays.quietly(run, order, results)  # as in a backward pass, for gradient graphs are replayed too
    new = [results[y] for y in nodes]
    for node, r in results.items():  # what a backward pass recorded is its own in the new graph too
        if node.op is not None and isinstance(r, Node):
            mark_like(r, node)
    # No result shares a leaf's memory.
    new = [r if isinstance(r, (Node, float, int)) else namespace_of(r).copy(r) for r in new]
    return new[0] if isinstance(outputs, Node) else new
