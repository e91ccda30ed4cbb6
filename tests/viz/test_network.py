"""Networks as neurons and lines: G4, G5."""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, viz
from tests.helpers.heights import too_low
from tests.helpers.neurons import cards, number, numbers


@pytest.fixture
def g4():
    """Four neurons without biases and activations, and their loss."""
    first, second = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    first.weight.data = [[0.5, -0.3], [0.8, 0.2]]
    second.weight.data = [[0.7, -0.6], [-0.4, 0.9]]
    return [first, second], lambda o: 0.5 * ((o - np.array([1.0, 0.0])) ** 2).sum()


@pytest.fixture
def g5():
    rng = np.random.default_rng(5)
    sizes = [2, 2, 4, 3, 2]
    parts = [m for a, b in pairwise(sizes) for m in (nn.Linear(a, b, rng=rng), nn.Tanh())]
    return nn.Sequential(*parts), lambda o: ((o - 1.0) ** 2).sum()


def weights(figure):
    return {k: number(v.split()[1]) for k, v in figure.titles.items() if "->" in k}


@pytest.mark.system("G4")
def test_g4_outputs_deltas_and_weights(parsed, g4):
    layers, loss = g4
    figure = viz.draw_network(layers, [1.0, 2.0], loss=loss, precision=4)
    drawn = cards(parsed, figure)
    assert {name: (card["a"], card.get("δ")) for name, card in drawn.items()} == {
        "n0_0": ("1", None), "n0_1": ("2", None), "n1_0": ("−0.1", "−1.701"), "n1_1": ("1.2", "2.082"),
        "n2_0": ("−0.79", "−1.79"), "n2_1": ("1.12", "1.12"),
    }  # fmt: skip
    assert not any("b" in card for card in drawn.values())  # a layer without biases shows none
    assert weights(figure) == {
        "n0_0->n1_0": 0.5, "n0_1->n1_0": -0.3, "n0_0->n1_1": 0.8, "n0_1->n1_1": 0.2,
        "n1_0->n2_0": 0.7, "n1_1->n2_0": -0.6, "n1_0->n2_1": -0.4, "n1_1->n2_1": 0.9,
    }  # fmt: skip
    assert "loss L = 2.229" in figure.source
    assert not any(p.has_grad for layer in layers for p in layer.parameters())
    assert [drawn[f"n{c}_{j}"]["w"] for c in (1, 2) for j in (0, 1)] == [
        {0: "0.5", 1: "−0.3"}, {0: "0.8", 1: "0.2"}, {0: "0.7", 1: "−0.6"}, {0: "−0.4", 1: "0.9"},
    ]  # fmt: skip


def boxes(parsed, figure):
    """Left, right, bottom and top of each neuron, by its name."""
    boxes = {}
    for name, look in parsed(figure).nodes.items():
        if re.fullmatch(r"n\d+_\d+", name):
            x, y = map(float, look["pos"].rstrip("!").split(","))
            w, h = float(look["width"]) / 2, float(look["height"]) / 2
            boxes[name] = x - w, x + w, y - h, y + h
    return boxes


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


@pytest.mark.parametrize("sizes", [[2, 2, 4, 3, 2], [4, 8, 3], [8, 8, 8], [30, 20, 12]])
@pytest.mark.parametrize("neuron", [None, (2, 2)])
def test_cards_are_apart_and_as_large_as_their_numbers_need(parsed, renderer, capfd, sizes, neuron):
    net = nn.MLP(sizes, "tanh", rng=0)
    for p in net.parameters():
        p.data = p.data * -2.6e4
    figure = viz.draw_network(net, np.linspace(-0.5, 1, sizes[0]), loss=lambda o: (o * o).sum(), neuron=neuron)
    places = boxes(parsed, figure)
    assert not [(a, b) for a, b in combinations(places, 2) if overlap(places[a], places[b])]
    assert max(x for _, x, _, _ in places.values()) - min(x for x, _, _, _ in places.values()) < 13
    assert figure.svg
    assert "too small" not in capfd.readouterr().err
    assert too_low(figure, size=10) == []


def test_lines_are_wide_by_size_and_told_apart_by_sign(parsed, g4):
    layers, _ = g4
    looks = {(p, q): look for p, q, look in parsed(viz.draw_network(layers, [1.0, 2.0])).edges}
    largest, negative = looks["n1_1", "n2_1"], looks["n1_1", "n2_0"]
    assert (largest["headport"], looks["n1_0", "n2_1"]["headport"]) == ("w1:w", "w0:w")  # a line ends at its number
    assert (largest["style"], largest["color"], largest["penwidth"]) == ("solid", "#0086C9", "4.00")
    assert (negative["style"], negative["color"]) == ("dashed", "#B4488A")  # not the colour of gradients
    assert float(negative["penwidth"]) == pytest.approx(0.6 + 3.4 * 0.6 / 0.9, abs=0.01)


