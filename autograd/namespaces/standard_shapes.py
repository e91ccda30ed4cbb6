"""Shapes, and what only moves elements, over a module of the array API standard.

What moves elements is one gather, at places that NumPy's own function of that name computes from the shape; its
derivative adds elements up at those places, which is a gather too: that of the sources of each place.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from autograd.namespaces import arrays
from autograd.namespaces.standard_elementwise import Elementwise
from autograd.typing import Axis, Function, Native, X

__all__ = ["Shapes", "axes_in", "axes_of", "lengths_of", "slice_at"]

Key = tuple[X, ...]


class Shapes(Elementwise):
    """Functions that change a shape, move, copy, drop or join elements, or add them up at places."""

    # ---- broadcasting, and what undoes it ----

    def broadcast_to(self, x: X, shape: tuple[int, ...]) -> X:
        """`x` in a shape that it broadcasts to."""
        return self.module.broadcast_to(x, shape)

    def broadcast_like(self, x: X, like: X) -> X:
        """`x` in the shape, and kind (float or array) of `like`; if that has floats, in its dtype."""
        if not isinstance(like, self.natives):
            return x if isinstance(x, self.natives) and self.traced(x) else float(x)
        if not isinstance(x, self.natives):
            x = self._number_like(x, like)
        if x.dtype != like.dtype and self.is_float(like):
            x = self.cast(x, like.dtype)
        return x if x.shape == like.shape else self.broadcast_to(x, lengths_of(like))

    def _number_like(self, x: X, like: X) -> X:
        if isinstance(x, (int, float)) and self.is_float(like):
            return self.filled((), x, like, like.dtype)
        return self.asarray_like(x, like)

    def sum_like(self, x: X, like: X) -> X:
        """`x` summed down to the shape of `like`, in its dtype and kind (float or array): it undoes broadcasting."""
        if not isinstance(like, self.natives):
            if not isinstance(x, self.natives):
                return float(np.sum(x))
            total = self.sum(x)
            return total if self.traced(total) else float(total)
        if not isinstance(x, self.natives):
            x = self._number_like(x, like)
        shape, goal = lengths_of(x), lengths_of(like)
        if shape != goal:
            axes = arrays.broadcast_axes(shape, goal)
            x = self.sum(x, axes, True) if axes else x
            x = self.reshape(x, lengths_of(x)[len(shape) - len(goal) :]) if len(shape) > len(goal) else x
            if lengths_of(x) != goal:
                raise ValueError(f"shape {shape} does not come from broadcasting {goal}")
        return self.cast(x, like.dtype)

    # ---- axes ----

    def reshape(self, x: X, shape: int | tuple[int, ...]) -> X:
        """`x` in another shape with as many elements; one length may be -1."""
        return self.module.reshape(x, (shape,) if isinstance(shape, int) else tuple(shape))

    def reshape_like(self, x: X, like: X) -> X:
        """`x` in the shape of `like`."""
        return self.reshape(x, lengths_of(like))

    def transpose(self, x: X, axes: tuple[int, ...] | None = None) -> X:
        """`x` with its axes in reverse, or in the order of `axes`."""
        return self.module.permute_dims(x, tuple(range(x.ndim))[::-1] if axes is None else axes_of(x, axes))

    def swapaxes(self, x: X, axis1: int, axis2: int) -> X:
        """`x` with two axes interchanged."""
        order = list(range(x.ndim))
        order[axis1], order[axis2] = order[axis2], order[axis1]
        return self.transpose(x, tuple(order))

    def moveaxis(self, x: X, source: X, destination: X) -> X:
        """`x` with axes moved to other places; the rest keep their order."""
        return self.module.moveaxis(x, source, destination)

    def expand_dims(self, x: X, axis: int | tuple[int, ...]) -> X:
        """`x` with new axes of length 1."""
        if not isinstance(x, self.natives):
            return np.expand_dims(x, axis)
        return self.reshape(x, np.expand_dims(np.broadcast_to(0.0, lengths_of(x)), axis).shape)

    def squeeze(self, x: X, axis: Axis = None) -> X:
        """`x` without axes of length 1."""
        return self.reshape(x, np.squeeze(np.broadcast_to(0.0, lengths_of(x)), axis).shape)

    # ---- joining ----

    def concatenate(self, arrays: X, axis: int = 0) -> X:
        """The arrays one after the other."""
        return self.module.concat(list(self.matched(*arrays)), axis=axis)

    def bounds(self, *arrays: X, axis: int = 0) -> X:
        """Where each of the arrays begins, and the last ends: an array of NumPy's, for indices have to be known."""
        return np.cumsum([0, *(lengths_of(a)[axis] for a in arrays)])

    # ---- moving ----

    def places(self, how: str, shape: tuple[int, ...], given: X, named: Native = None) -> X:
        """The place that each element of the result of a moving function comes from, from 1 on; 0 where it fills in."""
        function: Function = getattr(arrays, how)
        return function(np.arange(1, prod(shape) + 1).reshape(shape), *given, **(named or {}))

    def moved(self, how: str, x: X, *given: X, **named: X) -> X:
        """The elements of `x` where a function of NumPy's moves them to, with zeros where it fills in."""
        places = self.places(how, lengths_of(x), given, named)
        row = self.concatenate([self.filled((1,), 0, x, x.dtype), self.reshape(x, -1)])
        return self.reshape(self.taken(row, places.ravel()), places.shape)

    def taken(self, x: X, places: X) -> X:
        """The elements along the last axis at places, a vector."""
        return self.module.take(x, self.entered(places, x), axis=-1)

    def added(self, g: X, places: X, n: int) -> X:
        """Zeros along a last axis of length n, with the elements of `g` along its last axis added at places."""
        places = np.ravel(self.read(places))
        order = np.argsort(places, kind="stable")
        counts = np.bincount(places, minlength=n)
        sources = np.zeros((n, max(counts.max(initial=0), 1)), int)
        nth = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        sources[places[order], nth] = order + 1
        zero = self.filled((*lengths_of(g)[:-1], 1), 0, g, g.dtype)
        found = self.taken(self.concatenate([zero, g], -1), sources.ravel())
        return self.cast(self.sum(self.reshape(found, (*lengths_of(g)[:-1], *sources.shape)), -1), g.dtype)

    def put_back(self, g: X, like: X, how: str = "flip", given: X = ()) -> X:
        """Zeros in the shape of `like`, with `g` added where the function `how` took such an array's elements from."""
        shape = lengths_of(like)
        places = self.places(how, shape, given)
        return self.reshape(self.added(self.reshape(g, -1), places.ravel(), prod(shape) + 1)[1:], shape)

    def flip(self, x: X, axis: Axis = None) -> X:
        """`x` in reverse order along all axes, or along `axis`."""
        return self.module.flip(x, axis=axis)

    def roll(self, x: X, shift: X, axis: Axis = None) -> X:
        """`x` with its elements shifted, the last to the front."""
        if isinstance(shift, int) and isinstance(axis, tuple):
            shift = (shift,) * len(axis)
        if isinstance(shift, tuple) and not isinstance(axis, tuple):
            shift, axis = (sum(shift), None) if axis is None else (shift, (axis,) * len(shift))
        return self.module.roll(x, shift, axis=axis)

    def tril(self, x: X, k: int = 0) -> X:
        """The lower triangle, zeros above."""
        return self.module.tril(x, k=k) if x.ndim > 1 else self.moved("tril", x, k)

    def triu(self, x: X, k: int = 0) -> X:
        """The upper triangle, zeros below."""
        return self.module.triu(x, k=k) if x.ndim > 1 else self.moved("triu", x, k)

    # ---- indices ----

    def getitem(self, x: X, *indices: X, key: Key) -> X:
        """``x[key]``, with the arrays of the key as arguments."""
        if "array" not in key:
            bounds = tuple(self.read(i) for i in indices)
            return x[_within(arrays.assemble(key, bounds), lengths_of(x))]
        places = self._places_at(x, indices, key)
        return self.reshape(self.taken(self.reshape(x, -1), places.ravel()), places.shape)

    def _places_at(self, like: X, indices: Key, key: Key) -> X:
        """The places that an index chooses of an array in the shape of `like`, counted through all of it."""
        index = arrays.assemble(key, tuple(map(self.read, indices)))
        shape = lengths_of(like)
        return np.asarray(np.arange(prod(shape)).reshape(shape)[index])

    def scatter_like(self, g: X, like: X, *indices: X, key: Key) -> X:
        """Zeros in the shape of `like`, with `g` added at an index; places named twice receive both."""
        shape = lengths_of(like)
        places = self._places_at(like, indices, key)
        g = self.reshape(self.broadcast_to(g, places.shape), -1)
        return self.reshape(self.added(g, places.ravel(), prod(shape)), shape)

    def pieces(self, *gs: X, keys: X, shape: tuple[int, ...]) -> X:
        """Zeros in that shape, with each of the arrays added at its index."""
        zeros = self.filled(shape, 0, gs[0], gs[0].dtype)
        for g, key in zip(gs, keys, strict=True):
            zeros = zeros + self.scatter_like(g, zeros, key=key)
        return zeros


