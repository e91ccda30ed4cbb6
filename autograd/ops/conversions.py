"""What only a shape, a dtype or the layout in memory decides: conversions, dtypes, indices of triangles."""

from typing import Any

import numpy as np

from autograd.engine.libraries import beside, numpy_dtype
from autograd.engine.node import Node
from autograd.ops._helpers import X, constant_result
from autograd.ops.joining import asarray, atleast_1d
from autograd.ops.logic import all, isfinite
from autograd.ops.shaping import ndim, shape
from autograd.typing import DTypeLike

__all__ = [
    "asanyarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray", "diag_indices_from", "empty_like",
    "iterable", "result_type", "tril_indices_from", "triu_indices_from",
]  # fmt: skip


def asanyarray(a: X, dtype: DTypeLike = None) -> X:
    """Like ``asarray``.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> np.asanyarray(x) is x
    True
    """
    return asarray(a, dtype)


def ascontiguousarray(a: X, dtype: DTypeLike = None) -> X:
    """Like ``asarray``: the elements of a node lie in C's order.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> np.ascontiguousarray(x) is x
    True
    """
    return atleast_1d(asarray(a, dtype))


def asfortranarray(a: X, dtype: DTypeLike = None) -> X:
    """Like ``asarray``: the elements of a node lie in C's order, whatever is asked for.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> np.asfortranarray(x) is x
    True
    """
    return asarray(a, dtype)


def asarray_chkfinite(a: X, dtype: DTypeLike = None) -> X:
    """Like ``asarray``; an inf or a nan is an error.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> np.asarray_chkfinite(x) is x
    True
    >>> np.asarray_chkfinite(Tensor([1.0, np.inf]))
    Traceback (most recent call last):
        ...
    ValueError: asarray_chkfinite: an element is inf or nan
    """
    a = asarray(a, dtype)
    if not all(isfinite(a)):
        raise ValueError("asarray_chkfinite: an element is inf or nan")
    return a


@constant_result
def iterable(y: X) -> bool:
    """Whether `y` has an axis to go along.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor, Value
    >>> np.iterable(Tensor([1.0, 2.0])), np.iterable(Value(2.0))
    (True, False)
    """
    return ndim(y) > 0 if isinstance(y, Node) else bool(np.iterable(y))


@constant_result
def result_type(*arrays_and_dtypes: X) -> np.dtype[Any]:
    """The dtype of an operation on arrays, numbers and dtypes.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.result_type(Tensor([1.0, 2.0], dtype="float32"), 2.0)
    dtype('float32')
    """
    plain = [np.asarray(a._data) if isinstance(a, Node) and a.ndim else a for a in arrays_and_dtypes]
    return np.result_type(*(a._data if isinstance(a, Node) else a for a in plain))


@constant_result
def diag_indices_from(x: X) -> tuple[X, ...]:
    """The indices of the diagonal of an array whose axes have one length: plain integers, not nodes.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x[np.diag_indices_from(x)].tolist()
    [1.0, 4.0]
    """
    return np.diag_indices_from(np.empty(shape(x)))


@constant_result
def tril_indices_from(x: X, k: int = 0) -> tuple[X, ...]:
    """The indices of the lower triangle of a matrix: plain integers, not nodes.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x[np.tril_indices_from(x)].tolist()
    [1.0, 3.0, 4.0]
    """
    return np.tril_indices_from(np.empty(shape(x)), k)


@constant_result
def triu_indices_from(x: X, k: int = 0) -> tuple[X, ...]:
    """The indices of the upper triangle of a matrix: plain integers, not nodes.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x[np.triu_indices_from(x)].tolist()
    [1.0, 2.0, 4.0]
    """
    return np.triu_indices_from(np.empty(shape(x)), k)


@constant_result
def empty_like(x: X) -> X:
    """A plain array in the shape and dtype of `x`, to be filled with plain numbers.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = np.empty_like(Tensor([1.0, 2.0]))
    >>> type(x).__name__, x.shape
    ('ndarray', (2,))
    """
    return beside(np.empty(shape(x), numpy_dtype(x)), x)
