"""The functions made for an op run wherever they can: the general way is left to what is rare."""

import sys
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest

from autograd import Tensor, Value, gradients
from autograd.engine.backward import contributions
from autograd.engine.recording import apply
from autograd.ops import table
from tests.helpers.samplers import samples, varied
from tests.helpers.support import contract

GENERAL = {apply.__code__: "recorded", contributions.__code__: "pulled"}
OPS = [op for op in table() if op.differentiable and not op.variadic]
ELEMENTWISE = [op for op in OPS if op.elementwise]
by_name = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
without_params = pytest.mark.parametrize("op", [op for op in OPS if not op.params], ids=lambda op: op.name)


@contextmanager
def counting():
    """How many nodes are recorded and pulled in the general way."""
    found = Counter()

    def watch(frame, event, _):
        if event == "call" and frame.f_code in GENERAL:
            found[GENERAL[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(before)


def test_the_general_way_is_counted():
    x = Value(2.0)
    with counting() as found:
        gradients(x * x, x, create_graph=True)  # records the products of a gradient graph, by contributions
    assert found["pulled"]


def twice(call):
    """A call once more, when all that is made at the first use is there."""
    call()
    with counting() as found:
        call()
    return found


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_scalar_expression_of_operators_and_methods_is_neither_recorded_nor_pulled_in_the_general_way(kind):
    def expression():
        a, b = kind(1.5), kind(0.5)
        y = -(a * b + 2.0 - b / a) + (3.0 - a) * 1.5 / b
        y = y.tanh() * a.sigmoid() + b.exp().log() + a.sqrt().sin().cos() + b.relu() + a**2
        y.backward()

    assert not twice(expression)


def test_a_layer_and_its_loss_are_neither_recorded_nor_pulled_in_the_general_way():
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(5, 3)), Tensor(rng.normal(size=(3, 2))), Tensor(np.zeros(2))

    def loss():
        error = (x @ W + b).tanh() - 1.0
        (error**2).mean().backward()
        (error * error).sum().backward()

    assert not twice(loss)


@without_params
def test_an_op_without_static_arguments_is_recorded_by_its_own_function(op):
    sample = next(iter(samples(op)))
    nodes = [Tensor(a) for a in sample.args]
    assert not twice(lambda: op(*nodes))["recorded"]


@by_name
def test_an_op_on_arrays_is_pulled_by_its_own_function(op):
    for sample in samples(op):
        nodes = [Tensor(a) for a in sample.args]
        y = op(*nodes, **sample.params)
        wanted = [nodes[i] for i in varied(op, sample.args)]
        if wanted:
            loss = contract(y)
            assert not twice(lambda: gradients(loss, wanted))["pulled"]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_an_elementwise_op_on_floats_is_pulled_by_its_own_function(op):
    sample = next(iter(samples(op, ())))
    nodes = [Value(float(a)) for a in sample.args]
    y = op(*nodes, **sample.params)
    assert not twice(lambda: gradients(y, [nodes[i] for i in varied(op, sample.args)]))["pulled"]
