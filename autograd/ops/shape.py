"""Reductions, shapes, joining, and the matrix product."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, TypeVar

import numpy as np

from autograd.engine.node import Node, describe, short
from autograd.engine.op import primitive
from autograd.ops.arithmetic import XP, X, astype, mul

__all__ = [
    "array", "asarray", "broadcast_to", "concatenate", "dot", "expand_dims", "full", "matmul", "max", "mean", "min",
    "ndim", "reshape", "shape", "size", "squeeze", "stack", "sum", "swapaxes", "transpose", "zeros_like",
]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])
Axis = int | tuple[int, ...] | None


def kept(xp: XP, g: X, axis: Axis, keepdims: bool) -> X:
    """A reduction's result with its axes put back as ones, ready to meet the argument again; a number is so."""
    return g if keepdims or axis is None or ndim(g) == 0 else xp.expand_dims(g, axis)


@primitive("Σ")
def sum(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The sum over all elements, or along `axis`."""
    return xp.sum(x, axis=axis, keepdims=keepdims)


sum.defvjps(x=lambda xp, g, y, x, axis, keepdims: xp.broadcast_like(kept(xp, g, axis, keepdims), x))


@primitive("mean")
def mean(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The mean over all elements, or along `axis`."""
    return xp.sum(x, axis=axis, keepdims=keepdims) / xp.count(x, axis)


mean.defvjps(
    x=lambda xp, g, y, x, axis, keepdims: xp.broadcast_like(kept(xp, g, axis, keepdims) / xp.count(x, axis), x)
)


def _extremes(xp: XP, g: X, y: X, x: X, axis: Axis, keepdims: bool) -> X:
    chosen = xp.logical_or(x == kept(xp, y, axis, keepdims), x != x)  # nan is what a maximum of it and others is
    number = xp.sum(xp.broadcast_like(chosen, x), axis=axis, keepdims=True)
    return xp.where(chosen, kept(xp, g, axis, keepdims) / number, 0.0)


def _tied(xp: XP, x: X, extreme: X, axis: Axis) -> X:
    return xp.logical_and(x == extreme, xp.sum(x == extreme, axis=axis, keepdims=True) > 1)


@primitive("max")
def max(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The largest element, or the largest along `axis`."""
    return xp.max(x, axis=axis, keepdims=keepdims)


max.defvjps(x=_extremes)
max.convention(
    "x",
    lambda xp, x, axis, keepdims: _tied(xp, x, xp.max(x, axis=axis, keepdims=True), axis),
    None,
    "a tie shares the gradient equally",
    {((1.0, 3.0, 3.0),): (0.0, 0.5, 0.5), (((1.0, 2.0), (1.0, 0.0)), 0): ((0.5, 1.0), (0.5, 0.0))},
)


@primitive("min")
def min(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The smallest element, or the smallest along `axis`."""
    return xp.min(x, axis=axis, keepdims=keepdims)


min.defvjps(x=_extremes)
min.convention(
    "x",
    lambda xp, x, axis, keepdims: _tied(xp, x, xp.min(x, axis=axis, keepdims=True), axis),
    None,
    "a tie shares the gradient equally",
    {((4.0, 3.0, 3.0),): (0.0, 0.5, 0.5), (((1.0, 2.0), (1.0, 3.0)), 0): ((0.5, 1.0), (0.5, 0.0))},
)


@primitive("#", differentiable=False)
def count(xp: XP, x: X, /, axis: Axis = None) -> X:
    """The number of elements, or of those along `axis`; reads the shape only."""
    return xp.count(x, axis)


# The next three are what broadcasting and its undoing are made of. Each takes the shape of another node rather than a
# fixed one, so that a recorded gradient also holds where a condition later selects more or fewer elements.
@primitive("spread")
def broadcast_like(xp: XP, x: X, like: X) -> X:
    """`x` broadcast to the shape (and dtype and kind) of `like`."""
    return xp.broadcast_like(x, like)


broadcast_like.defvjps(x=lambda xp, g, y, x, like: xp.sum_like(g, x), like=None)


@primitive("Σ")
def sum_like(xp: XP, x: X, like: X) -> X:
    """`x` summed down to the shape (and dtype and kind) of `like`: what undoes a broadcast."""
    return xp.sum_like(x, like)


sum_like.defvjps(x=lambda xp, g, y, x, like: xp.broadcast_like(g, x), like=None)


@primitive("reshape")
def reshape_like(xp: XP, x: X, like: X) -> X:
    """`x` in the shape of `like`."""
    return xp.reshape_like(x, like)


reshape_like.defvjps(x=lambda xp, g, y, x, like: xp.reshape_like(g, x), like=None)


@primitive("zeros", differentiable=False)
def zeros_like(xp: XP, x: X) -> X:
    """Zeros in the shape of `x`."""
    return xp.zeros_like(x)


@primitive("spread")
def broadcast_to(xp: XP, x: X, /, shape: tuple[int, ...]) -> X:
    """`x` broadcast to `shape`."""
    return xp.broadcast_to(x, shape)


broadcast_to.shape_of = lambda x, shape: shape if isinstance(shape, tuple) else (shape,)
broadcast_to.defvjps(x=lambda xp, g, y, x, shape: xp.sum_like(g, x))


@primitive("reshape")
def reshape(xp: XP, x: X, /, shape: int | tuple[int, ...]) -> X:
    """`x` in another shape with as many elements; one length may be -1."""
    return xp.reshape(x, shape)


def _reshaped(x: tuple[int, ...], shape: int | tuple[int, ...]) -> tuple[int, ...]:
    lengths = shape if isinstance(shape, tuple) else (shape,)
    known = prod(n for n in lengths if n >= 0)
    if any(n < 0 for n in lengths):
        lengths = tuple(prod(x) // known if n < 0 else n for n in lengths) if known else x
    if prod(lengths) != prod(x):
        raise ValueError
    return lengths


reshape.shape_of = _reshaped
reshape.defvjps(x=lambda xp, g, y, x, shape: xp.reshape_like(g, x))


@primitive("squeeze")
def squeeze(xp: XP, x: X, /, axis: Axis = None) -> X:
    """`x` without its axes of length 1, or without those named."""
    return xp.squeeze(x, axis)


squeeze.defvjps(x=lambda xp, g, y, x, axis: xp.reshape_like(g, x))


@primitive("expand")
def expand_dims(xp: XP, x: X, /, axis: int | tuple[int, ...]) -> X:
    """`x` with new axes of length 1 at `axis`."""
    return xp.expand_dims(x, axis)


expand_dims.defvjps(x=lambda xp, g, y, x, axis: xp.reshape_like(g, x))


@primitive("ᵀ")
def transpose(xp: XP, x: X, /, axes: tuple[int, ...] | None = None) -> X:
    """`x` with its axes in reverse, or in the order of `axes`."""
    return xp.transpose(x, axes)


transpose.defvjps(
    x=lambda xp, g, y, x, axes: xp.transpose(g, None if axes is None else _inverse(axes)),
)


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort([a % len(axes) for a in axes]))


@primitive("ᵀ")
def swapaxes(xp: XP, x: X, /, axis1: int, axis2: int) -> X:
    """`x` with two axes interchanged."""
    return xp.swapaxes(x, axis1, axis2)


swapaxes.defvjps(x=lambda xp, g, y, x, axis1, axis2: xp.swapaxes(g, axis1, axis2))


@primitive("concat")
def join(xp: XP, *arrays: X, axis: int = 0) -> X:
    """The arrays one after the other along `axis`; users call :func:`concatenate`."""
    return xp.concatenate(arrays, axis)


def along(axis: int, place: Any) -> tuple[Any, ...]:
    """The static part of an index that has `place` at an axis, counted from either end, and all of the others."""
    whole = ("slice", None, None, None)
    return (*(whole,) * axis, place) if axis >= 0 else ("...", place, *(whole,) * (-axis - 1))


def _parts(xp: XP, g: X, y: X, *arrays: X, axis: int) -> list[X]:
    bounds = xp.bounds(*arrays, axis=axis)
    return [xp.getitem(g, bounds, key=along(axis, ("part", i))) for i in range(len(arrays))]


join.defvjps(arrays=_parts)


@primitive("bounds", differentiable=False)
def bounds(xp: XP, *arrays: X, axis: int = 0) -> X:
    """Where each of the arrays begins in their concatenation, and where the last ends."""
    return xp.bounds(*arrays, axis=axis)


def concatenate(arrays: Sequence[X], axis: int = 0) -> X:
    """The arrays one after the other along `axis`."""
    if axis is None:
        raise TypeError("concatenate: axis=None is not supported; give each array .reshape(-1) and axis=0")
    return join(*several("concatenate", arrays), axis=axis)


def span(axis: int, *bounds: int | None) -> tuple[slice, ...]:
    """An index that takes a slice of an axis, and all of those before and behind."""
    return (slice(None),) * axis + (slice(*bounds),)


@primitive("stack")
def layers(xp: XP, *arrays: X, axis: int = 0) -> X:
    """The arrays side by side along a new `axis`; users call :func:`stack`."""
    return xp.concatenate([xp.expand_dims(a, axis) for a in arrays], axis)


layers.defvjps(arrays=lambda xp, g, y, *arrays, axis: [xp.getitem(g, key=along(axis, i)) for i in range(len(arrays))])


def stack(arrays: Sequence[X], axis: int = 0) -> X:
    """The arrays (or numbers) side by side along a new `axis`."""
    arrays = several("stack", arrays)
    shapes = {shape(a): a for a in arrays}
    if len(shapes) > 1:
        met = ", ".join(describe(a) if isinstance(a, Node) else short(np.asarray(a)) for a in shapes.values())
        raise ValueError(f"stack({met}): what stands side by side has one shape")
    return layers(*arrays, axis=axis)


def array(object: Any, dtype: Any = None) -> X:
    """Nodes, numbers and arrays in nested lists as one array; with ``dtype=object`` as a matrix of scalars."""
    if dtype is not None and np.dtype(dtype).kind == "O":
        return np.array(object, dtype)
    if isinstance(object, (list, tuple)):
        joined = stack([x if isinstance(x, Node) else array(x) for x in object])
    else:
        joined = reshape(object, shape(object))
    return joined if dtype is None else astype(joined, dtype, copy=False)


def asarray(object: Any, dtype: Any = None) -> X:
    """Like :func:`array`; an array node is returned as it is."""
    return object if isinstance(object, Node) and object.ndim and dtype is None else array(object, dtype)


def full(shape: int | tuple[int, ...], fill_value: X) -> X:
    """An array of a shape filled with a number, which may be a node."""
    return broadcast_to(fill_value, (shape,) if isinstance(shape, int) else tuple(shape))


def constant_result(f: F) -> F:
    """Mark a function whose result is constant: no node, or one without a gradient."""
    f.differentiable = False  # type: ignore[attr-defined]
    return f


@constant_result
def shape(x: X) -> tuple[int, ...]:
    """The lengths of the axes: integers, not a node."""
    return x.shape if isinstance(x, Node) else np.shape(x)


@constant_result
def ndim(x: X) -> int:
    """The number of axes: an integer, not a node."""
    return len(shape(x))


@constant_result
def size(x: X, axis: int | None = None) -> int:
    """The number of elements, or of those along `axis`: an integer, not a node."""
    return prod(shape(x)) if axis is None else shape(x)[axis]


def several(name: str, arrays: Any) -> Sequence[X]:
    """The arrays in a list, at least one; else an error that names the function."""
    if not isinstance(arrays, (list, tuple, np.ndarray)) or len(arrays) == 0:
        raise TypeError(f"{name}: pass a list of at least one array, as in {name}([x, y])")
    return list(arrays)


@primitive("@")
def matmul(xp: XP, a: X, b: X) -> X:
    """The matrix product ``a @ b``, of vectors, matrices and stacks of matrices, as NumPy has it."""
    return xp.matmul(a, b)


def _matmul_a(xp: XP, g: X, y: X, a: X, b: X) -> X:
    if b.ndim == 1:
        return g * b if a.ndim == 1 else xp.expand_dims(g, -1) * b
    if a.ndim == 1:
        return xp.squeeze(b @ xp.expand_dims(g, -1), -1)
    return g @ xp.swapaxes(b, -1, -2)


def _matmul_b(xp: XP, g: X, y: X, a: X, b: X) -> X:
    if a.ndim == 1:
        return g * a if b.ndim == 1 else xp.expand_dims(a, -1) * xp.expand_dims(g, -2)
    if b.ndim == 1:
        return xp.squeeze(xp.swapaxes(a, -1, -2) @ xp.expand_dims(g, -1), -1)
    return xp.swapaxes(a, -1, -2) @ g


matmul.defvjps(a=_matmul_a, b=_matmul_b)


def dot(a: X, b: X) -> X:
    """NumPy's product: of numbers, of vectors and matrices, of the last axis of `a` with the last but one of `b`."""
    if 0 in (ndim(a), ndim(b)):
        return mul(a, b)
    a, b = (x if isinstance(x, Node) else np.asarray(x) for x in (a, b))
    if b.ndim <= 2:
        return matmul(a, b)
    k = b.ndim - 2
    others = b.shape[:k] + b.shape[-1:]
    columns = reshape(transpose(b, (k, *range(k), k + 1)), (b.shape[k], prod(others)))
    return reshape(matmul(a, columns), a.shape[:-1] + others)
