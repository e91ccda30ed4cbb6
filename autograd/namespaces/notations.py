"""How expressions are written: one writer, and a table for each notation.

:data:`TEXT` and :data:`LATEX` are for people. :data:`PYTHON` and :data:`JAVASCRIPT` are for machines, and for numbers:
they keep the order of every operation, so that what is computed agrees with the formula to the bit.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from keyword import iskeyword
from math import isfinite
from typing import Any, NamedTuple

from autograd.namespaces.arrays import broadcast_axes
from autograd.namespaces.symbols import ATOM, latex_number, latex_symbol
from autograd.typing import Shape, X

__all__ = [
    "ATOM", "JAVASCRIPT", "JAVASCRIPT_FUNCTIONS", "LATEX", "NO_FUNCTIONS", "NUMPY", "PYTHON", "SUM", "TEXT", "Notation",
    "Tree", "bracketed", "heads", "is_cut", "is_static", "is_word", "latex", "source", "static", "text", "written",
]  # fmt: skip

Words = Mapping[str, tuple[int, str]]  # what is written in the place of a symbol, and how strongly that binds
Forms = Mapping[str, tuple[int, str, tuple[int, ...]]]


class Tree:
    """An expression: a symbol, or a head with arguments."""

    __slots__ = ("args", "head")

    rank: int | None = None  # the number of axes, of a symbol for which it is known
    is_condition = False  # whether a symbol is known to be true or false
    is_code = False  # whether a symbol is code already

    def __init__(self, head: str, *args: X) -> None:
        self.head = head
        self.args = args


class Notation(NamedTuple):
    """How expressions are written: for each head its binding strength, its form, and what each argument must bind.

    A head without a form is written as a function. A sum that undoes a broadcast is written by what is summed, as that
    is to be bound, its shape, and the shape that the sum has.
    """

    forms: Forms
    function: Callable[[str, str], str]
    brackets: str
    number: Callable[[float], str]
    word: Callable[[str], str]  # what is neither a number nor an expression
    sum: Callable[[Callable[[int], str], Shape, Shape], str]
    symbol: Callable[[str], str]
    exact: bool  # for a machine: numbers only, and nothing rearranged


SUM = "Σ over"  # what undoes a broadcast
_OPERATORS = frozenset({"or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "@"})
_STATIC = frozenset({"=", "[]"})  # a static argument with its name; an index, which may hold arrays
NO_FUNCTIONS = _OPERATORS | _STATIC | {"**", "neg"}  # heads that no namespace has to know


def is_word(text: str) -> bool:
    """Whether a text can stand in code as a name."""
    return text.isidentifier() and not iskeyword(text)


def _number(x: float) -> str:
    return (str(x) if isinstance(x, int) else f"{x:g}").replace("-", "−")


def _sum(operand: Callable[[int], str], shape: Shape, like: Shape) -> str:
    axes = broadcast_axes(shape, like)
    if len(axes) == len(shape):
        over = "all"
    elif len(shape) == 2:
        over = "columns" if axes == (1,) else "rows"
    else:
        over = f"{'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}"
    keeps = axes[-1] >= len(shape) - len(like)  # an axis of length 1
    return f"Σ over {over} of {operand(5)}" + (f", as {like}" if keeps else "")


def _latex_sum(operand: Callable[[int], str], shape: Shape, like: Shape) -> str:
    r"""Indices from 1 on, as in mathematics; of an axis that stays with length 1, the index is a list of one."""
    inside = operand(ATOM)
    taken = re.sub(r"\\text\{[^}]*\}|\\[A-Za-z]+", "", inside)
    letters = iter([c for c in "ijklmnpqrstuvw" if c not in taken] + [f"i_{{{k}}}" for k in range(64)])
    places, signs = [":"] * len(shape), ""
    for axis in broadcast_axes(shape, like):
        letter = next(letters)
        signs += rf"\sum_{{{letter}=1}}^{{{shape[axis]}}} "
        places[axis] = f"[{letter}]" if axis >= len(shape) - len(like) else letter
    return f"{signs}{inside}_{{{','.join(places)}}}"


def _mathematical(head: str, args: tuple[X, ...]) -> tuple[str, tuple[X, ...]]:
    """What mathematics writes: NumPy needs detours for vectors that are rows or columns."""
    match head, args:
        case "**", (a, int() | float() as b) if b == 2:
            return "²", (a,)
        case "swapaxes", (a, int() as j, int() as k) if {j, k} == {-1, -2} or (
            _has_rank(a, 2) and {j % 2, k % 2} == {0, 1}
        ):
            return "ᵀ", (a,)
        case "squeeze", (Tree(head="@", args=(a, Tree(head="expand_dims", args=(v, -1)))), -1) if _has_rank(v, 1):
            return "@", (a, v)
        case "*", (Tree(head="expand_dims", args=(a, -1)), Tree(head="expand_dims", args=(b, -2))):
            return "⊗", (a, b)
        case "*", (Tree(head="expand_dims", args=(a, -1)), b) if _has_rank(b, 1):
            return "⊗", (a, b)
    return head, args if head in _STATIC else tuple(a for a in args if a is not None)


def _has_rank(x: X, rank: int) -> bool:
    """Whether an array has that many axes, as far as is known."""
    return isinstance(x, Tree) and not x.args and x.rank in (None, rank)


_UPRIGHT = ("arctan", "cos", "cosh", "log", "sin", "sinh", "tan", "tanh")

TEXT = Notation(
    {
        "where": (0, "{1} if {0} else {2}", (1, 1, 0)), "broadcast_like": (0, "{} spread over {}", (5, 8)),
        "or": (1, "{} or {}", (1, 1)), "and": (2, "{} and {}", (2, 2)), "logical_not": (2, "not {}", (3,)),
        "==": (3, "{} = {}", (4, 4)), "!=": (3, "{} ≠ {}", (4, 4)), "<": (3, "{} < {}", (4, 4)),
        "<=": (3, "{} ≤ {}", (4, 4)), ">": (3, "{} > {}", (4, 4)), ">=": (3, "{} ≥ {}", (4, 4)),
        "+": (4, "{} + {}", (4, 4)), "-": (4, "{} − {}", (4, 5)), "neg": (4, "−{}", (5,)),
        "*": (5, "{}·{}", (5, 5)), "/": (5, "{}/{}", (5, 6)), "@": (5, "{} @ {}", (5, 6)), "⊗": (5, "{} ⊗ {}", (5, 6)),
        "**": (7, "{}^{}", (8, 7)), "²": (7, "{}²", (8,)), "sqrt": (7, "√{}", (8,)),
        "ᵀ": (8, "{}ᵀ", (8,)), "getitem": (8, "{}[{}]", (8, 0)), "abs": (ATOM, "|{}|", (0,)),
    },
    lambda name, args: f"{name}({args})",
    "({})",
    _number,
    str,
    _sum,
    str,
    False,
)  # fmt: skip
LATEX = Notation(
    {
        "where": (0, r"\begin{{cases}} {1} & {0} \\ {2} & \text{{else}} \end{{cases}}", (0, 0, 0)),
        "broadcast_like": (0, r"{} \text{{ spread over }} {}", (5, 8)),
        "or": (1, r"{} \lor {}", (1, 1)), "and": (2, r"{} \land {}", (2, 2)), "logical_not": (2, r"\lnot {}", (3,)),
        "==": (3, "{} = {}", (4, 4)), "!=": (3, r"{} \ne {}", (4, 4)), "<": (3, "{} < {}", (4, 4)),
        "<=": (3, r"{} \le {}", (4, 4)), ">": (3, "{} > {}", (4, 4)), ">=": (3, r"{} \ge {}", (4, 4)),
        "+": (4, "{} + {}", (4, 4)), "-": (4, "{} - {}", (4, 5)), "neg": (4, "-{}", (5,)),
        "*": (5, r"{} \cdot {}", (5, 5)), "/": (6, r"\frac{{{}}}{{{}}}", (0, 0)), "@": (5, r"{} \, {}", (5, 6)),
        "⊗": (5, r"{} \otimes {}", (5, 6)),
        "**": (7, "{}^{{{}}}", (8, 0)), "²": (7, "{}^{{2}}", (8,)), "sqrt": (8, r"\sqrt{{{}}}", (0,)),
        "exp": (7, "e^{{{}}}", (0,)), "ᵀ": (7, r"{}^{{\top}}", (8,)), "getitem": (8, r"{}_{{[{}]}}", (ATOM, 0)),
        "abs": (ATOM, r"\left|{}\right|", (0,)),
        **{f: (8, rf"\{f}\left({{}}\right)", (0,)) for f in _UPRIGHT},
    },
    lambda name, args: rf"{latex_symbol(name, 'operatorname')}\left({args}\right)",
    r"\left({}\right)",
    latex_number,
    lambda word: rf"\text{{{word}}}" if word.isidentifier() and "_" not in word else latex_symbol(word),
    _latex_sum,
    str,
    False,
)  # fmt: skip


# For a machine an operator binds its right operand more strongly, since a + (b + c) is not (a + b) + c.
_INFIX: Forms = {
    **{sign: (3, f"{{}} {sign} {{}}", (4, 4)) for sign in ("==", "!=", "<", "<=", ">", ">=")},
    "+": (4, "{} + {}", (4, 5)), "-": (4, "{} - {}", (4, 5)),
    "*": (5, "{} * {}", (5, 6)), "/": (5, "{} / {}", (5, 6)), "neg": (6, "-{}", (7,)),
}  # fmt: skip
_TRUTHS = {"==", "!=", "<", "<=", ">", ">=", "and", "or", "logical_not", "isfinite", "isinf", "isnan", "signbit"}


def _is_truth(x: X) -> bool:
    return isinstance(x, Tree) and (x.head in _TRUTHS or x.is_condition)


def _of_numbers(head: str, args: tuple[X, ...]) -> tuple[str, tuple[X, ...]]:
    """What code may say: of a condition that is a number that it is not 0, for nan is true in Python only."""
    if head in _STATIC or head == SUM:
        raise ValueError(f"{text(Tree(head, *args))} has no source: it is no number")
    conditions = {"and": 2, "or": 2, "logical_not": 1, "where": 1}.get(head, 0)
    asked = (a if _is_truth(a) else Tree("!=", a, 0) for a in args[:conditions])
    return "power" if head == "**" else head, (*asked, *args[conditions:])


def _machine(forms: Forms, number: Callable[[float], str], words: Mapping[str, str], function: X) -> Notation:
    def word(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text} has no source: it is no number")
        return words[text]

    def symbol(name: str) -> str:
        if not is_word(name):
            raise ValueError(f"{name!r} has no source: it is no name")
        return name

    return Notation(
        {**_INFIX, **forms}, lambda name, args: f"{function(symbol(name))}({args})", "({})", number, word, _sum, symbol,
        True,
    )  # fmt: skip


def _in_python(x: float) -> str:
    if type(x) not in (int, float) or not isfinite(x):
        raise ValueError(f"{x!r} has no source")
    return repr(x)


def _in_javascript(x: float) -> str:
    return repr(float(x)).replace("inf", "Infinity").replace("nan", "NaN")


# JavaScript's Math has the first under these names; the others are functions of its own.
_IN_MATH = {
    "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2",
    "arctanh": "atanh", "maximum": "max", "minimum": "min",
    **{f: f for f in ("abs", "cbrt", "ceil", "cos", "cosh", "exp", "expm1", "floor", "hypot", "log", "log10", "log1p")},
    **{f: f for f in ("log2", "sign", "sin", "sinh", "sqrt", "tan", "tanh", "trunc")},
}  # fmt: skip
JAVASCRIPT_FUNCTIONS = {
    "power": "(a, b) => a === 1 || (Math.abs(a) === 1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b)",
    "exp2": "x => Math.pow(2, x)",
    "mod": "(a, b) => { const r = a % b; return r !== 0 ? (r < 0) !== (b < 0) ? r + b : r : b < 0 ? -0 : 0; }",
    "floor_divide": "(a, b) => { if (b === 0) return a / b; const r = a % b, q = (a - r) / b"
    " - (r !== 0 && (r < 0) !== (b < 0) ? 1 : 0), f = Math.floor(q); return q - f > 0.5 ? f + 1 : f; }",
    "heaviside": "(x, h) => x > 0 ? 1 : x < 0 ? 0 : x === 0 ? h : NaN",
    "rint": "x => { const f = Math.floor(x), d = x - f; return d > 0.5 || (d === 0.5 && f % 2 !== 0) ? f + 1 : f; }",
    "isfinite": "x => Number.isFinite(x)",
    "isinf": "x => Math.abs(x) === Infinity",
    "isnan": "x => x !== x",
    "signbit": "x => x < 0 || Object.is(x, -0)",
    "logaddexp": "(a, b) => a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))",
    "logaddexp2": "(a, b) => a === b ? a + 1 : Math.max(a, b) + Math.log1p(Math.pow(2, -Math.abs(a - b))) / Math.LN2",
    # a series near 0, a continued fraction further out
    "erf": "x => { if (!(Math.abs(x) < 1.5)) return x > 0 ? 1 - xp.erfc(x) : xp.erfc(-x) - 1; let s = x, t = x;"
    " for (let n = 1; n < 60; n++) { t *= -x * x / n; s += t / (2 * n + 1); } return s * 2 / Math.sqrt(Math.PI); }",
    "erfc": "x => { if (Math.abs(x) < 1.5) return 1 - xp.erf(x); if (x < 0) return 2 - xp.erfc(-x); let f = 0;"
    " for (let n = 200; n > 0; n--) f = n / 2 / (x + f); return Math.exp(-x * x) / ((x + f) * Math.sqrt(Math.PI)); }",
}


def _javascript_function(name: str) -> str:
    if name not in _IN_MATH and name not in JAVASCRIPT_FUNCTIONS:
        raise ValueError(f"{name} has no source in JavaScript")
    return f"Math.{_IN_MATH[name]}" if name in _IN_MATH else f"xp.{name}"


PYTHON = _machine(
    {
        "where": (0, "{1} if {0} else {2}", (1, 1, 0)), "or": (1, "{} or {}", (1, 1)), "and": (2, "{} and {}", (2, 2)),
        "logical_not": (2, "not {}", (3,)), "@": (5, "{} @ {}", (5, 6)),
    },
    _in_python,
    {"True": "True", "False": "False"},
    lambda name: name,
)  # fmt: skip
# Of arrays, on which conditions are calculated like anything else.
NUMPY = _machine(
    {"or": (ATOM, "logical_or({}, {})", (0, 0)), "and": (ATOM, "logical_and({}, {})", (0, 0))},
    _in_python,
    {"True": "True", "False": "False"},
    lambda name: name,
)  # fmt: skip
JAVASCRIPT = _machine(
    {
        "where": (0, "{} ? {} : {}", (1, 1, 0)), "or": (1, "{} || {}", (1, 1)), "and": (2, "{} && {}", (2, 2)),
        "logical_not": (6, "!{}", (7,)), "fmod": (5, "{} % {}", (5, 6)),
    },
    _in_javascript,
    {"True": "true", "False": "false"},
    _javascript_function,
)  # fmt: skip


def text(x: X, words: Words | None = None, within: int = 0) -> str:
    """An expression as a line of text.

    Parameters
    ----------
    x : Tree or number
        The expression.
    words : mapping of str to (int, str), optional
        What to write in the place of a symbol, with its binding strength (`ATOM`: never in brackets).
    within : int
        The binding strength of what it becomes a part of: an expression that binds less is put in brackets.

    Examples
    --------
    >>> from autograd.namespaces.names import Name, xp
    >>> x = Name("x")
    >>> text(x * xp.cos(x)), text(x * xp.cos(x), {"x": (4, "a + b")})
    ('x·cos(x)', '(a + b)·cos(a + b)')
    """
    return bracketed(within, *written(x, words or {}, TEXT), TEXT)


def latex(x: X, words: Words | None = None, within: int = 0) -> str:
    r"""An expression as LaTeX, for math mode; parameters as for :func:`text`.

    Examples
    --------
    >>> from autograd.namespaces.names import Name, xp
    >>> x = Name("x")
    >>> print(latex(1 / (1 + xp.exp(-x))))
    \frac{1}{1 + e^{-x}}
    """
    return bracketed(within, *written(x, words or {}, LATEX), LATEX)


def source(x: X, notation: Notation = PYTHON, known: Container[str] | None = None) -> str:
    """An expression as code, which may stand anywhere as an operand; of the `known` functions only, if they are given.

    Raises
    ------
    ValueError
        If it has none.

    Examples
    --------
    >>> from autograd.namespaces.names import Name, xp
    >>> x = Name("x")
    >>> source(xp.where(x > 0, x**2, 0)), source(xp.where(x > 0, x**2, 0), JAVASCRIPT)
    ('(power(x, 2) if x > 0 else 0)', '(x > 0.0 ? xp.power(x, 2.0) : 0.0)')
    """
    for head in heads(x) - NO_FUNCTIONS:
        if known is not None and head not in known:
            raise ValueError(f"{text(x)} has no source: there is no {head}")
    return bracketed(ATOM, *written(x, {}, notation), notation)


def bracketed(least: int, strength: int, expression: str, notation: Notation) -> str:
    """An expression, in brackets if it binds less than that."""
    return expression if strength >= least else notation.brackets.format(expression)


def written(x: X, words: Words, notation: Notation) -> tuple[int, str]:
    """Binding strength and text of an expression in a notation."""
    if not isinstance(x, Tree):
        if isinstance(x, tuple) and not notation.exact:
            inside = ", ".join(written(v, words, notation)[1] for v in x)
            return ATOM, f"({inside}{',' if len(x) == 1 else ''})"
        if isinstance(x, bool) or not isinstance(x, (int, float)):
            return ATOM, notation.word(str(x))
        number = notation.number(x)
        return (4 if x < 0 else 5 if " " in number else ATOM), number
    if not x.args:
        if x.is_code:
            return ATOM, x.head
        return words[x.head] if x.head in words else (ATOM, notation.symbol(x.head))
    head, args = (_of_numbers if notation.exact else _mathematical)(x.head, x.args)
    if head == "=":
        return 0, f"{notation.word(args[0])}={written(args[1], words, notation)[1]}"
    if head == "[]":
        return 0, ", ".join(_place(part, words, notation) for part in args)
    if head == SUM:
        operand, shape, like = args
        return 3, notation.sum(
            lambda least: bracketed(least, *written(operand, words, notation), notation), shape, like
        )
    parts = [written(a, words, notation) for a in args]
    if head not in notation.forms or len(parts) != len(notation.forms[head][2]):
        return ATOM, notation.function(head, ", ".join(t for _, t in parts))
    strength, form, least = notation.forms[head]
    return strength, form.format(*(bracketed(m, *p, notation) for m, p in zip(least, parts, strict=True)))


def static(name: str, value: X) -> Tree:
    """A static argument of a call: ``axis=0``."""
    return Tree("=", name, value)


def is_static(x: X) -> bool:
    """Whether a part of a call is a static argument or an index."""
    return isinstance(x, Tree) and x.head in _STATIC and bool(x.args)


def is_cut(part: X) -> bool:
    """Whether a part of an index is a slice between two of the bounds that an array holds."""
    return isinstance(part, tuple) and part[0] == "part"


def _place(part: X, words: Words, notation: Notation) -> str:
    """A part of an index as it is written in Python."""
    if is_cut(part):
        return notation.word(f"part {part[1]}")
    if isinstance(part, tuple) and len(part) == 4 and part[0] == "slice":
        start, stop, step = ("" if s is None else s if isinstance(s, str) else notation.number(s) for s in part[1:])
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return part if isinstance(part, str) else written(part, words, notation)[1]


def heads(x: X) -> set[str]:
    """The functions and operators in an expression, but for a division by a number, which has no pole."""
    if not isinstance(x, Tree) or not x.args:
        return set()
    own = set() if x.head == "/" and isinstance(x.args[1], (int, float)) else {x.head}
    return own.union(*map(heads, x.args))
