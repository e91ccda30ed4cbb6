"""What repeats in time fits on a page: a row for each step, or one for all."""

import re
from types import SimpleNamespace

import pytest

import nn
from autograd import Tensor, Value, viz
from autograd.graph import toposort
from autograd.viz.time_steps import find_steps
from tests.helpers import recurrent
from tests.helpers.crossings import arrows, cross, crossings
from tests.helpers.heights import too_low

GATED = [
    recurrent.rnn, recurrent.rnn_of_scalars, lambda n: recurrent.rnn_of_scalars(n, units=2), recurrent.gru,
    recurrent.gru_of_scalars,
]  # fmt: skip
NAMES = ["rnn", "rnn of scalars", "rnn of two scalars", "gru", "gru of scalars"]
WIDE, HIGH = 1100, 700  # pixels


def pixels(figure):
    return [4 / 3 * points for points in figure._size]


def cards(figure):
    return re.findall(r' id="(n\d+)"', figure.source)


@pytest.mark.parametrize("net", GATED, ids=NAMES)
def test_rows_fit_on_a_page_and_grow_with_the_steps(net):
    heights = []
    for steps in (4, 8, 32):
        figure = viz.draw(net(steps), limit=None)
        width, height = pixels(figure)
        assert width <= WIDE
        heights.append(height)
    row = (heights[1] - heights[0]) / 4
    assert heights[2] == pytest.approx(heights[1] + 24 * row, rel=0.03)
    assert heights[1] < 8500


@pytest.mark.parametrize("net", [*GATED, recurrent.lstm], ids=[*NAMES, "lstm"])
def test_rolled_it_fits_on_a_screen(renderer, net):
    for steps in (4, 32):
        figure = viz.draw(net(steps), roll=True)
        width, height = pixels(figure)
        assert width <= WIDE
        assert height <= HIGH
        assert f"{steps} steps" in figure.source


@pytest.mark.parametrize("net", GATED, ids=NAMES)
@pytest.mark.parametrize("options", [{"limit": None}, {"roll": True}], ids=["open", "rolled"])
def test_no_arrow_of_a_parameter_crosses_another(renderer, net, options):
    figure = viz.draw(net(8), **options)
    width, _ = pixels(figure)
    assert width <= WIDE
    parameters = re.findall(r'\t(n\d+) \[.* class="param"', figure.source)
    drawn = arrows(SimpleNamespace(_file=figure._rendered))
    own = [a for a in drawn if a.title.split("->")[0] in parameters]
    assert len(own) <= 1  # of what the loss alone reads
    assert not [(a.title, b.title) for a in own for b in drawn if a is not b and cross(a.lines[0], b.lines[0])]
    assert crossings(figure) <= 1


OTHERS = [recurrent.lstm, recurrent.attention, recurrent.two_layers, recurrent.newton]


@pytest.mark.parametrize("net", [*GATED, *OTHERS], ids=[*NAMES, "lstm", "attention", "two layers", "newton"])
def test_steps_are_found_without_labels_or_with(net):
    y = net(6)
    found = find_steps(toposort(y))
    assert found.count == 6
    sizes = [sum(found.number.get(node) == step for node in found.alike) for step in range(1, 7)]
    assert len(set(sizes[1:])) == 1
    second, third = ({found.alike[n] for n in found.alike if found.number[n] == step} for step in (2, 3))
    assert second == third


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_steps_of_layers(kind):
    layer = getattr(nn, kind)(2, 3, rng=0)
    y = layer([[1.0, 2.0]] * 5)[0]
    assert find_steps(toposort(y)).count == 5
    assert "<B>step 5</B>" in viz.draw(y, roll=False, limit=None).source
    rolled = viz.draw(y, roll=True)
    assert "5 steps" in rolled.source
    width, height = pixels(rolled)
    assert width <= WIDE
    assert height <= HIGH
    assert "↺ v3<" not in rolled.source  # the products of all inputs, which are not of the step before


def test_labels_change_nothing():
    for net in (recurrent.rnn, recurrent.gru):
        with_labels, without = (find_steps(toposort(net(5, labels=labels))) for labels in (True, False))
        assert list(with_labels.number.values()) == list(without.number.values())


def test_a_loss_at_each_step_belongs_to_its_step():
    y = recurrent.rnn(5, losses=True)
    found = find_steps(toposort(y))
    squares = [node for node in toposort(y) if node.op is not None and node.op.name == "pow_number"]
    assert [found.number[node] for node in squares] == [1, 2, 3, 4, 5]


