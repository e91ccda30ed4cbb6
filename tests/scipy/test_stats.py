"""``autograd.scipy.stats``: SciPy's values, derivatives by each argument, outside of the support, tails, messages."""

from functools import partial

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.stats as scipys

import autograd.scipy.stats as ours
from autograd import Tensor, Value, grad, gradients
from autograd.testing import check_gradients

INF, NAN = float("inf"), float("nan")
REAL = np.array([-0.4, 0.3, 2.7])
POSITIVE, SHARE = REAL + 2.5, np.array([0.1, 0.55, 0.9])
CONTINUOUS = {
    "norm": ((), REAL), "t": ((3.5,), REAL), "beta": ((1.5, 2.5), SHARE), "gamma": ((2.5,), POSITIVE),
    "chi2": ((3.0,), POSITIVE), "expon": ((), POSITIVE), "uniform": ((), SHARE), "laplace": ((), REAL),
    "logistic": ((), REAL),
}  # fmt: skip
DISCRETE = {"poisson": (2.3,), "bernoulli": (0.3,)}
BY_X_ONLY = {"t", "beta", "gamma", "chi2"}  # their distribution functions are not differentiated by shapes
functions = pytest.mark.parametrize("function", ["pdf", "logpdf", "cdf", "logcdf", "sf", "logsf"])
continuous = pytest.mark.parametrize("name", CONTINUOUS)


def both(name, function):
    return getattr(getattr(ours, name), function), getattr(getattr(scipys, name), function)


@continuous
@functions
def test_values_are_scipys_and_gradients_those_of_differences(name, function):
    f, theirs = both(name, function)
    shapes, x = CONTINUOUS[name]
    x, loc, scale = 1.5 * x + 0.2, 0.2, 1.5
    np.testing.assert_array_equal(f(x, *shapes, loc, scale), theirs(x, *shapes, loc, scale))
    np.testing.assert_allclose(f(Tensor(x), *shapes, loc, scale).data, theirs(x, *shapes, loc, scale), rtol=2e-13)
    value = f(Value(x[2]), *shapes, loc=loc, scale=scale)
    assert type(value) is Value
    assert value.data == pytest.approx(theirs(x[2], *shapes, loc, scale), rel=2e-13)
    if name in BY_X_ONLY and "pdf" not in function:
        check_gradients(lambda x, loc, scale: f(x, *shapes, loc, scale), [x, loc, scale], order=2)
        with pytest.raises(TypeError, match="has no derivative by"):
            f(x, *map(Value, shapes))
    else:
        check_gradients(f, [x, *shapes, loc, scale], order=2)


@continuous
@functions
def test_outside_of_the_support_nothing_depends_and_wrong_parameters_are_nan(name, function):
    f, theirs = both(name, function)
    shapes, x = CONTINUOUS[name]
    at = np.array([-7.0, 0.0, 1.0, 5.0, NAN])
    node = Tensor(at)
    y = f(node, *shapes)
    np.testing.assert_allclose(y.data, theirs(at, *shapes), rtol=2e-13)
    low, high = getattr(scipys, name).support(*shapes)
    slopes = gradients(y[[0, 3]].sum(), node)
    assert (slopes[0] == 0) == (low == 0)
    assert slopes[3] == 0 or high == INF
    for parameters in ((*shapes, 0.0, -1.0), (*shapes, 0.0, 0.0), (*(-s for s in shapes[:1]), *shapes[1:])):
        if parameters:
            assert np.isnan(f(Tensor(x), *parameters).data).all()


@pytest.mark.parametrize("name", DISCRETE)
@pytest.mark.parametrize("function", ["pmf", "logpmf", "cdf", "logcdf", "sf", "logsf"])
def test_distributions_of_integers(name, function):
    f, theirs = both(name, function)
    k = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 7.0])
    (p,) = DISCRETE[name]
    y = f(k, Tensor(p))
    np.testing.assert_allclose(y.data, theirs(k, p), rtol=1e-12)
    check_gradients(partial(f, k[y.data > -INF]), [p], order=2)
    assert np.isnan(f(k, Tensor(-p)).data).all()
    np.testing.assert_allclose(f(k + 2, Tensor(p), loc=2).data, theirs(k, p), rtol=1e-12)


def test_the_edges_of_distributions_of_integers():
    mu = Value(0.0)
    assert ours.poisson.logpmf(0, mu).data == 0.0
    p = Tensor([0.0, 1.0])
    y = ours.bernoulli.logpmf(np.array([0, 1]), p)
    np.testing.assert_array_equal(y.data, scipys.bernoulli.logpmf([0, 1], [0.0, 1.0]))
    np.testing.assert_array_equal(gradients(y.sum(), p), [-1.0, 1.0])


