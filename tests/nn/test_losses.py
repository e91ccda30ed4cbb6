"""Losses beside PyTorch's: value and slopes of every operand, with every option; second derivatives; mistakes."""

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

RNG = np.random.default_rng(0)
X, Y, Z = RNG.normal(size=(3, 4, 3))
X[0], Y[0] = [0.5, -1.0, 2.0], [0.0, 0.0, 2.0]  # A kink of the absolute losses at 1 and at 0.
SIGNS = np.where(RNG.random((4, 3)) > 0.5, 1.0, -1.0)
POSITIVE, VARIANCES = RNG.random((2, 4, 3)) + 0.1
COUNTS = RNG.integers(0, 5, (4, 3)) * 1.0
LOG_P = np.log(POSITIVE / POSITIVE.sum(axis=1, keepdims=True))
SHARES = VARIANCES / VARIANCES.sum(axis=1, keepdims=True)
LESS, WITH_0 = VARIANCES[:, :1], np.where(VARIANCES > 0.5, VARIANCES, 0.0)
ROWS = SIGNS[:, 0]

# Function, module, operands, those of them that PyTorch gives slopes, options.
CASES = [
    ("smooth_l1_loss", "SmoothL1Loss", (X, Y), 2, {}), ("smooth_l1_loss", "SmoothL1Loss", (X, Y), 2, {"beta": 0.3}),
    ("smooth_l1_loss", "SmoothL1Loss", (X, Y), 2, {"beta": 0.0}),
    ("soft_margin_loss", "SoftMarginLoss", (X, SIGNS), 1, {}),
    ("kl_div", "KLDivLoss", (LOG_P, SHARES), 2, {}),
    ("kl_div", "KLDivLoss", (LOG_P, np.log(SHARES)), 2, {"log_target": True}),
    ("poisson_nll_loss", "PoissonNLLLoss", (X, COUNTS), 1, {}),
    ("poisson_nll_loss", "PoissonNLLLoss", (X, COUNTS), 1, {"full": True}),
    ("poisson_nll_loss", "PoissonNLLLoss", (POSITIVE, COUNTS + 0.5), 2, {"full": True, "log_input": False}),
    ("poisson_nll_loss", "PoissonNLLLoss", (POSITIVE, COUNTS), 1, {"log_input": False, "eps": 0.1}),
    ("gaussian_nll_loss", "GaussianNLLLoss", (X, Y, VARIANCES), 3, {}),
    ("gaussian_nll_loss", "GaussianNLLLoss", (X, Y, LESS), 3, {"full": True}),
    ("gaussian_nll_loss", "GaussianNLLLoss", (X, Y, LESS[:, 0]), 3, {"full": True}),
    ("gaussian_nll_loss", "GaussianNLLLoss", (X, Y, WITH_0), 3, {"eps": 0.3}),
    ("gaussian_nll_loss", "GaussianNLLLoss", (X, Y[:1], VARIANCES[:1]), 3, {}),
    ("margin_ranking_loss", "MarginRankingLoss", (X, Y, SIGNS), 2, {}),
    ("margin_ranking_loss", "MarginRankingLoss", (X, Y, SIGNS), 2, {"margin": 0.5}),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (X, Y, ROWS), 2, {}),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (X, Y, ROWS), 2, {"margin": -0.5}),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (X[1], Y[1], np.array(-1.0)), 2, {}),
    ("triplet_margin_loss", "TripletMarginLoss", (X, Y, Z), 3, {}),
    ("triplet_margin_loss", "TripletMarginLoss", (X, Y, Z), 3, {"margin": 2.5, "swap": True, "p": 1.0, "eps": 1e-3}),
    ("triplet_margin_loss", "TripletMarginLoss", (X[0], Y[0], Z[0]), 3, {"p": 3.0}),
    ("triplet_margin_loss", "TripletMarginLoss", (X, X, Z), 3, {"eps": 0.0}),
]  # fmt: skip
DISTANCES = [
    ("cosine_similarity", "CosineSimilarity", (X, Y), {}),
    ("cosine_similarity", "CosineSimilarity", (X, Y), {"dim": 0}),
    ("cosine_similarity", "CosineSimilarity", (X, Y[0]), {"eps": 3.0}),
    *(("pairwise_distance", "PairwiseDistance", (X, Y), {"p": p}) for p in (1.0, 2.0, 3.0, 0.5, float("inf"))),
    ("pairwise_distance", "PairwiseDistance", (X, Y[1]), {"eps": 0.0, "keepdim": True}),
    ("pairwise_distance", "PairwiseDistance", (X[0], Y[0]), {}),
]  # fmt: skip
AWAY = RNG.random(12) / 100  # from kinks


