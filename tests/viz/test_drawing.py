import re

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor, Value, exp, sin, viz
from autograd.viz.node_html import norm
from tests.helpers.crossings import crossings


def test_line_has_each_value_and_op_once(parsed, line):
    graph = parsed(viz.draw(line.y, inputs=line.x))
    assert {n: a["label"] for n, a in graph.nodes.items()} == {
        "n0": "m = 3\n∂y/∂m = 2",
        "n1": "x = 2\n∂y/∂x = 3",
        "n2": "b = 1\n∂y/∂b = 1",
        "op3": "×",
        "n3": "v1 = 6\n∂y/∂v1 = 1",
        "op4": "+",
        "n4": "y = 7\n∂y/∂y = 1",
    }
    assert [e[:2] for e in graph.edges] == [
        ("n0", "op3"), ("n1", "op3"), ("op3", "n3"), ("n3", "op4"), ("n2", "op4"), ("op4", "n4"),
    ]  # fmt: skip


def test_roles_are_told_by_shape_border_and_fill(parsed, line):
    y = line.y * 2.0
    nodes = parsed(viz.draw(y, inputs=line.x)).nodes
    seen = {}
    for attributes in nodes.values():
        seen.setdefault(attributes["class"], []).append(attributes)
    assert {c: len(several) for c, several in seen.items()} == {
        "param": 2, "input": 1, "const": 1, "op": 3, "result": 2, "output": 1,
    }  # fmt: skip
    keys = ("shape", "style", "color", "fillcolor")
    looks = {c: tuple(several[0].get(k) for k in keys) for c, several in seen.items()}
    assert looks["input"] == ("note", "filled", "#0072B2", "#D3E7F8")
    assert looks["param"] == ("box", "filled", "#9A6400", "#FFD98A")
    assert looks["const"] == ("box", "filled,dashed", "#8B949E", "#DDE1E6")
    assert looks["result"] == looks["output"] == ("box", "filled,rounded", "#1B7F5C", "#E6F4EC")
    assert seen["output"][0]["peripheries"] == "2"
    assert "peripheries" not in seen["result"][0]
    assert seen["const"][0]["label"] == "2"


def test_leaves_find_their_roles(parsed):
    data, weight = Tensor([1.0], "data", requires_grad=False), Tensor([1.0], "weight")
    number = Value(1.0, "number", requires_grad=False)
    nodes = parsed(viz.draw([data * weight * number])).nodes.values()
    roles = {a["label"].split()[0]: a["class"] for a in nodes if a["class"] in ("input", "param", "const")}
    assert roles == {"data": "input", "weight": "param", "number": "const"}


def test_an_output_that_is_a_leaf_or_an_inner_node_keeps_its_role(parsed, line):
    nodes = parsed(viz.draw([line.m, line.y])).nodes
    assert (nodes["n0"]["shape"], nodes["n0"]["peripheries"]) == ("box", "2")
    assert nodes["n4"]["peripheries"] == "2"
    assert nodes["n0"]["label"] == "m = 3\ngrad = 2"  # of which output would ∂ be?


def test_a_value_used_twice_has_two_arrows(parsed):
    d = Value(3.0, "d")
    graph = parsed(viz.draw(d * d))
    assert [e[:2] for e in graph.edges] == [("n0", "op1"), ("n0", "op1"), ("op1", "n1")]


@pytest.mark.parametrize("op", ["sub", "div", "pow", "matmul"])
def test_operands_stay_in_order_and_are_numbered_where_it_matters(parsed, op):
    a, b = Tensor([1.0, 2.0], "a"), Tensor([3.0, 4.0], "b")
    for first, second in ((a, b), (b, a)):
        graph = parsed(viz.draw(getattr(ag, op)(first, second)))
        into = [(graph.nodes[p]["label"][0], look["headlabel"]) for p, q, look in graph.edges if q.startswith("op")]
        assert into == [(first.label, "1"), (second.label, "2")]
        assert [look["labelangle"] for *_, look in graph.edges[:2]] == ["-40", "40"]  # away from each other
        assert graph.nodes["op2"]["ordering"] == "in"


def test_operands_of_sums_and_products_are_not_numbered(parsed, line):
    assert all("headlabel" not in look for *_, look in parsed(viz.draw(line.y)).edges)


