"""Small systems of the textbooks trained with ``fit``: K3, C4, G6; K is Kneusel, C Chaudhury, G Glassner."""

import numpy as np
import pytest

import nn
from nn import data

pytest.importorskip("sklearn")
from sklearn.datasets import make_moons


@pytest.mark.system("K3")
def test_k3_iris_by_layers():
    X, kinds = data.iris()
    X = X[:, :2]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    first, second = np.flatnonzero(kinds == 0), np.flatnonzero(kinds == 1)
    training, test = np.r_[first[:35], second[:35]], np.r_[first[-15:], second[-15:]]
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 2))
    rng = np.random.default_rng(3)
    for p in model.parameters():
        nn.init.uniform_(p, -0.5, 0.5, rng)
    nn.fit(
        model, X[training], data.one_hot(kinds[training], 2), epochs=4000, batch_size=None, progress=False,
        loss=lambda output, y: nn.functional.mse_loss(output, y, "sum") * (0.5 / len(y)),
        optimizer=nn.optim.SGD(model.parameters(), 0.1),
    )  # fmt: skip
    predicted = nn.predict(model, X[test]).argmax(axis=1)
    counts = [[int(np.sum((kinds[test] == i) & (predicted == j))) for j in (0, 1)] for i in (0, 1)]
    assert counts == [[14, 1], [0, 15]]


@pytest.mark.system("C4")
def test_c4_demand():
    X, y = data.demand(2000, rng=0)  # a fifth of the text's; all of it is in scripts/bench/fit.py
    X, y = data.min_max(X)[0], data.min_max(y)[0]
    model = nn.MLP([3, 10, 5, 1], "sigmoid", rng=1)
    optimizer = nn.optim.SGD(model.parameters(), 0.2, momentum=0.9)
    history = nn.fit(model, X, y, loss="mse", optimizer=optimizer, epochs=1000, batch_size=None, progress=False)
    assert history["loss"][-1] < 1e-4


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@pytest.mark.system("G6")
def test_g6_two_moons_one_sample_at_a_time():
    state = np.random.RandomState(42)
    X, y = make_moons(2048, noise=0.08, random_state=state)
    X, X_test, y, y_test = data.train_test_split(X, y[:, None], test_size=512, random_state=state)
    X, scaler = data.standardize(X)
    rng = np.random.default_rng(1034)
    model = nn.MLP([2, 4, 4, 1], "relu", output="sigmoid", rng=0)
    for layer in model[::2]:
        layer.weight.data = rng.normal(0, 0.05, layer.weight.shape[::-1]).T
        nn.init.zeros_(layer.bias)
    assert sum(p.size for p in model.parameters()) == 37
    history = nn.fit(
        model, X, y, loss="bce", optimizer=nn.optim.SGD(model.parameters(), 0.05), epochs=16, batch_size=1, rng=rng,
        validation_data=(scaler.transform(X_test), y_test), metrics=["accuracy"], record=["weights"], progress=False,
    )  # fmt: skip
    both = np.minimum(history["accuracy"], history["val_accuracy"])
    assert list(np.flatnonzero(both == 1.0) + 1) == [16]
    assert sum(np.size(each[0]) for each in history.weights.values()) == 37
