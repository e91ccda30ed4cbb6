"""Adam and its kin: rules that divide a running mean of the gradients by a measure of their size, each PyTorch's."""

from __future__ import annotations

from nn._types import State
from nn.optim.optimizer import Group, Numbers, Optimizer, functions_for
from nn.optim.options import options_of
from nn.optim.parameters import Params

__all__ = ["Adam", "AdamW", "Adamax", "NAdam", "RAdam"]


class Adam(Optimizer):
    """Steps of about the learning rate in every weight: the mean of the gradients over the root of the mean square.

    Both are running means.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2014; for `amsgrad` Reddi et al., "On the
    convergence of Adam and beyond", 2018.

    `lr` is the learning rate, at least 0; other options, and errors, are those of :class:`Optimizer`.

    Parameters
    ----------
    betas : pair of float
        The shares of the two running means that each step keeps.
    eps : float
        The number that is added to the root.
    amsgrad : bool
        Whether to take the largest running mean of squares so far.
    decoupled_weight_decay : bool
        Whether ``lr * weight_decay * p`` is subtracted from the weight itself, as in :class:`AdamW`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.Adam([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.9, -1.9])
    """

    def __init__(
        self, params: Params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, amsgrad: bool = False, *, foreach: bool | None = None, maximize: bool = False,
        capturable: bool = False, differentiable: bool = False, fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        lr: float = group["lr"]
        t, m, v = _means(g, group, state)
        beta1, beta2 = group["betas"]
        if group["amsgrad"]:
            v = state["max_exp_avg_sq"] = functions_for(v).maximum(state.get("max_exp_avg_sq", 0.0), v)
        root = (v / (1 - beta2**t)) ** 0.5 + group["eps"]
        update: Numbers = lr / (1 - beta1**t) * m / root
        return update


class AdamW(Adam):
    """Adam with decoupled weight decay: each step also subtracts ``lr * weight_decay * p`` from the weight.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2017.

    Other options are those of :class:`Adam`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.AdamW([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.899, -1.898])
    """

    def __init__(
        self, params: Params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False, foreach: bool | None = None,
        capturable: bool = False, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(params, **options_of(locals()), decoupled_weight_decay=True)


class NAdam(Optimizer):
    """Adam with Nesterov's momentum, which in step t is ``betas[0] * (1 - 0.96 ** (t * momentum_decay) / 2)``.

    Source: Dozat, "Incorporating Nesterov momentum into Adam", 2016.

    Other options are those of :class:`Adam`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.NAdam([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.894355, -1.894355])
    """

    def __init__(
        self, params: Params, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False, *,
        foreach: bool | None = None, maximize: bool = False, capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        t, m, v = _means(g, group, state)
        beta1, beta2 = group["betas"]
        now, next_ = (beta1 * (1 - 0.5 * 0.96 ** (n * group["momentum_decay"])) for n in (t, t + 1))
        product = state["mu_product"] = state.get("mu_product", 1.0) * now
        root = (v / (1 - beta2**t)) ** 0.5 + group["eps"]
        update: Numbers = group["lr"] * ((1 - now) / (1 - product) * g + next_ / (1 - product * next_) * m) / root
        return update


class RAdam(Optimizer):
    """Adam that divides by the root only once enough steps have made it reliable, and then by a corrected one.

    Source: Liu et al., "On the variance of the adaptive learning rate and beyond", 2019.

    Other options are those of :class:`Adam`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.RAdam([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.8, -1.6])
    """

    def __init__(
        self, params: Params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, decoupled_weight_decay: bool = False, *, foreach: bool | None = None,
        maximize: bool = False, capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        t, m, v = _means(g, group, state)
        beta1, beta2 = group["betas"]
        update: Numbers = group["lr"] / (1 - beta1**t) * m
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * t * beta2**t / (1 - beta2**t)  # of the running mean of squares
        if length > 5:
            share = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            update = update * (share * (1 - beta2**t)) ** 0.5 / (v**0.5 + group["eps"])
        return update


class Adamax(Optimizer):
    """The mean of the gradients over the largest of them, both running: Adam with the largest norm.

    `eps` is added to the size of each gradient.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2014.

    Other options are those of :class:`Adam`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.Adamax([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.9, -1.9])
    """

    def __init__(
        self, params: Params, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, foreach: bool | None = None, *, maximize: bool = False,
        differentiable: bool = False, capturable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        beta1, beta2 = group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        m = state["exp_avg"] = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * g
        size = state["exp_inf"] = functions_for(g).maximum(
            beta2 * state.get("exp_inf", 0.0), functions_for(g).abs(g) + group["eps"]
        )
        update: Numbers = group["lr"] / (1 - beta1**t) * m / size
        return update


def _means(g: Numbers, group: Group, state: State) -> tuple[int, Numbers, Numbers]:
    """The number of steps, and the running means of the gradients and of their squares, with this one."""
    beta1, beta2 = group["betas"]
    state["step"] = state.get("step", 0) + 1
    state["exp_avg"] = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * g
    state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * (g * g)
    return state["step"], state["exp_avg"], state["exp_avg_sq"]
