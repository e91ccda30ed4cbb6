"""Formulas in the words of pictures: where mathematics has no sign for what becomes of an array, plain words say it."""

from __future__ import annotations

import math
from typing import Any

from autograd.namespaces import notations
from autograd.namespaces.notations import TEXT, Tree
from autograd.typing import X

__all__ = ["text", "worded"]

_WORDS = TEXT._replace(
    forms={
        **TEXT.forms,
        "everywhere": (0, "{} in every place", (5,)), "rows": (0, "{} in every row", (5,)),
        "columns": (0, "{} in every column", (5,)), "put at": (0, "{} put at [{}]", (5, 0)),
        "put back": (0, "{} put back into {}", (5, 8)), "reshaped": (0, "{} reshaped to {}", (5, 0)),
        "part of": (0, "{} of {}", (0, 8)), "shared": (0, "{} where {} = {}, shared by ties", (5, 4, 4)),
    }
)  # fmt: skip


def text(x: X, words: notations.Words | None = None, within: int = 0) -> str:
    """An expression as a line of text in plain words; parameters as for :func:`autograd.namespaces.notations.text`.

    Examples
    --------
    >>> from autograd.namespaces.names import Shaped, xp
    >>> g, a = Shaped("g", ()), Shaped("a", (2, 3))
    >>> notations.text(xp.broadcast_like(g / 6, a)), text(xp.broadcast_like(g / 6, a))
    ('g/6 spread over a', 'g/6 in every place')
    """
    return notations.bracketed(within, *notations.written(worded(x), words or {}, _WORDS), _WORDS)


def worded(x: X) -> X:
    """An expression with heads of plain words in the places of the engine's."""
    if not isinstance(x, Tree) or not x.args:
        return x
    match x.head, x.args:
        case "scatter_like", (a, _, Tree(head="[]") as key):
            return Tree("put at", worded(a), key)
        case "put_back", (a, like):
            return Tree("put back", worded(a), like)
        case "reshape_like", (a, like) if (shape := _shape(like)) is not None:
            return Tree("reshaped", worded(a), shape)
        case "count", (a, *axes) if (shape := _shape(a)) is not None:
            return _count(shape, axes[0] if axes else None)
        case "transpose", (Tree(rank=2) as a, *axes) if axes in ([], [None], [(1, 0)]):
            return Tree("ᵀ", a)
        case "expand_dims", (a, _) if _rank(a) == 0:
            return worded(a)
        case "broadcast_like", (a, like):
            return _spread(a, like)
        case "getitem", (a, Tree(head="[]", args=places)):
            return _part(a, places)
        case "where", (
            Tree(head="or", args=(Tree(head="==", args=(a, y)), Tree(head="!="))),
            Tree(head="/") as share,
            0,
        ):
            return Tree("shared", worded(_bare(share.args[0])[0]), worded(a), worded(_bare(y)[0]))
    return Tree(x.head, *map(worded, x.args))


def _shape(x: X) -> tuple[int, ...] | None:
    """The shape of a symbol for which it is known."""
    known = isinstance(x, Tree) and not x.args and x.rank is not None
    return tuple(x.shape) if known else None


def _count(shape: tuple[int, ...], axis: X) -> int:
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    return math.prod(shape[i] for i in axes)


def _bare(x: X) -> tuple[X, X]:
    """An expression without the axes that were put into it to be spread over, and these axes."""
    match x:
        case Tree(head="expand_dims", args=(a, axis)):
            return a, axis
        case Tree(head="/" | "*" | "neg" as head, args=(a, *others)):
            a, axis = _bare(a)
            return Tree(head, a, *others), axis
    return x, None


def _spread(x: X, like: X) -> X:
    """What is written of an array that is repeated in the shape of another."""
    a, axis = _bare(x)
    rank = None if (shape := _shape(like)) is None else len(shape)
    if rank == 1 or (axis is None and _rank(a) == 0):
        return Tree("everywhere", worded(a))
    if rank == 2 and isinstance(axis, int):
        return Tree("columns" if axis % 2 else "rows", worded(a))
    return Tree("broadcast_like", worded(a), like)


def _rank(x: X) -> int | None:
    """The rank of an expression in numbers and symbols of which one is an array at most, if it is known."""
    if not isinstance(x, Tree) or x.head == "count":
        return 0
    if not x.args:
        return x.rank
    ranks = [_rank(a) for a in x.args] if x.head in ("/", "*", "neg") else [None]
    return None if None in ranks else max(ranks, key=lambda r: r or 0)


_LINES = {1: ("element",), 2: ("row", "column")}


def _part(a: X, places: tuple[Any, ...]) -> X:
    """A part of an array between two bounds: ``rows 0–1 of g``."""
    shape = _shape(a)
    cut = next((i for i, place in enumerate(places) if notations.is_cut(place) and len(place) == 4), None)
    if cut is None:
        return Tree("getitem", worded(a), Tree("[]", *places))
    _, _, start, stop = places[cut]
    if shape is None or len(shape) not in _LINES:
        slices = (*places[:cut], ("slice", start, stop, None), *places[cut + 1 :])
        return Tree("getitem", worded(a), Tree("[]", *slices))
    noun = _LINES[len(shape)][cut - len(places) if places[0] == "..." else cut]
    which = f"{noun} {start}" if stop == start + 1 else f"{noun}s {start}–{stop - 1}"
    return Tree("part of", Tree(which), a)
