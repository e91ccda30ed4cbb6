"""check_gradients: silent on what is right, precise about what is wrong, honest about kinks, helpful on bad input."""

import math
import re

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, hessian
from autograd.extend import defvjp, primitive
from autograd.testing import GradientError, NotDifferentiableError, check_gradients
from tests.helpers import wrong
from tests.helpers.support import numbers

both = pytest.mark.parametrize("modes", [("reverse",), ("forward",), ("reverse", "forward")], ids="-".join)


def mlp(p, X):
    h = autograd.tanh(X @ p["W1"] + p["b1"])
    return {"out": h @ p["W2"], "loss": (autograd.mean((h @ p["W2"]) ** 2), autograd.sum(p["b1"]))}


def net(n, hidden, dtype=float):
    p = {"W1": numbers((n, hidden), 1), "b1": numbers((hidden,), 2), "W2": numbers((hidden, 1), 3)}
    return {k: a.astype(dtype) for k, a in p.items()}, numbers((4, n), 4).astype(dtype)


@both
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(2, 2), (30, 20)], ids=["in full", "in directions"])
def test_a_right_function_passes(modes, dtype, size):
    check_gradients(mlp, net(*size, dtype), modes=modes)


def test_numbers_nodes_integers_and_third_order():
    f = lambda x, n, how: autograd.sin(x["a"]) ** n * x["b"] if how == "product" else None
    check_gradients(f, ({"a": 0.7, "b": Value(2.0)}, 3, "product"), order=3)
    check_gradients(lambda X, rows: X[rows] ** 2, (Tensor(numbers((3, 2))), np.array([0, 2, 0])), order=3)


def test_functions_that_differentiate_inside():
    check_gradients(lambda x: autograd.grad(lambda t: autograd.sin(t) * t)(x), (0.5,))
    check_gradients(lambda x: autograd.sum(hessian(lambda t: (t**3).sum())(x)), (numbers((3,)),), order=1)


def test_linear_and_constant_functions_have_higher_derivatives_of_zero():
    check_gradients(lambda x: 2 * x, (3.0,), order=3)
    check_gradients(lambda x: x * 0.0, (numbers((3,)),), order=2)
    check_gradients(lambda x, y: x * 2.0, (1.0, np.zeros((0, 2))), order=2)
    check_gradients(lambda x: x * 2.0, (np.zeros((0, 2)),), order=2)
    check_gradients(lambda x: x[:0] * 2.0, (np.ones(3),), order=2)


@pytest.mark.parametrize("at", [1e-8, 1e-3, 1.0, 1e4])
def test_points_of_every_size_pass(at):
    check_gradients(lambda x: autograd.log(x) * autograd.sqrt(x), (at,))
    check_gradients(lambda x: autograd.sin(x), (at,))


@both
@pytest.mark.parametrize(
    ("x", "index"), [(2.0, ()), (np.array([[0.0, 1 / 3], [1.0, -2.0]]), (1, 1)), (numbers((300,)), None)]
)
def test_a_wrong_primitive_is_found_named_and_reproduced(modes, x, index):
    with pytest.raises(GradientError) as caught:
        check_gradients(
            lambda p, c: autograd.sum(wrong.good(p["x"]) + wrong.cube(p["x"]) * c), ({"x": x}, 2.0), modes=modes
        )
    error = caught.value
    assert error.argument == "args[0]['x']"
    assert error.op is wrong.cube
    assert index is None or error.index == index
    at = x if np.ndim(x) == 0 else x[error.index]
    assert error.actual == pytest.approx(6 * at + 0.5)
    assert error.expected == pytest.approx(6 * at**2 + 0.5)
    assert error.output.op.name == "sum"
    text = str(error)
    for part in ("args[0]['x']", f"{error.actual:.12g}"[:6], "suspected op", "'cube'", "by 'x'", modes[0]):
        assert part in text
    assert "check_gradients(lambda x: cube(x), (" in error.snippet
    with pytest.raises(GradientError, match="'cube'"):
        exec(error.snippet, {})


def test_the_right_argument_of_an_op_is_named():
    with pytest.raises(GradientError, match="by 'b' is wrong") as caught:
        check_gradients(lambda x, y: wrong.inner(x, y * y), (numbers((3,), 1), numbers((3,), 2)))
    assert caught.value.argument == "args[1]"
    assert caught.value.op is wrong.inner
    with pytest.raises(GradientError, match=re.escape("args[1]")):
        exec(caught.value.snippet, {})


def test_a_derivative_that_leaves_the_graph_is_found_at_second_order():
    check_gradients(wrong.square, (3.0,), order=1)
    with pytest.raises(GradientError, match="second derivative") as caught:
        check_gradients(lambda x: wrong.square(x) + x, (3.0,))
    assert caught.value.op is wrong.square
    assert (caught.value.actual, round(caught.value.expected, 6)) == (0.0, 2.0)
    with pytest.raises(GradientError, match="second"):
        exec(caught.value.snippet, {})


