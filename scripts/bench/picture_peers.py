"""Pictures beside those of the peers: the same graphs, drawn by each library that is installed, and measured.

Run by ``pictures.py --peers``. No line of the tables is written by hand: whether a picture has a number is found by
looking for it in the picture's texts (picture_graphs.py says which numbers), and its size, crossings and smallest text
are measured in the SVG (picture_measures.py).
"""

import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import graphviz
import numpy as np
from picture_graphs import Case, cases, cell, first, ours, second, telling
from picture_measures import Picture, measured
from timing import table

import nn
from autograd import viz

COLUMNS = 838, 390  # the widths of a README's column, and of a phone, in pixels
WAIT = 20_000  # milliseconds for a page to draw itself
HEAD = [
    "", "width", "height", "crossings", *(f"text in {c}" for c in COLUMNS),
    "values", "gradients", "local derivatives", "biases", "backward arrows", "kB",
]  # fmt: skip

# Given a graph and the file to write (without a suffix): the picture as SVG, and the file, if it is not that SVG.
Drawn = tuple[str, Path | None]
Drawer = Callable[[Case, Path], Drawn]


class LeftOut(Exception):
    """A library has no picture of this graph; the message says why."""


def main(folder: Path) -> None:
    """Draw every graph with every library, write the pictures to a folder, and print a table for each graph."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in cases().items():
        kinds, rows, reasons = telling(case), [], []
        for (library, way), draw in DRAWERS.items():
            title = f"{library}{_version(library)}: {way}" if way else f"{library}{_version(library)}"
            path = folder / _file_name(f"{name} {library} {way}")
            try:
                with _quiet():
                    svg, file = draw(case, path)
            except (ImportError, LeftOut) as error:
                reasons.append(f"{title}: left out: {error}")
                continue
            written = path.with_suffix(".svg")
            written.write_text(svg, encoding="utf-8")
            rows.append([title, *_row(measured(svg), case, kinds, file or written)])
        counts = ", ".join(f"{len(numbers)} {kind}" for kind, numbers in kinds.items())
        print(f"{name} (to be seen: {counts}, {len(case.biases)} biases; sizes in pixels)\n")
        print(table(HEAD, rows), *reasons, sep="\n", end="\n\n")


def _row(picture: Picture, case: Case, kinds: dict[str, list[float]], file: Path) -> list[str]:
    return [
        f"{picture.width:.0f}",
        f"{picture.height:.0f}",
        str(picture.crossings),
        *(f"{picture.text_in(column):.1f}" for column in COLUMNS),
        *(picture.share(numbers) for numbers in kinds.values()),
        picture.share(case.biases),
        str(picture.backward or "–"),
        f"{file.stat().st_size / 1000:.0f}",
    ]


def _version(library: str) -> str:
    with contextlib.suppress(metadata.PackageNotFoundError):
        return f" {metadata.version(library)}" if library != "graphgrad" else ""
    return ""


def _file_name(words: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in words).lower().split())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what the peers print while they draw, and in a folder from which they leave nothing behind."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _rendered(dot: Any) -> str:
    """The SVG of a peer's graph, by the system's Graphviz."""
    try:
        return graphviz.Source(str(dot.source)).pipe(format="svg").decode()
    except graphviz.ExecutableNotFound:
        raise LeftOut("there is no `dot` on the PATH") from None


# graphgrad


def _figure(draw: Callable[..., viz.Figure], **options: Any) -> Drawer:
    def drawer(case: Case, path: Path) -> Drawn:
        y, _ = ours(case)
        return draw(y, **options).save(path.with_suffix(".svg")).read_text(encoding="utf-8"), None

    return drawer


def _rolled(draw: Callable[..., viz.Figure]) -> Drawer:
    def drawer(case: Case, path: Path) -> Drawn:
        if "h0" not in case.leaves:
            raise LeftOut("nothing repeats")
        return _figure(draw, roll=True)(case, path)

    return drawer


def _network(case: Case, path: Path) -> Drawn:
    if "W1" not in case.leaves or len(case.leaves["X"]) > 1:
        raise LeftOut("it draws a net of layers with one sample")
    layers = [nn.Linear(2, 3, rng=0), nn.Linear(3, 1, rng=0)]
    for k, layer in enumerate(layers, 1):
        layer.weight.data, layer.bias.data = case.leaves[f"W{k}"].T, case.leaves[f"b{k}"]
    net = nn.Sequential(layers[0], nn.Tanh(), layers[1])
    figure = viz.draw_network(net, case.leaves["X"][0], case.leaves["t"][0], loss=nn.MSELoss())
    return figure.save(path.with_suffix(".svg")).read_text(encoding="utf-8"), None


# micrograd


def _micrograd(case: Case, path: Path) -> Drawn:
    """The function ``draw_dot`` of micrograd's notebook trace_graph.ipynb, with the ``tanh`` of the lecture."""
    from micrograd.engine import Value as Scalar

    if any(np.ndim(x) for x in case.leaves.values()):
        raise LeftOut("no arrays")

    class Lecture(Scalar):  # type: ignore[misc]
        def tanh(self) -> Any:
            t = float(np.tanh(self.data))
            out = Scalar(t, (self,), "tanh")

            def _backward() -> None:
                self.grad += (1 - t**2) * out.grad

            out._backward = _backward
            return out

    Scalar.tanh = Lecture.tanh
    try:
        y = case.forward({name: Scalar(x) for name, x in case.leaves.items()})
    finally:
        del Scalar.tanh
    y.backward()
    dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": "LR"})
    found: list[Any] = []
    stack = [y]
    while stack:
        n = stack.pop()
        if n not in found:
            found.append(n)
            stack += n._prev
    for n in found:
        dot.node(name=str(id(n)), label=f"{{ data {n.data:.4f} | grad {n.grad:.4f} }}", shape="record")
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))
    for n in found:
        for operand in n._prev:
            dot.edge(str(id(operand)), str(id(n)) + n._op)
    return _rendered(dot), None


