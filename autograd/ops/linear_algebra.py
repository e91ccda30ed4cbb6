"""Linear algebra: inverses, determinants, the Cholesky factor, norms, the trace."""

from math import inf
from typing import NamedTuple

from autograd.engine.libraries import numpy_dtype
from autograd.engine.node import registry
from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, Axis, X, as_integer, named, transposed, unreduced
from autograd.ops.arithmetic import abs, mul, pow_number
from autograd.ops.creation import zeros_like
from autograd.ops.joining import as_node_or_array
from autograd.ops.logic import equal
from autograd.ops.rearranging import diagonal, moveaxis
from autograd.ops.reductions import amax, amin, sum
from autograd.ops.selection import where
from autograd.ops.shaping import expand_dims, squeeze

__all__ = ["cholesky", "det", "inv", "norm", "slogdet", "solve", "trace"]


inv = named("inv", """The inverse of a matrix, or of each of a stack.

    A singular matrix is a ``numpy.linalg.LinAlgError``. To solve an equation, :func:`solve` is faster and more exact.

    >>> from autograd import Tensor, inv
    >>> x = Tensor([[2.0, 0.0], [0.0, 4.0]])
    >>> y = inv(x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([[0.5, 0.0], [0.0, 0.25]], [[-0.25, -0.125], [-0.125, -0.0625]])
    """, "⁻¹")  # fmt: skip
inv.defvjps(x=lambda xp, g, y, x: -(transposed(xp, y) @ g @ transposed(xp, y)))

solve = named("solve", """The `y` with ``a @ y == b``, for a vector `b` or for each column of a matrix.

    As in NumPy 2, `b` is a vector only if it has one axis. A singular `a` is a ``numpy.linalg.LinAlgError``.

    >>> from autograd import Tensor, solve
    >>> a, b = Tensor([[2.0, 0.0], [0.0, 4.0]]), Tensor([2.0, 2.0])
    >>> y = solve(a, b)
    >>> y.sum().backward()
    >>> y.tolist(), b.grad.tolist(), a.grad.tolist()
    ([1.0, 0.5], [0.5, 0.25], [[-0.5, -0.25], [-0.25, -0.125]])
    """, args="a b")  # fmt: skip


def _solve_b(xp: XP, g: X, y: X, a: X, b: X) -> X:
    if b.ndim > 1:
        return xp.solve(transposed(xp, a), g)
    return xp.squeeze(xp.solve(transposed(xp, a), xp.expand_dims(g, -1)), -1)


def _solve_a(xp: XP, g: X, y: X, a: X, b: X) -> X:
    by_b = _solve_b(xp, g, y, a, b)
    return -(by_b @ transposed(xp, y)) if b.ndim > 1 else -(xp.expand_dims(by_b, -1) * xp.expand_dims(y, -2))


solve.defvjps(a=_solve_a, b=_solve_b)

det = named("det", """The determinant of a matrix, or of each of a stack.

    The derivative holds for singular matrices too: it is the cofactors, for which nothing is inverted.

    >>> from autograd import Tensor, det
    >>> singular = Tensor([[1.0, 2.0], [2.0, 4.0]])
    >>> det(singular).backward()
    >>> singular.grad.round(6).tolist(), round(float(det([[2.0, 1.0], [1.0, 3.0]])), 6)
    ([[4.0, -2.0], [-2.0, 1.0]], 5.0)
    """)  # fmt: skip
det.defvjps(x=lambda xp, g, y, x: xp.expand_dims(g, (-2, -1)) * xp.cofactor(x))

cofactor = named(
    "cofactor", "The cofactors of a matrix, det(x)·x⁻ᵀ where it has an inverse; the derivative of det everywhere.",
    "cof",
)  # fmt: skip


