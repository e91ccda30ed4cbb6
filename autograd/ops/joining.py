"""Joining: concatenate, stack and their kin, and nested lists as arrays."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from autograd.engine.libraries import beside, dtype_named, library_of, numpy_dtype
from autograd.engine.node import Node
from autograd.engine.primitive import primitive
from autograd.messages import BROADCASTING, describe, short
from autograd.ops._helpers import XP, X, axis_key, nonempty_list
from autograd.ops.creation import astype
from autograd.ops.shaping import broadcast_to, expand_dims, ndim, reshape, shape
from autograd.typing import DTypeLike

__all__ = [
    "append", "array", "asarray", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "column_stack",
    "concatenate", "dstack", "hstack", "ravel", "stack", "vstack",
]  # fmt: skip


@primitive("concat", name="concatenate")
def concatenate_args(xp: XP, *arrays: X, axis: int = 0) -> X:
    """The arrays one after the other along `axis`."""
    return xp.concatenate(arrays, axis)


def _parts(xp: XP, g: X, y: X, *arrays: X, axis: int) -> list[X]:
    bounds = xp.bounds(*arrays, axis=axis)
    return [xp.getitem(g, bounds, key=axis_key(axis, ("part", i))) for i in range(len(arrays))]


concatenate_args.defvjps(arrays=_parts)
concatenate_args.samples = (
    ((2, 3), {"axis": 0}),
    ((2,), (3,), {"axis": 0}),
    ((2, 3), (1, 3), (2, 3), {"axis": -2}),
    ((2, 3), (2, 1), {"axis": 1}),
)


@primitive("bounds", differentiable=False)
def bounds(xp: XP, *arrays: X, axis: int = 0) -> X:
    """The position in their concatenation at which each of the arrays begins, and the last ends."""
    return xp.bounds(*arrays, axis=axis)


def concatenate(arrays: Sequence[X], axis: int = 0) -> X:
    """The arrays one after the other along `axis`.

    Shapes agree but along `axis`; the gradient is cut into the parts again. ``axis=None`` is an error: for all elements
    in one row, give each array ``.reshape(-1)``.

    >>> from autograd import Tensor, concatenate
    >>> a, b = Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0], [5.0, 6.0]])
    >>> y = concatenate([a, b])
    >>> y.backward([[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]])
    >>> y.tolist(), a.grad.tolist()
    ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[10.0, 20.0]])
    """
    if axis is None:
        raise TypeError("concatenate: axis=None is not supported; give each array .reshape(-1) and axis=0")
    return concatenate_args(*nonempty_list("concatenate", arrays, 2), axis=axis)


@primitive("stack", name="stack")
def stack_args(xp: XP, *arrays: X, axis: int = 0) -> X:
    """The arrays side by side along a new `axis`."""
    return xp.concatenate([xp.expand_dims(a, axis) for a in arrays], axis)


stack_args.defvjps(
    arrays=lambda xp, g, y, *arrays, axis: [xp.getitem(g, key=axis_key(axis, i)) for i in range(len(arrays))]
)


def stack(arrays: Sequence[X], axis: int = 0) -> X:
    """The arrays (or numbers) side by side along a new `axis`.

    All have one shape. Of Values it makes a Tensor, in which each keeps its gradient.

    >>> from autograd import Value, stack
    >>> a, b = Value(1.0), Value(2.0)
    >>> y = stack([a, b, 3.0])
    >>> (y * y).sum().backward()
    >>> y.tolist(), a.grad, b.grad
    ([1.0, 2.0, 3.0], 2.0, 4.0)
    """
    arrays = nonempty_list("stack", arrays)
    shapes = {shape(a): a for a in arrays}
    if len(shapes) > 1:
        raise ValueError(f"stack({_operands(shapes.values())}): what stands side by side has one shape")
    return stack_args(*arrays, axis=axis)


def _operands(arrays: Iterable[X]) -> str:
    return ", ".join(describe(a) if isinstance(a, Node) else short(as_node_or_array(a)) for a in arrays)


def array(object: X | Sequence[X], dtype: DTypeLike = None) -> X:
    """Nodes, numbers and arrays in nested lists as one array; with ``dtype=object`` as a matrix of scalars.

    >>> from autograd import Value, array
    >>> a, b = Value(1.0), Value(2.0)
    >>> matrix = array([[a, b], [0.0, a]])
    >>> matrix.sum().backward()
    >>> matrix.tolist(), a.grad, b.grad
    ([[1.0, 2.0], [0.0, 1.0]], 2.0, 1.0)
    """
    if dtype is not None and dtype_named(dtype).kind == "O":
        return np.array(object, dtype)
    if isinstance(object, (list, tuple)) and object:
        joined = stack([x if isinstance(x, Node) else array(x) for x in object])
    else:
        joined = reshape(object, shape(object))
    return joined if dtype is None else astype(joined, dtype, copy=False)


def asarray(object: X | Sequence[X], dtype: DTypeLike = None) -> X:
    """Like :func:`array`; an array node is returned as it is.

    >>> from autograd import Tensor, asarray
    >>> x = Tensor([1.0, 2.0])
    >>> asarray(x) is x, asarray([x, x]).shape
    (True, (2, 2))
    """
    return object if isinstance(object, Node) and object.ndim and dtype is None else array(object, dtype)


def ravel(x: X) -> X:
    """The elements of `x` one after the other, along one axis; `x` itself if it has only one.

    >>> from autograd import Tensor, ravel
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> y = ravel(x)
    >>> y.backward([10.0, 20.0, 30.0, 40.0])
    >>> y.tolist(), x.grad.tolist()
    ([1.0, 2.0, 3.0, 4.0], [[10.0, 20.0], [30.0, 40.0]])
    """
    x = asarray(x) if isinstance(x, (list, tuple)) else x
    return x if ndim(x) == 1 else reshape(x, -1)


def as_node_or_array(x: X) -> X:
    """A node with an array, or an array, made of a number or of a list, which may hold nodes."""
    if isinstance(x, Node):
        return asarray(x) if isinstance(x._data, (int, float)) else x
    if isinstance(x, (list, tuple)):
        return asarray(x)
    return np.asarray(x) if library_of(x) is None else x


def floats_of(*arrays: X) -> list[X]:
    """The arrays as float64, in which NumPy calculates some functions; on another library's in the floats of these."""
    arrays = tuple(a if isinstance(a, Node) else as_node_or_array(a) for a in arrays)
    there = [a for a in arrays if library_of(a) is not None and numpy_dtype(a).kind == "f"]
    if not there:
        return [astype(a, float, copy=False) for a in arrays]
    dtype = np.result_type(*map(numpy_dtype, there))
    return [astype(beside(a, there[0]), dtype, copy=False) for a in arrays]


