import sys

import numpy as np
import pytest

from autograd import Tensor, exp, log, relu, sigmoid, sin, sqrt, tan, tanh, viz, where

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    yield
    matplotlib.pyplot.close("all")


def lines(ax):
    """The lines of all panels, by their labels."""
    return {line.get_label(): line for panel in ax.figure.axes for line in panel.lines}


def panels(ax):
    """Each panel's limits, with its curve."""
    labels = [panel.get_ylabel() or "f" for panel in ax.figure.axes]
    return [(panel.get_ylim(), lines(ax)[label].get_ydata()) for panel, label in zip(ax.figure.axes, labels)]


@pytest.mark.system("G3")
def test_g3_the_tangent_of_an_error_curve():
    ax = viz.plot_function(lambda p: (1 - p) ** 2, at=-1.0)
    drawn = lines(ax)
    assert {"f", "f′", "f″", "tangent, slope −4", "f(−1) = 4", "f′(−1) = −4", "f″(−1) = 2"} <= set(drawn)
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
    assert 1 < np.ptp(ax.get_ylim()) < most
    for (bottom, top), ys in panels(ax):
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
    "f",
    [
        sin,
        lambda x: x * x,
        exp,
        lambda x: exp(-100 * x * x),
        lambda x: tanh(20 * x),
        lambda x: sin(10 * x),
        lambda x: x * 1e300,
    ],
)
def test_what_has_no_pole_is_shown_whole(f):
    for (bottom, top), ys in panels(viz.plot_function(f, at=0.5)):
        assert np.isfinite(ys).all()
        assert bottom < ys.min()
        assert ys.max() < top


def test_each_curve_has_a_scale_of_its_own():
    ax = viz.plot_function(lambda x: sin(x**3 + 5), at=1.0)
    heights = [np.ptp(limits) for limits, _ in panels(ax)]
    assert heights[0] < 2.5
    assert heights[1] > 50
    assert heights[2] > 1000
    assert [panel.get_ylabel() for panel in ax.figure.axes] == ["f", "f′", "f″"]
    assert {panel.get_xlim() for panel in ax.figure.axes} == {(-2.0, 4.0)}
    _, ax = matplotlib.pyplot.subplots()
    viz.plot_function(lambda x: sin(x**3 + 5), at=1.0, ax=ax)
    assert np.ptp(ax.get_ylim()) < 7  # on axes given, the function chooses


@pytest.mark.parametrize(
    ("f", "label", "place", "dot", "circles"),
    [
        (relu, "f′", 0.0, 0.0, [1.0]),
        (abs, "f′", 0.0, 0.0, [-1.0, 1.0]),
        (lambda x: abs(x - 1 / 3), "f′", 1 / 3, 0.0, [-1.0, 1.0]),
        (lambda x: 1.0 * (x > 0), "f", 0.0, 0.0, [1.0]),
        (lambda x: x * abs(x), "f″", 0.0, 0.0, [-2.0, 2.0]),
        (lambda x: where(x > 2, 4 - x, x), "f′", 2.0, 1.0, [-1.0]),
        (lambda x: where(x == 1, x + 4, x), "f", 1.0, 5.0, [1.0]),
    ],
)
def test_a_leap_is_a_gap_with_circles_and_a_dot(f, label, place, dot, circles):
    ax = viz.plot_function(f)
    panel = ax.figure.axes[["f", "f′", "f″"].index(label)]
    marks = [line for line in panel.lines if line.get_marker() == "o"]
    hollow, full = marks
    np.testing.assert_allclose(hollow.get_xdata(), place, atol=1e-9)
    np.testing.assert_allclose(sorted(hollow.get_ydata()), circles, atol=1e-5)
    assert hollow.get_markerfacecolor() == "white"
    np.testing.assert_allclose(full.get_xydata(), [(place, dot)], atol=1e-9)
    assert full.get_label().startswith(f"{label}(")
    x, y = lines(ax)[label].get_data()
    assert np.isnan(y).sum() == 1
    assert x[np.isnan(y)][0] == pytest.approx(place, abs=1e-9)
    others = [line for axes in ax.figure.axes if axes is not panel for line in axes.lines]
    assert not [line for line in others if line.get_marker() == "o"]


@pytest.mark.parametrize(("f", "places"), [(lambda x: 1 / x, [0.0]), (log, [0.0]), (tan, [-np.pi / 2, np.pi / 2])])
def test_a_pole_has_a_line_of_its_own(f, places):
    ax = viz.plot_function(f, interval=(-3, 3))
    poles = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == ":" or line.is_dashed()]
    np.testing.assert_allclose(sorted(poles), places, atol=1e-5)


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
        (sigmoid, {"at": (-2, 2)}, TypeError, r"interval=\(left, right\)"),
    ],
)
def test_errors_say_what_to_pass(f, options, error, message):
    with pytest.raises(error, match=message):
        viz.plot_function(f, **options)


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "graphgrad\[plot\]"'):
        viz.plot_function(sigmoid)
