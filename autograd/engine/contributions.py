"""What the gradient of a node becomes for each of its operands: the rule that every backward pass follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.conventions import at_kinks
from autograd.engine.libraries import IN_USE, LIBRARIES, library_of, namespace_of
from autograd.engine.node import Node, Primitive, registry
from autograd.engine.recording import evaluate
from autograd.messages import describe, not_a_number
from autograd.namespaces import arrays
from autograd.namespaces.marks import Mark, Marks, raw
from autograd.typing import XP, Function, X

__all__ = [
    "GRAPHS", "NUMBERS", "STRICT_GRAPHS", "STRICT_NUMBERS", "NanSelectedError", "OneOf", "Space", "any_nan",
    "check_unchanged", "contributions", "evaluation", "has_nan", "identity_vjp", "is_asked_later", "is_float", "plus",
    "positions_read", "unbroadcast",
]  # fmt: skip

Vjp = Function  # f(xp, g, y, *operands, **params)


class Space(NamedTuple):
    """What flows in a pass: the namespace to calculate in, what a node is in it, and the derivatives to take."""

    xp: XP  # None: that of the data
    at: Callable[[Node], X]
    vjp: Callable[[Primitive, int], Vjp | None]  # of an op by the operand at a position; None: it has none
    within: Set[Node] | None = None  # the nodes that get a gradient; None: all that require one


def _strict_vjp(op: Primitive, position: int) -> Vjp | None:
    vjp = op.vjp(position)
    return at_kinks(op, position, vjp, _nan) if vjp and op.conventions else vjp


def _nan(xp: XP, at: X, g: X, c: X, x: X, factor: X) -> X:
    """Nan, of which derivatives are nan too; of a gradient that a selection dropped it stays 0."""
    return xp.where(at, g * (x * np.nan), c)


def _number(xp: XP, at: X, g: X, c: X, x: X, factor: X) -> X:
    """The number that is stated, which is no structural zero where a selection made it, as relu's at 0."""
    if type(c) is not Mark or c.alive is g.alive:
        return c
    of_g, of_c = (True if m.alive is None else m.alive for m in (g, c))
    # The product has the derivative by g that is stated; of an infinite g the formula's number is kept.
    product = c.xp.logical_and(at, c.xp.isfinite(g.value))
    return Mark(c.xp.where(product, raw(g * factor()), c.value), c.xp.where(at, of_g, of_c), c.xp)


NUMBERS = Space(None, attrgetter("_data"), lambda op, position: op.vjp(position))
GRAPHS = NUMBERS._replace(xp=registry, at=lambda node: node)
STRICT_NUMBERS, STRICT_GRAPHS = NUMBERS._replace(vjp=_strict_vjp), GRAPHS._replace(vjp=_strict_vjp)


class NanSelectedError(Exception):
    """A selection met a nan, which it may drop before the pass sees it at the leaves."""


def contributions(node: Node, g: X, space: Space = NUMBERS) -> Iterator[tuple[int, X]]:
    """What the gradient `g` of a node becomes for each operand that requires one, with the operand's position.

    A gradient is a float, an array, a node, or a mark; of marks come marks.
    """
    op: Any = node.op
    xp, at, vjp_of, within = space
    if op.selects and type(g) is not Mark and not is_asked_later(g) and has_nan(g):
        raise NanSelectedError
    if xp is None:
        xp = namespace_of(raw(g)) if IN_USE else arrays
    read = (g, at(node), *map(at, node.parents))
    value = evaluation(op, xp, read, node.params)
    in_use = {id(raw(a)) for a in read}
    lists: dict[Vjp, Sequence[X]] = {}  # by a formula that gives what several operands get
    for position, p in enumerate(node.parents):
        vjp = vjp_of(op, position)
        if vjp is None or not p.requires_grad or not (within is None or p in within):
            continue
        if vjp is identity_vjp:
            c = g
        elif type(vjp) is OneOf:
            if vjp.formula not in lists:
                lists[vjp.formula] = vjp.checked(op, len(node.parents), value(vjp.formula))
            c = lists[vjp.formula][vjp.index]
        else:
            c = value(at_kinks(op, position, vjp, _number) if type(g) is Mark and op.conventions else vjp)
        x = read[2 + position]
        if type(c) is Mark:
            c = Mark(_unshared(unbroadcast(op, c.value, x, c.xp), in_use), c.summed_like(x), c.xp)
        else:
            c = _unshared(unbroadcast(op, c, x, xp), in_use)
        yield position, c


def _unshared(c: X, in_use: set[int]) -> X:
    """A contribution, as a view if its memory is in use: a view tells that it is shared."""
    library = None
    if type(c) is not np.ndarray and (not IN_USE or (library := LIBRARIES[type(c)]) is None):
        return c
    if id(c) in in_use:
        c = c.view() if library is None else library.alias(c)
    in_use.add(id(c))
    return c


def evaluation(op: Primitive, xp: XP, read: tuple[X, ...], params: X) -> Callable[[Vjp], X]:
    """A function that gives the value of a formula for what it reads: gradient, result and operands."""
    g, y, *_ = read
    if type(y) is float and type(g) is not Mark and op.elementwise:
        return lambda formula: evaluate(formula, read, params)
    if type(y) is float:  # as NumPy's own, which divide by 0
        read = tuple(map(_as_numpy, read))
    if type(g) is Mark:
        return partial(_on_marks, op, read, params)
    return lambda formula: formula(xp, *read, **params)


