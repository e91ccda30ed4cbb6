"""What a module's attributes hold, and what may replace it: parameters and submodules, also in lists, tuples, dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypeGuard, TypeVar, cast

import numpy as np

from autograd import Tensor, Value
from autograd.backends import library_of
from autograd.compiler import afterwards
from autograd.tracebacks import entrance
from nn._types import Array, ValueArray
from nn.hook import Hooked
from nn.kinds import is_value_array, representable, to_numpy
from nn.parameter import Buffer, Parameter

__all__ = ["Members", "Weight", "check_replacement", "is_parameter", "join_path", "members"]

T = TypeVar("T")
Weight: TypeAlias = Parameter | Value | ValueArray

_CPU = 'a net computes with NumPy on the CPU; model.to("torch", device="cuda") moves it to PyTorch and its devices'
_PRECISION = "nodes carry float64 and float32: model.float() takes the smaller one"
# What a module of PyTorch's, or of Keras's, has and ours has not.
_ELSEWHERE = {
    **dict.fromkeys(("cuda", "ipu", "xpu", "mtia", "to_empty", "share_memory"), _CPU),
    **dict.fromkeys(("half", "bfloat16", "complex"), _PRECISION),
    **dict.fromkeys(("_parameters", "_modules", "_buffers"), "ask named_parameters, named_children, named_buffers"),
    "compile": "loss, optimiser and metrics of Keras's are arguments of nn.fit; nn.compile_step and "
    "nn.fit(..., compiled=True) compile a training step, autograd.compile a function",
    "fit": "write nn.fit(model, X, y, loss=...), which takes the model first",
    "predict": "write nn.predict(model, X)",
    "evaluate": "write nn.predict(model, X), and the loss of that; model.eval() is evaluation mode",
    "add": "write model.append(layer), of an nn.Sequential",
    "layers": "write list(model.children())",
    "get_weights": "write model.state_dict()",
    "set_weights": "write model.load_state_dict(state)",
    "load_weights": "write model.load_state_dict(nn.load(path).state_dict())",
    "save": "write nn.save(model, path)",
    "trainable": "write model.requires_grad_(False), which freezes it",
    "count_params": "write model.summary(), which counts parameters",
    **dict.fromkeys(("weights", "trainable_weights", "trainable_variables"), "write list(model.parameters())"),
}


class Members(Hooked):
    """What has parameters, buffers and submodules, and knows them by name: the part of :class:`nn.Module` for that."""

    training: bool = True
    _is_elementwise: ClassVar[bool] = False
    buffer_names: tuple[str, ...] = ()
    _dtypes: tuple[str, ...] = ()  # of its parameters, since they were given others
    _unsaved: frozenset[str] = frozenset()  # names of buffers that are no part of the state

    @entrance
    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute: only a parameter replaces a parameter, only a module a submodule, and None replaces both.

        Anything else would take the weights from the model in silence.
        """
        old = vars(self).get(name)
        if old is not None and old is not value:
            check_replacement(f"{type(self).__name__}.{name}", old, value)
        if isinstance(value, Buffer):
            self.register_buffer(name, value, *(() if value.persistent else (False,)))  # which overrides may not take
            return
        if is_parameter(value):
            self._forget_buffer(name)
        value = self._as_buffer(name, value) if name in self.buffer_names else value
        object.__setattr__(self, name, value)
        if name in self.buffer_names and isinstance(value, Tensor) and value.op is not None and not value.requires_grad:
            afterwards(partial(self._set_buffer, name, old), value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self._forget_buffer(name)

    def _forget_buffer(self, name: str) -> None:
        """Let an attribute be no buffer any more."""
        if name in self.buffer_names:
            vars(self)["buffer_names"] = tuple(other for other in self.buffer_names if other != name)
            vars(self)["_unsaved"] = self._unsaved - {name}

    if not TYPE_CHECKING:  # For a checker, a module would have every attribute.

        def __getattr__(self, name):
            if name in dir(type(self)):  # A property raised, and this raises its error anew.
                return object.__getattribute__(self, name)
            raise AttributeError(_missing(self, name), name=name, obj=self)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def add_module(self, name: str, module: Members | None) -> None:
        """Make a module, or None, an attribute; its name may be any text without a dot."""
        if module is not None and not isinstance(module, Members):
            raise TypeError(f"{type(self).__name__}.add_module: {name} is {_kind(module)}, not a module")
        self._check_name("module", name, lambda x: isinstance(x, Members))
        setattr(self, name, module)

    register_module = add_module

    def register_parameter(self, name: str, param: Parameter | Value | None) -> None:
        """Make a parameter, or None, an attribute, as ``self.name = nn.Parameter(...)`` does."""
        if param is not None and not is_parameter(param):
            text = "make one with nn.Parameter(data); what is calculated of others belongs in forward"
            raise TypeError(f"{type(self).__name__}.register_parameter: {name} is {_kind(param)}, no parameter; {text}")
        self._check_name("parameter", name, is_parameter)
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Array | Tensor | None, persistent: bool = True) -> None:
        """Make an array that is not trained an attribute, part of the state unless `persistent` is False."""
        if name not in self.buffer_names:
            self._check_name("buffer", name)
        buffer = self._as_buffer(name, tensor)
        own = vars(self)
        own["buffer_names"] = tuple(dict.fromkeys((*self.buffer_names, name)))
        own["_unsaved"] = self._unsaved - {name} if persistent else self._unsaved | {name}
        own[name] = buffer

    def _set_buffer(self, name: str, old: object, data: Array) -> None:
        """Make the numbers of a result the buffer, which would keep its whole past else."""
        current = vars(self)[name]
        if isinstance(current, np.ndarray) or current.op is None:  # A compiled step puts them there after a run.
            to_numpy(current)[...] = data
        elif isinstance(old, np.ndarray) and old.shape == data.shape and representable(data, old.dtype):
            old[...] = data
            vars(self)[name] = old
        else:
            vars(self)[name] = Tensor(data, requires_grad=False)

    def _as_buffer(self, name: str, x: object) -> Array | Tensor | None:
        """`x` as what the buffer of that name can be."""
        if x is None or isinstance(x, (np.ndarray, Tensor)) or library_of(x) is not None:
            return cast("Array | None", x)
        if isinstance(x, np.generic):
            return np.asarray(x)
        text = f"{name} is {_kind(x)}, and a buffer is a NumPy array, a Tensor or None"
        raise TypeError(f"{type(self).__name__}: {text}")

    def _check_name(self, kind: str, name: str, is_replaced: Callable[[object], bool] = lambda x: False) -> None:
        """Raise if a member of that kind cannot have this name; None gives way, and what `is_replaced` says."""
        old = vars(self).get(name)
        is_taken = (old is not None and not is_replaced(old)) or name in dir(type(self))
        _check_name(type(self).__name__, kind, name, is_taken)

    def named_modules(
        self, memo: set[Members] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Members]]:
        """The module itself (named `prefix`) and every submodule, with paths like ``"0.inner"``.

        Each comes once, and those in `memo` do not, or with ``remove_duplicate=False`` in every place where it stands.
        """
        seen = set() if memo is None else memo
        if self not in seen or not remove_duplicate:
            seen.add(self)
            yield prefix, self
            for name, child in self._submodules():
                yield from child.named_modules(seen, join_path(prefix, name), remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Members]:
        """The module itself and every submodule, each once."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def _submodules(self) -> Iterator[tuple[str, Members]]:
        """The direct submodules in every place where they stand."""
        return ((name, x) for name, x in members(vars(self)) if isinstance(x, Members))

    def named_children(self) -> Iterator[tuple[str, Members]]:
        """The direct submodules, each once, with their names."""
        seen: set[Members] = set()
        return ((name, x) for name, x in self._submodules() if not (x in seen or seen.add(x)))  # type: ignore[func-returns-value]

    def children(self) -> Iterator[Members]:
        """The direct submodules, each once."""
        return (child for _, child in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter | Value]]:
        """Every parameter of this module and its submodules, each once, with paths like ``"0.weight"``.

        The scalars of an object array come one by one, as ``"0.weight[1,0]"``.

        Parameters
        ----------
        prefix : str
            The path of this module.
        recurse : bool
            False leaves out the submodules' parameters.
        remove_duplicate : bool
            False gives a parameter in every place where it stands.

        Examples
        --------
        >>> import nn
        >>> net = nn.Sequential(nn.Linear(3, 10), nn.Sigmoid(), nn.Linear(10, 1))
        >>> {name: p.shape for name, p in net.named_parameters()}
        {'0.weight': (10, 3), '0.bias': (10,), '2.weight': (1, 10), '2.bias': (1,)}
        """
        for name, x in self._named(Members._own_weights, prefix, recurse, remove_duplicate):
            if isinstance(x, np.ndarray):
                yield from ((f"{name}[{','.join(map(str, index))}]", v) for index, v in np.ndenumerate(x))
            else:
                yield name, x

    def parameters(self, recurse: bool = True) -> Iterator[Parameter | Value]:
        """Every parameter of this module and its submodules, each once."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Array]]:
        """Every array that belongs to a module without being a parameter, with paths like ``"1.running_mean"``."""
        return self._named(Members._own_buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Array]:
        """Every array that belongs to a module without being a parameter."""
        return (x for _, x in self.named_buffers(recurse=recurse))

    def _named(
        self, own: Callable[[Members], Iterator[tuple[str, T]]], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, T]]:
        """What `own` gives of every module, with paths."""
        seen: set[int] = set()
        modules = self.named_modules(None, prefix, remove_duplicate) if recurse else iter([(prefix, self)])
        for path, module in modules:
            for name, x in own(module):
                if id(x) not in seen or not remove_duplicate:
                    seen.add(id(x))
                    yield join_path(path, name), x

    def _own_weights(self) -> Iterator[tuple[str, Weight]]:
        """The module's own parameters; an object array of Values as a whole."""
        return ((name, x) for name, x in members(vars(self)) if is_parameter(x))

    def _own_buffers(self) -> Iterator[tuple[str, Array]]:
        own = ((name, getattr(self, name, None)) for name in self.buffer_names)
        return ((name, x) for name, x in own if x is not None and not is_parameter(x))

    def _named_weights(self) -> Iterator[tuple[str, Weight]]:
        """Every parameter once, and every object array of Values as a whole."""
        return self._named(Members._own_weights, "", True, True)

    def train(self, mode: bool = True) -> Self:
        """Set `training` in the module and in every submodule; returns the module."""
        if not isinstance(mode, (bool, np.bool_)):
            raise ValueError(f"training mode is expected to be boolean; {type(self).__name__}.train: it is {mode!r}")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set evaluation mode, as ``train(False)`` does; returns the module."""
        return self.train(False)

    def get_submodule(self, target: str) -> Any:
        """The submodule at a path like ``"0.inner"``; AttributeError if there is none, as of the others."""
        return self._at(target, self.named_modules(remove_duplicate=False), "submodule")

    def set_submodule(self, target: str, module: Members, strict: bool = False) -> None:
        """Put a module at a path, in the place of another one, or without `strict` of none."""
        if not target or not isinstance(module, Members):
            raise ValueError(
                f"{type(self).__name__}.set_submodule: pass a path and a module, not {target!r}, {module!r}"
            )
        path, _, name = target.rpartition(".")
        if strict or hasattr(self.get_submodule(path), name):
            self.get_submodule(target)
        setattr(self.get_submodule(path), name, module)

    def get_parameter(self, target: str) -> Weight:
        """The parameter at a path like ``"0.weight"``."""
        cells = self.named_parameters(remove_duplicate=False)
        return self._at(target, chain(self._named(Members._own_weights, "", True, False), cells), "parameter")

    def get_buffer(self, target: str) -> Array:
        """The buffer at a path like ``"1.running_mean"``."""
        return self._at(target, self.named_buffers(remove_duplicate=False), "buffer")

    def _at(self, target: str, named: Iterable[tuple[str, T]], kind: str) -> T:
        there = dict(named)
        if target in there:
            return there[target]
        close = get_close_matches(str(target), there, 1)
        advice = f"; did you mean {close[0]!r}?" if close else ""
        raise AttributeError(f"{type(self).__name__} has no {kind} {target!r}{advice}")


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


def check_replacement(name: str, old: object, new: object) -> None:
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
    if isinstance(old, Members) and not isinstance(new, Members):
        raise TypeError(
            f"{name} is a submodule, and {type(new).__name__} in its place would take it from the model: assign a "
            f"module, or None"
        )
    if isinstance(old, (list, tuple, dict)) and isinstance(new, (list, tuple, dict)) and type(new) is type(old):
        before, after = ({str(key): x for key, x in _items(each)} for each in (old, new))
        for key in (key for key in before if key in after):
            check_replacement(f"{name}.{key}", before[key], after[key])


def _check_name(owner: str, kind: str, name: object, is_taken: bool) -> None:
    """Raise if a member of that kind cannot have this name, because it is none or something else has it."""
    if not isinstance(name, str):
        raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}; {owner}: it is not {name!r}")
    if not name or "." in name:
        raise KeyError(f"{owner}: the name of a {kind} is a text without a dot, not {name!r}")
    if is_taken:
        raise KeyError(f"{owner}: it has an attribute {name!r} already; choose another name for the {kind}")


def _kind(x: object) -> str:
    return f"the class {x.__name__}" if isinstance(x, type) else type(x).__name__


def _missing(owner: object, name: str) -> str:
    """The message for an attribute that a module has not, with what helps."""
    text = f"{type(owner).__name__!r} object has no attribute {name!r}"
    if name in _ELSEWHERE:
        return f"{text}; {_ELSEWHERE[name]}"
    close = get_close_matches(name, [each for each in dir(owner) if each[0] != "_"], 1) if name[0] != "_" else []
    return f"{text}; did you mean {close[0]!r}?" if close else text


def join_path(path: str, name: str) -> str:
    """The path of a member of the module at `path`."""
    return f"{path}.{name}" if path else name
