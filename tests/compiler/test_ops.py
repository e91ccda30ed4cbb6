"""Every op of the table, compiled: its value and its derivatives to second order are what eager gives."""

from itertools import islice

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, primitive
from autograd.compiler.backends import code_of
from autograd.compiler.tracing import record
from autograd.extend import defvjp
from autograd.extend import primitive as primitive_of_hips
from autograd.ops import table
from autograd.transforms.containers import leaves
from tests.helpers.compiled import assert_compiled_is_eager, assert_same, everything, other_values
from tests.helpers.derived_late import DERIVED
from tests.helpers.samplers import samples, varied
from tests.helpers.support import numbers
from tests.ops.test_derived import CONSTANT, cases

OPS = table()
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
every_elementwise_op = pytest.mark.parametrize("op", [op for op in OPS if op.elementwise], ids=lambda op: op.__name__)
NO_NODES = {
    "allclose", "array_equal", "array_equiv", "diag_indices_from", "iscomplexobj", "isrealobj", "isscalar", "iterable",
    "ndim", "shape", "size", "tril_indices_from", "triu_indices_from",
}  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
# Where a result is what LAPACK or a long chain of products makes, the order of sums is not all that differs.
ILL_CONDITIONED = {"cholesky", "cofactor", "det", "inv", "logabsdet", "solve", "prod", "prod_of_others", "cumprod"}


def function_of(op, args, params, order=2):
    """The op with its static arguments, its derivatives, and the arguments."""
    places = varied(op, args) if op.differentiable else ()
    return everything(lambda *xs: op(*xs, **params), places, order), args


def terms(args):
    return max((np.size(a) for a in args), default=1)


def single(a):
    return a.astype(np.float32) if np.asarray(a).dtype.kind == "f" else a


@every_op
def test_on_arrays(op):
    for args, params in islice(samples(op), 3):
        f, args = function_of(op, args, params)
        factor = 64.0 if op.__name__ in ILL_CONDITIONED else 4.0
        assert_compiled_is_eager(f, [args, other_values(args)], exact=op.elementwise, terms=terms(args), factor=factor)


@every_op
def test_on_arrays_of_single_precision(op):
    args, params = next(iter(samples(op)))
    f, args = function_of(op, tuple(map(single, args)), params, order=1)
    factor = 64.0 if op.__name__ in ILL_CONDITIONED else 4.0
    assert_compiled_is_eager(f, [args, other_values(args)], exact=op.elementwise, terms=terms(args), factor=factor)


@every_op
def test_with_marks(op):
    args, params = next(iter(samples(op)))
    f, args = function_of(op, args, params)
    recording = record(f, args, [None] * len(args), "f", marked=True)
    code = code_of(recording, recording.outputs, marked=True)
    run = code.make()
    for at in (args, other_values(args), args):
        results = run(*at, *(n._data for n in code.captured))
        factor = 64.0 if op.__name__ in ILL_CONDITIONED else 4.0
        for a, e in zip(results, leaves(f(*at)), strict=True):
            assert_same(np.asarray(a), np.asarray(e), exact=op.elementwise, terms=terms(args), factor=factor)


@every_elementwise_op
def test_on_floats(op):
    for args, params in islice(samples(op), 3):
        f, _ = function_of(op, args, params)
        calls = [tuple(a.ravel()[k].item() for a in args) for k in range(3)]
        assert_compiled_is_eager(f, calls, exact=True)


@pytest.mark.parametrize("shapes", [((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 3))], ids=str)
@pytest.mark.parametrize("op", [op for op in OPS if op.elementwise and op.arity > 1], ids=lambda op: op.__name__)
def test_broadcasting(op, shapes):
    args, params = next(iter(samples(op)))
    args = tuple(np.array(a.ravel()[: max(1, int(np.prod(s)))].reshape(s)) for a, s in zip(args, shapes * 2))
    f, args = function_of(op, args, params, order=1)
    assert_compiled_is_eager(f, [args, other_values(args)], exact=False, terms=6)


@pytest.mark.parametrize("name", sorted(DERIVED.keys() - NO_NODES))
def test_functions_that_are_written_in_other_ops(name):
    differentiable = name not in CONSTANT
    for f, xs, *_ in islice(cases(name), 4):
        if not any(np.size(x) for x in xs) or not all(np.isfinite(x).all() for x in xs):
            continue
        call = everything(first_float(f), range(len(xs)), order=1) if differentiable else f
        assert_compiled_is_eager(call, [xs, other_values(xs)], exact=False, terms=24, factor=64.0)


