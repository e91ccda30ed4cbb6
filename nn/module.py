"""``Module``: what has parameters, and submodules that have parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd import Tensor
from autograd.backends import library_of, numpy_dtype
from autograd.compiler import warn
from autograd.tracebacks import entrance
from nn._types import Array, DType, State
from nn.kinds import assign as set_data
from nn.kinds import copied, on_library, to_numpy, to_python, to_value_array, zero_gradient
from nn.members import Members, Weight, join_path, members
from nn.moving import move_module
from nn.options import changed_arguments
from nn.parameter import Parameter
from nn.states import EXTRA_STATE, IncompatibleKeys, before_load, check_state, extra_states, validated_arrays
from nn.views import Shown

__all__ = ["Module"]


class Module(Shown):
    """A function with parameters: a layer, or a network of layers.

    Write a subclass that makes its parameters and submodules attributes and defines :meth:`forward`. The module knows
    them by attribute, in the order of assignment, also inside lists, tuples and dicts. A parameter is a
    :class:`Parameter`, a :class:`autograd.Value` that is a leaf and requires a gradient, or an object array of Values.
    Only a parameter replaces a parameter, only a module a submodule, and None both; anything else is a TypeError.

    Attributes
    ----------
    training : bool
        Whether it is being trained, for modules that behave differently then; see :meth:`train`.
    buffer_names : tuple of str
        Names of the attributes (arrays) that are no parameters but belong to the module: a subclass states them, or
        :meth:`register_buffer` adds one.

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

    if TYPE_CHECKING:  # A module's submodules are modules.

        def named_modules(  # noqa: D102
            self, memo: set[Members] | None = None, prefix: str = "", remove_duplicate: bool = True
        ) -> Iterator[tuple[str, Module]]: ...
        def modules(self, remove_duplicate: bool = True) -> Iterator[Module]: ...  # noqa: D102
        def named_children(self) -> Iterator[tuple[str, Module]]: ...  # noqa: D102
        def children(self) -> Iterator[Module]: ...  # noqa: D102
        def _submodules(self) -> Iterator[tuple[str, Module]]: ...

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The result for an input; a subclass defines it, and calling the module calls it."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward: define `def forward(self, x)` to say what it computes"
        )

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget every parameter's gradient, or set those that there are to zeros."""
        for p in self.parameters():
            if set_to_none or p.has_grad:
                p.grad = None if set_to_none else zero_gradient(p)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze every parameter (False), or free it again; returns the module.

        A single Value that is frozen is a constant, no parameter any more.
        """
        for p in list(self.parameters()):
            p.requires_grad = requires_grad
        return self

    def apply(self, f: Callable[[Module], object]) -> Self:
        """Call `f` with every submodule, inner ones first, and with the module itself; returns the module.

        Examples
        --------
        >>> import nn
        >>> def start(module):
        ...     if isinstance(module, nn.Linear):
        ...         nn.init.zeros_(module.bias)
        >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU()).apply(start)
        >>> net[0].bias.data
        array([0., 0., 0.])
        """
        for child in self.children():
            child.apply(f)
        f(self)
        return self

    def to_scalars(self) -> Self:
        """Make each parameter an object array of Values, so that every weight is a node; returns the module.

        Examples
        --------
        >>> import nn
        >>> layer = nn.Linear(2, 1, rng=0).to_scalars()
        >>> y = layer([1.0, 2.0])[0]
        >>> y.backward()
        >>> layer.weight[0, 1].grad
        2.0
        """
        for path, module in self.named_modules():
            for name, x in members(vars(module)):
                if isinstance(x, Parameter) and name not in vars(module):
                    raise TypeError(
                        f"to_scalars: {join_path(path, name)} is in a list, tuple or dict; make it an attribute"
                    )
        for name, p in list(self._named_weights()):
            if isinstance(p, Parameter):
                cells = to_value_array(p, name)
                for module in self.modules():  # Every module that shares it gets them: tied weights stay tied.
                    tied = [key for key, x in vars(module).items() if x is p]
                    vars(module).update(dict.fromkeys(tied, cells))
        return self

    def state_dict(
        self, *, destination: State | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Array]:
        """Copies of the parameters and buffers as arrays, by name; a net of Values has the names of the net of arrays.

        They are arrays of NumPy's, or of the library that the module is on.

        Parameters
        ----------
        destination : dict, optional
            A dict to write them into.
        prefix : str
            A text before each name.
        keep_vars : bool
            Whether to give the nodes and arrays themselves.

        Warns
        -----
        UserWarning
            If a class of a user's assigned an array to an attribute, which is no parameter and no buffer and so left
            out: :meth:`register_buffer` makes it one. Names that begin with an underscore are left out silently.

        Examples
        --------
        >>> import nn
        >>> a, b = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1).to_scalars()
        >>> b.load_state_dict(a.state_dict())
        <All keys matched successfully>
        >>> bool((a.weight.data == b.state_dict()["weight"]).all())
        True
        """
        state = {} if destination is None else destination
        for hook in self._called("state_pre"):
            hook(self, prefix, keep_vars)
        for name, x in self._own_state():
            state[prefix + name] = x if keep_vars else copied(x)
        if (get_extra_state := getattr(type(self), "get_extra_state", None)) is not None:
            state[prefix + EXTRA_STATE] = get_extra_state(self)
        for name, child in self._submodules():
            child.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in self._called("state_post"):
            if hook(self, state, prefix, {}) is not None:
                raise RuntimeError(
                    f"{type(self).__name__}: a state_dict post-hook must return None; it changes the dict"
                )
        for name in _unregistered(self):
            warn(
                f"{type(self).__name__}.{name} is an array, but no buffer, and the state leaves it out: "
                f"self.register_buffer({name!r}, array) adds it, with persistent=False without saving it",
                UserWarning,
            )
        return state

    def _state(self) -> State:
        """What :meth:`state_dict` copies, module by module: parameters, then buffers, in every place of theirs."""
        return {
            join_path(path, name): x
            for path, module in self.named_modules(remove_duplicate=False)
            for name, x in module._own_state()
        }

    def _own_state(self) -> Iterator[tuple[str, Any]]:
        named = chain(self._own_weights(), self._own_buffers())
        return ((name, x) for name, x in named if name not in self._unsaved)

    def _arrays(self) -> dict[str, Array]:
        """The arrays of the state, without what hooks and subclasses add."""
        return {name: to_numpy(x).copy() for name, x in self._state().items()}

    @entrance
    def load_state_dict(
        self, state_dict: Mapping[str, object], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Set parameters and buffers to the values in a state, each in its dtype.

        Parameters
        ----------
        state_dict : mapping of str to array_like
            A value for every name in :meth:`state_dict`, of that shape.
        strict : bool
            False leaves alone what is missing, and passes over what is unexpected.
        assign : bool
            Whether parameters take the values' dtypes.

        Returns
        -------
        tuple
            ``missing_keys`` and ``unexpected_keys``: the names that were missing and unexpected.

        Raises
        ------
        RuntimeError
            A ValueError too: if names are missing or unexpected, values are no real numbers or lost in the dtype (a
            fraction in a count, 1e300 in float32), or shapes differ: all of them are listed, and nothing is changed.
        """
        if not isinstance(state_dict, Mapping):
            advice = "; call it: model.state_dict()" if callable(state_dict) else ""
            raise TypeError(
                f"Expected state_dict to be dict-like, got {type(state_dict).__name__}; {type(self).__name__}"
                f".load_state_dict: pass a dict{advice}"
            )
        modules = [(f"{path}." if path else "", module) for path, module in self.named_modules(remove_duplicate=False)]
        after = [(module, hook) for _, module in reversed(modules) for hook in module._called("load_post")]
        own, keys, problems = self._state(), IncompatibleKeys([], []), list[str]()
        state = before_load(modules, state_dict, strict, keys, problems)
        extras = extra_states(modules, state, keys)
        arrays = validated_arrays(own, state, keys, problems, assign)
        check_state(type(self).__name__, own, keys if strict and not after else None, problems)
        for name, values in arrays.items():
            if assign and values.dtype.kind == "f" and isinstance(own[name], Parameter):
                own[name].recast(values.dtype)
            if isinstance(own[name], Tensor) or library_of(own[name]) is None:
                set_data(own[name], values)
            else:  # a buffer, which not every library can change
                path, _, key = name.rpartition(".")
                vars(self.get_submodule(path))[key] = on_library(values, own[name])
        if assign:
            self._note_dtypes()
        for set_extra_state in extras:
            set_extra_state()
        for module, hook in after:
            hook(module, keys)
        if strict and after:
            check_state(type(self).__name__, own, keys, [])
        return keys

    @entrance
    def to(self, *args: Any, device: object = None, dtype: object = None, non_blocking: bool = False) -> Self:
        """Move the parameters and the buffers to another library, device or dtype, in place; returns the module.

        Optimisers, and whoever else holds a parameter, hold it still: it is the same node on other arrays.

        Parameters
        ----------
        *args : str, dtype, device, node or array
            A library: ``"torch"``, ``"jax"``, ``"cupy"`` or ``"numpy"``; a device or a dtype, also of the library's
            own; or a node or array: of NumPy's that gives its dtype, another one its library and device as well.
        device : device, optional
            A device of the library's, or the name of one: ``"cuda"``.
        dtype : dtype, optional
            float64 or float32, for what is of floats.
        non_blocking : bool
            PyTorch's, which changes nothing here.

        Raises
        ------
        TypeError
            If it is a net of Values, which are numbers of Python's; if it is on NumPy, which has the CPU alone, and
            goes to another device; if the library has no such dtype.

        Examples
        --------
        >>> import nn
        >>> nn.Linear(2, 1).to("float32")
        Linear(weight: (1, 2) float32, bias: (1,) float32)
        """
        for x, before in zip(args, (None, *args), strict=False):
            if isinstance(x, bool) and (before is None or str(before) == "cpu"):
                raise TypeError(f"{type(self).__name__}.to: {x} stands in the place of a dtype; write non_blocking={x}")
        places = [x for x in args if not isinstance(x, bool)]
        move_module(self, places, device, dtype)
        self._note_dtypes()
        return self

    def type(self, dst_type: DType) -> Self:
        """Give the parameters and the buffers of floats another dtype, in place; returns the module."""
        return self.to(dst_type)

    def double(self) -> Self:
        """Make the parameters and the buffers of floats float64, in place; returns the module."""
        return self.to("float64")

    def float(self) -> Self:
        """Make the parameters and the buffers of floats float32, in place; returns the module."""
        return self.to("float32")

    def cpu(self) -> Self:
        """Move the parameters and the buffers to the CPU, in place; returns the module, which NumPy's is there."""
        return self.to("cpu")

    def _note_dtypes(self) -> None:
        """Let a compiled step notice that parameters have other dtypes."""
        for module in self.modules():
            module._dtypes = tuple(f"{type(x).__name__} {x.dtype}" for _, x in module._own_weights())

    def arguments(self) -> dict[str, object]:
        """The constructor's arguments that the module has as attributes; its repr shows them, `nn.save` stores them."""
        own, names = vars(self), inspect.signature(type(self)).parameters
        attributes = {name: to_python(own[name]) for name in names if name in own}
        return {name: x for name, x in attributes.items() if isinstance(x, (bool, int, float, str, tuple, type(None)))}

    def extra_repr(self) -> str:
        """What the repr says of the module itself: a subclass may define it; here its parameters and its arguments.

        Beside parameters, whose shapes tell the sizes, these are the arguments that are not at their defaults.
        """
        own = [f"{name}: {p.shape}{_dtype_suffix(p)}" for name, p in self._own_weights()]
        arguments = changed_arguments(type(self), self.arguments()) if own else self.arguments()
        return ", ".join(own + [f"{name}={x!r}" for name, x in arguments.items()])

    def __repr__(self) -> str:
        own, children = self.extra_repr(), [f"{name}: {child!r}" for name, child in self._submodules()]
        if children and type(self).extra_repr is Module.extra_repr and not any(True for _ in self._own_weights()):
            own = ""  # The arguments made the submodules, which say more.
        if not children and "\n" not in own:
            return f"{type(self).__name__}({own})"
        lines = "\n".join([own, *children] if own else children).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {lines}\n)"


def _dtype_suffix(p: Weight) -> str:
    return f" {numpy_dtype(p)}" if isinstance(p, Tensor) and numpy_dtype(p) != np.float64 else ""


def _unregistered(module: Module) -> list[str]:
    """The attributes of a user's module that are arrays of numbers, but neither parameters nor buffers."""
    if type(module).__module__.partition(".")[0] == "nn":
        return []
    known = (*module.buffer_names, *getattr(module, "_options", ()))  # Options are the constructor's.
    return [
        name
        for name, x in vars(module).items()
        if isinstance(x, np.ndarray) and x.dtype != object and name[0] != "_" and name not in known
    ]
