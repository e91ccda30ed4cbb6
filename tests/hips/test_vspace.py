"""The vector space of a container."""

from functools import reduce

import numpy as np
import pytest

from autograd import Tensor, Value, grad
from autograd.core import vspace
from autograd.test_util import check_equivalent, check_grads

EXAMPLES = [
    2.0, np.ones((2, 3)), np.float32(1.0), [1.0, np.zeros((2, 1))], (0.5,), {"b": {"z": 0.0}, "a": [np.ones(2)]},
]  # fmt: skip
each = pytest.mark.parametrize("x", EXAMPLES, ids=str)


@each
def test_vectors_lie_in_the_space(x):
    space = vspace(x)
    for vector in (space.zeros(), space.ones(), space.randn(), *space.standard_basis(), space.add(x, space.ones())):
        assert vspace(vector) == space
    assert float(space.inner_prod(space.ones(), space.ones())) == space.size
    assert len([*space.standard_basis()]) == space.size
    check_equivalent(reduce(space.add, space.standard_basis()), space.ones())


@each
def test_the_operations_are_those_of_numpy(x):
    space = vspace(x)
    a, b = space.randn(), space.randn()
    flat = space.flatten
    np.testing.assert_allclose(flat(space.add(a, b)), flat(a) + flat(b))
    np.testing.assert_allclose(flat(space.mut_add(None, b)), flat(b))
    np.testing.assert_allclose(flat(space.scalar_mul(a, 2.0)), 2.0 * flat(a))
    np.testing.assert_allclose(float(space.inner_prod(a, b)), float(flat(a) @ flat(b)), rtol=1e-6)
    check_equivalent(space.unflatten(flat(a)), a)
    assert space.covector(a) is a


def test_draws_obey_numpys_seed_or_a_generator():
    space = vspace([0.0, np.zeros(3)])
    np.random.seed(3)
    first = space.flatten(space.randn())
    np.random.seed(3)
    np.testing.assert_array_equal(space.flatten(space.randn()), first)
    with_rng = space.randn(np.random.default_rng(0))
    np.testing.assert_array_equal(space.flatten(with_rng), np.random.default_rng(0).standard_normal(4))


def test_spaces_differ_by_structure_shape_and_dtype():
    spaces = [*map(vspace, EXAMPLES), vspace(np.ones(2)), vspace(np.ones(2, np.float32)), vspace([1.0, 2.0])]
    for i, a in enumerate(spaces):
        for j, b in enumerate(spaces):
            assert (a == b) == (i == j)
    assert vspace(2.0) == vspace(np.array(1.0)) == vspace(Value(3.0))
    assert vspace(np.ones(2)).shape == (2,)
    assert vspace([1.0, np.ones(2)]).shape == [vspace(0.0), vspace(np.ones(2))]
    assert vspace(1.0) != 1.0
    assert repr(vspace([1.0])) == "VSpace([((), dtype('float64'))])"


def test_the_operations_are_differentiable():
    space = vspace({"x": 1.0, "y": np.ones(2)})
    a, b = space.randn(), space.randn()
    check_grads(space.add, argnum=(0, 1))(a, b)
    check_grads(space.scalar_mul, argnum=(0, 1))(a, 0.5)
    check_grads(space.inner_prod, argnum=(0, 1))(a, b)
    check_equivalent(grad(space.inner_prod)(a, b), b)
    assert vspace(Tensor(np.ones(3))).size == 3


def test_the_space_of_an_array_has_its_axes_and_dtype():
    space = vspace(np.ones((2, 3), np.float32))
    assert (space.ndim, space.dtype, vspace(1.0).ndim) == (2, np.float32, 0)
    with pytest.raises(AttributeError, match="the space of a container has no dtype"):
        vspace([1.0]).dtype