def test_without_a_loss_there_are_no_deltas(parsed, g4):
    layers, _ = g4
    figure = viz.draw_network(layers, [1.0, 2.0])
    assert cards(parsed, figure)["n2_0"] == {"w": {0: "0.7", 1: "−0.6"}, "z": "−0.79", "a": "−0.79"}
    assert "δ" not in figure.source
    assert "∂" not in figure.source
    assert repr(figure) == "<Figure: network 2-2-2 with outputs>"


@pytest.mark.system("G5")
def test_g5_deltas_appear_layer_by_layer(parsed, g5):
    model, loss = g5
    x = np.array([0.3, -0.7])
    frames = viz.network_frames(model, x, loss=loss)
    assert len(frames) == 5
    for i, frame in enumerate(frames):
        with_delta = {name for name, card in cards(parsed, frame).items() if "δ" in card}
        expected = {f"n{c}_{j}" for c, size in enumerate([2, 2, 4, 3, 2]) for j in range(size) if c > 4 - i and c > 0}
        assert with_delta == expected
        rings = {n for n, a in parsed(frame).nodes.items() if a.get("color") == "#D55E00"}
        assert rings == {n for n in expected if n.startswith(f"n{5 - i}_")}
        assert boxes(parsed, frame) == boxes(parsed, frames[0])  # nothing moves
    assert frames[-1].titles == viz.draw_network(model, x, loss=loss).titles


def test_numbers_agree_with_torch(parsed, g5):
    model, loss = g5
    x = np.array([0.3, -0.7])
    drawn = cards(parsed, viz.draw_network(model, x, loss=loss, precision=10))
    torch = pytest.importorskip("torch")
    h, layers = torch.tensor(x), []
    for linear in list(model)[::2]:
        z = torch.tensor(linear.weight.data) @ h + torch.tensor(linear.bias.data)
        z.requires_grad_().retain_grad()
        h = torch.tanh(z)
        h.retain_grad()
        layers.append((linear.bias.data, z, h))
    ((h - 1) ** 2).sum().backward()
    for c, (bias, z, a) in enumerate(layers, 1):
        for j in range(len(z)):
            card = numbers(drawn[f"n{c}_{j}"])
            slope = 1 - a[j].detach() ** 2
            expected = {"b": bias[j], "z": z[j], "a": a[j], "∂L/∂a": a.grad[j], "f′": slope, "δ": z.grad[j]}
            assert {name: card[name] for name in expected} == pytest.approx(
                {name: float(torch.as_tensor(value).detach()) for name, value in expected.items()}, rel=1e-8
            )


