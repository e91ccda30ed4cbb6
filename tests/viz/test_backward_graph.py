"""Both passes in one layout: cards of two storeys, arrows of two lanes, and on each what the gradient becomes."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor, Value, viz
from autograd.graph import formatting, toposort
from autograd.viz.placing import PAGE
from autograd.viz.render import positions
from tests.helpers.crossings import arrows, crossings, text_sizes


@pytest.fixture
def k6():
    W, x, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.5, 0.8], "x"), Tensor([0.1, -0.2], "b")
    y = (W @ x + b).sigmoid()
    y.label = "y"
    return y


def lines(label):
    return [line.strip() for line in label.replace(r"\n", "\n").split("\n") if line.strip()]


def cards(graph):
    """The texts of each card by the name of its value, without the sign of its op."""
    found = {}
    for name, look in graph.nodes.items():
        if name[0] == "n":
            texts = lines(look["label"])
            start = next((i for i, t in enumerate(texts) if " = " in t or "  f64" in t or "alike" in t), 0)
            found[re.split(" = |  ", texts[start])[0]] = texts[start:]
    return found


def uses(graph):
    """Every use of a value as (value, result, what the gradient becomes): None where none flows back."""
    names = {n: re.split(" = |  ", next((t for t in lines(a["label"]) if " = " in t or "  f64" in t), ""))[0]
             for n, a in graph.nodes.items() if n[0] == "n"}  # fmt: skip
    names |= {n: lines(a["label"])[0] for n, a in graph.nodes.items() if n[0] == "r"}
    ends = {a: b for a, b, _ in graph.edges if a[0] == "f"}
    return [
        (names[p], names[ends.get(q, q)], " ".join(lines(graph.nodes[q]["label"])) if q in ends else None)
        for p, q, look in graph.edges
        if p[0] != "f" and look.get("style") != "invis"
    ]


def test_a_card_has_a_value_and_below_it_its_gradient(parsed, k6):
    assert cards(parsed(viz.draw_backward(k6))) == {
        "W": ["W  f64[2,2]", "[0.1  0.7]", "[0.3  0.2]", "∂y/∂W", "[0.11  0.177]", "[0.125  0.199]"],
        "x": ["x  f64[2]", "[0.5  0.8]", "∂y/∂x", "[0.0969  0.205]"],
        "b": ["b  f64[2]", "[0.1  −0.2]", "∂y/∂b", "[0.221  0.249]"],
        "v1": ["v1  f64[2]", "[0.61  0.31]", "∂y/∂v1", "[0.221  0.249]"],
        "v2": ["v2  f64[2]", "[0.71  0.11]", "∂y/∂v2", "[0.221  0.249]"],
        "y": ["y  f64[2]", "[0.67  0.527]", "∂y/∂y", "[1  1]"],
    }


def test_an_arrow_says_what_the_gradient_becomes(parsed, k6):
    assert uses(parsed(viz.draw_backward(k6))) == [
        ("W", "v1", "g ⊗ x"), ("x", "v1", "Wᵀ @ g"), ("v1", "v2", "× 1"), ("b", "v2", "× 1"),
        ("v2", "y", "× y·(1 − y) = [0.221  0.249]"),
    ]  # fmt: skip


def test_a_factor_has_its_number(parsed, neuron):
    found = uses(parsed(viz.draw_backward(neuron.o)))
    assert ("x₁", "v1", "× w₁ = 0.5") in found
    assert ("w₂", "v2", "× x₂ = −1") in found
    assert ("v4", "o", "× (1 − o·o) = 0.8556") in found


def test_an_arrow_has_a_lane_for_each_pass(renderer, neuron):
    lanes = [a for a in arrows(viz.draw_backward(neuron.o)) if {"forward", "backward"} <= {*a.kinds}]
    assert len(lanes) == 2 * 9  # two pieces, with the factor between them
    assert all(len(a.lines) == 2 for a in lanes)


def test_a_neuron_fits_a_readme(renderer, neuron):
    figure = viz.draw_backward(neuron.o, inputs=neuron.inputs)
    rows = viz.draw_backward(neuron.o, inputs=neuron.inputs, style="rows")
    assert crossings(figure) == 0
    assert figure._size[1] <= rows._size[1] / 2
    assert min(text_sizes(figure)) >= 12


def test_a_layer_of_arrays_fits_a_readme(renderer, k6):
    figure = viz.draw_backward(k6)
    assert crossings(figure) == 0
    assert min(text_sizes(figure)) >= 12


def expression(draw, most):
    """A graph of 5 to so many values, each of which may be used again and again."""
    nodes = [Value(0.5 + i / 8, f"x{i}") for i in range(draw(st.integers(1, 5)))]
    size = draw(st.integers(5, most))
    while len(nodes) < size:
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        nodes.append(draw(st.sampled_from([a + b, a * b, a - b, a / b, a.tanh(), (-a).exp()])))
    used = {id(p) for node in nodes for p in node.parents}
    y = sum((node for node in nodes[:-1] if id(node) not in used and node.op), nodes[-1])
    y.label = "y"
    return y


@given(st.data())
@settings(max_examples=12)
def test_arrows_cross_at_most_half_as_often_as_in_two_rows(data):
    y = expression(data.draw, 24)
    assert 2 * crossings(viz.draw_backward(y)) <= crossings(viz.draw_backward(y, style="rows"))


@given(st.data())
@settings(max_examples=12)
def test_two_rows_are_in_the_same_order(data):
    y = expression(data.draw, 20)
    places = positions(viz.draw_backward(y, style="rows").source)
    for above, below in (("n", "g"), ("op", "d")):
        pairs = [
            (*place, places[below + name.removeprefix(above)][1])
            for name, place in places.items()
            if re.fullmatch(rf"{above}\d+", name) and below + name.removeprefix(above) in places
        ]
        turned = [(a, b) for a in pairs for b in pairs if a[0] == b[0] and a[1] < b[1] and a[2] > b[2]]
        assert turned == []


def test_two_rows_of_a_neuron_cross_less_than_when_they_were_turned_over(renderer, neuron):
    least = {"system": 11, "bundled": 12}  # they were 18
    assert crossings(viz.draw_backward(neuron.o, inputs=neuron.inputs, style="rows")) <= least[renderer]


def test_a_value_on_two_paths_says_of_what_its_gradient_is_the_sum(parsed):
    """L2: y = (a + b)(b·c), whose gradient by b is 15 = 6 + 9."""
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    y = (a + b) * (b * c)
    y.label = "y"
    graph = parsed(viz.draw_backward(y))
    assert cards(graph)["b"] == ["b = 2", "∂y/∂b = 15", "= 6 + 9"]
    assert cards(graph)["a"] == ["a = 1", "∂y/∂a = 6"]
    assert [use for use in uses(graph) if use[0] == "b"] == [("b", "v1", "× 1"), ("b", "v2", "× c = 3")]


def test_of_many_contributions_their_number_is_written(parsed):
    x = Value(2.0, "x")
    u = x * 1.5
    u.label = "u"
    y = u - u * u * u * u
    y.label = "y"
    assert cards(parsed(viz.draw_backward(y)))["u"] == ["u = 3", "∂y/∂u = −107, sum of 5"]
    W = Tensor([1.0, 2.0], "W")
    z = (W * W).sum()
    z.label = "z"
    assert cards(parsed(viz.draw_backward(z)))["W"][2:] == ["∂z/∂W, sum of 2", "[2  4]"]


def test_a_square_has_two_arrows(parsed):
    d = Value(3.0, "d")
    graph = parsed(viz.draw_backward(d * d))
    assert uses(graph) == [("d", "v1", "× d = 3")] * 2
    assert cards(graph)["d"][1:] == ["∂v1/∂d = 6", "= 3 + 3"]


def test_what_needs_no_gradient_has_a_forward_arrow_only(parsed):
    x, w = Tensor([1.0, 2.0], "x", requires_grad=False), Tensor([3.0, 4.0], "w")
    y = x * w
    y.label = "y"
    graph = parsed(viz.draw_backward(y))
    assert uses(graph) == [("x", "y", None), ("w", "y", "× x")]
    assert cards(graph)["x"] == ["x  f64[2]", "[1  2]"]
    assert [look["class"] for p, q, look in graph.edges if q[0] == "n" and p[0] == "n"] == ["forward"]


def test_the_sum_that_undoes_a_broadcast_is_on_the_arrow(parsed):
    X, b, c = Tensor([[1.0, 2.0], [3.0, 4.0]], "X"), Tensor([0.5, 0.25], "b"), Value(3.0, "c")
    y = (X + b) * c
    y.label = "y"
    assert uses(parsed(viz.draw_backward(y))) == [
        ("X", "v1", "× 1"), ("b", "v1", "Σ over rows of g"), ("v1", "y", "× c = 3"), ("c", "y", "Σ over all of g·v1"),
    ]  # fmt: skip


def test_each_chip_of_a_leaf_used_often_has_what_it_contributes(parsed):
    x, m = Value(3.0, "x"), Value(2.0, "m")
    y = x * x - m * x
    y.label = "y"
    graph = parsed(viz.draw_backward(y))
    chips = sorted(lines(a["label"])[1:] for n, a in graph.nodes.items() if n[0] == "r")
    assert chips == [["+ 3"], ["+ 3"], ["− 2"]]
    assert cards(graph)["x"] == ["x = 3", "∂y/∂x = 4", "= 3 + 3 − 2"]


def test_a_tooltip_has_the_chain_rule_in_numbers(line):
    titles = viz.draw_backward(line.y).titles
    assert "∂y/∂m += g·x = 1·2 = 2" in titles.values()
    assert "m = 3, parameter, ∂y/∂m = 2" in titles.values()
    assert any("seed" in title for title in titles.values())


def test_a_tooltip_names_the_convention_of_a_kink():
    titles = viz.draw_backward(Value(0.0, "x").relu()).titles
    assert any("(" in title and "+=" in title for title in titles.values())


def test_a_long_chain_runs_down(renderer):
    y = Value(0.1, "x")
    for _ in range(12):
        y = y.tanh() + 1.0
    figure = viz.draw_backward(y)
    assert figure._size[0] <= PAGE < viz.draw_backward(y, direction="LR")._size[0]
    assert "rankdir=TB" in figure.source


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_every_direction_can_be_drawn(renderer, neuron, direction):
    assert crossings(viz.draw_backward(neuron.o, direction=direction)) == 0


def test_the_seed_is_explained(k6):
    assert "gradients of the sum" in viz.draw_backward(k6).source
    source = viz.draw_backward(k6, gradient=[2.0, 0.0]).source
    assert "gradients of the sum" not in source
    assert "∂y/∂x stands for vᵀ∂y/∂x with v = [2  0], the seed" in source.replace("&#160;", " ").replace("&#93;", "]")
    x = Value(1.0, "x")
    assert "the seed is" not in viz.draw_backward(x * 2).source
    assert "3·∂v1/∂x" in viz.draw_backward(x * 2, gradient=3.0).source


def test_no_gradient_is_read_or_written(k6):
    leaves = [p for p in toposort(k6) if p.op is None]
    leaves[0].grad = np.ones((2, 2))
    viz.draw_backward(k6)
    np.testing.assert_array_equal(leaves[0].grad, np.ones((2, 2)))
    assert [leaf.has_grad for leaf in leaves[1:]] == [False, False]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (x**3 + 5.0).sin(),
        lambda x: ag.where(x > 0, x.exp(), 0.0),
        lambda x: ag.concatenate([x, x * 2]).max(),
        lambda x: (x.reshape(1, 3).T @ x.reshape(1, 3)).mean(axis=0)[1],
        lambda x: ag.softplus(x) / (x * x + 1),
        lambda x: ag.stack([x, x.tanh()])[0, ::-1].sum(),
    ],
)
@pytest.mark.parametrize(("style", "card"), [("cards", "n0"), ("rows", "g0")])
def test_any_graph_is_drawn_with_the_engines_gradients(renderer, f, style, card):
    x = Tensor([0.5, -1.0, 2.0], "x")
    y = f(x)
    figure = viz.draw_backward(y, style=style)
    (expected,) = ag.gradients([y], [x], [np.ones(y.shape)])
    row = "  ".join(formatting.number(v, 3) for v in expected.tolist())
    assert f"[{row}]" in figure.titles[card]
    assert figure.svg.startswith("<svg")


def test_second_order_agrees_with_torch(parsed):
    x = Value(1.0, "x")
    slope = ag.gradients((x**3 + 5.0).sin(), x, create_graph=True)
    slope.label = "s"
    torch = pytest.importorskip("torch")
    t = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(torch.sin(t**3 + 5), t, create_graph=True)
    (second,) = torch.autograd.grad(first, t)
    assert cards(parsed(viz.draw_backward(slope)))["x"][1].startswith(f"∂s/∂x = {second.item():.4g}")


def test_a_large_graph_folds_and_keeps_the_engines_gradients(renderer, parsed):
    rng = np.random.default_rng(0)
    w, b = Value(0.5, "w"), Value(0.1, "b")
    total = Value(0.0, requires_grad=False)
    for x in rng.normal(size=50):
        total = total + (w * x + b).tanh() ** 2
    total.label = "L"
    figure = viz.draw_backward(total)
    graph = parsed(figure)
    assert "values in" in figure.source
    assert len(graph.nodes) < 60
    assert figure.svg.startswith("<svg")
    slope, offset = ag.gradients(total, [w, b])
    written = [text for a in graph.nodes.values() for text in lines(a["label"])]
    assert f"∂L/∂w = {formatting.number(slope, 4)}, sum of 50" in written
    assert f"∂L/∂b = {formatting.number(offset, 4)}, sum of 50" in written
    inner = [node for node in toposort(total) if node.op is not None and node.op.name == "tanh"]
    assert f"‖grad‖ = {np.linalg.norm(ag.gradients(total, inner)):.3g}" in written
    factors = {lines(a["label"])[0] for n, a in graph.nodes.items() if n[0] == "f"}
    assert {"× b", "× 1", "× (1 − y·y)", "× 2·x"} <= factors
    assert len(viz.draw_backward(total, limit=None).titles) > 250


@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize("style", ["cards", "rows"])
def test_a_folded_item_of_several_ops_has_no_formula_of_one(renderer, parsed, style, limit):
    x, z = Tensor([0.5, 2.0], "x"), Tensor([1.0, -1.0], "z")
    y = (ag.stack([(x * x + x**3).tanh(), ag.sin(z), x]) * 2.0).sum()
    figure = viz.draw_backward(y, limit=limit, style=style)
    assert figure.svg.startswith("<svg")
    written = [text for a in parsed(figure).nodes.values() for text in lines(a["label"])]
    written += [text for _, _, look in parsed(figure).edges for text in lines(look.get("label", ""))]
    assert "⋯" in written
    assert any(re.match(r"\d+ values", text) for text in written)
    assert not any(sign in text for text in written for sign in ("y·y", "cos", "g[0]", "3·", "alike"))


def test_an_item_of_several_shapes_has_no_shape_of_one(parsed):
    xs = [Tensor(np.ones(2 + i % 3), f"x{i}") for i in range(30)]
    y = sum(((x * x).sum() for x in xs), Tensor(0.0))
    written = {text for a in parsed(viz.draw_backward(y, limit=4)).nodes.values() for text in lines(a["label"])}
    assert not any("f64" in text for text in written)


def test_powers_that_differ_share_no_formula(parsed):
    xs = [Value(float(i), f"x{i}") for i in range(40)]
    y = sum((x ** (2 + i % 9) for i, x in enumerate(xs)), Value(0.0))
    written = {text for a in parsed(viz.draw_backward(y, limit=5)).nodes.values() for text in lines(a["label"])}
    assert "(·)ⁿ" in written
    assert not any("·a" in text or "(·)²" in text for text in written)


def test_a_recurrent_net_becomes_a_loop(parsed):
    w, h = Value(0.9, "w"), Value(0.1, "h")
    for _ in range(200):
        h = (w * h + 1.0).tanh()
    graph = parsed(viz.draw_backward(h))
    assert len(graph.nodes) < 60
    leads = {}
    for p, q, look in graph.edges:
        if look.get("style") == "invis":
            continue
        leads.setdefault(p, set()).add(q)
    start = next(n for n, a in graph.nodes.items() if n[0] == "n" and "19" in a["label"] and "tanh" in a["label"])
    seen, stack = set(), [start]
    while stack:
        ahead = leads.get(stack.pop(), set()) - seen
        seen |= ahead
        stack += ahead
    assert start in seen


def test_labels_are_escaped(renderer):
    x = Value(2.0, '<b>"&\\N]')
    y = x * x * x
    y.label = "</TD>"
    svg = viz.draw_backward(y).svg
    assert "&lt;b&gt;" in svg
    assert "×&#160;&lt;b&gt;" in svg.replace("× ", "×&#160;")


@pytest.mark.parametrize(
    ("y", "options", "error", "message"),
    [
        (3.0, {}, TypeError, "draw_backward: pass a Value or a Tensor, not float"),
        (Value(1.0, requires_grad=False), {}, ValueError, "requires no gradient"),
        (Tensor([1.0, 2.0]), {"gradient": [1.0]}, ValueError, "shape"),
        (Value(1.0), {"precision": 99}, ValueError, "precision"),
        (Value(1.0), {"style": "boxes"}, ValueError, "draw_backward: style 'boxes' is none of cards, rows"),
        (Value(1.0), {"style": "rows", "direction": "TB"}, ValueError, "direction is an option of style='cards'"),
        (
            Value(1.0),
            {"depth": 1},
            TypeError,
            "has no option 'depth'; it has inputs, names, precision, limit, tidy, roll, style",
        ),
    ],
)
def test_errors_say_what_to_pass(y, options, error, message):
    with pytest.raises(error, match=message):
        viz.draw_backward(y, **options)
