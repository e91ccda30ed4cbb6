"""The engine's derivatives of a flat function beside differences of its values: what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from autograd.tensor import Tensor
from autograd.testing.differences import USUAL, Line, Slope, shifted, slope
from autograd.transforms import jvp, vjp
from autograd.value import Value

__all__ = ["MODES", "NotDifferentiableError", "Problem", "Tolerance", "leaf", "problem"]

Array = np.ndarray[Any, Any]
MODES = ("reverse", "forward")
SMALL = 64  # a Jacobian of at most so many rows and columns is checked in full
DIRECTIONS = 3  # in which the others are
EPS = float(np.finfo(float).eps)

# Of numbers of usual size: what cancels, as the slopes of a softmax's sum do, is off by so many last digits.
ROUNDING = 50
PAIRS = 8  # of points beside the one checked, at which the engine's derivative shows its rounding


class NotDifferentiableError(ValueError):
    """The function has a kink, a tie, a jump or a pole here, so there is no derivative to compare with."""


class Problem(NamedTuple):
    """What is wrong with a derivative, and where."""

    kind: str  # "wrong", or why there is no derivative
    order: int
    mode: str
    argument: int
    place: tuple[int, ...] | None
    actual: float = np.nan
    expected: float = np.nan
    error: float = np.nan
    scatter: float = 0.0


class Finding(NamedTuple):
    """What is wrong in one column of the Jacobian: by which mode, in which row."""

    kind: str
    mode: int
    row: int
    expected: float
    error: float  # of the differences
    scatter: float = 0.0  # of the engine's derivative, by its own rounding


class Tolerance(NamedTuple):
    """Relative to the largest derivative (None: by the dtypes), and absolute."""

    rtol: float | None
    atol: float


def leaf(x: Any) -> Any:
    """A fresh node that requires a gradient: a Tensor for an array, else a Value."""
    return Tensor(x) if isinstance(x, np.ndarray) else Value(x)


def problem(
    f: Callable[..., Any], xs: list[Any], order: int, modes: Sequence[str], tolerance: Tolerance, rng: Any
) -> Problem | None:
    """The first thing wrong with the derivatives of a flat function, of orders 1, 2, ...; None if nothing is."""
    for level in range(1, order + 1):
        check = _Check(f, xs, modes, tolerance, rng)
        found = check.in_full() if check.small else check.in_directions()
        if found is not None:
            return found._replace(order=level)
        if level < order:
            f = _pulled(f, check.cotangents())
    return None


def _pulled(f: Callable[..., Any], us: list[Any]) -> Callable[..., Any]:
    """The gradient of a projection of a function, as a function."""
    return lambda *xs: list(vjp(f, *xs)[1](us))


def flattened(parts: Sequence[Any]) -> Array:
    """Numbers and arrays as one vector."""
    return np.concatenate([np.ravel(p) for p in parts]) if parts else np.zeros(0)


class _Check:
    """The first derivatives of a flat function at a point: the engine's beside those by differences."""

    def __init__(
        self, f: Callable[..., Any], xs: list[Any], modes: Sequence[str], tolerance: Tolerance, rng: Any
    ) -> None:
        self.f, self.xs, self.modes, self.tolerance, self.rng = f, xs, modes, tolerance, rng
        self.wide = [x.astype(float) if isinstance(x, np.ndarray) else x for x in xs]
        self.value, self.pull = vjp(f, *xs)
        self.y = self.flat(self.wide)
        if not np.isfinite(self.y).all():
            raise NotDifferentiableError("check_gradients: not differentiable here: the function's value is not finite")
        self.small = max(self.y.size, sum(np.size(x) for x in xs)) <= SMALL
        dtypes = [np.asarray(x).dtype for x in (*xs, *self.value)]
        self.precision = max(float(np.finfo(d).eps) for d in dtypes)
        self.rtol = 1e3 * self.precision if tolerance.rtol is None else tolerance.rtol

    def flat(self, xs: Sequence[Any]) -> Array:
        """All results in one vector."""
        return flattened([y._data for y in self.f(*map(leaf, xs))])

    def cotangents(self) -> list[Any]:
        """Random ones, away from 0; 1 for a single number."""
        if self.y.size == 1:
            return [np.ones(np.shape(y)) for y in self.value]
        return [self.rng.uniform(0.5, 1.5, np.shape(y)) * self.rng.choice([-1, 1], np.shape(y)) for y in self.value]

    def in_full(self) -> Problem | None:
        """Every element of the Jacobian; of those that are wrong the worst."""
        problems = []
        actual = [self.jacobian(mode, self.xs) for mode in self.modes]
        scatters = cache(lambda mode: self.scatter(lambda xs: self.jacobian(self.modes[mode], xs)))
        column = 0
        size = max(float(np.abs(J).max(initial=0.0)) for J in actual)
        for k, x in enumerate(self.wide):
            for place in np.ndindex(np.shape(x)):
                line = self.through(k, place)
                got = [J[:, column] for J in actual]
                at = float(np.abs(x[place] if np.ndim(x) else x))

                def scatter(mode: int, column: int = column) -> Array:
                    found: Array = scatters(mode)[:, column]
                    return found

                found = self.compared(line, got, scatter, at, size)
                if found is not None:
                    value = float(got[found.mode][found.row])
                    more = (found.expected, found.error, found.scatter)
                    problems.append(Problem(found.kind, 1, self.modes[found.mode], k, place, value, *more))
                    if found.kind != "wrong":
                        return problems[-1]
                column += 1
        return max(problems, key=lambda p: np.nan_to_num(abs(p.actual - p.expected), nan=np.inf), default=None)

    def through(self, k: int, place: tuple[int, ...]) -> Line:
        """All results along one element of one argument."""
        return Line(lambda t: self.flat(shifted(self.wide, k, place, t)), self.y)

    def jacobian(self, mode: str, xs: list[Any]) -> Array:
        """The engine's Jacobian: by backward passes, one for each result, or by pushing unit tangents forward."""
        n = sum(np.size(x) for x in xs)
        if mode == "forward":
            pushed = [self.push(xs, self.split(e, xs)) for e in np.eye(n)]
            return np.array(pushed, float).reshape(n, self.y.size).T
        pull = vjp(self.f, *xs)[1]
        pulled = [flattened(pull(self.split(e, self.value))) for e in np.eye(self.y.size)]
        return np.array(pulled, float).reshape(self.y.size, n)

    def push(self, xs: list[Any], tangents: list[Any]) -> Array:
        """The change of all results in a direction."""
        slopes = jvp(self.f, tuple(xs), tuple(tangents))[1]
        return flattened(slopes)

    def split(self, flat: Array, like: Sequence[Any]) -> list[Any]:
        """A vector cut into arrays of the shapes of others."""
        cuts = np.cumsum([np.size(x) for x in like])[:-1]
        return [part.reshape(np.shape(x)) for part, x in zip(np.split(flat, cuts), like, strict=True)]

    def in_directions(self) -> Problem | None:
        """Projections of the Jacobian: random results by random directions, in one argument at a time."""
        us = self.cotangents()
        for k, x in enumerate(self.wide):
            for _ in range(DIRECTIONS if np.size(x) else 0):
                v = np.asarray(self.rng.uniform(0.5, 1.5, np.shape(x)) * self.rng.choice([-1, 1], np.shape(x)))
                found = self.along(k, v, us)
                if found is not None:
                    return found
        return None

    def along(self, k: int, v: Array, us: list[Any]) -> Problem | None:
        """One projection; where it is wrong, the element that is to blame, by halving."""

        def projection(mode: int, xs: list[Any]) -> Array:
            return np.array([self.projection(self.modes[mode], xs, k, v, us)])

        got = [projection(mode, self.xs) for mode in range(len(self.modes))]
        size = float(np.abs(np.asarray(self.pull(us)[k], float) * v).sum())
        line = self.projected(k, v, us)
        found = self.compared(line, got, lambda mode: self.scatter(partial(projection, mode)), 1.0, size)
        if found is None:
            return None
        mode = self.modes[found.mode]
        if found.kind != "wrong":
            return Problem(found.kind, 1, mode, k, None)
        chosen = np.arange(v.size)
        while chosen.size > 1:
            halves = np.array_split(chosen, 2)
            doubts = [self.doubt(k, half, v, us, mode) for half in halves]
            chosen = halves[int(doubts[1][0] > doubts[0][0])]
        _, value, expected, error = self.doubt(k, chosen, v, us, mode)
        place = tuple(int(i) for i in np.unravel_index(chosen[0], v.shape))
        scale = v.flat[chosen[0]]
        return Problem("wrong", 1, mode, k, place, value / scale, expected / scale, error, found.scatter)

    def doubt(self, k: int, chosen: Array, v: Array, us: list[Any], mode: str) -> tuple[float, float, float, float]:
        """How far a projection onto a few elements is off; both values, and the error of the differences."""
        part = np.zeros(v.size)
        part[chosen] = v.flat[chosen]
        part = part.reshape(v.shape)
        value = self.projection(mode, self.xs, k, part, us)
        found = slope(self.projected(k, part, us))
        return abs(value - found.value.item()), value, found.value.item(), found.error.item()

    def projection(self, mode: str, xs: list[Any], k: int, v: Array, us: list[Any]) -> float:
        """The engine's slope of a projection of the results, along a direction in one argument."""
        if mode == "reverse":
            return float(np.sum(np.asarray(vjp(self.f, *xs)[1](us)[k], float) * v))
        tangents = [v if i == k else np.zeros(np.shape(x)) for i, x in enumerate(xs)]
        return float(np.sum(flattened(us) * self.push(xs, tangents)))

    def scatter(self, derivative: Callable[[list[Any]], Array]) -> Array:
        """How far the engine's own rounding may put a derivative off, elementwise.

        It is asked for in float64, and again close by, on both sides, so that its change is not counted: a wrong
        formula is as wrong there, a rounding comes out differently. Half of the digits away, its bend is in the last.
        """
        here, rng = derivative(self.xs), np.random.default_rng(0)
        largest = np.abs(derivative(self.wide) - here)
        for _ in range(PAIRS):
            moves = [self.precision**0.5 * np.asarray(x * rng.uniform(-1, 1, np.shape(x))) for x in self.wide]
            sides = [
                [(x + s * m).astype(x.dtype) if isinstance(x, np.ndarray) else x + s * float(m) for x, m in moved]
                for s, moved in ((s, zip(self.xs, moves, strict=True)) for s in (-1, 1))
            ]
            with np.errstate(all="ignore"):
                left, right = map(derivative, sides)
                largest = np.fmax(largest, np.abs((left - here) + (right - here)) / 2)
        return largest

    def projected(self, k: int, v: Array, us: list[Any]) -> Line:
        """A projection of the results, along a direction in one argument."""
        u = flattened(us)

        def at(t: float) -> Array:
            moved = list(self.wide)
            moved[k] = moved[k] + t * v if v.ndim else moved[k] + t * float(v)
            return np.array([np.sum(u * self.flat(moved))])

        return Line(at)

    def compared(
        self, line: Line, got: list[Array], scatter: Callable[[int], Array], at: float, size: float
    ) -> Finding | None:
        """What is wrong, if anything."""
        found = slope(line, at)
        size = max(size if np.isfinite(size) else 0.0, float(np.abs(found.value).max(initial=0.0)))
        # Beyond it differences tell nothing.
        limit = 1e-3 * size + 1e-8 * float(np.abs(self.y).max(initial=0.0)) + 1e3 * ROUNDING * EPS
        worst = found.kink.max(initial=0.0)
        if worst > 0:
            row = int(found.kink.argmax())
            text = f"the slopes from the left and from the right differ by {worst:.3g} (a kink, a tie or a jump)"
            return Finding(text, 0, row, float(found.value[row]), float(found.error[row]))
        for mode, values in enumerate(got):
            excess = np.where(found.error <= limit, self.excess(values, found, size), 0.0)
            if not (excess > 0).any():
                continue
            again = slope(line, at, step=0.0137 * max(min(at, 1.0), 1e-3))  # a second opinion, from other points
            both = np.minimum(excess, self.excess(values, again, size))
            if not (both > 0).any():
                continue
            # Half of the digits may be lost where terms cancel; a formula that loses more is no good.
            rounding = np.nan_to_num(scatter(mode), nan=0.0, posinf=0.0)
            both -= np.minimum(10 * rounding, self.precision**0.5 * max(size, USUAL))
            row = int(np.argmax(both))
            if both[row] > 0:
                return Finding("wrong", mode, row, *(float(a[row]) for a in (found.value, found.error, rounding)))
        if found.error.max(initial=0.0) > limit:
            row = int(found.error.argmax())
            text = f"its differences do not settle (off by {found.error[row]:.3g}), as at a pole, or where it is rough"
            return Finding(text, 0, row, float(found.value[row]), float(found.error[row]))
        return None

    def excess(self, values: Array, found: Slope, size: float) -> Array:
        """By how much values are further from the differences than both may be off."""
        allowed = self.tolerance.atol + ROUNDING * self.precision + self.rtol * size + 10 * found.error
        with np.errstate(invalid="ignore"):
            distance = np.abs(values - found.value) - allowed
        return np.where(np.isfinite(values), distance, np.inf)
