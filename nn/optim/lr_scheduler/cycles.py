"""Schedules of rates that rise and fall: by minibatches, with the momentum against them, or with restarts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nn._types import State
from nn.optim.lr_scheduler.scheduler import LRScheduler, TrainingRun, for_each_group
from nn.optim.optimizer import Optimizer

__all__ = ["CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR"]

Rates = float | Sequence[float]


class _Cycle(LRScheduler):
    """A schedule by minibatches that may cycle the momentum, or the first of the betas, too."""

    per_minibatch = True
    cycle_momentum: bool
    use_beta1: bool

    def _start_momentum(self, base: Rates, highest: Rates, last_epoch: int) -> tuple[list[float], list[float]]:
        """Begin with the highest momentum; returns the lowest and the highest of each group."""
        optimizer = self.optimizer
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError(
                f"{type(self).__name__}: optimizer must support momentum or beta1 with `cycle_momentum` option "
                f"enabled; {type(optimizer).__name__} has neither, so pass cycle_momentum=False"
            )
        self.use_beta1 = "betas" in optimizer.defaults
        lowest = for_each_group("base_momentum", optimizer, base)
        largest = for_each_group("max_momentum", optimizer, highest)
        if last_epoch == -1:
            for low, high, group in zip(lowest, largest, optimizer.param_groups, strict=True):
                self._set_momentum(group, high)
                group["max_momentum"], group["base_momentum"] = high, low
        return lowest, largest

    def _set_momentum(self, group: State, momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_Cycle):
    """The rate up from `base_lr` to `max_lr` and down again, over and over; call ``step()`` after each minibatch.

    The ways up and down have each a number of steps; momentum, or beta1, goes the other way. `mode` says whether all
    peaks are alike ("triangular"), each half the one before ("triangular2"), or times ``gamma**minibatch``
    ("exp_range"); or `scale_fn` does, a function of the number of the cycle, or of minibatches (`scale_mode`
    "iterations"). Of limits, a list has one for each group.

    Source: Smith, "Cyclical learning rates for training neural networks", 2015.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.1, momentum=0.9)
    >>> scheduler = nn.optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.25, max_lr=1.25, step_size_up=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     scheduler.step()
    ...     rates.append(optimizer.lr)
    >>> rates
    [0.75, 1.25, 0.75, 0.25]
    """

    def __init__(
        self, optimizer: Optimizer, base_lr: Rates, max_lr: Rates, step_size_up: int = 2000,
        step_size_down: int | None = None, mode: str = "triangular", gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None, scale_mode: str = "cycle", cycle_momentum: bool = True,
        base_momentum: Rates = 0.8, max_momentum: Rates = 0.9, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        self._attach(optimizer)
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(f"CyclicLR: mode is invalid and scale_fn is None: pass one of them, not mode={mode!r}")
        base_lrs = for_each_group("base_lr", optimizer, base_lr)
        self.max_lrs = for_each_group("max_lr", optimizer, max_lr)
        up = self._number("step_size_up", step_size_up)
        self.total_size = up + (up if step_size_down is None else float(step_size_down))
        self.step_ratio = up / self.total_size
        self.mode, self.gamma, self._scale_fn_custom = mode, self._number("gamma", gamma), scale_fn
        self.scale_mode = scale_mode if scale_fn is not None else "iterations" if mode == "exp_range" else "cycle"
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                group["lr"] = lr
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            limits = self._start_momentum(base_momentum, max_momentum, last_epoch)
            self.base_momentums, self.max_momentums = limits
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """The height of a peak, by the number of its cycle or of minibatches."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "exp_range":
            return float(self.gamma**x)
        return float(1 / 2.0 ** (x - 1)) if self.mode == "triangular2" else 1.0

    def get_lr(self) -> list[float]:
        """The rates after `last_epoch` minibatches; the momentum is set, too."""
        self._warn_outside_step()
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height *= self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            limits = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in limits:
                self._set_momentum(group, high - (high - low) * height)
        return [low + (high - low) * height for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]


