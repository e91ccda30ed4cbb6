"""``LibraryStep``: a step of a training that JAX or PyTorch compiles, as a pure function of all that changes.

What a trace reads is a constant of it. So parameters, buffers, the optimiser's memory, what is drawn, and the numbers
of the rule (rates, shares, counts; :mod:`nn.rule_numbers`) go in as arguments, and what has changed comes out. Anything
else that Python's code may read is looked at before each step (:class:`nn.snapshot.Snapshot`), and traced anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TypeAlias, cast

import numpy as np

from autograd import Tensor, backends, graph
from autograd.compiler import DRAWN, Generators, LibraryTrace, NotCompiledError, has_hook, is_usual_mode, warn
from nn._types import Function, Input, Node, State, X
from nn.compilers import COMPILERS
from nn.host import as_numpy
from nn.library_rule import LibraryRule, Moved
from nn.module import Module
from nn.optim import Optimizer
from nn.optim.hooks import EVERY
from nn.randomness import as_generator
from nn.rule_numbers import Recipe
from nn.snapshot import Snapshot
from nn.step import Step

__all__ = ["LibraryStep"]

LIMIT = 8  # variants of a pass, and of a rule for it
Data: TypeAlias = X  # an array of the library
Place: TypeAlias = tuple[State, str]  # an attribute


class _Variant:
    """The forward and backward pass of a signature, and the rules that follow it.

    Attributes
    ----------
    leaves, buffers : list
        Nodes and attributes whose numbers go in.
    trained : list of node
        Whose gradients come out.
    trace : LibraryTrace
        What is drawn before, and done afterwards.
    run : callable or None
        The compiled pass: of leaves, buffers, what is drawn, X and y, it gives the loss, gradients, and what effects
        take. It is compiled when it is needed without a rule.
    wholes : list of (LibraryRule, callable)
        The compiled steps: a pass and a rule.
    rules : list of (LibraryRule, callable)
        The compiled rules alone.
    """

    def __init__(self, leaves: list[Node], buffers: list[Place]) -> None:
        self.leaves, self.buffers = leaves, buffers
        self.trained: list[Node] = []
        self.trace = LibraryTrace()
        self.run: Function | None = None
        self.wholes: list[tuple[LibraryRule, Function]] = []
        self.rules: list[tuple[LibraryRule, Function]] = []


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
            raise ValueError(
                f"compile_step: {using!r} compiles no steps; using= takes {', '.join(map(repr, COMPILERS))}"
            )
        self.compiled = True
        self.using, self._library, self._compiler = using, backends.use(using), COMPILERS[using]
        self._like: Data = None  # a parameter's array
        self._variants: dict[object, _Variant] = {}
        self._outside: list[Node] = []  # leaves that the loss reads, and that are not in the model
        self._snapshot: Snapshot | None = None
        self._last: _Variant | None = None  # whose gradients the parameters have
        self._has_moved = False  # once, so that memories are there
        self._moves, self._places = -1, list[Data]()
        self._check_place()

    def __reduce__(self) -> tuple[X, ...]:
        return type(self), (self.model, self.loss, self.optimizer, self.using)  # A copy compiles anew.

    def __call__(self, X: Input, y: Input) -> float:
        """The loss of a minibatch; the parameters have their gradients then, and have moved."""
        if self.optimizer.needs_closure:
            number: float = self.optimizer.step(partial(self.backward, X, y))
            return number
        found = self._found(X, y) if self._has_moved and self._has_usual_rule() else None
        if found is not None:
            variant, drawn, data = found
            moved = self._moved({*variant.trained}.__contains__)
            whole = self._with_rule(variant.wholes, moved, partial(self._compiled_whole, variant, drawn, data))
            if whole is not None:
                return self._whole_step(variant, *whole, drawn, data)
        number = self._as_written(X, y) if found is None else self._passed(*found)
        self.update()
        return number

    def backward(self, X: Input, y: Input, check: Callable[[float], object] | None = None) -> float:
        """Give the parameters their gradients; returns the loss, which `check` sees before."""
        self._last = None
        found = self._found(X, y)
        return self._as_written(X, y, check) if found is None else self._passed(*found, check)

    def _as_written(self, X: Input, y: Input, check: Callable[[float], object] | None = None) -> float:
        """A step on nodes; plain arrays go to the library."""
        X, y = (x if isinstance(x, Tensor) else _constant(self._array(x)) for x in (X, y))
        return super().backward(X, y, check)

    def update(self) -> None:
        """Move the parameters by their gradients."""
        variant, self._last = self._last, None
        is_there = backends.moves.count == self._moves
        if variant is not None and is_there and self._has_moved and self._has_usual_rule():
            moved = self._moved(lambda p: p.has_grad and p.requires_grad)
            ruled = self._with_rule(variant.rules, moved, self._compiled_rule)
            if ruled is not None:
                rule, run = ruled
                known: dict[Recipe, X] = {}
                data = [backends.held(p) for p, _ in moved]
                new, arrays = run([x for x, _ in data], [g for _, g in data], rule.arrays(), self._inputs(rule, known))
                for (p, _), x, (_, g) in zip(moved, new, data, strict=True):
                    backends.put(p, x, g)
                rule.remember(arrays, known)
                return
        super().update()
        self._has_moved = True

    # ---- what is known before a step ----

    def _check_place(self) -> None:
        """Look, if leaves were moved, at where the model is."""
        if backends.moves.count == self._moves:
            return
        self._check_library()
        if (places := self._places_now()) != self._places:
            self._places = places
            self._variants.clear()  # A trace holds dtypes and devices.
            self.optimizer.recast_memory()
        self._moves, self._snapshot, self._last = backends.moves.count, None, None

    def _check_library(self) -> None:
        """Refuse a model that is not on the library."""
        for p in self.model.parameters():
            data = backends.held(p)[0] if isinstance(p, Tensor) else p
            if backends.library_of(data) is not self._library:
                raise TypeError(
                    f'compile_step: using="{self.using}" takes a model on {self._library.title}; call '
                    f'model.to("{self.using}") first'
                )
            self._like = data

    def _places_now(self) -> list[Data]:
        """Where the leaves are that go in or are moved, and their dtypes."""
        leaves = [*self.model.parameters(), *self.optimizer._leaves(), *self._outside]
        arrays = [backends.held(p)[0] for p in leaves if isinstance(p, Tensor)]
        return [(library := backends.library_of(x), library and library.device(x), x.dtype) for x in arrays]

    def _has_usual_rule(self) -> bool:
        optimizer = self.optimizer
        own = type(optimizer).step is not Optimizer.step or "step" in vars(optimizer)
        return not (own or optimizer._hooks or EVERY._hooks)

    def _moved(self, is_moved: Callable[[Node], bool]) -> list[Moved]:
        """The parameters that a step moves, with their groups."""
        return [(p, g) for g in self.optimizer.param_groups for p in g["params"] if is_moved(p)]

    def _array(self, x: X) -> Data:
        """Data as the trace takes them: floats in the model's dtype, beside its parameters."""
        if backends.library_of(x) is self._library:
            return self._library.cast(x, self._like.dtype) if self._library.is_float(x) else x
        a = np.asarray(as_numpy(x))
        # What is no number gets the error that a Tensor of it gets.
        return self._library.asarray_like(a if a.dtype.kind in "fiub" else Tensor(x).data, self._like)

    def _numbers_of(self, buffers: Sequence[Place]) -> list[Data]:
        """The numbers in buffers, on the library."""
        each = (attributes[name] for attributes, name in buffers)
        return [self._array(backends.held(x)[0] if isinstance(x, Tensor) else x) for x in each]

    def _found(self, X: Input, y: Input) -> tuple[_Variant, list[Data], tuple[Data, Data]] | None:
        """The variant for what Python's code reads now, with what was drawn for it, and the data; None as written."""
        self._check_place()
        if self.compiled is not True or not is_usual_mode() or isinstance(X, Tensor) or isinstance(y, Tensor):
            return None
        data = self._array(X), self._array(y)
        if self._snapshot is None or not self._snapshot.holds():
            self._look()
        assert self._snapshot is not None
        key = (*self._snapshot.key, *((tuple(x.shape), str(x.dtype)) for x in data))
        variant = self._variants.get(key)
        if variant is not None:
            if has_hook(variant.leaves):
                return None
            return variant, [self._array(draw()) for draw in variant.trace.draws], data
        try:
            if len(self._variants) >= LIMIT:
                raise NotCompiledError(f"compile_step: there are {LIMIT} variants already")
            found = self._discovered(self._snapshot, data)
        except NotCompiledError as error:
            self.compiled = error.reason
            warn(f"steps are not compiled: {error.reason}")
            return None
        if found is None:
            return None
        self._variants[key] = found[0]
        return *found, data

    def _look(self) -> None:
        """Take a snapshot of all that the model's and the optimiser's code may read."""
        self._check_library()
        roots = {"model": self.model, "loss": self.loss, "optimizer": self.optimizer, "captured": self._outside}
        self._snapshot = Snapshot(roots)

    # ---- passes ----

    def _discovered(self, snapshot: Snapshot, data: Sequence[Data]) -> tuple[_Variant, list[Data]] | None:
        """What a pass takes, found by two that are run for that only; and what the first drew, which the step takes.

        None if a leaf has a hook.
        """
        if any(module._hooks for module in snapshot.modules):
            raise NotCompiledError("a module has a hook, which Python has to call")
        buffers = [(vars(m), name) for m in snapshot.modules for name in m.buffer_names if vars(m)[name] is not None]
        of_optimizer = [p for p in self.optimizer._leaves() if backends.library_of(p) is self._library]
        leaves = dict.fromkeys([*self.model.parameters(), *of_optimizer, *self._outside])
        if has_hook(leaves):
            return None
        variant = _Variant(list(leaves), buffers)
        with ExitStack() as stack:
            generators = stack.enter_context(Generators())
            for part in (self.model, self.loss, as_generator()):
                generators.note(part)
            variant.trace, found = self._discovery(variant, snapshot, LibraryTrace(), data)
            before = generators.states()
            _, again = self._discovery(variant, snapshot, LibraryTrace(variant.trace.found), data)
            if generators.states() != before:  # The second one draws nothing by `fresh`.
                raise TypeError(DRAWN.format(name="compile_step"))
            captured = [p for p in found if p in {*again} and p not in leaves]  # What both read was there before.
            if has_hook(captured):
                return None
            stack.pop_all()
        if captured:
            self._outside += captured
            self._look()
            variant.leaves += captured
        return variant, [self._array(x) for x in variant.trace.found]

    def _discovery(
        self, variant: _Variant, snapshot: Snapshot, trace: LibraryTrace, data: Sequence[Data]
    ) -> tuple[LibraryTrace, list[Node]]:
        """A pass that is run only for what it draws, and for which leaves it reads."""
        found: list[Node] = []

        def discover(*args: X) -> X:
            results, found[:] = self._pass(variant, trace, *args)
            return results

        own = [backends.held(p)[0] for p in variant.leaves]
        self._compiler.discover(discover, own, self._numbers_of(variant.buffers), *data)
        if changed := snapshot.restored():
            raise NotCompiledError(f"compile_step: the forward pass changes {changed}")
        return trace, found

    def _pass(
        self, variant: _Variant, trace: LibraryTrace, own: Sequence[Data], of_buffers: Sequence[Data], X: Data, y: Data
    ) -> tuple[X, list[Node]]:
        """The loss, the gradients and what effects take, for other data of leaves and buffers; the graph's leaves."""
        trained = [p for group in self.optimizer.param_groups for p in group["params"] if p.requires_grad]
        with ExitStack() as stack:
            stack.enter_context(backends.lent(variant.leaves, own))
            stack.enter_context(trace.running())
            for (attributes, name), x in zip(variant.buffers, of_buffers, strict=True):
                stack.callback(attributes.__setitem__, name, attributes[name])
                attributes[name] = _constant(x)
            loss = self.loss(self.model(_constant(X)), _constant(y))
            found, own_leaves = [n for n in cast("list[Node]", graph.toposort(loss)) if n.op is None], {*variant.leaves}
            others = [n for n in found if n not in own_leaves]  # They get no gradients for good.
            stack.enter_context(backends.lent(others, [backends.held(n)[0] for n in others]))
            loss.backward()
            variant.trained = [p for p in dict.fromkeys(trained) if p.has_grad]
            gradients = [backends.held(p)[1] for p in variant.trained]
            effects = [list(nodes) for _, nodes in trace.effects]
            variant.trace.effects = trace.effects
        return (backends.held(loss)[0], gradients, effects), found

    def _gradients(self, variant: _Variant, own: X, of_buffers: X, drawn: X, X: Data, y: Data) -> X:
        return self._pass(variant, LibraryTrace(drawn), own, of_buffers, X, y)[0]

    def _passed(
        self, variant: _Variant, drawn: list[Data], data: Sequence[Data], check: Callable[[float], object] | None = None
    ) -> float:
        arguments = [backends.held(p)[0] for p in variant.leaves], self._numbers_of(variant.buffers), drawn, *data
        if variant.run is None:
            variant.run = self._compiler.compiled(partial(self._gradients, variant), arguments)
        loss, gradients, effects = variant.run(*arguments)
        self._act(variant, effects)  # One that checks numbers may raise an error.
        number = float(loss)
        self.optimizer.zero_grad()
        if check is not None:
            check(number)
        for p, g in zip(variant.trained, gradients, strict=True):
            backends.put(p, backends.held(p)[0], g)
        self._last = variant
        return number

    def _act(self, variant: _Variant, effects: Sequence[Sequence[Data]]) -> None:
        for (write, _), results in zip(variant.trace.effects, effects, strict=True):
            write(*results)

    # ---- rules ----

    def _with_rule(
        self, known: list[tuple[LibraryRule, Function]], moved: list[Moved], make: Callable[[LibraryRule], Function]
    ) -> tuple[LibraryRule, Function] | None:
        """The rule for these parameters with what was made of it; None if it cannot be compiled."""
        for i, (rule, run) in enumerate(known):
            if rule.applies(moved) and rule.numbers.hold({}):
                if i:
                    known.insert(0, known.pop(i))
                return rule, run
        if len(known) >= LIMIT or not moved or len({p for p, _ in moved}) < len(moved):
            return None
        found = self._rule(moved)
        if found is None:
            return None
        known.insert(0, (found, make(found)))
        return known[0]

    def _rule(self, moved: list[Moved]) -> LibraryRule | None:
        """The rule for parameters, if a trace holds all of it: it reads nothing that it changes, and draws nothing."""
        rule = LibraryRule(self.optimizer, moved)
        data = [backends.held(p)[0] for p, _ in moved]
        snapshot = Snapshot({"optimizer": self.optimizer})
        with Generators() as generators:
            generators.note(self.optimizer)
            before = generators.states()
            try:
                self._compiler.discover(rule.discover, data, data, rule.arrays())
            except TypeError:  # A function of the rule takes no stand-ins for numbers.
                return None
            is_pure = generators.states() == before
        return None if snapshot.restored() or not is_pure else rule

    def _inputs(self, rule: LibraryRule, known: dict[Recipe, X]) -> list[X]:
        return [self._compiler.number(x, self._like) for x in rule.numbers.values(known)]

    def _compiled_rule(self, rule: LibraryRule) -> Function:
        data = [backends.held(p)[0] for p, _ in rule.moved]
        return self._compiler.compiled(rule, [data, data, rule.arrays(), self._inputs(rule, {})])

    def _compiled_whole(
        self, variant: _Variant, drawn: list[Data], data: Sequence[Data], rule: LibraryRule
    ) -> Function:
        places = {p: i for i, p in enumerate(variant.leaves)}

        def whole(own: X, of_buffers: X, drawn: X, X: Data, y: Data, arrays: X, inputs: X) -> X:
            loss, gradients, effects = self._gradients(variant, own, of_buffers, drawn, X, y)
            slopes = dict(zip(variant.trained, gradients, strict=True))
            each = [own[places[p]] for p, _ in rule.moved], [slopes[p] for p, _ in rule.moved]
            return loss, gradients, effects, *rule(*each, arrays, inputs)

        own = [backends.held(p)[0] for p in variant.leaves]
        arguments = own, self._numbers_of(variant.buffers), drawn, *data, rule.arrays(), self._inputs(rule, {})
        return self._compiler.compiled(whole, arguments)

    def _whole_step(
        self, variant: _Variant, rule: LibraryRule, run: Function, drawn: list[Data], data: Sequence[Data]
    ) -> float:
        known: dict[Recipe, X] = {}
        inputs = self._inputs(rule, known)
        own = [backends.held(p)[0] for p in variant.leaves]
        loss, gradients, effects, new, arrays = run(
            own, self._numbers_of(variant.buffers), drawn, *data, rule.arrays(), inputs
        )
        self._act(variant, effects)  # One that checks numbers may raise an error.
        number = float(loss)
        self.optimizer.zero_grad()
        fresh = {p: x for (p, _), x in zip(rule.moved, new, strict=True)}
        for p, g in zip(variant.trained, gradients, strict=True):
            backends.put(p, fresh[p], g)
        rule.remember(arrays, known)
        return number


def _constant(x: Data) -> Tensor:
    return Tensor(x, requires_grad=False)