def test_arguments_broadcast():
    x, loc, scale = np.ones((4, 3)), REAL[:3].reshape(1, 3), np.array([[0.5], [1.0], [2.0], [3.0]])
    for f in (ours.norm.logpdf, ours.norm.logcdf, partial(ours.t.logpdf, df=np.array([[2.0, 3.0, 4.0]]))):
        nodes = [Tensor(a) for a in (x, loc, scale)]
        y = f(nodes[0], loc=nodes[1], scale=nodes[2])
        assert y.shape == (4, 3)
        for g, node in zip(gradients(y.sum(), nodes), nodes, strict=True):
            assert g.shape == node.shape
    df = Tensor(np.array([1e10, 30.0]))
    np.testing.assert_allclose(ours.t.logpdf(1.5, df).data, scipys.t.logpdf(1.5, df.data), rtol=1e-9)


def test_the_normal_distribution_far_in_the_tails():
    x = Tensor([-1e4, -50.0, 50.0])
    np.testing.assert_allclose(ours.norm.logcdf(x).data, scipys.norm.logcdf(x.data), rtol=1e-14)
    np.testing.assert_allclose(ours.norm.logsf(x).data, scipys.norm.logsf(x.data), rtol=1e-14)
    np.testing.assert_allclose(gradients(ours.norm.logcdf(x).sum(), x)[:2], [1e4 + 1e-4, 50.0 + 0.01998], rtol=1e-6)
    assert ours.expon.logcdf(Value(1e-20)).data == pytest.approx(np.log(1e-20))


COVARIANCE = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.2], [0.1, -0.2, 0.7]])
POINTS, MEAN = np.random.default_rng(1).normal(size=(4, 3)), np.array([0.1, -0.2, 0.3])


@pytest.mark.parametrize("cov", [COVARIANCE, np.array([1.0, 2.0, 0.5]), np.asarray(2.0)], ids=["matrix", "1-d", "0-d"])
@pytest.mark.parametrize("x", [POINTS, POINTS[0]], ids=["points", "point"])
def test_the_normal_distribution_of_several_variables(x, cov):
    for name in ("pdf", "logpdf"):
        f, theirs = both("multivariate_normal", name)
        expected = theirs(x, MEAN, cov)
        for i in range(3):
            y = f(*(Tensor(a) if i == k else a for k, a in enumerate((x, MEAN, cov))))
            assert y.shape == np.shape(expected)
            np.testing.assert_allclose(y.data, expected, rtol=1e-12)
        symmetric = lambda x, mean, cov, f=f: f(x, mean, (cov + cov.T) / 2 if cov.ndim == 2 else cov)
        check_gradients(symmetric, [x, MEAN, cov], order=2)
    entropy, theirs = both("multivariate_normal", "entropy")
    assert entropy(MEAN, Tensor(cov)).data == pytest.approx(theirs(MEAN, cov))
    assert grad(entropy)(MEAN, cov).tolist() == [0.0] * 3


def test_the_gradient_by_a_covariance_is_symmetric():
    node = Tensor(COVARIANCE)
    solved = np.linalg.solve(COVARIANCE, POINTS[0] - MEAN)
    expected = (np.outer(solved, solved) - np.linalg.inv(COVARIANCE)) / 2
    y = ours.multivariate_normal.logpdf(POINTS[0], MEAN, node)
    np.testing.assert_allclose(gradients(y, node), expected, rtol=1e-12, atol=1e-14)


def test_a_singular_covariance():
    logpdf, theirs = both("multivariate_normal", "logpdf")
    singular = np.diag([1.0, 2.0, 0.0])
    x = np.where([True, True, False], POINTS, MEAN)
    x[3, 2] = 5.0  # outside of the support
    node = Tensor(x)
    y = logpdf(node, MEAN, singular, allow_singular=True)
    np.testing.assert_allclose(y.data, theirs(x, MEAN, singular, allow_singular=True), rtol=1e-12)
    np.testing.assert_allclose(
        gradients(y, node, np.ones(4)), np.where([[True]] * 3 + [[False]], (MEAN - x) / [1, 2, INF], 0), atol=1e-15
    )
    with pytest.raises(np.linalg.LinAlgError, match=r"is singular; pass allow_singular=True$"):
        logpdf(node, MEAN, singular)
    with pytest.raises(np.linalg.LinAlgError, match="is not positive semidefinite"):
        logpdf(node, MEAN, -COVARIANCE)
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        logpdf(node, MEAN, Tensor(singular))


def test_one_variable_takes_numbers_as_points():
    logpdf, theirs = both("multivariate_normal", "logpdf")
    np.testing.assert_allclose(logpdf(Tensor(REAL), 0.5, 2.0).data, theirs(REAL, 0.5, 2.0), rtol=1e-14)
    assert logpdf(Value(0.3)).item() == pytest.approx(theirs(0.3))


def test_shares_of_a_whole():
    alpha, x = np.array([1.5, 2.0, 3.0]), np.array([0.2, 0.3, 0.5])
    for name in ("pdf", "logpdf"):
        f, theirs = both("dirichlet", name)
        for y in (f(Tensor(x), alpha), f(x, Tensor(alpha)), f(Tensor(x[:2]), alpha)):
            assert y.item() == pytest.approx(theirs(x, alpha), rel=1e-14)
        many = np.array([[0.2, 0.1], [0.3, 0.2], [0.5, 0.7]])
        np.testing.assert_allclose(f(Tensor(many), alpha).data, theirs(many, alpha), rtol=1e-14)
        check_gradients(f, [x, alpha], order=2)