def detached(x):
    return x * x.detach()


def test_a_detached_value_is_found_without_a_suspect():
    with pytest.raises(GradientError, match="was something detached") as caught:
        check_gradients(detached, (np.array([1.0, 3.0]),), order=1)
    assert (caught.value.actual, round(caught.value.expected, 6), caught.value.op) == (1.0, 2.0, None) or (
        caught.value.actual == 3.0
    )
    with pytest.raises(GradientError, match="detached"):
        exec(caught.value.snippet, {})


def test_one_wrong_element_among_many_is_found():
    weights = np.ones(2000)
    weights[1234] = 1.001

    @autograd.primitive("w")
    def weighed(xp, x):
        return xp.sum(x * x)

    weighed.defvjps(x=lambda xp, g, y, x: g * (2 * x * weights))
    with pytest.raises(GradientError) as caught:
        check_gradients(weighed, (numbers((2000,), 0, 0.5, 1.0),), order=1)
    assert caught.value.index == (1234,)
    assert caught.value.actual / caught.value.expected == pytest.approx(1.001)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (autograd.relu, 0.0),
        (autograd.abs, 0.0),
        (autograd.abs, np.array([1.0, 0.0])),
        (autograd.relu, np.zeros(300)),
        (lambda x: autograd.maximum(x, 2 * x - 1), 1.0),
        (lambda x: autograd.max(x), np.array([3.0, 3.0, 1.0])),
        (lambda x: autograd.maximum(x, 1.0) * x, np.array([[1.0, 2.0]])),
        (autograd.sqrt, 0.0),
        (lambda x: x**0.5, 0.0),
        (lambda x: 1 / x, 0.0),
        (lambda x: autograd.floor_divide(x, 1.0) * x, 2.0),
        (lambda x: 5 + 1e-3 * autograd.relu(x), 0.0),
        (lambda x: 1 + x + 1e-4 * autograd.abs(x), 0.0),
        (lambda x: 1e-3 * autograd.sum(autograd.relu(x)) + autograd.sum(x) ** 2, np.array([0.0, 1.0, 3.0])),
        (lambda x: 1e-3 * autograd.sum(autograd.relu(x)) + autograd.sum(x) ** 2, np.linspace(0.0, 2.0, 200)),
    ],
)
def test_a_kink_a_tie_or_a_pole_is_not_called_wrong(f, x):
    with np.errstate(all="ignore"), pytest.raises(NotDifferentiableError, match="not differentiable here"):
        check_gradients(f, (x,))


@pytest.mark.parametrize("distance", [1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-7])
def test_beside_a_kink_a_right_function_passes_and_a_wrong_one_does_not(distance):
    check_gradients(autograd.abs, (distance,))
    with pytest.raises(GradientError):
        check_gradients(lambda x: autograd.abs(x) + x - x.detach(), (distance,), order=1)


def rng_noise(x, rng=np.random.default_rng(0)):
    return x * rng.normal()


changing = iter(range(2, 10**6))


@pytest.mark.parametrize(
    ("f", "args", "error", "text"),
    [
        (lambda x: None, (1.0,), TypeError, "returned NoneType; is a return missing"),
        (lambda x: "a", (1.0,), TypeError, "returned str"),
        (lambda x: (x, None), (1.0,), TypeError, "returned NoneType"),
        (lambda x: np.argmax(x.data), (np.ones(3),), TypeError, "returned no floats"),
        (lambda x: x > 0, (np.ones(3),), TypeError, "returned no floats"),
        (lambda x: 3, (1.0,), TypeError, "no floats"),
        (lambda x: [], (1.0,), TypeError, "no floats"),
        (lambda x: [x] * next(changing), (1.0,), ValueError, "keep its shape"),
        (lambda x: x[x > 1.0], (np.array([1.0, 2.0]),), ValueError, "keep its shape"),
        (lambda x: autograd.stack([x, x[:1]]), (np.ones(3),), ValueError, r"f64\[3\].*f64\[1\]"),
        (lambda x: {x}, (1.0,), TypeError, "returned set; return nodes, or containers"),
        (lambda x: x * 2, (np.ones(2) * 1j,), TypeError, "hold no floats.*pass their real and imaginary parts"),
        (lambda x: x * 2, ([1j],), TypeError, "hold no floats.*pass their real and imaginary parts"),
        (sum, (np.array([Value(1.0), Value(2.0)], object),), TypeError, r"hold no floats.*its Values, x\.tolist\(\)"),
        (sum, (np.array([1.0, 2.0], object),), TypeError, r"hold no floats.*object array pass x\.astype\(float\)"),
        (lambda x: x.item() * 2, (1.0,), TypeError, "leave the graph"),
        (lambda x: x * math.exp(x), (1.0,), TypeError, "^math.exp: .* depends on an argument of check_gradients"),
        (lambda x: autograd.full(next(changing), x), (1.0,), ValueError, "keep its shape"),
        (lambda x: np.array([x, x * 2], dtype=object), (1.0,), TypeError, "object array"),
        (rng_noise, (1.0,), ValueError, "is random.*fixed seed"),
        (lambda n: n * 2, (3,), TypeError, "hold no floats.*1.0 for 1"),
        (lambda n: n, (np.arange(3),), TypeError, "hold no floats"),
        (lambda x: x, (), TypeError, "hold no floats"),
        (lambda x: x, 1.0, TypeError, r"check_gradients\(f, \(x,\)\)"),
        (3.0, (1.0,), TypeError, "pass a function"),
        (lambda x: autograd.log(x), (-1.0,), NotDifferentiableError, "not finite"),
    ],
)
def test_bad_input(f, args, error, text):
    with np.errstate(all="ignore"), pytest.raises(error, match=text):
        check_gradients(f, args)


