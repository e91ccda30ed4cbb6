"""An optimiser's rule as a pure function of arrays, which a library compiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from autograd import backends
from nn._types import Node, State, X
from nn.optim import Optimizer
from nn.rule_numbers import Number, Numbers, Recipe, is_number, numbers_in
from nn.snapshot import Snapshot

__all__ = ["LibraryRule", "Moved"]

Moved: TypeAlias = tuple[Node, State]  # a parameter, and the group with its options
_PLAIN = (bool, int, float, str, type(None))


class _Leaf(NamedTuple):
    """What a rule reads of a parameter beside its gradient."""

    data: X


class _Array:
    """Stands for an array in what a rule leaves in a memory."""


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
        self._options = [(group, self._kinds(group)) for group in {id(g): g for _, g in moved}.values()]
        self._states = [self._state(p, memory) for (p, _), memory in zip(moved, self.memories, strict=True)]
        self._representatives = self._found_representatives()
        self._kept: list[State] = []  # by parameter what the rule leaves in its memory: arrays, recipes, other things
        self.numbers = Numbers()

    def applies(self, moved: Sequence[Moved]) -> bool:
        """Whether it is the rule for these parameters now, but for its decisions."""
        state = self.optimizer.state
        return (
            len(moved) == len(self.moved)
            and all(p is q and g is h for (p, g), (q, h) in zip(moved, self.moved, strict=True))
            and all(state.get(p) is memory for (p, _), memory in zip(moved, self.memories, strict=True))
            and all(self._kinds(group) == kinds for group, kinds in self._options)
            and all(
                self._state(p, m) == s for (p, _), m, s in zip(self.moved, self.memories, self._states, strict=True)
            )
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
        new, after, left = [], [], []
        for i, (_, group) in enumerate(self.moved):
            options = numbers_in(group, numbers)
            before = options.copy()
            read = numbers_in(self.memories[self._representatives[i]], numbers)
            own = {k: read[k] if is_number(x) else arrays[i].get(k, x) for k, x in self.memories[i].items()}
            change = self.optimizer._change(_Leaf(data[i]), gradients[i], options, own)
            if options.keys() != before.keys() or any(options[k] is not x for k, x in before.items()):
                raise TypeError("the rule changes its options")
            new.append(self._library.cast(data[i] - change, data[i].dtype))
            after.append({k: x for k, x in own.items() if self._is_array(x)})
            left.append({k: self._found(x) for k, x in own.items()})
        self._kept = left
        return new, after

    def _found(self, x: X) -> X:
        """What an entry of a memory becomes in each step: an array of it, a recipe, or this."""
        if self._is_array(x):
            return _Array
        if isinstance(x, Number):
            return x.recipe
        if isinstance(x, _PLAIN):
            return x
        raise TypeError(f"the rule remembers {type(x).__name__}")

    def remember(self, arrays: Sequence[State], known: dict[Recipe, X]) -> None:
        """Take over the arrays of the new memories, and their numbers, of which some are `known`."""
        each = [
            {k: new[k] if x is _Array else self.numbers.value(x, known) for k, x in left.items()}
            for new, left in zip(arrays, self._kept, strict=True)
        ]
        for memory, own in zip(self.memories, each, strict=True):  # After all numbers, which are made of the old ones.
            memory.clear()
            memory.update(own)

    def _found_representatives(self) -> list[int]:
        """For each parameter the first one of its group whose memory holds the same numbers."""
        found: list[int] = []
        for i, (_, group) in enumerate(self.moved):
            found.append(
                next(j for j in (*found, i) if self.moved[j][1] is group and _alike(self.memories[i], self.memories[j]))
            )
        return found

    def _kinds(self, own: State) -> list[X]:
        """What a trace of the rule holds of a group or a memory: all but numbers that are inputs of it."""
        return [(k, self._kind(x)) for k, x in own.items() if k not in ("params", "param_names")]

    def _kind(self, x: X, depth: int = 0) -> X:
        if is_number(x) and depth < 2:  # :func:`numbers_in` looks into tuples and lists, but not further.
            return float
        if isinstance(x, _PLAIN):
            return type(x), x
        if self._is_array(x):
            return x.dtype, tuple(x.shape)
        if isinstance(x, (tuple, list)):
            return type(x), [self._kind(part, depth + 1) for part in x]
        return _Kept(x)

    def _state(self, p: Node, memory: State) -> X:
        """What a trace holds of a parameter and its memory."""
        return self._kind(backends.held(p)[0]), self._kinds(memory)

    def _is_array(self, x: object) -> bool:
        return backends.library_of(x) is self._library


class _Kept:
    """An option of another kind: the object that it is, and what it holds."""

    def __init__(self, x: object) -> None:
        self.snapshot = Snapshot({"option": x})  # keeps the object, so that nothing else gets its identity

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and self.snapshot.key == other.snapshot.key

    __hash__ = None  # type: ignore[assignment]


def _alike(memory: State, other: State) -> bool:
    """Whether two memories hold the same numbers."""
    return memory is other or _numbers(memory) == _numbers(other)


def _numbers(memory: State) -> State:
    return {k: x for k, x in memory.items() if is_number(x)}
