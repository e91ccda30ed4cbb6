"""Changing data: what updates a leaf, what makes a new node, and what a later backward pass refuses."""

import contextlib
import operator
import warnings

import numpy as np
import pytest

from autograd import Tensor, Value, gradients, no_grad, primitive, where
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def rebind(x):
    x.data = 5.0 if isinstance(x, Value) else np.full(x.shape, 5.0)


def step(x):
    x.data -= 0.5


def scale(x):
    x.data *= 3.0


def in_place(x):
    with no_grad():
        x -= 0.5


CHANGES = [rebind, step, scale, in_place]
changes = pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)


@kinds
@changes
def test_a_change_of_what_a_derivative_reads_is_refused(kind, change):
    x, w = kind(2.0, "x"), kind(3.0, "w")
    y = x * w
    change(x)
    with pytest.raises(ValueError, match=r"mul: .*'x'.* changed after mul was recorded.*(copy|before)"):
        y.backward()
    assert not x.has_grad
    assert not w.has_grad
    with pytest.raises(ValueError, match="changed after"):
        gradients(y, [x, w], create_graph=True)


@kinds
@changes
def test_a_change_of_what_no_derivative_reads_is_not(kind, change):
    x, w = kind(2.0), kind(3.0)
    y = x + w - x
    change(x)
    y.backward()
    assert float(w.grad) == 1.0
    z = x * 1.5  # x is read by the derivative of w only, and 1.5 takes none
    change(x)
    x.zero_grad()
    z.backward()
    assert float(x.grad) == 1.5


@kinds
@changes
def test_a_graph_recorded_after_the_change_is_fine(kind, change):
    x, w = kind(2.0), kind(3.0)
    _ = x * w
    change(x)
    y = x * w
    y.backward()
    assert float(w.grad) == float(x.data)


@kinds
def test_backward_before_the_change_is_the_remedy(kind):
    x = kind(2.0)
    for _ in range(3):
        y = x * x
        y.backward()
        with no_grad():
            x -= 0.1 * x.grad
        x.zero_grad()
    assert float(x.data) == pytest.approx(2 * 0.8**3, rel=1e-15)


@kinds
def test_only_the_ops_that_read_the_value_complain(kind):
    x, w = kind(2.0), kind(3.0)
    y = x.tanh() + w  # tanh's derivative reads its result, not x
    x.data = 7.0 if kind is Value else np.array(7.0)
    y.backward()
    assert float(x.grad) == pytest.approx(1 - np.tanh(2.0) ** 2, rel=1e-15)


@kinds
def test_a_condition_that_changed_is_refused(kind):
    condition, x = kind(1.0, "c", requires_grad=False), kind(2.0)
    y = where(condition, x, 0.0)
    condition.data = 0.0 if kind is Value else np.array(0.0)
    with pytest.raises(ValueError, match=r"where: .*'c'.* changed"):
        y.backward()


def test_index_arrays_that_changed_are_refused():
    x, k = Tensor([1.0, 2.0, 3.0]), Tensor([0, 0])
    y = x[k].sum()
    k.data = np.array([1, 2])
    with pytest.raises(ValueError, match="changed after"):
        y.backward()


@kinds
def test_the_data_of_a_result_cannot_be_bound_anew(kind):
    y = kind(2.0) * 3
    with pytest.raises(ValueError, match=r"from 'mul'.* is a result.*change a leaf, or take \.detach\(\)"):
        y.data = 1.0
    assert y.item() == 6.0


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x[:2],
        lambda x: x.reshape(3, 1),
        lambda x: x.T,
        lambda x: x[None],
        lambda x: x[...],
        lambda x: x[None].squeeze(0),
    ],
    ids=["slice", "reshape", "transpose", "axis", "ellipsis", "squeeze"],
)
@changes
def test_a_result_keeps_its_numbers_when_the_leaf_changes(view, change):
    x = Tensor([1.0, 2.0, 3.0])
    y = view(x)
    before = y.data.copy()
    z = (y * y).sum()
    change(x)
    np.testing.assert_array_equal(y.data, before)
    z.backward()
    np.testing.assert_array_equal(y.grad, 2 * before)


@kinds
def test_while_recording_in_place_makes_a_new_node(kind):
    x = kind(2.0)
    s = x
    s += x * 3
    s -= 1.0
    s *= x
    s /= 2.0
    assert s is not x
    assert float(x.data) == 2.0
    assert s.op.name == "div"
    s.backward()
    assert float(x.grad) == pytest.approx((8 * 2 - 1) / 2, rel=1e-15)


