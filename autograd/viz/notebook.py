"""``show``: how a node shows itself in a notebook."""

from __future__ import annotations

from autograd.engine.node import Node
from autograd.graph.arguments import check_node
from autograd.typing import Keywords
from autograd.viz.drawing import draw
from autograd.viz.render import RenderError

__all__ = ["show"]

MAX_NODES = 5000  # folding a larger graph takes too long for a picture that no one asked for


def show(node: Node) -> Keywords:
    """Make what a node shows of itself in a notebook: its graph, and its text for viewers without pictures.

    Parameters
    ----------
    node : node
        The node. Its graph is drawn if it has at most 5,000 nodes, and without Graphviz at most 300.

    Returns
    -------
    dict
        The content by MIME type: always ``text/plain``, with a picture also ``image/svg+xml`` and, if it is small,
        ``image/png``. Without Graphviz it is ``text/vnd.mermaid``, which JupyterLab draws by itself.

    Raises
    ------
    TypeError
        If `node` is no node; a picture shows itself.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> viz.show(Value(2.0, "x") * 3)["text/plain"]
    "Value(6.0, op='×')"
    """
    bundle: Keywords = {"text/plain": repr(check_node("show", node))}
    if _more_than(MAX_NODES, node):
        return bundle
    try:
        picture = draw(node)._repr_mimebundle_()
    except RenderError:
        return bundle
    return {**picture, **bundle}


def _more_than(limit: int, node: Node) -> bool:
    """Whether a graph has more nodes; a larger one is not walked to its end."""
    reached, stack = {node}, [node]
    while stack and len(reached) <= limit:
        for parent in stack.pop().parents:
            if parent not in reached:
                reached.add(parent)
                stack.append(parent)
    return len(reached) > limit
