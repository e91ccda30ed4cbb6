"""HIPS autograd's checks of gradients."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd.extend import defvjp, primitive
from autograd.test_util import (
    check_equivalent,
    check_grads,
    check_jvp,
    check_vjp,
    combo_check,
    scalar_close,
)  # fmt: skip
from autograd.tracer import getval

X = np.array([0.3, -1.2, 0.8])


def wrong(factor_of_first, factor_of_second):
    """A function 3x whose derivative, and whose derivative's derivative by its cotangent, are off by these factors."""

    @primitive
    def inner(g):
        return 3.0 * g

    defvjp(inner, lambda ans, g: lambda h: 3.0 * factor_of_second * h)

    @primitive
    def triple(x):
        return 3.0 * x

    defvjp(triple, lambda ans, x: lambda g: inner(g) * factor_of_first)
    return triple


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("modes", [["fwd"], ["rev"], ["fwd", "rev"]])
def test_right_derivatives_pass(modes, order):
    check_grads(lambda x: anp.sum(anp.sin(x) * x**2), modes=modes, order=order)(X)
    check_grads(lambda x: anp.tanh(anp.outer(x, x)), modes=modes, order=min(order, 2))(X)
    check_grads(lambda p: {"a": p["x"] * p["y"][0], "b": [anp.exp(p["x"])]}, 0, modes, min(order, 2))(
        {"x": 2.0, "y": (X,)}
    )


def test_by_which_arguments_is_said_by_argnum():
    by_first = lambda a, b, power=1: a**power * getval(b)
    check_grads(by_first)(2.0, 3.0, power=2)
    check_grads(by_first, 0)(2.0, 3.0)
    for argnum in (1, (0, 1), [1]):
        with pytest.raises((AssertionError, TypeError)):
            check_grads(by_first, argnum)(2.0, 3.0)
    check_grads(lambda a, b: a * b, argnum=[0, 1])(2.0, 3.0)


@pytest.mark.parametrize(("mode", "product"), [("fwd", "JVP"), ("rev", "VJP")])
def test_a_wrong_derivative_fails_and_is_named(mode, product):
    with pytest.raises(AssertionError, match=rf"^Derivative \({product}\) check of triple failed: along a random"):
        check_grads(wrong(1.001, 1.0), modes=[mode])(1.0)
    with pytest.raises(AssertionError, match=r"^Derivative \(VJP\) check of vjp_triple failed"):
        check_grads(wrong(1.0, 1.001), modes=["rev"])(1.0)
    check_grads(wrong(1.0, 1.001), modes=["rev"], order=1)(1.0)
    check_grads(wrong(1.0, 1.0))(X)


def test_one_mode_is_checked_by_one_function():
    off = wrong(1.0, 1.001)  # tangents are the pull's own pull
    check_vjp(off, 1.0)
    with pytest.raises(AssertionError, match="JVP"):
        check_jvp(off, 1.0)


def test_every_combination_is_checked():
    seen = []

    def f(x, y, axis):
        seen.append((np.shape(y), axis))
        return anp.sum(x * y, axis=axis)

    combo_check(f, [0], modes=["rev"], order=1)([X], [1.0, X], axis=[None, 0])
    assert set(seen) == {((), None), ((), 0), ((3,), None), ((3,), 0)}
    with pytest.raises(AssertionError):
        combo_check(lambda x, k: wrong(k, 1.0)(x), modes=["rev"], order=1)([1.0], [1.0, 1.1])


def test_what_a_check_cannot_do_is_said():
    with pytest.raises(ValueError, match=r"^check_grads: modes are 'fwd' and 'rev', one or both, not \['reverse'\]$"):
        check_grads(anp.sin, modes=["reverse"])
    with pytest.raises(TypeError, match=r"^check_grads: argnums must be an int or a tuple of ints"):
        check_grads(anp.sin, X)  # the arguments come in a call of what it returns
    with pytest.raises(TypeError, match=r"^vspace: int is no float and no array of numbers; write 1\.0 for 1$"):
        check_grads(anp.sin)(1)


def test_values_are_compared():
    check_equivalent([1.0, X], [1.0 + 1e-9, X.copy()])
    with pytest.raises(AssertionError, match=r"^shapes differ at x\[1\]"):
        check_equivalent([1.0, X], [1.0, X[:2]])
    with pytest.raises(AssertionError, match=r"^values differ at x\[0\]"):
        check_equivalent([1.0, X], [1.1, X])
    assert scalar_close(1e9, 1e9 + 10)
    assert not scalar_close(1.0, 1.001)
