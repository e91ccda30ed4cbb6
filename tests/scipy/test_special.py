"""``autograd.scipy.special``: SciPy's on plain data; on nodes its values, derivatives, singular points."""

import sys
from importlib import import_module

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.special as scipys

import autograd.scipy.special as ours
from autograd import Tensor, Value, compile, grad, gradients, no_grad, supported
from autograd.engine.node import functions
from autograd.graph import from_json, to_json
from autograd.namespaces import arrays, special
from autograd.testing import check_gradients
from tests.helpers.support import KINDS, plain

INF, NAN = float("inf"), float("nan")
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
REAL = np.array([-3.4, -0.6, 0.3, 1.2, 2.7])
POSITIVE = np.array([0.2, 0.55, 1.3, 4.7])
SHARE = np.array([0.03, 0.3, 0.52, 0.9])
ORDERS = np.array([1.0, 0.6, 2.0, 3.5])
# Calls as functions of one array; with those of other arguments that are derived by too.
CALLS = {
    **{name: (lambda f, x: f(x), REAL) for name in (
        "digamma", "erf", "erfc", "erfcx", "expit", "expm1", "gamma", "gammaln", "i0", "i0e", "i1", "i1e", "j0", "j1",
        "log_expit", "log_ndtr", "log_softmax", "logsumexp", "ndtr", "psi", "rgamma", "softmax",
    )},
    **{name: (lambda f, x: f(x), POSITIVE) for name in ("entr", "log1p", "y0", "y1")},
    **{name: (lambda f, x: f(x), SHARE) for name in ("erfcinv", "erfinv", "logit", "ndtri")},
    **{name: (lambda f, x: f(2, x), POSITIVE) for name in ("iv", "ive", "jn", "jv", "kv", "polygamma", "yn", "yv")},
    **{name: (lambda f, x: f(x, 0.4 + x * x), POSITIVE) for name in ("beta", "betaln", "rel_entr", "xlog1py", "xlogy")},
    **{name: (lambda f, x: f(ORDERS, x), POSITIVE) for name in ("gammainc", "gammaincc", "stdtr")},
    "betainc": (lambda f, x: f(ORDERS, 2.5, x), SHARE),
    "multigammaln": (lambda f, x: f(x + 1.5, 3), POSITIVE),
}  # fmt: skip
every_call = pytest.mark.parametrize("name", CALLS)


@every_call
def test_the_value_is_scipys_and_the_derivatives_are_those_of_differences(name):
    call, x = CALLS[name]
    f, theirs = getattr(ours, name), getattr(scipys, name)
    expected = call(theirs, x)
    np.testing.assert_array_equal(call(f, x), expected)
    node = call(f, Tensor(x))
    assert isinstance(node, Tensor)
    np.testing.assert_allclose(node.data, expected, rtol=2e-13)
    check_gradients(lambda x: call(f, x), [x], order=2)


@pytest.mark.parametrize("name", [n for n, (_, x) in CALLS.items() if "softmax" not in n and n not in ("betainc",)])
def test_a_value_gives_what_a_tensor_does(name):
    call, x = CALLS[name]
    call = (lambda f, x: f(2.0, x)) if name in ("gammainc", "gammaincc", "stdtr") else call
    on_value, on_tensor = call(getattr(ours, name), Value(x[2])), call(getattr(ours, name), Tensor(x[2]))
    assert type(on_value) is Value
    np.testing.assert_allclose(on_value.data, on_tensor.data, rtol=1e-15)


def test_gradients_agree_with_pytorch():
    torch = pytest.importorskip("torch")
    found = 0
    for name, (call, x) in CALLS.items():
        theirs = getattr(torch.special, {"j0": "bessel_j0"}.get(name, name), None)
        if theirs is None or name in ("logsumexp", "log_softmax", "polygamma", "softmax"):  # have other arguments
            continue
        t = torch.tensor(x, requires_grad=True)
        y = call(lambda *args, f=theirs: f(*(torch.as_tensor(a) for a in args)), t)
        if y.requires_grad and name not in ("digamma", "psi"):  # whose trigamma has ten digits
            found += 1
            node = Tensor(x)
            expected = torch.autograd.grad(y.sum(), t)[0].numpy()
            np.testing.assert_allclose(
                gradients(call(getattr(ours, name), node).sum(), node), expected, rtol=1e-11, atol=1e-13, err_msg=name
            )
    assert found > 15


