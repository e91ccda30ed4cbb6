"""The rules by which a derivative's graph is tidied: to what a node comes without being calculated as it was recorded.

A rule takes the tidier, the node as it was recorded and its operands as they are now, and returns a node of the same
value, whatever the values of the leaves; None leaves the node as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import frexp, prod
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from autograd.engine.derived import convention_of
from autograd.engine.libraries import fetched, numpy_dtype
from autograd.engine.node import NO_PARAMS, Node, toposort
from autograd.ops._helpers import stated
from autograd.ops.arithmetic import add, div, mul, neg, positive, pow, pow_number, sub
from autograd.ops.logic import equal, isfinite, logical_and, logical_not, logical_or
from autograd.ops.selection import where
from autograd.ops.shaping import broadcast_like, reshape_like, sum_like, swapaxes, transpose
from autograd.typing import Data, Params, X

__all__ = ["RULES", "by_constants"]

EXACT = 2**24  # whole numbers up to it are exact in float32 too


class Tidier(Protocol):
    """What the rules ask; see :mod:`autograd.graph.tidying`."""

    badges: dict[Node, list[str]]

    def is_constant(self, node: Node) -> bool: ...
    def is_free(self, node: Node) -> bool: ...
    def may_drop(self, x: Node) -> bool: ...
    def made(self, op: X, *parents: Node | float, params: Params = NO_PARAMS) -> Node: ...
    def within(self, node: Node, condition: Node, truth: bool, reach: int = ...) -> Node: ...
    def number(self, x: Data) -> Node: ...


def by_constants(t: Tidier, node: Node, *parents: Node) -> Node | None:
    """A number where all operands are numbers; where one is a number in the shape of others, that number."""
    op: Any = node.op
    if all(map(t.is_constant, parents)) and not node.ndim:
        return t.number(t.made(op, *parents, params=node.params)._data)
    if len(op.shape_only) == len(parents) and not node.ndim and all(map(t.may_drop, parents)):  # as a count
        return t.number(node._data)
    if op.elementwise:
        plain = [_spread(t, p) for p in parents]
        if any(p is not None for p in plain):
            operands = [p if q is None else q for p, q in zip(parents, plain, strict=True)]
            if any(p.shape == node.shape for p in operands if not t.is_constant(p)):
                return simplest(t, op, node, *operands)
            like = [p.parents[1] for p in parents if p.op is broadcast_like and p.shape == node.shape]
            if like and node.ndim and all(t.is_constant(p) and not p.ndim for p in operands):
                value = t.made(op, *operands, params=node.params)._data
                number = t.number(value if isinstance(value, (int, float)) else value.item())
                return simplest(t, broadcast_like, node, number, like[0])
    return None


def simplest(t: Tidier, op: X, node: Node, *operands: Node) -> Node:
    """To what an op of these operands comes: what its rule says, or a node of it."""
    result = RULES[op](t, node, *operands) if op in RULES else None
    return t.made(op, *operands, params=node.params if op is node.op else NO_PARAMS) if result is None else result


def _spread(t: Tidier, node: Node) -> Node | None:
    """The number that a node has in each of its elements, if that is all it is."""
    if node.op is broadcast_like and t.is_free(node) and t.may_drop(node.parents[1]):
        x = node.parents[0]
        return x if t.is_constant(x) and not x.ndim else None
    if node.ndim and t.is_constant(node) and prod(node.shape):
        data = fetched(node._data)
        first = data.flat[0]
        return t.number(first) if (data == first).all() else None
    return None


def _number(t: Tidier, node: Node) -> float | None:
    """The value of a constant number."""
    return None if node.ndim or not t.is_constant(node) else fetched(node._data)


def _is(t: Tidier, node: Node, number: float) -> bool:
    value = _number(t, node)
    return value is not None and not isinstance(value, bool) and bool(value == number)


def _same_number(t: Tidier, a: Node, b: Node) -> bool:
    x, y = _number(t, a), _number(t, b)
    return x is not None and y is not None and repr(float(x)) == repr(float(y))


def _fits(x: Node, node: Node) -> bool:
    """Whether an operand has the kind, shape and dtype of the result."""
    a, b = x._data, node._data
    if type(a) is not type(b):
        return False
    return isinstance(b, (float, int)) or (a.shape == b.shape and a.dtype == b.dtype)


def _without_sign(t: Tidier, node: Node) -> Node | None:
    """The operand of a negative."""
    return node.parents[0] if node.op is neg and t.is_free(node) else None


def negative(t: Tidier, node: Node, x: Node) -> Node | None:
    """−(−x) is x; −(c·x) is (−c)·x, and so for a quotient."""
    inner = _without_sign(t, x)
    if inner is not None:
        return inner
    if x.op in (mul, div) and t.is_free(x):
        a, b = x.parents
        if (c := _number(t, a)) is not None:
            return t.made(x.op, -c, b)
        if (c := _number(t, b)) is not None:
            return t.made(x.op, a, -c)
    return None


def product(t: Tidier, node: Node, a: Node, b: Node) -> Node | None:
    """1·x is x, −1·x is −x; signs come to the front; constants meet where their product is exact."""
    for x, other in ((a, b), (b, a)):
        if _is(t, other, 1) and _fits(x, node):
            return x
        if _is(t, other, -1) and _fits(x, node):
            return simplest(t, neg, node, x)
    positive_a, positive_b = _without_sign(t, a), _without_sign(t, b)
    if positive_a is not None or positive_b is not None:
        inner = simplest(t, mul, node, a if positive_a is None else positive_a, b if positive_b is None else positive_b)
        return simplest(t, neg, node, inner) if positive_a is None or positive_b is None else inner
    for x, other in ((a, b), (b, a)):
        c = _number(t, other)
        if c is not None and x.op is mul and t.is_free(x):
            for p, q in (x.parents, x.parents[::-1]):
                d = _number(t, q)
                if d is not None and _multiply_exactly(c, d):
                    total = c * d
                    return simplest(t, mul, node, t.number(total), p)
    return None


def _multiply_exactly(c: float, d: float) -> bool:
    """Whether c·(d·x) is (c·d)·x for every x: whole numbers, of which one is a power of 2."""
    whole = all(not isinstance(k, bool) and float(k).is_integer() and k for k in (c, d))
    return whole and abs(c * d) <= EXACT and any(frexp(abs(k))[0] == 0.5 for k in (c, d))


def quotient(t: Tidier, node: Node, a: Node, b: Node) -> Node | None:
    """x/1 is x, x/−1 is −x; signs come to the front."""
    if _is(t, b, 1) and _fits(a, node):
        return a
    if _is(t, b, -1) and _fits(a, node):
        return simplest(t, neg, node, a)
    positive_a, positive_b = _without_sign(t, a), _without_sign(t, b)
    if positive_a is not None or positive_b is not None:
        inner = simplest(t, div, node, a if positive_a is None else positive_a, b if positive_b is None else positive_b)
        return simplest(t, neg, node, inner) if positive_a is None or positive_b is None else inner
    return None


def addition(t: Tidier, node: Node, a: Node, b: Node) -> Node | None:
    """x + 0 is x, x + x is 2·x, x + (−y) is x − y."""
    for x, other in ((a, b), (b, a)):
        if _is(t, other, 0) and _fits(x, node):
            return x
    if a is b:
        return simplest(t, mul, node, t.number(2.0), a)
    for x, other in ((a, b), (b, a)):
        if (y := _without_sign(t, other)) is not None:
            return simplest(t, sub, node, x, y)
    return None


def difference(t: Tidier, node: Node, a: Node, b: Node) -> Node | None:
    """x − 0 is x, x − (−y) is x + y."""
    if _is(t, b, 0) and _fits(a, node):
        return a
    if (y := _without_sign(t, b)) is not None:
        return simplest(t, add, node, a, y)
    return None


def power(t: Tidier, node: Node, x: Node, exponent: Node) -> Node | None:
    """x¹ is x, x⁰ is 1, and a number is no operand but part of the op."""
    if _is(t, exponent, 1) and _fits(x, node):
        return x
    if _is(t, exponent, 0) and t.may_drop(x):
        return t.made(broadcast_like, 1.0, x) if node.ndim else t.number(1.0)
    if type(exponent._data) in (int, float) and t.is_constant(exponent):
        return t.made(pow_number, x, params=MappingProxyType({"exponent": exponent._data}))
    return None


def power_of_number(t: Tidier, node: Node, x: Node) -> Node | None:
    """x¹ is x."""
    return x if node.params["exponent"] == 1 and _fits(x, node) else None


def choice(t: Tidier, node: Node, condition: Node, a: Node, b: Node) -> Node | None:
    """The branch that is always taken; the formula where a convention does not hold here; one choice for two alike."""
    truth = _known_truth(t, condition)
    if truth is not None:
        taken, other = (a, b) if truth else (b, a)
        return _branch(t, node, taken, condition) if t.may_drop(condition) and t.may_drop(other) else None
    if condition.op is where and t.is_free(condition):
        truth = _known_truth(t, condition.parents[0])
        if truth is not None and all(map(t.may_drop, condition.parents)):
            return simplest(t, node.op, node, condition.parents[1 if truth else 2], a, b)
    why = convention_of(node.parents[0])
    if (
        why
        and not np.any(fetched(condition._data))
        and _has_variables(condition)
        and t.may_drop(condition)
        and t.may_drop(a)
    ):
        branch = _branch(t, node, b, condition)
        if branch is not None and why not in t.badges.setdefault(branch, []):
            t.badges[branch].append(why)
        return branch
    if (a is b or _same_number(t, a, b)) and t.may_drop(condition):
        return _branch(t, node, a, condition)
    if a is condition and _known_truth(t, b) is False and _fits(a, node):
        return a
    if node.op is stated:  # whose own derivative is another
        return None
    if condition.op is logical_not and t.is_free(condition):
        return simplest(t, where, node, condition.parents[0], b, a)
    if condition.op is where and t.is_free(condition):
        truths = tuple(_known_truth(t, x) for x in condition.parents[1:])
        if truths in ((True, False), (False, True)):
            return simplest(t, where, node, condition.parents[0], *((a, b) if truths[0] else (b, a)))
    inner_a, inner_b = t.within(a, condition, True), t.within(b, condition, False)
    if inner_a is not a or inner_b is not b:
        return simplest(t, where, node, condition, inner_a, inner_b)
    return None


def _has_variables(condition: Node) -> bool:
    """Whether a condition is two at once, about several variables: what one says alone is on everybody's way."""
    if condition.op is not logical_and:
        return False
    leaves = [n for n in toposort(condition) if n.op is None]
    return sum(n.requires_grad or n.ndim > 0 or bool(n.label) for n in leaves) > 1


