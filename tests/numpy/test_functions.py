"""NumPy's own functions of nodes: what they give and record, on every mixture of nodes, arrays and NumPy's numbers."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, grad, gradients
from autograd.engine.node import Node, functions
from autograd.numpy.dispatch import _UFUNC_METHODS, dispatch
from autograd.ops import table
from tests.helpers.samplers import arguments, oracle, samples, varied
from tests.helpers.support import KINDS, contract, examples, numbers, plain

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def named(op):
    """NumPy's function for an op, if it has one."""
    name = next(n for n, f in functions().items() if f is op)
    return getattr(np, name, None) or getattr(np.linalg, name, None)


OPS = [op for op in table() if named(op)]
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
every_elementwise_op = pytest.mark.parametrize("op", [op for op in OPS if op.elementwise], ids=lambda op: op.name)
BINARY = [op for op in OPS if op.elementwise and op.arity == 2]


def test_most_of_the_table_is_numpys():
    assert len(OPS) > 40
    assert len(BINARY) > 12


@every_op
def test_numpys_function_of_nodes_is_numpys_function_of_their_data(op):
    theirs = named(op)
    for args, params in samples(op):
        nodes = [Tensor(a) for a in args]
        y = theirs(*nodes, **params)
        assert isinstance(y, Node)
        assert y.op is op
        assert y.requires_grad == (op.differentiable and any(x.requires_grad for x in nodes))
        expected = theirs(*args, **params)
        assert y.data.shape == np.shape(expected)
        np.testing.assert_allclose(y.data, expected, rtol=1e-14)


@every_op
def test_its_gradient_is_pytorchs(op):
    torch = pytest.importorskip("torch")
    reference = oracle(op, torch)
    if not op.differentiable or reference is None:
        return
    for args, params in samples(op):
        places = varied(op, args)
        nodes = [Tensor(a) for a in args]
        y = named(op)(*nodes, **params)
        weights = numbers(y.shape, 1, 0.5, 2.0)
        slopes = gradients(np.sum(y * weights), [nodes[i] for i in places])
        theirs = [torch.tensor(a, requires_grad=i in places) for i, a in enumerate(args)]
        (reference(*theirs, **params) * torch.tensor(weights)).sum().backward()
        for i, slope in zip(places, slopes, strict=True):
            np.testing.assert_allclose(slope, theirs[i].grad, rtol=1e-9, atol=1e-9)


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@every_elementwise_op
@examples(30)
@given(data=st.data())
def test_nodes_arrays_and_numbers_mix_in_every_shape(op, data):
    """One argument at least is a node; the others are nodes, arrays, or NumPy's or Python's numbers."""
    theirs = named(op)
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=op.arity, max_dims=3, max_side=3)).input_shapes
    plain_args = arguments(op, shapes, {})
    forms = [data.draw(st.sampled_from(["node", "array", "number"])) for _ in shapes]
    forms[data.draw(st.integers(0, op.arity - 1))] = "node"
    given_args = [
        Tensor(a) if form == "node" else a[()] if form == "number" else a for a, form in zip(plain_args, forms)
    ]
    with np.errstate(all="ignore"):
        y = theirs(*given_args)
        expected = theirs(*plain_args)
    assert type(y) is Tensor
    assert y.op is op
    assert y.data.dtype == expected.dtype
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.data, expected, rtol=1e-14)
    for p, x in zip(y.parents, given_args, strict=True):
        assert p is x if isinstance(x, Node) else not p.requires_grad
    if y.requires_grad:
        contract(y).backward()
        for i, x in enumerate(given_args):
            if isinstance(x, Node) and x.requires_grad and op.vjp(i):
                assert x.grad.shape == x.shape


@every_elementwise_op
def test_a_value_gives_a_value(op):
    for args, params in samples(op, ()):
        y = named(op)(*map(Value, args), **params)
        assert type(y) is Value
        assert y.item() == pytest.approx(float(named(op)(*args, **params)), rel=1e-14)


# ---- operators with something of NumPy's on the left ----

OPERATORS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "**": lambda a, b: a**b, "//": lambda a, b: a // b, "%": lambda a, b: a % b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b, "@": lambda a, b: a @ b,
}  # fmt: skip
every_operator = pytest.mark.parametrize("f", OPERATORS.values(), ids=list(OPERATORS))


@every_operator
@pytest.mark.parametrize("dtypes", ["dd", "df", "fd", "ff", "ld"])
def test_an_array_on_the_left_records_the_same_op(f, dtypes):
    left, right = numbers((3, 3), 1, 0.5, 3.0), numbers((3, 3), 2, 0.5, 3.0)
    left = np.ceil(left).astype(dtypes[0]) if dtypes[0] == "l" else left.astype(dtypes[0])
    x = Tensor(right, dtype=np.dtype(dtypes[1]))
    y = f(left, x)
    expected = f(left, x.data)
    assert y.data.dtype == expected.dtype
    np.testing.assert_array_equal(y.data, expected)
    assert y.op is f(Tensor(left), x).op
    assert y.parents[1] is x
    np.testing.assert_array_equal(y.parents[0].data, left)
    assert not np.shares_memory(y.parents[0]._data, left)


