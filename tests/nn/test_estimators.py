"""The estimators pass scikit-learn's own checks, and do as well as scikit-learn's perceptrons."""

import inspect
import pickle

import numpy as np
import pytest

import nn

sklearn = pytest.importorskip("sklearn")
import joblib  # noqa: E402
from scipy.sparse import csc_matrix, csr_matrix  # noqa: E402
from sklearn import clone, config_context, neural_network  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

X, Y = nn.data.moons(200, rng=0)


# Few neurons and epochs: the checks are about the interface, and fit some hundred times.
@parametrize_with_checks(
    [
        nn.MLPClassifier((20,), max_iter=150, learning_rate_init=0.01),
        nn.MLPRegressor(hidden_layer_sizes=(20,), max_iter=150),
    ]
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


COUNTS = np.random.default_rng(0).poisson(np.exp(X[:, 0]))
WEIGHTS = np.random.default_rng(1).integers(0, 3, 200).astype(float)
SEVERAL = np.stack([Y, 1 - Y, X[:, 0] > 0.5], axis=1).astype(int)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize(
    ("kind", "targets", "options"),
    [
        ("MLPClassifier", Y, {}),
        ("MLPClassifier", np.array(["a", "b", "c"])[COUNTS.clip(0, 2)], {"activation": "tanh", "batch_size": 30}),
        ("MLPClassifier", SEVERAL, {"activation": "logistic"}),
        ("MLPClassifier", Y, {"early_stopping": True, "tol": 1e-2, "n_iter_no_change": 3, "batch_size": 50}),
        ("MLPRegressor", X[:, 0] * X[:, 1], {"early_stopping": True, "batch_size": 7}),
        ("MLPRegressor", X @ [[1.0, 2.0], [0.5, -1.0]], {"alpha": 0.0, "activation": "identity", "tol": 0.0}),
        ("MLPRegressor", COUNTS, {"loss": "poisson"}),
        *(
            ("MLPClassifier", Y, {"solver": "sgd", "learning_rate": schedule, "nesterovs_momentum": nesterov})
            for schedule in ("constant", "invscaling", "adaptive")
            for nesterov in (False, True)
        ),
        ("MLPRegressor", COUNTS, {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 1e-4, "shuffle": False}),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_one_random_state_gives_scikit_learns_weights(kind, targets, options, weights):
    options = {
        "hidden_layer_sizes": (6, 5),
        "learning_rate_init": 0.02,
        "max_iter": 40,
        "n_iter_no_change": 2,
    } | options
    ours, theirs = (
        getattr(package, kind)(**options, random_state=3).fit(X, targets, sample_weight=weights)
        for package in (nn, neural_network)
    )
    assert (ours.n_iter_, ours.t_) == (theirs.n_iter_, theirs.t_)
    for a, b in zip([*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-6)
    for name in ("best_loss_", "best_validation_score_", "validation_scores_"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-6)
    assert ours.score(X, targets, weights) == pytest.approx(theirs.score(X, targets, weights))


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_partial_fit_goes_on_as_scikit_learns_does(kind, tmp_path):
    first = {"classes": [0, 1]} if kind == "MLPClassifier" else {}
    ours, theirs = (getattr(package, kind)(random_state=0) for package in (nn, neural_network))
    for estimator in (ours, theirs):
        for start in range(0, 200, 70):
            estimator.partial_fit(X[start : start + 70], Y[start : start + 70], **first)
    joblib.dump(ours, tmp_path / "net")
    ours = joblib.load(tmp_path / "net", mmap_mode="r")
    for estimator in (ours, theirs):
        estimator.partial_fit(X, Y, sample_weight=WEIGHTS).partial_fit(csr_matrix(X), Y)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-6, atol=1e-9)
    assert (ours.n_iter_, ours.t_, ours.loss_curve_) == (1, theirs.t_, pytest.approx(theirs.loss_curve_))
    assert not hasattr(getattr(nn, kind)(solver="lbfgs"), "partial_fit")


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_sparse_samples_are_made_dense_a_part_at_a_time(solver, monkeypatch):
    monkeypatch.setattr("nn.estimators.base.ROWS", 64)
    monkeypatch.setattr("nn.estimators.solvers._NEAR", 1)  # parts of 29 rows, of which the last lacks three
    options = {"solver": solver, "max_iter": 5, "random_state": 0, "batch_size": 80}
    plain, sparse = (nn.MLPClassifier((5,), **options).fit(A, Y, sample_weight=WEIGHTS) for A in (X, csr_matrix(X)))
    np.testing.assert_allclose(plain.coefs_[0], sparse.coefs_[0], rtol=1e-6)
    np.testing.assert_allclose(plain.predict_proba(X), sparse.predict_proba(csc_matrix(X)), rtol=1e-6)


def test_a_minibatch_of_no_weight_takes_no_step():
    weights = np.r_[np.zeros(100), np.ones(100)]
    options = {"hidden_layer_sizes": (5,), "random_state": 0, "batch_size": 100, "shuffle": False}
    weighted = nn.MLPRegressor(**options).partial_fit(X, Y, sample_weight=weights)
    rest = nn.MLPRegressor(**options).partial_fit(X[100:], Y[100:])
    np.testing.assert_allclose(weighted.coefs_[0], rest.coefs_[0], rtol=1e-12)
    assert weighted.loss_ == pytest.approx(rest.loss_)


def test_weights_may_be_set_and_are_the_nets_own():
    net = nn.MLPClassifier((3,), solver="lbfgs", random_state=0).fit(X, Y)
    other = nn.MLPClassifier((3,), solver="lbfgs", random_state=1).fit(X, Y)
    scores = other.predict_proba(X)
    net.coefs_, net.intercepts_ = [w.copy() for w in other.coefs_], [b.copy() for b in other.intercepts_]
    np.testing.assert_allclose(net.predict_proba(X), scores)
    other.coefs_[0][...] = 0
    assert np.ptp(other.predict_proba(X)[:, 0]) == 0
    other.module_[0].weight.data = net.coefs_[0].T
    other.module_[0].bias.data = net.intercepts_[0]
    np.testing.assert_allclose(pickle.loads(pickle.dumps(other)).predict_proba(X), scores)


def test_every_argument_of_scikit_learns():
    for kind in ("MLPClassifier", "MLPRegressor"):
        ours, theirs = (inspect.signature(getattr(package, kind)) for package in (nn, neural_network))
        assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
            (p.name, p.kind, p.default) for p in theirs.parameters.values()
        ]


def test_a_subclass_has_arguments_of_its_own():
    class Net(nn.MLPClassifier):
        def __init__(self, width=3, alpha=0.5):
            super().__init__((width,), alpha=alpha, solver="lbfgs", random_state=0)
            self.width = width

    net = clone(Net(4)).fit(X, Y)
    assert (net.get_params(), net.coefs_[0].shape, net.max_iter) == ({"width": 4, "alpha": 0.5}, (2, 4), 200)


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
    model = nn.MLPRegressor("squared_error", (20,), "tanh", solver="lbfgs", max_iter=2000, random_state=0).fit(
        X, np.stack([X[:, 0], X[:, 1] ** 2], 1)
    )
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


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"activation": "sigmoid"}, "'activation' parameter of MLPClassifier must be a str among"),
        ({"solver": "newton"}, "'solver' parameter of MLPClassifier must be a str among"),
        ({"hidden_layer_sizes": (5, 0)}, r"hidden_layer_sizes must be > 0, got \[5, 0\]"),
        ({"hidden_layer_sizes": (5.9,)}, "an int or a sequence of ints.* Got"),
        ({"hidden_layer_sizes": "many"}, "'hidden_layer_sizes' parameter"),
        ({"learning_rate_init": -1}, "'learning_rate_init' parameter"),
        ({"batch_size": 10.7}, "'batch_size' parameter"),
        ({"alpha": -1}, "'alpha' parameter"),
        ({"momentum": 2.0}, "'momentum' parameter"),
        ({"tol": -1}, "'tol' parameter"),
        ({"early_stopping": True, "validation_fraction": 0.001}, "validation set is too small. .* of 200 samples, 1"),
    ],
)
def test_mistakes_are_explained(options, words):
    with pytest.raises(ValueError, match=words):
        nn.MLPClassifier(**options).fit(X, Y > 2 if "early_stopping" in options else Y)


