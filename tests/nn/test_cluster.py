"""A cluster of two workers trains as one process does, bit for bit, whatever becomes of its workers."""

import functools
import gc
import os
import pickle
import signal
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest

import autograd
import nn
from nn.parallel import ClusterError
from nn.parallel import cluster as module

distributed = pytest.importorskip("distributed")

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(100, 5)), RNG.normal(size=(100, 3))
OPTIONS = {"loss": "mse", "optimizer": "adam", "epochs": 2, "shards": 3, "batch_size": 50, "rng": 1, "progress": False}


def a_cluster(workers=2, **options):
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        **options,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        silence_logs=50,
    )


@pytest.fixture(scope="module")
def client():
    with a_cluster() as cluster, distributed.Client(cluster) as client:
        yield client


def net(*more):
    return nn.Sequential(nn.Linear(5, 16, rng=0), nn.Tanh(), nn.Dropout(0.3, rng=4), *more, nn.Linear(16, 3, rng=2))


def trained(client, X=X, y=Y, model=None, **options):
    model = net() if model is None else model
    return model, nn.fit(model, X, y, client=client, **OPTIONS | options)


def assert_same(one, other):
    for (model, history), (twin, logs) in zip([one], [other], strict=True):
        assert logs.logs == history.logs
        for name, a in model.state_dict().items():
            np.testing.assert_array_equal(twin.state_dict()[name], a, err_msg=name)


@pytest.fixture(scope="module")
def alone():
    return trained(None)


def test_two_workers_give_what_one_process_does(client, alone):
    assert_same(alone, trained(client))
    with np.testing.assert_raises(AssertionError):
        assert_same(alone, trained(None, shards=4))


@pytest.mark.parametrize("chunk", [None, 30])
def test_workers_read_stored_data_themselves(client, alone, tmp_path, chunk):
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", Y)
    source = nn.data.stored(tmp_path / "X.npy", chunk=chunk)
    here = trained(None, source)
    assert_same(here, trained(client, source))
    assert_same(here, trained(client, source, nn.data.stored(tmp_path / "y.npy", chunk=chunk)))
    if chunk is None:
        assert_same(here, alone)


def test_float32_loaders_values_closures_and_frozen_parameters(client):
    def loader():
        return nn.data.DataLoader(nn.data.TensorDataset(X, Y), 32, shuffle=True, generator=5)

    def frozen():
        model = net()
        model[0].weight.requires_grad_(False)
        return model

    for options in (
        {"X": loader, "y": lambda: None, "batch_size": lambda: "auto"},
        {"model": lambda: net().float()},
        {"model": lambda: nn.MLP([5, 2, 3], "tanh", scalar=True, rng=0), "optimizer": lambda: "sgd"},
        {"model": frozen, "shuffle": lambda: False},
    ):
        here, there = (trained(c, **{name: make() for name, make in options.items()}) for c in (None, client))
        assert_same(here, there)
    assert there[0][0].weight.grad is None


def test_an_optimizer_that_evaluates_the_loss_several_times(client):
    def run(client):
        model = net()
        optimizer = nn.optim.LBFGS(model.parameters(), max_iter=2, line_search_fn="strong_wolfe")
        return trained(client, model=model, optimizer=optimizer, epochs=1)

    assert_same(run(None), run(client))


def test_losses_of_ones_own_and_parameters_in_them(client):
    weight = nn.Parameter([2.0])

    def run(client):
        model = net()
        weight.data = [2.0]
        loss = lambda output, y: nn.functional.mse_loss(output * weight, y) + 0.1 * nn.penalties.l2(model)
        optimizer = nn.optim.SGD([*model.parameters(), weight], 0.1)
        return *trained(client, model=model, loss=loss, optimizer=optimizer), weight.data.copy()

    *here, moved = run(None)
    *there, same = run(client)
    assert_same(here, there)
    assert moved == same != 2.0


