"""Arrays made of pieces, such as a sequence of the states of a net: each piece is calculated where it belongs.

A piece is what a slice or a place along an axis of the whole array holds; all pieces together fill it, none twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autograd.compiler.variables import Variable
from autograd.namespaces import arrays
from autograd.typing import X

__all__ = ["Layout", "homes", "key_text", "layout"]

Layout = list[tuple[Variable, tuple[X, ...]]]  # pieces with their keys, as `arrays.assemble` takes them


def layout(v: Variable) -> Layout:
    """The pieces of which an instruction makes an array; none if it makes it otherwise, or leaves a part out."""
    if v.dynamic or not isinstance(v.data, np.ndarray) or not v.ndim or not v.data.size:
        return []
    pieces = _of_scatters(v) if v.name == "pieces" else _of_parts(v) if v.name == "concatenate" else []
    if any(o.dtype != v.dtype or o.dynamic for o, _ in pieces):
        return []
    return [(o, key if "..." in key else (*key, "...")) for o, key in pieces]  # of an array 0-d, too, a view


def _of_scatters(v: Variable) -> Layout:
    filled = np.zeros(v.shape, bool)
    for key in v.params["keys"]:
        index = arrays.assemble(key, ())
        if np.any(filled[index]):
            return []
        filled[index] = True
    return list(zip(v.args, v.params["keys"], strict=True)) if filled.all() else []


def _of_parts(v: Variable) -> Layout:
    axis = _axis(v, v.ndim)
    pieces: Layout = []
    start = 0
    if axis is None:
        return []
    for part in v.args[0]:
        end = start + part.shape[axis]
        is_expanded = part.name == "expand_dims" and _axis(part, v.ndim) == axis
        piece, place = (part.args[0], start) if is_expanded else (part, ("slice", start, end, None))
        pieces.append((piece, (*[("slice", None, None, None)] * axis, place)))
        start = end
    return pieces


def _axis(v: Variable, ndim: int) -> int | None:
    """The axis that an instruction names, counted from the first; None if it names several."""
    axis = v.args[1] if len(v.args) > 1 else v.params.get("axis", 0)
    axis = axis.data if isinstance(axis, Variable) else axis
    return axis % ndim if isinstance(axis, int) else None


def homes(layouts: Mapping[Variable, Layout], movable: X) -> dict[Variable, tuple[Variable, tuple[X, ...]]]:
    """The whole array, and the place in it, into which each piece is calculated; a piece of several goes to the first.

    `movable` says whether a variable can be calculated into a given place.
    """
    found: dict[Variable, tuple[Variable, tuple[X, ...]]] = {}
    for whole, pieces in layouts.items():
        for piece, key in pieces:
            if piece not in found and movable(piece):
                found[piece] = whole, key
    return found


def key_text(key: Sequence[X]) -> str:
    """A static index as it stands between brackets."""
    return ", ".join(map(_place_text, key)) or "()"


def _place_text(k: X) -> str:
    if isinstance(k, tuple):
        start, stop, step = ("" if i is None else str(i) for i in k[1:])
        return f"{start}:{stop}" + f":{step}" * bool(step)
    return str(k)
