"""Primitives in HIPS autograd's style: their derivatives, static arguments, pictures, pickles, and errors."""

import gc
import pickle
import weakref

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import Tensor, Value, checkpoint, formula, grad, gradients, hessian, jacobian, jvp, viz
from autograd.differential_operators import make_vjp
from autograd.extend import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
    primitive,
    register_notrace,
)  # fmt: skip
from autograd.graph import explain, replay, steps, to_json, toposort
from autograd.testing import check_gradients


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
    with pytest.raises(TypeError, match=r"^weighted: power= holds a node, .*; give it by position$"):
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
    for kind in (TypeError, NotImplementedError):
        with pytest.raises(kind, match=r"times has no derivative by this argument; state it with defvjp\(times"):
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
        (lambda: defvjp(numpy.putmask, None), r"^defvjp: pass a function made by autograd\.extend\.primitive"),
        (lambda: defvjp_argnums(len, None), r"^defvjp_argnums: pass a function made by"),
        (lambda: defvjp(first, None, None, None), r"^defvjp: first takes 2 arguments; give a function for each"),
        (lambda: defvjp(first, None, argnums=(2,)), r"^defvjp: first takes 2 arguments"),
        (lambda: defvjp(first, None, argnums=(0, 1)), r"^defvjp: first takes 2 arguments"),
        (lambda: weighted(Value(2.0), "text"), r"^can't multiply sequence by non-int of type 'float'"),
    ],
)
def test_errors(call, text):
    with pytest.raises(TypeError, match=text):
        call()


# ---- calls with functions, containers and names among their arguments, and such results ----


@primitive
def fixed_point(step, p, x0, *, count=60):
    """The limit of steps, whose derivative is that of the equation that it solves."""
    x = x0
    for _ in range(count):
        x = step(p, x)
    return x


def fixed_point_vjp(ans, step, p, x0, *, count=60):
    by_x = lambda g: make_vjp(step, 1)(p, ans)[0](g)
    by_p = lambda g: make_vjp(step, 0)(p, ans)[0](g)
    return lambda g: by_p(fixed_point(lambda g0, u: g0 + by_x(u), g, np.zeros(np.shape(ans)), count=count))


defvjp(fixed_point, None, fixed_point_vjp, None)


def heron(p, x):
    return 0.5 * (x + p / x)


def test_a_function_among_the_arguments():
    root = lambda p: fixed_point(heron, p, 1.0, count=9)
    assert root(2.0) == pytest.approx(2**0.5)
    assert grad(root)(2.0) == pytest.approx(0.5 / 2**0.5)
    p = numpy.array([2.0, 3.0])
    vector = lambda p: np.sum(fixed_point(heron, p, numpy.ones(2)))
    numpy.testing.assert_allclose(grad(vector)(p), 0.5 / p**0.5)


@primitive
def affine(parts, *xs, scale=1.0, names=()):
    """A sum over containers: of parts["w"], a list, times each of the rest, and parts["b"]."""
    assert all(isinstance(w, (float, numpy.ndarray)) for w in parts["w"])
    return scale * (sum(w * x for w, x in zip(parts["w"], xs, strict=True)) + parts["b"])


def affine_vjp(argnum, ans, args, kwargs):
    parts, *xs = args
    scale = kwargs.get("scale", 1.0)
    if argnum == 0:
        return lambda g: {"w": [scale * g * x for x in xs], "b": np.sum(scale * g)}
    return lambda g: scale * g * parts["w"][argnum - 1]


defvjp_argnum(affine, affine_vjp)
WEIGHTS = {"w": [2.0, 3.0], "b": 1.0}


