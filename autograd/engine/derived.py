"""What tells the nodes that ``gradients(create_graph=True)`` records from those that a user's code does.

Their version says so, as it says under anomaly detection where a node was recorded: no other node pays for it, and no
more memory is taken.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograd.engine.node import Node

__all__ = [
    "DerivativeVersion", "convention_of", "is_derivative", "mark", "mark_like", "mark_one",
    "note_convention",
]  # fmt: skip


class DerivativeVersion(int):
    """The version of a node that a backward pass recorded."""

    derivative = True
    convention = ""  # of a condition, why a derivative is stated where it holds


def mark(results: Iterable[Node], known: set[Node]) -> None:
    """Mark the nodes by which the results of a pass are computed, but for those `known`, which it adds them to."""
    stack = [*results]
    version = DerivativeVersion()
    while stack:
        node = stack.pop()
        if node in known:
            continue
        known.add(node)
        stack += node.parents
        own = node._version
        if type(own) is int:
            if version != own:
                version = DerivativeVersion(own)
            node._version = version
        elif type(own) is not DerivativeVersion:  # it also says where the node was recorded
            own.derivative = True  # type: ignore[attr-defined]


def mark_one(node: Node, convention: str = "") -> None:
    """Mark a node: a stand-in for an argument while a function is traced, or one with a convention."""
    if type(node._version) is int:
        node._version = DerivativeVersion(node._version)
    if convention:
        node._version.convention = convention  # type: ignore[attr-defined]


def note_convention(condition: object, why: str) -> None:
    """Note of a recorded condition that a derivative is stated where it holds, and why."""
    if isinstance(condition, Node):
        mark_one(condition, why)


def mark_like(node: Node, model: Node) -> None:
    """Mark a node that was recorded anew in place of another."""
    if is_derivative(model):
        mark_one(node, convention_of(model))


def is_derivative(node: Node) -> bool:
    """Whether a backward pass recorded the node."""
    return getattr(node._version, "derivative", False)


def convention_of(node: Node) -> str:
    """Why a derivative is stated where the node, a condition, holds; empty if it is no such condition."""
    return getattr(node._version, "convention", "")
