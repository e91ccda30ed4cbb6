"""Reductions, running sums, order and search, over a module of the array API standard."""

from __future__ import annotations

from math import prod

import numpy as np

from autograd.namespaces.standard_shapes import Shapes, axes_of, lengths_of, slice_at
from autograd.typing import Axis, Function, X

__all__ = ["Reductions"]


class Reductions(Shapes):
    """Functions that bring many elements into one, or into an order."""

    def summable(self, x: X) -> X:
        """An array of bools as one of integers, as NumPy counts them; another as it is."""
        return self.cast(x, self.module.int64) if self.module.isdtype(x.dtype, "bool") else x

    def sum(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The sum; of bools, how many there are."""
        if not isinstance(x, self.natives):
            return float(np.sum(x))
        return self.module.sum(self.summable(x), axis=axis, keepdims=keepdims)

    def prod(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The product."""
        return self.module.prod(self.summable(x), axis=axis, keepdims=keepdims)

    def max(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The largest; nan if one is nan."""
        return self.module.max(x, axis=axis, keepdims=keepdims)

    def min(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The smallest; nan if one is nan."""
        return self.module.min(x, axis=axis, keepdims=keepdims)

    def count(self, x: X, axis: Axis = None) -> int:
        """The number of elements, or of those along `axis`."""
        return prod(lengths_of(x)[k] for k in axes_of(x, axis)) if lengths_of(x) or axis is not None else 1

    def var(self, x: X, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
        """The variance."""
        x = self.as_float(x)
        centred = x - self.sum(x, axis, True) / self.count(x, axis)
        return self.sum(centred * centred, axis, keepdims) / max(self.count(x, axis) - ddof, 0)

    def std(self, x: X, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
        """The standard deviation, without overflow."""
        return self._of_squares(lambda v: self.sqrt(self.var(v, axis, ddof, True)), x, axis, keepdims)

    def norm(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The Euclidean norm, without overflow."""
        return self._of_squares(lambda v: self.sqrt(self.sum(v * v, axis, True)), x, axis, keepdims)

    def _of_squares(self, root: Function, x: X, axis: Axis, keepdims: bool) -> X:
        """The root of a sum of squares of the elements in units of the largest."""
        x = self.as_float(x)
        if 0 in lengths_of(x):
            length = root(x)
        else:
            top = self.max(self.abs(x), axis, True)
            unit = self.where(self.logical_and(top > 0, self.isfinite(top)), top, 1.0)
            length = root(x / unit) * unit
        return length if keepdims else self.sum(length, axis)  # of one element: drops the axes

    # ---- running sums and products ----

    def cumsum(self, x: X, axis: int | None = None) -> X:
        """The sums of the first 1, 2, 3, ... elements."""
        x, k = self._along(x, axis)
        return self.module.cumulative_sum(self.summable(x), axis=k)

    def cumprod(self, x: X, axis: int | None = None) -> X:
        """The products of the first 1, 2, 3, ... elements."""
        x, k = self._along(x, axis)
        return self.module.cumulative_prod(self.summable(x), axis=k)

    def _along(self, x: X, axis: int | None) -> tuple[X, int]:
        """An array and one of its axes; without one, all elements in a row."""
        return (self.reshape(x, -1), 0) if axis is None or x.ndim == 0 else (x, axes_of(x, axis)[0])

    def prod_of_others(self, x: X, axis: Axis = None) -> X:
        """For each element the product of the others, all or those along `axis`: of what is left and right of it."""
        if not lengths_of(x):
            return self.zeros_like(x) + 1
        axes = axes_of(x, axis)
        order = (*(k for k in range(x.ndim) if k not in axes), *axes)
        moved = self.transpose(x, order)
        rows = self.reshape(moved, (*lengths_of(moved)[: x.ndim - len(axes)], self.count(x, axes)))
        if 0 in lengths_of(rows):
            return self.zeros_like(x)
        one = self.zeros_like(rows[..., :1]) + 1
        left = self.concatenate([one, self.cumprod(rows[..., :-1], -1)], -1)
        right = self.flip(self.concatenate([one, self.cumprod(self.flip(rows, -1)[..., :-1], -1)], -1), -1)
        back = tuple(int(i) for i in np.argsort(order))
        return self.transpose(self.reshape(left * right, lengths_of(moved)), back)

    def recurrence(self, a: X, x: X, axis: int = 0) -> X:
        """The numbers sₖ = aₖ + xₖ·sₖ₋₁ along an axis, one after the other."""
        shape = np.broadcast_shapes(lengths_of(a), lengths_of(x))
        a, x = self.broadcast_to(a, shape), self.broadcast_to(x, shape)
        k = axes_of(a, axis)[0]
        parts: list[X] = []
        for i in range(shape[k]):
            at = slice_at(k, i, i + 1)
            parts.append(a[at] + x[at] * parts[-1] if parts else a[at])
        return self.concatenate(parts, k) if parts else a

    # ---- order ----

    def argmax(self, x: X, axis: int | None = None, keepdims: bool = False) -> X:
        """The place of the largest element; the first, if there are several."""
        return self.module.argmax(self.summable(x), axis=axis, keepdims=keepdims)

    def argmin(self, x: X, axis: int | None = None, keepdims: bool = False) -> X:
        """The place of the smallest element; the first, if there are several."""
        return self.module.argmin(self.summable(x), axis=axis, keepdims=keepdims)

    def argsort(self, x: X, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
        """The places of the elements in ascending order; equal ones keep their order."""
        x, k = self._along(x, axis)
        return self.module.argsort(self.summable(x), axis=k, stable=True)

    def argpartition(self, x: X, kth: X, axis: int | None = -1) -> X:
        """The places that put the `kth` smallest elements where an order has them: an order does."""
        return self.argsort(x, axis)

    def searchsorted(self, a: X, v: X, side: str = "left") -> X:
        """The places at which `v` goes into the sorted vector `a`."""
        a, v = self.matched(a, v)
        return self.reshape(self.module.searchsorted(a, self.reshape(v, -1), side=side), lengths_of(v))

    def flatnonzero(self, x: X) -> X:
        """The places of the elements that are not 0, counted through all."""
        return self.module.nonzero(self.reshape(x, -1))[0]

    def unique(self, x: X, index: bool = False, inverse: bool = False, counts: bool = False) -> tuple[X, ...]:
        """The different elements in ascending order, and their first places, their inverse or their numbers."""
        asked = enumerate((True, index, inverse, counts))
        return tuple(self.on_host("unique_parts", x, k) for k, wanted in asked if wanted)

    def of_numpy(self, name: str, args: tuple[X, ...]) -> X:
        """NumPy's function of that name; of ``unique``, one of its results."""
        if name == "unique_parts":
            return np.unique(self.to_numpy(args[0]), True, True, True)[args[1]]
        return super().of_numpy(name, args)

    def take_along(self, x: X, places: X, axis: int) -> X:
        """The elements at places along an axis, which match the array along the others."""
        return self.module.take_along_axis(x, places, axis=axis)

    def middle(self, x: X, axis: int = -1) -> X:
        """The places of the one or two middle elements along an axis; where one is nan, its own."""
        k = axes_of(x, axis)[0]
        order, n = self.argsort(x, k), lengths_of(x)[k]
        found = order[slice_at(k, (n - 1) // 2, n // 2 + 1)]
        last = order[slice_at(k, n - 1, n)]
        return self.where(self.isnan(self.take_along(x, last, k)), last, found)

    def one_hot_masks(self, x: X, axis: Axis = None) -> X:
        """Masks in the shape of `x`, along a new first axis: one for each element, or each along `axis`."""
        shape = lengths_of(x)
        axes = axes_of(x, axis) if shape else ()
        lengths = tuple(n if k in axes else 1 for k, n in enumerate(shape))
        count = prod(lengths)
        masks = np.eye(count, dtype=bool).reshape(count, *lengths)
        return self.broadcast_to(self.entered(masks, x), (count, *shape))
