"""micrograd's demo: a 2-16-16-1 ReLU network on 20 points, with the max-margin loss and L2 regularisation.

Its numbers, its loss on scalars of any ``Value`` class, and loss and gradients by hand in NumPy arrays: the yardsticks
that scalars.py, compile.py and compilers.py compare with.
"""

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

SIZES = [2, 16, 16, 1]
DECAY = 1e-4

Array = np.ndarray[Any, Any]
Layer = list[tuple[list[Any], Any]]


class Numbers(NamedTuple):
    """The demo's numbers: for each neuron of each layer weights and a bias, points, and a label for each."""

    layers: list[Layer]
    points: list[list[float]]
    labels: list[int]


def numbers() -> Numbers:
    """The same numbers at each call."""
    rng = random.Random(1)
    layers: list[Layer] = [
        [([rng.uniform(-1, 1) for _ in range(n_in)], 0.0) for _ in range(n_out)] for n_in, n_out in pairwise(SIZES)
    ]
    points = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(20)]
    return Numbers(layers, points, [rng.choice((-1, 1)) for _ in points])


def demo(kind: type) -> tuple[Callable[[], Any], list[Any]]:
    """The loss as a function that builds its graph anew, and the parameters: of each neuron weights, then bias."""
    drawn, points, labels = numbers()
    layers: list[Layer] = [[(list(map(kind, weights)), kind(bias)) for weights, bias in layer] for layer in drawn]
    parameters = [p for layer in layers for weights, bias in layer for p in [*weights, bias]]

    def score(point: list[float]) -> Any:
        x = list(map(kind, point))
        for layer in layers:
            x = [sum((w * a for w, a in zip(weights, x, strict=True)), bias) for weights, bias in layer]
            if layer is not layers[-1]:
                x = [a.relu() for a in x]
        return x[0]

    def loss() -> Any:
        margins = [(1 + -label * score(point)).relu() for label, point in zip(labels, points, strict=True)]
        return sum(margins) * (1.0 / len(margins)) + DECAY * sum(p * p for p in parameters)

    return loss, parameters


def by_hand() -> Callable[[], tuple[float, list[Array]]]:
    """Loss and gradients on arrays: a matrix of a row for each neuron, and a vector of biases, for each layer."""
    drawn, points, labels = numbers()
    layers = [(np.array([w for w, _ in layer]), np.array([b for _, b in layer])) for layer in drawn]
    X, t = np.array(points), np.array(labels, float)[:, None]

    def run() -> tuple[float, list[Array]]:
        outputs = [X]
        for k, (W, b) in enumerate(layers):
            y = outputs[-1] @ W.T + b
            outputs.append(np.maximum(y, 0.0) if k < len(layers) - 1 else y)
        margins = np.maximum(1 - t * outputs[-1], 0.0)
        squares = sum(float(np.vdot(W, W) + np.vdot(b, b)) for W, b in layers)
        loss = float(margins.sum()) / len(t) + DECAY * squares

        g = np.where(margins > 0, -t / len(t), 0.0)
        gradients: list[Array] = []
        for k in reversed(range(len(layers))):
            W, b = layers[k]
            if k < len(layers) - 1:
                g = g * (outputs[k + 1] > 0)
            gradients[:0] = [g.T @ outputs[k] + (2 * DECAY) * W, g.sum(axis=0) + (2 * DECAY) * b]
            if k:
                g = g @ W
        return loss, gradients

    return run


def flat(gradients: list[Array]) -> list[float]:
    """The gradients by hand in the order of the scalars' parameters."""
    pairs = zip(gradients[::2], gradients[1::2], strict=True)
    return [float(x) for W, b in pairs for row in np.column_stack([W, b]) for x in row]
