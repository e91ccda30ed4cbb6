"""Write the stubs that say the types of what the op table makes; ``--check`` only compares.

The kind of a result follows from the kinds of the operands, by the engine's rule: it is an array node if an operand is
one, or if an array stands beside a number node; else a number node if an operand is one; else plain data.
"""

import argparse
import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from inspect import Parameter
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd.engine.node import functions
from autograd.engine.op import Op
from autograd.namespaces import arrays

PACKAGE = Path(autograd.__file__).parent
WIDTH = 120
TABLE = functions()  # the functions by NumPy's names, as methods have them
# The words of the table's annotations that stubs say otherwise.
WORDS = {"Any": "object", "Axis": "int | tuple[int, ...] | None", "DTypeLike": "npt.DTypeLike | None"}
NOTE = "# Written by scripts/stubs.py from the op table; run it instead of editing this."
FUNCTIONS = f"""{NOTE}
from collections.abc import Sequence
from typing import Literal, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from autograd.engine.node import Node
from autograd.engine.op import Op
from autograd.ops.linear_algebra import Slogdet
from autograd.typing import Array, X

# No operand may fit two of a function's overloads in which it has different types: mypy would answer Any for arrays.
_Number: TypeAlias = float | np.number | np.bool
_List: TypeAlias = Sequence[object]
_Plain: TypeAlias = Array | _Number | _List
_Operand: TypeAlias = Node | _Plain
"""


# ---- the kinds of operands, and of the result ----


def kinds(function: Any, count: int) -> Iterator[tuple[list[str], str]]:
    """The types that so many operands of a function may have, and the type of the result."""
    on_arrays, on_floats = _gives_arrays(function, count), _type_on_floats(function, count)
    for node, beside, result in (
        ("Tensor", "_Operand", "Tensor"),
        ("Value", "Value | _Number", "Value"),
        *([("Value", "Array | _List", "Tensor")] if count == 2 else []),
        *([("Array", "_Plain", "Array")] if on_arrays else []),
    ):
        for i in range(count):
            yield [beside] * i + [node] + [beside] * (count - 1 - i), result
    if on_floats:
        yield ["float"] * count, on_floats
    yield ["_Number | _List" if on_arrays else "_Plain"] * count, "X"


def _type_on_floats(function: Any, count: int) -> str:
    """What a function gives for floats: the name of a type, or nothing where it does not take them alone."""
    try:
        result = arrays.quietly(function, *[0.5] * count)
    except Exception:  # it takes none
        return ""
    return next((kind.__name__ for kind in (bool, int, float) if isinstance(result, kind)), "")


def _gives_arrays(function: Any, count: int) -> bool:
    """Whether a function gives an array for vectors, and for matrices."""
    try:
        return all(
            isinstance(arrays.quietly(function, *[np.full(shape, 0.5)] * count), np.ndarray) for shape in ((2,), (2, 2))
        )
    except Exception:  # it takes none
        return False


# ---- the parameters of a function ----


def parameters(function: Any) -> tuple[list[Parameter], str]:
    """The parameters of a function of the table, annotated with text (`X` for an operand), and its result's text."""
    if isinstance(function, Op):
        found = list(inspect.signature(function.forward).parameters.values())[1:]
        return [p.replace(annotation=_static(p) if p.name in function.params else "X") for p in found], "X"
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    every = [*tree.args.args, tree.args.vararg, *tree.args.kwonlyargs, tree.args.kwarg]
    texts = {a.arg: ast.unparse(a.annotation) for a in every if a and a.annotation}
    found = list(inspect.signature(function).parameters.values())
    returns = ast.unparse(tree.returns) if tree.returns else "X"
    return [p.replace(annotation=texts[p.name]) for p in found], "X" if returns == "Any" else returns


def _static(p: Parameter) -> str:
    if p.annotation is not Parameter.empty:
        return inspect.formatannotation(p.annotation)
    return type(p.default).__name__ if isinstance(p.default, (bool, int, float, str)) else "object"


def _typed(p: Parameter, operand: str) -> str:
    """A parameter in a stub; `operand` is the type of what may be a node."""
    text = _said(p.annotation, X=operand)
    if p.default is None and "None" not in text and text != "object":
        text += " | None"
    star = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}.get(p.kind, "")
    return f"{star}{p.name}: {text}" + (f" = {p.default!r}" if p.default is not Parameter.empty else "")


def _said(annotation: str, **words: str) -> str:
    """An annotation of the table with the words that stand in stubs."""
    return re.sub(r"\w+", lambda word: (WORDS | words).get(word[0], word[0]), annotation)


