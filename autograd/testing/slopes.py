"""The slope of a function along a line by differences of its values, with fitting steps and an estimated error."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from autograd.typing import Array, Data, Function

__all__ = [
    "DOMAIN_ERRORS", "LONGEST_STEP", "ROWS", "RULES", "TYPICAL_SIZE", "AlongLine", "ShapeError", "Slope", "shifted",
    "slope",
]  # fmt: skip

# Functions raise these outside their domain: math.log below 0, a matrix that is not definite, an assertion.
DOMAIN_ERRORS = (ArithmeticError, AssertionError, ValueError)


class ShapeError(ValueError):
    """The function's result has a wrong shape, so that no point nearby helps."""


class AlongLine:
    """A function along a line, from a number to an array, which calculates each point once and counts its calls.

    It must have a value at the origin; elsewhere it is nan where it cannot be calculated. `noise` is the rounding of
    the values, as far as that is known, and `longest` the longest step to try. `stepped` says that the function has
    stairs of its own (a floor, say), so that stairs are no sign of rounding.
    """

    def __init__(self, f: Function, origin: Array | None = None, noise: Data = 0.0, stepped: bool = False) -> None:
        self._f = f
        self.stepped = stepped
        self._known: dict[Data, Array] = {} if origin is None else {0.0: origin}
        self.noise = noise
        self.longest = np.inf
        self.calls = 0

    def __call__(self, t: Data) -> Array:
        """The value at `t`."""
        if t not in self._known:
            self.calls += 1
            with np.errstate(all="ignore"):
                try:
                    self._known[t] = self._f(t)
                except DOMAIN_ERRORS as error:
                    if not t or isinstance(error, ShapeError):
                        raise
                    self._known[t] = np.full(self(0.0).shape, np.nan)
        return self._known[t]

    def known(self, most: float) -> list[Data]:
        """The points calculated so far that are no further from the origin than `most`."""
        return [t for t in self._known if abs(t) <= most]

    def range(self) -> Array:
        """The size of the values, and of their changes, at the points calculated so far."""
        y = self(0.0)
        changes = [np.nan_to_num(np.abs(a - y), nan=0.0, posinf=0.0) for a in self._known.values()]
        size: Array = np.maximum(np.abs(y), np.max(changes, axis=0))
        return size


class Slope(NamedTuple):
    """The derivative of a :class:`AlongLine` at 0, elementwise over its values."""

    value: Array
    error: Array
    kink: Array  # the difference of the slopes from the left and from the right where they do not meet; else 0
    step: Array  # the longest step behind the value


def slope(line: AlongLine, size: float = 1.0, method: str = "richardson", step: float | None = None) -> Slope:
    """Estimate the derivative at 0, with steps in proportion to the `size` of the argument, or shorter ones."""
    rule, power = RULES[method]
    y = line(0.0)
    eps = float(np.finfo(y.dtype if y.dtype.kind == "f" else float).eps)
    best: Slope | None = None
    # Two longer steps show the rounding of values (one alone may show a bend); shorter ones may show a plateau.
    rough = before = zero = np.zeros(y.shape)
    ridders = method == "richardson"
    steps = [scale * (LONGEST_STEP if ridders else eps ** (1 - power)) for scale in _scales(size)]
    for h in [step] if step else [h for h in steps if h <= line.longest]:
        with np.errstate(all="ignore"):
            value, error, seen = rule(line, h)
            stairs = _stairs(line, h / 2 ** (ROWS - 3) if ridders else 2 * h, size)
            if (stairs > 2 * line.noise).any():  # longer steps did not know of them
                line.noise = np.maximum(line.noise, stairs)
                return slope(line, size, method, step)
            fine = np.isfinite(value) & np.isfinite(error)
            value, error = np.where(fine, value, 0.0), np.where(fine, np.maximum(error, rough / h), np.inf)
            off = eps * (np.abs(y) + size * np.abs(value)) + line.noise  # the error by rounding of values and of steps
            seen = np.where(
                seen <= eps**0.5 * np.maximum(np.abs(y), TYPICAL_SIZE), seen, 0.0
            )  # a larger one is no rounding
            kink, least = _kink(line, h, eps, np.maximum(seen, line.noise)) if ridders else (zero, zero)
            kink = np.where(fine, kink, 0.0)
            if best is not None:  # a kink stays if this step is too short to see it
                unseen = (kink == 0) & (4 * least > best.kink) & (best.kink > 1e-6 * np.abs(value))
                kink = np.where(unseen, best.kink, kink)
            seen = np.where(kink == 0, seen, 0.0)
            rough, before = np.maximum(rough, np.minimum(before, seen)), seen
            new = Slope(value, error + off / h, kink, np.full(y.shape, h))
        agreed = False if best is None else ~_apart(best, new) & ~_unsure(best) & ~_unsure(new)
        best = new if best is None else _better(best, new)
        # If only rounding limits a step, no shorter one is better; but an uncertain slope may need one.
        limit = 10 * off / np.where(_unsure(best), best.step, h)
        settled = best.error <= 1e3 * eps**power * np.abs(best.value).max(initial=0.0) + limit
        if ((settled | agreed) & (best.kink == 0)).all():
            break
    assert best is not None
    if not step:  # other lines through this point may begin there
        line.longest, line.noise = float(best.step.min(initial=line.longest)), np.maximum(line.noise, rough)
    return best