def _branch(t: Tidier, node: Node, x: Node, condition: Node) -> Node | None:
    """A branch in the shape of the result."""
    if _fits(x, node):
        return x
    if t.is_constant(x) and not node.ndim:
        return t.number(type(node._data)(x._data) if isinstance(node._data, (int, float)) else x._data)
    return simplest(t, broadcast_like, node, x, condition) if t.is_constant(x) and t.may_drop(condition) else None


def _known_truth(t: Tidier, x: Node) -> bool | None:
    spread = _spread(t, x)
    x = x if spread is None else spread
    if not t.is_constant(x):
        return None
    truth = fetched(x._data)
    return True if np.all(truth) else False if not np.any(truth) else None


def conjunction(t: Tidier, node: Node, a: Node, b: Node) -> Node | None:
    """What holds with a condition that always does is the other; with one that never does, nothing."""
    if _exclude(t, a, b) or _exclude(t, b, a):
        return _spread_truth(t, node, a, False)
    return _of_conditions(t, node, a, b, False)


def _exclude(t: Tidier, a: Node, b: Node) -> bool:
    """Whether one condition says that x is a finite number, and the other that it is not finite."""
    infinite = b.parents[0] if b.op is logical_not and t.is_free(b) else b
    if a.op is not equal or infinite.op is not isfinite or infinite is b or not (t.may_drop(a) and t.may_drop(b)):
        return False
    others = [c for x, c in (a.parents, a.parents[::-1]) if x is infinite.parents[0]]
    return any((c := _number(t, other)) is not None and np.isfinite(c) for other in others)


