"""The names of ``numpy.random``. Draws are plain numbers; a node as an argument is an error that says so."""

from typing import TYPE_CHECKING, Any

import numpy.random

from autograd.numpy.dispatch import attribute
from autograd.surface import publish
from autograd.tracebacks import entrance

__all__ = list(numpy.random.__all__)

publish(globals())


def __getattr__(name: str) -> Any:
    member = globals()[name] = attribute(numpy.random, name)
    return member


if not TYPE_CHECKING:  # to a type checker a decorated __getattr__ says nothing
    __getattr__ = entrance(__getattr__)
