"""The contract of a derivative's formula: its argument's shape and dtype, and no writing into its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autograd.engine.conventions import conventions_at
from autograd.engine.node import Node, toposort
from autograd.engine.recording import evaluate
from autograd.messages import not_a_number
from autograd.namespaces import arrays
from autograd.testing.blame import MAX_NODES, Suspect, argname_of, display_name
from autograd.testing.rounding import evaluated
from autograd.testing.slopes import DOMAIN_ERRORS
from autograd.typing import Data, Params, X

__all__ = ["Breach", "Decision", "find_breach", "find_decision"]


class Breach(NamedTuple):
    """A derivative that breaks its contract, how it does, and the node that showed it."""

    suspect: Suspect
    how: str
    node: Node


def find_breach(outputs: Sequence[Node]) -> Breach | None:
    """Find the first op in a graph one of whose derivatives breaks its contract.

    Every op is checked once for each kind and shape of its arguments, on copies of the recorded data.
    """
    checked: set[X] = set()
    for node in _inner(outputs):
        op: X = node.op
        kind = (op, *((type(p._data), p.shape, p.requires_grad) for p in node.parents))
        if kind in checked or len(checked) == MAX_NODES:
            continue
        checked.add(kind)
        for i, p in enumerate(node.parents):
            if p.requires_grad and op.vjp(i) is not None and (how := _broken(node, i)):
                args = tuple(q._data for q in node.parents)
                return Breach(Suspect(op, argname_of(op, i), args, node.params), how, node)
    return None


class Decision(NamedTuple):
    """An op at a point where a convention, a mask or a condition decides its derivative, and why."""

    op: X
    why: str


def find_decision(outputs: Sequence[Node], inputs: Sequence[Node]) -> Decision | None:
    """Find the first op whose derivative a convention states or is not finite, or whose condition changes here."""
    for node in _inner(outputs):
        op: X = node.op
        args = [p._data for p in node.parents]
        for i, p in enumerate(node.parents):
            if not p.requires_grad or op.vjp(i) is None:
                continue
            one = np.ones_like(node._data) if isinstance(node._data, np.ndarray) else 1.0
            slope = np.ravel(np.asarray(_calculated(op, i, [one, node._data, *args], node.params), float))
            infinite = slope[~np.isfinite(slope)]
            why = conventions_at(op, i, args, node.params)[:1] or [f"{a:g}" for a in infinite[:1]]
            drop = " (0 where a selection dropped the gradient)" * bool(infinite.size)
            if why:
                return Decision(op, f"the convention of {display_name(op)!r} by {argname_of(op, i)!r}: {why[0]}{drop}")
    return _changing(outputs, inputs)


def _changing(outputs: Sequence[Node], inputs: Sequence[Node]) -> Decision | None:
    """The first op whose condition, or index, is another one right beside the point."""
    order = toposort(outputs)
    for side in (-1e-6, 1e-6):
        beside = {x: x._data + side * np.maximum(np.abs(x._data), 1) for x in inputs}
        try:
            values = evaluated(order, beside)
        except (*DOMAIN_ERRORS, TypeError, IndexError):
            continue
        for node in order:
            for p in node.parents if node.requires_grad else ():
                if p.op is not None and not p.op.differentiable and not np.array_equal(values[p], p._data):
                    condition = f"the condition of {display_name(node.op)!r} ({display_name(p.op)})"
                    return Decision(node.op, f"{condition}, which changes right beside this point")
    return None


def _inner(outputs: Sequence[Node]) -> list[Node]:
    return [n for n in toposort(outputs) if n.op is not None and n.requires_grad]


def _broken(node: Node, position: int) -> str:
    """Say how the derivative by an argument breaks its contract; nothing if it keeps it."""
    op: X = node.op
    x, argname = node.parents[position]._data, argname_of(op, position)
    g = np.random.default_rng(0).uniform(0.5, 1.5, node.shape)
    inputs = [g.astype(node._data.dtype) if isinstance(node._data, np.ndarray) else g.item(), node._data]
    inputs += [p._data for p in node.parents]
    copies = [a.copy() if isinstance(a, np.ndarray) else a for a in inputs]
    try:
        c = _calculated(op, position, copies, node.params)
    except Exception as error:
        error.add_note(f"check_gradients: this came out of the derivative of {display_name(op)!r} by {argname!r}")
        raise
    names = ["g, the gradient that it is given", "y, the result", *op.argument_names(len(node.parents))]
    for name, before, after in zip(names, inputs, copies, strict=True):
        if isinstance(before, np.ndarray) and before.tobytes() != after.tobytes():
            return f"writes into {name}, which others read too; let it make a new array (g * a, not g *= a)"
    c = c._data if isinstance(c, Node) else c
    if not isinstance(c, (int, float, np.ndarray, np.generic)):
        return str(not_a_number("it", c)).removeprefix("it ")
    shape, dtype = np.shape(c), np.asarray(c).dtype
    if dtype.kind not in "fiub":
        return f"gave data of dtype {dtype}; a gradient is of floats"
    # The engine sums a broadcast down; but no gradient has more axes than an argument or the result.
    most = max(node.ndim, *(p.ndim for p in node.parents))
    if not _sums_to(shape, np.shape(x)) or len(shape) > most or (op.elementwise and not _sums_to(node.shape, shape)):
        return f"has shape {shape}, but {argname} has shape {np.shape(x)}; a gradient has the shape of its argument"
    if isinstance(x, np.ndarray) and dtype.kind == "f" and dtype.itemsize < x.dtype.itemsize:
        return f"is {dtype}, but {argname} is {x.dtype}; a gradient has the dtype of its argument, or it loses digits"
    return ""


def _calculated(op: X, position: int, inputs: Sequence[Data], params: Params) -> Data:
    """Calculate a derivative of an op from the gradient, the result and the arguments, as a backward pass does."""
    vjp = op.vjp(position)
    if type(inputs[1]) is not float:
        return arrays.quietly(vjp, arrays, *inputs, **params)
    if op.elementwise:
        return evaluate(vjp, inputs, params)
    return arrays.quietly(vjp, arrays, *(np.float64(a) if type(a) is float else a for a in inputs), **params)


def _sums_to(shape: tuple[int, ...], smaller: tuple[int, ...]) -> bool:
    """Whether the sum that undoes a broadcast may turn the first shape into the second."""
    extra = len(shape) - len(smaller)
    return extra >= 0 and all(n in (1, m) for m, n in zip(shape[extra:], smaller, strict=True))