@kinds
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_under_no_grad_in_place_updates_the_leaf(kind, dtype):
    p = kind(2.0) if kind is Value else Tensor(np.array([2.0, 4.0], dtype))
    alias = p
    y = 3 * p * p if kind is Value else (3 * p * p).sum()
    y.backward()
    expected = p.data - 0.1 * p.grad
    with no_grad():
        p -= 0.1 * p.grad
    assert p is alias
    assert p.requires_grad
    assert p.op is None
    np.testing.assert_array_equal(p.data, expected)
    with no_grad():
        p += 1.0
        p *= 2.0
        p /= 4.0
    np.testing.assert_allclose(p.data, (expected + 1) / 2, rtol=1e-6)
    assert p is alias
    if kind is Tensor:
        assert p.data.dtype == dtype


IN_PLACE = {
    "**=": (operator.ipow, 2, 25.0), "%=": (operator.imod, 3.0, 2.0), "//=": (operator.ifloordiv, 2.0, 2.0),
}  # fmt: skip


@kinds
@pytest.mark.parametrize("name", IN_PLACE)
def test_every_operator_in_place_under_no_grad_updates_the_leaf(kind, name):
    change, other, expected = IN_PLACE[name]
    p = kind(5.0)
    with no_grad():
        assert change(p, other) is p
    assert p.item() == expected
    assert p.requires_grad
    assert change(p, other) is not p  # while recording


def test_a_matrix_product_in_place_under_no_grad_updates_the_leaf():
    p = Tensor([[5.0, 7.0], [1.0, 2.0]], "p")
    expected = p.data @ p.data
    with no_grad():
        assert operator.imatmul(p, p.data.copy()) is p
    np.testing.assert_array_equal(p.data, expected)
    with pytest.raises(ValueError, match=r"matmul in place, on Tensor 'p' f64\[2,2\]"), no_grad():
        p @= np.ones(2)
    np.testing.assert_array_equal(p.data, expected)


def test_an_update_by_a_node_takes_its_data():
    p, step_ = Tensor([1.0, 2.0]), Tensor([0.5, 0.5])
    with no_grad():
        p -= 2 * step_
    np.testing.assert_array_equal(p.data, [0.0, 1.0])


def test_an_update_of_another_shape_is_an_error_that_leaves_the_leaf():
    p = Tensor([1.0, 2.0], "p")
    with pytest.raises(ValueError, match=r"sub.*'p'.*f64\[2\]"), no_grad():
        p -= np.ones((3, 2))
    np.testing.assert_array_equal(p.data, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"'p'.*keeps its shape.*\(3,\)"):
        p.data = np.ones(3)


def test_new_data_are_copied_and_take_the_leafs_dtype():
    p = Tensor(np.ones(2, np.float32))
    mine = np.array([3.0, 4.0])
    p.data = mine
    assert p.data.dtype == np.float32
    mine[0] = 9.0
    np.testing.assert_array_equal(p.data, [3.0, 4.0])
    v = Value(1.0)
    v.data = np.float64(3)
    assert type(v.data) is float


def test_new_data_that_an_integer_leaf_cannot_hold_are_refused():
    i, small, b = Tensor([1, 2], "i"), Tensor(np.array([1, 2], np.uint8), "small"), Tensor([True, False], "b")
    for leaf, bad in ((i, [1.7, 2.0]), (i, [np.nan, 1.0]), (small, [1, 300]), (small, [-1, 1]), (b, [2, 0])):
        before = leaf.data.copy()
        with pytest.raises(TypeError, match=f"'{leaf.label}'.*keeps its dtype"):
            leaf.data = bad
        np.testing.assert_array_equal(leaf.data, before)
    i.data, small.data, b.data = [3.0, 4.0], [3, 4], [0, 1]
    assert [list(leaf.data) for leaf in (i, small, b)] == [[3, 4], [3, 4], [False, True]]


@pytest.mark.parametrize("bad", ["a", None, [1.0, 2.0], 1j], ids=repr)
def test_new_data_must_be_numbers(bad):
    v = Value(1.0)
    with pytest.raises(TypeError, match=r"not a number|is complex"):
        v.data = bad
    assert v.data == 1.0


@kinds
def test_item_assignment_shows_the_right_ways(kind):
    x = kind([1.0, 2.0]) if kind is Tensor else kind(1.0)
    with pytest.raises(TypeError, match=r"no item assignment.*autograd\.where.*x\.data\[0\] = 1"):
        x[0] = 3.0


def test_a_users_array_is_never_changed_or_frozen():
    a = np.array([1.0, 2.0])
    x = Tensor(a)
    assert not np.shares_memory(x.data, a)
    with no_grad():
        x -= 1.0
    x.data *= 2
    np.testing.assert_array_equal(a, [1.0, 2.0])
    a[0] = 5.0
    assert x.data[0] == 0.0
    y = (x * a).sum()
    y.backward(1.0)
    assert a.flags.writeable
    x.grad[0] = 7.0
    np.testing.assert_array_equal(a, [5.0, 2.0])


def test_what_leaves_the_graph_is_a_copy():
    x = Tensor([1.0, 2.0])
    for out in (x.numpy(), x.detach().data):
        out[0] = 9.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    assert x.detach().op is None
    assert not x.detach().requires_grad


