"""Compare the engine's derivatives of a flat function with differences of its values: what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

from autograd.engine.libraries import numpy_dtype
from autograd.engine.node import Node, toposort
from autograd.testing.findings import (
    Claim,
    Finding,
    Problem,
    StepHint,
    Tolerance,
    as_vector,
    fresh_leaf,
    worst,
)
from autograd.testing.rounding import largest, perturbed_changes, rounding_scatter
from autograd.testing.slopes import DOMAIN_ERRORS, ROWS, TYPICAL_SIZE, AlongLine, Slope, shifted, slope
from autograd.transforms.products import jvp, vjp
from autograd.typing import Array, Data, Function

__all__ = ["MODES", "NotDifferentiableError", "find_problem"]

MODES = ("reverse", "forward")
MAX_FULL = 64  # a Jacobian of at most so many rows and columns is checked in full
DIRECTIONS = 3  # a larger Jacobian is checked in so many random directions
COTANGENT = 0.5  # unlike 1 it exposes a vjp that ignores its cotangent, and it is exact in binary
EPS = float(np.finfo(float).eps)
ROUNDING = 50  # terms of usual size that cancel, as the slopes of a softmax's sum, are off by so many last digits
LARGE_SHARE = 0.1  # rounding makes no mistake of this share of a derivative if the values have most of their digits
LOW_PRECISION = 1e-4  # values known to no more than that, relatively, say nothing against a derivative's last digits
RECOGNIZABLE = 0.2  # differences with a smaller relative error tell a derivative from 0, from half and twice of it


class NotDifferentiableError(ValueError):
    """There is no derivative to compare with: a kink, a tie, a jump or a pole, or values that carry too few digits.

    Examples
    --------
    >>> from autograd import relu
    >>> from autograd.testing import NotDifferentiableError, check_gradients
    >>> try:
    ...     check_gradients(relu, (0.0,))
    ... except NotDifferentiableError as error:
    ...     print("a kink")
    a kink
    """


def find_problem(
    f: Function,
    xs: list[Data],
    order: int,
    modes: Sequence[str],
    tolerance: Tolerance,
    rng: np.random.Generator,
    *,
    sound: Callable[[int], bool] = lambda order: False,
) -> Problem | None:
    """Find the first problem of the derivatives of a flat function, of orders 1, 2, ...; None if there is none.

    `sound` says whether each op of the function is known to be right by itself, up to an order.
    """
    below, known = 0.0, dict[int, StepHint]()
    for level in range(1, order + 1):
        check = _JacobianCheck(f, xs, modes, tolerance, rng)
        check.known, check.plain, check.sound = known, level > 1, partial(sound, level)
        check.usual = below = max(below, check.usual)
        problem = check.problem()
        if problem is not None:
            return problem._replace(order=level)
        if level < order:
            f = _projected_gradient(f, check.cotangents())
    return None


def _projected_gradient(f: Function, us: list[Data]) -> Function:
    """Make a function of the gradient of a projection of a function."""
    return lambda *xs: list(vjp(f, *xs)[1](us))


class _JacobianCheck:
    """Compares the first derivatives of a flat function at a point, in float64, with those by differences.

    Then the engine's derivatives in the dtypes of the arguments must agree with them to half of their digits.
    """

    def __init__(
        self, f: Function, xs: list[Data], modes: Sequence[str], tolerance: Tolerance, rng: np.random.Generator
    ) -> None:
        self.f, self.original_xs, self.modes, self.tolerance, self.rng = f, xs, modes, tolerance, rng
        self.xs = [x.astype(float) if isinstance(x, np.ndarray) else x for x in xs]
        outputs = f(*map(fresh_leaf, self.xs))
        self.value = [y._data for y in outputs]
        self.y = as_vector(self.value)
        if not np.isfinite(self.y).all():
            raise NotDifferentiableError("check_gradients: not differentiable here: the function's value is not finite")
        self.changes = perturbed_changes(outputs)
        self.stepped = any(_steps(node) for node in toposort(outputs))
        self.known: dict[int, StepHint] = {}  # a hint for each argument
        self.sound: Callable[[], bool] = lambda: False  # whether each op is known to be right by itself
        self.plain = False  # whether the function takes plain data too, which is faster: a gradient does
        self.usual = float(np.abs(self.y).max(initial=0.0))  # the largest result, of lower derivatives too
        self.small = max(self.y.size, sum(np.size(x) for x in xs)) <= MAX_FULL
        self.rtol = 1e3 * EPS if tolerance.rtol is None else tolerance.rtol
        self.precision = max(float(np.finfo(np.asarray(x).dtype).eps) for x in (*xs, *vjp(f, *xs)[0]))

    def problem(self) -> Problem | None:
        """Find what is wrong, if anything."""
        problem = self.check_in_full() if self.small else self.check_in_directions()
        return problem if problem is not None or self.precision == EPS else self.check_rounding()

    def flat(self, xs: Sequence[Data]) -> Array:
        """Calculate all results as one vector."""
        if self.plain:
            return as_vector(self.f(*xs))
        return as_vector([y._data for y in self.f(*map(fresh_leaf, xs))])

    def cotangents(self) -> list[Data]:
        """Draw cotangents away from 0; that of a single number is 1."""
        if self.y.size == 1:
            return [np.ones(np.shape(y)) for y in self.value]
        return [self.random(np.shape(y)) for y in self.value]

    def random(self, shape: tuple[int, ...]) -> Array:
        """Draw numbers of both signs, away from 0."""
        return np.asarray(self.rng.uniform(0.5, 1.5, shape) * self.rng.choice([-1, 1], shape))

    def check_in_full(self) -> Problem | None:
        """Compare every element of the Jacobian; return the worst problem."""
        problems = []
        actual = [self.jacobian(mode, self.xs) for mode in self.modes]
        scatters = cache(lambda mode: rounding_scatter(lambda xs: self.jacobian(self.modes[mode], xs), self.xs))
        noises = cache(lambda: np.abs(self.noises(COTANGENT * np.eye(self.y.size))).max(axis=0) / COTANGENT)
        column = 0
        for k, x in enumerate(self.xs):
            # A large derivative by one argument, or of one result, says nothing of the rounding of another.
            size = largest(np.abs(J[:, column : column + np.size(x)]).max(axis=1, initial=0.0) for J in actual)
            for place in np.ndindex(np.shape(x)):
                line = self.through(k, place)
                values = [J[:, column] for J in actual]
                at = float(np.abs(x[place] if np.ndim(x) else x))
                scatter = lambda mode, column=column: scatters(mode)[:, column]
                noise = lambda column=column: noises()[:, column]
                finding = self.compare(line, at, Claim(values, size, scatter, noise))
                if finding is not None:
                    value = float(values[finding.mode][finding.row])
                    more = (finding.expected, finding.error, finding.scatter, finding.coarse)
                    problems.append(Problem(finding.kind, 1, self.modes[finding.mode], k, place, value, *more))
                    if finding.kind not in ("wrong", "unstable") and not finding.coarse:
                        return problems[-1]
                column += 1
        return worst(problems)

    def through(self, k: int, place: tuple[int, ...]) -> AlongLine:
        """The results as a function of one element of one argument."""
        return AlongLine(
            lambda t: self.flat(shifted(self.xs, k, place, t)), self.y, largest(np.abs(self.changes)), self.stepped
        )

    def jacobian(self, mode: str, xs: list[Data]) -> Array:
        """Calculate the engine's Jacobian: by a backward pass for each result, or by pushing unit tangents forward."""
        n = sum(np.size(x) for x in xs)
        if mode == "forward":
            columns = [self.push(xs, self.split(e, xs)) for e in np.eye(n)]
            return np.array(columns, float).reshape(n, self.y.size).T
        pull = vjp(self.f, *xs)[1]
        seeds = COTANGENT * np.eye(self.y.size)
        rows = [as_vector(pull(self.split(e, self.value))) for e in seeds]
        return np.array(rows, float).reshape(self.y.size, n) / COTANGENT

    def push(self, xs: list[Data], tangents: list[Data]) -> Array:
        """Calculate the engine's derivative of all results in a direction."""
        return as_vector(jvp(self.f, tuple(xs), tuple(tangents))[1])

    def split(self, flat: Array, like: Sequence[Data]) -> list[Data]:
        """Cut a vector into arrays of the shapes of others."""
        cuts = np.cumsum([np.size(x) for x in like])[:-1]
        return [part.reshape(np.shape(x)) for part, x in zip(np.split(flat, cuts), like, strict=True)]

    def check_in_directions(self) -> Problem | None:
        """Compare random projections of the results in random directions, in one argument at a time."""
        us, coarse = self.cotangents(), None
        for k, x in enumerate(self.xs):
            for _ in range(DIRECTIONS if np.size(x) else 0):
                problem = self.check_along(k, self.random(np.shape(x)), us)
                if problem is not None and not problem.coarse:
                    return problem
                coarse = coarse or problem
        return coarse

    def check_along(self, k: int, v: Array, us: list[Data]) -> Problem | None:
        """Compare one projection; if it is wrong, find the element to blame by halving."""

        def projection(mode: int, xs: list[Data]) -> Array:
            return np.array([self.projection(self.modes[mode], xs, k, v, us)])

        values = [projection(mode, self.xs) for mode in range(len(self.modes))]
        size = np.array([np.abs(self.gradient(self.xs, us)[k] * v).sum()])
        line = self.projected(k, v, us)
        if k in self.known:
            line.longest, line.noise = self.known[k].step, np.maximum(line.noise, self.known[k].noise)
        noise = lambda: np.abs(self.noises(as_vector(us)[None])[:, 0, self.columns(k)] @ v.ravel()).max(keepdims=True)
        scatter = lambda mode: rounding_scatter(partial(projection, mode), self.xs)
        finding = self.compare(line, 1.0, Claim(values, size, scatter, noise))
        self.known[k] = StepHint(line.longest, line.noise)
        if finding is None:
            return None
        mode = self.modes[finding.mode]
        if finding.kind not in ("wrong", "unstable"):
            value = float(values[finding.mode].item())
            return Problem(
                finding.kind, 1, mode, k, None, value, finding.expected, finding.error, coarse=finding.coarse
            )
        chosen = np.arange(v.size)
        while chosen.size > 1:
            halves = np.array_split(chosen, 2)
            doubts = [self.doubt(k, half, v, us, mode) for half in halves]
            chosen = halves[int(doubts[1][0] > doubts[0][0])]
        _, value, single = self.doubt(k, chosen, v, us, mode)
        place = tuple(int(i) for i in np.unravel_index(chosen[0], v.shape))
        if single.kink.any():  # a kink is lost among so many elements
            return Problem(_kinked(single.kink.item()), 1, mode, k, place)
        expected, scale = single.value.item(), v.flat[chosen[0]]
        error = single.error.item()
        return Problem(finding.kind, 1, mode, k, place, value / scale, expected / scale, error, finding.scatter)

    def doubt(self, k: int, chosen: Array, v: Array, us: list[Data], mode: str) -> tuple[float, float, Slope]:
        """How far a projection onto a few elements is off, its slope by the engine, and that by differences."""
        part = np.zeros(v.size)
        part[chosen] = v.flat[chosen]
        part = part.reshape(v.shape)
        value = self.projection(mode, self.xs, k, part, us)
        expected = slope(self.projected(k, part, us))
        return abs(value - expected.value.item()), value, expected

    def projection(self, mode: str, xs: list[Data], k: int, v: Array, us: list[Data]) -> float:
        """The engine's slope of a projection of the results, along a direction in one argument."""
        if mode == "reverse":
            return float(np.sum(self.gradient(xs, us)[k] * v))
        tangents = [v if i == k else np.zeros(np.shape(x)) for i, x in enumerate(xs)]
        return float(np.sum(as_vector(us) * self.push(xs, tangents)))

    def gradient(self, xs: list[Data], us: list[Data]) -> list[Array]:
        """The gradient of a projection of the results."""
        return [np.asarray(g, float) for g in vjp(self.f, *xs)[1](us)]

    def projected(self, k: int, v: Array, us: list[Data]) -> AlongLine:
        """A projection of the results as a function along a direction in one argument."""
        u = as_vector(us)

        def at(t: float) -> Array:
            moved = list(self.xs)
            moved[k] = moved[k] + t * v if v.ndim else moved[k] + t * float(v)
            return np.array([np.sum(u * self.flat(moved))])

        with np.errstate(invalid="ignore"):
            noise = np.nan_to_num(np.abs(self.changes @ u).max(keepdims=True), nan=np.inf)
        return AlongLine(at, noise=noise, stepped=self.stepped)

    def columns(self, k: int) -> slice:
        """The columns of the Jacobian that belong to an argument."""
        start = sum(np.size(x) for x in self.xs[:k])
        return slice(start, start + np.size(self.xs[k]))

    def noises(self, seeds: Array) -> Array:
        """How rounding changes projections of the Jacobian, by time, row and column; inf where that is unknown."""
        nodes: list[Data] = [fresh_leaf(x) for x in self.xs]
        try:
            pull = vjp(self.f, *nodes)[1]
            changes = perturbed_changes([g for u in seeds for g in pull(self.split(u, self.value))])
        except (
            *DOMAIN_ERRORS,
            AttributeError,
            IndexError,
            TypeError,
        ):  # the derivative has no derivative
            changes = np.full((1, len(seeds) * sum(np.size(x) for x in self.xs)), np.inf)
        return changes.reshape(len(changes), len(seeds), -1)

    def scale(self, size: Array) -> Array:
        """The size of terms of derivatives: the largest derivatives' `size`, or that of the results, up to 1."""
        return np.maximum(size, min(self.usual, TYPICAL_SIZE))

    def compare(self, line: AlongLine, at: float, claim: Claim) -> Finding | None:
        """Find what is wrong in one column, if anything, with steps that fit an argument of the size `at`."""
        slopes = slope(line, at)
        size = np.maximum(np.where(np.isfinite(claim.size), claim.size, 0.0), np.abs(slopes.value))
        # Differences with a larger error tell nothing.
        limit = 1e-3 * size + 1e-8 * self.usual + 1e3 * ROUNDING * EPS
        gap = slopes.kink.max(initial=0.0)
        if gap > 0:
            row = int(slopes.kink.argmax())
            return Finding(_kinked(gap), 0, row, float(slopes.value[row]), float(slopes.error[row]))
        coarse, unsettled = line.noise > EPS**0.5 * np.abs(line(0.0)), slopes.error > limit
        for mode, values in enumerate(claim.values):
            excess = np.where(slopes.error <= limit, self.excess(values, slopes, size), 0.0)
            if not (excess > 0).any():
                continue
            # Other points give a second opinion, which counts only if it is certain.
            again = slope(line, at, step=0.37 * float(slopes.step[excess > 0].min()))
            excess = np.where(again.error <= limit, np.minimum(excess, self.excess(values, again, size)), excess)
            if not (excess > 0).any():
                continue
            # Half of the digits may be lost where terms cancel; a formula that loses more is no good.
            most = EPS**0.5 * self.scale(size)
            large = (excess > 1e3 * most).any()  # no rounding is so large
            rounding = np.zeros(most.shape) if large else claim.scatter(mode)
            excess -= np.minimum(10 * rounding, most)
            if (excess > 0).any():  # a derivative cannot have more digits than the values
                noise = claim.noise() if (coarse | (excess < LARGE_SHARE * size))[excess > 0].any() else rounding
                explained = excess <= 10 * noise
                unclear = coarse & (excess > 0) & (explained | (line.noise > LOW_PRECISION * line.range()))
                excess, unsettled = np.where(unclear, 0.0, excess), unsettled | unclear
            row = int(np.argmax(excess))
            if excess[row] > 0:
                kind, off = ("unstable", noise) if explained[row] else ("wrong", rounding)
                expected, error, scatter = (float(a[row]) for a in (slopes.value, slopes.error, off))
                return Finding(kind, mode, row, expected, error, scatter)
        coarse |= slopes.error <= 2**ROWS * line.noise / slopes.step
        far, near = self.contradicted(claim, slopes, size, unsettled & coarse)
        if far.any():
            row = int(far.argmax())
            mode = int(np.argmax([abs(values[row] - slopes.value[row]) for values in claim.values]))
            return Finding("wrong", mode, row, float(slopes.value[row]), float(slopes.error[row]))
        # All ops are right, and nothing is detached, or differences would show it: the chain rule does the rest.
        if near.any() and ((unsettled & ~near).any() or self.sound()):
            unsettled &= ~near
        if unsettled.any():
            row = int(np.argmax(np.where(unsettled, slopes.error - limit, -np.inf)))
            text = (
                f"its differences do not settle (off by {slopes.error[row]:.3g}), as at a pole, at a jump of a higher "
                "derivative, or where it is rough"
            )
            if coarse[row]:
                value, off = line(0.0)[row], line.noise[row]
                rough = "all of it" if np.isinf(off) else f"{off:.1g}"
                text = f"the function's own values carry so few digits ({value:.6g}, off by {rough} by rounding)"
            return Finding(text, 0, row, float(slopes.value[row]), float(slopes.error[row]), coarse=bool(coarse[row]))
        return None

    def contradicted(self, claim: Claim, slopes: Slope, size: Array, where: Array) -> tuple[Array, Array]:
        """Masks of the elements in which differences of few digits contradict the engine, and in which they agree."""
        if not self.small:  # the terms of a projection may cancel, so its own size counts
            size = largest(map(np.abs, (slopes.value, *claim.values)))
        clear = where & (slopes.error <= RECOGNIZABLE * size)
        if not clear.any():
            return clear, clear
        off = largest(np.abs(values - slopes.value) for values in claim.values)
        far = clear & (off > np.maximum(3 * slopes.error, LARGE_SHARE * size))
        near = clear & (off <= np.clip(LARGE_SHARE * size, slopes.error, 3 * slopes.error))
        return far & (off > 10 * claim.noise()) if far.any() else far, near

    def excess(self, values: Array, slopes: Slope, size: Array) -> Array:
        """By how much values are further from the differences than both may be off."""
        # A value that may be 0 can be the sum of terms of any usual size.
        scale = np.where(np.abs(slopes.value) <= 10 * slopes.error, TYPICAL_SIZE, self.scale(size))
        allowed = self.tolerance.atol + ROUNDING * EPS * scale + self.rtol * size + 10 * slopes.error
        with np.errstate(invalid="ignore"):
            distance = np.abs(values - slopes.value) - allowed
        return np.where(np.isfinite(values), distance, np.inf)

    def check_rounding(self) -> Problem | None:
        """Find where a derivative that is right in float64 loses more than half of the digits of its own dtype."""
        us = self.cotangents()
        for mode in self.modes if self.small else MODES[:1]:

            def derivative(xs: list[Data], mode: str = mode) -> Array:
                return self.jacobian(mode, xs) if self.small else as_vector(self.gradient(xs, us))[None]

            narrow, wide = derivative(self.original_xs), derivative(self.xs)
            column = 0
            for k, x in enumerate(self.xs):
                mine = slice(column, column := column + np.size(x))
                ours, right = narrow[:, mine], wide[:, mine]
                size = np.abs(right).max(axis=1, initial=0.0)
                allowed = self.tolerance.atol + self.rtol * size + self.precision**0.5 * self.scale(size)
                with np.errstate(invalid="ignore"):
                    excess = np.where(np.isfinite(ours), np.abs(ours - right) - allowed[:, None], np.inf)
                if excess.max(initial=0.0) > 0:
                    row, at = divmod(int(excess.argmax()), excess.shape[1])
                    place = tuple(int(i) for i in np.unravel_index(at, np.shape(x)))
                    if self.few_digits(row):
                        text = "the function's own values carry so few digits (in the precision of its arguments)"
                        return Problem(text, 1, mode, k, place, coarse=True)
                    return Problem("rounded", 1, mode, k, place, float(ours[row, at]), float(right[row, at]))
        return None

    def few_digits(self, row: int) -> bool:
        """Whether a result (of a large Jacobian, the projection) loses more than half of the digits of its dtype."""
        changes, y = perturbed_changes(self.f(*map(fresh_leaf, self.original_xs))), self.y
        if not self.small:
            u = as_vector(self.cotangents())[:, None]
            changes, y, row = changes @ u, y @ u, 0
        return bool(np.abs(changes[:, row]).max() > self.precision**0.5 * np.abs(y[row]))


def _steps(node: Node) -> bool:
    """Whether a node's values make stairs: those of a floor, a sign, the whole part of a quotient."""
    return node.op is not None and not node.op.differentiable and numpy_dtype(node._data).kind == "f"


def _kinked(gap: float) -> str:
    return f"the slopes from the left and from the right differ by {gap:.3g} (a kink, a tie or a jump)"
