"""Ops of functions that nothing is known of but their calls on plain data, and how gradients are pulled back.

Calls with numbers, arrays and nodes alone share one op. A call with functions, containers or other things among its
arguments has an op of its own: the nodes and arrays among the leaves of the arguments are its operands, and all else
stays with it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial, wraps
from itertools import repeat
from math import prod
from types import MethodType

import numpy as np

from autograd.engine.coercion import FLOATS
from autograd.engine.contributions import OneOf
from autograd.engine.fast import plainly
from autograd.engine.libraries import library_of, namespace_of
from autograd.engine.modes import Mode, run_in
from autograd.engine.node import Node, registry
from autograd.engine.op import Op
from autograd.engine.recording import apply
from autograd.namespaces import arrays
from autograd.namespaces.marks import Mark, raw
from autograd.namespaces.names import Name
from autograd.tracebacks import entrance
from autograd.transforms.containers import leaves, matched, rebuilt
from autograd.typing import XP, Function, Keywords, Params, Tree, X
from autograd.vspace import vspace

__all__ = ["NoDerivativeError", "OpaquePrimitive"]


class NoDerivativeError(TypeError, NotImplementedError):
    """A primitive has no derivative by an argument: a TypeError here, to HIPS autograd a NotImplementedError."""


class _OpaqueOp(Op[...]):
    """An op whose formulas cannot be written as text; each is assumed to read every argument."""

    opaque = True

    def uses_with(self, params: Params) -> tuple[frozenset[int], ...]:
        return (frozenset(range(-1, len(self.argnames))),) * len(self.argnames)

    def on_names(self, formula: X, g: X = None, args: X = None, params: Params | None = None) -> X:
        args = [Name(a) for a in self.argnames] if args is None else args
        if formula is None:
            return Name(self.name, *args)
        position = formula.keywords["position"] if isinstance(formula, partial) else self.formulas.index(formula)
        return Name(f"vjp{position}_{self.name}", g, Name("y"), *args)


class OpaquePrimitive(_OpaqueOp):
    """A function as an op.

    Attributes
    ----------
    fun : callable
        The function.
    makers : dict
        For the position of an argument the function that makes its vjp; None for an argument without a gradient.
    together : callable or None
        A function that makes the vjp of several arguments, in place of the makers.
    constant : bool
        Whether its results are constants, so that it is not recorded.
    """

    mode: Mode | None = None  # in which the function runs
    entering = staticmethod(lambda x: x)  # what it gets for the data of an operand

    def __init__(self, fun: Function) -> None:
        parameters = _parameters(fun)

        @wraps(fun)
        def forward(xp: XP, *args: X, **params: X) -> X:
            y = _plain_result(run_in(None, fun, *args, **params))
            if isinstance(y, (tuple, list, dict)):
                self._is_general = True
                return 0.0
            return y

        kind = inspect.Parameter
        own = [kind("args", kind.VAR_POSITIONAL)] if parameters is None else parameters
        signature = inspect.Signature([kind("_xp", kind.POSITIONAL_ONLY), *own])
        forward.__name__ = name = getattr(fun, "__name__", type(fun).__name__)
        forward.__signature__ = signature  # type: ignore[attr-defined]
        super().__init__(forward, name)
        self.fun = fun
        self.makers: dict[int, Function | None] = {}
        self.together: Function | None = None
        self.constant = False
        self._is_general = parameters is None  # whether each call has an op of its own
        self.state()

    def state(self) -> None:
        """Enter the derivatives: those of the makers, or of the function for several arguments."""
        self._is_general = self._is_general or self.together is not None
        if not self._is_general:
            self.vjps = self.formulas = tuple(map(self._vjp, range(self.arity)))
            self._analyse()
        self.poles = True  # nothing is known of the formulas, so they may be infinite anywhere

    def _vjp(self, position: int) -> Function | None:
        maker = self.makers.get(position, self._missing)
        if maker is None:
            return None

        def vjp(xp: XP, g: X, y: X, *args: X, **params: X) -> X:
            given: Params = {k: v for k, v in params.items() if v != self.params[k]}
            if not _binds(maker, len(args) + 1, tuple(given)):  # it has other names for the static arguments
                args, given = (*args, *params.values()), {}
            (c,) = self.pulled((position,), raw(g), y, args, given)
            return g.mixed(c) if isinstance(g, Mark) else c

        return vjp

    def pulled(self, argnums: Sequence[int], g: Tree, ans: Tree, args: tuple[Tree, ...], kwargs: Params) -> list[Tree]:
        """What belongs to each of these arguments; plain data, by a run in the usual mode, where `ans` is plain."""

        def run() -> list[Tree]:
            if self.together is not None:
                return list(self.together(argnums, ans, args, kwargs)(g))
            makers = [self.makers.get(i, self._missing) for i in argnums]
            return [maker and maker(ans, *args, **kwargs)(g) for maker in makers]

        if _has_node((g, ans)):
            return run()
        return [rebuilt(c, map(_plain_result, leaves(c))) for c in run_in(None, run)]

    def _missing(self, *_: X, **params: X) -> X:
        raise NoDerivativeError(
            f"{self.name} has no derivative by this argument; state it with defvjp({self.name}, ...)"
        )

    # What was `defvjp` once.
    def defgrad(self, maker: Function, argnum: int = 0) -> None:
        """State the derivative by an argument, as :func:`autograd.extend.defvjp` does."""
        self.makers[argnum] = maker
        self.state()

    def defvjp(self, vjp: Function, argnum: int = 0) -> None:
        """State the derivative by an argument: ``vjp(g, ans, space of the argument, space of g, *args, **kwargs)``."""

        def maker(ans: Tree, *args: Tree, **kwargs: Tree) -> Function:
            return lambda g: vjp(g, ans, vspace(args[argnum]), vspace(g), *args, **kwargs)

        self.defgrad(maker, argnum)

    def defvjp_is_zero(self, argnums: Iterable[int] = (0,)) -> None:
        """State that arguments have no gradient, as :func:`autograd.extend.defvjp` does by None."""
        self.makers.update(dict.fromkeys(argnums))
        self.state()

    def __get__(self, instance: object, kind: type | None = None) -> X:
        return self if instance is None else MethodType(self, instance)  # a primitive may be a method

    @entrance
    def __call__(self, *args: Tree, **kwargs: Tree) -> Tree:
        """What the function gives; it is recorded where there are nodes among the leaves of the arguments."""
        if self.constant:
            plain = (x._data if isinstance(x, Node) else x for x in leaves((args, kwargs)))
            args, kwargs = rebuilt((args, kwargs), plain)
        if not _has_node((args, kwargs)):
            return self.fun(*args, **kwargs)
        if not self._is_general and self._takes(args, kwargs):
            y = super().__call__(*args, **kwargs)
            if not self._is_general:  # as is known since its result came
                return y
        call = _Call(self, args, kwargs)
        y = apply(_CallOp(call), [leaf for leaf in leaves((args, kwargs)) if _is_operand(leaf)])
        return call.unpacked(y)

    def _takes(self, args: tuple[Tree, ...], kwargs: Keywords) -> bool:
        """Whether arguments are operands and static ones alone."""
        by_name = {a: kwargs[a] for a in self.argnames[len(args) :] if a in kwargs}
        operands = [*args[: self.arity], *by_name.values()]
        static = [*args[self.arity :], *(v for k, v in kwargs.items() if k not in by_name)]
        return len(operands) == self.arity and all(map(_is_number, operands)) and all(map(_is_static, static))


class _Call:
    """A call of a primitive: its arguments, with None for its operands, and how its result lies in one vector."""

    def __init__(self, primitive: OpaquePrimitive, args: tuple[Tree, ...], kwargs: Keywords) -> None:
        of_names = [k for k, arg in kwargs.items() if _requires_grad(arg)]
        if of_names:
            raise TypeError(
                f"{primitive.name}: {of_names[0]}= holds a node, and what is given by name has no derivative; "
                "give it by position"
            )
        flat = leaves((args, kwargs))
        self.primitive = primitive
        self.places = [k for k, x in enumerate(flat) if _is_operand(x)]
        self.arguments: Tree = rebuilt((args, kwargs), (None if _is_operand(x) else x for x in flat))
        self.argnums = [i for i, arg in enumerate(args) if _requires_grad(arg)]
        self.starts = [len(leaves(args[:i])) for i in self.argnums]
        self.result: Tree = None  # a container, with None for the floats in it
        self.slots: list[tuple[int, int, tuple[int, ...]]] = []  # of each its place, begin in the vector, and shape

    def is_like(self, other: _Call) -> bool:
        """Whether another call is the same but for the operands."""
        if (self.primitive, self.places, self.argnums) != (other.primitive, other.places, other.argnums):
            return False
        trees = self.arguments, other.arguments
        pairs = zip(*map(leaves, trees), strict=False)
        return rebuilt(trees[0], repeat(None)) == rebuilt(trees[1], repeat(None)) and all(
            a is b or (type(a) is type(b) and _is_static(a) and repr(a) == repr(b)) for a, b in pairs
        )

    def _filled(self, operands: Iterable[X]) -> Tree:
        flat = leaves(self.arguments)
        for k, x in zip(self.places, operands, strict=True):
            flat[k] = x
        return rebuilt(self.arguments, iter(flat))

    def forward(self, xp: XP, *operands: X) -> X:
        """The result for these operands; of a container the vector of its floats."""
        primitive = self.primitive
        args, kwargs = self._filled(map(primitive.entering, operands))
        y = run_in(primitive.mode, primitive.fun, *args, **kwargs)
        flat = [_plain_result(x) for x in leaves(y)]
        if not isinstance(y, (tuple, list, dict)):
            return flat[0]
        self.result, self.slots, begin = rebuilt(y, (None if _is_float(x) else x for x in flat)), [], 0
        for k, x in enumerate(flat):
            if _is_float(x):
                self.slots.append((k, begin, tuple(np.shape(x))))
                begin += prod(np.shape(x))
        if not self.slots:
            return np.empty(0)
        space = namespace_of(*(flat[k] for k, _, _ in self.slots))
        return space.concatenate([_row(space, flat[k]) for k, _, _ in self.slots])

    def unpacked(self, y: X, rest: X = None) -> Tree:
        """The result as the primitive gives it; where `rest` is given it stands for what is no float."""
        if self.result is None:
            return y
        flat = leaves(self.result) if rest is None else [rest] * len(leaves(self.result))
        for k, begin, shape in self.slots:
            flat[k] = registry.reshape(y[begin : begin + prod(shape)], shape) if shape else y[begin]
        return rebuilt(self.result, iter(flat))

    def pull(self, xp: XP, g: X, y: X, *operands: X) -> list[X]:
        """What belongs to each operand."""
        args, kwargs = self._filled(operands)
        parts: dict[int, X] = {}
        trees = self.primitive.pulled(self.argnums, self.unpacked(raw(g), 0.0), self.unpacked(y), args, kwargs)
        for i, start, tree in zip(self.argnums, self.starts, trees, strict=True):
            where = f"the gradient of {self.primitive.name} by argument {i}"
            found = [None] * len(leaves(args[i])) if tree is None else [c for _, _, c in matched(args[i], tree, where)]
            parts.update(enumerate(found, start))
        given: list[X] = [None] * len(operands)  # what nobody asked for is nothing, never a silent zero
        for n, k in enumerate(self.places):
            if k in parts:
                c = xp.zeros_like(operands[n]) if parts[k] is None else parts[k]
                given[n] = float(c) if isinstance(c, np.generic) else c
        return [None if c is None else g.mixed(c) for c in given] if isinstance(g, Mark) else given


class _CallOp(_OpaqueOp):
    """The op of one call."""

    named = False

    def __init__(self, call: _Call) -> None:
        vars(self).update(vars(_ANY_CALL))  # to read a signature anew takes longer than most calls
        self.call = call
        self.name = self.symbol = self.__name__ = call.primitive.name
        self.__doc__ = call.primitive.__doc__
        self.forward, self._recorders = call.forward, {}
        self.vjps = self.formulas = (OneOf(call.pull),)
        self.backward_on_floats = self.backward_on_arrays = plainly  # those of any op refer to it, a cycle

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _CallOp) and self.call.is_like(other.call)

    def __hash__(self) -> int:
        return hash(self.call.primitive)

    def __reduce__(self) -> X:
        return _CallOp, (self.call,)


_ANY_CALL = _OpaqueOp(lambda xp, *args: None, "call")
_ANY_CALL.poles = True


def _parameters(fun: Function) -> list[inspect.Parameter] | None:
    """The parameters of the op of a function's usual calls; None if the function takes any number of arguments."""
    kind = inspect.Parameter
    if isinstance(fun, np.ufunc):
        return [kind(f"x{i}", kind.POSITIONAL_ONLY) for i in range(fun.nin)]
    try:
        found = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):  # a function in C
        return None
    if not found or any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found):
        return None
    static = [p.default is not p.empty or p.kind is p.KEYWORD_ONLY for p in found]
    kinds = [kind.POSITIONAL_OR_KEYWORD if s else kind.POSITIONAL_ONLY for s in static]
    return None if all(static) else [p.replace(kind=k) for p, k in zip(found, kinds, strict=True)]


