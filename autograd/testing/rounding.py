"""How far rounding changes the results of a recorded graph; only values decide, and no derivative has a say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd.engine.node import Node, toposort
from autograd.testing.places import on_numpy
from autograd.testing.slopes import DOMAIN_ERRORS
from autograd.typing import Array, Data

__all__ = ["evaluated", "largest", "lossiest_node", "perturbed_changes", "rounding_scatter"]

EPS = float(np.finfo(float).eps)
TIMES = 4  # a single evaluation may cancel by accident
PAIRS = 8  # a derivative shows its rounding at so many pairs of points around the one to check


def perturbed_changes(outputs: Sequence[Node]) -> Array:
    """Evaluate a graph a few times with every result in it off by about its last digit.

    Returns the changes of the outputs: a row for each time, all outputs in one vector; inf where there is no value
    left. Nodes that require no gradient (conditions, indices, masks) keep their data, so that every ``where`` takes its
    recorded branch.
    """
    outputs = on_numpy(outputs)
    order, rng, rows = toposort(outputs), np.random.default_rng(0), []
    for _ in range(TIMES):
        try:
            values = _perturbed(order, rng)
        except (*DOMAIN_ERRORS, TypeError, IndexError):
            continue
        with np.errstate(all="ignore"):
            changes = [np.ravel(np.asarray(values[y], float) - np.asarray(y._data, float)) for y in outputs]
        rows.append(np.nan_to_num(np.concatenate(changes), nan=np.inf, posinf=np.inf, neginf=-np.inf))
    size = sum(np.size(y._data) for y in outputs)
    return np.array(rows) if rows else np.zeros((1, size))


def rounding_scatter(derivative: Callable[[list[Data]], Array], xs: Sequence[Data]) -> Array:
    """How far the engine's own rounding may change a derivative, elementwise.

    The derivative is evaluated close by on both sides, which cancels its slope: a wrong formula is as wrong there, but
    rounding comes out differently each time. At half of the digits away, the bend is in the last digit.
    """
    rng, gaps = np.random.default_rng(0), []
    with np.errstate(all="ignore"):
        here = derivative(list(xs))
        for _ in range(PAIRS):
            moves = [EPS**0.5 * np.asarray(x * rng.uniform(-1, 1, np.shape(x))) for x in xs]
            try:
                left, right = (
                    derivative([x + s * (m if m.ndim else float(m)) for x, m in zip(xs, moves, strict=True)])
                    for s in (-1, 1)
                )
            except DOMAIN_ERRORS:
                continue
            gaps.append(np.abs((left - here) + (right - here)) / 2)
    return np.nan_to_num(largest([np.zeros(here.shape), *gaps]), nan=0.0, posinf=0.0)


def largest(arrays: Iterable[Array]) -> Array:
    """The elementwise maximum; a number beats nan."""
    return reduce(np.fmax, arrays)


def lossiest_node(outputs: Sequence[Node]) -> Node | None:
    """The node that loses most digits: its relative change is the largest multiple of its parents'."""
    order, worst, most = toposort(outputs), None, 0.0
    try:
        values = _perturbed(order, np.random.default_rng(0))
    except (*DOMAIN_ERRORS, TypeError, IndexError):
        return None
    off: dict[Node, float] = {}
    for node in order:
        with np.errstate(all="ignore"):
            here, there = np.asarray(node._data, float), np.asarray(values[node], float)
            change = np.abs(there - here) / np.maximum(np.abs(here), np.abs(there))
        off[node] = float(np.max(change, initial=0.0, where=here != there))
        before = max((off[p] for p in node.parents), default=0.0)
        gain = off[node] / max(before, EPS)
        if node.op is not None and gain > most:
            worst, most = node, gain
    return worst


def evaluated(order: Sequence[Node], leaves: Mapping[Node, Data]) -> dict[Node, Data]:
    """Evaluate the nodes of a graph with other values in some of its leaves."""
    values = dict(leaves)
    with np.errstate(all="ignore"):
        for node in order:
            if node not in values:
                values[node] = node._data if node.op is None else _like(node, _result(node, values))
    return values


def _perturbed(order: Sequence[Node], rng: np.random.Generator) -> dict[Node, Data]:
    """Evaluate a graph with each differentiated node off by 0.5 to 1.5 of its precision, up or down."""
    values: dict[Node, Data] = {}
    with np.errstate(all="ignore"):
        for node in order:
            value = node._data
            if node.requires_grad and np.asarray(value).dtype.kind == "f":
                value = np.asarray(value if node.op is None else _result(node, values))
                by = rng.uniform(0.5, 1.5, value.shape) * rng.choice([-1, 1], value.shape)
                value = value * (1 + float(np.finfo(np.asarray(node._data).dtype).eps) * by)
            values[node] = _like(node, value)
    return values


def _result(node: Node, values: Mapping[Node, Data]) -> Data:
    op: Any = node.op
    return op(*(values[p] for p in node.parents), **node.params)


def _like(node: Node, value: Data) -> Data:
    """Convert a value to the kind and dtype of a node's data."""
    return np.asarray(value, node._data.dtype) if isinstance(node._data, np.ndarray) else type(node._data)(value)
