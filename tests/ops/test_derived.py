"""Every function that is written in other ops: its value, its derivatives, its dtypes; against NumPy and PyTorch."""

from importlib.util import find_spec

import numpy as np
import pytest
import scipy.special
from hypothesis import settings

import autograd
import autograd.scipy.special
from autograd import Tensor, gradients
from autograd.engine.node import Node, functions
from autograd.engine.op import Op
from autograd.ops import families
from autograd.testing import check_gradients
from tests.helpers.derived_late import DERIVED
from tests.helpers.support import contract, numbers, plain

FUNCTIONS = {n: f for n, f in functions().items() if not isinstance(f, Op)}
CONSTANT = {n for n, f in FUNCTIONS.items() if not getattr(f, "differentiable", True)}
DIFFERENTIABLE = sorted(FUNCTIONS.keys() - CONSTANT)
THOROUGH = settings.default.max_examples > 100 or find_spec("torch") is None
CONSTANT_BY_ARGUMENT = {"full_like", "matrix_power"}  # filled with a number; the power 0


def test_every_derived_function_has_samples_and_every_sampler_a_function():
    assert sorted(FUNCTIONS) == sorted(DERIVED)
    assert {n for family in families() for n in family.__all__ if not isinstance(getattr(family, n), Op)} == set(
        DERIVED
    )


def numpys(name, numpy=np, of_scipy=scipy.special):
    """NumPy's function of a name, or SciPy's."""
    return getattr(numpy, name, None) or getattr(numpy.linalg, name, None) or getattr(of_scipy, name)


def mapped(change, x):
    """A call's arguments with its arrays of floats changed; of those in lists too."""
    if isinstance(x, (list, tuple)):
        return type(x)(mapped(change, a) for a in x)
    return change(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


def listed(y):
    return list(y) if isinstance(y, (list, tuple)) else [y]


def cases(name):
    """For each call: the function of its arrays of floats alone, and these."""
    for args, kwargs in DERIVED[name].calls:
        found = []
        mapped(found.append, (args, tuple(kwargs.values())))

        def f(*xs, of=None, args=args, kwargs=kwargs):
            rest = iter(xs)
            filled = mapped(lambda a: next(rest), args)
            named = {k: mapped(lambda a: next(rest), v) for k, v in kwargs.items()}
            return (of or FUNCTIONS[name])(*filled, **named)

        yield f, found


def whole(f):
    """Without the parts of a result that are constant: differences would see their jumps."""
    return lambda *xs: [y for y in listed(f(*xs)) if not isinstance(y, Node) or y.requires_grad]


every_function = pytest.mark.parametrize("name", sorted(FUNCTIONS))
every_differentiable = pytest.mark.parametrize("name", DIFFERENTIABLE)


@every_function
def test_values_are_numpys(name):
    for f, arrays in cases(name):
        expected = listed(f(*arrays, of=numpys(name)))
        for result in (f(*arrays), f(*map(Tensor, arrays))):
            assert isinstance(result, tuple) or not isinstance(f(*arrays, of=numpys(name)), tuple)
            assert len(listed(result)) == len(expected)
            for one, theirs in zip(listed(result), expected, strict=True):
                got = np.asarray(plain(one))
                assert got.shape == np.shape(theirs)
                assert got.dtype == np.asarray(theirs).dtype
                np.testing.assert_allclose(got, theirs, rtol=1e-13, atol=1e-14)


@every_function
def test_numpys_name_for_it_on_nodes_is_ours(name):
    of = numpys(name, autograd.numpy, autograd.scipy.special)
    for f, arrays in cases(name):
        nodes = [Tensor(a) for a in arrays]
        for one, ours in zip(listed(f(*nodes, of=of)), listed(f(*nodes)), strict=True):
            assert type(one) is type(ours)
            np.testing.assert_array_equal(plain(one), plain(ours))


@every_function
def test_a_result_requires_a_gradient_unless_it_is_constant(name):
    for f, arrays in cases(name):
        results = listed(f(*map(Tensor, arrays)))
        required = [isinstance(y, Node) and y.requires_grad for y in results]
        assert any(required) == (name not in CONSTANT) or not results or name in CONSTANT_BY_ARGUMENT
        for y in results:
            if isinstance(y, Node) and y.data.dtype.kind == "f" and np.size(y.data) and not y.requires_grad:
                assert name in CONSTANT | CONSTANT_BY_ARGUMENT | {"slogdet", "divmod", "modf"}


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@every_differentiable
def test_first_and_second_derivatives(name):
    """Against differences; of a function that PyTorch has too, other calls than the first in the thorough run only."""
    order = 2  # of the first call: the ops that a function is written in have been tried to any order
    for f, arrays in cases(name):
        if order == 1 and DERIVED[name].torch and not THOROUGH:
            break  # the first derivatives of every call are compared with PyTorch's below
        if whole(f)(*map(Tensor, arrays)):  # else a constant by its arguments
            check_gradients(whole(f), arrays, order=order)
            order = 1


@every_differentiable
def test_float32_gives_numpys_dtype_and_gradients_in_float32(name):
    for f, arrays in cases(name):
        single = [a.astype(np.float32) for a in arrays]
        nodes = [Tensor(a) for a in single]
        for y, theirs in zip(listed(f(*nodes)), listed(f(*single, of=numpys(name))), strict=True):
            # SciPy's polygamma gives float64.
            assert np.asarray(plain(y)).dtype == (np.float32 if name == "polygamma" else theirs.dtype)
            if isinstance(y, Node) and y.requires_grad:
                for g in gradients(contract(y * y), nodes, create_graph=True):
                    assert g.data.dtype == np.float32


@pytest.mark.parametrize("name", [n for n in DIFFERENTIABLE if DERIVED[n].torch])
def test_gradients_agree_with_pytorch(name):
    torch = pytest.importorskip("torch")
    for f, arrays in cases(name):
        nodes, tensors = [Tensor(a) for a in arrays], [torch.tensor(a.copy(), requires_grad=True) for a in arrays]
        ours = listed(f(*nodes))
        theirs = listed(f(*tensors, of=lambda *args, **kwargs: DERIVED[name].torch(torch, *args, **kwargs)))
        for y, t in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(y.data, t.detach().numpy(), rtol=1e-12, atol=1e-13)
            if not y.requires_grad:
                continue
            weights = numbers(y.shape, 3)
            expected = torch.autograd.grad(t, tensors, torch.tensor(weights), retain_graph=True, materialize_grads=True)
            for got, slope in zip(gradients([y], nodes, [weights]), expected, strict=True):
                np.testing.assert_allclose(got, slope.numpy(), rtol=1e-11, atol=1e-13)


@every_function
def test_arguments_are_left_as_they_were(name):
    for f, arrays in cases(name):
        before = [a.copy() for a in arrays]
        nodes = [Tensor(a) for a in arrays]
        f(*arrays)
        results = [y for y in listed(f(*nodes)) if isinstance(y, Node) and y.op is not None]
        for a, b, n in zip(arrays, before, nodes, strict=True):
            np.testing.assert_array_equal(a, b)
            assert not any(y is not n and np.shares_memory(y.data, n.data) for y in results)
