"""Convolutions, pooling, normalisation and borders beside PyTorch's: values, two derivatives, states, files, errors."""

import copy
import pickle
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
import nn.functional as F
from autograd import Tensor, Value, gradients
from autograd.testing import check_gradients

CLOSE = {"rtol": 1e-11, "atol": 1e-12}


def data(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


LAYERS = [
    ("Conv1d", (3, 4, 3), {}, (2, 3, 7)),
    ("Conv1d", (4, 6, 3), {"stride": 2, "padding": 1, "groups": 2, "bias": False}, (2, 4, 8)),
    ("Conv1d", (2, 3, 4), {"padding": "same", "dilation": 3}, (2, 2, 9)),
    ("Conv1d", (2, 3, 5), {"padding": "same"}, (2, 9)),
    ("Conv1d", (2, 3, 3), {"padding": 2, "padding_mode": "circular"}, (2, 2, 9)),
    ("Conv1d", (2, 3, 2), {"padding": "same", "padding_mode": "replicate"}, (2, 2, 9)),
    ("Conv2d", (3, 4, 3), {}, (2, 3, 7, 6)),
    ("Conv2d", (4, 6, (3, 2)), {"stride": (2, 1), "padding": (1, 0), "groups": 2}, (2, 4, 8, 5)),
    ("Conv2d", (2, 3, (4, 3)), {"padding": "same", "dilation": (3, 2), "padding_mode": "reflect"}, (2, 2, 9, 9)),
    ("Conv2d", (2, 3, 3), {"padding": "valid"}, (2, 9, 5)),
    ("Conv2d", (4, 4, 3), {"groups": 4, "padding": [1]}, (0, 4, 5, 5)),
    ("MaxPool1d", (2,), {}, (2, 3, 7)),
    ("MaxPool1d", (3, 2), {"padding": 1, "ceil_mode": True}, (3, 8)),
    ("MaxPool1d", (4, 3), {"ceil_mode": True}, (2, 3)),
    ("MaxPool2d", (2,), {}, (2, 3, 6, 7)),
    ("MaxPool2d", ((3, 2), 2, 1), {"ceil_mode": True}, (2, 3, 6, 7)),
    ("MaxPool2d", (2, 1), {"dilation": (2, 1)}, (0, 3, 6, 7)),
    ("AvgPool1d", (2,), {}, (2, 3, 7)),
    ("AvgPool1d", (3, 2), {"padding": 1, "ceil_mode": True, "count_include_pad": False}, (3, 8)),
    ("AvgPool2d", (2,), {}, (2, 3, 6, 7)),
    ("AvgPool2d", ((3, 2), 2, 1), {"ceil_mode": True, "divisor_override": 5}, (2, 3, 6, 7)),
    ("Unflatten", (1, (2, -1)), {}, (3, 8, 2)),
    ("Unflatten", (-1, [2, 4]), {}, (3, 8)),
    ("BatchNorm1d", (3, 1e-3, None), {}, (4, 3, 5)),
    ("BatchNorm1d", (3,), {"affine": False, "track_running_stats": False}, (4, 3)),
    ("BatchNorm2d", (3,), {}, (4, 3, 2, 2)),
    ("BatchNorm2d", (3, 1e-2, 0.7), {"affine": False}, (1, 3, 2, 2)),
    ("LayerNorm", ((2, 4),), {"bias": False}, (3, 2, 4)),
    ("RMSNorm", (4,), {}, (3, 4)),
    ("RMSNorm", ((2, 4), 1e-3), {}, (3, 2, 4)),
    ("RMSNorm", (4,), {"elementwise_affine": False}, (4,)),
]  # fmt: skip
every_layer = pytest.mark.parametrize(("kind", "args", "options", "shape"), LAYERS, ids=str)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("training", [True, False])
@every_layer
def test_a_layer_is_pytorchs_to_the_second_derivative(kind, args, options, shape, training):
    torch = pytest.importorskip("torch")
    theirs = getattr(torch.nn, kind)(*args, **options).double()
    ours = getattr(nn, kind)(*args, **options)
    ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    ours.train(training)
    theirs.train(training)
    a, b = Tensor(data(*shape)), torch.tensor(data(*shape), requires_grad=True)
    for _ in range(2):  # running statistics change
        y, z = ours(a), theirs(b)
    np.testing.assert_allclose(y.data, z.detach().numpy(), **CLOSE)
    weights = data(*y.shape)
    of_a, of_b = [a, *ours.parameters()], [b, *theirs.parameters()]
    slopes = gradients((y * y * weights).sum(), of_a, create_graph=True)
    expected = torch.autograd.grad((z * z * torch.from_numpy(weights)).sum(), of_b, create_graph=True)
    for g, e in zip(slopes, expected, strict=True):
        np.testing.assert_allclose(g.data, e.detach().numpy(), **CLOSE)
    bends = gradients(sum((g**3).sum() for g in slopes), of_a)
    for g, e in zip(bends, torch.autograd.grad(sum((e**3).sum() for e in expected), of_b), strict=True):
        np.testing.assert_allclose(g, e.numpy(), rtol=1e-9, atol=1e-10)
    for name, x in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name], x.numpy(), **CLOSE)


