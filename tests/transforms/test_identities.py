"""Laws that derivatives obey, on random compositions over the op table: no other way of differentiating is needed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, grad, gradients, hessian, jvp, vjp
from autograd.ops import table
from autograd.testing.strategies import arrays, expressions
from tests.helpers.support import examples

pytestmark = pytest.mark.no_cover  # as in tests/ops/test_gradients.py
SHAPE = (3,)
# Smooth elementwise ops of one argument: any is composed with any, for results stay where the others take arguments.
TAME = [getattr(autograd, name) for name in ("sin", "cos", "tanh", "arctan", "sigmoid", "erf", "softplus", "arcsinh")]
tame = st.lists(st.sampled_from(TAME), min_size=1, max_size=4)
points = arrays(SHAPE)


def composed(ops):
    def f(x):
        for op in ops:
            x = op(x)
        return x

    return f


def total(f):
    """A scalar function of the result, with weights that tell its elements apart."""
    return lambda *xs: autograd.sum(f(*xs) * np.cos(1.0 + np.arange(SHAPE[0])))


def close(actual, expected):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-11 * scale)


def directions(xs, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.uniform(-1, 1, np.shape(x)) for x in xs)


@given(expressions(n_inputs=2), st.floats(-3, 3), st.floats(-3, 3))
@examples(150)
def test_the_gradient_is_linear_in_the_gradient_that_comes_in(e, a, b):
    y, pull = vjp(e, *e.inputs)
    u, w = directions((y, y))
    for both, one, other in zip(pull(a * u + b * w), pull(u), pull(w), strict=True):
        close(both, a * one + b * other)


@given(tame, tame, points, st.floats(-3, 3), st.floats(-3, 3))
@examples(150)
def test_the_gradient_is_linear_in_the_function(fs, gs, x, a, b):
    f, g = total(composed(fs)), total(composed(gs))
    close(grad(lambda x: a * f(x) + b * g(x))(x), a * grad(f)(x) + b * grad(g)(x))


@given(tame, tame, points)
@examples(150)
def test_the_product_and_the_quotient_rule(fs, gs, x):
    f, g = composed(fs), composed(gs)
    slope = lambda f: grad(lambda x: autograd.sum(f(x)))(x)  # elementwise functions: each element's own
    close(slope(lambda x: f(x) * g(x)), slope(f) * g(x) + f(x) * slope(g))
    h = lambda x: 2.0 + autograd.sin(g(x))  # no zeros
    close(slope(lambda x: f(x) / h(x)), (slope(f) * h(x) - f(x) * slope(h)) / h(x) ** 2)


@given(tame, tame, points)
@examples(150)
def test_the_chain_rule_of_first_and_second_order(fs, gs, x):
    f, g = composed(fs), composed(gs)
    d = lambda f: lambda x: grad(lambda x: autograd.sum(f(x)))(x)
    y = g(x)
    close(d(lambda x: f(g(x)))(x), d(f)(y) * d(g)(x))
    close(d(d(lambda x: f(g(x))))(x), d(d(f))(y) * d(g)(x) ** 2 + d(f)(y) * d(d(g))(x))


@given(expressions())
@examples(150)
def test_pushing_forward_and_pulling_back_are_transposes(e):
    v = directions(e.inputs)
    y, pushed = jvp(e, e.inputs, v)
    (u,) = directions((y,), 1)
    pulled = vjp(e, *e.inputs)[1](u)
    close(np.sum(u * pushed), sum(np.sum(g * d) for g, d in zip(pulled, v, strict=True)))


@given(expressions(n_inputs=1, shapes=[(3,), (2, 2)]))
@examples(150)
def test_hessians_are_symmetric(e):
    (x,) = e.inputs
    H = np.reshape(hessian(lambda x: autograd.sum(e(x)))(x), (x.size, x.size))
    close(H, H.T)


@given(expressions(n_inputs=2))
@examples(150)
def test_mixed_derivatives_do_not_depend_on_the_order(e):
    vs = directions(e.inputs)
    xs = [Tensor(x) for x in e.inputs]
    gs = gradients(autograd.sum(e(*xs)), xs, create_graph=True)
    by_0, by_1 = (autograd.sum(g * v) for g, v in zip(gs, vs, strict=True))
    left = gradients(by_0, xs[1]) if by_0.requires_grad else 0 * xs[1].data
    right = gradients(by_1, xs[0]) if by_1.requires_grad else 0 * xs[0].data
    close(np.sum(left * vs[1]), np.sum(right * vs[0]))


ELEMENTWISE = [op for op in table() if op.differentiable and op.elementwise]


@given(expressions(n_inputs=2, ops=ELEMENTWISE, shapes=[(4,)]), st.permutations(range(4)))
@examples(150)
def test_elementwise_functions_are_equivariant_under_permutations(e, order):
    xs, moved = e.inputs, [x[order] for x in e.inputs]
    y, pull = vjp(e, *xs)
    z, pull_moved = vjp(e, *moved)
    (u,) = directions((y,))
    close(z, y[order])
    for one, other in zip(pull_moved(u[order]), pull(u), strict=True):
        close(one, other[order])


@given(tame, arrays((4, 3)), st.permutations(range(4)))
@examples(100)
def test_functions_of_sets_are_invariant_and_their_gradients_equivariant(fs, X, order):
    f = lambda X: autograd.logsumexp(autograd.mean(composed(fs)(X @ np.cos(np.arange(9.0)).reshape(3, 3)), axis=0))
    close(f(X[order]), f(X))
    close(grad(f)(X[order]), grad(f)(X)[order])
