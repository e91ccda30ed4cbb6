"""On a GPU: a step on PyTorch's tensors beside PyTorch's own, and how often a pass waits for the device.

It says "no GPU" and does nothing where there is none; ``--cpu`` runs the same at a small size on the processor, which
tells whether it works and nothing else. Where CuPy is installed, ``pytest tests/ops/test_libraries.py`` runs the op
table on it too.

    python scripts/bench/gpu.py [--cpu]
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from timing import table

import nn
from autograd import backends

GATE = 0.9  # of PyTorch's own speed
Step = Callable[[], object]


def net(width: int, device: str) -> nn.Sequential:
    """Three layers of that width, in float32."""
    layers = nn.Linear(width, width, rng=0), nn.ReLU(), nn.Linear(width, width, rng=1)
    return nn.Sequential(*layers).to("torch", device=device, dtype="float32")


def steps(width: int, batch: int, device: str) -> tuple[Step, Step, Step]:
    """A step of ours, PyTorch's own, and our forward and backward pass alone."""
    generator = torch.Generator().manual_seed(0)
    X, y = (torch.randn(batch, width, generator=generator).to(device) for _ in range(2))
    ours, loss = net(width, device), nn.MSELoss()
    optimizer = nn.optim.SGD(ours.parameters(), lr=0.01)

    def passes() -> object:
        optimizer.zero_grad()
        error = loss(ours(X), y)
        error.backward()
        return error

    def our_step() -> object:
        error = passes()
        optimizer.step()
        return error

    theirs = torch.nn.Sequential(torch.nn.Linear(width, width), torch.nn.ReLU(), torch.nn.Linear(width, width))
    theirs, their_loss = theirs.to(device), torch.nn.MSELoss()
    sgd = torch.optim.SGD(theirs.parameters(), lr=0.01)

    def their_step() -> object:
        sgd.zero_grad()
        error = their_loss(theirs(X), y)
        error.backward()
        sgd.step()
        return error

    return our_step, their_step, passes


@contextmanager
def counted_questions() -> Iterator[list[int]]:
    """A block in which the question about nan is answered without asking the device, and counted."""
    xp, count = backends.use("torch"), [0]

    def any_nan(arrays: object) -> bool:
        count[0] += 1
        return False

    xp.any_nan = any_nan
    try:
        yield count
    finally:
        del xp.any_nan


def questions(passes: Step, device: str) -> int:
    """How often a forward and a backward pass ask for nans; they raise an error where they wait for anything else."""
    passes()
    with counted_questions() as count:
        if device == "cuda":
            torch.cuda.set_sync_debug_mode("error")
        try:
            passes()
        finally:
            if device == "cuda":
                torch.cuda.set_sync_debug_mode("default")
    return count[0]


def seconds(step: Step, device: str, rounds: int) -> float:
    """The median time of a step, with the device's work."""
    times = []
    for _ in range(rounds + 3):
        begin = time.perf_counter()
        step()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begin)
    return statistics.median(times[3:])


def main() -> int:
    """Measure and print; 1 if a gate is missed."""
    on_cpu = "--cpu" in sys.argv
    if not (torch.cuda.is_available() or on_cpu):
        print("no GPU")
        return 0
    device, width, batch = ("cpu", 64, 64) if on_cpu else ("cuda", 4096, 4096)
    ours, theirs, passes = steps(width, batch, device)
    asked = questions(passes, device)
    a, b = seconds(ours, device, 30), seconds(theirs, device, 30)
    name = "CPU" if on_cpu else torch.cuda.get_device_name()
    rows = [[name, f"{width}-{width}-{width}, batch {batch}", f"{a * 1e3:.2f}", f"{b * 1e3:.2f}", f"{b / a:.2f}",
             f"{asked}"]]  # fmt: skip
    print(table(["device", "net", "ours, ms", "PyTorch's, ms", "speed", "questions"], rows))
    return int(asked != 1 or (not on_cpu and b / a < GATE))


if __name__ == "__main__":
    sys.exit(main())