@lru_cache
def _binds(maker: Function, count: int, names: tuple[str, ...]) -> bool:
    """Whether a function takes so many arguments by position, and these by name."""
    try:
        inspect.signature(maker).bind(*[None] * count, **dict.fromkeys(names))
    except TypeError:
        return False
    return True


def _has_node(tree: Tree) -> bool:
    return any(isinstance(x, Node) for x in leaves(tree))


def _requires_grad(tree: Tree) -> bool:
    return any(isinstance(x, Node) and x.requires_grad for x in leaves(tree))


def _row(space: XP, x: X) -> X:
    """A number or an array as a vector."""
    return space.reshape(x, (-1,)) if hasattr(x, "shape") and space is not arrays else np.ravel(x)


def _is_float(x: X) -> bool:
    if (library := library_of(x)) is not None:
        return bool(library.is_float(x))
    return isinstance(x, float) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.char in FLOATS)


def _is_operand(x: X) -> bool:
    """Whether a leaf of an argument is an operand: arrays are, so that the call has copies of its own."""
    if type(x) is np.ndarray:
        return x.dtype.char in FLOATS or x.dtype.kind in "iub"
    return isinstance(x, Node) or library_of(x) is not None


def _is_number(x: X) -> bool:
    """Whether an argument is an operand of the op of usual calls; object arrays hold Values."""
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "fiubO"
    return isinstance(x, (Node, int, float)) or library_of(x) is not None


def _is_static(x: X) -> bool:
    """Whether a static argument stays as it is in a graph, as a list does not."""
    return x is None or isinstance(x, (bool, int, float, str)) or (type(x) is tuple and all(map(_is_static, x)))


def _plain_result(x: X) -> X:
    """The data of a constant; an error for a node that has a gradient, which would be lost."""
    if not isinstance(x, Node):
        return x
    if x.requires_grad:
        raise TypeError(
            "the result depends on a node that is not among the arguments, and that would get no gradient; make it an "
            "argument"
        )
    return x._data
