"""Data to learn from: small sets to play with, MNIST, minibatches, and scaling that can be undone.

A set is ``X, y``; irises and digits need scikit-learn, all else is NumPy. No function changes its arguments.
Randomness comes from `rng`, a generator or a seed for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from nn._types import Array, ArrayLike, Rng
from nn.functional import one_hot
from nn.mnist import mnist
from nn.optional import require
from nn.options import checked_count
from nn.randomness import as_generator

__all__ = [
    "Scaler", "batches", "circles", "demand", "digits", "iris", "min_max", "mnist", "moons", "one_hot", "spiral",
    "standardize", "train_test_split",
]  # fmt: skip

T = TypeVar("T")


def iris() -> tuple[Array, Array]:
    """Fisher's irises: 150 samples of 4 lengths in cm, and their kinds 0, 1, 2, in the file's order.

    Examples
    --------
    >>> from nn import data
    >>> X, y = data.iris()
    >>> X.shape, y.shape
    ((150, 4), (150,))
    """
    X, y = require("sklearn.datasets").load_iris(return_X_y=True)
    return X, y


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
    n = checked_count(name, "n", n)
    return n // 2, n - n // 2


def _shuffled(sets: Sequence[Sequence[Array]], noise: float, rng: Rng) -> tuple[Array, Array]:
    """Points of several sets, with noise and in random order, and the number of each point's set.

    A seed gives the numbers that scikit-learn draws for it.
    """
    generator = np.random.RandomState(_seed(rng))
    X: Array = np.concatenate(sets, axis=1).T
    y = np.repeat(np.arange(len(sets)), [len(points[0]) for points in sets])
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
    generator = as_generator(rng)
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
    generator = as_generator(rng)
    sales, discount, weeks = generator.uniform([10_000, 0, 0], [90_000, 80, 10], (n, 3)).T
    noise = 100 * generator.normal(size=n)
    y = np.ceil(1.2 * sales + (discount / 100) ** 2 * 5000 + (10 - weeks) ** 3 + noise)
    return np.stack([sales, discount, weeks], axis=1), y[:, None]


def batches(
    *arrays: ArrayLike, batch_size: int = 32, shuffle: bool = True, rng: Rng = None, drop_last: bool = False
) -> Iterator[Any]:
    """Minibatches of one or several arrays of the same length, in a new random order or as they come.

    Parameters
    ----------
    *arrays : array_like
        Arrays with a row for each sample.
    batch_size : int
        The number of samples in a minibatch.
    shuffle : bool
        Whether the order is random.
    rng : numpy.random.Generator or int, optional
        The source of the order: a generator, or a seed for one; by default the default one.
    drop_last : bool
        Whether to leave out a last minibatch that is smaller.

    Yields
    ------
    array or tuple of arrays
        A minibatch of the one array, or of each of several.

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
    size = checked_count("batches", "batch_size", batch_size)
    each = [np.asarray(a) for a in arrays]
    lengths = {len(a) for a in each}
    if len(lengths) != 1:
        raise ValueError(
            f"batches: the arrays differ in length: {', '.join(str(len(a)) for a in each) or 'there is none'}"
        )
    return _iterate_batches(each, size, as_generator(rng) if shuffle else None, drop_last)


def _iterate_batches(
    arrays: list[Array], size: int, generator: np.random.Generator | None, drop_last: bool
) -> Iterator[Any]:
    n = len(arrays[0])
    order = np.arange(n) if generator is None else generator.permutation(n)
    for start in range(0, n - size + 1 if drop_last else n, size):
        rows = order[start : start + size]
        parts = tuple(a[rows] for a in arrays)
        yield parts if len(parts) > 1 else parts[0]


class Scaler:
    """A map of columns that can be undone: ``(X - shift) / scale``.

    Attributes
    ----------
    shift, scale : ndarray
        A number for each column.
    """

    def __init__(self, shift: Array, scale: Array) -> None:
        self.shift = shift
        self.scale = np.where(scale == 0, 1, scale).astype(scale.dtype)  # A constant column is only shifted.

    def transform(self, X: ArrayLike) -> Array:
        """The columns of `X`, shifted and scaled."""
        scaled: Array = (_as_matrix(X, len(self.shift)) - self.shift) / self.scale
        return scaled

    def inverse_transform(self, X: ArrayLike) -> Array:
        """The columns that :meth:`transform` maps to those of `X`."""
        columns: Array = _as_matrix(X, len(self.shift)) * self.scale + self.shift
        return columns


def standardize(X: ArrayLike) -> tuple[Array, Scaler]:
    """Columns with mean 0 and deviation 1, and the scaler that maps other data likewise; a nan stays one.

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
    columns = _as_matrix(X)
    shift = np.nanmean(columns, axis=0)
    scale = np.nanstd(columns, axis=0)
    scale[scale <= 10 * np.finfo(columns.dtype).eps * np.abs(shift)] = 0  # Rounding alone gives a constant column this.
    scaler = Scaler(shift, scale)
    return scaler.transform(columns), scaler


def min_max(X: ArrayLike) -> tuple[Array, Scaler]:
    """Columns from 0 to 1, and the scaler that maps other data likewise; see :func:`standardize`."""
    columns = _as_matrix(X)
    low, high = np.nanmin(columns, axis=0), np.nanmax(columns, axis=0)
    scaler = Scaler(low, high - low)
    return scaler.transform(columns), scaler


def _as_matrix(X: ArrayLike, n: int | None = None) -> Array:
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
    random_state: int | np.random.RandomState | None = None,
    shuffle: bool = True,
    stratify: ArrayLike | None = None,
) -> list[Any]:
    """Each array split in two, ``X_train, X_test, y_train, y_test``, as by scikit-learn's function of that name.

    Parameters
    ----------
    *arrays : array_like
        Arrays of one length; a list gives lists, a data frame gives data frames.
    test_size, train_size : float or int, optional
        The share of each part, in (0, 1), or its number of samples; by default a quarter is for the test.
    rng : numpy.random.Generator or int, optional
        The source of the order.
    random_state : int or numpy.random.RandomState, optional
        The source of the order as scikit-learn has it, in the place of `rng`.
    shuffle : bool
        Whether the order is random.
    stratify : array_like, optional
        Classes whose shares are the same in both parts; this needs scikit-learn.

    Returns
    -------
    list
        Two parts of each array, of its kind.

    Raises
    ------
    ValueError
        If the arrays differ in length, or a part would be empty.

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
        return list(split(*arrays, random_state=state, **options))
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
    """The numbers of samples for training and for the test."""
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


def _select_rows(a: Any, rows: Array) -> Any:
    if hasattr(a, "iloc"):
        return a.iloc[rows]
    return a[rows] if hasattr(a, "shape") else [a[k] for k in rows]


def _seed(rng: Rng) -> int:
    """A seed for `numpy.random.RandomState`, which takes no generator."""
    return int(as_generator(rng).integers(2**32 - 1)) if not isinstance(rng, (int, np.integer)) else int(rng)
