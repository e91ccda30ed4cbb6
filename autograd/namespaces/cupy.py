"""``xp`` for CuPy's arrays, which lie on one of NVIDIA's GPUs."""

from __future__ import annotations

import cupy
import numpy as np
from cupyx import scatter_add
from cupyx.scipy import special

from autograd.namespaces.numpy_like import NumPyLike
from autograd.namespaces.standard_shapes import lengths_of
from autograd.typing import Function, Native, X

__all__ = ["CuPy", "xp"]


class CuPy(NumPyLike):
    """The functions that the op table asks for, calculated by CuPy."""

    name, title, natives = "cupy", "CuPy", (cupy.ndarray,)

    # ---- what the engine asks ----

    def any_nan(self, arrays: list[X]) -> bool:
        """Whether one of the arrays holds a nan; one answer comes from the device."""
        asked = [cupy.isnan(x).any() for x in arrays if self.is_float(x)]
        return bool(asked) and bool(cupy.stack(asked).any())

    def array(self, data: X, device: Native = None, dtype: Native = None) -> X:
        """An array of its own, from NumPy's or CuPy's; a device is the number of one."""
        given = data if isinstance(data, cupy.ndarray) else self.numbers(data)
        wanted = self.carried(self.dtype_of(given.dtype if dtype is None else dtype))
        with _on(device):
            return cupy.array(given, dtype=wanted, copy=True, order="C")

    def to_numpy(self, x: X) -> X:
        """A copy as an array of NumPy's."""
        return cupy.asnumpy(x)

    def entered(self, a: X, like: X, dtype: Native = None) -> X:
        """Numbers that NumPy has calculated, as an array on the device of `like`."""
        with like.device:
            return cupy.array(a, dtype=dtype)

    def filled(self, shape: tuple[int, ...], value: float, like: X, dtype: Native) -> X:
        """An array of one number, made on the device of `like`."""
        with like.device:
            return cupy.full(shape, value, dtype=dtype)

    def alias(self, x: X) -> X:
        """Another array on the same memory."""
        return x.view()

    def is_alias(self, x: X, y: X) -> bool:
        """Whether two arrays are one: the same elements of the same memory."""
        return (
            isinstance(x, self.natives)
            and all(getattr(x, name) == getattr(y, name) for name in ("dtype", "shape", "strides"))
            and x.data == y.data
        )

    def own(self, x: X, *others: X) -> X:
        """An array in memory that it shares with none of the others, and of which it is no view."""
        shared = x.base is not None or any(x is a for a in others) or not x.flags.c_contiguous
        return x.copy(order="C") if shared else x

    # ---- what CuPy has itself ----

    def added(self, g: X, places: X, n: int) -> X:
        """Zeros along a last axis of length n, with the elements of `g` along its last axis added at places."""
        zeros = self.filled((*g.shape[:-1], n), 0, g, g.dtype)
        scatter_add(zeros, (..., self._positions(places, g)), g)
        return zeros

    def scatter_like(self, g: X, like: X, *indices: X, key: tuple[X, ...]) -> X:
        """Zeros in the shape of `like`, with `g` added at an index; places named twice receive both."""
        zeros = self.filled(lengths_of(like), 0, g, g.dtype)
        index = self.index(like, indices, key)
        if any(isinstance(k, cupy.ndarray) and k.dtype != bool for k in index):
            scatter_add(zeros, index, g)
        else:
            zeros[index] = g  # nobody has seen these zeros yet
        return zeros

    def _positions(self, places: X, like: X) -> X:
        return places if isinstance(places, cupy.ndarray) else self.entered(places, like)

    def index(self, like: X, indices: tuple[X, ...], key: tuple[X, ...]) -> tuple[X, ...]:
        """A key with its arrays, as CuPy takes them."""
        index = super().index(like, indices, key)
        return tuple(self.entered(k, like) if isinstance(k, np.ndarray) else k for k in index)

    def max_unpool(self, z: X, places: X, like: X, rank: int = 1) -> X:
        """Zeros in the shape of `like`, with the elements of `z` added at places counted through the last axes."""
        front, shape = lengths_of(like)[: like.ndim - rank], lengths_of(like)
        rows, length = int(np.prod(front)), int(np.prod(shape[like.ndim - rank :]))
        sums = self.filled((rows, length + 1), 0, z, z.dtype)
        each = int(np.prod(lengths_of(places)[like.ndim - rank :]))
        row = self.entered(np.arange(rows)[:, None], z)
        scatter_add(sums, (row, places.reshape(rows, each) + 1), z.reshape(rows, each))
        return sums[:, 1:].reshape(shape)


def _on(device: Native) -> Native:
    """The device of that number, as a context; the present one by default."""
    if isinstance(device, str):
        device = int(device.rpartition(":")[2]) if ":" in device else 0
    return cupy.cuda.Device(device) if device is None or isinstance(device, int) else device


def _own(name: str, f: Function) -> Function:
    def function(self: CuPy, *args: X) -> X:
        return self.of_numbers(name, *args) if self.none_of_arrays(*args) else f(*args)

    function.__name__ = function.__qualname__ = name
    return function


for _name in (
    "betainc", "betaln", "digamma", "erf", "erfc", "erfcinv", "erfcx", "erfinv", "gamma", "gammainc", "gammaincc",
    "gammaln",
):  # fmt: skip
    if hasattr(special, _name):  # a CuPy that is older has fewer, and SciPy calculates the others
        setattr(CuPy, _name, _own(_name, getattr(special, _name)))

xp = CuPy(cupy)
