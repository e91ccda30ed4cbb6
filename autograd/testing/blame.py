"""Which op is to blame for a wrong derivative, and code that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.node import Node, toposort
from autograd.testing.reproducer import Code
from autograd.testing.slopes import AlongLine, slope
from autograd.typing import Data, Function, Keywords, Params

__all__ = ["Suspect", "argname_of", "as_function_of_floats", "display_name", "floats_of", "snippet", "suspect"]

MAX_NODES = 200  # nodes of a graph; ops repeat


class Suspect(NamedTuple):
    """An op whose own derivative is wrong, or missing, and the call of it that shows that."""

    op: Any
    argname: str
    args: tuple[Data, ...]
    params: Params
    missing: bool = False  # it has no derivative by an argument that moves it

    @property
    def name(self) -> str:
        """What messages call the op."""
        return display_name(self.op)


def display_name(op: Any) -> str:
    """What users call an op; one made of a lambda, by its symbol."""
    return str(op.name if op.name.isidentifier() else op.symbol)


def as_function_of_floats(
    op: Any, args: Sequence[Data], params: Params
) -> tuple[Callable[..., list[Data]], list[Data]]:
    """A call of an op as a function of the arguments that it can be differentiated by; and these."""
    places = floats_of(op, args)

    def f(*xs: Data) -> list[Data]:
        filled = list(args)
        for i, x in zip(places, xs, strict=True):
            filled[i] = x
        return [op(*filled, **params)]

    return f, [args[i] if isinstance(args[i], np.ndarray) else float(args[i]) for i in places]


def floats_of(op: Any, args: Sequence[Data]) -> list[int]:
    """The positions of the arguments by which a call can be differentiated."""
    return [i for i, a in enumerate(args) if op.vjp(i) is not None and np.asarray(a).dtype.kind == "f"]


def suspect(outputs: Sequence[Node], order: int, is_wrong: Function) -> Suspect | None:
    """The first recorded op whose own derivative is wrong at its recorded inputs; its smallest call that shows it."""
    nodes = [n for n in toposort(outputs) if n.op is not None]
    nodes.sort(key=lambda n: sum(np.size(p._data) for p in n.parents))
    for node in nodes[:MAX_NODES]:
        op: Any = node.op
        args: Sequence[Data] = [p._data for p in node.parents]

        def found_in(args: Sequence[Data], op: Any = op, node: Node = node) -> Data:
            try:
                return is_wrong(*as_function_of_floats(op, args, node.params), order)
            except (TypeError, ValueError, ArithmeticError) as error:
                return error

        found = found_in(args) if floats_of(op, args) else None
        if found is None:
            continue
        for smaller in _elements(node) if op.elementwise else ():
            less = found_in(smaller)
            if less is not None and not isinstance(less, Exception):
                args, found = smaller, less
                break
        which = floats_of(op, args)[0 if isinstance(found, Exception) else found.argument]
        return Suspect(op, argname_of(op, which), tuple(args), node.params)
    return next(filter(None, map(_missing, nodes[:MAX_NODES])), None)


def argname_of(op: Any, position: int) -> str:
    """The name of the argument at a position; that of all of them, where an op takes any number."""
    return str(op.argnames[min(position, len(op.argnames) - 1)])


def _missing(node: Node) -> Suspect | None:
    """An op with an argument that it has no derivative by, and whose values it depends on none the less."""
    op: Any = node.op
    args = tuple(p._data for p in node.parents)
    for i, a in enumerate(args):
        if op.vjp(i) is None and np.asarray(a).dtype.kind == "f":
            ones = np.ones(np.shape(a))

            def at(t: float, i: int = i, a: Data = a, ones: Data = ones) -> Data:
                y = op(*args[:i], a + t * ones, *args[i + 1 :], **node.params)
                return np.asarray(y, float)

            found = slope(AlongLine(at))
            if (np.abs(found.value) > 1e-6 + 10 * found.error).any() and not found.kink.any():
                return Suspect(op, argname_of(op, i), args, node.params, missing=True)
    return None


def _elements(node: Node) -> Data:
    """The calls of an elementwise op on numbers that its call on arrays consists of."""
    arrays = np.broadcast_arrays(*(p._data for p in node.parents))
    for place in list(np.ndindex(node.shape))[:1000]:
        yield [a[place].item() for a in arrays]


def snippet(blamed: Suspect | None, f: Function, args: tuple[Data, ...], order: int, options: Keywords) -> str:
    """Code that reproduces a failure: on the suspected op alone, else on the function itself."""
    code = Code()
    given = ({} if order == 2 else {"order": order}) | ({} if blamed else dict(options))
    more = "".join(f", {k}={v!r}" for k, v in given.items())
    if blamed is None:
        call = f"check_gradients({code.function(f)}, {code.expression(tuple(args))}{more})"
    else:
        call, xs = _called(code, blamed)
        names = ", ".join(xs)
        call = f"check_gradients(lambda {names}: {call}, ({', '.join(xs.values())},){more})"
    first = ["import numpy as np", "from autograd.testing import check_gradients"]
    imports = [line for line in code.preamble if line.startswith(("import ", "from ")) and line not in first]
    others = [line + "\n" * ("\n" in line) for line in code.preamble if line not in first + imports]
    return "\n".join([*first, *imports, "", *others, call])


def _called(code: Code, blamed: Suspect) -> tuple[str, dict[str, str]]:
    """A call of an op as code, with names for its floats; and the source of these."""
    op = blamed.op
    name = code.function(op, op.__name__ if op.__name__.isidentifier() else "op")
    xs: dict[str, str] = {}
    written = []
    for i, a in enumerate(blamed.args):
        if np.asarray(a).dtype.kind == "f" and (op.vjp(i) is not None or blamed.missing):
            label = op.argnames[i] if i < len(op.argnames) and not op.variadic else f"x{i}"
            label = code.free_name(label, "an argument")
            xs[label] = code.expression(a if isinstance(a, np.ndarray) else float(a))
            written.append(label)
        else:
            written.append(code.expression(a))
    static = [f"{k}={code.expression(v)}" for k, v in blamed.params.items()]
    return f"{name}({', '.join([*written, *static])})", xs
