"""Choosing: maximum, minimum, where, clip; comparisons and other ops without a gradient; indexing."""

import operator
from typing import Any

import numpy as np

from autograd.engine.node import Node, apply, describe, has_node, registry
from autograd.engine.op import primitive
from autograd.engine.pull import scattered
from autograd.ops.arithmetic import XP, X

__all__ = [
    "bitwise_and", "bitwise_or", "clip", "equal", "greater", "greater_equal", "invert", "isfinite", "less",
    "less_equal", "logical_and", "logical_not", "logical_or", "maximum", "minimum", "not_equal", "sign", "where",
]  # fmt: skip


@primitive("max", elementwise=True)
def maximum(xp: XP, a: X, b: X) -> X:
    """The larger of `a` and `b`, elementwise; nan where one is nan."""
    return xp.maximum(a, b)


maximum.defvjps(
    a=lambda xp, g, y, a, b: xp.where(a < b, 0.0, xp.where(a == b, g / 2, g)),  # with a nan, both receive g
    b=lambda xp, g, y, a, b: xp.where(b < a, 0.0, xp.where(a == b, g / 2, g)),
)
for _arg in ("a", "b"):
    maximum.convention(_arg, lambda xp, a, b: a == b, None, "½: a tie shares the gradient equally", {(3.0, 3.0): 0.5})


@primitive("min", elementwise=True)
def minimum(xp: XP, a: X, b: X) -> X:
    """The smaller of `a` and `b`, elementwise; nan where one is nan."""
    return xp.minimum(a, b)


minimum.defvjps(
    a=lambda xp, g, y, a, b: xp.where(a > b, 0.0, xp.where(a == b, g / 2, g)),
    b=lambda xp, g, y, a, b: xp.where(b > a, 0.0, xp.where(a == b, g / 2, g)),
)
for _arg in ("a", "b"):
    minimum.convention(_arg, lambda xp, a, b: a == b, None, "½: a tie shares the gradient equally", {(3.0, 3.0): 0.5})


@primitive("where", elementwise=True)
def where(xp: XP, condition: X, a: X, b: X) -> X:
    """`a` where the condition holds, else `b`, elementwise."""
    return xp.where(condition, a, b)


where.defvjps(
    condition=None,
    a=lambda xp, g, y, condition, a, b: xp.where(condition, g, 0.0),
    b=lambda xp, g, y, condition, a, b: xp.where(condition, 0.0, g),
)


def clip(x: X, a_min: X = None, a_max: X = None) -> X:
    """`x` limited to [`a_min`, `a_max`]; None is no limit. At a limit the gradient is shared, as by `maximum`."""
    if a_min is not None:
        x = maximum(x, a_min)
    return x if a_max is None else minimum(x, a_max)


@primitive("=", elementwise=True, differentiable=False)
def equal(xp: XP, a: X, b: X) -> X:
    """Whether `a` is equal to `b`, elementwise."""
    return xp.equal(a, b)


@primitive("≠", elementwise=True, differentiable=False)
def not_equal(xp: XP, a: X, b: X) -> X:
    """Whether `a` is different from `b`, elementwise."""
    return xp.not_equal(a, b)


@primitive("<", elementwise=True, differentiable=False)
def less(xp: XP, a: X, b: X) -> X:
    """Whether `a` is less than `b`, elementwise."""
    return xp.less(a, b)


@primitive("≤", elementwise=True, differentiable=False)
def less_equal(xp: XP, a: X, b: X) -> X:
    """Whether `a` is at most `b`, elementwise."""
    return xp.less_equal(a, b)


@primitive(">", elementwise=True, differentiable=False)
def greater(xp: XP, a: X, b: X) -> X:
    """Whether `a` is greater than `b`, elementwise."""
    return xp.greater(a, b)


@primitive("≥", elementwise=True, differentiable=False)
def greater_equal(xp: XP, a: X, b: X) -> X:
    """Whether `a` is at least `b`, elementwise."""
    return xp.greater_equal(a, b)


@primitive("∧", elementwise=True, differentiable=False)
def logical_and(xp: XP, a: X, b: X) -> X:
    """Whether `a` and `b` both hold, elementwise."""
    return xp.logical_and(a, b)


@primitive("∨", elementwise=True, differentiable=False)
def logical_or(xp: XP, a: X, b: X) -> X:
    """Whether `a` or `b` holds, elementwise."""
    return xp.logical_or(a, b)