def test_mistakes_in_data_are_explained():
    net = nn.MLPClassifier((3,), warm_start=True, max_iter=1, solver="lbfgs", random_state=0)
    with pytest.warns(ConvergenceWarning, match=r"failed to converge after 1 iteration.*\n.*max_iter=1"):
        net.fit(X, Y)
    with pytest.raises(ValueError, match=r"same classes as in the previous call to fit.*partial_fit takes some"):
        net.fit(X, Y + 1)
    with pytest.raises(ValueError, match=r"layers of \[2, 4, 1\] neurons, and the net has \[2, 3, 1\]"):
        net.set_params(hidden_layer_sizes=4).fit(X, Y)
    with pytest.raises(ValueError, match=r"valid range of the loss 'poisson'.* takes counts"):
        nn.MLPRegressor("poisson").fit(X, -COUNTS)
    with pytest.raises(ValueError, match=r"Got \(32,\) instead\. .* is the loss; write hidden_layer_sizes=\(32,\)\.$"):
        nn.MLPRegressor((32,)).fit(X, COUNTS)
    with pytest.raises(ValueError, match=r"Got 'mse' instead\.$"):
        nn.MLPRegressor("mse").fit(X, COUNTS)
    with pytest.raises(ValueError, match=r"y holds texts \(left\); MLPClassifier takes them"):
        nn.MLPRegressor().fit(X, np.array(["left", "right"])[Y])
    with pytest.raises(ValueError, match="at least one non-zero"):
        net.fit(X, Y, sample_weight=np.zeros(200))
    with pytest.raises(ValueError, match="does not support early_stopping=True"):
        nn.MLPRegressor(early_stopping=True).partial_fit(X, Y)
    with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`.*classes="):
        nn.MLPClassifier((3,)).partial_fit(X, Y, classes=[0, 1]).partial_fit(X, Y + 1)
    with pytest.warns(UserWarning, match="clipped to 200"), pytest.warns(ConvergenceWarning):
        nn.MLPClassifier((3,), batch_size=500, max_iter=1).fit(X, Y)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_iter": 1}, "One epoch says little"),
        ({"max_iter": 30}, "in the last 11 epochs: raise max_iter"),
        ({"max_iter": 5, "learning_rate_init": 30.0}, "the wrong way: lower learning_rate_init"),
        (
            {"max_iter": 41, "solver": "sgd", "learning_rate_init": 6.0, "batch_size": 10, "n_iter_no_change": 100},
            "goes up and down",
        ),
        ({"max_iter": 3, "early_stopping": True}, "The validation score "),
    ],
)
def test_the_convergence_warning_says_what_the_loss_did(options, words):
    text = f"Maximum iterations .{options['max_iter']}. reached and the optimization hasn't converged yet.*{words}"
    with pytest.warns(ConvergenceWarning, match=text):
        nn.MLPClassifier((10,), random_state=0, **options).fit(X, Y)


def test_weights_are_routed():
    net = nn.MLPClassifier((5,), solver="lbfgs", random_state=0)
    with config_context(enable_metadata_routing=True):
        routed = net.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), routed)
        search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-4]}, cv=2).fit(X, Y, sample_weight=WEIGHTS)
    direct = clone(net).fit(StandardScaler().fit_transform(X), Y, WEIGHTS)
    assert search.best_estimator_[-1].loss_ == pytest.approx(direct.loss_)
    assert direct.loss_ != clone(net).fit(StandardScaler().fit_transform(X), Y).loss_


def test_the_columns_of_a_data_frame_are_named():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b"])
    with config_context(transform_output="pandas"):
        pipeline = make_pipeline(StandardScaler(), nn.MLPClassifier((5,), solver="lbfgs", random_state=0)).fit(frame, Y)
    assert list(pipeline[-1].feature_names_in_) == ["a", "b"]
    with pytest.raises(ValueError, match="feature names should match"):
        pipeline[-1].predict(frame[["b", "a"]])


@pytest.mark.parametrize("verbose", [True, 10])
def test_what_is_printed(verbose, capsys):
    options = {"tol": 0.5, "n_iter_no_change": 1, "learning_rate_init": 1e-4, "random_state": 0, "verbose": verbose}
    nn.MLPClassifier((5,), solver="sgd", learning_rate="adaptive", **options).fit(X, Y)
    text = capsys.readouterr().out
    assert "Iteration 1, loss = " in text
    assert "tol=0.500000 for 1 consecutive epochs. Setting learning rate to 0.000020" in text
    assert text.endswith("Learning rate too small. Stopping.\n")


def test_not_fitted():
    with pytest.raises(NotFittedError):
        nn.MLPClassifier().predict(X)
