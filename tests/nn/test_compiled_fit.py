"""`nn.fit` and the estimators with compiled steps: the same trainings, callbacks, histories and checkpoints."""

import gc
import weakref

import numpy as np
import pytest

import nn
from autograd.compiler import CompileWarning
from nn.optim.lr_scheduler import CosineAnnealingLR, StepLR
from tests.nn.test_compiled_models import normed

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((50, 3)), RNG.standard_normal((50, 2))
CLASSES = RNG.integers(0, 2, 50)


def trained(compiled, make=normed, optimizer=nn.optim.Adam, **options):
    model = make()
    options = {"loss": "mse", "epochs": 4, "batch_size": 16, "rng": 0, "progress": False} | options
    target = options.pop("y", Y)
    optimizer = optimizer(model.parameters(), lr=0.01)
    history = nn.fit(model, X, target, optimizer=optimizer, compiled=compiled, **options)
    return model, optimizer, history


def assert_same(a, b):
    for (name, x), (other, y) in zip(a.items(), b.items(), strict=True):
        assert name == other
        np.testing.assert_allclose(y, x, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("optimizer", [nn.optim.SGD, nn.optim.Adam])
def test_a_compiled_training_is_the_training_that_is_written(optimizer):
    def options():
        return {
            "callbacks": [nn.ClipGradients(max_norm=0.5), nn.EarlyStopping(3)],
            "validation_data": (X[:9], Y[:9]), "metrics": ["r2"], "record": ["weights", "gradients", "dead"],
            "optimizer": optimizer,
        }  # fmt: skip

    (a, oa, ha), (b, ob, hb) = trained(False, **options()), trained(True, **options())
    assert (ha.compiled, hb.compiled) == (False, True)
    assert_same(a.state_dict(), b.state_dict())
    assert_same(ha.logs, hb.logs)
    assert_same(ha.gradients, hb.gradients)
    assert_same(ha.weights, hb.weights)
    assert_same(ha.dead, hb.dead)
    assert [s.keys() for s in oa.state_dict()["state"].values()] == [
        s.keys() for s in ob.state_dict()["state"].values()
    ]
    assert not ha.state_dict().keys() ^ hb.state_dict().keys()


@pytest.mark.parametrize("schedule", [lambda o: StepLR(o, 1, 0.5), lambda o: CosineAnnealingLR(o, 4)])
def test_schedules(schedule):
    results = []
    for compiled in (False, True):
        model = nn.MLP([3, 5, 2], "tanh", rng=0)
        optimizer = nn.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        nn.fit(
            model, X, CLASSES, loss="cross_entropy", optimizer=optimizer, epochs=4, rng=0, progress=False,
            compiled=compiled, callbacks=[schedule(optimizer)], metrics=["accuracy"],
        )  # fmt: skip
        results.append(model.state_dict())
    assert_same(*results)


def test_a_resumed_training_is_bit_for_bit_the_uninterrupted_one(tmp_path):
    whole, *_ = trained(True, epochs=4)
    path = tmp_path / "run.safetensors"
    trained(True, epochs=2, callbacks=[nn.Checkpoint(path)])
    resumed, _, history = trained(True, epochs=4, callbacks=[nn.Checkpoint(path)], resume=path)
    assert history.compiled is True
    assert all((x == y).all() for x, y in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True))


def test_checkpoints_of_compiled_trainings_and_of_others_go_on_as_each_other(tmp_path):
    written, *_ = trained(False)
    for first in (False, True):
        path = tmp_path / f"{first}.safetensors"
        trained(first, epochs=2, callbacks=[nn.Checkpoint(path)])
        resumed, *_ = trained(not first, resume=path)
        assert_same(written.state_dict(), resumed.state_dict())


def test_a_loss_that_is_not_finite_ends_the_training_before_an_update():
    def blown_up():
        return nn.MLP([3, 4, 2], "relu", rng=0)

    states = []
    for compiled in (False, True):
        model = blown_up()
        optimizer = nn.optim.SGD(model.parameters(), lr=1e200)
        with pytest.raises(FloatingPointError, match="epoch 1, minibatch") as caught, np.errstate(all="ignore"):
            nn.fit(model, X, Y, loss="mse", optimizer=optimizer, rng=0, progress=False, compiled=compiled)
        states.append((str(caught.value), model.state_dict(), [p.has_grad for p in model.parameters()]))
    assert states[0][0] == states[1][0]
    assert states[0][2] == states[1][2]
    for x, y in zip(states[0][1].values(), states[1][1].values(), strict=True):
        np.testing.assert_allclose(y, x, rtol=1e-12)


