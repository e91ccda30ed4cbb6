"""The numbers of a layer of neurons: its weights and biases, z and output, and by what its δs come about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from autograd.engine.gradients import gradients
from autograd.engine.libraries import beside, fetched
from autograd.engine.node import Node, toposort
from autograd.engine.recording import run
from autograd.graph import formulas, replay
from autograd.namespaces import arrays
from autograd.typing import Array, Data
from autograd.viz.scalars import Stage

__all__ = ["Layer", "Vector", "following", "measured", "numbers_of", "rest_of_error", "row"]

Vector = Node | Sequence[Node]  # the numbers of a layer: a node of shape (n,), or n scalar nodes


class Layer(NamedTuple):
    """A column of neurons; the numbers in dicts are those of the neurons that are drawn.

    Attributes
    ----------
    title, note : str
        Its number, and how many numbers become how many by which function.
    output : array
        What its neurons give; of the first column, the sample.
    drawn : sequence of int
        Which neurons are drawn, in order.
    z, bias : array or None
        The weighted sums, and the biases in them; there may be none.
    weights : dict of int to array
        ∂z/∂a of all inputs a.
    error, delta : array or None
        ∂L/∂a of the output, and ∂L/∂z; None without a loss.
    slopes : dict of int to float
        ∂a/∂z of a neuron's own output and z.
    across : dict of int to float
        What δ gets through other neurons' outputs, as with softmax; empty where an output depends on its own z only.
    """

    title: str
    note: str
    output: Array
    drawn: Sequence[int]
    z: Array | None = None
    bias: Array | None = None
    weights: Mapping[int, Array] = {}
    error: Array | None = None
    delta: Array | None = None
    slopes: Mapping[int, float] = {}
    across: Mapping[int, float] = {}


def measured(stage: Stage, drawn: Sequence[int], title: str, note: str, total: Node | None) -> Layer:
    """Compute the numbers of a layer and of its drawn neurons."""
    _, before, z, after = stage
    weights = {j: row(z, j, before) for j in drawn}
    known = Layer(title, note, numbers_of(after), drawn, numbers_of(z), _biases(z, before), weights)
    if total is None:
        return known
    error, delta = _pulled(total, after), _pulled(total, z)
    slopes = {j: float(_one(after, j, z)[j]) for j in drawn}
    across = {j: _through_others(after, z, error, j) for j in drawn if _mixes(after, z, j)}
    return known._replace(error=error, delta=delta, slopes=slopes, across=across)


def numbers_of(vector: Vector) -> Array:
    """The values of a layer as an array."""
    return np.asarray(fetched(vector.data)) if isinstance(vector, Node) else np.array([fetched(n.data) for n in vector])


def row(z: Vector, j: int, before: Vector) -> Array:
    """The weights of a neuron: the derivatives of its z, whether or not the layer transposes its matrix."""
    if not isinstance(z, Node) or not isinstance(before, Node):
        return _one(z, j, before)
    leaves = _broken(toposort(z))
    unit = np.eye(z.shape[0])[j]
    slopes = gradients(z, before, unit, create_graph=bool(leaves))
    if not leaves:
        return np.asarray(slopes)
    # A weight that is not finite would spoil its neighbours by 0·nan.
    reached = set(toposort(slopes))
    return _apart({n: w for n, w in leaves.items() if n in reached}, lambda values: replay(slopes, values))


def rest_of_error(z: Vector, before: Vector, delta: Array, drawn: Collection[int], i: int) -> float:
    """What an output's error gets from the neurons of the next layer that are not drawn: the sum of their w·δ."""
    return float(_pulled(z, before, [0.0 if k in drawn else float(d) for k, d in enumerate(delta)])[i])


def following(node: Node, source: Node) -> list[Node]:
    """The nodes on the way from a source to a node, itself included, whose values depend on the source's, in order."""
    reached: dict[Node, None] = {source: None}
    for n in toposort(node):
        if n is not source and any(p in reached for p in formulas.read_operands(n)):
            reached[n] = None
    return list(reached)[1:]


