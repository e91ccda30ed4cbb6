"""Activations and losses beside PyTorch's, value and gradient, for every option; on arrays and matrices of scalars."""

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor, Value, gradients

torch = pytest.importorskip("torch")
TF = torch.nn.functional

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(0, 2, (5, 4)), [[0.0, -0.0, 25.0, -25.0], [1000.0, -1000.0, 30.0, 1e-3]]])
# Targets of every kind, for those rows.
REAL, UNIT, LABELS = RNG.normal(size=X.shape), RNG.random(X.shape), RNG.integers(0, 4, len(X))
SHARES = UNIT / UNIT.sum(axis=1, keepdims=True)
BITS, SIGNS = (UNIT > 0.5) * 1.0, np.where(UNIT > 0.5, 1.0, -1.0)
PER_CLASS, PER_ELEMENT = np.array([0.5, 2.0, 1.0, 0.1]), RNG.random(X.shape)
PROBABILITIES = RNG.random(X.shape)


def scalars(a):
    cells = np.empty(a.shape, object)
    for place, x in np.ndenumerate(a):
        cells[place] = Value(x)
    return cells


def slopes(cells):
    return np.array([v.grad for v in cells.flat]).reshape(cells.shape)


def close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-10)


def agree(ours, theirs, x, weights=None):
    """Value and gradient, as one matrix and as a matrix of scalars."""
    t = torch.tensor(x, requires_grad=True)
    want = theirs(t)
    g = np.ones(tuple(want.shape)) if weights is None else weights
    want.backward(torch.tensor(g))
    node, cells = Tensor(x), scalars(x)
    y = ours(node)
    close(y.data, want.detach().numpy())
    y.backward(g)
    close(node.grad, t.grad.numpy())
    y = ours(cells)
    if isinstance(y, Value):
        close(y.data, want.item())
        y.backward()
    else:
        close([v.data for v in y.flat], want.detach().numpy().ravel())
        (y * g).sum().backward()
    close(slopes(cells), t.grad.numpy())