def test_a_killed_worker_changes_nothing(client, alone, tmp_path):
    """It dies in the middle of a shard: the loss says when it is there, and waits for the kill."""
    mark = tmp_path / "running"

    def loss(output, y):
        if os.getpid() != here:
            with suppress(FileNotFoundError):  # Only one worker takes it away.
                mark.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
        return nn.functional.mse_loss(output, y)

    here = os.getpid()
    kill = lambda run: mark.touch() if run.epoch == 1 else None
    assert_same(alone, trained(client, loss=loss, callbacks=[kill]))
    assert not mark.exists()


def test_a_training_is_resumed_on_another_number_of_workers(client, alone, tmp_path):
    pytest.importorskip("safetensors")
    path = tmp_path / "run.safetensors"
    trained(client, epochs=1, callbacks=[nn.Checkpoint(path)])
    nn.manual_seed(3)
    assert_same(alone, trained(None, resume=path, callbacks=[nn.Checkpoint(path)]))


def test_an_error_of_the_users_passes_unchanged_with_a_note(client):
    class MineError(Exception):
        pass

    here, locked = os.getpid(), MineError("locked")
    locked.lock = CannotBeSent(here)

    def failing(error):
        def loss(output, y):
            if os.getpid() != here:
                raise error
            return nn.functional.mse_loss(output, y)

        return loss

    with pytest.raises(MineError) as caught:
        trained(client, loss=failing(MineError("no")))
    assert str(caught.value) == "no"
    assert any("of 3, on a worker" in note for note in caught.value.__notes__)
    assert not any(client.run(at_hand).values())
    assert not client.futures  # though the error holds each frame
    with pytest.raises(Exception, match="locked") as caught:
        trained(client, loss=failing(locked))
    assert any("of 3, on a worker" in note for note in caught.value.__notes__)
    assert trained(client, epochs=1)


class CannotBeSent:
    """It can be sent to a worker, and not back."""

    def __init__(self, here):
        self.here = here

    def __reduce__(self):
        if os.getpid() != self.here:
            raise TypeError("not back")
        return CannotBeSent, (self.here,)


def test_each_worker_gets_shards_and_a_slow_one_not_the_last():
    step = object.__new__(module.ClusterStep)
    step._seconds = {"slow": 5.0, "fast": 1.0}
    assert step._is_of_use("fast", 1, ["slow"])
    assert step._is_of_use("slow", 5, ["fast"])  # which is busy, and would take 6 s for all of them
    assert not step._is_of_use("slow", 3, ["fast"])
    assert step._is_of_use("slow", 1, [])  # Nobody else is there.
    assert step._is_of_use("slow", 1, ["new"])


def test_every_thread_of_a_worker_is_a_place(client):
    step = object.__new__(module.ClusterStep)
    step.client = client
    assert list(step._places(3)) == sorted(client.nthreads())
    step.client = SimpleNamespace(nthreads=lambda: {"b": 1, "a": 3})
    assert list(step._places(3)) == ["a", "b", "a", "a"]
    step.client = SimpleNamespace(nthreads=dict)
    assert list(step._places(3)) == [None] * 3


def test_large_arrays_are_sent_without_a_warning(client):
    samples = np.zeros((40, 40_000))
    model = nn.Sequential(nn.Linear(40_000, 1, rng=0))
    _, history = trained(client, samples, np.ones((40, 1)), model, epochs=1)
    assert len(history) == 1


def test_the_workers_forget_what_they_were_sent(client):
    sizes = []
    trained(client, epochs=1, callbacks=[lambda run: sizes.extend(client.run(at_hand).values())])
    assert set(sizes) in ({2}, {0, 2})  # The scheduler may have given all shards to one worker.
    assert not any(client.run(at_hand).values())
    assert not client.futures


def test_nothing_is_kept_where_a_task_took_long(client):
    here = os.getpid()

    def loss(output, y):
        time.sleep(1.1 * (os.getpid() != here))  # longer than a client waits at once
        return nn.functional.mse_loss(output, y)

    gc.disable()
    try:
        trained(client, loss=loss, epochs=1, batch_size=100, shards=2)
        client.run(at_hand)  # What was released is so by now.
        assert not client.futures
    finally:
        gc.enable()


def at_hand():
    """How many arrays a worker holds."""
    return len(module._at_hand)