@every_operator
@pytest.mark.parametrize(
    "number",
    [np.float64(2.5), np.float32(2.5), np.float16(2.5), np.int64(2), np.uint8(2), np.longdouble(2.5)],
    ids=repr,
)
def test_a_number_of_numpys_is_a_python_number(f, number):
    """So that it changes no dtype: float32 stays float32 beside np.float64(2)."""
    same = number.item() if not isinstance(number, np.longdouble) else float(number)
    if f is OPERATORS["@"]:
        return
    for x in (Tensor(numbers((3,), 1, 0.5, 3.0)), Tensor(numbers((3,), 1, 0.5, 3.0), dtype=np.float32), Value(1.5)):
        for y, expected in ((f(number, x), f(same, x.data)), (f(x, number), f(x.data, same))):
            assert type(y) is type(x)
            assert np.asarray(y.data).dtype == np.asarray(expected).dtype
            np.testing.assert_allclose(y.data, expected, rtol=1e-6)
            other = y.parents[0] if y.parents[0] is not x else y.parents[-1]
            assert other is x or type(other.data) in (int, float)


@kinds
def test_python_calls_numpys_operators_for_sums_too(kind):
    x = kind(2.0)
    y = sum([np.float64(1.0), x, np.float32(3.0)])
    assert type(y) is kind
    assert y.item() == 6.0


@kinds
def test_divmod(kind):
    for pair in (divmod(kind(7.5), 2), divmod(7.5, kind(2.0)), divmod(kind(7.5), kind(2.0))):
        assert [n.item() for n in pair] == [3.0, 1.5]


def test_conditions_combine():
    x = Tensor([0.0, 1.0, 2.0, 3.0])
    below = np.array([True, True, True, False])
    for y, expected in (
        ((x > 0) & (x < 3), [0, 1, 1, 0]),
        ((x < 1) | (x > 2), [1, 0, 0, 1]),
        (~(x > 1), [1, 1, 0, 0]),
        (below & (x > 0), [0, 1, 1, 0]),
        ((x > 2) | below, [1, 1, 1, 1]),
        (True & (x > 2), [0, 0, 0, 1]),
        ((x > 2) | np.bool(False), [0, 0, 0, 1]),
        (np.invert(x > 1), [1, 1, 0, 0]),
        (np.bitwise_or(x < 1, below), [1, 1, 1, 0]),
    ):
        assert isinstance(y, Tensor)
        assert not y.requires_grad
        np.testing.assert_array_equal(y.data, np.array(expected, bool))
    assert {autograd.supported(name).status for name in ("bitwise_and", "bitwise_or", "invert")} == {"constant"}
    v = Value(1.0)
    assert ((v > 0) & (v < 2)).data is True
    assert (~(v > 0)).data is False
    both = autograd.graph.replay((x > 0) & (x < 3), {x: [1.0, 5.0, -1.0, 2.0]})
    np.testing.assert_array_equal(both, [True, False, False, True])


# ---- methods of ufuncs, keywords, what is no op ----


def test_methods_of_ufuncs_that_a_function_stands_for():
    x = Tensor(numbers((2, 3)))
    for (ufunc, method), function in _UFUNC_METHODS.items():
        if not autograd.supported(function):
            with pytest.raises(TypeError, match=rf"^np\.{function.__name__} is not supported on nodes"):
                getattr(ufunc, method)(x)
            continue
        for params in ({}, {"axis": 1}):
            y = getattr(ufunc, method)(x, **params)
            np.testing.assert_allclose(y.data, getattr(ufunc, method)(x.data, **params))
    assert np.add.reduce(x, axis=None, keepdims=True).shape == (1, 1)
    assert np.add.reduce(x, 1).op is autograd.sum
    gradient = gradients(np.add.reduce(np.maximum.reduce(x)), x)
    assert gradient.sum() == 3.0


def test_keywords_at_their_defaults_say_nothing():
    x = Tensor(numbers((2, 3)))
    np.testing.assert_array_equal(np.sum(x, axis=1, dtype=None, out=None).data, x.data.sum(1))
    np.testing.assert_array_equal(np.sum(x, 1, None, None, True).data, x.data.sum(1, keepdims=True))
    np.testing.assert_array_equal(np.max(x, 0, None, True).data, x.data.max(0, keepdims=True))
    np.testing.assert_array_equal(np.mean(x, 1, None, None, True).data, x.data.mean(1, keepdims=True))
    np.testing.assert_array_equal(np.exp(x, out=None, where=True, casting="same_kind").data, np.exp(x.data))


@kinds
def test_shapes_are_plain_integers(kind):
    x = kind(2.0)
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((), 0, 1)
    A = Tensor(np.ones((2, 3)))
    assert (np.shape(A), np.ndim(A), np.size(A), np.size(A, 1), len(A)) == ((2, 3), 2, 6, 3, 2)


