"""What pictures beside the peers' are measured by."""

import importlib
import re
import sys
from itertools import permutations, product
from pathlib import Path

import pytest

from autograd import viz

BENCH = Path(__file__).parents[2] / "scripts" / "bench"
SVG = """<svg width="{width}" height="90pt" viewBox="0 0 60 45" xmlns="http://www.w3.org/2000/svg">
<g transform="scale({scale} {scale}) translate(4 4)">
<g class="node"><title>a</title><text font-size="10">MulBackward0</text></g>
<g class="node"><title>b</title><text>{text}</text></g>
<g class="edge"><title>a:e-&gt;b</title><path d="M0,0C1,1 2,2 3,3"/></g>
<g class="edge"><title>b-&gt;c</title><path d="M0,3C1,2 2,1 3,0"/></g>
<g class="edge"><title>b-&gt;d</title><path d="M0,9C1,9 2,9 3,9"/></g>
</g></svg>"""


@pytest.fixture(scope="module", autouse=True)
def bench():
    """The folder of the benchmarks on the path, as for a script in it."""
    before = sys.path[:]
    sys.path.insert(0, str(BENCH))
    yield
    sys.path[:] = before


@pytest.fixture
def measures():
    return importlib.import_module("picture_measures")


@pytest.fixture
def graphs():
    return importlib.import_module("picture_graphs")


def picture(measures, text="", width="120pt", scale=1):
    return measures.measured(SVG.format(text=text, width=width, scale=scale))


@pytest.mark.parametrize(("width", "pixels"), [("120pt", 160), ("120px", 120), ("120", 120), ("2in", 192)])
def test_sizes_are_in_pixels(measures, width, pixels):
    found = picture(measures, width=width)
    assert (found.width, found.height) == (pixels, 120)


def test_the_smallest_text_is_as_small_as_the_drawing_is_scaled(measures):
    assert picture(measures).text == pytest.approx(10 * 160 / 60)
    assert picture(measures, scale=0.5).text == pytest.approx(5 * 160 / 60)
    assert picture(measures).text_in(80) == pytest.approx(5 * 160 / 60)
    assert picture(measures).text_in(838) == picture(measures).text


def test_arrows_that_cross_and_those_at_ops_of_a_backward_pass_are_counted(measures):
    found = picture(measures)
    assert (found.crossings, found.backward) == (1, 1)


@pytest.mark.parametrize(
    ("text", "number", "there"),
    [
        ("= 0.8556", 0.85562, True),
        ("data -1.50 | grad 2", -1.4951, True),
        ("[−0.126  0.64]", -0.1261, True),
        ("1.23e−05", 1.2345e-5, True),
        ("= 1133", 1132.7, True),
        ("1024 B", 1024.0, False),
        ("= 0.8556", 0.8558, False),
        ("0.9", 0.9, False),  # a digit alone may be another's
        ("12", 12.0, False),
        ("1.25 KB", 1.25, False),
        ("0.35 ms, 1.5 s", 1.5, False),
    ],
)
def test_a_number_is_seen_where_its_digits_are(measures, text, number, there):
    assert picture(measures, text).share([number]) == ("all" if there else "–")


def test_the_share_of_numbers(measures):
    assert picture(measures, "0.25 0.35").share([0.25, 0.35, 0.45]) == "2 of 3"
    assert picture(measures).share([]) == ""


def test_a_number_that_tells_something_is_of_one_kind_only(graphs):
    kinds = graphs.telling(graphs.cases()["neuron and loss"])
    assert all(kinds.values())
    for a, b in permutations(kinds.values(), 2):
        assert all(abs(x - y) > 5e-3 * abs(x) for x, y in product(a, b))


def test_a_picture_of_both_passes_tells_every_number_of_a_neuron(graphs, measures):
    case = graphs.cases()["neuron and loss"]
    y, _ = graphs.ours(case)
    both, forward = (measures.measured(draw(y).svg) for draw in (viz.draw_backward, viz.draw))
    kinds = graphs.telling(case)
    assert [both.share(numbers) for numbers in kinds.values()] == ["all", "all", "all"]
    assert [forward.share(numbers) for numbers in kinds.values()] == ["all", "all", "–"]
    assert both.share(case.biases) == "all"
    assert both.backward > 0 == forward.backward


def test_what_is_not_installed_is_left_out_and_told(monkeypatch, tmp_path, capsys):
    peers = importlib.import_module("picture_peers")
    neuron = {"neuron and loss": peers.cases()["neuron and loss"]}
    monkeypatch.setattr(peers, "cases", lambda: neuron)
    for library in ("micrograd.engine", "torch", "torchviz", "torchview", "torchlens", "torchvista"):
        monkeypatch.setitem(sys.modules, library, None)
    peers.main(tmp_path)
    printed = capsys.readouterr().out
    assert re.search(r"graphgrad: draw_backward +\d+ +\d+ +\d+", printed)
    for library in ("micrograd", "torchviz", "torchview", "torchlens", "torchvista"):
        assert re.search(rf"^{library}.*: left out: ", printed, re.MULTILINE), library
    assert {path.name for path in tmp_path.iterdir()} == {
        "neuron-and-loss-graphgrad-draw.svg", "neuron-and-loss-graphgrad-draw-backward.svg"
    }  # fmt: skip