def signatures(function: Any) -> list[str]:
    """For each combination of kinds ``(parameters) -> result``."""
    found, returns = parameters(function)
    operands = [p for p in found if "X" in p.annotation and p.default is Parameter.empty]
    if "X" not in returns or not operands:
        return [_signature(found, {}, returns)]
    if operands[0].annotation == "Sequence[X]" or operands[0].kind is Parameter.VAR_POSITIONAL:
        cases: Any = [(["Node"] * len(operands), "Tensor"), ([], "X")]
    else:
        cases = kinds(function, len(operands))
    texts = []
    for types, result in cases:
        by_name = {p.name: t for p, t in zip(operands, types, strict=False)}
        texts.append(_signature(found, by_name, _said(returns, X=result)))
    return list(dict.fromkeys(texts))


def _signature(found: list[Parameter], types: dict[str, str], returns: str) -> str:
    parts = []
    for p, after in zip_longest(found, found[1:]):
        parts.append(_typed(p, types.get(p.name, "_Operand")))
        if p.kind is Parameter.POSITIONAL_ONLY and (after is None or after.kind is not Parameter.POSITIONAL_ONLY):
            parts.append("/")
        if after is not None and after.kind is Parameter.KEYWORD_ONLY and p.kind.value < Parameter.VAR_POSITIONAL.value:
            parts.append("*")
    return f"({', '.join(parts)}) -> {returns}"


def overloads(name: str, calls: list[str], first: str = "") -> str:
    """The function of that name, by its signatures; `first` is a method's own parameter."""
    several = "@overload\n" if len(calls) > 1 else ""
    return "\n".join(f"{several}def {name}({first}{call[1:]}: ..." for call in calls)


# ---- the stubs ----

# What gradients are by the inputs: plain data, or nodes if a graph is made of them, or either.
GRADIENTS = [
    ("Value", "float", "Value", "float | Value"),
    ("Tensor", "Array", "Tensor", "Array | Tensor"),
    ("Sequence[Value]", "list[float]", "list[Value]", "list[float] | list[Value]"),
    ("Sequence[Tensor]", "list[Array]", "list[Tensor]", "list[Array] | list[Tensor]"),
    ("Node | Sequence[Node]", "X", "X", "X"),
]
GRADIENT_OPTIONS = [
    "grad_outputs: object = None, create_graph: Literal[False] = False, strict: bool = False",
    "grad_outputs: object = None, *, create_graph: Literal[True], strict: bool = False",
    "grad_outputs: object = None, create_graph: bool = False, strict: bool = False",
]


def functions() -> str:
    """autograd/__init__.pyi: its imports, and the functions of the table."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    public = {*autograd.__all__, *autograd.SHADOWING}
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names, lines = [], []
    for module, name in sorted((str(n.module), a.name) for n in imports for a in n.names if a.name in public):
        if module.startswith("autograd.ops."):
            names.append(name)
        elif name != "gradients":
            lines.append(f"from {module} import {name} as {name}")
    names.sort()
    parts = [FUNCTIONS + "\n".join(lines)]
    parts += ["__version__: str"]
    parts += [listing("__all__", autograd.__all__), listing("SHADOWING", autograd.SHADOWING)]
    calls: dict[str, list[str]] = {}
    for name in names:
        if isinstance(getattr(autograd, name), Op):
            calls.setdefault("\0".join(signatures(getattr(autograd, name))), []).append(name)
    for call, ops in calls.items():
        kind = f"_{ops[0].title().replace('_', '')}"
        body = textwrap.indent(overloads("__call__", call.split("\0"), "self, "), "    ")
        parts.append(f"class {kind}(Op[...]):\n{body}\n\n" + "\n".join(f"{name}: {kind}" for name in ops))
    parts.append(overloads("gradients", [
        f"(outputs: Node | Sequence[Node], inputs: {inputs}, {rest}) -> {result}"
        for inputs, *results in GRADIENTS for rest, result in zip(GRADIENT_OPTIONS, results, strict=True)
    ]))  # fmt: skip
    parts += [overloads(n, signatures(f)) for n in names if not isinstance(f := getattr(autograd, n), Op)]
    return "\n\n".join(parts) + "\n"


OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "matmul"]
COMPARISONS = ["lt", "le", "gt", "ge"]
METHODS = f"""{NOTE}
from collections.abc import Sequence
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt

from autograd.engine.node import Node
from autograd.operators import Operators
from autograd.tensor import Tensor
from autograd.typing import Array
from autograd.value import Value

