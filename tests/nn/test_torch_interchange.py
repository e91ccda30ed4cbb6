"""PyTorch's tensors, states and loaders, and other libraries' arrays, with nets on NumPy arrays."""

import subprocess
import sys
import warnings
from functools import partial

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor
from nn.host import as_numpy

torch = pytest.importorskip("torch")
data = pytest.importorskip("torch.utils.data")

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=(12, 2))
LABELS = RNG.integers(0, 2, 12)
SHARES = RNG.uniform(0.1, 0.9, (12, 2))
WEIGHTS = np.array([0.3, 0.7])
SIGNS = 2 * LABELS - 1
SEQUENCE = RNG.normal(size=(5, 2, 3))
MASK = np.triu(np.ones((5, 5), bool), 1)


def leaf(a):
    t = torch.from_numpy(a.copy())
    return t.requires_grad_() if t.is_floating_point() else t


def strictly(a):
    return pytest.importorskip("array_api_strict").asarray(a)


# What makes another library's array of one of NumPy's.
MAKERS = {"torch": torch.from_numpy, "leaf": leaf, "array_api_strict": strictly}


def model(outputs=2):
    return nn.Sequential(nn.Flatten(), nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, outputs, rng=1))


def fit(net, *args, **options):
    history = nn.fit(net, *args, **({"epochs": 2, "rng": 0, "progress": False} | options))
    return [*history.logs.values(), *net.state_dict().values()]


def recurrent(kind, c, *state):
    return getattr(nn, kind)(3, 2, rng=0)(c(SEQUENCE), *state)[0].data


def attention(c, **masks):
    return nn.MultiheadAttention(3, 1, rng=0)(c(SEQUENCE), c(SEQUENCE), c(SEQUENCE), **masks)[0].data


