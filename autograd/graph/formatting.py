"""Numbers, arrays, labels and static arguments as short texts for explanations, exports and pictures."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np

from autograd.engine.libraries import fetched
from autograd.engine.node import Node
from autograd.messages import short
from autograd.typing import Array, Data, Keywords, X

__all__ = [
    "columns", "elide", "line", "name", "nondefault_params", "number", "numbers", "op_text", "op_text_of_any",
    "partial", "printable", "rows", "shape", "static_argument", "value_text",
]  # fmt: skip

MINUS = "\N{MINUS SIGN}"
MAX_ELEMENTS = 6  # a larger array is written by its dtype and shape only
NAME_COLUMNS, PARAM_COLUMNS = 40, 20
# These change the direction of writing: left in a label, they would turn round the text that follows it.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LEFT_TO_RIGHT = "\u200e"


def number(x: Data, precision: int) -> str:
    """Write a number in at most `precision` significant digits, with a true minus and never −0; integers exactly.

    Examples
    --------
    >>> number(-0.123456, 4), number(-0.0, 4), number(1e-7, 4), number(True, 4)
    ('−0.1235', '0', '1e−07', 'True')
    """
    if isinstance(x, bool):
        return str(x)
    text = str(x) if isinstance(x, int) else f"{x:.{precision}g}"
    return "0" if text == "-0" else text.replace("-", MINUS)


def numbers(data: Data, precision: int) -> list[str]:
    """Write data in lines: one number, or the rows of a small array (3 digits); none for a large one.

    A column is one line, with a sign that turns it.

    Examples
    --------
    >>> numbers(0.5, 4), numbers(np.array([[1.0, -2.0], [0.0, 0.25]]), 4), numbers(np.zeros(7), 4)
    (['0.5'], ['[1  −2]', '[0  0.25]'], [])
    >>> numbers(np.array([[1.0], [-2.0]]), 4)
    ['[1  −2]ᵀ']
    """
    data = fetched(data)
    array = np.asarray(data)
    if array.ndim == 0:
        return [number(data if isinstance(data, (bool, int, float)) else array.item(), precision)]
    if not 0 < array.size <= MAX_ELEMENTS:
        return []
    digits = min(precision, 3)
    if array.ndim == 2 and array.shape[0] > 1 == array.shape[1]:
        return ["[" + "  ".join(number(x, digits) for [x] in rows(array)) + "]ᵀ"]
    return ["[" + "  ".join(number(x, digits) for x in row) + "]" for row in rows(array)]


def rows(array: Array) -> list[list[Data]]:
    """The rows of an array of one axis or more, as lists of Python numbers."""
    lists: list[list[Data]] = array.reshape(-1, array.shape[-1]).tolist()
    return lists


def shape(data: Data) -> str:
    """Write dtype and shape of an array, ``f64[3,4]``; nothing for a scalar, whose number says enough."""
    return short(data) if getattr(data, "ndim", 0) else ""


def name(node: Node) -> str:
    """Write a node's label as one line of text that any file can hold; empty if there is none."""
    return line(node.label)


def line(label: object) -> str:
    """Write a label as one line of text that any file can hold; empty if there is none.

    White space shrinks to single spaces, characters that a file of text or XML cannot hold become ``�``, and a long
    label is cut off.
    """
    if not label:
        return ""
    text = elide("".join(map(printable, " ".join(str(label).split()))), NAME_COLUMNS)
    # Without the mark, the number after a Hebrew or Arabic name would be drawn before it.
    return text + _LEFT_TO_RIGHT if any(unicodedata.bidirectional(c) in ("R", "AL") for c in text) else text


def printable(c: str) -> str:
    """Return the character, or `�` for one that a file of text or XML cannot hold."""
    # Those are controls, surrogates and the non-characters at the end of each plane.
    bad = unicodedata.category(c) in ("Cc", "Cs") or c in _BIDI_CONTROLS or ord(c) & 0xFFFE == 0xFFFE
    return "\N{REPLACEMENT CHARACTER}" if bad else c


def elide(text: str, limit: int) -> str:
    """Cut a text off with ``…`` if it takes more than `limit` columns."""
    if columns(text) <= limit:
        return text
    end = used = 0
    for end, c in enumerate(text):  # noqa: B007
        used += columns(c)
        if used > limit - 1:
            break
    return text[:end] + "…"


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: 2 for a wide sign, 0 for a combining one.

    Examples
    --------
    >>> columns("x₁"), columns("重み"), columns("e\u0301")
    (2, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=1024)
