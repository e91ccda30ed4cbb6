"""``scipy.linalg``, accepting nodes: on nodes functions of the op table, or what is written in them here.

>>> import autograd.numpy as np
>>> import autograd.scipy.linalg as spla
>>> from autograd import grad
>>> grad(lambda a: np.sum(spla.expm(a)))(np.zeros((2, 2)))  # the exponential of 0 has the slope 1
array([[1., 1.],
       [1., 1.]])
>>> grad(lambda b: np.sum(spla.solve_triangular(np.array([[2.0, 0.0], [1.0, 4.0]]), b, lower=True)))(np.ones(2))
array([0.375, 0.25 ])
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import numpy
import scipy.linalg as _scipy

import autograd.numpy as np
from autograd.namespaces.factorisations import MATRIX_FUNCTIONS
from autograd.numpy import linalg as _numpys
from autograd.numpy.dispatch import accepting_nodes
from autograd.ops import matrix_functions as table
from autograd.scipy._beside import beside
from autograd.surface import publish
from autograd.typing import F, X

__all__ = sorted(name for name in _scipy.__all__ if callable(getattr(_scipy, name)))

publish(globals())

# What says how SciPy calculates, and not what.
_HOW = {
    "blocksize", "check_finite", "disp", "driver", "lapack_driver", "lwork", "overwrite_a", "overwrite_ab",
    "overwrite_b",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    theirs = getattr(_scipy, name)
    return accepting_nodes(theirs) if callable(theirs) and not isinstance(theirs, type) else theirs


def _on_nodes(ours: F) -> F:
    """A function of ours for nodes, and SciPy's of the same name for plain data."""

    @wraps(ours)
    def function(*args: object, **kwargs: object) -> X:
        return ours(*args, **{k: v for k, v in kwargs.items() if k not in _HOW})

    return cast(F, beside(_scipy)(function))


def _function_of_matrices(name: str) -> Callable[[X], X]:
    def function(A: X) -> X:
        shape = np.shape(A)
        if len(shape) < 2 or shape[-1] != shape[-2]:
            raise numpy.linalg.LinAlgError(f"{name}: the shape is {shape}; it takes square matrices")
        return table.matrix_function(A, of=name)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The function of a square matrix that {name} is in SciPy; a complex one is an error."
    return _on_nodes(function)


det, inv, norm, svdvals = map(_on_nodes, (_numpys.det, _numpys.inv, _numpys.norm, _numpys.svdvals))
expm, logm, sqrtm, cosm, sinm, tanm, coshm, sinhm, tanhm = map(_function_of_matrices, MATRIX_FUNCTIONS)


@_on_nodes
def solve_sylvester(a: X, b: X, q: X) -> X:
    """The matrix `x` with ``a @ x + x @ b == q``."""
    return table.solve_sylvester(a, b, q)


@_on_nodes
def solve_continuous_lyapunov(a: X, q: X) -> X:
    """The matrix `x` with ``a @ x + x @ a.T == q``."""
    return table.solve_sylvester(a, np.matrix_transpose(a), q)


def _check_length(name: str, n: int, b: X) -> None:
    shape = np.shape(b)
    if n not in (shape[:1] + shape[-2:-1]):
        raise ValueError(f"{name}: b has the shape {shape} and the matrix {n} rows; b needs as many")


@_on_nodes
def solve_triangular(a: X, b: X, trans: int | str = 0, lower: bool = False, unit_diagonal: bool = False) -> X:
    """The `x` with ``a @ x == b`` for a triangular matrix, of which the other half is not read."""
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(f"solve_triangular: trans={trans!r}; it is 0, 1 or 2, or 'N', 'T' or 'C'")
    _check_length("solve_triangular", np.shape(a)[-1], b)
    if unit_diagonal:
        a = np.where(numpy.eye(a.shape[-1], dtype=bool), 1.0, a)
    a = np.tril(a) if lower else np.triu(a)
    return _numpys.solve(a if trans in (0, "N") else np.matrix_transpose(a), b)


