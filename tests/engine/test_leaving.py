"""The ways out of the graph: refused inside a transform, warned of outside, noted where they are taken by name."""

import asyncio
import builtins
import gc
import math
import re
import threading
import warnings
from math import exp as another_name

import numpy as np
import pytest

import autograd
from autograd import (
    LeavesGraphWarning,
    Tensor,
    Value,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)  # fmt: skip
from autograd.engine.trace import Trace
from autograd.transforms.containers import leaves

HERE = re.escape(__file__)


def into_an_array(x):
    a = np.zeros(2)
    a[0] = x
    return a[0]


def as_an_element(x):
    cells = np.empty(1, object)
    cells[0] = x
    return cells.astype(float)[0]


# What makes a number of a node and knows nothing of the graph.
UNAWARE = {
    "float": float, "int": int, "round": round, "round2": lambda x: round(x, 2), "complex": complex,
    "floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "exp": math.exp, "pow": lambda x: math.pow(x, 2.0),
    "isnan": math.isnan, "isclose": lambda x: math.isclose(x, 2.0), "fsum": lambda x: math.fsum([x]),
    "atan2": lambda x: math.atan2(1.0, x), "%f": "%.3f".__mod__, "%d": "%d".__mod__,
    "element": into_an_array, "object": as_an_element, "float64": np.float64, 
    "map": lambda x: list(map(math.tanh, [x])),
}  # fmt: skip
# What takes the value out by name.
BY_NAME = {"item": lambda x: x.item(), "data": lambda x: x.data, "numpy": lambda x: x.numpy()}
SILENT = {
    "str": str, "repr": repr, "format": lambda x: f"{x:.3f}{x}{x!r}", "bool": bool, "max": lambda x: max([x, x]),
    "sorted": lambda x: sorted([x, x]), "in": lambda x: x in [x], "shape": lambda x: (x.shape, x.ndim, x.size),
    "detach": lambda x: x.detach(), "condition": lambda x: (float(x > 1), int(x > 1), round(x > 1)), **BY_NAME,
}  # fmt: skip
# The argument of a transform, and the node made of it there.
NODES = {
    "Value": (2.0, lambda x: x * 1.0),
    "0-d": (np.array(2.0), lambda x: x * 1.0),
    "one element": (np.array([[2.0]]), lambda x: x * 1.0),
    "the variable": (2.0, lambda x: x),
    "an element": (np.array([1.0, 2.0]), lambda x: x[1]),
    "a Value in a container": ({"w": [2.0]}, lambda p: p["w"][0]),
}
TRANSFORMS = {
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x),
    "elementwise_grad": lambda f, x: elementwise_grad(f)(x),
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "jvp": lambda f, x: jvp(f, (x,), (x,)),
    "hvp": lambda f, x: hvp(f, x, x),
    "jacobian": lambda f, x: jacobian(f)(x),
    "hessian": lambda f, x: hessian(f)(x),
    "grad of grad": lambda f, x: grad(lambda y: sum(map(autograd.sum, leaves(grad(f)(y)))))(x),
}


def cases(table):
    return pytest.mark.parametrize("way", list(table.values()), ids=list(table))


nodes = pytest.mark.parametrize(("x", "made"), list(NODES.values()), ids=list(NODES))
transforms = pytest.mark.parametrize("transform", list(TRANSFORMS.values()), ids=list(TRANSFORMS))


# Ways that know nothing of the graph


@cases(UNAWARE)
@nodes
def test_inside_a_transform_they_are_refused(way, x, made):
    def f(x):
        way(made(x))
        return autograd.sum(made(x))

    with pytest.raises((TypeError, ValueError)) as caught:
        grad(f)(x)
    # NumPy and Python raise errors of their own where a conversion fails
    error = caught.value.__cause__ if type(caught.value) is ValueError else caught.value
    assert re.search("depends on an argument of grad|would leave the graph|%d format: a real number", str(error))


