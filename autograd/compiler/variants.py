"""Variants: a path through a function, recorded for one signature, which tells whether it is the right one.

What Python read of a node while the function was recorded (``if x > 0``) decided the path. These guards are further
outputs of its program: where they come out otherwise, the numbers are another path's and count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import repeat
from math import isnan

import numpy as np

from autograd.callers import location_text
from autograd.compiler.backends import code_of
from autograd.compiler.requests import GRADIENT
from autograd.compiler.signature import MANY, Call
from autograd.compiler.tracing import Recording, is_derivative, location_of
from autograd.engine.contributions import has_nan
from autograd.engine.hooks import BEFORE
from autograd.engine.node import Node, toposort
from autograd.engine.templates import compiled, filled
from autograd.namespaces import arrays
from autograd.transforms.containers import leaves, rebuilt
from autograd.typing import Function, Namespace, Tree, X

__all__ = ["Outcome", "Scope", "Variant"]

VARIANT = """
def {name}({inputs}):
    if hooks and hooks.on(captured): return miss                                                           #: captures
    try: run = free.pop()
    except IndexError: run = make()
    token = set_errors(quiet)                                                                              #: arrays
    try:                                                                                                   #: arrays
        {outputs} = run({data})                                                                            #: arrays
    finally:                                                                                               #: arrays
        reset_errors(token)                                                                                #: arrays
    {outputs} = run({data})                                                                                #: numbers
    free.append(run)
    if {hidden}: return nan                                                                                #: hiding
    if {mismatch}: return miss                                                                             #: guarded
    if {undefined}: return nan                                                                             #: unmarked
    return {result}