def test_containers_any_number_of_arguments_and_names():
    f = lambda parts, x, y: affine(parts, x, y, scale=2.0, names=["any", {"thing": 1}]) ** 2
    assert f(WEIGHTS, 5.0, 7.0) == 4 * 32**2
    slope = {"w": [4 * 64 * 5.0, 4 * 64 * 7.0], "b": 4 * 64.0}
    assert grad(f)(WEIGHTS, 5.0, 7.0) == {"w": [2 * 64 * 2 * 5.0, 2 * 64 * 2 * 7.0], "b": 2 * 64 * 2.0} == slope
    assert grad(f, (1, 2))(WEIGHTS, 5.0, 7.0) == (2 * 64 * 2 * 2.0, 2 * 64 * 2 * 3.0)
    assert jvp(f, (WEIGHTS, 5.0, 7.0), ({"w": [1.0, 0.0], "b": 0.0}, 0.0, 0.0))[1] == 4 * 64 * 5.0
    check_gradients(lambda w, b, x: np.sum(affine({"w": [w, 2.0], "b": b}, x, w)), (2.0, 1.0, numpy.arange(3.0)))


def test_what_is_asked_for_is_computed_once():
    asked = []

    @primitive
    def product(a, b, c):
        return a * b * c

    def maker(argnums, ans, args, kwargs):
        asked.append(argnums)
        return lambda g: [g * ans / args[i] for i in argnums]

    defvjp_argnums(product, maker)
    assert grad(lambda a, c: product(a, 3.0, c), (0, 1))(2.0, 5.0) == (15.0, 6.0)
    assert [tuple(a) for a in asked] == [(0, 2)]
    assert hessian(lambda p: product(*p))([2.0, 3.0, 5.0])[0][1] == 5.0


@primitive
def moments(x, mode="both"):
    """A dict with a list of a number and an array, and what is no float."""
    return {"sums": [float(numpy.sum(x)), x**2], "count": x.size, "mode": mode}


def moments_vjp(ans, x, mode="both"):
    assert ans["count"] == x.shape[0]
    assert ans["mode"] == mode

    def pull(g):
        assert g["count"] == 0
        return g["sums"][0] + 2 * x * g["sums"][1]

    return pull


defvjp(moments, moments_vjp)


def test_a_result_that_is_a_container():
    x = numpy.array([1.0, 2.0, 4.0])
    made = moments(Tensor(x))
    assert (made["count"], made["mode"], made["sums"][0].shape, made["sums"][1].shape) == (3, "both", (), (3,))
    f = lambda x: moments(x, mode="all")["sums"][0] * np.sum(moments(x)["sums"][1])
    numpy.testing.assert_allclose(grad(f)(x), 21.0 + 7.0 * 2 * x)
    numpy.testing.assert_allclose(grad(lambda x: moments(x)["sums"][0])(x), numpy.ones(3))
    numpy.testing.assert_allclose(hessian(lambda x: np.sum(moments(x)["sums"][1]))(x), 2 * numpy.eye(3))
    numpy.testing.assert_allclose(moments(x)["sums"][1], x**2)


def test_an_argument_with_a_default_is_differentiated_where_it_is_given_by_position():
    g = grad(lambda p: weighted(2.0, 3.0, p))
    with pytest.raises(
        TypeError, match=r"^weighted has no derivative by this argument; state it with defvjp\(weighted"
    ):
        g(2.0)

    @primitive
    def power(x, n=2):
        return x**n

    defvjp(
        power,
        lambda ans, x, exponent: lambda g: g * exponent * ans / x,
        lambda ans, x, k: lambda g: g * ans * np.log(x),
    )
    assert grad(power)(3.0, 2) == grad(power)(3.0, n=2) == 6.0
    assert grad(power, 1)(3.0, 2.0) == 9 * numpy.log(3.0)


def test_an_array_that_is_given_is_copied():
    x, a = Tensor([1.0, 2.0]), numpy.array([3.0, 4.0])

    @primitive
    def dot(pair):
        return numpy.dot(*pair)

    defvjp(dot, lambda ans, pair: lambda g: [g * pair[1], g * pair[0]])
    y = dot([x, a])
    a[:] = 0
    y.backward()
    assert x.grad.tolist() == [3.0, 4.0]


def test_a_primitive_may_be_a_method():
    class Scale:
        def __init__(self, factor):
            self.factor = factor

        @primitive
        def __call__(self, x):
            return self.factor * x

    defvjp(Scale.__call__, lambda ans, self, x: lambda g: self.factor * g, argnums=(1,))
    assert grad(Scale(3.0))(2.0) == 3.0


