"""``compile_step``: a step of a training as two programs, the gradients and the update.

Nothing of a model or an optimiser is frozen in them. What Python read when they were made is an input of theirs, or
their making is repeated where it has changed: see :class:`nn.snapshot.Snapshot`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

import numpy as np

from autograd import Tensor, Value, backends
from autograd.compiler import (
    GradientProgram,
    NotCompiledError,
    Segment,
    is_usual_mode,
    record_loss,
    share,
    warn,
)
from nn._types import Array, Function, Input, LossLike, Node, Output
from nn.compiled_rule import RuleError, UnlikeError, memory_kinds
from nn.compiled_variant import LIMIT, Buffers, Unit, Variant, buffers_of
from nn.fit_arguments import checked_optimizer
from nn.host import as_numpy
from nn.kinds import dtype_refusal, to_numpy
from nn.library_step import LibraryStep
from nn.losses import loss_function
from nn.module import Module
from nn.optim import Optimizer
from nn.optim.hooks import EVERY
from nn.snapshot import Snapshot
from nn.step import Step

__all__ = ["CompiledStep", "compile_step", "compiled_step"]

_NAME = "compile_step"


class CompiledStep(Step):
    """A step that is compiled, or says in `compiled` why not; :func:`compile_step` makes one.

    Attributes
    ----------
    compiled : bool or str
        True, or the reason for which steps run as they are written.
    """

    def __init__(self, model: Module, loss: Function, optimizer: Optimizer) -> None:
        super().__init__(model, loss, optimizer)
        self.compiled = True
        self._variants: dict[object, list[Variant]] = {}
        self._current: list[Variant] = []  # those of the last signature, the last one first
        self._shapes: tuple[object, ...] = ()
        self._units: dict[object, Unit] = {}
        self._dtypes: object = []  # of the parameters
        self._outside: list[Node] = []  # leaves that the loss reads, and that are not in the model
        self._last: Variant | None = None  # whose gradients the parameters have
        self._of_rule: object = None  # what a rule may read of the optimiser
        self._quick: Callable[[Input, Input], float | None] | None = None  # the last variant, if nothing has changed
        self._has_own_step = type(optimizer).step is not Optimizer.step or "step" in vars(optimizer)
        self._look()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.model, self.loss, self.optimizer)  # A copy compiles anew.

    def __call__(self, X: Input, y: Input) -> float:
        """The loss of a minibatch; the parameters have their gradients then, and have moved."""
        if self.optimizer.needs_closure:
            number: float = self.optimizer.step(partial(self.backward, X, y))
            return number
        number = self.backward(X, y)
        self.update()
        return number

    @property
    def source(self) -> str:
        """The programs of the last step, to be read; empty if it was not compiled."""
        if self._last is None:
            return ""
        updates = [unit.rules[0].text for unit in self._last.units if unit.rules]
        return "\n\n".join([self._last.program.text, *updates])

    def backward(self, X: Input, y: Input, check: Callable[[float], object] | None = None) -> float:
        """Give the parameters their gradients; returns the loss, which `check` sees before."""
        try:
            number = None if self._quick is None else self._quick(X, y)
        except LookupError:  # An attribute is gone.
            number = None
        if number is None:
            return self._backward_anew(X, y, check)
        try:
            if check is not None:
                check(number)
        except Exception:
            self._last = None
            self.optimizer.zero_grad()
            raise
        self._last = self._current[0]
        return number

    def _backward_anew(self, X: Input, y: Input, check: Callable[[float], object] | None) -> float:
        """Give the parameters their gradients, by the variant for what has changed since the last step."""
        self._last = self._quick = None
        if self.compiled is not True or not is_usual_mode():
            return super().backward(X, y, check)
        is_known = self._snapshot.holds()
        if not is_known:
            self._look()
        dtype = self._dtype
        a = X if type(X) is np.ndarray and X.dtype is dtype else self._array(X)
        b = y if type(y) is np.ndarray and y.dtype is dtype else self._array(y)
        if a is None or b is None:
            return super().backward(X, y, check)
        try:
            number = self._run(a, b)
            if check is not None:
                check(number)
        except NotCompiledError as error:
            self._give_up(error.reason)
            return super().backward(X, y, check)
        except Exception:
            self.optimizer.zero_grad()
            raise
        self._last = variant = self._current[0]
        variant.hand_out()
        if is_known and a is X and b is y:
            self._quick = variant.quick(self._snapshot, a, b)
        return number

    def update(self) -> None:
        """Move the parameters by their gradients."""
        variant = self._last
        has_hooks = self.optimizer._hooks or EVERY._hooks
        if variant is None or has_hooks or not (variant.move() or self._update(variant)):
            super().update()
            for unit in () if variant is None else variant.units:
                unit.has_moved = True

    def _run(self, *data: Array) -> float:
        """The loss of a minibatch, and the gradients in their segments, by the variant that becomes the first."""
        X, y = data
        if (X.shape, X.dtype, y.shape, y.dtype) != self._shapes:
            self._find(X, y)
        for i, variant in enumerate(self._current):
            number = variant.run((X, y))
            if number is not None:
                if i:
                    self._current.insert(0, self._current.pop(i))
                return number
        try:
            variant = self._trace(X, y)
        except NotCompiledError:
            raise
        except Exception as error:
            super().backward(X, y)  # It raises what is wrong without the compiler, too.
            error.add_note("nn.compile_step runs the model on nodes; as it is written, without compiling, it works")
            raise
        number = variant.run((X, y))
        assert number is not None
        return number

    def _look(self) -> None:
        """Take a snapshot of all that the model's and the optimiser's code may read."""
        dtypes = [p.dtype if isinstance(p, Tensor) else None for p in self.model.parameters()]
        if dtypes != self._dtypes and self._units:  # As after model.float().
            self._variants.clear()
            self._units.clear()
            self.optimizer.recast_memory()
        self._dtypes, self._dtype = dtypes, dtypes[0] if dtypes else None
        roots = {"model": self.model, "loss": self.loss, "optimizer": self.optimizer, "captured": self._outside}
        self._snapshot = Snapshot(roots)
        self._shapes = ()
        of_rule = Snapshot({"optimizer": self.optimizer}).key
        if of_rule != self._of_rule:
            self._of_rule = of_rule
            for unit in self._units.values():
                unit.rules.clear()

    def _find(self, X: Array, y: Array) -> None:
        """Choose the variants for a signature."""
        shapes = X.shape, X.dtype, y.shape, y.dtype
        self._current = self._variants.setdefault((shapes, *self._snapshot.key), [])
        self._shapes = shapes
        for variant in self._current:
            for attributes, name, leaf in variant.buffers:
                share(leaf, to_numpy(attributes[name]))

    def _array(self, x: object) -> Array | None:
        """Data as the program takes them, floats in the model's dtype; None for nodes and what is no number."""
        if self._dtype is None or isinstance(x, (Tensor, Value)):
            return None
        array = np.asarray(as_numpy(x))
        if array.dtype.kind == "f" and not dtype_refusal(array):
            return array.astype(self._dtype, copy=False)
        return array if array.dtype.kind in "iub" else None

    def _trace(self, X: Array, y: Array) -> Variant:
        """Record the model for a signature, and make the programs."""
        snapshot = self._snapshot
        if sum(map(len, self._variants.values())) >= LIMIT:
            raise NotCompiledError(f"{_NAME}: there are {LIMIT} variants already")
        buffers, error, traced = buffers_of(snapshot.modules), None, None
        try:
            traced = record_loss(self._loss_with(buffers), [X, y], _NAME)
        except Exception as refusal:
            error = refusal
        finally:
            changed = snapshot.restored()
        if changed:
            raise NotCompiledError(f"{_NAME}: the forward pass changes {changed}") from error
        if traced is None:
            raise cast(Exception, error)
        units = self._units_of(traced.leaves)
        moved = {p for unit in units for p in unit.segment.leaves}
        cleared = [p for group in self.optimizer.param_groups for p in group["params"] if p not in moved]
        variant = Variant(GradientProgram(traced, [unit.segment for unit in units]), units, cleared, buffers)
        outside = [p for p in traced.captured if p not in snapshot]
        if outside:
            self._outside += outside
            self._look()
            self._find(X, y)
        self._current.insert(0, variant)
        return variant

    def _loss_with(self, buffers: Buffers) -> Callable[[Tensor, Tensor], Output]:
        """The loss as a function of a minibatch, in which leaves stand for the buffers."""
        model, loss = self.model, self.loss

        def loss_of(X: Tensor, y: Tensor) -> Output:
            before = [(attributes, name, attributes[name]) for attributes, name, _ in buffers]
            try:
                for attributes, name, leaf in buffers:
                    attributes[name] = leaf
                return loss(model(X), y)
            finally:
                for attributes, name, array in before:
                    attributes[name] = array

        return loss_of

    def _units_of(self, leaves: list[Node]) -> list[Unit]:
        """The parameters among the leaves of a loss, as they are moved together: by group, dtype and memory."""
        reached = set(leaves)
        together: dict[tuple[int, np.dtype[np.generic], object], list[Node]] = {}
        for i, group in enumerate(self.optimizer.param_groups):
            if len({*group["params"]}) < len(group["params"]):
                raise NotCompiledError(f"{_NAME}: the optimiser moves a parameter twice in a step")
            for p in group["params"]:
                if p in reached:
                    if not isinstance(p, Tensor):
                        raise NotCompiledError(f"{_NAME}: the optimiser moves a Value beside Tensors")
                    together.setdefault((i, p.dtype, self._kinds(p)), []).append(p)
        units = []
        for (i, _, _), parameters in together.items():
            key = (i, *map(id, parameters))
            if key not in self._units:
                self._units[key] = Unit(self.optimizer.param_groups[i], Segment(parameters))
            units.append(self._units[key])
        return units

    def _kinds(self, p: Node) -> object:
        try:
            return memory_kinds(self.optimizer.state.get(p, {}), p.shape)
        except RuleError:
            return id(p)

    def _update(self, variant: Variant) -> bool:
        """Move the parameters by programs; False if the optimiser has to do it, as in the first step."""
        state = self.optimizer.state
        if self._has_own_step or not variant.units or any(p.has_grad for p in variant.cleared):
            return False
        for unit in variant.units:
            if not unit.segment.take_back() or not all(p.requires_grad for p in unit.segment.leaves):
                return False
            if unit.memory is None and not unit.has_moved and not all(state.get(p) for p in unit.segment.leaves):
                return False
        try:
            rules = [unit.rule(self.optimizer) for unit in variant.units]
        except UnlikeError:  # Other parameters have to be moved together, from the next step on.
            self._variants.clear()
            self._units.clear()
            self._look()
            return False
        except RuleError:
            self._has_own_step = True
            return False
        variant.move_by(rules)
        return True

    def _give_up(self, reason: str) -> None:
        """Run steps as they are written from now on, and say why."""
        self.compiled, self._quick = reason, None
        self._variants.clear()
        warn(f"steps are not compiled: {reason}")