def _stairs(line: AlongLine, close: float, size: float) -> Array:
    """The height of stairs, on which values are equal close by and differ further out; 0 where there are none.

    Rounding makes stairs, and on a stair values say nothing of the slope. A dead zone is flat too, but has no jump at
    its edges.
    """
    y = line(0.0)
    height = np.zeros(y.shape)
    flat = np.all([line(t) == y for t in line.known(close)], axis=0)
    if line.stepped or not flat.any():
        return height
    far = LONGEST_STEP * max(size, 1.0)
    if max(line.known(np.inf)) < far:
        for t in np.geomspace(close, far, 8):
            line(t), line(-t)
    for row in np.argwhere(flat):
        place = tuple(row)
        jumps = [_jump(line, side, place) for side in (-1, 1)]
        if min(jumps) > 0:
            height[place] = max(jumps)
    return height


def _jump(line: AlongLine, side: int, place: tuple[int, ...]) -> float:
    """The height by which a value jumps where it first changes, on one side; 0 if it does not jump."""
    y, equal = line(0.0)[place], 0.0
    for t in sorted(t for t in map(abs, line.known(np.inf)) if t):
        differs = line(side * t)[place] != y
        if differs and not np.isfinite(line(side * t)[place]):
            return 0.0
        if differs:
            break
        equal = t
    else:
        return 0.0
    whole = abs(line(side * t)[place] - y)
    for _ in range(10):
        middle = (equal + t) / 2
        equal, t = (middle, t) if line(side * middle)[place] == y else (equal, middle)
    jump = float(abs(line(side * t)[place] - y))
    return jump if jump > whole / 16 else 0.0


def _scales(size: float) -> list[float]:
    """Lengths of steps to try, ever shorter ones: among them the size of the argument, and 1."""
    own = [size] if 0 < size < 1 else []
    tiny = [(size or 1.0) * share for share in (1e-8, 1e-10, 1e-12)]
    return sorted({max(size / 100, 1.0), 1.0, *own, 0.1, 1e-2, 1e-4, 1e-6, *tiny}, reverse=True)


def _apart(a: Slope, b: Slope) -> Array:
    """A mask of the elements in which two estimates contradict each other."""
    return np.asarray(np.abs(a.value - b.value) > a.error + b.error)


def _unsure(a: Slope) -> Array:
    """A mask of the elements of which the error leaves not even the first digits."""
    return np.asarray(a.error > 1e-3 * np.abs(a.value))


def _better(long: Slope, short: Slope) -> Slope:
    """Choose the surer of two steps.

    Where they contradict each other, the long one has missed something if it is uncertain; else both may be off by
    their difference. A kink that the short one does not see lies beside the point.
    """
    apart = _apart(long, short)
    beside = (long.kink > 0) & (short.kink == 0) & ~_unsure(short)
    shorter = beside | np.where(apart, _unsure(long), short.error < long.error)
    difference = np.abs(long.value - short.value)
    doubtful = long._replace(error=np.where(apart, np.maximum(long.error, difference), long.error))
    return Slope(*(np.where(shorter, *pair) for pair in zip(short, doubtful, strict=True)))


# The methods: each gives the slope, its error, and an estimate of the rounding of the values.
def _forward(line: AlongLine, h: float) -> tuple[Array, Array, Array]:
    first, second = ((line(t) - line(0.0)) / t for t in (h, 2 * h))
    return first, np.abs(first - second), np.zeros(first.shape)


def _central(line: AlongLine, h: float) -> tuple[Array, Array, Array]:
    first, second = ((line(t) - line(-t)) / (2 * t) for t in (h, 2 * h))
    return first, np.abs(first - second), np.zeros(first.shape)


