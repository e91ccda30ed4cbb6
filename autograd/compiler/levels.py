"""Large scalar graphs on NumPy alone: nodes of one op at one depth are one call on arrays.

All numbers of the graph lie in one array, their gradients in another, and each level is a line that reads some places
and writes others. A run of additions, ``a + b + c``, is one sum that takes its terms in that order, so that its last
digit is that of the numbers added one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from struct import Struct

import numpy as np

from autograd.compiler.code import Code, compiled_text
from autograd.compiler.flat import Flat, Group, Pass, Recorded, flattened
from autograd.compiler.naming import line_text
from autograd.engine.anomaly import location_of
from autograd.engine.contributions import has_nan
from autograd.engine.fast import formula_code
from autograd.engine.node import Node
from autograd.namespaces import arrays
from autograd.namespaces.notations import NUMPY, is_word
from autograd.typing import Array, Formula, Namespace

__all__ = ["Writer", "levels_code", "places_text", "title"]


def levels_code(recording: Recorded, outputs: Sequence[Node], width: float = 0.0) -> Code | None:
    """A scalar graph as calls of NumPy, one for each op at each depth; None if it is not scalar throughout.

    Parameters
    ----------
    recording : Recording
        Which nodes are inputs, and which are read anew at each call.
    outputs : sequence of node
        What the program is to calculate.
    width : float
        None too if a call serves fewer nodes than that, on average.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.compiler.lowering import Recorded
    >>> x = [Value(float(i)) for i in range(4)]
    >>> y = x[0] * x[1] + x[1] * x[2] + x[2] * x[3]
    >>> print(levels_code(Recorded(x, set()), [y]).text)
    def make():
        v = empty(8)
        def run(*numbers):
            pack(v, 0, *numbers)
            v[4:7] = v[0:3] * v[1:4]  # 3 × mul
            v[7] = add.accumulate(v[4:7])[-1]  # 1 × sum of 3
            return (v.item(7),)
        return partial(quietly, run)
    """
    flat = flattened(recording, outputs)
    if flat is None or flat.calculated < width * len(flat.steps):
        return None
    try:
        return Writer(flat, outputs).code()
    except NoLevelError:
        return None


class NoLevelError(Exception):
    """An op that does not calculate with arrays what it gave for numbers."""


class Writer:
    """Writes a flat graph as Python.

    Attributes
    ----------
    flat : Flat
        The graph.
    outputs : sequence of node
        What the program is to give.
    lines : list of str
        What runs at each call.
    scope : dict
        What the names in them stand for.
    """

    backend = "levels"

    def __init__(self, flat: Flat, outputs: Sequence[Node]) -> None:
        self.flat, self.outputs = flat, outputs
        self.passes = {step.number: step for step in flat.steps if isinstance(step, Pass)}
        self.lines: list[str] = []
        self.scope: Namespace = {
            "add": np.add, "concatenate": np.concatenate, "empty": np.empty, "has_nan": has_nan, "nan": np.nan,
            "partial": partial, "quietly": arrays.quietly, "zeros": np.zeros,
        }  # fmt: skip
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._gathered: dict[str, str] = {}
        self.more: dict[str, int] = {}  # further constants, by their text: their places

    def code(self) -> Code:
        """The program."""
        flat = self.flat
        count = len(flat.inputs) + len(flat.captured)
        self.scope["pack"] = Struct(f"{count}d").pack_into
        if count:
            self.lines.append("pack(v, 0, *numbers)")
        for is_group, steps in groupby(flat.steps, lambda step: isinstance(step, Group)):
            if is_group:
                self.forward([*steps])  # type: ignore[list-item]
            else:
                for step in steps:
                    self._pass(step)  # type: ignore[arg-type]
        size = flat.size + len(self.more)
        arrays_made = ["v = empty({})", "v, d = empty({0}), zeros({0})"][bool(self.passes)].format(size)
        head = [arrays_made, *self._constant_lines(count)]
        body = [*self.lines, f"return ({self._results()})"]
        text = "\n".join([
            "def make():", *(f"    {line}" for line in head), "    def run(*numbers):",
            *(f"        {line}" for line in body), "    return partial(quietly, run)",
        ])  # fmt: skip
        self.scope |= self.functions()
        memory = 8 * size * (1 + bool(self.passes))
        return Code(text, compiled_text("make", text, self.scope), flat.captured, self.backend, self.count(), memory)

    def functions(self) -> Namespace:
        """What the lines call that is made for them."""
        return {}

    def count(self) -> int:
        """The number of instructions."""
        return sum(not line.startswith("#") for line in self.lines)

    def _constant_lines(self, start: int) -> Iterable[str]:
        constants = [float(n._data) for n in self.flat.constants]
        for place, values in ((start, constants), (self.flat.size, [float(text) for text in self.more])):
            if values:
                yield f"v[{place}:{place + len(values)}] = {self.constant('c', np.array(values))}"

    def forward(self, groups: Sequence[Group]) -> None:
        """Write lines that calculate some groups."""
        for group in groups:
            target = f"v[{places_text(group.start, group.stop)}]"
            if not group.additions:
                reads = Counter(names for text in self._formulas(group) for names in re.findall(r"\bx\d+\b", text))
                self._line(f"{target} = {self._filled(self._formula(group, None), group, reads)}", group)
            elif len(group.nodes) == 1:  # NumPy adds up a single column in another order
                terms = [p for (p,) in group.operands]
                self._line(f"{target} = add.accumulate(v[{self.at(terms)}])[-1]", group)
            else:
                self._line(f"{target} = add.reduce(v[{self.constant('i', np.array(group.operands))}])", group)

    def _formulas(self, group: Group) -> Iterable[str]:
        """The formulas that read the operands of a group."""
        yield self._formula(group, None)
        for number, positions in group.passes.items():
            yield from (self._formula(group, self.passes[number].vjp(group.op, i)) for i in positions)

    def _pass(self, step: Pass) -> None:
        request, places = step.request, self.flat.places
        count = len(step.inputs), len(request.seeds)
        self.lines.append("# the gradients of {1} output{2} by {0}".format(*count, "s" * (count[1] > 1)))
        self.lines.append("d.fill(0.0)")
        constant = set(self.flat.constants)
        for place, g in step.seeds:
            self.lines.append(f"d[{place}] = {float(g._data) if g in constant else f'v[{places[g]}]'}")
        self.backward(step)
        target = f"v[{places_text(step.start, step.start + len(step.inputs))}]"
        # Where a selection may have met a nan, eager mode repeats its pass with marks: nan asks for that.
        met_nan = "nan if has_nan(d) else " * any(group.op.selects for group in step.groups)
        self.lines.append(f"{target} = {met_nan}d[{self.at(step.inputs)}]")

    def backward(self, step: Pass) -> None:
        """Write lines that hand gradients on."""
        for group in step.groups:
            positions = group.passes[step.number]
            if not group.additions:
                for i in positions:
                    formula = self._formula(group, step.vjp(group.op, i))
                    self._hand_on(group.operands[i], self._filled(formula, group, Counter()), group)
                continue
            g = f"d[{places_text(group.start, group.stop)}]"
            if len(positions) > 1 and len(group.nodes) > 1:
                g = f"concatenate([{g}] * {len(positions)})"
            self._hand_on([p for i in positions for p in group.operands[i]], g, group)

    def _hand_on(self, places: Sequence[int], gradient: str, group: Group) -> None:
        at = self.at(places)
        line = f"add.at(d, {at}, {gradient})" if at.startswith("i") else f"d[{at}] += {gradient}"
        self._line(line, group, "∂ ")

    def _filled(self, formula: str, group: Group, reads: Counter[str]) -> str:
        """A formula with places for names; operands that are gathered, and read more than once, get a line."""
        result = places_text(group.start, group.stop)
        words = {"y": f"v[{result}]", "g": f"d[{result}]"}
        for i, places in enumerate(group.operands):
            operand = f"v[{self.at(places)}]"
            if operand not in self._gathered and operand.startswith("v[i") and reads[f"x{i}"] > 1:
                self._gathered[operand] = f"x{len(self._gathered) + 1}"
                self.lines.append(f"{self._gathered[operand]} = {operand}")
            words[f"x{i}"] = self._gathered.get(operand, operand)
        return _bare(re.sub(r"\b(x\d+|y|g)\b", lambda word: words.get(word[0], word[0]), formula))

    def _formula(self, group: Group, formula: Formula | None) -> str:
        """A formula of an op (None: the forward one) in x0, x1, ..., y and g: its code, else a call of it."""
        op, params = group.op, group.params
        code = formula_code(op, formula, params, NUMPY) or ""
        functions = set(re.findall(r"(\w+)\(", code))
        if code and all(hasattr(arrays, name) for name in functions):
            self.scope.update((name, getattr(arrays, name)) for name in functions)
            return code
        name = self._function(group, formula)
        return f"{name}({', '.join([*(('g', 'y') if formula else ()), *(f'x{i}' for i in range(op.arity))])})"

    def _function(self, group: Group, formula: Formula | None) -> str:
        """The name of a formula that is called, as it is for arrays: one of a user's may branch on its data."""
        op, params = group.op, group.params
        function = partial(op.forward if formula is None else formula, arrays, **params)
        columns = zip(*([float(x._data) for x in (n, *n.parents)] for n in group.nodes), strict=True)
        y, *operands = map(np.array, columns)
        try:
            result = arrays.quietly(function, *([] if formula is None else [np.ones_like(y), y]), *operands)
        except Exception as error:
            raise NoLevelError from error
        if np.shape(result) not in ((), y.shape) or not (formula or np.allclose(result, y, equal_nan=True)):
            raise NoLevelError
        name = f"{op.__name__ if is_word(op.__name__) else 'op'}_{len(self.scope)}"
        self.scope[name] = function
        return name

    def at(self, places: Sequence[int]) -> str:
        """Places as an index: one number, a slice where they lie evenly, else an array."""
        index = np.array(places)
        steps = np.diff(index)
        if steps.size and (steps[0] < 1 or (steps != steps[0]).any()):
            return self.constant("i", index)
        return places_text(places[0], places[-1] + 1, int(steps[0]) if steps.size else 1)

    def constant(self, letter: str, array: Array) -> str:
        """The name of an array."""
        key = letter, array.shape, array.tobytes()
        if key not in self._constants:
            self._constants[key] = name = f"{letter}{1 + sum(known[0] == letter for known in self._constants)}"
            self.scope[name] = array
        return self._constants[key]

    def _line(self, line: str, group: Group, mark: str = "") -> None:
        self.lines.append(f"{line}  # {mark}{title(group)}")

    def _results(self) -> str:
        """The outputs as Python's numbers."""
        parts: list[tuple[bool, int, int]] = []
        for n in self.outputs:
            place, is_number = self.flat.places[n], type(n._data) is float
            if parts and is_number and parts[-1][0] and parts[-1][2] == place:
                parts[-1] = (True, parts[-1][1], place + 1)
            else:
                parts.append((is_number, place, place + 1))
        texts = [
            f"bool(v[{start}])" if not is_number else f"v.item({start})" if stop == start + 1
            else f"*v[{start}:{stop}].tolist()" for is_number, start, stop in parts
        ]  # fmt: skip
        return ", ".join(texts) + "," * (len(texts) == 1)


def title(group: Group) -> str:
    """What a group is, and where the user recorded it: ``32 × tanh  file.py:12``."""
    name = f"sum of {group.additions + 1}" if group.additions else group.op.name
    lines = [*filter(None, map(line_text, dict.fromkeys(map(location_of, group.nodes))))]
    return f"{len(group.nodes)} × {name}{f'  {lines[0]}' if lines else ''}{', …' * (len(lines) > 1)}"


def places_text(start: int, stop: int, step: int = 1) -> str:
    """Places that lie evenly, as an index."""
    return str(start) if stop == start + 1 else f"{start}:{stop}" + f":{step}" * (step > 1)


def _bare(text: str) -> str:
    """An expression without brackets around all of it."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return text[1:-1] if text[0] == "(" and i == len(text) - 1 else text
    return text
