"""The recorder: what the compiler is told while a function runs on nodes.

It is told of each way out of the graph. What depends on an argument may not take one, but for a branch, which becomes a
guard: a condition that has to come out the same wherever the recording stands for the function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

import numpy as np

from autograd.callers import location, location_text
from autograd.compiler.comparison import Run
from autograd.compiler.generators import Generators
from autograd.compiler.lowering import is_of_table
from autograd.compiler.refusals import PROGRAMS, NotCompiledError
from autograd.compiler.requests import GRADIENT, Request
from autograd.engine.anomaly import LocatedVersion, location_of
from autograd.engine.coercion import constant
from autograd.engine.derived import is_derivative
from autograd.engine.gradients import calculated
from autograd.engine.hooks import is_hooked
from autograd.engine.libraries import IN_USE, library_of
from autograd.engine.modes import Mode, current_mode, run_in
from autograd.engine.node import NODE_CLASSES, Node, leaf, registry, versions
from autograd.messages import describe
from autograd.tensor import Tensor
from autograd.transforms.containers import leaves
from autograd.typing import Tree, X

__all__ = ["Draw", "Dynamic", "Effect", "Guard", "Recorder", "is_derivative", "running"]

Draw = Callable[[], X]
Guard = tuple[Node, str, object]  # "bool" and whether the node is true, or "shape" and its shape
Effect = tuple[Callable[..., object], list[Node]]  # what is called after each call, on the data of which nodes


class _Version(LocatedVersion):
    """The version of a recorded node: its line is that of the op whose derivative it is a part of, if it is one."""

    derivative = False


class Recorder:
    """One run of a function for the compiler: it is told what transforms are told, and what anomaly detection is.

    Parameters
    ----------
    name : str
        For messages.
    inputs : list of node
        What stands for the arguments.
    marked : bool
        Whether gradient graphs carry marks from the start.
    deferred_from : float
        How many of the first gradients asked for are recorded as graphs, because they are differentiated in turn.
    drawn : list of node, optional
        What another run has drawn, which this one takes instead of drawing.
    generators : Generators, optional
        Takes note of the random generators that it draws from.
    recall : callable
        Gives what was drawn already in a place by such a function, or None.
    """

    checks = False
    records_all = True
    outer = None

    def __init__(
        self, name: str, inputs: list[Node], marked: bool = False, deferred_from: float = 0,
        drawn: list[Node] | None = None, generators: Generators | None = None,
        recall: Callable[[int, Draw], X] = lambda place, draw: None,
    ) -> None:  # fmt: skip
        self.name = name
        self.inputs = list(inputs)
        self.marked = marked
        self.deferred_from = deferred_from
        self.drawn = drawn
        self.generators = generators
        self.recall = recall
        self.draws: list[Draw] = []
        self.guards: list[Guard] = []
        self.effects: list[Effect] = []
        self.requests = 0  # gradients asked for so far
        self.failure: Exception | None = None
        self._guarded: set[tuple[int, str]] = set()  # by identity
        self._dependent = set(inputs)
        self._varying: set[Node] = set()  # not on an input, but on what was made before, and may have other data
        self._unrecorded: set[Node] = set()  # results under no_grad, which otherwise are leaves
        self._derived: Node | None = None  # whose derivative is being recorded
        versions.latest = self._begin = versions.latest + 1

    # What recording asks.

    def value(self, op: X, parents: Sequence[Node], result: X) -> None:
        """Any value may be recorded, as `checks` says; so may any gradient."""

    def seed(self, output: Node, g: X) -> None:
        """Nothing, as of values."""

    def gradient(self, node: Node, g: X, position: int, contribution: X, total: X) -> None:
        """Nothing, as of values."""

    def forbid(self, what: str) -> NoReturn:
        """No program can do what comes next."""
        self._fail(NotCompiledError(f"{self.name}: {what}"))

    def checking(self) -> NoReturn:
        """Anomaly detection compares numbers at each op, which a program does not."""
        self.forbid("detect_anomaly looks at each op, which a program cannot")

    def objects(self, op: X) -> NoReturn:
        """An object array of nodes has as many graphs as elements."""
        self.forbid(f"{op.name} met an object array; autograd.stack([x, y]) joins nodes")

    def refused(self, op: X, operands: Sequence[X]) -> None:
        """An op refuses its operands. Where the function catches that, no guard tells where else it would."""
        if any(isinstance(x, Node) and self.varies(x) for x in operands):
            self.failure = NotCompiledError(
                f"{self.name}: it catches an error of {op.name}; choose with autograd.where"
            )

    def version(self, node: Node) -> int:
        """The version of a node that is being recorded; notes on what it depends."""
        if IN_USE and library_of(node._data) is not None:
            self.forbid(f"{describe(node)} is recorded, and {PROGRAMS}")
        self._place(node, node.parents)
        if not current_mode().recording:  # type: ignore[union-attr]  # the mode in which it records
            self._unrecorded.add(node)
        if self.drawn is not None:  # nobody asks for the lines of a second run
            return versions.latest
        of = self._derived
        if of is None:
            return _Version.here()
        version = _Version(versions.latest)
        version.location, version.derivative = location_of(of) or location(), True
        return version

    def _place(self, node: Node, parents: Sequence[Node]) -> None:
        dependent, varying, begin = self._dependent, self._varying, self._begin
        for p in parents:
            if p in dependent:
                dependent.add(node)
                break
        else:
            for p in parents:
                if p in varying or p._version < begin:
                    varying.add(node)
                    break
        if type(node._data) is np.ndarray and node._data.ndim and self._is_dynamic(node, parents):
            node.__class__ = Dynamic

    def _is_dynamic(self, node: Node, parents: Sequence[Node]) -> bool:
        """Whether values decide the shape of a node that is being recorded."""
        op: X = node.op
        if op is GRADIENT:
            return isinstance(node.params["request"].inputs[node.params["index"]], Dynamic)
        for p in parents:
            if type(p) is Dynamic:
                return True
        if op.sized_by is not None:
            return any(self.varies(parents[i]) for i in op.sized_by(*(p._data for p in parents)))
        # Nobody knows on what the shapes of a user's ops depend.
        return not op.elementwise and not is_of_table(op) and (node in self._dependent or node in self._varying)

    def varies(self, node: Node) -> bool:
        """Whether a node may have other data at another call."""
        return node in self._dependent or node in self._varying or node._version < self._begin

    def derive(self, node: Node | None) -> None:
        """The derivative of a node is recorded next: its ops have the node's line, and are the traced shapes' own."""
        self._derived = node
        arrays = () if node is None else [p for p in node.parents if p.ndim]
        for n in arrays if len(arrays) > 1 else ():  # one may have been broadcast to another, or not
            if isinstance(n, Dynamic):
                self.measure(n)

    def deferred(
        self, seeds: dict[Node, Node], inputs: list[Node], strict: bool, create_graph: bool
    ) -> list[Node | None] | None:
        """Nodes that stand for gradients, unless these may be differentiated in turn."""
        if is_hooked(seeds):
            self.forbid("a node whose gradient is asked for has a hook, which a program does not call")
        for y in seeds:
            if isinstance(y, Dynamic):  # the gradient to start from has the traced shape
                self.measure(y)
        state = current_mode()
        if state is None or (create_graph and state.trace is not self):
            return None
        if self.requests < self.deferred_from:
            self.requests += 1
            return None
        numbers = calculated({y: g._data for y, g in seeds.items()}, inputs, strict)
        self.requests += 1  # now that it is known that it differentiates no other
        request = Request(seeds, [x for x, g in zip(inputs, numbers, strict=True) if g is not None], strict)
        differentiable = create_graph and state.recording
        nodes: list[Node | None] = []
        index = 0
        for g in numbers:
            if g is None:  # the outputs do not depend on the input
                nodes.append(None)
                continue
            node = leaf(NODE_CLASSES[type(g)], g)
            params = {"request": request, "index": index}
            node._fill(g, None, differentiable, GRADIENT, (*seeds, *seeds.values()), params)
            node._version = self.version(node)
            nodes.append(node)
            index += 1
        return nodes

    # What is told to traces.

    def reaches(self, node: X) -> bool:
        """Whether a node depends on an input."""
        return node in self._dependent

    def refuse(self, function: str, node: Node, advice: str) -> NoReturn:
        """Raise because a function that knows nothing of the graph makes a number of a node that depends on inputs."""
        self._refuse(node, f"{function} makes a plain number of it", f"take {advice}")

    def take(self, node: Node, how: str) -> None:
        """Raise if a value is taken out that depends on an input; one of what was made before has to stay the same."""
        if node in self._dependent:
            self._refuse(node, f"{how} takes its value out of the graph", "compute with the node, or return it too")
        if self.varies(node):
            self._hold(node, how)

    def _hold(self, node: Node, how: str) -> None:
        """Guard the value of a node that depends on no input."""
        if np.isnan(node._data).any():
            self.forbid(f"{how} takes a nan out of {describe(node)}")
        bool(run_in(Mode(trace=self, watch=self), _is_still, node, node._data))

    def branch(self, node: Node) -> None:
        """Guard the truth of a node."""
        if self.varies(node):
            if isinstance(node, Dynamic):
                self.measure(node)
            self._guard(node, "bool", bool(node._data))

    def measure(self, node: Node) -> None:
        """Guard the shape of a node."""
        self._guard(node, "shape", node._data.shape)

    def _guard(self, node: Node, kind: str, value: object) -> None:
        if (id(node), kind) not in self._guarded:
            self._guarded.add((id(node), kind))
            self.guards.append((node, kind, value))

    def store(self, node: Node, how: str) -> None:
        """Raise if the value of a node goes where it would stay that of the first call."""
        if node in self._dependent:
            self._refuse(node, f"{how} keeps its value outside of the graph", "return the node instead")
        if self.varies(node):
            self.forbid(f"{how} of {describe(node)}, which is not made in the function")

    def write(self, leaf: Node, value: object, how: str) -> None:
        """Raise if a leaf is updated: a program calculates, and changes nothing."""
        if isinstance(value, Node) and value in self._dependent:
            self._refuse(value, f"{how} puts its value into {describe(leaf)}", "return it, and update outside")
        if leaf.op is None or leaf in self._unrecorded:
            self.forbid(f"{how} changes {describe(leaf)}")

    def _refuse(self, node: Node, what: str, instead: str) -> NoReturn:
        self._fail(
            TypeError(
                f"{self.name}: {describe(node)} depends on an argument, and {what}, which would be that of the first "
                f"call for ever; {instead}\n  at {location_text(location())}"
            )
        )

    def _fail(self, error: Exception) -> NoReturn:
        self.failure = error  # which a function may catch, and go another way than without the compiler
        raise error

    def summary(self, result: Tree) -> Run:
        """What of this run has to be the same in another one."""
        roots = [*(y for y in leaves(result) if isinstance(y, Node)), *(n for n, _, _ in self.guards)]
        roots += [n for _, nodes in self.effects for n in nodes]
        return Run(result, roots, self.inputs, [(kind, value) for _, kind, value in self.guards], self._dependent)

    # What a function asks of the compiler by name.

    def draw(self, draw: Draw) -> Node:
        """An input that is drawn at each call."""
        place = len(self.draws)
        if self.drawn is not None and place < len(self.drawn):
            data = self.drawn[place]._data
        else:
            data = self.recall(place, draw)
        if data is None:
            if self.generators is not None:
                self.generators.note(draw)
            data = draw()
        node = constant(data)
        self.draws.append(draw)
        self.inputs.append(node)
        self._dependent.add(node)
        return node


class Dynamic(Tensor, results=Tensor):
    """A node whose shape depends on values: reading it is a guard."""

    __slots__ = ()
    __hash__ = object.__hash__

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        if (recorder := running()) is not None:
            recorder.measure(self)
        shape: tuple[int, ...] = self._data.shape
        return shape

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return self.shape[0]


def _is_still(node: Node, data: X) -> X:
    """Whether a node has these data, as a node."""
    same = registry.all(registry.equal(node, data))
    if np.asarray(data).dtype.kind != "f" or np.all(data):
        return same
    return registry.logical_and(same, registry.all(registry.equal(registry.signbit(node), np.signbit(data))))


Dynamic.__name__ = Dynamic.__qualname__ = "Tensor"  # for messages


def running() -> Recorder | None:
    """The recorder of this thread or task, if one is at work."""
    state = current_mode()
    watch = None if state is None else state.watch
    return watch if isinstance(watch, Recorder) else None
