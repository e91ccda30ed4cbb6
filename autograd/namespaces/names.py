"""``xp`` for names: the op table run on it writes its own formulas.

>>> from autograd.namespaces.names import Name, xp
>>> g, x = Name("g"), Name("x")
>>> str(g * xp.cos(x) / (1 + x * x))
'g·cos(x)/(1 + x·x)'
"""

import math
import re
import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, NamedTuple

__all__ = [
    "ATOM", "LATEX", "NO_FUNCTIONS", "TEXT", "Name", "Notation", "Opaque", "Shaped", "heads", "is_static", "latex",
    "latex_symbol", "source", "static", "text", "written", "xp",
]  # fmt: skip

ATOM = 9  # binds strongest: never in brackets
Words = Mapping[str, tuple[int, str]]  # what is written in the place of a symbol, and how strongly that binds


class Notation(NamedTuple):
    """How expressions are written: for each head its binding strength, its form, and what each argument must bind.

    A head without a form is written as a function.
    """

    forms: Mapping[str, tuple[int, str, tuple[int, ...]]]
    function: Callable[[str, str], str]
    brackets: str
    number: Callable[[float], str]
    word: Callable[[str], str]


_AS_OPERATOR = {
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
    "logical_and": "and", "logical_or": "or", "matmul": "@", "power": "**",
}  # fmt: skip
_OPERATORS = frozenset({"or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "@"})


def _number(x: float) -> str:
    return (str(x) if isinstance(x, int) else f"{x:g}").replace("-", "−")


def _latex_number(x: float) -> str:
    mantissa, e, exponent = (str(x) if isinstance(x, int) else f"{x:g}").replace("inf", r"\infty").partition("e")
    mantissa = r"\mathrm{nan}" if mantissa == "nan" else mantissa
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


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
        "exp": (7, "e^{{{}}}", (0,)), "ᵀ": (7, r"{}^{{\top}}", (8,)), "getitem": (8, r"{}_{{[{}]}}", (8, 0)),
        "abs": (ATOM, r"\left|{}\right|", (0,)),
        **{f: (8, rf"\{f}\left({{}}\right)", (0,)) for f in _UPRIGHT},
    },
    lambda name, args: rf"{latex_symbol(name, 'operatorname')}\left({args}\right)",
    r"\left({}\right)",
    _latex_number,
    lambda word: rf"\text{{{word}}}" if word.isidentifier() and "_" not in word else latex_symbol(word),
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
    parts = [written(a, words, notation) for a in args if a is not None]
    if head not in notation.forms or len(parts) != len(notation.forms[head][2]):
        return ATOM, notation.function(head, ", ".join(t for _, t in parts))
    strength, form, least = notation.forms[head]
    return strength, form.format(*(_within(m, *p, notation) for m, p in zip(least, parts, strict=True)))


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
        case "swapaxes", (a, int(), int()):
            return "ᵀ", (a,)
        case "squeeze", (Name(head="@", args=(a, Name(head="expand_dims", args=(v, -1)))), -1):
            return "@", (a, v)
        case "*", (Name(head="expand_dims", args=(a, -1)), b):
            return "⊗", (a, b.args[0] if b.head == "expand_dims" else b)
    return x.head, x.args


_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (FINAL )?(\w+)$")
_CAPITALS = {"GAMMA", "DELTA", "THETA", "LAMBDA", "XI", "PI", "SIGMA", "UPSILON", "PHI", "PSI", "OMEGA"}
_SIGNS = {c: rf"\{c}" for c in "{}$&#%_"} | {"\\": r"\backslash", "^": r"\wedge", "~": r"\sim"}


def latex_symbol(name: str, otherwise: str = "text") -> str:
    r"""A name in math mode: a letter stands for itself, digits behind it become an index, all else is text.

    Examples
    --------
    >>> print(latex_symbol("w12"), latex_symbol("σ"), latex_symbol("my loss"))
    w_{12} \sigma \text{my loss}
    """
    if letter := re.fullmatch(r"([^\W\d_])_?(\d*)", name):
        main, index = letter.groups()
        main = _greek(main) or (main if main.isascii() else rf"\text{{{main}}}")
        return f"{main}_{{{index}}}" if index else main
    signs = {c: _SIGNS.get(c) or _greek(c) for c in name}
    if otherwise == "text":  # some readers show a sign in it as it stands, so there it is left to math mode
        parts = (rf"}}{signs[c]}\text{{" if signs[c] else c for c in name)
    else:
        parts = (f"{signs[c]}{' ' * signs[c][1:].isalpha()}" if signs[c] else c for c in name)
    return rf"\{otherwise}{{{''.join(parts)}}}"


def _greek(letter: str) -> str:
    """TeX's command for a Greek letter; empty if it has none."""
    greek = _GREEK.match(unicodedata.name(letter, "").replace("LAMDA", "LAMBDA"))
    if not greek or greek[2] or greek[3] == "OMICRON" or (greek[1] == "CAPITAL" and greek[3] not in _CAPITALS):
        return ""
    return "\\" + (greek[3].lower() if greek[1] == "SMALL" else greek[3].title())


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
    if not x.args:
        return x.head
    if is_static(x):
        raise ValueError(f"{x} has no source: it is no number")
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
    """Any function, as a writer of its own call; of static parameters given by name, only an axis is written."""

    def sigmoid(self, x: Any) -> Any:
        """Written out, as a formula sheet has it."""
        return 1 / (1 + self.exp(-x))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def write(*args: Any, **params: Any) -> Any:
            if name == "swapaxes":
                args += tuple(params.values())
            elif name == "concatenate":
                args = (*args[0], *(static("axis", axis) for axis in args[1:]))
            elif isinstance(key := params.get("key"), tuple):
                first = len(args) - sum(part == "array" or _is_cut(part) for part in key)
                args = (*args[:first], Name("[]", *(_places(key, args[first:]) if key else ["()"])))
            if params.get("axis") is not None:
                args += (static("axis", params["axis"]),)
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
