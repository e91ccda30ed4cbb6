"""What several tests measure with: distances between floats, central differences, a scalar made of any result."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, Value
from autograd.node import Node

KINDS = [Value, Tensor]


def ulps(actual: Any, expected: Any) -> float:
    """The largest distance, in units in the last place of the expected number; equal infinities and nans are at 0."""
    actual, expected = np.asarray(actual) * 1.0, np.asarray(expected) * 1.0
    assert actual.shape == expected.shape
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    with np.errstate(all="ignore"):
        distance = np.abs(actual - expected) / np.spacing(np.abs(expected))
    distance = np.where(same, 0.0, np.where(np.isnan(distance), np.inf, distance))
    return float(distance.max(initial=0.0))


def numbers(shape: tuple[int, ...] = (), seed: int = 0, low: float = -2.0, high: float = 2.0) -> np.ndarray:
    return np.asarray(np.random.default_rng(seed).uniform(low, high, shape))


def contract(y: Any, seed: int = 1) -> Any:
    """The sum of a result's elements with fixed random weights: a scalar that tells every element apart."""
    if isinstance(y, Value):
        return y * float(numbers((), seed, 0.5, 2.0))
    weights = numbers(y.shape, seed, 0.5, 2.0)
    return autograd.sum(y * weights.astype(y.data.dtype if isinstance(y, Node) else y.dtype))


def central_differences(f: Callable[..., float], args: Sequence[np.ndarray], h: float = 1e-5) -> list[np.ndarray]:
    """The gradient of a scalar function of arrays, measured element by element with the five-point formula."""
    result = []
    for i, a in enumerate(args):
        slope = np.zeros(np.shape(a))
        for place in np.ndindex(np.shape(a)):
            values = []
            for step in (-2, -1, 1, 2):
                shifted = [np.array(x, float) for x in args]
                shifted[i][place] += step * h
                values.append(float(f(*shifted)))
            slope[place] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
        result.append(slope)
    return result


def plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
