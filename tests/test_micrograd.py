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
    assert float(max([Value(1.0), Value(2.0)], key=lambda v: v.data)) == 2.0
