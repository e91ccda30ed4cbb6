"""The conventions, edges and errors of the functions that follow NumPy's: where formulas alone do not say."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, grad, gradients
from autograd.graph import replay
from tests.helpers.support import KINDS, numbers

INF, NAN = float("inf"), float("nan")
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@kinds
def test_logaddexp2_has_numpys_digits_in_its_tail(kind):
    for a, b in [(0.0, -709.0), (-709.0, 0.0), (0.0, -1000.0), (1.0, -40.3), (3.0, 3.0), (1e308, 1e308)]:
        np.testing.assert_array_max_ulp(autograd.logaddexp2(kind(a), kind(b)).item(), np.logaddexp2(a, b), 4)


@kinds
def test_logaddexp_shares_its_gradient_also_between_equal_infinities(kind):
    for at in (0.0, INF, -INF):
        a, b = kind(at), kind(at)
        assert [float(g) for g in gradients(autograd.logaddexp(a, b), [a, b])] == [0.5, 0.5]
    a, b = kind(-INF), kind(1.0)
    assert [float(g) for g in gradients(autograd.logaddexp(a, b), [a, b])] == [0.0, 1.0]
    x = kind(1.0)
    slope = gradients(autograd.logaddexp(x, 1.0), x, create_graph=True)
    assert float(gradients(slope, x)) == 0.25


@kinds
def test_fmax_and_fmin_ignore_nan_and_share_ties(kind):
    for f in (autograd.fmax, autograd.fmin):
        for pair, expected in (((NAN, 2.0), [0.0, 1.0]), ((2.0, NAN), [1.0, 0.0]), ((2.0, 2.0), [0.5, 0.5])):
            a, b = map(kind, pair)
            y = f(a, b)
            assert y.item() == 2.0
            assert [float(g) for g in gradients(y, [a, b])] == expected


@kinds
def test_copysign_has_slope_0_at_0_and_sees_the_sign_of_zero(kind):
    for a, b, value, slope in ((2.0, -0.0, -2.0, -1.0), (-2.0, 1.0, 2.0, -1.0), (0.0, -1.0, 0.0, 0.0)):
        x = kind(a)
        y = autograd.copysign(x, b)
        assert (y.item(), float(gradients(y, x))) == (value, slope)


@kinds
@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "rint"])
def test_rounding_is_constant_keeps_the_sign_of_zero_and_passes_what_is_not_finite(name, kind):
    f = getattr(autograd, name)
    for at in (-0.2, 0.2, -0.0, 1.5, 2.5, -2.5, 1e300, INF, -INF, NAN):
        y, expected = f(kind(at)), getattr(np, name)(at)
        assert not y.requires_grad
        np.testing.assert_array_equal(np.asarray(y.data), expected)
        assert np.signbit(y.data) == np.signbit(expected)
    assert float(grad(lambda x: x - f(x))(1.3)) == 1.0


def test_the_gradient_of_a_running_product_is_right_among_zeros():
    torch = pytest.importorskip("torch")
    for data in ([2.0, 0.0, 3.0, 0.0, 4.0], [0.0, 0.0], [0.0], [5.0]):
        x, t = Tensor(data), torch.tensor(data, dtype=torch.float64, requires_grad=True)
        weights = numbers((len(data),), 3)
        got = gradients([anp.cumprod(x)], [x], [weights])[0]
        (expected,) = torch.autograd.grad(t.cumprod(0), t, torch.tensor(weights))
        np.testing.assert_allclose(got, expected.numpy(), rtol=1e-14)


@pytest.mark.parametrize("matrix", [np.ones((2, 2)), np.arange(9.0).reshape(3, 3), np.zeros((2, 2)), np.zeros((3, 3))])
def test_the_gradient_of_a_determinant_is_that_of_singular_matrices_too(matrix):
    x = Tensor(matrix)
    others = lambda i, j: np.delete(np.delete(matrix, i, 0), j, 1)
    expected = [[(-1) ** (i + j) * np.linalg.det(others(i, j)) for j in range(len(matrix))] for i in range(len(matrix))]
    np.testing.assert_allclose(gradients(anp.linalg.det(x), x), expected, atol=1e-13)


def test_cholesky_and_its_gradient_read_the_lower_triangle():
    x = Tensor([[4.0, NAN], [2.0, 3.0]])
    y = anp.linalg.cholesky(x)
    np.testing.assert_allclose(y.data, np.linalg.cholesky([[4.0, 2.0], [2.0, 3.0]]))
    g = gradients(anp.sum(y), x)
    assert np.isfinite(g).all()
    assert g[0, 1] == 0.0


def test_sorting_and_taking_follow_the_data_when_replayed():
    x = Tensor([3.0, 1.0, 2.0])
    y = anp.sum(anp.sort(x) * np.array([1.0, 10.0, 100.0]))
    slope = gradients(y, x, create_graph=True)
    np.testing.assert_array_equal(slope.data, [100.0, 1.0, 10.0])
    assert replay(y, {x: [1.0, 2.0, 3.0]}) == 321.0
    np.testing.assert_array_equal(replay(slope, {x: [1.0, 2.0, 3.0]}), [1.0, 10.0, 100.0])
    largest = anp.take(x, anp.argmax(x))
    assert replay(largest, {x: [1.0, 2.0, 7.0]}) == 7.0
    copysign = autograd.copysign(Value(2.0), x)
    np.testing.assert_array_equal(replay(copysign, {x: [-1.0, 1.0, -2.0]}), [-2.0, 2.0, -2.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda y: y[0, :1],
        lambda y: y[y > -1.0],
        anp.tril,
        anp.diagonal,
        lambda y: anp.triu(y.T),
        lambda y: anp.take(y, [0, 3]),
        lambda y: anp.split(y, 2, axis=1)[0],
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_what_was_dropped_does_not_poison_a_gradient_graph_that_is_replayed(f):
    data, other = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [3.0, 4.0]])
    x = Tensor(data)
    slope = gradients(anp.sum(f(anp.log(x))), x, create_graph=True)
    y = Tensor(other)
    expected = gradients(anp.sum(f(anp.log(y))), y)
    assert np.isfinite(expected).all()
    np.testing.assert_array_equal(replay(slope, {x: other}), expected)


def test_values_and_lists_of_values_are_arrays_of_one_and_several():
    x, y = Value(3.0), Value(1.0)
    np.testing.assert_array_equal(anp.sort([x, y]).data, [1.0, 3.0])
    assert anp.outer(x, [y, 2.0]).shape == (1, 2)
    anp.sum(anp.tile(x, 3) * anp.vstack([x, y, x])).backward()
    assert (x.grad, y.grad) == (3 * (3.0 + 1.0 + 3.0) + 2 * 3 * 3.0, 9.0)


def test_object_arrays_of_values_take_the_elementwise_ones():
    x = np.array([Value(-1.5), Value(0.5)], dtype=object)
    for f in (autograd.arcsinh, autograd.square, autograd.floor, autograd.reciprocal):
        assert all(isinstance(y, Value) for y in f(x))
    assert [y.item() for y in autograd.copysign(x, 1.0)] == [1.5, 0.5]


T = Tensor([[1.0, 2.0], [3.0, 5.0]])


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: anp.ravel(T, order="F"), TypeError, r"^np\.ravel: order= .* transpose before: np\.ravel\(x\.T\)$"),
        (lambda: anp.cumsum(T, dtype="f4"), TypeError, r"^np\.cumsum: dtype='f4', but nodes keep theirs, here float64"),
        (
            lambda: anp.sort(T, order="a"),
            TypeError,
            r"^np\.sort: order= is not supported .* it takes x, axis, kind",
        ),
        (lambda: anp.unique(T, axis=0), TypeError, r"^np\.unique: axis= is not supported"),
        (lambda: anp.flip(T, 3), ValueError, r"^flip\(Tensor f64\[2,2\], axis=3\): axis 3 is out of bounds"),
        (lambda: anp.sort(T, 3), ValueError, r"^sort: axis 3 is out of bounds"),
        (lambda: anp.diff(T, axis=2), ValueError, r"^diff: axis 2 is out of bounds"),
        (lambda: anp.diff(T, -1), ValueError, r"^diff: n=-1"),
        (lambda: anp.roll(T, Value(1.0)), TypeError, r"^roll: shift is static, so it cannot be a node"),
        (lambda: anp.linspace(Value(0.0), 1.0, Value(3.0)), TypeError, r"^linspace: num must be an integer, not Value"),
        (lambda: anp.linalg.matrix_power(T, 0.5), TypeError, r"^matrix_power: n must be an integer, not float"),
        (lambda: anp.pad(T, 1, "median"), TypeError, r"^pad: mode='median' is not supported; take constant, edge"),
        (lambda: anp.pad(T, 1, constant_values=Value(1.0)), TypeError, r"^pad: constant_values must be plain"),
        (lambda: anp.split(T, 3), ValueError, r"^split: .*of length 2 in 3 parts"),
        (lambda: anp.vstack(Tensor(1.0)), TypeError, r"^vstack: pass a list"),
        (lambda: anp.einsum("ij,jk->ik", T, np.ones((3, 2))), ValueError, r"^einsum: 'j' in .* the lengths 2 and 3"),
        (lambda: anp.einsum("ij,jk", T), ValueError, r"^einsum: the subscripts 'ij,jk' are for 2 operands, not 1"),
        (lambda: anp.einsum("ijk", T), ValueError, r"^einsum: 'ijk' does not name the 2 axes of operand 0"),
        (lambda: anp.einsum("i1->i", T), ValueError, r"^einsum: the subscripts 'i1->i' must be letters"),
        (lambda: anp.einsum(T, ["i", "j"]), TypeError, r"^einsum: each axis must be an integer, not str"),
        (lambda: anp.tensordot(T, np.ones((3, 2)), 1), ValueError, r"^tensordot: axes \(1,\) of shape \(2, 2\)"),
        (lambda: anp.select([T > 0], [T, T]), ValueError, r"^select: 1 conditions and 2 choices"),
        (lambda: anp.average(T, weights=[1.0, 2.0]), ValueError, r"^average: weights of shape \(2,\)"),
        (lambda: anp.take_along_axis(T, np.array([0]), 0), ValueError, r"^take_along_axis: indices have 1 axes"),
        (lambda: anp.linalg.inv(T * 0), np.linalg.LinAlgError, r"^inv\(.*a singular matrix has no inverse"),
        (lambda: anp.linalg.solve(T * 0, T), np.linalg.LinAlgError, r"^solve\("),
        (lambda: anp.linalg.cholesky(-T), np.linalg.LinAlgError, r"^cholesky\(.*not positive definite"),
        (lambda: anp.argmax(T, out=np.zeros(1)), TypeError, r"^np\.argmax: out= would overwrite"),
    ],
)
def test_what_is_wrong_or_not_supported_is_named(call, kind, text):
    with pytest.raises(kind, match=text) as error:
        call()
    assert "\n" not in str(error.value)
