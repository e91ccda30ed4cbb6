"""What only moves, copies or drops elements, or fills in zeros: flip, roll, tile, pad, diag, tril, ..., and joining.

All of it is linear, and one rule differentiates it: the same function of the places 1, 2, 3, ... (0 is where it fills
in) tells where each element of the result came from, and `put_back` adds it there.
"""

import builtins
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.node import Node, describe, short
from autograd.engine.op import primitive
from autograd.messages import BROADCASTING
from autograd.ops.arithmetic import XP, X
from autograd.ops.named import named
from autograd.ops.shape import (
    asarray,
    broadcast_to,
    concatenate,
    expand_dims,
    ndim,
    reshape,
    several,
    shape,
    span,
    stack,
    swapaxes,
)

__all__ = [
    "append", "array_split", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "column_stack", "diag",
    "diagonal", "dsplit", "dstack", "flip", "fliplr", "flipud", "hsplit", "hstack", "matrix_transpose", "moveaxis",
    "ravel", "repeat", "roll", "rot90", "split", "tile", "tril", "triu", "vsplit", "vstack",
]  # fmt: skip


@primitive("put back")
def put_back(xp: XP, x: X, like: X, /, how: str = "flip", given: tuple[Any, ...] = ()) -> X:
    """Zeros in the shape of `like`, with `x` added where the function `how` took it from: its derivative."""
    return xp.put_back(x, like, how=how, given=given)


put_back.defvjps(x=lambda xp, g, y, x, like, how, given: getattr(xp, how)(g, *given), like=None)


# Those ops by name: what `put_back` puts back may have been taken by no other function.
MOVING: dict[str, Any] = {}


def _moving(name: str, symbol: str, text: str, **params: Any) -> Any:
    """An op that is NumPy's function of a name, with static arguments; ``...`` stands for no default."""
    op = MOVING[name] = named(__name__, name, symbol, text, elementwise=False, **params)
    op.defvjps(x=lambda xp, g, y, x, **given: xp.put_back(g, x, how=name, given=tuple(given[k] for k in params)))
    return op


flip = _moving("flip", "flip", "`x` in reverse order along all axes, or along `axis`.", axis=None)
roll = _moving(
    "roll", "roll", "`x` with its elements shifted along `axis`, the last to the front.", shift=..., axis=None
)
rot90 = _moving("rot90", "rot90", "`x` turned `k` times by 90° in the plane of two axes.", k=1, axes=(0, 1))
tile = _moving("tile", "tile", "Copies of `x` side by side, as many along each axis as `reps` says.", reps=...)
repeat = _moving("repeat", "repeat", "`x` with each element repeated, along `axis`.", repeats=..., axis=None)
moveaxis = _moving(
    "moveaxis", "ᵀ", "`x` with axes moved to other places; the rest keep their order.", source=..., destination=...
)
diagonal = _moving("diagonal", "diag", "The diagonals of `x`, along a new last axis.", offset=0, axis1=0, axis2=1)
diag = _moving("diag", "diag", "The matrix with diagonal `x`, or the diagonal of the matrix `x`.", k=0)
tril = _moving("tril", "◺", "The lower triangle of `x`, up to its `k`-th diagonal; zeros above.", k=0)
triu = _moving("triu", "◹", "The upper triangle of `x`, from its `k`-th diagonal on; zeros below.", k=0)
padded = _moving(
    "padded", "pad", "`x` in a border of zeros, or of its own elements; users call :func:`pad`.", pad_width=...,
    mode="constant",
)  # fmt: skip


def _tiled(x: tuple[int, ...], reps: Any) -> tuple[int, ...]:
    reps = reps if isinstance(reps, tuple) else (reps,)
    rank = max(len(x), len(reps))
    x, reps = ((1,) * (rank - len(t)) + t for t in (x, reps))
    return tuple(n * r for n, r in zip(x, reps, strict=True))


def _repeated(x: tuple[int, ...], repeats: Any, axis: int | None) -> tuple[int, ...]:
    x = x or (1,)
    n = prod(x) if axis is None else x[axis]
    if isinstance(repeats, tuple) and len(repeats) not in (1, n):
        raise ValueError
    several = isinstance(repeats, tuple) and len(repeats) > 1
    total = builtins.sum(repeats) if several else n * (repeats[0] if isinstance(repeats, tuple) else repeats)
    if axis is None:
        return (total,)
    axis %= len(x)
    return (*x[:axis], total, *x[axis + 1 :])


def _bordered(x: tuple[int, ...], pad_width: Any, mode: str) -> tuple[int, ...]:
    pairs = np.broadcast_to(np.array(pad_width), (len(x), 2)).tolist()
    return tuple(n + a + b for n, (a, b) in zip(x, pairs, strict=True))


