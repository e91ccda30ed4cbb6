"""What changed between two graphs, and a graph in a few numbers."""

import numpy as np
import pytest
from hypothesis import given

from autograd import Tensor, Value, relu, sigmoid, where
from autograd.graph import diff, stats, to_dict, toposort
from tests.helpers.programs import SHAPES, ours, programs
from tests.helpers.support import examples


def net(w, b):
    return ((w * 2.0 + b).tanh() - 1.0) ** 2


def test_a_training_step():
    w, b = Value(0.5, "w"), Value(0.1, "b")
    first = net(w, b)
    first.backward()
    before = to_dict(first)
    w.data -= 0.1 * w.grad
    w.zero_grad()
    second = net(w, b)
    d = diff(before, second)
    assert not d.added
    assert not d.removed
    change = next(c for c in d.changed if c.name == "w")
    assert change.fields == ("data", "grad")
    assert (change.before["data"], change.after["data"]) == (0.5, w.data)
    assert change.after["grad"] is None
    assert d.same == 3  # b and the constants
    assert "~ w " in str(d)
    assert "→ none" in str(d)


@given(programs(SHAPES))
@examples(40)
def test_a_graph_does_not_differ_from_itself_or_its_twin(program):
    leaves, lines = program
    one, two = (ours([Tensor(x) for x in leaves], lines) for _ in range(2))
    for other in (one, two, to_dict(one)):
        d = diff(one, other)
        assert not d
        assert d.same == len(toposort(one))
        assert str(d) == f"no difference in {d.same} node{'' if d.same == 1 else 's'}"
    assert not diff([], [])


def test_nodes_are_matched_by_label_where_the_way_to_them_changed():
    x = Value(2.0, "x")

    def graph(f):
        y = f(x)
        y.label = "y"
        return y * 3.0

    d = diff(graph(relu), graph(sigmoid))
    (y, z) = d.changed
    assert (y.name, y.fields) == ("y", ("op", "data"))
    assert z.fields == ("data",)
    assert "op relu → sigmoid" in str(d)


def test_static_arguments_are_compared():
    T = Tensor([[1.0, 2.0], [2.0, 1.0]], "T")
    d = diff(T.sum(axis=0), T.sum(axis=1))
    (change,) = d.changed
    assert change.fields == ("params",)
    assert str(d).splitlines()[1] == "~ sum (node 1)  axis=0 → axis=1"
    old = to_dict(T.sum(axis=0))
    del old["nodes"][1]["params"]  # as earlier versions wrote it
    assert "none → axis=0, keepdims=False" in str(diff(old, T.sum(axis=0)))
    assert "key=1: → key=:−1, 0" in str(diff(T[1:], T[:-1, 0]))


def test_nodes_added_and_removed():
    x = Value(2.0, "x")
    small, large = x * x, (x * x).tanh() + Value(1.0, "b")
    d = diff(small, large)
    assert [entry["op"] for entry in d.added] == [None, "tanh", "add"]
    assert not d.removed
    assert d.same == 2
    assert str(d).splitlines()[0] == "3 added, 2 the same"
    assert "+ b " in str(d)
    back = diff(large, small)
    assert back.removed == d.added
    assert "- b " in str(back)


def test_arrays_and_tiny_changes_tell_how_far():
    W = Tensor(np.zeros((3, 4)), "W")
    before = to_dict(W)
    W.data[1, 2] = 0.25
    assert "f64[3,4] → f64[3,4] (by at most 0.25)" in str(diff(before, W))
    v = Value(1.0, "v")
    before = to_dict(v)
    v.data = np.nextafter(1.0, 2.0)
    assert "data 1 → 1 (by 2.22" in str(diff(before, v))
    W2 = Tensor(np.zeros((2, 2)), "W")
    assert "shape [3, 4] → [2, 2]" in str(diff(W, W2))


def test_nan_is_equal_to_nan():
    x = Tensor([np.nan, 1.0], "x")
    assert not diff(x, to_dict(x))
    v = Value(float("nan"), "v")
    assert not diff(v, to_dict(v))


def test_long_lists_are_shortened():
    leaves = [Value(float(i), f"w{i}") for i in range(50)]
    before = to_dict(leaves)
    for leaf in leaves:
        leaf.data += 1.0
    lines = str(diff(before, leaves)).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "~ … and 30 more"


@pytest.mark.parametrize("label", ["<b>", "a\nb", "\u202egnp", "重み"])
def test_labels(label):
    x = Value(1.0, label)
    before = to_dict(x)
    x.data = 2.0
    assert len(str(diff(before, x)).splitlines()) == 2


def test_what_is_no_graph():
    x = Value(1.0)
    for bad in (3.0, {"nodes": []}, "x", None):
        with pytest.raises(TypeError, match=r"^diff: before"):
            diff(bad, x)
    with pytest.raises(TypeError, match=r"^diff: after"):
        diff(x, 3.0)


def test_statistics():
    W, b = Tensor(np.zeros((2, 3)), "W"), Tensor([0.0, 0.0], "b")
    y = sigmoid(W @ [1.0, 2.0, 3.0] + b)
    s = stats(y)
    assert (s.nodes, s.edges, s.depth, s.leaves, s.parameters, s.numbers) == (6, 5, 3, 3, 2, 8)
    assert s.ops == {"matmul": 1, "add": 1, "sigmoid": 1}
    assert s.bytes == 8 * (6 + 2 + 3 + 2 + 2 + 2)
    y.backward(np.ones(2))
    assert stats(y).bytes == s.bytes + 8 * (6 + 2 + 2 + 2 + 2)
    x = Value(2.0)
    s = stats([x * x, where(x > 0, x, -x)])
    assert s.nodes == 6
    assert s.bytes == 8 * 6
    assert "mul 1" in str(s)
    assert str(stats(x)).splitlines()[2] == "operations  0: none"
    with pytest.raises(TypeError, match="stats: pass a Value"):
        stats(1.0)


def test_a_long_chain():
    x = y = Value(1.0, "x")
    for _ in range(30_000):
        y = y + x
    assert stats(y)[:3] == (30_001, 60_000, 30_000)
    assert not diff(y, to_dict(y))
