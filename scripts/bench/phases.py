"""Phases: where the time of the two training benchmarks goes, for tuning.

For the scalar demo, forward and backward pass. For the array step, forward, backward and update, and each op: recorded
through the operator, its bare formula on arrays, and its bare derivatives; the difference is the engine's own time.
Needs micrograd, as scalars.py does.

    python scripts/bench/phases.py [--quick]
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import gc
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from demo import demo
from scalars import count
from steps import LEARNING_RATE, SIZES, Array, Size, by_hand, problem
from timing import table

from autograd import Tensor, Value, no_grad
from autograd.graph import toposort
from autograd.namespaces import arrays


def least(call: Callable[[], Any], rounds: int) -> float:
    """Seconds for a call, the least of some, with the cyclic collector off."""
    gc.collect()
    gc.disable()
    best = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        call()
        best = min(best, perf_counter() - start)
    gc.enable()
    return best


def scalars(rounds: int) -> list[list[str]]:
    """Forward and backward pass of the scalar demo."""
    loss, _ = demo(Value)
    total = loss()
    nodes = count(total)
    rows = []
    for name, seconds in [("forward", least(loss, rounds)), ("backward", least(total.backward, rounds))]:
        rows.append([f"{name}, {nodes} nodes", f"{1e3 * seconds:.2f} ms", f"{1e9 * seconds / nodes:.0f} ns/node"])
    return rows


def forward(parameters: list[Tensor], x: Array, t: Array) -> Any:
    """The loss of the array step."""
    y: Any = x
    for W, b in zip(parameters[::2], parameters[1::2], strict=True):
        y = (y @ W + b).sigmoid()
    return ((y - t) ** 2).mean()


def bare(node: Any, rounds: int) -> tuple[float, float]:
    """Seconds for the op's formula on plain arrays, and for those of its derivatives that are asked for."""
    op, data, params = node.op, [p.data for p in node.parents], dict(node.params)
    g = np.ones_like(node.data)
    vjps = [vjp for vjp, p in zip(op.vjps, node.parents, strict=True) if p.requires_grad]
    with np.errstate(all="ignore"):
        ahead = least(lambda: op.forward(arrays, *data, **params), rounds)
        back = least(lambda: [vjp(arrays, g, node.data, *data, **params) for vjp in vjps], rounds)
    return ahead, back


def step(size: Size, rounds: int) -> list[list[str]]:
    """Each phase and each op of the array step, in microseconds."""
    parameters, x, t = problem(size)
    leaves = [Tensor(p) for p in parameters]
    loss = forward(leaves, x, t)
    loss.backward()

    def update() -> None:
        with no_grad():
            for p in leaves:
                p -= LEARNING_RATE * p.grad

    rows = []
    total = [0.0, 0.0, 0.0]
    for node in toposort(loss):
        if node.op is None:
            continue
        if node.op.name == "pow_number":
            (a,), c = node.parents, node.params["exponent"]
            recorded = least(lambda a=a, c=c: a**c, rounds)
        else:
            recorded = least(lambda n=node: n.op(*n.parents, **n.params), rounds)
        times = [recorded, *bare(node, rounds)]
        total = [s + u for s, u in zip(total, times, strict=True)]
        shapes = ", ".join("×".join(map(str, p.shape)) or "number" for p in node.parents)
        rows.append([f"  {node.op.name}({shapes})", *(f"{1e6 * u:.1f}" for u in times)])
    rows.append(["  sum", *(f"{1e6 * u:.1f}" for u in total)])
    for name, call in [
        ("forward", lambda: forward(leaves, x, t)),
        ("backward", loss.backward),
        ("update", update),
        ("the step by hand", by_hand(problem(size)[0], x, t)),
    ]:
        rows.append([name, f"{1e6 * least(call, rounds):.1f}", "", ""])
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    quick = parser.parse_args().quick
    print(table(["micrograd's demo", "least", "each"], scalars(5 if quick else 20)))
    for size in SIZES:
        print()
        rows = step(size, 50 if quick else 500)
        print(table([f"{size}, µs", "recorded", "bare forward", "bare derivatives"], rows))


if __name__ == "__main__":
    main()
