"""The fast way: functions made for an op from its formulas, with the lines of the plain way that the op needs.

On floats a formula becomes Python (``x0 * x1``), on arrays a call of it. Each is put into one of two templates:
`RECORDING` does what `recording.apply` does, `BACKWARD` what `backward.backpropagate` does with `contributions`, and
both leave to those what is rare. ``inspect.getsource``, debuggers, profilers and tracebacks show the code made, and
:func:`source` gives it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd.engine.coercion import FLOATS
from autograd.engine.contributions import contributions, has_nan, identity_vjp, plus, unbroadcast
from autograd.engine.libraries import LIBRARIES, library_of
from autograd.engine.modes import usual
from autograd.engine.node import NO_PARAMS, NODE_CLASSES, Node, Primitive, leaf, versions
from autograd.engine.pieces import Pieces, scatter
from autograd.engine.recording import apply
from autograd.engine.templates import BACKWARD, RECORDING, compiled, filled
from autograd.namespaces import arrays, floats, names, notations
from autograd.tracebacks import entrance, shorten
from autograd.typing import XP, Formula, Function, Namespace, Params, X

# The kind of data: float, np.ndarray, or of another library's arrays its namespace.
Native = Any

__all__ = ["backward_of", "formula_code", "install", "recording_of", "source"]


def plainly(node: Node, g: X, waiting: list[dict[Node, X]]) -> None:
    """What `backpropagate` does with `contributions`; what goes to an index of an array is left in pieces."""
    op: Any = node.op
    passed: Iterable[tuple[int, X]]
    if op.vjps[0] is scatter and type(g) is np.ndarray and node.parents[0].requires_grad and not has_nan(g):
        passed = [(0, Pieces(g, tuple(p._data for p in node.parents[1:]), node.params["key"]))]
    else:
        passed = contributions(node, g)
    for position, c in passed:
        p = node.parents[position]
        level = waiting[p._depth]
        level[p] = plus(level[p], c) if p in level else c


def elsewhere(node: Node, g: X, waiting: list[dict[Node, X]]) -> None:
    """What passes a gradient on that is no array of NumPy's: the function made for its library, or the plain way."""
    op: Any = node.op
    library = library_of(g)
    if library is None:
        plainly(node, g, waiting)
        return
    made = op.backward_on_libraries
    if library not in made:
        made[library] = backward_of(op, library)
    made[library](node, g, waiting)


def _name(op: Primitive) -> str:
    return op.__name__ if notations.is_word(op.__name__) else "op"


def formula_code(
    op: Primitive, formula: Formula | None, params: Params = NO_PARAMS, notation: notations.Notation = notations.PYTHON
) -> str | None:
    """A formula of an op (None: the forward one) on numbers x0, x1, ..., y and g as code; None where it has none."""
    operands = [names.Opaque(f"x{i}") for i in range(op.arity)]
    known = vars(floats) if notation is notations.PYTHON else None
    try:
        code = notations.source(op.on_names(formula, names.Name("g"), operands, params), notation, known)
        return f"{code}.0" if code.lstrip("-").isdigit() else code  # a constant gradient is a float
    except (TypeError, ValueError):  # it asks for a rank, or for a function that floats have not
        return None


def is_library(native: Native) -> bool:
    """Whether a kind of data is a library's arrays, by its namespace."""
    return native is not float and native is not np.ndarray


def _has_code(op: Primitive, native: Native) -> bool:
    return not op.variadic and (op.elementwise or native is not float)


def recording_code(op: Primitive, native: Native, reflected: bool = False) -> str | None:
    """The code that records an op of nodes with data of a type (`reflected`: as a method of the right operand)."""
    if not _has_code(op, native):
        return None
    each = range(op.arity)
    nodes = [f"n{i}" for i in each]
    parameters = nodes[::-1] if reflected else nodes
    self = parameters[0]
    forward = None if op.params or native is not float or not op.differentiable else formula_code(op, None)
    if forward is None or forward in ("x0", "x1"):
        forward = f"forward({', '.join(['xp', *(f'x{i}' for i in each), *(f'{k}=params[{k!r}]' for k in op.params)])})"
    static = "params" if op.params else "NO_PARAMS"
    shared = " or ".join(f"data is x{i}" for i in each)
    owned = f"data = own(data, {', '.join(f'x{i}' for i in each)})"
    return filled(
        RECORDING,
        {
            "each": each, "rest": each[1:], "others": each[:-1] if reflected else each[1:],
            "floats": native is float, "arrays": native is np.ndarray, "library": is_library(native),
        },
        name=_name(op),
        kind=f"{self}.__class__" if native is float else f"{self}._results",
        parameters=", ".join([*parameters, *(["params=NO_PARAMS"] if op.params else [])]),
        nodes=", ".join(nodes),
        apply=f"apply(op, ({', '.join(nodes)},), {static})",
        forward=forward,
        shared=shared,
        owned=f"if {shared}: {owned}" if op.elementwise else owned,
        static=static,
        required=" or ".join(f"n{i}.requires_grad" for i in each) if op.differentiable else "False",
    )  # fmt: skip


