"""The functions of matrices that the op table asks for, of NumPy arrays; a factorisation gives its parts as one."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from autograd.messages import COMPLEX
from autograd.namespaces.special import scipys
from autograd.typing import Function, X

__all__ = [
    "MATRIX_FUNCTIONS", "cofactor", "eig_parts", "eigh_parts", "half_tril", "inv", "inverse_gaps", "matrix_function",
    "pseudoinverse", "qr_parts", "solve", "solve_sylvester", "svd_parts",
]  # fmt: skip

# The functions of numbers that SciPy has for matrices.
MATRIX_FUNCTIONS = ("expm", "logm", "sqrtm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm")


def eigh_parts(x: X, UPLO: Literal["L", "U"] = "L") -> X:
    """A column of eigenvalues and the eigenvectors, ``[λ | V]``."""
    values, vectors = np.linalg.eigh(x, UPLO)
    return np.concatenate([values[..., None], vectors], -1)


def eig_parts(x: X) -> X:
    """A column of eigenvalues and the eigenvectors, ``[λ | V]``."""
    values, vectors = np.linalg.eig(x)
    if values.dtype.kind == "c" and values.imag.any():
        raise ValueError(f"this matrix has complex eigenvalues: {COMPLEX}; those of a symmetric one (eigh) are real")
    return np.concatenate([values.real[..., None], vectors.real], -1)  # from NumPy 2.5 on they are always complex


def svd_parts(x: X, full_matrices: bool = False) -> X:
    """``[Uᵀ | Vᵀ | s]``, with rows of zeros below the shorter ones."""
    u, s, vh = np.linalg.svd(x, full_matrices)
    m, n, rows = u.shape[-2], vh.shape[-1], max(u.shape[-1], vh.shape[-2])
    parts = np.zeros((*s.shape[:-1], rows, m + n + 1), s.dtype)
    parts[..., : u.shape[-1], :m] = np.swapaxes(u, -1, -2)
    parts[..., : vh.shape[-2], m:-1] = vh
    parts[..., : s.shape[-1], -1] = s
    return parts


def qr_parts(x: X, complete: bool = False) -> X:
    """``[Q | R]``, with rows of zeros below a shorter R."""
    q, r = np.linalg.qr(x, "complete" if complete else "reduced")
    below = np.zeros((*r.shape[:-2], q.shape[-2] - r.shape[-2], r.shape[-1]), r.dtype)
    return np.concatenate([q, np.concatenate([r, below], -2)], -1)


def pseudoinverse(x: X, rcond: float | None = None) -> X:
    """The pseudoinverse; without a number, singular values that are rounding count as 0."""
    return np.linalg.pinv(x, rcond)


def inverse_gaps(x: X, sign: int = -1) -> X:
    """1/(xⱼ − xᵢ) in row i, or of the sums, and 0 on the diagonal; nan where nothing but rounding is left of one."""
    gaps = x[..., None, :] + sign * x[..., None]
    size = 64 * np.abs(x).max(-1, initial=0)[..., None, None]  # equal eigenvalues come out 32 ulp of it apart
    gaps = np.where(size + np.abs(gaps) == size, np.nan, gaps)
    return 1 / np.where(np.eye(x.shape[-1], dtype=bool), np.inf, gaps)


def matrix_function(x: X, of: str = "expm") -> X:
    """A function of each of a stack of matrices, by its name in scipy.linalg."""
    function = scipys(of, "linalg")
    matrices = x.reshape(-1, *x.shape[-2:]).astype(float)  # logm warns of what float32 loses
    state = np.random.get_state()  # logm estimates norms with random numbers, which are the user's
    with warnings.catch_warnings():  # sqrtm warns of singular matrices, which the derivative meets as blocks too
        warnings.simplefilter("ignore", scipys("LinAlgWarning", "linalg"))
        found = [np.asarray(function(a)) for a in matrices] if x.size else matrices
    np.random.set_state(state)
    if any(y.imag.any() for y in found):
        raise ValueError(f"{of} of this matrix is complex: {COMPLEX}")
    return np.reshape([y.real for y in found], x.shape).astype(np.result_type(x, np.float32))


def solve_sylvester(a: X, b: X, q: X) -> X:
    """The matrix `y` with ``a @ y + y @ b == q``."""
    return scipys("solve_sylvester", "linalg")(a, b, q)


def inv(x: X) -> X:
    """The inverse."""
    return _of_regular(
        np.linalg.inv, "a singular matrix has no inverse, nor slogdet, which is -inf there, a derivative", x
    )


def solve(a: X, b: X) -> X:
    """The solution of ``a @ x = b``."""
    none = (
        "solve, or the derivative of qr or eig, met a singular matrix, which has not one solution; qr needs columns, "
        "and eig eigenvectors, of full rank (add a small multiple of the identity, or take lstsq or svd)"
    )
    return _of_regular(np.linalg.solve, none, a, b)


def _of_regular(function: Function, none: str, *args: X) -> X:
    try:
        return function(*args)
    except np.linalg.LinAlgError as error:
        raise np.linalg.LinAlgError(str(error).replace("Singular matrix", none)) from None


def cofactor(x: X) -> X:
    """The cofactors, which are the derivative of the determinant."""
    # Through singular values, of which some may be 0: det(x)·inv(x)ᵀ needs an inverse.
    finite = np.isfinite(x).all((-2, -1), keepdims=True)
    u, s, v = np.linalg.svd(np.where(finite, x, x.dtype.type(0)))  # which fails at others
    others = np.where(np.eye(s.shape[-1], dtype=bool), 1, s[..., None, :]).prod(-1)
    found = (np.linalg.det(u) * np.linalg.det(v))[..., None, None] * ((u * others[..., None, :]) @ v)
    return np.where(finite, found, found.dtype.type(np.nan))


def half_tril(x: X) -> X:
    """The lower triangle, with half of the diagonal."""
    return (np.tril(x) + np.tril(x, -1)) / 2
