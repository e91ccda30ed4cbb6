"""What reads, replays and writes recorded graphs on other libraries' arrays: values are fetched for texts."""

import numpy as np
import pytest

import autograd as a
from autograd import Tensor, gradients, graph
from tests.helpers.places import LIBRARIES, array_of


@pytest.fixture(params=LIBRARIES)
def make(request):
    return array_of(request.param)


def recorded(make):
    """A graph, and its leaves by name."""
    W, b, s = Tensor(make([[0.1, 0.7], [0.3, 0.2]]), "W"), Tensor(make([0.1, -2.0]), "b"), Tensor(make(2.0), "s")
    h = a.relu(W @ np.array([0.5, 0.8]) + b)
    return (h * s + a.sin(s)).sum(), {"W": W, "b": b, "s": s}


def values(x):
    return np.array(x.tolist()) if hasattr(x, "tolist") else np.array(x)


TEXTS = {
    "explain": lambda y, x: str(graph.explain(y, x["W"])),
    "explain a number": lambda y, x: str(graph.explain(y, x["s"])),
    "explain in html": lambda y, x: graph.explain(y, x["s"])._repr_html_(),
    "steps": lambda y, x: [str(step) for step in graph.steps(y)], "latex": lambda y, x: graph.to_latex(y),
    "derivatives in latex": lambda y, x: graph.to_latex(gradients(y, x["b"], create_graph=True)),
    "mermaid": lambda y, x: graph.to_mermaid(y), "dot": lambda y, x: graph.to_dot(y),
    "stats": lambda y, x: graph.stats(y),
    "dict": lambda y, x: graph.to_dict(y), "json": lambda y, x: graph.to_json(y),
    "diff": lambda y, x: str(graph.diff(y, (y * 2).sum())), "count": lambda y, x: graph.count_paths(y, x["s"]),
    "tidied": lambda y, x: graph.to_latex(graph.tidied(gradients(y, x["b"], create_graph=True))),
    "tidied second": lambda y, x: graph.to_latex(
        graph.tidied(gradients(gradients(y, x["s"], create_graph=True), x["s"], create_graph=True))
    ),
    "onnx": lambda y, x: str(graph.to_onnx(y, list(x.values()))),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_a_graph_are_those_of_numpy(make, name):
    if name == "onnx":
        pytest.importorskip("onnx")
    y, leaves = recorded(make)
    want, own = recorded(np.array)
    assert TEXTS[name](y, leaves) == TEXTS[name](want, own)


def test_paths_and_steps_have_arrays_of_the_library(make):
    y, leaves = recorded(make)
    explanation = graph.explain(y, leaves["b"])
    kind = type(y.data)
    assert type(explanation.total) is kind
    assert {type(p.product) for p in explanation.paths} == {kind}
    total = sum(values(p.product) for p in explanation.paths)
    np.testing.assert_allclose(total, values(explanation.total))
    for step in graph.steps(y):
        assert type(step.gradient) is kind
        for c in step.contributions:
            assert type(c.value) is type(c.total) is kind
            if not hasattr(c.value, "at"):
                c.value[...] = 99.0  # a copy
    assert graph.steps(y)
    y.backward()
    np.testing.assert_allclose(values(leaves["b"].grad), values(explanation.total))


def test_graphs_are_replayed_on_other_data(make):
    y, leaves = recorded(make)
    b, want = leaves["b"], recorded(np.array)
    for value in (make([1.0, 2.0]), np.array([1.0, 2.0]), [1.0, 2.0]):
        found = graph.replay(y, {b: value})
        assert type(found) is type(b.data)
        np.testing.assert_allclose(values(found), graph.replay(want[0], {want[1]["b"]: [1.0, 2.0]}), rtol=1e-12)
    node = graph.replay(y, {b: Tensor(make([1.0, 2.0]))})
    assert type(node) is type(y)
    slope = gradients(y, b, create_graph=True)
    assert values(graph.replay(slope, {b: make([-9.0, 9.0])})).tolist() == [0.0, 2.0]
    copied = graph.replay(b, {})
    assert copied is not b._data
    assert values(copied).tolist() == [0.1, -2.0]
    with pytest.raises(ValueError, match=r"replay: Tensor 'b' .* keeps its shape"):
        graph.replay(y, {b: make([1.0])})


def test_replays_stay_on_one_library(make):
    y, leaves = recorded(make)
    with pytest.raises(TypeError, match=r"^replay: Tensor f64\[2\] on numpy meets Tensor 'b'.*nothing moves by itself"):
        graph.replay(y, {leaves["b"]: Tensor([1.0, 2.0])})
    want, own = recorded(np.array)
    with pytest.raises(TypeError, match=r"^replay: Tensor f64\[2\] on .* meets Tensor 'b' .* on numpy"):
        graph.replay(want, {own["b"]: Tensor(make([1.0, 2.0]))})
    with pytest.raises(TypeError, match="is not a number or an array of numbers"):
        graph.replay(want, {own["b"]: make([1.0, 2.0])})


def test_json_holds_numbers_and_no_place(make):
    y, leaves = recorded(make)
    y.backward()
    loaded = graph.from_json(graph.to_json(y))
    assert type(loaded) is Tensor
    assert {type(n.data) for n in graph.toposort(loaded)} == {np.ndarray}
    by_label = {n.label: n for n in graph.toposort(loaded)}
    for name, x in leaves.items():
        np.testing.assert_array_equal(by_label[name].data, x.numpy())
        np.testing.assert_array_equal(by_label[name].grad, values(x.grad))
    odd = Tensor(make([float("nan"), float("inf"), 1.0], "float32"))
    again = graph.from_json(graph.to_json(odd))
    assert again.dtype == np.float32
    np.testing.assert_array_equal(again.data, [np.nan, np.inf, 1.0])


def test_conventions_are_noted(make):
    def texts(make):
        x, z = Tensor(make([0.0, 2.0]), "x"), Tensor(make([0.0, 0.0]), "z")
        return [str(graph.explain(abs(x).sum(), x)), *map(str, graph.steps(a.norm(z) + a.relu(x).sum()))]

    assert texts(make) == texts(np.array)
    assert any("0 at" in text for text in texts(make))


def test_a_notebook_shows_a_picture_and_a_prompt_a_text(make):
    y, _ = recorded(make)
    assert {"text/plain", "image/svg+xml"} <= y._repr_mimebundle_().keys()
