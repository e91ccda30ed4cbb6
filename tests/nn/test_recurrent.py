"""Recurrent layers and cells beside PyTorch's: values, first and second derivatives, state dicts, options, errors."""

import copy
import itertools
import pickle

import numpy as np
import pytest

import nn
from autograd import Tensor, gradients
from autograd.testing import check_gradients
from nn.divergence import describe_overflow

KINDS = ["RNN", "LSTM", "GRU"]
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def data(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


def pair(kind, *sizes, **options):
    """A layer and PyTorch's, with the same weights."""
    torch = pytest.importorskip("torch")
    ours, theirs = getattr(nn, kind)(*sizes, rng=0, **options), getattr(torch.nn, kind)(*sizes, **options)
    theirs = theirs.double()
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.state_dict().items()})
    return ours, theirs


def flat(result):
    """The nodes of a result in a row."""
    return [y for x in result for y in flat(x)] if isinstance(result, tuple) else [result]


def as_torch(tree):
    torch = pytest.importorskip("torch")
    if isinstance(tree, tuple):
        return tuple(map(as_torch, tree))
    return None if tree is None else torch.tensor(tree, requires_grad=True)


def as_ours(tree):
    return tuple(map(as_ours, tree)) if isinstance(tree, tuple) else None if tree is None else Tensor(tree)


def assert_same(ours, theirs, inputs, order=2):
    """Compare values, and derivatives by inputs and parameters, of a weighted sum of all results."""
    torch = pytest.importorskip("torch")
    a_in, b_in = as_ours(inputs), as_torch(inputs)
    a, b = flat(ours(*a_in)), flat(theirs(*b_in))
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x.data, y.detach().numpy(), **CLOSE)
    weights = [data(*x.shape, 1)[..., 0] for x in a]
    a_sum = sum((x * x * w).sum() for x, w in zip(a, weights, strict=True))
    b_sum = sum((x * x * torch.from_numpy(w)).sum() for x, w in zip(b, weights, strict=True))
    a_leaves = [x for x in flat(a_in) if x is not None] + list(ours.parameters())
    b_leaves = [x for x in flat(b_in) if x is not None] + list(theirs.parameters())
    for k in range(order):
        last = k == order - 1
        a_grads = gradients(a_sum, a_leaves, create_graph=not last)
        b_grads = torch.autograd.grad(b_sum, b_leaves, create_graph=not last)
        for x, y in zip(a_grads, b_grads, strict=True):
            numbers = y.detach().numpy()
            largest = max(1.0, np.abs(numbers).max(initial=0.0))
            np.testing.assert_allclose(x if last else x.data, numbers, rtol=1e-12, atol=1e-12 * largest)
        if not last:
            a_sum = sum((g * g).sum() for g in a_grads)
            b_sum = sum((g * g).sum() for g in b_grads)


def state(kind, *shape):
    h = data(*shape)
    return (h, data(*shape, 1)[..., 0]) if kind.startswith("LSTM") else h