def test_inside_a_primitive_nothing_is_traced():
    """Its function may take gradients of its own, of plain numbers, whatever runs around it."""

    @primitive
    def slope(f, x):
        made = grad(f)(x)
        assert type(made) is float
        return made

    defvjp(slope, lambda ans, f, x: lambda g: g * grad(grad(f))(x), argnums=(1,))
    assert grad(lambda x: slope(np.sin, x) * x)(0.5) == pytest.approx(numpy.cos(0.5) - 0.5 * numpy.sin(0.5))
    assert grad(grad(lambda x: slope(np.sin, x)))(0.5) == pytest.approx(-numpy.cos(0.5))
    with pytest.raises(TypeError, match="the result depends on a node that is not among the arguments"):
        grad(lambda w: primitive(lambda f, x: f(x))(lambda x: w * x, Value(2.0)))(3.0)


def test_calls_with_an_op_of_their_own_are_freed_without_the_collector():
    x, f = Value(2.0), lambda x: x * x
    held = weakref.ref(f)
    y = primitive(lambda f, x: f(x))(f, x)
    gc.disable()
    try:
        del y, f
        assert held() is None
    finally:
        gc.enable()


def test_calls_with_an_op_of_their_own_are_pickled_and_replayed():
    x = Tensor([1.0, 2.0], "x")
    y = np.sum(affine({"w": [x, 2.0], "b": numpy.ones(2)}, 3.0, x))
    twin = pickle.loads(pickle.dumps(y))
    assert twin.data == y.data
    twin.backward()
    assert [n.grad.tolist() for n in toposort(twin) if n.label == "x"] == [[5.0, 5.0]]
    assert replay(y, {x: [2.0, 2.0]}) == 22.0
    assert "affine" in viz.text(y)
    assert "affine" in viz.draw_backward(y).source
    assert len(list(steps(y))) > 1
    assert "affine" in str(explain(y, x))
    with pytest.raises(ValueError, match=r"^to_json: affine was called with what JSON does not hold"):
        to_json(y)


def test_constants():
    @notrace_primitive
    def size(x, pair=()):
        assert isinstance(x, numpy.ndarray)
        return x.size, pair

    assert size(Tensor([1.0, 2.0]), (Value(3.0),)) == (2, (3.0,))
    assert grad(lambda x: np.sum(x) * size(x)[0])(numpy.ones(3)).tolist() == [3.0, 3.0, 3.0]
    doubled = primitive(lambda x: 2 * x)
    register_notrace(object, doubled)
    assert doubled(Value(2.0)) == 4.0


def test_forward_mode_is_taken_and_left():
    doubled = primitive(lambda x: 2 * x)
    defvjp(doubled, lambda ans, x: lambda g: 2 * g)
    defjvp(doubled, "same")
    defjvp_argnum(doubled, None)
    defjvp_argnums(doubled, None)
    def_linear(doubled)
    defjvp(np.sin, lambda g, ans, x: g * np.cos(x))
    with pytest.raises(TypeError, match=r"^defjvp: pass a function, not 2$"):
        defjvp(2)
    assert jvp(doubled, (1.0,), (1.0,)) == (2.0, 2.0)


def test_the_old_methods():
    times = primitive(lambda x, y: x * y)
    times.defgrad(lambda ans, x, y: lambda g: y * g)
    times.defvjp_is_zero([1])
    assert grad(times, (0, 1))(2.0, 3.0) == (3.0, 0.0)


def test_the_oldest_method():
    times = primitive(lambda x, y: x * y)
    times.defvjp(lambda g, ans, vs, gvs, x, y: vs.scalar_mul(y, 1.0) * g)
    times.defvjp(lambda g, ans, vs, gvs, x, y: x * g + 0 * gvs.size, argnum=1)
    assert grad(times, (0, 1))(2.0, 3.0) == (3.0, 2.0)


