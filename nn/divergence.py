"""Where a training diverged: the layer that gave the first value that is not finite."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import numpy as np

from autograd import no_grad
from nn._types import Array, Input
from nn.kinds import to_numpy
from nn.module import Module
from nn.moving import placed

__all__ = ["broken_arrays", "describe_overflow"]


@no_grad()
def describe_overflow(model: Module, X: Input) -> str:
    """In which layer the first value is not finite: among its parameters, or in its result for the samples `X`.

    A copy of the model is evaluated, so that its buffers and generators stay as they are.

    Examples
    --------
    >>> import nn
    >>> from nn.divergence import describe_overflow
    >>> net = nn.Sequential(nn.Linear(1, 1, rng=0), nn.Linear(1, 1, rng=1))
    >>> net[1].weight.data = [[1e308]]
    >>> describe_overflow(net, [[100.0]])
    'the result of 1 (Linear) is the first value that is not finite'
    """
    if broken := broken_arrays(model._arrays().items()):
        return f"{broken} since the step before"
    if not _is_finite(to_numpy(X)):
        return "the samples hold inf or nan"
    first: list[str] = []
    try:
        copy = deepcopy(model)
        names = {module: name for name, module in copy.named_modules()}

        def note(module: Module, args: tuple[object, ...], output: object) -> None:
            if not first and all(map(_is_finite, args)) and not _is_finite(output):
                name = names[module]
                first.append(f"{name} ({type(module).__name__})" if name else f"the model, {type(module).__name__},")

        for module in names:
            module._hooks = ()  # A user's hooks are not called once more.
            module.register_forward_hook(note)
        with np.errstate(all="ignore"):
            copy(*placed(copy, X))
    except Exception:  # A model may refuse a copy, or a forward pass raise: the message names the loss anyway.
        return "it could not be found out where"
    return f"the result of {first[0]} is the first value that is not finite" if first else _IN_THE_LOSS


def broken_arrays(named: Iterable[tuple[str, object]]) -> str:
    """That arrays or nodes hold inf or nan, by their names; empty if none does."""
    broken = [name for name, values in named if not _is_finite(values)]
    more = f" and {len(broken) - 1} more hold" if len(broken) > 1 else " holds"
    return f"{broken[0]}{more} inf or nan" if broken else ""


_IN_THE_LOSS = "the model's output is finite, so that it overflowed in the loss"


def _is_finite(x: object) -> bool:
    """Whether `x` holds no inf and no nan; what is no array of numbers holds none."""
    if isinstance(x, (tuple, list)):
        return all(map(_is_finite, x))
    array: Array = to_numpy(x)
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())
