"""Metrics of `nn.fit` by name: scikit-learn's functions, given classes where they compare classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from nn.extras import needed
from nn.losses import BCEWithLogitsLoss, HingeLoss

__all__ = ["classes", "metric_functions"]

Metric = Callable[[Any, Any], float]

_OF_CLASSES = {"accuracy": "accuracy_score", "balanced_accuracy": "balanced_accuracy_score"}
_OF_NUMBERS = {
    "r2": "r2_score", "mean_absolute_error": "mean_absolute_error", "mean_squared_error": "mean_squared_error",
    "max_error": "max_error",
}  # fmt: skip


def metric_functions(metrics: Any, loss: Any) -> dict[str, Metric]:
    """Metrics by name, each a function of (y, output): names, functions, or a dict of such.

    Raises
    ------
    ValueError
        If there is no metric of a name; those there are are listed.
    """
    if isinstance(metrics, str):
        raise TypeError(f"metrics is a list, as in metrics=[{metrics!r}]")
    named: Iterable[tuple[str, Any]] = (
        metrics.items()
        if isinstance(metrics, Mapping)
        else [(m if isinstance(m, str) else getattr(m, "__name__", repr(m)), m) for m in metrics]
    )
    return {name: _by_name(m, loss) if isinstance(m, str) else m for name, m in named}


def classes(output: Any, loss: Any = None) -> Any:
    """The classes that outputs or targets stand for: the largest of several columns, or one column's side.

    A single column is compared with 0 where the loss takes scores, else with ½; integer labels are themselves.
    """
    a = np.asarray(output)
    if a.ndim > 1 and a.shape[1] > 1:
        return a.argmax(axis=1)
    if a.dtype.kind in "iub":
        return a.reshape(-1)
    return (a.reshape(-1) > (0.0 if isinstance(loss, (BCEWithLogitsLoss, HingeLoss)) else 0.5)).astype(int)


def _by_name(name: str, loss: Any) -> Metric:
    known = _OF_CLASSES | _OF_NUMBERS
    if name not in known:
        raise ValueError(
            f"no metric {name!r}; there are {', '.join(sorted(known))}, and any function of (y, output), "
            "as in metrics={'name': function}"
        )
    function = getattr(needed("sklearn.metrics"), known[name])
    return partial(_compare, function, loss) if name in _OF_CLASSES else partial(_measure, function)


def _compare(function: Metric, loss: Any, y: Any, output: Any) -> float:
    wanted = np.asarray(y)
    if isinstance(loss, HingeLoss) or (wanted.ndim > 1 and wanted.shape[1] > 1):
        wanted = classes(wanted.astype(float), loss)
    return float(function(wanted.reshape(-1), classes(output, loss)))


def _measure(function: Metric, y: Any, output: Any) -> float:
    return float(function(np.asarray(y).reshape(len(y), -1), np.asarray(output).reshape(len(y), -1)))
