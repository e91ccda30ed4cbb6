"""vjp, jvp, hvp, jacobian, hessian, elementwise_grad of numbers and arrays: values, kinds, modes, nesting, errors."""

import numpy as np
import pytest

import autograd
from autograd import (
    Tensor,
    Value,
    elementwise_grad,
    exp,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    matmul,
    no_grad,
    sin,
    sqrt,
    stack,
    sum,
    tanh,
    vjp,
    where,
)
from autograd.transforms import jacobians, tracing
from tests.helpers.support import numbers

A, B = numbers((4, 3), 1), numbers((3,), 2)


def same(actual, expected, tolerance=1e-14):
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=tolerance, atol=tolerance)


# Kinds and dtypes


def test_a_float_gives_floats_an_array_arrays():
    cube = lambda x: x**3
    value, pull = vjp(cube, 2.0)
    for one in (value, pull(1.0)[0], *jvp(cube, (2.0,), (1.0,)), jacobian(cube)(2.0), hessian(cube)(2.0)):
        assert type(one) is float
    assert (value, pull(1)[0], jacobian(cube)(2), hessian(cube)(np.float64(2.0))) == (8.0, 12.0, 12.0, 12.0)
    assert type(hvp(cube, 2.0, 1.0)) is float
    assert type(elementwise_grad(cube)(2.0)) is float
    x = np.array([1.0, 2.0])
    value, pull = vjp(cube, x)
    for one in (value, pull(x)[0], *jvp(cube, (x,), (x,)), jacobian(cube)(x), elementwise_grad(cube)(x)):
        assert type(one) is np.ndarray
        assert one.dtype == np.float64
        assert one.flags.writeable
    for one in (vjp(sum, x)[0], jvp(sum, (x,), (x,))[1]):
        assert type(one) is np.ndarray
        assert one.shape == ()


def test_float32_stays_float32():
    x = np.array([1.0, 2.0], np.float32)
    f = lambda x: sin(x) * 2.0
    value, pull = vjp(f, x)
    results = [value, *pull(np.ones(2)), *jvp(f, (x,), (np.ones(2),)), jacobian(f)(x), elementwise_grad(f)(x)]
    results += [hvp(lambda x: sum(f(x)), x, x), hessian(lambda x: sum(f(x)))(x), jacobian(lambda x: stack([x] * 5))(x)]
    assert [r.dtype for r in results] == [np.float32] * len(results)
    wide = lambda x: x * np.ones((9, 2))  # float64 by a constant
    assert jacobian(wide)(x).dtype == np.float32


def test_nodes_give_nodes_that_can_be_differentiated():
    for kind in (Value, Tensor):
        x = kind(2.0)
        cube = lambda x: x**3
        value, pull = vjp(cube, x)
        tangent = jvp(cube, (x,), (1.0,))[1]
        second = [pull(1.0)[0], tangent, jacobian(cube)(x), elementwise_grad(cube)(x)]
        for one in (value, *second, hessian(cube)(x), hvp(cube, x, 1.0)):
            assert type(one) is kind
        for one in second:
            assert one.item() == 12.0
            assert float(gradients(one, x)) == 12.0
        assert float(gradients(hessian(cube)(x), x)) == 6.0
        assert float(gradients(hvp(cube, x, 1.0), x)) == 6.0
        assert not x.has_grad
    X = Tensor([1.0, 2.0])
    J = jacobian(lambda x: x**2)(X)
    assert isinstance(J, Tensor)
    same(gradients(J.sum(), X), [2.0, 2.0])


def test_under_no_grad_derivatives_are_what_they_are():
    with no_grad():
        assert vjp(lambda x: x * x, 3.0)[1](1.0) == (6.0,)
        assert float(vjp(lambda x: x * x, Value(3.0))[1](1.0)[0]) == 6.0
        assert jvp(lambda x: x * x, (3.0,), (1.0,)) == (9.0, 6.0)
        assert hessian(lambda x: x**3)(3.0) == 18.0
    pull = vjp(lambda x: x * x, Value(3.0))[1]
    with no_grad():
        assert float(pull(1.0)[0]) == 6.0


