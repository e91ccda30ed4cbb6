"""Arrays: one SGD step of a sigmoid network with mean squared error, against the same step by hand in NumPy.

float32, one BLAS thread; forward, backward and update. `--python` adds PyTorch, HIPS autograd and MyGrad, timed by
peers.py in an interpreter of their own (HIPS autograd has this package's import name) and compared as multiples of
NumPy's time by hand in the same process; `--make-peers` makes such an environment.

    python scripts/bench/arrays.py [--quick] [--numbers FILE] [--python PEERS/bin/python | --make-peers PEERS]
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from record import add_option, record
from steps import LEARNING_RATE, SIZES, Array, Size, Step, agree, by_hand, problem
from timing import Gates, Spread, interleaved, ratio, table

from autograd import Tensor, no_grad

PEERS = ["numpy", "micrograd==0.1.0", "autograd", "mygrad>=2.3", "graphviz", "torch==2.13.0"]


def by_graph(parameters: list[Tensor], x: Array, t: Array) -> Step:
    """The step with Tensors; the minibatch comes as plain arrays."""
    weights, biases = parameters[::2], parameters[1::2]

    def step() -> None:
        y: Any = x
        for W, b in zip(weights, biases, strict=True):
            y = (y @ W + b).sigmoid()
        loss = ((y - t) ** 2).mean()
        loss.backward()
        with no_grad():
            for p in parameters:
                p -= LEARNING_RATE * p.grad
                p.grad = None

    return step


def same(size: Size) -> bool:
    """Whether three steps by hand and by graph end at the same parameters."""
    hand, x, t = problem(size)
    tensors = [Tensor(p) for p in problem(size)[0]]
    for step in (by_hand(hand, x, t), by_graph(tensors, x, t)):
        for _ in range(3):
            step()
    return agree([p.data for p in tensors], hand)


def measure(size: Size, quick: bool) -> dict[str, Spread]:
    """Seconds a step, by hand and by graph."""
    hand, x, t = problem(size)
    cases = {"by hand": by_hand(hand, x, t), "graphgrad": by_graph([Tensor(p) for p in problem(size)[0]], x, t)}
    small = size.layers[0] < 100
    return interleaved(cases, rounds=10 if quick else 40, number=50 if small else 8)


def make_peers(folder: Path) -> Path:
    """An environment with the libraries that peers.py times."""
    venv.create(folder, with_pip=True, clear=False)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


def peers(python: Path, quick: bool) -> dict[str, dict[str, Spread]]:
    """What peers.py measures: size -> library -> times; without PYTHONPATH, which may lead to this package."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    command = [str(python), str(Path(__file__).with_name("peers.py")), "--json", *["--quick"] * quick]
    answer = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, text=True).stdout
    return {size: {name: Spread(*s) for name, s in times.items()} for size, times in json.loads(answer).items()}


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--python", type=Path, help="interpreter that has the peers")
    parser.add_argument("--make-peers", type=Path, metavar="DIR", help="first make an environment with the peers")
    add_option(parser)
    options = parser.parse_args()
    python = make_peers(options.make_peers) if options.make_peers else options.python

    gates = Gates()
    for size in SIZES:
        gates.check(f"{size}: same parameters after three steps as by hand", same(size))
    print("\none SGD step, float32, one thread; microseconds\n")
    times = {str(size): measure(size, options.quick) for size in SIZES}
    others = peers(python, options.quick) if python else {}
    rows = []
    for size, measured in [*times.items(), *others.items()]:
        hand = measured["by hand"]
        where = size if measured is times.get(size) else f"{size}, peers"
        for name, s in measured.items():
            row = [f"{where}: {name}", f"{1e6 * s.least:.0f}", f"{1e6 * s.median:.0f}"]
            rows.append([*row, f"{s.least / hand.least:.2f}", f"{ratio(s, hand):.2f}"])
    print(table(["", "min", "median", "min / by hand", "turn / by hand"], rows), end="\n\n")
    numbers = {}
    for size in SIZES:
        measured = times[str(size)]
        numbers[f"arrays.{size.net}.graphgrad"] = ours = ratio(measured["graphgrad"], measured["by hand"])
        gates.check(f"{size}: {ours:.2f} times NumPy by hand, at most {size.limit}", ours <= size.limit)
        for name, s in others.get(str(size), {}).items():
            if name != "by hand":
                numbers[f"arrays.{size.net}.{name.split()[0].lower()}"] = theirs = ratio(
                    s, others[str(size)]["by hand"]
                )
                gates.check(f"{size}: faster than {name}: {ours:.2f} against {theirs:.2f} times by hand", ours < theirs)
    record(options.numbers, {key: (value, ".2f") for key, value in numbers.items()})
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
