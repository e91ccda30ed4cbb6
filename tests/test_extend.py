"""Primitives in HIPS autograd's style: their derivatives, static arguments, pictures, pickles, and errors."""

import pickle

import numpy
import pytest

import autograd.numpy as np
from autograd import Tensor, Value, formula, grad, gradients, hessian, jacobian, jvp, viz
from autograd.extend import defvjp, primitive
from autograd.graph import replay


@primitive
def weighted(x, w, power=2, mode="up"):
    """w·xᵖ, or its negative."""
    assert isinstance(mode, str)
    return (x**power if mode == "up" else -(x**power)) * w


defvjp(
    weighted,
    lambda ans, x, w, power=2, mode="up": lambda g: g * power * ans / x,
    lambda ans, x, w, power=2, mode="up": lambda g: g * ans / w,
)


@primitive
def first(x, n):
    return x[: int(n)]


defvjp(first, lambda ans, x, n: lambda g: np.concatenate([g, np.zeros(x.shape[0] - int(n))]), None)


def test_derivatives_of_any_order_by_all_arguments():
    x = numpy.array([1.0, 2.0])
    f = lambda x, w: np.sum(weighted(x, w))
    numpy.testing.assert_allclose(grad(f)(x, 3.0), 6 * x)
    assert grad(f, 1)(x, 3.0) == pytest.approx(5.0)
    numpy.testing.assert_allclose(hessian(f)(x, 3.0), 6 * numpy.eye(2))
    assert grad(grad(grad(lambda x: weighted(x, 2.0, 4))))(3.0) == pytest.approx(2 * 24 * 3.0)
    numpy.testing.assert_allclose(jvp(lambda x: weighted(x, 3.0), (x,), (x,))[1], 6 * x * x)
    assert type(grad(weighted)(2.0, 3.0)) is float


def test_a_function_of_scipys():
    special = pytest.importorskip("scipy.special")
    erf = primitive(special.erf)
    defvjp(erf, lambda ans, x: lambda g: g * 2 / np.sqrt(np.pi) * np.exp(-(x**2)))
    x = numpy.array([0.0, 0.5])
    numpy.testing.assert_array_equal(erf(x), special.erf(x))
    numpy.testing.assert_allclose(grad(lambda x: np.sum(erf(x)))(x), 2 / np.sqrt(np.pi) * np.exp(-(x**2)))
    assert grad(grad(erf))(0.5) == pytest.approx(-2 * 0.5 * 2 / np.sqrt(np.pi) * np.exp(-0.25))
    assert primitive(numpy.hypot)(3.0, Value(4.0)).data == 5.0


def test_what_it_may_give_is_not_known_so_gradient_graphs_get_masks():
    @primitive
    def reciprocal(x):
        return 1 / x

    defvjp(reciprocal, lambda ans, x: lambda g: -g * ans / x)
    x, w = Tensor(2.0), Tensor(3.0)
    slope = gradients(np.where(x > 0, reciprocal(x) * w, 0.0), w, create_graph=True)
    assert [float(replay(slope, {x: at})) for at in (4.0, 0.0)] == [0.25, 0.0]


def test_broadcasting_is_undone():
    g = grad(lambda w: np.sum(weighted(numpy.array([[1.0, 2.0], [3.0, 4.0]]), w)))(numpy.array([1.0, 10.0]))
    numpy.testing.assert_allclose(g, [10.0, 20.0])


def test_static_arguments_reach_the_function_and_the_vjp():
    assert weighted(2.0, 3.0, mode="down") == -12.0
    assert grad(weighted)(2.0, 3.0, mode="down") == -12.0
    assert grad(weighted)(2.0, 3.0, power=3) == 36.0
    y = weighted(Tensor([2.0]), 3.0, 3)
    assert dict(y.params) == {"power": 3, "mode": "up"}
    with pytest.raises(TypeError, match=r"weighted: power is static, so it cannot be a node"):
        weighted(2.0, 3.0, power=Value(2.0))


def test_an_argument_without_a_gradient():
    x = numpy.array([1.0, 2.0, 3.0])
    numpy.testing.assert_array_equal(jacobian(first)(x, 2), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    numpy.testing.assert_array_equal(grad(lambda x: np.sum(first(x, 2) ** 2))(x), [2.0, 4.0, 0.0])


def test_argnums_name_the_arguments_of_the_makers():
    @primitive
    def times(a, b):
        return a * b

    defvjp(times, lambda ans, a, b: lambda g: g * a, argnums=(1,))
    assert grad(times, 1)(2.0, 3.0) == 2.0
    with pytest.raises(TypeError, match=r"times has no derivative by this argument; state it with defvjp\(times"):
        grad(times)(2.0, 3.0)
    defvjp(times, lambda ans, a, b: lambda g: g * b)
    assert grad(times, (0, 1))(2.0, 3.0) == (3.0, 2.0)


def test_it_is_an_op_like_any_other():
    x = Tensor([1.0, 2.0], "x")
    y = np.sum(weighted(x, 3.0))
    assert "weighted" in viz.text(y)
    assert viz.draw(y).source.count("weighted") >= 1
    assert formula(weighted).splitlines()[:2] == ["weighted  weighted  w·xᵖ, or its negative", "y = weighted(x, w)"]
    numpy.testing.assert_allclose(pickle.loads(pickle.dumps(y)).data, y.data)
    assert float(replay(y, {x: [1.0, 1.0]})) == 6.0
    slope = gradients(y, x, create_graph=True)
    numpy.testing.assert_allclose(replay(slope, {x: [5.0, 1.0]}), [30.0, 6.0])
    assert type(weighted(numpy.ones(2), 3.0)) is numpy.ndarray
    assert weighted(2.0, 3.0) == 12.0


def test_a_value_changed_after_recording_is_noticed():
    x = Tensor([1.0, 2.0])
    y = np.sum(weighted(x, 3.0))
    x.data = [5.0, 5.0]
    with pytest.raises(ValueError, match=r"weighted: the data of .* were changed"):
        y.backward()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: primitive(lambda *xs: xs), r"^primitive: name the arguments of <lambda>; \*xs has no fixed number"),
        (lambda: primitive(lambda x, **kw: x), r"^primitive: name the arguments of <lambda>; \*\*kw has no"),
        (lambda: defvjp(numpy.sin, None), r"^defvjp: pass a function made by autograd\.extend\.primitive"),
        (lambda: defvjp(np.sin, None), r"^defvjp: pass a function made by"),
        (lambda: defvjp(first, None, None, None), r"^defvjp: first takes 2 nodes; give a function for each"),
        (lambda: defvjp(first, None, argnums=(2,)), r"^defvjp: first takes 2 nodes"),
        (lambda: defvjp(first, None, argnums=(0, 1)), r"^defvjp: first takes 2 nodes"),
        (lambda: weighted(Value(2.0), "text"), r"^weighted: 'text' is not a number"),
    ],
)
def test_errors(call, text):
    with pytest.raises(TypeError, match=text):
        call()
