"""Data sets, minibatches and scaling."""

import gzip
import struct
import sys

import numpy as np
import pytest

from nn import data

for name in ("datasets", "model_selection", "preprocessing"):
    pytest.importorskip(f"sklearn.{name}")
sklearn = pytest.importorskip("sklearn")


def idx(a):
    return b"\x00\x00\x08" + bytes([a.ndim]) + struct.pack(f">{a.ndim}I", *a.shape) + a.astype(np.uint8).tobytes()


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name, n in (("train", 6), ("t10k", 3)):
        (tmp_path / f"{name}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(rng.integers(0, 256, (n, 28, 28)))))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(idx(rng.integers(0, 10, n)))
    return tmp_path


def test_mnist_from_a_folder_packed_or_not(folder):
    X, y, X_test, y_test = data.mnist(folder)
    assert (X.shape, y.shape, X_test.shape, y_test.shape) == ((6, 784), (6,), (3, 784), (3,))
    assert y.dtype.kind == "i"
    pixels = np.frombuffer(gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    np.testing.assert_array_equal(X.ravel(), pixels / 255)


@pytest.mark.system("K4")
def test_mnist_reduced_is_the_rounded_mean_of_blocks(folder):
    X, *_ = data.mnist(folder)
    small, *_ = data.mnist(folder, reduce=14)
    image = np.rint(X[0].reshape(28, 28) * 255)
    block = image[2:4, 4:6]
    assert small.shape == (6, 196)
    assert small[0].reshape(14, 14)[1, 2] == np.round(block.mean()) / 255


def test_mnist_without_a_folder_is_fetched_with_checksums(folder, monkeypatch):
    pooch = pytest.importorskip("pooch")
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append((url, known_hash))
        if "ossci" in url:
            raise OSError("no network")
        return str(folder / fname) if (folder / fname).exists() else str(folder / fname.removesuffix(".gz"))

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    X, *_ = data.mnist()
    assert X.shape == (6, 784)
    assert len(asked) == 8
    assert all(len(known) == 64 for _, known in asked)
    monkeypatch.setattr(pooch, "retrieve", lambda *a: (_ for _ in ()).throw(OSError("no network")))
    with pytest.raises(OSError, match=r"no network.*name a folder"):
        data.mnist()


def test_damaged_mnist(folder):
    for reduce in (0, 13, 14.0):
        with pytest.raises(ValueError, match="divisor of 28"):
            data.mnist(folder, reduce=reduce)
    labels = folder / "train-labels-idx1-ubyte"
    whole = labels.read_bytes()
    for content, words in (
        (whole[:-1], "truncated"),
        (b"\x00\x00\x08", "no IDX"),
        (b"nonsense", "no IDX"),
        (idx(np.ones(5)), "belong"),
    ):
        labels.write_bytes(content)
        with pytest.raises(ValueError, match=words):
            data.mnist(folder)
    labels.write_bytes(whole)
    images = folder / "train-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:100])
    with pytest.raises(ValueError, match="damaged"):
        data.mnist(folder)
    images.unlink()
    with pytest.raises(FileNotFoundError, match="train-images"):
        data.mnist(folder)


def test_sets_are_reproducible_by_seed_and_generator():
    for make in (data.moons, data.circles, data.spiral, data.demand):
        (a, y), (b, _), (c, _) = make(60, rng=3), make(60, rng=3), make(60, rng=4)
        np.testing.assert_array_equal(a, b)
        assert (a != c).any()
        assert len(a) == len(y) == 60
        rng = np.random.default_rng(3)
        assert (make(60, rng=rng)[0] != make(60, rng=rng)[0]).any()
    assert data.digits()[0].max() == 1.0
    assert data.iris()[0].shape == (150, 4)


@pytest.mark.parametrize("n", [1, 2, 7, 50])
def test_moons_and_circles_are_scikit_learns(n):
    sets = sklearn.datasets
    for ours, theirs in (
        (data.moons(n, noise=0.2, rng=7), sets.make_moons(n, noise=0.2, random_state=7)),
        (data.moons(n, noise=0, rng=7), sets.make_moons(n, random_state=7)),
        (data.circles(n, noise=0.1, factor=0.3, rng=3), sets.make_circles(n, noise=0.1, factor=0.3, random_state=3)),
    ):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype
    for call in (lambda: data.moons(0), lambda: data.circles(2.5), lambda: data.circles(10, factor=1.0)):
        with pytest.raises(ValueError, match=r"integer of at least 1|factor must be in \[0, 1\)"):
            call()


def test_demand_follows_its_formula():
    X, y = data.demand(2000, rng=0)
    assert (X.min(axis=0) >= [10_000, 0, 0]).all()
    assert (X.max(axis=0) < [90_000, 80, 10]).all()
    sales, discount, weeks = X.T
    rest = y[:, 0] - (1.2 * sales + (discount / 100) ** 2 * 5000 + (10 - weeks) ** 3)
    assert abs(rest.mean() - 0.5) < 10
    assert abs(rest.std() - 100) < 6
    assert (y == np.ceil(y)).all()


def test_batches_hold_every_sample_once():
    X, y = np.arange(23), np.arange(23) * 2
    for size in (1, 5, 23, 50):
        parts = list(data.batches(X, y, batch_size=size, rng=0))
        assert all((2 * a == b).all() for a, b in parts)
        assert sorted(np.concatenate([a for a, _ in parts])) == list(X)
    assert [len(a) for a in data.batches(X, batch_size=10, drop_last=True)] == [10, 10]
    first, second = (np.concatenate(list(data.batches(X, rng=np.random.default_rng(s)))) for s in (1, 2))
    assert (first != second).any()
    with pytest.raises(ValueError, match="batch_size"):
        data.batches(X, batch_size=0)
    with pytest.raises(ValueError, match="23, 5"):
        data.batches(X, y[:5])
    with pytest.raises(ValueError, match="there is none"):
        data.batches()


@pytest.mark.parametrize("scale", [data.standardize, data.min_max])
def test_scaling_leaves_its_argument_and_goes_back(scale):
    X = np.random.default_rng(0).normal(3, 5, (40, 3))
    kept = X.copy()
    X.flags.writeable = False
    scaled, scaler = scale(X)
    np.testing.assert_array_equal(X, kept)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), X, rtol=1e-12)
    np.testing.assert_allclose(scaler.transform(X), scaled)
    if scale is data.standardize:
        np.testing.assert_allclose([scaled.mean(axis=0), scaled.std(axis=0)], [[0] * 3, [1] * 3], atol=1e-12)
    else:
        assert (scaled.min(axis=0) == 0).all()
        np.testing.assert_allclose(scaled.max(axis=0), 1)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"test_size": 0.3}, {"test_size": 3}, {"train_size": 0.55}, {"train_size": 4}, {"shuffle": False},
        {"train_size": 0.5, "test_size": 2}, {"train_size": 3, "test_size": 4, "shuffle": False},
        {"test_size": 0.4, "stratify": [0, 1] * 5},
    ],
    ids=str,
)  # fmt: skip
def test_splitting_is_scikit_learns(options):
    pandas = pytest.importorskip("pandas")
    X = np.arange(20).reshape(10, 2)
    arrays = X, X[:, 0], [str(i) for i in range(10)], pandas.DataFrame(X)
    theirs = sklearn.model_selection.train_test_split(*arrays, random_state=5, **options)
    for ours in (
        data.train_test_split(*arrays, rng=5, **options),
        data.train_test_split(*arrays, random_state=5, **options),
        data.train_test_split(*arrays, random_state=np.random.RandomState(5), **options),
    ):
        for a, b in zip(ours, theirs, strict=True):
            assert type(a) is type(b)
            np.testing.assert_array_equal(a, b)


