"""``xp`` for names: the op table run on it writes its own formulas.

>>> from autograd.namespaces.names import Name, xp
>>> g, x = Name("g"), Name("x")
>>> str(g * xp.cos(x) / (1 + x * x))
'g·cos(x)/(1 + x·x)'
"""

import math
import re
from collections.abc import Callable, Container, Iterator, Mapping
from keyword import iskeyword
from typing import Any, NamedTuple

from autograd.namespaces.arrays import broadcast_axes
from autograd.namespaces.symbols import ATOM, latex_number, latex_symbol

__all__ = [
    "ATOM", "LATEX", "NO_FUNCTIONS", "SUM", "TEXT", "Name", "Notation", "Opaque", "Shaped", "heads", "is_static",
    "latex", "source", "static", "summed", "text", "written", "xp",
]  # fmt: skip

Shape = tuple[int, ...]
Words = Mapping[str, tuple[int, str]]  # what is written in the place of a symbol, and how strongly that binds


class Notation(NamedTuple):
    """How expressions are written: for each head its binding strength, its form, and what each argument must bind.

    A head without a form is written as a function. A sum that undoes a broadcast is written by what is summed, as that
    is to be bound, its shape, and the shape that the sum has.
    """

    forms: Mapping[str, tuple[int, str, tuple[int, ...]]]
    function: Callable[[str, str], str]
    brackets: str
    number: Callable[[float], str]
    word: Callable[[str], str]
    sum: Callable[[Callable[[int], str], Shape, Shape], str]


