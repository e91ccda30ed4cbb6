"""``xp`` for PyTorch's tensors, on any device."""

from __future__ import annotations

from math import prod

import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import get_proxy_mode

from autograd.namespaces.standard_shapes import axes_in, axes_of, lengths_of
from autograd.namespaces.torch_windows import TorchWindows
from autograd.typing import Axis, Function, Native, X

__all__ = ["Torch", "xp"]

Tensor = torch.Tensor
_IN_PLACE: dict[Function, str] = {np.add: "add_", np.subtract: "sub_", np.multiply: "mul_", np.true_divide: "div_"}


class Torch(TorchWindows):
    """The functions that the op table asks for, calculated by PyTorch."""

    name, title, natives = "torch", "PyTorch", (Tensor,)
    conversion = ".float() or .double()"
    errors = (RuntimeError,)

    # ---- what the engine asks ----

    def is_float(self, x: X) -> bool:
        """Whether the elements of a tensor are floats."""
        return bool(x.dtype.is_floating_point)

    def traced(self, x: X) -> bool:
        """Whether PyTorch compiles or ``make_fx`` records what is calculated."""
        if torch.compiler.is_dynamo_compiling() or get_proxy_mode() is not None:
            return True
        # This is noted for all threads, and plain tensors are those of a thread that compiles nothing.
        return torch.compiler.is_compiling() and type(x) is not Tensor

    def any_nan(self, arrays: list[X]) -> bool:
        """Whether one of the tensors holds a nan: sums of squares tell, and one answer comes from the device."""
        asked = [x for x in arrays if x.dtype.is_floating_point]
        if not asked:
            return False
        if asked[0].is_cpu:  # nothing waits there
            return any(square != square for square in map(_sum_of_squares, asked))
        total = float(self.total_norm(asked))
        return total != total

    def total_norm(self, tensors: list[X]) -> X:
        """The sum of the norms of tensors, on their device; nan only if one of them holds one."""
        norms = torch._foreach_norm(tensors)
        if len({x.dtype for x in tensors}) > 1:
            norms = [n.double() for n in norms]
        return torch.stack(norms).sum()

    def is_on(self, x: X, device: Native) -> bool:
        """Whether a tensor lies on a device: "cuda" is any of these."""
        device = torch.device(device)
        return x.device.type == device.type and device.index in (None, x.device.index)

    def array(self, data: X, device: Native = None, dtype: Native = None) -> X:
        """A tensor of its own, from NumPy's array or from a tensor; a parameter of PyTorch's is a leaf like others."""
        if isinstance(data, Tensor):
            if data.requires_grad and not data.is_leaf:
                raise TypeError("a tensor that PyTorch differentiates would lose its graph here: pass x.detach()")
            if data.layout is not torch.strided:
                raise TypeError(f"a tensor of layout {data.layout} cannot be carried: pass x.to_dense()")
            data = data.detach()
        else:
            data = torch.from_numpy(self.numbers(data))
        wanted = self.carried(data.dtype if dtype is None else self.dtype_of(dtype))
        return data.to(device=device, dtype=wanted, copy=True).contiguous()

    def to_numpy(self, x: X) -> X:
        """A copy as an array of NumPy's."""
        return np.array(x.detach().cpu().numpy())

    def entered(self, a: X, like: X, dtype: Native = None) -> X:
        """Numbers that NumPy has calculated, as a tensor on the device of `like`; that is not waited for."""
        return torch.from_numpy(np.array(a)).to(device=like.device, dtype=dtype, non_blocking=True)

    def rows(self, x: X, places: X) -> X:
        """The rows of a tensor at places, a vector of NumPy's."""
        # Of most integers without a sign PyTorch selects none, so that their bits are read as others.
        signed = _SIGNED.get(x.dtype, x.dtype)
        return torch.index_select(x.view(signed), 0, self.entered(places, x)).view(x.dtype)

    def filled(self, shape: tuple[int, ...], value: float, like: X, dtype: Native) -> X:
        """A tensor of one number, made on the device of `like`."""
        return torch.full(shape, value, dtype=dtype, device=like.device)

    def cast(self, x: X, dtype: Native) -> X:
        """A tensor in a dtype; itself if it has that."""
        return x.to(dtype)

    def read(self, x: X) -> X:
        """Places that a function has to know, as an array of NumPy's; constants of a trace can be read as well."""
        if not isinstance(x, Tensor) or not self.traced(x):
            return super().read(x)
        try:
            return np.array(x.tolist())
        except RuntimeError:
            return super().read(x)

    def alias(self, x: X) -> X:
        """Another tensor on the same memory."""
        return x.view_as(x)

    def is_alias(self, x: X, y: X) -> bool:
        """Whether two tensors are one: the same elements of the same memory."""
        same = isinstance(x, Tensor) and x.dtype == y.dtype and x.device == y.device
        return same and not x.is_meta and bool(x.is_set_to(y))

    def own(self, x: X, *others: X) -> X:
        """A tensor in memory that it shares with none of the others, and of which it is no view."""
        # In its inference mode PyTorch does not note what is a view.
        if x._base is not None or any(x is a for a in others) or not x.is_contiguous() or x.is_inference():
            return x.clone(memory_format=torch.contiguous_format)
        return x

    def updated(self, op: X, x: X, other: X, ufunc: X = None) -> X:
        """What an in-place operator leaves in a leaf: the tensor itself, where nothing records."""
        method = _IN_PLACE.get(ufunc)
        if method is None or self.traced(x):
            return super().updated(op, x, other)
        return getattr(x, method)(other)

    # ---- elementwise functions ----

    def matched(self, *args: X, floats: bool = False) -> tuple[X, ...]:
        """Numbers as tensors of no axis, of a dtype that does not change that of the tensors."""
        like = next(a for a in args if isinstance(a, Tensor))
        return tuple(a if isinstance(a, Tensor) else self._number(a, like) for a in args)

    def _number(self, a: X, like: X) -> X:
        if not isinstance(a, (int, float)):
            return self.asarray_like(a, like)
        if isinstance(a, bool):
            dtype = torch.bool
        elif like.dtype.is_floating_point or (isinstance(a, int) and like.dtype is not torch.bool):
            dtype = like.dtype
        else:
            dtype = torch.float64 if isinstance(a, float) else torch.int64
        return torch.full((), a, dtype=dtype, device=like.device)

    def as_float(self, x: X) -> X:
        """A tensor of integers or bools as one of floats, as PyTorch has them by default."""
        return x if x.dtype.is_floating_point else x.to(torch.get_default_dtype())

    def truth(self, x: X) -> X:
        """Whether the elements are not 0."""
        return x if x.dtype is torch.bool else x != 0

    def where(self, condition: X, a: X, b: X) -> X:
        """`a` where the condition holds, else `b`."""
        if isinstance(condition, Tensor) and isinstance(a, Tensor) and type(b) is float and a.dtype.is_floating_point:
            return torch.where(condition if condition.dtype is torch.bool else condition != 0, a, b)
        return super().where(condition, a, b)

    def logaddexp(self, a: X, b: X) -> X:
        """log(eᵃ + eᵇ), without overflow; with the number 0 PyTorch's softplus, which beyond 40 is `a` itself."""
        if type(b) is float and b == 0 and isinstance(a, Tensor) and a.dtype.is_floating_point:
            return torch.nn.functional.softplus(a, 1.0, 40.0)
        if self.none_of_arrays(a, b):
            return self.of_numbers("logaddexp", a, b)
        a, b = self.of_one_dtype(*map(self.as_float, self.matched(a, b)))
        return torch.logaddexp(a, b)

    def selected(self, condition: X, a: X, b: X) -> X:
        """`a` where a condition, a tensor of bools, holds, else `b`."""
        for x, other in ((a, b), (b, a)):
            if isinstance(x, Tensor) and x.dtype.is_floating_point and isinstance(other, (Tensor, float, int)):
                return torch.where(condition, a, b)
        if not isinstance(a, Tensor) and not isinstance(b, Tensor) and isinstance(a, float) != isinstance(b, float):
            a, b = float(a), float(b)
        return torch.where(*self.matched(condition, a, b))

    def maximum(self, a: X, b: X) -> X:
        """The larger; nan if one is nan."""
        return self._limited("maximum", torch.clamp_min, torch.maximum, a, b)

    def minimum(self, a: X, b: X) -> X:
        """The smaller; nan if one is nan."""
        return self._limited("minimum", torch.clamp_max, torch.minimum, a, b)

    def _limited(self, name: str, by_number: Function, by_tensor: Function, a: X, b: X) -> X:
        if isinstance(a, (int, float)):
            a, b = b, a  # an extreme of two is that of the other two
        if isinstance(a, Tensor):
            return by_number(a, b) if isinstance(b, (int, float)) else by_tensor(*self.matched(a, b))
        return self.of_numbers(name, a, b)

    def sign(self, x: X) -> X:
        """−1, 0 or 1; nan for nan, of which PyTorch's own says 0."""
        if not isinstance(x, Tensor):
            return self.of_numbers("sign", x)
        return torch.where(x == x, torch.sign(x), x) if x.dtype.is_floating_point else torch.sign(x)

    def copy(self, x: X) -> X:
        """A copy in memory of its own; a number is one."""
        return x.clone(memory_format=torch.contiguous_format) if isinstance(x, Tensor) else x

    # ---- reductions ----

    def sum(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The sum; of bools, how many there are."""
        if axis is None and not keepdims and isinstance(x, Tensor):
            return torch.sum(x)
        return self._reduced(torch.sum, x, axis, keepdims) if isinstance(x, Tensor) else float(np.sum(x))

    def _reduced(self, f: Function, x: X, axis: Axis, keepdims: bool) -> X:
        axes = _axes(x, axis)
        if axes == () or not x.ndim:  # PyTorch takes none for all
            axes_of(x, axes)
            return x.to(torch.int64) if x.dtype is torch.bool else x
        return f(x, axes, keepdims)

    def count(self, x: X, axis: Axis = None) -> int:
        """The number of elements, or of those along `axis`."""
        return x.shape[axis] if isinstance(axis, int) and isinstance(x, Tensor) and x.ndim else super().count(x, axis)

    def max(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The largest; nan if one is nan."""
        return torch.amax(x, _axes(x, axis), keepdims) if x.ndim and axis != () else x

    def min(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The smallest; nan if one is nan."""
        return torch.amin(x, _axes(x, axis), keepdims) if x.ndim and axis != () else x

    def prod(self, x: X, axis: Axis = None, keepdims: bool = False) -> X:
        """The product."""
        for k in sorted(axes_of(x, axis), reverse=True):
            x = torch.prod(x, k, keepdims)
        return x

    def cumsum(self, x: X, axis: int | None = None) -> X:
        """The sums of the first 1, 2, 3, ... elements."""
        return torch.cumsum(*self._along(x, axis))

    def cumprod(self, x: X, axis: int | None = None) -> X:
        """The products of the first 1, 2, 3, ... elements."""
        return torch.cumprod(*self._along(x, axis))

    # ---- order ----

    def argmax(self, x: X, axis: int | None = None, keepdims: bool = False) -> X:
        """The place of the largest element; the first, if there are several."""
        return self._place(torch.argmax, x, axis, keepdims)

    def argmin(self, x: X, axis: int | None = None, keepdims: bool = False) -> X:
        """The place of the smallest element; the first, if there are several."""
        return self._place(torch.argmin, x, axis, keepdims)

    def _place(self, f: Function, x: X, axis: int | None, keepdims: bool) -> X:
        x = x.to(torch.uint8) if x.dtype is torch.bool else x
        if axis is None:
            return f(x).reshape((1,) * x.ndim) if keepdims else f(x)
        return f(x, axis, keepdims)

    def argsort(self, x: X, axis: int | None = -1, kind: str | None = None, stable: bool | None = None) -> X:
        """The places of the elements in ascending order; equal ones keep their order."""
        x, k = self._along(x, axis)
        return torch.argsort(x, dim=k, stable=True)

    def searchsorted(self, a: X, v: X, side: str = "left") -> X:
        """The places at which `v` goes into the sorted vector `a`."""
        a, v = self.matched(a, v)
        dtype = torch.promote_types(a.dtype, v.dtype)
        return torch.searchsorted(a.to(dtype).contiguous(), v.to(dtype).contiguous(), side=side)

    def flatnonzero(self, x: X) -> X:
        """The places of the elements that are not 0, counted through all."""
        return torch.nonzero(x.reshape(-1))[:, 0]

    def take_along(self, x: X, places: X, axis: int) -> X:
        """The elements at places along an axis, which match the tensor along the others."""
        return torch.take_along_dim(x, places, axis)

    # ---- matrices ----

    def matmul(self, a: X, b: X) -> X:
        """The product of vectors, matrices and stacks of matrices."""
        return torch.matmul(a, b)

    def einsum(self, subscripts: str, *operands: X) -> X:
        """The sum of products by Einstein's subscripts."""
        return torch.einsum(subscripts, *operands)

    def eigh(self, x: X, triangle: str) -> tuple[X, X]:
        """The eigenvalues and the eigenvectors of a symmetric matrix, of which a triangle is read."""
        values, vectors = self.of_matrices("eigh", x, triangle)
        return values, vectors

    def of_matrices(self, name: str, *args: X, **params: X) -> X:
        """A function of PyTorch's linear algebra; its errors are NumPy's."""
        try:
            return getattr(torch.linalg, name)(*args, **params)
        except torch.linalg.LinAlgError as error:
            raise np.linalg.LinAlgError(str(error)) from None

    def matrix_function(self, x: X, of: str = "expm") -> X:
        """A function of each of a stack of matrices, by its name in scipy.linalg."""
        return torch.linalg.matrix_exp(x) if of == "expm" else super().matrix_function(x, of)

    def looked_up(self, table: X, places: X) -> X:
        """The numbers of a table of NumPy's at places."""
        return self.entered(table, places)[places]

    def max_unpool(self, z: X, places: X, like: X, rank: int = 1) -> X:
        """Zeros in the shape of `like`, with the elements of `z` added at places counted through the last axes."""
        shape, at = lengths_of(like), self.positions(places, z)
        rows, length = prod(shape[: like.ndim - rank]), prod(shape[like.ndim - rank :]) + 1
        zeros = torch.zeros((rows, length), dtype=z.dtype, device=z.device)
        each = prod(lengths_of(places)[like.ndim - rank :])
        sums = torch.scatter_add(zeros, 1, at.reshape(rows, each) + 1, z.reshape(rows, each))
        return sums[:, 1:].reshape(shape)


_SIGNED = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}


def _sum_of_squares(x: X) -> float:
    row = x.reshape(-1)
    return float(torch.dot(row, row))


def _axes(x: X, axis: Axis) -> X:
    """Axes as PyTorch takes them, which counts from behind as well."""
    return tuple(range(x.ndim)) if axis is None else axis


# Functions that are PyTorch's own, by the table's name.
_OF_ONE: dict[str, Function] = {
    **{name: getattr(torch, name) for name in (
        "abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "cos", "cosh", "erf", "erfc",
        "exp", "exp2", "expm1", "floor", "isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2", "sigmoid",
        "signbit", "sin", "sinh", "sqrt", "tan", "tanh", "trunc", "zeros_like",
    )},
    "digamma": torch.digamma, "erfcx": torch.special.erfcx, "erfinv": torch.special.erfinv, "gammaln": torch.lgamma,
    "rint": torch.round,
}  # fmt: skip
_OF_TWO: dict[str, Function] = {
    **{name: getattr(torch, name) for name in (
        "arctan2", "copysign", "floor_divide", "fmod", "greater", "greater_equal", "less", "less_equal", "not_equal",
    )},
    "equal": torch.eq, "mod": torch.remainder,  # torch.equal is one bool for all
}  # fmt: skip


_OF_TWO_FLOATS = {name: getattr(torch, name) for name in ("hypot", "logaddexp2")}


def _of_one(name: str, f: Function) -> Function:
    def function(self: Torch, x: X) -> X:
        return f(x) if isinstance(x, Tensor) else self.of_numbers(name, x)

    function.__name__ = function.__qualname__ = name
    return function


def _of_two(name: str, f: Function) -> Function:
    def function(self: Torch, a: X, b: X) -> X:
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            return f(a, b)
        return self.of_numbers(name, a, b) if self.none_of_arrays(a, b) else f(*self.matched(a, b))

    function.__name__ = function.__qualname__ = name
    return function


def _of_two_floats(name: str, f: Function) -> Function:
    """A function that PyTorch has of two floats of one dtype only."""

    def function(self: Torch, a: X, b: X) -> X:
        if self.none_of_arrays(a, b):
            return self.of_numbers(name, a, b)
        a, b = map(self.as_float, self.matched(a, b))
        return f(a, b) if a.dtype == b.dtype else f(*self.of_one_dtype(a, b))

    function.__name__ = function.__qualname__ = name
    return function


_special = torch.special
Torch.bessel = {
    "i0": _special.i0, "i0e": _special.i0e, "i1": _special.i1, "i1e": _special.i1e,
    "k0": _special.modified_bessel_k0, "k1": _special.modified_bessel_k1,
}  # fmt: skip
for _name, _f in _OF_ONE.items():
    setattr(Torch, _name, _of_one(_name, _f))
for _name, _f in _OF_TWO.items():
    setattr(Torch, _name, _of_two(_name, _f))
for _name, _f in _OF_TWO_FLOATS.items():
    setattr(Torch, _name, _of_two_floats(_name, _f))

xp = Torch(torch)
