"""Activations beside PyTorch's: values and derivatives at kinks and at extremes, every order, every kind of operand."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd import Tensor, Value, gradients
from autograd.testing import check_gradients

torch = pytest.importorskip("torch")
TF = torch.nn.functional

KINKS = [-6.0, -3.0, -1.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5, 3.0, 6.0]
EXTREMES = [np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-300, 100.0, -100.0, 2.9999, -2.9999, 1e-9]
POINTS = np.array(KINKS + EXTREMES)
# Each function with PyTorch's options; the name says both functions, and both modules by `MODULES`.
CASES = [
    ("celu", {}), ("celu", {"alpha": 0.3}), ("celu", {"alpha": -1.5}), ("elu", {"alpha": 0.5}),
    ("hardshrink", {}), ("hardshrink", {"lambd": 1.5}), ("hardsigmoid", {}), ("hardswish", {}), ("hardtanh", {}),
    ("hardtanh", {"min_val": -3.0, "max_val": 0.5}), ("leaky_relu", {"negative_slope": 0.3}), ("logsigmoid", {}),
    ("mish", {}), ("relu", {}), ("relu6", {}), ("selu", {}), ("silu", {}), ("softplus", {}), ("softplus", {"beta": 3}),
    ("softshrink", {}), ("softshrink", {"lambd": 0.0}), ("softshrink", {"lambd": 3.0}), ("softsign", {}),
    ("tanhshrink", {}), ("threshold", {"threshold": 0.5, "value": 9.0}), ("threshold", {"threshold": -1, "value": 0}),
]  # fmt: skip
INPLACE = ["celu", "elu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "relu", "relu6", "selu", "silu"]
ALONG = [("glu", {}), ("glu", {"dim": 0}), ("softmin", {"dim": 1}), ("softmin", {"dim": -2})]
MODULES = {
    "leaky_relu": "LeakyReLU", "logsigmoid": "LogSigmoid", "relu6": "ReLU6", "silu": "SiLU", "relu": "ReLU",
    **{name: name.upper() for name in ("celu", "elu", "gelu", "glu", "selu")},
}  # fmt: skip
# PyTorch rounds 1/6 and 1/alpha to float32 in these slopes.
ROUNDED, COARSE = ("celu", "hardsigmoid"), {"rtol": 2e-5, "atol": 1e-15}
X = np.random.default_rng(0).normal(0, 2, (2, 4))


def scalars(a):
    cells = np.empty(a.shape, object)
    for place, x in np.ndenumerate(a):
        cells[place] = Value(x)
    return cells


def theirs(name, options, x):
    """PyTorch's values and slopes; where it calls a slope at nan 0, nothing is asked."""
    t = torch.tensor(x, requires_grad=True)
    y = getattr(TF, name)(t, **options)
    (slope,) = torch.autograd.grad(y.sum(), t)
    return y.detach().numpy(), slope.numpy()


case = pytest.mark.parametrize(("name", "options"), CASES, ids=lambda c: c if isinstance(c, str) else str(c or ""))


@case
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@np.errstate(all="ignore")
def test_values_and_slopes_are_pytorchs_at_kinks_and_extremes(name, options, dtype):
    points = POINTS.astype(dtype)
    want, slopes = theirs(name, options, points)
    x = Tensor(points)
    y = getattr(F, name)(x, **options)
    assert y.dtype == dtype
    tolerance = {"rtol": 1e-12, "atol": 1e-15} if dtype is np.float64 else {"rtol": 2e-5, "atol": 2e-7}
    np.testing.assert_allclose(y.data, want, **tolerance)
    known = ~np.isnan(points) & ~np.isnan(slopes)
    slope = gradients(y, x, np.ones_like(points))
    np.testing.assert_allclose(slope[known], slopes[known], **(COARSE if name in ROUNDED else tolerance))


