"""Parametrizations: a parameter that is calculated of others, anew each time it is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from autograd import Tensor, no_grad
from nn._types import Array, Input, Node, Output, State, X
from nn.containers import ModuleDict, ModuleList
from nn.kinds import as_node, assign, to_numpy
from nn.members import is_parameter
from nn.module import Module
from nn.parameter import Buffer, Parameter

__all__ = [
    "ParametrizationList", "is_parametrized", "register_parametrization", "remove_parametrizations",
    "type_before_parametrizations",
]  # fmt: skip


class ParametrizationList(ModuleList):
    """The parametrizations of a parameter, one after another, and what it is calculated of.

    That is `original`, or `original0`, `original1`, ... where the first one's ``right_inverse`` gives several.

    It is made by :func:`register_parametrization`, and is ``module.parametrizations.weight``.

    Parameters
    ----------
    modules : iterable of Module
        The parametrizations, the innermost first.
    original : Tensor
        The parameter.
    unsafe : bool
        Whether shape and dtype may change.

    Raises
    ------
    ValueError
        If a ``right_inverse`` gives no tensors, or shape or dtype change though they may not.

    Examples
    --------
    >>> import nn
    >>> parametrize = nn.utils.parametrize
    >>> class Doubled(nn.Module):
    ...     def forward(self, x):
    ...         return 2 * x
    >>> layer = parametrize.register_parametrization(nn.Linear(2, 1), "weight", Doubled())
    >>> len(layer.parametrizations.weight), len(layer.parametrizations.weight.originals())
    (1, 1)
    """

    @no_grad()
    def __init__(self, modules: Iterable[Module], original: Tensor, unsafe: bool = False) -> None:
        super().__init__(modules)
        self.unsafe = unsafe
        parts: X = original
        for f in reversed(self):
            with suppress(NotImplementedError):
                parts = f.right_inverse(parts) if hasattr(f, "right_inverse") else parts
        is_several = isinstance(parts, Sequence) and not isinstance(parts, Tensor)
        self.names = tuple(f"original{i}" for i in range(len(parts))) if is_several else ("original",)
        for i, x in enumerate(parts if is_several else [parts]):
            if not isinstance(x, Tensor):
                where = f"element {i} of the sequence with type " if is_several else ""
                text = "'right_inverse' must return a Tensor or a Sequence of tensors"
                raise ValueError(f"{text}. Got {where}{type(x).__name__}")
            if not is_several and x.dtype != original.dtype:
                text = "When `right_inverse` outputs one tensor, it may not change the dtype"
                raise ValueError(f"{text}: {original.dtype} to {x.dtype}")
        numbers = original.data
        for name, x in zip(self.names, parts if is_several else [parts], strict=True):
            own = _like(original, x.data, name) if is_several else original
            own.data = x.data
            setattr(self, name, own)
        if not unsafe:
            try:
                _check(self(), original.dtype, numbers.shape)
            except Exception:
                original.data = numbers
                raise

    def _items(self) -> State:  # without parametrizations of an original itself
        return {name: x for name, x in super()._items().items() if name.isdigit()}

    def originals(self) -> list[Node]:
        """What the parameter is calculated of."""
        return [getattr(self, name) for name in self.names]

    def forward(self) -> Output:
        """The parameter."""
        first, *others = self
        x = first(*self.originals())
        for f in others:
            x = f(x)
        return x

    @no_grad()
    def right_inverse(self, value: Input) -> None:
        """Let the parameter become `value`, by each one's ``right_inverse``, the last one's first."""
        parts: X = as_node(value)
        for f in reversed(self):
            if not hasattr(f, "right_inverse"):
                raise RuntimeError(f"parametrization {type(f).__name__} does not implement right_inverse.")
            parts = f.right_inverse(parts)
        several = parts if len(self.names) > 1 or isinstance(parts, (list, tuple)) else [parts]
        for p, x in zip(self.originals(), several, strict=True):
            assign(p, to_numpy(x))


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let ``parametrization(...)`` calculate a parameter of a module each time it is read; returns the module.

    What it is calculated of is trained instead: in the state, ``parametrizations.weight.original``. Assigning to the
    parameter sets that by ``parametrization.right_inverse(value)``, if there is one. Parametrizations that are
    registered one after the other compose. Only with `unsafe` may shape and dtype change.

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
    lists = _lists(module)
    if tensor_name in lists:
        parametrization.train(module.training)
        if not unsafe:
            y = getattr(module, tensor_name)
            _check(parametrization(y), y.dtype, y.shape)
        lists[tensor_name].append(parametrization)
        return module
    original = vars(module).get(tensor_name) if isinstance(module, Module) else None
    if original is not None and tensor_name in module.buffer_names:
        original = Buffer(to_numpy(original))
    if not (is_parameter(original) or isinstance(original, Buffer)):
        raise ValueError(
            f"Module {type(module).__name__!r} does not have a parameter, or a parametrized element with name "
            f"{tensor_name!r}"
        )
    if not isinstance(original, Tensor):
        raise TypeError(f"register_parametrization: {tensor_name} holds Values; call to_scalars() afterwards")
    lists[tensor_name] = ParametrizationList([parametrization.train(module.training)], original, unsafe)
    delattr(module, tensor_name)
    _set_lists(module, lists)
    return module


def _like(original: Tensor, numbers: Array, name: str) -> Tensor:
    """Another parameter, or another buffer."""
    return Parameter(numbers, name, original.requires_grad) if isinstance(original, Parameter) else Buffer(numbers)


def _check(x: object, dtype: object, shape: tuple[int, ...]) -> None:
    """Raise if a parametrization gives no tensor, or one of another dtype or shape."""
    if not isinstance(x, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(x).__name__}")
    for what, now, before in (("dtype", x.dtype, dtype), ("shape", x.shape, shape)):
        if now != before:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, unless `unsafe` is set: it "
                f"was {before}, and would be {now}"
            )


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrizations, or that parameter has.

    Examples
    --------
    >>> import nn
    >>> parametrize = nn.utils.parametrize
    >>> class Doubled(nn.Module):
    ...     def forward(self, x):
    ...         return 2 * x
    >>> layer = parametrize.register_parametrization(nn.Linear(2, 1), "weight", Doubled())
    >>> parametrize.is_parametrized(layer), parametrize.is_parametrized(layer, "bias")
    (True, False)
    """
    lists = _lists(module)
    return bool(lists) if tensor_name is None else tensor_name in lists


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make a parameter one of its own again, with the numbers it has, or with those before; returns the module.

    Raises
    ------
    ValueError
        If the parameter has none, or is made of several tensors and is to be left as it was before.

    Examples
    --------
    >>> import nn
    >>> parametrize = nn.utils.parametrize
    >>> class Doubled(nn.Module):
    ...     def forward(self, x):
    ...         return 2 * x
    >>> layer = parametrize.register_parametrization(nn.Linear(2, 1), "weight", Doubled())
    >>> layer = parametrize.remove_parametrizations(layer, "weight")
    >>> list(layer.state_dict())
    ['bias', 'weight']
    """
    lists = _lists(module)
    if tensor_name not in lists:
        raise ValueError(f"Module {type(module).__name__} does not have a parametrization on {tensor_name}")
    originals = lists[tensor_name].originals()
    is_several = lists[tensor_name].names != ("original",)
    if is_several and not leave_parametrized:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            "sequence of tensors"
        )
    if not all(isinstance(x, Tensor) for x in originals):
        raise TypeError(f"remove_parametrizations: {tensor_name} holds Values")
    numbers = getattr(module, tensor_name).data
    p: X = originals[0]
    if is_several or not isinstance(p, Parameter):  # A buffer may have become another tensor, by a change of dtype.
        p = _like(p, numbers if is_several else p.data, tensor_name)
    if leave_parametrized:
        p.data = numbers
    del lists[tensor_name]
    _set_lists(module, lists)
    setattr(module, tensor_name, p)
    return module


def type_before_parametrizations(module: Module) -> type[Module]:
    """The class of a module, as it is without parametrizations.

    Examples
    --------
    >>> import nn
    >>> parametrize = nn.utils.parametrize
    >>> class Doubled(nn.Module):
    ...     def forward(self, x):
    ...         return 2 * x
    >>> layer = parametrize.register_parametrization(nn.Linear(2, 1), "weight", Doubled())
    >>> type(layer).__name__, parametrize.type_before_parametrizations(layer).__name__
    ('ParametrizedLinear', 'Linear')
    """
    return type(module).__mro__[1] if "_calculated" in vars(type(module)) else type(module)


def _lists(module: Module) -> dict[str, ParametrizationList]:
    """The parametrizations of each parameter that has some."""
    each = vars(module).get("parametrizations") if isinstance(module, Module) else None
    return {name: x for name, x in each.items() if isinstance(x, ParametrizationList)} if each is not None else {}


def _set_lists(module: Module, lists: dict[str, ParametrizationList]) -> None:
    """Give a module these parametrizations, and the class that reads the parameters by them."""
    base = type_before_parametrizations(module)
    vars(module).pop("parametrizations", None)
    if lists:
        module.add_module("parametrizations", ModuleDict(lists))
    module.__class__ = _class_of(base, [*lists]) if lists else base


def _class_of(base: type[Module], names: list[str]) -> type[Module]:
    """A class of modules that calculate the parameters of these names when they are read."""

    def calculated(name: str) -> property:
        return property(lambda module: _lists(module)[name](), lambda module, x: _lists(module)[name].right_inverse(x))

    members: State = {name: calculated(name) for name in names}
    members |= {"_calculated": names, "__reduce__": lambda module: (_rebuilt, (base, names), vars(module))}
    return type(f"Parametrized{base.__name__}", (base,), members)


def _rebuilt(base: type[Module], names: list[str]) -> Module:
    """A module without attributes, for copies and pickles."""
    kind = _class_of(base, names)
    return kind.__new__(kind)
