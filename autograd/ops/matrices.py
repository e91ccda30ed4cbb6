"""Functions of matrices and vectors that are written in factorisations, solutions and products."""

from collections.abc import Sequence
from functools import cache
from math import prod

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.libraries import beside, fetched, numpy_dtype
from autograd.engine.node import Node
from autograd.ops._helpers import Axis, X, as_integer, constant_result, nonempty_list, normalise_axis
from autograd.ops.decompositions import pinv, svd, svdvals
from autograd.ops.joining import as_node_or_array, ravel, stack
from autograd.ops.linear_algebra import as_floats, euclidean_norm, inv, norm, solve
from autograd.ops.logic import count_nonzero, greater
from autograd.ops.products import matmul
from autograd.ops.rearranging import moveaxis
from autograd.ops.reductions import amax, sum
from autograd.ops.shaping import expand_dims, ndim, reshape, transpose

__all__ = [
    "cond", "cross", "lstsq", "matrix_norm", "matrix_rank", "multi_dot", "tensorinv", "tensorsolve", "vector_norm",
]  # fmt: skip


def vector_norm(x: X, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> X:
    """The norm of all elements, or of those along axes, as one vector.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[3.0, 0.0], [0.0, 4.0]])
    >>> np.linalg.vector_norm(x).item(), np.linalg.vector_norm(x, axis=1, ord=1).tolist()
    (5.0, [3.0, 4.0])
    """
    x = as_floats(x)
    if ord == 2:
        return euclidean_norm(x, axis, keepdims)
    axes = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    front = moveaxis(x, axes, tuple(range(len(axes)))) if x.ndim else x
    y = norm(reshape(front, (prod(x.shape[k] for k in axes), *front.shape[len(axes) :])), ord, 0)
    return expand_dims(y, axes) if keepdims and axes else y


def matrix_norm(x: X, keepdims: bool = False, ord: float | str = "fro") -> X:
    """The norm of a matrix, or of each of a stack.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[3.0, 0.0], [0.0, 4.0]])
    >>> np.linalg.matrix_norm(x).item(), np.linalg.matrix_norm(x, ord=1).item()
    (5.0, 4.0)
    """
    return norm(x, ord, (-2, -1), keepdims)


def cond(x: X, p: float | str | None = None) -> X:
    """The condition number of a matrix: the norm times that of the inverse, by default of singular values.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[4.0, 0.0], [0.0, 2.0]])
    >>> y = np.linalg.cond(x)
    >>> y.backward()
    >>> round(y.item(), 6), np.diag(x.grad).round(6).tolist()
    (2.0, [0.5, -1.0])
    """
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))


@constant_result
def matrix_rank(x: X, tol: X = None, hermitian: bool = False, rtol: X = None) -> X:
    """The number of singular values above `tol`, by default above the rounding of the largest.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[[1.0, 2.0], [2.0, 4.0]], [[1.0, 2.0], [2.0, 5.0]]])
    >>> np.linalg.matrix_rank(x).tolist()
    [1, 2]
    """
    x = as_node_or_array(x)
    if x.ndim < 2:
        return greater(count_nonzero(x), 0) * 1
    s = svd(x, compute_uv=False, hermitian=hermitian)
    if tol is None:
        rtol = max(x.shape[-2:]) * float(np.finfo(numpy_dtype(s)).eps) if rtol is None else rtol
        tol = amax(s, -1) * rtol
    return count_nonzero(greater(s, expand_dims(as_node_or_array(tol), -1)), -1)


def lstsq(a: X, b: X, rcond: float | None = None) -> tuple[X, X, np.int32, X]:
    """The `x` of least norm with the least ``norm(a @ x - b)``, the squared residuals, the rank and singular values.

    The rank is a constant. Singular values up to `rcond` of the largest count as 0.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> a, b = Tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]]), Tensor([1.0, 3.0, 7.0])
    >>> x, residuals, rank, s = np.linalg.lstsq(a, b)
    >>> x[1].backward()
    >>> x.data.round(6).tolist(), b.grad.round(6).tolist()  # the line is 1 + 2t
    ([1.0, 2.0], [-0.285714, -0.071429, 0.357143])
    """
    a, b = as_node_or_array(a), as_node_or_array(b)
    if a.ndim != 2:
        raise ValueError(f"lstsq: a has {a.ndim} axes; it is one matrix")
    if isinstance(rcond, str):
        raise TypeError(f"lstsq: rcond={rcond!r}; it is a number, or None for the rounding of the largest")
    m, n = a.shape
    if rcond is None:
        rcond = max(m, n) * float(np.finfo(np.result_type(numpy_dtype(a), 0.0)).eps)
    x, s = matmul(pinv(a, rcond), b), svdvals(a)
    sizes = fetched(s._data if isinstance(s, Node) else s)
    rank = np.int32(np.count_nonzero(sizes > rcond * sizes.max(initial=0)))
    if rank == n < m:
        return x, sum((b - matmul(a, x)) ** 2, 0, keepdims=b.ndim == 1), rank, s
    return x, beside(np.zeros(0, sizes.dtype), s), rank, s