def test_both_operands_of_a_sum_are_drawn_in_order(parsed):
    a, b = Value(1.0, "a"), Value(2.0, "b")
    for y in (a + b, b + a):
        graph = parsed(viz.draw(y))
        assert [graph.nodes[e[0]]["label"][0] for e in graph.edges[:2]] == [p.label for p in y.parents]


def test_conditions_and_indices_have_a_role_of_their_own(parsed):
    x, places = Tensor([1.0, 2.0, 3.0], "x"), Tensor([0, 2], "places", requires_grad=False)
    chosen = Tensor([True, False], "chosen", requires_grad=False)
    counts = Tensor([1, 2], "counts", requires_grad=False)
    y = ag.where(chosen, x[places], 0.0) * counts

    def look(name, y, **options):
        (node,) = (n for n in parsed(viz.draw(y, **options)).nodes.values() if n["label"].startswith(name))
        return node["class"], node["shape"]

    assert look("places", y) == look("chosen", y) == ("index", "tab")
    assert look("counts", y) == look("places", y, inputs=places) == look("counts", x > counts[0]) == ("input", "note")
    assert look("x", y) == ("param", "box")
    assert any("index or condition" in title for title in viz.draw(y).titles.values())
    assert "places  index" in viz.text(y)


def test_a_name_that_begins_with_a_digit_is_quoted_behind_a_derivative():
    w = Value(2.0, "0.weight")
    y = w * 3
    y.label = "y"
    y.backward()
    assert "∂y/∂“0.weight” = 3" in viz.draw(y).source
    assert "∂y/∂“0.weight”" in str(next(ag.graph.steps(y)))


def test_static_arguments_stand_on_the_op(parsed):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])

    def sign(y):
        return parsed(viz.draw(y)).nodes["op1"]["label"]

    assert sign(x**2) == "(·)²"
    assert sign(x**-0.5) == "(·)^−0.5"
    assert sign(x**x) == "aᵇ"
    assert sign(x.sum()) == "Σ"
    assert sign(x.sum(axis=0)) == "Σ\naxis=0"
    assert sign(x.sum(axis=-1, keepdims=True)) == "Σ\naxis=−1, keepdims"
    assert sign(x.reshape(4, 1)) == "reshape\n(4, 1)"
    assert sign(x[0, ::-1]) == "[0, ::−1]"
    assert sign(x[..., None]) == "[..., None]"


def test_discs_are_wide_enough_for_their_text(parsed, layer):
    nodes = parsed(viz.draw(ag.softplus(layer.s).tanh() + ag.log1p(layer.s))).nodes.values()
    discs = {a["label"]: (a["shape"], float(a["width"]), float(a["height"])) for a in nodes if a["class"] == "op"}
    assert discs["+"] == ("circle", 0.46, 0.46)
    assert discs["tanh"][0] == "circle"
    assert 0.55 <= discs["tanh"][1] <= 0.7
    assert discs["softplus"][0] == "ellipse"
    assert discs["softplus"][1] > 8 * 13 * 0.5 / 72  # the text alone, in inches


def test_arrays_show_dtype_shape_and_few_numbers(parsed, layer):
    labels = {a["label"].split()[0]: a["label"] for a in parsed(viz.draw(layer.s)).nodes.values()}
    assert labels["W"].startswith("W  f64[2,2]\n[0.1  0.7]\n[0.3  −0.2]\n∂s/∂W\n[")
    assert labels["x"] == "x  f64[2]\n[0.5  0.8]"
    assert len(labels["W"].splitlines()) == 6


def test_large_arrays_show_no_numbers_but_the_norm_of_the_gradient(parsed):
    W = Tensor(np.full((3, 4), 2.0), "W")
    y = W.sum()
    y.label = "y"
    y.backward()
    assert parsed(viz.draw(y)).nodes["n0"]["label"] == "W  f64[3,4]\n‖∂y/∂W‖ = 3.464"


@pytest.mark.parametrize(
    ("numbers", "size"),
    [
        ([3e-170, 4e-170], 5e-170), ([3e300, -4e300], 5e300), ([5e-324], 5e-324), ([1.7e308, 1.7e308], 1.797693e308),
        ([], 0.0), ([0.0, -0.0], 0.0), ([np.inf, 1.0], np.inf), ([np.nan, 1.0], np.nan), ([np.nan, np.inf], np.nan),
        (2.0, 2.0),
    ],
)  # fmt: skip
def test_the_norm_of_what_is_far_from_1(numbers, size):
    np.testing.assert_allclose(norm(numbers), size, rtol=1e-6)


