"""Pictures of nodes on other libraries' arrays are those of the same nodes on NumPy's."""

from importlib import import_module

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, viz

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("Agg")


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.fixture(params=["torch", "array_api_strict"])
def library(request):
    pytest.importorskip(request.param)
    return request.param


def graph(library=None):
    """Σ σ(W x + b) · (b where it is positive), after a backward pass."""
    leaves = {"W": [[0.1, 0.7], [0.3, -0.2]], "b": [0.0, 1.0], "x": [0.5, 0.8]}
    asarray = np.asarray if library is None else import_module(library).asarray
    W, b, x = (Tensor(asarray(np.array(data)), label) for label, data in leaves.items())
    y = ((W @ x + b).sigmoid() * autograd.where(b > 0, b, 0.5)).sum()
    y.label = "y"
    y.backward()
    return y


def net(library=None):
    model = nn.MLP([2, 3, 1], "tanh", rng=0)
    return model if library is None else model.to(library)


def source(picture):
    if isinstance(picture, list):
        return picture
    return next((getattr(picture, name) for name in ("source", "html") if hasattr(picture, name)), str(picture))


DRAWN = {
    "draw": viz.draw, "to_dot": viz.to_dot, "text": viz.text, "draw_backward": viz.draw_backward,
    "in rows": lambda y: viz.draw_backward(y, style="rows"), "stepper": viz.stepper, "slides": viz.slides,
    "by sign": lambda y: viz.draw(y, color="sign"), "finite": lambda y: viz.draw(y, color="finite"),
    "to_mermaid": autograd.graph.to_mermaid, "to_latex": autograd.graph.to_latex,
}  # fmt: skip
SAMPLE = np.array([1.0, 2.0])
OF_NETS = {
    "draw_network": lambda model: viz.draw_network(model, SAMPLE),
    "network_frames": lambda model: [f.source for f in viz.network_frames(model, SAMPLE, loss=lambda o: (o * o).sum())],
    "playground": lambda model: viz.playground(model, data=(np.stack([SAMPLE, -SAMPLE]), [0, 1])),
    "levels": lambda model: viz.levels(sum(w * w for w in values_of(model))),
    "plot_function": lambda model: [
        line.get_xydata().tolist() for line in viz.plot_function(lambda x: (model[0].weight[0, 0] * x) ** 2).lines
    ],
}
NOT_OF_GRAPHS = {
    "Figure",
    "Playground",
    "RenderError",
    "Slides",
    "Stepper",
    "show",
    "use_renderer",
}  # classes; show is draw and shows it


def values_of(model):
    """A Value for each weight of the first layer, by a number that was read."""
    return [autograd.Value(w) for w in model[0].weight.numpy().flat]


@pytest.mark.parametrize("name", DRAWN)
def test_a_graph(name, library):
    y = graph(library)
    before = [type(n) for n in autograd.graph.toposort(y)]
    assert source(DRAWN[name](y)) == source(DRAWN[name](graph()))
    assert [type(n) for n in autograd.graph.toposort(y)] == before


def test_a_net(library):
    loss = lambda o: (o * o).sum()
    pictures = [viz.draw_network(net(of), [1.0, 2.0], loss=loss) for of in (library, None)]
    assert pictures[0].source == pictures[1].source
    assert net(library).draw([1.0, 2.0]).source == net().draw([1.0, 2.0]).source
    assert str(net(library).summary([1.0, 2.0])) == str(net().summary([1.0, 2.0]))


@pytest.mark.parametrize("name", OF_NETS)
def test_of_a_net(name, library):
    assert source(OF_NETS[name](net(library))) == source(OF_NETS[name](net()))


def test_no_function_is_left_out():
    assert {*viz.__all__} - NOT_OF_GRAPHS <= {*DRAWN, *OF_NETS}


def test_plots_of_a_net(library):
    X = np.random.default_rng(0).normal(size=(20, 2))
    y = (X[:, :1] > 0).astype(float)
    model = net(library)
    plotted = [
        nn.plots.decision_boundary(model, X, y[:, 0]), nn.plots.weights(model),
        nn.fit(model, X, y, loss="mse", epochs=2, record=["gradients"], rng=0, progress=False).plot_gradients(),
    ]  # fmt: skip
    assert all(p is not None for p in plotted)
    assert {type(p).__name__ for p in model.parameters()} == {type(p).__name__ for p in net(library).parameters()}


def test_a_notebook_shows_it(library):
    shown = graph(library)._repr_mimebundle_()
    assert shown["text/plain"].startswith("Tensor(")
    assert "image/svg+xml" in shown or "image/png" in shown


def test_what_is_traced_has_no_values_to_draw():
    jax = pytest.importorskip("jax")

    def f(x):
        return viz.draw(Tensor(x) * 2)

    with pytest.raises(TypeError, match=r"an array f(32|64).* on jax .traced. has no values yet to be looked at"):
        jax.jit(f)(jax.numpy.ones(2))
