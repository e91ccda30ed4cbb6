"""Recording a function for the compiler: what becomes a node, a guard, an input or an error."""

import copy
import math
import pickle
import re

import numpy as np
import pytest

from autograd import Tensor, Value, grad, jvp, no_grad, sin
from autograd.compiler.requests import GRADIENT
from autograd.compiler.tracing import (
    fresh,
    is_derivative,
    is_dynamic,
    location_of,
    record,
)  # fmt: skip
from autograd.graph import toposort

HERE = re.escape(__file__)


def recorded(f, *inputs, **options):
    return record(f, inputs, [f"x{i}" for i in range(len(inputs))], "compile", **options)


def ops(recording):
    return [n.op.name for n in toposort(recording.outputs) if n.op]


def line_of(f):
    return f.__code__.co_firstlineno


def test_a_recording_has_inputs_outputs_and_lines():
    f = lambda x, a: {"y": sin(x) * 2, "z": (a.sum(), 3, "text", None)}
    r = recorded(f, 2.0, np.array([1.0, 2.0]))
    x, a = r.inputs
    assert type(x) is Value
    assert type(a) is Tensor
    assert (x.label, a.label) == ("x0", "x1")
    assert x.requires_grad
    assert a.requires_grad
    assert [y.op.name for y in r.outputs] == ["mul", "sum"]
    assert r.result["z"][1:] == (3, "text", None)
    assert location_of(r.outputs[0]) == (__file__, line_of(f))
    assert not r.guards
    assert not r.captured
    assert not r.draws
    assert not r.effects


ways = pytest.mark.parametrize(
    "way",
    [
        float, int, round, math.exp, math.floor, complex, lambda x: x.item(), lambda x: x.data, lambda x: x.numpy(),
        np.asarray, copy.copy, copy.deepcopy, pickle.dumps, lambda x: x.backward(), lambda x: f"{float(x):.2f}",
    ],
)  # fmt: skip
nodes = pytest.mark.parametrize(
    ("x", "made"),
    [
        (2.0, lambda x: x), (2.0, lambda x: x * 2), (np.array(2.0), lambda x: x * 2), (np.array([2.0]), lambda x: x),
        (np.array([2.0, 3.0]), lambda x: x[0]), (2.0, no_grad()(lambda x: x * 2)), (2.0, lambda x: x.detach()),
        (2.0, lambda x: x > 1), (np.array([2]), lambda x: x), (2.0, grad(lambda x: x * x)),
    ],
)  # fmt: skip


@ways
@nodes
def test_a_value_that_depends_on_an_argument_does_not_leave(way, x, made):
    def f(x):
        way(made(x))
        return x * 2

    with pytest.raises(TypeError, match=rf"depends on an argument.*\n  at {HERE}, line "):
        recorded(f, x)


def test_gradients_are_deferred_and_differentiated_ones_recorded():
    f = lambda x: sin(x**3 + 5)
    first, second = recorded(grad(f), 1.0), recorded(grad(grad(f)), 1.0)
    assert ops(first).count("gradient") == ops(second).count("gradient") == 1
    assert first.outputs[0]._data == grad(f)(1.0)
    assert second.outputs[0]._data == grad(grad(f))(1.0)
    derivative = [n for n in toposort(second.outputs) if is_derivative(n)]
    assert derivative
    assert {location_of(n) for n in derivative} == {(__file__, line_of(f))}
    assert not [n for n in toposort(first.outputs) if is_derivative(n)]
    pushed = recorded(lambda x: jvp(f, (x,), (x,)), 1.0)
    assert ops(pushed).count("gradient") == 1
    assert pushed.outputs[1].op is GRADIENT
    assert pushed.outputs[1]._data == grad(f)(1.0)


def test_shapes_that_depend_on_values():
    r = recorded(lambda x: ((x[x > 0] * 2) ** 2).mean(), np.array([1.0, -2.0, 3.0]))
    assert [is_dynamic(n) for n in toposort(r.outputs) if n.op] == [False, True, True, True, False]
    assert not r.guards
    r = recorded(lambda x: x[x > 0].sum() / len(x[x > 0]), np.array([1.0, -2.0, 3.0]))
    assert [(kind, value) for _, kind, value in r.guards] == [("shape", (2,))]


def test_random_constants_are_refused_and_generators_put_back():
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(TypeError, match=r"differs from one run to the next.*fresh"):
        recorded(lambda x: x * rng.random(), 2.0)
    assert rng.bit_generator.state == before
    r = recorded(lambda x: x * fresh(lambda: rng.random(3)), 2.0)
    assert rng.bit_generator.state == before
    assert len(r.draws) == 1
    assert len(r.inputs) == 2
    assert (r.inputs[1]._data == rng.random(3)).all()
