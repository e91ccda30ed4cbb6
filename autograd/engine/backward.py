"""The backward pass: every node passes its gradient to its operands, when all of its own consumers have."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from math import prod
from typing import Any, NamedTuple, cast

import numpy as np

from autograd.engine.anomaly import PLACES_ONLY
from autograd.engine.coercion import BackwardError, constant, gradient_for
from autograd.engine.contributions import (
    NUMBERS,
    STRICT_GRAPHS,
    NanSelectedError,
    Space,
    any_nan,
    check_unchanged,
    contributions,
    has_nan,
    is_asked_later,
    is_float,
    plus,
)  # fmt: skip
from autograd.engine.hooks import AFTER, BEFORE, adjust, is_hooked, notify
from autograd.engine.libraries import IN_USE, LIBRARIES, namespace_of
from autograd.engine.modes import RunningWatch, current_mode, run_in, usual
from autograd.engine.node import Node, depth_of, registry, toposort, versions
from autograd.engine.pieces import Pieces
from autograd.engine.trace import stored
from autograd.messages import describe
from autograd.namespaces import arrays
from autograd.namespaces.marks import Mark, raw
from autograd.tracebacks import is_of_users
from autograd.typing import XP, X

__all__ = ["Rule", "Visit", "backpropagate", "backward", "owned", "seed_of", "sweep", "visits", "why_no_gradient"]

Gradients = dict[Node, X]
Rule = Callable[[Node, X], Iterable[tuple[int, X]]]  # what a gradient becomes for each operand, by its position
Complete = Callable[[Gradients], None]  # takes the gradients of a depth
See = Callable[[Node, X, int, X, X], None]  # takes a node, its gradient, a position, what it gets, its total


def backpropagate(
    seeds: Gradients, rule: Rule | None, complete: Complete, see: Sequence[See] = (), hooks: Complete | None = None
) -> Gradients:
    """The gradients of the leaves under `seeds`; `complete` is called with those of each depth, the deepest first.

    `hooks`, if given, changes those of a depth before they are passed on.

    The depth of a node is the length of the longest path from a leaf to it, so its consumers are deeper than the node:
    when those have passed their gradients on, its own is complete. Until then it waits in the dict for its depth.
    Without a rule (`contributions`, in some space) the functions made for each op do the same on floats and arrays.
    """
    waiting: list[Gradients] = [{} for _ in range(1 + max(map(depth_of, seeds)))]
    for y, g in seeds.items():
        waiting[y._depth][y] = g
    latest = None if see else versions.latest  # where somebody looks on, every node is checked
    deepest = waiting.pop if hooks is None else partial(_changed, waiting, hooks)
    node = y
    while len(waiting) > 1:
        level = deepest()
        try:
            for node, g in level.items():
                op: Any = node.op
                if node._version != latest:
                    check_unchanged(node)
                if rule is None:
                    if type(g) is float:
                        op.backward_on_floats(node, g, waiting)
                        continue
                    if type(g) is Pieces:
                        g = level[node] = g.sum(node._data)
                    op.backward_on_arrays(node, g, waiting)
                    continue
                for position, c in rule(node, g):
                    p = node.parents[position]
                    below = waiting[p._depth]
                    below[p] = plus(below[p], c) if p in below else c
                    for s in see:
                        s(node, g, position, c, below[p])
        except Exception as error:
            is_of_users(error, f"in the derivative of {node.op.name if node.op else 'a leaf'}, {describe(node)}")
            raise
        complete(level)
    return {leaf: g.sum(leaf._data) if type(g) is Pieces else g for leaf, g in deepest().items()}


def _changed(waiting: list[Gradients], hooks: Complete) -> Gradients:
    """The gradients of the deepest level, as hooks leave them."""
    level = waiting.pop()
    hooks(level)
    return level


def sweep(
    seeds: Gradients,
    complete: Complete,
    space: Space = NUMBERS,
    see: Sequence[See] = (),
    by_contributions: Rule | None = None,
) -> Gradients:
    """The gradients of the leaves under `seeds`; `complete` is called with those of each depth.

    A nan asks for another pass, with marks: it may come of a 0 that stands for "does not depend". The rule is that of
    `contributions` in the space, unless it is given.
    """
    mode = current_mode()
    if mode is not None and mode.watch is not None and mode.watch.checks:
        for y, g in seeds.items():
            mode.watch.seed(y, g)
        see = [*see, mode.watch.gradient]
        quiet = mode._replace(watch=PLACES_ONLY)
        return cast(Gradients, run_in(quiet, sweep, seeds, complete, space, see, by_contributions))

    def run(seeds: Gradients, rule: Rule | None, see: Sequence[See] = (), hooks: Complete | None = None) -> Gradients:
        if rule is None:
            return backpropagate(seeds, None, complete)
        raws: Complete = lambda level: complete({node: raw(g) for node, g in level.items()})
        leaves = backpropagate(seeds, rule, raws, see, hooks)
        return {leaf: raw(g) for leaf, g in leaves.items()}

    by_contributions = by_contributions or partial(contributions, space=space)
    if BEFORE and is_hooked(seeds):  # a hook is called once, so the one pass there is carries marks
        return run(_marked(seeds, space.xp), by_contributions, see, adjust)
    rule: Rule | None = None if space is NUMBERS else by_contributions
    marked = False
    if IN_USE:
        marked = is_traced(seeds)  # tracers, whose values nobody can read to ask them for nans
    if space.xp is registry and not marked:
        if mode is not None and mode.watch is not None:
            by_contributions = partial(_watched, mode.watch, by_contributions)
            marked = mode.watch.marked
        rule = _marking_selections(seeds, space, by_contributions)
    if not marked:
        dropping: list[X] = []  # gradients at ops that select, of which a nan may not reach the leaves
        told = complete
        if IN_USE:
            complete = partial(_noting, dropping, told)
        try:
            leaves = run(seeds, rule)
            marked = any_nan([*leaves.values(), *dropping]) if IN_USE else any(map(has_nan, leaves.values()))
        except NanSelectedError:
            marked = True
        complete = told
    if marked:
        seeds = _marked(seeds, space.xp)
        rule = by_contributions
        leaves = run(seeds, rule)
    return run(seeds, rule or by_contributions, see) if see else leaves


def _marked(seeds: Gradients, xp: XP) -> Gradients:
    return {y: Mark(g, None, xp or namespace_of(raw(g))) for y, g in seeds.items()}


def is_traced(gradients: Gradients) -> bool:
    """Whether gradients, or the data of their nodes, are a library's tracers, which stand for values to come."""
    data = (getattr(x, "_data", x) for x in (*gradients, *gradients.values()))
    return any(library is not None and library.traced(x) for x in data if (library := LIBRARIES[type(x)]))


