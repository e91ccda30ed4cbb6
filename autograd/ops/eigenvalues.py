"""Eigenvalues and eigenvectors.

Both are parts of one result, so that a call factorises once and the derivative reads both. It divides by differences
of eigenvalues. Where two are equal, their eigenvectors are any basis of a plane, and of what depends on them the
derivative is nan, because theirs does not tell it: that of ``V @ diag(log(λ)) @ V.T`` at x = 1 is 1, not 0. What
depends on the eigenvalues alone is right there too.
"""

from typing import NamedTuple

import numpy as np

from autograd.ops._helpers import NAN, XP, X, named, piece, transposed
from autograd.ops.joining import as_node_or_array

__all__ = ["eig", "eigh", "eigvals", "eigvalsh"]

inverse_gaps = named(
    "inverse_gaps", "1/(xⱼ − xᵢ) in row i, or of the sums, 0 on the diagonal: by which eigenvectors turn; nan at ties.",
    "1/Δ", static={"sign": -1},
)  # fmt: skip


def _inverse_gaps(xp: XP, g: X, y: X, x: X, sign: int) -> X:
    by_gaps = -(g * (y * y))
    return xp.sum(by_gaps, axis=-2) + sign * xp.sum(by_gaps, axis=-1)


def tied(xp: XP, values: X) -> X:
    """Whether two of the values are equal, for each matrix."""
    return xp.sum(xp.where(xp.isnan(xp.inverse_gaps(values)), 1, 0), axis=(-2, -1), keepdims=True) > 0


inverse_gaps.defvjps(x=_inverse_gaps)
inverse_gaps.convention(
    "x",
    lambda xp, x, sign: xp.sum(xp.where(xp.isnan(xp.inverse_gaps(x, sign)), 1, 0), axis=-2) > 0,
    None,
    "nan where two are equal (or of sums, both 0)",
    {((2.0, 2.0), -1): (NAN, NAN), ((0.0, 0.0), 1): (NAN, NAN)},
)
inverse_gaps.samples = (((2,), {"sign": -1}), ((3,), {"sign": 1}), ((2, 2), {"sign": -1}))

eigh_parts = named(
    "eigh_parts", "``[λ | V]``, the eigenvalues in ascending order and the eigenvectors of a symmetric matrix.",
    "eigh", static={"UPLO": "L"}, name="eigh",
)  # fmt: skip
_TIE = (
    "the basis that was found decides on the eigenvalues of a tie; nan where anything depends on the eigenvectors of "
    "equal eigenvalues"
)


def _eigenpairs(xp: XP, y: X) -> tuple[X, X]:
    return xp.getitem(y, key=("...", 0)), piece(xp, -1, y, 1, None)


def _eigh(xp: XP, g: X, y: X, x: X, UPLO: str) -> X:
    values, vectors = _eigenpairs(xp, y)
    by_values, by_vectors = _eigenpairs(xp, g)
    turned = vectors @ (transposed(xp, vectors) @ by_vectors * xp.inverse_gaps(values))
    outer = (vectors * xp.expand_dims(by_values, -2) + turned) @ transposed(xp, vectors)
    lower = xp.half_tril(outer + transposed(xp, outer))  # as the upper triangle is not read
    return lower if UPLO == "L" else transposed(xp, lower)


def _read_and_tied(xp: XP, x: X, UPLO: str) -> X:
    """The triangle that is read of the matrices of which eigenvalues are equal."""
    read = xp.half_tril(x * 0 + 1)
    read = read if UPLO == "L" else transposed(xp, read)
    return xp.logical_and(read > 0, tied(xp, _eigenpairs(xp, xp.eigh_parts(x, UPLO))[0]))


eigh_parts.defvjps(x=_eigh)
eigh_parts.convention("x", _read_and_tied, None, _TIE, {(((2.0, 0.0), (0.0, 2.0)),): ((NAN, 0.0), (NAN, NAN))})
eigh_parts.samples = (((2, 2), {"UPLO": "L"}), ((3, 3), {"UPLO": "U"}), ((2, 2, 2), {"UPLO": "L"}))

eig_parts = named(
    "eig_parts", "``[λ | V]``, the eigenvalues and the eigenvectors of a matrix, where they are real.", "eig",
    name="eig",
)  # fmt: skip