@_on_nodes
def cholesky(a: X, lower: bool = False) -> X:
    """The triangular `c` with ``c.T @ c == a`` or, if `lower` says so, ``c @ c.T == a``."""
    return _numpys.cholesky(a) if lower else np.matrix_transpose(_numpys.cholesky(np.matrix_transpose(a)))


@_on_nodes
def cho_factor(a: X, lower: bool = False) -> tuple[X, bool]:
    """The factor that :func:`cholesky` gives, and `lower`, for :func:`cho_solve`."""
    return cholesky(a, lower), lower


@_on_nodes
def cho_solve(c_and_lower: tuple[X, bool], b: X) -> X:
    """The `x` with ``a @ x == b``, from the result of :func:`cho_factor` for `a`."""
    c, lower = c_and_lower
    half = solve_triangular(c, b, 0 if lower else 1, lower)
    return solve_triangular(c, half, 1 if lower else 0, lower)


@_on_nodes
def solve_banded(l_and_u: tuple[int, int], ab: X, b: X) -> X:
    """The `x` with ``a @ x == b`` for a matrix with so many diagonals below and above, which are the rows of `ab`."""
    below, above = l_and_u
    rows, n = np.shape(ab)
    if rows != below + above + 1:
        raise ValueError(f"solve_banded: ab has {rows} rows; {below} + {above} + 1 diagonals are {below + above + 1}")
    _check_length("solve_banded", n, b)
    row, column = numpy.indices((n, n))
    place = above + row - column  # of a's elements among the rows of ab
    a = np.where((place >= 0) & (place <= below + above), ab[numpy.clip(place, 0, below + above), column], 0.0)
    return _numpys.solve(a, b)


@_on_nodes
def block_diag(*arrs: X) -> X:
    """The matrix with blocks on its diagonal; a vector is a row."""
    blocks = [np.atleast_2d(a) for a in arrs]
    width = sum(a.shape[1] for a in blocks)
    rows, left = [], 0
    for a in blocks:
        rows.append(np.pad(a, ((0, 0), (left, width - left - a.shape[1]))))
        left += a.shape[1]
    return np.concatenate(rows, axis=0)


@_on_nodes
def solve(a: X, b: X, lower: bool = False, assume_a: str | None = None, transposed: bool = False) -> X:
    """The `x` with ``a @ x == b``; of a symmetric or positive definite `a` the upper triangle is read, or the lower."""
    if assume_a in ("sym", "her", "pos", "symmetric", "hermitian", "positive definite"):
        half = np.tril(a, -1) if lower else np.matrix_transpose(np.triu(a, 1))
        a = np.where(numpy.eye(a.shape[-1], dtype=bool), a, half + np.matrix_transpose(half))
    return _numpys.solve(np.matrix_transpose(a) if transposed else a, b)


@_on_nodes
def pinv(a: X, *, rtol: float | None = None) -> X:
    """The pseudoinverse of a matrix."""
    return _numpys.pinv(a, rcond=rtol)


@_on_nodes
def eigh(a: X, b: None = None, *, lower: bool = True, eigvals_only: bool = False) -> X:
    """The eigenvalues and eigenvectors of a symmetric matrix, of which a triangle is read; with NumPy's signs."""
    if b is not None:
        raise TypeError(
            "eigh: b= is not supported on nodes; with c = cholesky(b, lower=True) take inv(c) @ a @ inv(c).T"
        )
    values, vectors = _numpys.eigh(a, "L" if lower else "U")
    return values if eigvals_only else (values, vectors)


@_on_nodes
def svd(a: X, full_matrices: bool = True, compute_uv: bool = True) -> X:
    """The singular value decomposition ``u @ diag(s) @ vh``, or the singular values alone."""
    found = _numpys.svd(a, full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


@_on_nodes
def qr(a: X, *, mode: str = "full") -> X:
    """The factors Q, orthonormal, and R, upper triangular; R alone ("r"), or the small ones ("economic")."""
    q, r = _numpys.qr(a, "reduced" if mode == "economic" else "complete")
    return (r,) if mode == "r" else (q, r)
