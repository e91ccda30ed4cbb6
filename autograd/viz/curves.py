"""A function of one number and its derivatives as curves for a plot: where they leap, and where they have poles."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from autograd.engine.gradients import gradients
from autograd.engine.libraries import fetched
from autograd.engine.node import Node
from autograd.typing import Array, Function
from autograd.value import Value

__all__ = ["Curve", "Leap", "curves", "derivatives_at"]

POINTS = 401
SUSPECTS = 40  # so many steps of a curve, the largest, are looked at for a leap
BESIDE = 1e-7  # the limits beside a leap are taken so far from it, as a part of the interval


class Leap(NamedTuple):
    """A place where a curve leaps: its limits from the left and right, and its value there."""

    x: float
    left: float
    right: float
    value: float


class Curve(NamedTuple):
    """The points of a curve, with nan where its line breaks off."""

    x: Array
    y: Array
    leaps: list[Leap]
    poles: list[float]


def curves(f: Function, low: float, high: float, order: int) -> list[Curve]:
    """A function and its first `order` derivatives in an interval; derivatives are there where it has a value."""
    xs = np.linspace(low, high, POINTS)
    table = np.array([derivatives_at(f, x, order) for x in xs.tolist()])
    outside = ~np.isfinite(table[:, 0])
    poles = [x for x, y in zip(xs.tolist(), table[:, 0], strict=True) if math.isinf(y)]
    table[outside] = np.nan
    return [_broken(xs, ys, partial(_derivative, f, k), poles) for k, ys in enumerate(table.T)]


def derivatives_at(f: Function, at: float, order: int) -> list[float]:
    """The value of a function at a point, and its first `order` derivatives there."""
    x = Value(at)
    y = f(x)
    results = []
    for left in range(order, -1, -1):
        try:
            results.append(float(np.asarray(fetched(y._data)).item() if isinstance(y, Node) else y))
        except (TypeError, ValueError):
            raise TypeError(f"plot_function: f must give one number for one number, not {type(y).__name__}") from None
        if left:
            depends = isinstance(y, Node) and y.requires_grad
            y = gradients(y, x, create_graph=left > 1) if depends else 0.0
    return results


def _derivative(f: Function, k: int, x: float) -> float:
    return derivatives_at(f, x, k)[k]


def _broken(xs: Array, ys: Array, value: Callable[[float], float], poles: list[float]) -> Curve:
    """Break a curve's line at its leaps and poles."""
    leaps: list[Leap] = []
    poles = list(poles)
    width = float(xs[-1] - xs[0])
    for i in _suspects(ys):
        x, step = _narrowed(value, float(xs[i]), float(xs[i + 1])), abs(ys[i + 1] - ys[i])
        left, right = value(x - BESIDE * width), value(x + BESIDE * width)
        if any(abs(x - known) <= 2 * BESIDE * width for known in [*poles, *(leap.x for leap in leaps)]):
            continue
        if not (math.isfinite(left) and math.isfinite(right)) or max(abs(left), abs(right)) > 100 * _size(ys, step):
            poles.append(x)
            continue
        there = value(x)
        if abs(right - left) < 1e-3 * abs(there - left):
            left = right = (left + right) / 2  # only the value at the place itself is another
        if max(abs(right - left), abs(there - left)) > 0.2 * step:
            leaps.append(Leap(x, left, right, there))
    for leap in leaps:
        keep = np.abs(xs - leap.x) > BESIDE * width
        k = int(np.sum(xs[keep] < leap.x))
        xs = np.insert(xs[keep], k, [leap.x] * 3)
        ys = np.insert(ys[keep], k, [leap.left, np.nan, leap.right])
    for pole in poles:
        k = int(np.sum(xs < pole))
        xs, ys = np.insert(xs, k, pole), np.insert(ys, k, np.nan)
    return Curve(xs, ys, sorted(leaps), sorted(poles))


def _size(ys: Array, step: float) -> float:
    return max(step, float(np.nanmedian(np.abs(ys))))


def _suspects(ys: Array) -> list[int]:
    """The steps of a curve that are far larger than those near them."""
    steps = np.abs(np.diff(ys))
    finite = steps[np.isfinite(steps)]
    if not finite.size:
        return []
    padded = np.pad(steps, 2, constant_values=np.nan)
    near = np.fmax(padded[:-4], padded[4:])  # the step beside may be the other half of a leap
    near = np.where(np.isfinite(near), near, 0.0)
    found = np.flatnonzero(np.isfinite(steps) & (steps > 4 * near) & (steps > 1e-6 * np.nanmax(np.abs(ys))))
    return sorted(found[np.argsort(-steps[found], kind="stable")][:SUSPECTS].tolist())


def _narrowed(value: Callable[[float], float], a: float, b: float) -> float:
    """Find the place between two points where a curve leaps: halve, and keep the half whose ends are further apart."""
    low, high = a, b
    at_low, at_high = value(a), value(b)
    while (middle := (low + high) / 2) not in (low, high) and high - low > 1e-16 * (b - a):
        v = value(middle)
        if not math.isfinite(v):
            return middle
        if abs(v - at_low) > abs(at_high - v):
            high, at_high = middle, v
        else:
            low, at_low = middle, v
    # What is stated there is seen at a single number, most often a short one.
    places = [0.0 if abs(low) < 1e-9 * (b - a) else float(f"{low:.10g}"), low, high]
    around = [value(x) for x in (low - 1e-9 * (b - a), high + 1e-9 * (b - a))]
    return next((x for x in places if value(x) not in around), places[0])
