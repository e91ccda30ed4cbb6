"""``fit``: the loop, what it measures and records, and what it refuses before it starts."""

import copy
import io
import re
import sys
import warnings
from collections.abc import Mapping
from functools import partial

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, no_grad
from tests.helpers.interrupts import interrupted

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 2))
Y = X @ [[1.0], [-2.0]] + 0.5
LABELS = (X[:, 0] * X[:, 1] > 0).astype(int)


def mlp(out=1, **options):
    return nn.MLP([2, 6, out], "tanh", rng=1, **options)


def quiet(model, X=X, y=Y, **options):
    return nn.fit(model, X, y, **{"loss": "mse", "optimizer": "sgd", "progress": False, **options})


def test_fit_is_the_loop_one_would_write():
    ours, theirs = mlp(), mlp()
    history = quiet(ours, optimizer=nn.optim.SGD(ours.parameters(), 0.1, 0.9), epochs=4, batch_size=7, rng=3)
    optimizer, rng, losses = nn.optim.SGD(theirs.parameters(), 0.1, 0.9), np.random.default_rng(3), []
    for _ in range(4):
        total = 0.0
        for x, y in nn.data.batches(X, Y, batch_size=7, rng=rng):
            optimizer.zero_grad()
            loss = nn.MSELoss()(theirs(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        losses.append(total / len(X))
    assert history["loss"] == losses
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(value, theirs.state_dict()[name])


def test_a_minibatch_of_all_keeps_the_order_and_no_shuffle_too():
    seen = []

    class Spy(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(2, 1, rng=0)

        def forward(self, x):
            if self.training:
                seen.append(np.array(x))
            return self.inner(x)

    quiet(Spy(), batch_size=None, epochs=1)
    np.testing.assert_array_equal(seen.pop(), X)
    quiet(Spy(), batch_size=11, shuffle=False, epochs=1)
    assert [len(x) for x in seen] == [11, 11, 8]
    np.testing.assert_array_equal(np.concatenate(seen), X)


@pytest.mark.system("N5")
def test_n5_one_sample_at_a_time_and_as_one_matrix_give_the_same_gradients():
    for loss, y in (("mse", Y), ("cross_entropy", LABELS)):
        model = mlp(1 if loss == "mse" else 2)
        loss = nn.losses.loss_function(loss)
        loss(model(X), y).backward()
        whole = [p.grad.copy() for p in model.parameters()]
        model.zero_grad()
        for x, t in zip(X, y, strict=True):
            (loss(model(x[None]), t[None]) / len(X)).backward()
        for p, g in zip(model.parameters(), whole, strict=True):
            np.testing.assert_allclose(p.grad, g, rtol=0, atol=1e-12)


def test_a_scalar_net_runs_the_same_code():
    arrays, scalars = mlp(2), mlp(2, scalar=True)
    for model in (arrays, scalars):
        optimizer = nn.optim.Adam(model.parameters(), 0.05)
        quiet(model, X[:10], LABELS[:10], loss="cross_entropy", optimizer=optimizer, epochs=2, batch_size=5, rng=0)
    for name, value in arrays.state_dict().items():
        np.testing.assert_allclose(scalars.state_dict()[name], value, rtol=0, atol=1e-12)
    np.testing.assert_allclose(nn.predict(scalars, X), nn.predict(arrays, X), rtol=0, atol=1e-12)


def test_history_has_losses_and_metrics_of_both_sets():
    model = mlp(2)
    history = quiet(
        model, y=LABELS, loss="cross_entropy", epochs=3, validation_data=(X[:10], LABELS[:10]),
        metrics=["accuracy", lambda y, output: float(output.shape[1])],
    )  # fmt: skip
    assert set(history.logs) == {"loss", "val_loss", "accuracy", "val_accuracy", "<lambda>", "val_<lambda>"}
    expected = np.mean(nn.predict(model, X).argmax(axis=1) == LABELS)
    assert history["accuracy"][-1] == expected
    assert history["val_loss"][-1] == pytest.approx(
        nn.CrossEntropyLoss()(nn.predict(model, X[:10]), LABELS[:10]).item()
    )
    assert history["<lambda>"] == [2.0] * 3
    assert len(history) == 3
    assert "3 epochs: loss=" in repr(history)
    with pytest.raises(KeyError, match="there are loss"):
        history["acuracy"]


def test_a_history_is_a_mapping_whose_length_is_in_epochs():
    history = quiet(mlp(), epochs=3, metrics=["r2"], validation_data=(X, Y))
    names = ["loss", "r2", "val_loss", "val_r2"]
    assert isinstance(history, Mapping)
    assert list(history) == list(history.keys()) == list(history.logs) == names
    assert [len(view) for view in (history.keys(), history.values(), history.items())] == [4, 4, 4]
    assert dict(history) == {**history} == dict(history.items()) == history.logs
    assert list(history.values()) == [history[name] for name in names]
    assert all(len(numbers) == len(history) == 3 for _, numbers in history.items())
    assert "loss" in history
    assert "accuracy" not in history
    assert 0 not in history
    assert history.get("accuracy") is None
    assert history.get("loss") is history["loss"]
    twin = copy.deepcopy(history)
    assert dict(twin) == dict(history)
    assert history == history
    assert history != twin
    assert len({history, twin}) == 2
    assert list(nn.History()) == []
    assert not nn.History()


@pytest.mark.parametrize(
    ("loss", "out", "y", "threshold"),
    [
        ("bce_with_logits", 1, LABELS[:, None], 0.0),
        (nn.functional.binary_cross_entropy_with_logits, 1, LABELS[:, None], 0.0),
        ("hinge", 1, 2 * LABELS[:, None] - 1, 0.0),
        (partial(nn.functional.hinge_loss, margin=0.5), 1, 2 * LABELS[:, None] - 1.0, 0.0),
        ("mse", 1, LABELS[:, None], 0.5),
        ("mse", 1, LABELS[:, None] + 0.0, 0.5),
        ("mse", 1, 2 * LABELS[:, None] - 1, 0.0),
        ("mse", 1, 2 * LABELS[:, None] - 1.0, 0.0),
    ],
)
def test_accuracy_of_a_single_output(loss, out, y, threshold):
    model = mlp(out)
    ones = LABELS == 1  # validation data of one class are judged as the training data are
    history = quiet(model, y=y, loss=loss, epochs=1, metrics=["accuracy"], validation_data=(X[ones], y[ones]))
    right = (nn.predict(model, X)[:, 0] > threshold) == LABELS
    assert history["accuracy"][0] == np.mean(right)
    assert history["val_accuracy"][0] == np.mean(right[ones])


@pytest.mark.parametrize(("loss", "output"), [("bce", "sigmoid"), ("bce_with_logits", None), ("hinge", None)])
def test_accuracy_of_several_labels_at_once(loss, output):
    model = mlp(3, output=output)
    y = (X @ [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]] > 0) + 0.0
    targets = 2 * y - 1 if loss == "hinge" else y
    history = quiet(model, y=targets, loss=loss, epochs=1, metrics=["accuracy"], validation_data=(X[:5], targets[:5]))
    right = ((nn.predict(model, X) > (0.5 if output else 0.0)) == y).all(axis=1)
    assert history["accuracy"] == [np.mean(right)]
    assert history["val_accuracy"] == [np.mean(right[:5])]


def test_metrics_are_scikit_learns():
    theirs = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    named = nn.training.metric_functions(
        ["accuracy", "balanced_accuracy", "r2", "mean_absolute_error", "mean_squared_error", "max_error"],
        nn.CrossEntropyLoss(), np.arange(3),
    )  # fmt: skip
    y, scores = np.array([0, 1, 1, 2, 2, 2]), rng.normal(size=(6, 4))
    classes = scores.argmax(axis=1)
    assert named["accuracy"](y, scores) == theirs.accuracy_score(y, classes)
    with warnings.catch_warnings(action="ignore"):  # a class that is predicted only
        assert named["balanced_accuracy"](y, scores) == pytest.approx(theirs.balanced_accuracy_score(y, classes))
    for shape in ((7,), (7, 1), (7, 3)):
        a, b = rng.normal(size=shape), rng.normal(size=shape).astype(np.float32)
        for name in ("r2", "mean_absolute_error", "mean_squared_error"):
            score = getattr(theirs, "r2_score" if name == "r2" else name)
            assert named[name](a, b) == pytest.approx(score(a, b), rel=1e-12)
        assert named["max_error"](a, b) == np.abs(a - b).max()
    constant = np.ones((3, 2))
    for predicted in (constant, np.add(constant, [0, 1]), constant * [[1], [2], [3]]):
        assert named["r2"](constant, predicted) == theirs.r2_score(constant, predicted)
    assert np.isnan(named["r2"](np.ones((1, 1)), np.ones((1, 1))))
    labels = np.array([[0, 1, 1], [0, 0, 0], [1, 0, 1]])
    several = nn.training.metric_functions(["accuracy", "balanced_accuracy"], nn.BCELoss(), labels)
    assert several["accuracy"](labels, labels * 0.6 + [[0, 0, 0], [0, 0, 0.7], [0, 0, 0]]) == 2 / 3
    with pytest.raises(ValueError, match="one class for each sample"):
        several["balanced_accuracy"](labels, labels)


def test_metrics_of_numbers():
    history = quiet(mlp(), epochs=1, metrics=["r2", "mean_absolute_error"])
    assert set(history.logs) == {"loss", "r2", "mean_absolute_error"}


def test_what_can_be_recorded():
    model = nn.MLP([2, 5, 1], "relu", rng=0)
    model[0].bias.data = [-100.0, -100.0, 0.0, 0.0, 50.0]
    history = quiet(
        model, epochs=2, record=["weights", "gradients", "dead"], optimizer=nn.optim.SGD(model.parameters(), 1e-9)
    )
    assert {name: np.shape(each) for name, each in history.weights.items()} == {
        "0.weight": (3, 5, 2), "0.bias": (3, 5), "2.weight": (3, 1, 5), "2.bias": (3, 1),
    }  # fmt: skip
    assert np.shape(history.gradients["0.weight"]) == (2, 5, 2)
    assert history.dead["1"] == [0.4, 0.4]
    assert not model[1]._hooks


def test_modes_in_and_after():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3), nn.Dropout(0.5, rng=0), nn.Linear(3, 1, rng=0))
    model[1].eval()
    seen = []
    quiet(model, epochs=1, callbacks=[lambda run: seen.append([m.training for m in run.model.modules()])])
    assert seen == [[True] * 5]
    assert [m.training for m in model.modules()] == [True, True, False, True, True]