_Number: TypeAlias = float | np.number | np.bool
_List: TypeAlias = Sequence[object]
_Operand: TypeAlias = Node | Array | _Number | _List
"""
MEMBERS = """    @property
    def data(self) -> {data}: ...
    @data.setter
    def data(self, value: npt.ArrayLike) -> None: ...
    @property
    def grad(self) -> {grad}: ...
    @grad.setter
    def grad(self, value: npt.ArrayLike | None) -> None: ...
    @property
    def T(self) -> {kind}: ...
    def reshape(self, *lengths: int | Sequence[int]) -> {kind}: ...
    def transpose(self, *axes: int | Sequence[int]) -> {kind}: ...
    def flatten(self, *axes: object) -> {kind}: ...
    def item(self) -> float: ...
    # A node is no array_like: NumPy's stubs would say that array + node is an array.
    __array__: None  # type: ignore[assignment]
    def __eq__(self, other: object) -> {kind}: ...  # type: ignore[override]
    def __ne__(self, other: object) -> {kind}: ...  # type: ignore[override]"""


def methods() -> str:
    """autograd/methods.pyi: what either kind of node has from the table, and by the operators."""
    return "\n\n".join([
        METHODS.rstrip("\n"), _class("Value", data="float", grad="float"),
        _class("Tensor", data="Array", grad="Array | None"),
    ]) + "\n"  # fmt: skip


def _class(kind: str, **types: str) -> str:
    """The methods of one kind of node."""
    other = "_Operand" if kind == "Tensor" else "Value | _Number"
    lines = [MEMBERS.format(kind=kind, **types)]
    for name in OPERATORS if kind == "Tensor" else OPERATORS[:-1]:
        lines += [_binary(f"__{prefix}{name}__", kind, "other") for prefix in ("", "r", "i")]
    lines += [_binary(f"__{name}__", kind, "other") for name in COMPARISONS]
    lines += [f"    def __{name}__(self) -> {kind}: ..." for name in ("neg", "pos", "abs", "invert")]
    lines += [f"    def __{r}divmod__(self, other: {other}) -> tuple[{kind}, {kind}]: ..." for r in ("", "r")]
    by_hand = _by_hand("engine/node") | _by_hand("operators") | _by_hand(kind.lower())
    of_kind = getattr(autograd, kind)
    methods = {name for name in dir(of_kind) if callable(getattr(of_kind, name, None))}
    for name in sorted(TABLE.keys() & methods - by_hand):
        found, returns = parameters(TABLE[name])
        rest = found[1:]
        operands = [p for p in rest if p.annotation == "X" and p.default is Parameter.empty]
        if len(operands) == 1:
            lines.append(_binary(name, kind, operands[0].name, rest))
        else:
            lines.append(f"    def {name}" + _method(rest, {}, _said(returns, X=kind)))
    return f"class {kind}Methods(Operators):\n" + "\n".join(lines)


def _by_hand(module: str) -> set[str]:
    """The names of the methods that are written in a module."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    classes = (n for n in tree.body if isinstance(n, ast.ClassDef))
    return {n.name for c in classes for n in c.body if isinstance(n, ast.FunctionDef)}


def _method(rest: list[Parameter], types: dict[str, str], returns: str) -> str:
    call = _signature([p.replace(kind=Parameter.POSITIONAL_OR_KEYWORD) for p in rest], types, returns)
    return f"(self{', ' if rest else ''}{call[1:]}: ..."


def _binary(name: str, kind: str, other: str, rest: list[Parameter] | None = None) -> str:
    """A method that takes one more operand: an array node gives an array node, and so does an array beside a number."""
    rest = rest or [Parameter(other, Parameter.POSITIONAL_OR_KEYWORD, annotation="X")]
    if kind == "Tensor":
        return f"    def {name}" + _method(rest, {other: "_Operand"}, kind)
    cases = (("Value | _Number", "Value"), ("Tensor | Array | _List", "Tensor"))
    return "\n".join(f"    @overload\n    def {name}" + _method(rest, {other: t}, result) for t, result in cases)


def listing(name: str, items: list[str]) -> str:
    """A list of names, over as many lines as it takes."""
    body = textwrap.fill(", ".join(f'"{n}"' for n in items), WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{name} = [\n{body},\n]"


def stubs() -> dict[Path, str]:
    """Every stub, by its path."""
    return {PACKAGE / "__init__.pyi": functions(), PACKAGE / "methods.pyi": methods()}


def main() -> int:
    """Write the stubs, or compare them with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 if a stub is not up to date")
    check = parser.parse_args().check
    stale = [p for p, text in stubs().items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            print(f"{path} is not what the op table says; run python scripts/stubs.py", file=sys.stderr)
        else:
            path.write_text(stubs()[path], encoding="utf-8")
            print(f"wrote {path}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
