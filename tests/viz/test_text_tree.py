import pytest

from autograd import Tensor, Value, viz

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


def test_a_shared_result_without_a_name_is_known_by_its_op_and_value():
    a = Value(2.0, "a") ** 2
    assert viz.text(a + a).splitlines()[1:] == [
        "+                         8",
        "├─ **2                    4",
        "│  └─ a  param            2",
        "└─ **2  ↑ (above)         4",
    ]


def test_arrays_and_static_arguments():
    x = Tensor([[1.0, 2.0, 3.0]], "x", requires_grad=False)
    assert viz.text(x.sum(axis=0)).splitlines() == [
        "                 value",
        "Σ axis=0        f64[3]",
        "└─ x  input   f64[1,3]",
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
    assert max(map(len, lines)) < 180
    assert lines[42].startswith("⋯ └─ tanh")
    many = viz.text(y * y, limit=None)
    assert many.count("tanh") == 101  # the last is used twice


def test_a_long_chain_is_written_whole():
    y = Value(1.0)
    for _ in range(30_000):
        y = y.tanh()
    assert len(viz.text(y, limit=None)) < 30_000 * 250
