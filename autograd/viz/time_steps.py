"""Steps in time: what uses the same leaves again, on what it computed from them before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence, Set
from dataclasses import dataclass

import numpy as np

from autograd.engine.node import Node

__all__ = ["Steps", "find_steps"]

Key = Hashable
LEAST = 3  # fewer steps are no repetition
WORK = 2_000_000  # nodes times leaves to look at: of a large graph only the leaves used most


@dataclass(frozen=True)
class Steps:
    """The steps of a graph that repeats in time, such as a recurrent net or an iteration.

    Attributes
    ----------
    number : dict
        The step of each node, from 1; 0 before the first step, `count` + 1 after the last. A leaf that several steps
        use has none.
    alike : dict
        What each node of a step is in its step: equal for those that correspond to each other.
    count : int
        The number of steps.
    """

    number: dict[Node, int]
    alike: dict[Node, Key]
    count: int


def find_steps(order: Sequence[Node]) -> Steps | None:
    """Find the steps of a graph in time; None if it has none.

    A leaf recurs if it is used at least three times along one path, like the weights of a recurrent cell or the number
    of which Newton's iteration takes the root. A step begins where a leaf is used that the step has used already. What
    does not depend on such leaves belongs to the step that uses it; what several steps use prepares them all.
    """
    there = set(order)
    if any(p not in there for node in order for p in node.parents):
        return None  # a part of a graph may begin anywhere in a step
    roots = _roots(order)
    recurrent = _recurrent(order, roots)
    level = _levels(order, roots, recurrent)
    if not recurrent:
        return None
    read = _read_by_steps(order, roots, level)
    level = _first_users(order, _begin_early(order, roots, recurrent.keys() | read, level))
    core, alike = _core(order, level)
    count = max((level[node] for node in core), default=0)
    ops = sum(node.op is not None for node in order)
    if len({level[node] for node in core}) < LEAST or 2 * len(core) < ops:
        return None
    number = {node: step for node, step in level.items() if node in core}
    needed = {p for node in core for p in node.parents if p.op is not None and p not in core}
    for node in reversed(order):  # what only prepares the steps stands before them, what follows the last after it
        if node in level and node not in core and node.op is not None:
            first = level[node] <= 1 and node in needed
            number[node] = 0 if first else level[node] if node in needed else count + 1
            needed.update(p for p in node.parents if node in needed and p not in core)
    number |= _leaves(order, number)
    return Steps(number, {node: alike[node] for node in core}, count)


def _roots(order: Sequence[Node]) -> dict[Node, Node]:
    """The leaf that each node is, or of which alone it is made, like a transposed matrix."""
    roots: dict[Node, Node] = {}
    for node in order:
        if node.op is None:
            roots[node] = node
        elif len(node.parents) == 1 and node.parents[0] in roots:
            roots[node] = roots[node.parents[0]]
    return roots


def _recurrent(order: Sequence[Node], roots: dict[Node, Node]) -> dict[Node, int]:
    """The leaves that a path uses three times or more, with how often the longest does."""
    uses = Counter(roots[p] for node in order if node not in roots for p in node.parents if p in roots)
    often = [leaf for leaf, n in uses.most_common() if n >= LEAST][: max(1, WORK // len(order))]
    place = {leaf: i for i, leaf in enumerate(often)}
    if not often:
        return {}
    none = np.zeros(len(often), int)
    longest: dict[Node, np.ndarray] = {}
    most = none.copy()
    for node in order:
        if node in roots:
            continue
        before = [longest[p] for p in node.parents if p in longest]
        here = [place[roots[p]] for p in node.parents if roots.get(p) in place]
        if before or here:
            counts = np.maximum.reduce(before) if before else none
            if here:
                counts = counts.copy()
                counts[np.unique(here)] += 1
            longest[node] = counts
            np.maximum(most, counts, out=most)
    # A leaf may recur within a step, such as a first state that several gates read.
    return {leaf: int(n) for leaf, n in zip(often, most, strict=True) if n >= max(LEAST, most.max() / 2)}


def _read_by_steps(order: Sequence[Node], roots: dict[Node, Node], level: dict[Node, int]) -> set[Node]:
    """The leaves that meet values of several steps, on whatever paths, such as a weight from one unit to another."""
    used: dict[Node, set[int]] = {}
    for node in order:
        before = max((level.get(p, 0) for p in node.parents), default=0)
        for p in node.parents:
            if p in roots and before:
                used.setdefault(roots[p], set()).add(before)
    return {leaf for leaf, steps in used.items() if len(steps) >= LEAST - 1}


def _levels(order: Sequence[Node], roots: dict[Node, Node], recurrent: dict[Node, int]) -> dict[Node, int]:
    """Number the steps along every path."""
    most = max(recurrent.values(), default=0)
    level: dict[Node, int] = {}
    last: dict[Node, dict[Node, int]] = {}  # the step in which a path used each leaf last
    for node in order:
        if node.op is None:
            continue
        base = max((level.get(p, 0) for p in node.parents), default=0)
        used: dict[Node, int] = {}
        for p in node.parents:
            for leaf, step in last.get(p, {}).items():
                used[leaf] = max(step, used.get(leaf, 0))
        step = base
        direct = dict.fromkeys(roots[p] for p in node.parents if p in roots and node not in roots)
        here = [leaf for leaf in direct if leaf in recurrent]
        for leaf in here:
            # A leaf that is used later than the others first, and less often, begins a step of its own.
            late = base >= 2 or (base == 1 and recurrent[leaf] < most)
            step = max(step, used[leaf] + 1 if leaf in used else max(base + late, 1))
        level[node] = step
        if used or here:
            last[node] = used | dict.fromkeys(here, step)
    return level


def _begin_early(
    order: Sequence[Node], roots: dict[Node, Node], read: Set[Node], level: dict[Node, int]
) -> dict[Node, int]:
    """Put what a leaf makes of the values that leave a step, and only the next one uses, into that next step."""
    users = _users(order)
    crossing = {node for node in level if any(level[u] > level[node] for u in users.get(node, []))}
    begun: set[Node] = set()
    for node in order:
        operands = [p for p in node.parents if p.op is not None and level[p]]
        if node not in level or not operands or any(level[p] != level[node] for p in operands):
            continue
        uses = any(roots.get(p) in read for p in node.parents)
        if all(p in begun or (uses and p in crossing) for p in operands):
            begun.add(node)
    moved = dict(level)
    for node in reversed(order):
        if node in begun:
            moved[node] = max(moved[node], min((moved[u] for u in users.get(node, [])), default=0))
    # What one step alone would pass on, such as the first loss of a sum, stays with it.
    count = Counter(roots.get(p) for node in begun if moved[node] > level[node] for p in node.parents)
    seldom = {leaf for leaf in read if 0 < count[leaf] < len(users[leaf]) / 2}
    return _begin_early(order, roots, read - seldom, level) if seldom else moved


def _first_users(order: Sequence[Node], level: dict[Node, int]) -> dict[Node, int]:
    """Give what no step before leads to the step that uses it; what several steps use prepares them all."""
    users = _users(order)
    level = dict(level)
    for node in reversed(order):
        if node.op is not None and not level.get(node):
            own = {level[u] for u in users.get(node, [])}
            level[node] = own.pop() if len(own) == 1 else 0
    return level


def _users(order: Sequence[Node]) -> dict[Node, list[Node]]:
    users: dict[Node, list[Node]] = {}
    for node in order:
        for p in dict.fromkeys(node.parents):
            users.setdefault(p, []).append(node)
    return users


def _core(order: Sequence[Node], level: dict[Node, int]) -> tuple[set[Node], dict[Node, Key]]:
    """The nodes that most steps have, and what each is in its step."""
    users = _users(order)
    several = {p for p, readers in users.items() if len({level[u] for u in readers}) > 1}
    shared = {p for p in several if not level.get(p)}  # a leaf, or what is made before the steps
    ids: dict[Key, int] = {}
    alike: dict[Node, Key] = {}
    seen: Counter[Key] = Counter()
    for node in order:
        if node.op is None or not level[node]:
            continue
        own = level[node]
        operands = tuple(
            id(p) if p in shared else alike[p] if level.get(p) == own else ("data", p.shape) for p in node.parents
        )
        # What each step takes of the same array, such as an element of a sequence, it takes at a place of its own.
        params = () if all(p in shared for p in node.parents) else tuple(node.params.items())
        look = ids.setdefault((node.op.name, params, node.shape, operands), len(ids))
        alike[node] = look, seen[level[node], look]
        seen[level[node], look] += 1
    steps = Counter(alike.values())
    least = max(LEAST, max(level.values(), default=0) / 2)
    return {node for node, key in alike.items() if steps[key] >= least}, alike


def _leaves(order: Sequence[Node], number: dict[Node, int]) -> dict[Node, int]:
    """The steps of the leaves that one step uses."""
    used: dict[Node, set[int]] = {}
    for node in order:
        for p in node.parents:
            if p.op is None and node in number:
                used.setdefault(p, set()).add(number[node])
    return {leaf: min(steps) for leaf, steps in used.items() if len(steps) == 1}
