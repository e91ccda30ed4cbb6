"""Factorisations of matrices by singular values and into orthonormal columns; the pseudoinverse."""

from typing import NamedTuple

import numpy as np

from autograd.ops._helpers import NAN, XP, X, named, piece, transposed
from autograd.ops.arithmetic import abs, add, mul, sign
from autograd.ops.eigenvalues import eigh, eigvalsh, tied
from autograd.ops.indexing import take_along_axis
from autograd.ops.joining import as_node_or_array
from autograd.ops.rearranging import flip, tril
from autograd.ops.shaping import expand_dims, swapaxes
from autograd.ops.sorting import argsort, sort

__all__ = ["pinv", "qr", "svd", "svdvals"]

svd_parts = named(
    "svd_parts", "``[Uᵀ | Vᵀ | s]`` with ``U @ diag(s) @ Vᵀ == x``, the singular values `s` in descending order.",
    "svd", static={"full_matrices": False}, name="svd",
)  # fmt: skip


def _triplets(xp: XP, y: X, x: X) -> tuple[X, X, X]:
    """The columns of U and V that belong to singular values, and these."""
    m, n = x.shape[-2:]
    k = min(m, n)
    rows = piece(xp, -2, y, None, k)
    u, v = (transposed(xp, piece(xp, -1, rows, *part)) for part in ((None, m), (m, -1)))
    return u, xp.getitem(rows, key=("...", -1)), v


def _beyond(xp: XP, y: X, x: X) -> tuple[X, X]:
    """The columns of U and V that belong to no singular value."""
    m, n = x.shape[-2:]
    k = min(m, n)
    u, v = (
        transposed(xp, piece(xp, -1, piece(xp, -2, y, k, end), *part)) for end, part in ((m, (None, m)), (n, (m, -1)))
    )
    return u, v


def _svd(xp: XP, g: X, y: X, x: X, full_matrices: bool) -> X:
    u, s, v = _triplets(xp, y, x)
    by_u, by_s, by_v = _triplets(xp, g, x)
    if full_matrices and x.shape[-2] != x.shape[-1]:
        (more_u, more_v), (by_more_u, by_more_v) = _beyond(xp, y, x), _beyond(xp, g, x)
        by_u, by_v = by_u - more_u @ (transposed(xp, by_more_u) @ u), by_v - more_v @ (transposed(xp, by_more_v) @ v)
    in_u, in_v = (transposed(xp, a) @ by_a for a, by_a in ((u, by_u), (v, by_v)))
    turn_u, turn_v = (a - transposed(xp, a) for a in (in_u, in_v))
    turned = ((turn_u + turn_v) * xp.inverse_gaps(s) + (turn_u - turn_v) * xp.inverse_gaps(s, 1)) / 2
    # Singular values are |s| of the diagonal of Uᵀ @ x @ V, which has the slope 0 at 0.
    by_x = (u * xp.expand_dims(by_s * xp.sign(s), -2) + u @ turned) @ transposed(xp, v)
    m, n = x.shape[-2:]
    if m > n:  # what leads out of the columns of U, or of those of V
        return by_x + (by_u - u @ in_u) * _inverse(xp, s) @ transposed(xp, v)
    return by_x if m == n else by_x + u @ transposed(xp, (by_v - v @ in_v) * _inverse(xp, s))


def _inverse(xp: XP, s: X) -> X:
    """1/s in a row, nan for a singular value that is 0."""
    beside_zero = xp.inverse_gaps(xp.concatenate([s, xp.sum(0 * s, axis=-1, keepdims=True)], -1))
    return xp.getitem(beside_zero, key=("...", ("slice", -1, None, None), ("slice", None, -1, None)))


svd_parts.defvjps(x=_svd)


def _is_degenerate(xp: XP, x: X, full_matrices: bool) -> X:
    s = _triplets(xp, xp.svd_parts(x, False), x)[1]
    zeros = xp.where(xp.isnan(_inverse(xp, s)), 1, 0)
    return xp.logical_or(tied(xp, s), xp.sum(zeros, axis=(-2, -1), keepdims=True) > 0)


