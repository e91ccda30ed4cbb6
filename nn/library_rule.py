"""An optimiser's rule as a pure function of arrays, which a library compiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from autograd import backends
from nn._types import Node, State, X
from nn.optim import Optimizer
from nn.rule_numbers import Number, Numbers, Recipe, is_number, numbers_in

__all__ = ["LibraryRule", "Moved"]

Moved: TypeAlias = tuple[Node, State]  # a parameter, and the group with its options


class _Leaf(NamedTuple):
    """What a rule reads of a parameter beside its gradient."""

    data: X


class LibraryRule:
    """The rule for some parameters, as it is for these options, kinds of memories and decisions.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rule it is.
    moved : list of (node, dict)
        What it moves.
    """

    def __init__(self, optimizer: Optimizer, moved: Sequence[Moved]) -> None:
        self.optimizer, self.moved = optimizer, list(moved)
        self.memories: list[State] = [optimizer.state[p] for p, _ in moved]
        self._library = backends.library_of(backends.held(moved[0][0])[0])
        self._options = [(group, _static(group)) for group in {id(g): g for _, g in moved}.values()]
        self._kinds = [self._kind(memory) for memory in self.memories]
        self._representatives = self._found_representatives()
        self._counts: list[dict[str, Recipe]] = []
        self.numbers = Numbers()

    def applies(self, moved: Sequence[Moved]) -> bool:
        """Whether it is the rule for these parameters now, but for its decisions."""
        state = self.optimizer.state
        return (
            len(moved) == len(self.moved)
            and all(p is q and g is h for (p, g), (q, h) in zip(moved, self.moved, strict=True))
            and all(state.get(p) is memory for (p, _), memory in zip(moved, self.memories, strict=True))
            and all(_static(group) == static for group, static in self._options)
            and all(self._kind(memory) == kind for memory, kind in zip(self.memories, self._kinds, strict=True))
            and all(_alike(self.memories[i], self.memories[j]) for i, j in enumerate(self._representatives))
        )

    def arrays(self) -> list[State]:
        """The arrays in the memories."""
        return [{k: x for k, x in memory.items() if self._is_array(x)} for memory in self.memories]

    def discover(self, data: X, gradients: X, arrays: X) -> X:
        """Run the rule, and note what it does with numbers."""
        self.numbers = Numbers()
        return self._run(self.numbers, data, gradients, arrays)

    def __call__(self, data: X, gradients: X, arrays: X, inputs: X) -> X:
        """The new data, and the arrays in the new memories; `inputs` are the numbers that meet arrays."""
        return self._run(Numbers(inputs), data, gradients, arrays)

    def _run(self, numbers: Numbers, data: X, gradients: X, arrays: X) -> X:
        new, after, counts = [], [], []
        for i, (_, group) in enumerate(self.moved):
            own = numbers_in(self.memories[self._representatives[i]], numbers) | arrays[i]
            change = self.optimizer._change(_Leaf(data[i]), gradients[i], numbers_in(group, numbers), own)
            new.append(self._library.cast(data[i] - change, data[i].dtype))
            after.append({k: x for k, x in own.items() if not isinstance(x, Number)})
            counts.append({k: x.recipe for k, x in own.items() if isinstance(x, Number)})
        self._counts = counts
        return new, after

    def remember(self, arrays: Sequence[State], known: dict[Recipe, X]) -> None:
        """Take over the arrays of the new memories, and their numbers, of which some are `known`."""
        counts = [{k: self.numbers.value(recipe, known) for k, recipe in own.items()} for own in self._counts]
        for memory, new, own in zip(self.memories, arrays, counts, strict=True):
            memory.update(new)
            memory.update(own)

    def _found_representatives(self) -> list[int]:
        """For each parameter the first one of its group whose memory holds the same numbers."""
        found: list[int] = []
        for i, (_, group) in enumerate(self.moved):
            found.append(
                next(j for j in (*found, i) if self.moved[j][1] is group and _alike(self.memories[i], self.memories[j]))
            )
        return found

    def _kind(self, memory: State) -> X:
        return [(k, self._is_array(x)) for k, x in memory.items()]

    def _is_array(self, x: object) -> bool:
        return backends.library_of(x) is self._library


def _static(group: State) -> list[X]:
    """The options that are no numbers."""
    return [(k, x) for k, x in group.items() if not (k == "params" or is_number(x) or isinstance(x, tuple))]


def _alike(memory: State, other: State) -> bool:
    return memory is other or all(x == other.get(k) for k, x in memory.items() if is_number(x))