@every_layer
def test_a_layer_is_saved_copied_and_computes_in_float32(kind, args, options, shape, tmp_path):
    layer = getattr(nn, kind)(*args, **options)
    path = tmp_path / "layer.safetensors"
    nn.save(layer, path)
    x = data(*shape)
    for twin in (nn.load(path), copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        np.testing.assert_array_equal(nn.kinds.to_numpy(twin(x)), nn.kinds.to_numpy(layer(x)))
    if any(True for _ in layer.parameters()):
        layer = getattr(nn, kind)(*args, **options, dtype=np.float32)
        x = Tensor(data(*shape).astype(np.float32))
        layer(x).sum().backward()
        assert {t.dtype for t in (layer(x), layer(data(*shape)), x)} == {np.dtype(np.float32)}
        assert {p.grad.dtype for p in (x, *layer.parameters())} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv2d(1, 2, 2, padding=1, rng=0), (1, 1, 2, 3)),
        (nn.Conv1d(2, 2, 2, rng=0), (2, 3)),
        (nn.MaxPool2d(2), (1, 2, 4)),
        (nn.AvgPool1d(2), (1, 4)),
        (nn.BatchNorm2d(1), (1, 1, 2, 2)),
        (nn.RMSNorm(3), (2, 3)),
    ],
    ids=repr,
)
def test_a_net_of_scalars_computes_the_same(layer, shape):
    x = data(*shape)
    node = Tensor(x)
    y = layer(node)
    (y * y).sum().backward()
    cells = np.array([Value(v) for v in x.ravel()], dtype=object).reshape(shape)
    z = copy.deepcopy(layer).to_scalars()(cells)
    np.testing.assert_allclose([v.data for v in z.ravel()], y.data.ravel(), **CLOSE)
    (z * z).sum().backward()
    np.testing.assert_allclose([v.grad for v in cells.ravel()], node.grad.ravel(), **CLOSE)


