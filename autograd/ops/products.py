"""Products of matrices and vectors, and sums of products over chosen axes."""

import re
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.libraries import numpy_dtype
from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, X, as_integer, with_inferred_length
from autograd.ops.arithmetic import mul
from autograd.ops.creation import zeros_like
from autograd.ops.joining import as_node_or_array, ravel
from autograd.ops.linear_algebra import inv
from autograd.ops.rearranging import diagonal
from autograd.ops.reductions import sum
from autograd.ops.shaping import expand_dims, ndim, reshape, shape, transpose

__all__ = [
    "dot", "einsum", "inner", "kron", "matmul", "matrix_power", "outer", "tensordot", "vdot", "vecdot",
]  # fmt: skip


@primitive("@")
def matmul(xp: XP, a: X, b: X) -> X:
    """The matrix product ``a @ b``, of vectors, matrices and stacks of matrices, as NumPy has it.

    Axes in front of the last two broadcast. A number is an error: for it there is ``*``.

    >>> from autograd import Tensor, matmul
    >>> a, b = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([10.0, 1.0])
    >>> y = matmul(a, b)
    >>> y.sum().backward()
    >>> y.tolist(), a.grad.tolist(), b.grad.tolist()
    ([12.0, 34.0], [[10.0, 1.0], [10.0, 1.0]], [4.0, 6.0])
    """
    return xp.matmul(a, b)


def _matmul_a(xp: XP, g: X, y: X, a: X, b: X) -> X:
    if b.ndim == 1:
        return g * b if a.ndim == 1 else xp.expand_dims(g, -1) * b
    if a.ndim == 1:
        return xp.squeeze(b @ xp.expand_dims(g, -1), -1)
    return g @ xp.swapaxes(b, -1, -2)


def _matmul_b(xp: XP, g: X, y: X, a: X, b: X) -> X:
    if a.ndim == 1:
        return g * a if b.ndim == 1 else xp.expand_dims(a, -1) * xp.expand_dims(g, -2)
    if b.ndim == 1:
        return xp.squeeze(xp.swapaxes(a, -1, -2) @ xp.expand_dims(g, -1), -1)
    return xp.swapaxes(a, -1, -2) @ g


matmul.defvjps(a=_matmul_a, b=_matmul_b)
matmul.message = lambda text, a, b: (
    "@ multiplies vectors and matrices; with a number write *"
    if 0 in (np.ndim(a), np.ndim(b))
    else "the last length of the left must be the last but one of the right (x.T or x.reshape may help)"
)


def dot(a: X, b: X) -> X:
    """NumPy's product of numbers, vectors and matrices: over the last axis of `a` and the last but one of `b`.

    >>> import numpy as np
    >>> from autograd import Tensor, dot
    >>> a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    >>> y = dot(a, b)
    >>> y.backward()
    >>> y.item(), a.grad.tolist(), dot(np.zeros((2, 3)), np.zeros((4, 3, 5))).shape
    (11.0, [3.0, 4.0], (2, 4, 5))
    """
    if 0 in (ndim(a), ndim(b)):
        return mul(a, b)
    a, b = map(as_node_or_array, (a, b))
    if b.ndim <= 2:
        return matmul(a, b)
    k = b.ndim - 2
    others = b.shape[:k] + b.shape[-1:]
    columns = reshape(transpose(b, (k, *range(k), k + 1)), (b.shape[k], prod(others)))
    return reshape(matmul(a, columns), a.shape[:-1] + others)


@primitive("Σ", name="einsum")
def contraction(xp: XP, *operands: X, subscripts: str = "ij,jk->ik") -> X:
    """The sum of products by Einstein's subscripts, each letter once in an operand."""
    return xp.einsum(subscripts, *operands)


def _contraction(xp: XP, g: X, y: X, *operands: X, subscripts: str, position: int) -> X:
    terms, _, result = subscripts.partition("->")
    inputs = terms.split(",")
    letters = inputs[position]
    inputs[position] = result
    factors = [g if i == position else x for i, x in enumerate(operands)]
    return xp.einsum(f"{','.join(inputs)}->{letters}", *factors)


