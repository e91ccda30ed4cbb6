"""The class of a result: that of the operands, where they are of a class of a user's own."""

import operator

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, grad, gradients, no_grad


class Number(Value):
    """A Value of one's own, with an operator that goes through the one that it overrides."""

    note = "none"

    def __mul__(self, other):
        y = super().__mul__(other)
        y.note = "a product"
        return y

    def twice(self):
        return self + self


class Fine(Number):
    """A class derived from it."""


class Other(Value):
    """A class beside it."""


class Array(Tensor):
    """A Tensor of one's own."""


class Weight(Tensor, results=Tensor):
    """A class of leaves only."""


class Heavy(Weight):
    """A class derived from that of leaves."""


BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, autograd.maximum,
          operator.lt, operator.eq]  # fmt: skip


@pytest.mark.parametrize("op", BINARY, ids=lambda f: f.__name__)
def test_a_result_is_of_the_operands_class_and_so_are_its_constants(op):
    for kind in (Number, Fine):
        for y in (op(kind(3.0), 2), op(2, kind(3.0)), op(kind(3.0), np.float64(2.0)), op(kind(3.0), kind(2.0))):
            assert type(y) is kind
            assert {type(p) for p in y.parents} == {kind}
    assert type(op(Value(3.0), 2)) is Value


@pytest.mark.parametrize("op", [*BINARY[:4], autograd.maximum], ids=lambda f: f.__name__)
def test_of_two_classes_the_more_derived_wins_and_else_the_left(op):
    for a, b, kind in [(Value, Number, Number), (Number, Fine, Fine), (Value, Fine, Fine)]:
        assert type(op(a(3.0), b(2.0))) is type(op(b(3.0), a(2.0))) is kind
    for a, b in [(Number, Other), (Other, Fine)]:
        assert type(op(a(3.0), b(2.0))) is a
        assert type(op(b(3.0), a(2.0))) is b


def test_functions_methods_and_modes_follow_the_rule():
    x = Number(0.5)
    for y in (x.tanh(), x.relu(), -x, abs(x), +x, x**2, x**2.5, 2**x, autograd.sin(x), autograd.logsumexp(x), x > 0,
              x.detach(), x.twice(), sum([x, x]), np.tanh(x), autograd.where(x > 0, x, 0.0)):  # fmt: skip
        assert type(y) is Number
    with no_grad():
        assert type(x + 1) is type(autograd.exp(x)) is Number
    with autograd.detect_anomaly():
        assert type(x + 1) is Number
    y = x * 3
    assert (y.note, (x + 1).note, y.parents[1].note) == ("a product", "none", "none")
    y.backward()
    assert x.grad == 3.0
    (g,) = gradients(x * x, [x], create_graph=True)
    assert (type(g), g.data) == (Number, 1.0)
    assert grad(lambda v: v * x)(2.0) == 0.5


def test_tensors_keep_their_class_unless_it_states_another():
    t = Array([1.0, 2.0])
    for y in (t + 1, 1 + t, t * Tensor([1.0, 2.0]), Tensor([1.0, 2.0]) * t, t.sum(), t[0], autograd.stack([t, t]),
              np.exp(t), t * Number(2.0), Value(2.0) * t, t > 1, t @ t, t.T, t.detach()):  # fmt: skip
        assert type(y) is Array
    assert type((t * Number(2.0)).parents[1]) is not Array
    for kind in (Weight, Heavy, nn.Parameter):
        w = kind([1.0, 2.0])
        assert type(w + 1) is type(w.sum()) is type(w[0]) is type(np.exp(w)) is type(w.detach()) is Tensor
        assert type(w * t) is type(t * w) is Array


def test_a_plain_value_pays_nothing():
    x = Value(2.0)
    assert type(x + 1) is type(1 + x) is type(x * x) is type(autograd.tan(x)) is Value
    assert not hasattr(x + 1, "__dict__")