def backward_code(op: Primitive, native: Native, params: Params = NO_PARAMS) -> str | None:
    """What `backpropagate` does at a node of an op; on floats with the formulas for these static arguments."""
    wanted = {i: vjp for i, vjp in enumerate(op.vjps) if vjp}
    if not wanted or not _has_code(op, native):
        return None
    each = range(op.arity)
    static = "".join(f", {k}=params[{k!r}]" for k in op.params)
    formulas: dict[int, str] = {}
    for i, vjp in wanted.items():
        if vjp is identity_vjp:
            formulas[i] = "g"
        elif native is float:
            formulas[i] = formula_code(op, vjp, params) or ""
        else:
            formulas[i] = f"vjp{i}(xp, g, y, {', '.join(f'x{k}' for k in each)}{static})"
    if not all(formulas.values()):
        return None
    text = " ".join(formulas.values())
    read = set(re.findall(r"\w+", text))
    # Where a formula on floats may raise, as 1 / 0, nothing is added before all contributions are there.
    risky = native is float and bool(re.search(r"/|\w\(", text))
    return filled(
        BACKWARD,
        {
            "floats": native is float, "arrays": native is np.ndarray, "library": is_library(native),
            "selects": op.selects and not is_library(native),  # which is asked at the end of a pass
            "read": [i for i in each if f"x{i}" in read or (i in wanted and native is not float)],
            "result": "y" in read, "params": "params" in read, "wanted": wanted.keys(),
            "risky": risky, "safe": not risky,
        },
        name=_name(op),
        nodes=", ".join(f"n{i}" for i in each),
        nan="g != g" if native is float else "has_nan(g)",
        formula=formulas,
        shared={i: " or ".join(f"c{i} is {a}" for a in ("g", "y", *(f"x{k}" for k in each)) if a == "g" or a in read)
                for i in wanted},
    )  # fmt: skip


def _scope(op: Primitive, native: Native) -> Namespace:
    xp: XP = floats if native is float else arrays if native is np.ndarray else native
    known = {"natives": xp.natives, "own": xp.own} if is_library(native) else vars(xp)
    return {
        **known, **{f"vjp{i}": vjp for i, vjp in enumerate(op.vjps)},
        "NO_PARAMS": NO_PARAMS, "apply": apply, "asarray": np.asarray, "forward": op.forward, "generic": np.generic,
        "elsewhere": elsewhere, "has_nan": has_nan, "mode": usual, "ndarray": np.ndarray, "new": object.__new__,
        "op": op, "operand": _OPERAND.get(native, _operand_on_library), "plainly": plainly, "plus": plus,
        "shorten": shorten, "unbroadcast": unbroadcast, "versions": versions, "xp": xp,
    }  # fmt: skip


def _title(op: Primitive, native: Native, what: str = "", params: Params = NO_PARAMS) -> str:
    static = f"({', '.join(f'{k}={v!r}' for k, v in params.items())})" if params and native is float else ""
    on = {float: "floats", np.ndarray: "arrays"}.get(native) or f"arrays of {native.name}"
    return f"{what}{op.__name__}{static} on {on}"


def recording_of(op: Primitive, native: Native, reflected: bool = False) -> Function:
    """The function that records an op of nodes whose data are of a type."""
    native = native if native in _OPERAND else LIBRARIES.get(native) or native
    code = recording_code(op, native, reflected) if native in _OPERAND or not isinstance(native, type) else None
    if code is None:
        return lambda *nodes: apply(op, nodes)
    title = _title(op, native) + ", reflected" * reflected
    made: Function = compiled(_name(op), code, title, _scope(op, native))
    return made


