"""The rules of scikit-learn's two optimisers, which are not quite PyTorch's."""

from __future__ import annotations

from collections import defaultdict
from typing import ClassVar, Self

import numpy as np

from nn._types import Node, State
from nn.optim import SGD, Adam
from nn.optim.optimizer import Group, Numbers

__all__ = ["SklearnAdam", "SklearnSGD"]


class _Rule:
    lr: float
    param_groups: list[Group]
    state: defaultdict[Node, State]
    memory: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        """Leave the rule out of the names that `nn.fit` knows."""

    def start(self) -> Self:
        """Remember zeros, as scikit-learn does: so the first step is like all others."""
        numbers: State = {"step": 0} if isinstance(self, Adam) else {}
        for p in self.param_groups[0]["params"]:
            self.state[p] = numbers | {key: np.zeros_like(p.data) for key in self.memory}
        return self

    @property
    def learning_rate(self) -> float:
        """The rate, by scikit-learn's name."""
        return self.lr


class SklearnSGD(_Rule, SGD):
    """Gradient descent whose velocity holds the rate, so that a new rate leaves it as it is."""

    memory = ("velocity",)

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        momentum, move = group["momentum"], group["lr"] * g
        velocity = state["velocity"] = momentum * state["velocity"] + move
        update: Numbers = momentum * velocity + move if group["nesterov"] else velocity
        return update


class SklearnAdam(_Rule, Adam):
    """Adam with its epsilon added to the root before that is corrected."""

    memory = ("exp_avg", "exp_avg_sq")

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        beta1, beta2 = group["betas"]
        t = state["step"] = state["step"] + 1
        m = state["exp_avg"] = beta1 * state["exp_avg"] + (1 - beta1) * g
        v = state["exp_avg_sq"] = beta2 * state["exp_avg_sq"] + (1 - beta2) * (g * g)
        rate = group["lr"] * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
        update: Numbers = rate * m / (v**0.5 + group["eps"])
        return update
