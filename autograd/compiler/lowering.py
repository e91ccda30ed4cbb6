"""Lowering: a recorded graph becomes a program, by each op's own formulas, and its backward passes by the engine's own.

An op that a program cannot look into, as one that branches on its data, becomes one opaque call of what it calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd.callers import Location
from autograd.compiler.programs import Program
from autograd.compiler.requests import GRADIENT, Request
from autograd.compiler.variables import Variable
from autograd.engine.backward import backpropagate, sweep
from autograd.engine.contributions import (
    NUMBERS,
    STRICT_NUMBERS,
    OneOf,
    Space,
    contributions,
    evaluation,
    identity_vjp,
)  # fmt: skip
from autograd.engine.node import Node, Primitive, toposort
from autograd.engine.recording import calculate
from autograd.namespaces import arrays
from autograd.namespaces.marks import Mark, raw
from autograd.typing import XP, Formula, Function, Params, X

__all__ = ["Lowered", "Recorded", "is_of_table", "lower"]


class Recorded(NamedTuple):
    """What lowering reads of a recording.

    Attributes
    ----------
    inputs : list of node
        The nodes that stand for the arguments.
    captured : set of node
        Nodes made before, whose data are read anew at each call.
    """

    inputs: list[Node]
    captured: set[Node]


class Lowered(NamedTuple):
    """A recorded graph as a program.

    Attributes
    ----------
    program : Program
        Its instructions.
    inputs : list of Variable
        One for each input of the recording.
    captured : list of (node, Variable)
        The captured nodes that were reached, in the order in which they came.
    outputs : list of Variable
        One for each output.
    """

    program: Program
    inputs: list[Variable]
    captured: list[tuple[Node, Variable]]
    outputs: list[Variable]


def lower(recording: X, outputs: Sequence[Node], marked: bool = False) -> Lowered:
    """Run the formulas of recorded nodes with a program for their namespace.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    recording : Recording
        Which nodes are inputs, and which were made before.
    outputs : sequence of node
        What the program is to calculate.
    marked : bool
        Whether backward passes keep structural zeros with marks; else they do where the traced gradients need it.
    """
    program = Program()
    at = {node: program.input(node._data, node.label) for node in recording.inputs}
    captured: list[tuple[Node, Variable]] = []
    answers: dict[int, list[Variable]] = {}
    for node in toposort(outputs):
        if node in at:
            continue
        if node in recording.captured:
            at[node] = program.input(node._data, node.label)
            captured.append((node, at[node]))
        elif node.op is None:
            at[node] = program.constant(node._data)
        elif node.op is GRADIENT:
            request: Request = node.params["request"]
            if id(request) not in answers:
                answers[id(request)] = _backward(program, request, at, marked)
            at[node] = answers[id(request)][node.params["index"]]
        else:
            at[node] = _forward(program, node, [at[p] for p in node.parents])
        v = at[node]
        if node._label and v.label is None and not v.is_constant:
            v.label = node._label
    return Lowered(program, [at[x] for x in recording.inputs], captured, [at[y] for y in outputs])


def _begin(program: Program, node: Node, derivative: bool, on_numbers: bool) -> None:
    program.step += 1
    location: Location | None = getattr(node._version, "location", None)
    program.location = location
    program.derivative = derivative or getattr(node._version, "derivative", False)
    program.on_numbers = on_numbers
    program.sized = False


def _forward(program: Program, node: Node, operands: list[Variable]) -> Variable:
    """The result of an op's formula."""
    op: Any = node.op
    numbers = all(v.is_number for v in operands)
    _begin(program, node, False, op.elementwise and numbers)
    if numbers and op.elementwise:  # as recording has them
        operands = [program.constant(float(v.data)) if v.is_constant and type(v.data) is int else v for v in operands]
    sized_by = op.sized_by(*(v.data for v in operands)) if op.sized_by else ()
    program.sized = any(not operands[i].is_constant for i in sized_by)
    call = partial(_calculated, op, node.params)
    try:
        if is_of_table(op) or _agrees(op, op.forward, call, operands, node.params):
            result: Variable = program.constant(op.forward(program, *operands, **node.params))
            if _is_right(result.data, node._data):
                return result
    except TypeError:  # it asks for what no program has, or decides by a shape that depends on values
        pass
    program.sized = program.sized or not is_of_table(op)  # nobody knows on what the shape depends
    opaque: Variable = program.run(op.__name__, call, tuple(operands), {}, repeatable=False)
    return opaque


def _calculated(op: Primitive, params: Params, *data: X) -> X:
    return calculate(op, data, params)


