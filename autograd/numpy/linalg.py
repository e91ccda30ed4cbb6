"""The names of ``numpy.linalg``, accepting nodes."""

from typing import Any

import numpy.linalg

from autograd.numpy.dispatch import attribute
from autograd.tracebacks import entrance


@entrance
def __getattr__(name: str) -> Any:
    found = globals()[name] = attribute(numpy.linalg, name)
    return found


def __dir__() -> list[str]:
    return dir(numpy.linalg)
