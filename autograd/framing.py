"""Which call of a module gave which nodes, as long as these live: pictures frame what a call recorded."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any
from weakref import ref

from numpy import ndarray

from autograd.engine.node import Node
from autograd.typing import X

__all__ = ["CALLS", "Call", "Calls"]


class Call(ref[Node]):
    """A node that a call of a module gave, with a weak reference to the module, and what the call was given."""

    __slots__ = ("given", "module")
    # Nodes are told apart by identity, and so are references to one node: calls inside one another may give it.
    __hash__ = object.__hash__
    __eq__ = object.__eq__

    module: Any
    given: list[int | None]  # the identities of nodes, as they are while what came of them lives; None: an array


class Calls(dict[Call, None]):
    """The calls whose results are alive, inner ones before those around them; they keep nothing alive themselves.

    They are noted where somebody may draw: in a prompt, and wherever :mod:`autograd.viz` is loaded.
    """

    wanted: bool = hasattr(sys, "ps1")

    def note(self, module: object, args: tuple[X, ...], kwargs: Mapping[str, X], output: X) -> None:
        """Note what a call of a module gave, nodes in tuples, lists, dicts and object arrays among it."""
        if isinstance(output, Node):
            if output.op is None:
                return
            results = [output]
        else:
            results = [x for x in _members(output) if isinstance(x, Node) and x.op is not None]
        given: list[int | None] = []
        for arg in (*args, *kwargs.values()):
            if isinstance(arg, Node):
                given.append(id(arg))
            else:
                given += [id(x) if isinstance(x, Node) else None for x in _members(arg)]
        owner = ref(module)
        for x in results:
            if id(x) not in given:
                call = Call(x, self.pop)
                call.module, call.given = owner, given
                self[call] = None


CALLS = Calls()


def _members(x: X) -> list[X]:
    """The nodes and arrays in what a function takes or gives."""
    if isinstance(x, ndarray):
        return list(x.flat) if x.dtype.char == "O" else [x]
    if isinstance(x, (tuple, list, dict)):
        return [inner for each in (x.values() if isinstance(x, dict) else x) for inner in _members(each)]
    return [x] if isinstance(x, Node) else []