_AS_OPERATOR = {
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
    "logical_and": "and", "logical_or": "or", "matmul": "@", "power": "**",
}  # fmt: skip
SUM = "Σ over"  # what undoes a broadcast
_OPERATORS = frozenset({"or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "@"})


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
)  # fmt: skip

# Which arguments these read the shape of, and never the values.
_SHAPE_ONLY: Mapping[str, range] = {
    **dict.fromkeys(("count", "units", "zeros_like"), range(1)),
    **dict.fromkeys(("broadcast_like", "put_back", "reshape_like", "scatter_like", "sum_like"), range(1, 2)),
}


def _binary(head: str) -> Callable[[Any, Any], Any]:
    return lambda a, b: Name(head, a, b)


def _reflected(head: str, neutral: int | None = None) -> Callable[[Any, Any], Any]:
    return lambda b, a: b if neutral is not None and _is(a, neutral) else Name(head, a, b)


class Name:
    """An expression that knows how it is written: a symbol, or a head with arguments.

    It calculates nothing. ``1·x``, ``x¹``, ``x + 0`` and ``−(−x)`` are written as `x`, ``x⁰`` as 1.
    """

    __slots__ = ("args", "head")
    __hash__: Any = object.__hash__

    def __init__(self, head: str, *args: Any) -> None:
        self.head = head
        self.args = args

    # A derivative may ask for the rank; two is what a formula sheet has in mind.
    ndim = 2
    shape = ("n", "m")

    @property
    def size(self) -> Any:
        """The number of elements."""
        return Name("count", self)

    def reads(self) -> set[str]:
        """The symbols whose values the expression reads (reading a shape is no use)."""
        if not self.args:
            return {self.head}
        skip = _SHAPE_ONLY.get(self.head, ())
        return {s for i, a in enumerate(self.args) if isinstance(a, Name) and i not in skip for s in a.reads()}

    def __add__(self, other: Any) -> Any:
        return self if _is(other, 0) else Name("+", self, other)

    def __sub__(self, other: Any) -> Any:
        return self if _is(other, 0) else Name("-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return -self if _is(other, 0) else Name("-", other, self)

    def __mul__(self, other: Any) -> Any:
        if _is(self, 1) or _is(other, 1):
            return other if _is(self, 1) else self
        if self.head == "neg":
            return -(self.args[0] * other)
        return -(self * other.args[0]) if isinstance(other, Name) and other.head == "neg" else Name("*", self, other)

    def __truediv__(self, other: Any) -> Any:
        if self.head == "neg":
            return -(self.args[0] / other)
        return self if _is(other, 1) else Name("/", self, other)

    def __pos__(self) -> Any:
        return self

    def __pow__(self, other: Any) -> Any:
        return 1 if _is(other, 0) else self if _is(other, 1) else Name("**", self, other)

    def __neg__(self) -> Any:
        return self.args[0] if self.head == "neg" else Name("neg", self)

    def __abs__(self) -> Any:
        return Name("abs", self)

    def __getitem__(self, key: Any) -> Any:
        return Name("getitem", self, key)

    __matmul__, __rmatmul__ = _binary("@"), _reflected("@")
    __radd__, __rmul__ = _reflected("+", 0), _reflected("*", 1)
    __rtruediv__, __rpow__ = _reflected("/"), _reflected("**")
    __lt__, __le__, __gt__, __ge__ = _binary("<"), _binary("<="), _binary(">"), _binary(">=")
    __eq__, __ne__ = _binary("=="), _binary("!=")
    __iter__ = None

    def __bool__(self) -> bool:
        raise TypeError(
            f"a formula of an op may not branch on a value ({self}): it is also read on arrays, graphs and names; "
            "write xp.where(condition, a, b) (a static argument may decide a branch if it has a default)"
        )

    def __str__(self) -> str:
        return text(self)

    def __repr__(self) -> str:
        return f"Name({str(self)!r})"


class Opaque(Name):
    """A name whose rank is not to be read: a formula that asks for it has more than one text."""

    __slots__ = ()

    @property
    def ndim(self) -> int:  # type: ignore[override]
        """Refused."""
        raise TypeError("the rank of this name is not known")

    shape = size = ndim  # type: ignore[assignment]


class Shaped(Name):
    """The name of an array of known shape."""

    __slots__ = ("shape",)

    def __init__(self, head: str, shape: tuple[int, ...]) -> None:
        super().__init__(head)
        self.shape = shape  # type: ignore[assignment]

    @property
    def ndim(self) -> int:  # type: ignore[override]
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)  # type: ignore[arg-type]


def _is(x: Any, number: int) -> bool:
    return x.head == str(number) and not x.args if isinstance(x, Name) else isinstance(x, int | float) and x == number


def text(x: Any, words: Words | None = None, within: int = 0) -> str:
    """An expression as a line of text.

    Parameters
    ----------
    x : Name or number
        The expression.
    words : mapping of str to (int, str), optional
        What to write in the place of a symbol, with its binding strength (`ATOM`: never in brackets).
    within : int
        The binding strength of what it becomes a part of: an expression that binds less is put in brackets.

    Examples
    --------
    >>> x = Name("x")
    >>> text(x * xp.cos(x)), text(x * xp.cos(x), {"x": (4, "a + b")})
    ('x·cos(x)', '(a + b)·cos(a + b)')
    """
    return _within(within, *written(x, words or {}, TEXT), TEXT)


def latex(x: Any, words: Words | None = None, within: int = 0) -> str:
    r"""An expression as LaTeX, for math mode; parameters as for :func:`text`.

    Examples
    --------
    >>> x = Name("x")
    >>> print(latex(1 / (1 + xp.exp(-x))))
    \frac{1}{1 + e^{-x}}
    """
    return _within(within, *written(x, words or {}, LATEX), LATEX)


def _within(least: int, strength: int, expression: str, notation: Notation) -> str:
    return expression if strength >= least else notation.brackets.format(expression)


def written(x: Any, words: Words, notation: Notation) -> tuple[int, str]:
    """Binding strength and text of an expression in a notation, :data:`TEXT` or :data:`LATEX`."""
    if not isinstance(x, Name):
        if isinstance(x, tuple):
            inside = ", ".join(written(v, words, notation)[1] for v in x)
            return ATOM, f"({inside}{',' if len(x) == 1 else ''})"
        if isinstance(x, bool) or not isinstance(x, (int, float)):
            return ATOM, notation.word(str(x))
        number = notation.number(x)
        return (4 if x < 0 else 5 if " " in number else ATOM), number
    head, args = _rewritten(x)
    if is_static(x):
        if head == "=":
            return 0, f"{notation.word(args[0])}={written(args[1], words, notation)[1]}"
        return 0, ", ".join(_place(part, words, notation) for part in args)
    if not args:
        return words.get(head, (ATOM, head))
    if head == SUM:
        operand, shape, like = args
        return 3, notation.sum(lambda least: _within(least, *written(operand, words, notation), notation), shape, like)
    parts = [written(a, words, notation) for a in args if a is not None]
    if head not in notation.forms or len(parts) != len(notation.forms[head][2]):
        return ATOM, notation.function(head, ", ".join(t for _, t in parts))
    strength, form, least = notation.forms[head]
    return strength, form.format(*(_within(m, *p, notation) for m, p in zip(least, parts, strict=True)))


def summed(x: Any, shape: Shape, like: Shape) -> Any:
    """An expression of that shape summed down to the shape `like`, which was broadcast to it; itself if none was."""
    return x if shape == like else Name(SUM, x, shape, like)


_STATIC = frozenset({"=", "[]"})  # a static argument with its name; an index, which may hold arrays


def static(name: str, value: Any) -> Name:
    """A static argument of a call: ``axis=0``."""
    return Name("=", name, value)


def is_static(x: Any) -> bool:
    """Whether a part of a call is a static argument or an index."""
    return isinstance(x, Name) and x.head in _STATIC and bool(x.args)


def _is_cut(part: Any) -> bool:
    """Whether a part of an index is a slice between two of the bounds that an array holds."""
    return isinstance(part, tuple) and part[0] == "part"


def _places(key: tuple[Any, ...], arrays: tuple[Any, ...]) -> Iterator[Any]:
    """The parts of an index with its arrays, but for bounds, which are not written."""
    rest = iter(arrays)
    for part in key:
        given = next(rest) if part == "array" or _is_cut(part) else None
        yield given if part == "array" else part


def _place(part: Any, words: Words, notation: Notation) -> str:
    """A part of an index as it is written in Python."""
    if _is_cut(part):
        return notation.word(f"part {part[1]}")
    if isinstance(part, tuple) and len(part) == 4 and part[0] == "slice":
        start, stop, step = ("" if s is None else notation.number(s) for s in part[1:])
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return part if isinstance(part, str) else written(part, words, notation)[1]


def _rewritten(x: Name) -> tuple[str, tuple[Any, ...]]:
    """Head and arguments as mathematics writes them: NumPy needs detours for vectors that are rows or columns."""
    match x.head, x.args:
        case "**", (a, int() | float() as b) if b == 2:
            return "²", (a,)
        case "swapaxes", (a, int() as j, int() as k) if {j, k} == {-1, -2} or (
            _rank(a, 2) and {j % 2, k % 2} == {0, 1}
        ):
            return "ᵀ", (a,)
        case "squeeze", (Name(head="@", args=(a, Name(head="expand_dims", args=(v, -1)))), -1) if _rank(v, 1):
            return "@", (a, v)
        case "*", (Name(head="expand_dims", args=(a, -1)), Name(head="expand_dims", args=(b, -2))):
            return "⊗", (a, b)
        case "*", (Name(head="expand_dims", args=(a, -1)), b) if _rank(b, 1):
            return "⊗", (a, b)
    return x.head, x.args


def _rank(x: Any, ndim: int) -> bool:
    """Whether an array has that many axes, as far as is known: a symbol without a shape may have any."""
    return isinstance(x, Name) and not x.args and (not isinstance(x, Shaped) or x.ndim == ndim)


def is_word(text: str) -> bool:
    """Whether a text can stand in code as a name."""
    return text.isidentifier() and not iskeyword(text)


def heads(x: Any) -> set[str]:
    """The functions and operators in an expression."""
    return {x.head}.union(*map(heads, x.args)) if isinstance(x, Name) and x.args else set()


NO_FUNCTIONS = _OPERATORS | _STATIC | {"**", "neg"}  # heads that no namespace has to know


def source(x: Any, known: Container[str] | None = None) -> str:
    """An expression as Python source on the functions of a namespace: on the `known` ones, if they are given."""
    if not isinstance(x, Name):
        if type(x) not in (int, float, bool) or x != x or abs(x) == float("inf"):
            raise ValueError(f"{x!r} has no source")
        return repr(x)
    if is_static(x):
        raise ValueError(f"{x} has no source: it is no number")
    if x.head not in _OPERATORS and x.head != "**" and not is_word(x.head):
        raise ValueError(f"{x.head!r} has no source: it is no name")
    if not x.args:
        return x.head
    args = [source(a, known) for a in x.args]
    if x.head in _OPERATORS:
        return f"({args[0]} {x.head} {args[1]})"
    if x.head == "neg":
        return f"(-{args[0]})"
    name = "power" if x.head == "**" else x.head
    if known is not None and name not in known:
        raise ValueError(f"{x} has no source: there is no {name}")
    return f"{name}({', '.join(args)})"


class _Names:
    """Any function, as a writer of its own call; of static parameters given by name, an axis and what stays of it."""

    def sigmoid(self, x: Any) -> Any:
        """Written out, as a formula sheet has it."""
        return 1 / (1 + self.exp(-x))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        if not is_word(name):
            raise AttributeError(f"xp has no {name!r}: no function has such a name")

        def write(*args: Any, **params: Any) -> Any:
            if not args:
                raise TypeError(f"xp.{name}() without arguments: pass it what it is a function of")
            if name == "swapaxes":
                args += tuple(params.values())
            elif name == "sum_like" and all(isinstance(a, Shaped) for a in args):
                return summed(args[0], *(a.shape for a in args))
            elif name == "concatenate":
                args = (*args[0], *(static("axis", axis) for axis in args[1:]))
            elif isinstance(key := params.get("key"), tuple):
                first = len(args) - sum(part == "array" or _is_cut(part) for part in key)
                args = (*args[:first], Name("[]", *(_places(key, args[first:]) if key else ["()"])))
            if params.get("axis") is not None:
                args += (static("axis", params["axis"]),)
                if params.get("keepdims") is True:  # what is reduced over all axes meets anything without this too
                    args += (static("keepdims", True),)
            if name == "power" and isinstance(args[0], Name):
                return args[0] ** args[1]
            return Name(_AS_OPERATOR.get(name, name), *_flat(args))

        return write


def _flat(args: tuple[Any, ...]) -> Iterator[Any]:
    for a in args:
        if isinstance(a, list):
            yield from a
        else:
            yield a


xp: Any = _Names()
