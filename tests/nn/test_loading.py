"""Datasets and loaders against PyTorch's; the default generator, which all draw from that get no other."""

import collections
import copy

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import data

X, Y = np.arange(20.0).reshape(10, 2), np.arange(10)


class Samples:
    """Samples that are dicts of arrays, tuples and texts."""

    def __len__(self):
        return 7

    def __getitem__(self, i):
        return {"x": np.full(2, i), "pair": (i, float(i)), "text": str(i)}


Pair = collections.namedtuple("Pair", "a b")
DATASETS = {
    "arrays": lambda space, array: space.TensorDataset(array(X), array(Y)),
    "one array": lambda space, array: space.TensorDataset(array(X)),
    "dicts": lambda space, array: Samples(),
    "subset": lambda space, array: space.Subset(space.TensorDataset(array(X), array(Y)), [3, 1, 8]),
    "concatenated": lambda space, array: (
        space.TensorDataset(array(X), array(Y)) + space.TensorDataset(array(X[:3]), array(Y[:3]))
    ),
    "pairs": lambda space, array: [(x, i) for x, i in zip(X, Y, strict=True)],
    "named pairs": lambda space, array: [Pair(1, 2.0), Pair(3, 4.0), Pair(5, 6.0)],
    "numbers": lambda space, array: [*range(11)],
    "bools": lambda space, array: [True, False, True],
}
OPTIONS = [
    {},
    {"batch_size": 3},
    {"batch_size": 4, "drop_last": True},
    {"batch_size": 2, "sampler": [2, 0, 1]},
    {"batch_sampler": [[0, 1], [1]]},
]


def plain(x):
    if isinstance(x, (list, tuple)):
        return [plain(item) for item in x]
    if isinstance(x, dict):
        return {key: plain(item) for key, item in x.items()}
    if hasattr(x, "requires_grad"):
        assert not x.requires_grad
    array = x.data if isinstance(x, Tensor) else x
    return np.asarray(array).tolist() if not isinstance(x, (str, int)) else x


@pytest.mark.parametrize("kind", DATASETS)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_minibatches_are_pytorchs(kind, options):
    torch = pytest.importorskip("torch")
    theirs = torch.utils.data.DataLoader(DATASETS[kind](torch.utils.data, torch.tensor), **options)
    expected = [plain(batch) for batch in theirs]
    for array in (np.asarray, lambda x: Tensor(x, requires_grad=False)):
        loader = data.DataLoader(DATASETS[kind](data, array), **options)
        assert [plain(batch) for batch in loader] == expected
        assert len(loader) == len(theirs)
    assert all(isinstance(batch, list) for batch in loader) or kind not in ("arrays", "pairs")


def test_samples_one_by_one_and_of_iterables():
    assert list(data.DataLoader([5, 6, 7], batch_size=None)) == [5, 6, 7]
    assert list(data.DataLoader([5, 6, 7], batch_size=2, collate_fn=len)) == [2, 1]
    stream = type("Stream", (), {"__iter__": lambda self: iter(range(5))})()
    loader = data.DataLoader(stream, batch_size=2)
    assert [x.tolist() for x in loader] == [x.tolist() for x in loader] == [[0, 1], [2, 3], [4]]
    assert list(data.DataLoader(stream, batch_size=None)) == [0, 1, 2, 3, 4]


def test_orders():
    dataset = data.TensorDataset(X, Y)
    loader = data.DataLoader(dataset, batch_size=4, shuffle=True, generator=np.random.default_rng(3))
    first, second = (np.concatenate([y for _, y in loader]) for _ in range(2))
    assert sorted(first) == sorted(second) == Y.tolist()
    assert first.tolist() != second.tolist()
    again = data.DataLoader(dataset, batch_size=4, shuffle=True, rng=3)
    assert np.concatenate([y for _, y in again]).tolist() == first.tolist()
    loader = data.DataLoader(dataset, batch_size=4, shuffle=True, drop_last=True)
    assert np.concatenate([y for _, y in loader.unshuffled()]).tolist() == Y.tolist()
    nn.manual_seed(5)
    first = [y.tolist() for _, y in loader]
    nn.manual_seed(5)
    assert [y.tolist() for _, y in loader] == first


@pytest.mark.parametrize("lengths", [[3, 7], [0.5, 0.5], [0.3, 0.3, 0.4], [0.33, 0.33, 0.34], [10]])
def test_random_split(lengths):
    torch = pytest.importorskip("torch")
    parts = data.random_split(data.TensorDataset(X, Y), lengths, generator=np.random.default_rng(0))
    assert [len(part) for part in parts] == [len(part) for part in torch.utils.data.random_split(X, lengths)]
    assert sorted(int(part[i][1]) for part in parts for i in range(len(part))) == Y.tolist()
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        data.random_split([1], [0.5, 0.5])


