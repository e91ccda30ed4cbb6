"""Recorded graphs as programs of numbers, which a page runs for other values of their leaves.

An array is written out by its elements, so that a program knows numbers only, and the ops of the table that are
elementwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial, reduce
from math import isfinite, prod
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.backward import seed_of
from autograd.engine.libraries import fetched
from autograd.engine.modes import run_in
from autograd.engine.node import Node, functions, registry, toposort
from autograd.engine.op import Op
from autograd.messages import describe
from autograd.namespaces import arrays
from autograd.ops import table
from autograd.typing import XP, Array, Data, Function, Json, X
from autograd.value import Value
from autograd.viz.javascript import PAGE, calculates, op_table

__all__ = ["Program", "function_program", "program"]

MAX_NUMBERS = 20_000  # a page computes them all while somebody drags a slider

# What is not elementwise, and is written out by elements: sums and products, and what moves elements.
_BY_ELEMENTS = frozenset({
    "broadcast_like", "broadcast_to", "concatenate_args", "contraction", "copy", "cumprod", "cumsum", "diag",
    "diagonal", "euclidean_norm", "expand_dims", "first_difference", "flip", "getitem", "linear", "log_softmax",
    "logsumexp", "matmul", "max", "mean", "min", "moveaxis", "prod", "repeat", "reshape", "reshape_like", "roll",
    "rot90", "scatter_like", "softmax", "squeeze", "stack_args", "sum", "sum_like", "swapaxes", "tile", "transpose",
    "tril", "triu", "var",
})  # fmt: skip
_OF_SHAPES = frozenset({"bounds", "count", "one_hot_masks", "zeros_like"})  # what they give depends on no value


class Program(NamedTuple):
    """A recorded graph as a program of numbers.

    Attributes
    ----------
    ops : mapping of str to op
        The ops that it calls, by the names that it calls them.
    data : dict
        ``cells``, the numbers of the leaves' elements (None where one is computed, a text where it is not finite);
        ``steps``, lists ``[cell, op, [operands' cells], [static arguments]]`` in order; ``live``, the cells that have a
        gradient; ``nodes``, for each node of :func:`autograd.graph.toposort` the cells of its elements; ``edges``, for
        each node and each of its operands the cells whose gradients are what the operand gets from the node, or None
        if it gets nothing; ``seed``, the gradient of each element of the result.
    """

    ops: Mapping[str, Op[...]]
    data: Json

    @property
    def script(self) -> str:
        """JavaScript that defines ``ops`` and ``replayer(program, ops)``, of which ``page/replay.js`` tells more."""
        return f"{op_table(self.ops)}\n{(PAGE / 'replay.js').read_text(encoding='utf-8')}"


def program(y: Node, gradient: Data = None) -> Program:
    """Write a recorded graph as a program of numbers, which a page runs for other values of its leaves.

    Parameters
    ----------
    y : node
        The result, which is differentiated too.
    gradient : number or array, optional
        The seed, of the shape of `y`; ones by default.

    Returns
    -------
    Program
        The program.

    Raises
    ------
    ValueError
        If an op has no JavaScript and is not written out by elements, which the text names; or if there would be more
        than 20,000 numbers.

    Examples
    --------
    >>> x = Value(3.0, "x")
    >>> program(x * x).data["steps"]
    [[1, 'positive', [0], []], [2, 'positive', [0], []], [3, 'mul', [1, 2], []]]
    """
    order = toposort(y)
    _check(order)
    seed = seed_of(y, np.ones(y.shape) if gradient is None and y.ndim else gradient, check=False)
    written: Program = run_in(None, arrays.quietly, _Writer(order).program, seed)
    return written


def _check(order: Sequence[Node]) -> None:
    """Raise if the op of a node stands in the way, or there would be too many numbers."""
    total = 0
    for node in order:
        op: Any = node.op
        total += sum(prod(n.shape) for n in (node, *node.parents))
        if op is None:
            continue
        reason = ""
        if op.elementwise:
            wrong = [k for k, value in node.params.items() if not isinstance(value, (int, float))]
            if not calculates(op):
                reason = "JavaScript cannot calculate it"
            elif wrong:
                reason = f"its argument {wrong[0]} is no number"
        elif _name(op) not in _BY_ELEMENTS | _OF_SHAPES:
            reason = "it is not written out by elements"
        elif any(p.op is not None and _name(p.op) not in _OF_SHAPES for p in _indices(node)):
            reason = "its index is computed"
        elif op in (registry.matmul, registry.linear):
            total += 2 * prod(node.shape) * node.parents[0].shape[-1]
        elif op is registry.contraction:
            total += len(node.parents) * _combinations(node)
        if reason:
            raise ValueError(f"{op.name} stands in the way: {reason}; the page cannot compute {describe(node)}")
    if total > MAX_NUMBERS:
        raise ValueError(f"the page would have to compute {total:,} numbers, more than {MAX_NUMBERS:,}; take fewer")


@cache
def _names() -> dict[Any, str]:
    return {op: op.__name__ for op in table()}


def _name(op: Any) -> str:
    """The name by which the tables here know an op; that of a user's op is no name to them."""
    return _names().get(op, "")


def _indices(node: Node) -> tuple[Node, ...]:
    """The operands that say where elements are."""
    op: Any = node.op
    return node.parents[op.argnames.index("indices") :] if "indices" in op.argnames else ()


def _combinations(node: Node) -> int:
    """How many products a contraction adds up."""
    letters = node.params["subscripts"].partition("->")[0].split(",")
    lengths = {c: n for term, p in zip(letters, node.parents, strict=True) for c, n in zip(term, p.shape, strict=True)}
    return prod(lengths.values())


class _Writer:
    """Records a graph anew with its arrays written out: as arrays of Values."""

    def __init__(self, order: Sequence[Node]) -> None:
        self.order = order
        self.elements: dict[Node, Array] = {}
        self.gets: dict[Node, list[Array | None]] = {}

    def program(self, seed: Data) -> Program:
        for node in self.order:
            self.elements[node], self.gets[node] = self.leaf(node), []
            if node.op is not None and _name(node.op) not in _OF_SHAPES:
                self.elements[node] = self.result(node)
        return self.written(seed)

    def leaf(self, node: Node) -> Array:
        live = node.requires_grad and node.op is None
        made = np.empty(node.shape, object)
        for place in np.ndindex(made.shape):
            made[place] = Value(np.asarray(fetched(node._data))[place].item(), requires_grad=live)
        return made

    def result(self, node: Node) -> Array:
        op: Any = node.op
        operands: list[X] = []
        at = len(node.parents) - len(_indices(node))
        for slot, p in enumerate(node.parents):
            gets = p.requires_grad and op.vjp(slot) is not None
            # A copy of its own for each use, whose gradient is what this use contributes.
            elements = _each(registry.positive)(self.elements[p]) if gets else self.elements[p]
            self.gets[node].append(elements if gets else None)
            operands.append(elements if slot < at else fetched(p._data))
        if op.elementwise:
            return _values(_each(partial(op, **node.params))(*operands), node.shape)
        elements = _values(_WRITTEN_OUT.get(_name(op), op.forward)(_XP, *operands, **node.params), node.shape)
        # Copies again: an element may be an operand's, or part of the next one, and has a gradient of its own. So has
        # one that is constant, as a triangle's 0; a factor of 1 makes it require one.
        factor = Value(1.0, requires_grad=node.requires_grad)
        own = lambda v: v * factor if v.requires_grad < node.requires_grad else registry.positive(v)
        return _values(_each(own)(elements), node.shape)

    def written(self, seed: Data) -> Program:
        arrays_of_values = [*self.elements.values(), *(a for several in self.gets.values() for a in several)]
        order = toposort([v for a in arrays_of_values if a is not None for v in a.flat])
        ops, data, cell = _calls(order)

        def cells(elements: Array | None) -> Json:
            return None if elements is None else [cell[v] for v in elements.flat]

        return Program(ops, data | {
            "live": [i for i, v in enumerate(order) if v.requires_grad],
            "nodes": [cells(self.elements[node]) for node in self.order],
            "edges": [[cells(a) for a in self.gets[node]] for node in self.order],
            "seed": [_encoded(g) for g in np.ravel(seed).tolist()],
        })  # fmt: skip


def _calls(order: Sequence[Node]) -> tuple[dict[str, Op[...]], dict[str, Json], dict[Node, int]]:
    """The ops that Values were computed by, their numbers and calls, and the place of each Value."""
    cell = {value: i for i, value in enumerate(order)}
    ops: dict[str, Op[...]] = {}
    names: dict[Op[...], str] = {}
    steps = []
    for v in order:
        op: Any = v.op
        if op is None:
            continue
        if op not in names:
            known = op.__name__
            names[op] = f"{known} {len(ops)}" if known in ops else known
            ops[names[op]] = op
        steps.append([cell[v], names[op], [cell[p] for p in v.parents], [_encoded(v.params[k]) for k in op.params]])
    return ops, {"cells": [_encoded(fetched(v._data)) if v.op is None else None for v in order], "steps": steps}, cell


def function_program(function: Function, *numbers: float) -> Program:
    """Write a function of numbers as a program, recorded at some numbers; its conditions must be ops.

    Parameters
    ----------
    function : callable
        The function; it is called with Values.
    *numbers : float
        Its arguments.

    Returns
    -------
    Program
        Its data have ``cells`` and ``steps`` as those of :func:`program`, ``inputs``, the cells of the arguments, and
        ``output``, the cell of the result.

    Raises
    ------
    TypeError
        If the function does not give a Value.
    ValueError
        If an op has no JavaScript.

    Examples
    --------
    >>> function_program(lambda x: x * x + 1.0, 3.0).data["steps"]
    [[2, 'mul', [0, 0], []], [3, 'add', [2, 1], []]]
    """

    def record() -> tuple[list[Value], Data]:
        arguments = [Value(number) for number in numbers]
        return arguments, function(*arguments)

    arguments, y = run_in(None, record)
    if not isinstance(y, Value):
        raise TypeError(f"a function of numbers must give a Value, not {type(y).__name__}")
    order = toposort([*arguments, y])
    _check(order)
    ops, data, cell = _calls(order)
    return Program(ops, data | {"inputs": [cell[x] for x in arguments], "output": cell[y]})


def _encoded(number: float) -> Json:
    """A number as JSON has it; JavaScript's name of one that it has not."""
    if isfinite(number):
        return number
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"


def _values(elements: X, shape: tuple[int, ...]) -> Array:
    """Elements as an array of Values; of what no operand decides, as a sum of nothing, there are plain numbers."""
    made = np.empty(shape, object)
    for place, v in zip(np.ndindex(shape), _boxed(elements).flat, strict=True):
        made[place] = v if isinstance(v, Value) else Value(v, requires_grad=False)
    return made


def _each(function: Function) -> Function:
    """A function of numbers as one of arrays of Values, which broadcast."""

    def of_arrays(*operands: X) -> Array:
        loop: Any = np.frompyfunc(function, len(operands), 1)
        return _boxed(loop(*map(_boxed, operands)))

    return of_arrays


def _boxed(x: X) -> Array:
    """An array of objects; a Value is one without axes."""
    if isinstance(x, np.ndarray):
        return x
    box = np.empty((), object)
    box[()] = x
    return box


class _OfElements:
    """The namespace in which ops are written out: that of arrays, but for what NumPy cannot do to objects."""

    def __getattr__(self, name: str) -> Function:
        op = functions().get(name)
        if isinstance(op, Op) and op.elementwise:
            return _each(op)
        found: Function = getattr(arrays, name)
        return found

    def max(self, x: X, axis: X = None, keepdims: bool = False) -> X:
        return _folded(registry.maximum, x, axis, keepdims)

    def min(self, x: X, axis: X = None, keepdims: bool = False) -> X:
        return _folded(registry.minimum, x, axis, keepdims)

    def norm(self, x: X, axis: X = None, keepdims: bool = False) -> X:
        return _folded(registry.hypot, x, axis, keepdims, 0.0)

    def sum_like(self, x: X, like: X) -> X:
        axes = arrays.broadcast_axes(np.shape(x), np.shape(like))
        return np.reshape(np.add.reduce(np.asarray(x, object), axis=axes, keepdims=True), np.shape(like))

    def broadcast_like(self, x: X, like: X) -> X:
        return np.broadcast_to(np.asarray(x, object), np.shape(like))


def _folded(function: Function, x: X, axis: X, keepdims: bool, *first: float) -> X:
    """A reduction by a function of two numbers."""
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    moved = np.moveaxis(x, axes, tuple(range(len(axes))))
    rows = moved.reshape(-1, *moved.shape[len(axes) :])
    result = reduce(_each(function), [*first, *(rows[k, ...] for k in range(len(rows)))])
    return np.expand_dims(result, tuple(a % x.ndim for a in axes)) if keepdims else result


def _extreme(function: str) -> Function:
    """The largest or smallest elements as their mean, so that a tie shares the gradient equally."""

    def written(xp: XP, x: X, axis: X, keepdims: bool) -> X:
        extreme = getattr(xp, function)(x, axis=axis, keepdims=True)
        chosen = xp.logical_or(xp.equal(x, extreme), xp.isnan(x))
        number = xp.sum(xp.where(chosen, 1.0, 0.0), axis=axis, keepdims=True)
        return xp.sum(xp.where(chosen, xp.divide(x, number), 0.0), axis=axis, keepdims=keepdims)

    return written


_XP = _OfElements()
_WRITTEN_OUT = {"max": _extreme("max"), "min": _extreme("min")}