@st.composite
def convolutions(draw):
    n, groups = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    each = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(n))
    kernel, stride, padding, dilation = each(1, 3), each(1, 3), each(0, 2), each(1, 2)
    lengths = tuple(
        max(d * (k - 1) + 1 - 2 * p, 1) + extra
        for k, p, d, extra in zip(kernel, padding, dilation, each(0, 3), strict=True)
    )
    front = draw(st.sampled_from([(), (0,), (2,), (2, 1)]))
    x = (*front, groups * draw(st.integers(1, 2)), *lengths)
    weight = (groups * draw(st.integers(1, 2)), x[len(front)] // groups, *kernel)
    return x, weight, {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


@given(convolutions())
def test_a_convolution_and_its_derivatives_of_any_shape_are_those_by_definition(drawn):
    from tests.helpers import windows

    x, weight = data(*drawn[0]), data(*drawn[1])
    a, w = Tensor(x), Tensor(weight)
    y = autograd.conv(a, w, **drawn[2])
    np.testing.assert_allclose(y.data, windows.conv(x, weight, **drawn[2]), **CLOSE)
    g = data(*y.shape)
    y.backward(g)
    np.testing.assert_allclose(a.grad, windows.conv_transpose(g, weight, x, **drawn[2]), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(w.grad, windows.conv_weight(g, x, weight, **drawn[2]), rtol=1e-9, atol=1e-11)


def test_many_samples_are_taken_in_parts(monkeypatch):
    from autograd.namespaces import windows

    x, weight = Tensor(data(7, 2, 6)), Tensor(data(3, 2, 3))
    results = []
    for size in (1, 300, 1 << 20):
        monkeypatch.setattr(windows, "_BYTES", size)
        y = autograd.conv(x, weight, padding=1)
        results.append([y.data, *gradients((y * y).sum(), [x, weight])])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_allclose(a, b, **CLOSE)


def test_of_equal_elements_the_first_wins_and_of_nans_the_last():
    x = Tensor([[1.0, 2.0, 2.0, 0.0, np.nan, 5.0, np.nan, np.nan]])
    y, places = F.max_pool1d(x, 4, return_indices=True)
    assert places.tolist() == [[1, 7]]
    y.sum().backward()
    assert x.grad.tolist() == [[0, 1, 0, 0, 0, 0, 0, 1]]
    torch = pytest.importorskip("torch")
    expected = torch.nn.functional.max_pool1d(torch.tensor(x.data), 4, return_indices=True)[1]
    assert places.tolist() == expected.tolist()


def test_a_window_in_the_border_alone_is_lower_than_all_and_passes_nothing_on():
    x = Tensor([[1.0]])
    y = nn.MaxPool1d(2, padding=1, dilation=2)(x)
    assert y.data.tolist() == [[-np.inf]]
    y.backward(np.ones((1, 1)))
    assert x.grad.tolist() == [[0.0]]


def test_the_losers_of_pooling_are_structural_zeros():
    x = Tensor([[0.0, 4.0]])
    F.max_pool1d(autograd.sqrt(x), 2).sum().backward()
    assert x.grad.tolist() == [[0.0, 0.25]]


def test_whole_numbers_are_pooled_as_in_pytorch():
    x = np.array([[[-1, -2], [-3, -4]]])
    assert nn.MaxPool2d(2, 2, 1, 2, False, True)(x).data.tolist() == [[[-4, -4], [-4, -4]]]


@pytest.mark.parametrize("centred", [True, False])
def test_standardise_is_differentiated_to_any_order(centred):
    check_gradients(lambda x: autograd.standardise(x, axis=(0, 2), eps=0.1, centred=centred), (data(2, 3, 2),))


PADS = [
    ("constant", (1, 2)), ("constant", (1, 2, 0, 1)), ("constant", (-1, 2, 3, -2)), ("reflect", (1, 2)),
    ("reflect", (4, 3)), ("replicate", (2, 6)), ("circular", (3, 5)), ("constant", ()), ("constant", (0, 0, -1, 0)),
    ("reflect", (-1, 2)), ("reflect", (3, -2)), ("replicate", (-5, 6)), ("replicate", (2, -4)), ("circular", (-2, 3)),
    ("circular", (3, -1)),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "widths"), PADS, ids=str)
def test_a_border_is_pytorchs(mode, widths):
    torch = pytest.importorskip("torch")
    for value in (None, 2.5) if mode == "constant" else (None,):
        x, t = Tensor(data(3, 4, 5)), torch.tensor(data(3, 4, 5), requires_grad=True)
        y, expected = F.pad(x, widths, mode, value), torch.nn.functional.pad(t, widths, mode, value)
        np.testing.assert_array_equal(y.data, expected.detach().numpy())
        y.backward(data(*y.shape))
        expected.backward(torch.tensor(data(*y.shape)))
        np.testing.assert_allclose(x.grad, t.grad.numpy(), **CLOSE)


def test_a_border_of_no_samples():
    for mode in ("reflect", "circular", "replicate"):
        assert F.pad(np.ones((0, 3, 4)), (1, 2), mode).shape == (0, 3, 7)


@pytest.mark.parametrize(("p", "dim"), [*product((0, 1, 2, 3.5, np.inf), (0, 1, -1))])
def test_normalize_is_pytorchs(p, dim):
    torch = pytest.importorskip("torch")
    for values in (data(2, 3, 4), np.zeros((2, 3))) if p == 2 else (data(2, 3, 4),):
        x, t = Tensor(values), torch.tensor(values, requires_grad=True)
        y, expected = F.normalize(x, p, dim), torch.nn.functional.normalize(t, p, dim)
        np.testing.assert_allclose(y.data, expected.detach().numpy(), **CLOSE)
        y.backward(data(*y.shape))
        expected.backward(torch.tensor(data(*y.shape)))
        np.testing.assert_allclose(x.grad, t.grad.numpy(), **CLOSE)


def test_batch_norm_changes_running_statistics_in_training_alone():
    torch = pytest.importorskip("torch")
    ours, theirs = (np.zeros(3), np.ones(3)), (torch.zeros(3).double(), torch.ones(3).double())
    for training in (True, False):
        y = F.batch_norm(data(4, 3), *ours, training=training, momentum=0.3)
        expected = torch.nn.functional.batch_norm(torch.tensor(data(4, 3)), *theirs, training=training, momentum=0.3)
        np.testing.assert_allclose(y.data, expected.numpy(), **CLOSE)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b.numpy(), **CLOSE)
    empty = np.zeros(3), np.ones(3)
    assert F.batch_norm(np.empty((0, 3)), *empty, training=True).shape == (0, 3)
    assert empty[1].tolist() == [1, 1, 1]


REFUSED = [
    (lambda: nn.Conv1d(3, 33, 10)(data(1, 3, 4)), RuntimeError, r"channel: \(4\). Kernel size: \(10\). Kernel size"),
    (lambda: nn.Conv1d(3, 6, 3, stride=-1)(data(1, 3, 4)), RuntimeError, "non-positive stride is not supported"),
    (lambda: nn.Conv2d(3, 6, 3, padding=-1)(data(1, 3, 4, 4)), RuntimeError, "negative padding is not supported"),
    (lambda: nn.Conv2d(1, 1, 3, dilation=2, stride=2)(data(1, 1, 4, 4)), RuntimeError, "can't be greater"),
    (lambda: nn.Conv2d(3, 8, 3)(data(3, 3, 3, 3, 3)), RuntimeError, r"Expected 3D \(unbatched\) or 4D \(batched\)"),
    (lambda: nn.Conv2d(3, 8, 3)(data(5, 4, 4, 4)), RuntimeError, r"expected input\[5, 4, 4, 4\] to have 3 channels"),
    (lambda: nn.Conv2d(3, 8, 3)(None), TypeError, "None"),
    (lambda: nn.Conv2d(1, 1, 3, groups=-1), ValueError, "groups must be a positive integer"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "in_channels must be divisible by groups"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), ValueError, "out_channels must be divisible by groups"),
    (lambda: nn.Conv1d(3, 3, 3, padding="foo"), ValueError, "Invalid padding string"),
    (lambda: nn.Conv2d(3, 3, 3, padding="same", stride=(1, 3)), ValueError, "padding='same'"),
    (lambda: nn.Conv2d(3, 3, 3, padding_mode="xyz"), ValueError, "padding_mode must be one of"),
    (lambda: nn.Conv2d(3, 3, (3, 3, 3)), ValueError, "kernel_size must be a number, or 2 of them"),
    (lambda: nn.Conv2d(3, 3, 1.5), TypeError, "kernel_size must be an integer"),
    (lambda: F.conv1d(data(1, 4), data(1, 1, 2), np.zeros(2)), RuntimeError, r"bias must be of shape \(1,\)"),
    (lambda: F.conv1d(data(1, 1, 4), data(1, 2)), RuntimeError, "weight"),
    (lambda: F.avg_pool2d(data(16, 0, 20, 32), 3), RuntimeError, "3D"),
    (lambda: F.max_pool2d(data(4, 4), 2), RuntimeError, "Expected 3D"),
    (lambda: F.max_pool2d(data(1, 4, 4), 2, padding=2), RuntimeError, "pad should be at most half"),
    (lambda: F.max_pool1d(data(1, 9), 3, padding=2, dilation=2), RuntimeError, "pad should be at most half"),
    (lambda: F.max_pool1d(data(1, 2), 5, 3, ceil_mode=True), RuntimeError, "can't be greater"),
    (lambda: F.avg_pool2d(data(1, 4, 4), 2, divisor_override=0), RuntimeError, "divisor must be not zero"),
    (lambda: F.max_pool2d(data(1, 4, 4), 2, ceil_mode=1), ValueError, "ceil_mode must be True or False"),
    (lambda: F.max_pool2d(data(1, 4, 4), 5), RuntimeError, "can't be greater"),
    (lambda: autograd.conv(data(3, 4), data(1, 2, 2)), ValueError, r"takes x of shape \(..., channels, \*lengths\)"),
    (lambda: F.pad(data(2, 3), (1,)), RuntimeError, "a pair of widths for each axis"),
    (lambda: F.pad(data(2, 3), (0, -4)), RuntimeError, "negative output size"),
    (lambda: F.pad(data(2, 3), (3, 0), "reflect"), RuntimeError, "has no border"),
    (lambda: F.pad(data(2, 3), (1, 0), "reflect", 1.0), ValueError, "takes no value"),
    (lambda: F.pad(data(2, 3), (1, 0), "mirror"), ValueError, "one of constant, reflect, replicate, circular"),
    (lambda: nn.BatchNorm2d(3)(data(4, 3)), ValueError, r"\(samples, 3, height, width\), but got \(4, 3\)"),
    (lambda: nn.BatchNorm2d(3)(data(1, 3, 1, 1)), ValueError, "no variance"),
    (lambda: F.batch_norm(data(2, 3), None, None), RuntimeError, "pass both"),
    (lambda: F.layer_norm(data(2, 3), (2,)), RuntimeError, "Given normalized_shape="),
    (lambda: nn.RMSNorm(0), ValueError, "positive integers"),
    (lambda: nn.Unflatten(1, 2.5), TypeError, "tuple of integers"),
    (lambda: nn.Unflatten(1, (2, 2))(data(3, 5)), RuntimeError, "do not make up 5"),
    (lambda: nn.Unflatten(2, (2, 2))(data(3, 4)), IndexError, "takes an input with that axis"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), REFUSED, ids=[text for *_, text in REFUSED])