def broadcast_arrays(*arrays: X) -> tuple[X, ...]:
    """The arrays, each broadcast to their common shape.

    >>> from autograd import Tensor, broadcast_arrays
    >>> x, y = broadcast_arrays(Tensor([1.0, 2.0]), Tensor([[3.0], [4.0]]))
    >>> x.tolist(), y.tolist()
    ([[1.0, 2.0], [1.0, 2.0]], [[3.0, 3.0], [4.0, 4.0]])
    """
    try:
        together = np.broadcast_shapes(*map(shape, arrays))
    except ValueError:
        raise ValueError(f"broadcast_arrays({_operands(arrays)}): {BROADCASTING}") from None
    return tuple(a if isinstance(a, Node) and a.shape == together else broadcast_to(a, together) for a in arrays)


def _at_least(n: int, arrays: tuple[X, ...]) -> X:
    extended = []
    for a in map(as_node_or_array, arrays):
        missing = max(n - a.ndim, 0)
        # A matrix gets its third axis behind, a vector one on either side.
        axes = {(3, 2): (2,), (3, 1): (0, 2)}.get((n, a.ndim), tuple(range(missing)))
        extended.append(expand_dims(a, axes) if missing else a)
    return extended[0] if len(extended) == 1 else tuple(extended)


def atleast_1d(*arrays: X) -> X:
    """The arrays with at least one axis: itself for one array, a tuple for several.

    >>> from autograd import Value, atleast_1d
    >>> x = Value(2.0)
    >>> y = atleast_1d(x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad
    ([2.0], 1.0)
    """
    return _at_least(1, arrays)


