"""The elementwise functions that the op table asks for, over a module of the array API standard."""

from __future__ import annotations

from collections.abc import Mapping
from math import factorial, pi

import numpy as np

from autograd.namespaces.library import Library
from autograd.namespaces.special import NAMES, OF_ORDER
from autograd.typing import Function, X

__all__ = ["Elementwise"]

_LN2 = 0.6931471805599453
_FLOATS_OF_FLOATS = (
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cos", "cosh", "exp", "expm1", "log", "log10",
    "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh",
)  # fmt: skip
_OF_NUMBERS = ("abs", "ceil", "floor", "isfinite", "isinf", "isnan", "rint", "sign", "signbit", "trunc")
_OF_TWO = (
    "arctan2", "copysign", "equal", "floor_divide", "greater", "greater_equal", "hypot", "less", "less_equal",
    "logaddexp", "maximum", "minimum", "mod", "not_equal",
)  # fmt: skip
_OF_TWO_FLOATS = ("arctan2", "copysign", "hypot", "logaddexp")
_NAMES_THERE = {
    "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2",
    "arctanh": "atanh", "mod": "remainder", "rint": "round",
}  # fmt: skip


class Elementwise(Library):
    """Functions of each element, in which arrays and numbers of Python's meet."""

    def matched(self, *args: X, floats: bool = False) -> tuple[X, ...]:
        """Numbers and arrays as arrays of one kind; a number takes the dtype of an array, if it has a place in it."""
        m = self.module
        args = tuple(self._entered_beside(args))
        kinds = [_kind(self, a) for a in args]
        top = 2 if floats else max(kinds)
        dtypes = [a.dtype for a, k in zip(args, kinds, strict=True) if k == top and isinstance(a, self.natives)]
        dtype = m.result_type(*dtypes) if dtypes else (m.bool, m.int64, m.float64)[top]
        like = next(a for a in args if isinstance(a, self.natives))
        return tuple(
            self.filled((), a, like, dtype) if not isinstance(a, self.natives)
            else a if k == top else self.cast(a, dtype)
            for a, k in zip(args, kinds, strict=True)
        )  # fmt: skip

    def _entered_beside(self, args: tuple[X, ...]) -> list[X]:
        """The arguments, with arrays of NumPy's as the library's."""
        like = next(a for a in args if isinstance(a, self.natives))
        return [self.asarray_like(a, like) if hasattr(a, "dtype") else a for a in args]

    def none_of_arrays(self, *args: X) -> bool:
        """Whether no argument is an array of the library's."""
        return not any(isinstance(a, self.natives) for a in args)

    def as_float(self, x: X) -> X:
        """An array of integers or bools as one of floats; one of floats as it is."""
        return x if self.is_float(x) else self.cast(x, self.module.float64)

    # ---- Bessel's functions ----

    bessel: Mapping[str, Function] = {}  # those of some orders that a library has, by SciPy's name

    def polygamma(self, n: int, x: X) -> X:
        """The derivative of order n of the digamma function."""
        return self.digamma(x) if n == 0 else self.by_scipy("polygamma", n, x)

    def by_scipy(self, name: str, *args: X) -> X:
        """A function that no library of arrays has: elementwise, so that the shape of its result is known before."""
        if self.none_of_arrays(*args):
            return self.of_numbers(name, *args)
        shape = np.broadcast_shapes(*(tuple(a.shape) for a in args if hasattr(a, "shape")))
        return self.on_host(name, *args, shape=shape)

    # ---- conditions ----

    def truth(self, x: X) -> X:
        """Whether the elements are not 0."""
        return x if self.module.isdtype(x.dtype, "bool") else x != 0

    def logical_and(self, a: X, b: X) -> X:
        """Whether both hold."""
        if self.none_of_arrays(a, b):
            return bool(a) and bool(b)
        a, b = self._conditions(a, b)
        return self.module.logical_and(a, b)

    def logical_or(self, a: X, b: X) -> X:
        """Whether one of them holds."""
        if self.none_of_arrays(a, b):
            return bool(a) or bool(b)
        a, b = self._conditions(a, b)
        return self.module.logical_or(a, b)

    def logical_not(self, x: X) -> X:
        """Whether it does not hold."""
        return self.module.logical_not(self.truth(x)) if isinstance(x, self.natives) else not x

    def _conditions(self, *args: X) -> list[X]:
        like = next(a for a in args if isinstance(a, self.natives))
        return [
            self.truth(a) if isinstance(a, self.natives) else self.filled((), bool(a), like, self.dtype_of("bool"))
            for a in args
        ]

    def where(self, condition: X, a: X, b: X) -> X:
        """`a` where the condition holds, else `b`."""
        if self.none_of_arrays(condition):
            chosen, other = (a, b) if condition else (b, a)
            if self.none_of_arrays(a, b):
                return chosen
            if isinstance(chosen, self.natives) and self.is_float(chosen) and isinstance(other, (int, float)):
                return chosen
            like = a if isinstance(a, self.natives) else b
            condition = self.filled((), bool(condition), like, self.dtype_of("bool"))
        return self.selected(self.truth(condition), a, b)

    def selected(self, condition: X, a: X, b: X) -> X:
        """`a` where a condition, an array of bools, holds, else `b`."""
        _, a, b = self.matched(condition, a, b)
        return self.module.where(condition, a, b)

    def stated(self, condition: X, a: X, b: X) -> X:
        """`a` where the condition holds, else `b`."""
        return self.where(condition, a, b)

    # ---- arithmetic ----

    def add(self, a: X, b: X) -> X:
        """The sum."""
        return a + b

    def subtract(self, a: X, b: X) -> X:
        """The difference."""
        return a - b

    def multiply(self, a: X, b: X) -> X:
        """The product."""
        return a * b

    def divide(self, a: X, b: X) -> X:
        """The quotient."""
        return a / b

    def negative(self, x: X) -> X:
        """The negative."""
        return -x

    def power(self, a: X, b: X) -> X:
        """The power; ``x**1``, in the derivative of ``x**2``, is `x`."""
        if self.none_of_arrays(a, b):
            return self.of_numbers("power", float(a), b)
        return a if isinstance(b, (int, float)) and b == 1 else a**b

    def fmod(self, a: X, b: X) -> X:
        """The remainder of the quotient rounded towards 0, exactly: that of the absolute values, with the sign of a."""
        if self.none_of_arrays(a, b):
            return self.of_numbers("fmod", a, b)
        a, b = self.matched(a, b)
        rest = self.mod(self.abs(a), self.abs(b))
        return self.where(a < 0, -rest, rest)

    def sigmoid(self, x: X) -> X:
        """The logistic function; exp overflows to inf far below 0, where 1/inf = 0 is right."""
        return 1 / (1 + self.exp(-x))

    def exp2(self, x: X) -> X:
        """The power of 2."""
        return 2.0 ** self.as_float(x) if isinstance(x, self.natives) else self.of_numbers("exp2", x)

    def cbrt(self, x: X) -> X:
        """The cube root, of negative numbers too."""
        if not isinstance(x, self.natives):
            return self.of_numbers("cbrt", x)
        return self.sign(x) * self.abs(x) ** (1 / 3)

    def logaddexp2(self, a: X, b: X) -> X:
        """log2(2ᵃ + 2ᵇ), without overflow."""
        return self.logaddexp(a * _LN2, b * _LN2) / _LN2

    def heaviside(self, x: X, h0: X) -> X:
        """The step function; nan for nan."""
        if self.none_of_arrays(x, h0):
            return self.of_numbers("heaviside", float(x), h0)
        return self.where(x == 0, h0, self.where(x > 0, 1.0, self.where(x < 0, 0.0, x)))

    def sinc(self, x: X, order: int = 0) -> X:
        """A derivative of f = sin(u)/u, u = πx: near 0 by its series, elsewhere by u·f⁽ⁿ⁾ = sin⁽ⁿ⁾(u) − n·f⁽ⁿ⁻¹⁾."""
        if not isinstance(x, self.natives):
            return self.of_numbers("sinc", x, order)
        u = pi * x
        small = self.abs(u) < 1 + order / 2
        near, far = self.where(small, u, 0.0), self.where(small, 1.0, u)
        turns = [self.sin(far), self.cos(far), -self.sin(far), -self.cos(far)]
        y = turns[0] / far
        for n in range(1, order + 1):
            y = (turns[n % 4] - n * y) / far
        series = 0.0 * near
        for k in range(12 + 2 * order, (order - 1) // 2, -1):  # the smallest terms first
            factor = (-1) ** k * factorial(2 * k) / factorial(2 * k - order) / factorial(2 * k + 1)
            series = series + (factor * near ** (2 * k - order) if 2 * k > order else factor)
        return self.where(small, series, y) * pi**order

    # ---- copies ----

    def copy(self, x: X) -> X:
        """A copy in memory of its own; a number is one."""
        return self.module.asarray(x, copy=True) if isinstance(x, self.natives) else x

    def astype(self, x: X, dtype: str) -> X:
        """An array in another dtype, by its name."""
        if not isinstance(x, self.natives):
            return self.of_numbers("astype", x, dtype)
        return self.cast(x, self.carried(self.dtype_of(dtype)))

    def zeros_like(self, x: X) -> X:
        """Zeros in the shape of `x`."""
        return self.module.zeros_like(x) if isinstance(x, self.natives) else type(x)(0)


def _kind(library: Library, a: X) -> int:
    """0 for bools, 1 for integers, 2 for floats."""
    if not isinstance(a, library.natives):
        return 0 if isinstance(a, bool) else 1 if isinstance(a, int) else 2
    return 2 if library.is_float(a) else 0 if library.module.isdtype(a.dtype, "bool") else 1


def _of_one(name: str, floats: bool) -> Function:
    def function(self: X, x: X) -> X:
        if not isinstance(x, self.natives):
            return self.of_numbers(name, x)
        return getattr(self.module, _NAMES_THERE.get(name, name))(self.as_float(x) if floats else x)

    function.__name__ = function.__qualname__ = name
    return function


def _of_two(name: str, floats: bool) -> Function:
    def function(self: X, a: X, b: X) -> X:
        if self.none_of_arrays(a, b):
            return self.of_numbers(name, a, b)
        return getattr(self.module, _NAMES_THERE.get(name, name))(*self.matched(a, b, floats=floats))

    function.__name__ = function.__qualname__ = name
    return function


def _by_scipy(name: str) -> Function:
    def function(self: X, *args: X) -> X:
        return self.by_scipy(name, *args)

    function.__name__ = function.__qualname__ = name
    return function


def _of_order(family: str) -> Function:
    def function(self: X, n: float, x: X) -> X:
        own = self.bessel.get(OF_ORDER[family].get(n))
        return own(x) if own and isinstance(x, self.natives) else self.by_scipy(family, n, x)

    function.__name__ = function.__qualname__ = family
    return function


for _name in (*_FLOATS_OF_FLOATS, *_OF_NUMBERS):
    setattr(Elementwise, _name, _of_one(_name, _name in _FLOATS_OF_FLOATS))
for _name in _OF_TWO:
    setattr(Elementwise, _name, _of_two(_name, _name in _OF_TWO_FLOATS))
for _name in {"erf", "erfc", *NAMES} - {"polygamma", *OF_ORDER}:
    setattr(Elementwise, _name, _by_scipy(_name))
for _name in OF_ORDER:
    setattr(Elementwise, _name, _of_order(_name))