def test_what_does_not_repeat_along_a_path_has_no_steps():
    w = Value(2.0, "w")
    samples = [(w * float(i)).tanh() for i in range(6)]
    assert find_steps(toposort(sum(samples[1:], samples[0]))) is None
    assert find_steps(toposort(w)) is None
    deep = Tensor([1.0])
    for i in range(8):
        deep = (deep * Tensor([float(i)])).tanh()
    assert find_steps(toposort(deep)) is None


@pytest.mark.parametrize("limit", [2, 5, 10, 20, 40, 100])
@pytest.mark.parametrize("net", [recurrent.rnn, recurrent.gru_of_scalars], ids=["rnn", "gru of scalars"])
def test_limit_decides_how_much_folds(net, limit):
    y = net(8)
    figure = viz.draw(y, limit=limit)
    assert len(cards(figure)) <= limit
    assert len(cards(viz.draw(y, limit=None))) > 50
    assert len(cards(viz.draw(y, limit=limit, compact=False))) <= limit


def test_each_step_has_its_row(parsed):
    figure = viz.draw(recurrent.rnn(8))
    for step in range(1, 9):
        assert f"<B>step {step}</B>" in figure.source
    chips = re.findall(r"<B>(Wx|Wh|b|h\d)</B></FONT>", figure.source)
    assert {name: chips.count(name) for name in ("Wx", "Wh", "b", "h3")} == {"Wx": 8, "Wh": 8, "b": 8, "h3": 1}
    assert "drawn once" not in figure.source


def test_rolled_formulas_name_what_the_step_before_computed():
    source = viz.draw(recurrent.gru(8), roll=True).source
    assert "<B>h1 … h8</B>" in source
    assert source.count("<B>↺ h</B>") == 4
    assert "at first ↺ h" in source
    assert "8 steps" in source
    assert "roll=False draws each step" in source
    assert "limit=None draws all" in viz.draw(recurrent.rnn_of_scalars(6, units=6), roll=False).source


def test_many_steps_roll_by_themselves():
    assert "50 steps" in viz.draw(recurrent.rnn_of_scalars(50), limit=400).source
    assert "<B>step 50</B>" in viz.draw(recurrent.rnn_of_scalars(50), limit=400, roll=False).source


def test_a_large_graph_in_time_that_may_not_roll_folds_within_its_steps():
    y = recurrent.rnn_of_scalars(6, units=6)
    figure = viz.draw(y, roll=False)
    assert len(cards(figure)) <= 200 < len(toposort(y))
    assert "<B>step 6</B>" in figure.source
    assert "h6,0 … h6,5" in figure.source


def test_a_given_direction_or_form_draws_no_rows():
    y = recurrent.rnn(8)
    for options in ({"direction": "LR"}, {"direction": "TB"}, {"compact": False}):
        assert "step 1" not in viz.draw(y, **options).source


def test_units_that_read_other_things_are_not_alike():
    source = viz.draw(recurrent.rnn_of_scalars(8, units=3), roll=True).source
    assert "↺ h" in source
    assert "↺ x" not in source


def test_roll_draws_once_what_repeats_without_time():
    w = [Value(float(i)) for i in range(4)]
    y = sum((v * 2.0 for v in w[1:]), w[0] * 2.0)
    assert "4 alike" in viz.draw(y, roll=True).source
    with pytest.raises(TypeError, match="roll is True, False, or None to let `limit` decide, not 'yes'"):
        viz.draw(y, roll="yes")


def test_hostile_names_in_rows(renderer):
    w, h = Value(0.5, '<b>]]>"\\N{}'), Value(1.0, "🙂\n<script>")
    for i in range(12):
        h = (w * h + w).tanh()
        h.label = f"<i>&{i}"
    for options in ({"limit": None}, {"roll": True}):
        for draw in (viz.draw, viz.draw_backward):
            svg = draw(h, **options).svg
            assert "<script>" not in svg
            assert "&lt;b&gt;]" in svg.replace("&#93;", "]")


@pytest.mark.parametrize("net", GATED, ids=NAMES)
def test_both_passes_in_rows_fit_on_a_page_and_grow_with_the_steps(net):
    heights = []
    for steps in (4, 8, 32):
        width, height = pixels(viz.draw_backward(net(steps), limit=None))
        assert width <= WIDE
        heights.append(height)
    row = (heights[1] - heights[0]) / 4
    assert heights[2] == pytest.approx(heights[1] + 24 * row, rel=0.03)


HIGH_BACK = {"rnn": 710, "rnn of scalars": 710, "rnn of two scalars": 710, "gru": 830, "gru of scalars": 710}