OPTIONS = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"batch_first": True, "bias": False},
    {"num_layers": 3, "batch_first": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(("kind", "more"), [*((k, {}) for k in KINDS), ("RNN", {"nonlinearity": "relu"})], ids=str)
def test_a_layer_is_torchs_to_second_order(kind, more, options):
    ours, theirs = pair(kind, 3, 4, **options, **more)
    places = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
    assert_same(ours, theirs, (data(5, 2, 3), state(kind, places, 5 if options.get("batch_first") else 2, 4)))


@pytest.mark.parametrize("shape", [(5, 3), (1, 2, 3), (4, 0, 3)], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_of_other_shapes(kind, shape):
    ours, theirs = pair(kind, 3, 4, bidirectional=True)
    assert_same(ours, theirs, (data(*shape),), order=1)
    assert_same(ours, theirs, (data(*shape), state(kind, 2, *shape[1:-1], 4)), order=1)


@pytest.mark.parametrize("shape", [(2, 3), (3,), (0, 3)], ids=str)
@pytest.mark.parametrize("options", [{}, {"bias": False}], ids=str)
@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
def test_a_cell_is_torchs(kind, options, shape):
    ours, theirs = pair(kind, 3, 4, **options)
    assert_same(ours, theirs, (data(*shape),))
    assert_same(ours, theirs, (data(*shape), state(kind, *shape[:-1], 4)), order=1)


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_by_differences(kind):
    layer = getattr(nn, kind)(2, 1, rng=0)

    def f(x, weight):
        twin = copy.copy(layer)
        vars(twin)["weight_hh_l0"] = weight
        return (twin(x)[0] ** 2).sum()

    check_gradients(f, (data(2, 2), layer.weight_hh_l0.data), order=2, modes=["reverse"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_its_cell_step_by_step(kind):
    layer, cell = getattr(nn, kind)(3, 4, rng=0), getattr(nn, f"{kind}Cell")(3, 4)
    cell.load_state_dict({name.removesuffix("_l0"): x for name, x in layer.state_dict().items()})
    x, h = data(6, 2, 3), None
    output, last = layer(x)
    for t in range(6):
        h = cell(x[t], h)
        np.testing.assert_allclose(output.data[t], flat(h)[0].data, **CLOSE)
    for a, b in zip(flat(last), flat(h), strict=True):
        np.testing.assert_allclose(a.data[0], b.data, **CLOSE)


@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays(kind):
    layer = getattr(nn, kind)(3, 4, 2, rng=0, dtype=np.float32)
    output, last = layer(data(5, 2, 3))
    assert {x.dtype for x in [output, *flat(last)]} == {np.dtype(np.float32)}
    output.sum().backward()
    assert {p.grad.dtype for p in layer.parameters()} == {np.dtype(np.float32)}


def test_dropout_acts_between_layers_in_training_only():
    layer = nn.GRU(3, 4, num_layers=2, dropout=0.5, rng=0)
    x = data(5, 2, 3)
    firsts = [layer(x)[0].data for _ in range(2) if nn.manual_seed(1)]
    np.testing.assert_array_equal(*firsts)
    plain = nn.GRU(3, 4, num_layers=2)
    plain.load_state_dict(layer.state_dict())
    assert (firsts[0] != plain(x)[0].data).any()
    np.testing.assert_array_equal(layer.eval()(x)[0].data, plain(x)[0].data)
    with pytest.warns(UserWarning, match="has no effect with num_layers=1"):
        nn.LSTM(3, 4, dropout=0.5)


class LastState(nn.Module):
    def __init__(self, kind):
        self.recurrent = getattr(nn, kind)(3, 4, batch_first=True, rng=0)
        self.out = nn.Linear(4, 1, rng=1)

    def forward(self, x):
        return self.out(self.recurrent(x)[0][:, -1])


@pytest.mark.parametrize("kind", KINDS)
def test_training_compiled_or_not(kind):
    X = data(30, 5, 3)
    ends = []
    for compiled in (False, True):
        model = LastState(kind)
        step = nn.compile_step(model, "mse", nn.optim.Adam(model.parameters(), 0.01))
        history = nn.fit(model, X, X.sum(axis=(1, 2))[:, None], loss="mse", epochs=3, compiled=compiled, rng=0,
                         optimizer=nn.optim.Adam(model.parameters(), 0.01), progress=False)  # fmt: skip
        ends.append(history["loss"])
        assert step(X[:7], X[:7, 0, :1]) > 0
        assert step.compiled is True
    assert ends[0][-1] < ends[0][0]
    np.testing.assert_allclose(*ends, **CLOSE)


@pytest.mark.parametrize("kind", [*KINDS, "RNNCell", "LSTMCell", "GRUCell"])
def test_saving_copying_and_values(kind, tmp_path):
    layer = getattr(nn, kind)(2, 3, bias=False, rng=0, dtype=np.float32)
    nn.save(layer, tmp_path / "layer")
    x = data(2, 1, 2) if kind in KINDS else data(1, 2)
    result = flat(layer(x))
    for twin in (nn.load(tmp_path / "layer"), copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(twin) == repr(layer)
        for a, b in zip(flat(twin(x)), result, strict=True):
            np.testing.assert_array_equal(a.data, b.data)
    scalars = [np.vectorize(lambda v: v.data)(y) for y in flat(copy.deepcopy(layer).to_scalars()(x))]
    for a, b in zip(scalars, result, strict=True):
        np.testing.assert_allclose(a, b.data, rtol=1e-5)


def test_summary_and_divergence():
    model = LastState("LSTM")
    assert "recurrent  LSTM    (2, 5, 4)" in model.summary(data(2, 5, 3))
    net = nn.Sequential(nn.Linear(3, 3), nn.RNN(3, 4, nonlinearity="relu"))
    for p in net.parameters():
        p.data = np.full(p.shape, 1e200)
    with np.errstate(all="ignore"):
        where = describe_overflow(net, np.ones((2, 5, 3)))
    assert where == "the result of 1 (RNN) is the first value that is not finite"


def test_names_and_lists_of_weights():
    layer = nn.LSTM(3, 4, 2, bidirectional=True)
    names = [[f"{w}_l{k}{d}" for w in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
             for k, d in itertools.product(range(2), ("", "_reverse"))]  # fmt: skip
    assert [[w.label for w in each] for each in layer.all_weights] == names
    assert layer.flatten_parameters() is None
    assert len(nn.RNN(3, 4, bias=False).all_weights[0]) == 2


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.LSTM(0, 4), ValueError, "input_size must be greater than zero"),
        (lambda: nn.LSTM(3, 2.0), TypeError, "hidden_size should be of type int, got: float"),
        (lambda: nn.GRU(3, 4, 0), ValueError, "num_layers must be"),
        (lambda: nn.GRU(3, 4, 2, dropout=1.5), ValueError, "dropout must be in"),
        (lambda: nn.RNN(3, 4, nonlinearity="sigmoid"), ValueError, "nonlinearity must be 'tanh' or 'relu'"),
        (lambda: nn.RNN(3, 4, 1, True), ValueError, "nonlinearity must be 'tanh' or 'relu', not True"),
        (lambda: nn.LSTM(3, 4, proj_size=2), ValueError, "proj_size is not supported"),
        (
            lambda: nn.GRU(3, 4)(data(2, 5)),
            ValueError,
            r"takes an input of shape \(steps, samples, 3\) or \(steps, 3\)",
        ),
        (lambda: nn.GRU(3, 4, batch_first=True)(data(2, 5, 4)), ValueError, r"shape \(samples, steps, 3\)"),
        (lambda: nn.GRU(3, 4)(data(3)), ValueError, r"but got \(3,\)"),
        (lambda: nn.GRU(3, 4)(data(5, 2, 3), data(1, 3, 4)), ValueError, r"h must be of shape \(1, 2, 4\)"),
        (lambda: nn.LSTM(3, 4)(data(5, 2, 3), data(1, 2, 4)), TypeError, r"hx is a pair of nodes or arrays, \(h, c\)"),
        (lambda: nn.RNN(3, 4)(data(0, 2, 3)), ValueError, "without steps"),
        (lambda: nn.LSTMCell(3, 4)(data(2, 4)), ValueError, r"\(samples, 3\) or \(3,\), but got \(2, 4\)"),
        (lambda: nn.GRUCell(3, 4)(data(2, 3), data(4)), ValueError, r"h must be of shape \(2, 4\)"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_pair_of_output_and_state_is_no_array():
    layer, x = nn.GRU(2, 3), np.ones((4, 1, 2))
    with pytest.raises(TypeError, match=r"as a recurrent layer's \(output, state\); pass its first part, x\[0\]"):
        nn.Sequential(layer, nn.Linear(3, 1))(x)
    with pytest.raises(TypeError, match="fit: the model gives a tuple; train a module around it"):
        nn.fit(layer, x, np.ones((4, 1, 3)), loss="mse", progress=False)
    with pytest.raises(TypeError, match="predict: the model gives a tuple; pass a module around it"):
        nn.predict(layer, x)
