"""Gradients and shapes in a recording: requests, gradient graphs, and shapes that depend on values."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, grad, gradients, hessian, hvp, jvp, no_grad, sin, value_and_grad
from autograd.compiler.recorder import Dynamic
from autograd.compiler.requests import GRADIENT
from autograd.compiler.tracing import is_derivative, location_of
from autograd.graph import toposort
from autograd.transforms.containers import leaves
from tests.helpers.recorded import line_of, ops, recorded


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


# Constants for gradients


@pytest.mark.parametrize("x", [2.0, np.array([1.0, 2.0])])
def test_results_without_recording_stay_nodes(x):
    def f(x):
        with no_grad():
            y = x * 2
        return y * x + x.detach() * x + (x > 1).detach()

    r = recorded(f, x)
    y = [n for n in toposort(r.outputs) if n.op and not n.requires_grad]
    assert [n.op.name for n in y] == ["mul", "copy", "greater"]
    outside = f(type(r.inputs[0])(x))
    assert np.array_equal(r.outputs[0]._data, outside._data)
    slope = recorded(grad(lambda x: autograd.sum(f(x))), x)
    assert np.array_equal(slope.outputs[0]._data, grad(lambda x: autograd.sum(f(x)))(x))


def test_outside_nothing_changed_for_results_without_recording():
    x = Value(2.0)
    with no_grad():
        assert (x * 2).op is None
    assert x.detach().op is None
    assert grad(lambda x: x.detach() * x)(2.0) == 2.0


# Gradients


def test_gradients_as_numbers_are_nodes_too():
    def f(x):
        slope = gradients(x**3, x)
        assert not slope.requires_grad
        return slope * x

    r = recorded(f, 2.0)
    assert ops(r).count("gradient") == 1
    assert r.outputs[0]._data == 24.0
    inside = recorded(grad(f), 2.0)
    assert inside.outputs[0]._data == 12.0
    assert ops(inside).count("gradient") == 2


@pytest.mark.parametrize(
    "f",
    [
        grad(lambda x: (x**3).sum()), value_and_grad(lambda x: (x**3).sum()), hessian(lambda x: (x**3).sum()),
        lambda x: hvp(lambda x: (x**3).sum(), x, x), lambda x: jvp(lambda x: x**3, (x,), (x,)),
        grad(lambda x: grad(lambda x: (x**3).sum())(x).sum()), autograd.jacobian(lambda x: x**2),
        lambda x: gradients(gradients((x**3).sum(), x, create_graph=True).sum(), x),
        lambda x: gradients(abs(x).sum(), x, strict=True), autograd.elementwise_grad(autograd.tanh),
        lambda x: gradients((x * 2).sum(), [x, Tensor([1.0])]), lambda x: gradients(x, x, np.ones(2)),
        no_grad()(grad(lambda x: (x**3).sum())),
    ],
)  # fmt: skip
def test_transforms_give_nodes_with_eager_numbers(f):
    x = np.array([1.0, 0.0])
    r = recorded(f, x)
    outside = Tensor(x)
    expected = leaves(f(outside))
    for a, b in zip(r.outputs, expected, strict=True):
        assert np.array_equal(a._data, getattr(b, "_data", b), equal_nan=True)


def test_a_request_says_what_is_asked():
    def f(x, y):
        return gradients([x * y, x + y], [x, y], [2.0, x], strict=True)

    r = recorded(f, 3.0, 4.0)
    first, second = r.outputs
    request = first.params["request"]
    assert request is second.params["request"]
    assert (first.params["index"], second.params["index"]) == (0, 1)
    assert [y.op.name for y in request.seeds] == ["mul", "add"]
    assert [g._data for g in request.seeds.values()] == [2.0, 3.0]
    assert all(a is b for a, b in zip(request.inputs, r.inputs, strict=True))
    assert request.strict
    assert len(first.parents) == 4


def test_a_loop_of_differentiated_gradients_is_recorded_in_three_runs():
    runs = []

    def newton(x):
        runs.append(0)
        for _ in range(20):
            slope = gradients(x**4 + x**2, x, create_graph=True)
            x = x - slope / gradients(slope, x)
        return x

    r = recorded(newton, 2.0)
    assert len(runs) == 4
    assert abs(r.outputs[0]._data) < 1e-9


def test_marked_gradient_graphs_carry_marks_from_the_start():
    f = grad(grad(lambda x: autograd.where(x > 0, autograd.sqrt(x), 0.0)))
    plain, marked = recorded(f, 1.0), recorded(f, 1.0, marked=True)
    assert len(toposort(marked.outputs[0].params["request"].seeds)) > 0
    h = grad(lambda x: x * 2 + grad(lambda x: x**3)(x))
    count = lambda **options: len(toposort(recorded(h, 1.0, **options).outputs))
    assert count(marked=True) >= count()
    assert plain.outputs[0]._data == marked.outputs[0]._data == -0.25


def test_shapes_that_depend_on_values():
    r = recorded(lambda x: ((x[x > 0] * 2) ** 2).mean(), np.array([1.0, -2.0, 3.0]))
    assert [isinstance(n, Dynamic) for n in toposort(r.outputs) if n.op] == [False, True, True, True, False]
    assert not r.guards
    r = recorded(lambda x: x[x > 0].sum() / len(x[x > 0]), np.array([1.0, -2.0, 3.0]))
    assert [(kind, value) for _, kind, value in r.guards] == [("shape", (2,))]


# Shapes


def test_a_shape_is_a_guard_only_where_it_is_read():
    x = np.array([1.0, -2.0, 3.0])
    chosen = lambda x: x[x > 0]
    read = {
        "shape": lambda x: chosen(x).sum() * chosen(x).shape[0], "size": lambda x: chosen(x).sum() / chosen(x).size,
        "len": lambda x: chosen(x).sum() / len(chosen(x)), "iteration": lambda x: sum(2 * y for y in chosen(x)),
        "numpy": lambda x: np.shape(chosen(x))[0] * x, "truth": lambda x: x if chosen(x)[:1] else 2 * x,
        "seed": lambda x: gradients(chosen(x), x, np.ones(2)), "elementwise": autograd.elementwise_grad(chosen),
    }  # fmt: skip
    for name, f in read.items():
        assert [value for _, kind, value in recorded(f, x).guards if kind == "shape"] in ([(2,)], [(1,)]), name
    for f in (lambda x: chosen(x).mean(), lambda x: chosen(x).ndim * x, grad(lambda x: (chosen(x) ** 2).sum())):
        assert not recorded(f, x).guards
    assert not recorded(lambda x: x[np.array([True, False, True])].sum() * x.size * len(x), x).guards
    assert not recorded(lambda x, i: x[i].sum() * x[i].size, x, np.array([1, 1])).guards
    assert recorded(lambda x: autograd.numpy.unique(x).size * x, x).guards
    mask = Tensor(np.array([True, False, True]))
    assert recorded(lambda x: x[mask].size * x, x).guards


def test_a_recorded_gradient_graph_holds_where_its_shapes_do():
    x = np.array([1.0, -2.0, 3.0])
    second = grad(lambda x: grad(lambda x: (x[x > 0] ** 3).mean())(x).sum())
    assert not recorded(second, x).guards
    mixed = grad(lambda x, w: grad(lambda w: (x[x > 0] * w).sum())(w).sum() * x.sum())
    guards = recorded(mixed, x, np.array([1.0, 2.0])).guards
    assert {value for _, kind, value in guards if kind == "shape"} == {(2,)}


def test_a_node_of_a_dynamic_shape_is_a_tensor_to_its_user():
    made = []
    recorded(lambda x: made.append(x[x > 0]) or x[x > 0].sum(), np.array([1.0, -1.0]))
    assert repr(made[0]).startswith("Tensor([1.]")
    assert isinstance(made[0], Tensor)
    assert made[0].shape == (1,)
    assert made[0].size == len(made[0]) == 1


def test_the_shape_of_a_users_op_may_depend_on_values():
    @autograd.primitive()
    def positive_part(xp, x):
        return x[x > 0]

    positive_part.defvjps(x=lambda xp, g, y, x: g)
    assert recorded(lambda x: positive_part(x).size * x, np.array([1.0, -1.0])).guards


def test_a_request_asks_for_nothing_that_its_outputs_do_not_depend_on():
    r = recorded(hessian(lambda x, y: x**2 + y, (0, 1)), 3.0, 4.0)
    assert [y._data for y in r.outputs] == [2.0, 0.0, 0.0, 0.0]
    requests = [n.params["request"] for n in toposort(r.outputs) if n.op is GRADIENT]
    assert [len(request.inputs) for request in requests] == [1]
    assert [y.op is GRADIENT for y in r.outputs] == [True, False, False, False]
