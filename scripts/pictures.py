"""Draw the pictures of the README and the docs into docs/pictures, from the code they show; those named, or all."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from architecture import architecture
from visual_language import pictures as signs

import nn
from autograd import Tensor, Value, gradients, sqrt, tanh, viz

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"


def line() -> viz.Figure:
    """The line y = m·x + b, after a backward pass."""
    m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    y = m * x + b
    y.label = "y"
    y.backward()
    return viz.draw(y, inputs=[x])


def backward() -> viz.Figure:
    """The forward and the backward graph of a layer, y = σ(Wx + b)."""
    W, x, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.5, 0.8], "x"), Tensor([0.1, -0.2], "b")
    y = (W @ x + b).sigmoid()
    return viz.draw_backward(y, inputs=x, names={"y": y})


def derivative() -> viz.Figure:
    """A function and its derivative, which is itself a graph."""
    x = Value(2.0, "x")
    y = x**3
    return viz.draw([y, slope := gradients(y, x, create_graph=True)], names={"y": y, "dy/dx": slope})


def recurrent() -> viz.Figure:
    """A recurrent net of eight steps and its loss, its step drawn once."""
    rng = np.random.default_rng(0)
    W, U, b = (Tensor(rng.normal(size=s) / 2, name) for name, s in {"W": (3, 3), "U": (3, 2), "b": (3,)}.items())
    h = Tensor(np.zeros(3), "h0", requires_grad=False)
    for t, x in enumerate(rng.normal(size=(8, 2)), 1):
        h = tanh(W @ h + U @ Tensor(x, f"x{t}", requires_grad=False) + b)
        h.label = f"h{t}"
    loss = (h**2).sum()
    loss.label = "L"
    loss.backward()
    return viz.draw(loss, roll=True)


def network(neuron: tuple[int, int] | None = None) -> viz.Figure:
    """A net 2-4-3-2 on one sample, with its outputs and δs; of one neuron also with its sums."""
    rng = np.random.default_rng(7)
    net = nn.Sequential(
        nn.Linear(2, 4, rng=rng), nn.Tanh(), nn.Linear(4, 3, rng=rng), nn.Tanh(), nn.Linear(3, 2, rng=rng), nn.Sigmoid()
    )
    target = np.array([1.0, 0.0])
    return viz.draw_network(net, [0.5, -1.2], loss=lambda o: ((o - target) ** 2).sum() * 0.5, neuron=neuron)


def network_neuron() -> viz.Figure:
    """That net, with the sums of one neuron written out."""
    return network((2, 1))


def income() -> viz.Figure:
    """What a shop takes in at a price, after a backward pass."""
    p = Value(3.0, "p")
    n = 10 - 2 * p
    income = p * n
    income.backward()
    return viz.draw(income, names={"n": n, "income": income})


def moons() -> tuple[nn.MLP, nn.History, tuple[Any, ...]]:
    """The net of docs/first_net.md, trained, and its data."""
    X, y = nn.data.moons(200, noise=0.1, rng=0)
    X, X_test, y, y_test = nn.data.train_test_split(X, y, test_size=0.25, rng=0)
    model = nn.MLP([2, 16, 2], activation="tanh", rng=0)
    adam = nn.optim.Adam(model.parameters(), lr=0.02)
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=adam, epochs=60, metrics=["accuracy"],
        validation_data=(X_test, y_test), rng=0, progress=False,
    )  # fmt: skip
    return model, history, (X, y, X_test, y_test)


def first_history() -> Any:
    """The curves of that training."""
    return moons()[1].plot()


def first_boundary() -> Any:
    """Where that net changes from one class to the other."""
    model, _, (_, _, X_test, y_test) = moons()
    return nn.plots.decision_boundary(model, X_test, y_test)


def first_network() -> viz.Figure:
    """A smaller net on one of these points, with its outputs and δs."""
    X, y = moons()[2][:2]
    small = nn.MLP([2, 3, 2], activation="tanh", rng=1)
    nn.fit(small, X, y, loss="cross_entropy", epochs=40, batch_size=10, rng=0, progress=False)
    return viz.draw_network(small, X[0], y[0], loss=nn.CrossEntropyLoss())


def vanishing_gradients() -> Any:
    """The gradients of a deep net of sigmoids, layer by layer."""
    X, y = nn.data.moons(300, noise=0.15, rng=0)
    X, _, y, _ = nn.data.train_test_split(X, y, test_size=1 / 3, rng=0)
    deep = nn.MLP([2, 8, 8, 8, 8, 2], "sigmoid", rng=0)
    history = nn.fit(
        deep, X, y, loss="cross_entropy", batch_size=20, epochs=30, record=["gradients"], rng=0, progress=False
    )  # fmt: skip
    return history.plot_gradients()


def neurons() -> viz.Figure:
    """A net of single numbers, each product and each sum."""
    net = nn.MLP([2, 2, 1], "tanh", scalar=True, rng=0)
    loss = (net([0.5, -1.0])[0] - 1) ** 2
    loss.backward()
    return viz.draw(loss, names={"loss": loss}, compact=True)


def finite() -> viz.Figure:
    """A root at 0 whose slope, which is infinite, meets a 0."""
    w = Tensor([1.0, 0.0], "w")
    y = (sqrt(w) * [1.0, 0.0]).sum()
    y.backward()
    return viz.draw(y, names={"y": y}, color="finite")


def draw_frames() -> viz.Figure:
    """A net whose modules are framed, and its cards coloured by the size of their gradients."""
    model = nn.MLP([2, 3, 1], "tanh", rng=0)
    loss = (model([0.5, -1.0]) - 1.0).square().sum()
    loss.backward()
    return viz.draw(loss, names={"model": model, "loss": loss}, color="gradient", values=False, compact=True)


def draw_folded() -> viz.Figure:
    """A line and sixty points: what is computed in the same way is drawn once."""
    m, k = Value(0.5, "m"), Value(0.0, "k")
    times = np.linspace(-1, 1, 60)
    loss = sum((m * t + k - u) ** 2 for t, u in zip(times, 2 * times - 1, strict=True))
    loss.backward()
    return viz.draw(loss, names={"loss": loss}, direction="LR")


def stepper() -> viz.Stepper:
    """A page that walks through y = x·x + m·x and its backward pass."""
    x, m = Value(3.0, "x"), Value(2.0, "m")
    p, q = x * x, m * x
    y = p + q
    return viz.stepper(y, inputs=x, names=locals())


def income_stepper() -> viz.Stepper:
    """A page that walks through the income of docs/first_graph.md and its backward pass."""
    p = Value(3.0, "p")
    n = 10 - 2 * p
    income = p * n
    return viz.stepper(income, names={"n": n, "income": income})


def pass_stepper() -> viz.Stepper:
    """A page that walks through the graph of docs/step_and_explain.md and its backward pass."""
    x, w = Value(0.5, "x", requires_grad=False), Value(0.8, "w")
    h = (w * x).tanh()
    y = h * h + w * h
    return viz.stepper(y, inputs=x, names={"h": h, "y": y})


def playground() -> viz.Playground:
    """A page in which a net learns to tell two moons apart."""
    return viz.playground(data="moons")


def plotted(axes: Any, path: Path) -> Path:
    """A plot in a file that is the same whenever it is written, on white, which dark pages show too."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": path.stem}):
        axes.figure.savefig(path, facecolor="white", bbox_inches="tight", metadata={"Date": None})
    return path


