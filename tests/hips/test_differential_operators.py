"""HIPS autograd's operators: each against the Jacobian and the Hessian, by any argument, nested, with containers."""

import weakref

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import Tensor, Value, core, elementwise_grad, grad, hessian, jacobian, value_and_grad
from autograd import differential_operators as operators
from autograd.engine.node import Node
from autograd.wrap_util import unary_to_nary, wraps

A = numpy.array([[2.0, 1.0, -1.0], [0.5, -3.0, 1.5]])
X, V, W = numpy.array([0.3, -1.2, 0.8]), numpy.array([1.0, 2.0, -1.0]), numpy.array([0.7, -0.4])
HESSIAN = numpy.diag(12 * X**2) + numpy.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
JACOBIAN = (1 - numpy.tanh(A @ X) ** 2)[:, None] * A


def curved(x, scale=1.0):
    return scale * (np.sum(x**4) + x[0] * x[1])


def vector(x, scale=1.0):
    return scale * np.tanh(np.dot(A, x))


def behind(f):
    """The function with its argument behind another one."""
    return lambda other, x, **keywords: f(x, **keywords)


def close(a, b):
    numpy.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


PRODUCTS = {
    "hessian_tensor_product": (curved, V, HESSIAN @ V),
    "hessian_vector_product": (curved, V, HESSIAN @ V),
    "tensor_jacobian_product": (vector, W, W @ JACOBIAN),
    "vector_jacobian_product": (vector, W, W @ JACOBIAN),
    "jacobian_vector_product": (vector, V, JACOBIAN @ V),
}
MAKERS = {
    "make_vjp": lambda made: (made[0](W), made[1]),
    "make_hvp": lambda made: (made[0](V), made[1]),
    "make_jvp": lambda made: made(V)[::-1],
    "make_jvp_reversemode": lambda made: (made(V),),
    "make_ggnvp": lambda made: (made(V),),
}
MADE = {
    "make_vjp": (vector, (W @ JACOBIAN, vector(X))),
    "make_hvp": (curved, (HESSIAN @ V, grad(curved)(X))),
    "make_jvp": (vector, (JACOBIAN @ V, vector(X))),
    "make_jvp_reversemode": (vector, (JACOBIAN @ V,)),
    "make_ggnvp": (vector, (JACOBIAN.T @ JACOBIAN @ V,)),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products_take_the_vector_last(name):
    f, v, expected = PRODUCTS[name]
    operator = getattr(autograd, name)
    close(operator(f)(X, v), expected)
    close(operator(f, 0)(X, v, scale=2.0), 2 * expected)
    close(operator(behind(f), 1)("text", X, v), expected)
    close(operator(behind(f), argnum=1)("text", X, v), expected)


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_at_a_point_is_used_at_any_vector(name):
    f, expected = MADE[name]
    argnum = "f_argnum" if name == "make_ggnvp" else "argnum"
    operator, use = getattr(operators, name), MAKERS[name]
    made = operator(f)(X)
    for _ in range(2):
        for got, e in zip(use(made), expected, strict=True):
            assert type(got) is numpy.ndarray
            close(got, e)
    for got, e in zip(use(operator(behind(f), **{argnum: 1})("text", X)), expected, strict=True):
        close(got, e)


@pytest.mark.parametrize("name", [*PRODUCTS, *MADE])
def test_they_are_differentiable_by_the_point_and_by_the_vector(name):
    f, v = PRODUCTS[name][:2] if name in PRODUCTS else (MADE[name][0], W if name == "make_vjp" else V)
    operator = getattr(operators, name)

    def total(x, v):
        if name in PRODUCTS:
            return np.sum(operator(f)(x, v) ** 2)
        made = operator(f)(x)
        return np.sum((made(v)[1] if name == "make_jvp" else made[0](v) if isinstance(made, tuple) else made(v)) ** 2)

    autograd.testing.check_gradients(total, (X, v), order=1)


def test_several_arguments_and_containers():
    f = lambda x, p: p["w"] * x**2 + p["b"]
    pull, value = operators.make_vjp(f, (0, 1))(3.0, {"w": 2.0, "b": 1.0})
    assert (pull(1.0), value) == ((12.0, {"w": 9.0, "b": 1.0}), 19.0)
    assert operators.make_jvp(f, 1)(3.0, {"w": 2.0, "b": 1.0})({"w": 1.0, "b": 10.0}) == (19.0, 19.0)
    assert operators.make_hvp(f, [0, 1])(3.0, {"w": 2.0, "b": 1.0})[0]((1.0, {"w": 0.0, "b": 0.0})) == (
        4.0,
        {"w": 6.0, "b": 0.0},
    )
    pull, value = operators.make_vjp(lambda x: (x, [x * x]))(3.0)
    assert (value, pull((1.0, [1.0]))) == ((3.0, [9.0]), 7.0)


def test_a_tensor_with_fewer_axes_leaves_those_of_the_value():
    f = lambda a: np.roll(np.sin(a), 1)
    a, v = numpy.arange(24.0).reshape(2, 3, 4), numpy.arange(6.0).reshape(2, 3)
    close(operators.tensor_jacobian_product(f)(a, v), numpy.tensordot(v, jacobian(f)(a), 2))


def test_gauss_newton_with_a_loss_of_ones_own():
    loss = lambda y: np.sum(2.0 * y**2 + y**4)
    close(operators.make_ggnvp(vector, loss)(X)(V), JACOBIAN.T @ hessian(loss)(vector(X)) @ JACOBIAN @ V)
    close(operators.make_ggnvp(behind(vector), loss, 1)(0, X)(V), operators.make_ggnvp(vector, loss)(X)(V))


def test_the_derivative_along_ones():
    assert operators.deriv(np.sin)(0.5) == numpy.cos(0.5)
    close(operators.deriv(vector)(X), JACOBIAN.sum(1))
    assert operators.deriv(operators.deriv(lambda x: x**3))(2.0) == 12.0


def test_an_auxiliary_result():
    f = lambda x: (np.sum(x**2), {"twice": 2 * x, "note": "text"})
    slope, aux = operators.grad_and_aux(f)(X)
    close(slope, 2 * X)
    assert type(aux["twice"]) is numpy.ndarray
    assert aux["note"] == "text"
    assert grad(lambda x: operators.grad_and_aux(lambda y: (y**2, 3 * y))(x)[1])(2.0) == 3.0
    assert grad(lambda x: operators.grad_and_aux(lambda y: (y**2, 3 * y))(x)[0])(2.0) == 2.0


def test_arguments_by_name():
    f = lambda a, b=2.0, *rest, c=1.0, **more: a * b * c * rest[0] * more["d"] if rest else a * b * c
    assert operators.grad_named(lambda a, b: a * b * b, "b")(2.0, 3.0) == 12.0
    assert operators.multigrad_dict(f)(3.0, c=5.0) == {"a": 10.0, "b": 15.0, "rest": (), "c": 5.0 * 6 / 5, "more": {}}
    assert operators.multigrad_dict(f)(3.0, 2.0, 1.0, d=1.0)["more"] == {"d": 6.0}
    with pytest.raises(ValueError, match=r"^grad_named: the function has no argument 'z', but a, b$"):
        operators.grad_named(lambda a, b: a, "z")


@pytest.mark.parametrize("transform", [grad, elementwise_grad, jacobian, hessian, value_and_grad])
def test_argnum_is_another_name_of_argnums(transform):
    f = lambda a, b: a**2 * b**3
    assert transform(f, argnum=1)(2.0, 3.0) == transform(f, argnums=1)(2.0, 3.0)
    assert transform(f, argnum=[1, 0])(2.0, 3.0) == transform(f, [1, 0])(2.0, 3.0)
    assert transform(f, argnum=0)(2.0, 3.0) == transform(f)(2.0, 3.0)
    with pytest.raises(TypeError, match=rf"^{transform.__name__}: argnum is HIPS autograd's name of argnums; give one"):
        transform(f, 1, argnum=1)
    with pytest.raises(TypeError, match=rf"^{transform.__name__}: argnums must be an int or a tuple"):
        transform(f, argnum="b")


def test_the_operators_of_one_argument():
    assert core.make_vjp(lambda x: x == 2.0, 2.0)[0](1.0) == 0.0
    assert core.make_vjp(np.sin, 0.5)[1] == numpy.sin(0.5)
    assert core.make_jvp(lambda p: p[0] * p[1], (2.0, 3.0))((1.0, 0.0)) == (6.0, 3.0)
    with pytest.raises(ImportError, match=r"^autograd\.core\.VSpace of HIPS autograd is not here; write "):
        core.VSpace


def test_an_operator_of_ones_own():
    @unary_to_nary
    def scaled_slope(fun, x, factor=1.0):
        """The slope."""
        return factor * core.make_vjp(fun, x)[0](1.0)

    f = lambda x, y, power=1: x * y**power
    assert scaled_slope(f, 1)(2.0, 3.0, power=2) == 12.0
    assert scaled_slope(f, 1, factor=2.0)(2.0, 3.0) == 4.0
    assert unary_to_nary(lambda fun, x: core.make_vjp(fun, x)[0](1.0))(f, (0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert (scaled_slope.__name__, scaled_slope.__doc__) == ("scaled_slope", "The slope.")
    assert wraps(f, "{op} of {fun}", "{op}: {doc}", op="slope")(lambda: None).__doc__ == "slope: None"


def test_nodes_stay_nodes():
    for x, kind in ((Value(2.0), Value), (Tensor(2.0), Tensor)):
        pull, value = operators.make_vjp(lambda x: x**2)(x)
        assert type(value) is type(pull(1.0)) is kind
        assert type(operators.make_jvp(lambda x: x**2)(x)(1.0)[1]) is kind


def test_complex_numbers_are_outside():
    with pytest.raises(TypeError, match=r"^holomorphic_grad is for complex numbers: complex numbers are outside"):
        autograd.holomorphic_grad(np.sin)


# ---- checkpoint ----


class Live:
    """The peak number of recorded nodes that are alive."""

    def __init__(self):
        self.now = self.peak = 0

    def count(self, node):
        self.now += 1
        self.peak = max(self.peak, self.now)
        weakref.finalize(node, self.discount)

    def discount(self):
        self.now -= 1


def peak(monkeypatch, f, x):
    """The peak of live nodes while a gradient is taken, and the gradient."""
    live, fill = Live(), Node._fill

    def counting(node, *args, **kwargs):
        fill(node, *args, **kwargs)
        if node.op is not None:
            live.count(node)

    with monkeypatch.context() as patched:
        patched.setattr(Node, "_fill", counting)
        slope = grad(f)(x)
    return live.peak, slope


def block(x):
    for _ in range(20):
        x = np.expm1(np.tanh(x))
    return x


def chain(block):
    def f(x):
        for _ in range(10):
            x = block(x)
        return np.sum(x)

    return f


def test_a_checkpoint_keeps_its_result_alone(monkeypatch):
    x = Tensor(X).data
    kept, slope = peak(monkeypatch, chain(block), x)
    recomputed, same = peak(monkeypatch, chain(operators.checkpoint(block)), x)
    close(same, slope)
    assert kept > 400 > 80 > recomputed > 40


def test_a_checkpoint_has_derivatives_of_any_order():
    point = operators.checkpoint(lambda x: np.exp(np.sin(x)))
    plain = lambda x: np.exp(np.sin(x))
    for f, g in ((point, plain), (grad(point), grad(plain)), (grad(grad(point)), grad(grad(plain)))):
        assert grad(f)(0.7) == pytest.approx(grad(g)(0.7), rel=1e-12)
    close(hessian(lambda x: np.sum(point(x) * x))(X), hessian(lambda x: np.sum(plain(x) * x))(X))
    assert point(0.7) == plain(0.7)


def test_a_checkpoint_takes_and_gives_containers():
    @operators.checkpoint
    def layer(p, x, power=1, how=np.tanh):
        h = how(p["W"] @ x + p["b"]) ** power
        return {"h": h, "sum": [h.sum()], "power": 7}

    def loss(p, layer):
        first = layer(p, V, power=2)
        assert first["power"] == 7
        return np.sum(layer(p, np.append(first["h"], first["sum"][0]))["h"])

    p = {"W": A, "b": W}
    got, expected = grad(loss)(p, layer), grad(loss)(p, layer.fun)
    close(got["W"], expected["W"])
    close(got["b"], expected["b"])


def test_a_checkpoint_runs_on_nodes_of_the_kind_of_its_arguments():
    kinds = []
    f = operators.checkpoint(lambda x: kinds.append(type(x)) or x.relu())
    assert grad(f)(2.0) == 1.0
    assert grad(lambda x: f(x).sum())(numpy.ones(2)).tolist() == [1.0, 1.0]
    assert kinds == [Value, Value, Tensor, Tensor]


def test_a_checkpoint_refuses_to_lose_a_gradient():
    w = Tensor([2.0], "w")
    y = operators.checkpoint(lambda x: (w * x).sum())(Tensor([3.0]))
    with pytest.raises(TypeError, match=r"^checkpoint: Tensor 'w' .* is not among the arguments of the function, and"):
        y.backward()
    with pytest.raises(TypeError, match=r"^checkpoint: Value .* is not among the arguments"):
        grad(lambda w: operators.checkpoint(lambda x: w * x)(Value(3.0)))(2.0)


def test_the_vjps_of_functions():
    pull = core.primitive_vjps[np.multiply]((0, 1), None, (2.0, V), {})
    g0, g1 = pull(W[0] * V)
    assert g0 == pytest.approx(W[0] * V @ V)
    close(g1, 2 * W[0] * V)


def test_a_pair_is_what_has_an_auxiliary_result():
    with pytest.raises(TypeError, match=r"^grad_and_aux: the function returns a pair, what is differentiated and any"):
        operators.grad_and_aux(np.sin)(X)