def _noting(dropping: list[X], complete: Complete, level: Gradients) -> None:
    """Note of the gradients of a depth those that a library is to be asked about, and hand all on."""
    complete(level)
    for node, g in level.items():
        if node.op is not None and node.op.selects and is_asked_later(g):
            dropping.append(g)


def _watched(watch: RunningWatch, rule: Rule, node: Node, g: X) -> Iterator[tuple[int, X]]:
    """A rule whose derivatives are recorded as those of the node."""
    watch.derive(node)
    try:
        yield from rule(node, g)
    finally:
        watch.derive(None)


def _marking_selections(outputs: Gradients, space: Space, by_contributions: Rule) -> Rule:
    """The rule for gradient graphs. Replayed, one may select otherwise: marks go where that may meet a pole."""
    unbounded: set[Node] = set()  # nodes whose values, or derivatives, may be inf or nan at finite leaves
    for node in toposort(list(outputs)):
        op: Any = node.op
        if op is not None and op.differentiable and (op.poles or any(p in unbounded for p in node.parents)):
            unbounded.add(node)

    def rule(node: Node, g: X) -> Iterable[tuple[int, X]]:
        op: Any = node.op
        if (node in unbounded and (op.selects or type(g) is Mark)) or (
            op.conventions and space.vjp is STRICT_GRAPHS.vjp
        ):
            g = g if type(g) is Mark else Mark(g, None, space.xp)
        else:
            g = raw(g)
        return by_contributions(node, g)

    return rule


