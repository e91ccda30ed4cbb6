"""Data sets, minibatches and scaling."""

import gzip
import struct
import sys

import numpy as np
import pytest

from nn import data

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


def test_moons_are_scikit_learns():
    ours, theirs = data.moons(50, noise=0.2, rng=7), sklearn.datasets.make_moons(50, noise=0.2, random_state=7)
    np.testing.assert_array_equal(ours[0], theirs[0])


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


def test_splitting_is_scikit_learns():
    X = np.arange(20).reshape(10, 2)
    ours = data.train_test_split(X, X[:, 0], test_size=0.3, rng=5)
    theirs = sklearn.model_selection.train_test_split(X, X[:, 0], test_size=0.3, random_state=5)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"graphgrad\[data\]"):
        data.iris()