def test_weights_are_right_whichever_way_a_layer_keeps_them(parsed):
    class Columns(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter([[1.0, 2.0], [3.0, 4.0]])

        def forward(self, x):
            return x @ self.weight

    assert weights(viz.draw_network([Columns()], [1.0, 1.0])) == {
        "n0_0->n1_0": 1.0, "n0_0->n1_1": 2.0, "n0_1->n1_0": 3.0, "n0_1->n1_1": 4.0,
    }  # fmt: skip


def test_wide_layers_show_their_ends(parsed):
    rng = np.random.default_rng(0)
    net = nn.Sequential(nn.Linear(9, 64, rng=rng), nn.ReLU(), nn.Linear(64, 3, rng=rng))
    figure = viz.draw_network(net, rng.normal(size=9))
    drawn = list(cards(parsed, figure))
    assert drawn[:10] == ["n0_0", "n0_1", "n0_2", "n0_7", "n0_8", "n1_0", "n1_1", "n1_2", "n1_62", "n1_63"]
    assert len(parsed(figure).edges) == 5 * 5 + 5 * 3
    assert "64 neurons, 5 drawn" in figure.source
    assert figure.source.count("⋮") == 2
    assert repr(figure) == "<Figure: network 9-64-3 with outputs>"


def test_columns_are_named_with_their_activations(parsed, g5):
    model, _ = g5
    names = [a["label"] for n, a in parsed(viz.draw_network(model, [0.0, 0.0])).nodes.items() if n.startswith("name")]
    assert names == [
        "x\n2 inputs",
        *(f"layer {i}\n{s} · tanh" for i, s in enumerate(["2→2", "2→4", "4→3", "3→2"], 1)),
    ]
    named = Pair(lambda a, b, x: b(a(x).tanh()))
    names = [a["label"] for n, a in parsed(viz.draw_network(named, [0.0, 0.0])).nodes.items() if n.startswith("name")]
    assert names[1:] == ["layer 1\na: 2→2 · tanh", "layer 2\nb: 2→2"]


def test_it_renders_with_titles(renderer, g4):
    layers, loss = g4
    svg = viz.draw_network(layers, [1.0, 2.0], loss=loss).svg
    assert "<title>weight −0.3</title>" in svg
    sentence = "layer 1, neuron 1: z = −0.1, output −0.1, ∂L/∂a = −1.7, f′(z) = 1, δ = −1.7"
    assert f"<title>{sentence}</title>" in svg


def test_weights_of_nan_and_of_0_are_told_from_others(parsed):
    layer = nn.Linear(2, 3, bias=False)
    layer.weight.data = [[np.nan, 0.5], [0.0, -0.3], [-np.inf, -0.0]]
    figure = viz.draw_network(layer, [1.0, 1.0])
    # A weight that is not finite spoils none of its neighbours.
    assert {k: v.split()[1] for k, v in figure.titles.items() if "->" in k} == {
        "n0_0->n1_0": "nan", "n0_1->n1_0": "0.5", "n0_0->n1_1": "0", "n0_1->n1_1": "−0.3",
        "n0_0->n1_2": "−inf", "n0_1->n1_2": "0",
    }  # fmt: skip
    looks = {(p, q): (look["style"], look["color"], look["penwidth"]) for p, q, look in parsed(figure).edges}
    assert looks["n0_0", "n1_0"] == ("dotted", "#737B85", "2.64")
    assert looks["n0_0", "n1_1"] == looks["n0_1", "n1_2"] == ("solid", "#737B85", "0.60")
    assert looks["n0_1", "n1_0"] == ("solid", "#0086C9", "4.00")
    assert looks["n0_0", "n1_2"] == ("dashed", "#B4488A", "4.00")


@pytest.mark.parametrize(
    ("weights", "kinds"),
    [
        ([[1.0, 2.0]], ["positive"]),
        ([[1.0, -2.0]], ["positive", "negative"]),
        ([[0.0, -0.0]], ["0"]),
        ([[np.nan, np.inf]], ["positive", "nan"]),
    ],
)
def test_a_legend_says_what_the_lines_mean(renderer, weights, kinds):
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.data = weights
    figure = viz.draw_network(layer, [1.0, 2.0])
    assert re.findall(r"</B></FONT> (\w+)", figure.source) == kinds
    assert figure.svg.startswith("<svg")


@pytest.mark.parametrize(
    ("model", "x", "loss", "error", "message"),
    [
        (nn.Tanh(), [1.0], None, TypeError, "Tanh has no layers with parameters"),
        (nn.Linear(2, 1), [[1.0, 2.0]], None, ValueError, r"one sample, of shape \(n,\), not \(1, 2\); pass x"),
        (nn.Conv2d(1, 1, 1), np.ones((1, 2, 2)), None, ValueError, r"not \(1, 2, 2\); draw\(model\(x\)\) shows any"),
        (nn.Linear(2, 1), [1.0, 2.0], lambda o: 3.0, TypeError, "must give a node, not float"),
        (lambda x: x, [1.0], None, TypeError, "no layers"),
        (3, [1.0], None, TypeError, "pass a module, or a list of modules and functions, not int"),
        (nn.Linear(2, 1), [1.0, 2.0], lambda o: o.data.item, TypeError, "must give a node"),
        (nn.Linear(2, 3), [1.0, 2.0], lambda o: o * o, ValueError, r"one number, not shape \(3,\); take its mean"),
        (nn.Linear(2, 1), [1.0, 2.0], "mse", TypeError, r"not 'mse'; model.draw\(x, y, loss='mse'\)"),
        (nn.MLP([2, 1], scalar=True), [[1.0, 2.0]], None, ValueError, "one sample"),
    ],
)
def test_errors_say_what_to_pass(model, x, loss, error, message):
    with pytest.raises(error, match=message):
        viz.draw_network(model, x, loss=loss)


@pytest.mark.parametrize("precision", [0, 18, 2.5, True, "3"])
def test_precision_counts_digits(precision):
    with pytest.raises(ValueError, match="draw_network: precision counts significant digits, 1 to 17"):
        viz.draw_network(nn.Linear(1, 1), [1.0], precision=precision)
    with pytest.raises(ValueError, match="network_frames: precision counts"):
        viz.network_frames(nn.Linear(1, 1), [1.0], loss=lambda o: o.sum(), precision=precision)


def test_a_loss_of_the_output_and_a_target(g5):
    model, loss = g5
    x, y = [0.3, -0.7], np.array([1.0, 1.0])
    by_hand = viz.draw_network(model, x, loss=loss)
    assert viz.draw_network(model, x, y, loss=lambda o, y: ((o - y) ** 2).sum()).source == by_hand.source
    assert viz.draw_network(model, x, y, loss=nn.MSELoss(reduction="sum")).source == by_hand.source
    frames = viz.network_frames(model, x, y, loss=nn.MSELoss(reduction="sum"))
    assert frames[-1].source == viz.network_frames(model, x, loss=loss)[-1].source
    with pytest.raises(TypeError, match="y is what a loss compares"):
        viz.draw_network(model, x, y)
    with pytest.raises(TypeError, match="target") as caught:
        viz.draw_network(model, x, loss=nn.MSELoss())
    assert "draw_network(model, x, y, loss=...)" in caught.value.__notes__[0]


def test_the_loss_of_a_net_of_values_may_be_an_array_of_one():
    net = nn.MLP([2, 3, 1], scalar=True, rng=0)
    assert "loss L" in viz.draw_network(net, [0.3, -0.7], 1.0, loss=lambda o, y: (o - y) ** 2).source


@pytest.mark.parametrize("sizes", [[2, 3, 2], [3, 4, 4, 1], [1, 1], [2, 12, 1]])
@pytest.mark.parametrize("output", [None, "sigmoid", "softmax"])
def test_a_net_of_scalars_is_drawn_like_one_of_arrays(sizes, output):
    scalar, array = (nn.MLP(sizes, "tanh", output, scalar=s, rng=0) for s in (True, False))
    array.load_state_dict(scalar.state_dict())
    x, y = np.linspace(-1.0, 1.0, sizes[0]), np.linspace(0.2, 0.8, sizes[-1])
    for options in ((x,), (x, y)):
        figures = [
            viz.draw_network(net, *options, loss=nn.MSELoss() if len(options) > 1 else None) for net in (scalar, array)
        ]
        assert figures[0].titles == figures[1].titles
        assert figures[0].source == figures[1].source or output == "softmax"  # which has several ops there
    assert not any(p.has_grad for p in scalar.parameters())


class Neuron:
    """A neuron as micrograd has it."""

    def __init__(self, weights, bias, last=False):
        self.w, self.b, self.last = [Value(w) for w in weights], Value(bias), last

    def __call__(self, x):
        z = sum((w * a for w, a in zip(self.w, x)), self.b)
        return z if self.last else z.tanh()

    def parameters(self):
        return [*self.w, self.b]


class Neurons:
    """Layers of such neurons."""

    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]


