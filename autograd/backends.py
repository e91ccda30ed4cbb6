"""Other libraries' arrays: a node carries those of PyTorch, JAX, CuPy, or of any library of the array API standard.

``Tensor(x)`` of such an array carries it as it is: copied, on its device, in its dtype. Nothing has to be said before;
what a node is calculated with follows from its data.

For users there are `use`, `library_of`, `library_names` and `numpy_dtype`; the other names serve packages built on
autograd, as nn is, and say so.
"""

from __future__ import annotations

from autograd.engine import libraries
from autograd.engine.libraries import library_names, namespace_of, numpy_dtype, register
from autograd.engine.moving import Destination, destination, held, lent, move, moved, moves, put
from autograd.engine.node import Node
from autograd.surface import publish
from autograd.tracebacks import entrance
from autograd.typing import X

__all__ = [
    "Destination", "destination", "held", "lent", "library_names", "library_of", "move", "moved", "moves",
    "namespace_of", "numpy_dtype", "put", "use",
]  # fmt: skip


@entrance
def use(library: object) -> X:
    """Import a library and have nodes carry its arrays; needed only of one that is not known by name.

    Parameters
    ----------
    library : str or module
        ``"torch"``, ``"jax"``, ``"cupy"``, ``"array_api_strict"``; or the module of a library that follows the array
        API standard.

    Returns
    -------
    namespace
        What the op table calls `xp`: the functions that formulas are calculated with.

    Raises
    ------
    ImportError
        If the library is not installed; the message says how to install it.
    TypeError
        If it is no library of arrays.

    Examples
    --------
    >>> from autograd import backends
    >>> backends.use("numpy").sqrt(4.0)
    np.float64(2.0)
    """
    return register(library)


def library_of(x: object) -> X:
    """The namespace of the library whose array `x` is, or whose arrays a node is on; None for NumPy's and numbers.

    Examples
    --------
    >>> from autograd import Tensor, backends
    >>> backends.library_of(Tensor([1.0])) is None
    True
    """
    return libraries.library_of(x._data if isinstance(x, Node) else x)


publish(globals())
