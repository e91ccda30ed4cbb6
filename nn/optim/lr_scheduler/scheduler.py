"""``LRScheduler``: the base of schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Protocol, TypeVar, cast

import numpy as np

from autograd.compiler import warn
from nn._types import State, Tree
from nn.optim.optimizer import Optimizer
from nn.states import validated_state

__all__ = ["EPOCH_DEPRECATION_WARNING", "LRScheduler", "TrainingRun", "for_each_group"]

#: The text of the warning that ``step(epoch)`` gives; PyTorch has it under this name.
EPOCH_DEPRECATION_WARNING = "scheduler.step(epoch) sets the rate of that epoch; step() alone goes on from the last one"
T = TypeVar("T")


class TrainingRun(Protocol):
    """What a schedule reads of a training, :class:`nn.run.Run`."""

    @property
    def optimizer(self) -> Optimizer: ...  # noqa: D102
    @property
    def monitored(self) -> float: ...  # noqa: D102
    @property
    def steps(self) -> int: ...  # noqa: D102


class LRScheduler:
    """The base of schedules: a subclass defines `get_lr`, as in PyTorch, or `_rate`, the rate of a single group.

    Parameters
    ----------
    optimizer : Optimizer
        The optimiser whose rates change.
    last_epoch : int
        The number of epochs so far, to go on with a training whose groups have an ``"initial_lr"``; −1 for a new one.

    Attributes
    ----------
    base_lrs : list of float
        Each group's rate when the schedule began, its ``"initial_lr"``.
    last_epoch : int
        The number of epochs so far.
    per_minibatch : bool
        Whether `nn.fit` makes a step after each minibatch; else it does after each epoch.

    Raises
    ------
    TypeError
        If `optimizer` is no optimiser.
    KeyError
        If a training is to go on, and a group has no ``"initial_lr"``.

    Examples
    --------
    >>> import nn
    >>> class Harmonic(nn.optim.lr_scheduler.LRScheduler):
    ...     def get_lr(self):
    ...         return [base / (1 + self.last_epoch) for base in self.base_lrs]
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.6)
    >>> scheduler = Harmonic(optimizer)
    >>> for _ in range(2):
    ...     scheduler.step()
    >>> optimizer.lr
    0.19999999999999998
    """

    per_minibatch: bool = False
    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self._attach(optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with last_epoch "
                    f">= 0: load the optimiser's state first, or leave out last_epoch"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _attach(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            kind = type(optimizer).__name__
            raise TypeError(f"{type(self).__name__}: {kind} is not an Optimizer; pass the optimiser")
        self.optimizer = optimizer

    def _number(self, name: str, x: float) -> float:
        """An option as a float, so that a saved state may hold any number for it."""
        if isinstance(x, bool) or not isinstance(x, (int, float, np.integer, np.floating)):
            raise TypeError(f"{type(self).__name__}: {name} must be a number, not {x!r}")
        return float(x)

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def step(self, epoch: float | None = None) -> None:
        """Count an epoch, and set every group's rate; with `epoch`, set the rate of that epoch."""
        if self._step_count == 1 and not (self.optimizer._opt_called or self.optimizer.state):
            self.optimizer._is_scheduled_early = True
        self._step_count += 1
        if epoch is not None:
            warn(EPOCH_DEPRECATION_WARNING, UserWarning)
        self._update_lr(epoch)

    def _update_lr(self, epoch: float | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else int(epoch)
        # Groups that were added since begin with their present rate.
        added = self.optimizer.param_groups[len(self.base_lrs) :]
        self.base_lrs = [*self.base_lrs, *(group.setdefault("initial_lr", group["lr"]) for group in added)]
        self._set_rates(None if epoch is None else self._get_closed_form_lr())

    def _set_rates(self, rates: list[float] | None = None) -> None:
        """Set every group's rate, to those of `get_lr` if there are no others."""
        self._get_lr_called_within_step = True
        try:
            rates = self.get_lr() if rates is None else rates
        finally:
            self._get_lr_called_within_step = False
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def get_lr(self) -> list[float]:
        """The rates after `last_epoch` epochs, which a step sets; :meth:`get_last_lr` reads those that it set last."""
        self._warn_outside_step()
        groups = self.optimizer.param_groups
        return [self._rate(group["lr"], base) for group, base in zip(groups, self.base_lrs, strict=True)]

    def _warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warn("To get the last learning rate computed by the scheduler, please use `get_last_lr()`.", UserWarning)

    def _rate(self, lr: float, base: float) -> float:
        """The rate that follows `lr` after `last_epoch` epochs, for a group that began with `base`."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr: define `def get_lr(self)`, a rate per group")

    def _get_closed_form_lr(self) -> list[float] | None:
        rates = [self._closed_rate(base) for base in self.base_lrs]
        return None if None in rates else [float(rate) for rate in rates if rate is not None]

    def _closed_rate(self, base: float) -> float | None:
        """The rate after `last_epoch` epochs without regard to the present one, if there is a formula for it."""
        return None

    def get_last_lr(self) -> list[float]:
        """Every group's rate as the last step set it."""
        return self._last_lr

    def on_train_begin(self, run: TrainingRun) -> None:
        """Check that the training uses the optimiser of this schedule."""
        if run.optimizer is not self.optimizer:
            name = type(self).__name__
            raise ValueError(
                f"{name}: this is the schedule of another optimiser than the one that trains; make one, and pass "
                f"fit(..., optimizer=optimizer, callbacks=[{name}(optimizer, ...)])"
            )

    def on_step(self, run: TrainingRun) -> None:
        """Make a step after a minibatch, if `per_minibatch`."""
        if self.per_minibatch:
            self.step()

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Make a step after an epoch, unless `per_minibatch`."""
        if not self.per_minibatch:
            self.step()

    def state_dict(self) -> State:
        """All attributes but the optimiser; of functions that were passed, only the attributes of objects."""
        return {key: _saved(x) for key, x in vars(self).items() if key not in ("optimizer", "per_minibatch")}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        """Set all attributes but the optimiser to a state that :meth:`state_dict` gave."""
        state = validated_state(type(self).__name__, self.state_dict(), state_dict)
        vars(self).update({key: _restored(vars(self)[key], x) for key, x in state.items()})


def _saved(x: object) -> object:
    """What stands for an attribute in a state: a schedule's state, of an object that can be called its attributes."""
    if isinstance(x, LRScheduler):
        return x.state_dict()
    if callable(x):
        return None if isinstance(x, FunctionType) else dict(getattr(x, "__dict__", {}))
    return [_saved(item) for item in x] if isinstance(x, list) else x


def _restored(x: Tree, saved: Tree) -> Tree:
    """An attribute of which `saved` stands in a state."""
    if isinstance(x, LRScheduler):
        x.load_state_dict(saved)
        return x
    if callable(x):
        if saved:
            x.__dict__.update(validated_state(type(x).__name__, vars(x), saved))
        return x
    is_of_them = isinstance(x, list) and any(callable(item) or isinstance(item, LRScheduler) for item in x)
    return [_restored(item, part) for item, part in zip(x, saved, strict=True)] if is_of_them else saved


def for_each_group(name: str, optimizer: Optimizer, x: T | Sequence[T]) -> list[T]:
    """A list with an item for each of the optimiser's groups: `x` itself if it is one, else `x` for all."""
    n = len(optimizer.param_groups)
    if not isinstance(x, (list, tuple)):
        return [cast(T, x)] * n
    if len(x) != n:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups: it has {len(x)} values, and there are {n} "
            f"groups"
        )
    return list(x)
