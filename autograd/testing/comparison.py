"""The engine's derivatives of a flat function beside differences of its values: what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.tensor import Tensor
from autograd.testing.differences import Line, Slope, shifted, slope
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
        precision = max(float(np.finfo(d).eps) for d in dtypes)
        self.rtol = 1e3 * precision if tolerance.rtol is None else tolerance.rtol
        self.rounding = ROUNDING * precision

    def flat(self, xs: Sequence[Any]) -> Array:
        """All results in one vector."""
        ys = [np.asarray(y._data) for y in self.f(*map(leaf, xs))]
        return np.concatenate([y.ravel() for y in ys]) if ys else np.zeros(0)

    def cotangents(self) -> list[Any]:
        """Random ones, away from 0; 1 for a single number."""
        if self.y.size == 1:
            return [np.ones(np.shape(y)) for y in self.value]
        return [self.rng.uniform(0.5, 1.5, np.shape(y)) * self.rng.choice([-1, 1], np.shape(y)) for y in self.value]

    def in_full(self) -> Problem | None:
        """Every element of the Jacobian; of those that are wrong the worst."""
        problems = []
        actual = {mode: self.rows() if mode == "reverse" else self.columns() for mode in self.modes}
        column = 0
        size = max(float(np.abs(J).max(initial=0.0)) for J in actual.values())
        for k, x in enumerate(self.wide):
            for place in np.ndindex(np.shape(x)):
                line = self.through(k, place)
                got = [J[:, column] for J in actual.values()]
                at = float(np.abs(x[place] if np.ndim(x) else x))
                found = self.compared(line, got, at, size)
                if found is not None:
                    kind, mode, row, expected, error = found
                    value = float(got[mode][row])
                    problems.append(Problem(kind, 1, self.modes[mode], k, place, value, expected, error))
                    if kind != "wrong":
                        return problems[-1]
                column += 1
        return max(problems, key=lambda p: np.nan_to_num(abs(p.actual - p.expected), nan=np.inf), default=None)

    def through(self, k: int, place: tuple[int, ...]) -> Line:
        """All results along one element of one argument."""
        return Line(lambda t: self.flat(shifted(self.wide, k, place, t)), self.y)

    def rows(self) -> Array:
        """The Jacobian by backward passes, one for each result."""
        found = []
        for i in range(self.y.size):
            g = self.pull(self.split(np.eye(self.y.size)[i], self.value))
            found.append(np.concatenate([np.ravel(c) for c in g]))
        return np.array(found, float).reshape(self.y.size, sum(np.size(x) for x in self.xs))

    def columns(self) -> Array:
        """The Jacobian by pushing unit tangents forward."""
        n = sum(np.size(x) for x in self.xs)
        found = [self.push(self.split(np.eye(n)[j], self.xs)) for j in range(n)]
        return np.array(found, float).reshape(n, self.y.size).T

    def push(self, tangents: list[Any]) -> Array:
        slopes = jvp(self.f, tuple(self.xs), tuple(tangents))[1]
        return np.concatenate([np.ravel(s) for s in slopes])

    def split(self, flat: Array, like: Sequence[Any]) -> list[Any]:
        """A vector cut into arrays of the shapes of others."""
        cuts = np.cumsum([np.size(x) for x in like])[:-1]
        return [part.reshape(np.shape(x)) for part, x in zip(np.split(flat, cuts), like, strict=True)]

    def in_directions(self) -> Problem | None:
        """Projections of the Jacobian: random results by random directions, in one argument at a time."""
        us = self.cotangents()
        u = np.concatenate([np.ravel(c) for c in us])
        g = self.pull(us)
        for k, x in enumerate(self.wide):
            for _ in range(DIRECTIONS if np.size(x) else 0):
                v = np.asarray(self.rng.uniform(0.5, 1.5, np.shape(x)) * self.rng.choice([-1, 1], np.shape(x)))
                found = self.along(k, v, u, np.asarray(g[k], float))
                if found is not None:
                    return found
        return None

    def along(self, k: int, v: Array, u: Array, g: Array) -> Problem | None:
        """One projection; where it is wrong, the element that is to blame, by halving."""
        got = []
        for mode in self.modes:
            if mode == "reverse":
                got.append(np.sum(g * v))
            else:
                tangents = [v if i == k else np.zeros(np.shape(x)) for i, x in enumerate(self.xs)]
                got.append(np.sum(u * self.push(tangents)))
        size = float(np.abs(g * v).sum())
        found = self.compared(self.projected(k, v, u), [np.array([a]) for a in got], 1.0, size)
        if found is None:
            return None
        kind, which, _, _, _ = found
        mode = self.modes[which]
        if kind != "wrong":
            return Problem(kind, 1, mode, k, None)
        chosen = np.arange(v.size)
        while chosen.size > 1:
            halves = np.array_split(chosen, 2)
            doubts = [self.doubt(k, half, v, u, g, mode) for half in halves]
            chosen = halves[int(doubts[1][0] > doubts[0][0])]
        _, value, expected, error = self.doubt(k, chosen, v, u, g, mode)
        place = tuple(int(i) for i in np.unravel_index(chosen[0], v.shape))
        scale = v.flat[chosen[0]]
        return Problem("wrong", 1, mode, k, place, value / scale, expected / scale, error)

    def doubt(
        self, k: int, chosen: Array, v: Array, u: Array, g: Array, mode: str
    ) -> tuple[float, float, float, float]:
        """How far a projection onto a few elements is off; both values, and the error of the differences."""
        part = np.zeros(v.size)
        part[chosen] = v.flat[chosen]
        part = part.reshape(v.shape)
        if mode == "reverse":
            value = float(np.sum(g * part))
        else:
            tangents = [part if i == k else np.zeros(np.shape(x)) for i, x in enumerate(self.xs)]
            value = float(np.sum(u * self.push(tangents)))
        found = slope(self.projected(k, part, u))
        return abs(value - found.value.item()), value, found.value.item(), found.error.item()

    def projected(self, k: int, v: Array, u: Array) -> Line:
        def at(t: float) -> Array:
            moved = list(self.wide)
            moved[k] = moved[k] + t * v if v.ndim else moved[k] + t * float(v)
            return np.array([np.sum(u * self.flat(moved))])

        return Line(at)

    def compared(
        self, line: Line, got: list[Array], at: float, size: float
    ) -> tuple[str, int, int, float, float] | None:
        """What is wrong, by which mode and in which row, with the value and the error of the differences."""
        found = slope(line, at)
        size = max(size if np.isfinite(size) else 0.0, float(np.abs(found.value).max(initial=0.0)))
        # Beyond it differences tell nothing.
        limit = 1e-3 * size + 1e-8 * float(np.abs(self.y).max(initial=0.0)) + 1e3 * ROUNDING * EPS
        worst = found.kink.max(initial=0.0)
        if worst > 0:
            row = int(found.kink.argmax())
            text = f"the slopes from the left and from the right differ by {worst:.3g} (a kink, a tie or a jump)"
            return text, 0, row, float(found.value[row]), float(found.error[row])
        for mode, values in enumerate(got):
            excess = np.where(found.error <= limit, self.excess(values, found, size), 0.0)
            if not (excess > 0).any():
                continue
            again = slope(line, at, step=0.0137 * max(min(at, 1.0), 1e-3))  # a second opinion, from other points
            both = np.minimum(excess, self.excess(values, again, size))
            row = int(np.argmax(both))
            if both[row] <= 0:
                continue
            return "wrong", mode, row, float(found.value[row]), float(found.error[row])
        if found.error.max(initial=0.0) > limit:
            row = int(found.error.argmax())
            text = f"its differences do not settle (off by {found.error[row]:.3g}), as at a pole, or where it is rough"
            return text, 0, row, float(found.value[row]), float(found.error[row])
        return None

    def excess(self, values: Array, found: Slope, size: float) -> Array:
        """By how much values are further from the differences than both may be off."""
        allowed = self.tolerance.atol + self.rounding + self.rtol * size + 10 * found.error
        with np.errstate(invalid="ignore"):
            distance = np.abs(values - found.value) - allowed
        return np.where(np.isfinite(values), distance, np.inf)
