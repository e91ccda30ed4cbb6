"""``xp`` over any module of the Python array API standard: every function that the op table asks for.

A library of arrays is one class on top, with the library's own functions where they are better: see
:mod:`autograd.namespaces.torch` and :mod:`autograd.namespaces.jax`. A function here is pure: it writes into no array
that it was given and decides by shapes, not by values, so that it can be traced. The families stand in files of their
own, each a class on the one before: elementwise functions, shapes, reductions, matrices, windows.
"""

from __future__ import annotations

from autograd.namespaces.standard_windows import Windows

__all__ = ["Standard"]


class Standard(Windows):
    """The functions that the op table asks for, calculated by a module.

    Examples
    --------
    >>> import numpy as np  # which follows the standard, too
    >>> from autograd.namespaces.standard import Standard
    >>> xp = Standard(np)
    >>> xp.logaddexp(np.array([0.0, 1.0]), 0.0).round(3)
    array([0.693, 1.313])
    """
