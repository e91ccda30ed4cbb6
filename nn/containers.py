"""Containers: ``Sequential`` and ``ModuleList``, ``ModuleDict``, ``ParameterList`` and ``ParameterDict``."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from itertools import chain
from typing import Any, Self, TypeAlias, overload

import numpy as np

from autograd import Tensor
from nn._types import Output
from nn.members import is_parameter
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]

# A module or a parameter, whose own type the user knows: `layers[0].weight` is checked by nobody.
Item: TypeAlias = Any


class _List(Module, MutableSequence[Item]):
    """Items as attributes named by their positions, ``"0"``, ``"1"``, ...; a subclass says which objects are items."""

    def _items(self) -> dict[str, Item]:
        raise NotImplementedError

    def _checked(self, i: int, x: Item) -> Item:
        raise NotImplementedError

    def _number(self, items: Iterable[Item]) -> None:
        """Make these the items, named by their positions."""
        own, numbered = vars(self), {str(i): x for i, x in enumerate(items)}
        for name in self._items():
            del own[name]
        own.update(numbered)

    def append(self, module: Item) -> Self:  # type: ignore[override]
        """Add an item at the end; returns the container."""
        n = len(self)
        if str(n) in self._items():  # A slice keeps its names.
            self._number(self)
        setattr(self, str(n), self._checked(n, module))
        return self

    def extend(self, modules: Iterable[Item]) -> Self:  # type: ignore[override]
        """Add items at the end; returns the container."""
        if not isinstance(modules, Iterable) or isinstance(modules, Tensor):
            raise TypeError(f"{type(self).__name__}.extend: pass an iterable, not {type(modules).__name__}")
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Item) -> Self:  # type: ignore[override]
        """Add an item before the one at `index`; returns the container."""
        items = list(self)
        if not -len(items) <= index <= len(items):
            raise IndexError(f"{type(self).__name__}.insert: {index} is out of range; there are {len(items)}")
        items.insert(index, self._checked(index, module))
        self._number(items)
        return self

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items().values())

    def __len__(self) -> int:
        return len(self._items())

    def _name(self, key: int) -> str:
        names = list(self._items())
        try:
            return names[operator.index(key)]
        except IndexError:
            raise IndexError(f"{type(self).__name__}: there is no item {key}; it has {len(names)}") from None

    @overload
    def __getitem__(self, key: int) -> Item: ...
    @overload
    def __getitem__(self, key: slice) -> Self: ...
    def __getitem__(self, key: int | slice) -> Item:
        return self._slice(key) if isinstance(key, slice) else vars(self)[self._name(key)]

    def __setitem__(self, key: Item, module: Item) -> None:
        setattr(self, self._name(key), self._checked(key, module))

    def __delitem__(self, key: int | slice) -> None:
        items = list(self)
        if not isinstance(key, slice):
            self._name(key)
        del items[key]
        self._number(items)

    def _slice(self, part: slice) -> Item:
        return type(self)().extend(list(self)[part])

    def __iadd__(self, other: Iterable[Item]) -> Self:
        return self.extend(other)


class _ModuleSequence(_List):
    """Modules in order."""

    def _items(self) -> dict[str, Item]:
        # The attributes are read directly, without a search in lists and dicts, because every forward pass iterates.
        return {name: x for name, x in vars(self).items() if isinstance(x, Module)}

    def _checked(self, i: int, x: Item) -> Module:
        if not isinstance(x, Module):
            raise TypeError(f"{type(self).__name__}: argument {i} is {_describe(x)}")
        return x


class Sequential(_ModuleSequence):
    """Modules one after the other, each of which takes the result of the one before.

    Parameters
    ----------
    *modules : Module
        In order; they are named ``"0"``, ``"1"``, ... An OrderedDict in their place names them by its keys.

    Raises
    ------
    TypeError
        If one is not a module.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Linear(3, 10), nn.Sigmoid(), nn.Linear(10, 1))
    >>> net
    Sequential(
      0: Linear(weight: (10, 3), bias: (10,))
      1: Sigmoid()
      2: Linear(weight: (1, 10), bias: (1,))
    )
    >>> len(net), net[-1].out_features, len(net[:2]), len(net + net[1:])
    (3, 1, 2, 5)
    """

    def __init__(self, *modules: Module | OrderedDict[str, Module]) -> None:
        if len(modules) == 1 and isinstance(modules[0], OrderedDict):
            for name, module in modules[0].items():
                self.add_module(name, module)
        else:
            self.extend(modules)

    def forward(self, input: Item) -> Output:
        """The last module's result for an input, which the first module takes."""
        for module in vars(self).values():
            if isinstance(module, Module):
                input = module(input)
        return input

    def __add__(self, other: Sequential) -> Sequential:
        return Sequential(*self, *_checked_sequential(other))

    def __iadd__(self, other: Iterable[Item]) -> Self:
        return self.extend(_checked_sequential(other))

    def __mul__(self, n: int) -> Sequential:
        return Sequential(*list(self) * _checked_factor(n))

    __rmul__ = __mul__

    def __imul__(self, n: int) -> Self:
        return self.extend(list(self) * (_checked_factor(n) - 1))

    def _slice(self, part: slice) -> Sequential:
        return Sequential(OrderedDict(list(self._items().items())[part]))  # A part of an MLP is no MLP.


