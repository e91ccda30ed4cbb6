"""Nodes that a user makes of their operands, as micrograd's scripts do: ``out = Value(data, (x,), "f")``."""

import copy
import gc
import math
import pickle
import sys

import pytest

import autograd
from autograd import Value, grad, gradients, graph, jacobian, viz
from autograd.graph import toposort


def tanh(x):
    t = math.tanh(x.data)
    out = Value(t, (x,), "tanh")

    def _backward():
        x.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out


def product(x, y):
    out = Value(x.data * y.data, (x, y), "*")

    def _backward():
        x.grad += y.data * out.grad
        y.grad += x.data * out.grad

    out._backward = _backward
    return out


def by_hand(x, y):
    return tanh(product(x, y) + product(x, x)) * 2 + x


def by_ops(x, y):
    return (x * y + x * x).tanh() * 2 + x


def test_the_constructor_takes_the_arguments_of_either():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    for node in (
        Value(3.0, (a, b), "+", "c"),
        Value(3.0, (a, b), "+", label="c"),
        Value(3.0, [a, b], "+", "c"),
        Value(3.0, {a, b}, _op="+", label="c"),
        Value(data=3.0, _children=(a, b), _op="+", label="c"),
    ):
        assert (node.data, node._prev, node._op, node.label, node.grad) == (3.0, {a, b}, "+", "c", 0.0)
        assert node.requires_grad
        assert {*node.parents} == {a, b}
        assert type(node) is Value
    for node in (Value(3.0, (), ""), Value(3.0, (), "", "x"), Value(3.0, set()), Value(3.0, _children=(), label="x")):
        assert (node.op, node._op, node._prev, node.parents, node.label) == (None, "", set(), (), node.label)
    x = Value(1.0, "x", False)
    assert (x.label, x.requires_grad, Value(1.0, None, False).label) == ("x", False, None)
    assert not Value(3.0, (x,), "f").requires_grad
    assert not Value(3.0, (a,), "f", requires_grad=False).requires_grad
    assert Value(3.0, (a,))._op == ""
    assert Value(3.0, (a, a), "*").parents == (a, a)


def test_a_pass_gives_what_the_ops_give():
    for build in (by_hand, by_ops):
        x, y = Value(2.0), Value(-1.5)
        z = build(x, y)
        z.backward()
        first = x.grad, y.grad
        z.backward()  # leaves add up, inner nodes are set
        if build is by_hand:
            expected = first, (x.grad, y.grad), [n.grad for n in toposort(z) if n.op and n._op != "-"]
    assert (first, (x.grad, y.grad)) == (pytest.approx(expected[0]), pytest.approx(expected[1]))
    assert [n.grad for n in toposort(z) if n.op] == pytest.approx(expected[2])


def test_a_pass_that_writes_nothing_writes_nothing():
    x, y = Value(2.0), Value(-1.5)
    x.grad = 7.0
    z = by_hand(x, y)
    assert gradients(z, [x, y]) == pytest.approx(gradients(by_ops(x, y), [x, y]))
    assert [n.has_grad for n in toposort(z)].count(True) == 1
    assert x.grad == 7.0
    assert grad(by_hand, argnums=(0, 1))(2.0, -1.5) == pytest.approx(grad(by_ops, argnums=(0, 1))(2.0, -1.5))
    with autograd.detect_anomaly():
        assert gradients(by_hand(x, y), [x, y]) == pytest.approx(gradients(z, [x, y]))


def test_an_error_of_the_users_changes_no_gradient():
    x, y = Value(2.0), Value(3.0)
    x.grad = 7.0
    out = Value(4.0, (x, y), "f")

    def _backward():
        x.grad += 1.0
        raise KeyError("mine")

    out._backward = _backward
    with pytest.raises(KeyError, match="mine"):
        (out + x).backward()
    assert (x.grad, y.has_grad, out.has_grad) == (7.0, False, False)


def test_nan_asks_for_marks_and_gets_the_same():
    x = Value(0.0)
    y = autograd.where(x > 0, tanh(x.sqrt()), x)
    y.backward()
    assert x.grad == 1.0  # the branch that was not taken does not count


def test_what_has_no_derivative_says_what_to_write():
    a = Value(2.0, "a")
    out = Value(4.0, (a,), "square")
    with pytest.raises(
        TypeError, match=r"'square'.* has no derivative: set its _backward .* or write it as a primitive"
    ):
        (out + a).backward()
    assert not a.has_grad
    with pytest.raises(TypeError, match="calculates with numbers, not with nodes; write it as a primitive"):
        gradients(tanh(a), [a], create_graph=True)
    with pytest.raises(TypeError, match="calculates with numbers, not with nodes; write it as a primitive"):
        jacobian(grad(tanh))(1.0)
    with pytest.raises(TypeError, match=r"no formula to calculate it again; write it as a primitive"):
        graph.replay(tanh(a), {a: 3.0})
    with pytest.raises(TypeError, match=r"'tanh'.* holds a function, which pickle cannot write"):
        pickle.dumps(tanh(a))
    for node in (a, a * 2):
        with pytest.raises(AttributeError, match=r"_backward is set on a node that was made of its _children, out = "):
            node._backward = print
    with pytest.raises(TypeError, match=r"_op='x' says what made a node of its _children; a leaf has a label"):
        Value(1.0, (), "x")
    with pytest.raises(TypeError, match="_children are Values, and not float"):
        Value(1.0, (a, 3.0), "+")
    with pytest.raises(TypeError, match=r"_op is a text, as '\+', and not bool"):
        Value(1.0, (a,), True)


def test_a_copy_has_the_derivative_too():
    x, y = Value(2.0, "x"), Value(-1.5, "y")
    z = by_hand(x, y)
    twin = copy.deepcopy(z)
    twin.backward()
    of_twin = {n.label: n.grad for n in toposort(twin) if n.label}
    z.backward()
    assert of_twin == {"x": x.grad, "y": y.grad}


def test_a_graph_without_closures_of_its_own_nodes_has_no_cycle():
    gc.collect()
    gc.disable()
    try:
        x = Value(2.0)
        out = Value(4.0, (x,), "f")
        out._backward = lambda: None
        del out
        assert gc.collect() == 0
        assert sys.getsizeof(x * x) == sys.getsizeof(Value(4.0, (x,), "f"))
    finally:
        gc.enable()


def test_such_a_node_is_drawn_and_written_like_any_other():
    x, y = Value(2.0, "x"), Value(-1.5, "y")
    z = by_hand(x, y)
    z.backward()
    dot = graph.to_dot(z)
    assert "tanh" in dot
    assert r"\operatorname{made}\left(x, y\right)" in graph.to_latex(z)
    assert len(viz.draw(z).source) > 1000
    assert next(step.node._op for step in graph.steps(z) if step.node.op) == "+"
    assert repr(tanh(x)) == f"Value({math.tanh(2.0)!r}, op='tanh')"
    assert z._repr_mimebundle_()["text/plain"]


def test_a_node_passes_its_gradient_on_by_hand():
    x, y = Value(2.0), Value(-3.0)
    p = x * y
    z = tanh(p)
    z.grad = 1.0
    for node in (z, p, x, y):  # as the lecture does, before it writes backward()
        node._backward()
    by_one = x.grad, y.grad
    (x * y).tanh().backward()
    assert (x.grad, y.grad) == pytest.approx([2 * g for g in by_one])
