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
