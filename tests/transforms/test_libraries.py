"""Transforms of functions of other libraries' arrays, also in the traces of these libraries."""

import numpy as np
import pytest

import autograd as a
from autograd import (
    Tensor,
    checkpoint,
    differential_operators,
    elementwise_grad,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)  # fmt: skip
from autograd.compiler import CompileWarning
from autograd.misc.flatten import flatten
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.testing import GradientError, NotDifferentiableError, check_gradients, numerical_gradient
from tests.helpers.places import LIBRARIES, array_of


@pytest.fixture(params=LIBRARIES)
def make(request):
    return array_of(request.param)


def values(x):
    return np.array(x.tolist()) if hasattr(x, "tolist") else np.array(x)


def f(x):
    return (a.sin(x) * x).sum()


def same(got, want, kind):
    """Whether a result is NumPy's, but for its library."""
    if isinstance(want, dict):
        assert got.keys() == want.keys()
        got, want = list(got.values()), list(want.values())
    if isinstance(want, (tuple, list)):
        assert len(got) == len(want)
        for p, q in zip(got, want, strict=True):
            same(p, q, kind)
        return
    assert type(got) is (float if type(want) is float else kind)
    np.testing.assert_allclose(values(got), want, rtol=1e-12, atol=1e-15)


AT = [1.0, 2.0, 3.0]
CASES = {
    "grad": lambda x: grad(f)(x), "value and grad": lambda x: value_and_grad(f)(x),
    "elementwise": lambda x: elementwise_grad(a.tanh)(x), "second": lambda x: grad(lambda x: grad(f)(x).sum())(x),
    "vjp": lambda x: vjp(lambda x: x * x, x)[1](x), "jvp": lambda x: jvp(lambda x: (x * x, x[0]), (x,), (x,)),
    "jvp of NumPy's": lambda x: jvp(a.exp, (x,), (np.ones(3),)), "hvp": lambda x: hvp(f, x, x),
    "jacobian": lambda x: jacobian(lambda x: x**2 * x[0])(x),
    "jacobian by columns": lambda x: jacobian(lambda x: a.concatenate([x, x * x, a.sin(x)]) * np.ones((2, 9)))(x),
    "hessian": lambda x: hessian(lambda x: (x**3).sum() * x[0])(x),
    "jacobian of containers": lambda x: jacobian(lambda x: {"a": x * 2, "b": x.sum()})(x),
    "jacobian by a number": lambda x: jacobian(lambda t: x * t)(2.0) if isinstance(x, np.ndarray) else
    jacobian(lambda t: Tensor(x, requires_grad=False) * t)(2.0),
    "containers": lambda x: grad(lambda p: (p["w"] * p["b"]).sum())({"w": x, "b": 2.0}),
    "two arguments": lambda x: grad(lambda p, q: (p * q).sum(), (0, 1))(x, x),
    "not used": lambda x: grad(lambda p, q: p.sum(), (0, 1))(x, x), "constant": lambda x: grad(lambda x: 1.0)(x),
    "a constant array": lambda x: jacobian(lambda p: x)(x),
    "checkpoint": lambda x: grad(checkpoint(f))(x), "deriv": lambda x: differential_operators.deriv(f)(x),
    "make_vjp": lambda x: differential_operators.make_vjp(lambda x: x * 2)(x)[0](x),
    "make_jvp": lambda x: differential_operators.make_jvp(lambda x: x * 2)(x)(x),
    "make_hvp": lambda x: differential_operators.make_hvp(f)(x)[0](x),
    "make_ggnvp": lambda x: differential_operators.make_ggnvp(lambda x: x * 2)(x)(x),
    "hessian_tensor_product": lambda x: differential_operators.hessian_tensor_product(f)(x, x),
    "tensor_jacobian_product": lambda x: differential_operators.tensor_jacobian_product(lambda x: x * 2)(x, x),
    "grad_and_aux": lambda x: differential_operators.grad_and_aux(lambda x: (x.sum(), x))(x),
    "multigrad_dict": lambda x: differential_operators.multigrad_dict(lambda p, q: (p * q).sum())(x, x),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_transforms_give_arrays_of_the_library(make, name):
    x = make(AT)
    same(CASES[name](x), CASES[name](np.array(AT)), type(x))


def test_the_dtype_is_that_of_the_argument(make):
    x = make(AT, "float32")
    for g in (grad(f)(x), jacobian(lambda x: x * np.ones(3))(x), hessian(f)(x), jvp(a.exp, (x,), (np.ones(3),))[1]):
        assert str(g.dtype) == str(x.dtype)
    assert values(grad(lambda x: (x * x).sum())(make([1, 2], "int64"))).tolist() == [2.0, 4.0]


def test_of_nodes_come_nodes(make):
    x = Tensor(make(AT))
    g = grad(f)(x)
    assert type(g) is type(x)
    np.testing.assert_allclose(values(gradients(g.sum(), x)), values(hvp(f, make(AT), np.ones(3))), rtol=1e-12)


def test_what_transforms_refuse(make):
    x = make(AT)
    for act, error, text in (
        (lambda: grad(lambda x: x * 2)(x), ValueError, r"is not a scalar, so it has no gradient"),
        (lambda: grad(lambda x: (x > 1).sum())(x), TypeError, "a condition or an integer, which has no derivative"),
        (lambda: grad(lambda x: x.data)(x), TypeError, r"was taken out of the graph by \.data at"),
        (lambda: grad(lambda x: float(x.numpy().sum()))(x), TypeError, r"was taken out of the graph by \.numpy\(\) at"),
        (lambda: grad(lambda x: x.sum() * float(x[0]))(x), TypeError, "depends on an argument of grad"),
        (lambda: vjp(a.exp, x)[1](make([1.0])), ValueError, r"cotangent has shape \(1,\), but it goes with Tensor"),
        (lambda: grad(lambda p, q: (p * q).sum(), (0, 1))(x, np.ones(3)), TypeError, "nothing moves by itself"),
        (lambda: vjp(a.exp, np.ones(3))[1](x), TypeError, "number"),
        (lambda: grad(f, x), TypeError, r"what grad gives is called: grad\(f\)\(x\)"),
    ):
        with pytest.raises(error, match=text):
            act()


def test_containers_become_vectors_and_optimizers_move_them(make):
    def moved(make):
        vector, unflatten = flatten({"a": make([1.0, 2.0]), "b": make([[3.0]])})
        by_vector = grad(lambda p: (flatten(p)[0] ** 2).sum())(unflatten(vector))
        steps = [o(lambda x, i: 2 * x, make(AT), num_iters=3) for o in (sgd, adam, rmsprop)]
        return vector, by_vector, steps

    for got, want in zip(moved(make), moved(np.array), strict=True):
        same(got, want, type(make(AT)))


# ---- checks ----


def test_gradients_are_checked(make):
    check_gradients(lambda x, t: (a.sin(x) * x * t).sum(), (make([0.5, 2.0]), 2.0))
    check_gradients(lambda p: a.softmax(p["x"]), ({"x": Tensor(make([0.5, 2.0], "float32"))},), order=1)
    check_gradients(lambda W, x: a.tanh(x @ W), (make(np.eye(2)), make([[0.5, 1.0]])), order=1)
    with pytest.raises(GradientError, match=r"by the engine: +2\n +by differences: +4 .*\n.*was something detached"):
        check_gradients(lambda x: (x.detach() * x).sum(), (make([1.0, 2.0]),))
    with pytest.raises(NotDifferentiableError, match=r"by args\[0\]\[0\] the slopes .* in 'relu'"):
        check_gradients(lambda x: a.relu(x).sum(), (make([0.0, 2.0]),))
    with pytest.raises(TypeError, match="returned plain numbers"):
        check_gradients(lambda x: x.data, (make([1.0, 2.0]),))
    found = numerical_gradient(lambda x: (x**2).sum(), Tensor(make([1.0, 2.0]))).gradient
    np.testing.assert_allclose(found, [2.0, 4.0], rtol=1e-9)


def test_a_wrong_derivative_is_found(make):
    @a.primitive("c", elementwise=True)
    def cube(xp, x):
        return x * x * x

    cube.defvjps(x=lambda xp, g, y, x: g * (2.9 * x * x))
    with pytest.raises(GradientError, match=r"suspected op: +'cube', whose own derivative by 'x' is wrong"):
        check_gradients(lambda x: cube(x).sum(), (make([1.0, 2.0]),))


# ---- compiled functions ----


def test_compiled_functions_run_as_they_are(make):
    b = Tensor(make([3.0, 4.0]), "b")
    double = a.compile(lambda x: (x * 2).sum())
    with pytest.warns(CompileWarning, match="runs as it is for arrays of another library"):
        y = double(make([1.0, 2.0]))
    assert (type(y), values(y).tolist()) == (type(b.data), 6.0)
    assert double(np.array([1.0, 2.0])) == 6.0
    with pytest.warns(CompileWarning, match="programs calculate with NumPy"):
        slope = a.compile(grad(f))(make(AT))
    np.testing.assert_allclose(values(slope), grad(f)(np.array(AT)), rtol=1e-12)
    scaled = a.compile(lambda t: (b * t).sum())
    with pytest.warns(CompileWarning, match=r"Tensor from 'mul' .* is recorded, and programs calculate with NumPy"):
        assert values(scaled(2.0)).tolist() == 14.0
    b.data = make([1.0, 1.0])
    assert values(scaled(2.0)).tolist() == 4.0


# ---- in traces of PyTorch ----

KINKS = {
    "where": lambda x: a.where(x > 0, a.sqrt(x), 0.0).sum(), "relu": lambda x: a.relu(x - 1.0).sum(),
    "maximum": lambda x: a.maximum(x, 1.0).sum(), "clip": lambda x: a.clip(x, 0.0, 4.0).sum(),
    "sort": lambda x: (a.sort(x) * np.arange(3.0)).sum(), "getitem": lambda x: a.sqrt(x)[1:].sum(),
    "abs": lambda x: abs(x - 1.0).sum(), "max": lambda x: x.max(), "norm": lambda x: a.norm(x - x.mean()),
    "logsumexp": a.logsumexp, "matmul": lambda x: x @ np.ones((3, 3)) @ x, "std": lambda x: x.std(),
    "cumsum": lambda x: (a.cumsum(x) * x).sum(),
}  # fmt: skip


def by_backward(f):
    def gradient(data):
        x = Tensor(data)
        f(x).backward()
        return x.grad

    return gradient


@pytest.mark.parametrize("name", KINKS)
def test_a_pass_that_pytorch_traces_is_that_of_numpy(name):
    torch = pytest.importorskip("torch")
    from torch.fx.experimental.proxy_tensor import make_fx

    f, at = KINKS[name], torch.tensor([0.0, 1.0, 4.0], dtype=torch.float64)
    with np.errstate(all="ignore"):
        want = [by_backward(f)(np.array(p)) for p in ([0.0, 1.0, 4.0], [2.0, 0.0, 1.0])]
    for function in (by_backward(f), grad(f)):
        traced = make_fx(function)(at + 0.5)
        np.testing.assert_allclose(traced(at).numpy(), want[0], rtol=1e-12)
        np.testing.assert_allclose(
            traced(at[[0, 0, 1]] * 0 + at.new_tensor([2.0, 0.0, 1.0])).numpy(), want[1], rtol=1e-12
        )


READS = {
    "item": lambda x: x.sum().item(), "float": lambda x: float(x.sum().detach()), "bool": lambda x: bool(x.sum() > 0),
    "numpy": lambda x: x.numpy(), "tolist": lambda x: x.tolist(), "format": lambda x: f"{x.sum():.2f}",
    "index": lambda x: [1, 2, 3][x.argmax()], "numpy.asarray": lambda x: np.asarray(x > 0),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
def test_values_are_not_read_where_pytorch_traces(name):
    torch = pytest.importorskip("torch")
    from torch.fx.experimental.proxy_tensor import make_fx

    with pytest.raises(TypeError, match=rf"^{name}: Tensor .*on torch \(traced\) has no values yet"):
        make_fx(lambda data: READS[name](Tensor(data)) and data)(torch.ones(3))


def test_a_text_of_a_traced_node_has_no_values():
    torch = pytest.importorskip("torch")
    from torch.fx.experimental.proxy_tensor import make_fx

    texts = []
    make_fx(lambda data: texts.append(repr(Tensor(data, "x"))) or data)(torch.ones(3))
    assert texts[0] == "Tensor(f32[3], on='torch (traced)', label='x')"


# ---- in traces of JAX ----


@pytest.fixture
def jax():
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("name", ["where", "relu", "sort", "max"])
def test_a_pass_that_jax_traces_is_that_of_numpy(jax, name):
    f, at = KINKS[name], np.array([0.0, 1.0, 4.0])
    with np.errstate(all="ignore"):
        want = grad(f)(at)
    for function in (by_backward(f), grad(f)):
        np.testing.assert_allclose(jax.jit(function)(jax.numpy.asarray(at)), want, rtol=1e-12)
    rows = jax.vmap(grad(f))(jax.numpy.stack([at, at]))
    np.testing.assert_allclose(rows, [want, want], rtol=1e-12)


def test_jax_differentiates_what_nodes_calculate(jax):
    x = jax.numpy.asarray(AT)
    np.testing.assert_allclose(jax.grad(lambda x: f(Tensor(x)).data)(x), grad(f)(np.array(AT)), rtol=1e-12)
    second = jax.jit(hessian(f))(x)
    np.testing.assert_allclose(second, hessian(f)(np.array(AT)), rtol=1e-12)


def test_values_are_not_read_where_jax_traces(jax):
    x = jax.numpy.ones(3)
    for name, read in READS.items():
        with pytest.raises(TypeError, match=rf"^{name}: Tensor .*on jax \(traced\) has no values yet"):
            jax.jit(lambda data, read=read: read(Tensor(data)))(x)
    with pytest.raises(TypeError, match=r"^getitem\(.*its result depends on values, which a trace does not have yet"):
        jax.jit(lambda data: Tensor(data)[Tensor(data) > 0].data)(x)
    for act in (lambda: jax.numpy.exp(Tensor(x)), lambda: jax.jit(lambda x: x)(Tensor(x))):
        with pytest.raises(TypeError, match="JaxTensor"):
            act()


def test_nodes_on_jax(jax):
    x = Tensor(jax.numpy.asarray([0.0, 1.0, 4.0]), "x")
    assert repr(x) == "Tensor([0., 1., 4.], dtype=float64, on='jax cpu:0', label='x')"
    y = a.where(x > 0, a.sqrt(x), 0.0).sum()
    y.backward()
    g = x.grad
    y.backward()
    assert (values(g).tolist(), values(x.grad).tolist()) == ([0.0, 0.5, 0.25], [0.0, 1.0, 0.5])
    x.data -= 1.0
    with a.no_grad():
        x *= 2.0
    assert x.tolist() == [-2.0, 0.0, 6.0]
    assert type(x.data * x) is type(x)
    with pytest.raises(ValueError, match=r"^add\(Tensor 'x' f64\[3\] on jax cpu:0, Tensor .*: the shapes do not broad"):
        x + jax.numpy.ones(2)
    check_gradients(lambda x: (x * x).sum(), (jax.numpy.asarray([1.0]),), order=1)
