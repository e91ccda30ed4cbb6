"""What a module's attributes hold: parameters and submodules, also inside lists, tuples and dicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograd import Value
from nn.kinds import is_value_array
from nn.parameter import Parameter

__all__ = ["is_parameter", "items", "members"]


def members(named: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values, those inside lists, tuples and dicts too, as ``"layers.0"``."""
    for name, x in named.items():
        if isinstance(x, (list, tuple, dict)):
            yield from members({f"{name}.{key}": item for key, item in items(x)})
        else:
            yield name, x


def items(x: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
    """The members of a list, tuple or dict with their keys."""
    return x.items() if isinstance(x, dict) else enumerate(x)


def is_parameter(x: Any) -> bool:
    """Whether a module trains `x`: a Parameter, a Value that is a leaf and requires a gradient, an array of Values."""
    if isinstance(x, Value):
        return x.op is None and x.requires_grad
    return isinstance(x, Parameter) or (
        is_value_array(x) and all(isinstance(v, Value) and v.op is None for v in x.flat)
    )