class ModuleList(_ModuleSequence):
    """A list of modules whose parameters belong to the module that has it as an attribute.

    Examples
    --------
    >>> import nn
    >>> layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    >>> len(layers.append(nn.Tanh())), layers[-1]
    (4, Tanh())
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        self.extend(() if modules is None else modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))


class _Dict(Module, MutableMapping[str, Item]):
    """Items as attributes named by their keys; a subclass says which objects are items."""

    __eq__ = object.__eq__  # A module is equal to itself only.
    __hash__ = object.__hash__

    def _items(self) -> dict[str, Item]:
        raise NotImplementedError

    def __getitem__(self, key: str) -> Item:
        items = self._items()
        if key not in items:
            raise KeyError(f"{type(self).__name__}: there is no {key!r}; it has {', '.join(items)}")
        return items[key]

    def __delitem__(self, key: str) -> None:
        self[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[str]:
        return iter(self._items())

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._items())

    def update(self, items: Mapping[str, Item] | Iterable[tuple[str, Item]] = (), /) -> None:  # type: ignore[override]
        """Set items from a mapping, or from pairs of a key and an item."""
        advice = f"{type(self).__name__}.update: pass a mapping, or pairs of a key and an item"
        if not isinstance(items, Iterable):
            raise TypeError(f"{advice}, not {type(items).__name__}")
        for pair in items.items() if isinstance(items, Mapping) else items:
            if not isinstance(pair, Iterable):
                raise TypeError(f"{advice}; there is {type(pair).__name__} for a pair")
            if len(both := tuple(pair)) != 2:
                raise ValueError(f"{advice}; there are {len(both)} for a pair")
            self[both[0]] = both[1]

    def popitem(self) -> tuple[str, Item]:
        """Remove and return the last key and its item."""
        if not len(self):
            raise KeyError(f"{type(self).__name__}.popitem: it is empty")
        key = next(reversed(self))
        return key, self.pop(key)


class ModuleDict(_Dict):
    """A dict of modules whose parameters belong to the module that has it as an attribute.

    Parameters
    ----------
    modules : mapping of str to Module or iterable of pair, optional
        The keys are names of attributes, without dots.

    Examples
    --------
    >>> import nn
    >>> heads = nn.ModuleDict({"mean": nn.Linear(2, 1), "scale": nn.Linear(2, 1)})
    >>> list(heads), [name for name, _ in heads.named_parameters()]
    (['mean', 'scale'], ['mean.weight', 'mean.bias', 'scale.weight', 'scale.bias'])
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        self.update(() if modules is None else modules)

    def _items(self) -> dict[str, Item]:
        return {name: x for name, x in vars(self).items() if isinstance(x, Module)}

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)