def first_float(f):
    """A function whose result is one array of floats."""

    def function(*xs):
        found = leaves(f(*xs))
        return next(y for y in found if getattr(y, "dtype", np.dtype(float)).kind == "f")

    return function


# ---- users' own ops


@primitive(elementwise=True)
def swish(xp, x, /, beta=1.0):
    return x / (1 + xp.exp(-beta * x))


swish.defvjps(
    x=lambda xp, g, y, x, beta: g * (1 / (1 + xp.exp(-beta * x)) + beta * y * (1 - 1 / (1 + xp.exp(-beta * x))))
)


@primitive()
def weighted(xp, *parts):
    total = parts[0]
    for k, part in enumerate(parts[1:], 2):
        total = total + k * part
    return xp.sum(total, axis=0)


weighted.defvjps(parts=lambda xp, g, y, *parts, position: xp.broadcast_like(g * (position + 1), parts[position]))


@primitive_of_hips
def softplus_of_hips(x):
    return np.log1p(np.exp(x))


defvjp(softplus_of_hips, lambda ans, x: lambda g: g * (1 - anp.exp(-ans)))


@primitive_of_hips
def branching_of_hips(x, n=2):
    if x.sum() > 0:
        return np.array([x.max() ** n, x.min()])
    out = np.zeros(2)
    for k, value in enumerate(x[:2]):
        out[k] = float(value) * n
    return out


defvjp(
    branching_of_hips,
    lambda ans, x, n=2: (
        lambda g: (
            g[0] * n * x.max() ** (n - 1) * (x == x.max()) + g[1] * (x == x.min())
            if x.sum() > 0
            else np.concatenate([g * n, np.zeros(x.size - 2)])
        )
    ),
)


@primitive_of_hips
def selected(x):
    return x[x > 0]


def put_back(g, x):
    out = np.zeros_like(x)
    out[x > 0] = g
    return out


defvjp(selected, lambda ans, x: lambda g: put_back(g, x))

X = np.array([0.5, -1.0, 2.0, 0.25])
VALUES = [X, -X, X[::-1].copy(), X + 3.0]


@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_users_formulas_are_looked_into(order):
    assert_compiled_is_eager(everything(swish, [0], order), [(x,) for x in VALUES], exact=True)
    assert_compiled_is_eager(everything(lambda x: swish(x, beta=0.3), [0], order), [(x,) for x in VALUES], exact=True)
    assert_compiled_is_eager(everything(swish, [0], order), [(x,) for x in (0.5, -1.0, 3.0)], exact=True)
    pair = [(numbers((2, 3), k), numbers((2, 3), k + 1)) for k in range(2)]
    assert_compiled_is_eager(everything(weighted, [0, 1], order), pair, exact=False, terms=6)
    assert "exp(" in autograd.compile(swish).source(X)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("op", [branching_of_hips, selected, softplus_of_hips], ids=lambda op: op.__name__)
def test_a_users_formulas_that_branch_on_data_are_called(op, order):
    fast = assert_compiled_is_eager(everything(op, [0], order), [(x,) for x in VALUES], exact=True)
    assert len(fast.variants) <= 4


def test_a_users_formulas_in_the_middle_of_a_function():
    def f(x):
        return autograd.sum(selected(x * 2.0) ** 2) + autograd.sum(branching_of_hips(autograd.sin(x)))

    assert_compiled_is_eager(everything(f, [0], 1), [(x,) for x in VALUES], exact=False, terms=4)


def test_second_derivatives_through_a_formula_of_hips_style():
    assert_compiled_is_eager(everything(softplus_of_hips, [0]), [(x,) for x in VALUES], exact=True)


def test_a_formula_that_draws_is_called_at_each_call():
    def noisy(seed):
        rng = np.random.default_rng(seed)

        @primitive_of_hips
        def jitter(x):
            return x + rng.normal(size=x.shape)

        defvjp(jitter, lambda ans, x: lambda g: g)
        return lambda x: autograd.sum(jitter(x) * x)

    fast = autograd.compile(noisy(0))
    assert len({fast(X) for _ in range(4)}) == 4


def test_a_captured_node_of_a_users_op_is_read_anew():
    w = Tensor([1.0, 2.0, 3.0, 4.0])
    fast = autograd.compile(lambda x: autograd.sum(branching_of_hips(w * x)))
    first = fast(X)
    w.data = -w.data
    assert fast(X) != first
    assert fast(X) == autograd.sum(branching_of_hips(w.data * X))
