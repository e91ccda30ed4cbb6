"""NumPy's names, accepting nodes: ``import autograd.numpy as np``.

On nodes a function is the op table's of that name, and records; on plain data it is NumPy's own. Constants, dtypes and
classes are NumPy's.

>>> import autograd.numpy as np
>>> from autograd import grad
>>> grad(lambda x: np.sum(np.sin(x) * np.linspace(0, 1, 2)))(np.array([0.5, 0.0]))
array([0., 1.])
>>> grad(lambda x: np.array([x, x**2])[1])(3.0)
6.0
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy

from autograd.numpy.advice import DROPPED
from autograd.numpy.dispatch import attribute
from autograd.surface import publish
from autograd.tracebacks import entrance

# Some versions of NumPy's still have names that later ones have dropped.
__all__ = [name for name in numpy.__all__ if name != "fft" and name not in DROPPED]

_MODULES = ("linalg", "numpy_boxes", "numpy_vjps", "numpy_wrapper", "random")

publish(globals())


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"autograd.numpy.{name}")
    member = globals()[name] = attribute(numpy, name)
    return member


if not TYPE_CHECKING:  # to a type checker a decorated __getattr__ says nothing
    __getattr__ = entrance(__getattr__)