def compiled_step(model: Module, loss: Function, optimizer: Optimizer, using: str | None = None) -> Step:
    """The compiled steps of a training: as programs on NumPy's arrays, or by the library that the model is on."""
    first = next((p for p in model.parameters() if isinstance(p, Tensor)), None)
    library = None if first is None else backends.library_of(first.data)
    if using is None and library is not None:
        using = library.name
    return CompiledStep(model, loss, optimizer) if using is None else LibraryStep(model, loss, optimizer, using)


def compile_step(
    model: Module, loss: LossLike, optimizer: Optimizer, *, using: str | None = None
) -> CompiledStep | LibraryStep:
    """A step of a training that runs at the machine's speed: ``step(X, y)`` is ``loss(model(X), y)``, and moves.

    It does what these lines do, and returns the loss as a float::

        optimizer.zero_grad()
        error = loss(model(X), y)
        error.backward()
        optimizer.step()

    The model is recorded for each signature (shapes and dtypes, training mode, which parameters are frozen, the plain
    attributes of modules, the groups), and the optimiser's rule is traced; both become programs on flat arrays. What
    changes between steps is noticed: rates and other options, parameters and memories that are set or loaded, and what
    the loss and the model's methods capture, in their closures or as globals. Floats in `X` and `y` are taken in the
    dtype of the model's parameters. Of an optimiser that needs a closure, LBFGS, each evaluation is compiled.

    Parameters
    ----------
    model : Module
        The model.
    loss : str or callable
        A name ("mse", "cross_entropy", ...) or a function of (output, y) that gives a scalar node.
    optimizer : Optimizer
        An optimiser of the model's parameters.
    using : str, optional
        ``"jax"`` or ``"torch"``: the library that compiles the steps of a model that is on it, as pure functions of
        all that changes; by default the one that the model is on.

    Returns
    -------
    callable
        A function of a minibatch. Its attribute `compiled` is True, or says why the lines above run as they are
        written: a module has a hook, the net is one of Values, the forward pass changes the model, or takes more than 8
        ways.

    Raises
    ------
    TypeError
        If the model is not on the library. When called, if the model takes a value out of the graph, by ``.item()``,
        ``.data`` and the like, or draws random numbers otherwise than by :func:`autograd.compiler.fresh`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> model = nn.MLP([2, 16, 1], "tanh", rng=0)
    >>> step = nn.compile_step(model, "mse", nn.optim.SGD(model.parameters(), lr=0.1))
    >>> X = np.random.default_rng(0).random((32, 2))
    >>> losses = [step(X, X[:, :1] * X[:, 1:]) for _ in range(100)]
    >>> losses[-1] < losses[0], step.compiled
    (True, True)
    """
    if not isinstance(model, Module):
        raise TypeError(f"{_NAME}: pass a module, not {type(model).__name__}")
    step = compiled_step(model, loss_function(loss), checked_optimizer(optimizer, model, _NAME), using)
    return cast("CompiledStep | LibraryStep", step)
