"""``autograd.scipy.linalg``: SciPy's on plain data; on nodes its values, with derivatives."""

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.linalg as scipys

import autograd.numpy as anp
import autograd.scipy.linalg as ours
from autograd import Tensor, grad
from autograd.graph import from_json, to_json
from autograd.testing import check_gradients
from tests.helpers.support import numbers

A, B, V = numbers((3, 3), 1), numbers((3, 2), 2), numbers((3,), 3)
P = A @ A.T + np.eye(3)
BANDS = numbers((3, 5), 4) + 3 * np.eye(3)[1][:, None]
CALLS = [
    *((name, (A / 2,), {}) for name in ("expm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm")),
    *((name, (P,), {}) for name in ("logm", "sqrtm", "det", "inv", "norm", "pinv", "qr", "svd", "svdvals")),
    ("expm", (np.stack([A, P]) / 4,), {}),
    ("solve_sylvester", (P, A + 3 * np.eye(3), B @ B.T), {}), ("solve_continuous_lyapunov", (P, A), {}),
    ("solve_triangular", (P, V), {}), ("solve_triangular", (P, B, 1, True), {"check_finite": False}),
    ("solve_triangular", (P, V, "T"), {"unit_diagonal": True, "overwrite_b": False}),
    ("cholesky", (P,), {}), ("cholesky", (P,), {"lower": True}),
    ("solve_banded", ((1, 1), BANDS, numbers((5,), 5)), {}),
    ("solve_banded", ((0, 2), BANDS[::-1], numbers((5, 2))), {}),
    ("block_diag", (A, V, B), {}),
    ("solve", (A, B), {"transposed": True}), ("solve", (P, V), {"assume_a": "pos"}),
    ("solve", (P, V), {"assume_a": "sym", "lower": True}),
    ("eigh", (P,), {"eigvals_only": True, "lower": False}),
    ("svd", (B,), {"full_matrices": False}), ("qr", (B,), {"mode": "economic"}), ("qr", (B,), {"mode": "r"}),
]  # fmt: skip


def listed(y):
    return list(y) if isinstance(y, tuple) else [y]


@pytest.mark.parametrize(("name", "args", "keywords"), CALLS, ids=lambda x: x if isinstance(x, str) else "")
def test_the_value_is_scipys_and_the_derivative_is_that_of_differences(name, args, keywords):
    f, theirs = getattr(ours, name), getattr(scipys, name)
    arrays = [a for a in args if isinstance(a, np.ndarray)]

    def call(*xs):
        rest = iter(xs)
        return listed(f(*(next(rest) if isinstance(a, np.ndarray) else a for a in args), **keywords))

    expected = listed(theirs(*args, **keywords))
    for plain, node, value in zip(call(*arrays), call(*map(Tensor, arrays)), expected, strict=True):
        np.testing.assert_array_equal(plain, value)
        assert isinstance(node, Tensor)
        np.testing.assert_allclose(node.data, value, rtol=1e-11, atol=1e-12)
    check_gradients(call, arrays, order=1)


@pytest.mark.parametrize("f", [ours.expm, ours.sqrtm, lambda a: ours.solve_triangular(a, V, lower=True)])
def test_second_derivatives(f):
    check_gradients(f, [P], order=2)


@pytest.mark.parametrize("lower", [False, True])
def test_a_cholesky_factor_solves(lower):
    def solved(p, b):
        return ours.cho_solve(ours.cho_factor(p, lower), b)

    np.testing.assert_allclose(solved(Tensor(P), B).data, scipys.cho_solve(scipys.cho_factor(P), B), rtol=1e-12)
    by_p = grad(lambda p: anp.sum(solved(p, V) * V))(P)
    read = np.tril(by_p) if lower else np.triu(by_p)
    np.testing.assert_array_equal(by_p, read)
    directly = grad(lambda p: anp.sum(anp.linalg.solve(p, V) * V))(P)
    np.testing.assert_allclose(by_p + by_p.T, directly + directly.T + (by_p * np.eye(3)) * 0, rtol=1e-10)


def test_functions_of_matrices_are_right_at_equal_eigenvalues_and_without_eigenvectors():
    """There those that are made of eigenvectors have no derivative."""
    np.testing.assert_allclose(grad(lambda a: ours.logm(a)[1, 0])(np.eye(2)), [[0, 0], [1, 0]], atol=1e-14)
    np.testing.assert_allclose(grad(lambda a: ours.sqrtm(a)[0, 1])(4 * np.eye(2)), [[0, 0.25], [0, 0]], atol=1e-14)
    jordan = lambda t: ours.logm(t * np.eye(2) + np.array([[0.0, 1.0], [0.0, 0.0]]))[0, 1]  # 1/t
    assert grad(jordan)(2.0) == pytest.approx(-0.25, rel=1e-12)
    assert grad(grad(jordan))(2.0) == pytest.approx(0.25, rel=1e-8)


def test_the_root_of_a_singular_matrix_has_no_slope():
    for x in (np.diag([0.0, 1.0]), np.ones((2, 2))):
        assert np.isnan(grad(lambda a: anp.sum(ours.sqrtm(a)))(x)).all()
    assert np.isfinite(grad(lambda a: anp.sum(ours.sqrtm(a)))(np.diag([1e-9, 1.0]))).all()


def test_a_graph_of_it_goes_through_a_file_that_names_no_other_function():
    text = to_json(ours.expm(Tensor(A)))
    np.testing.assert_array_equal(from_json(text).data, scipys.expm(A))
    with pytest.raises(ValueError, match="matrix_function takes no of='signm'"):
        from_json(text.replace("expm", "signm"))


def test_random_numbers_are_left_alone():
    np.random.seed(0)  # the global generator, with which SciPy estimates norms
    expected = np.random.random(2)
    np.random.seed(0)
    first = np.random.random()
    ours.logm(Tensor(P))
    np.testing.assert_array_equal([first, np.random.random()], expected)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda p: ours.sqrtm(-p), ValueError, r"sqrtm of this matrix is complex"),
        (lambda p: ours.schur(p), TypeError, r"schur is not supported on nodes; it takes plain data only"),
        (lambda p: ours.expm(p[0]), np.linalg.LinAlgError, r"expm: the shape is \(3,\); it takes square matrices"),
        (lambda p: ours.solve_triangular(p, V[:2]), ValueError, r"b has the shape \(2,\) and the matrix 3 rows"),
        (lambda p: ours.solve_triangular(p, V, trans="X"), ValueError, r"trans='X'; it is 0, 1 or 2"),
        (lambda p: ours.solve_banded((2, 1), p, V), ValueError, r"ab has 3 rows; 2 \+ 1 \+ 1 diagonals are 4"),
        (lambda p: ours.eigh(p, p), TypeError, r"eigh: b= is not supported on nodes"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(call, kind, text):
    with pytest.raises(kind, match=text):
        call(Tensor(P))
