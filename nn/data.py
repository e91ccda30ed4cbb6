"""Data to learn from: small sets to play with, MNIST, minibatches, and scaling that can be undone.

Sets come as ``X, y``; irises and digits are fetched from scikit-learn, all else is NumPy. Nothing here changes its
arguments. Randomness comes from `rng`, a generator or a seed for one.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nn.functional import one_hot
from nn.optional import require

__all__ = [
    "Scaler", "batches", "circles", "demand", "digits", "iris", "min_max", "mnist", "moons", "one_hot", "spiral",
    "standardize", "train_test_split",
]  # fmt: skip

Array = np.ndarray[Any, Any]
Rng = np.random.Generator | int | None


def iris() -> tuple[Array, Array]:
    """Fisher's irises: 150 samples of 4 lengths in cm, and their kinds 0, 1, 2, in the file's order.

    Examples
    --------
    >>> from nn import data
    >>> X, y = data.iris()
    >>> X.shape, y.shape
    ((150, 4), (150,))
    """
    return require("sklearn.datasets").load_iris(return_X_y=True)  # type: ignore[no-any-return]


def digits() -> tuple[Array, Array]:
    """1797 handwritten digits: 64 pixels from 0 to 1 each, and the digits."""
    X, y = require("sklearn.datasets").load_digits(return_X_y=True)
    return X / 16, y


def moons(n: int = 200, noise: float = 0.1, rng: Rng = None) -> tuple[Array, Array]:
    """Two half circles that reach into each other: `n` points in the plane, and which moon, 0 or 1.

    Examples
    --------
    >>> from nn import data
    >>> X, y = data.moons(60, rng=0)
    >>> X.shape, int(y.sum())
    ((60, 2), 30)
    """
    outer, inner = (np.linspace(0, np.pi, k) for k in _halves("moons", n))
    X = [np.cos(outer), np.sin(outer)], [1 - np.cos(inner), 1 - np.sin(inner) - 0.5]
    return _shuffled(X, noise, rng)


def circles(n: int = 200, noise: float = 0.05, factor: float = 0.5, rng: Rng = None) -> tuple[Array, Array]:
    """A circle (1) within a circle (0): `n` points in the plane; `factor` is the ratio of their radii."""
    if not 0 <= factor < 1:
        raise ValueError(f"circles: factor must be in [0, 1), not {factor!r}")
    outer, inner = (np.linspace(0, 2 * np.pi, k, endpoint=False) for k in _halves("circles", n))
    X = [np.cos(outer), np.sin(outer)], [np.cos(inner) * factor, np.sin(inner) * factor]
    return _shuffled(X, noise, rng)


def _halves(name: str, n: int) -> tuple[int, int]:
    if not isinstance(n, (int, np.integer)) or n < 1:
        raise ValueError(f"{name}: n must be an integer of at least 1, not {n!r}")
    return int(n) // 2, int(n) - int(n) // 2


def _shuffled(sets: Any, noise: float, rng: Rng) -> tuple[Array, Array]:
    """Points of several sets, and which set, in random order with noise; scikit-learn's own numbers for a seed."""
    generator = np.random.RandomState(_seed(rng))
    X, y = np.concatenate(sets, axis=1).T, np.repeat(np.arange(len(sets)), [len(points[0]) for points in sets])
    order = np.arange(len(y))
    generator.shuffle(order)
    return X[order] + generator.normal(scale=noise or 0.0, size=X.shape), y[order]


def spiral(
    n: int = 200, classes: int = 2, noise: float = 0.05, turns: float = 1.0, rng: Rng = None
) -> tuple[Array, Array]:
    """Arms of a spiral, one for each class: `n` points in the unit disc, as evenly spread over the classes as can be.

    Examples
    --------
    >>> from nn import data
    >>> X, y = data.spiral(90, classes=3, rng=0)
    >>> X.shape, [int((y == k).sum()) for k in range(3)]
    ((90, 2), [30, 30, 30])
    """
    if n < 1 or classes < 1:
        raise ValueError(f"spiral: n and classes must be at least 1, not {n} and {classes}")
    generator = np.random.default_rng(rng)
    y = np.arange(n) % classes
    radius = generator.random(n)
    angle = 2 * math.pi * (turns * radius + y / classes)
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + generator.normal(0, noise, X.shape), y