def _cofactor(xp: XP, g: X, y: X, x: X) -> X:
    """The derivative of the cofactors without an inverse, which holds for singular matrices, to every order.

    The sum of gₖⱼ·cof(x)ₖⱼ over j is −det of `x` bordered by the row gₖ and the unit column eₖ; and det's derivative is
    the cofactor. The bordered matrices stand along a new first axis, one for each k.
    """
    first, inside = ("slice", None, 1, None), ("slice", None, -1, None)
    column = xp.getitem(x, key=("...", first))
    column = xp.where(xp.one_hot_masks(column, axis=-2), 1.0, xp.zeros_like(column))
    row = xp.expand_dims(xp.moveaxis(g, -2, 0), -2)
    above = xp.concatenate([x + xp.zeros_like(column), column], -1)
    below = xp.concatenate([row, xp.zeros_like(xp.getitem(row, key=("...", first)))], -1)
    cofactors = xp.cofactor(xp.concatenate([above, below], -2))
    return -xp.sum(xp.getitem(cofactors, key=("...", inside, inside)), axis=0)


cofactor.defvjps(x=_cofactor)


@primitive("log|det|", name="slogdet")
def logabsdet(xp: XP, x: X) -> X:
    """log |det x|, without overflow."""
    return xp.slogdet(x)[1]


logabsdet.defvjps(x=lambda xp, g, y, x: xp.expand_dims(g, (-2, -1)) * transposed(xp, xp.inv(x)))


@primitive("sign det", name="slogdet", differentiable=False)
def signdet(xp: XP, x: X) -> X:
    """The sign of det x."""
    return xp.slogdet(x)[0]


class Slogdet(NamedTuple):
    """The result of `slogdet`."""

    sign: X
    logabsdet: X


def slogdet(x: X) -> Slogdet:
    """The sign of the determinant (a constant) and the logarithm of its absolute value.

    >>> from autograd import Tensor, slogdet
    >>> x = Tensor([[0.0, 2.0], [4.0, 0.0]])
    >>> sign, logabsdet = slogdet(x)
    >>> logabsdet.backward()
    >>> sign.item(), round(logabsdet.item(), 6), x.grad.tolist()  # the gradient is the inverse, transposed
    (-1.0, 2.079442, [[0.0, 0.5], [0.25, 0.0]])
    """
    return Slogdet(signdet(x), logabsdet(x))


cholesky = named("cholesky", """The lower triangular `y` with ``y @ yᵀ == x``.

    As in NumPy, only the lower triangle of `x` is read, and the gradient is in it too. A matrix that is not positive
    definite is a ``numpy.linalg.LinAlgError``. The derivative: I. Murray, "Differentiation of the Cholesky
    decomposition" (2016).

    >>> from autograd import Tensor, cholesky
    >>> x = Tensor([[4.0, 0.0], [2.0, 5.0]])
    >>> y = cholesky(x)
    >>> y[0, 0].backward()
    >>> y.tolist(), x.grad.tolist()
    ([[2.0, 0.0], [1.0, 2.0]], [[0.25, 0.0], [0.0, 0.0]])
    """, "chol")  # fmt: skip


def _cholesky(xp: XP, g: X, y: X, x: X) -> X:
    inverse = xp.inv(y)
    s = transposed(xp, inverse) @ xp.half_tril(transposed(xp, y) @ g) @ inverse
    return xp.half_tril(s + transposed(xp, s))


cholesky.defvjps(x=_cholesky)

half_tril = named(
    "half_tril", "The lower triangle of a matrix with half the diagonal, which the derivative of `cholesky` needs.", "◺"
)
half_tril.defvjps(x=lambda xp, g, y, x: xp.half_tril(g))


