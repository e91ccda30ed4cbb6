"""Tensor: what it is made of, what it keeps, and the doors out of the graph, which Value shares."""

import math

import numpy as np
import pytest

from autograd import Tensor, Value
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (3.0, np.float64, ()), (3, np.int64, ()), ([1.0, 2.0], np.float64, (2,)), ([[1, 2], [3, 4]], np.int64, (2, 2)),
        ((1.0, 2.0), np.float64, (2,)), (np.float32(2), np.float32, ()), (np.ones(2, np.float32), np.float32, (2,)),
        ([], np.float64, (0,)), ([True, False], bool, (2,)), (np.zeros((2, 0)), np.float64, (2, 0)), (True, bool, ()),
    ],
)  # fmt: skip
def test_data_are_an_array_of_ones_own(data, dtype, shape):
    x = Tensor(data)
    assert type(x.data) is np.ndarray
    assert (x.data.dtype, x.dtype, x.shape, x.ndim, x.size) == (dtype, dtype, shape, len(shape), math.prod(shape))
    assert x.requires_grad == (np.dtype(dtype).kind == "f")
    if isinstance(data, np.ndarray):
        assert not np.shares_memory(x.data, data)


def test_dtype_label_and_requires_grad_are_the_users():
    x = Tensor([1, 2], "x", dtype=np.float32)
    assert (x.dtype, x.label, x.requires_grad) == (np.float32, "x", True)
    assert not Tensor([1.0], requires_grad=False).requires_grad
    assert Tensor([1, 2], dtype=float, requires_grad=True).requires_grad


def test_0_d_data_stay_arrays_through_everything():
    x = Tensor(2.0)
    for y in (
        x + 1,
        x * x,
        x.sin(),
        -x,
        x > 1,
        x**2,
        Tensor([1.0, 2.0]).sum(),
        Tensor([1.0])[0],
        Tensor([1.0]) @ [2.0],
    ):
        assert type(y.data) is np.ndarray
        assert y.shape == ()


def test_views_of_a_users_memory_are_not_kept():
    a = np.arange(6.0).reshape(2, 3)
    x = Tensor(a.T)
    a[:] = 0
    np.testing.assert_array_equal(x.data, np.arange(6.0).reshape(2, 3).T)


# ---- the doors out ----


@kinds
def test_one_number_leaves_as_a_number(kind):
    x = kind(2.5, requires_grad=False)
    assert (float(x), int(x), bool(x), x.item(), round(x), round(x, 1), f"{x:.2f}") == (
        2.5,
        2,
        True,
        2.5,
        2,
        2.5,
        "2.50",
    )
    assert type(x.item()) is float
    assert not bool(kind(0.0))
    assert f"{x}" == str(x) == repr(x)


def test_a_leaf_has_its_gradients_order():
    a = np.arange(6.0).reshape(2, 3).T
    x, y = Tensor(a), Tensor(np.zeros((3, 2), np.float32))
    y.data = a
    assert x.data.flags.c_contiguous
    assert y.data.flags.c_contiguous
    np.testing.assert_array_equal(x.data, a)
    np.testing.assert_array_equal(y.data, a)


def test_an_array_leaves_as_a_copy():
    x = Tensor([1.0, 2.0])
    y = x * 2
    for node in (x, y):
        out = node.numpy()
        assert type(out) is np.ndarray
        assert not np.shares_memory(out, node.data)
    assert Tensor([[3.0]]).item() == 3.0
    assert Tensor([4]).item() == 4


@pytest.mark.parametrize("door", [float, int, lambda x: x.item(), round], ids=["float", "int", "item", "round"])
def test_several_numbers_do_not_leave_as_one(door):
    with pytest.raises(TypeError, match=r"Tensor 'x' f64\[2\] is not one number; pick an element or reduce it"):
        door(Tensor([1.0, 2.0], "x"))


def test_several_numbers_are_neither_true_nor_false():
    with pytest.raises(ValueError, match=r"Tensor from 'greater' bool\[2\] is neither true nor false.*autograd\.where"):
        bool(Tensor([1.0, 2.0]) > 1)


