"""One run of a function on fresh variables, and what traces are told of: each way out of the graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn
from weakref import WeakValueDictionary

from autograd.callers import Location, location
from autograd.engine.modes import GraphNode, RunningTrace, current_mode
from autograd.messages import describe
from autograd.typing import X

__all__ = ["Trace", "branched", "stored", "taken", "traces", "written"]


class Trace:
    """One run of a function on fresh variables: what a transform differentiates.

    Attributes
    ----------
    name : str
        The transform's.
    outer : Trace or None
        The run inside which this one takes place.
    variables : set of node
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

    def take(self, node: GraphNode, how: str) -> None:
        """Note where a value that depends on the variables is taken out of the graph by name."""
        if node.requires_grad and (here := location()) not in self.taken and self.reaches(node):
            self.taken[here] = how

    def refuse(self, function: str, node: X, advice: str) -> NoReturn:
        """Raise because a function that knows nothing of the graph makes a number of a node that depends on them."""
        raise TypeError(
            f"{function}: {describe(node)} depends on an argument of {self.name}, and a plain number made of it would "
            f"have no derivative; take {advice}, or x.item() where a constant is meant"
        )

    def branch(self, node: GraphNode) -> None:
        """A condition has no derivative, so that a transform has nothing against a branch."""

    def store(self, node: GraphNode, how: str) -> None:
        """A copy takes no gradient from anybody."""

    def write(self, leaf: GraphNode, value: object, how: str) -> None:
        """An update is stamped on the leaf, which the backward pass reads."""


def traces() -> Iterator[RunningTrace]:
    """The traces in which a node is made, the innermost first."""
    state = current_mode()
    trace = None if state is None else state.trace
    while trace is not None:
        yield trace
        trace = trace.outer


def taken(node: GraphNode, how: str) -> None:
    """Tell every trace that the value of a node is taken out of the graph by name."""
    for trace in traces():
        trace.take(node, how)


def branched(node: GraphNode) -> None:
    """Tell every trace that Python asks whether a node is true."""
    for trace in traces():
        trace.branch(node)


def stored(node: GraphNode, how: str) -> None:
    """Tell every trace that the value of a node, or of what it depends on, goes where no graph is: into a copy, say."""
    for trace in traces():
        trace.store(node, how)


def written(leaf: GraphNode, value: object, how: str) -> None:
    """Tell every trace that a leaf is about to be updated by a value, which may be a node."""
    for trace in traces():
        trace.write(leaf, value, how)
