"""Small sets to play with, each ``X, y``; irises and digits need scikit-learn, all else is NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nn._types import Array, Rng
from nn.optional import require
from nn.options import checked_count
from nn.randomness import as_generator, as_seed

__all__ = ["circles", "demand", "digits", "iris", "moons", "spiral"]


def iris() -> tuple[Array, Array]:
    """Fisher's irises: 150 samples of 4 lengths in cm, and their kinds 0, 1, 2, in the file's order.

    Source: Fisher, "The use of multiple measurements in taxonomic problems", 1936.

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
    """1797 handwritten digits: 64 pixels from 0 to 1 each, and the digits.

    Source: Alpaydin and Kaynak, "Optical recognition of handwritten digits", 1998.

    Returns
    -------
    pair of array
        `X`, floats of shape (1797, 64), and `y`, integers of shape (1797,).

    Raises
    ------
    ImportError
        If scikit-learn, which has the file, is not installed.

    Examples
    --------
    >>> from nn import data
    >>> X, y = data.digits()
    >>> X.shape, y[:5]
    ((1797, 64), array([0, 1, 2, 3, 4]))
    """
    X, y = require("sklearn.datasets").load_digits(return_X_y=True)
    return X / 16, y


def moons(n: int = 200, noise: float = 0.1, rng: Rng = None) -> tuple[Array, Array]:
    """Two half circles that reach into each other: `n` points in the plane, and which moon, 0 or 1.

    Parameters
    ----------
    n : int
        The number of points.
    noise : float
        The standard deviation of what is added to each coordinate.
    rng : Generator or int, optional
        The source of noise and order; by default the default generator. A seed gives scikit-learn's numbers.

    Returns
    -------
    pair of array
        `X`, of shape (n, 2), and `y`, of shape (n,).

    Raises
    ------
    ValueError
        If `n` is no integer of at least 1.

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
    """A circle (1) within a circle (0): `n` points in the plane; `factor` is the ratio of their radii.

    Other parameters are those of :func:`moons`.

    Returns
    -------
    pair of array
        `X`, of shape (n, 2), and `y`, of shape (n,).

    Raises
    ------
    ValueError
        If `factor` is not in [0, 1).

    Examples
    --------
    >>> from nn import data
    >>> X, y = data.circles(60, rng=0)
    >>> X.shape, int(y.sum())
    ((60, 2), 30)
    """
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
    generator = np.random.RandomState(as_seed(rng))
    X: Array = np.concatenate(sets, axis=1).T
    y = np.repeat(np.arange(len(sets)), [len(points[0]) for points in sets])
    order = np.arange(len(y))
    generator.shuffle(order)
    return X[order] + generator.normal(scale=noise or 0.0, size=X.shape), y[order]


def spiral(
    n: int = 200, classes: int = 2, noise: float = 0.05, turns: float = 1.0, rng: Rng = None
) -> tuple[Array, Array]:
    """Arms of a spiral, one for each class: `n` points in the unit disc, as evenly spread over the classes as can be.

    Parameters
    ----------
    n : int
        The number of points.
    classes : int
        The number of arms.
    noise : float
        The standard deviation of what is added to each coordinate.
    turns : float
        How often an arm goes round.
    rng : Generator or int, optional
        The source of places and noise; by default the default generator.

    Returns
    -------
    pair of array
        `X`, of shape (n, 2), and `y`, of shape (n,), the number of the arm.

    Raises
    ------
    ValueError
        If `n` or `classes` is less than 1.

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