@cases(UNAWARE)
@pytest.mark.parametrize(
    "node", [Value(2.0), Tensor(2.0), Tensor([[2.0]]), Tensor([1.0, 2.0])[1], Value(1.0) + Value(1.0)], ids=repr
)
def test_outside_they_are_warned_of_and_give_the_number(way, node):
    with pytest.warns(LeavesGraphWarning, match=r"autograd\.exp for math\.exp.*x\.item\(\)"):
        number = way(node)
    assert number == way(2.0)
    for constant in (Value(2.0, requires_grad=False), Tensor([2.0], requires_grad=False), node.detach(), node > 1.0):
        way(constant)  # in silence: warnings are errors here
    with no_grad():
        assert way(node) == number
        way(node * 2.0)


@transforms
def test_every_transform_names_itself_and_the_function_to_take(transform):
    with pytest.raises(TypeError, match=r"^math\.exp: Value.* depends on .* of \w+, .* take autograd\.exp for math\.e"):
        transform(lambda x: x * math.exp(x), 1.0)


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: x * another_name(x), r"^math\.exp: .*take autograd\.exp for math\.exp, or x\.item\(\)"),
        (lambda x: x * math.asin(x), r"^math\.asin: .*take autograd\.arcsin for math\.asin"),
        (lambda x: math.sqrt(2.0) * float(x), r"^float: .*take autograd's functions \(autograd\.exp for math\.exp\)"),
        (lambda x: math.fsum(math.tanh(v) for v in [x]), r"^math\.tanh: .*take autograd\.tanh for math\.tanh"),
        (lambda x: math.atan2(x, x), r"^math\.atan2: .*take autograd\.arctan2 for math\.atan2"),
        (lambda x: math.pow(x, 3), r"^math\.pow: .*take x \*\* y for math\.pow"),
        (lambda x: x * math.gamma(x), r"^math\.gamma: .*or make math\.gamma a primitive"),
        (lambda x: x * math.floor(x), r"^math\.floor: .*take autograd\.floor for math\.floor"),
        (lambda x: x * round(x, 3), r"^round: .*take autograd\.round, or x\.item\(\)"),
        (lambda x: x * int(x), r"^int: .*take autograd\.trunc, or x\.item\(\)"),
        ("%.1f".__mod__, r"^float: "),
        (eval("lambda x: x * math.cosh(x)"), r"^math\.cosh: .*take autograd\.cosh for math\.cosh"),
    ],
)
def test_the_error_names_what_to_take(f, text):
    with pytest.raises(TypeError, match=text):
        grad(f)(0.5)


def test_what_is_advised_is_there():
    from autograd.engine.leaving import _OURS

    for name, ours in _OURS.items():
        assert hasattr(math, name) or hasattr(builtins, name)
        for part in ours.split("autograd.")[1:]:
            assert callable(getattr(autograd, part.partition("(")[0]))


def test_what_does_not_depend_on_the_argument_is_warned_of_inside_too():
    w = Value(3.0)
    with pytest.warns(LeavesGraphWarning):
        assert grad(lambda x: x * float(w * 2.0))(1.0) == 6.0
    assert grad(lambda x: x * float(w.detach()))(1.0) == 3.0


def test_inside_nested_transforms_the_arguments_of_all_count():
    with pytest.raises(TypeError, match=r"^math\.exp: Value from 'mul' depends on an argument of jacobian"):
        jacobian(lambda x: grad(lambda y: y * math.exp(x * 2.0))(1.0))(1.0)
    with pytest.raises(TypeError, match=r"depends on an argument of grad"):
        jacobian(lambda x: grad(lambda y: y * math.exp(y))(1.0))(1.0)
    # what depends on the argument of a transform that is through is any other node
    with pytest.warns(LeavesGraphWarning):
        assert grad(lambda x: x * float(grad(lambda y: y * y)(3.0)))(1.0) == 6.0


def test_what_no_grad_switches_off_inside_a_transform_is_explicit():
    def scaled(x):
        with no_grad():
            scale = float(x)
        return x / scale

    assert grad(scaled)(4.0) == 0.25
    with pytest.raises(TypeError, match=r"returned float.*out of the graph by float\(x\) at "):
        grad(lambda x: no_grad()(float)(x) * 2.0)(4.0)


