"""The numbers of an optimiser's rule, while a library traces it: rates, shares and counts, which change between steps.

A number that a trace has read is a constant of it for ever. So a rule is traced with objects in place of numbers:
arithmetic among them is noted, to be done anew before each step, in double precision; what meets an array becomes an
input of the trace; and what the rule decides by a number is noted, so that another decision traces it anew.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from nn._types import State, X

__all__ = ["Number", "Numbers", "Recipe", "is_number", "numbers_in"]

# What a number is made of: a function of Python's and its operands, or where it is read.
Recipe: TypeAlias = tuple[Hashable, ...]


class _Place(NamedTuple):
    """A number's place in a group of options or in a memory, of which the one of that identity stands for others."""

    own: int
    key: str
    place: int | None


class Numbers:
    """What a rule does with numbers in one run.

    Attributes
    ----------
    met : dict
        The recipes of the numbers that met arrays, in order, with their places.
    decided : dict
        The recipes of what decisions asked for, with what it was.
    owners : dict
        The options and memories that are read, by identity.

    Parameters
    ----------
    inputs : sequence, optional
        What stands for those that meet arrays; without it, their values of now.
    """

    def __init__(self, inputs: Sequence[X] | None = None) -> None:
        self.met: dict[Recipe, int] = {}
        self.decided: dict[Recipe, X] = {}
        self.owners: dict[int, State] = {}
        self._inputs = inputs

    def value(self, recipe: X, known: dict[Recipe, X]) -> X:
        """The number that a recipe gives now; what is `known` is not calculated again."""
        if not isinstance(recipe, tuple):
            return recipe
        if recipe not in known:
            if isinstance(recipe, _Place):
                x = self.owners[recipe.own][recipe.key]
                x = x if recipe.place is None else x[recipe.place]
                # Numbers of Python's leave the dtype of arrays as it is.
                known[recipe] = x.item() if isinstance(x, (np.generic, np.ndarray)) else x
            else:
                function, *operands = recipe
                known[recipe] = function(*(self.value(a, known) for a in operands))
        return known[recipe]

    def values(self, known: dict[Recipe, X]) -> list[X]:
        """The numbers that meet arrays, as they are now."""
        return [self.value(recipe, known) for recipe in self.met]

    def hold(self, known: dict[Recipe, X]) -> bool:
        """Whether all decisions would come out the same."""
        return all(self.value(recipe, known) == value for recipe, value in self.decided.items())

    def meet(self, recipe: Recipe) -> X:
        """What stands for a number that meets an array."""
        place = self.met.setdefault(recipe, len(self.met))
        return self.value(recipe, {}) if self._inputs is None else self._inputs[place]

    def decide(self, recipe: Recipe) -> X:
        """A number by which the rule decides something."""
        value = self.decided[recipe] = self.value(recipe, {})
        return value


class Number:
    """A number of a rule."""

    __slots__ = ("numbers", "recipe")

    def __init__(self, numbers: Numbers, recipe: Recipe) -> None:
        self.numbers, self.recipe = numbers, recipe

    def __bool__(self) -> bool:
        return bool(self.numbers.decide((bool, self.recipe)))

    def __float__(self) -> float:
        return float(self.numbers.decide(self.recipe))

    def __int__(self) -> int:
        return int(self.numbers.decide(self.recipe))

    def __array_ufunc__(self, ufunc: X, method: str, *args: X) -> X:
        return _call(self.numbers, getattr(ufunc, method), args)

    __hash__ = None  # type: ignore[assignment]


def _call(numbers: Numbers, function: Callable[..., X], args: tuple[X, ...]) -> X:
    """A function of numbers, which is a number; where one of the operands is an array, its value there."""
    if all(isinstance(a, (Number, int, float)) for a in args):
        return Number(numbers, (function, *(a.recipe if isinstance(a, Number) else a for a in args)))
    return function(*(numbers.meet(a.recipe) if isinstance(a, Number) else a for a in args))


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


def is_number(x: object) -> bool:
    """Whether an option, or an entry of a memory, is a number that may change."""
    if isinstance(x, (np.generic, np.ndarray)):
        return x.ndim == 0 and x.dtype.kind in "iuf"
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def numbers_in(own: State, numbers: Numbers) -> State:
    """A group's options, or a memory, with objects in place of its numbers, also in tuples and lists."""
    numbers.owners[id(own)] = own

    def at(key: str, place: int | None, x: object) -> X:
        return Number(numbers, _Place(id(own), key, place)) if is_number(x) else x

    return {
        key: type(x)(at(key, i, part) for i, part in enumerate(x)) if type(x) in (tuple, list) else at(key, None, x)
        for key, x in own.items()
    }
