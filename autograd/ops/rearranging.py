"""Rearranging: ops that move, copy or drop elements, or fill in zeros.

They are linear, and one rule differentiates them all: the same function of the positions 1, 2, 3, ... (0 where it fills
in) tells where each element of the result came from, and `put_back` adds its gradient there. Where the derivative is
such a function again, or a sum, it is stated instead.
"""

from math import prod

import numpy as np

from autograd.engine.op import Op
from autograd.ops._helpers import XP, X, named, with_inferred_length
from autograd.ops.shaping import ndim, shape

__all__ = [
    "diag", "diagonal", "flip", "fliplr", "flipud", "moveaxis", "repeat", "roll", "rot90", "tile", "tril", "triu",
]  # fmt: skip

put_back = named(
    "put_back", "Zeros in the shape of `like`, with `x` added where the function `how` took it from: its derivative.",
    "put back", "x like", {"how": "flip", "given": ()}, keywords=True, shape_only=("like",),
)  # fmt: skip
put_back.defvjps(x=lambda xp, g, y, x, like, how, given: getattr(xp, how)(g, *given), like=None)
put_back.samples = (((2, 3), (2, 3), {"how": "flip", "given": ()}),)
# The functions that `put_back` may undo.
MOVING: dict[str, Op[...]] = {}


def _moving(own: str, text: str, symbol: str = "", name: str = "", /, **static: X) -> Op[...]:
    """An op that is the namespace's function of that name, with static arguments; ``...`` stands for no default."""
    op = MOVING[own] = named(own, text, symbol, static=static, name=name)
    op.defvjps(x=lambda xp, g, y, x, **params: xp.put_back(g, x, how=own, given=tuple(params[k] for k in static)))
    return op


flip = _moving("flip", "`x` in reverse order along all axes, or along `axis`.", axis=None)
flip.defvjps(x=lambda xp, g, y, x, axis: xp.flip(g, axis))

roll = _moving("roll", "`x` with its elements shifted along `axis`, the last to the front.", shift=..., axis=None)
roll.defvjps(
    x=lambda xp, g, y, x, shift, axis: xp.roll(
        g, tuple(-k for k in shift) if isinstance(shift, tuple) else -shift, axis
    )
)

rot90 = _moving("rot90", "`x` turned `k` times by 90° in the plane of two axes.", k=1, axes=(0, 1))
rot90.defvjps(x=lambda xp, g, y, x, k, axes: xp.rot90(g, -k, axes))

moveaxis = _moving(
    "moveaxis", "`x` with axes moved to other places; the rest keep their order.", "ᵀ", source=..., destination=...
)
moveaxis.defvjps(x=lambda xp, g, y, x, source, destination: xp.moveaxis(g, destination, source))

tril = _moving("tril", "The lower triangle of `x`, up to its `k`-th diagonal; zeros above.", "◺", k=0)
tril.defvjps(x=lambda xp, g, y, x, k: xp.tril(g, k))

triu = _moving("triu", "The upper triangle of `x`, from its `k`-th diagonal on; zeros below.", "◹", k=0)
triu.defvjps(x=lambda xp, g, y, x, k: xp.triu(g, k))

diagonal = _moving("diagonal", "The diagonals of `x`, along a new last axis.", "diag", offset=0, axis1=0, axis2=1)
diag = _moving("diag", "The matrix with diagonal `x`, or the diagonal of the matrix `x`.", k=0)
pad_array = _moving(
    "pad_array", "`x` in a border of zeros, or of its own elements.", "pad", "pad", pad_width=..., mode="constant"
)


def _shape_of_diag(x: tuple[int, ...], k: int) -> tuple[int, ...]:
    if len(x) == 1:
        return (x[0] + abs(k),) * 2
    n, m = x
    return (max(min(n, m - k) if k >= 0 else min(n + k, m), 0),)


def _shape_of_pad(x: tuple[int, ...], pad_width: X, mode: str) -> tuple[int, ...]:
    pairs = np.broadcast_to(np.array(pad_width), (len(x), 2)).tolist()
    return tuple(n + a + b for n, (a, b) in zip(x, pairs, strict=True))


diag.shape_of, pad_array.shape_of = _shape_of_diag, _shape_of_pad

tile = _moving("tile", "Copies of `x` side by side, as many along each axis as `reps` says.", reps=...)


def _tile(xp: XP, g: X, y: X, x: X, reps: X) -> X:
    """The sum over the copies, each of which gets an axis before the one that it lies along."""
    reps = reps if isinstance(reps, tuple) else (reps,)
    missing = len(reps) - ndim(x)
    sizes = (1,) * missing + shape(x)
    lengths = tuple(n for pair in zip((1,) * -missing + reps, sizes, strict=True) for n in pair)
    copies = xp.reshape(g, shape=with_inferred_length(lengths, 2 * max(missing, 0) + 1))
    return xp.reshape_like(xp.sum(copies, axis=tuple(range(0, len(lengths), 2))), x)


def _shape_of_tile(x: tuple[int, ...], reps: X) -> tuple[int, ...]:
    reps = reps if isinstance(reps, tuple) else (reps,)
    rank = max(len(x), len(reps))
    x, reps = ((1,) * (rank - len(t)) + t for t in (x, reps))
    return tuple(n * r for n, r in zip(x, reps, strict=True))


tile.defvjps(x=_tile)
tile.shape_of = _shape_of_tile

repeat = _moving("repeat", "`x` with each element repeated, along `axis`.", repeats=..., axis=None)


def _repeat(xp: XP, g: X, y: X, x: X, repeats: X, axis: int | None) -> X:
    """The sum over the copies, which get an axis of their own, if all elements have as many."""
    if isinstance(repeats, tuple):
        return xp.put_back(g, x, how="repeat", given=(repeats, axis))
    rank, sizes = ndim(x), shape(x)
    k = rank if axis is None or rank == 0 else axis % rank + 1
    copies = xp.reshape(g, shape=with_inferred_length((*sizes[:k], repeats, *sizes[k:]), 0 if rank else 1))
    return xp.reshape_like(xp.sum(copies, axis=k), x)


def _shape_of_repeat(x: tuple[int, ...], repeats: X, axis: int | None) -> tuple[int, ...]:
    x = x or (1,)
    n = prod(x) if axis is None else x[axis]
    counts = repeats if isinstance(repeats, tuple) else (repeats,)
    if len(counts) not in (1, n):
        raise ValueError
    total = sum(counts) if len(counts) > 1 else n * counts[0]
    if axis is None:
        return (total,)
    axis %= len(x)
    return (*x[:axis], total, *x[axis + 1 :])


repeat.defvjps(x=_repeat)
repeat.shape_of = _shape_of_repeat


def fliplr(x: X) -> X:
    """`x` in reverse order along its second axis."""
    return flip(x, 1)


def flipud(x: X) -> X:
    """`x` in reverse order along its first axis."""
    return flip(x, 0)
