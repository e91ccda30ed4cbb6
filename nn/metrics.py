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

#: The type of a metric, which compares targets with a model's outputs, or with the classes that these stand for.
Metric: TypeAlias = Callable[[Array, Array], float]
#: The type of what `nn.fit` takes for `metrics`: names and functions, or a dict that gives them names.
Metrics: TypeAlias = Iterable[str | Metric] | Mapping[str, str | Metric]


def accuracy(y: Array, predicted: Array) -> float:
    """The share of rows that are right in all of their columns.

    Parameters
    ----------
    y, predicted : array
        The right and the predicted classes, of one shape: (n,), or (n, columns).

    Examples
    --------
    >>> import numpy as np
    >>> from nn.metrics import accuracy
    >>> accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0]))
    0.75
    """
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

    It is the coefficient of determination, R², as scikit-learn's ``r2_score`` calculates it; nan for fewer than two
    rows.

    Parameters
    ----------
    y, predicted : array
        The right and the predicted numbers, of one shape: (n,), or (n, columns).

    Examples
    --------
    >>> import numpy as np
    >>> from nn.metrics import r2
    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
    if len(y) < 2:
        return math.nan
    residual, whole = np.sum((y - predicted) ** 2, axis=0), np.sum((y - np.mean(y, axis=0)) ** 2, axis=0)
    share = np.divide(residual, whole, out=np.array(residual != 0, float), where=whole != 0)
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

    Returns
    -------
    dict of str to callable
        Each takes targets and outputs, arrays, and gives a float.

    Raises
    ------
    ValueError
        If there is no metric of a name (the message lists the names), or two metrics share one.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> y = np.array([0.0, 1.0, 1.0])
    >>> measures = nn.metrics.metric_functions(["accuracy"], nn.BCELoss(), y)
    >>> measures["accuracy"](y, np.array([0.2, 0.9, 0.4]))
    0.6666666666666666
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
    """The classes that outputs stand for: the largest of several columns, or one column's side of the threshold.

    Parameters
    ----------
    output : array
        Outputs, of shape (n, classes), (n, 1) or (n,).
    threshold : float
        The output above which one column means class 1.

    Returns
    -------
    array of int
        The classes, of shape (n,).

    Examples
    --------
    >>> import numpy as np
    >>> from nn.metrics import classes
    >>> classes(np.array([[0.1, 0.9], [0.8, 0.2]])), classes(np.array([0.2, 0.7]))
    (array([1, 0]), array([0, 1]))
    """
    if output.ndim > 1 and output.shape[1] > 1:
        largest: Array = output.argmax(axis=1)
        return largest
    is_above: Array = output.reshape(-1) > threshold
    return is_above.astype(int)


def less_is_better(name: str) -> bool | None:
    """Whether a loss or metric is better when it is smaller; None for a metric of the user's.

    Parameters
    ----------
    name : str
        The name of a loss or metric in the history's logs.

    Returns
    -------
    bool or None

    Examples
    --------
    >>> from nn.metrics import less_is_better
    >>> less_is_better("val_loss"), less_is_better("accuracy"), less_is_better("mine")
    (True, False, None)
    """
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