def test_bad_options():
    with pytest.raises(ValueError, match="modes are"):
        check_gradients(autograd.sin, (1.0,), modes="reverse")
    with pytest.raises(ValueError, match="modes are"):
        check_gradients(autograd.sin, (1.0,), modes=3)
    with pytest.raises(ValueError, match="modes are"):
        check_gradients(autograd.sin, (1.0,), modes=[["reverse"]])
    with pytest.raises(TypeError, match=r"rng is a numpy\.random\.Generator"):
        check_gradients(autograd.sin, (1.0,), rng="a")
    with pytest.raises(ValueError, match=r"rng is a numpy\.random\.Generator, a seed from 0 or None, not -1"):
        check_gradients(autograd.sin, (1.0,), rng=-1)
    for order in (0, True, 2.0):
        with pytest.raises(ValueError, match="order is 1 or more"):
            check_gradients(autograd.sin, (1.0,), order=order)
    for bad in (-1.0, "a", np.nan):
        with pytest.raises(ValueError, match="rtol is a number from 0"):
            check_gradients(autograd.sin, (1.0,), rtol=bad)
        with pytest.raises(ValueError, match="atol is a number from 0"):
            check_gradients(autograd.sin, (1.0,), atol=bad)


def test_tolerances_of_ones_own():
    f = lambda x: autograd.sin(x) + 1e-6 * (x - x.detach())
    with pytest.raises(GradientError):
        check_gradients(f, (1.0,), order=1)
    check_gradients(f, (1.0,), order=1, atol=1e-5)
    check_gradients(f, (1.0,), order=1, rtol=1e-5)
    with pytest.raises(GradientError):
        check_gradients(f, (np.ones(2, np.float32),), order=1)


def test_what_cancels_exactly_is_neither_a_kink_nor_wrong():
    check_gradients(lambda x: autograd.sum(autograd.softmax(x)), (np.array([0.55, -0.92, 1.3]),), order=2)
    check_gradients(lambda x: autograd.sum(autograd.softmax(x, axis=0)), (numbers((2, 3)),), order=2)


@pytest.mark.parametrize("seed", range(12))
def test_what_cancels_in_float32_has_the_rounding_of_its_terms(seed):
    rng = np.random.default_rng(seed)  # of two numbers the deviation is half their distance: second derivatives are 0
    first, apart = rng.uniform(-2, 2, 3), rng.uniform(0.05, 0.3, 3) * rng.choice([-1, 1], 3)
    pairs = np.round([first, first + apart], 2).astype(np.float32)
    std = lambda x: autograd.std(x, axis=0)
    check_gradients(std, (pairs,), rng=seed)
    with pytest.raises(GradientError):
        check_gradients(lambda x: std(x) + 1e-2 * (x[0] - x[0].detach()), (pairs,), order=1)


def test_the_flat_tail_of_a_float32_is_not_called_wrong():
    at = np.array([2.0], np.float32)  # tanh(8) is 1 but for two units of the last place
    check_gradients(lambda x: autograd.tan(autograd.tanh(x**3)), (at,))
    with pytest.raises(GradientError):
        check_gradients(lambda x: autograd.tanh(x**3) + 1e-3 * (x - x.detach()), (at,), order=1)


def of(name, f, vjp, elementwise=True):
    """An op of one argument with a derivative of its own."""
    op = autograd.primitive(name, elementwise=elementwise)(f)
    op.defvjps(x=vjp)
    return op


