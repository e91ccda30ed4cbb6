"""Numerical derivatives: differences of a function's values, with automatic steps and an estimate of their error.

A step that is too long measures the curve's bend (truncation), one that is too short the last digits of its values
(rounding): over the step, the error is a U. Each method picks steps near the bottom, and estimates its error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.coercion import array
from autograd.engine.libraries import fetched, library_of
from autograd.engine.node import Node
from autograd.testing.slopes import RULES, AlongLine, ShapeError, shifted, slope
from autograd.transforms.containers import leaves, rebuilt
from autograd.typing import Array, Data, Function

__all__ = ["NumericalGradient", "numerical_gradient"]


class NumericalGradient(NamedTuple):
    """A gradient that was measured, by :func:`numerical_gradient`, with an estimate of its error.

    Attributes
    ----------
    gradient : float, array or container
        The gradient, built as the point is.
    error : float, array or container
        An estimate of the error of each element, built as the point is.
    calls : int
        The number of calls of the function.

    Examples
    --------
    >>> from autograd.testing import numerical_gradient
    >>> measured = numerical_gradient(lambda x: x**2, 3.0)
    >>> round(measured.gradient, 6), measured.error < 1e-8, measured.calls
    (6.0, True, 5)
    """

    gradient: Any
    error: Any
    calls: int


def numerical_gradient(f: Function, x: Data, method: str = "central", step: float | None = None) -> NumericalGradient:
    """Measure the gradient of a scalar function by differences of its values.

    Parameters
    ----------
    f : callable
        Takes what `x` is (numbers, arrays or nodes, in any containers) and returns a number, a 0-d array or a scalar
        node. It gets float64 in place of float32, because differences of 7 digits are worth little.
    x : number, array, node or container
        The point.
    method : {"central", "forward", "richardson", "complex"}
        The error at the best step, for a function with values of about 1: forward 1e-8, central 1e-11, Richardson (a
        table of central differences, extrapolated to step 0) 1e-13. "complex" takes the imaginary part at x + ih,
        which cancels nothing, so 1e-16; it is for analytic functions of plain NumPy only: the nodes of this package
        refuse complex numbers, and what is not analytic (abs, a real part) is refused too.
    step : float, optional
        The step, in place of the automatic ones.

    Returns
    -------
    NumericalGradient
        ``gradient`` and ``error``, floats and float64 arrays built as `x` is, and the number of ``calls`` of `f`:
        with P elements, 2P + 1 for "forward" and 4P + 1 for "central" (half of them for the error's estimate), 16P + 1
        for "richardson", P + 20 for "complex"; more where the first steps did not settle.

    Raises
    ------
    TypeError
        If `x` holds no floats, `f` returns no number, or "complex" meets a function that it does not work for.
    ValueError
        If `f` returns an array of more than one element or is random, there is no such method, or the step is not
        above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.testing import numerical_gradient
    >>> result = numerical_gradient(lambda x: np.sin(x[0]) * x[1], np.array([0.5, 3.0]))
    >>> result.gradient.round(6), result.calls
    (array([2.632748, 0.479426]), 9)
    >>> numerical_gradient(lambda x: np.exp(x), 1.0, method="complex").gradient - np.e
    0.0
    """
    if method not in (*RULES, "complex"):
        raise ValueError(f"numerical_gradient: no method {method!r}; there are {', '.join([*RULES, 'complex'])}")
    if not callable(f):
        raise TypeError(f"numerical_gradient: pass a function, not {type(f).__name__}")
    if step is not None and not (isinstance(step, (int, float, np.number)) and 0 < step < np.inf):
        raise ValueError(f"numerical_gradient: step is a number above 0, or None for automatic steps, not {step!r}")
    x_leaves = leaves(x)
    data = [_floats(leaf) for leaf in x_leaves]

    def at(xs: list[Data]) -> Array:
        pairs = zip(x_leaves, xs, strict=True)
        new: list[Data] = [_like(leaf, a) for leaf, a in pairs]
        return _number(f(rebuilt(x, iter(new))))

    def along(k: int, index: tuple[int, ...]) -> AlongLine:
        return AlongLine(lambda t: at(shifted(data, k, index, t)), y)

    total = AlongLine(lambda t: at(data))
    y = total(0.0)
    if y.dtype.kind == "c" and method != "complex":
        raise TypeError("numerical_gradient: the function returned a complex number; return its real part")
    gradients: list[Data] = []
    errors: list[Data] = []
    calls = 1
    if method == "complex":
        calls += _analytic(at, data)
    for k, a in enumerate(data):
        g, e = np.zeros(np.shape(a)), np.zeros(np.shape(a))
        for index in np.ndindex(g.shape):
            line = along(k, index)
            if method == "complex":
                h = step or 1e-100
                g[index] = line(1j * h).imag / h
                e[index] = 4 * np.finfo(float).eps * np.abs(g[index])
            else:
                s = slope(line, float(np.abs(a[index] if g.ndim else a)), method, step)
                g[index] = s.value if np.isfinite(s.error) else np.nan
                e[index] = np.maximum(s.error, s.kink / 2)
            calls += line.calls
        if (e > 1e-3 * np.maximum(np.abs(g), np.abs(y))).any():
            calls += 1
            _check_equal(at(data), y)
        gradients.append(g if g.ndim else g.item())
        errors.append(e if e.ndim else e.item())
    return NumericalGradient(rebuilt(x, iter(gradients)), rebuilt(x, iter(errors)), calls)


def _floats(leaf: Data) -> Data:
    data = fetched(leaf._data if isinstance(leaf, Node) else leaf)
    if isinstance(data, (float, np.floating)):
        return float(data)
    try:
        data = array(data)
    except (TypeError, ValueError) as error:
        raise type(error)(f"numerical_gradient: x: {error}") from None
    if data.dtype.kind != "f":
        raise TypeError(f"numerical_gradient: x holds {data.dtype}, not floats; write 1.0 for 1")
    return data.astype(float)


def _like(leaf: Data, data: Data) -> Data:
    kind: Any = type(leaf)
    like = leaf._data if isinstance(leaf, Node) else leaf
    if (library := library_of(like)) is not None:
        data = library.array(data, device=library.device(like))
    if isinstance(leaf, Node):
        return kind(data)
    return data.copy() if isinstance(data, np.ndarray) else data  # the function may write into its argument


def _number(y: Data) -> Array:
    y = fetched(y._data if isinstance(y, Node) else y)
    if not isinstance(y, (int, float, complex, np.ndarray, np.generic)):
        advice = "is a return missing?" if y is None else "return a number"
        raise TypeError(f"numerical_gradient: the function returned {type(y).__name__}; {advice}")
    y = np.asarray(y)
    if y.size != 1:
        raise ShapeError(f"numerical_gradient: the function returned shape {y.shape}; reduce it to a number")
    if y.dtype.kind not in "fiubc":
        raise TypeError(f"numerical_gradient: the function returned {y.dtype}; return a number")
    scalar: Array = y.reshape(()).astype(float) if y.dtype.kind in "iub" else y.reshape(())
    return scalar


def _analytic(at: Callable[[list[Data]], Array], data: list[Data]) -> int:
    """Raise unless a complex step gives a derivative; return the number of calls that this took."""
    rng = np.random.default_rng(0)
    directions = [rng.uniform(0.5, 1.0, np.shape(a)) for a in data]
    line = AlongLine(lambda t: at([a + t * d for a, d in zip(data, directions, strict=True)]))
    _check_equal(at(data), line(0.0))
    try:
        step = line(1e-100j)
    except TypeError as error:
        raise TypeError(
            f"numerical_gradient: this function refuses complex numbers ({error}); a complex step needs a function of "
            "plain NumPy, method='richardson' works for any"
        ) from error
    real = AlongLine(lambda t: line(t).real, line(0.0).real)
    expected = slope(real, min((float(np.abs(a).min(initial=1.0)) for a in data), default=1.0))
    distance = np.abs(step.imag / 1e-100 - expected.value)
    if not np.isfinite(real(0.0)) or not np.isfinite(expected.error):
        raise TypeError(
            "numerical_gradient: the function has no finite value or no derivative here, so what a complex step gives "
            "would be none; move the point, or use method='richardson'"
        )
    if step.dtype.kind != "c" or distance > 10 * expected.error + 1e-6 * np.abs(expected.value):
        raise TypeError(
            "numerical_gradient: this function is not analytic (abs, a real part or a comparison drops the imaginary "
            "part), so a complex step does not see its derivative; use method='richardson'"
        )
    return line.calls + 1


def _check_equal(again: Array, y: Array) -> None:
    """Raise unless a second call gave the result of the first one."""
    if not np.array_equal(again, y, equal_nan=True):
        raise ValueError(
            "numerical_gradient: the function is random: two calls with the same arguments differ; make its "
            "Generator inside, from a fixed seed"
        )
