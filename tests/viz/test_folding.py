"""What folds by itself, and that everything is in the picture once."""

import re
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, viz
from autograd.graph import toposort


@pytest.fixture
def net():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(8, 64, rng=rng), nn.Tanh(), nn.Linear(64, 3, rng=rng))
    X = Tensor(rng.normal(size=(32, 8)), "X", requires_grad=False)
    loss = nn.MSELoss()(model(X), np.zeros((32, 3)))
    loss.label = "L"
    loss.backward()
    return SimpleNamespace(model=model, X=X, loss=loss)


def scalar_net(sizes, samples):
    rng = np.random.default_rng(0)
    layers = [
        ([[Value(rng.normal()) for _ in range(a)] for _ in range(b)], [Value(0.0) for _ in range(b)])
        for a, b in pairwise(sizes)
    ]
    total = Value(0.0, requires_grad=False)
    for _ in range(samples):
        h = [Value(rng.normal(), requires_grad=False) for _ in range(sizes[0])]
        for W, b in layers:
            h = [sum((w * v for w, v in zip(row, h)), c).tanh() for row, c in zip(W, b)]
        total = total + (h[0] - 1.0) ** 2
    return total


def frames(source):
    return re.findall(r"<B>([^<]*)</B>.*> labeljust", source)


def test_modules_are_framed(parsed, net):
    figure = viz.draw(net.loss, names=net.model)
    assert frames(figure.source) == ["Linear 0 (8→64)", "Tanh 1", "Linear 2 (64→3)"]
    assert figure.source.count("{") == figure.source.count("}")
    inside = figure.source.split("Linear 0 (8→64)")[1].split("\t}\n")[0]
    assert "0.weight" in inside
    assert "0.bias" in inside
    assert inside.count('class="op"') == 1  # linear
    assert "tanh" not in inside
    assert len(parsed(figure).nodes) == len(parsed(viz.draw(net.loss)).nodes)


def test_modules_fold_to_one_box_each(parsed, net):
    graph = parsed(viz.draw(net.loss, names=net.model, unfold=()))
    boxes = {n: a["label"] for n, a in graph.nodes.items() if a["class"] == "module"}
    norm = np.sqrt(sum((p.grad**2).sum() for p in net.model[0].parameters()))
    assert next(iter(boxes.values())) == f"Linear 0 (8→64)\n576 parameters\n‖grad‖ = {norm:.3g}"
    labels = [a["label"] for a in graph.nodes.values()]
    assert not any("weight" in label for label in labels)
    first, third, second = boxes  # those with parameters begin earlier
    assert boxes[second] == "Tanh 1\n1 op"
    assert [(p, q, look["label"].strip()) for p, q, look in graph.edges if q == first] == [("n0", first, "f64[32,8]")]
    assert [look["label"].strip() for p, q, look in graph.edges if p == third] == ["f64[32,3]"]
    assert not any(p == q for p, q, _ in graph.edges)


def test_a_module_that_is_not_there_cannot_be_unfolded(net):
    with pytest.raises(ValueError, match=r"unfold names no module 'nope'; there are '0', '1', '2'$"):
        viz.draw(net.loss, names=net.model, unfold=["0", "nope"])
    assert frames(viz.draw(net.loss, names=net.model, unfold=["1"]).source) == ["Tanh 1"]


def test_one_module_is_unfolded_on_demand(parsed, net):
    figure = viz.draw(net.loss, names={"net": net.model}, unfold=["net"])
    assert frames(figure.source) == ["Sequential net"]
    assert [a["label"].split("\n")[0] for a in parsed(figure).nodes.values() if a["class"] == "module"] == [
        "Linear net.0 (8→64)", "Linear net.2 (64→3)", "Tanh net.1",
    ]  # fmt: skip
    whole = parsed(viz.draw(net.loss, names={"net": net.model}, unfold=[]))
    assert [a["label"].split("\n")[0] for a in whole.nodes.values() if a["class"] == "module"] == ["Sequential net"]
    inner = viz.draw(net.loss, names={"net": net.model}, unfold=["net", "net.0"])
    assert frames(inner.source) == ["Sequential net", "Linear net.0 (8→64)"]


def test_an_output_inside_a_folded_module_is_still_seen(parsed, net):
    y = net.model(net.X)
    graph = parsed(viz.draw(y, names=net.model, unfold=()))
    (output,) = [n for n, a in graph.nodes.items() if a["class"] == "output"]
    into = [p for p, q, _ in graph.edges if q == output]
    assert [graph.nodes[p]["label"].split("\n")[0] for p in into] == ["Linear 2 (64→3)"]
    ((before, shape),) = [(p, look["label"].strip()) for p, q, look in graph.edges if q == into[0]]
    assert (graph.nodes[before]["label"].split("\n")[0], shape) == ("Tanh 1", "f64[32,64]")


