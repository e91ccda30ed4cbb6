"""The types in the signatures of nn, each stated once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor, Value
from autograd.typing import Array, Axis, Function, Keywords, Tree, X

__all__ = [
    "Array", "ArrayLike", "Axis", "DType", "Data", "Function", "Input", "Keywords", "LikeForward", "LossLike", "Node",
    "Operand", "Output", "PathLike", "Rng", "State", "Tree", "ValueArray", "X",
]  # fmt: skip

# Modules evaluate their annotations, so these are NumPy's own, where autograd.typing has their names.
ArrayLike: TypeAlias = npt.ArrayLike
DType: TypeAlias = npt.DTypeLike

Node: TypeAlias = Tensor | Value
# An object array whose elements are Values: a matrix in a net whose every weight is a node of its own.
ValueArray: TypeAlias = npt.NDArray[np.object_]
Operand: TypeAlias = Tensor | Value | ValueArray
# An elementwise function gives the kind that it takes.
Data = TypeVar("Data", Tensor, Value, Array, float)
# A user may pass a node, an object array or list of Values, or any array or number.
Input: TypeAlias = Tensor | Value | Sequence[Value] | npt.ArrayLike
# A net of arrays computes a Tensor. A net of Values computes a Value or an object array of them: its parameters became
# object arrays while it ran, which no checker can know.
Output: TypeAlias = Tensor | Any

# A loss is a name, or a function of a model's output and a target (or of the output alone, for `Module.draw`).
LossLike: TypeAlias = str | Function

# A saved state holds arrays and whatever JSON can hold, under names; who loads it checks each item.
State: TypeAlias = Keywords
Rng: TypeAlias = np.random.Generator | int | None
PathLike: TypeAlias = str | os.PathLike[str]


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _HasForward(Protocol[T_co]):
    @property
    def forward(self) -> T_co: ...


class LikeForward:
    """The type of ``Module.__call__`` for type checkers: a module takes and gives what its own `forward` does."""

    def __get__(self, module: _HasForward[T], kind: object) -> T:
        return module.forward
