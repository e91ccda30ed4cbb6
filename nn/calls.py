"""Calls of a model in training or evaluation mode, and with hooks, after which it is as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from nn.hook import ForwardHook
from nn.module import Module
from nn.restoring import call_and_restore

__all__ = ["call_in_mode", "call_with_hook"]

T = TypeVar("T")


def call_in_mode(model: Module, training: bool, call: Callable[[], T]) -> T:
    """The result of a call during which a model is in training or evaluation mode."""
    return call_and_restore(model.modules(), ("training",), lambda: (model.train(training), call())[1])


def call_with_hook(modules: Iterable[Module], hook: ForwardHook, call: Callable[[], T]) -> T:
    """The result of a call during which several modules have a forward hook."""
    each = list(modules)

    def hooked() -> T:
        for module in each:
            module.register_forward_hook(hook)
        return call()

    return call_and_restore(each, ("_hooks",), hooked)