def photographed(page_of: viz.Stepper | viz.Playground, path: Path, width: int, act: Callable[[Any], object]) -> Path:
    """The page as a reader sees it after some acts."""
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_path = page_of.save(Path(folder) / "page.html")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 640})
        page.goto(page_path.as_uri())
        act(page)
        page.screenshot(path=path, full_page=True)
        browser.close()
    return path


def steps_on(count: int) -> Callable[[Any], None]:
    """Into the backward pass of the stepper."""

    def act(page: Any) -> None:
        for _ in range(count):
            page.keyboard.press("ArrowRight")

    return act


def trained(page: Any) -> None:
    """Sixty epochs of the playground, and back into the backward pass of the last sample."""
    page.evaluate("for (let k = 0; k < 60; k++) training.forth('epoch'); draw()")
    page.check("[value=neuron]", force=True)
    for _ in range(4):
        page.keyboard.press("b")


def makers() -> dict[str, Callable[[], Any]]:
    """What makes and writes each picture, by its name."""
    drawn = (
        line, backward, derivative, recurrent, network, income, first_network, draw_frames, draw_folded, finite,
        network_neuron, neurons,
    )  # fmt: skip
    plots = (first_history, first_boundary, vanishing_gradients)
    pages = ((stepper, 900, 8), (income_stepper, 1060, 8), (pass_stepper, 900, 12))
    place = FOLDER.joinpath
    result: dict[str, Callable[[], Any]] = {
        "architecture": lambda: architecture().save(place("architecture.svg")),
        "language": lambda: [picture.save(place(f"{name}.svg")) for name, picture in signs().items()],
        "playground": lambda: photographed(playground(), place("playground.png"), 1280, trained),
    }
    for draw in drawn:
        result[draw.__name__] = partial(written, draw)
    for plot in plots:
        result[plot.__name__] = partial(written_plot, plot)
    for page, width, count in pages:
        result[page.__name__] = partial(written_page, page, width, count)
    return result


def written(draw: Callable[[], viz.Figure]) -> Path:
    """The file of a drawing."""
    return draw().save(FOLDER / f"{draw.__name__}.svg")


def written_plot(plot: Callable[[], Any]) -> Path:
    """The file of a plot."""
    return plotted(plot(), FOLDER / f"{plot.__name__}.svg")


def written_page(page: Callable[[], Any], width: int, count: int) -> Path:
    """The file of a page's photograph, so many steps on."""
    return photographed(page(), FOLDER / f"{page.__name__}.png", width, steps_on(count))


if __name__ == "__main__":
    (FOLDER / "language").mkdir(parents=True, exist_ok=True)
    known = makers()
    if unknown := {*sys.argv[1:]} - {*known}:
        sys.exit(f"no picture {sorted(unknown)}: add it to makers(), which has {sorted(known)}")
    for name in sys.argv[1:] or known:
        print("wrote", known[name]())