def test_a_derivative_that_is_lost_in_float32_is_said_to_be_right_in_float64():
    X = (100 + numbers((8, 3))).astype(np.float32)

    def normalised(W):
        h = X @ W
        return autograd.sum((h - autograd.mean(h, axis=0)) ** 2 / autograd.var(h, axis=0))  # a constant

    W = numbers((3, 2), 1)
    check_gradients(normalised, (W,), order=1)
    with pytest.raises(GradientError, match="right in float64, and lost to rounding in float32") as caught:
        check_gradients(normalised, (W.astype(np.float32),), order=1)
    assert caught.value.op is None
    assert "in float64:" in str(caught.value)


def test_a_derivative_that_is_wrong_in_float32_only_is_found_and_named():
    slope = lambda xp, g, y, x: g * (3 * x if getattr(x, "dtype", None) == np.float32 else 2 * x)
    narrow = of("narrow", lambda xp, x: x * x, slope)
    with pytest.raises(GradientError, match="lost to rounding in float32") as caught:
        check_gradients(lambda x: 1e-4 * narrow(x), (np.array([1.25, 0.5], np.float32),), order=1, modes=("reverse",))
    assert caught.value.op is narrow


sine = of("sin", lambda xp, x: xp.sin(x), lambda xp, g, y, x: g * 2 * xp.cos(x))
log = of("log", lambda xp, x: xp.log(x), lambda xp, g, y, x: g * 2 / x)
cube = of("cube", lambda xp, x: x * x * x, lambda xp, g, y, x: g * 3 * x)
bell = of("bell", lambda xp, x: xp.exp(-x * x / 2), lambda xp, g, y, x: -2 * g * x * y)
mixed = np.append(numbers((99,), 0, 1.0, 2.0), 1e-4)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: sine(1000 * x), (1.0,)),
        (log, (1e-7,)),
        (lambda x: bell((x - 0.5) / 1e-3), (0.501,)),
        (lambda x: autograd.sum(log(x)), (mixed,)),
        (lambda x: 1e-4 * sine(x), (np.array([1000.0, 2000.0], np.float32),)),
        (lambda a, b: 1e5 * a + cube(b), (np.float32(1.0), np.float32(2.0))),
        (lambda x: {"large": 1e14 * x, "small": cube(x)}, (2.0,)),
        (lambda x: 1e-7 * cube(x), (np.array([2.0], np.float32),)),
        (lambda x: 1e-15 * cube(x), (2.0,)),
    ],
    ids=["fast wave", "by a pole", "narrow bell", "one by a pole", "far out in float32", "beside a large argument",
         "beside a large result", "small in float32", "small"],
)  # fmt: skip
def test_no_place_hides_a_wrong_derivative(f, args):
    with pytest.raises(GradientError, match=r"suspected op: +'"):
        check_gradients(f, args, order=1)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: autograd.sin(1e6 * x), 1.0),
        (lambda x: autograd.tanh(1e6 * (x - 1)), 1.0),
        (lambda x: 1 / x, 1e-5),
        (lambda x: 1 / x, 1e-8),
        (autograd.log, 1e-5),
        (lambda p: -autograd.sum(p * autograd.log(p)), np.append(np.linspace(0.01, 0.02, 99), 5e-8)),
    ],
)
def test_functions_that_change_fast_are_right(f, x):
    check_gradients(f, (x,), order=1)


def test_a_second_derivative_of_0_is_right():
    check_gradients(autograd.arctan2, (0.32, 0.32))


def test_one_wrong_sign_among_many_is_found_in_float32():
    signs = np.ones(20_000, np.float32)
    signs[1234] = -1.0
    squares = of("squares", lambda xp, x: xp.sum(x * x), lambda xp, g, y, x: g * (2 * x * signs), elementwise=False)
    with pytest.raises(GradientError) as caught:
        check_gradients(squares, (numbers((20_000,), 0, 0.5, 1.0).astype(np.float32),), order=1)
    assert caught.value.index == (1234,)


def test_an_infinite_derivative_is_wrong_and_no_warning():
    infinite = of("infinite", lambda xp, x: 2 * x, lambda xp, g, y, x: g * np.inf)
    with pytest.raises(GradientError, match=r"by the engine: +inf"):
        check_gradients(infinite, (1.0,), order=1)


@pytest.mark.parametrize("seed", range(10))
def test_a_function_that_is_seldom_random_is_not_called_wrong_or_kinked(seed):
    dropped = iter(np.random.default_rng(seed).random(10**5) < 0.3)
    with pytest.raises(ValueError, match=r"is random.*fixed seed"):
        check_gradients(lambda x: x * (0.5 if next(dropped) else 1.0), (2.0,))


@autograd.primitive("spread")
def unstable(xp, x):
    return xp.sqrt(xp.mean((x - xp.mean(x)) ** 2))


