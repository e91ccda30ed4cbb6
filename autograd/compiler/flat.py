"""A scalar graph as flat numbers: every node has a place, and nodes of one op at one depth stand side by side.

That is the work of a library for arrays, found again in a graph of single numbers. Both back ends for large scalar
graphs read it: `levels` calculates a group by one call, `machine` number by number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias

from autograd.compiler.requests import GRADIENT, Request
from autograd.engine.contributions import NUMBERS, STRICT_NUMBERS
from autograd.engine.node import Node, Primitive, toposort
from autograd.ops.arithmetic import add
from autograd.typing import Params

__all__ = ["Flat", "Group", "Pass", "flattened"]

# For a node, by the number of a request in whose pass it is: the positions of the operands that get a gradient.
Reached: TypeAlias = dict[Node, dict[int, tuple[int, ...]]]
Runs: TypeAlias = dict[Node, list[Node]]


class Recorded(Protocol):
    """What is read of a recording."""

    @property
    def inputs(self) -> list[Node]: ...
    @property
    def captured(self) -> set[Node]: ...


class Group(NamedTuple):
    """Nodes of one op at one depth, or runs of so many additions; their values stand side by side.

    Attributes
    ----------
    op, params : op, mapping
        What they are of.
    nodes : list of node
        The nodes; of runs the last sums, for nobody reads the others.
    start : int
        The first place.
    operands : list of list of int
        The places of their operands, for each position; of runs those of the first terms, of the second, and so on.
    passes : mapping of int to tuple of int
        By the number of each pass in which they hand gradients on: the positions of the operands that get them.
    additions : int
        How many each run has; 0 for nodes.
    """

    op: Primitive
    params: Params
    nodes: list[Node]
    start: int
    operands: list[list[int]]
    passes: Mapping[int, tuple[int, ...]]
    additions: int

    @property
    def stop(self) -> int:
        """The place behind the last."""
        return self.start + len(self.nodes)


class Pass(NamedTuple):
    """A backward pass, for the gradients of a request.

    Attributes
    ----------
    request : Request
        What asks for them.
    seeds : list of (int, node)
        The places of the outputs, each with its gradient.
    groups : list of Group
        What hands gradients on, the deepest first.
    number : int
        By which groups know it.
    start : int
        The first of the places at which the gradients stand, side by side.
    inputs : list of int
        The places of the nodes whose gradients they are.
    """

    request: Request
    seeds: list[tuple[int, Node]]
    groups: list[Group]
    number: int
    start: int
    inputs: list[int]

    def vjp(self, op: Primitive, position: int) -> Any:
        """The derivative of an op by the operand at a position."""
        return (STRICT_NUMBERS if self.request.strict else NUMBERS).vjp(op, position)


class Flat(NamedTuple):
    """A scalar graph.

    Attributes
    ----------
    places : dict of node to int
        Where the value of each node stands: first inputs, then what is captured, then constants, then what is
        calculated.
    inputs, captured : list of node
        What is read at each call.
    constants : list of node
        What never changes.
    steps : list of Group and Pass
        What is calculated, in this order.
    size : int
        The number of places.
    calculated : int
        How many nodes are calculated.
    """

    places: dict[Node, int]
    inputs: list[Node]
    captured: list[Node]
    constants: list[Node]
    steps: list[Group | Pass]
    size: int
    calculated: int


def flattened(recording: Recorded, outputs: Sequence[Node]) -> Flat | None:
    """A recorded graph as flat numbers; None if it is not scalar and elementwise throughout."""
    given = {*recording.inputs, *recording.captured}
    order = _order(outputs, given)
    if not all(
        type(n._data) in (float, bool) and (n in given or _is_scalar(n.op)) for n in [*recording.inputs, *order]
    ):
        return None
    calculated = [n for n in order if n.op is not None and n not in given]
    requests = list({id(r): r for n in calculated if n.op is GRADIENT for r in [n.params["request"]]}.values())
    captured = [n for n in order if n in recording.captured]
    asked = [x for r in requests for x in r.inputs]
    known = {*given, *calculated}
    constants = list(dict.fromkeys(n for n in [*order, *asked] if n not in known))
    places = {n: i for i, n in enumerate([*recording.inputs, *captured, *constants])}
    reached: Reached = {}
    for number, request in enumerate(requests):
        _reach(reached, number, request, calculated)
    runs = _runs(calculated, {*outputs, *asked})
    groups = _by_depth(calculated, runs, reached)
    steps, size = _placed(groups, places, runs, requests)
    return Flat(places, recording.inputs, captured, constants, steps, size, len(calculated))


def _order(outputs: Sequence[Node], given: Container[Node]) -> list[Node]:
    """What the outputs need that is not given, and of that what they need directly; parents before children."""
    order = toposort(outputs)
    needed = set(outputs)
    for n in reversed(order):
        if n in needed and n not in given:
            needed.update(n.parents)
    return [n for n in order if n in needed]


def _is_scalar(op: Primitive | None) -> bool:
    return op is None or op is GRADIENT or (op.elementwise and not op.variadic)


def _reach(reached: Reached, number: int, request: Request, calculated: Sequence[Node]) -> None:
    """Note which nodes hand gradients on to which operands: between the outputs and the inputs of a request only."""
    leads = {x for x in request.inputs if x.requires_grad}
    differentiable = cache(lambda op: [i for i in range(op.arity) if op.vjp(i) is not None])
    op: Any
    handing: dict[Node, tuple[int, ...]] = {}
    for n in calculated:
        op = n.op
        if n.requires_grad and op is not GRADIENT:
            positions = [i for i in differentiable(op) if n.parents[i] in leads]
            if positions:
                handing[n] = tuple(positions)
                leads.add(n)
    active = set(request.seeds)
    for n in reversed(calculated):
        if n in active and n in handing:
            reached.setdefault(n, {})[number] = handing[n]
            active.update(n.parents[i] for i in handing[n])


def _runs(calculated: Sequence[Node], read: Container[Node]) -> Runs:
    """Runs of two additions or more, ``a + b + c``, by each of their sums: none but the last is used elsewhere."""
    uses = Counter(p for n in calculated for p in n.parents)
    runs: Runs = {}
    for n in calculated:
        if n.op is add:
            before = n.parents[0]
            goes_on = before in runs and uses[before] == 1 and before not in read
            if goes_on and before.requires_grad == n.requires_grad:
                runs[n] = runs[before]
                runs[n].append(n)
            else:
                runs[n] = [n]
    return {n: run for n, run in runs.items() if len(run) > 1}


def _terms(run: Sequence[Node]) -> list[Node]:
    return [run[0].parents[0], *(n.parents[1] for n in run)]


def _by_depth(calculated: Sequence[Node], runs: Runs, reached: Reached) -> list[tuple[Any, list[Node]]]:
    """Keys and nodes of the groups, those of the least depth first; a run stands at the depth of its last sum."""
    depth: dict[Node, int] = {}
    groups: dict[Any, list[Node]] = {}
    for n in calculated:
        run = runs.get(n)
        if run and n is not run[-1]:
            continue
        here = 0
        for p in _terms(run) if run else n.parents:  # a loop takes half the time of max
            below = depth.get(p, 0)
            if below > here:
                here = below
        depth[n] = here = here + 1
        kind: tuple[Any, ...]
        if n.op is GRADIENT:
            kind = (GRADIENT, id(n.params["request"]))
        elif run:
            kind = (add, len(run), tuple(_of_terms(run, reached).items()))
        else:
            # 0.0 is not −0.0.
            static = tuple([(k, type(v), v or repr(v)) for k, v in n.params.items()]) if n.params else ()
            kind = (n.op, static, tuple(reached[n].items()) if n in reached else ())
        groups.setdefault((here, kind), []).append(n)
    return sorted(groups.items(), key=lambda group: group[0][0])


def _of_terms(run: Sequence[Node], reached: Reached) -> dict[int, tuple[int, ...]]:
    """The passes in which a run hands gradients on, and to which of its terms."""
    of_sums = [reached.get(n, {}) for n in run]

    def terms(number: int) -> Iterable[int]:
        if 0 in of_sums[0].get(number, ()):
            yield 0
        yield from (i for i, passes in enumerate(of_sums, 1) if 1 in passes.get(number, ()))

    return {number: tuple(terms(number)) for number in of_sums[-1]}


def _placed(
    groups: Iterable[tuple[Any, list[Node]]], places: dict[Node, int], runs: Runs, requests: Sequence[Request]
) -> tuple[list[Group | Pass], int]:
    """The steps, of which the places are entered, and the number of places."""
    steps: list[Group | Pass] = []
    numbers = {id(r): number for number, r in enumerate(requests)}
    size = len(places)
    for (_, kind), nodes in groups:
        start = size
        size += len(nodes)
        places.update(zip(nodes, range(start, size), strict=True))
        if kind[0] is GRADIENT:
            number = numbers[kind[1]]
            request = requests[number]
            inputs = [places[request.inputs[n.params["index"]]] for n in nodes]
            before = [s for s in reversed(steps) if isinstance(s, Group) and number in s.passes]
            seeds = [(places[y], g) for y, g in request.seeds.items()]
            steps.append(Pass(request, seeds, before, number, start, inputs))
            continue
        additions = len(runs.get(nodes[0], ()))
        operands = zip(*(_terms(runs[n]) if additions else n.parents for n in nodes), strict=True)
        at = [[places[p] for p in column] for column in operands]
        steps.append(Group(kind[0], nodes[0].params, nodes, start, at, dict(kind[2]), additions))
    return steps, size
