"""The backward graph below the forward one: K6, and any graph."""

import re

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, Value, viz
from autograd.graph import formatting, toposort


def rows(y, **options):
    return viz.draw_backward(y, style="rows", **options)


@pytest.fixture
def k6():
    W, x, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.5, 0.8], "x"), Tensor([0.1, -0.2], "b")
    y = (W @ x + b).sigmoid()
    y.label = "y"
    return y


def split(graph):
    """Names by what they are called, and edges of each class by these names."""
    called = {n: re.split(" = |  ", a["label"].split("\n")[0])[0] for n, a in graph.nodes.items()}
    called |= {n: a["label"] for n, a in graph.nodes.items() if n[0] in "od"}
    kinds = {}
    for p, q, look in graph.edges:
        kind = "guard" if look.get("style") == "invis" else look.get("class", "forward")
        kinds.setdefault(kind, []).append((called[p], called[q], look.get("label", "")))
    return called, kinds


@pytest.mark.system("K6")
def test_k6_nodes_edges_and_numbers(parsed, k6):
    graph = parsed(rows(k6, precision=3))
    called, edges = split(graph)
    assert sorted(called.values()) == sorted(
        "W|x|b|@|+|σ|v1|v2|y|∂@|∂+|σ′|∂y/∂y|∂y/∂v2|∂y/∂v1|∂y/∂b|∂y/∂W|∂y/∂x".split("|")
    )
    assert [e[:2] for e in edges["forward"]] == [
        ("W", "@"), ("x", "@"), ("@", "v1"), ("v1", "+"), ("b", "+"), ("+", "v2"), ("v2", "σ"), ("σ", "y"),
    ]  # fmt: skip
    # Written forwards with dir=back: the arrow runs from the second to the first.
    assert [(q, p) for p, q, _ in edges["backward"]] == [
        ("∂y/∂y", "σ′"), ("σ′", "∂y/∂v2"), ("∂y/∂v2", "∂+"), ("∂+", "∂y/∂v1"), ("∂+", "∂y/∂b"),
        ("∂y/∂v1", "∂@"), ("∂@", "∂y/∂W"), ("∂@", "∂y/∂x"),
    ]  # fmt: skip
    assert all(look.get("dir") == "back" for *_, look in graph.edges if look.get("class") == "backward")
    assert sorted(e[:2] for e in edges["read"]) == [("W", "∂@"), ("x", "∂@"), ("y", "σ′")]  # not b
    numbers = {a["label"].split("\n")[0]: a["label"].split("\n")[1:] for n, a in graph.nodes.items() if n[0] == "g"}
    assert numbers == {
        "∂y/∂y": ["[1  1]  seed"],
        "∂y/∂v2": ["[0.221  0.249]"],
        "∂y/∂v1": ["[0.221  0.249]"],
        "∂y/∂b": ["[0.221  0.249]"],
        "∂y/∂W": ["[0.11  0.177]", "[0.125  0.199]"],
        "∂y/∂x": ["[0.0969  0.205]"],
    }
    assert graph.nodes["n" + next(n for n in called if called[n] == "y")[1:]]["label"] == "y = σ(v2)\n[0.67  0.527]"


@pytest.mark.system("K6")
def test_k6_labels_of_the_arrows(parsed, k6):
    _, edges = split(parsed(rows(k6)))
    labels = {p: label for p, q, label in edges["backward"] if label}
    lines = [line.strip() for line in labels["∂y/∂v2"].split("\n")]
    assert lines == ["g·y·(1 − y)", "y·(1 − y) = [0.221  0.249]"]
    assert labels["∂y/∂b"].strip() == labels["∂y/∂v1"].strip() == "g · 1"
    assert [line.strip() for line in labels["∂y/∂x"].split("\n")] == ["Wᵀ @ g", "W =", "[0.1  0.7]", "[0.3  0.2]"]
    assert [line.strip() for line in labels["∂y/∂W"].split("\n")][1:] == ["x = [0.5  0.8]"]


def test_the_sum_that_undoes_a_broadcast_is_on_the_arrow(parsed):
    X, b, c = Tensor([[1.0, 2.0], [3.0, 4.0]], "X"), Tensor([0.5, 0.25], "b"), Value(3.0, "c")
    y = (X + b) * c
    y.label = "y"
    _, edges = split(parsed(rows(y)))
    arrow_lines = {p: [line.strip(" \xa0") for line in label.split("\n")] for p, _, label in edges["backward"]}
    assert arrow_lines["∂y/∂b"][:1] == ["Σ over rows of g"]
    assert arrow_lines["∂y/∂c"][:2] == ["Σ over all of g·v1", "v1 ="]
    assert arrow_lines["∂y/∂v1"][:2] == ["g·c", "c = 3"]  # as it is, not spread over the result
    assert arrow_lines["∂y/∂X"][:1] == ["g · 1"]


def test_elements_of_an_array_are_told_apart(parsed):
    Z = Tensor([[1.0, 2.0], [3.0, 4.0]], "Z")
    labels = [a["label"].split("\n")[0] for a in parsed(rows(Z[1, 0] * Z[0, 1])).nodes.values()]
    assert {"v1 = Z[1, 0]", "v2 = Z[0, 1]"} <= set(labels)


def test_no_line_runs_through_the_text_of_an_arrow(renderer):
    x = Value(2.0, "x")
    figure = rows(x * x * x)
    labels = figure.svg.count('fill="#fff6f0"')
    assert labels == figure.source.count("dir=back") - 2 == 4  # each on a card, but that of a gradient as it comes
    assert figure.svg.rindex("stroke-dasharray") < figure.svg.index('fill="#fff6f0"')


