"""Tracing: one call of a function on fresh variables, with which every transform begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import index
from typing import NamedTuple, cast

import numpy as np

from autograd.callers import Location, source_name
from autograd.engine.coercion import array, constant
from autograd.engine.derived import mark_one
from autograd.engine.gradients import gradients
from autograd.engine.libraries import library_of, namespace_of, numpy_dtype
from autograd.engine.modes import Mode, current_mode, run_in
from autograd.engine.node import Node
from autograd.engine.trace import Trace
from autograd.messages import describe
from autograd.ops.arithmetic import positive
from autograd.tensor import Tensor
from autograd.tracebacks import hosting
from autograd.transforms.containers import leaves, matched, rebuilt
from autograd.typing import F, Function, Keywords, Tree, X
from autograd.value import Value

__all__ = [
    "Argnums", "Call", "Function", "check_function", "differentiating", "is_nested", "is_transform", "match_cotangents",
    "pull_back", "trace", "trace_all",
]  # fmt: skip

Argnums = int | Sequence[int]


class Call(NamedTuple):
    """One call of a function on fresh variables, with its result."""

    name: str  # the transform's, for messages
    arguments: Tree  # the arguments to differentiate by, with variables in place of their leaves
    variables: list[Node]  # these variables
    output: Tree
    nested: bool  # the call is inside another transform or has nodes for arguments, so the results must be nodes
    taken: dict[Location, str]  # where, and by what, a value that depends on the variables left the graph

    def pull_back(self, outputs: list[Node], cotangents: list[Tree] | None, nested: bool) -> Tree:
        """Pull cotangents of the outputs (None: 1) back to the arguments, in containers like these."""
        gradients = pull_back(outputs, self.variables, cotangents, nested)
        return rebuilt(self.arguments, iter(gradients))

    def value(self) -> Tree:
        """The result of the function; plain data unless the call is nested."""
        if isinstance(self.output, Node):
            return self.output if self.nested else _plain(self.output)
        results = leaves(self.output)
        return rebuilt(self.output, iter(results) if self.nested else map(_plain, results))

    def node(self) -> Node:
        """The result of the function as one node; a plain number or array becomes a constant."""
        (y,) = self._as_nodes([self.output])
        if numpy_dtype(y._data).kind != "f":
            raise TypeError(
                f"{self.name}: the function returned {describe(y)}, a condition or an integer, which has no "
                "derivative; choose by a condition with autograd.where(condition, a, b)"
            )
        return y

    def nodes(self) -> list[Node]:
        """The leaves of the result as nodes; plain numbers and arrays become constants."""
        return self._as_nodes(leaves(self.output))

    def _as_nodes(self, results: list[Tree]) -> list[Node]:
        """Results as nodes. A plain one is a constant, unless a value that depends on the variables left the graph."""
        plain = [y for y in results if not isinstance(y, Node)]
        beside_nodes = len(plain) < len(results)
        if (plain and self.taken) or not (beside_nodes or (plain and all(map(_is_constant, plain)))):
            y = plain[0] if beside_nodes else self.output
            raise TypeError(
                f"{self.name}: the function returned {type(y).__name__}, not a node made from its argument; "
                f"{_advice(y, self.taken)}"
            )
        try:
            return [y if isinstance(y, Node) else constant(y) for y in results]
        except (TypeError, ValueError) as error:
            raise type(error)(f"{self.name}: what the function returned: {error}") from None


def _is_constant(y: Tree) -> bool:
    """Whether a result is a float or an array of floats, whose derivative is 0."""
    if (library := library_of(y)) is not None:
        return bool(library.is_float(y))
    return isinstance(y, float) or (isinstance(y, (np.ndarray, np.generic)) and y.dtype.kind == "f")


def check_function(name: str, f: object, argnums: X, argnum: X = None) -> Argnums:
    """Return `argnums`, or `argnum`, as Python's integers; raise unless it holds integers and `f` is a function."""
    if not callable(f):
        nodes = isinstance(f, Node) or (isinstance(f, (list, tuple)) and any(isinstance(y, Node) for y in f))
        recorded = "; the gradients of what is recorded are autograd.gradients(y, x)" * nodes
        raise TypeError(f"{name}: pass a function, not {type(f).__name__}{recorded}")
    if argnum is not None:
        if argnums != 0:
            raise TypeError(f"{name}: argnum is HIPS autograd's name of argnums; give one of them")
        argnums = argnum
    try:
        positions = tuple(map(index, argnums)) if isinstance(argnums, (tuple, list)) else index(argnums)
    except TypeError:
        positions = ()
    if positions == ():
        data = isinstance(argnums, (Node, np.ndarray, float, list, tuple)) or library_of(argnums) is not None
        called = f"; what {name} gives is called: {name}(f)(x)" * data
        raise TypeError(f"{name}: argnums must be an int or a tuple of ints, not {argnums!r}{called}")
    return positions


def differentiating(name: str, f: Function) -> Callable[[F], F]:
    """Make a function that a transform gives: errors out of `f` say who ran it, and `inspect` shows its arguments."""
    host = hosting(f"in the function that {name} differentiates")

    def decorate(function: F) -> F:
        made: X = host(function)
        made.__name__, made.__wrapped__ = name, f
        return cast(F, made)

    return decorate


def is_transform(f: object) -> bool:
    """Whether a function is one that a transform gave."""
    return str(getattr(f, "__module__", "")).startswith("autograd.transforms.")