def test_early_stopping_goes_back_to_the_best():
    model = mlp()
    kept = {}
    numbers = iter([5.0, 4.0, 4.5, 4.6, 4.7, 1.0])

    def metric(y, output):
        return next(numbers)

    def note(run):
        kept[run.epoch] = run.model.state_dict()

    stopping = nn.EarlyStopping(patience=3, monitor="metric", mode="min")
    history = quiet(model, epochs=10, metrics=[metric], callbacks=[note, stopping])
    assert len(history) == 5
    assert stopping.best_epoch == 2
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, kept[2][name])


@pytest.mark.parametrize(("monitor", "best"), [("val_accuracy", 3), ("max_error", 2), ("val_loss", 3)])
def test_early_stopping_knows_what_is_better(monitor, best, monkeypatch):
    model = mlp()
    numbers = {"loss": 1.0, "val_loss": 1.0, "accuracy": 0.5, "val_accuracy": 0.5, "max_error": 1.0, "val_max_error": 1}
    course = {"val_loss": [3, 2, 1, 2, 3, 4], "val_accuracy": [0.1, 0.6, 0.9, 0.8, 0.7, 0.9], "max_error": [5, 1, 3, 4]}
    each = iter(course[monitor])
    monkeypatch.setattr(nn.training, "_measured", lambda *args: numbers | {monitor: next(each)})
    stopping = nn.EarlyStopping(2, monitor=monitor)
    metrics = ["accuracy", "max_error"]
    quiet(model, y=LABELS[:, None], epochs=9, validation_data=(X, LABELS[:, None]), metrics=metrics,
          callbacks=[stopping])  # fmt: skip
    assert stopping.best_epoch == best


