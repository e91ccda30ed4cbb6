"""Every pattern of broadcasting, for every elementwise op of several arguments."""

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.ops import table
from autograd.testing import check_gradients
from tests.helpers.samplers import arguments, reference, varied
from tests.helpers.support import contract

OPS = [op for op in table() if op.elementwise and len(op.argnames) > 1]
PATTERNS = [
    ((), (3,)), ((3,), ()), ((1,), (3,)), ((3,), (1,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (1, 3)),
    ((2, 3), (2, 1)), ((2, 3), (1, 1)), ((1,), (2, 3)), ((1, 1), (3,)), ((4, 1, 3), (2, 1)), ((2, 2, 1, 2), (2, 3, 1)),
    ((0,), (1,)), ((), (0,)), ((2, 0), (2, 1)), ((1, 3), (0, 3)), ((1,), (1,)), ((1,), ()),
]  # fmt: skip
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
patterns = pytest.mark.parametrize("pattern", PATTERNS, ids=str)


def drawn(op, pattern):
    shapes = pattern if len(op.argnames) == 2 else (pattern[1], *pattern)
    return arguments(op, shapes, {})


@every_op
@patterns
def test_values_broadcast_as_numpys(op, pattern):
    args = drawn(op, pattern)
    y = op(*map(Tensor, args))
    expected = np.asarray(reference(op)(*args))
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.data, expected, rtol=1e-14)


@pytest.mark.parametrize("op", [op for op in OPS if op.differentiable], ids=lambda op: op.name)
@patterns
def test_gradients_are_summed_back_to_the_shapes_of_the_arguments(op, pattern, record_property):
    args = drawn(op, pattern)
    nodes = [Tensor(a) for a in args]
    contract(op(*nodes)).backward()
    for i in varied(op, args):
        assert nodes[i].grad.shape == nodes[i].data.shape
    check_gradients(op, args, order=1)
    record_property("case", op.name)


@pytest.mark.parametrize("op", [op for op in OPS if op.differentiable], ids=lambda op: op.name)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)], ids=str)
def test_a_value_that_meets_a_tensor_takes_the_sum_as_a_float(op, shape):
    for chosen in varied(op, arguments(op, [()] * op.arity, {})):
        shapes = [() if i == chosen else shape for i in range(op.arity)]
        arrays = arguments(op, shapes, {})
        scalar = arrays[chosen].item()
        value, tensor = Value(scalar), Tensor(scalar)
        for node in (value, tensor):
            y = op(*(node if i == chosen else Tensor(a) for i, a in enumerate(arrays)))
            assert type(y) is Tensor
            contract(y).backward()
        assert type(value.grad) is float
        np.testing.assert_allclose(value.grad, tensor.grad, rtol=1e-14)