# Shapes and modes

SHAPES = [((), ()), ((), (3,)), ((3,), ()), ((3,), (2,)), ((2, 3), (4,)), ((4,), (2, 3)), ((1,), (1, 1)), ((0,), (2,))]
SHAPES += [((2,), (0,)), ((2,), (3, 5)), ((1,), (7,)), ((), (2, 2))]


@pytest.mark.parametrize(("inputs", "outputs"), SHAPES, ids=str)
@pytest.mark.parametrize("columns", [True, False])
def test_both_modes_of_the_jacobian_agree(inputs, outputs, columns, monkeypatch):
    n, m = int(np.prod(inputs)), int(np.prod(outputs))
    M, x = numbers((m, n), 3), numbers(inputs, 4)
    f = lambda x: sin(matmul(M, x.reshape(-1)).reshape(outputs)) * 2.0
    expected = 2 * np.cos(M @ x.ravel())[:, None] * M
    monkeypatch.setattr(jacobians, "_prefers_columns", lambda *_: columns)
    J = jacobian(f)(x)
    assert type(J) is np.ndarray
    assert J.dtype == np.float64
    assert J.shape == outputs + inputs
    same(J, expected.reshape(outputs + inputs))
    H = jacobian(jacobian(f))(x)
    assert H.shape == outputs + inputs + inputs
    bent = -2 * np.sin(M @ x.ravel())[:, None, None] * M[:, :, None] * M[:, None, :]
    same(H, bent.reshape(H.shape))


@pytest.mark.parametrize("columns", [True, False])
def test_a_number_for_a_number_in_both_modes(columns, monkeypatch):
    monkeypatch.setattr(jacobians, "_prefers_columns", lambda *_: columns)
    x = np.array([1.0, 2.0])
    J = jacobian(lambda t, x: (t * t, sum(x) * t, x * t), (0, 1))(3.0, x)
    assert [type(one) for row in J for one in row] == [float, np.ndarray, float, *[np.ndarray] * 3]
    assert (J[0][0], J[1][0]) == (6.0, 3.0)
    same(J[0][1], [0.0, 0.0])
    same(J[1][1], [3.0, 3.0])
    same(J[2][0], x)
    same(J[2][1], 3 * np.eye(2))
    assert isinstance(jacobian(lambda t: t * x)(Value(3.0)), Tensor)
    assert type(jacobian(lambda t: (t * t, t * x))(np.array(3.0))[0]) is np.ndarray


def test_the_mode_with_fewer_passes_is_chosen(monkeypatch):
    passes = []
    monkeypatch.setattr(tracing, "gradients", lambda *a, **k: passes.append(1) or gradients(*a, **k))
    for n, m, most in [(1, 50, 2), (50, 1, 1), (2, 50, 3), (10, 10, 10), (50, 2, 2)]:
        M = numbers((m, n), 3)
        passes.clear()
        same(jacobian(lambda x: tanh(M @ x))(np.zeros(n)), M)
        assert len(passes) <= most


def test_jvp_and_hvp_take_a_fixed_number_of_passes(monkeypatch):
    passes = []
    monkeypatch.setattr(tracing, "gradients", lambda *a, **k: passes.append(1) or gradients(*a, **k))
    for n in (1, 5, 100):
        x = np.ones(n)
        passes.clear()
        jvp(lambda x: (x * x).sum(), (x,), (x,))
        assert len(passes) == 2


def test_derivatives_of_a_linear_map():
    f = lambda x: matmul(A, x)
    value, pull = vjp(f, B)
    same(value, A @ B)
    g, v = numbers((4,), 5), numbers((3,), 6)
    same(pull(g)[0], A.T @ g)
    same(pull(list(g))[0], A.T @ g)
    same(jvp(f, (B,), (v,))[1], A @ v)
    same(jvp(f, [B], [list(v)])[1], A @ v)
    same(jacobian(f)(B), A)
    quadratic = lambda x: sum(f(x) ** 2)
    same(hessian(quadratic)(B), 2 * A.T @ A, 1e-13)
    same(hvp(quadratic, B, v), 2 * A.T @ A @ v, 1e-13)


