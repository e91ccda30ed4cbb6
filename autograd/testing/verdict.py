"""The engine's derivatives of a flat function beside differences of its values: what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

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
COTANGENT = 0.5  # the gradient of a result: not 1, which would not tell whether a derivative multiplies by it; exact
DIRECTIONS = 3  # in which the others are
EPS = float(np.finfo(float).eps)

# Of numbers of usual size: what cancels, as the slopes of a softmax's sum do, is off by so many last digits.
ROUNDING = 50
LARGE_SHARE = (
    0.1  # a mistake of this part of the derivative is none of rounding, if the values have most of their digits
)
LOW_PRECISION = 1e-4  # values known to no more than that, relative to their size, say nothing against its last digits
RECOGNIZABLE = (
    0.2  # differences that are off by less, relative to the derivative, tell it from 0, from half and twice of it
)


class NotDifferentiableError(ValueError):
    """There is no derivative to compare with: a kink, a tie, a jump or a pole, or values that carry too few digits."""


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
    """The first thing wrong with the derivatives of a flat function, of orders 1, 2, ...; None if nothing is.

    `sound` says whether each op of the function is known to be right by itself, to an order.
    """
    below, known = 0.0, dict[int, StepHint]()
    for level in range(1, order + 1):
        check = _JacobianCheck(f, xs, modes, tolerance, rng)
        check.known, check.plain, check.sound = known, level > 1, partial(sound, level)
        check.usual = below = max(below, check.usual)
        found = check.problem()
        if found is not None:
            return found._replace(order=level)
        if level < order:
            f = _projected_gradient(f, check.cotangents())
    return None


def _projected_gradient(f: Function, us: list[Data]) -> Function:
    """The gradient of a projection of a function, as a function."""
    return lambda *xs: list(vjp(f, *xs)[1](us))


class _JacobianCheck:
    """The first derivatives of a flat function at a point: the engine's beside those by differences.

    Both in float64. Then those in the dtypes given are to be the same, to half of their digits.
    """

    def __init__(
        self, f: Function, xs: list[Data], modes: Sequence[str], tolerance: Tolerance, rng: np.random.Generator
    ) -> None:
        self.f, self.given, self.modes, self.tolerance, self.rng = f, xs, modes, tolerance, rng
        self.xs = [x.astype(float) if isinstance(x, np.ndarray) else x for x in xs]
        outputs = f(*map(fresh_leaf, self.xs))
        self.value = [y._data for y in outputs]
        self.y = as_vector(self.value)
        if not np.isfinite(self.y).all():
            raise NotDifferentiableError("check_gradients: not differentiable here: the function's value is not finite")
        self.changes = perturbed_changes(outputs)
        self.stepped = any(_steps(node) for node in toposort(outputs))
        self.known: dict[int, StepHint] = {}  # by argument
        self.sound: Callable[[], bool] = lambda: False  # whether each op is known to be right by itself
        self.plain = False  # whether the function takes plain data too, which is faster: a gradient does
        self.usual = float(np.abs(self.y).max(initial=0.0))  # the largest result, of lower derivatives too
        self.small = max(self.y.size, sum(np.size(x) for x in xs)) <= MAX_FULL
        self.rtol = 1e3 * EPS if tolerance.rtol is None else tolerance.rtol
        self.precision = max(float(np.finfo(np.asarray(x).dtype).eps) for x in (*xs, *vjp(f, *xs)[0]))

    def problem(self) -> Problem | None:
        """What is wrong, if anything."""
        found = self.check_in_full() if self.small else self.check_in_directions()
        return found if found is not None or self.precision == EPS else self.check_rounding()

    def flat(self, xs: Sequence[Data]) -> Array:
        """All results in one vector."""
        if self.plain:
            return as_vector(self.f(*xs))
        return as_vector([y._data for y in self.f(*map(fresh_leaf, xs))])

    def cotangents(self) -> list[Data]:
        """Random ones, away from 0; 1 for a single number."""
        if self.y.size == 1:
            return [np.ones(np.shape(y)) for y in self.value]
        return [self.random(np.shape(y)) for y in self.value]

    def random(self, shape: tuple[int, ...]) -> Array:
        """Numbers of both signs, away from 0."""
        return np.asarray(self.rng.uniform(0.5, 1.5, shape) * self.rng.choice([-1, 1], shape))

    def check_in_full(self) -> Problem | None:
        """Every element of the Jacobian; of those that are wrong the worst."""
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
                got = [J[:, column] for J in actual]
                at = float(np.abs(x[place] if np.ndim(x) else x))

                def scatter(mode: int, column: int = column) -> Array:
                    found: Array = scatters(mode)[:, column]
                    return found

                def noise(column: int = column) -> Array:
                    found: Array = noises()[:, column]
                    return found

                found = self.compare(line, at, Claim(got, size, scatter, noise))
                if found is not None:
                    value = float(got[found.mode][found.row])
                    more = (found.expected, found.error, found.scatter, found.coarse)
                    problems.append(Problem(found.kind, 1, self.modes[found.mode], k, place, value, *more))
                    if found.kind not in ("wrong", "unstable") and not found.coarse:
                        return problems[-1]
                column += 1
        return worst(problems)

    def through(self, k: int, place: tuple[int, ...]) -> AlongLine:
        """All results along one element of one argument."""
        return AlongLine(
            lambda t: self.flat(shifted(self.xs, k, place, t)), self.y, largest(np.abs(self.changes)), self.stepped
        )

    def jacobian(self, mode: str, xs: list[Data]) -> Array:
        """The engine's Jacobian: by backward passes, one for each result, or by pushing unit tangents forward."""
        n = sum(np.size(x) for x in xs)
        if mode == "forward":
            pushed = [self.push(xs, self.split(e, xs)) for e in np.eye(n)]
            return np.array(pushed, float).reshape(n, self.y.size).T
        pull = vjp(self.f, *xs)[1]
        seeds = COTANGENT * np.eye(self.y.size)
        pulled = [as_vector(pull(self.split(e, self.value))) for e in seeds]
        return np.array(pulled, float).reshape(self.y.size, n) / COTANGENT

    def push(self, xs: list[Data], tangents: list[Data]) -> Array:
        """The change of all results in a direction."""
        return as_vector(jvp(self.f, tuple(xs), tuple(tangents))[1])

    def split(self, flat: Array, like: Sequence[Data]) -> list[Data]:
        """A vector cut into arrays of the shapes of others."""
        cuts = np.cumsum([np.size(x) for x in like])[:-1]
        return [part.reshape(np.shape(x)) for part, x in zip(np.split(flat, cuts), like, strict=True)]

    def check_in_directions(self) -> Problem | None:
        """Projections of the Jacobian: random results by random directions, in one argument at a time."""
        us, coarse = self.cotangents(), None
        for k, x in enumerate(self.xs):
            for _ in range(DIRECTIONS if np.size(x) else 0):
                found = self.check_along(k, self.random(np.shape(x)), us)
                if found is not None and not found.coarse:
                    return found
                coarse = coarse or found
        return coarse

    def check_along(self, k: int, v: Array, us: list[Data]) -> Problem | None:
        """One projection; where it is wrong, the element that is to blame, by halving."""

        def projection(mode: int, xs: list[Data]) -> Array:
            return np.array([self.projection(self.modes[mode], xs, k, v, us)])

        got = [projection(mode, self.xs) for mode in range(len(self.modes))]
        size = np.array([np.abs(self.pulled(self.xs, us)[k] * v).sum()])
        line = self.projected(k, v, us)
        if k in self.known:
            line.longest, line.noise = self.known[k].step, np.maximum(line.noise, self.known[k].noise)
        noise = lambda: np.abs(self.noises(as_vector(us)[None])[:, 0, self.columns(k)] @ v.ravel()).max(keepdims=True)
        scatter = lambda mode: rounding_scatter(partial(projection, mode), self.xs)
        found = self.compare(line, 1.0, Claim(got, size, scatter, noise))
        self.known[k] = StepHint(line.longest, line.noise)
        if found is None:
            return None
        mode = self.modes[found.mode]
        if found.kind not in ("wrong", "unstable"):
            value = float(got[found.mode].item())
            return Problem(found.kind, 1, mode, k, None, value, found.expected, found.error, coarse=found.coarse)
        chosen = np.arange(v.size)
        while chosen.size > 1:
            halves = np.array_split(chosen, 2)
            doubts = [self.doubt(k, half, v, us, mode) for half in halves]
            chosen = halves[int(doubts[1][0] > doubts[0][0])]
        _, value, alone = self.doubt(k, chosen, v, us, mode)
        place = tuple(int(i) for i in np.unravel_index(chosen[0], v.shape))
        if alone.kink.any():  # which is lost among so many
            return Problem(_kinked(alone.kink.item()), 1, mode, k, place)
        expected, scale = alone.value.item(), v.flat[chosen[0]]
        error = alone.error.item()
        return Problem(found.kind, 1, mode, k, place, value / scale, expected / scale, error, found.scatter)

    def doubt(self, k: int, chosen: Array, v: Array, us: list[Data], mode: str) -> tuple[float, float, Slope]:
        """How far a projection onto a few elements is off; its slope by the engine, and by differences."""
        part = np.zeros(v.size)
        part[chosen] = v.flat[chosen]
        part = part.reshape(v.shape)
        value = self.projection(mode, self.xs, k, part, us)
        found = slope(self.projected(k, part, us))
        return abs(value - found.value.item()), value, found

    def projection(self, mode: str, xs: list[Data], k: int, v: Array, us: list[Data]) -> float:
        """The engine's slope of a projection of the results, along a direction in one argument."""
        if mode == "reverse":
            return float(np.sum(self.pulled(xs, us)[k] * v))
        tangents = [v if i == k else np.zeros(np.shape(x)) for i, x in enumerate(xs)]
        return float(np.sum(as_vector(us) * self.push(xs, tangents)))

    def pulled(self, xs: list[Data], us: list[Data]) -> list[Array]:
        """The gradient of a projection of the results."""
        return [np.asarray(g, float) for g in vjp(self.f, *xs)[1](us)]

    def projected(self, k: int, v: Array, us: list[Data]) -> AlongLine:
        """A projection of the results, along a direction in one argument."""
        u = as_vector(us)

        def at(t: float) -> Array:
            moved = list(self.xs)
            moved[k] = moved[k] + t * v if v.ndim else moved[k] + t * float(v)
            return np.array([np.sum(u * self.flat(moved))])

        with np.errstate(invalid="ignore"):
            noise = np.nan_to_num(np.abs(self.changes @ u).max(keepdims=True), nan=np.inf)
        return AlongLine(at, noise=noise, stepped=self.stepped)

    def columns(self, k: int) -> slice:
        """Where an argument stands among the columns of the Jacobian."""
        start = sum(np.size(x) for x in self.xs[:k])
        return slice(start, start + np.size(self.xs[k]))

    def noises(self, seeds: Array) -> Array:
        """How rounding shakes projections of the Jacobian: by time, row and column; inf where no one can tell."""
        nodes: list[Data] = [fresh_leaf(x) for x in self.xs]
        try:
            pull = vjp(self.f, *nodes)[1]
            found = perturbed_changes([g for u in seeds for g in pull(self.split(u, self.value))])
        except (
            *DOMAIN_ERRORS,
            AttributeError,
            IndexError,
            TypeError,
        ):  # a derivative that cannot be differentiated in turn
            found = np.full((1, len(seeds) * sum(np.size(x) for x in self.xs)), np.inf)
        return found.reshape(len(found), len(seeds), -1)

    def scale(self, size: Array) -> Array:
        """Of what size the terms of derivatives may be, whose largest are of a given `size`: of the results', to 1."""
        return np.maximum(size, min(self.usual, TYPICAL_SIZE))

    def compare(self, line: AlongLine, at: float, claim: Claim) -> Finding | None:
        """What is wrong in one column, if anything, with steps that fit an argument of the size `at`."""
        found = slope(line, at)
        size = np.maximum(np.where(np.isfinite(claim.size), claim.size, 0.0), np.abs(found.value))
        # Beyond it differences tell nothing.
        limit = 1e-3 * size + 1e-8 * self.usual + 1e3 * ROUNDING * EPS
        gap = found.kink.max(initial=0.0)
        if gap > 0:
            row = int(found.kink.argmax())
            return Finding(_kinked(gap), 0, row, float(found.value[row]), float(found.error[row]))
        coarse, unsettled = line.noise > EPS**0.5 * np.abs(line(0.0)), found.error > limit
        for mode, values in enumerate(claim.values):
            excess = np.where(found.error <= limit, self.excess(values, found, size), 0.0)
            if not (excess > 0).any():
                continue
            # A second opinion, from other points; what is itself unsure acquits nothing.
            again = slope(line, at, step=0.37 * float(found.step[excess > 0].min()))
            excess = np.where(again.error <= limit, np.minimum(excess, self.excess(values, again, size)), excess)
            if not (excess > 0).any():
                continue
            # Half of the digits may be lost where terms cancel; a formula that loses more is no good.
            most = EPS**0.5 * self.scale(size)
            large = (excess > 1e3 * most).any()  # as no rounding is
            rounding = np.zeros(most.shape) if large else claim.scatter(mode)
            excess -= np.minimum(10 * rounding, most)
            if (excess > 0).any():  # nor can a derivative have more digits than the values
                noise = claim.noise() if (coarse | (excess < LARGE_SHARE * size))[excess > 0].any() else rounding
                explained = excess <= 10 * noise
                unclear = coarse & (excess > 0) & (explained | (line.noise > LOW_PRECISION * line.range()))
                excess, unsettled = np.where(unclear, 0.0, excess), unsettled | unclear
            row = int(np.argmax(excess))
            if excess[row] > 0:
                kind, off = ("unstable", noise) if explained[row] else ("wrong", rounding)
                expected, error, scatter = (float(a[row]) for a in (found.value, found.error, off))
                return Finding(kind, mode, row, expected, error, scatter)
        coarse |= found.error <= 2**ROWS * line.noise / found.step
        far, near = self.seen(claim, found, size, unsettled & coarse)
        if far.any():
            row = int(far.argmax())
            mode = int(np.argmax([abs(values[row] - found.value[row]) for values in claim.values]))
            return Finding("wrong", mode, row, float(found.value[row]), float(found.error[row]))
        # All ops right, and nothing detached, which differences would see: the chain rule does the rest.
        if near.any() and ((unsettled & ~near).any() or self.sound()):
            unsettled &= ~near
        if unsettled.any():
            row = int(np.argmax(np.where(unsettled, found.error - limit, -np.inf)))
            text = (
                f"its differences do not settle (off by {found.error[row]:.3g}), as at a pole, at a jump of a higher "
                "derivative, or where it is rough"
            )
            if coarse[row]:
                value, off = line(0.0)[row], line.noise[row]
                rough = "all of it" if np.isinf(off) else f"{off:.1g}"
                text = f"the function's own values carry so few digits ({value:.6g}, off by {rough} by rounding)"
            return Finding(text, 0, row, float(found.value[row]), float(found.error[row]), coarse=bool(coarse[row]))
        return None

    def seen(self, claim: Claim, found: Slope, size: Array, where: Array) -> tuple[Array, Array]:
        """Where differences that know few digits contradict the engine all the same; and where they agree with it."""
        if not self.small:  # the terms of a projection may cancel: what is seen of it is a part of what they leave
            size = largest(map(np.abs, (found.value, *claim.values)))
        seen = where & (found.error <= RECOGNIZABLE * size)
        if not seen.any():
            return seen, seen
        off = largest(np.abs(values - found.value) for values in claim.values)
        far = seen & (off > np.maximum(3 * found.error, LARGE_SHARE * size))
        near = seen & (off <= np.clip(LARGE_SHARE * size, found.error, 3 * found.error))
        return far & (off > 10 * claim.noise()) if far.any() else far, near

    def excess(self, values: Array, found: Slope, size: Array) -> Array:
        """By how much values are further from the differences than both may be off."""
        # What cannot be told from 0 may be the sum of terms of any usual size.
        scale = np.where(np.abs(found.value) <= 10 * found.error, TYPICAL_SIZE, self.scale(size))
        allowed = self.tolerance.atol + ROUNDING * EPS * scale + self.rtol * size + 10 * found.error
        with np.errstate(invalid="ignore"):
            distance = np.abs(values - found.value) - allowed
        return np.where(np.isfinite(values), distance, np.inf)

    def check_rounding(self) -> Problem | None:
        """Where the derivative, right in float64, loses more than half of the digits of the dtypes given."""
        us = self.cotangents()
        for mode in self.modes if self.small else MODES[:1]:

            def derivative(xs: list[Data], mode: str = mode) -> Array:
                return self.jacobian(mode, xs) if self.small else as_vector(self.pulled(xs, us))[None]

            narrow, wide = derivative(self.given), derivative(self.xs)
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
        """Whether a result, in the dtypes given, loses more than half of its digits; the projection, if not in full."""
        changes, y = perturbed_changes(self.f(*map(fresh_leaf, self.given))), self.y
        if not self.small:
            u = as_vector(self.cotangents())[:, None]
            changes, y, row = changes @ u, y @ u, 0
        return bool(np.abs(changes[:, row]).max() > self.precision**0.5 * np.abs(y[row]))


def _steps(node: Node) -> bool:
    """Whether a node holds numbers that stand on stairs: a floor, a sign, the whole part of a quotient."""
    return node.op is not None and not node.op.differentiable and np.asarray(node._data).dtype.kind == "f"


def _kinked(gap: float) -> str:
    return f"the slopes from the left and from the right differ by {gap:.3g} (a kink, a tie or a jump)"
