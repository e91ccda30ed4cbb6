"""Records of a comparison of derivatives: the engine's claim, a finding in one column, and a problem as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from autograd.tensor import Tensor
from autograd.typing import Array, Data
from autograd.value import Value

__all__ = ["Claim", "Finding", "Problem", "StepHint", "Tolerance", "as_vector", "fresh_leaf", "worst"]


class Problem(NamedTuple):
    """A fault of a derivative, and where it is."""

    # "wrong"; "unstable" if it is off by its own rounding; "rounded" if it is right in float64; or why there is none
    kind: str
    order: int
    mode: str
    argument: int
    place: tuple[int, ...] | None
    actual: float = np.nan
    expected: float = np.nan
    error: float = np.nan  # the error of the differences
    scatter: float = 0.0  # the rounding of the engine's derivative
    coarse: bool = False  # whether the function's values have lost more than half of their digits


class Finding(NamedTuple):
    """A fault in one column of the Jacobian: its mode and its row."""

    kind: str
    mode: int
    row: int
    expected: float
    error: float
    scatter: float = 0.0
    coarse: bool = False


class Claim(NamedTuple):
    """The engine's derivatives in one column of the Jacobian, elementwise over the results."""

    values: list[Array]  # one array for each mode
    size: Array  # the size of the largest derivatives by the argument
    scatter: Callable[[int], Array]  # by mode, how much rounding changes them between points close by
    noise: Callable[[], Array]  # how much they change if each op is off by its last digit


class StepHint(NamedTuple):
    """Experience from differences along one argument: a step that is short enough, and the rounding of the values."""

    step: float
    noise: Array


def worst(problems: Sequence[Problem]) -> Problem | None:
    """The problem that is furthest off; if there is none, one that cannot be judged."""
    surely = [p for p in problems if not p.coarse] or problems[:1]
    return max(surely, key=lambda p: np.nan_to_num(abs(p.actual - p.expected), nan=np.inf), default=None)


class Tolerance(NamedTuple):
    """Tolerances relative to the largest derivative (None: by the dtypes), and absolute."""

    rtol: float | None
    atol: float


def fresh_leaf(x: Data) -> Data:
    """Make a node that requires a gradient: a Tensor for an array, else a Value."""
    return Tensor(x) if isinstance(x, np.ndarray) else Value(x)


def as_vector(parts: Sequence[Data]) -> Array:
    """Join numbers and arrays into one vector."""
    return np.concatenate([np.ravel(p) for p in parts]) if parts else np.zeros(0)
