"""HIPS autograd's core by name: its operators on functions of one argument, and what extensions are made with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import differential_operators
from autograd.extend import defvjp, primitive
from autograd.other_names import missing
from autograd.surface import publish
from autograd.typing import Function, Tree
from autograd.vspace import vspace

__all__ = ["defvjp", "make_jvp", "make_vjp", "primitive", "vspace"]

publish(globals())


def __getattr__(name: str) -> Any:
    raise missing("autograd.core", name)


def make_vjp(fun: Function, x: Tree) -> tuple[Callable[[Tree], Tree], Tree]:
    """Compute ``(vjp, value)`` of a function of one argument.

    >>> from autograd.core import make_vjp
    >>> make_vjp(lambda x: x**2, 3.0)[0](1.0)
    6.0
    """
    made: tuple[Callable[[Tree], Tree], Tree] = differential_operators.make_vjp(fun)(x)
    return made


def make_jvp(fun: Function, x: Tree) -> Callable[[Tree], tuple[Tree, Tree]]:
    """Make the function ``v -> (value, tangent)`` of a function of one argument.

    >>> from autograd.core import make_jvp
    >>> make_jvp(lambda x: x**2, 3.0)(10.0)
    (9.0, 60.0)
    """
    made: Callable[[Tree], tuple[Tree, Tree]] = differential_operators.make_jvp(fun)(x)
    return made
