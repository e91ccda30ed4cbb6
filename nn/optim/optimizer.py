"""``Optimizer``: parameter groups, the step, and the state to save, which all optimisers share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, TypeVar, overload

import numpy as np

from autograd import Tensor, Value, enable_grad, is_grad_enabled, no_grad
from autograd.backends import Destination, library_of, moved, moves, numpy_dtype
from autograd.compiler import warn
from autograd.tracebacks import entrance
from nn._types import Array, Node, State, X
from nn.kinds import to_real_numpy, zero_gradient
from nn.optim.hooks import Hooked, between_hooks, register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from nn.optim.options import SWITCHES, Option, look_for_misspellings, own_options, validated_option
from nn.optim.parameters import Params, check_leaves, list_or_groups, split_names
from nn.states import validated_state

__all__ = [
    "Closure", "Optimizer", "functions_for", "optimizer_by_name", "own", "recorded",
    "register_optimizer_step_post_hook",
    "register_optimizer_step_pre_hook",
]  # fmt: skip

T = TypeVar("T")
# A group holds its parameters under "params", its options, and a user's own keys.
Group: TypeAlias = State
# It clears the gradients, calls ``loss.backward()`` and returns the loss, a node or a number.
Closure: TypeAlias = Callable[[], object]
# An optimiser computes on arrays for Tensors and on floats for Values, by the same formulas.
Numbers: TypeAlias = Array | float


class HasData(Protocol):
    """What a step reads of a parameter beside its gradient."""

    @property
    def data(self) -> Numbers: ...


_OPTIMIZERS: dict[str, type[Optimizer]] = {}


class Optimizer(Hooked):
    """The base of optimisers: a subclass defines `_update`, which a step subtracts from a parameter.

    Parameters
    ----------
    params : iterable of node, iterable of pair or iterable of dict
        Leaves to train, as ``model.parameters()`` gives them; or groups with options of their own,
        ``{"params": [...], "lr": 0.01}``. A key that is no option is kept and saved with the group.
    defaults : dict, optional
        The rule's options, for groups that do not state theirs; or they are passed by name.
    **options : object
        The rule's options. Most rules have `weight_decay` (this times the weight is added to its gradient) and
        `maximize` (the gradient's sign is changed first: the loss climbs); `foreach`, `fused` and `capturable`, which
        choose how PyTorch calculates a step, change nothing.

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
        If there are no parameters (a generator that was used up, perhaps), one is passed twice or is no leaf, or an
        option is out of its range.

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
    _opt_called = False  # True once it has made a step.
    _moves = 0  # how many moves of leaves there were when it last looked where its memory has to be
    _is_scheduled_early = False  # True if a schedule made a step before.
    needs_closure = False  # True for a rule that evaluates the loss several times in a step.

    def __init__(self, params: Params, defaults: State | None = None, **options: Option) -> None:
        name = type(self).__name__
        self.defaults = own_options(name, {**(defaults or {}), **options})
        self.param_groups: list[Group] = []
        self.state: defaultdict[Node, State] = defaultdict(dict)
        self._has_warned = False
        self._moves = moves.count
        listed = list_or_groups(name, params)
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
            self.add_param_group(group)

    def __init_subclass__(cls) -> None:
        if "step" in vars(cls):
            cls.step = between_hooks(cls.step)  # type: ignore[method-assign]
        _OPTIMIZERS[cls.__name__.lower()] = cls

    def add_param_group(self, param_group: State) -> None:
        """Train more parameters, ``{"params": [...]}``, with options of their own or the defaults.

        Errors are those of the constructor.
        """
        name = type(self).__name__
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(f"{name}: a parameter group is a dict with 'params', not {param_group!r}")
        params = param_group["params"]
        if isinstance(params, (set, frozenset)):
            raise TypeError(f"{name}: the order of a set changes between runs; pass a list of parameters")
        group = own_options(name, {key: x for key, x in param_group.items() if key not in ("params", "param_names")})
        look_for_misspellings(name, [key for key in group if key not in self.defaults], self.defaults)
        leaves, names = split_names(
            name, list_or_groups(name, [params] if isinstance(params, (Tensor, Value)) else params)
        )
        check_leaves(name, leaves, self._leaves())
        if any(bool(names) != ("param_names" in g) for g in self.param_groups):
            which = "with" if names else "without"
            raise ValueError(
                f"all optimizer param groups should be with/without names. cannot add param group {which} names to the "
                f"optimizer; {name}: pass named_parameters() in each, or in none"
            )
        named = {"param_names": names} if names else {}
        self.param_groups.append({"params": leaves, **named, **self.defaults, **group})

    @property
    def lr(self) -> float:
        """The first group's learning rate; setting it sets every group's."""
        return float(self.param_groups[0]["lr"])

    @lr.setter
    def lr(self, rate: float) -> None:
        for group in self.param_groups:
            group["lr"] = validated_option(type(self).__name__, "lr", rate)

    def _leaves(self) -> list[Node]:
        return [p for group in self.param_groups for p in group["params"]]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear every parameter's gradient, or set those that there are to zeros: the next backward pass adds to it."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none or p.has_grad:
                    p.grad = None if set_to_none else zero_gradient(p)

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], T]) -> T: ...
    @entrance
    @between_hooks
    def step(self, closure: Closure | None = None) -> Any:
        """Move every parameter that has a gradient and is not frozen.

        Parameters
        ----------
        closure : callable, optional
            A function that clears the gradients, calls ``loss.backward()`` and returns the loss; it is called first,
            and the step returns its result.

        Warns
        -----
        UserWarning
            The first time that no parameter has a gradient: nothing is changed then.
        """
        if self._is_scheduled_early:
            self._is_scheduled_early = False
            warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`, so that the first rate was left "
                "out; call optimizer.step() first: see "
                "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate",
                UserWarning,
            )
        self._opt_called = True
        return self._step(closure)

    def _step(self, closure: Closure | None = None) -> object:
        """A step by the rule."""
        loss = None if closure is None else recorded(closure)
        self._warn_unless(self._move())
        return loss

    @no_grad()  # A block would leave its mode for the next op to put back, which makes that one slow.
    def _move(self) -> bool:
        """Move the parameters by their gradients; returns whether one has a gradient."""
        found = False
        if self._moves != moves.count:
            self.recast_memory()
        for group in self.param_groups:
            for key, x in group.items():
                if isinstance(x, np.number):  # which would decide the dtype, and is nothing that PyTorch takes
                    group[key] = x.item()
            for p in group["params"]:
                if p.has_grad:
                    found = True
                    if p.requires_grad:
                        p -= self._change(p, p.grad, group, self.state[p])
        return found

    def recast_memory(self) -> None:
        """Have the memory of each parameter where it is, in its dtype, which others may have become by ``model.to``."""
        self._moves = moves.count
        for p, memory in self.state.items():
            if isinstance(p, Tensor):
                memory.update({key: _beside(x, p) for key, x in memory.items()})

    def _warn_unless(self, moved: bool) -> None:
        """Warn, once, that there was nothing to follow."""
        if not (moved or self._has_warned):
            self._has_warned = True
            warn(
                f"{type(self).__name__}.step: no parameter has a gradient, so nothing changes; call loss.backward() "
                f"first",
                UserWarning,
            )

    def _change(self, p: HasData, g: Numbers, group: Group, state: State) -> Numbers:
        """The numbers that a step subtracts from a parameter: the rule's, and those of weight decay."""
        if group.get("maximize"):
            g = -g
        if not (decay := group.get("weight_decay")):
            update = self._update(g, group, state)
        elif group.get("decoupled_weight_decay", self.decoupled):
            update = self._update(g, group, state) + group["lr"] * decay * p.data
        else:
            update = self._update(g + decay * p.data, group, state)
        return update

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        """The numbers that a step subtracts from a parameter with gradient `g`; `state` is its memory."""
        raise NotImplementedError

    def state_dict(self) -> State:
        """All that a resumed training needs: the options, and the rule's memory by the parameters' numbers."""
        for hook in self._called("state_dict_pre"):
            hook(self)
        numbers = {p: i for i, p in reversed(list(enumerate(self._leaves())))}
        state: State = {
            "state": {numbers.get(p, p): _copied(memory) for p, memory in self.state.items() if memory != {}},
            "param_groups": [group | {"params": [numbers[p] for p in group["params"]]} for group in self.param_groups],
        }
        for hook in self._called("state_dict_post"):
            state = state if (changed := hook(self, state)) is None else changed
        return state

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        """Set options and memory to those that :meth:`state_dict`, or PyTorch's optimiser, gave for as many parameters.

        Raises
        ------
        ValueError
            If it was saved for other groups of parameters or another rule.
        """
        state = state_dict
        for hook in self._called("load_pre"):
            state = dict(state)
            state = state if (changed := hook(self, state)) is None else changed
        name = type(self).__name__
        saved_state = validated_state(name, {"state": {}, "param_groups": [{}]}, state)
        groups, leaves = saved_state["param_groups"], self._leaves()
        sizes = [len(g["params"]) for g in groups], [len(g["params"]) for g in self.param_groups]
        if sizes[0] != sizes[1]:
            differs = "contains a parameter group that doesn't match the size of optimizer's group"
            if len(groups) != len(self.param_groups):
                differs = "has a different number of parameter groups"
            raise ValueError(
                f"loaded state dict {differs}; {name}.load_state_dict: it was saved for groups "
                f"of {sizes[0]} parameters, not {sizes[1]}"
            )
        if any(not {*self.defaults} - {"maximize", "decoupled_weight_decay"} <= {*g} for g in groups):
            raise ValueError(f"{name}.load_state_dict: the options saved are not {name}'s: {', '.join(groups[0])}")
        options = [
            {key: validated_option(name, key, x) for key, x in g.items() if key not in ("params", *SWITCHES)}
            for g in groups
        ]
        number = {int(i): p for i, p in zip((i for g in groups for i in g["params"]), leaves, strict=True)}
        memory = {number[int(i)]: self._checked_memory(number[int(i)], s) for i, s in saved_state["state"].items()}
        self.state = defaultdict(dict, memory)
        for own, saved in zip(self.param_groups, options, strict=True):
            own.update(saved)
        for hook in self._called("load_post"):
            hook(self)

    def _checked_memory(self, p: Node, saved: State) -> State:
        """A parameter's saved memory: numbers, and arrays of its shape, which get its dtype."""
        name, memory = f"{type(self).__name__}.load_state_dict", {}
        for key, x in dict(saved).items():
            if x is None:  # PyTorch's rules have None for what they do not use yet.
                continue
            array = to_real_numpy(x)
            if array is None or (key == "step" and not array >= 0):
                raise ValueError(f"{name}: {key} is no number or array of numbers")
            if array.shape not in ((), p.shape):
                raise ValueError(f"{name}: {key} has shape {array.shape}, its parameter {p.shape}")
            memory[key] = _beside(array.astype(float), p) if isinstance(p, Tensor) and array.ndim else array.item()
        return memory

    def __repr__(self) -> str:
        options = ", ".join(
            f"{key}={x}" for key, x in self.param_groups[0].items() if key in self.defaults and (key != "maximize" or x)
        )
        return f"{type(self).__name__}({len(self._leaves())} parameters, {options})"


def optimizer_by_name(name: str, params: Params, **options: Option) -> Optimizer:
    """An optimiser by the name of its class, in any case; `params` and options are its constructor's.

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


def recorded(closure: Callable[[], T]) -> T:
    """The result of a closure, which records wherever a step calls it."""
    if not callable(closure):
        raise TypeError(f"step: the closure is a function that returns the loss, not {type(closure).__name__}")
    if is_grad_enabled():
        return closure()
    with enable_grad():
        return closure()


def _copied(x: object) -> object:
    """A memory with arrays of its own."""
    if isinstance(x, dict):
        return {key: _copied(item) for key, item in x.items()}
    if isinstance(x, list):
        return list(map(_copied, x))
    return np.copy(x)[()] if isinstance(x, np.ndarray) else x if (library := library_of(x)) is None else library.copy(x)


def _beside(x: X, p: Tensor) -> X:
    """A memory where a parameter is, in its dtype; what is no array of floats, or there already, is itself."""
    if isinstance(x, list):
        return [_beside(item, p) for item in x]
    library, on = library_of(x), library_of(p)
    if (library is None and not isinstance(x, np.ndarray)) or numpy_dtype(x).kind != "f":
        return x
    if library is on and numpy_dtype(x) == numpy_dtype(p) and (on is None or on.device(x) == on.device(p.data)):
        return x
    return moved(x, Destination(on, None if on is None else on.device(p.data), numpy_dtype(p)))


def functions_for(g: Numbers) -> X:
    """The functions to calculate a rule with: NumPy's, or those of the library that has the gradient."""
    library = library_of(g)
    return np if library is None else library


def own(g: Numbers) -> Numbers:
    """A copy of a gradient, which a memory keeps."""
    library = library_of(g)
    copy: Numbers = +g if library is None else library.copy(g)
    return copy