def _on_marks(op: Primitive, read: tuple[X, ...], params: X, formula: Vjp) -> X:
    g: Mark
    g, *values = read
    try:
        return formula(Marks(g.xp), g, *values, **params)
    except (TypeError, AttributeError):  # a rule of a user's that is not linear in the gradient, and compares it
        result = formula(g.xp, g.value, *values, **params)

    def marked(c: X) -> Mark:
        return g.with_value(c) if op.elementwise and np.shape(c) == np.shape(g.value) else g.mixed(c)

    return [marked(c) for c in result] if isinstance(result, (list, tuple)) else marked(result)


def _as_numpy(x: X) -> X:
    if type(x) is Mark:
        return Mark(_as_numpy(x.value), x.alive, x.xp)
    return np.float64(x) if type(x) is float else x


def identity_vjp(xp: XP, g: X, y: X, *operands: X, **params: X) -> X:
    """The derivative that passes the gradient on, as a sum's; entered in place of every formula that says so."""
    return g


class OneOf:
    """The derivative by one of the last operands of a variadic op, of which a formula gives a list for all of them."""

    def __init__(self, formula: Vjp, index: int = 0) -> None:
        self.formula = formula
        self.index = index

    def __call__(self, *args: X, position: int | None = None, **params: X) -> X:
        """What this operand gets, or the one at a position among the last."""
        return self.formula(*args, **params)[self.index if position is None else position]

    def checked(self, op: Primitive, count: int, values: X) -> Sequence[X]:
        """What the formula gave for the operands of a node, if it is a list with one for each."""
        if not isinstance(values, (list, tuple)) or len(values) != count - len(op.argnames) + 1:
            raise TypeError(f"the derivative of {op.name!r} must be a list, with one for each {op.argnames[-1]}")
        return values


def is_float(x: X) -> bool:
    """Whether an array holds floats."""
    if isinstance(x, (bool, int, float)):
        return type(x) is float
    if type(x) is not np.ndarray and (library := library_of(x)) is not None:
        return bool(library.is_float(x))
    return bool(x.dtype.kind == "f")


def unbroadcast(op: Primitive, c: X, like: X, xp: XP = arrays) -> X:
    """A contribution in the shape, dtype and kind of its operand (data, or in a graph a node): broadcasting undone."""
    value: X = getattr(c, "_data", c)
    x: X = getattr(like, "_data", like)
    if type(value) is type(x) and (
        type(x) is float or (value.shape == x.shape and (value.dtype is x.dtype or value.dtype == x.dtype))
    ):
        return c
    if x.dtype.kind != "f" if isinstance(x, np.ndarray) else not isinstance(x, (int, float)) and not is_float(x):
        raise TypeError(f"{op.name}: data of dtype {x.dtype} cannot have a gradient; make them floats (1.0 for 1)")
    if not isinstance(value, (np.ndarray, np.generic, float, int)) and library_of(value) is None:
        raise not_a_number(f"the derivative of {op.name!r}", c)
    try:
        return xp.sum_like(c, like)
    except ValueError as error:
        raise ValueError(f"the derivative of {op.name!r} has the wrong shape: {error}") from None


def plus(a: X, b: X) -> X:
    """The sum of two gradients; 0-d arrays stay arrays."""
    total = b + a if type(b) is Mark else a + b
    return np.asarray(total) if isinstance(total, np.generic) else total


def has_nan(g: X) -> bool:
    """Whether a gradient (a float, an array, or a node of such) holds a nan."""
    g = getattr(g, "_data", g)
    if isinstance(g, np.ndarray):
        flat = g if g.ndim == 1 else g.ravel()
        g = flat.dot(flat)  # a sum of squares is nan only if an element is
    elif type(g) is not float and (library := LIBRARIES[type(g)]) is not None:
        return bool(library.any_nan([g]))
    return bool(g != g)


def any_nan(gradients: Iterable[X]) -> bool:
    """Whether one of the gradients holds a nan: a library is asked once, for the answer has to come from its device."""
    asked: dict[X, list[X]] = {}
    for g in gradients:
        g = getattr(g, "_data", g)
        if (library := LIBRARIES[type(g)]) is not None:
            asked.setdefault(library, []).append(g)
        elif has_nan(g):
            return True
    return any(library.any_nan(each) for library, each in asked.items())


def is_asked_later(g: X) -> bool:
    """Whether a gradient is an array of another library, which is asked for nans at the end of a pass only."""
    return bool(IN_USE) and LIBRARIES[type(getattr(g, "_data", g))] is not None


def positions_read(node: Node) -> Iterator[int]:
    """The positions of the operands whose values the derivatives of a node read; -1 for its own value."""
    op: Any = node.op
    uses = op.uses_with(node.params) if node.params else op.uses  # with these parameters; op.uses has the defaults'
    read = dict.fromkeys(j for i, p in enumerate(node.parents) if p.requires_grad for j in uses[min(i, len(uses) - 1)])
    for j in read:
        yield from range(j, len(node.parents)) if op.variadic and j == len(op.argnames) - 1 else (j,)


def check_unchanged(node: Node) -> None:
    """Raise if a derivative would read a value that was changed after the op was recorded."""
    op: Any = node.op
    watched: Any = getattr(node._version, "check_unwritten", None)  # as under detect_anomaly
    if watched is not None:
        watched(node)
    for j in positions_read(node):
        q = node if j < 0 else node.parents[j]
        if q._version > node._version:
            raise ValueError(
                f"{op.name}: the data of {describe(q)} were changed after {op.name} was recorded, and its derivative "
                "reads them; run backward before changing them, or compute with a copy, x.detach()"
            )