def test_what_does_not_fit_is_refused_with_pytorchs_error_and_words(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_convolutional_net_is_compiled_drawn_explained_and_replayed():
    def net():
        return nn.Sequential(
            nn.Conv2d(1, 3, 3, padding=1, rng=0), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.AvgPool2d(2),
            nn.Flatten(), nn.RMSNorm(12), nn.Linear(12, 2, rng=1),
        )  # fmt: skip

    x, y = data(6, 1, 8, 8), np.array([0, 1, 0, 1, 1, 0])
    eager, compiled = net(), net()
    optimizer = nn.optim.SGD(eager.parameters(), lr=0.1)
    step = nn.compile_step(compiled, "cross_entropy", nn.optim.SGD(compiled.parameters(), lr=0.1))
    for _ in range(3):
        optimizer.zero_grad()
        F.cross_entropy(eager(x), y).backward()
        optimizer.step()
        step(x, y)
    for a, b in zip(eager.state_dict().values(), compiled.state_dict().values(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    node = Tensor(x, "x")
    out = (eager.eval()(node) ** 2).sum()
    other = data(6, 1, 8, 8) * 2
    np.testing.assert_allclose(autograd.graph.replay(out, {node: other}), (eager(other) ** 2).sum().data)
    small = Tensor(data(1, 4, 2), "x")
    text = str(autograd.graph.explain(eager[3](eager[0](small)).sum(), small))
    assert "conv_transpose(g, weight, x, padding=1)" in text
    assert "max_pool_places(v3, kernel=(2, 2), stride=2), v3, rank=2)" in text
    wide = autograd.graph.to_dot(autograd.conv(small, eager[0].weight, padding=(1, 2)))
    assert "padding=(1, 2)" in wide
    dot = autograd.graph.to_dot(out)
    assert "padding=1" in dot
    assert "max pool" in dot
