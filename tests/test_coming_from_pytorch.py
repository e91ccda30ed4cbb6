"""What docs/coming_from_pytorch.md says of names that mean in NumPy, and here, what they do not mean in PyTorch."""

import numpy as np
import pytest

import autograd
from autograd import Tensor

torch = pytest.importorskip("torch")
M = np.array([[1.0, -2.0, 0.5], [3.0, 4.0, 0.25]])
ROWS = [  # what is written, on either side; then PyTorch's meaning as it is written here
    ("x.transpose(0, 1)", "x.swapaxes(0, 1)"),
    ("x.repeat(2, 1)", "x.tile((2, 1))"),
    ("x.std()", "x.std(ddof=1)"),
    ("x.var(0)", "x.var(0, ddof=1)"),
    ("x.reshape(-1)[:4].median()", "autograd.sort(x.reshape(-1)[:4])[1]"),
    ("x.split(2, 1)[1]", "autograd.split(x, range(2, x.shape[1], 2), 1)[1]"),
    ("x.size()", "x.shape"),
    ("x.size(0)", "x.shape[0]"),
    ("x.nonzero()", "numpy.argwhere(x.data)"),
    ("x.norm(1)", "abs(x).sum()"),
    ("x.mT", "autograd.matrix_transpose(x)"),
    ("x.max(1)[0]", "x.max(1)"),
    ("x.max(1)[1]", "x.argmax(1)"),
    ("x.flatten(1)", "x.reshape(len(x), -1)"),
    ("x.expand(4, 2, 3)", "x.broadcast_to((4, 2, 3))"),
    ("x.masked_fill(x > 1, 7.0)", "autograd.where(x > 1, 7.0, x)"),
    ("x.chunk(2)[1]", "autograd.array_split(x, 2)[1]"),
    ("x.unsqueeze(0)", "x[None]"),
    ("x.float()", 'x.astype("float32")'),
    ("x.element_size()", "x.dtype.itemsize"),
]


def number(x):
    return np.asarray(x.data if isinstance(x, Tensor) else x)


@pytest.mark.parametrize(("theirs", "ours"), ROWS)
def test_what_is_written_there_is_written_here(theirs, ours):
    there = eval(theirs, {"x": torch.tensor(M), "torch": torch})
    here = eval(ours, {"x": Tensor(M), "autograd": autograd, "numpy": np})
    np.testing.assert_allclose(number(here), np.asarray(there), rtol=1e-12)


def test_what_becomes_of_a_leafs_data_and_gradient():
    x = Tensor(M)
    (x * x).sum().backward()
    x.grad.fill(0)
    assert not x.grad.any()
    x.data.fill(2)
    x.data[0] = 1
    x.data.clip(0.0, 1.5, out=x.data)
    assert x.tolist() == [[1.0, 1.0, 1.0], [1.5, 1.5, 1.5]]
    x.zero_grad()
    assert x.grad is None
    assert x.numpy() is not x.data


def test_half_the_gradient_passes_at_a_limit():
    x = Tensor([1.0, 2.0])
    x.clip(1.0, 3.0).sum().backward()
    assert x.grad.tolist() == [0.5, 1.0]
