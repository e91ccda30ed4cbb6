"""A line search: a step along a direction that satisfies the strong Wolfe conditions, by PyTorch's way to find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from nn._types import Array

__all__ = ["Point", "strong_wolfe"]

_ENOUGH, _FLAT = 1e-4, 0.9  # the shares of the slope at the start: by which the loss falls, to which the slope does


class Point(NamedTuple):
    """A step along a direction, with the loss, its gradient, and its slope there."""

    t: float
    loss: float
    gradient: Array
    slope: float


def strong_wolfe(at: Callable[[float], Point], start: Point, t: float, tolerance: float, most: int) -> Point:
    """The point where the loss has fallen enough and is flat enough; `t` is the first step to try, `start` is step 0.

    It may be another, the best so far, after `most` further points, or where two steps differ by less than `tolerance`.
    """
    bracket, n = _bracket(at, start, t, most)
    if len(bracket) == 1:
        return bracket[0]
    low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
    is_slow = False
    while n < most and abs(bracket[1].t - bracket[0].t) >= tolerance:
        t = _lowest(bracket[0], bracket[1])
        left, right = sorted(point.t for point in bracket)
        margin = 0.1 * (right - left)
        is_near = min(right - t, t - left) < margin
        if is_near and (is_slow or t >= right or t <= left):
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            is_near = False
        is_slow = is_near
        new = at(t)
        n += 1
        if not _falls(new, start) or new.loss >= bracket[low].loss:
            bracket[high] = new
            low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
            continue
        if not _is_flat(new, start) and new.slope * (bracket[high].t - bracket[low].t) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = new
        if _is_flat(new, start):
            break
    return bracket[low]


def _bracket(at: Callable[[float], Point], start: Point, t: float, most: int) -> tuple[list[Point], int]:
    """Two points between which one will do, or one that does; and how many there were after the first."""
    before, new = start, at(t)
    for n in range(most):
        if not _falls(new, start) or (n > 1 and new.loss >= before.loss):
            return [before, new], n
        if _is_flat(new, start):
            return [new], n
        if new.slope >= 0:
            return [before, new], n
        bounds = new.t + 0.01 * (new.t - before.t), new.t * 10
        before, new = new, at(_lowest(before, new, bounds))
    return [start, new], most


def _falls(new: Point, start: Point) -> bool:
    return not new.loss > start.loss + _ENOUGH * new.t * start.slope


def _is_flat(new: Point, start: Point) -> bool:
    return abs(new.slope) <= -_FLAT * start.slope


def _lowest(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through two points with their slopes is lowest, within the bounds, by default between them."""
    a, b = (a, b) if a.t <= b.t else (b, a)
    least, most = (a.t, b.t) if bounds is None else bounds
    slopes = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = slopes**2 - a.slope * b.slope
    if not square >= 0:
        return (least + most) / 2
    root = square**0.5
    t: float = b.t - (b.t - a.t) * ((b.slope + root - slopes) / (b.slope - a.slope + 2 * root))
    return min(max(t, least), most)
