"""``LibraryStep``: a step of a training that JAX or PyTorch compiles, as pure functions of all that changes.

What a trace reads is a constant of it. So parameters, buffers, the optimiser's memory, what is drawn, and the numbers
of the rule (rates, shares, counts; :mod:`nn.rule_numbers`) go in as arguments, and what has changed comes out; anything
else that Python's code may read is looked at before each step (:class:`nn.snapshot.Snapshot`), and traced anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple, TypeAlias, cast

import numpy as np

from autograd import Tensor, backends, graph
from autograd.compiler import LibraryTrace, NotCompiledError, has_hook, is_usual_mode, warn
from nn._types import Function, Input, Node, X
from nn.compilers import COMPILERS
from nn.module import Module
from nn.optim import Optimizer
from nn.optim.hooks import EVERY
from nn.rule_numbers import Number, Numbers, numbers_in
from nn.snapshot import Snapshot
from nn.step import Step

__all__ = ["LibraryStep"]

LIMIT = 8  # variants
Data: TypeAlias = X  # an array of the library


class Gradients(NamedTuple):
    """The compiled forward and backward pass of a variant.

    Attributes
    ----------
    run : callable
        Of the data of leaves and buffers, what is drawn, X and y: the loss, gradients, and what the effects take.
    leaves : list of Node
        Whose data go in.
    buffers : list of (dict, str)
        Attributes whose numbers go in.
    trace : LibraryTrace
        What is drawn before, and done afterwards.
    trained : list of Node
        Whose gradients come out.
    """

    run: Callable[..., X]
    leaves: list[Node]
    buffers: list[tuple[dict[str, X], str]]
    trace: LibraryTrace
    trained: list[Node]


class Update(NamedTuple):
    """The compiled rule of an optimiser for the parameters of a variant."""

    run: Callable[..., X]
    numbers: Numbers
    counts: list[dict[str, Number]]  # the numbers in each new memory


class LibraryStep(Step):
    """A step that a library compiles; :func:`nn.compile_step` with `using` makes one.

    Attributes
    ----------
    compiled : bool or str
        True, or the reason for which steps run as they are written.
    """

    def __init__(self, model: Module, loss: Function, optimizer: Optimizer, using: str) -> None:
        super().__init__(model, loss, optimizer)
        if using not in COMPILERS:
            raise ValueError(f"compile_step: using={using!r} is none of {', '.join(map(repr, COMPILERS))}")
        self.compiled = True
        self.using, self._library = using, backends.use(using)
        self._check_place()
        self._compiler = COMPILERS[using]
        self._variants: dict[object, Gradients] = {}
        self._updates: dict[object, list[Update]] = {}
        self._outside: list[Node] = []
        self._last: Gradients | None = None
        self._snapshot: Snapshot | None = None

    def __call__(self, X: Input, y: Input) -> float:
        """The loss of a minibatch; the parameters have their gradients then, and have moved."""
        if self.optimizer.needs_closure:
            number: float = self.optimizer.step(partial(self.backward, X, y))
            return number
        number = self.backward(X, y)
        self.update()
        return number

    def backward(self, X: Input, y: Input, check: Callable[[float], object] | None = None) -> float:
        """Give the parameters their gradients; returns the loss, which `check` sees before."""
        self._last = None
        self._check_place()
        if self.compiled is not True or not is_usual_mode() or has_hook(list(self.model.parameters())):
            return super().backward(X, y, check)
        if isinstance(X, Tensor) or isinstance(y, Tensor):
            return super().backward(X, y, check)
        try:
            variant, drawn, data = self._variant(self._array(X), self._array(y))
        except NotCompiledError as error:
            self.compiled = error.reason
            warn(f"steps are not compiled: {error.reason}")
            return super().backward(X, y, check)
        leaves, buffers = self._data_of(variant.leaves), self._numbers_of(variant.buffers)
        loss, gradients, effects = variant.run(leaves, buffers, drawn, *data)
        number = float(loss)
        self.optimizer.zero_grad()
        if check is not None:
            check(number)
        for p, g in zip(variant.trained, gradients, strict=True):
            backends.put(p, backends.held(p)[0], g)
        for (write, _), results in zip(variant.trace.effects, effects, strict=True):
            write(*results)
        self._last = variant
        return number

    def update(self) -> None:
        """Move the parameters by their gradients."""
        moved = [] if self._last is None else [(p, g) for g in self.optimizer.param_groups for p in self._moved(g)]
        has_own = type(self.optimizer).step is not Optimizer.step or self.optimizer._hooks or EVERY._hooks
        if has_own or not moved or not all(self.optimizer.state.get(p) for p, _ in moved) or not self._update(moved):
            super().update()

    def _moved(self, group: dict[str, X]) -> list[Node]:
        return [p for p in group["params"] if p.has_grad and p.requires_grad]

    def _data_of(self, leaves: Sequence[Node]) -> list[Data]:
        return [backends.held(p)[0] for p in leaves]

    def _numbers_of(self, buffers: Sequence[tuple[dict[str, X], str]]) -> list[Data]:
        """The numbers in buffers, on the library."""
        like = self._data_of(list(self.model.parameters())[:1])[0]
        each = (attributes[name] for attributes, name in buffers)
        arrays = (backends.held(x)[0] if isinstance(x, Tensor) else x for x in each)
        return [x if self._is_array(x) else self._library.asarray_like(x, like) for x in arrays]

    def _check_place(self) -> None:
        """Refuse a model that is not on the library."""
        for p in self.model.parameters():
            if backends.library_of(backends.held(p)[0] if isinstance(p, Tensor) else p) is not self._library:
                raise TypeError(
                    f'compile_step: using="{self.using}" takes a model on {self._library.title}; call '
                    f'model.to("{self.using}") first'
                )

    def _array(self, x: object) -> Data:
        """Data as the trace takes them, floats in the model's dtype, beside its parameters."""
        like = backends.held(next(iter(self.model.parameters())))[0]
        if backends.library_of(x) is self._library:
            return self._library.cast(x, like.dtype) if self._library.is_float(x) else x
        return self._library.asarray_like(np.asarray(x), like)

    def _variant(self, *data: Data) -> tuple[Gradients, list[Data], tuple[Data, ...]]:
        """The compiled pass for what Python's code reads now, and what was drawn for it."""
        if self._snapshot is None or not self._snapshot.holds():
            roots = {"model": self.model, "loss": self.loss, "optimizer": self.optimizer, "captured": self._outside}
            self._snapshot = Snapshot(roots)
        key = (*self._snapshot.key, *((tuple(x.shape), str(x.dtype)) for x in data))
        variant = self._variants.get(key)
        if variant is not None:
            like = backends.held(variant.leaves[0])[0]
            return variant, [self._library.asarray_like(np.asarray(draw()), like) for draw in variant.trace.draws], data
        if len(self._variants) >= LIMIT:
            raise NotCompiledError(f"compile_step: there are {LIMIT} variants already")
        variant, drawn = self._traced(self._snapshot, data)
        self._variants[key] = variant
        return variant, drawn, data

    def _traced(self, snapshot: Snapshot, data: Sequence[Data]) -> tuple[Gradients, list[Data]]:
        if any(module._hooks for module in snapshot.modules):
            raise NotCompiledError("a module has a hook, which Python has to call")
        leaves = [*self.model.parameters(), *self._outside]
        like = backends.held(leaves[0])[0]
        buffers: list[tuple[dict[str, X], str]] = []
        for attributes, name in ((vars(m), name) for m in snapshot.modules for name in m.buffer_names):
            x = attributes.get(name)
            if isinstance(x, (np.ndarray, Tensor)) or self._is_array(x):
                buffers.append((attributes, name))
        trained = [p for group in self.optimizer.param_groups for p in group["params"] if p.requires_grad]
        found: list[Node] = []

        def discover(*args: X) -> X:
            own, of_buffers, _, X, y = args
            results, found[:] = self._pass(trace, leaves, buffers, trained, own, of_buffers, X, y)
            return results

        trace = LibraryTrace()
        arguments = [self._data_of(leaves), self._numbers_of(buffers), [], *data]
        self._compiler.discover(discover, *arguments)
        captured = [p for p in found if p in snapshot and all(p is not q for q in leaves)]
        if captured:
            self._outside += captured
            self._snapshot = Snapshot({"model": self.model, "loss": self.loss, "optimizer": self.optimizer,
                                       "captured": self._outside})  # fmt: skip
            return self._traced(self._snapshot, data)
        drawn = [self._library.asarray_like(np.asarray(x), like) for x in trace.found]
        final = LibraryTrace([])

        def gradients(own: X, of_buffers: X, drawn: X, X: X, y: X) -> X:
            fresh = LibraryTrace(drawn)
            results, _ = self._pass(fresh, leaves, buffers, trained, own, of_buffers, X, y)
            final.draws, final.effects = fresh.draws, fresh.effects
            return results

        arguments[2] = drawn
        run = self._compiler.compiled(gradients, arguments)
        run(*arguments)
        changed = snapshot.restored()
        if changed:
            raise NotCompiledError(f"compile_step: the forward pass changes {changed}")
        return Gradients(run, leaves, buffers, final, self._reached), drawn

    def _pass(
        self, trace: LibraryTrace, leaves: list[Node], buffers: list[tuple[dict[str, X], str]], trained: list[Node],
        own: Sequence[Data], of_buffers: Sequence[Data], X: Data, y: Data,
    ) -> tuple[X, list[Node]]:  # fmt: skip
        """The loss, the gradients and what effects take, for other data of leaves and buffers; the graph's leaves."""
        with ExitStack() as stack:
            stack.enter_context(backends.lent(leaves, own))
            stack.enter_context(trace.running())
            for (attributes, name), x in zip(buffers, of_buffers, strict=True):
                stack.callback(attributes.__setitem__, name, attributes[name])
                attributes[name] = _tensor(x)
            loss = self.loss(self.model(_tensor(X)), _tensor(y))
            loss.backward()
            self._reached = [p for p in trained if p.has_grad]
            gradients = [backends.held(p)[1] for p in self._reached]
            effects = [list(nodes) for _, nodes in trace.effects]
            found = [n for n in cast("list[Node]", graph.toposort(loss)) if n.op is None]
        return (backends.held(loss)[0], gradients, effects), found

    def _update(self, moved: list[tuple[Node, dict[str, X]]]) -> bool:
        """Move the parameters by a compiled rule; False if the rule cannot be one."""
        state = self.optimizer.state
        arrays = [{k: x for k, x in state[p].items() if self._is_array(x)} for p, _ in moved]
        kinds = tuple((id(p), tuple((k, self._is_array(x)) for k, x in state[p].items())) for p, _ in moved)
        key = (kinds, *(tuple((k, repr(v)) for k, v in g.items() if not _is_numeric(v) and k != "params")
                        for _, g in moved))  # fmt: skip
        known = self._updates.setdefault(key, [])
        data = [backends.held(p) for p, _ in moved]
        arguments = [[x for x, _ in data], [g for _, g in data], arrays]
        update = next((u for u in known if u.numbers.hold()), None)
        if update is None:
            if len(known) >= LIMIT:
                return False
            try:
                update = self._traced_rule(moved, arguments)
            except TypeError:  # The rule needs the numbers themselves, as arguments of a function.
                return False
            known.append(update)
        like = data[0][0]
        inputs = [self._compiler.number(read(), like) for read in update.numbers.met]
        counts = [{k: x.read() for k, x in own.items()} for own in update.counts]
        new, memories = update.run(*arguments, inputs)
        for (p, _), x, (_, g), memory, numbers in zip(moved, new, data, memories, counts, strict=True):
            backends.put(p, x, g)
            state[p].update(memory)
            state[p].update(numbers)
        return True

    def _traced_rule(self, moved: list[tuple[Node, dict[str, X]]], arguments: list[X]) -> Update:
        counts: list[dict[str, Number]] = []

        def rule(numbers: Numbers, data: X, gradients: X, memories: X) -> X:
            new, after = [], []
            counts.clear()
            for (p, group), x, g, memory in zip(moved, data, gradients, memories, strict=True):
                own = numbers_in(self.optimizer.state[p], numbers) | memory
                change = self.optimizer._change(_Leaf(x), g, numbers_in(group, numbers), own)
                new.append(self._library.cast(x - change, x.dtype))
                after.append({k: v for k, v in own.items() if not isinstance(v, Number)})
                counts.append({k: v for k, v in own.items() if isinstance(v, Number)})
            return new, after

        first = Numbers()
        self._compiler.discover(partial(rule, first), *arguments)
        like = arguments[0][0]
        inputs = [self._compiler.number(read(), like) for read in first.met]
        run = self._compiler.compiled(
            lambda data, gradients, memories, inputs: rule(Numbers(inputs), data, gradients, memories),
            [*arguments, inputs],
        )
        run(*arguments, inputs)
        return Update(run, first, list(counts))

    def _is_array(self, x: object) -> bool:
        return backends.library_of(x) is self._library


class _Leaf(NamedTuple):
    """What a rule reads of a parameter beside its gradient."""

    data: Data


def _is_numeric(x: object) -> bool:
    parts = x if isinstance(x, tuple) else (x,)
    return all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in parts)


def _tensor(x: Data) -> Tensor:
    return Tensor(x, requires_grad=False)