class ParameterList(_List):
    """A list of parameters that belong to the module that has it as an attribute.

    Parameters
    ----------
    values : iterable of array_like, optional
        Arrays and Tensors become parameters; anything else stays what it is.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> weights = nn.ParameterList([nn.Parameter([1.0, 2.0]), np.ones(1)])
    >>> weights, weights[0] + 2.0
    (ParameterList(0: (2,), 1: (1,)), Tensor([3., 4.], op='+'))
    """

    def __init__(self, values: Iterable[Item] | None = None) -> None:
        self.extend(() if values is None else values)

    def _items(self) -> dict[str, Item]:
        return {name: x for name, x in vars(self).items() if name.isdecimal()}

    def _checked(self, i: int, x: Item) -> Item:
        return _as_parameter(x)


class ParameterDict(_Dict):
    """A dict of parameters that belong to the module that has it as an attribute.

    Parameters
    ----------
    parameters : mapping of str to array_like or iterable of pair, optional
        As :class:`ParameterList` takes them.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> weights = nn.ParameterDict({"gain": np.ones(2), "slope": nn.Parameter(2.0)})
    >>> weights["slope"] + 3.0, weights
    (Tensor(5., op='+'), ParameterDict(gain: (2,), slope: ()))
    """

    def __init__(self, parameters: Mapping[str, Item] | Iterable[tuple[str, Item]] | None = None) -> None:
        self._keys: dict[str, None] = {}
        self.update(() if parameters is None else parameters)

    def _items(self) -> dict[str, Item]:
        return {name: getattr(self, name) for name in self._keys}

    def update(self, items: Mapping[str, Item] | Iterable[tuple[str, Item]] = (), /) -> None:  # type: ignore[override]
        """Set items from pairs, or from a mapping: a plain dict's in the order of its keys, as in PyTorch."""
        if isinstance(items, Mapping) and not isinstance(items, (OrderedDict, ParameterDict)):
            items = sorted(items.items())
        super().update(items)

    def __setitem__(self, key: str, x: Item) -> None:
        if key not in self._keys:
            self._check_name("parameter", key)
        setattr(self, key, _as_parameter(x))
        self._keys[key] = None

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        del self._keys[key]

    def copy(self) -> ParameterDict:
        """Another dict of the same parameters."""
        return ParameterDict(self)

    def fromkeys(self, keys: Iterable[str], default: Item = None) -> ParameterDict:
        """Another dict with these keys and one item for all."""
        return ParameterDict((key, default) for key in keys)

    def __or__(self, other: Mapping[str, Item]) -> ParameterDict:
        return ParameterDict(OrderedDict({**self, **other}))

    def __ror__(self, other: Mapping[str, Item]) -> ParameterDict:
        return ParameterDict(OrderedDict({**other, **self}))

    def __ior__(self, other: Mapping[str, Item]) -> Self:
        self.update(other)
        return self


def _as_parameter(x: Item) -> Item:
    """An array or a Tensor as a parameter; anything else as it is."""
    if is_parameter(x) or not isinstance(x, (Tensor, np.ndarray)):
        return x
    return Parameter(x.detach() if isinstance(x, Tensor) else x)


def _checked_sequential(x: object) -> Sequential:
    if not isinstance(x, Sequential):
        raise ValueError(f"Sequential: + takes another Sequential, not {type(x).__name__}; append adds a module")
    return x


def _checked_factor(n: object) -> int:
    if not isinstance(n, int):
        raise TypeError(f"Sequential: * takes an integer, not {type(n).__name__}")
    if n < 1:
        raise ValueError(f"Sequential: * takes an integer of at least 1, not {n}")
    return n


def _describe(x: object) -> str:
    if isinstance(x, type) and issubclass(x, Module):
        return f"a class: write {x.__name__}(...), which makes a module of it"
    if isinstance(x, dict):
        return "a dict: write Sequential(*modules.values()), or Sequential(OrderedDict(modules)), which keeps the names"
    if isinstance(x, (list, tuple)):
        return f"a {type(x).__name__}: write Sequential(*modules)"
    if callable(x):
        return "a function, not a module: use nn.Sigmoid() and the like, or a Module whose forward calls it"
    return f"{x!r}, not a module"
