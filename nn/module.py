"""``Module``: what has parameters, and submodules that have parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np

from autograd import Tensor, Value
from nn.parameter import Parameter

__all__ = ["Module", "as_node"]


class Module:
    """A function with parameters: a layer, or a network of layers.

    Write a subclass that makes its parameters and submodules attributes and defines :meth:`forward`. They are found by
    attribute, in the order of assignment, also inside lists, tuples and dicts. A parameter is a :class:`Parameter`, or
    a :class:`autograd.Value` that is a leaf and requires a gradient.

    Attributes
    ----------
    training : bool
        Whether it is being trained, for modules that behave differently then; see :meth:`train`.

    Examples
    --------
    >>> import nn
    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         self.m = nn.Parameter(3.0)
    ...         self.b = nn.Parameter(1.0)
    ...     def forward(self, x):
    ...         return self.m * x + self.b
    >>> line = Line()
    >>> line(2.0)
    Tensor(7., op='+')
    >>> [name for name, _ in line.named_parameters()]
    ['m', 'b']
    >>> line
    Line(m: (), b: ())
    """

    training: bool = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The result for an input; what calling the module does."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward: define `def forward(self, x)` to say what it computes"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The same as :meth:`forward`."""
        return self.forward(*args, **kwargs)

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """The module itself (named ``""``) and every submodule, each once, with paths like ``"0.inner"``."""
        seen: set[int] = set()

        def walk(path: str, module: Module) -> Iterator[tuple[str, Module]]:
            if id(module) not in seen:
                seen.add(id(module))
                yield path, module
                for name, child in module.named_children():
                    yield from walk(_join(path, name), child)

        return walk("", self)

    def modules(self) -> Iterator[Module]:
        """The module itself and every submodule, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct submodules, with their names."""
        return ((name, x) for name, x in _members(vars(self)) if isinstance(x, Module))

    def children(self) -> Iterator[Module]:
        """The direct submodules."""
        return (child for _, child in self.named_children())

    def named_parameters(self) -> Iterator[tuple[str, Parameter | Value]]:
        """Every parameter of this module and its submodules, each once, with paths like ``"0.weight"``.

        Examples
        --------
        >>> import nn
        >>> net = nn.Sequential(nn.Linear(3, 10), nn.Sigmoid(), nn.Linear(10, 1))
        >>> {name: p.shape for name, p in net.named_parameters()}
        {'0.weight': (10, 3), '0.bias': (10,), '2.weight': (1, 10), '2.bias': (1,)}
        """
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name, x in _members(vars(module)):
                if _is_parameter(x) and id(x) not in seen:
                    seen.add(id(x))
                    yield _join(path, name), x

    def parameters(self) -> Iterator[Parameter | Value]:
        """Every parameter of this module and its submodules, each once."""
        return (p for _, p in self.named_parameters())

    def zero_grad(self) -> None:
        """Forget every parameter's gradient."""
        for p in self.parameters():
            p.zero_grad()

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in every submodule; returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """The same as ``train(False)``."""
        return self.train(False)

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """The parameters' values by name, as arrays of their own.

        Examples
        --------
        >>> import nn
        >>> a, b = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1)
        >>> b.load_state_dict(a.state_dict())
        >>> bool((a.weight.data == b.weight.data).all())
        True
        """
        return {name: p.numpy() for name, p in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set the parameters to the values in `state`, each kept in its parameter's dtype.

        Parameters
        ----------
        state : mapping of str to array_like
            A value for every name in :meth:`named_parameters`, of that parameter's shape.

        Raises
        ------
        ValueError
            If names are missing or unexpected, or shapes differ: all of them are listed, and nothing is changed.
        """
        own = dict(self.named_parameters())
        new = {name: np.asarray(value) for name, value in state.items()}
        problems = [f"missing: {name} {p.shape}" for name, p in own.items() if name not in new]
        problems += [f"unexpected: {name}" for name in new if name not in own]
        problems += [
            f"misshapen: {name} is {p.shape}, not {new[name].shape}"
            for name, p in own.items()
            if name in new and new[name].shape != p.shape
        ]
        if problems:
            raise ValueError(f"{type(self).__name__}.load_state_dict: " + "; ".join(problems))
        for name, p in own.items():
            p.data = new[name]

    def __repr__(self) -> str:
        inner = [f"{name}: {p.shape}{_unusual_dtype(p)}" for name, p in _members(vars(self)) if _is_parameter(p)]
        children = [f"{name}: {child!r}" for name, child in self.named_children()]
        if not children:
            return f"{type(self).__name__}({', '.join(inner)})"
        lines = "\n".join(inner + children).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {lines}\n)"


def _members(named: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values, those inside lists, tuples and dicts too, as ``"layers.0"``."""
    for name, x in named.items():
        if isinstance(x, (list, tuple)):
            x = dict(enumerate(x))
        if isinstance(x, dict):
            yield from _members({f"{name}.{key}": item for key, item in x.items()})
        else:
            yield name, x


def _is_parameter(x: Any) -> bool:
    return isinstance(x, Parameter) or (isinstance(x, Value) and x.op is None and x.requires_grad)


def _unusual_dtype(p: Any) -> str:
    return f" {p.dtype}" if isinstance(p, Tensor) and p.dtype != np.float64 else ""


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def as_node(x: Any, dtype: Any) -> Any:
    """`x` itself if it is a node; an array or number as a constant of that dtype."""
    if isinstance(x, (Tensor, Value)):
        return x
    node = Tensor(x, requires_grad=False)
    return node if dtype in (None, node.dtype) else Tensor(node.data, requires_grad=False, dtype=dtype)