def beside(ours, theirs, operands, sloped, dtype=np.float64):
    """Values and the slopes of the first operands, by both."""
    mine = [Tensor(a.astype(dtype)) for a in operands]
    other = [torch.tensor(a.astype(dtype), requires_grad=i < sloped) for i, a in enumerate(operands)]
    y, want = ours(*mine), theirs(*other)
    tolerance = {"rtol": 1e-12, "atol": 1e-14} if dtype is np.float64 else {"rtol": 2e-4, "atol": 1e-5}
    assert y.dtype == dtype
    assert y.shape == tuple(want.shape)
    np.testing.assert_allclose(y.data, want.detach().numpy(), **tolerance)
    g = np.random.default_rng(1).normal(size=y.shape).astype(dtype)
    slopes = torch.autograd.grad(want, other[:sloped], torch.tensor(g))
    for a, b in zip(gradients(y, mine[:sloped], g), slopes, strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, b.numpy(), **tolerance)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]} {c[4] or ''}")
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_losses_are_pytorchs(case, reduction):
    name, module, operands, sloped, options = case
    options = options | {"reduction": reduction}
    for dtype in (np.float64, np.float32):
        beside(
            lambda *xs: getattr(F, name)(*xs, **options), lambda *xs: getattr(TF, name)(*xs, **options),
            operands, sloped, dtype,
        )  # fmt: skip
    ours, theirs = getattr(nn, module)(**options), getattr(torch.nn, module)(**options)
    beside(ours, theirs, operands, sloped)
    for copied in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert repr(copied) == repr(ours)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]} {c[4] or ''}")
