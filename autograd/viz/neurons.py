"""The columns of `draw_network`: layers of neurons with outputs, weights and δs, of arrays or of scalars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograd.engine.gradients import gradients
from autograd.engine.node import Node, toposort
from autograd.graph import formatting, formulas, replay
from autograd.graph.naming import Names, find_names
from autograd.tensor import Tensor
from autograd.typing import Array, Data, Function, X
from autograd.value import Value
from autograd.viz import folding
from autograd.viz.scalars import scalar_layers, unchained

__all__ = ["FIRST", "LAST", "Layer", "Loss", "network_layers"]

DRAWN, FIRST, LAST = 8, 3, 2  # a wider layer shows its first and last neurons
SIGNS = 3  # if there are more ops between two layers, only their number is written

Loss = Function


@dataclass
class Layer:
    """A column: the outputs of its neurons, and, but for the input, their weights and δs."""

    title: str
    note: str
    output: Data  # array
    weighted: Data = None  # z, before the activation
    delta: Data = None
    weights: dict[int, Data] = field(default_factory=dict)  # for each drawn neuron ∂z/∂a of the layer before
    drawn: Sequence[int] = ()


def network_layers(model: X, x: Data, y: Data, loss: Loss | None) -> tuple[list[Layer], float | None]:
    """Compute the layers of a net for one sample, of which the first is the sample itself, and the loss if any."""
    numbers = _sample(x)
    parts = list(model) if isinstance(model, (list, tuple)) else [model]
    if not all(map(callable, parts)):
        raise TypeError(f"draw_network: pass a module, or a list of modules and functions, not {type(model).__name__}")
    if len(parts) == 1 and not hasattr(parts[0], "weight"):
        names = find_names(parts[0]) if hasattr(parts[0], "named_parameters") else Names()
    else:
        names = find_names({f"{i}": part for i, part in enumerate(parts)})
    layers = [Layer("x", _count(numbers.size, "input"), numbers, drawn=_drawn_neurons(numbers.size))]
    if any(isinstance(p, Value) for part in parts for p in _parameters(part)):
        total = _add_scalar_layers(layers, parts, names, y, loss)
    else:
        total = _add_layers(layers, parts, names, y, loss)
    if len(layers) == 1:
        raise TypeError(
            f"draw_network: {type(model).__name__} has no layers with parameters of their own; pass a module such as "
            "nn.Sequential(nn.Linear(2, 3), ...), or a list of layers"
        )
    return layers, total


def _sample(x: Data) -> Array:
    """The numbers of one sample."""
    if isinstance(x, (list, tuple, np.ndarray)) and any(isinstance(v, Value) for v in x):
        x = [v.data if isinstance(v, Value) else v for v in x]
    sample: Array = Tensor(x.data if isinstance(x, Node) else x, dtype=float).data
    if sample.ndim != 1:
        raise ValueError(f"draw_network: x is one sample, of shape (n,), not {sample.shape}; pass x[0]")
    return sample


def _parameters(part: X) -> Sequence[Data]:
    # The type is asked, because an object's own __getattr__ may do anything.
    return list(part.parameters()) if callable(getattr(type(part), "parameters", None)) else []


def _loss(output: Data, y: Data, loss: Loss | None) -> Node | None:
    if loss is None:
        if y is not None:
            raise TypeError("draw_network: y is what a loss compares the output with; pass it too, loss=nn.MSELoss()")
        return None
    if not callable(loss):
        raise TypeError(
            f"draw_network: loss is a function of the output, or of (output, y), not {loss!r}; model.draw(x, y, "
            "loss='mse') knows those of nn by name"
        )
    try:
        total = loss(output) if y is None else loss(output, y)
    except TypeError as error:
        if y is None:
            error.add_note("draw_network: a loss of (output, y) is given its y as draw_network(model, x, y, loss=...)")
        raise
    if not isinstance(total, Node):
        raise TypeError(f"draw_network: loss(output) must give a node, not {type(total).__name__}")
    if np.size(total.data) != 1:
        raise ValueError(f"draw_network: loss(output) must give one number, not shape {total.shape}; take its mean")
    return total


def _add_scalar_layers(layers: list[Layer], parts: Sequence[Data], names: Names, y: Data, loss: Loss | None) -> Data:
    """Add the layers of a net of single Values, which its graph shows, however it is written."""
    sample = [Value(v) for v in layers[0].output.tolist()]
    output: Data = np.empty(len(sample), object)
    output[:] = sample
    for part in parts:
        output = part(output)
    total = _loss(output, y, loss)
    outputs = [output] if isinstance(output, Node) else list(np.asarray(output, object).flat)
    if not all(isinstance(o, Value) for o in outputs):
        raise TypeError(f"draw_network: the net gives {type(outputs[0]).__name__}, not Values")
    for title, before, sums, after in scalar_layers(outputs, sample, names):
        weights = {j: np.array(gradients(sums[j], before)) for j in _drawn_neurons(len(sums))}
        delta = None if total is None else np.array(gradients(total, sums))
        note = _note(len(before), len(sums), sums[0], after[0])
        activations, weighted = (np.array([n.data for n in nodes]) for nodes in (after, sums))
        layers.append(Layer(title, note, activations, weighted, delta, weights, list(weights)))
    return None if total is None else np.asarray(total.data).item()


def _add_layers(layers: list[Layer], parts: Sequence[Data], names: Names, y: Data, loss: Loss | None) -> Data:
    """Add the layers of a net of arrays: a layer is the result of a module that has parameters of its own."""
    sample = Tensor(layers[0].output)
    output: Data = sample
    for part in parts:
        output = part(output)
    order = toposort(output) if isinstance(output, Node) else []
    path = folding.modules(order, names)
    last = {path[node]: node for node in order if node.op is not None and node in path}
    own = [(p, z) for p, z in last.items() if any(n.op is None and path.get(n) == p for n in order)]
    total = _loss(output, y, loss) if own else None
    before: Node = sample
    for i, (p, z) in enumerate(own):
        after = _input(order, own[i + 1][0], path) if i + 1 < len(own) else output
        if z.ndim != 1 or after.ndim != 1:
            raise ValueError(
                f"draw_network: layer {p[-1]!r} gives shape {z.shape}; only layers of vectors can be drawn"
            )
        uses = Counter(q for node in order for q in node.parents if q.op is None and path.get(q) == p)
        if max(uses.values()) > 1:
            raise ValueError(f"draw_network: layer {p[-1]!r} is used more than once; each layer is one column")
        _check_chain(p[-1], z, before, {n for n in order if path.get(n) == p})
        if not _from_one(after, z):
            following = f"layer {own[i + 1][0][-1]!r}" if i + 1 < len(own) else "the output"
            raise unchained(f"{following} is not computed from layer {p[-1]!r} alone")
        title = names.titles.get(p[-1], p[-1]).partition(" (")[0]
        note, drawn = _note(before.shape[0], z.shape[0], z, after), _drawn_neurons(z.shape[0])
        weights = {j: _weights(z, before, np.eye(z.shape[0])[j]) for j in drawn}
        delta = None if total is None else gradients(total, z)
        layers.append(Layer(title, note, after.data, z.data, delta, weights, drawn))
        before = after
    return None if total is None else np.asarray(total.data).item()


def _weights(z: Node, before: Node, neuron: Array) -> Data:
    """The weights of a neuron: the derivatives of its z, whether or not the layer transposes its matrix."""
    leaves = [n for n in toposort(z) if n.op is None and not np.isfinite(n.data).all()]
    slopes = gradients(z, before, neuron, create_graph=bool(leaves))
    if not leaves:
        return slopes
    # A weight that is not finite would spoil its neighbours by 0·nan, so nan, inf and −inf are looked for one by one.
    broken = {n: n.data for n in toposort(slopes) if n in set(leaves)}
    row = replay(slopes, {n: np.where(np.isfinite(w), w, 0.0) for n, w in broken.items()})
    for number, is_so in ((np.nan, np.isnan), (np.inf, np.isposinf), (-np.inf, np.isneginf)):
        signs = replay(slopes, {n: is_so(w).astype(float) for n, w in broken.items()})
        row = np.where(signs > 0, number, np.where(signs < 0, -number, row))
    return row


def _note(before: int, here: int, z: Node, after: Node) -> str:
    """Write how many numbers become how many, and by which functions."""
    return f"{before}→{here}{''.join(f' · {sign}' for sign in _between(z, after))}"


def _input(order: Sequence[Node], module: folding.Modules, path: dict[Node, folding.Modules]) -> Node:
    """The input of a module: the first operand of its ops that is not its own."""
    for node in order:
        if path.get(node) == module:
            for p in node.parents:
                if path.get(p) != module and p.requires_grad:
                    return p
    raise TypeError(f"draw_network: layer {module[-1]!r} computes from its parameters only")


def _check_chain(name: str, z: Node, before: Node, own: set[Node]) -> None:
    """Raise unless each neuron of a layer is a sum of all that comes before, with constant weights."""
    if not _from_one(z, before, own):
        raise unchained(f"layer {name!r} is not computed from the one before alone")
    path = _following(z, before)
    if all(node.op is not None and node.op.elementwise for node in path) and z.shape[0] > 1:
        raise unchained(f"layer {name!r} works on each neuron by itself")
    slopes = gradients(z, before, np.ones(z.shape), create_graph=True)
    if slopes in set(_following(slopes, before)):
        raise unchained(f"what layer {name!r} gives is no weighted sum")


def _from_one(node: Node, source: Node, own: Collection[Node] = ()) -> bool:
    """Whether a node depends on a source, and on nothing else but constants and a layer's own nodes."""
    reached, waiting = set[Node](), [node]
    while waiting:
        n = waiting.pop()
        if n in reached:
            continue
        reached.add(n)
        if n is not source:
            if n.op is None and n.requires_grad and n not in own:
                return False
            waiting += n.parents
    return source in reached


def _following(node: Node, source: Node) -> list[Node]:
    """The nodes on the way from a source to a node, itself included, whose values depend on the source's, in order."""
    reached: dict[Node, None] = {source: None}
    for n in toposort(node):
        if n is not source and any(p in reached for p in formulas.read_operands(n)):
            reached[n] = None
    return list(reached)[1:]


def _between(z: Node, after: Node) -> list[str]:
    """The signs of the ops between a weighted input and the output; of many ops only their number."""
    signs = [formatting.op_text(node)[0] for node in _following(after, z)]
    return signs if len(signs) <= SIGNS else [f"{len(signs)} ops"]


def _drawn_neurons(count: int) -> list[int]:
    return list(range(count)) if count <= DRAWN else [*range(FIRST), *range(count - LAST, count)]


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
