"""The graph of a derivative without its bookkeeping: fewer ops, the same bits, and nothing of a user's own folded."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, detect_anomaly, gradients, no_grad, relu, tanh, where
from autograd.engine.derived import is_derivative
from autograd.graph import from_json, replay, tidied, to_json, toposort
from autograd.graph.naming import Names
from autograd.graph.tidying import tidy
from autograd.ops import table
from tests.helpers.second_derivatives import BY_HAND, TOO_LONG
from tests.helpers.support import KINDS, examples, numbers

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
POINTS = 20


def total(y):
    return y.sum() if y.ndim else y


def derivative(y, *by):
    """The derivative by one leaf after the other, as a graph; None where it is no graph of theirs."""
    for x in by:
        if not y.requires_grad:
            return None
        y = gradients(total(y), x, create_graph=True)
    return None if y.op is None else y


def ops(y):
    return sum(node.op is not None for node in toposort(y))


def names_of_ops(y):
    return [node.op.name for node in toposort(y) if node.op is not None]


def at(kind, number, label=None):
    """A leaf: a number, or an array of three near it."""
    return Value(number, label) if kind is Value else Tensor(near(number), label)


def near(number):
    return np.array([number, number * 1.01, number * 0.99])


def values_at(leaves, points):
    return {x: near(p) if x.ndim else p for x, p in zip(leaves, points, strict=True)}


def assert_same(y, points, **options):
    """A graph and the tidy one replay to the same numbers, bit for bit but for the sign of a zero."""
    short = tidied(y, **options)
    assert type(short) is type(y)
    assert short.label == y.label
    before, after = toposort(y), set(toposort(short))
    assert [x for x in before if x.op is None and (x.requires_grad or x.label or x.ndim > 0) and x not in after] == []
    for values in points:
        values = {x: v for x, v in values.items() if x in after}
        np.testing.assert_array_equal(replay(short, values), replay(y, values), str(values))
    np.testing.assert_array_equal(short.data, y.data)
    assert len(after) <= len(before)
    return short


# --- the gate: fewer ops, the same numbers


def test_the_second_derivative_of_a_cube_is_6_x():
    x = Value(2.0, "x")
    bend = derivative(x**3, x, x)
    assert (ops(bend), ops(tidied(bend))) == (11, 1)
    assert names_of_ops(tidied(bend)) == ["mul"]
    assert sorted(n.data for n in tidied(bend).parents) == [2.0, 6.0]


def test_a_number_as_exponent_is_part_of_the_op():
    x = Value(2.0, "x")
    short = tidied(derivative(x**5, x))
    assert names_of_ops(short) == ["pow_number", "mul"]
    assert short.parents[1].params == {"exponent": 4.0}
    assert from_json(to_json(short)).data == 80.0


def op_calls():
    for op in table():
        if op.elementwise and op.differentiable and not op.variadic:
            yield pytest.param(op, id=op.__name__)


def params_of(op):
    return {k: 3 if v is inspect.Parameter.empty else v for k, v in op.params.items()}


@kinds
@pytest.mark.parametrize("op", list(op_calls()))
def test_second_and_third_derivatives_have_no_more_ops_than_by_hand_and_the_same_bits(op, kind):
    low, high = op.domain[0] if op.domain else (1.2, 3.0) if op is autograd.arccosh else (0.2, 0.8)
    rng = np.random.default_rng(1)
    xs = [at(kind, rng.uniform(low, high), label) for label in ("abc" if op.arity > 1 else "x")[: op.arity]]
    points = [values_at(xs, rng.uniform(low, high, len(xs))) for _ in range(POINTS)]
    y = op(*xs, **params_of(op))
    seen = set()
    for a in xs:
        for b in xs:
            bend = derivative(y, a, b)
            if bend is None or not bend.requires_grad:
                continue
            short = assert_same(bend, points)
            which = a.label + b.label
            if (op.__name__, which) not in TOO_LONG and not (kind is Tensor and len(xs) > 1):
                by_hand = BY_HAND[op.__name__][which](*xs)
                np.testing.assert_allclose(short.data, by_hand.data, rtol=1e-12)
                assert ops(short) <= ops(by_hand), which
                seen.add(which)
            third = derivative(bend, a)
            if third is not None and third.requires_grad:
                assert_same(third, points)
    if kind is Value:
        assert seen == BY_HAND.get(op.__name__, {}).keys()


KINKED = {
    "relu": lambda x: relu(x) ** 3,
    "relu of a square": lambda x: relu(x * x - 1) * x,
    "abs": lambda x: abs(x) * x * x,
    "max": lambda x: autograd.maximum(x, x * x) ** 2,
    "clip": lambda x: autograd.clip(x, -1.0, 1.0) ** 3,
    "where": lambda x: where(x > 0, x**3, tanh(x)),
    "nested": lambda x: relu(relu(x) - 1) ** 2 * relu(x),
    "elu": lambda x: autograd.elu(x, 0.5) * x,
    "root under a selection": lambda x: where(x > 0, autograd.sqrt(x), 0.0) * x,
    "square": lambda x: x**2,
    "x to the 1": lambda x: x**1,
    "x to the 0": lambda x: x**0 * x,
    "x to the −1": lambda x: x**-1,
    "x to the 1.5": lambda x: x**1.5,
    "power of two": lambda x: x ** (x * 0 + 2),
    "square of a product": lambda x: (x * Value(2.0, "w")) ** 2,
    "hypot with a number": lambda x: autograd.hypot(x, 0.0) * x,
}
AT_KINKS = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 1e300, -1e300, 5e-324, np.inf, -np.inf, np.nan]


@kinds
@pytest.mark.parametrize("name", KINKED)
@pytest.mark.parametrize("recorded", [2.0, -0.5, 0.0, 1.0])
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_numbers_stay_at_kinks_and_beyond_all_bounds(name, recorded, kind):
    x = Value(recorded, "x") if kind is Value else Tensor([recorded, 3.0], "x")
    points = [{x: v if kind is Value else np.array([v, 3.0])} for v in AT_KINKS]
    y = KINKED[name](x)
    for _ in range(3):
        y = derivative(y, x)
        if y is None or not y.requires_grad:
            break
        assert_same(y, points)


def test_a_product_with_0_stays_for_it_is_nan_at_infinity():
    x = Value(2.0, "x")
    y = derivative(x * autograd.heaviside(x, 0.5), x)
    short = tidied(y)
    assert np.isnan(replay(short, {x: np.inf})) == np.isnan(replay(y, {x: np.inf}))
    g = gradients(x * x, x, grad_outputs=Value(0.0, requires_grad=False), create_graph=True)
    assert np.isnan(replay(tidied(g), {x: np.inf}))


def test_constants_are_multiplied_only_where_that_is_exact():
    x = Value(0.3, "x")
    assert ops(tidied(derivative(x**3, x, x))) == 1  # 3·(2·x) = 6·x
    assert ops(tidied(derivative(x**7, x, x))) == 3  # 7·(6·x⁵) rounds twice
    x = Value(5e-324, "x")
    assert_same(derivative(x**3, x, x), [{x: v} for v in (5e-324, 1.5e-323, 1e308, -9e307, 1.7e308)])


@given(st.data())
@examples(100, deadline=None)
def test_random_graphs_keep_their_bits(data):
    kind = data.draw(st.sampled_from(KINDS))
    leaves = [at(kind, v, n) for v, n in zip(numbers((3,), data.draw(st.integers(0, 99))), "abc", strict=True)]
    nodes = list(leaves)
    unary = [
        tanh,
        autograd.exp,
        relu,
        abs,
        autograd.sin,
        lambda x: x**2,
        lambda x: x**3,
        lambda x: 1.0 * x,
        lambda x: -x,
    ]
    binary = [
        autograd.add, autograd.mul, autograd.sub, autograd.maximum, autograd.hypot,
        lambda a, b: where(a > b, a * b, b), lambda a, b: a / (1 + b * b),
    ]  # fmt: skip
    for _ in range(data.draw(st.integers(1, 8))):
        f = data.draw(st.sampled_from(unary + binary))
        operands = [data.draw(st.sampled_from(nodes)) for _ in range(2 if f in binary else 1)]
        nodes.append(f(*operands))
    order = data.draw(st.integers(1, 3))
    y = derivative(nodes[-1], *(data.draw(st.sampled_from(leaves)) for _ in range(order)))
    if y is not None:
        points = [values_at(leaves, numbers((3,), seed, -3.0, 3.0)) for seed in range(5)]
        assert_same(y, points)
        again = tidied(tidied(y))
        assert ops(again) <= ops(tidied(y))


# --- what stays


@kinds
def test_what_a_users_own_code_recorded_stays(kind):
    x = at(kind, 2.0, "x")
    inner = x * 1.0 + 0.0
    y = total(inner**3)
    assert tidied(y) is y
    slope = gradients(y, x, create_graph=True)
    short = toposort(tidied(slope))
    assert any(n is inner for n in short)
    after = slope * 1.0 + 0.0
    assert [n.op.name for n in toposort(tidied(after)) if n.op][-2:] == ["mul", "add"]


def test_labelled_and_named_nodes_inputs_and_outputs_stay():
    x = Value(2.0, "x")
    slope = gradients(x**3, x, create_graph=True)
    factor = slope.parents[1]
    factor.label = "factor"
    assert [n.label for n in toposort(tidied(slope)) if n.label] == ["x", "factor"]
    factor.label = None
    assert ops(tidied(slope)) == 2
    assert names_of_ops(tidied(slope, names={"factor": factor})) == ["pow_number", "mul", "mul"]
    assert names_of_ops(tidied(slope, inputs=factor)) == ["pow_number", "mul", "mul"]
    names = Names({factor: "factor"})
    (short,) = tidy([slope], (), names).outputs
    assert names.of(short.parents[1]) == "factor"
    bend = gradients(slope, x, create_graph=True)
    bend.label, bend.grad = "bend", 3.0
    short = tidied([slope, bend])
    assert [n.label for n in short] == [None, "bend"]
    assert short[1].grad == 3.0
    assert slope.label is None
    assert ops(bend) == 11  # nothing was written to


def test_an_input_stays_even_where_nothing_depends_on_its_value():
    x = Value(3.0, "x")
    assert replay(tidied(derivative(x**2, x, x)), {x: 5.0}) == 2.0
    a, b = Tensor([2.0, 3.0], "a"), Tensor([1.0, 4.0], "b")
    assert replay(tidied(derivative(a * b, a, b)), {a: [1.0, 1.0], b: [0.0, 0.0]}).tolist() == [1.0, 1.0]
    data = Tensor(np.ones(2), requires_grad=False)
    slope = derivative(a * data, a)
    assert replay(tidied(slope), {data: [5.0, 6.0]}).tolist() == [5.0, 6.0]


def test_a_constant_output_is_a_number():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    one = gradients(gradients(a * b, a, create_graph=True), b, create_graph=True)
    one.label = "one"
    short = tidied(one)
    assert (short.op, short.data, short.label) == (None, 1.0, "one")


@kinds
def test_shapes_that_a_condition_decides_are_not_relied_on(kind):
    x = Tensor([1.0, -2.0, 3.0], "x")
    y = (x[x > 0] ** 3).sum()
    slope = gradients(y, x, create_graph=True)
    bend = gradients(slope.sum(), x, create_graph=True)
    points = [{x: p} for p in ([1.0, 1.0, 1.0], [-1.0, -1.0, 2.0], [-1.0, -1.0, -1.0], [0.0, 1.0, 2.0])]
    assert_same(slope, points)
    assert_same(bend, points)


def test_float32_stays_float32():
    x = Tensor(np.array([0.3, 0.7], np.float32), "x")
    for f in (lambda x: x**3, tanh, lambda x: relu(x) ** 2, lambda x: autograd.log2(x) * x):
        y = derivative(f(x), x, x)
        short = assert_same(y, [{x: np.array([a, 0.2], np.float32)} for a in (0.1, 0.9)])
        assert short.data.dtype == np.float32


@pytest.mark.parametrize("axis", [None, 0])
def test_derivatives_of_matrices_are_tidied_too(axis):
    rng = np.random.default_rng(0)
    W, b = Tensor(rng.normal(size=(4, 3)), "W"), Tensor(np.zeros(4), "b")
    X = Tensor(rng.normal(size=(5, 3)), "X", requires_grad=False)
    L = total(((X @ W.T + b).tanh() ** 2).mean(axis=axis))
    slope = gradients(L, W, create_graph=True)
    bend = gradients((slope * slope).sum(), W, create_graph=True)
    points = [{W: rng.normal(size=(4, 3)), b: rng.normal(size=4), X: rng.normal(size=(5, 3))} for _ in range(5)]
    assert_same(slope, points)
    short = assert_same(bend, points)
    assert ops(short) < 0.7 * ops(bend)
    assert "count" not in names_of_ops(short)
    twice = {n for n in toposort(short) if n.op is not None and n.op.symbol == "ᵀ" and is_derivative(n)}
    assert not any(n.parents[0] in twice for n in twice)


# --- conventions


@kinds
def test_a_convention_of_two_variables_becomes_a_badge_away_from_it(kind):
    a, b = at(kind, 3.0, "a"), at(kind, 4.0, "b")
    slope = derivative(autograd.hypot(a, b), a)
    result = tidy([slope], (), Names())
    assert names_of_ops(result.outputs[0]) == ["hypot", "div"]
    assert result.badges[result.outputs[0]] == ["0 at the origin, the tip of a cone"]
    assert any(n.op is not None and n.op.name == "stated" for n in result.was[result.outputs[0]])


@kinds
def test_a_convention_in_force_stays(kind):
    a, b = at(kind, 0.0, "a"), at(kind, 0.0, "b")
    slope = derivative(autograd.hypot(a, b), a)
    short = assert_same(slope, [values_at([a, b], p) for p in ((0.0, 0.0), (3.0, 4.0))])
    assert "stated" in names_of_ops(short)


# --- what becomes of the new graph


def test_it_is_plain_data():
    x = Value(0.5, "x")
    bend = derivative(tanh(x), x, x)
    short = tidied(bend)
    for twin in (from_json(to_json(short)), pickle.loads(pickle.dumps(short)), copy.deepcopy(short)):
        (leaf,) = [n for n in toposort(twin) if n.label]
        assert replay(twin, {leaf: 0.25}) == replay(bend, {x: 0.25})
    assert gradients(short, x) == pytest.approx(gradients(bend, x), rel=1e-14)
    short.backward()
    assert x.grad == pytest.approx(gradients(bend, x), rel=1e-14)


def test_the_mark_of_a_derivative_survives_files_copies_and_replays():
    x = Value(2.0, "x")
    bend = derivative(x**3, x, x)
    for twin in (from_json(to_json(bend)), pickle.loads(pickle.dumps(bend)), copy.deepcopy(bend)):
        assert ops(tidied(twin)) == 1
    assert ops(tidied(replay(bend, {x: Value(3.0, "x")}))) == 1
    a, b = Value(3.0, "a"), Value(4.0, "b")
    slope = from_json(to_json(derivative(autograd.hypot(a, b), a)))
    assert ops(tidied(slope)) == 2


def test_a_forward_graph_has_no_mark_and_the_same_file():
    x = Value(2.0, "x")
    y = x * x
    gradients(y, x, create_graph=True)
    assert not any(map(is_derivative, toposort(y)))
    assert "derivative" not in to_json(y)


def test_nodes_recorded_under_anomaly_detection_are_tidied_too():
    x = Value(2.0, "x")
    with detect_anomaly():
        bend = derivative(x**3, x, x)
    assert ops(tidied(bend)) == 1


def test_it_records_nothing_and_works_without_recording():
    x = Value(2.0, "x")
    bend = derivative(x**3, x, x)
    with no_grad():
        assert ops(tidied(bend)) == 1


def test_a_long_chain_takes_no_recursion():
    x = Value(0.1, "x")
    y = x
    for _ in range(3000):
        y = relu(y * 1.0 + x)
    assert ops(tidied(derivative(y, x))) > 0


def test_errors():
    with pytest.raises(TypeError, match="tidied: pass a Value or a Tensor, or a list of them, not float"):
        tidied(2.0)
    with pytest.raises(TypeError, match="tidied: inputs takes"):
        tidied(Value(1.0), inputs=[1.0])


def test_what_transforms_record_is_tidied_too():
    x = Value(2.0, "x")
    bend = autograd.grad(autograd.grad(lambda x: x**3))(x)
    assert names_of_ops(assert_same(bend, [{x: v} for v in (0.0, -1.0, 5.0)])) == ["mul"]
    X = Tensor([1.0, 2.0], "X")
    slopes = autograd.jacobian(lambda x: x**3)(X)
    short = assert_same(slopes, [{X: v} for v in ([0.0, 1.0], [-1.0, 3.0])])
    assert "positive" not in names_of_ops(short)
    curvature = autograd.hessian(lambda x: (x**3).sum())(X)
    assert ops(assert_same(curvature, [{X: [3.0, -1.0]}])) < 0.5 * ops(curvature)