svd_parts.convention(
    "x",
    _is_degenerate,
    None,
    "the basis that was found decides on the singular values of a tie, and a singular value has the slope 0 at 0; nan "
    "where anything depends on the singular vectors of equal values or of 0",
    {(((2.0, 0.0), (0.0, 2.0)),): ((NAN, NAN), (NAN, NAN)), (((0.0,),),): ((0.0,),)},
)
svd_parts.samples = (
    ((2, 2), {"full_matrices": True}), ((3, 2), {"full_matrices": False}), ((2, 2, 3), {"full_matrices": False}),
    ((2, 1), {"full_matrices": True}),
)  # fmt: skip

qr_parts = named(
    "qr_parts", "``[Q | R]`` with ``Q @ R == x``, the columns of Q orthonormal and R upper triangular.", "qr",
    static={"complete": False}, name="qr",
)  # fmt: skip


def _qr(xp: XP, g: X, y: X, x: X, complete: bool) -> X:
    m, n = x.shape[-2:]
    k = min(m, n)
    width = m if complete else k
    q, by_q = (piece(xp, -1, a, None, k) for a in (y, g))
    if width != k:
        more, by_more = (piece(xp, -1, a, k, width) for a in (y, g))
        by_q = by_q - more @ (transposed(xp, by_more) @ q)
    r, by_r = (piece(xp, -2, piece(xp, -1, a, width, None), None, k) for a in (y, g))
    if k != n:  # the columns of x beyond those that Q is made of
        rest, by_rest = (piece(xp, -1, a, k, None) for a in (r, by_r))
        by_q = by_q + q @ rest @ transposed(xp, by_rest)
        r, by_r = (piece(xp, -1, a, None, k) for a in (r, by_r))
    triangle = xp.half_tril(r @ transposed(xp, by_r) - transposed(xp, by_q) @ q)
    by_columns = by_q + q @ (triangle + transposed(xp, triangle))
    by_x = transposed(xp, xp.solve(r, transposed(xp, by_columns)))
    return by_x if k == n else xp.concatenate([by_x, q @ by_rest], -1)


qr_parts.defvjps(x=_qr)
qr_parts.samples = (
    ((2, 2), {"complete": False}), ((3, 2), {"complete": False}), ((2, 3), {"complete": True}),
    ((2, 2, 1), {"complete": True}),
)  # fmt: skip


pseudoinverse = named(
    "pseudoinverse", "The pseudoinverse of a matrix, in which singular values up to `rcond` of the largest count as 0.",
    "⁺", static={"rcond": None}, name="pinv",
)  # fmt: skip


def _pseudoinverse(xp: XP, g: X, y: X, x: X, rcond: X) -> X:
    """The derivative along all changes that keep the number of singular values that count."""
    g_t, y_t = transposed(xp, g), transposed(xp, y)
    outside = (g_t - x @ (y @ g_t)) @ y @ y_t + y_t @ y @ (g_t - g_t @ y @ x)
    by_x = outside - y_t @ g @ y_t
    if rcond is None or np.max(rcond) < 1e-13:  # what is cut off is rounding
        return by_x
    return by_x + _by_turns(xp, g_t, x, rcond)


def _by_turns(xp: XP, g_t: X, x: X, rcond: float) -> X:
    """What is added where singular values that are not 0 are cut off: their vectors turn into those that are kept."""
    u, s, v = _triplets(xp, xp.svd_parts(x, False), x)
    largest = xp.getitem(s, key=("...", ("slice", None, 1, None)))
    kept = s > (rcond if np.ndim(rcond) == 0 else np.asarray(rcond)[..., None]) * largest
    of_row, of_column = (xp.expand_dims(s, axis) for axis in (-2, -1))
    row, column = (xp.expand_dims(xp.where(kept, 1, 0), axis) for axis in (-2, -1))
    pair = row + column == 1  # one is kept and the other is cut off
    low, high = (xp.where(pair, xp.where(row == at, of_row, of_column), at) for at in (0, 1))
    ratio = low / high
    inside = transposed(xp, u) @ g_t @ v
    turned = ratio / ((high - low) * (high + low)) * (ratio * inside + transposed(xp, inside))
    return u @ turned @ transposed(xp, v)


