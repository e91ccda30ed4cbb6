"""`autograd.numpy`: NumPy's own on plain data, the op table's functions on nodes, advice where there is none."""

import subprocess
import sys

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import Tensor, Value, grad
from autograd.engine.node import Node, functions
from autograd.numpy.dispatch import has_node
from autograd.ops import table
from tests.helpers.samplers import reference, samples
from tests.helpers.support import KINDS, numbers

NAMES = [n for n, f in functions().items() if callable(f) and hasattr(numpy, n)]
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def test_it_is_an_attribute_of_the_package_and_cheap():
    code = "import autograd, sys; print(autograd.numpy.pi, 'numpy.random' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pi, loaded = done.stdout.split()
    bare = "import numpy, sys; print('numpy.random' in sys.modules)"
    assert float(pi) == numpy.pi
    assert loaded == subprocess.run([sys.executable, "-c", bare], capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("op", [op for op in table() if op.elementwise], ids=lambda op: op.name)
def test_ops_are_found_by_numpys_name_and_record(op):
    name = next(n for n, f in functions().items() if f is op)
    if not hasattr(numpy, name):
        theirs = getattr(reference(op), "__name__", "")
        assert getattr(numpy, theirs, None) is not reference(op), f"{name} is numpy.{theirs}, and has its name"
        return
    for args, _ in samples(op):
        y = getattr(np, name)(*map(Tensor, args))
        assert y.op is op
        plain = getattr(np, name)(*args)
        assert type(plain) is numpy.ndarray
        numpy.testing.assert_array_equal(plain, getattr(numpy, name)(*args))


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_the_registry_is_lost(name):
    assert callable(getattr(np, name))
    assert name in dir(np)


def test_on_plain_data_numpy_answers_with_all_its_arguments():
    a = numbers((3, 4))
    numpy.testing.assert_array_equal(np.sum(a, 0, dtype=numpy.float32), numpy.sum(a, 0, dtype=numpy.float32))
    assert type(np.exp(1.0)) is numpy.float64
    assert np.exp(1j) == numpy.exp(1j)
    out = numpy.zeros((3, 4))
    assert np.multiply(a, 2, out=out) is out
    assert np.max([1, 5, 2], initial=9) == 9
    assert np.where(numpy.array([False, True]))[0].tolist() == [1]
    assert np.concatenate([a, a], axis=None).shape == (24,)
    assert np.add.reduce([1, 2, 3]) == 6
    assert np.maximum.accumulate([1, 3, 2]).tolist() == [1, 3, 3]
    assert np.flip([1, 2]).tolist() == [2, 1]
    assert np.linspace(0, 1, 3).tolist() == [0.0, 0.5, 1.0]
    assert np.linalg.norm([3.0, 4.0]) == 5.0
    assert np.einsum("ij,ij->", a, a) == pytest.approx(float((a * a).sum()))
    assert np.array([[1, 2], [3, 4]]).dtype == int
    assert np.array([1.0], dtype=object).dtype == object
    assert isinstance(np.zeros(2), np.ndarray)
    assert (np.pi, np.newaxis, np.float32, np.inf) == (numpy.pi, None, numpy.float32, numpy.inf)
    assert np.r_[1:3].tolist() == [1, 2]
    with np.errstate(all="ignore"):
        assert np.isnan(np.log(-1.0))
    assert np.exp.__doc__ == numpy.exp.__doc__
    assert np.exp is np.exp


def test_random_is_numpys_and_draws_plain_numbers():
    import autograd.numpy.random as npr

    assert npr is np.random
    numpy.testing.assert_array_equal(npr.RandomState(3).randn(4), numpy.random.RandomState(3).randn(4))
    numpy.testing.assert_array_equal(npr.default_rng(3).normal(size=4), numpy.random.default_rng(3).normal(size=4))
    state = numpy.random.get_state()
    try:
        npr.seed(0)
        first = npr.randn(2)
        numpy.random.seed(0)
        numpy.testing.assert_array_equal(first, numpy.random.randn(2))
    finally:
        numpy.random.set_state(state)


@kinds
def test_arrays_are_built_of_nodes(kind):
    x, y = kind(2.0), kind(3.0)
    matrix = np.array([[x, 1.0], [y * x, y]])
    assert isinstance(matrix, Tensor)
    numpy.testing.assert_array_equal(matrix.data, [[2.0, 1.0], [6.0, 3.0]])
    np.sum(matrix * numpy.array([[1.0, 10.0], [100.0, 1000.0]])).backward()
    assert (float(x.grad), float(y.grad)) == (301.0, 1200.0)
    one = np.array(x)
    assert isinstance(one, Tensor)
    assert one.shape == ()
    assert one is not x
    assert isinstance(np.array((x, y), dtype=float), Tensor)
    assert np.array([x], dtype=object)[0] is x
    single = np.array([x, y], dtype=numpy.float32)
    assert single.dtype == numpy.float32
    np.sum(single).backward()
    assert float(x.grad) == 302.0


def test_arrays_are_built_of_arrays():
    row = Tensor([1.0, 2.0])
    stacked = np.array([row, [3.0, 4.0], row * 2])
    numpy.testing.assert_array_equal(stacked.data, [[1.0, 2.0], [3.0, 4.0], [2.0, 4.0]])
    np.sum(stacked).backward()
    numpy.testing.assert_array_equal(row.grad, [3.0, 3.0])
    assert np.asarray(row) is row
    assert np.array(row) is not row
    assert isinstance(np.asarray(Value(1.0)), Tensor)
    with pytest.raises(ValueError, match=r"^stack\(.*f64\[1\], .*f64\[2\]\): what stands side by side has one shape$"):
        np.array([[Value(1.0)], [Value(1.0), 2.0]])


@kinds
def test_full_of_a_node(kind):
    x = kind(3.0)
    for shape, size in ((4, 4), ((2, 3), 6), ((), 1), ([2], 2)):
        x.zero_grad()
        y = np.full(shape, x)
        assert y.shape == numpy.full(shape, 3.0).shape
        np.sum(y).backward()
        assert float(x.grad) == size
    assert np.full((2,), 3).dtype == int


SHAPES = [
    ((), ()), ((), (3,)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)), ((3,), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (2, 3, 4)), ((2, 3), (2, 5, 3, 4)),
    ((0, 3), (3, 2)), ((2, 0), (5, 0, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), SHAPES, ids=str)
def test_dot_is_numpys(a, b):
    torch = pytest.importorskip("torch")
    a, b = numbers(a, 1), numbers(b, 2)
    expected = numpy.dot(a, b)
    x, w = Tensor(a), Tensor(b)
    y = np.dot(x, w)
    assert y.shape == numpy.shape(expected)
    numpy.testing.assert_allclose(y.data, expected, rtol=1e-14, atol=1e-15)
    for one in (np.dot(x, b), np.dot(a, w), np.dot(a, b), autograd.dot(a, b)):
        numpy.testing.assert_allclose(getattr(one, "data", one), expected, rtol=1e-14, atol=1e-15)
    weights = numbers(y.shape, 3)
    y.backward(weights)
    t, u = (torch.tensor(one, requires_grad=True) for one in (a, b))
    theirs = t * u if 0 in (t.ndim, u.ndim) else torch.tensordot(t, u, ([-1], [max(u.ndim - 2, 0)]))
    theirs.backward(torch.tensor(weights))
    numpy.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=1e-13, atol=1e-14)
    numpy.testing.assert_allclose(w.grad, u.grad.numpy(), rtol=1e-13, atol=1e-14)


