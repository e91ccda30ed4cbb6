"""Arguments for an op, which a search finds: no table says where an op is smooth, its own values do."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
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

MIN_DISTANCE = 0.05  # arguments are no closer to a kink, a tie or a pole
MAX_MAGNITUDE = 30.0  # values and slopes are no larger
PROBE_OFFSETS = (1, 1 / 2, -1 / 2, -1, 1 / 8, 1 / 16, -1 / 16, -1 / 8)  # probes around a point, in MIN_DISTANCE
# Ranges for the arguments of an elementwise op; the first that suits it is used.
RANGES = ((-2.0, 2.0), (0.3, 3.0), (-0.9, 0.9), (1.2, 3.0), (0.1, 0.9))
SHAPES = ((3,), (2, 3), (3, 2), (3, 3), (2, 2, 3), (1, 3), (2, 1), (3, 1, 2), (4,), ())
# Usual values of static parameters by name; another parameter has its default.
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
        """Call the op on fresh nodes of `kind`, and on constants for arguments without a derivative."""
        positions = floats_of(self.op, self.args) or range(len(self.args))
        return self.op(*(kind(a) if i in positions else a for i, a in enumerate(self.args)), **self.params)

    def __repr__(self) -> str:
        static = [f"{k}={v!r}" for k, v in self.params.items()]
        return f"{self.op.__name__}({', '.join([*map(source, self.args), *static])})"


class Domain(NamedTuple):
    """A domain in which an elementwise op is smooth: a range for each argument, and a smooth point."""

    ranges: tuple[tuple[float, float], ...]
    point: tuple[float, ...]


class Template(NamedTuple):
    """A call of an op without its numbers: for each argument a shape with a kind of numbers, or an array of indices."""

    args: tuple[Data, ...]
    params: Keywords

    def filled(self, rng: np.random.Generator) -> tuple[Array, ...]:
        """Make arguments of random numbers."""
        return tuple(
            a if isinstance(a, np.ndarray) else _flavoured(np.asarray(rng.uniform(-2, 2, a[0])), a[1])
            for a in self.args
        )


def check_op(user: str, op: object) -> Op[...]:
    """Return `op`; raise a TypeError if it is no op but, say, a function of NumPy's."""
    if not isinstance(op, Op):
        raise TypeError(
            f"{user}: {getattr(op, '__name__', op)!r} is no op; pass one of the table, as autograd.sin, or your own, "
            "made with autograd.primitive"
        )
    return op


def is_float(op: Op[...], position: int) -> bool:
    """Whether an argument of an elementwise op is a number and not a condition."""
    return op.vjp(position) is not None or not op.differentiable


def is_smooth_at(op: Op[...], args: Sequence[Data], params: Params) -> Array:
    """Whether each result is finite, of moderate size, and smooth within a distance around the arguments.

    It must be smooth to second order, which elu is not at 0. Only values decide, never the op's derivatives, for these
    may be wrong.
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
                bend = np.maximum(np.abs(up - down), np.abs(close - (up + down) / 2))  # only the second sees ∛x at 0
                fine &= (slope <= MAX_MAGNITUDE * len(data)) & (bend <= 0.4 * (1 + slope))
                # The second derivatives of both sides differ, for a smooth function the less the closer the probes are.
                wide, narrow = (
                    np.abs(at[t] - 2 * at[t / 2] + 2 * at[-t / 2] - at[-t]) / (t * MIN_DISTANCE / 2) ** 2
                    for t in (1, 1 / 8)
                )
                fine &= (narrow <= 0.1) | (narrow <= wide / 2)
                if not op.elementwise and not fine.all():
                    return np.asarray(fine)
    return np.asarray(fine)


def _steps(op: Op[...], data: Sequence[Array]) -> Iterator[list[Data]]:
    """Yield pushes for the elements: all alike for an elementwise op, else with signs that once part any two."""
    if op.elementwise:
        yield [MIN_DISTANCE] * len(data)
        return
    most = max((a.size for a in data), default=1)
    for bit in range(max(1, (most - 1).bit_length())):
        yield [np.where(np.arange(a.size) >> bit & 1, -MIN_DISTANCE, MIN_DISTANCE).reshape(a.shape) for a in data]


def _moved(data: Sequence[Array], moves: Sequence[Data], push: Sequence[int], t: float) -> list[Array]:
    return [a + t * m if p else a for a, m, p in zip(data, moves, push, strict=True)]


def _directions(positions: Sequence[int], n: int) -> Iterator[tuple[int, ...]]:
    """Yield directions from a point: along each argument that can move, and along all with mixed signs."""
    for i in positions:
        yield tuple(int(k == i) for k in range(n))
    if 1 < len(positions) <= 4:
        for signs in product((1, -1), repeat=len(positions) - 1):
            sign_at = dict(zip(positions, (1, *signs), strict=True))
            yield tuple(sign_at.get(k, 0) for k in range(n))


def _value(op: Op[...], args: Sequence[Data], params: Params) -> Data:
    y = op(*args, **params)
    return y._data if isinstance(y, Node) else y


@lru_cache(256)
def domain(op: Op[...], params: tuple[tuple[str, object], ...] = ()) -> Domain:
    """Find ranges in which an elementwise op is smooth, its own or usual ones; raise a ValueError if there are none."""
    best, share = None, 0.0
    usual = sorted(product(RANGES, repeat=op.arity), key=lambda r: sum(map(RANGES.index, r)))
    for ranges in [op.domain] if op.domain else usual:
        rng = np.random.default_rng(0)
        args = [rng.uniform(*r, 100) if is_float(op, i) else rng.uniform(size=100) < 0.5 for i, r in enumerate(ranges)]
        fine = is_smooth_at(op, args, dict(params))
        if fine.mean() > share:
            at = int(np.argmax(fine))
            best, share = Domain(ranges, tuple(a[at].item() for a in args)), fine.mean()
        if share >= 0.9:
            break
    if best is None:
        raise ValueError(
            f"op_calls: {op.name} has no smooth point in {op.domain or RANGES}; draw its arguments yourself"
        )
    return best


@lru_cache(256)
def templates(op: Op[...]) -> tuple[Template, ...]:
    """Calls of an op that is not elementwise: those of its record, else a search with random shapes and parameters.

    Raises
    ------
    ValueError
        If the search finds none.
    """
    if op.samples:
        return tuple(
            Template(tuple(a if isinstance(a, np.ndarray) else (a, "real") for a in args), params)
            for *args, params in op.samples
        )
    rng = np.random.default_rng(0)
    guesses: set[str] = set()
    accepted: list[Template] = []
    for _ in range(2000):
        guess = _guess(op, rng)
        if repr(guess) in guesses:
            continue
        guesses.add(repr(guess))
        for flavour in FLAVOURS:
            template = guess._replace(args=tuple((a[0], flavour) if isinstance(a, tuple) else a for a in guess.args))
            if any(_accepts(op, template, rng) for _ in range(3)):
                accepted.append(template)
                break
        if len(accepted) == 24:
            break
    if not accepted:
        raise ValueError(f"op_calls: no arguments for {op.name} were found by trying; draw them yourself")
    return tuple(sorted(accepted, key=lambda t: sum(np.size(a) for a in t.filled(rng))))


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
    """Turn numbers in [−2, 2] into positive ones, or into a symmetric positive definite matrix if the shape allows."""
    if flavour == "positive":
        return 0.3 + np.abs(a)
    if flavour == "definite" and a.ndim >= 2 and a.shape[-1] == a.shape[-2]:
        matrix: Array = a @ np.swapaxes(a, -1, -2) / 4 + np.eye(a.shape[-1])
        return matrix
    return a
