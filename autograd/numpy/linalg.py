"""The names of ``numpy.linalg``, accepting nodes."""

from typing import TYPE_CHECKING, Any

import numpy.linalg

from autograd.numpy.dispatch import attribute
from autograd.surface import publish
from autograd.tracebacks import entrance

__all__ = list(numpy.linalg.__all__)

publish(globals())


_ALSO = {"T": "matrix_transpose", "_dot": "matmul"}  # what HIPS autograd's module has beside NumPy's names


def __getattr__(name: str) -> Any:
    member = globals()[name] = attribute(numpy.linalg, _ALSO.get(name, name))
    return member


if not TYPE_CHECKING:  # to a type checker a decorated __getattr__ says nothing
    __getattr__ = entrance(__getattr__)
