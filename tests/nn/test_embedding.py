"""``Embedding`` and its function beside PyTorch's; ``F.linear`` and ``F.dropout``."""

import copy

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor, Value
from autograd.testing import check_gradients

TABLE = np.random.default_rng(0).normal(size=(5, 3))
NUMBERS = [np.array([[0, 4, 4], [2, 1, 2]]), np.array(3), np.zeros((0, 2), int), np.array([1, 1], np.uint8)]
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


@pytest.mark.parametrize("numbers", NUMBERS, ids=lambda x: str(x.shape))
@pytest.mark.parametrize(
    "options",
    [{}, {"padding_idx": 2}, {"padding_idx": -1}, {"max_norm": 1.0}, {"max_norm": 0.5, "norm_type": 1.0}],
    ids=str,
)
def test_values_and_gradients_are_torchs(options, numbers):
    torch = pytest.importorskip("torch")
    ours, theirs = nn.Embedding(5, 3, **options), torch.nn.Embedding(5, 3, **options, dtype=torch.float64)
    ours.load_state_dict({"weight": TABLE})
    theirs.load_state_dict({"weight": torch.from_numpy(TABLE)})
    a, b = ours(numbers), theirs(torch.from_numpy(numbers.astype(np.int64)))
    np.testing.assert_allclose(a.data, b.detach().numpy(), **CLOSE)
    np.testing.assert_allclose(ours.weight.data, theirs.weight.detach().numpy(), **CLOSE)
    (a**3).sum().backward()
    (b**3).sum().backward()
    np.testing.assert_allclose(ours.weight.grad, theirs.weight.grad.numpy(), **CLOSE)


def test_the_second_derivative():
    for padding in (None, 3):  # of a row that nobody looks up: there differences see none
        check_gradients(lambda w, i=padding: (F.embedding([[0, 1], [1, 2]], w, i) ** 3).sum(), (TABLE[:4],), order=2)


def test_padding_starts_at_zero_and_stays_however_a_net_is_trained():
    numbers = np.random.default_rng(0).integers(0, 5, (40, 2))
    target = (numbers.sum(axis=1) > 4).astype(int)
    net = nn.Sequential(nn.Embedding(5, 4, padding_idx=1, rng=0), nn.Flatten(), nn.Linear(8, 2, rng=1))
    assert not net[0].weight.data[1].any()
    net[0].weight.data = net[0].weight.data + 0.5
    ends = []
    for compiled in (False, True):
        twin = copy.deepcopy(net)
        adam = nn.optim.Adam(twin.parameters(), 0.05)
        nn.fit(twin, numbers, target, loss="cross_entropy", optimizer=adam, epochs=3, compiled=compiled, rng=0,
               progress=False)  # fmt: skip
        assert (twin[0].weight.data[1] == 0.5).all()
        assert (twin[0].weight.data[0] != net[0].weight.data[0]).all()
        ends.append(twin[0].weight.data)
    np.testing.assert_allclose(*ends, **CLOSE)


def test_a_net_of_values_looks_up_rows():
    layer = nn.Embedding(5, 3, 2, rng=0)
    scalars = copy.deepcopy(layer).to_scalars()
    for each in (layer, scalars):
        (each(NUMBERS[0]) ** 2).sum().backward()
    gradients = [[v.grad for v in row] for row in scalars.weight]
    np.testing.assert_allclose(gradients, layer.weight.grad, **CLOSE)


def test_from_pretrained():
    frozen = nn.Embedding.from_pretrained(TABLE.astype(np.float32), padding_idx=0)
    assert frozen.weight.dtype == np.float32
    assert not frozen.weight.requires_grad
    assert (frozen.weight.data == TABLE.astype(np.float32)).all()
    free = nn.Embedding.from_pretrained(Tensor(TABLE), freeze=False, max_norm=9.0)
    assert free.weight.requires_grad
    assert free.max_norm == 9.0


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.Embedding(3, 2)([3]), IndexError, "less than 3"),
        (lambda: nn.Embedding(3, 2)([-1]), IndexError, "at least 0"),
        (lambda: nn.Embedding(3, 2)([1.0]), TypeError, "integers, not float64"),
        (lambda: nn.Embedding(0, 2), ValueError, "num_embeddings must be"),
        (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "padding_idx=3"),
        (lambda: nn.Embedding.from_pretrained([1.0]), ValueError, r"not \(1,\)"),
        (lambda: nn.Embedding(3, 2, scale_grad_by_freq=True)([1]), ValueError, "scale_grad_by_freq"),
        (lambda: F.embedding([1], [1.0]), ValueError, "a table"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("x", "weight", "bias"),
    [((4, 3), (2, 3), (2,)), ((3,), (2, 3), None), ((2, 4, 3), (3,), ()), ((0, 3), (2, 3), (2,))],
)
def test_linear_is_torchs(x, weight, bias, dtype):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    operands = [None if shape is None else rng.normal(size=shape).astype(dtype) for shape in (x, weight, bias)]
    theirs = [None if a is None else torch.tensor(a) for a in operands]
    y = F.linear(*(None if a is None else Tensor(a) for a in operands))
    assert y.dtype == dtype
    np.testing.assert_allclose(y.data, torch.nn.functional.linear(*theirs).numpy(), rtol=1e-5)


def test_linear_of_values():
    y = F.linear(np.array([Value(1.0), Value(2.0)], object), np.array([[Value(3.0), Value(4.0)]], object))
    assert y[0].data == 11.0


def test_dropout():
    x = np.ones((50, 40))
    assert F.dropout(x, 0.3, training=False) is x
    y = F.dropout(x, 0.3, rng=0).data
    assert 0.25 < (y == 0).mean() < 0.35
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert not F.dropout(x, 1.0).data.any()
    firsts = [F.dropout(x[0]).data for _ in range(2) if nn.manual_seed(3)]
    np.testing.assert_array_equal(*firsts)
    with pytest.raises(ValueError, match=r"p must be in \[0, 1\]"):
        F.dropout(x, 1.5)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
def test_a_table_of_integers(dtype):
    layer = nn.Embedding.from_pretrained(np.array([[1, 2], [3, 4]], dtype))
    np.testing.assert_array_equal(layer(np.array([1, 0])).data, [[3, 4], [1, 2]])
    assert layer.weight.dtype == (np.float32 if dtype is np.float32 else np.float64)
