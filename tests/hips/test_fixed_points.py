"""Fixed points, which are differentiated by the implicit function theorem."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Value, grad, jacobian
from autograd.misc.fixed_points import fixed_point
from autograd.testing import check_gradients


def newton(a):
    return lambda x: 0.5 * (x + a / x)


def root(a):
    return fixed_point(newton, a, 1.0, lambda x, y: abs(x - y), 1e-12)


def apart(x, y):
    return np.max(np.abs(x - y))


def test_a_root_and_three_derivatives():
    assert root(4.0) == 2.0
    assert grad(root)(4.0) == pytest.approx(0.25, rel=1e-10)
    assert grad(grad(root))(4.0) == pytest.approx(-1 / 32, rel=1e-10)
    assert grad(grad(grad(root)))(4.0) == pytest.approx(3 / 256, rel=1e-10)


def test_a_backward_pass_does_not_go_through_the_iteration():
    calls = []

    def step(a):
        def once(x):
            calls.append(x)
            return anp.cos(x) * a

        return once

    a = Value(0.7)
    x = fixed_point(step, a, 0.0, lambda x, y: abs(x - y), 1e-12)
    forward = len(calls)
    assert not any(isinstance(x, Value) for x in calls)
    assert x.parents == (a,)
    x.backward()
    assert forward + 2 == len(calls)  # one pull to the parameter, one to the state
    s = np.sin(x.data)
    assert a.grad == pytest.approx(np.cos(x.data) / (1 + 0.7 * s), rel=1e-9)


def test_parameters_and_states_may_be_containers():
    A = np.array([[0.2, -0.1, 0.05], [0.1, 0.15, -0.2], [-0.05, 0.1, 0.2]])

    def layer(p):
        return lambda x: anp.tanh(p["A"] @ x + p["b"])

    def loss(p):
        return anp.sum(fixed_point(layer, p, np.zeros(3), apart, 1e-13) ** 2)

    p = {"A": A, "b": np.array([0.3, -0.2, 0.5])}
    check_gradients(loss, (p,))
    hessian = jacobian(grad(lambda b: loss({"A": A, "b": b})))(p["b"])
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-8)

    def both(a):
        return lambda x: (0.5 * (x[0] + a / x[0]), 0.3 * x[1] + a)

    def total(a):
        x = fixed_point(both, a, (1.0, 0.0), lambda x, y: abs(x[0] - y[0]) + abs(x[1] - y[1]), 1e-13)
        return x[0] + 2 * x[1]

    assert grad(total)(4.0) == pytest.approx(0.25 + 2 / 0.7, rel=1e-9)


def test_the_start_has_no_derivative():
    with pytest.raises(TypeError, match="x0 has no derivative"):
        grad(lambda x0: fixed_point(lambda a: lambda x: 0.5 * (x + a / x), 4.0, x0, lambda x, y: abs(x - y), 1e-9))(1.0)
