"""The training step that the array benchmarks compare: a sigmoid network, mean squared error, plain SGD, float32.

Sizes, data, and the step by hand in NumPy: the yardstick. Imported by arrays.py and peers.py.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

LEARNING_RATE = 0.1
Array = np.ndarray[Any, Any]
Step = Callable[[], None]


class Size(NamedTuple):
    """A network and a batch, and how many times NumPy's time by hand the engine may take."""

    layers: tuple[int, ...]
    batch: int
    limit: float

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.layers))} batch {self.batch}"


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
    weights, biases = parameters[::2], parameters[1::2]

    def step() -> None:
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
            gradients.append((outputs[k].T @ g, g.sum(axis=0)))
            if k > 0:
                g = g @ weights[k].T
        for W, b, (dW, db) in zip(weights, biases, reversed(gradients), strict=True):
            W -= LEARNING_RATE * dW
            b -= LEARNING_RATE * db

    return step


def agree(ours: list[Array], hand: list[Array]) -> bool:
    """Whether two runs of some steps ended at the same parameters, as far as float32 tells."""
    return all(
        a.dtype == b.dtype == np.float32 and np.allclose(a, b, rtol=1e-4, atol=1e-6)
        for a, b in zip(ours, hand, strict=True)
    )
