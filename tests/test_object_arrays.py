"""Object arrays of Values: matrices of scalars, on which NumPy's functions work element by element."""

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import autograd.numpy as anp
from autograd import LeavesGraphWarning, Tensor, Value, gradients, ops
from autograd.engine.node import functions, registry
from autograd.engine.op import Op
from autograd.methods import _is_method
from autograd.operators import Operators
from tests.helpers.support import examples, numbers


def values(a):
    """A matrix of Values with the numbers of an array."""
    out = np.empty(np.shape(a), object)
    for place in np.ndindex(out.shape):
        out[place] = Value(a[place])
    return out


def data(a):
    """The numbers in an object array or a node."""
    return np.vectorize(lambda v: v.data if isinstance(v, Value) else v, otypes=[float])(a)


def agree(f, *arrays):
    """A function on matrices of Values, on Tensors and on plain arrays: values and gradients are the same."""
    scalars, tensors = [values(a) for a in arrays], [Tensor(a) for a in arrays]
    on_scalars, on_tensors = f(*scalars), f(*tensors)
    np.testing.assert_allclose(data(on_scalars), f(*arrays), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(on_tensors.data, f(*arrays), rtol=1e-13, atol=1e-14)
    weights = numbers(np.shape(on_scalars), 9, 0.5, 2.0)
    slopes = gradients(np.sum(on_scalars * weights), [v for scalar in scalars for v in scalar.flat])
    expected = gradients(np.sum(on_tensors * weights), tensors)
    np.testing.assert_allclose(slopes, np.concatenate([g.ravel() for g in expected]), rtol=1e-12, atol=1e-13)


W, B, X = numbers((3, 2), 1), numbers((2,), 2), numbers((4, 3), 3)


@pytest.mark.parametrize(
    "f",
    [
        lambda w, b: X @ w + b,
        lambda w, b: np.tanh(X @ w + b),
        lambda w, b: np.exp(w * b),
        lambda w, b: np.exp(X @ w) / np.sum(np.exp(X @ w), axis=1, keepdims=True),
        lambda w, b: np.sum(w) * b,
        lambda w, b: np.mean(w, axis=0) - b,
        lambda w, b: np.sqrt(w * w + 1.0) ** 3,
        lambda w, b: np.maximum(w, b),
        lambda w, b: np.abs(w) - np.log1p(b * b),
        lambda w, b: np.dot(w, b),
        lambda w, b: (w - b) / (1.0 + w**2),
        lambda w, b: np.where(X[:3, :2] > 0, w, b),
        lambda w, b: autograd.sigmoid(X @ w + b),
        lambda w, b: autograd.relu(autograd.matmul(X, w) + b),
        lambda w, b: autograd.mean(autograd.concatenate([w, w * b]), axis=0),
        lambda w, b: anp.tanh(anp.sum(w, axis=0)) * b,
        lambda w, b: -w + 2.0 / (3.0 + b * b),
    ],
)
def test_a_function_of_arrays_is_one_of_matrices_of_values(f):
    agree(f, W, B)


EARLY = {n: f for n, f in functions().items() if f.__module__.rpartition(".")[2] in ops._EARLY}
LATE = sorted(n for n in functions().keys() - EARLY.keys() if hasattr(np.ndarray, n))
UNARY = [n for n, f in EARLY.items() if isinstance(f, Op) and f.elementwise and f.arity == 1 and not f.params]


# NumPy has no loop for objects, or, for fabs, asks them for a method of a name that is not the op's.
NO_LOOP = {"fabs", "isfinite", "isinf", "isnan", "logical_not", "signbit"}


@pytest.mark.parametrize("name", [n for n in UNARY if hasattr(np, n) and n not in NO_LOOP])
@examples(20)
@given(rows=st.lists(st.floats(0.3, 0.9), min_size=1, max_size=4))
def test_every_function_of_the_table_works_on_the_elements(name, rows):
    points = np.array(rows) + (name == "arccosh")  # which begins at 1
    w = values(points)
    whole = name in ("ceil", "floor", "trunc")  # for which NumPy asks those of math
    with pytest.warns(LeavesGraphWarning) if whole else nullcontext():
        y = getattr(np, name)(w)
    assert y.dtype == object
    np.testing.assert_allclose(data(y), getattr(np, name)(points), rtol=1e-14)
    if getattr(registry, name).differentiable:
        assert all(type(v) is Value and v.parents[0] is x for v, x in zip(y, w, strict=True))
        assert {v.op for v in y} == {getattr(registry, name)}


@pytest.mark.parametrize("name", [n for n, f in EARLY.items() if _is_method(n, f)])
def test_methods_come_from_the_table(name):
    assert callable(getattr(Operators, name, None)) or hasattr(Operators, name)
    if name in UNARY:
        start = float(name == "arccosh")
        for x in (Value(start + 0.5), Tensor([start + 0.5, start + 0.25])):
            y = getattr(x, name)()
            assert y.op is getattr(registry, name)
            assert y.parents == (x,) or y.parents[0] is x
        assert getattr(Value, name).__doc__ == getattr(registry, name).__doc__
        assert getattr(Value, name).__name__ == name


def test_what_arrays_have_of_the_late_chapters_is_a_method_too():
    x = Tensor([3.0, 0.0, 2.0])
    assert x.nonzero()[0].data.tolist() == [0, 2]
    assert x.argpartition(0).data[0] == 1
    assert Tensor([1, 0]).choose([x[:2], x[1:]]).data.tolist() == [0.0, 0.0]
    assert x.conjugate() is x
    elsewhere = {"compress", "imag", "partition", "real", "resize"}  # by x[condition], and by functions
    assert {n for n in LATE if not callable(getattr(Tensor, n, None))} == elsewhere


def test_what_has_an_operator_is_no_method():
    for name in ("add", "subtract", "equal", "less", "where", "sort", "getitem", "pow_number"):
        assert not hasattr(Value, name)
        assert not hasattr(Tensor, name)


def test_a_value_meets_an_object_array():
    v, w = Value(2.0), values(W)
    for f in (
        lambda a, b: a * b,
        lambda a, b: a - b,
        lambda a, b: a / b,
        lambda a, b: a + b,
        lambda a, b: np.maximum(a, b),
        lambda a, b: np.multiply(a, b),
    ):
        for y, expected in ((f(v, w), f(2.0, W)), (f(w, v), f(W, 2.0))):
            assert type(y) is np.ndarray
            assert y.shape == W.shape
            assert all(type(e) is Value for e in y.flat)
            np.testing.assert_allclose(data(y), expected, rtol=1e-15)
    assert all(e.parents[0] is v or e.parents[1] is v for e in (v * w).flat)
    slopes = gradients(np.sum(v * w), [v, *w.flat])
    assert slopes == pytest.approx([W.sum(), *[2.0] * 6], rel=1e-15)


def test_reductions_of_a_matrix_of_values_are_values():
    w = values(W)
    for f in (np.sum, np.mean, np.max, np.min, np.prod, np.var, np.std, autograd.sum, autograd.mean, autograd.max):
        y = f(w)
        assert type(y) is Value, f
        expected = f(W).data if isinstance(f(W), Tensor) else f(W)
        assert y.item() == pytest.approx(float(expected), rel=1e-13)
    assert type(np.linalg.norm(w)) is Value


def test_a_layer_of_scalars_and_one_of_arrays_learn_alike():
    t = numbers((4, 2), 5)
    w, b = values(W), values(B)
    loss = np.mean((np.tanh(X @ w + b) - t) ** 2)
    loss.backward()
    Wt, Bt = Tensor(W), Tensor(B)
    np.mean((np.tanh(X @ Wt + Bt) - t) ** 2).backward()
    np.testing.assert_allclose([[v.grad for v in row] for row in w], Wt.grad, rtol=1e-12)
    np.testing.assert_allclose([v.grad for v in b], Bt.grad, rtol=1e-12)
