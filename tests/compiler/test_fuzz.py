"""Random graphs with views, reuse, broadcasting, several outputs: compiled they give what eager gives, and keep it."""

import random

import numpy as np
import pytest
from hypothesis import given

import autograd
import autograd.numpy as anp
from autograd import grad
from autograd.compiler.backends import code_of
from autograd.compiler.tracing import record
from autograd.testing.strategies import expressions
from autograd.transforms.containers import leaves
from tests.helpers.compiled import assert_compiled_is_eager, assert_same, everything, kept, weighed
from tests.helpers.support import examples

GRAPHS = 120 if examples(100).max_examples <= 100 else 1000  # the rest with scripts/thorough.sh
BLOCKS = 8
SHAPES = [(4, 4), (4,), (1, 4), (4, 1), ()]
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def square(*xs):
    return all(np.shape(x) == (4, 4) for x in xs)


# What a step does with one or two of what there is so far; those that do not apply give something that does.
STEPS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (b * b + 1.0),
    lambda a, b: autograd.tanh(a),
    lambda a, b: autograd.sigmoid(a) - 0.5,
    lambda a, b: autograd.exp(-a * a),
    lambda a, b: autograd.relu(a) + a,
    lambda a, b: autograd.where(a > b, a, b * 0.5),
    lambda a, b: autograd.maximum(a, b),
    lambda a, b: abs(a) ** 1.5,
    lambda a, b: a.T if np.ndim(a) == 2 else a * 2.0,
    lambda a, b: a.T @ b if square(a, b) else autograd.sin(a),
    lambda a, b: a @ b.T if square(a, b) else autograd.cos(a),
    lambda a, b: autograd.sum(a, axis=0) if np.ndim(a) == 2 else autograd.sum(a),
    lambda a, b: autograd.mean(a, axis=-1, keepdims=True) if np.ndim(a) else a + 1.0,
    lambda a, b: autograd.reshape(a, -1)[::-1] if np.ndim(a) else a**3,
    lambda a, b: a[::-1] if np.ndim(a) else a - 0.25,
    lambda a, b: a[1:] if np.ndim(a) and np.shape(a)[0] > 1 else a * a,
    lambda a, b: a[..., None] * b if np.ndim(a) == np.ndim(b) == 1 else a * 0.5,
    lambda a, b: a[[0, -1, 0]] if np.ndim(a) and np.shape(a)[0] > 1 else -a,
    lambda a, b: autograd.concatenate([a, b]) if np.ndim(a) == np.ndim(b) == 1 else a + b,
    lambda a, b: autograd.stack([a, a * 2.0])[1] if np.ndim(a) else 1.0 / (2.0 + a * a),
    lambda a, b: autograd.cumsum(a, axis=0) if np.ndim(a) else a,
    lambda a, b: anp.swapaxes(a, 0, 1) if np.ndim(a) == 2 else a * 1.0,
    lambda a, b: autograd.softmax(a, axis=-1) if np.ndim(a) else autograd.softplus(a),
    lambda a, b: anp.broadcast_to(a, (4, 4)) if np.shape(a) in SHAPES else a,
    lambda a, b: autograd.sort(a, axis=0) if np.ndim(a) else a,
    lambda a, b: autograd.clip(a, -0.75, 0.75) + 0.1 * a,
    lambda a, b: autograd.var(a) + a,
    lambda a, b: np.float64(0.5) * a + np.ones(4)[: np.shape(a)[-1]] if np.shape(a)[-1:] == (4,) else a,
]


def graph(seed):
    """A random function of three arrays, and arguments for it."""
    r, generator = random.Random(seed), np.random.default_rng(seed)
    shapes = r.choices(SHAPES, k=3)
    plan: list[tuple[int, int, int]] = []
    pool = [generator.normal(size=s) for s in shapes]
    while len(plan) < r.randint(3, 14):
        a, b, k = (r.randrange(n) for n in (len(pool), len(pool), len(STEPS)))
        if r.random() < 0.5:
            a = len(pool) - 1
        try:
            y = STEPS[k](pool[a], pool[b])
        except ValueError:  # shapes that do not broadcast
            continue
        if np.size(y) > 64 or not np.isfinite(y).all() or np.abs(y).max(initial=0) > 1e3:
            continue
        plan.append((k, a, b))
        pool.append(y)
    outputs = [len(pool) - 1, *r.sample(range(len(pool)), r.randint(0, 2))]

    def function(*xs):
        results = list(xs)
        for k, a, b in plan:
            results.append(STEPS[k](results[a], results[b]))
        return [results[i] for i in outputs]

    def loss(*xs):
        return autograd.sum(autograd.stack([weighed(y, k) for k, y in enumerate(function(*xs))]))

    def both(*xs):
        return function(*xs), grad(loss, (0, 1, 2))(*xs)

    args = [np.asarray(generator.normal(size=s)) for s in shapes]
    return both, args, [a * 0.75 + 0.125 for a in args]


@pytest.mark.parametrize("marked", [False, True], ids=["plain", "marked"])
@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_graphs(block, marked):
    for seed in range(block, GRAPHS // (2 if marked else 1), BLOCKS):
        f, *calls = graph(seed)
        recording = record(f, calls[0], ["x", "y", "z"], "f", marked=marked)
        code = code_of(recording, recording.outputs, marked=marked)
        run = code.make()
        given = []
        for args in [*calls, *calls]:
            results = run(*args)
            given.append((results, kept(results)))
            try:
                for a, e in zip(results, leaves(f(*args)), strict=True):
                    assert_same(np.asarray(a), np.asarray(e), exact=False, terms=64, factor=64.0)
            except AssertionError as error:
                error.add_note(f"seed {seed}\n{code.text}")
                raise
        for results, copies in given:
            for a, b in zip(results, copies, strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("block", range(4))
def test_random_graphs_by_the_decorator(block):
    for seed in range(5000 + block, 5000 + GRAPHS // 5, 4):
        f, *calls = graph(seed)
        assert_compiled_is_eager(f, calls, exact=False, terms=64, factor=64.0)


@given(expressions(max_nodes=16))
@examples(10)
def test_random_expressions_over_the_table(expression):
    f = everything(expression, range(len(expression.inputs)), order=1)
    assert_compiled_is_eager(f, [expression.inputs], exact=False, terms=8, factor=64.0)


@given(expressions(max_nodes=16, shapes=[()]))
@examples(10)
def test_random_expressions_of_floats(expression):
    f = everything(expression, range(len(expression.inputs)), order=2)
    args = tuple(float(a) for a in expression.inputs)
    assert_compiled_is_eager(f, [args, tuple(a * 0.5 for a in args)], exact=True)