def test_the_warning_stands_at_the_users_line_and_once():
    code = (
        "def work(v, n):\n"
        "    for _ in range(n):\n"
        "        y = math.exp(v) * v + math.tanh(v)\n"
        "        z = '%.3f' % (v * y)\n"
        "        inside(v)\n"
        "        ''.join(sorted(map(str, [v, v])))\n"
    )
    ours = {"__name__": "nn.anything"}
    exec("def inside(v): return float(v)", ours)
    scope = {"math": math, "inside": ours["inside"]}
    exec(compile(code, "work.py", "exec"), scope)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for v in (Value(1.0), Value(2.0), Tensor([[0.5]])):
            scope["work"](v, 3)
    assert [(w.filename, w.lineno) for w in seen] == [("work.py", n) for n in (3, 4, 5)]
    assert all(issubclass(w.category, UserWarning) and w.category is LeavesGraphWarning for w in seen)
    assert not any(c.isdigit() for w in seen for c in str(w.message))


def test_what_numpy_asks_for_stands_at_the_users_line_too():
    cells = np.array([Value(1.0), Value(4.0), Value(2.5)], dtype=object)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        np.gradient(cells)
    assert [(w.filename, w.category) for w in seen] == [(__file__, LeavesGraphWarning)]


def test_in_other_threads_and_tasks_no_transform_is_at_work():
    seen = []

    def f(x):
        def work():
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                seen.append((float(x), len(warned)))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return x * x

    assert grad(f)(3.0) == 6.0
    assert seen == [(3.0, 1)]

    async def sleepy(x):
        with pytest.raises(TypeError, match="depends on an argument of grad"):
            await asyncio.to_thread(float, x)  # which takes the context along

    def g(x):
        asyncio.run(sleepy(x))
        return x * x

    assert grad(g)(3.0) == 6.0


def test_a_generator_asks_where_it_runs():
    def numbers(x):
        yield float(x)

    with pytest.raises(TypeError, match="depends on an argument of grad"):
        grad(lambda x: x * next(numbers(x)))(1.0)
    kept = []
    grad(lambda x: kept.append(numbers(x * x)) or x)(2.0)
    with pytest.warns(LeavesGraphWarning):
        assert next(kept[0]) == 4.0


def test_after_an_error_no_transform_is_at_work():
    x = Value(1.0)
    with pytest.raises(TypeError):
        grad(lambda v: float(v))(1.0)
    with pytest.warns(LeavesGraphWarning):
        float(x)


# Ways by name


@cases(SILENT)
@pytest.mark.parametrize("node", [Value(2.0), Tensor(2.0), Tensor([[2.0]]), Value(1.0) * 2.0], ids=repr)
def test_what_is_explicit_is_silent_everywhere(way, node):
    way(node)
    assert grad(lambda x: (way(x * node), way(x), x * x)[-1])(3.0) == 6.0
    assert grad(lambda x: (way(x[0] * node), x.sum())[-1])(np.ones(2)).tolist() == [1.0, 1.0]


@cases(BY_NAME)
@nodes
@pytest.mark.parametrize(
    "result", [lambda a: np.sum(a) * 2.0, lambda a: np.float32(2.0), lambda a: 2.0 * np.asarray(a)]
)
def test_a_plain_result_after_them_is_an_error_with_the_line(way, x, made, result):
    def f(x):
        y = made(x)
        a = way(y)
        return result(a)

    door = next(name for name, each in BY_NAME.items() if each is way)
    line = way.__code__.co_firstlineno
    for transform in (value_and_grad, elementwise_grad, jacobian):
        with pytest.raises(TypeError, match=rf"returned (float|ndarray).* by \.{door}(\(\))? at {HERE}:{line}, "):
            transform(f)(x)
    assert grad(lambda x: autograd.sum(made(x)) * float(np.sum(way(made(x)))))(x) is not None


@transforms
def test_each_transform_refuses_a_plain_result_after_them(transform):
    with pytest.raises(TypeError, match=r"the function returned float.*out of the graph by \.item\(\) at .*\.py:\d+, "):
        transform(lambda x: 2.0 * (x * x).item(), 3.0)


