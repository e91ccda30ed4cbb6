"""The source of random numbers: a generator or a seed that is passed in, else the default one, which has a seed too."""

from __future__ import annotations

import numpy as np

from nn._types import Rng

__all__ = ["as_generator", "manual_seed"]

_DEFAULT = np.random.default_rng()


def manual_seed(seed: int) -> np.random.Generator:
    """Seed the default generator, which layers, `nn.init`, data and `nn.fit` draw from where they get no `rng`.

    Parameters
    ----------
    seed : int
        The seed; at least 0.

    Returns
    -------
    numpy.random.Generator
        The default generator.

    Examples
    --------
    >>> import nn
    >>> generator = nn.manual_seed(0)
    >>> first = nn.Linear(2, 1).weight.data
    >>> generator = nn.manual_seed(0)
    >>> bool((nn.Linear(2, 1).weight.data == first).all())
    True
    """
    # The generator stays the same object, so that whoever holds it draws anew, too.
    _DEFAULT.bit_generator.state = np.random.default_rng(seed).bit_generator.state
    return _DEFAULT


def as_generator(rng: Rng = None) -> np.random.Generator:
    """The generator itself, one made from a seed, or for None the default one."""
    return _DEFAULT if rng is None else np.random.default_rng(rng)
