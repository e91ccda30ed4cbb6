"""``xp`` for NumPy arrays, where it is not NumPy itself."""

import numpy as np
import pytest

from autograd.namespaces import arrays


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("pick", [lambda a: a, lambda a: a[::2], lambda a: a.T, lambda a: a[:1]], ids=range(4))
def test_a_selection_that_drops_for_zero_gives_what_numpys_where_gives(dtype, pick):
    rng = np.random.default_rng(0)
    x, kept = rng.standard_normal((100, 100)).astype(dtype), rng.random((100, 100)) > 0.5
    x[:5], x[5:10], x[10:15], x[15:20] = np.nan, np.inf, -np.inf, -0.0
    ours, theirs = arrays.where(pick(kept), pick(x), 0.0), np.where(pick(kept), pick(x), 0.0)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(np.signbit(ours), np.signbit(theirs))
    assert ours.dtype == theirs.dtype
    assert not np.shares_memory(ours, x)


def test_other_selections_are_numpys():
    x = np.arange(10000.0).reshape(100, 100)
    for condition, a, b in ((x > 5, x, 1.0), (x[0] > 5, x, 0.0), (x > 5, x, -0.0), (x, x, 0.0), (True, x, 0.0)):
        theirs = np.where(condition, a, b)
        np.testing.assert_array_equal(arrays.where(condition, a, b), theirs)
        np.testing.assert_array_equal(np.signbit(arrays.where(condition, a, b)), np.signbit(theirs))


@pytest.mark.parametrize(("shape", "places"), [((5, 3), (7,)), ((5, 3, 2), (2, 4)), ((4, 2), ()), ((3, 2), (0,))])
@pytest.mark.parametrize("order", ["C", "F"])
def test_adding_to_rows_is_numpys_to_the_last_bit(shape, places, order):
    rng = np.random.default_rng(0)
    at, g = rng.integers(-shape[0], shape[0], places), rng.normal(size=(*places, *shape[1:]))
    ours, theirs = np.zeros(shape, order=order), np.zeros(shape)
    arrays.add_at(ours, g, (at,), ("array",))
    np.add.at(theirs, at, g)
    np.testing.assert_array_equal(ours, theirs)


def test_pieces_are_added_at_their_places():
    keys = ((0,), (("slice", 1, 3, None),), ("...", 1))
    total = arrays.pieces(np.ones(2), np.full((2, 2), 2.0), np.full(4, 10.0), keys=keys, shape=(4, 2))
    np.testing.assert_array_equal(total, [[1.0, 11.0], [2.0, 12.0], [2.0, 12.0], [0.0, 10.0]])
