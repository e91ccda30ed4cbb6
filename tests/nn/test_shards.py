"""Minibatches in shards give what whole ones do, and what cannot be cut is refused."""

import threading
from functools import partial

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from nn.randomness import as_generator

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4))
NUMBERS, CLASSES = RNG.normal(size=(50, 3)), RNG.integers(0, 3, 50)
NUMBERS[0] = np.abs(NUMBERS[0])  # `fit` tries one sample.
SOME = np.where(np.arange(50) % 3, CLASSES, -100)
SIGNS, SHARES = np.sign(NUMBERS), np.abs(NUMBERS) / np.abs(NUMBERS).sum(axis=1, keepdims=True)
WEIGHTS = [0.2, 5.0, 1.0]

# Every loss that takes a prediction and a target, and functions of a user's own.
LOSSES = [
    *((kind(reduction=r), NUMBERS) for kind in (nn.MSELoss, nn.L1Loss, nn.HuberLoss, nn.SmoothL1Loss)
      for r in ("mean", "sum")),
    *((kind(reduction=r), SIGNS) for kind in (nn.HingeLoss, nn.SoftMarginLoss) for r in ("mean", "sum")),
    *((nn.BCEWithLogitsLoss(w, reduction=r, pos_weight=w), SHARES) for w in (None, WEIGHTS) for r in ("mean", "sum")),
    *((nn.CrossEntropyLoss(w, label_smoothing=s, reduction=r), y) for w in (None, WEIGHTS) for s in (0.0, 0.2)
      for r in ("mean", "sum") for y in (CLASSES, SOME, SHARES)),
    *((nn.NLLLoss(w, ignore_index=1, reduction=r), CLASSES) for w in (None, WEIGHTS) for r in ("mean", "sum")),
    *((nn.KLDivLoss(reduction=r), SHARES) for r in ("mean", "sum", "batchmean")),
    *((nn.PoissonNLLLoss(full=full, reduction=r), np.round(np.exp(NUMBERS))) for full in (False, True)
      for r in ("mean", "sum")),
    ("cross_entropy", SOME), (partial(F.cross_entropy, weight=np.array(WEIGHTS)), SOME),
    (lambda output, y: F.mse_loss(output, y, weight=np.abs(y)), NUMBERS),
    (lambda output, y: F.gaussian_nll_loss(output[:, :1], y[:, :1], autograd.exp(output[:, 1:2])), NUMBERS),
    (lambda output, y: F.cosine_embedding_loss(output, output * 0 + 1, y), np.sign(CLASSES - 0.5)),
    (lambda output, y: F.mse_loss(output[y > 0], y[y > 0]), NUMBERS),
    (lambda output, y: ((output - y) ** 2).sum(axis=1).mean(), NUMBERS),
    (lambda output, y: F.mse_loss(output, y) + 0.1 * F.kl_div(output, y * y, reduction="batchmean"), NUMBERS),
]  # fmt: skip


def net(dtype=float, *more):
    model = nn.Sequential(nn.Linear(4, 6, rng=0), nn.Tanh(), *more, nn.Linear(6, 3, rng=1))
    return model.float() if dtype == np.float32 else model


def trained(model, loss, y, shards, **options):
    options = {"optimizer": "adam", "epochs": 2, "batch_size": 20, "rng": 3, "progress": False} | options
    return model, nn.fit(model, X, y, loss=loss, shards=shards, **options)


def arrays(model):
    return [np.asarray(p.data) for p in model.parameters()]