def test_an_update_does_not_change_the_data_in_the_users_hands():
    x = Tensor([1.0, 2.0])
    y = x + 0.0
    kept = y.data
    with no_grad():
        x -= 1.0
    np.testing.assert_array_equal(kept, [1.0, 2.0])


# ---- what the user gets of a node's arrays ----


def rewrite_shape(a):
    with warnings.catch_warnings():  # newer NumPys say that this is old-fashioned
        warnings.simplefilter("ignore")
        a.shape = (4,)


def freeze(a):
    a.flags.writeable = False


HANDS = [rewrite_shape, freeze, lambda a: a.setflags(write=False), lambda a: a.resize(4), lambda a: a.resize(9)]


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("name", ["data", "grad"])
def test_an_array_in_the_users_hands_leaves_the_node_as_it_is(hand, name):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], "x")
    y = x * x
    y.sum().backward()
    for node in (x, y):
        with contextlib.suppress(ValueError):  # NumPy's own, where memory would have to grow
            hand(getattr(node, name))
        assert getattr(node, name).shape == node.shape == (2, 2)
    getattr(x, name)[0, 0] = 9.0
    assert getattr(x, name)[0, 0] == 9.0
    x.data -= 1.0
    assert x.data[1, 1] == 3.0
    x.grad += 1.0
    assert x.grad[1, 1] == 9.0


@pytest.mark.parametrize("data", [3.0, [1.0, 2.0], [[1.0], [2.0]], np.ones((2, 0))], ids=repr)
def test_what_a_result_shows_cannot_be_made_writable(data):
    x = Tensor(data)
    y, z = (x * x), np.ones((2, 2)) @ np.ones((2, 2)) * Tensor(np.ones((2, 2))).T
    for node in (y, z, y[...], x.reshape(-1), x > 0):
        if node.requires_grad:
            node.backward(np.ones(node.shape))
        shown = [node.data, node.grad] if node.has_grad else [node.data]
        for a in shown:
            for view in (a, a.T, a.reshape(-1)):
                with pytest.raises(ValueError, match="WRITEABLE"):
                    view.flags.writeable = True
                with pytest.raises(ValueError, match="read-only"):
                    view[...] = 5.0
    assert x.data.flags.writeable
    assert x.grad.flags.writeable


def test_reading_freezes_no_array_of_a_users():
    table = np.array([1.0, 2.0])

    @primitive("table")
    def looked_up(xp, x):
        return table

    looked_up.defvjps(x=lambda xp, g, y, x: table)
    x, seed = Tensor([0.0, 0.0]), np.ones(2)
    y = looked_up(x)
    y.backward(seed)
    y.grad = seed
    for node in (x, y):
        node.data, node.grad, repr(node)
    table[0] = seed[0] = 7.0
    assert y.grad[0] == 1.0  # a gradient set by hand is copied


@kinds
@pytest.mark.parametrize("name", ["+=", "-=", "*=", "/=", "//=", "%=", "**="])
@pytest.mark.parametrize("requires_grad", [True, False])
def test_in_place_updates_any_leaf_under_no_grad(kind, name, requires_grad):
    change = getattr(operator, f"i{_OPERATORS[name]}")
    x, w = kind(5.0, requires_grad=requires_grad), kind(2.0)
    y = x * w
    with no_grad():
        assert change(x, 2.0) is x
        fresh = kind(5.0, requires_grad=False) * 1.0
        assert change(fresh, 2.0) is fresh  # what no_grad makes is a leaf
        assert float(fresh) == float(x) == getattr(operator, _OPERATORS[name])(5.0, 2.0)
    with pytest.raises(ValueError, match="changed after mul was recorded"):
        y.backward()
    inner = kind(5.0) * 1.0
    with no_grad():
        assert change(inner, 2.0) is not inner


_OPERATORS = {
    "+=": "add", "-=": "sub", "*=": "mul", "/=": "truediv", "//=": "floordiv", "%=": "mod", "**=": "pow",
}  # fmt: skip


@kinds
def test_conditions_are_combined_in_place_too(kind):
    x = kind(2.0)
    with no_grad():
        c = leaf = x > 1
        c &= x > 3
        assert c is leaf
        assert not c
        c |= x > 0
        assert c is leaf
        assert c
        assert np.asarray(c.data).dtype == bool
        with pytest.raises(
            TypeError, match="& is for conditions, and 2.0 is none" if kind is Value else "is for conditions"
        ):
            x &= c
        with pytest.raises(TypeError, match="is for conditions"):
            c |= 1.0
    c = x > 1
    c &= x > 3
    assert c.op.name == "logical_and"


def test_a_condition_of_another_shape_is_refused_in_place():
    c = Tensor([True, False])
    with no_grad(), pytest.raises(ValueError, match=r"bitwise_and in place, on Tensor bool\[2\]"):
        c &= np.ones((3, 2), bool)
