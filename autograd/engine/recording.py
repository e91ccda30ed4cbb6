"""Evaluate an op and record it: the one rule for what a node is made of.

:func:`apply` is the specification, and what runs for every op and operand; for the ops of operators and for what users
call most, `fast` makes functions of the same few lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd.engine.coercion import constant, has_node
from autograd.engine.libraries import IN_USE, LIBRARIES, library_of, namespace_of, together
from autograd.engine.modes import current_mode
from autograd.engine.node import NO_PARAMS, NODE_CLASSES, Node, Primitive, leaf, registry
from autograd.messages import call_text, describe, explained, half_precision, not_a_number
from autograd.namespaces import arrays, floats
from autograd.namespaces.marks import Mark
from autograd.tracebacks import is_of_users
from autograd.typing import Array, Function, Params, X

__all__ = ["apply", "calculate", "class_of", "evaluate", "explain", "run"]


def apply(op: Primitive, args: Sequence[X], params: Params = NO_PARAMS) -> X:
    """Evaluate `op` on nodes, numbers and arrays (at least one of them a node) and record the result as a node.

    The data of the nodes decide: floats are calculated with `floats` and give a Value, arrays with `arrays` and give a
    Tensor.
    """
    parents: list[Node] = []
    requires_grad = False
    for a in args:
        if not isinstance(a, Node):
            if type(a) is Mark:
                return NotImplemented  # its own operators do
            if type(a) is np.ndarray and a.dtype.kind == "O":
                return _on_objects(op, args, params)
            try:
                a = constant(a)
            except (TypeError, ValueError) as error:
                return _by_its_class(op, args, a, error)
        if a.requires_grad:
            requires_grad = op.differentiable
        parents.append(a)
    if IN_USE:
        parents = together(op, parents, args)
    data = [p._data for p in parents]
    mode = current_mode()
    watch = None if mode is None else mode.watch
    if watch is None or not watch.checks:
        result = calculate(op, data, params, parents)
    else:  # which says more than NumPy's warning
        result = arrays.quietly(calculate, op, data, params, parents)
        watch.value(op, parents, result)
    if type(result) is np.ndarray:
        result = _owned(op, result, data)
    elif type(result) is not float and (library := LIBRARIES[type(result)]) is not None:
        result = library.own(result, *data)
    try:
        plain = NODE_CLASSES[type(result)]
    except KeyError:
        raise not_a_number(op.name, result) from None
    kind = class_of(plain, parents)
    if kind is not plain:  # constants are of the class too
        parents = [p if p is a or not issubclass(kind, type(p)) else leaf(kind, p._data)
                   for a, p in zip(args, parents, strict=True)]  # fmt: skip
    if mode is not None and not mode.recording:
        if watch is None or not watch.records_all:
            return leaf(kind, result)
        requires_grad = False
    node = object.__new__(kind)
    node._fill(result, None, requires_grad, op, tuple(parents), params)
    if watch is not None:
        node._version = watch.version(node)
    return node


def class_of(kind: type[Node], operands: Iterable[Node]) -> type[Node]:
    """The class of a result that would be of `kind`: the most derived of the operands'; of unrelated ones the first."""
    for p in operands:
        own = p._results
        if own is not kind and issubclass(own, kind):
            kind = own
    return kind


def _by_its_class(op: Primitive, args: Sequence[X], a: X, error: Exception) -> X:
    """What a class that answers NumPy's functions itself, as xarray's arrays, makes of an op; else the error is raised.

    It may hold nodes then, on which it calls the function in turn.
    """
    ufuncs = [
        f for name, own in vars(registry).items() if own is op and isinstance(f := getattr(np, name, None), np.ufunc)
    ]
    if ufuncs and getattr(type(a), "__array_ufunc__", None) is not None:
        with suppress(AttributeError, TypeError, ValueError):
            result = a.__array_ufunc__(ufuncs[0], "__call__", *args)
            if result is not NotImplemented:
                return result
    raise type(error)(f"{op.name}: {error}") from None


