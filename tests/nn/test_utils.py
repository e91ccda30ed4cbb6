"""Norms of gradients, parameters as vectors, and parametrizations, against PyTorch's."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from autograd.testing import check_gradients
from nn import utils
from nn.utils import parametrizations, parametrize

torch = pytest.importorskip("torch")
theirs = torch.nn.utils
X = np.random.default_rng(1).normal(size=(5, 3))


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


# ---- clipping ----


def gradients(*grads, dtype=np.float64):
    ours, others = [], []
    for g in grads:
        p = nn.Parameter(np.zeros(np.shape(g)), dtype=dtype)
        p.grad = np.array(g, dtype)
        q = torch.zeros(np.shape(g), dtype=torch.float64, requires_grad=True)
        q.grad = torch.tensor(g, dtype=torch.float64)
        ours.append(p), others.append(q)
    return ours, others


@pytest.mark.parametrize("order", [1.0, 2.0, 3, np.inf, "inf", -np.inf, -1.5, 0])
def test_total_norms(order):
    grads = [X, X[0], np.array(2.0)]
    norm = utils.get_total_norm(grads, order)
    close(norm, theirs.get_total_norm([torch.tensor(g) for g in grads], float(order)).item())
    ours, others = gradients(*grads)
    close(utils.clip_grad_norm_(ours, 0.5, order).item(), theirs.clip_grad_norm_(others, 0.5, float(order)).item())
    for p, q in zip(ours, others, strict=True):
        close(p.grad, q.grad.numpy())
    assert utils.get_total_norm([]) == utils.get_total_norm([np.zeros((0, 2))]) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_norms_that_are_not_finite(bad):
    ours, others = gradients([1.0, bad], [2.0])
    with pytest.raises(RuntimeError, match=r"total norm of order 2\.0 for gradients from `parameters` is non-finite"):
        utils.clip_grad_norm_(ours, 1.0, error_if_nonfinite=True)
    with pytest.raises(ValueError, match="the gradients' norm is"):
        utils.clip_grad_norm_(ours, 1.0)
    assert ours[1].grad.tolist() == [2.0]
    norm = utils.clip_grad_norm_(ours, 1.0, error_if_nonfinite=False)
    np.testing.assert_equal(norm, theirs.clip_grad_norm_(others, 1.0).item())
    for p, q in zip(ours, others, strict=True):
        np.testing.assert_equal(p.grad, q.grad.numpy())


def test_clipping_keeps_dtypes_and_takes_a_norm_that_is_known():
    ours, _ = gradients(X, dtype=np.float32)
    utils.clip_grad_norm_(ours, 0.1)
    assert ours[0].grad.dtype == np.float32
    v = Value(1.0)
    v.grad = 4.0
    utils.clip_grads_with_norm_(v, 2.0, 8.0)
    assert v.grad == pytest.approx(1.0)
    utils.clip_grads_with_norm_([v], 9.0, 8.0)
    assert v.grad == pytest.approx(1.0)
    utils.clip_grad_value_([v], 0.5, foreach=True)
    assert v.grad == 0.5


# ---- vectors ----


def test_parameters_as_a_vector_and_back():
    net = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Linear(2, 1, rng=1))
    other = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 1)).double()
    other.load_state_dict({name: torch.tensor(x) for name, x in net.state_dict().items()})
    vector = utils.parameters_to_vector(net.parameters())
    close(vector.data, theirs.parameters_to_vector(other.parameters()).detach().numpy())
    (vector * vector).sum().backward()
    close(net[0].weight.grad, 2 * net[0].weight.data)
    numbers = np.arange(11.0)
    for vec in (numbers, Tensor(numbers), numbers.tolist()):
        utils.vector_to_parameters(vec, net.parameters())
        theirs.vector_to_parameters(torch.tensor(numbers), other.parameters())
        for p, q in zip(net.parameters(), other.parameters(), strict=True):
            close(p.data, q.detach().numpy())
    close(utils.parameters_to_vector(net.to_scalars().parameters()).data, numbers)
    utils.vector_to_parameters(numbers * 2, net.parameters())
    assert net[1].bias[0].data == 20.0
    layer = nn.Linear(1, 1, dtype=np.float32)
    utils.vector_to_parameters([1.0, 2.0], layer.parameters())
    assert layer.weight.dtype == utils.parameters_to_vector(layer.parameters()).dtype == np.float32


# ---- parametrizations ----


def layers(kind="Linear", *sizes):
    ours = getattr(nn, kind)(*sizes, rng=0)
    other = getattr(torch.nn, kind)(*sizes, dtype=torch.float64)
    other.load_state_dict({name: torch.tensor(x) for name, x in ours.state_dict().items()})
    return ours, other


@pytest.mark.parametrize("dim", [0, 1, None, -1])
def test_weight_norm(dim):
    ours, other = layers("Linear", 3, 4)
    weight = ours.weight.data.copy()
    assert parametrizations.weight_norm(ours, "weight", dim) is ours
    theirs.parametrizations.weight_norm(other, "weight", dim)
    assert isinstance(ours, nn.Linear)
    close(ours.weight.data, weight)
    ours(X).mean().backward()
    (ours(X) ** 2).sum().backward()
    other(torch.tensor(X)).mean().backward()
    (other(torch.tensor(X)) ** 2).sum().backward()
    for (name, p), (their_name, q) in zip(ours.named_parameters(), other.named_parameters(), strict=True):
        assert name == their_name
        close(p.grad, q.grad.numpy())
    state = {name: x.numpy() for name, x in other.state_dict().items()}
    ours.load_state_dict(state)
    assert list(ours.state_dict()) == list(state)
    g, v = ours.parametrizations.weight.originals()
    check_gradients(lambda g, v: v * (g / autograd.sqrt(autograd.sum(v * v))), [g.data, v.data], order=2)
    with torch.no_grad():
        other.weight = torch.full((4, 3), 2.0, dtype=torch.float64)
    ours.weight = nn.Parameter(np.full((4, 3), 2.0))
    for name, x in ours.state_dict().items():
        close(x, other.state_dict()[name].numpy())
    parametrize.remove_parametrizations(ours, "weight")
    assert type(ours) is nn.Linear
    assert list(ours.state_dict()) == ["bias", "weight"]
    close(ours.weight.data, 2.0)


def test_a_layer_with_weight_norm_is_copied_pickled_trained_and_made_of_values():
    net = nn.Sequential(parametrizations.weight_norm(nn.Linear(3, 4, rng=0)), nn.Tanh(), nn.Linear(4, 1, rng=1))
    output = net(X).data
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        close(twin(X).data, output)
        assert repr(twin) == repr(net)
        assert repr(twin).startswith("Sequential(\n  0: ParametrizedLinear(")
    losses = [
        nn.fit(copy.deepcopy(net), X, X[:, :1], loss="mse", epochs=3, progress=False, rng=0, compiled=compiled)
        for compiled in (False, True)
    ]
    assert losses[1].compiled is True
    close(losses[1]["loss"], losses[0]["loss"])
    (value,) = copy.deepcopy(net).to_scalars()(X[0])
    close(value.data, output[0, 0])


class Symmetric(nn.Module):
    def forward(self, x):
        return (x + x.T) / 2


class Exponential(nn.Module):
    def forward(self, x):
        return autograd.exp(x)

    def right_inverse(self, w):
        return autograd.log(w)


class Mirrored(Symmetric):
    def right_inverse(self, w):
        return w


def test_parametrizations_of_ones_own_compose():
    layer = nn.Linear(3, 3, rng=0)
    weight = layer.weight
    weight.data = (weight.data + weight.data.T) / 2
    before = weight.data.copy()
    parametrize.register_parametrization(layer, "weight", Mirrored())
    assert layer.parametrizations.weight.original is weight
    parametrize.register_parametrization(layer, "weight", Exponential())
    close(layer.weight.data, np.exp((before + before.T) / 2))
    assert parametrize.is_parametrized(layer)
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")
    layer.weight = Tensor(np.full((3, 3), np.e))
    close(weight.data, 1.0)
    layer.bias.data = [1.0, 2.0, 3.0]
    parametrize.register_parametrization(layer, "bias", Exponential())
    close(layer.bias.data, [1.0, 2.0, 3.0])
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert layer.weight is weight
    assert [name for name, _ in layer.named_parameters()] == ["weight", "parametrizations.bias.original"]
    assert not parametrize.is_parametrized(parametrize.remove_parametrizations(layer, "bias"))


class Narrow(nn.Module):
    def forward(self, x):
        return x[:1]


class Wrong(nn.Module):
    """Gives what it is told to, forwards and backwards."""

    def __init__(self, forward, inverse=lambda x: x):
        self.forwards, self.backwards = forward, inverse

    def forward(self, *xs):
        return self.forwards(*xs)

    def right_inverse(self, x):
        return self.backwards(x)


WRONG = [
    (Wrong(lambda x: 2), "A parametrization must return a tensor. Got int"),
    (Wrong(lambda x: x.astype(np.float32)), "may not change the dtype.*it was float64, and would be float32"),
    (Narrow(), "may not change the shape"),
    (Wrong(lambda x: x, lambda x: None), "Tensor or a Sequence of tensors. Got NoneType"),
    (Wrong(lambda x, y: x, lambda x: (x, None)), "element 1 of the sequence with type NoneType"),
    (Wrong(lambda x: x, lambda x: x.astype(np.float32)), "outputs one tensor, it may not change the dtype"),
]
FORWARDS = [wrong for wrong, _ in WRONG[:3]]


@pytest.mark.parametrize(("wrong", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_parametrization_that_is_refused_changes_nothing(wrong, words):
    layer = nn.Linear(2, 2, rng=0)
    weight, numbers = layer.weight, layer.weight.data.copy()
    with pytest.raises(ValueError, match=words):
        parametrize.register_parametrization(layer, "weight", wrong)
    assert type(layer) is nn.Linear
    assert layer.weight is weight
    close(weight.data, numbers)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    if wrong in FORWARDS:
        with pytest.raises(ValueError, match=words):
            parametrize.register_parametrization(layer, "weight", wrong)
        assert len(layer.parametrizations.weight) == 1
    with pytest.raises(RuntimeError, match="Symmetric does not implement right_inverse"):
        layer.weight = Tensor(numbers)


def test_unsafe_and_nested_parametrizations():
    layer = nn.Linear(2, 2, rng=0).eval()
    parametrize.register_parametrization(layer, "weight", Narrow(), unsafe=True)
    assert layer.weight.shape == (1, 2)
    assert "weight" in layer.parametrizations
    each = layer.parametrizations.weight
    assert not each[0].training
    parametrize.register_parametrization(each, "original", Symmetric())
    assert each.original.data[0, 1] == each.original.data[1, 0] == layer.weight.data[0, 1]
    parametrize.remove_parametrizations(each, "original")
    assert type(each) is parametrize.ParametrizationList
    assert parametrize.type_before_parametrizations(layer) is nn.Linear


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: parametrizations.weight_norm(nn.Linear(2, 2), "wieght"), ValueError, "does not have a parameter"),
        (lambda: parametrizations.weight_norm(nn.Linear(2, 2), dim=2), ValueError, r"an axis of a weight.*\(2, 2\)"),
        (lambda: parametrizations.weight_norm(nn.Linear(2, 2).to_scalars()), TypeError, "call to_scalars"),
        (lambda: parametrizations.weight_norm(3), ValueError, "'int' does not have"),
        (lambda: parametrize.remove_parametrizations(nn.Linear(2, 2), "weight"), ValueError, "does not have a param"),
        (
            lambda: parametrize.remove_parametrizations(parametrizations.weight_norm(nn.Linear(2, 2)), "weight", False),
            ValueError,
            "Cannot leave unparametrized",
        ),
        (lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", abs), TypeError, "pass a module"),
        (
            lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Narrow()),
            ValueError,
            r"may not change the shape.*it was \(2, 2\), and would be \(1, 2\)",
        ),
        (lambda: utils.vector_to_parameters(np.ones(4), nn.Linear(2, 1).parameters()), ValueError, r"3 numbers.*\(4,"),
        (lambda: utils.parameters_to_vector([]), ValueError, "there are no parameters"),
        (lambda: utils.parameters_to_vector(nn.Linear(1, 1)), TypeError, r"model.parameters\(\)"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_parametrized_buffer_stays_a_buffer():
    class Scaled(nn.Module):
        def forward(self, x):
            return x * 2.0

    module = nn.Module()
    module.register_buffer("mean", np.array([1.0, 3.0]))
    for leave, expected in ((False, [1.0, 3.0]), (True, [2.0, 6.0])):
        nn.utils.parametrize.register_parametrization(module, "mean", Scaled())
        assert [name for name, _ in module.named_buffers()] == ["parametrizations.mean.original"]
        assert not list(module.parameters())
        np.testing.assert_array_equal(module.mean.data, [2.0, 6.0])
        module.float().double()
        nn.utils.parametrize.remove_parametrizations(module, "mean", leave_parametrized=leave)
        np.testing.assert_array_equal(module.get_buffer("mean").data, expected)
