"""Large scalar graphs with numba: one loop over integers, of which each row is an instruction.

A row holds the place of the result and those of the operands, and a block of rows has an operation code. What a code
stands for is a branch of the loop, written from the op table's formulas. No graph is ever compiled: the loop is, once
for the ops that are common and once more for each further set of ops, and numba keeps what it made on disk.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from inspect import getsource
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import FunctionType
from typing import TypeAlias

import numpy as np

from autograd.compiler.code import Code
from autograd.compiler.flat import Flat, Group, Pass, Recorded, flattened
from autograd.compiler.levels import Writer, title
from autograd.engine.contributions import NUMBERS
from autograd.engine.fast import formula_code
from autograd.engine.node import Node, Primitive, registry
from autograd.engine.templates import compiled, filled
from autograd.namespaces import floats, names
from autograd.typing import Formula, Function, Namespace, Params

__all__ = ["machine_code"]

FORWARD = """
def forward(blocks, rows, v):
    for k in range(len(blocks)):
        code, start, stop = blocks[k, 0], blocks[k, 1], blocks[k, 2]
        {test} code == {code}:  # {title}                                                                   #: each
            for i in range(start, stop):                                                                    #: each
                y = rows[i, 0]                                                                              #: each
                {lines}                                                                                     #: each
"""
BACKWARD = """
def backward(blocks, rows, v, d):
    for k in range(len(blocks)):
        code, start, stop = blocks[k, 0], blocks[k, 1], blocks[k, 2]
        {test} code == {code}:  # {title}                                                                   #: each
            for i in range(start, stop):                                                                    #: each
                y = rows[i, 0]                                                                              #: each
                g = d[y]                                                                                    #: each
                {lines}                                                                                     #: each
"""
# What every machine can do, so that most graphs need no other.
COMMON = (
    "add", "subtract", "multiply", "divide", "negative", "pow_number", "abs", "sqrt", "exp", "log", "sin", "cos",
    "tanh", "sigmoid", "relu", "maximum", "where", "less", "less_equal", "greater", "greater_equal",
)  # fmt: skip
# Functions of `math` that numba does not know, or knows for small integers only.
_NUMPYS = ("arccosh", "cbrt", "ceil", "floor", "fmod", "rint", "trunc")
OPERANDS = 3  # at most
Block: TypeAlias = tuple[int, list[Sequence[int]]]  # a code, and the columns of its rows


class NoBranchError(Exception):
    """An op of which no branch can be written, or one that numba does not compile."""


def machine_code(recording: Recorded, outputs: Sequence[Node]) -> Code | None:
    """A scalar graph for the machine; None if it is not scalar throughout, has an op without code, or numba is missing.

    Parameters
    ----------
    recording : Recording
        Which nodes are inputs, and which are read anew at each call.
    outputs : sequence of node
        What the program is to calculate.
    """
    flat = flattened(recording, outputs) if find_spec("numba") else None
    try:
        return None if flat is None else _Rows(flat, outputs).code()
    except (NoBranchError, ImportError):  # numba refuses a NumPy that is newer than itself
        return None


class Branches:
    """What the codes of a loop stand for.

    Attributes
    ----------
    codes : dict of str to int
        The codes, by the lines of the branch: ops with the same lines share one.
    titles : list of str
        The ops.
    """

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.titles: list[str] = []

    def code(self, title: str, *lines: str) -> int:
        """The code of a branch, which is made if there is none."""
        text = f"\n{' ' * 16}".join(lines)
        if text not in self.codes:
            self.titles.append(title)
        return self.codes.setdefault(text, len(self.codes))

    def text(self, template: str) -> str:
        """The loop."""
        each = range(len(self.codes))
        return filled(
            template,
            {"each": each},
            test={i: "elif" if i else "if" for i in each},
            code={i: str(i) for i in each},
            title=dict(enumerate(self.titles)),
            lines=dict(enumerate(self.codes)),
        )


class Machine:
    """The two loops, with branches for the common ops and for those that are asked for."""

    def __init__(self) -> None:
        self.forward, self.backward = Branches(), Branches()
        for name in COMMON:
            op = getattr(registry, name)
            params = dict.fromkeys(op.params, 1.0)
            self.of_value(op, params)
            for i in range(op.arity):
                if op.vjp(i):
                    self.of_gradient(op, params, i, NUMBERS.vjp)

    def of_value(self, op: Primitive, params: Params) -> tuple[int, list[float]]:
        """The code of an op's forward formula; and the static arguments that follow its operands in a row."""
        text, static = _code(op, None, params)
        return self.forward.code(op.name, f"v[y] = {_from_row(text, range(OPERANDS))}"), static

    def of_gradient(
        self, op: Primitive, params: Params, position: int, vjp: Function
    ) -> tuple[int, list[int], list[float]]:
        """The code of a derivative by an operand, which stands first in a row; what follows it; static arguments."""
        text, static = _code(op, vjp(op, position), params)
        order = [position, *(i for i in range(op.arity + len(static)) if i != position)]
        text = re.sub(r"\by\b", "v[y]", _from_row(text, order))
        return self.backward.code(f"∂ {op.name} by {op.argnames[position]}", f"d[rows[i, 1]] += {text}"), order, static

    def loops(self) -> dict[str, Function]:
        """The two loops as functions, compiled or read from disk."""
        texts = {"forward": self.forward.text(FORWARD), "backward": self.backward.text(BACKWARD)}
        return {name: _loop(name, text) for name, text in texts.items()}


