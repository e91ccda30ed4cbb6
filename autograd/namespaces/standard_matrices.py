"""Products, factorisations and solutions, over a module of the array API standard with its linear algebra."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from autograd.namespaces.standard_reductions import Reductions
from autograd.namespaces.standard_shapes import lengths_of
from autograd.typing import X

__all__ = ["Matrices"]


class Matrices(Reductions):
    """Functions of matrices, or of each of a stack; a factorisation gives its parts as one array."""

    def matmul(self, a: X, b: X) -> X:
        """The product of vectors, matrices and stacks of matrices."""
        return a @ b

    def einsum(self, subscripts: str, *operands: X) -> X:
        """The sum of products by Einstein's subscripts, each letter once in an operand."""
        terms, result = subscripts.split("->")
        letters = sorted(set(terms) - {","})
        product: X = None
        for term, x in zip(terms.split(","), operands, strict=True):
            if term:
                x = self.transpose(x, tuple(int(i) for i in np.argsort(list(term))))
            sizes = dict(zip(sorted(term), lengths_of(x), strict=True))
            x = self.reshape(x, tuple(sizes.get(c, 1) for c in letters))
            product = x if product is None else product * x
        axes = tuple(i for i, c in enumerate(letters) if c not in result)
        y = self.sum(product, axes) if axes else product
        left = [c for c in letters if c in result]
        return self.transpose(y, tuple(left.index(c) for c in result)) if left else y

    def of_matrices(self, name: str, *args: X, **params: X) -> X:
        """A function of the library's linear algebra."""
        return getattr(self.module.linalg, name)(*args, **params)

    # ---- solutions ----

    def inv(self, x: X) -> X:
        """The inverse."""
        return self.of_matrices("inv", x)

    def solve(self, a: X, b: X) -> X:
        """The solution of ``a @ x = b``, for a vector or for each column of a matrix."""
        if b.ndim > 1:
            return self.of_matrices("solve", a, b)
        columns = self.broadcast_to(self.expand_dims(b, -1), (*lengths_of(a)[:-1], 1))
        return self.squeeze(self.of_matrices("solve", a, columns), -1)

    def det(self, x: X) -> X:
        """The determinant."""
        return self.of_matrices("det", x)

    def slogdet(self, x: X) -> X:
        """The sign of the determinant and the logarithm of its absolute value."""
        return self.of_matrices("slogdet", x)

    def cholesky(self, x: X) -> X:
        """The lower triangular factor; only the lower triangle of `x` is read."""
        return self.of_matrices("cholesky", self.mirrored(x, "L"))

    def mirrored(self, x: X, triangle: str) -> X:
        """The symmetric matrix of a triangle, ``"L"`` for the lower one."""
        half = self.tril if triangle == "L" else self.triu
        return half(x) + self.swapaxes(half(x, -1 if triangle == "L" else 1), -1, -2)

    def half_tril(self, x: X) -> X:
        """The lower triangle, with half of the diagonal."""
        return (self.tril(x) + self.tril(x, -1)) / 2

    def diagonal_mask(self, n: int, like: X) -> X:
        """The diagonal of matrices with n rows."""
        return self.entered(np.eye(n, dtype=bool), like)

    def cofactor(self, x: X) -> X:
        """The cofactors, through singular values, of which some may be 0; nan where an element is not finite."""
        wrong = self.sum(self.logical_not(self.isfinite(x)), (-2, -1), True) > 0
        u, s, v = self.svd(self.where(wrong, 0.0, x), False)
        n = lengths_of(s)[-1]
        others = self.prod(self.where(self.diagonal_mask(n, x), 1.0, s[..., None, :]), -1)
        sign = self.reshape(self.det(u) * self.det(v), (*lengths_of(x)[:-2], 1, 1))
        return self.where(wrong, nan, sign * ((u * others[..., None, :]) @ v))

    # ---- factorisations ----

    def eigh(self, x: X, triangle: str) -> tuple[X, X]:
        """The eigenvalues and the eigenvectors of a symmetric matrix, of which a triangle is read."""
        values, vectors = self.of_matrices("eigh", self.mirrored(x, triangle))
        return values, vectors

    def svd(self, x: X, full_matrices: bool) -> tuple[X, X, X]:
        """The singular vectors, the values and the transposed vectors."""
        u, s, vh = self.of_matrices("svd", x, full_matrices=full_matrices)
        return u, s, vh

    def qr(self, x: X, mode: str) -> tuple[X, X]:
        """The factors Q and R; `mode` is reduced or complete."""
        q, r = self.of_matrices("qr", x, mode=mode)
        return q, r

    def pinv(self, x: X, rtol: X) -> X:
        """The pseudoinverse; singular values up to `rtol` of the largest count as 0."""
        return self.of_matrices("pinv", x, rtol=rtol)

    def eigh_parts(self, x: X, UPLO: str = "L") -> X:
        """``[λ | V]`` of a symmetric matrix."""
        values, vectors = self.eigh(x, UPLO)
        return self.concatenate([values[..., None], vectors], -1)

    def eig_parts(self, x: X) -> X:
        """``[λ | V]`` of any matrix with real eigenvalues: calculated by NumPy."""
        *front, n = lengths_of(x)
        return self.on_host("eig_parts", x, shape=(*front, n + 1))

    def svd_parts(self, x: X, full_matrices: bool = False) -> X:
        """``[Uᵀ | Vᵀ | s]``, with rows of zeros below the shorter ones."""
        u, s, vh = self.svd(x, full_matrices)
        rows = max(lengths_of(u)[-1], lengths_of(vh)[-2])
        parts = (self.swapaxes(u, -1, -2), vh, s[..., None])
        return self.concatenate([self.with_rows(part, rows) for part in parts], -1)

    def qr_parts(self, x: X, complete: bool = False) -> X:
        """``[Q | R]``, with rows of zeros below a shorter R."""
        q, r = self.qr(x, "complete" if complete else "reduced")
        return self.concatenate([q, self.with_rows(r, lengths_of(q)[-2])], -1)

    def with_rows(self, x: X, n: int) -> X:
        """A matrix with rows of zeros below, n in all."""
        *front, rows, columns = lengths_of(x)
        if rows == n:
            return x
        return self.concatenate([x, self.filled((*front, n - rows, columns), 0, x, x.dtype)], -2)

    def pseudoinverse(self, x: X, rcond: X = None) -> X:
        """The pseudoinverse; without a number, singular values that are rounding count as 0."""
        if rcond is not None and np.ndim(rcond):
            rcond = self.asarray_like(rcond, x)
        return self.pinv(x, 1e-15 if rcond is None else rcond)

    def inverse_gaps(self, x: X, sign: int = -1) -> X:
        """1/(xⱼ − xᵢ) in row i, or of the sums, and 0 on the diagonal; nan where only rounding is left of one."""
        n = lengths_of(x)[-1]
        gaps = x[..., None, :] + sign * x[..., None]
        if n == 0:
            return gaps
        size = 64 * self.max(self.abs(x), -1, True)[..., None]  # equal eigenvalues come out 32 ulp of it apart
        gaps = self.where(size + self.abs(gaps) == size, nan, gaps)
        return 1 / self.where(self.diagonal_mask(n, x), inf, gaps)

    # ---- what SciPy calculates ----

    def matrix_function(self, x: X, of: str = "expm") -> X:
        """A function of each of a stack of matrices, by its name in scipy.linalg."""
        return self.on_host("matrix_function", x, of, shape=lengths_of(x))

    def solve_sylvester(self, a: X, b: X, q: X) -> X:
        """The matrix `y` with ``a @ y + y @ b == q``."""
        return self.on_host("solve_sylvester", a, b, q, shape=lengths_of(q))
