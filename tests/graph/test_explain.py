"""The chain rule path by path: what the paths contribute adds up to the gradient that the engine gives."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given

import autograd
import nn
from autograd import Tensor, Value, gradients, relu, sigmoid, sqrt, where
from autograd.graph import count_paths, explain, paths
from tests.helpers.programs import SHAPES, ours, programs
from tests.helpers.support import KINDS, examples
from tests.scripts.test_systems import G4, K1, K6_B, K6_BY_W, K6_BY_X, K6_W, K6_X, k1

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def check(y, x, gradient=None):
    """The sum over paths is the gradient; without sums, to the last bit."""
    e = explain(y, x, gradient)
    total = gradients(y, x, gradient)
    np.testing.assert_array_equal(e.total, total)
    assert e.count == count_paths(y, x)
    if e.count > 500:
        return
    all_paths = list(e.paths)
    assert len(all_paths) == len(e.paths) == e.count == len(list(paths(y, x)))
    assert [p.nodes for p in all_paths] == list(paths(y, x))
    added = sum((p.product for p in all_paths), 0.0 * x.data)
    scale = sum(float(np.abs(p.product).max(initial=0)) for p in all_paths)
    np.testing.assert_allclose(added, total, rtol=0, atol=1e-13 * scale + 1e-300)
    if len(all_paths) == 1:
        np.testing.assert_array_equal(all_paths[0].product, total)
    for p in all_paths:
        assert p.nodes[0] is y
        assert p.nodes[-1] is x
        assert len(p.factors) == len(p.formulas) == len(p.slots) == len(p.nodes) - 1 == len(p.gradients) - 1
        assert all(a.parents[s] is b for a, b, s in zip(p.nodes, p.nodes[1:], p.slots, strict=False))
        if y.ndim == 0 and gradient is None and all(f is not None and np.ndim(f) == 0 for f in p.factors):
            assert float(p.product) == pytest.approx(float(np.prod(p.factors)), rel=1e-12, abs=1e-300)
    assert str(e)
    assert e._repr_html_().startswith("<table>" if all_paths else "<p>")


@pytest.mark.system("N7")
@given(programs([()]))
@examples(100)
def test_random_scalar_expressions(program):
    leaves, lines = program
    xs = [Value(x) for x in leaves]
    y = ours(xs, lines)
    for x in xs:
        check(y, x)


@pytest.mark.system("N7")
@given(programs(SHAPES))
@examples(100)
def test_random_expressions_of_arrays(program):
    leaves, lines = program
    xs = [Tensor(x) for x in leaves]
    y = ours(xs, lines)
    for x in xs:
        check(y, x, np.cos(np.arange(y.size)).reshape(y.shape))


@pytest.mark.system("K5")
@kinds
def test_k5_the_line(kind):
    m, x, b = kind(3.0, "m"), kind(2.0, "x"), kind(1.0, "b")
    y = m * x + b
    for node, gradient in ((m, 2.0), (x, 3.0), (b, 1.0)):
        (path,) = explain(y, node).paths
        assert float(path.product) == float(explain(y, node).total) == gradient


@pytest.mark.system("K6")
def test_k6_the_neurons():
    W, x, b = Tensor(K6_W, "W"), Tensor(K6_X, "x"), Tensor(K6_B, "b")
    y = sigmoid(W @ x + b)
    (path,) = explain(y, W, np.ones(2)).paths
    np.testing.assert_allclose(path.product, K6_BY_W, rtol=1e-11)
    assert path.formulas[1:] == ("1", "g ⊗ x")
    assert path.factors[2] is None
    (path,) = explain(y, x, np.ones(2)).paths
    np.testing.assert_allclose(path.product, K6_BY_X, rtol=1e-11)
    assert path.formulas[2] == "Wᵀ @ g"


@pytest.mark.system("L2")
@kinds
def test_l2_two_paths(kind):
    a, b, c = kind(1.0, "a"), kind(2.0, "b"), kind(3.0, "c")
    s, p = a + b, b * c
    s.label, p.label = "s", "p"
    y = s * p
    e = explain(y, b)
    assert float(e.total) == 15.0
    assert [float(path.product) for path in e.paths] == [6.0, 9.0]
    assert [[float(f) for f in path.factors] for path in e.paths] == [[6.0, 1.0], [3.0, 3.0]]
    assert [path.formulas for path in e.paths] == [("p", "1"), ("s", "c")]
    assert [node.label for node in e.paths[1].nodes[1:]] == ["p", "b"]
    assert [float(explain(y, x).total) for x in (a, c)] == [6.0, 6.0]


@kinds
def test_nets_of_textbooks_path_by_path(kind):
    p = {name: kind(value, name) for name, (value, _) in K1.items()}
    loss, *_ = k1(p)
    for name, (_, partial) in K1.items():
        (path,) = explain(loss, p[name]).paths
        assert float(path.product) == pytest.approx(partial, rel=1e-11)
    w = {name: kind(value, name) for name, value in G4.items()}
    A = w["XA"] * 1.0 + w["YA"] * 2.0
    B = w["XB"] * 1.0 + w["YB"] * 2.0
    C, D = w["AC"] * A + w["BC"] * B, w["AD"] * A + w["BD"] * B
    E = 0.5 * ((C - 1.0) ** 2 + (D - 0.0) ** 2)
    e = explain(E, w["XA"])
    assert e.count == 2
    assert float(e.total) == pytest.approx(-1.701, rel=1e-12)
    assert sum(float(path.product) for path in e.paths) == pytest.approx(-1.701, rel=1e-12)


def test_the_text_is_aligned():
    a, b, c = Value(1.0, "a"), Value(-2.0, "重み"), Value(3.0, "c")
    y = (a + b) * (b * c) - b
    y.label = "y"
    lines = str(explain(y, b)).splitlines()
    assert lines[0] == "∂y/∂重み = −10, the sum over 3 paths"
    assert lines[-1].strip() == "−10"
    assert len({len(line.encode("utf-16")) for line in lines[2:4]}) == 1
    assert repr(explain(y, b)) == str(explain(y, b))


@pytest.mark.system("L3")
def test_exponentially_many_paths_are_counted_and_not_walked():
    x = y = Value(1.5, "x")
    for _ in range(200):
        y = y + y
    e = explain(y, x)
    assert e.count == 2**200
    assert e.total == 2.0**200
    assert bool(e.paths)
    assert [len(p.nodes) for p in e.paths[:3]] == [201] * 3
    assert len(list(islice(paths(y, x), 5))) == 5
    text = str(e)
    assert "about 10^60 more paths" in text
    assert "…" in text.splitlines()[2]
    assert "more paths" in e._repr_html_()


def test_long_paths():
    x = y = Value(1.0, "x")
    for _ in range(10_000):
        y = y * 1.0
    assert count_paths(y, x) == 1
    (nodes,) = paths(y, x)
    assert len(nodes) == 10_001
    assert explain(y, x).paths[0].product == 1.0
    assert len(str(explain(y, x))) < 1000


def test_no_path():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    e = explain(x * 2, z)
    assert (e.total, e.count, list(e.paths), bool(e.paths)) == (0.0, 0, [], False)
    assert str(e) == "∂v1/∂z = 0: no path leads from z to v1"
    assert "no path" in e._repr_html_()
    assert "conditions" in str(explain(where(z > 0, x, 2.0), z))
    assert count_paths(where(z > 0, x, 2.0), z) == 0
    assert list(paths(x * 2, z)) == []
    t = Tensor([1.0, 2.0])
    np.testing.assert_array_equal(explain(x * 1, t).total, [0.0, 0.0])


def test_what_is_computed_beside_the_way_is_told_from_what_has_no_gradient():
    W, x = Tensor([[1.0, 2.0], [3.0, 4.0]], "W"), Value(2.0, "x")
    y = (W @ W).sum()
    y.label = "y"
    assert str(explain(y, W[0, 0])) == (
        "∂y/∂v2 = 0: no path leads from v2 to y; v2 = W[0, 0] is a new node, which y was not computed from; "
        "2 paths lead from W: explain that instead"
    )
    assert "v3 = v2·3 is a new node" in str(explain(x * 2, (x + 1) * 3))
    assert "a path leads from x" in explain(x * 2, (x + 1) * 3)._repr_html_()
    assert "new node" not in str(explain(y, x * 2))


@kinds
def test_paths_through_one_operand_and_through_another(kind):
    a = kind(3.0, "a")
    y = a * a
    y.label = "y"
    assert [line.partition("  a")[0].strip() for line in str(explain(y, a)).splitlines()[2:4]] == [
        "y ← a (operand 1)", "y ← a (operand 2)",
    ]  # fmt: skip
    assert repr(explain(y, a).paths[1]) == "<Path: y ← a (operand 2), 3>"
    assert "y ← a (operand 2)" in explain(y, a)._repr_html_()
    assert "operand" not in str(explain(a * 2 + a, a))


def test_the_sum_that_undoes_a_broadcast_is_written():
    X, b = Tensor(np.ones((5, 3)), "X"), Tensor([1.0, 2.0, 3.0], "b")
    y = (X * b).sum()
    y.label = "y"
    (path,) = explain(y, b).paths
    assert path.formulas == ("g spread over v1", "Σ over rows of g·X")
    assert path.factors[1].shape == (5, 3)
    assert "g at b  = Σ over rows of g·X = [5  5  5]" in str(explain(y, b))
    assert '<td style="text-align: left">g spread over v1, then Σ over rows of g·X</td>' in (
        explain(y, b)._repr_html_()
    )


def test_a_long_formula_does_not_move_the_others():
    x = Tensor([[1.0, 2.0]], "x")
    *lines, long = str(explain((nn.RMSNorm(2)(x) * 2).sum(), x)).splitlines()
    assert lines[-2:] == ["    g at v2 = g·2              = [2  2]", "    g at v1 = g·weight         = [2  2]"]
    assert long.startswith("    g at x  = (g − v1·sum(g·v1")
    assert long.endswith("2.22045e−16) = [0.506  −0.253]")
    z = nn.functional.rms_norm(x, (2,))
    assert "g at x = (g − z·sum(g·z" in str(explain(z, x, np.ones((1, 2)), names={"z": z}))


def test_a_node_by_itself_and_an_inner_node():
    x = Value(2.0, "x")
    e = explain(x, x)
    assert (e.count, e.total, e.paths[0].nodes, e.paths[-1].product) == (1, 1.0, (x,), 1.0)
    z = x * 3
    assert explain(z * z, z).total == 12.0
    assert explain(z * z, x, 2.0).total == 72.0
    assert "starting from g = 2" in str(explain(z * z, x, 2.0))
    assert [p.product for p in explain(z * z, x, 2.0).paths] == [36.0, 36.0]


@kinds
def test_masked_and_singular_paths(kind):
    x = kind(-1.0, "x")
    with np.errstate(invalid="ignore"):
        y = where(x > 0, sqrt(x), 0.0)
    e = explain(y, x)
    assert float(e.total) == float(e.paths[0].product) == 0.0
    assert "stays 0" in str(e)
    zero = kind(0.0, "x")
    assert "as for x < 0" in str(explain(relu(zero), zero))


@kinds
def test_what_has_no_gradient_is_an_error(kind):
    c = kind(2.0, "c", requires_grad=False)
    x = kind(3.0)
    with pytest.raises(ValueError, match=r"'c'.*requires no gradient"):
        explain(c * x, c)
    assert explain(c * 1, x).count == 0
    for call in (lambda: explain(1.0, x), lambda: paths(x, 1.0), lambda: count_paths([x], x)):
        with pytest.raises(TypeError, match="pass a Value or a Tensor"):
            call()
    t = Tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="not a scalar"):
        explain(t * x, x)
    with pytest.raises(IndexError, match="1 paths"):
        explain(x * 2, x).paths[1]


def test_data_changed_since():
    x = Value(2.0, "x")
    e = explain(x * x, x)
    x.data = 3.0
    with pytest.raises(ValueError, match=r"'x'.*changed"):
        list(e.paths)


@pytest.mark.parametrize("label", ["<b>&\"'", "a\nb", "{x}|", "שלום", "😀", "\u202egnp"])
def test_labels(label):
    x = Value(2.0, label)
    e = explain(x * x, x)
    assert len(str(e).splitlines()) == 6
    assert "<b>" not in e._repr_html_()
    assert "\u202e" not in str(e)


def test_an_empty_array_and_extreme_numbers():
    x = Tensor(np.zeros((0, 2)), "x")
    assert explain(x.sum(), x).total.shape == (0, 2)
    assert str(explain(x.sum(), x))
    z = Value(1e300, "z")
    assert "inf" in str(explain(z**3, z))
    n = Value(float("nan"), "n")
    assert "nan" in str(explain(n * n, n))


def test_a_gradient_graph():
    x = Value(2.0, "x")
    slope = gradients(autograd.sin(x**3), x, create_graph=True)
    check(slope, x)


def test_what_only_repeats_is_not_written():
    x, y = Value(3.0, "x"), Value(2.0, "y")
    assert str(explain(x * 2, x)).splitlines()[-1] == "  v1 ← x   2"
    assert "v2 ← v1 ← x   1 · y = 1 · 2 = 2" in str(explain(x * y + y, x))