def trace(name: str, f: Function, argnums: Argnums, args: tuple[Tree, ...], kwargs: Keywords) -> Call:
    """Call `f` with fresh variables in place of the arguments at `argnums`."""
    state = current_mode()
    outer = None if state is None else state.trace
    running = Trace(name, outer)
    nested = outer is not None
    single = isinstance(argnums, int)
    positions: X = (argnums,) if single else argnums
    n = len(args)
    for i in positions:
        if not -n <= i < n:
            raise ValueError(f"{name}: argnums={argnums}, but the function was called with {n} arguments")
    if len(positions) > 1 and len({i % n for i in positions}) < len(positions):
        raise ValueError(f"{name}: argnums={argnums} names an argument twice")
    inputs, arguments = list(args), []
    variables: list[Node] = []

    def on_variables() -> Tree:
        nonlocal nested
        for i in positions:
            x = args[i]
            if not isinstance(x, (tuple, list, dict)):
                inputs[i] = variable = Value(x) if type(x) is float else _variable(name, i, "", x)
                variables.append(variable)
                arguments.append(variable)
                nested = nested or isinstance(x, Node)
                continue
            fresh = [_variable(name, i, path, leaf) for path, leaf, _ in matched(x, x)]
            variables.extend(fresh)
            inputs[i] = rebuilt(x, iter(fresh))
            arguments.append(rebuilt(x, iter(fresh)))  # a copy that neither the function nor its caller can change
            nested = nested or any(isinstance(leaf, Node) for leaf in leaves(x))
        running.variables.update(variables)
        return f(*inputs, **kwargs)

    mode = Mode(trace=running) if state is None else state._replace(recording=True, trace=running)
    output = run_in(mode, on_variables)
    return Call(name, arguments[0] if single else tuple(arguments), variables, output, nested, running.taken)


def trace_all(name: str, f: Function, args: tuple[Tree, ...]) -> Call:
    """Call `f` with fresh variables in place of all its arguments."""
    check_function(name, f, 0)
    if not args:
        raise TypeError(f"{name}: give the function's arguments too; there is nothing to differentiate by")
    return trace(name, f, tuple(range(len(args))), args, {})


def _variable(name: str, i: int, path: str, x: Tree) -> Node:
    """Make a variable for a leaf of an argument; a node gets one too, so that nested derivatives do not mix."""
    if isinstance(x, Node):
        if x.requires_grad:
            fresh: Node = positive(x)
            mode = current_mode()
            if mode is None or mode.watch is None:  # a watch makes marks of its own
                mark_one(fresh)
            return fresh
        x = x._data
    try:
        if isinstance(x, (int, float, np.integer, np.floating)):
            return Value(x)
        if (library := library_of(x)) is not None:
            return Tensor(library.as_float(x) if numpy_dtype(x).kind in "iu" else x, requires_grad=True)
        whole = isinstance(x, np.ndarray) and x.dtype.kind in "iu"
        return Tensor(x, requires_grad=True, dtype=float if whole else None)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: args[{i}]{path}: {str(error).partition(': ')[2]}") from None


def pull_back(outputs: list[Node], inputs: list[Node], cotangents: list[Tree] | None, nested: bool) -> list[Tree]:
    """The gradients of outputs by inputs; if `nested` they are nodes, recorded whatever the mode."""
    state = current_mode()
    results: list[Tree]
    if not nested or state is None or state.recording:
        results = gradients(outputs, inputs, cotangents, create_graph=nested)
    else:
        recording = state._replace(recording=True)
        results = run_in(recording, gradients, outputs, inputs, cotangents, create_graph=True)
    return results


def is_nested(cotangents: list[Tree]) -> bool:
    """Whether a transform is at work, or a cotangent is a node: the results must then be nodes."""
    state = current_mode()
    return (state is not None and state.trace is not None) or any(isinstance(g, Node) for g in cotangents)


def _plain(y: Tree) -> Tree:
    """The data of a node, copied if it is an array; anything else as it is."""
    if not isinstance(y, Node):
        return y
    data = y._data
    return data if isinstance(data, float) else namespace_of(data).copy(data)


def match_cotangents(name: str, what: str, tree: Tree, nodes: list[Node], cotangents: Tree) -> list[Tree]:
    """The leaves of cotangents or tangents; raise unless they have the structure of `tree`, the shapes of `nodes`."""
    result: list[Tree] = []
    for node, (path, _, g) in zip(nodes, matched(tree, cotangents, f"{name}: {what}"), strict=True):
        try:
            g = g if isinstance(g, Node) or library_of(g) is not None else array(g)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{path}: {error}") from None
        if tuple(g.shape) != node.shape:
            raise ValueError(
                f"{path} has shape {tuple(g.shape)}, but it goes with {describe(node)} of shape {node.shape}"
            )
        result.append(g)
    return result


def _advice(y: Tree, taken: dict[Location, str]) -> str:
    """Advice on what to return in place of a result that has no derivative."""
    parts = leaves(y)
    if any(isinstance(part, Node) for part in parts):
        return "return one node; functions that return containers are for vjp, jvp and jacobian"
    if any(isinstance(part, np.ndarray) and part.dtype.kind == "O" for part in parts):
        return "join nodes with autograd.numpy.array([x, y]), or return a list of them"
    if not any(isinstance(part, (int, float, np.ndarray, np.generic)) or library_of(part) for part in parts):
        return "is a return missing?" if y is None else "return what was computed from the arguments"
    if taken:
        exits = ", ".join(f"{how} at {source_name(file)}:{line}" for (file, line), how in list(taken.items())[:3])
        return (
            f"its value was taken out of the graph by {exits}, and its derivative with it; compute with the node (if a "
            "constant is meant, return x.detach())"
        )
    if all(map(_is_constant, parts)):
        return "functions that return containers are for vjp, jvp and jacobian"
    return "a condition or an integer has no derivative; write 1.0 for 1, and choose with autograd.where"
