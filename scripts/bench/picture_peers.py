"""Pictures of the same graphs by this package and by others: how large they are, and how many arrows cross.

What is not installed is left out and named. micrograd brings no drawing of its own but a notebook, whose function
``draw_dot`` is written out here.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from itertools import combinations
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from autograd import Tensor, Value, viz

STEPS, UNITS, FEATURES = 8, 4, 3  # of the recurrent net
PIECES = 8  # straight ones that stand for a curve
Source = Callable[[], Any]  # draws, and returns DOT text; an object that holds it serves too


def micrograd_demo(value: Any) -> Any:
    """The expression in micrograd's README, of its values or of this package's."""
    a, b = value(-4.0), value(2.0)
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    f = (c - d) ** 2
    g = f / 2.0
    g = g + 10.0 / f
    g.backward()
    return g


def mlp(value: Any) -> Any:
    """A net 2-4-1 of scalars on one sample."""
    rng = np.random.default_rng(0)
    h = [value(0.5), value(-1.2)]
    for rows, columns in ((4, 2), (1, 4)):
        w = [[value(float(x)) for x in rng.normal(size=columns + 1)] for _ in range(rows)]
        h = [sum((a * b for a, b in zip(row[1:], h, strict=True)), row[0]).relu() for row in w]
    h[0].backward()
    return h[0]


def recurrent() -> Tensor:
    """A recurrent net of arrays, eight steps long."""
    rng = np.random.default_rng(0)
    Wx, Wh = Tensor(rng.normal(size=(UNITS, FEATURES)), "Wx"), Tensor(rng.normal(size=(UNITS, UNITS)), "Wh")
    b, h = Tensor(np.zeros(UNITS), "b"), Tensor(np.zeros(UNITS), "h0", requires_grad=False)
    for t in range(1, STEPS + 1):
        x = Tensor(rng.normal(size=FEATURES), f"x{t}", requires_grad=False)
        h = (Wx @ x + Wh @ h + b).tanh()
        h.label = f"h{t}"
    loss = (h * h).sum()
    loss.label = "L"
    loss.backward()
    return loss


def torch_recurrent() -> tuple[Any, Any]:
    """PyTorch's net that takes eight steps with one cell, and its input."""
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = torch.nn.RNNCell(FEATURES, UNITS)

        def forward(self, xs: Any) -> Any:
            h = torch.zeros(1, UNITS)
            for x in xs:
                h = self.cell(x, h)
            return (h * h).sum()

    torch.manual_seed(0)
    return Net(), torch.randn(STEPS, 1, FEATURES)


def draw_dot(root: Any) -> str:
    """The picture of micrograd's notebook: a record for each value, a node for each op."""
    nodes, lines, stack = {root}, ["digraph { rankdir=LR"], [root]
    while stack:
        for child in stack.pop()._prev:
            if child not in nodes:
                nodes.add(child)
                stack.append(child)
    for n in nodes:
        lines.append(f'n{id(n)} [label="{{ data {n.data:.4f} | grad {n.grad:.4f} }}" shape=record]')
        if n._op:
            lines.append(f'o{id(n)} [label="{n._op}"]\no{id(n)} -> n{id(n)}')
        lines.extend(f"n{id(child)} -> o{id(n)}" for child in n._prev)
    return "\n".join([*lines, "}"])


def of_micrograd(build: Callable[[Any], Any]) -> str:
    from micrograd.engine import Value as Theirs

    return draw_dot(build(Theirs))


def torchviz_recurrent() -> Any:
    import torchviz

    net, xs = torch_recurrent()
    return torchviz.make_dot(net(xs), params=dict(net.named_parameters()))


def torchview_recurrent(roll: bool) -> Any:
    import torchview

    net, xs = torch_recurrent()
    return torchview.draw_graph(net, input_data=xs, roll=roll, expand_nested=True, device="cpu").visual_graph


