"""Real and imaginary parts: nodes carry real numbers only, so that scripts for complex numbers run on real ones too."""

import numpy as np

from autograd.engine.node import Node
from autograd.ops._helpers import X, constant_result
from autograd.ops.creation import zeros_like
from autograd.ops.joining import as_node_or_array
from autograd.ops.logic import isnan, logical_and, logical_or

__all__ = ["conjugate", "imag", "iscomplex", "iscomplexobj", "isreal", "isrealobj", "real", "real_if_close"]


def conjugate(x: X) -> X:
    """The complex conjugate: `x` itself, a real number."""
    return as_node_or_array(x) if isinstance(x, (list, tuple)) else x


def real(x: X) -> X:
    """The real part: `x` itself."""
    return conjugate(x)


def real_if_close(x: X, tol: float = 100) -> X:
    """The real part where the imaginary one is about 0: `x` itself."""
    return conjugate(x)


@constant_result
def imag(x: X) -> X:
    """The imaginary part: 0."""
    return zeros_like(x)


@constant_result
def isreal(x: X) -> X:
    """Whether the imaginary part is 0, elementwise: it is."""
    return logical_or(isnan(x), True)


@constant_result
def iscomplex(x: X) -> X:
    """Whether the imaginary part is not 0, elementwise: it is."""
    return logical_and(isnan(x), False)


@constant_result
def isrealobj(x: X) -> bool:
    """Whether the dtype is one of real numbers: True for every node."""
    return isinstance(x, Node) or bool(np.isrealobj(x))


@constant_result
def iscomplexobj(x: X) -> bool:
    """Whether the dtype is one of complex numbers: False for every node."""
    return not isrealobj(x)
