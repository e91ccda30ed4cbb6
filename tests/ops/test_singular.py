"""What the derivatives are at kinks, ties and poles, where a formula alone does not say."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, gradients, maximum, minimum, relu, sqrt, where
from autograd.ops import table
from tests.support import KINDS

INF, NAN = float("inf"), float("nan")
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def slope(f, *args, kind=Value, by=0):
    nodes = [kind(a) for a in args]
    return float(gradients(f(*nodes), nodes[by]))


def curve(f, at, kind=Value):
    """Value, first and second derivative."""
    x = kind(at)
    y = f(x)
    first = gradients(y, x, create_graph=True)
    return float(y), float(first), float(gradients(first, x))


@kinds
def test_relu_and_abs_have_slope_0_at_their_kink(kind):
    for zero in (0.0, -0.0):
        assert slope(relu, zero, kind=kind) == 0.0
        assert slope(autograd.abs, zero, kind=kind) == 0.0


@kinds
def test_ties_of_maximum_and_minimum_share_equally(kind):
    for f in (maximum, minimum):
        assert slope(f, 3.0, 3.0, kind=kind, by=0) == 0.5
        assert slope(f, 3.0, 3.0, kind=kind, by=1) == 0.5
        x = kind(3.0)
        assert float(gradients(f(x, x), x)) == 1.0


@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_of_a_reduction_share_equally(name):
    f = getattr(autograd, name)
    sign = 1 if name == "max" else -1
    x = Tensor(sign * np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]))
    np.testing.assert_array_equal(gradients(f(x), x), [[0, 0.5, 0.5], [0, 0, 0]])
    by_row = gradients(f(x, axis=1).sum(), x)
    np.testing.assert_allclose(by_row, [[0, 0.5, 0.5], [1 / 3] * 3], rtol=1e-15)
    for axis in (0, 1, None, (0, 1)):
        g = gradients(f(x, axis=axis).sum(), x)
        np.testing.assert_allclose(g.sum(axis=axis), np.ones(f(x, axis=axis).shape), rtol=1e-15)


@kinds
def test_a_power_with_exponent_0_has_slope_0_everywhere(kind):
    for at in (0.0, 2.0, -3.0, INF):
        assert slope(lambda x: x**0, at, kind=kind) == 0.0
        assert slope(lambda x, b: x**b, at, 0.0, kind=kind) == 0.0


@kinds
def test_a_power_by_its_exponent(kind):
    by_b = lambda a, b: slope(lambda x, y: x**y, a, b, kind=kind, by=1)
    assert by_b(0.0, 2.0) == 0.0
    assert by_b(0.0, 0.5) == 0.0
    assert by_b(2.0, 3.0) == pytest.approx(8 * np.log(2.0), rel=1e-15)
    with np.errstate(invalid="ignore"):
        assert np.isnan(by_b(-2.0, 2.0))


@kinds
def test_powers_of_0_have_their_polynomials_derivatives(kind):
    assert curve(lambda x: x**2, 0.0, kind) == (0.0, 0.0, 2.0)
    assert curve(lambda x: x**1, 0.0, kind) == (0.0, 1.0, 0.0)
    assert curve(lambda x: x**3, 0.0, kind) == (0.0, 0.0, 0.0)
    assert curve(lambda x: x**2.0, -3.0, kind) == (9.0, -6.0, 2.0)


@kinds
def test_the_slope_of_a_root_at_0_is_infinite(kind):
    assert slope(sqrt, 0.0, kind=kind) == INF
    assert slope(lambda x: x**0.5, 0.0, kind=kind) == INF


@kinds
def test_an_incoming_gradient_of_0_does_not_end_a_second_derivative(kind):
    assert curve(lambda x: (sqrt(x) - 1) ** 2, 1.0, kind) == (0.0, 0.0, 0.5)


@kinds
def test_nor_does_it_beside_a_branch_that_must_be_masked(kind):
    f = lambda x: (sqrt(x) - 1) ** 2 + where(x > 2, sqrt(x - 1), 0)
    assert curve(f, 1.0, kind) == (0.0, 0.0, 0.5)


@kinds
@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt:RuntimeWarning")
def test_a_branch_that_was_not_taken_does_not_poison(kind):
    f = lambda x: where(x > 0, sqrt(x), 0)
    assert curve(f, -1.0, kind) == (0.0, 0.0, 0.0)
    assert curve(f, 0.0, kind) == (0.0, 0.0, 0.0)
    assert curve(f, 4.0, kind) == (2.0, 0.25, -0.03125)


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_masks_work_element_by_element_and_before_broadcasting_is_undone():
    x, scale = Tensor([-1.0, 0.0, 4.0]), Tensor(2.0)
    y = where(x > 0, sqrt(x) * scale, 0.0).sum()
    first = gradients(y, [x, scale], create_graph=True)
    np.testing.assert_array_equal(first[0].data, [0.0, 0.0, 0.5])
    assert float(first[1]) == 2.0
    np.testing.assert_array_equal(gradients(first[0].sum(), x), [0.0, 0.0, -0.0625])
    y.backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.0, 0.5])
    z = where(x == 0, 0.0, 1 / x)
    np.testing.assert_array_equal(gradients(z.sum(), x), [-1.0, 0.0, -0.0625])


@kinds
def test_a_true_nan_is_not_masked_away(kind):
    x = kind(-1.0)
    with np.errstate(invalid="ignore"):
        y = sqrt(x) * 2
    y.backward()
    assert np.isnan(x.grad)


@kinds
def test_a_nan_elsewhere_leaves_other_leaves_right(kind):
    x, z = kind(4.0), kind(NAN)
    y = x * x + z * z
    y.backward()
    assert float(x.grad) == 8.0
    assert np.isnan(z.grad)


@kinds
def test_maximum_passes_a_nan_on(kind):
    for a, b in ((NAN, 1.0), (1.0, NAN)):
        for f in (maximum, minimum):
            assert np.isnan(float(f(kind(a), kind(b))))


def test_every_op_with_a_kink_states_its_convention():
    stated = {op.name: {s.arg for s in op.singular} for op in table() if op.singular}
    for name, args in {
        "relu": {"x"}, "abs": {"x"}, "maximum": {"a", "b"}, "minimum": {"a", "b"}, "max": {"x"}, "min": {"x"},
        "pow": {"a", "b"}, "pow_number": {"x"},
    }.items():  # fmt: skip
        assert stated[name] >= args
    for op in table():
        for s in op.singular:
            assert s.arg in op.argnames
            assert len(s.why) > 3
            assert s.why in autograd.formula(op)


@kinds
def test_the_step_function_has_slope_0_and_at_the_step_follows_its_value(kind):
    for at in (-1.0, 0.0, 2.0):
        assert slope(autograd.heaviside, at, 0.5, kind=kind) == 0.0
        assert slope(autograd.heaviside, at, 0.5, kind=kind, by=1) == (at == 0)
    assert np.isnan(float(autograd.heaviside(kind(NAN), 1.0)))


@kinds
def test_elu_at_its_kink(kind):
    x = kind(0.0)
    assert float(gradients(autograd.elu(x, alpha=0.3), x)) == 0.3


@kinds
@pytest.mark.parametrize(("p", "t", "loss", "by_p"), [(0.0, 0.0, 0, 0), (0.0, 1.0, 100, -1e12), (1.0, 0.0, 100, 1e12)])
def test_a_probability_of_0_or_1_has_pytorchs_finite_cross_entropy(kind, p, t, loss, by_p):
    assert float(autograd.binary_cross_entropy(kind(p), t)) == loss
    assert slope(autograd.binary_cross_entropy, p, t, kind=kind) == by_p


def test_softmax_and_its_kin_are_stable():
    for x in ([1000.0, -1000.0, 0.0], [-1000.0, -1001.0, -1000.5]):
        z = np.array(x) - max(x)
        total = np.log(np.exp(z).sum())
        node = Tensor(x)
        np.testing.assert_allclose(autograd.logsumexp(node).data, max(x) + total, rtol=1e-15)
        np.testing.assert_allclose(autograd.log_softmax(node).data, z - total, rtol=1e-15)
        np.testing.assert_allclose(autograd.softmax(node).data, np.exp(z - total), rtol=1e-14)
        np.testing.assert_allclose(gradients(autograd.logsumexp(node), node), np.exp(z - total), rtol=1e-13)
        assert np.isfinite(gradients((autograd.log_softmax(node) * [1.0, 2.0, 3.0]).sum(), node)).all()
    with np.errstate(divide="ignore"):
        assert autograd.logsumexp(np.array([-INF, -INF])) == -INF
    assert autograd.logsumexp(np.array([INF, 0.0])) == INF
    assert autograd.softmax(np.array([-INF, 0.0])).tolist() == [0.0, 1.0]
