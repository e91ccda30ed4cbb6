"""``xp`` for JAX's arrays, and for its tracers."""

from __future__ import annotations

from math import prod

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

from autograd.namespaces.numpy_like import NumPyLike
from autograd.namespaces.standard_shapes import axes_of, lengths_of
from autograd.namespaces.standard_windows import Convolution
from autograd.namespaces.windows import Each, each, pooled_shape
from autograd.typing import Function, Native, Shape, X

__all__ = ["JAX", "xp"]


class JAX(NumPyLike):
    """The functions that the op table asks for, calculated by JAX."""

    name, title, natives = "jax", "JAX", (jax.Array, jax.core.Tracer)

    # ---- what the engine asks ----

    def is_float(self, x: X) -> bool:
        """Whether the elements of an array are floats."""
        return bool(jnp.issubdtype(x.dtype, np.floating))

    def traced(self, x: X) -> bool:
        """Whether an array is a tracer."""
        return isinstance(x, jax.core.Tracer)

    def any_nan(self, arrays: list[X]) -> bool:
        """Whether one of the arrays holds a nan."""
        tops = [jnp.isnan(jnp.max(x)) for x in arrays if x.size and self.is_float(x)]
        return bool(tops) and bool(jnp.any(jnp.stack(tops)))

    def array(self, data: X, device: Native = None, dtype: Native = None) -> X:
        """An array of its own, from NumPy's or JAX's."""
        given = data if isinstance(data, jax.Array) else self.numbers(data)
        wanted = self.carried(self.dtype_of(given.dtype if dtype is None else dtype))
        if np.dtype(wanted) == np.float64 and not jax.config.jax_enable_x64:
            raise TypeError(
                'JAX has no float64 here: pass dtype="float32", or call jax.config.update("jax_enable_x64", True) '
                "before the first array is made"
            )
        found = jnp.array(given, dtype=jax.dtypes.canonicalize_dtype(wanted))
        return found if device is None or device is _ANY else jax.device_put(found, _device(device))

    def has_device(self, device: Native) -> bool:
        """Whether there is a device of that name here."""
        try:
            return isinstance(_device(device), (jax.Device, jax.sharding.Sharding))
        except (RuntimeError, ValueError, IndexError):
            return False

    def is_on(self, x: X, device: Native) -> bool:
        """Whether an array lies on a device, or on the first of a kind, as "cpu"."""
        return self.traced(x) or x.device == _device(device)

    def device(self, x: X) -> Native:
        """The device that an array lies on; that of a tracer is any, on which its function will be run."""
        return _ANY if self.traced(x) else x.device

    def entered(self, a: X, like: X, dtype: Native = None) -> X:
        """Numbers that NumPy has calculated, as an array; in a trace it is a constant, which can be read."""
        with jax.ensure_compile_time_eval():
            return jnp.array(a, dtype=dtype)

    def cast(self, x: X, dtype: Native) -> X:
        """An array in a dtype; in the one of 32 bits where JAX has no others."""
        dtype = jax.dtypes.canonicalize_dtype(dtype)
        return x if x.dtype == dtype else x.astype(dtype)

    def own(self, x: X, *others: X) -> X:
        """The array itself, which nobody can write to."""
        return x

    def host_in_trace(self, name: str, args: tuple[X, ...], shape: tuple[int, ...] | None, like: X) -> X:
        """The call of a function of NumPy's as a part of a trace, if the shape of its result is known before."""
        if shape is None:
            return super().host_in_trace(name, args, shape, like)
        floats = (a for a in args if isinstance(a, jax.Array))
        result = jax.ShapeDtypeStruct(shape, jnp.result_type(*floats, np.float32))
        places = [i for i, a in enumerate(args) if isinstance(a, jax.Array)]

        def on_host(*arrays: X) -> X:
            given = list(args)
            for i, a in zip(places, arrays, strict=True):
                given[i] = np.asarray(a)
            return np.asarray(self.of_numpy(name, tuple(given)), result.dtype)

        return jax.pure_callback(on_host, result, *(args[i] for i in places))

    # ---- what JAX has itself ----

    def repeat(self, x: X, repeats: X, axis: int | None = None) -> X:
        """`x` with each element repeated, along `axis`."""
        if isinstance(repeats, tuple):
            total = sum(repeats) if len(repeats) > 1 else None
            return jnp.repeat(x, np.asarray(repeats), axis, total_repeat_length=total)
        return jnp.repeat(x, repeats, axis)

    def argsort(self, x: X, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
        """The places of the elements in ascending order; equal ones keep their order."""
        x, k = self._along(x, axis)
        return jnp.argsort(x, axis=k, stable=True)

    def eigh(self, x: X, triangle: str) -> tuple[X, X]:
        """The eigenvalues and the eigenvectors of a symmetric matrix, of which a triangle is read."""
        values, vectors = jnp.linalg.eigh(x, triangle, symmetrize_input=False)
        return values, vectors

    def added(self, g: X, places: X, n: int) -> X:
        """Zeros along a last axis of length n, with the elements of `g` along its last axis added at places."""
        return jnp.zeros((*g.shape[:-1], n), g.dtype).at[..., places].add(g)

    def scatter_like(self, g: X, like: X, *indices: X, key: tuple[X, ...]) -> X:
        """Zeros in the shape of `like`, with `g` added at an index; places named twice receive both."""
        return jnp.zeros(lengths_of(like), g.dtype).at[self.index(like, indices, key)].add(g)

    def recurrence(self, a: X, x: X, axis: int = 0) -> X:
        """The numbers sₖ = aₖ + xₖ·sₖ₋₁ along an axis, one after the other."""
        a, x = jnp.broadcast_arrays(a, x)
        k = axes_of(a, axis)[0]
        rows, factors = jnp.moveaxis(a, k, 0), jnp.moveaxis(x, k, 0)
        if not len(rows):
            return a

        def step(s: X, pair: X) -> X:
            s = pair[0] + pair[1] * s
            return s, s

        found = jax.lax.scan(step, rows[0], (rows[1:], factors[1:]))[1]
        return jnp.moveaxis(jnp.concatenate([rows[:1], found]), 0, k)

    # ---- windows ----

    def conv(self, x: X, weight: X, stride: Each = 1, padding: Each = 0, dilation: Each = 1, groups: int = 1) -> X:
        """The sums of the products of each window with each kernel."""
        c = Convolution(x, weight, (stride, padding, dilation), groups)
        samples = x.reshape(prod(c.in_front), c.channels, *c.sizes)
        borders = [(k, k) for k in c.padding]
        y = lax.conv_general_dilated(
            samples, weight, c.stride, borders, rhs_dilation=c.dilation, feature_group_count=groups
        )
        return y.reshape(*c.in_front, c.kernel_count, *c.out)

    def conv_transpose(self, z: X, weight: X, like: X, *how: X, **named: X) -> X:
        """Each element of `z` times each kernel, added up where the windows of an array like `like` lie."""
        return _transposed(lambda x: self.conv(x, weight, *how, **named), z, like)

    def conv_weight(self, z: X, x: X, like: X, *how: X, **named: X) -> X:
        """The sums of the products of `z` with the element of `x` that each element of a kernel like `like` meets."""
        return _transposed(lambda weight: self.conv(x, weight, *how, **named), z, like)

    def full_convolution(self, a: X, b: X) -> X:
        """The sums Σᵢ aᵢ·bₖ₋ᵢ, added up: JAX's own meet a border of zeros, which makes nan of an inf."""
        n = a.shape[0] + b.shape[0] - 1
        places = np.add.outer(np.arange(a.shape[0]), np.arange(b.shape[0])).ravel()
        return self.added((a[:, None] * b).reshape(-1), places, n)

    def max_pool(
        self, x: X, kernel: Shape, stride: Each = 1, padding: Each = 0, dilation: Each = 1, ceil_mode: bool = False
    ) -> X:
        """The largest element of each window."""
        lowest = np.array(self.lowest(x), x.dtype)
        return _over_windows(lax.max, lowest, x, kernel, (stride, padding, dilation), ceil_mode)

    def avg_pool(self, x: X, kernel: Shape, stride: Each = 1, padding: Each = 0, *how: X, **named: X) -> X:
        """The mean of each window."""
        return self._mean(x, x, kernel, stride, padding, *how, **named)

    def _mean(
        self, x: X, like: X, kernel: Shape, stride: Each = 1, padding: Each = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> X:  # fmt: skip
        total = _over_windows(lax.add, np.array(0, x.dtype), x, kernel, (stride, padding, 1), ceil_mode)
        number = self.divisor(like, kernel, stride, padding, count_include_pad, divisor_override, lengths_of(total))
        return total / number

    def spread_pool(self, z: X, like: X, kernel: Shape, *how: X, **named: X) -> X:
        """Each element spread evenly over its window in an array like `like`, and added up."""
        return _transposed(lambda x: self._mean(x, like, kernel, *how, **named), z, like)

    # ---- order ----

    def searchsorted(self, a: X, v: X, side: str = "left") -> X:
        """The places at which `v` goes into the sorted vector `a`."""
        return self.cast(jnp.searchsorted(a, v, side=side), np.dtype(np.int64))  # as other places

    def matrix_function(self, x: X, of: str = "expm") -> X:
        """A function of each of a stack of matrices, by its name in scipy.linalg."""
        return jax.scipy.linalg.expm(x) if of == "expm" else super().matrix_function(x, of)

    def max_unpool(self, z: X, places: X, like: X, rank: int = 1) -> X:
        """Zeros in the shape of `like`, with the elements of `z` added at places counted through the last axes."""
        front, shape = lengths_of(like)[: like.ndim - rank], lengths_of(like)
        rows, length = int(np.prod(front)), int(np.prod(shape[like.ndim - rank :]))
        each = int(np.prod(lengths_of(places)[like.ndim - rank :]))
        at, values = places.reshape(rows, each) + 1, z.reshape(rows, each)
        sums = jnp.zeros((rows, length + 1), z.dtype).at[jnp.arange(rows)[:, None], at].add(values)
        return sums[:, 1:].reshape(shape)


def _transposed(f: Function, z: X, like: X) -> X:
    """What a linear function of an array like `like` passes back."""
    (found,) = jax.linear_transpose(f, jax.ShapeDtypeStruct(lengths_of(like), z.dtype))(z)
    return found


def _over_windows(f: Function, start: X, x: X, kernel: Shape, how: tuple[Each, Each, Each], up: bool) -> X:
    """A function of two elements over each window."""
    n, out = x.ndim - len(kernel), pooled_shape(lengths_of(x), kernel, *how, ceil_mode=up)
    front = (1,) * n
    strides, borders, gaps = (each(h, len(kernel)) for h in how)
    ends = [
        (border, max(border, (m - 1) * stride + gap * (k - 1) + 1 - size - border))
        for size, k, m, stride, border, gap in zip(x.shape[n:], kernel, out[n:], strides, borders, gaps, strict=True)
    ]
    return lax.reduce_window(
        x, start, f, (*front, *kernel), (*front, *strides), [(0, 0)] * n + ends, window_dilation=(*front, *gaps)
    )


class _Any(str):
    """A device that is like every other."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


_ANY = _Any("any device")


def _device(device: Native) -> Native:
    """A device of JAX's, also by the name of its kind: ``"cpu"``, or ``"cuda:1"``."""
    if not isinstance(device, str):
        return device
    kind, _, number = device.partition(":")
    return jax.devices(kind)[int(number or 0)]


def _own(name: str, f: Function) -> Function:
    def function(self: JAX, *args: X) -> X:
        return self.of_numbers(name, *args) if self.none_of_arrays(*args) else f(*args)

    function.__name__ = function.__qualname__ = name
    return function


def _digamma(x: X) -> X:
    """The digamma function, also at 0, where JAX's own is nan."""
    return jnp.where(x == 0, -1 / x, special.digamma(x))


# JAX's own `betaln`, `erfinv` and `polygamma` have too few digits.
for _name, _f in {
    "betainc": special.betainc, "digamma": _digamma, "erf": special.erf, "erfc": special.erfc, "gamma": special.gamma,
    "gammainc": special.gammainc, "gammaincc": special.gammaincc, "gammaln": special.gammaln, "sigmoid": jax.nn.sigmoid,
}.items():  # fmt: skip
    setattr(JAX, _name, _own(_name, _f))
JAX.bessel = {"i0": special.i0, "i0e": special.i0e, "i1": special.i1, "i1e": special.i1e}

xp = JAX(jnp)
