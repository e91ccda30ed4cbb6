"""What the tests of the compiler share: everything that an op gives as one function, other values, comparisons."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import grad
from autograd.transforms.containers import leaves
from tests.helpers.support import numbers


def weighed(y: Any, seed: int = 1) -> Any:
    """The sum of a result's elements with fixed weights in its dtype: a scalar that tells every element apart."""
    shape = np.shape(y)
    if not shape:
        return y * float(numbers((), seed, 0.5, 2.0))
    return autograd.sum(y * numbers(shape, seed, 0.5, 2.0).astype(y.dtype))


def everything(f: Callable[..., Any], places: Sequence[int], order: int = 2) -> Callable[..., Any]:
    """A function of the arguments of `f`: its result, and the gradients of its elements by some, to an order."""
    places = tuple(places)

    def loss(*xs: Any) -> Any:
        return weighed(f(*xs))

    def slopes(*xs: Any) -> Any:
        parts = [weighed(g, 2) for g in grad(loss, places)(*xs)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def function(*xs: Any) -> Any:
        results = [f(*xs)]
        if places and order > 0:
            results.append(grad(loss, places)(*xs))
        if places and order > 1:
            results.append(grad(slopes, places)(*xs))
        return tuple(results)

    return function


def other_values(args: Sequence[Any]) -> tuple[Any, ...]:
    """Arguments of the shapes of these whose floats come the other way round."""
    return tuple(
        a.ravel()[::-1].reshape(a.shape).copy() if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
        for a in args
    )


def assert_same(actual: Any, expected: Any, *, exact: bool, terms: int = 1, factor: float = 4.0) -> None:
    """Results of the same kinds, shapes and dtypes; bit for bit, or within so many ulp·√n of the largest element.

    A number of NumPy's is like one of Python's, and like an array of no axes.
    """
    for a, e in zip(leaves(actual), leaves(expected), strict=True):
        assert isinstance(a, (bool, float, np.generic)) or not isinstance(e, (bool, float))
        assert np.shape(a) == np.shape(e)
        a, e = np.asarray(a), np.asarray(e)
        assert a.dtype == e.dtype
        if exact or e.dtype.kind != "f":
            np.testing.assert_array_equal(a, e)
            continue
        finite = np.isfinite(e)
        np.testing.assert_array_equal(a[~finite], e[~finite])
        scale = np.abs(e[finite]).max(initial=0.0)
        rounding = factor * np.finfo(e.dtype).eps * np.sqrt(terms) * scale
        assert (np.abs(a[finite] - e[finite]) <= rounding).all(), np.abs(a[finite] - e[finite]).max() / rounding


def kept(results: Any) -> list[Any]:
    """Copies of results, to see whether a later call changes them."""
    return [np.array(x) for x in leaves(results)]


def assert_compiled_is_eager(
    f: Callable[..., Any], calls: Sequence[Sequence[Any]], *, exact: bool, terms: int = 1, factor: float = 4.0
) -> Any:
    """Each of the calls gives what eager gives, twice over, and no later call changes what an earlier one gave."""
    fast = autograd.compile(f)
    given = []
    for args in [*calls, *calls]:
        before = [a.copy() if isinstance(a, np.ndarray) else a for a in leaves(tuple(args))]
        results = fast(*args)
        given.append((results, kept(results)))
        assert_same(results, f(*args), exact=exact, terms=terms, factor=factor)
        for a, b in zip(leaves(tuple(args)), before, strict=True):
            np.testing.assert_array_equal(a, b)
    for results, copies in given:
        for a, b in zip(leaves(results), copies, strict=True):
            np.testing.assert_array_equal(a, b)
    return fast