def test_second_derivatives_and_programs(case):
    name, _, operands, sloped, options = case
    operands = [a[:2] if a.ndim else a for a in operands]
    f, rest = getattr(F, name), operands[sloped:]
    loss = lambda *xs: f(*xs, *rest, **options)
    compiled, eager = (t(autograd.value_and_grad(loss)) for t in (autograd.compile, lambda g: g))
    for factor in (1.0, 0.9):
        again = [a * factor for a in operands[:sloped]]
        for a, b in zip(compiled(*again), eager(*again), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    if options.get("eps") not in (0.3, 0.0):  # The slopes below eps and at no distance are stated.
        check_gradients(loss, [a + (i + 1) * AWAY[: a.size].reshape(a.shape) for i, a in enumerate(operands[:sloped])])


@pytest.mark.parametrize("case", DISTANCES, ids=lambda c: f"{c[0]} {c[3] or ''}")
def test_distances_are_pytorchs(case):
    name, module, operands, options = case
    beside(lambda *xs: getattr(F, name)(*xs, **options), lambda *xs: getattr(TF, name)(*xs, **options), operands, 2)
    beside(getattr(nn, module)(**options), getattr(torch.nn, module)(**options), operands, 2)


def test_batchmean_is_the_divergence_of_a_sample():
    for log_target in (False, True):
        options = {"reduction": "batchmean", "log_target": log_target}
        target = np.log(SHARES) if log_target else SHARES
        beside(lambda *xs: F.kl_div(*xs, **options), lambda *xs: TF.kl_div(*xs, **options), (LOG_P, target), 2)
        beside(nn.KLDivLoss(**options), torch.nn.KLDivLoss(**options), (LOG_P, target), 2)
    x, t = Tensor([[-1.0, -2.0]]), Tensor([[0.0, 1.0]])
    loss = F.kl_div(x, t, reduction="batchmean")
    assert loss.item() == 2.0
    assert gradients(loss, x).tolist() == [[0.0, -1.0]]  # a share of 0 costs nothing


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_weights_of_elements(name, reduction):
    f, g = getattr(F, name), getattr(TF, name)
    beside(
        lambda x, t: f(x, t, weight=VARIANCES, reduction=reduction),
        lambda x, t: g(x, t, weight=torch.tensor(VARIANCES), reduction=reduction), (X, Y), 2,
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"weights and input must have the same size, not \(3,\) and \(4, 3\)"):
        f(X, Y, weight=np.ones(3))


LABELS = np.array([2, -100, 0, 1, 0])
SCORES = RNG.normal(size=(5, 3))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("ignored", [-100, 0, 2, 7])
@pytest.mark.parametrize("weight", [None, np.array([0.5, 2.0, 1.0])])
def test_ignored_samples_count_neither_in_the_loss_nor_in_its_mean(ignored, weight, reduction):
    labels = np.where(LABELS == -100, ignored, LABELS)
    theirs = None if weight is None else torch.tensor(weight)
    for x, y in ((SCORES, labels), (SCORES.reshape(5, 3, 1), labels[:, None]), (SCORES[0], np.array(ignored))):
        for smoothing in (0.0, 0.2):
            options = {"ignore_index": ignored, "reduction": reduction, "label_smoothing": smoothing}
            for kind in (np.asarray, lambda a: Tensor(a, requires_grad=False)):
                beside(
                    lambda x: F.cross_entropy(x, kind(y), weight, **options),
                    lambda x: TF.cross_entropy(x, torch.tensor(y), theirs, **options), (x,), 1,
                )  # fmt: skip
            beside(
                lambda x: nn.CrossEntropyLoss(weight, **options)(x, y),
                lambda x: torch.nn.CrossEntropyLoss(theirs, **options)(x, torch.tensor(y)), (x,), 1,
            )  # fmt: skip
        options = {"ignore_index": ignored, "reduction": reduction}
        beside(
            lambda x: F.nll_loss(x, y, weight, **options),
            lambda x: TF.nll_loss(x, torch.tensor(y), theirs, **options), (x,), 1,
        )  # fmt: skip


def test_a_step_that_is_compiled_ignores_what_each_minibatch_ignores():
    model, twin = nn.Linear(2, 3, rng=0), nn.Linear(2, 3, rng=0)
    optimizer, other = nn.optim.SGD(model.parameters(), lr=0.1), nn.optim.SGD(twin.parameters(), lr=0.1)
    step = nn.compile_step(model, nn.CrossEntropyLoss(), optimizer)
    for labels in ([0, 1, 2], [-100, 1, 2], [-100, -100, 0]):
        x = RNG.normal(size=(3, 2))
        loss = F.cross_entropy(twin(x), np.array(labels))
        other.zero_grad()
        loss.backward()
        other.step()
        assert float(step(x, np.array(labels))) == pytest.approx(loss.item(), rel=1e-14)
        np.testing.assert_allclose(model.weight.data, twin.weight.data, rtol=1e-13)


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if len(c[2]) == 2] + [c for c in CASES if c[0] in ("gaussian_nll_loss", "margin_ranking_loss")],
    ids=lambda c: f"{c[0]} {c[4] or ''}",
)
def test_losses_of_scalars(case):
    name, _, operands, sloped, options = case
    cells = [np.frompyfunc(Value, 1, 1)(a) if i < sloped else a for i, a in enumerate(operands)]
    nodes = [Tensor(a) for a in operands]
    loss, want = getattr(F, name)(*cells, **options), getattr(F, name)(*nodes, **options)
    assert type(loss) is Value
    loss.backward()
    want.backward()
    assert loss.data == pytest.approx(want.item(), rel=1e-13)
    for a, b in zip(cells[:sloped], nodes[:sloped], strict=True):
        np.testing.assert_allclose([v.grad for v in a.flat], b.grad.ravel(), rtol=1e-12, atol=1e-14)
    one = [Value(float(a.flat[0])) if i < sloped else float(a.flat[0]) for i, a in enumerate(operands)]
    assert type(getattr(F, name)(*one, **options)) is Value


@pytest.mark.parametrize("compiled", [False, True])
def test_fit_ignores_samples_in_the_loss_and_in_metrics(compiled):
    X, y = nn.data.moons(60, rng=0)
    y[::3] = -100
    model = nn.MLP([2, 8, 2], rng=0)
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=nn.optim.Adam(model.parameters(), 0.05), epochs=60,
        metrics=["accuracy"], compiled=compiled, rng=0, progress=False,
    )  # fmt: skip
    assert history["accuracy"][-1] > 0.9


