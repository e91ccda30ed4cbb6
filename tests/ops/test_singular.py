"""What the derivatives are at kinks, ties and poles, where a formula alone does not say."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, gradients, maximum, minimum, relu, sqrt, where
from autograd.graph import replay, toposort
from autograd.namespaces import arrays
from autograd.ops import table
from tests.helpers.support import KINDS, plain

INF, NAN = float("inf"), float("nan")
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def slope(f, *args, kind=Value, by=0):
    nodes = [kind(a) for a in args]
    return float(gradients(f(*nodes), nodes[by]))


def curve(f, at, kind=Value):
    """Value, first and second derivative."""
    x = kind(at)
    y = f(x)
    first = gradients(y, x, create_graph=True)
    return y.item(), first.item(), float(gradients(first, x))


@kinds
def test_relu_and_abs_have_slope_0_at_their_kink(kind):
    for zero in (0.0, -0.0):
        assert slope(relu, zero, kind=kind) == 0.0
        assert slope(autograd.abs, zero, kind=kind) == 0.0


@kinds
def test_ties_of_maximum_and_minimum_share_equally(kind):
    for f in (maximum, minimum):
        assert slope(f, 3.0, 3.0, kind=kind, by=0) == 0.5
        assert slope(f, 3.0, 3.0, kind=kind, by=1) == 0.5
        x = kind(3.0)
        assert float(gradients(f(x, x), x)) == 1.0


@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_of_a_reduction_share_equally(name):
    f = getattr(autograd, name)
    sign = 1 if name == "max" else -1
    x = Tensor(sign * np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]))
    np.testing.assert_array_equal(gradients(f(x), x), [[0, 0.5, 0.5], [0, 0, 0]])
    by_row = gradients(f(x, axis=1).sum(), x)
    np.testing.assert_allclose(by_row, [[0, 0.5, 0.5], [1 / 3] * 3], rtol=1e-15)
    for axis in (0, 1, None, (0, 1)):
        g = gradients(f(x, axis=axis).sum(), x)
        np.testing.assert_allclose(g.sum(axis=axis), np.ones(f(x, axis=axis).shape), rtol=1e-15)


@kinds
def test_a_power_with_exponent_0_has_slope_0_everywhere(kind):
    for at in (0.0, 2.0, -3.0, INF):
        assert slope(lambda x: x**0, at, kind=kind) == 0.0
        assert slope(lambda x, b: x**b, at, 0.0, kind=kind) == 0.0


@kinds
def test_a_power_by_its_exponent(kind):
    by_b = lambda a, b: slope(lambda x, y: x**y, a, b, kind=kind, by=1)
    assert by_b(0.0, 2.0) == 0.0
    assert by_b(0.0, 0.5) == 0.0
    assert by_b(2.0, 3.0) == pytest.approx(8 * np.log(2.0), rel=1e-15)
    with np.errstate(invalid="ignore"):
        assert np.isnan(by_b(-2.0, 2.0))


@kinds
def test_powers_of_0_have_their_polynomials_derivatives(kind):
    assert curve(lambda x: x**2, 0.0, kind) == (0.0, 0.0, 2.0)
    assert curve(lambda x: x**1, 0.0, kind) == (0.0, 1.0, 0.0)
    assert curve(lambda x: x**3, 0.0, kind) == (0.0, 0.0, 0.0)
    assert curve(lambda x: x**2.0, -3.0, kind) == (9.0, -6.0, 2.0)


@kinds
def test_the_slope_of_a_root_at_0_is_infinite(kind):
    assert slope(sqrt, 0.0, kind=kind) == INF
    assert slope(lambda x: x**0.5, 0.0, kind=kind) == INF


@kinds
def test_an_incoming_gradient_of_0_does_not_end_a_second_derivative(kind):
    assert curve(lambda x: (sqrt(x) - 1) ** 2, 1.0, kind) == (0.0, 0.0, 0.5)


@kinds
def test_nor_does_it_beside_a_branch_that_must_be_masked(kind):
    f = lambda x: (sqrt(x) - 1) ** 2 + where(x > 2, sqrt(x - 1), 0)
    assert curve(f, 1.0, kind) == (0.0, 0.0, 0.5)


@kinds
@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt:RuntimeWarning")
def test_a_branch_that_was_not_taken_does_not_poison(kind):
    f = lambda x: where(x > 0, sqrt(x), 0)
    assert curve(f, -1.0, kind) == (0.0, 0.0, 0.0)
    assert curve(f, 0.0, kind) == (0.0, 0.0, 0.0)
    assert curve(f, 4.0, kind) == (2.0, 0.25, -0.03125)


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_masks_work_element_by_element_and_before_broadcasting_is_undone():
    x, scale = Tensor([-1.0, 0.0, 4.0]), Tensor(2.0)
    y = where(x > 0, sqrt(x) * scale, 0.0).sum()
    first = gradients(y, [x, scale], create_graph=True)
    np.testing.assert_array_equal(first[0].data, [0.0, 0.0, 0.5])
    assert first[1].item() == 2.0
    np.testing.assert_array_equal(gradients(first[0].sum(), x), [0.0, 0.0, -0.0625])
    y.backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.0, 0.5])
    z = where(x == 0, 0.0, 1 / x)
    np.testing.assert_array_equal(gradients(z.sum(), x), [-1.0, 0.0, -0.0625])


@kinds
def test_a_true_nan_is_not_masked_away(kind):
    x = kind(-1.0)
    with np.errstate(invalid="ignore"):
        y = sqrt(x) * 2
    y.backward()
    assert np.isnan(x.grad)


@kinds
def test_a_nan_elsewhere_leaves_other_leaves_right(kind):
    x, z = kind(4.0), kind(NAN)
    y = x * x + z * z
    y.backward()
    assert float(x.grad) == 8.0
    assert np.isnan(z.grad)


@kinds
def test_maximum_passes_a_nan_on(kind):
    for a, b in ((NAN, 1.0), (1.0, NAN)):
        for f in (maximum, minimum):
            assert np.isnan(f(kind(a), kind(b)).item())


@kinds
def test_a_removable_singularity_behind_where_to_second_order(kind):
    sinc = lambda x: where(x != 0, x.sin() / x, 1.0)
    with np.errstate(invalid="ignore"):
        assert curve(sinc, 0.0, kind) == (1.0, 0.0, 0.0)
        x = kind(0.0)
        slope_at_0 = gradients(sinc(x), x, create_graph=True)
    y, first, second = curve(sinc, 2.0, kind)
    assert first == pytest.approx(np.cos(2.0) / 2 - np.sin(2.0) / 4, rel=1e-14)
    assert second == pytest.approx(-y - 2 * first / 2, rel=1e-13)
    x2 = kind(2.0)
    slope_at_2 = gradients(sinc(x2), x2, create_graph=True)
    assert float(replay(slope_at_0, {x: 2.0})) == pytest.approx(first, rel=1e-14)
    assert float(replay(slope_at_2, {x2: 0.0})) == 0.0
    second_at_2 = gradients(slope_at_2, x2, create_graph=True)
    assert float(replay(second_at_2, {x2: 0.0})) == 0.0


@kinds
def test_clip_shares_the_gradient_at_its_bounds(kind):
    for at, expected in ((-1.0, 0.5), (2.0, 0.5), (0.0, 1.0), (-3.0, 0.0), (5.0, 0.0)):
        assert curve(lambda x: autograd.clip(x, -1.0, 2.0), at, kind)[1:] == (expected, 0.0)


@kinds
def test_sign_and_floor_have_no_gradient_at_their_jumps_either(kind):
    for f in (autograd.sign, lambda x: x // 1.0):
        x = kind(0.0)
        assert float(gradients(f(x) * x + f(x), x)) == 0.0


def test_a_nan_takes_the_gradient_of_an_extreme():
    for name in ("max", "min"):
        x = Tensor([1.0, NAN, 3.0])
        assert gradients(getattr(autograd, name)(x), x).tolist() == [0.0, 1.0, 0.0]
    for kind in KINDS:
        for f in (maximum, minimum):
            a, b = kind(NAN), kind(1.0)
            assert [float(g) for g in gradients(f(a, b), [a, b])] == [1.0, 1.0]


@pytest.mark.parametrize("zeros", range(4))
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
def test_a_product_with_zeros_is_right_to_third_order(zeros, axis):
    """Against the product written out as multiplications."""
    a = np.array([[2.0, 3.0], [-1.5, 0.5], [4.0, -2.0]])
    a.reshape(-1)[[0, 3, 4][:zeros]] = 0.0
    weights = np.array([1.0, -2.0, 0.5])

    def written_out(x):
        rows = [x[0] * x[1] * x[2]] if axis == 0 else [x[i, 0] * x[i, 1] for i in range(3)]
        if axis in (None, (0, 1)):
            rows = [rows[0] * rows[1] * rows[2]]
        return sum(weights[i] * (r.sum() if axis == 0 else r) for i, r in enumerate(rows))

    def fused(x):
        y = autograd.prod(x, axis=axis)
        return autograd.sum(y * (weights if axis == -1 else weights[0]))

    v = np.cos(np.arange(6.0)).reshape(3, 2)
    along = lambda f: lambda x: (autograd.grad(f)(x) * v).sum()
    for f, g in (
        (fused, written_out),
        (along(fused), along(written_out)),
        (along(along(fused)), along(along(written_out))),
    ):
        np.testing.assert_allclose(f(Tensor(a)).item(), g(Tensor(a)).item(), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(autograd.grad(f)(a), autograd.grad(g)(a), rtol=1e-13, atol=1e-13)


def test_products_of_nothing_and_of_one():
    for a, axis in ((np.zeros((0, 3)), 0), (np.zeros((0, 3)), 1), (np.zeros((2, 0)), None), (np.ones((3, 1)), 1)):
        x = Tensor(a)
        y = autograd.prod(x, axis=axis)
        np.testing.assert_array_equal(y.data, np.prod(a, axis=axis))
        g = gradients(y, x, np.ones(y.shape), create_graph=True)
        np.testing.assert_array_equal(g.data, np.ones(a.shape))
        assert gradients(g, x, np.ones(a.shape)).shape == a.shape


@pytest.mark.parametrize("scale", [1e-200, 1e-160, 1.0, 1e200, 1e306])
def test_a_norm_neither_overflows_nor_vanishes(scale):
    x = Tensor(scale * np.array([[3.0, 4.0], [0.0, 0.0], [0.6, 0.8]]))
    y = autograd.norm(x, axis=1)
    np.testing.assert_allclose(y.data / scale, [5.0, 0.0, 1.0], rtol=1e-15)
    np.testing.assert_allclose(gradients(y.sum(), x), [[0.6, 0.8], [0.0, 0.0], [0.6, 0.8]], rtol=1e-15)
    np.testing.assert_allclose(float(autograd.hypot(3.0 * scale, 4.0 * scale)) / scale, 5.0, rtol=1e-15)
    for f, expected in ((autograd.hypot, (0.6, 0.8)), (autograd.arctan2, (0.16 / scale, -0.12 / scale))):
        a, b = Value(3.0 * scale), Value(4.0 * scale)
        np.testing.assert_allclose(gradients(f(a, b), [a, b]), expected, rtol=1e-15)


def test_a_norm_of_nothing_has_a_gradient_of_nothing():
    x = Tensor(np.zeros((0,)))
    assert gradients(autograd.norm(x), x).shape == (0,)
    y = Tensor(np.zeros((0, 3)))
    assert gradients(autograd.norm(y, axis=0).sum(), y).shape == (0, 3)
    assert gradients(autograd.std(y, axis=1).sum(), y, create_graph=True).shape == (0, 3)


def test_norms_of_what_is_not_finite_are_numpys():
    for a in ([np.inf, 1.0], [np.nan, np.inf], [np.nan, 1.0], [], [0.0, 0.0], [-np.inf, 0.0]):
        np.testing.assert_array_equal(autograd.norm(np.array(a)), np.linalg.norm(a))


@pytest.mark.parametrize("ord", [0, "max", 3])
def test_other_norms_are_refused_with_advice(ord):
    with pytest.raises(ValueError, match=rf"norm: ord={ord!r} is not supported along 2 axes; for vectors take"):
        autograd.norm(Tensor(np.eye(2)), ord)


@pytest.mark.parametrize("ord", [None, 1, 1.5, 2, 3, np.inf])
def test_a_norm_has_slope_0_at_the_tip_of_its_cone(ord):
    x = Tensor(np.zeros(3))
    np.testing.assert_array_equal(gradients(autograd.norm(x, ord), x), np.zeros(3))


@pytest.mark.parametrize("shape", [(4,), (2, 3)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_the_std_of_constant_data_has_slope_0_also_where_rounding_leaves_it_above_0(shape, keepdims):
    x = Tensor(np.full(shape, 0.1))
    g = gradients(autograd.std(x, axis=-1, keepdims=keepdims).sum(), x, create_graph=True)
    assert not g.data.any()
    second = gradients((g * np.arange(x.size).reshape(shape)).sum(), x)
    assert not (np.abs(second) < 1e9).all()  # the tip of a cone, or beside it
    np.testing.assert_allclose(gradients(autograd.var(x).sum(), x), 0.0, atol=1e-16)
    y = Tensor([[0.1, 0.1, 0.1], [1.0, 2.0, 3.0]])
    np.testing.assert_allclose(
        gradients(autograd.std(y, axis=1).sum(), y), [[0, 0, 0], [-1 / np.sqrt(6), 0, 1 / np.sqrt(6)]], atol=1e-15
    )


# --- from the record of each op


def recorded():
    for op in table():
        for s in op.conventions:
            for point, expected in s.examples.items():
                yield pytest.param(op, s, point, expected, id=f"{op.name} by {s.arg} at {point}")


class At:
    """An op called at an example of its record; the gradient asked for is that of one argument."""

    def __init__(self, op, s, point, kind=Tensor, shift=0.0, dtype=None):
        n = len(op.argnames)
        away = [shift * (k + 1 + np.arange(np.size(a))).reshape(np.shape(a)) for k, a in enumerate(point[:n])]
        self.data = [np.array(a + d, dtype or float) for a, d in zip(map(np.array, point), away, strict=False)]
        self.nodes = [kind(a) for a in self.data]
        with np.errstate(all="ignore"):
            self.y = op(*self.nodes, *point[n:])
            where = s.where(arrays, *self.data, **self.y.params)
        self.x = self.nodes[op.argnames.index(s.arg)]
        self.where = np.broadcast_to(where, self.x.shape)

    def slope(self, by=1.0, **how):
        return gradients(self.y, self.x, np.full(self.y.shape, by), **how)


records = pytest.mark.parametrize(("op", "s", "point", "expected"), [*recorded()])


def kinds_of(op):
    return KINDS if op.elementwise else [Tensor]


@pytest.mark.parametrize("op", [op for op in table() if op.conventions], ids=lambda op: op.name)
def test_every_record_has_an_example(op):
    for s in op.conventions:
        assert s.examples, f"{op.name} by {s.arg}: give the derivative at a point, as in {{(0.0,): 0.0}}"


@records
def test_the_derivative_at_an_example_is_what_the_record_says(op, s, point, expected):
    for kind in kinds_of(op):
        at = At(op, s, point, kind)
        assert np.any(at.where)
        np.testing.assert_allclose(at.slope(), expected, rtol=1e-15)
        np.testing.assert_allclose(plain(at.slope(create_graph=True)), expected, rtol=1e-15)
        at.y.backward(np.ones(at.y.shape))
        np.testing.assert_allclose(at.x.grad, expected, rtol=1e-15)
        np.testing.assert_allclose(at.slope(-2.0), -2.0 * np.asarray(expected), rtol=1e-15)
    single = At(op, s, point, dtype=np.float32).slope()
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-6)


@records
def test_the_second_derivative_is_that_of_the_function_and_not_of_the_convention(op, s, point, expected):
    """It is a number at removable points and at kinks where both sides agree on it; the tip of a cone has none."""
    tip = s.gradient is not None and not s.removable
    for kind in kinds_of(op):
        at = At(op, s, point, kind)
        weights = np.cos(np.arange(at.x.size)).reshape(at.x.shape)
        second = gradients(at.slope(create_graph=True), at.x, weights)
        if np.isfinite(expected).all():
            np.testing.assert_array_equal(np.abs(second) < 1e9, ~(at.where & tip))


@records
def test_a_gradient_graph_recorded_elsewhere_has_the_example_too(op, s, point, expected):
    for kind in kinds_of(op):
        here, there = At(op, s, point, kind), At(op, s, point, kind, shift=2.375)
        assert not np.any(there.where) or s.removable
        if not np.isfinite(there.slope()).all():
            continue

        def replayed(strict):
            g = there.slope(create_graph=True, strict=strict)
            reached = toposort(g)
            values = {n: a for n, a in zip(there.nodes, here.data, strict=True) if any(n is r for r in reached)}
            return replay(g, values) if values else g.item()

        np.testing.assert_allclose(replayed(strict=False), expected, rtol=1e-15)
        nan = np.isnan(expected) if s.removable else here.where | np.isnan(expected)
        np.testing.assert_array_equal(np.isnan(replayed(strict=True)), nan)


@records
def test_strict_mode_gives_nan_there_and_only_there(op, s, point, expected):
    for kind in kinds_of(op):
        at = At(op, s, point, kind)
        singular = at.where & (not s.removable) | np.isnan(expected)
        strict = at.slope(strict=True)
        np.testing.assert_array_equal(strict, np.where(singular, np.nan, expected))
        graph = at.slope(create_graph=True, strict=True)
        np.testing.assert_array_equal(plain(graph), strict)
        if not s.removable:
            second = gradients(graph, at.x, np.ones(at.x.shape), strict=True)
            assert np.isnan(second)[singular].all()
    elsewhere = At(op, s, point, shift=2.375)
    if not s.removable:
        np.testing.assert_array_equal(elsewhere.slope(strict=True), elsewhere.slope())


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("op", "s", "point", "expected"), [p for p in recorded() if p.values[0].elementwise])
def test_a_branch_that_is_not_taken_is_not_poisoned_by_it(op, s, point, expected, strict):
    for kind in KINDS:
        at = At(op, s, point, kind)
        y = where(at.x > 100.0, at.y, at.x * 3.0)
        g = gradients(y, at.x, create_graph=True, strict=strict)
        assert g.item() == 3.0
        assert float(gradients(g, at.x, strict=strict)) == 0.0
        assert float(gradients(y, at.x, strict=strict)) == 3.0


def test_every_op_with_a_kink_states_its_convention():
    stated = {op.name: {s.arg for s in op.conventions} for op in table() if op.conventions}
    for name, args in {
        "relu": {"x"}, "abs": {"x"}, "maximum": {"a", "b"}, "minimum": {"a", "b"}, "max": {"x"}, "min": {"x"},
        "pow": {"a", "b"}, "pow_number": {"x"},
    }.items():  # fmt: skip
        assert stated[name] >= args
    for op in table():
        for s in op.conventions:
            assert s.arg in op.argnames
            assert len(s.why) > 3
            assert s.why in autograd.formula(op)


@kinds
def test_the_step_function_has_slope_0_and_at_the_step_follows_its_value(kind):
    for at in (-1.0, 0.0, 2.0):
        assert slope(autograd.heaviside, at, 0.5, kind=kind) == 0.0
        assert slope(autograd.heaviside, at, 0.5, kind=kind, by=1) == (at == 0)
    assert np.isnan(autograd.heaviside(kind(NAN), 1.0).item())


@kinds
def test_elu_at_its_kink(kind):
    x = kind(0.0)
    assert float(gradients(autograd.elu(x, alpha=0.3), x)) == 0.3


@kinds
@pytest.mark.parametrize(("p", "t", "loss", "by_p"), [(0.0, 0.0, 0, 0), (0.0, 1.0, 100, -1e12), (1.0, 0.0, 100, 1e12)])
def test_a_probability_of_0_or_1_has_pytorchs_finite_cross_entropy(kind, p, t, loss, by_p):
    assert autograd.binary_cross_entropy(kind(p), t).item() == loss
    assert slope(autograd.binary_cross_entropy, p, t, kind=kind) == by_p
    single = Tensor(np.array([p], np.float32))  # in which e⁻¹⁰⁰ is rounded
    assert autograd.binary_cross_entropy(single, t).data.tolist() == [loss]


@kinds
def test_binary_cross_entropy_of_scores_is_right_at_infinity(kind):
    f = autograd.binary_cross_entropy_with_logits
    for x, t, loss, by_x in (
        (INF, 1.0, 0.0, 0.0), (INF, 0.0, INF, 1.0), (INF, 0.25, INF, 0.75),
        (-INF, 0.0, 0.0, 0.0), (-INF, 1.0, INF, -1.0), (-INF, 0.25, INF, -0.25),
    ):  # fmt: skip
        assert f(kind(x), t, 1.0).item() == loss
        assert slope(f, x, t, 1.0, kind=kind) == by_x
    assert np.isnan(f(kind(NAN), 0.0, 1.0).item())
    assert curve(lambda x: f(x, 0.5, 1.0), 0.0, kind) == (pytest.approx(np.log(2.0)), 0.0, 0.25)


def test_softmax_and_its_kin_are_stable():
    for x in ([1000.0, -1000.0, 0.0], [-1000.0, -1001.0, -1000.5]):
        z = np.array(x) - max(x)
        total = np.log(np.exp(z).sum())
        node = Tensor(x)
        np.testing.assert_allclose(autograd.logsumexp(node).data, max(x) + total, rtol=1e-15)
        np.testing.assert_allclose(autograd.log_softmax(node).data, z - total, rtol=1e-15)
        np.testing.assert_allclose(autograd.softmax(node).data, np.exp(z - total), rtol=1e-14)
        np.testing.assert_allclose(gradients(autograd.logsumexp(node), node), np.exp(z - total), rtol=1e-13)
        assert np.isfinite(gradients((autograd.log_softmax(node) * [1.0, 2.0, 3.0]).sum(), node)).all()
    with np.errstate(divide="ignore"):
        assert autograd.logsumexp(np.array([-INF, -INF])) == -INF
    assert autograd.logsumexp(np.array([INF, 0.0])) == INF
    assert autograd.softmax(np.array([-INF, 0.0])).tolist() == [0.0, 1.0]