def _diagonal(x: tuple[int, ...], k: int) -> tuple[int, ...]:
    if len(x) == 1:
        return (x[0] + builtins.abs(k),) * 2
    n, m = x
    return (max(min(n, m - k) if k >= 0 else min(n + k, m), 0),)


tile.shape_of, repeat.shape_of, padded.shape_of, diag.shape_of = _tiled, _repeated, _bordered, _diagonal


# Of some the derivative is such a function again, or a sum, without a detour over places.
def _negative(shift: Any) -> Any:
    return tuple(-k for k in shift) if isinstance(shift, tuple) else -shift


def open_length(lengths: tuple[Any, ...], k: int) -> tuple[Any, ...]:
    """Lengths with -1 for one that follows from the others, because a condition may later select more elements."""
    others = lengths[:k] + lengths[k + 1 :]
    known = k < len(lengths) and not any(isinstance(n, int) and n == 0 for n in others)
    return (*lengths[:k], -1, *lengths[k + 1 :]) if known else lengths


def _tile(xp: XP, g: X, y: X, x: X, reps: Any) -> X:
    """The sum over the copies, each of which gets an axis before the one that it lies along."""
    reps = reps if isinstance(reps, tuple) else (reps,)
    missing = len(reps) - ndim(x)
    sizes = (1,) * missing + shape(x)
    lengths = tuple(n for pair in zip((1,) * -missing + reps, sizes, strict=True) for n in pair)
    copies = xp.reshape(g, shape=open_length(lengths, 2 * max(missing, 0) + 1))
    return xp.reshape_like(xp.sum(copies, axis=tuple(range(0, len(lengths), 2))), x)


def _repeat(xp: XP, g: X, y: X, x: X, repeats: Any, axis: int | None) -> X:
    if isinstance(repeats, tuple):
        return xp.put_back(g, x, how="repeat", given=(repeats, axis))
    rank, sizes = ndim(x), shape(x)
    k = rank if axis is None or rank == 0 else axis % rank + 1
    copies = xp.reshape(g, shape=open_length((*sizes[:k], repeats, *sizes[k:]), 0 if rank else 1))
    return xp.reshape_like(xp.sum(copies, axis=k), x)


flip.defvjps(x=lambda xp, g, y, x, axis: xp.flip(g, axis))
roll.defvjps(x=lambda xp, g, y, x, shift, axis: xp.roll(g, _negative(shift), axis))
tile.defvjps(x=_tile)
repeat.defvjps(x=_repeat)
rot90.defvjps(x=lambda xp, g, y, x, k, axes: xp.rot90(g, -k, axes))
moveaxis.defvjps(x=lambda xp, g, y, x, source, destination: xp.moveaxis(g, destination, source))
tril.defvjps(x=lambda xp, g, y, x, k: xp.tril(g, k))
triu.defvjps(x=lambda xp, g, y, x, k: xp.triu(g, k))


# What follows is written in other ops.
def ravel(x: X) -> X:
    """The elements of `x` one after the other, along one axis; `x` itself if it has one."""
    x = asarray(x) if isinstance(x, (list, tuple)) else x
    return x if ndim(x) == 1 else reshape(x, -1)


def fliplr(x: X) -> X:
    """`x` in reverse order along its second axis."""
    return flip(x, 1)


def flipud(x: X) -> X:
    """`x` in reverse order along its first axis."""
    return flip(x, 0)


def matrix_transpose(x: X) -> X:
    """`x` with its last two axes interchanged."""
    return swapaxes(x, -1, -2)


def plain_or_array(x: X) -> X:
    """An array node or an array: of a number one without axes, of a list with nodes in it the nodes joined."""
    if isinstance(x, Node):
        return x if isinstance(x._data, np.ndarray) else asarray(x)
    return asarray(x) if isinstance(x, (list, tuple)) else np.asarray(x)


def one_axis(name: str, axis: Any, rank: int) -> int:
    """An axis counted from the first one."""
    axes: tuple[int, ...] = normalize_axis_tuple(integer(name, "axis", axis), rank, name)
    return axes[0]


def integer(name: str, argument: str, x: Any) -> int:
    """An integer argument of a function, as which a node does not serve."""
    try:
        return index(x)
    except TypeError:
        raise TypeError(f"{name}: {argument} must be an integer, not {type(x).__name__}") from None


