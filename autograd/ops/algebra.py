"""Linear algebra: products over chosen axes, solving, determinants, the Cholesky factor."""

import re
from collections.abc import Sequence
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.op import primitive
from autograd.ops.arithmetic import XP, X, abs, mul, pow_number
from autograd.ops.moving import diagonal, integer, open_length, plain_or_array, ravel
from autograd.ops.reductions import length
from autograd.ops.selection import equal, where
from autograd.ops.shape import (
    Axis,
    expand_dims,
    matmul,
    ndim,
    reshape,
    shape,
    squeeze,
    sum,
    transpose,
    zeros_like,
)
from autograd.ops.shape import max as amax
from autograd.ops.shape import min as amin

__all__ = [
    "cholesky", "det", "einsum", "inner", "inv", "kron", "matrix_power", "norm", "outer", "slogdet", "solve",
    "tensordot", "vdot", "vecdot",
]  # fmt: skip


def _t(xp: XP, x: X) -> X:
    return xp.swapaxes(x, -1, -2)


@primitive("⁻¹")
def inv(xp: XP, x: X) -> X:
    """The inverse of a matrix, or of each of a stack."""
    return xp.inv(x)


inv.defvjps(x=lambda xp, g, y, x: -(_t(xp, y) @ g @ _t(xp, y)))


@primitive("solve")
def solve(xp: XP, a: X, b: X) -> X:
    """The `y` with ``a @ y == b``, for a vector `b` or for each column of a matrix."""
    return xp.solve(a, b)


def _solve_b(xp: XP, g: X, y: X, a: X, b: X) -> X:
    if b.ndim > 1:
        return xp.solve(_t(xp, a), g)
    return xp.squeeze(xp.solve(_t(xp, a), xp.expand_dims(g, -1)), -1)


def _solve_a(xp: XP, g: X, y: X, a: X, b: X) -> X:
    by_b = _solve_b(xp, g, y, a, b)
    return -(by_b @ _t(xp, y)) if b.ndim > 1 else -(xp.expand_dims(by_b, -1) * xp.expand_dims(y, -2))


solve.defvjps(a=_solve_a, b=_solve_b)


@primitive("det")
def det(xp: XP, x: X) -> X:
    """The determinant of a matrix, or of each of a stack."""
    return xp.det(x)


det.defvjps(x=lambda xp, g, y, x: xp.expand_dims(g, (-2, -1)) * xp.cofactor(x))


@primitive("cof")
def cofactor(xp: XP, x: X) -> X:
    """The cofactors of a matrix, det(x)·x⁻ᵀ where it has an inverse: the derivative of det, of singular ones too."""
    return xp.cofactor(x)


def _cofactor(xp: XP, g: X, y: X, x: X) -> X:
    """Without an inverse, so right for singular matrices, and to every order.

    The sum of gₖⱼ·cof(x)ₖⱼ over j is −det of `x` bordered by the row gₖ and the unit column eₖ; and det's derivative is
    the cofactor. The bordered matrices stand along a new first axis, one for each k.
    """
    first, inside = ("slice", None, 1, None), ("slice", None, -1, None)
    column = xp.getitem(x, key=("...", first))
    column = xp.where(xp.units(column, axis=-2), 1.0, xp.zeros_like(column))
    row = xp.expand_dims(xp.moveaxis(g, -2, 0), -2)
    above = xp.concatenate([x + xp.zeros_like(column), column], -1)
    below = xp.concatenate([row, xp.zeros_like(xp.getitem(row, key=("...", first)))], -1)
    found = xp.cofactor(xp.concatenate([above, below], -2))
    return -xp.sum(xp.getitem(found, key=("...", inside, inside)), axis=0)


cofactor.defvjps(x=_cofactor)


@primitive("log|det|")
def logabsdet(xp: XP, x: X) -> X:
    """log |det x|, without overflow; users call :func:`slogdet`."""
    return xp.slogdet(x)[1]


logabsdet.defvjps(x=lambda xp, g, y, x: xp.expand_dims(g, (-2, -1)) * _t(xp, xp.inv(x)))


@primitive("sign det", differentiable=False)
def signdet(xp: XP, x: X) -> X:
    """The sign of det x; users call :func:`slogdet`."""
    return xp.slogdet(x)[0]


class Slogdet(NamedTuple):
    """What `slogdet` returns."""

    sign: X
    logabsdet: X


def slogdet(x: X) -> Slogdet:
    """The sign of the determinant (a constant) and the logarithm of its absolute value."""
    return Slogdet(signdet(x), logabsdet(x))


@primitive("chol")
def cholesky(xp: XP, x: X) -> X:
    """The lower triangular `y` with ``y @ yᵀ == x``; like NumPy's, it and its derivative read the lower triangle."""
    return xp.cholesky(x)


def _cholesky(xp: XP, g: X, y: X, x: X) -> X:
    inverse = xp.inv(y)
    s = _t(xp, inverse) @ xp.half_tril(_t(xp, y) @ g) @ inverse
    return xp.half_tril(s + _t(xp, s))


cholesky.defvjps(x=_cholesky)


