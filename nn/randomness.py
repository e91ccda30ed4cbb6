"""The source of random numbers: a generator or a seed that is passed in, else the default one, which has a seed too."""

from __future__ import annotations

import numpy as np

from nn._types import Rng

__all__ = ["as_generator", "as_seed", "manual_seed"]

_DEFAULT = np.random.default_rng()


def manual_seed(seed: int) -> np.random.Generator:
    """Seed the default generator, which layers, `nn.init`, data and `nn.fit` draw from where they get no `rng`.

    It returns the default generator.

    Examples
    --------
    >>> import nn
    >>> generator = nn.manual_seed(0)
    >>> first = nn.Linear(2, 1).weight.data
    >>> generator = nn.manual_seed(0)
    >>> bool((nn.Linear(2, 1).weight.data == first).all())
    True
    """
    if not isinstance(seed, (int, np.integer)):
        raise TypeError(f"manual_seed: pass an integer of at least 0, not {seed!r}")
    # The generator stays the same object, so that whoever holds it draws anew, too.
    _DEFAULT.bit_generator.state = as_generator(seed).bit_generator.state
    return _DEFAULT


def as_generator(rng: Rng = None) -> np.random.Generator:
    """The generator itself, one made from a seed, or for None the default one."""
    if rng is None:
        return _DEFAULT
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"rng: pass a numpy.random.Generator, or a seed for one, an integer of at least 0; not {rng!r}"
        ) from None


def as_seed(rng: Rng) -> int:
    """A seed for `numpy.random.RandomState`, which takes no generator."""
    return int(as_generator(rng).integers(2**32 - 1)) if not isinstance(rng, (int, np.integer)) else int(rng)
