"""Arrays in parts: minibatches, and a split for training and test."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nn._types import Array, ArrayLike, Rng, Tree
from nn.host import as_numpy
from nn.optional import require
from nn.options import checked_count
from nn.randomness import as_generator, as_seed

__all__ = ["batches", "train_test_split"]


def batches(
    *arrays: ArrayLike, batch_size: int = 32, shuffle: bool = True, rng: Rng = None, drop_last: bool = False
) -> Iterator[Tree]:
    """Minibatches of one or several arrays of the same length, in a new random order or as they come.

    The order comes from `rng`, a generator or a seed for one, by default from the default generator; `drop_last` leaves
    out a last minibatch that is smaller.

    Yields
    ------
    array or tuple of array
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
    each = [np.asarray(as_numpy(a)) for a in arrays]
    lengths = {len(a) for a in each}
    if len(lengths) != 1:
        raise ValueError(
            f"batches: the arrays differ in length: {', '.join(str(len(a)) for a in each) or 'there is none'}"
        )
    return _iterate_batches(each, size, as_generator(rng) if shuffle else None, drop_last)


def _iterate_batches(
    arrays: list[Array], size: int, generator: np.random.Generator | None, drop_last: bool
) -> Iterator[Tree]:
    n = len(arrays[0])
    order = np.arange(n) if generator is None else generator.permutation(n)
    for start in range(0, n - size + 1 if drop_last else n, size):
        rows = order[start : start + size]
        parts = tuple(a[rows] for a in arrays)
        yield parts if len(parts) > 1 else parts[0]


def train_test_split(
    *arrays: Tree, test_size: float | None = None, train_size: float | None = None, rng: Rng = None,
    random_state: int | np.random.RandomState | None = None, shuffle: bool = True, stratify: ArrayLike | None = None,
) -> list[Tree]:  # fmt: skip
    """Each array split in two, ``X_train, X_test, y_train, y_test``, as by scikit-learn's function of that name.

    Parameters
    ----------
    *arrays : array_like
        Arrays of one length; a list gives lists, a data frame gives data frames.
    test_size, train_size : float or int, optional
        The share of each part, in (0, 1), or its number of samples; by default a quarter is for the test.
    rng : Generator or int, optional
        The source of the order.
    random_state : int or RandomState, optional
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
    state = as_seed(rng) if random_state is None else random_state
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


def _select_rows(a: Tree, rows: Array) -> Tree:
    if hasattr(a, "iloc"):
        return a.iloc[rows]
    return a[rows] if hasattr(a, "shape") else [a[k] for k in rows]
