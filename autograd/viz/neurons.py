"""The columns of `draw_network`: layers of neurons with outputs, weights and δs, of arrays or of scalars."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from autograd.engine.gradients import gradients
from autograd.engine.libraries import beside, fetched
from autograd.engine.node import Node, toposort
from autograd.graph import formatting
from autograd.graph.naming import Names, find_names
from autograd.tensor import Tensor
from autograd.typing import Array, Data, Function, X
from autograd.value import Value
from autograd.viz import frames
from autograd.viz.scalars import Stage, scalar_stages, stage_name, unchained
from autograd.viz.weighted_sums import Layer, following, measured, numbers_of, rest_of_error, row

__all__ = ["Focus", "Loss", "Net", "network"]

DRAWN, FIRST, LAST = 8, 3, 2  # a wider layer shows its first and last neurons
SIGNS = 3  # if there are more ops between two layers, only their number is written

Loss = Function


class Focus(NamedTuple):
    """The neuron whose sums are written out.

    Attributes
    ----------
    layer, neuron : int
        Its layer, counted from 1, and which neuron it is there, from 0.
    rest : float
        What its error gets from the neurons of the next layer that are not drawn.
    """

    layer: int
    neuron: int
    rest: float = 0.0


class Net(NamedTuple):
    """The columns of a net, of which the first is the sample, the loss if any, and the neuron in focus if any."""

    layers: list[Layer]
    total: float | None
    focus: Focus | None


def network(model: X, x: Data, y: Data, loss: Loss | None, neuron: tuple[int, int] | None) -> Net:
    """Compute the columns of a net for one sample."""
    sample = _sample(x)
    parts = list(model) if isinstance(model, (list, tuple)) else [model]
    if odd := [part for part in parts if not callable(part)]:
        kind = type(odd[0]).__name__ + ("" if odd[0] is model else f" in a {type(model).__name__}")
        raise TypeError(f"draw_network: pass a module, or a list of modules and functions, not {kind}")
    if len(parts) == 1 and not hasattr(parts[0], "weight"):
        names = find_names(parts[0]) if hasattr(parts[0], "named_parameters") else Names()
    else:
        names = find_names({f"{i}": part for i, part in enumerate(parts)})
    scalar = any(isinstance(p, Value) for part in parts for p in _parameters(part))
    stages, total = (_stages_of_values if scalar else _stages)(sample, parts, names, y, loss)
    if not stages:
        raise TypeError(
            f"draw_network: {type(model).__name__} has no layers with parameters of their own; pass a module such as "
            "nn.Sequential(nn.Linear(2, 3), ...), or a list of layers"
        )
    focus = None if neuron is None else _focus(neuron, stages)
    drawn = _drawn(sample, stages, focus)
    layers = [Layer("x", _count(sample.size, "input"), sample, drawn[0])]
    for c, stage in enumerate(stages, 1):
        layers.append(measured(stage, drawn[c], f"layer {c}", _note(stage), total))
    if focus and focus.layer < len(stages) and (delta := layers[focus.layer + 1].delta) is not None:
        after = stages[focus.layer]
        rest = rest_of_error(after.sums, after.before, delta, drawn[focus.layer + 1], focus.neuron)
        focus = focus._replace(rest=rest)
    return Net(layers, None if total is None else float(np.asarray(fetched(total.data)).item()), focus)


def _focus(neuron: tuple[int, int], stages: Sequence[Stage]) -> Focus:
    """Find the neuron that a caller counts from 1."""
    try:
        layer, place = map(operator.index, neuron)
    except (TypeError, ValueError):
        raise TypeError(
            f"draw_network: neuron is (layer, neuron), both counted from 1, such as (2, 1), not {neuron!r}"
        ) from None
    if not 1 <= layer <= len(stages):
        raise ValueError(
            f"draw_network: there is no layer {layer} for neuron={neuron!r}; layers count from 1 to {len(stages)}"
        )
    count = len(numbers_of(stages[layer - 1].sums))
    if not 1 <= place <= count:
        raise ValueError(
            f"draw_network: there is no neuron {place} in layer {layer} for neuron={neuron!r}; its neurons count from "
            f"1 to {count}"
        )
    return Focus(layer, place - 1)


def _drawn(sample: Array, stages: Sequence[Stage], focus: Focus | None) -> list[list[int]]:
    """Choose the neurons to draw: the first and last of wide columns; for one in focus its largest inputs."""
    counts = [sample.size, *(len(numbers_of(stage.sums)) for stage in stages)]
    drawn = [list(range(n)) if n <= DRAWN else [*range(FIRST), *range(n - LAST, n)] for n in counts]
    if focus:
        drawn[focus.layer] = sorted({*drawn[focus.layer], focus.neuron})
        stage = stages[focus.layer - 1]
        if counts[focus.layer - 1] > DRAWN:
            with np.errstate(all="ignore"):
                sizes = np.abs(row(stage.sums, focus.neuron, stage.before) * numbers_of(stage.before))
            largest = np.argsort(-np.nan_to_num(sizes, nan=np.inf), kind="stable")[: FIRST + LAST]
            drawn[focus.layer - 1] = sorted(largest.tolist())
    return drawn


def _sample(x: Data) -> Array:
    """The numbers of one sample."""
    if isinstance(x, (list, tuple, np.ndarray)) and any(isinstance(v, Value) for v in x):
        x = [fetched(v.data) if isinstance(v, Value) else v for v in x]
    sample: Array = Tensor(fetched(x.data if isinstance(x, Node) else x), dtype=float).data
    if sample.ndim != 1:
        instead = "pass x[0]" if sample.ndim == 2 else "draw(model(x)) shows any graph"
        raise ValueError(f"draw_network: x is one sample, of shape (n,), not {sample.shape}; {instead}")
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
    if isinstance(total, np.ndarray) and total.dtype == object and total.size == 1:
        total = total.item()  # a net of Values may give an array of them
    if not isinstance(total, Node):
        raise TypeError(f"draw_network: loss(output) must give a node, not {type(total).__name__}")
    if np.size(fetched(total.data)) != 1:
        raise ValueError(f"draw_network: loss(output) must give one number, not shape {total.shape}; take its mean")
    return total


def _stages_of_values(
    numbers: Array, parts: Sequence[Data], names: Names, y: Data, loss: Loss | None
) -> tuple[list[Stage], Node | None]:
    """The layers of a net of single Values, which its graph shows, however it is written, and the loss."""
    sample = [Value(v) for v in numbers.tolist()]
    output: Data = np.empty(len(sample), object)
    output[:] = sample
    for part in parts:
        output = part(output)
    total = _loss(output, y, loss)
    outputs = [output] if isinstance(output, Node) else list(np.asarray(output, object).flat)
    if not all(isinstance(o, Value) for o in outputs):
        raise TypeError(f"draw_network: the net gives {type(outputs[0]).__name__}, not Values")
    return scalar_stages(outputs, sample, names), total


def _stages(
    numbers: Array, parts: Sequence[Data], names: Names, y: Data, loss: Loss | None
) -> tuple[list[Stage], Node | None]:
    """The layers of a net of arrays, which are the results of modules with parameters of their own, and the loss."""
    like = next((p for part in parts for p in _parameters(part) if isinstance(p, Tensor)), None)
    sample = Tensor(numbers if like is None else beside(numbers, like.data))
    output: Data = sample
    for part in parts:
        output = part(output)
    order = toposort(output) if isinstance(output, Node) else []
    path = frames.modules(order, names)
    last = {path[node]: node for node in order if node.op is not None and node in path}
    leaves = {path.get(node) for node in order if node.op is None}
    # A layer stands where its result does, for its transposed matrix may come before the layers in front of it.
    own = [(path[z], z) for z in order if z in path and last.get(path[z]) is z and path[z] in leaves]
    total = _loss(output, y, loss) if own else None
    stages: list[Stage] = []
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
            behind = f"layer {own[i + 1][0][-1]!r}" if i + 1 < len(own) else "the output"
            raise unchained(f"{behind} is not computed from layer {p[-1]!r} alone")
        if z.shape != after.shape:
            raise unchained(f"the {z.shape[0]} numbers of layer {p[-1]!r} become {after.shape[0]} before the next")
        stages.append(Stage(stage_name(p[-1]), before, z, after))
        before = after
    return stages, total


def _note(stage: Stage) -> str:
    """Write a layer's name if it has one, how many numbers become how many, and by which functions."""
    before, here = (len(numbers_of(vector)) for vector in (stage.before, stage.sums))
    first, last = ((v if isinstance(v, Node) else v[0]) for v in (stage.sums, stage.after))
    name = f"{stage.name}: " if stage.name else ""
    return f"{name}{before}→{here}{''.join(f' · {sign}' for sign in _between(first, last))}"


def _input(order: Sequence[Node], module: frames.Modules, path: dict[Node, frames.Modules]) -> Node:
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
    path = following(z, before)
    if all(node.op is not None and node.op.elementwise for node in path) and z.shape[0] > 1:
        raise unchained(f"layer {name!r} works on each neuron by itself")
    slopes = gradients(z, before, np.ones(z.shape), create_graph=True)
    if slopes in set(following(slopes, before)):
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


def _between(z: Node, after: Node) -> list[str]:
    """The signs of the ops between a weighted input and the output; of many ops only their number."""
    signs = [formatting.op_text(node)[0] for node in following(after, z)]
    return signs if len(signs) <= SIGNS else [f"{len(signs)} ops"]


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
