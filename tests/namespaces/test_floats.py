"""The functions of floats answer as NumPy's do, also where no op of the table asks them to."""

import math

import numpy as np
import pytest

from autograd import Value, grad, primitive
from autograd.namespaces import arrays, floats

NUMBERS = [0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-9, math.inf, -math.inf, math.nan]


def test_every_function_of_floats_is_one_of_arrays():
    functions = {name for name, f in vars(floats).items() if callable(f) and name[0].islower() and name != "ieee"}
    assert {name for name in functions if not callable(getattr(arrays, name, None))} == set()
    assert {"where", "sigmoid", "arctan2", "power"} <= functions


@pytest.mark.parametrize(
    "name", ["logical_and", "logical_or", "maximum", "minimum", "logaddexp", "logaddexp2", "equal", "less"]
)
def test_functions_of_two(name):
    for a in NUMBERS:
        for b in NUMBERS:
            with np.errstate(all="ignore"):
                expected = getattr(np, name)(a, b)
            try:
                got = getattr(floats, name)(a, b)
            except (ArithmeticError, ValueError):
                got = floats.ieee(lambda xp, a, b: getattr(xp, name)(a, b), (a, b), {})
            np.testing.assert_allclose(float(got), float(expected), rtol=1e-15)


@pytest.mark.parametrize("name", ["sign", "logical_not", "isfinite", "abs"])
def test_functions_of_one(name):
    for a in NUMBERS:
        np.testing.assert_array_equal(float(getattr(floats, name)(a)), float(getattr(np, name)(a)))


def test_what_python_refuses_is_evaluated_as_ieee_says():
    assert floats.ieee(lambda xp, a: 1 / a, (0.0,), {}) == math.inf
    assert floats.ieee(lambda xp, a: xp.exp(a), (1000.0,), {}) == math.inf
    assert math.isnan(floats.ieee(lambda xp, a: xp.log(a), (-1.0,), {}))
    assert type(floats.ieee(lambda xp, a: xp.log(a), (0.0,), {})) is float


def test_a_formula_that_ends_in_where_gives_a_float_also_where_pythons_arithmetic_raised():
    @primitive("xlogx", elementwise=True)
    def xlogx(xp, x):
        return xp.where(x == 0, 0.0, x * xp.log(x))

    xlogx.defvjps(x=lambda xp, g, y, x: g * xp.where(x == 0, 0.0, xp.log(x) + 1))
    for x in (0.0, -1.0, 2.0):
        assert type(xlogx(x)) is float
        assert type(grad(xlogx)(x)) is float
        np.testing.assert_equal(xlogx(x), xlogx(Value(x)).data)
    assert xlogx(0.0) == grad(xlogx)(0.0) == 0.0