def _spread_truth(t: Tidier, node: Node, like: Node, truth: bool) -> Node:
    return simplest(t, broadcast_like, node, t.number(truth), like) if node.ndim else t.number(truth)


def disjunction(t: Tidier, node: Node, a: Node, b: Node) -> Node | None:
    """What holds beside a condition that never does is the other; beside one that always does, all."""
    return _of_conditions(t, node, a, b, True)


def _of_conditions(t: Tidier, node: Node, a: Node, b: Node, decisive: bool) -> Node | None:
    if a is b and _fits(a, node) and type(a._data) is type(node._data):
        return a
    for x, other in ((a, b), (b, a)):
        truth = _known_truth(t, other)
        if truth is decisive and t.may_drop(x):
            return _spread_truth(t, node, x, decisive)
        if truth is (not decisive) and _fits(x, node) and type(x._data) is type(node._data):
            return x
    return None


def complement(t: Tidier, node: Node, x: Node) -> Node | None:
    """¬¬x is x."""
    return x.parents[0] if x.op is logical_not and t.is_free(x) and _fits(x.parents[0], node) else None


def itself(t: Tidier, node: Node, x: Node, *like: Node) -> Node | None:
    """What has the shape that it is to have."""
    return x if _fits(x, node) and all(map(t.may_drop, like)) else None


