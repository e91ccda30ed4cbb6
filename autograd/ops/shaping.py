"""Shapes: broadcasting, reshaping, adding and dropping axes, transposing."""

from math import prod

import numpy as np

from autograd.engine.node import Node
from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, Axis, X, constant_result, named

__all__ = [
    "broadcast_to", "expand_dims", "matrix_transpose", "ndim", "reshape", "shape", "size", "squeeze", "swapaxes",
    "transpose",
]  # fmt: skip


# The next three broadcast, and undo it. Each takes the shape of another node rather than a fixed one, so that a
# recorded gradient also holds in a replay where a condition selects more or fewer elements.
broadcast_like = named(
    "broadcast_like", "`x` broadcast to the shape (and dtype and kind) of `like`.",
    "spread", "x like", shape_only=("like",),
)  # fmt: skip
broadcast_like.defvjps(x=lambda xp, g, y, x, like: xp.sum_like(g, x), like=None)
broadcast_like.samples = tuple((shape, (2, 3), {}) for shape in ((3,), (2, 1), (1, 3), (), (2, 3)))

sum_like = named(
    "sum_like", "`x` summed down to the shape (and dtype and kind) of `like`, which undoes a broadcast.",
    "Σ", "x like", shape_only=("like",),
)  # fmt: skip
sum_like.defvjps(x=lambda xp, g, y, x, like: xp.broadcast_like(g, x), like=None)

reshape_like = named("reshape_like", "`x` in the shape of `like`.", "reshape", "x like", shape_only=("like",))
reshape_like.defvjps(x=lambda xp, g, y, x, like: xp.reshape_like(g, x), like=None)


@primitive("spread")
def broadcast_to(xp: XP, x: X, /, shape: tuple[int, ...]) -> X:
    """`x` broadcast to `shape`.

    An axis of length 1, or a new one in front, is repeated; the gradient is the sum over its copies.

    >>> from autograd import Tensor, broadcast_to
    >>> x = Tensor([1.0, 2.0])
    >>> y = broadcast_to(x, (3, 2))
    >>> y.sum().backward()
    >>> y.shape, x.grad.tolist()
    ((3, 2), [3.0, 3.0])
    """
    return xp.broadcast_to(x, shape)


broadcast_to.shape_of = lambda x, shape: shape if isinstance(shape, tuple) else (shape,)
broadcast_to.defvjps(x=lambda xp, g, y, x, shape: xp.sum_like(g, x))


@primitive("reshape")
def reshape(xp: XP, x: X, /, shape: int | tuple[int, ...]) -> X:
    """`x` in another shape with as many elements; one length may be -1.

    Elements keep their order, that of rows. An error says so where the numbers of elements differ.

    >>> from autograd import Tensor, reshape
    >>> x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> y = reshape(x, (3, -1))
    >>> (y * [[1.0], [2.0], [3.0]]).sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[1.0, 1.0, 2.0], [2.0, 3.0, 3.0]])
    """
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
reshape.message = lambda text, x: f"{text}; a reshape keeps the number of elements (one length may be -1)"
reshape.defvjps(x=lambda xp, g, y, x, shape: xp.reshape_like(g, x))


@primitive("squeeze")
def squeeze(xp: XP, x: X, /, axis: Axis = None) -> X:
    """`x` without its axes of length 1, or without those at `axis`.

    An axis at `axis` that is longer than 1 is an error.

    >>> from autograd import squeeze, zeros_like
    >>> x = zeros_like([[[1.0], [2.0]]])
    >>> x.shape, squeeze(x).shape, squeeze(x, 0).shape
    ((1, 2, 1), (2,), (2, 1))
    """
    return xp.squeeze(x, axis)


squeeze.defvjps(x=lambda xp, g, y, x, axis: xp.reshape_like(g, x))


@primitive("expand")
def expand_dims(xp: XP, x: X, /, axis: int | tuple[int, ...]) -> X:
    """`x` with new axes of length 1 at `axis`.

    >>> import numpy as np
    >>> from autograd import expand_dims
    >>> x = np.zeros((2, 3))
    >>> expand_dims(x, 0).shape, expand_dims(x, -1).shape, expand_dims(x, (0, 2)).shape
    ((1, 2, 3), (2, 3, 1), (1, 2, 1, 3))
    """
    return xp.expand_dims(x, axis)


expand_dims.defvjps(x=lambda xp, g, y, x, axis: xp.reshape_like(g, x))


@primitive("ᵀ")
def transpose(xp: XP, x: X, /, axes: tuple[int, ...] | None = None) -> X:
    """`x` with its axes in reverse, or in the order of `axes`.

    >>> import numpy as np
    >>> from autograd import Tensor, transpose
    >>> transpose(Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    >>> transpose(np.zeros((2, 3, 5)), (1, 2, 0)).shape
    (3, 5, 2)
    """
    return xp.transpose(x, axes)


transpose.defvjps(x=lambda xp, g, y, x, axes: xp.transpose(g, None if axes is None else _inverse(axes)))
transpose.message = lambda text, x: f"{text}; name each of the {np.ndim(x)} axes once"


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort([a % len(axes) for a in axes]))


@primitive("ᵀ")
def swapaxes(xp: XP, x: X, /, axis1: int, axis2: int) -> X:
    """`x` with two axes interchanged.

    >>> import numpy as np
    >>> from autograd import swapaxes
    >>> swapaxes(np.zeros((2, 3, 5)), 0, -1).shape
    (5, 3, 2)
    """
    return xp.swapaxes(x, axis1, axis2)


swapaxes.defvjps(x=lambda xp, g, y, x, axis1, axis2: xp.swapaxes(g, axis1, axis2))


@constant_result
def shape(x: X) -> tuple[int, ...]:
    """The lengths of the axes: integers, not a node.

    >>> from autograd import Tensor, Value, shape
    >>> shape(Tensor([[1.0, 2.0, 3.0]])), shape(Value(2.0)), shape([1, 2])
    ((1, 3), (), (2,))
    """
    return x.shape if isinstance(x, Node) else np.shape(x)


@constant_result
def ndim(x: X) -> int:
    """The number of axes: an integer, not a node.

    >>> from autograd import Tensor, Value, ndim
    >>> ndim(Tensor([[1.0, 2.0, 3.0]])), ndim(Value(2.0))
    (2, 0)
    """
    return len(shape(x))


@constant_result
def size(x: X, axis: int | None = None) -> int:
    """The number of elements, or of those along `axis`: an integer, not a node.

    >>> from autograd import Tensor, size
    >>> x = Tensor([[1.0, 2.0, 3.0]])
    >>> size(x), size(x, 0)
    (3, 1)
    """
    return prod(shape(x)) if axis is None else shape(x)[axis]


def matrix_transpose(x: X) -> X:
    """`x` with its last two axes interchanged.

    >>> import numpy as np
    >>> from autograd import matrix_transpose
    >>> matrix_transpose(np.zeros((2, 3, 5))).shape
    (2, 5, 3)
    """
    return swapaxes(x, -1, -2)