@primitive("◺")
def half_tril(xp: XP, x: X) -> X:
    """The lower triangle of a matrix, with half the diagonal: in the derivative of the Cholesky factor."""
    return xp.half_tril(x)


half_tril.defvjps(x=lambda xp, g, y, x: xp.half_tril(g))


@primitive("Σ")
def contraction(xp: XP, *operands: X, subscripts: str = "ij,jk->ik") -> X:
    """Einstein's sum of products, each letter once in an operand; users call :func:`einsum`."""
    return xp.einsum(subscripts, *operands)


def _contraction(xp: XP, g: X, y: X, *operands: X, subscripts: str, position: int) -> X:
    terms, _, result = subscripts.partition("->")
    inputs = terms.split(",")
    wanted = inputs[position]
    inputs[position] = result
    factors = [g if i == position else x for i, x in enumerate(operands)]
    return xp.einsum(f"{','.join(inputs)}->{wanted}", *factors)


contraction.defvjps(operands=_contraction)


# What follows is written in other ops.
def einsum(subscripts: str, *operands: X, optimize: Any = False) -> X:
    """Einstein's sum of products, as ``einsum("ij,jk->ik", a, b)``; `optimize` changes nothing."""
    if not isinstance(subscripts, str):
        raise TypeError('einsum: write the subscripts as a text, einsum("ij,jk->ik", a, b)')
    factors = [plain_or_array(x) for x in operands]
    inputs, result = _explicit(subscripts.replace(" ", ""), [x.ndim for x in factors])
    # A derivative needs each letter once in an operand, with one length everywhere, and in another place too: so
    # diagonals, axes of length 1 that meet longer ones, and sums over axes of one operand come first.
    for i, letters in enumerate(inputs):
        for letter in dict.fromkeys(letters):
            while inputs[i].count(letter) > 1:
                first = inputs[i].index(letter)
                factors[i] = diagonal(factors[i], 0, first, inputs[i].index(letter, first + 1))
                inputs[i] = inputs[i].replace(letter, "", 2) + letter
    longest: dict[str, int] = {}
    for letters, x in zip(inputs, factors, strict=True):
        for letter, n in zip(letters, x.shape, strict=True):
            if longest.setdefault(letter, n) == 1:
                longest[letter] = n
            elif n not in (1, longest[letter]):
                raise ValueError(f"einsum: {letter!r} in {subscripts!r} has the lengths {longest[letter]} and {n}")
    for i, x in enumerate(factors):
        kept = {letter for letter, n in zip(inputs[i], x.shape, strict=True) if n == longest[letter]}
        factors[i], inputs[i] = _summed(x, inputs[i], kept)
    for i, x in enumerate(factors):
        factors[i], inputs[i] = _summed(x, inputs[i], {*result}.union(*inputs[:i], *inputs[i + 1 :]))
    return contraction(*factors, subscripts=f"{','.join(inputs)}->{result}")


def _summed(x: X, letters: str, kept: set[str]) -> tuple[X, str]:
    """An operand summed over its axes with other letters than those to keep."""
    alone = tuple(k for k, letter in enumerate(letters) if letter not in kept)
    return (sum(x, alone) if alone else x), "".join(letter for letter in letters if letter in kept)


def _explicit(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """The operands' letters and the result's, with letters in the place of an ellipsis."""
    terms, arrow, result = subscripts.partition("->")
    inputs = terms.split(",")
    if not re.fullmatch(r"([a-zA-Z.,]*)(->[a-zA-Z.]*)?", subscripts):
        raise ValueError(f"einsum: the subscripts {subscripts!r} must be letters, commas, ... and one ->")
    if len(inputs) != len(ranks):
        raise ValueError(f"einsum: the subscripts {subscripts!r} are for {len(inputs)} operands, not {len(ranks)}")
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in subscripts]
    longest = 0
    for i, (letters, rank) in enumerate(zip(inputs, ranks, strict=True)):
        extra = rank - len(letters.replace("...", ""))
        if extra < 0 or (extra and "..." not in letters):
            raise ValueError(f"einsum: {letters!r} does not name the {rank} axes of operand {i}")
        inputs[i] = letters.replace("...", "".join(free[:extra][::-1]))
        longest = max(longest, extra)
    shared = "".join(free[:longest][::-1])
    if arrow:
        return inputs, result.replace("...", shared)
    once = sorted(c for c in set(terms) - set(".,") if terms.count(c) == 1)
    return inputs, shared + "".join(once)


