"""``xp`` for Python floats: the functions that the op table needs, from :mod:`math`.

They may raise ``ArithmeticError`` or ``ValueError`` where IEEE arithmetic has an answer (``1 / 0``, ``exp(1000)``,
``log(-1)``). That is deliberate: the common case then costs nothing, and :func:`ieee` evaluates the rare one anew.
"""

from collections.abc import Callable
from math import acos as arccos
from math import acosh as arccosh
from math import asin as arcsin
from math import asinh as arcsinh
from math import atan as arctan
from math import atan2 as arctan2
from math import atanh as arctanh
from math import (
    cbrt,
    copysign,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    fmod,
    hypot,
    isfinite,
    isinf,
    isnan,
    log,
    log1p,
    log2,
    log10,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from math import ceil as _ceil
from math import floor as _floor
from math import pow as power
from operator import eq as equal
from operator import floordiv as floor_divide
from operator import ge as greater_equal
from operator import gt as greater
from operator import le as less_equal
from operator import lt as less
from operator import mod
from operator import ne as not_equal
from operator import not_ as logical_not
from typing import Any

import numpy as np

from autograd import messages
from autograd.namespaces import arrays, special
from autograd.typing import Function, Params, X

abs = abs  # Python's own

__all__ = ["ieee"]  # and the functions that the op table asks for


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise messages.unknown_function(
        name, [k for k, f in globals().items() if callable(f) and k.islower()], " on floats"
    )


def _of_scipy(name: str) -> Function:
    return lambda *args: float(special.function(name)(*args))


globals().update((name, _of_scipy(name)) for name in special.NAMES)


def logical_and(a: bool, b: bool) -> bool:
    return bool(a) and bool(b)


def logical_or(a: bool, b: bool) -> bool:
    return bool(a) or bool(b)


def where(condition: bool, a: float, b: float) -> float:
    return a if condition else b


stated = where


def sigmoid(a: float) -> float:
    return 1 / (1 + exp(-a))


# `a != a` passes a nan on, as NumPy does.
def maximum(a: float, b: float) -> float:
    return a if a >= b or a != a else b


def minimum(a: float, b: float) -> float:
    return a if a <= b or a != a else b


def sign(a: float) -> float:
    return 1.0 if a > 0 else -1.0 if a < 0 else a * 0.0


def heaviside(a: float, at_zero: float) -> float:
    return 0.0 if a < 0 else 1.0 if a > 0 else at_zero if a == 0 else a


def signbit(a: float) -> bool:
    return copysign(1.0, a) < 0


# To integers that are floats, −0.0 among them.
def floor(a: float) -> float:
    return copysign(_floor(a), a)


def ceil(a: float) -> float:
    return copysign(_ceil(a), a)


def trunc(a: float) -> float:
    return copysign(int(a), a)


def rint(a: float) -> float:
    return copysign(round(a), a)


def logaddexp(a: float, b: float) -> float:
    if a == b:  # also where both are the same infinity
        return a + log(2.0)
    return maximum(a, b) + log1p(exp(-abs(a - b)))


def logaddexp2(a: float, b: float) -> float:
    if a == b:
        return a + 1
    return maximum(a, b) + log1p(exp2(-abs(a - b))) / log(2.0)


def sinc(a: float, order: int = 0) -> float:
    return float(arrays.sinc(np.float64(a), order))


def ieee(formula: Function, args: tuple[X, ...], params: Params) -> X:
    """Evaluate a formula that raised on floats once more, in NumPy's float64: inf and nan instead of an exception."""
    with np.errstate(all="ignore"):
        result = formula(arrays, *(np.float64(a) if type(a) is float else a for a in args), **params)
    if isinstance(result, (np.generic, np.ndarray)) and result.ndim == 0:  # NumPy's `where` makes arrays of scalars
        return result.item()
    return result