class OneCycleLR(_Cycle):
    """The rate up to `max_lr` and down to nearly nothing, once in a training; call ``step()`` after each minibatch.

    The training has `total_steps` minibatches, or `epochs` times `steps_per_epoch`; the share `pct_start` of them is
    the way up, from the highest rate over `div_factor`, and the last rate is the first over `final_div_factor`. With
    `three_phase` the rate falls as it rose before. Momentum, or beta1, goes the other way.

    Source: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates",
    2017.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.Adam([nn.Parameter(1.0)])
    >>> scheduler = nn.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> for _ in range(2):
    ...     scheduler.step()
    >>> optimizer.lr
    1.0
    """

    def __init__(
        self, optimizer: Optimizer, max_lr: Rates, total_steps: int | None = None, epochs: int | None = None,
        steps_per_epoch: int | None = None, pct_start: float = 0.3, anneal_strategy: str = "cos",
        cycle_momentum: bool = True, base_momentum: Rates = 0.85, max_momentum: Rates = 0.95, div_factor: float = 25.0,
        final_div_factor: float = 10000.0, three_phase: bool = False, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        self._attach(optimizer)
        counts = {"total_steps": total_steps} if total_steps is not None else {
            "epochs": epochs, "steps_per_epoch": steps_per_epoch
        }  # fmt: skip
        if None in counts.values():
            raise ValueError("OneCycleLR: you must define either total_steps OR (epochs AND steps_per_epoch)")
        for name, n in counts.items():
            if not isinstance(n, int) or n <= 0:
                raise ValueError(f"OneCycleLR: expected positive integer {name}, but got {n!r}")
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: expected float between 0 and 1 pct_start, but got {pct_start!r}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy must be 'cos' or 'linear', not {anneal_strategy!r}")
        self.total_steps = math.prod(n for n in counts.values() if n is not None)
        self._anneal_func_type = anneal_strategy
        # Each phase has its last step, and the names in a group of what the rate and the momentum go from and to.
        up = float(pct_start * self.total_steps) - 1
        names = ["initial_lr", "max_lr", "min_lr"], ["max_momentum", "base_momentum", "max_momentum"]
        ends = [up, self.total_steps - 1]
        if three_phase:
            names = ["initial_lr", "max_lr", "initial_lr", "min_lr"], [*names[1], "max_momentum"]
            ends = [up, 2 * up, self.total_steps - 1]
        self._schedule_phases: list[State] = [
            {"end_step": end, "start_lr": names[0][i], "end_lr": names[0][i + 1],
             "start_momentum": names[1][i], "end_momentum": names[1][i + 1]}
            for i, end in enumerate(ends)
        ]  # fmt: skip
        for group, highest in zip(optimizer.param_groups, for_each_group("max_lr", optimizer, max_lr), strict=True):
            if last_epoch == -1:
                group["initial_lr"], group["max_lr"] = highest / div_factor, highest
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._start_momentum(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates after `last_epoch` minibatches; the momentum is set, too."""
        self._warn_outside_step()
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is {self.total_steps}"
            )
        start: float = 0.0
        for phase in self._schedule_phases:
            end = float(phase["end_step"])
            if self.last_epoch <= end or phase is self._schedule_phases[-1]:
                break
            start = end
        share = (self.last_epoch - start) / (end - start)
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._anneal(group[phase["start_lr"]], group[phase["end_lr"]], share))
            if self.cycle_momentum:
                ends = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(group, self._anneal(*ends, share))
        return rates

    def _anneal(self, start: float, end: float, share: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)

    def on_train_begin(self, run: TrainingRun) -> None:
        """Check that the training uses this optimiser, and has no more steps than the cycle."""
        super().on_train_begin(run)
        if self.per_minibatch and self.last_epoch + run.steps > self.total_steps:
            raise ValueError(
                f"OneCycleLR: this training takes {run.steps} steps, a step for each minibatch, and the cycle has "
                f"{self.total_steps - self.last_epoch}; pass total_steps={self.last_epoch + run.steps}"
            )


class CosineAnnealingWarmRestarts(LRScheduler):
    """The rate along half a cosine, down to `eta_min` in `T_0` epochs, then anew in `T_mult` times as many, and so on.

    ``step(epoch)`` takes fractions of epochs, ``step(epoch + i / minibatches)``.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2016.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     scheduler.step()
    ...     rates.append(round(optimizer.lr, 12))
    >>> rates
    [0.5, 1.0, 0.5, 1.0]
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        for name, n in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(n, int) or n < 1:
                raise ValueError(f"Expected positive integer {name}, but got {n!r}")
        if not isinstance(eta_min, (float, int)):
            raise ValueError(f"Expected float or int eta_min, but got {eta_min!r}")
        self.T_0 = self.T_i = T_0
        self.T_mult, self.eta_min = T_mult, float(eta_min)
        self.T_cur = float(last_epoch)
        super().__init__(optimizer, last_epoch)

    def _rate(self, lr: float, base: float) -> float:
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2

    def step(self, epoch: float | None = None) -> None:
        """Count an epoch, or go to that epoch, and set every group's rate."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        elif epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        else:
            before = 0  # the epochs before the last restart
            self.T_i = self.T_0
            if self.T_mult == 1:
                before = int(epoch // self.T_0) * self.T_0
            elif epoch >= self.T_0:
                n = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
                before = self.T_0 * (self.T_mult**n - 1) // (self.T_mult - 1)
                self.T_i = self.T_0 * self.T_mult**n
            self.T_cur = float(epoch - before)
        self.last_epoch = math.floor(epoch)
        self._set_rates()
