"""Activations that calls of ONNX operators are: one call, or several as nn and PyTorch write them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple, TypeAlias

import numpy as np

import autograd
from autograd import Tensor, enable_grad, graph
from nn import activations
from nn._types import Array, X
from nn.layers import Dropout, Flatten
from nn.module import Module
from nn.onnx.calls import Attributes, Calculation, Call, calculation, shortest

__all__ = ["OPERATORS", "of_several"]

Options: TypeAlias = tuple[X, ...]


def _only(is_so: bool, module: Module | None) -> Module | None:
    """A module, if the attributes are those that it stands for."""
    if not is_so:
        raise LookupError
    return module


def _is_near(a: Attributes, **values: float) -> bool:
    """Whether attributes are these numbers, each a float32 in a file, or are left out where they are the default."""
    return all(abs(a.get(key, value) - value) < 1e-6 for key, value in values.items())


def _clip(a: Attributes, *bounds: Array | None) -> Module:
    low, high = (*bounds, None)[:2]
    if low is None or high is None:
        raise LookupError
    return activations.Hardtanh(shortest(low[()]), shortest(high[()]))


def _shrink(a: Attributes) -> Module | None:
    lambd, bias = a.get("lambd", 0.5), a.get("bias", 0.0)
    return activations.Softshrink(lambd) if bias == lambd else _only(not bias, activations.Hardshrink(lambd))


def _prelu(slope: Array) -> Module:
    """A PReLU of these slopes: one, or one for each channel."""
    module = activations.PReLU(slope.size, dtype=slope.dtype)
    module.weight.data = slope.ravel()
    return module


def _dropout(a: Attributes, ratio: Array | None = None, training: Array | None = None) -> Module | None:
    return _only(training is None or not training, Dropout(0.5 if ratio is None else shortest(ratio[()])))


OPERATORS: Mapping[str, Callable[..., Module | None]] = {
    "Cast": lambda a: _only(False, None),
    "Celu": lambda a: activations.CELU(a.get("alpha", 1.0)),
    "Clip": _clip,
    "Dropout": _dropout,
    "Elu": lambda a: activations.ELU(a.get("alpha", 1.0)),
    "Flatten": lambda a: _only(a.get("axis", 1) == 1, Flatten()),
    "Gelu": lambda a: activations.GELU(a.get("approximate", "none")),
    "HardSigmoid": lambda a: _only("alpha" in a and _is_near(a, alpha=1 / 6, beta=0.5), activations.Hardsigmoid()),
    "HardSwish": lambda a: activations.Hardswish(),
    "Identity": lambda a: None,
    "LeakyRelu": lambda a: activations.LeakyReLU(a.get("alpha", 0.01)),
    "LogSoftmax": lambda a: activations.LogSoftmax(a.get("axis", -1)),
    "Mish": lambda a: activations.Mish(),
    "PRelu": lambda a, slope: _prelu(slope),
    "Relu": lambda a: activations.ReLU(),
    "Reshape": lambda a, shape: _only(np.array_equal(shape, [0, -1]) and not a.get("allowzero"), Flatten()),
    "Selu": lambda a: _only(_is_near(a, alpha=1.6732632, gamma=1.050701), activations.SELU()),
    "Shrink": _shrink,
    "Sigmoid": lambda a: activations.Sigmoid(),
    "Softmax": lambda a: activations.Softmax(a.get("axis", -1)),
    "Softplus": lambda a: activations.Softplus(threshold=math.inf),  # PyTorch's, by default, is x itself beyond 20
    "Softsign": lambda a: activations.Softsign(),
    "Tanh": lambda a: activations.Tanh(),
    "ThresholdedRelu": lambda a: activations.Threshold(a.get("alpha", 1.0), 0.0),
}


# ---- activations of several calls ----


class _Pattern(NamedTuple):
    """An activation that is several calls: of its options, those by default, it makes a module and what is written."""

    module: Callable[..., Module]
    function: Callable[..., X]
    options: Options
    calls: list[Call]


def _gelu(x: X) -> X:
    return x * (autograd.erf(x / math.sqrt(2)) + 1.0) * 0.5


def _gelu_by_tanh(x: X) -> X:
    return 0.5 * (x * (1.0 + autograd.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * (x * x))))))


# As PyTorch writes what has no operator in its opset, in its order of operands.
_PYTORCHS: tuple[tuple[Callable[..., Module], Callable[..., X], Options], ...] = (
    (activations.GELU, lambda: _gelu, ()),
    (lambda: activations.GELU("tanh"), lambda: _gelu_by_tanh, ()),
    (activations.LogSigmoid, lambda: lambda x: autograd.log(autograd.sigmoid(x)), ()),
    (lambda b: activations.Softplus(b, math.inf), lambda b: lambda x: autograd.softplus(x * b) / b, (1.0,)),
)


@cache
def _patterns(dtype: str) -> list[_Pattern]:
    """The activations that are several calls, the longest first."""
    # No float32 is 0.1, so that no attribute has it: an ELU in float64 is several calls then.
    own = [*(kind() for kind in activations.NAMED), activations.GELU("tanh"), activations.ELU(0.1)]
    own.append(activations.Threshold(0.5, 0.25))
    kinds: list[X] = [(type(m), type(m), tuple(vars(m)[o] for o in getattr(m, "_options", ()))) for m in own]
    patterns = [
        _Pattern(module, function, options, written.calls)
        for module, function, options in (*kinds, (_prelu, _prelu, (np.ones(1, dtype),)), *_PYTORCHS)
        if (written := _written(function, options, dtype)) is not None and len(written.calls) > 1
    ]
    return sorted(patterns, key=lambda p: (-len(p.calls), len(p.options), getattr(p.module, "__name__", "")))


def _written(function: Callable[..., X], options: Options, dtype: str) -> Calculation | None:
    """What :func:`nn.to_onnx` writes of an activation; None if it takes no such options, or is not written."""
    x = Tensor(np.ones((2, max(map(np.size, options), default=1))), "x", dtype=dtype)
    try:
        with enable_grad():
            return calculation(graph.to_onnx(function(*options)(x), [x]))
    except (LookupError, TypeError, ValueError):
        return None


def _pairs(calls: Sequence[Call], at: str, pattern: Sequence[Call]) -> list[tuple[X, X]] | None:
    """The constants and attributes of calls, each with that of a pattern; None if they are wired in another way."""
    if [call.kind for call in calls] != [call.kind for call in pattern]:
        return None
    names, pairs = {"x": at}, list[tuple[X, X]]()
    for call, other in zip(calls, pattern, strict=True):
        if len(call.inputs) != len(other.inputs) or call.attributes.keys() != other.attributes.keys():
            return None
        for a, b in zip(call.inputs, other.inputs, strict=True):
            if isinstance(b, str) and (not isinstance(a, str) or names.get(b) != a):
                return None
            if not isinstance(b, str):
                pairs.append((a, b))
        pairs += [(call.attributes[key], other.attributes[key]) for key in call.attributes]
        names[other.output] = call.output
    return pairs


def _options(defaults: Options, pairs: list[tuple[X, X]]) -> Iterator[Options]:
    """What the options of an activation may be, by the numbers in its calls: the defaults first."""
    yield defaults
    if any(isinstance(x, np.ndarray) for x in defaults):
        yield from ((a,) for a, _ in pairs if isinstance(a, np.ndarray))
    elif not all(_same(*pair) for pair in pairs) and not any(isinstance(x, str) for x in defaults):
        found = [shortest(a.ravel()[0]) if isinstance(a, np.ndarray) and a.size == 1 else a for a, _ in pairs]
        numbers = list(dict.fromkeys(x for x in found if isinstance(x, (int, float))))[:8]
        yield from product(numbers, repeat=len(defaults))


def _same(a: X, b: X) -> bool:
    return (a is None) == (b is None) and bool(np.array_equal(a, b)) and np.shape(a) == np.shape(b)


def of_several(calls: Sequence[Call], at: str, dtype: str) -> tuple[Module, int] | None:
    """The activation that the first calls are, the longest such, and how many they are; None if there is none."""
    for pattern in _patterns(dtype):
        own = calls[: len(pattern.calls)]
        pairs = _pairs(own, at, pattern.calls)
        for options in _options(pattern.options, pairs) if pairs is not None else ():
            written = _written(pattern.function, options, dtype)
            pairs = None if written is None else _pairs(own, at, written.calls)
            if pairs is not None and all(_same(*pair) for pair in pairs):
                return pattern.module(*options), len(own)
    return None