def test_gradients_far_from_1_are_neither_0_nor_nan(parsed):
    nodes = [Tensor(np.ones(8), name) for name in "abc"]
    for node, g in zip(nodes, (1e-170, 1.0, 1e300)):
        node.grad = np.full(8, g)
    drawn = parsed(viz.draw(nodes, color="gradient")).nodes
    assert [drawn[f"n{i}"]["label"].split("= ")[1] for i in range(3)] == ["2.828e−170", "2.828", "2.828e+300"]
    fills = [drawn[f"n{i}"]["fillcolor"] for i in range(3)]
    assert fills[0] == "#FFF4EC"  # the smallest
    assert fills[2] == "#F7945A"  # the largest
    assert fills[1] not in (fills[0], fills[2])


def test_gradients_of_something_else_are_not_called_derivatives_of_the_output(parsed, line):
    labels = [a["label"] for a in parsed(viz.draw(line.y * 2)).nodes.values()]
    assert "m = 3\ngrad = 2" in labels
    assert not any("∂" in text for text in labels)
    z = line.m * 5.0
    z.label = "z"
    z.backward(3.0)  # not the plain derivative
    assert parsed(viz.draw(z)).nodes["n0"]["label"] == "m = 3\ngrad = 17"


def test_gradients_of_several_outputs_are_not_told_apart(parsed, line):
    other = line.m * 2
    assert parsed(viz.draw([line.y, other])).nodes["n0"]["label"] == "m = 3\ngrad = 2"


def test_constants_have_no_gradient_line(parsed):
    frozen = Value(2.0, "c")
    (frozen * 3).backward()
    frozen.requires_grad = False
    figure = viz.draw(frozen)
    assert parsed(figure).nodes["n0"]["label"] == "c = 2"
    assert figure.titles["n0"] == "c = 2, constant"


def test_vectors_show_three_digits(parsed):
    assert parsed(viz.draw(Tensor([1 / 3, 2 / 3]))).nodes["n0"]["label"] == "v1  f64[2]\n[0.333  0.667]"


def test_without_a_backward_pass_there_are_no_gradients(parsed):
    assert parsed(viz.draw(Value(1.0, "a") + 1)).nodes["n0"]["label"] == "a = 1"


def test_values_and_gradients_can_be_left_out(parsed, line):
    bare = parsed(viz.draw(line.y * 2, values=False, gradients=False)).nodes
    assert [a["label"] for n, a in bare.items() if n.startswith("n")] == ["m", "x", "b", "2", "v1", "y", "v2"]
    assert parsed(viz.draw(line.y, gradients=False)).nodes["n0"]["label"] == "m = 3"
    assert parsed(viz.draw(line.y, values=False)).nodes["n0"]["label"] == "m\n∂y/∂m = 2"


def test_precision_and_direction(parsed):
    figure = viz.draw(Value(1 / 3, "a") * 1, precision=2, direction="TB")
    assert parsed(figure).nodes["n0"]["label"] == "a = 0.33"
    assert "rankdir=TB" in figure.source


def test_special_numbers(parsed):
    leaves = [Value(x) for x in (float("nan"), float("inf"), float("-inf"), -0.0, -1e-9)]
    labels = [a["label"] for a in parsed(viz.draw(leaves)).nodes.values()]
    assert labels == ["v1 = nan", "v2 = inf", "v3 = −inf", "v4 = 0", "v5 = −1e−09"]


def test_zero_dimensional_and_empty_arrays(parsed):
    labels = [a["label"] for a in parsed(viz.draw([Tensor(2.5), Tensor([]), Tensor([12345678])])).nodes.values()]
    assert labels == ["v1 = 2.5", "v2  f64[0]", "v3  i64[1]\n[12345678]"]


def test_the_same_graph_gives_the_same_text(line):
    def built():
        m, x = Value(3.0, "m"), Value(2.0, "x")
        return viz.draw((m * x).tanh() - m)

    assert built().source == built().source
    assert viz.draw(line.y).source == viz.draw(line.y).source


def test_a_sequence_draws_what_its_nodes_share_once(parsed):
    x = Value(1.0, "x")
    a, b = x + 1, x * 2
    nodes = parsed(viz.draw([a, b])).nodes
    assert [n["label"] for n in nodes.values()].count("x = 1") == 1
    assert sum(n["class"] == "output" for n in nodes.values()) == 2


