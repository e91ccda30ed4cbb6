"""Eigenvalues, singular values and what is made of them where it is delicate: ties, lost ranks, tiny values."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, gradients, hessian, supported
from autograd.graph import replay
from autograd.testing import check_gradients
from tests.helpers.support import numbers

linalg = anp.linalg
TURN = np.linalg.qr(numbers((3, 3), 1))[0]
TIED = TURN @ np.diag([1.0, 1.0, 3.0]) @ TURN.T
LOW = np.outer([1.0, 2.0, 3.0], [1.0, -1.0])


def lower(x):
    """The gradient by a symmetric matrix, as that of the triangle which is read."""
    return np.tril(x) + np.tril(x, -1)


@pytest.mark.parametrize("x", [TIED, 2 * np.eye(3)], ids=["turned", "diagonal"])
@pytest.mark.parametrize(
    ("f", "slope"), [(anp.exp, np.exp), (anp.log, lambda w: 1 / w), (lambda w: w**3, lambda w: 3 * w**2)]
)
def test_the_trace_of_a_function_of_a_matrix_is_right_at_equal_eigenvalues(x, f, slope):
    w, v = np.linalg.eigh(x)
    expected = lower(v * slope(w) @ v.T)
    np.testing.assert_allclose(grad(lambda a: anp.sum(f(linalg.eigvalsh(a))))(x), expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        grad(lambda a: anp.sum(f(linalg.eigh(a)[0])))(np.stack([x, TIED]))[0], expected, atol=1e-12
    )
    trace_of_roots = lambda a: anp.sum(f(linalg.eigvals(a)))
    np.testing.assert_allclose(grad(trace_of_roots)(np.diag(w)), np.diag(slope(w)), rtol=1e-12)


def test_a_gradient_graph_that_meets_equal_eigenvalues_in_a_replay_is_right():
    x = Tensor(np.diag([1.0, 2.0]))
    for y in (anp.sum(linalg.eigvalsh(x) ** 2), linalg.norm(x, "nuc") ** 2 / 2):
        slope = gradients(y, x, create_graph=True)
        np.testing.assert_allclose(replay(slope, {x: 2 * np.eye(2)}), 4 * np.eye(2), rtol=1e-14)


def test_what_depends_on_the_eigenvectors_of_equal_eigenvalues_is_nan_and_never_a_wrong_number():
    logarithm = lambda a: (lambda w, v: ((v * anp.log(w)) @ v.T)[1, 0])(*linalg.eigh(a))
    assert np.isnan(grad(logarithm)(np.eye(2))[1, 0])  # it is 1, but a derivative of log λ and V cannot tell
    check_gradients(logarithm, [np.diag([1.0, 1.1])])
    assert np.isnan(hessian(lambda a: anp.sum(anp.exp(linalg.eigvalsh(a))))(TIED)).any()
    of_another = lambda a: linalg.eigh(a).eigenvectors[0, 2] ** 2  # that of 3
    assert np.isfinite(grad(of_another)(TIED)).all()
    check_gradients(of_another, [TIED], order=1)


def test_eigenvalues_are_told_apart_by_what_rounding_leaves_of_their_difference():
    for gap, nan in ((1e-16, True), (1e-12, False)):
        x = np.diag([1.0, 1.0 + gap])
        assert np.isnan(grad(lambda a: linalg.eigh(a)[1][0, 0])(x)).any() == nan
    single = np.diag([1.0, 1.0 + 3e-7]).astype(np.float32)
    assert np.isnan(grad(lambda a: linalg.eigh(a)[1][0, 0])(single)).any()


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_small_and_large_eigenvalues_and_singular_values_have_their_gradients(scale):
    sizes = scale * np.array([1e-20, 2e-20, 1.0])
    for k in range(3):
        unit = np.diag(np.arange(3) == k) * 1.0
        np.testing.assert_array_equal(grad(lambda a, k=k: linalg.eigvalsh(a)[k])(np.diag(sizes)), unit)
        np.testing.assert_array_equal(grad(lambda a, k=k: linalg.svdvals(a)[2 - k])(np.diag(sizes)), unit)


def test_norms_of_singular_values_are_right_where_the_rank_is_lost():
    direction = LOW / np.linalg.norm(LOW)
    np.testing.assert_allclose(grad(lambda a: linalg.norm(a, 2))(LOW), direction, rtol=1e-14)
    along = lambda t: linalg.norm(anp.outer(anp.array([1.0, 2.0, t]), anp.array([1.0, -1.0])), "nuc")
    np.testing.assert_allclose(grad(along)(3.0), 3 / np.sqrt(14) * np.sqrt(2), rtol=1e-14)
    truncated = lambda a: (lambda u, s, v: anp.sum((u[:, :1] * s[:1]) @ v[:1] * numbers((3, 2))))(*linalg.svd(a, False))
    check_gradients(truncated, [LOW], order=1)
    for ord in ("nuc", 2, -2, "fro"):
        assert not grad(lambda a, ord=ord: linalg.norm(a, ord))(np.zeros((2, 3))).any()
        assert gradients(linalg.norm(x := Tensor(np.eye(2)), ord), x).shape == (2, 2)


def test_the_pseudoinverse_has_the_derivative_along_changes_that_keep_the_rank():
    check_gradients(lambda t, u: linalg.pinv(anp.outer(t, u)), [numbers((3,), 1), numbers((2,), 2)], order=2)
    check_gradients(lambda a, b: linalg.lstsq(a, b)[:2], [numbers((4, 2), 3), numbers((4,), 4)], order=2)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (2, 5, 3)])
def test_singular_values_that_are_cut_off_turn_into_those_that_are_kept(shape):
    a = np.random.default_rng(0).standard_normal(shape)
    s = np.linalg.svd(a)[1]
    assert (s[..., -1] < 0.5 * s[..., 0]).all()
    check_gradients(lambda a: linalg.pinv(a, 0.5), [a], order=2)
    if a.ndim == 2:
        check_gradients(lambda a, b: linalg.lstsq(a, b, 0.5)[0], [a, a[:, 0]], order=1)
    assert np.isfinite(grad(lambda a: anp.sum(linalg.pinv(a, 0.5)))(np.diag([2.0, 2.0, 0.5, 0.0, 0.0]))).all()


@pytest.mark.parametrize("ord", [None, 1, 2, 3, -2, np.inf, -np.inf])
def test_norms_of_integers_are_those_of_floats_and_norms_of_nothing_are_numpys(ord):
    x = np.array([200, 100], "u1")
    for f in (linalg.norm, lambda a, ord: linalg.vector_norm(a, ord=2 if ord is None else ord)):
        y = f(Tensor(x), ord).data
        np.testing.assert_allclose(y, np.linalg.norm(x, ord), rtol=1e-14)
        assert y.dtype == float
    assert linalg.norm(Tensor(np.zeros(0)), -2).data == np.inf


def test_columns_beyond_the_rank_turn_with_the_others():
    """Their projector is what all bases share."""
    for x in (numbers((4, 2), 5), numbers((2, 4), 6)):
        k = min(x.shape)

        def projectors(a, k=k):
            u, _, v = linalg.svd(a)
            q = linalg.qr(a, "complete")[0][:, k:]
            return [u[:, k:] @ u[:, k:].T, v[k:].T @ v[k:], q @ q.T]

        check_gradients(projectors, [x], order=2)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 0, 0), (0, 2, 2)])
def test_empty_matrices_have_empty_gradients(shape):
    x = np.zeros(shape)
    functions = [lambda a: linalg.svd(a)[0], lambda a: linalg.svd(a, False)[2], linalg.svdvals, linalg.pinv]
    functions += [lambda a: linalg.qr(a)[1], lambda a: linalg.qr(a, "complete")[0]]
    if shape[-1] == shape[-2]:
        functions += [lambda a: linalg.eigh(a)[1], lambda a: linalg.eig(a)[0]]
    for f in functions:
        assert grad(lambda a, f=f: anp.sum(f(a)))(x).shape == shape


def test_results_have_numpys_names_and_one_factorisation_serves_all_parts():
    x = numbers((3, 3), 7) + 3 * np.eye(3)
    for f, fields in (
        (linalg.eigh, "eigenvalues eigenvectors"), (linalg.qr, "Q R"), (linalg.svd, "U S Vh"),
        (linalg.slogdet, "sign logabsdet"),
    ):  # fmt: skip
        ours, theirs = f(Tensor(x)), f(x)
        assert type(ours).__name__ in (type(theirs).__name__, "Slogdet")
        assert [*ours._fields] == [*theirs._fields] == fields.split()
    u, s, v = linalg.svd(Tensor(x))
    assert s.parents == v.parents
    assert u.parents[0].parents == s.parents


def test_the_norm_of_order_0_counts_and_is_constant():
    x = Tensor([[1.0, 0.0], [2.0, 3.0]])
    y = linalg.norm(x, 0, axis=1)
    np.testing.assert_array_equal(y.data, [1.0, 2.0])
    assert not gradients(anp.sum(y * x[:, 0]), x)[:, 1].any()


def test_names_of_numpys_linalg_work_on_the_last_axes():
    x = numbers((2, 3, 4))
    for f, args in (
        (linalg.diagonal, ()), (linalg.trace, ()), (linalg.matrix_transpose, ()), (linalg.matmul, (x.swapaxes(1, 2),)),
        (linalg.vecdot, (x,)), (linalg.tensordot, (x.transpose(1, 2, 0),)), (linalg.cross, (x,)),
    ):  # fmt: skip
        a = x[..., :3] if f is linalg.cross else x
        args = (a[::-1],) if f is linalg.cross else args
        np.testing.assert_allclose(f(Tensor(a), *args).data, f(a, *args), rtol=1e-14)
    np.testing.assert_array_equal(linalg.diagonal(Tensor(x), offset=1).data, linalg.diagonal(x, offset=1))
    assert all(supported(f"linalg.{name}") for name in np.linalg.__all__ if name != "LinAlgError")


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: linalg.eig(x), r"complex eigenvalues: complex numbers are outside this project"),
        (lambda x: linalg.eigh(x, "D"), r"UPLO='D'; it is 'L' or 'U'"),
        (lambda x: linalg.qr(x, "raw"), r"mode='raw'; on nodes it is reduced, complete or r"),
        (lambda x: anp.cross(x, x), r"take.*|vectors of length 3"),
        (lambda x: linalg.tensorinv(x, 0), r"ind=0"),
        (lambda x: linalg.tensorsolve(x, x[0, :1]), r"tensorsolve: b has 1 elements"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(f, text):
    with pytest.raises(ValueError, match=text):
        f(Tensor([[0.0, 1.0], [-1.0, 0.0]]))
