"""Shapes, moves and indices by PyTorch's own functions."""

from __future__ import annotations

from math import prod

import numpy as np
import torch

from autograd.namespaces.arrays import assemble
from autograd.namespaces.standard import Standard
from autograd.namespaces.standard_shapes import axes_in, axes_of, lengths_of
from autograd.typing import Axis, X

__all__ = ["TorchShapes"]

Tensor = torch.Tensor


class TorchShapes(Standard):
    """Functions that change a shape, move, copy, drop or join elements of PyTorch's tensors, or add them up."""

    # ---- shapes ----

    def broadcast_to(self, x: X, shape: tuple[int, ...]) -> X:
        """`x` in a shape that it broadcasts to."""
        return x.expand(shape)

    def sum_like(self, x: X, like: X) -> X:
        """`x` summed down to the shape of `like`, in its dtype and kind: what undoes broadcasting."""
        if isinstance(x, Tensor) and isinstance(like, Tensor):
            if x.shape == like.shape:
                return x.to(like.dtype)
            if like.ndim == 0:
                return torch.sum(x, dtype=like.dtype)
            if x.ndim == 2 and like.ndim == 1 and x.shape[1:] == like.shape:
                return torch.sum(x, 0, dtype=like.dtype)  # a bias in a minibatch
        return super().sum_like(x, like)

    def reshape(self, x: X, shape: int | tuple[int, ...]) -> X:
        """`x` in another shape with as many elements; one length may be -1."""
        return torch.reshape(x, (shape,) if isinstance(shape, int) else tuple(shape))

    def transpose(self, x: X, axes: tuple[int, ...] | None = None) -> X:
        """`x` with its axes in reverse, or in the order of `axes`."""
        return x.permute(tuple(range(x.ndim))[::-1] if axes is None else axes)

    def swapaxes(self, x: X, axis1: int, axis2: int) -> X:
        """`x` with two axes interchanged."""
        return x.transpose(axis1, axis2)

    def expand_dims(self, x: X, axis: int | tuple[int, ...]) -> X:
        """`x` with new axes of length 1."""
        return (
            torch.unsqueeze(x, axis)
            if isinstance(axis, int) and isinstance(x, Tensor)
            else super().expand_dims(x, axis)
        )

    def concatenate(self, arrays: X, axis: int = 0) -> X:
        """The tensors one after the other."""
        return torch.cat(self.matched(*arrays), axis)

    def flip(self, x: X, axis: Axis = None) -> X:
        """`x` in reverse order along all axes, or along `axis`."""
        return torch.flip(x, axes_of(x, axis))

    def roll(self, x: X, shift: X, axis: Axis = None) -> X:
        """`x` with its elements shifted, the last to the front."""
        if isinstance(shift, int) and isinstance(axis, tuple):
            shift = (shift,) * len(axis)
        if isinstance(shift, tuple) and not isinstance(axis, tuple):
            shift, axis = (sum(shift), None) if axis is None else (shift, (axis,) * len(shift))
        return torch.roll(x, shift, axis)

    def tril(self, x: X, k: int = 0) -> X:
        """The lower triangle, zeros above."""
        return torch.tril(x, k) if x.ndim > 1 else self.moved("tril", x, k)

    def triu(self, x: X, k: int = 0) -> X:
        """The upper triangle, zeros below."""
        return torch.triu(x, k) if x.ndim > 1 else self.moved("triu", x, k)

    def diagonal(self, x: X, offset: int = 0, axis1: int = 0, axis2: int = 1) -> X:
        """The diagonals, along a new last axis."""
        return torch.diagonal(x, offset, axis1, axis2)

    def taken(self, x: X, places: X) -> X:
        """The elements along the last axis at places, a vector."""
        return torch.index_select(x, -1, self.positions(places, x))

    def positions(self, places: X, like: X) -> X:
        """Places as a tensor of the integers that PyTorch's indices are; bools stay."""
        found = places if isinstance(places, Tensor) else self.entered(places, like)
        return found if found.dtype in (torch.bool, torch.int64) else found.to(torch.int64)

    def added(self, g: X, places: X, n: int) -> X:
        """Zeros along a last axis of length n, with the elements of `g` along its last axis added at places."""
        zeros = torch.zeros((*g.shape[:-1], n), dtype=g.dtype, device=g.device)
        return torch.index_add(zeros, -1, self.positions(places, g).reshape(-1), g)

    # ---- indices ----

    def getitem(self, x: X, *indices: X, key: tuple[X, ...]) -> X:
        """``x[key]``, with the arrays of the key as arguments."""
        index = self._index(x, indices, key)
        if any(isinstance(k, slice) and (k.step or 1) < 0 for k in index):
            x, index = _forwards(x, index)
        return _at(x, index) if "..." in key and indices else x[index]

    def _index(self, like: X, indices: tuple[X, ...], key: tuple[X, ...]) -> tuple[X, ...]:
        """A key with its arrays, as PyTorch takes them."""
        if not indices:
            return assemble(key, ())
        marks = [k for k in key if k == "array" or (isinstance(k, tuple) and k[0] == "part")]
        pairs = zip(marks, indices, strict=True)
        given = (self.positions(i, like) if k == "array" else self.read(i).tolist() for k, i in pairs)
        return _with_numbers_apart(assemble(key, tuple(given)), like)

    def scatter_like(self, g: X, like: X, *indices: X, key: tuple[X, ...]) -> X:
        """Zeros in the shape of `like`, with `g` added at an index; places named twice receive both."""
        shape = lengths_of(like)
        zeros = torch.zeros(shape, dtype=g.dtype, device=g.device)
        index = self._index(g, indices, key)
        tensors = [k for k in index if isinstance(k, Tensor)]
        if not tensors and not any(isinstance(k, slice) and (k.step or 1) < 0 for k in index):
            zeros[index] = g  # nobody has seen these zeros yet
            return zeros
        if len(index) == 1 and tensors and tensors[0].dtype is not torch.bool:
            rows = torch.where(tensors[0] < 0, tensors[0] + shape[0], tensors[0])
            rest = shape[1:]
            g = g.expand((*rows.shape, *rest)).reshape(rows.numel(), *rest)
            return torch.index_add(zeros, 0, rows.reshape(-1), g)
        n = prod(shape)
        places = self.getitem(torch.arange(n, device=g.device).reshape(shape), *indices, key=key)
        return self.added(g.expand(places.shape).reshape(-1), places.reshape(-1), n).reshape(shape)

    def pad_array(self, x: X, pad_width: X, mode: str = "constant") -> X:
        """`x` in a border of zeros, or of its own elements."""
        if mode != "constant":
            return self.moved("pad_array", x, pad_width, mode)
        pairs = np.broadcast_to(np.array(pad_width), (x.ndim, 2)).tolist()
        return torch.nn.functional.pad(x, [n for pair in reversed(pairs) for n in pair])

    def put_back(self, g: X, like: X, how: str = "flip", given: X = ()) -> X:
        """Zeros in the shape of `like`, with `g` added where the function `how` took such an array's elements from."""
        if how == "pad_array" and (len(given) < 2 or given[1] == "constant"):
            pairs = np.broadcast_to(np.array(given[0]), (g.ndim, 2)).tolist()
            return g[tuple(slice(a, a + n) for n, (a, _) in zip(lengths_of(like), pairs, strict=True))]
        return super().put_back(g, like, how, given)