def transposed(t: Tidier, node: Node, x: Node) -> Node | None:
    """(xᵀ)ᵀ is x."""
    return x.parents[0] if _turns(node) and _turns(x) and t.is_free(x) and _fits(x.parents[0], node) else None


def _turns(node: Node) -> bool:
    """Whether a node is a matrix with rows and columns exchanged."""
    if node.op is swapaxes:
        return node.ndim == 2 and len({axis % 2 for axis in node.params.values()}) == 2
    return node.op is transpose and node.ndim == 2 and node.params["axes"] in (None, (1, 0))


def spreading(t: Tidier, node: Node, x: Node, like: Node) -> Node | None:
    """What has the shape already; else, spread like an operand of the same shape, which is not calculated for it."""
    if (same := itself(t, node, x, like)) is not None:
        return same
    nearest = like.parents[1] if like.op is broadcast_like and t.is_free(like) else like
    while nearest.op is not None and nearest.op.elementwise and not nearest.label:
        alike = [p for p in nearest.parents if p.shape == like.shape and _dtype(x, p) == _dtype(x, like)]
        others = [p for p in nearest.parents if not t.is_constant(p) and p is not alike[0]] if alike else []
        if not alike or not all(map(t.may_drop, others)):
            break
        nearest = alike[0]
    return None if nearest is like else t.made(broadcast_like, x, nearest)


def _dtype(x: Node, like: Node) -> X:
    """The dtype that a node has when it is spread."""
    data = like._data
    if isinstance(data, (float, int)):
        return float
    dtype = numpy_dtype(data)
    return dtype if dtype.kind == "f" else numpy_dtype(x._data)


RULES: Mapping[Any, Callable[..., Node | None]] = {
    neg: negative, mul: product, div: quotient, add: addition, sub: difference, pow: power,
    pow_number: power_of_number, where: choice, stated: choice, logical_and: conjunction, logical_or: disjunction,
    logical_not: complement, swapaxes: transposed, transpose: transposed, positive: itself, sum_like: itself,
    reshape_like: itself, broadcast_like: spreading,
}  # fmt: skip
