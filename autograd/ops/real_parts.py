"""Real and imaginary parts: nodes carry real numbers only, so that scripts for complex numbers run on real ones too."""

import numpy as np

from autograd.engine.node import Node
from autograd.ops._helpers import X, constant_result
from autograd.ops.creation import zeros_like
from autograd.ops.joining import as_node_or_array
from autograd.ops.logic import isnan, logical_and, logical_or

__all__ = ["conjugate", "imag", "iscomplex", "iscomplexobj", "isreal", "isrealobj", "real", "real_if_close"]


def conjugate(x: X) -> X:
    """The complex conjugate: `x` itself, a real number.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([2.0, 3.0])
    >>> np.conjugate(x) is x
    True
    """
    return as_node_or_array(x) if isinstance(x, (list, tuple)) else x


def real(x: X) -> X:
    """The real part: `x` itself.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([2.0, 3.0])
    >>> np.real(x) is x
    True
    """
    return conjugate(x)


def real_if_close(x: X, tol: float = 100) -> X:
    """The real part where the imaginary one is about 0: `x` itself.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([2.0, 3.0])
    >>> np.real_if_close(x) is x
    True
    """
    return conjugate(x)


@constant_result
def imag(x: X) -> X:
    """The imaginary part: 0.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.imag(Tensor([2.0, 3.0])).tolist()
    [0.0, 0.0]
    """
    return zeros_like(x)


@constant_result
def isreal(x: X) -> X:
    """Whether the imaginary part is 0, elementwise: it is.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.isreal(Tensor([2.0, 3.0])).tolist()
    [True, True]
    """
    return logical_or(isnan(x), True)


@constant_result
def iscomplex(x: X) -> X:
    """Whether the imaginary part is not 0, elementwise: it is.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.iscomplex(Tensor([2.0, 3.0])).tolist()
    [False, False]
    """
    return logical_and(isnan(x), False)


@constant_result
def isrealobj(x: X) -> bool:
    """Whether the dtype is one of real numbers: True for every node.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.isrealobj(Tensor([2.0]))
    True
    """
    return isinstance(x, Node) or bool(np.isrealobj(x))


@constant_result
def iscomplexobj(x: X) -> bool:
    """Whether the dtype is one of complex numbers: False for every node.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.iscomplexobj(Tensor([2.0]))
    False
    """
    return not isrealobj(x)
