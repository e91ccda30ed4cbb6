"""The functions of SciPy's that the op table asks for; SciPy is imported when the first of them is called."""

from __future__ import annotations

from importlib import import_module

from autograd.typing import Function

__all__ = ["NAMES", "function"]

# Those of scipy.special; where NumPy has one of the same name, it is slower.
NAMES: frozenset[str] = frozenset()


def function(name: str) -> Function | None:
    """The function of scipy.special of that name, of numbers and arrays; None if the op table asks for none.

    Raises
    ------
    ImportError
        If SciPy is missing.
    """
    if name not in NAMES:
        return None
    try:
        found: Function = getattr(import_module("scipy.special"), name)
    except ModuleNotFoundError:
        raise ImportError(f'{name} is calculated by SciPy: pip install "graphgrad[scipy]"') from None
    return found