# Right on paper: the variance is the mean square less the squared mean.
unstable.defvjps(x=lambda xp, g, y, x: g * (x - xp.mean(x)) / x.shape[0] / xp.sqrt(xp.mean(x * x) - xp.mean(x) ** 2))


def test_a_formula_that_loses_its_digits_is_said_to():
    with pytest.raises(GradientError, match=r"± .* by rounding alone .*a stable form is needed") as caught:
        check_gradients(unstable, (1e4 + np.array([0.3, 0.1, 0.45]),), order=1)
    assert caught.value.op is unstable


@pytest.mark.parametrize("x", [-2.05, -1.9, -1.71, 1.95, 2.35])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: autograd.tanh((2 * x) ** 2),
        lambda x: autograd.sigmoid((2 * x) ** 2),
        lambda x: (x + 1e8) - 1e8 + autograd.sin(x) * ((x + 1e6) - 1e6),
    ],
    ids=["tanh", "sigmoid", "large terms"],
)
def test_the_rounding_of_what_cancelled_inside_is_not_called_wrong(f, x):
    check_gradients(f, (x,))
    with pytest.raises(GradientError):
        check_gradients(lambda x: f(x) + 1e-3 * (x - x.detach()), (x,), order=1)


@pytest.mark.parametrize("distance", [1e-6, 1e-7, -1e-8, 1e-10])
def test_beside_a_pole_a_right_function_passes(distance):
    check_gradients(lambda x: 1 / x, (distance,))
    check_gradients(lambda x: x**-2, (distance,), order=1)


def powers(x, n=20):
    """(x − 1)ⁿ, multiplied out."""
    return sum(math.comb(n, k) * (-1.0) ** (n - k) * x**k for k in range(n + 1))


FEW_DIGITS = {  # by the function: the points where more than half of the digits of its values are lost
    "-log(1 - sigmoid)": (lambda z, log=autograd.log: -log(1 - autograd.sigmoid(z)), (22.0, 25.0, 30.0, 35.0, 36.7)),
    "-log(1 - tanh²)": (lambda u, log=autograd.log: -log(1 - autograd.tanh(u) ** 2), (12.0, 14.0, 16.0, 18.0)),
    "(1e11 + v) - 1e11": (lambda v: (1e11 + v) - 1e11, (1.3, -0.2)),
    "(1e15 + v) - 1e15": (lambda v: (1e15 + v) - 1e15, (1.3,)),
    "(1e17 + v) - 1e17": (lambda v: (1e17 + v) - 1e17, (1.3,)),
    "cos(1e9 t)": (lambda t: autograd.cos(1e9 * t), (1.3, 7.0)),
    "cos(1e12 t)": (lambda t: autograd.cos(1e12 * t), (1.3,)),
    "cos(1e15 t)": (lambda t: autograd.cos(1e15 * t), (1.3,)),
    "√(x² + 1) - x": (lambda x: autograd.sqrt(x * x + 1) - x, (1e5, 1e6, 1e7)),
    "(1 - cos x) / x²": (lambda x: (1 - autograd.cos(x)) / x**2, (1e-3, 1e-5, 1e-7, 1e-8)),
    "powers": (powers, (0.9, 1.01)),
    "variance": (lambda x: autograd.mean(x * x) - autograd.mean(x) ** 2, (1e8 + np.array([0.3, 0.1, 0.45]),)),
    "softmax": (lambda x: autograd.softmax(x + 1e12)[0], (np.array([0.3, 0.1, 0.45]),)),
}  # fmt: skip


@pytest.mark.parametrize("kind", [float, np.float64, np.float32], ids=["number", "float64", "float32"])
@pytest.mark.parametrize(("f", "points"), FEW_DIGITS.values(), ids=FEW_DIGITS)
def test_where_values_have_lost_most_digits_nothing_right_is_called_wrong(f, points, kind):
    for x in points:
        if np.ndim(x) == 0:
            x = float(x) if kind is float else np.array([x], kind)
        try:
            with np.errstate(all="ignore"):
                check_gradients(f, (x,))
        except NotDifferentiableError as error:
            assert "cannot be judged here: by args[0]" in str(error)  # noqa: PT017
            assert "the function's own values carry so few digits" in str(error)  # noqa: PT017


DIGITS_LEFT = [  # some in the values: one or two in the derivative by differences, or more
    ("(1e11 + v) - 1e11", 1.3),
    ("(1e11 + v) - 1e11", -0.2),
    ("cos(1e9 t)", 1.3),
    ("cos(1e12 t)", 1.3),
    ("-log(1 - sigmoid)", 25.0),
    ("-log(1 - sigmoid)", 30.0),
    ("-log(1 - tanh²)", 12.0),
    ("-log(1 - tanh²)", 14.0),
]


