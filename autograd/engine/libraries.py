"""The libraries beside NumPy whose arrays nodes carry: found by the type of an array, each with its namespace."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import ModuleType

import numpy as np

from autograd.engine.node import NODE_CLASSES, Node, Primitive, leaf
from autograd.messages import PLACES, describe, short
from autograd.namespaces import arrays
from autograd.typing import XP, X

__all__ = [
    "IN_USE", "LIBRARIES", "apart", "beside", "dtype_named", "fetched", "library_named", "library_names", "library_of",
    "namespace_of", "numpy_dtype", "place_of", "register", "together", "values_of",
]  # fmt: skip

# Libraries by the name of the module that defines their arrays; others of the array API standard need no file of ours.
_NAMES = {"torch": "torch", "jax": "jax", "jaxlib": "jax", "cupy": "cupy", "array_api_strict": "array_api_strict"}
_WITH_FILE = ("torch", "jax", "cupy")
_INSTALL = {
    "torch": 'pip install "graphgrad[torch]"', "jax": 'pip install "graphgrad[jax]"',
    "cupy": "pip install cupy-cuda12x, for the CUDA of the machine",
}  # fmt: skip


class _Libraries(dict[type, X]):
    """The namespaces of libraries by the types of their arrays; a library is looked for when the first is met."""

    def __missing__(self, native: type) -> X:
        for base in native.__mro__:
            root = base.__module__.partition(".")[0]
            if root in _NAMES and root in sys.modules and issubclass(native, (xp := library_named(root)).natives):
                self[native] = xp
                return xp
        if native.__module__ in ("builtins", "numpy"):
            self[native] = None
        return None


LIBRARIES = _Libraries()
IN_USE: list[X] = []  # those that were asked for, or met in an array: until then nobody looks for them
NODE_CLASSES.library_for = LIBRARIES.__getitem__


def library_names() -> tuple[str, ...]:
    """The names of libraries that ``to`` takes.

    Examples
    --------
    >>> from autograd import backends
    >>> backends.library_names()[:3]
    ('numpy', 'torch', 'jax')
    """
    return ("numpy", *dict.fromkeys(_NAMES.values()))


def library_named(name: str) -> X:
    """The namespace of a library, which is imported.

    Raises
    ------
    ImportError
        If the library is not installed.
    """
    name = _NAMES[name]
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ImportError(f"{name} is not installed: {_INSTALL.get(name, f'pip install {name}')}") from None
    xp = import_module(f"autograd.namespaces.{name}").xp if name in _WITH_FILE else _standard(module)
    if xp not in IN_USE:  # whoever asks for it is about to make an array, or has met one
        IN_USE.append(xp)
        LIBRARIES.update(dict.fromkeys(xp.natives, xp))
    return xp


@cache
def _standard(module: ModuleType) -> X:
    return import_module("autograd.namespaces.standard").Standard(module)


def register(library: object) -> X:
    """The namespace of a library, by name or module, whose arrays nodes carry from now on."""
    if isinstance(library, ModuleType):
        if library is np:
            return arrays
        name = library.__name__
        if name not in _NAMES:
            if not hasattr(library, "__array_api_version__"):
                raise TypeError(f"use: {name} does not follow the array API standard: it has no __array_api_version__")
            _NAMES[name] = name
        return library_named(name)
    if library == "numpy":
        return arrays
    if not isinstance(library, str) or library not in _NAMES:
        raise TypeError(f"use: {library!r} is no library; there are {', '.join(library_names())}, or pass a module")
    return library_named(library)


def library_of(x: X) -> X:
    """The namespace of the library whose array `x` is, or the node `x` has; None for numbers and NumPy's arrays."""
    native = type(x)
    if native is float or native is np.ndarray:
        return None
    return LIBRARIES[type(x._data) if isinstance(x, Node) else native]


def namespace_of(*data: X) -> XP:
    """The namespace to calculate in with arrays and numbers: that of the library that has one of them, or NumPy's.

    It serves packages built on autograd, as nn is.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import backends
    >>> xp = backends.namespace_of(np.ones(2), 3.0)
    >>> xp.exp(0.0)
    np.float64(1.0)
    """
    for x in data:
        if type(x) is not np.ndarray and type(x) is not float and (xp := LIBRARIES[type(x)]) is not None:
            return xp
    return arrays


