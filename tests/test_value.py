"""Value: IEEE arithmetic as NumPy's float64 has it, and meetings with numbers, arrays and object arrays."""

import math
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from autograd.ops import table
from tests.helpers.samplers import ELEMENTWISE
from tests.helpers.support import ulps

INF, NAN = math.inf, math.nan
EDGES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -8.0,
    2.0,
    1e-320,
    1e-300,
    700.0,
    1000.0,
    -1000.0,
    1e17,
    1e300,
    -1e300,
    INF,
    -INF,
    NAN,
]
ANY = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from(EDGES)
UNARY = [
    op
    for op in table()
    if op.elementwise and len(op.argnames) == 1 and not op.params and not op.name.startswith("logical")
]
BINARY = [op for op in table() if op.elementwise and len(op.argnames) == 2 and not op.name.startswith("logical")]


def as_numpy(op, *numbers):
    """The op's formula on NumPy's float64: what a Value must agree with."""
    with np.errstate(all="ignore"):
        return np.asarray(op(*map(np.float64, numbers)))


def agrees(op, *numbers):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = op(*(Value(a) for a in numbers))
    expected = as_numpy(op, *numbers)
    assert ulps(float(y.data), expected) <= 4, (op.name, numbers, y.data, expected)


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
def test_functions_at_the_edges_of_floats(op):
    for a in EDGES:
        agrees(op, a)


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
def test_arithmetic_at_the_edges_of_floats(op):
    for a in EDGES:
        for b in EDGES:
            agrees(op, a, b)


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
@given(a=ANY)
def test_functions_on_any_float(op, a):
    agrees(op, a)


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
@given(a=ANY, b=ANY)
def test_arithmetic_on_any_floats(op, a, b):
    agrees(op, a, b)


@given(a=ANY, c=st.sampled_from([-3, -2, -1, 0, 1, 2, 3, 0.5, -0.5, 1 / 3, 2.5, INF, NAN]))
def test_powers_with_a_number(a, c):
    with np.errstate(all="ignore"):
        expected = np.float64(a) ** c
    assert ulps((Value(a) ** c).data, expected) <= 4


@pytest.mark.parametrize("op", [op for op in UNARY + BINARY if op.differentiable], ids=lambda op: op.name)
def test_a_backward_pass_raises_nothing_of_pythons_either(op):
    for a in EDGES:
        for b in EDGES if len(op.argnames) == 2 else [None]:
            nodes = [Value(x) for x in (a, b) if x is not None]
            tensors = [Tensor(x) for x in (a, b) if x is not None]
            with np.errstate(all="ignore"):
                on_tensors = op(*tensors)
            op(*nodes).backward()
            on_tensors.backward()
            for v, t in zip(nodes, tensors, strict=True):
                assert type(v.grad) is float
                assert ulps(v.grad, t.grad) <= 16, (op.name, a, b, v.grad, t.grad)


def test_well_known_places():
    assert (Value(1.0) / 0).data == INF
    assert (Value(-1.0) / 0.0).data == -INF
    assert math.isnan((Value(0.0) / 0).data)
    assert math.isnan((0 / Value(0.0)).data)
    assert Value(1000.0).exp().data == INF
    assert Value(-1000.0).exp().data == 0.0
    assert math.isnan(Value(-1.0).log().data)
    assert Value(0.0).log().data == -INF
    assert math.isnan(Value(-1.0).sqrt().data)
    assert math.isnan((Value(-8.0) ** (1 / 3)).data)
    assert (Value(0.0) ** -1).data == INF
    assert (Value(10.0) ** 400).data == INF
    assert (Value(1e200) * 1e200).data == INF
    assert math.isnan(Value(INF).sin().data)
    assert Value(-750.0).sigmoid().data == pytest.approx(0.0, abs=1e-300)


def test_tan_where_it_is_steep():
    for a in (math.pi / 2, -math.pi / 2, 1e6, 1e15, 1.5707963):
        assert ulps(autograd.tan(Value(a)).data, np.tan(a)) <= 4


