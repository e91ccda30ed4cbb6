"""Moving leaves between libraries, devices and dtypes: what ``to`` means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from autograd.engine.coercion import FLOATS
from autograd.engine.libraries import library_named, library_names, library_of, numpy_dtype, place_of
from autograd.engine.node import NODE_CLASSES, Node, versions
from autograd.messages import describe, unsupported_dtype
from autograd.typing import X

__all__ = ["Destination", "destination", "held", "is_elsewhere", "lent", "move", "moved", "moves", "put"]


class Destination(NamedTuple):
    """Where arrays are to go.

    It serves packages built on autograd, as nn is. :func:`destination` makes it.

    Attributes
    ----------
    library : namespace or None
        That of the library; None for NumPy.
    device : object
        The library's device; None leaves arrays of the library where they are.
    dtype : dtype or None
        The dtype of floats; None leaves them theirs.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import backends
    >>> backends.destination(np.ones(2), dtype="float32")
    Destination(library=None, device=None, dtype=dtype('float32'))
    """

    library: X
    device: X = None
    dtype: X = None


class _Moves:
    """Counts the leaves that were moved, so that an optimiser knows when to look where its memory has to be.

    It serves packages built on autograd, as nn is.
    """

    count = 0


moves = _Moves()


def destination(at: X, library: X = None, device: X = None, dtype: X = None) -> Destination:
    """Where the arguments of ``to`` lead from data `at`, an array.

    A first argument that is no name of a library is a dtype or a device of the one that the data are on.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    at : array
        The data that are to go, or stay.
    library : str, dtype or device, optional
        The name of a library; or a dtype, or a device of the present library.
    device : device, optional
        A device of the library.
    dtype : dtype, optional
        float32 or float64.

    Raises
    ------
    TypeError
        If there is no such library, device or dtype.
    ImportError
        If the library is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import backends
    >>> backends.destination(np.ones(2), "float32").dtype
    dtype('float32')
    """
    xp = library_of(at)
    if isinstance(library, str) and library in library_names():
        xp = None if library == "numpy" else library_named(library)
    elif library is not None and (found := _as_dtype(xp, library)) is not None:
        dtype = library if dtype is None else dtype
        _refuse_unless_float(found)
    elif library is not None:
        device = library if device is None else device
    if dtype is not None:
        given, dtype = dtype, _as_dtype(xp, dtype)
        if dtype is None:
            raise TypeError(f"to: {given!r} is no library ({', '.join(library_names())}), no dtype and no device")
        _refuse_unless_float(dtype)
    if device is not None and xp is None:
        if str(device) != "cpu":
            raise TypeError(
                f'to: arrays of NumPy are on the CPU; to("torch", device={str(device)!r}) takes PyTorch\'s, and "cupy" '
                'and "jax" have devices too'
            )
        device = None
    if device is not None and not xp.has_device(device):
        raise TypeError(f"to: {xp.title} has no device {str(device)!r} here")
    return Destination(xp, device, dtype)


def _as_dtype(xp: X, given: X) -> np.dtype[X] | None:
    """A dtype under NumPy's name; None for what is none."""
    if isinstance(given, np.dtype):
        return given
    if xp is not None and not isinstance(given, (str, type)):
        text = str(given).rpartition(".")[2]
        given = text if isinstance(given, type(getattr(xp.module, "float32", None))) else None
    try:
        return None if given is None else np.dtype("float16" if "bfloat16" in str(given) else given)
    except TypeError:
        return None


def _refuse_unless_float(dtype: np.dtype[X]) -> None:
    if dtype.char not in FLOATS:
        raise unsupported_dtype(dtype) if dtype.kind in "fc" else TypeError(f"to: parameters are floats, not {dtype}")


def is_elsewhere(x: X, to: Destination) -> bool:
    """Whether an array has to move to be at its destination."""
    xp = library_of(x)
    return (
        xp is not to.library
        or (to.dtype is not None and (xp is None or xp.is_float(x)) and numpy_dtype(x) != to.dtype)
        or (to.device is not None and not xp.is_on(x, to.device))
    )


def moved(x: X, to: Destination) -> X:
    """An array of its own at its destination; only floats change their dtype.

    It serves packages built on autograd, as nn is.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import backends
    >>> backends.moved(np.ones(2), backends.destination(np.ones(2), dtype="float32"))
    array([1., 1.], dtype=float32)
    """
    xp, library = library_of(x), to.library
    floats = (xp.is_float(x) if xp is not None else x.dtype.kind == "f") and to.dtype is not None
    dtype = to.dtype if floats else None
    if library is None:
        values = np.array(x) if xp is None else xp.to_numpy(x)
        return values if dtype is None else values.astype(dtype, copy=False)
    return library.array(x if xp in (None, library) else xp.to_numpy(x), device=to.device, dtype=dtype)


def move(node: Node, to: Destination) -> None:
    """Move a leaf, in place: its data, its gradient, and its class, which is that of the library.

    It serves packages built on autograd, as nn is.

    Raises
    ------
    TypeError
        If the node is a result, which stays where its graph is.

    Examples
    --------
    >>> from autograd import Tensor, backends
    >>> w = Tensor([1.0, 2.0])
    >>> backends.move(w, backends.destination(w.data, dtype="float32"))
    >>> w
    Tensor([1., 2.], dtype=float32)
    """
    if node.op is not None:
        raise TypeError(
            f"to: {describe(node)} is a result, and its graph is on {place_of(node._data)}; move the leaves that it "
            "depends on, or x.detach()"
        )
    data, gradient = moved(node._data, to), None if node._grad is None else moved(node._grad, to)
    kind: X = NODE_CLASSES.on_library(type(node), to.library)
    node._data, node._grad = data, gradient
    if type(node) is not kind:
        node.__class__ = kind
    versions.latest = node._version = versions.latest + 1
    moves.count += 1


@contextmanager
def lent(leaves: Sequence[Node], data: Sequence[X]) -> Iterator[None]:
    """A block in which leaves have other data, as a library's tracers, and no gradients; then they are as before.

    It serves packages built on autograd, as nn is.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, backends
    >>> w = Tensor([1.0, 2.0])
    >>> with backends.lent([w], [np.zeros(2)]):
    ...     print(w.data)
    [0. 0.]
    >>> w.data
    array([1., 2.])
    """
    before = [(leaf, leaf._data, leaf._grad) for leaf in leaves]
    try:
        for leaf, x in zip(leaves, data, strict=True):
            leaf._data, leaf._grad = x, None
        yield
    finally:
        for leaf, x, gradient in before:
            leaf._data, leaf._grad = x, gradient


def put(leaf: Node, data: X, gradient: X = None) -> None:
    """Give a leaf data and a gradient that nobody else holds: arrays of its library, shape and dtype; no copies.

    It serves packages built on autograd, as nn is.
    """
    leaf._data, leaf._grad = data, gradient
    versions.latest = leaf._version = versions.latest + 1


def held(leaf: Node) -> tuple[X, X]:
    """The data and the gradient of a leaf, which are not to be changed; no copies.

    It serves packages built on autograd, as nn is.
    """
    return leaf._data, leaf._grad
