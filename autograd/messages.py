"""The texts of errors: they name the op and its operands, and say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

__all__ = [
    "BROADCASTING", "COMPLEX", "MASKED", "PLACES", "advice", "call_text", "describe", "explained", "half_precision",
    "not_a_number", "short", "type_name", "unknown_function", "unsupported_dtype",
]  # fmt: skip

MASKED = "pass x.filled(0.0), and choose with autograd.where(~x.mask, y, 0.0)"
COMPLEX = "complex numbers are outside this project; carry the real and the imaginary part as two nodes"
BROADCASTING = (
    "the shapes do not broadcast: they meet from the right, where each pair of lengths must be equal or hold a 1 "
    "(x[:, None] adds one)"
)
# How to convert objects of other libraries and types, by an attribute that they have.
_ADVICE = {
    "_node": "it is a box of HIPS autograd's: take every function from this package, or pass x._value",
    "detach": "pass x.detach().numpy()",
    "to_numpy": "pass x.to_numpy()",
    "toarray": "pass x.toarray()",
    "__array__": "pass numpy.asarray(x)",
    "backward": "pass x.data",
    "__float__": "pass float(x)",
    "__call__": "call it, and pass what it returns",
    "keys": "pass its entries one by one",
    "__iter__": "pass list(x)",
}


# What libraries say of shapes that do not broadcast, of shapes in general, and of values that a trace has not yet.
_NOT_FITTING = ("broadcast", "must match the size of tensor", "must match the existing size")
_OF_SHAPES = re.compile(r"shapes? of|reshape|dimensions|permutation|broadcast|negative power")
_UNREAD = re.compile(r"traced array|tracer|tracing tensor|data-?dependent|must be concrete", re.IGNORECASE)

Array: TypeAlias = np.ndarray[Any, Any]


class Op(Protocol):
    """The attributes of an op that messages read."""

    @property
    def name(self) -> str: ...
    @property
    def message(self) -> Callable[..., str] | None: ...


class Node(Protocol):
    """The attributes of a node that messages read."""

    @property
    def label(self) -> str | None: ...
    @property
    def op(self) -> Op | None: ...
    @property
    def _data(self) -> float | Array: ...


class _Places:
    """Says where an array of another library's lies, as ``torch cpu``; the engine, which knows them, enters how."""

    of: Callable[[Any], str] = staticmethod(lambda data: "")


PLACES = _Places()


def unsupported_dtype(dtype: np.dtype[Any]) -> TypeError:
    """The error for data that nodes do not carry: floats of another precision, complex numbers, texts, dates.

    Examples
    --------
    >>> unsupported_dtype(np.dtype("U3"))
    TypeError('data of dtype <U3 cannot be carried: pass real numbers; .astype(float) converts texts')
    """
    if dtype.kind == "f":
        text = "nodes carry float64 and float32; .astype(np.float32) or .astype(float) converts them"
        if dtype.itemsize == 2:
            text = f"its sums overflow at 65504 and it has three digits; {text}"
    elif dtype.kind == "c":
        text = COMPLEX
    else:
        text = "pass real numbers" + "; .astype(float) converts texts" * (dtype.kind in "US")
    return TypeError(f"data of dtype {dtype} cannot be carried: {text}")


def half_precision(op: Op) -> TypeError:
    """The error for a function of 8-bit integers, whose result is a float16 in NumPy; nodes do not carry those."""
    return TypeError(
        f"{op.name}: NumPy makes float16 of bools and 8-bit integers, which nodes do not carry; make floats of "
        "them first, Tensor(data, dtype=float) or data.astype(float)"
    )


def type_name(x: object) -> str:
    """The name of a type, for an object that is not a number; a text or None is quoted as it is."""
    if x is None or isinstance(x, str):
        return repr(x)
    return f"{type(x).__module__}.{type(x).__qualname__}".removeprefix("builtins.")


def advice(x: object) -> str:
    """How to make a number of an object, as the end of a sentence; empty where nothing is known."""
    if x is None:
        return "; is a return missing in the function it comes from?"
    if isinstance(x, (str, bytes)):
        return "; convert the text with float(...)"
    return next((f"; {advice}" for attribute, advice in _ADVICE.items() if hasattr(x, attribute)), "")


