"""HIPS autograd's ``const_graph``: a function that is recorded once and replayed from then on."""

from __future__ import annotations

from functools import wraps

from autograd.engine.modes import Mode, run_in
from autograd.engine.node import Node, toposort
from autograd.graph import replay
from autograd.surface import publish
from autograd.transforms.containers import leaves, rebuilt
from autograd.transforms.tracing import Call, trace_all
from autograd.typing import Function, Tree

__all__ = ["const_graph"]

publish(globals())


def const_graph(fun: Function, *args: Tree, **kwargs: object) -> Function:
    """Make a function that runs the first time, and whose recorded graph is replayed from then on.

    What the function branches on in Python, and what it reads from outside, stays as it was at the first call.
    :func:`autograd.compile` makes a graph fast, and notices such changes.

    Parameters
    ----------
    fun : callable
        The function.
    *args, **kwargs
        Its first arguments, and those by name, which stay as they are.

    Returns
    -------
    callable
        A function of the other arguments: numbers, arrays, nodes or containers of such.

    Examples
    --------
    >>> from autograd import grad
    >>> def slope(x, y):
    ...     print("recorded")
    ...     return grad(lambda x: x**3)(x * y)
    >>> fast = const_graph(slope)
    >>> fast(1.0, 2.0), fast(2.0, 2.0)
    recorded
    (12.0, 48.0)
    """
    recorded: list[Call] = []

    @wraps(fun)
    def replayed(*rest: Tree) -> Tree:
        values = leaves(list(rest))
        with_nodes = any(isinstance(x, Node) for x in values)
        if not recorded:
            plain = rebuilt(rest, (x._data if isinstance(x, Node) else x for x in values))
            recorded.append(run_in(Mode(), trace_all, "const_graph", lambda *xs: fun(*args, *xs, **kwargs), plain))
            if not with_nodes:
                return recorded[0].value()
        call = recorded[0]
        outputs = [y for y in leaves(call.output) if isinstance(y, Node)]
        reached = set(toposort(outputs))
        news = {old: x for old, x in zip(call.variables, values, strict=True) if old in reached}
        results = iter(replay(outputs, news))
        return rebuilt(call.output, (next(results) if isinstance(y, Node) else y for y in leaves(call.output)))

    return replayed
