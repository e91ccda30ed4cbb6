"""``paths`` and ``count_paths``: the paths on which a value flows into a result, and a gradient back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd.engine.node import Node, toposort
from autograd.graph.arguments import check_node
from autograd.graph.formulas import has_derivative

__all__ = ["count_paths", "leading_to", "nearest_on_a_path", "paths", "routes"]


def paths(y: Node, x: Node) -> Iterator[tuple[Node, ...]]:
    """Yield every path from `y` back to `x` on which a gradient flows; there may be very many.

    A value that one op uses twice lies on two paths. An argument that has no derivative (a condition, an index, either
    side of a comparison) lies on none.

    Parameters
    ----------
    y : node
        The result, where each path starts.
    x : node
        The leaf or inner node where it ends.

    Returns
    -------
    iterator of tuple of node
        The paths, those through first operands first.

    Raises
    ------
    TypeError
        If `y` or `x` is no node.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import paths
    >>> a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    >>> for path in paths((a + b) * (b * c), b):
    ...     print(" ← ".join(node.label or node.op.symbol for node in path))
    × ← + ← b
    × ← × ← b
    """
    return (nodes for nodes, _ in routes(check_node("paths", y), check_node("paths", x)))


def count_paths(y: Node, x: Node) -> int:
    """Count the paths of :func:`paths`, exactly and without walking them.

    Parameters
    ----------
    y, x : node
        As in :func:`paths`.

    Returns
    -------
    int
        1 if `y` is `x`; 0 if no gradient flows from `y` to `x`.

    Raises
    ------
    TypeError
        If `y` or `x` is no node.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import count_paths
    >>> x = y = Value(1.0)
    >>> for _ in range(200):
    ...     y = y + y
    >>> count_paths(y, x) == 2**200
    True
    """
    check_node("count_paths", x)
    counts = {check_node("count_paths", y): 1}  # from y to a node
    for node in reversed(toposort(y)):
        if node is x:
            break
        count = counts.pop(node, 0)  # a large number is dropped as soon as it has been used
        for slot, parent in enumerate(node.parents) if count else ():
            if has_derivative(node, slot):
                counts[parent] = counts.get(parent, 0) + count
    return counts.get(x, 0)


def routes(y: Node, x: Node) -> Iterator[tuple[tuple[Node, ...], tuple[int, ...]]]:
    """Yield the paths of :func:`paths`, each with the slots that lead from node to node."""
    leading = leading_to(toposort(y), x)
    nodes, slots = [y], [-1]
    slots_left: list[Iterator[int]] = [iter(range(len(y.parents)))]
    if y is x:
        yield (y,), ()
        return
    while slots_left:
        node = nodes[-1]
        slot = next((s for s in slots_left[-1] if node.parents[s] in leading and has_derivative(node, s)), None)
        if slot is None:
            for stack in (nodes, slots, slots_left):
                stack.pop()
            continue
        parent = node.parents[slot]
        if parent is x:
            yield (*nodes, x), (*slots[1:], slot)
            continue
        nodes.append(parent)
        slots.append(slot)
        slots_left.append(iter(range(len(parent.parents))))


def leading_to(order: Sequence[Node], x: Node) -> set[Node]:
    """The nodes of a topological order from which a path leads to `x`, and `x` itself."""
    leading = {x}
    for node in order:
        if any(parent in leading and has_derivative(node, slot) for slot, parent in enumerate(node.parents)):
            leading.add(node)
    return leading


def nearest_on_a_path(y: Node, x: Node) -> Node | None:
    """The nearest node, `x` or one that it is computed from, from which a path leads to `y`."""
    reached = {y}
    for node in reversed(toposort(y)):
        if node in reached:
            reached.update(p for slot, p in enumerate(node.parents) if has_derivative(node, slot))
    return next((node for node in reversed(toposort(x)) if node in reached), None)
