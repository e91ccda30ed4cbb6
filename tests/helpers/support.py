"""What several tests use: distances between floats, a scalar made of any result, examples of a strategy."""

from typing import Any

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis.strategies import SearchStrategy

import autograd
from autograd import Tensor, Value
from autograd.engine.node import Node

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


def examples(n: int, **options: Any) -> settings:
    """Settings for at most `n` examples in CI; in another profile as many times more as its number is larger."""
    return settings(max_examples=n * settings.default.max_examples // 100, **options)


def drawn(strategy: SearchStrategy[Any], n: int, **options: Any) -> list[Any]:
    """Examples of a strategy, `n` at most; `options` are hypothesis' settings."""
    found: list[Any] = []

    @settings(max_examples=n, phases=[Phase.generate], **options)
    @given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found


def plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
