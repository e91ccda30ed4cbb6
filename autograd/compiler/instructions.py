"""What kind of call of NumPy an instruction is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from autograd.compiler.python_source import NOT_CALLED
from autograd.compiler.variables import Variable

__all__ = ["fills", "is_called", "is_ufunc", "is_view", "squares", "swaps"]

# Functions that give a view of their operand, whatever its memory is like.
_VIEWS = {"swapaxes", "transpose", "expand_dims", "squeeze", "moveaxis", "flip"}


def squares(order: Sequence[Variable], ends: set[Variable]) -> dict[Variable, Variable]:
    """The sums of squares, each with the product that is not made for it."""
    uses = Counter(o for v in order for o in v.operands())
    products = {}
    for v in order:
        product = v.args[0] if v.name == "sum" and v.ndim == 0 else None
        if product is None or product.name != "multiply" or product.args[0] is not product.args[1]:
            continue
        if uses[product] == 1 and product not in ends and product.ndim and product.dtype.kind == "f":
            products[v] = product
    return products


def swaps(v: Variable) -> bool:
    """Whether an instruction on a matrix swaps its two axes."""
    if v.name == "transpose":
        axes = v.params.get("axes", v.args[1] if len(v.args) > 1 else None)
        return axes is None or tuple(a.data if isinstance(a, Variable) else a for a in axes) in ((1, 0), (-1, -2))
    return {int(a.data) % 2 for a in v.args[1:]} == {0, 1}


def is_ufunc(v: Variable) -> bool:
    """Whether an instruction is a ufunc, which works element by element and can write into an array."""
    f = v.function
    return isinstance(f, np.ufunc) and f.signature is None and f.nout == 1 and not v.params


def fills(v: Variable) -> bool:
    """Whether an instruction can write into any part of an array."""
    return is_ufunc(v) and isinstance(v.data, np.ndarray) and v.ndim > 0 and not v.dynamic


def is_view(v: Variable) -> bool:
    """Whether the result is a view of the first operand, whatever its memory is like."""
    return v.name in _VIEWS or (v.name == "getitem" and len(v.args) == 1)


def is_called(v: Variable) -> bool:
    """Whether the text calls the function by a name."""
    if v.function is None or v.name == "part":
        return False
    return not (v.is_number and all(o.is_number for o in v.operands()) and v.name in NOT_CALLED)
