"""What the tests of the back ends for scalar graphs share: gradients asked of a graph, and the demo's net."""

import random
from itertools import pairwise

from autograd import Value, gradients
from autograd.compiler.lowering import Recorded
from autograd.compiler.requests import GRADIENT, Request

__all__ = ["gradient_nodes", "net", "recorded"]


def recorded(inputs, captured=()):
    return Recorded([*inputs], {*captured})


def gradient_nodes(y, xs, seed=1.0, strict=False):
    """Nodes that stand for the gradients of a recorded value."""
    numbers = gradients(y, xs, grad_outputs=seed, strict=strict)
    g = Value(seed, requires_grad=False)
    request = Request({y: g}, [*xs], strict)
    nodes = []
    for i, number in enumerate(numbers):
        node = Value(number)
        node._fill(number, None, False, GRADIENT, (y, g), {"request": request, "index": i})
        nodes.append(node)
    return nodes


def net(sizes, points, activation, seed=1):
    """The loss of a small network of Values on some points, and the parameters."""
    rng = random.Random(seed)
    layers = [
        [([Value(rng.uniform(-1, 1)) for _ in range(n)], Value(rng.uniform(-1, 1))) for _ in range(m)]
        for n, m in pairwise(sizes)
    ]
    parameters = [p for layer in layers for weights, bias in layer for p in [*weights, bias]]

    def score(x):
        for layer in layers:
            x = [sum((w * a for w, a in zip(weights, x, strict=True)), bias) for weights, bias in layer]
            if layer is not layers[-1]:
                x = [activation(a) for a in x]
        return x[0]

    data = [[rng.gauss(0, 1) for _ in range(sizes[0])] for _ in range(points)]
    margins = [(1 + -rng.choice((-1, 1)) * score(point)).relu() for point in data]
    return sum(margins) * (1.0 / points) + 1e-4 * sum(p * p for p in parameters), parameters