def _columns(c: str) -> int:
    if c < "\u0300":
        return 1
    if unicodedata.category(c) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def value_text(data: Data, precision: int = 4) -> str:
    """Write data in one short piece: a number, a small array with its numbers, a large one by dtype and shape.

    Examples
    --------
    >>> value_text(-0.5), value_text(np.array([[1.0, -2.0], [0.0, 0.25]])), value_text(np.zeros((3, 4)))
    ('−0.5', '[1  −2; 0  0.25]', 'f64[3,4]')
    """
    lines = numbers(data, precision)
    return f"[{'; '.join(line[1:-1] for line in lines)}]" if len(lines) > 1 else lines[0] if lines else shape(data)


def op_text(node: Node) -> tuple[str, str]:
    """Write the op that made a node as its disc shows it: the sign, and the static arguments.

    Arguments that have their defaults are left out. The number of an elementwise op stands right behind its sign, and
    an index inside it.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0]])
    >>> op_text(x**2), op_text(x.sum(axis=0)), op_text(x[0, :1])
    (('(·)²', ''), ('Σ', 'axis=0'), ('[0, :1]', ''))
    """
    op = node.op
    if op is None:
        raise ValueError("a leaf was made by no op")
    symbol = " ".join(op.symbol.split()) or op.name
    params = nondefault_params(node)
    if symbol == "**":
        return _power_sign(params), ""
    if not params:
        return symbol, ""
    texts = [static_argument(k, v) for k, v in params.items()]
    only = elide(texts[0], PARAM_COLUMNS)
    if len(params) == 1 and "·" in symbol:
        return symbol.replace("·", only), ""
    if len(params) == 1 and op.elementwise:
        return symbol + only, ""
    if len(params) == 1 and isinstance(next(iter(params.values())), tuple) and len(op.params) < 3:
        return symbol, only  # a shape or an index needs no name, where few could be meant
    parts = [k if v is True else f"{k}={text}" for (k, v), text in zip(params.items(), texts, strict=True)]
    return symbol, elide(", ".join(parts), PARAM_COLUMNS)


def op_text_of_any(node: Node) -> tuple[str, str]:
    """Write the op that made a node without its static arguments."""
    assert node.op is not None
    symbol = " ".join(node.op.symbol.split()) or node.op.name
    return ("(·)ⁿ" if symbol == "**" else symbol), ""


def _power_sign(params: Keywords) -> str:
    """Write the sign of a power: ``(·)³`` of a number as exponent, ``aᵇ`` of a node."""
    if not params:
        return "aᵇ"
    (exponent,) = (number(x, 4) for x in params.values())
    raised = exponent.translate(_SUPERSCRIPTS)
    return f"(·){raised}" if set(raised) <= set(_RAISED) else f"(·)^{exponent}"


_RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUPERSCRIPTS = str.maketrans(f"{MINUS}0123456789", _RAISED)


def partial(y: str, x: str) -> str:
    """Write a derivative by names: ``∂L/∂w``; a name that begins with a digit, as a number does, in quotes.

    Examples
    --------
    >>> partial("L", "w"), partial("L", "0.weight")
    ('∂L/∂w', '∂L/∂“0.weight”')
    """
    return "/".join(f"∂“{name}”" if name[:1].isdigit() else f"∂{name}" for name in (y, x))


def nondefault_params(node: Node) -> Keywords:
    """The static arguments of a node that differ from the defaults of its op."""
    defaults = {} if node.op is None else node.op.params
    return {k: v for k, v in node.params.items() if k not in defaults or defaults[k] != v}


def static_argument(name: str, value: Data) -> str:
    """Write a static argument as in Python, an index without its brackets.

    Examples
    --------
    >>> static_argument("key", (("slice", None, -1, None), 0)), static_argument("axis", (0, -1))
    (':−1, 0', '(0, −1)')
    """
    return _index(value) if name == "key" else _static(value)


def _static(value: Data) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_static, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, (int, float)):
        return number(value, 4)
    return "".join(map(printable, str(value)))


def _index(key: X) -> str:
    return ", ".join(map(_index_part, key)) if isinstance(key, tuple) else _static(key)


def _index_part(part: X) -> str:
    if isinstance(part, tuple) and len(part) == 4 and part[0] == "slice":
        start, stop, step = ("" if s is None else number(s, 4) for s in part[1:])
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if isinstance(part, tuple) and part[0] == "part":
        return f"part {part[1]}"
    return "·" if part == "array" else _static(part)
