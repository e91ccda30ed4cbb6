"""A script written for micrograd runs after its import is changed, and prints the numbers it promises."""

import pytest

from autograd import Value


def example(Value):
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    text = f"{g.data:.4f}"
    g.backward()
    return g, a, b, text


def test_the_readme():
    _, a, b, text = example(Value)
    assert text == "24.7041"
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_the_readme_beside_micrograd():
    engine = pytest.importorskip("micrograd.engine")
    ours, theirs = example(Value), example(engine.Value)
    assert ours[0].data == pytest.approx(theirs[0].data, rel=1e-14)
    assert [n.grad for n in ours[1:3]] == pytest.approx([n.grad for n in theirs[1:3]], rel=1e-14)


def trace_graph(root):
    """Of micrograd's README, unchanged."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def dot_lines(root):
    """The lines that micrograd's draw_dot writes, with a number for each node in place of its id."""
    nodes, edges = trace_graph(root)
    number = {n: i for i, n in enumerate(sorted(nodes, key=lambda n: (n.data, n.grad, n._op)))}
    lines = [f"{number[n]} " + "{ data %.4f | grad %.4f }" % (n.data, n.grad) + n._op for n in nodes]  # noqa: UP031
    return sorted(lines), sorted((number[a], f"{number[b]}{b._op}") for a, b in edges)


def drawn(Value):
    w, x, b = Value(2.0), Value(-3.0), Value(6.8814)
    y = ((w * x + b) ** 2 + w * w).relu()
    before = dot_lines(y)
    y.backward()
    return before, dot_lines(y)


def test_the_drawing_script_reads_the_graph():
    (nodes, edges), (after, _) = drawn(Value)
    assert "5 { data 4.0000 | grad 0.0000 }*" in nodes
    assert sorted(n.partition("}")[2] for n in nodes) == ["", "", "", "*", "*", "**2", "+", "+", "ReLU"]
    assert len(edges) == 9  # w * w has one arrow, as a set has it
    assert after != nodes
    x = Value(3.0)
    for y, op in [(x.tanh(), "tanh"), (x.exp(), "exp"), (x - 1, "-"), (x / 2, "/"), (-x, "-"), (x**-1, "**-1")]:
        assert y._op == op
        assert x in y._prev
    assert (x._op, x._prev) == ("", set())
    assert (x * x)._prev == {x}


def test_the_drawing_script_draws_as_for_micrograd():
    engine = pytest.importorskip("micrograd.engine")
    assert drawn(Value) == drawn(engine.Value)


def test_a_script_resets_gradients_to_0():
    x = Value(3.0)
    (x * x).backward()
    x.grad = 0  # as micrograd's zero_grad does
    (x * x).backward()
    assert x.grad == 6.0
    x.data -= 0.1 * x.grad
    assert x.data == pytest.approx(2.4)
    x.data += -0.1 * 1.0
    assert sum([x, x]).data == pytest.approx(4.6)
    assert max([Value(1.0), Value(2.0)], key=lambda v: v.data).item() == 2.0


def test_what_made_a_leaf_is_refused():
    with pytest.raises(TypeError, match=r"_op='\*' says what made a node of its _children"):
        Value(1.0, _op="*")


def test_a_subclass_gives_attributes_defaults_in_the_class():
    class Named(Value):
        unit = "m"

        def __init__(self, data, unit="m"):
            super().__init__(data)
            self.unit = unit

    x = Named(2.0, "s")
    assert (x.unit, type(x * 2), (x * 2).unit) == ("s", Named, "m")
