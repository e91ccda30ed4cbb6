"""HIPS autograd's small helpers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from graphlib import TopologicalSorter
from operator import attrgetter
from typing import Any

from autograd.other_names import missing
from autograd.surface import publish
from autograd.test_util import check_grads
from autograd.typing import F, Function, Keywords, Tree

__all__ = ["func", "quick_grad_check", "subval", "subvals", "toposort"]

publish(globals())


def __getattr__(name: str) -> Any:
    raise missing("autograd.util", name)


def subvals(x: Iterable[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """A tuple of these objects, with others at some places.

    >>> subvals("abc", [(0, 1), (2, 3)])
    (1, 'b', 3)
    """
    changed = list(x)
    for i, v in ivs:
        changed[i] = v
    return tuple(changed)


def subval(x: Iterable[Any], i: int, v: Any) -> tuple[Any, ...]:
    """A tuple of these objects, with another one at a place.

    >>> subval("abc", 1, 2)
    ('a', 2, 'c')
    """
    return subvals(x, [(i, v)])


def func(f: F) -> F:
    """The function itself: a method read from its class is one."""
    return f


def quick_grad_check(
    fun: Function, arg0: Tree, extra_args: Iterable[Any] = (), kwargs: Keywords | None = None, **options: object
) -> None:
    """Check the gradient of a function by its first argument: the old form of `autograd.test_util.check_grads`.

    Options, of its printing and of the differences, change nothing.

    >>> quick_grad_check(lambda x, y: x**2 + y, 1.0, (2.0,))
    """
    check_grads(fun, modes=["rev"], order=1)(arg0, *extra_args, **(kwargs or {}))


def toposort(end_node: Any, parents: Callable[[Any], Iterable[Any]] = attrgetter("parents")) -> Iterator[Any]:
    """Every node of a graph of any kind, each before its parents; of nodes of ours see `autograd.graph.toposort`.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> [node.data for node in toposort(x * x + x)]
    [12.0, 9.0, 3.0]
    """
    graph: dict[Any, Iterable[Any]] = {}
    stack = [end_node]
    while stack:
        node = stack.pop()
        if node not in graph:
            graph[node] = tuple(parents(node))
            stack.extend(graph[node])
    yield from reversed([*TopologicalSorter(graph).static_order()])
