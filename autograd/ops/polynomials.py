"""Polynomials and convolutions: sums of products of shifted vectors."""

from typing import Any

import numpy as np

from autograd.engine.libraries import library_of, numpy_dtype
from autograd.ops._helpers import X, as_integer, named
from autograd.ops.arithmetic import add, div, mul, neg, sub
from autograd.ops.creation import astype, zeros_like
from autograd.ops.cumulative import cumprod
from autograd.ops.joining import as_node_or_array, atleast_1d, concatenate
from autograd.ops.rearranging import flip
from autograd.ops.shaping import broadcast_to, expand_dims

__all__ = [
    "convolve", "correlate", "poly", "polyadd", "polyder", "polyint", "polysub", "polyval", "vander",
]  # fmt: skip

# These two are each other's derivatives.
full_convolution = named(
    "full_convolution", "The sums Σᵢ aᵢ·bₖ₋ᵢ, for every k at which the vectors overlap.", "∗", args="a b",
    commutative=True,
)  # fmt: skip
valid_correlation = named(
    "valid_correlation",
    "The sums Σᵢ aᵢ₊ₖ·bᵢ, for every k at which all of the shorter `b` lies on `a`.",
    "⋆",
    args="a b",
)
full_convolution.defvjps(
    a=lambda xp, g, y, a, b: xp.valid_correlation(g, b), b=lambda xp, g, y, a, b: xp.valid_correlation(g, a)
)
valid_correlation.defvjps(
    a=lambda xp, g, y, a, b: xp.full_convolution(g, b), b=lambda xp, g, y, a, b: xp.valid_correlation(a, g)
)
full_convolution.samples = (((4,), (3,), {}), ((2,), (5,), {}))
valid_correlation.samples = (((5,), (2,), {}), ((3,), (3,), {}))


def convolve(a: X, v: X, mode: str = "full") -> X:
    """The sums Σᵢ aᵢ·vₖ₋ᵢ of two vectors: all, or as many as the longer has, or where the shorter lies on it.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> a, v = Tensor([1.0, 2.0, 3.0]), Tensor([1.0, 10.0])
    >>> y = np.convolve(a, v)
    >>> y.sum().backward()
    >>> y.tolist(), a.grad.tolist(), np.convolve(a, v, mode="valid").tolist()
    ([1.0, 12.0, 23.0, 30.0], [11.0, 11.0, 11.0], [12.0, 23.0])
    """
    a, v = _vectors("convolve", a, v, mode)
    if a.shape[0] < v.shape[0]:
        a, v = v, a
    return full_convolution(a, v) if mode == "full" else _correlation(a, flip(v), mode)


def correlate(a: X, v: X, mode: str = "valid") -> X:
    """The sums Σᵢ aᵢ₊ₖ·vᵢ of two vectors: where the shorter lies on the longer, or as many as that has, or all.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.correlate(Tensor([1.0, 2.0, 3.0]), [1.0, 10.0]).tolist()
    [21.0, 32.0]
    """
    a, v = _vectors("correlate", a, v, mode)
    return flip(_correlation(v, a, mode)) if a.shape[0] < v.shape[0] else _correlation(a, v, mode)


def _correlation(a: X, v: X, mode: str) -> X:
    """The correlation of a vector with one that is not longer."""
    if mode == "valid":
        return valid_correlation(a, v)
    sums = full_convolution(a, flip(v))
    before = (v.shape[0] - 1) // 2
    return sums if mode == "full" else sums[before : before + a.shape[0]]


def _vectors(name: str, a: X, v: X, mode: str) -> list[X]:
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"{name}: mode={mode!r}; it is full, same or valid")
    vectors = [atleast_1d(as_node_or_array(x)) for x in (a, v)]
    if any(x.ndim != 1 or not x.shape[0] for x in vectors):
        raise ValueError(f"{name}: pass two vectors, not arrays of shape {vectors[0].shape} and {vectors[1].shape}")
    return vectors


def polyval(p: X, x: X) -> X:
    """The polynomial with the coefficients `p`, the highest power first, at `x`.

    The method is Horner's.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor, Value
    >>> p, x = Tensor([1.0, 0.0, -4.0]), Value(3.0)
    >>> y = np.polyval(p, x)
    >>> y.backward()
    >>> y.item(), float(x.grad), p.grad.tolist()  # x² - 4 has the slope 2x
    (5.0, 6.0, [9.0, 3.0, 1.0])
    """
    p = as_node_or_array(p)
    x = as_node_or_array(x) if isinstance(x, (list, tuple)) else x
    if p.shape[0] < 2:
        return add(zeros_like(x), p[0] if p.shape[0] else 0)
    y = p[0]
    for coefficient in p[1:]:
        y = add(mul(y, x), coefficient)
    return y


