"""What a compiled step is made of: the gradients for a signature, and the parameters that are moved together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from autograd.compiler import GradientProgram, IdentityTest, Segment, is_usual_mode, shared_leaf
from nn._types import Array, Input, Node, State
from nn.compiled_rule import Memory, Rule, RuleError
from nn.kinds import requires_grad, to_numpy
from nn.module import Module
from nn.optim import Optimizer
from nn.optim.optimizer import Group
from nn.snapshot import Snapshot

__all__ = ["LIMIT", "Buffers", "Unit", "Variant", "buffers_of"]

LIMIT = 8  # signatures that are compiled, and ways that a rule takes

# Where modules have buffers, each with the leaf that stands for it.
Buffers: TypeAlias = list[tuple[State, str, Node]]


class Unit:
    """Parameters of one group that are moved together: their segment, their memory, and the rule's programs."""

    def __init__(self, group: Group, segment: Segment) -> None:
        self.group, self.segment = group, segment
        self.memory: Memory | None = None
        self.has_moved = False  # whether the rule has made its memory
        self.rules: list[Rule] = []

    def rule(self, optimizer: Optimizer) -> Rule:
        """The program that fits the options and the memory as they are."""
        memory = self.memory
        if memory is None:
            memory = self.memory = Memory(optimizer, self.segment)
        elif not memory.is_current():
            memory.gather()
        self.rules = [rule for rule in self.rules if rule.is_of(memory)]
        for rule in self.rules:
            if rule.fits():
                return rule
        if len(self.rules) == LIMIT:
            raise RuleError(f"it has taken {LIMIT} ways")
        before = Snapshot({"optimizer": optimizer})
        try:
            rule = Rule(optimizer, self.group, memory)
        finally:
            changed = before.restored()
        if changed:
            raise RuleError(f"it changes {changed}")
        self.rules.insert(0, rule)
        return rule


class Variant:
    """The gradients for one signature.

    Attributes
    ----------
    program : GradientProgram
        The loss and the gradients.
    units : list of Unit
        The parameters that the optimiser moves.
    cleared : list of node
        Parameters of the optimiser that get no gradient.
    buffers : list of (dict, str, Tensor)
        Where a module has a buffer, and the leaf that stands for it.
    """

    def __init__(self, program: GradientProgram, units: list[Unit], cleared: list[Node], buffers: Buffers) -> None:
        self.program, self.units, self.cleared, self.buffers = program, units, cleared, buffers
        self._rules: list[Rule] = []
        self._ages: list[int] = []
        self._is_ready: Callable[[], bool] = lambda: False
        self._look()

    def _look(self) -> None:
        """Make the test of whether the parameters have the parts of the segments already."""
        self._renewals = self.program.renewals
        self._quick_for: Snapshot | None = None
        self._quick: Callable[[Input, Input], float | None] | None = None
        test = IdentityTest()
        if self.program.others or not all(unit.segment.shares for unit in self.units):
            test.holds(lambda: False)
        for unit in self.units:
            unit.segment.data_are_parts(test)
            unit.segment.gradients_are_parts(test)
        for p in self.cleared:
            test.attribute(p, "_grad", None)
        self._attached_test, self._is_attached = test, test.made()

    def run(self, data: tuple[Array, Array]) -> float | None:
        """The loss; None if the model takes another way for these data."""
        self._attached = attached = self._is_attached()
        if not attached:
            for unit in self.units:
                unit.segment.gather()
            for p in self.cleared:
                p.grad = None
        return self.program.run(data)

    def hand_out(self) -> None:
        """Set the parameters' gradients to what was calculated; what they have had for long is filled already."""
        renewed = self._renewals is not self.program.renewals
        if renewed:
            self._look()
        if renewed or not self._attached:
            self.program.hand_out()

    def quick(self, snapshot: Snapshot, X: Array, y: Array) -> Callable[[Input, Input], float | None] | None:
        """The loss for as long as nothing at all changes, else None; None where a variant has more to do."""
        if snapshot.arrays or self.program.others or not all(unit.segment.shares for unit in self.units):
            return None
        if self._quick_for is snapshot:
            return self._quick
        test = IdentityTest().array("X", X).array("y", y).holds(is_usual_mode)
        test.include(snapshot.test).include(self._attached_test)
        for unit in self.units:
            unit.segment.gradient_is_free(test)
        self._quick_for, self._quick = snapshot, self.program.quick(test.made("X", "y"))
        return self._quick

    def move(self) -> bool:
        """Move the parameters by the rules of the last step, if nothing has changed since."""
        try:
            if not self._is_ready():
                return False
        except LookupError:
            return False
        for rule in self._rules:
            rule.run()
        return True

    def move_by(self, rules: list[Rule]) -> None:
        """Move the parameters by these rules, one for each unit."""
        for rule in rules:
            rule.run()
        ages = [rule.memory.age for rule in rules]
        if ages != self._ages or any(a is not b for a, b in zip(rules, self._rules, strict=True)):
            test = IdentityTest()
            for rule in rules:
                rule.memory.segment.gradients_are_parts(test)
                for p in rule.memory.segment.leaves:  # which may be frozen when its gradient is there
                    test.attribute(p, "requires_grad", True)
                rule.look(test)
                rule.memory.look(test)
            for p in self.cleared:
                test.attribute(p, "_grad", None)
            self._rules, self._ages, self._is_ready = rules, ages, test.made()


def buffers_of(modules: list[Module]) -> Buffers:
    """Where modules have buffers, with a leaf for each array."""
    buffers: Buffers = []
    leaves: dict[int, Node] = {}
    for attributes, name in ((vars(m), name) for m in modules for name in m.buffer_names):
        x = attributes.get(name)
        array = to_numpy(x)
        if not requires_grad(x) and array.dtype.kind in "fiub":
            leaf = leaves.setdefault(id(x), shared_leaf(array))
            buffers.append((attributes, name, leaf))
    return buffers
