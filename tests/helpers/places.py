"""Arrays of the libraries that tests run on: those that are here."""

from importlib.util import find_spec

import numpy as np
import pytest

# JAX compiles each op for each shape when it is first called, so that few tests run on it.
LIBRARIES = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not here"), id=name)
    if find_spec(name) is None
    else name
    for name in ("torch", "array_api_strict")
]


def array_of(library):
    """A function that makes arrays of a library: of numbers, in a dtype by name."""

    def make(numbers, dtype=None):
        module = pytest.importorskip(library)
        array = np.asarray(numbers, dtype)
        if library == "torch":
            return module.tensor(array)
        if library == "jax":
            with module.enable_x64(True):
                return module.numpy.asarray(array)
        return module.asarray(array)

    make.library = library
    return make


def name_of(make):
    """The name of the library of a function that makes arrays."""
    return make.library


def place_of(library):
    """Where its arrays are, in messages."""
    return {"torch": "torch cpu", "array_api_strict": "array_api_strict CPU_DEVICE", "jax": "jax cpu:0"}[library]