def fetched(x: X, by: str = "") -> X:
    """Data as numbers and arrays of NumPy's: those of another library are fetched for what only looks at them.

    Raises
    ------
    TypeError
        If the library traces; the message begins with `by`, what looks.
    """
    if (library := library_of(x)) is None:
        return x
    if library.traced(x):
        raise TypeError(f"{by}{': ' * bool(by)}an array {short(x)} on {place_of(x)} has no values yet to be looked at")
    return library.to_numpy(x)


def numpy_dtype(x: X) -> np.dtype[X]:
    """The dtype of a node, a number or an array, also of another library's, as NumPy's.

    Examples
    --------
    >>> from autograd import Tensor, backends
    >>> backends.numpy_dtype(Tensor([1.0], dtype="float32")), backends.numpy_dtype(2.0)
    (dtype('float32'), dtype('float64'))
    """
    data = x._data if isinstance(x, Node) else x
    return np.asarray(data).dtype if library_of(data) is None else dtype_named(data.dtype)


def dtype_named(dtype: X) -> np.dtype[X]:
    """A dtype, also one of another library's, as NumPy's."""
    try:
        found: np.dtype[X] | None = np.dtype(dtype)
    except TypeError:
        word = str(dtype).rpartition(".")[2]  # as of torch.float32
        if word == str(dtype):
            raise
        found = None if word == "bfloat16" else np.dtype(word)
    if found is None or found.name == "bfloat16":  # which NumPy knows where JAX is
        raise TypeError("data of dtype bfloat16 cannot be carried: it has too few digits; take float32")
    return found


def values_of(x: X) -> X:
    """The values of a node or of plain data as a NumPy array, for checks of them; None in a trace, which has none."""
    data = x._data if isinstance(x, Node) else x
    library = library_of(data)
    if library is None:
        return np.asarray(data)
    return None if library.traced(data) else library.to_numpy(data)


def beside(x: X, like: X) -> X:
    """Numbers of NumPy's on the library and device of `like`, floats in its dtype; nodes as they are."""
    library = library_of(like)
    if library is None or isinstance(x, Node):
        return x
    return library.asarray_like(x, like._data if isinstance(like, Node) else like)


def together(op: Primitive, parents: list[Node], given: Sequence[X]) -> list[Node]:
    """The operands of an op on one library: plain arrays of NumPy's go to the one that another operand is on.

    Raises
    ------
    TypeError
        If operands are on two libraries or devices.
    """
    on = next((p for p in parents if library_of(p._data) is not None), None)
    if on is None:
        return parents
    xp = library_of(on._data)
    device = xp.device(on._data)
    like = next((p._data for p in parents if library_of(p) is xp and xp.is_float(p._data)), on._data)
    found = []
    for p, a in zip(parents, given, strict=True):
        x = p._data
        other = library_of(x)
        if type(x) is np.ndarray and p is not a:
            p = leaf(NODE_CLASSES[type(on._data)], xp.asarray_like(x, like))
        elif type(x) is np.ndarray or other not in (None, xp) or (other is xp and xp.device(x) != device):
            raise apart(op.name, p, on)
        found.append(p)
    return found


def apart(where: str, *operands: Node | X) -> TypeError:
    """The error for operands, nodes or arrays, on two libraries or devices, of which the second shows where to go."""
    places = [place_of(x._data if isinstance(x, Node) else x) for x in operands]
    texts = [_shown(x) + " on numpy" * (place == "numpy") for x, place in zip(operands, places, strict=True)]
    library, _, device = places[1].removesuffix(" (traced)").partition(" ")
    there = f'"{library}"' + f', device="{device}"' * bool(device)
    advice = f"nothing moves by itself: x.to({there}) moves a leaf, model.to({there}) a net"
    return TypeError(f"{where}: {' meets '.join(texts)}; {advice}")


def _shown(x: Node | X) -> str:
    return describe(x) if isinstance(x, Node) else f"array {short(x)}" + f" on {PLACES.of(x)}" * (PLACES.of(x) != "")


def place_of(x: X) -> str:
    """Where an array lies: its library, and the device by a name that the library takes."""
    xp = library_of(x)
    if xp is None:
        return "numpy"
    if xp.traced(x):
        return f"{xp.name} (traced)"
    device = xp.device(x)
    kind = getattr(device, "platform", None)  # JAX writes its devices as no function of its own takes them
    text = str(device) if kind is None else f"{kind}:{device.id}"
    quoted = text.partition("'")[2].rstrip("')")  # as in Device('CPU_DEVICE')
    return f"{xp.name} {quoted or text}"


PLACES.of = lambda x: "" if library_of(x) is None else place_of(x)
