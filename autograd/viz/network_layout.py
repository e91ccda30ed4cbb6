"""Where the neurons of ``draw_network`` stand: columns of cards, as wide and as high as their texts need."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from autograd.viz import style
from autograd.viz.neuron_cards import SPACE, Card, Write, card
from autograd.viz.neurons import Net

__all__ = ["Layout"]

GAP, LOOSE = 8.0, 36.0  # the least and the most space between two neurons, in points
PAGE = 750.0  # the height of a column above which no weights are written
NEAR, WIDE = 46.0, 640.0  # the least space between two columns, and the width that more of it may fill
STEEP = 4.0  # a picture has no more space between columns than its height divided by this
DOTS = 22.0  # the height of the dots that stand for the neurons left out
INPUT = 32.0  # the height of an input
TITLE = 11  # the size of the columns' titles


class Layout:
    """The cards of a net with their sizes and places, in points.

    Attributes
    ----------
    ports : list of dict of int to list of int
        For each column and neuron the inputs whose weights are written.
    cards : list of dict of int to Card
        The cards of each column; there are none for the inputs.
    widths : list of pair of float
        The widths of both sides of a column's cards.
    sizes : list of dict of int to pair of float
        The width and height of each neuron.
    x : list of float
        The middle of each column.
    y : list of dict of int to float
        The middle of each neuron, upwards.
    dots : list of list of float
        Where neurons are left out in a column.
    bottom : float
        The lower end of the columns.
    """

    def __init__(self, net: Net, titles: Sequence[Sequence[str]], write: Write) -> None:
        self.net, self.write = net, write
        columns = range(len(net.layers))
        self.ports = [self._ports(c) for c in columns]
        self.cards = [self._cards(c) for c in columns]
        self.widths = [_widest([card.widths for card in cards.values()]) for cards in self.cards]
        self.sizes = [self._sizes(c) for c in columns]
        height = max(self._height(c, GAP) for c in columns)
        places = [self._places(c, height) for c in columns]
        self.y, self.dots = [y for y, _ in places], [dots for _, dots in places]
        self.bottom = -height / 2
        room = (WIDE - sum(map(self.width, columns))) / (len(columns) - 1)
        air = max(NEAR, min(room, height / STEEP))
        broad = [max(72 * style.inches(text, TITLE) + 10 for text in texts) for texts in titles]
        self.x = [0.0]
        for a, b in pairwise(columns):
            apart = (self.width(a) + self.width(b)) / 2 + air
            self.x.append(self.x[a] + max(apart, (broad[a] + broad[b]) / 2 + 6))

    def width(self, c: int) -> float:
        """The width of a column's cards."""
        return max(width for width, _ in self.sizes[c].values())

    def _ports(self, c: int) -> dict[int, list[int]]:
        """The inputs whose weights are written: all that are drawn, or where there is no room, of one neuron."""
        if c == 0:
            return {}
        layer, before, focus = self.net.layers[c], self.net.layers[c - 1], self.net.focus
        if focus:
            following = [focus.neuron] if c == focus.layer + 1 else []
            return {j: list(before.drawn) if (c, j) == focus[:2] else following for j in layer.drawn}
        ports = {j: list(before.drawn) for j in layer.drawn}
        heights = [card(layer, before, j, ports[j], self.write).height + GAP for j in layer.drawn]
        return ports if sum(heights) <= PAGE else {j: [] for j in layer.drawn}

    def _cards(self, c: int) -> dict[int, Card]:
        layer, before = self.net.layers[c], self.net.layers[c - 1]
        return {j: card(layer, before, j, ports, self.write) for j, ports in self.ports[c].items()}

    def _sizes(self, c: int) -> dict[int, tuple[float, float]]:
        layer = self.net.layers[c]
        if c == 0:
            width = max(72 * style.inches(self.write(layer.output[j]), 10) + 16 for j in layer.drawn)
            return {j: (max(width, 36.0), INPUT) for j in layer.drawn}
        width = sum(self.widths[c]) + 4 * SPACE + 2
        return {j: (width, card.height + 2) for j, card in self.cards[c].items()}

    def _height(self, c: int, gap: float) -> float:
        """The height of a column whose neurons have this space between them."""
        return sum(height + gap for _, height in self.sizes[c].values()) - gap + DOTS * len(self._gaps(c))

    def _gaps(self, c: int) -> list[int]:
        """The places of drawn neurons before which others are left out."""
        drawn, count = self.net.layers[c].drawn, len(self.net.layers[c].output)
        return [k for k, (before, j) in enumerate(pairwise([-1, *drawn, count])) if j > before + 1]

    def _places(self, c: int, height: float) -> tuple[dict[int, float], list[float]]:
        """The heights at which a column's neurons stand, and the dots between those that are no neighbours."""
        gaps, drawn = self._gaps(c), self.net.layers[c].drawn
        spread = 0.8 * (height - self._height(c, 0.0)) / max(len(drawn) - 1, 1)
        gap = min(max(GAP, spread), LOOSE)
        y, dots, top = dict[int, float](), list[float](), self._height(c, gap) / 2
        for k, j in enumerate([*drawn, -1]):
            if k in gaps:
                shift = gap / 2 if 0 < k < len(drawn) else 0 if k == 0 else gap
                dots.append(top + shift - DOTS / 2)
                top -= DOTS
            if j >= 0:
                tall = self.sizes[c][j][1]
                y[j] = top - tall / 2
                top -= tall + gap
        return y, dots


def _widest(widths: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return max((a for a, _ in widths), default=0), max((b for _, b in widths), default=0)
