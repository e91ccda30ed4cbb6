"""HIPS autograd's core by name: its operators on functions of one argument, and what extensions are made with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import differential_operators
from autograd.extend import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    primitive,
    vspace,
)  # fmt: skip
from autograd.other_names import missing
from autograd.surface import publish
from autograd.tracer import getval, isbox
from autograd.typing import Function, Keywords, Tree

__all__ = [
    "def_linear", "defjvp", "defjvp_argnum", "defjvp_argnums", "defvjp", "defvjp_argnum", "defvjp_argnums", "getval",
    "isbox", "make_jvp", "make_vjp", "primitive", "primitive_vjps", "vspace",
]  # fmt: skip

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


class _Vjps(dict[Function, Function]):
    """For any function ``(argnums, ans, args, kwargs) -> (g -> gradients)``; each is made when it is asked for."""

    def __missing__(self, fun: Function) -> Function:
        def vjp_argnums(argnums: tuple[int, ...], ans: Tree, args: tuple[Tree, ...], kwargs: Keywords) -> Function:
            pull: Function = differential_operators.make_vjp(fun, argnums)(*args, **kwargs)[0]
            return pull

        return vjp_argnums


primitive_vjps = _Vjps()
