"""The rules SGD, Adam, AdamW, RMSprop and Adagrad, step by step PyTorch's.

Gradients and memory are arrays, or floats for Values; the formulas are the same. :class:`nn.optim.Optimizer` says what
all of them refuse.
"""

from __future__ import annotations

import numpy as np

from nn._types import State
from nn.optim.optimizer import Group, Numbers, Optimizer, Params

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "RMSprop"]


class SGD(Optimizer):
    """Gradient descent, with or without momentum.

    A step is ``v = momentum * v + (1 - dampening) * grad; p -= lr * v``, where v starts as the first gradient; with
    `nesterov`, ``p -= lr * (grad + momentum * v)``.

    Parameters
    ----------
    params : iterable of Tensor or Value, or of dicts
        Leaves to train, as ``model.parameters()`` gives them, or groups of them; see :class:`nn.optim.Optimizer`.
    lr : float
        The learning rate; at least 0. It may be changed between steps: ``optimizer.lr = 0.01``.
    momentum, dampening : float
        The share of the last step's direction that stays, and the share of the gradient that is not added to it.
    weight_decay : float
        This times the weight is added to its gradient.
    nesterov : bool
        Nesterov's momentum; it needs a momentum and no dampening.

    Examples
    --------
    >>> from autograd import Value
    >>> from nn import optim
    >>> w = Value(1.0)
    >>> optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).backward()
    ...     optimizer.step()
    >>> round(w.data, 12)
    0.46
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        if nesterov and (not momentum or dampening):
            raise ValueError("SGD: Nesterov's momentum needs a momentum and no dampening")
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov
        )

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        lr: float = group["lr"]
        momentum = group["momentum"]
        if momentum:
            v = state.get("momentum_buffer")
            v = +g if v is None else momentum * v + (1 - group["dampening"]) * g
            state["momentum_buffer"] = v
            g = g + momentum * v if group["nesterov"] else v
        return lr * g


class Adam(Optimizer):
    """Steps of about the learning rate in every weight: the mean of the gradients over the root of the mean square.

    Both are running means.

    Parameters
    ----------
    params : iterable of Tensor or Value, or of dicts
        Leaves to train, or groups of them.
    lr : float
        The learning rate.
    betas : tuple of float
        The shares of the two running means that each step keeps.
    eps : float
        The number that is added to the root.
    weight_decay : float
        This times the weight is added to its gradient (in :class:`AdamW` the weight itself shrinks).
    amsgrad : bool
        Whether to take the largest running mean of squares so far.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> optimizer = nn.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([ 0.9, -1.9])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        lr: float = group["lr"]
        beta1, beta2 = group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        m = state["exp_avg"] = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * g
        v = state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * (g * g)
        if group["amsgrad"]:
            v = state["max_exp_avg_sq"] = np.maximum(state.get("max_exp_avg_sq", 0.0), v)
        root = (v / (1 - beta2**t)) ** 0.5 + group["eps"]
        update: Numbers = lr / (1 - beta1**t) * m / root
        return update


class AdamW(Adam):
    """Adam with decoupled weight decay: each step also subtracts ``lr * weight_decay * p`` from the weight.

    Parameters
    ----------
    params : iterable of Tensor or Value, or of dicts
        Leaves to train, or groups of them.
    lr, betas, eps, amsgrad : float, tuple of float, float, bool
        As for :class:`Adam`.
    weight_decay : float
        The share of the weight, times the learning rate, by which each step shrinks it.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> optimizer = nn.optim.AdamW([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([ 0.899, -1.898])
    """

    decoupled = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)


class RMSprop(Optimizer):
    """The gradient over the root of a running mean of its squares.

    Parameters
    ----------
    params : iterable of Tensor or Value, or of dicts
        Leaves to train, or groups of them.
    lr, alpha, eps : float
        The learning rate, the share of the running mean that each step keeps, and the number added to the root.
    weight_decay, momentum : float
        As for :class:`SGD`.
    centered : bool
        Whether to take the squares of the deviations from a running mean.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> optimizer = nn.optim.RMSprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([ 0., -1.])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered
        )

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        lr, alpha = group["lr"], group["alpha"]
        v = state["square_avg"] = alpha * state.get("square_avg", 0.0) + (1 - alpha) * (g * g)
        if group["centered"]:
            m = state["grad_avg"] = alpha * state.get("grad_avg", 0.0) + (1 - alpha) * g
            v = v - m * m
        g = g / (v**0.5 + group["eps"])
        if group["momentum"]:
            g = state["momentum_buffer"] = group["momentum"] * state.get("momentum_buffer", 0.0) + g
        update: Numbers = lr * g
        return update


class Adagrad(Optimizer):
    """The gradient over the root of the sum of all its squares so far.

    Parameters
    ----------
    params : iterable of Tensor or Value, or of dicts
        Leaves to train, or groups of them.
    lr, lr_decay : float
        The learning rate; in step t it is divided by 1 + (t − 1)·lr_decay.
    weight_decay : float
        As for :class:`SGD`.
    initial_accumulator_value, eps : float
        The sum's first value, and the number that is added to the root.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> optimizer = nn.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([ 0.9, -1.9])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(
            params, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, eps=eps,
        )  # fmt: skip

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        t = state["step"] = state.get("step", 0) + 1
        if "sum" not in state:
            state["sum"] = group["initial_accumulator_value"]
        state["sum"] = total = state["sum"] + g * g
        update: Numbers = group["lr"] / (1 + (t - 1) * group["lr_decay"]) * g / (total**0.5 + group["eps"])
        return update
