"""The modules beside ``autograd.numpy`` that scripts for HIPS autograd import."""

import subprocess
import sys

import numpy as np
import pytest

import autograd.numpy as anp
import autograd.numpy.numpy_wrapper as wrapper
from autograd import elementwise_grad, grad
from autograd.extend import defvjp, primitive
from autograd.numpy.numpy_vjps import unbroadcast, unbroadcast_f
from autograd.numpy.numpy_wrapper import wrap_namespace
from autograd.other_modules import _ADVICE


def test_a_derivative_is_summed_to_the_shape_of_its_argument():
    @primitive
    def product(x, y):
        return x * y

    defvjp(
        product,
        lambda ans, x, y: unbroadcast_f(x, lambda g: g * y),
        lambda ans, x, y: unbroadcast_f(y, lambda g: g * x),
    )
    row, column = np.arange(1.0, 4.0), np.ones((2, 1))
    for f in (product, anp.multiply):
        loss = lambda x, y, f=f: anp.sum(f(x, y) ** 2)
        by_row, by_column, by_number = (
            grad(loss, i)(*a) for i, a in ((0, (row, column)), (1, (row, column)), (0, (2.0, row)))
        )
        np.testing.assert_allclose(by_row, 4 * row)
        np.testing.assert_allclose(by_column, np.full((2, 1), 28.0))
        assert by_number == 56.0
    second = grad(lambda x: anp.sum(grad(lambda x: anp.sum(product(x, column) ** 2))(x)))(row)
    np.testing.assert_allclose(second, np.full(3, 4.0))


def test_the_functions_of_a_module_become_primitives():
    space = {}
    wrap_namespace(vars(np), space)
    assert space["pi"] == np.pi
    assert space["float64"] is np.float64
    defvjp(space["sinh"], lambda ans, x: lambda g: g * anp.cosh(x))
    np.testing.assert_allclose(elementwise_grad(space["sinh"])(np.ones(2)), np.cosh(np.ones(2)))


def test_the_wrapper_has_the_names_of_autograd_numpy():
    assert wrapper.sin is anp.sin
    assert anp.numpy_wrapper is wrapper
    assert grad(lambda x: wrapper.sum(x**2))(np.ones(2)).tolist() == [2.0, 2.0]


@pytest.mark.parametrize("name", _ADVICE)
def test_a_module_that_is_not_here_says_what_to_do(name):
    package, _, module = name.rpartition(".")
    for statement in (
        f"import {name}",
        f"import {name} as m",
        f"from {name} import f",
        f"from {package} import {module}",
    ):
        with pytest.raises(ImportError, match=rf"^{name} of HIPS autograd is not here; ."):
            exec(statement)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("from autograd import vmap", r"stack\(\[f\(x\) for x in xs\]\)"),
        ("from autograd import Variable", "write Value or Tensor"),
        ("from autograd.numpy import trapz", "write np.trapezoid"),
        ("import autograd.numpy.trapz", "write np.trapezoid"),
        ("from autograd.numpy.numpy_wrapper import nograd_functions", "register_notrace"),
    ],
)
def test_an_import_says_what_the_attribute_says(statement, says):
    with pytest.raises(ImportError, match=says):
        exec(statement)


def test_a_gradient_is_summed_to_a_shape_as_hips_does():
    assert unbroadcast(np.ones((3, 4)), ((3, 1),)).tolist() == [[4.0]] * 3
    assert unbroadcast(np.ones((2, 3, 4)), ((2, 4),), 1).tolist() == [[3.0] * 4] * 2
    assert grad(lambda x: anp.sum(unbroadcast(x, ((),))))(np.ones(2)).tolist() == [1.0, 1.0]


def test_other_modules_are_missing_as_usual():
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'autograd\.nothing'$"):
        import autograd.nothing  # noqa: F401
    with pytest.raises(ImportError, match=r"^cannot import name 'nothing' from 'autograd\.numpy'"):
        from autograd.numpy import nothing  # noqa: F401


def test_nothing_of_this_is_imported_before_it_is_asked_for():
    names = [
        "builtins",
        "core",
        "misc",
        "numpy.numpy_boxes",
        "numpy.numpy_vjps",
        "test_util",
        "tracer",
        "util",
        "vspace",
    ]
    code = f"import autograd, sys; print([m for m in {names} if 'autograd.' + m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