def estimated(kind, c, targets, **options):
    estimator = getattr(nn, kind)(hidden_layer_sizes=(3,), max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(c(X), c(targets), **options)
    return estimator.predict(c(X)), estimator.score(c(X), targets)


def partially(c):
    estimator = nn.MLPClassifier((3,), random_state=0)
    estimator.partial_fit(c(X), c(LABELS), classes=c(np.array([0, 1])))
    return estimator.partial_fit(c(X), c(LABELS), sample_weight=c(SHARES[:, 0])).predict_proba(c(X))


def scaled(scale, c):
    columns, scaler = scale(c(X))
    return columns, scaler.transform(c(X)), scaler.inverse_transform(c(X))


def minibatches(c):
    return list(nn.data.DataLoader(nn.data.TensorDataset(c(X), c(LABELS)), batch_size=5))


def step(c):
    net = model()
    return nn.compile_step(net, nn.MSELoss(), nn.optim.SGD(net.parameters(), lr=0.1))(c(X), c(Y))


def drawn(c):
    pytest.importorskip("matplotlib")
    ax = nn.plots.decision_boundary(nn.MLP([2, 3, 2], rng=0), c(Y), c(LABELS), resolution=5)
    matrix = nn.plots.confusion_matrix(c(LABELS), c(SIGNS > 0), labels=c(np.array([1, 0])))
    return [line.get_xydata() for line in ax.lines], [text.get_text() for text in matrix.texts]


def initialised(c):
    embedding, layer = nn.Embedding.from_pretrained(c(X)), nn.Linear(2, 2)
    nn.utils.vector_to_parameters(c(np.arange(6.0)), layer.parameters())
    return embedding.weight.data, layer.weight.data


ONES = np.ones((1, 2, 2))
USES = {
    "fit": lambda c: fit(model(), c(X), c(Y), loss="mse", validation_data=(c(X), c(Y)), metrics=["r2"]),
    "fit, classes": lambda c: fit(model(), c(X), c(LABELS), loss="cross_entropy", metrics=["accuracy"]),
    "fit, list": lambda c: fit(model(), [c(x) for x in X], [c(y) for y in Y], loss="mse"),
    "fit, compiled": lambda c: fit(model(), c(X), c(Y), loss="mse", compiled=True),
    "fit, shards": lambda c: fit(model(), c(X), c(Y), loss="mse", shards=2),
    "fit, class weights": lambda c: fit(model(), c(X), c(LABELS), loss=nn.CrossEntropyLoss(weight=c(WEIGHTS))),
    "fit, pairs": lambda c: fit(model(), [(c(X), c(Y))] * 2, loss="mse"),
    "fit, dataset": lambda c: fit(model(), nn.data.TensorDataset(c(X), c(Y)), loss="mse"),
    "compile_step": step,
    "predict": lambda c: nn.predict(model(), c(X)),
    "call": lambda c: model()(c(X)).data,
    "call, by name": lambda c: nn.Linear(3, 2, rng=0)(input=c(X)).data,
    "call, float32": lambda c: model().float()(c(X)).data,
    "call, scalars": lambda c: nn.predict(model().to_scalars(), c(X)),
    "LSTM": lambda c: recurrent("LSTM", c, (c(ONES), c(ONES))),
    "GRU": lambda c: recurrent("GRU", c, c(ONES)),
    "Embedding": lambda c: nn.Embedding(2, 3, rng=0)(c(LABELS)).data,
    "BatchNorm1d": lambda c: nn.BatchNorm1d(3)(c(X)).data,
    "Conv1d": lambda c: nn.Conv1d(3, 2, 2, rng=0)(c(X.reshape(2, 3, 6))).data,
    "attention": attention,
    "attn_mask": lambda c: attention(c, attn_mask=c(MASK)),
    "attn_mask, floats": lambda c: attention(c, attn_mask=c(np.where(MASK, -np.inf, 0.0))),
    "key_padding_mask": lambda c: attention(c, key_padding_mask=c(MASK[:2])),
    "functional mask": lambda c: F.scaled_dot_product_attention(*[Tensor(SEQUENCE)] * 3, c(np.eye(2) > 0)).data,
    "mse_loss": lambda c: F.mse_loss(Tensor(Y), c(SHARES)).item(),
    "mse_loss, weight": lambda c: F.mse_loss(Tensor(Y), c(SHARES), weight=c(SHARES)).item(),
    "cross_entropy": lambda c: F.cross_entropy(Tensor(Y), c(LABELS), c(WEIGHTS)).item(),
    "cross_entropy, shares": lambda c: F.cross_entropy(Tensor(Y), c(SHARES)).item(),
    "bce": lambda c: F.binary_cross_entropy(Tensor(SHARES), c(SHARES), c(WEIGHTS)).item(),
    "bce_with_logits": lambda c: nn.BCEWithLogitsLoss(pos_weight=c(WEIGHTS))(Tensor(Y), c(SHARES)).item(),
    "hinge_loss": lambda c: nn.HingeLoss()(Tensor(Y[:, 0]), c(SIGNS)).item(),
    "margin_ranking_loss": lambda c: F.margin_ranking_loss(Tensor(Y[:, 0]), c(X[:, 0].copy()), c(SIGNS)).item(),
    "one_hot": lambda c: F.one_hot(c(LABELS)),
    "DataLoader": minibatches,
    "DataLoader, array": lambda c: list(nn.data.DataLoader(c(X), batch_size=5)),
    "batches": lambda c: list(nn.data.batches(c(X), c(LABELS), rng=0)),
    "standardize": partial(scaled, nn.data.standardize),
    "min_max": partial(scaled, nn.data.min_max),
    "MLPClassifier": lambda c: estimated("MLPClassifier", c, LABELS),
    "MLPRegressor": lambda c: estimated("MLPRegressor", c, Y, sample_weight=c(SHARES[:, 0].copy())),
    "partial_fit": partially,
    "plots": drawn,
    "weights": initialised,
}  # fmt: skip


def same(a, b):
    """Whether two results are of one kind, and equal."""
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return np.asarray(a).dtype == np.asarray(b).dtype and np.array_equal(a, b)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("use", USES)
def test_arrays_of_libraries_are_data_as_numpys_are(use, maker):
    if use.startswith("MLP") or use in ("partial_fit", "plots"):
        pytest.importorskip("sklearn")
    assert same(USES[use](MAKERS[maker]), USES[use](lambda a: a))


def test_jax_arrays_are_data_too():
    jnp = pytest.importorskip("jax.numpy")
    a = X.astype("float32")
    assert same(nn.predict(model(), jnp.asarray(a)), nn.predict(model(), a))
    with pytest.raises(TypeError, match="bfloat16 cannot be carried"):
        nn.predict(model(), jnp.asarray(a, jnp.bfloat16))


def test_parts_keep_their_kind():
    parts = nn.data.train_test_split(torch.from_numpy(X), torch.from_numpy(LABELS), rng=0)
    assert [type(a) for a in parts] == [torch.Tensor] * 4
    assert same([a.numpy() for a in parts], nn.data.train_test_split(X, LABELS, rng=0))


def test_memory_is_shared():
    t = leaf(X)
    assert np.shares_memory(as_numpy(t), t.detach().numpy())
    assert np.shares_memory(nn.data.TensorDataset(t).tensors[0], t.detach().numpy())
    assert as_numpy(X) is X
    assert [np.shares_memory(a, t.detach().numpy()) for a in as_numpy([t, t])] == [True, True]
    assert np.shares_memory(as_numpy({"x": t})["x"], t.detach().numpy())


def test_what_torch_computes_lazily_is_resolved():
    t = torch.complex(torch.ones(2), torch.ones(2)).conj().imag
    assert t.is_neg()
    assert as_numpy(t).tolist() == [-1.0, -1.0]


class OnDevice:
    """An array as CuPy's are: NumPy gets one only when asked by name."""

    dtype = np.dtype(float)

    def __dlpack__(self, **options):
        raise BufferError("not in this machine's memory")

    def __array__(self, dtype=None, copy=None):
        raise TypeError("implicit conversion is not allowed")

    def get(self):
        return X.copy()


class Exported:
    """An array that has nothing but the protocol."""

    def __dlpack__(self, **options):
        return X.__dlpack__(**options)

    def __dlpack_device__(self):
        return X.__dlpack_device__()


@pytest.mark.parametrize("kind", [OnDevice, Exported])
def test_arrays_on_devices_and_of_the_protocol_alone(kind):
    assert same(nn.predict(model(), kind()), nn.predict(model(), X))
    assert same(model()(kind()).data, model()(X).data)


@pytest.mark.parametrize("call", [
    lambda x: model()(x), lambda x: nn.predict(model(), x), lambda x: fit(model(), x, Y, loss="mse"),
    lambda x: fit(model(), X, x[:, :2], loss="mse"), lambda x: nn.data.TensorDataset(x),
    lambda x: F.mse_loss(Tensor(X), x), lambda x: nn.data.standardize(x),
    lambda x: fit(model(), X, Y, loss="mse", validation_data=(x, Y)),
])  # fmt: skip
@pytest.mark.parametrize(("make", "words"), [
    (lambda t: t.requires_grad_() * 2, r"torch.Tensor that was calculated of what requires a gradient.*x\.detach\(\)"),
    (torch.Tensor.half, r"float16 cannot be carried: its sums overflow at 65504.*\.float\(\) or \.double\(\)"),
    (torch.Tensor.bfloat16, r"bfloat16 cannot be carried: it has two digits; nodes carry float64 and float32; .*float"),
])  # fmt: skip
def test_what_no_net_takes(call, make, words):
    with pytest.raises(TypeError, match=words):
        call(make(torch.from_numpy(X.copy())))


def test_a_net_on_numpy_does_not_import_torch():
    code = "import sys, nn; nn.predict(nn.Linear(2, 1), [[1.0, 2.0]]); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# States.

LAYERS = {
    "Linear": (lambda m, **k: m.Linear(3, 2, **k), X),
    "Linear, no bias": (lambda m, **k: m.Linear(3, 2, bias=False, **k), X),
    "BatchNorm1d": (lambda m, **k: m.BatchNorm1d(3, **k), X),
    "BatchNorm1d, bare": (lambda m, **k: m.BatchNorm1d(3, affine=False, **k), X),
    "BatchNorm2d": (lambda m, **k: m.BatchNorm2d(3, **k), X.reshape(1, 3, 4, 3)),
    "LayerNorm": (lambda m, **k: m.LayerNorm(3, **k), X),
    "RMSNorm": (lambda m, **k: m.RMSNorm(3, **k), X),
    "PReLU": (lambda m, **k: m.PReLU(3, **k), X),
    "Conv1d": (lambda m, **k: m.Conv1d(3, 6, 3, padding=1, groups=3, **k), X.reshape(2, 3, 6)),
    "Conv2d": (lambda m, **k: m.Conv2d(3, 2, 3, padding="same", dilation=2, **k), X.reshape(1, 3, 4, 3)),
    "Embedding": (lambda m, **k: m.Embedding(2, 3, padding_idx=1, **k), LABELS),
    "MultiheadAttention": (lambda m, **k: m.MultiheadAttention(3, 3, **k), [SEQUENCE] * 3),
    "MultiheadAttention, kdim": (lambda m, **k: m.MultiheadAttention(3, 1, kdim=2, vdim=1, add_bias_kv=True, **k),
                                 [SEQUENCE, SEQUENCE[..., :2], SEQUENCE[..., :1]]),
    "LSTM, both ways": (lambda m, **k: m.LSTM(3, 2, num_layers=2, bidirectional=True, **k), SEQUENCE),
    "GRU, no bias": (lambda m, **k: m.GRU(3, 2, bias=False, batch_first=True, **k), SEQUENCE),
    **{kind: (lambda m, kind=kind, **k: getattr(m, kind)(3, 2, **k), SEQUENCE) for kind in ("RNN", "LSTM", "GRU")},
    **{kind: (lambda m, kind=kind, **k: getattr(m, kind)(3, 2, **k), X) for kind in ("RNNCell", "LSTMCell", "GRUCell")},
    "Sequential": (lambda m, **k: m.Sequential(m.Linear(3, 4, **k), m.BatchNorm1d(4, **k), m.Linear(4, 2, **k)), X),
    "weight_norm": (lambda m, **k: m.utils.parametrizations.weight_norm(m.Linear(3, 2, **k)), X),
}  # fmt: skip


def called(module, xs, convert):
    output = module(*map(convert, xs if isinstance(xs, list) else [xs]))
    return output[0] if isinstance(output, tuple) else output


@pytest.mark.parametrize(("dtype", "bound"), [("float64", 1e-12), ("float32", 1e-6)])
@pytest.mark.parametrize("layer", LAYERS)
def test_states_of_modules_go_both_ways(layer, dtype, bound):
    make, xs = LAYERS[layer]
    xs = [x.astype(dtype) if x.dtype == float else x for x in (xs if isinstance(xs, list) else [xs])]
    torch.manual_seed(0)
    theirs, again = (make(torch.nn, dtype=getattr(torch, dtype)) for _ in range(2))
    called(theirs, xs, torch.from_numpy)  # Running means and the count of minibatches are other than at the start.
    ours = make(nn, dtype=dtype)
    assert repr(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    again.load_state_dict({name: torch.as_tensor(x) for name, x in ours.state_dict().items()})
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    for name, x in ours.state_dict().items():
        assert same(x, state[name].numpy()), name
        assert again.state_dict()[name].equal(state[name])
    a = called(ours.eval(), xs, lambda x: x).numpy()
    b = called(theirs.eval(), xs, torch.from_numpy).detach().numpy()
    np.testing.assert_allclose(a, b, rtol=0, atol=bound)
    ours.load_state_dict(dict(theirs.named_parameters()), strict=False)  # which require gradients


OPTIMIZERS = {
    "SGD": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, "Adam": {"amsgrad": True},
    "AdamW": {"betas": (0.8, 0.9)}, "NAdam": {}, "RAdam": {}, "Adamax": {}, "Adagrad": {}, "Adadelta": {},
    "RMSprop": {"momentum": 0.5, "centered": True}, "Rprop": {}, "ASGD": {}, "LBFGS": {},
}  # fmt: skip


def as_torch(x):
    """Arrays in a state as PyTorch's, also those in lists."""
    if isinstance(x, list):
        return [as_torch(each) for each in x]
    return torch.as_tensor(x) if isinstance(x, np.ndarray) else x


def train(module, optimizer, loss, convert, steps=3):
    def closure():
        optimizer.zero_grad()
        value = loss(module(convert(X)), convert(Y))
        value.backward()
        return value

    for _ in range(steps):
        optimizer.step(closure)


@pytest.fixture
def float64():
    torch.set_default_dtype(torch.float64)  # in which some of PyTorch's rules have their numbers
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_states_of_optimizers_go_both_ways(rule, float64):
    torch.manual_seed(0)
    theirs, again, ours = (m.Sequential(m.Linear(3, 4), m.Tanh(), m.Linear(4, 2)) for m in (torch.nn, torch.nn, nn))
    make, make_ours = getattr(torch.optim, rule), getattr(nn.optim, rule)
    optimizer = make(theirs.parameters(), **({"lr": 0.01} | OPTIMIZERS[rule]))
    train(theirs, optimizer, torch.nn.MSELoss(), torch.from_numpy)
    ours.load_state_dict(theirs.state_dict())
    own = make_ours(ours.parameters(), lr=0.5)
    own.load_state_dict(optimizer.state_dict())
    train(ours, own, nn.MSELoss(), lambda x: x)
    again.load_state_dict({name: torch.as_tensor(x) for name, x in ours.state_dict().items()})
    saved = own.state_dict()
    state = {i: {name: as_torch(x) for name, x in memory.items()} for i, memory in saved["state"].items()}
    back = make(again.parameters(), lr=0.5)
    back.load_state_dict(saved | {"state": state})
    train(again, back, torch.nn.MSELoss(), torch.from_numpy)
    train(theirs, optimizer, torch.nn.MSELoss(), torch.from_numpy, 6)
    for a, b in zip(again.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=0, atol=1e-12)


# Loaders.

TX, TY = torch.from_numpy(X), torch.from_numpy(Y)
PAIRS = data.TensorDataset(TX, TY)


class Samples(data.Dataset):
    def __len__(self):
        return len(X)

    def __getitem__(self, i):
        return TX[i], TY[i]


class Stream(data.IterableDataset):
    def __iter__(self):
        return iter(PAIRS)


class Named(Samples):
    def __getitem__(self, i):
        return {"X": TX[i], "y": TY[i]}


ORDER = [5, 1, 0, 7, 2]
SUBSET = data.Subset(PAIRS, ORDER)


@pytest.mark.parametrize(("make", "rows", "size"), [
    (lambda: data.DataLoader(PAIRS, 5), range(12), 5),
    (lambda: data.DataLoader(Samples(), 5), range(12), 5),
    (lambda: data.DataLoader(Stream(), 5), range(12), 5),
    (lambda: data.DataLoader(PAIRS, 5, drop_last=True), range(10), 5),
    (lambda: data.DataLoader(SUBSET, 2), ORDER, 2),
    (lambda: data.DataLoader(PAIRS, 5, collate_fn=lambda each: tuple(map(torch.stack, zip(*each)))), range(12), 5),
    (lambda: nn.data.DataLoader(PAIRS, 5), range(12), 5),
    (lambda: nn.data.DataLoader(SUBSET, 2), ORDER, 2),
])  # fmt: skip
def test_a_training_with_pytorchs_loader_is_that_with_arrays(make, rows, size):
    rows = list(rows)
    options = {"loss": "mse", "metrics": ["r2"]}
    expected = fit(
        model(), X[rows], Y[rows], shuffle=False, batch_size=size, validation_data=(X[rows], Y[rows]), **options
    )
    assert same(fit(model(), make(), validation_data=make(), **options), expected)


@pytest.mark.parametrize(("dataset", "rows"), [(PAIRS, range(12)), (Samples(), range(12)), (SUBSET, ORDER)])
def test_a_dataset_of_pytorchs_is_one_of_ours(dataset, rows):
    a, b = X[list(rows)], Y[list(rows)]
    expected = fit(model(), a, b, loss="mse", batch_size=2, validation_data=(a, b))
    assert same(fit(model(), dataset, loss="mse", batch_size=2, validation_data=dataset), expected)


@pytest.mark.parametrize("own", [False, True])
def test_the_order_is_that_of_a_loop_by_hand(own):
    def loader():
        torch.manual_seed(1)
        parts = data.random_split(PAIRS, [8, 4], torch.Generator().manual_seed(0))
        return data.DataLoader(parts[0], 3, shuffle=True, generator=torch.Generator().manual_seed(2) if own else None)

    trained, net, each = model(), model(), loader()
    optimizer = nn.optim.Adam(net.parameters())
    for _ in range(2):
        for x, y in each:
            optimizer.zero_grad()
            nn.MSELoss()(net(x), y).backward()
            optimizer.step()
    nn.fit(trained, loader(), loss="mse", epochs=2, progress=False)
    assert same(list(trained.state_dict().values()), list(net.state_dict().values()))


@pytest.mark.parametrize(("loader", "error", "words"), [
    (data.DataLoader(Named(), 5), TypeError, "gives dict of 2, not pairs.*a collate_fn of the loader makes pairs"),
    (Named(), TypeError, "gives dict of 2, not pairs"),
    (data.DataLoader(PAIRS, 5, collate_fn=lambda each: each), TypeError, "gives list of 5, not pairs.*collate_fn"),
    (data.DataLoader(TX, 5), TypeError, "gives Tensor of 5, not pairs"),
    (data.DataLoader(PAIRS, batch_size=None), ValueError, r"X of shape \(3,\) with y of shape \(2,\).*batch_size=32"),
    (Stream(), ValueError, r"of single samples DataLoader\(dataset, batch_size=32\) makes minibatches"),
    (iter(data.DataLoader(PAIRS, 5)), TypeError, "gives minibatches in each epoch anew"),
    (data.DataLoader(PAIRS, 20, drop_last=True), ValueError, "gives no minibatches"),
])  # fmt: skip
def test_what_a_loader_must_give(loader, error, words):
    with pytest.raises(error, match=words):
        fit(model(), loader, loss="mse")


@pytest.mark.parametrize(("call", "words"), [
    (lambda: fit(model(), data.DataLoader(PAIRS), Y, loss="mse"), "X is a DataLoader, no array; .*: pass it alone"),
    (lambda: fit(model(), PAIRS, Y, loss="mse"), "X is a TensorDataset, which holds the targets too: pass it alone"),
    (lambda: fit(model(), X, Y, loss=torch.nn.MSELoss()), "PyTorch's MSELoss, .*; nn and nn.functional have its names"),
    (lambda: fit(model(), X, Y, loss=torch.nn.functional.mse_loss), "PyTorch's mse_loss, which takes no nodes"),
    (lambda: fit(torch.nn.Linear(3, 2), X, Y, loss="mse"), "a module of nn's to train, not torch.nn.*.Linear$"),
    (lambda: fit(model(), X, Y, loss="mse", optimizer=torch.optim.Adam([TX])), r"pass an optimiser, nn\.optim"),
])  # fmt: skip
def test_pieces_of_pytorchs_that_are_none_of_ours(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_predict_takes_no_loader():
    for loader in (data.DataLoader(PAIRS), nn.data.DataLoader(PAIRS)):
        with pytest.raises(TypeError, match="X is a DataLoader, and it takes an array with a row for each sample"):
            nn.predict(model(), loader)


WORKERS = """
import resource

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

import nn

resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
X, y = torch.rand(80, 2), torch.rand(80, 1)

def weights(*data, **options):
    model = nn.Linear(2, 1, rng=0, dtype="float32")
    nn.fit(model, *data, loss="mse", epochs=1, progress=False, **options)
    return model.weight.data

loaded = weights(DataLoader(TensorDataset(X, y), 2, num_workers=2))
assert np.array_equal(loaded, weights(X, y, batch_size=2, shuffle=False))
"""


def test_workers_of_a_loader():
    """Workers share memory by open files, of which few are allowed; they are forks, so in a process of its own."""
    pytest.importorskip("resource")
    subprocess.run([sys.executable, "-c", WORKERS], check=True)