def test_logarithms_of_sums_take_weights_and_signs():
    x, b = np.array([[0.3, -1.0, 900.0], [2.0, 0.1, 1.0]]), np.array([[1.0, 0.5, 0.0], [2.0, -0.3, 0.1]])
    for axis, keepdims in ((None, False), (1, False), (-1, True), ((0, 1), True)):
        given = {"axis": axis, "b": b, "keepdims": keepdims}
        for of, theirs in zip(
            (ours.logsumexp(Tensor(x), **given), *ours.logsumexp(Tensor(x), **given, return_sign=True)),
            (scipys.logsumexp(x, **given), *scipys.logsumexp(x, **given, return_sign=True)),
            strict=True,
        ):
            np.testing.assert_allclose(plain(of), theirs, rtol=1e-14)
        moderate = np.minimum(x, 3.0)
        check_gradients(lambda x, b, given=given: ours.logsumexp(x, **{**given, "b": b}), [moderate, b], order=1)
    assert ours.logsumexp(Tensor([1.0, 2.0]), b=np.zeros(2)).data == -INF
    node = Tensor([1.0, 1000.0])
    assert gradients(ours.logsumexp(node), node).tolist() == [0.0, 1.0]


@kinds
def test_values_are_scipys_at_singular_points(kind):
    for name, points in {
        "entr": (0.0, -1.0), "erfcinv": (0.0, 2.0, 3.0), "erfinv": (1.0, -1.0, 2.0), "gamma": (0.0, -0.0, -1.0),
        "gammaln": (0.0, -2.0), "gammasgn": (-1.0, -0.5, -1.5, 2.0), "log_ndtr": (-1e3, -INF, INF, NAN),
        "logit": (0.0, 1.0, 2.0), "psi": (0.0, -0.0, -1.0), "rgamma": (0.0, -1.0, -2.0),
    }.items():  # fmt: skip
        for x in points:
            np.testing.assert_allclose(getattr(ours, name)(kind(x)).data, getattr(scipys, name)(x), rtol=1e-15)
    for name in ("xlogy", "xlog1py", "rel_entr"):
        for x in (0.0, 1.0, NAN):
            for y in (0.0, 2.0, INF, NAN, -1.0):
                np.testing.assert_allclose(
                    getattr(ours, name)(kind(x), y).data, getattr(scipys, name)(x, y), err_msg=f"{name} {x} {y}"
                )


@kinds
def test_what_does_not_depend_has_no_gradient(kind):
    for f in (ours.xlogy, ours.xlog1py):
        x, y = kind(0.0), kind(0.0 if f is ours.xlogy else -1.0)
        assert [float(g) for g in gradients(f(x, y), [x, y])] == [0.0, 0.0]
    x, y = kind(0.0), kind(2.0)  # here it does, by x
    assert [float(g) for g in gradients(ours.xlogy(x, y), [x, y])] == [pytest.approx(np.log(2)), 0.0]


@kinds
def test_the_reciprocal_of_gamma_is_smooth_at_its_poles(kind):
    for n in range(4):
        x = kind(float(-n))
        slope = gradients(ours.rgamma(x), x)
        assert float(slope) == pytest.approx((-1) ** n * scipys.factorial(n), rel=1e-14)


def test_the_normal_distribution_is_exact_in_its_tails():
    mp = pytest.importorskip("mpmath")
    with mp.workdps(50):
        for x in (-1e5, -300.0, -5.0, -1e-3, 0.0, 2.0, 8.0):
            node = Value(x)
            exact = mp.log(mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2)
            slope = mp.exp(-(mp.mpf(x) ** 2) / 2) / mp.sqrt(2 * mp.pi) / mp.exp(exact)
            y = ours.log_ndtr(node)
            assert float(abs(y.data / exact - 1)) < 1e-14
            assert float(abs(gradients(y, node) / slope - 1)) < 1e-13


def test_a_distribution_function_has_no_derivative_by_its_shape():
    a = Value(2.0, "a")
    for call in (
        lambda: ours.gammainc(a, 1.0), lambda: ours.gammaincc(a, Value(1.0)), lambda: ours.stdtr(a, 1.0),
        lambda: ours.betainc(1.0, a, 0.5), lambda: ours.betainc(a, 1.0, 0.5),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"^\w+ has no derivative by \w+: pass a plain number or array, as \w"):
            call()
        with no_grad():
            assert type(call()) is Value
    assert ours.gammainc(a.detach(), Value(1.0)).data == scipys.gammainc(2.0, 1.0)
    with pytest.raises(TypeError, match="gammainc has no derivative by a"):
        grad(lambda a: ours.gammainc(a, 1.0))(2.0)
    single = ours.gammainc(2.0, Tensor(np.array([0.5, 1.0], np.float32)))
    assert single.data.dtype == np.float32


def test_slopes_of_distribution_functions_at_the_ends_of_the_support_are_densities():
    for f, shapes, at, density in (
        (ours.gammainc, (1.0,), 0.0, 1.0), (ours.gammainc, (2.0,), 0.0, 0.0), (ours.gammainc, (0.5,), 0.0, INF),
        (ours.betainc, (1.0, 3.0), 0.0, 3.0), (ours.betainc, (2.0, 1.0), 1.0, 2.0),
    ):  # fmt: skip
        x = Tensor(at)
        with np.errstate(divide="ignore"):
            assert gradients(f(*shapes, x), x) == pytest.approx(density, rel=1e-14)


