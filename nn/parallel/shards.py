"""Minibatches in shards: consecutive parts, whose gradients are summed in their order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from autograd import Tensor, no_grad
from autograd.compiler import has_hook, is_usual_mode
from nn import kinds
from nn._types import Array, Function, Node, X
from nn.calls import call_in_mode, call_with_hook
from nn.functional.loss_arguments import averages
from nn.hook import AROUND
from nn.module import Module
from nn.randomness import drawing_from
from nn.run import Run
from nn.step import Step

__all__ = [
    "Entropies", "Part", "Shard", "ShardedStep", "check_hooks", "check_shards", "computed", "entropies",
    "parameters_of", "shard_gradient",
]  # fmt: skip

Gradient: TypeAlias = Array | float | None
# What shards are of: a minibatch's samples, and its targets, as arrays or as rows of a source.
Half: TypeAlias = X
Part: TypeAlias = tuple[Half, Half]
Entropies: TypeAlias = list[list[int]]


class Shard(NamedTuple):
    """What a shard adds to a step.

    Attributes
    ----------
    loss : float
        The sum of its losses.
    gradients : list of array, float or None
        The gradient of that sum by each parameter; None where it does not depend on one.
    divisor : float or None
        What its mean divides that sum by; None where the loss is a sum.
    ratios : tuple of float
        The divisors of the means within a user's function, for each of its rows.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> model, X, y = nn.Linear(1, 1, bias=False, rng=0), np.ones((4, 1)), np.zeros((4, 1))
    >>> first, second = (nn.parallel.shard_gradient(model, nn.MSELoss(), X[rows], y[rows]) for rows in ([0], [1, 2, 3]))
    >>> whole = nn.parallel.shard_gradient(model, nn.MSELoss(), X, y)
    >>> bool(np.allclose(first.gradients[0] + second.gradients[0], whole.gradients[0])), first.divisor + second.divisor
    (True, 4.0)
    """

    loss: float
    gradients: list[Gradient]
    divisor: float | None
    ratios: tuple[float, ...] = ()


def shard_gradient(model: Module, loss: Function, X: Half, y: Half, parameters: Sequence[Node] | None = None) -> Shard:
    """The sum of the losses of some samples, and its gradient by each parameter, by default the model's.

    A loss of nn's says itself what its mean divides by, as where classes have weights or targets are ignored; any other
    function is a mean over samples. Nothing but the parameters' gradients changes, which are None afterwards.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> model, X, y = nn.Linear(1, 1, bias=False, rng=0), np.ones((3, 1)), np.zeros((3, 1))
    >>> model.weight.data = [[2.0]]
    >>> nn.parallel.shard_gradient(model, nn.MSELoss(), X, y)
    Shard(loss=12.0, gradients=[array([[12.]])], divisor=3.0, ratios=())
    """
    leaves = list(model.parameters() if parameters is None else parameters)
    _clear(leaves)
    total, divisor, ratios = _summed(loss, model(X), y, len(X))
    number: float = total.item()
    total.backward()
    gradients = [p.grad if p.has_grad else None for p in leaves]
    _clear(leaves)
    return Shard(number, gradients, divisor, ratios)


def _clear(leaves: Iterable[Node]) -> None:
    for p in leaves:
        p.grad = None


def _summed(loss: Function, output: object, y: Half, n: int) -> tuple[X, float | None, tuple[float, ...]]:
    """The sum that a loss of `n` samples is the mean of, what the mean divides it by, and the ratios within."""
    with averages() as noted:
        result: X = loss(output, y)
    if noted and noted[-1].result is result:
        _, total, divisor = noted[-1]
        return total, None if divisor is None else float(divisor), ()
    if getattr(loss, "reduction", "mean") == "sum":
        return result, None, ()
    return result * float(n), float(n), tuple(a.divisor / n for a in noted if a.divisor is not None)


def combined(shards: Sequence[Shard]) -> tuple[float, list[Gradient]]:
    """The loss of a minibatch and its gradients, of those of its parts; sums run in their order."""
    loss, gradients, divisor, ratios = shards[0]
    for shard in shards[1:]:
        if len(shard.ratios) != len(ratios) or not np.allclose(shard.ratios, ratios, rtol=1e-6):
            raise ValueError(
                f"fit: the loss puts means together that do not divide by the number of samples, but by "
                f"{list(ratios)} and {list(shard.ratios)} for each of them in two shards, as of weights, ignored "
                f"targets or chosen elements; let it return one loss of nn's as it is, or leave `shards` out"
            )
        loss += shard.loss
        divisor = None if divisor is None or shard.divisor is None else divisor + shard.divisor
        gradients = [
            b if a is None else a if b is None else a + b for a, b in zip(gradients, shard.gradients, strict=True)
        ]
    if divisor is None:
        return loss, gradients
    divisor = divisor or math.nan  # Nothing counts.
    return loss / divisor, [None if g is None else g / divisor for g in gradients]


def parameters_of(run: Run) -> list[Node]:
    """Each parameter once: the optimiser's, then the model's that it does not move."""
    own = (p for group in run.optimizer.param_groups for p in group["params"])
    return list(dict.fromkeys([*own, *run.model.parameters()]))


class ShardedStep(Step):
    """A step whose minibatches are cut into shards, which are computed here, one after the other."""

    def __init__(self, run: Run, compiled: bool = False) -> None:
        super().__init__(run.model, run.loss, run.optimizer)
        self.run = run
        if compiled:
            self.compiled = "minibatches are cut into shards, which run as they are written"

    def backward(self, X: Half, y: Half, check: X = None) -> float:
        """Give the parameters their gradients; returns the loss, which `check` sees before."""
        self.optimizer.zero_grad()
        parameters = parameters_of(self.run)
        before = [p.grad if p.has_grad else None for p in parameters]  # those that nobody moves keep theirs, too
        parts = [(X[a:b], y[a:b]) for a, b in self._borders(len(X))]
        number, gradients = combined(self._shards(parts, parameters))
        if check is not None:
            check(number)
        for p, old, g in zip(parameters, before, gradients, strict=True):
            if g is not None or old is not None:
                p.grad = g if old is None else old if g is None else old + g
        return number

    def _borders(self, n: int) -> list[tuple[int, int]]:
        """Where the parts of `n` rows begin and end, as `np.array_split` has them; none is empty."""
        shards = self.run.shards or 1
        size, more = divmod(n, shards)
        return list(pairwise(k * size + min(k, more) for k in range(min(shards, n) + 1)))

    def _shards(self, parts: Sequence[Part], parameters: Sequence[Node]) -> list[Shard]:
        """What each part adds, in order."""
        return [
            computed(self.model, self.loss, part, parameters, entropies(self.run, k)) for k, part in enumerate(parts)
        ]


def entropies(run: Run, k: int) -> Entropies:
    """What random numbers begin from in the `k`-th shard of this step: a step that is run again draws the same."""
    return [[*seeds, run.epoch, run.minibatch, k] for seeds in run.seeds]


def computed(model: Module, loss: Function, part: Part, parameters: Sequence[Node], entropy: Entropies) -> Shard:
    """What a shard adds, with random numbers of its own."""
    own, default = map(np.random.default_rng, entropy)
    with drawing_from(model.modules(), own, default):
        return shard_gradient(model, loss, *part, parameters)


def check_shards(run: Run) -> None:
    """Refuse what parts of minibatches do not add up to: layers that mix samples, and losses that are no means."""
    X, y = (np.asarray(data[:256]) for data in (run.X, run.y))
    try:
        twin = deepcopy(run.model)
    except Exception as error:
        raise TypeError(f"fit: the model cannot be copied, as `shards` needs it: {error}") from error
    for module in twin.modules():
        module._hooks = ()  # A user's hooks are not called once more.
    with no_grad():
        call_in_mode(twin, True, lambda: _check_model(twin, X))
        call_in_mode(twin, False, lambda: _check_loss(run.loss, twin, X, y))


_ADVICE = (
    "shards of a minibatch would not give what the whole of it does; leave `shards` out, or take a layer that computes "
    "each sample by itself, such as nn.LayerNorm in the place of nn.BatchNorm1d"
)


def _check_model(model: Module, X: Array) -> None:
    """Refuse layers that change their buffers in training, or whose result for a sample depends on the others."""
    other = next((i for i in range(1, len(X)) if (X[i] != X[0]).any()), 0)
    names = {module: f"{name} ({type(module).__name__})" if name else type(model).__name__
             for name, module in model.named_modules()}  # fmt: skip
    before = {(m, name): kinds.to_numpy(b).copy() for m in names for name, b in m.named_buffers(recurse=False)}

    def outputs(rows: list[int]) -> dict[Module, Array]:
        """The result for the first sample, of each layer and of the model."""
        first: dict[Module, Array] = {}

        def note(module: Module, args: tuple[object, ...], output: object) -> None:
            data = None if isinstance(output, (tuple, list, dict)) else kinds.to_numpy(output)
            if data is not None and data.ndim and data.dtype.kind == "f" and len(data) % 2 == 0:
                first[module] = data[: len(data) // 2].copy()

        with _fresh(model):
            call_with_hook(names, note, lambda: model(X[rows]))
        return first

    result = outputs([0, other])
    for (module, name), old in before.items():
        if not np.array_equal(kinds.to_numpy(getattr(module, name)), old, equal_nan=True):
            raise ValueError(f"fit: {names[module]} changes its {name} in training, and {_ADVICE}")
    if model not in result:
        return
    if not _same(result[model], outputs([0, other])[model]):
        raise ValueError(
            "fit: the model gives another result when it is called again: it keeps something from one call to the "
            "next, which shards do not see in order, or draws random numbers of which nn does not know; let it draw "
            "from a numpy.random.Generator that is one of its attributes"
        )
    alone = outputs([0, 0])
    if not _same(result[model], alone[model]):
        where = next(module for module, x in result.items() if module in alone and not _same(x, alone[module]))
        raise ValueError(f"fit: the result of {names[where]} for a sample depends on the others beside it: {_ADVICE}")


def _check_loss(loss: Function, model: Module, samples: Array, y: Array) -> None:
    """Refuse a loss whose parts do not add up to the whole."""
    with _fresh(model):
        output: X = model(samples)
    n, cut = len(samples), len(samples) // 3
    if not cut or not isinstance(output, (Tensor, np.ndarray)) or len(output) != n:
        return

    def part(a: int, b: int) -> Shard:
        total, divisor, ratios = _summed(loss, output[a:b], y[a:b], b - a)
        return Shard(total.item(), [], divisor, ratios)

    whole, parts = combined([part(0, n)])[0], combined([part(0, cut), part(cut, n)])[0]
    if not math.isclose(whole, parts, rel_tol=1e-3) and math.isfinite(whole):
        raise ValueError(
            f"fit: the loss of {n} samples is {whole:.6g}, and {parts:.6g} if it is put together of two parts: with "
            f"`shards` it must be a mean over samples, or a loss of nn's, or have the attribute reduction = 'sum'"
        )


def _fresh(model: Module) -> AbstractContextManager[None]:
    """A block in which random numbers begin anew."""
    return drawing_from(model.modules(), np.random.default_rng(0), np.random.default_rng(1))


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and np.allclose(
        a, b, rtol=1e-5, atol=1e-7 * float(np.abs(a).max(initial=0)), equal_nan=True
    )


def check_hooks(run: Run) -> None:
    """Refuse what is lost on the workers: what hooks note, and the modes of this process."""
    if not is_usual_mode():
        raise ValueError("fit: no_grad and detect_anomaly do not reach the workers; leave them, or `client`, out")
    for name, module in run.model.named_modules():
        if any(hook.kind in AROUND for hook in module._hooks):
            raise ValueError(
                f"fit: {name or type(module).__name__} has hooks, which would run on the workers, where what they note "
                f"is lost; remove them, or leave `client` out"
            )
    if has_hook(parameters_of(run)):
        raise ValueError("fit: a parameter has a hook, which workers do not have; remove it, or leave `client` out")
