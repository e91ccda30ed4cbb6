"""Draws and effects in a recording, and the generators that it puts back."""

import random
from functools import partial

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, grad
from autograd.compiler.tracing import afterwards, fresh
from tests.helpers.recorded import recorded


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


class Layer:
    def __init__(self, rng):
        self.parts = [{"rng": rng}]

    def draw(self):
        return self.parts[0]["rng"].random()


def of_numpy():
    np.random.seed(5)
    return lambda: np.random.random()


def of_python():
    random.seed(5)
    return lambda: random.random()


def of_a_global():
    global GENERATOR
    GENERATOR = np.random.default_rng(5)
    helper = lambda: GENERATOR.random()
    return lambda: helper()


def of_a_closure(rng):
    return lambda: rng.random()


@pytest.mark.parametrize(
    "make",
    [
        of_numpy, of_python, of_a_global, lambda: of_a_closure(np.random.default_rng(5)),
        lambda: of_a_closure(random.Random(5)), lambda: np.random.default_rng(5).random,
        lambda: np.random.RandomState(5).random_sample, lambda: Layer(np.random.default_rng(5)).draw,
        lambda: partial(of_a_closure(np.random.default_rng(5))),
    ],
)  # fmt: skip
def test_generators_are_put_back_wherever_they_are_held(make):
    first = make()()
    draw = make()
    with pytest.raises(TypeError, match=f"a constant was {first} and then"):
        recorded(lambda x: x * draw(), 2.0)
    assert draw() == first
    draw = make()
    r = recorded(lambda x: x * fresh(lambda: np.array([draw(), draw()])), 2.0)
    assert r.inputs[1]._data[0] == first
    assert r.draws[0]()[0] == first
    draw = make()
    with pytest.raises(KeyError):
        recorded(lambda x: {}[x * fresh(draw)], 2.0)
    assert draw() == first


def test_draws_are_inputs():
    rng = np.random.default_rng(0)

    def f(x):
        mask = fresh(lambda: rng.random(3) > 0.5)
        noise = fresh(rng.random)
        return autograd.where(mask, x, 0.0) * noise if noise > 0 else x

    r = recorded(f, 2.0)
    assert [type(n) for n in r.inputs] == [Value, Tensor, Value]
    assert len(r.draws) == 2
    assert [value for _, _, value in r.guards] == [True]
    assert not any(n.requires_grad for n in r.inputs[1:])
    with pytest.raises(TypeError, match="depends on an argument"):
        recorded(lambda x: x * float(fresh(rng.random)), 2.0)
    assert isinstance(fresh(rng.random), float)


def test_effects_are_noted_and_happen_at_once_outside():
    written = []

    def f(x):
        afterwards(lambda *data: written.append(data), x * 2, 3.0)
        return x * 3

    r = recorded(f, 2.0)
    assert written == []
    ((write, nodes),) = r.effects
    write(*(n._data for n in nodes))
    assert written == [(4.0, 3.0)]
    f(Value(5.0))
    grad(f)(6.0)
    x = Tensor([1.0])
    afterwards(written.append, x)
    x.data[0] = 2.0
    assert written[1:] == [(10.0, 3.0), (12.0, 3.0), [1.0]]
