"""Kinks, ties, poles, what a selection dropped: compiled code gives there what eager gives, wherever it was traced."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, grad, hessian, jvp, value_and_grad, where
from autograd.ops import table
from tests.engine.test_structural_zeros import ARITHMETIC, HESSIANS, LINEAR, ROWS, SELECTIONS
from tests.helpers.compiled import assert_same
from tests.helpers.support import numbers, plain

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
ELSEWHERE = 0.53  # where the functions of one number are smooth


def recorded():
    """The examples of every op's conventions: the op, the convention, the arguments of a call."""
    for op in table():
        for s in op.conventions:
            for k, point in enumerate(s.examples):
                yield pytest.param(op, s, point, id=f"{op.__name__}, {s.arg}, {k}")


def call(op, stated, point):
    """A function of the arguments that are floats; the others, and the static ones, stay as they are."""
    args, params = point[: len(op.argnames)], dict(zip(op.params, point[len(op.argnames) :], strict=False))
    return lambda *xs: op(*xs, **params), args, op.argnames.index(stated.arg)


@pytest.mark.parametrize(("op", "stated", "point"), [*recorded()])
def test_conventions(op, stated, point):
    f, args, by = call(op, stated, point)
    arrays = lambda xs: tuple(np.asarray(x, float) for x in xs)
    kinds = [tuple, arrays] if op.elementwise else [arrays]
    for kind in kinds:
        at = kind(args)
        total = lambda *xs: autograd.sum(f(*xs)) if not op.elementwise else f(*xs)
        for function in (grad(total, by), value_and_grad(total, by)):
            fast = autograd.compile(function)
            moved = tuple(np.asarray(x) + 0.375 if np.ndim(x) else x + 0.375 for x in at)
            for xs in (moved, at, moved, at):  # traced beside the point, then at it
                assert_same(fast(*xs), function(*xs), exact=op.elementwise, terms=16)
            assert_same(autograd.compile(function)(*at), function(*at), exact=op.elementwise, terms=16)


def on_nodes(f):
    """A function of one number or array on nodes: on plain data Python's own division by 0 would raise."""

    def function(x):
        y = f(Value(x) if isinstance(x, float) else Tensor(x))
        return plain(y) if isinstance(y, Value) or np.ndim(plain(y)) else plain(y)[()]

    return function


def agree(functions, points, kinds, **how):
    """Compiled functions give what eager ones give at each point, traced at each of them."""
    for kind in kinds:
        for f, eager in functions:
            expected = [eager(kind(at)) for at in points]
            for first in (0, len(points) - 1):
                fast = autograd.compile(f)
                for k in (first, *range(len(points))):
                    assert_same(fast(kind(points[k])), expected[k], **how, exact=kind is float)


def derivatives(f, point):
    """A function of one number, its derivative, both, and the second derivative; the points are numbers."""
    total = lambda x: autograd.sum(f(x))
    slopes = value_and_grad(total), grad(lambda x: autograd.sum(grad(total)(x)))
    kinds = [float, lambda x: np.array([x, x + 1.0], np.float32)]
    agree([(f, on_nodes(f)), *((g, g) for g in slopes)], point, kinds, terms=2)


@pytest.mark.parametrize(("f", "at", "_"), ARITHMETIC.values(), ids=ARITHMETIC.keys())
def test_zeros_that_arithmetic_makes(f, at, _):
    derivatives(f, [ELSEWHERE, at])


@pytest.mark.parametrize("name", SELECTIONS)
def test_zeros_that_a_selection_makes(name):
    f, many = SELECTIONS[name]
    derivatives(f, [ELSEWHERE, *many])


@pytest.mark.parametrize("f", HESSIANS.values(), ids=HESSIANS.keys())
def test_the_tip_of_a_cone(f):
    for function in (grad(f), hessian(f)):
        fast = autograd.compile(function)
        for at in (np.array([0.5, 0.25]), np.zeros(2), np.array([0.5, 0.25])):
            assert_same(fast(at), function(at), exact=False, terms=16)


@pytest.mark.parametrize("f", LINEAR.values(), ids=LINEAR.keys())
def test_what_linear_maps_carry_along(f):
    total = lambda x: autograd.sum(f(x) * numbers(np.shape(f(x)), 3, 0.5, 2.0))
    second = grad(lambda x: autograd.sum(grad(total)(x) * np.array([[1.0, 0.5], [2.0, -1.0]])))
    points = [np.array([[1.0, 2.0], [3.0, 4.0]]), ROWS]
    agree([(g, g) for g in (grad(total), second)], points, [np.array], terms=64, factor=16.0)


def test_tangents_at_singular_points():
    for f in (lambda x: where(x > 0, autograd.sqrt(x), 0.0), autograd.relu, abs, lambda x: autograd.sqrt(x) ** 2):
        function = lambda x: jvp(f, (x,), (x + 1.0,))
        fast = autograd.compile(function)
        for at in (2.0, 0.0, -1.0, 2.0):
            assert_same(fast(at), function(at), exact=True)


def test_other_leaves_beside_a_nan_stay_right():
    f = lambda x, z: autograd.sum(x * x) + autograd.sum(where(z > 0, autograd.sqrt(z), 0.0)) + autograd.sum(anp.log(x))
    function = grad(f, (0, 1))
    fast = autograd.compile(function)
    for x, z in ((4.0, 1.0), (4.0, 0.0), (np.nan, 0.0), (0.0, -1.0), (4.0, 1.0)):
        assert_same(
            fast(np.array([x, 1.0]), np.array([z, 2.0])), function(np.array([x, 1.0]), np.array([z, 2.0])), exact=True
        )


def test_masked_attention_of_rows_without_any_key():
    keys = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])

    def loss(scores, keys):
        shares = autograd.softmax(where(keys > 0, scores, -np.inf), axis=1)
        return autograd.sum(where(keys > 0, shares, 0.0) * numbers((3, 3), 2))

    function = value_and_grad(loss)
    fast = autograd.compile(function)
    for these in (np.ones((3, 3)), keys, np.ones((3, 3)), keys[::-1].copy()):
        assert_same(fast(numbers((3, 3), 1), these), function(numbers((3, 3), 1), these), exact=False, terms=9)
