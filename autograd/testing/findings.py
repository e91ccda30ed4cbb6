"""What a comparison of derivatives takes and finds: the engine's claim, what is wrong in a column, and in all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from autograd.tensor import Tensor
from autograd.typing import Array, Data
from autograd.value import Value

__all__ = ["Claim", "Finding", "Problem", "StepHint", "Tolerance", "as_vector", "fresh_leaf", "worst"]


class Problem(NamedTuple):
    """What is wrong with a derivative, and where."""

    # "wrong"; "unstable", if it is within its own rounding; "rounded", if in float64 it is right; or why there is none
    kind: str
    order: int
    mode: str
    argument: int
    place: tuple[int, ...] | None
    actual: float = np.nan
    expected: float = np.nan
    error: float = np.nan  # of the differences
    scatter: float = 0.0  # of the engine's derivative, by its own rounding
    coarse: bool = False  # the function's values have lost more than half of their digits: why it cannot be judged


class Finding(NamedTuple):
    """What is wrong in one column of the Jacobian: by which mode, in which row."""

    kind: str
    mode: int
    row: int
    expected: float
    error: float
    scatter: float = 0.0
    coarse: bool = False


class Claim(NamedTuple):
    """What the engine says of one column of the Jacobian, elementwise over the results."""

    values: list[Array]  # for each mode
    size: Array  # of the largest derivatives by the argument
    scatter: Callable[[int], Array]  # how far its rounding puts them off between points close by, for a mode
    noise: Callable[[], Array]  # how far, if each op on the way to them is off by its last digit


class StepHint(NamedTuple):
    """What differences along one argument have learned: a step that is short enough, and the rounding that was seen."""

    step: float
    noise: Array


def worst(problems: Sequence[Problem]) -> Problem | None:
    """Of what is wrong the element that is furthest off; else what cannot be judged."""
    surely = [p for p in problems if not p.coarse] or problems[:1]
    return max(surely, key=lambda p: np.nan_to_num(abs(p.actual - p.expected), nan=np.inf), default=None)


class Tolerance(NamedTuple):
    """Relative to the largest derivative (None: by the dtypes), and absolute."""

    rtol: float | None
    atol: float


def fresh_leaf(x: Data) -> Data:
    """A fresh node that requires a gradient: a Tensor for an array, else a Value."""
    return Tensor(x) if isinstance(x, np.ndarray) else Value(x)


def as_vector(parts: Sequence[Data]) -> Array:
    """Numbers and arrays as one vector."""
    return np.concatenate([np.ravel(p) for p in parts]) if parts else np.zeros(0)