@primitive("¬", elementwise=True, differentiable=False)
def logical_not(xp: XP, a: X) -> X:
    """Whether `a` does not hold, elementwise."""
    return xp.logical_not(a)


def _conditions(sign: str, *nodes: X) -> None:
    for x in nodes:
        data = x._data if isinstance(x, Node) else x
        if not isinstance(data, bool) and np.asarray(data).dtype.kind != "b":
            met = describe(x) if isinstance(x, Node) else repr(x)
            raise TypeError(
                f"{sign} is for conditions, and {met} is none; compare in brackets, (x > 0) & (x < 1), because {sign} "
                "binds tighter than >; for the truth of numbers take logical_and, logical_or or logical_not"
            )


def bitwise_and(a: X, b: X) -> X:
    """``a & b`` of conditions: whether both hold."""
    _conditions("&", a, b)
    return logical_and(a, b)


def bitwise_or(a: X, b: X) -> X:
    """``a | b`` of conditions: whether one of them holds."""
    _conditions("|", a, b)
    return logical_or(a, b)


def invert(x: X) -> X:
    """``~x`` of a condition: whether it does not hold."""
    _conditions("~", x)
    return logical_not(x)


bitwise_and.differentiable = bitwise_or.differentiable = invert.differentiable = False  # type: ignore[attr-defined]


@primitive("finite?", elementwise=True, differentiable=False)
def isfinite(xp: XP, x: X) -> X:
    """Whether `x` is neither inf nor nan, elementwise."""
    return xp.isfinite(x)


@primitive("sign", elementwise=True, differentiable=False)
def sign(xp: XP, x: X) -> X:
    """−1, 0 or 1 by the sign of `x`; constant wherever it is differentiable."""
    return xp.sign(x)


@primitive("[·]")
def getitem(xp: XP, x: X, *indices: X, key: tuple[Any, ...]) -> X:
    """``x[key]``, with index arrays and conditions as arguments; written ``x[...]`` by users."""
    return xp.getitem(x, *indices, key=key)


getitem.defvjps(x=scattered, indices=None)


@primitive("scatter")
def scatter_like(xp: XP, x: X, like: X, *indices: X, key: tuple[Any, ...]) -> X:
    """Zeros in the shape of `like` with `x` added at an index: the derivative of indexing."""
    return xp.scatter_like(x, like, *indices, key=key)


scatter_like.defvjps(
    x=lambda xp, g, y, x, like, *indices, key: xp.getitem(g, *indices, key=key), like=None, indices=None
)


def index(x: Node, key: Any) -> Any:
    """``x[key]`` for every kind of NumPy index: arrays, sequences, conditions and nodes in it become parents."""
    static: list[Any] = []
    indices: list[Any] = []
    for k in key if isinstance(key, tuple) else (key,):
        if isinstance(k, slice):
            static.append(("slice", *(None if s is None else _integer(s) for s in (k.start, k.stop, k.step))))
        elif k is None or k is ...:
            static.append(k and "...")
        elif isinstance(k, (bool, np.bool, np.ndarray, Node)) or (place := _integer(k, None)) is None:
            indices.append(_places(k))
            static.append("array")
        else:
            static.append(place)
    return apply(getitem, (x, *indices), {"key": tuple(static)})


def _integer(k: Any, *default: None) -> Any:
    try:
        return operator.index(k)
    except TypeError:
        if default:
            return None
        raise _no_index(k) from None


def _places(k: Any) -> Any:
    """An index array or a condition, of whatever NumPy takes for one: sequences, pandas' Series and Index, ..."""
    if isinstance(k, Node):
        if np.asarray(k._data).dtype.kind not in "iub":
            raise _no_index(k)
        return k
    if isinstance(k, (list, tuple)) and has_node(k):
        return _places(registry.array(k))
    try:
        places = k if isinstance(k, np.ndarray) else np.asarray(k)
    except (TypeError, ValueError):  # rows that differ in length
        raise _no_index(k) from None
    if not places.size and not isinstance(k, np.ndarray):
        places = places.astype(int)
    if places.dtype.kind not in "iub":
        raise _no_index(k)
    return places


def _no_index(k: Any) -> IndexError:
    hint = "; int(k.item()) is the number of a node, which then stays the same in replay" if isinstance(k, Node) else ""
    return IndexError(f"cannot index with {k!r}: use integers, slices, ..., None, integer arrays or conditions{hint}")
