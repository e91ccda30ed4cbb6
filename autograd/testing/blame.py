"""Find the op to blame for a wrong derivative, and write code that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from autograd.engine.node import Node, toposort
from autograd.testing.reproducer import Code
from autograd.testing.slopes import AlongLine, slope
from autograd.typing import Data, Function, Keywords, Params, X

__all__ = ["Suspect", "argname_of", "as_function_of_floats", "display_name", "floats_of", "snippet", "suspect"]

MAX_NODES = 200  # so many nodes of a graph are examined, because ops repeat


class Suspect(NamedTuple):
    """An op whose own derivative is wrong or missing, and a call of it that shows this."""

    op: X
    argname: str
    args: tuple[Data, ...]
    params: Params
    missing: bool = False  # whether it lacks a derivative by an argument that moves it

    @property
    def name(self) -> str:
        """The name of the op in messages."""
        return display_name(self.op)


def display_name(op: X) -> str:
    """The name of an op for users; the symbol of an op made of a lambda."""
    return str(op.name if op.name.isidentifier() else op.symbol)


def as_function_of_floats(op: X, args: Sequence[Data], params: Params) -> tuple[Callable[..., list[Data]], list[Data]]:
    """Turn a call of an op into a function of its differentiable arguments, and return these too."""
    positions = floats_of(op, args)

    def f(*xs: Data) -> list[Data]:
        all_args = list(args)
        for i, x in zip(positions, xs, strict=True):
            all_args[i] = x
        return [op(*all_args, **params)]

    return f, [args[i] if isinstance(args[i], np.ndarray) else float(args[i]) for i in positions]


def floats_of(op: X, args: Sequence[Data]) -> list[int]:
    """The positions of the arguments by which a call can be differentiated."""
    return [i for i, a in enumerate(args) if op.vjp(i) is not None and np.asarray(a).dtype.kind == "f"]


def suspect(outputs: Sequence[Node], order: int, is_wrong: Function) -> Suspect | None:
    """Find the first recorded op whose own derivative is wrong at its recorded inputs, in its smallest such call."""
    nodes = [n for n in toposort(outputs) if n.op is not None]
    nodes.sort(key=lambda n: sum(np.size(p._data) for p in n.parents))
    for node in nodes[:MAX_NODES]:
        op: X = node.op
        args: Sequence[Data] = [p._data for p in node.parents]

        def fault_in(args: Sequence[Data], op: X = op, node: Node = node) -> Data:
            try:
                return is_wrong(*as_function_of_floats(op, args, node.params), order)
            except (TypeError, ValueError, ArithmeticError) as error:
                return error

        fault = fault_in(args) if floats_of(op, args) else None
        if fault is None:
            continue
        for smaller in _elements(node) if op.elementwise else ():
            other = fault_in(smaller)
            if other is not None and not isinstance(other, Exception):
                args, fault = smaller, other
                break
        which = floats_of(op, args)[0 if isinstance(fault, Exception) else fault.argument]
        return Suspect(op, argname_of(op, which), tuple(args), node.params)
    return next(filter(None, map(_missing, nodes[:MAX_NODES])), None)


def argname_of(op: X, position: int) -> str:
    """The name of the argument at a position; an op that takes any number of arguments has one name for them."""
    return str(op.argnames[min(position, len(op.argnames) - 1)])


def _missing(node: Node) -> Suspect | None:
    """Blame an op that has no derivative by an argument although its result depends on it."""
    op: X = node.op
    args = tuple(p._data for p in node.parents)
    for i, a in enumerate(args):
        if op.vjp(i) is None and np.asarray(a).dtype.kind == "f":
            ones = np.ones(np.shape(a))

            def at(t: float, i: int = i, a: Data = a, ones: Data = ones) -> Data:
                y = op(*args[:i], a + t * ones, *args[i + 1 :], **node.params)
                return np.asarray(y, float)

            s = slope(AlongLine(at))
            if (np.abs(s.value) > 1e-6 + 10 * s.error).any() and not s.kink.any():
                return Suspect(op, argname_of(op, i), args, node.params, missing=True)
    return None


def _elements(node: Node) -> Data:
    """Yield the calls on numbers that make up an elementwise op's call on arrays."""
    arrays = np.broadcast_arrays(*(p._data for p in node.parents))
    for index in list(np.ndindex(node.shape))[:1000]:
        yield [a[index].item() for a in arrays]


def snippet(blamed: Suspect | None, f: Function, args: tuple[Data, ...], order: int, options: Keywords) -> str:
    """Write code that reproduces a failure: on the suspected op alone, else on the function itself."""
    code = Code()
    passed = ({} if order == 2 else {"order": order}) | ({} if blamed else dict(options))
    more = "".join(f", {k}={v!r}" for k, v in passed.items())
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
    """Write a call of an op with names for its floats, and the code of each of these."""
    op = blamed.op
    name = code.function(op, op.__name__ if op.__name__.isidentifier() else "op")
    xs: dict[str, str] = {}
    texts = []
    for i, a in enumerate(blamed.args):
        if np.asarray(a).dtype.kind == "f" and (op.vjp(i) is not None or blamed.missing):
            label = op.argnames[i] if i < len(op.argnames) and not op.variadic else f"x{i}"
            label = code.free_name(label, "an argument")
            xs[label] = code.expression(a if isinstance(a, np.ndarray) else float(a))
            texts.append(label)
        else:
            texts.append(code.expression(a))
    static = [f"{k}={code.expression(v)}" for k, v in blamed.params.items()]
    return f"{name}({', '.join([*texts, *static])})", xs
