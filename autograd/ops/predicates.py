"""Closeness and equality of arrays, infinities, and what is one number. All are constants."""

import numpy as np

from autograd.engine.node import Node
from autograd.ops._helpers import X, constant_result
from autograd.ops.arithmetic import abs, add, mul, sub
from autograd.ops.joining import as_node_or_array
from autograd.ops.logic import (
    all,
    equal,
    isfinite,
    isinf,
    isnan,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    signbit,
)  # fmt: skip
from autograd.ops.selection import where
from autograd.ops.shaping import ndim, shape

__all__ = [
    "allclose", "array_equal", "array_equiv", "bitwise_xor", "isclose", "isneginf", "isposinf", "isscalar",
]  # fmt: skip


@constant_result
def isclose(a: X, b: X, rtol: X = 1e-05, atol: X = 1e-08, equal_nan: bool = False) -> X:
    """Whether `a` and `b` are closer than `atol` and `rtol` times ``|b|``, elementwise; inf is close to itself.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.isclose(Tensor([1.0, 2.0, np.inf]), [1.0 + 1e-9, 2.1, np.inf]).tolist()
    [True, False, True]
    """
    finite = logical_and(isfinite(a), isfinite(b))
    distance = abs(sub(where(finite, a, 0.0), where(finite, b, 0.0)))
    close = logical_or(equal(a, b), logical_and(finite, less_equal(distance, add(atol, mul(rtol, abs(b))))))
    return logical_or(close, logical_and(isnan(a), isnan(b))) if equal_nan else close


@constant_result
def allclose(a: X, b: X, rtol: X = 1e-05, atol: X = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements of `a` and `b` are close, as by ``isclose``: True or False, not a node.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.allclose(Tensor([1.0, 2.0]), [1.0, 2.0 + 1e-9])
    True
    """
    return bool(all(isclose(as_node_or_array(a), as_node_or_array(b), rtol, atol, equal_nan)))


@constant_result
def array_equal(a: X, b: X, equal_nan: bool = False) -> bool:
    """Whether `a` and `b` have one shape and equal elements: True or False, not a node.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, np.nan])
    >>> np.array_equal(x, x), np.array_equal(x, x, equal_nan=True)
    (False, True)
    """
    a, b = as_node_or_array(a), as_node_or_array(b)
    return a.shape == b.shape and bool(all(_same(a, b, equal_nan)))


def _same(a: X, b: X, equal_nan: bool) -> X:
    return logical_or(equal(a, b), logical_and(isnan(a), isnan(b))) if equal_nan else equal(a, b)


@constant_result
def array_equiv(a: X, b: X) -> bool:
    """Whether `a` and `b` broadcast and have equal elements: True or False, not a node.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.array_equiv(Tensor([1.0, 2.0]), [[1.0, 2.0], [1.0, 2.0]])
    True
    """
    try:
        np.broadcast_shapes(shape(a), shape(b))
    except ValueError:
        return False
    return bool(all(equal(as_node_or_array(a), as_node_or_array(b))))


@constant_result
def isscalar(x: X) -> bool:
    """Whether `x` is one number, of no axis: True or False, not a node.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor, Value
    >>> np.isscalar(Value(2.0)), np.isscalar(Tensor([2.0]))
    (True, False)
    """
    return ndim(x) == 0 if isinstance(x, Node) else bool(np.isscalar(x))


@constant_result
def isposinf(x: X) -> X:
    """Whether `x` is inf, elementwise.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.isposinf(Tensor([1.0, np.inf, -np.inf])).tolist()
    [False, True, False]
    """
    return logical_and(isinf(x), logical_not(signbit(x)))


@constant_result
def isneginf(x: X) -> X:
    """Whether `x` is −inf, elementwise.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.isneginf(Tensor([1.0, np.inf, -np.inf])).tolist()
    [False, False, True]
    """
    return logical_and(isinf(x), signbit(x))


@constant_result
def bitwise_xor(a: X, b: X) -> X:
    """Whether exactly one of the conditions `a` and `b` holds, elementwise.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([0.5, 1.5, 2.5])
    >>> np.bitwise_xor(x > 1, x > 2).tolist()
    [False, True, False]
    """
    return logical_xor(a, b)