def _code(op: Primitive, formula: Formula | None, params: Params) -> tuple[str, list[float]]:
    """A formula on floats, with static numbers as further operands where it does not branch on them."""
    if op.variadic or op.arity > OPERANDS or "machine" in op.lacks:
        raise NoBranchError
    numbers = [k for k, v in params.items() if type(v) in (int, float)]
    if op.arity + len(numbers) <= OPERANDS:
        operands = {k: names.Opaque(f"x{i}") for i, k in enumerate(numbers, op.arity)}
        text = formula_code(op, formula, {**params, **operands})
        if text is not None:
            return text, [float(params[k]) for k in numbers]
    text = formula_code(op, formula, params)
    if text is None:
        raise NoBranchError
    return text, []


def _from_row(text: str, order: Sequence[int]) -> str:
    """A formula with numbers read by the places in a row, in which the operands stand in this order."""
    return re.sub(r"\bx(\d)\b", lambda x: f"v[rows[i, {1 + order.index(int(x[1]))}]]", text)


@cache
def _loop(name: str, text: str) -> Function:
    """A loop as a function: what numba made of its text, now or in an earlier process."""
    import numba
    from numba import float64, uint32
    from numba.core.errors import NumbaError

    jit = numba.njit(error_model="numpy", nogil=True)  # x / 0 is inf
    scope: Namespace = {}
    for function in sorted(set(re.findall(r"(\w+)\(", text)) - {name, "range", "len"}):
        _enter(scope, function, jit)
    numbers = float64[::1]
    count = len(re.findall(r"\b[vd]\b", text.partition(")")[0]))
    signature = (uint32[:, ::1], uint32[:, ::1], *[numbers] * count)
    file = _file(name, text)
    loop = compiled(name, text, f"{name} machine", scope, file)
    made: Function
    try:
        if file is not None:
            try:
                made = numba.njit(signature, error_model="numpy", nogil=True, cache=True)(loop)
                return made
            except (OSError, RuntimeError):  # the disk is full, or numba finds no place for what it keeps
                pass
        made = numba.njit(signature, error_model="numpy", nogil=True)(loop)
    except NumbaError as error:  # of a formula of a user's
        raise NoBranchError from error
    return made


def _enter(scope: Namespace, name: str, jit: Function) -> None:
    """Enter a function of `floats`, compiled as it is, and what it calls."""
    if name in scope:
        return
    function = getattr(np if name in _NUMPYS else floats, name)
    if isinstance(function, FunctionType):
        for called in function.__code__.co_names:
            if callable(vars(floats).get(called)):
                _enter(scope, called, jit)
        function = jit(FunctionType(function.__code__, scope, name))
    scope[name] = function


def _file(name: str, text: str) -> str | None:
    """A file that holds the text, beside which numba keeps what it makes of it; None where none can be written."""
    from numba.misc.appdirs import AppDirs

    digest = hashlib.sha256((text + getsource(floats)).encode()).hexdigest()[:16]
    path = Path(AppDirs("graphgrad", False).user_cache_dir) / "machine" / f"{name}_{digest}.py"
    try:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(
                "w", dir=path.parent, suffix=".tmp", encoding="utf-8", newline="", delete=False
            ) as file:
                file.write(text)
            os.replace(file.name, path)  # whole or not at all, whoever else writes it
    except OSError:
        return None
    return str(path)


class _Rows(Writer):
    """Writes a flat graph as rows, and the few lines that call the loops."""

    backend = "machine"

    def __init__(self, flat: Flat, outputs: Sequence[Node]) -> None:
        super().__init__(flat, outputs)
        self.machine = Machine()
        self.rows = 0

    def functions(self) -> Namespace:
        """The loops."""
        return self.machine.loops()

    def count(self) -> int:
        """The number of rows."""
        return self.rows

    def forward(self, groups: Sequence[Group]) -> None:
        """Write the rows of some groups."""
        blocks: list[Block] = []
        for group in groups:
            code, static = self.machine.of_value(group.op, group.params)
            y = range(group.start, group.stop)
            if not group.additions:
                blocks.append((code, [y, *group.operands, *self._static(static, len(y))]))
                continue
            first, *others = group.operands
            for terms in others:
                blocks.append((code, [y, first, terms]))
                first = [*y]
        if not self.rows:
            self.lines.append("# each row has the places of a result and its operands, and each block of rows an op")
        self.lines += [f"# {title(group)}" for group in groups]
        self.lines.append(f"forward({self._rows(blocks)}, v)")

    def backward(self, step: Pass) -> None:
        """Write the rows that hand gradients on."""
        blocks: list[Block] = []
        for group in step.groups:
            y = range(group.start, group.stop)
            for i in group.passes[step.number]:
                position = 0 if group.additions else i
                code, order, static = self.machine.of_gradient(group.op, group.params, position, step.vjp)
                columns = [*group.operands, *self._static(static, len(y))]
                blocks.append((code, [y, *([columns[i]] if group.additions else [columns[k] for k in order])]))
        self.lines += [f"# ∂ {title(group)}" for group in step.groups]
        self.lines.append(f"backward({self._rows(blocks)}, v, d)")

    def _static(self, values: Sequence[float], count: int) -> Iterator[list[int]]:
        """The places of numbers that all nodes of a group have."""
        for value in values:
            yield [self.more.setdefault(repr(value), self.flat.size + len(self.more))] * count

    def _rows(self, blocks: Sequence[Block]) -> str:
        """The names of what the loops take: the blocks (code, first row, the one behind the last), and the rows."""
        rows = np.zeros((sum(len(columns[0]) for _, columns in blocks), 1 + OPERANDS), np.uint32)
        bounds = np.zeros((len(blocks), 3), np.uint32)
        start = 0
        for k, (code, columns) in enumerate(blocks):
            stop = start + len(columns[0])
            bounds[k] = code, start, stop
            for i, places in enumerate(columns):
                rows[start:stop, i] = places
            start = stop
        self.rows += len(rows)
        return f"{self.constant('b', bounds)}, {self.constant('r', rows)}"
