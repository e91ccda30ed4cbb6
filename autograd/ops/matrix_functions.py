"""Functions of matrices that SciPy calculates: the exponential and its kin, and the solution of Sylvester's equation.

They are in :mod:`autograd.scipy.linalg`.
"""

import numpy as np

from autograd.ops._helpers import NAN, XP, X, named, piece, transposed

__all__: list[str] = []

matrix_function = named(
    "matrix_function", "The power series of a function with a matrix in the place of the number: expm, logm, sqrtm.",
    "f(·)", static={"of": "expm"},
)  # fmt: skip


def _matrix_function(xp: XP, g: X, y: X, x: X, of: str) -> X:
    """f of the matrix [[xᵀ, g], [0, xᵀ]], which has the derivative of f in the direction g above its diagonal.

    R. Mathias, "A chain rule for matrix functions and applications" (1996).
    """
    n = x.shape[-1]
    x_t = transposed(xp, x)
    above, below = xp.concatenate([x_t, g], -1), xp.concatenate([xp.zeros_like(g), x_t], -1)
    both = xp.matrix_function(xp.concatenate([above, below], -2), of)
    return piece(xp, -1, piece(xp, -2, both, None, n), n, None)


matrix_function.defvjps(x=_matrix_function)


def _is_singular(xp: XP, x: X, of: str) -> X:
    """Whether the smallest singular value is rounding, where the root and the logarithm have a pole at 0."""
    if of not in ("sqrtm", "logm"):
        return False
    parts = xp.svd_parts(x, False)
    largest, smallest = (piece(xp, -1, piece(xp, -2, parts, *row), -1, None) for row in ((None, 1), (-1, None)))
    return smallest <= 1e-15 * largest


matrix_function.convention(
    "x",
    _is_singular,
    NAN,
    "nan where the matrix is singular: the slope of the root and of the logarithm is infinite at an eigenvalue 0",
    {(((0.0, 0.0), (0.0, 10.0)), "sqrtm"): ((NAN, NAN), (NAN, NAN))},
)
matrix_function.samples = tuple(
    (np.array(x), {"of": of})
    for x, of in (
        ([[0.5, -1.0], [0.3, 1.2]], "expm"),
        ([[[2.0, 0.5], [0.3, 1.0]], [[1.0, 0.5], [0.2, 1.0]]], "logm"),
        ([[2.0, 0.5], [0.3, 1.0]], "sqrtm"),
    )
)

solve_sylvester = named(
    "solve_sylvester", "The matrix `y` with ``a @ y + y @ b == q``.", "A·Y + Y·B = Q", args="a b q"
)  # fmt: skip


def _by_q(xp: XP, g: X, y: X, a: X, b: X, q: X) -> X:
    return xp.solve_sylvester(transposed(xp, a), transposed(xp, b), g)


solve_sylvester.defvjps(
    a=lambda xp, g, y, a, b, q: -(_by_q(xp, g, y, a, b, q) @ transposed(xp, y)),
    b=lambda xp, g, y, a, b, q: -(transposed(xp, y) @ _by_q(xp, g, y, a, b, q)),
    q=_by_q,
)
solve_sylvester.samples = (
    (np.array([[2.0, 0.5], [0.3, 1.0]]), np.array([[1.0, 0.2], [-0.4, 2.0]]), np.array([[0.7, 1.0], [-0.5, 0.3]]), {}),
    (np.array([[2.0, 0.5], [0.3, 1.0]]), np.array([[1.5]]), np.array([[0.7], [-0.5]]), {}),
)