def test_a_loss_that_adds_up_is_logged_by_the_sample():
    for shape in ((30, 1), (30, 2)):
        logs = []
        for reduction in ("mean", "sum"):
            model = mlp(shape[1]).requires_grad_(False)
            model[-1].bias.requires_grad = True
            optimizer = nn.optim.SGD(model.parameters(), lr=0.0)
            y = np.ones(shape)
            loss = nn.MSELoss(reduction=reduction)
            history = quiet(model, y=y, loss=loss, optimizer=optimizer, epochs=1, batch_size=7, validation_data=(X, y))
            logs.append([history["loss"][0], history["val_loss"][0]])
        np.testing.assert_allclose(np.array(logs[0]) * shape[1], logs[1])
        assert logs[1][0] == pytest.approx(logs[1][1])


def test_schedules_and_clipping_as_callbacks():
    model = mlp()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    rates, norms = [], []

    class Norm:
        def on_backward(self, run):
            norms.append(np.sqrt(np.sum([np.sum(p.grad**2) for p in run.model.parameters()])))

    schedule = nn.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    quiet(
        model, optimizer=optimizer, epochs=3,
        callbacks=[nn.ClipGradients(max_norm=0.01), Norm(), schedule, lambda run: rates.append(run.optimizer.lr)],
    )  # fmt: skip
    assert rates == [0.05, 0.025, 0.0125]
    assert max(norms) < 0.01 * (1 + 1e-9)


