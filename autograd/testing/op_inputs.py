"""Arguments that an op takes, found by trying: no table says where an op is smooth, its own values do."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Op
from autograd.tensor import Tensor
from autograd.testing.blame import floats_of
from autograd.testing.reproducer import source
from autograd.typing import Array, Data, Function, Keywords, Params

__all__ = ["Domain", "OpCall", "Template", "check_op", "domain", "is_float", "is_smooth_at", "templates"]

MIN_DISTANCE = 0.05  # no closer are arguments to a kink, a tie or a pole
MAX_MAGNITUDE = 30.0  # no larger are values and slopes
PROBE_OFFSETS = (1, 1 / 2, -1 / 2, -1, 1 / 8, 1 / 16, -1 / 16, -1 / 8)  # from where a point is judged, in units of FAR
# Where the arguments of an elementwise op may lie; the first that suits it is taken.
RANGES = ((-2.0, 2.0), (0.3, 3.0), (-0.9, 0.9), (1.2, 3.0), (0.1, 0.9))
SHAPES = ((3,), (2, 3), (3, 2), (3, 3), (2, 2, 3), (1, 3), (2, 1), (3, 1, 2), (4,), ())
# What static parameters usually are, by name; else their default.
PARAMS: dict[str, Sequence[Data]] = {
    "axes": (None, (1, 0), (2, 0, 1), (0, 2, 1)),
    "axis": (None, 0, -1, 1, (0, 1), (-1, 0)),
    "axis1": (0, 1),
    "axis2": (1, -1),
    "ddof": (0, 1),
    "destination": (-1, 0),
    "exponent": (2, 3, -1, 0.5, -1.5, 1, 0),
    "k": (0, 1, -1),
    "keepdims": (False, True),
    "n": (1, 2),
    "offset": (0, 1),
    "ord": (None, 2, 1),
    "pad_width": (((1, 2),), ((1, 0), (0, 2))),
    "repeats": (2, 3),
    "reps": (2, (2, 1)),
    "shape": ((6,), (3, 2), (2, 3), (-1, 2), (2, 2, 3), 6),
    "shift": (1, -2),
    "source": (0, 1),
    "dtype": ("float64",),
}


class OpCall(NamedTuple):
    """A call of an op: its arguments, floats and arrays, and its static parameters."""

    op: Op[...]
    args: tuple[Data, ...]
    params: Params

    def __call__(self, kind: Function = Tensor) -> Data:
        """The op on fresh nodes of `kind`; on constants for the arguments that it cannot be differentiated by."""
        wanted = floats_of(self.op, self.args) or range(len(self.args))
        return self.op(*(kind(a) if i in wanted else a for i, a in enumerate(self.args)), **self.params)

    def __repr__(self) -> str:
        static = [f"{k}={v!r}" for k, v in self.params.items()]
        return f"{self.op.__name__}({', '.join([*map(source, self.args), *static])})"


class Domain(NamedTuple):
    """Where an elementwise op is smooth: the range of each argument, and a point where it is."""

    ranges: tuple[tuple[float, float], ...]
    point: tuple[float, ...]


class Template(NamedTuple):
    """A call of an op without its numbers: for each argument a shape with its flavour, or an array of indices."""

    args: tuple[Data, ...]
    params: Keywords

    def filled(self, rng: np.random.Generator) -> tuple[Array, ...]:
        """Arguments with random numbers."""
        return tuple(
            a if isinstance(a, np.ndarray) else _flavoured(np.asarray(rng.uniform(-2, 2, a[0])), a[1])
            for a in self.args
        )


def check_op(user: str, op: object) -> Op[...]:
    """The op itself; a lesson if it is none.

    Raises
    ------
    TypeError
        If it is no op, as a function of NumPy's.
    """
    if not isinstance(op, Op):
        raise TypeError(
            f"{user}: {getattr(op, '__name__', op)!r} is no op; pass one of the table, as autograd.sin, or your own, "
            "made with autograd.primitive"
        )
    return op


def is_float(op: Op[...], position: int) -> bool:
    """Whether an argument of an elementwise op is a number; else it is a condition."""
    return op.vjp(position) is not None or not op.differentiable


def is_smooth_at(op: Op[...], args: Sequence[Data], params: Params) -> Array:
    """Elementwise over the result: whether it is finite, tame, and smooth within a distance around the arguments.

    Smooth to second order, that is: elu is not, at 0. Judged by values alone, never by the op's derivatives, which may
    be what is wrong.
    """
    data = [a.astype(float) if a.dtype.kind == "f" else a for a in map(np.asarray, args)]
    with np.errstate(all="ignore"):
        y = np.asarray(_value(op, data, params))
        if y.dtype.kind != "f":
            return np.ones(y.shape, bool)
        fine = np.isfinite(y) & (np.abs(y) <= MAX_MAGNITUDE)
        for steps in _steps(op, data):
            for push in _directions(floats_of(op, data), len(data)):
                moves = [p * d for p, d in zip(push, steps, strict=True)]
                at = {t: np.asarray(_value(op, _moved(data, moves, push, t), params)) for t in PROBE_OFFSETS}
                up, down, close = (
                    (at[1] - y) / MIN_DISTANCE,
                    (y - at[-1]) / MIN_DISTANCE,
                    (at[1 / 8] - y) / (MIN_DISTANCE / 8),
                )
                slope = np.abs(up + down) / 2
                bend = np.maximum(np.abs(up - down), np.abs(close - (up + down) / 2))  # of ∛x at 0, the second alone
                fine &= (slope <= MAX_MAGNITUDE * len(data)) & (bend <= 0.4 * (1 + slope))
                # By how much the second derivatives of both sides differ: of a smooth function less, the closer.
                wide, narrow = (
                    np.abs(at[t] - 2 * at[t / 2] + 2 * at[-t / 2] - at[-t]) / (t * MIN_DISTANCE / 2) ** 2
                    for t in (1, 1 / 8)
                )
                fine &= (narrow <= 0.1) | (narrow <= wide / 2)
                if not op.elementwise and not fine.all():
                    return np.asarray(fine)
    return np.asarray(fine)


def _steps(op: Op[...], data: Sequence[Array]) -> Iterator[list[Data]]:
    """How far to push each element: an elementwise op's all alike, another's with signs that set any two apart once."""
    if op.elementwise:
        yield [MIN_DISTANCE] * len(data)
        return
    most = max((a.size for a in data), default=1)
    for bit in range(max(1, (most - 1).bit_length())):
        yield [np.where(np.arange(a.size) >> bit & 1, -MIN_DISTANCE, MIN_DISTANCE).reshape(a.shape) for a in data]


def _moved(data: Sequence[Array], moves: Sequence[Data], push: Sequence[int], t: float) -> list[Array]:
    return [a + t * m if p else a for a, m, p in zip(data, moves, push, strict=True)]


def _directions(places: Sequence[int], n: int) -> Iterator[tuple[int, ...]]:
    """Directions to go from a point: along each argument that can be moved, and along all with mixed signs."""
    for i in places:
        yield tuple(int(k == i) for k in range(n))
    if 1 < len(places) <= 4:
        for signs in product((1, -1), repeat=len(places) - 1):
            by_place = dict(zip(places, (1, *signs), strict=True))
            yield tuple(by_place.get(k, 0) for k in range(n))


def _value(op: Op[...], args: Sequence[Data], params: Params) -> Data:
    y = op(*args, **params)
    return y._data if isinstance(y, Node) else y


@cache
def domain(op: Op[...], params: tuple[tuple[str, object], ...] = ()) -> Domain:
    """The ranges in which an elementwise op is smooth.

    Raises
    ------
    ValueError
        If it is smooth nowhere where it was tried.
    """
    best, share = None, 0.0
    for ranges in sorted(product(RANGES, repeat=op.arity), key=lambda r: sum(map(RANGES.index, r))):
        rng = np.random.default_rng(0)
        tried = [rng.uniform(*r, 100) if is_float(op, i) else rng.uniform(size=100) < 0.5 for i, r in enumerate(ranges)]
        fine = is_smooth_at(op, tried, dict(params))
        if fine.mean() > share:
            at = int(np.argmax(fine))
            best, share = Domain(ranges, tuple(a[at].item() for a in tried)), fine.mean()
        if share >= 0.9:
            break
    if best is None:
        raise ValueError(f"op_calls: {op.name} has no smooth point in {RANGES}; draw its arguments yourself")
    return best


@cache
def templates(op: Op[...]) -> tuple[Template, ...]:
    """Calls of an op that is not elementwise: those of its record, or found by trying shapes and parameters at random.

    Raises
    ------
    ValueError
        If none was found.
    """
    if op.samples:
        return tuple(
            Template(tuple(a if isinstance(a, np.ndarray) else (a, "real") for a in args), params)
            for *args, params in op.samples
        )
    rng = np.random.default_rng(0)
    tried: set[str] = set()
    found: list[Template] = []
    for _ in range(2000):
        guess = _guess(op, rng)
        if repr(guess) in tried:
            continue
        tried.add(repr(guess))
        for flavour in FLAVOURS:
            template = guess._replace(args=tuple((a[0], flavour) if isinstance(a, tuple) else a for a in guess.args))
            if any(_accepts(op, template, rng) for _ in range(3)):
                found.append(template)
                break
        if len(found) == 24:
            break
    if not found:
        raise ValueError(f"op_calls: no arguments for {op.name} were found by trying; draw them yourself")
    return tuple(sorted(found, key=lambda t: sum(np.size(a) for a in t.filled(rng))))


def _accepts(op: Op[...], template: Template, rng: np.random.Generator) -> bool:
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(action="error"):
            fine = is_smooth_at(op, template.filled(rng), template.params)
    except (TypeError, ValueError, IndexError, ArithmeticError, Warning):
        return False
    return bool(fine.size and fine.all())


def _guess(op: Op[...], rng: np.random.Generator) -> Template:
    n = op.arity + (int(rng.integers(0, 2)) if op.variadic else 0)
    same = SHAPES[rng.integers(len(SHAPES))]
    args: list[Data] = []
    for i in range(n):
        shape = same if rng.random() < 0.5 else SHAPES[rng.integers(len(SHAPES))]
        name = op.argnames[min(i, op.arity - 1)]
        if op.vjp(i) is None and name in ("index", "indices"):
            args.append(rng.integers(0, 2, shape))
        else:
            args.append((shape, "real"))
    params: Keywords = {}
    for k, default in op.params.items():
        usual = PARAMS.get(k, (default,))
        params[k] = usual[int(rng.integers(len(usual)))]
    return Template(tuple(args), params)


FLAVOURS = ("real", "positive", "definite")


def _flavoured(a: Array, flavour: str) -> Array:
    """Numbers in [−2, 2] as positive ones, or as a symmetric positive definite matrix where the shape allows one."""
    if flavour == "positive":
        return 0.3 + np.abs(a)
    if flavour == "definite" and a.ndim >= 2 and a.shape[-1] == a.shape[-2]:
        matrix: Array = a @ np.swapaxes(a, -1, -2) / 4 + np.eye(a.shape[-1])
        return matrix
    return a
