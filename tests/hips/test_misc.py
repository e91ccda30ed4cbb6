"""Containers as one vector, and optimizers, as HIPS autograd has them."""

from collections import namedtuple

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, Value, grad, hessian
from autograd.misc import const_graph
from autograd.misc import flatten as by_package
from autograd.misc.flatten import flatten, flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd, unflatten_optimizer
from autograd.testing import check_gradients

Point = namedtuple("Point", "x y")
NESTED = {"w": [np.arange(6.0).reshape(2, 3), (7.0, [])], "b": {"z": 8.0, "a": np.array([9.0, 10.0])}}


def test_a_vector_holds_the_entries_of_dicts_by_sorted_keys():
    vector, _ = flatten(NESTED)
    np.testing.assert_array_equal(vector, [9, 10, 8, 0, 1, 2, 3, 4, 5, 7])
    assert by_package is flatten


def test_unflatten_gives_back_what_was_flattened():
    vector, unflatten = flatten(NESTED)
    again = unflatten(vector)
    assert list(again) == ["w", "b"]
    assert again["w"][1] == (7.0, [])
    assert again["b"]["z"] == 8.0
    np.testing.assert_array_equal(again["w"][0], NESTED["w"][0])
    np.testing.assert_array_equal(flatten(unflatten(vector * 2))[0], vector * 2)
    assert flatten(Point(1.0, 2.0))[1](np.array([3.0, 4.0])) == Point(3.0, 4.0)


@pytest.mark.parametrize("empty", [[], (), {}, [(), {}]])
def test_a_container_without_numbers_is_an_empty_vector(empty):
    vector, unflatten = flatten(empty)
    assert vector.shape == (0,)
    assert unflatten(vector) == empty


def test_float32_stays_float32():
    vector, unflatten = flatten([np.ones(2, np.float32), np.zeros((1, 1), np.float32)])
    assert vector.dtype == unflatten(vector)[1].dtype == np.float32


def test_gradients_flow_through_the_vector_and_back():
    def loss(p):
        vector, unflatten = flatten(p)
        return anp.sum(vector**3) + unflatten(anp.sin(vector))["b"]["z"]

    gradient = grad(loss)(NESTED)
    np.testing.assert_allclose(gradient["w"][0], 3 * NESTED["w"][0] ** 2)
    assert gradient["b"]["z"] == pytest.approx(3 * 64 + np.cos(8.0))
    check_gradients(loss, (NESTED,))
    vector, unflatten = flatten(NESTED)
    np.testing.assert_allclose(
        hessian(lambda v: loss(unflatten(v)))(vector), np.diag(6 * vector - (vector == 8) * np.sin(8.0))
    )


def test_nodes_are_flattened_to_a_node():
    x, y = Value(2.0), Tensor([3.0, 4.0])
    vector, unflatten = flatten({"y": y, "x": x})
    anp.sum(vector * np.array([1.0, 2.0, 3.0])).backward()
    assert x.grad == 1.0
    np.testing.assert_array_equal(y.grad, [2.0, 3.0])
    assert unflatten(vector)["y"].parents


def test_a_vector_of_another_length_is_refused():
    _, unflatten = flatten([1.0, 2.0])
    with pytest.raises(ValueError, match=r"^unflatten: give a vector of 2 elements, not an array of shape \(3,\)$"):
        unflatten(np.ones(3))


def test_what_is_no_number_is_refused():
    for other in ("adam", None, [1.0, {"rate": "fast"}]):
        with pytest.raises(TypeError, match=r"^flatten: .* is not a number or an array of numbers"):
            flatten(other)


def test_a_function_of_containers_is_one_of_vectors():
    f, unflatten, vector = flatten_func(lambda p, factor: [p["b"] * factor, p["a"]], {"b": np.ones(2), "a": 5.0})
    np.testing.assert_array_equal(vector, [5.0, 1.0, 1.0])
    np.testing.assert_array_equal(f(vector, 3.0), [3.0, 3.0, 5.0])
    assert unflatten(vector)["a"] == 5.0


