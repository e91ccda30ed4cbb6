"""Metrics of `nn.fit` by name: they are scikit-learn's, calculated here, and those of classifiers compare classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias

import numpy as np

from nn import functional as F  # noqa: N812  as in PyTorch
from nn._types import Array, Function
from nn.data.stored import Stored
from nn.host import as_numpy

__all__ = ["Metric", "Metrics", "accuracy", "classes", "less_is_better", "metric_functions", "r2"]

# A metric compares targets with a model's outputs, or with the classes that these stand for.
Metric: TypeAlias = Callable[[Array, Array], float]
Metrics: TypeAlias = Iterable[str | Metric] | Mapping[str, str | Metric]


def accuracy(y: Array, predicted: Array) -> float:
    """The share of rows that are right in all of their columns."""
    is_right: Array = y == predicted
    return float(np.mean(is_right.reshape(len(y), -1).all(axis=1)))


def balanced_accuracy(y: Array, predicted: Array) -> float:
    """The mean over the classes of the share of their samples that are right."""
    if np.ndim(y) > 1:
        raise ValueError("balanced_accuracy compares one class for each sample, and these targets hold several")
    return float(np.mean([np.mean(predicted[y == k] == k) for k in np.unique(y)]))


def r2(y: Array, predicted: Array) -> float:
    """1 minus the share of the variance that the prediction leaves, as the mean over columns.

    A constant column counts 1 if it is predicted exactly, else 0.
    """
    if len(y) < 2:
        return math.nan
    residual, whole = np.sum((y - predicted) ** 2, axis=0), np.sum((y - np.mean(y, axis=0)) ** 2, axis=0)
    share = np.divide(residual, whole, out=(residual != 0).astype(float), where=whole != 0)
    return float(np.mean(1 - share))


_CLASS_METRICS: dict[str, Metric] = {"accuracy": accuracy, "balanced_accuracy": balanced_accuracy}
_NUMBER_METRICS: dict[str, Metric] = {
    "r2": r2,
    "mean_absolute_error": lambda y, predicted: float(np.mean(np.abs(y - predicted))),
    "mean_squared_error": lambda y, predicted: float(np.mean((y - predicted) ** 2)),
    "max_error": lambda y, predicted: float(np.max(np.abs(y - predicted))),
}
# Losses for multi-label outputs, whose columns are independent of each other.
_SIGN_LOSSES = (F.hinge_loss, F.soft_margin_loss)
_MULTI_LABEL_LOSSES = (F.binary_cross_entropy, F.binary_cross_entropy_with_logits, *_SIGN_LOSSES)


def metric_functions(metrics: Metrics, loss: Function, y: Array | Stored) -> dict[str, Metric]:
    """Metrics by name, each as a function of (y, output).

    Parameters
    ----------
    metrics : list or dict
        Names and functions; a dict gives them names of the user's.
    loss : callable
        The loss, which decides how classes follow from outputs.
    y : array or Stored
        The training's targets, which decide it together with the loss.

    Raises
    ------
    ValueError
        If there is no metric of a name (the message lists the names), or two metrics share one.
    """
    if isinstance(metrics, str):
        raise TypeError(f"metrics is a list, as in metrics=[{metrics!r}]")
    named: list[tuple[str, str | Metric]] = (
        list(metrics.items())
        if isinstance(metrics, Mapping)
        else [(m if isinstance(m, str) else getattr(m, "__name__", repr(m)), m) for m in metrics]
    )
    names = [name for name, _ in named]
    for i, name in enumerate(names):
        if name == "loss" or name.startswith("val_") or name in names[:i]:
            reason = "is there twice" if name in names[:i] else "is one of fit's own names, 'loss' and 'val_...'"
            raise ValueError(f"metrics: {name!r} {reason}; give it another, as in metrics={{'name': function}}")
    compare = _class_comparison(loss, np.asarray(as_numpy(y))) if named else _measure
    return {name: _by_name(m, compare) if isinstance(m, str) else m for name, m in named}


def classes(output: Array, threshold: float = 0.5) -> Array:
    """The classes that outputs stand for: the largest of several columns, or one column's side of the threshold."""
    if output.ndim > 1 and output.shape[1] > 1:
        largest: Array = output.argmax(axis=1)
        return largest
    is_above: Array = output.reshape(-1) > threshold
    return is_above.astype(int)


def less_is_better(name: str) -> bool | None:
    """Whether a loss or metric is better when it is smaller; None for a metric of the user's."""
    name = name.removeprefix("val_")
    return False if name in (*_CLASS_METRICS, "r2") else True if name == "loss" or name in _NUMBER_METRICS else None


def _class_comparison(loss: Function, y: Array) -> Callable[[Metric, Array, Array], float]:
    """How to apply a metric of classes to targets and outputs, in a training with that loss and those targets."""
    function = getattr(loss, "_function", getattr(loss, "func", loss))  # It may be in a module or a partial.
    signs = function in _SIGN_LOSSES or bool((y < 0).any() and np.isin(y, (-1, 1)).all())
    threshold = 0.0 if signs or function is F.binary_cross_entropy_with_logits else 0.5
    between = 0.0 if signs else 0.5  # Targets above this are of class 1.
    columns = y.ndim > 1 and y.shape[1] > 1
    ignored = getattr(loss, "ignore_index", -100) if function in (F.cross_entropy, F.nll_loss) else None
    if (
        columns and function in _MULTI_LABEL_LOSSES and (np.sum(y > between, axis=1) != 1).any()
    ):  # Some hold several classes, or none.
        return lambda metric, y, output: float(metric(np.greater(y, between), np.greater(output, threshold)))

    def compare(metric: Metric, y: Array, output: Array) -> float:
        targets, outputs = classes(y, between) if signs or columns else np.reshape(y, -1), classes(output, threshold)
        if ignored is not None and not columns:
            counts = targets != ignored
            targets, outputs = targets[counts], outputs[counts]
        return float(metric(targets, outputs))

    return compare


def _by_name(name: str, compare: Callable[[Metric, Array, Array], float]) -> Metric:
    known = _CLASS_METRICS | _NUMBER_METRICS
    if name not in known:
        raise ValueError(
            f"no metric {name!r}; there are {', '.join(sorted(known))}, and any function of (y, output), "
            "as in metrics={'name': function}"
        )
    return partial(compare if name in _CLASS_METRICS else _measure, known[name])


def _measure(function: Metric, y: Array, output: Array) -> float:
    return function(y.astype(float).reshape(len(y), -1), output.astype(float).reshape(len(y), -1))
