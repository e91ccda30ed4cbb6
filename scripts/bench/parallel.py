"""Training on a cluster of two workers on this machine: the same bits, whatever happens, and what it costs.

One BLAS thread in each process, float64. CPU time, since two workers and their client may have to share two processors;
the critical path is the client's (with the scheduler, which runs in its process) and that of the busier worker. --quick
kills 3 workers, not 20, and measures less often.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from types import SimpleNamespace

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import dask  # noqa: E402
import numpy as np  # noqa: E402
from distributed import Client, LocalCluster  # noqa: E402
from timing import Gates, interleaved, ratio  # noqa: E402

import nn  # noqa: E402

ROWS, SHARDS = 8000, 4


def net(hidden, *more):
    """The net of all measurements, from 32 features to 4 targets."""
    return nn.Sequential(
        nn.Linear(32, hidden, rng=0), nn.Tanh(), nn.Linear(hidden, hidden, rng=1), nn.ReLU(), *more,
        nn.Linear(hidden, 4, rng=2),
    )  # fmt: skip


def train(data, client=None, hidden=64, more=(), **options):
    """Train a new net; returns its weights in one row."""
    model = net(hidden, *more)
    options = {"loss": "mse", "batch_size": 2000, "epochs": 3, "shards": SHARDS, "rng": 7} | options
    nn.fit(model, *data, optimizer=nn.optim.Adam(model.parameters(), 0.01), client=client, progress=False, **options)
    return np.concatenate([p.data.ravel() for p in model.parameters()])


class Deadly:
    """The mean squared error, in whose calculation a worker dies, once, when the file `mark` is there."""

    reduction = "mean"

    def __init__(self, mark):
        self.mark, self.client = mark, os.getpid()

    def __call__(self, output, y):
        if os.getpid() != self.client:
            with suppress(FileNotFoundError):  # no mark, or the other worker has just taken it away
                self.mark.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
        return nn.functional.mse_loss(output, y)


def same_bits(gates, data, client, folder, kills):
    """Twelve steps of Adam, with Dropout: in one process, on workers, with a worker killed, and resumed."""
    drop = (nn.Dropout(0.2, rng=3),)
    run = lambda client=None, **options: train(data, client, more=drop, **options)
    alone = run()
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50) as c,
        Client(c) as one,
    ):
        gates.check("one worker: the bits of one process", np.array_equal(run(one), alone))
    gates.check("two workers: the bits of one process", np.array_equal(run(client), alone))
    path = folder / "run.safetensors"
    run(client, epochs=1, callbacks=[nn.Checkpoint(path)])
    nn.manual_seed(1)
    gates.check("resumed after an epoch: the bits of one process", np.array_equal(run(client, resume=path), alone))
    survived = 0
    for i in range(kills):
        mark = folder / f"kill{i}"
        kill = lambda run, at=i % 11: mark.touch() if 4 * run.epoch + run.minibatch == at else None  # noqa: B023
        client.wait_for_workers(2)
        weights = run(client, loss=Deadly(mark), callbacks=[SimpleNamespace(on_step=kill)])
        survived += np.array_equal(weights, alone) and not mark.exists()
    gates.check(f"workers killed in the middle of a shard: {survived} of {kills} with the bits of one process",
                survived == kills)  # fmt: skip
    whole, cut = train(data, shards=None), train(data)
    far = float(np.abs(whole - cut).max() / np.abs(whole).max())
    gates.check(f"shards against whole minibatches: {far:.1e} of the largest weight (at most 1e-12)", far <= 1e-12)


def critical_path(gates, data, client, steps):
    """CPU time at 512 hidden neurons and 8,000 rows a step."""
    options = {"hidden": 512, "batch_size": ROWS, "epochs": steps}

    def on_cluster():
        before = client.run(time.process_time), time.process_time()
        train(data, client, **options)
        own, each = time.process_time() - before[1], client.run(time.process_time)
        return own, max(each[worker] - before[0][worker] for worker in each)

    def alone(shards):
        before = time.process_time()
        train(data, shards=shards, **options)
        return time.process_time() - before

    on_cluster()
    rounds = [(alone(None), alone(SHARDS), *on_cluster()) for _ in range(3)]
    for whole, cut, own, worker in rounds:
        print(f"a step: one process {whole / steps * 1e3:.0f} ms, in shards {cut / steps * 1e3:.0f}; two workers: "
              f"client {own / steps * 1e3:.0f} ms, busier worker {worker / steps * 1e3:.0f}")  # fmt: skip
    share = sorted((own + worker) / whole for whole, _, own, worker in rounds)[len(rounds) // 2]
    gates.check(f"critical path of two workers: {share:.2f} of one process's CPU time (at most 0.75)", share <= 0.75)


# glibc's settings by which workers keep the memory of arrays that were freed.
KEEP = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "33554432"}


def freed_memory(data, steps):
    """Page faults and CPU time of a shard with Dask's settings of malloc, and with those that keep freed memory."""
    used = lambda: (getrusage(RUSAGE_SELF).ru_minflt, time.process_time())
    options = {"hidden": 512, "batch_size": ROWS, "epochs": steps, "shards": 4}
    for what, settings in (("Dask's settings", {}), ("freed memory kept", KEEP)):
        os.environ.update(settings)
        with a_cluster() as cluster, Client(cluster) as client:
            train(data, client, **options)
            before = client.run(used).values()
            train(data, client, **options)
            faults, seconds = np.subtract(list(client.run(used).values()), list(before)).sum(axis=0) / (4 * steps)
        print(f"a shard of {ROWS // 4:,} rows, {what}: {faults:,.0f} page faults, {seconds * 1e3:.0f} ms of a worker")


def a_cluster():
    return LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50)


class Work(nn.Module):
    """A layer that takes its time for each row: on one worker five times as long."""

    def __init__(self, slow):
        self.slow = slow

    def forward(self, x):
        time.sleep(len(x) * 2e-4 * (5 if os.getpid() == self.slow else 1))
        return x


def stragglers(gates, data, client, rounds):
    """One of two workers is five times slower."""
    slow = min(client.run(os.getpid).values())
    run = lambda shards: train(data, client, more=(Work(slow),), batch_size=2000, epochs=1, shards=shards)
    times = interleaved({"eight": lambda: run(8), "two": lambda: run(2)}, rounds=rounds)
    share = ratio(times["eight"], times["two"])
    print(f"a step with two shards takes {times['two'].median / 4:.2f} s, with eight {times['eight'].median / 4:.2f} s")
    gates.check(f"eight shards, with one worker five times slower: {share:.2f} of the time with two (at most 0.6)",
                share <= 0.6)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="3 kills, and fewer rounds")
    quick = parser.parse_args().quick
    dask.config.set({"distributed.deploy.lost-worker-timeout": "120s"})  # A busy machine starts workers slowly.
    gates, rng = Gates(), np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "X.npy", rng.normal(size=(ROWS, 32)))
        np.save(folder / "y.npy", rng.normal(size=(ROWS, 4)))
        data = nn.data.stored(folder / "X.npy"), nn.data.stored(folder / "y.npy")
        freed_memory(data, 3 if quick else 10)
        with a_cluster() as cluster, Client(cluster) as client:
            same_bits(gates, data, client, folder, 3 if quick else 20)
            client.wait_for_workers(2)
            critical_path(gates, data, client, 3 if quick else 10)
            stragglers(gates, data, client, 3 if quick else 7)
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
