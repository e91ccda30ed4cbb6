"""Convolution over any axes: beside SciPy's along all, and beside sums over the others."""

import numpy as np
import pytest

from autograd import Tensor
from autograd.testing import check_gradients

signal = pytest.importorskip("scipy.signal")
convolve = pytest.importorskip("autograd.scipy.signal").convolve

rng = np.random.default_rng(0)
MODES = ["full", "same", "valid"]
modes = pytest.mark.parametrize("mode", MODES)
SHAPES = [
    ((5,), (3,)),
    ((3,), (5,)),
    ((4,), (4,)),
    ((1,), (3,)),
    ((4, 5), (2, 3)),
    ((2, 3), (4, 5)),
    ((3, 4, 2), (2, 2, 2)),
]


@modes
@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_along_all_axes_it_is_scipys(mode, a, b):
    A, B = rng.normal(size=a), rng.normal(size=b)
    for y in (convolve(A, B, mode=mode), convolve(A, B, mode), convolve(Tensor(A), B, mode=mode).data):
        np.testing.assert_allclose(y, signal.convolve(A, B, mode), rtol=1e-12, atol=1e-12)


@modes
def test_other_axes_are_summed_or_stay(mode):
    A, B = rng.normal(size=(2, 5, 4, 3)), rng.normal(size=(2, 4, 2, 3, 2))
    y = convolve(A, B, axes=([1, 2], [2, 4]), dot_axes=([0, -1], [0, 3]), mode=mode)
    for k in range(4):
        pairs = [(A[i, :, :, j], B[i, k, :, j, :]) for i in range(2) for j in range(3)]
        np.testing.assert_allclose(y[k], sum(signal.convolve(a, b, mode) for a, b in pairs), rtol=1e-12, atol=1e-12)
    y = convolve(A, B, axes=([1], [2]), dot_axes=([3], [3]), mode=mode)
    assert y.shape[:5] == (2, 4, 2, 4, 2)
    pairs = [(A[1, :, 3, j], B[0, 2, :, j, 1]) for j in range(3)]
    np.testing.assert_allclose(y[1, 3, 0, 2, 1], sum(signal.convolve(a, b, mode) for a, b in pairs), rtol=1e-12)
    np.testing.assert_allclose(convolve(A, B, ([], []), ([0], [0]), mode), np.tensordot(A, B, ([0], [0])), rtol=1e-12)


@modes
def test_gradients(mode):
    check_gradients(lambda a, b: convolve(a, b, mode=mode), (rng.normal(size=2), rng.normal(size=3)))
    A, B = rng.normal(size=(2, 2, 2)), rng.normal(size=(2, 2, 1))
    check_gradients(lambda a, b: convolve(a, b, ([1, 2], [1, 2]), ([0], [0]), mode), (A, B), order=1)


def test_mistakes():
    with pytest.raises(ValueError, match="the mode is 'full', 'same' or 'valid', not 'fll'"):
        convolve(np.ones(3), np.ones(2), mode="fll")
    with pytest.raises(ValueError, match="one array covers the other on each axis, but their lengths are"):
        convolve(np.ones((3, 2)), np.ones((2, 3)), mode="valid")
    with pytest.raises(ValueError, match="axes has 2 of A, but 1 of B"):
        convolve(np.ones((3, 2)), np.ones(2))
