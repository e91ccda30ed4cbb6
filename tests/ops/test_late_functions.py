"""Functions of late chapters at their singular points, and their graphs with other data."""

import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, Value, grad
from autograd.graph import replay

TIED = np.array([1.0, 3.0, 3.0, 2.0])
HOLES = np.array([0.5, np.nan, 2.0, np.nan])


def slope(f, x):
    return grad(lambda x: anp.sum(f(x)))(x)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        # A tie shares, as by max and min; what sorts gives the gradient to one of equal elements.
        (anp.ptp, TIED, [-1.0, 0.5, 0.5, 0.0]),
        (anp.nanmax, np.array([1.0, np.nan, 1.0]), [0.5, 0.0, 0.5]),
        (lambda x: anp.percentile(x, 100), TIED, [0.0, 0.0, 1.0, 0.0]),
        (lambda x: anp.quantile(x, 0.5), TIED, [0.0, 0.5, 0.0, 0.5]),
        (lambda x: anp.partition(x, 2)[2], TIED, [0.0, 1.0, 0.0, 0.0]),
        # Elements that are nan are left out, and get 0, not nan.
        (anp.nansum, HOLES, [1.0, 0.0, 1.0, 0.0]),
        (anp.nanmean, HOLES, [0.5, 0.0, 0.5, 0.0]),
        (anp.nanprod, HOLES, [2.0, 0.0, 0.5, 0.0]),
        (anp.nanvar, HOLES, [-0.75, 0.0, 0.75, 0.0]),
        (anp.nanstd, HOLES, [-0.5, 0.0, 0.5, 0.0]),
        (anp.nanstd, np.array([2.0, np.nan, 2.0]), [0.0, 0.0, 0.0]),
        (anp.nanmedian, HOLES, [0.5, 0.0, 0.5, 0.0]),
        (lambda x: anp.nanquantile(x, 0.25), HOLES, [0.75, 0.0, 0.25, 0.0]),
        (anp.nan_to_num, np.array([np.nan, np.inf, -np.inf, 1.0]), [0.0, 0.0, 0.0, 1.0]),
        # At a point the slope is that of the line on its right, at the last one of that on its left; 0 outside.
        (lambda x: anp.interp(x, [0.0, 1.0, 3.0], [0.0, 2.0, 4.0]), np.array([-1.0, 0, 1, 3, 9]), [0, 2, 1, 1, 0]),
        (anp.sinc, np.array([0.0, 1.0]), [0.0, -1.0]),
        (lambda x: anp.vander(x, 3)[:, 0], np.array([0.0, 2.0]), [0.0, 4.0]),
        (lambda x: anp.modf(x)[0], np.array([0.5, -1.25]), [1.0, 1.0]),
        (lambda x: anp.unwrap(x, period=4.0), np.array([0.0, 3.0, 6.5]), [1.0, 1.0, 1.0]),
        (lambda x: anp.unique(anp.intersect1d(x, [1.0, 2.0])) ** 2, TIED, [2.0, 0.0, 0.0, 4.0]),
        (lambda x: anp.choose(x.astype(int), [x, -x, 2 * x, 5 * x]), TIED, [-1.0, 5.0, 5.0, 2.0]),
    ],
)  # fmt: skip
def test_singular_points_have_their_stated_slopes(f, x, expected):
    np.testing.assert_allclose(slope(f, x), expected, rtol=1e-13, atol=1e-15)


def test_a_quantile_has_a_slope_by_its_share():
    x = np.array([1.0, 4.0, 2.0, 8.0])
    assert grad(lambda q: anp.quantile(x, q))(0.5) == pytest.approx(6.0)  # 3 places · (4 − 2)
    assert grad(lambda q: anp.percentile(x, q))(50.0) == pytest.approx(0.06)
    assert grad(lambda q: anp.quantile(x, q, method="lower"))(0.5) == 0.0


@pytest.mark.parametrize(("method", "expected"), [("linear", 4.0), ("hazen", 5.0), ("weibull", 6.0)])
def test_at_a_whole_place_the_slope_by_the_share_is_that_of_the_line_on_the_right(method, expected):
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert grad(lambda q: anp.quantile(x, q, method=method))(0.5) == pytest.approx(expected)
    assert grad(lambda q: anp.quantile(x, q))(0.0) == 4.0


@pytest.mark.parametrize("method", ["linear", "hazen", "midpoint"])
def test_quantiles_of_small_integers_and_conditions_are_those_of_floats(method):
    for x in (np.array([100, -100, 50], np.int8), np.array([True, False, True])):
        for name, q in (("quantile", 0.3), ("percentile", 30), ("nanquantile", 0.3)):
            expected = getattr(np, name)(x.astype(float), q, method=method)
            assert getattr(anp, name)(Tensor(x), q, method=method).item() == pytest.approx(expected)


