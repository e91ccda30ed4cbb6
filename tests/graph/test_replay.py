"""A recorded graph, and a recorded gradient graph, replayed: other numbers take the other branch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, gradients, maximum, minimum, relu, sigmoid, where
from autograd.graph import replay, toposort
from tests.helpers.support import KINDS, examples

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)

POINTS = [[1.0, -2.0, 3.0], [-1.0, 2.0, -3.0], [0.5, 2.5, 1.5], [-4.0, -0.5, 6.0], [3.0, -1.0, 2.0]]
BRANCHING = {
    "relu": lambda x: (relu(x) * x).sum(),
    "where": lambda x: where(x > 0, x * x, -3 * x).sum(),
    "where on a sum": lambda x: where(x.sum() > 1, x * x, x.sin()).sum(),
    "max": lambda x: (x * x).max() * x.sum(),
    "max of rows": lambda x: (x[:, None] * x).max(axis=1).sum(),
    "min": lambda x: x.min() ** 3,
    "maximum": lambda x: (maximum(x, x * x - 2) * x).sum(),
    "minimum": lambda x: minimum(x, 1.0).sum() * x.sum(),
    "abs": lambda x: (abs(x) ** 1.5).sum(),
    "clip": lambda x: (autograd.clip(x, -1.5, 1.75) * x).sum(),
    "selection": lambda x: (x[x > 0] * x[x > 0]).sum(),
    "sum of a selection": lambda x: x[x > 0].sum() ** 2,
    "mean of a selection": lambda x: x[x > 0].mean(),
    "squared mean of a selection": lambda x: (x[x > 0] ** 2).mean() * x.sum(),
    "selection broadcast": lambda x: (x[x > 0][:, None] * x).sum(),
    "nested selection": lambda x: (x[x > 0][x[x > 0] > 1] ** 3).sum(),
    "max of a selection": lambda x: x[x > 0].max() ** 2,
}


def slope(f, at):
    x = Tensor(at)
    return gradients(f(x), x)


@pytest.mark.parametrize("name", BRANCHING)
@pytest.mark.parametrize("recorded", range(len(POINTS)))
def test_a_gradient_graph_recorded_here_is_right_there(name, recorded):
    f = BRANCHING[name]
    x = Tensor(POINTS[recorded])
    y = f(x)
    g = gradients(y, x, create_graph=True)
    for other in POINTS:
        expected = slope(f, other)
        np.testing.assert_allclose(replay(g, {x: other}), expected, rtol=1e-14, atol=1e-14)
        assert float(replay(y, {x: other})) == pytest.approx(f(Tensor(other)).item(), rel=1e-14)


@pytest.mark.parametrize("name", [name for name in BRANCHING if name != "mean of a selection"])  # linear
def test_a_second_derivatives_graph_too(name):
    f = BRANCHING[name]

    def second(x):
        return gradients((gradients(f(x), x, create_graph=True) * [1.0, 2.0, 3.0]).sum(), x, create_graph=True)

    for recorded in POINTS[:3]:
        x = Tensor(recorded)
        h = second(x)
        for other in POINTS:
            np.testing.assert_allclose(replay(h, {x: other}), second(Tensor(other)).data, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "f",
    [relu, abs, lambda x: where(x > 0, x * x, -x), lambda x: maximum(x, x * x)],
    ids=["relu", "abs", "where", "maximum"],
)
@kinds
def test_scalars_take_the_other_branch(f, kind):
    for recorded in (2.0, -2.0, 0.25):
        x = kind(recorded)
        g = gradients(f(x), x, create_graph=True)
        for other in (3.0, -3.0, 0.5):
            z = kind(other)
            assert float(replay(g, {x: other})) == float(gradients(f(z), z))


@kinds
def test_replay_leaves_the_graph_as_it_was(kind):
    x, w = kind(2.0), kind(3.0)
    y = (x * w).sin()
    y.backward()
    before = [(n, n.data, n.grad) for n in toposort(y)]
    assert float(replay(y, {x: 5.0})) == pytest.approx(np.sin(15.0))
    for node, data, grad in before:
        assert np.array_equal(node.data, data)
        assert np.array_equal(node.grad, grad)


@kinds
def test_replay_without_new_values_gives_the_same(kind):
    x = kind(0.3)
    y = sigmoid(x * x - 1) / x
    assert float(replay(y, {})) == y.item()


def test_results_are_plain_data_or_nodes_as_the_values_are():
    x, w = Value(2.0), Value(3.0)
    y = x * w
    assert type(replay(y, {x: 4.0})) is float
    assert [float(v) for v in replay([y, x + w], {x: 4.0, w: 1.0})] == [4.0, 5.0]
    z = Value(4.0)
    out = replay(y, {x: z})
    assert type(out) is Value
    out.backward()
    assert z.grad == 3.0
    t = Tensor([1.0, 2.0])
    assert type(replay(t * 2, {t: [3.0, 4.0]})) is np.ndarray


def test_values_keep_their_leafs_dtype():
    x = Tensor(np.array([1.0, 2.0], np.float32))
    assert replay(x * 2, {x: [3.0, 4.0]}).dtype == np.float32


def test_conditions_given_by_the_user_are_leaves_that_can_be_replaced():
    c, x = Tensor([True, False]), Tensor([1.0, 2.0])
    y = where(c, x, -x)
    np.testing.assert_array_equal(replay(y, {c: [False, True]}), [-1.0, 2.0])


def test_a_long_graph_replays():
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    assert replay(y, {x: 2.0}) == 50_002.0


def test_what_cannot_be_replayed_is_named():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    t = Tensor([1.0, 2.0], "t")
    y = x * x
    with pytest.raises(TypeError, match=r"replay: .*leaves only"):
        replay(y, {y: 1.0})
    with pytest.raises(ValueError, match=r"replay: .*'w'.*is not in this graph"):
        replay(y, {w: 1.0})
    with pytest.raises(ValueError, match=r"replay: .*'t'.*keeps its shape.*\(3,\)"):
        replay(t * 2, {t: np.ones(3)})
    with pytest.raises(TypeError, match="leaves only"):
        replay(y, {"x": 1.0})
    with pytest.raises(TypeError, match="replay: pass a Value or a Tensor"):
        replay(3.0, {x: 1.0})
    with pytest.raises(ValueError, match=r"replay: .*'x' keeps its shape; the new value has shape \(2,\)"):
        replay(y, {x: t})


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("at", [4.0, 1.0])
def test_a_gradient_recorded_where_no_mask_was_needed_is_right_where_one_is(kind, at):
    x = kind(at)
    y = autograd.where(x > 0, autograd.sqrt(x), 0.0)
    slope = gradients(y, x, create_graph=True)
    curvature = gradients(slope, x, create_graph=True)
    with np.errstate(all="ignore"):
        for point, first, second in ((-1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (4.0, 0.25, -0.03125)):
            assert float(replay(slope, {x: point})) == first
            assert float(replay(curvature, {x: point})) == second


# What an untaken branch multiplies may be inf or nan, though a product has no pole itself.
UNTAKEN = {
    "x·log x": (lambda x: where(x > 0, x * autograd.log(x), 0.0), 0.5, [0.0, -1.0, 2.0]),
    "√x·√x": (lambda x: where(x > 0, autograd.sqrt(x) * autograd.sqrt(x), -x), 2.0, [-1.0, 0.0, 3.0]),
    "nested": (lambda x: where(x > 0, where(x > 1, x * autograd.log(x), x * x), -x), 2.0, [-1.0, 0.0, 0.5, 3.0]),
    "sin of a pole": (lambda x: where(x > 0, autograd.sin(1 / x), 0.0), 0.5, [0.0, 2.0]),
    "x // y": (lambda x: where(x > 0, autograd.mod(1.0, x), x), 0.7, [0.0, 0.3]),
    "relu": (lambda x: autograd.relu(x * autograd.sqrt(x) - 1.0), 4.0, [0.0, 2.0]),
}


@pytest.mark.parametrize("name", UNTAKEN)
@kinds
def test_a_branch_not_taken_poisons_no_gradient_graph(name, kind):
    f, at, points = UNTAKEN[name]
    x = kind(at)
    slope = gradients(f(x), x, create_graph=True)
    for point in points:
        z = kind(point)
        with np.errstate(all="ignore"):
            expected = gradients(f(z), z)
        assert np.isfinite(expected)
        assert float(replay(slope, {x: point})) == pytest.approx(float(expected), rel=1e-12)


def test_what_a_condition_does_not_select_poisons_no_gradient_graph():
    f = lambda x: (x * autograd.log(x))[x > 0].sum()
    x = Tensor([0.2, 0.4, 0.6])
    v = np.array([1.0, 2.0, 3.0])
    slope = gradients(f(x), x, create_graph=True)
    curvature = gradients((slope * v).sum(), x, create_graph=True)
    np.testing.assert_allclose(replay(slope, {x: [0.0, -1.0, 2.0]}), [0.0, 0.0, 1.0 + np.log(2.0)])
    np.testing.assert_allclose(replay(curvature, {x: [0.0, -1.0, 2.0]}), [0.0, 0.0, 1.5])


def test_a_branch_without_poles_gets_no_mask():
    x = Value(2.0)
    slope = gradients((x * x).relu(), x, create_graph=True)
    assert not any(n.op is not None and n.op.name == "isfinite" for n in toposort(slope))


# What gives one element, or one number, and what is then done with it. NumPy makes a number of a 0-d result; replay
# does not.
PICKS = {
    "x[0]": lambda x: x[0],
    "x[-1]": lambda x: x[-1],
    "x[(1,)]": lambda x: x[(1,)],
    "x[..., 2]": lambda x: x[..., 2],
    "x[None][0, -2]": lambda x: x[None][0, -2],
    "x[1:][0]": lambda x: x[1:][0],
    "x[::-2][0]": lambda x: x[::-2][0],
    "x[np.array(1)]": lambda x: x[np.array(1)],
    "x[[2, 0]][1]": lambda x: x[[2, 0]][1],
    "x[argmax]": lambda x: x[autograd.numpy.argmax(x)],
    "x[x > 0].sum()": lambda x: x[x > 0].sum(),
    "x[x > x[1]].sum()": lambda x: x[x > x[1]].sum(),
    "reshape": lambda x: x.reshape(3, 1)[1, 0],
    "take": lambda x: autograd.numpy.take(x, 1),
    "sort": lambda x: autograd.numpy.sort(x)[1],
    "median": lambda x: autograd.numpy.median(x),
    "max": lambda x: x.max(),
    "min": lambda x: x.min(),
    "sum": lambda x: x.sum(),
    "mean": lambda x: x.mean(),
    "prod": lambda x: autograd.numpy.prod(x),
    "norm": lambda x: autograd.numpy.linalg.norm(x),
    "x @ x": lambda x: x @ x,
    "squeeze": lambda x: autograd.numpy.squeeze(x[1:2]),
    "logsumexp": lambda x: autograd.logsumexp(x),
    "trace": lambda x: autograd.numpy.trace(autograd.numpy.diag(x)),
    "det": lambda x: autograd.numpy.linalg.det(autograd.numpy.diag(x) + x[:, None] * x),
    "Value": lambda x: autograd.sin(x[0]) * Value(2.0),
    "unpacked": lambda x: (lambda a, b, c: a * b - c)(*x),
}
USES = {
    "x·p": lambda x, p: x * p,
    "x/(1 + p·p)": lambda x, p: x / (1 + p * p),  # p may be the sum of no elements
    "p − x": lambda x, p: p - x,
    "p·p·x": lambda x, p: p * p * x,
    "sin p": lambda x, p: autograd.sin(p) * x,
    "maximum": lambda x, p: maximum(x * x, p),
    "minimum": lambda x, p: minimum(x, p * p),
    "where": lambda x, p: where(x > p, x * x, p * x),
    "where p": lambda x, p: where(p > 1, x * x, p * x * x),
    "x[x >= p]": lambda x, p: (x[x >= p - 1e-9] * x[x >= p - 1e-9]).sum() * p,
    "relu": lambda x, p: relu(x - p) * x,
    "clip": lambda x, p: autograd.clip(x, p, None) * x,
    "stack": lambda x, p: autograd.stack([p, x[1], p * p]) * x,
    "concatenate": lambda x, p: autograd.concatenate([x * p, p.reshape(1)]) ** 2,
    "broadcast": lambda x, p: autograd.numpy.broadcast_to(p, (2, 3)) * x,
    "outer": lambda x, p: (x[:, None] * x)[0] * p,
    "p of p": lambda x, p: (x * p)[1] * x,
}


@given(
    st.sampled_from(sorted(PICKS)),
    st.sampled_from(sorted(USES)),
    st.lists(st.permutations([-1.6, 0.7, 1.9]), min_size=2, max_size=4),
    st.sampled_from([np.float64, np.float32]),
)
@examples(60)
def test_gradient_graphs_that_pick_an_element_replay_at_other_data(pick, use, points, dtype):
    f = lambda x: (USES[use](x, PICKS[pick](x)) * 1.5).sum()
    first = lambda x: gradients(f(x), x, create_graph=True)
    second = lambda x: gradients((first(x) * np.array([1.0, 2.0, 3.0], dtype)).sum(), x, create_graph=True)
    at, *others = [np.array(p, dtype) + dtype(0.01) * k for k, p in enumerate(points)]
    rounding = 1e-11 if dtype is np.float64 else 1e-4
    x = Tensor(at)
    for graph in (f, first, second):
        y = graph(x)
        for other in others if x in set(toposort(y)) else ():  # the slope of a linear function is a constant
            actual, expected = replay(y, {x: other}), graph(Tensor(other)).data
            assert type(actual) is np.ndarray
            assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
            np.testing.assert_allclose(actual, expected, rtol=rounding, atol=rounding)


def test_a_replayed_number_of_axes_0_is_an_array_and_a_value_a_float():
    x, v = Tensor([1.0, 2.0]), Value(3.0)
    for y in (x[0], x.sum(), x @ x, x.max() * 2, x[0] * v, x[0] > 1):
        assert type(replay(y, {x: [5.0, 6.0]})) is np.ndarray
    for y in (v * 2, v > 1, autograd.sum(v), v.sin()):
        assert not isinstance(replay(y, {v: 4.0}), (np.ndarray, np.generic))