def test_a_history_says_why_steps_were_not_compiled():
    model = nn.MLP([3, 4, 2], rng=0)

    def spy(module, args, output):
        return None

    model[0].register_forward_hook(spy)
    seen = []
    with pytest.warns(CompileWarning, match="spy"):
        history = nn.fit(
            model, X, Y, loss="mse", epochs=2, progress=False, compiled=True,
            callbacks=[lambda run: seen.append(run.compiled)],
        )  # fmt: skip
    assert "hook" in history.compiled
    assert seen == [history.compiled] * 2


def test_a_callback_sees_gradients_and_may_set_them():
    def skip_bias(run):
        run.model[0].bias.grad = None

    class Skip:
        on_backward = staticmethod(skip_bias)

    make = lambda: nn.MLP([3, 4, 2], "tanh", rng=0)
    (a, *_), (b, *_) = (trained(compiled, make, callbacks=[Skip()]) for compiled in (False, True))
    assert_same(a.state_dict(), b.state_dict())


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_estimators_compile_what_is_worth_it(kind, solver, monkeypatch):
    solvers = pytest.importorskip("nn.estimators.solvers")
    steps, weights = [], []

    class Watched(solvers.CompiledStep):
        def __init__(self, *args):
            super().__init__(*args)
            steps.append(self)

    monkeypatch.setattr(solvers, "CompiledStep", Watched)
    monkeypatch.setattr(solvers, "_IDLE", {})
    y = CLASSES if kind == "MLPClassifier" else Y
    for limit in (10, 10**9):
        monkeypatch.setattr(solvers, "_WORTH_COMPILING", limit)
        options = {"max_iter": 15, "batch_size": 14, "tol": 0.0, "n_iter_no_change": 100, "random_state": 0}
        net = getattr(nn, kind)(hidden_layer_sizes=(5,), solver=solver, learning_rate="adaptive", **options)
        with pytest.warns(solvers.ConvergenceWarning):
            weights.append(net.fit(X, y, sample_weight=np.arange(len(X)) % 3).coefs_)
    assert [step.compiled for step in steps] == [True]
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_the_compiled_step_of_an_estimator_serves_the_next_one(solver, monkeypatch):
    solvers = pytest.importorskip("nn.estimators.solvers")
    monkeypatch.setattr(solvers, "_IDLE", {})
    monkeypatch.setattr(solvers, "_WORTH_COMPILING", 30)
    monkeypatch.setattr(solvers, "_MOST_IDLE", 2)
    make = lambda **options: nn.MLPClassifier((5,), solver=solver, max_iter=30, random_state=0, tol=0.0, **options)
    first = make().fit(X, CLASSES)
    (step,) = solvers._IDLE.values()
    before = [w.copy() for w in first.coefs_]
    other = make().set_params(random_state=1, learning_rate_init=0.1).fit(X, CLASSES)
    assert list(solvers._IDLE.values()) == [step]
    again = make().fit(X, CLASSES)
    for a, b, c, d in zip(before, first.coefs_, again.coefs_, other.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)  # bit for bit
        np.testing.assert_array_equal(a, c)
        assert not np.array_equal(a, d)
    assert not any(p is q for p in again.module_.parameters() for q in step.model.parameters())
    for alpha in range(2):
        make(alpha=float(alpha)).fit(X, CLASSES)
    assert len(solvers._IDLE) == 2
    assert step not in solvers._IDLE.values()
    if solver != "lbfgs":
        for net in (first, again):
            net.partial_fit(X, CLASSES)
        np.testing.assert_array_equal(first.coefs_[0], again.coefs_[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_compiled_step_of_an_estimator_does_not_hold_the_data(solver, monkeypatch):
    solvers = pytest.importorskip("nn.estimators.solvers")
    monkeypatch.setattr(solvers, "_IDLE", {})
    monkeypatch.setattr(solvers, "_WORTH_COMPILING", 1)
    data = X.copy()
    reference = weakref.ref(data)
    nn.MLPRegressor(hidden_layer_sizes=(5,), solver=solver, max_iter=3, shuffle=False).fit(data, Y)
    del data
    gc.collect()
    assert len(solvers._IDLE) == 1
    assert reference() is None


def test_what_other_threads_draw_while_a_model_of_ours_is_recorded_is_theirs(monkeypatch):
    forward = nn.Linear.forward

    def drawing(layer, x):  # in the place of a thread that draws from the global generator meanwhile
        drawn.append(np.random.random())
        return forward(layer, x)

    monkeypatch.setattr(nn.Linear, "forward", drawing)
    drawn = []
    before = np.random.get_state()
    try:
        np.random.seed(0)
        _, _, history = trained(True, epochs=2)
        assert history.compiled is True
        expected = np.random.RandomState(0).random(len(drawn))
    finally:
        np.random.set_state(before)
    assert drawn == list(expected)  # and no number is drawn twice
