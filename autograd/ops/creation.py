"""Creation: arrays like another, filled, evenly spaced, or in another dtype."""

import numpy as np

from autograd.engine.coercion import carried
from autograd.engine.libraries import numpy_dtype
from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, X, as_integer, constant_result, named
from autograd.ops.arithmetic import add
from autograd.ops.shaping import broadcast_to, ndim
from autograd.typing import DTypeLike

__all__ = ["astype", "copy", "full", "full_like", "linspace", "ones_like", "zeros_like"]

copy = named("copy", """A copy of `x` with memory of its own, as a node of its own.

    >>> import autograd
    >>> x = autograd.Tensor([1.0, 2.0])
    >>> y = autograd.copy(x)
    >>> x.data[0] = 5.0
    >>> x.tolist(), y.tolist()
    ([5.0, 2.0], [1.0, 2.0])
    """)  # fmt: skip
copy.defvjps(x=lambda xp, g, y, x: g)


# The engine casts the gradient to the dtype of the operand, as every contribution.
@primitive("astype", name="astype")
def to_floats(xp: XP, x: X, /, dtype: str) -> X:
    """`x` in a dtype of floats."""
    return xp.astype(x, dtype)


to_floats.defvjps(x=lambda xp, g, y, x, dtype: g)


@primitive("astype", name="astype", differentiable=False)
def to_integers(xp: XP, x: X, /, dtype: str) -> X:
    """`x` in a dtype of integers, or in bool."""
    return xp.astype(x, dtype)


def astype(x: X, dtype: DTypeLike, copy: bool = True) -> X:
    """`x` in another dtype; integers and bools have no gradient, as floor has none, but follow `x` in a replay.

    A Value is a float64; in another dtype it is a Tensor. With ``copy=False``, `x` itself if it has the dtype.

    A dtype that nodes do not have is a ``TypeError``.

    >>> from autograd import Tensor, astype
    >>> x = Tensor([1.5, 2.5])
    >>> y = astype(x, "float32")
    >>> (y * y).sum().backward()
    >>> y.dtype, x.grad.tolist(), astype(x, int).tolist()
    (dtype('float32'), [3.0, 5.0], [1, 2])
    """
    try:
        dtype = carried(dtype)
    except TypeError as error:
        raise TypeError(f"astype: {error}") from None
    if not copy and numpy_dtype(x) == dtype:
        return x
    return (to_floats if dtype.kind == "f" else to_integers)(x, dtype=dtype.name)


zeros_like = named("zeros_like", """Zeros in the shape of `x`.

    >>> from autograd import Tensor, zeros_like
    >>> zeros_like(Tensor([1.5, 2.5])).tolist()
    [0.0, 0.0]
    """, "zeros", differentiable=False, shape_only=("x",))  # fmt: skip


def full(shape: int | tuple[int, ...], fill_value: X) -> X:
    """An array of a shape filled with a number, which may be a node.

    >>> from autograd import Tensor, Value, full
    >>> x = Value(2.0)
    >>> y = full((2, 2), x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad
    ([[2.0, 2.0], [2.0, 2.0]], 4.0)
    """
    return broadcast_to(fill_value, (shape,) if isinstance(shape, int) else tuple(shape))


@constant_result
def ones_like(x: X) -> X:
    """Ones in the shape of `x`.

    >>> from autograd import Tensor, ones_like
    >>> ones_like(Tensor([1.5, 2.5])).tolist()
    [1.0, 1.0]
    """
    return add(zeros_like(x), 1)


def full_like(x: X, fill_value: X) -> X:
    """An array in the shape of `x` filled with a number, which may be a node.

    >>> from autograd import Tensor, Value, full_like
    >>> x = Value(2.0)
    >>> y = full_like(Tensor([1.0, 5.0]), x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad
    ([2.0, 2.0], 2.0)
    """
    return add(zeros_like(x), fill_value)


def linspace(start: X, stop: X, num: int = 50, endpoint: bool = True) -> X:
    """`num` evenly spaced numbers from `start` to `stop`, along a new first axis.

    >>> from autograd import Value, linspace
    >>> stop = Value(4.0)
    >>> y = linspace(0.0, stop, 5)
    >>> y.backward([1.0] * 5)
    >>> y.tolist(), stop.grad  # the points have the shares 0, ¼, ½, ¾ and 1 of it
    ([0.0, 1.0, 2.0, 3.0, 4.0], 2.5)
    """
    rank = max(ndim(start), ndim(stop))
    t = np.linspace(0.0, 1.0, as_integer("linspace", "num", num), endpoint).reshape((num,) + (1,) * rank)
    t = t.astype(np.result_type(numpy_dtype(start - stop), 0.0))  # there are fractions between integers
    return start * (1 - t) + stop * t