def test_what_is_not_here_takes_plain_data_only():
    assert ours.norm.ppf(0.3) == scipys.norm.ppf(0.3)
    assert ours.gamma.rvs(2.0, size=3, random_state=0).shape == (3,)
    with pytest.raises(TypeError, match=r"^ppf is not supported on nodes; it takes plain data only"):
        ours.norm.ppf(Value(0.3))
    with pytest.raises(AttributeError, match=r"module 'autograd\.scipy\.stats\.t' has no attribute 'cumulative'"):
        ours.t.cumulative
    with pytest.raises(TypeError, match="missing a required argument: 'df'"):
        ours.t.pdf(Value(0.3))
    with pytest.raises(TypeError, match=r"norm\.logpdf\(x, loc=0, scale=1\): got an unexpected keyword argument 'mu'"):
        ours.norm.logpdf(Value(0.3), mu=0.0)


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: ours.beta.pdf(x, 2.0, 2.0), 6.0), (lambda x: ours.beta.pdf(1 - x, 2.0, 2.0), 6.0),
        (lambda x: ours.beta.pdf(x, 1.0, 2.0), -2.0), (lambda x: ours.gamma.pdf(x, 2.0), 1.0),
        (lambda x: ours.gamma.pdf(x, 1.0), -1.0), (lambda x: ours.gamma.pdf(x, 3.0), 0.0),
        (lambda x: ours.chi2.pdf(x, 4.0), 0.25), (lambda x: ours.beta.pdf(x, 2.0, 2.0, 0.0, 2.0), 1.5),
    ],
)  # fmt: skip
def test_a_density_has_a_slope_at_the_end_of_its_support(f, slope):
    assert grad(f)(0.0) == pytest.approx(slope, abs=1e-300)


def test_data_that_are_none_are_refused_and_nan_stays():
    shares = np.array([0.2, 0.3, 0.5])
    with pytest.raises(ValueError, match="their sum is 1"):
        ours.dirichlet.logpdf([*shares[:2], 0.9], Tensor([1.0, 2, 3]))
    with pytest.raises(ValueError, match="each of alpha is more than 0"):
        ours.dirichlet.logpdf(shares, Tensor([1.0, -2, 3]))
    assert np.isnan(ours.poisson.logpmf(NAN, Tensor(1.0)).data)
    assert np.isnan(ours.bernoulli.logpmf(NAN, Tensor(0.5)).data)


def test_many_degrees_of_freedom_are_almost_a_normal_distribution():
    assert ours.t.logpdf(Tensor(0.5), INF).item() == pytest.approx(scipys.norm.logpdf(0.5), rel=1e-15)
    for df in (1e4, 1e7, 1e9):  # the term of order 1/df of the logarithm is (z⁴ − 2z² − 1)/4
        assert grad(lambda df: ours.t.logpdf(0.5, df))(df) == pytest.approx(1.4375 / 4 / df**2, rel=2 / df + 1e-12)
    for z in (0.3, 3.0, 50.0):
        below, above = (grad(lambda df, z=z: ours.t.logpdf(z, df))(df) for df in (100.0, np.nextafter(100.0, INF)))
        assert below == pytest.approx(above, rel=1e-9)


def test_logarithms_of_almost_1_are_what_lacks():
    assert ours.gamma.logsf(Tensor(1e-12), 1.5).item() == pytest.approx(-scipys.gamma.cdf(1e-12, 1.5))
    assert ours.gamma.logcdf(Tensor(50.0), 1.5).item() == pytest.approx(-scipys.gamma.sf(50.0, 1.5))


@pytest.mark.parametrize("name", sorted(CONTINUOUS.keys() - {"t"}))
def test_pythons_numbers_leave_float32(name):
    shapes, x = CONTINUOUS[name]
    x = Tensor(x.astype(np.float32))
    assert {both(name, f)[0](x, *shapes, 0.0, 2.0).dtype for f in ("pdf", "logpdf", "logcdf")} == {np.dtype("float32")}


@pytest.mark.parametrize(
    "statement",
    [
        "import autograd.scipy.optimize",
        "from autograd.scipy import sparse",
        "from autograd.scipy.interpolate import interp1d",
        "import autograd.scipy.stats.cauchy as cauchy",
        "from autograd.scipy.stats import binom",
        "from autograd.scipy.signal import fftconvolve",
        "from autograd.scipy.integrate import quad",
    ],
)
def test_an_import_of_what_only_scipy_has_says_so(statement):
    with pytest.raises(ImportError, match=r"takes plain data only.* primitive"):
        exec(statement)


def test_there_is_no_derivative_by_a_singular_covariance():
    with pytest.raises(np.linalg.LinAlgError, match=r"pass cov\.detach\(\)$"):
        ours.multivariate_normal.logpdf(np.ones(2), None, Tensor(np.ones((2, 2))), allow_singular=True)