def test_a_function_that_returns_its_argument():
    x = np.array([1.0, 2.0])
    same(jacobian(lambda x: x)(x), np.eye(2))
    value, tangent = jvp(lambda x: x, (x,), (x * 3,))
    same(tangent, x * 3)
    value[:] = 0
    same(x, [1.0, 2.0])
    assert vjp(lambda x: (x, x), 2.0)[1]((1.0, 10.0)) == (11.0,)
    assert jvp(lambda x: (x, x, x * x), (2.0,), (1.0,))[1] == (1.0, 1.0, 4.0)


def test_a_value_is_the_callers_own():
    x = np.array([0.0, 1.0])
    value, pull = vjp(exp, x)
    value[:] = 9.0  # the derivative of exp reads its result
    same(pull(np.ones(2))[0], np.exp(x))


def test_what_is_independent_has_zeros():
    x = np.array([1.0, 2.0])
    c = Value(3.0)
    same(jacobian(lambda x: stack([c, c * c]))(x), np.zeros((2, 2)))
    same(jvp(lambda x: stack([c, c]), (x,), (x,))[1], np.zeros(2))
    same(hessian(lambda x: 3.0 * sum(x))(x), np.zeros((2, 2)))
    same(hvp(sum, x, x), [0.0, 0.0])
    assert grad(lambda x: c.detach() * 1.0)(np.inf) == 0.0
    assert vjp(lambda x, y: x * 2, 1.0, 2.0)[1](1.0) == (2.0, 0.0)
    assert jvp(lambda x: x > 0, (1.0,), (1.0,)) == (True, 0.0)
    assert jacobian(lambda x: x > 0)(1.0) == 0.0


def test_keywords_and_other_arguments_are_passed_on():
    f = lambda x, n, *, scale: (x**n) * scale
    assert jacobian(f)(3.0, 2, scale=10.0) == 60.0
    assert hessian(f)(3.0, 2, scale=10.0) == 20.0
    assert elementwise_grad(f)(3.0, 2, scale=10.0) == 60.0
    assert jacobian(lambda x, y: x * y**2, 1)(3.0, 2.0) == 12.0
    assert elementwise_grad(lambda x, y: x * y**2, (1, 0))(3.0, 2.0) == (12.0, 4.0)


# Singular points


def test_a_branch_not_taken_poisons_no_mode():
    f = lambda x: where(x > 0, sqrt(x), 0.0)
    assert jvp(f, (0.0,), (1.0,)) == (0.0, 0.0)
    x = np.array([0.0, 4.0])
    same(jvp(f, (x,), (np.ones(2),))[1], [0.0, 0.25])
    same(jacobian(f)(x), np.diag([0.0, 0.25]))
    same(jacobian(lambda t: f(t * np.ones(9)))(0.0), np.zeros(9))
    same(hessian(lambda x: sum(f(x)))(x), np.diag([0.0, -0.03125]))


def test_second_derivatives_survive_where_the_first_is_0():
    f = lambda x: (sqrt(x) - 1) ** 2
    assert hessian(f)(1.0) == hvp(f, 1.0, 1.0) == jvp(grad(f), (1.0,), (1.0,))[1] == 0.5


def test_a_pole_that_two_outputs_share_is_not_masked():
    assert jvp(lambda x: (sqrt(x), -sqrt(x)), (0.0,), (1.0,))[1] == (np.inf, -np.inf)
    roots = lambda x: (lambda r: (r, -r))(sqrt(x))
    assert jvp(roots, (0.0,), (1.0,))[1] == (np.inf, -np.inf)
    np.testing.assert_array_equal(jacobian(lambda x: stack(roots(x) * 3))(0.0), [np.inf, -np.inf] * 3)


# Nesting


