"""The functions of SciPy's that the op table asks for; SciPy is imported when the first of them is called."""

from __future__ import annotations

from functools import cache, partial
from importlib import import_module
from math import factorial
from typing import Any

import numpy as np

from autograd.typing import Function, X

__all__ = ["NAMES", "OF_ORDER", "function", "scipys"]

# Those of scipy.special; where NumPy has one of the same name, it is slower.
NAMES = frozenset({
    "betainc", "betaln", "digamma", "erfcinv", "erfcx", "erfinv", "gamma", "gammainc", "gammaincc", "gammaln", "iv",
    "ive", "jv", "kv", "polygamma", "stdtr", "yv",
})  # fmt: skip
# The functions of scipy.special that are faster, for orders of these functions.
OF_ORDER: dict[str, dict[float, str]] = {
    "iv": {0: "i0", 1: "i1"}, "ive": {0: "i0e", 1: "i1e"}, "jv": {0: "j0", 1: "j1"}, "kv": {0: "k0", 1: "k1"},
    "yv": {0: "y0", 1: "y1"},
}  # fmt: skip
_OF_FLOAT64 = {"betainc", "betaln", "gammainc", "gammaincc"}  # where a float32 meets a number


@cache
def function(name: str) -> Any:
    """The function of scipy.special of that name, of numbers and arrays; None if the op table asks for none.

    Raises
    ------
    ImportError
        If SciPy is missing.
    """
    if name not in NAMES:
        return None
    if name in OF_ORDER:
        return partial(_of_order, name)
    if name in _OF_FLOAT64:
        return partial(_of_one_dtype, scipys(name))
    return _polygamma if name == "polygamma" else scipys(name)


def scipys(name: str, module: str = "special") -> Any:
    """What a module of SciPy's has under a name.

    Raises
    ------
    ImportError
        If SciPy is missing.
    """
    try:
        found = getattr(import_module(f"scipy.{module}"), name)
    except ModuleNotFoundError:
        raise ImportError(f'{name} is calculated by SciPy: pip install "graphgrad[scipy]"') from None
    return found


def _of_one_dtype(scipys: Function, *args: X) -> X:
    dtype = np.result_type(*args)
    return scipys(*args, dtype=dtype if dtype.kind == "f" else None)


def _of_order(name: str, n: float, x: X) -> X:
    """A Bessel function by its order."""
    fast = OF_ORDER[name].get(n)
    return scipys(fast)(x) if fast else scipys(name)(n, x)


def _polygamma(n: int, x: X) -> X:
    """A derivative of log Γ′; SciPy's own gives float64 for float32."""
    return (-1.0) ** (n + 1) * factorial(n) * scipys("zeta")(n + 1.0, x) if n else scipys("digamma")(x)