"""


class Outcome(Enum):
    """What a variant gives in place of numbers that count."""

    MISS = "a guard is another than was recorded"
    NAN = "a nan, where derivatives with marks may have a number"


class Scope:
    """The objects that generated code refers to, each by a name of ours."""

    def __init__(self, **objects: object) -> None:
        self.objects: Namespace = objects

    def name(self, x: object) -> str:
        """A name for an object."""
        name = f"k{len(self.objects)}"
        self.objects[name] = x
        return name


class Variant:
    """A path through a function for arguments of one signature, and its program.

    Attributes
    ----------
    signature : str
        The arguments, as ``x: float64 (3,), n=2``.
    guards : tuple of str
        What Python read of nodes on this path, with the user's line.
    source : str
        The program as Python.
    backend : str
        What runs it: "python", "numpy", "levels" or "machine".
    instructions : int
        How many lines or calls the program has.
    bytes : int
        Memory of the buffers that one call at a time uses.
    marked : bool
        Whether its derivatives carry marks: it runs where those without give a nan.
    """

    __slots__ = (
        "_draws", "_effects", "backend", "bytes", "guards", "instructions", "marked", "run", "signature", "source",
    )  # fmt: skip

    def __init__(self, recording: Recording, signature: str, *, scalars: bool, marked: bool) -> None:
        guards, effects = recording.guards, recording.effects
        read = [*(node for node, _, _ in guards), *(node for _, nodes in effects for node in nodes)]
        hidden = [] if marked else _hidden_gradients(recording.outputs, read)
        code = code_of(recording, [*recording.outputs, *read, *hidden], marked=marked)
        self.signature = signature
        self.marked = marked
        self.guards = tuple(map(_guard_text, guards))
        self.source = code.text
        self.backend, self.instructions, self.bytes = code.backend, code.instructions, code.bytes
        self._draws = recording.draws
        self._effects = [(write, len(nodes)) for write, nodes in effects]
        scope = Scope(
            asarray=np.asarray, captured=code.captured, free=[], has_nan=has_nan, hooks=BEFORE, isnan=isnan,
            make=code.make, miss=Outcome.MISS, nan=Outcome.NAN, quiet=arrays.QUIET, rebuilt=rebuilt,
            reset_errors=arrays.ERROR_STATE.reset, set_errors=arrays.ERROR_STATE.set,
        )  # fmt: skip
        count = len(recording.inputs)
        inputs = [f"x{i}" for i in range(count)] if count <= MANY else ["*inputs"]
        outputs = [f"y{i}" for i in range(len(recording.outputs))]
        conditions = [f"g{i}" for i in range(len(guards))]
        written = [f"e{i}" for i in range(len(read) - len(guards))]
        gradients = [f"d{i}" for i in range(len(hidden))]
        result = _rebuilding(recording.result, map(_result, outputs, recording.outputs, repeat(scalars)), scope)
        differentiated = _is_differentiated(recording, read)
        undefined = _nan_tests(outputs, recording.outputs) if differentiated and not marked else []
        numbers = code.backend == "python"
        marks = {
            "arrays": not numbers, "numbers": numbers, "captures": differentiated and bool(code.captured),
            "guarded": bool(guards), "hiding": bool(hidden), "unmarked": bool(undefined),
        }  # fmt: skip
        text = filled(
            VARIANT, marks, name="variant", inputs=", ".join(inputs),
            outputs=_tuple([*outputs, *conditions, *written, *gradients]),
            data=", ".join([*inputs, *(f"{scope.name(node)}._data" for node in code.captured)]),
            hidden=" or ".join(_nan_tests(gradients, hidden)),
            mismatch=" or ".join(map(_mismatch, conditions, guards)), undefined=" or ".join(undefined),
            result=f"{result}, {_tuple(written)}" if effects else result,
        )  # fmt: skip
        self.run: Function = compiled("variant", text, "variant", scope.objects)

    @property
    def is_pure(self) -> bool:
        """Whether a call is a call of `run`, which draws nothing and writes nothing."""
        return not self._draws and not self._effects

    def __call__(self, call: Call) -> X:
        """What `run` gives for a call, or an `Outcome`."""
        drawn = [call.draw(i, draw) for i, draw in enumerate(self._draws)]
        return self.run(*call.inputs, *drawn)

    def result(self, outcome: X) -> Tree:
        """The result of a call that counts, whose effects now take place."""
        if not self._effects:
            return outcome
        result, data = outcome
        rest = iter(data)
        for write, count in self._effects:
            write(*[next(rest) for _ in range(count)])
        return result

    def __repr__(self) -> str:
        return f"<variant for {self._head()}>"

    def __str__(self) -> str:
        return "\n".join([f"# {self._head()}", *(f"# where {guard}" for guard in self.guards), self.source])

    def _head(self) -> str:
        """One line on it."""
        size = f", {self.bytes} bytes of buffers" if self.bytes else ""
        marks = ", with marks" if self.marked else ""
        return f"{self.signature or 'no arguments'} ({self.backend}, {self.instructions} instructions{size}{marks})"


def _hidden_gradients(outputs: list[Node], read: list[Node]) -> list[Node]:
    """The gradients of which a nan may not reach the outputs: a branch, a comparison or a selection comes between."""
    order = toposort([*outputs, *read])
    hidden = set(read)
    for node in reversed(order):
        op: X = node.op
        if op is not None and (node in hidden or op is GRADIENT or op.selects or not op.differentiable):
            hidden.update(node.parents)
    return [node for node in order if node.op is GRADIENT and node in hidden]


def _guard_text(guard: tuple[Node, str, object]) -> str:
    node, what, value = guard
    location = location_of(node)
    text = f"{what} {value}" if what == "shape" else "true" if value else "false"
    return f"{text} at {location_text(location)}" if location else text


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' * (len(names) == 1)})"


def _mismatch(name: str, guard: tuple[Node, str, object]) -> str:
    _, what, value = guard
    if what == "bool":
        return f"not {name}" if value else name
    return f"{name}.{what} != {value!r}"


def _is_differentiated(recording: Recording, read: list[Node]) -> bool:
    """Whether derivatives were taken in a recording, in which marks make a difference."""
    return any(node.op is GRADIENT or is_derivative(node) for node in toposort([*recording.outputs, *read]))


def _nan_tests(names: list[str], nodes: list[Node]) -> list[str]:
    """The tests for a nan among outputs."""
    numbers = [name for name, node in zip(names, nodes, strict=True) if type(node._data) is float]
    tests = [f"{name} != {name}" for name in numbers] if len(numbers) <= MANY else [f"isnan(sum({_tuple(numbers)}))"]
    for name, node in zip(names, nodes, strict=True):
        if isinstance(node._data, np.ndarray) and node._data.dtype.kind == "f":
            tests.append(f"has_nan({name})")
    return tests


def _result(name: str, node: Node, scalars: bool) -> str:
    """An output as eager gives it: functions of arrays give numbers for 0-d arrays, transforms 0-d arrays."""
    if not isinstance(node._data, np.ndarray) or node._data.ndim:
        return name
    return f"{name}[()]" if scalars else f"asarray({name})"


def _rebuilding(tree: Tree, outputs: Iterator[str], scope: Scope) -> str:
    """The expression for a result: its containers anew, with outputs in place of nodes, and copies of plain arrays."""
    if isinstance(tree, Node):
        return next(outputs)
    if not isinstance(tree, (tuple, list, dict)):
        return f"{scope.name(tree)}.copy()" if isinstance(tree, np.ndarray) else scope.name(tree)
    if type(tree) is dict:
        return f"{{{', '.join(f'{scope.name(k)}: {_rebuilding(child, outputs, scope)}' for k, child in tree.items())}}}"
    if type(tree) is list:
        return f"[{', '.join(_rebuilding(child, outputs, scope) for child in tree)}]"
    if type(tree) is tuple:
        return _tuple([_rebuilding(child, outputs, scope) for child in tree])
    new = _tuple([_rebuilding(leaf, outputs, scope) for leaf in leaves(tree)])
    return f"rebuilt({scope.name(rebuilt(tree, repeat(None)))}, iter({new}))"
