"""``primitive``, the decorator that makes an op of a formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Concatenate

from autograd.engine.op import Op, P
from autograd.messages import type_name
from autograd.namespaces.notations import is_word
from autograd.tracebacks import entrance
from autograd.typing import XP, X

__all__ = ["primitive"]

LONGEST = 40  # characters of the name or the symbol of an op


@entrance
def primitive(
    symbol: str = "",
    *,
    elementwise: bool = False,
    differentiable: bool = True,
    name: str = "",
    commutative: bool = False,
    shape_only: Sequence[str] = (),
    lacks: Sequence[str] = (),
) -> Callable[[Callable[Concatenate[XP, P], X]], Op[P]]:
    """Make an op of a formula; its derivatives follow with ``op.defvjps``.

    The formula takes ``xp`` and then the arguments: nodes, and right of a ``/`` static parameters. It and the
    derivatives use operators and `xp`'s functions only; then every order of derivative, pictures and texts follow.

    Parameters
    ----------
    symbol : str
        What pictures write on its node; by default its name.
    elementwise : bool
        Whether it works element by element, with broadcasting; only then it takes Values.
    differentiable : bool
        False for an op without derivatives (a comparison).
    name : str
        What users call it, where that is not the name of its formula.
    commutative : bool
        Whether its operands may change places: pictures then do not number them.
    shape_only : sequence of str
        The arguments of which only the shape is read.
    lacks : sequence of str
        The targets that cannot calculate it.

    Examples
    --------
    >>> from autograd import Value, grad, primitive
    >>> @primitive("x³", elementwise=True)
    ... def cube(xp, x):
    ...     return x * x * x
    >>> cube.defvjps(x=lambda xp, g, y, x: g * (3 * x * x))
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (12.0, 12.0)
    """
    record: X = {
        "elementwise": elementwise, "differentiable": differentiable, "name": name, "commutative": commutative,
        "shape_only": shape_only, "lacks": lacks,
    }  # fmt: skip
    if callable(symbol):
        raise TypeError('write @primitive("symbol") with the symbol for pictures, or @primitive()')
    if not isinstance(symbol, str):
        raise TypeError(f"primitive: the symbol is a short text for pictures, not {type_name(symbol)}")
    if not symbol.isprintable() or len(symbol) > LONGEST:
        raise ValueError(
            f"primitive: the symbol {symbol[:LONGEST]!r} cannot stand in a picture; give at most {LONGEST} characters, "
            "none of which is a line break or a control character"
        )

    @entrance
    def made(forward: Callable[Concatenate[XP, P], X]) -> Op[P]:
        own = getattr(forward, "__name__", None)
        if not isinstance(own, str) or not (own == "<lambda>" or is_word(own)) or len(own) > LONGEST:
            raise ValueError(
                f"primitive: the name of an op is that of its function, and {str(own)[:LONGEST]!r} is none for texts, "
                f"pictures and files; define it with `def`, by a name of at most {LONGEST} characters"
            )
        return Op(forward, symbol or own, **record)

    return made
