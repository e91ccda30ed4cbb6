"""Metrics of `nn.fit` by name: scikit-learn's, calculated here, and given classes where they compare classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from nn import functional as F  # noqa: N812  as in PyTorch

__all__ = ["classes", "less_is_better", "metric_functions"]

Metric = Callable[[Any, Any], float]


def _accuracy(y: Any, predicted: Any) -> float:
    """The share of rows that are right, all of their columns."""
    return float(np.mean((y == predicted).reshape(len(y), -1).all(axis=1)))


def _balanced_accuracy(y: Any, predicted: Any) -> float:
    """The mean over the classes of the share of their samples that are found."""
    if np.ndim(y) > 1:
        raise ValueError("balanced_accuracy compares one class for each sample, and these targets hold several")
    return float(np.mean([np.mean(predicted[y == k] == k) for k in np.unique(y)]))


def _r2(y: Any, predicted: Any) -> float:
    """1 minus the share of the variance that is left, the mean over columns; of a constant column 1 or 0."""
    if len(y) < 2:
        return math.nan
    left, whole = np.sum((y - predicted) ** 2, axis=0), np.sum((y - np.mean(y, axis=0)) ** 2, axis=0)
    share = np.divide(left, whole, out=(left != 0).astype(float), where=whole != 0)
    return float(np.mean(1 - share))


_CLASS_METRICS: dict[str, Metric] = {"accuracy": _accuracy, "balanced_accuracy": _balanced_accuracy}
_NUMBER_METRICS: dict[str, Metric] = {
    "r2": _r2,
    "mean_absolute_error": lambda y, predicted: float(np.mean(np.abs(y - predicted))),
    "mean_squared_error": lambda y, predicted: float(np.mean((y - predicted) ** 2)),
    "max_error": lambda y, predicted: float(np.max(np.abs(y - predicted))),
}
# The losses of columns that are each a question of its own, not all together one of several classes.
_MULTI_LABEL_LOSSES = (F.binary_cross_entropy, F.binary_cross_entropy_with_logits, F.hinge_loss)


def metric_functions(metrics: Any, loss: Any, y: Any) -> dict[str, Metric]:
    """Metrics by name, each a function of (y, output): names, functions, or a dict of such.

    The loss and the training's targets `y` tell what an output stands for where classes are compared.

    Raises
    ------
    ValueError
        If there is no metric of a name (those there are are listed), or a name is not free.
    """
    if isinstance(metrics, str):
        raise TypeError(f"metrics is a list, as in metrics=[{metrics!r}]")
    named: list[tuple[str, Any]] = (
        list(metrics.items())
        if isinstance(metrics, Mapping)
        else [(m if isinstance(m, str) else getattr(m, "__name__", repr(m)), m) for m in metrics]
    )
    names = [name for name, _ in named]
    for i, name in enumerate(names):
        if name == "loss" or name.startswith("val_") or name in names[:i]:
            taken = "is there twice" if name in names[:i] else "is one of fit's own names, 'loss' and 'val_...'"
            raise ValueError(f"metrics: {name!r} {taken}; give it another, as in metrics={{'name': function}}")
    compare = _class_comparison(loss, y)
    return {name: _by_name(m, compare) if isinstance(m, str) else m for name, m in named}


def classes(output: Any, threshold: float = 0.5) -> Any:
    """The classes that outputs stand for: the largest of several columns, or one column's side of the threshold."""
    a = np.asarray(output)
    return a.argmax(axis=1) if a.ndim > 1 and a.shape[1] > 1 else (a.reshape(-1) > threshold).astype(int)


def less_is_better(name: str) -> bool | None:
    """Whether less of what a history has by that name is better; None where it is a metric of one's own."""
    name = name.removeprefix("val_")
    return False if name in (*_CLASS_METRICS, "r2") else True if name == "loss" or name in _NUMBER_METRICS else None


def _class_comparison(loss: Any, y: Any) -> Callable[[Metric, Any, Any], float]:
    """How a function of classes is applied to targets and outputs of a training with that loss and those targets."""
    function = getattr(loss, "_function", getattr(loss, "func", loss))  # of a module, of a partial, or as it is
    signs = function is F.hinge_loss or bool((y < 0).any() and np.isin(y, (-1, 1)).all())
    threshold = 0.0 if signs or function is F.binary_cross_entropy_with_logits else 0.5
    between = 0.0 if signs else 0.5  # of targets
    columns = y.ndim > 1 and y.shape[1] > 1
    if (
        columns and function in _MULTI_LABEL_LOSSES and (np.sum(y > between, axis=1) != 1).any()
    ):  # several classes, or none
        return lambda metric, y, output: float(metric(np.greater(y, between), np.greater(output, threshold)))

    def compare(metric: Metric, y: Any, output: Any) -> float:
        wanted = classes(y, between) if signs or columns else np.reshape(y, -1)
        return float(metric(wanted, classes(output, threshold)))

    return compare


def _by_name(name: str, compare: Callable[[Metric, Any, Any], float]) -> Metric:
    known = _CLASS_METRICS | _NUMBER_METRICS
    if name not in known:
        raise ValueError(
            f"no metric {name!r}; there are {', '.join(sorted(known))}, and any function of (y, output), "
            "as in metrics={'name': function}"
        )
    return partial(compare if name in _CLASS_METRICS else _measure, known[name])


def _measure(function: Metric, y: Any, output: Any) -> float:
    return function(*(np.asarray(x, float).reshape(len(y), -1) for x in (y, output)))