def is_of_table(op: Primitive) -> bool:
    """Whether an op is of the op table, whose formulas read no values, or a user's, which may."""
    return op.__module__.startswith("autograd.ops.")


def _is_right(data: X, recorded: X) -> bool:
    """Whether a formula gave a program data of the kind that the recording has."""
    if type(data) is not type(recorded):
        return False
    return not isinstance(data, np.ndarray) or (data.shape == recorded.shape and data.dtype == recorded.dtype)


def _agrees(op: X, formula: Formula, direct: Function, read: Sequence[Variable], params: Params) -> bool:
    """Whether a user's formula gives a program what it gives data.

    It may look at its data, or at their types; so it is tried at two points, for 0 may come out of any formula.
    """
    return not op.opaque and all(
        _agrees_at([change(v.data) for v in read], op, formula, direct, params) for change in (_as_it_is, _moved)
    )


def _agrees_at(data: list[X], op: X, formula: Formula, direct: Function, params: Params) -> bool:
    try:
        expected = arrays.quietly(direct, *data)
    except Exception:  # it has no value there
        return True
    program = Program()
    program.on_numbers = op.elementwise and all(type(x) in (float, int, bool) for x in data)
    try:
        result = formula(program, *map(program.input, data), **params)
        pairs = zip(result, expected, strict=True) if isinstance(result, (list, tuple)) else [(result, expected)]
        return all(_is_equal(program.constant(c).data, wanted) for c, wanted in pairs)
    except Exception:  # it asks for what no program has
        return False


def _as_it_is(x: X) -> X:
    return x


def _moved(x: X) -> X:
    is_float = type(x) is float or (isinstance(x, np.ndarray) and x.dtype.kind == "f")
    return x * 1.25 + 0.375 if is_float else x


def _backward(program: Program, request: Request, at: dict[Node, Variable], marked: bool) -> list[Variable]:
    """The gradients that a request asks for: the engine's backward pass on variables."""
    space = STRICT_NUMBERS if request.strict else NUMBERS
    space = Space(program, at.__getitem__, partial(_vjp, space))
    inner = {x for x in request.inputs if x.op is not None}
    gradients: dict[Node, X] = {}

    def complete(level: dict[Node, X]) -> None:
        gradients.update((x, raw(level[x])) for x in level.keys() & inner)

    def rule(node: Node, g: X) -> Iterable[tuple[int, X]]:
        if isinstance(raw(g), Variable):
            program.gradients.setdefault(raw(g), at[node])
        y = node._data
        _begin(program, node, True, type(y) is float and type(g) is not Mark and node.op.elementwise)  # type: ignore[union-attr]
        return contributions(node, g, space)

    seeds: dict[Node, X] = {y: at[g] for y, g in request.seeds.items()}
    if marked:
        seeds = {y: Mark(g, None, program) for y, g in seeds.items()}
        leaves = backpropagate(seeds, rule, complete)
    else:
        leaves = sweep(seeds, complete, space, by_contributions=rule)
    gradients |= {leaf: raw(g) for leaf, g in leaves.items()}
    results = []
    for x in request.inputs:
        g = gradients.get(x)
        if g is None:
            g = np.zeros_like(x._data) if isinstance(x._data, np.ndarray) else 0.0
        g = program.constant(g)
        if x in at:  # else no output depends on it
            program.gradients.setdefault(g, at[x])
        results.append(g)
    return results


def _vjp(space: Space, op: Primitive, position: int) -> Function | None:
    """A derivative that a program runs: one that is not of the op table is checked against what it gives for data."""
    vjp = space.vjp(op, position)
    if vjp is None or vjp is identity_vjp or is_of_table(op):
        return vjp
    if type(vjp) is OneOf:
        return OneOf(partial(_checked, op, vjp.formula), vjp.index)
    return partial(_checked, op, vjp)


def _checked(op: Primitive, vjp: Formula, xp: XP, *read: X, **params: X) -> X:
    if type(xp) is not Program or not all(isinstance(v, Variable) for v in read):
        return vjp(xp, *read, **params)
    direct = partial(_direct, op, vjp, params)
    if _agrees(op, vjp, direct, read, params):
        return vjp(xp, *read, **params)
    return xp.run(op.__name__, direct, read, {}, repeatable=False)


def _is_equal(a: X, b: X) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.array_equal(a, b, equal_nan=True))


def _direct(op: Primitive, vjp: Formula, params: Params, *read: X) -> X:
    result = evaluation(op, arrays, read, params)(vjp)
    # A program takes a list for an array, and a tuple for its parts; None stands for what nobody asked for.
    return tuple(0.0 if c is None else c for c in result) if isinstance(result, list) else result