ACTIVATIONS = [
    (nn.Sigmoid(), torch.nn.Sigmoid()), (nn.Tanh(), torch.nn.Tanh()), (nn.ReLU(), torch.nn.ReLU()),
    (nn.LeakyReLU(), torch.nn.LeakyReLU()), (nn.LeakyReLU(0.2), torch.nn.LeakyReLU(0.2)),
    (nn.ELU(), torch.nn.ELU()), (nn.ELU(0.3), torch.nn.ELU(0.3)),
    (nn.GELU(), torch.nn.GELU()), (nn.GELU(approximate="tanh"), torch.nn.GELU(approximate="tanh")),
    (nn.SiLU(), torch.nn.SiLU()), (nn.Identity(), torch.nn.Identity()),
    (nn.Softplus(), torch.nn.Softplus()), (nn.Softplus(2.0, 5.0), torch.nn.Softplus(2.0, 5.0)),
    (nn.Softmax(), torch.nn.Softmax(-1)), (nn.Softmax(0), torch.nn.Softmax(0)),
    (nn.LogSoftmax(), torch.nn.LogSoftmax(-1)), (nn.LogSoftmax(0), torch.nn.LogSoftmax(0)),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs"), ACTIVATIONS, ids=lambda m: repr(m) if isinstance(m, nn.Module) else "")
def test_activations(ours, theirs):
    agree(ours, theirs, X, REAL)


def test_the_step_has_no_slope():
    x = Tensor([-1.0, 0.0, 2.0])
    y = nn.Heaviside(at_zero=0.5)(x)
    y.backward(np.ones(3))
    assert y.data.tolist() == [0.0, 0.5, 1.0]
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


REDUCTIONS = ["mean", "sum", "none"]
LOSSES = [
    ("mse", lambda r: nn.MSELoss(r), lambda r: torch.nn.MSELoss(reduction=r), X, REAL),
    ("l1", lambda r: nn.L1Loss(r), lambda r: torch.nn.L1Loss(reduction=r), X, REAL),
    ("huber", lambda r: nn.HuberLoss(r), lambda r: torch.nn.HuberLoss(reduction=r), X, REAL),
    ("huber delta", lambda r: nn.HuberLoss(r, 0.3), lambda r: torch.nn.HuberLoss(r, 0.3), X, REAL),
    ("bce", lambda r: nn.BCELoss(None, r), lambda r: torch.nn.BCELoss(reduction=r), PROBABILITIES, UNIT),
    (
        "bce weight",
        lambda r: nn.BCELoss(PER_ELEMENT, r),
        lambda r: torch.nn.BCELoss(torch.tensor(PER_ELEMENT), reduction=r),
        PROBABILITIES,
        BITS,
    ),
    ("logits", lambda r: nn.BCEWithLogitsLoss(None, r), lambda r: torch.nn.BCEWithLogitsLoss(reduction=r), X, UNIT),
    (
        "logits weights",
        lambda r: nn.BCEWithLogitsLoss(PER_ELEMENT, reduction=r, pos_weight=PER_CLASS),
        lambda r: torch.nn.BCEWithLogitsLoss(
            torch.tensor(PER_ELEMENT), reduction=r, pos_weight=torch.tensor(PER_CLASS)
        ),
        X,
        BITS,
    ),
    ("nll", lambda r: nn.NLLLoss(None, r), lambda r: torch.nn.NLLLoss(reduction=r), X, LABELS),
    (
        "nll weight",
        lambda r: nn.NLLLoss(PER_CLASS, r),
        lambda r: torch.nn.NLLLoss(torch.tensor(PER_CLASS), reduction=r),
        X,
        LABELS,
    ),
]
for smoothing in (0.0, 0.2):
    for kind, target in (("indices", LABELS), ("shares", SHARES)):
        for weight in (None, PER_CLASS):
            LOSSES.append(
                (
                    f"cross-entropy {kind} smoothing {smoothing} {'weight' if weight is not None else ''}",
                    lambda r, w=weight, s=smoothing: nn.CrossEntropyLoss(w, reduction=r, label_smoothing=s),
                    lambda r, w=weight, s=smoothing: torch.nn.CrossEntropyLoss(
                        None if w is None else torch.tensor(w), reduction=r, label_smoothing=s
                    ),
                    X,
                    target,
                )
            )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("ours", "theirs", "x", "target"), [c[1:] for c in LOSSES], ids=[c[0] for c in LOSSES])
def test_losses(ours, theirs, x, target, reduction):
    mine, other = ours(reduction), theirs(reduction)
    weights = None
    if reduction == "none":
        shape = tuple(other(torch.tensor(x), torch.tensor(target)).shape)
        weights = np.random.default_rng(1).normal(size=shape)
    agree(lambda p: mine(p, target), lambda p: other(p, torch.tensor(target)), x, weights)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_hinge_is_torchs_margin_ranking_against_0(reduction):
    theirs = torch.nn.MarginRankingLoss(0.5, reduction=reduction)
    t = torch.tensor(SIGNS)
    agree(
        lambda p: nn.HingeLoss(reduction, 0.5)(p, SIGNS),
        lambda p: theirs(p, torch.zeros_like(p), t),
        REAL,
        np.ones(X.shape) if reduction == "none" else None,
    )


def test_classes_may_be_followed_by_more_axes_or_stand_alone():
    x, y = RNG.normal(size=(3, 4, 2)), RNG.integers(0, 4, (3, 2))
    agree(lambda p: F.cross_entropy(p, y), lambda p: TF.cross_entropy(p, torch.tensor(y)), x)
    agree(lambda p: F.cross_entropy(p, 2), lambda p: TF.cross_entropy(p, torch.tensor(2)), x[0, :, 0])


def test_a_class_with_probability_0_that_is_not_the_right_one_costs_nothing():
    x = Tensor([[0.0, -np.inf, 1.0]])
    loss = F.cross_entropy(x, [2])
    assert np.isfinite(loss.item())
    assert np.isfinite(gradients(loss, x)).all()