def multi_dot(arrays: Sequence[X]) -> X:
    """The product of several matrices in the order that takes the fewest multiplications.

    The first and the last may be vectors, a row and a column.

    The order is that of matrix-chain multiplication, by dynamic programming.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> a, b, c = Tensor([1.0, 2.0]), Tensor([[1.0, 0.0], [0.0, 10.0]]), Tensor([3.0, 4.0])
    >>> y = np.linalg.multi_dot([a, b, c])
    >>> y.backward()
    >>> y.item(), a.grad.tolist()
    (83.0, [3.0, 40.0])
    """
    factors = [as_node_or_array(x) for x in nonempty_list("multi_dot", arrays)]
    first, last = factors[0].ndim == 1, factors[-1].ndim == 1
    factors[0] = expand_dims(factors[0], 0) if first else factors[0]
    factors[-1] = expand_dims(factors[-1], 1) if last else factors[-1]
    lengths = [x.shape[0] for x in factors] + [factors[-1].shape[1]]

    @cache
    def cheapest(i: int, j: int) -> tuple[int, int]:
        """How many multiplications the product of the factors from i to j takes, and where to divide it."""
        if j - i == 1:
            return 0, i
        return min(
            (cheapest(i, k)[0] + cheapest(k, j)[0] + lengths[i] * lengths[k] * lengths[j], k) for k in range(i + 1, j)
        )

    def product(i: int, j: int) -> X:
        k = cheapest(i, j)[1]
        return factors[i] if j - i == 1 else matmul(product(i, k), product(k, j))

    y = product(0, len(factors))
    return y[(0 if first else slice(None), 0 if last else slice(None))] if first or last else y


def cross(a: X, b: X, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> X:
    """The vector product of vectors of length 3.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.cross(Tensor([1.0, 0.0, 0.0]), Tensor([0.0, 1.0, 0.0])).tolist()
    [0.0, 0.0, 1.0]
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = moveaxis(as_node_or_array(a), axisa, -1), moveaxis(as_node_or_array(b), axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(
            f"cross: the vectors have the lengths {a.shape[-1]} and {b.shape[-1]}; it takes vectors of length 3 (that "
            "of two components is x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0])"
        )
    (a0, a1, a2), (b0, b1, b2) = ([x[..., k] for k in range(3)] for x in (a, b))
    product = [a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0]
    return stack(product, normalise_axis("cross", axisc, ndim(product[0]) + 1))


def tensorsolve(a: X, b: X, axes: Sequence[int] | None = None) -> X:
    """The `x` with ``tensordot(a, x, x.ndim) == b``; `axes` of `a` are moved to its end before.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> a, b = Tensor([[[2.0, 0.0]], [[0.0, 4.0]]]), Tensor([2.0, 2.0])
    >>> np.linalg.tensorsolve(a, b).tolist()
    [[1.0, 0.5]]
    """
    a, b = as_node_or_array(a), as_node_or_array(b)
    if axes is not None:
        kept = [k for k in range(a.ndim) if k not in {k % a.ndim for k in axes}]
        a = transpose(a, (*kept, *(k % a.ndim for k in axes)))
    shape = a.shape[b.ndim :]
    size = prod(shape)
    if size != prod(b.shape):
        raise ValueError(f"tensorsolve: b has {prod(b.shape)} elements and the result of shape {shape} has {size}")
    return reshape(solve(reshape(a, (size, size)), ravel(b)), shape)


def tensorinv(a: X, ind: int = 2) -> X:
    """The inverse of the map that ``tensordot(a, x)`` is, over all axes of `a` from the one at `ind`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> a = Tensor([[[2.0, 0.0]], [[0.0, 4.0]]])
    >>> y = np.linalg.tensorinv(a, ind=1)
    >>> y.shape, np.tensordot(y, [2.0, 2.0], 1).tolist()
    ((1, 2, 2), [[1.0, 0.5]])
    """
    a, ind = as_node_or_array(a), as_integer("tensorinv", "ind", ind)
    if ind <= 0:
        raise ValueError(f"tensorinv: ind={ind}; it is the number of the first axes, at least 1")
    rows, columns = a.shape[:ind], a.shape[ind:]
    return reshape(inv(reshape(a, (prod(rows), prod(columns)))), columns + rows)
