import sys

import numpy as np
import pytest

from autograd import Tensor, sigmoid, viz, where

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


def test_it_draws_where_it_is_told():
    _, ax = matplotlib.pyplot.subplots()
    assert viz.plot_function(sigmoid, ax=ax) is ax


@pytest.mark.parametrize(
    ("f", "options", "error", "message"),
    [
        (sigmoid, {"interval": (1, 1)}, ValueError, "left below right"),
        (sigmoid, {"interval": (0, float("inf"))}, ValueError, "left below right"),
        (sigmoid, {"derivatives": 3}, ValueError, "derivatives is 0, 1 or 2, not 3"),
        (lambda x: Tensor([1.0, 2.0]) * x, {}, TypeError, "one number for one number"),
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