@case
def test_every_kind_of_operand_gives_its_kind(name, options):
    f = getattr(F, name)
    want, slopes = theirs(name, options, np.array(KINKS))
    cells = scalars(np.array(KINKS))
    y = f(cells, **options)
    y.sum().backward()
    np.testing.assert_allclose([v.data for v in y], want, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose([v.grad for v in cells], slopes, rtol=2e-5 if name in ROUNDED else 1e-12, atol=1e-15)
    assert isinstance(f(0.3, **options), float)
    assert isinstance(f(Value(0.3), **options), Value)
    plain = f(np.array(KINKS), **options)
    assert type(plain) is np.ndarray
    np.testing.assert_allclose(plain, want, rtol=1e-12, atol=1e-15)
    assert f(Tensor(np.empty((0, 3))), **options).shape == (0, 3)


@pytest.mark.parametrize(("name", "options"), CASES + ALONG)
def test_second_derivatives_modules_and_programs(name, options):
    f, points = getattr(F, name), X
    check_gradients(lambda x: f(x, **options), (points,))
    module = getattr(nn, MODULES.get(name, name.capitalize()))(**options)
    other = getattr(torch.nn, MODULES.get(name, name.capitalize()))(**options)
    np.testing.assert_allclose(module(points), other(torch.tensor(points)).numpy(), rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(module(points.tolist()), module(points))
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(copied) == repr(module)
    compiled = autograd.compile(autograd.value_and_grad(lambda x: autograd.sum(f(x, **options))))
    eager = autograd.value_and_grad(lambda x: autograd.sum(f(x, **options)))
    for again in (points, points / 2):
        for a, b in zip(compiled(again), eager(again), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", INPLACE)
def test_inplace_changes_nothing(name):
    x = Tensor([-1.0, 2.0])
    np.testing.assert_array_equal(getattr(F, name)(x, inplace=True).data, getattr(F, name)(x).data)
    module = getattr(nn, MODULES.get(name, name.capitalize()))(inplace=True)
    np.testing.assert_array_equal(module(x).data, getattr(F, name)(x).data)
    assert x.data.tolist() == [-1.0, 2.0]


@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (2, 3, 5)])
@pytest.mark.parametrize("several", [False, True])
def test_prelu_learns_its_slopes(shape, several):
    n = shape[1] if several and len(shape) > 1 else 1
    x = np.random.default_rng(1).normal(size=shape)
    ours, other = nn.PReLU(n, 0.1), torch.nn.PReLU(n, 0.1, dtype=torch.float64)
    t, v = torch.tensor(x, requires_grad=True), Tensor(x)
    y, want = ours(v), other(t)
    np.testing.assert_allclose(y.data, want.detach().numpy(), rtol=1e-15)
    g = np.random.default_rng(2).normal(size=shape)
    y.backward(g)
    want.backward(torch.tensor(g))
    np.testing.assert_allclose(v.grad, t.grad.numpy(), rtol=1e-14)
    np.testing.assert_allclose(ours.weight.grad, other.weight.grad.numpy(), rtol=1e-13)
    if len(shape) == 2:
        check_gradients(F.prelu, (x, np.full(n, 0.3)))
    other.load_state_dict({k: torch.from_numpy(a) for k, a in ours.state_dict().items()})
    ours.load_state_dict(other.state_dict())


def test_prelu_of_0_and_of_scalars_and_of_float32():
    x = Tensor([0.0, -0.0])
    layer = nn.PReLU()
    layer(x).sum().backward()
    assert x.grad.tolist() == [0.25, 0.25]
    assert layer.weight.grad.tolist() == [0.0]
    scalar = nn.PReLU(2).to_scalars()
    y = scalar([[-1.0, 2.0], [-3.0, -4.0]])
    assert [v.data for v in y.ravel()] == [-0.25, 2.0, -0.75, -1.0]
    y.sum().backward()
    assert [p.grad for p in scalar.parameters()] == [-4.0, -4.0]
    assert nn.PReLU(dtype=np.float32)(np.ones(3)).dtype == np.float32


def test_softmax_in_another_dtype():
    x = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    for name in ("softmax", "softmin", "log_softmax"):
        ours, theirs = getattr(F, name)(Tensor(x), 1, dtype=np.float64), getattr(TF, name)
        np.testing.assert_allclose(ours.data, theirs(torch.tensor(x), 1, dtype=torch.float64).numpy(), rtol=1e-14)
        assert ours.dtype == np.float64


def test_nets_take_activations_by_name():
    for name in ("mish", "selu", "relu6", "log_sigmoid", "LeakyReLU"):
        assert nn.MLP([2, 3, 1], name)(np.ones((4, 2))).shape == (4, 1)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.softshrink(1.0, -1.0), ValueError, "lambd must be a number of at least 0, not -1.0"),
        (lambda: nn.Softshrink(-1.0), ValueError, "lambd must be a number of at least 0"),
        (lambda: nn.Hardtanh(1.0, 0.5)(0.5), ValueError, "min_val must be at most max_val"),
        (lambda: F.glu(np.ones(3)), ValueError, r"axis -1 must have an even length.*\(3,\)"),
        (lambda: F.glu(1.0), ValueError, "even length"),
        (lambda: F.glu(np.ones((2, 2)), 2), ValueError, "axis 2"),
        (lambda: F.prelu(np.ones((4, 3)), np.ones(2)), ValueError, r"Weights of shape \(2,\) do not suit .*\(4, 3\)"),
        (lambda: nn.PReLU(0), ValueError, "num_parameters must be an integer of at least 1"),
        (lambda: nn.CELU(0.0), ValueError, "alpha must be a number other than 0"),
        (lambda: nn.Threshold(1.0), TypeError, "missing a required argument: 'value'"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()