def test_perturbations_are_not_confused_across_transforms():
    for derivative in (
        grad,
        jacobian,
        elementwise_grad,
        lambda f: lambda x: vjp(f, x)[1](1.0)[0],
        lambda f: lambda x: jvp(f, (x,), (1.0,))[1],
    ):
        for inner in (
            grad,
            jacobian,
            lambda f: lambda x: vjp(f, x)[1](1.0)[0],
            lambda f: lambda x: jvp(f, (x,), (1.0,))[1],
        ):
            assert derivative(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
            assert derivative(lambda x: x * inner(lambda y: x * y * y)(2.0))(3.0) == 24.0
            assert derivative(lambda x: inner(lambda y: x * y * y)(x))(5.0) == 20.0
            assert derivative(lambda x: x * inner(lambda x: x * x)(x))(3.0) == 12.0
            assert derivative(derivative(lambda x: inner(lambda y: x**3 * y**3)(x)))(2.0) == 480.0  # of 3x⁵


def test_a_pull_is_called_often_and_differentiated():
    _, pull = vjp(lambda x, y: x * x * y, 3.0, 2.0)
    assert [pull(g) for g in (1.0, 0.0, -2.0, 1.0)] == [(12.0, 9.0), (0.0, 0.0), (-24.0, -18.0), (12.0, 9.0)]
    assert grad(lambda g: pull(g * g)[0])(3.0) == 72.0
    assert jacobian(lambda g: pull(g))(3.0) == (12.0, 9.0)
    by_x = grad(lambda x: vjp(lambda x, y: x * x * y, x, 2.0)[1](1.0)[1])  # d(x²)
    assert by_x(3.0) == 6.0
    assert grad(lambda x: pull(x)[0] * x)(5.0) == 120.0


def test_pushes_of_pushes():
    f = lambda x: sin(x) * exp(x)
    first = lambda x: jvp(f, (x,), (1.0,))[1]
    second = lambda x: jvp(first, (x,), (1.0,))[1]
    third = lambda x: jvp(second, (x,), (1.0,))[1]
    x = 0.7
    assert second(x) == pytest.approx(2 * np.cos(x) * np.exp(x), rel=1e-13)
    assert third(x) == pytest.approx(2 * (np.cos(x) - np.sin(x)) * np.exp(x), rel=1e-13)
    assert grad(second)(x) == pytest.approx(third(x), rel=1e-13)
    assert jvp(grad(f), (x,), (1.0,))[1] == pytest.approx(second(x), rel=1e-13)


def test_a_tangent_is_differentiated_by():
    assert grad(lambda v: jvp(lambda x: x**3, (2.0,), (v * v,))[1])(3.0) == 72.0
    v = Value(3.0)
    pushed = jvp(lambda x: x**3, (2.0,), (v,))[1]
    pushed.backward()
    assert v.grad == 12.0


def test_fourth_order_of_a_product():
    f = lambda x: x[0] * x[1] ** 2 * x[2]
    D = jacobian(jacobian(jacobian(jacobian(f))))(np.array([2.0, 3.0, 5.0]))
    assert D.shape == (3, 3, 3, 3)
    expected = np.zeros((3, 3, 3, 3))
    for place in {(0, 1, 1, 2), (0, 1, 2, 1), (0, 2, 1, 1), (1, 0, 1, 2), (1, 0, 2, 1), (1, 1, 0, 2)} | {
        (1, 1, 2, 0), (1, 2, 0, 1), (1, 2, 1, 0), (2, 0, 1, 1), (2, 1, 0, 1), (2, 1, 1, 0),
    }:  # fmt: skip
        expected[place] = 2.0
    same(D, expected)
    assert grad(grad(grad(grad(lambda x: x**6))))(2.0) == 1440.0


def test_the_jacobian_of_a_gradient_is_the_hessian():
    f = lambda x: sum(sin(x) * x[0]) + x[1] ** 3
    H = hessian(f)(B)
    same(jacobian(grad(f))(B), H)
    same(H, H.T)
    same([hvp(f, B, e) for e in np.eye(3)], H)
    same(jacobian(lambda x: jvp(f, (x,), (np.ones(3),))[1])(B), H.sum(0), 1e-13)
    trace = lambda x: autograd.sum(hessian(f)(x) * np.eye(3))
    step = 1e-5
    slope = [(trace(B + step * e) - trace(B - step * e)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(grad(trace)(B), slope, atol=1e-8)


def test_newtons_method():
    rosenbrock = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    x = np.array([-1.2, 1.0])
    for _ in range(8):
        x = x - np.linalg.solve(hessian(rosenbrock)(x), grad(rosenbrock)(x))
    same(x, [1.0, 1.0], 1e-12)


def test_elementwise_grad_to_order_six():
    f, x = tanh, np.linspace(-2, 2, 9)
    t = np.tanh(x)
    polynomials = [np.polynomial.Polynomial([0.0, 1.0])]
    for _ in range(6):
        polynomials.append(polynomials[-1].deriv() * np.polynomial.Polynomial([1.0, 0.0, -1.0]))
        f = elementwise_grad(f)
        same(f(x), polynomials[-1](t), 1e-11)
        assert f(x[3]) == pytest.approx(polynomials[-1](t[3]), abs=1e-11)


# Errors


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda: grad(lambda x: x * 2)(np.ones(3)),
            ValueError,
            r"^grad: .*f64\[3\] is not a scalar.*jacobian.*elementw",
        ),
        (lambda: hessian(3), TypeError, r"^hessian: pass a function, not int"),
        (lambda: hvp(3, 1.0, 1.0), TypeError, r"^hvp: pass a function, not int"),
        (lambda: vjp(3, 1.0), TypeError, r"^vjp: pass a function, not int"),
        (lambda: vjp(sin), TypeError, r"^vjp: give the function's arguments"),
        (lambda: jvp(sin, (), ()), TypeError, r"^jvp: give the function's arguments"),
        (lambda: jvp(sin, 1.0, 1.0), TypeError, r"^jvp: .*tuples, jvp\(f, \(x,\), \(v,\)\), not float"),
        (lambda: jvp(sin, (1.0,), (np.ones(2),)), ValueError, r"^jvp: tangents\[0\] has shape \(2,\)"),
        (lambda: hvp(sum, np.ones(3), np.ones(2)), ValueError, r"^hvp: v has shape \(2,\), but .*\(3,\)"),
        (lambda: hvp(sin, np.ones(3), np.ones(3)), ValueError, r"^grad: .*not a scalar"),
        (lambda: vjp(sin, np.ones(3))[1](1.0), ValueError, r"^vjp: cotangent has shape \(\), but .*'sin' f64\[3\]"),
        (lambda: vjp(sin, np.ones(3))[1](None), TypeError, r"^vjp: cotangent: None is not a number"),
        (lambda: jacobian(sin, 1)(1.0), ValueError, r"^jacobian: argnums=1, but .* 1 argument"),
        (lambda: jacobian(sin, ())(1.0), TypeError, r"^jacobian: argnums must be"),
        (lambda: grad(matmul, (0, -2))(B, B), ValueError, r"^grad: argnums=\(0, -2\) names an argument twice"),
        (lambda: jacobian(sin)(np.arange(3) > 1), TypeError, r"^jacobian: args\[0\]: data of dtype bool.*dtype=float"),
        (lambda: jacobian(sin)(1j), TypeError, r"^jacobian: args\[0\]: 1j is complex: complex numbers are outside"),
        (lambda: jacobian(lambda x: None)(1.0), TypeError, r"^jacobian: .*NoneType.*is a return missing"),
        (lambda: jacobian(lambda x: "a")(1.0), TypeError, r"^jacobian: .*str.*return what was computed"),
        (
            lambda: jacobian(lambda x: np.array([x], dtype=object))(1.0),
            TypeError,
            r"^jacobian: .*autograd\.numpy\.array",
        ),
        (lambda: jacobian(lambda x: float(x) ** 2)(1.0), TypeError, r"^float: .*depends on an argument of jacobian"),
        (
            lambda: vjp(lambda x: (x.item(), 2.0), 1.0),
            TypeError,
            r"^vjp: .*tuple.*out of the graph by \.item\(\)",
        ),
        (lambda: elementwise_grad(lambda x: (x, x))(1.0), TypeError, r"^elementwise_grad: .*tuple.*return one node"),
    ],
)
def test_what_cannot_be_differentiated_is_named(call, kind, text):
    with pytest.raises(kind, match=text) as error:
        call()
    assert len(str(error.value)) < 300