LONGEST_STEP = 0.0931  # for a size of 1; it is not round, because a wave's length may be a multiple of a round step
ROWS = 8  # Richardson's table has the steps h, h/2, ..., h/128
TYPICAL_SIZE = 1.0  # a small value may be the sum of terms of about this size, and then has their rounding


def _richardson(line: AlongLine, h: float) -> tuple[Array, Array, Array]:
    """Ridders' way: extrapolate central differences to step 0, keep the entry that agrees best with its neighbours."""
    table = _table(line, h)
    rounding = _rounding(line, h, table)
    best = error = np.full(rounding.shape, np.inf)
    for k, row in enumerate(table):
        for m in range(k):
            new = row[m + 1]
            doubt = np.maximum(np.abs(new - row[m]), np.abs(new - table[k - 1][m]))
            doubt = np.where(np.isfinite(doubt), doubt + rounding / (h / 2**k), np.inf)
            best, error = np.where(doubt < error, new, best), np.minimum(doubt, error)
    # Far apart, points may agree by accident, as on a wave of a fitting length; the closest ones then do not.
    finest, before = table[-1][0], table[-2][0]
    return best, np.maximum(error, np.abs(best - finest) - 3 * np.abs(finest - before)), rounding


def _table(line: AlongLine, h: float) -> list[list[Array]]:
    """Richardson's table: row k begins with the difference of step h/2ᵏ, column m has an error of h^(2m + 2)."""
    table: list[list[Array]] = []
    for k in range(ROWS):
        t = h / 2**k
        row = [(line(t) - line(-t)) / (2 * t)]
        for m, above in enumerate(table[-1] if table else []):
            row.append(row[m] + (row[m] - above) / (4 ** (m + 1) - 1))
        table.append(row)
    return table


def _rounding(line: AlongLine, h: float, table: list[list[Array]]) -> Array:
    """The rounding of values: half a digit, or more if terms cancelled inside the function.

    The finest rows, extrapolated twice, differ by nothing else, for a smooth function's bend is gone from them.
    """
    y = line(0.0)
    digit = float(np.finfo(y.dtype if y.dtype.kind == "f" else float).eps) * np.abs(y)
    seen = [np.abs(table[k][2] - table[k - 1][2]) * (h / 2**k) for k in range(ROWS - 4, ROWS)]
    rounding: Array = np.maximum(digit + line.noise, np.nan_to_num(np.max(seen, axis=0), nan=0.0, posinf=0.0))
    return rounding


def _kink(line: AlongLine, h: float, eps: float, rounding: Array) -> tuple[Array, Array]:
    """The difference of the one-sided slopes at a kink, else 0; and the smallest one that rounding would not hide.

    For a smooth function the difference falls with the step, at a kink it stays.
    """
    y = line(0.0)
    bent, largest = [], np.maximum(np.abs(y), TYPICAL_SIZE)
    for k in range(ROWS - 5, ROWS):
        t = h / 2**k
        left, right = line(-t), line(t)
        largest = np.maximum(largest, np.maximum(np.abs(left), np.abs(right)))
        bent.append(((right - y) - (y - left)) / t)
    gaps = [np.abs(2 * narrow - wide) for wide, narrow in pairwise(bent)]  # the curve's own bend is subtracted
    # Gradients, whose differences give second derivatives, are noisier than their last digit.
    steepest = np.abs(line(t) - line(-t)).max(initial=0.0) / (2 * t)
    least = (1e4 * eps * largest + 10 * rounding) / t
    stays = gaps[-1] > least + 1e-6 * steepest
    for wide, narrow in pairwise(gaps):
        stays &= (narrow > 0.75 * wide) & (narrow < 2.5 * wide)
    return np.where(stays, gaps[-1], 0.0), least


# For each method its rule, and the power of the machine's precision that its error is about.
RULES: dict[str, tuple[Callable[[AlongLine, float], tuple[Array, Array, Array]], float]] = {
    "central": (_central, 2 / 3),
    "forward": (_forward, 1 / 2),
    "richardson": (_richardson, 3 / 4),
}


def shifted(xs: list[Data], k: int, index: tuple[int, ...], t: Data) -> list[Data]:
    """Change one element of one of the arguments by `t`."""
    moved = list(xs)
    if np.ndim(xs[k]) == 0:
        moved[k] = xs[k] + t
    else:
        moved[k] = xs[k].astype(complex) if isinstance(t, complex) else xs[k].copy()
        moved[k][index] += t
    return moved
