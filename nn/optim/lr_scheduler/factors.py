"""Schedules by a formula: the present rate times a factor that depends on the number of epochs.

Each has PyTorch's two formulas: `_rate` follows the present rate, `_closed_rate` is that of ``step(epoch)``.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from nn.optim.lr_scheduler.scheduler import LRScheduler, for_each_group
from nn.optim.optimizer import Optimizer

__all__ = [
    "ConstantLR", "CosineAnnealingLR", "ExponentialLR", "LambdaLR", "LinearLR", "MultiStepLR", "MultiplicativeLR",
    "PolynomialLR", "StepLR",
]  # fmt: skip

Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """The first rate times ``lr_lambda(epoch)``; a list has a function for each group.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.5)
    >>> scheduler = nn.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    >>> scheduler.step()
    >>> optimizer.lr
    0.25
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        self._attach(optimizer)
        self.lr_lambdas = for_each_group("lr_lambda", optimizer, lr_lambda)
        for f in self.lr_lambdas:
            if not callable(f):
                raise TypeError(f"{type(self).__name__}: lr_lambda should be a function, but got {type(f).__name__}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The first rates times the functions of `last_epoch`."""
        self._warn_outside_step()
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(LambdaLR):
    """The present rate times ``lr_lambda(epoch)``; a list has a function for each group.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.5)
    >>> scheduler = nn.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> scheduler.step()
    >>> optimizer.lr
    0.25
    """

    def get_lr(self) -> list[float]:
        """The present rates times the functions of `last_epoch`."""
        self._warn_outside_step()
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if self._is_initial:
            return rates
        return [lr * f(self.last_epoch) for lr, f in zip(rates, self.lr_lambdas, strict=True)]


class StepLR(LRScheduler):
    """The rate times `gamma` after every `step_size` epochs.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

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

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        if not self._number("step_size", step_size) >= 1:
            raise ValueError(f"StepLR: step_size must be at least 1, not {step_size!r}")
        self.step_size, self.gamma = step_size, self._number("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def _rate(self, lr: float, base: float) -> float:
        return lr if self.last_epoch == 0 or self.last_epoch % self.step_size else lr * self.gamma

    def _closed_rate(self, base: float) -> float:
        return base * self.gamma ** (self.last_epoch // self.step_size)


class MultiStepLR(LRScheduler):
    """The rate times `gamma` after each of the numbers of epochs in `milestones`.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.1)
    >>> scheduler = nn.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> for _ in range(4):
    ...     scheduler.step()
    >>> optimizer.lr
    0.025
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        if not isinstance(milestones, Iterable):
            raise TypeError(f"MultiStepLR: milestones is a list of numbers of epochs, not {milestones!r}")
        self.milestones, self.gamma = Counter(milestones), self._number("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def _rate(self, lr: float, base: float) -> float:
        return lr * self.gamma ** self.milestones[self.last_epoch] if self.last_epoch in self.milestones else lr

    def _closed_rate(self, base: float) -> float:
        return base * self.gamma ** bisect_right(sorted(self.milestones.elements()), self.last_epoch)

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        """Set all attributes but the optimiser to a state that `state_dict` gave."""
        super().load_state_dict(state_dict)
        # JSON made texts of the numbers of epochs.
        self.milestones = Counter({int(epoch): int(n) for epoch, n in self.milestones.items()})


class ConstantLR(LRScheduler):
    """The rate times `factor` for the first `total_iters` epochs.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.5)
    >>> scheduler = nn.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> optimizer.lr
    0.25
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 <= self._number("factor", factor) <= 1:
            raise ValueError(f"ConstantLR: factor must be between 0 and 1, not {factor!r}")
        self.factor, self.total_iters = float(factor), total_iters
        super().__init__(optimizer, last_epoch)

    def _rate(self, lr: float, base: float) -> float:
        if self.last_epoch == 0:
            return lr * self.factor
        if self.last_epoch != self.total_iters:
            return lr
        return lr * (1.0 / self.factor) if self.factor else base  # No factor raises 0.

    def _closed_rate(self, base: float) -> float:
        return base * (self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor))


class LinearLR(LRScheduler):
    """The first rate times a factor that goes from `start_factor` to `end_factor` in `total_iters` epochs.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=4)
    >>> scheduler.step()
    >>> optimizer.lr
    0.625
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1.0 / 3, end_factor: float = 1.0, total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if not 0 < self._number("start_factor", start_factor) <= 1:
            raise ValueError(f"LinearLR: start_factor must be greater than 0 and at most 1, not {start_factor!r}")
        if not 0 <= self._number("end_factor", end_factor) <= 1:
            raise ValueError(f"LinearLR: end_factor must be between 0 and 1, not {end_factor!r}")
        self.start_factor, self.end_factor, self.total_iters = float(start_factor), float(end_factor), total_iters
        super().__init__(optimizer, last_epoch)

    def _rate(self, lr: float, base: float) -> float:
        if self.last_epoch == 0:
            return lr * self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise))

    def _closed_rate(self, base: float) -> float:
        rise = self.end_factor - self.start_factor
        return base * (self.start_factor + rise * min(self.total_iters, self.last_epoch) / self.total_iters)


