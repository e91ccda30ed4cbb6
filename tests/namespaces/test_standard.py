"""The namespaces of other libraries: they have what the op table asks for, and calculate what NumPy does."""

from inspect import Parameter

import numpy as np
import pytest

from autograd.namespaces import arrays
from autograd.namespaces.library import Library
from autograd.namespaces.numpy_like import NumPyLike
from autograd.namespaces.standard import Standard
from autograd.ops import table
from tests.helpers.samplers import samples, varied
from tests.helpers.support import numbers

OPS = table()
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)


class Census:
    """``xp`` for NumPy arrays, which notes the functions that it is asked for."""

    def __init__(self):
        self.names = set()

    def __getattr__(self, name):
        self.names.add(name)
        return getattr(arrays, name)


def given(op):
    """The samples of an op, with all of its static arguments."""
    for args, params in samples(op):
        known = {k: v for k, v in op.params.items() if v is not Parameter.empty}
        yield tuple(map(np.asarray, args)), {**known, **params}


def derivatives(op, xp, args, params, y, convert):
    """For each argument what an op passes back to it, as a list of arrays."""
    g = convert(numbers(np.shape(y), 5, 0.5, 2.0).astype(np.result_type(y)))
    for i in varied(op, args):
        found = arrays.quietly(op.vjp(i), xp, g, convert(np.asarray(y)), *map(convert, args), **params)
        yield i, found if isinstance(found, list) else [found]


def asked_by(op):
    """The functions of ``xp`` that the formulas of an op ask for."""
    xp = Census()
    for args, params in given(op):
        y = arrays.quietly(op.forward, xp, *args, **params)
        list(derivatives(op, xp, args, params, y, np.asarray))
        for stated in op.conventions:
            arrays.quietly(stated.where, xp, *args, **params)
    return xp.names


def missing(ops, namespace):
    """What ops ask of a namespace that it has not, but for those that say that they lack it."""
    asked = set().union(*(asked_by(op) for op in ops if namespace.name not in op.lacks))
    return {name for name in asked if not hasattr(namespace, name)}


@pytest.mark.parametrize("namespace", [Standard, NumPyLike], ids=lambda n: n.__name__)
def test_every_function_that_the_table_asks_for_is_there(namespace):
    assert len(set().union(*map(asked_by, OPS))) > 100
    assert missing(OPS, namespace) == set()
    assert not hasattr(Library, "sum")  # what a library has by chance does not count


def test_a_function_that_is_not_there_is_noticed(monkeypatch):
    assert missing([op for op in OPS if op.__name__ == "sigmoid"], Library) == {"sigmoid"}
    (op,) = (op for op in OPS if op.__name__ == "sigmoid")
    monkeypatch.setattr(op, "lacks", frozenset({Library.name}))
    assert missing([op], Library) == set()


# ---- the table on each library ----


class OnNumPy(NumPyLike):
    """What JAX's namespace and CuPy's have in common, on NumPy itself."""

    natives = (np.ndarray, np.generic)


def strict():
    return Standard(pytest.importorskip("array_api_strict"), "strict")


def torch():
    pytest.importorskip("torch")
    from autograd.namespaces.torch import xp

    return xp


def numpy():
    return OnNumPy(np, "numpy")


LIBRARIES = [strict, torch, numpy]
every_library = pytest.mark.parametrize("library", LIBRARIES, ids=lambda f: f.__name__)


def agree(xp, found, expected, tolerance, signs=False):
    """Whether an array of a library is NumPy's, but for rounding; in dtype too."""
    assert not isinstance(expected, np.ndarray) or isinstance(found, (*xp.natives, np.ndarray))
    found = xp.to_numpy(found) if isinstance(found, xp.natives) else np.asarray(found)
    expected = np.asarray(expected)
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    if expected.dtype.kind != "f":
        assert (found == expected).all()
        return
    if signs:  # eigenvectors have any
        found, expected = np.abs(found), np.abs(expected)
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=1e-3)
    with np.errstate(invalid="ignore"):
        near = np.abs(found - expected) <= tolerance * scale
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    assert (near | same).all()


def check(op, xp, args, params, tolerance):
    convert = xp.array if xp.name != "numpy" else np.asarray
    y = arrays.quietly(op.forward, arrays, *args, **params)
    signs = op.__name__ in ("eig_parts", "eigh_parts", "qr_parts", "svd_parts")
    if not signs or tolerance < 1e-6:
        agree(xp, arrays.quietly(op.forward, xp, *map(convert, args), **params), y, tolerance, signs)
    if np.result_type(y).kind != "f":
        return
    expected = list(derivatives(op, arrays, args, params, y, np.asarray))
    found = list(derivatives(op, xp, args, params, y, convert))
    for (i, theirs), (j, ours) in zip(found, expected, strict=True):
        assert i == j
        for a, b in zip(theirs, ours, strict=True):
            agree(xp, a, b, tolerance)


@every_library
@every_op
def test_value_and_derivatives_are_numpys(op, library):
    xp = library()
    for args, params in given(op):
        check(op, xp, args, params, 1e-11)


@every_library
@every_op
def test_float32_stays_float32(op, library):
    if op.__name__ == "to_floats":  # which makes others
        return
    xp = library()
    for args, params in given(op):
        args = tuple(a.astype("float32") if a.dtype.kind == "f" else a for a in args)
        check(op, xp, args, params, 1e-3)