OPTIMIZERS = {
    sgd: lambda g: -0.1 * 0.1 * g,
    rmsprop: lambda g: -0.1 * g / np.sqrt(0.9 + 0.1 * g**2),
    adam: lambda g: -0.001 * np.sign(g),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda f: f.__name__)
def test_the_first_step_is_the_rules(optimizer):
    start = {"w": np.array([1.0, -2.0]), "b": [0.5]}
    seen = []
    result = optimizer(
        grad(lambda p, i: anp.sum(p["w"] ** 2) + p["b"][0] ** 2),
        start,
        callback=lambda x, i, g: seen.append((x["b"][0], i, g["w"])),
        num_iters=1,
    )
    rule = OPTIMIZERS[optimizer]
    np.testing.assert_allclose(result["w"], start["w"] + rule(np.array([2.0, -4.0])), rtol=1e-7)
    np.testing.assert_allclose(result["b"][0], 0.5 + rule(1.0), rtol=1e-7)
    assert seen[0][:2] == (0.5, 0)
    np.testing.assert_array_equal(seen[0][2], [2.0, -4.0])
    np.testing.assert_array_equal(start["w"], [1.0, -2.0])


@pytest.mark.parametrize(("optimizer", "options"), [(sgd, {}), (rmsprop, {}), (adam, {"step_size": 0.1})])
def test_steps_find_the_minimum(optimizer, options):
    result = optimizer(grad(lambda x, i: anp.sum((x - 3.0) ** 2)), np.zeros((2, 2)), num_iters=300, **options)
    np.testing.assert_allclose(result, np.full((2, 2), 3.0), atol=1e-3)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda f: f.__name__)
def test_a_gradient_flows_through_the_steps(optimizer):
    def final_loss(step_size, x0):
        loss = lambda x, i: anp.sum((x - anp.array([1.0, 2.0])) ** 2)
        return loss(optimizer(grad(loss), x0, num_iters=3, step_size=step_size), 0)

    check_gradients(final_loss, (0.2, np.array([3.0, -1.0])), order=1)


def test_a_function_is_recorded_once_and_replayed():
    calls = []

    def f(a, x, p, power=1):
        calls.append(1)
        return {"y": anp.sum(anp.where(x > 0, a * x, p["b"]) ** power), "n": 3.0}

    g = const_graph(f, 2.0, power=2)
    for x in (np.array([1.0, -1.0]), np.array([-1.0, 3.0])):
        assert g(x, {"b": 5.0, "unused": 0.0}) == f(2.0, x, {"b": 5.0}, 2)
    assert len(calls) == 3
    gradient = grad(lambda x: g(x, {"b": 5.0, "unused": 0.0})["y"])(np.array([1.0, -1.0]))
    np.testing.assert_array_equal(gradient, [8.0, 0.0])
    assert len(calls) == 3
    assert g.__name__ == "f"


def test_a_first_call_may_have_nodes():
    g = const_graph(lambda x: anp.sin(x) * x)
    assert grad(g)(2.0) == pytest.approx(np.cos(2.0) * 2 + np.sin(2.0))
    check_gradients(g, (0.5,))
    assert type(g(1.0)) is float


def test_keys_without_an_order_are_refused():
    with pytest.raises(TypeError, match=r"the keys \[1, 'a'\] cannot be sorted; take keys of one type"):
        flatten({1: 1.0, "a": 2.0})


def test_an_optimizer_of_vectors_becomes_one_of_containers():
    seen = []

    @unflatten_optimizer
    def descend(grad, x, callback, rate):
        callback(x, 0, grad(x, 0))
        return x - rate * grad(x, 0)

    found = descend(lambda p, i: {"x": 2.0 * p["x"]}, {"x": np.ones(2)}, lambda *now: seen.append(now), rate=0.5)
    assert found["x"].tolist() == [0.0, 0.0]
    assert seen[0][2]["x"].tolist() == [2.0, 2.0]
    assert descend(lambda p, i: p, [3.0], rate=1.0) == [0.0]