def torchlens_recurrent() -> Any:
    import torchlens

    net, xs = torch_recurrent()
    with TemporaryDirectory() as folder:
        return torchlens.trace(net, xs).draw(vis_save_only=True, vis_outpath=f"{folder}/net")


def torchvista_recurrent() -> Any:
    import torchvista  # noqa: F401

    raise ValueError("draws in the reader's page, so it has no size")


def cases() -> Iterator[tuple[str, str, Source]]:
    """Yield a graph, who draws it, and how."""
    demo, net, unrolled = micrograd_demo(Value), mlp(Value), recurrent()
    for name, y, build in (("micrograd's demo", demo, micrograd_demo), ("MLP 2-4-1", net, mlp)):
        yield name, "viz.draw", lambda y=y: viz.draw(y)
        yield name, "viz.draw_backward", lambda y=y: viz.draw_backward(y)
        yield name, "micrograd", lambda build=build: of_micrograd(build)
    name = f"recurrent net, {STEPS} steps"
    yield name, "viz.draw", lambda: viz.draw(unrolled)
    yield name, "viz.draw, roll=True", lambda: viz.draw(unrolled, roll=True)
    yield name, "viz.draw_backward", lambda: viz.draw_backward(unrolled)
    yield name, "viz.draw_backward, roll=True", lambda: viz.draw_backward(unrolled, roll=True)
    yield name, "torchviz", torchviz_recurrent
    yield name, "torchview", lambda: torchview_recurrent(roll=False)
    yield name, "torchview, roll=True", lambda: torchview_recurrent(roll=True)
    yield name, "torchlens", torchlens_recurrent
    yield name, "torchvista", torchvista_recurrent


def measured(draw: Source) -> list[str]:
    """Width and height in pixels, arrows, pairs that cross, and the seconds to draw and lay out."""
    start = perf_counter()
    try:
        drawn = draw()
    except ImportError:
        return ["not installed", "", "", "", ""]
    except Exception as error:
        return [str(error).splitlines()[0][:60], "", "", "", ""]
    source = getattr(drawn, "source", drawn)
    svg = subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=True).stdout.decode()
    seconds = perf_counter() - start
    width, height = (float(x) for x in re.findall(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"', svg)[0])
    lines = list(arrows(svg))
    pairs = sum(cross(a, b) for a, b in combinations(lines, 2))
    return [f"{4 / 3 * width:,.0f}", f"{4 / 3 * height:,.0f}", str(len(lines)), str(pairs), f"{seconds:.2f}"]


def arrows(svg: str) -> Iterator[np.ndarray]:
    """The lines of the arrows in a picture, as points."""
    for group in re.findall(r'<g id="[^"]*" class="edge.*?</g>', svg, re.DOTALL):
        for d in re.findall(r' d="([^"]*)"', group)[:1]:
            corners = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", d), dtype=float)
            t = np.linspace(0, 1, PIECES, endpoint=False)[:, None]
            curves = (corners[i : i + 4] for i in range(0, len(corners) - 3, 3))
            ways = [
                (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * e for a, b, c, e in curves
            ]
            yield np.concatenate([*ways, corners[-1:]])


def cross(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two lines of straight pieces cross; lines that only end in the same point do not."""
    if (a.max(0) < b.min(0)).any() or (b.max(0) < a.min(0)).any():
        return False
    u, v = np.diff(a, axis=0)[:, None], np.diff(b, axis=0)[None]
    between = b[None, :-1] - a[:-1, None]

    def turn(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        return p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]

    with np.errstate(divide="ignore", invalid="ignore"):
        s, t = turn(between, v) / turn(u, v), turn(between, u) / turn(u, v)
    return bool(((s > 0) & (s < 1) & (t > 0) & (t < 1)).any())


def rows() -> list[list[str]]:
    """The table: a row for each picture."""
    return [[name, by, *measured(draw)] for name, by, draw in cases()]