def test_a_dataset_of_ones_own_is_abstract():
    with pytest.raises(NotImplementedError, match="__getitem__"):
        data.Dataset()[0]
    both = data.ConcatDataset([[1], [2, 3]])
    assert [both[-1], both[0], both[2]] == [3, 1, 3]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: data.DataLoader(iter([1])), TypeError, "a dataset has __len__ and __getitem__"),
        (lambda: data.DataLoader(5), TypeError, "int has not"),
        (lambda: data.DataLoader({1}, shuffle=True), ValueError, "no indices to shuffle"),
        (lambda: data.DataLoader([1], batch_size=0), ValueError, "positive integer"),
        (lambda: data.DataLoader([1], batch_size=2.5), ValueError, "positive integer"),
        (lambda: data.DataLoader([1], sampler=[0], shuffle=True), ValueError, "mutually exclusive with shuffle"),
        (lambda: data.DataLoader([1], 2, batch_sampler=[[0]]), ValueError, "batch_sampler option is mutually"),
        (lambda: data.DataLoader([1], None, drop_last=True), ValueError, "batch_size=None"),
        (lambda: data.DataLoader([1], num_workers=-1), ValueError, "non-negative"),
        (lambda: data.DataLoader([1], num_workers=2), UserWarning, "num_workers changes nothing here"),
        (lambda: list(data.DataLoader([X[0], X])), None, ""),
        (lambda: list(data.DataLoader([X[0], X], 2)), RuntimeError, r"equal size, but got \(2,\) at entry 0 and"),
        (lambda: list(data.DataLoader([(1,), (1, 2)], 2)), RuntimeError, "of equal size"),
        (lambda: list(data.DataLoader([None])), TypeError, "must contain arrays, numbers, dicts or lists"),
        (lambda: data.TensorDataset(X, Y[:3]), ValueError, r"Size mismatch.*\(10, 2\), \(3,\)"),
        (lambda: data.TensorDataset(1.0), ValueError, "Size mismatch"),
        (lambda: data.random_split([1], [1, 2]), ValueError, "Sum of input lengths does not equal"),
        (lambda: data.random_split([1], [1.5, -0.5]), ValueError, "Fraction at index 0"),
        (lambda: data.ConcatDataset([]), ValueError, "empty iterable"),
        (lambda: data.ConcatDataset([[1]])[1], IndexError, "no sample 1; there are 1"),
        (lambda: nn.manual_seed(-1), ValueError, "an integer of at least 0; not -1"),
        (lambda: nn.manual_seed(None), TypeError, "manual_seed: pass an integer"),
        (lambda: nn.Linear(1, 1, rng="0"), TypeError, "a numpy.random.Generator, or a seed"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    if error is None:
        call()
        return
    with pytest.raises(error, match=words):
        call()


def test_dropout_draws_from_the_default_generator_when_it_is_called():
    drop = nn.Dropout(0.5)
    assert repr(drop) == "Dropout(p=0.5)"
    nn.manual_seed(0)
    masks = [drop(np.ones(20)).data.tolist() for _ in range(2)]
    assert masks[0] != masks[1]
    nn.manual_seed(0)
    assert copy.deepcopy(drop)(np.ones(20)).data.tolist() == masks[0]
    assert nn.functional.dropout(np.ones(20)).data.tolist() == masks[1]


def test_a_training_from_one_seed(tmp_path):
    def train(epochs=4, compiled=False, **options):
        nn.manual_seed(1)
        model = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        history = nn.fit(model, X / 20, Y[:, None] / 10, loss="mse", epochs=epochs, batch_size=4, progress=False,
                         compiled=compiled, **options)  # fmt: skip
        assert history.compiled is compiled
        return history["loss"]

    losses = train()
    np.testing.assert_allclose(train(compiled=True), losses, rtol=1e-12)
    train(2, callbacks=[nn.Checkpoint(tmp_path / "a")])
    assert train(resume=tmp_path / "a") == losses


SET = data.TensorDataset(X / 20, Y[:, None] / 10)


def model():
    return nn.Sequential(nn.Linear(2, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=1))


def trained(*data, epochs=3, **options):
    net = model()
    optimizer = nn.optim.Adam(net.parameters(), lr=0.01)
    history = nn.fit(net, *data, loss="mse", optimizer=optimizer, epochs=epochs, progress=False, **options)
    return {name: numbers[-1] for name, numbers in history.items()} | {"weight": net[0].weight.data.tolist()}


@pytest.mark.parametrize("compiled", [False, True])
def test_a_training_with_a_loader_is_the_loop_by_hand(compiled):
    def loader():
        return data.DataLoader(SET, 4, shuffle=True, drop_last=True, rng=3)

    numbers = trained(loader(), metrics=["r2"], record=["dead"], validation_data=data.DataLoader(SET, 3),
                      compiled=compiled)  # fmt: skip
    net, minibatches = model(), loader()
    optimizer = nn.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(3):
        losses = []
        for x, y in minibatches:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(net(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    np.testing.assert_allclose(numbers["weight"], net[0].weight.data, rtol=1e-12)
    np.testing.assert_allclose(numbers["loss"], np.mean(losses), rtol=1e-12)
    whole = trained(*SET[:], metrics=["r2"], validation_data=SET[:])
    assert numbers.keys() == whole.keys()
    assert numbers["val_r2"] == pytest.approx(numbers["r2"], rel=1e-12)


def test_a_training_with_a_dataset_is_that_with_its_arrays():
    assert trained(SET, rng=5, batch_size=4, validation_data=SET) == trained(
        *SET[:], rng=5, batch_size=4, validation_data=SET[:]
    )
    assert trained(SET) == trained(data.Subset(SET, range(10)))
    pairs = [(X[:6] / 20, Y[:6, None] / 10), (X[6:] / 20, Y[6:, None] / 10)]
    assert trained(pairs, epochs=1)["loss"] != trained(pairs[::-1], epochs=1)["loss"]
    tensors = [tuple(Tensor(part, requires_grad=False) for part in pair) for pair in pairs]
    assert trained(tensors) == trained(pairs)


def test_a_loader_of_pytorchs_trains_too():
    torch = pytest.importorskip("torch")
    tensors = [torch.tensor(x) for x in SET[:]]
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*tensors), batch_size=4)
    assert trained(loader) == trained(data.DataLoader(SET, 4))


def test_lbfgs_and_schedules_with_a_loader():
    net = model()
    optimizer = nn.optim.LBFGS(net.parameters(), lr=0.5)
    schedule = nn.optim.lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=9, cycle_momentum=False)
    losses = nn.fit(net, data.DataLoader(SET, 4), loss="mse", optimizer=optimizer, epochs=3, progress=False,
                    callbacks=[schedule])["loss"]  # fmt: skip
    assert schedule.last_epoch == 9
    assert losses[-1] < losses[0]