def _moving(name: str) -> Function:
    def function(self: X, x: X, *given: X, **named: X) -> X:
        return self.moved(name, x, *given, **named)

    function.__name__ = function.__qualname__ = name
    return function


for _name in ("diag", "diagonal", "pad_array", "repeat", "rot90", "tile"):
    setattr(Shapes, _name, _moving(_name))


def lengths_of(x: X) -> tuple[int, ...]:
    """The shape of an array of any library; of a number none."""
    return tuple(getattr(x, "shape", ()))


def axes_of(x: X, axis: X) -> tuple[int, ...]:
    """Axes, counted from the front; None stands for all."""
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    for k in axes:
        if not -x.ndim <= k < x.ndim:
            raise np.exceptions.AxisError(k, x.ndim)
    return tuple(k % x.ndim for k in axes)


def slice_at(axis: int, *bounds: int | None) -> Key:
    """An index that takes a slice of an axis, counted from the front, and the others whole."""
    return (*(slice(None),) * axis, slice(*bounds), ...)


def axes_in(index: Key, rank: int) -> Iterator[tuple[X, int]]:
    """The parts of an index, each with the first axis that it is for; conditions take as many as they have."""
    taken = [0 if k is None or k is ... else k.ndim if "bool" in str(getattr(k, "dtype", "")) else 1 for k in index]
    axis = 0
    for k, n in zip(index, taken, strict=True):
        yield k, axis
        axis += rank - sum(taken) if k is ... else n


def _within(index: Key, shape: tuple[int, ...]) -> Key:
    """An index of integers and slices as the standard takes it: its slices end within, and no axis is left out."""
    parts: list[X] = []
    for k, axis in axes_in(index, len(shape)):
        if isinstance(k, slice):
            start, stop, step = k.indices(shape[axis])
            k = slice(start, None if stop < 0 else stop, step) if range(start, stop, step) else slice(0, 0)
        parts.append(k)
    return tuple(parts) if ... in parts else (*parts, ...)
