"""What the tables of samples leave out: singular matrices, zeros among factors, nothing, lengths set by a mask."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, elementwise_grad, grad, gradients, hessian
from autograd.graph import replay
from autograd.ops.cumulative import recurrence
from autograd.testing import check_gradients
from tests.helpers.support import contract, numbers


def expanded(x):
    """A determinant by its first row: sums and products only, so right whatever the rank."""
    n = len(x)
    if n == 1:
        return x[0, 0]
    rest = lambda j: anp.array([[x[i, k] for k in range(n) if k != j] for i in range(1, n)])
    return sum((-1) ** j * x[0, j] * expanded(rest(j)) for j in range(n))


@pytest.mark.parametrize(("n", "rank"), [(n, r) for n in (1, 2, 3) for r in range(n + 1)] + [(4, 2)])
def test_derivatives_of_a_determinant_are_right_at_every_rank_to_third_order(n, rank):
    a = numbers((n, rank), 1) @ numbers((rank, n), 2)
    v = numbers((n, n), 3)
    np.testing.assert_allclose(hessian(anp.linalg.det)(a), hessian(expanded)(a), atol=1e-12)
    curved = lambda f: lambda x: anp.sum(grad(lambda z: anp.sum(grad(f)(z) * v))(x) * v.T)
    np.testing.assert_allclose(grad(curved(anp.linalg.det))(a), grad(curved(expanded))(a), atol=1e-11)


def test_the_second_derivative_of_determinants_in_a_stack_is_that_of_each():
    a = np.stack([np.ones((2, 2)), np.zeros((2, 2)), numbers((2, 2))])
    second = lambda x: grad(lambda z: contract(grad(lambda w: anp.sum(anp.linalg.det(w)))(z)))(x)
    turned = lambda w: np.array([[w[1, 1], -w[1, 0]], [-w[0, 1], w[0, 0]]])
    weights = np.random.default_rng(1).uniform(0.5, 2.0, a.shape)
    np.testing.assert_allclose(second(a), np.stack([turned(w) for w in weights]), atol=1e-13)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_the_determinant_of_what_is_not_finite_has_nan_for_its_gradient_and_harms_no_other_in_a_stack():
    for odd in (np.nan, np.inf):
        a = np.stack([numbers((2, 2)), np.array([[odd, 1.0], [1.0, 2.0]])])
        got = grad(lambda x: anp.sum(anp.linalg.det(x)))(a)
        np.testing.assert_allclose(got[0], grad(anp.linalg.det)(a[0]))
        assert np.isnan(got[1]).all()


def test_the_logarithm_of_a_determinant_that_is_0_has_no_derivative_and_says_so():
    with pytest.raises(np.linalg.LinAlgError, match="singular matrix has no inverse, nor slogdet"):
        grad(lambda x: anp.linalg.slogdet(x)[1])(np.ones((2, 2)))


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("zeros", range(4))
def test_running_products_with_zeros_are_right_to_second_order(axis, zeros):
    a = numbers((3, 4), 1)
    a.reshape(-1)[[1, 5, 9][:zeros]] = 0.0
    weights = numbers((12,) if axis is None else (3, 4), 2)

    def written_out(x):
        x = anp.ravel(x) if axis is None else x
        k = 0 if axis is None else axis
        pick = lambda i: anp.take(x, i, axis=k)
        products = [pick(0)]
        for i in range(1, x.shape[k]):
            products.append(products[-1] * pick(i))
        return anp.sum(anp.stack(products, axis=k) * weights)

    ours = lambda x: anp.sum(anp.cumprod(x, axis) * weights)
    np.testing.assert_allclose(grad(ours)(a), grad(written_out)(a), atol=1e-13)
    v = numbers((3, 4), 3)
    along = lambda f: grad(lambda x: anp.sum(grad(f)(x) * v))
    np.testing.assert_allclose(along(ours)(a), along(written_out)(a), atol=1e-12)


@pytest.mark.parametrize(
    ("x", "taken"),
    [
        (np.array([1e-300, 1e200, 1e200, 1.0]), 1),  # the product of those behind is inf, of which 0 times is nan
        (np.array([1e-20, 1e15, 1e30, 1e10], np.float32), 2),
        (np.resize([1e-9, 1e9, 2.0, 0.5], 1024), 1024),
        (np.repeat([1.0, 1e-100, 1.0, 1e200, 1.0], [400, 4, 6, 2, 700]), 3),  # in rows, which are 33 long
        (np.repeat([1e-5, 1e-10, 1e10], [600, 300, 300]), 20),
    ],
)
def test_running_products_of_large_and_small_numbers_have_the_gradient_of_the_products_taken(x, taken):
    with np.errstate(all="ignore"):  # in row i the factor i is left out
        without = np.cumprod(np.where(np.eye(x.size, dtype=bool), 1, x.astype(np.longdouble))[:, :taken], axis=1)
    totals = np.triu(without).sum(1)  # of the products that have the factor
    with np.errstate(over="ignore"):
        got = grad(lambda x: anp.sum(anp.cumprod(x)[:taken]))(x)
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got, totals.astype(x.dtype), rtol=1e-5 if x.dtype == np.float32 else 1e-12)


def test_a_recurrence_in_rows_gives_what_it_gives_one_by_one():
    a, x = numbers((3, 700), 1), numbers((3, 700), 2)
    for scale, zeros in ((1.0, 0), (1.0, 5), (1e-30, 0), (1e30, 0)):
        factors = x * scale
        factors[:, 3 : 700 : 700 // (zeros or 700)] = 0.0
        expected = np.stack([recurrence(*pair, 0) for pair in zip(a, factors, strict=True)])
        np.testing.assert_allclose(recurrence(a, factors, 1), expected, rtol=1e-9)


@pytest.mark.parametrize(("a", "x"), [((3, 1, 2), (2,)), ((3,), (2, 1, 3)), ((2, 1, 3), (4, 1))])
@pytest.mark.parametrize("axis", [0, -1])
def test_the_axis_of_a_recurrence_is_one_of_the_shape_that_both_have_together(a, x, axis):
    args = numbers(a, 1), numbers(x, 2)
    np.testing.assert_allclose(recurrence(*args, axis), recurrence(*np.broadcast_arrays(*args), axis), rtol=1e-14)
    check_gradients(lambda a, x: recurrence(a, x, axis), args)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: anp.tile(x, 3),
        lambda x: anp.tile(x, (2, 2)),
        lambda x: anp.repeat(x, 2),
        lambda x: anp.repeat(x, 2, axis=0),
        lambda x: anp.roll(x, 1),
        lambda x: anp.diff(x, 2, prepend=0.0),
        lambda x: anp.stack([x, x], axis=-1),
        lambda x: anp.inner(x, x) * x,
        lambda x: anp.tensordot(x, x, 0),
        lambda x: anp.tensordot(x[:, None] * np.ones((2, 3)).ravel(), x, (0, 0)),
        lambda x: anp.tensordot(x[:, None, None] * np.ones((2, 3)), np.ones((2, 3)), 2),
        lambda x: anp.tensordot(np.ones((3, 2)), x[:, None] * np.ones(2), (1, 1)),
        lambda x: anp.tensordot(np.ones((3, 2, 2)), x[:, None] * np.ones(2), (1, 1)),
        lambda x: anp.median(x) * x,
        lambda x: anp.trapezoid(x, x**2),
        lambda x: anp.kron(x, x),
        lambda x: anp.kron(x[:, None] * np.ones((2,)), np.ones((3, 2))),
        lambda x: anp.pad(x, 2, constant_values=3.0) * 2,
        lambda x: anp.pad(x[:, None] * np.ones(2), 1, constant_values=((1.0, 2.0), (3.0, 4.0))),
    ],
)
def test_a_gradient_graph_follows_a_mask_that_selects_more_when_replayed(f):
    x, other = Tensor([1.0, -2.0, 3.0, -1.0]), np.array([1.0, 2.0, 3.0, 4.0])
    total = lambda x: anp.sum(f(x[x > 0.0]) ** 3)
    slope = gradients(total(x), x, create_graph=True)
    np.testing.assert_allclose(replay(slope, {x: other}), grad(total)(other))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_nothing_has_a_gradient_of_nothing(shape):
    x = Tensor(np.zeros(shape))
    for f in (
        lambda x: anp.tile(x, 2),
        lambda x: anp.tile(x, 0),
        lambda x: anp.repeat(x, 2),
        lambda x: anp.repeat(x, 0, axis=-1),
        lambda x: anp.diff(x, axis=0),
        lambda x: anp.linalg.norm(x, np.inf),
        lambda x: anp.linalg.norm(x, 1, axis=0),
        lambda x: anp.stack([x, x]),
        anp.cumprod,
    ):
        y = f(x)
        g = gradients(y, x, np.ones(y.shape), create_graph=True)
        assert g.shape == gradients(g, x, np.ones(shape)).shape == shape
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        y = anp.std(x)
    assert gradients(y, x).shape == shape


def test_norms_of_nothing_are_numpys():
    for shape, ord, axis in (((0,), np.inf, None), ((0, 3), np.inf, 0), ((0, 3), np.inf, None), ((2, 0), 1, None)):
        a = np.zeros(shape)
        np.testing.assert_array_equal(anp.linalg.norm(Tensor(a), ord, axis).data, np.linalg.norm(a, ord, axis))
    with pytest.raises(ValueError, match=r"norm: axis=\(\); give one axis, for vectors, or two"):
        anp.linalg.norm(Tensor([1.0]), None, ())


def test_the_slope_of_expm1_keeps_its_tail():
    x = np.array([-700.0, -40.0, -1.0, -1e-9])
    np.testing.assert_allclose(elementwise_grad(autograd.expm1)(x), np.exp(x), rtol=1e-15)
    np.testing.assert_allclose(grad(grad(autograd.expm1))(-40.0), np.exp(-40.0), rtol=1e-15)


def test_the_median_shares_its_gradient_between_the_two_in_the_middle():
    np.testing.assert_array_equal(grad(anp.median)(np.array([4.0, 1.0, 9.0, 2.0])), [0.5, 0.0, 0.0, 0.5])
    np.testing.assert_array_equal(grad(anp.median)(np.array([4.0, 1.0, 9.0])), [1.0, 0.0, 0.0])
    x = np.array([[2.0, -np.inf, np.inf], [np.nan, 1.0, 3.0], [np.inf, 1.0, 5.0]])
    np.testing.assert_array_equal(anp.median(Tensor(x), 1).data, [2.0, np.nan, 5.0])
    np.testing.assert_array_equal(anp.median(Tensor(x)).data, np.nan)
    with pytest.raises(ValueError, match=r"^median: nothing has no middle; x has shape \(2, 0\)$"):
        anp.median(Tensor(np.ones((2, 0))), axis=1)


@pytest.mark.parametrize(
    ("f", "at", "slope", "dtype"),
    [
        (autograd.arcsinh, 1e155, 1e-155, np.float64),
        (autograd.arcsinh, -1e300, 1e-300, np.float64),
        (autograd.arcsinh, 1e20, 1e-20, np.float32),
        (autograd.elu, -40.0, 4.248354255291589e-18, np.float64),
        (autograd.elu, -700.0, 9.859676543759770e-305, np.float64),
        (autograd.elu, -20.0, 2.061153622438558e-09, np.float32),
        (autograd.exp2, 1024.0, 1.2460659279417838e308, np.float64),
        (autograd.exp2, 128.0, 2.3586567e38, np.float32),
        (lambda x: x**0.0, 1e-310, 0.0, np.float64),
    ],
)
def test_no_derivative_is_lost_for_no_price(f, at, slope, dtype):
    x = Tensor(np.array([at], dtype))
    with np.errstate(over="ignore"):  # 2¹⁰²⁴ is inf, and its slope is not
        y = f(x)
    # Which of NumPy's kernels a CPU takes decides the last bits, of float32 above all.
    np.testing.assert_allclose(
        gradients(y.sum(), x), [slope], rtol=(8 if dtype is np.float32 else 4) * np.finfo(dtype).eps
    )
    if dtype is np.float64:
        v = Value(at)
        assert gradients(f(v).sum(), v) == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e-30, 1.0, 1e30, 1e200, 2e307])
def test_a_standard_deviation_of_any_size(size, dtype):
    if not float(np.finfo(dtype).tiny) < size < float(np.finfo(dtype).max) / 4:
        return
    x = Tensor(np.array([[size, 3 * size], [size, size], [3 * size, size]], dtype))
    y = autograd.std(x, axis=1)
    np.testing.assert_allclose(y.data, np.array([size, 0, size]), rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_allclose(gradients(y.sum(), x), [[-0.5, 0.5], [0, 0], [0.5, -0.5]], rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_allclose(autograd.std(x).data, size * 8**0.5 / 3, rtol=4 * np.finfo(dtype).eps)
    assert autograd.std(x, axis=0, ddof=1, keepdims=True).shape == (1, 2)
    unequal = np.array([1.0, 1 + 2**-20], dtype) * dtype(2.0 ** np.round(np.log2(size)))
    np.testing.assert_array_equal(autograd.std(unequal), np.std(np.array([1.0, 1 + 2**-20], dtype)) * unequal[0])


@pytest.mark.parametrize("a", [0.5, 1.0, 2.0])
def test_the_slope_of_a_power_by_its_base_depends_on_the_exponent_at_0_too(a):
    by_base = autograd.grad(autograd.pow, 0)
    assert by_base(a, 0.0) == 0.0
    assert autograd.grad(by_base, 1)(a, 0.0) == pytest.approx(1 / a)
    assert autograd.grad(autograd.grad(by_base, 0), 1)(a, 1.0) == pytest.approx(1 / a)