def norm(x: X, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> X:
    """The norm of all elements, or of the vectors along an axis, or of the matrices along two.

    By default the Euclidean one (of a matrix the Frobenius norm, "fro"). Others by `ord`: for vectors a number p, or
    ±inf; for matrices ±1 or ±inf. At 0 each has the slope 0.
    """
    x = plain_or_array(x)
    named = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(range(x.ndim)) if axis is None else tuple(integer("norm", "axis", k) for k in named)
    if axis is not None and len(axes) not in (1, 2):
        raise ValueError(f"norm: axis={axis!r}; give one axis, for vectors, or two, for matrices")
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return length(x, axis, keepdims)
    size = abs(x)
    if ord in (1, inf) and 0 in x.shape and len(axes) < 3:
        return sum(size, axes, keepdims)  # of nothing, which has no maximum
    if len(axes) == 2 and ord in (1, -1, inf, -inf):
        along, across = axes if ord in (1, -1) else axes[::-1]
        sums = sum(size, along, keepdims=True)
        largest = amax(sums, across, keepdims=True) if ord in (1, inf) else amin(sums, across, keepdims=True)
        return largest if keepdims else squeeze(largest, axes)
    if len(axes) != 1 or isinstance(ord, str) or ord == 0:
        raise ValueError(
            f"norm: ord={ord!r} is not supported along {len(axes)} axes; for vectors take a number but 0, or inf; for "
            'matrices "fro", 1, or inf'
        )
    if ord in (inf, -inf):
        return (amax if ord > 0 else amin)(size, axes[0], keepdims)
    total = sum(pow_number(size, ord), axes[0], keepdims)
    return where(equal(total, 0), 0.0, pow_number(where(equal(total, 0), 1.0, total), 1 / ord))


def tensordot(a: X, b: X, axes: Any = 2) -> X:
    """The sum of products over axes of `a` and `b`: the last so many and the first, or those given for each."""
    a, b = plain_or_array(a), plain_or_array(b)
    if not isinstance(axes, (tuple, list, np.ndarray)):
        n = integer("tensordot", "axes", axes)
        axes = range(-n, 0), range(n)
    over_a, over_b = axes
    over_a, over_b = normalize_axis_tuple(over_a, a.ndim), normalize_axis_tuple(over_b, b.ndim)
    if [a.shape[k] for k in over_a] != [b.shape[k] for k in over_b]:
        raise ValueError(f"tensordot: axes {over_a} of shape {a.shape} do not match axes {over_b} of shape {b.shape}")
    rest_a = [k for k in range(a.ndim) if k not in over_a]
    rest_b = [k for k in range(b.ndim) if k not in over_b]
    rows, columns = tuple(a.shape[k] for k in rest_a), tuple(b.shape[k] for k in rest_b)
    product = matmul(_as_matrix(a, rest_a, over_a), _as_matrix(b, over_b, rest_b))
    one = 0 if len(rows) == 1 or len(columns) != 1 else len(rows)
    return _reshaped(product, rows + columns, one)


def _as_matrix(x: X, rows: Sequence[int], columns: Sequence[int]) -> X:
    """An array as a matrix, with these of its axes for rows and those for columns."""
    order = (*rows, *columns)
    x = x if order == tuple(range(x.ndim)) else transpose(x, order)
    m, n = (prod(x.shape[: len(rows)]), prod(x.shape[len(rows) :]))
    return _reshaped(x, (m, n), 0 if len(rows) == 1 or len(columns) != 1 else 1)


def _reshaped(x: X, lengths: tuple[int, ...], k: int) -> X:
    """An array in a shape, of which the length at `k` may later be another; itself where nothing changes."""
    return x if x.shape == lengths else reshape(x, open_length(lengths, k))


def inner(a: X, b: X) -> X:
    """The sum of products over the last axes of `a` and `b`."""
    return mul(a, b) if 0 in (ndim(a), ndim(b)) else tensordot(a, b, (-1, -1))


def vdot(a: X, b: X) -> X:
    """The sum of the products of all elements."""
    return matmul(ravel(a), ravel(b))


def vecdot(a: X, b: X, axis: int = -1) -> X:
    """The sums of products of vectors along `axis`."""
    return sum(mul(a, b), axis)


def outer(a: X, b: X) -> X:
    """Every element of `a` times every element of `b`: a matrix."""
    return mul(expand_dims(ravel(a), 1), ravel(b))


def kron(a: X, b: X) -> X:
    """Every element of `a` times the whole of `b`, as blocks."""
    n = max(ndim(a), ndim(b))
    if n == 0:
        return mul(a, b)
    rows, columns = ((1,) * (n - ndim(x)) + shape(x) for x in (a, b))
    # The axes of `a` go to even places and those of `b` behind them, each with its last one at the end.
    of_a, of_b = (range(2 * (n - ndim(x)) + behind, 2 * n, 2) for x, behind in ((a, 0), (b, 1)))
    blocks = mul(*(expand_dims(x, tuple({*range(2 * n)} - {*of})) for x, of in ((a, of_a), (b, of_b))))
    return reshape(blocks, open_length(tuple(m * k for m, k in zip(rows, columns, strict=True)), 0))


def matrix_power(x: X, n: int) -> X:
    """The matrix multiplied by itself `n` times; its inverse for a negative `n`."""
    x, n = plain_or_array(x), integer("matrix_power", "n", n)
    if n == 0:
        return zeros_like(x) + np.eye(x.shape[-1], dtype=x.dtype)
    x, n = (inv(x), -n) if n < 0 else (x, n)
    power = None
    while n:  # n's binary digits decide which of x, x², x⁴, ... are factors
        if n % 2:
            power = x if power is None else matmul(power, x)
        n //= 2
        x = matmul(x, x) if n else x
    return power