def _at(x: X, index: tuple[X, ...]) -> X:
    """``x[index]``, where an ellipsis also parts arrays if it stands for no axis: PyTorch passes over such a one."""
    masks = sum(k.ndim - 1 for k in index if isinstance(k, Tensor) and k.dtype is torch.bool)
    i = next(i for i, k in enumerate(index) if k is ...)
    arrays = [j for j, k in enumerate(index) if isinstance(k, Tensor)]
    if sum(k is not None for k in index) + masks - 1 < x.ndim or not arrays or not arrays[0] < i < arrays[-1]:
        return x[index]
    chosen = max(1 if index[j].dtype is torch.bool else index[j].ndim for j in arrays)
    kept = sum(k is None or isinstance(k, slice) for k in index[:i])
    return x[(*index[:i], None, *index[i + 1 :])].squeeze(chosen + kept)


def _with_numbers_apart(index: tuple[X, ...], like: X) -> tuple[X, ...]:
    """An index of which numbers are vectors if a slice parts them from arrays: PyTorch drops their axes beforehand.

    NumPy counts a number among the arrays, whose axes come first if a slice is between them, as in ``x[0, :, places]``.
    """
    chosen = [i for i, k in enumerate(index) if isinstance(k, (int, Tensor))]
    if all(isinstance(index[i], int) or not index[i].ndim for i in chosen) or chosen[-1] - chosen[0] < len(chosen):
        return index
    return tuple(
        torch.full((1,), k, dtype=torch.int64, device=like.device)
        if isinstance(k, int)
        else k.reshape(1)
        if isinstance(k, Tensor) and not k.ndim
        else k
        for k in index
    )


def _forwards(x: X, index: tuple[X, ...]) -> tuple[X, tuple[X, ...]]:
    """A tensor and an index without slices that go backwards, which PyTorch has not: their axes are reversed."""
    reversed_axes, found = [], []
    for k, axis in axes_in(index, x.ndim):
        if isinstance(k, slice) and (k.step or 1) < 0:
            places = range(*k.indices(x.shape[axis]))
            last = x.shape[axis] - 1
            reversed_axes.append(axis)
            k = slice(last - places[0], last - places[-1] + 1, -places.step) if places else slice(0, 0)
        found.append(k)
    return torch.flip(x, reversed_axes), tuple(found)
