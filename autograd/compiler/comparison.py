"""Two runs of a function compared: what differs between them is no constant, and cannot be a part of a program."""

from __future__ import annotations

from typing import NamedTuple, NoReturn

import numpy as np

from autograd.callers import location_text
from autograd.compiler.refusals import NotCompiledError
from autograd.compiler.requests import GRADIENT
from autograd.engine.anomaly import location_of
from autograd.engine.node import Node, toposort
from autograd.messages import describe
from autograd.transforms.containers import matched
from autograd.typing import Tree, X

__all__ = ["Run", "compared", "place_of"]


_OUTSIDE = "define it outside of the function that is compiled"


class Run(NamedTuple):
    """One run of a function on nodes.

    Attributes
    ----------
    result : container
        What it returned.
    roots : list of node
        The nodes that a program has to calculate.
    inputs : list of node
        What stood for its arguments.
    guards : list of (str, object)
        What Python read, in order.
    dependent : set of node
        The nodes that depend on the inputs.
    """

    result: Tree
    roots: list[Node]
    inputs: list[Node]
    guards: list[tuple[str, object]]
    dependent: set[Node]


def compared(name: str, first: Run, second: Run) -> set[Node]:
    """The nodes that two runs share, which were made before; raise TypeError where the runs differ."""
    try:
        for path, x, y in matched(first.result, second.result, "its result"):
            if not _same_data(x, y) and not (isinstance(x, Node) and isinstance(y, Node)):
                _refuse(name, f"it returned {_text(x)} and then {_text(y)} at {path}", None)
    except ValueError as error:
        _refuse(name, str(error), None)
    if first.guards != second.guards or len(first.inputs) != len(second.inputs):
        _refuse(name, "it took another branch", next(iter(first.roots), None))
    if len(first.roots) != len(second.roots):
        _refuse(name, "it calculated other nodes", next(iter(first.roots), None))
    return _shared(name, first, second)


def _shared(name: str, first: Run, second: Run) -> set[Node]:
    """Walk two graphs side by side, and collect the nodes of both."""
    counterparts = dict(zip(first.inputs, second.inputs, strict=True))
    shared: dict[Node, None] = {}
    stack: list[tuple[Node, Node, Node | None]] = [(a, b, None) for a, b in zip(first.roots, second.roots, strict=True)]
    while stack:
        a, b, user = stack.pop()
        if a is b:
            if a in first.dependent:
                _refuse(name, f"it kept {describe(a)} from one run to the next", a)
            shared[a] = None
            continue
        if a in counterparts:
            if counterparts[a] is not b:
                _refuse(name, f"{describe(a)} stood where {describe(b)} stands now", user)
            continue
        counterparts[a] = b
        if a.op is None and b.op is None:
            if not _same_data(a._data, b._data):
                _refuse(name, f"a constant was {_text(a)} and then {_text(b)}", user)
            continue
        if a.op is not None and location_of(a) is None:
            raise NotCompiledError(f"{name}: {describe(a)} was recorded in another thread")
        children, others = a.parents, b.parents
        if a.op is GRADIENT is b.op:
            children, others = (*children, *a.params["request"].inputs), (*others, *b.params["request"].inputs)
        if a.op != b.op and a.op and b.op and getattr(a.op, "opaque", False) and hash(a.op) == hash(b.op):
            within = getattr(a._version, "derivative", False)
            raise TypeError(
                f"{name}: {a.op.name} was given another function or object at each run, and a program would keep the "
                "first; "
                + ("its derivative makes such itself, and has no compiled one" if within else _OUTSIDE)
                + place_of(a)
            )
        if a.op != b.op or len(children) != len(others) or (a.params is not b.params and _static(a) != _static(b)):
            _refuse(name, f"it calculated {_call(a)} and then {_call(b)}", a if a.op else user)
        for p, q in zip(children, others, strict=True):
            if counterparts.get(p) is not q:
                stack.append((p, q, a))
    return set(toposort(list(shared)))


def _call(node: Node) -> str:
    """A node in words, with the static arguments of its op."""
    static = ", ".join(f"{k}={v!r}" for k, v in node.params.items()) if node.op is not GRADIENT else ""
    return f"{describe(node)}{f' ({static})' if static else ''}"


def _static(node: Node) -> str:
    """The static arguments as a text, in which nan is nan, 2 is not 2.0, and 0.0 not −0.0."""
    if node.op is GRADIENT:
        return f"{node.params['index']} {node.params['request'].strict}"
    return repr(dict(node.params))


def _same_data(x: X, y: X) -> bool:
    """Whether two plain data are of one type and bit for bit the same."""
    if type(x) is not type(y) or isinstance(x, Node):
        return False
    if isinstance(x, (np.ndarray, np.generic)):
        return bool(x.dtype == y.dtype) and x.shape == y.shape and x.tobytes() == y.tobytes()
    return repr(x) == repr(y)


def _text(x: X) -> str:
    data = x._data if isinstance(x, Node) else x
    return describe(x) if isinstance(x, Node) and np.ndim(data) else repr(data)


def _refuse(name: str, difference: str, node: Node | None) -> NoReturn:
    raise TypeError(
        f"{name}: the function differs from one run to the next: {difference}. A program calculates the same each "
        "time: pass random numbers, counters and what else changes as arguments, or draw them with "
        "autograd.compiler.fresh" + place_of(node)
    )


def place_of(node: Node | None) -> str:
    """The line of the user's code that recorded a node, as a line of a message; nothing where it is not known.

    It serves packages built on autograd, as nn is.
    """
    place = None if node is None else location_of(node)
    return "" if place is None else f"\n  at {location_text(place)}"
