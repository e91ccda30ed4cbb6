"""Parametrizations: a parameter that is calculated of others, anew each time it is read."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from nn.containers import ModuleList
from nn.members import is_parameter
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["ParametrizationList", "is_parametrized", "register_parametrization", "remove_parametrizations"]


class ParametrizationList(ModuleList):
    """The parametrizations of a parameter, one after another, and what it is calculated of.

    That is `original`, or `original0`, `original1`, ... where the first one's ``right_inverse`` gives several.
    """

    def __init__(self, parametrization: Module, original: Parameter) -> None:
        super().__init__([parametrization])
        parts = self._inverse(original)
        if len(parts) == 1:
            self.original = original
        else:
            vars(self).update({f"original{i}": Parameter(x.data) for i, x in enumerate(parts)})
        self.set_to(original)

    def _inverse(self, x: Any) -> tuple[Any, ...]:
        """What the parameter is calculated of where it is `x`: by each ``right_inverse``, the last one first."""
        for f in reversed(self):
            x = f.right_inverse(x) if hasattr(f, "right_inverse") else x
        return tuple(x) if isinstance(x, (tuple, list)) else (x,)

    @no_grad()
    def set_to(self, x: Any) -> None:
        """Let the parameter become `x`."""
        for p, part in zip(self.originals, self._inverse(x), strict=True):
            p.data = part.data

    @property
    def originals(self) -> list[Parameter]:
        """What the parameter is calculated of."""
        return [x for name, x in vars(self).items() if name.startswith("original")]

    def forward(self) -> Any:
        """The parameter."""
        first, *others = self
        x = first(*self.originals)
        for f in others:
            x = f(x)
        return x


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let ``parametrization(...)`` calculate a parameter of a module each time it is read; returns the module.

    What it is calculated of is trained instead: in the state, ``parametrizations.weight.original``. Assigning to the
    parameter sets that by ``parametrization.right_inverse(value)``, if there is one. Parametrizations that are
    registered one after the other compose.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return (x + x.T) / 2
    >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(2, 2, bias=False), "weight", Symmetric())
    >>> bool((layer.weight.data == layer.weight.data.T).all()), list(layer.state_dict())
    (True, ['parametrizations.weight.original'])
    """
    if not isinstance(parametrization, Module):
        raise TypeError(f"register_parametrization: pass a module, not {type(parametrization).__name__}")
    if is_parametrized(module, tensor_name):
        each = _lists(module)[tensor_name]
        each.append(parametrization)
        _check(module, tensor_name, np.shape(each[0](*each.originals)))
        return module
    original = vars(module).get(tensor_name) if isinstance(module, Module) else None
    if not is_parameter(original):
        raise ValueError(
            f"Module {type(module).__name__!r} does not have a parameter, or a parametrized element with name "
            f"{tensor_name!r}"
        )
    if not isinstance(original, Parameter):
        raise TypeError(f"register_parametrization: {tensor_name} holds Values; call to_scalars() afterwards")
    each = ParametrizationList(parametrization, original)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        module.add_module("parametrizations", Module())
    setattr(module.get_submodule("parametrizations"), tensor_name, each)
    module.__class__ = _class_of(_base(module), [*_lists(module)])
    _check(module, tensor_name, original.shape)
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrizations, or that parameter has."""
    lists = _lists(module)
    return bool(lists) if tensor_name is None else tensor_name in lists


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make a parameter one of its own again, with the numbers it has, or with those before; returns the module."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {type(module).__name__} does not have a parametrization on {tensor_name}")
    each = _lists(module)[tensor_name]
    if not leave_parametrized and len(each.originals) > 1:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            "sequence of tensors"
        )
    if not all(isinstance(x, Tensor) for x in each.originals):
        raise TypeError(f"remove_parametrizations: {tensor_name} holds Values")
    numbers = getattr(module, tensor_name).data if leave_parametrized else each.originals[0].data
    delattr(module.get_submodule("parametrizations"), tensor_name)
    names = [*_lists(module)]
    module.__class__ = _class_of(_base(module), names) if names else _base(module)
    if not names:
        delattr(module, "parametrizations")
    single = each.originals[0] if len(each.originals) == 1 else Parameter(numbers, tensor_name)
    single.data = numbers
    setattr(module, tensor_name, single)
    return module


def _lists(module: Module) -> dict[str, ParametrizationList]:
    """The parametrizations of each parameter that has some."""
    each = vars(module).get("parametrizations") if isinstance(module, Module) else None
    return {name: x for name, x in vars(each).items() if isinstance(x, ParametrizationList)} if each is not None else {}


def _base(module: Module) -> type[Module]:
    """The class of a module, as it is without parametrizations."""
    return type(module).__mro__[1] if "_calculated" in vars(type(module)) else type(module)


def _class_of(base: type[Module], names: list[str]) -> type[Module]:
    """A class of modules that calculate the parameters of these names when they are read."""

    def calculated(name: str) -> property:
        return property(lambda module: _lists(module)[name](), lambda module, x: _lists(module)[name].set_to(x))

    members: dict[str, Any] = {name: calculated(name) for name in names}
    members |= {"_calculated": names, "__reduce__": lambda module: (_rebuilt, (base, names), vars(module))}
    return type(f"Parametrized{base.__name__}", (base,), members)


def _rebuilt(base: type[Module], names: list[str]) -> Module:
    """A module without attributes, for copies and pickles."""
    kind = _class_of(base, names)
    return kind.__new__(kind)


def _check(module: Module, name: str, shape: tuple[int, ...]) -> None:
    result = getattr(module, name)
    if np.shape(result) != shape:
        raise ValueError(
            f"Registering a parametrization may not change the shape of the tensor: {name} had shape {shape}, and "
            f"would have {np.shape(result)}"
        )
