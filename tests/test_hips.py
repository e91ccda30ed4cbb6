"""Names of HIPS autograd's that are not here: importing one says what to write, and that is right."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd.hips import _INSTEAD

A = np.array([[2.0, 1.0, -1.0], [0.5, -3.0, 1.5]])
X, V, W = np.array([0.3, -1.2, 0.8]), np.array([1.0, 2.0, -1.0]), np.array([0.7, -0.4])
CURVED = lambda x: anp.sum(x**4) + x[0] * x[1]
VECTOR = lambda x: anp.tanh(A @ x)
JACOBIAN = (1 - np.tanh(A @ X) ** 2)[:, None] * A
HESSIAN = np.diag(12 * X**2) + np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
PRODUCTS = {
    "hessian_tensor_product": (CURVED, V, HESSIAN @ V),
    "hessian_vector_product": (CURVED, V, HESSIAN @ V),
    "make_ggnvp": (VECTOR, V, JACOBIAN.T @ JACOBIAN @ V),
    "make_hvp": (CURVED, V, HESSIAN @ V),
    "make_jvp": (VECTOR, V, (VECTOR(X), JACOBIAN @ V)),
    "tensor_jacobian_product": (VECTOR, W, W @ JACOBIAN),
    "vector_jacobian_product": (VECTOR, W, W @ JACOBIAN),
}


@pytest.mark.parametrize(("module", "name"), [(m, name) for m, names in _INSTEAD.items() for name in names])
def test_an_import_says_what_to_write(module, name):
    with pytest.raises(ImportError, match=rf"^{module}\.{name} of HIPS autograd is not here; write ."):
        exec(f"from {module} import {name}")


def test_other_names_are_missing_as_usual():
    with pytest.raises(AttributeError, match=r"^module 'autograd' has no attribute 'nothing'$"):
        autograd.nothing
    assert not hasattr(autograd.extend, "nothing")


@pytest.mark.parametrize("name", PRODUCTS)
def test_the_advised_product_is_the_one_meant(name):
    f, v, expected = PRODUCTS[name]
    got = eval(_INSTEAD["autograd"][name], vars(autograd) | {"f": f, "x": X, "v": v})
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_what_else_is_advised_is_right():
    y, pull = autograd.vjp(VECTOR, X)
    np.testing.assert_array_equal(y, VECTOR(X))
    np.testing.assert_allclose(pull(W)[0], W @ JACOBIAN)
    assert autograd.jvp(autograd.sin, (0.5,), (1.0,))[1] == np.cos(0.5)
    (y, aux), pull = autograd.vjp(lambda x: (x**2, 3 * x), 2.0)
    assert (y, aux, pull((1.0, 0.0))[0]) == (4.0, 6.0, 4.0)
    assert autograd.grad(lambda a, b: a * b, argnums=(0, 1))(2.0, 3.0) == (3.0, 2.0)