def _nodes(vector: Vector) -> list[Node]:
    return [vector] if isinstance(vector, Node) else list(vector)


def _pulled(outputs: Vector, inputs: Vector, seeds: Sequence[float] | None = None) -> Array:
    """Gradients of outputs by inputs, with the gradients of the outputs if there are several."""
    given = None if seeds is None else np.array(seeds) if isinstance(outputs, Node) else list(seeds)
    return np.asarray(gradients(outputs, inputs, given), float)


def _one(outputs: Vector, j: int, inputs: Vector) -> Array:
    """The gradients of one of the outputs by all inputs."""
    if isinstance(outputs, Node):
        return _pulled(outputs, inputs, np.eye(outputs.shape[0])[j].tolist())
    return _pulled(outputs[j], inputs)


def _mixes(after: Vector, z: Vector, j: int) -> bool:
    """Whether an output depends on more than its own z."""
    if isinstance(after, Node) and isinstance(z, Node):
        single = z.shape == (1,)
        return not single and not all(n.op and n.op.elementwise and n.shape == z.shape for n in following(after, z))
    return _within([_nodes(after)[j]], set(_nodes(z))) & set(_nodes(z)) != {_nodes(z)[j]}


def _through_others(after: Vector, z: Vector, error: Array, j: int) -> float:
    return float(_pulled(after, z, [0.0 if i == j else float(e) for i, e in enumerate(error)])[j])


def _within(nodes: Sequence[Node], ends: Collection[Node]) -> set[Node]:
    """The nodes that these are computed from, up to some ends."""
    reached, waiting = set[Node](), list(nodes)
    while waiting:
        n = waiting.pop()
        if n not in reached:
            reached.add(n)
            waiting += () if n in ends else n.parents
    return reached


def _biases(z: Vector, before: Vector) -> Array | None:
    """What the sums are if nothing comes in; None for a layer without biases."""
    ends = set(_nodes(before))
    own = _within(_nodes(z), ends)
    order = [n for n in toposort(_nodes(z)) if n in own]
    nothing: dict[Node, Data] = {
        b: 0.0 * fetched(b.data) if np.isfinite(fetched(b.data)).all() else np.zeros(b.shape)[()] for b in ends
    }
    trained = [n for n in order if n.op is None and n.requires_grad and n not in ends]

    def sums(values: Mapping[Node, Data]) -> Array:
        results = {n: beside(x, n.data) for n, x in (nothing | dict(values)).items()}
        arrays.quietly(run, order, results)
        found = fetched(results[z]) if isinstance(z, Node) else [results[n] for n in z]
        return np.asarray(found, float)

    biases = _apart(_broken([n for n in order if n not in ends]), sums)
    # A parameter that moves the sums though nothing comes in is a bias, be it 0 itself.
    rng = np.random.default_rng(0)
    moved = sums({n: rng.uniform(0.5, 1.5, n.shape)[()] if n.ndim else float(rng.uniform(0.5, 1.5)) for n in trained})
    return biases if np.any(moved != 0) or np.any(biases != 0) else None


def _broken(order: Sequence[Node]) -> dict[Node, Data]:
    """The leaves that are not finite, with their data."""
    return {n: fetched(n.data) for n in order if n.op is None and not np.isfinite(fetched(n.data)).all()}


def _apart(broken: Mapping[Node, Data], evaluate: Callable[[Mapping[Node, Data]], Data]) -> Array:
    """Evaluate what is linear in each leaf, with nan, inf and −inf looked for one by one, for they spoil sums."""
    if not broken:
        return np.asarray(evaluate({}))
    result = np.asarray(evaluate({n: np.where(np.isfinite(w), w, 0.0)[()] for n, w in broken.items()}))
    base = np.asarray(evaluate({n: np.zeros_like(w)[()] for n, w in broken.items()}))
    for number, is_so in ((np.nan, np.isnan), (np.inf, np.isposinf), (-np.inf, np.isneginf)):
        signs = np.asarray(evaluate({n: is_so(w).astype(float)[()] for n, w in broken.items()})) - base
        result = np.where(signs > 0, number, np.where(signs < 0, -number, result))
    return result