def describe(node: Node) -> str:
    """Describe a node in a few words, for error messages."""
    name = f" {node.label!r}" if node.label else f" from {node.op.name!r}" if node.op else ""
    data: Any = node._data
    kind = getattr(type(node), "_plain", type(node)).__name__  # of the class on a library's arrays its plain one
    if isinstance(data, np.ndarray):
        return f"{kind}{name} {short(data)}"
    if hasattr(data, "dtype"):
        return f"{kind}{name} {short(data)} on {PLACES.of(data)}"
    return f"{kind}{name}" if name else f"{kind} {data!r}"


def short(data: Array) -> str:
    """Write the dtype and shape of an array in short, as ``f32[64,100]``."""
    kind = data.dtype
    if isinstance(kind, np.dtype):
        letter = "bool" if kind.kind == "b" else f"{kind.kind}{kind.itemsize * 8}"
    else:  # of another library's array, as torch.float32
        word = str(kind).rpartition(".")[2]
        letter = word if word == "bool" else word[0] + word.lstrip("floatuin")
    return f"{letter}[{','.join(map(str, data.shape))}]"


def _operand(x: Any) -> str:
    """Describe an argument of an op: a node, a number or an array."""
    if hasattr(x, "_data"):
        return describe(x)
    if isinstance(x, np.ndarray):
        return f"array {short(x)}"
    return f"array {short(x)} on {place}" if (place := PLACES.of(x)) else repr(x)


def call_text(op: Op, args: Sequence[object], params: Mapping[str, object]) -> str:
    """Write a call of an op with its operands, as ``matmul(Tensor 'x' f64[3], array f64[2])``."""
    static = "".join(f", {k}={v!r}" for k, v in params.items())
    return f"{op.name}({', '.join(map(_operand, args))}{static})"


def not_a_number(formula: str, result: object) -> TypeError:
    """The error for a formula of an op whose result is neither a number nor an array."""
    hint = " (is a return missing?)" if result is None else ""
    return TypeError(f"{formula} gave {type_name(result)}; give one number, or one array where arrays go in{hint}")


def unknown_function(name: str, known: Iterable[str], where: str = "", who: str = "") -> AttributeError:
    """The error for a function that `xp` lacks; it names NumPy's other name for it, or similar names.

    Examples
    --------
    >>> unknown_function("absolute", ["abs", "add", "sin"])
    AttributeError('xp has no absolute; write xp.abs')
    >>> unknown_function("sinc", ["abs", "add", "sin"], " on floats")
    AttributeError('xp has no sinc on floats; alike is xp.sin')
    """
    from difflib import get_close_matches  # not at import: only errors need it

    theirs = vars(np).get(name, known)
    same = [k for k in known if vars(np).get(k) is theirs]
    alike = [f"xp.{k}" for k in same or get_close_matches(name, known)]
    advice = f"{'write' if same else 'alike is'} {' or '.join(alike)}" if alike else "compose it of functions it has"
    return AttributeError(f"{who}xp has no {name}{where}; {advice}")


def explained(op: Op, args: Sequence[object], params: Mapping[str, object], error: Exception) -> Exception:
    """Turn an error of NumPy's into one that names the op and its operands, and says what to do."""
    data: list[Any] = [getattr(a, "_data", a) for a in args]
    text = str(error)
    if isinstance(error, OverflowError):
        return ValueError(f"{op.name}: an integer is too large for a float")
    if any(words in text for words in _NOT_FITTING):
        text = BROADCASTING
    elif _UNREAD.search(text):
        text = (
            "its result depends on values, which a trace does not have yet: choose by element with autograd.where, or "
            "call it outside of what is traced"
        )
        error = TypeError()
    elif "as an integer" in text:
        text += "; axes and lengths are integers"
    elif op.message is not None:
        text = op.message(text, *data)
    elif "negative integer powers" in text:
        text += " Write 1.0 for 1, or dtype=float"
    kinds = (np.linalg.LinAlgError, np.exceptions.AxisError, ValueError, IndexError, TypeError)
    kind: type[Exception] = next((kind for kind in kinds if isinstance(error, kind)), ValueError)
    if kind is TypeError and _OF_SHAPES.search(text):  # as JAX has it
        kind = ValueError
    return kind(f"{call_text(op, args, params)}: {text}")
