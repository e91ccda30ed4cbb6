"""What holds the namespace of a library to NumPy's: samples of the op table, derivatives, and how near is near."""

from inspect import Parameter

import numpy as np

from autograd.namespaces import arrays
from tests.helpers.samplers import samples, varied
from tests.helpers.support import numbers


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
