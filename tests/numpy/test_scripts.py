"""Scripts as users of HIPS autograd write them: these two imports, and NumPy's habits."""

from itertools import pairwise

import pytest

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import elementwise_grad as egrad
from autograd import grad, hessian, jacobian, value_and_grad
from autograd.extend import defvjp, primitive


def test_a_sine_by_an_open_ended_loop():
    def taylor_sine(x):
        ans = term = x
        i = 0
        while np.abs(term) > 1e-16:
            term = -term * x**2 / ((2 * i + 3) * (2 * i + 2))
            ans = ans + term
            i += 1
        return ans

    slope = grad(taylor_sine)(np.pi)
    assert isinstance(slope, float)
    assert slope == pytest.approx(-1.0, abs=1e-14)
    assert grad(grad(taylor_sine))(1.0) == pytest.approx(-np.sin(1.0), abs=1e-14)


def test_logistic_regression():
    def sigmoid(x):
        return 0.5 * (np.tanh(x / 2.0) + 1)

    def predictions(weights, inputs):
        return sigmoid(np.dot(inputs, weights))

    def training_loss(weights):
        preds = predictions(weights, inputs)
        probabilities = preds * targets + (1 - preds) * (1 - targets)
        return -np.sum(np.log(probabilities))

    rs = npr.RandomState(0)
    true_weights = rs.randn(4)
    inputs = rs.randn(60, 4)
    targets = predictions(true_weights, inputs) > rs.rand(60)
    assert targets.dtype == bool

    training_gradient = grad(training_loss)
    weights = np.zeros(4)
    initial = training_loss(weights)
    assert isinstance(initial, float)
    assert initial == pytest.approx(60 * np.log(2.0))
    for _ in range(500):
        slope = training_gradient(weights)
        np.testing.assert_allclose(slope, np.dot(inputs.T, predictions(weights, inputs) - targets), atol=1e-11)
        weights -= slope * 0.1
    assert isinstance(weights, np.ndarray)
    assert training_loss(weights) < 0.6 * initial
    np.testing.assert_allclose(training_gradient(weights), np.zeros(4), atol=1e-5)
    accuracy = np.mean((predictions(weights, inputs) > 0.5) == targets)
    assert accuracy > 0.8
    p = predictions(weights, inputs)
    fisher = np.einsum("n,ni,nj->ij", p * (1 - p), inputs, inputs)
    np.testing.assert_allclose(hessian(training_loss)(weights), fisher, rtol=1e-9)


def test_tanh_and_its_derivatives_up_to_order_six():
    def tanh(x):
        return (1.0 - np.exp(-x)) / (1.0 + np.exp(-x))

    x = np.linspace(-7, 7, 200)
    curves = [
        tanh(x),
        egrad(tanh)(x),
        egrad(egrad(tanh))(x),
        egrad(egrad(egrad(tanh)))(x),
        egrad(egrad(egrad(egrad(tanh))))(x),
        egrad(egrad(egrad(egrad(egrad(tanh)))))(x),
        egrad(egrad(egrad(egrad(egrad(egrad(tanh))))))(x),
    ]
    # By hand: it is y = tanh(x/2), and dy/dx = (1 − y²)/2, so each derivative is a polynomial in y.
    y, polynomial = np.tanh(x / 2), np.polynomial.Polynomial([0.0, 1.0])
    for curve in curves:
        assert curve.shape == (200,)
        np.testing.assert_allclose(curve, polynomial(y), atol=1e-10)
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([0.5, 0.0, -0.5])


