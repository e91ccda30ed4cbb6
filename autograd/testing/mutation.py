"""``mutants``: wrong versions of an op's derivatives, with mistakes that people make."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.calling import bind
from autograd.engine.node import Node
from autograd.engine.op import Op
from autograd.namespaces import arrays
from autograd.namespaces.names import Name
from autograd.testing.blame import as_function_of_floats
from autograd.testing.findings import Tolerance
from autograd.testing.op_inputs import check_op
from autograd.testing.verdict import NotDifferentiableError, find_problem
from autograd.typing import XP, Data, Formula, Function, Params, Tree, X

__all__ = ["Mutant", "mutants", "verdicts"]

Call = tuple[Sequence[Data], Params]  # the arguments and static parameters of an op


class Mutant(NamedTuple):
    """A wrong derivative of an op, and the mistake in it.

    Attributes
    ----------
    op : op
        The op.
    argname : str
        The name of the argument by which the derivative is wrong.
    mistake : str
        What is wrong, in words.
    vjp : callable
        The wrong formula.

    Examples
    --------
    >>> from autograd import mul
    >>> from autograd.testing import mutants
    >>> first = next(mutants(mul))
    >>> first.op.name, first.argname, first.mistake
    ('mul', 'a', 'the sign is flipped')
    """

    op: Op[...]
    argname: str
    mistake: str
    vjp: Formula

    def __str__(self) -> str:
        return f"{self.op.name} by {self.argname}: {self.mistake}"

    @contextmanager
    def planted(self) -> Iterator[Op[...]]:
        """Put this mistake into the op, for all its users, until the block ends; not for use by several threads.

        Examples
        --------
        >>> from autograd import grad, mul
        >>> from autograd.testing import mutants
        >>> bug = next(mutants(mul))
        >>> str(bug)
        'mul by a: the sign is flipped'
        >>> with bug.planted():
        ...     grad(lambda x: x * 3.0)(1.0)
        -3.0
        >>> grad(lambda x: x * 3.0)(1.0)
        3.0
        """
        right = self.op.vjps
        position = self.op.argnames.index(self.argname)
        try:
            self.op.vjps = (*right[:position], self.vjp, *right[position + 1 :])
            self.op._analyse()
            yield self.op
        finally:
            self.op.vjps = right
            self.op._analyse()


def mutants(op: Op[...]) -> Iterator[Mutant]:
    """Yield wrong versions of an op's derivatives, with one mistake each.

    Every op can have: a flipped sign, a factor 2, a forgotten incoming gradient (no chain rule), no derivative at all,
    the incoming gradient unchanged, a transposed result, a broadcast undone by a mean in place of a sum, and operands,
    or argument and result, that are mistaken for each other. An elementwise op also loses each factor of its formula
    in turn, and flips each sign.

    Parameters
    ----------
    op : op
        Any op with derivatives; one without has no mutants.

    Yields
    ------
    Mutant
        A mutant. Some equal the right derivative on all inputs (``positive`` passes its gradient on): see `verdicts`.

    Examples
    --------
    >>> from autograd import tanh
    >>> from autograd.testing import mutants
    >>> for mutant in mutants(tanh):
    ...     print(mutant)
    tanh by x: the sign is flipped
    tanh by x: it is doubled
    tanh by x: it is 0
    tanh by x: the incoming gradient is forgotten
    tanh by x: the incoming gradient is passed on
    tanh by x: it is transposed
    tanh by x: argument and result are confused
    tanh by x: a sign is flipped in 1 − y·y
    tanh by x: the factor y is left out of y·y
    tanh by x: the factor y is left out of y·y
    """
    return _mutants(check_op("mutants", op))


def _mutants(op: Op[...]) -> Iterator[Mutant]:
    for position, (argname, vjp) in enumerate(zip(op.argnames, op.vjps, strict=True)):
        if vjp is None:
            continue
        for mistake, wrong in _MISTAKES.items():
            yield Mutant(op, argname, mistake, partial(wrong, vjp))
        if op.elementwise and op.arity > 1:
            yield Mutant(op, argname, "a broadcast is undone by a mean", partial(_mean, vjp))
        if op.arity == 2 and not op.variadic:
            yield Mutant(op, argname, "the operands are confused", partial(_operands_confused, vjp))
        if op.arity == 1 and not op.variadic:
            yield Mutant(op, argname, "argument and result are confused", partial(_result_confused, vjp))
        if op.elementwise and not op.variadic:
            g = Name("g")
            formula = op.on_names(op.formulas[position], g)
            for mistake, tree in _formula_mutants(formula):
                if tree is not g:  # "the incoming gradient is passed on" is a mistake above
                    yield Mutant(op, argname, mistake, _evaluator(tree, op))


def verdicts(op: Op[...], calls: Iterable[Call]) -> Iterator[tuple[Mutant, str]]:
    """Yield each mutant of an op with the verdict of a check of gradients at some calls.

    Parameters
    ----------
    op : op
        The op.
    calls : iterable of pair
        The arguments of each call, a tuple, and its static parameters, a dict.

    Yields
    ------
    pair
        The :class:`Mutant`, and ``"killed"``, ``"equal"`` or ``"survived"``: a check of first derivatives at one of the
        calls kills it; or it equals the right derivative at all of them, to the last digits; or it is wrong and
        survives.

    Raises
    ------
    TypeError
        If `op` is no op, or one of `calls` no call of it.
    ValueError
        If there are no calls.

    Examples
    --------
    >>> from autograd import sub
    >>> from autograd.testing import verdicts
    >>> [(str(m), v) for m, v in verdicts(sub, [((3.0, 2.0), {})]) if v != "killed"][0]
    ('sub by a: the incoming gradient is passed on', 'equal')
    """
    check_op("verdicts", op)
    bound = [_bound(op, call) for call in (calls if isinstance(calls, Iterable) else [calls])]
    if not bound:
        raise ValueError(
            f"verdicts: no calls of {op.name}, so nothing can be told apart; op_calls({op.name}) draws some"
        )
    by_size = sorted(bound, key=lambda call: sum(_size(a) for a in call[0]))  # small Jacobians first
    return ((mutant, _verdict(mutant, by_size)) for mutant in _mutants(op))


def _bound(op: Op[...], call: object) -> Call:
    match call:
        case (tuple() | list() as args, Mapping() as params):
            return bind(op, tuple(args), params)
    raise TypeError(
        f"verdicts: a call is (args, params), as ((1.0,), {{}}), or (call.args, call.params) of one of op_calls, not "
        f"{call!r}"
    )


def _verdict(mutant: Mutant, calls: Iterable[Call]) -> str:
    op: Any = mutant.op
    position = op.argnames.index(mutant.argname)
    right, verdict = op.vjps[position], "equal"
    with mutant.planted():
        for args, params in calls:
            if not _agrees(mutant, right, position, args, params):
                if _caught(op, args, params):
                    return "killed"
                verdict = "survived"
    return verdict


def _caught(op: Op[...], args: Sequence[Data], params: Params) -> bool:
    f, xs = as_function_of_floats(op, args, params)
    try:
        return find_problem(f, xs, 1, ("reverse",), Tolerance(None, 0.0), np.random.default_rng(0)) is not None
    except NotDifferentiableError:
        return False
    except (TypeError, ValueError, IndexError, ArithmeticError):
        return True  # anyone notices a derivative that fails, or has the wrong shape


def _agrees(mutant: Mutant, right: Formula, position: int, args: Sequence[Data], params: Params) -> bool:
    """Whether a mutant agrees with the right derivative, up to rounding, for a random gradient of the result."""
    op: Any = mutant.op
    args = [np.asarray(a) for a in args]
    y = np.asarray(op(*args, **params))
    g = np.random.default_rng(1).uniform(0.5, 1.5, y.shape)
    more = {"position": 0} if op.variadic and position == len(op.vjps) - 1 else {}
    with np.errstate(all="ignore"):
        try:
            expected, actual = (arrays.sum_like(v(arrays, g, y, *args, **params, **more), args[position])
                               for v in (right, mutant.vjp))  # fmt: skip
        except (TypeError, ValueError, IndexError, ArithmeticError):
            return False
    return bool(np.allclose(actual, expected, rtol=1e-12, atol=1e-14, equal_nan=True))


# The mistakes. Each takes the right derivative, and then the arguments of a derivative.
def _sign(vjp: Formula, xp: XP, g: X, y: X, *args: X, **params: X) -> X:
    return -vjp(xp, g, y, *args, **params)


def _doubled(vjp: Formula, xp: XP, g: X, y: X, *args: X, **params: X) -> X:
    return 2 * vjp(xp, g, y, *args, **params)


def _nothing(vjp: Formula, xp: XP, g: X, y: X, *args: X, **params: X) -> X:
    return 0 * vjp(xp, g, y, *args, **params)


def _no_chain(vjp: Formula, xp: XP, g: X, y: X, *args: X, **params: X) -> X:
    return vjp(xp, g * 0 + 1, y, *args, **params)


def _passed_on(vjp: Formula, xp: XP, g: X, y: X, *args: X, **params: X) -> X:
    return g


def _transposed(vjp: Formula, xp: XP, g: X, y: X, *args: X, **params: X) -> X:
    c = vjp(xp, g, y, *args, **params)
    return xp.swapaxes(c, -1, -2) if not isinstance(c, (Name, float)) and c.ndim > 1 else c


def _mean(vjp: Formula, xp: XP, g: X, y: X, *args: X, **params: X) -> X:
    """Take the mean in place of the sum where the result has more elements than an argument."""
    c = vjp(xp, g, y, *args, **params)
    if isinstance(c, (Name, float)):
        return c
    return c * (min(_size(a) for a in args) / max(_size(c), 1))


def _size(x: Data) -> int:
    return int(np.size(x._data if isinstance(x, Node) else x))


def _operands_confused(vjp: Formula, xp: XP, g: X, y: X, a: X, b: X, **params: X) -> X:
    return vjp(xp, g, y, b, a, **params)


def _result_confused(vjp: Formula, xp: XP, g: X, y: X, x: X, **params: X) -> X:
    return vjp(xp, g, x, y, **params)


_MISTAKES: dict[str, Formula] = {
    "the sign is flipped": _sign,
    "it is doubled": _doubled,
    "it is 0": _nothing,
    "the incoming gradient is forgotten": _no_chain,
    "the incoming gradient is passed on": _passed_on,
    "it is transposed": _transposed,
}


def _formula_mutants(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Yield the formulas that lack one factor or have one sign flipped, each with the mistake."""
    if not isinstance(tree, Name) or not tree.args:
        return
    head, args = tree.head, tree.args
    if head == "*":
        for omitted, other in (args, args[::-1]):
            if str(omitted) != "g":  # a forgotten gradient is a mistake of its own
                yield f"the factor {omitted} is left out of {tree}", other
    elif head == "/":
        yield f"the divisor {args[1]} is left out of {tree}", args[0]
    elif head == "neg":
        yield f"a sign is left out of {tree}", args[0]
    elif head in "+-":
        yield f"a sign is flipped in {tree}", Name("-+"["+-".index(head)], *args)
    for i, inner in enumerate(args):
        for mistake, new in _formula_mutants(inner):
            yield mistake, Name(head, *args[:i], new, *args[i + 1 :])


_OPERATORS: dict[str, Function] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "@": operator.matmul,
    "neg": operator.neg, "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
_FUNCTIONS = {"**": "power", "and": "logical_and", "or": "logical_or"}


def _evaluator(tree: Tree, op: Op[...]) -> Formula:
    """Make the derivative that an expression tree describes."""

    def vjp(xp: XP, g: X, y: X, *args: X, **params: X) -> X:
        known = {"g": g, "y": y, **dict(zip(op.argnames, args, strict=True)), **params}

        def value(x: Data) -> Data:
            if not isinstance(x, Name):
                return x
            if not x.args:
                return known[x.head]
            inner = [value(a) for a in x.args]
            return (_OPERATORS.get(x.head) or getattr(xp, _FUNCTIONS.get(x.head, x.head)))(*inner)

        return value(tree)

    return vjp
