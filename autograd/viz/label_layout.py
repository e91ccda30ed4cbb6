"""Places for numbers on the lines between two columns of circles, so that a reader sees which line each belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autograd.typing import Data

__all__ = ["Placement", "place_labels"]

STEPS, ROUNDS = 33, 12  # the search tries so many places on a line, and moves every number so often
AIR = 0.03  # inches between two numbers


class Placement(NamedTuple):
    """How far along its line each number stands, in inches.

    Attributes
    ----------
    at : list of float or None
        The distance from the first column's centre to the right; None where there is no room.
    missing, crossed : int
        How many numbers have no room, and how often another line runs behind one.
    """

    at: list[float | None]
    missing: int
    crossed: int


def place_labels(
    lines: Sequence[tuple[float, float]], widths: Sequence[float], height: float, column: float, radius: float
) -> Placement:
    """Find places for the numbers on lines, so that none lies on another nor on a circle.

    Parameters
    ----------
    lines : sequence of (float, float)
        The heights at which each line starts and ends.
    widths, height : sequence of float, float
        The size of the numbers, which are all equally high.
    column, radius : float
        The distance between the columns' centres, and the radius of the circles.
    """
    starts, ends = np.array(lines, float).reshape(-1, 2).T
    half = np.array(widths, float) / 2
    first = radius + AIR + half
    span = np.maximum(column - 2 * first, 0.0)
    shares = np.linspace(0.0, 1.0, STEPS)
    x = first + 0.3 * span  # here the lines of one circle are apart, and not yet among those of the others
    y = starts + (ends - starts) * x / column
    count = len(x)
    others = ~np.eye(count, dtype=bool)
    for _ in range(ROUNDS):
        before = x.copy()
        for i in range(count):
            xs = first[i] + shares * span[i]
            ys = starts[i] + (ends[i] - starts[i]) * xs / column
            beside = np.abs(xs[:, None] - x) - half[i] - half < AIR
            hidden = (beside & (np.abs(ys[:, None] - y) < height + AIR))[:, others[i]].sum(axis=1)
            crossed = _crossed(xs, ys, half[i], height, column, (starts, ends))[:, others[i]].sum(axis=1)
            best = int(np.argmin(100 * hidden + crossed + np.abs(shares - 0.3)))
            x[i], y[i] = xs[best], ys[best]
        if np.array_equal(x, before):
            break
    fits = first <= column / 2
    for i in range(count):
        over = (np.abs(x - x[i]) - half - half[i] < AIR) & (np.abs(y - y[i]) < height + AIR)
        fits[i] &= not (over & fits & (np.arange(count) < i)).any()
    crossed = _crossed(x, y, half[:, None], height, column, (starts, ends)) & others & fits[:, None]
    at = [float(place) if there else None for place, there in zip(x, fits, strict=True)]
    return Placement(at, int((~fits).sum()), int(crossed.sum()))


def _crossed(x: Data, y: Data, half: Data, height: float, column: float, lines: tuple[Data, Data]) -> Data:
    """Which lines run behind each place of a number."""
    starts, ends = lines
    left, right = (starts + (ends - starts) * (x[:, None] + side) / column - y[:, None] for side in (-half, half))
    return (np.minimum(left, right) < height / 2) & (np.maximum(left, right) > -height / 2)