def test_orders_are_numbers_and_names_without_an_op_say_so():
    x = Tensor([0.5, 1.0])
    np.testing.assert_allclose(ours.jv(np.float64(1.5), x).data, scipys.jv(1.5, x.data))
    with pytest.raises(TypeError, match=r"^jv: the order is one number; for several write np\.stack"):
        ours.jv(np.array([1, 2]), x)
    with pytest.raises(ValueError, match=r"^polygamma: n is 0 or more, not -1$"):
        ours.polygamma(-1, x)
    with pytest.raises(TypeError, match=r"^polygamma: n must be an integer"):
        ours.polygamma(0.5, x)
    for airy in (ours.airy, scipys.airy):
        with pytest.raises(TypeError, match=r"^airy is not supported on nodes; .* in autograd\.scipy\.special; make"):
            airy(x)
    assert supported(ours.log_ndtr).status == supported(ours.expit).status == supported("gammaln").status
    assert not supported(ours.airy)
    assert ours.airy(0.0) == scipys.airy(0.0)
    assert ours.SpecialFunctionError is scipys.SpecialFunctionError


def test_a_function_of_scipys_is_compiled_and_written():
    def f(x):
        return ours.gammaln(x) * ours.jv(0, x) + ours.log_ndtr(-x) + ours.gammainc(2.0, x) + ours.polygamma(1, x)

    for x in (np.array([0.7, 1.9]), 1.3):
        compiled = compile(lambda x: f(x).sum() if isinstance(x, Tensor) else f(x))
        slope = compile(grad(lambda x: f(x).sum() if isinstance(x, Tensor) else f(x)))
        for _ in range(2):
            np.testing.assert_allclose(compiled(x), np.sum(plain(f(Tensor(x)))), rtol=1e-14)
            np.testing.assert_allclose(slope(x), grad(lambda x: f(x).sum())(np.asarray(x)), rtol=1e-14)
    y = ours.gammaln(Tensor([0.7, 1.9])) + ours.gammainc(2.0, Tensor([0.7, 1.9]))
    again = from_json(to_json(y), primitives=[ours.lower_gamma])
    np.testing.assert_array_equal(again.data, y.data)


def test_a_missing_scipy_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    monkeypatch.delitem(vars(arrays), "gammaln", raising=False)
    special.function.cache_clear()
    for x in (Value(2.0), Tensor(2.0)):
        with pytest.raises(ImportError, match=r'^gammaln is calculated by SciPy: pip install "graphgrad\[scipy\]"$'):
            functions()["gammaln"](x)
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.delitem(sys.modules, "autograd.scipy")
    with pytest.raises(ImportError, match=r'^autograd\.scipy stands beside SciPy: pip install "graphgrad\[scipy\]"$'):
        import_module("autograd.scipy")


def test_the_reciprocal_of_gamma_has_a_derivative_where_gamma_overflows():
    for x in (14.9, 15.1, 120.0, 150.0):
        assert grad(ours.rgamma)(x) == pytest.approx(-scipys.psi(x) * scipys.rgamma(x), rel=1e-12)
    assert abs(grad(ours.rgamma)(172.0)) < 1e-300
    assert grad(ours.rgamma)(INF) == ours.rgamma(Tensor(-INF)).item() == 0
    assert ours.rgamma(Tensor(np.float32(37))).item() == pytest.approx(scipys.rgamma(37.0), abs=1e-44)
    assert grad(ours.rgamma)(np.float32(30)) == pytest.approx(-scipys.psi(30) * scipys.rgamma(30), rel=1e-4)


def test_the_multivariate_gamma_function_refuses_what_scipys_does():
    with pytest.raises(ValueError, match=r"a is more than 0\.5"):
        ours.multigammaln(Tensor(0.2), 2)


def test_derivatives_do_not_cancel_far_right():
    assert grad(ours.erfcx)(1e8) == pytest.approx(-1e-16 / np.pi**0.5, rel=1e-12)
    assert grad(ours.erfcx)(50.0) == pytest.approx(grad(ours.erfcx)(50.0001) * (50.0001 / 50) ** 2, rel=1e-8)
    assert grad(grad(ours.log_ndtr))(-1e10) == pytest.approx(-1)


def test_lists_meet_nodes_and_softplus_is_ours():
    x = Tensor([1.0, 0.0])
    for f in (ours.xlogy, ours.xlog1py, ours.rel_entr):
        np.testing.assert_allclose(f(x, [2.0, 0.0]).data, f(x.data, [2.0, 0.0]))
    assert ours.softplus(Tensor(1.0)).item() == pytest.approx(scipys.softplus(1.0))


def test_a_graph_of_distribution_functions_is_read_back():
    y = ours.gammainc(2.0, Tensor(1.0)) * ours.stdtr(3.0, Tensor(0.5))
    assert from_json(to_json(y)).item() == y.item()