class Visit(NamedTuple):
    """What a pass did at one inner node.

    Attributes
    ----------
    node : node
        The node.
    gradient : float or array
        Its complete gradient.
    alive : array of bool or None
        Which of its elements no selection dropped; None for all.
    passed : list of (int, gradient, gradient)
        For each operand that requires a gradient its position, what it gets, and its gradient so far with this.
    """

    node: Node
    gradient: X
    alive: X
    passed: list[tuple[int, X, X]]


def visits(y: Node, gradient: X = None) -> tuple[list[Visit], Gradients]:
    """The backward pass of `y`, node by node in its own order, and the gradients of the leaves; writes to no node."""
    if usual() is not None:
        stored(y, "steps")
    complete: Gradients = {}
    passed: dict[Node, list[tuple[int, X, X]]] = {}
    alive: dict[Node, X] = {}

    def see(node: Node, g: X, position: int, c: X, total: X) -> None:
        passed.setdefault(node, []).append((position, raw(c), raw(total)))
        if type(g) is Mark:
            alive[node] = g.alive

    leaves = arrays.quietly(sweep, {y: seed_of(y, gradient)}, complete.update, NUMBERS, [see])
    return [Visit(node, g, alive.get(node), passed.get(node, [])) for node, g in complete.items()], leaves


def backward(output: Node, gradient: X = None) -> None:
    """Give every node that `output` depends on its gradient: added to at leaves, set at inner nodes.

    Leaves come last, after the whole pass is computed, so that an error leaves them as they were.
    """
    leaves = arrays.quietly(sweep, {output: seed_of(output, gradient)}, _set)
    with _adding:
        for leaf, g in leaves.items():
            leaves[leaf] = owned(g) if leaf._grad is None else plus(leaf._grad, g)
        _set(leaves)
    if AFTER:
        notify(leaves)


def _set(gradients: Gradients) -> None:
    for node, g in gradients.items():
        node._grad = g


_adding = threading.RLock()  # threads may share leaves
if hasattr(os, "register_at_fork"):  # a forked child must not inherit the lock as another thread held it
    os.register_at_fork(before=_adding.acquire, after_in_parent=_adding.release, after_in_child=_adding.release)


def owned(g: X) -> X:
    """A gradient as a user may keep and change it: sharing no memory with another."""
    if type(g) is np.ndarray:
        return g if g.base is None else g.copy()
    if isinstance(g, Node):
        return g
    return float(g) if not IN_USE or (library := LIBRARIES[type(g)]) is None else library.own(g)


def seed_of(output: Node, gradient: X, graph: bool = False, check: bool = True) -> X:
    """The gradient to start from, of the output's shape and dtype."""
    data = output._data
    if check and not output.requires_grad:
        raise BackwardError(f"backward: {describe(output)} requires no gradient{why_no_gradient(output)}")
    floats = data.dtype.kind == "f" if type(data) is np.ndarray else type(data) is float or is_float(data)
    if not floats and output.requires_grad:  # as someone claimed
        raise TypeError(f"backward: {describe(output)} holds no floats, so it has no gradient; write 1.0 for 1")
    if gradient is None:
        if type(data) is not float and prod(data.shape) != 1:
            raise BackwardError(
                f"backward: {describe(output)} is not a scalar; reduce it (y.sum(), y.mean()) or pass a gradient of "
                f"shape {tuple(data.shape)}"
            )
        if IN_USE and (library := LIBRARIES[type(data)]) is not None:
            seed = library.ones_like(data)
        else:
            seed = np.array(1, data.dtype, ndmin=data.ndim) if isinstance(data, np.ndarray) else 1.0
        return constant(seed) if graph else seed
    return gradient_for(output, gradient, graph, "backward: the gradient")


def why_no_gradient(x: Node) -> str:
    """Why a node requires no gradient, and what to do about it."""
    whole = [n for n in toposort(x) if n.op is None and n.ndim and not is_float(n._data)]
    if whole:
        return (
            f": {describe(whole[0])} does not hold floats, and only floats are differentiated; write 1.0 for 1, "
            "or dtype=float"
        )
    if x.op is not None and not x.op.differentiable:
        return f": {x.op.name} has no derivative but 0; to choose by a condition write autograd.where(condition, a, b)"
    if x.op is not None:
        return ": no leaf it depends on requires one; make those with requires_grad=True, outside no_grad"
    return ": it was made with requires_grad=False, or is a constant or a result under no_grad"
