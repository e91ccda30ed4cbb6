"""``xp`` for names: the op table run on it writes its own formulas.

>>> from autograd.namespaces.names import Name, xp
>>> g, x = Name("g"), Name("x")
>>> str(g * xp.cos(x) / (1 + x * x))
'g·cos(x)/(1 + x·x)'
"""

import math
from collections.abc import Callable, Container, Iterator
from inspect import signature
from typing import Any

from autograd.namespaces import windows
from autograd.namespaces.notations import SUM, Tree, is_cut, is_word, static, text
from autograd.typing import XP, Function, Shape, X

__all__ = ["HEADS", "Name", "Opaque", "Shaped", "summed", "xp"]

HEADS = {
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
    "logical_and": "and", "logical_or": "or", "matmul": "@", "power": "**", "stated": "where",
}  # fmt: skip
# The positions of the arguments of which a function reads the shape only, from the records of the op table.
shape_only: dict[str, Container[int]] = {}


def _binary(head: str) -> Callable[[X, X], X]:
    return lambda a, b: Name(head, a, b)


def _reflected(head: str, neutral: int | None = None) -> Callable[[X, X], X]:
    return lambda b, a: b if neutral is not None and _is(a, neutral) else Name(head, a, b)


class Name(Tree):
    """An expression that operators and functions build up.

    It calculates nothing. ``1·x``, ``x¹``, ``x + 0`` and ``−(−x)`` are written as `x`, ``x⁰`` as 1.
    """

    __slots__ = ()
    __hash__: Any = object.__hash__

    # A derivative may ask for the rank; two is what a formula sheet has in mind.
    ndim = 2
    shape = ("n", "m")

    @property
    def size(self) -> X:
        """The number of elements."""
        return Name("count", self)

    def reads(self) -> set[str]:
        """The symbols whose values the expression reads (reading a shape is no use)."""
        if not self.args:
            return {self.head}
        skip = shape_only.get(self.head, ())
        return {s for i, a in enumerate(self.args) if isinstance(a, Name) and i not in skip for s in a.reads()}

    def __add__(self, other: X) -> X:
        return self if _is(other, 0) else Name("+", self, other)

    def __sub__(self, other: X) -> X:
        return self if _is(other, 0) else Name("-", self, other)

    def __rsub__(self, other: X) -> X:
        return -self if _is(other, 0) else Name("-", other, self)

    def __mul__(self, other: X) -> X:
        if _is(self, 1) or _is(other, 1):
            return other if _is(self, 1) else self
        if self.head == "neg":
            return -(self.args[0] * other)
        return -(self * other.args[0]) if isinstance(other, Name) and other.head == "neg" else Name("*", self, other)

    def __truediv__(self, other: X) -> X:
        if self.head == "neg":
            return -(self.args[0] / other)
        return self if _is(other, 1) else Name("/", self, other)

    def __pos__(self) -> X:
        return self

    def __pow__(self, other: X) -> X:
        return 1 if _is(other, 0) else self if _is(other, 1) else Name("**", self, other)

    def __neg__(self) -> X:
        return self.args[0] if self.head == "neg" else Name("neg", self)

    def __abs__(self) -> X:
        return Name("abs", self)

    def __getitem__(self, key: X) -> X:
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
    def rank(self) -> int:  # type: ignore[override]
        """The number of axes."""
        return len(self.shape)

    @property
    def ndim(self) -> int:  # type: ignore[override]
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)  # type: ignore[arg-type]


def _is(x: X, number: int) -> bool:
    return x.head == str(number) and not x.args if isinstance(x, Name) else isinstance(x, int | float) and x == number


def summed(x: X, shape: Shape, like: Shape) -> X:
    """An expression of that shape summed down to the shape `like`, which was broadcast to it; itself if none was."""
    return x if shape == like else Name(SUM, x, shape, like)


def _places(key: tuple[X, ...], arrays: tuple[X, ...]) -> Iterator[X]:
    """The parts of an index with its arrays; of bounds, those between which a part is, if they are known."""
    rest = iter(arrays)
    for part in key:
        given = next(rest) if part == "array" or is_cut(part) else None
        yield given if part == "array" else (*part, *_bounds(given, part[1])) if is_cut(part) else part


def _bounds(bounds: X, i: int) -> tuple[int, ...]:
    """The two numbers between which an array lies in the result of joining several, if their shapes are known."""
    if bounds.head != "bounds" or not all(isinstance(a, Shaped) for a in bounds.args[:-1]):
        return ()
    *arrays, axis = bounds.args
    sizes = [a.shape[axis.args[1]] for a in arrays]
    return sum(sizes[:i]), sum(sizes[: i + 1])


class _Names:
    """Any function, as a writer of its own call; of static parameters given by name, an axis and what stays of it.

    Functions of sliding windows have those that are not at their defaults.
    """

    def sigmoid(self, x: X) -> X:
        """Written out, as a formula sheet has it."""
        return 1 / (1 + self.exp(-x))

    def __getattr__(self, name: str) -> Function:
        if name.startswith("__"):
            raise AttributeError(name)
        if not is_word(name):
            raise AttributeError(f"xp has no {name!r}: no function has such a name")

        def write(*args: X, **params: X) -> X:
            if not args:
                raise TypeError(f"xp.{name}() without arguments: pass it what it is a function of")
            if name == "swapaxes":
                args += tuple(params.values())
            elif name == "sum_like" and all(isinstance(a, Shaped) for a in args):
                return summed(args[0], *(a.shape for a in args))
            elif name == "concatenate":
                args = (*args[0], *(static("axis", axis) for axis in args[1:]))
            elif isinstance(key := params.get("key"), tuple):
                first = len(args) - sum(part == "array" or is_cut(part) for part in key)
                args = (*args[:first], Name("[]", *(_places(key, args[first:]) if key else ["()"])))
            if params.get("axis") is not None:
                args += (static("axis", params["axis"]),)
                if params.get("keepdims") is True:  # what is reduced over all axes meets anything without this too
                    args += (static("keepdims", True),)
            if name in windows.__all__:
                args += tuple(static(key, x) for key, x in params.items() if _is_worth_words(name, key, x))
            if name == "power" and isinstance(args[0], Name):
                return args[0] ** args[1]
            return Name(HEADS.get(name, name), *_flat(args))

        return write


def _is_worth_words(name: str, key: str, x: X) -> bool:
    """Whether a static parameter of a function of windows is more than a name, and not at its default."""
    return not isinstance(x, Name) and x != signature(getattr(windows, name)).parameters[key].default


def _flat(args: tuple[X, ...]) -> Iterator[X]:
    for a in args:
        if isinstance(a, list):
            yield from a
        else:
            yield a


xp: XP = _Names()