def test_neurons_of_values_are_found_however_they_are_written(parsed):
    net = Neurons(
        [Neuron([0.5, -1.0], 0.1), Neuron([2.0, 0.0], -0.3), Neuron([1.0, 1.0], 0.0)],
        [Neuron([1.5, -0.5, 0.25], 0.2, last=True)],
    )
    figure = viz.draw_network(net, [1.0, 2.0], 1.0, loss=lambda o, y: (o - y) ** 2)
    assert weights(figure) == {
        "n0_0->n1_0": 0.5, "n0_1->n1_0": -1.0, "n0_0->n1_1": 2.0, "n0_1->n1_1": 0.0, "n0_0->n1_2": 1.0,
        "n0_1->n1_2": 1.0, "n1_0->n2_0": 1.5, "n1_1->n2_0": -0.5, "n1_2->n2_0": 0.25,
    }  # fmt: skip
    a = np.tanh([0.1 + 0.5 - 2.0, 2.0 - 0.3, 3.0])
    o = 0.2 + a @ [1.5, -0.5, 0.25]
    delta = 2 * (o - 1) * np.array([1.5, -0.5, 0.25]) * (1 - a**2)
    drawn = [numbers(cards(parsed, figure)[f"n1_{j}"]) for j in range(3)]
    assert [card["a"] for card in drawn] == pytest.approx(a, rel=1e-2)
    assert [card["δ"] for card in drawn] == pytest.approx(delta, rel=1e-2)
    assert [card["b"] for card in drawn] == [0.1, -0.3, 0.0]
    names = [a["label"] for n, a in parsed(figure).nodes.items() if n.startswith("name")]
    assert names == ["x\n2 inputs", "layer 1\n2→3 · tanh", "layer 2\n3→1"]
    assert viz.draw_network(net, [Value(1.0), Value(2.0)], 1.0, loss=lambda o, y: (o - y) ** 2).source == figure.source


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (lambda n, x: n(x) + x[0], "the output is not computed from layer 1 alone"),
        (lambda n, x: n([x[0] * x[0], x[1]]), "what layer 1 gives is no weighted sum"),
        (lambda n, x: n(x) * x[0], "the output is not computed from layer 1 alone"),
        (lambda n, x: n.w[0] ** n(x), "parameters stand in something else than a weighted sum"),
    ],
)
def test_what_is_no_chain_of_neurons_of_values_is_refused(net, message):
    class Net:
        def __init__(self):
            self.neuron = Neuron([0.5, 0.25], 0.1)

        def __call__(self, x):
            return net(self.neuron, x)

        def parameters(self):
            return self.neuron.parameters()

    with pytest.raises(ValueError, match=rf"({message}); only chains of layers can be drawn"):
        viz.draw_network(Net(), [1.0, 2.0])


