"""The hooks of optimisers, around their steps and around what they save."""

from __future__ import annotations

from functools import wraps

from nn._types import Function, State
from nn.hook import ForwardHook, Hook, registrar

__all__ = ["EVERY", "Hooked", "between_hooks", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook"]


class Hooked:
    """What an optimiser has of hooks."""

    _hooks: tuple[Hook, ...] = ()
    _is_stepping = False

    register_step_pre_hook = registrar("step_pre", "before each step, ``hook(optimizer, args, kwargs)``")
    register_step_post_hook = registrar("step_post", "after each step, ``hook(optimizer, args, kwargs)``")
    register_state_dict_pre_hook = registrar("state_dict_pre", "before `state_dict`, ``hook(optimizer)``")
    register_state_dict_post_hook = registrar("state_dict_post", "after `state_dict`, ``hook(optimizer, state)``")
    register_load_state_dict_pre_hook = registrar("load_pre", "before `load_state_dict`, ``hook(optimizer, state)``")
    register_load_state_dict_post_hook = registrar("load_post", "after `load_state_dict`, ``hook(optimizer)``")

    def __getstate__(self) -> State:
        return {key: x for key, x in vars(self).items() if key != "_hooks"}  # As in PyTorch, a copy has no hooks.

    def _called(self, kind: str) -> list[Function]:
        """The functions of the hooks of a kind; those of every optimiser are the first before a step, else the last."""
        hooks = (*EVERY._hooks, *self._hooks) if kind == "step_pre" else (*self._hooks, *EVERY._hooks)
        return [hook.function for hook in hooks if hook.kind == kind]


def between_hooks(step: Function) -> Function:
    """A step that calls the hooks, once: also where a subclass has a step of its own, which may call this one."""

    @wraps(step)
    def hooked(self: Hooked, *args: object, **kwargs: object) -> object:
        if self._is_stepping or not (self._hooks or EVERY._hooks):
            return step(self, *args, **kwargs)
        self._is_stepping = True
        try:
            for hook in self._called("step_pre"):
                changed = hook(self, args, kwargs)
                if not (changed is None or (isinstance(changed, tuple) and len(changed) == 2)):
                    raise RuntimeError(
                        f"{type(self).__name__}: a hook before a step must return None or a tuple of (new_args, "
                        f"new_kwargs), but got {changed!r}"
                    )
                args, kwargs = (args, kwargs) if changed is None else changed
            result = step(self, *args, **kwargs)
            for hook in self._called("step_post"):
                hook(self, args, kwargs)
        finally:
            del self._is_stepping
        return result

    return hooked


EVERY = Hooked()  # has the hooks of every optimiser


def register_optimizer_step_pre_hook(hook: ForwardHook) -> Hook:
    """Call ``hook(optimizer, args, kwargs)`` before each step of any optimiser."""
    return Hook(EVERY, "step_pre", hook)


def register_optimizer_step_post_hook(hook: ForwardHook) -> Hook:
    """Call ``hook(optimizer, args, kwargs)`` after each step of any optimiser."""
    return Hook(EVERY, "step_post", hook)