def test_what_a_recurrent_layer_gives_is_drawn_as_it_is(parsed):
    a, b, c = Value(1.0, "a") * 2, Value(2.0, "b") * 2, Value(3.0, "c") * 2
    assert parsed(viz.draw((a, (b, c)))).nodes == parsed(viz.draw([a, b, c])).nodes
    assert parsed(viz.draw((a, None))).nodes == parsed(viz.draw(a)).nodes
    with pytest.raises(TypeError, match="not tuple with str in it"):
        viz.draw((a, (b, "c")))


def test_object_arrays_of_values(parsed):
    values = np.array([[Value(1.0, "a"), Value(2.0, "b")]], dtype=object)
    assert len(parsed(viz.draw(values + 1)).nodes) == 2 + 2 + 2 + 2  # leaves, ones, discs, results


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (3.0, {}, TypeError, "draw: pass a Value or a Tensor, or a list of them, not float"),
        ([1, 2], {}, TypeError, "draw: pass a Value"),
        ([], {}, ValueError, "nothing to draw"),
        (Value(1.0), {"direction": "left"}, ValueError, "direction 'left' is none of LR"),
        (Value(1.0), {"precision": 0}, ValueError, "1 to 17, not 0"),
        (Value(1.0), {"inputs": "x"}, TypeError, "draw: inputs takes a Value or a Tensor, or a list of them, not str"),
        (
            Value(1.0),
            {"inputs": [np.ones(2)]},
            TypeError,
            r"inputs takes .*, not list with ndarray in it; .*x = Tensor",
        ),
        (Value(1.0), {"inputs": np.ones(2)}, TypeError, "inputs takes .*, not ndarray"),
        ([Value(1.0), 2.0], {}, TypeError, "pass a Value .*, not list with float in it"),
        (Value(1.0), {"color": "rainbow"}, ValueError, "color 'rainbow' is none of gradient, sign, finite"),
        (Value(1.0), {"depth": -1}, ValueError, "depth is a whole number from 0 on, or None, not -1"),
        (Value(1.0), {"limit": 0}, ValueError, "limit is a whole number from 1 on"),
        (Value(1.0), {"colour": "sign"}, TypeError, "draw has no option 'colour'; it has inputs, names, precision"),
        (Value(1.0), {"unfold": [1]}, TypeError, "unfold takes the names of modules"),
        (
            Value(1.0),
            {"unfold": ["0"]},
            ValueError,
            "no module '0'; no modules are known: pass names=model",
        ),
        (Value(1.0), {"names": [Value(2.0)]}, TypeError, "names: pass a mapping of names to nodes, such as locals()"),
    ],
)
def test_errors_say_what_to_pass(arguments, options, error, message):
    with pytest.raises(error, match=message):
        viz.draw(arguments, **options)


def test_a_chain_of_twenty_thousand():
    y = Value(1.0, "x")
    for _ in range(20_000):
        y = y + y
    figure = viz.draw(y, limit=None, compact=False)
    assert figure.source.count(" -> ") == 60_000
    assert figure.source.count("label=<+>") == 20_000
    assert "Too large" in figure._repr_mimebundle_()["text/plain"]


def test_names_come_from_labels_then_variables_then_numbers(parsed):
    a, b = Value(1.0, "label"), Value(2.0)
    y = a * b + 1
    labels = [n["label"] for n in parsed(viz.draw(y, names={"a": a, "b": b, "_": y, "n": 3})).nodes.values()]
    assert labels == ["label = 1", "b = 2", "1", "×", "v1 = 2", "+", "v2 = 3"]


def test_numbered_names_pass_over_those_that_are_taken(parsed):
    y = Value(1.0, "v1") * 2
    assert parsed(viz.draw(y * 3)).nodes["n3"]["label"] == "v2 = 2"


def test_the_compact_form_has_the_sign_on_the_card(parsed, neuron):
    full, compact = (parsed(viz.draw(neuron.o, compact=c)) for c in (False, True))
    values = {n: a for n, a in full.nodes.items() if n.startswith("n")}
    assert list(compact.nodes) == list(values)
    assert compact.nodes["n8"]["label"].replace("\n", "") == "+ v4 = 0.4∂o/∂v4 = 0.8556"
    joined = [(p, q) for p, q, _ in full.edges if p.startswith("n")]
    assert [(p, q) for p, q, _ in compact.edges] == [(p, q.replace("op", "n")) for p, q in joined]


