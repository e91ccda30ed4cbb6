"""A training that is stopped, at an epoch's end or by kill -9, goes on bit for bit."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from nn import safetensors

pytest.importorskip("safetensors")

ROOT = Path(__file__).resolve().parents[2]
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 2)), RNG.normal(size=(40, 1))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_twenty_times(tmp_path):
    environment = {
        **os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }  # fmt: skip
    script = ROOT / "tests" / "helpers" / "killed.py"
    done = subprocess.run(
        [sys.executable, script, tmp_path, "20", "1"], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("killed 20 times")


def run(path, epochs, resume=None, optimizer="sgd", **options):
    model = nn.MLP([2, 4, 1], "tanh", rng=1)
    trained = {"loss": "mse", "optimizer": optimizer, "batch_size": 16, "rng": 3, "progress": False} | options
    callbacks = [nn.Checkpoint(path, every=2), *trained.pop("callbacks", [])]
    history = nn.fit(model, X, Y, epochs=epochs, callbacks=callbacks, resume=resume, **trained)
    return model, history


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop", "adagrad"])
def test_more_epochs_later(tmp_path, optimizer):
    whole, long = run(tmp_path / "a", 7, optimizer=optimizer, record=["weights"])
    run(tmp_path / "b", 4, optimizer=optimizer, record=["weights"])
    again, short = run(tmp_path / "b", 7, resume=tmp_path / "b", optimizer=optimizer, record=["weights"])
    for name, value in whole.state_dict().items():
        np.testing.assert_array_equal(again.state_dict()[name], value)
    assert short.logs == long.logs
    for name, each in long.weights.items():
        np.testing.assert_array_equal(short.weights[name], each)
    assert len(short) == 7
    assert len(short.weights["0.weight"]) == 8


def test_a_scalar_net_is_resumed_too(tmp_path):
    def train(path, epochs, resume=None):
        model = nn.MLP([2, 2, 1], "tanh", scalar=True, rng=1)
        nn.fit(model, X[:8], Y[:8], loss="mse", optimizer=nn.optim.SGD(model.parameters(), 0.1, 0.9), epochs=epochs,
               batch_size=4, rng=0, progress=False, callbacks=[nn.Checkpoint(path)], resume=resume)  # fmt: skip
        return model.state_dict()

    whole = train(tmp_path / "a", 4)
    train(tmp_path / "b", 2)
    for name, value in train(tmp_path / "b", 4, tmp_path / "b").items():
        np.testing.assert_array_equal(value, whole[name])


def test_a_finished_training_stays_finished(tmp_path):
    model, history = run(tmp_path / "a", 3)
    again, same = run(tmp_path / "a", 3, resume=tmp_path / "a")
    assert same.logs == history.logs
    np.testing.assert_array_equal(again[0].weight.data, model[0].weight.data)


def test_a_file_that_is_not_there_is_a_start_only_where_it_will_be_written(tmp_path):
    run(tmp_path / "a", 1, resume=tmp_path / "a")
    with pytest.raises(FileNotFoundError, match=r"no '.*' to resume; callbacks=\[nn.Checkpoint"):
        run(tmp_path / "a", 1, resume=tmp_path / "typo")


def test_another_training_is_refused(tmp_path):
    run(tmp_path / "a", 2)
    resume = lambda **options: run(tmp_path / "a", 4, resume=tmp_path / "a", **options)
    with pytest.raises(ValueError, match="optimizer was SGD, and is Adam now"):
        resume(optimizer="adam")
    with pytest.raises(ValueError, match="batch_size was 16, and is 8 now"):
        resume(batch_size=8)
    with pytest.raises(ValueError, match="callbacks"):
        resume(callbacks=[nn.EarlyStopping()])
    with pytest.raises(ValueError, match="size mismatch"):
        nn.fit(nn.MLP([2, 5, 1]), X, Y, loss="mse", optimizer="sgd", epochs=4, batch_size=16, progress=False,
               resume=tmp_path / "a")  # fmt: skip
    nn.save(nn.MLP([2, 4, 1]), tmp_path / "model")
    with pytest.raises(ValueError, match=r"read by nn\.load"):
        run(tmp_path / "a", 4, resume=tmp_path / "model")


def test_a_damaged_checkpoint_is_refused(tmp_path):
    run(tmp_path / "a", 2)
    content = (tmp_path / "a").read_bytes()
    for cut in (0, 5, 50, len(content) // 2, len(content) - 1):
        (tmp_path / "b").write_bytes(content[:cut])
        with pytest.raises(ValueError, match="truncated, damaged"):
            run(tmp_path / "b", 4, resume=tmp_path / "b")
    (tmp_path / "b").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ValueError, match=r"its checksum.*nn\.safetensors\.write\(path, \*nn\.safetensors\.read"):
        run(tmp_path / "b", 4, resume=tmp_path / "b")
    safetensors.write(tmp_path / "b", *safetensors.read(tmp_path / "b", verify=False))
    run(tmp_path / "b", 4, resume=tmp_path / "b")
    arrays, description = safetensors.read(tmp_path / "a")
    description["run"].pop("epoch")
    safetensors.write(tmp_path / "c", arrays, description)
    with pytest.raises(ValueError, match="damaged"):
        run(tmp_path / "c", 4, resume=tmp_path / "c")


def rich(callback, epochs, resume=None):
    """A training with something of everything that a checkpoint holds."""
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU(), nn.Dropout(0.1, rng=1), nn.Linear(3, 1, rng=2))
    optimizer = nn.optim.Adam(model.parameters())
    schedules = nn.optim.lr_scheduler
    callbacks = [callback, nn.EarlyStopping(), schedules.ReduceLROnPlateau(optimizer), schedules.StepLR(optimizer, 1)]
    nn.fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=epochs, batch_size=16, rng=3, progress=False,
           record=["weights", "dead"], callbacks=callbacks, resume=resume)  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["settings"], 3), (["settings", "optimizer"], "a" * 10**6), (["epoch"], "3"), (["epoch"], -1),
        (["epoch"], True), (["stopped"], 3), (["model"], []), (["model", "0.weight"], "x"),
        (["model", "0.weight"], {"array": "/none"}), (["model", "a" * 10**6], 1.0), (["generators"], 3),
        (["generators", 0], None), (["generators", 0, "state"], {}), (["generators", 0, "bit_generator"], "Bomb"),
        (["generators", 0, "state", "state"], -1), (["generators", 0, "state", "state"], 10**400),
        (["optimizer"], None), (["optimizer", "param_groups"], {}), (["optimizer", "param_groups", 0], 3),
        (["optimizer", "param_groups", 0, "params"], 3), (["optimizer", "param_groups", 0, "lr"], "fast"),
        (["optimizer", "param_groups", 0, "lr"], -1), (["optimizer", "param_groups", 0, "lr"], 10**400),
        (["optimizer", "param_groups", 0, "betas"], [2, 3]),
        (["optimizer", "state"], 3), (["optimizer", "state", "#99"], {}), (["optimizer", "state", "x"], {}),
        (["optimizer", "state", "#0"], 3), (["optimizer", "state", "#0", "step"], -1),
        (["optimizer", "state", "#0", "step"], "x"), (["optimizer", "state", "#0", "exp_avg"], "x"),
        (["optimizer", "state", "#0", "exp_avg"], {"array": "model/3.weight"}),
        (["history"], []), (["history", "logs"], 3), (["history", "logs", "loss"], "abc"),
        (["history", "logs", "loss"], [None]), (["history", "dead", "1"], {}), (["history", "weights"], []),
        (["history", "weights", "0.weight"], 1.0), (["history", "weights", "0.weight"], "x"),
        (["history", "evil"], {}), (["callbacks"], {}), (["callbacks", 0], []), (["callbacks", 0, "best"], "x"),
        (["callbacks", 0, "wait"], 1.5), (["callbacks", 0, "on_epoch_end"], 3), (["callbacks", 0, "best_state"], []),
        (["callbacks", 1, "mode"], 3), (["callbacks", 1, "_better"], True), (["callbacks", 1, "best"], []),
        (["callbacks", 2, "optimizer"], 3), (["callbacks", 2, "step"], 3), (["callbacks", 2, "gamma"], "x"),
        (["callbacks", 2, "base_lrs"], ["x"]), (["callbacks", 2, "base_lrs"], 0.1),
        (["callbacks", 2, "last_epoch"], True),
    ],
    ids=lambda x: str(x)[:40],
)  # fmt: skip
def test_a_hostile_checkpoint_is_refused_and_changes_nothing(place, value, tmp_path):
    rich(nn.Checkpoint(tmp_path / "a"), 2)
    arrays, description = safetensors.read(tmp_path / "a")
    inner = description["run"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    safetensors.write(tmp_path / "b", arrays, description)
    taken = []

    class Note:
        def on_train_begin(self, run):
            taken.append((run, run.state_dict()))

    with pytest.raises(ValueError, match="b does not fit this training, or is damaged") as caught:
        rich(Note(), 4, resume=tmp_path / "b")
    assert len(str(caught.value)) < 1000
    run, before = taken[0]
    np.testing.assert_equal(run.state_dict(), before)


def test_every_and_the_end_are_written(tmp_path):
    seen = []

    class Watched(nn.Checkpoint):
        def on_epoch_end(self, run):
            super().on_epoch_end(run)
            if self.path.exists():
                seen.append(safetensors.read(self.path)[1]["run"]["epoch"])

    nn.fit(nn.Linear(2, 1), X, Y, loss="mse", epochs=7, callbacks=[Watched(tmp_path / "a", every=3)], progress=False)
    assert seen == [3, 3, 3, 6, 7]
    with pytest.raises(ValueError, match="at least 1"):
        nn.Checkpoint("a", every=0)
