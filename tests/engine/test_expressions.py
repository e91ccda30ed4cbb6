"""Random expressions over the op table: values, gradients and Hessian-vector products agree with PyTorch's.

Hypothesis draws them (`autograd.testing.strategies`), each step well conditioned where it is taken.
"""

import numpy as np
import pytest
from hypothesis import given, reject

import autograd
from autograd import Tensor, Value, gradients
from autograd.testing.strategies import expressions
from tests.helpers.samplers import oracle
from tests.helpers.support import examples

pytestmark = pytest.mark.no_cover  # as in tests/ops/test_gradients.py
torch = pytest.importorskip("torch")

NODES = 24


def within_theirs(expression):
    """Reject a zero exponent: PyTorch's second derivative of a**b by a and b is 0 there, and should be 1/a."""

    def of(op):
        def f(*args, **params):
            if op is autograd.pow and (np.asarray(args[1]) == 0).any():
                reject()
            return op(*args, **params)

        return f

    expression.evaluate(expression.inputs, of)


def theirs(expression, xs):
    """PyTorch's value of an expression."""
    return expression.evaluate(xs, lambda op: oracle(op, torch))


def agree(actual, expected, what):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    assert np.abs(actual - expected).max(initial=0.0) <= 1e-9 * scale, (what, actual, expected)


def total(g, xs, vs):
    """Σ v·g over all leaves: the scalar whose gradient is the Hessian times v."""
    out = 0.0
    for one, v in zip(g, vs, strict=True):
        out = autograd.sum(one * v) + out
    return out


def compare(expression, kind):
    within_theirs(expression)
    leaves = expression.inputs
    xs = [kind(a) for a in leaves]
    ts = [torch.tensor(a, requires_grad=True) for a in leaves]
    y, t = expression(*xs), theirs(expression, ts)
    agree(y.data, t.detach().numpy(), "value")
    y, t = autograd.sum(y), t.sum()
    g = gradients(y, xs, create_graph=True)
    tg = torch.autograd.grad(t, ts, create_graph=True, allow_unused=True)
    tg = [torch.zeros_like(x) if one is None else one for one, x in zip(tg, ts, strict=True)]
    for one, other in zip(g, tg, strict=True):
        agree(one.data, other.detach().numpy(force=True), "gradient")
    y.backward()
    for x, other in zip(xs, tg, strict=True):
        agree(0.0 * x.data if not x.has_grad else x.grad, other.detach().numpy(force=True), "backward")
    vs = [np.cos(np.arange(a.size) + 1.0).reshape(a.shape) for a in leaves]
    vs_ = [float(v) for v in vs] if kind is Value else vs
    s, st_ = total(g, xs, vs_), sum((one * torch.tensor(v)).sum() for one, v in zip(tg, vs, strict=True))
    th = torch.autograd.grad(st_, ts, allow_unused=True) if st_.requires_grad else [None] * len(ts)
    for x, one, other in zip(xs, gradients(s, xs), th, strict=True):
        agree(one, np.zeros(np.shape(x.data)) if other is None else other.numpy(force=True), "Hessian times v")


@given(expressions(max_nodes=NODES, shapes=[()]))
@examples(250)
def test_scalar_expressions(expression):
    compare(expression, Value)


@given(expressions(max_nodes=NODES, shapes=[()]))
@examples(100)
def test_0_d_expressions(expression):
    compare(expression, Tensor)


@given(expressions(max_nodes=NODES))
@examples(250)
def test_expressions_of_arrays_that_broadcast(expression):
    compare(expression, Tensor)
