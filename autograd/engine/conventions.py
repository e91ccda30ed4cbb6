"""Conventions: what derivatives are at kinks, ties and poles, where formulas fail or have no limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from autograd.engine.derived import note_convention
from autograd.engine.libraries import fetched
from autograd.engine.node import Primitive
from autograd.namespaces import arrays
from autograd.typing import XP, Formula, Params, X

__all__ = ["Caveat", "Convention", "amended", "at_kinks", "conventions_at"]


class Convention(NamedTuple):
    """The derivative by an argument at a kink, a tie or a pole, or where its formula fails."""

    arg: str
    where: Formula  # of (xp, *args, **params)
    gradient: float | None  # it replaces the formula's; None: the formula gives the stated value
    why: str
    examples: Mapping[X, X]  # the arguments of a call -> the derivative there
    removable: bool  # the function is smooth there, and only the formula fails


class Caveat(NamedTuple):
    """A value or a derivative that may be further than 4 ulp from the exact one (ulp: units in the last place)."""

    of: str  # "y", or the argument that the derivative is by
    why: str


def amended(formula: Formula, convention: Convention, elementwise: bool, lift: Formula | None) -> Formula:
    """A derivative with the number of a convention in place of the formula's, where the convention holds."""

    def at(xp: XP, g: X, y: X, *args: X, **params: X) -> X:
        here = convention.where(xp, *args, **params)
        if here is False:
            return formula(xp, g, y, *args, **params)
        note_convention(here, convention.why)
        lifted = g if elementwise else lift(xp, g, **params) if lift else None
        if convention.removable or lifted is None:
            put = convention.gradient if lifted is None else lifted * convention.gradient
            choose = xp.where if convention.removable else xp.stated
            return put if here is True else choose(here, put, formula(xp, g, y, *args, **params))
        return lifted * xp.stated(here, convention.gradient, formula(xp, 1.0, y, *args, **params))

    return at


def at_kinks(op: Primitive, position: int, vjp: Formula, instead: Formula) -> Formula:
    """A derivative with ``instead(xp, where, g, c, x, factor)`` at the argument's kinks, ties and poles.

    There `c` is what the derivative gives for `g`, ``factor()`` what it gives for 1, and `x` the argument.
    """
    arg = op.argnames[min(position, len(op.argnames) - 1)]
    places = [s.where for s in op.conventions if s.arg == arg and not s.removable]

    def at(xp: XP, g: X, y: X, *args: X, **params: X) -> X:
        c = vjp(xp, g, y, *args, **params)
        for where in places:
            here = where(xp, *args, **params)
            if here is not False:
                factor = partial(vjp, xp, 1.0, y, *args, **params)
                c = instead(xp, here, g if op.elementwise else c, c, args[position], factor)
        return c

    return at if places else vjp


def conventions_at(op: Primitive, position: int, args: Sequence[X], params: Params) -> list[str]:
    """Why the derivative by an argument is what it is, for each kink, tie or pole among these values."""
    arg = op.argnames[min(position, len(op.argnames) - 1)]
    args = [fetched(x) for x in args]
    return [s.why for s in op.conventions if s.arg == arg and np.any(s.where(arrays, *args, **params))]
