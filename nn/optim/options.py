"""The options of optimisers: what they may be, and PyTorch's switches, which change nothing here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, TypeAlias

import numpy as np

from autograd import Tensor
from autograd.compiler import warn
from nn._types import State

__all__ = ["SWITCHES", "Option", "look_for_misspellings", "options_of", "own_options", "validated_option"]

# A number, a pair of them, a switch; of a rule that a user wrote, anything.
Option: TypeAlias = Any
# How a step is calculated in PyTorch: by which of its kernels, in a CUDA graph, as part of a graph.
SWITCHES = ("foreach", "fused", "capturable", "differentiable")
# Numbers that are finite, at least 0, and at most this.
_NUMBERS = {
    "lr": math.inf, "weight_decay": math.inf, "momentum": math.inf, "dampening": math.inf, "eps": math.inf,
    "alpha": math.inf, "rho": 1.0, "lr_decay": math.inf, "initial_accumulator_value": math.inf,
    "momentum_decay": math.inf, "lambd": math.inf, "t0": math.inf,
}  # fmt: skip
_COUNTS = ("max_iter", "max_eval", "history_size")
_PAIRS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "betas": (lambda a, b: 0 <= a < 1 and 0 <= b < 1, "two numbers in [0, 1)"),
    "etas": (lambda a, b: 0 < a < 1 < b, "a number in (0, 1) and one above 1"),
    "step_sizes": (lambda a, b: 0 <= a <= b, "the least and the largest step"),
}
_WORDS = {"lr": "learning rate", "eps": "epsilon value", "etas": "eta values"}  # PyTorch's, in its errors


def options_of(variables: State) -> State:
    """The options among the variables of a constructor, ``locals()``."""
    return {key: x for key, x in variables.items() if key not in ("self", "params", "__class__")}


def own_options(name: str, options: State) -> State:
    """A rule's options in their ranges; the switches are left out, with a word on those that are on."""
    if options.get("differentiable"):
        raise ValueError(
            f"{name}: differentiable=True is not to be had: a step leaves no graph. Write the step as an expression, "
            f"p - lr * g, where (g,) = autograd.gradients(loss, [p], create_graph=True)"
        )
    if options.get("foreach") and not options.get("capturable"):
        _refuse_nodes(name, options)
    for key in SWITCHES:
        if options.get(key):
            warn(f"{name}: {key}=True changes nothing here; nn.compile_step makes steps fast", UserWarning)
    return {key: validated_option(name, key, x) for key, x in options.items() if key not in SWITCHES}


def _refuse_nodes(name: str, options: State) -> None:
    """Raise, as PyTorch does, if a rate is a node where one kernel moves all parameters."""
    numbers = {"lr": options.get("lr")}
    numbers |= {f"betas[{i}]": x for i, x in enumerate(options.get("betas") or ())}
    for key, x in numbers.items():
        if isinstance(x, Tensor):
            raise ValueError(
                f"{key} as a Tensor is not supported for capturable=False and foreach=True; {name}: pass a number"
            )


def look_for_misspellings(name: str, keys: list[str], options: Iterable[str]) -> None:
    """Warn of keys of a group that are kept as a user's own, but look like an option."""
    for key in keys:
        for meant in get_close_matches(key, options, 1, 0.85):
            warn(f"{name}: the group's {key!r} is kept as a key of your own; did you mean {meant!r}?", UserWarning)


def validated_option(name: str, key: str, x: Option) -> Option:
    """An option in its range; what is no option of PyTorch's rules may be anything."""
    if key in _PAIRS:
        return _validated_pair(name, key, x)
    if key in _COUNTS:
        if type(x) is not int or x < 1:
            raise ValueError(f"Invalid {key} value: {x!r}; {name}: {key} must be an integer of at least 1")
        return x
    if key not in _NUMBERS or isinstance(x, bool):
        return x
    try:
        number = float(_item(x) + 0)  # + refuses a text, which float would take.
    except TypeError:
        if hasattr(x, "item"):
            raise ValueError(f"Tensor {key} must be 1-element; {name}: {key} is a number, not {x!r:.60}") from None
        raise TypeError(f"{name}: {key} must be a number, not {x!r}") from None
    if not 0 <= number <= _NUMBERS[key] or math.isinf(number):
        most = "" if math.isinf(_NUMBERS[key]) else f" and at most {_NUMBERS[key]:g}"
        word = _WORDS.get(key, f"{key} value")
        raise ValueError(f"Invalid {word}: {x}; {name}: {key} must be finite and at least 0{most}, not {number}")
    return number


def _item(x: Option) -> Option:
    """The number in an array or a node of one element; anything else as it is."""
    return x.item() if hasattr(x, "item") and np.asarray(getattr(x, "data", x)).size == 1 else x


def _validated_pair(name: str, key: str, x: Option) -> tuple[float, float]:
    test, range_ = _PAIRS[key]
    if isinstance(x, (tuple, list)) and len({isinstance(number, Tensor) for number in x}) == 2:
        raise ValueError(f"{key} must be either both floats or both Tensors; {name}: pass floats, not {x!r}")
    try:
        a, b = map(_item, x)
        if test(a, b):
            return a, b
    except (TypeError, ValueError):
        raise ValueError(f"{name}: {key} must be {range_}, not {x!r}") from None
    if key == "betas":
        i, b = next((i, b) for i, b in enumerate((a, b)) if not 0 <= b < 1)
        words = f"beta parameter at index {i}: {b}"
    else:
        words = f"{_WORDS.get(key, key)}: {a}, {b}"
    raise ValueError(f"Invalid {words}; {name}: {key} must be {range_}, not {x!r}")
