"""Scalars: loss and gradients of micrograd's demo, here and in micrograd, and the memory that a node takes.

The demo (demo.py) is a 2-16-16-1 ReLU network on 20 points with the max-margin loss and L2 regularisation; one function
makes it from either ``Value`` class. Needs micrograd.

    python scripts/bench/scalars.py [--quick] [--numbers FILE]
"""

import argparse
import gc
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

from demo import demo
from micrograd.engine import Value as MicrogradValue
from record import add_option, record
from timing import Gates, interleaved, ratio, table

from autograd import Value

FASTER = 1.7  # at least so many times micrograd's speed
LIGHTER = 3.0  # at most micrograd's bytes a node, divided by this


def step(loss: Callable[[], Any], parameters: list[Any]) -> Callable[[], Any]:
    """Loss and backward pass."""

    def run() -> Any:
        for p in parameters:
            p.grad = 0.0
        total = loss()
        total.backward()
        return total

    return run


def count(output: Any) -> int:
    """The number of nodes of a graph, of either kind."""
    seen = {id(output)}
    stack = [output]
    while stack:
        node = stack.pop()
        for p in getattr(node, "parents", None) or getattr(node, "_prev", ()):
            if id(p) not in seen:
                seen.add(id(p))
                stack.append(p)
    return len(seen)


def memory(loss: Callable[[], Any], parameters: list[Any]) -> tuple[int, float]:
    """Nodes of the graph of a loss, and bytes that the graph takes for each (the parameters were there before)."""
    loss()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    total = loss()
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    nodes = count(total)
    return nodes, size / (nodes - len(parameters))


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    add_option(parser)
    options = parser.parse_args()
    rounds = 6 if options.quick else 30
    demos = {"micrograd": demo(MicrogradValue), "graphgrad": demo(Value)}
    cases = {name: step(*made) for name, made in demos.items()}

    values = [run().data for run in cases.values()]
    worst = max(abs(a.grad - b.grad) for a, b in zip(*(p for _, p in demos.values()), strict=True))
    gates = Gates()
    print("micrograd's demo: 2-16-16-1, 20 points, loss and backward; milliseconds\n")
    off = interleaved(cases, rounds=rounds)
    on = interleaved(cases, rounds=rounds, collector=True)
    bytes_each = {name: memory(*made) for name, made in demos.items()}
    rows = [
        [
            name,
            *(f"{1e3 * t:.2f}" for s in (off[name], on[name]) for t in s[:2]),
            str(bytes_each[name][0]),
            f"{bytes_each[name][1]:.0f}",
        ]
        for name in cases
    ]
    print(table(["", "gc off: min", "median", "gc on: min", "median", "nodes", "bytes/node"], rows))
    a, b = "micrograd", "graphgrad"
    faster = ratio(off[a], off[b])
    lighter = bytes_each[a][1] / bytes_each[b][1]
    least = [s[a].least / s[b].least for s in (off, on)]
    collected = ratio(on[a], on[b])
    print(f"\ncollector on: {collected:.2f} times micrograd's speed (by the least times {least[1]:.2f})")
    gates.check(f"same loss and gradients (furthest apart: {worst:.1e})", abs(values[0] - values[1]) + worst < 1e-12)
    gates.check(
        f"collector off: {faster:.2f} times micrograd's speed (by the least times {least[0]:.2f}), at least {FASTER}",
        faster >= FASTER,
    )
    gates.check(f"memory per node: micrograd's divided by {lighter:.2f}, at least {LIGHTER}", lighter >= LIGHTER)
    numbers = {"scalars.speed": faster, "scalars.speed-collected": collected, "scalars.lighter": lighter}
    record(options.numbers, {key: (value, ".2f") for key, value in numbers.items()})
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
