"""Starts of weights against PyTorch's: exact ones exactly, drawn ones by what they promise."""

import math

import numpy as np
import pytest

import nn
from nn import init

torch = pytest.importorskip("torch")
theirs = torch.nn.init


def parameter(shape, dtype=float):
    return nn.Parameter(np.full(shape, 7.0), dtype=dtype)


@pytest.mark.parametrize(
    ("name", "shape", "options"),
    [
        ("eye_", (3, 5), {}),
        ("eye_", (5, 3), {}),
        ("dirac_", (4, 2, 3), {}),
        ("dirac_", (4, 2, 3, 4), {"groups": 2}),
        ("dirac_", (2, 5, 3, 2, 3), {}),
        ("zeros_", (), {}),
        ("ones_", (2,), {}),
        ("constant_", (2, 1), {"val": 0.5}),
    ],
)
def test_what_is_not_drawn(name, shape, options):
    for dtype in (np.float64, np.float32):
        p = parameter(shape, dtype)
        assert getattr(init, name)(p, **options) is p
        np.testing.assert_array_equal(p.data, getattr(theirs, name)(torch.empty(shape), **options).numpy())
        assert p.dtype == dtype


@pytest.mark.parametrize("name", [*init._GAINS, "leaky_relu"])
def test_gains(name):
    assert init.calculate_gain(name) == pytest.approx(theirs.calculate_gain(name), rel=1e-15)
    assert init.calculate_gain("leaky_relu", 2) == pytest.approx(theirs.calculate_gain("leaky_relu", 2), rel=1e-15)


@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 2), (2, 3, 4, 5)])
def test_fans_of_convolutions(shape):
    p, q = parameter(shape), torch.empty(shape)
    assert init._calculate_fan_in_and_fan_out(p) == theirs._calculate_fan_in_and_fan_out(q)
    init.xavier_uniform_(p, rng=0)
    fan_in, fan_out = init._calculate_fan_in_and_fan_out(p)
    assert 0.8 < abs(p.data).max() / math.sqrt(6 / (fan_in + fan_out)) <= 1
    init.kaiming_uniform_(p, mode="FAN_OUT", rng=0)
    assert 0.8 < abs(p.data).max() / math.sqrt(6 / fan_out) <= 1


@pytest.mark.parametrize("options", [(0, 1, -2, 2), (1, 2, 0, 1), (0, 1, 3, 4), (5, 1, -1, 2), (0, 1, 2, 1e9)])
def test_truncated_normal_numbers_have_their_distribution(options):
    stats = pytest.importorskip("scipy.stats")
    mean, std, a, b = options
    x = init.trunc_normal_(parameter((50, 100)), *options, rng=0).data
    law = stats.truncnorm((a - mean) / std, (b - mean) / std, mean, std)
    assert stats.kstest(x.ravel(), law.cdf).pvalue > 1e-3
    assert a <= x.min()
    assert x.max() <= b


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (4, 2, 3)])
def test_orthogonal_rows_or_columns(shape):
    w = init.orthogonal_(parameter(shape), gain=2.0, rng=0).data.reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] < w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4 * np.eye(min(w.shape)), atol=1e-12)


def test_orthogonal_matrices_have_no_preferred_direction():
    corners = [init.orthogonal_(parameter((2, 2)), rng=seed).data[0, 0] for seed in range(200)]
    assert abs(np.mean(corners)) < 0.15


def test_sparse_columns():
    w = init.sparse_(parameter((10, 4)), 0.25, std=2.0, rng=0).data
    assert (w == 0).sum(axis=0).tolist() == [3] * 4
    assert 1 < w[w != 0].std() < 3


DRAWN = ["uniform_", "normal_", "trunc_normal_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_",
         "kaiming_normal_", "orthogonal_", "sparse_"]  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_sources_and_kinds(name):
    function, options = getattr(init, name), {"sparsity": 0.5} if name == "sparse_" else {}
    first = function(parameter((3, 4)), **options, rng=5).data
    for source in ({"generator": np.random.default_rng(5)}, {"generator": 5}):
        np.testing.assert_array_equal(function(parameter((3, 4)), **options, **source).data, first)
    nn.manual_seed(5)
    np.testing.assert_array_equal(function(parameter((3, 4)), **options).data, first)
    single = function(parameter((3, 4), np.float32), **options, rng=5)
    assert single.dtype == np.float32
    cells = nn.Linear(4, 3).to_scalars().weight
    np.testing.assert_array_equal(nn.kinds.to_numpy(function(cells, **options, rng=5)), first)


def test_the_data_of_a_parameter():
    layer = nn.Linear(4, 3, dtype=np.float32)
    init.normal_(layer.weight.data, 0.0, 0.02, rng=5)
    np.testing.assert_array_equal(layer.weight.data, init.normal_(parameter((3, 4), np.float32), 0.0, 0.02, rng=5).data)
    init.constant_(layer.bias.data, 2)
    assert layer.bias.data.tolist() == [2, 2, 2]
    with pytest.raises(TypeError, match="a parameter is set, not ndarray"):
        init.zeros_(np.ones(3, int))


def test_of_no_elements():
    for shape in ((0, 3), (3, 0)):
        assert init.orthogonal_(parameter(shape)).shape == shape
        assert init.trunc_normal_(parameter(shape)).shape == shape
        with pytest.warns(UserWarning, match="zero-element tensors"):
            assert init.kaiming_normal_(parameter(shape)).shape == shape


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: init.eye_(parameter(3)), r"eye_: Only tensors with 2 dimensions are supported, not shape \(3,\)"),
        (lambda: init.sparse_(parameter((1, 2, 3)), 0.1), "Only tensors with 2 dimensions"),
        (lambda: init.sparse_(parameter((1, 2)), 1.1), r"sparsity must be in \[0, 1\]"),
        (lambda: init.dirac_(parameter((2, 2))), "with 3 to 5 dimensions"),
        (lambda: init.dirac_(parameter((3, 2, 2)), 2), "dim 0 must be divisible by groups"),
        (lambda: init.orthogonal_(parameter(3)), "with 2 or more dimensions"),
        (lambda: init.xavier_uniform_(parameter(3)), "Fan in and fan out can not be computed"),
        (lambda: init.trunc_normal_(parameter(3), a=1.0, b=1.0), "a must be less than b"),
        (lambda: init.uniform_(parameter(3), 2.0, 1.0), "a must be at most b, not 2.0 and 1.0"),
        (lambda: init.normal_(parameter(3), std=-1.0), "std must be at least 0"),
        (lambda: init.calculate_gain("relu6"), "Unsupported nonlinearity 'relu6'.*there are those of leaky_relu"),
        (lambda: init.calculate_gain("leaky_relu", True), "negative_slope True not a valid number"),
    ],
)
def test_mistakes_are_explained(call, words):
    with pytest.raises(ValueError, match=words):
        call()