def test_all_lines_are_named_and_each_once():
    def f(x):
        for _ in range(3):
            a = x.item()
            b = (x * 2).data
        return math.sin(a) + b

    first = f.__code__.co_firstlineno
    with pytest.raises(TypeError, match=rf"by \.item\(\) at {HERE}:{first + 2}, \.data at {HERE}:{first + 3}, and"):
        grad(f)(1.0)


def test_among_nodes_a_plain_part_of_the_result_is_one_too():
    with pytest.raises(TypeError, match=r"^vjp: the function returned float, .* by \.item\(\) at "):
        vjp(lambda x: (x * x, x.item()), 2.0)
    assert jacobian(lambda x: {"y": x * x, "c": 3.0})(2.0) == {"y": 4.0, "c": 0.0}
    assert jacobian(lambda x: {"y": x * x, "c": x.detach()})(2.0) == {"y": 4.0, "c": 0.0}


def test_values_of_what_does_not_depend_on_the_argument_may_be_taken():
    w = Value(3.0)
    for taken in (
        lambda x: w.data,
        lambda x: (w * 2.0).item(),
        lambda x: (x > 0).item() * 1.0,
        lambda x: len([x]) * 1.0,
    ):
        assert grad(taken)(1.0) == 0.0
    assert grad(lambda x: grad(lambda y: w.item())(x))(1.0) == 0.0
    with pytest.raises(TypeError, match=r"^grad: the function returned float"):
        grad(lambda x: grad(lambda y: y * x.item())(1.0) and 2.0)(1.0)
    assert grad(lambda x: x * grad(lambda y: y * x.item())(1.0))(2.0) == 2.0


def test_what_is_detached_is_meant_to_be_constant():
    for f in (
        lambda x: x.detach(),
        lambda x: x.detach() ** 2,
        lambda x: x.detach().item(),
        lambda x: 2 * x.detach().data,
    ):
        assert grad(f)(3.0) == 0.0
    assert grad(lambda x: x * x.detach())(3.0) == 3.0


def test_taking_values_is_linear_in_the_graph_and_keeps_nothing(monkeypatch):
    looked_at = []

    class Counting(set):
        def __contains__(self, node):
            looked_at.append(1)
            return super().__contains__(node)

    init = Trace.__init__
    monkeypatch.setattr(Trace, "__init__", lambda self, *a: init(self, *a) or setattr(self, "variables", Counting()))
    n = 300
    alive = []

    def f(x):
        y, h = x, Value(1.0)
        for _ in range(n):
            h = h * 1.5
            (h * 2.0).item()  # constant, on a graph that grows
            y = y * 1.5
            (y * 2.0).item()
        for _ in range(20):
            (Tensor(np.ones(3)) * 2.0).numpy()
        gc.collect()
        alive.append(sum(type(o) is Tensor for o in gc.get_objects()))
        return y

    before = sum(type(o) is Tensor for o in gc.get_objects())
    grad(f)(1.0)
    assert len(looked_at) < 30 * n
    assert alive[0] <= before + 1


# Plain results


@transforms
@pytest.mark.parametrize(
    "x",
    [1.0, np.float32(1.0), np.array(1.0), np.ones((2, 3)), np.ones(2, np.float32), np.ones(2, int), (1.0, [2.0])],
    ids=repr,
)
def test_what_does_not_depend_on_the_argument_has_zeros(transform, x):
    w = Value(3.0)
    for constant in (3.0, np.float32(3.0), np.array(3.0), w, w * 2.0, w.detach()):
        found = transform(lambda x: constant, x)
        dependent = transform(lambda x: sum(autograd.sum(part) * 0.0 for part in leaves(x)) + constant, x)
        for a, b in zip(leaves(found), leaves(dependent), strict=True):
            # a value and its tangent are of the type of the constant
            gradient = transform not in (TRANSFORMS["value_and_grad"], TRANSFORMS["jvp"])
            assert type(a) is type(b) or not gradient
            np.testing.assert_array_equal(a, b, strict=gradient)


