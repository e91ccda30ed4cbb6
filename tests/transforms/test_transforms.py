"""`grad` and `value_and_grad`: what they return, how they nest, and what they refuse."""

import numpy as np
import pytest

from autograd import (
    Tensor,
    Value,
    elementwise_grad,
    grad,
    gradients,
    jacobian,
    log,
    primitive,
    sin,
    sum,
    tanh,
    value_and_grad,
)


def test_a_number_gives_a_float_an_array_an_array_a_node_a_node():
    square = lambda x: x * x
    for number in (3.0, 3, np.float64(3.0), np.float32(3.0)):
        g = grad(square)(number)
        assert type(g) is float
        assert g == 6.0
    total = lambda x: sum(x * x)
    g = grad(total)(np.array([1.0, 2.0]))
    assert type(g) is np.ndarray
    np.testing.assert_array_equal(g, [2.0, 4.0])
    assert grad(total)(np.array([1.0], np.float32)).dtype == np.float32
    assert type(grad(square)(np.array(3.0))) is np.ndarray
    for node in (Value(3.0), Tensor(3.0)):
        g = grad(square)(node)
        assert type(g) is type(node)
        assert g.item() == 6.0
        assert not node.has_grad
        assert float(gradients(g, node)) == 2.0


def test_the_value_comes_with_it():
    value, g = value_and_grad(lambda w, x: w * x)(3.0, 2.0)
    assert (value, g) == (6.0, 2.0)
    assert type(value) is float
    value, g = value_and_grad(lambda x: sum(x * x))(np.array([1.0, 2.0]))
    assert float(value) == 5.0
    assert isinstance(value, (float, np.ndarray))
    np.testing.assert_array_equal(g, [2.0, 4.0])


def test_argnums_choose_the_arguments():
    f = lambda x, y, z=1.0: x * y**2 + z
    assert grad(f, 0)(2.0, 3.0) == 9.0
    assert grad(f, 1)(2.0, 3.0) == 12.0
    assert grad(f, argnums=(1, 0))(2.0, 3.0) == (12.0, 9.0)
    assert grad(f, (0,))(2.0, 3.0) == (9.0,)
    assert grad(f, [1, np.int64(0)])(2.0, 3.0) == (12.0, 9.0)
    assert grad(f, np.int64(1))(2.0, 3.0) == elementwise_grad(f, np.int8(1))(2.0, 3.0) == 12.0
    assert jacobian(f, [0, 1])(2.0, 3.0) == (9.0, 12.0)
    chosen = [0]
    slope = grad(f, chosen)
    chosen.append(1)
    assert slope(2.0, 3.0) == (9.0,)
    assert grad(f, -1)(2.0, 3.0) == 12.0
    assert grad(f)(2.0, 3.0, z=5.0) == 9.0
    assert value_and_grad(f, (0, 1))(2.0, 3.0) == (19.0, (9.0, 12.0))
    g = grad(lambda w, x: sum(w * x), (0, 1))(np.array([1.0, 2.0]), 3.0)
    np.testing.assert_array_equal(g[0], [3.0, 3.0])
    assert g[1] == 3.0
    assert type(g[1]) is float


def test_other_arguments_are_passed_as_they_are():
    seen = []
    grad(lambda x, y, *, flag: seen.append((y, flag)) or x * y)(1.0, 2, flag="text")
    assert seen == [(2, "text")]


def test_orders_up_to_three():
    f = lambda x: x**4 + sin(x)
    d1, d2, d3 = grad(f), grad(grad(f)), grad(grad(grad(f)))
    x = 0.7
    assert d1(x) == pytest.approx(4 * x**3 + np.cos(x), rel=1e-14)
    assert d2(x) == pytest.approx(12 * x**2 - np.sin(x), rel=1e-14)
    assert d3(x) == pytest.approx(24 * x - np.cos(x), rel=1e-14)
    assert type(d3(x)) is float


