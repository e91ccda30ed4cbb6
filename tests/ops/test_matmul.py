"""The matrix product with everything NumPy allows: vectors, matrices, stacks, and stacks that broadcast."""

import numpy as np
import pytest

from autograd import Tensor, Value, gradients, matmul
from autograd.testing import check_gradients
from tests.helpers.support import numbers

SHAPES = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((1, 3), (3, 1)), ((1,), (1,)),
    ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)), ((1, 2, 3), (5, 3, 4)), ((4, 1, 2, 3), (1, 5, 3, 2)), ((2, 5, 2, 3), (3,)),
    ((3,), (2, 5, 3, 2)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0,), (0,)), ((0, 2, 3), (3,)), ((3,), (0, 3, 2)),
]  # fmt: skip
shapes = pytest.mark.parametrize("shapes", SHAPES, ids=str)


@shapes
def test_value_and_derivatives(shapes):
    a, b = (numbers(s, i) for i, s in enumerate(shapes))
    x, w = Tensor(a), Tensor(b)
    y = x @ w
    assert y.data.shape == (a @ b).shape
    np.testing.assert_allclose(y.data, a @ b, rtol=1e-14)
    check_gradients(lambda x, w: (x @ w) ** 2, (a, b), order=2)


@shapes
def test_gradients_agree_with_pytorch(shapes):
    torch = pytest.importorskip("torch")
    arrays = [numbers(s, i) for i, s in enumerate(shapes)]
    nodes, tensors = [Tensor(a) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    y = matmul(*nodes)
    g = numbers(y.shape, 5)
    y.backward(g)
    torch.matmul(*tensors).backward(torch.tensor(g))
    for node, tensor in zip(nodes, tensors, strict=True):
        np.testing.assert_allclose(node.grad, tensor.grad.numpy(), rtol=1e-12, atol=1e-13)


def test_an_array_on_either_side_is_a_constant():
    a = numbers((2, 3))
    x = Tensor(numbers((3, 2), 1))
    np.testing.assert_array_equal((a @ x).data, a @ x.data)
    np.testing.assert_array_equal((x @ a).data, x.data @ a)
    np.testing.assert_allclose(gradients((a @ x).sum(), x), a.T @ np.ones((2, 2)), rtol=1e-14)
    np.testing.assert_array_equal((x @ [1.0, 2.0]).data, x.data @ [1.0, 2.0])


@pytest.mark.parametrize(("a", "b"), [((2, 3), (2, 3)), ((3,), (2,)), ((2, 2, 3), (3, 3, 2))])
def test_shapes_that_do_not_fit_are_named_with_the_remedy(a, b):
    left, right = (",".join(map(str, shape)) for shape in (a, b))
    text = rf"matmul\(Tensor f64\[{left}\], Tensor f64\[{right}\]\).*(last length|meet from)"
    with pytest.raises(ValueError, match=text):
        Tensor(numbers(a)) @ Tensor(numbers(b))


def test_scalars_have_no_matrix_product():
    with pytest.raises(ValueError, match="matmul"):
        Value(1.0) @ Value(2.0)
    with pytest.raises(ValueError, match="matmul"):
        Tensor([1.0]) @ Value(2.0)