def broadcast_arrays(*arrays: X) -> tuple[X, ...]:
    """The arrays, each broadcast to the shape that they have together."""
    try:
        together = np.broadcast_shapes(*map(shape, arrays))
    except ValueError:
        met = ", ".join(describe(a) if isinstance(a, Node) else short(np.asarray(a)) for a in arrays)
        raise ValueError(f"broadcast_arrays({met}): {BROADCASTING}") from None
    return tuple(a if isinstance(a, Node) and a.shape == together else broadcast_to(a, together) for a in arrays)


def _at_least(n: int, arrays: tuple[X, ...]) -> Any:
    found = []
    for a in map(plain_or_array, arrays):
        missing = max(n - a.ndim, 0)
        # The third axis goes behind a matrix, but before it a vector gets one on either side.
        axes = {(3, 2): (2,), (3, 1): (0, 2)}.get((n, a.ndim), tuple(range(missing)))
        found.append(expand_dims(a, axes) if missing else a)
    return found[0] if len(found) == 1 else tuple(found)


def atleast_1d(*arrays: X) -> Any:
    """The arrays with at least one axis: itself for one array, a tuple for several."""
    return _at_least(1, arrays)


def atleast_2d(*arrays: X) -> Any:
    """The arrays with at least two axes, new ones in front: itself for one array, a tuple for several."""
    return _at_least(2, arrays)


def atleast_3d(*arrays: X) -> Any:
    """The arrays with at least three axes: itself for one array, a tuple for several."""
    return _at_least(3, arrays)


def vstack(arrays: Sequence[X]) -> X:
    """The arrays one below the other, along the first axis; vectors as rows."""
    return _beside("vstack", arrays, 0, atleast_2d)


def hstack(arrays: Sequence[X]) -> X:
    """The arrays side by side, along the second axis; vectors along their only one."""
    parts = [atleast_1d(a) for a in several("hstack", arrays)]
    return concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1)


def dstack(arrays: Sequence[X]) -> X:
    """The arrays one behind the other, along the third axis."""
    return _beside("dstack", arrays, 2, atleast_3d)


def column_stack(arrays: Sequence[X]) -> X:
    """Vectors and matrices side by side, vectors as columns."""
    return _beside("column_stack", arrays, 1, lambda a: a if ndim(a) > 1 else reshape(a, (-1, 1)))


def _beside(name: str, arrays: Sequence[X], axis: int, fit: Callable[[X], X]) -> X:
    """The arrays along an axis; where it is just what vectors (or matrices) lack, they are stacked at once."""
    arrays = several(name, arrays)
    lacking = {ndim(a) for a in arrays} == {max(axis, 1)}
    return stack(arrays, axis) if lacking else concatenate([fit(a) for a in arrays], axis)


def append(x: X, values: X, axis: int | None = None) -> X:
    """`x` followed by `values` along `axis`; without one, the elements of both in one row."""
    return concatenate([ravel(x), ravel(values)] if axis is None else [x, values], 0 if axis is None else axis)


def array_split(x: X, indices_or_sections: Any, axis: int = 0) -> list[X]:
    """The parts of `x` along `axis`: so many, as equal as may be, or those between the indices."""
    x = plain_or_array(x)
    axis = one_axis("split", axis, x.ndim)
    n = x.shape[axis]
    if np.ndim(indices_or_sections):
        edges = [integer("split", "each index", i) for i in indices_or_sections]
    else:
        sections = integer("split", "indices_or_sections", indices_or_sections)
        if sections < 1:
            raise ValueError(f"split: {sections} parts; there must be at least one")
        each, longer = divmod(n, sections)
        edges = [i * each + min(i, longer) for i in range(1, sections)]
    return [x[span(axis, i, j)] for i, j in pairwise([0, *edges, n])]


def split(x: X, indices_or_sections: Any, axis: int = 0) -> list[X]:
    """The parts of `x` along `axis`: so many equal ones, or those between the indices."""
    parts = array_split(x, indices_or_sections, axis)
    if not np.ndim(indices_or_sections) and len({p.shape for p in parts}) > 1:
        n = f"of length {shape(x)[axis]} in {indices_or_sections} parts"
        raise ValueError(f"split: an axis {n}, which cannot be equal; array_split makes unequal ones")
    return parts


def vsplit(x: X, indices_or_sections: Any) -> list[X]:
    """The parts of `x` along its first axis."""
    return split(x, indices_or_sections, 0)


def hsplit(x: X, indices_or_sections: Any) -> list[X]:
    """The parts of `x` along its second axis; of a vector along its only one."""
    return split(x, indices_or_sections, 0 if ndim(x) == 1 else 1)


def dsplit(x: X, indices_or_sections: Any) -> list[X]:
    """The parts of `x` along its third axis."""
    return split(x, indices_or_sections, 2)
