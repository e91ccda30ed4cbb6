"""Schedules made of schedules: one after another, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nn.optim.lr_scheduler.scheduler import LRScheduler, TrainingRun
from nn.optim.optimizer import Optimizer

__all__ = ["ChainedScheduler", "SequentialLR"]


class _Chain(LRScheduler):
    """Several schedules of one optimiser."""

    def _gather(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> None:
        name = type(self).__name__
        if len(schedulers) < 1:
            raise ValueError(f"{name} expects at least one scheduler, but got no scheduler")
        for i, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, LRScheduler):
                kind = type(scheduler).__name__
                raise TypeError(f"{name}: at index {i} there should be a scheduler with its `optimizer`, not {kind}")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    f"{name} does not support `ReduceLROnPlateau`, whose step takes a metric, but got one at index "
                    f"{i}; call its step, or pass it to nn.fit, beside this one"
                )
            optimizer = scheduler.optimizer if optimizer is None else optimizer
            if scheduler.optimizer is not optimizer:
                kind = type(scheduler).__name__
                raise ValueError(f"{name} expects all schedulers to belong to the same optimizer; {kind} at index {i} "
                                 f"has another")  # fmt: skip
        self._attach(schedulers[0].optimizer)
        self._schedulers = list(schedulers)
        self.per_minibatch = any(scheduler.per_minibatch for scheduler in schedulers)

    def on_train_begin(self, run: TrainingRun) -> None:
        """Check that the training uses the optimiser, and that all schedules follow epochs, or all minibatches."""
        super().on_train_begin(run)
        if not all(scheduler.per_minibatch is self.per_minibatch for scheduler in self._schedulers):
            raise ValueError(
                f"{type(self).__name__}: some of its schedules follow minibatches, others epochs; set "
                f"scheduler.per_minibatch = True for those, and count their epochs in minibatches"
            )


class SequentialLR(_Chain):
    """One schedule after another: the next begins at each of the numbers of epochs in `milestones`.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=1.0)
    >>> schedules = nn.optim.lr_scheduler
    >>> both = [schedules.LinearLR(optimizer, 0.5, total_iters=2), schedules.ExponentialLR(optimizer, 0.5)]
    >>> scheduler = schedules.SequentialLR(optimizer, both, milestones=[2])
    >>> rates = [optimizer.lr]
    >>> for _ in range(4):
    ...     scheduler.step()
    ...     rates.append(optimizer.lr)
    >>> rates
    [0.5, 0.75, 1.0, 0.5, 0.25]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        self._gather(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR expects number of schedulers provided to be one more than the number of milestone "
                f"points, but got {len(schedulers)} and {len(milestones)}"
            )
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        # The making of the schedules changed the rates; that is undone, and the first one begins anew.
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        _undo(self)
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Count an epoch, and let the schedule whose turn it is set every group's rate."""
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


def _undo(scheduler: LRScheduler) -> None:
    if isinstance(scheduler, _Chain):
        for inner in scheduler._schedulers:
            _undo(inner)
    else:
        scheduler.last_epoch -= 1


class ChainedScheduler(_Chain):
    """Several schedules at once: each changes the rate that the one before it set.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=1.0)
    >>> schedules = nn.optim.lr_scheduler
    >>> both = [schedules.ConstantLR(optimizer, 0.5, 3), schedules.ExponentialLR(optimizer, 0.5)]
    >>> scheduler = schedules.ChainedScheduler(both)
    >>> scheduler.step()
    >>> optimizer.lr
    0.25
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._gather(schedulers, optimizer)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def step(self) -> None:  # type: ignore[override]
        """Let each schedule count an epoch, and set every group's rate."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]
