"""One picture of each kind, and what is written in them, as a reader sees it."""

import math
import re
import xml.etree.ElementTree as ET
from typing import NamedTuple

import numpy as np

import nn
from autograd import Tensor, Value, viz

__all__ = ["KINDS", "PAGES", "Word", "contrast", "layer", "neuron", "words"]

SVG = "{http://www.w3.org/2000/svg}"
PAGES = "#ffffff", "#0d1117"


class Word(NamedTuple):
    """A text of a picture: its colour, and the fills below it, of which the last is on top."""

    text: str
    ink: str
    fills: list[tuple[str, float]]


def words(svg: str) -> list[Word]:
    """Read the texts of a picture, each with the shapes that were painted where it begins or has its middle."""
    shapes: list[tuple[tuple[float, ...], str, float]] = []
    found = []
    for e in ET.fromstring(svg).iter():
        kind = e.tag.removeprefix(SVG)
        if kind == "text" and (e.text or "").strip():
            x, y = float(e.get("x")), float(e.get("y")) - 0.3 * float(e.get("font-size"))
            fills = [
                (fill, a) for (left, top, right, bottom), fill, a in shapes if left <= x <= right and top <= y <= bottom
            ]
            found.append(Word(e.text, e.get("fill", "#000000"), fills))
        elif kind in ("polygon", "path", "ellipse") and e.get("fill", "none") not in ("none", "transparent"):
            shapes.append((_box(e), e.get("fill"), float(e.get("fill-opacity", 1))))
    return found


def _box(e: ET.Element) -> tuple[float, ...]:
    if e.get("cx"):
        x, y, rx, ry = (float(e.get(name)) for name in ("cx", "cy", "rx", "ry"))
        return x - rx, y - ry, x + rx, y + ry
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", e.get("points") or e.get("d"))]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def contrast(word: Word, page: str) -> float:
    """The contrast ratio of a text to what is behind it, by the Web Content Accessibility Guidelines."""
    ground = _rgb(page)
    for fill, alpha in word.fills:
        ground = alpha * _rgb(fill) + (1 - alpha) * ground
    light, dark = sorted((_luminance(_rgb(word.ink)), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _rgb(colour: str) -> np.ndarray:
    colour = {"white": "#ffffff", "black": "#000000"}.get(colour, colour)
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def _luminance(rgb: np.ndarray) -> float:
    linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def neuron() -> Value:
    x1, x2, w1, w2 = Value(2.0, "x₁"), Value(-1.0, "x₂"), Value(0.5, "w₁"), Value(1.5, "w₂")
    o = (x1 * w1 - x2 * w2 / Value(0.9, "b")).tanh() ** 2
    o.label = "o"
    o.backward()
    return o


def layer() -> tuple[nn.Module, Tensor]:
    """A net and its loss, with numbers that are not finite in it, and names of many kinds."""
    net = nn.Sequential(nn.Linear(2, 12, rng=0), nn.Tanh(), nn.Linear(12, 1, rng=1))
    X = Tensor([[0.5, -0.2]], "X 重み🙂", requires_grad=False)
    loss = nn.MSELoss()(net(X), Tensor([[1.0]], "Y", requires_grad=False))
    loss.label = "L"
    loss.backward()
    return net, loss


def _many() -> Value:
    w = [Value(0.3 * i - 2.0) for i in range(150)]
    y = sum((v * 2.0 for v in w), Value(0.0)).tanh()
    y.label = "y"
    y.backward()
    return y


def _arrays() -> Tensor:
    W, b = Tensor([[0.1, math.nan], [0.3, -math.inf]], "W"), Tensor([0.0, 1e-30], 'b]]><script>"')
    y = (W @ Tensor([0.5, 0.8], "x", requires_grad=False) + b).sigmoid()[0:1]
    y.label = "y"
    return y


def _network() -> viz.Figure:
    net, _ = layer()
    return viz.draw_network(net, [0.5, -0.2], loss=lambda o: (o * o).sum())


def _small_network() -> viz.Figure:
    layer = nn.Linear(3, 2, rng=0)
    layer.weight.data = [[0.0, 1.5, -2.0], [math.nan, 1.0, -1.0]]
    return viz.draw_network([layer, nn.Sigmoid()], [0.5, -0.2, 3.0], loss=lambda o: (o * o).sum())


KINDS = {
    "draw": lambda: viz.draw(neuron(), inputs=()),
    "down": lambda: viz.draw(neuron(), direction="TB"),
    "compact": lambda: viz.draw(neuron(), compact=True),
    "cut": lambda: viz.draw(neuron(), depth=2),
    "arrays": lambda: viz.draw(_arrays()),
    "modules": lambda: viz.draw(layer()[1], names=layer()[0]),
    "modules open": lambda: viz.draw(layer()[1], names=layer()[0], unfold=["0"]),
    "folded": lambda: viz.draw(_many(), limit=20),
    "by gradient": lambda: viz.draw(neuron(), color="gradient"),
    "by sign": lambda: viz.draw(neuron(), color="sign"),
    "finite": lambda: viz.draw(_arrays(), color="finite"),
    "backward": lambda: viz.draw_backward(neuron()),
    "backward of arrays": lambda: viz.draw_backward(_arrays()),
    "backward in rows": lambda: viz.draw_backward(neuron(), style="rows"),
    "backward in rows of arrays": lambda: viz.draw_backward(_arrays(), style="rows"),
    "backward, folded": lambda: viz.draw_backward(_many(), limit=20),
    "network": _network,
    "small network": _small_network,
    "levels": lambda: viz.levels(_many()),
    "still": lambda: viz.stepper(neuron()),
    "still, folded": lambda: viz.stepper(_many(), limit=20),
}
