"""Hooks on nodes: when they are called, with what, and what becomes of what they return; PyTorch's are the measure."""

import copy
import gc
import pickle

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor, Value, detect_anomaly, grad, gradients, graph
from autograd.compiler import CompileWarning, program
from autograd.engine.hooks import AFTER, BEFORE

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def no_hook_stays():
    yield
    gc.collect()
    assert not BEFORE
    assert not AFTER


def clipped(g):
    return g * (g < 2) + 2.0 * (g >= 2)


HOOKS = {
    "none": lambda g: None,
    "itself": lambda g: g,
    "tenfold": lambda g: 10 * g,
    "negative": lambda g: -g,
    "square": lambda g: g * g,
    "clipped": clipped,
}


def chain(leaf, hooks):
    """A scalar with hooks on the leaf, on a node used twice, and on the result; and those nodes."""
    node = leaf * leaf
    result = (node * leaf + node).sum()
    for hook in hooks:
        leaf.register_hook(HOOKS[hook])
        node.register_hook(HOOKS[hook])
        result.register_hook(HOOKS[hook])
    return leaf, node, result


@pytest.mark.parametrize("hooks", [["none"], ["itself"], ["tenfold"], ["tenfold", "square"], ["clipped", "negative"]])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gradients_are_pytorchs(hooks, dtype):
    data = np.array([0.5, -1.5, 3.0], dtype)
    ours, theirs = chain(Tensor(data), hooks), chain(torch.tensor(data, requires_grad=True), hooks)
    for node in theirs[1:]:
        node.retain_grad()
    ours[-1].backward()
    theirs[-1].backward(retain_graph=True)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.grad, b.grad.numpy(), strict=True)
    ours[-1].backward()  # adds to the leaf's gradient, of which the hook gets the new part alone
    theirs[-1].backward()
    np.testing.assert_array_equal(ours[0].grad, theirs[0].grad.numpy(), strict=True)


@pytest.mark.parametrize("hooks", [["tenfold"], ["square", "clipped"]])
def test_gradients_without_writing_and_of_higher_order_are_pytorchs(hooks):
    ours, theirs = chain(Tensor([0.5, 1.5]), hooks), chain(torch.tensor([0.5, 1.5]).double().requires_grad_(), hooks)
    for i in (0, 1):
        (expected,) = torch.autograd.grad(theirs[-1], theirs[i], create_graph=True)
        slope = gradients(ours[-1], ours[i], create_graph=True)
        np.testing.assert_allclose(gradients(ours[-1], ours[i]), expected.detach())
        np.testing.assert_allclose(slope.data, expected.detach())
        (second,) = torch.autograd.grad(expected.sum(), theirs[0])
        np.testing.assert_allclose(gradients(slope.sum(), ours[0]), second)


def test_of_numbers_they_get_floats_in_the_order_of_registration():
    seen = []
    x = Value(3.0)
    square = x * x
    square.register_hook(lambda g: seen.append(("first", g)))
    square.register_hook(lambda g: 2 * g)
    square.register_hook(lambda g: seen.append(("last", g)))
    (2 * square + square).backward()  # once, when both uses have passed theirs on
    assert seen == [("first", 3.0), ("last", 6.0)]
    assert (square.grad, x.grad) == (6.0, 36.0)
    assert type(seen[0][1]) is type(square.grad) is float


def test_a_gradient_that_is_not_asked_for_calls_no_hook():
    seen = []
    a, b = Value(2.0), Value(3.0)
    a.register_hook(lambda g: seen.append("a"))
    b.register_hook(lambda g: seen.append("b"))
    assert gradients(a * b, b) == 2.0
    assert seen == ["b"]


def test_they_are_called_once_where_structural_zeros_ask_for_marks():
    seen = []
    x = Tensor([0.0, 4.0])
    root = x.sqrt()
    root.register_hook(lambda g: (seen.append(g), 2 * g)[1])
    ag.where(x > 0, root, 0.0).sum().backward()
    assert len(seen) == 1
    np.testing.assert_array_equal(x.grad, [0.0, 0.5])  # what a selection dropped stays dropped
    root.register_hook(lambda g: g + 1.0)  # a hook that puts something there has its say
    x.grad = None
    ag.where(x > 0, root, 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [np.inf, 0.75])


def test_steps_and_anomaly_detection_call_them():
    x = Value(3.0)
    square = x * x
    square.register_hook(lambda g: 2 * g)
    with detect_anomaly():
        square.backward()
    assert x.grad == 12.0
    assert [s.gradient for s in graph.steps(square)] == [2.0, 12.0]


def test_inside_transforms():
    def f(x):
        y = ag.sin(x)
        y.register_hook(lambda g: 3 * g)
        return y * x

    assert grad(f)(0.0) == 0.0
    assert grad(f)(1.0) == pytest.approx(3 * np.cos(1.0) + np.sin(1.0))


def test_removal():
    x = Value(3.0)
    square = x * x
    handle = square.register_hook(lambda g: 2 * g)
    with square.register_hook(lambda g: 5 * g):
        assert gradients(square, x) == 60.0
    assert gradients(square, x) == 12.0
    handle.remove()
    handle.remove()
    assert gradients(square, x) == 6.0
    del square
    handle.remove()


