"""``xp`` for gradients that know which of their elements a selection dropped: those are 0, whatever they meet.

A formula of the op table is run as it is: `g` is a :class:`Mark`, and `xp` wraps another namespace (that of arrays, or
the registry, where marks are recorded too and a gradient graph selects anew when it is evaluated anew).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Mark", "Marks", "raw"]

# Where elements are moved, spread or added up, their marks are: the same function of ones and zeros tells.
_MOVING = {
    "broadcast_like", "broadcast_to", "concatenate", "cumsum", "diagonal", "diagonal_of", "expand_dims", "flip",
    "getitem", "half_tril", "moveaxis", "padded", "part", "put_back", "reshape", "reshape_like", "roll", "scatter_like",
    "squeeze", "sum", "sum_like", "swapaxes", "take_along_axis", "transpose", "tril", "triu",
}  # fmt: skip
_DROPPING = {"put_back", "scatter_like", "tril", "triu", "padded"}  # zeros where nothing was put


class Mark:
    """A gradient, and which of its elements are alive (None: all)."""

    __slots__ = ("alive", "value", "xp")
    __array_ufunc__ = None  # array * mark comes to the mark

    def __init__(self, value: Any, alive: Any, xp: Any) -> None:
        self.value = value
        self.alive = alive
        self.xp = xp

    def settled(self) -> Any:
        """The gradient, with 0 for what is dropped."""
        return self.value if self.alive is None else self.xp.where(self.alive, self.value, 0.0)

    def fitting(self, like: Any) -> Any:
        """Which elements of its sum down to the shape of an argument are alive."""
        if self.alive is None or _shape(self.alive) == _shape(like):
            return self.alive
        return self.xp.not_equal(self.xp.sum_like(_ones(self.xp, self), like), 0.0)

    def _scaled(self, value: Any) -> Mark:
        return Mark(value, self.alive, self.xp)

    def summed(self, value: Any, other: Any) -> Mark:
        """The sum with another gradient, which is `value`: alive is what either keeps alive."""
        value = np.asarray(value) if isinstance(value, np.generic) else value
        both = isinstance(other, Mark) and self.alive is not None and other.alive is not None
        return Mark(value, self.xp.logical_or(self.alive, other.alive) if both else None, self.xp)

    def __neg__(self) -> Mark:
        return self._scaled(-self.value)

    def __mul__(self, other: Any) -> Mark:
        return self._scaled(self.value * raw(other))

    def __rmul__(self, other: Any) -> Mark:
        return self._scaled(raw(other) * self.value)

    def __truediv__(self, other: Any) -> Mark:
        return self._scaled(self.value / raw(other))

    def __add__(self, other: Any) -> Mark:
        return self.summed(self.value + raw(other), other)

    def __radd__(self, other: Any) -> Mark:
        return self.summed(raw(other) + self.value, other)

    def __sub__(self, other: Any) -> Mark:
        return self.summed(self.value - raw(other), other)

    def __rsub__(self, other: Any) -> Mark:
        return self.summed(raw(other) - self.value, other)

    def __matmul__(self, other: Any) -> Mark:
        return Mark(self.value @ other, self.alive if self.alive is None else self._met(other, False), self.xp)

    def __rmatmul__(self, other: Any) -> Mark:
        return Mark(other @ self.value, self.alive if self.alive is None else self._met(other, True), self.xp)

    def _met(self, other: Any, left: bool) -> Any:
        """Which elements of a matrix product are alive: those with a summand that is."""
        mine, ones = _ones(self.xp, self), self.xp.broadcast_like(1.0, other)
        return self.xp.not_equal(ones @ mine if left else mine @ ones, 0.0)

    def __getattr__(self, name: str) -> Any:  # ndim, shape, dtype, size
        return getattr(self.value, name)


def _shape(x: Any) -> Any:
    return getattr(x, "shape", ())


def raw(x: Any) -> Any:
    """What is marked, without the marks."""
    return x.value if isinstance(x, Mark) else [raw(a) for a in x] if type(x) is list else x


class Marks:
    """Another namespace, which takes marks too."""

    def __init__(self, xp: Any) -> None:
        self._xp = xp

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        """A selection: the number 0 stands for what was dropped."""
        xp = self._xp
        value = xp.where(condition, raw(a), raw(b))
        if not isinstance(a, Mark) and not isinstance(b, Mark):
            return value
        here, there = _alive(a), _alive(b)
        if here is True and there is True:
            return Mark(value, None, xp)
        if here is True and there is False:
            return Mark(value, condition, xp)
        return Mark(value, xp.where(condition, here, there), xp)

    def stated(self, condition: Any, a: Any, b: Any) -> Any:
        """A convention is no selection: what it states is alive where the gradient is."""
        xp = self._xp
        lives = [m.alive for m in (a, b) if isinstance(m, Mark)] or [None]
        here, there = lives[0], lives[-1]
        if here is not there:
            here = xp.where(condition, True if here is None else here, True if there is None else there)
        return Mark(xp.stated(condition, raw(a), raw(b)), here, xp)

    def matmul(self, a: Any, b: Any) -> Any:
        """The matrix product, of which one operand is a gradient."""
        return a @ b if isinstance(a, Mark) or isinstance(b, Mark) else self._xp.matmul(a, b)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        xp, f = self._xp, getattr(self._xp, name)

        def function(*args: Any, **params: Any) -> Any:
            given = [m for a in args for m in (a if type(a) is list else [a]) if isinstance(m, Mark)]
            value = f(*map(raw, args), **params)
            if not given:
                return value
            if name not in _MOVING or (name not in _DROPPING and all(m.alive is None for m in given)):
                return Mark(value, None, xp)
            return Mark(value, xp.not_equal(f(*(_ones(xp, a) for a in args), **params), 0.0), xp)

        return function


def _alive(x: Any) -> Any:
    """Whether a branch counts: all of it, none, or by element."""
    if isinstance(x, Mark):
        return True if x.alive is None else x.alive
    return not (isinstance(x, (int, float)) and x == 0)


def _ones(xp: Any, x: Any) -> Any:
    """1 for what is alive, 0 for what is not, in the shape of the gradient."""
    if type(x) is list:
        return [_ones(xp, a) for a in x]
    if not isinstance(x, Mark):
        return x
    return xp.where(True if x.alive is None else x.alive, xp.broadcast_like(1.0, x.value), 0.0)