def _eig(xp: XP, g: X, y: X, x: X) -> X:
    values, vectors = _eigenpairs(xp, y)
    by_values, by_vectors = _eigenpairs(xp, g)
    # Eigenvectors keep the length 1, so that what points along them has no effect.
    across = by_vectors - vectors * xp.sum(vectors * by_vectors, axis=-2, keepdims=True)
    turned = transposed(xp, vectors) @ across * xp.inverse_gaps(values)
    scaled = xp.expand_dims(by_values, -1) * transposed(xp, vectors)
    return xp.solve(transposed(xp, vectors), scaled + turned @ transposed(xp, vectors))


eig_parts.defvjps(x=_eig)
eig_parts.convention(
    "x",
    lambda xp, x: tied(xp, _eigenpairs(xp, xp.eig_parts(x))[0]),
    None,
    _TIE,
    {(((2.0, 0.0), (0.0, 2.0)),): ((NAN, NAN), (NAN, NAN))},
)

eig_parts.samples = ((np.array([[2.0, 1.0], [0.5, -1.0]]), {}), (np.array([[[1.0, 0.3], [0.2, 3.0]]]), {}))


class EigResult(NamedTuple):
    """The result of `eig`."""

    eigenvalues: X
    eigenvectors: X


class EighResult(NamedTuple):
    """The result of `eigh`."""

    eigenvalues: X
    eigenvectors: X


def eigh(x: X, UPLO: str = "L") -> EighResult:
    """The eigenvalues, in ascending order, and the eigenvectors of a symmetric matrix, of which a triangle is read.

    The lower triangle is read, with ``UPLO="U"`` the upper one, and the gradient is in it too. Eigenvectors are columns
    of length 1, whose signs are LAPACK's. Where eigenvalues are equal, the gradient of what depends on their vectors is
    nan. The derivative: M. Giles, "An extended collection of matrix derivative results" (2008).

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[2.0, 1.0], [1.0, 2.0]])
    >>> values, vectors = np.linalg.eigh(x)
    >>> values[1].backward()
    >>> values.data.round(6).tolist(), abs(vectors.data).round(6).tolist(), x.grad.round(6).tolist()
    ([1.0, 3.0], [[0.707107, 0.707107], [0.707107, 0.707107]], [[0.5, 0.0], [1.0, 0.5]])
    """
    triangle = UPLO.upper()
    if triangle not in ("L", "U"):
        raise ValueError(f"eigh: UPLO={UPLO!r}; it is 'L' or 'U', the triangle to read")
    parts = eigh_parts(as_node_or_array(x), triangle)
    return EighResult(parts[..., 0], parts[..., 1:])


def eigvalsh(x: X, UPLO: str = "L") -> X:
    """The eigenvalues of a symmetric matrix, in ascending order.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.eigvalsh(Tensor([[2.0, 1.0], [1.0, 2.0]])).data.round(6).tolist()
    [1.0, 3.0]
    """
    return eigh(x, UPLO).eigenvalues


def eig(x: X) -> EigResult:
    """The eigenvalues and the eigenvectors of a matrix; an error where they are complex.

    Eigenvectors are columns of length 1. Complex eigenvalues are a ``numpy.linalg.LinAlgError``. Where eigenvalues are
    equal, the gradient of what depends on their eigenvectors is nan.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> values, vectors = np.linalg.eig(Tensor([[2.0, 1.0], [0.0, 5.0]]))
    >>> values.data.round(6).tolist(), abs(vectors.data).round(6).tolist()
    ([2.0, 5.0], [[1.0, 0.316228], [0.0, 0.948683]])
    """
    parts = eig_parts(as_node_or_array(x))
    return EigResult(parts[..., 0], parts[..., 1:])


def eigvals(x: X) -> X:
    """The eigenvalues of a matrix; an error where they are complex.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 2.0]])
    >>> largest = np.max(np.linalg.eigvals(x))
    >>> largest.backward()
    >>> round(largest.item(), 6), x.grad.round(6).tolist()
    (4.0, [[0.4, 0.6], [0.4, 0.6]])
    """
    return eig(x).eigenvalues
