"""odeint, which is SciPy's, and its adjoint."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, compile, grad, hessian

integrate = pytest.importorskip("scipy.integrate")
odeint = pytest.importorskip("autograd.scipy.integrate").odeint

TIMES = np.array([0.0, 0.4, 1.0])
EXACT = {"rtol": 1e-11, "atol": 1e-11}


def field(y, t, rate, forces):
    return -rate * y + anp.sin(t) * forces["f"] - 0.1 * y**2


def test_on_plain_data_it_is_scipys():
    args = (0.7, {"f": np.array([0.2, 0.4])})
    np.testing.assert_array_equal(
        odeint(field, [1.0, 2.0], TIMES, args), integrate.odeint(field, [1.0, 2.0], TIMES, args)
    )
    turned = odeint(lambda t, y, *args: field(y, t, *args), [1.0, 2.0], TIMES, args=args, tfirst=True)
    np.testing.assert_array_equal(turned, odeint(field, [1.0, 2.0], TIMES, args))
    y = odeint(field, Tensor([1.0, 2.0]), TIMES, args)
    np.testing.assert_array_equal(y.data, turned)


def test_gradients_by_state_times_and_parameters():
    def loss(y0, t, rate, f):
        return anp.sum(anp.cos(odeint(field, y0, t, (rate, {"f": f}), **EXACT)))

    args = np.array([1.0, 2.0]), TIMES, 0.7, np.array([0.2, 0.4])
    for i, g in enumerate(grad(loss, argnums=(0, 1, 2, 3))(*args)):
        direction = np.cos(np.arange(np.size(g))) if i != 2 else 1.0
        ends = [loss(*args[:i], args[i] + step * direction, *args[i + 1 :]) for step in (1e-5, -1e-5)]
        assert np.sum(g * direction) == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-5)


def test_closed_forms():
    def last(rate):
        return odeint(lambda y, t, rate: -rate * y, np.array([1.0]), np.array([0.0, 2.0]), (rate,), **EXACT)[-1, 0]

    assert grad(last)(0.5) == pytest.approx(-2 * np.exp(-1), rel=1e-8)
    assert grad(grad(last))(0.5) == pytest.approx(4 * np.exp(-1), rel=1e-6)

    def at(t):  # y' = t, from 0 at t[0]
        return odeint(lambda y, t: anp.array([t]), np.array([0.0]), t, **EXACT)[1, 0]

    np.testing.assert_allclose(grad(at)(np.array([1.0, 3.0])), [-1.0, 3.0], rtol=1e-8)
    np.testing.assert_allclose(hessian(at)(np.array([1.0, 3.0])), [[-1.0, 0.0], [0.0, 1.0]], rtol=1e-6, atol=1e-8)


def test_one_time_is_the_initial_state():
    def one(y0):
        return anp.sum(odeint(lambda y, t: -y, y0, np.array([0.0])) ** 2)

    np.testing.assert_array_equal(grad(one)(np.array([1.0, 2.0])), [2.0, 4.0])


def decay(y, t):
    return -y * y


@pytest.mark.parametrize("argnums", [(0,), (0, 1, 2)])
def test_a_compiled_gradient_has_the_same_numbers(argnums):
    def total(y, rate, forces):
        return anp.sum(odeint(field, y, np.array([0.0, 0.5, 1.0]), (rate, {"f": forces})))

    args = np.array([1.0, 2.0]), 0.3, np.array([0.5, 0.25])
    compiled = compile(grad(total, argnums))
    for y in (args[0], args[0] + 1):
        for a, b in zip(compiled(y, *args[1:]), grad(total, argnums)(y, *args[1:]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)


def test_a_function_made_while_compiling_is_refused_by_name():
    t = np.array([0.0, 1.0])
    inside = compile(lambda y: anp.sum(odeint(lambda y, t: -y, y, t)))
    with pytest.raises(TypeError, match=r"odeint was given another function .*; define it outside of the function"):
        inside(np.ones(2))

    def slope(y):
        return anp.sum(grad(lambda y: anp.sum(odeint(decay, y, t)))(y) ** 2)

    with pytest.raises(TypeError, match="its derivative makes such itself, and has no compiled one"):
        compile(grad(slope))(np.ones(2))


def test_a_node_that_is_not_in_args_is_refused():
    with pytest.raises(TypeError, match=r"odeint: the function depends on a node .*; pass it in args"):
        grad(lambda rate: anp.sum(odeint(lambda y, t: -rate * y, np.ones(2), TIMES)))(0.5)
