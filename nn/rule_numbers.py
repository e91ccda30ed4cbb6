"""The numbers of an optimiser's rule, while a library traces it: rates, shares and counts, which change between steps.

A number that a trace has read is a constant of it for ever. So a rule is traced with objects in place of numbers:
arithmetic among them is noted, to be done anew before each step, in double precision; what meets an array becomes an
input of the trace; and what the rule decides by a number is noted, so that another decision traces it anew.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np

from nn._types import State, X

__all__ = ["Number", "Numbers", "numbers_in"]

Read: TypeAlias = Callable[[], X]


class Numbers:
    """What a rule does with numbers in one run.

    Attributes
    ----------
    met : list of callable
        Give the numbers that met arrays, in order.
    decided : list of (callable, value)
        What decisions asked for, and what it was.

    Parameters
    ----------
    inputs : sequence, optional
        What stands for those that meet arrays; without it, their values of now.
    """

    def __init__(self, inputs: Iterable[X] | None = None) -> None:
        self.met: list[Read] = []
        self.decided: list[tuple[Read, X]] = []
        self._inputs = None if inputs is None else iter(inputs)

    def meet(self, read: Read) -> X:
        """What stands for a number that meets an array."""
        self.met.append(read)
        return read() if self._inputs is None else next(self._inputs)

    def decide(self, read: Read) -> X:
        """A number by which the rule decides something."""
        value = read()
        self.decided.append((read, value))
        return value

    def hold(self) -> bool:
        """Whether all decisions would come out the same."""
        return all(read() == value for read, value in self.decided)


class Number:
    """A number of a rule."""

    __slots__ = ("numbers", "read")

    def __init__(self, numbers: Numbers, read: Read) -> None:
        self.numbers, self.read = numbers, read

    def __bool__(self) -> bool:
        return bool(self.numbers.decide(lambda: bool(self.read())))

    def __float__(self) -> float:
        return float(self.numbers.decide(self.read))

    def __int__(self) -> int:
        return int(self.numbers.decide(self.read))

    def __array_ufunc__(self, ufunc: X, method: str, *args: X, **kwargs: X) -> X:
        return _call(self.numbers, lambda *xs: getattr(ufunc, method)(*xs, **kwargs), args)

    __hash__ = None  # type: ignore[assignment]


def _call(numbers: Numbers, function: Callable[..., X], args: tuple[X, ...]) -> X:
    """A function of numbers, which is a number; where one of the operands is an array, its value there."""
    if all(isinstance(a, (Number, int, float)) for a in args):
        return Number(numbers, lambda: function(*(a.read() if isinstance(a, Number) else a for a in args)))
    return function(*(numbers.meet(a.read) if isinstance(a, Number) else a for a in args))


def _method(function: Callable[..., X], reflected: bool = False) -> X:
    def method(self: Number, *others: X) -> X:
        return _call(self.numbers, function, (*others, self) if reflected else (self, *others))

    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    _function = getattr(operator, _name)
    setattr(Number, f"__{_name}__", _method(_function))
    setattr(Number, f"__r{_name}__", _method(_function, reflected=True))
for _name in ("neg", "pos", "abs", "lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Number, f"__{_name}__", _method(getattr(operator, _name)))


def numbers_in(own: State, numbers: Numbers) -> State:
    """A group's options, or a memory, with objects in place of its numbers, also in tuples."""

    def at(key: str, place: int | None, x: X) -> X:
        if isinstance(x, bool) or not isinstance(x, (int, float, np.number)):
            return x
        return Number(numbers, lambda: own[key] if place is None else own[key][place])

    return {
        key: tuple(at(key, i, part) for i, part in enumerate(x)) if isinstance(x, tuple) else at(key, None, x)
        for key, x in own.items()
    }
