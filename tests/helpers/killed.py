"""Trains with checkpoints while it is killed at random moments, and compares the end with an uninterrupted training.

Run by test_resume.py: ``python killed.py FOLDER KILLS SEED``. It forks, so that a killed training costs no new imports.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

import nn

EPOCHS = 60


def train(path: Path, epochs: int = EPOCHS) -> None:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(96, 3)), rng.integers(0, 3, 96)
    model = nn.Sequential(
        nn.Linear(3, 8, rng=rng), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2, rng=rng), nn.Linear(8, 3, rng=rng)
    )
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01, amsgrad=True)
    callbacks = [
        nn.Checkpoint(path),
        nn.EarlyStopping(patience=1000),
        nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=3, factor=0.8),
    ]
    nn.fit(
        model, X[:64], y[:64], loss="cross_entropy", optimizer=optimizer, epochs=epochs, batch_size=8,
        validation_data=(X[64:], y[64:]), callbacks=callbacks, record=["weights", "gradients", "dead"], rng=7,
        progress=False, resume=path if path.exists() else None,
    )  # fmt: skip


def main() -> None:
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    start = time.perf_counter()
    train(folder / "whole")
    whole = (folder / "whole").read_bytes()
    seconds = time.perf_counter() - start
    moments = random.Random(seed)
    killed = finished = inside = 0
    path = folder / "killed"
    while killed < kills:
        child = os.fork()
        if child == 0:
            train(path)
            os._exit(0)
        time.sleep(moments.uniform(0, seconds / 3))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            killed += 1
            left = list(folder.glob("killed.*.part"))  # nobody is left to take it away
            inside += len(left)
            for part in left:
                part.unlink()
        else:  # it was done before: compare, and start over
            finished += 1
            assert path.read_bytes() == whole
            path.unlink()
    train(path)
    assert path.read_bytes() == whole
    print(f"killed {killed} times, {inside} of them while a file was written; finished {finished + 1} times")


if __name__ == "__main__":
    main()
