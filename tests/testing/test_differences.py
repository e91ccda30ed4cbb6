"""Numerical gradients: each method as accurate as it says, on functions of every size; and what it refuses."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from autograd.testing import numerical_gradient

METHODS = ["forward", "central", "richardson", "complex"]
CURVES = {
    "exp": (np.exp, np.exp, 1.0),
    "log close to its pole": (np.log, lambda x: 1 / x, 1e-8),
    "a fast wave far out": (np.sin, np.cos, 1000.0),
    "a large cube": (lambda x: x**3, lambda x: 3 * x**2, 1e6),
    "a flat tail": (np.tanh, lambda x: 1 / np.cosh(x) ** 2, -3.0),
    "a constant": (lambda x: 0 * x + 2.0, lambda x: 0.0, 1.0),
}
RELATIVE = {"forward": 1e-6, "central": 2e-9, "richardson": 1e-11, "complex": 1e-15}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_a_method_is_as_accurate_as_it_says(method, curve):
    f, slope, x = curve
    estimate = numerical_gradient(f, x, method)
    distance = abs(estimate.gradient - slope(x))
    assert distance <= RELATIVE[method] * abs(slope(x))
    assert distance <= 10 * estimate.error + 4e-16 * abs(slope(x))


@pytest.mark.parametrize("method", ["forward", "central", "richardson"])
@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: 1 / x, 1e-8, -1e16),
        (lambda x: np.tanh(1e6 * x), 0.0, 1e6),
        (lambda x: np.sin(1e6 * x), 1.0, 1e6 * np.cos(1e6)),
        (lambda x: np.sin(2560 * np.pi * x), 0.01, 2560 * np.pi * np.cos(25.6 * np.pi)),
        (lambda x: np.exp(-(((x - 0.5) / 1e-3) ** 2) / 2), 0.501, -1e3 * np.exp(-0.5)),
        (np.log, 1e-12, 1e12),
    ],
    ids=["by a pole", "a step", "a fast wave", "a wave as long as a round step", "a narrow bell", "a logarithm's pole"],
)
def test_an_estimate_knows_what_a_long_step_misses(method, f, x, slope):
    estimate = numerical_gradient(f, x, method)
    assert abs(estimate.gradient - slope) <= 10 * estimate.error
    assert estimate.error <= 1e-3 * abs(slope)


def test_calls_are_counted():
    seen = []

    def f(x):
        seen.append(x)
        return np.sum(x**2)

    x = np.linspace(0.5, 1.0, 7)
    for method, calls in {"forward": 15, "central": 29, "richardson": 113, "complex": 27}.items():
        seen.clear()
        assert numerical_gradient(f, x, method).calls == len(seen) == calls


@pytest.mark.parametrize("method", ["forward", "central", "richardson"])
def test_containers_nodes_and_arrays_come_back_as_they_went_in(method):
    x = {"a": Tensor([[1.0, 2.0]]), "b": (Value(3.0), [np.float32([4.0])])}
    estimate = numerical_gradient(lambda p: (p["a"] * p["b"][0]).sum() + p["b"][1][0].sum() * 2.0, x, method)
    assert list(estimate.gradient) == ["a", "b"]
    np.testing.assert_allclose(estimate.gradient["a"], [[3.0, 3.0]], rtol=1e-6)
    b, (c,) = estimate.gradient["b"]
    assert type(b) is float
    assert c.shape == (1,)
    assert b == pytest.approx(3.0, rel=1e-6)
    assert c == pytest.approx(2.0, rel=1e-6)


def test_the_argument_is_left_alone():
    x = np.arange(3.0)
    numerical_gradient(np.sum, x, "complex")
    np.testing.assert_array_equal(x, [0, 1, 2])


def test_a_step_of_ones_own_gives_the_textbooks_quotients():
    estimate = numerical_gradient(lambda x: x**2, 1.0, "forward", step=0.5)
    assert estimate.gradient == 2.5
    assert numerical_gradient(lambda x: x**3, 1.0, "central", step=0.5).gradient == 3.25
    assert numerical_gradient(lambda x: x**2, 1.0, "forward", step=0.5).error >= 0.5


@given(st.floats(-3, 3), st.floats(0.1, 3), st.integers(0, 4))
def test_richardsons_error_estimate_is_honest_on_random_waves(x, k, power):
    f = lambda t: np.sin(k * t) * t**power
    exact = k * np.cos(k * x) * x**power + (power * x ** (power - 1) * np.sin(k * x) if power else 0.0)
    estimate = numerical_gradient(f, x, "richardson")
    assert abs(estimate.gradient - exact) <= 10 * estimate.error + 1e-15


def test_the_engine_refuses_complex_steps_with_a_lesson():
    with pytest.raises(TypeError, match=r"refuses complex numbers.*method='richardson'"):
        numerical_gradient(lambda x: autograd.sin(x), Value(1.0), "complex")


@pytest.mark.parametrize("f", [np.abs, lambda x: np.real(x) ** 2, lambda x: (x * np.conj(x)).real + 0j])
def test_a_function_that_is_not_analytic_gets_no_silent_zero(f):
    with pytest.raises(TypeError, match="not analytic"):
        numerical_gradient(f, 1.5, "complex")


@pytest.mark.parametrize(
    ("f", "x", "error", "text"),
    [
        (lambda x: None, 1.0, TypeError, "returned NoneType; is a return missing"),
        (lambda x: "a", 1.0, TypeError, "returned str"),
        (lambda x: x, np.ones(2), ValueError, "shape \\(2,\\); reduce it"),
        (lambda x: x, 1, TypeError, "write 1.0 for 1"),
        (lambda x: x, "a", TypeError, "not a number"),
        (3.0, 1.0, TypeError, "pass a function"),
        (lambda x: x * 1j, 1.0, TypeError, "returned a complex number"),
    ],
)
def test_bad_input(f, x, error, text):
    with pytest.raises(error, match=text):
        numerical_gradient(f, x)


def test_a_random_function_is_said_to_be():
    rng = np.random.default_rng(0)
    for method in ("forward", "central", "richardson", "complex"):
        with pytest.raises(ValueError, match=r"is random.*fixed seed"):
            numerical_gradient(lambda x: x * rng.random(), 2.0, method)


@pytest.mark.parametrize("step", ["a", 0.0, -1e-3, np.nan, np.inf])
def test_a_step_is_above_0(step):
    with pytest.raises(ValueError, match="step is a number above 0"):
        numerical_gradient(np.sin, 1.0, step=step)


@pytest.mark.parametrize(("f", "x"), [(np.log, -0.5), (np.sqrt, 0.0), (lambda x: np.sum(x) * np.nan, np.ones(2))])
def test_a_complex_step_is_refused_where_there_is_nothing_to_differentiate(f, x):
    with np.errstate(all="ignore"), pytest.raises(TypeError, match="no finite value or no derivative here"):
        numerical_gradient(f, x, "complex")


@pytest.mark.parametrize("method", METHODS)
def test_a_function_may_write_into_its_argument(method):
    def f(x):
        x += 1
        return np.sum(x**2)

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(numerical_gradient(f, x, method).gradient, [4.0, 6.0], rtol=1e-6)
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("x", [0.05, 1e-6])
def test_a_function_may_raise_where_it_is_not_defined(x):
    estimate = numerical_gradient(math.log, x, "richardson")
    assert abs(estimate.gradient - 1 / x) <= estimate.error
    assert estimate.error < 1e-6 / x
    with pytest.raises(ValueError, match="math domain error"):
        numerical_gradient(math.log, -x, "richardson")


def test_at_a_kink_the_error_is_that_of_both_sides():
    assert numerical_gradient(abs, 0.0, "richardson").error >= 1.0


@pytest.mark.parametrize("method", ["forward", "central", "richardson"])
def test_where_there_is_no_value_there_is_no_gradient(method):
    estimate = numerical_gradient(lambda x: np.sum(x) * np.nan, np.ones(2), method)
    assert np.isnan(estimate.gradient).all()
    assert not np.isfinite(estimate.error).any()


def test_an_unknown_method_lists_the_known():
    with pytest.raises(ValueError, match="no method 'best'; there are central, forward, richardson, complex"):
        numerical_gradient(np.sin, 1.0, "best")


@pytest.mark.parametrize("large", [1e2, 1e4, 1e6])
def test_the_error_knows_the_rounding_of_terms_that_cancelled(large):
    for x in np.linspace(-2, 2, 41):
        estimate = numerical_gradient(lambda t: (np.sin(t) + large) - large, x, "richardson")
        assert abs(estimate.gradient - np.cos(x)) <= 10 * estimate.error
        assert estimate.error < 1e-12 * large


STAIRS = {  # functions whose values lost more than half of their digits, with their slopes
    "-log(1 - sigmoid)": (lambda z: -np.log(1 - 1 / (1 + np.exp(-z))), lambda z: 1.0, (25.0, 30.0, 33.0)),
    "(1e12 + v) - 1e12": (lambda v: (1e12 + v) - 1e12, lambda v: 1.0, (1.3,)),
    "(1e15 + v) - 1e15": (lambda v: (1e15 + v) - 1e15, lambda v: 1.0, (1.3,)),
    "√(x² + 1) - x": (lambda x: np.sqrt(x * x + 1) - x, lambda x: -1 / (2 * x * x), (1e5, 1e6)),
}


@pytest.mark.parametrize("method", ["forward", "central", "richardson"])
@pytest.mark.parametrize(("f", "slope", "points"), STAIRS.values(), ids=STAIRS)
def test_values_that_are_equal_close_by_and_differ_further_out_are_no_slope_of_0(f, slope, points, method):
    for x in points:
        estimate = numerical_gradient(f, x, method)
        assert abs(estimate.gradient - slope(x)) <= 2 * estimate.error


@pytest.mark.parametrize("method", ["forward", "central", "richardson"])
@pytest.mark.parametrize(
    ("f", "x"),
    [(lambda x: np.maximum(abs(x) - 0.05, 0.0), 0.01), (lambda x: np.floor(x) + 0.0, 2.05), (lambda x: 0 * x + 3, 1.0)],
    ids=["a dead zone", "a jump on one side", "a constant"],
)
def test_a_slope_of_0_is_known_where_values_are_flat_by_themselves(f, x, method):
    estimate = numerical_gradient(f, x, method)
    assert estimate.gradient == 0.0
    assert estimate.error < 1e-7
