"""The estimators on Dask: in blocks, in searches and for predictions, with the numbers of one process."""

import warnings

import numpy as np
import pytest

import nn

sklearn = pytest.importorskip("sklearn")
distributed = pytest.importorskip("distributed")
pytest.importorskip("dask_ml")
import dask.array as da  # noqa: E402
import joblib  # noqa: E402
from dask_ml import model_selection  # noqa: E402
from dask_ml.wrappers import Incremental, ParallelPostFit  # noqa: E402
from sklearn import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

X, Y = nn.data.moons(120, rng=0)
TEXTS = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [0, 1])]
BLOCK = 40
GRID = {"alpha": [1e-4, 1e-1], "learning_rate_init": [1e-3, 1e-2]}


@pytest.fixture(scope="module")
def cluster():
    """Two workers of two threads each."""
    options = {"n_workers": 2, "threads_per_worker": 2, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


def classifier(**options):
    return nn.MLPClassifier((6,), random_state=0, **{"max_iter": 4, "batch_size": 16} | options)


def regressor(**options):
    return nn.MLPRegressor(hidden_layer_sizes=(6,), random_state=0, max_iter=4, **options)


def blocks(array):
    return da.from_array(array, chunks=(BLOCK, *array.shape[1:]))


def weights(estimator):
    return [*estimator.coefs_, *estimator.intercepts_]


def assert_same_net(a, b):
    for one, other in zip(weights(a), weights(b), strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


@pytest.mark.parametrize(
    ("estimator", "y", "options"),
    [
        (classifier(), Y, {"classes": [0, 1]}),
        (classifier(solver="sgd", learning_rate="invscaling"), TEXTS, {"classes": ["a", "b", "c"]}),
        (regressor(), X[:, 0] * X[:, 1], {}),
    ],
    ids=["adam", "sgd", "regressor"],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_net_learns_block_by_block(cluster, estimator, y, options, dtype):
    samples = X.astype(dtype)
    learner = Incremental(estimator, shuffle_blocks=False).fit(blocks(samples), blocks(y), **options)
    learner.partial_fit(blocks(samples), blocks(y))
    here = clone(estimator)
    for start in [*range(0, len(y), BLOCK)] * 2:
        rows = slice(start, start + BLOCK)
        here.partial_fit(samples[rows], y[rows], **options)
    assert_same_net(learner.estimator_, here)
    assert here.coefs_[0].dtype == dtype
    assert learner.t_ == here.t_ == 2 * len(y)
    assert learner.estimator_.loss_curve_ == here.loss_curve_
    np.testing.assert_array_equal(learner.predict(blocks(samples)).compute(), here.predict(samples), strict=True)


def test_what_partial_fit_refuses_is_said_by_its_own_words(cluster):
    seven = np.append(Y[:-1], 7)
    with pytest.raises(ValueError, match=r"(?s)classes not in.*\[0 1 7\].*as classes= to the first partial_fit"):
        Incremental(classifier(), shuffle_blocks=False).fit(blocks(X), blocks(seven), classes=[0, 1])
    with pytest.raises(ValueError, match="holds no data out"):
        Incremental(classifier(early_stopping=True)).fit(blocks(X), blocks(Y), classes=[0, 1])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_search_over_joblib_finds_what_one_process_finds(cluster):
    # So many steps are compiled, and the threads of a worker share what was compiled.
    net = make_pipeline(StandardScaler(), classifier(max_iter=12))
    grid = {f"mlpclassifier__{name}": values for name, values in GRID.items()}
    here = GridSearchCV(net, grid, cv=3).fit(X, Y)
    with joblib.parallel_config("dask"):
        there = GridSearchCV(net, grid, cv=3, n_jobs=-1, error_score="raise").fit(X, Y)
    assert there.best_params_ == here.best_params_
    np.testing.assert_array_equal(there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"])
    assert_same_net(there.best_estimator_[-1], here.best_estimator_[-1])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_dask_mls_own_search_takes_blocks(cluster):
    here = GridSearchCV(classifier(), GRID, cv=3).fit(X, Y)
    there = model_selection.GridSearchCV(classifier(), GRID, cv=3, iid=False).fit(blocks(X), blocks(Y))
    np.testing.assert_array_equal(there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"])
    assert_same_net(there.best_estimator_, here.best_estimator_)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_blocks_are_predicted_where_they_are(cluster):
    net = ParallelPostFit(classifier()).fit(X, TEXTS)
    here = classifier().fit(X, TEXTS)
    np.testing.assert_array_equal(net.predict(blocks(X)).compute(), here.predict(X), strict=True)
    probabilities = net.predict_proba(blocks(X))
    assert probabilities.shape == (len(X), 3)
    np.testing.assert_allclose(probabilities.compute(), here.predict_proba(X), rtol=1e-12)
    assert net.score(blocks(X), blocks(TEXTS)) == here.score(X, TEXTS)
    numbers = ParallelPostFit(regressor()).fit(X, X[:, 0])
    np.testing.assert_allclose(numbers.predict(blocks(X)).compute(), numbers.estimator.predict(X), rtol=1e-12)


def test_any_module_predicts_blocks(cluster):
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
    by_block = blocks(X).map_blocks(lambda rows: nn.predict(model, rows), chunks=((BLOCK,) * 3, (1,)), dtype=float)
    np.testing.assert_allclose(by_block.compute(), nn.predict(model, X), rtol=1e-12)


def test_a_result_that_dask_keeps_is_of_the_same_weights(cluster):
    # Dask calls a function anew only where the tokens of its arguments differ.
    from dask.base import tokenize

    model = nn.Linear(2, 1, rng=0)
    assert tokenize(model) == tokenize(nn.Linear(2, 1, rng=0))
    before = cluster.submit(nn.predict, model, X)
    model.weight.data = 2 * model.weight.data
    after = cluster.submit(nn.predict, model, X)
    assert before.key != after.key
    np.testing.assert_array_equal(after.result(), nn.predict(model, X))


def test_threads_that_draw_do_not_disturb_each_others_trainings():
    with warnings.catch_warnings(), joblib.parallel_config("threading"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        sizes = {"hidden_layer_sizes": [(n,) for n in range(1, 10)]}
        # Without a random_state all of them draw from NumPy's global generator.
        net = nn.MLPClassifier(max_iter=32, batch_size=40)
        found = GridSearchCV(net, sizes, cv=2, n_jobs=4, error_score="raise").fit(X, Y)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