def test_what_cannot_be_split():
    X = np.arange(10)
    for options, words in (
        ({"test_size": 1.0}, "test_size must be"), ({"test_size": 0}, "test_size"), ({"test_size": 10}, "test_size"),
        ({"train_size": -0.5}, "train_size must be"), ({"train_size": "half"}, "train_size"),
        ({"train_size": 0.7, "test_size": 0.4}, "7 for training and 4"), ({"test_size": 0.95}, "0 for training"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            data.train_test_split(X, **options)
    for arrays, words in (((X, X[:5]), "10, 5"), ((), "there is none")):
        with pytest.raises(ValueError, match=words):
            data.train_test_split(*arrays)
    first, second = (data.train_test_split(X, rng=np.random.default_rng(s))[0] for s in (1, 2))
    assert (first != second).any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_scalers_are_scikit_learns(dtype):
    X = np.random.default_rng(0).normal(3, 5, (40, 4)).astype(dtype)
    X[:, 2], X[0, 1] = 0.1, np.nan
    other = X[::-1] * 2
    for scale, kind in ((data.standardize, "StandardScaler"), (data.min_max, "MinMaxScaler")):
        scaled, scaler = scale(X)
        theirs = getattr(sklearn.preprocessing, kind)()
        tolerance = 1e-12 if dtype is np.float64 else 1e-4
        for ours, expected in (
            (scaled, theirs.fit_transform(X)), (scaler.transform(other), theirs.transform(other)),
            (scaler.inverse_transform(other), theirs.inverse_transform(other)),
        ):  # fmt: skip
            np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance)
            assert ours.dtype == dtype
        for bad, words in ((X[0], "a matrix with 4 columns"), (X[:, :2], "with 4 columns"), (X * np.inf, "hold inf")):
            with pytest.raises(ValueError, match=words):
                scaler.transform(bad)
        with pytest.raises(ValueError, match=r"a matrix, a row for each sample, not data of shape \(3,\)"):
            scale([1.0, 2.0, 3.0])
    assert (data.standardize([[1, 2], [3, 4]])[0] == [[-1, -1], [1, 1]]).all()


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"graphgrad\[data\]"):
        data.iris()
