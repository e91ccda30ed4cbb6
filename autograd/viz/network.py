"""``draw_network``: a net of layers as columns of neurons, with outputs and δs in them and weights on the lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import graphviz
import numpy as np

from autograd.graph import formatting
from autograd.typing import Data, X
from autograd.viz import style
from autograd.viz.figure import Figure
from autograd.viz.label_layout import place_labels
from autograd.viz.neurons import FIRST, LAST, Layer, Loss, network_layers
from autograd.viz.node_html import caption, html

__all__ = ["draw_network", "network_frames"]

NUMBERED = 3  # if no layer has more neurons, there is room for the weights' numbers
COLUMN, GAP = 2.2, 0.14  # inches between the centres of columns, and between neurons
LABEL = 0.2  # the height of a weight's number, in inches
WIDER = (0.0, 0.3, 0.6, 0.9, 1.2, 1.6, 2.0)  # inches to add, until every weight's number has a place of its own
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def draw_network(model: X, x: Data, y: Data = None, *, loss: Loss | None = None, precision: int = 3) -> Figure:
    """Draw a net of layers: a neuron is a circle with its output, a line a weight, the wider the larger.

    Positive weights are solid and blue, negative ones dashed and purple, those of 0 grey, those of nan dotted. If no
    layer has more than three neurons, the numbers stand on the lines, as far as there is room. With a loss each neuron
    shows its δ, the derivative of the loss by the neuron's weighted input z. A layer of more than eight neurons shows
    the first and last.

    Parameters
    ----------
    model : module, or sequence of modules and functions
        The net. Its layers are the modules with parameters, such as ``nn.Linear``. A net of single Values, such as
        ``nn.MLP(..., scalar=True)`` or one with ``parameters()`` of its own, is drawn by its graph: a neuron is a sum
        of weights times what comes before, and a bias.
    x : array_like, shape (n,)
        One sample.
    y : optional
        The target of the sample, for the loss.
    loss : callable, optional
        The loss of the output, ``loss(output) -> scalar node``, or with `y` ``loss(output, y)``, such as
        ``nn.MSELoss()``; no node's ``grad`` is written.
    precision : int
        Significant digits of numbers.

    Returns
    -------
    Figure
        The picture.

    Raises
    ------
    TypeError
        If no layer with parameters is found, `loss` gives no node, or there is a `y` but no `loss`.
    ValueError
        If `x` is not one sample, a layer's output is not a vector, `loss` gives more than one number, or the net is no
        chain of layers that are used once, each a weighted sum of what the one before gives.

    Examples
    --------
    >>> import nn
    >>> from autograd import viz
    >>> net = nn.Sequential(nn.Linear(2, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
    >>> viz.draw_network(net, [0.5, -0.2], loss=lambda o: (o - 1.0) @ (o - 1.0))
    <Figure: network 2-4-1 with outputs and δs>
    """
    layers, total = network_layers(model, x, y, loss)
    return _figure(layers, total, precision, first_delta=0 if loss is not None else len(layers))


def network_frames(model: X, x: Data, y: Data = None, *, loss: Loss, precision: int = 3) -> list[Figure]:
    """Draw a net once for each layer: first without δs, then with more of them, from the output to the input.

    Parameters
    ----------
    model, x, y, loss, precision
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
    layers, total = network_layers(model, x, y, loss)
    return [_figure(layers, total, precision, first_delta=i, new=i) for i in range(len(layers), 0, -1)]


def _figure(layers: list[Layer], total: float | None, precision: int, first_delta: int, new: int = -1) -> Figure:
    """Draw the net with the δs from layer `first_delta` on; those of layer `new` have thick rings."""
    picture = _Picture(layers, precision, first_delta, new)
    dot = graphviz.Digraph(
        graph_attr=style.NETWORK,
        node_attr={**style.NODE, **style.NEURON},
        edge_attr={**style.EDGE, "arrowhead": "none", "fontsize": "9"},
    )
    dot.body += picture.lines()
    dot.body.append(_caption(picture.kinds, total, precision))
    sizes = "-".join(str(len(layer.output)) for layer in layers)
    known = ["outputs"] + ["δs"] * (total is not None and first_delta < len(layers))
    return Figure(dot.source, f"network {sizes} with {' and '.join(known)}", picture.titles, engine="neato")


def _caption(kinds: Sequence[str], total: float | None, precision: int) -> str:
    """Write the loss, and what the lines mean."""
    loss = [] if total is None else [f"<TR><TD>loss = {formatting.number(total, max(precision, 4))}</TD></TR>"]
    signs = [
        f'<FONT COLOR="{style.on_paper(style.WEIGHTS[kind]["color"])}"><B>{style.STROKES[kind]}</B></FONT> {kind}'
        for kind in kinds
    ]
    legend = f"<TR><TD>weights:&#160; {'&#160;&#160; '.join(signs)}</TD></TR>"
    return caption([*loss, legend])


class _Picture:
    """Writes DOT text that states every position."""

    def __init__(self, layers: list[Layer], precision: int, first_delta: int, new: int) -> None:
        self.layers, self.precision, self.first_delta, self.new = layers, precision, first_delta, new
        weights = [abs(w) for layer in layers for row in layer.weights.values() for w in row]
        kinds = {style.kind_of(w) for layer in layers for row in layer.weights.values() for w in row}
        self.kinds = [kind for kind in style.WEIGHTS if kind in kinds]
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
            self.column, self.places = self.layout_of_numbers()
        rows = max(len(layer.drawn) + (len(layer.drawn) < len(layer.output)) for layer in layers)
        self.bottom = -(rows - 1) / 2 * self.row - self.size / 2 - 0.36
        self.titles: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        for c, layer in enumerate(self.layers):
            yield from self.neurons(c, layer)
            title, note = html(layer.title), html(layer.note)
            hidden = len(layer.output) - len(layer.drawn)
            count = f"{len(layer.output)} neurons, " if c else ""  # the first column's note counts the inputs
            more = f"<BR/>{count}{len(layer.drawn)} drawn" if hidden else ""
            place = f'pos="{c * self.column:g},{self.bottom:g}!"'
            yield f"\tname{c} [{place} label=<<B>{title}</B><BR/>{note}{more}> {style.attributes(style.COLUMN)}]\n"
        for c, layer in enumerate(self.layers[1:], 1):
            yield from self.weights(c, layer)

    def number(self, x: Data) -> str:
        """Write a number of a neuron or a line."""
        return formatting.number(float(x), self.precision)

    def layout_of_numbers(self) -> tuple[float, list[list[float | None]]]:
        """The width of the columns, and for each the places of the weights' numbers on their lines."""
        layouts = []
        for more in WIDER:
            column = self.column + more
            gaps = [
                place_labels(
                    [(here, there) for there in self.heights(b).values() for here in self.heights(a).values()],
                    [self.width(w) for row in b.weights.values() for w in row],
                    LABEL, column, self.size / 2,
                )
                for a, b in pairwise(self.layers)
            ]  # fmt: skip
            faults = sum(gap.missing for gap in gaps), sum(gap.crossed for gap in gaps)
            layouts.append((faults, column, [gap.at for gap in gaps]))
            if faults == (0, 0):
                break
        _, column, places = min(layouts)
        return column, places

    def width(self, weight: Data) -> float:
        """The width of the card of a weight's number."""
        return style.inches(self.number(weight), 10) + 0.14

    def heights(self, layer: Layer) -> dict[int, float]:
        """The height at which each drawn neuron stands; a gap is as high as a neuron."""
        gap = len(layer.drawn) < len(layer.output)
        rows = len(layer.drawn) + gap
        places = [i + (gap and i >= FIRST) for i in range(len(layer.drawn))]
        return {j: ((rows - 1) / 2 - place) * self.row for j, place in zip(layer.drawn, places, strict=True)}

    def neurons(self, c: int, layer: Layer) -> Iterator[str]:
        heights = self.heights(layer)
        if len(layer.drawn) < len(layer.output):
            middle = (heights[FIRST - 1] + heights[len(layer.output) - LAST]) / 2
            place = f'pos="{c * self.column:g},{middle:g}!"'
            yield f'\tgap{c} [{place} label="⋮" {style.attributes({**style.COLUMN, "fontsize": "22"})}]\n'
        for j, height in heights.items():
            name = f"n{c}_{j}"
            value = self.number(layer.output[j])
            known = layer.delta is not None and c >= self.first_delta
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

    def weights(self, c: int, layer: Layer) -> Iterator[str]:
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
