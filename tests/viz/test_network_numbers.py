"""Networks: from the numbers that a picture shows, z and δ follow, within what their rounding leaves."""

import re
from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd import viz
from tests.helpers.neurons import Interval, cards, numbers, shown

ACTIVATIONS = [nn.Tanh, nn.ReLU, nn.Sigmoid, nn.Softplus, nn.ELU, nn.GELU, nn.SiLU, nn.LeakyReLU, nn.Identity]


def random_net(seed):
    """A net of one to three layers of arrays or of Values, with a sample and a target, and whether it is wide."""
    rng = np.random.default_rng(seed)
    scalar, wide = bool(seed % 2), seed % 5 == 0
    sizes = rng.integers(1, 10 if scalar else 6, size=rng.integers(2, 5)).tolist()
    if wide:
        sizes[rng.integers(len(sizes) - 1)] = 12 if scalar else int(rng.integers(20, 60))
    parts = []
    for a, b in pairwise(sizes):
        parts += [nn.Linear(a, b, bias=bool(rng.integers(2)), rng=rng), ACTIVATIONS[rng.integers(len(ACTIVATIONS))]()]
    if seed % 7 == 3 and sizes[-1] > 1:
        parts[-1] = nn.Softmax()
    net = nn.Sequential(*parts)
    x, y = rng.normal(size=sizes[0]) * 10.0 ** rng.integers(-2, 2), rng.normal(size=sizes[-1])
    return net.to_scalars() if scalar else net, x, y


@pytest.mark.parametrize("seed", range(50))
def test_z_and_delta_follow_from_the_numbers_shown(parsed, seed):
    net, x, y = random_net(seed)
    drawn = cards(parsed, viz.draw_network(net, x, y, loss=nn.MSELoss()))
    checked = 0
    for name, card in drawn.items():
        if "z" not in card:
            continue
        column = int(name[1:].split("_")[0])
        terms = [Interval.of(w) * shown(drawn[f"n{column - 1}_{i}"], "a") for i, w in card["w"].items()]
        z = sum(terms, shown(card, "b") + shown(card, "rest"))
        delta = shown(card, "∂L/∂a") * shown(card, "f′") + shown(card, "+ others")
        assert z.meets(shown(card, "z")), (name, card)
        assert delta.meets(shown(card, "δ")), (name, card)
        # The intervals are narrow: a number that is missing or false would be seen.
        sizes = sum(abs(t.low) for t in terms) + abs(shown(card, "b").low) + abs(shown(card, "rest").low)
        assert z.width <= 0.04 * sizes + 1e-12
        checked += 1
    assert checked


@pytest.mark.parametrize("seed", range(0, 50, 5))
def test_the_sums_of_one_neuron_follow_from_the_numbers_shown(parsed, seed):
    net, x, y = random_net(seed)
    for layer in range(1, 1 + sum(hasattr(part, "weight") for part in net)):
        figure = viz.draw_network(net, x, y, loss=nn.MSELoss(), neuron=(layer, 1))
        card = cards(parsed, figure)[f"n{layer}_0"]
        for left, terms, result in equations(parsed(figure).nodes["sums"]["label"]):
            assert result.meets(shown(card, left))
            assert sum(terms, Interval(0, 0)).meets(result), left


def equations(text):
    """The name, the terms and the result of each sum of products that is written out."""
    for line in re.sub(r"\n\+ ", " + ", text).split("\n")[1:]:
        left, *middle, right = line.split(" = ")
        if middle and middle != ["f(z)"]:
            yield left, [product(term) for term in middle[0].split(" + ")], Interval.of(right)


def product(term):
    numbers = [Interval.of(t) for t in re.findall(r"−?\d[\d.]*(?:e[+−]\d+)?", term.rpartition(": ")[2])]
    return numbers[0] * numbers[1] if " · " in term else numbers[0]


def test_what_is_left_out_is_one_number(parsed):
    rng = np.random.default_rng(0)
    net = nn.Sequential(nn.Linear(196, 20, rng=rng), nn.Tanh(), nn.Linear(20, 2, rng=rng))
    x = rng.normal(size=196)
    figure = viz.draw_network(net, x, precision=10)
    drawn = [0, 1, 2, 194, 195]
    weights = net[0].weight.data
    for j in (0, 1, 2, 18, 19):
        card = numbers(cards(parsed, figure)[f"n1_{j}"])
        assert card["rest"] == pytest.approx(np.delete(weights[j] * x, drawn).sum(), rel=1e-8)
    assert figure.source.count("191 more: ") == 5
    assert "“more”: the sum of w·a over the inputs whose weights are not written" in figure.source


def test_a_crowded_layer_shows_its_sums_and_says_what_shows_the_weights(parsed):
    net = nn.MLP([8, 8, 2], "tanh", rng=0)
    x = np.linspace(-1, 1, 8)
    figure = viz.draw_network(net, x)
    drawn = cards(parsed, figure)
    assert all(not drawn[f"n1_{j}"]["w"] and len(drawn[f"n2_{k}"]["w"]) == 8 for j in range(8) for k in range(2))
    assert numbers(drawn["n1_3"])["rest"] == pytest.approx(net[0].weight.data[3] @ x, rel=5e-3)
    assert "too many weights to write: neuron=(layer, neuron) writes one neuron’s" in figure.source
    assert {look["headport"] for _, q, look in parsed(figure).edges if q == "n1_3"} == {"rest:w"}


