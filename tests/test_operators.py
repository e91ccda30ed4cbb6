"""Python's own protocols on nodes: numbers, formatting, truth, copies, iteration, length, containers."""

import copy
import math
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, gradients
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
NUMBERS = st.floats(-1e6, 1e6)


@kinds
@given(a=NUMBERS)
def test_numbers_leave_as_pythons(kind, a):
    x = kind(a, requires_grad=False) * 1  # of one that requires a gradient: tests/engine/test_leaving.py
    for f in (
        float, int, bool, complex, round, math.floor, math.ceil, math.trunc, math.sin, "{:.3f}".format,
        "{:>12e}".format, lambda x: round(x, 2), lambda x: f"{x:+.2g}",
    ):  # fmt: skip
        assert f(x) == f(a)
        assert type(f(x)) is type(f(a))
    assert x.item() == a
    assert type(x.item()) is float
    assert str(x) == f"{x}" == repr(x)


@pytest.mark.parametrize("data", [3.0, 3, True, [3.0], [[3]], np.float32(3)], ids=repr)
def test_one_element_is_a_number_in_every_shape_and_dtype(data):
    x = Tensor(data, requires_grad=False)
    plain = np.asarray(data).item()
    assert (float(x), int(x), bool(x), x.item(), round(x)) == (
        float(plain),
        int(plain),
        bool(plain),
        plain,
        round(plain),
    )


@pytest.mark.parametrize("a", [math.inf, -math.inf, math.nan])
@kinds
def test_what_is_not_finite_leaves_as_pythons_does(kind, a):
    x = kind(a, requires_grad=False)
    assert repr(float(x)) == repr(a)
    assert f"{x:.2f}" == f"{a:.2f}"
    assert bool(x) is True
    for f in (int, round):
        with pytest.raises((OverflowError, ValueError)):
            f(x)


@kinds
def test_copies_are_of_one_node_or_of_its_graph(kind):
    x = kind(2.0, "x")
    y = x * x
    y.backward()
    shallow, deep = copy.copy(y), copy.deepcopy(y)
    assert shallow.parents == y.parents or all(a is b for a, b in zip(shallow.parents, y.parents, strict=True))
    assert shallow is not y
    assert deep.parents[0] is not x
    assert deep.parents[0] is deep.parents[1]
    assert deep.parents[0].label == "x"
    deep.backward()
    assert float(deep.parents[0].grad) == 8.0
    assert float(x.grad) == 4.0
    shallow.backward()
    assert float(x.grad) == 8.0


def test_copies_of_containers_share_what_was_shared():
    x = Value(2.0)
    first, second = copy.deepcopy([x, x * 3.0])
    assert second.parents[0] is first
    assert first is not x


@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_iteration_gives_recorded_elements(a):
    x = Tensor(a)
    assert len(x) == len(a)
    elements = list(x)
    assert [e.item() for e in elements] == a
    assert all(type(e) is Tensor and e.shape == () for e in elements)
    total = elements[0] * 2.0 + sum(e * e for e in x)
    np.testing.assert_allclose(gradients(total, x), 2 * np.array(a) + 2.0 * (np.arange(len(a)) == 0), rtol=1e-12)
    _, *rest = x
    assert len(rest) == len(a) - 1
    assert [e.item() for e in reversed(list(x))] == a[::-1]


def test_rows_are_iterated_and_unpacked():
    A = Tensor(np.arange(6.0).reshape(2, 3))
    (a, b, c), second = A
    assert [e.item() for e in (a, b, c)] == [0.0, 1.0, 2.0]
    np.testing.assert_array_equal(second.data, [3.0, 4.0, 5.0])
    np.testing.assert_array_equal([row.sum().item() for row in A], [3.0, 12.0])
    assert [(i, e.item()) for i, e in enumerate(A[0])] == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_a_value_is_one_number_and_no_sequence():
    x = Value(2.0)
    for f in (len, iter, list, lambda x: x[0]):
        with pytest.raises(TypeError):
            f(x)
    assert np.array([x, x], dtype=object).shape == (2,)


def test_pythons_max_and_sorted_return_the_nodes_themselves():
    a, b = Value(1.0), Value(2.0)
    assert max(a, b) is b
    assert min([b, a]) is a
    ordered = sorted([b, a])
    assert ordered[0] is a
    assert ordered[1] is b


def test_looking_up_by_value_and_by_identity():
    a, b = Value(1.0), Value(1.0)
    assert b in [a]  # the same number
    assert not any(b is node for node in [a])
    assert b not in {a}
    assert {a: "a", b: "b"}[b] == "b"
    assert len({a, b, a}) == 2


@kinds
def test_arithmetic_functions_of_the_operator_module(kind):
    x, y = kind(7.0), kind(2.0)
    for f in (
        operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
        operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge,
    ):  # fmt: skip
        assert f(x, y).data == f(7.0, 2.0)
    for f in (operator.neg, operator.pos, operator.abs):
        assert f(x).data == f(7.0)


@kinds
def test_attributes_that_arrays_have(kind):
    x = kind(2.0)
    assert (x.ndim, x.shape, x.size) == (0, (), 1)
    assert x.T.item() == 2.0
    assert x.conjugate() is x
    assert x.reshape(1, 1).shape == x.reshape((1, 1)).shape == (1, 1)
    assert x.transpose().shape == x.reshape().shape == ()
    A = Tensor(np.arange(6.0).reshape(2, 3))
    assert (A.ndim, A.shape, A.size, A.dtype, len(A)) == (2, (2, 3), 6, np.float64, 2)
    for y, expected in (
        (A.T, A.data.T), (A.flatten(), A.data.flatten()), (A.dot([1.0, 1.0, 1.0]), A.data.sum(1)),
        (A.clip(1, 4), A.data.clip(1, 4)), (A.max(axis=0), A.data.max(0)), (A.min(), 0.0), (A.mean(1), A.data.mean(1)),
        (A.sum(keepdims=True), A.data.sum(keepdims=True)), (A.swapaxes(0, 1), A.data.T), (A[None].squeeze(0), A.data),
        (A.reshape(3, 2), A.data.reshape(3, 2)), (A.reshape((-1,)), A.data.ravel()), (A.transpose(1, 0), A.data.T),
        (A.cosh(), np.cosh(A.data)), (A.arctan(), np.arctan(A.data)), (A.maximum(2.0), np.maximum(A.data, 2.0)),
    ):  # fmt: skip
        assert type(y) is Tensor
        np.testing.assert_array_equal(y.data, expected)
        assert y.requires_grad
