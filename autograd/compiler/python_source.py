"""Programs of numbers as straight-line Python: a line for each op, and the derivatives written out.

>>> from autograd import Value
>>> from autograd.compiler.lowering import Recorded, lower
>>> x = Value(2.0, "x")
>>> y = x * x.exp()
>>> program = lower(Recorded([x], set()), [y])
>>> print(python_code(program.outputs, program.inputs).text)
def run(x):
    t1 = exp(x)
    t2 = x * t1
    return (t2,)
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import wraps

import numpy as np

from autograd.compiler.code import Code, compiled_text
from autograd.compiler.naming import Scope, live, names_of, note
from autograd.compiler.programs import evaluate
from autograd.compiler.variables import OPERATORS, Variable, data_of, parts
from autograd.namespaces import names as expressions
from autograd.namespaces.notations import Tree, source
from autograd.typing import Function, X

__all__ = [
    "NOT_CALLED",
    "argument",
    "expression",
    "name_tree",
    "number_text",
    "params_text",
    "python_code",
    "returned",
    "text_of",
]

# The heads of expressions for functions that notations write as operators.
_HEADS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "negative": "neg", "power": "power",
    **{name: head for name, head in expressions.HEADS.items() if name not in ("matmul", "power")},
}  # fmt: skip

NOT_CALLED = {*OPERATORS, "where", "logical_and", "logical_or", "logical_not", "part"}  # of numbers, in Python


class _Text(Tree):
    """A part of an expression that is written already."""

    __slots__ = ()
    is_code = True


class _Condition(_Text):
    """The name of a value that is true or false."""

    __slots__ = ()
    is_condition = True


def python_code(outputs: Sequence[Variable], inputs: Sequence[Variable], name: str = "run") -> Code:
    """A program whose variables are numbers, as Python.

    Parameters
    ----------
    outputs, inputs : sequence of Variable
        What it gives, and what it takes, in this order.
    name : str
        The function's name.
    """
    order = live(outputs)
    scope = Scope()
    functions = {v: scope.name(v.name, v.function) for v in order if v.function and v.name not in NOT_CALLED}
    inline = _inlined(order, set(outputs))
    names, comments = names_of([v for v in dict.fromkeys([*inputs, *order]) if v not in inline], scope)
    trees: dict[Variable, X] = {}
    lines = []
    for v in order:
        if v.is_constant:
            trees[v] = number_text(v.data, scope)
        elif v.function is None:
            trees[v] = name_tree(v, names[v])
        else:
            tree = expression(v, trees.__getitem__, functions.get(v), scope)
            if v in inline:
                trees[v] = tree
            else:
                lines.append(f"{names[v]} = {text_of(tree)}{note(v)}")
                trees[v] = name_tree(v, names[v])
    lines.append(returned([text_of(trees[v]) for v in outputs]))
    head = [f"# {comment}" for comment in comments]
    head.append(f"def {name}({', '.join(names[v] for v in inputs)}):")
    text = "\n".join([*head, *(f"    {line}" for line in lines)])
    run = compiled_text(name, text, scope)
    return Code(text, lambda: in_ieee(run, order, outputs, inputs), [], "python", len(lines) - 1, 0)


def returned(results: Sequence[str]) -> str:
    """The last line of a function that gives a tuple."""
    return f"return {', '.join(results)}" if len(results) > 1 else f"return ({''.join(r + ',' for r in results)})"


def name_tree(v: Variable, name: str) -> Tree:
    """The name of a value as an expression."""
    return _Condition(name) if type(v.data) is bool else _Text(name)


def text_of(tree: X) -> str:
    """An expression as the right side of a line."""
    text = source(tree) if isinstance(tree, Tree) else str(tree)
    return text[1:-1] if text.startswith("(") and _closes_at_end(text) else text


def _closes_at_end(text: str) -> bool:
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return i == len(text) - 1
    return False


def _inlined(order: Sequence[Variable], outputs: set[Variable]) -> set[Variable]:
    """What is written where it is used: parts of one op's formula that are used once."""
    uses = Counter(operand for v in order for operand in v.operands())
    user = {operand: v for v in order for operand in v.operands()}

    def fits_into(v: Variable, u: Variable) -> bool:
        is_plain = not u.params and all(isinstance(a, Variable) for a in u.args)
        return is_plain and (u.step, u.derivative) == (v.step, v.derivative)

    candidates = (v for v in order if v.function and uses[v] == 1 and v.is_number and fits_into(v, user[v]))
    return {v for v in candidates if v.label is None and v not in outputs and v not in v.program.gradients}


def number_text(x: X, scope: Scope) -> X:
    """A constant in an expression."""
    if type(x) in (int, float) and math.isfinite(x):
        return x
    return _Condition(repr(x)) if isinstance(x, bool) else _Text(scope.constant(x))


def expression(v: Variable, operand: Callable[[Variable], X], function: str | None, scope: Scope) -> Tree:
    """The call or operator that an instruction is."""
    if v.name == "part":
        return _Text(f"{text_of(operand(v.args[0]))}[{v.args[1].data}]")
    if function is None or not (v.params or v.item or any(not isinstance(a, Variable) for a in v.args)):
        head = _HEADS.get(v.name, v.name) if function in (None, v.name) else function
        return Tree(head or v.name, *(operand(a) for a in v.args))
    call = f"{function}({', '.join([*(argument(a, operand, scope) for a in v.args), *params_text(v, scope)])})"
    return _Text(f"{call}.item()" if v.item else call)


def argument(a: X, operand: Callable[[Variable], X], scope: Scope) -> str:
    """An argument of a call: a variable, a list of such, or a static one."""
    if isinstance(a, Variable):
        return text_of(operand(a))
    if isinstance(a, (list, tuple)) and any(True for _ in parts(a)):
        inside = ", ".join(argument(x, operand, scope) for x in a)
        return f"[{inside}]" if isinstance(a, list) else f"({inside},)"
    return _static(a, scope)


def params_text(v: Variable, scope: Scope) -> list[str]:
    """The static arguments by name."""
    return [f"{key}={_static(x, scope)}" for key, x in v.params.items()]


def _static(x: X, scope: Scope) -> str:
    return repr(x) if _is_literal(x) else scope.constant(x)


def _is_literal(x: X) -> bool:
    if type(x) is tuple:
        return all(map(_is_literal, x))
    return x is None or type(x) in (bool, int, str) or (type(x) is float and math.isfinite(x))


def in_ieee(run: Function, order: Sequence[Variable], outputs: Sequence[Variable], inputs: X) -> Function:
    """A function that calculates instruction by instruction where Python raises and IEEE arithmetic has an answer."""

    @wraps(run)
    def checked(*data: X) -> X:
        try:
            return run(*data)
        except (ArithmeticError, ValueError):
            at = dict(zip(inputs, data, strict=True))
        for v in order:
            if v.is_constant:
                at[v] = v.data
            elif v.function is not None:
                at[v], _ = evaluate(v.name, v.function, [data_of(a, at.__getitem__) for a in v.args], v.params)
        results = (v.data if v.is_constant else at[v] for v in outputs)
        return tuple(np.array(y) if isinstance(y, np.ndarray) else y for y in results)

    return checked
