import sys

import numpy as np
import pytest

from autograd import Tensor, exp, log, sigmoid, sin, sqrt, tan, viz, where

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    yield
    matplotlib.pyplot.close("all")


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


@pytest.mark.system("G3")
def test_g3_the_tangent_of_an_error_curve():
    ax = viz.plot_function(lambda p: (1 - p) ** 2, at=-1.0)
    drawn = lines(ax)
    assert {"f", "f′", "f″", "tangent, slope −4", "f(−1) = 4"} <= set(drawn)
    tangent = drawn["tangent, slope −4"]
    assert (tangent.get_xy1(), tangent.get_slope()) == ((-1.0, 4.0), -4.0)  # through (−2, 8) and (0, 0)
    x, y = drawn["f′"].get_data()
    np.testing.assert_allclose(y, 2 * (x - 1), atol=1e-12)
    np.testing.assert_allclose(drawn["f″"].get_ydata(), 2.0)


@pytest.mark.system("C1")
def test_c1_the_sigmoid_with_its_derivative():
    ax = viz.plot_function(sigmoid, interval=(-8, 8), derivatives=1)
    assert "f″" not in lines(ax)
    x, y = lines(ax)["f′"].get_data()
    s = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(y, s * (1 - s), rtol=1e-12)
    assert (x[0], x[-1]) == (-8, 8)
    ax = viz.plot_function(sigmoid, at=0.5)
    assert {"tangent, slope 0.235", "f(0.5) = 0.6225"} <= set(lines(ax))


def test_branches_constants_and_gaps():
    drawn = lines(viz.plot_function(lambda x: x * x if x > 0 else -x, interval=(-1, 1)))
    assert drawn["f′"].get_ydata()[0] == -1
    assert drawn["f′"].get_ydata()[-1] == 2
    np.testing.assert_array_equal(lines(viz.plot_function(lambda x: 3.0))["f′"].get_ydata(), 0)
    viz.plot_function(lambda x: where(x > 0, x.log(), 0.0), at=1.0).figure.canvas.draw()
    viz.plot_function(lambda x: 1 / x, at=1.0).figure.canvas.draw()


@pytest.mark.parametrize(
    ("f", "options", "most"),
    [
        (log, {"at": 1.0}, 8),
        (log, {}, 8),
        (lambda x: 1 / x, {}, 10),
        (lambda x: 1 / x, {"at": 1.0}, 10),
        (tan, {}, 30),
        (lambda x: 1 / (x * x), {}, 30),
        (sqrt, {"at": 1.0}, 6),
    ],
)
def test_a_pole_leaves_the_rest_to_be_seen(f, options, most):
    ax = viz.plot_function(f, **options)
    bottom, top = ax.get_ylim()
    assert 1 < top - bottom < most
    for label in ("f", "f′", "f″"):
        ys = lines(ax)[label].get_ydata()
        assert not np.any((ys[:-1] < bottom) & (ys[1:] > top) | (ys[:-1] > top) & (ys[1:] < bottom))
    ax.figure.canvas.draw()


def test_derivatives_are_drawn_where_the_function_has_a_value():
    drawn = lines(viz.plot_function(log, at=1.0))
    x, y = drawn["f"].get_data()
    assert np.isnan(y[x <= 0]).all()
    assert np.isfinite(y[x > 0]).all()
    for label in ("f′", "f″"):
        np.testing.assert_array_equal(np.isnan(drawn[label].get_ydata()), np.isnan(y))


@pytest.mark.parametrize(
    "f", [sin, lambda x: x * x, exp, lambda x: exp(-100 * x * x), lambda x: 1.0 * (x > 0), lambda x: sin(10 * x)]
)
def test_what_has_no_pole_is_shown_whole(f):
    ax = viz.plot_function(f, at=0.5)
    bottom, top = ax.get_ylim()
    for label in ("f", "f′", "f″"):
        ys = lines(ax)[label].get_ydata()
        assert np.isfinite(ys).all()
        assert bottom < ys.min()
        assert ys.max() < top


def test_it_draws_where_it_is_told():
    _, ax = matplotlib.pyplot.subplots()
    assert viz.plot_function(lambda x: 9 * x, ax=ax) is ax
    before = ax.get_ylim()
    assert viz.plot_function(sigmoid, ax=ax) is ax
    assert ax.get_ylim() == before  # what was there stays to be seen


@pytest.mark.parametrize(
    ("f", "options", "error", "message"),
    [
        (sigmoid, {"interval": (1, 1)}, ValueError, "left below right"),
        (sigmoid, {"interval": (0, float("inf"))}, ValueError, "left below right"),
        (sigmoid, {"derivatives": 3}, ValueError, "derivatives is 0, 1 or 2, not 3"),
        (lambda x: Tensor([1.0, 2.0]) * x, {}, TypeError, "one number for one number"),
        (log, {"at": -1.0}, ValueError, r"f\(-1\) is nan, so there is no tangent"),
        (lambda x: 1 / x, {"at": 0.0}, ValueError, r"f\(0\) is inf, so there is no tangent"),
        (lambda x: "text", {}, TypeError, "one number for one number"),
    ],
)
def test_errors_say_what_to_pass(f, options, error, message):
    with pytest.raises(error, match=message):
        viz.plot_function(f, **options)


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "graphgrad\[plot\]"'):
        viz.plot_function(sigmoid)
