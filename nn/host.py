"""Arrays of other libraries, such as PyTorch's tensors, as NumPy's: data of a net whose parameters are NumPy's."""

from __future__ import annotations

from itertools import chain
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from autograd import Tensor, Value
from autograd.backends import library_of
from nn._types import Array, Keywords, X

__all__ = ["as_numpy", "is_foreign", "numpy_arguments"]

Foreign: TypeAlias = Any  # an array of a library that is not imported here
_HALVES = {
    "float16": "its sums overflow at 65504 and it has three digits",
    "bfloat16": "it has two digits",
}  # fmt: skip


def is_foreign(x: object) -> TypeGuard[Foreign]:
    """Whether `x` is an array of another library: of PyTorch, JAX, CuPy, or any that has the array API's protocol."""
    return hasattr(type(x), "__dlpack__") and not isinstance(x, (np.ndarray, np.generic, Tensor, Value))


def as_numpy(x: X) -> X:
    """An array of another library as NumPy's, in the same memory where NumPy can reach it; anything else as it is.

    So are arrays in a dict, and in a tuple or list that begins with one. A leaf of PyTorch's that requires a gradient
    is detached, as data require none.

    Raises
    ------
    TypeError
        If its dtype has half the precision, or it was calculated of what requires a gradient, which ends here.
    """
    if is_foreign(x):
        return _as_numpy(x)
    if not _holds_foreign(x):
        return x
    return {k: as_numpy(a) for k, a in x.items()} if type(x) is dict else type(x)(map(as_numpy, x))


def _holds_foreign(x: X) -> bool:
    if type(x) is dict:
        return any(map(is_foreign, x.values()))
    return is_foreign(x[0] if type(x) in (list, tuple) and x else x)  # A look at all of a list would take long.


def _as_numpy(x: Foreign) -> Array:
    dtype = str(getattr(x, "dtype", "")).rpartition(".")[2]
    if dtype in _HALVES:
        ways = ".float() or .double()" if hasattr(x, "double") else ".astype with float32 or float64"
        raise TypeError(
            f"data of dtype {dtype} cannot be carried: {_HALVES[dtype]}; nodes carry float64 and float32; "
            f"{ways} converts them"
        )
    if hasattr(x, "resolve_neg"):  # PyTorch's alone
        if x.requires_grad and not x.is_leaf:
            raise TypeError(
                f"a {type(x).__module__}.{type(x).__qualname__} that was calculated of what requires a gradient, which "
                f"would end here; pass x.detach()"
            )
        numbers: Array = x.numpy(force=True)  # detached, and copied from another device
        return numbers
    if hasattr(x, "get"):  # CuPy's way to copy from the device, which it never does by itself.
        return np.asarray(x.get())
    return np.asarray(x) if hasattr(x, "__array__") else np.from_dlpack(x)


def _first_weight(module: X) -> Tensor | None:
    """A parameter, from the attributes of a module and of those in it: of most, the first is found at once."""
    for x in vars(module).values():
        found = x if isinstance(x, Tensor) and x.requires_grad else _first_weight(x) if hasattr(x, "forward") else None
        if found is not None:
            return found
    return None


def numpy_arguments(module: X, args: tuple[X, ...], kwargs: Keywords) -> tuple[tuple[X, ...], Keywords]:
    """The arguments of a module: if its parameters, or its buffers, are NumPy's, with such arrays in them, too."""
    on_library = any(library_of(x) is not None for x in args if isinstance(x, Tensor))
    if not on_library and any(map(_holds_foreign, (*args, *kwargs.values()))):
        own = _first_weight(module)
        own = next(chain(module.parameters(), module.buffers()), None) if own is None else own
        if own is not None and not is_foreign(getattr(own, "data", own)):
            return tuple(map(as_numpy, args)), {name: as_numpy(x) for name, x in kwargs.items()}
    return args, kwargs
