"""Peers: the array step (see arrays.py) in PyTorch, HIPS autograd and MyGrad, and by hand in NumPy beside them.

Runs in an environment that has those libraries and not this package; what is not installed is left out.

    PEERS/bin/python scripts/bench/peers.py [--quick] [--json]
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from steps import LEARNING_RATE, SIZES, Array, Size, Step, agree, by_hand, problem
from timing import Spread, interleaved, ratio, table

# Given parameters, inputs and targets: the step, and the parameters as they then are.
Peer = Callable[[list[Array], Array, Array], tuple[Step, Callable[[], list[Array]]]]


def torch_manual(
    parameters: list[Array], x: Array, t: Array, compiled: Callable[[Any], Any] = lambda loss: loss
) -> tuple[Step, Callable[[], list[Array]]]:
    """PyTorch, updating under no_grad. The minibatch is a torch tensor already."""
    import torch

    torch.set_num_threads(1)
    leaves = [torch.tensor(p, requires_grad=True) for p in parameters]
    weights, biases = leaves[::2], leaves[1::2]
    inputs, targets = torch.from_numpy(x), torch.from_numpy(t)

    @compiled
    def loss_of(y: Any) -> Any:
        for W, b in zip(weights, biases, strict=True):
            y = torch.sigmoid(torch.addmm(b, y, W))
        return torch.nn.functional.mse_loss(y, targets)

    def step() -> None:
        loss_of(inputs).backward()
        with torch.no_grad():
            for p in leaves:
                p.sub_(p.grad, alpha=LEARNING_RATE)
                p.grad = None

    return step, lambda: [p.detach().numpy() for p in leaves]


def torch_sgd(
    parameters: list[Array], x: Array, t: Array, optimiser: Callable[[list[Any]], Any] | None = None
) -> tuple[Step, Callable[[], list[Array]]]:
    """PyTorch with its optimiser, by default SGD. The minibatch is a torch tensor already."""
    import torch

    torch.set_num_threads(1)
    leaves = [torch.tensor(p, requires_grad=True) for p in parameters]
    weights, biases = leaves[::2], leaves[1::2]
    inputs, targets = torch.from_numpy(x), torch.from_numpy(t)
    optimizer = optimiser(leaves) if optimiser else torch.optim.SGD(leaves, lr=LEARNING_RATE)

    def step() -> None:
        y = inputs
        for W, b in zip(weights, biases, strict=True):
            y = torch.sigmoid(torch.addmm(b, y, W))
        loss = torch.nn.functional.mse_loss(y, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step, lambda: [p.detach().numpy() for p in leaves]


def hips(parameters: list[Array], x: Array, t: Array) -> tuple[Step, Callable[[], list[Array]]]:
    """HIPS autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    def loss(parameters: list[Array]) -> Any:
        y = x
        for W, b in zip(parameters[::2], parameters[1::2], strict=True):
            y = 1 / (1 + anp.exp(-(anp.dot(y, W) + b)))
        return anp.mean((y - t) ** 2)

    both = value_and_grad(loss)

    def step() -> None:
        _, gradients = both(parameters)
        for p, g in zip(parameters, gradients, strict=True):
            p -= LEARNING_RATE * g

    return step, lambda: parameters


def mygrad(parameters: list[Array], x: Array, t: Array) -> tuple[Step, Callable[[], list[Array]]]:
    """MyGrad, with its guards against writing into arrays off, which is faster."""
    import mygrad as mg
    from mygrad.nnet.activations import sigmoid

    mg.turn_memory_guarding_off()
    leaves = [mg.tensor(p) for p in parameters]
    weights, biases = leaves[::2], leaves[1::2]

    def step() -> None:
        y = x
        for W, b in zip(weights, biases, strict=True):
            y = sigmoid(mg.matmul(y, W) + b)
        loss = mg.mean((y - t) ** 2)
        loss.backward()
        for p in leaves:
            p.data -= LEARNING_RATE * p.grad
            p.null_grad()

    return step, lambda: [p.data for p in leaves]


LIBRARIES: dict[str, dict[str, Peer]] = {
    "PyTorch": {"no_grad": torch_manual, "SGD": torch_sgd},  # the faster of the two counts
    "HIPS autograd": {"": hips},
    "MyGrad": {"": mygrad},
}


def measure(size: Size, quick: bool) -> dict[str, Spread]:
    """Seconds a step for each library that is installed and agrees with the step by hand."""
    hand, x, t = problem(size)
    expected, *_ = problem(size)
    reference = by_hand(expected, x, t)
    for _ in range(3):
        reference()
    cases: dict[str, Step] = {"by hand": by_hand(hand, x, t)}
    for library, ways in LIBRARIES.items():
        for way, peer in ways.items():
            try:
                step, state = peer(problem(size)[0], x, t)
            except ImportError as error:
                print(f"{library} is left out: {error}", file=sys.stderr)
                continue
            for _ in range(3):
                step()
            if not agree([np.asarray(p) for p in state()], expected):
                raise SystemExit(f"{library}, {size}: other parameters after three steps than by hand")
            cases[f"{library} {way}"] = step
    small = size.layers[0] < 100
    times = interleaved(cases, rounds=10 if quick else 40, number=50 if small else 8)
    result = {"by hand": times["by hand"]}
    for library, ways in LIBRARIES.items():
        measured = [times[key] for way in ways if (key := f"{library} {way}") in times]
        if measured:
            result[library] = min(measured)
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument(
        "--json", action="store_true", help="size -> library -> [min, median, [min of each turn]] in seconds"
    )
    options = parser.parse_args()
    times = {str(size): measure(size, options.quick) for size in SIZES}
    if options.json:
        print(json.dumps(times))
        return
    rows = []
    for size, measured in times.items():
        for name, s in measured.items():
            times_hand = f"{ratio(s, measured['by hand']):.2f}"
            rows.append([f"{size}: {name}", f"{1e6 * s.least:.0f}", f"{1e6 * s.median:.0f}", times_hand])
    print(table(["", "min, µs", "median", "turn / by hand"], rows))


if __name__ == "__main__":
    main()