def test_the_curves_are_plotted(tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    x = np.linspace(-7, 7, 200)
    figure, axes = plt.subplots()
    axes.plot(x, np.tanh(x), x, egrad(np.tanh)(x), x, egrad(egrad(np.tanh))(x))
    figure.savefig(tmp_path / "tanh.png")
    plt.close(figure)
    slopes = axes.lines[1].get_ydata()
    np.testing.assert_allclose(slopes, 1 - np.tanh(x) ** 2, atol=1e-14)


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def test_rosenbrock_by_gradient_descent():
    descend = grad(rosenbrock)
    np.testing.assert_array_equal(descend(np.array([-1.2, 1.0])), [-215.59999999999997, -87.99999999999999])
    x, y = np.array([0.0, 0.0]), np.array([0.0, 0.0])
    for _ in range(1500):
        x -= 0.002 * descend(x)
        inner = y[1] - y[0] ** 2
        y -= 0.002 * np.array([-400 * y[0] * inner - 2 * (1 - y[0]), 200 * inner])
    np.testing.assert_allclose(x, y, rtol=1e-9)
    assert rosenbrock(x) < 0.05
    np.testing.assert_allclose(hessian(rosenbrock)(np.array([1.0, 1.0])), [[802.0, -400.0], [-400.0, 200.0]])


def test_rosenbrock_by_conjugate_gradients():
    optimize = pytest.importorskip("scipy.optimize")
    result = optimize.minimize(value_and_grad(rosenbrock), x0=np.array([0.0, 0.0]), jac=True, method="CG")
    np.testing.assert_allclose(result.x, [1.0, 1.0], atol=1e-4)
    result = optimize.minimize(
        rosenbrock, np.array([0.0, 0.0]), jac=grad(rosenbrock), hess=hessian(rosenbrock), method="trust-exact"
    )
    np.testing.assert_allclose(result.x, [1.0, 1.0], atol=1e-6)


def test_a_primitive_of_ones_own():
    @primitive
    def logsumexp(x):
        """Numerically stable log(sum(exp(x)))."""
        largest = np.max(x)
        return largest + np.log(np.sum(np.exp(x - largest)))

    def logsumexp_vjp(ans, x):
        shape = x.shape
        return lambda g: np.full(shape, g) * np.exp(x - np.full(shape, ans))

    defvjp(logsumexp, logsumexp_vjp)

    def example(y):
        z = y**2
        return np.sum(logsumexp(z))

    y = np.array([1.5, 6.7, 1e-10])
    softmax = np.exp(y**2 - np.max(y**2)) / np.sum(np.exp(y**2 - np.max(y**2)))
    np.testing.assert_allclose(grad(example)(y), 2 * y * softmax, rtol=1e-14)
    second = 2 * np.diag(softmax) + 4 * np.outer(y, y) * (np.diag(softmax) - np.outer(softmax, softmax))
    np.testing.assert_allclose(hessian(example)(y), second, rtol=1e-12, atol=1e-14)
    assert logsumexp(np.array([1000.0, 1000.0])) == 1000.0 + np.log(2.0)


def test_a_neural_net_of_weight_and_bias_tuples():
    def init_random_params(scale, layer_sizes, rs):
        return [(scale * rs.randn(m, n), scale * rs.randn(n)) for m, n in pairwise(layer_sizes)]

    def predict(params, inputs):
        for W, b in params:
            outputs = np.dot(inputs, W) + b
            inputs = np.tanh(outputs)
        largest = np.max(outputs, axis=1, keepdims=True)
        return outputs - largest - np.log(np.sum(np.exp(outputs - largest), axis=1, keepdims=True))

    def loss(params, inputs, targets, L2=1e-4):
        prior = np.sum(np.array([np.sum(W**2) + np.sum(b**2) for W, b in params]))
        return L2 * prior - np.mean(np.sum(predict(params, inputs) * targets, axis=1))

    def accuracy(params):
        return np.mean(np.argmax(predict(params, inputs), axis=1) == np.argmax(targets, axis=1))

    rs = npr.RandomState(0)
    inputs = rs.uniform(-1, 1, size=(120, 2))
    wheel = np.where(inputs[:, 0] * inputs[:, 1] > 0, 0, 1)  # exclusive or
    targets = np.eye(2)[wheel]
    params = init_random_params(0.7, [2, 12, 2], rs)
    gradient = grad(loss)
    first = loss(params, inputs, targets)
    for _ in range(400):
        g = gradient(params, inputs, targets)
        assert isinstance(g, list)
        assert isinstance(g[0], tuple)
        params = [(W - 0.5 * dW, b - 0.5 * db) for (W, b), (dW, db) in zip(params, g)]
    assert loss(params, inputs, targets) < 0.3 * first
    assert accuracy(params) > 0.95

    torch = pytest.importorskip("torch")
    tensors = [tuple(torch.tensor(one, requires_grad=True) for one in pair) for pair in params]
    hidden = torch.tanh(torch.tensor(inputs) @ tensors[0][0] + tensors[0][1])
    log_p = torch.log_softmax(hidden @ tensors[1][0] + tensors[1][1], 1)
    theirs = (
        1e-4 * sum((one**2).sum() for pair in tensors for one in pair) - (log_p * torch.tensor(targets)).sum(1).mean()
    )
    theirs.backward()
    for ours, pair in zip(gradient(params, inputs, targets), tensors):
        for one, t in zip(ours, pair):
            np.testing.assert_allclose(one, t.grad.numpy(), rtol=1e-9, atol=1e-14)


def test_a_recurrent_net_with_parameters_in_a_dict():
    def step(params, x, h):
        return np.tanh(np.dot(params["Wx"], x) + np.dot(params["Wh"], h) + params["b"])

    def loss(params, sequence):
        h, total = np.zeros(3), 0.0
        for now, after in pairwise(sequence):
            h = step(params, np.array([now]), h)
            total = total + (np.dot(params["out"], h) - after) ** 2
        return total / (len(sequence) - 1)

    rs = npr.RandomState(1)
    params = {"Wx": rs.randn(3, 1), "Wh": 0.3 * rs.randn(3, 3), "b": np.zeros(3), "out": rs.randn(3)}
    sequence = np.sin(0.5 * np.arange(12))
    first = loss(params, sequence)
    for _ in range(200):
        value, g = value_and_grad(loss)(params, sequence)
        for name in params:
            params[name] = params[name] - 0.1 * g[name]
    assert float(value) < 0.1 * first
    assert f"{value:.3f}"
    by_input = grad(loss, 1)(params, sequence)
    eps = 1e-6 * np.eye(12)
    slope = [(loss(params, sequence + e) - loss(params, sequence - e)) / 2e-6 for e in eps]
    np.testing.assert_allclose(by_input, slope, atol=1e-7)


def test_jacobians_with_arrays_made_in_the_function():
    def polar(p):
        return np.array([p[0] * np.cos(p[1]), p[0] * np.sin(p[1])])

    r, a = 2.0, 0.3
    J = jacobian(polar)(np.array([r, a]))
    np.testing.assert_allclose(J, [[np.cos(a), -r * np.sin(a)], [np.sin(a), r * np.cos(a)]], rtol=1e-15)
    W = npr.RandomState(2).randn(3, 2)
    squashed = lambda x: np.tanh(np.dot(W, x)) * np.linspace(1, 2, 3)
    x = np.array([0.1, -0.2])
    expected = ((1 - np.tanh(W @ x) ** 2) * np.linspace(1, 2, 3))[:, np.newaxis] * W
    np.testing.assert_allclose(jacobian(squashed)(x), expected, rtol=1e-14)
    stacked = lambda x: np.concatenate([x[np.newaxis], np.reshape(2 * x, (1, -1))]).T
    np.testing.assert_array_equal(jacobian(stacked)(x)[:, 1], 2 * np.eye(2))


def test_the_gradient_of_what_numpy_does_elementwise_with_conditions():
    f = lambda x: np.sum(np.where(x > 0, np.sqrt(np.maximum(x, 0.0)), -(x**2)))
    x = np.array([-1.0, 4.0, 0.25])
    np.testing.assert_array_equal(grad(f)(x), [2.0, 0.25, 1.0])
    assert grad(lambda x: np.clip(x, -1, 1) * 3)(0.5) == 3.0
    assert grad(lambda x: np.power(x, 3) / np.mod(x, 4.0))(2.0) == 12.0 / 2.0 - 8.0 / 4.0