@pytest.mark.parametrize("name", HIGH_BACK)
def test_both_passes_rolled_fit_on_a_screen(renderer, name):
    figure = viz.draw_backward(GATED[NAMES.index(name)](32), roll=True)
    width, height = pixels(figure)
    assert width <= WIDE
    assert height <= HIGH_BACK[name]
    assert crossings(figure) == 0
    assert "32 steps" in figure.source


@pytest.mark.parametrize("net", GATED, ids=NAMES)
def test_no_arrow_of_a_parameter_crosses_another_in_both_passes(renderer, net):
    figure = viz.draw_backward(net(8), limit=None)
    assert pixels(figure)[0] <= WIDE
    assert crossings(figure) <= 1  # of two numbers before the steps
    assert crossings(figure, "backward") == 0


def test_below_each_operand_stands_what_goes_back_to_it(parsed):
    figure = viz.draw_backward(recurrent.rnn(8), limit=None)
    texts = {node["label"] for node in parsed(figure).nodes.values() if "h2" in node.get("label", "")}
    product = next(text for text in texts if "Wh" in text and "h2" in text)
    assert "g ⊗ h2" in product
    assert "Whᵀ @ g" in product
    state = next(text for text in texts if "tanh" in text)
    assert "× (1 − h2·h2)" in state
    assert "‖∂L/∂h2‖ = " in state
    chips = re.findall(r"<B>(Wx|Wh|b)</B></FONT>", figure.source)
    assert {name: chips.count(name) for name in ("Wx", "Wh", "b")} == {"Wx": 8, "Wh": 8, "b": 8}
    assert "∂L/∂Wh += " in figure.svg  # the chain rule in numbers, where one points


def test_numbers_of_the_ways_back_are_right():
    y = recurrent.rnn_of_scalars(8)
    source = viz.draw_backward(y, limit=None).source
    last = y.parents[0]
    assert f"× 2·h8,0 = {2 * last.data:.4g}".replace("-", "−") in source
    assert f"∂L/∂h8,0 = {last.grad:.4g}".replace("-", "−") in source


def test_arrows_of_both_passes_have_two_lanes_where_a_gradient_goes_back(parsed):
    found = parsed(viz.draw_backward(recurrent.rnn(8), limit=None))
    names = {name: node.get("label", "") for name, node in found.nodes.items()}
    drawn = [(names[a], look) for a, _, look in found.edges if look.get("style") != "invis"]
    assert {look.get("dir") for text, look in drawn if re.match("x[0-9]", text)} == {None}
    assert {look.get("dir") for text, look in drawn if re.match("V", text)} == {"both"}


@pytest.mark.parametrize("limit", [2, 10, 40])
@pytest.mark.parametrize("net", [recurrent.rnn, recurrent.gru_of_scalars, recurrent.attention])
def test_limit_decides_how_much_of_both_passes_folds(net, limit):
    y = net(8)
    for roll in (None, False):
        assert len(cards(viz.draw_backward(y, limit=limit, roll=roll))) <= limit


@pytest.mark.parametrize("net", OTHERS, ids=["lstm", "attention", "two layers", "newton"])
def test_both_passes_of_other_nets_in_time(net):
    for options in ({"limit": None}, {"roll": True}, {"gradient": 2.0}):
        assert "∂L/∂L" in viz.draw_backward(net(6), **options).svg


def test_one_layout_or_a_direction_may_be_asked_for():
    y = recurrent.rnn(5)
    for options in ({"style": "cards"}, {"style": "rows"}, {"direction": "TB"}):
        assert "step 1" not in viz.draw_backward(y, limit=None, **options).source
    assert "step 1" in viz.draw_backward(y, limit=None).source


@pytest.mark.parametrize("depth", [1, 4, 9])
def test_a_part_of_a_graph_folds_without_what_lies_before_it(depth):
    y = recurrent.gru_of_scalars(8)
    assert cards(viz.draw(y, depth=depth, roll=True))
    assert len(cards(viz.draw(y, depth=depth, limit=3))) <= 3


@pytest.mark.parametrize("net", [*GATED, *OTHERS], ids=[*NAMES, "lstm", "attention", "two layers", "newton"])
@pytest.mark.parametrize("draw", [viz.draw, viz.draw_backward])
def test_tables_are_as_large_as_their_texts_need(renderer, capfd, net, draw):
    y = net(4)
    leaves = [node for node in toposort(y) if node.op is None]
    for leaf, name in zip(leaves, ("w₁ᵀ", "‖h‖ʰ"), strict=False):  # where a font lacks a sign, a higher one stands in
        leaf.label = name
    pictures = [draw(y, **options) for options in ({"limit": None}, {"roll": True})]
    assert all(picture.svg for picture in pictures)
    assert "too small" not in capfd.readouterr().err
    assert [low for picture in pictures for low in too_low(picture)] == []
