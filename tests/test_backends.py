"""Leaves on their way between libraries, devices and dtypes."""

import numpy as np
import pytest

from autograd import Tensor, backends

strict = pytest.importorskip("array_api_strict")


def test_a_leaf_on_another_library_is_a_new_one_with_the_same_numbers():
    x = Tensor([1.0, 2.0], "x")
    y = x.to("array_api_strict")
    assert (y.label, y.requires_grad, y.op) == ("x", True, None)
    assert backends.library_of(y.data) is backends.use("array_api_strict")
    back = y.to("numpy")
    assert type(back) is Tensor
    assert back.data.tolist() == [1.0, 2.0]
    (y * y).sum().backward()
    assert not x.has_grad
    assert y.to(strict.float32).dtype == strict.float32


def test_where_nothing_is_to_do_it_is_the_leaf_itself():
    x = Tensor([1.0, 2.0])
    y = x.to("array_api_strict")
    assert x.to() is x.to("numpy") is x.to("cpu") is x.to("float64") is x.to(np.float64) is x
    assert y.to("array_api_strict") is y.to(strict.float64) is y


def test_a_leaf_moves_in_place_with_its_gradient():
    class Mine(Tensor):
        note = "mine"

    x = Mine([1.0, 2.0], "x")
    y = (x * x).sum()
    y.backward()
    before, table = backends.moves.count, {x: 1}
    backends.move(x, backends.destination(x.data, "array_api_strict", dtype="float32"))
    assert table[x] == 1
    assert isinstance(x, Mine)
    assert (backends.moves.count, x.label, x.note) == (before + 1, "x", "mine")
    assert (x.dtype, x.grad.dtype) == (strict.float32, strict.float32)
    with pytest.raises(ValueError, match="changed"):
        y.backward()
    backends.move(x, backends.destination(x.data, "numpy"))
    assert type(x) is Mine
    assert x.grad.tolist() == [2.0, 4.0]
