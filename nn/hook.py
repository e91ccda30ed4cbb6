"""``Hook``: a function that runs after a module's forward pass, and its removal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Hook"]


class _HasHooks(Protocol):
    _hooks: tuple[Callable[..., Any], ...]


class Hook:
    """What :meth:`nn.Module.register_forward_hook` returns; ``remove()`` takes the hook from the module."""

    def __init__(self, module: _HasHooks, hook: Callable[..., Any]) -> None:
        self.module, self.hook = module, hook

    def remove(self) -> None:
        """Take the hook from its module."""
        self.module._hooks = tuple(h for h in self.module._hooks if h is not self.hook)