@primitive("‖·‖", name="norm")
def euclidean_norm(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The Euclidean norm √Σx² of all elements, or along `axis`."""
    return xp.norm(x, axis=axis, keepdims=keepdims)


euclidean_norm.defvjps(
    x=lambda xp, g, y, x, axis, keepdims: unreduced(xp, g, axis, keepdims) * (x / unreduced(xp, y, axis, keepdims))
)
euclidean_norm.convention(
    "x",
    lambda xp, x, axis, keepdims: xp.norm(x, axis=axis, keepdims=True) == 0,
    0.0,
    "0 at x = 0, the tip of a cone",
    {((0.0, 0.0),): (0.0, 0.0), (((3.0, 0.0), (4.0, 0.0)), 0): ((0.6, 0.0), (0.8, 0.0))},
    lift=unreduced,
)


def trace(x: X, offset: int = 0, axis1: int = 0, axis2: int = 1) -> X:
    """The sum along a diagonal.

    >>> from autograd import Tensor, trace
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> y = trace(x)
    >>> y.backward()
    >>> y.item(), x.grad.tolist()
    (5.0, [[1.0, 0.0], [0.0, 1.0]])
    """
    return sum(diagonal(x, offset, axis1, axis2), -1)


def as_floats(x: X) -> X:
    """A node or an array, of floats if it is of integers or truth values, whose powers are beyond theirs."""
    x = as_node_or_array(x)
    return mul(x, 1.0) if numpy_dtype(x).kind in "biu" else x


def norm(x: X, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> X:
    """The norm of all elements, or of the vectors along an axis, or of the matrices along two.

    The default is the Euclidean norm (of a matrix the Frobenius norm, "fro"). `ord` takes others: for vectors a number
    p or ±inf, for matrices ±1, ±2, ±inf or "nuc". At 0 each has the slope 0.

    >>> from autograd import Tensor, norm
    >>> x = Tensor([3.0, 4.0])
    >>> y = norm(x)
    >>> y.backward()
    >>> y.item(), x.grad.tolist(), norm(x, 1).item(), norm(x, float("inf")).item()
    (5.0, [0.6, 0.8], 7.0, 4.0)
    """
    x = as_floats(x)
    listed = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(range(x.ndim)) if axis is None else tuple(as_integer("norm", "axis", k) for k in listed)
    if axis is not None and len(axes) not in (1, 2):
        raise ValueError(f"norm: axis={axis!r}; give one axis, for vectors, or two, for matrices")
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return euclidean_norm(x, axis, keepdims)
    if len(axes) == 2 and ord in ("nuc", 2, -2):
        return _norm_of_singular_values(x, ord, axes, keepdims)
    size = abs(x)
    if ord in (1, inf) and 0 in x.shape and len(axes) < 3:
        return sum(size, axes, keepdims)  # no elements have no maximum
    if len(axes) == 2 and ord in (1, -1, inf, -inf):
        along, across = axes if ord in (1, -1) else axes[::-1]
        sums = sum(size, along, keepdims=True)
        largest = amax(sums, across, keepdims=True) if ord in (1, inf) else amin(sums, across, keepdims=True)
        return largest if keepdims else squeeze(largest, axes)
    if len(axes) != 1 or isinstance(ord, str):
        raise ValueError(
            f"norm: ord={ord!r} is not supported along {len(axes)} axes; for vectors take a number or inf, for "
            'matrices "fro", "nuc", 1, 2, inf or the negatives'
        )
    if ord in (inf, -inf):
        return (amax if ord > 0 else amin)(size, axes[0], keepdims)
    if ord == 0:
        return sum(where(equal(x, 0), zeros_like(x), 1.0), axes[0], keepdims)
    total = sum(pow_number(size, ord), axes[0], keepdims)
    return where(equal(total, 0), 0.0 if ord > 0 else inf, pow_number(where(equal(total, 0), 1.0, total), 1 / ord))


def _norm_of_singular_values(x: X, ord: float | str, axes: tuple[int, ...], keepdims: bool) -> X:
    """The sum of the singular values, or the largest or the smallest."""
    s = registry.svdvals(moveaxis(x, axes, (-2, -1)))
    y = sum(s, -1) if ord == "nuc" else amax(s, -1) if ord == 2 else amin(s, -1)
    return expand_dims(y, tuple(k % x.ndim for k in axes)) if keepdims else y