def demand(n: int = 10_000, rng: Rng = None) -> tuple[Array, Array]:
    """A shop's demand: last week's sales, discount in per cent, weeks to the next holiday; and next week's sales.

    The formula is ``ceil(1.2 sales + (discount/100)²·5000 + (10 − weeks)³ + 100 ε)``, ε normal; y has one column.

    Examples
    --------
    >>> from nn import data
    >>> X, y = data.demand(5, rng=0)
    >>> X.shape, y.shape
    ((5, 3), (5, 1))
    """
    generator = np.random.default_rng(rng)
    sales, discount, weeks = generator.uniform([10_000, 0, 0], [90_000, 80, 10], (n, 3)).T
    noise = 100 * generator.normal(size=n)
    y = np.ceil(1.2 * sales + (discount / 100) ** 2 * 5000 + (10 - weeks) ** 3 + noise)
    return np.stack([sales, discount, weeks], axis=1), y[:, None]


_MNIST = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
_MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")


def mnist(path: str | os.PathLike[str] | None = None, reduce: int = 28) -> tuple[Array, Array, Array, Array]:
    """MNIST's handwritten digits: ``X, y, X_test, y_test``, 60,000 and 10,000 of them.

    Parameters
    ----------
    path : path, optional
        A folder with the four IDX files, as they come (.gz) or unpacked. Without it they are fetched once from a public
        mirror into the user's cache, and their checksums compared.
    reduce : int
        The pixels of a side: 28, or a divisor of it; 14 takes the rounded mean of each 2×2 block.

    Returns
    -------
    arrays
        Pixels from 0 to 1, floats of shape (n, reduce²); digits, integers of shape (n,).

    Raises
    ------
    FileNotFoundError
        If the folder lacks a file.
    ValueError
        If a file is damaged, or `reduce` is no divisor of 28.
    """
    if not isinstance(reduce, int) or reduce < 1 or 28 % reduce:
        raise ValueError(f"mnist: reduce must be a divisor of 28, not {reduce!r}")
    X, y, X_test, y_test = (_read_idx(_mnist_file(name, path)) for name in _MNIST)
    if X.shape[1:] != (28, 28) or X_test.shape[1:] != (28, 28) or len(X) != len(y) or len(X_test) != len(y_test):
        raise ValueError(f"mnist: the files in {path} do not belong together: {X.shape}, {y.shape}, {X_test.shape}")
    return _downsampled(X, reduce), y.astype(int), _downsampled(X_test, reduce), y_test.astype(int)


def batches(
    *arrays: Any, batch_size: int = 32, shuffle: bool = True, rng: Rng = None, drop_last: bool = False
) -> Iterator[Any]:
    """Minibatches of one or several arrays of the same length, in a new random order or as they come.

    Raises
    ------
    ValueError
        If the batch size is not positive or lengths differ.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import data
    >>> [x.tolist() for x, _ in data.batches(np.arange(5), np.arange(5), batch_size=2, shuffle=False)]
    [[0, 1], [2, 3], [4]]
    """
    if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
        raise ValueError(f"batches: batch_size must be an integer of at least 1, not {batch_size!r}")
    each = [np.asarray(a) for a in arrays]
    lengths = {len(a) for a in each}
    if len(lengths) != 1:
        raise ValueError(
            f"batches: the arrays differ in length: {', '.join(str(len(a)) for a in each) or 'there is none'}"
        )
    return _iterate_batches(each, int(batch_size), np.random.default_rng(rng) if shuffle else None, drop_last)


def _iterate_batches(
    arrays: list[Array], size: int, generator: np.random.Generator | None, drop_last: bool
) -> Iterator[Any]:
    n = len(arrays[0])
    order = np.arange(n) if generator is None else generator.permutation(n)
    for start in range(0, n - size + 1 if drop_last else n, size):
        chosen = order[start : start + size]
        parts = tuple(a[chosen] for a in arrays)
        yield parts if len(parts) > 1 else parts[0]


