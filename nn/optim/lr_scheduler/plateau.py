"""``ReduceLROnPlateau``: lower rates when a metric has stopped improving."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from autograd.compiler import warn
from nn.optim.lr_scheduler.scheduler import EPOCH_DEPRECATION_WARNING, LRScheduler, TrainingRun, for_each_group
from nn.optim.optimizer import Optimizer

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """The rate times `factor` when a metric has not improved for more than `patience` epochs.

    Parameters
    ----------
    optimizer : Optimizer
        The optimiser whose rates change.
    mode : {"min", "max"}
        Whether less or more is better.
    factor : float
        The rate's factor, less than 1.
    patience : int
        The number of epochs without improvement before it is applied.
    threshold : float
        By how much a metric must be better to count.
    threshold_mode : {"rel", "abs"}
        Whether that is a share of the best, or an amount.
    cooldown : int
        The number of epochs after a reduction that do not count.
    min_lr : float or sequence of float
        No rate falls below it; a list has one for each group.
    eps : float
        No rate changes by less.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.1)
    >>> scheduler = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     scheduler.step(loss)
    >>> optimizer.lr
    0.05
    """

    def __init__(
        self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10, threshold: float = 1e-4,
        threshold_mode: str = "rel", cooldown: int = 0, min_lr: float | Sequence[float] = 0.0, eps: float = 1e-8,
    ) -> None:  # fmt: skip
        self._attach(optimizer)
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError("ReduceLROnPlateau: mode must be 'min' or 'max', threshold_mode 'rel' or 'abs'")
        if not 0 <= self._number("factor", factor) < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be in [0, 1), not {factor!r}")
        self.mode, self.factor, self.patience = mode, float(factor), patience
        self.threshold, self.threshold_mode = self._number("threshold", threshold), threshold_mode
        self.cooldown, self.eps = cooldown, self._number("eps", eps)
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else float(cast(float, min_lr))
        self.min_lrs: list[float] = for_each_group("min_lr", optimizer, min_lr)
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.last_epoch = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]
        self._reset()

    def _reset(self) -> None:
        self.best = self.mode_worse
        self.num_bad_epochs = self.cooldown_counter = 0

    @property
    def in_cooldown(self) -> bool:
        """Whether epochs do not count now, because a reduction was not long ago."""
        return self.cooldown_counter > 0

    def step(self, metrics: Any = None, epoch: int | None = None) -> None:  # type: ignore[override]
        """Count an epoch with its metric, and lower the rates if it has not improved for long enough."""
        if metrics is None:
            raise ValueError("ReduceLROnPlateau.step: pass the metric, step(loss)")
        if epoch is not None:
            warn(EPOCH_DEPRECATION_WARNING, UserWarning)
        metric = float(getattr(metrics, "data", metrics))  # the number in a node
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(metric, self.best):
            self.best, self.num_bad_epochs = metric, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            self._reduce()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if self.default_min_lr is not None:  # There may be new groups.
            self.min_lrs = [self.default_min_lr] * len(groups)
        if len(self.min_lrs) != len(groups):
            raise RuntimeError(
                f"The number of param groups in the `optimizer` ({len(groups)}) differs from when `ReduceLROnPlateau` "
                f"was initialized ({len(self.min_lrs)}): append a rate to its `min_lrs` for each group that was added"
            )
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            rate = max(group["lr"] * self.factor, lowest)
            if group["lr"] - rate > self.eps:
                group["lr"] = rate

    def _is_better(self, a: float, best: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        if self.threshold_mode == "rel":
            return sign * a < sign * best * (1.0 - sign * self.threshold)
        return sign * a < sign * (best - sign * self.threshold)

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Make a step with the validation loss of the epoch, or without validation data its loss."""
        self.step(run.monitored)
