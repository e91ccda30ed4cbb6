"""SciPy's optimisers with exact gradients and Hessian-vector products."""

import numpy as np
import pytest

import nn
from autograd import Value

optimize = pytest.importorskip("scipy.optimize")


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@pytest.mark.parametrize("method", ["L-BFGS-B", "BFGS", "CG", "Newton-CG", "trust-ncg", "trust-krylov", "SLSQP"])
def test_rosenbrock_on_values_and_arrays(method):
    x, y = Value(-1.2), Value(1.0)
    result = nn.scipy_minimize(lambda: rosenbrock(x, y), [x, y], method, tol=1e-8)
    assert (x.data, y.data) == pytest.approx((1.0, 1.0), abs=1e-4)
    np.testing.assert_array_equal(result.x, [x.data, y.data])
    p = nn.Parameter([[-1.2], [1.0]])
    nn.scipy_minimize(lambda: rosenbrock(p[0, 0], p[1, 0]), [p], method, tol=1e-8)
    np.testing.assert_allclose(p.data, [[1.0], [1.0]], atol=1e-4)


def test_hessian_vector_products_are_exact():
    seen = {}

    def spy(f, start, method, jac, hessp):
        seen.update(f=f, hessp=hessp)
        return optimize.OptimizeResult(x=start)

    x, y = Value(0.3), Value(-0.7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimize, "minimize", spy)
        nn.scipy_minimize(lambda: rosenbrock(x, y), [x, y], "trust-ncg")
    at = np.array([0.3, -0.7])
    value, gradient = seen["f"](at)
    assert value == pytest.approx(optimize.rosen(at), rel=1e-14)
    np.testing.assert_allclose(gradient, optimize.rosen_der(at), rtol=1e-13)
    for v in np.eye(2):
        np.testing.assert_allclose(seen["hessp"](at, v), optimize.rosen_hess(at) @ v, rtol=1e-13)


def test_a_net_and_a_loss_without_curvature():
    X, y = nn.data.moons(60, rng=0)
    model = nn.MLP([2, 6, 1], "tanh", rng=0)
    loss = lambda: nn.functional.binary_cross_entropy_with_logits(model(X), y[:, None])
    before = loss().item()
    result = nn.scipy_minimize(loss, model.parameters(), options={"maxiter": 100})
    assert result.fun == pytest.approx(loss().item(), rel=1e-12)
    assert result.fun < 0.2 * before
    w = nn.Parameter([1.0])
    nn.scipy_minimize(lambda: (w * 2.0).sum(), [w], "trust-constr", bounds=[(-1, 3)], options={"maxiter": 50})
    assert w.data[0] < 0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.scipy_minimize(lambda: 0.0, []), ValueError, "at least one"),
        (lambda: nn.scipy_minimize(lambda: 0.0, [Value(1.0) * 2]), ValueError, "leaves"),
        (lambda: nn.scipy_minimize(lambda: 0.0, [Value(1.0)]), TypeError, "scalar node"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()
