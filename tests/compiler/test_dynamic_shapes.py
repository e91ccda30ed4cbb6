"""Shapes that depend on values: one program serves every selection, or a guard says that it does not."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import grad, hessian, value_and_grad
from tests.helpers.compiled import assert_compiled_is_eager, everything

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
NONE, ONE, TWO, ALL = (np.array(x) for x in ([-1.0, -2.0, -0.5], [-1.0, 3.0, -0.5], [0.5, -2.0, 4.0], [1.0, 2.0, 3.0]))
ORDERS = [[a, *(b for b in (NONE, ONE, TWO, ALL) if b is not a)] for a in (NONE, ONE, TWO, ALL)]
W = np.array([0.5, -1.5, 2.0])

FUNCTIONS = {
    "mean of squares": lambda x: ((x[x > 0] * 2) ** 2).mean(),
    "sum": lambda x: autograd.sum(x[x > 0]),
    "mean": lambda x: autograd.mean(x[x > 0]),
    "var": lambda x: autograd.var(x[x > 0]),
    "deviations": lambda x: autograd.sum((x[x > 0] - autograd.mean(x[x > 0])) ** 2),
    "against one": lambda x: autograd.sum(x[x > 0] * anp.reshape(x[:1], (1,))),
    "one against it": lambda x: autograd.sum(x[:1] + x[x > 0] * x[:1]),
    "a number's gradient": lambda x: autograd.sum(x[x > 0] * x[0]),
    "twice": lambda x: autograd.sum(x[x > 0][x[x > 0] > 1.0] ** 2),
    "tanh": lambda x: autograd.sum(autograd.tanh(x[x > 0] * 0.5)),
    "softmax": lambda x: autograd.sum(autograd.softmax(x[x > 0], axis=0) * x[x > 0]),
    "concatenated": lambda x: autograd.sum(autograd.concatenate([x, x[x > 0]]) ** 2),
    "times a constant": lambda x: autograd.sum(x[x > 0] * 3.0 + 1.0),
    "of a constant": lambda x: autograd.sum(W[1:2] * x[x > 0]),
    "outer": lambda x: autograd.sum(x[x > 0][:, None] * x),
    "matrix": lambda x: autograd.sum((anp.reshape(x, (3, 1)) * W)[x > 0] @ W),
    "reshaped": lambda x: autograd.sum(anp.reshape(x[x > 0], (-1, 1)) * W),
    "flipped": lambda x: autograd.sum(x[x > 0][::-1] * x[x > 0]),
    "cumsum": lambda x: autograd.sum(autograd.cumsum(x[x > 0], axis=0)),
    "sorted": lambda x: autograd.sum(autograd.sort(x[x > 0]) * 2.0),
    "len": lambda x: autograd.sum(x[x > 0]) / (1 + len(x[x > 0])),
    "size": lambda x: autograd.sum(x[x > 0]) * x[x > 0].size,
    "shape": lambda x: autograd.sum(x[x > 0]) * x[x > 0].shape[0],
    "zeros like it": lambda x: autograd.sum(x[x > 0] + np.zeros(x[x > 0].shape)),
    "a branch on its length": lambda x: autograd.sum(x[x > 0]) if len(x[x > 0]) > 1 else x[0] * 5.0,
    "two of them": lambda x: autograd.sum(x[x > 0]) - autograd.sum(x[x < 0] ** 2),
    "norm": lambda x: autograd.norm(x[x > 0]),
    "logsumexp": lambda x: autograd.logsumexp(x[x > -1.5]),
    "pow": lambda x: autograd.sum(x[x > 0] ** x[x > 0]),
    "where of it": lambda x: autograd.sum(autograd.where(x[x > 0] > 1.0, x[x > 0], 0.0)),
    "sorted indices": lambda x: autograd.sum(x[anp.argsort(x)][1:] * 2.0),
}


def unmarked(fast):
    """The variants for what gives no nan, as the mean of nothing is."""
    return [v for v in fast.variants if "with marks" not in repr(v)]


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_values_and_gradients_of_any_selection(f):
    for calls in ORDERS:
        assert_compiled_is_eager(everything(f, [0], order=1), [(x,) for x in calls], exact=False, terms=9)


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_second_derivatives_of_any_selection(f):
    for calls in ORDERS[1:3]:
        assert_compiled_is_eager(hessian(f), [(x,) for x in calls], exact=False, terms=9, factor=16.0)


def test_one_program_serves_every_selection():
    fast = autograd.compile(value_and_grad(FUNCTIONS["mean of squares"]))
    for x in ORDERS[1]:
        fast(x)
    assert len(unmarked(fast)) == 1


def test_a_shape_that_was_read_is_a_guard():
    fast = autograd.compile(FUNCTIONS["len"])
    for x in (ONE, np.roll(ONE, 1), TWO, ALL, NONE, ONE):
        assert fast(x) == FUNCTIONS["len"](x)
    assert len(fast.variants) == 4


def test_a_selection_itself_is_given_back():
    fast = autograd.compile(lambda x: (x[x > 0], x[x > 0] * 2.0, grad(lambda x: autograd.sum(x[x > 0] ** 2))(x)))
    results = [fast(x) for x in (ONE, ALL, NONE, TWO)]
    for (a, b, g), x in zip(results, (ONE, ALL, NONE, TWO), strict=True):
        np.testing.assert_array_equal(a, x[x > 0])
        np.testing.assert_array_equal(b, 2 * x[x > 0])
        np.testing.assert_array_equal(g, np.where(x > 0, 2 * x, 0.0))


@pytest.mark.parametrize("shape", [(1,), (), (1, 1), (2, 1)], ids=str)
def test_a_selection_against_a_shape_that_broadcasts(shape):
    b = np.full(shape, 2.0)
    f = lambda x, b: autograd.sum((x[x > 0] * b - b) ** 2)
    for calls in ORDERS:
        assert_compiled_is_eager(everything(f, [0, 1], order=1), [(x, b) for x in calls], exact=False, terms=9)


def test_an_index_array_of_another_length_is_another_signature():
    f = lambda x, i: autograd.sum(x[i] ** 2)
    places = [np.array([0]), np.array([0, 2]), np.array([2, 2, 2]), np.array([1])]
    assert_compiled_is_eager(everything(f, [0], order=1), [(ALL, i) for i in places], exact=False, terms=3)


def test_a_mask_that_is_an_argument():
    f = lambda x, m: autograd.mean(x[m] ** 2)
    masks = [np.array(m) for m in ([True, False, True], [False, False, True], [True, True, True], [False] * 3)]
    fast = assert_compiled_is_eager(everything(f, [0], order=1), [(ALL, m) for m in masks], exact=False, terms=3)
    assert len(unmarked(fast)) == 1