def by_both(ours, theirs, x, t, seed):
    """Loss and gradients by prediction and target beside PyTorch's."""
    a, b = Tensor(x), Tensor(t)
    p, q = (torch.tensor(v, requires_grad=True) for v in (x, t))
    y, want = ours(a, b), theirs(p, q)
    g = np.ones(y.shape, x.dtype) * (seed if y.shape else 1)
    want.backward(torch.tensor(g))
    tolerance = 1e-10 if x.dtype == np.float64 else 1e-4
    for actual, expected in ((y.data, want.detach()), *zip(gradients(y, [a, b], g), (p.grad, q.grad), strict=True)):
        assert actual.dtype == x.dtype
        np.testing.assert_allclose(actual, expected.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_targets_that_require_a_gradient_have_one(reduction, dtype):
    """Distillation: what one net gives is what another is to learn, and both may be trained."""
    x, shares, w = X[:6].astype(dtype), SHARES[:6].astype(dtype), PER_CLASS.astype(dtype)
    for smoothing in (0.0, 0.2):
        for weight in (None, w):
            theirs = None if weight is None else torch.tensor(weight)
            by_both(
                lambda p, t: F.cross_entropy(p, t, weight, reduction=reduction, label_smoothing=smoothing),
                lambda p, t: TF.cross_entropy(p, t, theirs, reduction=reduction, label_smoothing=smoothing),
                x, np.where(shares > 0.3, shares, 0), 0.5,
            )  # fmt: skip
    by_both(
        lambda p, t: F.binary_cross_entropy_with_logits(p, t, reduction=reduction, pos_weight=w),
        lambda p, t: TF.binary_cross_entropy_with_logits(p, t, reduction=reduction, pos_weight=torch.tensor(w)),
        x, UNIT[:6].astype(dtype), 0.5,
    )  # fmt: skip
    inside = np.clip(UNIT[:6], 0.1, 0.9).astype(dtype)
    for name in ("mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy"):
        by_both(
            lambda p, t: getattr(F, name)(p, t, reduction=reduction),
            lambda p, t: getattr(TF, name)(p, t, reduction=reduction),
            np.clip(PROBABILITIES[:6], 0.1, 0.9).astype(dtype), inside, 0.5,
        )  # fmt: skip


def test_targets_of_scalar_nets_have_a_gradient_too():
    x, t = X[:3], np.where(SHARES[:3] > 0.3, SHARES[:3], 0)
    node, share, cells, shares = Tensor(x), Tensor(t), scalars(x), scalars(t)
    loss, want = F.cross_entropy(cells, shares, PER_CLASS), F.cross_entropy(node, share, PER_CLASS)
    loss.backward()
    want.backward()
    close([loss.data, *slopes(cells).flat, *slopes(shares).flat], [want.item(), *node.grad.flat, *share.grad.flat])


@pytest.mark.parametrize("f", [F.cross_entropy, F.nll_loss])
def test_samples_that_all_have_weight_0_have_neither_loss_nor_gradient(f):
    weight = [0.0, 1.0]
    for x in (Tensor([[0.1, 0.2], [0.3, -1.0]]), scalars(np.array([[0.1, 0.2], [0.3, -1.0]]))):
        loss = f(x, [0, 0], weight)
        loss.backward()
        slope = x.grad if isinstance(x, Tensor) else slopes(x)
        assert np.isnan(loss.item())
        theirs = torch.zeros(2, 2, requires_grad=True)
        getattr(TF, f.__name__)(theirs, torch.tensor([0, 0]), torch.tensor(weight)).backward()
        np.testing.assert_array_equal(np.isnan(slope), np.isnan(theirs.grad.numpy()))
    x = Tensor([[-np.inf, 0.2]])
    loss = f(x, [0], weight, reduction="sum")  # what does not count at all costs nothing
    assert loss.item() == 0.0
    np.testing.assert_array_equal(gradients(loss, x), [[0.0, 0.0]])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_binary_cross_entropy_of_scores_loses_no_digits(dtype):
    mp = pytest.importorskip("mpmath")
    x, t, w = (a.ravel() for a in np.meshgrid(
        np.array([0, 1e-10, -1e-10, 0.3, -3, 17, -17, 50, -50, 88, -300, 700, -1e30, 1e30], dtype),
        np.array([0, 1, 0.25, 1e-7, 0.9999999, 1e-30], dtype), np.array([1, 1e-3, 100], dtype),
    ))  # fmt: skip
    node = Tensor(x)
    losses = F.binary_cross_entropy_with_logits(node, t, pos_weight=w, reduction="none")
    slopes = gradients(losses, node, np.ones_like(x))
    with mp.workdps(400):
        for place in np.ndindex(x.shape):
            a, b, c = (mp.mpf(float(v[place])) for v in (x, t, w))
            right, wrong = (mp.log1p(mp.exp(-abs(a))) + max(s, 0) for s in (-a, a))
            exact = float(c * b * right + (1 - b) * wrong)
            assert abs(losses.data[place] - exact) <= 4 * np.spacing(dtype(exact)), (a, b, c)
            sigma = lambda z: 1 / (1 + mp.exp(-z)) if z > -2000 else mp.mpf(0)
            exact = float((1 - b) * sigma(a) - c * b * sigma(-a))
            terms = float((1 - b) * sigma(a) + c * b * sigma(-a))  # whose difference cannot be told better
            assert abs(slopes[place] - exact) <= 4 * np.spacing(dtype(terms)), (a, b, c)
    if dtype is np.float64:
        for a, b, c, loss in zip(x, t, w, losses.data, strict=True):
            by_value = F.binary_cross_entropy_with_logits(Value(a), float(b), pos_weight=c).data
            assert abs(by_value - loss) <= 4 * np.spacing(loss)


def test_huber_is_linear_however_far():
    x = Tensor([0.5, 1.0, -3.0, 1e200, -np.inf])
    losses = F.huber_loss(x, np.zeros(5), reduction="none")
    np.testing.assert_array_equal(losses.data, [0.125, 0.5, 2.5, 1e200, np.inf])
    np.testing.assert_array_equal(gradients(losses, x, np.ones(5)), [0.5, 1, -1, 1, -1])
    y = Value(0.0)
    first = gradients(F.huber_loss(y, 0.0), y, create_graph=True)
    assert gradients(first, y) == 1.0


def test_gelu_keeps_its_tail():
    x = Tensor([-8.0, -20.0, -38.0])  # where erf(x/√2) + 1 is all rounding, and then 0
    np.testing.assert_allclose(F.gelu(x).data, [-4.9767684594e-15, -5.5072482373e-88, -1.0964627732e-314], rtol=1e-7)


@pytest.mark.system("G1")
def test_g1_softmax_and_cross_entropy_of_five_outputs():
    x = Tensor([0.35, 0.2, 0.15, 0.1, 0.2])
    # The text's softmax is left out of its gradient: it is p − y, here at inputs whose softmax is (0.35, 0.2, ...).
    logits = Tensor(np.log(x.data))
    loss = F.cross_entropy(logits, 2)
    assert loss.item() == pytest.approx(1.89711998489, abs=1e-11)
    np.testing.assert_allclose(gradients(loss, logits), [0.35, 0.2, -0.85, 0.1, 0.2], rtol=1e-13)
    for scale in (1000.0, -1000.0):
        z = Tensor([scale, 0.0, 0.0, 0.0, -scale])
        loss = F.cross_entropy(z, 2)
        assert np.isfinite(loss.item())
        assert np.isfinite(gradients(loss, z)).all()


def test_float32_stays_float32():
    x = Tensor(X[:5].astype(np.float32))
    losses = [
        F.cross_entropy(x, LABELS[:5], PER_CLASS, label_smoothing=0.1), F.mse_loss(x, REAL[:5]),
        F.huber_loss(x, REAL[:5]), F.binary_cross_entropy_with_logits(x, BITS[:5]), F.hinge_loss(x, SIGNS[:5]),
        F.nll_loss(x, LABELS[:5]), F.binary_cross_entropy(F.sigmoid(x), BITS[:5], weight=PER_CLASS),
        F.binary_cross_entropy_with_logits(x, BITS[:5], weight=2.0, pos_weight=PER_CLASS),
        F.binary_cross_entropy_with_logits(x, BITS[:5], weight=PER_CLASS, pos_weight=[2.0]),
    ]  # fmt: skip
    for loss in losses:
        assert loss.dtype == np.float32
    for f in (F.gelu, F.silu, F.elu, F.leaky_relu, F.softplus, F.softmax, F.log_softmax):
        assert f(x).dtype == np.float32


def test_weights_of_values_and_of_integer_predictions():
    want = F.binary_cross_entropy_with_logits([1.0], [1.0], weight=0.5, pos_weight=2.5).item()
    loss = F.binary_cross_entropy_with_logits(Value(1.0), 1.0, weight=0.5, pos_weight=2.5)
    assert type(loss) is Value
    assert loss.data == pytest.approx(want)
    assert F.binary_cross_entropy_with_logits([1], [1], weight=[0.5], pos_weight=[2.5]).item() == pytest.approx(want)


def test_one_hot():
    assert F.one_hot([1, 0], 3).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert F.one_hot([2, 0]).shape == (2, 3)


P = Tensor([[0.2, 0.3], [0.4, 0.1]])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.cross_entropy(P, [0, 2]), ValueError, "less than 2.*run from 0 to 2"),
        (lambda: F.cross_entropy(P, [-1, 0]), ValueError, "run from -1 to 0"),
        (lambda: F.cross_entropy(P, [0.0, 1.0]), TypeError, r"must be integers, not float64; y.astype\(int\)"),
        (lambda: F.cross_entropy(P, [0, 1, 1]), ValueError, r"\(2,\) \(class indices\) or \(2, 2\)"),
        (lambda: F.nll_loss(P, P.data), ValueError, r"\(2,\) \(class indices\), not \(2, 2\)"),
        (lambda: F.nll_loss(P, P), TypeError, "class indices are constants; pass target.detach"),
        (lambda: F.cross_entropy(P, P.sum(axis=1)), TypeError, "class indices are constants; pass target.detach"),
        (lambda: F.cross_entropy(P, np.ones((2, 2), np.float16)), TypeError, "the target: .*float16 cannot be carried"),
        (lambda: F.cross_entropy(P, [0, 1], [1.0]), ValueError, "2 numbers, one for each class"),
        (lambda: F.cross_entropy(1.0, 0), ValueError, "single number"),
        (lambda: F.binary_cross_entropy([1.2], [1.0]), ValueError, "from 1.2 to 1.2; for scores use BCEWithLogitsLoss"),
        (lambda: F.binary_cross_entropy([0.2], [2.0]), ValueError, r"targets must be in \[0, 1\]"),
        (lambda: F.hinge_loss([0.2], [0.0]), ValueError, "2 \\* y - 1"),
        (lambda: F.gelu(P, "erf"), ValueError, "'none' or 'tanh'"),
        (lambda: nn.GELU("erf"), ValueError, "'none' or 'tanh'"),
        (lambda: nn.HuberLoss(delta=0), ValueError, "must be positive"),
        (lambda: nn.CrossEntropyLoss(label_smoothing=2), ValueError, r"in \[0, 1\]"),
        (lambda: F.one_hot([0, 3], 3), ValueError, "less than 3"),
        (lambda: F.one_hot([0.5]), TypeError, "integers"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.system("G1")
def test_penalties():
    net = nn.Linear(2, 1, rng=0)
    net.load_state_dict({"weight": [[0.5, -3.0]], "bias": [2.0]})
    for penalty, value, slope in (
        (nn.penalties.l1, 5.5, [[1.0, -1.0]]),
        (nn.penalties.l2, 13.25, [[1.0, -6.0]]),
        (nn.penalties.outside, 5.0, [[0.0, -4.0]]),
    ):
        net.zero_grad()
        loss = penalty(net)
        loss.backward()
        assert loss.item() == value
        assert net.weight.grad.tolist() == slope
    assert nn.penalties.l2(nn.Linear(2, 1, rng=0).to_scalars()).data == pytest.approx(
        nn.penalties.l2(nn.Linear(2, 1, rng=0)).item()
    )
    with pytest.raises(ValueError, match="no weights"):
        nn.penalties.l1(nn.Sigmoid())


@pytest.mark.parametrize("name", ["gelu", "glu", "leaky_relu", "logsigmoid", "softmin", "softplus", "relu", "mish"])
def test_an_activation_takes_a_list_of_numbers(name):
    f = getattr(F, name)
    np.testing.assert_array_equal(f([1.0, -2.0]), f(np.array([1.0, -2.0])))