# The libraries for PyTorch


def _torch_leaves(case: Case) -> dict[str, Any]:
    import torch

    torch.set_num_threads(1)
    return {
        name: torch.tensor(np.asarray(x), dtype=torch.float64, requires_grad=name not in case.data)
        for name, x in case.leaves.items()
    }


def _module(case: Case) -> tuple[Any, list[Any]]:
    """The graph as a module, whose parameters are those of the graph, and the data that it takes.

    A net is built of modules as one would write it: a layer each, and one cell that is used at each step.
    """
    import torch

    leaves = _torch_leaves(case)
    data = [name for name in leaves if name in case.data] or list(leaves)

    class Part(torch.nn.Module):
        def __init__(self, names: list[str], what: Callable[..., Any]) -> None:
            super().__init__()
            self.names, self.what = names, what
            for name in names:
                self.register_parameter(name, torch.nn.Parameter(leaves[name].detach()))

        def forward(self, *inputs: Any) -> Any:
            return self.what(dict(self.named_parameters(recurse=False)), *inputs)

    class Layer(Part):
        pass

    class Cell(Part):
        pass

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            if "W1" in leaves:
                self.first, self.second = Layer(["W1", "b1"], first), Layer(["W2", "b2"], second)
            elif "Wx" in leaves:
                self.cell = Cell(["Wx", "Wh", "b"], cell)
            else:
                self.whole = Part([name for name in leaves if name not in data], self.scalars)

        @staticmethod
        def scalars(parameters: dict[str, Any], *inputs: Any) -> Any:
            return case.forward(parameters | dict(zip(data, inputs, strict=True)))

        def forward(self, *inputs: Any) -> Any:
            if "W1" in leaves:
                x, t = inputs
                return ((self.second(self.first(x)) - t) ** 2).mean()
            if "Wx" in leaves:
                h, *xs = inputs
                for x in xs:
                    h = self.cell(x, h)
                return (h * h).sum()
            return self.whole(*inputs)

    return Net(), [leaves[name] for name in data]