def polyadd(a1: X, a2: X) -> X:
    """The coefficients of the sum of two polynomials, the highest power first.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.polyadd(Tensor([1.0, 2.0]), [3.0]).tolist()
    [1.0, 5.0]
    """
    return add(*_of_one_length(a1, a2))


def polysub(a1: X, a2: X) -> X:
    """The coefficients of the difference of two polynomials, the highest power first.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.polysub(Tensor([1.0, 2.0]), [3.0]).tolist()
    [1.0, -1.0]
    """
    return sub(*_of_one_length(a1, a2))


def _of_one_length(*polynomials: X) -> list[X]:
    rows = [atleast_1d(as_node_or_array(p)) for p in polynomials]
    n = max(p.shape[0] for p in rows)
    return [concatenate([np.zeros(n - p.shape[0], numpy_dtype(p)), p]) if p.shape[0] < n else p for p in rows]


def polyder(p: X, m: int = 1) -> X:
    """The coefficients of the derivative of a polynomial, taken `m` times.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.polyder(Tensor([1.0, 0.0, -4.0])).tolist()
    [2.0, 0.0]
    """
    p = as_node_or_array(p)
    if as_integer("polyder", "m", m) < 0:
        raise ValueError(f"polyder: m={m}, but derivatives are taken 0 or more times")
    for _ in range(m):
        p = mul(p[:-1], np.arange(p.shape[0] - 1, 0, -1))
    return p


def polyint(p: X, m: int = 1, k: X = None) -> X:
    """The coefficients of the integral of a polynomial, taken `m` times, with the constants `k`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> p = Tensor([3.0, 2.0])
    >>> np.polyint(p).tolist(), np.polyint(p, k=7.0).tolist()
    ([1.5, 2.0, 0.0], [1.5, 2.0, 7.0])
    """
    p = as_node_or_array(p)
    if as_integer("polyint", "m", m) < 0:
        raise ValueError(f"polyint: m={m}, but integrals are taken 0 or more times")
    constants = atleast_1d(as_node_or_array(0.0 if k is None else k))
    if constants.shape[0] not in (1, m):
        raise ValueError(
            f"polyint: {constants.shape[0]} constants for {m} integrals; give one for each, or one for all"
        )
    for i in range(m):
        constant = constants[i % constants.shape[0]]
        p = concatenate([div(p, np.arange(p.shape[0], 0, -1)), expand_dims(constant, 0)])
    return p


def poly(seq_of_zeros: X) -> X:
    """The coefficients of the polynomial with these zeros, the highest power first and 1.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> zeros = Tensor([2.0, 3.0])
    >>> p = np.poly(zeros)
    >>> p[2].backward()
    >>> p.tolist(), zeros.grad.tolist()  # the polynomial is x² - 5x + 6
    ([1.0, -5.0, 6.0], [3.0, 2.0])
    """
    zeros = atleast_1d(as_node_or_array(seq_of_zeros))
    if zeros.ndim != 1:
        raise ValueError("poly: give a vector of zeros; those of a matrix are its eigenvalues")
    p: Any = np.ones(1, numpy_dtype(zeros))
    for zero in zeros:
        p = full_convolution(p, concatenate([np.ones(1, numpy_dtype(zeros)), expand_dims(neg(zero), 0)]))
    return p


def vander(x: X, N: int | None = None, increasing: bool = False) -> X:
    """The matrix of powers of `x`, `N` of them (as many as elements), the highest first or with ``increasing`` last.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.vander(Tensor([1.0, 2.0]), 3).tolist()
    [[1.0, 1.0, 1.0], [4.0, 2.0, 1.0]]
    """
    x = as_node_or_array(x)
    if x.ndim != 1:
        raise ValueError(f"vander: give a vector, not an array of {x.ndim} axes")
    n = x.shape[0] if N is None else as_integer("vander", "N", N)
    if library_of(x) is None:
        x = astype(x, np.result_type(numpy_dtype(x), int), copy=False)  # NumPy's dtype
    ones = np.ones((x.shape[0], 1), numpy_dtype(x))
    rows = broadcast_to(expand_dims(x, 1), (x.shape[0], n - 1 if n else 0))
    powers = cumprod(concatenate([ones, rows], 1), 1)[:, :n]
    return powers if increasing else flip(powers, 1)
