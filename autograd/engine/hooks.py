"""Hooks on nodes: functions that a backward pass calls with a node's gradient, as soon as that is complete.

They live beside the graph, in tables that a node leaves when it goes: copies, pickles and programs have none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self
from weakref import finalize, ref

import numpy as np

from autograd.engine.coercion import gradient_for
from autograd.engine.libraries import library_of
from autograd.engine.node import Node, toposort
from autograd.messages import describe, type_name
from autograd.namespaces.marks import Mark, raw
from autograd.tracebacks import is_of_users
from autograd.typing import Function, X

__all__ = ["AFTER", "BEFORE", "Handle", "Hooks", "adjust", "has_hook", "is_hooked", "notify", "register"]


class Handle:
    """What registering a hook gives: ``remove()``, or the end of a ``with`` block, takes the hook off its node."""

    __slots__ = ("_hooks", "_node")

    def __init__(self, node: Node, hooks: Hooks) -> None:
        self._node, self._hooks = ref(node), hooks

    def remove(self) -> None:
        """Take the hook off; one that is off already stays so."""
        if (node := self._node()) is not None:
            self._hooks.remove(node, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class Hooks(dict[int, dict[Handle, Function]]):
    """The hooks of nodes, in order of registration, by the identity of the node; it keeps no node alive."""

    def add(self, node: Node, hook: Function) -> Handle:
        """Enter a hook of a node."""
        if id(node) not in self:
            self[id(node)] = {}
            finalize(node, self.pop, id(node), None).atexit = False
        handle = Handle(node, self)
        self[id(node)][handle] = hook
        return handle

    def remove(self, node: Node, handle: Handle) -> None:
        """Take out a hook of a node, if it is there."""
        hooks = self.get(id(node), {})
        hooks.pop(handle, None)
        if not hooks:
            self.pop(id(node), None)

    def on(self, nodes: Iterable[Node]) -> bool:
        """Whether one of the nodes has a hook."""
        return any(id(node) in self for node in nodes)

    def of(self, node: Node) -> list[Function]:
        """The hooks of a node; one of them may remove others, which are called this once."""
        return list(self.get(id(node), {}).values())


BEFORE = Hooks()  # they take a gradient before the node passes it on
AFTER = Hooks()  # they take a leaf after it has its gradient


def register(hooks: Hooks, node: Node, hook: Function, method: str) -> Handle:
    """Enter a hook of a node that requires a gradient."""
    if not callable(hook):
        raise TypeError(f"{method} takes a function of a gradient, not {type_name(hook)}")
    if not node.requires_grad:
        raise ValueError(
            f"{method}: {describe(node)} requires no gradient, so no backward pass would call the hook; make its "
            "leaves with requires_grad=True"
        )
    return hooks.add(node, hook)


def has_hook(leaves: Iterable[Node]) -> bool:
    """Whether one of these leaves has a hook.

    It serves packages built on autograd, as nn is.
    """
    return bool(BEFORE or AFTER) and any(hooks.on(leaves) for hooks in (BEFORE, AFTER))


def is_hooked(outputs: Iterable[Node]) -> bool:
    """Whether a node that outputs depend on has a hook that takes a gradient."""
    return bool(BEFORE) and BEFORE.on(toposort(list(outputs)))


def adjust(gradients: dict[Node, X]) -> None:
    """Call the hooks of nodes with their gradients, and put what a hook returns in the place of the gradient."""
    for node in [n for n in gradients if id(n) in BEFORE]:
        for hook in BEFORE.of(node):
            g = gradients[node]
            shown = raw(g)
            if isinstance(shown, np.ndarray):
                shown = shown.view()
                shown.flags.writeable = False  # gradients share memory
            elif (library := library_of(shown)) is not None:
                shown = library.own(shown, shown)  # which cannot be made read-only
            c = _called(hook, node, shown)
            if c is None or c is shown:
                continue
            c = gradient_for(node, c, isinstance(shown, Node), f"the hook {_name(hook)}: the gradient")
            if type(g) is Mark:  # a dropped element that stays 0 stays dropped
                alive = None if g.alive is None else g.xp.logical_or(g.alive, g.xp.not_equal(c, 0.0))
                c = Mark(c, alive, g.xp)
            gradients[node] = c


def notify(leaves: Iterable[Node]) -> None:
    """Call the hooks of leaves that have their gradients now."""
    for node in [n for n in leaves if id(n) in AFTER]:
        for hook in AFTER.of(node):
            if _called(hook, node, node) is not None:
                raise TypeError(f"the hook {_name(hook)}: after a gradient is added, a hook returns None")


def _called(hook: Function, node: Node, argument: X) -> X:
    try:
        return hook(argument)
    except Exception as error:
        is_of_users(error, f"in the hook {_name(hook)} of {describe(node)}")
        raise


def _name(hook: Function) -> str:
    return getattr(hook, "__name__", type(hook).__name__)
