"""``xp`` for gradients that know which of their elements a selection dropped: those are 0, whatever they meet.

A formula of the op table is run as it is: `g` is a :class:`Mark`, and ``xp`` is another namespace that takes marks too.
That may be the registry, so that marks are recorded and a gradient graph that is replayed selects anew.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.typing import XP, Function, X

__all__ = ["SELECTING", "UNBOUNDED", "Mark", "Marks", "raw"]

# Functions that leave zeros where they drop elements.
SELECTING = frozenset({
    "getitem", "half_tril", "max_unpool", "pad_array", "put_back", "scatter_like", "tril", "triu", "where",
})  # fmt: skip
# Functions and operators that may give inf or nan for finite numbers; of products, only what overflows early.
UNBOUNDED = frozenset({
    "/", "**", "arccos", "arccosh", "arcsin", "arctanh", "betaln", "cosh", "digamma", "erfcinv", "erfcx", "erfinv",
    "exp", "exp2", "expm1", "floor_divide", "fmod", "gamma", "gammaln", "inverse_gaps", "iv", "kv", "log", "log10",
    "log1p", "log2", "mod", "polygamma", "sinh", "sqrt", "tan", "yv",
})  # fmt: skip
# Functions that move, spread or add up elements: of ones and zeros they tell which elements of the result are alive.
_MOVING = SELECTING - {"where"} | {
    "avg_pool", "broadcast_like", "broadcast_to", "concatenate", "cumsum", "diag", "diagonal", "expand_dims", "flip",
    "moveaxis", "pick", "repeat", "reshape", "reshape_like", "roll", "rot90", "spread_pool", "squeeze", "sum",
    "sum_like", "swapaxes", "tile", "transpose",
}  # fmt: skip
# Functions that add up products of the gradient with others: they tell too, or another does, if those others are 1.
_ADDING_PRODUCTS = {
    "conv": "conv", "conv_transpose": "conv_transpose", "conv_weight": "conv_weight", "einsum": "einsum",
    "full_convolution": "full_convolution", "matmul": "matmul", "recurrence": "recurrence", "solve": "matmul",
    "valid_correlation": "valid_correlation",
}  # fmt: skip
_OPERATORS: dict[str, Function] = {
    "add": operator.add, "divide": operator.truediv, "multiply": operator.mul, "negative": operator.neg,
    "subtract": operator.sub,
}  # fmt: skip


class Mark:
    """A gradient and which of its elements are alive (None: all); the others are 0."""

    __slots__ = ("alive", "value", "xp")
    __array_ufunc__ = None  # array * mark is for __rmul__

    def __init__(self, value: X, alive: X, xp: XP) -> None:
        self.value = value
        self.alive = alive
        self.xp = xp

    def with_value(self, value: X) -> Mark:
        """Another value with these elements alive; its others are dropped."""
        return Mark(value if self.alive is None else self.xp.where(self.alive, value, 0.0), self.alive, self.xp)

    def mixed(self, value: X) -> Mark:
        """What a function made of it whose elements may depend on any of its own: dropped if all of it is."""
        if self.alive is None:
            return Mark(value, None, self.xp)
        return Mark(None, self.xp.not_equal(self.xp.sum(self.ones()), 0.0), self.xp).with_value(value)

    def ones(self) -> X:
        """1 for what is alive, 0 for what is not, in the shape of the gradient."""
        alive = True if self.alive is None else self.alive
        return self.xp.where(alive, self.xp.broadcast_like(1.0, self.value), 0.0)

    def summed_like(self, like: X) -> X:
        """Which elements are alive of its sum down to the shape of an operand."""
        if self.alive is None or np.shape(self.alive) == np.shape(like):
            return self.alive
        return self.xp.not_equal(self.xp.sum_like(self.ones(), like), 0.0)

    def _sum(self, value: X, other: X) -> Mark:
        """A sum with another gradient: alive is what is alive in either."""
        value = np.asarray(value) if isinstance(value, np.generic) else value
        if not isinstance(other, Mark) or self.alive is None or other.alive is None:
            return Mark(value, None, self.xp)
        return Mark(value, self.xp.logical_or(self.alive, other.alive), self.xp)

    def __neg__(self) -> Mark:
        return Mark(-self.value, self.alive, self.xp)

    def __mul__(self, other: X) -> Mark:
        return self.with_value(self.value * raw(other))

    def __rmul__(self, other: X) -> Mark:
        return self.with_value(raw(other) * self.value)

    def __truediv__(self, other: X) -> Mark:
        return self.with_value(self.value / raw(other))

    def __add__(self, other: X) -> Mark:
        return self._sum(self.value + raw(other), other)

    def __radd__(self, other: X) -> Mark:
        return self._sum(raw(other) + self.value, other)

    def __sub__(self, other: X) -> Mark:
        return self._sum(self.value - raw(other), other)

    def __rsub__(self, other: X) -> Mark:
        return self._sum(raw(other) - self.value, other)

    def __matmul__(self, other: X) -> Mark:
        result: Mark = Marks(self.xp).matmul(self, other)
        return result

    def __rmatmul__(self, other: X) -> Mark:
        result: Mark = Marks(self.xp).matmul(other, self)
        return result

    def __getitem__(self, key: X) -> Mark:
        return Mark(self.value[key], self.xp.not_equal(self.ones()[key], 0.0), self.xp)

    def __getattr__(self, name: str) -> X:  # ndim, shape, dtype, size
        return getattr(self.value, name)


def raw(x: X) -> X:
    """What is marked, without the marks."""
    return x.value if isinstance(x, Mark) else [raw(a) for a in x] if type(x) is list else x


class Marks:
    """A namespace that takes marks too, made of another one."""

    def __init__(self, xp: XP) -> None:
        self._xp = xp

    def where(self, condition: X, a: X, b: X) -> X:
        """A selection: the number 0 stands for what was dropped."""
        value = self._xp.where(condition, raw(a), raw(b))
        if not isinstance(a, Mark) and not isinstance(b, Mark):
            return value
        of_a, of_b = _alive(a), _alive(b)
        if of_a is True and of_b is False:
            return Mark(value, condition, self._xp)
        if of_a is not of_b:
            return Mark(value, self._xp.where(condition, of_a, of_b), self._xp)
        return Mark(value, None if of_a is True else of_a, self._xp)

    def __getattr__(self, name: str) -> Function:
        if name in _OPERATORS:
            return _OPERATORS[name]
        f = getattr(self._xp, name)

        def function(*args: X, **params: X) -> X:
            value = f(*map(raw, args), **params)
            marks = [*_marks(args)]
            if not marks or (name not in SELECTING and all(m.alive is None for m in marks)):
                return Mark(value, None, self._xp) if marks else value
            if name in _MOVING:
                count = f(*map(_ones, args), **params)
            elif name in _ADDING_PRODUCTS:
                f_of_ones = getattr(self._xp, _ADDING_PRODUCTS[name])
                count = f_of_ones(*(_ones(a, marks[0]) for a in args), **params)
            else:
                return marks[0].mixed(value) if len(marks) == 1 else Mark(value, None, self._xp)
            return Mark(None, self._xp.not_equal(count, 0.0), self._xp).with_value(value)

        return function


def _marks(args: X) -> Iterator[Mark]:
    for a in args:
        if isinstance(a, Mark):
            yield a
        elif type(a) is list:
            yield from _marks(a)


def _alive(x: X) -> X:
    """Whether a branch of a selection is alive: all of it, none, or by element."""
    if isinstance(x, Mark):
        return True if x.alive is None else x.alive
    return not (isinstance(x, int | float) and x == 0)


def _ones(x: X, factor_beside: Mark | None = None) -> X:
    """An argument as 1 for what is alive and 0 for what is not; as 1 throughout if it is a factor beside a mark."""
    if type(x) is list:
        return [_ones(a, factor_beside) for a in x]
    if isinstance(x, Mark):
        return x.ones()
    return factor_beside.xp.broadcast_like(1.0, x) if factor_beside and hasattr(x, "shape") else x