@checkpoint
def block(x):
    return np.exp(np.sin(x))


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda parts, x: affine(parts, x, x, scale=2.0), (WEIGHTS, 5.0)),
        (lambda p: fixed_point(heron, p, 1.0, count=9), (2.0,)),
        (lambda x: moments(x)["sums"][0] * np.sum(moments(x)["sums"][1]), (numpy.array([1.0, 2.0]),)),
        (lambda x: np.sum(block(block(x))), (numpy.array([1.0, 2.0]),)),
    ],
)
def test_calls_with_an_op_of_their_own_are_compiled(f, args):
    compiled = autograd.compile(grad(f))
    for _ in range(2):
        assert str(compiled(*args)) == str(grad(f)(*args))
    assert compiled.variants


def test_two_calls_are_alike_if_all_but_their_operands_is():
    x, y = Value(2.0), Value(3.0)
    op = lambda *args, **kwargs: affine(*args, **kwargs).op
    one = op({"w": [x], "b": 1.0}, 2.0, names=["a"])
    assert one == op({"w": [y], "b": 1.0}, 2.0, names=["a"])
    assert hash(one) == hash(op({"w": [y], "b": 1.0}, 2.0))
    for other in (
        op({"w": [x], "b": 1.5}, 2.0, names=["a"]),
        op({"w": [x], "b": y}, 2.0, names=["a"]),
        op({"w": [x], "b": 1.0}, 2.0, names=["b"]),
        op({"w": [x], "b": 1.0}, 2.0, names=("a",)),
        op({"w": [x], "b": 1.0}, 2, names=["a"]),
        op({"w": [x], "b": 1.0}, 2.0),
        (x * y).op,
    ):
        assert one != other


@primitive
def limit(step, p, x0, tolerance):
    x, before = step(p)(x0), x0
    while abs(x - before) > tolerance:
        x, before = step(p)(x), x
    return x


def limit_vjp(ans, step, p, x0, tolerance):
    def adjoint(at):
        p, x, g = at
        pull = make_vjp(step(p))(x)[0]
        return lambda u: pull(u) + g

    by_p = make_vjp(lambda p, x: step(p)(x))(p, ans)[0]
    return lambda g: by_p(limit(adjoint, (p, ans, g), 0.0 * x0, tolerance))


defvjp(limit, None, limit_vjp, None)


def test_a_derivative_that_is_such_a_call_again():
    """Its arguments are the point, the result and the gradient: of them the next order is computed."""
    root = lambda p: limit(lambda p: lambda x: 0.5 * (x + p / x), p, 10.0, 1e-10)
    f, exact = root, [2**0.5, 0.5 * 2**-0.5, -0.25 * 2**-1.5, 0.375 * 2**-2.5]
    for expected in exact:
        assert f(2.0) == pytest.approx(expected)
        f = grad(f)


@pytest.mark.parametrize("function", [np.where, np.sin, numpy.sin, autograd.sin, make_vjp])
def test_functions_of_the_table_keep_their_derivatives(function):
    with pytest.warns(UserWarning, match=rf"^defvjp: {function.__name__} keeps the derivatives that it has here; make"):
        defvjp(function, None, None)
    with pytest.warns(UserWarning, match=r"^defvjp_argnums: "):
        defvjp_argnum(function, None)
    assert grad(np.sin)(0.0) == 1.0


def test_a_maker_may_compute_with_constants_that_are_nodes():
    two = Tensor(2.0, requires_grad=False)
    f = primitive(lambda p: numpy.sum(p[0] * p[1]))
    defvjp(f, lambda ans, p: lambda g: [g * p[1] * two / 2.0, two * p[0] * g / 2.0])
    assert str(grad(f)([numpy.ones(2), numpy.array([3.0, 4.0])])) == "[array([3., 4.]), array([1., 1.])]"
    x = Tensor([1.0, 2.0])
    f([x, numpy.array([3.0, 3.0])]).backward()
    assert type(x.grad) is numpy.ndarray
    assert x.grad.tolist() == [3.0, 3.0]
