"""``autograd.compiler.program``: recorded graphs as functions of their leaves."""

import copy
import math
import pickle
import threading
from importlib.util import find_spec

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, gradients
from autograd.compiler import program
from autograd.graph import replay, toposort
from autograd.testing.strategies import expressions
from tests.compiler.scalars import net
from tests.helpers.support import drawn

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="needs numba")
BACKENDS = ["python", "levels", pytest.param("machine", marks=needs_numba)]


def same(actual, expected, tolerance=1e-12):
    assert type(actual) is type(expected)
    assert np.shape(actual) == np.shape(expected)
    assert np.allclose(actual, expected, rtol=tolerance, atol=tolerance, equal_nan=True), (actual, expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_values(backend):
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y, z = a * b + b.tanh(), a - b
    run = program([y, z], [a, b], backend)
    assert run.backend == backend
    found = run([0.5, -1.0])
    assert type(found) is list
    for actual, expected in zip(found, replay([y, z], {a: 0.5, b: -1.0}), strict=True):
        same(actual, expected)
    same(program(y, [a, b], backend)([0.5, -1.0]), replay(y, {a: 0.5, b: -1.0}))


@pytest.mark.parametrize("backend", BACKENDS)
def test_value_and_gradients(backend):
    a, b = Value(2.0, "a"), Value(3.0, "b")
    run = program(a * b + b.tanh(), [a, b], backend)
    u, v = Value(0.5), Value(-1.0)
    y = u * v + v.tanh()
    value, found = run.value_and_gradients([0.5, -1.0])
    same(value, y.data)
    for actual, expected in zip(found, gradients(y, [u, v]), strict=True):
        same(actual, expected)


def test_arrays():
    rng = np.random.default_rng(0)
    x, W, b = Tensor(rng.normal(size=(5, 3))), Tensor(rng.normal(size=(3, 2)), "W"), Tensor(np.zeros(2), "b")
    y = autograd.tanh(x @ W + b).sum()
    run = program(y, [x, W, b])
    assert run.backend == "numpy"
    new = [rng.normal(size=s) for s in ((5, 3), (3, 2), (2,))]
    same(run(new), replay(y, dict(zip([x, W, b], new, strict=True))))
    fresh = [Tensor(a) for a in new]
    expected = autograd.tanh(fresh[0] @ fresh[1] + fresh[2]).sum()
    value, found = run.value_and_gradients(new)
    same(value, expected.data)
    for actual, g in zip(found, gradients(expected, fresh), strict=True):
        same(actual, g)
    kept = [g.copy() for g in found]
    run.value_and_gradients([2 * a for a in new])
    assert all(map(np.array_equal, found, kept))  # results are one's own


def test_values_and_arrays_in_one_graph():
    x, s = Tensor([1.0, 2.0], "x"), Value(3.0, "s")
    run = program((x * s).sum(), [x, s])
    value, (dx, ds) = run.value_and_gradients([np.array([0.5, 0.25]), 2.0])
    same(value, np.array(1.5))
    same(dx, np.array([2.0, 2.0]))
    same(ds, 0.75)


def test_gradient_graphs():
    x = Value(2.0, "x")
    slope = gradients(x**3 * x.sin(), x, create_graph=True)
    run = program(slope, [x])
    same(run([0.5]), replay(slope, {x: 0.5}))
    u = Value(0.5)
    first = gradients(u**3 * u.sin(), u, create_graph=True)
    same(run.value_and_gradients([0.5])[1][0], gradients(first, u))


def test_random_expressions():
    for e in drawn(expressions(max_nodes=16), 60):
        xs = [Tensor(a) for a in e.inputs]
        y = autograd.sum(e(*xs))
        if not y.requires_grad:
            continue
        xs = [x for x in xs if x in set(toposort(y))]
        new = [np.cos(np.arange(x.size) + 1.0).reshape(x.shape) * 0.1 + x.data for x in xs]
        run = program(y, xs)
        same(run(new), replay(y, dict(zip(xs, new, strict=True))), 1e-9)
        fresh = [Tensor(a) for a in new]
        expected = gradients(replay(y, dict(zip(xs, fresh, strict=True))), fresh)
        for actual, g in zip(run.value_and_gradients(new)[1], expected, strict=True):
            same(actual, g, 1e-7)


@pytest.mark.parametrize("backend", BACKENDS)
def test_where_a_selection_meets_a_pole_gradients_are_eager_ones(backend):
    x = Value(4.0)
    y = autograd.where(x > 0, x.sqrt(), 0.0)
    run = program(y, [x], backend)
    assert run.value_and_gradients([4.0]) == (2.0, [0.25])
    assert run.value_and_gradients([0.0]) == (0.0, [0.0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_other_leaves_that_require_a_gradient_are_read_anew(backend):
    x, w, c = Value(2.0, "x"), Value(3.0, "w"), Value(5.0, "c", requires_grad=False)
    run = program(x * w + c, [x], backend)
    assert run([2.0]) == 11.0
    w.data = 10.0
    assert run([2.0]) == 25.0
    c.data = 0.0
    assert run([2.0]) == 25.0


def test_leaves_that_were_changed_since():
    x = Value(2.0)
    y = x * x
    x.data = 7.0
    run = program(y, [x])
    assert run.value_and_gradients([3.0]) == (9.0, [6.0])


def test_large_graphs_are_run_by_levels_or_the_machine():
    loss, parameters = net([2, 8, 8, 1], 10, Value.tanh)
    run = program(loss, parameters)
    assert run.backend == "levels" if find_spec("numba") is None else "machine"
    values = [p.data + 0.1 for p in parameters]
    fresh = [Value(v) for v in values]
    expected = replay(loss, dict(zip(parameters, fresh, strict=True)))
    value, found = run.value_and_gradients(np.array(values))
    same(value, expected.data)
    for actual, g in zip(found, gradients(expected, fresh), strict=True):
        same(actual, g)


def test_deep_and_narrow_graphs_are_no_levels():
    x = y = Value(0.5)
    for _ in range(1200):
        y = y.tanh()
    run = program(y, [x])
    assert run.backend == "python" if find_spec("numba") is None else "machine"


def test_threads():
    loss, parameters = net([2, 4, 1], 5, Value.tanh)
    run = program(loss, parameters, "levels")
    points = np.random.default_rng(0).normal(size=(8, len(parameters))).tolist()
    alone = [run.value_and_gradients(p) for p in points]
    wrong = []

    def work(k):
        wrong.extend(k for _ in range(200) if run.value_and_gradients(points[k]) != alone[k])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_it_can_be_read():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    run = program(x * y, [x, y])
    assert run.source.startswith("def run(x, y):")
    assert run.instructions == 1
    assert repr(run) == "<program of 2 leaves: 1 instructions, python>"


def test_errors():
    x, y, v = Value(1.0, "x"), Value(2.0, "y"), Tensor([1.0, 2.0], "v")
    z = x * y
    with pytest.raises(TypeError, match=r"program: pass a Value or a Tensor"):
        program(3.0, [x])
    with pytest.raises(TypeError, match=r"give the leaves as a list, not as Value"):
        program(z, x)
    with pytest.raises(TypeError, match=r"leaves only can get new values, and Value from 'mul'"):
        program(z, [z])
    with pytest.raises(ValueError, match=r"'v'.* is not in this graph"):
        program(z, [v])
    with pytest.raises(ValueError, match=r"twice"):
        program(z, [x, x])
    with pytest.raises(ValueError, match=r"there is no back end 'c'; take one of levels, machine, numpy, python"):
        program(z, [x], "c")
    with pytest.raises(ValueError, match=r"'levels' calculates with numbers only"):
        program(v.sum(), [v], "levels")
    run = program(z, [x, y])
    with pytest.raises(TypeError, match=r"give a list of 2 values, one for each leaf, not 1"):
        run([1.0])
    with pytest.raises(TypeError, match=r"give a list of 2 values, one for each leaf, not dict"):
        run({x: 1.0})
    with pytest.raises(TypeError, match=r"program: .*'x'.* is not a number"):
        run([[1.0, 2.0], 1.0])
    with pytest.raises(ValueError, match=r"program: .*'v'.* keeps its shape"):
        program(v.sum(), [v])([np.zeros(3)])
    with pytest.raises(ValueError, match=r"value_and_gradients: the program has 2 outputs"):
        program([z, z * 2], [x, y]).value_and_gradients([1.0, 2.0])
    with pytest.raises(ValueError, match=r"is not a scalar"):
        program(v * 2, [v]).value_and_gradients([np.zeros(2)])
    c = Value(1.0, "c", requires_grad=False)
    with pytest.raises(ValueError, match=r"value_and_gradients: .*'c'.* requires no gradient"):
        program(x * c, [x, c]).value_and_gradients([1.0, 2.0])


def test_a_program_of_a_graph_can_be_pickled_and_copied():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    run = program((x * w).tanh(), [x])
    twins = pickle.loads(pickle.dumps(run)), copy.deepcopy(run)
    w.data = 1.0  # which is not theirs
    assert run([0.5]) == math.tanh(0.5)
    assert [twin([0.5]) for twin in twins] == [math.tanh(1.5)] * 2