def _torchviz(case: Case, path: Path) -> Drawn:
    import torchviz

    leaves = _torch_leaves(case)
    y = case.forward(leaves)
    named = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
    return _rendered(torchviz.make_dot(y, params={"y": y, **named}, show_attrs=True, show_saved=False)), None


def _torchview(**options: Any) -> Drawer:
    def drawer(case: Case, path: Path) -> Drawn:
        import torchview

        net, data = _module(case)
        drawn = torchview.draw_graph(net, input_data=data, device="cpu", depth=5, **options)
        return _rendered(drawn.visual_graph), None

    return drawer


def _torchlens(way: str) -> Drawer:
    def drawer(case: Case, path: Path) -> Drawn:
        import torchlens

        net, data = _module(case)
        trace = torchlens.trace(net, data, capture=torchlens.options.CaptureOptions(save_grads=True))
        options = {"vis_outpath": str(path), "vis_fileformat": "svg", "vis_save_only": True}
        if way == "backward":
            trace.log_backward(trace[trace.output_layers[0]].out)
            trace.draw_backward(**options)
        else:
            trace.draw(vis_mode=way, **options)
        return path.with_suffix(".svg").read_text(encoding="utf-8"), None

    return drawer


# The page's drawing as Graphviz would write it: its size is that without zoom, looks are attributes, curves are points.
NORMALIZE = """() => {
  const svg = document.querySelector('svg:has([class^="edge-group"])'), drawing = svg.querySelector('g');
  drawing.removeAttribute('transform');
  for (const shape of drawing.querySelectorAll('*')) {
    const looks = getComputedStyle(shape);
    for (const name of ['fill', 'stroke', 'stroke-width', 'font-family', 'font-size'])
      shape.setAttribute(name, looks.getPropertyValue(name));
  }
  for (const edge of svg.querySelectorAll('[class^="edge-group"]')) {
    edge.setAttribute('class', 'edge');
    for (const path of edge.querySelectorAll('path')) {
      const at = k => path.getPointAtLength(k / 40 * path.getTotalLength());
      path.setAttribute('d', 'M' + [...Array(41).keys()].map(k => `${at(k).x},${at(k).y}`).join(' L'));
    }
  }
  const box = drawing.getBBox();
  svg.setAttribute('viewBox', `${box.x} ${box.y} ${box.width} ${box.height}`);
  svg.setAttribute('width', `${box.width}px`);
  svg.setAttribute('height', `${box.height}px`);
  return new XMLSerializer().serializeToString(svg);
}"""


def _torchvista(case: Case, path: Path) -> Drawn:
    """Its page draws itself: the SVG is the one that a Chromium has made of it, with every module opened."""
    import torchvista
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise LeftOut("its page needs a Chromium to be drawn")
    net, data = _module(case)
    file = path.with_suffix(".html")
    torchvista.trace_model(net, tuple(data), collapse_modules_after_depth=5, export_path=str(file))
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(file.absolute().as_uri())
        page.wait_for_selector('svg [class^="edge-group"]', timeout=WAIT, state="attached")
        svg = page.evaluate(NORMALIZE)
        browser.close()
    return svg, file


DRAWERS: dict[tuple[str, str], Drawer] = {
    ("graphgrad", "draw"): _figure(viz.draw),
    ("graphgrad", "draw_backward"): _figure(viz.draw_backward),
    ("graphgrad", "draw, rolled"): _rolled(viz.draw),
    ("graphgrad", "draw_backward, rolled"): _rolled(viz.draw_backward),
    ("graphgrad", "draw_network"): _network,
    ("micrograd", "trace_graph"): _micrograd,
    ("torchviz", ""): _torchviz,
    ("torchview", "modules"): _torchview(),
    ("torchview", "modules rolled"): _torchview(roll=True),
    ("torchview", "modules open"): _torchview(expand_nested=True, hide_module_functions=False),
    ("torchlens", "unrolled"): _torchlens("unrolled"),
    ("torchlens", "rolled"): _torchlens("rolled"),
    ("torchlens", "backward"): _torchlens("backward"),
    ("torchvista", ""): _torchvista,
}
