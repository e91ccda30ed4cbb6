"""Rules that follow the gradient, at one rate or at a rate for each weight, step by step PyTorch's.

Gradients and memory are arrays, or floats for Values; the formulas are the same. :class:`nn.optim.Optimizer` says what
all of them take and refuse.
"""

from __future__ import annotations

from nn._types import State
from nn.optim.optimizer import Group, HasData, Numbers, Optimizer, functions_for, own
from nn.optim.options import options_of
from nn.optim.parameters import Params

__all__ = ["ASGD", "SGD", "Adadelta", "Adagrad", "RMSprop", "Rprop"]


class SGD(Optimizer):
    """Gradient descent, with or without momentum.

    A step is ``v = momentum * v + (1 - dampening) * grad; p -= lr * v``, where v starts as the first gradient; with
    `nesterov`, ``p -= lr * (grad + momentum * v)``.

    Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.

    Other options, and errors, are those of :class:`Optimizer`.

    Parameters
    ----------
    lr : float
        The learning rate; at least 0. It may be changed between steps: ``optimizer.lr = 0.01``.
    momentum, dampening : float
        The share of the last step's direction that stays, and the share of the gradient that is not added to it.
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
        self, params: Params, lr: float = 1e-3, momentum: float = 0.0, dampening: float = 0.0,
        weight_decay: float = 0.0, nesterov: bool = False, *, maximize: bool = False, foreach: bool | None = None,
        differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        if nesterov and (momentum <= 0 or dampening):
            raise ValueError(
                "Nesterov momentum requires a momentum and zero dampening: SGD(..., momentum=0.9, nesterov=True)"
            )
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        lr: float = group["lr"]
        momentum = group["momentum"]
        if momentum:
            v = state.get("momentum_buffer")
            v = own(g) if v is None else momentum * v + (1 - group["dampening"]) * g
            state["momentum_buffer"] = v
            g = g + momentum * v if group["nesterov"] else v
        return lr * g


class RMSprop(Optimizer):
    """The gradient over the root of a running mean of its squares, or if `centered` of its deviations from a mean.

    `alpha` is the share of the means that each step keeps; `eps` is added to the root.

    Source: Tieleman and Hinton, "Neural networks for machine learning", lecture 6.5, 2012.

    Other options, and errors, are those of :class:`Optimizer`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.RMSprop([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0., -1.])
    """

    def __init__(
        self, params: Params, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0,
        momentum: float = 0.0, centered: bool = False, capturable: bool = False, foreach: bool | None = None,
        maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        lr, alpha = group["lr"], group["alpha"]
        state["step"] = state.get("step", 0) + 1
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
    """The gradient over the root of the sum of all its squares so far, which begins as `initial_accumulator_value`.

    The rate of step t is ``lr / (1 + (t - 1) * lr_decay)``; `eps` is added to the root.

    Source: Duchi et al., "Adaptive subgradient methods for online learning and stochastic optimization", 2011.

    Other options, and errors, are those of :class:`Optimizer`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.Adagrad([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.9, -1.9])
    """

    def __init__(
        self, params: Params, lr: float = 1e-2, lr_decay: float = 0.0, weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0, eps: float = 1e-10, foreach: bool | None = None, *,
        maximize: bool = False, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        t = state["step"] = state.get("step", 0) + 1
        if "sum" not in state:
            state["sum"] = group["initial_accumulator_value"]
        state["sum"] = total = state["sum"] + g * g
        update: Numbers = group["lr"] / (1 + (t - 1) * group["lr_decay"]) * g / (total**0.5 + group["eps"])
        return update


class Adadelta(Optimizer):
    """The gradient times the ratio of two roots of running means: of the squares of the last steps, and of its own.

    `rho` is the share of the means that each step keeps; `eps` is added to both.

    Source: Zeiler, "ADADELTA: an adaptive learning rate method", 2012.

    Other options, and errors, are those of :class:`Optimizer`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.Adadelta([w]).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.996838, -1.996838])
    """

    def __init__(
        self, params: Params, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0.0,
        foreach: bool | None = None, *, capturable: bool = False, maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        rho, eps, steps = group["rho"], group["eps"], state.get("acc_delta", 0.0)
        state["step"] = state.get("step", 0) + 1
        v = state["square_avg"] = rho * state.get("square_avg", 0.0) + (1 - rho) * (g * g)
        delta = (steps + eps) ** 0.5 / (v + eps) ** 0.5 * g
        state["acc_delta"] = rho * steps + (1 - rho) * (delta * delta)
        update: Numbers = group["lr"] * delta
        return update


class Rprop(Optimizer):
    """Steps of a size for each weight, which grows while the gradient keeps its sign and shrinks where it turns.

    `lr` is the first size, `etas` are the factors that shrink and grow it, `step_sizes` the least and the largest.

    Source: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning", 1993.

    Other options, and errors, are those of :class:`Optimizer`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.Rprop([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.9, -1.9])
    """

    def __init__(
        self, params: Params, lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50), *, capturable: bool = False, foreach: bool | None = None,
        maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        shrink, grow = group["etas"]
        state["step"] = state.get("step", 0) + 1
        xp = functions_for(g)
        sign = xp.sign(g * state.get("prev", 0.0))
        turned = xp.maximum(-sign, 0.0)
        factor = grow * xp.maximum(sign, 0.0) + shrink * turned + (1 - sign * sign)
        size = state["step_size"] = xp.clip(state.get("step_size", group["lr"]) * factor, *group["step_sizes"])
        state["prev"] = g = g * (1 - turned)  # Where the gradient turned, the weight rests for a step.
        update: Numbers = xp.sign(g) * size
        return update


class ASGD(Optimizer):
    """Averaged gradient descent: at a rate that falls, with the mean of the weights since step `t0` in its memory.

    After step t the rate is ``lr / (1 + lambd * lr * t) ** alpha``; `lambd` times the rate is the share by which each
    step shrinks the weights. The mean is ``optimizer.state[p]["ax"]``; until `t0` it is the weight.

    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992.

    Other options, and errors, are those of :class:`Optimizer`.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([1.0, -2.0])
    >>> nn.optim.ASGD([w], lr=0.1).step(lambda: (w * w).sum().backward())
    >>> w.data.round(6)
    array([ 0.79999, -1.59998])
    """

    def __init__(
        self, params: Params, lr: float = 1e-2, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
        weight_decay: float = 0.0, foreach: bool | None = None, maximize: bool = False, differentiable: bool = False,
        capturable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options_of(locals()))

    def _change(self, p: HasData, g: Numbers, group: Group, state: State) -> Numbers:
        lr: float = group["lr"]
        eta, mu, mean = state.get("eta", lr), state.get("mu", 1.0), state.get("ax", 0.0)
        update: Numbers = super()._change(p, g, group, state) + eta * group["lambd"] * p.data
        new = p.data - update
        state["ax"] = mean + mu * (new - mean) if mu != 1 else own(new)
        return update

    def _update(self, g: Numbers, group: Group, state: State) -> Numbers:
        lr: float = group["lr"]
        eta = state.get("eta", lr)
        t = state["step"] = state.get("step", 0) + 1
        state["eta"] = lr / (1 + group["lambd"] * lr * t) ** group["alpha"]
        state["mu"] = 1 / (t - group["t0"] if t - group["t0"] > 1 else 1.0)
        update: Numbers = eta * g
        return update