def assert_same(model, other):
    for a, b in zip(arrays(model), arrays(other), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("loss", "y"), LOSSES)
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_shards_give_what_whole_minibatches_do(loss, y, dtype):
    tolerance = 1e-12 if dtype is float else 1e-5
    whole, logs = trained(net(dtype), loss, y, None, optimizer="sgd", epochs=1)
    cut, same = trained(net(dtype), loss, y, 7, optimizer="sgd", epochs=1)
    for a, b in zip(arrays(whole), arrays(cut), strict=True):
        assert b.dtype == dtype
        np.testing.assert_allclose(b, a, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(same["loss"], logs["loss"], rtol=tolerance)


@pytest.mark.parametrize("optimizer", [nn.optim.Adam, partial(nn.optim.LBFGS, max_iter=3)])
@pytest.mark.parametrize("shards", [1, 3, 100])
def test_any_number_of_shards_any_optimizer_and_nets_of_values(shards, optimizer):
    for make in (net, lambda: nn.MLP([4, 2, 3], "tanh", scalar=True, rng=0)):
        results = []
        for n in (None, shards):
            model, clip = make(), nn.ClipGradients(1.0)
            options = {"optimizer": optimizer(model.parameters(), lr=0.01), "batch_size": 25, "callbacks": [clip]}
            results.append(arrays(trained(model, "mse", NUMBERS, n, **options)[0]))
        for a, b in zip(*results, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9)


def test_parameters_that_are_frozen_unused_unmoved_or_in_the_loss():
    class Scale(nn.Module):
        def __init__(self):
            self.scale, self.unused = nn.Parameter([2.0]), nn.Parameter([1.0])

        def forward(self, output, y):
            return F.mse_loss(output * self.scale, y)

    def result(shards):
        model, loss = net(), Scale()
        model[0].weight.requires_grad_(False)
        moved = [model[0].bias, model[2].weight, *loss.parameters()]  # not the last bias, whose gradients pile up
        trained(model, loss, NUMBERS, shards, optimizer=nn.optim.SGD(moved, 0.1, weight_decay=0.1))
        return [*arrays(model), loss.scale.data, model[2].bias.grad], model, loss

    whole, cut = result(None), result(4)
    for a, b in zip(whole[0], cut[0], strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-12)
    assert cut[1][0].weight.grad is None is cut[2].unused.grad
    assert cut[2].unused.data == 1.0


@pytest.mark.parametrize("shards", [1, 4])
def test_a_shard_draws_its_own_random_numbers_and_nobody_elses(shards):
    class Noise(nn.Module):
        def __init__(self):
            self.source = np.random.default_rng(5)

        def forward(self, x):
            return x + self.source.normal(size=x.shape) + as_generator().normal() if self.training else x

    order, drop = np.random.default_rng(3), np.random.default_rng(4)
    generator = nn.manual_seed(0)
    before = drop.bit_generator.state, generator.bit_generator.state
    noisy = partial(net, float, nn.Dropout(0.5, rng=drop), nn.Dropout(0.5), Noise())
    model, _ = trained(noisy(), "mse", NUMBERS, shards, rng=order)
    assert before == (drop.bit_generator.state, generator.bit_generator.state)
    assert model[2].rng is drop
    plain = np.random.default_rng(3)
    trained(net(), "mse", NUMBERS, None, rng=plain)
    assert order.bit_generator.state == plain.bit_generator.state
    assert_same(model, trained(noisy(), "mse", NUMBERS, shards, rng=np.random.default_rng(3))[0])
    nn.manual_seed(1)
    with pytest.raises(AssertionError):
        assert_same(model, trained(noisy(), "mse", NUMBERS, shards, rng=np.random.default_rng(3))[0])


@pytest.mark.parametrize(("is_shared", "is_dataset"), [(True, False), (False, False), (False, True)])
def test_the_order_is_that_of_whole_minibatches_though_layers_draw_from_its_generator(is_shared, is_dataset):
    def orders(shards):
        rng, seen = np.random.default_rng(9) if is_shared else None, []
        nn.manual_seed(9)
        model = net(float, nn.Dropout(0.5, rng=rng))
        data = (nn.data.TensorDataset(X, NUMBERS), None) if is_dataset else (X, NUMBERS)

        def loss(output, y):
            seen.append(np.asarray(y)[:, 0].tolist())
            return F.mse_loss(output, y)

        nn.fit(model, *data, loss=loss, epochs=3, batch_size=20, rng=rng, shards=shards, progress=False)
        return np.concatenate(seen[-(3 * 3 * (shards or 1)) :]).tolist()

    assert orders(None) == orders(2)


def test_a_resumed_training_goes_on_with_the_same_random_numbers(tmp_path):
    def run(path, epochs, shards=3, **options):
        model = net(float, nn.Dropout(0.5, rng=0))
        return trained(model, "mse", NUMBERS, shards, epochs=epochs, callbacks=[nn.Checkpoint(path)], **options)[0]

    pytest.importorskip("safetensors")
    whole = run(tmp_path / "a", 4)
    run(tmp_path / "b", 2)
    nn.manual_seed(7)  # The new process has other generators, which the checkpoint sets.
    assert_same(run(tmp_path / "b", 4, resume=tmp_path / "b", rng=8), whole)
    for shards in (4, None):
        with pytest.raises(ValueError, match=rf"shards was 3, and is {shards} now"):
            run(tmp_path / "b", 5, shards, resume=tmp_path / "b")
    run(tmp_path / "c", 1, None)
    with pytest.raises(ValueError, match="shards was None, and is 3 now"):
        run(tmp_path / "c", 2, 3, resume=tmp_path / "c")


class Shared(nn.Module):
    """A layer whose result for a sample depends on the others, and which has no buffers."""

    def forward(self, x):
        return x - x.mean(axis=0)


class Counting(nn.Module):
    def __init__(self):
        self.register_buffer("count", np.zeros(1))

    def forward(self, x):
        if self.training:
            self.count = self.count + 1
        return x * 1.0


class Recurrent(nn.Module):
    before = 0.0

    def forward(self, x):
        result = x + self.before
        self.before = float(result.data[0, 0])
        return result


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nn.BatchNorm1d(6), r"2 \(BatchNorm1d\) changes its running_mean in training, and shards .*nn.LayerNorm"),
        (nn.Sequential(nn.Sequential(Counting())), r"2.0.0 \(Counting\) changes its count in training"),
        (Shared(), r"the result of 2 \(Shared\) for a sample depends on the others beside it: shards of a minibatch"),
        (Recurrent(), "the model gives another result when it is called again: it keeps something from one call"),
    ],
)
def test_layers_that_do_not_add_up_are_refused(layer, text):
    model = net(float, layer)
    before, state = arrays(model), model.state_dict()
    with pytest.raises(ValueError, match=text):
        trained(model, "mse", NUMBERS, 2)
    for a, b in zip(before, arrays(model), strict=True):
        np.testing.assert_array_equal(a, b)
    assert {name: a.tolist() for name, a in model.state_dict().items()} == {n: a.tolist() for n, a in state.items()}
    trained(model, "mse", NUMBERS, None)


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (lambda output, y: ((output - y) ** 2).sum(), "is put together of two parts: with `shards` it must be a mean"),
        (lambda output, y: F.mse_loss(output, y) + F.cross_entropy(output, SOME[: len(y)]), "do not divide by the num"),
    ],
)  # fmt: skip
def test_losses_that_do_not_add_up_are_refused(loss, text):
    with pytest.raises(ValueError, match=text):
        trained(net(), loss, NUMBERS, 2)


