"""The derivatives of every op, of any order, at calls that are drawn: against differences and PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings

from autograd import Tensor, Value, gradients
from autograd.ops import table
from autograd.testing import check_gradients
from autograd.testing.strategies import op_calls
from tests.ops.samplers import oracle, samples, varied
from tests.support import contract, drawn, numbers

DIFFERENTIABLE = [op for op in table() if op.differentiable]
every_op = pytest.mark.parametrize("op", DIFFERENTIABLE, ids=lambda op: op.name)
every_elementwise_op = pytest.mark.parametrize(
    "op", [op for op in DIFFERENTIABLE if op.elementwise], ids=lambda op: op.name
)


def cases(op, shape=(2, 3)):
    """For each sample: the function of the varied arguments alone, and these."""
    for args, params in samples(op, shape):
        places = varied(op, args)

        def f(*xs, args=args, params=params, places=places):
            filled = list(args)
            for i, x in zip(places, xs, strict=True):
                filled[i] = x
            return op(*filled, **params)

        yield f, [args[i] for i in places]


def scalars(call):
    """The arguments of one element of an elementwise call, as floats and bools."""
    return tuple(np.ravel(a)[0].item() for a in np.broadcast_arrays(*call.args))


@every_op
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=lambda dtype: dtype.__name__)
def test_first_and_second_derivatives_of_arrays_that_broadcast(op, dtype, record_property):
    @settings(max_examples=5)
    @given(op_calls(op, dtype))
    def check(call):
        check_gradients(lambda *args: op(*args, **call.params), call.args, order=2)
        record_property("case", op.name)

    check()


@every_elementwise_op
def test_first_to_third_derivatives_of_numbers(op, record_property):
    @settings(max_examples=3)
    @given(op_calls(op))
    def check(call):
        check_gradients(lambda *args: op(*args, **call.params), scalars(call), order=3)
        record_property("case", op.name)

    check()


@every_op
def test_third_derivatives_of_arrays(op, record_property):
    for call in drawn(op_calls(op), 1):
        check_gradients(lambda *args: op(*args, **call.params), call.args, order=3)
        record_property("case", op.name)


@every_elementwise_op
def test_a_values_gradient_is_a_0_d_tensors(op):
    for f, args in cases(op, ()):
        values, tensors = [Value(a) for a in args], [Tensor(a) for a in args]
        f(*values).backward()
        f(*tensors).backward()
        for v, t in zip(values, tensors, strict=True):
            assert type(v.grad) is float
            assert type(t.grad) is np.ndarray
            np.testing.assert_allclose(v.grad, t.grad, rtol=1e-14)


@every_op
def test_gradients_agree_with_pytorch(op, record_property):
    torch = pytest.importorskip("torch")
    theirs = oracle(op, torch)
    if theirs is None:
        pytest.skip("no such function there")
    for _, args, params in [*drawn(op_calls(op), 10), *((op, *sample) for sample in samples(op))]:
        record_property("case", op.name)
        places = varied(op, args)
        nodes = [Tensor(a, requires_grad=i in places) for i, a in enumerate(args)]
        tensors = [torch.tensor(a.copy(), requires_grad=i in places) for i, a in enumerate(args)]
        y, t = op(*nodes, **params), theirs(*tensors, **params)
        np.testing.assert_allclose(y.data, t.detach().numpy(), rtol=1e-13, atol=1e-15)
        if not t.requires_grad:  # what reads only shapes there
            continue
        g = numbers(y.shape, 3)
        y.backward(g)
        t.backward(torch.tensor(g))
        for i in places:
            theirs_i = np.zeros(args[i].shape) if tensors[i].grad is None else tensors[i].grad.numpy()
            ours = np.zeros(args[i].shape) if nodes[i].grad is None else nodes[i].grad
            np.testing.assert_allclose(ours, theirs_i, rtol=1e-11, atol=1e-13)


@every_op
def test_a_gradient_graph_has_the_plain_gradients_numbers(op):
    for f, args in cases(op):
        nodes = [Tensor(a) for a in args]
        y = contract(f(*nodes))
        for g, node in zip(gradients(y, nodes), gradients(y, nodes, create_graph=True), strict=True):
            assert type(g) is np.ndarray
            np.testing.assert_allclose(g, node.data, rtol=1e-14)
            assert node.data.dtype == g.dtype


@every_op
def test_a_gradient_shares_no_memory_with_data_or_other_gradients(op):
    for f, args in cases(op):
        nodes = [Tensor(a) for a in args]
        y = f(*nodes)
        y.backward(np.ones(y.shape))
        held = [a for n in (y, *nodes) for a in (n.data, n.grad) if a is not None]
        for i, a in enumerate(held):
            assert not any(np.shares_memory(a, b) for b in held[:i])
        for n in nodes:
            assert n.grad is None or n.grad.base is None


@every_op
def test_only_the_arguments_that_require_a_gradient_receive_one(op):
    for args, params in samples(op):
        for chosen in varied(op, args):
            nodes = [Tensor(a, requires_grad=i == chosen) for i, a in enumerate(args)]
            contract(op(*nodes, **params)).backward()
            assert [i for i, n in enumerate(nodes) if n.grad is not None] == [chosen]
