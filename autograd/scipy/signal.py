"""The convolution of HIPS autograd's ``scipy.signal``, over any axes of two arrays."""

from __future__ import annotations

from collections.abc import Sequence

import scipy.signal

import autograd.numpy as np
from autograd.scipy._beside import absent
from autograd.surface import publish
from autograd.tracebacks import entrance
from autograd.typing import X

__all__ = ["convolve"]

publish(globals())

__getattr__ = absent(scipy.signal)

Axes = Sequence[Sequence[int]] | None


@entrance
def convolve(A: X, B: X, axes: Axes | str = None, dot_axes: Axes = None, mode: str = "full") -> X:
    """The convolution of two arrays along pairs of axes, with products summed over other pairs.

    Parameters
    ----------
    A, B : array_like
        The arrays.
    axes, dot_axes : pair of sequences of int, optional
        The axes of each that are convolved, by default all; and those that are multiplied and summed, by default none.
        The result has the other axes of `A`, then those of `B`, then the convolved ones. A `mode` may stand in the
        place of `axes`, as SciPy has it.
    mode : str
        ``"full"``, or ``"same"``: the middle part, as long as `A`, or ``"valid"``: where one covers the other.

    Raises
    ------
    ValueError
        If there is no such mode, the axes do not pair, or in mode "valid" each array is the longer one on some axis.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import grad
    >>> from autograd.scipy.signal import convolve
    >>> x, kernel = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0])
    >>> convolve(x, kernel)
    array([ 1., 12., 23., 30.])
    >>> grad(lambda kernel: convolve(x, kernel, mode="valid").sum())(kernel)
    array([5., 3.])
    """
    A, B = np.asarray(A), np.asarray(B)
    if isinstance(axes, str):
        return convolve(A, B, mode=axes)
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"convolve: the mode is 'full', 'same' or 'valid', not {mode!r}")
    pairs, dots = axes or [range(A.ndim), range(B.ndim)], dot_axes or [(), ()]
    for name, (of_a, of_b) in (("axes", pairs), ("dot_axes", dots)):
        if len(of_a) != len(of_b):
            raise ValueError(f"convolve: {name} has {len(of_a)} of A, but {len(of_b)} of B; each convolves with one")
    a, b = (_in_order(x, pairs[i], dots[i]) for i, x in enumerate((A, B)))
    lengths, others = (x.shape[x.ndim - len(pairs[0]) :] for x in (a, b))
    shorter = all(n <= m for n, m in zip(others, lengths, strict=True))
    if mode == "valid" and not shorter and any(n < m for n, m in zip(others, lengths, strict=True)):
        raise ValueError(
            f"convolve: in mode 'valid' one array covers the other on each axis, but their lengths are {lengths} and "
            f"{others}"
        )
    # The shorter one slides over the other; what is left of each comes before the axes that are convolved.
    y = _slide(a, b, mode, len(pairs[0]), len(dots[0])) if shorter else _slide(b, a, mode, len(pairs[0]), len(dots[0]))
    rest_a, rest_b = (x.ndim - len(pairs[0]) - len(dots[0]) for x in (a, b))
    if not shorter:
        y = np.moveaxis(y, tuple(range(rest_b)), tuple(range(rest_a, rest_a + rest_b)))
    if mode == "same":
        middle = (slice((k - 1) // 2, (k - 1) // 2 + n) for n, k in zip(lengths, others, strict=True))
        y = y[(..., *middle)]
    return y


def _in_order(x: X, axes: Sequence[int], dots: Sequence[int]) -> X:
    """An array with the axes that are convolved at its end, and before these those that are summed."""
    last = [i % x.ndim for i in (*dots, *axes)]
    return np.transpose(x, [*(i for i in range(x.ndim) if i not in last), *last])


def _slide(x: X, kernel: X, mode: str, axes: int, dots: int) -> X:
    """The convolution along the last axes: the other axes of `x` and of `kernel`, then these."""
    first, sizes = x.ndim - axes, kernel.shape[kernel.ndim - axes :]
    if mode != "valid":
        x = np.pad(x, [(0, 0)] * first + [(k - 1, k - 1) for k in sizes])
    for i in reversed(range(axes)):  # an axis becomes two: the place in the result, and the place in the kernel
        places = x.shape[first + i] - sizes[i] + 1
        x = np.take(x, np.arange(places)[:, None] + np.arange(sizes[i]), first + i)
    summed = [*range(first - dots, first), *range(first + 1, first + 2 * axes, 2)]
    kernel = np.flip(kernel, tuple(range(kernel.ndim - axes, kernel.ndim))) if axes else kernel
    y = np.tensordot(x, kernel, (summed, list(range(kernel.ndim - axes - dots, kernel.ndim))))
    places_from = first - dots
    return np.moveaxis(y, tuple(range(places_from, places_from + axes)), tuple(range(y.ndim - axes, y.ndim)))
