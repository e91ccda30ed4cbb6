"""Thousands of operands: how the time of a backward pass grows with their number, beside PyTorch's.

Each case is a loss of n parts: arrays or Values that are stacked or joined, and elements or rows picked from one array
in a loop. The time of twice as many, divided by that of n, is 2 where the work is linear and 4 where it is quadratic.

    python scripts/bench/operands.py [--quick]
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from timing import Gates, interleaved, ratio, table

import autograd
from autograd import Tensor, Value, gradients

try:
    import torch
except ModuleNotFoundError:
    torch = None

N = 4000
LIMIT = 3.0  # between linear and quadratic


def scalars(n: int) -> list[Value]:
    """As many Values."""
    return [Value(float(i % 7)) for i in range(n)]


def pairs(n: int) -> list[Tensor]:
    """As many Tensors of two elements."""
    return [Tensor([float(i % 7), 1.0]) for i in range(n)]


OURS: dict[str, Callable[[int], Any]] = {
    "stack, Values": lambda n: autograd.stack(scalars(n)).sum(),
    "stack": lambda n: autograd.stack(pairs(n)).sum(),
    "concatenate": lambda n: autograd.concatenate(pairs(n)).sum(),
    "x[i] in a loop": lambda n: sum(x[i] for x in [Tensor(np.ones(n))] for i in range(n)),
    "rows of x": lambda n: sum((row * row).sum() for row in Tensor(np.ones((n, 2)))),
    "split": lambda n: sum((p * p).sum() for p in autograd.numpy.split(Tensor(np.ones((n, 2))), n)),
}
THEIRS: dict[str, Callable[[Any, int], Any]] = {
    "stack": lambda t, n: t.stack([t.ones(2, requires_grad=True) for _ in range(n)]).sum(),
    "concatenate": lambda t, n: t.cat([t.ones(2, requires_grad=True) for _ in range(n)]).sum(),
    "x[i] in a loop": lambda t, n: sum(x[i] for x in [t.ones(n, requires_grad=True)] for i in range(n)),
    "rows of x": lambda t, n: sum((row * row).sum() for row in t.ones(n, 2, requires_grad=True)),
    "split": lambda t, n: sum((p * p).sum() for p in t.ones(n, 2, requires_grad=True).split(1)),
}


def twice(n: int) -> Callable[[], Any]:
    """The second derivative through a concatenation of n arrays, from the graph of the first on."""
    xs = pairs(n)
    loss = (autograd.concatenate(xs) ** 3).sum()
    return lambda: autograd.concatenate(gradients(loss, xs, create_graph=True)).sum().backward()


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    rounds = 3 if parser.parse_args().quick else 7
    gates, rows = Gates(), []
    for name in [*OURS, "concatenate, twice"]:
        cases = {}
        for n in (N, 2 * N):
            cases[f"{n}"] = twice(n) if name not in OURS else OURS[name](n).backward
            if torch is not None and name in THEIRS:
                backward = THEIRS[name](torch, n).backward
                cases[f"torch {n}"] = lambda backward=backward: backward(retain_graph=True)
        times = interleaved(cases, rounds=rounds)
        growth = ratio(times[f"{2 * N}"], times[f"{N}"])
        beside = f"{ratio(times[f'{2 * N}'], times[f'torch {2 * N}']):.2f}" if f"torch {2 * N}" in times else ""
        rows.append([name, *(f"{1e3 * times[f'{n}'].least:.1f}" for n in (N, 2 * N)), f"{growth:.2f}", beside])
        gates.check(f"{name}: {growth:.2f} times as long for twice as many, at most {LIMIT}", growth <= LIMIT)
    print(
        f"\nmilliseconds of a backward pass\n\n{table(['', f'n = {N}', f'n = {2 * N}', 'growth', '/ torch'], rows)}\n"
    )
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