def test_one_neuron_is_strong_among_pale_lines_and_its_largest_inputs_are_drawn(parsed):
    net = nn.Sequential(nn.Linear(30, 20, rng=0), nn.Tanh(), nn.Linear(20, 3, rng=1))
    x = np.random.default_rng(2).normal(size=30)
    figure = viz.draw_network(net, x, np.zeros(3), loss=nn.MSELoss(), neuron=(1, 12))
    sizes = np.abs(net[0].weight.data[11] * x)
    drawn = cards(parsed, figure)
    assert [name for name in drawn if name.startswith("n0")] == [f"n0_{i}" for i in sorted(np.argsort(-sizes)[:5])]
    assert "n1_11" in drawn
    strong = {(p, q) for p, q, look in parsed(figure).edges if len(look["color"]) == 7}
    assert strong == {(p, "n1_11") for p in drawn if p[:2] == "n0"} | {("n1_11", f"n2_{k}") for k in range(3)}
    assert {len(look["color"]) for _, _, look in parsed(figure).edges} == {7, 9}
    assert len(drawn["n1_11"]["w"]) == 5
    assert all(list(drawn[f"n2_{k}"]["w"]) == [11] for k in range(3))
    assert repr(figure).endswith("with outputs and δs, and the sums of layer 1, neuron 12>")
    assert nn.MLP([2, 3, 1], rng=0).draw([1.0, 2.0], neuron=(2, 1)).source.count('id="sums"') == 1


@pytest.mark.parametrize(
    ("neuron", "error", "message"),
    [
        (3, TypeError, r"neuron is \(layer, neuron\), both counted from 1, such as \(2, 1\), not 3"),
        ((1, 2, 3), TypeError, "both counted from 1"),
        (("1", 2), TypeError, "both counted from 1"),
        ((0, 1), ValueError, r"no layer 0 for neuron=\(0, 1\); layers count from 1 to 2"),
        ((1, 4), ValueError, r"no neuron 4 in layer 1 for neuron=\(1, 4\); its neurons count from 1 to 3"),
        ((1, 0), ValueError, "no neuron 0 in layer 1"),
    ],
)
def test_a_neuron_that_is_not_there(neuron, error, message):
    with pytest.raises(error, match=message):
        viz.draw_network(nn.MLP([2, 3, 1]), [1.0, 2.0], neuron=neuron)


def test_a_neuron_whose_output_depends_on_others_shows_what_comes_through_them(parsed):
    net, x = nn.MLP([3, 4], output="softmax", rng=0), np.array([0.5, -1.0, 2.0])
    figure = viz.draw_network(net, x, np.eye(4)[1], loss=nn.MSELoss(), precision=10)
    a = net(x).data
    error = 2 * (a - np.eye(4)[1]) / 4
    for j, card in enumerate(numbers(cards(parsed, figure)[f"n1_{j}"]) for j in range(4)):
        others = -a[j] * (a @ error - a[j] * error[j])
        assert [card["f′"], card["+ others"]] == pytest.approx([a[j] * (1 - a[j]), others], rel=1e-8)
    assert "others: what δ gets through the other outputs" in figure.source


def test_a_huge_weight_leaves_the_others_their_widths(parsed):
    layer = nn.Linear(4, 2, bias=False)
    layer.weight.data = [[1e6, 0.5, -0.4, 0.3], [0.2, 0.4, 0.5, -0.1]]
    figure = viz.draw_network(layer, np.ones(4))
    widths = {p: float(look["penwidth"]) for p, q, look in parsed(figure).edges if q == "n1_0"}
    assert widths["n0_0"] == 4
    assert widths["n0_1"] == pytest.approx(0.6 + 3.4 * 0.5 / 1.5, abs=0.01)
    assert "from 1.5 on equally wide" in figure.source


def test_a_sample_that_is_not_finite_leaves_the_biases(parsed):
    layer = nn.Linear(2, 2, rng=0)
    layer.bias.data = [0.5, -0.25]
    drawn = cards(parsed, viz.draw_network(layer, [np.nan, np.inf]))
    assert [drawn[f"n1_{j}"]["b"] for j in range(2)] == ["0.5", "−0.25"]


@pytest.mark.parametrize("scalar", [False, True])
def test_biases_are_seen_by_what_they_do(parsed, scalar):
    net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, bias=False, rng=1))
    net[0].bias.data = [0.0, np.nan, -np.inf]
    net[0].weight.data[2, 1] = np.nan
    drawn = cards(parsed, viz.draw_network(net.to_scalars() if scalar else net, [1.0, 2.0]))
    assert [drawn[f"n1_{j}"].get("b") for j in range(3)] == ["0", "nan", "−inf"]
    assert "b" not in drawn["n2_0"]