def test_a_hook_may_remove_itself():
    x = Value(3.0)
    handles = [x.register_hook(lambda g: handles.pop().remove()), x.register_hook(lambda g: 2 * g)]
    handles.reverse()
    y = x * 1.0
    assert [gradients(y, x), gradients(y, x)] == [2.0, 2.0]
    assert len(BEFORE.of(x)) == 1


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_have_none(copied):
    x = Tensor([3.0])
    x.register_hook(lambda g: 2 * g)
    other = copied(x)
    (other * 1.0).backward()
    assert other.grad == [1.0]


def test_after_the_gradient_is_added():
    seen = []
    x, bias = Tensor([1.0, 2.0]), Tensor(0.0)
    x.register_hook(lambda g: 10 * g)
    handle = x.register_post_accumulate_grad_hook(lambda p: seen.append((p, p.grad.tolist())))
    for _ in range(2):
        (2 * x + bias).sum().backward()
    assert [(p is x, g) for p, g in seen] == [(True, [20.0, 20.0]), (True, [40.0, 40.0])]
    gradients(x.sum(), x)
    handle.remove()
    x.sum().backward()
    assert len(seen) == 2
    seen.clear()


@pytest.mark.parametrize(
    ("hook", "kind", "says"),
    [
        (
            lambda g: g.sum(),
            ValueError,
            r"^the hook <lambda>: the gradient has shape \(\), but Tensor 'v' f64\[2\]",
        ),
        (lambda g: "x", TypeError, r"^the hook <lambda>: the gradient given: 'x' is not a number"),
        (lambda g: [1.0, 2.0, 3.0], ValueError, r"has shape \(3,\), but Tensor 'v'"),
    ],
)
def test_what_no_gradient_is_may_not_come_back(hook, kind, says):
    v = Tensor([1.0, 2.0], "v")
    v.register_hook(hook)
    with pytest.raises(kind, match=says):
        (v * v).sum().backward()
    assert v.grad is None


def test_errors_of_a_hook_say_whose_it_is():
    def fails(g):
        g[0] = 0.0  # gradients share memory

    v = Tensor([1.0, 2.0], "v")
    v.register_hook(fails)
    with pytest.raises(ValueError, match="read-only") as failed:
        (v * v).sum().backward()
    assert failed.value.__notes__ == ["in the hook fails of Tensor 'v' f64[2]"]


def test_wrong_use():
    x = Value(1.0)
    with pytest.raises(TypeError, match=r"^register_hook takes a function of a gradient, not int$"):
        x.register_hook(3)
    with pytest.raises(ValueError, match=r"^register_hook: Value 2\.0 requires no gradient, so no backward pass"):
        Value(2.0, requires_grad=False).register_hook(print)
    with pytest.raises(ValueError, match=r"Value from 'mul' is no leaf; take register_hook$"):
        (x * x).register_post_accumulate_grad_hook(print)
    x.register_post_accumulate_grad_hook(lambda p: 1)
    with pytest.raises(TypeError, match=r"^the hook <lambda>: after a gradient is added, a hook returns None$"):
        (x * x).backward()


def test_a_program_calls_none_so_what_has_one_runs_as_it_is():
    w = Tensor([1.0, 2.0], "w")

    def f(x):
        return gradients(((w * x) ** 2).sum(), w)

    x, compiled = np.array([1.0, 2.0]), ag.compile(f)
    np.testing.assert_array_equal(compiled(x), [2.0, 16.0])
    handle = w.register_hook(lambda g: 10 * g)
    for function in (compiled, ag.compile(f)):  # recorded before, and not yet
        with pytest.warns(CompileWarning, match="a node whose gradient is asked for has a hook"):
            np.testing.assert_array_equal(function(x), [20.0, 160.0])
    handle.remove()
    np.testing.assert_array_equal(compiled(x), [2.0, 16.0])


def test_a_program_of_a_graph_refuses_them():
    x = Value(3.0)
    run = program(x * x, [x])
    assert run.value_and_gradients([2.0]) == (4.0, [4.0])
    with x.register_hook(print), pytest.raises(ValueError, match=r"has a hook, .* take autograd.gradients"):
        run.value_and_gradients([2.0])


@pytest.mark.parametrize("method", ["register_hook", "register_post_accumulate_grad_hook"])
@pytest.mark.parametrize("before", [0, 3])
def test_a_compiled_step_runs_as_it_is_where_a_parameter_has_one(method, before):
    seen = []
    model = nn.MLP([2, 3, 1], rng=0)
    step = nn.compile_step(model, "mse", nn.optim.SGD(model.parameters(), lr=0.1))
    X, y = np.ones((4, 2)), np.ones((4, 1))
    for _ in range(before):
        step(X, y)
    handle = getattr(next(iter(model.parameters())), method)(seen.append)
    with pytest.warns(CompileWarning, match="hook, which a program does not call"):
        step(X, y)
    assert len(seen) == 1
    handle.remove()
    seen.clear()
