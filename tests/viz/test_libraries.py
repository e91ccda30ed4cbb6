"""Pictures of nodes on other libraries' arrays are those of the same nodes on NumPy's."""

from importlib import import_module

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, viz


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
    return picture.source if hasattr(picture, "source") else str(picture)


DRAWN = {
    "draw": viz.draw, "to_dot": viz.to_dot, "text": viz.text, "draw_backward": viz.draw_backward,
    "in rows": lambda y: viz.draw_backward(y, style="rows"), "steps": viz.stepper, "slides": viz.slides,
}  # fmt: skip


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


def test_a_notebook_shows_it(library):
    shown = graph(library)._repr_mimebundle_()
    assert shown["text/plain"].startswith("Tensor(")
    assert "image/svg+xml" in shown or "image/png" in shown


def test_what_is_traced_has_no_values_to_draw():
    jax = pytest.importorskip("jax")

    def f(x):
        return viz.draw(Tensor(x) * 2)

    with pytest.raises(TypeError, match=r"no values yet that could be looked at"):
        jax.jit(f)(jax.numpy.ones(2))
