"""HIPS autograd's checks of gradients, on the differences of :mod:`autograd.testing`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import numpy

from autograd.surface import publish
from autograd.testing import numerical_gradient
from autograd.transforms import jvp, vjp
from autograd.transforms.containers import matched
from autograd.transforms.tracing import check_function
from autograd.typing import Function, Tree, X
from autograd.vspace import vspace

__all__ = ["check_equivalent", "check_grads", "check_jvp", "check_vjp", "combo_check", "scalar_close"]

publish(globals())

TOL = RTOL = 1e-6
_PRODUCTS = {"fwd": "JVP", "rev": "VJP"}


def check_grads(
    f: Function, argnum: int | Sequence[int] = 0, modes: Sequence[str] = ("fwd", "rev"), order: int = 2
) -> Function:
    """Make a check of a function's derivatives, to be called with its arguments: silent if all are right.

    It takes a random direction, as HIPS autograd does, so it is fast, and says no more than yes or no. To learn which
    element and which op are wrong, and of kinks and poles, take :func:`autograd.testing.check_gradients`.

    Parameters
    ----------
    f : callable
        The function.
    argnum : int or sequence of int
        The positional arguments to differentiate by.
    modes : sequence of {"fwd", "rev"}
        Whether to push tangents forward, to pull cotangents back, or both.
    order : int
        The highest order of derivative to check.

    Raises
    ------
    AssertionError
        When called: if a derivative is wrong.
    TypeError
        If `argnum` is not as said; when called: if arguments or results are no floats and no arrays.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> check_grads(lambda x: np.sum(np.sin(x) * x))(np.array([1.0, 2.0]))
    """
    if not all(mode in _PRODUCTS for mode in modes):
        raise ValueError(f"check_grads: modes are 'fwd' and 'rev', one or both, not {modes!r}")
    argnums = check_function("check_grads", f, argnum)
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    def check(*args: Tree, **kwargs: Any) -> None:
        __tracebackhide__ = True

        def function(*xs: Tree) -> Tree:
            filled = list(args)
            for i, x in zip(positions, xs, strict=True):
                filled[i] = x
            return f(*filled, **kwargs)

        name = getattr(f, "__name__", "a function")
        _check(function, tuple(args[i] for i in positions), modes, order, name, numpy.random.default_rng(0))

    return check


def _check(f: Function, x: tuple[Tree, ...], modes: Sequence[str], order: int, name: str, rng: X) -> None:
    """Check the derivative of a random projection in a random direction; then that derivative's own.

    A derivative is a function of the point and of the direction or the cotangent, and is checked by both.
    """
    __tracebackhide__ = True
    n = len(x)
    space, results = vspace(x), vspace(f(*x))
    v, u = space.randn(rng), results.randn(rng)
    along = lambda t: results.inner_prod(u, f(*space.add(x, space.scalar_mul(v, t))))
    expected = numerical_gradient(along, 0.0).gradient
    for mode in modes:
        derivative: Function
        if mode == "fwd":
            derivative, rest = lambda *xs: jvp(f, xs[:n], xs[n:])[1], v
            actual = results.inner_prod(u, derivative(*x, *v))
        else:
            derivative, rest = lambda *xs: vjp(f, *xs[:n])[1](xs[n]), (u,)
            actual = space.inner_prod(v, derivative(*x, u))
        if not scalar_close(actual, expected):
            raise AssertionError(
                f"Derivative ({_PRODUCTS[mode]}) check of {name} failed: along a random direction it is {actual}, by "
                f"differences {expected}; autograd.testing.check_gradients says which element and which op are wrong"
            )
        if order > 1:
            _check(derivative, (*x, *rest), modes, order - 1, f"{_PRODUCTS[mode].lower()}_{name}", rng)


def check_jvp(f: Function, x: Tree) -> None:
    """Check that the tangents of a function of one argument are right."""
    check_grads(f, modes=["fwd"], order=1)(x)


def check_vjp(f: Function, x: Tree) -> None:
    """Check that the cotangents of a function of one argument are right."""
    check_grads(f, modes=["rev"], order=1)(x)


def combo_check(fun: Function, *args: X, **kwargs: X) -> Function:
    """Make a check of a function's derivatives for each combination of arguments: each is given by its choices.

    What follows `fun` is passed on to :func:`check_grads`.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> A = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> combo_check(np.sum, modes=["rev"])([A, 2 * A], axis=[None, 0, 1])
    """
    check = check_grads(fun, *args, **kwargs)

    def checks(*choices: Iterable[X], **named: Iterable[X]) -> None:
        for chosen in product(*choices, *named.values()):
            check(*chosen[: len(choices)], **dict(zip(named, chosen[len(choices) :], strict=True)))

    return checks


def check_equivalent(x: Tree, y: Tree) -> None:
    """Raise AssertionError unless two containers have one structure, and arrays in one shape and of equal numbers."""
    for path, a, b in matched(x, y):
        if numpy.shape(a) != numpy.shape(b):
            raise AssertionError(f"shapes differ at x{path}: {numpy.shape(a)} and {numpy.shape(b)}")
        if not numpy.allclose(a, b, rtol=RTOL, atol=TOL):
            raise AssertionError(f"values differ at x{path}: {a} and {b}")


def scalar_close(a: float, b: float) -> bool:
    """Whether two numbers are equal up to rounding, to 1e-6 of them or absolutely."""
    return bool(abs(a - b) < TOL or abs(a - b) / abs(a + b) < RTOL)
