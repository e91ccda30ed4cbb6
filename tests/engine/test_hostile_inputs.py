"""Uses that once gave a wrong gradient in silence, or a message from the depths."""

import copy
import pickle
import threading

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, concatenate, grad, gradients, no_grad, primitive, swapaxes
from autograd.graph import from_json, replay, to_json


@primitive(elementwise=True)
def scaled(xp, x, /, k=1.0):
    return x * k


scaled.defvjps(x=lambda xp, g, y, x, k: g * k)


@primitive(elementwise=True)
def ranked(xp, x):
    return x * x


ranked.defvjps(x=lambda xp, g, y, x: g if x.ndim == 2 else 2 * g * x)


@primitive(elementwise=True)
def stepped(xp, x, /, k):
    return x * 5.0


stepped.defvjps(x=lambda xp, g, y, x, k: g * 5.0 if isinstance(k, int) else g * 6.0)


@primitive(elementwise=True)
def polynomial(xp, x, /, c):
    return c[0] + c[1] * x


polynomial.defvjps(x=lambda xp, g, y, x, c: g * c[1])


def test_static_arguments_decide_what_a_derivative_is():
    for kind in (Value, Tensor):
        x = kind(2.0)
        scaled(x, k=3.0).backward()
        assert float(x.grad) == 3.0
    for k, slope in ((2, 5.0), (2.0, 6.0)):
        x = Value(1.0)
        stepped(x, k).backward()
        assert x.grad == slope
    x = Value(1.0)
    polynomial(x, (1.0, 7.0)).backward()
    assert x.grad == 7.0


def test_a_derivative_that_asks_for_the_rank_is_no_pass_through():
    x = Tensor([3.0, 4.0])
    ranked(x).backward(np.ones(2))
    np.testing.assert_array_equal(x.grad, [6.0, 8.0])


def test_grad_records_whatever_surrounds_it():
    with no_grad():
        assert float(grad(lambda x: x * x)(Value(3.0))) == 6.0
        assert grad(lambda x: x * x)(3.0) == 6.0


def test_threads_lose_no_gradient():
    x = Tensor(np.ones(1000))

    def work():
        for _ in range(50):
            x.sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    np.testing.assert_array_equal(x.grad, np.full(1000, 200.0))


def test_integers_have_no_gradient_whatever_is_claimed():
    x = Tensor([1, 2])
    x.requires_grad = True
    for y in ((x * 2.0).sum(), (x * x).sum()):
        with pytest.raises(TypeError, match=r"int64|i64.*holds no floats"):
            y.backward()
        for create_graph in (False, True):
            with pytest.raises(TypeError, match=r"int64|i64.*holds no floats"):
                gradients(y, x, create_graph=create_graph)
    with pytest.raises(TypeError, match=r"i64\[2\]: data of dtype int64 have no gradient"):
        x.grad = [1.0, 2.0] @ np.eye(2)


def test_mixed_second_derivatives_of_a_power_agree():
    a, b = Value(2.0), Value(0.0)
    by_a, by_b = gradients(a**b, [a, b], create_graph=True)
    assert gradients(by_a, b) == pytest.approx(0.5)
    assert gradients(by_b, a) == pytest.approx(0.5)


def test_swapaxes_knows_the_axes_of_a_matrix():
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(swapaxes(Tensor(x), 0, -2).data, x)
    np.testing.assert_array_equal(swapaxes(Tensor(x), 0, 1).data, x.T)
    with pytest.raises(ValueError, match="swapaxes"):
        swapaxes(Tensor(x), 0, 7)


def test_copies_own_their_data_and_keep_the_guard():
    x = Tensor([1.0, 2.0])
    y = copy.copy(x)
    with no_grad():
        x -= 1.0
    np.testing.assert_array_equal(y.data, [1.0, 2.0])
    z = (x * x).sum()
    x.data = [5.0, 5.0]
    for twin in (z, copy.copy(z), copy.deepcopy(z), pickle.loads(pickle.dumps(z)), from_json(to_json(z))):
        with pytest.raises(ValueError, match="changed"):
            twin.backward()


def test_a_results_data_are_not_to_be_written_to():
    x = Tensor([1.0, 2.0])
    y = x * x
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 5.0
    out = replay(x.reshape(2, 1), {x: [3.0, 4.0]})
    out[0] = 9.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


def test_a_gradient_is_never_an_arguments_own_array():
    @primitive()
    def odd(xp, x):
        return xp.sum(x * x)

    odd.defvjps(x=lambda xp, g, y, x: x)
    x = Tensor([1.0, 2.0])
    odd(x).backward()
    x.grad *= 100
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


def test_short_lessons():
    with pytest.raises(TypeError, match="axis=None"):
        concatenate([Tensor([1.0])], axis=None)
    with pytest.raises(TypeError, match="sum takes"):
        autograd.sum(Tensor([1.0]), 0, axis=0)
    x = Value(1.0)
    with pytest.raises(TypeError, match="grad_outputs must be a list"):
        gradients([x * 1, x * 2], x, grad_outputs=1.0)
    x = Tensor([1.0, 2.0])
    x[Value(1.0) > 0].sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 1.0])
