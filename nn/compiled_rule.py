"""An optimiser's rule as a program: traced once on the variables of a segment, whose numbers it then moves in place."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple, TypeAlias, cast

import numpy as np

from autograd.compiler import IdentityTest, Program, Segment, Variable, live, numpy_code
from nn._types import Array, State, X
from nn.optim import Optimizer
from nn.optim.optimizer import Group

__all__ = ["Memory", "Rule", "RuleError", "UnlikeError", "memory_kinds"]

Number: TypeAlias = float | int
# Where a number is read at each step: a group or what all memories have in common, a key, and the place in a tuple.
Source: TypeAlias = tuple[State, str, int | None]
_ELEMENTWISE = {"where", "power", "clip", "abs", "sign"}
_OPERATORS = {
    "add", "subtract", "multiply", "divide", "negative", "less", "less_equal", "greater", "greater_equal", "equal",
    "not_equal",
}  # fmt: skip


class RuleError(Exception):
    """A rule that cannot be run on many parameters at once, or not as a program; the text says why."""


class UnlikeError(RuleError):
    """Parameters that were moved together have unlike memories now, or none."""


class _RuleProgram(Program):
    """A program that may branch on the numbers of the options: the decisions are noted."""

    def __init__(self) -> None:
        super().__init__()
        self.decisions: list[tuple[Variable, bool]] = []

    def decide(self, x: Variable) -> bool:
        """The truth of a number, which holds as long as it does."""
        if not x.is_number:
            raise RuleError("it branches on an array")
        self.decisions.append((x, bool(x.data)))
        return bool(x.data)


def memory_kinds(state: State, shape: tuple[int, ...]) -> tuple[tuple[str, object], ...]:
    """What a rule remembers of a parameter, by key: an array of its shape, or this number.

    Raises
    ------
    RuleError
        If it is anything else.
    """
    kinds: list[tuple[str, object]] = []
    for key, x in state.items():
        if isinstance(x, (np.ndarray, np.generic)):
            if np.shape(x) != shape:
                raise RuleError(f"its memory {key!r} has not the shape of the parameter")
            kinds.append((key, x.dtype))
        elif isinstance(x, (bool, int, float)):
            kinds.append((key, x))
        else:
            raise RuleError(f"its memory {key!r} is {type(x).__name__}")
    return tuple(kinds)


class Memory:
    """What an optimiser remembers of a segment's parameters: a row for each array, and the numbers that all share.

    Attributes
    ----------
    rows, parts : dict
        By key the array, and each parameter's part of it.
    numbers : dict
        By key the number, which is that of every parameter.
    age : int
        Counts the times that memories were taken over.

    Raises
    ------
    UnlikeError
        If the parameters' memories are not of one kind.
    RuleError
        If a memory is no number, and no array of the parameter's shape.
    """

    def __init__(self, optimizer: Optimizer, segment: Segment) -> None:
        self.optimizer, self.segment = optimizer, segment
        self.rows: dict[str, Array] = {}
        self.parts: dict[str, list[Array]] = {}
        self.numbers: dict[str, Number] = {}
        self.age = 0
        self.gather()

    def gather(self) -> None:
        """Take over the memories as they are now; rows stay where they are."""
        state = self.optimizer.state
        if any(leaf not in state for leaf in self.segment.leaves):
            raise UnlikeError
        own = [state[leaf] for leaf in self.segment.leaves]
        kinds = {memory_kinds(x, leaf.shape) for x, leaf in zip(own, self.segment.leaves, strict=True)}
        if len(kinds) > 1:
            raise UnlikeError
        (kind,) = kinds
        arrays = {key: [x[key] for x in own] for key, x in kind if isinstance(x, np.dtype)}
        self.numbers.clear()  # It stays the same dict, of which rules read.
        self.numbers |= {key: own[0][key] for key, _ in kind if key not in arrays}
        for x in own:
            x.update(self.numbers)  # one object for all
        for key, each in arrays.items():
            if key not in self.rows or self.rows[key].dtype != each[0].dtype:
                self.rows[key] = self.segment.joined(each)
                self.parts[key] = self.segment.split(self.rows[key])
        self.rows = {key: self.rows[key] for key in arrays}
        self.parts = {key: self.parts[key] for key in arrays}
        for key, parts in self.parts.items():
            for x, part in zip(own, parts, strict=True):
                if x[key] is not part:
                    part[...] = x[key]
                    x[key] = part
        self._state, self._own, self._size = state, own, len(kind)
        self.age += 1
        self._test: Callable[[], bool] | None = None

    def look(self, test: IdentityTest) -> None:
        """Let a test ask whether the parameters' memories are the rows' parts, and the numbers these."""
        test.attribute(self.optimizer, "state", self._state)
        for i, (leaf, own) in enumerate(zip(self.segment.leaves, self._own, strict=True)):
            test.item(self._state, leaf, own).size(own)
            for key, parts in self.parts.items():
                test.item(own, key, parts[i])
            for key in self.numbers:
                test.same_item(own, key, self.numbers, key)

    def is_current(self) -> bool:
        """Whether the parameters' memories are the rows' parts, and the numbers these."""
        if self._test is None:
            test = IdentityTest()
            self.look(test)
            self._test = test.made()
        try:
            return self._test()
        except LookupError:
            return False

    def set(self, key: str, number: Number) -> None:
        """Set a number in all memories."""
        self.numbers[key] = number
        for own in self._own:
            own[key] = number


class _Decisions(NamedTuple):
    """What a rule decided by numbers.

    Attributes
    ----------
    direct : list of (Source, bool)
        Options, and whether they are true: an option that is the same object as before still is.
    run : callable or None
        The program of the others, which is to give `values`.
    sources : list of Source
        What it takes.
    values : tuple of bool
        What it gave.
    """

    direct: list[tuple[Source, bool]]
    run: Callable[..., tuple[X, ...]] | None
    sources: list[Source]
    values: tuple[bool, ...]

    def hold(self) -> bool:
        """Whether all come out the same; the direct ones are not asked."""
        return self.run is None or tuple(map(bool, self.run(*map(_read, self.sources)))) == self.values


class Rule:
    """A rule as a program, as it is for these options and decisions.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rule it is.
    group : dict
        The options.
    memory : Memory
        The memory of the parameters that it moves.

    Raises
    ------
    RuleError
        If the rule is none of elements, or keeps a memory of another kind each time.
    """

    def __init__(self, optimizer: Optimizer, group: Group, memory: Memory) -> None:
        self.group, self.memory = group, memory
        self._rows = memory.rows
        self._gradient = memory.segment.gradient
        self.options = {key: x for key, x in group.items() if key != "params"}
        program, segment = _RuleProgram(), memory.segment
        data, g = program.input(segment.data, "p"), program.input(segment.gradient.copy(), "g")
        rows = {key: program.input(row, key) for key, row in memory.rows.items()}
        sources: dict[Variable, Source] = {}

        def number(container: State, key: str, i: int | None = None) -> Variable:
            source = container, key, i
            v = program.input(_read(source), key if i is None else f"{key}_{i}")
            sources[v] = source
            return v

        options: Group = {"params": group["params"]}
        for key, x in self.options.items():
            options[key] = x
            if _is_number(x):
                options[key] = number(group, key)
            elif isinstance(x, tuple) and all(map(_is_number, x)):
                options[key] = tuple(number(group, key, i) for i in range(len(x)))
        before, state = dict(options), dict(rows)
        state |= {key: number(memory.numbers, key) for key in memory.numbers}
        try:
            change = optimizer._change(SimpleNamespace(data=data), cast(X, g), options, state)
        except Exception as error:  # It asks for what no variable has.
            raise RuleError(str(error)) from error
        if any(options.get(key) is not x for key, x in before.items()) or len(options) != len(before):
            raise RuleError("it changes its options")
        new = program.constant(data - cast(X, change))
        results = self._checked(program, new, state)
        self._compare(optimizer, new, results)
        stores = [(data, new), *((rows[key], results[key]) for key in rows if results[key] is not rows[key])]
        if {data, *rows.values()} & {v for _, v in stores}:
            raise RuleError("it moves a memory to another place")
        self._keys = [key for key in memory.numbers if results[key] not in sources]
        outputs = [results[key] for key in self._keys]
        self._sources = _used([*outputs, *(v for _, v in stores)], sources)
        fixed = {data: segment.data, g: segment.gradient, **{rows[key]: row for key, row in memory.rows.items()}}
        inputs = [data, g, *rows.values(), *(v for v in sources if sources[v] in self._sources)]
        code = numpy_code(outputs, inputs, name="update", fixed=fixed, stores=stores)
        self.text, self._run = code.text, code.make()
        self._decisions = _decided(program, sources, group)

    def is_of(self, memory: Memory) -> bool:
        """Whether the program moves the memory's rows, by the segment's gradients."""
        rows = memory.rows
        if self._gradient is not memory.segment.gradient:
            return False
        return len(rows) == len(self._rows) and all(rows.get(key) is row for key, row in self._rows.items())

    def look(self, test: IdentityTest) -> None:
        """Let a test ask whether the options are the very same, and other decisions come out the same."""
        test.size(self.group)
        for key in self.options:
            test.same_item(self.group, key, self.options, key)
        if self._decisions.run is not None:
            test.holds(self._decisions.hold)

    def fits(self) -> bool:
        """Whether the options are of the kind with which it was traced, and decide the same; they are noted then."""
        group, options = self.group, self.options
        if len(group) != len(options) + 1 or not all(_is_alike(x, group.get(key)) for key, x in options.items()):
            return False
        if any(bool(_read(source)) is not truth for source, truth in self._decisions.direct):
            return False
        options.update((key, group[key]) for key in options)
        return self._decisions.hold()

    def run(self) -> None:
        """Move the parameters."""
        results = self._run(*[c[key] if i is None else c[key][i] for c, key, i in self._sources])
        if self._keys:
            for key, x in zip(self._keys, results, strict=True):
                self.memory.set(key, x)
        self.memory.segment.stamp()

    def _checked(self, program: Program, new: Variable, state: State) -> dict[str, Variable]:
        """The new memory, if it is of the kind of the old one, and element by element."""
        rows, numbers = self.memory.rows, self.memory.numbers
        if state.keys() != rows.keys() | numbers.keys():
            raise RuleError("it does not remember the same at each step")
        results = {key: program.constant(x) for key, x in state.items()}
        pairs = [(new, self.memory.segment.data), *((results[key], row) for key, row in rows.items())]
        for v, row in pairs:
            if not isinstance(v.data, np.ndarray) or v.data.shape != row.shape or v.data.dtype != row.dtype:
                raise RuleError("it gives numbers of another shape or dtype")
        if not all(results[key].is_number for key in numbers):
            raise RuleError("it does not remember the same at each step")
        for v in program.variables:
            if not _is_elementwise(v):
                raise RuleError(f"{v.name} does not work element by element")
        return results

    def _compare(self, optimizer: Optimizer, new: Variable, results: dict[str, Variable]) -> None:
        """Raise unless the rule gives the same numbers for each parameter by itself, in its own shape."""
        memory, segment = self.memory, self.memory.segment
        split = {key: segment.split(v.data) for key, v in results.items() if key in memory.rows}
        for i, (p, g, moved) in enumerate(
            zip(segment.parts, segment.gradient_parts, segment.split(new.data), strict=True)
        ):
            state: State = {key: parts[i].copy() for key, parts in memory.parts.items()} | memory.numbers
            with np.errstate(all="ignore"):
                change = optimizer._change(SimpleNamespace(data=p.copy()), g.copy(), dict(self.group), state)
            pairs = [(p - change, moved), *((state[key], parts[i]) for key, parts in split.items())]
            if not all(_is_close(a, b) for a, b in pairs):
                raise RuleError("it is not the same for each parameter by itself")


def _decided(program: _RuleProgram, sources: dict[Variable, Source], group: Group) -> _Decisions:
    """The decisions of a rule: by an option itself, or by what is calculated of numbers."""
    direct = [(sources[v], truth) for v, truth in program.decisions if v in sources and sources[v][0] is group]
    others = [(v, truth) for v, truth in program.decisions if v not in sources or sources[v][0] is not group]
    if not others:
        return _Decisions(direct, None, [], ())
    variables = [v for v, _ in others]
    used = _used(variables, sources)
    code = numpy_code(variables, [v for v in sources if sources[v] in used], name="decisions")
    return _Decisions(direct, code.make(), used, tuple(truth for _, truth in others))


def _used(outputs: list[Variable], sources: dict[Variable, Source]) -> list[Source]:
    """The sources of the numbers that outputs are calculated from."""
    reached = set(live(outputs))
    return [source for v, source in sources.items() if v in reached]


def _is_elementwise(v: Variable) -> bool:
    """Whether an instruction gives for each element what that element alone decides, or a number of numbers."""
    if v.function is None or all(o.is_number for o in v.operands()):
        return True
    f = v.function
    return v.name in _OPERATORS or v.name in _ELEMENTWISE or (isinstance(f, np.ufunc) and f.signature is None)


def _read(source: Source) -> X:
    container, key, i = source
    return container[key] if i is None else container[key][i]


def _is_number(x: object) -> bool:
    return type(x) is float or type(x) is int


def _is_alike(x: object, y: object) -> bool:
    """Whether two options are numbers both, or tuples of as many, or the same."""
    if _is_number(x) and _is_number(y):
        return True
    if isinstance(x, tuple) and isinstance(y, tuple):
        return len(x) == len(y) and all(map(_is_alike, x, y))
    return x is y or (type(x) is type(y) and bool(np.all(x == y)))


def _is_close(a: X, b: Array) -> bool:
    tolerance = float(np.finfo(b.dtype).eps) ** 0.75 if b.dtype.kind == "f" else 0.0
    size = float(np.abs(b[np.isfinite(b)]).max(initial=0.0))
    return np.shape(a) == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance * size, equal_nan=True)
