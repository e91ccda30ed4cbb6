"""L-BFGS: steps along the gradient times an inverse Hessian, estimated from the last steps."""

from __future__ import annotations

from functools import partial
from typing import cast

import numpy as np

from autograd import Tensor
from autograd.backends import moves, numpy_dtype
from nn._types import Array, Node, State
from nn.kinds import to_numpy, to_real_numpy, zero_gradient
from nn.optim.line_search import Point, strong_wolfe
from nn.optim.optimizer import Closure, Optimizer, recorded
from nn.optim.options import options_of
from nn.optim.parameters import Params

__all__ = ["LBFGS"]

# What a memory holds: rows of all parameters, lists, and numbers.
_ROWS, _LISTS = {"d", "prev_flat_grad", "old_dirs", "old_stps"}, {"old_dirs", "old_stps", "ro"}
_MEMORY = {*_ROWS, *_LISTS, "func_evals", "n_iter", "t", "H_diag", "prev_loss"}


class LBFGS(Optimizer):
    """Quasi-Newton steps for losses without noise; each evaluates the loss several times: ``optimizer.step(closure)``.

    Source: Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989.

    It takes one group of parameters. Errors are those of :class:`Optimizer`.

    Parameters
    ----------
    lr : float
        The length of a step, in units of the Newton step; with a line search, of the first that is tried.
    max_iter : int
        The number of iterations in a step.
    max_eval : int, optional
        The number of evaluations in a step; by default a quarter more.
    tolerance_grad, tolerance_change : float
        A step ends where no derivative is larger, or where the loss or every weight changes by less.
    history_size : int
        The number of changes that the estimate remembers.
    line_search_fn : {None, "strong_wolfe"}
        How the length is chosen.

    Raises
    ------
    RuntimeError
        If there is no such line search.

    Examples
    --------
    >>> import nn
    >>> x = nn.Parameter([-1.2, 1.0])
    >>> optimizer = nn.optim.LBFGS([x], max_iter=50, line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> _ = optimizer.step(closure)
    >>> x.data.round(3)
    array([1., 1.])
    """

    needs_closure = True

    def __init__(
        self, params: Params, lr: float = 1.0, max_iter: int = 20, max_eval: int | None = None,
        tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:  # fmt: skip
        if line_search_fn not in (None, "strong_wolfe"):
            raise RuntimeError(f"LBFGS: only 'strong_wolfe' is supported, or None, not {line_search_fn!r}")
        max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        super().__init__(params, options_of(locals()))

    def add_param_group(self, param_group: State) -> None:
        """Refuse a second group."""
        super().add_param_group(param_group)
        if len(self.param_groups) > 1:
            del self.param_groups[1]
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups): it has one group")

    def _step(self, closure: Closure | None = None) -> object:
        if closure is None:
            raise TypeError(
                "LBFGS.step: pass a closure, a function that clears the gradients, calls loss.backward() and returns "
                "the loss; it is called several times"
            )
        with np.errstate(all="ignore"):
            return self._iterate(closure)

    def _iterate(self, closure: Closure) -> object:
        group, state = self.param_groups[0], self.state[self.param_groups[0]["params"][0]]
        lr, most, tolerance = group["lr"], group["max_iter"], group["tolerance_change"]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        end = state["func_evals"] + group["max_eval"]
        first, loss, g = self._evaluate(closure, state)
        self._warn_unless(any(p.has_grad for p in group["params"]))
        for i in range(1, most + 1):
            if np.abs(g).max() <= group["tolerance_grad"]:
                break
            state["n_iter"] += 1
            state["d"] = d = _direction(g, state, group["history_size"])
            state["t"] = t = lr * min(1.0, 1 / np.abs(g).sum()) if state["n_iter"] == 1 else lr
            before = state["prev_loss"] = loss
            state["prev_flat_grad"] = g
            here = Point(0.0, loss, g, np.dot(g, d))
            if here.slope > -tolerance:
                break
            x = self._numbers()
            if group["line_search_fn"]:
                at = partial(self._at, closure, state, x, d)
                state["t"], loss, g, _ = strong_wolfe(
                    at, here, t, tolerance / np.abs(d).max(), end - state["func_evals"]
                )
            self._set(x + state["t"] * d)
            if not group["line_search_fn"] and i < most:  # After the last iteration nobody asks for the loss.
                _, loss, g = self._evaluate(closure, state)
            has_moved = np.abs(state["t"] * d).max() > tolerance and abs(loss - before) >= tolerance
            if state["func_evals"] >= end or not has_moved:
                break
        return first

    def _at(self, closure: Closure, state: State, x: Array, d: Array, t: float) -> Point:
        """The point of a step from `x` along `d`; the parameters are there then."""
        self._set(x + t * d)
        _, loss, g = self._evaluate(closure, state)
        return Point(t, loss, g, np.dot(g, d))

    def _evaluate(self, closure: Closure, state: State) -> tuple[object, float, Array]:
        """What the closure returns, the loss as a number, and all gradients in a row."""
        result = recorded(closure)
        state["func_evals"] += 1
        if result is None:
            raise TypeError("LBFGS.step: the closure returns None; it has to return the loss")
        number = np.float64(result.item() if hasattr(result, "item") else cast(float, result))
        gradients = [to_numpy(p.grad if p.has_grad and p.requires_grad else zero_gradient(p)) for p in self._leaves()]
        return result, number, np.concatenate([g.ravel() for g in gradients])

    def _numbers(self) -> Array:
        """All parameters in a row."""
        return np.concatenate([np.ravel(to_numpy(p)) for p in self._leaves()])

    def _set(self, x: Array) -> None:
        """Set all parameters but the frozen ones to the numbers in a row."""
        ends = np.cumsum([p.size for p in self._leaves()])[:-1]
        for p, part in zip(self._leaves(), np.split(x, ends), strict=True):
            if p.requires_grad:
                p.data = part.reshape(p.shape).astype(numpy_dtype(p) if isinstance(p, Tensor) else float)

    def recast_memory(self) -> None:
        """Give the rows in the memory, which are NumPy's wherever the parameters are, the dtype of these."""
        self._moves = moves.count
        memory, dtype = self.state[self.param_groups[0]["params"][0]], self._numbers().dtype
        for key in _ROWS & memory.keys():
            x = memory[key]
            memory[key] = [a.astype(dtype) for a in x] if key in _LISTS else x.astype(dtype)

    def _checked_memory(self, p: Node, saved: State) -> State:
        """The memory, which PyTorch too has at the first parameter: counts, numbers, and rows of all parameters."""
        own, memory = self._numbers(), State()
        for key, x in dict(saved).items():
            if x is None or key == "al":  # PyTorch's has them; no later step reads them.
                continue
            shape = own.shape if key in _ROWS else ()
            arrays = [to_real_numpy(each) for each in (x if key in _LISTS else [x])]
            if key not in _MEMORY or any(a is None or a.shape != shape for a in arrays):
                raise ValueError(f"LBFGS.load_state_dict: {key} is no part of the memory of {own.size} numbers")
            parts = [a.astype(own.dtype) if shape else a.item() for a in arrays if a is not None]
            memory[key] = parts if key in _LISTS else parts[0]
        return memory


def _direction(g: Array, state: State, size: int) -> Array:
    """The Newton step for a gradient, by the changes of steps and gradients that the memory holds."""
    if state["n_iter"] == 1:
        state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
        return -g
    y, s = g - state["prev_flat_grad"], state["d"] * state["t"]
    if (curvature := y @ s) > 1e-10:
        for key, x in (("old_dirs", y), ("old_stps", s), ("ro", 1.0 / curvature)):
            state[key] = [*state[key], x][-size:]
        state["H_diag"] = curvature / (y @ y)
    changes = list(zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True))
    d: Array = -g
    shares = []
    for y, s, inverse in reversed(changes):
        shares.append((s @ d) * inverse)
        d = d - shares[-1] * y
    d = d * state["H_diag"]
    for (y, s, inverse), share in zip(changes, reversed(shares), strict=True):
        d = d + (share - (y @ d) * inverse) * s
    return d
