"""``tidied``: a derivative's graph without its bookkeeping."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.coercion import constant
from autograd.engine.derived import DerivativeVersion, is_derivative
from autograd.engine.libraries import fetched, library_of
from autograd.engine.node import NO_PARAMS, NODE_CLASSES, Node, toposort, versions
from autograd.engine.recording import calculate, class_of
from autograd.graph.arguments import node_list
from autograd.graph.formatting import elide
from autograd.graph.formulas import Texts
from autograd.graph.naming import Names, find_names
from autograd.graph.tidy_rules import RULES, by_constants, simplest
from autograd.namespaces import arrays
from autograd.ops.selection import where
from autograd.typing import Data, Params, Tree, X

__all__ = ["Tidied", "tidied", "tidy", "untidied"]

ATTEMPTS = 10  # at keeping the inputs in the graph
NOTED, NOTE_COLUMNS = 4, 30
REACH = 12  # ops before a choice in which others by the same condition are made


def tidied(y: Tree, *, inputs: Node | Sequence[Node] = (), names: object = None) -> Tree:
    """The graph of a derivative as a person would write it: without what only the engine needs.

    In the part that ``gradients(create_graph=True)`` recorded, constants are calculated, products with 1 and sums with
    0 are dropped, what is calculated twice is there once, and signs come together. A labelled node, an input and an
    output stay, and so does what your own code recorded. No value changes, whatever the leaves: the new graph replays
    to the same bits, but for the sign of a zero. So constants are multiplied with one another only where that is exact
    (6·x for 3·(2·x), but 7·(6·x) stays), and 0·x stays, which is nan at infinity.

    One change is no equality. Where a derivative is stated because its formula fails for some values of two variables,
    as that of ``hypot`` at the origin, the formula alone stays, unless the graph was recorded there; pictures say so on
    a badge.

    Parameters
    ----------
    y : node or sequence of node
        The results.
    inputs : node or sequence of node
        Other nodes that are to stay.
    names : mapping or Module, optional
        Where nodes without a label find a name, as in :func:`autograd.graph.explain`; those stay too.

    Returns
    -------
    node or list of node
        The results, a list for a sequence, in the new graph, which can be replayed, differentiated, drawn and written
        to a file. Its leaves are those of `y`, but for the constants; nodes that need no change are the same, and no
        node is written to.

    Raises
    ------
    TypeError
        If `y` or `inputs` are no nodes, or `names` no mapping or module.

    Examples
    --------
    >>> from autograd import Value, gradients
    >>> from autograd.graph import tidied, toposort
    >>> x = Value(2.0, "x")
    >>> slope = gradients(x**3, x, create_graph=True)
    >>> bend = gradients(slope, x, create_graph=True)
    >>> [sum(node.op is not None for node in toposort(y)) for y in (bend, tidied(bend))]
    [11, 1]
    >>> tidied(bend)
    Value(12.0, op='×')
    """
    kept = node_list("tidied", inputs, "inputs")
    results = tidy(node_list("tidied", y), kept, find_names(names)).outputs
    return results[0] if isinstance(y, Node) else results


class Tidied(NamedTuple):
    """A graph without its bookkeeping, and what pictures say of it."""

    outputs: list[Node]
    new: Mapping[Node, Node]  # what stands for each node
    was: Mapping[Node, list[Node]]  # the nodes for which a node stands
    badges: Mapping[Node, list[str]]  # the conventions that are no longer part of how a node is calculated

    def notes(self) -> dict[Node, str]:
        """What nodes stand for, in numbers: ``3·4, 1·12``."""
        texts, notes = Texts({}), {}
        for node, originals in self.was.items():
            own = texts.call_in_numbers(node) if node.op is not None else ""
            calls = dict.fromkeys(elide(texts.call_in_numbers(n), NOTE_COLUMNS) for n in originals)
            folded = [call for call in calls if call != own]
            if folded:
                notes[node] = ", ".join(folded[:NOTED]) + f" and {len(folded) - NOTED} more" * (len(folded) > NOTED)
        return notes


def tidy(outputs: Sequence[Node], kept: Collection[Node], names: Names) -> Tidied:
    """Tidy a graph; nodes that have a name or are `kept` stay, and `names` then knows them in the new graph too."""
    order = sorted(toposort(outputs), key=lambda node: (node._depth, is_derivative(node)))
    if not any(is_derivative(n) for n in order if n.op is not None) or not all(map(_is_readable, order)):
        return untidied(outputs)
    stay = {*outputs, *kept, *(node for node in order if names.of(node))}
    tidier = _all_inputs_kept(order, outputs, stay)
    for node, name in list(names.names.items()):
        if node in tidier.new:
            names.names.setdefault(tidier.new[node], name)
    return Tidied(tidier.of(outputs), tidier.new, tidier.was, tidier.badges)


def untidied(outputs: Sequence[Node]) -> Tidied:
    """A graph as it was recorded."""
    return Tidied(list(outputs), {}, {}, {})


def _is_readable(node: Node) -> bool:
    library = library_of(node._data)
    return isinstance(node._data, (bool, int, float, np.ndarray)) if library is None else not library.traced(node._data)


def _all_inputs_kept(order: Sequence[Node], outputs: Sequence[Node], stay: set[Node]) -> Tidier:
    tidier = Tidier(order, stay, branches=False)
    if any(node.op is where for node in order):
        tidier = min(tidier, Tidier(order, stay, branches=True), key=lambda t: t.size(outputs))
    for _ in range(ATTEMPTS):
        lost = tidier.lost(order, outputs)
        if not lost:
            return tidier
        # A rule dropped the last operand by which an input was there, so it is not applied at that node.
        depends = set(lost)
        for node in toposort([x for operands in tidier.dropped.values() for x in operands]):
            if not depends.isdisjoint(node.parents):
                depends.add(node)
        held = next((node for node, xs in reversed(tidier.dropped.items()) if not depends.isdisjoint(xs)), None)
        if held is None:
            break
        tidier = Tidier(order, stay, {*tidier.held, held}, branches=tidier.branches)
    return Tidier(order, stay, order, branches=False)


class Tidier:
    """Makes the nodes of a graph anew, operands first, each by the rule for its op."""

    def __init__(self, order: Sequence[Node], stay: set[Node], held: Collection[Node] = (), *, branches: bool) -> None:
        self.stay = set(stay)
        self.held = set(held)  # nodes at which no operand is dropped
        self.branches = branches  # whether a choice inside a branch of the same choice is made
        self.new: dict[Node, Node] = {}
        self.was: dict[Node, list[Node]] = {}
        self.badges: dict[Node, list[str]] = {}
        self.dropped: dict[Node, list[Node]] = {}  # the operands that were dropped at a node
        self._known: dict[X, Node] = {}  # by what a node calculates
        self._within: dict[X, Node] = {}
        self._sized: set[Node] = set()  # nodes whose shape may be another in a replay
        for node in order:
            self._at = node
            self.new[node] = self._renewed(node)

    def of(self, nodes: Sequence[Node]) -> list[Node]:
        """The nodes that stand for these."""
        return [self.new[node] for node in nodes]

    def size(self, outputs: Sequence[Node]) -> int:
        """How many ops the new graph has."""
        return sum(node.op is not None for node in toposort(self.of(outputs)))

    def lost(self, order: Sequence[Node], outputs: Sequence[Node]) -> set[Node]:
        """The inputs that the new graph lacks."""
        reached = set(toposort(self.of(outputs)))
        return {n for n in order if n.op is None and n not in reached and not self.is_constant(n)}

    def _renewed(self, node: Node) -> Node:
        op: Any = node.op
        if op is None:
            return node
        parents = tuple(self.of(node.parents))
        sized = op.sized_by is not None and any(True for _ in op.sized_by(*(p._data for p in parents)))
        if sized or not self._sized.isdisjoint(parents):
            self._sized.add(node)
        plain = node
        if any(a is not b for a, b in zip(parents, node.parents, strict=True)):
            plain = _copy(node, node, parents)
        self._note(plain, node)
        if not is_derivative(node):
            self._shared(plain)
            return plain
        rule = RULES.get(op)
        result = by_constants(self, node, *parents)
        if result is None and rule is not None:
            result = rule(self, node, *parents)
        if result is None or type(result) is not type(node) or not _alike(result._data, node._data):
            result = plain  # a number may be rounded elsewhere, as beside float32
        if node in self.stay:
            result = self._staying(node, plain, result)
        elif result is plain:
            result = self._shared(plain)
        self._note(result, node)
        return result

    def _shared(self, node: Node) -> Node:
        """The node that calculates the same, if there is one already."""
        known = self._known.setdefault(_key(node.op, node.parents, node.params), node)
        return known if _alike(known._data, node._data) and type(known) is type(node) else node

    def _staying(self, node: Node, plain: Node, result: Node) -> Node:
        """A node that stays takes the op of the one to which it comes, if that has an op and does not stay itself."""
        if result is not plain:
            own = result not in self.stay and (result.op is not None or self.is_constant(result))
            made = _copy(node, result, result.parents) if own else plain
            self._moved(result, made)
            result = made
        self.stay.add(result)
        return result

    def _moved(self, node: Node, to: Node) -> None:
        if to is not node:
            self.was.setdefault(to, []).extend(self.was.get(node, []))
            self.badges.setdefault(to, []).extend(self.badges.get(node, []))
            if node in self._sized:
                self._sized.add(to)

    def _note(self, result: Node, node: Node) -> None:
        if result is not node:
            self.was.setdefault(result, []).append(node)
            if node in self._sized:
                self._sized.add(result)

    # What the rules ask.

    def is_constant(self, node: Node) -> bool:
        """Whether a node is a number, or what a pass made its own."""
        free = node.op is None and not node.requires_grad and node not in self.stay
        return free and (not node.ndim or is_derivative(node))

    def is_free(self, node: Node) -> bool:
        """Whether a node may be left out: a pass recorded it, and nobody named it."""
        return node.op is not None and is_derivative(node) and node not in self.stay

    def may_drop(self, x: Node) -> bool:
        """Whether an operand of the node at hand may be left out, of which at most the shape is read."""
        if x in self._sized or self._at in self.held:  # in a replay it may have another shape
            return False
        self.dropped.setdefault(self._at, []).append(x)
        return True

    def within(self, node: Node, condition: Node, truth: bool, reach: int = REACH) -> Node:
        """What a node is in a branch of a choice: a choice by the same condition is made there."""
        if not self.branches or not reach or node.op is None or not node.op.elementwise or not self.is_free(node):
            return node
        if node.op is where and node.parents[0] is condition:
            chosen = node.parents[1 if truth else 2]
            ignored = node.parents[2 if truth else 1]
            if (chosen.shape != node.shape and not self.is_constant(chosen)) or not self.may_drop(ignored):
                return node
            return self.within(chosen, condition, truth, reach - 1)
        key = node, condition, truth
        if key not in self._within:
            parents = [self.within(p, condition, truth, reach - 1) for p in node.parents]
            result = node
            if any(a is not b for a, b in zip(parents, node.parents, strict=True)):
                constants = by_constants(self, node, *parents)
                result = simplest(self, node.op, node, *parents) if constants is None else constants
            self._within[key] = result
        return self._within[key]

    def made(self, op: X, *parents: Node | float, params: Params = NO_PARAMS) -> Node:
        """A node of an op, or the one that is there already."""
        operands = tuple(p if isinstance(p, Node) else self.number(p) for p in parents)
        key = _key(op, operands, params)
        data = arrays.quietly(calculate, op, [p._data for p in operands], params)
        if key not in self._known or not _alike(self._known[key]._data, data):
            node: Node = object.__new__(class_of(NODE_CLASSES[type(data)], operands))
            requires_grad = op.differentiable and any(p.requires_grad for p in operands)
            node._fill(data, None, requires_grad, op, operands, params)
            node._version = DerivativeVersion(versions.latest)
            self._known[key] = node
            for p in operands:
                if p in self._sized:
                    self._sized.add(node)
        return self._known[key]

    def number(self, x: Data) -> Node:
        """A constant."""
        node = constant(x)
        node._version = DerivativeVersion(versions.latest)
        return node


def _copy(node: Node, like: Node, parents: tuple[Node, ...]) -> Node:
    """A node with its label and gradient, and with the op of another on these operands."""
    twin: Node = object.__new__(type(node))
    twin._fill(node._data, node._label, node.requires_grad, like.op, parents, like.params)
    twin._grad, twin._version = node._grad, node._version
    if hasattr(node, "__dict__"):  # of a subclass
        vars(twin).update(vars(node))
    return twin


def _key(op: Any, parents: Sequence[Node], params: Params) -> X:
    """What is equal for nodes that calculate the same."""
    operands = [_identity(p) for p in parents]
    return op, tuple(sorted(operands, key=repr) if op.commutative else operands), repr(dict(params))


def _identity(node: Node) -> X:
    data = node._data
    if node.op is None and type(data) in (int, float) and not node.requires_grad and not node.label:
        return repr(float(data))
    return id(node)


def _alike(x: Data, y: Data) -> bool:
    """Whether data have the same type, shape, dtype and value."""
    if type(x) is not type(y):
        return False
    x, y = fetched(x), fetched(y)
    if isinstance(x, np.ndarray):
        same: bool = x.shape == y.shape and x.dtype == y.dtype and np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
        return same
    return bool(x == y or (x != x and y != y))
