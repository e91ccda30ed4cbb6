"""Hooks: functions that run before and after a module's forward pass, and with its part of a backward pass."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Protocol, Self, TypeAlias

import numpy as np

import autograd
from autograd import Tensor, Value
from autograd.compiler import forbid
from autograd.framing import CALLS
from autograd.tracebacks import shorten
from nn._types import Function, Keywords, LikeForward, Node, X
from nn.host import numpy_arguments

__all__ = ["AROUND", "ForwardHook", "Hook", "Hooked", "registrar"]

ForwardHook: TypeAlias = Callable[..., object]
# Gradients in the places of arguments or results: None where there is no node, or no gradient.
Gradients: TypeAlias = tuple[X, ...]
# What a forward pass takes and gives, which nobody but the user knows.
Args: TypeAlias = tuple[X, ...]
Kwargs: TypeAlias = Keywords
Out: TypeAlias = X


# The kinds of hooks around a forward pass; others are called where a state is saved or loaded.
# What needs no look for other libraries' arrays; of a list a layer makes an array itself.
_USUAL = frozenset({Tensor, Value, np.ndarray, list})
AROUND = ("before", "forward", "backward", "backward_before")


class _HasHooks(Protocol):
    _hooks: tuple[Hook, ...]


class Hook:
    """What ``register_..._hook`` returns: ``remove()``, or the end of a `with`, takes the hook away."""

    def __init__(self, module: _HasHooks, kind: str, function: ForwardHook, **options: bool) -> None:
        if not callable(function):
            raise TypeError(f"{type(module).__name__}: a hook is a function, not {type(function).__name__}")
        self.kind, self.function = kind, function
        self._owner: Callable[[], X] = weakref.ref(module)  # which holds the hook, and is freed with it
        self.prepend, self.with_kwargs, self.always_call = (
            options.get(name, False) for name in ("prepend", "with_kwargs", "always_call")
        )
        others = module._hooks
        module._hooks = (self, *others) if self.prepend else (*others, self)

    @property
    def module(self) -> X:
        """The module, or None if it is gone."""
        return self._owner()

    def __getstate__(self) -> Keywords:
        return {**vars(self), "_owner": self.module}

    def __setstate__(self, state: Keywords) -> None:
        vars(self).update(state, _owner=weakref.ref(state["_owner"]) if state["_owner"] is not None else _nothing)

    def remove(self) -> None:
        """Take the hook from its module."""
        if (module := self.module) is not None:
            module._hooks = tuple(hook for hook in module._hooks if hook is not self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def change_input(self, args: Args, kwargs: Kwargs) -> tuple[Args, Kwargs]:
        """The arguments of the forward pass, as the hook changes them."""
        if self.with_kwargs:
            both: X = self.function(self.module, args, kwargs)
            if both is not None and not (isinstance(both, tuple) and len(both) == 2):
                raise RuntimeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {both!r}; "
                    f"{type(self.module).__name__}: it has with_kwargs=True"
                )
            return (args, kwargs) if both is None else both
        changed = self.function(self.module, args)
        return args if changed is None else changed if isinstance(changed, tuple) else (changed,), kwargs

    def change_output(self, args: Args, kwargs: Kwargs, output: Out) -> Out:
        """The result of the forward pass, as the hook changes it."""
        inputs = (args, kwargs) if self.with_kwargs else (args,)
        changed = self.function(self.module, *inputs, output)
        return output if changed is None else changed


def _nothing() -> None:
    """The owner of a hook that has none."""


def registrar(kind: str, when: str) -> Callable[..., Hook]:
    """A method that registers hooks of a kind."""

    def register(self: _HasHooks, hook: ForwardHook, prepend: bool = False) -> Hook:
        return Hook(self, kind, hook, prepend=prepend)

    register.__doc__ = f"Call a hook {when}; returns a handle, whose ``remove()`` takes it away."
    return register


class Hooked:
    """What can be called, with hooks: the part of :class:`nn.Module` that runs `forward`."""

    _hooks: tuple[Hook, ...] = ()

    if TYPE_CHECKING:
        __call__: ClassVar[LikeForward]
        forward: Function
    else:

        def __call__(self, *args, **kwargs):
            """The result of :meth:`forward`, as the hooks change it."""
            try:
                for x in args:
                    if kwargs or (type(x) not in _USUAL and not isinstance(x, Tensor)):
                        args, kwargs = numpy_arguments(self, args, kwargs)
                        break
                output = _call_with_hooks(self, args, kwargs) if self._hooks else self.forward(*args, **kwargs)
            except Exception as error:
                shorten(error, f"in the forward pass of {type(self).__name__}")
                raise
            if CALLS.wanted:
                CALLS.note(self, args, kwargs, output)
            return output

    def register_forward_hook(
        self, hook: ForwardHook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> Hook:
        """Call ``hook(module, args, output)`` after each forward pass; a result that is not None replaces the output.

        With `with_kwargs` it is ``hook(module, args, kwargs, output)``; `prepend` lets it run before the other hooks,
        `always_call` also after a forward pass that raised.

        Examples
        --------
        >>> import nn
        >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        >>> seen = []
        >>> handle = net[0].register_forward_hook(lambda module, args, output: seen.append(output.shape))
        >>> _ = net([[1.0, 2.0]])
        >>> handle.remove()
        >>> seen
        [(1, 3)]
        """
        return Hook(self, "forward", hook, prepend=prepend, with_kwargs=with_kwargs, always_call=always_call)

    def register_forward_pre_hook(self, hook: ForwardHook, *, prepend: bool = False, with_kwargs: bool = False) -> Hook:
        """Call ``hook(module, args)`` before each forward pass; a result that is not None replaces the arguments.

        With `with_kwargs` it is ``hook(module, args, kwargs)``, which returns None or both.
        """
        return Hook(self, "before", hook, prepend=prepend, with_kwargs=with_kwargs)

    def register_full_backward_hook(self, hook: ForwardHook, prepend: bool = False) -> Hook:
        """Call ``hook(module, grad_input, grad_output)`` when a backward pass has been through the module.

        Both are tuples, with the gradients of the positional arguments and of the results, None for those that require
        none; a result that is not None replaces `grad_input`.

        Examples
        --------
        >>> import nn
        >>> layer = nn.Linear(2, 1, bias=False)
        >>> handle = layer.register_full_backward_hook(lambda module, grad_input, grad_output: print(grad_output))
        >>> layer([[1.0, 2.0]]).sum().backward()
        (array([[1.]]),)
        """
        return Hook(self, "backward", hook, prepend=prepend)

    register_backward_hook = register_full_backward_hook  # PyTorch's older name, of one that sees the last op only

    def register_full_backward_pre_hook(self, hook: ForwardHook, prepend: bool = False) -> Hook:
        """Call ``hook(module, grad_output)`` when a backward pass reaches the module; a result replaces it."""
        return Hook(self, "backward_before", hook, prepend=prepend)

    register_state_dict_pre_hook = registrar("state_pre", "before `state_dict`, ``hook(module, prefix, keep_vars)``")
    register_state_dict_post_hook = registrar(
        "state_post", "after `state_dict`, ``hook(module, state_dict, prefix, local_metadata)``"
    )
    register_load_state_dict_pre_hook = registrar(
        "load_pre",
        "before `load_state_dict`, ``hook(module, state_dict, prefix, local_metadata, strict, missing_keys, "
        "unexpected_keys, error_msgs)``, which may change the dict and the lists",
    )
    register_load_state_dict_post_hook = registrar(
        "load_post", "after `load_state_dict`, ``hook(module, incompatible_keys)``, which may change the lists"
    )

    def _called(self, kind: str) -> list[ForwardHook]:
        """The functions of the hooks of a kind."""
        return [hook.function for hook in self._hooks if hook.kind == kind]


def _call_with_hooks(module: Hooked, args: Args, kwargs: Kwargs) -> Out:
    """The result of a module's forward pass, between its hooks."""
    hooks = [hook for hook in module._hooks if hook.kind in AROUND]
    for hook in hooks:
        name = getattr(hook.function, "__qualname__", repr(hook.function))
        forbid(f"{type(module).__name__} has the hook {name}")
    left = [hook for hook in hooks if hook.kind == "forward"]
    backward, output = None, None
    try:
        for hook in hooks:
            if hook.kind == "before":
                args, kwargs = hook.change_input(args, kwargs)
        if any(hook.kind.startswith("backward") for hook in hooks):
            backward = _BackwardHooks(module, hooks)
            args = backward.watched_args(args)
        output = module.forward(*args, **kwargs)
        while left:
            output = left.pop(0).change_output(args, kwargs, output)
    except Exception:
        for hook in left:
            if hook.always_call:
                _try(hook, args, kwargs, output)
        raise
    return output if backward is None else backward.watched_output(output)


