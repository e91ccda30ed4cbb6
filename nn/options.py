"""Checks of the options that functions, layers and losses take."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeGuard

import numpy as np

__all__ = [
    "ArgumentError", "ShapeError", "Sizes", "changed_arguments", "check_options", "check_sizes", "checked_count",
    "checked_reduction",
    "sizes",
]  # fmt: skip
Sizes: TypeAlias = int | Sequence[int]  # for all axes along which windows slide, or for each


def check_options(name: str, **options: object) -> None:
    """Raise ValueError if an option of the function or module `name` is out of its range."""
    for key, x in options.items():
        own = _OWN.get((_plain(name), key)) if key in _IN_SEVERAL_RANGES else None
        allows, words = own or _RANGES.get(key) or _ANY
        if not allows(x):
            begin = f"{key} should be of type bool, got: {type(x).__name__}; " if words == _FLAG[1] else ""
            begin += _PYTORCHS_WORDS.get(key, "").format(x)
            raise ArgumentError(f"{name}: {begin}{key} must be {words}, not {x!r}")


def checked_count(owner: str, name: str, n: object) -> int:
    """A number of samples or the like as an int; ValueError unless it is an integer of at least 1."""
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 1:
        raise ValueError(f"{owner}: {name} must be an integer of at least 1, not {n!r}")
    return int(n)


def check_sizes(owner: str, **sizes: object) -> None:
    """Raise TypeError unless each is an integer, and ValueError unless it is at least 1."""
    for name, n in sizes.items():
        if not isinstance(n, (int, np.integer)) or isinstance(n, bool):
            raise TypeError(f"{owner}: {name} should be of type int, got: {type(n).__name__}, {n!r}")
        if n < 1:
            raise ArgumentError(f"{owner}: {name} must be greater than zero, not {n}")


def checked_reduction(name: str, size_average: object, reduce: object, reduction: str) -> str:
    """The reduction; PyTorch's deprecated arguments are refused, but a text in the place of the first is the reduction.

    So ``MSELoss("sum")`` means what it says.
    """
    if reduction == "mean" and size_average is reduce is None:
        return reduction
    if isinstance(size_average, str):
        reduction = size_average
    check_options(name, reduction=reduction)
    if (size_average is None or size_average is reduction) and reduce is None:
        return reduction
    if name[0].isupper() and any(getattr(x, "ndim", 0) for x in (size_average, reduce)):
        raise TypeError(f"{name}: the loss is made first, and called then: nn.{name}()(prediction, target)")
    instead = "none" if reduce is False else "sum" if size_average is False else "mean"
    raise ValueError(f"{name}: PyTorch has deprecated size_average and reduce; write reduction={instead!r}")


class ArgumentError(ValueError, TypeError, RuntimeError, AssertionError):
    """An argument that is refused: which of these errors PyTorch's users expect depends on the function."""


class ShapeError(ValueError, RuntimeError):
    """Arguments that do not fit each other: PyTorch's users expect a RuntimeError."""


def changed_arguments(kind: type, arguments: dict[str, object]) -> dict[str, object]:
    """Those of a constructor's arguments that are not at their defaults; 1 is the same as (1, 1), and None as False."""
    defaults = {name: parameter.default for name, parameter in inspect.signature(kind).parameters.items()}

    def is_default(default: object, x: object) -> bool:
        same = {repr(default), repr((default,) * len(x)) if isinstance(x, tuple) else ""}
        return x is None or default is inspect.Parameter.empty or repr(x) in same

    return {name: x for name, x in arguments.items() if not is_default(defaults[name], x)}


# A refusal begins with PyTorch's words, of which each stands in the texts of some functions.
_PYTORCHS_WORDS = {
    "approximate": "approximate argument must be either none or tanh; ",
    "delta": "huber_loss does not support non-positive values for delta.; ",
    "num_classes": "num_classes should be positive; ",
    "label_smoothing": "label_smoothing must be between 0.0 and 1.0; ",
    "reduction": "{} is not a valid value for reduction; ",
}
_TOO_SMALL = {
    "dilation": "dilation should be greater than zero",
    "groups": "non-positive groups is not supported",
    "kernel_size": "kernel_size must be greater than zero",
    "padding": "pad must be non-negative, negative padding is not supported",
    "stride": "stride must be greater than zero, non-positive stride is not supported",
}