def test_dot_of_values_and_lists():
    x = Value(3.0)
    assert isinstance(np.dot(x, 2.0), Value)
    assert float(np.dot([1.0, 2.0], Tensor([3.0, 4.0])).data) == 11.0
    assert grad(lambda x: np.dot(x, x))(3.0) == 6.0
    with pytest.raises(ValueError, match=r"^matmul\("):
        np.dot(Tensor([1.0, 2.0]), numpy.ones(3))


@pytest.mark.parametrize("x", [Value(1.0), Tensor(numbers((2, 3))), Tensor(0.5), numbers((4,))], ids=str)
def test_shapes_are_plain_integers(x):
    data = getattr(x, "data", x) if isinstance(x, Node) else x
    assert (np.shape(x), np.ndim(x), np.size(x)) == (numpy.shape(data), numpy.ndim(data), numpy.size(data))
    assert type(np.shape(x)) is tuple
    if np.ndim(x):
        assert np.size(x, 0) == numpy.size(data, 0)


def test_nodes_are_found_in_lists_and_keywords():
    x = Value(1.0)
    assert has_node([x])
    assert has_node([1, ("a", [x])])
    assert not has_node([1, "a", None, [2.0, (numpy.ones(2),)]])
    assert isinstance(np.clip(0.5, a_min=x, a_max=None), Node)
    assert isinstance(np.concatenate([numpy.ones(2), Tensor([1.0])]), Tensor)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda x: np.put(x, 0, 1.0), TypeError, r"^np\.put is not supported on nodes; use np\.where\("),
        (
            lambda x: np.spacing(x),
            TypeError,
            r"^np\.spacing is not supported on nodes; it takes plain data only.*primit",
        ),
        (lambda x: np.angle(x), TypeError, r"^np\.angle .*complex numbers are outside this project"),
        (lambda x: np.random.normal(x), TypeError, r"^np\.random\.normal .*drawing has no derivative; .*mean \+ scale"),
        (
            lambda x: np.linalg.cholesky(x, upper=True),
            TypeError,
            r"^np\.linalg\.cholesky: upper= .*transpose the result",
        ),
        (lambda x: np.exp(x, out=numpy.ones(2)), TypeError, r"^np\.exp: out= would overwrite.*y = np\.exp\(x\)"),
        (lambda x: np.exp(x, where=[True, False]), TypeError, r"^np\.exp: where= .*np\.where\(condition, np\.exp\(x\)"),
        (lambda x: np.sum(x, dtype="f4"), TypeError, r"^np\.sum: dtype='f4', but nodes keep theirs, here float64"),
        (lambda x: np.fft, AttributeError, r"^autograd\.numpy\.fft: Fourier transforms are outside this project"),
        (lambda x: np.fft.fft(x), AttributeError, r"outside this project"),
        (lambda x: np.relu(x), AttributeError, r"'autograd\.numpy' has no attribute 'relu'; it is autograd\.relu$"),
        (lambda x: np.nothing, AttributeError, r"^module 'autograd\.numpy' has no attribute 'nothing'$"),
        (lambda x: np.linalg.nothing, AttributeError, r"^module 'autograd\.numpy\.linalg' has no attribute 'nothing'$"),
        (lambda x: np.random.nothing, AttributeError, r"^module 'autograd\.numpy\.random' has no attribute"),
    ],
)
def test_what_is_not_supported_says_what_to_write(call, kind, text):
    with pytest.raises(kind, match=text) as error:
        call(Tensor([1.0, 2.0]))
    assert "\n" not in str(error.value)


def test_names_are_imported_from_it():
    from autograd.numpy import cos, pi
    from autograd.numpy.linalg import LinAlgError, inv

    assert grad(cos)(pi / 2) == -1.0
    assert LinAlgError is numpy.linalg.LinAlgError
    assert inv(numpy.eye(2)).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    with pytest.raises(ImportError):
        from autograd.numpy import fft  # noqa: F401


def test_a_star_import_brings_numpys_names():
    scope = {}
    exec("from autograd.numpy import *\nfrom autograd.numpy.linalg import *", scope)
    assert grad(lambda x: scope["sum"](scope["exp"](x)))(0.0) == 1.0
    assert scope["det"](scope["eye"](2)) == 1.0
