"""Instructions: what a step of the training benchmarks costs, counted by valgrind, so that noise plays no part.

Each case runs in an interpreter of its own, twice, with different numbers of steps; the difference is the steps' own.
Needs valgrind, and micrograd as scalars.py does.

    python scripts/bench/instructions.py
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import gc
import re
import shutil
import subprocess
import sys
from collections.abc import Callable

from arrays import by_graph
from demo import demo
from micrograd.engine import Value as MicrogradValue
from scalars import step
from steps import SIZES, by_hand, problem
from timing import table

from autograd import Tensor, Value

CASES: dict[str, tuple[Callable[[], Callable[[], object]], int]] = {
    "scalar demo, micrograd": (lambda: step(*demo(MicrogradValue)), 4),
    "scalar demo, graphgrad": (lambda: step(*demo(Value)), 4),
}
for _size in SIZES:
    CASES[f"{_size}, by hand"] = (lambda s=_size: by_hand(*problem(s))), 100
    CASES[f"{_size}, graphgrad"] = (lambda s=_size: by_graph([Tensor(p) for p in problem(s)[0]], *problem(s)[1:])), 100


def run(name: str, steps: int) -> None:
    """Take some steps of a case; what valgrind watches."""
    take = CASES[name][0]()
    gc.collect()
    gc.disable()
    for _ in range(steps):
        take()


def count(name: str, steps: int) -> int:
    """Instructions of a whole interpreter that takes some steps."""
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run([*command, sys.executable, __file__, name, str(steps)], capture_output=True, text=True)
    count = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode or not count:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    return int(count[1].replace(",", ""))


def main() -> int:
    """Count and print."""
    if len(sys.argv) == 3:
        run(sys.argv[1], int(sys.argv[2]))
        return 0
    if shutil.which("valgrind") is None:
        print("valgrind is not installed")
        return 1
    rows = []
    for name, (_, steps) in CASES.items():
        each = (count(name, 1 + steps) - count(name, 1)) // steps
        rows.append([name, f"{each / 1000:,.0f}"])
    print(table(["thousand instructions a step", ""], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
