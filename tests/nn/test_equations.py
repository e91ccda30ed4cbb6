"""What the texts say of every net: the four equations, saturation, differences, descent, and what a pass costs.

K is Kneusel, C Chaudhury, N Nielsen, L a course lesson, G Glassner, as in docs/systems.md.
"""

from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, exp, grad, gradients, relu, sigmoid, softplus, tanh
from autograd.graph import count_paths, steps

ACTIVATIONS = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "softplus": softplus, "linear": lambda z: z * 1.0}
SIZES = [3, 5, 4, 2]


def net(activation, x, t, rng):
    """A net's weights, its weighted inputs z, its activations a, and the quadratic cost, all recorded."""
    layers = [(Tensor(rng.normal(size=(m, n))), Tensor(rng.normal(size=m))) for n, m in pairwise(SIZES)]
    z, a = [], [x]
    for w, b in layers:
        z.append(w @ a[-1] + b)
        a.append(activation(z[-1]))
    return layers, z, a, 0.5 * ((a[-1] - t) ** 2).sum()


def close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.system("C2", "N1", "N3")
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_the_four_equations(name, seed):
    rng = np.random.default_rng(seed)
    activation, x, t = ACTIVATIONS[name], rng.normal(size=3), rng.normal(size=2)
    layers, z, a, C = net(activation, x, t, rng)
    C.backward()
    slope = lambda v: np.array([grad(activation)(float(each)) for each in v.data])
    delta = [v.grad for v in z]
    close(delta[-1], (a[-1].data - t) * slope(z[-1]))  # BP1
    for i in (1, 0):
        close(delta[i], (layers[i + 1][0].data.T @ delta[i + 1]) * slope(z[i]))  # BP2
        close(delta[i], np.diag(slope(z[i])) @ layers[i + 1][0].data.T @ delta[i + 1])  # with matrix products only
    for (w, b), d, before in zip(layers, delta, a, strict=False):
        close(b.grad, d)  # BP3
        close(w.grad, np.outer(d, getattr(before, "data", before) if isinstance(before, Tensor) else before))  # BP4


@pytest.mark.system("N3")
def test_the_equations_hold_with_one_odd_neuron():
    rng = np.random.default_rng(4)
    odd = lambda z: sigmoid(z) * np.array([1.0, 1, 0, 1]) + exp(-(z**2)) * np.array([0.0, 0, 1, 0])
    w, b = Tensor(rng.normal(size=(4, 3))), Tensor(rng.normal(size=4))
    z = w @ rng.normal(size=3) + b
    (0.5 * (odd(z) ** 2).sum()).backward()
    s = sigmoid(z.data)
    slope = s * (1 - s)
    slope[2] = -2 * z.data[2] * np.exp(-(z.data[2] ** 2))
    close(b.grad, odd(z.data) * slope)


@pytest.mark.system("N2")
def test_the_demons_change_is_delta_times_its_size_to_first_order():
    rng = np.random.default_rng(5)
    w, v, x, b = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3), rng.normal(size=4)

    def cost(z):
        return 0.5 * (sigmoid(v @ sigmoid(z)) - 1.0) ** 2

    z = w @ x + b
    delta = grad(cost)(z)
    for neuron in range(4):
        missed = [
            abs(cost(z + size * np.eye(4)[neuron]) - cost(z) - size * delta[neuron]) for size in (1e-2, 1e-3, 1e-4)
        ]
        assert all(90 < large / small < 110 for large, small in pairwise(missed))  # what is missed is of second order


@pytest.mark.system("N4", "C1")
def test_a_sigmoid_and_how_it_saturates():
    close(
        [grad(sigmoid)(z) for z in (0.0, 2.0, 4.0, 10.0)], [(s := sigmoid(z)) * (1 - s) for z in (0.0, 2.0, 4.0, 10.0)]
    )
    assert [f"{grad(sigmoid)(z):.3g}" for z in (0.0, 2.0, 4.0, 10.0)] == ["0.25", "0.105", "0.0177", "4.54e-05"]
    values = [sigmoid(0.5), grad(sigmoid)(0.5), tanh(0.5), grad(tanh)(0.5)]
    assert [f"{v:.12f}" for v in values] == ["0.622459331202", "0.235003712202", "0.462117157260", "0.786447732966"]
    assert [sigmoid(1000.0), sigmoid(-1000.0)] == [1.0, 0.0]
    x = np.linspace(-30, 30, 121)
    close(sigmoid(-x), 1 - sigmoid(x))
    close(tanh(x), 2 * sigmoid(2 * x) - 1)


