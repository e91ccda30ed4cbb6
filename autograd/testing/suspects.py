"""Which op is to blame for a wrong derivative, and code that shows it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.node import Node, toposort

__all__ = ["Suspect", "call_source", "snippet", "source", "suspect"]

LOOKED_AT = 200  # nodes of a graph; ops repeat


class Suspect(NamedTuple):
    """An op whose own derivative is wrong, and the call of it that shows that."""

    op: Any
    argname: str
    args: tuple[Any, ...]
    params: Mapping[str, Any]


def suspect(outputs: Sequence[Node], order: int, is_wrong: Callable[..., Any]) -> Suspect | None:
    """The first recorded op whose own derivative is wrong at its recorded inputs; its smallest call that shows it."""
    nodes = [n for n in toposort(outputs) if n.op is not None and n.requires_grad]
    nodes.sort(key=lambda n: sum(np.size(p._data) for p in n.parents))
    for node in nodes[:LOOKED_AT]:
        op: Any = node.op
        args = [p._data for p in node.parents]
        places = [i for i, a in enumerate(args) if op.vjp(i) is not None and np.asarray(a).dtype.kind == "f"]

        def found_in(args: Sequence[Any], op: Any = op, node: Node = node, places: list[int] = places) -> Any:
            def f(*xs: Any) -> list[Any]:
                filled = list(args)
                for i, x in zip(places, xs, strict=True):
                    filled[i] = x
                return [op(*filled, **node.params)]

            xs = [args[i] if isinstance(args[i], np.ndarray) else float(args[i]) for i in places]
            try:
                return is_wrong(f, xs, order)
            except (TypeError, ValueError, ArithmeticError) as error:
                return error

        found = found_in(args)
        if found is None:
            continue
        for smaller in _elements(node) if op.elementwise else ():
            less = found_in(smaller)
            if less is not None and not isinstance(less, Exception):
                args, found = smaller, less
                break
        which = 0 if isinstance(found, Exception) else found.argument
        return Suspect(op, op.argnames[min(places[which], len(op.argnames) - 1)], tuple(args), node.params)
    return None


def _elements(node: Node) -> Any:
    """The calls of an elementwise op on numbers that its call on arrays consists of."""
    arrays = np.broadcast_arrays(*(p._data for p in node.parents))
    for place in list(np.ndindex(node.shape))[:1000]:
        yield [a[place].item() for a in arrays]


def snippet(blamed: Suspect | None, f: Callable[..., Any], args: tuple[Any, ...], found: Any) -> str:
    """Code that reproduces a failure: on the suspected op alone, else on the function itself."""
    lines = ["import numpy as np", "from autograd.testing import check_gradients", ""]
    options = "" if found.order == 2 else f", order={found.order}"
    if blamed is None:
        name, how = _imported(f)
        given = [source(a) for a in args]
        call = f"check_gradients({name}, ({', '.join(given)},){options})"
    else:
        name, how = _imported(blamed.op)
        call, xs = call_source(name, blamed.op, blamed.args, blamed.params)
        names = ", ".join(xs)
        call = f"check_gradients(lambda {names}: {call}, ({', '.join(xs.values())},){options})"
    return "\n".join([*lines, *how, call])


def call_source(name: str, op: Any, args: Sequence[Any], params: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """A call of an op as code, with names for its floats; and the source of these."""
    xs: dict[str, str] = {}
    written = []
    for i, a in enumerate(args):
        if op.vjp(i) is not None and np.asarray(a).dtype.kind == "f":
            label = op.argnames[i] if i < len(op.argnames) and not op.variadic else f"x{i}"
            xs[label] = source(float(a) if not isinstance(a, np.ndarray) else a)
            written.append(label)
        else:
            written.append(source(a))
    static = [f"{k}={v!r}" for k, v in params.items()]
    return f"{name}({', '.join([*written, *static])})", xs


def source(x: Any) -> str:
    """A number, an array or a container of such as code that makes it, to the last digit."""
    if isinstance(x, Node):
        return f"{type(x).__name__}({source(x._data)})"
    if isinstance(x, np.ndarray):
        dtype = "" if x.dtype in (np.dtype(float), np.dtype(int), np.dtype(bool)) and x.size else f", np.{x.dtype}"
        shaped = f".reshape({x.shape})" if 0 in x.shape else ""
        return f"np.array({x.tolist()!r}{dtype}){shaped}".replace("nan", "np.nan").replace("inf", "np.inf")
    if isinstance(x, np.generic):
        return source(x.item())
    if isinstance(x, dict):
        return "{" + ", ".join(f"{k!r}: {source(v)}" for k, v in x.items()) + "}"
    if isinstance(x, (list, tuple)):
        inner = ", ".join(map(source, x))
        if isinstance(x, list):
            return f"[{inner}]"
        return f"{type(x).__name__}({inner})" if hasattr(x, "_fields") else f"({inner}{',' * (len(x) == 1)})"
    if isinstance(x, float) and not np.isfinite(x):
        return f"float({str(x)!r})"
    return repr(x)


def _imported(f: Any) -> tuple[str, list[str]]:
    """A function's name, and the line that imports it; where it cannot be imported, its text or a hint."""
    module, name = getattr(f, "__module__", None), getattr(f, "__qualname__", "")
    if module and module != "__main__" and name.isidentifier():
        return name, [f"from {module} import {name}"]
    if name.isidentifier():
        return name, []
    plain = getattr(f, "__name__", "f")
    plain = plain if plain.isidentifier() else "f"
    where = ""
    try:
        code = inspect.unwrap(f).__code__
        where = f", defined at {code.co_filename}:{code.co_firstlineno}"
    except AttributeError:
        pass
    return plain, [f"# {plain} is your own function{where}"]
