"""``draw_network``: a net of layers as columns of neurons, each with the numbers from which its z and its δ follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import graphviz
import numpy as np

from autograd.graph import formatting
from autograd.typing import Array, Data, X
from autograd.viz import style
from autograd.viz.figure import Figure
from autograd.viz.network_layout import Layout
from autograd.viz.network_texts import sentence, titles, written_out
from autograd.viz.neuron_cards import subscripted
from autograd.viz.neurons import Loss, Net, network
from autograd.viz.node_html import caption, html
from autograd.viz.options import check_precision

__all__ = ["draw_network", "network_frames"]

CLIP, QUANTILE = 3.0, 0.75  # lines of weights above so many times this quantile are no wider
PANEL_ROW = 16  # points


def draw_network(
    model: X,
    x: Data,
    y: Data = None,
    *,
    loss: Loss | None = None,
    neuron: tuple[int, int] | None = None,
    precision: int = 3,
) -> Figure:
    """Draw a net of layers: a neuron is a card, and a line, which ends at its weight, is the wider the larger that is.

    From the numbers on a card each other follows: from the weights, what comes before, and the bias b follows
    z = Σ w·a + b, from it the output a = f(z), and with a loss L the error ∂L/∂a times the slope f′(z) is δ = ∂L/∂z. A
    layer of more than eight neurons shows the first and last; what the others add to z is one number, as in
    ``191 more: 0.37``. Where there is no room for the weights' numbers their whole sum is one, and the picture says so;
    `neuron` writes the sums of a single one.

    Lines of positive weights are solid and blue, of negative ones dashed and purple, of 0 grey, of nan dotted. Weights
    far larger than most are not drawn wider.

    Parameters
    ----------
    model : Module, callable or sequence of callable
        The net. Its layers are the modules with parameters, such as ``nn.Linear``. A net of single Values, such as
        ``nn.MLP(..., scalar=True)`` or one with ``parameters()`` of its own, is drawn by its graph: a neuron is a sum
        of weights times what comes before, and a bias.
    x : array_like
        One sample, of shape (n,).
    y : array_like, optional
        The target of the sample, for the loss.
    loss : callable, optional
        The loss of the output, ``loss(output) -> scalar node``, or with `y` ``loss(output, y)``, such as
        ``nn.MSELoss()``; no node's ``grad`` is written.
    neuron : pair of int, optional
        A layer and a neuron in it, both counted from 1, whose sums are written out; the lines that lead neither to it
        nor away from it are pale. If it has more than eight inputs, those that add most to its z are drawn.
    precision : int
        Significant digits of numbers.

    Returns
    -------
    Figure
        The picture.

    Raises
    ------
    TypeError
        If no layer with parameters is found, `loss` gives no node, there is a `y` but no `loss`, or `neuron` is no pair
        of ints.
    ValueError
        If `x` is not one sample, a layer's output is not a vector, `loss` gives more than one number, the net is no
        chain of layers that are used once, each a weighted sum of what the one before gives, there is no such `neuron`,
        or `precision` is not from 1 to 17.

    Examples
    --------
    >>> import nn
    >>> from autograd import viz
    >>> net = nn.Sequential(nn.Linear(2, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
    >>> viz.draw_network(net, [0.5, -0.2], loss=lambda o: (o - 1.0) @ (o - 1.0))
    <Figure: network 2-4-1 with outputs and δs>
    >>> viz.draw_network(net, [0.5, -0.2], neuron=(2, 1))
    <Figure: network 2-4-1 with outputs, and the sums of layer 2, neuron 1>
    """
    check_precision("draw_network", precision)
    net = network(model, x, y, loss, neuron)
    return _figure(net, precision, first_delta=0 if loss is not None else len(net.layers))


def network_frames(model: X, x: Data, y: Data = None, *, loss: Loss, precision: int = 3) -> list[Figure]:
    """Draw a net once for each layer: first without δs, then with more of them, from the output to the input.

    Parameters
    ----------
    model : Module, callable or sequence of callable
    x : array_like
    y : array_like, optional
    loss : callable
    precision : int
        As in :func:`draw_network`.

    Returns
    -------
    list of Figure
        One more than there are layers of weights; the layer whose δs are new has thick rings. Everything stands in the
        same place in all of them.

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
    check_precision("network_frames", precision)
    net = network(model, x, y, loss, None)
    return [_figure(net, precision, first_delta=i, new=i) for i in range(len(net.layers), 0, -1)]


def _figure(net: Net, precision: int, first_delta: int, new: int = -1) -> Figure:
    """Draw the net with the δs from layer `first_delta` on; those of layer `new` have thick rings."""
    picture = _Picture(net, precision, first_delta, new)
    dot = graphviz.Digraph(
        graph_attr=style.NETWORK,
        node_attr={**style.NODE, **style.NEURON},
        edge_attr={**style.EDGE, "arrowhead": "none", "tailport": "e"},
    )
    dot.body += [*picture.lines(), caption(picture.legend())]
    sizes = "-".join(str(len(layer.output)) for layer in net.layers)
    known = ["outputs"] + ["δs"] * (net.total is not None and first_delta < len(net.layers))
    sums = f", and the sums of layer {net.focus.layer}, neuron {net.focus.neuron + 1}" if net.focus else ""
    return Figure(dot.source, f"network {sizes} with {' and '.join(known)}{sums}", picture.titles, engine="neato")


class _Picture:
    """Writes DOT text that states every position."""

    def __init__(self, net: Net, precision: int, first_delta: int, new: int) -> None:
        self.net, self.layers, self.precision, self.first_delta, self.new = net, net.layers, precision, first_delta, new
        self.columns = [titles(c, layer) for c, layer in enumerate(self.layers)]
        self.layout = Layout(net, self.columns, self.write)
        weights = np.concatenate([np.ravel(row) for layer in self.layers for row in layer.weights.values()])
        kinds = {style.kind_of(w) for w in weights.tolist()}
        self.kinds = [kind for kind in style.WEIGHTS if kind in kinds]
        self.limit, self.clipped = _limit(np.abs(weights))
        self.titles: dict[str, str] = {}

    def write(self, x: float) -> str:
        """Write a number of a neuron or a line."""
        return formatting.number(float(x), self.precision)

    def lines(self) -> Iterator[str]:
        place, layout = self.place, self.layout
        for c, texts in enumerate(self.columns):
            for k, height in enumerate(layout.dots[c]):
                look = style.attributes({**style.COLUMN, "fontsize": "16"})
                yield f'\tgap{c}_{k} [{place(c, height)} label="⋮" {look}]\n'
            for j in self.layers[c].drawn:
                yield self.neuron(c, j)
            label = "<BR/>".join([f"<B>{html(texts[0])}</B>", *map(html, texts[1:])])
            below = layout.bottom - 10 - 7 * len(texts)
            yield f"\tname{c} [{place(c, below)} label=<{label}> {style.attributes(style.COLUMN)}]\n"
        for c in range(1, len(self.layers)):
            yield from self.weights(c)
        if lines := written_out(self.net, self.first_delta == 0, self.write):
            yield self.panel(lines)

    def place(self, c: int, height: float) -> str:
        """Write the place of a node, in inches."""
        return f'pos="{self.layout.x[c] / 72:.4f},{height / 72:.4f}!"'

    def neuron(self, c: int, j: int) -> str:
        """Write the card of a neuron or of an input."""
        layer, name = self.layers[c], f"n{c}_{j}"
        known = c >= self.first_delta
        if c:
            label, role = self.layout.cards[c][j].label(self.layout.widths[c], known), style.RESULT
        else:
            number = self.write(layer.output[j])
            label, role = f"<<B>{subscripted('x', j)}</B><BR/>{number}>", style.INPUT
        width, height = self.layout.sizes[c][j]
        look = {**role.look, "width": f"{width / 72:.4f}", "height": f"{height / 72:.4f}"}
        if c == len(self.layers) - 1 or (self.net.focus and (c, j) == self.net.focus[:2]):
            look["penwidth"] = "3"
        if c == self.new:
            look |= {"color": style.BACKWARD, "penwidth": "4"}
        self.titles[name] = sentence(layer, j, known, self.write)
        return f'\t{name} [{self.place(c, self.layout.y[c][j])} label={label} id="{name}" {style.attributes(look)}]\n'

    def weights(self, c: int) -> Iterator[str]:
        """Write the lines into a column, those of a neuron in focus strong and the others pale."""
        focus = self.net.focus
        for j in self.layers[c].drawn:
            for i in self.layers[c - 1].drawn:
                w = float(self.layers[c].weights[j][i])
                look = style.line(w, self.limit)
                look["headport"] = f"w{i}:w" if i in self.layout.ports[c][j] else "rest:w"
                if focus and focus[:2] not in ((c, j), (c - 1, i)):
                    look["color"] += style.PALE
                yield f"\tn{c - 1}_{i} -> n{c}_{j} [{style.attributes(look)}]\n"
                self.titles[f"n{c - 1}_{i}->n{c}_{j}"] = f"weight {self.write(w)}"

    def legend(self) -> list[str]:
        """Write the loss, what the lines mean, and how a neuron's numbers follow from others."""
        rows = (
            [] if self.net.total is None else [f"loss L = {formatting.number(self.net.total, max(self.precision, 4))}"]
        )
        signs = [
            f'<FONT COLOR="{style.on_paper(style.WEIGHTS[kind]["color"])}"><B>{style.STROKES[kind]}</B></FONT> {kind}'
            for kind in self.kinds
        ]
        clipped = [f"from {self.write(self.limit)} on equally wide"] if self.clipped else []
        rows.append("weights:&#160; " + "&#160;&#160; ".join(signs + clipped))
        several = any(layer.across for layer in self.layers)
        delta = f"&#160;&#160; δ = ∂L/∂z = ∂L/∂a · f′(z){' + others' * several}" if self.net.total is not None else ""
        rows.append(f"z = Σ w·a + b&#160;&#160; a = f(z){delta}")
        if several:
            rows.append("others: what δ gets through the other outputs, which depend on z too")
        if any(card.below for cards in self.layout.cards for card in cards.values()):
            rows.append("“more”: the sum of w·a over the inputs whose weights are not written")
        if not self.net.focus and any(not ports for column in self.layout.ports[1:] for ports in column.values()):
            rows.append("too many weights to write: neuron=(layer, neuron) writes one neuron’s")
        return [f"<TR><TD>{row}</TD></TR>" for row in rows]

    def panel(self, lines: Sequence[str]) -> str:
        """Write the sums of the neuron in focus below the columns."""
        below = self.layout.bottom - 64 - PANEL_ROW * len(lines) / 2
        place = f'pos="{self.layout.x[-1] / 144:.4f},{below / 72:.4f}!"'
        rows = "".join(
            f'<TR><TD HEIGHT="{PANEL_ROW}">{html(line) if i else f"<B>{html(line)}</B>"}</TD></TR>'
            for i, line in enumerate(lines)
        )
        label = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'
        return f'\tsums [{place} label=<{label}> id="sums" {style.attributes(style.SUMS)}]\n'


def _limit(sizes: Array) -> tuple[float, bool]:
    """The weight from which on lines are no wider, and whether any is larger; so one of 1e6 leaves others visible."""
    whole = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not whole.size:
        return 1.0, False
    limit = CLIP * float(np.quantile(whole, QUANTILE, method="lower"))
    return min(limit, float(whole.max())), bool(whole.max() > limit)
