"""``xp`` over a library whose functions are NumPy's under NumPy's names: JAX and CuPy."""

from __future__ import annotations

import numpy as np

from autograd.namespaces.arrays import assemble
from autograd.namespaces.standard import Standard
from autograd.namespaces.standard_shapes import lengths_of
from autograd.typing import Function, Native, X

__all__ = ["NumPyLike"]


class NumPyLike(Standard):
    """The functions that the op table asks for, calculated by a module with NumPy's names and rules of dtypes."""

    def is_float(self, x: X) -> bool:
        """Whether the elements of an array are floats."""
        return bool(x.dtype.kind == "f")

    def filled(self, shape: tuple[int, ...], value: float, like: X, dtype: Native) -> X:
        """An array of one number, on the device of `like`."""
        return self.module.full(shape, value, dtype=dtype)

    def entered(self, a: X, like: X, dtype: Native = None) -> X:
        """Numbers that NumPy has calculated, as an array on the device of `like`."""
        return self.module.array(a, dtype=dtype)

    def cast(self, x: X, dtype: Native) -> X:
        """An array in a dtype; itself if it has that."""
        return x if x.dtype == dtype else x.astype(dtype)

    def matched(self, *args: X, floats: bool = False) -> tuple[X, ...]:
        """Numbers as they are, for the library has NumPy's rules; arrays of NumPy's as its own."""
        return tuple(self._entered_beside(args))

    def truth(self, x: X) -> X:
        """Whether the elements are not 0."""
        return x if x.dtype == bool else x != 0

    def summable(self, x: X) -> X:
        """An array as it is: bools are counted."""
        return x

    def as_float(self, x: X) -> X:
        """An array of integers or bools as one of floats."""
        return x if self.is_float(x) else x * 1.0

    def copy(self, x: X) -> X:
        """A copy in memory of its own; a number is one."""
        return self.module.array(x, copy=True) if isinstance(x, self.natives) else x

    def transpose(self, x: X, axes: tuple[int, ...] | None = None) -> X:
        """`x` with its axes in reverse, or in the order of `axes`."""
        return self.module.transpose(x, axes)

    def reshape(self, x: X, shape: int | tuple[int, ...]) -> X:
        """`x` in another shape with as many elements; one length may be -1."""
        return x.reshape(shape)

    def concatenate(self, arrays: X, axis: int = 0) -> X:
        """The arrays one after the other."""
        return self.module.concatenate(list(self.matched(*arrays)), axis=axis)

    def cumsum(self, x: X, axis: int | None = None) -> X:
        """The sums of the first 1, 2, 3, ... elements."""
        x, k = self._along(x, axis)
        return self.module.cumsum(x, axis=k)

    def cumprod(self, x: X, axis: int | None = None) -> X:
        """The products of the first 1, 2, 3, ... elements."""
        x, k = self._along(x, axis)
        return self.module.cumprod(x, axis=k)

    def argsort(self, x: X, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
        """The places of the elements in ascending order; equal ones keep their order."""
        x, k = self._along(x, axis)
        return self.module.argsort(x, axis=k, kind="stable")

    def selected(self, condition: X, a: X, b: X) -> X:
        """`a` where a condition, an array of bools, holds, else `b`."""
        return self.module.where(condition, a, b)

    def eigh(self, x: X, triangle: str) -> tuple[X, X]:
        """The eigenvalues and the eigenvectors of a symmetric matrix, of which a triangle is read."""
        values, vectors = self.module.linalg.eigh(x, UPLO=triangle)
        return values, vectors

    def pinv(self, x: X, rtol: X) -> X:
        """The pseudoinverse; singular values up to `rtol` of the largest count as 0."""
        return self.module.linalg.pinv(x, rcond=rtol)

    def einsum(self, subscripts: str, *operands: X) -> X:
        """The sum of products by Einstein's subscripts."""
        return self.module.einsum(subscripts, *operands)

    def getitem(self, x: X, *indices: X, key: tuple[X, ...]) -> X:
        """``x[key]``, with the arrays of the key as arguments."""
        return x[self.index(x, indices, key)]

    def index(self, like: X, indices: tuple[X, ...], key: tuple[X, ...]) -> tuple[X, ...]:
        """A key with its arrays; places that NumPy has and that are out of bounds are an error, as NumPy's."""
        marks = [k for k in key if k == "array" or (isinstance(k, tuple) and k[0] == "part")]
        given = [i if k == "array" else self.read(i).tolist() for k, i in zip(marks, indices, strict=True)]
        index = assemble(key, tuple(given))
        if not any(isinstance(k, self.natives) for k in index):
            np.broadcast_to(np.zeros(()), lengths_of(like))[index]
        return index


def _own(name: str, theirs: str) -> Function:
    def function(self: X, *args: X, **params: X) -> X:
        if self.none_of_arrays(*args):
            return self.of_numbers(name, *args)
        return getattr(self.module, theirs)(*args, **params)

    function.__name__ = function.__qualname__ = name
    return function


# Functions that the library has under NumPy's names.
_NAMES = (
    "abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "ceil", "copysign", "cos",
    "cosh", "equal", "exp", "exp2", "expm1", "floor", "floor_divide", "fmod", "greater", "greater_equal", "heaviside",
    "hypot", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10", "log1p", "log2", "logaddexp",
    "logaddexp2", "maximum", "minimum", "mod", "not_equal", "rint", "sign", "signbit", "sin", "sinh", "sqrt", "tan",
    "tanh", "trunc",
    "broadcast_to", "diag", "diagonal", "flip", "matmul", "moveaxis", "repeat", "roll", "rot90", "swapaxes", "tile",
    "tril", "triu", "zeros_like",
)  # fmt: skip
for _name in (*_NAMES, "pad_array"):
    setattr(NumPyLike, _name, _own(_name, "pad" if _name == "pad_array" else _name))