@pytest.mark.parametrize(
    ("name", "x", "size"),
    [*((*each, None) for each in DIGITS_LEFT), ("-log(1 - sigmoid)", 30.0, 2)],
)
def test_values_with_some_digits_left_are_enough_to_judge(name, x, size):
    f, _ = FEW_DIGITS[name]
    slope, x = autograd.grad(f)(x), x if size is None else np.full(size, x)
    check_gradients(f, (x,), order=1)
    for part in (0.5, 1.0, -1.0):  # too much of it, twice of it, nothing of it
        with pytest.raises(GradientError, match="was something detached") as caught:
            check_gradients(lambda x, part=part: f(x) + part * slope * (x - x.detach()), (x,), order=1)
        assert np.isfinite(caught.value.actual)


@pytest.mark.parametrize("x", [30.0, np.full(2, 30.0), np.full(70, 30.0)], ids=["number", "array", "directions"])
def test_where_few_digits_are_left_an_op_that_is_wrong_by_less_than_they_see_is_named(x):
    f, _ = FEW_DIGITS["-log(1 - sigmoid)"]
    steep_log = of("steep_log", lambda xp, x: xp.log(x), lambda xp, g, y, x: 1.05 * g / x)
    with pytest.raises(GradientError, match="'steep_log', whose own derivative by 'x' is wrong") as caught:
        check_gradients(lambda x: f(x, steep_log), (x,), order=1)
    assert np.isfinite(caught.value.actual)


flat_log = of("flat_log", lambda xp, x: xp.log(x), lambda xp, g, y, x: 0 * g / x)


@pytest.mark.parametrize("kind", [float, np.array])
@pytest.mark.parametrize("name", ["-log(1 - sigmoid)", "-log(1 - tanh²)"])
def test_a_wrong_op_is_found_where_the_values_have_lost_most_digits(name, kind):
    f, points = FEW_DIGITS[name]
    for x in points:
        with pytest.raises(GradientError, match="'flat_log', whose own derivative by 'x' is wrong") as caught:
            check_gradients(lambda x: f(x, flat_log), (kind(x),), order=1)
        assert caught.value.actual == 0.0


@pytest.mark.parametrize("x", [1e-6, np.array([1e-6, 0.5]), np.full(70, 1e-6)], ids=["number", "array", "directions"])
def test_a_right_derivative_that_loses_its_digits_is_not_called_wrong(x):
    f = lambda x: autograd.sum((autograd.exp(x) - 1) / x)  # terms of 1e6 cancel in the quotient's derivative
    with pytest.raises(
        NotDifferentiableError, match=r"cannot be judged here.*derivative carries so few digits \(0\.50"
    ):
        check_gradients(f, (x,), order=1)
    with pytest.raises(GradientError, match="is wrong"):
        check_gradients(lambda x: f(x) + 0.1 * autograd.sum(x - x.detach()), (x,), order=1)


@pytest.mark.parametrize("z", [25.0, 30.0, 33.0])
@pytest.mark.parametrize("right", [True, False])
def test_digits_lost_inside_one_op_are_seen_from_its_values(z, right):
    @primitive
    def opaque(z):
        return -np.log(1 - 1 / (1 + np.exp(-z)))

    defvjp(opaque, lambda y, z: lambda g: g / (1 + autograd.exp(-z)) if right else 0 * g)
    try:
        check_gradients(opaque, (z,), order=1)
    except NotDifferentiableError as error:
        assert "cannot be judged here: by args[0] the function's own values" in str(error)  # noqa: PT017
    except GradientError:
        assert not right
    else:
        assert right


def test_what_cannot_be_judged_is_said_with_the_op_that_loses_the_digits():
    f, _ = FEW_DIGITS["-log(1 - sigmoid)"]
    text = r"digits \(34\.945, off by 0\.4 by rounding\), most of them lost in 'sub'"
    with pytest.raises(NotDifferentiableError, match=text):
        check_gradients(f, (35.0,))
    # A mistake elsewhere is not passed either.
    with pytest.raises(NotDifferentiableError, match="cannot be judged here"):
        check_gradients(lambda z: f(z) * z.detach(), (35.0,), order=1)
    # An element that is wrong comes before others that cannot be judged.
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda z: [f(z[0]), z[1] * z[1].detach()], (np.array([35.0, 2.0]),), order=1)
    assert caught.value.index == (1,)


def test_directions_are_always_the_same_unless_said_otherwise():
    seen = []

    def f(x):
        seen.append(np.array(x._data))
        return autograd.sum(autograd.sin(x))

    runs = []
    for rng in (None, None, 1):
        seen.clear()
        check_gradients(f, (numbers((80,)),), order=1, rng=rng)
        runs.append(np.array(seen))
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def overwritten(array, by):
    """The array, changed in place; a number stays as it is."""
    if isinstance(array, np.ndarray):
        array *= by
    return array


