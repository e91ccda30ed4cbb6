"""``viz.levels``: cards for what is calculated at once, and arrows that say how often numbers are used."""

import re

import pytest

from autograd import Tensor, Value, viz
from tests.compiler.scalars import net


def test_cards_and_counts():
    x, w = [Value(v) for v in (1.0, 2.0, 3.0)], [Value(v) for v in (0.5, -1.0, 0.0)]
    y = sum(a * b for a, b in zip(x, w, strict=True)).tanh()
    figure = viz.levels(y, inputs=x, names={"y": y})
    assert repr(figure) == "<Figure: 7 operations on numbers in 3 calls on arrays>"
    for text in ("3 at once", "1 sum of 4", "3 inputs", "3 parameters", "<B>y</B> = −0.9051", ">tanh<", ">Σ<", ">×<"):
        assert text in figure.source
    cells = re.findall(r'HEIGHT="12" BGCOLOR="(#\w+)">(.)', figure.source)
    assert [sign for _, sign in cells[:3]] == ["<"] * 3  # a text, or the end of an empty cell
    assert figure.source.count(">−</FONT>") == 2  # one product is negative; the legend has another
    assert cells[2][0] == viz.levels.__globals__["ZERO"]


def test_how_often_numbers_are_used():
    loss, _ = net([2, 4, 3, 1], 5, Value.tanh)
    source = viz.levels(loss).source
    assert "each 3 times" in source  # a neuron of the first layer, by those of the second
    assert "4 to each" in source
    assert "each 4 times" not in source


def test_many_numbers_are_drawn_in_part():
    loss, _ = net([2, 16, 1], 20, Value.relu)
    source = viz.levels(loss).source
    assert "320 sums of 3" in source
    assert source.count("…") >= 1
    assert source.count('HEIGHT="12"') < 700


def test_numbers_that_are_not_finite():
    x = [Value(0.0), Value(1.0), Value(-1.0)]
    source = viz.levels(sum(a.log() for a in x)).source
    assert source.count(">?</FONT>") == 2


def test_hostile_labels():
    x = Value(1.0, '<B>]]>"\\N')
    y = x.exp() * x
    figure = viz.levels(y, names={})
    assert "&lt;B&gt;" in figure.source
    assert "<svg" in figure.svg


def test_it_is_rendered_without_a_warning(capfd):
    loss, _ = net([2, 4, 1], 5, Value.tanh)
    assert "<svg" in viz.levels(loss).svg
    assert capfd.readouterr().err == ""


def test_errors():
    with pytest.raises(TypeError, match="levels: pass a Value or a Tensor, not float"):
        viz.levels(1.0)
    with pytest.raises(ValueError, match="levels: this graph has ops on arrays"):
        viz.levels(Tensor([1.0, 2.0]).sum())
    with pytest.raises(ValueError, match="levels: nothing was calculated here, this is a leaf"):
        viz.levels(Value(1.0))
    y = Value(0.5)
    for _ in range(101):
        y = y.tanh()
    with pytest.raises(ValueError, match="levels: 101 levels are more than a picture can show; at most 100"):
        viz.levels(y)
