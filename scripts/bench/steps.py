"""The training step that the array benchmarks compare: a sigmoid network, mean squared error, plain SGD, float32.

Sizes, data, and the step by hand in NumPy: the yardstick; and the step with Adam. Imported by arrays.py, compile.py,
peers.py and compilers.py.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

LEARNING_RATE = 0.1
ADAM_RATE, BETAS, EPS = 1e-3, (0.9, 0.999), 1e-8
Array = np.ndarray[Any, Any]
Step = Callable[[], None]


class Size(NamedTuple):
    """A network and a batch, and how many times NumPy's time by hand the engine may take."""

    layers: tuple[int, ...]
    batch: int
    limit: float

    def __str__(self) -> str:
        return f"{self.net} batch {self.batch}"

    @property
    def net(self) -> str:
        """The layers' sizes: 2-16-16-1."""
        return "-".join(map(str, self.layers))


SIZES = [
    Size((196, 100, 50, 10), 64, 1.5),
    Size((784, 256, 128, 10), 128, 1.15),
    Size((2, 16, 16, 1), 32, 2.3),
]


def problem(size: Size) -> tuple[list[Array], Array, Array]:
    """Parameters W₁, b₁, W₂, b₂, ... (a fresh copy at each call), inputs and targets."""
    rng = np.random.default_rng(0)
    parameters: list[Array] = []
    for n_in, n_out in pairwise(size.layers):
        parameters.append(rng.normal(0, n_in**-0.5, (n_in, n_out)).astype(np.float32))
        parameters.append(np.zeros(n_out, np.float32))
    x = rng.normal(size=(size.batch, size.layers[0])).astype(np.float32)
    t = rng.uniform(size=(size.batch, size.layers[-1])).astype(np.float32)
    return parameters, x, t


def by_hand(parameters: list[Array], x: Array, t: Array) -> Step:
    """The step in NumPy, as one writes it who knows backpropagation."""
    backpropagation = gradients_by_hand(parameters, x, t)

    def step() -> None:
        for p, g in zip(parameters, backpropagation(), strict=True):
            p -= LEARNING_RATE * g

    return step


def adam_by_hand(parameters: list[Array], x: Array, t: Array) -> Step:
    """The step with Adam's rule in place of plain descent."""
    backpropagation = gradients_by_hand(parameters, x, t)
    means, squares = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    (beta1, beta2), eps, count = BETAS, EPS, 0

    def step() -> None:
        nonlocal count
        count += 1
        for p, g, m, v in zip(parameters, backpropagation(), means, squares, strict=True):
            m[...] = beta1 * m + (1 - beta1) * g
            v[...] = beta2 * v + (1 - beta2) * g * g
            p -= ADAM_RATE / (1 - beta1**count) * m / (np.sqrt(v / (1 - beta2**count)) + eps)

    return step


def gradients_by_hand(parameters: list[Array], x: Array, t: Array) -> Callable[[], list[Array]]:
    """The gradients of the loss by the parameters, in their order."""
    weights, biases = parameters[::2], parameters[1::2]

    def run() -> list[Array]:
        outputs = [x]
        for W, b in zip(weights, biases, strict=True):
            outputs.append(1 / (1 + np.exp(-(outputs[-1] @ W + b))))
        error = outputs[-1] - t
        (error**2).mean()  # the loss, which one wants to see

        g = error * (2 / error.size)
        gradients = []
        for k in reversed(range(len(weights))):
            y = outputs[k + 1]
            g = g * (y * (1 - y))
            gradients += [g.sum(axis=0), outputs[k].T @ g]
            if k > 0:
                g = g @ weights[k].T
        return gradients[::-1]

    return run


def agree(ours: list[Array], hand: list[Array]) -> bool:
    """Whether two runs of some steps ended at the same parameters, as far as float32 tells."""
    return all(
        a.dtype == b.dtype == np.float32 and np.allclose(a, b, rtol=1e-4, atol=1e-6)
        for a, b in zip(ours, hand, strict=True)
    )
