"""Running sums and products, differences of neighbours, integrals."""

from collections.abc import Callable

from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, X, as_integer, axis_key, axis_slice, named, normalise_axis
from autograd.ops.joining import as_node_or_array, concatenate
from autograd.ops.reductions import sum
from autograd.ops.shaping import broadcast_to, ndim, reshape, shape

__all__ = ["cumprod", "cumsum", "diff", "trapezoid"]


@primitive("cumsum")
def cumsum(xp: XP, x: X, /, axis: int | None = None) -> X:
    """The sums of the first 1, 2, 3, ... elements, along `axis`.

    Without an axis all elements make one row.

    >>> from autograd import Tensor, cumsum
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> y = cumsum(x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()  # the first element is in three sums
    ([1.0, 3.0, 6.0], [3.0, 2.0, 1.0])
    """
    return xp.cumsum(x, axis)


cumsum.defvjps(x=lambda xp, g, y, x, axis: xp.reshape_like(xp.flip(xp.cumsum(xp.flip(g, axis), axis), axis), x))


# No derivative divides, so that zeros among the factors do no harm to any order.
@primitive("Π")
def cumprod(xp: XP, x: X, /, axis: int | None = None) -> X:
    """The products of the first 1, 2, 3, ... elements, along `axis`.

    Without an axis all elements make one row. Zeros do no harm to the gradient.

    >>> from autograd import Tensor, cumprod
    >>> x = Tensor([2.0, 0.0, 5.0])
    >>> y = cumprod(x)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([2.0, 0.0, 0.0], [1.0, 12.0, 0.0])
    """
    return xp.cumprod(x, axis)


recurrence = named(
    "recurrence", "The numbers sₖ = aₖ + xₖ·sₖ₋₁ along `axis`, from s₀ = a₀: the derivative of products.",
    "s = a + x·s", "a x", {"axis": 0},
)  # fmt: skip


def _backwards(xp: XP, g: X, x: X, axis: int) -> X:
    """The numbers sₖ = gₖ + xₖ₊₁·sₖ₊₁, from the last one back."""
    x = x if shape(x) == shape(g) else xp.broadcast_like(x, g)  # so that both have the same axes
    return xp.flip(xp.recurrence(xp.flip(g, axis), xp.roll(xp.flip(x, axis), 1, axis), axis), axis)


def _before(xp: XP, first: Callable[[X], X], y: X, axis: int) -> X:
    """The element before each one, and `first` of the first in its place."""
    start, rest = (xp.getitem(y, key=axis_key(axis, ("slice", None, k, None))) for k in (1, -1))
    return xp.concatenate([first(start), rest], axis)


def _factors(xp: XP, g: X, y: X, x: X, axis: int | None) -> X:
    k = axis or 0  # the products are a vector where there is no axis
    ones = lambda v: xp.zeros_like(v) + 1
    return xp.reshape_like(_backwards(xp, g, xp.reshape_like(x, y), k) * _before(xp, ones, y, k), x)


cumprod.defvjps(x=_factors)
recurrence.defvjps(
    a=lambda xp, g, y, a, x, axis: _backwards(xp, g, x, axis),
    x=lambda xp, g, y, a, x, axis: _backwards(xp, g, x, axis) * _before(xp, xp.zeros_like, y, axis),
)
_AFTER, _BEFORE = ("slice", 1, None, None), ("slice", None, -1, None)


@primitive("Δ", name="diff")
def first_difference(xp: XP, x: X, /, axis: int = -1) -> X:
    """The differences of neighbours along `axis`."""
    return xp.getitem(x, key=axis_key(axis, _AFTER)) - xp.getitem(x, key=axis_key(axis, _BEFORE))


first_difference.defvjps(
    x=lambda xp, g, y, x, axis: (
        xp.scatter_like(g, x, key=axis_key(axis, _AFTER)) - xp.scatter_like(g, x, key=axis_key(axis, _BEFORE))
    )
)


def diff(x: X, n: int = 1, axis: int = -1, prepend: X = None, append: X = None) -> X:
    """The differences of neighbours along `axis`, taken `n` times; `prepend` and `append` are put beside `x` before.

    >>> from autograd import Tensor, diff
    >>> x = Tensor([1.0, 4.0, 9.0])
    >>> y = diff(x)
    >>> y.backward([10.0, 20.0])
    >>> y.tolist(), x.grad.tolist(), diff(x, n=2).tolist()
    ([3.0, 5.0], [-10.0, -10.0, 20.0], [2.0])
    """
    x = as_node_or_array(x)
    axis = normalise_axis("diff", axis, x.ndim)
    if as_integer("diff", "n", n) < 0:
        raise ValueError(f"diff: n={n}, but differences are taken 0 or more times")
    one = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    parts = [v if ndim(v) else broadcast_to(v, one) for v in (prepend, x, append) if v is not None]
    x = concatenate(parts, axis) if n and len(parts) > 1 else x
    for _ in range(n):
        x = first_difference(x, axis)
    return x


def trapezoid(y: X, x: X = None, dx: X = 1.0, axis: int = -1) -> X:
    """The integral along `axis` of straight lines between the points `y`, at `x` or `dx` apart.

    >>> from autograd import Tensor, trapezoid
    >>> y = Tensor([0.0, 1.0, 4.0])
    >>> area = trapezoid(y, dx=0.5)
    >>> area.backward()
    >>> area.item(), y.grad.tolist()
    (1.5, [0.25, 0.5, 0.25])
    """
    y = as_node_or_array(y)
    k = normalise_axis("trapezoid", axis, y.ndim)
    if x is not None:
        x = as_node_or_array(x)
        dx = reshape(diff(x), (-1,) + (1,) * (y.ndim - 1 - k)) if x.ndim == 1 else diff(x, axis=axis)
    return sum((y[axis_slice(k, 1, None)] + y[axis_slice(k, None, -1)]) * (dx / 2), k)