def test_modules_of_large_graphs_fold_and_repeat(parsed):
    rng = np.random.default_rng(0)
    deep = nn.Sequential(*[m for _ in range(24) for m in (nn.Linear(8, 8, rng=rng), nn.ReLU())])
    figure = viz.draw(deep(np.ones((2, 8))).sum(), names=deep)
    graph = parsed(figure)
    labels = [a["label"] for a in graph.nodes.values()]
    assert "Linear 0 … 46 (8→8), 24 alike\n1728 parameters" in labels
    assert "ReLU 1 … 47, 24 alike\n24 ops" in labels
    assert len(labels) < 10
    assert "drawn once" in figure.source
    assert not any(p == q for p, q, _ in graph.edges)
    assert not frames(viz.draw(deep(np.ones((2, 8))).sum(), names=deep).source)


def test_repeated_structure_of_a_scalar_net_is_drawn_once(parsed):
    y = scalar_net([2, 16, 16, 1], 6)
    count = len(toposort(y))
    assert count > 4000
    figure = viz.draw(y)
    graph = parsed(figure)
    assert len(graph.nodes) < 30
    labels = [a["label"] for a in graph.nodes.values()]
    counts = [int(m[1]) for m in (re.search(r"(\d+) alike$", label.split("\n")[0]) for label in labels) if m]
    assert (
        sum(counts) + sum("alike" not in label.split("\n")[0] for label in labels) == count
    )  # each value is somewhere
    assert {32, 256, 1536}.issubset(counts)  # the weights of two layers, the products of one
    assert f"{count:,} values in {len(graph.nodes)}" in figure.source
    assert repr(figure).startswith(f"<Figure: computational graph of v{count - 12 - 7}, {count} values")


def test_a_network_unrolled_in_time_becomes_a_loop(parsed):
    rng = np.random.default_rng(0)
    W, b = Tensor(rng.normal(size=(4, 4)), "W"), Tensor(np.zeros(4), "b")
    h = Tensor(np.zeros(4), "h", requires_grad=False)
    for _ in range(60):
        h = (W @ h + b).tanh()
    graph = parsed(viz.draw(h))
    assert len(graph.nodes) < 20
    reached, frontier = set(), ["n0"]
    targets = {}
    for p, q, _ in graph.edges:
        targets.setdefault(p, []).append(q)
    while frontier:
        for q in targets.get(frontier.pop(), []):
            if q not in reached:
                reached.add(q)
                frontier.append(q)
    assert any(p in reached and q in reached and int(p.strip("nop")) > int(q.strip("nop")) for p, q, _ in graph.edges)


def test_what_is_computed_otherwise_stays_apart(parsed):
    x = Value(1.0, "x")
    y = [f(x * Value(float(i))) for i in range(150) for f in ((lambda v: v.tanh()), (lambda v: v.exp()))]
    labels = [a["label"].split("\n")[0] for a in parsed(viz.draw(sum(y[2:], y[0] + y[1]))).nodes.values()]
    assert labels.count("tanh") == labels.count("exp") == 1
    assert labels.count("150 alike") == 2


def test_no_limit_draws_all(parsed):
    y = scalar_net([2, 8, 1], 3)
    assert len(parsed(viz.draw(y, limit=None)).nodes) == len(toposort(y))
    assert "drawn once" not in viz.draw(y, limit=None).source


def test_folding_is_the_same_each_time():
    assert viz.draw(scalar_net([2, 16, 1], 4)).source == viz.draw(scalar_net([2, 16, 1], 4)).source


def test_folded_pictures_can_be_coloured_and_rendered(renderer, net):
    y = scalar_net([2, 16, 16, 1], 2)
    y.backward()
    for color in ("gradient", "sign", "finite"):
        assert viz.draw(y, color=color).svg.startswith("<svg")
        assert viz.draw(net.loss, names=net.model, unfold=(), color=color).svg.startswith("<svg")


def test_module_names_are_escaped(renderer):
    class Odd(nn.Module):
        def __init__(self):
            self.parts = {'a<b>&"': nn.Linear(2, 2, rng=0)}

        def forward(self, x):
            return self.parts['a<b>&"'](x)

    odd = Odd()
    for unfold in (None, ()):
        assert "a&lt;b&gt;&amp;" in viz.draw(odd(np.ones(2)).sum(), names=odd, unfold=unfold).svg


def test_folded_ops_keep_the_order_of_their_operands(parsed):
    total = Value(0.0, requires_grad=False)
    for i in range(100):
        total = total + (1.0 - Value(float(i)).tanh()) ** 2
    graph = parsed(viz.draw(total))
    called = {n: a["label"].split("\n")[0] for n, a in graph.nodes.items()}
    numbered = [(called[p], look["headlabel"]) for p, q, look in graph.edges if "headlabel" in look]
    assert [number for _, number in numbered] == ["1", "2"]
    (minuend,) = (p for p, q, look in graph.edges if look.get("headlabel") == "1")
    assert graph.nodes[minuend]["class"] == "const"