def test_numbers_of_operands_stand_apart_in_the_compact_form(renderer):
    x = Value(3.0, "x")
    svg = viz.draw(sin(x) - exp(-x), compact=True).svg
    (first,), (second,) = (re.findall(rf'y="(\S+)"[^>]*font-size="9.00"[^>]*>{n}</text>', svg) for n in (1, 2))
    assert float(second) - float(first) > 9


def test_wide_graphs_of_scalars_are_compact_by_themselves(parsed):
    y = Value(1.0, "x")
    for _ in range(12):
        y = y.tanh()
    assert "op12" in parsed(viz.draw(y)).nodes
    assert not any(n.startswith("op") for n in parsed(viz.draw(y.tanh())).nodes)
    t = Tensor([1.0], "x")
    for _ in range(13):
        t = t.tanh()
    assert "op13" in parsed(viz.draw(t)).nodes


@pytest.mark.parametrize("compact", [False, True])
def test_depth_cuts_with_a_mark(parsed, neuron, compact):
    graph = parsed(viz.draw(neuron.o, depth=1, compact=compact))
    assert [a["label"] for n, a in graph.nodes.items() if n.startswith("n")] == [
        "v1 = 0.4\n∂o/∂v1 = 0.8556", ("tanh " if compact else "") + "o = 0.3799\n∂o/∂o = 1",
    ]  # fmt: skip
    assert ("op0", "n0") in [e[:2] for e in graph.edges]
    assert graph.nodes["op0"]["label"] == "⋯"
    assert len(parsed(viz.draw(neuron.o, depth=99, compact=compact)).nodes) == (10 if compact else 15)


def test_depth_keeps_leaves_that_the_last_op_reads(parsed, line):
    labels = [a["label"] for a in parsed(viz.draw(line.y, depth=1)).nodes.values()]
    assert "b = 1\n∂y/∂b = 1" in labels
    assert "m = 3\n∂y/∂m = 2" not in labels


def test_colour_by_the_size_of_gradients(parsed, line):
    nodes = parsed(viz.draw(line.y, color="gradient")).nodes
    assert nodes["n1"]["fillcolor"] == "#F7945A"  # 3, the largest
    assert nodes["n2"]["fillcolor"] == "#FFF4EC"  # 1, the smallest
    assert nodes["n0"]["fillcolor"] == "#FFAE78"  # 2, between them on a logarithmic scale
    zero = Value(2.0)
    (zero * 0.0 * line.m).backward()
    assert parsed(viz.draw(zero, color="gradient")).nodes["n0"]["fillcolor"] == "#C9CED6"


def test_colour_by_the_sign_of_gradients(parsed):
    a, b, c = Tensor([1.0, 2.0]), Tensor([3.0, 4.0]), Tensor([1.0, -1.0])
    (a - b + a * 0 + c * c).sum().backward()
    fills = [n["fillcolor"] for n in parsed(viz.draw([a, b, c], color="sign")).nodes.values()]
    assert fills == ["#D9ECFA", "#F2A065", "#EFE3F3"]


@pytest.mark.parametrize("color", ["gradient", "sign"])
def test_without_gradients_the_caption_says_so_instead_of_a_legend(color):
    y = Value(2.0, "x") * 3
    assert "no gradients to colour by: call backward() first" in viz.draw(y, color=color).source
    assert "of the gradient" not in viz.draw(y, color=color).source
    y.backward()
    assert "of the gradient" in viz.draw(y, color=color).source


def test_colour_by_what_is_not_finite(parsed):
    nan, inf, fine = Value(float("nan")), Value(float("inf")), Value(1.0)
    nodes = parsed(viz.draw([nan, inf, fine], color="finite")).nodes
    assert [n["fillcolor"] for n in nodes.values()] == ["#E7A9C9", "#F2E27A", "#F6F7F8"]
    assert [n["penwidth"] for n in nodes.values()][:2] == ["3.4", "3.4"]
    assert viz.draw(Tensor([1.0, np.nan]), color="gradient").source
    large = Tensor([np.nan] * 8 + [np.inf], "W")
    assert parsed(viz.draw(large, color="finite")).nodes["n0"]["label"] == "W  f64[9]\n8 nan, 1 inf"
    large.grad = np.array([0.0] * 7 + [np.nan] * 2)
    assert parsed(viz.draw(large, color="finite")).nodes["n0"]["label"].endswith("8 nan, 1 inf; grad: 2 nan")


