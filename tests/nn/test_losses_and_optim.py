"""The squared error and gradient descent, on arrays and on scalars."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from nn import optim


@pytest.mark.parametrize(("reduction", "expected"), [("mean", 2.5), ("sum", 5.0), ("none", [1.0, 4.0])])
def test_reductions(reduction, expected):
    p = Tensor([1.0, 2.0])
    loss = nn.MSELoss(reduction=reduction)(p, np.array([0.0, 4.0]))
    np.testing.assert_array_equal(loss.data, expected)
    loss.backward(np.ones(loss.shape))
    np.testing.assert_array_equal(p.grad, np.array([2.0, -4.0]) / (2 if reduction == "mean" else 1))


def test_the_target_is_a_constant_unless_it_is_a_node():
    target = Tensor([3.0])
    loss = nn.MSELoss()(Tensor([1.0]), target)
    loss.backward()
    np.testing.assert_array_equal(target.grad, [4.0])
    assert nn.MSELoss()([1.0], [3.0]).data == 4.0


@pytest.mark.parametrize("target", [1, 1.0, np.float64(1.0), np.array(1)])
def test_values_stay_values(target):
    p = Value(3.0)
    for reduction in ("mean", "sum", "none"):
        loss = nn.MSELoss(reduction)(p, target)
        assert type(loss) is Value
        assert loss.data == 4.0


@pytest.mark.parametrize(
    ("prediction", "target", "words"),
    [
        ((5, 1), (5,), [r"target[:, None]"]),
        ((5,), (5, 1), [r"target[:, 0]"]),
        ((5, 2), (5, 3), ["(5, 2)", "(5, 3)"]),
    ],
)
def test_shapes_must_be_equal(prediction, target, words):
    with pytest.raises(ValueError, match="mse_loss") as caught:
        nn.MSELoss()(Tensor(np.ones(prediction)), np.ones(target))
    assert all(word in str(caught.value) for word in [*words, str(prediction), str(target)])


def test_unknown_reduction():
    with pytest.raises(ValueError, match="mean, sum, none"):
        nn.MSELoss(reduction="average")


def test_sgd_on_values_and_tensors_together():
    w, b, t = Value(1.0), Value(0.5), Tensor([2.0, 3.0])
    optimizer = optim.SGD([w, b, t], lr=0.1, momentum=0.5)
    expected = [w.data, b.data, t.numpy()]
    velocity = [0.0, 0.0, 0.0]
    for _ in range(3):
        optimizer.zero_grad()
        loss = autograd.sum((w * t + b) * (w * t + b))
        loss.backward()
        assert type(w.grad) is float
        velocity = [0.5 * v + p.grad for v, p in zip(velocity, (w, b, t), strict=True)]
        expected = [x - 0.1 * v for x, v in zip(expected, velocity, strict=True)]
        optimizer.step()
    assert (w.data, b.data) == (expected[0], expected[1])
    np.testing.assert_array_equal(t.data, expected[2])


def test_the_rate_may_change_between_steps():
    w = Value(1.0)
    optimizer = optim.SGD([w], lr=0.0)
    (3 * w).backward()
    optimizer.step()
    assert w.data == 1.0
    optimizer.lr = 0.5
    optimizer.step()
    assert w.data == -0.5
    assert repr(optimizer) == (
        "SGD(1 parameters, lr=0.5, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False)"
    )


def test_a_step_stamps_the_engines_clock():
    w = Value(2.0)
    y = w * w
    y.backward()
    optim.SGD([w], 0.1).step()
    with pytest.raises(ValueError, match="changed"):
        y.backward()


def test_frozen_after_its_gradient():
    w, v = Value(1.0), Value(1.0)
    (w * v).backward()
    w.requires_grad = False
    optim.SGD([w, v], 0.1).step()
    assert (w.data, v.data) == (1.0, 0.9)


def used_up():
    generator = nn.Linear(1, 1).parameters()
    list(generator)
    return generator


w = Value(1.0)


@pytest.mark.parametrize(
    ("params", "kwargs", "error", "words"),
    [
        ([], {}, ValueError, "no parameters"),
        (used_up(), {}, ValueError, "used generator is empty"),
        ([w, Value(2.0), w], {}, UserWarning, "parameters 0 and 2 are the same"),
        ([w * 2], {}, ValueError, "parameter 0 is the result of 'mul'"),
        (w, {}, TypeError, r"\[p\]"),
        ([w, 1.0], {}, TypeError, "parameter 1 is float"),
        (nn.Linear(1, 1), {}, TypeError, r"model.parameters\(\)"),
        (nn.Linear(1, 1).parameters, {}, TypeError, "call it"),
        (3, {}, TypeError, "list of nodes, not int"),
        ([w], {"lr": "0.1"}, TypeError, "lr must be a number, not '0.1'"),
        ([w], {"lr": None}, TypeError, "lr must be a number, not None"),
        ([w], {"lr": -0.1}, ValueError, "lr must be finite and at least 0, not -0.1"),
        ([w], {"lr": float("nan")}, ValueError, "lr must be finite"),
        ([w], {"momentum": -1}, ValueError, "momentum must be finite and at least 0"),
        ([w], {"momentum": "much"}, TypeError, "momentum must be a number"),
    ],
)
def test_mistakes_are_explained(params, kwargs, error, words):
    with pytest.raises(error, match=words):
        optim.SGD(params, **{"lr": 0.1, **kwargs})
