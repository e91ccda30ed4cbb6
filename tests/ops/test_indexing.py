"""Indexing of every kind that NumPy has, with its gradients and its graph."""

import re
from array import array

import numpy as np
import pytest
from hypothesis import settings

from autograd import Tensor, Value, gradients, jvp
from autograd.graph import from_json, replay, to_json, toposort
from autograd.testing import check_gradients
from tests.helpers.support import numbers


class Series:
    """What converts to an array, as pandas' Series and Index do, and is no sequence."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return self.values

    def __repr__(self):
        return f"Series({self.values})"


THOROUGH = settings.default.max_examples > 100
X = numbers((4, 3, 2))
KEYS = [
    0, -1, np.int64(2), (1, 2), (1, -1, 0), slice(None), slice(1, 3), slice(None, None, -1), slice(-1, 0, -2),
    slice(3, 1), (slice(None), 1), (slice(None, None, 2), slice(1, None), -1), ..., (..., 0), (0, ...), (1, ..., 1),
    None, (None, 0), (slice(None), None, 1), (..., None), (), [0, 2], [0, 0, 3, 0], np.array([2, 2]), (),
    np.array([[0, 1], [1, 0]]), ([0, 0, 1], [1, 1, 2]), (np.array([[0], [1]]), np.array([1, 2])),
    (slice(None), [2, 0, 2]),
    ([1, 1], slice(None), [0, 1]), ([0, 1], ..., [1, 1]), (0, [1, 1]), ([1, 1], 0, slice(None)), (None, [0, 0], None),
    X > 0, X[:, :, 0] > 0, X[:, 0, 0] > 0, (X[:, 0, 0] > 0, 1), (slice(None), np.array([True, False, True])),
    (X[:, 0, 0] > -9, [0, 1, 0, 1]), [True, False, True, True], True, False, np.array(True), [], np.array([], int),
    ([-1, 3, -1],), np.array([1, 0], np.uint8), [[0, 1], [2, 3]],
    # Sequences and what converts to an array; only the outermost tuple stands for several axes.
    (slice(None), (0,)), ((0, 1), (1, 2)), ((0, 1),), (((0, 1), (1, 0)),), [(0, 1), (1, 0)], range(2), range(0),
    (slice(None), range(2, 0, -1)), (range(2), range(1, 3)), (slice(None), ()), (slice(None), []), [[]], (None, (0, 0)),
    (slice(None), (True, False, True)), [np.True_, False, True, True], [np.array([0, 1]), np.array([1, 1])],
    np.array(1), (np.int8(0), np.uint8(1)), np.array([0, 3], np.uint64), slice(np.int64(1), np.array(3)),
    array("i", [0, 2]), memoryview(np.array([1, 1])), Series([0, 2]), Series([True, False, True, True]), Series([]),
    (Series([0, 2, 0]), ..., 1), (slice(None), Series([2, 0])), Series([[0, 1], [1, 0]]), Series(2),
]  # fmt: skip
keys = pytest.mark.parametrize("key", KEYS, ids=lambda key: re.sub(r"\n| at 0x\w+", "", repr(key)))


@keys
def test_the_value_is_numpys(key):
    x = Tensor(X, "x")
    y = x[key]
    expected = np.asarray(X[key])
    assert y.shape == expected.shape
    np.testing.assert_array_equal(y.data, expected)
    hash(tuple(y.params.items()))
    np.testing.assert_array_equal(replay(y, {x: -X}), -expected)
    loaded = from_json(to_json(y))
    np.testing.assert_array_equal(replay(loaded, {toposort(loaded)[0]: -X}), -expected)


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@keys
def test_first_and_second_derivatives_add_up_repeats(key):
    """Against sums over the places that a key names; in the thorough run against differences too."""
    places = np.arange(X.size).reshape(X.shape)[key]
    w, v = numbers(places.shape, 1), numbers(X.shape, 2)

    def add_up(a):
        return np.bincount(np.ravel(places), np.ravel(a), X.size).reshape(X.shape)

    x = Tensor(X)
    (g,) = gradients((x[key] ** 3 * w).sum(), [x], create_graph=True)
    np.testing.assert_allclose(g.data, add_up(3 * w * X[key] ** 2), rtol=1e-13)
    if places.size:
        np.testing.assert_allclose(gradients((g * v).sum(), x), add_up(6 * w * X[key] * v[key]), rtol=1e-13)
        np.testing.assert_allclose(jvp(lambda x: x[key] ** 3, (X,), (v,))[1], 3 * X[key] ** 2 * v[key], rtol=1e-13)
        if THOROUGH:
            check_gradients(lambda x: x[key] ** 3, (X,), order=2)


def test_index_arrays_and_conditions_are_parents():
    x = Tensor(X)
    condition = x > 0
    y = x[condition]
    assert y.parents[0] is x
    assert y.parents[1] is condition
    places = np.array([0, 2])
    z = x[places]
    places[:] = 1  # the graph has its own copy
    np.testing.assert_array_equal(z.parents[1].data, [0, 2])
    z.backward(np.ones(z.shape))
    assert x.grad[0].sum() == 6


def test_integer_nodes_index():
    x, k = Tensor(X), Tensor([0, 2, 2])
    np.testing.assert_array_equal(x[k].data, X[[0, 2, 2]])
    np.testing.assert_array_equal(x[:, k].data, X[:, [0, 2, 2]])
    np.testing.assert_array_equal(replay(x[k], {k: [1, 1, 3]}), X[[1, 1, 3]])


def test_nodes_in_lists_are_recorded():
    x, i, j = Tensor(X), Tensor(2, "i"), Tensor(1, "j")
    for key, plain, other in [
        ([i, j], [2, 1], [3, 1]), ((slice(None), [j, 0]), (slice(None), [1, 0]), (slice(None), [1, 0])),
        ((0, (i, 0)), (0, [2, 0]), None), ([[i, j], [0, 1]], [[2, 1], [0, 1]], [[3, 1], [0, 1]]),
        ([i > 1, j > 1, True, False], [True, False, True, False], [True, False, True, False]),
    ]:  # fmt: skip
        y = x[key]
        np.testing.assert_array_equal(y.data, X[plain])
        if other is not None:
            np.testing.assert_array_equal(replay(y, {i: 3} if any(n is i for n in toposort(y)) else {}), X[other])
        y.backward(np.ones(y.shape))


def test_pandas_indexes():
    pd = pytest.importorskip("pandas")
    x = Tensor(X)
    for key in (pd.Series([0, 2]), pd.Index([3, 0]), pd.Series([True, False, True, True]), pd.RangeIndex(2)):
        np.testing.assert_array_equal(x[key].data, X[np.asarray(key)])
        np.testing.assert_array_equal(x[key, 0].data, X[np.asarray(key), 0])


def test_a_recorded_selection_replays_with_another_number_of_elements():
    x = Tensor([1.0, -2.0, 3.0])
    y = x[x > 0] * 2
    np.testing.assert_array_equal(replay(y, {x: [-1.0, 5.0, -1.0]}), [10.0])


def test_the_derivative_is_free_of_the_users_hands():
    x = Tensor([1.0, 2.0, 3.0])
    y = x[1:]
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 9.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0, 3.0])


def test_iteration_and_unpacking_give_nodes_of_the_graph():
    x = Tensor([2.0, 3.0])
    a, b = x
    (a * b).backward()
    np.testing.assert_array_equal(x.grad, [3.0, 2.0])
    assert len(x) == 2
    with pytest.raises(TypeError, match="has no length"):
        len(Tensor(1.0))
    with pytest.raises(TypeError):
        iter(Value(1.0))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (4, r"getitem\(Tensor f64\[4,3,2\].*index 4 is out of bounds"),
        ([0, 7], r"getitem\(Tensor f64\[4,3,2\].*index 7 is out of bounds"),
        ((0, 0, 0, 0), r"getitem\(.*too many indices"),
        (1.5, r"cannot index with 1\.5: use integers, slices"),
        ("a", r"cannot index with 'a': use integers, slices"),
        (np.array([1.0]), r"cannot index with array\(\[1\.\]\): use integers"),
        (Series([0.5]), r"cannot index with Series\(\[0\.5\]\): use integers"),
        ([[0], [0, 1]], r"cannot index with \[\[0\], \[0, 1\]\]: use integers"),
        (np.array([0, None]), r"cannot index with array\(\[0, None\], dtype=object\): use integers"),
        ({0}, r"cannot index with \{0\}: use integers"),
        ([slice(2)], r"cannot index with \[slice\(None, 2, None\)\]: use integers"),
        (Value(1.0), r"cannot index with Value\(1\.0\): .*int\(k\.item\(\)\)"),
        ([Value(1.0), 0], r"cannot index with Tensor\(\[1\., 0\.\].*: .*int\(k\.item\(\)\)"),
        (slice(Tensor(2.0)), r"cannot index with Tensor\(2\.\): .*int\(k\.item\(\)\)"),
        ((np.ones(3, bool),), r"getitem\(.*boolean"),
        (([0, 1], [0, 1, 2]), r"getitem\(.*(shape mismatch|broadcast)"),
    ],
    ids=repr,
)
def test_a_bad_index_is_an_index_error_that_names_what_met(key, text):
    with pytest.raises(IndexError, match=text):
        Tensor(X)[key]