def sizes(owner: str, name: str, value: Sizes, n: int, least: int | None = 1) -> tuple[int, ...]:
    """A length for each of `n` axes, of a number for all of them or a sequence; None for `least` allows any."""
    each: tuple[Any, ...] = tuple(value) if isinstance(value, (tuple, list)) else (value,) * n
    if not all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in each):
        raise TypeError(f"{owner}: {name} must be an integer or a tuple of such, not {value!r}")
    each = each * n if len(each) == 1 else each
    if len(each) != n:
        raise ShapeError(f"{owner}: {name} must be a number, or {n} of them, not {value!r}")
    if least is not None and min(each) < least:
        words = f"{_TOO_SMALL[name]}: it" if name in _TOO_SMALL else name
        raise ShapeError(f"{owner}: {words} must be at least {least}, not {value!r}")
    return tuple(map(int, each))


def _is_number(x: object) -> TypeGuard[float]:
    if isinstance(x, bool) or not isinstance(x, (int, float, np.integer, np.floating)):
        return False
    try:
        return not math.isnan(x)
    except OverflowError:  # No float holds so large an integer.
        return False


def _plain(name: str) -> str:
    """The name that a function and its module have in common: ``kldiv`` of ``kl_div`` and ``KLDivLoss``."""
    return name.lower().replace("_", "").removesuffix("loss")


def _is_axis(x: object) -> bool:
    return isinstance(x, (int, np.integer)) and _is_number(x) and bool(-64 <= x < 64)  # NumPy has 64 axes at most.


def _is_in_unit_interval(x: object) -> bool:
    return _is_number(x) and 0 <= x <= 1


Range: TypeAlias = tuple[Callable[[object], bool], str]  # what is allowed, and the words for it


def _one_of(*names: str) -> Range:
    return (lambda x: x in names), f"one of {', '.join(names)}"


_NUMBER = _is_number, "a number"
_AXIS = _is_axis, "an axis, an integer"
_FLAG = (lambda x: isinstance(x, bool)), "True or False"
_POSITIVE = (lambda x: _is_number(x) and x > 0), "positive"
_NOT_NEGATIVE = (lambda x: _is_number(x) and x >= 0), "a number of at least 0"
_COUNT = (lambda x: isinstance(x, (int, np.integer)) and bool(x > 0)), "an integer of at least 1"
_DEVICE = (lambda x: x is None or str(x) == "cpu"), "None or 'cpu', where NumPy's arrays are"
_SHARE = _is_in_unit_interval, "in [0, 1]"
_ANY = (lambda x: True), ""
_FLAGS = "batch_first", "bias", "bidirectional", "ceil_mode", "count_include_pad", "inplace", "return_indices"
_NUMBERS = "alpha", "at_zero", "beta", "margin", "max_val", "min_val", "negative_slope", "threshold", "value"
_RANGES: dict[str, Range] = {
    **dict.fromkeys(_FLAGS, _FLAG),
    **dict.fromkeys(_NUMBERS, _NUMBER),
    **dict.fromkeys(("dim", "end_dim", "start_dim"), _AXIS),
    **dict.fromkeys(("dropout", "label_smoothing", "p"), _SHARE),
    **dict.fromkeys(("num_classes", "num_features"), _COUNT),
    **dict.fromkeys(("device", "map_location"), _DEVICE),
    "approximate": (lambda x: x in ("none", "tanh"), "'none' or 'tanh'"),
    "delta": _POSITIVE,
    "eps": (lambda x: _is_number(x) and 0 <= x < math.inf, "a number of at least 0"),
    "lambd": _NOT_NEGATIVE,
    "momentum": (lambda x: x is None or _is_in_unit_interval(x), "in [0, 1], or None"),
    "nonlinearity": (lambda x: x in ("tanh", "relu"), "'tanh' or 'relu'"),
    "padding_mode": _one_of("zeros", "reflect", "replicate", "circular"),
    "reduction": _one_of("mean", "sum", "none"),
}
# Functions, and modules of that name, that have an option in a range of its own.
_OWN: dict[tuple[str, str], Range] = {
    ("pad", "mode"): _one_of("constant", "reflect", "replicate", "circular"),
    ("batchnorm", "momentum"): (lambda x: x is None or _is_number(x), "a number, or None"),
    ("celu", "alpha"): (lambda x: _is_number(x) and x != 0, "a number other than 0"),
    ("kldiv", "reduction"): _one_of("batchmean", "mean", "sum", "none"),
    ("layernorm", "eps"): _NUMBER,
    ("pairwisedistance", "p"): _NUMBER,
    ("rmsnorm", "eps"): _NUMBER,
    ("smoothl1", "beta"): _NOT_NEGATIVE,
    ("tripletmargin", "margin"): (_POSITIVE[0], "greater than 0"),
    ("tripletmargin", "p"): _NUMBER,
}
_IN_SEVERAL_RANGES = {key for _, key in _OWN}
