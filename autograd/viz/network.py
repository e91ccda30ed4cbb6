"""``draw_network``: a net of layers as neurons in columns, with outputs and δs in them and weights on the lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import graphviz
import numpy as np

from autograd.backward import gradients
from autograd.graph import formulas, words
from autograd.graph.naming import Names, found
from autograd.node import Node, toposort
from autograd.tensor import Tensor
from autograd.value import Value
from autograd.viz import folding, style
from autograd.viz.cards import html
from autograd.viz.figure import Figure
from autograd.viz.placing import placed

__all__ = ["draw_network", "network_frames"]

DRAWN, FIRST, LAST = 8, 3, 2  # a wider layer shows its first and last neurons
SIGNS = 3  # so many ops between two layers are named
NUMBERED = 3  # where all layers are this narrow, there is room for the weights' numbers
COLUMN, GAP = 2.2, 0.14  # inches between the centres of columns, and between neurons
LABEL = 0.2  # inches that a weight's number is high
WIDER = (0.0, 0.3, 0.6, 0.9, 1.2, 1.6, 2.0)  # inches more, tried until every weight's number has a place of its own
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

Loss = Callable[[Any], Node]


@dataclass
class _Layer:
    """A column: what its neurons give, and for all but the input what comes from where."""

    title: str
    note: str
    output: Any  # array
    weighted: Any = None  # z, before the activation
    delta: Any = None
    weights: dict[int, Any] = field(default_factory=dict)  # ∂z/∂a of the layer before, for each drawn neuron
    drawn: Sequence[int] = ()


def draw_network(model: Any, x: Any, *, loss: Loss | None = None, precision: int = 3) -> Figure:
    """Draw a net of layers: a neuron is a circle with its output, a line a weight, the wider the larger.

    Positive weights are solid and blue, negative ones dashed and orange; where no layer has more than three neurons,
    the numbers are on the lines, as far as there is room. With a loss each neuron shows its δ, the
    derivative of the loss by the neuron's weighted input z. Layers of more than eight neurons show the first and last.

    Parameters
    ----------
    model : module, or sequence of modules and functions
        What computes the output for `x`; its layers are the modules with parameters, such as ``nn.Linear``.
    x : array_like, shape (n,)
        One sample.
    loss : callable, optional
        The loss of the output, ``loss(output) -> scalar node``; no node's ``grad`` is written.
    precision : int
        Significant digits of numbers.

    Returns
    -------
    Figure
        The picture.

    Raises
    ------
    TypeError
        If no layer with parameters is found, the net is one of single Values, or `loss` gives no node.
    ValueError
        If `x` is not one sample, a layer's output is not a vector, or the net is no chain of layers that are used
        once, each a weighted sum of what the one before gives.

    Examples
    --------
    >>> import nn
    >>> from autograd import viz
    >>> net = nn.Sequential(nn.Linear(2, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
    >>> viz.draw_network(net, [0.5, -0.2], loss=lambda o: (o - 1.0) @ (o - 1.0))
    <Figure: network 2-4-1 with outputs and δs>
    """
    layers, total = _layers(model, x, loss)
    return _figure(layers, total, precision, shown=0 if loss is not None else len(layers))


def network_frames(model: Any, x: Any, *, loss: Loss, precision: int = 3) -> list[Figure]:
    """The same net again and again: first without δs, then they appear layer by layer, from the output to the input.

    Parameters
    ----------
    model, x, loss, precision
        As in :func:`draw_network`.

    Returns
    -------
    list of Figure
        One more than there are layers of weights; the layer whose δs are new has thick rings.

    Raises
    ------
    TypeError, ValueError
        As from :func:`draw_network`.

    Examples
    --------
    >>> import nn
    >>> from autograd import viz
    >>> net = nn.Sequential(nn.Linear(2, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
    >>> len(viz.network_frames(net, [0.5, -0.2], loss=lambda o: (o * o).sum()))
    3
    """
    layers, total = _layers(model, x, loss)
    return [_figure(layers, total, precision, shown=i, new=i) for i in range(len(layers), 0, -1)]


def _layers(model: Any, x: Any, loss: Loss | None) -> tuple[list[_Layer], float | None]:
    sample = Tensor(x.data if isinstance(x, Node) else x, dtype=float)
    if sample.ndim != 1:
        raise ValueError(f"draw_network: x is one sample, of shape (n,), not {sample.shape}; pass x[0]")
    parts = list(model) if isinstance(model, (list, tuple)) else [model]
    if len(parts) == 1 and not hasattr(parts[0], "weight"):
        names = found(parts[0]) if hasattr(parts[0], "named_parameters") else Names()
    else:
        names = found({f"{i}": part for i, part in enumerate(parts)})
    if any(isinstance(node, Value) for node in names.modules):
        raise TypeError(
            "draw_network: the weights of this net are single Values, not arrays; copy them into an array net, "
            "net.load_state_dict(scalar_net.state_dict()), and draw that one"
        )
    output: Any = sample
    if not all(map(callable, parts)):
        raise TypeError(f"draw_network: pass a module, or a list of modules and functions, not {type(model).__name__}")
    for part in parts:
        output = part(output)
    order = toposort(output) if isinstance(output, Node) else []
    path = folding.modules(order, names)
    last = {path[node]: node for node in order if node.op is not None and node in path}
    own = [(p, z) for p, z in last.items() if any(n.op is None and path.get(n) == p for n in order)]
    if not own:
        raise TypeError(
            f"draw_network: {type(model).__name__} has no layers with parameters of their own; pass a module such as "
            "nn.Sequential(nn.Linear(2, 3), ...), or a list of layers"
        )
    total = None if loss is None else loss(output)
    if total is not None and not isinstance(total, Node):
        raise TypeError(f"draw_network: loss(output) must give a node, not {type(total).__name__}")
    layers = [_Layer("x", _count(sample.size, "input"), sample.data, drawn=_shown(sample.size))]
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
            raise _unchained(f"{following} is not computed from layer {p[-1]!r} alone")
        title = names.titles.get(p[-1], p[-1]).partition(" (")[0]
        signs = [f" · {sign}" for sign in _between(z, after)]
        note = f"{before.shape[0]}→{z.shape[0]}{''.join(signs)}"
        drawn = _shown(z.shape[0])
        # The derivatives of z are the weights, whichever way round the layer keeps them.
        weights = {j: gradients(z, before, np.eye(z.shape[0])[j]) for j in drawn}
        delta = None if total is None else gradients(total, z)
        layers.append(_Layer(title, note, after.data, z.data, delta, weights, drawn))
        before = after
    return layers, None if total is None else float(total.data)


def _input(order: Sequence[Node], module: folding.Modules, path: dict[Node, folding.Modules]) -> Node:
    """What a module computes from: the first operand of its ops that is not its own."""
    for node in order:
        if path.get(node) == module:
            for p in node.parents:
                if path.get(p) != module and p.requires_grad:
                    return p
    raise TypeError(f"draw_network: layer {module[-1]!r} computes from its parameters only")


def _unchained(why: str) -> ValueError:
    return ValueError(
        f"draw_network: {why}; only chains of layers can be drawn, each with weighted sums of what the one before "
        "gives; draw(y) shows any graph"
    )


def _check_chain(name: str, z: Node, before: Node, own: set[Node]) -> None:
    """Whether a layer's lines would be true: each neuron a sum of all that comes before, with constant weights."""
    if not _from_one(z, before, own):
        raise _unchained(f"layer {name!r} is not computed from the one before alone")
    path = _following(z, before)
    if all(node.op is not None and node.op.elementwise for node in path) and z.shape[0] > 1:
        raise _unchained(f"layer {name!r} works on each neuron by itself")
    slopes = gradients(z, before, np.ones(z.shape), create_graph=True)
    if slopes in set(_following(slopes, before)):
        raise _unchained(f"what layer {name!r} gives is no weighted sum")


def _from_one(node: Node, source: Node, own: Collection[Node] = ()) -> bool:
    """Whether a node is computed from a source, and from nothing else but constants and a layer's own nodes."""
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
    """Of what a node is computed from, and the node itself: all whose value depends on that of the source, in order."""
    reached: dict[Node, None] = {source: None}
    for n in toposort(node):
        if n is not source and any(p in reached for p in formulas.operands(n)):
            reached[n] = None
    return list(reached)[1:]


def _between(z: Node, after: Node) -> list[str]:
    """The ops that lead from a weighted input to the output; of many, how many."""
    signs = [words.call(node)[0] for node in _following(after, z)]
    return signs if len(signs) <= SIGNS else [f"{len(signs)} ops"]


def _shown(count: int) -> list[int]:
    return list(range(count)) if count <= DRAWN else [*range(FIRST), *range(count - LAST, count)]


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _figure(layers: list[_Layer], total: float | None, precision: int, shown: int, new: int = -1) -> Figure:
    """The picture with the δs of the layers from number `shown` on; those of number `new` are just being found."""
    picture = _Picture(layers, precision, shown, new)
    dot = graphviz.Digraph(
        graph_attr=style.NETWORK,
        node_attr={**style.NODE, **style.NEURON},
        edge_attr={**style.EDGE, "arrowhead": "none", "fontsize": "9"},
    )
    dot.body += picture.lines()
    if total is not None:
        dot.body.append(f'\tlabel="loss = {words.number(total, max(precision, 4))}" labelloc=b\n')
    sizes = "-".join(str(len(layer.output)) for layer in layers)
    known = ["outputs"] + ["δs"] * (total is not None and shown < len(layers))
    return Figure(dot.source, f"network {sizes} with {' and '.join(known)}", picture.titles, engine="neato")


class _Picture:
    """The lines of DOT text, with every position given."""

    def __init__(self, layers: list[_Layer], precision: int, shown: int, new: int) -> None:
        self.layers, self.precision, self.shown, self.new = layers, precision, shown, new
        weights = [abs(w) for layer in layers for row in layer.weights.values() for w in row]
        finite = [w for w in weights if np.isfinite(w)]
        self.largest = max(finite, default=0.0) or 1.0
        texts = [self.number(x) for layer in layers for x in layer.output]
        texts += [f"δ {self.number(x)}" for layer in layers if layer.delta is not None for x in layer.delta]
        self.size = max(0.72, *(style.inches(text, 10) + 0.2 for text in texts))
        numbered = max(len(layer.output) for layer in layers) <= NUMBERED
        self.row = self.size + (2 * GAP if numbered else GAP)
        titles = [max(style.inches(text, 12) for text in (layer.title, layer.note)) for layer in layers]
        self.column = max(COLUMN, self.size + 1.2, *(0.15 + (a + b) / 2 for a, b in pairwise(titles)))
        self.places: list[list[float | None]] = []
        if numbered:
            self.column, self.places = self.numbered()
        rows = max(len(layer.drawn) + (len(layer.drawn) < len(layer.output)) for layer in layers)
        self.bottom = -(rows - 1) / 2 * self.row - self.size / 2 - 0.36
        self.titles: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        for c, layer in enumerate(self.layers):
            yield from self.neurons(c, layer)
            title, note = html(layer.title), html(layer.note)
            hidden = len(layer.output) - len(layer.drawn)
            count = f"{len(layer.output)} neurons, " if c else ""  # those of the input are told above
            more = f"<BR/>{count}{len(layer.drawn)} drawn" if hidden else ""
            place = f'pos="{c * self.column:g},{self.bottom:g}!"'
            yield f"\tname{c} [{place} label=<<B>{title}</B><BR/>{note}{more}> {style.attributes(style.COLUMN)}]\n"
        for c, layer in enumerate(self.layers[1:], 1):
            yield from self.weights(c, layer)

    def number(self, x: Any) -> str:
        """A number of a neuron or a line."""
        return words.number(float(x), self.precision)

    def numbered(self) -> tuple[float, list[list[float | None]]]:
        """The column's width, and for each column the places of the weights' numbers on their lines."""
        tried = []
        for more in WIDER:
            column = self.column + more
            gaps = [
                placed(
                    [(here, there) for there in self.heights(b).values() for here in self.heights(a).values()],
                    [self.width(w) for row in b.weights.values() for w in row],
                    LABEL, column, self.size / 2,
                )
                for a, b in pairwise(self.layers)
            ]  # fmt: skip
            unread = sum(gap.missing for gap in gaps), sum(gap.crossed for gap in gaps)
            tried.append((unread, column, [gap.at for gap in gaps]))
            if unread == (0, 0):
                break
        _, column, places = min(tried)
        return column, places

    def width(self, weight: Any) -> float:
        """How wide the card of a weight's number is."""
        return style.inches(self.number(weight), 10) + 0.14

    def heights(self, layer: _Layer) -> dict[int, float]:
        """How high each drawn neuron stands; a gap is as high as a neuron."""
        gap = len(layer.drawn) < len(layer.output)
        rows = len(layer.drawn) + gap
        places = [i + (gap and i >= FIRST) for i in range(len(layer.drawn))]
        return {j: ((rows - 1) / 2 - place) * self.row for j, place in zip(layer.drawn, places, strict=True)}

    def neurons(self, c: int, layer: _Layer) -> Iterator[str]:
        heights = self.heights(layer)
        if len(layer.drawn) < len(layer.output):
            middle = (heights[FIRST - 1] + heights[len(layer.output) - LAST]) / 2
            place = f'pos="{c * self.column:g},{middle:g}!"'
            yield f'\tgap{c} [{place} label="⋮" {style.attributes({**style.COLUMN, "fontsize": "22"})}]\n'
        for j, height in heights.items():
            name = f"n{c}_{j}"
            value = self.number(layer.output[j])
            known = layer.delta is not None and c >= self.shown
            if c == 0:
                label = f"<B>x{str(j + 1).translate(_SUBSCRIPTS)}</B><BR/>{value}"
                self.titles[name] = f"input {j + 1} = {value}"
            else:
                delta = self.number(layer.delta[j]) if known else ""
                label = value + (f'<BR/><FONT COLOR="{style.GRADIENT_INK}">δ {delta}</FONT>' if known else "")
                z = self.number(layer.weighted[j])
                self.titles[name] = f"{layer.title}, neuron {j + 1}: z = {z}, output {value}" + f", δ = {delta}" * known
            role = style.INPUT if c == 0 else style.RESULT
            look = {k: role.look[k] for k in ("class", "fillcolor", "color")}
            look["width"] = look["height"] = f"{self.size:.2f}"
            if c == len(self.layers) - 1:
                look["penwidth"] = "3"
            if c == self.new:
                look |= {"color": style.BACKWARD, "penwidth": "4"}
            place = f'pos="{c * self.column:g},{height:g}!"'
            yield f'\t{name} [{place} label=<{label}> id="{name}" {style.attributes(look)}]\n'

    def weights(self, c: int, layer: _Layer) -> Iterator[str]:
        before = self.layers[c - 1]
        here, there = self.heights(before), self.heights(layer)
        for j in layer.drawn:
            for i in before.drawn:
                w = float(layer.weights[j][i])
                look = style.line(w, self.largest)
                text = self.number(w)
                yield f"\tn{c - 1}_{i} -> n{c}_{j} [{style.attributes(look)}]\n"
                self.titles[f"n{c - 1}_{i}->n{c}_{j}"] = f"weight {text}"
                if self.places and (x := self.places[c - 1][j * len(before.drawn) + i]) is not None:
                    height = here[i] + (there[j] - here[i]) * x / self.column
                    box = {"color": look["color"], "width": f"{self.width(w):.3f}", "height": f"{LABEL}"}
                    place = f'pos="{(c - 1) * self.column + x:g},{height:g}!"'
                    yield f'\tw{c}_{i}_{j} [{place} label="{text}" {style.attributes(style.WEIGHT | box)}]\n'
