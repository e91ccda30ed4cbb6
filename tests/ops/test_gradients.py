"""The derivatives of every op, of any order, at calls that are drawn: against differences, PyTorch and JAX."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings

from autograd import Tensor, Value, gradients
from autograd.ops import table
from autograd.testing import check_gradients
from autograd.testing.strategies import op_calls
from tests.helpers.samplers import oracle, samples, traced, varied
from tests.helpers.support import contract, drawn, examples, numbers

pytestmark = pytest.mark.no_cover  # they walk lines that other tests count, some hundred times
THOROUGH = settings.default.max_examples > 100
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


def close(actual, expected, rtol):
    """Equal but for a rounding of the largest element: the others may be what is left of terms of its size, or of 1."""
    np.testing.assert_allclose(actual, expected, rtol, atol=rtol * np.abs(expected).max(initial=1e-3))


@every_op
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=lambda dtype: dtype.__name__)
def test_first_and_second_derivatives_of_arrays_that_broadcast(op, dtype, record_property):
    @examples(3)
    @given(op_calls(op, dtype))
    def check(call):
        check_gradients(lambda *args: op(*args, **call.params), call.args, order=2)
        record_property("case", op.name)

    check()


@every_elementwise_op
def test_first_to_third_derivatives_of_numbers(op, record_property):
    @examples(3)
    @given(op_calls(op))
    def check(call):
        check_gradients(lambda *args: op(*args, **call.params), scalars(call), order=3)
        record_property("case", op.name)

    check()


# Elementwise ops, whose third derivatives are tried on numbers in every run, are tried on arrays in the thorough one.
@pytest.mark.parametrize("op", [op for op in DIFFERENTIABLE if THOROUGH or not op.elementwise], ids=lambda op: op.name)
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
        close(y.data, t.detach().numpy(), 1e-13)
        if not t.requires_grad:  # what reads only shapes there
            continue
        g = numbers(y.shape, 3)
        y.backward(g)
        t.backward(torch.tensor(g))
        for i in places:
            theirs_i = np.zeros(args[i].shape) if tensors[i].grad is None else tensors[i].grad.numpy()
            ours = np.zeros(args[i].shape) if not nodes[i].has_grad else nodes[i].grad
            close(ours, theirs_i, 1e-11)


@pytest.fixture(scope="module")
def jax():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_disable_most_optimizations", True)  # each shape is compiled, for one call
    with jax.enable_x64(True):
        yield jax


@every_op
def test_gradients_agree_with_jax(op, jax, record_property):
    theirs = traced(op, jax)
    if theirs is None:
        pytest.skip("nothing there that can be differentiated")
    # Each is compiled, so that the second and the third are for the thorough run.
    for args, params in islice(samples(op), 3 if THOROUGH else 1):
        record_property("case", op.name)
        places = varied(op, args)

        def f(*xs, args=args, params=params, places=places):
            given = dict(zip(places, xs, strict=True))
            return theirs(*(given.get(i, a) for i, a in enumerate(args)), **params)

        nodes = [Tensor(a, requires_grad=i in places) for i, a in enumerate(args)]
        y = op(*nodes, **params)
        z, pull = jax.vjp(f, *(args[i] for i in places))
        close(y.data, np.asarray(z), 1e-13)
        g = numbers(y.shape, 3)
        y.backward(g)
        for i, gradient in zip(places, pull(jax.numpy.asarray(g)), strict=True):
            close(np.zeros(args[i].shape) if not nodes[i].has_grad else nodes[i].grad, np.asarray(gradient), 1e-11)


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
            assert n._grad is None or n._grad.base is None


@every_op
def test_only_the_arguments_that_require_a_gradient_receive_one(op):
    for args, params in samples(op):
        for chosen in varied(op, args):
            nodes = [Tensor(a, requires_grad=i == chosen) for i, a in enumerate(args)]
            contract(op(*nodes, **params)).backward()
            assert [i for i, n in enumerate(nodes) if n.has_grad] == [chosen]