def _try(hook: Hook, args: Args, kwargs: Kwargs, output: Out) -> None:
    """Call a hook after an error, which its own errors do not hide."""
    try:
        hook.change_output(args, kwargs, output)
    except Exception as error:
        text = f"a forward hook with always_call failed after another error, {type(error).__name__}: {error}"
        warnings.warn(text, stacklevel=5)


class _BackwardHooks:
    """One forward pass's backward hooks: they stand at nodes before and behind it, which all of its gradients pass."""

    def __init__(self, module: Hooked, hooks: Sequence[Hook]) -> None:
        self.module = module
        self.before = [hook.function for hook in hooks if hook.kind == "backward_before"]
        self.after = [hook.function for hook in hooks if hook.kind == "backward"]
        self.grad_output: Gradients | None = None
        self.places: list[int] = []
        self.count = 0

    def watched_args(self, args: Args) -> Args:
        """The arguments, of which those that require a gradient are new nodes."""
        self.places, self.count = _places(args), len(args)
        return _watched(args, self.places, self._leave)

    def watched_output(self, output: Out) -> Out:
        """The output, one node or a tuple that has some, which are new ones."""
        outputs = output if isinstance(output, tuple) else (output,)
        places = _places(outputs)
        if not isinstance(output, (Tensor, Value, tuple)):
            warnings.warn(
                f"for the backward hooks of {type(self.module).__name__} to run, its result should be a Tensor or a "
                f"tuple of Tensors, not {type(output).__name__}; node.register_hook(hook) serves any node",
                stacklevel=4,
            )
        # The function holds no output: a hook that holds its node keeps it, and all of its graph, for ever.
        outputs = _watched(outputs, places, partial(self._enter, places=places, count=len(outputs)))
        return outputs if isinstance(output, tuple) else outputs[0]

    def _enter(self, gradients: Gradients, places: list[int], count: int) -> Gradients:
        """The gradients of the results, as the pre-hooks change them."""
        self.grad_output = self._changed(self.before, _spread(gradients, places, count), "grad_output")
        changed = tuple(self.grad_output[i] for i in places)
        if not self.places:  # No argument requires a gradient, so the pass ends in this module.
            self._leave(())
        return changed

    def _leave(self, gradients: Gradients) -> Gradients:
        """The gradients of the arguments, as the hooks change them."""
        if self.grad_output is None:  # They came by another way than through the module's result.
            return gradients
        seen, self.grad_output = self.grad_output, None
        changed = self._changed(self.after, _spread(gradients, self.places, self.count), "grad_input", seen)
        if wrong := [i for i, g in enumerate(changed) if g is not None and i not in self.places]:
            where = "" if self.places else ", in a pass where no input requires gradient"
            raise RuntimeError(
                f"{type(self.module).__name__}: a backward hook returned a gradient for argument {wrong[0]}, which "
                f"requires none{where}; return None in its place"
            )
        return tuple(changed[i] for i in self.places)

    def _changed(self, hooks: Sequence[ForwardHook], gradients: Gradients, name: str, *seen: Gradients) -> Gradients:
        for hook in hooks:
            result: X = hook(self.module, gradients, *seen)
            if result is None:
                continue
            result = result if isinstance(result, tuple) else (result,)
            if len(result) != len(gradients):
                raise RuntimeError(
                    f"{type(self.module).__name__}: a backward hook returned an invalid number of {name}, got "
                    f"{len(result)}, but expected {len(gradients)}"
                )
            gradients = result
        return gradients


