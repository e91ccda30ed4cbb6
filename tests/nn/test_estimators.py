"""The estimators pass scikit-learn's own checks, and do as well as scikit-learn's perceptrons."""

import numpy as np
import pytest

import nn

sklearn = pytest.importorskip("sklearn")
from sklearn import neural_network  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

X, Y = nn.data.moons(200, rng=0)


# Few neurons and epochs: the checks are about the interface, and fit some hundred times.
@parametrize_with_checks(
    [nn.MLPClassifier((20,), max_iter=150, learning_rate_init=0.01), nn.MLPRegressor((20,), max_iter=150)]
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_as_good_as_scikit_learns(solver, activation):
    options = {
        "hidden_layer_sizes": (10,), "activation": activation, "solver": solver, "random_state": 0, "max_iter": 300,
        "learning_rate_init": 0.02,
    }  # fmt: skip
    ours = nn.MLPClassifier(**options).fit(X, Y)
    theirs = neural_network.MLPClassifier(**options).fit(X, Y)
    assert ours.score(X, Y) >= theirs.score(X, Y) - 0.06
    assert ours.loss_ < theirs.loss_ + 0.15
    assert ours.out_activation_ == theirs.out_activation_
    assert [w.shape for w in ours.coefs_] == [w.shape for w in theirs.coefs_]
    assert (ours.n_layers_, ours.n_outputs_) == (theirs.n_layers_, theirs.n_outputs_)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("schedule", ["constant", "invscaling", "adaptive"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_from_the_same_start_gradient_descent_takes_scikit_learns_steps(schedule, nesterov):
    options = {
        "hidden_layer_sizes": (5,), "activation": "tanh", "solver": "sgd", "learning_rate": schedule, "shuffle": False,
        "learning_rate_init": 0.2, "warm_start": True, "batch_size": 60, "nesterovs_momentum": nesterov, "alpha": 0.01,
        "tol": 3e-3, "n_iter_no_change": 2,
    }  # fmt: skip
    theirs = neural_network.MLPClassifier(**options, max_iter=1, random_state=0).fit(X, Y)
    ours = nn.MLPClassifier(**options, max_iter=1, random_state=0).fit(X, Y)
    linear = [m for m in ours.module_ if isinstance(m, nn.Linear)]
    for layer, weight, bias in zip(linear, theirs.coefs_, theirs.intercepts_, strict=True):
        layer.weight.data, layer.bias.data = weight.T, bias
    for estimator in (ours, theirs):
        estimator.loss_curve_, estimator.t_, estimator._no_improvement_count = [], 0, 0
        estimator.set_params(max_iter=40).fit(X, Y)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)


def test_every_argument_of_scikit_learns_but_its_loss():
    for ours, theirs in (
        (nn.MLPClassifier(), neural_network.MLPClassifier()),
        (nn.MLPRegressor(), neural_network.MLPRegressor()),
    ):
        expected = theirs.get_params()
        expected.pop("loss", None)
        assert ours.get_params() == expected


def test_one_lbfgs_problem_has_scikit_learns_minimum():
    # Without hidden layers the problem is convex: one minimum, for both.
    X, y = nn.data.iris()
    options = {"hidden_layer_sizes": (), "solver": "lbfgs", "alpha": 0.5, "tol": 1e-7, "max_iter": 5000}
    with np.errstate(all="ignore"):
        theirs = neural_network.MLPClassifier(**options, random_state=1).fit(X, y)
    ours = nn.MLPClassifier(**options, random_state=0).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=2e-3)
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-5)


def test_labels_of_any_kind():
    names = np.array(["left", "right"])[Y]
    model = nn.MLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, names)
    assert list(model.classes_) == ["left", "right"]
    assert set(model.predict(X)) == {"left", "right"}
    assert model.predict_proba(X).shape == (200, 2)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    bits = np.stack([Y, 1 - Y, X[:, 0] > 0.5], axis=1).astype(int)
    several = nn.MLPClassifier((8,), solver="lbfgs", max_iter=1000, random_state=0).fit(X, bits)
    assert several.predict(X).shape == bits.shape
    assert several.score(X, bits) > 0.8


def test_several_numbers_are_predicted():
    model = nn.MLPRegressor((20,), "tanh", solver="lbfgs", random_state=0).fit(X, np.stack([X[:, 0], X[:, 1] ** 2], 1))
    assert model.predict(X).shape == (200, 2)
    assert model.score(X, np.stack([X[:, 0], X[:, 1] ** 2], 1)) > 0.95


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_in_a_pipeline_and_a_grid_search():
    pipeline = make_pipeline(StandardScaler(), nn.MLPClassifier(max_iter=60, learning_rate_init=0.05, random_state=0))
    grid = {"mlpclassifier__hidden_layer_sizes": [(5,), (10, 5)], "mlpclassifier__alpha": [1e-4, 1.0]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, Y)
    assert search.best_score_ > 0.75
    assert search.predict(X).shape == (200,)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_schedules_and_stopping():
    adaptive = nn.MLPClassifier((5,), solver="sgd", learning_rate="adaptive", learning_rate_init=0.1, tol=0.01,
                                n_iter_no_change=2, max_iter=2000, random_state=0).fit(X, Y)  # fmt: skip
    assert adaptive.n_iter_ < 2000
    scaled = nn.MLPClassifier((5,), solver="sgd", learning_rate="invscaling", max_iter=20, random_state=0).fit(X, Y)
    assert scaled.n_iter_ <= 20
    early = nn.MLPClassifier((10,), early_stopping=True, learning_rate_init=0.05, random_state=0).fit(X, Y)
    assert len(early.validation_scores_) == early.n_iter_ < 200
    again = nn.MLPClassifier((10,), max_iter=5, warm_start=True, random_state=0).fit(X, Y)
    first = again.loss_
    assert again.fit(X, Y).loss_ < first
    assert len(again.loss_curve_) == 10


def test_the_same_seed_gives_the_same_net():
    a, b = (nn.MLPClassifier((5,), solver="lbfgs", random_state=3).fit(X, Y) for _ in range(2))
    np.testing.assert_array_equal(a.coefs_[0], b.coefs_[0])


def test_too_few_epochs_are_said():
    with pytest.warns(ConvergenceWarning, match="raise max_iter"):
        nn.MLPClassifier(max_iter=2).fit(X, Y)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"activation": "sigmoid"}, "one of identity, logistic, tanh, relu"),
        ({"solver": "newton"}, "one of adam, sgd, lbfgs"),
        ({"learning_rate": "fast"}, "one of constant"),
        ({"hidden_layer_sizes": (5, 0)}, "must be > 0"),
        ({"learning_rate_init": -1}, "learning_rate_init must be positive"),
        ({"batch_size": 0}, "'auto' or at least 1"),
        ({"alpha": -1}, "alpha must be at least 0"),
    ],
)
def test_mistakes_are_explained(options, words):
    with pytest.raises(ValueError, match=words):
        nn.MLPClassifier(**options).fit(X, Y)


def test_not_fitted():
    with pytest.raises(NotFittedError):
        nn.MLPClassifier().predict(X)
