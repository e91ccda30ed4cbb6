"""Primitives in HIPS autograd's style: a function of plain arrays, and for each argument a function that makes its vjp.

For new code :func:`autograd.primitive` is the better door: its formulas can also be written, drawn and run on floats.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd.engine.op import Op
from autograd.namespaces.names import Name
from autograd.other_names import missing
from autograd.surface import publish

__all__ = ["defvjp", "primitive"]

publish(globals())


def __getattr__(name: str) -> Any:
    raise missing("autograd.extend", name)


class _Opaque(Op[Any]):
    """An op whose formulas are functions that cannot be written as text, and are taken to read every argument."""

    def _missing(self, *_: Any, **params: Any) -> Any:
        raise TypeError(f"{self.name} has no derivative by this argument; state it with defvjp({self.name}, ...)")

    def uses_with(self, params: Mapping[str, Any]) -> tuple[frozenset[int], ...]:
        return (frozenset(range(-1, len(self.argnames))),) * len(self.argnames)

    def on_names(self, formula: Any, g: Any = None, args: Any = None, params: Any = None) -> Any:
        args = [Name(a) for a in self.argnames] if args is None else args
        if formula is None:
            return Name(self.name, *args)
        return Name(f"vjp{self.formulas.index(formula)}_{self.name}", g, Name("y"), *args)


def primitive(f: Callable[..., Any]) -> Op[Any]:
    """Make an op of a function of plain numbers and arrays; its derivatives follow with :func:`defvjp`.

    Parameters
    ----------
    f : callable
        Its arguments without a default may be nodes; those with one are static: numbers, texts or tuples of such.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> from autograd.extend import defvjp, primitive
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (12.0, 12.0)
    """

    @wraps(f)
    def forward(xp: Any, *args: Any, **params: Any) -> Any:
        return f(*args, **params)

    kind = inspect.Parameter
    parameters = [kind("xp", kind.POSITIONAL_ONLY)]
    if isinstance(f, np.ufunc):
        parameters += [kind(f"x{i}", kind.POSITIONAL_ONLY) for i in range(f.nin)]
    else:
        for p in inspect.signature(f).parameters.values():
            if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                raise TypeError(f"primitive: name the arguments of {f.__name__}; {p} has no fixed number of them")
            static = p.default is not p.empty or p.kind is p.KEYWORD_ONLY
            parameters.append(p.replace(kind=kind.POSITIONAL_OR_KEYWORD if static else kind.POSITIONAL_ONLY))
    forward.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return _Opaque(forward, f.__name__, elementwise=False, differentiable=True)


def defvjp(op: Op[Any], *makers: Callable[..., Any] | None, argnums: Sequence[int] | None = None) -> None:
    """Enter the derivatives of a primitive: for each argument ``maker(ans, *args) -> (g -> gradient)``.

    For derivatives of higher order they compute with `autograd.numpy`. None says that an argument has no gradient.

    Parameters
    ----------
    op : Op
        What :func:`primitive` made.
    *makers : callable or None
        For the first argument, the second, ...
    argnums : sequence of int, optional
        The arguments that `makers` are for, if not the first ones.

    Raises
    ------
    TypeError
        If `op` is no primitive of this module's, or has fewer arguments.
    """
    if not isinstance(op, _Opaque):
        raise TypeError(f"defvjp: pass a function made by autograd.extend.primitive, not {op!r}")
    places = range(len(makers)) if argnums is None else argnums
    if len(places) != len(makers) or not all(0 <= i < op.arity for i in places):
        raise TypeError(f"defvjp: {op.name} takes {op.arity} nodes; give a function for each, or argnums")
    vjps = list(op.vjps)
    for i, maker in zip(places, makers, strict=True):
        vjps[i] = maker and _vjp(op, maker)
    op.vjps = op.formulas = tuple(vjps)
    op.poles = True  # for all that is known
    op._analyse()


def _vjp(op: _Opaque, maker: Callable[..., Any]) -> Callable[..., Any]:
    def vjp(xp: Any, g: Any, y: Any, *args: Any, **params: Any) -> Any:
        given = {k: v for k, v in params.items() if v != op.params[k]}
        return maker(y, *args, **given)(g)

    return vjp
