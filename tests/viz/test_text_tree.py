import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Tensor, Value, viz
from autograd.graph.formatting import columns

NEURON = """\
                          value      grad
tanh → o                 0.3799         1
└─ +                        0.4    0.8556
   ├─ +                    −0.5    0.8556
   │  ├─ ×                    1    0.8556
   │  │  ├─ x₁  input         2    0.4278
   │  │  └─ w₁  param       0.5     1.711
   │  └─ ×                 −1.5    0.8556
   │     ├─ x₂  input        −1     1.283
   │     └─ w₂  param       1.5   −0.8556
   └─ b  param              0.9    0.8556"""

SQUARE = """\
                    value
× → L              0.3844
├─ − → d            −0.62
│  ├─ o  input       0.38
│  └─ t  const          1
└─ d  ↑ (above)     −0.62"""


def test_neuron(neuron):
    assert viz.text(neuron.o, inputs=neuron.inputs) == NEURON


def test_what_is_used_twice_is_written_once():
    o, t = Value(0.38, "o"), Value(1.0, "t", requires_grad=False)
    d = o - t
    d.label = "d"
    L = d * d
    L.label = "L"
    assert viz.text(L, inputs=o) == SQUARE


def test_a_shared_result_without_a_name_has_the_name_that_it_has_in_pictures():
    a = Value(2.0, "a") ** 2
    assert viz.text(a + a).splitlines()[1:] == [
        "+                        8",
        "├─ (·)² → v1             4",
        "│  └─ a  param           2",
        "└─ v1  ↑ (above)         4",
    ]


def test_arrays_and_static_arguments():
    x = Tensor([[1.0, 2.0, 3.0]], "x", requires_grad=False)
    assert viz.text(x.sum(axis=0)).splitlines() == [
        "                  value",
        "Σ axis=0      [1  2  3]",
        "└─ x  input   [1  2  3]",
    ]


def test_wide_names_keep_the_columns_aligned():
    lines = viz.text(Value(1.0, "重み") * Value(2.0, "e\u0301")).splitlines()
    assert lines[2:] == ["├─ 重み  param         1", "└─ e\u0301  param            2"]


def test_unnamed_leaves_are_known_by_role_and_value():
    assert viz.text(Value(1.0) + 2).splitlines()[2:] == ["├─ param         1", "└─ const         2"]


def test_several_outputs_share_what_is_above():
    x = Value(2.0, "x")
    a, b = x + 1, x * 3
    lines = viz.text([a, b]).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["+", "├─", "└─", "×", "├─", "└─"]
    assert "x  ↑ (above)" in lines[5]


def test_deep_graphs_are_cut_with_a_note():
    y = Value(1.0)
    for _ in range(100_000):
        y = y.tanh()
    lines = viz.text(y, limit=50).splitlines()
    assert len(lines) == 1 + 50 + 1
    assert lines[-1] == "… 99951 more nodes; limit=None writes them all"
    assert len(viz.text(y).splitlines()) == 1 + 200 + 1


def test_no_limit_writes_all():
    y = Value(1.0)
    for _ in range(1500):
        y = y.tanh()
    assert len(viz.text(y, limit=None).splitlines()) == 1 + 1501


def test_no_line_ends_in_blanks(neuron):
    assert all(line == line.rstrip() for line in viz.text(neuron.o * 2).splitlines())


def test_other_things_are_refused():
    with pytest.raises(TypeError, match="text: pass a Value or a Tensor, or a list of them, not int"):
        viz.text(3)


def test_deep_branches_start_anew_at_the_left():
    y = Value(1.0, "x")
    for _ in range(100):
        y = y.tanh()
    lines = viz.text(y).splitlines()
    assert len(lines) == 1 + 101
    assert max(map(len, lines)) <= 80
    assert max(map(len, viz.text(y, width=120).splitlines())) > 80
    assert any(line.startswith("⋯ └─ tanh") for line in lines)
    many = viz.text(y * y, limit=None)
    assert many.count("tanh") == 100
    assert "└─ v100  ↑ (above)" in many


def test_a_long_chain_is_written_whole():
    y = Value(1.0)
    for _ in range(30_000):
        y = y.tanh()
    assert len(viz.text(y, limit=None)) < 30_000 * 250


def test_which_sum_is_above_is_told_by_its_name():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    p, q = a + b, a + b
    lines = viz.text(p * q + p).splitlines()
    assert [line for line in lines if "→" in line] == ["│  ├─ + → v1                  3"]
    assert lines[-1].startswith("└─ v1  ↑ (above)")
    assert "<B>v1</B>&#160;= 3" in viz.draw(p * q + p, names={}).source


def test_a_number_without_a_name_is_written_again():
    two = Value(2.0, requires_grad=False)
    assert "above" not in viz.text(two * two)


def test_arrays_are_told_by_their_range_and_their_gradients_by_their_norm():
    W, v = Tensor(np.linspace(-1.0, 1.0, 20).reshape(5, 4), "W"), Tensor(np.ones(4), "v", requires_grad=False)
    y = (W @ v).sum()
    y.backward()
    lines = viz.text(y).splitlines()
    assert lines[3].split() == ["├─", "W", "param", "f64[5,4]", "−1…1", "‖·‖", "4.47"]
    assert lines[4].split() == ["└─", "v", "input", "[1", "1", "1", "1]"]
    x = Tensor(np.arange(9.0), "x")
    assert "bool[9] 8 true" in viz.text(x[x > 0])
    assert viz.text(Tensor(np.full(9, np.nan))).endswith("f64[9] nan")
    assert viz.text(Tensor(np.zeros((0, 3)))).endswith("f64[0,3]")


@given(st.integers(0, 200), st.integers(60, 100), st.sampled_from(["x", "a long name " * 5, "重み" * 20]))
@settings(max_examples=15, deadline=None)
def test_no_line_is_wider_than_asked(depth, width, label):
    x = Tensor(np.random.default_rng(depth).normal(size=(300, 2)) * 1e-12, label)
    y = x
    for _ in range(depth):
        y = (y * 1.0000001).tanh() + x
    y = y.sum()
    y.backward()
    text = viz.text(y, width=width)
    assert max(map(columns, text.splitlines())) <= width


def test_a_width_that_holds_no_tree_is_refused():
    for width in (10, 80.0, None):
        with pytest.raises(ValueError, match="text: width counts columns, a whole number from 60 on, not"):
            viz.text(Value(1.0), width=width)