def test_sigmoid_is_accurate_wherever_it_is_a_normal_number():
    mpmath = pytest.importorskip("mpmath")
    points = np.concatenate([np.linspace(-700, 700, 2801), np.linspace(-40, 40, 801), [-1e-9, 0.0, 1e-9]])
    with mpmath.workdps(50):
        exact = np.array([float(1 / (1 + mpmath.exp(-mpmath.mpf(float(p))))) for p in points])
    assert ulps([Value(p).sigmoid().data for p in points], exact) <= 4
    assert ulps(Tensor(points).sigmoid().data, exact) <= 4


def test_sigmoid_in_float32():
    points = np.linspace(-87, 87, 4001).astype(np.float32)
    exact = Tensor(points.astype(float)).sigmoid().data
    y = Tensor(points).sigmoid().data
    assert y.dtype == np.float32
    assert ulps(y, exact.astype(np.float32)) <= 4


@pytest.mark.parametrize("at", [1000.0, 1e308, INF])
def test_sigmoid_far_out_is_1_and_0_without_a_warning(at):
    for x, y in ((at, 1.0), (-at, 0.0)):
        assert Value(x).sigmoid().data == y
        for dtype in (np.float64, np.float32):
            if dtype is np.float32 and at == 1e308:
                continue
            t = Tensor(np.array([x], dtype)).sigmoid()
            assert t.data[0] == y
            t.backward()
        assert float(autograd.sigmoid(np.array(x))) == y
        assert autograd.sigmoid(x) == y


# ---- meetings ----


@pytest.mark.parametrize(
    "number", [2, 2.0, True, np.float64(2.0), np.float32(2.0), np.int64(2), np.uint8(2), np.bool(True)], ids=repr
)
def test_a_number_on_either_side_becomes_a_constant(number):
    x = Value(3.0)
    plain = float(number)
    for y, expected in [
        (x + number, 3 + plain), (number + x, plain + 3), (x - number, 3 - plain), (number - x, plain - 3),
        (x * number, 3 * plain), (number * x, plain * 3), (x / number, 3 / plain), (number / x, plain / 3),
        (x**number, 3**plain), (number**x, plain**3), (x > number, 3 > plain), (number > x, plain > 3),
    ]:  # fmt: skip
        assert type(y) is Value
        assert y.data == pytest.approx(expected, rel=1e-15)
        assert type(y.data) in (float, bool)
        for p in y.parents:
            assert p is x or (not p.requires_grad and not isinstance(p.data, np.generic))


@pytest.mark.parametrize(
    "array",
    [np.array([1.0, 2.0, 4.0]), np.ones((2, 3)), np.array(5.0), np.array([1, 2]), np.zeros((0,))],
    ids=lambda a: str(a.shape),
)
def test_a_numeric_array_on_either_side_gives_a_tensor(array):
    for f in (lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, lambda a, b: a > b):
        x = Value(3.0)
        for y, expected in ((f(x, array), f(3.0, array)), (f(array, x), f(array, 3.0))):
            if array.ndim or y.op.name != "greater":  # where NumPy makes 0-d arrays of its numbers
                assert type(y) is Tensor
            np.testing.assert_array_equal(y.data, expected)
    x = Value(3.0)
    y = (array * x).sum()
    y.backward()
    assert type(x.grad) is float
    assert x.grad == array.sum()


def test_a_users_array_is_copied_when_it_meets_a_node_and_never_frozen():
    a = np.array([1.0, 2.0])
    x = Value(3.0)
    y = a * x
    a[0] = 100.0
    y.backward(np.ones(2))
    assert x.grad == 3.0
    np.testing.assert_array_equal(y.parents[0].data, [1.0, 2.0])


def test_value_with_tensor_gives_tensor_and_the_value_takes_a_float():
    v, t = Value(2.0), Tensor([1.0, 2.0, 3.0])
    for y in (v * t, t * v):
        assert type(y) is Tensor
        v.zero_grad()
        y.backward(np.ones(3))
        assert v.grad == 6.0
        assert type(v.grad) is float