def _places(xs: Args) -> list[int]:
    return [i for i, x in enumerate(xs) if isinstance(x, (Tensor, Value)) and x.requires_grad]


def _spread(gradients: Gradients, places: list[int], count: int) -> Gradients:
    """A tuple of `count` with the gradients at their places, else None."""
    at = dict(zip(places, gradients, strict=True))
    return tuple(at.get(i) for i in range(count))


def _watched(xs: Args, places: list[int], call: Callable[[Gradients], Gradients]) -> Args:
    """`xs` with new nodes at these places: a backward pass hands all of their gradients to `call` at once."""
    if not places:
        return xs
    nodes = [xs[i] for i in places]
    new: list[Node] = [+nodes[0]]
    if not new[0].requires_grad:  # Nothing is recorded.
        return xs
    if len(nodes) == 1:
        new[0].register_hook(lambda g: call((g,))[0])
    else:  # One node whose gradient is complete when each of theirs is.
        if any(isinstance(x, Value) for x in nodes):
            raise TypeError(
                "backward hooks take a single Value, or Tensors; node.register_hook(hook) serves each of several Values"
            )
        joined = autograd.concatenate([x.reshape(-1) for x in nodes])
        joined.register_hook(
            lambda g: autograd.concatenate([part.reshape(-1) for part in call(tuple(_split(g, nodes)))])
        )
        new = _split(joined, nodes)
    at = dict(zip(places, new, strict=True))
    return tuple(at.get(i, x) for i, x in enumerate(xs))


def _split(joined: X, nodes: Sequence[Tensor]) -> list[X]:
    """The parts of a vector in the shapes of nodes."""
    ends = [0]
    for x in nodes:
        ends.append(ends[-1] + x.size)
    parts = zip(ends, ends[1:], nodes, strict=False)
    return [joined[a:b].reshape(x.shape).astype(x.dtype, copy=False) for a, b, x in parts]
