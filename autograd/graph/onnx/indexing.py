"""Functions that move, pick and put elements, in ONNX's operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from math import prod

import numpy as np

from autograd.engine.node import NO_PARAMS
from autograd.graph.onnx.writer import Variable, Writer
from autograd.namespaces import arrays
from autograd.typing import Array, Axis, Function, Params, X

__all__ = ["INDEXING", "added", "ints", "over"]

_FIRST, _LAST = -(2**62), 2**62  # behind either end


def ints(*numbers: int) -> Array:
    """A vector of integers, as operators take shapes and axes."""
    return np.array(numbers, np.int64)


def over(x: Variable, axis: Axis) -> tuple[X, ...]:
    """The axes as an operand of a reduction; none for all of them."""
    return () if axis is None or x.ndim == 0 else (ints(*(axis if isinstance(axis, tuple) else (axis,))),)


# ---- shapes ----


def _reshape(w: Writer, y: Array, x: Variable, shape: X) -> Variable:
    lengths = shape if isinstance(shape, tuple) else (shape,)
    lengths = y.shape if 0 in y.shape else lengths
    if (lengths == (-1,) and x.ndim == 1) or (-1 not in lengths and x.shape == y.shape):
        return x
    return w.call("Reshape", x, ints(*lengths), like=y, **({"allowzero": 1} if 0 in y.shape else {}))


def _broadcast(w: Writer, y: Array, x: X, shape: X) -> X:
    x = w.cast(x, y.dtype)
    if x.shape == y.shape or not y.size:  # to no elements onnxruntime does not expand
        return x if x.shape == y.shape else Variable(w, y)
    return w.call("Expand", x, ints(*y.shape), like=y)


def _sum_like(w: Writer, y: Array, x: Variable, like: X) -> X:
    axes = arrays.broadcast_axes(x.shape, y.shape)
    return w.reshape(w.sum(x, axes, True) if axes else x, y.shape)


def _squeeze(w: Writer, y: Array, x: Variable, axis: Axis = None) -> Variable:
    axes = tuple(k for k, n in enumerate(x.shape) if n == 1) if axis is None else axis
    axes = axes if isinstance(axes, tuple) else (axes,)
    return w.call("Squeeze", x, ints(*axes), like=y) if axes and x.ndim else x


def _expand_dims(w: Writer, y: Array, x: Variable, axis: X) -> Variable:
    axes = axis if isinstance(axis, tuple) else (axis,)
    return w.call("Unsqueeze", x, ints(*axes), like=y) if axes else x


def _permuted(name: str) -> Function:
    def rule(w: Writer, y: Array, x: Variable, *args: X, **params: X) -> Variable:
        order = getattr(np, name)(np.empty(range(x.ndim)), *args, **params).shape  # an array whose lengths number them
        return x if order == tuple(range(x.ndim)) else w.call("Transpose", x, like=y, perm=list(order))

    return rule


# ---- moving ----


def _flip(w: Writer, y: Array, x: Variable, axis: Axis = None) -> X:
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    n = len(axes)
    return w.call("Slice", x, ints(*[-1] * n), ints(*[_FIRST] * n), ints(*axes), ints(*[-1] * n), like=y) if n else x


def _roll(w: Writer, y: Array, x: Variable, shift: X, axis: Axis = None) -> X:
    if axis is None:
        return w.reshape(w.roll(w.reshape(x, (-1,)), shift, 0), y.shape)
    for by, k in zip(*np.broadcast_arrays(np.atleast_1d(shift), axis), strict=True):
        if (n := x.shape[k]) and (cut := -int(by) % n):
            x = w.concatenate([_slice(w, x, int(k), cut, None), _slice(w, x, int(k), None, cut)], int(k))
    return x


def _slice(w: Writer, x: Variable, axis: int, start: int | None, stop: int | None) -> X:
    return _sliced(w, x, {axis % x.ndim: slice(start, stop)})


def _rot90(w: Writer, y: Array, x: Variable, k: int = 1, axes: tuple[int, int] = (0, 1)) -> X:
    if k % 4 in (0, 2):
        return w.flip(x, axes) if k % 4 else x
    return w.swapaxes(w.flip(x, axes[1]), *axes) if k % 4 == 1 else w.flip(w.swapaxes(x, *axes), axes[1])


def _triangle(upper: int) -> Function:
    def rule(w: Writer, y: Array, x: Variable, k: int = 0) -> X:
        x = w.broadcast_to(x, y.shape)
        return w.call("Trilu", x, np.asarray(k, np.int64), like=y, upper=upper)

    return rule


def _diagonal(w: Writer, y: Array, x: Variable, offset: int = 0, axis1: int = 0, axis2: int = 1) -> X:
    rows = w.moveaxis(x, (axis1, axis2), (-2, -1))
    n, m = rows.shape[-2:]
    return w.take(w.reshape(rows, (*rows.shape[:-2], n * m)), np.arange(n * m).reshape(n, m).diagonal(offset), -1)


def _moved(name: str) -> Function:
    """A function that moves elements, by what it does to their positions; 0 where it fills in."""

    def rule(w: Writer, y: Array, x: Variable, *args: X, **params: X) -> X:
        places = _positions(name, x.shape, args, params)
        if not x.size:
            return Variable(w, y)
        elements = w.take(w.reshape(x, (-1,)), np.maximum(places - 1, 0), 0)
        return elements if places.all() else w.where(places > 0, elements, np.zeros((), y.dtype))

    return rule


def _positions(name: str, shape: tuple[int, ...], args: X, params: Params = NO_PARAMS) -> Array:
    """The positions 1, 2, 3, ... of elements, moved by a function; 0 is where it fills in."""
    found: Array = getattr(arrays, name)(np.arange(1, prod(shape) + 1).reshape(shape), *args, **params)
    return found


def _pad(w: Writer, y: Array, x: Variable, pad_width: X, mode: str = "constant") -> X:
    widths = np.broadcast_to(np.array(pad_width, np.int64), (x.ndim, 2))
    short = all(max(pair) < n for pair, n in zip(widths, x.shape, strict=True))
    if mode in ("constant", "edge") or (mode == "reflect" and short):
        return w.call("Pad", x, widths.T.ravel(), like=y, mode=mode) if widths.any() else x
    for k, (n, pair) in enumerate(zip(x.shape, widths, strict=True)):
        x = w.take(x, np.pad(np.arange(n), pair, mode), k) if pair.any() else x  # type: ignore[call-overload]
    return x


def _tile(w: Writer, y: Array, x: Variable, reps: X) -> X:
    reps = reps if isinstance(reps, tuple) else (reps,)
    reps = (1,) * (x.ndim - len(reps)) + reps
    x = w.reshape(x, (1,) * (len(reps) - x.ndim) + x.shape)
    return w.call("Tile", x, ints(*reps), like=y) if reps else x


def _repeat(w: Writer, y: Array, x: Variable, repeats: X, axis: int | None = None) -> X:
    x = w.reshape(x, (-1,)) if axis is None or x.ndim == 0 else x
    if np.ndim(repeats) == 0 and not axis:  # the axis of samples, of which there may be any number
        return w.reshape(w.tile(w.expand_dims(x, 1), (1, repeats, *[1] * (x.ndim - 1))), y.shape)
    return w.take(x, np.repeat(np.arange(x.shape[axis or 0]), repeats), axis or 0)


def _concatenate(w: Writer, y: Array, parts: Sequence[X], axis: int = 0) -> X:
    if len(parts) == 1:
        return w.cast(parts[0], y.dtype)
    return w.call("Concat", *(w.cast(a, y.dtype) for a in parts), like=y, axis=axis)


# ---- picking and putting ----


def _take(w: Writer, y: Array, x: Variable, places: X, axis: int) -> Variable:
    return w.call("Gather", x, w.cast(places, np.int64), like=y, axis=axis)


def _take_along_axis(w: Writer, y: Array, x: Variable, places: X, axis: int) -> Variable:
    return w.call("GatherElements", x, w.cast(places, np.int64), like=y, axis=axis)


def _getitem(w: Writer, y: Array, x: Variable, *indices: Variable, key: tuple[X, ...]) -> X:
    parts = _parts(w, x, indices, key)
    if sum(not isinstance(p, slice) and p is not None for p in parts) > 1:
        parts = [q for p in parts for q in (_places_where(w, p) if _is_condition(p) else [p])]
    starts = [0, *accumulate(_width(p) for p in parts)]  # the axis at which each part begins, new ones counted
    at = list(zip(starts, parts, strict=False))
    if new := tuple(k for k, p in at if p is None):
        x = w.expand_dims(x, new)
    x = _sliced(w, x, {k: p for k, p in at if isinstance(p, slice) and p != slice(None)})
    chosen = {k: p for k, p in at if not isinstance(p, slice) and p is not None}
    if any(isinstance(p, Variable) for p in chosen.values()):
        return _by_one(w, x, *chosen.popitem()) if len(chosen) == 1 else _by_several(w, x, chosen)
    for k in reversed(chosen):
        x = w.take(x, np.asarray(chosen[k]), k)
    return x


def _parts(w: Writer, x: Variable, indices: tuple[Variable, ...], key: tuple[X, ...]) -> list[X]:
    """An index as a list: a slice, a number or an array for each axis (a condition for as many as it has), or None."""
    rest = iter(indices)
    parts: list[X] = []
    for k in key:
        if k == "array":
            parts.append(next(rest))
        elif isinstance(k, tuple):
            parts.append(slice(*(k[1:] if k[0] == "slice" else next(rest).data[k[1] : k[1] + 2].tolist())))
        else:
            parts.append(... if k == "..." else k)
    if any(_is_condition(p) and not p.ndim for p in parts):
        raise w.refusal("ONNX has no index that is a single condition")
    found = [isinstance(p, type(...)) for p in parts]
    place = found.index(True) if True in found else len(parts)
    others = parts[:place] + parts[place + 1 :]
    missing = x.ndim - sum(_width(p) for p in others if p is not None)
    return [*parts[:place], *[slice(None)] * missing, *parts[place + 1 :]]


def _is_condition(part: X) -> bool:
    return isinstance(part, Variable) and part.dtype == bool


def _width(part: X) -> int:
    """The number of axes that a part of an index is for."""
    ndim: int = part.ndim if _is_condition(part) else 1
    return ndim


def _places_where(w: Writer, condition: Variable) -> list[X]:
    """The places at which a condition holds, counted along each of its axes."""
    places = w.call("NonZero", condition, like=np.array(np.nonzero(condition.data), np.int64))
    return [w.take(places, np.asarray(k), 0) for k in range(condition.ndim)]


def _sliced(w: Writer, x: Variable, slices: Mapping[int, slice]) -> Variable:
    """An array with slices of some axes."""
    if not slices:
        return x
    y = x.data[tuple(slices.get(k, slice(None)) for k in range(x.ndim))]
    back = [(s.step or 1) < 0 for s in slices.values()]
    starts = [(_LAST if b else 0) if s.start is None else s.start for s, b in zip(slices.values(), back, strict=True)]
    stops = [(_FIRST if b else _LAST) if s.stop is None else s.stop for s, b in zip(slices.values(), back, strict=True)]
    steps = [s.step or 1 for s in slices.values()]
    return w.call("Slice", x, ints(*starts), ints(*stops), ints(*slices), ints(*steps), like=y)


def _by_one(w: Writer, x: Variable, axis: int, index: Variable) -> X:
    """The elements at an array of integers, or where a condition holds."""
    if not _is_condition(index):
        return w.take(x, index, axis)
    behind = axis + index.ndim
    x = w.reshape(x, (*x.shape[:axis], index.size, *x.shape[behind:])) if index.ndim > 1 else x
    chosen = w.reshape(index, (-1,))
    return w.call("Compress", x, chosen, like=np.compress(chosen.data, x.data, axis), axis=axis)


def _by_several(w: Writer, x: Variable, chosen: Mapping[int, X]) -> X:
    """The elements at arrays and numbers, which broadcast: by their axes, moved to the front, and then into place."""
    places = [w.cast(p if isinstance(p, Variable) else Variable(w, p), np.int64) for p in chosen.values()]
    shape = np.broadcast_shapes(*(p.data.shape for p in places))
    sized = next((p for p in places if p.is_sized_by_values and p.data.shape == shape), None)
    lengths = ints(*shape) if sized is None else w.call("Shape", sized, like=ints(*shape))
    alike = [
        p if p.data.shape == shape else w.call("Expand", p, lengths, like=np.broadcast_to(p.data, shape))
        for p in places
    ]
    columns = [w.expand_dims(p, -1) for p in alike]
    at = tuple(chosen)
    rows, where = w.moveaxis(x, at, tuple(range(len(at)))), w.concatenate(columns, -1)
    found = w.call("GatherND", rows, where, like=rows.data[tuple(np.moveaxis(where.data, -1, 0))])
    if at[-1] - at[0] >= len(at):  # apart: NumPy leaves them in front
        return found
    made = tuple(range(len(shape)))
    return w.moveaxis(found, made, tuple(k + at[0] for k in made))


def _scatter_like(w: Writer, y: Array, x: Variable, like: X, *indices: X, key: tuple[X, ...]) -> X:
    places = w.getitem(Variable(w, np.arange(y.size).reshape(y.shape)), *indices, key=key)
    return added(w, y, x, places)


def _put_back(w: Writer, y: Array, x: Variable, like: X, how: str, given: X = ()) -> X:
    places = _positions(how, y.shape, given)
    spare = np.zeros(y.size + 1, y.dtype)  # for what was filled in
    return w.reshape(_slice(w, added(w, spare, x, places), 0, 1, None), y.shape)


def added(w: Writer, like: Array, x: X, places: X) -> X:
    """Zeros in the shape of an array, to which elements are added at places that are counted through it."""
    places = places if isinstance(places, Variable) else Variable(w, places)
    sums = np.zeros(like.size, like.dtype)
    np.add.at(sums, places.data.reshape(-1), x.data.reshape(-1))
    zeros = np.zeros(like.size, like.dtype)
    flat = w.reshape(w.cast(x, like.dtype), (-1,)), w.reshape(w.cast(places, np.int64), (-1,))
    total = w.call("ScatterElements", Variable(w, zeros), flat[1], flat[0], like=sums, axis=0, reduction="add")
    return w.reshape(total, like.shape)


# ---- searching ----


def _argsort(w: Writer, y: Array, x: Variable, axis: int | None = -1, kind: X = None, stable: X = None) -> X:
    row = w.reshape(x, (-1,)) if axis is None or x.ndim == 0 else x
    k = -1 if axis is None else axis
    return w.call("TopK", row, ints(row.shape[k]), like=y, output=1, axis=k, largest=0)


def _middle(w: Writer, y: Array, x: Variable, axis: int) -> X:
    """The places of the one or two middle elements; where there is a nan, which is last, its own."""
    order = w.argsort(x, axis)
    n = x.shape[axis]
    found, last = _slice(w, order, axis, (n - 1) // 2, n // 2 + 1), _slice(w, order, axis, -1, None)
    return w.where(w.isnan(w.take_along_axis(x, last, axis)), last, found)


def _searchsorted(w: Writer, y: Array, a: X, v: X, side: str = "left") -> X:
    """How many are smaller than each; a nan is larger than all numbers."""
    v = w.expand_dims(v, -1)
    before = a < v if side == "left" else a <= v
    if v.dtype.kind == "f":
        nan = w.isnan(v)
        before = w.logical_or(before, w.logical_and(nan, w.logical_not(w.isnan(a))) if side == "left" else nan)
    return w.sum(before, -1)


def _flatnonzero(w: Writer, y: Array, x: Variable) -> X:
    return _places_where(w, w.cast(w.reshape(x, (-1,)), bool))[0]


INDEXING: Mapping[str, Callable[..., X]] = {
    "argsort": _argsort, "broadcast_like": _broadcast, "broadcast_to": _broadcast, "concatenate": _concatenate,
    "diag": _moved("diag"), "diagonal": _diagonal, "expand_dims": _expand_dims, "flatnonzero": _flatnonzero,
    "flip": _flip, "getitem": _getitem, "middle": _middle, "moveaxis": _permuted("moveaxis"), "pad_array": _pad,
    "put_back": _put_back, "repeat": _repeat, "reshape": _reshape,
    "reshape_like": lambda w, y, x, like: w.reshape(x, y.shape),
    "roll": _roll, "rot90": _rot90, "scatter_like": _scatter_like, "searchsorted": _searchsorted, "squeeze": _squeeze,
    "sum_like": _sum_like, "swapaxes": _permuted("swapaxes"), "take": _take, "take_along_axis": _take_along_axis,
    "tile": _tile, "transpose": _permuted("transpose"), "tril": _triangle(0), "triu": _triangle(1),
}  # fmt: skip
