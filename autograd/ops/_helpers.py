"""Helpers of several families: ops of one line, poles, axes and indices, the arguments of functions."""

from collections.abc import Sequence
from functools import reduce
from inspect import Parameter, Signature, currentframe
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.node import NO_PARAMS, Node
from autograd.engine.op import Op
from autograd.engine.primitive import primitive
from autograd.typing import XP, Axis, F, Params, X

__all__ = [
    "INF", "NAN", "XP", "Axis", "F", "X", "along_each_axis", "as_integer", "axis_key", "axis_slice", "binary",
    "constant_result", "named", "nonempty_list", "normalise_axis", "piece", "pole", "stated", "transposed",
    "unary", "unreduced", "with_inferred_length",
]  # fmt: skip
INF, NAN = float("inf"), float("nan")


def unary(name: str, text: str, symbol: str = "", **record: X) -> Op[[X]]:
    """An elementwise op of one argument whose formula is the namespace's function of that name."""
    return _entered(lambda xp, x: getattr(xp, name)(x), name, text, symbol, elementwise=True, **record)


def binary(name: str, text: str, symbol: str = "", **record: X) -> Op[[X, X]]:
    """An elementwise op of two arguments whose formula is the namespace's function of that name."""
    return _entered(lambda xp, a, b: getattr(xp, name)(a, b), name, text, symbol, elementwise=True, **record)


def named(
    own: str, text: str, symbol: str = "", args: str = "x", static: Params = NO_PARAMS, *, keywords: bool = False,
    **record: X,
) -> Op[...]:  # fmt: skip
    """An op whose formula is the namespace's function of that name, with static arguments and their defaults.

    ``...`` stands for no default. Static arguments are passed on by position or, if `keywords` says so, by name.
    """

    def forward(xp: XP, *args: X, **params: X) -> X:
        function = getattr(xp, own)
        return function(*args, **params) if keywords else function(*args, *(params[k] for k in static))

    # An op with static arguments takes the others by position only.
    kind = Parameter.POSITIONAL_ONLY if static else Parameter.POSITIONAL_OR_KEYWORD
    defaults = {k: Parameter.empty if v is ... else v for k, v in static.items()}
    forward.__signature__ = Signature([  # type: ignore[attr-defined]
        *(Parameter(k, kind) for k in ("xp", *args.split())),
        *(Parameter(k, Parameter.POSITIONAL_OR_KEYWORD, default=v) for k, v in defaults.items()),
    ])  # fmt: skip
    return _entered(forward, own, text, symbol, **record)


def _entered(forward: X, own: str, text: str, symbol: str, **record: X) -> Op[...]:
    """An op of a nameless formula, in the module that called the caller of this function."""
    caller: Any = currentframe()
    forward.__name__ = forward.__qualname__ = own
    forward.__module__, forward.__doc__ = caller.f_back.f_back.f_globals["__name__"], text
    return primitive(symbol, **record)(forward)


def pole(f: Op[...], *places: float, slope: float = INF) -> None:
    """State that the derivative of a function of `x` is infinite at these places, as its formula gives it."""
    at = " and ".join(f"x = {c:g}" for c in places).replace("-", "−")
    sign = "−" if slope < 0 else ""
    where = lambda xp, x: reduce(xp.logical_or, [x == c for c in places])
    f.convention("x", where, None, f"{sign}∞ at {at}: a pole", {(c,): slope for c in map(float, places)})


# No function of the table, but what conventions are made with; so it is its own derivative's business only.
@primitive("where", elementwise=True)
def stated(xp: XP, condition: X, a: X, b: X) -> X:
    """`a` where the condition holds, else `b`, differentiated as `b` is: a derivative with what is stated of it."""
    return xp.stated(condition, a, b)


stated.defvjps(
    condition=None,
    a=lambda xp, g, y, condition, a, b: xp.where(condition, g, 0.0),
    b=lambda xp, g, y, condition, a, b: g,
)


def unreduced(xp: XP, g: X, axis: Axis, keepdims: bool) -> X:
    """The result of a reduction, with the axes that it lost as ones: it broadcasts against the argument."""
    return g if keepdims or axis is None or getattr(g, "ndim", 0) == 0 else xp.expand_dims(g, axis)


def transposed(xp: XP, x: X) -> X:
    """A matrix, or each of a stack, with rows and columns exchanged."""
    return xp.swapaxes(x, -1, -2)


def axis_key(axis: int, place: X) -> tuple[X, ...]:
    """The static key of an index with `place` at an axis, counted from either end, and whole axes elsewhere."""
    whole = ("slice", None, None, None)
    return (*(whole,) * axis, place) if axis >= 0 else ("...", place, *(whole,) * (-axis - 1))


def piece(xp: XP, axis: int, y: X, start: X, stop: X) -> X:
    """A slice of an axis, and the others whole."""
    return xp.getitem(y, key=axis_key(axis, ("slice", start, stop, None)))


def axis_slice(axis: int, *bounds: int | None) -> tuple[slice, ...]:
    """An index that takes a slice of an axis, and the others whole."""
    return (slice(None),) * axis + (slice(*bounds),)


def constant_result(f: F) -> F:
    """Mark a function whose result has no gradient."""
    f.differentiable = False  # type: ignore[attr-defined]
    return f


def nonempty_list(name: str, arrays: X, rank: int = 1) -> Sequence[X]:
    """The arrays as a list, also those in a node of so many axes; an error names the function if there are none."""
    listed = arrays.ndim >= rank if isinstance(arrays, Node) else isinstance(arrays, (list, tuple, np.ndarray))
    if not listed or len(arrays) == 0:
        raise TypeError(f"{name}: pass a list of at least one array, as in {name}([x, y])")
    return list(arrays)


def with_inferred_length(lengths: tuple[X, ...], k: int) -> tuple[X, ...]:
    """The lengths with -1 at `k`, where the others decide it: in a replay a condition may select more elements."""
    others = lengths[:k] + lengths[k + 1 :]
    known = k < len(lengths) and not any(isinstance(n, int) and n == 0 for n in others)
    return (*lengths[:k], -1, *lengths[k + 1 :]) if known else lengths


def normalise_axis(name: str, axis: X, rank: int) -> int:
    """An axis as its position from the front."""
    axes: tuple[int, ...] = normalize_axis_tuple(as_integer(name, "axis", axis), rank, name)
    return axes[0]


def as_integer(name: str, argument: str, x: X) -> int:
    """An argument as an int; a node is refused."""
    try:
        return index(x)
    except TypeError:
        raise TypeError(f"{name}: {argument} must be an integer, not {type(x).__name__}") from None


def along_each_axis(**params: X) -> tuple[X, ...]:
    """Samples of an op along an axis of several elements: of a single one, its differences are all rounding."""
    return tuple((shape, {**params, "axis": axis}) for shape, axis in (((2, 3), 0), ((2, 3), -1), ((3,), -1)))
