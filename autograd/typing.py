"""The types that signatures of the engine name, each stated once.

What flows through a formula has no type of Python's in common: it is a float, an array, a node, a name or a mark, and
which of them decides the namespace that the formula is given. So `X` and `XP` are names for readers. What a function
only passes on is an `object`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:  # 5 ms to import
    import numpy.typing as npt

__all__ = [
    "XP", "Array", "ArrayLike", "Axis", "DTypeLike", "Data", "F", "Formula", "Function", "Json", "Keywords",
    "Namespace", "Native", "Params", "Rng", "Shape", "Tree", "X",
]  # fmt: skip

XP: TypeAlias = Any  # the namespace to calculate in: floats, arrays, nodes, names or marks
X: TypeAlias = Any  # what flows through a formula

Array: TypeAlias = np.ndarray[Any, Any]
Data: TypeAlias = Any  # what a node holds: a float in a Value, an array in a Tensor
Native: TypeAlias = Any  # what is a library's own: its module, a device or a dtype of its arrays
Tree: TypeAlias = Any  # a number, an array or a node, or a tuple, a list or a dict of such
Json: TypeAlias = Any  # what JSON can write
ArrayLike: TypeAlias = "npt.ArrayLike"
DTypeLike: TypeAlias = "npt.DTypeLike | None"
Shape: TypeAlias = tuple[int, ...]
Rng: TypeAlias = "np.random.Generator | int | None"  # a string, for NumPy imports its module when it is first read
Axis: TypeAlias = int | tuple[int, ...] | None

Function: TypeAlias = Callable[..., Any]  # of a user's, of NumPy's or of the table
Formula: TypeAlias = Callable[..., X]  # f(xp, *args, **params), of an op or of one of its derivatives
F = TypeVar("F", bound=Function)  # what a decorator gives back

Params: TypeAlias = Mapping[str, Any]  # the static arguments of an op, by name
Keywords: TypeAlias = dict[str, Any]  # what is passed on by name
Namespace: TypeAlias = dict[str, Any]  # the variables of a module