def test_beside_an_infinity_a_line_is_infinite_but_at_its_other_end():
    inf, x = np.inf, Tensor([1.0, np.inf, 2.0, -np.inf])
    np.testing.assert_array_equal(anp.quantile(x, [0, 0.3, 0.5, 1]).data, [-inf, -inf, 1.5, inf])
    for data, middle in (([inf, inf], inf), ([1.0, inf], inf), ([-inf, 1.0], -inf), ([1.0, 2.0, inf], 2.0)):
        assert anp.nanmedian(Tensor(data)).item() == middle == np.nanmedian(data)
    at = [0.0, 0.5, 1.0, 1.5, 2.0, np.nan]
    for heights in ([3.0, inf, 4.0], [3.0, 4.0, inf], [-inf, -inf, 4.0]):
        expected = np.interp(at, [0, 1, 2], heights)
        np.testing.assert_array_equal(anp.interp(Tensor(at), [0, 1, 2], heights).data, expected)


def test_an_equally_spaced_slope_is_of_the_two_beside():
    x = np.array([1.0, np.nan, 2.0])
    np.testing.assert_array_equal(anp.gradient(Tensor(x)).data, np.gradient(x))


def test_edges_of_the_statistics_are_numpys():
    with warnings.catch_warnings(action="ignore"):
        assert np.isnan(anp.cov(Tensor(np.zeros(0))).item())
    assert anp.isclose(Value(2.0), 2.0).data is True
    assert anp.r_[Tensor([1.0], dtype=np.float32), 1.0].data.dtype == np.float32
    assert anp.cumulative_sum(Tensor(3.0)).shape == (1,)
    x, weights = np.arange(24.0).reshape(2, 3, 4), np.arange(8.0).reshape(4, 2)
    result = anp.average(Tensor(x), axis=(2, 0), weights=weights)
    np.testing.assert_allclose(result.data, np.average(x, axis=(2, 0), weights=weights))


def test_the_smooth_middle_of_sinc_is_smooth_to_any_order():
    f = anp.sinc
    for order in range(5):
        for x in (0.0, 1e-9, 0.3, 2.0):
            u = np.linspace(0, 1, 200_001)  # sinc(x) = ∫₀¹ cos(πxt) dt
            integral = np.trapezoid((np.pi * u) ** order * np.cos(np.pi * x * u + order * np.pi / 2), u)
            assert f(x) == pytest.approx(integral, abs=1e-8 * np.pi**order)
        f = grad(f)
    assert isinstance(anp.sinc(Value(0.5)), Value)


@pytest.mark.parametrize(
    ("name", "x"),
    [
        ("nanmax", np.array([np.nan, np.nan])), ("nanmean", np.array([np.nan])), ("nanvar", np.array([np.nan])),
        ("nanmedian", np.array([np.nan, np.nan])), ("modf", np.array([np.inf, -np.inf, np.nan, -0.0, -2.0])),
        ("isclose", np.array([np.inf, -np.inf, np.nan, 1.0])), ("nan_to_num", np.array([np.inf, -np.inf, np.nan])),
        ("unwrap", np.array([0.0, np.pi, 0.0, -np.pi, 4.0])), ("sinc", np.array([0.0, -0.0, 1e-300])),
    ],
)  # fmt: skip
def test_values_at_singular_points_are_numpys(name, x):
    args = (x, x[::-1]) if name == "isclose" else (x,)
    with warnings.catch_warnings(action="ignore"):  # NumPy's own
        expected = getattr(np, name)(*args)
        result = getattr(anp, name)(*map(Tensor, args))
    for one, theirs in zip(*((y if isinstance(y, tuple) else (y,)) for y in (result, expected)), strict=True):
        np.testing.assert_allclose(one.data, theirs, rtol=1e-15)
        np.testing.assert_array_equal(np.signbit(one.data), np.signbit(theirs))


def test_a_quantile_is_nan_where_an_element_is():
    x = Tensor([[1.0, np.nan, 2.0], [3.0, 1.0, 2.0]])
    np.testing.assert_array_equal(anp.quantile(x, 0.5, axis=1).data, [np.nan, 2.0])
    np.testing.assert_array_equal(anp.percentile(x, [0, 100], axis=1).data, [[np.nan, 1.0], [np.nan, 3.0]])


def test_other_data_take_other_places_in_a_replay():
    x = Tensor(np.array([3.0, 1.0, 2.0]))
    for y, expected in (
        (anp.quantile(x, 0.75), 20.0), (anp.interp(20.0, anp.sort(x), [0.0, 2.0, 4.0]), 3.0),
        (anp.isin(x, [10.0, 2.0]), [True, False, False]), (anp.compress(x > 1.5, x), [10.0, 30.0]),
    ):  # fmt: skip
        np.testing.assert_allclose(replay(y, {x: np.array([10.0, 1.0, 30.0])}), expected)
