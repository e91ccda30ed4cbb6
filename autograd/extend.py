"""Primitives in HIPS autograd's style: a function of plain arrays, and for each argument a function that makes its vjp.

New code does better with :func:`autograd.primitive`, whose formulas can also be written as text, drawn, and run on
floats.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd.engine.op import Op
from autograd.namespaces.marks import Mark
from autograd.namespaces.names import Name
from autograd.other_names import missing
from autograd.surface import publish
from autograd.typing import XP, Function, Params, X
from autograd.vspace import vspace

__all__ = ["defvjp", "primitive", "vspace"]

publish(globals())


def __getattr__(name: str) -> Any:
    raise missing("autograd.extend", name)


class _HipsOp(Op[...]):
    """An op whose formulas cannot be written as text; each is assumed to read every argument."""

    opaque = True

    def _missing(self, *_: X, **params: X) -> X:
        raise TypeError(f"{self.name} has no derivative by this argument; state it with defvjp({self.name}, ...)")

    def uses_with(self, params: Params) -> tuple[frozenset[int], ...]:
        return (frozenset(range(-1, len(self.argnames))),) * len(self.argnames)

    def on_names(self, formula: X, g: X = None, args: X = None, params: Params | None = None) -> X:
        args = [Name(a) for a in self.argnames] if args is None else args
        if formula is None:
            return Name(self.name, *args)
        return Name(f"vjp{self.formulas.index(formula)}_{self.name}", g, Name("y"), *args)


def primitive(f: Function) -> Op[...]:
    """Make an op of a function of plain numbers and arrays; :func:`defvjp` then states its derivatives.

    Parameters
    ----------
    f : callable
        The function. Arguments without a default may be nodes; those with one are static: numbers, texts or tuples
        of them.

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
    def forward(xp: XP, *args: X, **params: X) -> X:
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
    return _HipsOp(forward, f.__name__, elementwise=False, differentiable=True)


def defvjp(op: Op[...], *makers: Function | None, argnums: Sequence[int] | None = None) -> None:
    """State the derivatives of a primitive: for each argument ``maker(ans, *args) -> (g -> gradient)``.

    Derivatives of higher order need makers that compute with `autograd.numpy`. None says that an argument has no
    gradient.

    Parameters
    ----------
    op : Op
        An op made by :func:`primitive`.
    *makers : callable or None
        One for each argument, in order.
    argnums : sequence of int, optional
        The arguments that the makers belong to; by default the first ones.

    Raises
    ------
    TypeError
        If `op` was not made by this module's :func:`primitive`, or has fewer arguments.
    """
    if not isinstance(op, _HipsOp):
        raise TypeError(f"defvjp: pass a function made by autograd.extend.primitive, not {op!r}")
    positions = range(len(makers)) if argnums is None else argnums
    if len(positions) != len(makers) or not all(0 <= i < op.arity for i in positions):
        raise TypeError(f"defvjp: {op.name} takes {op.arity} nodes; give a function for each, or argnums")
    vjps = list(op.vjps)
    for i, maker in zip(positions, makers, strict=True):
        vjps[i] = maker and _vjp(op, maker)
    op.vjps = op.formulas = tuple(vjps)
    op._analyse()
    op.poles = True  # nothing is known of the formulas, so they may be infinite anywhere


def _vjp(op: _HipsOp, maker: Function) -> Function:
    def vjp(xp: XP, g: X, y: X, *args: X, **params: X) -> X:
        changed = {k: v for k, v in params.items() if v != op.params[k]}
        pull = maker(y, *args, **changed)
        return g.mixed(pull(g.value)) if isinstance(g, Mark) else pull(g)

    return vjp