def test_a_loss_that_is_not_finite_stops_the_training():
    model = nn.Linear(2, 1, rng=0)
    with pytest.raises(FloatingPointError, match=r"became inf in epoch \d+, minibatch \d, at learning rate 1e\+150"):
        with np.errstate(all="ignore"):
            quiet(model, optimizer=nn.optim.SGD(model.parameters(), lr=1e150), epochs=5)


def test_float32_stays_float32():
    model = mlp(dtype=np.float32)
    quiet(model, epochs=1, optimizer="adam")
    assert all(p.dtype == np.float32 for p in model.parameters())
    assert nn.predict(model, X.astype(np.float32)).dtype == np.float32


def test_data_are_left_alone():
    x, y = X.copy(), Y.copy()
    x.flags.writeable = y.flags.writeable = False
    quiet(mlp(), x, y, epochs=2)
    np.testing.assert_array_equal(x, X)


def test_a_penalty_is_part_of_a_loss():
    model = mlp()
    loss = lambda output, y: nn.functional.mse_loss(output, y) + 10 * nn.penalties.l2(model)
    quiet(model, loss=loss, optimizer=nn.optim.Adam(model.parameters(), 0.05), epochs=60)
    assert nn.penalties.l2(model).item() < 0.3


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_bar_is_for_terminals_only(monkeypatch):
    pytest.importorskip("tqdm")
    for stream, has_bar in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        quiet(mlp(), epochs=2, progress=True)
        assert ("loss=" in stream.getvalue()) == has_bar
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match="progress=False"):
        quiet(mlp(), progress=True)


def never(*args, **kwargs):
    raise AssertionError("training began")