def test_columns_are_paired(k6):
    source = rows(k6).source
    for i in (3, 4, 5):
        assert f"{{rank=same; op{i}; d{i}}}" in source
        assert f"{{rank=same; n{i}; g{i}}}" in source


def test_the_seed_of_ones_is_explained(k6):
    assert "gradients of the sum" in rows(k6).source
    assert "gradients of the sum" not in rows(k6, gradient=[1.0, 2.0]).source
    assert "gradients of the sum" not in rows(Value(1.0, "x") * 2).source


def test_no_gradient_is_read_or_written(k6):
    leaves = [p for p in ag.graph.toposort(k6) if p.op is None]
    leaves[0].grad = np.ones((2, 2))
    rows(k6)
    np.testing.assert_array_equal(leaves[0].grad, np.ones((2, 2)))
    assert [leaf.has_grad for leaf in leaves[1:]] == [False, False]


def test_a_value_on_two_paths_has_two_arrows_and_the_sum(parsed):
    """L2: y = (a + b)(b·c), whose gradient by b is 15 = 6 + 9."""
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    y = (a + b) * (b * c)
    y.label = "y"
    graph = parsed(rows(y))
    cards = {a["label"] for n, a in graph.nodes.items() if n[0] == "g"}
    assert cards == {"∂y/∂y = 1  seed", "∂y/∂v1 = 6", "∂y/∂v2 = 3", "∂y/∂a = 6", "∂y/∂b = 15", "∂y/∂c = 6"}
    _, edges = split(graph)
    assert sorted(q for p, q, _ in edges["backward"] if p == "∂y/∂b") == ["∂+", "∂×"]


def test_what_needs_no_gradient_has_none(parsed):
    x, w = Tensor([1.0, 2.0], "x", requires_grad=False), Tensor([3.0, 4.0], "w")
    graph = parsed(rows((x * w).sum()))
    _, edges = split(graph)
    assert not any("∂x" in a["label"] for a in graph.nodes.values())
    assert [e[0] for e in edges["read"]] == ["x"]  # w's serves the derivative by x, which nobody needs


def test_squaring_reads_its_argument_once(parsed):
    d = Value(3.0, "d")
    graph = parsed(rows(d * d))
    _, edges = split(graph)
    assert len(edges["read"]) == 1
    assert len([e for e in edges["backward"] if e[0].startswith("∂v1/∂d")]) == 2


def test_second_order_agrees_with_torch(parsed):
    x = Value(1.0, "x")
    slope = ag.gradients((x**3 + 5.0).sin(), x, create_graph=True)
    slope.label = "s"
    torch = pytest.importorskip("torch")
    t = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(torch.sin(t**3 + 5), t, create_graph=True)
    (second,) = torch.autograd.grad(first, t)
    labels = [a["label"] for n, a in parsed(rows(slope)).nodes.items() if n[0] == "g"]
    assert f"∂s/∂x = {second.item():.4g}" in labels


def test_a_large_graph_folds_and_keeps_the_engines_gradients(renderer, parsed):
    rng = np.random.default_rng(0)
    w, b = Value(0.5, "w"), Value(0.1, "b")
    total = Value(0.0, requires_grad=False)
    for x in rng.normal(size=50):
        total = total + (w * x + b).tanh() ** 2
    total.label = "L"
    figure = rows(total)
    graph = parsed(figure)
    assert "values in" in figure.source
    assert len(graph.nodes) < 60
    assert figure.svg.startswith("<svg")
    slope, offset = ag.gradients(total, [w, b])
    labels = {a["label"] for n, a in graph.nodes.items() if n[0] == "g"}
    assert {f"∂L/∂w = {formatting.number(slope, 4)}", f"∂L/∂b = {formatting.number(offset, 4)}"} <= labels
    inner = [node for node in toposort(total) if node.op is not None and node.op.name == "tanh"]
    size = np.linalg.norm(ag.gradients(total, inner))
    assert f"50 alike\n‖grad‖ = {size:.3g}" in labels
    formulas = {look["label"].strip() for _, _, look in graph.edges if look.get("dir") == "back" and "label" in look}
    assert {"g·b", "g · 1", "g·(1 − y·y)", "g·2·x"} <= formulas
    whole = parsed(rows(total, limit=None))
    assert sum(n[0] == "d" for n in whole.nodes) == sum(node.op is not None for node in toposort(total))


def test_a_recurrent_net_becomes_a_loop_of_derivatives(parsed):
    w, h = Value(0.9, "w"), Value(0.1, "h")
    for _ in range(200):
        h = (w * h + 1.0).tanh()
    graph = parsed(rows(h))
    assert len(graph.nodes) < 60
    leads = {}
    for p, q, look in graph.edges:
        if look.get("dir") == "back":
            leads.setdefault(q, set()).add(p)
    start = next(n for n, a in graph.nodes.items() if n[0] == "g" and a["label"].startswith("19"))
    seen, stack = set(), [start]
    while stack:
        ahead = leads.get(stack.pop(), set()) - seen
        seen |= ahead
        stack += ahead
    assert start in seen  # the gradient flows back into itself


def test_labels_are_escaped(renderer):
    x = Value(2.0, '<b>"&\\N]')
    y = x * 3
    y.label = "</TD>"
    assert "&lt;b&gt;" in rows(y).svg