def _owned(op: Primitive, result: Array, data: Sequence[X]) -> Array:
    """A result in memory of its own: changing a leaf in place never changes what was computed from it."""
    if result.dtype.char == "e":
        raise half_precision(op)
    return result.copy() if result.base is not None or any(result is d for d in data) else result


def calculate(op: Primitive, data: Sequence[X], params: Params, operands: Sequence[X] = ()) -> X:
    """What an op gives for the data of nodes: a number for numbers; where an array goes in an array, also a 0-d one.

    An error names the operands, which by default are the data.
    """
    xp: Any = namespace_of(*data) if IN_USE else arrays
    with_arrays = np.ndarray in map(type, data) or xp is not arrays
    on_numbers = op.elementwise and not with_arrays
    try:
        if on_numbers:
            result = evaluate(op.forward, [float(d) if type(d) is int else d for d in data], params)
        else:
            result = op.forward(xp, *data, **params)
    except Exception as error:
        explain(op, operands or data, params, error)
        raise
    if on_numbers and type(result) is not float and (op.differentiable or not isinstance(result, bool)):
        if not isinstance(result, (int, float, np.generic, np.ndarray)) or np.ndim(result):
            raise not_a_number(op.name, result)
        return float(result)
    if isinstance(result, (np.ndarray, np.generic)) and xp is not arrays:  # places that follow from shapes
        return xp.asarray_like(result, next(x for x in data if library_of(x) is xp))
    if isinstance(result, np.generic):
        return np.asarray(result) if with_arrays else result.item()
    return result


def evaluate(formula: Function, args: Sequence[X], params: Params) -> X:
    """A formula on floats, with IEEE's answer where Python would raise."""
    try:
        return formula(floats, *args, **params)
    except (ArithmeticError, ValueError):
        pass
    return floats.ieee(formula, tuple(args), params)


def explain(op: Primitive, operands: Sequence[X], params: Params, error: Exception) -> None:
    """Raise what an error in the formula of an op means; one out of a user's own code gets a note instead."""
    kinds: tuple[type[Exception], ...] = (ValueError, TypeError, IndexError, OverflowError)
    if IN_USE:
        data = (getattr(x, "_data", x) for x in operands)
        for library in filter(None, map(library_of, data)):
            kinds = (*kinds, *library.errors)
    mode = current_mode()
    if mode is not None and mode.watch is not None:
        mode.watch.refused(op, operands)
    if not is_of_users(error, f"in the primitive {call_text(op, operands, params)}") and isinstance(error, kinds):
        raise explained(op, operands, params, error) from None


def run(order: Iterable[Node], values: dict[Node, X]) -> None:
    """Evaluate recorded nodes once more, in a topological order, into `values`, which has some of them already.

    Where nodes come in the op itself is recorded anew, so that an op that is one node stays one.
    """
    for node in order:
        if node in values:
            continue
        if node.op is None:
            values[node] = node._data
        else:
            args = [values[p] for p in node.parents]
            # Plain data are those of nodes, not a user's numbers: of these some ops give a NumPy scalar.
            call = apply if any(isinstance(a, Node) for a in args) else calculate
            values[node] = call(node.op, args, node.params)


def _on_objects(op: Primitive, args: Sequence[X], params: Params) -> X:
    """An op on an object array of Values: a matrix of scalars, whose elements record themselves."""
    state = current_mode()
    if state is not None and state.watch is not None:
        state.watch.objects(op)
    if not op.elementwise and not has_node(args):
        return op.forward(arrays, *args, **params)
    cells = []
    for a in args:
        if isinstance(a, Node):
            if isinstance(a._data, np.ndarray):
                raise TypeError(f"{op.name}: a Tensor and an object array do not mix; use Tensors or Values only")
            if not op.elementwise:
                raise TypeError(f"{op.name}: an object array meets {describe(a)}, which is a number: write * for @")
            cell = np.empty((), object)
            cell[()] = a
            a = cell
        cells.append(a)
    call: Any = op
    return np.frompyfunc(lambda *xs: call(*xs, **params), len(cells), 1)(*cells)
