"""Graphs to draw beside the peers: the same numbers and the same expression for every library."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, Value, graph
from autograd.engine.node import Node

Array = np.ndarray[Any, Any]
Leaves = Mapping[str, Any]
Layers = Callable[..., Any]  # given a name, what a module computes


class Case(NamedTuple):
    """A graph: its leaves, which of them are data, and its result from leaves of any library."""

    leaves: dict[str, Any]
    data: tuple[str, ...]
    forward: Callable[[Leaves], Any]

    @property
    def biases(self) -> list[float]:
        """The numbers of the biases, which a net has: its leaves whose names begin with b."""
        return [float(x) for name, b in self.leaves.items() if self.data and name[0] == "b" for x in np.ravel(b)]


def _neuron(p: Leaves) -> Any:
    return ((p["x1"] * p["w1"] + p["x2"] * p["w2"] + p["b"]).tanh() - p["t"]) ** 2


def _demo(p: Leaves) -> Any:
    """The expression of micrograd's README."""
    a, b = p["a"], p["b"]
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f


def first(p: Leaves, x: Any) -> Any:
    """The first layer of the net of arrays."""
    return (x @ p["W1"] + p["b1"]).tanh()


def second(p: Leaves, x: Any) -> Any:
    """The second layer of the net of arrays."""
    return x @ p["W2"] + p["b2"]


def _layers(p: Leaves) -> Any:
    return ((second(p, first(p, p["X"])) - p["t"]) ** 2).mean()


def cell(p: Leaves, x: Any, h: Any) -> Any:
    """A step of the recurrent net."""
    return (p["Wx"] @ x + p["Wh"] @ h + p["b"]).tanh()


STEPS = 8


def _recurrent(p: Leaves) -> Any:
    h = p["h0"]
    for k in range(1, STEPS + 1):
        h = cell(p, p[f"x{k}"], h)
        if isinstance(h, Node):
            h.label = f"h{k}"
    return (h * h).sum()


def cases() -> dict[str, Case]:
    """The graphs by name, with the same numbers at each call."""
    rng = np.random.default_rng(0)
    layers = {"X": (3, 2), "t": (3, 1), "W1": (2, 3), "b1": (3,), "W2": (3, 1), "b2": (1,)}
    sizes = {"Wx": (4, 3), "Wh": (4, 4), "b": (4,), "h0": (4,), **{f"x{k}": (3,) for k in range(1, STEPS + 1)}}
    arrays, recurrent = ({n: 0.6 * rng.normal(size=s) for n, s in group.items()} for group in (layers, sizes))
    one = arrays | {"X": arrays["X"][:1], "t": arrays["t"][:1]}
    numbers = {"x1": 2.17, "w1": 0.53, "x2": -1.31, "w2": 1.49, "b": 0.87, "t": 0.25}
    return {
        "neuron and loss": Case(numbers, ("x1", "x2", "t"), _neuron),
        "micrograd's demo": Case({"a": -4.13, "b": 2.07}, (), _demo),
        "MLP of arrays and loss, one sample": Case(one, ("X", "t"), _layers),
        "MLP of arrays and loss, three samples": Case(arrays, ("X", "t"), _layers),
        "RNN, 8 steps": Case(recurrent, ("h0", *(f"x{k}" for k in range(1, STEPS + 1))), _recurrent),
    }


def ours(case: Case) -> tuple[Node, dict[str, Node]]:
    """The result after a backward pass, and the leaves."""
    leaves: dict[str, Node] = {
        name: (Value(x, name) if np.ndim(x) == 0 else Tensor(x, name, requires_grad=name not in case.data))
        for name, x in case.leaves.items()
    }
    y = case.forward(leaves)
    y.label = "y"
    y.backward()
    return y, leaves


def telling(case: Case) -> dict[str, list[float]]:
    """The numbers that a picture can show, by what they are.

    A number is told only if it is none of another kind too, to one part in two hundred, and no integer: else a
    picture that writes it could mean another.
    """
    y, leaves = ours(case)
    known = {id(leaf) for leaf in leaves.values()}
    kinds: dict[str, list[float]] = {"values": [], "gradients": [], "local derivatives": []}
    for node in graph.toposort(y):
        if id(node) not in known and node.parents:
            kinds["values"] += np.ravel(node.data).tolist()
        if node.requires_grad and node is not y:
            kinds["gradients"] += np.ravel(node.grad).tolist()
    for step in graph.steps(y):
        for c in step.contributions:
            if np.shape(step.gradient) == np.shape(c.value) and not re.search("[@⊗ᵀ]", c.formula):
                with np.errstate(invalid="ignore"):
                    kinds["local derivatives"] += np.ravel(np.divide(c.value, step.gradient)).tolist()
    leaf_numbers = [float(x) for values in case.leaves.values() for x in np.ravel(values)]
    result = {}
    for kind, numbers in kinds.items():
        others = [x for other, xs in kinds.items() if other != kind for x in xs] + leaf_numbers
        result[kind] = [
            x
            for x in dict.fromkeys(filter(math.isfinite, numbers))
            if abs(x - round(x)) > 1e-9 and not any(abs(x - o) <= 5e-3 * abs(x) for o in others)
        ]
    return result
