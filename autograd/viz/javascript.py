"""The op table as JavaScript, for pages that compute: its values and its derivatives are the table's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache, reduce
from pathlib import Path

from autograd.engine.op import Op
from autograd.namespaces.names import Name, Opaque
from autograd.namespaces.notations import JAVASCRIPT, JAVASCRIPT_FUNCTIONS, source
from autograd.ops import javascript, table
from autograd.typing import Formula, Json

__all__ = ["PAGE", "calculates", "op_table", "script_safe"]

PAGE = Path(__file__).parent / "page"


def op_table(ops: Mapping[str, Op[...]] | None = None) -> str:
    """The op table as JavaScript: an object ``ops``, of each op its value and its derivatives.

    Parameters
    ----------
    ops : mapping of str to op, optional
        Which ops, by their names in JavaScript. By default all that it can calculate, by the names of their records.

    Returns
    -------
    str
        The script, a line for each op.

    Examples
    --------
    >>> from autograd import tanh
    >>> print(op_table({"tanh": tanh}).splitlines()[-2])
    "tanh": {value: (x0) => Math.tanh(x0), vjps: [(g, y, x0) => (g * (1.0 - y * y))]},
    """
    if ops is None:
        ops = {op.__name__: op for op in table() if calculates(op)}
    lines = [f"{script_safe(name)}: {_javascript(op)}," for name, op in ops.items()]
    own = [f"{name}: {f}," for name, f in JAVASCRIPT_FUNCTIONS.items()]
    return "\n".join(["const xp = {", *own, "};", "const ops = {", *lines, "};"])


def script_safe(data: Json) -> str:
    """Data as JSON that may stand in a page's script: no label in it can end that."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


@cache
def _javascript(op: Op[...]) -> str:
    """An op as JavaScript; one that selects has ``kinks`` too, which tell where it passes a 0 on and drops nothing."""
    code = javascript(op)
    if not op.selects:
        return code
    kinks = [_kink(op, [s.where for s in op.conventions if s.arg == name and not s.removable]) for name in op.argnames]
    return f"{code[:-1]}, kinks: [{', '.join(kinks)}]}}"


def _kink(op: Op[...], places: Sequence[Formula]) -> str:
    if not places:
        return "null"
    operands, params = [Opaque(f"x{i}") for i in range(op.arity)], {k: Name(f"p{i}") for i, k in enumerate(op.params)}
    here = lambda xp, g, y, *args, **params: reduce(xp.logical_or, [where(xp, *args, **params) for where in places])
    condition = source(op.on_names(here, Name("g"), operands, params), JAVASCRIPT)
    return f"({', '.join(map(str, (*operands, *params.values())))}) => {condition}"


def calculates(op: Op[...]) -> bool:
    """Whether JavaScript can calculate an op."""
    if not op.elementwise:
        return False
    try:
        _javascript(op)
    except ValueError:
        return False
    return True