class ExponentialLR(LRScheduler):
    """The rate times `gamma` after every epoch.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.5)
    >>> scheduler = nn.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler.step()
    >>> optimizer.lr
    0.25
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = self._number("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def _rate(self, lr: float, base: float) -> float:
        return lr if self._is_initial else lr * self.gamma

    def _closed_rate(self, base: float) -> float:
        return base * float(self.gamma**self.last_epoch)


class PolynomialLR(LRScheduler):
    """The first rate times ``(1 − epoch/total_iters)**power``, and 0 from `total_iters` on.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=4, power=2)
    >>> scheduler.step()
    >>> optimizer.lr
    0.5625
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = total_iters, self._number("power", power)
        super().__init__(optimizer, last_epoch)

    def _rate(self, lr: float, base: float) -> float:
        if self._is_initial or self.last_epoch > self.total_iters:
            return lr
        now, before = (1.0 - epoch / self.total_iters for epoch in (self.last_epoch, self.last_epoch - 1))
        return lr * float((now / before) ** self.power)

    def _closed_rate(self, base: float) -> float:
        return base * float((1.0 - min(self.total_iters, self.last_epoch) / self.total_iters) ** self.power)


class CosineAnnealingLR(LRScheduler):
    """The rate along half a cosine, down to `eta_min` after `T_max` epochs, and up again beyond.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2016.

    `optimizer`, `last_epoch` and errors are those of :class:`LRScheduler`.

    Examples
    --------
    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter(1.0)], lr=0.2)
    >>> scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    >>> scheduler.step()
    >>> round(optimizer.lr, 12)
    0.1
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        if not self._number("T_max", T_max) >= 1:
            raise ValueError(f"CosineAnnealingLR: T_max must be at least 1, not {T_max!r}")
        self.T_max, self.eta_min = T_max, self._number("eta_min", eta_min)
        super().__init__(optimizer, last_epoch)

    def _rate(self, lr: float, base: float) -> float:
        if self._is_initial:
            return lr
        if self._step_count == 1 and self.last_epoch > 0:
            return self._closed_rate(base)
        if (self.last_epoch - 1) % (2 * self.T_max) == self.T_max:  # No factor raises the lowest rate.
            return lr + (base - self.eta_min) * self._height(self.T_max - 1)
        return self.eta_min + (lr - self.eta_min) * self._height(self.last_epoch) / self._height(self.last_epoch - 1)

    def _closed_rate(self, base: float) -> float:
        return self.eta_min + (base - self.eta_min) * self._height(self.last_epoch)

    def _height(self, epoch: int) -> float:
        """The cosine, from 1 to 0."""
        return (1 + math.cos(math.pi * epoch / self.T_max)) / 2
