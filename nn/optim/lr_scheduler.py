"""Schedules of learning rates; call ``scheduler.step()`` after each epoch, or pass one to `nn.fit` as a callback.

As in PyTorch, a step changes the present rate: a rate set by hand stays, and several schedules of one optimiser
compose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from nn._types import State
from nn.optim.optimizer import Optimizer
from nn.states import validated_state

__all__ = ["CosineAnnealingLR", "LRScheduler", "ReduceLROnPlateau", "StepLR"]


class _Run(Protocol):
    """What a schedule reads of a training, :class:`nn.run.Run`."""

    @property
    def optimizer(self) -> Optimizer: ...
    @property
    def monitored(self) -> float: ...


class LRScheduler:
    """The base of schedules: a subclass defines `_rate`, the rate that follows another when an epoch is over.

    Parameters
    ----------
    optimizer : Optimizer
        The optimiser whose rates change.

    Attributes
    ----------
    base_lrs : list of float
        Each group's rate when the schedule began.
    last_epoch : int
        The number of epochs so far.

    Raises
    ------
    TypeError
        If `optimizer` is no optimiser.

    Examples
    --------
    >>> import nn
    >>> class Harmonic(nn.optim.lr_scheduler.LRScheduler):
    ...     def _rate(self, lr, base):
    ...         return base / (1 + self.last_epoch)
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.6)
    >>> scheduler = Harmonic(optimizer)
    >>> for _ in range(2):
    ...     scheduler.step()
    >>> optimizer.lr
    0.19999999999999998
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__}: pass the optimiser, not {type(optimizer).__name__}")
        self.optimizer = optimizer
        self.base_lrs = [group["lr"] for group in optimizer.param_groups]
        self.last_epoch = 0

    def step(self, metric: float | None = None) -> None:
        """Count an epoch, and set every group's rate; only ReduceLROnPlateau reads the metric."""
        self.last_epoch += 1
        groups = self.optimizer.param_groups
        # Groups that were added since begin with their present rate.
        self.base_lrs = [*self.base_lrs, *(group["lr"] for group in groups[len(self.base_lrs) :])]
        for group, base in zip(groups, self.base_lrs, strict=True):
            group["lr"] = self._rate(group["lr"], base)

    def _rate(self, lr: float, base: float) -> float:
        """The rate that follows `lr` after `last_epoch` epochs, for a group that began with `base`."""
        raise NotImplementedError

    def get_last_lr(self) -> list[float]:
        """Every group's rate."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def on_train_begin(self, run: _Run) -> None:
        """Check that the training uses the optimiser of this schedule."""
        if run.optimizer is not self.optimizer:
            name = type(self).__name__
            raise ValueError(
                f"{name}: this is the schedule of another optimiser than the one that trains; make one, and pass "
                f"fit(..., optimizer=optimizer, callbacks=[{name}(optimizer, ...)])"
            )

    def on_epoch_end(self, run: _Run) -> None:
        """Make a step with the validation loss of the epoch, or without validation data its loss."""
        self.step(run.monitored)

    def state_dict(self) -> State:
        """All attributes but the optimiser."""
        return {key: x for key, x in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Set all attributes but the optimiser to a state that :meth:`state_dict` gave."""
        vars(self).update(validated_state(type(self).__name__, self.state_dict(), state))


class StepLR(LRScheduler):
    """The rate times `gamma` after every `step_size` epochs.

    Parameters
    ----------
    optimizer : Optimizer
        The optimiser whose rates change.
    step_size : int
        The number of epochs between two changes; at least 1.
    gamma : float
        The factor.

    Raises
    ------
    ValueError
        If `step_size` is less than 1.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.1)
    >>> scheduler = nn.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     scheduler.step()
    >>> optimizer.lr
    0.025
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer)
        if not step_size >= 1:
            raise ValueError(f"StepLR: step_size must be at least 1, not {step_size!r}")
        self.step_size, self.gamma = step_size, gamma

    def _rate(self, lr: float, base: float) -> float:
        return lr * self.gamma if self.last_epoch % self.step_size == 0 else lr


class CosineAnnealingLR(LRScheduler):
    """The rate along half a cosine, down to `eta_min` after `T_max` epochs, and up again beyond.

    Parameters
    ----------
    optimizer : Optimizer
        The optimiser whose rates change.
    T_max : int
        The number of epochs on the way down; at least 1.
    eta_min : float
        The lowest rate.

    Raises
    ------
    ValueError
        If `T_max` is less than 1.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.2)
    >>> scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    >>> rates = []
    >>> for _ in range(2):
    ...     scheduler.step()
    ...     rates.append(round(optimizer.lr, 12))
    >>> rates
    [0.1, 0.0]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        super().__init__(optimizer)
        if not T_max >= 1:
            raise ValueError(f"CosineAnnealingLR: T_max must be at least 1, not {T_max!r}")
        self.T_max, self.eta_min = T_max, eta_min

    def _rate(self, lr: float, base: float) -> float:
        if (self.last_epoch - 1) % (2 * self.T_max) == self.T_max:  # No factor raises the lowest rate.
            return lr + (base - self.eta_min) * self._height(self.T_max - 1)
        return self.eta_min + (lr - self.eta_min) * self._height(self.last_epoch) / self._height(self.last_epoch - 1)

    def _height(self, epoch: int) -> float:
        """The cosine, from 1 to 0."""
        return (1 + math.cos(math.pi * epoch / self.T_max)) / 2


class ReduceLROnPlateau(LRScheduler):
    """The rate times `factor` when a metric has not improved for more than `patience` epochs.

    Parameters
    ----------
    optimizer : Optimizer
        The optimiser whose rates change.
    mode : {"min", "max"}
        Whether less or more is better.
    factor, patience : float, int
        The rate's factor, less than 1, and the number of epochs without improvement before it is applied.
    threshold, threshold_mode : float, {"rel", "abs"}
        The share of the best, or the amount, by which a metric must be better to count.
    cooldown : int
        The number of epochs after a reduction that do not count.
    min_lr, eps : float
        No rate falls below `min_lr`, and none changes by less than `eps`.

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
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(optimizer)
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError("ReduceLROnPlateau: mode must be 'min' or 'max', threshold_mode 'rel' or 'abs'")
        if not 0 <= factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be in [0, 1), not {factor!r}")
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.min_lr, self.eps = cooldown, min_lr, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0

    def step(self, metric: float | None = None) -> None:
        """Count an epoch with its metric, and lower the rates if it has not improved for long enough."""
        if metric is None:
            raise ValueError("ReduceLROnPlateau.step: pass the metric, step(loss)")
        self.last_epoch += 1
        if self._better(metric):
            self.best, self.num_bad_epochs = metric, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            for group in self.optimizer.param_groups:
                rate = max(group["lr"] * self.factor, self.min_lr)
                if group["lr"] - rate > self.eps:
                    group["lr"] = rate

    def _better(self, metric: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        if math.isinf(self.best):
            return sign * metric < sign * self.best
        margin = self.threshold * (self.best if self.threshold_mode == "rel" else 1.0)
        return sign * metric < sign * (self.best - sign * margin)
