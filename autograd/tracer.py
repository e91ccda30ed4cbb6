"""HIPS autograd's tracer: what is a node, what is its value, and a trace with nodes of a class of one's own."""

from __future__ import annotations

from typing import Any, Self

from autograd.engine.node import Node as Box
from autograd.engine.node import toposort as parents_first
from autograd.extend import notrace_primitive, primitive, register_notrace
from autograd.other_names import missing
from autograd.surface import publish
from autograd.transforms import tracing as transforms
from autograd.transforms.containers import leaves
from autograd.typing import Function, Tree, X

__all__ = ["Box", "Node", "getval", "isbox", "notrace_primitive", "primitive", "register_notrace", "trace"]

publish(globals())


def __getattr__(name: str) -> Any:
    raise missing("autograd.tracer", name)


def isbox(x: object) -> bool:
    """Whether an object is a node.

    Examples
    --------
    >>> from autograd import Value
    >>> isbox(Value(2.0)), isbox(2.0)
    (True, False)
    """
    return isinstance(x, Box)


def getval(x: X) -> X:
    """The value of a node, plain data; anything else as it is.

    Examples
    --------
    >>> from autograd import Value
    >>> getval(Value(2.0)), getval("text")
    (2.0, 'text')
    """
    return x._value if isinstance(x, Box) else x


class Node:
    """The base of classes whose instances :func:`trace` makes: one for each op that depends on the argument.

    A class of one's own takes ``(value, fun, args, kwargs, parent_argnums, parents)``: the op `fun`, the plain values
    of its arguments, and which of them come from other such nodes.
    """

    __slots__ = ()

    def __init__(
        self, value: X, fun: X, args: X, kwargs: X, parent_argnums: tuple[int, ...], parents: tuple[X, ...]
    ) -> None:
        raise NotImplementedError

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        """Fill the node that stands for the argument; for a class of one's own to define."""

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Self:
        """Make a node that stands for the argument."""
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


def trace(start_node: Node, fun: Function, x: Tree) -> tuple[Tree, Any]:
    """Call a function, and make a node of the class of `start_node` for each op that depends on the argument.

    The nodes are made after the call, parents first.

    Parameters
    ----------
    start_node : node
        The node that stands for the argument.
    fun : callable
        A function of one argument.
    x : number, array, node or container
        Its argument.

    Returns
    -------
    value, end_node
        What `fun` returns, and its node; None if it depends on no argument, or is a container.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> class Step(Node):
    ...     def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
    ...         print(fun.__name__, args, value)
    >>> value, _ = trace(Step.new_root(), lambda x: np.sqrt(x) * 3.0, 4.0)
    sqrt (4.0,) 2.0
    mul (2.0, 3.0) 6.0
    """
    call = transforms.trace("trace", fun, 0, (x,), {})
    made = dict.fromkeys(call.variables, start_node)
    for node in parents_first([y for y in leaves(call.output) if isinstance(y, Box)]):
        argnums = tuple(i for i, p in enumerate(node.parents) if p in made)
        if argnums and node not in made:
            args, parents = tuple(map(getval, node.parents)), tuple(made[node.parents[i]] for i in argnums)
            made[node] = type(start_node)(getval(node), node.op, args, dict(node.params), argnums, parents)
    return call.value(), made.get(call.output) if isinstance(call.output, Box) else None