def test_the_accuracy_of_scores_is_by_their_sign():
    X, y = nn.data.moons(60, rng=0)
    model = nn.MLP([2, 8, 1], rng=0)
    history = nn.fit(
        model, X, 2 * y[:, None] - 1, loss="soft_margin", optimizer=nn.optim.Adam(model.parameters(), 0.05),
        epochs=60, metrics=["accuracy"], rng=0, progress=False,
    )  # fmt: skip
    assert history["accuracy"][-1] > 0.9


def test_fit_takes_the_losses_by_name():
    for loss in ("smooth_l1", "poisson_nll", "soft_margin", "kl_div"):
        model = nn.Linear(3, 3, rng=0)
        nn.fit(
            model,
            X,
            np.abs(Y) + 1,
            loss=loss,
            optimizer=nn.optim.SGD(model.parameters(), 0.1),
            epochs=1,
            progress=False,
        )


def test_one_hot_is_of_integers():
    for labels in ([1, 0], np.array([[2, 0], [1, 1]]), 2, np.array([1], np.uint8)):
        ours, theirs = F.one_hot(labels), TF.one_hot(torch.tensor(np.asarray(labels).astype(np.int64)))
        assert ours.dtype == np.int64
        np.testing.assert_array_equal(ours, theirs.numpy())
    node = F.one_hot(Tensor(np.array([1])), num_classes=3)
    assert isinstance(node, Tensor)
    assert node.data.tolist() == [[0, 1, 0]]
    assert F.one_hot([], 3).shape == (0, 3)
    assert nn.data.one_hot is F.one_hot


P = Tensor([[0.2, 0.3], [0.4, 0.1]])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.mse_loss(P, P, size_average=False), ValueError, "has deprecated .* write reduction='sum'"),
        (lambda: nn.MSELoss(reduce=False), ValueError, "MSELoss: .*write reduction='none'"),
        (lambda: nn.L1Loss(True), ValueError, "write reduction='mean'"),
        (lambda: nn.MSELoss(P, P), TypeError, r"MSELoss: .* called then: nn\.MSELoss\(\)\(prediction, target\)"),
        (lambda: nn.CrossEntropyLoss(P, np.array([0])), TypeError, r"nn\.CrossEntropyLoss\(\)\(prediction, target\)"),
        (lambda: F.kl_div(P, P, reduction="batch"), ValueError, "one of batchmean, mean, sum, none"),
        (lambda: F.mse_loss(P, P, reduction="batchmean"), ValueError, "reduction must be one of mean, sum, none"),
        (lambda: F.smooth_l1_loss(P, P, beta=-1), RuntimeError, "beta must be a number of at least 0, not -1"),
        (lambda: nn.SmoothL1Loss(beta=-1.0), ValueError, "beta must be a number of at least 0"),
        (lambda: F.gaussian_nll_loss(P, P, -P), ValueError, "var has negative entries; the least is -0.4"),
        (
            lambda: F.gaussian_nll_loss(P, P, [1.0, 2.0, 3.0]),
            ValueError,
            r"incorrect size \(3,\); .* the input, \(2, 2\)",
        ),
        (lambda: F.triplet_margin_loss(P, P, P, margin=0), ValueError, "margin must be greater than 0, not 0"),
        (
            lambda: F.triplet_margin_loss(P, P, P[0]),
            ValueError,
            r"but got: anchor 2D, positive 2D, and negative 1D",
        ),
        (
            lambda: F.cosine_embedding_loss(P, P, 1.0),
            RuntimeError,
            r"\(samples, features\).*\(2, 2\), \(2, 2\) and \(\)",
        ),
        (lambda: F.margin_ranking_loss(P, P[0], P), ValueError, r"shape \(2, 2\), the target \(2,\)"),
        (
            lambda: F.cross_entropy(P, P.data, ignore_index=1),
            ValueError,
            "ignore_index is not supported for floating",
        ),
        (lambda: F.cross_entropy(P, [-1, 0]), IndexError, "run from -1 to 0"),
        (lambda: F.pairwise_distance(np.array([Value(1.0)], object), P), TypeError, "not of Values"),
        (lambda: F.one_hot([]), ValueError, "pass num_classes"),
        (lambda: F.one_hot([0], -2), RuntimeError, "num_classes must be an integer of at least 1"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_text_in_the_place_of_a_deprecated_argument_is_the_reduction():
    assert nn.MSELoss("sum").reduction == "sum"
    assert F.mse_loss(P, P.data, "none").shape == (2, 2)
