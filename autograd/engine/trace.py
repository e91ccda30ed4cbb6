"""One run of a function on fresh variables, and what was taken out of the graph by name while it ran."""

from __future__ import annotations

from weakref import WeakValueDictionary

from autograd.callers import Location, location
from autograd.engine.modes import GraphNode, RunningTrace, current_mode

__all__ = ["Trace", "taken"]


class Trace:
    """One run of a function on fresh variables: what a transform differentiates.

    Attributes
    ----------
    name : str
        The transform's.
    outer : Trace or None
        The run inside which this one takes place.
    variables : set of Node
        What stands for the arguments.
    taken : dict
        Where a value that depends on the variables was taken out of the graph by name, and by what: ``.item()``.
    """

    __slots__ = ("_constants", "name", "outer", "taken", "variables")

    def __init__(self, name: str, outer: RunningTrace | None) -> None:
        self.name = name
        self.outer = outer
        self.variables: set[GraphNode] = set()
        self.taken: dict[Location, str] = {}
        self._constants: WeakValueDictionary[int, GraphNode] | None = None

    def reaches(self, node: GraphNode) -> bool:
        """Whether a gradient of this node would reach one of the variables.

        Nodes from which it does not are remembered, weakly, so that each is looked at once, however often it is asked.
        """
        if self._constants is None:
            self._constants = WeakValueDictionary()
        seen: dict[int, GraphNode] = {}
        stack = [node]
        while stack:
            n = stack.pop()
            if n in self.variables:
                return True
            if n.requires_grad and id(n) not in seen and self._constants.get(id(n)) is not n:
                seen[id(n)] = n
                stack.extend(n.parents)
        self._constants.update(seen)
        return False


def taken(node: GraphNode, how: str) -> None:
    """Note in every transform at work that the value of a node was taken out of the graph by name."""
    state = current_mode()
    trace = None if state is None else state.trace
    if trace is None or not node.requires_grad:
        return
    here = location()
    while trace is not None:
        if here not in trace.taken and trace.reaches(node):
            trace.taken[here] = how
        trace = trace.outer