def test_a_training_with_a_loader_is_resumed(tmp_path):
    def loader():
        return data.DataLoader(SET, 4, shuffle=True, rng=3)

    straight = trained(loader(), epochs=4)
    trained(loader(), epochs=2, callbacks=[nn.Checkpoint(tmp_path / "a")])
    assert trained(loader(), epochs=4, resume=tmp_path / "a") == straight


def once():
    yield X, Y


@pytest.mark.parametrize(
    ("x", "options", "error", "words"),
    [
        (once(), {}, TypeError, "X is a generator, no arrays, nor what gives minibatches in each epoch anew"),
        (X, {}, TypeError, r"X gives ndarray of 2, not pairs \(X, y\); of arrays pass both"),
        (5, {}, TypeError, "X is a int, no arrays"),
        ([], {}, ValueError, "gives no minibatches"),
        (data.DataLoader([1.0]), {}, TypeError, "X gives ndarray of 1, not pairs"),
        ([(X, Y), (X[:, :1], Y)], {}, ValueError, r"shapes \(10, 2\) and \(10,\), \(10, 1\) and \(10,\)"),
        (SET, {"validation_data": once()}, TypeError, "validation_data is a generator"),
        (SET, {"validation_data": X}, TypeError, "validation_data is a pair"),
        (data.DataLoader(SET), {"batch_size": 3}, ValueError, "set batch_size and shuffle there"),
        (data.DataLoader(SET), {"shuffle": False}, ValueError, "set batch_size and shuffle there"),
        (data.DataLoader(SET), {"y": Y}, TypeError, "X is a DataLoader, which holds the targets too: pass it alone"),
        (SET, {"y": Y}, TypeError, "X is a TensorDataset, which holds the targets too: pass it alone, without y"),
    ],
)
def test_what_is_no_loader(x, options, error, words):
    with pytest.raises(error, match=words):
        trained(x, **options)
