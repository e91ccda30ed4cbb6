"""``gradients(..., strict=True)`` gives nan in place of a convention, and nothing else anywhere else."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, detect_anomaly, gradients, maximum, no_grad, relu, where
from autograd.graph import replay
from tests.helpers.support import KINDS, numbers

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def strictly(f, *args, by=0, **how):
    nodes = list(args)
    return gradients(f(*nodes), nodes[by], strict=True, **how)


@kinds
def test_kinks_ties_and_poles_are_nan(kind):
    for f, at in [
        (relu, 0.0), (abs, 0.0), (lambda x: maximum(x, 2.0), 2.0), (autograd.sqrt, 0.0),
        (lambda x: x**0.5, 0.0), (lambda x: autograd.clip(x, -1.0, 1.0), 1.0), (lambda x: abs(x) + 3 * x, 0.0),
        (lambda x: autograd.hypot(x, 0.0), 0.0), (lambda x: autograd.norm(x), 0.0), (lambda x: x % 2.0, 4.0),
    ]:  # fmt: skip
        assert np.isnan(strictly(f, kind(at)))
        assert not np.isnan(strictly(f, kind(at + 0.7)))


@kinds
def test_a_tie_of_a_value_with_itself_is_one_too(kind):
    assert np.isnan(strictly(lambda x: maximum(x, x), kind(1.0)))


def test_only_the_elements_on_a_kink_are():
    x = Tensor([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(strictly(lambda x: (relu(x) * 3).sum(), x), [0.0, np.nan, 3.0])
    np.testing.assert_array_equal(strictly(lambda x: (maximum(x[:, None], x)).sum(), x), [np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(strictly(lambda x: x.max(), Tensor([3.0, 1.0, 3.0])), [np.nan, 0.0, np.nan])
    np.testing.assert_array_equal(
        strictly(lambda x: x.max(axis=1).sum(), Tensor([[3.0, 3.0, 1.0], [1.0, 2.0, 3.0]])),
        [[np.nan, np.nan, 0.0], [0.0, 0.0, 1.0]],
    )
    # undoing a broadcast sums over the nan
    np.testing.assert_array_equal(strictly(lambda b, x: relu(x + b).sum(), Tensor(0.0), x), np.nan)


@kinds
def test_where_mathematics_has_an_answer_strict_mode_gives_it(kind):
    assert strictly(lambda x: x**0, kind(0.0)) == 0.0
    assert strictly(lambda x: x**2, kind(0.0)) == 0.0
    assert strictly(lambda b: kind(0.0) ** b, kind(2.0)) == 0.0
    assert np.isnan(strictly(lambda b: kind(0.0) ** b, kind(0.0)))
    np.testing.assert_array_equal(strictly(lambda x: autograd.prod(x), Tensor([0.0, 3.0, 2.0])), [6.0, 0.0, 0.0])


@kinds
def test_a_branch_that_is_not_taken_does_not_matter(kind):
    f = lambda x: where(x > 0, autograd.sqrt(abs(x)), x * 2)
    x = kind(0.0)
    assert strictly(f, x) == 2.0
    slope = strictly(f, x, create_graph=True)
    assert slope.item() == 2.0
    assert strictly(lambda x: slope, x) == 0.0


@kinds
def test_the_default_is_the_convention_and_backward_keeps_it(kind):
    x = kind(0.0)
    y = relu(x)
    assert np.isnan(gradients(y, x, strict=True))
    assert gradients(y, x) == gradients(y, x, strict=False) == 0.0
    y.backward()
    assert x.grad == 0.0
    with no_grad():
        assert np.isnan(gradients(y, x, strict=True))


@kinds
def test_with_create_graph_the_marks_are_recorded(kind):
    x = kind(2.0)
    slope = gradients(abs(x) * x, x, create_graph=True, strict=True)
    assert slope.item() == 4.0
    assert replay(slope, {x: -3.0}) == 6.0
    assert np.isnan(replay(slope, {x: 0.0}))  # also where the gradient that meets |x|' is 0
    steep = gradients(abs(x) + x, x, create_graph=True, strict=True)
    assert np.isnan(replay(steep, {x: 0.0}))
    x = kind(0.0)
    first = gradients(abs(x) + x, x, create_graph=True, strict=True)
    assert np.isnan(first.item())
    assert np.isnan(gradients(first, x))
    assert replay(first, {x: 1.5}) == 2.0


def test_away_from_singular_points_nothing_changes():
    a, b = numbers((4, 3), 1), numbers((3,), 2)

    def f(w):
        h = relu(a @ w) + autograd.maximum(w[0], 0.1) * abs(w).sum()
        return h.max() + autograd.std(h) * autograd.norm(w) + autograd.prod(w)

    w = Tensor(b)
    for how in ({}, {"create_graph": True}):
        plain, strict = gradients(f(w), w, **how), gradients(f(w), w, strict=True, **how)
        np.testing.assert_array_equal(*(g.data if how else g for g in (plain, strict)))
        if how:
            np.testing.assert_allclose(gradients(strict.sum(), w), gradients(plain.sum(), w), rtol=1e-13)
            np.testing.assert_allclose(gradients(strict.sum(), w, strict=True), gradients(plain.sum(), w), rtol=1e-13)


def test_float32_and_dtypes_are_kept():
    x = Tensor(np.array([0.0, 1.0], np.float32))
    g = gradients(relu(x).sum(), x, strict=True)
    assert g.dtype == np.float32
    slope = gradients(relu(x).sum(), x, strict=True, create_graph=True)
    assert slope.data.dtype == np.float32


def test_under_detect_anomaly_it_names_the_op_that_sits_on_its_kink():
    with detect_anomaly():
        x = Value(0.0, "x")
        y = relu(x * 2.0) + 1.0
        assert gradients(y, x) == 0.0
        with pytest.raises(FloatingPointError, match=r"relu: .*; a singular point: 0, as for x < 0") as caught:
            gradients(y, x, strict=True)
    assert "y = relu(x * 2.0) + 1.0" in str(caught.value)


def test_a_chain_of_strict_passes_stays_linear_in_its_gradient():
    x = Tensor(numbers((5,), 3))
    y = relu(x) * x
    for by in (np.zeros(5), np.ones(5), -2.0 * np.ones(5)):
        np.testing.assert_array_equal(gradients(y, x, by, strict=True), gradients(y, x, by))