def test_functions_that_are_made_of_ops():
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, -4.0])
    for result, expected in (
        (np.stack([x, y]), np.stack([x.data, y.data])),
        (np.concatenate([x, [5.0], y.data]), [1.0, 2.0, 5.0, 3.0, -4.0]),
        (np.clip(y, -1.0, 1.0), [1.0, -1.0]),
        (np.clip(y, a_min=0.0, a_max=None), [3.0, 0.0]),
        (np.dot(x, y), -5.0),
        (np.dot([1.0, 1.0], x), 3.0),
        (np.where(y > 0, x, 0.0), [1.0, 0.0]),
        (np.where([True, False], 1.0, y), [1.0, -4.0]),
    ):
        assert type(result) is Tensor
        np.testing.assert_array_equal(result.data, expected)


def test_the_namespace_is_autograds():
    for x in (Value(1.0), Tensor([1.0, 2.0])):
        xp = x.__array_namespace__()
        assert xp is anp
        assert xp is x.__array_namespace__(api_version="2023.12")
        assert xp.exp(x).op is autograd.exp


def test_the_lookup_is_the_same_by_both_ways():
    x = Tensor([0.5, 1.5])
    for name in ("exp", "sum", "maximum", "absolute"):
        args = (x, 1.0) if name == "maximum" else (x,)
        a, b, c = getattr(np, name)(*args), getattr(anp, name)(*args), dispatch(getattr(np, name), args, {})
        assert a.op is b.op is c.op
        np.testing.assert_array_equal(plain(a), plain(b))


def test_a_function_written_for_numpy_is_differentiated():
    def loss(w, X, t):
        return np.mean((1 / (1 + np.exp(-(X @ w))) - t) ** 2)

    X, t, w = numbers((5, 3), 1), numbers((5,), 2), numbers((3,), 3)
    slope = autograd.grad(loss)(w, X, t)
    h = 1e-6
    for i, unit in enumerate(np.eye(3)):
        measured = (loss(w + h * unit, X, t) - loss(w - h * unit, X, t)) / (2 * h)
        assert slope[i] == pytest.approx(measured, abs=1e-8)


@pytest.mark.parametrize("name", ["concatenate", "stack", "hstack", "vstack", "dstack", "column_stack"])
def test_arrays_are_joined_out_of_any_iterable(name):
    join = getattr(anp, name)
    parts = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
    expected = getattr(np, name)(list(parts.values()))
    joined = lambda p: join(x * 1.0 for x in p.values())
    np.testing.assert_array_equal(join(parts.values()), expected)
    np.testing.assert_array_equal(joined(parts), expected)
    gradient = grad(lambda p: anp.sum(join(p.values()) * joined(p)))(parts)
    np.testing.assert_array_equal(gradient["b"], [6.0, 8.0])
    with pytest.raises(TypeError):
        join(3.0)


class Labelled:
    """An array with a label, which answers NumPy's functions itself: as xarray's are."""

    def __init__(self, data, label):
        self.data, self.label = data, label

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if self.label == "silent":
            return NotImplemented
        data = [x.data if isinstance(x, Labelled) else x for x in inputs]
        return Labelled(getattr(ufunc, method)(*data, **kwargs), self.label)

    def __rmul__(self, other):
        raise AssertionError("the node's own operator comes first")


@pytest.mark.parametrize("x", [2.0, np.array([0.5, 2.0, 3.0])], ids=["number", "array"])
@pytest.mark.parametrize("f", [operator.mul, operator.sub, operator.truediv, operator.pow, np.hypot, autograd.maximum])
def test_a_class_that_answers_numpys_functions_itself_may_hold_nodes(f, x):
    a = np.array([1.5, 1.0, 4.0])

    def loss(x):
        y = f(x, Labelled(a, "label"))
        assert (type(y), y.label) == (Labelled, "label")
        return anp.sum(np.exp(y).data)

    np.testing.assert_allclose(grad(loss)(x), grad(lambda x: anp.sum(anp.exp(f(x, a))))(x))
    again = lambda x: anp.sum((x * (x * Labelled(a, "twice"))).data)
    np.testing.assert_allclose(grad(again)(x), grad(lambda x: anp.sum(x * x * a))(x))


def test_a_class_that_gives_no_answer_is_refused():
    with pytest.raises(TypeError, match=r"^mul: .*Labelled is not a number or an array of numbers"):
        Tensor([1.0, 2.0]) * Labelled(np.ones(2), "silent")
    with pytest.raises(TypeError, match=r"^mul: .*Labelled is not a number or an array of numbers"):
        Tensor([1.0, 2.0]) * Labelled("text", "label")


@pytest.mark.parametrize("of", [np.asarray, Tensor], ids=["array", "node"])
def test_where_takes_its_arguments_by_name(of):
    x = of(np.array([1.0, 2.0, 3.0]))
    for call in (anp.where(x > 1, x, y=-x), anp.where(condition=x > 1, x=x, y=-x)):
        np.testing.assert_array_equal(getattr(call, "data", call), [-1.0, 2.0, 3.0])
    (places,) = anp.where(condition=np.array([False, True]))
    assert places.tolist() == [1]
    with pytest.raises(TypeError):
        anp.where(np.array([True]), z=1.0)
    with pytest.raises(ValueError, match="either both or neither"):
        anp.where(np.array([True]), x=1.0)
