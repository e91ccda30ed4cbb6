"""A zero that a selection put into a gradient stays 0 whatever it meets; any other zero is a number: 0·∞ is nan."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import (
    Tensor,
    Value,
    detect_anomaly,
    grad,
    gradients,
    hessian,
    jvp,
    maximum,
    primitive,
    relu,
    sqrt,
    vjp,
    where,
)
from autograd.engine.node import functions
from autograd.extend import defvjp
from autograd.extend import primitive as primitive_of_hips
from autograd.graph import from_json, replay, to_json, toposort
from autograd.namespaces.marks import _ADDING_PRODUCTS, _MOVING, SELECTING, UNBOUNDED, Mark
from autograd.namespaces.names import Name
from autograd.namespaces.notations import NO_FUNCTIONS
from tests.helpers.support import KINDS, numbers, plain

INF, NAN = float("inf"), float("nan")
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered", "ignore:divide by zero")


def derivatives(f, x, order):
    """The derivatives of a function of one number up to an order, each the derivative of the one before."""
    y, found = f(x), []
    for _ in range(order):
        y = gradients(y, x, create_graph=True)
        found.append(float(y.data))
    return found


# --- what arithmetic makes


# The true derivative, which the engine cannot know, is a number at each of these points.
ARITHMETIC = {
    "cbrt³ at 0, truly 1": (lambda x: anp.cbrt(x) ** 3, 0.0, "cbrt"),
    "cos √ at 0, truly −½": (lambda x: autograd.cos(sqrt(x)), 0.0, "sqrt"),
    "arccos² at 1, truly −2": (lambda x: autograd.arccos(x) ** 2, 1.0, "arccos"),
    "√² at 0, truly 1": (lambda x: sqrt(x) ** 2, 0.0, "sqrt"),
    "√·√ at 0, truly 1": (lambda x: sqrt(x) * sqrt(x), 0.0, "sqrt"),
    "0·√ at 0": (lambda x: 0.0 * sqrt(x), 0.0, "sqrt"),
    "√ − √ at 0": (lambda x: sqrt(x) - sqrt(x), 0.0, "sqrt"),
    "|√| at 0, whose slope is 0": (lambda x: abs(sqrt(x)), 0.0, "sqrt"),
    "relu(√) at 0, whose slope is 0": (lambda x: relu(sqrt(x)), 0.0, "sqrt"),
    "relu(−√) at 0": (lambda x: relu(-sqrt(x)), 0.0, "sqrt"),
    "hypot(√, 0) at 0": (lambda x: autograd.hypot(sqrt(x), 0.0), 0.0, "sqrt"),
    "0·√⁰ at 0": (lambda x: 0.0 * sqrt(x) ** 0, 0.0, "sqrt"),
    "a branch that is taken": (lambda x: where(x < 1, autograd.cos(sqrt(x)), 2.0), 0.0, "sqrt"),
    "one beside a selection": (lambda x: where(x < 1, 0.0, sqrt(x)) + autograd.cos(sqrt(x)), 0.0, "sqrt"),
    "0·log at 0": (lambda x: 0 * autograd.log(x), 0.0, "log"),
    "1/(1/x) at 0, truly 1": (lambda x: 1 / (1 / x), 0.0, "div"),
}


@kinds
@pytest.mark.parametrize(("f", "at", "name"), ARITHMETIC.values(), ids=ARITHMETIC.keys())
def test_a_zero_times_infinity_that_arithmetic_makes_is_nan(kind, f, at, name):
    x = kind(at, label="x")
    y = f(x)
    y.backward()
    assert np.isnan(x.grad)
    for strict in (False, True):
        assert np.isnan(gradients(y, x, strict=strict))
        graph = gradients(y, x, create_graph=True, strict=strict)
        assert np.isnan(graph.data)
    assert np.isnan(grad(f)(at))
    assert np.isnan(jvp(f, (kind(at).data,), (kind(1.0).data,))[1])
    for create_graph in (False, True):
        with detect_anomaly(), pytest.raises(FloatingPointError, match=f"^{name}(:| gave) "):
            gradients(f(x), x, create_graph=create_graph)


@kinds
@pytest.mark.parametrize(("f", "at", "name"), ARITHMETIC.values(), ids=ARITHMETIC.keys())
def test_so_it_is_in_a_gradient_recorded_elsewhere(kind, f, at, name):
    x = kind(0.5)
    graph = gradients(f(x), x, create_graph=True)
    assert np.isfinite(graph.data)
    if x in {*toposort(graph)}:
        assert np.isnan(replay(graph, {x: at}))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 3, 1)])
def test_element_by_element_and_in_any_dtype(dtype, shape):
    data = np.resize(np.array([0.0, 1.0, 4.0], dtype), shape)
    x = Tensor(data)
    for f in (lambda x: autograd.cos(sqrt(x)), lambda x: autograd.sum(autograd.cos(sqrt(x)) * 2, axis=-1)):
        g = gradients(f(x).sum(), x)
        assert g.dtype == dtype
        np.testing.assert_array_equal(np.isnan(g), data == 0)
    g = gradients(where(x > 0, autograd.cos(sqrt(x)), 0.0).sum(), x)
    assert g.dtype == dtype
    np.testing.assert_allclose(g[data > 0], -np.sin(np.sqrt(data[data > 0])) / (2 * np.sqrt(data[data > 0])), 1e-6)
    assert not g[data == 0].any()


# --- what a selection drops


# A function, and its first three derivatives on either side of a point.
SELECTIONS = {
    "√ where x > 0": (
        lambda x: where(x > 0, sqrt(x), 0.0), {4.0: (0.25, -1 / 32, 3 / 256), 0.0: (0, 0, 0), -1.0: (0, 0, 0)},
    ),
    "nothing of √ where x ≤ 0": (
        lambda x: where(x <= 0, 0.0, sqrt(x)), {4.0: (0.25, -1 / 32, 3 / 256), 0.0: (0, 0, 0), -1.0: (0, 0, 0)},
    ),
    "x log x": (lambda x: where(x > 0, x * autograd.log(x), 0.0), {1.0: (1, 1, -1), 0.0: (0, 0, 0), -2.0: (0, 0, 0)}),
    "further ops below": (
        lambda x: where(x > 0, 2 * autograd.exp(1 + 0.5 * autograd.log(x)) - 1, 0.0),
        {1.0: (np.e, -np.e / 2, 0.75 * np.e), 0.0: (0, 0, 0)},
    ),
    "further ops above": (
        lambda x: autograd.cos(3 * where(x > 0, sqrt(x), 0.0)), {0.0: (0, 0, 0), -1.0: (0, 0, 0)},
    ),
    "sin x / x": (lambda x: where(x != 0, autograd.sin(x) / x, 1.0), {0.0: (0, 0, 0)}),
    "1/x, else x": (lambda x: where(x == 0, 3 * x, 1 / x), {0.0: (3, 0, 0), 2.0: (-0.25, 0.25, -0.375)}),
    "relu's dead half": (lambda x: relu(sqrt(x) - 0.5), {4.0: (0.25, -1 / 32, 3 / 256), 0.0: (0, 0, 0)}),
    "the loser of a maximum": (lambda x: maximum(sqrt(x), 0.5), {4.0: (0.25, -1 / 32, 3 / 256), 0.0: (0, 0, 0)}),
    "clip, outside": (lambda x: anp.clip(sqrt(x), 0.5, 9.0), {4.0: (0.25, -1 / 32, 3 / 256), 0.0: (0, 0, 0)}),
    "a minimum of poles": (lambda x: anp.minimum(1 / x**2, 9.0), {1.0: (-2, 6, -24), 0.0: (0, 0, 0)}),
    "one in another": (
        lambda x: where(x > -1, where(x > 0, sqrt(x), 0.0) * 2, 1 / x), {0.0: (0, 0, 0), 4.0: (0.5, -1 / 16, 3 / 128)},
    ),
    "both branches": (lambda x: where(x > 0, sqrt(x), x / 2), {0.0: (0.5, 0, 0), -1.0: (0.5, 0, 0)}),
    "used twice": (lambda x: where(x > 0, sqrt(x), 0.0) + x * x, {0.0: (0, 2, 0), 1.0: (2.5, 1.75, 0.375)}),
    "heaviside of a pole": (lambda x: autograd.heaviside(-x, 1 / x), {2.0: (0, 0, 0), -1.0: (0, 0, 0)}),
}  # fmt: skip
POINTS = [
    pytest.param(f, *at, id=f"{name} at {at[0]:g}") for name, (f, many) in SELECTIONS.items() for at in many.items()
]


@kinds
@pytest.mark.parametrize(("f", "at", "expected"), POINTS)
def test_what_a_selection_dropped_is_0_through_any_ops_to_third_order(kind, f, at, expected):
    x = kind(at)
    np.testing.assert_allclose(derivatives(f, x, 3), expected, rtol=1e-14, atol=1e-15)
    f(x).backward()
    np.testing.assert_allclose(x.grad, expected[0], rtol=1e-14)
    np.testing.assert_allclose([grad(f)(at), grad(grad(f))(at)], expected[:2], rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(jvp(f, (x.data,), (np.multiply(2.0, x.data),))[1], 2 * at * expected[0], rtol=1e-14)
    with detect_anomaly():
        try:
            f(kind(at))  # whose value may be nan in a branch that is not taken
        except FloatingPointError:
            return
        assert gradients(f(x), x) == pytest.approx(expected[0], rel=1e-14)


@kinds
@pytest.mark.parametrize(("f", "at", "expected"), POINTS)
def test_strict_mode_says_the_same_of_what_is_dropped(kind, f, at, expected):
    x = kind(at)
    assert float(gradients(f(x), x, strict=True)) == pytest.approx(expected[0], rel=1e-14)
    slope = gradients(f(x), x, create_graph=True, strict=True)
    assert slope.data == pytest.approx(expected[0], rel=1e-14)
    assert float(gradients(slope, x, strict=True)) == pytest.approx(expected[1], rel=1e-14, abs=1e-15)


@kinds
@pytest.mark.parametrize("name", SELECTIONS)
def test_a_gradient_recorded_on_one_side_is_right_on_the_other(kind, name):
    f, many = SELECTIONS[name]
    for recorded in many:
        x = kind(recorded)
        first = gradients(f(x), x, create_graph=True)
        second = gradients(first, x, create_graph=True)
        for at, expected in many.items():
            for graph, value in zip((first, second), expected, strict=False):
                if any(x is n for n in toposort(graph)):
                    np.testing.assert_allclose(replay(graph, {x: at}), value, rtol=1e-14, atol=1e-15)


@kinds
def test_at_a_kink_the_stated_number_is_a_number_and_no_selection(kind):
    for f, slope in (
        (lambda x: relu(sqrt(x)), NAN), (lambda x: abs(sqrt(x)), NAN), (lambda x: maximum(sqrt(x), 0.0), INF),
        (lambda x: anp.minimum(-sqrt(x), 0.0), -INF), (lambda x: anp.clip(sqrt(x), 0.0, 1.0), INF),
        (lambda x: where(x > 0, sqrt(x), 0.0), 0.0), (lambda x: autograd.elu(sqrt(x)), INF),
    ):  # fmt: skip
        x = kind(0.0)
        for found in (gradients(f(x), x), plain(gradients(f(x), x, create_graph=True)), grad(f)(0.0)):
            np.testing.assert_array_equal(found, slope)
        np.testing.assert_array_equal(jvp(f, (x.data,), (x.data + 1,))[1], slope)
        y = kind(4.0)
        graph = gradients(f(y), y, create_graph=True)
        np.testing.assert_array_equal(replay(graph, {y: 0.0}), slope)


@kinds
def test_a_zero_that_arithmetic_made_does_not_end_a_second_derivative(kind):
    assert derivatives(lambda x: (sqrt(x) - 1) ** 2, kind(1.0), 2) == [0.0, 0.5]
    assert derivatives(lambda x: (sqrt(x) - 1) ** 2 + where(x > 2, sqrt(x - 1), 0.0), kind(1.0), 2) == [0.0, 0.5]


# --- conventions


@kinds
def test_second_derivatives_at_kinks_where_both_sides_agree_are_0(kind):
    for f in (
        relu, abs, lambda x: maximum(x, 0.0), lambda x: anp.minimum(x, 0.0), lambda x: anp.clip(x, 0.0, 1.0),
        lambda x: maximum(x, -x),
    ):  # fmt: skip
        assert derivatives(f, kind(0.0), 3)[1:] == [0.0, 0.0]
    assert derivatives(lambda x: relu(x) * x, kind(0.0), 2) == [0.0, 0.0]


@kinds
def test_a_convention_is_differentiated_as_the_function_is(kind):
    cone = lambda x: autograd.hypot(x, 0.0)
    first, second = derivatives(cone, kind(0.0), 2)
    assert first == 0.0
    assert np.isnan(second)
    assert np.isnan(derivatives(lambda x: autograd.hypot(x, 0.0) ** 2, kind(0.0), 2)[1])  # truly 2
    assert derivatives(lambda x: x**0, kind(0.0), 3) == [0.0, 0.0, 0.0]  # smooth: only the formula fails
    assert derivatives(lambda x: x**2.0, kind(0.0), 3) == [0.0, 2.0, 0.0]
    assert derivatives(lambda x: x**3, kind(0.0), 3) == [0.0, 0.0, 6.0]
    assert derivatives(lambda b: kind(0.0) ** b, kind(2.0), 2) == [0.0, 0.0]
    assert derivatives(lambda x: autograd.logaddexp(x, x), kind(INF), 1) == [1.0]


HESSIANS = {
    "norm²": lambda x: autograd.norm(x) ** 2,
    "exp(−d²/2), d = √Σx²": lambda x: autograd.exp(-(sqrt(autograd.sum(x**2)) ** 2) / 2),
    "exp(−‖x‖²/2)": lambda x: autograd.exp(-(autograd.norm(x) ** 2) / 2),
    "Matérn 3/2": lambda x: (1 + 3**0.5 * autograd.norm(x)) * autograd.exp(-(3**0.5) * autograd.norm(x)),
    "std²": lambda x: autograd.std(x) ** 2,
    "norm along an axis": lambda x: autograd.sum(autograd.norm(anp.reshape(x, (1, 2)), axis=1) ** 2),
    "cosh of a norm": lambda x: autograd.cosh(autograd.norm(x)),
}


@pytest.mark.parametrize("f", HESSIANS.values(), ids=HESSIANS.keys())
def test_the_tip_of_a_cone_has_no_hessian(f):
    tip = np.zeros(2)
    assert np.isnan(hessian(f)(tip)).all()
    x = Tensor(tip)
    with detect_anomaly(), pytest.raises(FloatingPointError):
        gradients(gradients(f(x), x, create_graph=True).sum(), x)
    assert np.isfinite(hessian(f)(np.array([0.5, 0.25]))).all()


def test_the_first_derivative_there_is_the_number_in_both_modes():
    for f in (autograd.norm, autograd.std, lambda x: autograd.norm(x) ** 2):
        at, direction = np.full(3, 0.0), np.array([1.0, -2.0, 0.5])
        np.testing.assert_array_equal(grad(f)(at), np.zeros(3))
        assert jvp(f, (at,), (direction,))[1] == 0.0
        np.testing.assert_array_equal(vjp(f, at)[1](2.0)[0], np.zeros(3))
    for kind in KINDS:
        assert float(jvp(lambda x: autograd.hypot(x, 0.0), (kind(0.0).data,), (kind(1.0).data,))[1]) == 0.0
        assert float(jvp(lambda x: autograd.arctan2(x, 0.0), (kind(0.0).data,), (kind(1.0).data,))[1]) == 0.0


def test_a_cone_that_a_selection_dropped_is_flat_to_any_order():
    f = lambda x: where(autograd.sum(x) > 1, autograd.norm(x), 0.0)
    np.testing.assert_array_equal(grad(f)(np.zeros(2)), np.zeros(2))
    np.testing.assert_array_equal(hessian(f)(np.zeros(2)), np.zeros((2, 2)))
    spread = lambda x: where(autograd.std(x) > 0, autograd.std(x), 0.0)
    np.testing.assert_array_equal(hessian(spread)(np.ones(3)), np.zeros((3, 3)))


# --- linear maps carry what is dropped along


ROWS = np.array([[0.0, 0.0], [3.0, 4.0]])
KEEP = np.array([[False], [True]])
W = np.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 3.0]])
unit = lambda x: x / sqrt(autograd.sum(x * x, axis=1, keepdims=True))
LINEAR = {
    "a product with a matrix": lambda x: where(KEEP, unit(x) @ W, 0.0),
    "a product of rows": lambda x: ((1 / x) @ W)[1:],
    "a matrix times": lambda x: where(KEEP.T, W.T @ unit(x).T, 0.0),
    "a vector": lambda x: where(KEEP[:, 0], unit(x) @ W[:, 0], 0.0),
    "einsum": lambda x: where(KEEP, autograd.einsum("ij,jk->ik", unit(x), W), 0.0),
    "einsum of three": lambda x: where(KEEP, autograd.einsum("ij,jk,k->ik", unit(x), W, W[0]), 0.0),
    "tensordot": lambda x: where(KEEP, autograd.tensordot(unit(x), W, 1), 0.0),
    "inner": lambda x: where(KEEP, autograd.inner(unit(x), W.T), 0.0),
    "linear": lambda x: where(KEEP, autograd.linear(unit(x), W.T, W[0]), 0.0),
    "solve, by column": lambda x: where(KEEP.T, autograd.solve(np.array([[2.0, 1.0], [0.0, 3.0]]), unit(x).T), 0.0),
    "sum": lambda x: where(KEEP[:, 0], autograd.sum(unit(x), axis=1), 0.0),
    "mean": lambda x: where(KEEP[:, 0], autograd.mean(unit(x), axis=1), 0.0),
    "reshape": lambda x: autograd.reshape(unit(x), -1)[2:],
    "transpose": lambda x: where(KEEP.T, autograd.transpose(unit(x)), 0.0),
    "swapaxes": lambda x: anp.swapaxes(unit(x), 0, 1)[:, 1],
    "moveaxis": lambda x: anp.moveaxis(unit(x), 0, 1)[:, 1],
    "concatenate": lambda x: autograd.concatenate([unit(x), x])[1:],
    "stack": lambda x: autograd.stack([unit(x), x])[1],
    "flip": lambda x: anp.flip(unit(x), 0)[0],
    "roll": lambda x: anp.roll(unit(x), 1, 0)[0],
    "rot90": lambda x: anp.rot90(unit(x))[:, 1],
    "tile": lambda x: anp.tile(unit(x), 2)[1],
    "repeat": lambda x: anp.repeat(unit(x), 3, 0)[3:],
    "repeat, by row": lambda x: anp.repeat(unit(x), (1, 2), 0)[1:],
    "broadcast": lambda x: where(KEEP, anp.broadcast_to(unit(x), (3, 2, 2)), 0.0),
    "cumsum": lambda x: autograd.cumsum(unit(x)[::-1], axis=0)[0],
    "cumsum of all": lambda x: autograd.cumsum(unit(x)[1])[-1],
    "cumprod": lambda x: autograd.cumprod(unit(x), axis=1)[1],
    "diff": lambda x: anp.diff(unit(x), axis=1)[1],
    "squeeze": lambda x: anp.squeeze(unit(x)[:, None])[1],
    "diagonal": lambda x: anp.diagonal(unit(x)[1:] * np.ones((2, 1))),
    "tril": lambda x: anp.tril(unit(x), -1)[1:] + anp.triu(unit(x)[::-1])[:1],
    "pad": lambda x: anp.pad(unit(x), 1)[2:],
    "sort": lambda x: anp.sort(autograd.reshape(where(KEEP, unit(x), -1.0), -1))[-1:],
    "max": lambda x: autograd.max(where(KEEP, unit(x), -1.0), axis=1),
    "take": lambda x: anp.take(unit(x), [1, 1], 0),
    "a mask": lambda x: unit(x)[np.array([False, True])],
    "prod": lambda x: where(KEEP[:, 0], autograd.prod(unit(x), axis=1), 0.0),
    "softmax": lambda x: where(KEEP, autograd.softmax(unit(x), axis=1), 0.0),
    "log_softmax": lambda x: where(KEEP, autograd.log_softmax(unit(x), axis=1), 0.0),
    "logsumexp": lambda x: where(KEEP[:, 0], autograd.logsumexp(unit(x), axis=1), 0.0),
    "norm": lambda x: where(KEEP[:, 0], autograd.norm(unit(x), axis=1), 0.0),
    "var": lambda x: where(KEEP[:, 0], autograd.var(unit(x), axis=1), 0.0),
    "everything of it": lambda x: where(autograd.sum(x) < 0, autograd.sum(anp.linalg.inv(np.eye(2) + unit(x))), 1.0),
}


@pytest.mark.parametrize("f", LINEAR.values(), ids=LINEAR.keys())
def test_linear_maps_carry_along_what_was_dropped(f):
    total = lambda f: lambda x: autograd.sum(f(x) * numbers(np.shape(plain(f(x))), 3, 0.5, 2.0))
    with np.errstate(all="ignore"):
        g = grad(total(f))(ROWS)
        away = grad(total(f))(np.array([[1.0, 2.0], [3.0, 4.0]]))
        graph_of = lambda at: (x := Tensor(at), gradients(total(f)(x), x, create_graph=True))
        x, graph = graph_of([[1.0, 2.0], [3.0, 4.0]])
        np.testing.assert_allclose(replay(graph, {x: ROWS}) if x in {*toposort(graph)} else graph.data, g, 1e-13, 1e-15)
        second = hessian(total(f))(ROWS)
    assert np.isfinite(g).all()
    np.testing.assert_array_equal(g[0] - away[0] * (away[0] == g[0]), 0.0)
    np.testing.assert_allclose(g[1], away[1], rtol=1e-13, atol=1e-15)
    assert np.isfinite(second).all()


def test_a_row_that_is_dropped_in_part_is_alive_in_the_rest():
    x = Tensor(ROWS)
    y = where(np.array([[True, False, False], [True, True, True]]), unit(x) @ W, 0.0)
    g = gradients(y.sum(), x)
    assert np.isnan(g[0]).all()  # its first element is not dropped, and it is 0/0
    assert np.isfinite(g[1]).all()


def test_what_broadcasting_spread_is_dropped_where_all_of_it_is():
    x, scale = Tensor([-1.0, 0.0, 4.0]), Tensor(0.0)
    y = where(x > 0, sqrt(x) * sqrt(scale), 0.0)
    by_x, by_scale = gradients(y.sum(), [x, scale])
    np.testing.assert_array_equal(by_x, [0.0, 0.0, 0.0])
    assert by_scale == INF
    none = where(x > 9, x * sqrt(scale), 0.0)
    assert gradients(none.sum(), scale) == 0.0
    graph = gradients(none.sum(), scale, create_graph=True)
    assert replay(graph, {x: [-1.0, 0.0, 4.0]}) == 0.0
    assert replay(graph, {x: [10.0, 0.0, 4.0]}) == INF


def test_masked_attention_of_rows_without_any_key():
    """The row is −inf throughout, so that its softmax is nan, and it is dropped afterwards."""
    scores, keys = Tensor(numbers((3, 3), 1)), np.array([[True, False, True], [False] * 3, [True] * 3])
    shares = autograd.softmax(where(keys, scores, -INF), axis=1)
    y = where(keys, shares, 0.0)
    g = gradients((y * numbers((3, 3), 2)).sum(), scores)
    assert np.isfinite(g).all()
    assert not g[~keys].any()
    assert g[keys].all()


# --- users' ops


@primitive("2cosh", elementwise=True)
def twocosh(xp, x):
    return 2 * xp.cosh(x)


twocosh.defvjps(x=lambda xp, g, y, x: g * (2 * xp.sinh(x)))


@primitive("ramp", elementwise=True)
def ramp(xp, x):
    return xp.where(x > 0, x, 0.0)


ramp.defvjps(x=lambda xp, g, y, x: xp.where(x > 0, g, 0.0))
ramp.convention("x", lambda xp, x: x == 0, None, "0, as for x < 0", {(0.0,): 0.0})


@primitive("mix")
def mix(xp, x, m):
    return xp.matmul(xp.sqrt(x), m)


mix.defvjps(
    x=lambda xp, g, y, x, m: xp.matmul(g, xp.swapaxes(m, -1, -2)) / (2 * xp.sqrt(x)),
    m=lambda xp, g, y, x, m: xp.swapaxes(xp.sqrt(x), -1, -2) @ g,
)


@primitive("scaled")
def scaled(xp, x, by):
    return xp.divide(xp.sum(x, axis=-1), by)


scaled.defvjps(
    x=lambda xp, g, y, x, by: xp.broadcast_like(xp.expand_dims(xp.divide(g, by), -1), x),
    by=lambda xp, g, y, x, by: xp.negative(xp.divide(xp.multiply(g, y), by)),
)


@primitive_of_hips
def root(x):
    return np.sqrt(x)


defvjp(root, lambda ans, x: lambda g: anp.where(ans > 100, 0.0, g / (2 * ans)))


@kinds
def test_a_users_op_is_dropped_wherever_its_formula_has_the_pole(kind):
    f = lambda t: where(t < 100, twocosh(t), 0.0)
    x = kind(1.0)
    slope = gradients(f(x), x, create_graph=True)
    assert replay(slope, {x: 1e3}) == 0.0
    assert grad(f)(1e3) == 0.0
    assert replay(slope, {x: 2.0}) == pytest.approx(2 * np.sinh(2.0), rel=1e-14)
    second = gradients(slope, x, create_graph=True)
    assert replay(second, {x: 1e3}) == 0.0


@kinds
def test_a_users_kink_is_a_number_too(kind):
    assert np.isnan(grad(lambda x: ramp(sqrt(x)))(kind(0.0).data))
    assert float(grad(lambda x: ramp(sqrt(x) - 0.5))(kind(0.0).data)) == 0.0
    assert derivatives(lambda x: ramp(x) * x, kind(0.0), 2) == [0.0, 0.0]


def test_a_users_matrix_op_carries_rows_along():
    x, m = Tensor(ROWS), Tensor(W)
    y = where(KEEP, mix(x, m), 0.0).sum()
    by_x, by_m = gradients(y, [x, m])
    np.testing.assert_array_equal(by_x[0], [0.0, 0.0])
    np.testing.assert_allclose(by_x[1], W.sum(1) / (2 * np.sqrt(ROWS[1])))
    np.testing.assert_allclose(by_m, np.sqrt(ROWS[1])[:, None] * np.ones(3))
    slope = gradients(y, x, create_graph=True)
    assert np.isfinite(gradients(slope.sum(), x)).all()


def test_arithmetic_by_its_functions_names_drops_by_element_too():
    x, by = Tensor(ROWS), Tensor([0.0, 2.0])
    y = where(KEEP[:, 0], scaled(x, by), 0.0)
    by_x, by_by = gradients(y.sum(), [x, by])
    np.testing.assert_array_equal(by_x, [[0.0, 0.0], [0.5, 0.5]])
    np.testing.assert_array_equal(by_by, [0.0, -1.75])


def test_an_op_of_hips_style_is_dropped_as_a_whole():
    f = lambda x: autograd.sum(where(x > 0, root(x), 0.0))
    np.testing.assert_array_equal(grad(f)(np.zeros(2)), [0.0, 0.0])
    np.testing.assert_array_equal(grad(f)(np.array([4.0, 1.0])), [0.25, 0.5])
    x = Tensor([4.0, 1.0])
    slope = gradients(f(x), x, create_graph=True)
    np.testing.assert_array_equal(replay(slope, {x: [0.0, 0.0]}), [0.0, 0.0])


# --- the pass


@kinds
def test_inner_nodes_have_their_own_gradients(kind):
    x = kind(-1.0)
    z = where(x > 0, x, 0.0)
    y = where(z > 0, sqrt(z), 0.0)
    assert [float(g) for g in gradients(y, [x, z])] == [0.0, 0.0]
    inner = sqrt(kind(0.0) * x)
    w = where(x > 0, inner, 0.0)
    w.backward()
    assert float(inner.grad) == 0.0
    assert float(x.grad) == 0.0


@kinds
def test_a_nan_that_a_selection_drops_on_the_way_is_found(kind):
    """The leaf would see 0, but the inner node has nan in a plain pass."""
    x = kind(0.0)
    inner = x * 1.0
    y = where(inner > 0, sqrt(inner), 0.0)
    z = where(x > 0, inner, 1.0)
    assert float(gradients(y + z, inner)) == 0.0
    assert float(gradients(y + z, x)) == 0.0


def test_marks_are_made_only_where_a_nan_turned_up(monkeypatch):
    made = []
    init = Mark.__init__
    monkeypatch.setattr(Mark, "__init__", lambda self, *args: (made.append(1), init(self, *args))[1])
    x, w = Tensor(numbers((4, 3), 1)), Tensor(numbers((3, 3), 2))
    y = relu(relu(x @ w) @ w).sum()
    y.backward()
    gradients(y, w, create_graph=True)  # no pole is below a selection
    assert not made
    gradients(where(x > 9, sqrt(x * 0), 0.0).sum(), x)
    assert made


def test_a_gradient_graph_is_no_larger_where_no_pole_is_below_a_selection():
    x, w = Tensor(numbers((4, 3), 1)), Tensor(numbers((3, 3), 2))
    y = (relu(x @ w) @ w).sum()
    names = [n.op.name for n in toposort(gradients(y, w, create_graph=True)) if n.op is not None]
    assert names.count("where") == 1  # relu's own
    assert not {"not_equal", "logical_or", "stated"} & {*names}


def test_what_a_convolution_does_not_reach_stays_dropped():
    """Of a gradient that a selection cut to two elements, each correlation tells where these lead."""
    x, kernel = Tensor([4.0, 1.0, 0.0, 0.0, 0.0]), np.array([1.0, 2.0])
    for mode in ("full", "valid"):
        y = np.convolve(sqrt(x), kernel, mode)
        np.testing.assert_array_equal(gradients(y[:2].sum(), x)[3:], 0.0)
        assert np.isinf(gradients(y[1:3].sum(), x)[2])


def test_functions_that_select_or_move_are_ops():
    """A misspelled one would bring to life what was dropped."""
    known = functions().keys()
    assert SELECTING < known
    assert UNBOUNDED - {"/", "**"} < known
    assert _MOVING < known
    assert {*_ADDING_PRODUCTS, *_ADDING_PRODUCTS.values()} < known
    # These mix all of a gradient's elements, or read its shape.
    reading_gradients = {"cofactor", "matrix_function", "solve_sylvester", "zeros_like"}
    for op in autograd.ops.table():
        for formula in filter(None, op.vjps):
            tree = op.on_names(formula, Name("g"))
            for head in (h for t in (tree if isinstance(tree, list) else [tree]) for h in functions_of_g(t)):
                assert head in {*_MOVING, *_ADDING_PRODUCTS, *NO_FUNCTIONS, "where", *reading_gradients}


def functions_of_g(tree):
    """The functions in a formula that have the gradient in an argument."""
    if isinstance(tree, Name) and any(isinstance(a, Name) and "g" in a.reads() for a in tree.args):
        yield tree.head
        for a in tree.args:
            yield from functions_of_g(a)


@kinds
def test_a_gradient_graph_with_conventions_goes_through_json(kind):
    x, b = kind(2.0), kind(1.5)
    slope = gradients(autograd.hypot(x, b), x, create_graph=True)
    again = from_json(to_json(slope))
    x2, b2 = (n for n in toposort(again) if n.op is None and n.requires_grad)
    assert {float(replay(again, {x2: 0.0, b2: 0.0})), float(replay(slope, {x: 0.0, b: 0.0}))} == {0.0}
    assert {n.op.name for n in toposort(slope) if n.op is not None} >= {"stated"}


@kinds
def test_a_seed_of_0_is_a_number(kind):
    x = kind(0.0)
    assert np.isnan(gradients(sqrt(x), x, kind(0.0)))
    y = sqrt(x) * 0.0
    assert np.isnan(gradients(y, x, 2.0))


# ---- marks and what else a pass promises ----


def test_leaves_share_no_gradient_after_a_pass_with_marks():
    x, z = Tensor([0.0, 2.0]), Tensor([0.0, 4.0])
    u = x + z
    autograd.where(u > 0, autograd.sqrt(u), 0.0).sum().backward()
    assert x._grad is not z._grad
    x.grad[:] = 7.0
    np.testing.assert_array_equal(z.grad, [0.0, 0.5 / np.sqrt(6.0)])
    np.testing.assert_array_equal(u.grad, z.grad)
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    (a + b).backward(np.array([np.nan, 1.0]))
    a.grad[:] = 7.0
    np.testing.assert_array_equal(b.grad, [np.nan, 1.0])


RULES = {
    "guided": lambda xp, g, y, x: xp.where(xp.logical_and(x > 0, g > 0), g, 0.0),
    "clipped": lambda xp, g, y, x: xp.where(abs(g) > 1, xp.sign(g), g),
    "squared": lambda xp, g, y, x: g**2,
    "inverse": lambda xp, g, y, x: 2.0 / g,
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_of_a_users_that_is_not_linear_in_the_gradient(rule):
    @autograd.primitive(elementwise=True)
    def bent(xp, x):
        return x + 0.0

    bent.defvjps(x=RULES[rule])
    for kind in (Value, Tensor):
        x, w = kind(2.0), kind(0.0)
        alone = gradients(bent(x) * 3.0, x)
        y = bent(x) * 3.0 + autograd.where(w > 0, autograd.sqrt(w), 0.0)
        assert gradients(y, [x, w]) == [alone, 0.0]
        v = kind(2.0)
        (bent(v) * np.nan).backward()
        assert v.has_grad
        assert "∂y" in str(autograd.graph.explain(bent(x) * 3.0, x)) or "∂" in str(autograd.graph.explain(bent(x), x))


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_stated_number_does_not_depend_on_what_else_is_in_the_graph(kind):
    x, w = kind(0.0), kind(0.0)
    alone = autograd.log(autograd.relu(x))
    y = alone + autograd.where(w > 0, autograd.sqrt(w), 0.0)
    assert gradients(alone, x) == gradients(y, x) == gradients(y, x, create_graph=True).data == 0.0


def test_an_explanation_where_operands_are_indices():
    x = Tensor([1.17, 1.39], "x")
    assert str(autograd.graph.explain(autograd.clip(autograd.sort(x), -1, 1).sum(), x))
    assert list(autograd.graph.steps(autograd.where(x[[1, 0]] > 2, autograd.sqrt(x[[1, 0]] - x[[1, 0]]), 0.0).sum()))
