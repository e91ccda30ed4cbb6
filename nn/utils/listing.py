"""``list_parameters``: what a user may pass for parameters, as a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from nn._types import Node, ValueArray
from nn.kinds import is_value_array
from nn.module import Module

__all__ = ["Parameters", "list_parameters"]

Parameters: TypeAlias = Node | Iterable[Node | ValueArray]


def list_parameters(name: str, params: object) -> list[Any]:
    """Parameters, or groups of them, as a list; the Values of an object array come one by one.

    Raises
    ------
    TypeError
        If they are no iterable: a module itself, a method that was not called, ... The message begins with `name`.

    Examples
    --------
    >>> import nn
    >>> [p.shape for p in nn.utils.list_parameters("mine", nn.Linear(3, 2).parameters())]
    [(2, 3), (2,)]
    """
    if isinstance(params, Module):
        raise TypeError(f"{name}: pass {type(params).__name__}'s parameters, model.parameters(), not the module")
    if not isinstance(params, Iterable) or isinstance(params, (dict, str)):
        advice = "; call it: model.parameters()" if callable(params) else ""
        raise TypeError(f"{name}: params must be a list of nodes, not {type(params).__name__}{advice}")
    return [p for x in params for p in (x.flat if is_value_array(x) else (x,))]