class Scaler:
    """Columns moved and stretched, and back again: ``(X - shift) / scale``.

    Attributes
    ----------
    shift, scale : ndarray
        A number for each column.
    """

    def __init__(self, shift: Array, scale: Array) -> None:
        self.shift, self.scale = shift, np.where(scale == 0, 1, scale).astype(scale.dtype)  # a constant column

    def transform(self, X: Any) -> Array:
        """The columns of `X`, moved and stretched as those that this was made of."""
        return (_as_matrix(X, len(self.shift)) - self.shift) / self.scale  # type: ignore[no-any-return]

    def inverse_transform(self, X: Any) -> Array:
        """What :meth:`transform` makes `X` of."""
        return _as_matrix(X, len(self.shift)) * self.scale + self.shift  # type: ignore[no-any-return]


def standardize(X: Any) -> tuple[Array, Scaler]:
    """Columns with mean 0 and deviation 1, and the scaler that does the same to other data; nan stays what it is.

    Returns
    -------
    array, Scaler
        ``scaler.transform(X_test)`` uses the first data's numbers, ``scaler.inverse_transform`` goes back.

    Examples
    --------
    >>> from nn import data
    >>> scaled, scaler = data.standardize([[1.0], [3.0]])
    >>> scaled.ravel(), scaler.transform([[5.0]]).ravel(), scaler.inverse_transform(scaled).ravel()
    (array([-1.,  1.]), array([3.]), array([1., 3.]))
    """
    X = _as_matrix(X)
    shift = np.nanmean(X, axis=0)
    scale = np.nanstd(X, axis=0)
    scale[scale <= 10 * np.finfo(X.dtype).eps * np.abs(shift)] = 0  # what rounding leaves of a constant column
    scaler = Scaler(shift, scale)
    return scaler.transform(X), scaler


def min_max(X: Any) -> tuple[Array, Scaler]:
    """Columns from 0 to 1, and the scaler that does the same to other data; see :func:`standardize`."""
    X = _as_matrix(X)
    low, high = np.nanmin(X, axis=0), np.nanmax(X, axis=0)
    scaler = Scaler(low, high - low)
    return scaler.transform(X), scaler


def _as_matrix(X: Any, n: int | None = None) -> Array:
    """Data to scale as a matrix of floats."""
    a = np.asarray(X)
    a = a if a.dtype == np.float32 else a.astype(float)
    if a.ndim != 2 or a.size == 0 or (n is not None and a.shape[1] != n):
        columns = "" if n is None else f" with {n} columns"
        raise ValueError(f"scaling takes a matrix{columns}, a row for each sample, not data of shape {a.shape}")
    if np.isinf(a).any():
        raise ValueError("scaling takes finite numbers, and these data hold inf")
    return a