def objects(*rows):
    return np.array(rows, dtype=object)


def test_an_object_array_of_values_works_element_by_element():
    a, b = Value(1.0), Value(2.0)
    pair = objects(a, b)
    assert pair.shape == (2,)
    assert pair[0] is a
    for y in (
        pair + 1,
        1 + pair,
        pair * a,
        a * pair,
        pair * np.array([2.0, 3.0]),
        np.array([2.0, 3.0]) * pair,
        -pair,
        pair**2,
    ):
        assert y.dtype == object
        assert y.shape == (2,)
        assert all(type(v) is Value for v in y)
    y = (a * pair)[1]
    y.backward()
    assert (a.grad, b.grad) == (2.0, 1.0)
    assert [v.data for v in np.tanh(pair)] == [a.tanh().data, b.tanh().data]
    assert [v.data for v in autograd.sin(pair)] == [a.sin().data, b.sin().data]
    assert [v.data for v in autograd.maximum(pair, 1.5)] == [1.5, 2.0]


@pytest.mark.parametrize("f", [np.mean, np.var, np.std, lambda a: a.mean(), lambda a: a.mean(axis=0, keepdims=True)[0]])
def test_the_mean_and_spread_of_an_object_array_by_numpy_keep_the_graph(f):
    x, w = Value(1.0), Value(3.0)
    y = f(objects(x, w))
    assert type(y) is Value
    y.backward()
    plain = autograd.grad(lambda pair: autograd.sum(f(pair) if f in (np.mean, np.var, np.std) else pair.mean()))
    assert [x.grad, w.grad] == pytest.approx(plain(np.array([1.0, 3.0])))


def test_the_dtype_of_a_value_serves_in_the_place_of_numpys():
    dtype = Value(1.0).dtype
    assert dtype == np.float64 == dtype == np.dtype(float) == dtype == "float64"
    assert dtype != np.float32
    assert hash(dtype) == hash(np.dtype(float))
    assert (str(dtype), repr(dtype), dtype.kind) == ("float64", "dtype('float64')", "f")
    assert np.issubdtype(dtype, np.floating)
    assert np.zeros(2, dtype).dtype == np.result_type(dtype, np.float32) == np.float64
    assert np.finfo(dtype).eps == np.finfo(float).eps
    assert type(dtype.type(1)) is np.float64
    assert pickle.loads(pickle.dumps(dtype)) == dtype
    assert (Value(1.0) > 0).dtype == np.bool_


def test_object_arrays_have_a_matrix_product():
    w = np.array([[Value(float(3 * i + j)) for j in range(3)] for i in range(2)], dtype=object)
    x = objects(*(Value(v) for v in (1.0, 2.0, 3.0)))
    y = w @ x
    assert [v.data for v in y] == [8.0, 26.0]
    y.sum().backward()
    assert [v.grad for v in w[0]] == [1.0, 2.0, 3.0]
    assert [v.grad for v in x] == [3.0, 5.0, 7.0]
    z = w @ np.array([1.0, 2.0, 3.0]) + objects(Value(1.0), Value(2.0))
    assert [v.data for v in z] == [9.0, 28.0]


def test_an_object_array_and_a_tensor_do_not_mix():
    with pytest.raises(TypeError, match=r"mul: a Tensor and an object array do not mix"):
        Tensor([1.0, 2.0]) * objects(Value(1.0), Value(2.0))


def test_logic_on_values():
    t, f = Value(2.0), Value(0.0)
    for op in ("logical_and", "logical_or"):
        for a in (t, f):
            for b in (t, f):
                assert bool(getattr(autograd, op)(a, b)) == bool(getattr(np, op)(a.data, b.data))
    assert bool(autograd.logical_not(f)) is True


def test_samplers_know_every_function_tested_here():
    assert {op.name for op in UNARY + BINARY} <= set(ELEMENTWISE)