def atleast_2d(*arrays: X) -> X:
    """The arrays with at least two axes, new ones in front: itself for one array, a tuple for several.

    >>> from autograd import atleast_2d
    >>> atleast_2d([1.0, 2.0]).tolist()
    [[1.0, 2.0]]
    """
    return _at_least(2, arrays)


def atleast_3d(*arrays: X) -> X:
    """The arrays with at least three axes: itself for one array, a tuple for several.

    A vector of n numbers gets the shape (1, n, 1), a matrix (m, n, 1).

    >>> import numpy as np
    >>> from autograd import atleast_3d
    >>> atleast_3d(np.zeros(4)).shape, atleast_3d(np.zeros((2, 3))).shape
    ((1, 4, 1), (2, 3, 1))
    """
    return _at_least(3, arrays)


def vstack(arrays: Sequence[X]) -> X:
    """The arrays one below the other, along the first axis; vectors as rows.

    >>> from autograd import Tensor, vstack
    >>> vstack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    return _beside("vstack", arrays, 0, atleast_2d)


def hstack(arrays: Sequence[X]) -> X:
    """The arrays side by side, along the second axis; vectors along their only one.

    >>> from autograd import Tensor, hstack
    >>> hstack([Tensor([1.0, 2.0]), [3.0]]).tolist()
    [1.0, 2.0, 3.0]
    >>> hstack([Tensor([[1.0], [2.0]]), [[3.0], [4.0]]]).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    parts = [atleast_1d(a) for a in nonempty_list("hstack", arrays)]
    return concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1)


def dstack(arrays: Sequence[X]) -> X:
    """The arrays one behind the other, along the third axis.

    >>> from autograd import Tensor, dstack
    >>> dstack([Tensor([[1.0, 2.0]]), [[3.0, 4.0]]]).tolist()
    [[[1.0, 3.0], [2.0, 4.0]]]
    """
    return _beside("dstack", arrays, 2, atleast_3d)


def column_stack(arrays: Sequence[X]) -> X:
    """Vectors and matrices side by side, vectors as columns.

    >>> from autograd import Tensor, column_stack
    >>> x = Tensor([1.0, 2.0])
    >>> design = column_stack([x, x * x])
    >>> design.sum().backward()
    >>> design.tolist(), x.grad.tolist()  # the slopes are 1 + 2x
    ([[1.0, 1.0], [2.0, 4.0]], [3.0, 5.0])
    """
    return _beside("column_stack", arrays, 1, lambda a: a if ndim(a) > 1 else reshape(a, (-1, 1)))


def _beside(name: str, arrays: Sequence[X], axis: int, fit: Callable[[X], X]) -> X:
    """The arrays joined along an axis: stacked if all lack just that axis, else each given it by `fit`."""
    arrays = nonempty_list(name, arrays)
    lacking = {ndim(a) for a in arrays} == {max(axis, 1)}
    return stack(arrays, axis) if lacking else concatenate([fit(a) for a in arrays], axis)


def append(x: X, values: X, axis: int | None = None) -> X:
    """`x` followed by `values` along `axis`; without one, the elements of both in one row.

    >>> from autograd import Tensor, append
    >>> x = Tensor([1.0, 2.0])
    >>> append(x, [3.0]).tolist(), append([[1.0, 2.0]], [[3.0, 4.0]], axis=0).tolist()
    ([1.0, 2.0, 3.0], [[1.0, 2.0], [3.0, 4.0]])
    """
    return concatenate([ravel(x), ravel(values)] if axis is None else [x, values], 0 if axis is None else axis)
