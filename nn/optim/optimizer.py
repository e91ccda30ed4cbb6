"""``Optimizer``: parameter groups, the step, and the state to save, which all optimisers share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np

from autograd import Tensor, Value, no_grad
from autograd.tracebacks import entrance
from nn._types import Array, Node, State, ValueArray
from nn.kinds import to_real_numpy, zero_gradient
from nn.states import validated_state
from nn.utils import list_parameters

__all__ = ["Optimizer", "optimizer_by_name"]

# A group holds its parameters under "params", and options, which are numbers but for the two betas.
Group: TypeAlias = dict[str, Any]
# An optimiser computes on arrays for Tensors and on floats for Values, by the same formulas.
Numbers: TypeAlias = Array | float
Option: TypeAlias = float | tuple[float, float]
Params: TypeAlias = Iterable[Node | ValueArray] | Iterable[Mapping[str, Any]]


class HasData(Protocol):
    """What a step reads of a parameter beside its gradient."""

    @property
    def data(self) -> Any: ...


_OPTIMIZERS: dict[str, type[Optimizer]] = {}


class Optimizer:
    """The base of optimisers: a subclass defines `_update`, which a step subtracts from a parameter.

    Parameters
    ----------
    params : iterable of Tensor or Value, or of dicts
        Leaves to train, as ``model.parameters()`` gives them; or groups with options of their own,
        ``{"params": [...], "lr": 0.01}``.
    **options
        The rule's options, for groups that do not state theirs.

    Attributes
    ----------
    param_groups : list of dict
        Each holds its ``"params"`` and its options, which may be changed between steps.
    state : dict
        The rule's memory of each parameter.

    Raises
    ------
    TypeError
        If `params` is no iterable of nodes, or an option no number.
    ValueError
        If there are no parameters (a generator that was used up, perhaps), one is passed twice or is no leaf, an
        option is unknown or out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> class SignSGD(nn.optim.Optimizer):
    ...     def __init__(self, params, lr=0.1):
    ...         super().__init__(params, lr=lr, weight_decay=0.0)
    ...     def _update(self, g, group, state):
    ...         return group["lr"] * np.sign(g)
    >>> w = nn.Parameter([1.0, -2.0])
    >>> (w * w).sum().backward()
    >>> SignSGD([w]).step()
    >>> w.data
    array([ 0.9, -1.9])
    """

    decoupled = False  # True lets weight decay shrink the weights themselves, not through the gradient.

    def __init__(self, params: Params, **options: Option) -> None:
        self.param_groups: list[Group] = []
        self.state: dict[Node, State] = {}
        self.defaults = options
        listed = _list_params(type(self).__name__, params)
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
            self.add_param_group(group)

    def __init_subclass__(cls) -> None:
        _OPTIMIZERS[cls.__name__.lower()] = cls

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Train more parameters, ``{"params": [...]}``, with options of their own or the defaults.

        Parameters
        ----------
        group : dict
            The parameters under ``"params"``, and options.

        Raises
        ------
        TypeError, ValueError
            As from the constructor.
        """
        name = type(self).__name__
        if not isinstance(group, Mapping) or "params" not in group:
            raise TypeError(f"{name}: a parameter group is a dict with 'params', not {group!r}")
        unknown = [key for key in group if key != "params" and key not in self.defaults]
        if unknown:
            raise ValueError(f"{name}: no option {unknown[0]!r}; there are {', '.join(self.defaults)}")
        options = {key: _validated_option(name, key, group.get(key, default)) for key, default in self.defaults.items()}
        leaves = _list_params(name, group["params"])
        _check_leaves(name, leaves, self._leaves())
        self.param_groups.append({"params": leaves, **options})

    @property
    def lr(self) -> float:
        """The first group's learning rate; setting it sets every group's."""
        return float(self.param_groups[0]["lr"])

    @lr.setter
    def lr(self, rate: float) -> None:
        for group in self.param_groups:
            group["lr"] = _validated_option(type(self).__name__, "lr", rate)

    def _leaves(self) -> list[Node]:
        return [p for group in self.param_groups for p in group["params"]]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear every parameter's gradient, or set it to zeros, because the next backward pass adds to it."""
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None if set_to_none else zero_gradient(p)

    @entrance
    @no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient and is not frozen.

        Raises
        ------
        ValueError
            If none has a gradient.
        """
        moved = False
        for group in self.param_groups:
            for p in group["params"]:
                if not p.has_grad:
                    continue
                moved = True
                if not p.requires_grad:
                    continue
                if (state := self.state.get(p)) is None:
                    state = self.state[p] = {}
                p -= self._change(p, p.grad, group, state)
        if not moved:
            raise ValueError(f"{type(self).__name__}.step: no parameter has a gradient; call loss.backward() first")

    def _change(self, p: HasData, g: Numbers, group: Group, state: State) -> Numbers:
        """The numbers that a step subtracts from a parameter: the rule's, and those of weight decay."""
        decay = group["weight_decay"]
        if decay and not self.decoupled:
            g = g + decay * p.data
        update = self._update(g, group, state)
        return update + group["lr"] * decay * p.data if decay and self.decoupled else update

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        """The numbers that a step subtracts from a parameter with gradient `g`; `state` is its memory."""
        raise NotImplementedError

    def state_dict(self) -> State:
        """All that a resumed training needs: the options, and the rule's memory by the parameters' numbers."""
        numbers = {p: i for i, p in enumerate(self._leaves())}
        return {
            "state": {numbers[p]: {key: np.copy(x)[()] for key, x in s.items()} for p, s in self.state.items()},
            "param_groups": [group | {"params": [numbers[p] for p in group["params"]]} for group in self.param_groups],
        }

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Set options and memory to those that :meth:`state_dict` gave for as many parameters.

        Raises
        ------
        ValueError
            If it was saved for other groups of parameters or another rule.
        """
        name = type(self).__name__
        saved_state = validated_state(name, {"state": {}, "param_groups": [{}]}, state)
        groups, leaves = saved_state["param_groups"], self._leaves()
        sizes = [len(g["params"]) for g in groups], [len(g["params"]) for g in self.param_groups]
        if sizes[0] != sizes[1]:
            raise ValueError(
                f"{name}.load_state_dict: it was saved for groups of {sizes[0]} parameters, not {sizes[1]}"
            )
        if any(not {"params", *self.defaults} <= set(g) for g in groups):
            raise ValueError(f"{name}.load_state_dict: the options saved are not {name}'s: {', '.join(groups[0])}")
        memory = {leaves[int(i)]: dict(s) for i, s in saved_state["state"].items()}
        for p, own_memory in memory.items():
            for key, x in own_memory.items():
                if to_real_numpy(x) is None or (key == "step" and not x >= 0):
                    raise ValueError(f"{name}.load_state_dict: {key} is no number or array of numbers")
                if np.shape(x) not in ((), p.shape):
                    raise ValueError(f"{name}.load_state_dict: {key} has shape {np.shape(x)}, its parameter {p.shape}")
                own_memory[key] = x.copy() if np.ndim(x) else np.asarray(x).item()
        self.state = memory
        for own, saved in zip(self.param_groups, groups, strict=True):
            options = {key: tuple(x) if isinstance(x, list) else x for key, x in saved.items() if key != "params"}
            own.update(
                {key: _validated_option(name, key, x) if key in self.defaults else x for key, x in options.items()}
            )

    def __repr__(self) -> str:
        options = ", ".join(f"{key}={x}" for key, x in self.param_groups[0].items() if key != "params")
        return f"{type(self).__name__}({len(self._leaves())} parameters, {options})"


def optimizer_by_name(name: str, params: Params, **options: Option) -> Optimizer:
    """An optimiser by its name in lower case: "sgd", "adam", "adamw", "rmsprop", "adagrad".

    Parameters
    ----------
    name : str
        The name of the class, in any case.
    params : iterable of Tensor or Value, or of dicts
        Leaves to train, or groups of them.
    **options
        The rule's options, by its class's names.

    Raises
    ------
    ValueError
        If there is none of that name; the message lists the names.

    Examples
    --------
    >>> import nn
    >>> nn.optim.optimizer_by_name("sgd", [nn.Parameter(1.0)], lr=0.1).lr
    0.1
    """
    if not isinstance(name, str) or name.lower() not in _OPTIMIZERS:
        raise ValueError(f"no optimiser {name!r}; there are {', '.join(sorted(_OPTIMIZERS))}")
    return _OPTIMIZERS[name.lower()](params, **options)


def _list_params(name: str, params: Params) -> list[Any]:
    """The parameters, or the groups of them, as a list."""
    if isinstance(params, (Tensor, Value)):
        raise TypeError(f"{name}: pass a list of parameters, [p], not a single one")
    listed = list_parameters(name, params)
    if not listed:
        raise ValueError(f"{name}: there are no parameters; a used generator is empty, so call model.parameters() anew")
    return listed


def _check_leaves(name: str, leaves: list[object], others: list[Node]) -> None:
    seen = {id(p): "of an earlier group" for p in others}
    for i, p in enumerate(leaves):
        if not isinstance(p, (Tensor, Value)):
            raise TypeError(f"{name}: parameter {i} is {type(p).__name__}, not a Tensor or Value")
        if p.op is not None:
            raise ValueError(f"{name}: parameter {i} is the result of {p.op.name!r}; only leaves are trained")
        if id(p) in seen:
            raise ValueError(f"{name}: parameters {seen[id(p)]} and {i} are the same node; pass each once")
        seen[id(p)] = str(i)


def _validated_option(name: str, key: str, x: Any) -> Option:
    """An option in its range: betas in [0, 1), any other number finite and at least 0."""
    if isinstance(x, bool):
        return x
    if key == "betas":
        if not (isinstance(x, (tuple, list)) and len(x) == 2 and all(0 <= b < 1 for b in x)):
            raise ValueError(f"{name}: betas must be two numbers in [0, 1), not {x!r}")
        return tuple(x)
    try:
        number = float(x + 0)  # + refuses a text, which float would take.
    except (TypeError, ValueError):
        raise TypeError(f"{name}: {key} must be a number, not {x!r}") from None
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"{name}: {key} must be finite and at least 0, not {number}")
    return number