def train_test_split(
    *arrays: Any,
    test_size: float | None = None,
    train_size: float | None = None,
    rng: Rng = None,
    random_state: Any = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Each array split in two, ``X_train, X_test, y_train, y_test``, as by scikit-learn's function of that name.

    Parameters
    ----------
    *arrays : array_like
        Of one length; lists stay lists, data frames stay data frames.
    test_size, train_size : float or int, optional
        The share of each part, in (0, 1), or how many samples it has; by default a quarter is for the test.
    rng : numpy.random.Generator or int, optional
        Where the order comes from.
    random_state : int or numpy.random.RandomState, optional
        What scikit-learn has in the place of `rng`.
    shuffle : bool
        Whether the order is random.
    stratify : array_like, optional
        Classes that both parts are to have in the same shares; this needs scikit-learn.

    Examples
    --------
    >>> from nn import data
    >>> a, b = data.train_test_split([1, 2, 3, 4], test_size=1, rng=0)
    >>> len(a), len(b)
    (3, 1)
    """
    state = _seed(rng) if random_state is None else random_state
    if stratify is not None:
        split = require("sklearn.model_selection", ", or leave out stratify").train_test_split
        options = {"test_size": test_size, "train_size": train_size, "shuffle": shuffle, "stratify": stratify}
        return split(*arrays, random_state=state, **options)  # type: ignore[no-any-return]
    lengths = [a.shape[0] if hasattr(a, "shape") else len(a) for a in arrays]
    if len(set(lengths)) != 1:
        there = ", ".join(map(str, lengths)) or "there is none"
        raise ValueError(f"train_test_split: the arrays differ in length: {there}")
    train, test = _split_sizes(lengths[0], train_size, test_size)
    order = np.arange(train + test)
    if shuffle:
        generator = np.random.RandomState(state) if isinstance(state, (int, np.integer)) else state
        order = np.roll(generator.permutation(lengths[0])[: train + test], -test)
    return [_select_rows(a, part) for a in arrays for part in (order[:train], order[train:])]


def _split_sizes(n: int, train_size: float | None, test_size: float | None) -> tuple[int, int]:
    """How many samples are for training, and how many for the test."""
    counts: dict[str, int | None] = {}
    for name, size, rounded in (("train_size", train_size, math.floor), ("test_size", test_size, math.ceil)):
        whole = isinstance(size, (int, np.integer))
        if size is not None and (not isinstance(size, (float, int, np.number)) or not 0 < size < (n if whole else 1)):
            raise ValueError(f"train_test_split: {name} must be in (0, 1), or a count below {n}, not {size!r}")
        counts[name] = None if size is None else int(size) if whole else rounded(size * n)
    train, test = counts["train_size"], counts["test_size"]
    if test is None:
        test = math.ceil(n / 4) if train is None else n - train
    train = n - test if train is None else train
    if train < 1 or train + test > n:
        raise ValueError(f"train_test_split: of {n} samples, {train} for training and {test} for the test are none")
    return train, test


def _select_rows(a: Any, places: Array) -> Any:
    if hasattr(a, "iloc"):
        return a.iloc[places]
    return a[places] if hasattr(a, "shape") else [a[k] for k in places]


def _seed(rng: Rng) -> int:
    """A seed for scikit-learn, which takes no generators."""
    return int(np.random.default_rng(rng).integers(2**32 - 1)) if not isinstance(rng, (int, np.integer)) else int(rng)


def _mnist_file(name: str, path: str | os.PathLike[str] | None) -> Path:
    if path is not None:
        for candidate in (Path(path) / name, Path(path) / name.removesuffix(".gz")):
            if candidate.is_file():
                return candidate
        raise FileNotFoundError(f"mnist: {path} has no {name}, packed or unpacked")
    pooch = require("pooch", "; or name a folder that has it")
    failure: Exception | None = None
    for mirror in _MIRRORS:
        try:
            found = pooch.retrieve(mirror + name, _MNIST[name], name, pooch.os_cache("graphgrad") / "mnist")
            return Path(found)
        except Exception as error:  # of the network, whichever library it uses
            failure = error
    raise OSError(f"mnist: {name} could not be fetched ({failure}); name a folder that has it: mnist(path)")


def _read_idx(path: Path) -> Array:
    """The array in an IDX file of bytes."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, OSError, ValueError, zlib.error) as error:
        raise ValueError(f"mnist: {path} is damaged ({error})") from error
    if content[:3] != b"\x00\x00\x08" or len(content) < 4 or len(content) < 4 + 4 * content[3]:
        raise ValueError(f"mnist: {path} is no IDX file of bytes")
    shape = tuple(int.from_bytes(content[4 + 4 * k : 8 + 4 * k], "big") for k in range(content[3]))
    if len(content) != 4 + 4 * len(shape) + math.prod(shape):
        raise ValueError(f"mnist: {path} is truncated: its head says {shape}, but it has {len(content)} bytes")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def _downsampled(images: Array, side: int) -> Array:
    """Pixels from 0 to 1, flat; blocks by their rounded mean."""
    k = 28 // side
    blocks: Array = images.reshape(-1, side, k, side, k).mean(axis=(2, 4)) if k > 1 else images
    return (np.round(blocks) / 255).reshape(len(images), side * side)
