"""The derivatives of every op, of any order: against finite differences, and against PyTorch."""

import numpy as np
import pytest

from autograd import Tensor, Value, gradients
from autograd.ops import table
from tests.ops.samplers import oracle, samples, varied
from tests.support import central_differences, contract, numbers

DIFFERENTIABLE = [op for op in table() if op.differentiable]
every_op = pytest.mark.parametrize("op", DIFFERENTIABLE, ids=lambda op: op.name)
every_elementwise_op = pytest.mark.parametrize(
    "op", [op for op in DIFFERENTIABLE if op.elementwise], ids=lambda op: op.name
)
shapes = pytest.mark.parametrize("shape", [(), (3,), (2, 3)], ids=str)


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


def descend(f, order):
    """A scalar of the arguments' derivatives of an order: each level contracts the gradient of the one below."""
    if order == 0:
        return lambda *nodes: contract(f(*nodes))

    below = descend(f, order - 1)

    def scalar(*nodes):
        y = below(*nodes)
        total = 0.0
        for k, g in enumerate(gradients(y, list(nodes), create_graph=True)):
            total = contract(g, seed=10 * order + k) + total
        return total

    return scalar


def slopes(scalar, args, kind=Tensor):
    nodes = [kind(a) for a in args]
    return gradients(scalar(*nodes), nodes)


@every_op
@shapes
def test_gradients_agree_with_central_differences(op, shape):
    for f, args in cases(op, shape):
        expected = central_differences(lambda *xs: contract(np.asarray(f(*xs))), args)
        nodes = [Tensor(a) for a in args]
        contract(f(*nodes)).backward()
        for x, slope in zip(nodes, expected, strict=True):
            assert x.grad.shape == x.data.shape
            np.testing.assert_allclose(x.grad, slope, rtol=1e-8, atol=1e-8)


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
@shapes
def test_gradients_agree_with_pytorch(op, shape):
    torch = pytest.importorskip("torch")
    theirs = oracle(op, torch)
    if theirs is None:
        pytest.skip("no such function there")
    for args, params in samples(op, shape):
        places = varied(op, args)
        nodes = [Tensor(a, requires_grad=i in places) for i, a in enumerate(args)]
        tensors = [torch.tensor(a.copy(), requires_grad=i in places) for i, a in enumerate(args)]
        y, t = op(*nodes, **params), theirs(*tensors, **params)
        np.testing.assert_allclose(y.data, t.detach().numpy(), rtol=1e-14, atol=1e-15)
        if not t.requires_grad:  # what reads only shapes there
            continue
        g = numbers(y.shape, 3)
        y.backward(g)
        t.backward(torch.tensor(g))
        for i in places:
            theirs_i = np.zeros(args[i].shape) if tensors[i].grad is None else tensors[i].grad.numpy()
            ours = np.zeros(args[i].shape) if nodes[i].grad is None else nodes[i].grad
            np.testing.assert_allclose(ours, theirs_i, rtol=1e-12, atol=1e-14)


@every_op
def test_second_derivatives_agree_with_differences_of_the_first(op):
    for f, args in cases(op):
        below = descend(f, 1)
        expected = central_differences(lambda *xs: plain_number(below, xs), args)
        for got, slope in zip(slopes(below, args), expected, strict=True):
            np.testing.assert_allclose(got, slope, rtol=1e-7, atol=1e-7)


@every_elementwise_op
@pytest.mark.parametrize("kind", [Value, Tensor], ids=lambda kind: kind.__name__)
def test_third_derivatives_agree_with_differences_of_the_second(op, kind):
    for f, args in cases(op, ()):
        below = descend(f, 2)
        expected = central_differences(lambda *xs: plain_number(below, xs, kind), args)
        for got, slope in zip(slopes(below, args, kind), expected, strict=True):
            np.testing.assert_allclose(got, slope, rtol=1e-6, atol=1e-6)


def plain_number(scalar, xs, kind=Tensor):
    return float(scalar(*(kind(x) for x in xs)))


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