NAN = X.copy()
NAN[3, 1] = np.nan


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"X": X[:, :1]}, ValueError, "takes 2 features"),
        ({"X": X[:0], "y": Y[:0]}, ValueError, r"no data: X has shape \(0, 2\)"),
        ({"X": 1.0}, ValueError, "no data"),
        ({"X": NAN}, ValueError, r"X holds nan at \(3, 1\)"),
        ({"y": np.full_like(Y, np.inf)}, ValueError, "y holds inf"),
        ({"y": Y[:5]}, ValueError, "X has 30 rows"),
        ({"y": np.array(["a"] * 30)}, TypeError, "return_inverse"),
        ({"y": Y[:, 0]}, ValueError, "makes a column of it"),
        ({"loss": "cross_entropy", "y": Y}, ValueError, "class indices"),
        ({"loss": "cross_entropy", "y": LABELS + 0.0}, TypeError, "must be integers"),
        ({"loss": "cross_entropy", "y": np.r_[LABELS[:-1], 7]}, ValueError, "run from 0 to 7"),
        ({"loss": "bce", "y": 2 * Y}, ValueError, r"targets must be in \[0, 1\]"),
        ({"loss": "hinge"}, ValueError, "-1 or 1"),
        ({"loss": "rmse"}, ValueError, "there are bce, bce_with_logits, cross_entropy"),
        ({"loss": nn.MSELoss}, TypeError, r"write MSELoss\(\)"),
        ({"loss": nn.MSELoss(reduction="none")}, ValueError, "must be one number"),
        ({"loss": lambda output, y: 0.0}, TypeError, "not a node"),
        ({"optimizer": "adams"}, ValueError, "there are adadelta, adagrad, adam"),
        ({"optimizer": nn.optim.SGD}, TypeError, r"SGD\(model.parameters\(\)\)"),
        ({"optimizer": nn.optim.SGD([nn.Parameter(1.0)])}, ValueError, "none of the model's parameters"),
        ({"metrics": ["acc"]}, ValueError, "there are accuracy"),
        ({"metrics": "accuracy"}, TypeError, "a list"),
        ({"metrics": {"loss": max}}, ValueError, "'loss' is one of fit's own names"),
        ({"metrics": {"val_x": max}}, ValueError, "'val_x' is one of fit's own names"),
        ({"metrics": [lambda y, o: 0.0, lambda y, o: 1.0]}, ValueError, "'<lambda>' is there twice; give it another"),
        (
            {"callbacks": [nn.EarlyStopping(monitor="max")], "metrics": [max]},
            ValueError,
            "less or more of 'max' better",
        ),
        ({"record": ["weight"]}, ValueError, "weights, gradients, dead"),
        ({"record": "weights"}, ValueError, "record holds some of .*, not 'weights'"),
        ({"batch_size": 0}, ValueError, "batch_size must be an integer of at least 1"),
        ({"batch_size": 2.5}, ValueError, "batch_size"),
        ({"epochs": -1}, ValueError, "epochs must be"),
        ({"validation_data": X}, TypeError, "a pair"),
        ({"validation_data": (X[:, :1], Y)}, ValueError, "takes 2 features"),
        ({"validation_data": (X[:3], Y)}, ValueError, "validation X has 3 rows"),
        ({"callbacks": [3]}, TypeError, "no callback"),
        ({"callbacks": nn.EarlyStopping()}, TypeError, r"\[EarlyStopping\(\.\.\.\)\]"),
        ({"callbacks": "early_stopping"}, TypeError, "callbacks is a list, as in .*, not 'early_stopping'"),
        ({"callbacks": ""}, TypeError, "callbacks is a list, as in .*, not ''"),
        ({"callbacks": b"name"}, TypeError, "callbacks is a list, as in .*, not b'name'"),
        ({"callbacks": {"stop": nn.EarlyStopping()}}, TypeError, "callbacks is a list, as in .*, not {'stop'"),
        ({"callbacks": None}, TypeError, "callbacks is a list, as in .*, not None"),
        ({"callbacks": print}, TypeError, r"callbacks=\[print\], not a single one"),
        ({"callbacks": ["early_stopping"]}, TypeError, "'early_stopping' is no callback"),
        (
            {"callbacks": [nn.EarlyStopping(monitor="val_loss")]},
            ValueError,
            "does not log 'val_loss'; monitor one of loss",
        ),
        (
            {"callbacks": [nn.optim.lr_scheduler.StepLR(nn.optim.SGD([nn.Parameter(1.0)]), 1)]},
            ValueError,
            r"StepLR: this is the schedule of another optimiser.*StepLR\(optimizer, \.\.\.\)",
        ),
        ({"callbacks": [nn.EarlyStopping]}, TypeError, r"write EarlyStopping\(\.\.\.\)"),
        ({"callbacks": [nn.Checkpoint("nowhere/run.safetensors")]}, FileNotFoundError, "no folder nowhere"),
        ({"X": [[1.0, 2.0], [3.0]]}, ValueError, "rows of X differ in length"),
        ({"X": np.ma.masked_less(X, 0)}, ValueError, "masked"),
        ({"model": mlp().requires_grad_(False)}, ValueError, "frozen"),
        ({"model": X}, TypeError, "pass a module"),
    ],
    ids=lambda x: re.sub(r" at 0x\w+", "", str(x))[:40],
)
def test_mistakes_are_explained_before_any_training(change, error, words, monkeypatch):
    model = mlp(
        2 if change.get("loss") == "cross_entropy" else 1, output="sigmoid" if change.get("loss") == "bce" else None
    )
    before = model.state_dict()
    monkeypatch.setattr(nn.training, "_epoch", never)
    with pytest.raises(error, match=words):
        quiet(**({"model": model} | change))
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_predict_in_parts_and_of_scalars():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Dropout(0.5))
    np.testing.assert_allclose(nn.predict(model, X, batch_size=7), model[0](X).data)
    assert model.training
    with no_grad():
        assert not isinstance(nn.predict(model, X), Tensor)
    assert nn.predict(model, np.ones((0, 2))).shape == (0, 3)
    np.testing.assert_array_equal(nn.predict(model, Tensor(X)), nn.predict(model, X))
    for size in (0, 2.5):
        with pytest.raises(ValueError, match="predict: batch_size must be an integer of at least 1"):
            nn.predict(model, X, batch_size=size)


@pytest.mark.no_cover  # which traces too
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_leaves_the_model_and_recording_as_they_were():
    model = nn.Sequential(nn.Linear(1, 1, rng=0), nn.Dropout(0.5, rng=0))
    model[1].eval()
    X, y = np.ones((2, 1)), np.ones((2, 1))

    def train():
        options = {"epochs": 1, "batch_size": 2, "progress": False, "validation_data": (X, y), "record": ["dead"]}
        nn.fit(model, X, y, loss="mse", optimizer="sgd", **options)
        nn.predict(model, X)
        model.summary(X)

    files = (
        "/nn/training.py",
        "/nn/module.py",
        "/nn/prediction.py",
        "/nn/history.py",
        "/autograd/engine/modes.py",
        "/autograd/engine/switches.py",
    )
    for n in interrupted(train, files, every=23):
        assert [m.training for m in model.modules()] == [True, True, False], n
        assert not any(m._hooks for m in model.modules()), n
        assert (Value(1.0) * 2).op is not None, n
