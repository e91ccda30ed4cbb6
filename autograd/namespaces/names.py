"""``xp`` for names: the op table run on it writes its own formulas.

>>> from autograd.namespaces.names import Name, xp
>>> g, x = Name("g"), Name("x")
>>> str(g * xp.cos(x) / (1 + x * x))
'g·cos(x)/(1 + x·x)'
"""

from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Name", "Opaque", "heads", "source", "xp"]

# head -> (binding strength, how it is written); a function that is not here is written f(a, b).
_INFIX = {
    "or": (1, " or "), "and": (2, " and "), "==": (3, " = "), "!=": (3, " ≠ "), "<": (3, " < "), "<=": (3, " ≤ "),
    ">": (3, " > "), ">=": (3, " ≥ "), "+": (4, " + "), "-": (4, " − "), "*": (5, "·"), "/": (5, "/"), "@": (5, " @ "),
}  # fmt: skip
_ATOM = 9
_AS_OPERATOR = {
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
    "logical_and": "and", "logical_or": "or", "matmul": "@", "power": "**",
}  # fmt: skip
# These read the shape of some arguments, never their values.
_SHAPE_ONLY: dict[str, Callable[[int], bool]] = {
    "broadcast_like": lambda i: i == 1,
    "count": lambda i: True,
    "part": lambda i: i > 0,
    "put_back": lambda i: i == 1,
    "reshape_like": lambda i: i == 1,
    "scatter_like": lambda i: i == 1,
    "sum_like": lambda i: i == 1,
    "zeros_like": lambda i: True,
}


def _none(position: int) -> bool:
    return False


class Name:
    """An expression that knows how it is written: a symbol, or a head with arguments.

    It calculates nothing. ``1·x``, ``x + 0`` and ``−(−x)`` are written as `x`.
    """

    __slots__ = ("args", "head")
    __hash__: Any = object.__hash__

    def __init__(self, head: str, *args: Any) -> None:
        self.head = head
        self.args = args

    # A derivative may ask for the rank; two is what a formula sheet has in mind.
    ndim = 2
    shape = ("n", "m")

    def reads(self) -> set[str]:
        """The symbols whose values the expression reads (reading a shape is no use)."""
        if not self.args:
            return {self.head}
        skip = _SHAPE_ONLY.get(self.head, _none)
        return {s for i, a in enumerate(self.args) if isinstance(a, Name) and not skip(i) for s in a.reads()}

    def __add__(self, other: Any) -> Any:
        return self if _is(other, 0) else Name("+", self, other)

    def __radd__(self, other: Any) -> Any:
        return self if _is(other, 0) else Name("+", other, self)

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

    def __rmul__(self, other: Any) -> Any:
        return self if _is(other, 1) else Name("*", other, self)

    def __truediv__(self, other: Any) -> Any:
        if self.head == "neg":
            return -(self.args[0] / other)
        return self if _is(other, 1) else Name("/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return Name("/", other, self)

    def __matmul__(self, other: Any) -> Any:
        return Name("@", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return Name("@", other, self)

    def __rpow__(self, other: Any) -> Any:
        return Name("**", other, self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return Name("abs", self)

    def __pow__(self, other: Any) -> Any:
        return Name("**", self, other)

    def __neg__(self) -> Any:
        return self.args[0] if self.head == "neg" else Name("neg", self)

    def __lt__(self, other: Any) -> Any:
        return Name("<", self, other)

    def __le__(self, other: Any) -> Any:
        return Name("<=", self, other)

    def __gt__(self, other: Any) -> Any:
        return Name(">", self, other)

    def __ge__(self, other: Any) -> Any:
        return Name(">=", self, other)

    def __eq__(self, other: object) -> Any:
        return Name("==", self, other)

    def __ne__(self, other: object) -> Any:
        return Name("!=", self, other)

    __iter__ = None

    def __getitem__(self, key: Any) -> Any:
        return Name("getitem", self, key)

    def __bool__(self) -> bool:
        raise TypeError(
            f"a formula of an op may not branch on a value ({self}): it is also read on arrays, graphs and names; "
            "write xp.where(condition, a, b) (a static argument may decide a branch if it has a default)"
        )

    def __str__(self) -> str:
        return _write(self)[1]

    def __repr__(self) -> str:
        return f"Name({str(self)!r})"


class Opaque(Name):
    """A name whose rank is not to be read: a formula that asks for it has more than one text."""

    __slots__ = ()

    @property
    def ndim(self) -> int:  # type: ignore[override]
        """Refused."""
        raise TypeError("the rank of this name is not known")

    shape = ndim  # type: ignore[assignment]


def _is(x: Any, number: int) -> bool:
    return x.head == str(number) and not x.args if isinstance(x, Name) else isinstance(x, int | float) and x == number


def _write(x: Any) -> tuple[int, str]:
    """Binding strength and text of an expression."""
    if not isinstance(x, Name):
        return _ATOM, f"{x:g}" if isinstance(x, float) else str(x)
    if not x.args:
        return _ATOM, x.head

    def within(a: Any, strength: int) -> str:
        inner, text = _write(a)
        return text if inner >= strength else f"({text})"

    if x.head in _INFIX:
        strength, sign = _INFIX[x.head]
        # the right operand of −, / and @ needs brackets at equal strength
        left, right = x.args
        return strength, within(left, strength) + sign + within(right, strength + (x.head in "-/@"))
    match x.head, x.args:
        case "neg", (a,):
            return 4, "−" + within(a, 5)
        case "**", (a, int() as b) if b == 2:
            return 7, within(a, 8) + "²"
        case "**", (a, b):
            return 7, within(a, 8) + "^" + within(b, 7)
        case "abs", (a,):
            return _ATOM, f"|{_write(a)[1]}|"
        case "sqrt", (a,):
            return 7, "√" + within(a, 8)
        case "swapaxes", (a, int(), int()):
            return 8, within(a, 8) + "ᵀ"
        case "where", (c, a, b):
            return 0, f"{within(a, 1)} if {within(c, 1)} else {within(b, 0)}"
        case "getitem", (a, key):
            return 8, f"{within(a, 8)}[{key}]"
    return _ATOM, f"{x.head}({', '.join(_write(a)[1] for a in x.args if a is not None)})"


def heads(x: Any) -> set[str]:
    """The functions and operators in an expression."""
    return {x.head}.union(*map(heads, x.args)) if isinstance(x, Name) and x.args else set()


def source(x: Any) -> str:
    """An expression as Python source on the functions of a namespace."""
    if not isinstance(x, Name):
        if type(x) not in (int, float, bool) or x != x or abs(x) == float("inf"):
            raise ValueError(f"{x!r} has no source")
        return repr(x)
    if not x.args:
        return x.head
    args = [source(a) for a in x.args]
    if x.head in _INFIX or x.head == "**":
        return f"power({args[0]}, {args[1]})" if x.head == "**" else f"({args[0]} {x.head} {args[1]})"
    return f"(-{args[0]})" if x.head == "neg" else f"{x.head}({', '.join(args)})"


class _Names:
    """Any function, as a writer of its own call; static parameters are left out of the text."""

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
                args = tuple(args[0])
            return Name(_AS_OPERATOR.get(name, name), *_flat(args))

        return write


def _flat(args: tuple[Any, ...]) -> Iterator[Any]:
    for a in args:
        if isinstance(a, list):
            yield from a
        else:
            yield a


xp: Any = _Names()
