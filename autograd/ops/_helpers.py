"""What the formulas and functions of several families need: axes, indices, lists of arrays, conventions at poles."""

from collections.abc import Sequence
from functools import reduce
from inspect import currentframe
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.op import Op, primitive
from autograd.typing import XP, Axis, F, X

__all__ = [
    "INF", "NAN", "XP", "Axis", "F", "X", "along_each_axis", "as_integer", "axis_key", "axis_slice", "binary",
    "constant_result", "named", "nonempty_list", "normalise_axis", "pole", "unary", "unreduced",
    "with_inferred_length",
]  # fmt: skip
INF, NAN = float("inf"), float("nan")


def unary(name: str, text: str, symbol: str = "", **record: Any) -> Op[[X]]:
    """The elementwise op of one argument that is a namespace's own function of that name, with its documentation."""
    return named(lambda xp, x: getattr(xp, name)(x), name, text, symbol, elementwise=True, **record)


def binary(name: str, text: str, symbol: str = "", **record: Any) -> Op[[X, X]]:
    """The elementwise op of two arguments that is a namespace's own function of that name, with its documentation."""
    return named(lambda xp, a, b: getattr(xp, name)(a, b), name, text, symbol, elementwise=True, **record)


def named(forward: Any, name: str, text: str, symbol: str, /, **record: Any) -> Op[Any]:
    """An op of a formula without a name of its own, in the module that calls the function that calls this."""
    caller: Any = currentframe()
    forward.__name__ = forward.__qualname__ = name
    forward.__module__, forward.__doc__ = caller.f_back.f_back.f_globals["__name__"], text
    return primitive(symbol, **record)(forward)


def pole(f: Op[Any], *places: float, slope: float = INF) -> None:
    """State that the derivative of a function of one number `x` is infinite at some places, as its formula says."""
    at = " and ".join(f"x = {c:g}" for c in places).replace("-", "−")
    sign = "−" if slope < 0 else ""
    where = lambda xp, x: reduce(xp.logical_or, [x == c for c in places])
    f.convention("x", where, None, f"{sign}∞ at {at}: a pole", {(c,): slope for c in map(float, places)})


def unreduced(xp: XP, g: X, axis: Axis, keepdims: bool) -> X:
    """A reduction's result with its axes put back as ones, ready to meet the argument again; a number is so."""
    return g if keepdims or axis is None or getattr(g, "ndim", 0) == 0 else xp.expand_dims(g, axis)


def axis_key(axis: int, place: Any) -> tuple[Any, ...]:
    """The static part of an index that has `place` at an axis, counted from either end, and all of the others."""
    whole = ("slice", None, None, None)
    return (*(whole,) * axis, place) if axis >= 0 else ("...", place, *(whole,) * (-axis - 1))


def axis_slice(axis: int, *bounds: int | None) -> tuple[slice, ...]:
    """An index that takes a slice of an axis, and all of those before and behind."""
    return (slice(None),) * axis + (slice(*bounds),)


def constant_result(f: F) -> F:
    """Mark a function whose result is constant: no node, or one without a gradient."""
    f.differentiable = False  # type: ignore[attr-defined]
    return f


def nonempty_list(name: str, arrays: Any) -> Sequence[X]:
    """The arrays in a list, at least one; else an error that names the function."""
    if not isinstance(arrays, (list, tuple, np.ndarray)) or len(arrays) == 0:
        raise TypeError(f"{name}: pass a list of at least one array, as in {name}([x, y])")
    return list(arrays)


def with_inferred_length(lengths: tuple[Any, ...], k: int) -> tuple[Any, ...]:
    """Lengths with -1 for one that follows from the others, because a condition may later select more elements."""
    others = lengths[:k] + lengths[k + 1 :]
    known = k < len(lengths) and not any(isinstance(n, int) and n == 0 for n in others)
    return (*lengths[:k], -1, *lengths[k + 1 :]) if known else lengths


def normalise_axis(name: str, axis: Any, rank: int) -> int:
    """An axis counted from the first one."""
    axes: tuple[int, ...] = normalize_axis_tuple(as_integer(name, "axis", axis), rank, name)
    return axes[0]


def as_integer(name: str, argument: str, x: Any) -> int:
    """An integer argument of a function, as which a node does not serve."""
    try:
        return index(x)
    except TypeError:
        raise TypeError(f"{name}: {argument} must be an integer, not {type(x).__name__}") from None


def along_each_axis(**params: Any) -> tuple[Any, ...]:
    """Samples for an op along an axis, which of one element is constant, and its differences all rounding."""
    return tuple((shape, {**params, "axis": axis}) for shape, axis in (((2, 3), 0), ((2, 3), -1), ((3,), -1)))