BREACHES = {  # derivatives of x² that break their contract, with what is said of it
    "g": (lambda xp, g, y, x: overwritten(g, 2 * x), r"writes into g, the gradient that it is given, .*g \* a, not g"),
    "x": (lambda xp, g, y, x: (2 * g * x, overwritten(x, 1.5))[0], "writes into x, which others read too"),
    "y": (lambda xp, g, y, x: (2 * g * x, overwritten(y, 1.5))[0], "writes into y, the result, which others read too"),
    "a number": (lambda xp, g, y, x: 3.0, r"has shape \(\), but x has shape \(3,\)"),
    "a part": (lambda xp, g, y, x: (2 * g * x)[:2], r"has shape \(2,\), but x has shape \(3,\)"),
    "a column": (lambda xp, g, y, x: (2 * g * x)[:, None], r"has shape \(3, 1\), but x has shape \(3,\)"),
    "a row": (lambda xp, g, y, x: (2 * g * x)[None], r"has shape \(1, 3\), but x has shape \(3,\)"),
    "two rows": (lambda xp, g, y, x: np.stack([g * x, g * x]), r"has shape \(2, 3\), but x has shape \(3,\)"),
    "float32": (lambda xp, g, y, x: (2 * g * x).astype(np.float32), "is float32, but x is float64"),
    "complex": (lambda xp, g, y, x: 2 * g * x + 0j, "gave data of dtype complex128"),
    "None": (lambda xp, g, y, x: None, r"gave None; .*is a return missing"),
    "a list": (lambda xp, g, y, x: [2 * g * x], "gave list; give one number, or one array"),
}  # fmt: skip


@pytest.mark.parametrize("inside", [lambda op, x: op(x), lambda op, x: x * x + op(2 * x)], ids=["alone", "inside"])
@pytest.mark.parametrize("elementwise", [True, False])
@pytest.mark.parametrize(("vjp", "text"), BREACHES.values(), ids=BREACHES)
def test_a_derivative_that_breaks_its_contract_is_found_and_named(vjp, text, elementwise, inside):
    op = of("careless", lambda xp, x: x * x, lambda xp, g, y, x: 2 * g * x, elementwise)
    op.vjps = (vjp,)
    args = (1.0, {"w": np.array([1.5, 2.5, -1.0])})
    with pytest.raises(GradientError, match=f"the derivative of 'careless' by 'x' {text}") as caught:
        check_gradients(lambda a, p: a * inside(op, p["w"]), args)
    assert caught.value.op is op
    assert caught.value.argument == "args[1]['w']"
    assert "on the way from:     args[1]['w']" in str(caught.value)
    assert "check_gradients(lambda x: op(x), (np.array([" in caught.value.snippet


def test_a_breach_is_reproduced_by_its_snippet():
    with pytest.raises(GradientError, match="the derivative of 'doubled' by 'x' writes into g") as caught:
        check_gradients(lambda x: autograd.sum(wrong.doubled(x)), (np.array([1.0, 3.0]),))
    with pytest.raises(GradientError, match="the derivative of 'doubled' by 'x' writes into g"):
        exec(caught.value.snippet, {})


def test_a_derivative_that_breaks_its_contract_on_numbers_is_found():
    for vjp, text in [(lambda xp, g, y, x: None, "gave None"), (lambda xp, g, y, x: np.ones(2), r"has shape \(2,\)")]:
        op = of("careless", lambda xp, x: x * x, lambda xp, g, y, x: 2 * g * x)
        op.vjps = (vjp,)
        with pytest.raises(GradientError, match=f"the derivative of 'careless' by 'x' {text}"):
            check_gradients(lambda x, op=op: op(x) + x, (1.5,))


def test_what_a_derivative_raises_passes_unchanged_with_a_note():
    op = of("careless", lambda xp, x: x * x, lambda xp, g, y, x: 2 * g * x)
    op.vjps = (lambda xp, g, y, x: {}["a"],)
    with pytest.raises(KeyError) as caught:
        check_gradients(op, (1.5,))
    assert caught.value.__notes__ == ["check_gradients: this came out of the derivative of 'careless' by 'x'"]


def test_a_broadcast_that_the_engine_undoes_breaks_no_contract():
    a, b = numbers((4, 1), 1), numbers((3, 1, 2), 2)
    check_gradients(lambda a, b, c: a * b + c, (a, b, 2.0), order=1)
    check_gradients(lambda a, b: a @ b, (numbers((3, 4), 1), numbers((2, 4, 3), 2)), order=1)


def sinc(x):
    return autograd.where(x == 0, 1.0, autograd.sin(x) / autograd.where(x == 0, 1.0, x))


