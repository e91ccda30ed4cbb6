"""``stats``: describe a graph in a few numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from autograd.engine.libraries import numpy_dtype
from autograd.engine.node import Node, toposort
from autograd.graph.arguments import node_list

__all__ = ["Statistics", "stats"]


class Statistics(NamedTuple):
    """The numbers that describe a graph; ``str()`` lists them.

    Attributes
    ----------
    nodes, edges : int
        The number of values, and the number of uses of a value by an op.
    depth : int
        The number of ops on the longest path.
    bytes : int
        The memory of the numbers in values and gradients; each number of a Value counts 8 bytes.
    ops : mapping of str to int
        The number of uses of each op, the most frequent first.
    leaves, parameters : int
        The number of leaves, and of those among them that require a gradient.
    numbers : int
        The number of elements in these parameters.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import stats
    >>> a, b = Value(1.0), Value(2.0)
    >>> numbers = stats((a + b) * b)
    >>> numbers.nodes, numbers.edges, numbers.depth, numbers.ops
    (4, 4, 2, {'add': 1, 'mul': 1})
    """

    nodes: int
    edges: int
    depth: int
    bytes: int
    ops: dict[str, int]
    leaves: int
    parameters: int
    numbers: int

    def __str__(self) -> str:
        ops = ", ".join(f"{name} {count:,}" for name, count in self.ops.items()) or "none"
        return "\n".join([
            f"nodes       {self.nodes:,}, with {self.edges:,} edges and depth {self.depth:,}",
            f"leaves      {self.leaves:,}, of which {self.parameters:,} require a gradient: {self.numbers:,} numbers",
            f"operations  {sum(self.ops.values()):,}: {ops}",
            f"memory      {_size(self.bytes)} in values and gradients",
        ])  # fmt: skip


def stats(y: Node | Sequence[Node]) -> Statistics:
    """Count what a graph consists of.

    Parameters
    ----------
    y : node or sequence of node
        The graph: everything that `y` depends on.

    Returns
    -------
    Statistics
        ``.nodes``, ``.edges``, ``.depth``, ``.bytes``, ``.ops``, ``.leaves``, ``.parameters``, ``.numbers``.

    Raises
    ------
    TypeError
        If `y` is no node.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.graph import stats
    >>> W, b = Tensor([[0.1, 0.7], [0.3, 0.2]]), Tensor([0.1, -0.2])
    >>> print(stats((W @ [0.5, 0.8] + b).sigmoid()))
    nodes       6, with 5 edges and depth 3
    leaves      3, of which 2 require a gradient: 6 numbers
    operations  3: matmul 1, add 1, sigmoid 1
    memory      112 bytes in values and gradients
    """
    order = toposort(node_list("stats", y))
    leaves = [node for node in order if node.op is None]
    parameters = [leaf for leaf in leaves if leaf.requires_grad]
    data = [a for node in order for a in (node._data, node._grad) if a is not None]
    arrays = {id(a): a for a in data if not isinstance(a, (float, int))}
    floats = sum(isinstance(a, (float, int)) for a in data)
    return Statistics(
        nodes=len(order),
        edges=sum(len(node.parents) for node in order),
        depth=max((node._depth for node in order), default=0),
        bytes=sum(prod(a.shape) * numpy_dtype(a).itemsize for a in arrays.values()) + 8 * floats,
        ops=dict(Counter(node.op.name for node in order if node.op is not None).most_common()),
        leaves=len(leaves),
        parameters=len(parameters),
        numbers=sum(prod(p.shape) for p in parameters),
    )


def _size(n: float) -> str:
    for unit in ("bytes", "KB", "MB", "GB"):
        if n < 1000:
            break
        n, unit = n / 1000, "TB"
    return f"{n:.4g} {unit}"