contraction.defvjps(operands=_contraction)
contraction.samples = (
    ((2, 3), (3, 2), {"subscripts": "ij,jk->ik"}),
    ((2, 3), (2,), {"subscripts": "ij,i->j"}),
)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def einsum(subscripts: Any, *operands: X, optimize: Any = False) -> X:
    """The sum of products by Einstein's subscripts, ``einsum("ij,jk->ik", a, b)``; `optimize` has no effect.

    As in NumPy, they may be lists of integers behind the operands: ``einsum(a, [0, 1], b, [1, 2], [0, 2])``.

    >>> from autograd import Tensor, einsum
    >>> a, b = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([10.0, 1.0])
    >>> y = einsum("ij,j->i", a, b)
    >>> y.sum().backward()
    >>> y.tolist(), b.grad.tolist(), einsum("ii", a).item()
    ([12.0, 34.0], [4.0, 6.0], 5.0)
    """
    if not isinstance(subscripts, str):
        subscripts, operands = _as_text((subscripts, *operands))
    factors = [as_node_or_array(x) for x in operands]
    inputs, result = _explicit(subscripts.replace(" ", ""), [x.ndim for x in factors])
    # The derivative needs each letter once in an operand, with one length, and in another operand or the result too. So
    # diagonals are taken first, and sums over axes of length 1 that broadcast and axes of one operand alone.
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
        full = {letter for letter, n in zip(inputs[i], x.shape, strict=True) if n == longest[letter]}
        factors[i], inputs[i] = _summed(x, inputs[i], full)
    for i, x in enumerate(factors):
        factors[i], inputs[i] = _summed(x, inputs[i], {*result}.union(*inputs[:i], *inputs[i + 1 :]))
    return contraction(*factors, subscripts=f"{','.join(inputs)}->{result}")


def _as_text(args: tuple[Any, ...]) -> tuple[str, tuple[X, ...]]:
    """The subscripts as a text, and the operands, from operands of which each has its list of integers behind it."""
    pairs, result = (args[:-1], args[-1:]) if len(args) % 2 else (args, ())
    lists = [*pairs[1::2], *result]
    if not lists or not all(isinstance(axes, (list, tuple)) for axes in lists):
        raise TypeError('einsum: write the subscripts as a text, einsum("ij,jk->ik", a, b)')
    letter = lambda k: "..." if k is ... else _LETTERS[as_integer("einsum", "each axis", k)]
    *texts, last = ["".join(map(letter, axes)) for axes in lists]
    return ",".join(texts) + ("->" if result else "," * bool(texts)) + last, pairs[::2]


def _summed(x: X, letters: str, keep: set[str]) -> tuple[X, str]:
    """An operand summed over the axes whose letters are not among those to keep."""
    alone = tuple(k for k, letter in enumerate(letters) if letter not in keep)
    return (sum(x, alone) if alone else x), "".join(letter for letter in letters if letter in keep)