@pytest.mark.parametrize(
    ("f", "x", "order", "op", "text"),
    [
        (lambda x: autograd.abs(x) ** 2, 0.0, 2, autograd.abs, "the convention of 'abs' by 'x': 0, between the slopes"),
        (lambda x: autograd.relu(x) - autograd.relu(-x), 0.0, 1, autograd.relu, "the convention of 'relu' by 'x': 0, "),
        (lambda x: autograd.abs(x) ** 2, np.array([1.0, 0.0]), 2, autograd.abs, "the convention of 'abs' by 'x'"),
        (sinc, 0.0, 2, autograd.where, r"the condition of 'where' \(equal\), which changes right beside this point"),
    ],
)  # fmt: skip
def test_where_a_convention_or_a_selection_decided_it_is_named(f, x, order, op, text):
    with pytest.raises(GradientError, match=f"none is wrong by itself; what decided is {text}") as caught:
        check_gradients(f, (x,), order=order)
    assert caught.value.op is op


def test_the_op_with_the_kink_is_named():
    with pytest.raises(NotDifferentiableError, match=r"\(a kink, a tie or a jump\), in 'relu'; move the point away"):
        check_gradients(lambda x: autograd.sin(x) + autograd.relu(x - 1), (1.0,))


@pytest.mark.parametrize(("activation", "calls"), [(autograd.tanh, 420), (autograd.relu, 470)])
def test_a_net_takes_few_calls(activation, calls):
    seen = []
    p, X = net(30, 20)

    def loss(p):
        seen.append(1)
        h = activation(X @ p["W1"] + p["b1"])
        return autograd.mean((h @ p["W2"]) ** 2)

    check_gradients(loss, (p,))
    assert len(seen) < calls


@primitive
def careful_log(x):
    assert x > 0, "log of a negative number"
    return math.log(x)


defvjp(careful_log, lambda y, x: lambda g: g / x)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (autograd.numpy.linalg.cholesky, np.array([[1.0, 0.99], [0.99, 1.0]])),
        (careful_log, 0.05),
        (careful_log, 1e-9),
    ],
    ids=["an error", "an assertion", "an assertion close by"],
)
def test_a_function_may_raise_where_it_is_not_defined(f, x):
    check_gradients(f, (x,))
    with pytest.raises(GradientError):
        check_gradients(lambda x: f(x) + 1e-3 * (f(x) - f(x).detach()), (x,), order=1)


def test_anomaly_detection_does_not_speak_of_points_that_no_one_gave():
    with autograd.detect_anomaly():
        check_gradients(autograd.log, (0.01,))


@primitive
def forgetful(x):
    return np.sum(x**3)


defvjp(forgetful, lambda y, x: lambda g: 3 * x**2)


@pytest.mark.parametrize("f", [forgetful, lambda x: forgetful(x) / 3])
@pytest.mark.parametrize("x", [2.0, np.array([1.0, 2.0])], ids=["number", "array"])
def test_a_derivative_that_forgets_the_incoming_gradient_is_named(f, x):
    with pytest.raises(GradientError, match="'forgetful', whose own derivative by 'x' is wrong") as caught:
        check_gradients(f, (x,), modes=("reverse",))
    with pytest.raises(GradientError):
        exec(caught.value.snippet, {})


@autograd.primitive(elementwise=True)
def half_done(xp, a, b):
    return a * b


half_done.defvjps(a=lambda xp, g, y, a, b: g * b, b=None)


@pytest.mark.parametrize("f", [half_done, lambda a, b: half_done(np.ones(2), b) * a])
def test_an_op_without_a_derivative_that_it_should_have_is_named(f):
    with pytest.raises(GradientError, match="'half_done', which depends on 'b' and has no derivative by it") as caught:
        check_gradients(f, (1.0, 2.0))
    with pytest.raises(GradientError, match="has no derivative by it"):
        exec(caught.value.snippet, {})


@autograd.primitive(elementwise=True)
def cubed(xp, x):
    return x**3


cubed.defvjps(x=lambda xp, g, y, x: g * 3 * y / x)


def test_a_derivative_that_is_nan_is_wrong_and_not_rounded():
    with np.errstate(all="ignore"), pytest.raises(GradientError, match="by the engine:       nan\n"):
        check_gradients(cubed, (np.zeros(2),), order=1)


@pytest.mark.parametrize("f", [autograd.numpy.mod, autograd.numpy.fmod, lambda x, y: autograd.numpy.divmod(x, y)[1]])
def test_stairs_that_an_op_of_the_graph_makes_are_no_sign_of_rounding(f):
    check_gradients(f, (0.873, 0.1946), order=2)  # the slope by y is minus the whole part of 4.486
    check_gradients(f, (np.array([0.873, -1.1]), np.array([0.1946, 0.4])), order=2)
