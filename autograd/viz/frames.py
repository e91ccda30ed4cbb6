"""The modules around each node of a graph, which a picture frames: those whose calls recorded it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from autograd.engine.node import Node
from autograd.framing import CALLS
from autograd.graph.naming import Names

__all__ = ["Modules", "framed", "modules", "name_of"]

Modules = tuple[str, ...]  # the paths of the modules around a node, the outermost first
AGAIN = "#"  # stands before the number of a call, in the path of a module without parameters that is called again


class _Call(NamedTuple):
    """A call of a module: the modules around it and itself, what it gave, and the identities of what it was given."""

    path: Modules
    outputs: set[Node]
    given: frozenset[int | None]


def framed(order: Sequence[Node], names: Names) -> dict[Node, Modules]:
    """The modules around each node: those whose calls recorded it, and where none was noted, what parameters tell."""
    path = modules(order, names)
    calls = _calls(order, names)
    by: dict[Node, list[_Call]] = {}
    for call in calls:
        for node in call.outputs:
            by.setdefault(node, []).append(call)
    recorded = [(call.path, _recorded(call, by, names)) for call in calls]
    for own, nodes in sorted(recorded, key=lambda pair: -len(pair[1])):  # a call inside another recorded less
        for node in nodes:
            if path.get(node, ())[: len(own)] != own:
                path[node] = own
    return path


def name_of(module: str) -> str:
    """The path of a module, also where it stands for a later call."""
    return module.partition(AGAIN)[0]


def _calls(order: Sequence[Node], names: Names) -> list[_Call]:
    """The calls of known modules that gave nodes of a graph."""
    there, calls = set(order), dict[tuple[int, int], _Call]()
    trained = {module for path in names.modules.values() for module in path}
    times = Counter[str]()
    for noted in list(CALLS):
        node, module = noted(), noted.module()
        path = names.paths.get(id(module)) if module is not None and node in there else None
        if node is None or not path:
            continue
        key = id(module), id(noted.given)  # which the results of one call share
        if key not in calls:
            name = path[-1]
            times[name] += 1
            # Parameters hold the calls of their module together; without any each has a frame of its own.
            if times[name] > 1 and not any(each == name or each.startswith(f"{name}.") for each in trained):
                again = f"{name}{AGAIN}{times[name]}"
                names.titles[again] = f"{names.titles[name]}, call {times[name]}"
                path = (*path[:-1], again)
            calls[key] = _Call(path, set(), frozenset(noted.given))
        calls[key].outputs.add(node)
    return list(calls.values())


def _recorded(call: _Call, by: dict[Node, list[_Call]], names: Names) -> list[Node]:
    """What a call recorded: that on which its results depend, up to what it was given."""
    stack, reached = [*call.outputs], dict[Node, None]()
    while stack:
        node = stack.pop()
        if node in reached or id(node) in call.given or node in names.modules:
            continue
        if node not in call.outputs and any(not _is_inside(other, call) for other in by.get(node, ())):
            continue  # a result of before, which the module kept
        # An array may be what the call was given; a leaf that somebody made is none of a module's numbers.
        foreign = node.op is None and (node.requires_grad or node.label or (node.ndim and None in call.given))
        if not foreign:
            reached[node] = None
            stack.extend(node.parents)
    return list(reached)


def _is_inside(inner: _Call, outer: _Call) -> bool:
    return len(inner.path) > len(outer.path) and inner.path[: len(outer.path)] == outer.path


def modules(order: Sequence[Node], names: Names) -> dict[Node, Modules]:
    """The modules to which each node belongs: it reads their parameters, or joins their parts."""
    own = dict(names.modules)  # the modules of nodes that depend on parameters only, such as a transpose
    path: dict[Node, Modules] = {}
    came: dict[Node, Modules] = {}
    for node in order:
        reads = [own[p] for p in node.parents if p in own]
        if node.op is not None and len(reads) == len(node.parents):
            own[node] = _common(reads)
        path[node] = own[node] if node in own else _common(reads)
        came[node] = path[node] or _common([came[p] for p in node.parents if came.get(p)])
    goes: dict[Node, list[Modules]] = {}
    for node in reversed(order):
        leads = _common(goes.get(node, []))
        # A node between two parts of a module belongs to it, and so does a number that only this module uses.
        if not path[node] and leads:
            number = node.op is None and not node.requires_grad and not node.ndim
            path[node] = leads if number else _common([came[node], leads])
        for p in node.parents:
            goes.setdefault(p, []).append(path[node] or leads)
    return {node: p for node, p in path.items() if p}


def _common(paths: Sequence[Modules]) -> Modules:
    """The modules that all paths share."""
    if not paths:
        return ()
    depth = next((i for i, level in enumerate(zip(*paths, strict=False)) if len(set(level)) > 1), None)
    return min(paths, key=len) if depth is None else paths[0][:depth]
