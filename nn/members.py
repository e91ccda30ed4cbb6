"""What a module's attributes hold, and what may replace it: parameters and submodules, also in lists, tuples, dicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, TypeGuard

from autograd import Tensor, Value
from nn._types import ValueArray
from nn.kinds import is_value_array
from nn.parameter import Parameter

__all__ = ["Weight", "check_replacement", "is_parameter", "join_path", "members"]

Weight: TypeAlias = Parameter | Value | ValueArray


def members(attributes: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Names and values; what stands in a list, tuple or dict is named ``"layers.0"``."""
    for name, x in attributes.items():
        if isinstance(x, (list, tuple, dict)):
            yield from members({f"{name}.{key}": item for key, item in _items(x)})
        else:
            yield name, x


def _items(x: list[object] | tuple[object, ...] | dict[object, object]) -> Iterable[tuple[object, object]]:
    """The items of a list, tuple or dict with their keys."""
    return x.items() if isinstance(x, dict) else enumerate(x)


def is_parameter(x: object) -> TypeGuard[Weight]:
    """Whether a module trains `x`: a Parameter, a Value that is a leaf and requires a gradient, an array of Values."""
    if isinstance(x, Value):
        return x.op is None and x.requires_grad
    if is_value_array(x):
        return all(isinstance(v, Value) and v.op is None for v in x.flat)
    return isinstance(x, Parameter)


def check_replacement(name: str, old: object, new: object, module_class: type) -> None:
    """Raise if assigning `new` over `old`, an attribute or an item of one, would drop weights from the model."""
    if new is None or is_parameter(new):
        return
    if is_parameter(old):
        what = f"the result of {new.op.name!r}" if isinstance(new, (Tensor, Value)) and new.op else type(new).__name__
        raise TypeError(
            f"{name} is a parameter, and {what} in its place would not be trained. To change its numbers: "
            f"`with autograd.no_grad(): p -= lr * p.grad`, or an optimiser of nn.optim; to "
            f"replace it: assign {'an autograd.Value' if isinstance(old, Value) else 'an nn.Parameter'}, or None"
        )
    if isinstance(old, module_class) and not isinstance(new, module_class):
        raise TypeError(
            f"{name} is a submodule, and {type(new).__name__} in its place would take it from the model: assign a "
            f"module, or None"
        )
    if isinstance(old, (list, tuple, dict)) and isinstance(new, (list, tuple, dict)) and type(new) is type(old):
        before, after = ({str(key): x for key, x in _items(each)} for each in (old, new))
        for key in (key for key in before if key in after):
            check_replacement(f"{name}.{key}", before[key], after[key], module_class)


def join_path(path: str, name: str) -> str:
    """The path of a member of the module at `path`."""
    return f"{path}.{name}" if path else name