def _explicit(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """The letters of the operands and of the result, with letters in the place of an ellipsis."""
    terms, arrow, result = subscripts.partition("->")
    inputs = terms.split(",")
    if not re.fullmatch(r"([a-zA-Z.,]*)(->[a-zA-Z.]*)?", subscripts):
        raise ValueError(f"einsum: the subscripts {subscripts!r} must be letters, commas, ... and one ->")
    if len(inputs) != len(ranks):
        raise ValueError(f"einsum: the subscripts {subscripts!r} are for {len(inputs)} operands, not {len(ranks)}")
    free = [c for c in _LETTERS if c not in subscripts]
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


def tensordot(a: X, b: X, axes: Any = 2) -> X:
    """The sum of products over axes of `a` and `b`: a number of the last and the first, or a list for each.

    >>> import numpy as np
    >>> from autograd import tensordot
    >>> a, b = np.ones((2, 3, 5)), np.ones((3, 5, 7))
    >>> tensordot(a, b).shape, tensordot(a, b, axes=([1], [0])).shape
    ((2, 7), (2, 5, 5, 7))
    """
    a, b = as_node_or_array(a), as_node_or_array(b)
    if not isinstance(axes, (tuple, list, np.ndarray)):
        n = as_integer("tensordot", "axes", axes)
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
    """An array as a matrix, some of its axes for rows and the others for columns."""
    order = (*rows, *columns)
    x = x if order == tuple(range(x.ndim)) else transpose(x, order)
    m, n = (prod(x.shape[: len(rows)]), prod(x.shape[len(rows) :]))
    return _reshaped(x, (m, n), 0 if len(rows) == 1 or len(columns) != 1 else 1)


def _reshaped(x: X, lengths: tuple[int, ...], k: int) -> X:
    """An array in another shape, whose length at `k` may be another one in a replay; itself if it has the shape."""
    return x if x.shape == lengths else reshape(x, with_inferred_length(lengths, k))


def inner(a: X, b: X) -> X:
    """The sum of products over the last axes of `a` and `b`.

    >>> from autograd import Tensor, inner
    >>> a, b = Tensor([1.0, 2.0]), Tensor([[3.0, 4.0], [5.0, 6.0]])
    >>> y = inner(a, b)
    >>> y.sum().backward()
    >>> y.tolist(), a.grad.tolist()
    ([11.0, 17.0], [8.0, 10.0])
    """
    return mul(a, b) if 0 in (ndim(a), ndim(b)) else tensordot(a, b, (-1, -1))


def vdot(a: X, b: X) -> X:
    """The sum of the products of all elements.

    >>> from autograd import Tensor, vdot
    >>> a, b = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([[1.0, 0.0], [0.0, 10.0]])
    >>> y = vdot(a, b)
    >>> y.backward()
    >>> y.item(), a.grad.tolist()
    (41.0, [[1.0, 0.0], [0.0, 10.0]])
    """
    return matmul(ravel(a), ravel(b))


def vecdot(a: X, b: X, axis: int = -1) -> X:
    """The sums of products of vectors along `axis`.

    >>> from autograd import Tensor, vecdot
    >>> a, b = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([10.0, 1.0])
    >>> vecdot(a, b).tolist()
    [12.0, 34.0]
    """
    return sum(mul(a, b), axis)


def outer(a: X, b: X) -> X:
    """Every element of `a` times every element of `b`: a matrix.

    >>> from autograd import Tensor, outer
    >>> a, b = Tensor([1.0, 2.0]), Tensor([10.0, 20.0])
    >>> y = outer(a, b)
    >>> y.sum().backward()
    >>> y.tolist(), a.grad.tolist(), b.grad.tolist()
    ([[10.0, 20.0], [20.0, 40.0]], [30.0, 30.0], [3.0, 3.0])
    """
    return mul(expand_dims(ravel(a), 1), ravel(b))


def kron(a: X, b: X) -> X:
    """Every element of `a` times the whole of `b`, as blocks.

    >>> from autograd import Tensor, kron
    >>> kron(Tensor([[1.0, 2.0]]), Tensor([[1.0], [10.0]])).tolist()
    [[1.0, 2.0], [10.0, 20.0]]
    """
    n = max(ndim(a), ndim(b))
    if n == 0:
        return mul(a, b)
    rows, columns = ((1,) * (n - ndim(x)) + shape(x) for x in (a, b))
    # The axes of `a` take even positions and those of `b` odd ones, the last ones at the end.
    of_a, of_b = (range(2 * (n - ndim(x)) + behind, 2 * n, 2) for x, behind in ((a, 0), (b, 1)))
    blocks = mul(*(expand_dims(x, tuple({*range(2 * n)} - {*of})) for x, of in ((a, of_a), (b, of_b))))
    return reshape(blocks, with_inferred_length(tuple(m * k for m, k in zip(rows, columns, strict=True)), 0))


def matrix_power(x: X, n: int) -> X:
    """The matrix multiplied by itself `n` times; its inverse for a negative `n`.

    A factor is a power x, x², x⁴, … whose place in the binary digits of `n` is 1, so that few products are made.

    >>> from autograd import Tensor, matrix_power
    >>> x = Tensor([[1.0, 1.0], [0.0, 1.0]])
    >>> y = matrix_power(x, 3)
    >>> y[0, 1].backward()
    >>> y.tolist(), x.grad.tolist(), matrix_power(x, -1).tolist()
    ([[1.0, 3.0], [0.0, 1.0]], [[3.0, 3.0], [1.0, 3.0]], [[1.0, -1.0], [0.0, 1.0]])
    """
    x, n = as_node_or_array(x), as_integer("matrix_power", "n", n)
    if n == 0:
        return zeros_like(x) + np.eye(x.shape[-1], dtype=numpy_dtype(x))
    x, n = (inv(x), -n) if n < 0 else (x, n)
    power = None
    while n:  # the binary digits of n decide which of x, x², x⁴, ... are factors
        if n % 2:
            power = x if power is None else matmul(power, x)
        n //= 2
        x = matmul(x, x) if n else x
    return power