@kinds
@pytest.mark.parametrize(
    "leave", [np.asarray, np.array, lambda x: np.asarray(x, float)], ids=["asarray", "array", "float"]
)
def test_a_node_does_not_leave_the_graph_unnoticed(kind, leave):
    x = kind(2.0, "x")
    for node in (x, x * 2):
        with pytest.raises(TypeError, match=r"would leave the graph.*\.numpy\(\).*detach\(\).*autograd\.stack"):
            leave(node)
    np.testing.assert_array_equal(leave(x.detach()), 2.0)


def test_an_array_of_nodes_says_how_to_join_them():
    x, y = Value(1.0), Value(2.0)
    with pytest.raises(TypeError, match=r"autograd\.(numpy\.array|stack)"):
        np.array([x, y])
    with pytest.raises(TypeError, match=r"autograd\.stack\(\[x, y\]\)"):
        Tensor([x, y])
    assert np.array([x, y], dtype=object)[1] is y


@kinds
def test_detach_is_a_leaf_of_its_own(kind):
    x = kind(2.0)
    d = (x * x).detach()
    assert (type(d), d.op, d.requires_grad, float(d)) == (kind, None, False, 4.0)
    y = x * d
    y.backward()
    assert float(x.grad) == 4.0


@kinds
def test_a_repr_is_short_and_says_what_is_known(kind):
    x = kind(2.0, "x")
    assert repr(x).startswith(f"{kind.__name__}(2.")
    assert "label='x'" in repr(x)
    y = x * 3
    assert "op='×'" in repr(y)
    y.backward()
    assert "grad=" in repr(x)
    assert len(repr(Tensor(np.zeros((100, 100))))) < 500
    assert "float32" in repr(Tensor(np.ones(2, np.float32)))


def test_every_operator_of_numpy_with_numpys_numbers():
    a, b = np.array([1.5, -2.0, 4.0]), np.array([2.0, 0.5, -1.0])
    x, y = Tensor(a), Tensor(b)
    operations = [
        lambda p, q: p + q, lambda p, q: p - q, lambda p, q: p * q, lambda p, q: p / q, lambda p, q: abs(p) ** q,
        lambda p, q: p @ q, lambda p, q: p < q, lambda p, q: p <= q, lambda p, q: p > q, lambda p, q: p >= q,
        lambda p, q: p == q, lambda p, q: p != q, lambda p, q: -p, lambda p, q: +p, lambda p, q: abs(p),
        lambda p, q: 2 - p, lambda p, q: 2 / p, lambda p, q: 2**p, lambda p, q: 2 + p, lambda p, q: 2 * p,
        lambda p, q: p**2, lambda p, q: p**-1, lambda p, q: p**3.0,
    ]  # fmt: skip
    for f in operations:
        expected = f(a, b)
        for result in (f(x, y), f(x, b), f(a, y)) if "q" in f.__code__.co_names else (f(x, y),):
            np.testing.assert_allclose(result.data, expected, rtol=1e-15)
    for f in operations[:5] + operations[6:12]:
        for result in (f(x, b), f(a, y)):
            assert type(result) is Tensor
            np.testing.assert_allclose(result.data, f(a, b), rtol=1e-15)
    for p, q in zip(a, b, strict=True):
        for f in operations[:5] + operations[6:]:
            assert f(Value(p), Value(q)).item() == pytest.approx(float(f(p, q)), rel=1e-15)


@pytest.mark.parametrize("f", [lambda p, q: p // q, lambda p, q: p % q], ids=["//", "%"])
def test_floor_division_and_remainder(f):
    a, b = np.array([7.5, -7.5, 4.0]), np.array([2.0, 2.0, -1.5])
    np.testing.assert_array_equal(f(Tensor(a), Tensor(b)).data, f(a, b))
    for p, q in zip(a, b, strict=True):
        assert f(Value(p), Value(q)).item() == f(p, q)


def test_the_methods_are_the_functions():
    x = Tensor([0.5, 1.5])
    for name in ("exp", "log", "sqrt", "sin", "cos", "tanh"):
        np.testing.assert_allclose(getattr(x, name)().data, getattr(np, name)(x.data), rtol=1e-15)
        assert getattr(Value(0.5), name)().item() == pytest.approx(float(getattr(np, name)(0.5)), rel=1e-15)
    assert Value(-1.0).relu().item() == 0.0
    np.testing.assert_array_equal(Tensor([-1.0, 1.0]).relu().data, [0.0, 1.0])