def test_a_node_may_be_the_sample():
    assert viz.draw_network(nn.Linear(2, 1), Tensor([1.0, 2.0])).source
    with pytest.raises(ValueError, match="one sample"):
        viz.draw_network(nn.Linear(2, 1), Value(1.0))


def test_a_layer_that_is_used_twice_is_refused():
    layer = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="'0' is used more than once"):
        viz.draw_network([layer, nn.Tanh(), layer], [1.0, 2.0])


class Pair(nn.Module):
    """Two layers, `a` and `b`, put together by a function of them and the input."""

    def __init__(self, together):
        self.a, self.b = nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1)
        self.together = together

    def forward(self, x):
        return self.together(self.a, self.b, x)


@pytest.mark.parametrize(
    ("together", "message"),
    [
        (lambda a, b, x: a(x).tanh() + b(x).tanh(), "layer 'b' is not computed from layer 'a' alone"),
        (lambda a, b, x: b(a(x).tanh() + x), "layer 'b' is not computed from layer 'a' alone"),
        (lambda a, b, x: x + b(a(x).tanh()), "the output is not computed from layer 'b' alone"),
        (lambda a, b, x: (h := a(x)) + b(h), "the output is not computed from layer 'b' alone"),
        (lambda a, b, x: b(a(x.tanh())), "what layer 'a' gives is no weighted sum"),
        (lambda a, b, x: b(nn.LayerNorm(2)(a(x))), "layer 'b' is not computed from layer 'a' alone"),
    ],
)
def test_only_chains_of_layers_are_drawn(together, message):
    with pytest.raises(ValueError, match=rf"{message}; only chains of layers can be drawn.*draw\(y\)"):
        viz.draw_network(Pair(together), [1.0, 2.0])


def test_what_works_on_each_neuron_by_itself_is_no_layer_of_neurons():
    net = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3), nn.Linear(3, 1))
    with pytest.raises(ValueError, match="layer '1' works on each neuron by itself"):
        viz.draw_network(net, [1.0, 2.0])


class Computed(nn.Module):
    """A layer of its own making."""

    def __init__(self, f):
        self.weight, self.f = nn.Parameter([[1.0, 2.0], [3.0, -4.0]]), f

    def forward(self, x):
        return self.f(self.weight, x)


@pytest.mark.parametrize("f", [lambda w, x: w @ x.relu(), lambda w, x: w @ (x / x.sum())])
def test_a_layer_that_is_no_weighted_sum_is_refused(f):
    with pytest.raises(ValueError, match="what layer '0' gives is no weighted sum"):
        viz.draw_network([Computed(f)], [1.0, 2.0])


@pytest.mark.parametrize("f", [lambda w, x: w @ x, lambda w, x: w @ ((2 * x).reshape(2) / 2)])
def test_a_weighted_sum_may_be_computed_in_any_way(f):
    drawn = weights(viz.draw_network([Computed(f), nn.Tanh()], [1.0, 2.0]))
    assert drawn == {"n0_0->n1_0": 1.0, "n0_1->n1_0": 2.0, "n0_0->n1_1": 3.0, "n0_1->n1_1": -4.0}


def test_an_activation_may_read_the_weighted_input_twice_and_constants():
    def together(a, b, x):
        z = a(x)
        return b(z * z.sigmoid() * np.array([2.0, 0.0])).sigmoid()

    net = Pair(together)
    drawn = weights(viz.draw_network(net, [1.0, 2.0], precision=10))
    assert drawn["n1_0->n2_1"] == pytest.approx(net.b.weight.data[1, 0], rel=1e-9)