def test_a_constant_function_of_arrays_has_zeros():
    x, c = np.ones(2, np.float32), np.arange(3.0)
    assert jacobian(lambda x: c)(x).shape == (3, 2)
    assert hessian(lambda x: c)(x).shape == (3, 2, 2)
    assert elementwise_grad(lambda x: c)(x).dtype == np.float32
    assert jacobian(lambda p: (c, 1.0))({"w": x, "b": 2.0})[1]["w"].tolist() == [0.0, 0.0]
    value, pull = vjp(lambda x: c, x)
    assert value is c
    np.testing.assert_array_equal(pull(np.ones(3))[0], np.zeros(2, np.float32), strict=True)
    np.testing.assert_array_equal(jvp(lambda x: c, (x,), (x,))[1], np.zeros(3), strict=True)


def test_an_argument_that_is_not_used_has_zeros():
    f = lambda x, y: x**2
    assert grad(f, 1)(1.0, 2.0) == 0.0
    assert grad(f, (0, 1))(1.0, 2.0) == (2.0, 0.0)
    assert value_and_grad(lambda x: 3.0)(1.0) == (3.0, 0.0)
    assert grad(grad(f, 1), 1)(1.0, 2.0) == 0.0
    assert jacobian(f, (0, 1))(1.0, 2.0) == (2.0, 0.0)


def test_zeros_are_nodes_where_gradients_are():
    for x in (Value(2.0), Tensor(2.0), Tensor([1.0, 2.0])):
        g = grad(lambda x: 3.0)(x)
        assert type(g) is type(x)
        np.testing.assert_array_equal(g.data, 0.0 * x.data, strict=True)
        assert not g.requires_grad
    assert value_and_grad(lambda x: 3.0)(Value(2.0))[0] == 3.0
    assert grad(lambda x: x * grad(lambda y: 3.0)(x))(2.0) == 0.0
    assert grad(lambda x: x * (1.0 + grad(lambda y: 3.0)(1.0)))(2.0) == 1.0


@transforms
@pytest.mark.parametrize(
    ("result", "text"),
    [
        (None, "NoneType, .*is a return missing"), (True, "bool, .*a condition or an integer has no derivative"),
        (3, r"int, .*write 1\.0 for 1"), (np.int64(3), r"int64, .*write 1\.0 for 1"), ("3.0", "str, .*return what was"),
        (np.bool_(True), "bool, .*choose with autograd.where"), (np.arange(3), r"ndarray, .*write 1\.0 for 1"),
        (1j, "complex, .*return what was computed"), (np.array([1.0], object), "ndarray, .*join nodes"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_number_with_a_derivative_is_refused(transform, result, text):
    with pytest.raises(TypeError, match=f"the function returned {text}"):
        transform(lambda x: result, 1.0)


# Integers


def test_an_array_of_integers_is_taken_as_one_of_floats():
    f = lambda x: autograd.sum(x**3)
    for x in (np.array([1, 2]), np.array([1, 2], np.uint8), np.array(2), Tensor([1, 2]), {"w": [np.array([1, 2]), 3]}):
        g = grad(lambda p: sum(map(f, leaves(p))))(x)
        for a, b in zip(leaves(g), leaves(x), strict=True):
            b = np.asarray(b.data if isinstance(b, Tensor) else b)
            np.testing.assert_array_equal(
                a.data if isinstance(a, Tensor) else a, 3.0 * b**2, strict=not isinstance(a, float)
            )
    x = np.array([1, 2])
    np.testing.assert_array_equal(elementwise_grad(lambda x: x**3)(x), [3.0, 12.0])
    np.testing.assert_array_equal(jacobian(lambda x: x**3)(x), np.diag([3.0, 12.0]))
    np.testing.assert_array_equal(hessian(f)(x), np.diag([6.0, 12.0]))
    np.testing.assert_array_equal(hvp(f, x, x), [6.0, 24.0])
    np.testing.assert_array_equal(vjp(lambda x: x**3, x)[1](x)[0], [3.0, 24.0])
    np.testing.assert_array_equal(jvp(lambda x: x**3, (x,), (x,))[1], [3.0, 24.0])
    assert x.dtype == int
    with pytest.raises(TypeError, match=r"^grad: args\[0\]: data of dtype bool .*1\.0 for 1"):
        grad(f)(np.array([True]))