def test_a_worker_that_lost_the_arrays_gets_them_again(client, alone):
    lost = []

    def lose(run):
        lost.extend(client.run(module._at_hand.clear))  # a worker's, by its name

    assert_same(alone, trained(client, callbacks=[lose]))
    assert lost


def test_few_arrays_stay_at_hand():
    for i in range(9):
        module._read(f"array {i}", X, None)
    assert len(module._at_hand) == 4
    assert module._read("array 8", None, np.array([1]))[0, 0] == X[1, 0]
    assert module._read("array 0", None, None) is None
    module._forget([f"array {i}" for i in range(9)])
    assert not module._at_hand
    assert module._read("array 8", X, None) is X  # by a shard that runs on when its training has failed
    assert not module._at_hand


def test_what_cannot_be_sent_is_refused(client):
    with pytest.raises(ValueError, match="client= takes shards=, the number of parts of each minibatch"):
        trained(client, shards=None)
    hooked = net()
    hooked[0].register_forward_hook(lambda *_: None)
    with pytest.raises(ValueError, match="0 has hooks, which would run on the workers"):
        trained(client, model=hooked)
    hooked = net()
    hooked[0].register_state_dict_pre_hook(lambda *_: None)
    trained(client, model=hooked, epochs=1)
    hooked = net()
    handle = hooked[0].weight.register_hook(lambda g: g)
    with pytest.raises(ValueError, match="a parameter has a hook"):
        trained(client, model=hooked)
    handle.remove()
    for mode in (autograd.no_grad, autograd.detect_anomaly):
        with mode(), pytest.raises(ValueError, match="no_grad and detect_anomaly do not reach the workers"):
            trained(client)
    lock = threading.Lock()
    with pytest.raises(TypeError, match="the model or the loss cannot be sent to the workers"):
        trained(client, loss=lambda output, y: (lock, nn.functional.mse_loss(output, y))[1])
    with pytest.raises(ValueError, match="changes its running_mean in training"):
        trained(client, model=net(nn.BatchNorm1d(16)))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("tcp://first:8786", r"pass distributed.Client\('tcp://first:8786'\), not 'tcp://first:8786'"),
        (5, r"pass distributed.Client.*, not 5"),
    ],
)
def test_what_is_no_client(wrong, text):
    with pytest.raises(TypeError, match=text):
        trained(wrong)


def test_a_worker_with_another_version_is_named(client, monkeypatch):
    monkeypatch.setattr(module, "_version", functools.partial(version, os.getpid()))
    with pytest.raises(
        ValueError, match=r"the worker tcp://.* has graphgrad 0.0 there, and this process 0.0 here; install"
    ):
        trained(client)


def version(here):
    """What each process says of itself."""
    return "0.0 here" if os.getpid() == here else "0.0 there"


def test_a_cluster_that_fails_names_the_checkpoint(tmp_path, monkeypatch):
    pytest.importorskip("safetensors")
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    checkpoint = nn.Checkpoint(tmp_path / "run.safetensors")
    with a_cluster(1, processes=False, protocol="tcp://") as cluster, distributed.Client(cluster) as client:

        def leave(run):
            cluster.scale(0)
            while client.nthreads():
                time.sleep(0.01)

        with pytest.raises(ClusterError, match=r"epoch 2, minibatch 1: there .* no worker .*run.safetensors' goes on"):
            trained(client, callbacks=[leave, checkpoint])
        with pytest.raises(ClusterError, match=r"epoch 1, minibatch 1: there has been no worker .*is not written yet"):
            trained(client, callbacks=[checkpoint])
        with pytest.raises(ClusterError, match=r"no checkpoint was written: callbacks=\[nn.Checkpoint"):
            trained(client)
        checkpoint_path = checkpoint.path
    with pytest.raises(ValueError, match="fit: the client is closed; make a new one"):
        trained(client)
    assert trained(None, resume=checkpoint_path, callbacks=[checkpoint])[1].logs == trained(None)[1].logs


def test_the_error_can_be_sent():
    assert str(pickle.loads(pickle.dumps(ClusterError("gone")))) == "gone"