pseudoinverse.defvjps(x=_pseudoinverse)
pseudoinverse.convention(
    "x",
    lambda xp, x, rcond: (
        xp.sum(transposed(xp, x) * xp.pseudoinverse(x, rcond), axis=(-2, -1), keepdims=True) < min(x.shape[-2:]) - 0.5
    ),
    None,
    "where the rank is not full, that of changes that keep the rank; along others the pseudoinverse jumps",
    {(((1.0, 0.0), (0.0, 0.0)),): ((-1.0, 1.0), (1.0, 0.0))},
)
pseudoinverse.samples = tuple((shape, {"rcond": None}) for shape in ((2, 2), (3, 2), (2, 2, 3)))


class QRResult(NamedTuple):
    """The result of `qr`."""

    Q: X
    R: X


class SVDResult(NamedTuple):
    """The result of `svd`."""

    U: X
    S: X
    Vh: X


def svd(x: X, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> X:
    """The singular value decomposition ``U @ diag(S) @ Vh``, or the singular values alone.

    U and Vh are square; with ``full_matrices=False`` they have as many columns and rows as there are singular values.
    Where two of these are equal, or one is 0, the gradient of what depends on their vectors is nan.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[2.0, 1.0], [1.0, 2.0]])
    >>> U, S, Vh = np.linalg.svd(x)
    >>> S[0].backward()
    >>> S.data.round(6).tolist(), x.grad.round(6).tolist()
    ([3.0, 1.0], [[0.5, 0.5], [0.5, 0.5]])
    """
    x = as_node_or_array(x)
    if hermitian:
        return _hermitian_svd(x) if compute_uv else flip(sort(abs(eigvalsh(x))), -1)
    parts = svd_parts(x, full_matrices and compute_uv)
    m, n = x.shape[-2:]
    k = min(m, n)
    s = parts[..., :k, -1]
    if not compute_uv:
        return s
    rows, columns = (m, n) if full_matrices else (k, k)
    return SVDResult(swapaxes(parts[..., :rows, :m], -1, -2), s, parts[..., :columns, m:-1])


def _hermitian_svd(x: X) -> SVDResult:
    values, vectors = eigh(x)
    order = flip(argsort(abs(values)), -1)
    u, values = take_along_axis(vectors, expand_dims(order, -2), -1), take_along_axis(values, order, -1)
    return SVDResult(u, abs(values), swapaxes(mul(u, expand_dims(sign(values), -2)), -1, -2))


def svdvals(x: X) -> X:
    """The singular values of a matrix, in descending order.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.svdvals(Tensor([[0.0, 2.0], [3.0, 0.0]])).data.round(6).tolist()
    [3.0, 2.0]
    """
    return svd(x, compute_uv=False)


def qr(x: X, mode: str = "reduced") -> X:
    """The factors Q, orthonormal, and R, upper triangular; with ``mode="r"`` R alone.

    The columns of `x`, as many as Q has, must be independent for the gradient. The signs are LAPACK's.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[3.0, 1.0], [4.0, 2.0]])
    >>> Q, R = np.linalg.qr(x)
    >>> (Q @ R).data.round(6).tolist(), abs(R).data.round(6).tolist()
    ([[3.0, 1.0], [4.0, 2.0]], [[5.0, 2.2], [0.0, 0.4]])
    """
    x = as_node_or_array(x)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"qr: mode={mode!r}; on nodes it is reduced, complete or r")
    parts = qr_parts(x, mode == "complete")
    m, n = x.shape[-2:]
    rows = m if mode == "complete" else min(m, n)
    r = parts[..., :rows, rows:]
    return r if mode == "r" else QRResult(parts[..., :rows], r)


def pinv(x: X, rcond: float | None = None, hermitian: bool = False, rtol: float | None = None) -> X:
    """The pseudoinverse of a matrix; its derivative is along changes that keep the rank.

    Singular values up to `rcond` (or `rtol`) of the largest count as 0.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.pinv(Tensor([[3.0], [4.0]])).data.round(6).tolist()
    [[0.12, 0.16]]
    """
    x = as_node_or_array(x)
    if hermitian:  # only the lower triangle is read
        x = add(tril(x), swapaxes(tril(x, -1), -1, -2))
    return pseudoinverse(x, rcond if rtol is None else rtol)
