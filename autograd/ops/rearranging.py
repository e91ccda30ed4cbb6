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


flip = _moving("flip", """`x` in reverse order along all axes, or along `axis`.

    >>> from autograd import Tensor, flip
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> flip(x).tolist(), flip(x, axis=0).tolist()
    ([[4.0, 3.0], [2.0, 1.0]], [[3.0, 4.0], [1.0, 2.0]])
    """, axis=None)  # fmt: skip
flip.defvjps(x=lambda xp, g, y, x, axis: xp.flip(g, axis))

roll = _moving("roll", """`x` with its elements shifted along `axis`, the last to the front.

    Without an axis the elements move through all of `x`, row after row.

    >>> from autograd import Tensor, roll
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> y = roll(x, 1)
    >>> y.backward([10.0, 20.0, 30.0])
    >>> y.tolist(), x.grad.tolist()
    ([3.0, 1.0, 2.0], [20.0, 30.0, 10.0])
    """, shift=..., axis=None)  # fmt: skip
roll.defvjps(
    x=lambda xp, g, y, x, shift, axis: xp.roll(
        g, tuple(-k for k in shift) if isinstance(shift, tuple) else -shift, axis
    )
)

rot90 = _moving("rot90", """`x` turned `k` times by 90° in the plane of two axes.

    >>> from autograd import Tensor, rot90
    >>> rot90(Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[2.0, 4.0], [1.0, 3.0]]
    """, k=1, axes=(0, 1))  # fmt: skip
rot90.defvjps(x=lambda xp, g, y, x, k, axes: xp.rot90(g, -k, axes))

moveaxis = _moving("moveaxis", """`x` with axes moved to other places; the rest keep their order.

    >>> import numpy as np
    >>> from autograd import moveaxis
    >>> moveaxis(np.zeros((2, 3, 5)), 0, -1).shape
    (3, 5, 2)
    """, "ᵀ", source=..., destination=...)  # fmt: skip
moveaxis.defvjps(x=lambda xp, g, y, x, source, destination: xp.moveaxis(g, destination, source))

tril = _moving("tril", """The lower triangle of `x`, up to its `k`-th diagonal; zeros above.

    >>> from autograd import Tensor, tril
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> y = tril(x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([[1.0, 0.0], [3.0, 4.0]], [[1.0, 0.0], [1.0, 1.0]])
    """, "◺", k=0)  # fmt: skip
tril.defvjps(x=lambda xp, g, y, x, k: xp.tril(g, k))

triu = _moving("triu", """The upper triangle of `x`, from its `k`-th diagonal on; zeros below.

    >>> from autograd import Tensor, triu
    >>> triu(Tensor([[1.0, 2.0], [3.0, 4.0]]), k=1).tolist()
    [[0.0, 2.0], [0.0, 0.0]]
    """, "◹", k=0)  # fmt: skip
triu.defvjps(x=lambda xp, g, y, x, k: xp.triu(g, k))

diagonal = _moving("diagonal", """The diagonals of `x`, along a new last axis.

    >>> from autograd import Tensor, diagonal
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> diagonal(x).tolist(), diagonal(x, offset=1).tolist()
    ([1.0, 4.0], [2.0])
    """, "diag", offset=0, axis1=0, axis2=1)  # fmt: skip
diag = _moving("diag", """The matrix with diagonal `x`, or the diagonal of the matrix `x`.

    >>> from autograd import diag
    >>> diag([1.0, 2.0]).tolist(), diag([[1.0, 2.0], [3.0, 4.0]]).tolist()
    ([[1.0, 0.0], [0.0, 2.0]], [1.0, 4.0])
    """, k=0)  # fmt: skip
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

tile = _moving("tile", """Copies of `x` side by side, as many along each axis as `reps` says.

    >>> from autograd import Tensor, tile
    >>> x = Tensor([1.0, 2.0])
    >>> y = tile(x, (2, 2))
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([[1.0, 2.0, 1.0, 2.0], [1.0, 2.0, 1.0, 2.0]], [4.0, 4.0])
    """, reps=...)  # fmt: skip


def _tile(xp: XP, g: X, y: X, x: X, reps: X) -> X:
    """The sum over the copies, each of which gets an axis before the one that it lies along."""
    reps = reps if isinstance(reps, tuple) else (reps,)
    missing = len(reps) - ndim(x)
    sizes = (1,) * missing + shape(x)
    lengths = tuple(n for pair in zip((1,) * -missing + reps, sizes, strict=True) for n in pair)
    copies = xp.reshape(g, with_inferred_length(lengths, 2 * max(missing, 0) + 1))
    return xp.reshape_like(xp.sum(copies, axis=tuple(range(0, len(lengths), 2))), x)


def _shape_of_tile(x: tuple[int, ...], reps: X) -> tuple[int, ...]:
    reps = reps if isinstance(reps, tuple) else (reps,)
    rank = max(len(x), len(reps))
    x, reps = ((1,) * (rank - len(t)) + t for t in (x, reps))
    return tuple(n * r for n, r in zip(x, reps, strict=True))


tile.defvjps(x=_tile)
tile.shape_of = _shape_of_tile

repeat = _moving("repeat", """`x` with each element repeated, along `axis`.

    Without an axis it repeats all elements in one row; `repeats` may have a number for each.

    >>> from autograd import Tensor, repeat
    >>> x = Tensor([1.0, 2.0])
    >>> y = repeat(x, (3, 1))
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([1.0, 1.0, 1.0, 2.0], [3.0, 1.0])
    """, repeats=..., axis=None)  # fmt: skip


def _repeat(xp: XP, g: X, y: X, x: X, repeats: X, axis: int | None) -> X:
    """The sum over the copies, which get an axis of their own, if all elements have as many."""
    if isinstance(repeats, tuple):
        return xp.put_back(g, x, how="repeat", given=(repeats, axis))
    rank, sizes = ndim(x), shape(x)
    k = rank if axis is None or rank == 0 else axis % rank + 1
    copies = xp.reshape(g, with_inferred_length((*sizes[:k], repeats, *sizes[k:]), 0 if rank else 1))
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
    """`x` in reverse order along its second axis.

    >>> from autograd import Tensor, fliplr
    >>> fliplr(Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[2.0, 1.0], [4.0, 3.0]]
    """
    return flip(x, 1)


def flipud(x: X) -> X:
    """`x` in reverse order along its first axis.

    >>> from autograd import Tensor, flipud
    >>> flipud(Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[3.0, 4.0], [1.0, 2.0]]
    """
    return flip(x, 0)