@pytest.mark.parametrize("shards", [0, -1, 1.5, "two", True])
def test_a_number_of_shards(shards):
    with pytest.raises(ValueError, match="fit: shards must be an integer of at least 1"):
        trained(net(), "mse", NUMBERS, shards)


def test_a_model_that_cannot_be_copied_is_refused():
    model = net()
    model.lock = threading.Lock()
    with pytest.raises(TypeError, match=r"fit: the model cannot be copied, as `shards` needs it: cannot pickle"):
        trained(model, "mse", NUMBERS, 2)


def test_a_wrong_label_in_a_file_is_named_by_its_row(tmp_path):
    wrong = CLASSES.copy()
    wrong[41] = 7
    np.save(tmp_path / "y.npy", wrong)
    with pytest.raises(ValueError, match=r"Target 7 is out of bounds.* \(row 41 of y\)"):
        trained(net(), "cross_entropy", nn.data.stored(tmp_path / "y.npy", chunk=20), 2)


def test_compiled_steps_have_no_shards():
    _, history = trained(net(), "mse", NUMBERS, 2, compiled=True)
    assert history.compiled == "minibatches are cut into shards, which run as they are written"
    assert trained(net(), "mse", NUMBERS, 2)[1].compiled is False


def test_a_loss_that_is_not_finite_changes_nothing():
    model = net()
    with pytest.raises(FloatingPointError, match="in epoch 1, minibatch 1"), np.errstate(all="ignore"):
        trained(model, lambda output, y: ((output + 1e200) * 1e200).mean(), NUMBERS, 3)
    assert not any(p.has_grad for p in model.parameters())


def test_attention_pictures_and_indices_may_be_cut():
    ids = RNG.integers(0, 7, (30, 5))

    class Classifier(nn.Module):
        def __init__(self):
            self.table = nn.Embedding(7, 4, rng=0)
            self.attention = nn.MultiheadAttention(4, 2, batch_first=True, rng=1, dropout=0.1)
            self.norm, self.head = nn.LayerNorm(4), nn.Linear(4, 3, rng=2)

        def forward(self, x):
            h = self.table(x)
            return self.head(self.norm(h + self.attention(h, h, h)[0]).mean(axis=1))

    nn.fit(Classifier(), ids, CLASSES[:30], loss="cross_entropy", epochs=1, shards=4, progress=False)
    pictures = nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3, rng=1)
    )
    nn.fit(
        pictures, RNG.normal(size=(30, 1, 6, 6)), CLASSES[:30], loss="cross_entropy", epochs=1, shards=4, progress=False
    )