def test_third_order_on_arrays():
    f = lambda x: sum(x**4)
    inner = lambda x: sum(grad(f)(x))
    outer = lambda x: sum(grad(inner)(x))
    np.testing.assert_allclose(grad(outer)(np.array([1.0, 2.0])), [24.0, 48.0], rtol=1e-14)


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(3.0) == 6.0  # d(x·x)
    assert grad(lambda x: x * grad(lambda y: x * y * y)(2.0))(3.0) == 24.0  # d(x·4x)
    assert grad(lambda x: grad(lambda y: x * y)(x))(5.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * y * y)(x))(5.0) == 20.0  # d(2x²)
    assert grad(lambda x: x * grad(lambda x: x * x)(x))(3.0) == 12.0  # shadowed: d(2x²)


def test_a_gradient_inside_a_function_is_differentiated_through_on_arrays():
    outer = lambda x: sum(x * grad(lambda y: sum(x * y * y))(x))
    np.testing.assert_allclose(grad(outer)(np.array([1.0, 2.0])), 6 * np.array([1.0, 4.0]), rtol=1e-14)


def test_a_closure_over_an_outer_node():
    w = Value(3.0)
    g = grad(lambda x: w * x * x)
    assert float(g(2.0)) == 12.0
    assert not w.has_grad


def test_a_function_that_does_not_depend_on_its_argument_has_gradient_0():
    w = Value(3.0)
    assert grad(lambda x: w * 2)(1.0) == 0.0
    assert grad(lambda x: w * 2)(float("inf")) == 0.0
    np.testing.assert_array_equal(grad(lambda x: w * 2)(np.array([np.inf, 1.0])), [0.0, 0.0])
    assert grad(lambda x: x * 0 + 1)(2.0) == 0.0
    assert grad(lambda x: (x > 0) * 1.0 + 0 * x)(2.0) == 0.0


def test_a_users_loop_of_descent():
    f = value_and_grad(lambda x: x**4 - 3 * x**2 + x)
    for start, end in ((2.0, 1.13090112263), (-2.0, -1.30083956594)):
        x = start
        for _ in range(2000):
            x -= 0.01 * f(x)[1]
        assert x == pytest.approx(end, abs=1e-9)


def test_the_users_array_is_left_alone():
    a = np.array([1.0, 2.0])
    g = grad(lambda x: sum(tanh(x)) + sum(x))(a)
    g[:] = 9.0
    np.testing.assert_array_equal(a, [1.0, 2.0])
    h = grad(lambda x: sum(x))(a)
    assert not np.shares_memory(h, a)


def test_log_at_an_edge_gives_what_numpy_gives():
    assert grad(log)(0.0) == float("inf")


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: grad(3), TypeError, r"grad: .*function, not int"),
        (lambda: grad(lambda x: x.item())(1.0), TypeError, r"grad: the function returned float, not a node"),
        (lambda: grad(lambda x: [x])(1.0), TypeError, r"grad: the function returned list, not a node"),
        (lambda: grad(lambda x: x)("a"), TypeError, r"grad: .*'a' is not a number"),
        (lambda: grad(lambda x: x)(None), TypeError, r"grad: .*None is not a number"),
        (lambda: grad(lambda x: x)(np.array([True])), TypeError, r"dtype bool.*(dtype=float|1\.0)"),
        (lambda: grad(lambda x: x)(np.array([1.0, 2.0])), ValueError, r"f64\[2\] is not a scalar"),
        (lambda: grad(lambda x: x, 2)(1.0), ValueError, r"grad: argnums=2.*1 argument"),
        (lambda: grad(lambda x: x, "x")(1.0), TypeError, r"grad: argnums"),
    ],
)
def test_what_cannot_be_differentiated_is_named(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_an_inner_gradient_leaves_the_graph_around_it_alone():
    """Only what lies between the inner arguments and the inner result is differentiated."""

    @primitive("constant of unknown slope", elementwise=True)
    def unknown(xp, x):
        return 2.0 * x

    slopes = []
    assert grad(lambda x: slopes.append(grad(lambda y: y**2 * unknown(x))(3.0)) or x)(5.0) == 1.0
    assert slopes[0].data == 60.0
    with pytest.raises(TypeError, match="unknown has no derivatives"):
        grad(lambda x: grad(lambda y: y**2 * unknown(x))(3.0))(5.0)