@pytest.mark.system("K7")
def test_the_gradient_graph_is_an_ordinary_graph(parsed):
    """K7: the derivative of a function as a graph beside it, before any number is changed."""
    x = Value(2.0, "x")
    y = x**3
    y.label = "y"
    slope = ag.gradients(y, x, create_graph=True)
    slope.label = "dy/dx"
    nodes = parsed(viz.draw([y, slope])).nodes
    assert {a["label"] for a in nodes.values() if a["class"] == "output"} == {"y = 8", "dy/dx = 12"}
    assert [a["label"] for a in nodes.values()].count("x = 2") == 1


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_leaves_of_a_module_stand_on_both_sides_of_their_op(direction):
    """An arrow from the second leaf on one side would lead round the first, out of the frame."""
    net = nn.Sequential(nn.Linear(2, 3, rng=0))
    source = viz.draw(net(Tensor([[1.0, 2.0]])), names=net, direction=direction).source
    arrows = re.findall(r"\t(\w+) -> (\w+) \[(dir=back )?(tail|head)label=<.*?>(\d)<", source)
    (op,) = {q for _, q, back, *_ in arrows if not back}
    assert [(p == op, bool(back), end, number) for p, q, back, end, number in arrows] == [
        (False, False, "head", "1"), (True, True, "tail", "2"), (False, False, "head", "3"),
    ]  # fmt: skip


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_the_numbers_of_operands_do_not_overlap(renderer, direction):
    x, y = Value(1.0), Value(2.0)
    svg = viz.draw(x - y, direction=direction).svg
    numbers = re.findall(r'<text[^>]* x="([-\d.]+)" y="([-\d.]+)"[^>]*font-size="9.00"[^>]*>(\d)<', svg)
    places = {number: (float(left), float(top)) for left, top, number in numbers}
    across = 1 if direction in ("LR", "RL") else 0
    assert places["2"][across] - places["1"][across] > 12  # the first on top, or to the left, and apart


@pytest.mark.parametrize("compact", [False, True])
def test_a_leaf_used_three_times_is_a_chip_at_each_use(parsed, compact):
    x, y = Value(2.0, "x"), Value(3.0, "y")
    graph = parsed(viz.draw((x - y) * x + y * x, compact=compact))
    assert not [e for e in graph.edges if e[0] == "n0"]  # x
    assert [e[0] for e in graph.edges].count("n1") == 2  # y
    chips = [a for a in graph.nodes.values() if a["class"] == "reference"]
    if compact:
        assert not chips
        assert [a["label"].split(" v")[0] for n, a in graph.nodes.items() if n > "n1"][:1] == ["x\n− "]
    else:
        assert [a["label"] for a in chips] == ["x"] * 3
        assert sum(e[0].startswith("r") for e in graph.edges) == 3


def test_the_direction_is_chosen_by_width(parsed):
    y = x = Value(2.0, "x")
    for _ in range(3):
        y = y * 2.0
    assert "rankdir=LR" in viz.draw(y).source
    for _ in range(9):
        y = y * 2.0
    assert "rankdir=TB" in viz.draw(y).source
    assert "rankdir=LR" in viz.draw(y, direction="LR").source
    # Side by side is no narrower.
    assert "rankdir=LR" in viz.draw([x * float(i) for i in range(40)], names={}).source


def test_operands_give_up_their_order_where_arrows_would_cross(renderer):
    x, m = Value(3.0, "x"), Value(2.0, "m")
    assert crossings(viz.draw(x * x + m * x, compact=False)) == 0


def test_what_is_computed_first_stands_on_top_in_the_compact_form(renderer):
    hidden = [(Value(float(i), f"w{i}") * float(i + 1) + 1.0).tanh() for i in range(4)]
    svg = viz.draw(sum(hidden[1:], hidden[0]), compact=True, direction="LR").svg
    heights = [float(re.search(rf'y="(\S+)"[^>]*>(?:<tspan[^>]*>)?w{i}', svg)[1]) for i in range(4)]
    assert heights == sorted(heights)