@pytest.mark.system("N6")
def test_the_error_of_differences_is_a_u():
    w = 0.3
    f = lambda w: sigmoid(2.0 * sigmoid(w * 1.5 + 0.1) - 0.5)
    error = {e: abs((f(w + 10.0**e) - f(w)) / 10.0**e - grad(f)(w)) for e in range(-14, 0)}
    best = min(error, key=error.get)
    assert -10 <= best <= -6
    assert error[-1] > 1e4 * error[best]
    assert error[-14] > 1e2 * error[best]
    assert sum(p.size for p in nn.MLP([784, 30, 10], rng=0).parameters()) + 1 == 23_861  # forward passes


@pytest.mark.system("L3")
@pytest.mark.parametrize("doublings", [1, 10, 200])
def test_a_backward_pass_evaluates_each_local_derivative_once(doublings):
    x = Value(1.0, "x")
    y = x
    for _ in range(doublings):
        y = y + y
    assert count_paths(y, x) == 2**doublings
    contributions = [c for step in steps(y) for c in step.contributions]
    assert len(contributions) == 2 * doublings
    assert gradients(y, x) == 2.0**doublings


@pytest.mark.system("C3")
@pytest.mark.parametrize(("start", "end"), [(2.0, 1.13090112263), (-2.0, -1.30083956594)])
def test_descent_ends_in_the_minimum_of_its_valley(start, end):
    x = nn.Parameter(np.array(start))
    optimizer = nn.optim.SGD([x], lr=0.01)
    for _ in range(2000):
        optimizer.zero_grad()
        (x**4 - 3 * x**2 + x).backward()
        optimizer.step()
    assert abs(x.item() - end) < 1e-11


@pytest.mark.system("G2")
def test_backpropagation_needs_fewer_forward_passes_than_random_changes():
    rng = np.random.default_rng(6)
    X = rng.normal(size=(50, 2))
    t = X[:, :1] * X[:, 1:]
    by_chance, by_gradient = (nn.MLP([2, 16, 16, 1], "tanh", rng=0) for _ in range(2))
    loss = lambda model: ((model(X) - t) ** 2).mean()
    least, kept = loss(by_chance).item(), 0
    for _ in range(200):
        p = list(by_chance.parameters())[rng.integers(6)]
        before = p.data.copy()
        p.data = before + rng.normal(size=p.shape) * (rng.random(p.shape) < 1 / p.size) * 0.3
        error = loss(by_chance).item()
        if error < least:
            least, kept = error, kept + 1
        else:
            p.data = before
    assert 0 < kept < 200
    assert loss(by_chance).item() == least
    optimizer = nn.optim.SGD(by_gradient.parameters(), 0.1, momentum=0.9)
    nn.fit(by_gradient, X, t, loss="mse", optimizer=optimizer, epochs=50, batch_size=None, progress=False)
    assert loss(by_gradient).item() < least / 2  # after a quarter of the passes


@pytest.mark.system("K2")
@pytest.mark.parametrize("seed", [0, 1])
def test_iris_by_hand(seed):
    X, kinds = nn.data.iris()
    X = nn.data.standardize(X[:, :2])[0]
    first, second = np.flatnonzero(kinds == 0), np.flatnonzero(kinds == 1)
    training, test = np.r_[first[:35], second[:35]], np.r_[first[35:], second[35:]]
    w = [Value(v) for v in np.random.default_rng(seed).uniform(-5e-5, 5e-5, 6)]
    b = [Value(0.0) for _ in range(3)]

    def output(X):
        x0, x1 = X.T
        a0, a1 = sigmoid(w[0] * x0 + w[2] * x1 + b[0]), sigmoid(w[1] * x0 + w[3] * x1 + b[1])
        return w[4] * a0 + w[5] * a1 + b[2]

    def table():
        predicted = output(X[test]).data > 0.5
        return [[int(np.sum((kinds[test] == i) & (predicted == j))) for j in (0, 1)] for i in (0, 1)]

    tables = [table()]
    optimizer = nn.optim.SGD([*w, *b], lr=0.1)
    for _ in range(1000):
        optimizer.zero_grad()
        (0.5 * (kinds[training] - output(X[training])) ** 2).mean().backward()
        optimizer.step()
    assert [*tables, table()] == [[[15, 0], [15, 0]], [[14, 1], [1, 14]]]
