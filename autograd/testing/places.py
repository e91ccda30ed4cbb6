"""Functions of other libraries' arrays as functions of NumPy's, for checks that calculate with those."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.engine.libraries import fetched, library_of
from autograd.engine.modes import current_mode
from autograd.engine.node import NODE_CLASSES, Node, leaf, toposort
from autograd.engine.primitive import primitive
from autograd.namespaces import arrays, names
from autograd.namespaces.marks import Mark
from autograd.ops.arithmetic import positive
from autograd.typing import XP, Data, X

__all__ = ["brought", "on_numpy"]


@primitive("→")
def moved(xp: XP, x: X) -> X:
    """The same numbers on another library's arrays; it is recorded by :func:`brought`."""
    return x


def _moved_back(xp: XP, g: X, y: X, x: X) -> X:
    return g if isinstance(g, names.Name) else brought(g, x._data if isinstance(x, Node) else x, same_dtype=True)


moved.defvjps(x=_moved_back)


def brought(x: Data, like: X, same_dtype: bool = False) -> Data:
    """An array, a node or a mark beside the data `like`, and in their dtype if that is asked for.

    Of a node comes a recorded one: the op between stands on two libraries, as no other does.
    """
    library = library_of(like)
    if isinstance(x, Mark):
        alive = None if x.alive is None else brought(x.alive, like)
        is_graph = isinstance(x.value, Node)
        return Mark(brought(x.value, like, same_dtype), alive, x.xp if is_graph else library or arrays)
    if isinstance(x, Node):
        data = brought(x._data, like, same_dtype)
        state = current_mode()
        node = leaf(NODE_CLASSES[type(data)], data)
        if state is None or state.recording:
            node._fill(data, None, x.requires_grad, moved, (x,))
        return node
    x = fetched(x)
    if library is not None:
        return library.array(x, device=library.device(like), dtype=like.dtype if same_dtype else None)
    return x.astype(like.dtype) if same_dtype else x


def on_numpy(outputs: Sequence[Node]) -> list[Node]:
    """A recorded graph with its data fetched, for what calculates with them; nodes on NumPy's arrays stay."""
    twins: dict[Node, Node] = {}
    for node in toposort(outputs):
        parents = tuple(twins[p] for p in node.parents)
        twins[node] = node
        if library_of(node._data) is not None or any(a is not b for a, b in zip(parents, node.parents, strict=True)):
            data, op = fetched(node._data), positive if node.op is moved else node.op
            twins[node] = twin = leaf(NODE_CLASSES[type(data)], data)
            twin._fill(data, node._label, node.requires_grad, op, parents, node.params)
            twin._version = node._version
    return [twins[y] for y in outputs]