def backward_of(op: Primitive, native: Native) -> Callable[..., None]:
    """The function that passes the gradient of a node of an op to its operands: of (node, g, waiting)."""
    if native is not float or not op.params:
        return _backward_of(op, native, NO_PARAMS)
    known: dict[object, Callable[..., None]] = {}

    def backward(node: Node, g: X, waiting: list[dict[Node, X]]) -> None:
        # Static arguments may decide branches, so that there is code for each, within limits.
        key = tuple((type(v), v or repr(v)) for v in node.params.values())  # 0.0 is not −0.0
        if key not in known:
            known[key] = _backward_of(op, native, node.params) if len(known) < 100 else plainly
        known[key](node, g, waiting)

    return backward


def _backward_of(op: Primitive, native: Native, params: Params) -> Callable[..., None]:
    code = backward_code(op, native, params)
    if code is None:
        return plainly
    title = _title(op, native, "derivatives of ", params)
    made: Callable[..., None] = compiled(f"{_name(op)}_backward", code, title, _scope(op, native))
    return made


@entrance
def source(op: Primitive) -> str:
    """The code that is made for an op: how it is recorded and how it passes gradients on, on floats and on arrays.

    Parameters
    ----------
    op : op
        An op of the table, or a user's primitive.

    Returns
    -------
    str
        Python; empty for an op of any number of operands, which takes the plain way only.

    Raises
    ------
    TypeError
        If it is no op, but for example a function composed of several.

    Examples
    --------
    >>> from autograd import mul, source
    >>> print(source(mul).split("# ")[2].rstrip())
    derivatives of mul on floats
    def mul_backward(node, g, waiting):
        (n0, n1,) = node.parents
        x0 = n0._data
        x1 = n1._data
        if n0.requires_grad:
            c0 = (g * x1)
            level = waiting[n0._depth]
            level[n0] = level[n0] + c0 if n0 in level else c0
        if n1.requires_grad:
            c1 = (g * x0)
            level = waiting[n1._depth]
            level[n1] = level[n1] + c1 if n1 in level else c1
    """
    if not all(hasattr(op, name) for name in ("forward", "vjps", "argnames")):
        raise TypeError(
            f"source takes an op, such as autograd.mul, and not {getattr(op, '__name__', repr(op))}: formula says of "
            "which ops a function is composed"
        )
    parts = []
    for native in (float, np.ndarray):
        parts.append((_title(op, native), recording_code(op, native)))
        parts.append((_title(op, native, "derivatives of ", op.params), backward_code(op, native, op.params)))
    return "\n\n".join(f"# {title}\n{code}" for title, code in parts if code)


def install(kind: type[Node], native: Native, methods: Mapping[str, Primitive]) -> None:
    """Make ops methods of a class of nodes with data of a type; an operator also of the right operand."""
    for name, op in methods.items():
        if not _has_code(op, native):
            continue
        reflected = name.replace("__", "__r", 1) if op.arity == 2 else ""
        for method_name in filter(None, (name, reflected)):
            method = recording_of(op, native, method_name is reflected)
            method.__qualname__, method.__module__ = f"{kind.__name__}.{method_name}", kind.__module__
            method.__doc__ = op.__doc__
            setattr(kind, method_name, method)


def _operand_of_value(x: X, kind: type[Node]) -> Node | None:
    """The node for an operand beside a Value of a class; None where `apply` has to look closer."""
    if type(x) is float or (type(x) is int and -(2**53) < x < 2**53):
        return leaf(kind, float(x))
    return None


def _operand_of_tensor(x: X, kind: type[Node]) -> Node | None:
    """The node for an operand beside a Tensor whose results are of a class; None where `apply` has to look closer."""
    if isinstance(x, Node):
        return x if x._results is kind or isinstance(x._data, (float, int)) else None
    if type(x) is float or type(x) is int:  # stays a Python number: float32 arrays then stay float32
        return leaf(NODE_CLASSES[float], x)
    return leaf(NODE_CLASSES[np.ndarray], x.copy()) if type(x) is np.ndarray and x.dtype.char in FLOATS else None


def _operand_on_library(x: X, kind: type[Node]) -> Node | None:
    """The node for an operand beside a node on a library's arrays; None where `apply` has to look closer."""
    if isinstance(x, Node):
        return x if x._results is kind or type(x._data) is float else None
    return leaf(NODE_CLASSES[float], x) if type(x) is float or type(x) is int else None


_OPERAND: dict[Native, Callable[[X, type[Node]], Node | None]] = {
    float: _operand_of_value,
    np.ndarray: _operand_of_tensor,
}
