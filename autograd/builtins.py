"""Python's containers and questions about types under HIPS autograd's names.

A container of nodes is here Python's own list, tuple or dict; so are the constructors. What needs functions are
questions about types: ``isinstance(x, float)`` asks about the value of a node.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.other_names import missing
from autograd.surface import publish

__all__ = ["DictBox", "ListBox", "SequenceBox", "TupleBox"]
SHADOWING = ["dict", "isinstance", "list", "tuple", "type"]

publish(globals())


def __getattr__(name: str) -> Any:
    raise missing("autograd.builtins", name)


dict, list, tuple = builtins.dict, builtins.list, builtins.tuple


def isinstance(x: object, kinds: Any) -> bool:
    """Whether an object, or the value of a node, is of one of these types; HIPS autograd's name.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, Value, isinstance
    >>> isinstance(Value(2.0), float), isinstance(Tensor([1.0, 2.0]), np.ndarray), isinstance([1.0], list)
    (True, True, True)
    >>> isinstance(Value(2.0), np.ndarray)
    False
    """
    return builtins.isinstance(x, kinds) or issubclass(_type(x), kinds)


def type(x: object, *bases_and_members: Any) -> builtins.type:
    """The type of an object, or of the value of a node; HIPS autograd's name.

    The value of a 0-d array has that of its number, as the results of NumPy have.

    Examples
    --------
    >>> from autograd import Tensor, Value, type
    >>> type(Value(2.0)), type(Tensor([1.0, 2.0]))
    (<class 'float'>, <class 'numpy.ndarray'>)
    """
    return builtins.type(x, *bases_and_members) if bases_and_members else _type(x)


def _type(x: object) -> builtins.type:
    if not builtins.isinstance(x, Node):
        return builtins.type(x)
    return builtins.type(x._data[()] if builtins.isinstance(x._data, np.ndarray) else x._data)


class SequenceBox:
    """HIPS autograd's class for lists and tuples of nodes; no object is one, for such are lists and tuples here."""


class DictBox:
    """HIPS autograd's class for dicts of nodes; no object is one, for such are dicts here."""


ListBox = TupleBox = SequenceBox
