"""The source of random numbers: a generator or a seed that is passed in, else the default one, which has a seed too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from nn._types import Rng

__all__ = ["as_generator", "as_seed", "drawing_from", "generators_of", "manual_seed"]

_DEFAULT = np.random.default_rng()
# What stands for the default generator in a thread or task.
_IN_ITS_PLACE: ContextVar[np.random.Generator | None] = ContextVar("generator", default=None)


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
        return _IN_ITS_PLACE.get() or _DEFAULT
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"rng: pass a numpy.random.Generator, or a seed for one, an integer of at least 0; not {rng!r}"
        ) from None


def as_seed(rng: Rng) -> int:
    """A seed for `numpy.random.RandomState`, which takes no generator."""
    return int(as_generator(rng).integers(2**32 - 1)) if not isinstance(rng, (int, np.integer)) else int(rng)


def generators_of(modules: Iterable[object]) -> Iterator[tuple[object, str, np.random.Generator]]:
    """Every generator among the attributes of modules, with the module and the attribute's name."""
    return ((m, name, x) for m in modules for name, x in vars(m).items() if isinstance(x, np.random.Generator))


@contextmanager
def drawing_from(modules: Iterable[object], own: np.random.Generator, default: np.random.Generator) -> Iterator[None]:
    """A block in which modules draw from `own`, whatever generators they have, and others from `default`."""
    places = list(generators_of(modules))
    token = _IN_ITS_PLACE.set(default)
    try:
        for module, name, _ in places:
            vars(module)[name] = own
        yield
    finally:
        for module, name, generator in places:
            vars(module)[name] = generator
        _IN_ITS_PLACE.reset(token)
